//! From answers to the next question or the fix. Pure and deterministic: no clock, randomness, logging or async.
//!
//! A [`Model`] is compiled once for a set of symptoms; [`Model::step`] then tells for any [`State`] what is believed and what
//! to do next. [`proof`] walks every path of a model, [`optimum`] finds the shortest questionnaire there could be, and
//! [`simulation`] plays incidents with people who err. Start at [`Model::step`].
//!
//! Invariants: answers commute; the posterior sums to one; no question is asked twice; every path ends. Ties break by slug.
//!
//! # How it reasons
//!
//! One cause explains one incident. For each cause and question the model holds P(option | cause): the mass 1−ε lies on
//! the options that the entry names; on the healthy ones (1−δ) if it names none; and is even if the question only asks for
//! context. The posterior is the product over the answers. An answer outside of what a cause predicts *speaks against* it,
//! and causes are compared first by how many answers speak against them: a single slip of ε would otherwise be outweighed by
//! a high prior. The causes with the fewest are *live*; a question is worth asking while it can tell two live causes apart.
//!
//! A fix that did not help is evidence too: its cause is set aside, and from then on one more answer may be wrong than before.

pub mod optimum;
pub mod proof;
pub mod simulation;

use std::collections::{BTreeMap, BTreeSet};

use crate::kb::{Condition, Entry, KnowledgeBase, Question, Slug};

/// The mass that a cause leaves to options that its entry does not name.
pub const EPSILON: f64 = 0.03;
/// The mass that a cause leaves to options that are not healthy, where its entry names none.
pub const DELTA: f64 = 0.03;
/// A cause stands out when this much of the posterior is its own.
pub const STANDS_OUT: f64 = 0.94;
/// A cause that is the only one left still needs this much of the posterior before its fix is suggested: below it, a slip in
/// one answer is the likelier explanation, and a question that could show it comes first.
pub const CONFIDENT: f64 = 0.6;
/// What is left of a cause's weight after its fix did not help: it may have been tried wrongly.
pub const TRIED: f64 = 0.02;
/// With more causes than this, the next question is chosen by information alone.
const LOOK_AHEAD_CAUSES: usize = 64;
/// So many of the best questions are compared by what is left after them, and so many of the next ones at each of their ends.
const LOOK_AHEAD_QUESTIONS: usize = 3;
const LOOK_AHEAD_FURTHER: usize = 2;
/// So many further questions are looked at.
const LOOK_AHEAD_STEPS: usize = 1;
/// More options than this on one question are refused by `content`.
pub const MOST_OPTIONS: usize = 32;

/// What is known of one incident, in the words of the knowledge base.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    pub symptoms: BTreeSet<Slug>,
    pub answers: BTreeMap<Slug, Slug>,
    pub skipped: BTreeSet<Slug>,
    pub tried: BTreeSet<Slug>,
}

/// One way in which a cause shows: an entry with several `when` maps has as many.
struct Variant {
    cause: usize,
    /// The questions that the entry names, by index.
    named: Vec<usize>,
}

struct Asked {
    slug: Slug,
    options: Vec<Slug>,
    cost: f64,
    asked_when: Condition,
    /// `chance[option * variants + variant]`
    chance: Vec<f64>,
    log_chance: Vec<f64>,
    /// Per variant, the options that it predicts.
    predicted: Vec<u32>,
    /// Per variant, the entropy of its answers in nats.
    doubt: Vec<f64>,
}

/// The causes of a set of symptoms with the questions that tell them apart, as tables of numbers.
pub struct Model {
    causes: Vec<Slug>,
    prior: Vec<f64>,
    variants: Vec<Variant>,
    /// Where the variants of each cause begin; one more at the end.
    starts: Vec<usize>,
    questions: Vec<Asked>,
    /// Whether any cause has several variants, so that sums by cause are needed.
    mixed: bool,
}

/// Facts as indexes into a [`Model`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// Per question: the option, [`State::OPEN`] or [`State::SKIPPED`].
    answers: Vec<u8>,
    tried: Vec<bool>,
}

impl State {
    const OPEN: u8 = u8::MAX;
    const SKIPPED: u8 = u8::MAX - 1;

