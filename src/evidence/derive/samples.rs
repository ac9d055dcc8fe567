//! Exchanges written short, for tests.

use super::super::facts::{Facts, Value};
use super::super::wire::{Exchange, Header, Request, Response, Shown, Source, Target};
use super::{cors, oauth, request, response, sigv4, token};

/// Reads a request, with `---` and an answer below it. The first line is `VERB URL`; `VERB! URL` is one whose headers are all
/// shown; an answer begins with its status. Headers, an empty line and a body follow both.
pub fn exchange(text: &str) -> Exchange {
    let (sent, answer) = match text.split_once("---\n") {
        Some((sent, answer)) => (sent, Some((answer, sent.lines().count() + 1))),
        None => (text, None),
    };
    let (first, headers, body) = message(sent, 0);
    let (verb, url) = first.split_once(' ').unwrap_or((first, ""));
    let whole = verb.ends_with('!');
    let request = Request {
        source: if whole { Source::Wire } else { Source::Command },
        verb: Some(verb.trim_end_matches('!')).filter(|v| !v.is_empty()).map(|v| Shown::new(v.to_owned(), 1)),
        target: Target::parse(url).map(|t| Shown::new(t, 1)),
        headers,
        body,
        whole,
        ..Request::default()
    };
    let response = answer.map(|(text, above)| {
        let (status, headers, body) = message(text, above);
        Response { status: status.parse().ok().map(|s| Shown::new(s, above + 1)), headers, body }
    });
    Exchange { request, response }
}

fn message(text: &str, above: usize) -> (&str, Vec<Header>, Option<Shown<String>>) {
    let (head, body) = text.split_once("\n\n").map_or((text.trim_end(), None), |(head, body)| (head, Some(body)));
    let mut lines = head.lines();
    let first = lines.next().unwrap_or("");
    let headers = lines
        .enumerate()
        .filter_map(|(n, line)| line.split_once(':').map(|(name, value)| Header::new(name, value.trim(), above + n + 2)))
        .collect();
    let line = above + head.lines().count() + 2;
    (first, headers, body.map(|b| Shown::new(b.strip_suffix('\n').unwrap_or(b).to_owned(), line)))
}

/// Derives everything from a sample.
pub fn derive(exchange: &Exchange) -> Facts {
    let mut facts = Facts::default();
    request::derive(exchange, &mut facts);
    response::derive(exchange, &mut facts);
    sigv4::derive(exchange, &mut facts);
    token::derive(exchange, &mut facts);
    oauth::derive(exchange, &mut facts);
    cors::derive(exchange, &mut facts);
    facts
}

/// Compares facts of a sample, each written `group.name=value` (lists with commas between).
pub fn check(text: &str, expected: &[&str]) {
    check_exchange(&exchange(text), text, expected);
}

pub fn check_exchange(exchange: &Exchange, text: &str, expected: &[&str]) {
    check_facts(&derive(exchange), text, expected);
}

pub fn check_facts(facts: &Facts, text: &str, expected: &[&str]) {
    for claim in expected {
        let (path, value) = claim.split_once('=').unwrap();
        let (group, name) = path.split_once('.').unwrap();
        let (found, line) = facts.find(group, name).unwrap_or_else(|| panic!("no fact {path}"));
        let shown = match found {
            Value::Text(text) => text.to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Flag(flag) => flag.to_string(),
            Value::Texts(texts) => texts.join(","),
            Value::Map(map) => map.keys().cloned().collect::<Vec<_>>().join(","),
        };
        assert_eq!(shown, value, "{path} of\n{text}");
        let is_empty = ["", "false", "0", "-1"].contains(&shown.as_str());
        assert!(is_empty || line > 0, "{path} has no line in\n{text}");
    }
}

mod tests {
    use super::super::super::wire::Found;
    use super::super::signature;
    use super::*;
    use proptest::prelude::*;

    /// Pieces that mean something somewhere, between anything else.
    fn piece() -> impl Strategy<Value = String> {
        let known = prop::sample::select(vec![
            "https://abc123defg.execute-api.us-east-1.amazonaws.com/prod",
            "?X-Amz-Signature=0&X-Amz-Credential=%2F%2F&X-Amz-Expires=9&X-Amz-Date=20170612T120000Z",
            "Authorization: AWS4-HMAC-SHA256 Credential=A/20170612/a/b/aws4_request, SignedHeaders=host;;x, Signature=",
            "eyJhbGciOiJub25lIn0.e30.",
            "\n\n",
            "\n---\n",
            "Date: Mon, 12 Jun 2017 12:00:00 GMT\n",
            "<Error><CanonicalRequest>GET\n/\n\nhost:x\n\nhost\ne3</CanonicalRequest><StringToSign>AWS4-\na\nb/c\n",
            "The Canonical String for this request should have been\n'GET\n/%25%\n",
            "Signature expired: a is now earlier than b (20170612T120000Z - 5 min.)",
            "%25%2",
            "é",
        ]);
        prop_oneof![known.prop_map(str::to_owned), any::<String>()]
    }

    proptest! {
        #[test]
        fn nothing_panics(pieces in prop::collection::vec(piece(), 0..12)) {
            let exchange = exchange(&pieces.concat());
            derive(&exchange);
            if let Some(comparison) = signature::compare(&exchange, &Found::default()) {
                signature::derive(&comparison, &mut Facts::default());
            }
        }
    }
}
