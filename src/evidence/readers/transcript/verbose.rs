//! `curl -v`, and what prints like it: notes after `*`, what was sent after `>`, what was received after `<`.

use std::sync::LazyLock;

use regex::Regex;

use super::super::super::lines::Lines;
use super::super::super::wire::{Exchange, Failure, Found, Request, Response, Shown};
use super::super::exceptions::find_connected;
use super::notes::{self, Link};
use super::{body, head, record};

/// Reads the transcript that begins at a line.
pub fn read(lines: &Lines<'_>, at: usize, found: &mut Found) -> Option<usize> {
    if !begins(lines.at(at)) {
        return None;
    }
    let mut talk = Talk::default();
    let mut end = at + 1;
    let mut next = at;
    while next < lines.len() {
        match talk.take(lines, next, found) {
            Some(after) if lines.at(next).trim().is_empty() => next = after,
            Some(after) => (next, end) = (after, after),
            None => break,
        }
    }
    talk.finish(found);
    Some(end)
}

/// Tells whether a line can only come from such a transcript.
pub fn begins(line: &str) -> bool {
    match classify(line) {
        Piece::Note(note) => notes::is_known(note),
        Piece::Sent(text) => head::parse_request(text).is_some_and(|r| r.versioned),
        Piece::Received(text) => head::parse_status(text).is_some(),
        Piece::Error(text) => text.starts_with(|c: char| c.is_ascii_digit()),
        _ => false,
    }
}

