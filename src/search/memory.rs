//! Indexes of knowledge bases that are nearly alike: only what differs is read and indexed again.
//!
//! What was read of each document is kept, beside an index of all of them. The next index is that one with a small layer
//! above, of the documents that differ, until there are too many of them. Start at [`Indexer::index`].

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use imbl::ordmap::DiffItem;
use tantivy::directory::RamDirectory;

use super::layers::{Hidden, Layer, Layers};
use super::reading::{MOST_SURFACE_WORDS, Read, Scribe};
use super::schema::{self, Name, order};
use super::symptoms::Symptoms;
use super::{Index, SearchError};
use crate::kb::{Documents, Kind, KnowledgeBase, Slug, Symptom};

/// From so many documents on that stand above, all are indexed anew: each index would take longer than the last.
const MOST_ABOVE: usize = if cfg!(test) { 6 } else { 256 };

/// Builds indexes, each from what it knows of the last. One at a time.
#[derive(Default)]
pub struct Indexer(Mutex<Memory>);

impl Indexer {
    /// The index of a knowledge base; quick if it is nearly the one of last time.
    pub fn index(&self, kb: &KnowledgeBase) -> Result<Index, SearchError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).index(kb)
    }

    /// Reads all documents, so that the first index is as quick as those after it. The given one is built from them already.
    pub fn begin(&self, kb: &KnowledgeBase, index: &Index) {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.base.is_none() && memory.kept.is_empty() {
            memory.learn(kb);
            memory.base = index.layers.single().cloned().map(Base::new);
        }
    }
}

#[derive(Default)]
struct Memory {
    kb: KnowledgeBase,
    kept: HashMap<Name, Kept>,
    /// Words as they are written, each with the number of documents that have it.
    written: HashMap<String, usize>,
    base: Option<Base>,
    symptoms: Option<(Documents<Symptom>, Arc<Symptoms>)>,
}

/// A document as it was read.
struct Kept {
    read: Arc<Read>,
    /// The words as they are written, with spaces between them: a set for each document would take most of the memory.
    surface: Box<str>,
}

impl Kept {
    fn surface(&self) -> impl Iterator<Item = &str> {
        self.surface.split_whitespace()
    }
}

/// An index of all documents as they once were.
struct Base {
    layer: Layer,
    /// The documents that differ from it, each as it is there; nothing for those that it does not have.
    differing: HashMap<Name, Option<Arc<Read>>>,
    hidden: Hidden,
}

impl Base {
    fn new(layer: Layer) -> Base {
        Base { layer, differing: HashMap::new(), hidden: Hidden::default() }
    }

    /// Notes that a document is another one now, or what it was.
    fn note(&mut self, name: &Name, old: Option<&Arc<Read>>, new: Option<&Arc<Read>>) {
        let hidden = &mut self.hidden;
        let there = self.differing.entry(name.clone()).or_insert_with(|| {
            old.inspect(|read| hidden.add(read));
            old.cloned()
        });
        if there.as_deref() == new.map(|read| &**read) {
            there.iter().for_each(|read| hidden.subtract(read));
            self.differing.remove(name);
        }
    }
}

impl Memory {
    fn index(&mut self, kb: &KnowledgeBase) -> Result<Index, SearchError> {
        self.learn(kb);
        let base = match self.base.take() {
            Some(base) if base.differing.len() <= MOST_ABOVE => base,
            _ => Base::new(layer(&self.kept, self.kept.keys())?),
        };
        let base = self.base.insert(base);
        let layers = match base.differing.is_empty() {
            true => Layers::one(base.layer.clone())?,
            false => {
                let above = layer(&self.kept, base.differing.keys())?;
                Layers::two(&base.layer, base.differing.keys(), base.hidden.clone(), above)?
            }
        };
        Ok(Index { layers, symptoms: self.symptoms(kb) })
    }

    /// Reads what differs from last time.
    fn learn(&mut self, kb: &KnowledgeBase) {
        let mut scribe = Scribe::new(kb);
        for name in differing(&self.kb, kb) {
            let kept = kb.find_document(name.0, name.1.as_str()).map(|_| {
                // Each document on its own: the words that it shares with others count for it as well.
                scribe.forget();
                let read = Arc::new(scribe.read(name.0, &name.1));
                let surface: Vec<String> = scribe.surface.drain().collect();
                Kept { read, surface: surface.join(" ").into() }
            });
            self.put(name, kept);
        }
        self.kb = kb.clone();
    }

