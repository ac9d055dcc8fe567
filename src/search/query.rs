//! What a person typed or pasted → the terms to look for, each with its weight.
//!
//! A short query is taken as it is. Of a long paste the terms are kept that say most, which is those that few documents have.
//! Words that no document has are read in other ways: as two words written together, as a typing error. Start at [`read`].

use std::collections::HashMap;
use std::sync::LazyLock;

use tantivy::Term;
use tantivy::query::{BooleanQuery, BoostQuery, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};

use super::layers::Layers;
use super::schema::Fields;
use super::{SymptomMatch, tokens, typos};

/// More text than this is not read.
pub const LONGEST_QUERY: usize = 64 * 1024;
/// Different words of a text that are looked up.
const MOST_LOOKUPS: usize = 4_000;
/// Terms that take part in the ranking. More would slow the search and drown the ones that matter.
const MOST_TERMS: usize = 24;
/// Words that are mended in one query, the first ones.
const MOST_MENDED: usize = 3;
/// Of words equally near to a mistyped one, so many are looked for.
const MOST_READINGS: usize = 3;

/// What other readings of a word count, next to the word itself.
const MENDED: f32 = 0.7;
const SPLIT: f32 = 0.8;
const SYNONYM: f32 = 0.5;
/// A word of a message that was recognised.
const QUOTED: f32 = 0.6;
/// Two words that are one word elsewhere.
const JOINED: f32 = 0.8;
/// A whole identifier, next to its parts, which count too.
const WHOLE: f32 = 0.6;
/// What a symptom that the text shows adds to its entries at most. About as much as two rare words.
const SYMPTOM: f32 = 10.0;
/// A word that one document in so many has tells nothing apart.
const EVERYWHERE: u32 = 8;
/// More symptoms than this in one text do not narrow anything.
const MOST_SYMPTOMS: usize = 4;

/// Words that people mix up, whatever the field is. The first is looked for when the second is asked, and the other way round.
/// What belongs to one domain is for content to say.
const SYNONYMS: &[(&str, &str)] = &[
    ("401", "unauthorized"),
    ("403", "forbidden"),
    ("404", "notfound"),
    ("auth", "authentication"),
    ("auth", "authorization"),
    ("bearer", "token"),
    ("callback", "redirect"),
    ("clock", "skew"),
    ("config", "configuration"),
    ("cors", "preflight"),
    ("creds", "credentials"),
    ("deploy", "redeploy"),
    ("delete", "verb"),
    ("denied", "refused"),
    ("jwt", "token"),
    ("login", "signin"),
    ("logout", "signout"),
    ("method", "verb"),
    ("options", "preflight"),
    ("param", "parameter"),
    ("path", "route"),
    ("post", "verb"),
    ("presigned", "signedurl"),
    ("rejected", "refused"),
    ("signature", "sigv4"),
    ("put", "verb"),
    ("timeout", "timedout"),
    ("unsigned", "notsigned"),
    ("uri", "url"),
];

static STEMMED_SYNONYMS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let mut stems = tokens::Stems::new();
    SYNONYMS.iter().map(|(one, other)| (stems.stem(one), stems.stem(other))).collect()
});

/// A term of the index that a query looks for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// As the index has it.
    pub stem: String,
    /// As the person wrote it, or as it was read.
    pub shown: String,
    pub weight: f32,
    /// How many documents have it.
    pub documents: u32,
    /// The order in the text.
    pub place: usize,
}

/// Reads queries against the dictionary of one index.
pub struct Reader<'a> {
    pub layers: &'a Layers,
    pub total: u32,
}

/// What was read of a query so far.
#[derive(Default)]
struct Reading {
    wanted: Vec<Wanted>,
    known: HashMap<String, usize>,
}

