//! Content in, content out, everything out: folders and files of an operator. Start at [`import_folder`].

use std::io::Write as _;
use std::path::{Component, Path, PathBuf};

use tracing::{info, warn};

use super::{AppError, Progress, images, now};
use crate::content::{self, File, Pack};
use crate::editing::merge::{Merged, merge};
use crate::editing::names::list_aliases;
use crate::store::documents::{Doer, Note};
use crate::store::drafts::Written;
use crate::store::import::{Conflict, Imported, Incoming, digest};
use crate::store::{self, Store, StoreError};

/// Imports a pack into a store. Content with errors is refused whole.
pub(super) async fn import(
    store: &Store,
    pack: &Pack,
    by: &str,
    why: &str,
    progress: Progress<'_>,
) -> Result<Imported, AppError> {
    let reading = content::read(pack);
    if reading.has_errors() {
        return Err(AppError::Problems(reading.problems));
    }
    let pictures = images::sound_images(store, pack, &reading.kb).await?;
    let incoming: Vec<Incoming> = pack.files.iter().filter_map(incoming).collect();
    let total = incoming.len();
    let note = Note { at: now(), by, why, accepted: "" };
    // First, so that no text is ever there without its pictures.
    store.add_images(&pictures, note.at, &Doer { name: by, address: "" }).await?;
    let imported = store.import(&incoming, &note, &merged, &|done| progress("importing", done, total)).await?;
    for conflict in &imported.conflicts {
        keep(store, conflict, &note).await?;
    }
    Ok(imported)
}

/// One text of two that began as the same one, if they do not overlap.
fn merged(base: &str, here: &str, folder: &str) -> Option<String> {
    match merge(base, here, folder) {
        Merged::Clean(text) => Some(text),
        Merged::Conflict(_) => None,
    }
}

/// What a folder has and we do not take waits as a draft, once.
async fn keep(store: &Store, conflict: &Conflict, note: &Note<'_>) -> Result<(), StoreError> {
    // Where a document stands here is nothing that a folder decides once they differ.
    let Conflict { kind, slug, here: path, text, revision, .. } = conflict;
    // Also when somebody has discarded it since: they had a look.
    if store.has_draft(*kind, slug, text).await? {
        return Ok(());
    }
    let Note { at, why, .. } = *note;
    let by = Doer { name: note.by, address: "" };
    store.add_draft(*kind, Some(slug), false, &Written { base: *revision, path, text, why, by, at }).await?;
    Ok(())
}

fn incoming(file: &File) -> Option<Incoming> {
    let (kind, _, slug) = content::place(&file.path).ok()?;
    let text = String::from_utf8(file.bytes.clone()).ok()?;
    let (digest, aliases) = (digest(&file.path, &text), list_aliases(&text));
    Some(Incoming { kind, slug, digest, path: file.path.clone(), text, aliases })
}

/// `fixpath import`: merges a folder into the store of a data folder.
pub async fn import_folder(data: &Path, folder: &Path, progress: Progress<'_>) -> Result<Imported, AppError> {
    let pack = Pack::load(folder).map_err(AppError::Content)?;
    let store = Store::open(data).await?;
    let imported = import(&store, &pack, "import", &format!("import of {}", folder.display()), progress).await;
    store.close().await;
    imported
}

/// `fixpath export`: writes every document and every picture back to a folder, byte for byte. Tells how many.
pub async fn export_folder(data: &Path, folder: &Path, progress: Progress<'_>) -> Result<usize, AppError> {
    let store = open_existing(data).await?;
    let documents = store.list_documents().await?;
    if let Some(stray) = documents.iter().find(|d| content::place(&d.path).is_err()) {
        return Err(AppError::Content(leads_out(&stray.path)));
    }
    for (done, document) in documents.iter().enumerate() {
        write_file(folder, &document.path, document.text.as_bytes()).map_err(AppError::Content)?;
        progress("exporting", done + 1, documents.len());
    }
    let pictures = images::export_images(&store, folder, progress).await?;
    store.close().await;
    Ok(documents.len() + pictures)
}

/// A file is there whole or not at all: it is written beside its place and then moved there.
pub(super) fn write_file(folder: &Path, path: &str, bytes: &[u8]) -> std::io::Result<()> {
    let below = Path::new(path);
    if !below.components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(leads_out(path));
    }
    let path: PathBuf = folder.join(below);
    let named = |e: std::io::Error| std::io::Error::new(e.kind(), format!("cannot write {}: {e}", path.display()));
    let parent = path.parent().unwrap_or(folder);
    std::fs::create_dir_all(folder).map_err(named)?;
    // A link in the folder may lead out of it as well.
    let there = parent.ancestors().find_map(|part| part.canonicalize().ok());
    let root = folder.canonicalize().map_err(named)?;
    if !there.is_some_and(|there| there.starts_with(&root)) {
        return Err(leads_out(&below.to_string_lossy()));
    }
    std::fs::create_dir_all(parent).map_err(named)?;
    let beside = path.with_extension("part");
    let _of_one_that_broke_off = std::fs::remove_file(&beside);
    let file = std::fs::File::options().write(true).create_new(true).open(&beside);
    file.and_then(|mut file| file.write_all(bytes)).and_then(|()| std::fs::rename(&beside, &path)).map_err(named)
}

fn leads_out(path: &str) -> std::io::Error {
    let message = format!(
        "the file `{}` would not stand where its document belongs, so it is not written: give the document another place, and look \
         for links to other folders in the one that is exported to",
        path.escape_debug()
    );
    std::io::Error::new(std::io::ErrorKind::InvalidInput, message)
}

/// `fixpath backup`: writes everything into one new file.
pub async fn backup(data: &Path, file: &Path) -> Result<(), AppError> {
    let store = open_existing(data).await?;
    let done = store.backup(file, now()).await;
    store.close().await;
    Ok(done?)
}

/// `fixpath restore`: makes a data folder of a backup.
pub async fn restore(data: &Path, file: &Path) -> Result<(), AppError> {
    Ok(store::restore::restore(data, file).await?)
}

pub(super) async fn open_existing(data: &Path) -> Result<Store, AppError> {
    if !data.join("fixpath.db").is_file() {
        let message = format!("{} holds no fixpath.db: name the data folder of the site with --data", data.display());
        return Err(AppError::Content(std::io::Error::new(std::io::ErrorKind::NotFound, message)));
    }
    Ok(Store::open(data).await?)
}

/// Says in the log what an import did.
pub(super) fn log(imported: &Imported) {
    let Imported { added, changed, unchanged, kept, merged, conflicts } = imported;
    info!(added, changed, unchanged, kept, merged, conflicts = conflicts.len(), "imported the content");
    for conflict in conflicts {
        warn!(path = conflict.path, "changed both here and in the folder: kept as it is here, the other text is a draft");
    }
}
