//! The readers: each knows one grammar and writes what it finds in the common form of [`super::wire`].
//!
//! A [`Reader`] is asked at a line whether its grammar begins there. If so it takes as many lines as belong to it and tells
//! the index of the first that does not; if not, it has to say so after looking at little more than that line, so that the
//! whole stays linear. The first in [`READERS`] that takes something wins. A reader never fails: what it cannot make sense
//! of, it leaves out.

pub mod aws_debug;
pub mod bodies;
pub mod curl;
pub mod exceptions;
#[cfg(test)]
mod growth;
pub mod har;
pub mod json;
pub mod logs;
pub mod probes;
pub mod prose;
pub mod shell;
pub mod snippets;
pub mod transcript;

use super::lines::Lines;
use super::wire::Found;

/// Looks at the line with an index from 0; tells the index of the first line that it did not take.
pub type Reader = fn(&Lines<'_>, usize, &mut Found) -> Option<usize>;

/// The stricter a grammar, the earlier it is asked.
const READERS: &[Reader] = &[
    curl::read,
    snippets::read,
    transcript::read,
    json::read,
    bodies::read,
    aws_debug::read,
    logs::read,
    exceptions::read,
    probes::read,
    prose::read,
];

/// Takes a text apart.
pub fn read(lines: &Lines<'_>) -> Found {
    let mut found = Found::default();
    let mut at = 0;
    while at < lines.len() {
        // A shorter line says nothing by itself: only JSON can begin with it.
        let next = match lines.at(at).trim().len() {
            0 => None,
            1 | 2 => json::read(lines, at, &mut found),
            _ => READERS.iter().find_map(|read| read(lines, at, &mut found)),
        };
        at = next.unwrap_or(at + 1).max(at + 1);
    }
    found
}
