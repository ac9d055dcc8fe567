//! Single lines of HTTP: a few headers without a request line, a status alone.

use super::super::super::lines::Lines;
use super::super::super::wire::{Exchange, Found, Header, Request, Response, Shown, Source};
use super::{head, plain, record};

/// Headers that are named in no other text, and are sent.
const SENT: &[&str] = &[
    "authorization",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-content-sha256",
    "x-amz-target",
    "x-api-key",
    "x-apigw-api-id",
    "access-control-request-method",
    "access-control-request-headers",
    "proxy-authorization",
    "user-agent",
    "cookie",
    "origin",
    "referer",
];

/// Headers that are named in no other text, and are received.
const RECEIVED: &[&str] = &[
    "x-amzn-requestid",
    "x-amzn-errortype",
    "x-amzn-error-type",
    "x-amzn-trace-id",
    "x-amz-apigw-id",
    "apigw-requestid",
    "x-amz-cf-id",
    "x-amz-cf-pop",
    "x-amz-request-id",
    "x-amz-id-2",
    "x-amz-error-code",
    "x-amz-error-message",
    "x-amz-bucket-region",
    "x-cache",
    "www-authenticate",
    "x-amzn-remapped-www-authenticate",
    "access-control-allow-origin",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-allow-credentials",
    "set-cookie",
];

/// Reads header lines that stand alone.
pub fn read_headers(lines: &Lines<'_>, at: usize, found: &mut Found) -> Option<usize> {
    let first = parse_loose(lines.at(at), at)?;
    let side = find_side(&first)?;
    let top = plain::take_head(lines, at, plain::indent(lines.at(at)));
    if side == Side::Received {
        let mut response = Response { headers: top.headers, ..Response::default() };
        let end = plain::take_body(lines, top.end, &response.headers, &mut response.body);
        record::record(Exchange { response: Some(response), ..Exchange::default() }, found);
        found.by("HTTP headers");
        return Some(end);
    }
    let mut request = Request { headers: top.headers, ..Request::default() };
    plain::complete(&mut request);
    record::record(Exchange { request, response: None }, found);
    found.by("HTTP headers");
    Some(top.end)
}

#[derive(PartialEq)]
enum Side {
    Sent,
    Received,
}

fn find_side(header: &Header) -> Option<Side> {
    let among = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(&header.name));
    match () {
        () if among(SENT) => Some(Side::Sent),
        () if among(RECEIVED) => Some(Side::Received),
        () if header.name == "Host" && header.value.contains('.') => Some(Side::Sent),
        () => None,
    }
}

/// A header as people and clients write it. A canonical request has no space after the colon: its lines look like headers,
/// but are not what was sent.
fn parse_loose(line: &str, at: usize) -> Option<Header> {
    let header = head::parse_header(line, at + 1)?;
    let (_, value) = line.split_once(':')?;
    let canonical = !value.starts_with(char::is_whitespace) && !header.name.starts_with(|c: char| c.is_ascii_uppercase());
    (!canonical && !header.value.is_empty()).then_some(header)
}

/// Reads a status that stands alone: `=> 403 Forbidden`, `HTTP 403`, `302 -> /error?…`, `Status: 403 Forbidden`.
pub fn read_hint(lines: &Lines<'_>, at: usize, found: &mut Found) -> Option<usize> {
    if let Some((exchange, status)) = find_told(lines.at(at), at) {
        return Some(keep(lines, at, exchange, status, found));
    }
    let (code, headers) = parse_hint(lines.at(at), at + 1)?;
    let response = Response { status: Some(Shown::new(code, at + 1)), headers, body: None };
    Some(keep(lines, at, Exchange::default(), response, found))
}

/// A JSON body may follow at once.
fn keep(lines: &Lines<'_>, at: usize, mut exchange: Exchange, mut response: Response, found: &mut Found) -> usize {
    let next = (at + 1..lines.len()).take(2).find(|&i| !lines.at(i).trim().is_empty());
    let mut end = at + 1;
    if let Some(next) = next.filter(|&i| lines.at(i).trim_start().starts_with('{')) {
        end = plain::take_body(lines, next, &response.headers, &mut response.body);
    }
    exchange.response = Some(response);
    found.by("HTTP status");
    record::record(exchange, found);
    end
}

