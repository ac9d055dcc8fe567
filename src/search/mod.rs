//! From words, messages and whole pastes to the entries that explain them.
//!
//! [`Index::search`] ranks entries, symptoms and questions with tantivy; [`Index::symptoms`] recognises messages; both take
//! anything that people paste and never fail. The index is a cache: it holds no text, is built from a [`KnowledgeBase`] and
//! may be deleted at any time. It knows no domain: what belongs to one is written in content. Start at [`Index::search`].
//!
//! Invariants: the same content and the same query give the same answer, ties by slug; nothing is stored of a query.
//!
//! # How it ranks
//!
//! [`tokens`] reads documents and queries alike. [`query`] keeps the terms that say most and reads unknown ones in other ways
//! ([`typos`]). BM25 makes the score, with the words that name a document's matter counted several times; a symptom whose
//! message the text shows lifts its entries. Then the likelier cause goes first where the words cannot decide, and symptoms
//! and questions stand behind entries that match about as well.

mod normalise;
mod prose;
mod query;
mod schema;
mod snippet;
mod symptoms;
mod tokens;
mod typos;

use std::path::{Path, PathBuf};

use tantivy::collector::TopDocs;
use tantivy::query::Query;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, IndexReader, InvertedIndexReader, ReloadPolicy, Term};

use crate::kb::{Entry, Kind, KnowledgeBase, Likelihood, Slug};
pub use normalise::normalise;
use query::{Reader, Wanted};
use schema::Fields;
use symptoms::Symptoms;

/// What a symptom or a question counts next to an entry: first is what can be done about it.
const NOT_AN_ENTRY: f32 = 0.55;
/// What a cause gains by being common. Less than a word that tells causes apart.
const COMMON: f32 = 2.5;
const OCCASIONAL: f32 = 1.0;
/// So many more than were asked for are compared before the best are taken: the ones that come first by words alone may not
/// stay first.
const SPARE: usize = 20;
/// More results than this are for nobody.
const MOST_HITS: usize = 200;
/// Reasons that are given for one hit, and words in one of them.
const MOST_REASONS: usize = 3;
const MOST_WORDS: usize = 8;

#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    #[error("cannot use {} for the search index: {source}", folder.display())]
    Folder { folder: PathBuf, source: std::io::Error },
    #[error("cannot build the search index: {0}")]
    Index(#[from] tantivy::TantivyError),
}

/// How an index on disk came to be open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    Reused,
    Built { why: String, entries: usize },
}

/// What a search found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// How many documents have any of the words that not every eighth one has; the rest tell nothing apart.
    pub total: usize,
    pub hits: Vec<Hit>,
    pub symptoms: Vec<SymptomMatch>,
}

#[derive(Clone, Debug)]
pub struct Hit {
    pub kind: Kind,
    pub slug: Slug,
    pub title: String,
    pub score: f32,
    /// A passage of the body, as plain text.
    pub snippet: Vec<Fragment>,
    /// Why it was found, in short.
    pub because: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    pub text: String,
    pub marked: bool,
}

/// A symptom that a text shows.
#[derive(Clone, Debug, PartialEq)]
pub struct SymptomMatch {
    pub symptom: Slug,
    /// Between 0 and 1: how much the message says.
    pub score: f32,
    /// The message that was recognised, or what a pattern matched.
    pub message: String,
    /// Where it begins in the text, counted from 1.
    pub line: usize,
}

/// One index over one knowledge base. Share it in an `Arc`; a search takes nothing but a look.
pub struct Index {
    reader: IndexReader,
    fields: Fields,
    /// The documents by their number in the index.
    documents: Vec<(Kind, Slug)>,
    symptoms: Symptoms,
}

impl Index {
    /// Builds an index in memory, for the command line and for tests.
    pub fn in_memory(kb: &KnowledgeBase) -> Result<Index, SearchError> {
        let (index, fields) = schema::in_memory(kb)?;
        Index::new(index, fields, kb)
    }

