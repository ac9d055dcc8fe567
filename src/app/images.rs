//! Pictures: taken in, found again, and on their way between folders and the store. Start at [`App::add_image`].

use std::path::Path;

use super::{App, AppError, Progress, now, write_file};
use crate::content::images::{self, check, list_images};
pub use crate::content::images::{BadImage, FOLDER, LARGEST_GIVEN};
use crate::content::{Pack, Problem, Severity};
use crate::kb::{Image, ImageName, KnowledgeBase};
use crate::store::Store;

/// Pictures that are decoded at the same time: each may need some hundred MiB while it is.
pub(super) const AT_ONCE: usize = 1;

/// A picture that was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    pub name: ImageName,
    pub url: String,
    /// What to write into a text to show it; its words are to be replaced.
    pub markdown: String,
    pub width: u32,
    pub height: u32,
}

/// Why a picture was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum NotAdded {
    #[error(transparent)]
    Refused(#[from] BadImage),
    #[error(transparent)]
    Failed(#[from] AppError),
}

impl App {
    /// Keeps what is to be seen on a picture, and nothing else of it. Once this returns, it survives a crash. The same picture
    /// again gives the same answer.
    pub async fn add_image(&self, bytes: Vec<u8>, by: &str) -> Result<Added, NotAdded> {
        let _turn = self.decoding.acquire().await.expect("nobody closes it");
        let cleaned = tokio::task::spawn_blocking(move || images::clean(&bytes)).await;
        let image = cleaned.map_err(|_| AppError::Unreadable)??;
        let Image { name, width, height, .. } = image;
        self.store.add_images(&[image], now(), by).await.map_err(AppError::from)?;
        let url = name.url();
        Ok(Added { name, markdown: format!("![{}]({url})", images::PLACEHOLDER), url, width, height })
    }

    pub async fn find_image(&self, name: ImageName) -> Result<Option<Image>, AppError> {
        Ok(self.store.find_image(name).await?)
    }

    /// The pictures that a text shows and that are not here.
    pub async fn list_missing_images(&self, markdown: &str) -> Result<Vec<ImageName>, AppError> {
        let known = self.store.list_image_names().await?;
        Ok(images::list_shown(markdown).map(|(name, _)| name).filter(|name| !known.contains(name)).collect())
    }
}

/// What is wrong with the pictures of a pack by itself.
pub(super) fn note_images(pack: &Pack, kb: &KnowledgeBase, problems: &mut Vec<Problem>) {
    let (images, found) = list_images(pack);
    problems.extend(found);
    problems.extend(check(pack, kb, &images, &Default::default()));
}

/// The pictures of a pack that is to be imported, if nothing is wrong with them. A text may show what is in the store already.
pub(super) async fn sound_images(store: &Store, pack: &Pack, kb: &KnowledgeBase) -> Result<Vec<Image>, AppError> {
    let (images, mut problems) = list_images(pack);
    problems.extend(check(pack, kb, &images, &store.list_image_names().await?));
    if problems.iter().any(|p| p.severity == Severity::Error) {
        return Err(AppError::Problems(problems));
    }
    Ok(images)
}

/// Writes every picture into a folder, byte for byte. Tells how many.
pub(super) async fn export_images(store: &Store, folder: &Path, progress: Progress<'_>) -> Result<usize, AppError> {
    let names = store.list_image_names().await?;
    for (done, name) in names.iter().enumerate() {
        // One at a time: all of them may not fit into memory.
        if let Some(image) = store.find_image(*name).await? {
            write_file(folder, &format!("{FOLDER}/{name}"), &image.bytes).map_err(AppError::Content)?;
        }
        progress("exporting pictures", done + 1, names.len());
    }
    Ok(names.len())
}
