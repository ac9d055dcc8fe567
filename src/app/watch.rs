//! Content that is kept in a folder, in a git repository perhaps, and only read here. Start at [`App::watch`].
//!
//! The folder is looked into when the system says that something in it changed, and every few seconds besides: network mounts
//! say nothing, and a folder that was swapped for another is not heard any more. What has an error is held back, so its last
//! good version stays while everything around it moves on; a folder that cannot be read changes nothing at all.

mod ears;
mod settle;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};
use tokio::sync::{Notify, Semaphore};
use tracing::{error, info, warn};

use super::aside::aside;
use super::publish::Publishing;
use super::{App, AppError};
use crate::content::images::{check, list_images};
use crate::content::{Change, Corpus, File, Pack, Problem, Severity, place};
use crate::kb::{Kind, Slug};
use crate::store::Store;
use crate::store::documents::Doer;
use ears::Ears;
use settle::settle;

/// How often the folder is looked into when nothing is heard.
const RESCAN: Duration = Duration::from_secs(2);
/// Looking takes one part in so many of the time at most, however large the folder is.
const SHARE: u32 = 20;
/// What a path keeps in an address.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Something of the folder that is not shown as it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The file whose last good version stays, or which is not shown at all.
    pub path: String,
    /// Why; it may stand in another file, which needs the old version of this one.
    pub problem: Problem,
}

/// What pages say of the folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    edit_url: Option<String>,
    paths: BTreeMap<(Kind, Slug), String>,
    /// By path.
    pub held: Vec<Held>,
    /// Why the folder cannot be read, while it cannot.
    pub lost: Option<String>,
}

impl Watched {
    /// Where the team edits a document.
    pub fn edit_link(&self, kind: Kind, slug: &Slug) -> Option<String> {
        let path = self.paths.get(&(kind, slug.clone()))?;
        Some(self.edit_url.as_ref()?.replace("{path}", &utf8_percent_encode(path, PATH).to_string()))
    }

    /// Why a document is not shown as it is in the folder.
    pub fn problem_of(&self, kind: Kind, slug: &Slug) -> Option<&Problem> {
        let names = |path: &str| place(path).is_ok_and(|(k, _, s)| k == kind && s == *slug);
        self.held.iter().find(|held| names(&held.path)).map(|held| &held.problem)
    }
}

/// The folder, and how it was when it was looked into last.
pub(super) struct Folder {
    path: PathBuf,
    edit_url: Option<String>,
    files: Vec<File>,
    /// Of each file that is shown, what names its bytes.
    shown: BTreeMap<String, [u8; 32]>,
    pictures: BTreeMap<String, Picture>,
    watched: Watched,
}

/// A picture of the folder: what tells its bytes from others, and what is wrong with it.
#[derive(Clone)]
struct Picture {
    mark: u64,
    problem: Option<Problem>,
}

/// What came of a look.
pub(super) struct Looked {
    pub corpus: Corpus,
    pub watched: Arc<Watched>,
}

impl Folder {
    pub fn new(path: &Path, edit_url: Option<String>) -> Folder {
        let watched = Watched { edit_url: edit_url.clone(), ..Watched::default() };
        let (files, shown, pictures) = Default::default();
        Folder { path: path.to_owned(), edit_url, files, shown, pictures, watched }
    }

    /// The folder for the first time. What has errors stays out; a folder that cannot be read is an error.
    pub async fn open(&mut self, store: &Store, decoding: &Semaphore) -> Result<Looked, AppError> {
        let pack = load(&self.path).await?;
        self.take_in(store, decoding, pack, &Corpus::default()).await
    }

    /// What changed since the last look; nothing when nothing did.
    async fn look(&mut self, store: &Store, decoding: &Semaphore, shown: &Corpus) -> Result<Option<Looked>, AppError> {
        let pack = match load(&self.path).await {
            Ok(pack) => pack,
            Err(cause) => return Ok(self.lose(shown, cause.to_string())),
        };
        let same_pictures = pack.images.len() == self.pictures.len()
            && pack.images.iter().all(|file| self.pictures.get(&file.path).is_some_and(|known| known.mark == mark(file)));
        if self.watched.lost.is_none() && same_pictures && pack.files == self.files {
            return Ok(None);
        }
        self.take_in(store, decoding, pack, shown).await.map(Some)
    }

    /// Everything stays as it is while the folder cannot be read.
    fn lose(&mut self, shown: &Corpus, cause: String) -> Option<Looked> {
        if self.watched.lost.as_ref() == Some(&cause) {
            return None;
        }
        warn!("the content stays as it is: {cause}");
        self.watched.lost = Some(cause);
        Some(Looked { corpus: shown.clone(), watched: Arc::new(self.watched.clone()) })
    }

    async fn take_in(&mut self, store: &Store, decoding: &Semaphore, pack: Pack, shown: &Corpus) -> Result<Looked, AppError> {
        self.take_pictures(store, decoding, &pack).await?;
        let known = store.list_image_names().await?;
        let changes = self.changes(&pack);
        let (old, wanted) = (shown.clone(), changes.clone());
        let settled = aside(move || {
            let missing = |corpus: &Corpus, changes: &[Change]| {
                let pack = Pack { files: written(changes).cloned().collect(), images: Vec::new() };
                check(&pack, corpus.kb(), &[], &known)
            };
            settle(&old, wanted, &missing)
        });
        let settled = settled.await?;
        self.note(&settled.taken);
        let mut held = settled.held;
        held.extend(self.pictures.iter().filter_map(|(path, p)| Some(Held { path: path.clone(), problem: p.problem.clone()? })));
        held.sort_by(|a, b| a.path.cmp(&b.path));
        self.say(&settled.taken, &held);
        let named = self.shown.keys().filter_map(|path| place(path).ok().map(|(kind, _, slug)| ((kind, slug), path.clone())));
        self.watched = Watched { edit_url: self.edit_url.clone(), paths: named.collect(), held, lost: None };
        self.files = pack.files;
        Ok(Looked { corpus: settled.corpus, watched: Arc::new(self.watched.clone()) })
    }