    /// Opens the index in a folder if it was built from this content by this program and is sound; otherwise builds it anew.
    /// `fingerprint` names the content.
    pub fn open(
        folder: &Path,
        kb: &KnowledgeBase,
        fingerprint: &str,
        progress: &dyn Fn(usize, usize),
    ) -> Result<(Index, Opened), SearchError> {
        let reused = schema::reuse(folder, kb, fingerprint)
            .and_then(|(index, fields)| Index::new(index, fields, kb).map_err(|e| format!("it is damaged: {e}")));
        match reused {
            Ok(index) => Ok((index, Opened::Reused)),
            Err(why) => {
                let (index, fields) = schema::rebuild(folder, kb, fingerprint, progress)?;
                Ok((Index::new(index, fields, kb)?, Opened::Built { why, entries: kb.entries.len() }))
            }
        }
    }

    fn new(index: tantivy::Index, fields: Fields, kb: &KnowledgeBase) -> Result<Index, SearchError> {
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Index { reader, fields, documents: schema::documents(kb), symptoms: Symptoms::new(kb) })
    }

    /// Symptoms that a text shows, the best first.
    pub fn symptoms(&self, text: &str) -> Vec<SymptomMatch> {
        self.symptoms.find(query::beginning(text, query::LONGEST_QUERY))
    }

    /// Ranked results for words, a message or a paste. An error inside is no result.
    pub fn search(&self, kb: &KnowledgeBase, query: &str, limit: usize) -> Found {
        let symptoms = self.symptoms(query);
        let found = self.rank(kb, query, &symptoms, limit.min(MOST_HITS)).unwrap_or_default();
        Found { symptoms, ..found }
    }

    fn rank(&self, kb: &KnowledgeBase, text: &str, symptoms: &[SymptomMatch], limit: usize) -> tantivy::Result<Found> {
        let searcher = self.reader.searcher();
        let Some(segment) = searcher.segment_readers().first() else { return Ok(Found::default()) };
        let (words, symptom, surface) = (
            segment.inverted_index(self.fields.words)?,
            segment.inverted_index(self.fields.symptom)?,
            segment.inverted_index(self.fields.surface)?,
        );
        let (fields, total) = (self.fields, segment.num_docs());
        let reader = Reader { words: &words, symptom: &symptom, surface: &surface, fields, total };
        let wanted = reader.read(text, &quoted(kb, symptoms))?;
        let composed = reader.compose(&wanted, symptoms)?;
        let best = searcher.search(&composed, &TopDocs::with_limit(limit + SPARE).order_by_score())?;
        let mut candidates: Vec<Candidate> =
            best.iter().filter_map(|(score, at)| self.candidate(kb, *score, at.doc_id)).collect();
        candidates.sort_by(|a, b| b.rounded().cmp(&a.rounded()).then_with(|| a.slug.cmp(b.slug)).then(a.kind.cmp(&b.kind)));
        let total = query::distinctive(fields, total, &wanted).count(&searcher)?.max(candidates.len());
        candidates.truncate(limit);
        let shown = Shown::new(self.fields, &words, &wanted, &candidates)?;
        let hits = candidates.iter().filter_map(|c| shown.hit(kb, c, symptoms)).collect();
        Ok(Found { total, hits, symptoms: Vec::new() })
    }

    fn candidate(&self, kb: &KnowledgeBase, score: f32, number: u32) -> Option<Candidate<'_>> {
        let (kind, slug) = self.documents.get(number as usize)?;
        let score = match kind {
            Kind::Entry => score + likelihood(kb.entries.get(slug)?),
            Kind::Symptom | Kind::Question => score * NOT_AN_ENTRY,
        };
        Some(Candidate { kind: *kind, slug, number, score })
    }
}

/// The messages that were recognised; what a pattern matched is the reader's own words.
fn quoted<'a>(kb: &KnowledgeBase, symptoms: &'a [SymptomMatch]) -> Vec<&'a str> {
    let is_message = |m: &&SymptomMatch| kb.symptoms.get(&m.symptom).is_some_and(|s| s.messages.contains(&m.message));
    symptoms.iter().filter(is_message).map(|m| m.message.as_str()).collect()
}

