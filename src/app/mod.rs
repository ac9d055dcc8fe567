//! What Fixpath does, whoever asks: diagnose, explain, search, import, keep outcomes. Introduces `content`, `search` and
//! `store` to each other.
//!
//! [`App`] is the running site; [`Library`] is the same knowledge without a store, for the command line. Both front doors
//! get the same [`Snapshot`], so they give the same answers. Start at [`App::open`].

pub mod alike;
mod aside;
pub mod check;
pub mod diagnose;
pub mod drafts;
pub mod explain;
pub mod folders;
pub mod gaps;
pub mod history;
pub mod images;
pub mod impact;
pub mod json;
pub mod links;
pub mod map;
pub mod people;
pub mod proofs;
pub mod proposal;
pub mod publish;
mod reader;
pub mod replay;
pub mod snapshot;
pub mod transcripts;
mod waiting;
pub mod watch;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use tracing::{error, info, warn};

use crate::content::{self, Corpus, File, Pack, Problem};
use crate::kb::{KnowledgeBase, Slug};
pub use crate::search::{Found, Hit};
use crate::search::{Index, Indexer, Opened, SearchError, normalise};
use crate::store::Store;
pub use crate::store::StoreError;
use crate::store::hold::Hold;
pub use crate::store::import::Imported;
use crate::store::landings::LandingKind;
use crate::store::misses::MissKind;
use crate::store::outcomes::Outcome;
use aside::aside;
use diagnose::{Diagnosis, Stage};
use gaps::Gaps;
use impact::Past;
use links::Reading;
use proofs::Prover;
use publish::{Publishing, Writing};
use snapshot::{Outcomes, Snapshot};
use waiting::{Landings, Misses, Waiting};
use watch::Folder;

/// Hears how far a long piece of work is: what is being done, how much is done, and of how much.
pub type Progress<'a> = &'a (dyn Fn(&str, usize, usize) + Sync);

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    #[error("{0}")]
    Content(std::io::Error),
    #[error("the content has {} problem{}, nothing was imported:\n{}", .0.len(), if .0.len() == 1 { "" } else { "s" }, list(.0))]
    Problems(Vec<Problem>),
    #[error("a piece of work broke off: {0}")]
    BrokeOff(String),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Search(#[from] SearchError),
    #[error(transparent)]
    Refused(#[from] people::Refusal),
}

impl From<tokio::task::JoinError> for AppError {
    fn from(cause: tokio::task::JoinError) -> AppError {
        AppError::BrokeOff(cause.to_string())
    }
}

fn list(problems: &[Problem]) -> String {
    problems.iter().map(|p| format!("  {p}")).collect::<Vec<_>>().join("\n")
}

/// Seconds since 1970, in UTC.
pub fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// The knowledge of a folder, or the shipped one, without a store.
pub struct Library {
    pub snapshot: Snapshot,
}

impl Library {
    /// Reads a pack; problems in it are an error, because answers from half a pack mislead.
    pub fn open(content: Option<&Path>) -> Result<Library, AppError> {
        let kb = Arc::new(read_sound(&load(content)?)?);
        let index = Arc::new(Index::in_memory(&kb)?);
        Ok(Library { snapshot: Snapshot::new(kb, index, Outcomes::default(), 0) })
    }
}

/// The pack of a folder, or the shipped one.
pub fn load(content: Option<&Path>) -> Result<Pack, AppError> {
    content.map_or_else(|| Ok(Pack::shipped()), |folder| Pack::load(folder).map_err(AppError::Content))
}

fn read_sound(pack: &Pack) -> Result<KnowledgeBase, AppError> {
    let reading = content::read(pack);
    if reading.has_errors() { Err(AppError::Problems(reading.problems)) } else { Ok(reading.kb) }
}

/// What somebody says of a fix. Holds no pasted text.
pub struct Told<'a> {
    pub entry: &'a Slug,
    /// The symptoms of the diagnosis, joined by a comma; empty when the fix was found without one.
    pub symptoms: &'a str,
    /// The query string of the diagnosis.
    pub answers: &'a str,
    pub worked: bool,
}

