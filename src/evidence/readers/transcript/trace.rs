//! `curl --trace-ascii`: what `-v` shows, in blocks of lines that begin with their offset.

use std::fmt::Write;

use super::super::super::lines::Lines;
use super::super::super::wire::{ErrorSeen, Found, Shown};
use super::verbose;

/// Reads the trace that begins at a line: it is written down as `-v` would print it, and read as that.
pub fn read(lines: &Lines<'_>, at: usize, found: &mut Found) -> Option<usize> {
    parse_title(lines.at(at))?;
    let mut text = String::new();
    let mut numbers = Vec::new();
    let mut end = at;
    while let Some(mark) = parse_title(lines.at(end)).filter(|_| end < lines.len()) {
        let (after, block) = take_block(lines, end, mark);
        for (number, line) in block {
            writeln!(text, "{line}").expect("a String takes everything");
            numbers.push(number);
        }
        end = after;
    }
    let mut inner = Found::default();
    let copy = Lines::new(&text);
    let mut next = 0;
    while next < copy.len() {
        next = verbose::read(&copy, next, &mut inner).unwrap_or(next + 1).max(next + 1);
    }
    merge(inner, found, |line| numbers.get(line.wrapping_sub(1)).copied().unwrap_or(at + 1));
    Some(end)
}

/// What `-v` does not print.
const HIDDEN: &str = "SSL";

/// A line without the time that `--trace-time` puts before it.
fn unstamped(line: &str) -> &str {
    let line = line.trim_start();
    match line.starts_with(|c: char| c.is_ascii_digit()) {
        true => verbose::STAMP.find(line).map_or(line, |stamp| line.get(stamp.end()..).unwrap_or("")),
        false => line,
    }
}

/// What `-v` puts before the lines of a block with this title.
fn parse_title(line: &str) -> Option<&'static str> {
    match unstamped(line) {
        text if text.starts_with("== Info: ") => Some("* "),
        text if text.starts_with("=> Send header, ") => Some("> "),
        text if text.starts_with("<= Recv header, ") => Some("< "),
        text if text.starts_with("=> Send data, ") => Some("| "),
        text if text.starts_with("<= Recv data, ") => Some(""),
        text if text.starts_with("=> Send SSL data, ") || text.starts_with("<= Recv SSL data, ") => Some(HIDDEN),
        _ => None,
    }
}

/// The lines of a block with their numbers, and the index of the line after it.
fn take_block(lines: &Lines<'_>, at: usize, mark: &str) -> (usize, Vec<(usize, String)>) {
    if let Some(note) = unstamped(lines.at(at)).strip_prefix("== Info: ") {
        return (at + 1, vec![(at + 1, format!("* {note}"))]);
    }
    let mut block: Vec<(usize, String)> = Vec::new();
    let mut end = at + 1;
    let mut before = None;
    while let Some((offset, text)) = parse_row(lines.at(end)) {
        // A row of 64 characters goes on in the next one, unless a line end follows it.
        match block.last_mut().filter(|_| before.is_some_and(|b| offset == b + 0x40)) {
            Some((_, line)) => line.push_str(text),
            None => block.push((end + 1, format!("{mark}{text}"))),
        }
        before = Some(offset);
        end += 1;
    }
    if mark == HIDDEN { (end, Vec::new()) } else { (end, block) }
}

/// `0040: text`
fn parse_row(line: &str) -> Option<(usize, &str)> {
    let (offset, text) = line.split_once(':')?;
    let offset = Some(offset).filter(|o| o.len() >= 4).and_then(|o| usize::from_str_radix(o, 16).ok())?;
    Some((offset, text.strip_prefix(' ').unwrap_or(text)))
}

/// Adds what was found in the copy, with the line numbers of the text.
fn merge(inner: Found, found: &mut Found, line: impl Fn(usize) -> usize) {
    for mut exchange in inner.exchanges {
        let request = &mut exchange.request;
        request.headers.iter_mut().for_each(|h| h.line = line(h.line));
        request.verb.iter_mut().chain(&mut request.body).for_each(|s| s.line = line(s.line));
        request.target.iter_mut().for_each(|s| s.line = line(s.line));
        if let Some(response) = &mut exchange.response {
            response.headers.iter_mut().for_each(|h| h.line = line(h.line));
            response.status.iter_mut().for_each(|s| s.line = line(s.line));
            response.body.iter_mut().for_each(|s| s.line = line(s.line));
        }
        found.exchanges.push(exchange);
    }
    found.errors.extend(inner.errors.into_iter().map(|error| ErrorSeen { line: line(error.line), ..error }));
    found.failures.extend(inner.failures.into_iter().map(|f| Shown::new(f.value, line(f.line))));
    inner.readers.into_iter().for_each(|reader| found.by(reader));
}
