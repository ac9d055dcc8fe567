//! The event that a Lambda proxy integration hands to its function: it tells what was called.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value as Json};

use super::super::super::wire::{Exchange, Found, Header, Request, Shown, Source, Target};

/// Takes the event of a REST API (format 1.0) or of an HTTP API or a function URL (format 2.0).
pub fn take(value: &Json, line: usize, found: &mut Found) -> bool {
    let Some(event) = value.as_object() else { return false };
    let text = |pointer: &str| value.pointer(pointer).and_then(Json::as_str).unwrap_or("");
    let http = value.pointer("/requestContext/http").is_some();
    let (verb, path, query) = match http {
        true => (text("/requestContext/http/method"), text("/rawPath"), text("/rawQueryString").to_owned()),
        false => (text("/httpMethod"), first(&[text("/requestContext/path"), text("/path")]), join_query(event)),
    };
    if verb.is_empty() || !path.starts_with('/') || !(event.contains_key("requestContext") || event.contains_key("headers")) {
        return false;
    }
    let headers = list_headers(event, line);
    let host = first(&[
        text("/requestContext/domainName"),
        headers.iter().find(|h| h.name.eq_ignore_ascii_case("host")).map_or("", |h| &h.value),
    ]);
    let scheme = headers.iter().find(|h| h.name.eq_ignore_ascii_case("x-forwarded-proto")).map_or("", |h| &h.value);
    let query = (!query.is_empty()).then_some(query);
    let target = Target { scheme: scheme.to_owned(), host: host.to_owned(), path: path.to_owned(), query, ..Target::default() };
    let plain = event.get("isBase64Encoded").and_then(Json::as_bool) != Some(true);
    let body = event.get("body").and_then(Json::as_str).filter(|_| plain).map(|body| Shown::new(body.to_owned(), line));
    let request = Request {
        source: Source::Part,
        verb: Some(Shown::new(verb.to_owned(), line)),
        target: Some(Shown::new(target, line)),
        headers,
        body,
        ..Request::default()
    };
    found.exchanges.push(Exchange { request, response: None });
    found.by("Lambda event");
    true
}

fn first<'a>(all: &[&'a str]) -> &'a str {
    all.iter().copied().find(|text| !text.is_empty()).unwrap_or("")
}

fn list_headers(event: &Map<String, Json>, line: usize) -> Vec<Header> {
    let single = event.get("headers").and_then(Json::as_object);
    let headers = single.into_iter().flatten().filter_map(|(name, value)| Some(Header::new(name, value.as_str()?, line)));
    headers.collect()
}

/// The parameters arrive decoded; encoding them again gives them a form that comes apart in the same way.
fn join_query(event: &Map<String, Json>) -> String {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let all = event.get("queryStringParameters").and_then(Json::as_object);
    let pairs =
        all.into_iter().flatten().filter_map(|(name, value)| Some(format!("{}={}", encode(name), encode(value.as_str()?))));
    pairs.collect::<Vec<_>>().join("&")
}
