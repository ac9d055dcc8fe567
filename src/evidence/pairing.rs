//! Which request of a paste is meant: a command and the transcript that it printed are one exchange, and the one that failed
//! comes first. Start at [`pair`].

use super::wire::{Exchange, Header, Request, Response, Source, Target, find_header};
use super::{Disagreement, RequestLine};

/// An exchange, perhaps of two views of it.
#[derive(Default)]
pub struct Paired {
    pub exchange: Exchange,
    /// The line of the weaker view, where that has another verb.
    disputed_verb: Option<usize>,
}

/// Joins a command with the transcript that it printed: the next exchange of the text, if it may be the same request.
pub fn pair(exchanges: Vec<Exchange>) -> Vec<Paired> {
    let mut paired: Vec<Paired> = Vec::with_capacity(exchanges.len());
    for exchange in exchanges {
        match paired.last_mut() {
            Some(last) if is_answer(&last.exchange, &exchange) => add_answer(&mut last.exchange, exchange),
            Some(last) if shows_the_same(&last.exchange, &exchange) => *last = join(std::mem::take(last), exchange),
            _ => paired.push(Paired { exchange, disputed_verb: None }),
        }
    }
    paired
}

/// An answer without a request, after a request without an answer or with one that it may be a second view of.
fn is_answer(last: &Exchange, next: &Exchange) -> bool {
    let fits = match (&last.response, &next.response) {
        (_, None) => false,
        (None, Some(_)) => true,
        // A program prints the answer that its debug output has shown without a body.
        (Some(shown), Some(printed)) => {
            let status = |r: &Response| r.status.as_ref().map(|s| s.value);
            shown.body.is_none() && last.request.target.is_some() && status(shown).is_some() && status(shown) == status(printed)
        }
    };
    fits && is_one_program(&last.request, &next.request) && is_empty(&next.request)
}

fn is_one_program(a: &Request, b: &Request) -> bool {
    a.client.is_empty() || b.client.is_empty() || a.client == b.client
}

fn add_answer(last: &mut Exchange, next: Exchange) {
    let Some(next_response) = next.response else { return };
    if last.request.client.is_empty() {
        last.request.client = next.request.client;
    }
    last.response = Some(match last.response.take() {
        Some(shown) => Response { body: shown.body.or(next_response.body), ..shown },
        None => next_response,
    });
}

fn is_empty(request: &Request) -> bool {
    request.verb.is_none() && request.target.is_none() && request.headers.is_empty() && request.body.is_none()
}

/// Whether two requests, the first without an answer, are likely two views of one.
fn shows_the_same(last: &Exchange, next: &Exchange) -> bool {
    let strength = |source: Source| match source {
        Source::Command => 0,
        Source::Part => 1,
        Source::Wire => 2,
    };
    let (a, b) = (&last.request, &next.request);
    if last.response.is_some() || (a.source == b.source && a.source != Source::Part) {
        return false;
    }
    let verbs = match (&a.verb, &b.verb) {
        (Some(a), Some(b)) => a.value == b.value,
        _ => true,
    };
    let fits = match (&a.target, &b.target) {
        (Some(a), Some(b)) => same_target(&a.value, &b.value) || is_host_alone(&b.value, &a.value, next),
        _ => is_one_program(a, b),
    };
    // A verb that differs is a disagreement about one request when everything else is the same.
    fits && (verbs || (strength(a.source) < strength(b.source) && a.target.is_some() && b.target.is_some()))
}

fn same_target(a: &Target, b: &Target) -> bool {
    let path = |t: &Target| if t.path.is_empty() { "/".to_owned() } else { t.path.clone() };
    let host = a.host.is_empty() || b.host.is_empty() || a.host.eq_ignore_ascii_case(&b.host);
    host && path(a) == path(b)
}

/// A client that reached nobody names the host alone.
fn is_host_alone(named: &Target, called: &Target, next: &Exchange) -> bool {
    next.request.source == Source::Part
        && next.response.is_none()
        && matches!(named.path.as_str(), "" | "/")
        && named.host.eq_ignore_ascii_case(&called.host)
}

