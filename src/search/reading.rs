//! What is read of a document, and how often each word counts. Start at [`Scribe::read`].

use std::collections::{HashMap, HashSet};

use tantivy::TantivyDocument;

use super::schema::Fields;
use super::{prose, tokens};
use crate::kb::{Condition, Entry, Kind, KnowledgeBase, Question, Slug, Symptom};

/// Stems that are remembered while building.
const MOST_STEMMED: usize = 100_000;
/// How often a word counts by where it stands; the title stands in the head. BM25 saturates, so that more of it would hardly
/// matter.
const TITLE_WEIGHT: usize = 2;
const HEAD_WEIGHT: usize = 2;
/// More words than this are not needed to mend a mistyped one, and would have to be held while building.
pub const MOST_SURFACE_WORDS: usize = 400_000;

/// A document of the knowledge base as the index wants it.
#[derive(PartialEq, Eq)]
pub struct Read {
    /// Stems with spaces between them, each as often as it counts.
    pub words: String,
    pub symptoms: String,
}

impl Read {
    pub fn document(&self, fields: Fields) -> TantivyDocument {
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

/// Reads documents. Stems are remembered: most words of a document were in the ones before.
pub struct Scribe<'a> {
    kb: &'a KnowledgeBase,
    stems: tokens::Stems,
    stemmed: HashMap<String, String>,
    /// The words as they are written.
    pub surface: HashSet<String>,
}

impl<'a> Scribe<'a> {
    pub fn new(kb: &'a KnowledgeBase) -> Scribe<'a> {
        Scribe { kb, stems: tokens::Stems::new(), stemmed: HashMap::new(), surface: HashSet::new() }
    }

    /// Words that were read before are new again.
    pub fn forget(&mut self) {
        self.stemmed.clear();
    }

    pub fn read(&mut self, kind: Kind, slug: &Slug) -> Read {
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
        words.shrink_to_fit();
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
