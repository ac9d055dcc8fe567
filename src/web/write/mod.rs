//! Where editors write: the desk with drafts and notes, the editor, the review that shows what a change would do, and the
//! history of each document. Everything that is written becomes a draft first, so nothing is lost. Start at [`review`].

pub mod desk;
pub mod diff;
pub mod editor;
pub mod form;
pub mod history;
pub mod keeping;
pub mod overlap;
pub mod review;

use actix_web::{HttpRequest, HttpResponse};

use super::error::{Error, capital};
use super::page;
use super::server::Site;
use super::visitor::Visitor;
use crate::app::proposal::Refusal;
use crate::kb::{Kind, Slug};

/// Who writes. The rules of the addresses let nobody else come here.
pub fn author() -> Result<String, Error> {
    Visitor::now().person().map(|p| p.name.to_string()).ok_or(Error::SignInFirst)
}

/// The kind and the name in an address.
fn document(kind: &str, slug: &str) -> Result<(Kind, Slug), Error> {
    match (Kind::parse(kind), Slug::parse(slug)) {
        (Some(kind), Some(slug)) => Ok((kind, slug)),
        _ => Err(Error::NoSuchPage),
    }
}

/// The document that an address names, as it is called now: a former name leads to it.
fn document_today(site: &Site, kind: &str, slug: &str) -> Result<(Kind, Slug), Error> {
    let (kind, slug) = document(kind, slug)?;
    let today = site.app.snapshot().kb.find_slug(kind, slug.as_str());
    Ok((kind, today.unwrap_or(slug)))
}

/// The way to a page of a document, for whoever asks by a former name.
fn moved(request: &HttpRequest, page: &str, given: &str, kind: Kind, slug: &Slug) -> Option<HttpResponse> {
    let query = request.query_string();
    let query = if query.is_empty() { String::new() } else { format!("?{query}") };
    (slug.as_str() != given).then(|| page::see_other(&format!("/{page}/{}/{slug}{query}", kind.word())))
}

/// The fields of a form that was sent.
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    /// The value of a field; nothing when it is not there.
    pub fn one(&self, name: &str) -> &str {
        self.0.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str()).unwrap_or_default()
    }

    /// The values of all fields of this name.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(k, _)| k == name).map(|(_, v)| v.as_str()).collect()
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(k, _)| k == name)
    }

    pub fn number(&self, name: &str) -> i64 {
        self.one(name).parse().unwrap_or_default()
    }
}

/// Why something was not published, in words; `None` when it is a failure of the site.
fn reason(refusal: &Refusal) -> Option<String> {
    let said = match refusal {
        Refusal::BadPlace(why) => format!("{}.", capital(why)),
        Refusal::Gone => "The document that this changes is not there any more. Copy the text into a new one.".to_owned(),
        Refusal::Same => "Nothing would change: this is the text of today.".to_owned(),
        Refusal::Blocked(_) => "It would bring the errors below. Mend them first.".to_owned(),
        Refusal::Unaccepted(_) => "It brings warnings. Mend them, or say why they are fine.".to_owned(),
        Refusal::Overlap(_) => "Somebody changed the same lines meanwhile.".to_owned(),
        Refusal::DraftMoved => {
            "Somebody saved or moved this draft meanwhile, so it was not published. This is how it stands now: look at it again."
                .to_owned()
        }
        Refusal::NeedsApproval => "Another editor has to look at it first: send it to them.".to_owned(),
        Refusal::NotAuthor => {
            "Only who wrote on a draft asks another editor to look at it, because only they know whether it is done. Ask them."
                .to_owned()
        }
        Refusal::ReadOnly => "The content of this site is kept in a folder elsewhere, so nothing is written here.".to_owned(),
        Refusal::App(_) => return None,
    };
    Some(said)
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        match (reason(&refusal), refusal) {
            (_, Refusal::App(cause)) => cause.into(),
            (_, Refusal::ReadOnly) => Error::WrittenElsewhere { edit_url: None },
            (why, _) => Error::NotPublished(why.unwrap_or_default()),
        }
    }
}
