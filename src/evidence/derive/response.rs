//! What came back, and who answered. Start at [`derive`].

use super::super::facts::{Facts, ResponseFacts};
use super::super::wire::{Exchange, Header, Response, find_header};
use super::request::map_headers;
use serde::de::IgnoredAny;

pub fn derive(exchange: &Exchange, facts: &mut Facts) {
    let Some(response) = &exchange.response else { return };
    let Some(line) = find_line(response) else { return };
    let host_kind = facts.request.host_kind.value.clone();
    let facts = &mut facts.response;
    facts.shown.set(true, line);
    if let Some(status) = &response.status {
        facts.status.set(i64::from(status.value), status.line);
    }
    if let Some(first) = response.headers.first() {
        facts.headers.set(map_headers(&response.headers), first.line);
    }
    if let Some(header) = find_header(&response.headers, "x-amzn-errortype") {
        facts.error_type.set(cut_error_type(&header.value), header.line);
    }
    if let Some(header) = find_header(&response.headers, "location") {
        facts.location_path.set(path_of(&header.value), header.line);
    }
    derive_body_kind(response, facts);
    if let Some((who, at)) = find_sender(response, &host_kind) {
        facts.from.set(who, at.unwrap_or(line));
    }
}

/// `com.amazonaws.x#ForbiddenException:http://…/` → `ForbiddenException`
fn cut_error_type(value: &str) -> &str {
    let value = value.trim();
    // A namespace may be a URL, whose own colon is not the one that ends the name.
    let name = value.rsplit_once('#').filter(|(before, _)| before.starts_with("http")).map_or(value, |(_, name)| name);
    let name = name.split(':').next().unwrap_or("");
    name.rsplit('#').next().unwrap_or("").trim()
}

/// The path of a URL, whole or relative.
fn path_of(url: &str) -> &str {
    let url = url.trim();
    let rest = match url.split_once("://") {
        Some((_, rest)) => rest.find(['/', '?', '#']).map_or("", |at| &rest[at..]),
        None => url,
    };
    rest.split(['?', '#']).next().unwrap_or("")
}

fn find_line(response: &Response) -> Option<usize> {
    let first = response.status.as_ref().map(|s| s.line).or(response.headers.first().map(|h| h.line));
    first.or(response.body.as_ref().map(|b| b.line))
}

fn derive_body_kind(response: &Response, facts: &mut ResponseFacts) {
    let kind = find_header(&response.headers, "content-type").map_or("", |h| h.value.trim());
    if let Some(body) = &response.body {
        return facts.body_kind.set(kind_of(&body.value, kind), body.line);
    }
    if let Some(header) = find_header(&response.headers, "content-length").filter(|h| h.value.trim() == "0") {
        facts.body_kind.set("empty", header.line);
    } else if let Some(status) = response.status.as_ref().filter(|s| s.value == 204) {
        facts.body_kind.set("empty", status.line);
    }
}

/// What a body is by its looks; its type only decides what the looks leave open.
fn kind_of(body: &str, content_type: &str) -> &'static str {
    let body = body.trim_start_matches('\u{feff}').trim();
    let says_json = content_type.to_ascii_lowercase().contains("json");
    let is_json = || serde_json::from_str::<IgnoredAny>(body).is_ok();
    match body.chars().next() {
        None => "empty",
        Some('<') => kind_of_markup(body),
        Some('{' | '[') if says_json || is_json() => "json",
        Some('"' | 'n' | 't' | 'f') if says_json && is_json() => "json",
        Some(_) => "text",
    }
}

fn kind_of_markup(body: &str) -> &'static str {
    let start: String = body.chars().take(600).flat_map(char::to_lowercase).collect();
    let is_html = ["<!doctype html", "<html", "<head", "<body"].iter().any(|mark| start.contains(mark));
    if is_html { "html" } else { "xml" }
}

