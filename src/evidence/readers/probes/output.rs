//! Output of a command: JSON, a table, or text.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value as Json, json};

use super::super::super::lines::Lines;
use super::super::super::wire::{Found, Probe};
use super::super::bodies::cut;
use super::command::Command;

/// How many rows a table may have.
const ROWS: usize = 2000;

/// Reads what a command printed; tells where it ends.
pub fn parse(lines: &Lines<'_>, at: usize, command: &Command) -> Option<(Json, usize)> {
    let line = lines.at(at).trim();
    match command.output.as_str() {
        "text" => parse_text(lines, at, command),
        "" | "json" | "table" if line.starts_with("---") => parse_table(lines, at, command),
        "" | "json" => parse_json(lines, at),
        _ => None,
    }
}

fn parse_json(lines: &Lines<'_>, at: usize) -> Option<(Json, usize)> {
    let text = lines.from(at);
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Json>();
    let value = stream.next()?.ok()?;
    let taken = text.get(..stream.byte_offset())?;
    Some((value, at + Lines::count(taken)))
}

/// Rows in a frame; the first one is the name of the operation.
fn parse_table(lines: &Lines<'_>, at: usize, command: &Command) -> Option<(Json, usize)> {
    let mut rows = Vec::new();
    let mut end = at;
    while end < lines.len().min(at + ROWS) {
        let line = cut(lines.at(end), 4096).trim();
        if let Some(inner) = line.strip_prefix('|').and_then(|l| l.strip_suffix('|')) {
            rows.push(inner.split('|').map(|cell| read_cell(cell.trim())).collect::<Vec<_>>());
        } else if !(line.starts_with('+') || line.starts_with("--")) {
            break;
        }
        end += 1;
    }
    if rows.is_empty() {
        return None;
    }
    rows.remove(0);
    Some((command.query.as_ref()?.read_rows(rows)?, end))
}

/// Lines of columns, up to a blank one or the next prompt.
fn parse_text(lines: &Lines<'_>, at: usize, command: &Command) -> Option<(Json, usize)> {
    let over = |line: &str| line.trim().is_empty() || line.starts_with(['$', '%', '>', '#']);
    let end = (at..lines.len().min(at + ROWS)).find(|&n| over(lines.at(n))).unwrap_or(lines.len().min(at + ROWS));
    let first = lines.at(at).trim();
    // A document is one value, whatever tabs it holds.
    if first.starts_with('{') {
        return Some((json!(first), at + 1));
    }
    let rows = (at..end).map(|n| lines.at(n).split('\t').map(|cell| read_cell(cell.trim())).collect()).collect();
    Some((command.query.as_ref()?.read_rows(rows)?, end))
}

fn read_cell(cell: &str) -> Json {
    match cell {
        "None" | "null" => Json::Null,
        "True" | "true" => json!(true),
        "False" | "false" => json!(false),
        text => json!(text),
    }
}

static CREDENTIAL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\s*(access_key|secret_key)\s+:?\s*(<not set>|\*{4,}\S*)").expect("a constant pattern"));

/// The table of `aws configure list`, with or without its command.
pub fn find_configure(lines: &Lines<'_>, at: usize, found: &mut Found) -> Option<usize> {
    let line = cut(lines.at(at), 400).trim();
    if !line.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("name")) {
        return None;
    }
    let heads: Vec<String> = line.split([' ', ':']).filter(|w| !w.is_empty()).map(str::to_ascii_lowercase).collect();
    if heads != ["name", "value", "type", "location"] {
        return None;
    }
    let (mut output, mut end) = (json!({}), at + 1);
    while end < lines.len().min(at + 8) && !lines.at(end).trim().is_empty() && !lines.at(end).starts_with('$') {
        if let Some(all) = CREDENTIAL.captures(cut(lines.at(end), 400)) {
            let set = all.get(2).is_some_and(|value| value.as_str().starts_with('*'));
            output[all.get(1).map_or("", |name| name.as_str())] = json!(set);
        }
        end += 1;
    }
    found.probes.push(Probe { command: "configure list".to_owned(), output, line: at + 1 });
    Some(end)
}
