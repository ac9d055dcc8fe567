//! Markdown → [`KnowledgeBase`], or every problem at once, each with its path and line. The only reader of content files.
//!
//! A [`Pack`] is a folder of files; [`Pack::shipped`] is the one inside the program. [`read`] parses it, checks what one
//! file cannot know alone, and gives what is sound together with what is wrong. It never stops at the first problem and
//! never guesses. Start at [`read`].

mod corpus;
mod front;
pub mod images;
mod lint;
mod probes;

pub use corpus::{Change, Corpus};
pub use front::{draft, line_of};

use std::fmt;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::kb::{Entry, Kind, KnowledgeBase, Question, Slug, Symptom};

include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

/// Larger files are refused: one page does not need more, and a parser should not be fed without limit.
pub const LARGEST_FILE: usize = 256 * 1024;

/// One file of a pack, by its path below the pack's folder, with slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    pub path: String,
    pub bytes: Vec<u8>,
}

/// A folder of content that belongs together.
#[derive(Clone, Debug, Default)]
pub struct Pack {
    /// The documents.
    pub files: Vec<File>,
    /// What stands in `images/`.
    pub images: Vec<File>,
}

impl Pack {
    /// The pack that ships inside the program.
    pub fn shipped() -> Pack {
        let file = |(path, text): &(&str, &str)| File { path: (*path).to_owned(), bytes: text.as_bytes().to_vec() };
        Pack { files: SHIPPED.iter().map(file).collect(), images: Vec::new() }
    }

    /// Reads the markdown files of a folder and its pictures. Links are followed only to files, so a folder cannot contain itself.
    pub fn load(folder: &Path) -> io::Result<Pack> {
        let mut files = Vec::new();
        let any = Kind::ALL.iter().any(|k| folder.join(k.folder()).is_dir());
        if !any {
            let wanted = Kind::ALL.map(|k| format!("`{}`", k.folder())).join(", ");
            let found = if folder.is_dir() { "has none of the folders" } else { "is not a folder with" };
            let message = format!("{} {found} {wanted}: a pack is a folder with these in it", folder.display());
            return Err(io::Error::new(io::ErrorKind::NotFound, message));
        }
        for kind in Kind::ALL {
            let below = folder.join(kind.folder());
            if below.is_dir() {
                load_below(folder, &below, &mut files)?;
            }
        }
        let mut images = load_images(folder)?;
        for files in [&mut files, &mut images] {
            files.sort_by(|a, b| a.path.cmp(&b.path));
        }
        Ok(Pack { files, images })
    }
}

/// The files of `images/`, in which there are no folders. Of one that is too large anyway, only so much is read.
fn load_images(root: &Path) -> io::Result<Vec<File>> {
    let folder = root.join(images::FOLDER);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for item in fs::read_dir(&folder).map_err(|e| named(&folder, e))? {
        let path = item.map_err(|e| named(&folder, e))?.path();
        let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
        if path.is_file() && !hidden {
            let mut bytes = Vec::new();
            let most = images::LARGEST_KEPT as u64 + 1;
            let read = fs::File::open(&path).and_then(|file| file.take(most).read_to_end(&mut bytes));
            read.map_err(|e| named(&path, e))?;
            files.push(File { path: relative(root, &path), bytes });
        }
    }
    Ok(files)
}

fn named(path: &Path, e: io::Error) -> io::Error {
    io::Error::new(e.kind(), format!("cannot read {}: {e}", path.display()))
}

fn load_below(root: &Path, folder: &Path, files: &mut Vec<File>) -> io::Result<()> {
    for item in fs::read_dir(folder).map_err(|e| named(folder, e))? {
        let item = item.map_err(|e| named(folder, e))?;
        let path = item.path();
        if item.file_type().map_err(|e| named(&path, e))?.is_dir() {
            load_below(root, &path, files)?;
        } else if path.extension().is_some_and(|e| e == "md") && path.is_file() {
            let bytes = fs::read(&path).map_err(|e| named(&path, e))?;
            files.push(File { path: relative(root, &path), bytes });
        }
    }
    Ok(())
}

fn relative(root: &Path, path: &Path) -> String {
    let below: PathBuf = path.strip_prefix(root).unwrap_or(path).components().collect();
    below.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Whether a problem has to be mended before the content can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
}

impl Severity {
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// Something wrong with the content: where, what, and how to repair it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub severity: Severity,
    pub path: String,
    /// Counted from 1; the first line when the problem belongs to the whole file.
    pub line: usize,
    pub message: String,
}

