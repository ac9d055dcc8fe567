//! What a document was: its revisions, what each changed, who wrote which line. Start at [`show`].

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::diff::{Part, Sides, parts};
use super::document;
use crate::app::history::{History, Revision};
use crate::editing::authorship::blame;
use crate::kb::{Kind, Slug};
use crate::web::error::Error;
use crate::web::layout::Layout;
use crate::web::markdown::{Html, inline};
use crate::web::page;
use crate::web::rights::Needs;
use crate::web::server::Site;
use crate::web::visitor::Visitor;

struct RevisionRow {
    number: i64,
    why: String,
    said: String,
    accepted: String,
}

#[derive(Template)]
#[template(path = "write/history.html")]
struct HistoryPage {
    layout: Layout,
    kind: &'static str,
    slug: String,
    title: Html,
    url: String,
    edit_url: String,
    retired: Option<String>,
    can_write: bool,
    revisions: Vec<RevisionRow>,
}

/// A document with its history, by its address; a former name leads to the one of today.
async fn find(site: &Site, kind: &str, slug: &str) -> Result<History, Error> {
    let (kind, slug) = document(kind, slug)?;
    site.app.find_history(kind, &slug).await?.ok_or(Error::NoSuchPage)
}

fn title(site: &Site, kind: Kind, slug: &Slug) -> Html {
    let snapshot = site.app.snapshot();
    inline(snapshot.kb.find_document(kind, slug.as_str()).map_or(slug.as_str(), |(title, _)| title))
}

/// Who did it, and when.
fn said(revision: &Revision) -> String {
    format!("{} by {}, {}", revision.act.words(), revision.made_by, page::time(revision.made_at))
}

/// Why a document is retired, if it is.
pub fn retired(history: &History) -> Option<String> {
    let at = history.document.retired_at?;
    let newest = history.newest()?;
    Some(format!("Retired on {} by {}: {}", page::day(at), newest.made_by, newest.why))
}

pub async fn show(request: HttpRequest, site: Data<Site>, at: Path<(String, String)>) -> Result<HttpResponse, Error> {
    let history = find(&site, &at.0, &at.1).await?;
    let (kind, slug) = (history.document.kind, history.document.slug.clone());
    let rows = history.revisions.iter().map(|r| RevisionRow {
        number: r.number,
        why: if r.why.is_empty() { format!("Revision {}", r.number) } else { r.why.clone() },
        said: said(r),
        accepted: r.accepted.clone(),
    });
    let html = page::render(&HistoryPage {
        layout: Layout::unlisted(&format!("History of {slug}"), "Who changed what, when and why."),
        kind: kind.word(),
        title: title(&site, kind, &slug),
        url: kind.url(slug.as_str()),
        edit_url: format!("/edit/{}/{slug}", kind.word()),
        retired: retired(&history),
        can_write: Visitor::now().may(Needs::Editor),
        revisions: rows.collect(),
        slug: slug.to_string(),
    })?;
    Ok(page::fresh(&request, html))
}

#[derive(Template)]
#[template(path = "write/revision.html")]
struct RevisionPage {
    layout: Layout,
    kind: &'static str,
    slug: String,
    title: Html,
    url: String,
    number: i64,
    why: String,
    said: String,
    accepted: String,
    others: Vec<i64>,
    with: Option<i64>,
    in_words: bool,
    words: Vec<Part>,
    diff: Sides,
    text: String,
    can_restore: bool,
}

impl RevisionPage {
    fn is_with(&self, number: &i64) -> bool {
        self.with == Some(*number)
    }
}

pub async fn revision(request: HttpRequest, site: Data<Site>, at: Path<(String, String, i64)>) -> Result<HttpResponse, Error> {
    let history = find(&site, &at.0, &at.1).await?;
    let (kind, slug) = (history.document.kind, history.document.slug.clone());
    let this = history.find(at.2).ok_or(Error::NoSuchPage)?;
    let query = url::form_urlencoded::parse(request.query_string().as_bytes());
    let asked = |name: &str| query.clone().find(|(k, _)| k == name).map(|(_, v)| v.into_owned());
    let with = match asked("with").and_then(|n| n.parse::<i64>().ok()) {
        Some(number) => history.find(number),
        None => history.before(this.number),
    };
    let old = with.map_or("", |r| r.text.as_str());
    let in_words = asked("as").as_deref() == Some("words");
    let left = with.map_or_else(|| "Nothing".to_owned(), |r| format!("Revision {}", r.number));
    let is_today = history.newest().is_some_and(|n| n.number == this.number) && history.document.retired_at.is_none();
    let html = page::render(&RevisionPage {
        layout: Layout::unlisted(&format!("Revision {} of {slug}", this.number), "What a revision changed."),
        kind: kind.word(),
        title: title(&site, kind, &slug),
        url: kind.url(slug.as_str()),
        number: this.number,
        why: this.why.clone(),
        said: said(this),
        accepted: this.accepted.clone(),
        others: history.revisions.iter().map(|r| r.number).filter(|n| *n != this.number).collect(),
        with: with.map(|r| r.number),
        in_words,
        words: if in_words { parts(old, &this.text) } else { Vec::new() },
        diff: Sides::new(&left, old, &format!("Revision {}", this.number), &this.text),
        text: this.text.clone(),
        can_restore: !is_today && Visitor::now().may(Needs::Editor),
        slug: slug.to_string(),
    })?;
    Ok(page::fresh(&request, html))
}

/// Makes a draft of an old text: its review says what going back would change.
pub async fn restore(site: Data<Site>, at: Path<(String, String, i64)>) -> Result<HttpResponse, Error> {
    let history = find(&site, &at.0, &at.1).await?;
    let this = history.find(at.2).ok_or(Error::NoSuchPage)?;
    let proposal = site.app.restoring(&history, this).await?;
    let why = format!("back to revision {}", this.number);
    let id = site.app.begin_draft(&proposal, &why, &Visitor::now().actor()).await?;
    Ok(page::see_other(&format!("/draft/{id}")))
}

struct LineRow {
    number: usize,
    text: String,
    revision: i64,
    by: String,
    on: String,
    /// The first of several lines of one revision.
    is_first: bool,
}

#[derive(Template)]
#[template(path = "write/lines.html")]
struct LinesPage {
    layout: Layout,
    kind: &'static str,
    slug: String,
    title: Html,
    url: String,
    lines: Vec<LineRow>,
}

pub async fn lines(request: HttpRequest, site: Data<Site>, at: Path<(String, String)>) -> Result<HttpResponse, Error> {
    let history = find(&site, &at.0, &at.1).await?;
    let (kind, slug) = (history.document.kind, history.document.slug.clone());
    let oldest_first: Vec<&Revision> = history.revisions.iter().rev().collect();
    let texts: Vec<&str> = oldest_first.iter().map(|r| r.text.as_str()).collect();
    let mut before = None;
    let rows = blame(&texts).into_iter().zip(history.document.text.lines()).enumerate().map(|(at, (index, text))| {
        let revision = oldest_first[index];
        let is_first = before.replace(index) != Some(index);
        LineRow {
            number: at + 1,
            text: text.to_owned(),
            revision: revision.number,
            by: revision.made_by.clone(),
            on: page::day(revision.made_at),
            is_first,
        }
    });
    let html = page::render(&LinesPage {
        layout: Layout::unlisted(&format!("Who wrote {slug}"), "Each line with who wrote it."),
        kind: kind.word(),
        title: title(&site, kind, &slug),
        url: kind.url(slug.as_str()),
        lines: rows.collect(),
        slug: slug.to_string(),
    })?;
    Ok(page::fresh(&request, html))
}
