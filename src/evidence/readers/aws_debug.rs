//! The log of `aws --debug` and of botocore.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value as Json;

use super::super::lines::Lines;
use super::super::wire::{Exchange, Found, Header, Request, Response, Shown, Source, Target};
use super::bodies::cut;
use super::json::loose;

/// Longer lines are looked at up to here.
const LIMIT: usize = 64 * 1024;
/// How many lines a canonical request or a body may have.
const LINES: usize = 200;

/// `time - thread - logger - LEVEL - message`, `time logger [LEVEL] message`, `LEVEL:logger:message`.
static FRAME: LazyLock<Regex> = LazyLock::new(|| {
    let logger = r"(?:botocore|boto3|awscli|urllib3|s3transfer|bcdoc|hooks)[\w.]*";
    let time = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[,.]\d+";
    let pattern = format!(r"^(?:{time} - [^ ]+ - {logger} - [A-Z]+ - |{time} {logger} (?:[A-Z]+|\[[A-Z]+\]) |[A-Z]+:{logger}:)");
    Regex::new(&pattern).expect("a constant pattern")
});
static SENT: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"^Sending http request: <AWSPreparedRequest stream_output=\w+, method=([A-Z]+), url=(\S+), headers=";
    Regex::new(pattern).expect("a constant pattern")
});
static ANSWERED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"^https?://\S+ "[A-Z]+ \S+ HTTP/[\d.]+" (\d{3}) "#).expect("a constant pattern"));

/// Takes the log up to the first line that does not belong to it.
pub fn read(lines: &Lines<'_>, at: usize, found: &mut Found) -> Option<usize> {
    find_message(lines.at(at))?;
    let mut log = Log::default();
    let mut next = at;
    while let Some(message) = find_message(lines.at(next)) {
        next = log.read(lines, next, message, found);
    }
    log.push(found);
    found.by("botocore debug log");
    Some(next)
}

fn find_message(line: &str) -> Option<&str> {
    let line = cut(line, LIMIT);
    let first = line.bytes().next()?;
    if !(first.is_ascii_digit() || first.is_ascii_uppercase()) {
        return None;
    }
    line.get(FRAME.find(line)?.end()..)
}

/// The exchange that the log is telling.
#[derive(Default)]
struct Log {
    exchange: Option<Exchange>,
}

impl Log {
    fn read(&mut self, lines: &Lines<'_>, at: usize, message: &str, found: &mut Found) -> usize {
        if let Some(request) = parse_request(message, at + 1) {
            self.push(found);
            self.exchange = Some(Exchange { request, response: None });
        } else if let Some(status) = ANSWERED.captures(message).and_then(|all| all.get(1)?.as_str().parse().ok()) {
            self.answer().status = Some(Shown::new(status, at + 1));
        } else if let Some(repr) = message.strip_prefix("Response headers: ") {
            self.answer().headers = list_headers(repr, at + 1);
        } else if message.starts_with("Response body:") {
            return self.read_body(lines, at + 1);
        }
        at + 1 + count_behind(lines, at, message)
    }

    fn answer(&mut self) -> &mut Response {
        self.exchange.get_or_insert_default().response.get_or_insert_default()
    }

    /// The body stands as bytes on one line, or as it came up to the next line of the log.
    fn read_body(&mut self, lines: &Lines<'_>, at: usize) -> usize {
        let first = lines.at(at);
        if let Some((body, _)) = loose::parse_text(cut(first, LIMIT)).filter(|_| first.starts_with(['b', '\'', '"'])) {
            self.answer().body = Some(Shown::new(body, at + 1));
            return at + 1;
        }
        if find_message(first).is_some() || first.is_empty() {
            return at;
        }
        let end = (at..lines.len().min(at + LINES)).find(|&n| find_message(lines.at(n)).is_some()).unwrap_or(at + 1);
        self.answer().body = Some(Shown::new(lines.between(at, end).to_owned(), at + 1));
        end
    }

    fn push(&mut self, found: &mut Found) {
        found.exchanges.extend(self.exchange.take());
    }
}

/// How many lines below belong to a message.
fn count_behind(lines: &Lines<'_>, at: usize, message: &str) -> usize {
    let end = lines.len().min(at + 1 + LINES);
    let last = match message.trim_end() {
        "CanonicalRequest:" => (at + 1..end).find(|&n| is_hash(lines.at(n)) || find_message(lines.at(n)).is_some()),
        "StringToSign:" => Some((at + 4).min(end)),
        "Signature:" => Some(at + 1),
        _ => None,
    };
    match last {
        Some(last) => (at + 1..=last).take_while(|&n| n < lines.len() && find_message(lines.at(n)).is_none()).count(),
        None => 0,
    }
}

fn is_hash(line: &str) -> bool {
    (line.len() == 64 && line.bytes().all(|b| b.is_ascii_hexdigit()))
        || line == "UNSIGNED-PAYLOAD"
        || line.starts_with("STREAMING-")
}

fn parse_request(message: &str, line: usize) -> Option<Request> {
    let all = SENT.captures(message)?;
    let headers = list_headers(message.get(all.get(0)?.end()..)?, line);
    let agent = headers.iter().find(|h| h.name.eq_ignore_ascii_case("user-agent")).map_or("", |h| &h.value);
    Some(Request {
        source: Source::Wire,
        verb: Some(Shown::new(all.get(1)?.as_str().to_owned(), line)),
        target: Target::parse(all.get(2)?.as_str()).map(|target| Shown::new(target, line)),
        client: if agent.starts_with("aws-cli") { "aws-cli" } else { "boto3" },
        whole: !headers.is_empty(),
        headers,
        ..Request::default()
    })
}

fn list_headers(repr: &str, line: usize) -> Vec<Header> {
    let Some((Json::Object(all), _)) = loose::parse(repr) else { return Vec::new() };
    let text = |value: &Json| value.as_str().map(str::to_owned).or_else(|| value.is_number().then(|| value.to_string()));
    all.iter().filter_map(|(name, value)| Some(Header::new(name, text(value)?, line))).collect()
}