/// One exchange out of two: the wire shows what was sent, the command how.
fn join(first: Paired, second: Exchange) -> Paired {
    let Paired { exchange: Exchange { request: first, response }, disputed_verb } = first;
    let wire_last = second.request.source == Source::Wire || first.source == Source::Part;
    let (strong, weak) =
        if wire_last && first.source != Source::Wire { (second.request, first) } else { (first, second.request) };
    let differs = matches!((&strong.verb, &weak.verb), (Some(a), Some(b)) if a.value != b.value);
    let dispute = if differs { weak.verb.as_ref().map(|v| v.line) } else { disputed_verb };
    let response = second.response.or(response);
    Paired { exchange: Exchange { request: merge(strong, weak), response }, disputed_verb: dispute }
}

fn merge(strong: Request, weak: Request) -> Request {
    let mut headers = strong.headers;
    if !strong.whole {
        let missing = |h: &Header| find_header(&headers, &h.name).is_none();
        let more: Vec<Header> = weak.headers.iter().filter(|h| missing(h)).cloned().collect();
        headers.extend(more);
    }
    Request {
        source: strong.source,
        client: if strong.client.is_empty() { weak.client } else { strong.client },
        verb: strong.verb.or(weak.verb),
        target: better_target(strong.target, weak.target),
        headers,
        body: strong.body.or(weak.body),
        whole: strong.whole || weak.whole,
        signer: strong.signer.or(weak.signer),
    }
}

/// The transcript's target, with what only the command tells: scheme, host, port.
fn better_target(
    strong: Option<super::wire::Shown<Target>>,
    weak: Option<super::wire::Shown<Target>>,
) -> Option<super::wire::Shown<Target>> {
    let (Some(mut strong), Some(weak)) = (strong.clone(), weak.clone()) else { return strong.or(weak) };
    if strong.value.host.is_empty() {
        strong.value.host = weak.value.host;
        strong.value.port = weak.value.port;
    }
    if strong.value.path.is_empty() {
        strong.value.path = weak.value.path;
        strong.value.query = strong.value.query.or(weak.value.query);
    }
    if strong.value.scheme.is_empty() {
        strong.value.scheme = weak.value.scheme;
    }
    Some(strong)
}

/// The exchange to look at first: the last that failed, or else the last. A redirect that was followed is not the end.
pub fn failing(all: &[Paired]) -> Option<usize> {
    let graded = all.iter().enumerate().max_by_key(|(number, p)| (gravity(&p.exchange), *number));
    graded.map(|(number, _)| number)
}

fn gravity(exchange: &Exchange) -> u8 {
    let status = exchange.response.as_ref().and_then(|r| r.status.as_ref()).map(|s| s.value);
    let shown = u8::from(exchange.request.target.is_some());
    match status {
        Some(400..) => 4 + shown,
        Some(300..400) if redirects_to_error(exchange.response.as_ref()) => 4 + shown,
        Some(0) => 3,
        None if exchange.request.target.is_some() => 3,
        None => 1,
        Some(_) => 2,
    }
}

fn redirects_to_error(response: Option<&Response>) -> bool {
    let location = response.and_then(|r| find_header(&r.headers, "location"));
    location.is_some_and(|h| h.value.contains("error="))
}

/// One line for each request: verb, the shape of the host, status.
pub fn list(all: &[Paired], chosen: Option<usize>) -> Vec<RequestLine> {
    let line = |(number, Paired { exchange, .. }): (usize, &Paired)| {
        let request = &exchange.request;
        let status = exchange.response.as_ref().and_then(|r| r.status.as_ref());
        let first = request.verb.as_ref().map(|v| v.line).or(request.target.as_ref().map(|t| t.line)).or(status.map(|s| s.line));
        RequestLine { label: label(exchange), line: first.unwrap_or(1), chosen: chosen == Some(number) }
    };
    all.iter().enumerate().map(line).collect()
}

fn label(exchange: &Exchange) -> String {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let verb = exchange.request.verb.as_ref().and_then(|v| known.into_iter().find(|k| *k == v.value)).unwrap_or("a request");
    match exchange.response.as_ref().and_then(|r| r.status.as_ref()) {
        Some(status) => format!("{verb}, answered {}", status.value),
        None => format!("{verb}, no answer shown"),
    }
}