    fn with(&self, question: usize, answer: u8) -> State {
        let mut next = self.clone();
        next.answers[question] = answer;
        next
    }
}

/// A place in the questionnaire with the people who come by there.
pub struct Branch {
    pub state: State,
    truth: Vec<f64>,
}

impl Branch {
    /// The share of all incidents that come by here when everybody answers rightly.
    pub fn share(&self) -> f64 {
        self.truth.iter().sum()
    }
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    Ask(usize),
    Fix(usize),
    /// Several causes are left that no question tells apart.
    Undecided,
    /// No entry explains these answers together.
    NoKnownCause,
}

/// What is believed after some answers.
#[derive(Clone, Debug)]
pub struct Belief {
    /// Per cause; sums to one.
    pub probability: Vec<f64>,
    /// Per cause: how many answers speak against it.
    pub against: Vec<u16>,
    /// Per cause: how many of the answers are ones that its entry names.
    support: Vec<u16>,
    live: Vec<bool>,
    /// Per variant; sums to one.
    weight: Vec<f64>,
    variant_against: Vec<u16>,
}

impl Belief {
    /// The causes, the most probable first among those with the fewest answers against them.
    pub fn ranking(&self, state: &State) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.probability.len()).collect();
        order.sort_by(|&a, &b| {
            (state.tried[a], self.against[a])
                .cmp(&(state.tried[b], self.against[b]))
                .then(self.probability[b].total_cmp(&self.probability[a]))
                .then(a.cmp(&b))
        });
        order
    }

    pub fn is_live(&self, cause: usize) -> bool {
        self.live[cause]
    }
}

impl Model {
    /// Compiles the causes of these symptoms. `prior` gives an entry's weight before any answer.
    pub fn new(kb: &KnowledgeBase, symptoms: &BTreeSet<Slug>, prior: &dyn Fn(&Entry) -> f64) -> Model {
        let mut entries: BTreeMap<&Slug, &Entry> = BTreeMap::new();
        for symptom in symptoms {
            entries.extend(kb.list_causes(symptom.as_str()).map(|e| (&e.slug, e.as_ref())));
        }
        let causes: Vec<(&Entry, Vec<Condition>)> =
            entries.values().map(|e| (*e, if e.when.is_empty() { vec![Condition::default()] } else { e.when.clone() })).collect();
        Model::compile(kb, &causes, prior)
    }

    fn compile(kb: &KnowledgeBase, causes: &[(&Entry, Vec<Condition>)], prior: &dyn Fn(&Entry) -> f64) -> Model {
        let mut named: BTreeSet<&Slug> = causes.iter().flat_map(|(_, w)| w).flat_map(|c| c.0.keys()).collect();
        // What opens a question has to be askable too, even where no cause names it.
        let mut gates: Vec<&Slug> = named.iter().copied().collect();
        while let Some(slug) = gates.pop() {
            let opened_by = kb.questions.get(slug).into_iter().flat_map(|q| q.asked_when.0.keys());
            gates.extend(opened_by.filter(|gate| named.insert(gate)));
        }
        let asked: Vec<&Question> = named.into_iter().filter_map(|slug| kb.questions.get(slug)).map(|q| q.as_ref()).collect();
        let position: BTreeMap<&Slug, usize> = asked.iter().enumerate().map(|(i, q)| (&q.slug, i)).collect();

        let mut starts = vec![0];
        let mut variants = Vec::new();
        let mut conditions: Vec<&Condition> = Vec::new();
        for (cause, (_, when)) in causes.iter().enumerate() {
            for condition in when {
                variants.push(Variant { cause, named: condition.0.keys().filter_map(|q| position.get(q).copied()).collect() });
                conditions.push(condition);
            }
            starts.push(variants.len());
        }
        let total: f64 = causes.iter().map(|(e, _)| prior(e)).sum();
        let questions = asked.into_iter().map(|q| Asked::new(q, &conditions)).collect();
        Model {
            prior: causes.iter().map(|(e, _)| prior(e) / total).collect(),
            causes: causes.iter().map(|(e, _)| e.slug.clone()).collect(),
            mixed: variants.len() > causes.len(),
            variants,
            starts,
            questions,
        }
    }

