//! A request on one line. It holds what was sent, so it is redacted before anybody sees it.

use super::redact::{Vocabulary, redact};
use super::wire::Exchange;

/// Verb, URL and status, redacted.
pub fn summarise(exchange: &Exchange, vocabulary: &Vocabulary) -> String {
    let request = &exchange.request;
    let verb = request.verb.as_ref().map(|v| v.value.as_str());
    let target = request.target.as_ref().map(|t| {
        let t = &t.value;
        let scheme = if t.scheme.is_empty() || t.host.is_empty() { String::new() } else { format!("{}://", t.scheme) };
        format!("{scheme}{}{}", t.host, t.path)
    });
    let status = exchange.response.as_ref().and_then(|r| r.status.as_ref()).map(|s| s.value.to_string());
    let parts = [verb, target.as_deref(), status.as_ref().map(|_| "→"), status.as_deref()];
    let line = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    redact(&line.replace(['\n', '\r'], " "), vocabulary).text
}

#[cfg(test)]
mod tests {
    use super::super::wire::{Request, Response, Shown, Target};
    use super::*;

    #[test]
    fn a_request_is_told_without_what_is_specific() {
        let request = Request {
            verb: Some(Shown::new("GET".to_owned(), 1)),
            target: Target::parse("https://abc123defg.execute-api.us-east-1.amazonaws.com/prod/kx81-private")
                .map(|t| Shown::new(t, 1)),
            ..Request::default()
        };
        let response = Some(Response { status: Some(Shown::new(403, 2)), ..Response::default() });
        let told = summarise(&Exchange { request, response }, &Vocabulary::new([]));
        assert!(told.starts_with("GET https://") && told.ends_with("403") && told.contains("execute-api"), "{told}");
        assert!(!told.contains("abc123defg") && !told.contains("kx81"), "{told}");
    }
}
