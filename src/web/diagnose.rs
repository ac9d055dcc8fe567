//! A step of the questionnaire: the question, or the fix, with the candidates and the answers so far beside it.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::documents::Document;
use super::error::Error;
use super::layout::Layout;
use super::markdown::{Html, inline, plain};
use super::page;
use super::server::Site;
use crate::app::diagnose::{Diagnosis, Given, Ranked, Stage};
use crate::app::links::{self, Link};
use crate::app::snapshot::Snapshot;
use crate::kb::{Kind, Slug};

/// Candidates beside a question; the rest is folded away.
const CANDIDATES: usize = 6;

pub struct Choice {
    pub label: Html,
    pub url: String,
    pub chosen: bool,
}

pub struct Answer {
    pub question: Html,
    pub question_url: String,
    pub answer: Option<Html>,
    pub change_url: String,
}

/// An answer that speaks for a cause or against it.
pub struct Fact {
    /// The question.
    pub url: String,
    pub answer: String,
}

pub struct Candidate {
    pub title: Html,
    pub url: String,
    pub percent: u32,
    pub speaks_for: Vec<Fact>,
    pub speaks_against: Vec<Fact>,
    pub tried: bool,
    /// The link of "it did not help".
    pub slug: String,
    pub helped: Option<String>,
}

pub struct IgnoredRow {
    pub key: String,
    pub value: String,
    pub why: Html,
}

pub struct Sight {
    pub title: Html,
    pub url: String,
    pub map_url: String,
}

pub struct Asked {
    pub title: Html,
    pub why: Html,
    pub effort: Option<&'static str>,
    pub choices: Vec<Choice>,
    pub skip_url: Option<String>,
    /// How to find out.
    pub help: Html,
    pub is_symptom: bool,
    /// A paste may answer it.
    pub can_be_read: bool,
}

#[derive(Template)]
#[template(path = "diagnose/step.html")]
struct StepPage {
    layout: Layout,
    stage: Stage,
    heading: String,
    asked: Option<Asked>,
    fix: Option<Document>,
    answers: Vec<Answer>,
    symptoms: Vec<Sight>,
    candidates: Vec<Candidate>,
    further: Vec<Candidate>,
    ignored: Vec<IgnoredRow>,
    gaps: Vec<Html>,
    left: Option<String>,
    /// The query string of this step, for the outcome.
    query: String,
    tried: usize,
}

impl StepPage {
    /// Before a symptom is chosen there is nothing to put beside the question.
    fn has_side(&self) -> bool {
        !(self.answers.is_empty() && self.symptoms.is_empty())
    }

    /// At an end without a fix the candidates are the page itself.
    fn has_candidates_beside(&self) -> bool {
        let some = !self.candidates.is_empty() || !self.further.is_empty();
        let stands_beside = self.stage == Stage::Ask || self.fix.is_some();
        some && stands_beside && !self.symptoms.is_empty()
    }

    fn is_lost(&self) -> bool {
        self.stage == Stage::NoKnownCause
    }
}

pub async fn show(request: HttpRequest, site: Data<Site>) -> Result<HttpResponse, Error> {
    let snapshot = site.app.snapshot();
    let raw = request.query_string();
    let parameters = links::split(raw)?;
    let reading = links::read(&snapshot.kb, &parameters)?;
    site.counters.steps.inc();
    let diagnose = |reading| match super::gaps::led_here(raw) {
        true => snapshot.diagnose(reading),
        false => site.app.diagnose(&snapshot, reading),
    };
    if !reading.ignored.is_empty() {
        let diagnosis = diagnose(reading);
        return Ok(page::fresh(&request, render(&snapshot, &diagnosis)?));
    }
    let link = Link::to(&reading.facts);
    let address = match &reading.change {
        Some(question) => link.changing(question).url(),
        None => link.url(),
    };
    // The number of the search that led here has done its work; it is not to be passed on with the address.
    let search = parameters.iter().find(|(k, _)| k == "search").and_then(|(_, v)| v.parse().ok());
    if search.is_some_and(|number| site.app.opened(number)) {
        return Ok(page::see_other(&address));
    }
    let diagnosis = diagnose(reading);
    site.shelf.respond(&request, snapshot.number, &address, || render(&snapshot, &diagnosis))
}

