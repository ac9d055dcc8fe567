//! The panes of Postman's console and of a browser's developer tools: sections with a title, and a name and a value in each
//! line or on alternating lines.

use super::super::super::lines::Lines;
use super::super::super::wire::{Exchange, Failure, Found, Header, Response, Shown, Source, find_header};
use super::super::exceptions::find_failure;
use super::{body, head, plain, record};

#[derive(Clone, Copy, PartialEq)]
enum Section {
    General,
    RequestHeaders,
    RequestBody,
    ResponseHeaders,
    ResponseBody,
    Other,
}

const TITLES: &[(&str, Section)] = &[
    ("general", Section::General),
    ("request headers", Section::RequestHeaders),
    ("request body", Section::RequestBody),
    ("request payload", Section::RequestBody),
    ("form data", Section::Other),
    ("query string parameters", Section::Other),
    ("network", Section::Other),
    ("response headers", Section::ResponseHeaders),
    ("response body", Section::ResponseBody),
    ("response", Section::ResponseBody),
    ("preview", Section::Other),
    ("timing", Section::Other),
];

/// Between a request line and the first title stand a status, a time and a size.
const LONGEST_SUMMARY: usize = 6;

/// More fields of a form are no form.
const MOST_FIELDS: usize = 100;

/// Reads the panes that begin at a line.
pub fn read(lines: &Lines<'_>, at: usize, found: &mut Found) -> Option<usize> {
    let mut panes = Panes::open(lines, at)?;
    let mut end = panes.start;
    let mut next = end;
    while next < lines.len() {
        match panes.take(lines, next) {
            Some(after) if lines.at(next).trim().is_empty() => next = after,
            Some(after) => (next, end) = (after, after),
            None => break,
        }
    }
    panes.keep(found).then_some(end.max(at + 1))
}

/// A title, without the marks and counts that pages put around it.
fn parse_title(line: &str) -> Option<Section> {
    let text = line.trim();
    if text.len() > 60 {
        return None;
    }
    let text = text.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
    let (rest, section) = TITLES.iter().find_map(|(title, section)| {
        let begins = text.get(..title.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(title));
        begins.then(|| (text.get(title.len()..).unwrap_or("").to_ascii_lowercase(), section))
    })?;
    let rest = rest.trim().trim_end_matches("view source").trim_end_matches("raw").trim_end_matches("view parsed").trim();
    let bare =
        rest.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '(' | ')' | ' ' | '{' | '}' | '▼' | '▾' | '.' | 'k' | 'b'));
    bare.then_some(*section)
}

struct Panes {
    exchange: Exchange,
    section: Section,
    start: usize,
    postman: bool,
    /// Something that only such panes have was seen.
    sure: bool,
    failure: Option<Shown<Failure>>,
}

impl Panes {
    fn open(lines: &Lines<'_>, at: usize) -> Option<Panes> {
        let mut panes = Panes {
            exchange: Exchange::default(),
            section: Section::General,
            start: at,
            postman: false,
            sure: false,
            failure: None,
        };
        if let Some(line) = head::parse_request(lines.at(at)).filter(|r| !r.versioned && r.target.starts_with("http")) {
            panes.start = find_first_title(lines, at + 1)?;
            let request = &mut panes.exchange.request;
            *request = record::open(&line, at);
            panes.postman = true;
            for index in at..panes.start {
                panes.summary(if index == at { line.tail } else { lines.at(index) }, index);
            }
            return Some(panes);
        }
        let general = find_general(lines.at(at)).is_some_and(|(name, _)| name == "request url");
        let title = match parse_title(lines.at(at)) {
            Some(Section::General) => find_general(lines.at(at + 1)).is_some(),
            Some(Section::RequestHeaders | Section::ResponseHeaders) => is_header_pane(lines, at + 1),
            _ => false,
        };
        (general || title).then_some(panes)
    }