    fn put(&mut self, name: Name, kept: Option<Kept>) {
        let old = self.kept.remove(&name);
        if let Some(base) = &mut self.base {
            base.note(&name, old.as_ref().map(|k| &k.read), kept.as_ref().map(|k| &k.read));
        }
        for word in kept.iter().flat_map(Kept::surface) {
            match self.written.get_mut(word) {
                Some(count) => *count += 1,
                None => drop(self.written.insert(word.to_owned(), 1)),
            }
        }
        for word in old.iter().flat_map(Kept::surface) {
            if let Some(count) = self.written.get_mut(word) {
                *count -= 1;
            }
        }
        for word in old.iter().chain(&kept).flat_map(Kept::surface) {
            let is_gone = self.written.get(word) == Some(&0);
            if is_gone {
                self.written.remove(word);
            }
            if let Some(base) = &mut self.base {
                match self.written.contains_key(word) {
                    true => base.hidden.gone.remove(word),
                    false => base.hidden.gone.insert(word.to_owned()),
                };
            }
        }
        self.kept.extend(kept.map(|kept| (name, kept)));
    }

    /// What recognises messages; the same as last time if the symptoms are.
    fn symptoms(&mut self, kb: &KnowledgeBase) -> Arc<Symptoms> {
        match &self.symptoms {
            Some((of, symptoms)) if of.ptr_eq(&kb.symptoms) => Arc::clone(symptoms),
            _ => {
                let symptoms = Arc::new(Symptoms::new(kb));
                self.symptoms = Some((kb.symptoms.clone(), Arc::clone(&symptoms)));
                symptoms
            }
        }
    }
}

/// An index of those of the documents that are kept.
fn layer<'a>(kept: &HashMap<Name, Kept>, names: impl Iterator<Item = &'a Name>) -> Result<Layer, SearchError> {
    let mut names: Vec<Name> = names.filter(|name| kept.contains_key(name)).cloned().collect();
    names.sort_by(|a, b| order(a).cmp(&order(b)));
    let documents: Vec<&Kept> = names.iter().filter_map(|name| kept.get(name)).collect();
    let mut surface: HashSet<&str> = HashSet::new();
    for document in &documents {
        if surface.len() < MOST_SURFACE_WORDS {
            surface.extend(document.surface());
        }
    }
    let (index, fields) = schema::write(RamDirectory::create(), documents.iter().map(|k| &*k.read), surface.into_iter())?;
    Ok(Layer::new(index, fields, names.into())?)
}

/// The documents that are read differently, or may be: what an entry is found by stands in its symptoms and questions too.
fn differing(before: &KnowledgeBase, after: &KnowledgeBase) -> BTreeSet<Name> {
    let mut names: BTreeSet<Name> = BTreeSet::new();
    for kb in [before, after] {
        for symptom in changed(&before.symptoms, &after.symptoms) {
            names.extend(kb.list_causes(symptom.as_str()).map(|e| (Kind::Entry, e.slug.clone())));
            names.insert((Kind::Symptom, symptom.clone()));
        }
        for question in changed(&before.questions, &after.questions) {
            names.extend(kb.list_asking(question.as_str()).map(|e| (Kind::Entry, e.slug.clone())));
            names.insert((Kind::Question, question.clone()));
        }
    }
    names.extend(changed(&before.entries, &after.entries).map(|slug| (Kind::Entry, slug.clone())));
    names
}

