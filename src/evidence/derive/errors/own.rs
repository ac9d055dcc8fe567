//! What the chosen exchange itself tells: its headers first, then its body.

use super::super::super::readers::bodies;
use super::super::super::wire::{ErrorSeen, Exchange, Response, Strength, find_header, parameters};
use super::super::fields::decode;

/// The errors of an exchange, the strongest first.
pub fn list(exchange: &Exchange) -> Vec<ErrorSeen> {
    let Some(response) = &exchange.response else { return Vec::new() };
    let status = response.status.as_ref().map(|s| s.value);
    let mut errors: Vec<ErrorSeen> = list_headers(response, status);
    errors.extend(find_redirected(response, status));
    if let Some(body) = &response.body {
        let told = bodies::list_errors(&body.value, body.line);
        // The answer of a call that succeeded may hold a `message` as well.
        let failed = |error: &ErrorSeen| error.code.is_some() || status.is_none_or(|s| s >= 300);
        errors.extend(told.into_iter().filter(failed).map(|e| ErrorSeen { status: e.status.or(status), ..e }));
    }
    errors
}

/// What the URL that a redirect leads to tells.
fn find_redirected(response: &Response, status: Option<u16>) -> Option<ErrorSeen> {
    let header = find_header(&response.headers, "location").filter(|_| status.is_none_or(|s| (300..400).contains(&s)))?;
    let (_, query) = header.value.split_once(['?', '#'])?;
    let find = |name: &str| query.split(['?', '#']).flat_map(parameters).find(|(n, _)| *n == name).map(|(_, v)| decode(v));
    let code = find("error").filter(|code| bodies::codes::can_be_code(code))?;
    let message = find("error_description").filter(|text| !text.is_empty());
    Some(ErrorSeen { code: Some(code), message, status, strength: Strength::Header, line: header.line })
}

fn list_headers(response: &Response, status: Option<u16>) -> Vec<ErrorSeen> {
    let find = |names: &[&str]| names.iter().find_map(|name| find_header(&response.headers, name));
    let code = find(&["x-amzn-errortype", "x-amzn-error-type", "x-amz-error-code"]);
    let message = find(&["x-amzn-errormessage", "x-amz-error-message"]);
    let Some(line) = code.or(message).map(|header| header.line) else { return Vec::new() };
    let code = code.map(|header| bodies::codes::strip(&header.value).to_owned()).filter(|c| bodies::codes::can_be_code(c));
    let message = message.map(|header| header.value.trim().to_owned()).filter(|m| !m.is_empty());
    if code.is_none() && message.is_none() {
        return Vec::new();
    }
    vec![ErrorSeen { code, message, status, strength: Strength::Header, line }]
}
