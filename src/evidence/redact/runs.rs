//! Runs of letters without a space: kept when they are known, dropped as a whole when not.
//!
//! A run is judged before its parts, since parts of a secret can look like words. Only a run that is a URL, a host, a path or
//! a pair of name and value is taken apart.

use super::headers;
use super::names::{self, Class};
use super::out::Out;
use super::places;
use super::shapes::{self, DROPPED};
use super::words::Words;

/// Pairs inside pairs are taken apart so deep.
const DEEPEST: usize = 5;

/// Whether a character ends a run.
pub fn is_separator(c: char) -> bool {
    match c {
        '"' | '\'' | '`' | '<' | '>' | '(' | ')' | '{' | '}' | '[' | ']' | ',' | ';' | '|' | '\\' | '^' => true,
        '…' => false,
        _ if c.is_ascii() => c.is_ascii_whitespace() || c.is_ascii_control(),
        _ => !c.is_alphanumeric(),
    }
}

/// A text in which every run is judged for itself.
pub fn text(out: &mut Out, words: Words, text: &str) {
    let mut at = 0;
    while let Some(next) = text[at..].chars().next() {
        if let Some(placeholder) = shapes::placeholder_at(&text[at..]) {
            out.keep(placeholder);
            at += placeholder.len();
        } else if ["\\n", "\\r", "\\t"].iter().any(|e| text[at..].starts_with(e)) {
            out.keep(&text[at..at + 2]);
            at += 2;
        } else if is_separator(next) {
            out.keep(&text[at..at + next.len_utf8()]);
            at += next.len_utf8();
        } else {
            let end = at + end_of_run(&text[at..]);
            judge(out, words, &text[at..end]);
            at = end;
        }
    }
}

/// Where the run ends with which a text begins. Braces belong to paths and hosts, commas and brackets to URLs.
pub fn end_of_run(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut in_braces = false;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let (ends, length) = match byte {
            b if b.is_ascii_alphanumeric() => (false, 1),
            b if b.is_ascii() => (is_separator(*b as char), 1),
            _ => text[at..].chars().next().map_or((true, 1), |c| (is_separator(c), c.len_utf8())),
        };
        if ends {
            let opens = *byte == b'{' && at > 0 && matches!(bytes[at - 1], b'/' | b'{');
            let closes = in_braces && *byte == b'}';
            let is_entity = *byte == b';' && bytes[..at].ends_with(b"&amp");
            in_braces |= opens;
            if !opens && !closes && !is_entity {
                let may_be_url = matches!(byte, b',' | b';' | b'(' | b')' | b'[' | b']');
                return if may_be_url && text[..at].contains("://") { end_of_url(text) } else { at };
            }
        }
        at += length;
    }
    text.len()
}

fn end_of_url(text: &str) -> usize {
    let stops = |c: char| is_separator(c) && !matches!(c, ',' | ';' | '(' | ')' | '[' | ']' | '{' | '}');
    let whole = &text[..text.find(stops).unwrap_or(text.len())];
    if shapes::ends_with_placeholder(whole) {
        return whole.len();
    }
    whole.trim_end_matches(['.', ',', ';', ':', ')', ']', '}', '!', '?', '(', '[']).len()
}

/// Keeps a run when it is harmless.
pub fn judge(out: &mut Out, words: Words, run: &str) {
    let around = |c: char| c.is_ascii_punctuation() && !matches!(c, '/' | '{' | '}' | '[' | ']');
    if words.know(run) || run == DROPPED {
        return out.keep(run);
    }
    if let Some(rest) = run.strip_prefix(['?', '&']).filter(|r| r.contains('=')) {
        out.keep(&run[..1]);
        return places::query(out, words, rest);
    }
    if (run.len() == 5 || run.len() == 6) && run.starts_with(['+', '-']) && shapes::is_zone(run) {
        return out.keep(run);
    }
    let rest = run.trim_start_matches(around);
    let core = rest.trim_end_matches(around);
    let (before, after) = (&run[..run.len() - rest.len()], &rest[core.len()..]);
    // Base64 ends like this, and two letters of it could be a word.
    if after.starts_with("==") && !core.is_empty() {
        return out.drop(run);
    }
    // More punctuation than a sentence has may be part of what was dropped.
    let count = out.count;
    out.keep(before);
    core_of(out, words, core, 0);
    if out.count == count || (after.len() < 4 && !after.starts_with('=')) {
        out.keep(after);
    }
}

