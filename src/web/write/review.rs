//! A draft before it is published: what it would change, and the buttons that decide. Start at [`show`].

use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::diff::Sides;
use super::overlap;
use super::{Fields, author, reason};
use crate::app::alike;
use crate::app::drafts::{Draft, DraftState, named};
use crate::app::impact::{Changed, Changes, Impact, SymptomImpact, TranscriptChange};
use crate::app::proposal::{Considered, Refusal};
use crate::editing::form::{self, FieldValue};
use crate::kb::{Kind, Slug};
use crate::web::error::Error;
use crate::web::home::Row;
use crate::web::layout::Layout;
use crate::web::markdown::{Html, inline, plain};
use crate::web::server::Site;
use crate::web::visitor::Visitor;
use crate::web::{guard, page};

/// A problem that the draft brings.
struct ProblemRow {
    severity: &'static str,
    place: String,
    /// Where it can be mended.
    url: Option<String>,
    message: Html,
}

/// Things that would end elsewhere.
struct Difference {
    title: String,
    what: &'static str,
    rows: Vec<DifferenceRow>,
    more: usize,
    is_open: bool,
}

struct DifferenceRow {
    what: String,
    url: Option<String>,
    before: String,
    after: String,
}

#[derive(Template)]
#[template(path = "write/review.html")]
struct ReviewPage {
    layout: Layout,
    id: i64,
    version: i64,
    title: String,
    state: String,
    why: String,
    accepted: String,
    verb: &'static str,
    said: Option<String>,
    merged: Option<String>,
    refused: Option<String>,
    document_url: Option<String>,
    problems: Vec<ProblemRow>,
    gone: Vec<Html>,
    differences: Vec<Difference>,
    cut: Vec<String>,
    alike: Vec<Row>,
    diff: Sides,
    is_open: bool,
    is_waiting: bool,
    is_discarded: bool,
    can_publish: bool,
    can_send: bool,
    blocked: bool,
    needs_approval: bool,
    has_warnings: bool,
}

pub async fn show(request: HttpRequest, site: Data<Site>, id: Path<i64>) -> Result<HttpResponse, Error> {
    let draft = find(&site, *id).await?;
    reviewed(&request, &site, draft, None).await
}

/// What somebody typed beside a draft, and why it was not published.
struct Refused {
    said: Option<String>,
    why: String,
    accepted: String,
}

impl Refused {
    fn new(said: impl Into<Option<String>>, fields: &Fields) -> Option<Refused> {
        let typed = |name: &str| fields.one(name).trim().to_owned();
        Some(Refused { said: said.into(), why: typed("why"), accepted: typed("accepted") })
    }
}

/// A draft by its number.
pub async fn find(site: &Site, id: i64) -> Result<Draft, Error> {
    site.app.find_draft(id).await?.ok_or(Error::NoSuchPage)
}

/// The page of a draft; after a refusal with all that was typed there.
async fn reviewed(request: &HttpRequest, site: &Site, draft: Draft, refused: Option<Refused>) -> Result<HttpResponse, Error> {
    let considered = match draft.is_open() {
        true => site.app.consider(&draft.proposal()).await,
        false => Err(Refusal::Same),
    };
    let html = match considered {
        Err(Refusal::App(cause)) => return Err(cause.into()),
        Err(Refusal::Overlap(found)) => {
            let can_send = site.app.may_send(&draft, &author()?);
            overlap::render(&draft, &found, refused.as_ref().map_or("", |r| &r.why), can_send)?
        }
        other => page::render(&ReviewPage::new(site, &draft, other, refused.as_ref()))?,
    };
    Ok(if refused.is_some() { page::refused(request, html) } else { page::fresh(request, html) })
}

impl ReviewPage {
    fn new(site: &Site, draft: &Draft, considered: Result<Considered, Refusal>, typed: Option<&Refused>) -> ReviewPage {
        let title = title(draft);
        let me = author().unwrap_or_default();
        let may = site.app.may_publish(draft, &me);
        let mut page = ReviewPage {
            layout: Layout::unlisted(&format!("What would change: {title}"), "A draft, and what it would change."),
            id: draft.id,
            version: draft.version,
            title,
            state: state(draft),
            why: typed.map_or_else(|| draft.why.clone(), |t| t.why.clone()),
            accepted: typed.map(|t| t.accepted.clone()).unwrap_or_default(),
            verb: if draft.retires { "Retire it" } else { "Publish" },
            said: typed.and_then(|t| t.said.clone()),
            merged: None,
            refused: None,
            document_url: draft.slug.as_ref().map(|slug| draft.kind.url(slug.as_str())),
            problems: Vec::new(),
            gone: Vec::new(),
            differences: Vec::new(),
            cut: Vec::new(),
            alike: Vec::new(),
            diff: Sides::new("Today", "", "Then", ""),
            is_open: draft.is_open(),
            is_waiting: draft.state == DraftState::Waiting,
            is_discarded: draft.state == DraftState::Discarded,
            can_publish: false,
            can_send: site.app.may_send(draft, &me),
            blocked: false,
            needs_approval: !may,
            has_warnings: false,
        };
        match considered {
            Err(refusal) if draft.is_open() => page.refused = reason(&refusal),
            Err(_) => page.refused = Some("It is no draft any more.".to_owned()),
            Ok(considered) => page.fill(site, draft, &considered, may),
        }
        page
    }

