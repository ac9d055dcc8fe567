//! What people searched for, found out and linked to, tried again. Start at [`Past`].

use std::collections::{BTreeMap, BTreeSet};

use super::paths::same_end;
use super::touched::Touched;
use super::{Changed, Changes, End};
use crate::app::diagnose::{Diagnosis, Stage};
use crate::app::links::{self, escape};
use crate::app::snapshot::Snapshot;
use crate::kb::{Kind, KnowledgeBase, Question, Slug};
use crate::store::landings::{Landing, LandingKind};

/// Searches of which a result was opened, and diagnoses that ended at a fix, with how often that happened.
#[derive(Clone, Debug, Default)]
pub struct Past {
    searches: BTreeMap<String, i64>,
    diagnoses: BTreeMap<String, i64>,
    entries: BTreeMap<String, i64>,
}

impl Past {
    pub fn new(landings: &[Landing]) -> Past {
        let mut past = Past::default();
        for landing in landings {
            let times = match landing.kind {
                LandingKind::Search => past.searches.entry(landing.text.clone()),
                LandingKind::Diagnosis => past.diagnoses.entry(landing.text.clone()),
            };
            *times.or_default() += landing.count;
            *past.entries.entry(landing.entry.clone()).or_default() += landing.count;
        }
        past
    }

    /// Searches whose first result would be another one.
    pub(super) fn searches(&self, today: &Snapshot, would_be: &Snapshot) -> Changes {
        let first = |snapshot: &Snapshot, text: &str| {
            let hit = snapshot.index.search(&snapshot.kb, text, 1).hits.into_iter().next();
            hit.map_or(End::Nowhere, |hit| End::Document { kind: hit.kind, slug: hit.slug, title: hit.title })
        };
        self.list(&self.searches, |text, times| {
            let (before, after) = (first(today, text), first(would_be, text));
            let url = format!("/search?q={}", escape(text));
            let changed = Changed { what: text.to_owned(), url, before, after, ignored: Vec::new(), times };
            (!same_end(&changed.before, &changed.after, &would_be.kb)).then_some(changed)
        })
    }

    /// Diagnoses that would end elsewhere, or of whose address something would be ignored.
    pub(super) fn diagnoses(&self, today: &Snapshot, would_be: &Snapshot, affected: &BTreeSet<Slug>) -> Changes {
        self.list(&self.diagnoses, |url, times| {
            let query = url.split_once('?').map_or("", |(_, query)| query);
            let read = |kb: &KnowledgeBase| links::split(query).and_then(|parameters| links::read(kb, &parameters)).ok();
            let (old, new) = (read(&today.kb)?, read(&would_be.kb)?);
            let ignored: Vec<String> = new.ignored.iter().map(|i| format!("{}={}: {}", i.key, i.value, i.why)).collect();
            let more_ignored = new.ignored.len() > old.ignored.len();
            if old.facts == new.facts && old.facts.symptoms.is_disjoint(affected) && !more_ignored {
                return None;
            }
            let (was, is) = (today.diagnose(old), would_be.diagnose(new));
            let (before, after) = (end_of(today, &was), end_of(would_be, &is));
            if same_end(&before, &after, &would_be.kb) && !more_ignored {
                return None;
            }
            let given = was.given.iter().map(|g| format!("{} {}", g.title, g.option.as_deref().unwrap_or("Don’t know")));
            let what = given.collect::<Vec<_>>().join("; ");
            Some(Changed { what, url: url.to_owned(), before, after, ignored, times })
        })
    }

    /// The most frequent first.
    fn list(&self, all: &BTreeMap<String, i64>, look: impl Fn(&str, i64) -> Option<Changed>) -> Changes {
        let mut frequent: Vec<(&String, i64)> = all.iter().map(|(text, times)| (text, *times)).collect();
        frequent.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        let mut changes = Changes::default();
        frequent.into_iter().filter_map(|(text, times)| look(text, times)).for_each(|changed| changes.add(changed));
        changes
    }
}

fn end_of(snapshot: &Snapshot, step: &Diagnosis) -> End {
    match (step.stage, &step.verdict, &step.question) {
        (Stage::Fix, Some(verdict), _) => End::of(&snapshot.kb, Kind::Entry, verdict),
        (Stage::Undecided, ..) => End::Undecided,
        (Stage::NoKnownCause, ..) => End::NoKnownCause,
        (_, _, Some(asking)) => match Slug::parse(&asking.slug) {
            Some(question) => End::Asks { question, title: asking.title.clone() },
            None => End::Nowhere,
        },
        _ => End::Nowhere,
    }
}

/// Addresses that would lead elsewhere or nowhere: of documents, and of answers in a diagnosis.
pub(super) fn links(before: &KnowledgeBase, after: &KnowledgeBase, touched: &Touched, past: &Past) -> Changes {
    let mut changes = Changes::default();
    let documents = [(Kind::Entry, &touched.entries), (Kind::Symptom, &touched.symptoms), (Kind::Question, &touched.questions)];
    for (kind, slug) in documents.into_iter().flat_map(|(kind, slugs)| slugs.iter().map(move |slug| (kind, slug))) {
        for name in names_of(before, kind, slug) {
            let today = after.find_slug(kind, name.as_str());
            if today.as_ref() == Some(slug) {
                continue;
            }
            let times = if kind == Kind::Entry { past.entries.get(name.as_str()).copied().unwrap_or_default() } else { 0 };
            let url = kind.url(name.as_str());
            let after = today.map_or(End::Nowhere, |today| End::of(after, kind, &today));
            let before = End::of(before, kind, slug);
            changes.add(Changed { what: url.clone(), url, before, after, ignored: Vec::new(), times });
        }
    }
    for (old, new) in touched.questions.iter().filter_map(|q| before.questions.get(q)).filter_map(|old| {
        let today = after.find_slug(Kind::Question, old.slug.as_str())?;
        Some((old, after.questions.get(&today)?))
    }) {
        lost_answers(old, new).into_iter().for_each(|changed| changes.add(changed));
    }
    changes
}

/// The slug of a document and its old ones.
fn names_of<'a>(kb: &'a KnowledgeBase, kind: Kind, slug: &'a Slug) -> Vec<&'a Slug> {
    let (own, aliases): (Option<&Slug>, &[Slug]) = match kind {
        Kind::Entry => kb.entries.get(slug).map_or((None, &[]), |e| (Some(&e.slug), &e.aliases)),
        Kind::Question => kb.questions.get(slug).map_or((None, &[]), |q| (Some(&q.slug), &q.aliases)),
        Kind::Symptom => kb.symptoms.get(slug).map_or((None, &[]), |s| (Some(&s.slug), &s.aliases)),
    };
    own.into_iter().chain(aliases).collect()
}

/// Answers in links that would be ignored.
fn lost_answers(old: &Question, new: &Question) -> Vec<Changed> {
    let options = old.options.iter().flat_map(|o| std::iter::once(&o.id).chain(&o.aliases).map(move |id| (o, id)));
    let lost = options.filter(|(_, id)| new.find_option(id.as_str()).is_none());
    lost.map(|(option, id)| {
        let url = format!("/diagnose?{}={id}", old.slug);
        let before = End::Option { label: option.label.clone() };
        let ignored = vec![format!("{}={id}: no such option", old.slug)];
        Changed { what: url.clone(), url, before, after: End::Nowhere, ignored, times: 0 }
    })
    .collect()
}
