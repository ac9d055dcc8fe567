//! What is indexed of a document, and where the index lives.
//!
//! One segment, documents in the order of kind and slug: the number of a document in the index is its place in that order, so
//! nothing has to be stored, and equal scores fall by slug. It is never changed, only built anew. Start at [`build`].

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::thread;

use sha2::{Digest, Sha256};
use tantivy::directory::{Directory, MmapDirectory, RamDirectory};
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::TokenizerManager;
use tantivy::{IndexSettings, SingleSegmentIndexWriter, TantivyDocument};

use super::prose;
use super::{SearchError, tokens};
use crate::kb::{Condition, Entry, Kind, KnowledgeBase, Question, Slug, Symptom};

/// Changes whenever an index built by older code would not do: other fields, other words, other weights.
const VERSION: &str = "fixpath search 1";
/// Says of which content and by which schema the index was built. It is written last, so half an index has none.
const FINGERPRINT: &str = "fingerprint";
const META: &str = "meta.json";
/// The table of terms starts at a size that fits this; it grows as needed.
const BUDGET: usize = 64 * 1024 * 1024;
/// Documents that are read in one go, and batches that may wait for the writer.
const BATCH: usize = 64;
const WAITING_BATCHES: usize = 4;
/// Stems that are remembered while building.
const MOST_STEMMED: usize = 100_000;
/// How often a word counts by where it stands; the title stands in the head. BM25 saturates, so that more of it would hardly
/// matter.
const TITLE_WEIGHT: usize = 2;
const HEAD_WEIGHT: usize = 2;
/// More words than this are not needed to mend a mistyped one, and would have to be held while building.
const MOST_SURFACE_WORDS: usize = 400_000;

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

fn schema() -> (Schema, Fields) {
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

fn tokenizers() -> TokenizerManager {
    let manager = TokenizerManager::new();
    manager.register(tokens::PLAIN, tokens::plain());
    manager
}

/// The documents, in the order of their numbers in the index.
pub fn documents(kb: &KnowledgeBase) -> Vec<(Kind, Slug)> {
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
    writer.add_document(vocabulary(surface.iter(), fields))?;
    let index = writer.finalize()?;
    progress(documents.len(), documents.len());
    Ok((index, fields))
}

/// Returns the words that occurred, as they are written.
fn read_batches<'a>(
    kb: &KnowledgeBase,
    batches: impl Iterator<Item = &'a [(Kind, Slug)]>,
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
fn vocabulary<'a>(surface: impl Iterator<Item = &'a String>, fields: Fields) -> TantivyDocument {
    let mut document = TantivyDocument::new();
    let words: Vec<&str> = surface.map(String::as_str).collect();
    document.add_text(fields.surface, words.join(" "));
    document
}

/// A document of the knowledge base as the index wants it.
struct Read {
    /// Stems with spaces between them, each as often as it counts.
    words: String,
    symptoms: String,
}

impl Read {
    fn document(&self, fields: Fields) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        document.add_text(fields.words, &self.words);
        document.add_text(fields.symptom, &self.symptoms);
        document
    }
}

/// The text of one document by how often its words count.
#[derive(Default)]
struct Texts {
    /// What names the matter.
    head: String,
    /// All the rest.
    body: String,
}

impl Texts {
    fn head(&mut self, text: &str) {
        push(&mut self.head, text);
    }

    fn body(&mut self, markdown: &str) {
        prose::lines(markdown, |_, line, _| push(&mut self.body, &prose::without_targets(line)));
    }
}

fn push(to: &mut String, text: &str) {
    to.push_str(text);
    to.push('\n');
}

/// What was read of documents, for an index of nearly the same ones: only what changed is read again.
#[derive(Default)]
pub struct Memory {
    kept: HashMap<(Kind, Slug), Kept>,
    /// Surface words, each with the number of documents that have it.
    words: HashMap<String, usize>,
}

/// A document as it was read, and from what.
struct Kept {
    from: Sources,
    read: Read,
    surface: HashSet<String>,
}