impl Reading {
    /// Adds a term, or raises the weight of one that is there.
    fn want(&mut self, wanted: Wanted) {
        match self.known.get(&wanted.stem) {
            Some(&at) => self.wanted[at].weight = self.wanted[at].weight.max(wanted.weight),
            None => {
                self.known.insert(wanted.stem.clone(), self.wanted.len());
                self.wanted.push(wanted);
            }
        }
    }
}

/// The beginning of a text, up to so many bytes.
pub fn beginning(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
    &text[..end]
}

impl Reader<'_> {
    /// The terms to look for, the rarest first.
    pub fn read(&self, text: &str, quoted: &[&str]) -> tantivy::Result<Vec<Wanted>> {
        let mut stems = tokens::Stems::new();
        let mut reading = Reading::default();
        let mut unknown = Vec::new();
        let mut before: Option<(String, String, usize)> = None;
        for word in words(beginning(text, LONGEST_QUERY)) {
            let stem = stems.stem(&word.text);
            let weight = if word.parts == 1 { 1.0 } else { WHOLE };
            let known = reading.known.contains_key(&stem) || self.want(&mut reading, &stem, &word.text, weight, word.position)?;
            if word.parts > 1 {
                continue;
            }
            if !known {
                unknown.push((word.text.clone(), word.position));
            }
            if let Some((left, left_stem, _)) = before.filter(|(_, _, position)| position + 1 == word.position) {
                self.join(&mut reading, &mut stems, &left, &word.text, word.position)?;
                if left_stem != left {
                    self.join(&mut reading, &mut stems, &left_stem, &word.text, word.position)?;
                }
            }
            before = Some((word.text, stem, word.position));
            if reading.wanted.len() + unknown.len() > MOST_LOOKUPS {
                break;
            }
        }
        self.mend(&mut reading, &mut stems, &unknown)?;
        quieten(&mut reading, quoted, &mut stems);
        let mut wanted = self.select(reading.wanted);
        self.add_synonyms(&mut wanted)?;
        Ok(wanted)
    }

    fn documents(&self, stem: &str) -> tantivy::Result<u32> {
        self.layers.count_documents(self.layers.fields.words, stem)
    }

    /// Whether the term is one of the index; then it is looked for.
    fn want(&self, reading: &mut Reading, stem: &str, shown: &str, weight: f32, place: usize) -> tantivy::Result<bool> {
        let documents = self.documents(stem)?;
        if documents > 0 {
            reading.want(Wanted { stem: stem.to_owned(), shown: shown.to_owned(), weight, documents, place });
        }
        Ok(documents > 0)
    }

    /// "api key" is also `apikey`, if any document has that.
    fn join(
        &self,
        reading: &mut Reading,
        stems: &mut tokens::Stems,
        left: &str,
        right: &str,
        place: usize,
    ) -> tantivy::Result<()> {
        let joined = format!("{left}{right}");
        let stem = stems.stem(&joined);
        self.want(reading, &stem, &joined, JOINED, place)?;
        Ok(())
    }

    fn mend(&self, reading: &mut Reading, stems: &mut tokens::Stems, unknown: &[(String, usize)]) -> tantivy::Result<()> {
        let candidates = unknown.iter().filter(|(word, _)| typos::can_be_mended(word));
        let (written, gone) = self.layers.written();
        for (word, place) in candidates.take(MOST_MENDED) {
            if self.split(reading, stems, word, *place)? {
                continue;
            }
            for near in typos::nearest(word, &written, gone)?.into_iter().take(MOST_READINGS) {
                let stem = stems.stem(&near);
                self.want(reading, &stem, &near, MENDED, *place)?;
            }
        }
        Ok(())
    }

    /// `apikey` is also "api key", if there are both: the split whose rarer half is the most common.
    fn split(&self, reading: &mut Reading, stems: &mut tokens::Stems, word: &str, place: usize) -> tantivy::Result<bool> {
        let mut best: Option<(u32, usize)> = None;
        for at in 3..word.len().saturating_sub(2) {
            let (left, right) = word.split_at(at);
            let rarer = self.documents(&stems.stem(left))?.min(self.documents(&stems.stem(right))?);
            if rarer > 0 && best.is_none_or(|(documents, _)| documents < rarer) {
                best = Some((rarer, at));
            }
        }
        let Some((_, at)) = best else { return Ok(false) };
        let (left, right) = word.split_at(at);
        for half in [left, right] {
            let stem = stems.stem(half);
            self.want(reading, &stem, half, SPLIT, place)?;
        }
        Ok(true)
    }

    /// The terms that say most.
    fn select(&self, mut wanted: Vec<Wanted>) -> Vec<Wanted> {
        let says = |w: &Wanted| w.weight * self.rarity(w.documents);
        wanted.sort_by(|a, b| says(b).total_cmp(&says(a)).then(a.place.cmp(&b.place)).then_with(|| a.stem.cmp(&b.stem)));
        wanted.truncate(MOST_TERMS);
        wanted
    }

    fn rarity(&self, documents: u32) -> f32 {
        (1.0 + (self.total as f32 - documents as f32 + 0.5) / (documents as f32 + 0.5)).ln()
    }

    fn add_synonyms(&self, wanted: &mut Vec<Wanted>) -> tantivy::Result<()> {
        for (one, other) in STEMMED_SYNONYMS.iter() {
            for (asked, meant) in [(one, other), (other, one)] {
                let Some(place) = wanted.iter().find(|w| w.stem == *asked && w.weight > SYNONYM).map(|w| w.place) else {
                    continue;
                };
                if wanted.iter().any(|w| w.stem == *meant) {
                    continue;
                }
                let documents = self.documents(meant)?;
                if documents > 0 {
                    wanted.push(Wanted { stem: meant.clone(), shown: meant.clone(), weight: SYNONYM, documents, place });
                }
            }
        }
        Ok(())
    }

    /// The query for the index: a sum over terms, which is what it can skip through without looking at every document.
    pub fn compose(&self, wanted: &[Wanted], symptoms: &[SymptomMatch]) -> tantivy::Result<BooleanQuery> {
        let fields = self.layers.fields;
        let mut clauses: Vec<Box<dyn Query>> = Vec::new();
        for w in wanted {
            clauses.push(clause(fields.words, &w.stem, w.weight));
        }
        for symptom in symptoms.iter().take(MOST_SYMPTOMS) {
            let slug = symptom.symptom.as_str();
            let entries = self.layers.count_documents(fields.symptom, slug)?;
            clauses.push(clause(fields.symptom, slug, SYMPTOM * symptom.score / self.rarity(entries)));
        }
        Ok(BooleanQuery::union(clauses))
    }
}

