//! What every page has around its content: title, description, canonical address, preview for chats.

use std::sync::{Arc, OnceLock};

use super::markdown::plain;
use super::rights::Needs;
use super::visitor::Visitor;
use super::{assets, sign_in};
use crate::app::people::Secret;

/// The address under which people reach the site. Set once, before the first request.
static BASE: OnceLock<String> = OnceLock::new();

/// Sets the base of canonical links. A second call changes nothing: the site has one address.
pub fn set_base(url: String) {
    let _already_set = BASE.set(url);
}

/// Whether people reach the site over a connection that nobody listens to.
pub fn is_secure() -> bool {
    BASE.get().is_some_and(|base| base.starts_with("https://"))
}

/// The whole address of a page of this site.
pub fn absolute(path: &str) -> String {
    format!("{}{path}", BASE.get().map_or("", String::as_str))
}

/// The frame of a page.
pub struct Layout {
    pub title: String,
    pub description: String,
    /// The canonical address; pages that are nobody's to share have none.
    pub canonical: Option<String>,
    /// The address within the site, or nothing.
    pub path: String,
    /// The text in the search box at the top.
    pub query: String,
    /// The home page has a box of its own.
    pub has_box: bool,
    /// Who looks at it.
    pub visitor: Arc<Visitor>,
}

/// Longer descriptions are cut by every chat.
const LONGEST_DESCRIPTION: usize = 200;

impl Layout {
    pub fn new(title: &str, description: &str, path: &str) -> Layout {
        Layout { canonical: Some(absolute(path)), path: path.to_owned(), ..Layout::unlisted(title, description) }
    }

    pub fn unlisted(title: &str, description: &str) -> Layout {
        let description = plain(description);
        let cut = description.char_indices().nth(LONGEST_DESCRIPTION).map(|(at, _)| at);
        let description = match cut {
            Some(at) => format!("{}…", description[..at].trim_end()),
            None => description,
        };
        Layout {
            title: plain(title),
            description,
            canonical: None,
            path: String::new(),
            query: String::new(),
            has_box: true,
            visitor: Visitor::now(),
        }
    }

    pub fn asked(mut self, query: &str) -> Layout {
        self.query = query.chars().take(300).collect();
        self
    }

    pub fn without_box(mut self) -> Layout {
        self.has_box = false;
        self
    }

    /// The parts of the site, for the navigation.
    pub fn sections(&self) -> Vec<(&'static str, &'static str)> {
        let mut sections = vec![("/diagnose", "Questions"), ("/explain", "Explain"), ("/browse", "Browse")];
        if self.visitor.may(Needs::Editor) {
            sections.push(("/write", "Write"));
        }
        sections
    }

    /// Where to sign in, while nobody is signed in and somebody could be. It leads back to this page.
    pub fn sign_in(&self) -> Option<String> {
        let offered = self.visitor.has_people || !self.visitor.rules.reads_openly();
        (self.visitor.is_nobody() && offered).then(|| sign_in::url(&self.path))
    }

    /// The token that every form carries; empty while nobody is signed in.
    pub fn csrf(&self) -> String {
        self.visitor.forms().map(Secret::form_token).unwrap_or_default()
    }

    /// Whether whoever looks may say that a fix helped.
    pub fn takes_outcomes(&self) -> bool {
        self.visitor.may(Needs::Outcome)
    }

    /// Whether this page is that part of the site (`page`) or lies within it (`true`), in the words of `aria-current`.
    pub fn current(&self, section: &str) -> Option<&'static str> {
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        (path == section).then_some(if query.is_empty() { "page" } else { "true" })
    }

    pub fn style(&self) -> &'static str {
        assets::url("fixpath.css")
    }

    pub fn script(&self) -> &'static str {
        assets::url("fixpath.js")
    }

    pub fn icon(&self) -> &'static str {
        assets::url("icon.svg")
    }

    pub fn picture(&self) -> String {
        absolute(assets::url("preview.png"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_navigation_knows_where_the_page_is() {
        let current = |path: &str| Layout::new("", "", path).current("/diagnose");
        assert_eq!(current("/diagnose"), Some("page"));
        assert_eq!(current("/diagnose?symptom=forbidden"), Some("true"));
        assert_eq!(current("/browse"), None);
        assert_eq!(Layout::unlisted("", "").current("/diagnose"), None);
    }
}
