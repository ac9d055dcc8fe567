//! From a pasted text to a diagnosis: facts are read from it, the expressions of the content turn them into answers, and what
//! is left is asked. Start at [`explain`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::diagnose::{Diagnosis, Ranked, Stage};
use super::links::{Link, Reading};
use super::snapshot::Snapshot;
use crate::diagnosis::Facts;
pub use crate::evidence::Paste;
use crate::evidence::detect::{Detect, Hits, Looks, Scope, compile};
use crate::evidence::{self, Evidence, Redacted, Vocabulary};
use crate::kb::{Kind, KnowledgeBase, Slug};
use crate::search::SymptomMatch;

/// A text may be this long: enough for a HAR of one failing page.
pub const LARGEST_PASTE: usize = 4 * 1024 * 1024;

/// A text is longer than that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the text is larger than 4 MiB: keep only the request that fails; in a browser's Network panel, copy that one request as cURL, or filter before you save the HAR"
)]
pub struct TooLarge;

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
/// So much of a text is compared with the words of the entries, and so many entries are looked at.
const MOST_WORDS: usize = 2 * 1024;
const MOST_HITS: usize = 20;
/// A cause whose entry has the words of the text counts for up to so many times as much more.
const WORDS: f64 = 4.0;
/// When no symptom was recognised, words are all there is.
const WORDS_WITHOUT_SYMPTOM: f64 = 200.0;
/// Other requests of a paste that are offered.
const MOST_REQUESTS: usize = 20;
/// So many characters of a line are shown as a reason.
const LONGEST_REASON: usize = 160;
/// A longer line is not written by a person, nor read by one.
const ARCHIVE: usize = 1_000;
/// A line of at most so many characters may be a search.
const LONGEST_SEARCH: usize = 200;
/// The readers that recognise words and nothing else; what they find alone is no evidence.
const READERS_OF_WORDS: [&str; 3] = ["error message", "HTTP status", "prose"];

/// A question with the options that can be recognised.
type Recognised = (Slug, Vec<(Slug, Detect)>);

/// What a knowledge base knows about reading: its expressions, compiled, and its words.
pub struct Reader {
    questions: Vec<Recognised>,
    symptoms: Vec<(Slug, Detect)>,
    looks: Looks,
    vocabulary: Vocabulary,
}

impl Reader {
    /// Compiles the expressions. Those that cannot be compiled are left out; `content` reports them to their author.
    pub fn new(kb: &KnowledgeBase) -> Reader {
        let compiled = |source: &Option<String>| source.as_deref().and_then(|s| compile(s).ok());
        let questions = kb.questions.values().filter_map(|question| {
            let options = question.options.iter().filter_map(|o| Some((o.id.clone(), compiled(&o.detect)?)));
            let options: Vec<_> = options.collect();
            (!options.is_empty()).then(|| (question.slug.clone(), options))
        });
        let symptoms = kb.symptoms.values().filter_map(|s| Some((s.slug.clone(), compiled(&s.detect)?)));
        let (questions, symptoms): (Vec<Recognised>, Vec<_>) = (questions.collect(), symptoms.collect());
        let detects = questions.iter().flat_map(|(_, options)| options).chain(&symptoms).map(|(_, detect)| detect);
        let looks = Looks::new(detects);
        Reader { looks, questions, symptoms, vocabulary: Vocabulary::new(words(kb)) }
    }

    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }
}

/// The texts that everybody may read. Transcripts are not among them: what stands there stands for somebody's own.
fn words(kb: &KnowledgeBase) -> impl Iterator<Item = &str> {
    let entries = kb.entries.values().flat_map(|e| std::iter::once(e.title.as_str()).chain(evidence_free(&e.body)));
    let symptoms = kb.symptoms.values().flat_map(|s| {
        let messages = s.messages.iter().map(String::as_str);
        [s.title.as_str(), s.body.as_str()].into_iter().chain(messages)
    });
    let questions = kb.questions.values().flat_map(|q| {
        let labels = q.options.iter().map(|o| o.label.as_str());
        [q.title.as_str(), q.why.as_str(), q.body.as_str()].into_iter().chain(labels)
    });
    entries.chain(symptoms).chain(questions)
}

/// The parts of a body outside its code blocks.
fn evidence_free(body: &str) -> impl Iterator<Item = &str> {
    body.split("\n```").step_by(2)
}

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

/// What is the same for every request of a paste.
struct Seen<'a> {
    snapshot: &'a Snapshot,
    paste: &'a Paste,
    evidence: &'a Evidence,
    hits: Hits,
    /// Symptoms whose messages the text has.
    around: Vec<SymptomMatch>,
}

/// What evidence says in the words of the knowledge base. Reasons are lines as yet.
struct Interpretation {
    symptoms: Vec<SymptomMatch>,
    answered: Vec<Answered>,
    conflicts: Vec<Vec<Answered>>,
}

impl Interpretation {
    fn known(&self) -> Facts {
        let mut facts = Facts::default();
        facts.symptoms.extend(self.symptoms.iter().map(|s| s.symptom.clone()));
        facts.answers.extend(self.answered.iter().map(|a| (a.question.clone(), a.option.clone())));
        facts
    }
}

impl<'a> Seen<'a> {
    fn new(snapshot: &'a Snapshot, paste: &'a Paste, evidence: &'a Evidence) -> Seen<'a> {
        let around = paste.look(MOST_PROSE, |text| snapshot.index.symptoms(text));
        let around = around.into_iter().map(|s| SymptomMatch { score: s.score * PROSE_WEIGHT, ..s });
        let hits = evidence::look(paste, &snapshot.reader().looks);
        Seen { snapshot, paste, evidence, hits, around: around.collect() }
    }

    fn interpret(&self, facts: &evidence::Facts) -> Interpretation {
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
    fn list_others(&self) -> Vec<OtherRequest> {
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

/// The redacted words of a line. Where a whole archive stands on one line, the request says more.
fn reason(evidence: &Evidence, lines: &[&str], line: usize) -> String {
    let words = lines.get(line.saturating_sub(1)).copied().unwrap_or_default().trim();
    let words = if words.len() > ARCHIVE && !evidence.summary.is_empty() { evidence.summary.as_str() } else { words };
    match words.char_indices().nth(LONGEST_REASON) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words.to_owned(),
    }
}
