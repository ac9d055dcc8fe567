//! Results for a message: what matched, why, and the one question that would split them best.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::diagnose::Choice;
use super::error::Error;
use super::layout::{Layout, absolute};
use super::markdown::{Html, inline};
use super::page;
use super::server::Site;
use crate::app::Hit;
use crate::app::diagnose::{Asking, split};
use crate::app::links::{BadParameters, escape};
use crate::kb::Kind;

/// Results on a page. There is no second page: whoever does not find it here asks another way.
const RESULTS: usize = 15;

pub struct Fragment {
    pub text: String,
    pub marked: bool,
}

pub struct Result_ {
    pub url: String,
    pub title: Html,
    pub kind: &'static str,
    pub because: Vec<Html>,
    pub snippet: Vec<Fragment>,
}

pub struct Split {
    pub title: Html,
    pub why: Html,
    pub choices: Vec<Choice>,
    pub skip_url: String,
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    layout: Layout,
    query: String,
    results: Vec<Result_>,
    total: usize,
    split: Option<Split>,
}

impl SearchPage {
    /// How much was found, in words.
    fn count(&self) -> String {
        match (self.results.len(), self.total) {
            (_, 1) => "1 result".to_owned(),
            (shown, total) if shown < total => format!("The best {shown} of {total} results"),
            (_, total) => format!("{total} results"),
        }
    }
}

/// The address of a search.
pub fn url(query: &str) -> String {
    format!("/search?q={}", escape(query))
}

pub async fn show(request: HttpRequest, site: Data<Site>) -> Result<HttpResponse, Error> {
    let query = query_of(request.query_string())?;
    let snapshot = site.app.snapshot();
    let (found, number) = match super::gaps::led_here(request.query_string()) {
        true => (snapshot.index.search(&snapshot.kb, &query, RESULTS), None),
        false => site.app.search(&snapshot, &query, RESULTS),
    };
    site.counters.searches.inc();
    let mark = number.map(|n| format!("search={n}"));
    let split = split(&snapshot, &found).map(|asking| Split::new(&asking, mark.as_deref()));
    let short: String = query.lines().next().unwrap_or_default().chars().take(80).collect();
    let title = if short.is_empty() { "Search".to_owned() } else { format!("{short} - search") };
    let canonical = Some(absolute(&url(&query)));
    let layout = Layout { title, canonical, ..Layout::unlisted("", "Causes and fixes that match.") }.asked(&query);
    let results = found.hits.iter().map(|h| Result_::new(h, mark.as_deref())).collect();
    let shown = SearchPage { layout, query, results, total: found.total, split };
    Ok(page::fresh(&request, page::render(&shown)?))
}

/// The text that is searched for, out of a raw query string. It may be long, and is not a parameter of a diagnosis.
pub fn query_of(raw: &str) -> Result<String, Error> {
    let value = raw.split('&').find_map(|pair| pair.strip_prefix("q=")).unwrap_or_default();
    decode(value)
}

fn decode(value: &str) -> Result<String, Error> {
    let spaced = value.replace('+', " ");
    let decoded = percent_encoding::percent_decode_str(&spaced).decode_utf8().map_err(|_| BadParameters::NotUtf8)?;
    Ok(decoded.into_owned())
}

/// Adds the number of the search to a link, so that the search is known to have led somewhere.
pub fn marked(url: &str, mark: Option<&str>) -> String {
    match mark {
        Some(mark) => format!("{url}{}{mark}", if url.contains('?') { '&' } else { '?' }),
        None => url.to_owned(),
    }
}

impl Split {
    fn new(asking: &Asking, mark: Option<&str>) -> Split {
        let choice =
            |o: &crate::app::diagnose::Option_| Choice { label: inline(&o.label), url: marked(&o.url, mark), chosen: false };
        Split {
            title: inline(&asking.title),
            why: inline(&asking.why),
            choices: asking.options.iter().map(choice).collect(),
            skip_url: marked(asking.skip_url.as_deref().unwrap_or("/diagnose"), mark),
        }
    }
}

impl Result_ {
    fn new(hit: &Hit, mark: Option<&str>) -> Result_ {
        Result_ {
            url: marked(&hit.kind.url(hit.slug.as_str()), mark),
            title: inline(&hit.title),
            kind: if hit.kind == Kind::Entry { "fix" } else { hit.kind.word() },
            because: hit.because.iter().map(|b| inline(b)).collect(),
            snippet: hit.snippet.iter().map(|f| Fragment { text: f.text.clone(), marked: f.marked }).collect(),
        }
    }
}
