//! Execution logs of API Gateway: of CloudWatch, and of a test invocation.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value as Json;

use super::super::super::derive::errors::EXECUTION;
use super::super::super::lines::Lines;
use super::super::super::wire::{ErrorSeen, Exchange, Found, Header, Request, Response, Run, Shown, Source};
use super::super::bodies;
use super::{regex, run, strip, tell};

/// `(id) message` of CloudWatch, `Thu Jan 01 00:00:00 UTC 2024 : message` of a test invocation.
static FRAME: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"^(?:\(([0-9a-f-]{8,36})\) |(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \w{3} \d\d \d\d:\d\d:\d\d \w{3,4} \d{4} : )(.*)$")
});
/// Sentences that only such a log has, for lines of which the id was not copied.
static KNOWN: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^(?:Execution failed due to|Malformed Lambda proxy response|Lambda execution failed with status \d+ due to|Method completed with status: \d|Endpoint (?:request|response) (?:URI|body|headers)|Method (?:request|response) (?:path|query string|headers|body)|Gateway response type: [A-Z_]+ with status code|Verifying Usage Plan for request|API Key .{0,10}not authorized|Usage Plan check|HTTP Method: [A-Z]+, Resource Path: |Invalid permissions on Lambda function|Starting execution for request: |Successfully completed execution|Sending request to https://lambda)",
    )
});
static METHOD: LazyLock<Regex> = LazyLock::new(|| regex(r"HTTP Method: ([A-Z]+), Resource Path: "));
static COMPLETED: LazyLock<Regex> = LazyLock::new(|| regex(r"^Method completed with status: (\d{3})"));
static GATEWAY: LazyLock<Regex> = LazyLock::new(|| regex(r"^Gateway response type: ([A-Z_0-9]+) with status code: (\d{3})"));
static FAULT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)failed|\berror\b|not authorized|unauthorized|denied|invalid|exceeded|malformed|not (?:enabled|associated)|no usage plan",
    )
});

const LINES: usize = 500;

/// Takes all lines of one log.
pub fn read(lines: &Lines<'_>, at: usize, line: &str, found: &mut Found) -> Option<usize> {
    find_message(line)?;
    let mut shown = Told::default();
    let mut next = at;
    while next < lines.len().min(at + LINES) {
        let line = strip(lines.at(next));
        let Some((id, message)) = find_message(line) else { break };
        // Another request of the same log is another exchange.
        if !id.is_empty() && !shown.id.is_empty() && id != shown.id {
            break;
        }
        shown.id = if id.is_empty() { shown.id } else { id.to_owned() };
        shown.read(message, next + 1, found);
        next += 1;
    }
    found.by(EXECUTION);
    shown.push(found);
    Some(next)
}

/// The output of `aws apigateway test-invoke-method` holds such a log in one string.
pub fn take(value: &Json, line: usize, found: &mut Found) -> bool {
    let Some(text) = value.get("log").and_then(Json::as_str).filter(|t| t.starts_with("Execution log for request ")) else {
        return false;
    };
    let mut inner = Found::default();
    if read(&Lines::new(text), 0, strip(text.lines().next().unwrap_or("")), &mut inner).is_none() {
        return false;
    }
    found.errors.extend(inner.errors.into_iter().map(|error| ErrorSeen { line, ..error }));
    found.runs.extend(inner.runs.into_iter().map(|run| Shown::new(run.value, line)));
    let at = |number: &mut usize| *number = line;
    for mut exchange in inner.exchanges {
        exchange.request.verb.iter_mut().for_each(|verb| at(&mut verb.line));
        if let Some(response) = &mut exchange.response {
            response.status.iter_mut().for_each(|status| at(&mut status.line));
            response.headers.iter_mut().for_each(|header| at(&mut header.line));
            response.body.iter_mut().for_each(|body| at(&mut body.line));
        }
        found.exchanges.push(exchange);
    }
    found.by(EXECUTION);
    true
}