    fn fill(&mut self, site: &Site, draft: &Draft, considered: &Considered, may: bool) {
        let impact = &considered.impact;
        let own = considered.changes.first().map(|c| c.path.as_str()).unwrap_or_default();
        self.problems = impact
            .problems_new
            .iter()
            .map(|p| ProblemRow {
                severity: p.severity.word(),
                place: format!("{}, line {}", p.path, p.line),
                url: (p.path == own).then(|| format!("/draft/{}/edit?as=markdown&line={}", draft.id, p.line)),
                message: inline(&p.message),
            })
            .collect();
        self.gone = impact.problems_gone.iter().map(|p| inline(&p.to_string())).collect();
        self.cut = impact.cut.clone();
        self.differences = differences(impact);
        self.merged = considered.merged_with.as_ref().map(|newest| {
            format!(
                "{} published revision {} meanwhile: “{}”. Both changes are in what you see below.",
                newest.made_by, newest.number, newest.why
            )
        });
        let today = considered.today.as_ref().map_or("", |t| t.text.as_str());
        self.diff = match draft.retires {
            true => Sides::new("Today", today, "Then", ""),
            false => Sides::new("Today", today, "Then", considered.text()),
        };
        self.alike = alike(site, draft, considered);
        self.blocked = impact.blocks();
        self.has_warnings = considered.warnings().next().is_some();
        self.can_publish = may && !self.blocked;
    }
}

/// Entries that look like the same cause.
fn alike(site: &Site, draft: &Draft, considered: &Considered) -> Vec<Row> {
    if draft.kind != Kind::Entry || draft.retires {
        return Vec::new();
    }
    let found = alike::alike(&site.app.snapshot(), draft.slug.as_ref(), considered.text());
    let row = |alike: alike::Alike| Row {
        url: Kind::Entry.url(alike.entry.as_str()),
        title: inline(&alike.title),
        note: alike.why.join(", "),
    };
    found.into_iter().map(row).collect()
}

/// What would lead elsewhere, the parts that concern most people first.
fn differences(impact: &Impact) -> Vec<Difference> {
    let paths = impact.symptoms.iter().map(|s| Difference::of(&format!("Paths of “{}”", s.title), "Answers", &s.paths));
    let figures = impact.symptoms.iter().filter_map(figures).collect();
    let transcripts = impact.transcripts.iter().map(transcript).collect();
    let kinds = [
        Difference::of("Past diagnoses that end elsewhere", "Answers", &impact.diagnoses),
        Difference::of("Past searches that find something else first", "Search", &impact.searches),
        Difference::of("Links that lead elsewhere", "Link", &impact.links),
        Difference::new("Transcripts that land elsewhere", "Transcript", transcripts),
        Difference::new("Questionnaires", "Figure", figures),
    ];
    kinds.into_iter().chain(paths).filter(|d| !d.rows.is_empty()).collect()
}

impl Difference {
    fn new(title: &str, what: &'static str, rows: Vec<DifferenceRow>) -> Difference {
        let count = rows.len();
        Difference { title: format!("{title}: {count}"), what, rows, more: 0, is_open: count <= OPEN }
    }

    fn of(title: &str, what: &'static str, changes: &Changes) -> Difference {
        let row = |c: &Changed| DifferenceRow {
            what: if c.times > 1 { format!("{} ({} times)", c.what, c.times) } else { c.what.clone() },
            url: Some(c.url.clone()),
            before: c.before.words(),
            after: if c.ignored.is_empty() {
                c.after.words()
            } else {
                format!("{}; ignored: {}", c.after.words(), c.ignored.join(", "))
            },
        };
        Difference {
            title: format!("{title}: {}", changes.total),
            what,
            rows: changes.shown.iter().map(row).collect(),
            more: changes.total - changes.shown.len(),
            is_open: changes.total <= OPEN,
        }
    }
}

/// Longer lists are folded.
const OPEN: usize = 8;

/// The size of a questionnaire and how much it asks, where that changes.
fn figures(symptom: &SymptomImpact) -> Option<DifferenceRow> {
    let causes = |n: Option<usize>| n.map(|n| format!("{n} cause{}", if n == 1 { "" } else { "s" }));
    let questions = |n: Option<f64>| n.map(|n| format!("{n:.2} questions on average"));
    let words = |parts: [Option<String>; 2]| {
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
    };
    let before = words([causes(symptom.causes.before), questions(symptom.expected_questions.before)]);
    let after = words([causes(symptom.causes.after), questions(symptom.expected_questions.after)]);
    let url = Some(Kind::Symptom.url(symptom.symptom.as_str()));
    (before != after).then(|| DifferenceRow { what: symptom.title.clone(), url, before, after })
}