    pub fn causes(&self) -> &[Slug] {
        &self.causes
    }

    pub fn question(&self, index: usize) -> &Slug {
        &self.questions[index].slug
    }

    pub fn options(&self, question: usize) -> &[Slug] {
        &self.questions[question].options
    }

    pub fn question_count(&self) -> usize {
        self.questions.len()
    }

    /// Nothing answered, nothing tried.
    pub fn start(&self) -> State {
        State { answers: vec![State::OPEN; self.questions.len()], tried: vec![false; self.causes.len()] }
    }

    /// Translates facts. What this model does not know has no bearing on it and is left out.
    pub fn state(&self, facts: &Facts) -> State {
        let mut state = self.start();
        for (i, asked) in self.questions.iter().enumerate() {
            if let Some(answer) = facts.answers.get(&asked.slug) {
                let option = asked.options.iter().position(|o| o == answer);
                state.answers[i] = option.map_or(State::OPEN, |o| o as u8);
            } else if facts.skipped.contains(&asked.slug) {
                state.answers[i] = State::SKIPPED;
            }
        }
        for (i, cause) in self.causes.iter().enumerate() {
            state.tried[i] = facts.tried.contains(cause);
        }
        state
    }

    /// The facts of a state, in words again.
    pub fn answers(&self, state: &State) -> Vec<(Slug, Slug)> {
        let given = self.questions.iter().zip(&state.answers);
        given.filter_map(|(q, &a)| Some((q.slug.clone(), q.options.get(a as usize)?.clone()))).collect()
    }

    /// A state in words again, as far as answers go and questions that were skipped.
    pub fn facts(&self, state: &State) -> Facts {
        let skipped = self.questions.iter().zip(&state.answers).filter(|(_, a)| **a == State::SKIPPED);
        let skipped = skipped.map(|(q, _)| q.slug.clone()).collect();
        Facts { answers: self.answers(state).into_iter().collect(), skipped, ..Facts::default() }
    }

    /// The posterior: one pass over the answers in log space.
    pub fn belief(&self, state: &State) -> Belief {
        let n = self.variants.len();
        let mut log = vec![0.0; n];
        let mut variant_against = vec![0u16; n];
        for (v, variant) in self.variants.iter().enumerate() {
            let siblings = (self.starts[variant.cause + 1] - self.starts[variant.cause]) as f64;
            let tried = if state.tried[variant.cause] { TRIED } else { 1.0 };
            log[v] = (self.prior[variant.cause] * tried / siblings).ln();
        }
        for (asked, &answer) in self.questions.iter().zip(&state.answers) {
            if answer as usize >= asked.options.len() {
                continue;
            }
            let row = &asked.log_chance[answer as usize * n..][..n];
            for v in 0..n {
                log[v] += row[v];
                variant_against[v] += u16::from(asked.predicted[v] >> answer & 1 == 0);
            }
        }
        let top = log.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut weight: Vec<f64> = log.iter().map(|l| (l - top).exp()).collect();
        let sum: f64 = weight.iter().sum();
        weight.iter_mut().for_each(|w| *w /= sum);
        self.by_cause(state, weight, variant_against)
    }

    fn by_cause(&self, state: &State, weight: Vec<f64>, variant_against: Vec<u16>) -> Belief {
        let count = self.causes.len();
        let mut belief = Belief {
            probability: vec![0.0; count],
            against: vec![u16::MAX; count],
            support: vec![0; count],
            live: vec![false; count],
            weight,
            variant_against,
        };
        for (v, variant) in self.variants.iter().enumerate() {
            let c = variant.cause;
            belief.probability[c] += belief.weight[v];
            let support = variant.named.iter().filter(|&&q| self.predicts(v, q, state.answers[q])).count() as u16;
            if belief.variant_against[v] < belief.against[c] {
                belief.against[c] = belief.variant_against[v];
                belief.support[c] = support;
            } else if belief.variant_against[v] == belief.against[c] {
                belief.support[c] = belief.support[c].max(support);
            }
        }
        let fewest = (0..count).filter(|&c| !state.tried[c]).map(|c| belief.against[c]).min();
        for c in 0..count {
            belief.live[c] = !state.tried[c] && Some(belief.against[c]) == fewest;
        }
        belief
    }

