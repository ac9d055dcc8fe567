//! Execution logs of API Gateway and logs of Lambda functions. Start at [`read`].

mod execution;
mod lambda;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value as Json;

use super::super::lines::Lines;
use super::super::wire::{ErrorSeen, Found, Run, Shown, Strength};
use super::bodies::cut;

/// Longer lines are looked at up to here.
const LIMIT: usize = 8 * 1024;

/// What `aws logs tail`, the console's table and its CSV export put before a line.
static PREFIX: LazyLock<Regex> = LazyLock::new(|| {
    let time = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?";
    let stream = r"(?:\S{0,80}\d{4}/\d\d/\d\d/\S*\[[^\]]{1,40}\][0-9a-f]{8,40}|[0-9a-f]{32})";
    regex(&format!(r"^\s*(?:\|\s*)?(?:{time}|\d{{13}})(?:\s*[|,\t]\s*|\s+)(?:{stream}(?:\s*[|,\t]\s*|\s+))?"))
});

/// Takes the lines of a log that begins here.
pub fn read(lines: &Lines<'_>, at: usize, found: &mut Found) -> Option<usize> {
    let line = strip(lines.at(at));
    if line.len() < 8 {
        return None;
    }
    execution::read(lines, at, line, found).or_else(|| lambda::read(lines, at, line, found))
}

/// A line of a Lambda log in JSON format.
pub fn take(value: &Json, line: usize, found: &mut Found) -> bool {
    execution::take(value, line, found) || lambda::take(value, line, found)
}

/// A line without what stands before it.
fn strip(line: &str) -> &str {
    let line = cut(line, LIMIT);
    // Most lines begin with a letter, and no prefix does.
    let first = line.trim_start().bytes().next();
    let inner = match first {
        Some(b'|' | b'0'..=b'9') => PREFIX.find(line).map_or(line, |prefix| line.get(prefix.end()..).unwrap_or(line)),
        _ => line,
    };
    inner.trim().trim_end_matches('|').trim_end()
}

fn tell(code: Option<&str>, message: &str, line: usize, found: &mut Found) {
    let text = |t: &str| Some(t.trim().to_owned()).filter(|t| !t.is_empty());
    let (code, message) = (code.and_then(text), text(message));
    if code.is_some() || message.is_some() {
        found.errors.push(ErrorSeen { code, message, status: None, strength: Strength::Told, line });
    }
}

fn run(run: Run, line: usize, found: &mut Found) {
    // The same run is told by several lines: what could not load has thrown as well.
    let near = found.runs.last().filter(|last| line.saturating_sub(last.line) <= 20);
    match near.map(|last| last.value) {
        Some(last) if last == run => {}
        Some(Run::CannotLoad | Run::OutOfMemory | Run::TimedOut) if run == Run::Exception => {}
        Some(Run::Exception) if run != Run::Finished => {
            found.runs.pop();
            found.runs.push(Shown::new(run, line));
        }
        _ => found.runs.push(Shown::new(run, line)),
    }
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern")
}