fn transcript(change: &TranscriptChange) -> DifferenceRow {
    let lands = |slug: &Option<Slug>| slug.as_ref().map_or_else(|| "nowhere".to_owned(), ToString::to_string);
    let wanted = if change.lands { "as it should".to_owned() } else { format!("it should land on {}", change.wanted) };
    DifferenceRow {
        what: format!("{}, line {}", change.path, change.line),
        url: None,
        before: lands(&change.before),
        after: format!("{} ({wanted})", lands(&change.after)),
    }
}

/// What a draft is about: the title of its text, or else its file.
pub fn title(draft: &Draft) -> String {
    match form::read(&draft.text).ok().as_ref().and_then(|form| form.field("title")) {
        Some(FieldValue::Text(title)) if !title.is_empty() => plain(title),
        _ => draft.path.clone(),
    }
}

/// Where a draft stands, in a few words.
pub fn state(draft: &Draft) -> String {
    let what = match (draft.retires, &draft.slug) {
        (true, _) => "retires it".to_owned(),
        (false, None) => format!("a new {}", draft.kind.word()),
        (false, Some(_)) => format!("a change of the {}", draft.kind.word()),
    };
    let by = named(&draft.authors);
    match draft.state {
        DraftState::Open => format!("{what}, draft of {by}"),
        DraftState::Waiting => {
            format!("{what}, {by} {} another editor to look at it", if draft.authors.len() == 1 { "asks" } else { "ask" })
        }
        DraftState::Published => format!("{what}, published"),
        DraftState::Discarded => format!("{what}, discarded"),
    }
}

/// Publishes a draft, or says why not.
pub async fn publish(request: HttpRequest, site: Data<Site>, id: Path<i64>, body: Bytes) -> Result<HttpResponse, Error> {
    let fields = Fields(guard::form(&request, &body)?);
    let draft = find(&site, *id).await?;
    if !draft.is_open() {
        return Ok(page::see_other(&format!("/draft/{id}")));
    }
    if fields.number("version") != draft.version {
        let said = format!("{} saved this draft since you looked at it. This is how it stands now.", draft.changed_by);
        return reviewed(&request, &site, draft, Refused::new(said, &fields)).await;
    }
    let why = fields.one("why").trim();
    if why.is_empty() {
        let said = "Say in one line why you change this: whoever looks at the history later has only that.".to_owned();
        return reviewed(&request, &site, draft, Refused::new(said, &fields)).await;
    }
    match site.app.publish_draft(&draft, &Visitor::now().actor(), why, fields.one("accepted")).await {
        Ok(done) if draft.retires => Ok(page::see_other(&format!("/history/{}/{}", done.kind.word(), done.slug))),
        Ok(done) => Ok(page::see_other(&done.kind.url(done.slug.as_str()))),
        Err(Refusal::App(cause)) => Err(cause.into()),
        Err(refusal) => {
            let refused = Refused::new(reason(&refusal), &fields);
            // As it stands now: somebody may have saved it meanwhile.
            let draft = find(&site, draft.id).await?;
            reviewed(&request, &site, draft, refused).await
        }
    }
}

/// Sends a draft to others, takes it back, discards it or brings it back.
pub async fn set_state(request: HttpRequest, site: Data<Site>, id: Path<i64>, body: Bytes) -> Result<HttpResponse, Error> {
    let fields = Fields(guard::form(&request, &body)?);
    let (draft, by) = (find(&site, *id).await?, Visitor::now().actor());
    match fields.one("to") {
        "waiting" => site.app.send_draft(&draft, &by).await?,
        "discarded" => site.app.discard_draft(draft.id, &by).await?,
        "open" => site.app.reopen_draft(draft.id, &by).await?,
        _ => return Err(Error::BadForm("the form does not say what to do with the draft".into())),
    };
    Ok(page::see_other(&format!("/draft/{id}")))
}

/// The document as it would look.
#[derive(Template)]
#[template(path = "write/preview.html")]
struct PreviewPage {
    layout: Layout,
    id: i64,
    title: Html,
    body: Html,
}

pub async fn preview(request: HttpRequest, site: Data<Site>, id: Path<i64>) -> Result<HttpResponse, Error> {
    let draft = find(&site, *id).await?;
    let title = title(&draft);
    let html = page::render(&PreviewPage {
        layout: Layout::unlisted(&format!("Preview: {title}"), "A draft as readers would see it."),
        id: draft.id,
        title: inline(&title),
        body: crate::web::markdown::render(body_of(&draft.text)).html,
    })?;
    Ok(page::fresh(&request, html))
}

/// The markdown below the front matter.
pub fn body_of(text: &str) -> &str {
    let Some(rest) = text.strip_prefix("---") else { return text };
    rest.find("\n---").map_or(text, |at| rest[at + 4..].trim_start_matches(['-', '\r', '\n']))
}

/// What a text looks like, for the live preview: a piece of a page.
pub async fn render_text(request: HttpRequest, body: Bytes) -> Result<HttpResponse, Error> {
    let fields = Fields(guard::form(&request, &body)?);
    let html = crate::web::markdown::render(body_of(fields.one("text"))).html.to_string();
    Ok(page::fresh(&request, html))
}