fn likelihood(entry: &Entry) -> f32 {
    match entry.likelihood {
        Likelihood::Common => COMMON,
        Likelihood::Occasional => OCCASIONAL,
        Likelihood::Rare => 0.0,
    }
}

struct Candidate<'a> {
    kind: Kind,
    slug: &'a Slug,
    number: u32,
    score: f32,
}

impl Candidate<'_> {
    /// The order of the sums in a score is not always the same; differences that come of it are none.
    fn rounded(&self) -> i64 {
        (f64::from(self.score) * 1000.0).round() as i64
    }
}

/// Which of the terms each of the shown documents has.
struct Shown<'a> {
    wanted: &'a [Wanted],
    /// For each candidate by number, the terms that it has, as bits.
    terms: Vec<(u32, u64)>,
}

impl<'a> Shown<'a> {
    fn new(
        fields: Fields,
        words: &InvertedIndexReader,
        wanted: &'a [Wanted],
        candidates: &[Candidate],
    ) -> tantivy::Result<Shown<'a>> {
        let mut terms: Vec<(u32, u64)> = candidates.iter().map(|c| (c.number, 0)).collect();
        terms.sort_unstable();
        for (bit, w) in wanted.iter().enumerate().take(u64::BITS as usize) {
            let term = Term::from_field_text(fields.words, &w.stem);
            let Some(mut postings) = words.read_postings(&term, IndexRecordOption::Basic)? else { continue };
            for (number, bits) in &mut terms {
                if postings.doc() < *number {
                    postings.seek(*number);
                }
                if postings.doc() == *number {
                    *bits |= 1 << bit;
                }
            }
        }
        Ok(Shown { wanted, terms })
    }

    fn hit(&self, kb: &KnowledgeBase, candidate: &Candidate, symptoms: &[SymptomMatch]) -> Option<Hit> {
        let Candidate { kind, slug, score, .. } = candidate;
        let (title, body) = match kind {
            Kind::Entry => kb.entries.get(*slug).map(|e| (&e.title, &e.body)),
            Kind::Symptom => kb.symptoms.get(*slug).map(|s| (&s.title, &s.body)),
            Kind::Question => kb.questions.get(*slug).map(|q| (&q.title, &q.body)),
        }?;
        let bits = self.terms.binary_search_by_key(&candidate.number, |t| t.0).map_or(0, |at| self.terms[at].1);
        let matched: Vec<Wanted> =
            (0..self.wanted.len().min(64)).filter(|i| bits & (1 << i) != 0).map(|i| self.wanted[i].clone()).collect();
        let because = because(kb, candidate, &matched, symptoms);
        let snippet = snippet::snippet(body, &matched);
        Some(Hit { kind: *kind, slug: (*slug).clone(), title: title.clone(), score: *score, snippet, because })
    }
}

fn because(kb: &KnowledgeBase, candidate: &Candidate, matched: &[Wanted], symptoms: &[SymptomMatch]) -> Vec<String> {
    let shows = |m: &&SymptomMatch| match candidate.kind {
        Kind::Entry => kb.entries.get(candidate.slug).is_some_and(|e| e.symptoms.contains(&m.symptom)),
        Kind::Symptom => m.symptom == *candidate.slug,
        Kind::Question => false,
    };
    let messages = symptoms.iter().filter(shows).take(MOST_REASONS - 1);
    let mut reasons: Vec<String> = messages.map(|m| format!("message “{}”", m.message)).collect();
    let mut best: Vec<&Wanted> = Vec::new();
    for w in matched {
        if best.len() < MOST_WORDS && best.iter().all(|b| b.place != w.place) {
            best.push(w);
        }
    }
    best.sort_by_key(|w| w.place);
    if !best.is_empty() {
        let words: Vec<&str> = best.iter().map(|w| w.shown.as_str()).collect();
        reasons.push(format!("words: {}", words.join(", ")));
    }
    reasons
}
