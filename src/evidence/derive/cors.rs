//! Cross-origin requests: what the answer allows, by the rules of the Fetch standard. Start at [`derive`].

use super::super::facts::{CorsFacts, Facts};
use super::super::wire::{Exchange, Header, Request, Response, find_header};

pub fn derive(exchange: &Exchange, facts: &mut Facts) {
    let request = &exchange.request;
    let facts = &mut facts.cors;
    let origin = find_filled(&request.headers, "origin");
    let asked = find_filled(&request.headers, "access-control-request-method");
    if let Some(origin) = origin {
        facts.has_origin.set(true, origin.line);
    }
    let mark = origin.or(asked).filter(|_| is_preflight(request));
    if let Some(mark) = mark {
        facts.preflight.set(true, mark.line);
    }
    let Some(response) = exchange.response.as_ref().filter(|r| are_headers_shown(r)) else { return };
    if let Some(origin) = origin {
        derive_origin(origin, request, response, facts);
    }
    if mark.is_some() {
        derive_verb(asked, response, facts);
        derive_headers(request, response, facts);
    }
}

/// `OPTIONS` with what only a browser adds.
pub fn is_preflight(request: &Request) -> bool {
    let is_options = request.verb.as_ref().is_some_and(|v| v.value.eq_ignore_ascii_case("options"));
    let has = |name: &str| find_filled(&request.headers, name).is_some();
    is_options && (has("origin") || has("access-control-request-method"))
}

/// What the answer to a preflight allows, whether or not the preflight is the request that is looked at.
pub fn derive_preflight(preflight: &Exchange, facts: &mut Facts) {
    if let Some(status) = preflight.response.as_ref().and_then(|r| r.status.as_ref()) {
        facts.cors.preflight_status.set(i64::from(status.value), status.line);
    }
    let mut own = Facts::default();
    derive(preflight, &mut own);
    let asks_headers = find_filled(&preflight.request.headers, "access-control-request-headers").is_some();
    let parts = [(&own.cors.allows_origin, true), (&own.cors.allows_verb, true), (&own.cors.allows_headers, asks_headers)];
    let asked = || parts.iter().filter(|(_, is_asked)| *is_asked).map(|(fact, _)| *fact);
    let refused = asked().find(|fact| ["no", "absent"].contains(&fact.value.as_str()));
    match (refused, asked().next()) {
        (Some(fact), _) => facts.cors.preflight_allows.set("no", fact.line),
        (None, Some(first)) if asked().all(|fact| fact.value == "yes") => facts.cors.preflight_allows.set("yes", first.line),
        _ => {}
    }
}

/// One header may have been picked out of many; what is absent then may have been there.
fn are_headers_shown(response: &Response) -> bool {
    response.headers.len() >= 2 || find_header(&response.headers, "access-control-allow-origin").is_some()
}

fn find_filled<'a>(headers: &'a [Header], name: &str) -> Option<&'a Header> {
    find_header(headers, name).filter(|h| !h.value.trim().is_empty())
}

fn derive_origin(origin: &Header, request: &Request, response: &Response, facts: &mut CorsFacts) {
    let allowed: Vec<&Header> =
        response.headers.iter().filter(|h| h.name.eq_ignore_ascii_case("access-control-allow-origin")).collect();
    match allowed.as_slice() {
        [] => facts.allows_origin.set("absent", origin.line),
        // Whether credentials were sent decides, and it does not show.
        [one] if one.value.trim() == "*" && may_have_credentials(request, response) => {}
        [one] if ["*", origin.value.trim()].contains(&one.value.trim()) => facts.allows_origin.set("yes", one.line),
        [one, ..] => facts.allows_origin.set("no", one.line),
    }
}

/// A star means everything only for requests without credentials.
fn may_have_credentials(request: &Request, response: &Response) -> bool {
    let allows = find_header(&response.headers, "access-control-allow-credentials");
    find_header(&request.headers, "cookie").is_some() || allows.is_some_and(|h| h.value.trim() == "true")
}

fn derive_verb(asked: Option<&Header>, response: &Response, facts: &mut CorsFacts) {
    let Some(asked) = asked else { return };
    let verb = asked.value.trim();
    let (methods, line) = list_allowed(response, "access-control-allow-methods");
    let is_simple = ["GET", "HEAD", "POST"].contains(&verb);
    let has = |name: &str| methods.iter().any(|m| m == name);
    match () {
        () if is_simple || has(verb) => facts.allows_verb.set("yes", line.unwrap_or(asked.line)),
        () if has("*") && allows_credentials(response) => {}
        () if has("*") => facts.allows_verb.set("yes", line.unwrap_or(asked.line)),
        () if line.is_some() || response.headers.len() >= 2 => facts.allows_verb.set("no", line.unwrap_or(asked.line)),
        () => {}
    }
}

