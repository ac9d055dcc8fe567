//! Paths of the derived questionnaires that would end elsewhere. Start at [`compare`].

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Changed, Changes, End, Figure, SymptomImpact};
use crate::app::links::{self, Link};
use crate::app::proofs::{Proved, Prover};
use crate::diagnosis::{Facts, Next};
use crate::kb::{Kind, KnowledgeBase, Slug, Symptom};

/// One side of the comparison.
struct Side<'a> {
    kb: &'a KnowledgeBase,
    symptom: Option<&'a Arc<Symptom>>,
    proved: Option<Arc<Proved>>,
}

/// Compares the questionnaires of some symptoms.
pub(super) fn compare(
    before: &KnowledgeBase,
    after: &KnowledgeBase,
    prover: &Prover,
    symptoms: &BTreeSet<Slug>,
    cut: &mut Vec<String>,
) -> Vec<SymptomImpact> {
    let compared = symptoms.iter().filter_map(|slug| {
        let [before, after] = [before, after].map(|kb| Side::new(kb, prover, slug));
        let symptom = after.symptom.or(before.symptom)?;
        if [&before, &after].iter().any(|side| side.proved.as_ref().is_some_and(|p| p.more_ends)) {
            cut.push(format!("“{}” has more paths than were compared.", symptom.title));
        }
        let of = |side: &Side| side.proved.as_ref().map(|p| p.proof.causes);
        let average = |side: &Side| side.proved.as_ref().filter(|p| !p.proof.cut).map(|p| p.proof.expected_questions);
        Some(SymptomImpact {
            symptom: slug.clone(),
            title: symptom.title.clone(),
            causes: Figure { before: of(&before), after: of(&after) },
            expected_questions: Figure { before: average(&before), after: average(&after) },
            paths: list_changes(&before, &after, slug),
        })
    });
    let is_same = |s: &SymptomImpact| {
        s.paths.is_empty() && s.causes.before == s.causes.after && s.expected_questions.before == s.expected_questions.after
    };
    compared.filter(|s| !is_same(s)).collect()
}

impl<'a> Side<'a> {
    fn new(kb: &'a KnowledgeBase, prover: &Prover, slug: &Slug) -> Side<'a> {
        let symptom = kb.symptoms.get(slug);
        let with_causes = symptom.filter(|s| kb.list_causes(s.slug.as_str()).next().is_some());
        Side { kb, symptom, proved: with_causes.map(|symptom| prover.prove(kb, symptom)) }
    }

    /// The ends of the paths, each with the answers that lead there.
    fn ends(&self, symptom: &Slug) -> Vec<(Facts, End)> {
        let Some(proved) = &self.proved else { return Vec::new() };
        let facts = |state| Facts { symptoms: BTreeSet::from([symptom.clone()]), ..proved.model.facts(state) };
        proved.ends.iter().map(|(state, next)| (facts(state), self.end(proved, *next))).collect()
    }

    fn end(&self, proved: &Proved, next: Next) -> End {
        match next {
            Next::Fix(cause) => End::of(self.kb, Kind::Entry, &proved.model.causes()[cause]),
            Next::Ask(number) => {
                let question = proved.model.question(number).clone();
                let title = self.kb.questions.get(&question).map_or_else(String::new, |q| q.title.clone());
                End::Asks { question, title }
            }
            Next::Undecided => End::Undecided,
            Next::NoKnownCause => End::NoKnownCause,
        }
    }

    /// Opens the link of some answers, with what is ignored of it.
    fn open(&self, query: &str) -> (End, Vec<String>) {
        let reading = links::split(query).and_then(|parameters| links::read(self.kb, &parameters));
        let (Some(proved), Ok(reading)) = (&self.proved, reading) else { return (End::Nowhere, Vec::new()) };
        let (_, next) = proved.model.step(&proved.model.state(&reading.facts));
        let ignored = reading.ignored.iter().map(|i| format!("{}={}: {}", i.key, i.value, i.why));
        (self.end(proved, next), ignored.collect())
    }

    /// Answers as a person would tell them.
    fn words(&self, facts: &Facts) -> String {
        let answered = facts.answers.iter().filter_map(|(question, option)| {
            let question = self.kb.questions.get(question)?;
            Some(format!("{} {}", question.title, question.option(option.as_str())?.label))
        });
        let skipped = facts.skipped.iter().filter_map(|q| Some(format!("{} Don’t know", self.kb.questions.get(q)?.title)));
        let words: Vec<String> = answered.chain(skipped).collect();
        if words.is_empty() { "No answer at all".to_owned() } else { words.join("; ") }
    }
}

/// Whether two ends are the same to a person. What was renamed is what it was.
pub(super) fn same_end(before: &End, after: &End, after_kb: &KnowledgeBase) -> bool {
    match (before, after) {
        (End::Document { kind: k, slug: a, .. }, End::Document { kind, slug: b, .. }) => {
            k == kind && (a == b || after_kb.find_slug(*kind, a.as_str()).as_ref() == Some(b))
        }
        (End::Asks { question: a, .. }, End::Asks { question: b, .. }) => a == b,
        _ => before == after,
    }
}

/// Paths of today that would end elsewhere, then paths that would be new and end where today something else is said.
fn list_changes(before: &Side<'_>, after: &Side<'_>, symptom: &Slug) -> Changes {
    let mut found: Vec<Changed> = Vec::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for (facts, was) in before.ends(symptom) {
        let link = Link::to(&facts);
        let (is, ignored) = after.open(&link.query());
        seen.insert(link.url());
        if !same_end(&was, &is, after.kb) {
            found.push(Changed { what: before.words(&facts), url: link.url(), before: was, after: is, ignored, times: 0 });
        }
    }
    for (facts, is) in after.ends(symptom) {
        let link = Link::to(&facts);
        let (was, unknown) = before.open(&link.query());
        // The same answers in another order, or with new names, are no other path, unless they end at a fix that is new.
        let new_fix = matches!(&is, End::Document { slug, .. } if !before.kb.entries.contains_key(slug));
        let known = (matches!(was, End::Asks { .. }) || !unknown.is_empty()) && !new_fix;
        if seen.insert(link.url()) && !known && !same_end(&was, &is, after.kb) {
            let what = after.words(&facts);
            found.push(Changed { what, url: link.url(), before: was, after: is, ignored: Vec::new(), times: 0 });
        }
    }
    // Another fix first, then none, then one more question.
    let weight = |c: &Changed| match (&c.before, &c.after) {
        (End::Document { .. }, End::Document { .. }) => 0,
        (_, End::Asks { .. }) => 2,
        _ => 1,
    };
    found.sort_by_key(weight);
    let mut changes = Changes::default();
    found.into_iter().for_each(|changed| changes.add(changed));
    changes
}
