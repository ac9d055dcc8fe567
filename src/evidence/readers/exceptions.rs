//! Exceptions of SDKs and of the programs around them, with their stack traces. Start at [`read`].

mod dict;
mod javascript;
mod languages;
mod network;
mod python;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use regex::Regex;

use super::super::lines::Lines;
use super::super::wire::{ErrorSeen, Exchange, Found, Request, Response, Shown, Source, Strength, Target};
use super::bodies::{codes, cut, find_open_answer};
use super::prose;

pub use dict::take as take_dict;
pub use network::{find_connected, find_failure};

/// A part of this reader: sees the line cut to a sane length.
type Part = fn(&Lines<'_>, usize, &str, &mut Found) -> Option<usize>;

const PARTS: &[Part] = &[python::read, languages::read, javascript::read, network::read];

/// Longer lines are looked at up to here.
const LIMIT: usize = 4 * 1024;

/// What a line holds if one of the parts may know it; most lines do not, and are passed by this alone.
static MARKS: LazyLock<Regex> = LazyLock::new(|| {
    let words = [
        "^\\s*[A-Z][A-Za-z]{3,60}: ",
        "An error occurred",
        "rror",
        "xception",
        "Fault",
        "Traceback",
        "credentials",
        "endpoint URL",
        "<Response \\[",
        "Max retries",
        "operation error",
        "response error",
        "no EC2 IMDS",
        "ENOTFOUND",
        "EAI_AGAIN",
        "ECONN",
        "ETIMEDOUT",
        "o such host",
        "after a period of time",
        "timeout",
        "timed out",
        "NXDOMAIN",
        "Name or service",
        "name resolution",
        "Failed to resolve",
        "refused",
        "nodename",
        "not find host",
        "Unknown host",
        "Non-existent domain",
        "ERR_",
        "CERT_",
        "x509",
        "PKIX",
        "Partial credentials",
        "specify a region",
        "Mismatch",
        "NotMatch",
        "Denied",
        "\\((?:client|server)\\): ",
        "SSL",
        "CERTIFICATE",
        "config profile",
        "Token: ",
        "Expired: ",
        "Skewed",
        "Malformed",
        "KeyId",
        "resulted in a",
        "does not resolve",
        "remote name",
    ];
    Regex::new(&words.join("|")).expect("a constant pattern")
});

/// Takes an exception and the trace below it.
pub fn read(lines: &Lines<'_>, at: usize, found: &mut Found) -> Option<usize> {
    let line = cut(lines.at(at), LIMIT);
    if line.len() < 6 || !MARKS.is_match(line) {
        return None;
    }
    if is_trace(line) {
        return Some(skip_trace(lines, at));
    }
    let before = (found.errors.len(), found.failures.len(), found.exchanges.len());
    let end = PARTS.iter().find_map(|part| part(lines, at, line, found))?;
    if found.failures.len() > before.1 {
        network::note_place(line, at + 1, found);
    }
    if before != (found.errors.len(), found.failures.len(), found.exchanges.len()) {
        found.by("exception");
    }
    Some(skip_trace(lines, end))
}

/// The lines of a stack trace are nobody's.
fn skip_trace(lines: &Lines<'_>, at: usize) -> usize {
    let mut end = at;
    while end < lines.len() && is_trace(lines.at(end)) {
        end += 1;
    }
    end
}

fn is_trace(line: &str) -> bool {
    let inner = line.trim_start();
    let indented = inner.len() < line.len();
    (indented && (inner.starts_with("at ") || inner.starts_with("File \"") || inner.starts_with("from ")))
        || (indented && inner.starts_with("... ") && inner.ends_with(" more"))
        || (indented && !inner.is_empty() && inner.bytes().all(|b| b == b'^' || b == b'~' || b == b' '))
        || inner.starts_with("goroutine ")
        || inner.starts_with("--- End of ")
}

/// An error that an exception tells. The message goes on below when the service shows what it signed.
fn tell(code: Option<&str>, message: &str, status: Option<u16>, line: usize, found: &mut Found) {
    let message = message.trim();
    let code = code.map(codes::strip).filter(|code| codes::can_be_code(code)).map(str::to_owned);
    let message = (!message.is_empty()).then(|| message.to_owned());
    if code.is_some() || message.is_some() || status.is_some() {
        found.errors.push(ErrorSeen { code, message, status, strength: Strength::Told, line });
    }
}

/// The text of a line from some place on, and of the lines that the message goes on over; and their end.
fn whole_message<'a>(lines: &Lines<'a>, at: usize, line: &'a str, from: usize) -> (&'a str, usize) {
    if line.contains("signature we calculated does not match")
        && let Some(end) = prose::find_canonical_end(lines, at)
    {
        return (cut(lines.between(at, end), 16 * 1024).get(from..).unwrap_or(line), end);
    }
    (line.get(from..).unwrap_or(""), at + 1)
}

/// An exchange of which the URL or the status was told.
fn show(verb: Option<&str>, url: Option<&str>, status: Option<u16>, client: &'static str, line: usize, found: &mut Found) {
    let target = url.and_then(Target::parse).filter(|t| !t.host.is_empty()).map(|t| Shown::new(t, line));
    let status = status.filter(|s| (100..600).contains(s)).map(|s| Shown::new(s, line));
    if target.is_none()
        && let Some(answer) = find_open_answer(found, line)
        && answer.status.is_none()
    {
        answer.status = status;
        return;
    }
    if target.is_none() && status.is_none() {
        return;
    }
    let verb = verb.map(|v| Shown::new(v.to_ascii_uppercase(), line));
    let request = Request { source: Source::Part, verb, target, client, ..Request::default() };
    let response = status.map(|status| Response { status: Some(status), ..Response::default() });
    found.exchanges.push(Exchange { request, response });
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern")
}
