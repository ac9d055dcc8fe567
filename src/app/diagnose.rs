//! One step of a diagnosis, with all that a page, the JSON or a terminal shows of it. Start at [`diagnose`].

use std::collections::{BTreeMap, BTreeSet};

use super::links::{Ignored, Link, Reading};
use super::snapshot::{Counts, Snapshot};
use crate::diagnosis::{Facts, Model, Next, State};
use crate::kb::{Kind, KnowledgeBase, Slug};
use crate::search::Found;

/// Candidates that are listed.
const MOST_CAUSES: usize = 50;
/// Engine steps that the average of questions still to come may cost; beyond, it is left out.
const EXPECTATION_BUDGET: usize = 4_000;
/// Above this many causes the average is not computed at all.
const EXPECTATION_CAUSES: usize = 200;

/// Where a diagnosis stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Ask,
    Fix,
    Undecided,
    NoKnownCause,
}

impl Stage {
    pub fn word(self) -> &'static str {
        match self {
            Stage::Ask => "ask",
            Stage::Fix => "fix",
            Stage::Undecided => "undecided",
            Stage::NoKnownCause => "no-known-cause",
        }
    }
}

/// An option with the link that chooses it.
#[derive(Clone, Debug)]
pub struct Option_ {
    pub id: Slug,
    pub label: String,
    pub url: String,
    /// It is the answer that stands now.
    pub chosen: bool,
}

/// A question as it is asked here.
#[derive(Clone, Debug)]
pub struct Asking {
    /// `symptom` for the question what is seen.
    pub slug: String,
    pub title: String,
    pub why: String,
    pub effort: Option<&'static str>,
    pub options: Vec<Option_>,
    /// Where "don't know" leads.
    pub skip_url: Option<String>,
}

/// An answer that was given, with the link that changes it.
#[derive(Clone, Debug)]
pub struct Given {
    pub question: Slug,
    pub title: String,
    /// `None` is "don't know".
    pub option: Option<String>,
    pub change_url: String,
}

/// A cause with what speaks for and against it.
#[derive(Clone, Debug)]
pub struct Ranked {
    pub slug: Slug,
    pub title: String,
    pub probability: f64,
    pub speaks_for: Vec<Slug>,
    pub speaks_against: Vec<Slug>,
    pub tried: bool,
    pub counts: Counts,
}

/// One step.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    pub facts: Facts,
    pub ignored: Vec<Ignored>,
    pub stage: Stage,
    pub question: Option<Asking>,
    pub given: Vec<Given>,
    pub causes: Vec<Ranked>,
    /// The cause whose fix comes next: the verdict, or the best guess where there is none.
    pub verdict: Option<Slug>,
    pub expected_questions: Option<f64>,
    /// Why the answers have no entry, in the words of the symptom (markdown).
    pub known_gaps: Vec<String>,
    /// The canonical address of this step.
    pub url: String,
}

/// Folds the facts through the engine.
pub fn diagnose(snapshot: &Snapshot, reading: Reading) -> Diagnosis {
    let Reading { facts, change, ignored } = reading;
    let kb = &snapshot.kb;
    let model = snapshot.model(&facts.symptoms);
    let state = model.state(&facts);
    let (belief, next) = model.step(&state);
    let asks_symptom = facts.symptoms.is_empty();
    let changed = change.as_ref().and_then(|slug| ask(kb, &facts, slug));
    let (stage, question) = match (changed, next) {
        (Some(question), _) => (Stage::Ask, Some(question)),
        (None, _) if asks_symptom => (Stage::Ask, Some(ask_symptom(kb, &facts))),
        (None, Next::Ask(q)) => (Stage::Ask, ask(kb, &facts, model.question(q))),
        (None, Next::Fix(_)) => (Stage::Fix, None),
        (None, Next::Undecided) => (Stage::Undecided, None),
        (None, Next::NoKnownCause) => (Stage::NoKnownCause, None),
    };
    let ranking = belief.ranking(&state);
    let verdict = match next {
        Next::Fix(cause) => Some(cause),
        _ => ranking.first().copied().filter(|&c| !facts.tried.contains(&model.causes()[c])),
    };
    let causes = ranking.iter().take(MOST_CAUSES).map(|&c| ranked(snapshot, &model, &state, &facts, c, belief.probability[c]));
    Diagnosis {
        causes: causes.collect(),
        given: given(kb, &facts),
        stage,
        question,
        verdict: verdict.filter(|_| !asks_symptom).map(|c| model.causes()[c].clone()),
        expected_questions: expected(&model, &state, stage, asks_symptom),
        known_gaps: if stage == Stage::NoKnownCause { known_gaps(kb, &facts) } else { Vec::new() },
        url: Link::to(&facts).url(),
        facts,
        ignored,
    }
}

