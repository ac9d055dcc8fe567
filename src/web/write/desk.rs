//! The desk of an editor: drafts, notes from readers, what is overdue, what is retired. Start at [`show`].

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::author;
use super::review::{state, title};
use crate::app::drafts::{Draft, DraftState};
use crate::app::gaps::is_overdue;
use crate::app::history::{Document, ReaderNote};
use crate::app::people::Role;
use crate::app::snapshot::Snapshot;
use crate::kb::{Kind, KnowledgeBase};
use crate::web::error::Error;
use crate::web::home::Row;
use crate::web::layout::Layout;
use crate::web::markdown::{Html, inline};
use crate::web::page;
use crate::web::server::Site;

struct DraftRow {
    id: i64,
    url: String,
    title: String,
    note: String,
}

struct NoteRow {
    id: i64,
    url: String,
    title: Html,
    section: String,
    text: String,
    from: String,
}

#[derive(Template)]
#[template(path = "write/desk.html")]
struct DeskPage {
    layout: Layout,
    waiting: Vec<DraftRow>,
    yours: Vec<DraftRow>,
    others: Vec<DraftRow>,
    discarded: Vec<DraftRow>,
    notes: Vec<NoteRow>,
    other_notes: Vec<NoteRow>,
    overdue: Vec<Row>,
    retired: Vec<Row>,
}

pub async fn show(request: HttpRequest, site: Data<Site>) -> Result<HttpResponse, Error> {
    let me = author()?;
    let snapshot = site.app.snapshot();
    let (drafts, discarded) = (site.app.list_drafts().await?, site.app.list_discarded().await?);
    let (waiting, open): (Vec<&Draft>, Vec<&Draft>) = drafts.iter().partition(|d| d.state == DraftState::Waiting);
    let (yours, others): (Vec<&Draft>, Vec<&Draft>) = open.into_iter().partition(|d| d.changed_by == me);
    let rows = |drafts: Vec<&Draft>| drafts.into_iter().map(draft_row).collect();
    let (all, people) = (site.app.list_notes().await?, site.app.list_people().await?);
    let may_write = |name: &str| {
        let mut found = people.iter().filter(|listed| listed.active && listed.person.role >= Role::Editor);
        found.any(|listed| listed.person.name.eq_ignore_ascii_case(name))
    };
    let (notes, other): (Vec<&ReaderNote>, Vec<&ReaderNote>) =
        all.iter().partition(|note| owner(&snapshot.kb, note).is_none_or(|o| o.eq_ignore_ascii_case(&me) || !may_write(o)));
    let note_rows = |notes: Vec<&ReaderNote>| notes.into_iter().map(|note| note_row(&snapshot.kb, note)).collect();
    let html = page::render(&DeskPage {
        layout: Layout::new("Write", "Drafts, notes from readers, and what is to be verified.", "/write"),
        waiting: rows(waiting),
        yours: rows(yours),
        others: rows(others),
        discarded: rows(discarded.iter().collect()),
        notes: note_rows(notes),
        other_notes: note_rows(other),
        overdue: overdue(&snapshot, &me),
        retired: site.app.list_retired().await?.iter().map(retired_row).collect(),
    })?;
    Ok(page::fresh(&request, html))
}

fn draft_row(draft: &Draft) -> DraftRow {
    let note = format!("{}, {}", state(draft), page::day(draft.changed_at));
    DraftRow { id: draft.id, url: format!("/draft/{}", draft.id), title: title(draft), note }
}

/// To whom a note goes. Where nobody owns the document, or its owner does not write here, it goes to every editor.
fn owner<'a>(kb: &'a KnowledgeBase, note: &ReaderNote) -> Option<&'a str> {
    match Kind::parse(&note.kind) {
        Some(Kind::Entry) => kb.entries.get(note.slug.as_str()).and_then(|e| e.owner.as_deref()),
        _ => None,
    }
}

fn note_row(kb: &KnowledgeBase, note: &ReaderNote) -> NoteRow {
    let kind = Kind::parse(&note.kind).unwrap_or(Kind::Entry);
    let title = kb.find_document(kind, &note.slug).map_or(note.slug.as_str(), |(title, _)| title);
    NoteRow {
        id: note.id,
        url: kind.url(&note.slug),
        title: inline(title),
        section: note.section.clone(),
        text: note.text.clone(),
        from: format!("from {}, {}", note.made_by, page::day(note.made_at)),
    }
}

/// Entries of this owner that should be tried again, the oldest first.
fn overdue(snapshot: &Snapshot, me: &str) -> Vec<Row> {
    let owned = |owner: &Option<String>| owner.as_deref().is_some_and(|o| o.eq_ignore_ascii_case(me));
    let entries = snapshot.kb.entries.values().filter(|e| owned(&e.owner) && is_overdue(e));
    let mut rows: Vec<(String, Row)> = entries
        .map(|e| {
            let on = e.verified.as_ref().map(|v| v.on.clone()).unwrap_or_default();
            let note = if on.is_empty() { "never verified".to_owned() } else { format!("verified on {on}") };
            (on, Row { url: Kind::Entry.url(e.slug.as_str()), title: inline(&e.title), note })
        })
        .collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    rows.into_iter().map(|(_, row)| row).collect()
}

fn retired_row(document: &Document) -> Row {
    let Document { kind, slug, retired_at, .. } = document;
    Row {
        url: format!("/history/{}/{slug}", kind.word()),
        title: inline(slug.as_str()),
        note: retired_at.map(|at| format!("{}, {}", kind.word(), page::day(at))).unwrap_or_default(),
    }
}
