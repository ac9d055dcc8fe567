//! Links that were given out, replayed against today's knowledge. Start at [`Links::replay`].
//!
//! A file holds one link a line, whole or as a path; a second column is the fix that the link gave. Empty lines and lines that
//! begin with `#` say nothing.
//!
//! ```text
//! # from the chat of last year
//! https://fixpath.example.com/fix/plug-is-out
//! /diagnose?symptom=lamp-is-dark&plug=out    plug-is-out
//! ```

use super::diagnose::Stage;
use super::links;
use super::snapshot::Snapshot;
use crate::content::Problem;
use crate::kb::{Kind, KnowledgeBase, Slug, nearest};

/// A file of links.
pub struct Links<'a> {
    /// The name of the file, for the problems.
    pub name: &'a str,
    pub text: &'a str,
}

/// What became of the links of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub run: usize,
    pub failed: usize,
}

impl Links<'_> {
    /// Opens every link as a visitor would, and notes those that do not give what they gave.
    pub fn replay(&self, snapshot: &Snapshot, problems: &mut Vec<Problem>) -> Tally {
        let mut tally = Tally::default();
        for (at, line) in self.text.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let wrong = replay(snapshot, line);
            tally.run += 1;
            tally.failed += usize::from(!wrong.is_empty());
            problems.extend(wrong.into_iter().map(|message| Problem::error(self.name, at + 1, message)));
        }
        tally
    }
}

/// What is wrong with one line.
fn replay(snapshot: &Snapshot, line: &str) -> Vec<String> {
    let mut columns = line.split_whitespace();
    let (link, gave, more) = (columns.next().unwrap_or_default(), columns.next(), columns.next());
    if more.is_some() {
        return vec!["there are more than two columns: write a link and, if it gave one, the slug of its fix".to_owned()];
    }
    let Some((path, query)) = local(link) else {
        return vec![format!("`{link}` is no link: write a whole address, or a path that begins with `/`")];
    };
    let wanted = match gave.map(|gave| find(&snapshot.kb, Kind::Entry, gave)).transpose() {
        Ok(wanted) => wanted,
        Err(why) => return vec![format!("the fix that the link gave is gone: {why}")],
    };
    match opened(path) {
        Some(Page::Diagnosis) => diagnosis(snapshot, query, wanted.as_ref()),
        Some(Page::Document(kind, slug)) => document(&snapshot.kb, kind, slug, wanted.as_ref()),
        None => vec![format!("`{path}` is no fix, symptom, question, map or diagnosis: delete the line")],
    }
}

/// The path and the query of a link, wherever the site stood.
fn local(link: &str) -> Option<(&str, &str)> {
    let link = link.split('#').next().unwrap_or_default();
    let local = match link.strip_prefix("https://").or_else(|| link.strip_prefix("http://")) {
        Some(whole) => &whole[whole.find('/')?..],
        None => link,
    };
    local.starts_with('/').then(|| local.split_once('?').unwrap_or((local, "")))
}

enum Page<'a> {
    Diagnosis,
    Document(Kind, &'a str),
}

fn opened(path: &str) -> Option<Page<'_>> {
    if path == "/diagnose" {
        return Some(Page::Diagnosis);
    }
    // A map is of a symptom, and a document can be had as markdown.
    let of_map = path.strip_prefix("/map/").map(|slug| (Kind::Symptom, slug));
    let (kind, slug) = of_map.or_else(|| {
        let named = Kind::ALL.into_iter().find_map(|kind| Some((kind, path.strip_prefix(&kind.url(""))?)));
        named.map(|(kind, slug)| (kind, slug.strip_suffix(".md").unwrap_or(slug)))
    })?;
    Some(Page::Document(kind, slug))
}

fn find(kb: &KnowledgeBase, kind: Kind, text: &str) -> Result<Slug, String> {
    kb.find_slug(kind, text).ok_or_else(|| {
        let what = if kind == Kind::Entry { "fix" } else { kind.word() };
        let repair = match nearest(text, kb.list_slugs(kind).take(2_000).map(Slug::as_str)) {
            Some(near) => format!("if it is `{near}` now, write `aliases: [{text}]` there"),
            None => format!("write `aliases: [{text}]` in what replaces it"),
        };
        format!("there is no {what} `{text}`; {repair}")
    })
}

fn document(kb: &KnowledgeBase, kind: Kind, slug: &str, wanted: Option<&Slug>) -> Vec<String> {
    let today = match find(kb, kind, slug) {
        Ok(today) => today,
        Err(why) => return vec![why],
    };
    match wanted {
        Some(wanted) if kind != Kind::Entry => {
            vec![format!("a {} gives no fix: delete `{wanted}` in the second column", kind.word())]
        }
        Some(wanted) if *wanted != today => vec![format!("the link gives `{today}` now, where it gave `{wanted}`")],
        _ => Vec::new(),
    }
}

fn diagnosis(snapshot: &Snapshot, query: &str, wanted: Option<&Slug>) -> Vec<String> {
    let reading = match links::split(query).and_then(|parameters| links::read(&snapshot.kb, &parameters)) {
        Ok(reading) => reading,
        Err(bad) => return vec![bad.to_string()],
    };
    let ignored = reading.ignored.iter().map(|i| format!("`{}={}` is ignored: {}", i.key, i.value, i.why));
    let mut wrong: Vec<String> = ignored.collect();
    let Some(wanted) = wanted else { return wrong };
    let step = snapshot.diagnose(reading);
    let now = match (step.stage, &step.verdict, &step.question) {
        // A ranked list gives what stands first in it.
        (Stage::Fix | Stage::Undecided, Some(verdict), _) if verdict == wanted => return wrong,
        (Stage::Fix, Some(verdict), _) => format!("gives `{verdict}`"),
        (Stage::Undecided, Some(verdict), _) => format!("ends undecided, with `{verdict}` first"),
        (Stage::Ask, _, Some(question)) => format!("asks `{}`", question.slug),
        (Stage::NoKnownCause, ..) => "ends without a cause".to_owned(),
        _ => "gives no fix".to_owned(),
    };
    wrong.push(format!(
        "the diagnosis {now} now, where the link gave `{wanted}`: see what changed, or write the new fix into the line"
    ));
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_its_path_and_its_query_wherever_the_site_stood() {
        let check = |link: &str, expected: Option<(&'static str, &'static str)>| assert_eq!(local(link), expected, "{link}");
        check("/fix/dns", Some(("/fix/dns", "")));
        check("https://kb.example.com:8080/diagnose?symptom=a&b=c#top", Some(("/diagnose", "symptom=a&b=c")));
        check("http://127.0.0.1/map/a?", Some(("/map/a", "")));
        check("/fix/dns#fix?", Some(("/fix/dns", "")));
        for none in ["fix/dns", "https://kb.example.com", "ftp://kb.example.com/fix/dns", "dns"] {
            check(none, None);
        }
    }
}
