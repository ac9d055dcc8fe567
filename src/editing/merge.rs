//! Joins what two people wrote from the same text. Start at [`merge`].
//!
//! Changes that stand apart are both taken; where they overlap or touch, both sides are kept for a person to pick. No line
//! that somebody wrote is ever lost, and line endings stay as they are.

use std::iter::Peekable;
use std::ops::Range;
use std::slice::Iter;

use super::lines::{Change, changes, ending, split};

/// What came of joining two texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merged {
    Clean(String),
    /// Pieces from top to bottom, at least one of them a [`Piece::Conflict`].
    Conflict(Vec<Piece>),
}

/// A stretch of a joined text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Same(String),
    /// What each side has for what stood there before.
    Conflict {
        mine: String,
        base: String,
        theirs: String,
    },
}

/// What a person takes where two sides disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    Mine,
    Theirs,
    /// Mine, and theirs below it.
    Both,
    /// Neither: what stood there before.
    Base,
}

/// Joins `mine` and `theirs`, which were both written from `base`.
pub fn merge(base: &str, mine: &str, theirs: &str) -> Merged {
    if mine == theirs || theirs == base {
        return Merged::Clean(mine.to_owned());
    }
    if mine == base {
        return Merged::Clean(theirs.to_owned());
    }
    let (base, mine, theirs) = (split(base), split(mine), split(theirs));
    let mut pieces = Pieces::default();
    let mut at = At::default();
    for region in regions(&changes(&base, &mine), &changes(&base, &theirs)) {
        pieces.same(&base[at.base..region.base.start]);
        let own = &mine[region.mine.of(at.mine, at.base, &region.base)];
        let other = &theirs[region.theirs.of(at.theirs, at.base, &region.base)];
        at = At {
            base: region.base.end,
            mine: region.mine.end(at.mine, at.base, &region.base),
            theirs: region.theirs.end(at.theirs, at.base, &region.base),
        };
        match (region.mine.changed, region.theirs.changed) {
            (true, true) if own != other => pieces.conflict(own, &base[region.base], other),
            (false, true) => pieces.same(other),
            _ => pieces.same(own),
        }
    }
    pieces.same(&base[at.base..]);
    pieces.finish()
}

/// Puts a joined text together from what a person picked, one pick a conflict. `None` when there are more or fewer.
pub fn resolve(pieces: &[Piece], picks: &[Pick]) -> Option<String> {
    let mut picks = picks.iter();
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Same(same) => text.push_str(same),
            Piece::Conflict { mine, base, theirs } => match picks.next()? {
                Pick::Mine => text.push_str(mine),
                Pick::Theirs => text.push_str(theirs),
                Pick::Base => text.push_str(base),
                Pick::Both => push_both(&mut text, mine, theirs),
            },
        }
    }
    picks.next().is_none().then_some(text)
}

/// The upper one may be a last line without an ending; it gets one, or two lines would become one.
fn push_both(text: &mut String, upper: &str, lower: &str) {
    text.push_str(upper);
    if !upper.is_empty() && !upper.ends_with('\n') && !lower.is_empty() {
        let first = split(lower).first().map_or("", |line| ending(line).1);
        text.push_str(if first.is_empty() { "\n" } else { first });
    }
    text.push_str(lower);
}

/// How far each of the three texts was read.
#[derive(Clone, Copy, Default)]
struct At {
    base: usize,
    mine: usize,
    theirs: usize,
}

/// A stretch of the base that one side changed, or both.
struct Region {
    base: Range<usize>,
    mine: Side,
    theirs: Side,
}

/// What a side has within a region: by how many lines it is longer there than the base.
#[derive(Clone, Copy, Default)]
struct Side {
    changed: bool,
    grown: isize,
}

impl Side {
    fn take(&mut self, change: &Change) {
        self.changed = true;
        self.grown += change.new.len().cast_signed() - change.old.len().cast_signed();
    }

    /// Where the region lies on this side, which was read as far as `at` when the base was read as far as `base`.
    fn of(self, at: usize, base: usize, region: &Range<usize>) -> Range<usize> {
        at + region.start - base..self.end(at, base, region)
    }

    fn end(self, at: usize, base: usize, region: &Range<usize>) -> usize {
        (at + region.end - base).checked_add_signed(self.grown).expect("a side is not shorter than nothing")
    }
}

