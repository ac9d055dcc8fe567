//! Fixes, symptoms and questions as documents: a page, or the markdown source.

use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::error::{Error, Nearby};
use super::layout::{Layout, absolute};
use super::markdown::{Heading, Html, first_sentence_of, inline, plain, render, render_entry};
use super::page;
use super::rights::Needs;
use super::server::Site;
use super::visitor::Visitor;
use super::write;
use crate::app::gaps::is_overdue;
use crate::app::snapshot::{Counts, Snapshot};
use crate::kb::{Entry, Kind, KnowledgeBase, Slug, Verified, nearest_few};

pub struct Link {
    pub title: Html,
    pub url: String,
}

/// A condition of an entry, in words.
pub struct Sign {
    pub question: Html,
    pub url: String,
    pub options: Vec<Html>,
}

/// An entry as it is shown, on its own page and at the end of a questionnaire.
pub struct Document {
    pub slug: String,
    pub title: Html,
    pub plain_title: String,
    /// One line of why.
    pub why: String,
    pub body: Html,
    pub contents: Vec<Heading>,
    pub symptoms: Vec<Link>,
    /// Any of these lists of signs points at the entry.
    pub signs: Vec<Vec<Sign>>,
    pub sources: Vec<Link>,
    pub disputed: Option<Html>,
    pub area: String,
    pub tags: String,
    pub likelihood: &'static str,
    pub owner: Option<String>,
    pub verified: Option<String>,
    pub helped: Option<String>,
    pub url: String,
    pub absolute_url: String,
    /// Title, why and link, ready for a chat.
    pub chat: String,
}

/// How often a fix helped, in words.
pub fn helped(counts: Counts) -> Option<String> {
    let Counts { worked, failed } = counts;
    let times = |n: i64| if n == 1 { "once".to_owned() } else { format!("{n} times") };
    match (worked, failed) {
        (0, 0) => None,
        (w, 0) => Some(format!("helped {}", times(w))),
        (0, f) => Some(format!("did not help {}", times(f))),
        (w, f) => Some(format!("helped {}, did not {}", times(w), times(f))),
    }
}

impl Document {
    pub fn of_entry(snapshot: &Snapshot, entry: &Entry) -> Document {
        let kb = &snapshot.kb;
        let alike = |slug: &str| {
            let other = kb.entries.get(slug).filter(|other| other.slug != entry.slug)?;
            Some(Link { title: inline(&other.title), url: Kind::Entry.url(slug) })
        };
        let rendered = render_entry(&entry.body, &alike);
        let why = first_sentence_of(&entry.body, "## Cause");
        let url = Kind::Entry.url(entry.slug.as_str());
        let absolute_url = absolute(&url);
        let plain_title = plain(&entry.title);
        Document {
            slug: entry.slug.to_string(),
            title: inline(&entry.title),
            chat: format!("{plain_title}\n{why}\n{absolute_url}"),
            plain_title,
            why,
            body: rendered.html,
            contents: rendered.contents,
            symptoms: entry.symptoms.iter().filter_map(|s| symptom_link(kb, s)).collect(),
            signs: entry.when.iter().map(|c| c.0.iter().filter_map(|(q, o)| sign(kb, q, o)).collect()).collect(),
            sources: entry.sources.iter().map(|s| Link { title: inline(&s.title), url: s.url.clone() }).collect(),
            disputed: entry.disputed.as_deref().map(inline),
            area: entry.area.clone(),
            tags: entry.tags.join(", "),
            likelihood: entry.likelihood.word(),
            owner: entry.owner.clone(),
            verified: entry.verified.as_ref().map(|v| verified(v, is_overdue(entry))),
            helped: helped(snapshot.outcomes.counts(&entry.slug)),
            url,
            absolute_url,
        }
    }
}

/// When a fix was tried, by whom and against what, and whether that is too long ago.
fn verified(verified: &Verified, overdue: bool) -> String {
    let by = verified.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
    let against = verified.against.as_ref().map(|against| format!(", against {against}")).unwrap_or_default();
    let overdue = if overdue { ". That is more than a year ago: try it again before you rely on it." } else { "" };
    format!("{}{by}{against}{overdue}", verified.on)
}

