//! What the request is: where it goes and what it carries. Start at [`derive`].

use super::super::facts::{Facts, RequestFacts};
use super::super::redact;
use super::super::wire::{Exchange, Header, Request, Shown, Source, Target, find_header};
use super::fields::{self, Field};
use super::host::{self, Place};
use super::token;
use serde_json::Value as Json;
use std::collections::BTreeMap;

pub fn derive(exchange: &Exchange, facts: &mut Facts) {
    let request = &exchange.request;
    let facts = &mut facts.request;
    facts.body_bytes.value = -1;
    let Some(line) = find_line(request) else { return };
    facts.shown.set(true, line);
    facts.whole.set(request.whole, line);
    facts.source.set(source_word(request.source), line);
    if let Some(verb) = &request.verb {
        facts.verb.set(verb.value.to_ascii_uppercase(), verb.line);
    }
    if let Some(target) = &request.target {
        derive_target(target, request, facts);
    }
    derive_headers(request, line, facts);
    derive_body(request, line, facts);
    derive_authorization(request, line, facts);
    derive_api_key(request, line, facts);
}

/// The headers as a map: names in lower case, values as far as they are harmless; the first of a name counts.
pub fn map_headers(headers: &[Header]) -> BTreeMap<String, String> {
    let mut map = BTreeMap::new();
    for header in headers {
        let name = header.name.trim().to_ascii_lowercase();
        map.entry(name).or_insert_with(|| redact::header_value(&header.name, &header.value));
    }
    map
}

/// The host that is called, and the line that shows it: without one in the URL, the `Host` header names it.
pub fn find_host(request: &Request) -> Option<(&str, usize)> {
    let target = request.target.as_ref()?;
    if !target.value.host.is_empty() {
        return Some((&target.value.host, target.line));
    }
    let header = find_header(&request.headers, "host")?;
    Some((without_port(&header.value), header.line)).filter(|(host, _)| !host.is_empty())
}

fn find_line(request: &Request) -> Option<usize> {
    let first = request.target.as_ref().map(|t| t.line).or(request.verb.as_ref().map(|v| v.line));
    let header = || request.headers.first().map(|h| h.line);
    first.or_else(header).or(request.body.as_ref().map(|b| b.line)).or(request.signer.as_ref().map(|s| s.line))
}

fn source_word(source: Source) -> &'static str {
    match source {
        Source::Command => "command",
        Source::Wire => "wire",
        Source::Part => "part",
    }
}

fn derive_target(target: &Shown<Target>, request: &Request, facts: &mut RequestFacts) {
    let Shown { value: target, line } = target;
    if !target.scheme.is_empty() {
        facts.scheme.set(target.scheme.as_str(), *line);
    }
    if let Some((host, line)) = find_host(request) {
        facts.host.set(host.to_ascii_lowercase(), line);
        let Place { kind, region } = host::classify(host);
        facts.host_kind.set(kind, line);
        facts.region.set(region, line);
        derive_host_header(host, kind, request, facts);
    }
    // Where a connection failed, the host alone may be named: nothing is known of the path then.
    if request.source == Source::Part && target.scheme.is_empty() && target.path.is_empty() {
        return;
    }
    // What a client sends when the URL has no path.
    let path = if target.path.is_empty() { "/" } else { target.path.as_str() };
    facts.path.set(path, *line);
    facts.segments.set(path.split('/').filter(|s| !s.is_empty()).count() as i64, *line);
    facts.special_path.set(!path.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/".contains(&b)), *line);
    facts.parameters.set(fields::list_query(request).into_iter().map(|f| f.name).collect::<Vec<_>>(), *line);
    if ["execute-api", "vpc-endpoint"].contains(&facts.host_kind.value.as_str()) {
        let (stage, below) = split_stage(path);
        facts.stage.set(stage, *line);
        facts.below_stage.set(below, *line);
    }
}

/// `/prod/users/1` → `prod` and `/users/1`.
fn split_stage(path: &str) -> (&str, &str) {
    let rest = path.strip_prefix('/').unwrap_or(path);
    rest.split_at(rest.find('/').unwrap_or(rest.len()))
}

fn derive_host_header(called: &str, kind: &str, request: &Request, facts: &mut RequestFacts) {
    if let Some(header) = find_header(&request.headers, "x-apigw-api-id").filter(|h| !h.value.trim().is_empty()) {
        facts.names_api.set(true, header.line);
    }
    let Some(header) = find_header(&request.headers, "host") else { return };
    let named = without_port(&header.value).to_ascii_lowercase();
    if named.is_empty() || named.trim_end_matches('.') == called.to_ascii_lowercase().trim_end_matches('.') {
        return;
    }
    if kind == "vpc-endpoint" && host::classify(&named).kind == "execute-api" {
        facts.names_api.set(true, header.line);
    }
    facts.host_header.set(named, header.line);
}

fn without_port(host: &str) -> &str {
    match host.trim().rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host.trim(),
    }
}