/// Groups the changes of both sides: those that overlap or touch belong to one region.
fn regions(mine: &[Change], theirs: &[Change]) -> Vec<Region> {
    let (mut mine, mut theirs) = (mine.iter().peekable(), theirs.iter().peekable());
    let mut regions = Vec::new();
    while let Some(start) = [start(&mut mine), start(&mut theirs)].into_iter().flatten().min() {
        let mut region = Region { base: start..start, mine: Side::default(), theirs: Side::default() };
        // Each takes what touches the region, which may make it touch more of the other.
        while absorb(&mut region.base, &mut region.mine, &mut mine) | absorb(&mut region.base, &mut region.theirs, &mut theirs) {}
        regions.push(region);
    }
    regions
}

fn start(changes: &mut Peekable<Iter<'_, Change>>) -> Option<usize> {
    changes.peek().map(|c| c.old.start)
}

fn absorb(base: &mut Range<usize>, side: &mut Side, changes: &mut Peekable<Iter<'_, Change>>) -> bool {
    let Some(change) = changes.next_if(|c| c.old.start <= base.end) else { return false };
    base.end = base.end.max(change.old.end);
    side.take(change);
    true
}

#[derive(Default)]
struct Pieces {
    pieces: Vec<Piece>,
    open: String,
}

impl Pieces {
    fn same(&mut self, lines: &[&str]) {
        self.open.extend(lines.iter().copied());
    }

    fn conflict(&mut self, mine: &[&str], base: &[&str], theirs: &[&str]) {
        if !self.open.is_empty() {
            self.pieces.push(Piece::Same(std::mem::take(&mut self.open)));
        }
        self.pieces.push(Piece::Conflict { mine: mine.concat(), base: base.concat(), theirs: theirs.concat() });
    }

