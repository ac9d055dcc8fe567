//! The vocabulary: entries, questions, symptoms, and the knowledge base that holds them together.
//!
//! Depends on nothing of ours, reads no files and serialises nothing: front matter, rows and JSON have shapes of their own
//! and convert. Start at [`KnowledgeBase`].
//!
//! Invariant: what stands in a [`KnowledgeBase`] was checked by `content`; conditions name questions and options that exist.

mod images;

pub use images::{Image, ImageKind, ImageName};

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use imbl::{OrdMap, OrdSet};

/// The name of a document in URLs and files: lower-case letters, digits and dashes, 1 to 80 characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(Arc<str>);

impl Slug {
    /// Longer ones do not fit into a chat message beside their sentence.
    pub const LONGEST: usize = 80;

    /// Returns the slug, or `None` when the text is not one.
    pub fn parse(text: &str) -> Option<Slug> {
        let inner = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let edges = !text.starts_with('-') && !text.ends_with('-');
        (inner && edges && !text.is_empty() && text.len() <= Slug::LONGEST).then(|| Slug(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &self.0)
    }
}

impl std::borrow::Borrow<str> for Slug {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Question → the options that fit. Every question in it has to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Condition(pub BTreeMap<Slug, BTreeSet<Slug>>);

impl Condition {
    pub fn names(&self, question: &Slug) -> Option<&BTreeSet<Slug>> {
        self.0.get(question)
    }

    /// Whether these answers meet every question of the condition.
    pub fn holds(&self, answers: &BTreeMap<Slug, Slug>) -> bool {
        self.0.iter().all(|(q, options)| answers.get(q).is_some_and(|o| options.contains(o)))
    }
}

/// How often a cause is behind its symptoms, before outcomes say more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likelihood {
    Common,
    Occasional,
    Rare,
}

impl Likelihood {
    /// The prior weight. Each step is a factor of about three: enough to order causes, little enough to be overruled by one
    /// answer.
    pub fn weight(self) -> f64 {
        match self {
            Likelihood::Common => 30.0,
            Likelihood::Occasional => 5.0,
            Likelihood::Rare => 1.0,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Likelihood::Common => "common",
            Likelihood::Occasional => "occasional",
            Likelihood::Rare => "rare",
        }
    }
}

/// Where a claim of an entry can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub title: String,
    pub url: String,
}

/// An act of its own, not an edit: somebody tried the fix, on that day, against that version of the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    pub on: String,
    pub against: Option<String>,
    pub by: Option<String>,
}

/// One document: symptoms → cause → fix.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub slug: Slug,
    /// The folder it stands in, such as `api-gateway`.
    pub area: String,
    pub title: String,
    pub symptoms: Vec<Slug>,
    /// Any of these conditions describes the cause. Empty means that nothing is distinctive of it.
    pub when: Vec<Condition>,
    pub likelihood: Likelihood,
    pub sources: Vec<Source>,
    pub aliases: Vec<Slug>,
    /// Entries that no question can tell from this one, and that is known.
    pub alternatives: Vec<Slug>,
    pub tags: Vec<String>,
    pub owner: Option<String>,
    pub verified: Option<Verified>,
    pub disputed: Option<String>,
    /// Why no evidence can tell this cause, so that only asking does.
    pub told_by_asking: Option<String>,
    pub transcripts: Vec<Transcript>,
    /// The markdown below the front matter.
    pub body: String,
    /// The whole file, as it was written.
    pub source: Arc<str>,
}

/// What somebody with this cause, or with one that looks like it, has on the screen: an example for the reader, and a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript {
    pub text: String,
    /// The entry that has to come first when the text is read.
    pub lands: Slug,
    /// The line of the file on which it begins.
    pub line: usize,
}

impl Transcript {
    /// What follows `lands` in the info string of a fenced block: nothing for the entry itself, or the slug of another.
    pub fn landing(info: &str) -> Option<&str> {
        let word = info.split_whitespace().find_map(|word| word.strip_prefix("lands"))?;
        if word.is_empty() { Some(word) } else { word.strip_prefix('=') }
    }
}

/// How much it costs a person to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effort {
    Glance,
    LookUp,
    Command,
    AskSomeone,
}

impl Effort {
    /// What an answer costs, with a glance as the unit. The steps are small on purpose: a question saved is worth more than a
    /// question made easier, and steeper ones lengthened the shipped questionnaires (`fixpath check` prints by how much).
    pub fn cost(self) -> f64 {
        match self {
            Effort::Glance => 1.0,
            Effort::LookUp => 1.03,
            Effort::Command => 1.06,
            Effort::AskSomeone => 1.1,
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Effort::Glance => "at a glance",
            Effort::LookUp => "a look-up",
            Effort::Command => "one command",
            Effort::AskSomeone => "ask someone",
        }
    }
}

/// One option of a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    pub id: Slug,
    pub label: String,
    pub healthy: bool,
    /// The expression that recognises the option in pasted evidence.
    pub detect: Option<String>,
    pub aliases: Vec<Slug>,
}