fn derive_headers(request: &Request, line: usize, facts: &mut RequestFacts) {
    if let Some(first) = request.headers.first() {
        facts.headers.set(map_headers(&request.headers), first.line);
    }
    if let Some(header) = find_header(&request.headers, "content-type") {
        let kind = header.value.split(';').next().unwrap_or("").trim();
        facts.content_type.set(kind.to_ascii_lowercase(), header.line);
    }
    if !request.client.is_empty() {
        facts.client.set(request.client, line);
    } else if let Some(agent) = find_header(&request.headers, "user-agent") {
        facts.client.set(name_client(&agent.value), agent.line);
    }
}

/// The program that a `User-Agent` names. More than one may match: an SDK names the libraries that it uses, so it comes first.
fn name_client(agent: &str) -> &'static str {
    const PROGRAMS: &[(&str, &str)] = &[
        ("aws-cli/", "aws-cli"),
        ("boto3/", "boto3"),
        ("botocore/", "boto3"),
        ("aws-sdk-java", "java"),
        ("aws-sdk-go", "go"),
        ("aws-sdk-nodejs", "node"),
        ("aws-sdk-js", "node"),
        ("curl/", "curl"),
        ("httpie/", "httpie"),
        ("postmanruntime/", "postman"),
        ("python-requests/", "python"),
        ("python-urllib", "python"),
        ("python-httpx/", "python"),
        ("aiohttp/", "python"),
        ("axios/", "node"),
        ("node-fetch", "node"),
        ("undici", "node"),
        ("go-http-client/", "go"),
        ("apache-httpclient/", "java"),
        ("java-http-client/", "java"),
        ("okhttp/", "java"),
        ("mozilla/", "browser"),
    ];
    let agent = agent.to_ascii_lowercase();
    PROGRAMS.iter().find(|(mark, _)| agent.contains(mark)).map_or("", |(_, name)| name)
}

fn derive_body(request: &Request, line: usize, facts: &mut RequestFacts) {
    let length = find_header(&request.headers, "content-length");
    let told = length.and_then(|h| Some((h.value.trim().parse::<i64>().ok()?, h.line)));
    if let Some((bytes, line)) = told.filter(|_| request.source == Source::Wire) {
        facts.body_bytes.set(bytes, line);
    } else if let Some(body) = &request.body {
        facts.body_bytes.set(body.value.len() as i64, body.line);
    } else if length.is_none() && is_bodiless(request) {
        facts.body_bytes.set(0, line);
    }
}

/// Whether there is no body for certain: what a command takes from a file is not shown.
pub fn is_bodiless(request: &Request) -> bool {
    let verb = request.verb.as_ref().map_or("", |v| v.value.as_str());
    let is_reading = || ["GET", "HEAD", "OPTIONS"].iter().any(|v| v.eq_ignore_ascii_case(verb));
    let length = find_header(&request.headers, "content-length").map(|h| h.value.trim());
    request.whole
        && request.body.is_none()
        && matches!(length, None | Some("0"))
        && find_header(&request.headers, "transfer-encoding").is_none()
        && (request.source == Source::Wire || is_reading())
}

