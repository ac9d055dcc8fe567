//! What changed between two texts, for people: side by side, in one column, or as two numbers. Start at [`side_by_side`].

use std::collections::HashMap;
use std::ops::Range;

use super::lines::{Change, changes, ending, split};

/// So many unchanged lines stay visible above and below a change.
const CONTEXT: usize = 3;
/// Within larger stretches lines are paired from top to bottom, without a look at how alike they are.
const LARGEST_PAIRING: usize = 24;
/// Lines of which a smaller share of words is equal are shown as wholly changed.
const ALIKE: f64 = 0.4;

/// One row of two columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    Same {
        old: usize,
        new: usize,
        text: String,
    },
    /// A line that was changed, or with one side only, taken out or put in.
    Changed {
        old: Option<Side>,
        new: Option<Side>,
    },
    /// So many unchanged lines are not shown.
    Folded(usize),
}

/// A line on one side, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    pub number: usize,
    pub spans: Vec<Span>,
    pub ending: Ending,
}

/// How a line ends: two lines may differ in nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Break,
    ReturnAndBreak,
    /// The last line of a text that does not end with a line break.
    Missing,
}

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub text: String,
    pub changed: bool,
}

/// A part of a text that shows both versions in one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    Same(String),
    Ins(String),
    Del(String),
}

/// Sets two texts side by side. Equal ones have no rows but a folded one.
pub fn side_by_side(old: &str, new: &str) -> Vec<Row> {
    let (old, new) = (split(old), split(new));
    let changes = changes(&old, &new);
    let mut rows = Vec::new();
    let mut at = (0, 0);
    for change in &changes {
        let first = at == (0, 0);
        unchanged(&mut rows, &old[at.0..change.old.start], at, first, false);
        rows.extend(pair(&old, &new, change));
        at = (change.old.end, change.new.end);
    }
    unchanged(&mut rows, &old[at.0..], at, changes.is_empty(), true);
    rows
}

/// Shows what changed within one text, word by word. Without the insertions it is the old text, without the deletions the new.
pub fn words(old: &str, new: &str) -> Vec<Word> {
    let (lines, newer) = (split(old), split(new));
    let mut words = Vec::new();
    let mut at = 0;
    for change in changes(&lines, &newer) {
        push(&mut words, Word::Same(lines[at..change.old.start].concat()));
        let (before, after) = (lines[change.old.clone()].concat(), newer[change.new].concat());
        for step in steps(&tokens(&before), &tokens(&after)) {
            match step {
                Step::Same(text) => push(&mut words, Word::Same(text)),
                Step::Changed(gone, come) => {
                    push(&mut words, Word::Del(gone));
                    push(&mut words, Word::Ins(come));
                }
            }
        }
        at = change.old.end;
    }
    push(&mut words, Word::Same(lines[at..].concat()));
    words
}

/// Returns how many lines were put in, and how many were taken out. A changed line is both.
pub fn summary(old: &str, new: &str) -> (usize, usize) {
    let changes = changes(&split(old), &split(new));
    (changes.iter().map(|c| c.new.len()).sum(), changes.iter().map(|c| c.old.len()).sum())
}

/// Adds unchanged lines, folded where they are far from any change. `first` and `last`: nothing changed above, or below.
fn unchanged(rows: &mut Vec<Row>, lines: &[&str], at: (usize, usize), first: bool, last: bool) {
    let above = if first { 0 } else { CONTEXT };
    let below = if last { 0 } else { CONTEXT };
    let far = lines.len().saturating_sub(above + below);
    // A single line takes no more room than the word that it is hidden.
    let folded = if far > 1 { above..above + far } else { 0..0 };
    for (n, line) in lines.iter().enumerate() {
        if n == folded.start && !folded.is_empty() {
            rows.push(Row::Folded(folded.len()));
        }
        if !folded.contains(&n) {
            rows.push(Row::Same { old: at.0 + n + 1, new: at.1 + n + 1, text: ending(line).0.to_owned() });
        }
    }
}

