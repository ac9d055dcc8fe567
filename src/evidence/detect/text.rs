//! What expressions look for in the whole text: each is looked for once a paste, all of them together.
//!
//! `text.contains('…')` and `text.matches('…')` are taken out of an expression and stand there as a name; [`Looks`] makes one
//! automaton of all their words and one of all their patterns, and [`Hits`] holds what a text had.

use std::collections::BTreeMap;

use aho_corasick::AhoCorasick;
use cel::IdedExpr;
use cel::common::ast::{CallExpr, Expr, LiteralValue};
use regex::{Regex, RegexSet, RegexSetBuilder};

/// Memory for the automaton of all patterns; beyond it they are tried one by one.
const SET_SIZE: usize = 64 * 1024 * 1024;

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
    patterns: Vec<String>,
    set: Option<RegexSet>,
}

impl Looks {
    pub fn new<'a>(detects: impl IntoIterator<Item = &'a super::Detect>) -> Looks {
        let mut looks: Vec<&Look> = detects.into_iter().flat_map(super::Detect::looks).collect();
        looks.sort();
        looks.dedup();
        let words: Vec<String> =
            looks.iter().filter_map(|l| if let Look::Word(w) = l { Some(w.clone()) } else { None }).collect();
        let patterns: Vec<String> =
            looks.iter().filter_map(|l| if let Look::Pattern(p) = l { Some(p.clone()) } else { None }).collect();
        let set = RegexSetBuilder::new(&patterns).size_limit(SET_SIZE).dfa_size_limit(SET_SIZE / 8).build().ok();
        Looks { automaton: AhoCorasick::new(&words).ok(), words, patterns, set }
    }

    /// Looks for everything.
    pub fn find(&self, text: &str) -> Hits {
        let mut hits = Hits { found: BTreeMap::new() };
        for word in &self.words {
            hits.found.insert(Look::Word(word.clone()), None);
        }
        // Words may overlap each other, so every place counts; the first one of each says where it stands.
        let mut left = self.words.len();
        for hit in self.automaton.iter().flat_map(|a| a.find_overlapping_iter(text)) {
            let slot = hits.found.entry(Look::Word(self.words[hit.pattern()].clone())).or_default();
            if slot.is_none() {
                *slot = Some(hit.start());
                left -= 1;
            }
            if left == 0 {
                break;
            }
        }
        let matched: Vec<usize> = match &self.set {
            Some(set) => set.matches(text).into_iter().collect(),
            None => (0..self.patterns.len()).filter(|&n| find_pattern(&self.patterns[n], text).is_some()).collect(),
        };
        for (number, pattern) in self.patterns.iter().enumerate() {
            let place = matched.contains(&number).then(|| find_pattern(pattern, text)).flatten();
            hits.found.insert(Look::Pattern(pattern.clone()), place);
        }
        hits.count_lines(text)
    }
}

fn find_pattern(pattern: &str, text: &str) -> Option<usize> {
    Regex::new(pattern).ok()?.find(text).map(|m| m.start())
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
