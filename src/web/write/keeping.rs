//! Acts on a document that are no edit: rename, retire, verify, and notes for its owner. Start at [`rename_form`].

use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::{Fields, document, document_today, moved};
use crate::app::history::History;
use crate::app::proposal::{Proposal, Refusal};
use crate::kb::Kind;
use crate::web::error::Error;
use crate::web::layout::Layout;
use crate::web::server::Site;
use crate::web::visitor::Visitor;
use crate::web::{guard, page};

#[derive(Template)]
#[template(path = "write/act.html")]
struct ActPage {
    layout: Layout,
    heading: String,
    lead: String,
    url: String,
    action: String,
    /// The name to change; nothing when it is to be retired.
    path: Option<String>,
    button: &'static str,
}

async fn find(site: &Site, kind: &str, slug: &str) -> Result<History, Error> {
    let (kind, slug) = document_today(site, kind, slug)?;
    site.app.history(kind, &slug).await?.ok_or(Error::NoSuchPage)
}

pub async fn rename_form(request: HttpRequest, site: Data<Site>, at: Path<(String, String)>) -> Result<HttpResponse, Error> {
    let document = find(&site, &at.0, &at.1).await?.document;
    if let Some(way) = moved(&request, "rename", &at.1, document.kind, &document.slug) {
        return Ok(way);
    }
    let html = page::render(&ActPage {
        layout: Layout::unlisted(&format!("Rename {}", document.slug), "A new name; the old one stays a way to it."),
        heading: format!("Rename “{}”", document.slug),
        lead:
            "The name is the address. Links with the old one go on to work, and every document that names it is changed with it. \
               You see all of that before it happens."
                .to_owned(),
        url: document.kind.url(document.slug.as_str()),
        action: request.path().to_owned(),
        path: Some(document.path),
        button: "What would this change?",
    })?;
    Ok(page::fresh(&request, html))
}

pub async fn rename(
    request: HttpRequest,
    site: Data<Site>,
    at: Path<(String, String)>,
    body: Bytes,
) -> Result<HttpResponse, Error> {
    let fields = Fields(guard::form(&request, &body)?);
    let document = find(&site, &at.0, &at.1).await?.document;
    let path = fields.one("path").trim().to_owned();
    let why = format!("renamed from {} to {path}", document.path);
    begin(&site, Proposal { path, ..unchanged(document) }, &why).await
}

pub async fn retire_form(request: HttpRequest, site: Data<Site>, at: Path<(String, String)>) -> Result<HttpResponse, Error> {
    let document = find(&site, &at.0, &at.1).await?.document;
    if let Some(way) = moved(&request, "retire", &at.1, document.kind, &document.slug) {
        return Ok(way);
    }
    let html = page::render(&ActPage {
        layout: Layout::unlisted(&format!("Retire {}", document.slug), "What nobody needs any more."),
        heading: format!("Retire “{}”", document.slug),
        lead:
            "Nobody is led to it any more. Its page says why, its history stays, and it can be restored. You see what it changes \
               before it happens."
                .to_owned(),
        url: document.kind.url(document.slug.as_str()),
        action: request.path().to_owned(),
        path: None,
        button: "What would this change?",
    })?;
    Ok(page::fresh(&request, html))
}

pub async fn retire(site: Data<Site>, at: Path<(String, String)>) -> Result<HttpResponse, Error> {
    let document = find(&site, &at.0, &at.1).await?.document;
    begin(&site, Proposal { retires: true, ..unchanged(document) }, "").await
}

fn unchanged(document: crate::app::history::Document) -> Proposal {
    let crate::app::history::Document { kind, slug, path, text, revision, .. } = document;
    Proposal { kind, slug: Some(slug), base: revision, path, text, retires: false, act: None }
}

async fn begin(site: &Site, proposal: Proposal, why: &str) -> Result<HttpResponse, Error> {
    let id = site.app.begin_draft(&proposal, why, &Visitor::now().actor()).await?;
    Ok(page::see_other(&format!("/draft/{id}")))
}

/// "I tried this fix": with what it was tried against.
pub async fn verify(request: HttpRequest, site: Data<Site>, slug: Path<String>, body: Bytes) -> Result<HttpResponse, Error> {
    let fields = Fields(guard::form(&request, &body)?);
    let (_, slug) = document_today(&site, Kind::Entry.word(), &slug)?;
    match site.app.verify(&slug, fields.one("against").trim(), &Visitor::now().actor()).await {
        Ok(done) => Ok(page::see_other(&done.kind.url(done.slug.as_str()))),
        Err(Refusal::Same) => Err(Error::NotPublished(
            "The entry says already that you tried it today, against just that. If you tried it against something else as well, go \
             back and say what."
                .to_owned(),
        )),
        Err(refusal) => Err(refusal.into()),
    }
}

/// The longest note; what is longer is an edit.
const LONGEST_NOTE: usize = 2_000;

pub async fn add_note(
    request: HttpRequest,
    site: Data<Site>,
    at: Path<(String, String)>,
    body: Bytes,
) -> Result<HttpResponse, Error> {
    let fields = Fields(guard::form(&request, &body)?);
    let (kind, slug) = document(&at.0, &at.1)?;
    let snapshot = site.app.snapshot();
    let slug = snapshot.kb.find_slug(kind, slug.as_str()).ok_or(Error::NoSuchPage)?;
    let text = fields.one("text").trim().replace("\r\n", "\n");
    if text.is_empty() || text.chars().count() > LONGEST_NOTE {
        let given = text.chars().count();
        return Err(Error::BadForm(format!(
            "a note has 1 to {LONGEST_NOTE} characters, this one has {given}: go back and change it"
        )));
    }
    let section: String = fields.one("section").chars().take(120).collect();
    site.app.add_note(kind, &slug, &section, &text, &Visitor::now().actor()).await?;
    Ok(page::see_other(&format!("{}?noted", kind.url(slug.as_str()))))
}

/// Marks a note as dealt with, or brings it back.
pub async fn finish_note(request: HttpRequest, site: Data<Site>, id: Path<i64>, body: Bytes) -> Result<HttpResponse, Error> {
    let fields = Fields(guard::form(&request, &body)?);
    site.app.finish_note(*id, fields.one("done") == "yes", &Visitor::now().actor()).await?;
    Ok(page::see_other("/write#notes"))
}
