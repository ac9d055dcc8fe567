//! What holds for every knowledge base and every incident, on generated bases and on the shipped one.

mod fixtures;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use fixpath::app::json::DiagnosisJson;
use fixpath::app::links;
use fixpath::app::snapshot::{Outcomes, Snapshot};
use fixpath::content::{Pack, read};
use fixpath::diagnosis::optimum::optimum;
use fixpath::diagnosis::proof::prove;
use fixpath::diagnosis::{Facts, Model, Next};
use fixpath::kb::{Entry, KnowledgeBase, Slug};
use fixpath::search::Index;
use fixtures::{Base, SYMPTOM, a_base, entry, question, run, symptom};
use proptest::prelude::*;
use proptest::test_runner::Config;

const QUESTIONS: [&str; 5] = ["cable", "host", "stage", "token", "verb"];
const OPTIONS: [&str; 4] = ["fine", "good", "odd", "other"];
const CAUSES: [&str; 6] = ["clock", "dns", "key", "proxy", "quota", "region"];

fn cases(count: u32) -> Config {
    // More can be asked for from outside; failures are written down by whoever reads them, not in the source.
    let wanted = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok());
    Config { cases: wanted.unwrap_or(count), failure_persistence: None, ..Config::default() }
}

/// A question: how many options, how many of them are healthy, and the answer that it waits for.
type QuestionPlan = (usize, usize, Option<(usize, usize)>);
/// A cause: how common it is, and the ways in which it shows, as questions with sets of options.
type CausePlan = (u8, Vec<Vec<(usize, u8)>>);

/// Any small knowledge base: context and check questions, some asked only after another; causes that overlap, that nothing
/// is distinctive of, or that show in several ways.
fn bases() -> impl Strategy<Value = Base> {
    let question = (2..=4usize, 0..=3usize, prop::option::weighted(0.2, (0..5usize, 0..4usize)));
    let way = prop::collection::vec((0..5usize, 1..15u8), 0..=3);
    let cause = (0..3u8, prop::collection::vec(way, 0..=2));
    (prop::collection::vec(question, 1..=5), prop::collection::vec(cause, 1..=6)).prop_map(|(q, c)| in_words(&q, &c))
}

fn in_words(questions: &[QuestionPlan], causes: &[CausePlan]) -> Base {
    let mut base = a_base();
    for (at, &(count, healthy, gate)) in questions.iter().enumerate() {
        let words = OPTIONS[..count].iter().enumerate().fold(question(QUESTIONS[at]), |words, (i, option)| {
            if i < healthy.min(count - 1) { words.healthy(option) } else { words.option(option) }
        });
        base = base.with(match gate {
            // Only earlier questions open later ones, so that no two wait for each other.
            Some((other, option)) if at > 0 => {
                let other = other % at;
                words.asked_when(QUESTIONS[other], &[OPTIONS[option % questions[other].0]])
            }
            _ => words,
        });
    }
    for (at, (likelihood, ways)) in causes.iter().enumerate() {
        let mut words = match likelihood {
            0 => entry(CAUSES[at]).common(),
            1 => entry(CAUSES[at]),
            _ => entry(CAUSES[at]).rare(),
        };
        for (nth, way) in ways.iter().enumerate() {
            words = if nth == 0 { words } else { words.or() };
            let named: BTreeMap<usize, u8> = way.iter().map(|&(q, mask)| (q % questions.len(), mask)).collect();
            for (q, mask) in named {
                let options: Vec<&str> = (0..questions[q].0).filter(|o| mask >> o & 1 == 1).map(|o| OPTIONS[o]).collect();
                // A mask may name none of the options that this question has.
                let options = if options.is_empty() { vec![OPTIONS[0]] } else { options };
                words = words.when(QUESTIONS[q], &options);
            }
        }
        base = base.with(words);
    }
    base
}

/// What somebody did so far: for each question an option, "don't know" or nothing, and the fixes that were tried.
#[derive(Clone, Debug)]
struct Deeds {
    answers: Vec<u8>,
    tried: Vec<bool>,
}

