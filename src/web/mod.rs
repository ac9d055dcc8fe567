//! The front door for browsers, and the JSON API. Start at [`routes`], which lists every address on one screen.
//!
//! A handler takes types, asks `app`, and returns a page. It knows `app` and `kb`, never sqlx or tantivy. Pages work without
//! JavaScript; nothing is cached that does not say so.

mod api;
mod assets;
mod diagnose;
mod documents;
mod error;
mod explain;
mod gaps;
mod guard;
mod home;
mod images;
mod layout;
mod map;
mod markdown;
mod operators;
mod outcome;
mod page;
mod paste;
mod search;
mod server;

use actix_web::web;

pub use error::Error;
pub use server::{Started, start};

/// No form but those that take a paste is nearly as large; more is answered with 413.
pub const LARGEST_BODY: usize = 1024 * 1024;

/// Every address of the site.
fn routes(site: &mut web::ServiceConfig) {
    site.service(page::at("/", home::show))
        .service(page::at("/browse", home::browse))
        .service(page::at("/gaps", gaps::show))
        .service(page::at("/search", search::show))
        .service(page::at("/diagnose", diagnose::show))
        .service(page::at("/explain", explain::form).route(web::post().to(explain::read)).app_data(paste::limit()))
        .service(page::at("/outcome", outcome::nothing_here).route(web::post().to(outcome::record)))
        .service(page::at("/fix/{slug}", documents::fix))
        .service(page::at("/symptom/{slug}", documents::symptom))
        .service(page::at("/question/{slug}", documents::question))
        .service(page::at("/map/{slug}", map::show))
        // Who may change entries may add pictures: the rule `Editor` of the table of rights belongs on this line.
        .service(images::taken_at("/image"))
        .service(page::at("/image/{name}", images::show))
        .service(page::at("/static/{name}", assets::show))
        .service(page::at("/favicon.ico", assets::icon))
        .service(page::at("/healthz", operators::health))
        .service(page::at("/readyz", operators::ready))
        .service(page::at("/metrics", operators::metrics))
        .service(api::read_at("/api/v1/search", api::search))
        .service(api::read_at("/api/v1/diagnose", api::diagnose))
        .service(api::at("/api/v1/explain", web::post().to(api::explain)).app_data(paste::limit()))
        .default_service(web::to(error::no_such_page));
}
