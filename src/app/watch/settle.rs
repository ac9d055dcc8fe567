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
    let mut held = Vec::new();
    loop {
        let corpus = apply(shown, &changes);
        let errors = errors(&corpus, &changes, missing);
        if errors.is_empty() || changes.is_empty() {
            return Settled { corpus, taken: changes, held };
        }
        let back = to_hold(shown, &changes, &errors, missing);
        changes.retain(|change| !back.contains_key(change.path()));
        held.extend(back.into_iter().map(|(path, problem)| Held { path, problem }));
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
    // A file that was moved and is broken in its new place stays in its old one.
    let names: Vec<_> = back.iter().filter_map(|(path, problem)| Some((name(path)?, problem.clone()))).collect();
    for change in changes {
        let same = names.iter().find(|(held, _)| name(change.path()).as_ref() == Some(held));
        if let (Change::Remove(path), Some((_, problem))) = (change, same) {
            back.entry(path.clone()).or_insert_with(|| problem.clone());
        }
    }
    back
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
