//! A body and the terms that were found in it → the passage that shows them best, as plain text with the words marked.
//!
//! Bodies are not in the index, so this reads the knowledge base; only for the hits that are shown.

use super::Fragment;
use super::prose::{self, Line};
use super::query::Wanted;

/// About two lines of a page.
const LONGEST: usize = 180;
/// So much of a passage may stand before its first marked word.
const LEAD: usize = 40;
/// A word may be so much longer than the stem that it is recognised by.
const LONGEST_ENDING: usize = 4;
/// A line of more than this is read up to here.
const LONGEST_LINE: usize = 2_000;
/// Code shows a term worse than prose does.
const CODE: f32 = 0.5;

/// Returns the passage, in pieces that alternate between marked and not.
pub fn snippet(body: &str, wanted: &[Wanted]) -> Vec<Fragment> {
    let marks = Marks::new(wanted);
    let mut best: Option<(f32, usize)> = None;
    prose::lines(body, |kind, line, at| {
        let factor = match kind {
            Line::Prose => 1.0,
            Line::Aside | Line::Code => CODE,
            Line::Heading | Line::Empty => return,
        };
        let score = factor * marks.score(super::query::beginning(line, LONGEST_LINE));
        if best.is_none_or(|(known, _)| known < score) {
            best = Some((score, at));
        }
    });
    let from = best.map_or(body.len(), |(_, at)| at);
    marks.fragments(&passage(&body[from..]))
}

/// The text from a line on, joined to the end of its paragraph.
fn passage(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines().take_while(|l| !l.trim().is_empty() && !l.trim_start().starts_with("```")) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&prose::plain(super::query::beginning(line, LONGEST_LINE)));
        if out.len() > 2 * LONGEST_LINE {
            break;
        }
    }
    out
}

/// Recognises words by the stems of the terms.
struct Marks<'a> {
    wanted: &'a [Wanted],
    /// For each first letter, the terms that begin with it, as bits.
    by_letter: [u64; 256],
}

impl Marks<'_> {
    fn new(wanted: &[Wanted]) -> Marks<'_> {
        let mut by_letter = [0; 256];
        for (i, w) in wanted.iter().enumerate().take(64) {
            if let Some(letter) = w.stem.bytes().next() {
                by_letter[usize::from(letter)] |= 1 << i;
                by_letter[usize::from(letter.to_ascii_uppercase())] |= 1 << i;
            }
        }
        Marks { wanted, by_letter }
    }

    fn find(&self, word: &str) -> Option<usize> {
        let mut candidates = self.by_letter[usize::from(*word.as_bytes().first()?)];
        while candidates != 0 {
            let i = candidates.trailing_zeros() as usize;
            if is_form(word, &self.wanted[i].stem) {
                return Some(i);
            }
            candidates &= candidates - 1;
        }
        None
    }

    /// What the different terms in a line say together.
    fn score(&self, line: &str) -> f32 {
        let mut seen = 0_u64;
        let mut score = 0.0;
        for (_, word) in words(line) {
            if let Some(i) = self.find(word).filter(|i| seen & (1 << i) == 0) {
                seen |= 1 << i;
                score += self.wanted[i].weight / (self.wanted[i].documents as f32 + 2.0).ln();
            }
        }
        score
    }

    fn fragments(&self, text: &str) -> Vec<Fragment> {
        let first = words(text).find(|(_, word)| self.find(word).is_some()).map_or(0, |(at, _)| at);
        let start = if first > LONGEST - LEAD { word_start(text, first - LEAD) } else { 0 };
        let end = word_end(text, start + LONGEST);
        let window = &text[start..end];
        let mut out = Vec::new();
        if start > 0 {
            push(&mut out, "… ", false);
        }
        let mut done = 0;
        for (at, word) in words(window) {
            if self.find(word).is_some() {
                push(&mut out, &window[done..at], false);
                push(&mut out, word, true);
                done = at + word.len();
            }
        }
        push(&mut out, &window[done..], false);
        if end < text.len() {
            push(&mut out, " …", false);
        }
        out
    }
}

fn push(out: &mut Vec<Fragment>, text: &str, marked: bool) {
    if text.is_empty() {
        return;
    }
    match out.last_mut() {
        Some(last) if last.marked == marked => last.text.push_str(text),
        _ => out.push(Fragment { text: text.to_owned(), marked }),
    }
}

/// Whether a word is a form of a stem. A heuristic: English stems are mostly beginnings, but for a last i that was a y.
fn is_form(word: &str, stem: &str) -> bool {
    let root = if stem.len() > 3 { stem.strip_suffix('i').unwrap_or(stem) } else { stem };
    let long_enough = word.len() >= root.len() && word.len() <= stem.len() + LONGEST_ENDING;
    long_enough && word.as_bytes()[..root.len()].eq_ignore_ascii_case(root.as_bytes())
}

fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split(|c: char| !c.is_alphanumeric()).filter_map(move |word| {
        let start = at;
        at += word.len() + text[start + word.len()..].chars().next().map_or(0, char::len_utf8);
        (!word.is_empty()).then_some((start, word))
    })
}

/// The start of the word at or after a place.
fn word_start(text: &str, from: usize) -> usize {
    (from..text.len()).find(|&i| text.is_char_boundary(i) && text[..i].ends_with(' ')).unwrap_or(0)
}

/// The end of the last word that ends before a place.
fn word_end(text: &str, before: usize) -> usize {
    if before >= text.len() {
        return text.len();
    }
    let cut = (0..=before).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
    text[..cut].rfind(' ').filter(|end| end + LONGEST / 2 > cut).unwrap_or(cut)
}