/// The rows of one change: lines that are alike stand beside each other.
fn pair(old: &[&str], new: &[&str], change: &Change) -> Vec<Row> {
    let (gone, come) = (&old[change.old.clone()], &new[change.new.clone()]);
    let mut rows = Vec::new();
    let mut at = (0, 0);
    let alone = |rows: &mut Vec<Row>, olds: Range<usize>, news: Range<usize>| {
        rows.extend(olds.map(|i| changed(Some(whole(gone[i], change.old.start + i)), None)));
        rows.extend(news.map(|i| changed(None, Some(whole(come[i], change.new.start + i)))));
    };
    for (i, j) in partners(gone, come) {
        alone(&mut rows, at.0..i, at.1..j);
        rows.push(beside(gone[i], change.old.start + i, come[j], change.new.start + j));
        at = (i + 1, j + 1);
    }
    alone(&mut rows, at.0..gone.len(), at.1..come.len());
    rows
}

fn changed(old: Option<Side>, new: Option<Side>) -> Row {
    Row::Changed { old, new }
}

/// A line that the other side does not have.
fn whole(line: &str, at: usize) -> Side {
    side(line, at, vec![Span { text: ending(line).0.to_owned(), changed: true }])
}

fn side(line: &str, at: usize, spans: Vec<Span>) -> Side {
    let ending = match ending(line).1 {
        "\n" => Ending::Break,
        "\r\n" => Ending::ReturnAndBreak,
        _ => Ending::Missing,
    };
    Side { number: at + 1, spans: spans.into_iter().filter(|s| !s.text.is_empty()).collect(), ending }
}

/// Two lines, with the words that differ.
fn beside(old: &str, old_at: usize, new: &str, new_at: usize) -> Row {
    let (before, after) = (tokens(ending(old).0), tokens(ending(new).0));
    if likeness(&before, &after) < ALIKE {
        return changed(Some(whole(old, old_at)), Some(whole(new, new_at)));
    }
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for step in steps(&before, &after) {
        match step {
            Step::Same(text) => {
                left.push(Span { text: text.clone(), changed: false });
                right.push(Span { text, changed: false });
            }
            Step::Changed(gone, come) => {
                left.push(Span { text: gone, changed: true });
                right.push(Span { text: come, changed: true });
            }
        }
    }
    changed(Some(side(old, old_at, left)), Some(side(new, new_at, right)))
}