fn deeds() -> impl Strategy<Value = Deeds> {
    (prop::collection::vec(0..8u8, 5), prop::collection::vec(prop::bool::weighted(0.2), 6))
        .prop_map(|(answers, tried)| Deeds { answers, tried })
}

type Parameters = Vec<(String, String)>;

impl Deeds {
    fn parameters(&self, kb: &KnowledgeBase) -> Parameters {
        let mut parameters = vec![("symptom".to_owned(), SYMPTOM.to_owned())];
        for (deed, question) in self.answers.iter().zip(kb.questions.values()) {
            match (question.options.get(usize::from(*deed)), deed) {
                (Some(option), _) => parameters.push((question.slug.to_string(), option.id.to_string())),
                (None, 6) => parameters.push(("skip".to_owned(), question.slug.to_string())),
                _ => {}
            }
        }
        let tried = kb.entries.keys().zip(&self.tried).filter(|(_, t)| **t);
        parameters.extend(tried.map(|(slug, _)| ("tried".to_owned(), slug.to_string())));
        parameters
    }

    fn facts(&self, kb: &KnowledgeBase) -> Facts {
        links::read(kb, &self.parameters(kb)).expect("few and short").facts
    }
}

/// The JSON that both front doors give, from a snapshot that answers for the first time.
fn json(snapshot: &Snapshot, parameters: &[(String, String)]) -> String {
    let reading = links::read(&snapshot.kb, parameters).expect("few and short");
    serde_json::to_string_pretty(&DiagnosisJson::from(snapshot.diagnose(reading).as_ref())).expect("it can be written")
}

/// The same without the list of what was ignored, and that list.
fn apart(json: &str) -> (serde_json::Value, serde_json::Value) {
    let mut value: serde_json::Value = serde_json::from_str(json).expect("it is JSON");
    let ignored = value.as_object_mut().expect("an object").remove("ignored").expect("it is always there");
    (value, ignored)
}

fn model(kb: &KnowledgeBase, symptoms: &[&Slug]) -> Model {
    Model::new(kb, &symptoms.iter().map(|s| (*s).clone()).collect(), &|e| e.likelihood.weight())
}

fn model_of(kb: &KnowledgeBase) -> Model {
    model(kb, &kb.symptoms.keys().collect::<Vec<_>>())
}

fn shipped() -> &'static KnowledgeBase {
    static KB: OnceLock<KnowledgeBase> = OnceLock::new();
    KB.get_or_init(|| read(&Pack::shipped()).kb)
}

fn shipped_snapshot() -> Snapshot {
    let index = Index::in_memory(&KnowledgeBase::default()).expect("an empty index can be built");
    Snapshot::new(Arc::new(shipped().clone()), Arc::new(index), Outcomes::default(), 0)
}