/// What people do with a document besides reading it.
pub struct Keep {
    pub kind: &'static str,
    pub slug: String,
    /// The sections at which a note can be left.
    pub sections: Vec<String>,
    pub is_entry: bool,
    pub can_write: bool,
    pub can_note: bool,
    /// What is kept in a folder has its history there.
    pub has_history: bool,
}

impl Keep {
    fn new(kind: Kind, slug: &Slug, contents: &[Heading]) -> Keep {
        let visitor = Visitor::now();
        Keep {
            kind: kind.word(),
            slug: slug.to_string(),
            sections: contents.iter().map(|h| h.text.clone()).collect(),
            is_entry: kind == Kind::Entry,
            can_write: visitor.may(Needs::Editor),
            can_note: visitor.may(Needs::Note),
            has_history: !visitor.rules.read_only,
        }
    }
}

fn symptom_link(kb: &KnowledgeBase, slug: &Slug) -> Option<Link> {
    kb.symptoms.get(slug).map(|s| Link { title: inline(&s.title), url: Kind::Symptom.url(slug.as_str()) })
}

fn sign(kb: &KnowledgeBase, question: &Slug, options: &std::collections::BTreeSet<Slug>) -> Option<Sign> {
    let asked = kb.questions.get(question)?;
    let labels = options.iter().filter_map(|o| asked.option(o.as_str())).map(|o| inline(&o.label));
    Some(Sign { question: inline(&asked.title), url: Kind::Question.url(question.as_str()), options: labels.collect() })
}

/// What is to be said of a document that is kept in a folder elsewhere.
#[derive(Default)]
pub struct Kept {
    /// Why this is not what the folder holds.
    older: Option<String>,
    edit_url: Option<String>,
}

impl Kept {
    fn new(snapshot: &Snapshot, kind: Kind, slug: &Slug) -> Kept {
        let Some(folder) = &snapshot.folder else { return Kept::default() };
        let older = folder.problem_of(kind, slug).map(|p| format!("{}, line {}: {}", p.path, p.line, p.message));
        Kept { older, edit_url: folder.edit_link(kind, slug) }
    }
}

/// What a request for a document gets: its source, its page, or the way to where it is now.
enum Wanted {
    Page(Slug),
    Source(Slug),
    Moved(String),
}

fn wanted(request: &HttpRequest, kb: &KnowledgeBase, kind: Kind, name: &str) -> Result<Wanted, Error> {
    let (name, source) = match name.strip_suffix(".md") {
        Some(bare) => (bare, true),
        None => (name, prefers_markdown(request)),
    };
    let Some(slug) = kb.find_slug(kind, name) else {
        return Err(Error::NoSuchDocument { kind, slug: name.to_owned(), nearby: nearby(kb, kind, name) });
    };
    if slug.as_str() != name {
        let suffix = if source { ".md" } else { "" };
        return Ok(Wanted::Moved(format!("{}{suffix}", kind.url(slug.as_str()))));
    }
    Ok(if source { Wanted::Source(slug) } else { Wanted::Page(slug) })
}

fn prefers_markdown(request: &HttpRequest) -> bool {
    let accepted = request.headers().get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    accepted.contains("text/markdown") && !accepted.contains("text/html")
}

/// Pages that exist and are called much the same. Among very many, only the first ones are looked at.
fn nearby(kb: &KnowledgeBase, kind: Kind, name: &str) -> Vec<Nearby> {
    let near = |kind: Kind, count: usize| {
        let known = kb.list_slugs(kind).take(2_000).map(Slug::as_str);
        let found = nearest_few(name, known, count);
        found.into_iter().map(move |slug| (kind, slug.to_owned())).collect::<Vec<_>>()
    };
    let others = Kind::ALL.into_iter().filter(|k| *k != kind).flat_map(|k| near(k, 1));
    near(kind, 4)
        .into_iter()
        .chain(others)
        .map(|(kind, slug)| Nearby {
            title: kb.find_document(kind, &slug).map_or_else(|| slug.clone(), |(title, _)| plain(title)),
            url: kind.url(&slug),
        })
        .collect()
}

