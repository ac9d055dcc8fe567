//! What the chosen exchange itself tells: its headers first, then its body.

use super::super::super::readers::bodies;
use super::super::super::wire::{ErrorSeen, Exchange, Response, Strength, find_header};

/// The errors of an exchange, the strongest first.
pub fn list(exchange: &Exchange) -> Vec<ErrorSeen> {
    let Some(response) = &exchange.response else { return Vec::new() };
    let status = response.status.as_ref().map(|s| s.value);
    let mut errors: Vec<ErrorSeen> = list_headers(response, status);
    if let Some(body) = &response.body {
        let told = bodies::list_errors(&body.value, body.line);
        // The answer of a call that succeeded may hold a `message` as well.
        let failed = |error: &ErrorSeen| error.code.is_some() || status.is_none_or(|s| s >= 300);
        errors.extend(told.into_iter().filter(failed).map(|e| ErrorSeen { status: e.status.or(status), ..e }));
    }
    errors
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
