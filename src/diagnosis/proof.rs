//! Walks every path that the engine can take for a symptom and says what it found.
//!
//! A path is a sequence of answers, each to the question that the engine asks next; "don't know" is followed too, once on a
//! path. A path that leaves exactly the causes that answers explain ends there. Start at [`prove`].

use std::collections::{BTreeMap, BTreeSet};

use super::{Belief, Model, Next, State};
use crate::kb::{Condition, KnowledgeBase, Slug, Symptom};

/// Answers in the order in which they were asked for.
pub type Path = Vec<(Slug, Slug)>;

/// More leaves than this are not walked; the proof then says so instead of running for hours.
pub const MOST_PATHS: usize = 200_000;

/// What the walk of one symptom found.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    pub causes: usize,
    pub paths: usize,
    pub longest: usize,
    /// Questions that a person who answers rightly is asked on average, causes weighted by their prior.
    pub expected_questions: f64,
    /// The entropy of the prior, in bits.
    pub entropy: f64,
    /// The most options on one question: with `entropy` it gives the floor below which no questionnaire can get.
    pub widest: usize,
    /// Answers that no entry explains, not declared as known gaps.
    pub gaps: Vec<Path>,
    /// Entries that nothing tells apart, not declared as alternatives, with the answers that lead there.
    pub overlaps: Vec<(Path, Vec<Slug>)>,
    pub unreachable: Vec<Slug>,
    /// Conditions that could be deleted without changing any verdict.
    pub idle_conditions: Vec<(Slug, Slug)>,
    /// Questions that some path asks.
    pub asked: BTreeSet<Slug>,
    /// Known gaps that some path meets, by their position in the symptom.
    pub met_gaps: BTreeSet<usize>,
    /// The walk was cut at [`MOST_PATHS`].
    pub cut: bool,
}

impl Proof {
    /// No questionnaire whose questions have these options can need fewer questions on average.
    pub fn floor(&self) -> f64 {
        if self.widest < 2 { 0.0 } else { self.entropy.max(0.0) / (self.widest as f64).log2() }
    }
}

struct Walk<'a> {
    model: &'a Model,
    kb: &'a KnowledgeBase,
    symptom: &'a Symptom,
    proof: Proof,
    reached: BTreeSet<usize>,
    leaves: Vec<End>,
    path: Vec<(usize, usize)>,
}

/// Where a path ends, and what is said there.
pub type End = (State, Next);

/// Walks one symptom.
pub fn prove(kb: &KnowledgeBase, symptom: &Symptom, model: &Model) -> Proof {
    walk(kb, symptom, model).0
}

/// Walks one symptom; tells the ends of its paths, too.
pub fn walk(kb: &KnowledgeBase, symptom: &Symptom, model: &Model) -> (Proof, Vec<End>) {
    let start = model.start();
    let proof = Proof { causes: model.causes.len(), entropy: model.entropy(&model.belief(&start)), ..Proof::default() };
    let mut walk = Walk { model, kb, symptom, proof, reached: BTreeSet::new(), leaves: Vec::new(), path: Vec::new() };
    if !model.causes.is_empty() {
        walk.follow(&start, &model.truth(), true);
    }
    let mut proof = walk.proof;
    proof.widest = (0..model.question_count()).map(|q| model.options(q).len()).max().unwrap_or(0);
    proof.unreachable = (0..model.causes.len()).filter(|c| !walk.reached.contains(c)).map(|c| model.causes[c].clone()).collect();
    if !proof.cut {
        proof.idle_conditions = find_idle_conditions(kb, symptom, model, &walk.leaves);
    }
    (proof, walk.leaves)
}

/// The ends of the paths that people take who have one of the causes and answer rightly, or so many of them. There are about
/// as many as causes, where those of all answers would fill days.
pub fn list_likely_ends(model: &Model, most: usize) -> Vec<End> {
    let mut ends = Vec::new();
    let mut open = if model.causes.is_empty() { Vec::new() } else { vec![model.root()] };
    while let Some(branch) = open.pop() {
        match model.step(&branch.state).1 {
            _ if ends.len() + open.len() >= most => break,
            Next::Ask(question) => open.extend(model.branches(&branch, question).into_iter().map(|(_, next)| next)),
            end => ends.push((branch.state, end)),
        }
    }
    ends
}

