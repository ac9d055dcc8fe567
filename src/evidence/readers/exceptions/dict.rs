//! `e.response` of botocore, printed, and errors of the SDK for JavaScript as JSON.

use serde_json::Value as Json;

use super::super::super::wire::{ErrorSeen, Exchange, Found, Header, Request, Response, Shown, Source, Strength};
use super::super::bodies::{find_open_answer, list_json_errors};

/// Takes `{'Error': {…}, 'ResponseMetadata': {'HTTPStatusCode': …, 'HTTPHeaders': {…}}}` and `{"$metadata": …}`.
pub fn take(value: &Json, line: usize, found: &mut Found) -> bool {
    if take_axios(value, line, found) || take_response(value, line, found) {
        return true;
    }
    let python = value.get("ResponseMetadata");
    let Some(metadata) = python.or_else(|| value.get("$metadata")) else { return false };
    let number = metadata.get("HTTPStatusCode").or_else(|| metadata.get("httpStatusCode")).and_then(Json::as_u64);
    let status = number.and_then(|n| u16::try_from(n).ok()).filter(|n| (100..600).contains(n));
    let error = if python.is_some() { value.get("Error").unwrap_or(&Json::Null) } else { value };
    let text =
        |names: &[&str]| names.iter().find_map(|name| error.get(*name)?.as_str()).filter(|t| !t.is_empty()).map(str::to_owned);
    let (code, message) = (text(&["Code", "__type", "name", "code"]), text(&["Message", "message"]));
    if (code.is_some() || message.is_some()) && status.is_none_or(|s| s >= 300) {
        found.errors.push(ErrorSeen { code, message, status, strength: Strength::Told, line });
    }
    let pairs = metadata.get("HTTPHeaders").and_then(Json::as_object);
    let headers: Vec<Header> = pairs.into_iter().flatten().filter_map(|(n, v)| Some(Header::new(n, v.as_str()?, line))).collect();
    if status.is_some() || !headers.is_empty() {
        let client = if python.is_some() { "boto3" } else { "" };
        let request = Request { source: Source::Part, client, ..Request::default() };
        let response = Response { status: status.map(|s| Shown::new(s, line)), headers, body: None };
        found.exchanges.push(Exchange { request, response: Some(response) });
    }
    found.by("exception");
    true
}

/// An error of axios as an object: `config` tells what was called.
fn take_axios(value: &Json, line: usize, found: &mut Found) -> bool {
    let text = |pointer: &str| value.pointer(pointer).and_then(Json::as_str).unwrap_or("");
    let (url, base) = (text("/config/url"), text("/config/baseURL"));
    if url.is_empty() || text("/message").is_empty() {
        return false;
    }
    let url = match base {
        "" => url.to_owned(),
        _ if url.contains("://") => url.to_owned(),
        base => format!("{}/{}", base.trim_end_matches('/'), url.trim_start_matches('/')),
    };
    let status = value.get("status").or_else(|| value.pointer("/response/status")).and_then(Json::as_u64);
    let status = status.and_then(|n| u16::try_from(n).ok());
    super::tell(None, text("/message"), status, line, found);
    super::show(Some(text("/config/method")).filter(|m| !m.is_empty()), Some(&url), status, "", line, found);
    if let Some(failure) = super::network::find_failure(text("/message")).or_else(|| super::network::find_failure(text("/code")))
    {
        found.failures.push(Shown::new(failure, line));
    }
    if let Some(data) = value.pointer("/response/data") {
        found.errors.extend(list_json_errors(data, Strength::Told, line));
    }
    found.by("exception");
    true
}

/// Headers of an answer that are printed alone, or in a `Response` of `fetch`.
fn take_response(value: &Json, line: usize, found: &mut Found) -> bool {
    let Some(object) = value.as_object() else { return false };
    let headers = match value.get("headers").and_then(Json::as_object) {
        Some(headers) if object.contains_key("status") && object.contains_key("url") => headers,
        Some(_) => return false,
        None => object,
    };
    let marks = ["x-amzn-requestid", "x-amzn-errortype", "x-amz-apigw-id", "apigw-requestid", "x-amz-request-id", "x-amz-cf-id"];
    let marked = headers.keys().any(|key| marks.contains(&key.to_ascii_lowercase().as_str()));
    if !marked || !headers.values().all(|v| v.is_string() || v.is_number()) {
        return false;
    }
    let headers: Vec<Header> = headers.iter().filter_map(|(n, v)| Some(Header::new(n, v.as_str()?, line))).collect();
    let status = value.get("status").and_then(Json::as_u64).and_then(|n| u16::try_from(n).ok()).map(|s| Shown::new(s, line));
    let url = value.get("url").and_then(Json::as_str).and_then(super::Target::parse).map(|t| Shown::new(t, line));
    found.by("response headers");
    if url.is_none()
        && let Some(answer) = find_open_answer(found, line)
        && answer.headers.is_empty()
    {
        answer.headers = headers;
        answer.status = answer.status.take().or(status);
        return true;
    }
    let request = Request { source: Source::Part, target: url, ..Request::default() };
    found.exchanges.push(Exchange { request, response: Some(Response { status, headers, body: None }) });
    true
}
