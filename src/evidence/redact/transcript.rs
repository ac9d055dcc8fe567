//! What the beginning of a line says about the line: heads of requests, bodies, keys in PEM.

use memchr::memmem::Finder;

use super::grammar::Walk;
use super::letters;
use super::names::{self, Class};
use super::runs;
use super::shapes;

/// What the lines before were part of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Inside {
    Text,
    /// A request's headers; whether a body follows after the empty line.
    RequestHead {
        body: bool,
    },
    RequestBody {
        first: bool,
    },
    ResponseHead,
    /// A key or a certificate in PEM.
    Pem,
}

pub const PEM: &str = "-----BEGIN ";
pub const SENT: &str = "request body";
const VERBS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// Where the next of a mark is that few lines hold.
pub struct Mark {
    finder: Finder<'static>,
    next: usize,
}

impl Mark {
    pub fn new(mark: &'static str) -> Mark {
        Mark { finder: Finder::new(mark), next: 0 }
    }

    /// Where the mark begins that the walk finds in the rest of its line.
    fn find(&mut self, text: &str, start: usize, end: usize) -> Option<usize> {
        if self.next < start || self.next == 0 {
            let found = text.as_bytes().get(start..).and_then(|rest| self.finder.find(rest));
            self.next = found.map_or(usize::MAX, |at| start + at);
        }
        (self.next < end).then_some(self.next)
    }
}

/// Takes what can only be judged from the start of a line; the walk goes on where this stops.
pub fn begin_line(walk: &mut Walk) {
    let trimmed = walk.line().trim_ascii();
    walk.command = (walk.command && continues(walk.text, walk.at)) || is_command(trimmed);
    if take_pending(walk) || take_pem(walk) || take_wrapped(walk) || take_dump(walk) {
        return;
    }
    walk.inside = enter(walk.inside, trimmed);
    match walk.inside {
        Inside::RequestBody { first } if !trimmed.is_empty() => take_body(walk, first),
        Inside::RequestHead { .. } | Inside::ResponseHead => take_header(walk),
        _ => take_sent(walk),
    }
}

/// What a line is part of, when the line before was part of `inside`.
fn enter(inside: Inside, line: &str) -> Inside {
    let plain = line.trim_start_matches(['>', '<', ' ']);
    match inside {
        _ if is_request_line(plain) => Inside::RequestHead { body: is_sending(plain) },
        _ if is_status_line(plain) => Inside::ResponseHead,
        Inside::RequestHead { body: true } if line.is_empty() => Inside::RequestBody { first: true },
        Inside::RequestHead { .. } | Inside::ResponseHead if plain.is_empty() => Inside::Text,
        Inside::RequestBody { .. } if line.starts_with("* ") || line.starts_with("< ") || is_command(line) => Inside::Text,
        inside => inside,
    }
}

/// Whether the line before ends with the sign that the command goes on.
fn continues(text: &str, at: usize) -> bool {
    text[..at].trim_end_matches(['\n', '\r']).ends_with(['\\', '^', '`']) && !text[..at].ends_with("\n\n")
}

fn is_command(line: &str) -> bool {
    let line = line.trim_start_matches(['$', '>', '%', '#', ' ']);
    line.starts_with(['c', 'h', 'x']) && ["curl", "http ", "https ", "xh "].iter().any(|c| line.starts_with(c))
}

fn is_request_line(line: &str) -> bool {
    let Some((verb, rest)) = line.split_once(' ').filter(|_| line.starts_with(|c: char| c.is_ascii_uppercase())) else {
        return false;
    };
    VERBS.contains(&verb) && rest.rsplit(' ').next().is_some_and(|v| v.starts_with("HTTP/"))
}

fn is_sending(line: &str) -> bool {
    ["POST", "PUT", "PATCH"].iter().any(|v| line.starts_with(v))
}

fn is_status_line(line: &str) -> bool {
    line.strip_prefix("HTTP/")
        .is_some_and(|r| r.split(' ').nth(1).is_some_and(|s| s.len() == 3 && s.bytes().all(|b| b.is_ascii_digit())))
}

/// A value whose name stands on the line before.
fn take_pending(walk: &mut Walk) -> bool {
    let Some((name, class)) = walk.pending.take() else { return false };
    let line = walk.line();
    let inner = line.trim_ascii().trim_start_matches(['-', '[']).trim_start();
    let is_placeholder = shapes::placeholder_at(line.trim_ascii()).is_some();
    // The Go SDK rules off what it prints like this.
    let is_ruled = line.starts_with("---[");
    if is_placeholder || is_ruled || inner.is_empty() || inner.starts_with(['{', '}', ']', '|']) || inner.contains("\": ") {
        return false;
    }
    let mark = inner.bytes().next().filter(|b| matches!(b, b'"' | b'\''));
    let value = inner.trim_end_matches(',').trim_matches(['"', '\'']);
    let at = line.find(value).unwrap_or(0);
    walk.keep(at);
    let length = if mark.is_some() || !inner.ends_with(',') { value.len() } else { inner.len() };
    let value = &walk.rest()[..length];
    runs::value_of(&mut walk.out, walk.words, class, name, value);
    walk.at += length;
    if inner.ends_with(',') && mark.is_some() {
        walk.pending = Some((name, class));
    }
    true
}