fn changed<'a, T: PartialEq>(before: &'a Documents<T>, after: &'a Documents<T>) -> impl Iterator<Item = &'a Slug> {
    before.diff(after).map(|item| match item {
        DiffItem::Add(slug, _) | DiffItem::Remove(slug, _) | DiffItem::Update { old: (slug, _), .. } => slug,
    })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;
    use crate::kb::{Choice, Condition, Effort, Entry, Question};
    use crate::search::tests::{a_base, a_symptom, an_entry, slug};

    const NAMES: [&str; 12] =
        ["ash", "birch", "cedar", "elm", "fir", "hazel", "larch", "maple", "oak", "pine", "rowan", "willow"];
    const WORDS: [&str; 14] = [
        "quokka",
        "quokkas",
        "token",
        "missing",
        "authentication",
        "trailing",
        "slash",
        "header",
        "forbidden",
        "redirect",
        "apikey",
        "signature",
        "expired",
        "wombat",
    ];

    /// A text of some words; a number stands for each text.
    fn text(number: usize, length: usize) -> String {
        (0..length).map(|i| WORDS[(number * (i + 3) + i * i) % WORDS.len()]).collect::<Vec<_>>().join(" ")
    }

    fn a_question(name: &str, number: usize) -> Question {
        let choice =
            |id: &str, label: String, healthy| Choice { id: slug(id), label, healthy, detect: None, aliases: Vec::new() };
        Question {
            slug: slug(name),
            title: text(number, 4),
            why: text(number + 1, 3),
            effort: Effort::Glance,
            options: vec![choice("yes", text(number + 2, 2), true), choice("no", text(number + 3, 2), false)],
            asked_when: Condition::default(),
            aliases: Vec::new(),
            body: text(number + 4, 5),
            source: number.to_string().into(),
        }
    }

    /// Something is written, or goes.
    fn change(kb: &mut KnowledgeBase, kind: Kind, which: usize, number: usize) {
        let name = NAMES[which % if kind == Kind::Entry { NAMES.len() } else { 3 }];
        if number == 0 {
            return kb.remove(kind, &slug(name));
        }
        match kind {
            Kind::Entry => {
                let symptom = NAMES[number % 3];
                let mut entry = an_entry(name, &text(number, 4), &[symptom], &format!("## Cause\n\n{}.", text(number + 5, 30)));
                let no = BTreeSet::from([slug("no")]);
                let asks = |question: &str| Condition([(slug(question), no.clone())].into_iter().collect());
                entry.when = (number % 2..2).map(|at| asks(NAMES[at])).collect();
                kb.put_entry(Arc::new(Entry { source: number.to_string().into(), ..entry }));
            }
            Kind::Question => kb.put_question(Arc::new(a_question(name, number))),
            Kind::Symptom => {
                let message = text(number + 2, 3);
                kb.put_symptom(Arc::new(Symptom { source: message.as_str().into(), ..a_symptom(name, &[&message], &[]) }));
            }
        }
    }

    /// All that can be seen of an index.
    fn picture(index: &Index, kb: &KnowledgeBase) -> String {
        let mut picture = String::new();
        let several =
            ["missing authentication token", "trialing slahs", "forbiden redirect signature", "api key", "ash oak no yes"];
        let mistyped = ["quoka", "wombta", "expierd"];
        for query in WORDS.iter().chain(&several).chain(&mistyped).chain(&NAMES) {
            let found = index.search(kb, query, 3);
            let _ = writeln!(picture, "{query}: {} {:?}", found.total, found.symptoms);
            for hit in found.hits {
                let _ = writeln!(picture, "  {:?} {} {:.2} {:?} {:?}", hit.kind, hit.slug, hit.score, hit.because, hit.snippet);
            }
        }
        picture
    }

    fn kind() -> impl Strategy<Value = Kind> {
        prop_oneof![8 => Just(Kind::Entry), 1 => Just(Kind::Question), 1 => Just(Kind::Symptom)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn an_index_with_a_memory_is_the_one_that_is_built_anew(
            first in proptest::collection::vec((kind(), 0usize..12, 1usize..40), 0..30),
            steps in proptest::collection::vec(proptest::collection::vec((kind(), 0usize..12, 0usize..6), 1..4), 1..8),
            begins in any::<bool>(),
        ) {
            let mut kb = a_base();
            first.into_iter().for_each(|(kind, which, number)| change(&mut kb, kind, which, number));
            let indexer = Indexer::default();
            if begins {
                indexer.begin(&kb, &Index::in_memory(&kb).expect("memory suffices"));
            }
            for step in steps {
                step.into_iter().for_each(|(kind, which, number)| change(&mut kb, kind, which, number));
                let kept = indexer.index(&kb).expect("memory suffices");
                let anew = Index::in_memory(&kb).expect("memory suffices");
                prop_assert_eq!(picture(&kept, &kb), picture(&anew, &kb));
            }
        }
    }

    #[test]
    fn a_small_change_stands_above_and_one_taken_back_does_not() {
        let (indexer, mut kb) = (Indexer::default(), a_base());
        let layers = |kb: &KnowledgeBase| indexer.index(kb).expect("memory suffices").layers.single().is_none();
        assert!(!layers(&kb), "the first is whole");
        let before = kb.clone();
        change(&mut kb, Kind::Entry, 0, 7);
        assert!(layers(&kb), "one that changed stands above");
        assert!(!layers(&before), "what is as before needs no layer");
        (1..MOST_ABOVE).for_each(|which| change(&mut kb, Kind::Entry, which, 9));
        assert!(layers(&kb), "so many can stand above");
        change(&mut kb, Kind::Entry, MOST_ABOVE, 9);
        assert!(!layers(&kb), "one more, and all are indexed anew");
    }
}
