//! The transcripts in entries, read as evidence: each has to put the entry that it names first. Start at [`run`].

use std::collections::BTreeSet;

use super::explain::{Explanation, Paste, explain};
use super::snapshot::Snapshot;
use crate::diagnosis::{Facts, Next};
use crate::kb::{Entry, Question, Slug, Transcript};

/// A conversation that asks more than this does not end.
const MOST_QUESTIONS: usize = 50;

/// How the reading of one transcript went.
pub struct Landing<'a> {
    pub entry: &'a Entry,
    pub transcript: &'a Transcript,
    /// The cause that came first.
    pub first: Option<Slug>,
    /// Answers that were read and are those of the cause, and answers that are not.
    pub right: Vec<(Slug, Slug)>,
    pub wrong: Vec<(Slug, Slug)>,
    /// Questions that had to be asked until the cause stood out.
    pub questions: usize,
}

impl Landing<'_> {
    pub fn is_right(&self) -> bool {
        self.first.as_ref() == Some(&self.transcript.lands)
    }
}

/// What all transcripts say together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    pub run: usize,
    pub failed: usize,
    /// The share of answers read that are those of the cause; 1 when none was read.
    pub precision: f64,
    /// The mean number of questions left.
    pub questions_left: f64,
}

impl Tally {
    pub fn new(landings: &[Landing<'_>]) -> Tally {
        let sum = |of: fn(&Landing<'_>) -> usize| landings.iter().map(of).sum::<usize>();
        let (right, wrong) = (sum(|l| l.right.len()), sum(|l| l.wrong.len()));
        Tally {
            run: landings.len(),
            failed: landings.iter().filter(|l| !l.is_right()).count(),
            precision: if right + wrong == 0 { 1.0 } else { right as f64 / (right + wrong) as f64 },
            questions_left: sum(|l| l.questions) as f64 / landings.len().max(1) as f64,
        }
    }
}

/// Reads every transcript of a knowledge base.
pub fn run(snapshot: &Snapshot) -> Vec<Landing<'_>> {
    let all = snapshot.kb.entries.values().flat_map(|e| e.transcripts.iter().map(move |t| (e.as_ref(), t)));
    all.map(|(entry, transcript)| land(snapshot, entry, transcript)).collect()
}

/// The cause that one transcript puts first.
pub fn find_first(snapshot: &Snapshot, transcript: &Transcript) -> Option<Slug> {
    let explained = explain(snapshot, &Paste::new(transcript.text.as_str()));
    explained.diagnosis.causes.first().map(|c| c.slug.clone())
}

fn land<'a>(snapshot: &'a Snapshot, entry: &'a Entry, transcript: &'a Transcript) -> Landing<'a> {
    let explained = explain(snapshot, &Paste::new(transcript.text.as_str()));
    let first = explained.diagnosis.causes.first().map(|c| c.slug.clone());
    let cause = snapshot.kb.entries.get(&transcript.lands);
    let answers = || explained.answered.iter().map(|a| (a.question.clone(), a.option.clone()));
    let fits = |(question, option): &(Slug, Slug)| {
        let known = cause.zip(snapshot.kb.questions.get(question));
        known.is_none_or(|(cause, question)| expected(cause, question).is_none_or(|options| options.contains(option)))
    };
    let (right, wrong) = answers().partition(fits);
    let questions = cause.map_or(0, |cause| questions_left(snapshot, &explained, cause));
    Landing { entry, transcript, first, right, wrong, questions }
}

/// The options that a cause makes likely: those that it names, or else the healthy ones. `None` when any is as likely.
fn expected(cause: &Entry, question: &Question) -> Option<BTreeSet<Slug>> {
    let named: BTreeSet<Slug> = cause.when.iter().filter_map(|c| c.names(&question.slug)).flatten().cloned().collect();
    if !named.is_empty() {
        return Some(named);
    }
    let healthy = question.options.iter().filter(|o| o.healthy).map(|o| o.id.clone());
    question.is_check().then(|| healthy.collect())
}

/// Plays the rest of the conversation with somebody who has this cause and knows every answer.
fn questions_left(snapshot: &Snapshot, explained: &Explanation, cause: &Entry) -> usize {
    let model = snapshot.model(&explained.diagnosis.facts.symptoms);
    let mut facts: Facts = explained.diagnosis.facts.clone();
    for asked in 0..MOST_QUESTIONS {
        let Next::Ask(number) = model.step(&model.state(&facts)).1 else { return asked };
        let slug = model.question(number);
        let Some(question) = snapshot.kb.questions.get(slug) else { return asked };
        let answer = expected(cause, question).and_then(|options| options.into_iter().next());
        match answer {
            Some(option) => drop(facts.answers.insert(slug.clone(), option)),
            None => drop(facts.skipped.insert(slug.clone())),
        }
    }
    MOST_QUESTIONS
}