/// What two views of the chosen request tell differently.
pub fn disagreements(paired: &Paired) -> Vec<Disagreement> {
    let verb = paired.exchange.request.verb.as_ref().map_or(0, |v| v.line);
    paired.disputed_verb.map(|line| Disagreement { what: "the HTTP method", lines: [line, verb] }).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::super::wire::Shown;
    use super::*;

    fn exchange(source: Source, verb: &str, url: &str, status: Option<u16>) -> Exchange {
        let request = Request {
            source,
            verb: (!verb.is_empty()).then(|| Shown::new(verb.to_owned(), 1)),
            target: Target::parse(url).map(|t| Shown::new(t, 1)),
            ..Request::default()
        };
        let response = status.map(|s| Response { status: Some(Shown::new(s, 2)), ..Response::default() });
        Exchange { request, response }
    }

    const URL: &str = "https://abc123defg.execute-api.us-east-1.amazonaws.com/prod/x";

    #[test]
    fn a_command_and_its_transcript_are_one_request() {
        let paired = pair(vec![exchange(Source::Command, "GET", URL, None), exchange(Source::Wire, "GET", "/prod/x", Some(403))]);
        assert_eq!(paired.len(), 1);
        let target = &paired[0].exchange.request.target.as_ref().unwrap().value;
        assert_eq!((target.scheme.as_str(), target.host.is_empty()), ("https", false));
        assert!(paired[0].exchange.response.is_some() && disagreements(&paired[0]).is_empty());
    }

    #[test]
    fn an_answer_by_itself_belongs_to_the_request_before_it() {
        let paired = pair(vec![exchange(Source::Command, "GET", URL, None), exchange(Source::Wire, "", "", Some(403))]);
        assert_eq!((paired.len(), failing(&paired)), (1, Some(0)));
    }

    #[test]
    fn an_answer_that_is_printed_again_is_no_other_request() {
        let mut printed = exchange(Source::Part, "", "", Some(403));
        printed.response.as_mut().unwrap().body = Some(Shown::new("{}".to_owned(), 3));
        let paired = pair(vec![exchange(Source::Wire, "GET", URL, Some(403)), printed]);
        assert_eq!((paired.len(), paired[0].exchange.response.as_ref().unwrap().body.is_some()), (1, true));
        let other = pair(vec![exchange(Source::Wire, "GET", URL, Some(403)), exchange(Source::Part, "", "", Some(500))]);
        assert_eq!((other.len(), failing(&other)), (2, Some(0)));
    }

    #[test]
    fn an_answer_of_another_program_is_another_request() {
        let mut sent = exchange(Source::Command, "GET", URL, None);
        let mut told = exchange(Source::Part, "", "", Some(403));
        (sent.request.client, told.request.client) = ("curl", "boto3");
        assert_eq!(pair(vec![sent, told]).len(), 2);
    }

    #[test]
    fn a_failed_connection_names_the_host_alone() {
        let host = "https://abc123defg.execute-api.us-east-1.amazonaws.com";
        let paired = pair(vec![exchange(Source::Command, "GET", URL, None), exchange(Source::Part, "", host, None)]);
        let target = &paired[0].exchange.request.target.as_ref().unwrap().value;
        assert_eq!((paired.len(), target.path.as_str()), (1, "/prod/x"));
    }

    #[test]
    fn two_verbs_for_one_request_are_a_disagreement() {
        let paired = pair(vec![exchange(Source::Command, "POST", URL, None), exchange(Source::Wire, "GET", URL, Some(403))]);
        assert_eq!((paired.len(), disagreements(&paired[0]).len()), (1, 1));
    }

    #[test]
    fn other_paths_are_other_requests_and_the_failed_one_comes_first() {
        let paired =
            pair(vec![exchange(Source::Wire, "GET", "/prod/a", Some(403)), exchange(Source::Wire, "GET", "/prod/b", Some(200))]);
        assert_eq!((paired.len(), failing(&paired)), (2, Some(0)));
        let labels: Vec<String> = list(&paired, Some(0)).into_iter().map(|r| r.label).collect();
        assert_eq!(labels, ["GET, answered 403", "GET, answered 200"]);
    }
}
