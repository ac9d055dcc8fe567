//! What Fixpath does, whoever asks: diagnose, explain, search, import, keep outcomes. Introduces `content`, `search` and
//! `store` to each other.
//!
//! [`App`] is the running site; [`Library`] is the same knowledge without a store, for the command line. Both front doors
//! get the same [`Snapshot`], so they give the same answers. Start at [`App::open`].

pub mod alike;
pub mod check;
pub mod diagnose;
pub mod explain;
pub mod gaps;
pub mod impact;
pub mod json;
pub mod links;
pub mod map;
pub mod proofs;
pub mod replay;
pub mod snapshot;
pub mod transcripts;
mod waiting;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use tracing::{error, info, warn};

use crate::content::{self, File, Pack, Problem};
use crate::kb::{Kind, KnowledgeBase, Slug};
pub use crate::search::{Found, Hit};
use crate::search::{Index, Opened, SearchError, normalise};
pub use crate::store::StoreError;
pub use crate::store::documents::Imported;
use crate::store::documents::{Document, Incoming, Note, Revision, digest};
use crate::store::hold::Hold;
use crate::store::landings::LandingKind;
use crate::store::misses::MissKind;
use crate::store::outcomes::Outcome;
use crate::store::{self, Store};
use diagnose::{Diagnosis, Stage};
use gaps::Gaps;
use impact::Past;
use links::Reading;
use proofs::Prover;
use snapshot::{Outcomes, Snapshot};
use waiting::{Landings, Misses, Waiting};

