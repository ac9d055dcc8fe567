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
    let facts = derive(exchange);
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
