//! What the knowledge base lacks, for those who write it.

use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::documents::helped;
use super::error::Error;
use super::home::Row;
use super::layout::Layout;
use super::markdown::{inline, plain};
use super::page;
use super::rights::Needs;
use super::search::marked;
use super::server::Site;
use super::visitor::Visitor;
use crate::app::gaps::{Declared, Missed};
use crate::app::watch::Held;
use crate::kb::{Entry, Kind};

/// Rows of a list; whoever mends the first ones sees the next.
const ROWS: usize = 100;

/// What a link from here carries: who looks at a miss again has not missed anything.
const MARK: &str = "search=gaps";

/// Whether somebody came from this page.
pub fn led_here(query: &str) -> bool {
    query.split('&').any(|pair| pair == MARK)
}

/// A row without markup: what somebody typed, or what may hold links of its own.
pub struct PlainRow {
    pub url: String,
    pub text: String,
    pub note: String,
    /// Where an editor writes what is missing.
    pub write_url: Option<String>,
}

/// A list that may be longer than what is shown of it.
pub struct Rows {
    pub shown: Vec<Row>,
    pub more: usize,
}

#[derive(Template)]
#[template(path = "gaps.html")]
struct GapsPage {
    layout: Layout,
    /// Why the folder cannot be read that the content is kept in.
    lost: Option<String>,
    broken: Vec<String>,
    /// Nothing for whoever has no account on a site that others reach: these are words that somebody typed.
    misses: Option<Vec<PlainRow>>,
    failing: Rows,
    declared: Vec<PlainRow>,
    disputed: Rows,
    overdue: Rows,
    never_verified: Rows,
}

pub async fn show(request: HttpRequest, site: Data<Site>) -> Result<HttpResponse, Error> {
    let snapshot = site.app.snapshot();
    let gaps = site.app.gaps(&snapshot, ROWS).await?;
    let verified = |entry: &Entry| entry.verified.as_ref().map(|v| format!("verified on {}", v.on)).unwrap_or_default();
    let owner = |entry: &Entry| entry.owner.as_ref().map(|owner| format!("owner: {owner}")).unwrap_or_default();
    let html = page::render(&GapsPage {
        layout: Layout::new("Gaps", "What people looked for in vain, and entries that need somebody's look.", "/gaps"),
        lost: snapshot.folder.as_ref().and_then(|folder| folder.lost.clone()),
        broken: snapshot.folder.iter().flat_map(|folder| folder.held.iter().map(broken)).collect(),
        misses: shows_misses().then(|| gaps.misses.iter().map(missed).collect()),
        failing: rows(&gaps.failing, |(entry, counts)| row(entry, helped(*counts).unwrap_or_default())),
        declared: gaps.declared.iter().map(declared).collect(),
        disputed: rows(&gaps.disputed, |entry| row(entry, owner(entry))),
        overdue: rows(&gaps.overdue, |entry| row(entry, verified(entry))),
        never_verified: rows(&gaps.never_verified, |entry| row(entry, owner(entry))),
    })?;
    // Misses are counted without anything being published.
    Ok(page::fresh(&request, html))
}

fn shows_misses() -> bool {
    let visitor = Visitor::now();
    visitor.rules.loopback || !visitor.is_nobody()
}

fn rows<T>(all: &[T], row: impl Fn(&T) -> Row) -> Rows {
    Rows { shown: all.iter().take(ROWS).map(row).collect(), more: all.len().saturating_sub(ROWS) }
}

fn row(entry: &Arc<Entry>, note: String) -> Row {
    Row { url: Kind::Entry.url(entry.slug.as_str()), title: inline(&entry.title), note }
}

/// A file that is not shown as it is in its folder. The problem may stand in another one.
fn broken(held: &Held) -> String {
    let Held { path, problem } = held;
    let place = format!("{}, line {}", problem.path, problem.line);
    match *path == problem.path {
        true => format!("{place}: {}", problem.message),
        false => format!("{path}: {place}: {}", problem.message),
    }
}

fn missed(missed: &Missed) -> PlainRow {
    let how = missed.kind.words();
    let note = if missed.count == 1 { how.to_owned() } else { format!("{how}, {} times", missed.count) };
    let write_url = Visitor::now().may(Needs::Editor).then(|| missed.write_url.clone());
    PlainRow { url: marked(&missed.url, Some(MARK)), text: missed.text.clone(), note, write_url }
}

fn declared(gap: &Declared) -> PlainRow {
    let query = gap.url.split_once('?').map_or("", |(_, query)| query);
    let write_url = Visitor::now().may(Needs::Editor).then(|| format!("/new/entry?{query}"));
    PlainRow { url: marked(&gap.url, Some(MARK)), text: plain(&gap.reason), note: plain(&gap.symptom.title), write_url }
}
