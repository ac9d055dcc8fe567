//! Commands of the AWS CLI that only read, with their output, and such output alone. Start at [`read`].
//!
//! An output that a `--query` has cut is put back to where it stood: `["NONE", false]` of `[authorizationType,apiKeyRequired]`
//! becomes `{"authorizationType": "NONE", "apiKeyRequired": false}`, so that everything behind sees one form.

mod command;
mod output;
mod query;
mod shape;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value as Json, json};

use super::super::lines::Lines;
use super::super::wire::{ErrorSeen, Found, Probe, Shown, Strength};
use super::bodies::{codes, cut};
use command::Command;

pub use shape::{is_summary, recognise};

/// The readers' name for it.
const NAME: &str = "AWS CLI output";

static REFUSED: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"An error occurred \((\w+)\) when calling the \w+ operation(?: \([^)]*\))?: ?(.*)";
    Regex::new(pattern).expect("a constant pattern")
});

/// Takes a command and what it printed.
pub fn read(lines: &Lines<'_>, at: usize, found: &mut Found) -> Option<usize> {
    if let Some(end) = output::find_configure(lines, at, found) {
        found.by(NAME);
        return Some(end);
    }
    let (command, end) = command::parse(lines, at)?;
    let start = (end..lines.len().min(end + 2)).find(|&n| !lines.at(n).trim().is_empty()).unwrap_or(end);
    if REFUSED.is_match(cut(lines.at(start), 4096)) && (!command.is_reading() || found.exchanges.is_empty()) {
        found.client = Some(Shown::new("aws-cli", at + 1));
    }
    if !command.is_reading() {
        return Some(end);
    }
    Some(read_output(lines, start, &command, at + 1, found).unwrap_or(end))
}

fn read_output(lines: &Lines<'_>, at: usize, command: &Command, line: usize, found: &mut Found) -> Option<usize> {
    if command.piped || command.name == "logs tail" || command.name == "configure list" {
        return None;
    }
    if let Some(all) = REFUSED.captures(cut(lines.at(at), 4096)) {
        let text = |n: usize| all.get(n).map_or("", |t| t.as_str());
        let output = json!({ "Error": { "Code": text(1), "Message": text(2) } });
        // That something is not there is an answer. That a caller is not known is news about every call, and another refusal
        // is what the text is about when it shows no call.
        let known = codes::is_of_caller(text(1)) || (found.exchanges.is_empty() && !text(1).contains("NotFound"));
        if known {
            let (code, message) = (Some(text(1).to_owned()), Some(text(0).to_owned()));
            found.errors.push(ErrorSeen { code, message, status: None, strength: Strength::Told, line: at + 1 });
        }
        push(command, output, line, found);
        return Some(at + 1);
    }
    let (value, end) = output::parse(lines, at, command)?;
    let whole = match &command.query {
        Some(query) => query.restore(value)?,
        None => value,
    };
    push(command, command.complete(whole), line, found);
    Some(end)
}

fn push(command: &Command, output: Json, line: usize, found: &mut Found) {
    found.probes.push(Probe { command: command.name.clone(), output, line });
    found.by(NAME);
}

/// Takes output of which the command was not pasted, when its shape tells what it is.
pub fn take(value: &Json, line: usize, found: &mut Found) -> bool {
    if recognise(value).is_none() {
        return false;
    }
    found.probes.push(Probe { command: String::new(), output: value.clone(), line });
    found.by(NAME);
    true
}
