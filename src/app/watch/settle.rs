//! Which of many changes can be made without an error. Start at [`settle`].

use std::collections::BTreeMap;

use super::Held;
use crate::content::{Change, Corpus, Pack, Problem, Severity, place};

/// Where nobody sees which of so many changes is at fault, none of them is made.
const MOST_SUSPECTS: usize = 32;

/// The changes that were made, and the others with the reason.
pub struct Settled {
    pub corpus: Corpus,
    pub taken: Vec<Change>,
    pub held: Vec<Held>,
}

/// What else is wrong with a corpus that has these changes.
pub type Missing<'a> = &'a dyn Fn(&Corpus, &[Change]) -> Vec<Problem>;

/// Makes all changes but those that bring errors. `shown` has none, so the end is reached at the latest when nothing is changed.
pub fn settle(shown: &Corpus, mut changes: Vec<Change>, missing: Missing<'_>) -> Settled {
    let mut back: Vec<(Change, Problem)> = Vec::new();
    let corpus = loop {
        let corpus = apply(shown, &changes);
        let errors = errors(&corpus, &changes, missing);
        if errors.is_empty() || changes.is_empty() {
            break corpus;
        }
        let reasons = to_hold(shown, &changes, &errors, missing);
        changes.retain(|change| {
            let reason = reasons.get(change.path());
            back.extend(reason.map(|problem| (change.clone(), problem.clone())));
            reason.is_none()
        });
    };
    let mut settled = Settled { corpus, taken: changes, held: Vec::new() };
    if back.len() <= MOST_SUSPECTS {
        let may = |change: &Change| !leaves_a_name(change, &back);
        let mut others: Vec<Change> = back.iter().map(|(change, _)| change.clone()).filter(may).collect();
        while let Some(innocent) = others.iter().position(|change| settled.try_one(shown, change, missing)) {
            let innocent = others.remove(innocent);
            back.retain(|(change, _)| *change != innocent);
        }
    }
    settled.held = back.into_iter().map(|(change, problem)| Held { path: change.path().to_owned(), problem }).collect();
    settled
}

impl Settled {
    /// Makes one more change, if it brings no error now that others are held back.
    fn try_one(&mut self, shown: &Corpus, change: &Change, missing: Missing<'_>) -> bool {
        let mut changes = self.taken.clone();
        changes.push(change.clone());
        let corpus = apply(shown, &changes);
        let is_sound = errors(&corpus, &changes, missing).is_empty();
        if is_sound {
            (self.corpus, self.taken) = (corpus, changes);
        }
        is_sound
    }
}

fn apply(shown: &Corpus, changes: &[Change]) -> Corpus {
    let kb = shown.kb();
    let is_empty = kb.entries.is_empty() && kb.questions.is_empty() && kb.symptoms.is_empty();
    match changes {
        [] => shown.clone(),
        // The first time: on all processors.
        _ if is_empty => Corpus::new(&Pack { files: super::written(changes).cloned().collect(), images: Vec::new() }),
        _ => shown.with_changes(changes),
    }
}

fn errors(corpus: &Corpus, changes: &[Change], missing: Missing<'_>) -> Vec<Problem> {
    let mut problems = corpus.problems();
    problems.extend(missing(corpus, changes));
    problems.retain(|p| p.severity == Severity::Error);
    problems
}

/// The changes to be held back, by path, each with the reason; at least one of them.
fn to_hold(shown: &Corpus, changes: &[Change], errors: &[Problem], missing: Missing<'_>) -> BTreeMap<String, Problem> {
    let mut back = BTreeMap::new();
    for error in errors {
        if changes.iter().any(|change| matches!(change, Change::Write(file) if file.path == error.path)) {
            back.entry(error.path.clone()).or_insert_with(|| error.clone());
        }
    }
    if back.is_empty() {
        back = at_fault(shown, changes, errors, missing);
    }
    // A file that was moved stays in its old place while it is held back in its new one.
    let names: Vec<_> = back.iter().filter_map(|(path, problem)| Some((name(path)?, problem.clone()))).collect();
    for change in changes {
        let same = names.iter().find(|(held, _)| name(change.path()).as_ref() == Some(held));
        if let (Change::Remove(path), Some((_, problem))) = (change, same) {
            back.entry(path.clone()).or_insert_with(|| problem.clone());
        }
    }
    back
}

/// Whether a file goes away that comes back elsewhere, and not yet.
fn leaves_a_name(change: &Change, back: &[(Change, Problem)]) -> bool {
    let is_same = |other: &Change| matches!(other, Change::Write(_)) && name(other.path()) == name(change.path());
    matches!(change, Change::Remove(_)) && back.iter().any(|(other, _)| is_same(other))
}

fn name(path: &str) -> Option<(crate::kb::Kind, crate::kb::Slug)> {
    place(path).ok().map(|(kind, _, slug)| (kind, slug))
}

/// The changes without which there are fewer errors, when the errors are in files that did not change; all when that cannot be
/// told.
fn at_fault(shown: &Corpus, changes: &[Change], all: &[Problem], missing: Missing<'_>) -> BTreeMap<String, Problem> {
    let mut found = BTreeMap::new();
    let suspects = if changes.len() > MOST_SUSPECTS { &[] } else { changes };
    for suspect in suspects {
        let others: Vec<Change> = changes.iter().filter(|change| *change != suspect).cloned().collect();
        let left = errors(&apply(shown, &others), &others, missing);
        if left.len() < all.len() {
            let solved = all.iter().find(|error| !left.contains(error));
            found.extend(solved.map(|error| (suspect.path().to_owned(), error.clone())));
        }
    }
    if found.is_empty()
        && let Some(first) = all.first()
    {
        found.extend(changes.iter().map(|change| (change.path().to_owned(), first.clone())));
    }
    found
}
