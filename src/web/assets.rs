//! The static files: inside the program, already compressed, under names that change with their content.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use super::error::Error;
use super::page::{Encoding, encoding};

/// A static file.
pub struct Asset {
    name: &'static str,
    url: &'static str,
    kind: &'static str,
    plain: &'static [u8],
    gzip: &'static [u8],
    brotli: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The address of a static file, by its name in `static/`.
pub fn url(name: &str) -> &'static str {
    ASSETS.iter().find(|a| a.name == name).map_or("/static/missing", |a| a.url)
}

pub async fn show(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Error> {
    let wanted = name.into_inner();
    let asset = ASSETS.iter().find(|a| a.url.strip_prefix("/static/") == Some(&wanted)).ok_or(Error::NoSuchPage)?;
    Ok(respond(&request, asset, "public, max-age=31536000, immutable"))
}

pub async fn icon(request: HttpRequest) -> Result<HttpResponse, Error> {
    let asset = ASSETS.iter().find(|a| a.name == "icon.svg").ok_or(Error::NoSuchPage)?;
    Ok(respond(&request, asset, "public, max-age=86400"))
}

fn respond(request: &HttpRequest, asset: &Asset, lifetime: &'static str) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, asset.kind))
        .insert_header((header::CACHE_CONTROL, lifetime))
        .insert_header((header::VARY, "accept-encoding"));
    match encoding(request) {
        Encoding::Brotli => response.insert_header((header::CONTENT_ENCODING, "br")).body(asset.brotli),
        Encoding::Gzip => response.insert_header((header::CONTENT_ENCODING, "gzip")).body(asset.gzip),
        Encoding::Plain => response.body(asset.plain),
    }
}
