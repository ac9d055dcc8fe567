//! Proofs of questionnaires, kept while what they are about stays the same. Start at [`Prover::prove`].

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::Arc;

use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};

use crate::diagnosis::Model;
use crate::diagnosis::proof::{End, Proof, list_likely_ends, walk};
use crate::kb::{KnowledgeBase, Slug, Symptom};

/// Symptoms with more causes are not walked: their paths would fill days.
const PROVED_CAUSES: usize = 80;
/// Proofs that are kept.
const KEPT: usize = 1_024;
/// Ends that are kept of one symptom.
const MOST_ENDS: usize = 5_000;

/// A questionnaire with what its walk found.
pub struct Proved {
    pub model: Model,
    pub proof: Proof,
    /// The ends of its paths; of a large symptom only those of people who answer rightly.
    pub ends: Vec<End>,
    /// There are more.
    pub more_ends: bool,
}

/// Proves symptoms, each of them once.
pub struct Prover {
    kept: Cache<[u8; 32], Arc<Proved>>,
}

impl Default for Prover {
    fn default() -> Prover {
        Prover { kept: Cache::new(KEPT) }
    }
}

impl Prover {
    /// The proof of a symptom, from memory if nothing that it is about has changed.
    pub fn prove(&self, kb: &KnowledgeBase, symptom: &Symptom) -> Arc<Proved> {
        let proved = self.kept.get_or_insert_with(&fingerprint(kb, symptom), || Ok::<_, Infallible>(prove(kb, symptom)));
        proved.unwrap_or_else(|never| match never {})
    }
}

/// Whether a symptom has too many causes to walk all its paths.
pub fn is_large(kb: &KnowledgeBase, symptom: &Slug) -> bool {
    kb.list_causes(symptom.as_str()).count() > PROVED_CAUSES
}

fn prove(kb: &KnowledgeBase, symptom: &Symptom) -> Arc<Proved> {
    let model = Model::new(kb, &BTreeSet::from([symptom.slug.clone()]), &|e| e.likelihood.weight());
    let (proof, mut ends) = if is_large(kb, &symptom.slug) {
        let entropy = model.entropy(&model.belief(&model.start()));
        let proof = Proof { causes: model.causes().len(), entropy, cut: true, ..Proof::default() };
        (proof, list_likely_ends(&model, MOST_ENDS))
    } else {
        walk(kb, symptom, &model)
    };
    let more_ends = proof.cut || ends.len() > MOST_ENDS;
    ends.truncate(MOST_ENDS);
    ends.shrink_to_fit();
    Arc::new(Proved { model, proof, ends, more_ends })
}

/// Names all that the questionnaire of a symptom is made of.
pub fn fingerprint(kb: &KnowledgeBase, symptom: &Symptom) -> [u8; 32] {
    let mut text = format!("{:?}", symptom.slug);
    let mut add = |part: &dyn std::fmt::Debug| write!(text, "\n{part:?}").unwrap_or_default();
    let mut named: BTreeSet<&Slug> = BTreeSet::new();
    for entry in kb.list_causes(symptom.slug.as_str()) {
        add(&(&entry.slug, &entry.when, entry.likelihood, &entry.alternatives));
        named.extend(entry.when.iter().flat_map(|c| c.0.keys()));
    }
    for gap in &symptom.known_gaps {
        add(&gap.answers);
    }
    let mut open: Vec<&Slug> = named.iter().copied().collect();
    while let Some(slug) = open.pop() {
        let Some(question) = kb.questions.get(slug) else { continue };
        let options: Vec<(&Slug, bool)> = question.options.iter().map(|o| (&o.id, o.healthy)).collect();
        add(&(&question.slug, options, question.effort, &question.asked_when));
        open.extend(question.asked_when.0.keys().filter(|gate| named.insert(gate)));
    }
    Sha256::digest(text.as_bytes()).into()
}

/// For some questions: the symptoms whose questionnaires could ask them, because a cause names them or what they open.
pub fn symptoms_by_question<'a>(kb: &'a KnowledgeBase, questions: &BTreeSet<Slug>) -> BTreeMap<Slug, BTreeSet<&'a Slug>> {
    // What each question stands for: itself, and what is asked only after it.
    let mut stands: BTreeMap<&Slug, BTreeSet<&Slug>> = BTreeMap::new();
    for question in questions {
        let mut reached: BTreeSet<&Slug> = BTreeSet::from([question]);
        let mut open = vec![question];
        while let Some(gate) = open.pop() {
            let opened = kb.questions.values().filter(|q| q.asked_when.names(gate).is_some()).map(|q| &q.slug);
            open.extend(opened.filter(|q| reached.insert(q)));
        }
        for named in reached {
            stands.entry(named).or_default().insert(question);
        }
    }
    let mut about: BTreeMap<Slug, BTreeSet<&Slug>> = BTreeMap::new();
    for (named, questions) in stands {
        for entry in kb.list_asking(named.as_str()) {
            questions.iter().for_each(|question| about.entry((*question).clone()).or_default().extend(&entry.symptoms));
        }
    }
    about
}
