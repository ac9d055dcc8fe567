//! URLs and paths: their shape stays, names of people and things do not.

use super::hosts;
use super::out::Out;
use super::parameters;
use super::pieces;
use super::shapes::{self, DROPPED};
use super::words::Words;

/// Stages as most people call them.
const STAGES: &[&str] =
    &["prod", "dev", "test", "stage", "staging", "qa", "uat", "beta", "live", "default", "$default", "production", "int"];

/// A segment of more words than this is somebody's name for something, even when each word is known.
const MOST_PARTS: usize = 2;

/// Whether a segment is a stage as most people call theirs.
pub fn is_stage(text: &str) -> bool {
    STAGES.contains(&text)
}

/// A whole URL, its scheme first.
pub fn url(out: &mut Out, words: Words, text: &str) {
    let Some((scheme, rest)) = text.split_once("://") else { return out.drop(text) };
    if words.know(scheme) || matches!(scheme, "http" | "https") {
        out.keep(scheme)
    } else {
        out.drop(scheme)
    }
    out.keep("://");
    let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let place = match authority.rsplit_once('@') {
        Some((user, place)) => {
            out.drop(user);
            out.keep("@");
            place
        }
        None => authority,
    };
    hosts::host_and_port(out, words, place);
    target(out, words, tail);
}

/// What stands behind a host: path, query and fragment.
pub fn target(out: &mut Out, words: Words, text: &str) {
    let (text, fragment) = match text.split_once('#') {
        Some((text, fragment)) => (text, Some(fragment)),
        None => (text, None),
    };
    match text.split_once('?') {
        Some((before, parameters)) => {
            path(out, words, before);
            out.keep("?");
            parameters::query(out, words, parameters);
        }
        None => path(out, words, text),
    }
    if let Some(fragment) = fragment {
        out.keep("#");
        if fragment.contains('=') { parameters::query(out, words, fragment) } else { path(out, words, fragment) }
    }
}

pub fn path(out: &mut Out, words: Words, text: &str) {
    if looks_encoded(words, text) {
        let rest = text.trim_start_matches('/');
        out.keep(&text[..text.len() - rest.len()]);
        return out.drop(rest);
    }
    for (n, segment) in text.split('/').enumerate() {
        if n > 0 {
            out.keep("/");
        }
        if is_harmless_segment(words, segment) { out.keep(segment) } else { out.drop(segment) }
    }
}

/// Whether slashes are letters of base64 here.
pub fn looks_encoded(words: Words, text: &str) -> bool {
    let mixed = |s: &str| {
        let has = |f: fn(&u8) -> bool| s.as_bytes().iter().any(f);
        has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && (has(u8::is_ascii_digit) || s.contains('+'))
    };
    let long = |s: &str| s.len() >= 4 && words.know(s);
    text.len() >= 12 && mixed(text) && !text.split('/').any(|s| long(s) || is_stage(s))
}

pub fn is_harmless_segment(words: Words, text: &str) -> bool {
    text.is_empty()
        || text == DROPPED
        || matches!(text, "." | ".." | "*" | "~")
        || is_stage(text)
        || (words.know(text) && text.split(['-', '_']).count() <= MOST_PARTS)
        || shapes::is_harmless_number(text)
        || is_template(words, text)
        || (text.contains('%') && pieces::all(text, |piece| piece == DROPPED || words.know(piece)))
}

/// `{api-id}`, `<id>`, `:id`, `{{token}}`, where the word is known.
pub fn is_template(words: Words, text: &str) -> bool {
    let inner = text.trim_matches(['{', '}', '<', '>', '$', '+', ':']);
    inner.len() < text.len()
        && (words.know(inner) || (text.starts_with('{') && text.ends_with('}') && words.know(inner.trim_end_matches('+'))))
}
