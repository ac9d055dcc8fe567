//! What is left: bare URLs, bare messages, what a browser's console says. Start at [`scan`].

mod console;
mod messages;
#[cfg(test)]
mod tests;
mod urls;

use super::super::lines::Lines;
use super::super::wire::Found;
use super::bodies;

/// Longer lines are looked at up to here.
const LIMIT: usize = 8 * 1024;

pub fn read(lines: &Lines<'_>, at: usize, found: &mut Found) -> Option<usize> {
    if let Some(end) = console::read(lines, at, found) {
        return Some(end);
    }
    if let Some(end) = messages::read_long(lines, at, found) {
        return Some(end);
    }
    scan(lines.at(at), at + 1, found);
    None
}

/// Looks for everything that one line of text can show.
pub fn scan(line: &str, number: usize, found: &mut Found) {
    if line.len() < 4 {
        return;
    }
    let line = bodies::cut(line, LIMIT);
    let inner = if line.contains(['{', '<']) { bodies::list_within(line, number) } else { Vec::new() };
    let plain = inner.is_empty();
    if !plain {
        found.errors.extend(inner);
        found.by("error body");
    }
    urls::scan(line, number, found);
    messages::scan(line, number, plain, found);
}

/// Looks for URLs alone.
pub fn scan_urls(line: &str, number: usize, found: &mut Found) {
    urls::scan(bodies::cut(line, LIMIT), number, found);
}

pub use messages::find_canonical_end;