impl Problem {
    pub fn error(path: &str, line: usize, message: impl Into<String>) -> Problem {
        Problem { severity: Severity::Error, path: path.to_owned(), line, message: message.into() }
    }

    pub fn warning(path: &str, line: usize, message: impl Into<String>) -> Problem {
        Problem { severity: Severity::Warning, path: path.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.path, self.line, self.severity.word(), self.message)
    }
}

/// A parsed file.
#[derive(Clone)]
enum Document {
    Entry(Arc<Entry>),
    Question(Arc<Question>),
    Symptom(Arc<Symptom>),
}

impl Document {
    /// What all kinds have: the slug, the aliases and the text of the file.
    fn parts(&self) -> (Kind, &Slug, &[Slug], &Arc<str>) {
        match self {
            Document::Entry(e) => (Kind::Entry, &e.slug, &e.aliases, &e.source),
            Document::Question(q) => (Kind::Question, &q.slug, &q.aliases, &q.source),
            Document::Symptom(s) => (Kind::Symptom, &s.slug, &s.aliases, &s.source),
        }
    }

    fn put_into(&self, kb: &mut KnowledgeBase) {
        match self {
            Document::Entry(e) => kb.put_entry(Arc::clone(e)),
            Document::Question(q) => kb.put_question(Arc::clone(q)),
            Document::Symptom(s) => kb.put_symptom(Arc::clone(s)),
        }
    }

    fn take_out_of(&self, kb: &mut KnowledgeBase) {
        let (kind, slug, ..) = self.parts();
        kb.remove(kind, slug);
    }
}

/// What a pack holds: the sound part of it, and everything that is wrong.
#[derive(Debug)]
pub struct Reading {
    pub kb: KnowledgeBase,
    pub problems: Vec<Problem>,
}

impl Reading {
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(|p| p.severity == Severity::Error)
    }
}

/// Parses and lints a pack. To change it later without reading it all again, keep a [`Corpus`].
pub fn read(pack: &Pack) -> Reading {
    let corpus = Corpus::new(pack);
    Reading { problems: corpus.problems(), kb: KnowledgeBase::clone(corpus.kb()) }
}

/// Whether a folder can be written back to any disk by this name, and leads to no other place.
fn is_folder(name: &str) -> bool {
    const LONGEST: usize = 100;
    let plain = |c: char| c.is_alphanumeric() || "-_. ".contains(c);
    name.starts_with(char::is_alphanumeric) && name.len() <= LONGEST && name.chars().all(plain) && !name.ends_with(['.', ' '])
}

/// What a path names: the kind by its first folder, the area by the folders between, the slug by the file's name.
pub fn place(path: &str) -> Result<(Kind, String, Slug), String> {
    let (folder, rest) = path.split_once('/').unwrap_or(("", path));
    let Some(kind) = Kind::ALL.into_iter().find(|k| k.folder() == folder) else {
        return Err(format!(
            "`{folder}` is not one of `symptoms`, `questions`, `entries`: move the file into one of these folders"
        ));
    };
    let (area, name) = rest.rsplit_once('/').unwrap_or(("", rest));
    if rest.contains('/') && !area.split('/').all(is_folder) {
        return Err(format!(
            "the folder `{}` cannot be an area: name folders with letters, digits, dashes, dots and spaces, and begin with a letter \
             or a digit",
            area.escape_debug()
        ));
    }
    let slug = name.strip_suffix(".md").and_then(Slug::parse).ok_or_else(|| {
        let longest = Slug::LONGEST;
        format!("the file name `{name}` is not a slug: use 1 to {longest} lower-case letters, digits and dashes, then `.md`")
    })?;
    Ok((kind, area.to_owned(), slug))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_leads_out_of_its_folder_names_nothing() {
        let found = |path| place(path).map(|(kind, area, slug)| (kind, area, slug.to_string()));
        for (path, area) in [("entries/a.md", ""), ("entries/b/a.md", "b"), ("entries/b c/ü/d.e/a.md", "b c/ü/d.e")] {
            assert_eq!(found(path), Ok((Kind::Entry, area.to_owned(), "a".to_owned())));
        }
        for path in [
            "entries/../a.md",
            "entries/b/../../a.md",
            "entries/./a.md",
            "entries//a.md",
            "entries/b\\..\\a.md",
            "entries/c:/a.md",
        ] {
            let refused = found(path).is_err_and(|why| why.contains("cannot be an area") || why.contains("is not a slug"));
            assert!(refused, "{path}: {:?}", found(path));
        }
    }
}
