//! Entries that say what somebody is writing already. Start at [`alike`].
//!
//! Two signs are looked for: for the same symptom, conditions that no question separates; and a title or cause in the same
//! words. Both are told as what they are, and the person decides.

use std::collections::{BTreeMap, BTreeSet};

use super::snapshot::Snapshot;
use crate::content::draft;
use crate::kb::{Condition, Entry, Kind, KnowledgeBase, Question, Slug};

/// More would not be read.
const MOST: usize = 5;
/// Results of a search whose words are compared.
const COMPARED: usize = 10;
/// So many words of all that two causes have, they have to share.
const SAME_CAUSE: f64 = 0.5;
/// The same for two titles, which are short.
const SAME_TITLE: f64 = 0.75;
/// Shorter words are in every text.
const SHORTEST_WORD: usize = 3;

/// An entry that may be about the same, and why one could think so.
#[derive(Clone, Debug, PartialEq)]
pub struct Alike {
    pub entry: Slug,
    pub title: String,
    /// A sentence for each sign.
    pub why: Vec<String>,
    /// How much alike; the more, the higher.
    pub score: f64,
}

/// Entries that are much like a draft, the most alike first. `own` is the entry that is edited: it is not its own duplicate.
/// A draft need not be whole.
pub fn alike(snapshot: &Snapshot, own: Option<&Slug>, text: &str) -> Vec<Alike> {
    let kb = &snapshot.kb;
    let Some(draft) = draft(text) else { return Vec::new() };
    let mut found: BTreeMap<&Slug, Alike> = BTreeMap::new();
    let mut note = |entry: &'_ Entry, score: f64, why: String| {
        let Some((slug, _)) = kb.entries.get_key_value(&entry.slug) else { return };
        let known = || Alike { entry: slug.clone(), title: entry.title.clone(), why: Vec::new(), score: 0.0 };
        let alike = found.entry(slug).or_insert_with(known);
        alike.score += score;
        alike.why.push(why);
    };
    let is_other = |entry: &Entry| Some(&entry.slug) != own && !are_alternatives(&draft, entry);
    for (entry, symptom) in list_rivals(kb, &draft).filter(|(entry, _)| is_other(entry)) {
        let shared = count_shared(&draft, entry);
        if shared > 0 && cannot_be_told_apart(kb, &draft, entry) {
            let title = kb.symptoms.get(symptom).map_or(symptom.as_str(), |s| s.title.as_str());
            note(entry, 1.0 + shared as f64 / 100.0, format!("No question separates the two for “{title}”."));
        }
    }
    let words = format!("{} {}", draft.title, cause_of(&draft.body));
    for hit in snapshot.index.search(kb, &words, COMPARED).hits.iter().filter(|h| h.kind == Kind::Entry) {
        let Some(entry) = kb.entries.get(&hit.slug).filter(|e| is_other(e)) else { continue };
        let titles = likeness(&draft.title, &entry.title);
        if titles >= SAME_TITLE {
            note(entry, titles, "The titles say the same.".to_owned());
        }
        let causes = likeness(cause_of(&draft.body), cause_of(&entry.body));
        if causes >= SAME_CAUSE {
            note(entry, causes, "The causes are told in the same words.".to_owned());
        }
    }
    let mut found: Vec<Alike> = found.into_values().collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.entry.cmp(&b.entry)));
    found.truncate(MOST);
    found
}

/// The other causes of the draft's symptoms, each with the first symptom that both have.
fn list_rivals<'a>(kb: &'a KnowledgeBase, draft: &'a Entry) -> impl Iterator<Item = (&'a Entry, &'a Slug)> {
    let mut rivals: BTreeMap<&Slug, (&Entry, &Slug)> = BTreeMap::new();
    for symptom in &draft.symptoms {
        for entry in kb.list_causes(symptom.as_str()) {
            rivals.entry(&entry.slug).or_insert((entry, symptom));
        }
    }
    rivals.into_values()
}

/// Entries that are declared not to be told apart are not news.
fn are_alternatives(draft: &Entry, entry: &Entry) -> bool {
    draft.alternatives.contains(&entry.slug) || entry.alternatives.contains(&draft.slug)
}

