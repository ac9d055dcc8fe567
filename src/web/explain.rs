//! A pasted text becomes a diagnosis. The text itself is neither kept nor shown again.

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::diagnose::Choice;
use super::error::Error;
use super::guard;
use super::layout::Layout;
use super::markdown::{Html, inline};
use super::page;
use super::server::Site;
use crate::app::explain::{Paste, explain};
use crate::kb::Kind;

#[derive(Template)]
#[template(path = "explain/form.html")]
struct FormPage {
    layout: Layout,
}

pub async fn form(request: HttpRequest, site: Data<Site>) -> Result<HttpResponse, Error> {
    let snapshot = site.app.snapshot();
    site.shelf.respond(&request, snapshot.number, "/explain", || {
        let description = "Paste what you see: Fixpath finds the symptom and asks only what is left.";
        page::render(&FormPage { layout: Layout::new("Explain a paste", description, "/explain") })
    })
}

pub struct Shown {
    pub title: Html,
    pub url: String,
    pub message: String,
    pub line: usize,
}

pub struct Likely {
    pub title: Html,
    pub url: String,
    pub percent: u32,
}

#[derive(Template)]
#[template(path = "explain/read.html")]
struct ReadPage {
    layout: Layout,
    symptoms: Vec<Shown>,
    question: Option<(Html, Html)>,
    choices: Vec<Choice>,
    skip_url: Option<String>,
    causes: Vec<Likely>,
    step_url: String,
    redacted: String,
}

pub async fn read(request: HttpRequest, site: Data<Site>, body: Bytes) -> Result<HttpResponse, Error> {
    let text = guard::field(&request, &body, "text")?;
    let snapshot = site.app.snapshot();
    let explained = explain(&snapshot, &Paste::new(text));
    site.counters.explanations.inc();
    let diagnosis = &explained.diagnosis;
    let shown = explained.symptoms.iter().filter_map(|s| {
        let symptom = snapshot.kb.symptoms.get(&s.symptom)?;
        let url = Kind::Symptom.url(s.symptom.as_str());
        Some(Shown { title: inline(&symptom.title), url, message: s.message.clone(), line: s.line })
    });
    let causes = diagnosis.causes.iter().take(8).map(|c| Likely {
        title: inline(&c.title),
        url: Kind::Entry.url(c.slug.as_str()),
        percent: (c.probability * 100.0).round() as u32,
    });
    let question = diagnosis.question.as_ref();
    let choices = question.into_iter().flat_map(|q| &q.options);
    let page = ReadPage {
        layout: Layout::unlisted("What the paste shows", "The symptom of a pasted text, and what is left to ask."),
        symptoms: shown.collect(),
        question: question.map(|q| (inline(&q.title), inline(&q.why))),
        choices: choices.map(|o| Choice { label: inline(&o.label), url: o.url.clone(), chosen: false }).collect(),
        skip_url: question.and_then(|q| q.skip_url.clone()),
        causes: if explained.symptoms.is_empty() { Vec::new() } else { causes.collect() },
        step_url: diagnosis.url.clone(),
        redacted: explained.redacted().text.clone(),
    };
    Ok(page::fresh(&request, page::render(&page)?))
}