/// Plays somebody who answers anything, skips, and tries what is suggested. Panics where a law is broken.
fn walk(model: &Model, symptoms: BTreeSet<Slug>, choices: &[u8]) {
    let mut facts = Facts { symptoms, ..Facts::default() };
    let mut choices = choices.iter().copied().cycle();
    for _ in 0..=model.question_count() + model.causes().len() {
        let state = model.state(&facts);
        let (belief, next) = model.step(&state);
        assert!((belief.probability.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{facts:?}");
        let suggested = match next {
            Next::Ask(index) => {
                let question = model.question(index).clone();
                assert!(!facts.answers.contains_key(&question) && !facts.skipped.contains(&question), "asked again: {facts:?}");
                let options = model.options(index);
                match options.get(usize::from(choices.next().expect("there is one")) % (options.len() + 1)) {
                    Some(option) => drop(facts.answers.insert(question, option.clone())),
                    None => drop(facts.skipped.insert(question)),
                }
                continue;
            }
            Next::Fix(cause) => {
                assert!(!facts.tried.contains(&model.causes()[cause]), "suggested again: {facts:?}");
                cause
            }
            Next::Undecided | Next::NoKnownCause => belief.ranking(&state)[0],
        };
        // Whoever has tried everything is at the end.
        if !facts.tried.insert(model.causes()[suggested].clone()) {
            return;
        }
    }
    panic!("this path does not end: {facts:?}");
}

/// The options that a cause predicts in one of its ways, reckoned from the words of the entry alone.
fn predicted(kb: &KnowledgeBase, entry: &Entry, way: usize, question: &Slug) -> BTreeSet<Slug> {
    let question = &kb.questions[question];
    let ids = |healthy: bool| question.options.iter().filter(move |o| o.healthy || !healthy).map(|o| o.id.clone()).collect();
    match entry.when.get(way).and_then(|c| c.names(&question.slug)) {
        Some(named) => named.clone(),
        None if question.is_check() => ids(true),
        None => ids(false),
    }
}

/// The people of one cause and way that come by.
#[derive(Clone)]
struct People<'a> {
    entry: &'a Entry,
    way: usize,
    mass: f64,
}

/// Where people who answer rightly end, as their mass by cause, and how many questions they are asked in all.
fn right_answers(kb: &KnowledgeBase, model: &Model, facts: &Facts, people: &[People<'_>], ends: &mut Vec<Vec<f64>>) -> f64 {
    let Next::Ask(index) = model.step(&model.state(facts)).1 else {
        let of = |cause: &Slug| people.iter().filter(|p| p.entry.slug == *cause).map(|p| p.mass).sum();
        ends.push(model.causes().iter().map(of).collect());
        return 0.0;
    };
    let question = model.question(index).clone();
    let mut asked: f64 = people.iter().map(|p| p.mass).sum();
    for option in model.options(index) {
        let here: Vec<People<'_>> = people
            .iter()
            .filter_map(|p| {
                let right = predicted(kb, p.entry, p.way, &question);
                right.contains(option).then(|| People { mass: p.mass / right.len() as f64, ..p.clone() })
            })
            .collect();
        if !here.is_empty() {
            let mut below = facts.clone();
            below.answers.insert(question.clone(), option.clone());
            asked += right_answers(kb, model, &below, &here, ends);
        }
    }
    asked
}

fn entropy(masses: &[f64]) -> f64 {
    let all: f64 = masses.iter().sum();
    masses.iter().filter(|m| **m > 0.0).map(|m| -(m / all) * (m / all).log2()).sum()
}

/// No questionnaire can tell more in one question than its widest one can say. What is still open at the ends was not told.
fn check_expectation(kb: &KnowledgeBase, symptom: &Slug) {
    let model = model(kb, &[symptom]);
    let total: f64 = kb.list_causes(symptom.as_str()).map(|e| e.likelihood.weight()).sum();
    let people: Vec<People<'_>> = kb
        .list_causes(symptom.as_str())
        .flat_map(|e| {
            let ways = e.when.len().max(1);
            (0..ways).map(move |way| People { entry: e, way, mass: e.likelihood.weight() / total / ways as f64 })
        })
        .collect();
    let facts = Facts { symptoms: BTreeSet::from([symptom.clone()]), ..Facts::default() };
    let mut ends = Vec::new();
    let counted = right_answers(kb, &model, &facts, &people, &mut ends);
    let engine = model.expected_questions(&model.start(), 1_000_000).expect("the base is small");
    assert!((counted - engine).abs() < 1e-9, "{symptom}: counted {counted}, the engine says {engine}");
    let proof = prove(kb, &kb.symptoms[symptom], &model);
    assert!((proof.expected_questions - engine).abs() < 1e-9, "{symptom}: the proof says {}", proof.expected_questions);

    let open: f64 = ends.iter().map(|end| end.iter().sum::<f64>() * entropy(end)).sum();
    let widest = (0..model.question_count()).map(|q| model.options(q).len()).max().unwrap_or(1) as f64;
    let told = (proof.entropy - open).max(0.0);
    assert!(engine * widest.log2() + 1e-9 >= told, "{symptom}: {engine} questions tell {told} bits");
    if let Some(least) = optimum(&model, 20_000) {
        assert!(least <= engine + 1e-9, "{symptom}: the optimum {least} is above {engine}");
    }
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn answers_commute(base in bases(), deeds in deeds(), order in prop::collection::vec(any::<u32>(), 20)) {
        let parameters = deeds.parameters(&base.kb());
        let mut shuffled: Vec<_> = parameters.iter().cloned().zip(order).collect();
        shuffled.sort_by_key(|(_, at)| *at);
        let shuffled: Parameters = shuffled.into_iter().map(|(p, _)| p).collect();
        prop_assert_eq!(json(&base.snapshot(), &parameters), json(&base.snapshot(), &shuffled));
    }

    #[test]
    fn the_posterior_sums_to_one(base in bases(), deeds in deeds()) {
        let kb = base.kb();
        let model = model_of(&kb);
        let belief = model.belief(&model.state(&deeds.facts(&kb)));
        prop_assert!((belief.probability.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        prop_assert!(belief.probability.iter().all(|p| (0.0..=1.0 + 1e-9).contains(p)), "{:?}", belief.probability);
    }

    #[test]
    fn a_skipped_question_leaves_the_posterior_alone(base in bases(), deeds in deeds()) {
        let kb = base.kb();
        let model = model_of(&kb);
        let facts = deeds.facts(&kb);
        let mut unsaid = facts.clone();
        unsaid.skipped.clear();
        let (said, unsaid) = (model.belief(&model.state(&facts)), model.belief(&model.state(&unsaid)));
        prop_assert_eq!(said.probability, unsaid.probability);
        prop_assert_eq!(said.against, unsaid.against);
    }

    #[test]
    fn no_question_is_asked_twice_and_every_path_ends(base in bases(), choices in prop::collection::vec(any::<u8>(), 16)) {
        let kb = base.kb();
        walk(&model_of(&kb), kb.symptoms.keys().cloned().collect(), &choices);
    }

    #[test]
    fn an_unknown_parameter_is_ignored_and_reported(base in bases(), deeds in deeds(), what in 0..5u8, word in "[a-z]{1,9}") {
        let kb = base.kb();
        let known = kb.questions.keys().next().expect("there is a question").to_string();
        let parameters: Parameters = deeds.parameters(&kb).into_iter().filter(|(key, _)| *key != known).collect();
        let unknown = match what {
            0 => (format!("no-{word}"), "x".to_owned()),
            1 => (known, format!("no-{word}")),
            2 => ("skip".to_owned(), format!("no-{word}")),
            3 => ("tried".to_owned(), format!("no-{word}")),
            _ => ("symptom".to_owned(), format!("no-{word}")),
        };
        let more: Parameters = parameters.iter().cloned().chain([unknown.clone()]).collect();
        let (without, nothing) = apart(&json(&base.snapshot(), &parameters));
        let (with, ignored) = apart(&json(&base.snapshot(), &more));
        prop_assert_eq!(without, with);
        prop_assert_eq!(nothing, serde_json::json!([]));
        let only = &ignored.as_array().expect("a list")[..];
        prop_assert_eq!(only.len(), 1);
        prop_assert_eq!((only[0]["key"].as_str(), only[0]["value"].as_str()), (Some(&*unknown.0), Some(&*unknown.1)));
        prop_assert!(only[0]["why"].as_str().is_some_and(|why| why.starts_with("no such")));
    }

    #[test]
    fn a_link_gives_the_same_fix_after_an_unrelated_entry_is_added(base in bases(), deeds in deeds()) {
        let kb = base.kb();
        let shared = kb.questions.values().next().expect("there is a question");
        let more = base
            .clone()
            .with(symptom("it-is-slow"))
            .with(question("weather").healthy("dry").option("wet"))
            .with(entry("a-storm").common().of("it-is-slow").when("weather", &["wet"]).when(
                shared.slug.as_str(),
                &[shared.options[0].id.as_str()],
            ));
        let parameters = deeds.parameters(&kb);
        prop_assert_eq!(json(&base.snapshot(), &parameters), json(&more.snapshot(), &parameters));
    }

    #[test]
    fn a_healthy_answer_never_speaks_against_a_cause_that_does_not_mention_it(base in bases(), deeds in deeds()) {
        let kb = base.kb();
        let model = model_of(&kb);
        let facts = deeds.facts(&kb);
        let state = model.state(&facts);
        for (at, slug) in model.causes().iter().enumerate() {
            let mentioned = |q: &Slug| kb.entries[slug].when.iter().any(|c| c.names(q).is_some());
            for question in model.speaks_against(&state, at) {
                let answer = &facts.answers[question];
                let healthy = kb.questions[question].option(answer.as_str()).is_some_and(|o| o.healthy);
                prop_assert!(!healthy || mentioned(question), "{question}={answer} speaks against {slug}");
            }
        }
    }

    #[test]
    fn what_speaks_for_a_cause_does_not_speak_against_it(base in bases(), deeds in deeds()) {
        let kb = base.kb();
        let model = model_of(&kb);
        let facts = deeds.facts(&kb);
        let state = model.state(&facts);
        for at in 0..model.causes().len() {
            let against: BTreeSet<&Slug> = model.speaks_against(&state, at).into_iter().collect();
            for question in model.speaks_for(&state, at) {
                prop_assert!(facts.answers.contains_key(question) && !against.contains(question));
            }
            prop_assert_eq!(against.len(), usize::from(model.belief(&state).against[at]));
        }
    }
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn expected_questions_are_counted_rightly_and_within_their_bounds(base in bases()) {
        let kb = base.kb();
        check_expectation(&kb, &Slug::parse(SYMPTOM).expect("it is one"));
    }

    #[test]
    fn no_shipped_question_is_asked_twice_and_every_shipped_path_ends(
        first in any::<prop::sample::Index>(),
        second in any::<prop::sample::Index>(),
        choices in prop::collection::vec(any::<u8>(), 24),
    ) {
        let kb = shipped();
        let all: Vec<&Slug> = kb.symptoms.keys().collect();
        let symptoms = [all[first.index(all.len())], all[second.index(all.len())]];
        walk(&model(kb, &symptoms), symptoms.into_iter().cloned().collect(), &choices);
    }
}

proptest! {
    #![proptest_config(cases(8))]

    #[test]
    fn the_command_line_gives_the_same_json(base in bases(), deeds in deeds()) {
        let folder = base.folder();
        let parameters = deeds.parameters(&base.kb());
        prop_assert_eq!(said(&["--content", folder.path().to_str().expect("a plain path")], &parameters), json(&base.snapshot(), &parameters));
    }
}

/// What `fixpath diagnose` prints for these parameters.
fn said(more: &[&str], parameters: &[(String, String)]) -> String {
    let pairs: Vec<String> = parameters.iter().map(|(k, v)| format!("{k}={v}")).collect();
    let words = ["diagnose", "--json"].into_iter().chain(more.iter().copied()).chain(pairs.iter().map(String::as_str));
    run(words).out.trim_end().to_owned()
}

#[test]
fn the_command_line_gives_the_same_json_on_the_shipped_content() {
    let snapshot = shipped_snapshot();
    for link in [
        "",
        "symptom=missing-authentication-token",
        "symptom=forbidden&key-sent=header&nonsense=x",
        "symptom=forbidden&skip=key-sent",
    ] {
        let parameters = links::split(link).expect("a sound link");
        assert_eq!(said(&[], &parameters), json(&snapshot, &parameters), "{link}");
    }
}

#[test]
fn expected_shipped_questions_are_counted_rightly_and_within_their_bounds() {
    // The larger ones would take a debug build minutes; `tests/content.rs` compares them with their optimum.
    for symptom in shipped().symptoms.keys().filter(|s| shipped().list_causes(s.as_str()).count() <= 8) {
        check_expectation(shipped(), symptom);
    }
}
