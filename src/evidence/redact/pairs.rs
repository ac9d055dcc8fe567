//! Names with their values: `name: value`, `"name": "value"`, `name=value`, `<name>value</name>`.

use super::grammar::Walk;
use super::letters;
use super::names::{self, Class};
use super::parameters;
use super::runs;
use super::shapes;
use super::values;

/// A name that has a value behind it.
pub struct Found<'t> {
    pub name: &'t str,
    /// Where the name begins.
    pub start: usize,
    /// The quote around the name.
    pub quote: Option<u8>,
    pub divider: char,
    /// Where the value begins.
    pub value: usize,
    pub in_xml: bool,
}

/// A name, what divides it from its value, and the value.
pub fn take(walk: &mut Walk) -> bool {
    let Some(found) = Found::at(walk) else { return false };
    let class = class_of(walk, &found);
    if class == Class::Free || is_form(walk, &found) || is_spoken_of(walk, &found, class) {
        return false;
    }
    walk.name(found.name);
    walk.at += found.name.len();
    walk.keep(found.value - walk.at);
    values::take(walk, class, &found);
    true
}

/// What the name says, where it stands.
fn class_of(walk: &mut Walk, found: &Found) -> Class {
    if found.quote.is_some() && matches!(found.name, "postData" | "text" | "request" | "response") {
        let was_posted = std::mem::replace(&mut walk.posted, found.name == "postData");
        if was_posted && found.name == "text" {
            return Class::Body;
        }
    }
    let class = names::classify(found.name, found.quote.is_some(), found.divider);
    let is_setting = class == Class::Free && found.quote.is_none() && names::is_secret_setting(found.name, found.divider);
    if is_setting && found.is_first_in_line(walk) { Class::Secret } else { class }
}

/// Whether a name is the first of several parameters, which are taken as a whole.
fn is_form(walk: &Walk, found: &Found) -> bool {
    if found.divider != '=' || found.quote.is_some() {
        return false;
    }
    let run = &walk.rest()[..runs::end_of_run(walk.rest())];
    run.contains('&') && parameters::is_form(run)
}

/// `request body: …` in a sentence, and `body: {` in a script.
fn is_spoken_of(walk: &Walk, found: &Found, class: Class) -> bool {
    let is_plain = found.quote.is_none() && found.divider == ':';
    class == Class::Body && is_plain && walk.text[found.value..].starts_with([' ', '{'])
}

impl<'t> Found<'t> {
    /// The pair that begins where the walk is.
    fn at(walk: &Walk<'t, '_>) -> Option<Found<'t>> {
        let line = walk.line();
        let bytes = line.as_bytes();
        let skip = if line.starts_with("$env:") { 5 } else { usize::from(line.starts_with(':')) };
        let length = skip + letters::count(&bytes[skip..], letters::names);
        let next = *bytes.get(length).filter(|_| length > skip)?;
        if !matches!(next, b'"' | b'\'' | b'`' | b'\\' | b'^' | b' ' | b'\t' | b':' | b'=' | b'>') {
            return None;
        }
        let before = walk.before(1);
        let quote = Some(before).filter(|b| matches!(b, b'"' | b'\'' | b'`'));
        let behind = quote.and_then(|mark| find_behind(&bytes[length..], mark)).map(|n| length + n);
        let at = behind.unwrap_or(length);
        let divided = at + letters::count(&bytes[at..], |b| matches!(b, b' ' | b'\t'));
        let in_xml = before == b'<' && next == b'>';
        let divider = match bytes.get(divided)? {
            _ if in_xml => '>',
            b':' if bytes[divided..].starts_with(b"://") || bytes[divided..].starts_with(b"::") => return None,
            b':' => ':',
            b'=' => '=',
            b',' if behind.is_some() => ',',
            _ => return None,
        };
        let tail = divided + letters::count(&bytes[divided..], |b| matches!(b, b':' | b'=' | b'>' | b','));
        let value = tail + letters::count(&bytes[tail..], |b| matches!(b, b' ' | b'\t'));
        let quote = quote.filter(|_| behind.is_some());
        Some(Found { name: &line[..length], start: walk.at, quote, divider, value: walk.at + value, in_xml })
    }

    /// How long a value without quotes is.
    pub fn bare_length(&self, walk: &Walk, class: Class) -> usize {
        let line = walk.line();
        let whole = line.trim_end().len();
        if self.in_xml {
            return line.find("</").unwrap_or(whole);
        }
        if let Some(length) = self.length_in_quotes(walk) {
            return length;
        }
        let is_word = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`');
        match class {
            _ if self.is_first_in_line(walk) => whole,
            // A header in a quoted message ends with an escaped line.
            Class::Header if self.divider == ':' && !walk.command => {
                [line.find("\\r\\n"), line.find("\\n")].into_iter().flatten().min().unwrap_or(whole)
            }
            Class::Header => length_of_header(line).unwrap_or(whole),
            _ => line.find(is_word).unwrap_or(whole),
        }
    }

    /// How long a value is whose pair stands as a whole in quotes or brackets.
    fn length_in_quotes(&self, walk: &Walk) -> Option<usize> {
        let before = self.start.checked_sub(1).map_or(b'\n', |at| walk.text.as_bytes()[at]);
        match before {
            b'"' | b'\'' | b'`' if self.quote.is_none() => {
                let slashes = walk.text[..self.start - 1].bytes().rev().take_while(|b| *b == b'\\').count();
                walk.find_close(before, slashes)
            }
            b'[' => walk.line().rfind(']'),
            _ => None,
        }
    }

    /// Whether nothing but a prefix stands before the name.
    fn is_first_in_line(&self, walk: &Walk) -> bool {
        self.start < walk.start + 24 && walk.text.get(walk.start..self.start).is_some_and(is_only_prefix)
    }
}

/// How far it is behind the quote that closes a name, escaped or not.
fn find_behind(after: &[u8], mark: u8) -> Option<usize> {
    let slashes = letters::count(after, |b| matches!(b, b'\\' | b'^'));
    (after.get(slashes) == Some(&mark)).then_some(slashes + 1)
}

/// The value of a header between others ends with a comma, a bracket or a quote.
fn length_of_header(line: &str) -> Option<usize> {
    let is_end = |(at, c): &(usize, char)| match c {
        ',' | '}' | '"' | '\'' => true,
        ']' => !shapes::ends_with_placeholder(&line[..=*at]),
        _ => false,
    };
    line.char_indices().find(is_end).map(|(at, _)| at)
}

/// What may stand before a name that begins a line: `> `, `- `, `export `.
fn is_only_prefix(text: &str) -> bool {
    const PREFIXES: &[&str] =
        &["", ">", "<", "*", "-", "export", "set", "SET", "setx", "const", "let", "var", "$", "+", "|", "ENV", "ARG"];
    PREFIXES.contains(&text.trim())
}
