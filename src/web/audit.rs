//! The audit log, for administrators: as a page, and as a file for other programs.

use std::fmt::Write as _;

use actix_web::http::header;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use futures_util::stream;
use serde::Serialize;

use super::error::Error;
use super::layout::Layout;
use super::page::{self, time};
use super::server::Site;
use crate::app::links::{self, escape};
use crate::app::people::Line;

/// Lines of a page.
const LINES: usize = 100;
/// Lines that are read at once for a file.
const PIECE: usize = 1_000;

pub struct AuditRow {
    pub at: String,
    pub who: String,
    pub who_url: String,
    pub address: String,
    pub what: String,
    pub about: String,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    layout: Layout,
    rows: Vec<AuditRow>,
    who: String,
    older: Option<String>,
}

pub async fn show(request: HttpRequest, site: Data<Site>) -> Result<HttpResponse, Error> {
    let parameters = links::split(request.query_string())?;
    let value = |name: &str| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let who = value("who").unwrap_or_default();
    let before = value("before").and_then(|id| id.parse().ok()).unwrap_or(i64::MAX);
    let lines = site.app.list_audit(who, before, LINES).await?;
    let of = |who: &str| if who.is_empty() { "/audit?".to_owned() } else { format!("/audit?who={}&", escape(who)) };
    let older = (lines.len() == LINES).then(|| lines.last().map(|line| format!("{}before={}", of(who), line.id))).flatten();
    let rows = lines.into_iter().map(|line| AuditRow {
        at: time(line.at),
        who_url: format!("/audit?who={}", escape(&line.who)),
        who: line.who,
        address: line.address,
        what: line.what.replace('-', " "),
        about: line.about,
    });
    let layout = Layout { path: "/audit".to_owned(), ..Layout::unlisted("Audit log", "Who did what, when and from where.") };
    let shown = AuditPage { layout, rows: rows.collect(), who: who.to_owned(), older };
    Ok(page::fresh(&request, page::render(&shown)?))
}

/// The whole log, a piece at a time: it may be longer than memory.
fn file(site: Data<Site>, kind: &'static str, name: &str, first: &'static str, write: fn(&Line) -> String) -> HttpResponse {
    let pieces = stream::unfold(Some((i64::MAX, first)), move |state| {
        let site = site.clone();
        async move {
            let (before, first) = state?;
            let lines = match site.app.list_audit("", before, PIECE).await {
                Ok(lines) => lines,
                // The connection breaks off, so that nobody takes a part for the whole.
                Err(cause) => return Some((Err(std::io::Error::other(cause)), None)),
            };
            let text = lines.iter().map(write).fold(first.to_owned(), |text, line| text + &line);
            let next = lines.last().filter(|_| lines.len() == PIECE).map(|line| (line.id, ""));
            Some((Ok(Bytes::from(text)), next))
        }
    });
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .content_type(kind)
        .streaming(pieces)
}

pub async fn csv(site: Data<Site>) -> HttpResponse {
    file(site, "text/csv; charset=utf-8", "audit.csv", "id,at,who,address,what,about\r\n", row)
}

pub async fn jsonl(site: Data<Site>) -> HttpResponse {
    file(site, "application/jsonl; charset=utf-8", "audit.jsonl", "", json)
}

fn row(line: &Line) -> String {
    let Line { id, at, who, address, what, about } = line;
    let mut row = format!("{id},{}", stamp(*at));
    for text in [who, address, what, about] {
        write!(row, ",{}", cell(text)).expect("a string takes all");
    }
    row + "\r\n"
}

/// A text in quotes. What spreadsheets would take for a formula begins with an apostrophe.
fn cell(text: &str) -> String {
    let mark = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{mark}{}\"", text.replace('"', "\"\""))
}

#[derive(Serialize)]
struct LineJson<'a> {
    id: i64,
    at: String,
    who: &'a str,
    address: &'a str,
    what: &'a str,
    about: &'a str,
}

fn json(line: &Line) -> String {
    let Line { id, at, who, address, what, about } = line;
    let shape = LineJson { id: *id, at: stamp(*at), who, address, what, about };
    serde_json::to_string(&shape).expect("texts and numbers are JSON") + "\n"
}

fn stamp(at: i64) -> String {
    jiff::Timestamp::from_second(at).map(|t| t.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (text, wanted) in [
            ("editor", "\"editor\""),
            ("=1+1", "\"'=1+1\""),
            ("@x", "\"'@x\""),
            ("-x", "\"'-x\""),
            ("a\"b,c\nd", "\"a\"\"b,c\nd\""),
        ] {
            assert_eq!(cell(text), wanted);
        }
    }
}
