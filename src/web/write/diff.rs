//! Two texts side by side, for a template. Start at [`Sides::new`].

use crate::editing::diff::{Ending, Row, Side, Span, Word, side_by_side, summary, words};

/// A comparison in two columns.
pub struct Sides {
    pub left: String,
    pub right: String,
    pub summary: String,
    pub rows: Vec<SideRow>,
}

/// One row: folded lines, or a line on each side.
pub struct SideRow {
    pub folded: usize,
    pub changed: bool,
    pub left: Cell,
    pub right: Cell,
}

#[derive(Default)]
pub struct Cell {
    pub number: Option<usize>,
    pub spans: Vec<Span>,
}

/// A part of a text with both versions in it.
pub struct Part {
    pub text: String,
    pub is_new: bool,
    pub is_old: bool,
}

impl Sides {
    pub fn new(left: &str, old: &str, right: &str, new: &str) -> Sides {
        let (added, removed) = summary(old, new);
        let lines = |n: usize| if n == 1 { "1 line".to_owned() } else { format!("{n} lines") };
        Sides {
            left: left.to_owned(),
            right: right.to_owned(),
            summary: format!("{} added, {} taken out", lines(added), lines(removed)),
            rows: if old == new { Vec::new() } else { side_by_side(old, new).into_iter().map(SideRow::from).collect() },
        }
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl From<Row> for SideRow {
    fn from(row: Row) -> SideRow {
        let plain = |number, text: String| Cell { number: Some(number), spans: vec![Span { text, changed: false }] };
        match row {
            Row::Folded(folded) => SideRow { folded, changed: false, left: Cell::default(), right: Cell::default() },
            Row::Same { old, new, text } => {
                SideRow { folded: 0, changed: false, left: plain(old, text.clone()), right: plain(new, text) }
            }
            Row::Changed { old, new } => {
                // Two lines can differ in their ends alone, which nobody sees.
                let ends = matches!((&old, &new), (Some(o), Some(n)) if o.ending != n.ending);
                let cell = |side: Option<Side>| side.map(|s| Cell::of(s, ends)).unwrap_or_default();
                SideRow { folded: 0, changed: true, left: cell(old), right: cell(new) }
            }
        }
    }
}

impl Cell {
    fn of(side: Side, ends: bool) -> Cell {
        let Side { number, mut spans, ending } = side;
        let said = match ending {
            Ending::Break => "",
            Ending::ReturnAndBreak => " (ends with CR LF)",
            Ending::Missing => " (no line break at the end)",
        };
        if ends && !said.is_empty() {
            spans.push(Span { text: said.to_owned(), changed: true });
        }
        Cell { number: Some(number), spans }
    }
}

/// Both versions in one text.
pub fn parts(old: &str, new: &str) -> Vec<Part> {
    let part = |word| match word {
        Word::Same(text) => Part { text, is_new: false, is_old: false },
        Word::Ins(text) => Part { text, is_new: true, is_old: false },
        Word::Del(text) => Part { text, is_new: false, is_old: true },
    };
    words(old, new).into_iter().map(part).collect()
}
