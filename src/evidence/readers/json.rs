//! JSON that stands alone: a HAR, the output of a command, the event of a function, a line of a log, the body of an answer.

mod event;
pub mod loose;
#[cfg(test)]
mod tests;

use std::cell::Cell;

use serde_json::Value as Json;

use super::super::lines::Lines;
use super::super::wire::Found;
use super::{bodies, exceptions, har, logs, probes, prose};

/// Takes a JSON value that begins a line. What a broken one shows until it breaks is read line by line, and only once.
pub fn read(lines: &Lines<'_>, at: usize, found: &mut Found) -> Option<usize> {
    let line = lines.at(at).trim_start();
    match line.bytes().next()? {
        b'{' => {}
        b'[' if may_be_array(line) => {}
        b'"' if line.starts_with("\"{") => return read_string(lines, at, line, found),
        _ => return None,
    }
    let text = lines.from(at);
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Json>();
    match stream.next()? {
        Ok(value) => {
            let length = stream.byte_offset();
            let behind = text.get(length..).unwrap_or("").lines().next().unwrap_or("");
            if value.is_array() && !behind.trim().is_empty() {
                return None;
            }
            take(&value, lines, at, found);
            Some(at + Lines::count(text.get(..length).unwrap_or(text)))
        }
        Err(error) => read_printed(lines, at, text, found).or_else(|| read_broken(lines, at, error.line(), found)),
    }
}

/// A log's level and a time stand in brackets as well.
fn may_be_array(line: &str) -> bool {
    let inner = line[1..].trim_start();
    inner.is_empty() || inner.starts_with(['{', '[', '"', ']', 't', 'f', 'n'])
}

/// A policy is a document within a string.
fn read_string(lines: &Lines<'_>, at: usize, line: &str, found: &mut Found) -> Option<usize> {
    let text: String = serde_json::from_str(line.trim_end()).ok()?;
    let value: Json = serde_json::from_str(&text).ok()?;
    take(&value, lines, at, found).then_some(at + 1)
}

/// What JavaScript and Python print begins with a brace as well.
fn read_printed(lines: &Lines<'_>, at: usize, text: &str, found: &mut Found) -> Option<usize> {
    let text = bodies::cut(text, 16 * 1024);
    if text.trim_start().starts_with('[') {
        return None;
    }
    let blank = text.len() - text.trim_start().len();
    let (value, length) = loose::parse(text.trim_start())?;
    take(&value, lines, at, found).then(|| at + Lines::count(&text[..blank + length]))
}

fn read_broken(lines: &Lines<'_>, at: usize, until: usize, found: &mut Found) -> Option<usize> {
    let end = (at + until.saturating_sub(1)).min(lines.len());
    for n in at..end {
        prose::scan(lines.at(n), n + 1, found);
    }
    (end > at).then_some(end)
}

/// Looks for something known in a value; tells whether there was.
pub fn take(value: &Json, lines: &Lines<'_>, at: usize, found: &mut Found) -> bool {
    let line = at + 1;
    if value.get("log").is_some_and(|log| log.get("entries").is_some()) {
        let finder = LineFinder::new(lines, at);
        return har::take(value, &|part| finder.find(part), found);
    }
    if event::take(value, line, found)
        || exceptions::take_dict(value, line, found)
        || logs::take(value, line, found)
        || probes::take(value, line, found)
    {
        return true;
    }
    let errors = bodies::list_json_errors(value, super::super::wire::Strength::Body, line);
    if errors.is_empty() {
        return false;
    }
    bodies::take(&value.to_string(), errors, line, found);
    true
}

/// Tells the lines of parts that are asked for in the order of the text. It never looks back, so it stays linear.
struct LineFinder<'a> {
    text: &'a str,
    at: Cell<usize>,
    line: Cell<usize>,
    misses: Cell<usize>,
}

impl<'a> LineFinder<'a> {
    fn new(lines: &Lines<'a>, at: usize) -> LineFinder<'a> {
        LineFinder { text: lines.from(at), at: Cell::new(0), line: Cell::new(at + 1), misses: Cell::new(0) }
    }

    fn find(&self, part: &str) -> usize {
        let rest = self.text.get(self.at.get()..).unwrap_or("");
        if part.is_empty() || self.misses.get() > 3 {
            return self.line.get();
        }
        match memchr::memmem::find(rest.as_bytes(), part.as_bytes()) {
            Some(offset) => {
                self.line.set(self.line.get() + memchr::memchr_iter(b'\n', &rest.as_bytes()[..offset]).count());
                self.at.set(self.at.get() + offset);
            }
            None => self.misses.set(self.misses.get() + 1),
        }
        self.line.get()
    }
}
