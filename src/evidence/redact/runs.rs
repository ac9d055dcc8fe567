//! Runs of letters without a space: kept when they are known, dropped as a whole when not.
//!
//! A run is judged before its parts, since parts of a secret can look like words. Only a run that is a URL, a host, a path or
//! a pair of name and value is taken apart.

use super::headers;
use super::hosts;
use super::letters::{self, is_separator};
use super::names::{self, Class};
use super::out::Out;
use super::parameters;
use super::places;
use super::shapes::{self, DROPPED};
use super::words::Words;

/// Pairs inside pairs are taken apart so deep.
const DEEPEST: usize = 5;

/// A text in which every run is judged for itself.
pub fn text(out: &mut Out, words: Words, text: &str) {
    let mut at = 0;
    while let Some(next) = text[at..].chars().next() {
        if let Some(placeholder) = shapes::placeholder_at(&text[at..]) {
            out.keep(placeholder);
            at += placeholder.len();
        } else if next == '\\' && matches!(text.as_bytes().get(at + 1), Some(b'n' | b'r' | b't')) {
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
    let (mut at, mut in_braces) = (0, false);
    loop {
        at += letters::count(&bytes[at..], letters::runs_on);
        let Some(byte) = bytes.get(at) else { return at };
        let next = text[at..].chars().next().filter(|_| !byte.is_ascii());
        if let Some(letter) = next.filter(|c| !is_separator(*c)) {
            at += letter.len_utf8();
            continue;
        }
        let opens = *byte == b'{' && at > 0 && matches!(bytes[at - 1], b'/' | b'{');
        let closes = in_braces && *byte == b'}';
        let is_entity = *byte == b';' && bytes[..at].ends_with(b"&amp");
        if !opens && !closes && !is_entity {
            let may_be_url = matches!(byte, b',' | b';' | b'(' | b')' | b'[' | b']');
            return if may_be_url && text[..at].contains("://") { end_of_url(text) } else { at };
        }
        in_braces |= opens;
        at += 1;
    }
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
    if run == DROPPED || is_word(words, run) {
        return out.keep(run);
    }
    if let Some(rest) = run.strip_prefix(['?', '&']).filter(|r| r.contains('=')) {
        out.keep(&run[..1]);
        return parameters::query(out, words, rest);
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
    if core.len() < run.len() {
        core_of(out, words, core, 0);
    } else {
        unknown(out, words, core, 0);
    }
    if out.count == count || (after.len() < 4 && !after.starts_with('=')) {
        out.keep(after);
    }
}

/// Whether a run is known as a whole. The labels of a host can be words, and are somebody's nevertheless.
fn is_word(words: Words, run: &str) -> bool {
    words.know(run) && !(run != "localhost" && hosts::is_known_host(run))
}

/// A run without the punctuation around it.
fn core_of(out: &mut Out, words: Words, core: &str, depth: usize) {
    if core.is_empty() || core == DROPPED || is_word(words, core) {
        out.keep(core);
    } else {
        unknown(out, words, core, depth);
    }
}

/// What is no word.
fn unknown(out: &mut Out, words: Words, core: &str, depth: usize) {
    if shapes::is_harmless_number(core) || hosts::is_region(core) {
        return out.keep(core);
    }
    if hosts::is_known_host(core) && !core.contains('/') {
        return hosts::host_and_port(out, words, core);
    }
    if let Some(kind) = shapes::find_kind(core) {
        return out.drop_as(core, kind);
    }
    if core.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return out.drop_as(core, DROPPED);
    }
    if core.contains("://") {
        return places::url(out, words, core);
    }
    if core.starts_with("arn:") {
        return arn(out, words, core);
    }
    // Parts of what is no word can be cut from anything: they do not pass for words by their look.
    structured(out, Words { plain: false, ..words }, core, depth);
}

/// A pair, a path, or several known words joined by punctuation; or else nothing that can be shown.
fn structured(out: &mut Out, words: Words, core: &str, depth: usize) {
    let first = core.split('/').next().unwrap_or("");
    if core.starts_with('/') || (first.len() < core.len() && hosts::is_known_host(first)) {
        hosts::host_and_port(out, words, first);
        return places::target(out, words, &core[first.len()..]);
    }
    if core.bytes().all(|b| matches!(b, b'-' | b'_' | b'.' | b'~') || b.is_ascii_alphanumeric()) {
        return out.drop_as(core, DROPPED);
    }
    if let Some((before, parameters)) = core.split_once('?').filter(|(_, p)| p.contains('=')) {
        core_of(out, words, before, depth + 1);
        out.keep("?");
        return parameters::query(out, words, parameters);
    }
    if core.contains('&') && parameters::is_form(core) {
        return parameters::query(out, words, core);
    }
    if core.ends_with("/aws4_request") {
        return parameters::credential(out, core);
    }
    if let Some((file, at)) = split_line_number(core) {
        core_of(out, words, file, depth + 1);
        return out.keep(at);
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

/// A file of a program and where in it, as stack traces write it: `task_queues:104:5`.
fn split_line_number(core: &str) -> Option<(&str, &str)> {
    let file = core.trim_end_matches(|c: char| c.is_ascii_digit() || c == ':');
    let at = &core[file.len()..];
    let is_place = at.starts_with(':') && at.split(':').skip(1).all(|n| (1..6).contains(&n.len())) && at.matches(':').count() < 3;
    let is_named = file.ends_with(|c: char| c.is_ascii_alphabetic()) && file.contains(['/', '.']);
    let is_file = is_named || file.starts_with("node:") || file.ends_with(DROPPED);
    (is_place && is_file && !file.contains(['=', '?']) && !names::is_secret(file)).then_some((file, at))
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
        Class::Credential => parameters::credential(out, value),
        Class::Parameter => parameters::value_of(out, words, name, value),
        Class::Body => body(out, words, value),
        Class::Secret | Class::Value if parameters::is_nothing(value.trim()) => out.keep(value),
        Class::Secret | Class::Value => out.drop(value),
        Class::Free | Class::Name => text(out, words, value),
    }
}

/// What is sent: a form shows the names of its parameters, anything else only that it is there.
pub fn body(out: &mut Out, words: Words, inner: &str) {
    if parameters::is_nothing(inner.trim()) || shapes::is_placeholder(inner.trim()) {
        out.keep(inner);
    } else if parameters::is_form(inner) && !inner.trim().contains('\n') {
        parameters::query(out, words, inner);
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