/// Answers with a document of any kind, or with what became of it.
async fn respond(
    request: &HttpRequest,
    site: &Site,
    kind: Kind,
    name: &str,
    make: impl FnOnce(&Snapshot, &Slug, Option<Said>) -> Result<String, Error>,
) -> Result<HttpResponse, Error> {
    let snapshot = site.app.snapshot();
    let wanted = match wanted(request, &snapshot.kb, kind, name) {
        Err(missing) => return Err(retired(site, kind, name).await?.unwrap_or(missing)),
        Ok(wanted) => wanted,
    };
    match wanted {
        Wanted::Moved(url) => Ok(page::moved(&url)),
        Wanted::Source(slug) => {
            let source = snapshot.kb.find_document(kind, slug.as_str()).map(|(_, s)| s.to_string()).unwrap_or_default();
            let response = HttpResponse::Ok()
                .insert_header((header::CONTENT_TYPE, "text/markdown; charset=utf-8"))
                .insert_header((header::CACHE_CONTROL, "private, no-cache"))
                .insert_header((header::VARY, "accept"))
                .body(source);
            Ok(response)
        }
        Wanted::Page(slug) => match Said::read(request.query_string()) {
            None => {
                let address = kind.url(slug.as_str());
                site.shelf.respond(request, snapshot.number, &address, || make(&snapshot, &slug, None))
            }
            said => Ok(page::fresh(request, make(&snapshot, &slug, said)?)),
        },
    }
}

/// What is retired has a page that says why, under every name that it had.
async fn retired(site: &Site, kind: Kind, name: &str) -> Result<Option<Error>, Error> {
    let Some(slug) = Slug::parse(name.strip_suffix(".md").unwrap_or(name)) else { return Ok(None) };
    let Some(history) = site.app.find_history(kind, &slug).await? else { return Ok(None) };
    Ok(write::history::retired(&history).map(|why| Error::Retired { kind, slug: history.document.slug.to_string(), why }))
}

#[derive(Template)]
#[template(path = "document/fix.html")]
struct FixPage {
    layout: Layout,
    fix: Document,
    keep: Keep,
    kept: Kept,
    said: Option<Said>,
}

/// What a page says first to whoever has just done something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    Thanks,
    Noted,
}

impl Said {
    fn read(query: &str) -> Option<Said> {
        match query {
            "thanks" => Some(Said::Thanks),
            "noted" => Some(Said::Noted),
            _ => None,
        }
    }
}

pub async fn fix(request: HttpRequest, site: Data<Site>, name: Path<String>) -> Result<HttpResponse, Error> {
    let query = request.query_string();
    if let Some(number) = query.strip_prefix("search=") {
        let entry = site.app.snapshot().kb.find_slug(Kind::Entry, &name);
        if let (Ok(number), Some(entry)) = (number.parse(), entry) {
            site.app.landed(number, &entry);
        }
        return Ok(page::see_other(&Kind::Entry.url(&crate::app::links::escape(&name))));
    }
    respond(&request, &site, Kind::Entry, &name, |snapshot, slug, said| {
        let fix = Document::of_entry(snapshot, &snapshot.kb.entries[slug]);
        let keep = Keep::new(Kind::Entry, slug, &fix.contents);
        let kept = Kept::new(snapshot, Kind::Entry, slug);
        page::render(&FixPage { layout: Layout::new(&fix.plain_title, &fix.why, &fix.url), fix, keep, kept, said })
    })
    .await
}

pub struct CauseRow {
    pub title: Html,
    pub url: String,
    pub why: String,
    pub likelihood: &'static str,
    pub helped: Option<String>,
}

#[derive(Template)]
#[template(path = "document/symptom.html")]
struct SymptomPage {
    layout: Layout,
    said: Option<Said>,
    kept: Kept,
    slug: String,
    title: Html,
    body: Html,
    messages: Vec<String>,
    statuses: String,
    causes: Vec<CauseRow>,
    source_url: String,
    keep: Keep,
}

/// Causes on the page of a symptom. The questionnaire leads to every one of them.
const CAUSES: usize = 200;

