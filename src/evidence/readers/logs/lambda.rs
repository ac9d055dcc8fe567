//! Logs of Lambda functions, as text and in JSON format.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value as Json;

use super::super::super::derive::errors::LAMBDA;
use super::super::super::lines::Lines;
use super::super::super::wire::{Found, Run, Strength};
use super::super::{exceptions, json};
use super::{regex, run, strip, tell};

static FRAME: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"^(START|END|REPORT|INIT_REPORT|INIT_START)\b (?:RequestId: ([0-9a-fA-F-]{8,36}))?(?:.*\bStatus: (\w+))?")
});
/// How a run can end, the most telling first.
static ENDS: LazyLock<[(Run, Regex); 4]> = LazyLock::new(|| {
    [
        (Run::TimedOut, regex(r"Task timed out after \d+(?:\.\d+)? seconds")),
        (
            Run::OutOfMemory,
            regex(
                r"Runtime exited with error: signal: killed|Runtime\.OutOfMemory|heap out of memory|java\.lang\.OutOfMemoryError|^(?:\[ERROR\] )?MemoryError",
            ),
        ),
        (
            Run::CannotLoad,
            regex(
                r"Unable to import module|Runtime\.(?:ImportModuleError|HandlerNotFound|UserCodeSyntaxError|MalformedHandlerName|InvalidEntrypoint|InvalidWorkingDir)|^Error loading class|^Class not found:",
            ),
        ),
        (
            Run::Exception,
            regex(
                r"^\[ERROR\]|\tERROR\t(?:Invoke Error|Uncaught Exception|Unhandled Promise)|Runtime exited (?:with error|without)|Runtime\.(?:ExitError|UnhandledPromiseRejection|Unknown)",
            ),
        ),
    ]
});
/// What one of them needs: most lines do not hold it.
static ENDED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"timed out after|Runtime|OutOfMemory|out of memory|MemoryError|Unable to import|^\[ERROR\]|\tERROR\t|^Error loading class|^Class not",
    )
});
static ERROR: LazyLock<Regex> = LazyLock::new(|| regex(r"^\[ERROR\]\s+(?:\S+Z\s+[0-9a-f-]{36}\s+)?([A-Za-z][\w.]*)?(?:: (.*))?"));
static MEMORY: LazyLock<Regex> = LazyLock::new(|| regex(r"Memory Size: (\d+) MB\s+Max Memory Used: (\d+) MB"));

/// How many lines a run may have.
const LINES: usize = 5000;

/// Takes one run from its `START` to its `REPORT`, or a line that tells alone how a run ended.
pub fn read(lines: &Lines<'_>, at: usize, line: &str, found: &mut Found) -> Option<usize> {
    if let Some(frame) = FRAME.captures(line) {
        found.by(LAMBDA);
        return Some(match frame.get(1)?.as_str() {
            "START" => read_run(lines, at, frame.get(2).map_or("", |id| id.as_str()), found),
            _ => {
                note_report(line, at + 1, found);
                at + 1
            }
        });
    }
    if !read_end(lines, at, line, found) && !read_json(lines, at, line, found) {
        return None;
    }
    found.by(LAMBDA);
    Some(at + 1)
}

/// JSON behind the time and the stream that `aws logs tail` writes.
fn read_json(lines: &Lines<'_>, at: usize, line: &str, found: &mut Found) -> bool {
    if !line.starts_with('{') || lines.at(at).trim_start().starts_with('{') {
        return false;
    }
    serde_json::from_str(line).is_ok_and(|value: Json| take(&value, at + 1, found) || json::take(&value, lines, at, found))
}

/// A run has finished when it reports, and nothing before that tells an error.
fn read_run(lines: &Lines<'_>, at: usize, id: &str, found: &mut Found) -> usize {
    // What earlier runs told is kept apart, so that this one is judged by its own lines.
    let mut earlier = std::mem::take(&mut found.runs);
    let told = found.errors.len();
    let (ended, next) = read_lines(lines, at, id, found);
    // An exception that was printed may have ended the run or not: the log of Java and of others does not say.
    let threw = found.errors.iter().skip(told).any(|error| error.strength == Strength::Told);
    if ended && found.runs.is_empty() && !threw {
        run(Run::Finished, at + 1, found);
    }
    earlier.append(&mut found.runs);
    found.runs = earlier;
    next
}

/// Reads the lines of a run; tells whether they show its end, and where that is.
fn read_lines(lines: &Lines<'_>, at: usize, id: &str, found: &mut Found) -> (bool, usize) {
    let (mut ended, mut next) = (false, at + 1);
    while next < lines.len().min(at + LINES) {
        let line = strip(lines.at(next));
        if let Some(frame) = FRAME.captures(line) {
            let (kind, other) = (frame.get(1).map_or("", |k| k.as_str()), frame.get(2).map_or("", |i| i.as_str()));
            if kind == "START" || (!other.is_empty() && other != id) {
                break;
            }
            ended = ended || matches!(kind, "END" | "REPORT");
            note_report(line, next + 1, found);
            next += 1;
            if kind == "REPORT" {
                break;
            }
            continue;
        }
        // What a function prints has no end of its own: behind the run's end only its last lines are taken.
        if ended && find_end(line).is_none() {
            break;
        }
        next = read_inner(lines, next, line, found);
    }
    let next = if ended { read_behind(lines, next, id, found) } else { next };
    (ended, next)
}

