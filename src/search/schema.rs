//! What is indexed of a document, and how an index is built.
//!
//! One segment, documents in the order of kind and slug: the number of a document in the index is its place in that order, so
//! nothing has to be stored, and equal scores fall by slug. It is never changed, only built anew, or covered by a second one
//! (see `layers`). Start at [`build`].

use std::collections::HashSet;
use std::sync::mpsc;
use std::thread;

use tantivy::directory::{Directory, RamDirectory};
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::TokenizerManager;
use tantivy::{IndexSettings, SingleSegmentIndexWriter, TantivyDocument};

use super::reading::{Read, Scribe};
use super::{SearchError, tokens};
use crate::kb::{Kind, KnowledgeBase, Slug};

/// The table of terms starts at a size that fits this; it grows as needed.
const BUDGET: usize = 64 * 1024 * 1024;
/// Documents that are read in one go, and batches that may wait for the writer.
const BATCH: usize = 64;
const WAITING_BATCHES: usize = 4;

/// The fields. One for all words of a document, where those that name its matter stand several times: one list to read for
/// each term, and a word that is repeated does not count without end.
#[derive(Clone, Copy)]
pub struct Fields {
    /// Stems.
    pub words: Field,
    /// The slugs of an entry's symptoms.
    pub symptom: Field,
    /// The words as they are written, not stemmed, of all documents; they hang on one more document at the end. Typing errors
    /// are mended with them.
    pub surface: Field,
}

pub fn schema() -> (Schema, Fields) {
    let field = |record, norms| {
        let indexing = TextFieldIndexing::default().set_tokenizer(tokens::PLAIN).set_index_option(record).set_fieldnorms(norms);
        TextOptions::default().set_indexing_options(indexing)
    };
    let mut schema = Schema::builder();
    let fields = Fields {
        words: schema.add_text_field("words", field(IndexRecordOption::WithFreqs, true)),
        symptom: schema.add_text_field("symptom", field(IndexRecordOption::WithFreqs, false)),
        surface: schema.add_text_field("surface", field(IndexRecordOption::Basic, false)),
    };
    (schema.build(), fields)
}

pub fn tokenizers() -> TokenizerManager {
    let manager = TokenizerManager::new();
    manager.register(tokens::PLAIN, tokens::plain());
    manager
}

/// What a document is called.
pub type Name = (Kind, Slug);

/// By what the documents of an index are in order.
pub fn order(name: &Name) -> (u8, &Slug) {
    let place = match name.0 {
        Kind::Entry => 0,
        Kind::Symptom => 1,
        Kind::Question => 2,
    };
    (place, &name.1)
}

/// The documents, in the order of their numbers in the index.
pub fn documents(kb: &KnowledgeBase) -> Vec<Name> {
    let kinds = [Kind::Entry, Kind::Symptom, Kind::Question];
    kinds.into_iter().flat_map(|kind| kb.list_slugs(kind).map(move |slug| (kind, slug.clone()))).collect()
}

/// Builds an index into an empty directory. Words are read on all processors, and written in order by this one.
pub fn build(
    directory: impl Into<Box<dyn Directory>>,
    kb: &KnowledgeBase,
    progress: &dyn Fn(usize, usize),
) -> tantivy::Result<(tantivy::Index, Fields)> {
    let (mut writer, fields) = writer(directory)?;
    let documents = documents(kb);
    let surface = thread::scope(|scope| {
        let readers = thread::available_parallelism().map_or(1, usize::from);
        let (batches, workers): (Vec<_>, Vec<_>) = (0..readers)
            .map(|first| {
                let (give, take) = mpsc::sync_channel(WAITING_BATCHES);
                let batches = documents.chunks(BATCH).skip(first).step_by(readers);
                (take, scope.spawn(move || read_batches(kb, batches, &give)))
            })
            .unzip();
        let mut done = 0;
        for number in 0..documents.len().div_ceil(BATCH) {
            progress(done, documents.len());
            let batch = batches[number % readers].recv().unwrap_or_default();
            done += batch.len();
            batch.into_iter().try_for_each(|read| writer.add_document(read.document(fields)))?;
        }
        Ok::<_, tantivy::TantivyError>(workers.into_iter().flat_map(|w| w.join().unwrap_or_default()).collect::<HashSet<_>>())
    })?;
    writer.add_document(vocabulary(surface.iter().map(String::as_str), fields))?;
    let index = writer.finalize()?;
    progress(documents.len(), documents.len());
    Ok((index, fields))
}

/// Returns the words that occurred, as they are written.
fn read_batches<'a>(
    kb: &KnowledgeBase,
    batches: impl Iterator<Item = &'a [Name]>,
    give: &mpsc::SyncSender<Vec<Read>>,
) -> HashSet<String> {
    let mut scribe = Scribe::new(kb);
    for batch in batches {
        let read = batch.iter().map(|(kind, slug)| scribe.read(*kind, slug)).collect();
        if give.send(read).is_err() {
            break;
        }
    }
    scribe.surface
}

/// The one document that holds the surface words.
fn vocabulary<'a>(surface: impl Iterator<Item = &'a str>, fields: Fields) -> TantivyDocument {
    let mut document = TantivyDocument::new();
    let words: Vec<&str> = surface.collect();
    document.add_text(fields.surface, words.join(" "));
    document
}

/// Writes an index of documents that were read, on this thread alone: others want to read meanwhile.
pub fn write<'a>(
    directory: impl Into<Box<dyn Directory>>,
    documents: impl Iterator<Item = &'a Read>,
    surface: impl Iterator<Item = &'a str>,
) -> tantivy::Result<(tantivy::Index, Fields)> {
    let (mut writer, fields) = writer(directory)?;
    for read in documents {
        writer.add_document(read.document(fields))?;
    }
    writer.add_document(vocabulary(surface, fields))?;
    Ok((writer.finalize()?, fields))
}

fn writer(directory: impl Into<Box<dyn Directory>>) -> tantivy::Result<(SingleSegmentIndexWriter, Fields)> {
    let (schema, fields) = schema();
    let builder = tantivy::Index::builder().schema(schema).settings(IndexSettings::default()).tokenizers(tokenizers());
    Ok((builder.single_segment_index_writer::<TantivyDocument>(directory, BUDGET)?, fields))
}

/// Builds an index in memory.
pub fn in_memory(kb: &KnowledgeBase) -> Result<(tantivy::Index, Fields), SearchError> {
    Ok(build(RamDirectory::create(), kb, &|_, _| {})?)
}
