//! URLs in a text that look like the call, and redirects that carry an error.

use std::sync::LazyLock;

use percent_encoding::percent_decode_str;
use regex::Regex;

use super::super::super::wire::{ErrorSeen, Exchange, Found, Request, Response, Shown, Source, Strength, Target, parameters};
use super::super::bodies::codes;

static URL: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r#"(?:\b(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\s+[`'"<]?)?\b((?:https?|wss?)://[^\s"'<>`\\^{}|]+)"#;
    Regex::new(pattern).expect("a constant pattern")
});

/// Hosts that are talked about and not called.
const READING: &[&str] =
    &["docs.", "console.", "repost.aws", "aws.amazon.com", "github.com", "stackoverflow.com", "w3.org", "schemas."];

/// A line of a list: a URL and the status that it was answered with.
static ANSWERED: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r#"^[\s*•+-]*(?:(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\s+)?[`'"<]?(https?://[^\s"'<>`\\^{}|,]+)[`'">]?[\s:,|]*(?:->|=>|→|=|-)?\s*(?:HTTP(?:/[\d.]+)?\s+)?([2-5]\d\d)(?:\s[\w '.-]{0,40})?$"#;
    Regex::new(pattern).expect("a constant pattern")
});

pub fn scan(line: &str, number: usize, found: &mut Found) {
    if line.contains("://") && line.len() < 2048 && take_answered(line, number, found) {
        return;
    }
    if line.contains("://") {
        for all in URL.captures_iter(line).take(20) {
            let verb = all.get(1).map(|v| v.as_str());
            if let Some(target) = all.get(2).and_then(|url| find_call(trim(url.as_str()))) {
                push(verb, target, number, found);
            }
        }
    }
    if line.contains("error=") {
        scan_redirect(line, number, found);
    }
}

fn take_answered(line: &str, number: usize, found: &mut Found) -> bool {
    let Some(all) = ANSWERED.captures(line.trim_end()) else { return false };
    let target = all.get(2).and_then(|url| Target::parse(trim(url.as_str()))).filter(|target| !is_reading(target));
    let status = all.get(3).and_then(|status| status.as_str().parse().ok());
    let (Some(target), Some(status)) = (target, status) else { return false };
    push(all.get(1).map(|v| v.as_str()), target, number, found);
    if let Some(exchange) = found.exchanges.last_mut() {
        exchange.response = Some(Response { status: Some(Shown::new(status, number)), ..Response::default() });
    }
    true
}

/// A page to read is no call.
fn is_reading(target: &Target) -> bool {
    let host = target.host.to_ascii_lowercase();
    READING.iter().any(|part| host.starts_with(part) || host.ends_with(part))
}

/// What ends a sentence or closes a bracket is no part of a URL.
fn trim(url: &str) -> &str {
    let mut url = url;
    loop {
        let shorter = url.trim_end_matches(['.', ',', ';', ':', '!', '?', '*']);
        let shorter = match shorter.strip_suffix(')') {
            Some(inner) if !inner.contains('(') => inner,
            _ => shorter.strip_suffix(']').unwrap_or(shorter),
        };
        if shorter.len() == url.len() {
            return url;
        }
        url = shorter;
    }
}

fn find_call(url: &str) -> Option<Target> {
    let target = Target::parse(url)?;
    let host = target.host.to_ascii_lowercase();
    let called = host.contains("execute-api.")
        || host.ends_with(".amazoncognito.com")
        || host.starts_with("cognito-id")
        || (host.contains("amazonaws.com") && (host.starts_with("s3") || host.contains(".s3")))
        || host.ends_with(".on.aws")
        || host.ends_with(".cloudfront.net")
        || matches!(host.as_str(), "localhost" | "127.0.0.1" | "0.0.0.0" | "[::1]");
    (called && !is_reading(&target)).then_some(target)
}

fn push(verb: Option<&str>, target: Target, line: usize, found: &mut Found) {
    let request = Request {
        source: Source::Part,
        verb: verb.map(|verb| Shown::new(verb.to_owned(), line)),
        target: Some(Shown::new(target, line)),
        ..Request::default()
    };
    found.exchanges.push(Exchange { request, response: None });
    found.by("URL");
}

/// `…?error=redirect_mismatch&client_id=…`, on whatever host.
fn scan_redirect(line: &str, number: usize, found: &mut Found) {
    let Some((_, tail)) = line.split_once(['?', '#']) else { return };
    let end = tail.find(|c: char| c.is_whitespace() || "\"'<>`)".contains(c)).unwrap_or(tail.len());
    let query = tail.get(..end).unwrap_or(tail);
    let find = |name: &str| parameters(query).find(|(n, _)| *n == name).map(|(_, value)| value);
    let Some(code) = find("error").filter(|code| codes::can_be_code(code)) else { return };
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let message = find("error_description").map(decode);
    found.errors.push(ErrorSeen { code: Some(code.to_owned()), message, status: None, strength: Strength::Told, line: number });
    found.by("redirect");
}