/// `2024-…Z id Task timed out …` stands behind the report in older logs.
fn read_behind(lines: &Lines<'_>, at: usize, id: &str, found: &mut Found) -> usize {
    let mut next = at;
    for n in at..lines.len().min(at + 4) {
        let line = strip(lines.at(n));
        if line.contains(id) && find_end(line).is_some() && !FRAME.is_match(line) {
            read_end(lines, n, line, found);
            next = n + 1;
        }
    }
    next
}

fn read_inner(lines: &Lines<'_>, at: usize, line: &str, found: &mut Found) -> usize {
    if read_end(lines, at, line, found) || read_json(lines, at, line, found) {
        return at + 1;
    }
    json::read(lines, at, found).or_else(|| exceptions::read(lines, at, found)).unwrap_or(at + 1)
}

/// How a run ended, and where the line begins to say so.
fn find_end(line: &str) -> Option<(Run, usize)> {
    if !ENDED.is_match(line) {
        return None;
    }
    ENDS.iter().find_map(|(run, pattern)| Some((*run, pattern.find(line)?.start())))
}

/// A line that tells how a run ended.
fn read_end(lines: &Lines<'_>, at: usize, line: &str, found: &mut Found) -> bool {
    let Some((kind, start)) = find_end(line) else { return false };
    let number = at + 1;
    if let Some(error) = ERROR.captures(line) {
        let code =
            error.get(1).map(|c| c.as_str()).filter(|c| c.ends_with("Error") || c.ends_with("Exception") || c.contains('.'));
        // `[ERROR]` is a level as well: only with a type does it tell that the run threw.
        if code.is_none() && kind == Run::Exception {
            return false;
        }
        tell(code, error.get(2).map_or("", |m| m.as_str()), number, found);
    } else if let Some((_, object)) = line.split_once('{')
        && let Ok(value) = serde_json::from_str::<Json>(&format!("{{{object}"))
    {
        let text = |name: &str| value.get(name).and_then(Json::as_str);
        tell(text("errorType"), text("errorMessage").unwrap_or(""), number, found);
    } else if lines.at(at).trim().len() < 600 {
        let whole = line.get(start..).unwrap_or("");
        let code = line.split([' ', ':', '\t']).find(|word| word.starts_with("Runtime."));
        tell(code, whole, number, found);
    }
    run(kind, number, found);
    true
}

/// A report names the state since 2023, and the memory always.
fn note_report(line: &str, number: usize, found: &mut Found) {
    let status = FRAME.captures(line).and_then(|all| all.get(3).map(|s| s.as_str().to_owned())).unwrap_or_default();
    let full = MEMORY.captures(line).is_some_and(|all| all.get(1).map(|m| m.as_str()) == all.get(2).map(|m| m.as_str()));
    match status.as_str() {
        "timeout" => run(Run::TimedOut, number, found),
        "error" if line.contains("OutOfMemory") || (full && line.contains("ExitError")) => run(Run::OutOfMemory, number, found),
        "error" if ["ImportModule", "HandlerNotFound", "UserCodeSyntax"].iter().any(|e| line.contains(e)) => {
            run(Run::CannotLoad, number, found);
        }
        "error" => run(Run::Exception, number, found),
        _ => {}
    }
}

/// A line in JSON format: of the platform (`type`, `record`), or of the runtime (`errorType`).
pub fn take(value: &Json, number: usize, found: &mut Found) -> bool {
    // `pointer` makes a copy of each name, and most values are no log.
    let inner = |path: &str| path.split('/').skip(1).try_fold(value, |value, name| value.get(name));
    let text = |path: &str| inner(path).and_then(Json::as_str).unwrap_or("");
    let kind = text("/type");
    if kind.starts_with("platform.") && value.get("record").is_some() {
        let error = text("/record/errorType");
        match (kind, text("/record/status")) {
            ("platform.report", "success") => run(Run::Finished, number, found),
            ("platform.report" | "platform.runtimeDone", "timeout") => run(Run::TimedOut, number, found),
            ("platform.report" | "platform.runtimeDone", "error" | "failure") => run(kind_of(error), number, found),
            _ => {}
        }
        if !error.is_empty() {
            tell(Some(error), "", number, found);
        }
        found.by(LAMBDA);
        return true;
    }
    let error = [text("/errorType"), text("/message/errorType")].into_iter().find(|t| !t.is_empty());
    let logged =
        value.get("requestId").is_some() || value.get("AWSRequestId").is_some() || text("/message").contains("Task timed out");
    let timed = value.get("timestamp").is_some() || value.get("time").is_some();
    let levelled = ["level", "log_level", "errorType", "stackTrace", "xRayTraceId"].iter().any(|key| value.get(*key).is_some());
    if !(timed && logged && (levelled || text("/message").contains("Task timed out"))) {
        return false;
    }
    let message = [text("/errorMessage"), text("/message/errorMessage"), text("/message")]
        .into_iter()
        .find(|t| !t.is_empty())
        .unwrap_or("");
    if let Some(error) = error {
        tell(Some(error), message, number, found);
        run(kind_of(error), number, found);
    } else if message.contains("Task timed out") {
        tell(None, message, number, found);
        run(Run::TimedOut, number, found);
    }
    found.by(LAMBDA);
    true
}

fn kind_of(error: &str) -> Run {
    match error {
        "Runtime.ImportModuleError"
        | "Runtime.HandlerNotFound"
        | "Runtime.UserCodeSyntaxError"
        | "Runtime.MalformedHandlerName" => Run::CannotLoad,
        "Runtime.OutOfMemory" | "Runtime.OutOfMemoryError" => Run::OutOfMemory,
        "Sandbox.Timedout" => Run::TimedOut,
        _ => Run::Exception,
    }
}