/// The running site.
pub struct App {
    store: Store,
    current: ArcSwap<Snapshot>,
    numbers: AtomicU64,
    waiting: Waiting,
    misses: Misses,
    people: people::People,
    landings: Landings,
    /// Proofs of questionnaires, for those who edit them.
    prover: Arc<Prover>,
    /// Outcomes are kept one after the other, so that the newest snapshot knows all of them.
    recording: tokio::sync::Mutex<()>,
    publishing: tokio::sync::Mutex<Publishing>,
    /// The number of what was written down and is shown. One at a time builds what is shown next.
    shown: tokio::sync::Mutex<u64>,
    /// Knows what the index of today was made of, for the one of tomorrow.
    indexer: Arc<Indexer>,
    writing: Writing,
    /// What is shown comes from here, and not from the store.
    folder: Option<tokio::sync::Mutex<Folder>>,
    /// Pictures wait for their turn to be decoded.
    decoding: Arc<tokio::sync::Semaphore>,
    /// The data folder is ours as long as we live: a second site would answer from a picture that is not of today.
    _hold: Hold,
}

impl App {
    /// Opens the data folder, which no other site may be running on. Content is imported when a folder is named, or when the
    /// store is empty; or it stays in the folder, and is only read there.
    pub async fn open(data: &Path, content: Option<&Path>, writing: Writing, progress: Progress<'_>) -> Result<App, AppError> {
        let hold = Hold::take(data)?;
        let store = Store::open(data).await?;
        let decoding = Arc::new(tokio::sync::Semaphore::new(images::AT_ONCE));
        let mut folder = content.filter(|_| writing.read_only).map(|path| Folder::new(path, writing.edit_url.clone()));
        let generation;
        let (corpus, index, watched) = match &mut folder {
            Some(folder) => {
                let looked = folder.open(&store, &decoding).await?;
                generation = store.generation().await?;
                let index = Index::in_memory(looked.corpus.kb())?;
                (looked.corpus, index, Some(looked.watched))
            }
            None => {
                let empty = store.generation().await? == "0";
                if content.is_some() || empty {
                    let imported = folders::import(&store, &load(content)?, "system", "import at the start", progress).await?;
                    folders::log(&imported);
                }
                generation = store.generation().await?;
                let corpus = read_corpus(&store, progress).await?;
                let index = open_index(data, corpus.kb(), &generation, progress)?;
                (corpus, index, None)
            }
        };
        let outcomes = Outcomes::new(store.list_tallies().await?);
        let snapshot = Snapshot::new(Arc::clone(corpus.kb()), Arc::new(index), outcomes, 1).of_folder(watched.clone());
        let app = App {
            store,
            current: ArcSwap::from_pointee(snapshot),
            numbers: AtomicU64::new(2),
            waiting: Waiting::default(),
            misses: Misses::default(),
            people: people::People::default(),
            landings: Landings::default(),
            prover: Arc::default(),
            recording: tokio::sync::Mutex::new(()),
            publishing: tokio::sync::Mutex::new(Publishing { corpus, watched, generation, number: 0 }),
            shown: tokio::sync::Mutex::default(),
            indexer: Arc::default(),
            writing,
            folder: folder.map(tokio::sync::Mutex::new),
            decoding,
            _hold: hold,
        };
        app.look_for_people().await?;
        Ok(app)
    }

    /// What requests read now. Take it once a request.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }

    /// One step of a diagnosis; one that leads nowhere is counted as a miss, one that ends at a fix as a landing.
    pub fn diagnose(&self, snapshot: &Snapshot, reading: Reading) -> Arc<Diagnosis> {
        let diagnosis = snapshot.diagnose(reading);
        if diagnosis.stage == Stage::NoKnownCause {
            self.misses.add(MissKind::NoKnownCause, &diagnosis.url);
        }
        if let (Stage::Fix, Some(verdict)) = (diagnosis.stage, &diagnosis.verdict) {
            self.landings.add(LandingKind::Diagnosis, &diagnosis.url, verdict);
        }
        diagnosis
    }