pub async fn symptom(request: HttpRequest, site: Data<Site>, name: Path<String>) -> Result<HttpResponse, Error> {
    if let Some(number) = request.query_string().strip_prefix("search=") {
        number.parse().map(|n| site.app.opened(n)).unwrap_or_default();
    }
    respond(&request, &site, Kind::Symptom, &name, |snapshot, slug, said| {
        let kb = &snapshot.kb;
        let symptom = &kb.symptoms[slug];
        let mut causes: Vec<&std::sync::Arc<Entry>> = kb.list_causes(slug.as_str()).collect();
        causes.sort_by(|a, b| a.likelihood.cmp(&b.likelihood).then(a.slug.cmp(&b.slug)));
        let rows = causes.iter().take(CAUSES).map(|e| CauseRow {
            title: inline(&e.title),
            url: Kind::Entry.url(e.slug.as_str()),
            why: first_sentence_of(&e.body, "## Cause"),
            likelihood: e.likelihood.word(),
            helped: helped(snapshot.outcomes.counts(&e.slug)),
        });
        let description = format!("{} known causes, told apart by a few questions. {}", causes.len(), plain(&symptom.body));
        let url = Kind::Symptom.url(slug.as_str());
        page::render(&SymptomPage {
            layout: Layout::new(&symptom.title, &description, &url),
            said,
            kept: Kept::new(snapshot, Kind::Symptom, slug),
            slug: slug.to_string(),
            title: inline(&symptom.title),
            body: render(&symptom.body).html,
            messages: symptom.messages.clone(),
            statuses: symptom.statuses.iter().map(u16::to_string).collect::<Vec<_>>().join(", "),
            causes: rows.collect(),
            source_url: format!("{url}.md"),
            keep: Keep::new(Kind::Symptom, slug, &[]),
        })
    })
    .await
}

pub struct OptionRow {
    pub label: Html,
    pub healthy: bool,
    pub causes: Vec<Link>,
    /// What it means that no entry names this option.
    pub without_cause: &'static str,
}

#[derive(Template)]
#[template(path = "document/question.html")]
struct QuestionPage {
    layout: Layout,
    said: Option<Said>,
    kept: Kept,
    title: Html,
    why: Html,
    effort: &'static str,
    body: Html,
    options: Vec<OptionRow>,
    /// A paste may answer it.
    can_be_read: bool,
    source_url: String,
    keep: Keep,
}

pub async fn question(request: HttpRequest, site: Data<Site>, name: Path<String>) -> Result<HttpResponse, Error> {
    if let Some(number) = request.query_string().strip_prefix("search=") {
        number.parse().map(|n| site.app.opened(n)).unwrap_or_default();
    }
    respond(&request, &site, Kind::Question, &name, |snapshot, slug, said| {
        let kb = &snapshot.kb;
        let question = &kb.questions[slug];
        let names = |e: &Entry, option: &Slug| e.when.iter().any(|c| c.names(slug).is_some_and(|o| o.contains(option)));
        let options = question.options.iter().map(|o| OptionRow {
            label: inline(&o.label),
            healthy: o.healthy,
            without_cause: match (o.healthy, question.is_check()) {
                (true, _) => "Nothing is wrong here.",
                (false, true) => "A known gap: no entry yet.",
                (false, false) => "Speaks for no cause in particular.",
            },
            causes: kb
                .entries
                .values()
                .filter(|e| names(e, &o.id))
                .take(CAUSES)
                .map(|e| Link { title: inline(&e.title), url: Kind::Entry.url(e.slug.as_str()) })
                .collect(),
        });
        let url = Kind::Question.url(slug.as_str());
        page::render(&QuestionPage {
            layout: Layout::new(&question.title, &question.why, &url),
            said,
            kept: Kept::new(snapshot, Kind::Question, slug),
            title: inline(&question.title),
            why: inline(&question.why),
            effort: question.effort.words(),
            body: render(&question.body).html,
            options: options.collect(),
            can_be_read: question.options.iter().any(|o| o.detect.is_some()),
            source_url: format!("{url}.md"),
            keep: Keep::new(Kind::Question, slug, &[]),
        })
    })
    .await
}
