//! Where a body ends: with its JSON value or its root element, otherwise at a blank line or where something else begins.

use serde::de::IgnoredAny;

use super::super::super::lines::Lines;
use super::super::super::wire::{Header, Shown, find_header};
use super::{head, verbose};

/// A body in a text.
pub struct Extent<'a> {
    pub text: &'a str,
    pub line: usize,
    /// The index of the first line that does not belong to it.
    pub end: usize,
    /// What follows it on its last line.
    pub rest: &'a str,
}

impl Extent<'_> {
    pub fn shown(&self) -> Shown<String> {
        Shown::new(self.text.to_owned(), self.line)
    }
}

/// Markup that is longer than this has no end worth looking for.
const LONGEST_MARKUP: usize = 120;

/// Notes of curl that follow a body without a line end between.
const GLUED: &[&str] = &["* Connection #", "* Closing connection", "* upload completely", "* shutting down connection"];

/// Finds the body that begins at a line, after `skip` bytes of it. Plain text is a body only if `headers` promise one.
pub fn find_body<'a>(lines: &Lines<'a>, at: usize, skip: usize, headers: &[Header]) -> Option<Extent<'a>> {
    let text = lines.from(at).get(skip..)?;
    let begin = text.trim_start_matches([' ', '\t']);
    let size = match begin.chars().next()? {
        '{' | '[' | '"' => find_json_end(begin),
        '<' if is_structured(begin) => find_markup_end(lines, at, skip).map(|size| size - (text.len() - begin.len())),
        _ => None,
    };
    match size.and_then(|size| begin.get(..size)) {
        Some(taken) => Some(close(lines, at, begin, taken)),
        None if is_structured(begin) || expects_text(headers) => find_text(lines, at, skip),
        None => None,
    }
}

/// Tells whether JSON or markup begins here.
pub fn is_structured(text: &str) -> bool {
    let tag = |rest: &str| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, ':' | '-' | '_')).unwrap_or(rest.len());
        let after = rest.get(end..).unwrap_or("");
        end > 0 && (after.starts_with('>') || after.starts_with(' ') && after.split('>').next().is_some_and(|a| a.contains('=')))
    };
    match text.strip_prefix('<') {
        Some(rest) => rest.starts_with(['?', '!']) || tag(rest),
        None => text.starts_with(['{', '[']),
    }
}

/// No body follows a head with these headers.
pub fn is_empty(headers: &[Header]) -> bool {
    find_header(headers, "content-length").is_some_and(|h| h.value == "0")
}

/// The headers promise a body that is neither JSON nor markup.
fn expects_text(headers: &[Header]) -> bool {
    let kind = find_header(headers, "content-type").map(|h| h.value.to_ascii_lowercase());
    match kind {
        Some(kind) => !["json", "xml", "html"].iter().any(|k| kind.contains(k)),
        None => find_header(headers, "content-length").or(find_header(headers, "transfer-encoding")).is_some(),
    }
}

fn find_json_end(text: &str) -> Option<usize> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    Some(values.byte_offset())
}

/// Goes line by line, so that a document without an end costs no more than the lines up to the next head.
fn find_markup_end(lines: &Lines<'_>, at: usize, skip: usize) -> Option<usize> {
    let first = lines.at(at).get(skip..)?.trim_start();
    let document = ["<!", "<?", "<html", "<HTML"].iter().any(|begin| first.starts_with(begin));
    let mut root = String::new();
    let mut size = 0;
    for index in at..lines.len().min(at + LONGEST_MARKUP) {
        let line = if index == at { lines.at(at).get(skip..)? } else { lines.at(index) };
        // Only whole documents have blank lines.
        if index > at && (begins_something(line) || !document && line.trim().is_empty()) {
            return None;
        }
        let begin = if index == at { 0 } else { distance(lines, at, skip, index)? };
        if root.is_empty() {
            root = find_root(line).map(|name| format!("</{name}>").to_ascii_lowercase()).unwrap_or_default();
        }
        if !root.is_empty()
            && let Some(end) = line.to_ascii_lowercase().find(&root)
        {
            size = begin + end + root.len();
            break;
        }
    }
    (size > 0).then_some(size)
}

/// How many bytes lie between the start of a body and the start of a later line.
fn distance(lines: &Lines<'_>, at: usize, skip: usize, index: usize) -> Option<usize> {
    (lines.from(at).len() - skip).checked_sub(lines.from(index).len())
}

/// The name of the first element in a line: neither a declaration nor a comment.
fn find_root(line: &str) -> Option<&str> {
    line.split('<').skip(1).find_map(|part| {
        let name = part.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, ':' | '-' | '_')).next()?;
        (!name.is_empty()).then_some(name)
    })
}

fn find_text<'a>(lines: &Lines<'a>, at: usize, skip: usize) -> Option<Extent<'a>> {
    let text = lines.from(at).get(skip..)?;
    let mut end = at;
    while end < lines.len() {
        let line = if end == at { lines.at(at).get(skip..)? } else { lines.at(end) };
        if line.trim().is_empty() || end > at && begins_something(line) {
            break;
        }
        if let Some(cut) = GLUED.iter().filter_map(|note| line.find(note)).min() {
            let begin = if end == at { 0 } else { distance(lines, at, skip, end)? };
            return Some(close(lines, at, text, text.get(..begin + cut)?));
        }
        end += 1;
    }
    let size = lines.between(at, end).len().checked_sub(skip).filter(|&size| size > 0)?;
    Some(Extent { text: text.get(..size)?, line: at + 1, end, rest: "" })
}

fn close<'a>(lines: &Lines<'a>, at: usize, begin: &'a str, taken: &'a str) -> Extent<'a> {
    let end = at + taken.matches('\n').count();
    let rest = begin.get(taken.len()..).unwrap_or("").split('\n').next().unwrap_or("").trim();
    Extent { text: taken.trim_end(), line: at + 1, end: (end + 1).min(lines.len()), rest }
}

/// A line that cannot belong to a text body before it.
pub fn begins_something(line: &str) -> bool {
    let text = line.trim_start();
    head::parse_status(text).is_some()
        || head::parse_request(text).is_some_and(|r| r.versioned)
        || text.starts_with("```")
        || is_sdk_title(text)
        || text.starts_with("$ ")
        || verbose::begins(text)
}

/// The SDK for Go puts `SDK 2026/01/01 12:00:00 DEBUG Response` before what it logs.
pub fn is_sdk_title(line: &str) -> bool {
    line.starts_with("SDK ") && (line.ends_with(" DEBUG Request") || line.ends_with(" DEBUG Response"))
}
