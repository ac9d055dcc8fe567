//! From a pasted text to a diagnosis, through the symptoms that it shows. Start at [`explain`].

use std::sync::Arc;

use super::diagnose::Diagnosis;
use super::links::Reading;
use super::snapshot::Snapshot;
use crate::search::{SymptomMatch, normalise};

/// A symptom counts as shown when it matches at least this well beside the best one.
const SHOWN: f32 = 0.6;
/// More symptoms at once would only blur the questions.
const MOST_SYMPTOMS: usize = 3;

/// What a text shows.
pub struct Explanation {
    pub symptoms: Vec<SymptomMatch>,
    pub diagnosis: Arc<Diagnosis>,
    /// The text with everything specific taken out.
    pub redacted: String,
    /// How many words were taken out.
    pub redactions: usize,
}

/// Reads a text. It is not kept: only the symptoms go on.
pub fn explain(snapshot: &Snapshot, text: &str) -> Explanation {
    let mut symptoms = snapshot.index.symptoms(text);
    let best = symptoms.first().map_or(0.0, |s| s.score);
    symptoms.retain(|s| s.score >= best * SHOWN);
    symptoms.truncate(MOST_SYMPTOMS);
    let mut reading = Reading::default();
    reading.facts.symptoms.extend(symptoms.iter().map(|s| s.symptom.clone()));
    let redacted = normalise(text);
    let redactions = text.split_whitespace().count().saturating_sub(redacted.split_whitespace().count());
    Explanation { symptoms, diagnosis: snapshot.diagnose(reading), redacted, redactions }
}