    /// `403`, `120 ms`: the number without a unit is the status.
    fn summary(&mut self, text: &str, at: usize) {
        if text.trim_start().starts_with("Error: ") {
            self.failure = find_failure(text).map(|failure| Shown::new(failure, at + 1));
        }
        let code = text.split_whitespace().next().and_then(head::parse_code);
        let unit = text.split_whitespace().nth(1).is_some_and(|w| matches!(w, "ms" | "s" | "B" | "KB" | "kB"));
        if let Some(code) = code.filter(|_| !unit) {
            self.status(code, at);
        }
    }

    fn status(&mut self, code: u16, at: usize) {
        self.response().status = Some(Shown::new(code, at + 1));
    }

    fn response(&mut self) -> &mut Response {
        self.exchange.response.get_or_insert_default()
    }

    /// Takes what begins at a line; tells the line after it, or nothing where the panes end.
    fn take(&mut self, lines: &Lines<'_>, at: usize) -> Option<usize> {
        let line = lines.at(at);
        if line.trim().is_empty() {
            return Some(at + 1);
        }
        if let Some((name, value)) = find_general(line) {
            return self.general(lines, at, name, value);
        }
        if let Some(section) = parse_title(line) {
            self.section = section;
            return Some(at + 1);
        }
        match self.section {
            Section::RequestHeaders | Section::ResponseHeaders => self.header(lines, at),
            Section::RequestBody | Section::ResponseBody => self.body(lines, at),
            Section::General => self.bare_header(lines, at),
            Section::Other => head::parse_header(line, at + 1).map(|_| at + 1),
        }
    }

    fn general(&mut self, lines: &Lines<'_>, at: usize, name: &str, value: &str) -> Option<usize> {
        let (value, number) = if value.is_empty() { (lines.at(at + 1).trim(), at + 1) } else { (value, at) };
        // A second call begins.
        if name == "request url" && self.exchange.request.target.is_some() {
            return None;
        }
        let request = &mut self.exchange.request;
        request.source = Source::Wire;
        match name {
            "request url" => request.target = record::parse_target(value).map(|target| Shown::new(target, number + 1)),
            "request method" => request.verb = Some(Shown::new(value.to_owned(), number + 1)),
            "status code" => {
                if let Some(code) = value.split_whitespace().find_map(head::parse_code) {
                    self.status(code, number);
                }
            }
            _ => {}
        }
        self.sure = true;
        Some(number + 1)
    }

    /// After the general part without a title: headers of the answer, until the pseudo headers of the request.
    fn bare_header(&mut self, lines: &Lines<'_>, at: usize) -> Option<usize> {
        let text = lines.at(at).trim();
        if !self.sure || !(text.ends_with(':') || head::parse_header(text, 1).is_some()) {
            return None;
        }
        self.section = if text.starts_with(':') { Section::RequestHeaders } else { Section::ResponseHeaders };
        self.header(lines, at)
    }

    fn header(&mut self, lines: &Lines<'_>, at: usize) -> Option<usize> {
        let text = lines.at(at).trim();
        if let Some(line) = head::parse_request(text).filter(|r| r.versioned) {
            self.exchange.request.verb.get_or_insert_with(|| Shown::new(line.verb.to_owned(), at + 1));
            return Some(at + 1);
        }
        if let Some((code, _)) = head::parse_status(text) {
            self.status(code, at);
            return Some(at + 1);
        }
        if text.to_ascii_lowercase().contains("provisional headers are shown") || text == "Learn more" {
            return Some(at + 1);
        }
        if text.starts_with(':') && self.section == Section::ResponseHeaders {
            self.section = Section::RequestHeaders;
        }
        let (header, end) = parse_pane_header(lines, at)?;
        match self.section {
            Section::RequestHeaders => self.exchange.request.headers.push(header),
            _ => self.response().headers.push(header),
        }
        Some(end)
    }

    fn body(&mut self, lines: &Lines<'_>, at: usize) -> Option<usize> {
        let request = self.section == Section::RequestBody;
        let taken = if request { &self.exchange.request.body } else { &self.response().body };
        if taken.is_some() {
            return None;
        }
        if let Some((form, end)) = self.form(lines, at).filter(|_| request) {
            self.exchange.request.body = Some(Shown::new(form, at + 1));
            return Some(end);
        }
        // The title promises a body, whatever the headers say.
        let promise = [Header::new("content-length", "", at + 1)];
        let extent = body::find_body(lines, at, 0, &promise)?;
        let body = Some(extent.shown());
        match request {
            true => self.exchange.request.body = body,
            false => self.response().body = body,
        }
        Some(extent.end)
    }

