//! What is indexed of a document, and where the index lives.
//!
//! One segment, documents in the order of kind and slug: the number of a document in the index is its place in that order, so
//! nothing has to be stored, and equal scores fall by slug. It is never changed, only built anew. Start at [`build`].

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};
use tantivy::directory::{Directory, MmapDirectory, RamDirectory};
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::TokenizerManager;
use tantivy::{IndexSettings, TantivyDocument};

use super::prose::{self, Line};
use super::{SearchError, tokens};
use crate::kb::{Condition, Entry, Kind, KnowledgeBase, Question, Slug, Symptom};

/// Changes whenever an index built by older code would not do: other fields, other words, other weights.
const VERSION: &str = "fixpath search 1";
/// Says of which content and by which schema the index was built. It is written last, so half an index has none.
const FINGERPRINT: &str = "fingerprint";
const META: &str = "meta.json";
/// The table of terms starts at a size that fits this; it grows as needed.
const BUDGET: usize = 64 * 1024 * 1024;
/// How often progress is told, in documents.
const TELL_EVERY: usize = 500;
/// More words than this are not needed to mend a mistyped one, and would have to be held while building.
const MOST_SURFACE_WORDS: usize = 400_000;

/// The fields. `all` holds every word of a document; `head` those of it that name the matter, to count them again.
#[derive(Clone, Copy)]
pub struct Fields {
    pub all: Field,
    pub head: Field,
    /// The slugs of an entry's symptoms.
    pub symptom: Field,
    /// The words as they are written, not stemmed, of all documents; they hang on one more document at the end. Typing errors
    /// are mended with them.
    pub surface: Field,
}

fn schema() -> (Schema, Fields) {
    let field = |tokenizer: &str, record, norms| {
        let indexing = TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(record).set_fieldnorms(norms);
        TextOptions::default().set_indexing_options(indexing)
    };
    let mut schema = Schema::builder();
    let fields = Fields {
        all: schema.add_text_field("all", field(tokens::NAME, IndexRecordOption::WithFreqs, true)),
        head: schema.add_text_field("head", field(tokens::NAME, IndexRecordOption::WithFreqs, true)),
        symptom: schema.add_text_field("symptom", field(tokens::PLAIN, IndexRecordOption::WithFreqs, false)),
        surface: schema.add_text_field("surface", field(tokens::PLAIN, IndexRecordOption::Basic, false)),
    };
    (schema.build(), fields)
}

fn tokenizers() -> TokenizerManager {
    let manager = TokenizerManager::new();
    manager.register(tokens::NAME, tokens::analyzer());
    manager.register(tokens::PLAIN, tokens::plain());
    manager
}

/// The documents, in the order of their numbers in the index.
pub fn documents(kb: &KnowledgeBase) -> Vec<(Kind, Slug)> {
    let kinds = [Kind::Entry, Kind::Symptom, Kind::Question];
    kinds.into_iter().flat_map(|kind| kb.list_slugs(kind).map(move |slug| (kind, slug.clone()))).collect()
}

/// Builds an index into an empty directory.
pub fn build(
    directory: impl Into<Box<dyn Directory>>,
    kb: &KnowledgeBase,
    progress: &dyn Fn(usize, usize),
) -> tantivy::Result<(tantivy::Index, Fields)> {
    let (schema, fields) = schema();
    let builder = tantivy::Index::builder().schema(schema).settings(IndexSettings::default()).tokenizers(tokenizers());
    let mut writer = builder.single_segment_index_writer::<TantivyDocument>(directory, BUDGET)?;
    let documents = documents(kb);
    let mut scribe = Scribe { kb, fields, surface: HashSet::new() };
    for (done, (kind, slug)) in documents.iter().enumerate() {
        if done % TELL_EVERY == 0 {
            progress(done, documents.len());
        }
        writer.add_document(scribe.document(*kind, slug))?;
    }
    writer.add_document(scribe.vocabulary())?;
    let mut index = writer.finalize()?;
    index.set_tokenizers(tokenizers());
    progress(documents.len(), documents.len());
    Ok((index, fields))
}

/// Writes documents of the knowledge base down as documents of the index.
struct Scribe<'a> {
    kb: &'a KnowledgeBase,
    fields: Fields,
    surface: HashSet<String>,
}

/// The text of one document by weight; a word counts as often as its weight says.
#[derive(Default)]
struct Texts {
    /// What names the matter.
    head: String,
    /// Prose of its own.
    prose: String,
    /// What stands beside it: code, words about neighbours.
    aside: String,
}

impl Texts {
    fn head(&mut self, text: &str) {
        push(&mut self.head, text);
    }