    /// Whether a variant predicts this answer; not answered is not predicted.
    fn predicts(&self, variant: usize, question: usize, answer: u8) -> bool {
        (answer as usize) < self.questions[question].options.len()
            && self.questions[question].predicted[variant] >> answer & 1 == 1
    }

    /// What is believed, and what to do next.
    pub fn step(&self, state: &State) -> (Belief, Next) {
        let belief = self.belief(state);
        let next = self.next(state, &belief);
        (belief, next)
    }

    fn next(&self, state: &State, belief: &Belief) -> Next {
        let live: Vec<usize> = (0..self.causes.len()).filter(|&c| belief.live[c]).collect();
        let Some(&first) = live.first() else { return Next::NoKnownCause };
        // Each fix that did not help shows that one more answer may be wrong.
        let allowance = state.tried.iter().filter(|t| **t).count();
        if belief.against[first] as usize > allowance {
            return Next::NoKnownCause;
        }
        let best = live.iter().copied().max_by(|&a, &b| belief.probability[a].total_cmp(&belief.probability[b]).then(b.cmp(&a)));
        let best = best.unwrap_or(first);
        if self.is_settled(belief) {
            return Next::Fix(best);
        }
        match (self.best_question(state, belief), live.len()) {
            (Some(question), _) => Next::Ask(question),
            (None, 1) => Next::Fix(best),
            (None, _) => Next::Undecided,
        }
    }