/// All that the words of a document come from. Held, so that nothing else can stand at the same address.
struct Sources {
    entry: Option<Arc<Entry>>,
    symptoms: Vec<Arc<Symptom>>,
    questions: Vec<Arc<Question>>,
}

impl Sources {
    fn of(kb: &KnowledgeBase, kind: Kind, slug: &Slug) -> Sources {
        let mut from = Sources { entry: None, symptoms: Vec::new(), questions: Vec::new() };
        match kind {
            Kind::Entry => {
                from.entry = kb.entries.get(slug).cloned();
                let entry = from.entry.iter();
                from.symptoms = entry.clone().flat_map(|e| &e.symptoms).filter_map(|s| kb.symptoms.get(s)).cloned().collect();
                let asked = entry.flat_map(|e| &e.when).flat_map(|condition| condition.0.keys());
                from.questions = asked.filter_map(|q| kb.questions.get(q)).cloned().collect();
            }
            Kind::Symptom => from.symptoms.extend(kb.symptoms.get(slug).cloned()),
            Kind::Question => from.questions.extend(kb.questions.get(slug).cloned()),
        }
        from
    }

    fn are(&self, others: &Sources) -> bool {
        fn same<T>(a: &[Arc<T>], b: &[Arc<T>]) -> bool {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| Arc::ptr_eq(a, b))
        }
        same(self.entry.as_slice(), others.entry.as_slice())
            && same(&self.symptoms, &others.symptoms)
            && same(&self.questions, &others.questions)
    }
}

impl Memory {
    /// Reads what is not known yet, and forgets what is not there any more.
    pub fn learn(&mut self, kb: &KnowledgeBase, documents: &[(Kind, Slug)]) {
        let there: HashSet<&(Kind, Slug)> = documents.iter().collect();
        let gone: Vec<(Kind, Slug)> = self.kept.keys().filter(|name| !there.contains(name)).cloned().collect();
        gone.iter().for_each(|name| self.forget(name));
        let mut scribe = Scribe::new(kb);
        for name in documents {
            let from = Sources::of(kb, name.0, &name.1);
            if self.kept.get(name).is_some_and(|kept| kept.from.are(&from)) {
                continue;
            }
            self.forget(name);
            // Each document on its own: the words that it shares with others count for it as well.
            scribe.stemmed.clear();
            let read = scribe.read(name.0, &name.1);
            let surface = std::mem::take(&mut scribe.surface);
            for word in &surface {
                match self.words.get_mut(word) {
                    Some(count) => *count += 1,
                    None => drop(self.words.insert(word.clone(), 1)),
                }
            }
            self.kept.insert(name.clone(), Kept { from, read, surface });
        }
    }

    fn forget(&mut self, name: &(Kind, Slug)) {
        let Some(kept) = self.kept.remove(name) else { return };
        for word in &kept.surface {
            if let Some(count) = self.words.get_mut(word) {
                *count -= 1;
                if *count == 0 {
                    self.words.remove(word);
                }
            }
        }
    }
}

/// Builds an index in memory from what is remembered, on this thread alone: others want to read meanwhile.
pub fn again(kb: &KnowledgeBase, memory: &mut Memory) -> Result<(tantivy::Index, Fields), SearchError> {
    let documents = documents(kb);
    memory.learn(kb, &documents);
    let (mut writer, fields) = writer(RamDirectory::create())?;
    for name in &documents {
        if let Some(kept) = memory.kept.get(name) {
            writer.add_document(kept.read.document(fields))?;
        }
    }
    writer.add_document(vocabulary(memory.words.keys().take(MOST_SURFACE_WORDS), fields))?;
    Ok((writer.finalize()?, fields))
}

fn writer(directory: impl Into<Box<dyn Directory>>) -> tantivy::Result<(SingleSegmentIndexWriter, Fields)> {
    let (schema, fields) = schema();
    let builder = tantivy::Index::builder().schema(schema).settings(IndexSettings::default()).tokenizers(tokenizers());
    Ok((builder.single_segment_index_writer::<TantivyDocument>(directory, BUDGET)?, fields))
}