    fn body(&mut self, body: &str) {
        prose::lines(body, |kind, line, _| {
            let to = match kind {
                Line::Heading | Line::Prose => &mut self.prose,
                Line::Aside | Line::Code | Line::Empty => &mut self.aside,
            };
            push(to, &prose::without_targets(line));
        });
    }
}

fn push(to: &mut String, text: &str) {
    to.push_str(text);
    to.push('\n');
}

impl Scribe<'_> {
    fn document(&mut self, kind: Kind, slug: &Slug) -> TantivyDocument {
        let mut texts = Texts::default();
        let mut document = TantivyDocument::new();
        texts.head(slug.as_str());
        match kind {
            Kind::Entry => {
                if let Some(entry) = self.kb.entries.get(slug) {
                    self.entry(entry, &mut texts);
                    entry.symptoms.iter().for_each(|s| document.add_text(self.fields.symptom, s.as_str()));
                }
            }
            Kind::Symptom => self.kb.symptoms.get(slug).into_iter().for_each(|s| symptom(s, &mut texts)),
            Kind::Question => self.kb.questions.get(slug).into_iter().for_each(|q| question(q, &mut texts)),
        }
        self.note_surface(&texts);
        document.add_text(self.fields.head, &texts.head);
        for (text, weight) in [
            (&texts.head, super::query::T("HEAD_WEIGHT", 1.0) as usize),
            (&texts.prose, super::query::T("PROSE_WEIGHT", 2.0) as usize),
            (&texts.aside, super::query::T("ASIDE_WEIGHT", 1.0) as usize),
        ] {
            (0..weight).for_each(|_| document.add_text(self.fields.all, text));
        }
        document
    }

    fn entry(&self, entry: &Entry, texts: &mut Texts) {
        (0..super::query::T("TITLE_WEIGHT", 2.0) as usize).for_each(|_| texts.head(&entry.title));
        entry.aliases.iter().for_each(|a| texts.head(a.as_str()));
        entry.tags.iter().for_each(|t| texts.head(t));
        for symptom in entry.symptoms.iter().filter_map(|s| self.kb.symptoms.get(s)) {
            push(&mut texts.prose, &symptom.title);
            symptom.messages.iter().for_each(|m| push(&mut texts.prose, m));
        }
        entry.when.iter().for_each(|condition| self.labels(condition, texts));
        if let Some(disputed) = &entry.disputed {
            push(&mut texts.aside, disputed);
        }
        texts.body(&entry.body);
    }

    /// What a person would have to answer to end up here is written in the words of an observer.
    fn labels(&self, condition: &Condition, texts: &mut Texts) {
        for (question, options) in &condition.0 {
            let Some(question) = self.kb.questions.get(question) else { continue };
            options.iter().filter_map(|o| question.option(o.as_str())).for_each(|choice| {
                if super::query::T("LAB", 1.0) > 0.0 { texts.head(&choice.label) } else { push(&mut texts.prose, &choice.label) }
            });
        }
    }

    fn note_surface(&mut self, texts: &Texts) {
        for text in [&texts.head, &texts.prose] {
            tokens::scan(text, |word, _, _, parts| {
                let full = self.surface.len() >= MOST_SURFACE_WORDS;
                if parts == 1 && !full && super::typos::can_be_mended(word) && !self.surface.contains(word) {
                    self.surface.insert(word.to_owned());
                }
            });
        }
    }

    fn vocabulary(&self) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        let words: Vec<&str> = self.surface.iter().map(String::as_str).collect();
        document.add_text(self.fields.surface, words.join(" "));
        document
    }
}

/// How often a word counts by where it stands. BM25 saturates, so that more of it would hardly matter.
const TITLE_WEIGHT: usize = 2;
const HEAD_WEIGHT: usize = 1;
const PROSE_WEIGHT: usize = 2;
const ASIDE_WEIGHT: usize = 1;

fn symptom(symptom: &Symptom, texts: &mut Texts) {
    texts.head(&symptom.title);
    symptom.messages.iter().for_each(|m| texts.head(m));
    symptom.aliases.iter().for_each(|a| texts.head(a.as_str()));
    texts.body(&symptom.body);
}

fn question(question: &Question, texts: &mut Texts) {
    texts.head(&question.title);
    push(&mut texts.prose, &question.why);
    question.options.iter().for_each(|o| push(&mut texts.prose, &o.label));
    question.aliases.iter().for_each(|a| texts.head(a.as_str()));
    texts.body(&question.body);
}

pub fn in_memory(kb: &KnowledgeBase) -> Result<(tantivy::Index, Fields), SearchError> {
    Ok(build(RamDirectory::create(), kb, &|_, _| {})?)
}

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