    /// The fields of a form, a line each: `name: "value"`.
    fn form(&self, lines: &Lines<'_>, at: usize) -> Option<(String, usize)> {
        let kind = find_header(&self.exchange.request.headers, "content-type")?;
        if !kind.value.starts_with("application/x-www-form-urlencoded") {
            return None;
        }
        let field = |n: usize| {
            let (name, value) = lines.at(n).trim().split_once(": ")?;
            Some((name.trim_matches('"'), value.trim_end_matches(',').strip_prefix('"')?.strip_suffix('"')?))
        };
        let fields: Vec<(&str, &str)> = (at..lines.len().min(at + MOST_FIELDS)).map_while(field).collect();
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        (!fields.is_empty()).then_some((form, at + fields.len()))
    }

    fn keep(mut self, found: &mut Found) -> bool {
        let request = &mut self.exchange.request;
        plain::complete(request);
        let answered = self.exchange.response.is_some();
        if request.target.is_none() && request.headers.is_empty() && !answered {
            return false;
        }
        found.failures.extend(self.failure);
        // Postman's console shows every header that it sends.
        let has = |name| find_header(&request.headers, name).is_some();
        request.whole |= self.postman && has("host") && has("user-agent");
        request.source = Source::Wire;
        request.client = match (request.client, self.postman) {
            ("", true) => "postman",
            ("", false) if self.sure => "browser",
            (client, _) => client,
        };
        found.by(if self.postman || self.exchange.request.client == "postman" { "Postman console" } else { "browser panes" });
        record::record(self.exchange, found);
        true
    }
}

/// `Request URL: …` and its like; the value may stand on the next line.
fn find_general(line: &str) -> Option<(&'static str, &str)> {
    const NAMES: &[&str] = &["request url", "request method", "status code", "remote address", "referrer policy"];
    let text = line.trim();
    let (name, value) = text.split_once(':').unwrap_or((text, ""));
    let name = NAMES.iter().find(|n| n.eq_ignore_ascii_case(name.trim()))?;
    Some((name, value.trim()))
}

/// The title of a section, behind what stands between it and the request line.
fn find_first_title(lines: &Lines<'_>, at: usize) -> Option<usize> {
    (at..lines.len().min(at + LONGEST_SUMMARY)).find(|&i| {
        let section = parse_title(lines.at(i));
        matches!(section, Some(s) if s != Section::Other && s != Section::General)
    })
}

fn is_header_pane(lines: &Lines<'_>, at: usize) -> bool {
    let text = lines.at(at).trim();
    head::parse_request(text).is_some_and(|r| r.versioned)
        || head::parse_status(text).is_some()
        || parse_pane_header(lines, at).is_some()
}

/// `name: value`, `name: "value"`, or a name with or without a colon and the value on the next line.
fn parse_pane_header(lines: &Lines<'_>, at: usize) -> Option<(Header, usize)> {
    let text = lines.at(at).trim();
    if let Some(mut header) = head::parse_header(text, at + 1).filter(|h| !h.value.is_empty()) {
        let quoted = header.value.strip_prefix('"').and_then(|v| v.trim_end_matches(',').strip_suffix('"'));
        header.value = quoted.map(str::to_owned).unwrap_or(header.value);
        return Some((header, at + 1));
    }
    let colon = text.strip_suffix(':');
    let name = colon.unwrap_or(text);
    let token = head::is_name(name.strip_prefix(':').unwrap_or(name));
    // Without a colon only a name in lower case with a hyphen is taken for one: prose has words.
    let plausible =
        colon.is_some() || name.contains('-') || matches!(name, "accept" | "date" | "server" | "via" | "host" | "origin");
    let value = lines.at(at + 1).trim();
    let header = Header::new(name, value, at + 1);
    (token && plausible && !value.is_empty() && parse_title(value).is_none()).then_some((header, at + 2))
}
