//! The JSON API: the same answers as the pages, for programs.

use actix_web::http::header;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::error::{ApiError, Error};
use super::paste;
use super::search::query_of;
use super::server::Site;
use super::visitor::{Proof, Visitor};
use crate::app::json::{DiagnosisJson, ExplanationJson, SearchJson};
use crate::app::links;

const DEFAULT_LIMIT: usize = 10;
const LARGEST_LIMIT: usize = 100;

fn json(value: &impl serde::Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "private, no-store")).json(value)
}

/// What programs can ask here, for programs that write programs.
const DESCRIPTION: &str = include_str!("openapi.json");

pub async fn describe() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .body(DESCRIPTION)
}

pub async fn search(request: HttpRequest, site: Data<Site>) -> Result<HttpResponse, ApiError> {
    let raw = request.query_string();
    let query = query_of(raw)?;
    let limit = match raw.split('&').find_map(|p| p.strip_prefix("limit=")) {
        None | Some("") => DEFAULT_LIMIT,
        Some(text) => text.parse::<usize>().ok().filter(|n| (1..=LARGEST_LIMIT).contains(n)).ok_or_else(|| {
            let given: String = text.chars().take(40).collect();
            Error::BadAddress(format!("limit is `{given}`: give a number from 1 to {LARGEST_LIMIT}"))
        })?,
    };
    let snapshot = site.app.snapshot();
    // Programs that search are not people who were left without an answer: nothing is counted.
    let found = snapshot.index.search(&snapshot.kb, &query, limit);
    site.counters.searches.inc();
    Ok(json(&SearchJson::new(&query, &found)))
}

pub async fn diagnose(request: HttpRequest, site: Data<Site>) -> Result<HttpResponse, ApiError> {
    let snapshot = site.app.snapshot();
    let reading = links::read(&snapshot.kb, &links::split(request.query_string())?)?;
    site.counters.steps.inc();
    Ok(json(&DiagnosisJson::from(snapshot.diagnose(reading).as_ref())))
}

pub async fn explain(request: HttpRequest, site: Data<Site>, body: Bytes) -> Result<HttpResponse, ApiError> {
    let paste = paste::of_program(&request, body).await?;
    let snapshot = site.app.snapshot();
    let (_, explained) = paste::explain(snapshot, paste).await?;
    site.counters.explanations.inc();
    Ok(json(&ExplanationJson::from(&explained)))
}

/// Whoever the request comes from.
#[derive(Serialize)]
struct MeJson<'a> {
    name: &'a str,
    /// What they may do with what they proved it with.
    role: &'static str,
    via: &'static str,
}

/// Tells a program who it is here.
pub async fn me() -> Result<HttpResponse, ApiError> {
    let visitor = Visitor::now();
    let (Some(person), Some(role)) = (visitor.person(), visitor.role()) else { return Err(Error::SignInFirst.into()) };
    let via = match visitor.proof {
        Proof::Session(..) => "session",
        Proof::Proxy(..) => "proxy",
        _ => "token",
    };
    Ok(json(&MeJson { name: &person.name, role: role.word(), via }))
}