/// A longer line is no status, and a location that leads further is none that matters.
const LONGEST_HINT: usize = 2_000;

const LABELS: &[&str] =
    &["status code", "statuscode", "http status", "status", "http status code", "response status", "response"];

fn parse_hint(line: &str, number: usize) -> Option<(u16, Vec<Header>)> {
    let text = line.trim();
    if text.len() > LONGEST_HINT || !text.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let arrow = ["=>", "->", "<-", "-->", "→", "<", "⇒", "HTTP "].iter().find_map(|a| text.strip_prefix(a)).map(str::trim);
    // `statusCode: 403` is a part of an object that an SDK throws, and is read with it.
    let labelled = text
        .split_once([':', '='])
        .filter(|(label, _)| *label != "statusCode")
        .filter(|(label, _)| LABELS.iter().any(|known| known.eq_ignore_ascii_case(label.trim())));
    let rest = labelled.map(|(_, rest)| rest.trim()).or(arrow);
    let (code, tail) = split_code(rest.unwrap_or(text))?;
    if let Some(location) = ["->", "=>", "→"].iter().find_map(|a| tail.strip_prefix(a)).map(str::trim) {
        let leads = (300..400).contains(&code) && (location.starts_with('/') || location.starts_with("http"));
        return leads.then(|| (code, vec![Header::new("Location", location, number)]));
    }
    let reason = tail.trim_matches(['(', ')', '.', ':', ' ']);
    let known = is_reason(code, reason);
    (known || rest.is_some() && reason.is_empty()).then(|| (code, Vec::new()))
}

fn split_code(text: &str) -> Option<(u16, &str)> {
    let (code, rest) = text.split_once(|c: char| !c.is_ascii_digit()).unwrap_or((text, ""));
    Some((head::parse_code(code)?, rest.trim()))
}

const REASONS: &[(u16, &str)] = &[
    (200, "OK"),
    (201, "Created"),
    (204, "No Content"),
    (301, "Moved Permanently"),
    (302, "Found"),
    (303, "See Other"),
    (304, "Not Modified"),
    (307, "Temporary Redirect"),
    (308, "Permanent Redirect"),
    (400, "Bad Request"),
    (401, "Unauthorized"),
    (403, "Forbidden"),
    (404, "Not Found"),
    (405, "Method Not Allowed"),
    (406, "Not Acceptable"),
    (408, "Request Timeout"),
    (409, "Conflict"),
    (412, "Precondition Failed"),
    (413, "Request Entity Too Large"),
    (413, "Payload Too Large"),
    (414, "URI Too Long"),
    (415, "Unsupported Media Type"),
    (429, "Too Many Requests"),
    (500, "Internal Server Error"),
    (501, "Not Implemented"),
    (502, "Bad Gateway"),
    (503, "Service Unavailable"),
    (503, "Slow Down"),
    (504, "Gateway Timeout"),
    (504, "Gateway Time-out"),
];

fn is_reason(code: u16, reason: &str) -> bool {
    REASONS.iter().any(|(c, r)| *c == code && r.eq_ignore_ascii_case(reason))
}

/// ``POST https://host/path` resulted in a `403 Forbidden` response``, as Guzzle and the SDK for PHP tell it.
fn find_told(line: &str, at: usize) -> Option<(Exchange, Response)> {
    let (before, after) = line.split_once(" resulted in a")?;
    let (_, told) = before.trim_end().trim_end_matches(['`', '\'', '"']).rsplit_once(['`', '\'', '"']).unwrap_or(("", before));
    let request = Request { source: Source::Part, ..record::open(&head::parse_request(told)?, at) };
    let (code, _) = split_code(after.trim_start_matches(['n', ' ', '`', '\'', '"']))?;
    let response = Response { status: Some(Shown::new(code, at + 1)), ..Response::default() };
    Some((Exchange { request, response: None }, response))
}