enum Piece<'a> {
    Note(&'a str),
    Sent(&'a str),
    Received(&'a str),
    SentBody(&'a str),
    Error(&'a str),
    Noise,
    Blank,
    Other,
}

/// `--trace-time` puts a time before each line, `--trace-ids` a number of the connection.
pub static STAMP: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\d\d:\d\d:\d\d\.\d{3,6} +(?:\[\d+-\w+\] +)?").expect("a literal pattern"));

/// A line of the progress meter, which has no line end of its own.
static METER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*\d+\s+\S+\s+\d+\s+\S+\s+\d+\s+\S+\s+\S+\s+\S+\s+[-\d]+:[-\d:]+\s+[-\d]+:[-\d:]+\s+[-\d]+:[-\d:]+\s+\d+(?:\.\d+)?[kMGTP]?")
        .expect("a literal pattern")
});

fn classify(line: &str) -> Piece<'_> {
    let text = line.trim();
    let text = match text.as_bytes() {
        [b'0'..=b'9', _, b':', ..] => STAMP.find(text).map_or(text, |stamp| &text[stamp.end()..]),
        _ => text,
    };
    let rest = text.get(1..).unwrap_or("");
    let spaced = rest.is_empty() || rest.starts_with([' ', '\t']);
    match text.chars().next() {
        None => Piece::Blank,
        Some('*') if spaced => Piece::Note(rest.trim()),
        Some('>') if spaced => Piece::Sent(rest.trim()),
        Some('<') if spaced => Piece::Received(rest.trim()),
        Some('|') if spaced => Piece::SentBody(rest.trim()),
        Some('{' | '}') if rest.starts_with(" [") && text.ends_with("data]") => Piece::Noise,
        Some('%') if text.starts_with("% Total ") => Piece::Noise,
        Some('D') if text.starts_with("Dload  Upload") => Piece::Noise,
        _ => text.strip_prefix("curl: (").map_or(Piece::Other, Piece::Error),
    }
}

#[derive(Default, PartialEq, Clone, Copy)]
enum Phase {
    #[default]
    Idle,
    /// In the head of a request.
    Sending,
    Sent,
    /// In the head of an answer.
    Receiving,
    /// A body may follow; after a blank line only one that cannot be prose.
    Body,
    /// What a proxy says about its tunnel.
    Tunnel,
}

#[derive(Default)]
struct Talk {
    phase: Phase,
    link: Link,
    now: Option<Exchange>,
    count: usize,
    failure: Option<Failure>,
    /// A blank line came after the last head.
    gap: bool,
    line: usize,
}

impl Talk {
    /// Takes what begins at a line; tells the line after it, or nothing if it does not belong here.
    fn take(&mut self, lines: &Lines<'_>, at: usize, found: &mut Found) -> Option<usize> {
        let line = lines.at(at);
        let skip = meter(line);
        if skip > 0 && line.get(skip..)?.trim().is_empty() {
            return Some(at + 1);
        }
        match classify(line.get(skip..)?) {
            Piece::Note(note) => {
                self.note(note, at, found);
                return Some(at + 1);
            }
            Piece::Sent(text) if self.send(text, at, found) => return Some(at + 1),
            Piece::Received(text) if self.receive(text, at, found) => return Some(at + 1),
            Piece::SentBody(text) if self.phase == Phase::Sent => self.send_body(text, at),
            Piece::Error(text) => self.error(text, at, found),
            Piece::Noise => {}
            Piece::Blank => self.pause(),
            _ => return self.take_body(lines, at, skip, found),
        }
        Some(at + 1)
    }

    fn note(&mut self, note: &str, at: usize, found: &mut Found) {
        let failure = self.link.note(note);
        if let Some(made) =
            failure.or(note.starts_with("Connected to ").then_some(Failure::Tls)).and_then(|_| find_connected(note))
        {
            found.connected.push(Shown::new(made, at + 1));
        }
        self.fail(failure, at, found);
    }

    fn error(&mut self, text: &str, at: usize, found: &mut Found) {
        found.by("curl error");
        let failure = self.link.error(text);
        found.connected.extend(find_connected(text).map(|made| Shown::new(made, at + 1)));
        self.fail(failure, at, found);
        let status = text.strip_prefix("22) The requested URL returned error: ").and_then(|s| s.split(' ').next());
        if let Some(code) = status.and_then(head::parse_code).filter(|_| self.now.is_none()) {
            let response = Response { status: Some(Shown::new(code, at + 1)), ..Response::default() };
            record::record(Exchange { response: Some(response), ..Exchange::default() }, found);
        }
    }

    fn fail(&mut self, failure: Option<Failure>, at: usize, found: &mut Found) {
        self.line = at + 1;
        // curl tells the same failure as a note and as its last word.
        if let Some(failure) = failure.filter(|f| self.failure != Some(*f)) {
            found.failures.push(Shown::new(failure, at + 1));
            found.by("curl error");
            self.failure = Some(failure);
        }
    }

    fn send(&mut self, text: &str, at: usize, found: &mut Found) -> bool {
        if let Some(line) = head::parse_request(text).filter(|r| r.versioned) {
            self.flush(found);
            self.gap = false;
            if line.verb == "CONNECT" {
                self.link.tunnel(line.target);
                self.phase = Phase::Tunnel;
            } else {
                self.now = Some(self.open(&line, at));
                self.phase = Phase::Sending;
            }
            return true;
        }
        match (self.phase, &mut self.now) {
            (Phase::Tunnel, _) => {}
            (Phase::Sending, Some(exchange)) => match head::parse_header(text, at + 1) {
                _ if text.is_empty() => self.close_request(),
                Some(header) => exchange.request.headers.push(header),
                None => {}
            },
            _ => return text.is_empty() && self.phase != Phase::Idle,
        }
        true
    }

    fn open(&mut self, line: &head::RequestLine<'_>, at: usize) -> Exchange {
        let mut request = record::open(line, at);
        if let Some(target) = &mut request.target {
            self.link.complete(&mut target.value);
        }
        Exchange { request, response: None }
    }

    fn close_request(&mut self) {
        if let Some(exchange) = &mut self.now {
            exchange.request.whole = true;
        }
        self.phase = Phase::Sent;
    }

    fn send_body(&mut self, text: &str, at: usize) {
        let Some(exchange) = &mut self.now else { return };
        match &mut exchange.request.body {
            Some(body) => body.value.extend(["\n", text]),
            None => exchange.request.body = Some(Shown::new(text.to_owned(), at + 1)),
        }
    }

    fn receive(&mut self, text: &str, at: usize, found: &mut Found) -> bool {
        if self.phase == Phase::Tunnel {
            return true;
        }
        if let Some((code, _)) = head::parse_status(text) {
            let answered = |e: &Exchange| e.response.as_ref().and_then(|r| r.status.as_ref()).is_some_and(|s| s.value >= 200);
            if self.now.as_ref().is_some_and(answered) {
                self.flush(found);
            }
            let response = Response { status: Some(Shown::new(code, at + 1)), ..Response::default() };
            self.now.get_or_insert_default().response = Some(response);
            self.phase = Phase::Receiving;
            self.gap = false;
            return true;
        }
        let response = self.now.as_mut().and_then(|e| e.response.as_mut());
        match (self.phase, response) {
            (Phase::Receiving, Some(response)) => match head::parse_header(text, at + 1) {
                _ if text.is_empty() => self.phase = Phase::Body,
                Some(header) => response.headers.push(header),
                None => {}
            },
            _ => return text.is_empty() && self.phase != Phase::Idle,
        }
        true
    }

    /// Clients that print no bare `>` and `<` end a head with a blank line.
    fn pause(&mut self) {
        match self.phase {
            Phase::Sending => self.close_request(),
            Phase::Receiving => self.phase = Phase::Body,
            _ => self.gap = true,
        }
    }

    fn take_body(&mut self, lines: &Lines<'_>, at: usize, skip: usize, found: &mut Found) -> Option<usize> {
        if self.phase == Phase::Sending {
            return self.take_bare(lines, at);
        }
        let markup = lines.at(at).get(skip..)?.trim_start().starts_with(['{', '[', '<']);
        if !matches!(self.phase, Phase::Body | Phase::Receiving) || !markup && (self.gap || self.phase == Phase::Receiving) {
            return None;
        }
        let response = self.now.as_mut()?.response.as_mut()?;
        if body::is_empty(&response.headers) {
            return None;
        }
        let extent = body::find_body(lines, at, skip, &response.headers)?;
        match &mut response.body {
            Some(body) => body.value.extend(["\n", extent.text]),
            None => response.body = Some(extent.shown()),
        }
        // curl may put a note between an XML declaration and its document.
        let declared = extent.text.starts_with("<?xml") && extent.text.ends_with("?>");
        self.phase = if declared { Phase::Body } else { Phase::Sent };
        if let Piece::Note(note) = classify(extent.rest) {
            self.note(note, extent.end.saturating_sub(1), found);
        }
        Some(extent.end)
    }

    /// Libraries that print what curl tells put the mark before the first line of a head only.
    fn take_bare(&mut self, lines: &Lines<'_>, at: usize) -> Option<usize> {
        let header = head::parse_header(lines.at(at), at + 1)?;
        self.now.as_mut()?.request.headers.push(header);
        Some(at + 1)
    }

    fn flush(&mut self, found: &mut Found) {
        let Some(mut exchange) = self.now.take() else { return };
        let request = &mut exchange.request;
        if let Some(target) = &mut request.target {
            record::take_host(&mut target.value, &request.headers);
        }
        request.client = match record::client_of(&request.headers) {
            "" if request.target.is_some() => "curl",
            client => client,
        };
        self.count += 1;
        found.by("curl -v transcript");
        record::record(exchange, found);
    }

    fn finish(mut self, found: &mut Found) {
        self.flush(found);
        if self.count > 0 || self.failure.is_none() {
            return;
        }
        if let Some(target) = self.link.take_place() {
            let request = Request { target: Some(Shown::new(target, self.line)), client: "curl", ..Request::default() };
            record::record(Exchange { request, response: None }, found);
        }
    }
}

/// How many bytes of a line the progress meter takes.
fn meter(line: &str) -> usize {
    let from = line.rfind('\r').map_or(0, |cr| cr + 1);
    let rest = line.get(from..).unwrap_or("");
    let after = rest.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
    let numbers = after.starts_with(' ') && after.trim_start().starts_with(|c: char| c.is_ascii_digit());
    if numbers { METER.find(rest).map_or(0, |found| from + found.end()) } else { 0 }
}
