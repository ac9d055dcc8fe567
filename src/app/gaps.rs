//! What the knowledge base lacks: what people looked for in vain, and entries that need a look. Start at [`Gaps::new`].

use std::sync::Arc;

use super::links::{self, Link};
use super::snapshot::{Counts, Snapshot};
use crate::diagnosis::Facts;
use crate::kb::{Entry, Symptom};
use crate::store::misses::{Miss, MissKind};

/// A fix that was verified longer ago than this may not be one any more.
const VERIFIED_FOR_YEARS: i8 = 1;

/// Something that people looked for in vain.
#[derive(Clone, Debug)]
pub struct Missed {
    /// The words of a search, or the answers of a diagnosis.
    pub text: String,
    pub kind: MissKind,
    pub count: i64,
    /// Where it can be seen again.
    pub url: String,
    /// Where the entry can be begun that would have helped: with the message, the symptom and the answers filled in.
    pub write_url: String,
}

/// Answers for which no entry exists yet, and that is known.
#[derive(Clone, Debug)]
pub struct Declared {
    pub symptom: Arc<Symptom>,
    /// Why, in the words of the symptom (markdown).
    pub reason: String,
    pub url: String,
}

/// Everything that is open.
#[derive(Clone, Debug)]
pub struct Gaps {
    /// The most frequent first.
    pub misses: Vec<Missed>,
    pub declared: Vec<Declared>,
    /// Those that failed people more often than they helped, the worst first.
    pub failing: Vec<(Arc<Entry>, Counts)>,
    pub disputed: Vec<Arc<Entry>>,
    /// The longest ago first.
    pub overdue: Vec<Arc<Entry>>,
    pub never_verified: Vec<Arc<Entry>>,
}

impl Gaps {
    /// Looks through a knowledge base on a day.
    pub fn new(snapshot: &Snapshot, misses: Vec<Miss>, today: jiff::civil::Date) -> Gaps {
        let kb = &snapshot.kb;
        let entries = |wanted: &dyn Fn(&Entry) -> bool| kb.entries.values().filter(|e| wanted(e)).cloned().collect::<Vec<_>>();
        let counted = kb.entries.values().map(|entry| (Arc::clone(entry), snapshot.outcomes.counts(&entry.slug)));
        let mut failing: Vec<_> = counted.filter(|(_, counts)| counts.failed > counts.worked).collect();
        failing.sort_by_key(|(_, counts)| counts.worked - counts.failed);
        let oldest = oldest(today);
        let on = |entry: &Entry| entry.verified.as_ref().map(|v| v.on.clone());
        let mut overdue = entries(&|entry| on(entry).is_some_and(|on| on < oldest));
        overdue.sort_by_key(|entry| on(entry));
        Gaps {
            misses: misses.into_iter().filter_map(|miss| missed(snapshot, miss)).collect(),
            declared: kb.symptoms.values().flat_map(declared).collect(),
            failing,
            disputed: entries(&|entry| entry.disputed.is_some()),
            overdue,
            never_verified: entries(&|entry| entry.verified.is_none()),
        }
    }
}

/// The day since which a fix has to be verified. Dates are written so that their order is the one of their texts; `content`
/// refuses others.
fn oldest(today: jiff::civil::Date) -> String {
    today.saturating_sub(jiff::Span::new().years(VERIFIED_FOR_YEARS)).to_string()
}

/// Whether the fix of an entry should be tried again, or for the first time.
pub fn is_overdue(entry: &Entry) -> bool {
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    entry.verified.as_ref().is_none_or(|verified| verified.on < oldest(today))
}

fn missed(snapshot: &Snapshot, miss: Miss) -> Option<Missed> {
    let kind = MissKind::parse(&miss.kind)?;
    let (text, url) = match kind {
        MissKind::Empty | MissKind::Abandoned => (miss.text.clone(), format!("/search?q={}", links::escape(&miss.text))),
        MissKind::NoKnownCause => (answers(snapshot, &miss.text).unwrap_or_else(|| miss.text.clone()), miss.text),
    };
    let write_url = match kind {
        MissKind::Empty | MissKind::Abandoned => for_message(snapshot, &text),
        MissKind::NoKnownCause => format!("/new/entry?{}", url.split_once('?').map_or("", |(_, query)| query)),
    };
    Some(Missed { text, kind, count: miss.count, url, write_url })
}

/// Where to begin an entry for a message, with the symptom that it shows.
fn for_message(snapshot: &Snapshot, message: &str) -> String {
    let symptom = snapshot.index.symptoms(message).into_iter().next().map(|m| format!("&symptom={}", m.symptom));
    format!("/new/entry?message={}{}", links::escape(message), symptom.unwrap_or_default())
}

/// A diagnosis in words: its symptoms and what was answered.
fn answers(snapshot: &Snapshot, url: &str) -> Option<String> {
    let kb = &snapshot.kb;
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let facts = links::read(kb, &links::split(query).ok()?).ok()?.facts;
    let symptoms: Vec<&str> = facts.symptoms.iter().map(|slug| kb.symptoms[slug].title.as_str()).collect();
    let given: Vec<String> = facts.answers.iter().map(|(question, option)| format!("{question}={option}")).collect();
    Some(format!("{}: {}", symptoms.join(", "), given.join(" ")))
}

fn declared(symptom: &Arc<Symptom>) -> impl Iterator<Item = Declared> + '_ {
    symptom.known_gaps.iter().map(move |gap| {
        let mut facts = Facts::default();
        facts.symptoms.insert(symptom.slug.clone());
        let answers = gap.answers.0.iter().filter_map(|(question, options)| Some((question.clone(), options.first()?.clone())));
        facts.answers.extend(answers);
        Declared { symptom: Arc::clone(symptom), reason: gap.reason.clone(), url: Link::to(&facts).url() }
    })
}
