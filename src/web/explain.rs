//! A pasted text becomes a diagnosis, or a search when it is only a few words. The text itself is neither kept nor shown again:
//! what this page shows of it is redacted.

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::diagnose::Choice;
use super::documents::Link;
use super::error::Error;
use super::layout::{Layout, absolute};
use super::markdown::{Html, first_sentence_of, first_steps_of, inline};
use super::server::Site;
use super::{page, paste, search};
use crate::app::diagnose::{Diagnosis, Stage};
use crate::app::explain::{Answered, Explanation, Paste, search_words, words_to_search};
use crate::app::links;
use crate::app::snapshot::Snapshot;
use crate::kb::{Kind, KnowledgeBase};

/// Candidates beside what was read.
const CANDIDATES: usize = 8;
/// Words of a text without any known symptom that are offered as a search come from so much of it.
const SEARCHED: usize = 1024;

#[derive(Template)]
#[template(path = "explain/form.html")]
struct FormPage {
    layout: Layout,
    /// The form came back without a text.
    is_empty: bool,
}

impl FormPage {
    fn new() -> FormPage {
        let description = "Paste what you see: Fixpath reads the facts in it and asks only what is left.";
        FormPage { layout: Layout::new("Explain a paste", description, "/explain").without_box(), is_empty: false }
    }

    /// The form again, for somebody who sent nothing.
    fn empty() -> FormPage {
        let layout = Layout::unlisted("There was no text", "Paste what you see, or choose a file.").without_box();
        FormPage { layout, is_empty: true }
    }
}

pub async fn form(request: HttpRequest, site: Data<Site>) -> Result<HttpResponse, Error> {
    let snapshot = site.app.snapshot();
    site.shelf.respond(&request, snapshot.number, "/explain", || page::render(&FormPage::new()))
}

/// The form again, with what is missing.
fn nothing_given(request: &HttpRequest) -> Result<HttpResponse, Error> {
    let mut response = page::fresh(request, page::render(&FormPage::empty())?);
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// Answers every box of the site. Nobody chooses between searching and explaining: the text decides.
pub async fn read(request: HttpRequest, site: Data<Site>, body: Bytes) -> Result<HttpResponse, Error> {
    let paste = paste::of_form(&request, body).await?;
    if paste.is_blank() {
        return nothing_given(&request);
    }
    let snapshot = site.app.snapshot();
    let (paste, explained) = paste::explain(snapshot.clone(), paste).await?;
    if let Some(words) = words_to_search(&snapshot, &paste, &explained) {
        return Ok(page::see_other(&search::url(&words)));
    }
    site.counters.explanations.inc();
    let shown = ReadPage::new(&snapshot, &paste, &explained);
    Ok(page::fresh(&request, page::render(&shown)?))
}

/// A place in the paste: its line and the words there, redacted.
pub struct Place {
    pub line: usize,
    pub words: String,
}

pub struct Shown {
    pub title: Html,
    pub url: String,
    pub place: Place,
}

pub struct Likely {
    pub title: Html,
    pub url: String,
    pub percent: u32,
}

/// The cause, when nothing has to be asked any more.
pub struct Verdict {
    pub title: Html,
    pub why: String,
    pub steps: Html,
    pub absolute_url: String,
}

pub struct Asked {
    pub title: Html,
    pub why: Html,
    pub choices: Vec<Choice>,
    pub skip_url: Option<String>,
    pub is_symptom: bool,
}

pub struct ReadAnswer {
    pub question: Link,
    pub option: Html,
    pub place: Place,
    pub change_url: String,
}

/// A question that the paste answers in two ways.
pub struct Conflict {
    pub question: Link,
    pub readings: Vec<(Html, Place)>,
    pub answer_url: String,
}

/// What two parts of the paste tell differently.
pub struct Disagreement {
    pub what: &'static str,
    pub lines: [usize; 2],
}

/// What the service signed, beside the request.
pub struct Signature {
    pub line: usize,
    pub difference: Option<Difference>,
}

pub struct Difference {
    pub service: String,
    pub request: String,
    pub meaning: String,
}

pub struct Other {
    pub label: String,
    pub line: usize,
    pub url: String,
}

#[derive(Template)]
#[template(path = "explain/read.html")]
struct ReadPage {
    layout: Layout,
    verdict: Option<Verdict>,
    asked: Option<Asked>,
    /// Why there is neither a fix nor a question.
    ending: Option<&'static str>,
    step_url: String,
    symptoms: Vec<Shown>,
    answers: Vec<ReadAnswer>,
    conflicts: Vec<Conflict>,
    disagreements: Vec<Disagreement>,
    signature: Option<Signature>,
    others: Vec<Other>,
    causes: Vec<Likely>,
    redacted: String,
    taken_out: usize,
    /// A search for the words of a text that shows nothing.
    search_url: Option<String>,
}

impl ReadPage {
    fn new(snapshot: &Snapshot, paste: &Paste, explained: &Explanation) -> ReadPage {
        let (kb, diagnosis) = (&snapshot.kb, &explained.diagnosis);
        let words = || paste.look(SEARCHED, |text| search_words(snapshot, text));
        let mut shown = ReadPage {
            layout: Layout::unlisted("What the paste shows", "The symptom of a pasted text, and what is left to ask."),
            verdict: verdict(kb, diagnosis),
            asked: asked(diagnosis),
            ending: ending(diagnosis.stage),
            step_url: diagnosis.url.clone(),
            symptoms: symptoms(kb, explained),
            answers: explained.answered.iter().filter_map(|a| answer(kb, diagnosis, a)).collect(),
            conflicts: explained.conflicts.iter().filter_map(|readings| conflict(kb, diagnosis, readings)).collect(),
            disagreements: disagreements(explained),
            signature: signature(explained),
            others: others(explained),
            causes: Vec::new(),
            redacted: explained.redacted().text.clone(),
            taken_out: explained.redacted().count,
            search_url: None,
        };
        match shown.shows_nothing() {
            true => shown.search_url = Some(words()).filter(|w| !w.is_empty()).map(|w| search::url(&w)),
            false => shown.causes = causes(diagnosis),
        }
        shown
    }

    fn shows_nothing(&self) -> bool {
        self.symptoms.is_empty() && self.answers.is_empty() && self.conflicts.is_empty()
    }

    fn heading(&self) -> &'static str {
        if self.shows_nothing() { "Nothing in this text is known" } else { "What the paste shows" }
    }

    /// How much the redaction took out, in words.
    fn count(&self) -> String {
        match self.taken_out {
            0 => "Nothing had to be taken out.".to_owned(),
            1 => "1 word was taken out.".to_owned(),
            n => format!("{n} words were taken out."),
        }
    }
}