fn derive_authorization(request: &Request, line: usize, facts: &mut RequestFacts) {
    let header = find_header(&request.headers, "authorization");
    if let Some(header) = header {
        return facts.authorization.set(name_scheme(&header.value), header.line);
    }
    let query = fields::list_query(request);
    if let Some(word) = name_query_scheme(&query) {
        facts.authorization.set(word, request.target.as_ref().map_or(line, |t| t.line));
    } else if let Some(signer) = &request.signer {
        facts.authorization.set("sigv4", signer.line);
    } else if request.target.as_ref().is_some_and(|t| t.value.has_user) {
        // A command sends it as Basic; a browser keeps it for itself.
        facts.authorization.set(if request.source == Source::Command { "basic" } else { "" }, line);
    } else if request.whole {
        facts.authorization.set("none", line);
    }
}

/// The word for what an `Authorization` header carries; empty when that cannot be seen.
fn name_scheme(value: &str) -> &'static str {
    let value = value.trim();
    let (scheme, rest) = value.split_once([' ', ',']).unwrap_or((value, ""));
    match scheme.to_ascii_lowercase().as_str() {
        s if s.starts_with("aws4-ecdsa-p256-sha256") => "sigv4a",
        s if s.starts_with("aws4-hmac-sha256") => "sigv4",
        "aws" if rest.contains(':') => "sigv2",
        "bearer" => "bearer",
        "basic" => "basic",
        _ if token::looks_like_token(value) => "jwt",
        _ if rest.is_empty() && (value.is_empty() || fields::is_placeholder(value)) => "",
        _ => "other",
    }
}

fn name_query_scheme(query: &[Field]) -> Option<&'static str> {
    let has = |name: &str| query.iter().any(|f| f.name.eq_ignore_ascii_case(name));
    match query.iter().find(|f| f.name.eq_ignore_ascii_case("x-amz-algorithm")) {
        Some(field) if field.value.starts_with("AWS4-ECDSA") => Some("sigv4a"),
        Some(_) => Some("sigv4"),
        None if has("x-amz-signature") => Some("sigv4"),
        None if has("awsaccesskeyid") && has("signature") => Some("sigv2"),
        None => None,
    }
}

fn derive_api_key(request: &Request, line: usize, facts: &mut RequestFacts) {
    let is_filled = |h: &&Header| !h.value.trim().is_empty();
    let find_filled = |test: fn(&str, &str) -> bool| {
        request.headers.iter().filter(is_filled).find(|h| test(&h.name.trim().to_ascii_lowercase(), &h.value))
    };
    if let Some(header) = find_filled(|name, _| name == "x-api-key") {
        facts.api_key.set("header", header.line);
    } else if let Some(header) = find_filled(is_like_key_header) {
        facts.api_key.set("other-header", header.line);
    } else if let Some(field) = fields::list_query(request).iter().find(|f| is_key_parameter(f, &facts.host_kind.value)) {
        facts.api_key.set("query", field.line);
    } else if let Some(line) = find_key_in_body(request) {
        facts.api_key.set("body", line);
    } else if request.whole {
        facts.api_key.set("none", line);
    }
}

/// A header that somebody means as the API key, though nobody reads it.
fn is_like_key_header(name: &str, value: &str) -> bool {
    let scheme = || value.trim().split([' ', ':', '=']).next().unwrap_or("").to_ascii_lowercase();
    name != "x-api-key" && is_key_name(name) || name == "authorization" && is_key_name(&scheme())
}

fn is_key_name(name: &str) -> bool {
    let letters: String = name.chars().filter(|c| !"-_ ".contains(*c)).map(|c| c.to_ascii_lowercase()).collect();
    letters == "apikey" || letters == "xapikey"
}

/// `key` alone means many things, so its value has to look like one.
fn is_key_parameter(field: &Field, host_kind: &str) -> bool {
    let looks_like_key = || field.value.len() >= 20 && field.value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    !field.value.is_empty()
        && (is_key_name(&field.name)
            || (field.name.eq_ignore_ascii_case("key") && !host_kind.starts_with("s3") && looks_like_key()))
}

fn find_key_in_body(request: &Request) -> Option<usize> {
    let body = request.body.as_ref()?;
    if fields::list_form(request).iter().any(|f| is_key_name(&f.name) && !f.value.is_empty()) {
        return Some(body.line);
    }
    let text = body.value.trim_start();
    let json: BTreeMap<String, Json> = serde_json::from_str(text).ok().filter(|_| text.starts_with('{'))?;
    json.keys().any(|name| is_key_name(name)).then_some(body.line)
}

#[cfg(test)]
mod tests;
