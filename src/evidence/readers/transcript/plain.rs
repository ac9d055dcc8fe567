//! Raw HTTP: a request, an answer, or one after the other, as `curl -i` and HTTPie print them and people write them down.

use super::super::super::lines::Lines;
use super::super::super::wire::{Exchange, Found, Header, Request, Response, Shown, Source, find_header};
use super::{body, head, record};

/// How many lines of decoration may stand between a request and its answer.
const LONGEST_GAP: usize = 4;

/// Reads the request or answer that begins at a line.
pub fn read(lines: &Lines<'_>, at: usize, found: &mut Found) -> Option<usize> {
    if head::parse_status(lines.at(at)).is_some() {
        return Some(read_answer(lines, at, found));
    }
    let line = head::parse_request(lines.at(at)).or_else(|| head::parse_request(skip_place(lines.at(at))))?;
    if !line.tail.is_empty() {
        return read_console(&line, at, found).then_some(at + 1);
    }
    Some(read_request(lines, at, record::open(&line, at), line.versioned, found))
}

/// An answer without its request; what a proxy says about its tunnel, or on the way to the answer, is none.
fn read_answer(lines: &Lines<'_>, at: usize, found: &mut Found) -> usize {
    let reason = head::parse_status(lines.at(at)).map_or("", |(_, reason)| reason);
    let (response, end) = take_answer(lines, at);
    let early = response.status.as_ref().is_some_and(|s| s.value < 200) || reason.eq_ignore_ascii_case("connection established");
    if !early {
        found.by("HTTP transcript");
        record::record(Exchange { response: Some(response), ..Exchange::default() }, found);
    }
    end
}

/// Takes the answer whose status line is at an index.
pub fn take_answer(lines: &Lines<'_>, at: usize) -> (Response, usize) {
    let status = head::parse_status(lines.at(at)).map(|(code, _)| Shown::new(code, at + 1));
    let top = take_head(lines, at + 1, indent(lines.at(at)));
    let mut response = Response { status, headers: top.headers, body: None };
    let end = take_body(lines, top.end, &response.headers, &mut response.body);
    (response, end)
}

/// Takes the body that begins at a line or after one blank line; tells the line after it.
pub fn take_body(lines: &Lines<'_>, at: usize, headers: &[Header], into: &mut Option<Shown<String>>) -> usize {
    let start = (at..lines.len()).take(2).find(|&i| !lines.at(i).trim().is_empty());
    let Some(start) = start.filter(|&i| !body::is_empty(headers) && !body::begins_something(lines.at(i))) else { return at };
    match body::find_body(lines, start, 0, headers) {
        Some(extent) => {
            *into = Some(extent.shown());
            extent.end
        }
        None => at,
    }
}

fn read_request(lines: &Lines<'_>, at: usize, mut request: Request, versioned: bool, found: &mut Found) -> usize {
    let top = take_head(lines, at + 1, indent(lines.at(at)));
    request.headers = top.headers;
    let mut end = top.end;
    let hosted = find_header(&request.headers, "host").is_some();
    if request.headers.iter().any(|h| h.name.to_ascii_lowercase().starts_with("content-")) {
        let headers = std::mem::take(&mut request.headers);
        end = take_body(lines, end, &headers, &mut request.body);
        request.headers = headers;
    }
    let answer = find_answer(lines, end);
    request.whole = versioned && hosted && !top.abridged && (top.closed || answer.is_some());
    if !versioned && request.headers.is_empty() {
        request.source = Source::Part;
    }
    complete(&mut request);
    let (response, end) = match answer.map(|at| take_answer(lines, at)) {
        Some((response, end)) => (Some(response), end),
        None => (None, end),
    };
    found.by("HTTP transcript");
    record::record(Exchange { request, response }, found);
    end
}

/// Fills in what the headers tell about target and client.
pub fn complete(request: &mut Request) {
    record::take_pseudo_headers(request);
    if let Some(target) = &mut request.target {
        record::take_host(&mut target.value, &request.headers);
    }
    request.client = record::client_of(&request.headers);
}

/// The answer that follows a request, behind blank lines and words such as `Response:`.
fn find_answer(lines: &Lines<'_>, at: usize) -> Option<usize> {
    for index in at..lines.len().min(at + LONGEST_GAP + 1) {
        let text = lines.at(index).trim();
        if head::parse_status(text).is_some_and(|(code, _)| code >= 200) {
            return Some(index);
        }
        let word = text.trim_matches(|c: char| !c.is_alphanumeric()).to_ascii_lowercase();
        let title = text.ends_with("Response") && body::is_sdk_title(text);
        if !title && !matches!(word.as_str(), "" | "response" | "output" | "reply" | "answer" | "result" | "http response") {
            return None;
        }
    }
    None
}

/// Headers, and how they ended.
pub struct Top {
    pub headers: Vec<Header>,
    pub end: usize,
    /// A blank line followed.
    pub closed: bool,
    /// Something was left out.
    abridged: bool,
}

/// Takes header lines from an index on; they may be indented as their first line is, and folded.
pub fn take_head(lines: &Lines<'_>, at: usize, indent: &str) -> Top {
    let mut top = Top { headers: Vec::new(), end: at, closed: false, abridged: false };
    while top.end < lines.len() {
        let line = lines.at(top.end);
        if line.trim().is_empty() {
            top.closed = true;
            break;
        }
        let folded = line.strip_prefix(indent).unwrap_or(line).starts_with([' ', '\t']);
        if head::is_ellipsis(line) {
            top.abridged = true;
        } else if head::parse_status(line).is_some() {
            break;
        } else if let Some(header) = head::parse_header(line, top.end + 1) {
            top.headers.push(header);
        } else if let Some(header) = top.headers.last_mut().filter(|_| folded) {
            header.value.push(' ');
            header.value.push_str(line.trim());
        } else {
            break;
        }
        top.end += 1;
    }
    top
}

pub fn indent(line: &str) -> &str {
    line.split(|c: char| !c.is_whitespace()).next().unwrap_or("")
}

/// Consoles of browsers name the script before what they tell: `app.js:10 GET https://…`.
fn skip_place(line: &str) -> &str {
    match line.trim().split_once(char::is_whitespace) {
        Some((place, rest)) if place.rsplit_once(':').is_some_and(|(_, n)| n.parse::<u32>().is_ok()) => rest.trim_start(),
        _ => line,
    }
}

/// `GET https://host/path 403 (Forbidden)`, `GET https://host/path net::ERR_FAILED`, as a browser's console has it.
fn read_console(line: &head::RequestLine<'_>, at: usize, found: &mut Found) -> bool {
    let mut words = line.tail.split_whitespace().map(|word| word.trim_matches(['(', ')', '[', ']', '-', '>', '=', ',', ':']));
    let Some(word) = words.find(|word| !word.is_empty()) else { return false };
    let status = head::parse_code(word.trim_start_matches("HTTP"));
    if status.is_none() && !word.starts_with("net::ERR_") {
        return false;
    }
    let mut request = Request { source: Source::Part, ..record::open(line, at) };
    if line.tail.starts_with("net::") || line.tail.contains(" (") || line.tail.ends_with(')') {
        request.client = "browser";
    }
    found.failures.extend(record::find_failure(word).map(|failure| Shown::new(failure, at + 1)));
    let response = status.map(|code| Response { status: Some(Shown::new(code, at + 1)), ..Response::default() });
    found.by("HTTP transcript");
    record::record(Exchange { request, response }, found);
    true
}
