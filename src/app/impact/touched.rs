//! What an edit touches: documents that differ, and what they have a bearing on. Start at [`Touched::new`].

use std::collections::BTreeSet;
use std::sync::Arc;

use imbl::ordmap::DiffItem;

use super::changes_of_symptom;
use crate::app::proofs::{Prover, is_large, symptoms_by_question};
use crate::kb::{Condition, Documents, Entry, KnowledgeBase, Question, Slug, Symptom};

/// Documents that are on one side only, or not the same on both.
#[derive(Default)]
pub(in crate::app) struct Touched {
    pub entries: BTreeSet<Slug>,
    pub questions: BTreeSet<Slug>,
    pub symptoms: BTreeSet<Slug>,
    /// Evidence is read with other signs.
    pub reads_differently: bool,
}

/// The slugs of what differs, each with what is there on both sides.
type Pairs<'a, T> = Vec<(Slug, Option<&'a Arc<T>>, Option<&'a Arc<T>>)>;

fn differing<'a, T: PartialEq>(before: &'a Documents<T>, after: &'a Documents<T>, same: fn(&T, &T) -> bool) -> Pairs<'a, T> {
    let pair = |item: DiffItem<'a, 'a, Slug, Arc<T>>| match item {
        DiffItem::Add(slug, new) => Some((slug.clone(), None, Some(new))),
        DiffItem::Remove(slug, old) => Some((slug.clone(), Some(old), None)),
        DiffItem::Update { old: (_, old), new: (_, new) } if same(old, new) => None,
        DiffItem::Update { old: (slug, old), new: (_, new) } => Some((slug.clone(), Some(old), Some(new))),
    };
    before.diff(after).filter_map(pair).collect()
}

fn same_entry(a: &Entry, b: &Entry) -> bool {
    a.source == b.source && a.when == b.when && a.transcripts == b.transcripts
}

fn same_question(a: &Question, b: &Question) -> bool {
    a.source == b.source && a.asked_when == b.asked_when
}

fn same_symptom(a: &Symptom, b: &Symptom) -> bool {
    a.source == b.source && a.known_gaps == b.known_gaps
}

/// The signs by which a question is answered from evidence.
fn signs_of_question(question: &Question) -> Vec<(&Slug, &Option<String>)> {
    question.options.iter().map(|o| (&o.id, &o.detect)).filter(|(_, detect)| detect.is_some()).collect()
}

/// The signs by which a symptom is seen.
fn signs_of_symptom(symptom: &Symptom) -> (&[String], &[String], &[u16], &Option<String>) {
    (&symptom.messages, &symptom.patterns, &symptom.statuses, &symptom.detect)
}

impl Touched {
    pub fn new(before: &KnowledgeBase, after: &KnowledgeBase) -> Touched {
        let mut touched = Touched::default();
        for (slug, ..) in differing(&before.entries, &after.entries, same_entry) {
            touched.entries.insert(slug);
        }
        for (slug, old, new) in differing(&before.questions, &after.questions, same_question) {
            let signs = |q: Option<&Arc<Question>>| q.map(|q| format!("{:?}", signs_of_question(q)));
            touched.reads_differently |= signs(old) != signs(new);
            touched.questions.insert(slug);
        }
        for (slug, old, new) in differing(&before.symptoms, &after.symptoms, same_symptom) {
            let signs = |s: Option<&Arc<Symptom>>| s.map(|s| format!("{:?}", signs_of_symptom(s)));
            touched.reads_differently |= signs(old) != signs(new);
            touched.symptoms.insert(slug);
        }
        touched
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.questions.is_empty() && self.symptoms.is_empty()
    }

    /// Symptoms whose questionnaire is made of something else now.
    pub fn list_symptoms(&self, before: &KnowledgeBase, after: &KnowledgeBase) -> BTreeSet<Slug> {
        let mut maybe = self.symptoms.clone();
        for kb in [before, after] {
            let entries = self.entries.iter().filter_map(|slug| kb.entries.get(slug));
            maybe.extend(entries.flat_map(|e| &e.symptoms).cloned());
            if !self.questions.is_empty() {
                maybe.extend(symptoms_by_question(kb, &self.questions).into_values().flatten().cloned());
                let in_gap = |s: &&Arc<Symptom>| s.known_gaps.iter().any(|g| names_any(&g.answers, &self.questions));
                maybe.extend(kb.symptoms.values().filter(in_gap).map(|s| s.slug.clone()));
            }
        }
        maybe.retain(|slug| changes_of_symptom(before, after, slug));
        maybe
    }

    /// Questions that may have become useless, or options of theirs without explanation, or the other way round.
    pub fn list_questions(
        &self,
        before: &KnowledgeBase,
        after: &KnowledgeBase,
        symptoms: &BTreeSet<Slug>,
        prover: &Prover,
    ) -> BTreeSet<Slug> {
        let mut questions = self.questions.clone();
        for kb in [before, after] {
            let conditions = self.entries.iter().filter_map(|slug| kb.entries.get(slug)).flat_map(|e| &e.when);
            let gaps = self.symptoms.iter().filter_map(|slug| kb.symptoms.get(slug)).flat_map(|s| &s.known_gaps);
            questions.extend(conditions.chain(gaps.map(|g| &g.answers)).flat_map(|c| c.0.keys()).cloned());
        }
        let asked = |kb: &KnowledgeBase| -> BTreeSet<Slug> {
            let walked = symptoms.iter().filter(|s| !is_large(kb, s)).filter_map(|s| kb.symptoms.get(s));
            walked.flat_map(|symptom| prover.prove(kb, symptom).proof.asked.clone()).collect()
        };
        questions.extend(asked(before).symmetric_difference(&asked(after)).cloned());
        questions
    }
}

fn names_any(condition: &Condition, questions: &BTreeSet<Slug>) -> bool {
    condition.0.keys().any(|question| questions.contains(question))
}
