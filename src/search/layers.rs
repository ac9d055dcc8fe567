//! An index of thousands of documents, and a small one above it with those that changed since.
//!
//! What stands above is hidden below, and counts are taken as if there were one index of today's documents: a search gives
//! the same answer as one in an index that is built anew, which the tests of `memory` hold it to. Start at [`Layers`].

use std::sync::Arc;

use imbl::{HashMap, HashSet};
use tantivy::collector::{Collector, TopDocs};
use tantivy::directory::OwnedBytes;
use tantivy::fastfield::{AliveBitSet, write_alive_bitset};
use tantivy::query::{Bm25StatisticsProvider, EnableScoring, Query};
use tantivy::schema::Field;
use tantivy::termdict::TermDictionary;
use tantivy::{
    BitSet, DocAddress, Index, InvertedIndexReader, ReloadPolicy, Searcher, Segment, SegmentReader, TantivyError, Term,
};

use super::reading::Read;
use super::schema::{Fields, Name, order};

/// One segment with the documents that it holds, by number. Cheap to clone.
#[derive(Clone)]
pub struct Layer {
    index: Index,
    source: Segment,
    segment: SegmentReader,
    documents: Arc<[Name]>,
    fields: Fields,
    pub words: Arc<InvertedIndexReader>,
    symptom: Arc<InvertedIndexReader>,
    surface: Arc<InvertedIndexReader>,
}

impl Layer {
    /// The documents are those that the index was built from, in their order.
    pub fn new(index: Index, fields: Fields, documents: Arc<[Name]>) -> tantivy::Result<Layer> {
        let segments = index.searchable_segments()?;
        let [source] = &segments[..] else {
            return Err(TantivyError::InternalError(format!("the index has {} segments and not one", segments.len())));
        };
        let segment = SegmentReader::open(source)?;
        let (words, symptom, surface) = (
            segment.inverted_index(fields.words)?,
            segment.inverted_index(fields.symptom)?,
            segment.inverted_index(fields.surface)?,
        );
        Ok(Layer { source: source.clone(), index, segment, documents, fields, words, symptom, surface })
    }

    /// The same without some of its documents. Their words are still counted.
    fn without<'a>(&self, names: impl Iterator<Item = &'a Name>) -> tantivy::Result<Layer> {
        let mut alive = BitSet::with_max_value_and_full(self.segment.max_doc());
        names.filter_map(|name| self.number(name)).for_each(|number| alive.remove(number));
        let mut bytes = Vec::new();
        write_alive_bitset(&alive, &mut bytes)?;
        let alive = AliveBitSet::open(OwnedBytes::new(bytes));
        Ok(Layer { segment: SegmentReader::open_with_custom_alive_set(&self.source, Some(alive))?, ..self.clone() })
    }

    fn number(&self, name: &Name) -> Option<u32> {
        let at = self.documents.binary_search_by(|known| order(known).cmp(&order(name)));
        at.ok().and_then(|at| u32::try_from(at).ok())
    }

    fn inverted(&self, field: Field) -> &InvertedIndexReader {
        match field {
            f if f == self.fields.symptom => &self.symptom,
            f if f == self.fields.surface => &self.surface,
            _ => &self.words,
        }
    }
}

/// What the documents that are hidden below have there, so that it is not counted.
#[derive(Clone, Default)]
pub struct Hidden {
    documents: u32,
    words: Terms,
    symptoms: Terms,
    /// Words that no document has any more, as they are written.
    pub gone: HashSet<String>,
}

/// Terms of one field: how many there are, and how many documents have each.
#[derive(Clone, Default)]
struct Terms {
    tokens: u64,
    documents: HashMap<String, u32>,
}

impl Terms {
    fn add(&mut self, text: &str) {
        let mut seen = std::collections::HashSet::new();
        for word in text.split_whitespace() {
            self.tokens += 1;
            if seen.insert(word) {
                *self.documents.entry(word.to_owned()).or_default() += 1;
            }
        }
    }

    fn subtract(&mut self, text: &str) {
        let mut seen = std::collections::HashSet::new();
        for word in text.split_whitespace() {
            self.tokens -= 1;
            let Some(count) = self.documents.get_mut(word).filter(|_| seen.insert(word)) else { continue };
            *count -= 1;
            if *count == 0 {
                self.documents.remove(word);
            }
        }
    }
}

