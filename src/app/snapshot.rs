//! What a request reads: one immutable picture of the knowledge base, swapped whole when something changes.
//!
//! A request takes the current [`Snapshot`] once and sees it from start to end. Models and diagnoses are compiled when first
//! asked for and kept beside it. Start at [`Snapshot`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use quick_cache::sync::Cache;

use super::diagnose::{Diagnosis, diagnose};
use super::links::{Link, Reading};
use super::reader::Reader;
use super::watch::Watched;
use crate::diagnosis::Model;
use crate::kb::{Entry, KnowledgeBase, Slug};
use crate::search::Index;
use crate::store::outcomes::Tally;

/// How many confirmed fixes weigh as much as what the authors believe. With fewer than this, likelihoods rule; with more,
/// experience does.
const SHRINKAGE: f64 = 25.0;
/// Sets of symptoms whose models are kept.
const MODELS: usize = 256;
/// Steps that are kept.
const DIAGNOSES: usize = 4_096;
/// Every cause is considered while no symptom is known, unless there are more of them than this.
const CAUSES_WITHOUT_SYMPTOM: usize = 1_000;

/// How often a fix helped and did not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub worked: i64,
    pub failed: i64,
}

/// What became of suggested fixes.
#[derive(Clone, Debug, Default)]
pub struct Outcomes {
    tallies: Vec<Tally>,
    by_entry: BTreeMap<String, Counts>,
}

impl Outcomes {
    pub fn new(tallies: Vec<Tally>) -> Outcomes {
        let mut by_entry: BTreeMap<String, Counts> = BTreeMap::new();
        for tally in &tallies {
            let counts = by_entry.entry(tally.entry.clone()).or_default();
            counts.worked += tally.worked;
            counts.failed += tally.failed;
        }
        Outcomes { tallies, by_entry }
    }

    pub fn counts(&self, entry: &Slug) -> Counts {
        self.by_entry.get(entry.as_str()).copied().unwrap_or_default()
    }

    /// How often the entry was the cause of one of these symptoms.
    fn confirmed(&self, entry: &Slug, symptoms: &BTreeSet<Slug>) -> f64 {
        let matching = self.tallies.iter().filter(|t| t.entry == entry.as_str());
        let of_symptoms = matching.filter(|t| t.symptom.split(',').any(|s| symptoms.contains(s)));
        of_symptoms.map(|t| t.worked as f64).sum()
    }

    /// Entries that helped somebody, the most recent first.
    pub fn recent(&self, count: usize) -> Vec<(&str, i64)> {
        let mut last: BTreeMap<&str, i64> = BTreeMap::new();
        for tally in &self.tallies {
            if let Some(at) = tally.last_worked {
                let newest = last.entry(tally.entry.as_str()).or_default();
                *newest = at.max(*newest);
            }
        }
        let mut recent: Vec<(&str, i64)> = last.into_iter().collect();
        recent.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        recent.truncate(count);
        recent
    }
}

/// Everything that a request reads.
pub struct Snapshot {
    pub kb: Arc<KnowledgeBase>,
    pub index: Arc<Index>,
    pub outcomes: Outcomes,
    /// The folder that all of it comes from, when it is only read here.
    pub folder: Option<Arc<Watched>>,
    reader: Arc<OnceLock<Reader>>,
    /// Differs between any two snapshots of one process.
    pub number: u64,
    models: Cache<String, Arc<Model>>,
    diagnoses: Cache<String, Arc<Diagnosis>>,
}

impl Snapshot {
    pub fn new(kb: Arc<KnowledgeBase>, index: Arc<Index>, outcomes: Outcomes, number: u64) -> Snapshot {
        let reader = Arc::new(OnceLock::new());
        let (models, diagnoses) = (Cache::new(MODELS), Cache::new(DIAGNOSES));
        Snapshot { kb, index, outcomes, folder: None, reader, number, models, diagnoses }
    }

    /// The same, from a folder.
    pub fn of_folder(self, folder: Option<Arc<Watched>>) -> Snapshot {
        Snapshot { folder, ..self }
    }

