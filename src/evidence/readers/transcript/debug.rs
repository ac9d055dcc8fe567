//! What Python's HTTP libraries print when they debug: `send: b'GET …'`, `reply: '…'`, `header: …`, and a line of urllib3.

use super::super::super::lines::Lines;
use super::super::super::wire::{Exchange, Found, Request, Response, Shown, Source, find_header};
use super::{body, head, plain, record};

/// Reads the exchange that begins at a line.
pub fn read(lines: &Lines<'_>, at: usize, found: &mut Found) -> Option<usize> {
    if let Some(exchange) = parse_urllib3(lines.at(at), at) {
        found.by("urllib3 log line");
        record::record(exchange, found);
        return Some(at + 1);
    }
    if let Some((request, end)) = read_sent_head(lines, at) {
        found.by("HTTP transcript");
        record::record(Exchange { request, response: None }, found);
        return Some(end);
    }
    let mut request = open(&unescape(lines.at(at).trim().strip_prefix("send: ")?)?, at)?;
    let mut end = at + 1;
    while let Some(text) = lines.at(end).trim().strip_prefix("send: ").and_then(unescape) {
        if open(&text, end).is_some() {
            break;
        }
        request.body.get_or_insert_with(|| Shown::new(String::new(), end + 1)).value.push_str(&text);
        end += 1;
    }
    let (response, end) = read_reply(lines, end, &mut request);
    found.by("http.client debug output");
    record::record(Exchange { request, response }, found);
    Some(end)
}

/// The head as Node prints it within a request: `_header: 'GET / HTTP/1.1\r\n' +`, a piece in each line.
pub fn read_sent_head(lines: &Lines<'_>, at: usize) -> Option<(Request, usize)> {
    let mut piece = lines.at(at).trim().strip_prefix("_header: ")?;
    let mut text = String::new();
    let mut end = at + 1;
    while let Some(more) = piece.strip_suffix('+')
        && end < lines.len().min(at + MOST_PIECES)
    {
        text.push_str(&unescape(more)?);
        piece = lines.at(end).trim();
        end += 1;
    }
    text.push_str(&unescape(piece.trim_end_matches(','))?);
    let mut request = open(&text, at)?;
    if request.client == "python" && find_header(&request.headers, "user-agent").is_none() {
        request.client = "node";
    }
    Some((request, end))
}

/// More pieces are no head.
const MOST_PIECES: usize = 120;

/// A request from the bytes of its head, and of its body if that was sent with it.
fn open(text: &str, at: usize) -> Option<Request> {
    let (top, rest) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let mut fields = top.split("\r\n");
    let line = head::parse_request(fields.next()?).filter(|r| r.versioned)?;
    let mut request = Request { whole: true, ..record::open(&line, at) };
    request.headers = fields.filter_map(|field| head::parse_header(field, at + 1)).collect();
    request.body = (!rest.is_empty()).then(|| Shown::new(rest.to_owned(), at + 1));
    plain::complete(&mut request);
    if request.client.is_empty() {
        request.client = "python";
    }
    Some(request)
}

/// `reply:` and its `header:` lines, and the body if the program printed it next.
fn read_reply(lines: &Lines<'_>, at: usize, request: &mut Request) -> (Option<Response>, usize) {
    let status = lines.at(at).trim().strip_prefix("reply: ").and_then(unescape);
    let Some((code, _)) = status.as_deref().and_then(head::parse_status) else { return (None, at) };
    let mut response = Response { status: Some(Shown::new(code, at + 1)), ..Response::default() };
    let mut end = at + 1;
    while let Some(text) = lines.at(end).trim().strip_prefix("header: ") {
        response.headers.extend(head::parse_header(text, end + 1));
        end += 1;
    }
    // The logger of urllib3 speaks after each answer; of what it says only the scheme is new.
    if let Some(told) = parse_urllib3(lines.at(end), end).and_then(|e| e.request.target) {
        request.target.iter_mut().for_each(|target| target.value.scheme.clone_from(&told.value.scheme));
        end += 1;
    }
    if body::is_structured(lines.at(end)) && !body::is_empty(&response.headers) {
        end = plain::take_body(lines, end, &response.headers, &mut response.body);
    }
    (Some(response), end)
}

/// `https://host:443 "GET /path HTTP/1.1" 403 42`, behind whatever the logger puts before it.
fn parse_urllib3(line: &str, at: usize) -> Option<Exchange> {
    let (before, rest) = line.split_once(" \"")?;
    let (asked, told) = rest.split_once("\" ")?;
    // The logs of the AWS CLI and of boto3 have a reader of their own.
    if before.contains("MainThread") || before.contains("urllib3.connectionpool [DEBUG]") {
        return None;
    }
    let start = before.rfind("https://").or_else(|| before.rfind("http://"))?;
    let place = record::parse_target(before.get(start..)?).filter(|p| p.path.is_empty())?;
    let line = head::parse_request(asked).filter(|r| r.versioned)?;
    let code = head::parse_code(told.split_whitespace().next()?)?;
    let mut request = Request { source: Source::Part, client: "python", ..record::open(&line, at) };
    if let Some(target) = &mut request.target {
        let usual = matches!((place.scheme.as_str(), place.port), ("https", Some(443)) | ("http", Some(80)));
        target.value.port = place.port.filter(|_| !usual);
        target.value.scheme = place.scheme;
        target.value.host = place.host;
    }
    let response = Response { status: Some(Shown::new(code, at + 1)), ..Response::default() };
    Some(Exchange { request, response: Some(response) })
}

/// The text of a literal such as `b'GET / HTTP/1.1\r\n'`; bytes beyond ASCII become replacement characters.
fn unescape(literal: &str) -> Option<String> {
    let literal = literal.trim().trim_start_matches('b');
    let quote = literal.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let inner = literal.get(1..)?.strip_suffix(quote)?;
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next()? {
                'r' => text.push('\r'),
                'n' => text.push('\n'),
                't' => text.push('\t'),
                'x' => text.push(unescape_byte(&mut chars)?),
                other => text.push(other),
            },
            c => text.push(c),
        }
    }
    Some(text)
}

fn unescape_byte(chars: &mut std::str::Chars<'_>) -> Option<char> {
    let byte = chars.next()?.to_digit(16)? * 16 + chars.next()?.to_digit(16)?;
    Some(char::from_u32(byte).filter(char::is_ascii).unwrap_or(char::REPLACEMENT_CHARACTER))
}