impl Entry {
    /// The questions in its conditions; some of them twice.
    pub fn asks_about(&self) -> impl Iterator<Item = &Slug> {
        self.when.iter().flat_map(|condition| condition.0.keys())
    }
}

/// An observation that a person can make; its options are a small closed list.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    pub slug: Slug,
    pub title: String,
    pub why: String,
    pub effort: Effort,
    pub options: Vec<Choice>,
    /// Only asked once these answers are known.
    pub asked_when: Condition,
    pub aliases: Vec<Slug>,
    pub body: String,
    pub source: Arc<str>,
}

impl Question {
    /// A check question has healthy options; a context question has none, because no option of it is wrong.
    pub fn is_check(&self) -> bool {
        self.options.iter().any(|o| o.healthy)
    }

    pub fn option(&self, id: &str) -> Option<&Choice> {
        self.options.iter().find(|o| o.id.as_str() == id)
    }

    /// Finds an option by its id or one of its old ids.
    pub fn find_option(&self, id: &str) -> Option<&Choice> {
        self.option(id).or_else(|| self.options.iter().find(|o| o.aliases.iter().any(|a| a.as_str() == id)))
    }
}

/// Answers for which no entry exists yet, and why that is all right for now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownGap {
    pub answers: Condition,
    pub reason: String,
}

/// What a person sees: a message, a status, a behaviour.
#[derive(Clone, Debug, PartialEq)]
pub struct Symptom {
    pub slug: Slug,
    pub title: String,
    pub messages: Vec<String>,
    pub patterns: Vec<String>,
    pub statuses: Vec<u16>,
    pub detect: Option<String>,
    pub known_gaps: Vec<KnownGap>,
    pub aliases: Vec<Slug>,
    pub body: String,
    pub source: Arc<str>,
}

/// Which of the three kinds of document something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Symptom,
    Question,
    Entry,
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Symptom, Kind::Question, Kind::Entry];

    /// The word in JSON and in the store.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Symptom => "symptom",
            Kind::Question => "question",
            Kind::Entry => "entry",
        }
    }

    /// The word as it stands in a sentence.
    pub fn with_article(self) -> &'static str {
        match self {
            Kind::Symptom => "a symptom",
            Kind::Question => "a question",
            Kind::Entry => "an entry",
        }
    }

    pub fn parse(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|k| k.word() == word)
    }

    /// The folder of a pack that holds this kind.
    pub fn folder(self) -> &'static str {
        match self {
            Kind::Symptom => "symptoms",
            Kind::Question => "questions",
            Kind::Entry => "entries",
        }
    }

    /// The page of a document of this kind.
    pub fn url(self, slug: &str) -> String {
        match self {
            Kind::Symptom => format!("/symptom/{slug}"),
            Kind::Question => format!("/question/{slug}"),
            Kind::Entry => format!("/fix/{slug}"),
        }
    }
}

/// Documents of one kind by slug. A copy shares what neither side changes: an edit of one among thousands costs next to
/// nothing, and so does finding it.
pub type Documents<T> = OrdMap<Slug, Arc<T>>;

/// Everything that is known, checked and ready to be asked. Cheap to clone and to change.
#[derive(Clone, Debug, Default)]
pub struct KnowledgeBase {
    pub entries: Documents<Entry>,
    pub questions: Documents<Question>,
    pub symptoms: Documents<Symptom>,
    renamed: OrdMap<(Kind, Slug), Slug>,
    /// The entries that explain a symptom, and those with a condition on a question.
    by_symptom: OrdMap<Slug, OrdSet<Slug>>,
    by_question: OrdMap<Slug, OrdSet<Slug>>,
}

impl KnowledgeBase {
    pub fn new(entries: Vec<Entry>, questions: Vec<Question>, symptoms: Vec<Symptom>) -> KnowledgeBase {
        let mut kb = KnowledgeBase::default();
        entries.into_iter().for_each(|e| kb.put_entry(Arc::new(e)));
        questions.into_iter().for_each(|q| kb.put_question(Arc::new(q)));
        symptoms.into_iter().for_each(|s| kb.put_symptom(Arc::new(s)));
        kb
    }

    /// Adds an entry, or replaces the one of its name.
    pub fn put_entry(&mut self, entry: Arc<Entry>) {
        self.remove(Kind::Entry, &entry.slug);
        self.note_aliases(Kind::Entry, &entry.slug, &entry.aliases);
        for symptom in &entry.symptoms {
            self.by_symptom.entry(symptom.clone()).or_default().insert(entry.slug.clone());
        }
        for question in entry.asks_about() {
            self.by_question.entry(question.clone()).or_default().insert(entry.slug.clone());
        }
        self.entries.insert(entry.slug.clone(), entry);
    }

    /// Adds a question, or replaces the one of its name.
    pub fn put_question(&mut self, question: Arc<Question>) {
        self.remove(Kind::Question, &question.slug);
        self.note_aliases(Kind::Question, &question.slug, &question.aliases);
        self.questions.insert(question.slug.clone(), question);
    }

    /// Adds a symptom, or replaces the one of its name.
    pub fn put_symptom(&mut self, symptom: Arc<Symptom>) {
        self.remove(Kind::Symptom, &symptom.slug);
        self.note_aliases(Kind::Symptom, &symptom.slug, &symptom.aliases);
        self.symptoms.insert(symptom.slug.clone(), symptom);
    }

