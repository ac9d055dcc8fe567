//! The front door for browsers, and the JSON API. Start at [`places`], which lists every address and who may ask
//! there on one screen.
//!
//! A handler takes types, asks `app`, and returns a page. It knows `app` and `kb`, never sqlx or tantivy. Pages work without
//! JavaScript; nothing is cached that does not say so.

mod api;
mod assets;
mod audit;
mod diagnose;
mod documents;
mod error;
mod explain;
mod gaps;
mod guard;
mod home;
mod images;
mod join;
mod layout;
mod map;
mod markdown;
mod oidc;
mod operators;
mod outcome;
mod page;
mod paste;
mod people;
mod places;
mod rights;
mod search;
mod server;
mod sign_in;
#[cfg(test)]
mod tests;
mod visitor;
mod write;
mod you;

use actix_web::web;

pub use error::Error;
pub use layout::absolute;
use places::{Place, place};
use rights::Needs;
pub use server::{Started, start};
use write::{desk, editor, history, keeping, overlap, review};

/// No form but those that take a paste is nearly as large; more is answered with 413.
pub const LARGEST_BODY: usize = 1024 * 1024;

/// Every address of the site: who answers, and what it needs of whoever asks.
fn places() -> Vec<Place> {
    use Needs::{Administrator, Editor, Myself, Nobody, Note, Numbers, Outcome, Reader, Reading};
    vec![
        place("/").read(Reading, home::show),
        place("/browse").read(Reading, home::browse),
        place("/gaps").read(Reading, gaps::show),
        place("/search").read(Reading, search::show),
        place("/diagnose").read(Reading, diagnose::show),
        place("/explain").read(Reading, explain::form).post(Reading, explain::read).taking(paste::LARGEST_FORM),
        place("/outcome").read(Reading, outcome::nothing_here).post(Outcome, outcome::record),
        place("/fix/{slug}").read(Reading, documents::fix),
        place("/symptom/{slug}").read(Reading, documents::symptom),
        place("/question/{slug}").read(Reading, documents::question),
        place("/map/{slug}").read(Reading, map::show),
        place("/write").read(Editor, desk::show),
        place("/new/{kind}").read(Editor, editor::new).post(Editor, editor::keep_new).taking(editor::LARGEST_FORM),
        place("/edit/{kind}/{slug}").read(Editor, editor::edit).post(Editor, editor::keep_edit).taking(editor::LARGEST_FORM),
        place("/draft/{id}").read(Editor, review::show),
        place("/draft/{id}/edit").read(Editor, editor::draft).post(Editor, editor::keep_draft).taking(editor::LARGEST_FORM),
        place("/draft/{id}/preview").read(Editor, review::preview),
        place("/draft/{id}/publish").post(Editor, review::publish),
        place("/draft/{id}/state").post(Editor, review::set_state),
        place("/draft/{id}/merge").post(Editor, overlap::merge),
        place("/preview").post(Editor, review::render_text),
        place("/image").post(Editor, images::add).taking(images::LARGEST_FORM),
        place("/image/{name}").read(Reading, images::show),
        place("/history/{kind}/{slug}").read(Reading, history::show),
        place("/history/{kind}/{slug}/lines").read(Reading, history::lines),
        place("/history/{kind}/{slug}/{number}").read(Reading, history::revision).post(Editor, history::restore),
        place("/rename/{kind}/{slug}").read(Editor, keeping::rename_form).post(Editor, keeping::rename),
        place("/retire/{kind}/{slug}").read(Editor, keeping::retire_form).post(Editor, keeping::retire),
        place("/verify/{slug}").post(Editor, keeping::verify),
        place("/notes/{kind}/{slug}").post(Note, keeping::add_note),
        place("/note/{id}").post(Editor, keeping::finish_note),
        place("/sign-in").read(Nobody, sign_in::form).post(Nobody, sign_in::sign_in),
        place("/sign-in/with").read(Nobody, oidc::begin),
        place("/sign-in/back").read(Nobody, oidc::finish),
        place("/sign-out").read(Reading, outcome::nothing_here).post(Myself, sign_in::sign_out),
        place("/join/{link}").read(Nobody, join::form).post(Nobody, join::join),
        place("/you").read(Myself, you::show),
        place("/you/password").post(Myself, you::change_password),
        place("/you/sign-out-everywhere").post(Myself, you::sign_out_everywhere),
        place("/you/tokens").post(Myself, you::make_token),
        place("/you/tokens/{id}/withdraw").post(Myself, you::withdraw_token),
        place("/people").read(Administrator, people::show),
        place("/people/invite").post(Administrator, people::invite),
        place("/people/invitations/{id}/withdraw").post(Administrator, people::withdraw),
        place("/people/{id}/role").post(Administrator, people::change_role),
        place("/people/{id}/deactivate").post(Administrator, people::deactivate),
        place("/people/{id}/reactivate").post(Administrator, people::reactivate),
        place("/people/{id}/reset").post(Administrator, people::reset),
        place("/audit").read(Administrator, audit::show),
        place("/audit.csv").read(Administrator, audit::csv),
        place("/audit.jsonl").read(Administrator, audit::jsonl),
        place("/static/{name}").read(Nobody, assets::show),
        place("/favicon.ico").read(Nobody, assets::icon),
        place("/healthz").read(Nobody, operators::health),
        place("/readyz").read(Nobody, operators::ready),
        place("/metrics").read(Numbers, operators::metrics),
        place("/api/openapi.json").read(Reading, api::describe),
        place("/api/v1/search").read(Reading, api::search),
        place("/api/v1/diagnose").read(Reading, api::diagnose),
        place("/api/v1/explain").post(Reading, api::explain).taking(paste::LARGEST_FORM),
        place("/api/v1/me").read(Reader, api::me),
    ]
}

/// The places as the framework wants them. What stands in none of them is a page that says so.
fn routes(site: &mut web::ServiceConfig) {
    for place in places() {
        site.service(place.guarded());
    }
    site.default_service(web::to(error::no_such_page));
}