/// A run without the punctuation around it.
fn core_of(out: &mut Out, words: Words, core: &str, depth: usize) {
    if core.is_empty() || core == DROPPED || words.know(core) || shapes::is_harmless_number(core) {
        return out.keep(core);
    }
    if places::is_known_host(core) && !core.contains('/') {
        return places::host_and_port(out, words, core);
    }
    if !core.bytes().any(|b| !b.is_ascii_alphanumeric()) || shapes::find_kind(core).is_some() {
        return out.drop(core);
    }
    if core.contains("://") {
        return places::url(out, words, core);
    }
    if core.starts_with("arn:") {
        return arn(out, words, core);
    }
    structured(out, words, core, depth);
}

/// A pair, a path, or several known words joined by punctuation; or else nothing that can be shown.
fn structured(out: &mut Out, words: Words, core: &str, depth: usize) {
    let first = core.split('/').next().unwrap_or("");
    if core.starts_with('/') || (first.len() < core.len() && places::is_known_host(first)) {
        places::host_and_port(out, words, first);
        return places::target(out, words, &core[first.len()..]);
    }
    if let Some((before, parameters)) = core.split_once('?').filter(|(_, p)| p.contains('=')) {
        core_of(out, words, before, depth + 1);
        out.keep("?");
        return places::query(out, words, parameters);
    }
    if core.contains('&') && places::is_form(core) {
        return places::query(out, words, core);
    }
    if core.ends_with("/aws4_request") {
        return places::credential(out, core);
    }
    if let Some((name, value)) = core.split_once(['=', ':']) {
        return pair(out, words, name, value, &core[name.len()..=name.len()], depth);
    }
    let is_path = core.contains('/') && !places::looks_encoded(words, core);
    if is_path && core.split('/').all(|s| places::is_harmless_segment(words, s)) {
        return out.keep(core);
    }
    out.drop(core);
}

/// A name and its value without a space between them.
fn pair(out: &mut Out, words: Words, name: &str, value: &str, between: &str, depth: usize) {
    let class = names::classify(name, false, if between == "=" { '=' } else { ':' });
    if depth > DEEPEST || !(words.know(name) || name == DROPPED || class != Class::Free) {
        return out.drop(&[name, between, value].concat());
    }
    if words.know(name) {
        out.keep(name)
    } else {
        out.drop(name)
    }
    out.keep(between);
    match class {
        Class::Free | Class::Name | Class::Value => core_of(out, words, value, depth + 1),
        _ => value_of(out, words, class, name, value),
    }
}

/// What stands behind a name of a class.
pub fn value_of(out: &mut Out, words: Words, class: Class, name: &str, value: &str) {
    match class {
        Class::Header => headers::value(out, words, name, value),
        Class::Credential => places::credential(out, value),
        Class::Parameter => places::value_of(out, words, name, value),
        Class::Body => body(out, words, value),
        Class::Secret | Class::Value if places::is_nothing(value.trim()) => out.keep(value),
        Class::Secret | Class::Value => out.drop(value),
        Class::Free | Class::Name => text(out, words, value),
    }
}

/// What is sent: a form shows the names of its parameters, anything else only that it is there.
pub fn body(out: &mut Out, words: Words, inner: &str) {
    if places::is_nothing(inner.trim()) || shapes::placeholder(inner) == inner.trim() {
        out.keep(inner);
    } else if places::is_form(inner) && !inner.trim().contains('\n') {
        places::query(out, words, inner);
    } else {
        out.drop_body(inner);
    }
}

/// An ARN, whose account and resource are somebody's.
fn arn(out: &mut Out, words: Words, text: &str) {
    for (n, part) in text.split(':').enumerate() {
        if n > 0 {
            out.keep(":");
        }
        match part.contains('/') {
            true => places::path(out, words, part),
            false if places::is_harmless_segment(words, part) => out.keep(part),
            false => out.drop(part),
        }
    }
}