fn take_pem(walk: &mut Walk) -> bool {
    let line = walk.line();
    if walk.pem.find(walk.text, walk.at, walk.end).is_some() && !line.contains("-----END ") {
        walk.inside = Inside::Pem;
        return false;
    }
    if walk.inside != Inside::Pem {
        return false;
    }
    let inner = line.trim_ascii().trim_matches(['"', '\'', ',', '+', '\\', ' ']);
    let is_part = !inner.contains(' ') || inner.split_once(':').is_some_and(|(n, _)| !n.contains(' '));
    if line.contains("-----END") || !is_part {
        walk.inside = Inside::Text;
        return false;
    }
    let length = line.trim_end().len();
    walk.keep(line.len() - line.trim_start().len());
    let rest = length.saturating_sub(line.len() - line.trim_start().len());
    walk.drop(rest);
    true
}

/// The rest of a long run that was broken over lines.
fn take_wrapped(walk: &mut Walk) -> bool {
    if !std::mem::take(&mut walk.wrapped) {
        return false;
    }
    let line = walk.line();
    let inner = line.trim_ascii();
    let goes_on = !inner.is_empty() && !inner.contains(|c: char| c.is_whitespace() || letters::is_separator(c));
    if goes_on {
        walk.wrapped = inner.len() > 40;
        let start = line.len() - line.trim_start().len();
        walk.keep(start);
        walk.drop(inner.len());
    }
    goes_on
}

/// Bytes as `curl --trace` and `xxd` write them.
fn take_dump(walk: &mut Walk) -> bool {
    let line = walk.line();
    let start = letters::count(line.as_bytes(), |b| matches!(b, b' ' | b'\t'));
    let end = start + letters::count(&line.as_bytes()[start..], |b| b.is_ascii_hexdigit());
    let Some(bytes) = line[end..].strip_prefix(": ") else { return false };
    let offset = &line[..end];
    let is_hex = |t: &str, least: usize| t.len() >= least && t.bytes().all(|b| b.is_ascii_hexdigit());
    let mut words = bytes.trim_start().split(' ').map(|w| is_hex(w, 2) && w.len() <= 4);
    let is_dump = is_hex(offset.trim_ascii(), 4) && words.next() == Some(true) && words.next().unwrap_or(true);
    if is_dump {
        walk.keep(offset.len() + 2);
        walk.drop(bytes.trim_end().len());
    }
    is_dump
}

fn take_body(walk: &mut Walk, first: bool) {
    walk.inside = Inside::RequestBody { first: false };
    let length = walk.line().trim_end().len();
    let body = &walk.line()[..length];
    if first {
        runs::body(&mut walk.out, walk.words, body);
    } else {
        walk.out.drop(body);
    }
    walk.at += length;
}

/// A header in a head, whatever its name.
fn take_header(walk: &mut Walk) {
    let line = walk.line();
    let inner = line.trim_start_matches(['>', '<', ' ', '\t']);
    let length = letters::count(inner.as_bytes(), |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    let (name, rest) = inner.split_at(length);
    let Some(value) = rest.strip_prefix(':').filter(|_| length > 0) else { return };
    walk.keep(line.len() - inner.len());
    walk.name(name);
    walk.out.keep(":");
    runs::value_of(&mut walk.out, walk.words, Class::Header, name, value.trim_end());
    walk.at += name.len() + 1 + value.trim_end().len();
}

/// `Method request body before transformations: …` and a line that is nothing but the name of a header.
fn take_sent(walk: &mut Walk) {
    let line = walk.line();
    if let Some(at) = walk.sent.find(walk.text, walk.at, walk.end) {
        return take_sent_body(walk, at - walk.at + SENT.len());
    }
    let name = line.trim_ascii().trim_end_matches(':');
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let may_be = || name.contains('-') || ["authorization", "cookie"].iter().any(|n| n.eq_ignore_ascii_case(name));
    if is_name && may_be() && names::classify(name, false, ':') == Class::Header {
        walk.pending = Some((name, Class::Header));
    }
}

/// A body behind words that say so, and a colon.
fn take_sent_body(walk: &mut Walk, behind: usize) {
    let line = walk.line();
    let Some(colon) = line.get(behind..).and_then(|l| l.find(':')) else { return };
    let end = behind + colon + 1;
    runs::text(&mut walk.out, walk.words, &line[..end]);
    let body = line[end..].trim_end();
    runs::body(&mut walk.out, walk.words, body);
    walk.at += end + body.len();
}