fn find_message(line: &str) -> Option<(&str, &str)> {
    if let Some(all) = FRAME.captures(line) {
        let message = all.get(2)?.as_str();
        // Other programs write an id in parentheses as well.
        return Some((all.get(1).map_or("", |id| id.as_str()), message));
    }
    if line.starts_with("Execution log for request ") {
        return Some(("", line));
    }
    KNOWN.is_match(line).then_some(("", line))
}

#[derive(Default)]
struct Told {
    id: String,
    verb: Option<Shown<String>>,
    status: Option<Shown<u16>>,
    headers: Vec<Header>,
    body: Option<Shown<String>>,
}

impl Told {
    fn read(&mut self, message: &str, line: usize, found: &mut Found) {
        if let Some(all) = METHOD.captures(message) {
            self.verb = all.get(1).map(|verb| Shown::new(verb.as_str().to_owned(), line));
        } else if let Some(status) = COMPLETED.captures(message).and_then(|all| all.get(1)?.as_str().parse().ok()) {
            self.status = Some(Shown::new(status, line));
        } else if let Some(all) = GATEWAY.captures(message) {
            self.status = all.get(2).and_then(|s| s.as_str().parse().ok()).map(|status| Shown::new(status, line));
            tell(None, message, line, found);
        } else if let Some(text) = message.strip_prefix("Method response headers: ") {
            self.headers = list_headers(text, line);
        } else if let Some(text) = message.strip_prefix("Method response body after transformations: ") {
            self.body = Some(Shown::new(text.to_owned(), line));
            found.errors.extend(bodies::list_errors(text, line));
        } else if let Some(text) = message.strip_prefix("Endpoint response body before transformations: ") {
            read_answer(text, line, found);
        } else if !is_shown(message) && FAULT.is_match(message) {
            tell(None, message, line, found);
            read_fault(message, line, found);
        }
    }

    fn push(self, found: &mut Found) {
        if self.verb.is_none() && self.status.is_none() {
            return;
        }
        let request = Request { source: Source::Part, verb: self.verb, ..Request::default() };
        let answered = self.status.is_some() || self.body.is_some();
        let response = Response { status: self.status, headers: self.headers, body: self.body };
        found.exchanges.push(Exchange { request, response: answered.then_some(response) });
    }
}

/// What was sent or received says nothing about a failure, whatever words it holds.
fn is_shown(message: &str) -> bool {
    ["Method request", "Endpoint request", "Endpoint response headers", "Request body", "Sending request"]
        .iter()
        .any(|p| message.starts_with(p))
}

/// What a function returned when it failed.
fn read_answer(text: &str, line: usize, found: &mut Found) {
    let Ok(value) = serde_json::from_str::<serde_json::Value>(text) else { return };
    let Some(message) = value.get("errorMessage").and_then(|m| m.as_str()) else { return };
    let kind = value.get("errorType").and_then(|t| t.as_str());
    tell(kind, message, line, found);
    read_failed_run(&format!("{} {message}", kind.unwrap_or("")), line, found);
}

fn read_fault(message: &str, line: usize, found: &mut Found) {
    if let Some((_, told)) = message.split_once("due to customer function error: ") {
        read_failed_run(told, line, found);
    }
}

fn read_failed_run(told: &str, line: usize, found: &mut Found) {
    let kind = match told {
        _ if told.contains("Task timed out") => Run::TimedOut,
        _ if ["Unable to import module", "ImportModuleError", "HandlerNotFound", "UserCodeSyntaxError", "Cannot find module"]
            .iter()
            .any(|m| told.contains(m)) =>
        {
            Run::CannotLoad
        }
        _ if told.contains("signal: killed") || told.contains("OutOfMemory") => Run::OutOfMemory,
        _ => Run::Exception,
    };
    run(kind, line, found);
}

/// `{Name=value, Other=value}`; what is masked is left out.
fn list_headers(text: &str, line: usize) -> Vec<Header> {
    let inner = text.trim().trim_start_matches('{').trim_end_matches('}');
    let pairs = inner.split(", ").filter_map(|pair| pair.split_once('='));
    let shown = pairs.filter(|(name, value)| !name.contains(' ') && !value.starts_with('*') && !value.ends_with("[TRUNCATED]"));
    shown.map(|(name, value)| Header::new(name, value, line)).collect()
}
