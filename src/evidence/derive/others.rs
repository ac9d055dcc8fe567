//! What the other requests of a text tell about the chosen one. Start at [`derive`].

use super::super::facts::Facts;
use super::super::wire::{Exchange, Request, Target, find_header};
use super::errors::own;
use super::request::find_host;
use super::{cors, host};
use std::collections::BTreeSet;

/// Compares an exchange with the others, which are told apart from it by their number.
pub fn derive(all: &[&Exchange], chosen: usize, facts: &mut Facts) {
    let Some(own) = all.get(chosen) else { return };
    let others: Vec<&Exchange> = all.iter().enumerate().filter(|(n, _)| *n != chosen).map(|(_, other)| *other).collect();
    derive_path_works(own, &others, facts);
    derive_same_works(own, &others, facts);
    let preflights = others.iter().rfind(|other| is_preflight_of(other, own)).copied();
    let preflight = if cors::is_preflight(&own.request) { Some(*own) } else { preflights };
    if let Some(preflight) = preflight {
        cors::derive_preflight(preflight, facts);
    }
}

fn derive_path_works(own: &Exchange, others: &[&Exchange], facts: &mut Facts) {
    let Some(target) = find_target(own) else { return };
    let Some(failed) = find_status(own).filter(|(status, _)| *status >= 400).map(|_| find_failure(own)) else { return };
    let mut alike = BTreeSet::new();
    let mut line = 0;
    for other in others {
        let (Some(place), Some((status, at))) = (find_target(other), find_status(other)) else { continue };
        let is_other_path = place.path.trim_end_matches('/') != target.path.trim_end_matches('/');
        if is_options(&other.request) || !is_other_path || !is_same_api(own, other) {
            continue;
        }
        if (200..300).contains(&status) {
            return facts.others.path_works.set("yes", at);
        }
        if failed.as_ref().is_some_and(|(code, _)| *code == status) && find_failure(other) == failed {
            alike.insert(place.path.as_str());
            line = at;
        }
    }
    if alike.len() >= 2 {
        facts.others.path_works.set("no", line);
    }
}

/// The same host and, where the path begins with a stage, the same stage.
fn is_same_api(own: &Exchange, other: &Exchange) -> bool {
    let (Some((a, _)), Some((b, _))) = (find_host(&own.request), find_host(&other.request)) else { return false };
    let stage = |exchange| find_target(exchange).and_then(|t| t.path.split('/').nth(1));
    a.eq_ignore_ascii_case(b) && (host::classify(a).kind != "execute-api" || stage(own) == stage(other))
}

/// A status with what the answer says about it.
fn find_failure(exchange: &Exchange) -> Option<(u16, Option<String>)> {
    let (status, _) = find_status(exchange)?;
    let error = own::list(exchange).into_iter().next();
    Some((status, error.and_then(|error| error.code.or(error.message))))
}

fn derive_same_works(own: &Exchange, others: &[&Exchange], facts: &mut Facts) {
    if !find_status(own).is_some_and(|(status, _)| matches!(status, 401 | 403)) {
        return;
    }
    let works = |other: &&&Exchange| find_status(other).is_some_and(|(status, _)| (200..300).contains(&status));
    if let Some(other) = others.iter().filter(works).find(|other| is_same_request(&own.request, &other.request)) {
        facts.others.same_works.set("yes", find_status(other).map_or(0, |(_, line)| line));
    }
}

fn is_same_request(a: &Request, b: &Request) -> bool {
    let verb = |r: &Request| r.verb.as_ref().map(|v| v.value.to_ascii_uppercase());
    let place = |r: &Request| Some((find_host(r)?.0.to_ascii_lowercase(), r.target.as_ref()?.value.clone()));
    let (Some((first, one)), Some((second, other))) = (place(a), place(b)) else { return false };
    let same_url = first == second && (one.path, one.query) == (other.path, other.query);
    same_url && verb(a).is_some() && verb(a) == verb(b) && list_credentials(a) == list_credentials(b)
}

/// What a request proves itself with; of a signature, whose it is.
fn list_credentials(request: &Request) -> [Option<&str>; 3] {
    let value = |name| find_header(&request.headers, name).map(|header| header.value.trim());
    let whose = |text: &'_ str| text.starts_with("AWS4-").then(|| text.find('/')).flatten().unwrap_or(text.len());
    [value("authorization").map(|text| &text[..whose(text)]), value("x-api-key"), value("cookie")]
}

