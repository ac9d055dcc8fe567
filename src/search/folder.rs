//! An index in a folder, which is opened again as long as it is of today's content and sound. Start at [`reuse`].

use std::fs;
use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};
use tantivy::directory::MmapDirectory;

use super::SearchError;
use super::schema::{Fields, build, documents, schema, tokenizers};
use crate::kb::KnowledgeBase;

/// Changes whenever an index built by older code would not do: other fields, other words, other weights.
const VERSION: &str = "fixpath search 1";
/// Says of which content and by which schema the index was built. It is written last, so half an index has none.
const FINGERPRINT: &str = "fingerprint";
const META: &str = "meta.json";

/// Opens the index in a folder, or says why it has to be built.
pub fn reuse(folder: &Path, kb: &KnowledgeBase, fingerprint: &str) -> Result<(tantivy::Index, Fields), String> {
    let written = match fs::read_to_string(folder.join(FINGERPRINT)) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Err("there was none".to_owned()),
        Err(e) => return Err(format!("its fingerprint cannot be read: {e}")),
    };
    let damaged = |e: &dyn std::fmt::Display| format!("it is damaged: {e}");
    let meta = fs::read(folder.join(META)).map_err(|e| damaged(&e))?;
    let [version, content, digest] = fingerprint_lines(fingerprint, &meta);
    let mut lines = written.lines();
    if lines.next() != Some(&version) {
        return Err("it was built by another version of the program".to_owned());
    }
    if lines.next() != Some(&content) {
        return Err("the content has changed".to_owned());
    }
    if lines.next() != Some(&digest) {
        return Err(damaged(&"meta.json is not the one that was written"));
    }
    let mut index = tantivy::Index::open(MmapDirectory::open(folder).map_err(|e| damaged(&e))?).map_err(|e| damaged(&e))?;
    let (schema, fields) = schema();
    if index.schema() != schema {
        return Err("it was built by another version of the program".to_owned());
    }
    let broken = index.validate_checksum().map_err(|e| damaged(&e))?;
    if let Some(file) = broken.iter().min() {
        return Err(damaged(&format!("{} does not have its checksum", file.display())));
    }
    index.set_tokenizers(tokenizers());
    let found: usize = index.searchable_segment_metas().map_err(|e| damaged(&e))?.iter().map(|m| m.num_docs() as usize).sum();
    let expected = documents(kb).len() + 1;
    if found != expected {
        return Err(format!("it has {found} documents and not {expected}"));
    }
    Ok((index, fields))
}

/// Builds the index in a folder, in place of whatever is there.
pub fn rebuild(
    folder: &Path,
    kb: &KnowledgeBase,
    fingerprint: &str,
    progress: &dyn Fn(usize, usize),
) -> Result<(tantivy::Index, Fields), SearchError> {
    empty(folder).map_err(|source| SearchError::Folder { folder: folder.to_owned(), source })?;
    let directory = MmapDirectory::open(folder).map_err(tantivy::TantivyError::from)?;
    let built = build(directory, kb, progress)?;
    seal(folder, fingerprint).map_err(|source| SearchError::Folder { folder: folder.to_owned(), source })?;
    Ok(built)
}

/// Removes the files of an older index, the fingerprint first. Folders are left alone: an index has none, so one that is there
/// is somebody else's.
fn empty(folder: &Path) -> io::Result<()> {
    if folder.is_file() {
        fs::remove_file(folder)?;
    }
    fs::create_dir_all(folder)?;
    if folder.join(FINGERPRINT).is_file() {
        fs::remove_file(folder.join(FINGERPRINT))?;
    }
    for item in fs::read_dir(folder)? {
        let item = item?;
        if !item.file_type()?.is_dir() {
            fs::remove_file(item.path())?;
        }
    }
    Ok(())
}

fn seal(folder: &Path, fingerprint: &str) -> io::Result<()> {
    let meta = fs::read(folder.join(META))?;
    let unsealed = folder.join("fingerprint.new");
    fs::write(&unsealed, fingerprint_lines(fingerprint, &meta).join("\n"))?;
    fs::rename(unsealed, folder.join(FINGERPRINT))
}

fn fingerprint_lines(fingerprint: &str, meta: &[u8]) -> [String; 3] {
    let hex = |bytes: &[u8]| Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect::<String>();
    [VERSION.to_owned(), hex(fingerprint.as_bytes()), hex(meta)]
}
