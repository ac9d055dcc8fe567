//! What expressions look for in the whole text: each is looked for once a paste, all of them together.
//!
//! `text.contains('…')` and `text.matches('…')` are taken out of an expression and stand there as a name; [`Looks`] makes one
//! automaton of all their words, and [`Hits`] holds what a text had.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;
use cel::IdedExpr;
use cel::common::ast::{CallExpr, Expr, LiteralValue};
use regex::Regex;

/// Expressions see so much of a text: what they look for in words stands at the beginning of what a person pastes, and from
/// an archive the facts are read.
const SEEN: usize = 128 * 1024;

/// A word or a pattern that is looked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    Word(String),
    Pattern(String),
}

impl Look {
    /// The name that stands for it; no expression that a person writes can hold it.
    fn name(&self) -> String {
        match self {
            Look::Word(word) => format!("text contains {word}"),
            Look::Pattern(pattern) => format!("text matches {pattern}"),
        }
    }
}

/// Takes what looks at the whole text out of an expression, and gives it.
pub fn take_looks(at: &mut IdedExpr) -> Vec<Look> {
    if let Some(look) = look(&at.expr) {
        at.expr = Expr::Ident(look.name());
        return vec![look];
    }
    match &mut at.expr {
        Expr::Select(select) => take_looks(&mut select.operand),
        Expr::List(list) => list.elements.iter_mut().flat_map(take_looks).collect(),
        Expr::Call(call) => {
            let operands = call.target.iter_mut().map(|t| t.as_mut()).chain(&mut call.args);
            operands.flat_map(take_looks).collect()
        }
        Expr::Comprehension(of) => [&mut of.iter_range, &mut of.loop_step].into_iter().flat_map(take_looks).collect(),
        _ => Vec::new(),
    }
}

fn look(expression: &Expr) -> Option<Look> {
    let Expr::Call(CallExpr { func_name, target: Some(target), args }) = expression else { return None };
    let is_text = matches!(&target.expr, Expr::Ident(name) if name == "text");
    let [IdedExpr { expr: Expr::Literal(LiteralValue::String(literal)), .. }] = args.as_slice() else { return None };
    match func_name.as_str() {
        "contains" if is_text => Some(Look::Word(literal.inner().to_owned())),
        "matches" if is_text => Some(Look::Pattern(literal.inner().to_owned())),
        _ => None,
    }
}

/// All that some expressions look for.
#[derive(Default)]
pub struct Looks {
    words: Vec<String>,
    automaton: Option<AhoCorasick>,
    /// Each by itself: one automaton for all loses the literals by which most of a text is skipped.
    patterns: Vec<(String, Regex)>,
}

impl Looks {
    pub fn new<'a>(detects: impl IntoIterator<Item = &'a super::Detect>) -> Looks {
        let looks: BTreeSet<&Look> = detects.into_iter().flat_map(super::Detect::looks).collect();
        let mut made = Looks::default();
        for look in looks {
            match look {
                Look::Word(word) => made.words.push(word.clone()),
                Look::Pattern(pattern) => made.patterns.extend(Regex::new(pattern).ok().map(|regex| (pattern.clone(), regex))),
            }
        }
        made.automaton = AhoCorasick::new(&made.words).ok();
        made
    }

    /// Looks for everything in the beginning of a text.
    pub fn find(&self, text: &str) -> Hits {
        let seen = beginning(text);
        let words = self.words.iter().zip(self.find_words(seen)).map(|(word, place)| (Look::Word(word.clone()), place));
        let patterns = self.patterns.iter();
        let patterns = patterns.map(|(pattern, regex)| (Look::Pattern(pattern.clone()), regex.find(seen).map(|m| m.start())));
        Hits { found: words.chain(patterns).collect() }.count_lines(seen)
    }

    /// Where each word stands first. Words may overlap each other.
    fn find_words(&self, text: &str) -> Vec<Option<usize>> {
        let mut places = vec![None; self.words.len()];
        let mut left = places.len();
        for hit in self.automaton.iter().flat_map(|a| a.find_overlapping_iter(text)) {
            let place = &mut places[hit.pattern()];
            if place.is_none() {
                *place = Some(hit.start());
                left -= 1;
            }
            if left == 0 {
                break;
            }
        }
        places
    }
}

/// So much of a text as expressions see.
pub fn beginning(text: &str) -> &str {
    let end = (0..=SEEN.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    &text[..end]
}

/// What a text had, each with its line, counted from 1.
pub struct Hits {
    found: BTreeMap<Look, Option<usize>>,
}

impl Hits {
    /// Places become lines.
    fn count_lines(mut self, text: &str) -> Hits {
        let mut places: Vec<&mut usize> = self.found.values_mut().flatten().collect();
        places.sort();
        let (mut line, mut from) = (1, 0);
        for place in places {
            line += memchr::memchr_iter(b'\n', &text.as_bytes()[from..*place]).count();
            from = *place;
            *place = line;
        }
        self
    }

    pub(super) fn names(&self) -> impl Iterator<Item = (String, bool)> {
        self.found.iter().map(|(look, line)| (look.name(), line.is_some()))
    }

    pub(super) fn line_of(&self, look: &Look) -> Option<usize> {
        self.found.get(look).copied().flatten()
    }
}
