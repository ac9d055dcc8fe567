//! What is kept of an exchange: its target, its client, and the errors that its answer tells.

use super::super::super::wire::{
    ErrorSeen, Exchange, Failure, Found, Header, Request, Response, Shown, Source, Strength, Target, find_header,
};
use super::super::bodies;
use super::head::RequestLine;

/// Adds an exchange and the errors in its answer; one that shows nothing is dropped.
pub fn record(exchange: Exchange, found: &mut Found) {
    let empty = exchange.request.target.is_none() && exchange.request.headers.is_empty();
    if empty && exchange.response.is_none() {
        return;
    }
    if let Some(response) = &exchange.response {
        record_errors(response, found);
    }
    found.exchanges.push(exchange);
}

/// Adds the errors that headers and body of an answer tell.
pub fn record_errors(response: &Response, found: &mut Found) {
    let status = response.status.as_ref().map(|s| s.value);
    found.errors.extend(find_header_error(&response.headers).map(|error| ErrorSeen { status, ..error }));
    if let Some(body) = &response.body {
        let errors = bodies::list_errors(&body.value, body.line);
        found.errors.extend(errors.into_iter().map(|error| ErrorSeen { status: error.status.or(status), ..error }));
    }
}

fn find_header_error(headers: &[Header]) -> Option<ErrorSeen> {
    let kind = ["x-amzn-errortype", "x-amzn-error-type", "x-amz-error-code"].iter().find_map(|n| find_header(headers, n));
    let message = find_header(headers, "x-amz-error-message");
    let line = kind.or(message)?.line;
    let code = kind.and_then(|h| h.value.split(':').next()).map(|code| code.trim().to_owned()).filter(|code| !code.is_empty());
    let message = message.map(|h| h.value.clone());
    Some(ErrorSeen { code, message, status: None, strength: Strength::Header, line })
}

/// A target from a path or a URL, as written.
pub fn parse_target(text: &str) -> Option<Target> {
    if !text.starts_with('/') {
        return Target::parse(text);
    }
    let text = text.split('#').next().unwrap_or("");
    let (path, query) = match text.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (text, None),
    };
    Some(Target { path: path.to_owned(), query, ..Target::default() })
}

/// A request that begins with a line at an index.
pub fn open(line: &RequestLine<'_>, at: usize) -> Request {
    Request {
        source: Source::Wire,
        verb: Some(Shown::new(line.verb.to_owned(), at + 1)),
        target: parse_target(line.target).map(|target| Shown::new(target, at + 1)),
        ..Request::default()
    }
}

/// Completes a target with the host and port that a header names.
pub fn take_host(target: &mut Target, headers: &[Header]) {
    let header = find_header(headers, "host").or_else(|| find_header(headers, ":authority"));
    if target.host.is_empty()
        && let Some(named) = header.and_then(|h| Target::parse(&h.value))
    {
        target.host = named.host;
        target.port = named.port;
    }
}

/// Moves what HTTP/2 sends as `:method`, `:path`, `:authority` and `:scheme` to where it belongs.
pub fn take_pseudo_headers(request: &mut Request) {
    let (pseudo, headers) = std::mem::take(&mut request.headers).into_iter().partition(|h: &Header| h.name.starts_with(':'));
    request.headers = headers;
    let pseudo: Vec<Header> = pseudo;
    if request.verb.is_none() {
        request.verb = find_header(&pseudo, ":method").map(|h| Shown::new(h.value.clone(), h.line));
    }
    if request.target.is_none()
        && let Some(path) = find_header(&pseudo, ":path")
    {
        request.target = parse_target(&path.value).map(|target| Shown::new(target, path.line));
    }
    if let Some(target) = &mut request.target {
        take_host(&mut target.value, &pseudo);
        if let Some(scheme) = find_header(&pseudo, ":scheme").filter(|_| target.value.scheme.is_empty()) {
            target.value.scheme = scheme.value.to_ascii_lowercase();
        }
    }
}

const CLIENTS: &[(&str, &str)] = &[
    ("aws-cli/", "aws-cli"),
    ("boto3/", "boto3"),
    ("aws-sdk-java/", "java"),
    ("java/", "java"),
    ("aws-sdk-go", "go"),
    ("go-http-client/", "go"),
    ("aws-sdk-js/", "node"),
    ("aws-sdk-nodejs/", "node"),
    ("axios/", "node"),
    ("node-fetch/", "node"),
    ("node", "node"),
    ("python-requests/", "python"),
    ("python-urllib", "python"),
    ("python", "python"),
    ("postmanruntime/", "postman"),
    ("insomnia/", "insomnia"),
    ("httpie/", "httpie"),
    ("curl/", "curl"),
    ("wget/", "wget"),
    ("mozilla/", "browser"),
];

/// The client that a `User-Agent` names, or nothing.
pub fn client_of(headers: &[Header]) -> &'static str {
    let agent = find_header(headers, "user-agent").map(|h| h.value.to_ascii_lowercase()).unwrap_or_default();
    CLIENTS.iter().find(|(prefix, _)| agent.starts_with(prefix)).map_or("", |(_, client)| client)
}

/// What an error of a browser says about the network.
pub fn find_failure(error: &str) -> Option<Failure> {
    let name = error.trim_start_matches("net::").trim_start_matches("ERR_");
    match name {
        "NAME_NOT_RESOLVED" => Some(Failure::NoName),
        "CONNECTION_TIMED_OUT" | "TIMED_OUT" => Some(Failure::TimeOut),
        "CONNECTION_REFUSED" => Some(Failure::Refused),
        _ if name.starts_with("CERT_") || name.starts_with("SSL_") => Some(Failure::Tls),
        _ => None,
    }
}