    /// Takes a document out, with its old names; nothing happens if there is none.
    pub fn remove(&mut self, kind: Kind, slug: &Slug) {
        let aliases = match kind {
            Kind::Entry => self.entries.remove(slug).map(|entry| {
                entry.symptoms.iter().for_each(|symptom| forget(&mut self.by_symptom, symptom, slug));
                entry.asks_about().for_each(|question| forget(&mut self.by_question, question, slug));
                entry.aliases.clone()
            }),
            Kind::Question => self.questions.remove(slug).map(|q| q.aliases.clone()),
            Kind::Symptom => self.symptoms.remove(slug).map(|s| s.aliases.clone()),
        };
        for alias in aliases.into_iter().flatten() {
            let name = (kind, alias);
            if self.renamed.get(&name) == Some(slug) {
                self.renamed.remove(&name);
            }
        }
    }

    fn note_aliases(&mut self, kind: Kind, slug: &Slug, aliases: &[Slug]) {
        for alias in aliases {
            self.renamed.insert((kind, alias.clone()), slug.clone());
        }
    }

    /// Finds what a slug names today: itself, or what it was renamed to.
    pub fn find_slug(&self, kind: Kind, text: &str) -> Option<Slug> {
        let known = match kind {
            Kind::Entry => self.entries.get_key_value(text).map(|(k, _)| k),
            Kind::Question => self.questions.get_key_value(text).map(|(k, _)| k),
            Kind::Symptom => self.symptoms.get_key_value(text).map(|(k, _)| k),
        };
        known.cloned().or_else(|| self.renamed.get(&(kind, Slug::parse(text)?)).cloned())
    }

    /// The causes of a symptom, by slug.
    pub fn list_causes(&self, symptom: &str) -> impl Iterator<Item = &Arc<Entry>> {
        self.by_symptom.get(symptom).into_iter().flatten().filter_map(|slug| self.entries.get(slug))
    }

    /// The entries with a condition on a question, by slug.
    pub fn list_asking(&self, question: &str) -> impl Iterator<Item = &Arc<Entry>> {
        self.by_question.get(question).into_iter().flatten().filter_map(|slug| self.entries.get(slug))
    }

    /// The slugs of a kind, in order.
    pub fn list_slugs(&self, kind: Kind) -> Box<dyn Iterator<Item = &Slug> + '_> {
        match kind {
            Kind::Entry => Box::new(self.entries.keys()),
            Kind::Question => Box::new(self.questions.keys()),
            Kind::Symptom => Box::new(self.symptoms.keys()),
        }
    }

    /// The title and the source text of a document.
    pub fn find_document(&self, kind: Kind, slug: &str) -> Option<(&str, &Arc<str>)> {
        match kind {
            Kind::Entry => self.entries.get(slug).map(|e| (e.title.as_str(), &e.source)),
            Kind::Question => self.questions.get(slug).map(|q| (q.title.as_str(), &q.source)),
            Kind::Symptom => self.symptoms.get(slug).map(|s| (s.title.as_str(), &s.source)),
        }
    }
}

/// Takes an entry out of those that are listed under a name.
fn forget(listed: &mut OrdMap<Slug, OrdSet<Slug>>, name: &Slug, entry: &Slug) {
    let Some(entries) = listed.get_mut(name) else { return };
    entries.remove(entry);
    if entries.is_empty() {
        listed.remove(name);
    }
}

/// Parameters of a diagnosis link that are not questions; no question may be called so.
pub const RESERVED_PARAMETERS: [&str; 6] = ["symptom", "skip", "tried", "change", "search", "q"];

/// The nearest of some words to a mistyped one, when one is near enough to be meant.
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_few(given, known, 1).pop()
}

/// Up to `count` words that are near a mistyped one, the nearest first.
pub fn nearest_few<'a>(given: &str, known: impl IntoIterator<Item = &'a str>, count: usize) -> Vec<&'a str> {
    let given: String = given.chars().take(Slug::LONGEST).collect();
    let mut scored: Vec<(f64, &str)> = known
        .into_iter()
        .map(|k| (strsim::jaro_winkler(&given, k).max(strsim::normalized_damerau_levenshtein(&given, k)), k))
        .filter(|(score, _)| *score >= 0.75)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored.into_iter().take(count).map(|(_, k)| k).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_lower_case_letters_digits_and_dashes() {
        for good in ["a", "url-shape", "s3"] {
            assert!(Slug::parse(good).is_some(), "{good}");
        }
        let long = "a".repeat(81);
        for bad in ["", "-a", "a-", "A", "a b", "a/b", "ä", "..", &long] {
            assert!(Slug::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn the_nearest_word_is_the_one_that_was_meant() {
        let known = ["url-shape", "auth-type", "verb"];
        assert_eq!(nearest("url-shap", known), Some("url-shape"));
        assert_eq!(nearest("likelyhood", ["likelihood", "title"]), Some("likelihood"));
        assert_eq!(nearest("zzz", known), None);
    }
}
