//! Errors, failures of the network and what logs tell.

pub mod own;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use regex::Regex;

use super::super::facts::{ErrorFacts, Facts};
use super::super::wire::{ErrorSeen, Exchange, Failure, Found, Run, Shown, Strength};

/// `exchange` is the chosen one: its own errors come first.
pub fn derive(exchange: Option<&Exchange>, found: &Found, facts: &mut Facts) {
    let own = exchange.map(own::list).unwrap_or_default();
    let others = found.errors.iter().filter(|error| belongs(error, exchange)).cloned().collect();
    fill_errors(&own, order(others), &mut facts.error);
    if let Some(client) = found.client.as_ref().filter(|_| !facts.request.shown.value) {
        facts.request.client.set(client.value, client.line);
    }
    fill_network(exchange, found, facts);
    fill_log(found, facts);
    if let Some(line) = find_blocked(found) {
        facts.cors.blocked.set(true, line);
    }
}

/// An error of a header or a body that is not the chosen exchange's was another one's, if that exchange shows its answer.
fn belongs(error: &ErrorSeen, exchange: Option<&Exchange>) -> bool {
    let answered = exchange.and_then(|e| e.response.as_ref()).is_some_and(|r| r.body.is_some() || !r.headers.is_empty());
    error.strength > Strength::Body || !answered
}

/// Strong ones first; of equal ones the last.
fn order(mut errors: Vec<ErrorSeen>) -> Vec<ErrorSeen> {
    errors.reverse();
    errors.sort_by_key(|error| error.strength);
    errors
}

static OPERATION: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r#"^An error occurred \([^)]*\) when calling the (\w+) operation(?: \([^)]*\))?: ?|^(?:\w+: )?operation error [\w ]+: (\w+), |^Error executing "(\w+)" on "#;
    Regex::new(pattern).expect("a constant pattern")
});

fn fill_errors(own: &[ErrorSeen], others: Vec<ErrorSeen>, facts: &mut ErrorFacts) {
    for error in own.iter().chain(&others) {
        if let Some(code) = &error.code {
            if facts.code.value.is_empty() {
                facts.code.set(code.as_str(), error.line);
            }
            add(&mut facts.codes.value, code);
            facts.codes.line = first(facts.codes.line, error.line);
        }
        if let Some(message) = &error.message {
            let bare = read_operation(message, error.line, facts);
            add(&mut facts.messages.value, bare);
            facts.messages.line = first(facts.messages.line, error.line);
        }
    }
    let line = first(facts.messages.line, facts.codes.line);
    let text: Vec<&str> = facts.codes.value.iter().chain(&facts.messages.value).map(String::as_str).collect();
    let text = text.join("\n");
    if !text.is_empty() {
        facts.text.set(text, line);
    }
    fill_expected(own, &others, facts);
}

fn add(all: &mut Vec<String>, text: &str) {
    if !text.is_empty() && !all.iter().any(|other| other == text) {
        all.push(text.to_owned());
    }
}

fn first(line: usize, other: usize) -> usize {
    if line == 0 { other } else { line }
}

/// The message of an SDK names the operation before it comes to the service's own words.
fn read_operation<'a>(message: &'a str, line: usize, facts: &mut ErrorFacts) -> &'a str {
    let Some(all) = OPERATION.captures(message) else { return message };
    if let Some(name) = all.iter().skip(1).flatten().next()
        && facts.operation.value.is_empty()
    {
        facts.operation.set(name.as_str(), line);
    }
    let end = all.get(0).map_or(0, |whole| whole.end());
    match message.starts_with("An error occurred") {
        true => message.get(end..).unwrap_or(message),
        false => message,
    }
}

static EXPECTED: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"expecting '([^']{1,80})'|correct service: '([^']{1,80})'|scoped to a valid region, not '[^']*'; expecting '([^']{1,80})'|correct service:? ?([a-z0-9-]{2,40})\b|Expecting region '([^']{1,80})'";
    Regex::new(pattern).expect("a constant pattern")
});

/// What is expected has to be told alike wherever it is told.
fn fill_expected(own: &[ErrorSeen], others: &[ErrorSeen], facts: &mut ErrorFacts) {
    let mut told: Vec<(&str, usize)> = Vec::new();
    for error in own.iter().chain(others) {
        let message = error.message.as_deref().unwrap_or("");
        if let Some(word) = EXPECTED.captures(message).and_then(|all| all.iter().skip(1).flatten().next().map(|w| w.as_str())) {
            told.push((word, error.line));
        }
    }
    if let Some((word, line)) = told.first()
        && told.iter().all(|(other, _)| other == word)
    {
        facts.expected.set(*word, *line);
    }
}

/// Nothing failed on the way to an answer that was shown, and what a function could not reach is no failure of its caller.
fn fill_network(exchange: Option<&Exchange>, found: &Found, facts: &mut Facts) {
    let answered = exchange.and_then(|e| e.response.as_ref()).is_some_and(|r| r.status.is_some() || r.body.is_some());
    if answered || found.readers.contains(&LAMBDA) || found.readers.contains(&EXECUTION) {
        return;
    }
    if let Some(failure) = agreed(&found.failures) {
        let word = match failure.value {
            Failure::NoName => "no-name",
            Failure::TimeOut => "time-out",
            Failure::Refused => "refused",
            Failure::Tls => "tls",
        };
        facts.network.failure.set(word, failure.line);
    }
    if found.connected.is_empty()
        && let Some(failure) = agreed(&found.failures).filter(|f| f.value != Failure::TimeOut)
    {
        facts.network.connected.set(if failure.value == Failure::Tls { "yes" } else { "no" }, failure.line);
    }
    if let Some(connected) = agreed(&found.connected) {
        facts.network.connected.set(if connected.value { "yes" } else { "no" }, connected.line);
    }
}

/// The last of several that tell the same.
fn agreed<T: PartialEq>(all: &[Shown<T>]) -> Option<&Shown<T>> {
    let last = all.last()?;
    all.iter().all(|one| one.value == last.value).then_some(last)
}

/// The readers' names for logs.
pub const LAMBDA: &str = "Lambda log";
pub const EXECUTION: &str = "execution log";

fn fill_log(found: &Found, facts: &mut Facts) {
    // Of several runs the one that failed is what somebody asks about.
    let failed: Vec<Shown<Run>> = found.runs.iter().filter(|run| run.value != Run::Finished).cloned().collect();
    if let Some(run) = agreed(if failed.is_empty() { &found.runs } else { &failed }) {
        let word = match run.value {
            Run::CannotLoad => "cannot-load",
            Run::Exception => "exception",
            Run::TimedOut => "timed-out",
            Run::OutOfMemory => "out-of-memory",
            Run::Finished => "finished",
        };
        facts.log.run.set(word, run.line);
    }
    let line = found.runs.first().map_or(1, |run| run.line);
    if found.readers.contains(&LAMBDA) {
        facts.log.lambda.set(true, line);
    }
    if found.readers.contains(&EXECUTION) {
        facts.log.execution.set(true, line);
    }
}

/// The line on which a browser says that CORS blocked the request.
fn find_blocked(found: &Found) -> Option<usize> {
    if !found.readers.contains(&"browser console") {
        return None;
    }
    let request = found.errors.iter().rfind(|error| {
        let message = error.message.as_deref().unwrap_or("");
        error.strength == Strength::Told
            && ["preflight", "Access-Control", "CORS", "access control"].iter().any(|mark| message.contains(mark))
    });
    Some(request.map_or(1, |error| error.line))
}