fn is_preflight_of(other: &Exchange, own: &Exchange) -> bool {
    let (Some(a), Some(b)) = (find_target(other), find_target(own)) else { return false };
    let hosts = (find_host(&other.request), find_host(&own.request));
    let same_host = matches!(hosts, (Some((a, _)), Some((b, _))) if a.eq_ignore_ascii_case(b));
    cors::is_preflight(&other.request) && a.path == b.path && same_host
}

fn is_options(request: &Request) -> bool {
    request.verb.as_ref().is_some_and(|v| v.value.eq_ignore_ascii_case("options"))
}

fn find_target(exchange: &Exchange) -> Option<&Target> {
    exchange.request.target.as_ref().map(|t| &t.value)
}

fn find_status(exchange: &Exchange) -> Option<(u16, usize)> {
    exchange.response.as_ref()?.status.as_ref().map(|s| (s.value, s.line))
}

#[cfg(test)]
mod tests {
    use super::super::samples::{check_facts, exchange};
    use super::*;

    const HOST: &str = "https://abc123defg.execute-api.us-east-1.amazonaws.com";

    /// Exchanges, each `VERB PATH STATUS` with headers and a body below, of which the last is the chosen one.
    fn check(all: &[&str], expected: &[&str]) {
        let all: Vec<Exchange> = all.iter().map(|text| exchange(&text.replacen(" /", &format!(" {HOST}/"), 1))).collect();
        let all: Vec<&Exchange> = all.iter().collect();
        let mut facts = Facts::default();
        derive(&all, all.len() - 1, &mut facts);
        check_facts(&facts, "", expected);
    }

    #[test]
    fn another_path_works_or_none_does() {
        let failed = "GET /prod/order\n---\n403\n\n{\"message\":\"Missing Authentication Token\"}";
        let other = |path: &str| format!("GET {path}\n---\n403\n\n{{\"message\":\"Missing Authentication Token\"}}");
        check(&["GET /prod/orders\n---\n200", failed], &["others.path_works=yes", "others.same_works="]);
        check(&["GET /dev/orders\n---\n200", failed], &["others.path_works="]);
        check(&["OPTIONS /prod/orders\n---\n200", failed], &["others.path_works="]);
        check(&["GET /prod/order/\n---\n200", failed], &["others.path_works="]);
        check(&[&other("/prod/a"), failed], &["others.path_works="]);
        check(&[&other("/prod/a"), &other("/prod/b"), failed], &["others.path_works=no"]);
        check(&[&other("/prod/a"), "GET /prod/b\n---\n403\n\n{\"message\":\"Forbidden\"}", failed], &["others.path_works="]);
    }

    #[test]
    fn the_same_request_may_have_worked_before() {
        let failed = "GET /prod/a\nAuthorization: abc\n---\n403";
        check(&["GET /prod/a\nAuthorization: abc\n---\n200", failed], &["others.same_works=yes", "others.path_works="]);
        for other in
            ["GET /prod/a\nAuthorization: x\n", "POST /prod/a\nAuthorization: abc\n", "GET /prod/a?b\nAuthorization: abc\n"]
        {
            check(&[&format!("{other}---\n200"), failed], &["others.same_works="]);
        }
        check(&["GET /prod/a\n---\n200", "GET /prod/a\n---\n500"], &["others.same_works="]);
        check(
            &[
                "GET /prod/a\nAuthorization: AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/1/x, Signature=1\n---\n200",
                "GET /prod/a\nAuthorization: AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/2/x, Signature=2\n---\n403",
            ],
            &["others.same_works=yes"],
        );
    }

    #[test]
    fn a_preflight_is_read_beside_the_request() {
        let asks = "OPTIONS /prod/a\nOrigin: https://app.example.com\nAccess-Control-Request-Method: PUT\n";
        let real = "PUT /prod/a\nOrigin: https://app.example.com\n---\n403\nDate: x\nServer: y\n";
        let allows = "Access-Control-Allow-Origin: *\nAccess-Control-Allow-Methods: PUT\n";
        for (preflight, status, allowed) in [
            (format!("{asks}---\n200\n{allows}"), "200", "yes"),
            (format!("{asks}Access-Control-Request-Headers: x-api-key\n---\n200\n{allows}"), "200", "no"),
            (format!("{asks}---\n403\nDate: x\nServer: y\n"), "403", "no"),
            (format!("{asks}---\n204\n"), "204", ""),
            (asks.replace("/prod/a", "/prod/b") + "---\n200\n" + allows, "0", ""),
        ] {
            let claims = [format!("cors.preflight_status={status}"), format!("cors.preflight_allows={allowed}")];
            check(&[&preflight, real], &[&claims[0], &claims[1]]);
        }
        check(&[&format!("{asks}---\n200\n{allows}")], &["cors.preflight_status=200", "cors.preflight_allows=yes"]);
    }
}
