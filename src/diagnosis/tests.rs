//! The rules of the engine that are easy to get wrong, each on the smallest base that shows it. What holds for every base is
//! in `tests/laws.rs`.

use std::sync::Arc;

use super::*;
use crate::kb::{Choice, Effort, Likelihood, Symptom};

fn slug(text: &str) -> Slug {
    Slug::parse(text).expect("tests name things well")
}

type Condition_<'a> = &'a [(&'a str, &'a [&'a str])];

fn condition(words: Condition_<'_>) -> Condition {
    Condition(words.iter().map(|(q, options)| (slug(q), options.iter().map(|o| slug(o)).collect())).collect())
}

/// A question; options that begin with `+` are healthy.
fn question(name: &str, options: &[&str], asked_when: Condition_<'_>) -> Question {
    let choice = |o: &&str| Choice {
        id: slug(o.trim_start_matches('+')),
        label: (*o).to_owned(),
        healthy: o.starts_with('+'),
        detect: None,
        aliases: Vec::new(),
    };
    Question {
        slug: slug(name),
        title: name.to_owned(),
        why: String::new(),
        effort: Effort::Glance,
        options: options.iter().map(choice).collect(),
        asked_when: condition(asked_when),
        aliases: Vec::new(),
        body: String::new(),
        source: Arc::from(""),
    }
}

fn entry(name: &str, ways: &[Condition_<'_>]) -> Entry {
    Entry {
        slug: slug(name),
        area: String::new(),
        title: name.to_owned(),
        symptoms: vec![slug("it-fails")],
        when: ways.iter().map(|way| condition(way)).collect(),
        likelihood: Likelihood::Common,
        sources: Vec::new(),
        aliases: Vec::new(),
        alternatives: Vec::new(),
        tags: Vec::new(),
        owner: None,
        verified: None,
        disputed: None,
        told_by_asking: None,
        transcripts: Vec::new(),
        body: String::new(),
        source: Arc::from(""),
    }
}

/// A model and what was said so far, by name.
struct World {
    model: Model,
    facts: Facts,
}

/// `weights` are the priors of the entries in the order of their names.
fn world(entries: &[Entry], questions: &[Question], weights: &[f64]) -> World {
    let symptom = Symptom {
        slug: slug("it-fails"),
        title: String::new(),
        messages: Vec::new(),
        patterns: Vec::new(),
        statuses: Vec::new(),
        detect: None,
        known_gaps: Vec::new(),
        aliases: Vec::new(),
        body: String::new(),
        source: Arc::from(""),
    };
    let kb = KnowledgeBase::new(entries.to_vec(), questions.to_vec(), vec![symptom]);
    let symptoms = BTreeSet::from([slug("it-fails")]);
    let order: Vec<Slug> = kb.entries.keys().cloned().collect();
    let weight = |e: &Entry| weights[order.iter().position(|s| *s == e.slug).expect("it is one of them")];
    World { model: Model::new(&kb, &symptoms, &weight), facts: Facts { symptoms, ..Facts::default() } }
}

impl World {
    fn said(mut self, question: &str, option: &str) -> World {
        self.facts.answers.insert(slug(question), slug(option));
        self
    }

    fn skipped(mut self, question: &str) -> World {
        self.facts.skipped.insert(slug(question));
        self
    }

    fn tried(mut self, entry: &str) -> World {
        self.facts.tried.insert(slug(entry));
        self
    }

    /// What comes next, in words.
    fn next(&self) -> String {
        match self.model.step(&self.model.state(&self.facts)).1 {
            Next::Ask(q) => format!("ask {}", self.model.question(q)),
            Next::Fix(c) => format!("fix {}", self.model.causes()[c]),
            Next::Undecided => "undecided".to_owned(),
            Next::NoKnownCause => "no known cause".to_owned(),
        }
    }

    fn ranking(&self) -> Vec<&str> {
        let state = self.model.state(&self.facts);
        self.model.belief(&state).ranking(&state).into_iter().map(|c| self.model.causes()[c].as_str()).collect()
    }

    fn probability(&self, entry: &str) -> f64 {
        let at = self.model.causes().iter().position(|c| c.as_str() == entry).expect("it is a cause");
        self.model.belief(&self.model.state(&self.facts)).probability[at]
    }
}

/// Two causes, each with a check of its own.
fn two_checks(weights: &[f64]) -> World {
    let entries = [entry("dns", &[&[("host", &["unknown"])]]), entry("verb", &[&[("method", &["other"])]])];
    let questions = [question("host", &["+known", "unknown"], &[]), question("method", &["+same", "other"], &[])];
    world(&entries, &questions, weights)
}

#[test]
fn fewer_contradictions_rank_before_a_higher_posterior() {
    let world = two_checks(&[10_000.0, 1.0]).said("method", "other");
    assert!(world.probability("dns") > world.probability("verb"), "the prior outweighs one slip");
    assert_eq!(world.ranking(), ["verb", "dns"]);
    assert_eq!(world.next(), "ask host", "and a question that could show the slip comes before the fix");
}

#[test]
fn no_prior_is_high_enough_for_a_fix_that_no_answer_speaks_for() {
    let world = two_checks(&[10_000.0, 1.0]);
    assert!(world.probability("dns") > STANDS_OUT);
    assert!(world.next().starts_with("ask"), "{}", world.next());
    assert_eq!(world.said("host", "unknown").next(), "fix dns");
}

#[test]
fn the_last_cause_is_confirmed_before_its_fix_if_it_can_be() {
    let world = two_checks(&[1.0, 1.0]).said("method", "same");
    assert_eq!(world.next(), "ask host");
    assert_eq!(world.skipped("host").next(), "fix dns", "what cannot be found out holds nobody up");
}

#[test]
fn a_cause_without_conditions_is_the_fix_when_nothing_is_left_to_ask() {
    let world = world(&[entry("dns", &[])], &[], &[1.0]);
    assert_eq!(world.next(), "fix dns");
}

#[test]
fn two_faults_at_once_are_no_known_cause() {
    let world = two_checks(&[1.0, 1.0]).said("host", "unknown").said("method", "other");
    assert_eq!(world.next(), "no known cause");
}

#[test]
fn a_fix_that_did_not_help_allows_one_contradiction_more() {
    let world = two_checks(&[1.0, 1.0]).said("host", "unknown").said("method", "other").tried("dns");
    assert_eq!(world.next(), "fix verb");
    assert_eq!(world.ranking(), ["verb", "dns"], "what was tried stands last");
    assert_eq!(world.tried("verb").next(), "no known cause");
}

#[test]
fn a_fix_that_did_not_help_makes_its_cause_less_likely_and_not_impossible() {
    let (before, after) = (two_checks(&[1.0, 1.0]), two_checks(&[1.0, 1.0]).tried("dns"));
    assert!(after.probability("dns") < before.probability("dns"));
    assert!(after.probability("dns") > 0.0);
}

/// Where the plug is can be asked of desk lamps only.
fn plugs() -> World {
    let entries = [
        entry("bulb", &[&[("kind", &["ceiling"])]]),
        entry("cable", &[&[("kind", &["desk"]), ("plug", &["torn"])]]),
        entry("plug", &[&[("kind", &["desk"]), ("plug", &["out"])]]),
    ];
    let questions =
        [question("kind", &["ceiling", "desk"], &[]), question("plug", &["+in", "out", "torn"], &[("kind", &["desk"])])];
    world(&entries, &questions, &[1.0, 1.0, 1.0])
}

#[test]
fn a_question_waits_for_the_answer_that_gives_it_sense() {
    assert_eq!(plugs().next(), "ask kind");
    assert_eq!(plugs().said("kind", "desk").next(), "ask plug");
    assert_eq!(plugs().said("kind", "ceiling").next(), "fix bulb");
    assert_eq!(plugs().skipped("kind").next(), "undecided", "nobody knows whether there is a plug");
}

#[test]
fn an_answer_counts_even_if_its_question_would_not_have_been_asked() {
    assert_eq!(plugs().said("plug", "out").ranking()[0], "plug");
}

#[test]
fn each_way_in_which_a_cause_shows_stands_for_itself() {
    let ways: [Condition_<'_>; 2] = [&[("host", &["unknown"])], &[("method", &["other"])]];
    let questions = [question("host", &["+known", "unknown"], &[]), question("method", &["+same", "other"], &[])];
    let world = || world(&[entry("dns", &ways), entry("rest", &[])], &questions, &[1.0, 1.0]);
    for (question, option) in [("host", "unknown"), ("method", "other")] {
        let world = world().said(question, option);
        let state = world.model.state(&world.facts);
        assert_eq!(world.model.speaks_for(&state, 0), [&slug(question)]);
        assert!(world.model.speaks_against(&state, 0).is_empty());
        assert_eq!(world.next(), "fix dns");
    }
    let both = world().said("host", "unknown").said("method", "other");
    let state = both.model.state(&both.facts);
    assert_eq!(both.model.belief(&state).against[0], 1, "no single way shows both");
}

#[test]
fn a_cause_predicts_that_what_it_does_not_mention_is_in_order() {
    let world = two_checks(&[1.0, 1.0]).said("host", "unknown");
    let state = world.model.state(&world.facts);
    assert_eq!(world.model.speaks_against(&state, 1), [&slug("host")]);
    assert!((world.probability("verb") - DELTA / (DELTA + 1.0 - EPSILON)).abs() < 1e-9);
}