    fn finish(mut self) -> Merged {
        if self.pieces.is_empty() {
            return Merged::Clean(self.open);
        }
        if !self.open.is_empty() {
            self.pieces.push(Piece::Same(self.open));
        }
        Merged::Conflict(self.pieces)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::growth;
    use super::*;

    /// Few different lines, so that they meet; some with CRLF, the last sometimes without an ending.
    fn text() -> impl Strategy<Value = String> {
        let line = prop::sample::select(vec!["a\n", "b\n", "c\n", "\n", "a\r\n", "d\r\n", "e\n", "f\n"]);
        let last = prop::sample::select(vec!["", "a", "z", "\r"]);
        (prop::collection::vec(line, 0..12), last).prop_map(|(lines, last)| lines.concat() + last)
    }

    fn pieces(merged: Merged) -> Vec<Piece> {
        match merged {
            Merged::Clean(text) => vec![Piece::Same(text)],
            Merged::Conflict(pieces) => pieces,
        }
    }

    /// How often a line stands in a text.
    fn count(text: &str, line: &str) -> usize {
        split(text).into_iter().filter(|l| *l == line).count()
    }

    #[test]
    fn changes_that_stand_apart_are_joined_and_others_are_shown() {
        let conflict = |mine: &str, base: &str, theirs: &str| Piece::Conflict {
            mine: mine.to_owned(),
            base: base.to_owned(),
            theirs: theirs.to_owned(),
        };
        let same = |text: &str| Piece::Same(text.to_owned());
        let clean = |text: &str| vec![same(text)];
        for (base, mine, theirs, expected) in [
            ("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n", clean("A\nb\nC\n")),
            ("a\nb\nc\n", "a\nb\nc\nd\n", "0\na\nb\nc\n", clean("0\na\nb\nc\nd\n")),
            ("a\nb\nc\nd\n", "a\nc\nd\n", "a\nb\nc\nD\n", clean("a\nc\nD\n")),
            ("a\nb\nc\n", "a\nX\nc\n", "a\nX\nc\n", clean("a\nX\nc\n")),
            ("a\nb\nc\nd\n", "A\nX\nc\nd\n", "A\nX\nc\nD\n", clean("A\nX\nc\nD\n")),
            ("a\r\nb\r\nc", "A\r\nb\r\nc", "a\r\nb\r\nC", clean("A\r\nb\r\nC")),
            ("a\nb\nc\n", "a\nb\nc", "A\nb\nc\n", clean("A\nb\nc")),
            // The same line, and lines that touch.
            ("a\nb\nc\n", "a\nM\nc\n", "a\nT\nc\n", vec![same("a\n"), conflict("M\n", "b\n", "T\n"), same("c\n")]),
            ("a\nb\nc\n", "A\nb\nc\n", "a\nB\nc\n", vec![conflict("A\nb\n", "a\nb\n", "a\nB\n"), same("c\n")]),
            ("a\nb\n", "a\nM\nb\n", "a\nT\nb\n", vec![same("a\n"), conflict("M\n", "", "T\n"), same("b\n")]),
            ("a\nb\nc\n", "a\nc\n", "a\nT\nc\n", vec![same("a\n"), conflict("", "b\n", "T\n"), same("c\n")]),
            ("", "M\n", "T\n", vec![conflict("M\n", "", "T\n")]),
            ("a", "a\nM", "a\nT", vec![conflict("a\nM", "a", "a\nT")]),
        ] {
            assert_eq!(pieces(merge(base, mine, theirs)), expected, "{base:?} {mine:?} {theirs:?}");
        }
    }

    #[test]
    fn a_person_picks_a_side_both_or_neither() {
        let merged = pieces(merge("a\nb\nc", "a\nb\nM", "a\nb\nT\n"));
        for (pick, text) in
            [(Pick::Mine, "a\nb\nM"), (Pick::Theirs, "a\nb\nT\n"), (Pick::Both, "a\nb\nM\nT\n"), (Pick::Base, "a\nb\nc")]
        {
            assert_eq!(resolve(&merged, &[pick]).as_deref(), Some(text), "{pick:?}");
        }
        assert_eq!(resolve(&merged, &[]), None);
        assert_eq!(resolve(&merged, &[Pick::Mine, Pick::Mine]), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

        #[test]
        fn an_unchanged_side_gives_the_other(base in text(), other in text()) {
            prop_assert_eq!(merge(&base, &base, &other), Merged::Clean(other.clone()));
            prop_assert_eq!(merge(&base, &other, &base), Merged::Clean(other.clone()));
            prop_assert_eq!(merge(&base, &other, &other), Merged::Clean(other));
        }

        #[test]
        fn no_line_that_somebody_wrote_is_lost(base in text(), mine in text(), theirs in text()) {
            let merged = pieces(merge(&base, &mine, &theirs));
            for side in [&mine, &theirs] {
                for line in split(side) {
                    let added = count(side, line).saturating_sub(count(&base, line));
                    let kept: usize = merged.iter().map(|p| match p {
                        Piece::Same(same) => count(same, line),
                        Piece::Conflict { mine: m, theirs: t, .. } => if side == &mine { count(m, line) } else { count(t, line) },
                    }).sum();
                    prop_assert!(kept >= added, "{:?} of {:?} in {:?}", line, side, merged);
                }
            }
        }

        #[test]
        fn changing_places_changes_only_the_names(base in text(), mine in text(), theirs in text()) {
            let swapped: Vec<Piece> = pieces(merge(&base, &theirs, &mine)).into_iter().map(|p| match p {
                Piece::Conflict { mine, base, theirs } => Piece::Conflict { mine: theirs, base, theirs: mine },
                same => same,
            }).collect();
            prop_assert_eq!(pieces(merge(&base, &mine, &theirs)), swapped);
        }

        #[test]
        fn changes_with_a_line_between_them_are_joined(
            lines in prop::collection::vec("[a-z]{1,3}", 1..30),
            touched in prop::collection::vec(0..5u8, 30),
        ) {
            // Each line is its own, every other one stays; 1 and 2 are changed, 3 and 4 are deleted, by me and by them.
            let line = |at: usize, done: &[u8]| match touched[at] {
                what if at % 2 == 1 || !done.contains(&what) => format!("{at} {}\n", lines[at]),
                1 => format!("{at} mine\n"),
                2 => format!("{at} theirs\n"),
                _ => String::new(),
            };
            let write = |done: &[u8]| -> String { (0..lines.len()).map(|at| line(at, done)).collect() };
            prop_assert_eq!(merge(&write(&[]), &write(&[1, 3]), &write(&[2, 4])), Merged::Clean(write(&[1, 2, 3, 4])));
        }
    }

    #[test]
    fn time_grows_with_the_text() {
        for hostile in growth::pairs() {
            growth::check(hostile, |old, new| drop(merge(old, new, &format!("{old}end\n"))));
        }
    }
}