/// Hears how far a long piece of work is: what is being done, how much is done, and of how much.
pub type Progress<'a> = &'a (dyn Fn(&str, usize, usize) + Sync);

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    #[error("{0}")]
    Content(std::io::Error),
    #[error("the content has {} problem{}, nothing was imported:\n{}", .0.len(), if .0.len() == 1 { "" } else { "s" }, list(.0))]
    Problems(Vec<Problem>),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Search(#[from] SearchError),
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

/// The running site.
pub struct App {
    store: Store,
    current: ArcSwap<Snapshot>,
    numbers: AtomicU64,
    waiting: Waiting,
    misses: Misses,
    landings: Landings,
    /// Proofs of questionnaires, for those who edit them.
    pub prover: Prover,
    /// Outcomes are kept one after the other, so that the newest snapshot knows all of them.
    recording: tokio::sync::Mutex<()>,
    /// The data folder is ours as long as we live: a second site would answer from a picture that is not of today.
    _hold: Hold,
}

impl App {
    /// Opens the data folder, which no other site may be running on. Content is imported when a folder is named, or when the
    /// store is empty.
    pub async fn open(data: &Path, content: Option<&Path>, progress: Progress<'_>) -> Result<App, AppError> {
        let hold = Hold::take(data)?;
        let store = Store::open(data).await?;
        let empty = store.generation().await? == "0";
        if content.is_some() || empty {
            let imported = import(&store, &load(content)?, "system", "import at the start", progress).await?;
            log_import(&imported);
        }
        let kb = Arc::new(knowledge(&store, progress).await?);
        let index = open_index(data, &kb, &store.generation().await?, progress)?;
        let outcomes = Outcomes::new(store.list_tallies().await?);
        let snapshot = Snapshot::new(kb, Arc::new(index), outcomes, 1);
        Ok(App {
            store,
            current: ArcSwap::from_pointee(snapshot),
            numbers: AtomicU64::new(2),
            waiting: Waiting::default(),
            misses: Misses::default(),
            landings: Landings::default(),
            prover: Prover::default(),
            recording: tokio::sync::Mutex::new(()),
            _hold: hold,
        })
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
    pub async fn record(&self, entry: &Slug, symptoms: &str, answers: &str, worked: bool) -> Result<(), AppError> {
        let _one_at_a_time = self.recording.lock().await;
        self.store.add_outcome(&Outcome { entry: entry.as_str(), symptom: symptoms, answers, worked, at: now() }).await?;
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

    pub async fn list_revisions(&self, kind: Kind, slug: &Slug) -> Result<Vec<Revision>, AppError> {
        Ok(self.store.list_revisions(kind, slug).await?)
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

fn log_import(imported: &Imported) {
    let Imported { added, changed, unchanged, kept, conflicts } = imported;
    info!(added, changed, unchanged, kept, conflicts = conflicts.len(), "imported the content");
    for path in conflicts {
        warn!(path, "changed both here and in the folder: kept as it is here");
    }
}

/// The knowledge base of a store. A document that cannot be read any more is left out and logged: the rest stays useful.
async fn knowledge(store: &Store, progress: Progress<'_>) -> Result<KnowledgeBase, AppError> {
    let documents = store.list_documents().await?;
    progress("reading", 0, documents.len());
    let count = documents.len();
    let files = documents.into_iter().map(|d| File { path: d.path, bytes: d.text.into_bytes() }).collect();
    let reading = content::read(&Pack { files });
    for problem in reading.problems.iter().filter(|p| p.severity == content::Severity::Error) {
        error!(path = problem.path, line = problem.line, "left out: {}", problem.message);
    }
    progress("reading", count, count);
    Ok(reading.kb)
}

fn open_index(data: &Path, kb: &KnowledgeBase, generation: &str, progress: Progress<'_>) -> Result<Index, AppError> {
    let (index, opened) = Index::open(&data.join("index"), kb, generation, &|done, total| progress("indexing", done, total))?;
    if let Opened::Built { why, entries } = opened {
        info!(entries, "built the search index: {why}");
    }
    Ok(index)
}

/// Imports a pack into a store. Content with errors is refused whole.
async fn import(store: &Store, pack: &Pack, by: &str, why: &str, progress: Progress<'_>) -> Result<Imported, AppError> {
    let reading = content::read(pack);
    if reading.has_errors() {
        return Err(AppError::Problems(reading.problems));
    }
    let incoming: Vec<Incoming> = pack.files.iter().filter_map(incoming).collect();
    let total = incoming.len();
    let note = Note { at: now(), by, why };
    Ok(store.import(&incoming, &note, &|done| progress("importing", done, total)).await?)
}

fn incoming(file: &File) -> Option<Incoming> {
    let (kind, _, slug) = content::place(&file.path).ok()?;
    let text = String::from_utf8(file.bytes.clone()).ok()?;
    Some(Incoming { kind, slug, digest: digest(&file.path, &text), path: file.path.clone(), text })
}

/// `fixpath import`: merges a folder into the store of a data folder.
pub async fn import_folder(data: &Path, folder: &Path, progress: Progress<'_>) -> Result<Imported, AppError> {
    let pack = Pack::load(folder).map_err(AppError::Content)?;
    let store = Store::open(data).await?;
    let imported = import(&store, &pack, "import", &format!("import of {}", folder.display()), progress).await;
    store.close().await;
    imported
}

/// `fixpath export`: writes every document back to a folder, byte for byte. Tells how many.
pub async fn export_folder(data: &Path, folder: &Path, progress: Progress<'_>) -> Result<usize, AppError> {
    let store = open_existing(data).await?;
    let documents = store.list_documents().await?;
    for (done, document) in documents.iter().enumerate() {
        write_file(folder, document).map_err(AppError::Content)?;
        progress("exporting", done + 1, documents.len());
    }
    store.close().await;
    Ok(documents.len())
}

/// A file is there whole or not at all: it is written beside its place and then moved there.
fn write_file(folder: &Path, document: &Document) -> std::io::Result<()> {
    let path: PathBuf = folder.join(&document.path);
    let named = |e: std::io::Error| std::io::Error::new(e.kind(), format!("cannot write {}: {e}", path.display()));
    let parent = path.parent().unwrap_or(folder);
    std::fs::create_dir_all(parent).map_err(named)?;
    let beside = path.with_extension("md.part");
    std::fs::write(&beside, &document.text).and_then(|()| std::fs::rename(&beside, &path)).map_err(named)
}

/// `fixpath backup`: writes everything into one new file.
pub async fn backup(data: &Path, file: &Path) -> Result<(), AppError> {
    let store = open_existing(data).await?;
    let done = store.backup(file).await;
    store.close().await;
    Ok(done?)
}

/// `fixpath restore`: makes a data folder of a backup.
pub async fn restore(data: &Path, file: &Path) -> Result<(), AppError> {
    Ok(store::restore::restore(data, file).await?)
}

async fn open_existing(data: &Path) -> Result<Store, AppError> {
    if !data.join("fixpath.db").is_file() {
        let message = format!("{} holds no fixpath.db: name the data folder of the site with --data", data.display());
        return Err(AppError::Content(std::io::Error::new(std::io::ErrorKind::NotFound, message)));
    }
    Ok(Store::open(data).await?)
}