/// Which lines stand beside each other, in order on both sides: those that make the pairs most alike.
fn partners(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    if old.len() == new.len() || old.len().max(new.len()) > LARGEST_PAIRING {
        return (0..old.len().min(new.len())).map(|i| (i, i)).collect();
    }
    let (before, after): (Vec<_>, Vec<_>) =
        (old.iter().map(|l| tokens(ending(l).0)).collect(), new.iter().map(|l| tokens(ending(l).0)).collect());
    let alike = |i: usize, j: usize| Some(likeness(&before[i], &after[j])).filter(|l| *l >= ALIKE).unwrap_or(0.0);
    // best[i][j]: the most that the lines from i and from j on can be alike.
    let scores: Vec<Vec<f64>> = (0..old.len()).map(|i| (0..new.len()).map(|j| alike(i, j)).collect()).collect();
    let mut best = vec![vec![0.0f64; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            best[i][j] = best[i + 1][j].max(best[i][j + 1]).max(best[i + 1][j + 1] + scores[i][j]);
        }
    }
    let (mut i, mut j, mut found) = (0, 0, Vec::new());
    while i < old.len() && j < new.len() {
        if scores[i][j] > 0.0 && best[i][j] <= best[i + 1][j + 1] + scores[i][j] {
            found.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if best[i + 1][j] >= best[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    found
}

/// The share of words that two lines have in common, wherever they stand: 0 to 1.
fn likeness(old: &[&str], new: &[&str]) -> f64 {
    let weight = |tokens: &[&str]| tokens.iter().map(|t| t.trim().len()).sum::<usize>();
    let all = weight(old) + weight(new);
    if all == 0 {
        return 1.0;
    }
    let mut left: HashMap<&str, usize> = HashMap::new();
    for token in old {
        *left.entry(token).or_default() += 1;
    }
    let mut common = 0;
    for token in new {
        if let Some(count) = left.get_mut(token).filter(|c| **c > 0) {
            *count -= 1;
            common += token.trim().len();
        }
    }
    2.0 * common as f64 / all as f64
}

/// The words of a text, the blanks between them, and each other sign by itself. Joined again they are the text.
fn tokens(text: &str) -> Vec<&str> {
    #[derive(PartialEq)]
    enum Class {
        Word,
        Blank,
        Break,
        Sign,
    }
    let class = |c: char| match c {
        '\n' | '\r' => Class::Break,
        c if c.is_alphanumeric() || c == '_' => Class::Word,
        c if c.is_whitespace() => Class::Blank,
        _ => Class::Sign,
    };
    let mut tokens = Vec::new();
    let mut start = 0;
    let mut last = None;
    for (at, c) in text.char_indices() {
        let next = class(c);
        if last.as_ref().is_some_and(|last| *last != next || next == Class::Sign) {
            tokens.push(&text[start..at]);
            start = at;
        }
        last = Some(next);
    }
    if start < text.len() {
        tokens.push(&text[start..]);
    }
    tokens
}

/// A part that both have, or what one has in place of what the other has.
enum Step {
    Same(String),
    Changed(String, String),
}

/// From the old tokens to the new ones. Blanks alone between two changes belong to them: a reader would stumble over them.
fn steps(old: &[&str], new: &[&str]) -> Vec<Step> {
    let mut joined: Vec<Change> = Vec::new();
    for change in changes(old, new) {
        match joined.last_mut() {
            Some(last) if old[last.old.end..change.old.start].iter().all(|t| t.chars().all(|c| c == ' ')) => {
                last.old.end = change.old.end;
                last.new.end = change.new.end;
            }
            _ => joined.push(change),
        }
    }
    let mut steps = Vec::new();
    let mut at = 0;
    for change in joined {
        steps.push(Step::Same(old[at..change.old.start].concat()));
        at = change.old.end;
        steps.push(Step::Changed(old[change.old].concat(), new[change.new].concat()));
    }
    steps.push(Step::Same(old[at..].concat()));
    steps
}

/// Adds a part, joined to the last one when it is of the same kind.
fn push(words: &mut Vec<Word>, word: Word) {
    match (words.last_mut(), &word) {
        (_, Word::Same(text) | Word::Ins(text) | Word::Del(text)) if text.is_empty() => {}
        (Some(Word::Same(last)), Word::Same(text))
        | (Some(Word::Ins(last)), Word::Ins(text))
        | (Some(Word::Del(last)), Word::Del(text)) => last.push_str(text),
        _ => words.push(word),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::growth;
    use super::*;

    /// One line a row: `1 1 text`, `1 old [gone] | 1 new [come]`, `… 5`.
    fn draw(rows: &[Row]) -> String {
        let side = |side: &Option<Side>| match side {
            None => "-".to_owned(),
            Some(side) => {
                let spans = side.spans.iter().map(|s| if s.changed { format!("[{}]", s.text) } else { s.text.clone() });
                let ending = match side.ending {
                    Ending::Break => "",
                    Ending::ReturnAndBreak => "^M",
                    Ending::Missing => "$",
                };
                format!("{} {}{ending}", side.number, spans.collect::<String>())
            }
        };
        let row = |row: &Row| match row {
            Row::Same { old, new, text } => format!("{old} {new} {text}"),
            Row::Folded(lines) => format!("… {lines}"),
            Row::Changed { old, new } => format!("{} | {}", side(old), side(new)),
        };
        rows.iter().map(row).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn rows_show_what_changed_and_fold_what_did_not() {
        let long = |changed: &str| {
            (1..=20).map(|n| if n == 10 { format!("{changed}\n") } else { format!("line {n}\n") }).collect::<String>()
        };
        for (old, new, expected) in [
            ("", "", ""),
            ("a\n", "a\n", "1 1 a"),
            ("a\nb\nc\n", "a\nb\nc\n", "… 3"),
            ("a\n", "", "1 [a] | -"),
            ("", "a", "- | 1 [a]$"),
            ("the clock is off\n", "the clock is wrong\n", "1 the clock is [off] | 1 the clock is [wrong]"),
            ("one thing\n", "wholly different\n", "1 [one thing] | 1 [wholly different]"),
            ("a\n", "a\r\n", "1 a | 1 a^M"),
            ("a\n", "a", "1 a | 1 a$"),
            ("a b c d\ne f g h\n", "new\na b c D\ne f g h\n", "- | 1 [new]\n1 a b c [d] | 2 a b c [D]\n2 3 e f g h"),
            (
                &long("old words here"),
                &long("new words here"),
                "… 6\n7 7 line 7\n8 8 line 8\n9 9 line 9\n10 [old] words here | 10 [new] words here\n11 11 line 11\n12 12 line 12\n13 13 line 13\n… 7",
            ),
        ] {
            assert_eq!(draw(&side_by_side(old, new)), expected, "{old:?} {new:?}");
        }
    }

    #[test]
    fn words_are_marked_where_they_stand() {
        let draw = |words: &[Word]| -> String {
            words
                .iter()
                .map(|w| match w {
                    Word::Same(text) => text.clone(),
                    Word::Ins(text) => format!("+{text}+"),
                    Word::Del(text) => format!("-{text}-"),
                })
                .collect()
        };
        for (old, new, expected) in [
            ("", "", ""),
            ("a", "a", "a"),
            ("the clock is off\n", "the clock runs\n", "the clock -is off-+runs+\n"),
            ("/fix/a-b\n", "/fix/a-c\n", "/fix/a--b-+c+\n"),
            ("one\ntwo\n", "one\ntwo\nthree\n", "one\ntwo\n+three\n+"),
        ] {
            assert_eq!(draw(&words(old, new)), expected, "{old:?} {new:?}");
        }
    }

    #[test]
    fn a_changed_line_counts_on_both_sides() {
        for (old, new, expected) in [("", "", (0, 0)), ("a\nb\n", "a\nB\nc\n", (2, 1)), ("a\nb\n", "a\n", (0, 1))] {
            assert_eq!(summary(old, new), expected);
        }
    }

    fn text() -> impl Strategy<Value = String> {
        let line = prop::sample::select(vec!["a b\n", "a c\n", "\n", "a b\r\n", "é (x)\n", "one two three\n", "one 2 three\n"]);
        (prop::collection::vec(line, 0..30), "[a ]{0,3}").prop_map(|(lines, last)| lines.concat() + &last)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

        #[test]
        fn one_column_holds_both_texts(old in text(), new in text()) {
            let found = words(&old, &new);
            let side = |gone: bool| -> String {
                found.iter().map(|w| match w {
                    Word::Same(text) => text.as_str(),
                    Word::Ins(text) => if gone { "" } else { text },
                    Word::Del(text) => if gone { text } else { "" },
                }).collect()
            };
            prop_assert_eq!(side(true), old);
            prop_assert_eq!(side(false), new);
        }

        #[test]
        fn two_columns_hold_every_line_once_and_in_order(old in text(), new in text()) {
            let (lines, newer) = (split(&old), split(&new));
            let (mut at, mut newer_at) = (0, 0);
            let holds = |side: &Option<Side>, lines: &[&str], at: &mut usize| -> bool {
                let Some(side) = side else { return true };
                let text: String = side.spans.iter().map(|s| s.text.as_str()).collect();
                *at += 1;
                side.number == *at && text == ending(lines[*at - 1]).0
            };
            for row in side_by_side(&old, &new) {
                match row {
                    Row::Folded(n) => {
                        prop_assert_eq!(&lines[at..at + n], &newer[newer_at..newer_at + n]);
                        (at, newer_at) = (at + n, newer_at + n);
                    }
                    Row::Same { old, new, text } => {
                        (at, newer_at) = (at + 1, newer_at + 1);
                        prop_assert_eq!((old, new), (at, newer_at));
                        prop_assert_eq!(lines[at - 1], newer[newer_at - 1]);
                        prop_assert_eq!(text.as_str(), ending(lines[at - 1]).0);
                    }
                    Row::Changed { old, new } => {
                        prop_assert!(old.is_some() || new.is_some());
                        prop_assert!(holds(&old, &lines, &mut at) && holds(&new, &newer, &mut newer_at));
                    }
                }
            }
            prop_assert_eq!((at, newer_at), (lines.len(), newer.len()));
        }

        #[test]
        fn what_was_put_in_and_taken_out_explains_the_length(old in text(), new in text()) {
            let (added, removed) = summary(&old, &new);
            prop_assert_eq!(split(&old).len() + added, split(&new).len() + removed);
            prop_assert_eq!((added, removed) == (0, 0), old == new);
        }
    }

    #[test]
    fn time_grows_with_the_text() {
        for hostile in growth::pairs().into_iter().filter(|(name, _)| !name.contains("disorder")) {
            growth::check(hostile, |old, new| drop((side_by_side(old, new), words(old, new))));
        }
    }
}