    /// The question that says most about the cause for its effort. Where there are few causes, the most promising ones are
    /// compared by what is left to ask after them, which information alone does not see: an answer can end the questions.
    fn best_question(&self, state: &State, belief: &Belief) -> Option<usize> {
        let promising = self.promising(state, belief, LOOK_AHEAD_QUESTIONS);
        if self.causes.len() > LOOK_AHEAD_CAUSES {
            return promising.first().copied();
        }
        if let [only] = promising[..] {
            return Some(only);
        }
        let left =
            promising.into_iter().map(|q| (self.left_after(state, belief, q, LOOK_AHEAD_STEPS) * self.questions[q].cost, q));
        left.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, q)| q)
    }

    /// The questions with the most information for their effort.
    fn promising(&self, state: &State, belief: &Belief, count: usize) -> Vec<usize> {
        let gain = |q: usize| self.information(&self.questions[q], belief) / self.questions[q].cost;
        let mut gains: Vec<(f64, usize)> = self.candidates(state, belief).into_iter().map(|q| (gain(q), q)).collect();
        gains.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        gains.into_iter().take(count).map(|(_, q)| q).collect()
    }

    /// An estimate of the questions that are needed when this one is asked now, itself included.
    fn left_after(&self, state: &State, belief: &Belief, question: usize, steps: usize) -> f64 {
        let asked = &self.questions[question];
        let n = self.variants.len();
        let (mut total, mut left) = (0.0, 0.0);
        for option in 0..asked.options.len() {
            let row = &asked.chance[option * n..][..n];
            let expected = |v: &usize| belief.live[self.variants[*v].cause] && asked.predicted[*v] >> option & 1 == 1;
            let mass: f64 = (0..n).filter(expected).map(|v| belief.weight[v] * row[v]).sum();
            if mass > 0.0 {
                let state = state.with(question, option as u8);
                let after = self.sharpened(&state, belief, question, option);
                total += mass;
                left += mass * self.left(&state, &after, steps);
            }
        }
        1.0 + if total > 0.0 { left / total } else { 0.0 }
    }

    /// An estimate of the questions that are needed from here on: what looking ahead shows, and in the end what entropy says.
    fn left(&self, state: &State, belief: &Belief, steps: usize) -> f64 {
        if self.is_settled(belief) {
            return 0.0;
        }
        if steps == 0 {
            return self.entropy(belief).max(1.0);
        }
        let promising = self.promising(state, belief, LOOK_AHEAD_FURTHER);
        let left = promising.into_iter().map(|q| self.left_after(state, belief, q, steps - 1));
        left.min_by(f64::total_cmp).unwrap_or(0.0)
    }

    /// The belief after one more answer, from the one before: no logarithms, so that looking ahead is cheap.
    fn sharpened(&self, state: &State, belief: &Belief, question: usize, option: usize) -> Belief {
        let asked = &self.questions[question];
        let row = &asked.chance[option * self.variants.len()..][..self.variants.len()];
        let mut weight: Vec<f64> = belief.weight.iter().zip(row).map(|(w, p)| w * p).collect();
        let sum: f64 = weight.iter().sum();
        weight.iter_mut().for_each(|w| *w /= sum);
        let against = belief.variant_against.iter().zip(&asked.predicted).map(|(n, p)| n + u16::from(p >> option & 1 == 0));
        self.by_cause(state, weight, against.collect())
    }

    /// Whether a belief ends the questions with a fix.
    fn is_settled(&self, belief: &Belief) -> bool {
        let mut live = (0..self.causes.len()).filter(|&c| belief.live[c]);
        let best = live.clone().max_by(|&a, &b| belief.probability[a].total_cmp(&belief.probability[b]).then(b.cmp(&a)));
        let single = live.next().is_some() && live.next().is_none();
        let needed = if single { CONFIDENT } else { STANDS_OUT };
        best.is_some_and(|c| belief.support[c] > 0 && belief.probability[c] >= needed)
    }

    /// The questions that may be asked here: those that can tell two live causes apart, or, when one is left that no answer
    /// speaks for yet, those that could confirm it.
    fn candidates(&self, state: &State, belief: &Belief) -> Vec<usize> {
        let live: Vec<usize> = (0..self.causes.len()).filter(|&c| belief.live[c]).collect();
        let rivals = match live[..] {
            [only] if belief.support[only] > 0 => self.rivals(state, belief, belief.against[only] + 1),
            _ => Vec::new(),
        };
        let useful = |q: usize| match live[..] {
            [only] if rivals.is_empty() => self.could_support(only, q),
            [_] => self.separates(q, &rivals, belief),
            _ => self.separates(q, &live, belief),
        };
        let open = |&q: &usize| state.answers[q] == State::OPEN;
        let (askable, closed): (Vec<usize>, Vec<usize>) =
            (0..self.questions.len()).filter(open).filter(|&q| useful(q)).partition(|&q| self.may_ask(state, &self.questions[q]));
        if askable.is_empty() { self.gates_of(state, &closed) } else { askable }
    }

    /// The open questions whose answers could open these closed ones: the way to a useful question where none is left.
    fn gates_of(&self, state: &State, closed: &[usize]) -> Vec<usize> {
        let mut gates: BTreeSet<usize> = BTreeSet::new();
        let mut waiting = closed.to_vec();
        while let Some(q) = waiting.pop() {
            for gate in self.questions[q].asked_when.0.keys() {
                let Ok(g) = self.questions.binary_search_by(|asked| asked.slug.cmp(gate)) else { continue };
                if state.answers[g] == State::OPEN && gates.insert(g) {
                    waiting.push(g);
                }
            }
        }
        gates.into_iter().filter(|&g| self.may_ask(state, &self.questions[g])).collect()
    }

    /// The causes that one slip more would make live.
    fn rivals(&self, state: &State, belief: &Belief, against: u16) -> Vec<usize> {
        (0..self.causes.len()).filter(|&c| !state.tried[c] && belief.against[c] <= against).collect()
    }

    /// The mutual information of cause and answer, in nats.
    fn information(&self, asked: &Asked, belief: &Belief) -> f64 {
        let n = self.variants.len();
        let answers: f64 = asked.chance.chunks_exact(n).map(|row| entropy_term(dot(row, &belief.weight))).sum();
        let given_cause = if self.mixed { self.doubt_by_cause(asked, belief) } else { dot(&asked.doubt, &belief.weight) };
        answers - given_cause
    }

    /// The expected entropy of the answer once the cause is known, where causes are mixtures of variants.
    fn doubt_by_cause(&self, asked: &Asked, belief: &Belief) -> f64 {
        let n = self.variants.len();
        let mut sum = 0.0;
        for c in 0..self.causes.len() {
            let (from, to) = (self.starts[c], self.starts[c + 1]);
            if to - from == 1 {
                sum += asked.doubt[from] * belief.weight[from];
            } else if belief.probability[c] > 0.0 {
                let mass = belief.probability[c];
                let rows = asked.chance.chunks_exact(n);
                sum += mass * rows.map(|row| entropy_term(dot(&row[from..to], &belief.weight[from..to]) / mass)).sum::<f64>();
            }
        }
        sum
    }

    fn may_ask(&self, state: &State, asked: &Asked) -> bool {
        asked.asked_when.0.iter().all(|(question, options)| {
            let given = self.questions.binary_search_by(|q| q.slug.cmp(question)).ok();
            given.is_some_and(|g| self.questions[g].options.get(state.answers[g] as usize).is_some_and(|o| options.contains(o)))
        })
    }

    /// Whether some answer would speak against one live cause and not against another.
    fn separates(&self, question: usize, live: &[usize], belief: &Belief) -> bool {
        let of = |c: usize| {
            let best = belief.against[c];
            (self.starts[c]..self.starts[c + 1])
                .filter(move |&v| belief.variant_against[v] == best)
                .fold(0u32, |mask, v| mask | self.questions[question].predicted[v])
        };
        let first = of(live[0]);
        live[1..].iter().any(|&c| of(c) != first)
    }

    fn could_support(&self, cause: usize, question: usize) -> bool {
        (self.starts[cause]..self.starts[cause + 1]).any(|v| self.variants[v].named.contains(&question))
    }

    /// The answers that speak for a cause: those that its entry names.
    pub fn speaks_for(&self, state: &State, cause: usize) -> Vec<&Slug> {
        let v = self.best_variant(state, cause);
        let named = self.variants[v].named.iter().filter(|&&q| self.predicts(v, q, state.answers[q]));
        named.map(|&q| &self.questions[q].slug).collect()
    }

    /// The answers that speak against a cause: those that it does not predict.
    pub fn speaks_against(&self, state: &State, cause: usize) -> Vec<&Slug> {
        let v = self.best_variant(state, cause);
        let answered = self.questions.iter().enumerate().filter(|(q, a)| (state.answers[*q] as usize) < a.options.len());
        answered.filter(|(q, _)| !self.predicts(v, *q, state.answers[*q])).map(|(_, a)| &a.slug).collect()
    }

    fn best_variant(&self, state: &State, cause: usize) -> usize {
        let against = |v: usize| {
            let answered = self.questions.iter().enumerate().filter(|(q, a)| (state.answers[*q] as usize) < a.options.len());
            answered.filter(|(q, _)| !self.predicts(v, *q, state.answers[*q])).count()
        };
        (self.starts[cause]..self.starts[cause + 1]).min_by_key(|&v| against(v)).expect("every cause has a variant")
    }

    /// The entropy of what is believed, in bits.
    pub fn entropy(&self, belief: &Belief) -> f64 {
        (belief.probability.iter().map(|&p| entropy_term(p)).sum::<f64>() / std::f64::consts::LN_2).max(0.0)
    }

    /// How many more questions a person who answers rightly will be asked, on average; `None` when finding out would take more
    /// than `budget` steps.
    pub fn expected_questions(&self, state: &State, mut budget: usize) -> Option<f64> {
        let belief = self.belief(state);
        let live: Vec<f64> =
            self.variants.iter().enumerate().map(|(v, x)| if belief.live[x.cause] { belief.weight[v] } else { 0.0 }).collect();
        let mass: f64 = live.iter().sum();
        if mass <= 0.0 {
            return Some(0.0);
        }
        self.expected_below(state, &live, &mut budget).map(|sum| sum / mass)
    }

    fn expected_below(&self, state: &State, truth: &[f64], budget: &mut usize) -> Option<f64> {
        *budget = budget.checked_sub(1)?;
        let (_, Next::Ask(q)) = self.step(state) else { return Some(0.0) };
        let mut sum: f64 = truth.iter().sum();
        for option in 0..self.questions[q].options.len() {
            let rest = self.after_truthful(truth, q, option);
            if rest.iter().any(|&w| w > 0.0) {
                sum += self.expected_below(&state.with(q, option as u8), &rest, budget)?;
            }
        }
        Some(sum)
    }

    /// The mass of each variant among people who answer rightly and chose this option.
    fn after_truthful(&self, truth: &[f64], question: usize, option: usize) -> Vec<f64> {
        let predicted = &self.questions[question].predicted;
        let share = |v: usize| if predicted[v] >> option & 1 == 1 { 1.0 / f64::from(predicted[v].count_ones()) } else { 0.0 };
        truth.iter().enumerate().map(|(v, w)| if *w > 0.0 { w * share(v) } else { 0.0 }).collect()
    }

    /// Where everybody begins.
    pub fn root(&self) -> Branch {
        Branch { state: self.start(), truth: self.truth() }
    }

    /// The ways on from a question for people who answer rightly.
    pub fn branches(&self, from: &Branch, question: usize) -> Vec<(Slug, Branch)> {
        let options = self.questions[question].options.iter().enumerate();
        let ways = options.map(|(o, slug)| {
            let truth = self.after_truthful(&from.truth, question, o);
            (slug.clone(), Branch { state: from.state.with(question, o as u8), truth })
        });
        ways.filter(|(_, branch)| branch.share() > 0.0).collect()
    }

    /// The mass of each variant before any answer.
    fn truth(&self) -> Vec<f64> {
        let siblings = |c: usize| (self.starts[c + 1] - self.starts[c]) as f64;
        self.variants.iter().map(|v| self.prior[v.cause] / siblings(v.cause)).collect()
    }
}