fn render(snapshot: &Snapshot, diagnosis: &Diagnosis) -> Result<String, Error> {
    let kb = &snapshot.kb;
    let asked = diagnosis.question.as_ref().map(|q| Asked {
        title: inline(&q.title),
        why: inline(&q.why),
        effort: q.effort,
        choices: q.options.iter().map(|o| Choice { label: inline(&o.label), url: o.url.clone(), chosen: o.chosen }).collect(),
        skip_url: q.skip_url.clone(),
        help: kb.questions.get(q.slug.as_str()).map(|q| super::markdown::render(&q.body).html).unwrap_or_default(),
        is_symptom: q.skip_url.is_none(),
        can_be_read: kb.questions.get(q.slug.as_str()).is_some_and(|q| q.options.iter().any(|o| o.detect.is_some())),
    });
    let verdict = diagnosis.verdict.as_ref().filter(|_| diagnosis.stage == Stage::Fix);
    let fix = verdict.and_then(|slug| kb.entries.get(slug)).map(|entry| Document::of_entry(snapshot, entry));
    let mut candidates: Vec<Candidate> = diagnosis.causes.iter().map(|c| candidate(diagnosis, c)).collect();
    if diagnosis.stage == Stage::Fix {
        candidates.retain(|c| Some(c.slug.as_str()) != verdict.map(Slug::as_str));
    }
    // Beside a fix, what is as good as excluded is folded away too.
    let shown = match diagnosis.stage {
        Stage::Fix => candidates.iter().take(CANDIDATES).filter(|c| c.percent > 0 || c.tried).count(),
        _ => CANDIDATES.min(candidates.len()),
    };
    let further = candidates.split_off(shown);
    let heading = heading(diagnosis, fix.as_ref());
    let description = description(diagnosis, fix.as_ref());
    let page = StepPage {
        layout: Layout::new(&heading, &description, &diagnosis.url),
        stage: diagnosis.stage,
        heading,
        asked,
        fix,
        answers: diagnosis.given.iter().map(answer).collect(),
        symptoms: diagnosis.facts.symptoms.iter().filter_map(|s| sight(snapshot, s)).collect(),
        candidates,
        further,
        ignored: diagnosis
            .ignored
            .iter()
            .map(|i| IgnoredRow { key: i.key.clone(), value: i.value.clone(), why: inline(&i.why) })
            .collect(),
        gaps: diagnosis.known_gaps.iter().map(|g| inline(g)).collect(),
        left: diagnosis.expected_questions.filter(|_| diagnosis.stage == Stage::Ask).map(left),
        query: Link::to(&diagnosis.facts).query(),
        tried: diagnosis.facts.tried.len(),
    };
    page::render(&page)
}

/// What is still to come, in words.
fn left(expected: f64) -> String {
    match expected.round() as i64 {
        ..=1 => "About one question to go".to_owned(),
        n => format!("About {n} questions to go"),
    }
}

fn heading(diagnosis: &Diagnosis, fix: Option<&Document>) -> String {
    match (diagnosis.stage, &diagnosis.question, fix) {
        (Stage::Fix, _, Some(fix)) => fix.plain_title.clone(),
        (Stage::Ask, Some(question), _) => plain(&question.title),
        (Stage::NoKnownCause, ..) => "No known cause fits these answers".to_owned(),
        _ => "These causes are left".to_owned(),
    }
}

fn description(diagnosis: &Diagnosis, fix: Option<&Document>) -> String {
    match fix {
        Some(fix) => fix.why.clone(),
        None => {
            let best = diagnosis.causes.iter().take(3).map(|c| c.title.as_str()).collect::<Vec<_>>().join("; ");
            if diagnosis.facts.symptoms.is_empty() {
                "Find the cause in a few questions.".to_owned()
            } else {
                format!("Likely so far: {best}.")
            }
        }
    }
}

fn answer(given: &Given) -> Answer {
    Answer {
        question: inline(&given.title),
        question_url: Kind::Question.url(given.question.as_str()),
        answer: given.option.as_deref().map(inline),
        change_url: given.change_url.clone(),
    }
}

fn sight(snapshot: &Snapshot, slug: &Slug) -> Option<Sight> {
    let symptom = snapshot.kb.symptoms.get(slug)?;
    Some(Sight { title: inline(&symptom.title), url: Kind::Symptom.url(slug.as_str()), map_url: format!("/map/{slug}") })
}

/// An answer that can be read alone: a bare "yes" says nothing away from its question.
fn spoken(given: &Given) -> String {
    let answer = given.option.as_deref().map(plain).unwrap_or_default();
    if answer.split_whitespace().count() > 3 { answer } else { format!("{} {answer}", plain(&given.title)) }
}

fn candidate(diagnosis: &Diagnosis, ranked: &Ranked) -> Candidate {
    let fact = |slug: &Slug| Fact {
        url: Kind::Question.url(slug.as_str()),
        answer: diagnosis.given.iter().find(|g| g.question == *slug).map(spoken).unwrap_or_default(),
    };
    Candidate {
        title: inline(&ranked.title),
        url: Kind::Entry.url(ranked.slug.as_str()),
        percent: (ranked.probability * 100.0).round() as u32,
        speaks_for: ranked.speaks_for.iter().map(fact).collect(),
        speaks_against: ranked.speaks_against.iter().map(fact).collect(),
        tried: ranked.tried,
        slug: ranked.slug.to_string(),
        helped: super::documents::helped(ranked.counts),
    }
}
