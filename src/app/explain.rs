//! From a pasted text to a diagnosis: facts are read from it, the expressions of the content turn them into answers, and what
//! is left is asked. Start at [`explain`].

mod seen;

use std::sync::Arc;

use super::diagnose::{Diagnosis, Ranked, Stage};
use super::links::Reading;
use super::snapshot::Snapshot;
pub use crate::evidence::Paste;
use crate::evidence::{self, Evidence, Redacted};
use crate::kb::{Kind, Slug};
use crate::search::SymptomMatch;
use seen::{Interpretation, Seen};

/// A text may be this long: enough for a HAR of one failing page.
pub const LARGEST_PASTE: usize = 4 * 1024 * 1024;

/// A text is longer than that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the text is larger than 4 MiB: keep only the request that fails; in a browser's Network panel, copy that one request as cURL, or filter before you save the HAR"
)]
pub struct TooLarge;

/// So much of a text is compared with the words of the entries, and so many entries are looked at.
const MOST_WORDS: usize = 2 * 1024;
const MOST_HITS: usize = 20;
/// A cause whose entry has the words of the text counts for up to so many times as much more.
const WORDS: f64 = 4.0;
/// When no symptom was recognised, words are all there is.
const WORDS_WITHOUT_SYMPTOM: f64 = 200.0;
/// So many characters of a line are shown as a reason.
const LONGEST_REASON: usize = 160;
/// A longer line is not written by a person, nor read by one.
const ARCHIVE: usize = 1_000;
/// A line of at most so many characters may be a search.
const LONGEST_SEARCH: usize = 200;
/// The readers that recognise words and nothing else; what they find alone is no evidence.
const READERS_OF_WORDS: [&str; 3] = ["error message", "HTTP status", "prose"];

/// An answer that the text gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    pub question: Slug,
    pub option: Slug,
    /// Counted from 1.
    pub line: usize,
    /// The line's words, redacted.
    pub because: String,
}

/// Another request of the paste, and where its diagnosis is.
pub struct OtherRequest {
    pub label: String,
    pub line: usize,
    pub url: String,
}

/// What a text shows.
pub struct Explanation {
    pub symptoms: Vec<SymptomMatch>,
    pub diagnosis: Arc<Diagnosis>,
    pub answered: Vec<Answered>,
    /// Questions that the text answers in two ways, and so not at all.
    pub conflicts: Vec<Vec<Answered>>,
    pub evidence: Evidence,
    pub others: Vec<OtherRequest>,
}

impl Explanation {
    /// The text with everything dropped that is not known to be harmless.
    pub fn redacted(&self) -> &Redacted {
        &self.evidence.redacted
    }

    /// What was recognised, in words.
    pub fn reader(&self) -> String {
        if self.evidence.readers.is_empty() { "text".to_owned() } else { self.evidence.readers.join(", ") }
    }
}

/// The words of a short line in which nothing but words was recognised: to be searched for, and harmless in an address.
pub fn words_to_search(snapshot: &Snapshot, paste: &Paste, explained: &Explanation) -> Option<String> {
    let only_words = explained.evidence.readers.iter().all(|r| READERS_OF_WORDS.contains(r));
    let words = paste.look(usize::MAX, |text| {
        let text = text.trim();
        let is_short = !text.contains('\n') && text.chars().nth(LONGEST_SEARCH).is_none();
        (only_words && is_short).then(|| search_words(snapshot, text))
    });
    words.filter(|words| !words.is_empty())
}

/// The words of a text that may stand in an address.
pub fn search_words(snapshot: &Snapshot, text: &str) -> String {
    let harmless = evidence::redact::harmless_query(text, snapshot.reader().vocabulary());
    // A placeholder is no word to search for.
    harmless.split_whitespace().filter(|word| !word.contains(['…', '['])).collect::<Vec<_>>().join(" ")
}

/// Reads a text. It is not kept: only symptoms and answers go on.
pub fn explain(snapshot: &Snapshot, paste: &Paste) -> Explanation {
    let reader = snapshot.reader();
    let evidence = evidence::read(paste, reader.vocabulary());
    let seen = Seen::new(snapshot, paste, &evidence);
    let read = seen.interpret(&evidence.facts);
    let others = seen.list_others();
    let reading = Reading { facts: read.known(), ..Reading::default() };
    let diagnosis = weigh_words(snapshot, paste, snapshot.diagnose(reading));
    let Interpretation { symptoms, answered, conflicts } = read;
    let lines: Vec<&str> = evidence.redacted.text.lines().collect();
    let told = |a: Answered| Answered { because: reason(&evidence, &lines, a.line), ..a };
    let answered = answered.into_iter().map(told).collect();
    let conflicts = conflicts.into_iter().map(|sides| sides.into_iter().map(told).collect()).collect();
    let shown = |s: SymptomMatch| SymptomMatch { message: reason(&evidence, &lines, s.line), ..s };
    let symptoms = symptoms.into_iter().map(shown).collect();
    Explanation { symptoms, diagnosis, answered, conflicts, evidence, others }
}

/// While questions are open, what else the text says orders the candidates a little: a cause whose entry has the same words
/// counts for up to so many times as much. The state of the diagnosis is that of its link.
fn weigh_words(snapshot: &Snapshot, paste: &Paste, diagnosis: Arc<Diagnosis>) -> Arc<Diagnosis> {
    if diagnosis.stage == Stage::Fix {
        return diagnosis;
    }
    let found = paste.look(MOST_WORDS, |text| snapshot.index.search(&snapshot.kb, text, MOST_HITS));
    let best = found.hits.iter().map(|h| h.score).fold(0.0, f32::max);
    let most = if diagnosis.facts.symptoms.is_empty() { WORDS_WITHOUT_SYMPTOM } else { WORDS };
    let likeness = |slug: &Slug| {
        let hit = found.hits.iter().find(|h| h.kind == Kind::Entry && h.slug == *slug);
        1.0 + most * hit.map_or(0.0, |h| f64::from(h.score / best))
    };
    let mut weighed = (*diagnosis).clone();
    weighed.causes.iter_mut().for_each(|c| c.probability *= likeness(&c.slug));
    let total: f64 = weighed.causes.iter().map(|c| c.probability).sum();
    if total > 0.0 {
        weighed.causes.iter_mut().for_each(|c| c.probability /= total);
    }
    // Fewer answers against a cause come first, as in the diagnosis itself.
    let order = |a: &Ranked, b: &Ranked| {
        let against = a.speaks_against.len().cmp(&b.speaks_against.len());
        a.tried.cmp(&b.tried).then(against).then(b.probability.total_cmp(&a.probability)).then(a.slug.cmp(&b.slug))
    };
    weighed.causes.sort_by(order);
    Arc::new(weighed)
}

/// The redacted words of a line. Where a whole archive stands on one line, the request says more.
fn reason(evidence: &Evidence, lines: &[&str], line: usize) -> String {
    let words = lines.get(line.saturating_sub(1)).copied().unwrap_or_default().trim();
    let words = if words.len() > ARCHIVE && !evidence.summary.is_empty() { evidence.summary.as_str() } else { words };
    match words.char_indices().nth(LONGEST_REASON) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words.to_owned(),
    }
}