    /// Searches. What finds nothing is counted at once; the rest waits to be opened under the number that comes back.
    pub fn search(&self, snapshot: &Snapshot, query: &str, limit: usize) -> (Found, Option<u64>) {
        let found = snapshot.index.search(&snapshot.kb, query, limit);
        if query.trim().is_empty() {
            return (found, None);
        }
        if found.hits.is_empty() {
            self.misses.add(MissKind::Empty, &normalise(query));
            return (found, None);
        }
        let number = self.waiting.add(normalise(query), now());
        (found, number)
    }

    /// Somebody opened a result of this search; tells whether it was still waiting for that.
    pub fn opened(&self, search: u64) -> bool {
        self.waiting.opened(search).is_some()
    }

    /// Somebody opened an entry as a result of this search.
    pub fn landed(&self, search: u64, entry: &Slug) {
        if let Some(text) = self.waiting.opened(search) {
            self.landings.add(LandingKind::Search, &text, entry);
        }
    }

    /// What people searched for and found out, with so many landings at most: those that an edit is compared with.
    pub async fn past(&self, landings: usize) -> Result<Past, AppError> {
        Ok(Past::new(&self.store.list_landings(landings as i64).await?))
    }

    /// Writes down the misses and landings since the last time, with the searches of which nothing was opened for a while, or all of them at
    /// the end. A miss is worth knowing, not worth a write while somebody waits for a page.
    pub async fn write_misses(&self, all: bool) {
        for text in self.waiting.abandoned(now(), all) {
            self.misses.add(MissKind::Abandoned, &text);
        }
        for ((kind, text), times) in self.misses.take() {
            if let Err(cause) = self.store.add_miss(kind, &text, times, now()).await {
                warn!(%cause, "a miss was not counted");
            }
        }
        let landings = self.landings.take();
        if !landings.is_empty()
            && let Err(cause) = self.store.add_landings(&landings, now()).await
        {
            warn!(%cause, count = landings.len(), "landings were not counted");
        }
    }

    /// Keeps whether a fix helped. Once this returns, it survives a crash, and what is asked next knows it.
    pub async fn record(&self, told: &Told<'_>, by: Option<&people::Actor>) -> Result<(), AppError> {
        let Told { entry, symptoms, answers, worked } = *told;
        let _one_at_a_time = self.recording.lock().await;
        let outcome = Outcome { entry: entry.as_str(), symptom: symptoms, answers, worked, at: now() };
        self.store.add_outcome(&outcome, by.map(people::Actor::doer).as_ref()).await?;
        let outcomes = Outcomes::new(self.store.list_tallies().await?);
        let old = self.snapshot();
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        self.current.store(Arc::new(old.with_outcomes(outcomes, number)));
        Ok(())
    }

    /// What is missing, with so many misses at most.
    pub async fn gaps(&self, snapshot: &Snapshot, misses: usize) -> Result<Gaps, AppError> {
        let misses = self.store.list_misses(misses as i64).await?;
        Ok(Gaps::new(snapshot, misses, jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()))
    }

    pub async fn is_ready(&self) -> bool {
        self.store.is_ready().await
    }

    /// Writes down what is still in memory and closes the store.
    pub async fn close(&self) {
        self.write_misses(true).await;
        self.store.close().await;
    }
}

/// The documents of a store, read. One that cannot be read any more is left out and logged: the rest stays useful.
async fn read_corpus(store: &Store, progress: Progress<'_>) -> Result<Corpus, AppError> {
    let documents = store.list_documents().await?;
    let count = documents.len();
    progress("reading", 0, count);
    let files = documents.into_iter().map(|d| File { path: d.path, bytes: d.text.into_bytes() }).collect();
    let corpus = aside(move || Corpus::new(&Pack { files, ..Pack::default() })).await?;
    for problem in corpus.problems().iter().filter(|p| p.severity == content::Severity::Error) {
        error!(path = problem.path, line = problem.line, "left out: {}", problem.message);
    }
    progress("reading", count, count);
    Ok(corpus)
}

fn open_index(data: &Path, kb: &KnowledgeBase, generation: &str, progress: Progress<'_>) -> Result<Index, AppError> {
    let (index, opened) = Index::open(&data.join("index"), kb, generation, &|done, total| progress("indexing", done, total))?;
    if let Opened::Built { why, entries } = opened {
        info!(entries, "built the search index: {why}");
    }
    Ok(index)
}
