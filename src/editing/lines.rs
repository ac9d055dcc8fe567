//! Texts as lines, and the stretches in which two of them differ: what merging, comparing and blaming have in common. Start
//! at [`changes`].

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;

use similar::algorithms::{Capture, Compact, DiffHook, Replace, diff_slices};
use similar::{Algorithm, DiffOp};

/// Up to so many stretches are moved to where a person would see them; that step is quadratic in their number.
const MOST_TO_TIDY: usize = 2_000;

/// A stretch that differs. Between two of them stands at least one item that both sides have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub old: Range<usize>,
    pub new: Range<usize>,
}

/// The lines of a text, each with its ending. Joined again they are the text.
pub fn split(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Returns a line without its ending, and the ending.
pub fn ending(line: &str) -> (&str, &str) {
    let bare = line.strip_suffix('\n').map_or(line, |l| l.strip_suffix('\r').unwrap_or(l));
    (bare, &line[bare.len()..])
}

/// Gives a text the line endings of the one that it came from: a browser sends every line of a form with CRLF.
pub fn with_endings_of(original: &str, text: &str) -> String {
    let unified = text.replace("\r\n", "\n");
    let lines = original.matches('\n').count();
    if 2 * original.matches("\r\n").count() > lines { unified.replace('\n', "\r\n") } else { unified }
}

/// The stretches that differ, in order. The search gives up on the shortest answer before it gets slow.
pub fn changes<T: Eq + Hash>(old: &[T], new: &[T]) -> Vec<Change> {
    let numbers = Numbers::of(old, new);
    let mut search = Capture::new();
    diff_slices(Algorithm::Myers, &mut search, &numbers.old, &numbers.new).expect("capturing cannot fail");
    let found = search.into_ops();
    if found.len() > MOST_TO_TIDY {
        return join(&found);
    }
    let mut tidy = Compact::new(Replace::new(Capture::new()), &numbers.old[..], &numbers.new[..]);
    for op in &found {
        op.apply_to_hook(&mut tidy).expect("capturing cannot fail");
    }
    tidy.finish().expect("capturing cannot fail");
    join(&tidy.into_inner().into_inner().into_ops())
}

/// Items as numbers, so that comparing two of them does not read them again.
struct Numbers {
    old: Vec<usize>,
    new: Vec<usize>,
}

impl Numbers {
    fn of<T: Eq + Hash>(old: &[T], new: &[T]) -> Numbers {
        let mut known = HashMap::new();
        let mut number = |item| {
            let next = known.len();
            *known.entry(item).or_insert(next)
        };
        Numbers { old: old.iter().map(&mut number).collect(), new: new.iter().map(&mut number).collect() }
    }
}

fn join(found: &[DiffOp]) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    for op in found.iter().filter(|op| !matches!(op, DiffOp::Equal { .. })) {
        let change = Change { old: op.old_range(), new: op.new_range() };
        match changes.last_mut() {
            Some(last) if last.old.end == change.old.start && last.new.end == change.new.start => {
                last.old.end = change.old.end;
                last.new.end = change.new.end;
            }
            _ => changes.push(change),
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::super::growth;
    use super::*;

    #[test]
    fn a_text_keeps_the_line_endings_that_it_had() {
        for (original, sent, kept) in [
            ("a\nb\n", "a\r\nc\r\n", "a\nc\n"),
            ("a\r\nb\r\n", "a\r\nc\r\n", "a\r\nc\r\n"),
            ("a\r\nb\r\n", "a\nc", "a\r\nc"),
            ("", "a\r\n", "a\n"),
        ] {
            assert_eq!(with_endings_of(original, sent), kept, "{original:?} {sent:?}");
        }
    }

    #[test]
    fn a_line_ends_with_a_break_a_return_and_a_break_or_nothing() {
        for (line, parts) in
            [("a\n", ("a", "\n")), ("a\r\n", ("a", "\r\n")), ("a", ("a", "")), ("a\r", ("a\r", "")), ("", ("", ""))]
        {
            assert_eq!(ending(line), parts);
        }
    }

    #[test]
    fn time_grows_with_the_text() {
        for hostile in growth::pairs() {
            growth::check(hostile, |old, new| drop(changes(&split(old), &split(new))));
        }
    }
}
