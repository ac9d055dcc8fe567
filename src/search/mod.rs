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
//! `tokens` reads documents and queries alike. `query` keeps the terms that say most and reads unknown ones in other ways
//! (`typos`). BM25 makes the score, with the words that name a document's matter counted several times; a symptom whose
//! message the text shows lifts its entries. Then the likelier cause goes first where the words cannot decide, and symptoms
//! and questions stand behind entries that match about as well.

mod folder;
mod layers;
mod memory;
mod normalise;
mod prose;
mod query;
mod reading;
mod schema;
mod snippet;
mod symptoms;
mod tokens;
mod typos;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocSet, Term};

use crate::kb::{Entry, Kind, KnowledgeBase, Likelihood, Slug};
use layers::{Layer, Layers};
pub use memory::Indexer;
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

/// One index over one knowledge base. Share it in an `Arc`; a search takes nothing but a look. An [`Indexer`] makes the next one.
pub struct Index {
    layers: Layers,
    symptoms: Arc<Symptoms>,
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
        let reused = folder::reuse(folder, kb, fingerprint)
            .and_then(|(index, fields)| Index::new(index, fields, kb).map_err(|e| format!("it is damaged: {e}")));
        match reused {
            Ok(index) => Ok((index, Opened::Reused)),
            Err(why) => {
                let (index, fields) = folder::rebuild(folder, kb, fingerprint, progress)?;
                Ok((Index::new(index, fields, kb)?, Opened::Built { why, entries: kb.entries.len() }))
            }
        }
    }

    fn new(index: tantivy::Index, fields: Fields, kb: &KnowledgeBase) -> Result<Index, SearchError> {
        let layer = Layer::new(index, fields, schema::documents(kb).into())?;
        Ok(Index { layers: Layers::one(layer)?, symptoms: Arc::new(Symptoms::new(kb)) })
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
        let (fields, total) = (self.layers.fields, self.layers.total());
        let reader = Reader { layers: &self.layers, total };
        let wanted = reader.read(text, &quoted(kb, symptoms))?;
        let composed = reader.compose(&wanted, symptoms)?;
        let best = self.layers.best(&composed, limit + SPARE)?;
        let mut candidates: Vec<Candidate> = best.iter().filter_map(|(score, at)| self.candidate(kb, *score, *at)).collect();
        candidates.sort_by(|a, b| b.rounded().cmp(&a.rounded()).then_with(|| a.slug.cmp(b.slug)).then(a.kind.cmp(&b.kind)));
        let total = self.layers.count(&query::distinctive(fields, total, &wanted))?.max(candidates.len());
        candidates.truncate(limit);
        let shown = Shown::new(&self.layers, &wanted, &candidates)?;
        let hits = candidates.iter().filter_map(|c| shown.hit(kb, c, symptoms)).collect();
        Ok(Found { total, hits, symptoms: Vec::new() })
    }

    fn candidate(&self, kb: &KnowledgeBase, score: f32, at: DocAddress) -> Option<Candidate<'_>> {
        let (kind, slug) = self.layers.name(at)?;
        let score = match kind {
            Kind::Entry => score + likelihood(kb.entries.get(slug)?),
            Kind::Symptom | Kind::Question => score * NOT_AN_ENTRY,
        };
        Some(Candidate { kind: *kind, slug, at, score })
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
    at: DocAddress,
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
    /// For each candidate by its place, the terms that it has, as bits.
    terms: Vec<(DocAddress, u64)>,
}

