//! What was read from a paste, in the words of the knowledge base: symptoms, answers, and where those do not agree. Start at
//! [`Seen::interpret`].

use std::collections::{BTreeMap, BTreeSet};

use super::{Answered, OtherRequest};
use crate::app::links::Link;
use crate::app::snapshot::Snapshot;
use crate::diagnosis::Facts;
use crate::evidence::detect::{Detect, Hits, Scope};
use crate::evidence::{self, Evidence, Paste};
use crate::kb::{KnowledgeBase, Slug};
use crate::search::SymptomMatch;

/// A symptom counts as shown when it matches at least this well beside the best one.
const SHOWN: f32 = 0.6;
/// More symptoms at once would only blur the questions.
const MOST_SYMPTOMS: usize = 3;
/// A symptom that an expression recognises is certain.
const RECOGNISED: f32 = 1.0;
/// Messages are looked for in so much of a text, beside the errors that were read from it.
const MOST_PROSE: usize = 16 * 1024;
/// A message among other words says less than one in an error.
const PROSE_WEIGHT: f32 = 0.8;
/// Other requests of a paste that are offered.
const MOST_REQUESTS: usize = 20;

/// What is the same for every request of a paste.
pub struct Seen<'a> {
    snapshot: &'a Snapshot,
    paste: &'a Paste,
    evidence: &'a Evidence,
    hits: Hits,
    /// Symptoms whose messages the text has.
    around: Vec<SymptomMatch>,
}

/// What evidence says in the words of the knowledge base. Reasons are lines as yet.
pub struct Interpretation {
    pub symptoms: Vec<SymptomMatch>,
    pub answered: Vec<Answered>,
    pub conflicts: Vec<Vec<Answered>>,
}

impl Interpretation {
    pub fn known(&self) -> Facts {
        let mut facts = Facts::default();
        facts.symptoms.extend(self.symptoms.iter().map(|s| s.symptom.clone()));
        facts.answers.extend(self.answered.iter().map(|a| (a.question.clone(), a.option.clone())));
        facts
    }
}

impl<'a> Seen<'a> {
    pub fn new(snapshot: &'a Snapshot, paste: &'a Paste, evidence: &'a Evidence) -> Seen<'a> {
        let around = paste.look(MOST_PROSE, |text| snapshot.index.symptoms(text));
        let around = around.into_iter().map(|s| SymptomMatch { score: s.score * PROSE_WEIGHT, ..s });
        let hits = evidence::look(paste, &snapshot.reader().looks);
        Seen { snapshot, paste, evidence, hits, around: around.collect() }
    }

    pub fn interpret(&self, facts: &evidence::Facts) -> Interpretation {
        let scope = evidence::scope(facts, self.paste, &self.hits);
        let symptoms = self.list_symptoms(facts, &scope);
        let shown: BTreeSet<Slug> = symptoms.iter().map(|s| s.symptom.clone()).collect();
        let asked = asked_about(&self.snapshot.kb, &shown);
        let (mut answered, mut conflicts) = (Vec::new(), Vec::new());
        for (question, options) in self.snapshot.reader().questions.iter().filter(|(q, _)| asked.contains(q)) {
            let hit = |(option, detect): &(Slug, Detect)| {
                let line = detect.find(&scope)?;
                Some(Answered { question: question.clone(), option: option.clone(), line, because: String::new() })
            };
            let mut hits: Vec<Answered> = options.iter().filter_map(hit).collect();
            match hits.len() {
                0 => {}
                1 => answered.append(&mut hits),
                _ => conflicts.push(hits),
            }
        }
        Interpretation { symptoms, answered, conflicts }
    }

    /// Symptoms that expressions recognise, or else those whose messages the errors or the text have.
    fn list_symptoms(&self, facts: &evidence::Facts, scope: &Scope<'_>) -> Vec<SymptomMatch> {
        let recognised = self.snapshot.reader().symptoms.iter().filter_map(|(symptom, detect)| {
            let line = detect.find(scope)?;
            Some(SymptomMatch { symptom: symptom.clone(), message: String::new(), line, score: RECOGNISED })
        });
        let mut symptoms: Vec<SymptomMatch> = recognised.collect();
        if symptoms.is_empty() {
            symptoms = self.match_messages(facts);
        }
        let best = symptoms.first().map_or(0.0, |s| s.score);
        symptoms.retain(|s| s.score >= best * SHOWN);
        symptoms.truncate(MOST_SYMPTOMS);
        symptoms
    }

    /// Messages in what was read as an error count in full, those in the words around it for less.
    fn match_messages(&self, facts: &evidence::Facts) -> Vec<SymptomMatch> {
        let errors = &facts.error.text;
        let told = self.snapshot.index.symptoms(&errors.value).into_iter();
        let told = told.map(|s| SymptomMatch { line: errors.line.max(1), ..s });
        let mut best: BTreeMap<Slug, SymptomMatch> = told.map(|s| (s.symptom.clone(), s)).collect();
        for found in &self.around {
            let kept = best.entry(found.symptom.clone()).or_insert_with(|| found.clone());
            kept.score = kept.score.max(found.score);
            // An error is known by the line on which its answer begins, a message by its own.
            kept.line = found.line;
        }
        let mut symptoms: Vec<SymptomMatch> = best.into_values().collect();
        symptoms.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.symptom.cmp(&b.symptom)));
        symptoms
    }

    /// The other requests of a paste, each with the diagnosis that it leads to: the text is not needed for it again.
    pub fn list_others(&self) -> Vec<OtherRequest> {
        let requests = self.evidence.requests.iter().enumerate().filter(|(_, r)| !r.chosen).take(MOST_REQUESTS);
        let other = |(number, request): (usize, &evidence::RequestLine)| {
            let known = self.interpret(&self.evidence.facts_of(number)).known();
            OtherRequest { label: request.label.clone(), line: request.line, url: Link::to(&known).url() }
        };
        requests.map(other).collect()
    }
}

/// Questions that have a bearing on some symptoms, or all questions when no symptom is known.
fn asked_about<'a>(kb: &'a KnowledgeBase, symptoms: &BTreeSet<Slug>) -> BTreeSet<&'a Slug> {
    if symptoms.is_empty() {
        return kb.questions.keys().collect();
    }
    let causes = symptoms.iter().flat_map(|s| kb.list_causes(s.as_str())).flat_map(|e| &e.when);
    let gaps = symptoms.iter().filter_map(|s| kb.symptoms.get(s)).flat_map(|s| &s.known_gaps).map(|g| &g.answers);
    causes.chain(gaps).flat_map(|c| c.0.keys()).collect()
}
