//! What wget tells: its log, the headers of `--server-response`, and the heads of `--debug`.

use std::sync::LazyLock;

use regex::Regex;

use super::super::super::lines::Lines;
use super::super::super::wire::{Exchange, Failure, Found, Request, Response, Shown, Source, Target};
use super::{head, plain, record};

/// `--2026-01-01 12:00:00--  https://host/path`
static START: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^--\d{4}-\d\d-\d\d \d\d:\d\d:\d\d--\s+(\S+)").expect("a literal pattern"));

/// A call has no more lines than this before it tells how it ended.
const LONGEST: usize = 200;

/// Reads the call that begins at a line.
pub fn read(lines: &Lines<'_>, at: usize, found: &mut Found) -> Option<usize> {
    let line = lines.at(at);
    if line.starts_with("wget: ") {
        let failure = find_failure(line)?;
        found.failures.push(Shown::new(failure, at + 1));
        found.by("wget output");
        return Some(at + 1);
    }
    let mut exchange = open(line, at)?;
    let mut end = at + 1;
    while end < lines.len().min(at + LONGEST) && !START.is_match(lines.at(end)) {
        match take(lines, end, &mut exchange, found) {
            Some(after) => end = after,
            None => break,
        }
    }
    found.by("wget output");
    record::record(exchange, found);
    Some(end)
}

fn open(line: &str, at: usize) -> Option<Exchange> {
    let target = Target::parse(START.captures(line.get(..line.len().min(4_000)).unwrap_or(line))?.get(1)?.as_str())?;
    let target = Some(Shown::new(target, at + 1));
    let request = Request { source: Source::Part, target, client: "wget", ..Request::default() };
    Some(Exchange { request, response: None })
}

/// Takes one line, or the head that begins there.
fn take(lines: &Lines<'_>, at: usize, exchange: &mut Exchange, found: &mut Found) -> Option<usize> {
    let line = lines.at(at).trim();
    if head::parse_status(line).is_some() {
        let (response, end) = take_answer(lines, at);
        exchange.response = Some(response);
        return Some(end);
    }
    if let Some(told) = line.strip_prefix("HTTP request sent, awaiting response...") {
        if let Some(code) = told.split_whitespace().next().and_then(head::parse_code) {
            exchange.response = Some(Response { status: Some(Shown::new(code, at + 1)), ..Response::default() });
        }
        return Some(at + 1);
    }
    if let Some(request) = head::parse_request(line).filter(|r| r.versioned) {
        return Some(take_request(lines, at, &request, exchange));
    }
    if let Some(text) = line.strip_prefix("[BODY data: ").and_then(|rest| rest.strip_suffix(']')) {
        exchange.request.body = Some(Shown::new(text.to_owned(), at + 1));
        return Some(at + 1);
    }
    if let Some((_, text)) = line.split_once(" bytes of body: [").filter(|_| line.starts_with("Skipping ")) {
        if let Some(response) = &mut exchange.response {
            response.body = Some(Shown::new(text.trim_end_matches(" done.").trim_end_matches(']').to_owned(), at + 1));
        }
        return Some(at + 1);
    }
    if let Some(failure) = find_failure(line) {
        found.failures.push(Shown::new(failure, at + 1));
        return Some(at + 1);
    }
    belongs(line).then_some(at + 1)
}

/// Headers without a body: wget writes bodies to a file.
fn take_answer(lines: &Lines<'_>, at: usize) -> (Response, usize) {
    let status = head::parse_status(lines.at(at)).map(|(code, _)| Shown::new(code, at + 1));
    let top = plain::take_head(lines, at + 1, plain::indent(lines.at(at)));
    (Response { status, headers: top.headers, body: None }, top.end)
}

fn take_request(lines: &Lines<'_>, at: usize, line: &head::RequestLine<'_>, exchange: &mut Exchange) -> usize {
    let top = plain::take_head(lines, at + 1, "");
    let request = &mut exchange.request;
    request.source = Source::Wire;
    request.whole = top.closed;
    request.verb = Some(Shown::new(line.verb.to_owned(), at + 1));
    request.headers = top.headers;
    top.end
}

/// How the other lines of a call begin.
const WORDS: &[&str] = &[
    "Resolving ",
    "Connecting to ",
    "Reusing existing connection",
    "Location: ",
    "---re",
    "Length: ",
    "Saving to: ",
    "Loaded CA certificate",
    "Certificates loaded",
    "Caching ",
    "Found ",
    "Created socket ",
    "Releasing ",
    "Initiating SSL",
    "Handshake successful",
    "certificate:",
    "subject: ",
    "issuer: ",
    "X509 certificate",
    "Registered socket",
    "Disabling further",
    "Username/Password Authentication Failed",
    "Authorization failed",
    "URI encoding",
    "Closed ",
];

fn belongs(line: &str) -> bool {
    let numbered = line.starts_with(|c: char| c.is_ascii_digit());
    let code = line.split(' ').next().and_then(head::parse_code).is_some();
    line.is_empty() || WORDS.iter().any(|word| line.starts_with(word)) || numbered && line.contains(" ERROR ") || code
}

fn find_failure(line: &str) -> Option<Failure> {
    let line = line.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| line.contains(word));
    match () {
        () if has(&["name or service not known", "unable to resolve host address", "bad address"]) => Some(Failure::NoName),
        () if has(&["failed: connection refused"]) => Some(Failure::Refused),
        () if has(&["failed: connection timed out", "read error (connection timed out)"]) => Some(Failure::TimeOut),
        () if has(&["cannot verify", "unable to establish ssl connection"]) => Some(Failure::Tls),
        () => None,
    }
}
