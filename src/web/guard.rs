//! What every request passes: headers that keep browsers safe, and forms that only the site's own pages may send.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::{DefaultHeaders, Next};
use actix_web::{HttpRequest, ResponseError};

use super::error::{ApiError, Error};

/// Nothing inline, nothing from elsewhere, in no frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The headers of every answer.
pub fn headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add((header::CONTENT_SECURITY_POLICY, POLICY))
        .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // Chats and other sites are not to learn which incident somebody had.
        .add((header::REFERRER_POLICY, "same-origin"))
        .add((header::X_FRAME_OPTIONS, "DENY"))
        .add(("cross-origin-opener-policy", "same-origin"))
        .add(("cross-origin-resource-policy", "same-origin"))
        .add(("permissions-policy", "camera=(), geolocation=(), microphone=()"))
}

/// Refuses what another site makes a browser send. Browsers say where a request comes from; programs that say nothing are no
/// browser and carry nobody's rights.
pub async fn same_site<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<actix_web::body::EitherBody<B>>, actix_web::Error> {
    if is_safe(request.method()) || is_own(&request) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let api = is_for_program(request.path(), request.headers());
    let response = if api { ApiError(Error::OtherSite).error_response() } else { Error::OtherSite.error_response() };
    Ok(request.into_response(response).map_into_right_body())
}

/// Whether a program reads the answer, which then is JSON: one that calls the API, or the script of the editor.
pub fn is_for_program(path: &str, headers: &header::HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    path.starts_with("/api/") || (path == "/image" && accepted.contains("application/json"))
}

/// Whether a method changes nothing.
pub fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn is_own(request: &ServiceRequest) -> bool {
    let header = |name: &str| request.headers().get(name).map(|v| v.to_str().unwrap_or("?").to_owned());
    match (header("sec-fetch-site"), header("origin")) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == header("host").as_deref()
        }
        (None, None) => true,
    }
}

/// Whether what was sent is of this type.
pub fn is_of_type(request: &HttpRequest, wanted: &str) -> bool {
    given_type(request).split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(wanted))
}

fn given_type(request: &HttpRequest) -> &str {
    request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default()
}

/// Refuses what is of another type.
pub fn expect_type(request: &HttpRequest, wanted: &'static str) -> Result<(), Error> {
    match is_of_type(request, wanted) {
        true => Ok(()),
        false => Err(Error::WrongType { given: given_type(request).to_owned(), wanted }),
    }
}

/// The fields of a form. Bytes that are not UTF-8 are replaced: a paste may hold anything.
pub fn form(request: &HttpRequest, body: &[u8]) -> Result<Vec<(String, String)>, Error> {
    let wanted = "application/x-www-form-urlencoded";
    expect_type(request, wanted)?;
    let text = String::from_utf8_lossy(body);
    let parts: Vec<&str> = text.split('&').filter(|p| !p.is_empty()).take(MOST_FIELDS + 1).collect();
    if parts.len() > MOST_FIELDS {
        return Err(Error::BadForm(format!("the form has more than {MOST_FIELDS} fields")));
    }
    let decode = |t: &str| percent_encoding::percent_decode_str(&t.replace('+', " ")).decode_utf8_lossy().into_owned();
    Ok(parts.into_iter().map(|p| p.split_once('=').unwrap_or((p, ""))).map(|(k, v)| (decode(k), decode(v))).collect())
}

/// No form of this site has nearly as many.
pub const MOST_FIELDS: usize = 2_000;

/// A field of a form, or nothing.
pub fn field<'a>(form: &'a [(String, String)], name: &str) -> &'a str {
    form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default()
}