impl Walk<'_> {
    fn follow(&mut self, state: &State, truth: &[f64], may_skip: bool) {
        if self.proof.paths >= MOST_PATHS {
            self.proof.cut = true;
            return;
        }
        let (belief, next) = self.model.step(state);
        let Next::Ask(q) = next else {
            self.end(state, &belief, next);
            return;
        };
        debug_assert_eq!(state.answers[q], State::OPEN, "no question is asked twice");
        self.proof.asked.insert(self.model.question(q).clone());
        self.proof.expected_questions += truth.iter().sum::<f64>();
        for option in 0..self.model.options(q).len() {
            self.path.push((q, option));
            let rest = self.model.after_truthful(truth, q, option);
            self.follow(&state.with(q, option as u8), &rest, may_skip);
            self.path.pop();
        }
        if may_skip {
            // People who do not know are not part of the average: the mass of truthful answers ends here.
            let nobody = vec![0.0; truth.len()];
            self.follow(&state.with(q, State::SKIPPED), &nobody, false);
        }
    }

    fn end(&mut self, state: &State, belief: &Belief, next: Next) {
        self.proof.paths += 1;
        self.proof.longest = self.proof.longest.max(state.answers.iter().filter(|a| **a != State::OPEN).count());
        self.leaves.push((state.clone(), next));
        match next {
            Next::Fix(cause) => {
                self.reached.insert(cause);
            }
            Next::Undecided => self.note_overlap(state, belief),
            Next::NoKnownCause => self.note_gap(),
            Next::Ask(_) => unreachable!("a question is not an end"),
        }
    }

    /// The causes that are left have to be declared alternatives of each other, unless a "don't know" kept them together.
    fn note_overlap(&mut self, state: &State, belief: &Belief) {
        let left: Vec<usize> = (0..self.model.causes.len()).filter(|&c| belief.is_live(c)).collect();
        let declared = |a: usize, b: usize| {
            let alternatives = |c: usize| &self.kb.entries[&self.model.causes[c]].alternatives;
            alternatives(a).contains(&self.model.causes[b]) || alternatives(b).contains(&self.model.causes[a])
        };
        let skipped = state.answers.contains(&State::SKIPPED);
        let all_declared = left.iter().all(|&a| left.iter().all(|&b| a == b || declared(a, b)));
        if all_declared {
            self.reached.extend(&left);
        } else if !skipped {
            let names = left.iter().map(|&c| self.model.causes[c].clone()).collect();
            self.proof.overlaps.push((self.words(), names));
        }
    }

    /// No cause is left. That is a gap if the last answer is not healthy and no cause of this symptom explains it: in the
    /// context that was given, or by itself when something else was found to be wrong before, for then two faults meet.
    /// Otherwise all that was asked is in order.
    fn note_gap(&mut self) {
        let Some((&(last, option), before)) = self.path.split_last() else { return };
        let asked = |q: usize| &self.kb.questions[self.model.question(q)];
        if asked(last).options[option].healthy {
            return;
        }
        let second_fault = before.iter().any(|&(q, o)| asked(q).is_check() && !asked(q).options[o].healthy);
        let in_context = |q: usize| q == last || !(second_fault || asked(q).is_check());
        let context: Vec<(usize, usize)> = self.path.iter().copied().filter(|&(q, _)| in_context(q)).collect();
        let predicted = |v: usize| context.iter().all(|&(q, o)| self.model.predicts(v, q, o as u8));
        if (0..self.model.variants.len()).any(predicted) {
            return;
        }
        let words = self.words();
        let answers: BTreeMap<Slug, Slug> = words.iter().cloned().collect();
        match self.symptom.known_gaps.iter().position(|g| g.answers.holds(&answers)) {
            Some(known) => {
                self.proof.met_gaps.insert(known);
            }
            None => self.proof.gaps.push(words),
        }
    }

    fn words(&self) -> Path {
        let word = |&(q, o): &(usize, usize)| (self.model.question(q).clone(), self.model.options(q)[o].clone());
        self.path.iter().map(word).collect()
    }
}

/// Deletes each condition in turn and looks whether any end of a path changes.
fn find_idle_conditions(kb: &KnowledgeBase, symptom: &Symptom, model: &Model, leaves: &[End]) -> Vec<(Slug, Slug)> {
    let mut idle = Vec::new();
    for (c, slug) in model.causes.iter().enumerate() {
        let entry = &kb.entries[slug];
        for (at, condition) in entry.when.iter().enumerate() {
            for question in condition.0.keys() {
                let shorter = without(kb, symptom, model, c, at, question);
                let noticed = leaves.iter().any(|(state, next)| shorter.verdict_of(model, state) != named(model, *next));
                if !noticed {
                    idle.push((slug.clone(), question.clone()));
                }
            }
        }
    }
    idle
}

/// The model as it would be without one condition of one entry.
fn without(kb: &KnowledgeBase, symptom: &Symptom, model: &Model, cause: usize, at: usize, question: &Slug) -> Model {
    let causes: Vec<_> = kb.list_causes(symptom.slug.as_str()).map(|e| (e.as_ref(), e.when.clone())).collect();
    let mut causes: Vec<_> =
        causes.into_iter().map(|(e, w)| (e, if w.is_empty() { vec![Condition::default()] } else { w })).collect();
    debug_assert_eq!(causes[cause].0.slug, model.causes[cause], "the causes of a symptom come in the order of the model");
    causes[cause].1[at].0.remove(question);
    let prior: BTreeMap<&Slug, f64> = model.causes.iter().zip(model.prior.iter().copied()).collect();
    Model::compile(kb, &causes, &|e| prior[&e.slug])
}

/// A verdict that can be compared between models.
#[derive(PartialEq, Eq)]
enum Verdict {
    Ask,
    Fix(Slug),
    Undecided,
    NoKnownCause,
}

fn named(model: &Model, next: Next) -> Verdict {
    match next {
        Next::Ask(_) => Verdict::Ask,
        Next::Fix(c) => Verdict::Fix(model.causes[c].clone()),
        Next::Undecided => Verdict::Undecided,
        Next::NoKnownCause => Verdict::NoKnownCause,
    }
}

impl Model {
    /// What this model says to a state of another one with the same causes.
    fn verdict_of(&self, other: &Model, state: &State) -> Verdict {
        let mut mine = self.start();
        for (q, asked) in self.questions.iter().enumerate() {
            if let Ok(theirs) = other.questions.binary_search_by(|o| o.slug.cmp(&asked.slug)) {
                mine.answers[q] = state.answers[theirs];
            }
        }
        named(self, self.step(&mine).1)
    }
}