/// The words of a message that was recognised count less: its symptom counts already, and how often an entry quotes the message
/// says nothing about its cause. So the other words decide.
fn quieten(reading: &mut Reading, quoted: &[&str], stems: &mut tokens::Stems) {
    for message in quoted.iter().take(MOST_SYMPTOMS) {
        for word in words(message) {
            if let Some(&at) = reading.known.get(&stems.stem(&word.text)) {
                let wanted = &mut reading.wanted[at];
                wanted.weight = wanted.weight.min(QUOTED);
            }
        }
    }
}

/// The query that finds what [`super::Found::total`] counts.
pub fn distinctive(fields: Fields, total: u32, wanted: &[Wanted]) -> BooleanQuery {
    let rare = wanted.iter().filter(|w| w.documents <= total / EVERYWHERE);
    BooleanQuery::union(rare.map(|w| clause(fields.words, &w.stem, 1.0)).collect())
}

fn clause(field: Field, text: &str, weight: f32) -> Box<dyn Query> {
    let term = TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::WithFreqs);
    Box::new(BoostQuery::new(Box::new(term), weight))
}

fn words(text: &str) -> Vec<tokens::Word> {
    let mut words = Vec::new();
    tokens::scan(text, |text, at, position, parts| words.push(tokens::Word { text: text.to_owned(), at, position, parts }));
    words
}