/// Reads documents. Stems are remembered: most words of a document were in the ones before.
struct Scribe<'a> {
    kb: &'a KnowledgeBase,
    stems: tokens::Stems,
    stemmed: HashMap<String, String>,
    surface: HashSet<String>,
}

impl<'a> Scribe<'a> {
    fn new(kb: &'a KnowledgeBase) -> Scribe<'a> {
        Scribe { kb, stems: tokens::Stems::new(), stemmed: HashMap::new(), surface: HashSet::new() }
    }

    fn read(&mut self, kind: Kind, slug: &Slug) -> Read {
        let mut texts = Texts::default();
        let mut symptoms = String::new();
        texts.head(slug.as_str());
        match kind {
            Kind::Entry => {
                if let Some(entry) = self.kb.entries.get(slug) {
                    self.entry(entry, &mut texts);
                    symptoms = entry.symptoms.iter().map(Slug::as_str).collect::<Vec<_>>().join(" ");
                }
            }
            Kind::Symptom => self.kb.symptoms.get(slug).into_iter().for_each(|s| symptom(s, &mut texts)),
            Kind::Question => self.kb.questions.get(slug).into_iter().for_each(|q| question(q, &mut texts)),
        }
        let mut words = String::with_capacity(HEAD_WEIGHT * texts.head.len() + texts.body.len());
        self.stem(&texts.head, &mut words);
        let head = words.clone();
        (1..HEAD_WEIGHT).for_each(|_| words.push_str(&head));
        self.stem(&texts.body, &mut words);
        Read { words, symptoms }
    }

    fn entry(&self, entry: &Entry, texts: &mut Texts) {
        (0..TITLE_WEIGHT).for_each(|_| texts.head(&entry.title));
        entry.aliases.iter().for_each(|a| texts.head(a.as_str()));
        entry.tags.iter().for_each(|t| texts.head(t));
        for symptom in entry.symptoms.iter().filter_map(|s| self.kb.symptoms.get(s)) {
            push(&mut texts.body, &symptom.title);
            symptom.messages.iter().for_each(|m| push(&mut texts.body, m));
        }
        entry.when.iter().for_each(|condition| self.labels(condition, texts));
        if let Some(disputed) = &entry.disputed {
            push(&mut texts.body, disputed);
        }
        texts.body(&entry.body);
    }

    /// What a person would have to answer to end up here is written in the words of an observer.
    fn labels(&self, condition: &Condition, texts: &mut Texts) {
        for (question, options) in &condition.0 {
            let Some(question) = self.kb.questions.get(question) else { continue };
            options.iter().filter_map(|o| question.option(o.as_str())).for_each(|choice| texts.head(&choice.label));
        }
    }

    fn stem(&mut self, text: &str, out: &mut String) {
        let Scribe { stems, stemmed, surface, .. } = self;
        tokens::scan(text, |word, _, _, parts| {
            match stemmed.get(word) {
                Some(stem) => out.push_str(stem),
                None => {
                    let stem = stems.stem(word);
                    out.push_str(&stem);
                    note(word, stem, parts, stemmed, surface);
                }
            }
            out.push(' ');
        });
    }
}

fn note(word: &str, stem: String, parts: usize, stemmed: &mut HashMap<String, String>, surface: &mut HashSet<String>) {
    if parts == 1 && surface.len() < MOST_SURFACE_WORDS && super::typos::can_be_mended(word) {
        surface.insert(word.to_owned());
    }
    if stemmed.len() < MOST_STEMMED {
        stemmed.insert(word.to_owned(), stem);
    }
}

fn symptom(symptom: &Symptom, texts: &mut Texts) {
    texts.head(&symptom.title);
    symptom.messages.iter().for_each(|m| texts.head(m));
    symptom.aliases.iter().for_each(|a| texts.head(a.as_str()));
    texts.body(&symptom.body);
}

fn question(question: &Question, texts: &mut Texts) {
    texts.head(&question.title);
    push(&mut texts.body, &question.why);
    question.options.iter().for_each(|o| push(&mut texts.body, &o.label));
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