impl Asked {
    fn new(question: &Question, conditions: &[&Condition]) -> Asked {
        let (k, n) = (question.options.len(), conditions.len());
        let every = if k == 32 { u32::MAX } else { (1u32 << k) - 1 };
        let mask = |keep: &dyn Fn(usize) -> bool| (0..k).filter(|&o| keep(o)).fold(0u32, |m, o| m | 1 << o);
        let healthy = mask(&|o| question.options[o].healthy);
        let mut predicted = Vec::with_capacity(n);
        let mut chance = vec![0.0; k * n];
        for (v, condition) in conditions.iter().enumerate() {
            let (options, slip) = match condition.names(&question.slug) {
                Some(named) => (mask(&|o| named.contains(&question.options[o].id)), EPSILON),
                None if healthy != 0 => (healthy, DELTA),
                None => (every, 0.0),
            };
            let inside = f64::from(options.count_ones());
            let outside = k as f64 - inside;
            for o in 0..k {
                chance[o * n + v] = match (options >> o & 1 == 1, outside > 0.0) {
                    (true, true) => (1.0 - slip) / inside,
                    (true, false) => 1.0 / inside,
                    (false, _) => slip / outside,
                };
            }
            predicted.push(options);
        }
        let doubt = (0..n).map(|v| (0..k).map(|o| entropy_term(chance[o * n + v])).sum()).collect();
        Asked {
            slug: question.slug.clone(),
            options: question.options.iter().map(|o| o.id.clone()).collect(),
            cost: question.effort.cost(),
            asked_when: question.asked_when.clone(),
            log_chance: chance.iter().map(|p| p.ln()).collect(),
            chance,
            predicted,
            doubt,
        }
    }
}

fn entropy_term(p: f64) -> f64 {
    if p > 0.0 { -p * p.ln() } else { 0.0 }
}

/// Four sums side by side, so that the compiler can use vector instructions; the order is fixed, so the result is too.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; 4];
    let (chunks_a, rest_a) = a.as_chunks::<4>();
    let (chunks_b, rest_b) = b.as_chunks::<4>();
    for (x, y) in chunks_a.iter().zip(chunks_b) {
        for i in 0..4 {
            lanes[i] += x[i] * y[i];
        }
    }
    let rest: f64 = rest_a.iter().zip(rest_b).map(|(x, y)| x * y).sum();
    lanes[0] + lanes[1] + lanes[2] + lanes[3] + rest
}

#[cfg(test)]
mod tests;