impl Hidden {
    pub fn add(&mut self, read: &Read) {
        self.documents += 1;
        self.words.add(&read.words);
        self.symptoms.add(&read.symptoms);
    }

    pub fn subtract(&mut self, read: &Read) {
        self.documents -= 1;
        self.words.subtract(&read.words);
        self.symptoms.subtract(&read.symptoms);
    }

    fn terms(&self, fields: Fields, field: Field) -> &Terms {
        if field == fields.symptom { &self.symptoms } else { &self.words }
    }
}

/// One or two layers that are searched as one index.
pub struct Layers {
    pub fields: Fields,
    layers: Vec<Layer>,
    hidden: Hidden,
    /// What queries ask about the schema.
    searcher: Searcher,
}

impl Layers {
    pub fn one(layer: Layer) -> tantivy::Result<Layers> {
        let reader = layer.index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let reader: tantivy::IndexReader = reader;
        Ok(Layers { fields: layer.fields, searcher: reader.searcher(), layers: vec![layer], hidden: Hidden::default() })
    }

    /// A layer above another, of which those names are hidden.
    pub fn two<'a>(
        below: &Layer,
        names: impl Iterator<Item = &'a Name>,
        hidden: Hidden,
        above: Layer,
    ) -> tantivy::Result<Layers> {
        let mut layers = Layers::one(below.without(names)?)?;
        layers.layers.push(above);
        Ok(Layers { hidden, ..layers })
    }

    /// The only layer, if there is but one.
    pub fn single(&self) -> Option<&Layer> {
        let [layer] = &self.layers[..] else { return None };
        Some(layer)
    }

    pub fn name(&self, at: DocAddress) -> Option<&Name> {
        self.layer(at.segment_ord)?.documents.get(at.doc_id as usize)
    }

    pub fn layer(&self, number: u32) -> Option<&Layer> {
        self.layers.get(number as usize)
    }

    /// How many documents there are, with the one that holds the words as they are written.
    pub fn total(&self) -> u32 {
        let all: u32 = self.layers.iter().map(|layer| layer.segment.max_doc()).sum();
        all + 1 - self.layers.len() as u32 - self.hidden.documents
    }

    /// How many documents have a term.
    pub fn count_documents(&self, field: Field, text: &str) -> tantivy::Result<u32> {
        let term = Term::from_field_text(field, text);
        let mut found = 0;
        for layer in &self.layers {
            found += layer.inverted(field).doc_freq(&term)?;
        }
        // Most terms are nowhere, and most of the others are not hidden.
        let hidden = if found == 0 { None } else { self.hidden.terms(self.fields, field).documents.get(text) };
        Ok(found.saturating_sub(hidden.copied().unwrap_or_default()))
    }

    /// The words as they are written, of each layer, and those among them that no document has any more.
    pub fn written(&self) -> (Vec<&TermDictionary>, &HashSet<String>) {
        (self.layers.iter().map(|layer| layer.surface.terms()).collect(), &self.hidden.gone)
    }

    /// The best documents; equal ones in their order.
    pub fn best(&self, query: &dyn Query, most: usize) -> tantivy::Result<Vec<(f32, DocAddress)>> {
        let weight = query.weight(EnableScoring::enabled_from_statistics_provider(self, &self.searcher))?;
        let collector = TopDocs::with_limit(most).order_by_score();
        let mut best = Vec::new();
        for (number, layer) in self.layers.iter().enumerate() {
            let of_layer = collector.collect_segment(&*weight, number as u32, &layer.segment)?;
            best.extend(collector.merge_fruits(vec![of_layer])?);
        }
        let order = |at: DocAddress| self.name(at).map(order);
        best.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| order(a.1).cmp(&order(b.1))));
        best.truncate(most);
        Ok(best)
    }

    /// How many documents a query finds.
    pub fn count(&self, query: &dyn Query) -> tantivy::Result<usize> {
        let weight = query.weight(EnableScoring::disabled_from_searcher(&self.searcher))?;
        self.layers.iter().map(|layer| Ok(weight.count(&layer.segment)? as usize)).sum()
    }
}

impl Bm25StatisticsProvider for Layers {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        let all: u64 = self.layers.iter().map(|layer| layer.inverted(field).total_num_tokens()).sum();
        Ok(all - self.hidden.terms(self.fields, field).tokens)
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(self.total().into())
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        let value = term.value();
        Ok(self.count_documents(term.field(), value.as_str().unwrap_or_default())?.into())
    }
}
