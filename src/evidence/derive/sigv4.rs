//! The AWS signature in the request: what it was made for, and whether its parts fit the request. Start at [`derive`].

mod clock;
mod scheme;

pub use clock::find_element;
pub use scheme::{Signature, find_any_case, find_signature};

use super::super::facts::{Facts, Sigv4Facts};
use super::super::wire::{Exchange, Header, Request, Source, find_header};
use super::fields;
use super::request::is_bodiless;
use sha2::{Digest, Sha256};

pub fn derive(exchange: &Exchange, facts: &mut Facts) {
    let request = &exchange.request;
    let facts = &mut facts.sigv4;
    derive_session_token(request, facts);
    let Some(signature) = find_signature(request) else { return };
    let line = signature.line;
    facts.shown.set(true, line);
    facts.presigned.set(signature.presigned, line);
    derive_scope(&signature, facts);
    derive_signed_headers(&signature, request, facts);
    if facts.session_token.value.is_empty() && request.whole {
        facts.session_token.set("absent", line);
    }
    derive_payload_hash(&signature, request, facts);
    if signature.presigned {
        derive_expiry(exchange, facts);
    } else if let (Some((signed, line)), Some((answered, _))) = (clock::signed(request), clock::answered(exchange)) {
        facts.skew_seconds.set(signed - answered, line);
        facts.skew_known.set(true, line);
    }
}

/// The SHA-256 of a text in lower-case hexadecimal digits.
pub fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The hash of the body where the body is known to the byte: `None` when it is not.
pub fn find_body_hash(request: &Request) -> Option<String> {
    match &request.body {
        Some(body) => fits_length(request, body.value.len()).then(|| hash(&body.value)),
        None => has_no_body(request).then(|| hash("")),
    }
}

fn derive_scope(signature: &Signature, facts: &mut Sigv4Facts) {
    let line = signature.line;
    facts.key_kind.set(name_key_kind(&signature.key_id), line);
    facts.date.set(signature.date.as_str(), line);
    facts.region.set(signature.region.as_str(), line);
    facts.service.set(signature.service.as_str(), line);
    let has_capital = |text: &str| text.bytes().any(|b| b.is_ascii_uppercase());
    facts.lower_case.set(!has_capital(&signature.region) && !has_capital(&signature.service), line);
}

/// The kind of a key by its prefix, which is all of it that is looked at.
fn name_key_kind(id: &str) -> &'static str {
    match id {
        _ if id.starts_with("AKIA") => "long-term",
        _ if id.starts_with("ASIA") => "temporary",
        _ if id.is_empty() || fields::is_placeholder(id) => "",
        _ => "other",
    }
}

fn derive_signed_headers(signature: &Signature, request: &Request, facts: &mut Sigv4Facts) {
    facts.signed_headers.set(signature.signed_headers.clone(), signature.line);
    if request.whole {
        let is_sent = |name: &str| adds_itself(request, name) || find_header(&request.headers, name).is_some();
        let missing = signature.signed_headers.iter().filter(|name| !is_sent(name));
        facts.missing_headers.set(missing.cloned().collect::<Vec<_>>(), signature.line);
    }
}

/// Headers that are sent without being written: the host in any case, others by the program of a command.
fn adds_itself(request: &Request, name: &str) -> bool {
    const OWN: &[&str] = &["accept", "accept-encoding", "connection", "content-length", "content-type", "date", "user-agent"];
    name == "host" || request.source != Source::Wire && OWN.contains(&name)
}

fn derive_session_token(request: &Request, facts: &mut Sigv4Facts) {
    let query = fields::list_query(request);
    let header = find_header(&request.headers, "x-amz-security-token").map(|h| (h.value.as_str(), h.line));
    let field = || find_any_case(&query, "x-amz-security-token").map(|f| (f.value.as_str(), f.line));
    if let Some((value, line)) = header.or_else(field) {
        let is_empty = ["", "undefined", "null", "none", "nil"].contains(&value.trim().to_ascii_lowercase().as_str());
        facts.session_token.set(if is_empty { "empty" } else { "present" }, line);
    }
}

fn derive_payload_hash(signature: &Signature, request: &Request, facts: &mut Sigv4Facts) {
    if let Some(header) = find_header(&request.headers, "x-amz-content-sha256") {
        facts.payload_hash.set(judge_hash(header, request), header.line);
    } else if request.whole && !signature.presigned && !signature.planned {
        facts.payload_hash.set("absent", signature.line);
    }
}

fn judge_hash(header: &Header, request: &Request) -> &'static str {
    let value = header.value.trim();
    if value.contains("UNSIGNED-PAYLOAD") {
        return "unsigned";
    }
    let is_hash = value.len() == 64 && value.bytes().all(|b| b.is_ascii_hexdigit());
    match find_body_hash(request).filter(|_| is_hash) {
        Some(hash) if hash.eq_ignore_ascii_case(value) => "right",
        Some(_) if is_body_certain(request) => "wrong",
        _ => "shown",
    }
}

/// A body that was shown over several lines may have been wrapped, one in a command may hold a file.
pub fn is_body_certain(request: &Request) -> bool {
    let text = request.body.as_ref().map_or("", |b| &b.value);
    request.source == Source::Wire
        && !text.contains(['\n', '\r', '\u{fffd}'])
        && !fields::is_placeholder(&text.replace(['{', '}', '[', ']', '<', '>', '$'], ""))
}

fn fits_length(request: &Request, bytes: usize) -> bool {
    let length = find_header(&request.headers, "content-length").and_then(|h| h.value.trim().parse::<usize>().ok());
    length.is_none_or(|length| length == bytes)
}

/// A body may follow without being shown, so its absence needs a reason.
fn has_no_body(request: &Request) -> bool {
    let verb = request.verb.as_ref().map_or("", |v| v.value.as_str());
    let is_told = || find_header(&request.headers, "content-length").is_some();
    is_bodiless(request) && (is_told() || ["GET", "HEAD", "DELETE"].iter().any(|v| v.eq_ignore_ascii_case(verb)))
}

fn derive_expiry(exchange: &Exchange, facts: &mut Sigv4Facts) {
    let query = fields::list_query(&exchange.request);
    let Some(field) = find_any_case(&query, "x-amz-expires") else { return };
    let Some(seconds) = field.value.parse::<i64>().ok().filter(|s| (0..=i64::from(u32::MAX)).contains(s)) else { return };
    facts.expires_seconds.set(seconds, field.line);
    if let (Some((signed, _)), Some((answered, line))) = (clock::signed(&exchange.request), clock::answered(exchange)) {
        facts.expired.set(if answered > signed + seconds { "yes" } else { "no" }, line);
    }
}

#[cfg(test)]
mod tests;