/// The question that would split these results best, for the symptom that they share.
pub fn split(snapshot: &Snapshot, found: &Found) -> Option<Asking> {
    let entries = found.hits.iter().filter(|h| h.kind == Kind::Entry);
    let scores: BTreeMap<&Slug, f64> = entries.map(|h| (&h.slug, f64::from(h.score))).collect();
    let symptom = shared_symptom(snapshot, found, &scores)?;
    let facts = Facts { symptoms: BTreeSet::from([symptom]), ..Facts::default() };
    // What was not found is hardly possible; among what was found, scores are odds.
    let weight = |entry: &crate::kb::Entry| scores.get(&entry.slug).copied().unwrap_or(0.0).max(0.01);
    let model = Model::new(&snapshot.kb, &facts.symptoms, &weight);
    match model.step(&model.start()).1 {
        Next::Ask(question) => ask(&snapshot.kb, &facts, model.question(question)),
        _ => None,
    }
}

/// The symptom that the text shows, or else the one that weighs most among the results.
fn shared_symptom(snapshot: &Snapshot, found: &Found, scores: &BTreeMap<&Slug, f64>) -> Option<Slug> {
    let mut weights: BTreeMap<&Slug, f64> = BTreeMap::new();
    for (slug, score) in scores {
        for symptom in snapshot.kb.entries.get(*slug).into_iter().flat_map(|e| &e.symptoms) {
            *weights.entry(symptom).or_default() += score;
        }
    }
    let shown = found.symptoms.first().map(|s| &s.symptom).filter(|s| weights.contains_key(s));
    let heaviest = || weights.iter().max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(a.0))).map(|(s, _)| *s);
    shown.or_else(heaviest).cloned()
}

fn expected(model: &Model, state: &State, stage: Stage, asks_symptom: bool) -> Option<f64> {
    match stage {
        Stage::Ask if asks_symptom || model.causes().len() > EXPECTATION_CAUSES => None,
        Stage::Ask => model.expected_questions(state, EXPECTATION_BUDGET),
        _ => Some(0.0),
    }
}

fn ask(kb: &KnowledgeBase, facts: &Facts, slug: &Slug) -> Option<Asking> {
    let question = kb.questions.get(slug)?;
    let current = facts.answers.get(slug);
    let option = |choice: &crate::kb::Choice| Option_ {
        id: choice.id.clone(),
        label: choice.label.clone(),
        url: Link::to(facts).answering(slug, &choice.id).url(),
        chosen: current == Some(&choice.id),
    };
    Some(Asking {
        slug: slug.to_string(),
        title: question.title.clone(),
        why: question.why.clone(),
        effort: Some(question.effort.words()),
        options: question.options.iter().map(option).collect(),
        skip_url: Some(Link::to(facts).skipping(slug).url()),
    })
}

fn ask_symptom(kb: &KnowledgeBase, facts: &Facts) -> Asking {
    let option = |(slug, symptom): (&Slug, &std::sync::Arc<crate::kb::Symptom>)| Option_ {
        id: slug.clone(),
        label: symptom.title.clone(),
        url: Link::to(facts).with_symptom(slug).url(),
        chosen: false,
    };
    Asking {
        slug: "symptom".to_owned(),
        title: "What do you see?".to_owned(),
        why: "The message or the behaviour decides which causes are possible.".to_owned(),
        effort: None,
        options: kb.symptoms.iter().map(option).collect(),
        skip_url: None,
    }
}

/// The answers in the order of their questions, "don't know" among them.
fn given(kb: &KnowledgeBase, facts: &Facts) -> Vec<Given> {
    let answered = facts.answers.iter().map(|(q, o)| (q, Some(o)));
    let all: BTreeMap<&Slug, Option<&Slug>> = answered.chain(facts.skipped.iter().map(|q| (q, None))).collect();
    all.into_iter()
        .filter_map(|(slug, option)| {
            let question = kb.questions.get(slug)?;
            Some(Given {
                question: slug.clone(),
                title: question.title.clone(),
                option: option.and_then(|o| question.option(o.as_str())).map(|o| o.label.clone()),
                change_url: Link::to(facts).changing(slug).url(),
            })
        })
        .collect()
}

fn ranked(snapshot: &Snapshot, model: &Model, state: &State, facts: &Facts, cause: usize, probability: f64) -> Ranked {
    let slug = model.causes()[cause].clone();
    Ranked {
        title: snapshot.kb.entries[&slug].title.clone(),
        probability,
        speaks_for: model.speaks_for(state, cause).into_iter().cloned().collect(),
        speaks_against: model.speaks_against(state, cause).into_iter().cloned().collect(),
        tried: facts.tried.contains(&slug),
        counts: snapshot.outcomes.counts(&slug),
        slug,
    }
}

fn known_gaps(kb: &KnowledgeBase, facts: &Facts) -> Vec<String> {
    let symptoms = facts.symptoms.iter().filter_map(|s| kb.symptoms.get(s));
    let gaps = symptoms.flat_map(|s| &s.known_gaps).filter(|g| g.answers.holds(&facts.answers));
    gaps.map(|g| g.reason.clone()).collect()
}