/// Who answered by the marks that only it leaves, and the line of the mark.
fn find_sender(response: &Response, host_kind: &str) -> Option<(&'static str, Option<usize>)> {
    let header = |name: &str| find_header(&response.headers, name);
    let valued = |name: &str, part: &str| header(name).filter(|h| contains(&h.value, part));
    let page = || response.body.as_ref().map_or("", |b| &b.value);
    // An error of an API behind CloudFront has the mark in `x-cache` too, but not CloudFront's page.
    let own_page = || valued("x-cache", "error from cloudfront").filter(|_| contains(page(), "request could not be satisfied"));
    let cookie = || response.headers.iter().find(|h| is_cognito(h));
    let marks: [(&'static str, Option<&Header>); 6] = [
        ("waf", header("x-amzn-waf-action")),
        ("api-gateway", header("x-amz-apigw-id").or_else(|| header("apigw-requestid"))),
        ("cloudfront", valued("server", "cloudfront").or_else(own_page).filter(|_| header("x-amzn-requestid").is_none())),
        ("load-balancer", valued("server", "awselb/")),
        ("s3", valued("server", "AmazonS3").or_else(|| header("x-amz-id-2"))),
        ("cognito", cookie()),
    ];
    let (who, mark) = match marks.iter().find_map(|(who, mark)| mark.map(|m| (*who, m))) {
        Some(known) => known,
        None => return find_sender_by_host(response, host_kind),
    };
    // CloudFront's own page says so when a web ACL stopped the request.
    let who = if who == "cloudfront" && contains(page(), "request blocked") { "waf" } else { who };
    Some((who, Some(mark.line)))
}

/// Some hosts belong to one service alone, so a weaker mark is enough.
fn find_sender_by_host(response: &Response, host_kind: &str) -> Option<(&'static str, Option<usize>)> {
    let id = find_header(&response.headers, "x-amzn-requestid").or_else(|| find_header(&response.headers, "x-amzn-errortype"));
    match (host_kind, id) {
        ("execute-api" | "vpc-endpoint", Some(id)) => Some(("api-gateway", Some(id.line))),
        ("lambda-url", Some(id)) => Some(("lambda", Some(id.line))),
        ("cognito", _) if response.status.is_some() => Some(("cognito", None)),
        _ => None,
    }
}

fn is_cognito(header: &Header) -> bool {
    let name = header.name.to_ascii_lowercase();
    name.starts_with("x-amz-cognito") || (name == "set-cookie" && header.value.starts_with("cognito"))
}

fn contains(text: &str, part: &str) -> bool {
    text.to_ascii_lowercase().contains(&part.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::super::samples::check;
    use super::*;

    #[test]
    fn error_types_lose_what_surrounds_them() {
        for (value, expected) in [
            ("ForbiddenException", "ForbiddenException"),
            ("InternalFailure:http://internal.amazon.com/coral/com.amazon.coral.service/", "InternalFailure"),
            ("com.amazonaws.lambda#AccessDeniedException", "AccessDeniedException"),
            ("http://internal.example.com/coral#Denied:x", "Denied"),
            ("", ""),
        ] {
            assert_eq!(cut_error_type(value), expected, "{value}");
        }
    }

    #[test]
    fn bodies_are_known_by_their_looks() {
        for (body, kind, expected) in [
            ("{\"message\":\"Forbidden\"}", "", "json"),
            ("{\"mess", "application/json", "json"),
            ("{broken", "text/plain", "text"),
            ("\"Unauthorized\"", "application/json", "json"),
            ("<?xml version=\"1.0\"?>\n<Error/>", "", "xml"),
            ("<Error><Code>x</Code></Error>", "text/html", "xml"),
            ("<!DOCTYPE HTML PUBLIC><HTML>", "", "html"),
            ("Forbidden", "text/html", "text"),
            (" \n", "", "empty"),
        ] {
            assert_eq!(kind_of(body, kind), expected, "{body}");
        }
    }

    #[test]
    fn answers_tell_who_sent_them() {
        let api = "GET https://abc123defg.execute-api.us-east-1.amazonaws.com/prod\n---\n403\n";
        let other = "GET https://api.example.com/prod\n---\n403\n";
        let cognito = "GET https://myapp.auth.us-east-1.amazoncognito.com/login\n---\n400\n";
        let page = "server: CloudFront\nx-cache: Error from cloudfront\n\n<HTML>Request blocked. We can't";
        for (sent, rest, expected) in [
            (
                other,
                "x-amzn-RequestId: a\nx-amz-apigw-id: b\nx-cache: Error from cloudfront\nserver: CloudFront\n",
                "api-gateway",
            ),
            (other, "apigw-requestid: b\n", "api-gateway"),
            (api, "x-amzn-requestid: b\n", "api-gateway"),
            (other, "x-amzn-requestid: b\n", ""),
            (other, "Server: CloudFront\nX-Cache: Error from cloudfront\n", "cloudfront"),
            (other, page, "waf"),
            (other, "x-amzn-waf-action: challenge\n", "waf"),
            (other, "server: awselb/2.0\n", "load-balancer"),
            (other, "server: AmazonS3\nx-cache: Error from cloudfront\n", "s3"),
            (cognito, "content-type: text/html\n", "cognito"),
            ("GET https://abc.lambda-url.us-east-1.on.aws/\n---\n403\n", "x-amzn-RequestId: a\n", "lambda"),
        ] {
            let claim = format!("response.from={expected}");
            check(&format!("{sent}{rest}"), &["response.shown=true", &claim]);
        }
    }

    #[test]
    fn a_redirect_leads_to_a_path() {
        let sent = "GET https://api.example.com/prod\n---\n302\n";
        for (location, expected) in
            [("https://a.example.com/error?error=x", "/error"), ("/error?error=x", "/error"), ("https://a.example.com?x=1", "")]
        {
            let claim = format!("response.location_path={expected}");
            check(&format!("{sent}Location: {location}\ncontent-length: 0\n"), &[&claim, "response.body_kind=empty"]);
        }
        check("GET /\n", &["response.shown=false", "response.body_kind="]);
    }
}
