//! For operators: is it alive, is it ready, what does it do.

use std::fmt::Write as _;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, http::header};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::error::Error;
use super::server::Site;

/// What is counted. Never a paste, a query or an address of a person.
#[derive(Default)]
pub struct Counters {
    pub requests: Counter,
    pub errors: Counter,
    pub searches: Counter,
    pub steps: Counter,
    pub explanations: Counter,
    pub outcomes: Counter,
}

pub async fn health() -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).content_type("text/plain; charset=utf-8").body("ok\n")
}

pub async fn ready(site: Data<Site>) -> HttpResponse {
    let (status, body) = match site.app.is_ready().await {
        true => (StatusCode::OK, "ready\n"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
    };
    HttpResponse::build(status)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type("text/plain; charset=utf-8")
        .body(body)
}

pub async fn metrics(site: Data<Site>) -> Result<HttpResponse, Error> {
    let mut registry = Registry::with_prefix("fixpath");
    let Counters { requests, errors, searches, steps, explanations, outcomes } = &site.counters;
    registry.register("requests", "Requests answered", requests.clone());
    registry.register("errors", "Requests that failed on our side", errors.clone());
    registry.register("searches", "Searches", searches.clone());
    registry.register("diagnosis_steps", "Steps of a questionnaire shown", steps.clone());
    registry.register("explanations", "Pastes read", explanations.clone());
    registry.register("outcomes", "Outcomes kept", outcomes.clone());
    let entries: Gauge = Gauge::default();
    entries.set(site.app.snapshot().kb.entries.len() as i64);
    registry.register("entries", "Entries in the knowledge base", entries);
    let mut text = String::new();
    encode(&mut text, &registry).map_err(|cause| Error::Internal(format!("the metrics were not written: {cause}")))?;
    writeln!(text).ok();
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type(kind)
        .body(text.trim_end().to_owned() + "\n"))
}
