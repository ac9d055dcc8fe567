//! How pages leave: rendered, compressed, with an entity tag, and kept while they do not change.

use std::io::Write as _;
use std::sync::{Arc, OnceLock};

use actix_web::http::{StatusCode, header};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};

use super::error::Error;
use super::visitor::Visitor;

/// Bytes of rendered pages that are kept in memory.
const KEPT_BYTES: u64 = 48 * 1024 * 1024;
/// Room for about so many pages.
const KEPT_PAGES: usize = 8_192;

/// Renders a template. It fails only if a value in it cannot be written, which would be a defect.
pub fn render(page: &impl Template) -> Result<String, Error> {
    page.render().map_err(|cause| Error::Internal(format!("a page was not rendered: {cause}")))
}

/// A page that does not change until the knowledge base does. It is compressed well once somebody asks for it again: after
/// each publish every page is a new one, and most are seen once.
pub struct Kept {
    plain: Bytes,
    gzip: OnceLock<Bytes>,
    brotli: OnceLock<Bytes>,
    tag: String,
}

impl Kept {
    fn new(html: String) -> Kept {
        let tag: String = Sha256::digest(&html).iter().take(8).map(|b| format!("{b:02x}")).collect();
        Kept { gzip: OnceLock::new(), brotli: OnceLock::new(), plain: html.into(), tag: format!("\"{tag}\"") }
    }

    /// The page in the form that the browser likes best, or 304 when it has it.
    fn respond(&self, request: &HttpRequest, is_first: bool) -> HttpResponse {
        let known = is_known(request, &self.tag);
        let mut response = HttpResponse::build(if known { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
        response
            .insert_header((header::ETAG, self.tag.as_str()))
            .insert_header((header::CACHE_CONTROL, "private, no-cache"))
            .insert_header((header::VARY, "accept, accept-encoding"));
        if known {
            return response.finish();
        }
        response.insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"));
        let (name, bytes) = match encoding(request) {
            Encoding::Plain => return response.body(self.plain.clone()),
            Encoding::Brotli if is_first => ("br", brotli(&self.plain, FAST).into()),
            Encoding::Gzip if is_first => ("gzip", gzip(&self.plain, 1).into()),
            Encoding::Brotli => ("br", self.brotli.get_or_init(|| brotli(&self.plain, GOOD).into()).clone()),
            Encoding::Gzip => ("gzip", self.gzip.get_or_init(|| gzip(&self.plain, 6).into()).clone()),
        };
        response.insert_header((header::CONTENT_ENCODING, name)).body(bytes)
    }
}

/// Whether the browser has what this entity tag stands for.
pub fn is_known(request: &HttpRequest, tag: &str) -> bool {
    request.headers().get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok()).is_some_and(|tags| names(tags, tag))
}

/// Whether a list of entity tags names this one. Proxies that compress make tags weak; the page is the same.
fn names(tags: &str, tag: &str) -> bool {
    tags.split(',').map(str::trim).any(|t| t == "*" || t.strip_prefix("W/").unwrap_or(t) == tag)
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<String, Arc<Kept>> for ByBytes {
    fn weight(&self, key: &String, page: &Arc<Kept>) -> u64 {
        // With room for what it will be once it is compressed, which is about half of it.
        (key.len() + page.plain.len() + page.plain.len() / 2) as u64
    }
}

/// Pages that were rendered before, by snapshot and address.
pub struct Shelf {
    pages: Cache<String, Arc<Kept>, ByBytes>,
}

impl Default for Shelf {
    fn default() -> Shelf {
        Shelf { pages: Cache::with_weighter(KEPT_PAGES, KEPT_BYTES, ByBytes) }
    }
}

impl Shelf {
    /// Answers with the page of this address in this snapshot, rendering it if nobody asked before. It is kept as nobody sees it:
    /// whoever signed in gets a page of their own.
    pub fn respond(
        &self,
        request: &HttpRequest,
        snapshot: u64,
        address: &str,
        make: impl FnOnce() -> Result<String, Error>,
    ) -> Result<HttpResponse, Error> {
        let visitor = Visitor::now();
        if !visitor.is_nobody() {
            return Ok(fresh(request, make()?));
        }
        let key = format!("{snapshot} {} {} {address}", visitor.has_people, visitor.rules.loopback);
        if let Some(kept) = self.pages.get(&key) {
            return Ok(kept.respond(request, false));
        }
        let kept = Arc::new(Kept::new(make()?));
        self.pages.insert(key, Arc::clone(&kept));
        Ok(kept.respond(request, true))
    }
}

/// A page that was made for this request alone.
pub fn fresh(request: &HttpRequest, html: String) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .insert_header((header::VARY, "accept-encoding"))
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"));
    // The fastest one: nobody else gets this page.
    match accepts(request, "gzip") {
        true => response.insert_header((header::CONTENT_ENCODING, "gzip")).body(gzip(html.as_bytes(), 1)),
        false => response.body(html),
    }
}

/// A page that was made for this request alone, because somebody else was faster.
pub fn conflict(request: &HttpRequest, html: String) -> HttpResponse {
    let mut response = fresh(request, html);
    *response.status_mut() = StatusCode::CONFLICT;
    response
}

/// A form that comes back with all that was typed and the reasons why it was not taken.
pub fn refused(request: &HttpRequest, html: String) -> HttpResponse {
    let mut response = fresh(request, html);
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    response
}

/// Sends the browser on with GET.
pub fn see_other(url: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, url)).insert_header((header::CACHE_CONTROL, "no-store")).finish()
}

/// Sends the browser on for good.
pub fn moved(url: &str) -> HttpResponse {
    HttpResponse::MovedPermanently().insert_header((header::LOCATION, url)).finish()
}

pub enum Encoding {
    Brotli,
    Gzip,
    Plain,
}

/// What the browser likes best.
pub fn encoding(request: &HttpRequest) -> Encoding {
    if accepts(request, "br") {
        Encoding::Brotli
    } else if accepts(request, "gzip") {
        Encoding::Gzip
    } else {
        Encoding::Plain
    }
}

/// A weight of zero, which nobody sends, is not looked for.
fn accepts(request: &HttpRequest, name: &str) -> bool {
    let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|e| e.split(';').next().is_some_and(|e| e.trim() == name))
}

fn gzip(bytes: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::with_capacity(bytes.len() / 2), flate2::Compression::new(level));
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes all")
}

/// How hard brotli tries, for a page that is seen once and for one that is seen again.
const FAST: i32 = 2;
const GOOD: i32 = 5;

fn brotli(bytes: &[u8], quality: i32) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() / 2);
    let options = brotli::enc::BrotliEncoderParams { quality, ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &options).expect("memory takes all");
    out
}

/// A point in time as people read it.
pub fn time(at: i64) -> String {
    jiff::Timestamp::from_second(at).map(|t| t.strftime("%-d %B %Y, %H:%M UTC").to_string()).unwrap_or_default()
}

/// A day as people read it.
pub fn day(at: i64) -> String {
    jiff::Timestamp::from_second(at).map(|t| t.strftime("%-d %B %Y").to_string()).unwrap_or_default()
}
