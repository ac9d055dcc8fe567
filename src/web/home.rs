//! The home page: one box, the common symptoms, the fixes that helped lately. And the list of everything.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::error::Error;
use super::layout::Layout;
use super::markdown::{Html, inline};
use super::page;
use super::server::Site;
use crate::kb::{Kind, KnowledgeBase};

/// Symptoms on the home page; the rest is one click away.
const SYMPTOMS: usize = 12;
const RECENT: usize = 5;

pub struct Row {
    pub url: String,
    pub title: Html,
    pub note: String,
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    layout: Layout,
    symptoms: Vec<Row>,
    more: usize,
    recent: Vec<Row>,
    entries: usize,
}

pub async fn show(request: HttpRequest, site: Data<Site>) -> Result<HttpResponse, Error> {
    let snapshot = site.app.snapshot();
    site.shelf.respond(&request, snapshot.number, "/", || {
        let kb = &snapshot.kb;
        let mut symptoms = symptom_rows(kb);
        let more = symptoms.len().saturating_sub(SYMPTOMS);
        symptoms.truncate(SYMPTOMS);
        let recent = snapshot.outcomes.recent(RECENT).into_iter().filter_map(|(slug, _)| {
            let entry = kb.entries.get(slug)?;
            let note = super::documents::helped(snapshot.outcomes.counts(&entry.slug)).unwrap_or_default();
            Some(Row { url: Kind::Entry.url(slug), title: inline(&entry.title), note })
        });
        let description = "Paste an error message: Fixpath finds which of its causes it is, and shows the fix.";
        let layout = Layout::new("Fixpath", description, "/").without_box();
        page::render(&HomePage { layout, symptoms, more, recent: recent.collect(), entries: kb.entries.len() })
    })
}

/// Symptoms, those with the most causes first.
fn symptom_rows(kb: &KnowledgeBase) -> Vec<Row> {
    let mut counted: Vec<_> = kb.symptoms.values().map(|s| (kb.list_causes(s.slug.as_str()).count(), s)).collect();
    counted.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.slug.cmp(&b.1.slug)));
    let row = |(causes, symptom): (usize, &std::sync::Arc<crate::kb::Symptom>)| Row {
        url: Kind::Symptom.url(symptom.slug.as_str()),
        title: inline(&symptom.title),
        note: format!("{causes} cause{}", if causes == 1 { "" } else { "s" }),
    };
    counted.into_iter().map(row).collect()
}

pub struct Area {
    pub name: String,
    pub rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "browse.html")]
struct BrowsePage {
    layout: Layout,
    symptoms: Vec<Row>,
    areas: Vec<Area>,
    questions: Vec<Row>,
}

/// Lists everything. With very many entries an area shows its first ones: search finds the rest.
const ROWS_PER_AREA: usize = 500;

pub async fn browse(request: HttpRequest, site: Data<Site>) -> Result<HttpResponse, Error> {
    let snapshot = site.app.snapshot();
    site.shelf.respond(&request, snapshot.number, "/browse", || {
        let kb = &snapshot.kb;
        let mut areas: BTreeMap<&str, Vec<Row>> = BTreeMap::new();
        for entry in kb.entries.values() {
            let rows = areas.entry(entry.area.as_str()).or_default();
            if rows.len() < ROWS_PER_AREA {
                let note = entry.likelihood.word().to_owned();
                rows.push(Row { url: Kind::Entry.url(entry.slug.as_str()), title: inline(&entry.title), note });
            }
        }
        let areas = areas.into_iter().map(|(name, rows)| Area { name: name.to_owned(), rows }).collect();
        let questions = kb.questions.values().map(|q| Row {
            url: Kind::Question.url(q.slug.as_str()),
            title: inline(&q.title),
            note: q.effort.words().to_owned(),
        });
        let layout = Layout::new("Everything", "Every symptom, fix and question of this knowledge base.", "/browse");
        page::render(&BrowsePage { layout, symptoms: symptom_rows(kb), areas, questions: questions.collect() })
    })
}
