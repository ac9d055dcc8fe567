//! Pictures: taken in, found again, and on their way between folders and the store. Start at [`App::add_image`].

use std::path::Path;
use std::sync::Arc;

use super::aside::aside;
use super::folders::write_file;
use super::people::Actor;
use super::{App, AppError, Progress, now};
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
    pub async fn add_image(&self, bytes: Vec<u8>, doer: &Actor) -> Result<Added, NotAdded> {
        let turn = Arc::clone(&self.decoding).acquire_owned().await.expect("nobody closes it");
        // The turn ends with the work, also when nobody waits for it any more.
        let work = move || {
            let _turn = turn;
            images::clean(&bytes)
        };
        let cleaned = aside(work).await;
        let image = cleaned??;
        let Image { name, width, height, .. } = image;
        self.store.add_images(&[image], now(), &doer.doer()).await.map_err(AppError::from)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_text_is_told_which_of_its_pictures_are_not_here() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let content = folder.path().join("content");
        std::fs::create_dir_all(content.join("symptoms")).expect("it can be made");
        let symptom = "---\ntitle: It is dark\nmessages: [No light]\n---\n\nDark.\n";
        std::fs::write(content.join("symptoms/dark.md"), symptom).expect("it can be written");
        let app =
            App::open(&folder.path().join("data"), Some(&content), Default::default(), &|_, _, _| ()).await.expect("it opens");
        let missing = ImageName::parse("0123456789abcdef.png").expect("it is a name");

        // One black pixel, packed.
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55\0\0\0\nIDAT\x78\x9c\x63\x60\0\0\0\x02\0\x01\
                    \x48\xaf\xa4\x71\0\0\0\0IEND\xae\x42\x60\x82";
        let added = app.add_image(png.to_vec(), &Actor::new("first", "")).await.expect("it is a picture");
        assert_eq!(app.add_image(png.to_vec(), &Actor::new("second", "")).await.expect("it is a picture"), added);
        let kept = app.find_image(added.name).await.expect("it answers").expect("it is there");
        assert_eq!((kept.width, kept.height), (1, 1));
        let text = format!("{} ![b]({}) ![c](https://example.com/a.png)", added.markdown, missing.url());
        assert_eq!(app.list_missing_images(&text).await.expect("it answers"), [missing]);
        assert_eq!(app.find_image(missing).await.expect("it answers"), None);
        let refused = app.add_image(b"<svg/>".to_vec(), &Actor::new("first", "")).await;
        assert!(matches!(refused, Err(NotAdded::Refused(BadImage::WrongKind { .. }))));
        app.close().await;
    }
}