fn derive_headers(request: &Request, response: &Response, facts: &mut CorsFacts) {
    let Some(asked) = find_filled(&request.headers, "access-control-request-headers") else { return };
    let (names, line) = list_allowed(response, "access-control-allow-headers");
    let names: Vec<String> = names.iter().map(|n| n.to_ascii_lowercase()).collect();
    let has = |name: &str| names.iter().any(|n| n == name);
    let missing: Vec<String> = split(&asked.value).map(str::to_ascii_lowercase).filter(|name| !has(name)).collect();
    let at = line.unwrap_or(asked.line);
    match () {
        () if missing.is_empty() => facts.allows_headers.set("yes", at),
        () if has("*") && missing.iter().any(|name| name == "authorization") => facts.allows_headers.set("no", at),
        () if has("*") && allows_credentials(response) => {}
        () if has("*") => facts.allows_headers.set("yes", at),
        () if line.is_some() || response.headers.len() >= 2 => facts.allows_headers.set("no", at),
        () => {}
    }
}

fn allows_credentials(response: &Response) -> bool {
    find_header(&response.headers, "access-control-allow-credentials").is_some_and(|h| h.value.trim() == "true")
}

/// Everything that the headers of a name list, and the line of the first.
fn list_allowed(response: &Response, name: &str) -> (Vec<String>, Option<usize>) {
    let headers = || response.headers.iter().filter(|h| h.name.eq_ignore_ascii_case(name));
    (headers().flat_map(|h| split(&h.value)).map(str::to_owned).collect(), headers().next().map(|h| h.line))
}

fn split(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::samples::check;

    const ASKED: &str = "OPTIONS /x\nOrigin: https://app.example.com\nAccess-Control-Request-Method: PUT\n\
        Access-Control-Request-Headers: authorization,x-api-key\n---\n200\nDate: x\nServer: y\n";

    #[test]
    fn a_preflight_is_options_with_an_origin() {
        check(
            "OPTIONS /x\nOrigin: https://app.example.com\n",
            &["cors.preflight=true", "cors.has_origin=true", "cors.allows_origin="],
        );
        check("OPTIONS /x\n", &["cors.preflight=false"]);
        check("GET /x\nOrigin: null\n", &["cors.preflight=false", "cors.has_origin=true"]);
    }

    #[test]
    fn an_origin_is_allowed_exactly_or_by_a_star() {
        for (headers, expected) in [
            ("", "absent"),
            ("Access-Control-Allow-Origin: *\n", "yes"),
            ("Access-Control-Allow-Origin: https://app.example.com\n", "yes"),
            ("Access-Control-Allow-Origin: https://app.example.com/\n", "no"),
            ("Access-Control-Allow-Origin: http://app.example.com\n", "no"),
            ("Access-Control-Allow-Origin: *\nAccess-Control-Allow-Origin: *\n", "no"),
            ("Access-Control-Allow-Origin: *\nAccess-Control-Allow-Credentials: true\n", ""),
        ] {
            let claim = format!("cors.allows_origin={expected}");
            check(&format!("{ASKED}{headers}"), &[&claim]);
        }
        check("GET /x\nOrigin: https://app.example.com\n---\n403\nDate: x\n", &["cors.allows_origin="]);
    }

    #[test]
    fn a_preflight_answers_for_verbs_and_headers() {
        for (headers, verb, names) in [
            ("", "no", "no"),
            ("Access-Control-Allow-Methods: GET, PUT\nAccess-Control-Allow-Headers: X-Api-Key, Authorization\n", "yes", "yes"),
            ("Access-Control-Allow-Methods: put\nAccess-Control-Allow-Headers: X-Api-Key\n", "no", "no"),
            ("Access-Control-Allow-Methods: *\nAccess-Control-Allow-Headers: *\n", "yes", "no"),
            ("Access-Control-Allow-Methods: *\nAccess-Control-Allow-Headers: *, Authorization\n", "yes", "yes"),
            (
                "Access-Control-Allow-Credentials: true\nAccess-Control-Allow-Methods: *\nAccess-Control-Allow-Headers: *,authorization\n",
                "",
                "",
            ),
        ] {
            let (verb, names) = (format!("cors.allows_verb={verb}"), format!("cors.allows_headers={names}"));
            check(&format!("{ASKED}{headers}"), &[&verb, &names]);
        }
        check(
            "OPTIONS /x\nOrigin: a\nAccess-Control-Request-Method: POST\n---\n200\nA: b\nC: d\n",
            &["cors.allows_verb=yes", "cors.allows_headers="],
        );
    }
}