    /// Keeps what was worked out before for symptoms that nothing of what changed has a bearing on.
    pub fn after(self, before: &Snapshot, changed: &BTreeSet<Slug>) -> Snapshot {
        let stays = |symptoms: &mut dyn Iterator<Item = &str>| {
            let mut symptoms = symptoms.peekable();
            symptoms.peek().is_some() && symptoms.all(|s| !changed.contains(s))
        };
        for (key, model) in before.models.iter() {
            if !key.is_empty() && stays(&mut key.split(',')) {
                self.models.insert(key.clone(), model);
            }
        }
        for (query, diagnosis) in before.diagnoses.iter() {
            let named = query.split('&').filter_map(|pair| pair.strip_prefix("symptom=")).flat_map(|all| all.split(','));
            if stays(&mut { named }) {
                self.diagnoses.insert(query.clone(), diagnosis);
            }
        }
        self
    }

    /// The same knowledge with more experience.
    pub fn with_outcomes(&self, outcomes: Outcomes, number: u64) -> Snapshot {
        let (reader, folder) = (Arc::clone(&self.reader), self.folder.clone());
        Snapshot { reader, folder, ..Snapshot::new(Arc::clone(&self.kb), Arc::clone(&self.index), outcomes, number) }
    }

    /// The same experience with other knowledge. A reader whose signs are the same can be kept, if nothing is
    /// shown of what it leaves out: its words are those of before.
    pub fn with_knowledge(&self, kb: Arc<KnowledgeBase>, index: Arc<Index>, reads_as_before: bool) -> Snapshot {
        let fresh = Snapshot::new(kb, index, self.outcomes.clone(), self.number);
        match reads_as_before {
            true => Snapshot { reader: Arc::clone(&self.reader), ..fresh },
            false => fresh,
        }
    }

    /// The expressions and words of this knowledge base, compiled when the first text is read.
    pub fn reader(&self) -> &Reader {
        self.reader.get_or_init(|| Reader::new(&self.kb))
    }

    /// The compiled engine for some symptoms, or for all of them when none is given.
    pub fn model(&self, symptoms: &BTreeSet<Slug>) -> Arc<Model> {
        let key = symptoms.iter().map(Slug::as_str).collect::<Vec<_>>().join(",");
        let compile = || {
            let all: BTreeSet<Slug>;
            let wanted = match symptoms.is_empty() {
                true if self.kb.entries.len() <= CAUSES_WITHOUT_SYMPTOM => {
                    all = self.kb.symptoms.keys().cloned().collect();
                    &all
                }
                _ => symptoms,
            };
            Arc::new(Model::new(&self.kb, wanted, &self.prior(wanted)))
        };
        self.models
            .get_or_insert_with(&key, || Ok::<_, std::convert::Infallible>(compile()))
            .unwrap_or_else(|never| match never {})
    }

    /// What the authors believe, as so many imagined incidents, and what was confirmed, counted.
    fn prior<'a>(&'a self, symptoms: &'a BTreeSet<Slug>) -> impl Fn(&Entry) -> f64 + 'a {
        let mut causes: BTreeMap<&Slug, f64> = BTreeMap::new();
        for symptom in symptoms {
            causes.extend(self.kb.list_causes(symptom.as_str()).map(|e| (&e.slug, e.likelihood.weight())));
        }
        let believed: f64 = causes.values().sum();
        move |entry| SHRINKAGE * entry.likelihood.weight() / believed.max(1.0) + self.outcomes.confirmed(&entry.slug, symptoms)
    }

    /// One step of a diagnosis. Links without oddities are answered from memory: the same facts give the same step.
    pub fn diagnose(&self, reading: Reading) -> Arc<Diagnosis> {
        if !reading.ignored.is_empty() {
            return Arc::new(diagnose(self, reading));
        }
        let link = Link::to(&reading.facts);
        let key = match &reading.change {
            Some(question) => link.changing(question).query(),
            None => link.query(),
        };
        if let Some(known) = self.diagnoses.get(&key) {
            return known;
        }
        let fresh = Arc::new(diagnose(self, reading));
        self.diagnoses.insert(key, Arc::clone(&fresh));
        fresh
    }
}