/// How many answers both name.
fn count_shared(a: &Entry, b: &Entry) -> usize {
    let named = |entry: &'_ Entry| -> BTreeSet<(Slug, Slug)> {
        let pairs = entry.when.iter().flat_map(|c| &c.0);
        pairs.flat_map(|(q, options)| options.iter().map(move |o| (q.clone(), o.clone()))).collect()
    };
    named(a).intersection(&named(b)).count()
}

/// Whether some way in which one cause shows and some way of the other predict a common answer to every question.
fn cannot_be_told_apart(kb: &KnowledgeBase, a: &Entry, b: &Entry) -> bool {
    a.when.iter().any(|x| b.when.iter().any(|y| !list_questions(kb, x, y).any(|q| separates(q, x, y))))
}

fn list_questions<'a>(kb: &'a KnowledgeBase, a: &'a Condition, b: &'a Condition) -> impl Iterator<Item = &'a Question> {
    let named: BTreeSet<&Slug> = a.0.keys().chain(b.0.keys()).collect();
    named.into_iter().filter_map(|slug| kb.questions.get(slug)).map(|q| q.as_ref())
}

/// Whether no answer is expected of both.
fn separates(question: &Question, a: &Condition, b: &Condition) -> bool {
    let expects = |condition: &Condition, option: &Slug, healthy: bool| match condition.names(&question.slug) {
        Some(named) => named.contains(option),
        None => healthy || !question.is_check(),
    };
    !question.options.iter().any(|o| expects(a, &o.id, o.healthy) && expects(b, &o.id, o.healthy))
}

/// What stands under `## Cause`.
fn cause_of(body: &str) -> &str {
    let Some((_, after)) = body.split_once("## Cause") else { return "" };
    after.split("\n## ").next().unwrap_or_default()
}

/// The share of words that two texts have in common, of all that they have.
fn likeness(a: &str, b: &str) -> f64 {
    let words = |text: &str| -> BTreeSet<String> {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|w| w.chars().count() >= SHORTEST_WORD);
        words.map(str::to_lowercase).collect()
    };
    let (a, b) = (words(a), words(b));
    let all = a.union(&b).count();
    if all == 0 { 0.0 } else { a.intersection(&b).count() as f64 / all as f64 }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::app::Library;

    fn shipped() -> Snapshot {
        Library::open(None).expect("the shipped pack is sound").snapshot
    }

    fn names(found: &[Alike]) -> Vec<&str> {
        found.iter().map(|a| a.entry.as_str()).collect()
    }

    #[test]
    fn a_copy_finds_its_original_first() {
        let snapshot = shipped();
        for entry in snapshot.kb.entries.values() {
            let found = alike(&snapshot, None, &entry.source);
            assert_eq!(names(&found).first(), Some(&entry.slug.as_str()), "{found:?}");
            assert!(found.len() <= MOST);
        }
    }

    #[test]
    fn shipped_entries_are_hardly_ever_taken_for_each_other() {
        let snapshot = shipped();
        let claims = |entry: &Arc<Entry>| (entry.slug.clone(), alike(&snapshot, Some(&entry.slug), &entry.source));
        let claimed: Vec<_> = snapshot.kb.entries.values().map(claims).filter(|(_, found)| !found.is_empty()).collect();
        assert!(claimed.len() * 10 <= snapshot.kb.entries.len(), "{claimed:#?}");
    }

    #[test]
    fn a_draft_need_not_be_whole() {
        let snapshot = shipped();
        let entry = snapshot.kb.entries.values().find(|e| !e.when.is_empty()).expect("there is one");
        let begun = format!("---\ntitle: {:?}\nsymptoms: []\n---\n\n## Cause\n", entry.title);
        assert_eq!(names(&alike(&snapshot, None, &begun)).first(), Some(&entry.slug.as_str()));
        for nothing in ["", "---\n", "---\ntitle: [\n---\n", "words"] {
            assert_eq!(alike(&snapshot, None, nothing), [], "{nothing:?}");
        }
    }

    #[test]
    fn two_titles_are_alike_by_their_words() {
        let check = |a: &str, b: &str, alike: bool| assert_eq!(likeness(a, b) >= SAME_TITLE, alike, "{a} / {b}");
        check("The bulb is broken", "the bulb: is BROKEN", true);
        check("The bulb is broken", "The bulb is loose", false);
        check("", "", false);
    }
}