fn verdict(kb: &KnowledgeBase, diagnosis: &Diagnosis) -> Option<Verdict> {
    let cause = diagnosis.verdict.as_ref().filter(|_| diagnosis.stage == Stage::Fix)?;
    let entry = kb.entries.get(cause)?;
    Some(Verdict {
        title: inline(&entry.title),
        why: first_sentence_of(&entry.body, "## Cause"),
        steps: first_steps_of(&entry.body, "## Fix"),
        absolute_url: absolute(&diagnosis.url),
    })
}

fn asked(diagnosis: &Diagnosis) -> Option<Asked> {
    diagnosis.question.as_ref().map(|q| Asked {
        title: inline(&q.title),
        why: inline(&q.why),
        choices: q.options.iter().map(|o| Choice { label: inline(&o.label), url: o.url.clone(), chosen: false }).collect(),
        skip_url: q.skip_url.clone(),
        is_symptom: q.skip_url.is_none(),
    })
}

fn ending(stage: Stage) -> Option<&'static str> {
    match stage {
        Stage::Undecided => Some("No further question tells the causes that are left apart."),
        Stage::NoKnownCause => Some("Taken together, what the paste shows fits no known cause."),
        Stage::Ask | Stage::Fix => None,
    }
}

fn symptoms(kb: &KnowledgeBase, explained: &Explanation) -> Vec<Shown> {
    let shown = explained.symptoms.iter().filter_map(|s| {
        let symptom = kb.symptoms.get(&s.symptom)?;
        let place = Place { line: s.line, words: s.message.clone() };
        Some(Shown { title: inline(&symptom.title), url: Kind::Symptom.url(s.symptom.as_str()), place })
    });
    shown.collect()
}

fn place(answered: &Answered) -> Place {
    Place { line: answered.line, words: answered.because.clone() }
}

fn question_link(kb: &KnowledgeBase, answered: &Answered) -> Option<Link> {
    let question = kb.questions.get(&answered.question)?;
    Some(Link { title: inline(&question.title), url: Kind::Question.url(answered.question.as_str()) })
}

fn label(kb: &KnowledgeBase, answered: &Answered) -> Option<Html> {
    kb.questions.get(&answered.question)?.option(answered.option.as_str()).map(|o| inline(&o.label))
}

fn change_url(diagnosis: &Diagnosis, answered: &Answered) -> String {
    links::Link::to(&diagnosis.facts).changing(&answered.question).url()
}

fn answer(kb: &KnowledgeBase, diagnosis: &Diagnosis, answered: &Answered) -> Option<ReadAnswer> {
    Some(ReadAnswer {
        question: question_link(kb, answered)?,
        option: label(kb, answered)?,
        place: place(answered),
        change_url: change_url(diagnosis, answered),
    })
}

fn conflict(kb: &KnowledgeBase, diagnosis: &Diagnosis, readings: &[Answered]) -> Option<Conflict> {
    let first = readings.first()?;
    Some(Conflict {
        question: question_link(kb, first)?,
        readings: readings.iter().filter_map(|r| Some((label(kb, r)?, place(r)))).collect(),
        answer_url: change_url(diagnosis, first),
    })
}

fn disagreements(explained: &Explanation) -> Vec<Disagreement> {
    let told = explained.evidence.disagreements.iter().map(|d| {
        let mut lines = d.lines;
        lines.sort_unstable();
        Disagreement { what: d.what, lines }
    });
    told.collect()
}

fn signature(explained: &Explanation) -> Option<Signature> {
    explained.evidence.signature.as_ref().map(|compared| Signature {
        line: compared.line,
        difference: compared.difference.as_ref().map(|d| Difference {
            service: d.service.clone(),
            request: d.request.clone(),
            meaning: d.meaning.clone(),
        }),
    })
}

fn others(explained: &Explanation) -> Vec<Other> {
    explained.others.iter().map(|o| Other { label: o.label.clone(), line: o.line, url: o.url.clone() }).collect()
}

fn causes(diagnosis: &Diagnosis) -> Vec<Likely> {
    let likely = |c: &crate::app::diagnose::Ranked| Likely {
        title: inline(&c.title),
        url: Kind::Entry.url(c.slug.as_str()),
        percent: (c.probability * 100.0).round() as u32,
    };
    if diagnosis.facts.symptoms.is_empty() {
        return Vec::new();
    }
    // Beside a fix stands what else it could be.
    let first = usize::from(diagnosis.stage == Stage::Fix);
    let all = diagnosis.causes.iter().skip(first).take(CANDIDATES).map(likely);
    all.filter(|c| first == 0 || c.percent > 0).collect()
}