    /// Pictures are named after their bytes, so one that was taken in can stay: nothing shows it but a text that names it.
    async fn take_pictures(&mut self, store: &Store, decoding: &Semaphore, pack: &Pack) -> Result<(), AppError> {
        let marks: BTreeMap<String, u64> = pack.images.iter().map(|file| (file.path.clone(), mark(file))).collect();
        self.pictures.retain(|path, known| marks.get(path) == Some(&known.mark));
        let new: Vec<File> = pack.images.iter().filter(|file| !self.pictures.contains_key(&file.path)).cloned().collect();
        if new.is_empty() {
            return Ok(());
        }
        let _turn = decoding.acquire().await.expect("nobody closes it");
        let listed = aside(move || list_images(&Pack { files: Vec::new(), images: new }));
        let (images, problems) = listed.await?;
        store.add_images(&images, super::now(), &Doer { name: "folder", address: "" }).await?;
        for (path, mark) in marks {
            let problem = problems.iter().find(|p| p.path == path && p.severity == Severity::Error).cloned();
            self.pictures.entry(path).or_insert(Picture { mark, problem });
        }
        Ok(())
    }

    /// From what is shown to what the folder holds.
    fn changes(&self, pack: &Pack) -> Vec<Change> {
        let there: BTreeMap<&str, &File> = pack.files.iter().map(|file| (file.path.as_str(), file)).collect();
        let gone = self.shown.keys().filter(|path| !there.contains_key(path.as_str()));
        let gone = gone.map(|path| Change::Remove(path.clone()));
        let new = pack.files.iter().filter(|file| self.shown.get(&file.path) != Some(&digest(&file.bytes)));
        gone.chain(new.map(|file| Change::Write(file.clone()))).collect()
    }

    /// Remembers what is shown now.
    fn note(&mut self, taken: &[Change]) {
        for change in taken {
            match change {
                Change::Write(file) => drop(self.shown.insert(file.path.clone(), digest(&file.bytes))),
                Change::Remove(path) => drop(self.shown.remove(path)),
            }
        }
    }

    /// Says in the log what changed, and what is held back when it was not before.
    fn say(&self, taken: &[Change], held: &[Held]) {
        let removed = taken.iter().filter(|c| matches!(c, Change::Remove(_))).count();
        info!(written = taken.len() - removed, removed, held_back = held.len(), "took in what changed in the folder");
        for new in held.iter().filter(|held| !self.watched.held.contains(held)) {
            let Held { path, problem } = new;
            warn!(path, at = problem.path, line = problem.line, "held back: {}", problem.message);
        }
        for old in self.watched.held.iter().filter(|old| held.iter().all(|held| held.path != old.path)) {
            info!(path = old.path, "not held back any more");
        }
    }
}

async fn load(path: &Path) -> Result<Pack, AppError> {
    let path = path.to_owned();
    let loaded = aside(move || Pack::load(&path)).await;
    loaded.unwrap_or_else(|e| Err(std::io::Error::other(e))).map_err(AppError::Content)
}

fn written(changes: &[Change]) -> impl Iterator<Item = &File> {
    changes.iter().filter_map(|change| if let Change::Write(file) = change { Some(file) } else { None })
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Tells the bytes of a picture from others. A wrong guess would only delay a message: a picture is named after its bytes.
fn mark(file: &File) -> u64 {
    let mut hash = DefaultHasher::new();
    file.bytes.hash(&mut hash);
    hash.finish()
}

impl App {
    /// Shows what changes in the folder, for as long as it is polled; returns at once when there is no folder to watch.
    pub async fn watch(&self) {
        let Some(folder) = &self.folder else { return };
        let path = folder.lock().await.path.clone();
        let heard = Arc::new(Notify::new());
        let mut ears = Ears::default();
        loop {
            // Before the look, so that nothing happens unheard between the two.
            ears.turn_to(&path, &heard);
            let began = Instant::now();
            self.look_into_folder().await;
            let patience = RESCAN.max(began.elapsed() * SHARE);
            let _heard_or_not = tokio::time::timeout(patience, heard.notified()).await;
        }
    }

    /// Shows what changed in the folder since the last look.
    async fn look_into_folder(&self) {
        let Some(folder) = &self.folder else { return };
        let mut folder = folder.lock().await;
        let shown = self.publishing.lock().await.corpus.clone();
        let number = match folder.look(&self.store, &self.decoding, &shown).await {
            Ok(None) => return,
            Ok(Some(looked)) => self.publishing.lock().await.take(looked),
            Err(cause) => return error!(%cause, "the folder was not taken in"),
        };
        if let Err(cause) = self.show(number).await {
            error!(%cause, "what changed in the folder is not shown");
        }
    }
}

impl Publishing {
    /// Gives the number of what is to be shown now.
    fn take(&mut self, looked: Looked) -> u64 {
        self.corpus = looked.corpus;
        self.watched = Some(looked.watched);
        self.number += 1;
        self.number
    }
}