impl<'a> Shown<'a> {
    fn new(layers: &Layers, wanted: &'a [Wanted], candidates: &[Candidate]) -> tantivy::Result<Shown<'a>> {
        let mut terms: Vec<(DocAddress, u64)> = candidates.iter().map(|c| (c.at, 0)).collect();
        terms.sort_unstable();
        for of_layer in terms.chunk_by_mut(|a, b| a.0.segment_ord == b.0.segment_ord) {
            let Some(layer) = of_layer.first().and_then(|(at, _)| layers.layer(at.segment_ord)) else { continue };
            for (bit, w) in wanted.iter().enumerate().take(u64::BITS as usize) {
                let term = Term::from_field_text(layers.fields.words, &w.stem);
                let Some(mut postings) = layer.words.read_postings(&term, IndexRecordOption::Basic)? else { continue };
                for (at, bits) in &mut *of_layer {
                    if postings.doc() < at.doc_id {
                        postings.seek(at.doc_id);
                    }
                    if postings.doc() == at.doc_id {
                        *bits |= 1 << bit;
                    }
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
        let bits = self.terms.binary_search_by_key(&candidate.at, |t| t.0).map_or(0, |at| self.terms[at].1);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kb::Symptom;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::fs;

    pub fn slug(text: &str) -> Slug {
        Slug::parse(text).expect("a test writes slugs")
    }

    pub fn a_symptom(name: &str, messages: &[&str], patterns: &[&str]) -> Symptom {
        let owned = |list: &[&str]| list.iter().map(|t| (*t).to_owned()).collect();
        Symptom {
            slug: slug(name),
            title: name.replace('-', " "),
            messages: owned(messages),
            patterns: owned(patterns),
            statuses: Vec::new(),
            detect: None,
            known_gaps: Vec::new(),
            aliases: Vec::new(),
            body: "What it means.".to_owned(),
            source: "".into(),
        }
    }

    pub fn an_entry(name: &str, title: &str, symptoms: &[&str], body: &str) -> Entry {
        Entry {
            slug: slug(name),
            area: String::new(),
            title: title.to_owned(),
            symptoms: symptoms.iter().map(|s| slug(s)).collect(),
            when: Vec::new(),
            likelihood: Likelihood::Occasional,
            sources: Vec::new(),
            aliases: Vec::new(),
            alternatives: Vec::new(),
            tags: Vec::new(),
            owner: None,
            verified: None,
            disputed: None,
            told_by_asking: None,
            transcripts: Vec::new(),
            body: body.to_owned(),
            source: "".into(),
        }
    }

    pub fn a_base() -> KnowledgeBase {
        let entries = vec![
            an_entry(
                "path-wrong",
                "The path is not one of the API",
                &["token"],
                "## Cause\n\nNo resource matches `/oauth2/token`.",
            ),
            an_entry(
                "not-signed",
                "The request is not signed",
                &["token"],
                "## Cause\n\nSign it for `execute-api` with `aws_iam`.",
            ),
            an_entry("hash-left-out", "A hash is missing", &[], "## Cause\n\nSend the header `x-amz-content-sha256`."),
            an_entry("callback-differs", "The callback is another", &[], "## Cause\n\nThe `redirect_uri` has a trailing slash."),
            an_entry("key-refused", "The key is refused", &["refused"], "## Cause\n\nThe `x-api-key` is disabled or forbidden."),
            an_entry("twin-b", "Twins", &[], "Alike."),
            an_entry("twin-a", "Twins", &[], "Alike."),
        ];
        let symptoms = vec![
            a_symptom("token", &["Missing Authentication Token", "MissingAuthenticationTokenException"], &[]),
            a_symptom("refused", &["Forbidden"], &[]),
        ];
        KnowledgeBase::new(entries, Vec::new(), symptoms)
    }

    fn entries(query: &str) -> Vec<String> {
        let kb = a_base();
        let found = Index::in_memory(&kb).expect("memory suffices").search(&kb, query, 10);
        found.hits.iter().filter(|h| h.kind == Kind::Entry).map(|h| h.slug.to_string()).collect()
    }

    #[test]
    fn identifiers_are_found_whole_and_in_parts() {
        for (query, expected) in [
            ("x-amz-content-sha256", "hash-left-out"),
            ("content sha256", "hash-left-out"),
            ("XAmzContentSha256", "hash-left-out"),
            ("redirect_uri", "callback-differs"),
            ("redirectUri", "callback-differs"),
            ("redirect uri", "callback-differs"),
            ("/oauth2/token", "path-wrong"),
            ("execute-api", "not-signed"),
            ("AWS_IAM", "not-signed"),
            ("apikey", "key-refused"),
            ("api key", "key-refused"),
            ("xapikey", "key-refused"),
        ] {
            assert_eq!(entries(query).first().map(String::as_str), Some(expected), "{query}");
        }
    }

    #[test]
    fn an_identifier_finds_the_entries_of_its_symptom() {
        for query in ["MissingAuthenticationTokenException", "missing authentication", "Missing Authentication Token"] {
            let mut found = entries(query);
            found.truncate(2);
            found.sort();
            assert_eq!(found, ["not-signed", "path-wrong"], "{query}");
        }
    }

    #[test]
    fn typing_errors_are_forgiven() {
        assert_eq!(entries("forbiden").first().map(String::as_str), Some("key-refused"));
        assert_eq!(entries("trialing slahs").first().map(String::as_str), Some("callback-differs"));
        let found = entries("Misisng Authentcation Token");
        assert!(found[..2].contains(&"not-signed".to_owned()) && found[..2].contains(&"path-wrong".to_owned()), "{found:?}");
    }

    #[test]
    fn the_words_beside_the_message_decide() {
        assert_eq!(entries("Missing Authentication Token, path is wrong")[0], "path-wrong");
        assert_eq!(entries("Missing Authentication Token, is it signed?")[0], "not-signed");
    }

    #[test]
    fn equal_entries_are_in_the_order_of_their_slugs() {
        assert_eq!(entries("twins"), ["twin-a", "twin-b"]);
    }

    #[test]
    fn a_hit_says_why_it_was_found() {
        let kb = a_base();
        let found = Index::in_memory(&kb).expect("memory suffices").search(&kb, "signed: Missing Authentication Token", 1);
        assert_eq!(found.symptoms[0].message, "Missing Authentication Token");
        let hit = &found.hits[0];
        assert_eq!(hit.because, ["message “Missing Authentication Token”", "words: signed, missing, authentication, token"]);
        let marked: Vec<&str> = hit.snippet.iter().filter(|f| f.marked).map(|f| f.text.as_str()).collect();
        assert_eq!(marked, ["Sign"]);
    }

    #[test]
    fn a_folder_is_reused_while_content_and_files_are_the_same() {
        let kb = a_base();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let open = |fingerprint: &str| {
            let (index, opened) = Index::open(folder.path(), &kb, fingerprint, &|_, _| {}).expect("it opens");
            assert_eq!(index.search(&kb, "redirect_uri", 1).hits[0].slug.as_str(), "callback-differs");
            opened
        };
        assert!(matches!(open("one"), Opened::Built { entries: 7, .. }));
        assert_eq!(open("one"), Opened::Reused);
        assert!(matches!(open("two"), Opened::Built { .. }));
        assert_eq!(open("two"), Opened::Reused);
    }

    #[test]
    fn a_damaged_folder_is_rebuilt_whatever_the_damage() {
        let kb = a_base();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let open = || Index::open(folder.path(), &kb, "same", &|_, _| {}).expect("it opens").1;
        open();
        let files: Vec<PathBuf> = fs::read_dir(folder.path()).expect("it is there").flatten().map(|f| f.path()).collect();
        let names: Vec<String> = files.iter().filter_map(|f| Some(f.file_name()?.to_string_lossy().into_owned())).collect();
        let kinds: BTreeMap<String, ()> =
            names.iter().filter(|n| !n.ends_with(".lock")).map(|n| (n.rsplit('.').next().unwrap_or(n).to_owned(), ())).collect();
        for kind in kinds.keys() {
            for damage in ["removed", "emptied", "cut", "changed"] {
                let found = fs::read_dir(folder.path()).expect("it is there").flatten().map(|f| f.path());
                let Some(file) = found.into_iter().find(|f| f.to_string_lossy().ends_with(kind)) else { continue };
                let mut bytes = fs::read(&file).expect("it can be read");
                match damage {
                    "removed" => fs::remove_file(&file).expect("it can be removed"),
                    "emptied" => fs::write(&file, "").expect("it can be written"),
                    "cut" => fs::write(&file, &bytes[..bytes.len() / 2]).expect("it can be written"),
                    _ => {
                        bytes.iter_mut().for_each(|b| *b ^= 0x55);
                        fs::write(&file, bytes).expect("it can be written");
                    }
                }
                let opened = open();
                let managed = kind == "json" && file.ends_with(".managed.json") && opened == Opened::Reused;
                assert!(managed || matches!(opened, Opened::Built { .. }), "{kind} {damage}");
                assert_eq!(open(), Opened::Reused, "{kind} {damage}");
            }
        }
    }

    #[test]
    fn nothing_known_finds_nothing() {
        let kb = KnowledgeBase::default();
        let found = Index::in_memory(&kb).expect("memory suffices").search(&kb, "anything", 10);
        assert_eq!((found.total, found.hits.len(), found.symptoms.len()), (0, 0, 0));
    }

    #[test]
    fn hostile_texts_do_no_harm() {
        let kb = a_base();
        let index = Index::in_memory(&kb).expect("memory suffices");
        let words = ["x", "ß", "😀", "missing ", "Missing Authentication ", "\u{0}", "\"", "'", "-", "a-", "\n", "ﬁ", "İ", "1"];
        for word in words {
            let text = word.repeat(64 * 1024 / word.len() + 1);
            index.search(&kb, &text, 10);
            normalise(&text);
        }
        assert!(index.search(&kb, "token", 0).hits.is_empty());
        index.search(&kb, "token", usize::MAX);
    }

    proptest! {
        #[test]
        fn any_text_is_searched(text in "(\\PC|[ \n'\"-_/.:]|[a-zA-Z]{1,9}){0,60}") {
            let kb = a_base();
            let index = Index::in_memory(&kb).expect("memory suffices");
            for hit in index.search(&kb, &text, 10).hits {
                prop_assert!(hit.because.len() <= MOST_REASONS);
            }
        }
    }
}
