//! Errors in JSON bodies.

use serde_json::{Map, Value as Json};

use super::super::super::wire::{ErrorSeen, Strength};
use super::codes;

/// How deep an error may be wrapped, and how many may stand beside each other.
const DEPTH: usize = 4;
const WIDTH: usize = 20;

/// The errors that an object tells.
pub fn list(value: &Json, strength: Strength, line: usize) -> Vec<ErrorSeen> {
    let mut errors = Vec::new();
    collect(value, strength, line, DEPTH, &mut errors);
    errors
}

fn collect(value: &Json, strength: Strength, line: usize, depth: usize, errors: &mut Vec<ErrorSeen>) {
    if depth == 0 || errors.len() >= WIDTH {
        return;
    }
    match value {
        Json::Object(object) => {
            if let Some((code, message)) = own(object) {
                errors.push(ErrorSeen { code, message, status: status(object), strength, line });
            }
            for key in ["Error", "error", "errors", "Errors", "body", "cause"] {
                if let Some(inner) = object.get(key) {
                    collect(inner, strength, line, depth - 1, errors);
                }
            }
        }
        Json::Array(all) => all.iter().take(WIDTH).for_each(|inner| collect(inner, strength, line, depth - 1, errors)),
        // A proxy's answer carries its body as a string.
        Json::String(text) if text.trim_start().starts_with('{') => {
            if let Ok(inner) = serde_json::from_str(text) {
                collect(&inner, strength, line, depth - 1, errors);
            }
        }
        _ => {}
    }
}

/// The code and the message of an object, at least one of them.
fn own(object: &Map<String, Json>) -> Option<(Option<String>, Option<String>)> {
    let text = |names: &[&str]| names.iter().find_map(|name| object.get(*name)?.as_str()).filter(|t| !t.trim().is_empty());
    let message = text(&["message", "Message", "errorMessage", "error_description", "errorDescription", "msg"]);
    let error = text(&["error"]);
    let oauth = error.filter(|e| codes::is_code(e) || (e.contains('_') && codes::can_be_code(e)));
    // Elsewhere `error` is a phrase such as `Not Found`.
    let message = message.or(error.filter(|_| oauth.is_none()));
    let named = text(&["__type", "errorType", "Code", "code", "errorCode"]).map(codes::strip);
    let code = named.filter(|c| codes::is_code(c) || (message.is_some() && codes::can_be_code(c) && !is_errno(c)));
    let code = code.or(oauth).map(str::to_owned);
    if code.is_none() && message.is_none() {
        return None;
    }
    Some((code, message.map(str::to_owned)))
}

/// Codes of Node and of axios, such as `ECONNREFUSED` and `ERR_BAD_REQUEST`, are no service's.
fn is_errno(code: &str) -> bool {
    code.starts_with('E') && code.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
}

fn status(object: &Map<String, Json>) -> Option<u16> {
    let number = ["statusCode", "StatusCode", "status", "httpStatusCode"].iter().find_map(|name| object.get(*name)?.as_u64());
    number.and_then(|n| u16::try_from(n).ok()).filter(|n| (100..600).contains(n))
}
