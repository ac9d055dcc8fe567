//! Error bodies: JSON, XML, and the pages that CloudFront and Cognito show. Start at [`list_errors`].

pub mod codes;
mod json;
mod markup;
#[cfg(test)]
mod tests;

use super::super::lines::Lines;
use super::super::wire::{ErrorSeen, Found, Response, Shown, Source, Strength};
use super::json::loose;

pub use json::list as list_json_errors;

/// Longer bodies are not looked at.
const LIMIT: usize = 256 * 1024;
/// As far as the representation of an object in one line is read.
const WINDOW: usize = 16 * 1024;

/// The errors that a body tells: `{"message": …}`, `{"__type": …}`, `{"error": …}`, `<Error><Code>…`, HTML of a gateway.
pub fn list_errors(body: &str, line: usize) -> Vec<ErrorSeen> {
    let body = body.trim_start_matches('\u{feff}').trim();
    if body.len() > LIMIT {
        return Vec::new();
    }
    match body.bytes().next() {
        Some(b'{' | b'[') => match parse_object(body) {
            Some((value, _)) => json::list(&value, Strength::Body, line),
            None => Vec::new(),
        },
        Some(b'<') => markup::list(body, line),
        _ => Vec::new(),
    }
}

/// Takes a body that stands alone: markup, or the representation that Python or JavaScript give to an object or to bytes.
pub fn read(lines: &Lines<'_>, at: usize, found: &mut Found) -> Option<usize> {
    let line = lines.at(at).trim_start();
    match line.bytes().next()? {
        b'<' => read_markup(lines, at, line, found),
        b'b' | b'\'' | b'R' | b'r' | b'B' | b'"' => read_repr(lines, at, line, found),
        _ => None,
    }
}

fn read_markup(lines: &Lines<'_>, at: usize, line: &str, found: &mut Found) -> Option<usize> {
    if !markup::is_start(line) {
        return None;
    }
    let end = markup::find_end(lines, at, line)?;
    let text = lines.between(at, end);
    let errors = markup::list(text.trim(), at + 1);
    if !errors.is_empty() {
        take(text, errors, at + 1, found);
    }
    // A document is passed even when it tells nothing, so that its lines are looked at once.
    Some(end)
}

/// `{'message': 'Forbidden'}`, `b'{"message":"Forbidden"}'`, `Response: {…}`, `body: '…'`.
fn read_repr(lines: &Lines<'_>, at: usize, line: &str, found: &mut Found) -> Option<usize> {
    let rest = ["Response body:", "response body:", "Response:", "response:", "Body:", "body:", "RESPONSE:"]
        .iter()
        .find_map(|label| line.strip_prefix(label))
        .unwrap_or(line)
        .trim_start();
    let printed = line.starts_with("Response {");
    let text = if printed || (rest.starts_with('{') && rest.len() == line.len()) { lines.from(at).trim_start() } else { rest };
    let text = cut(text, WINDOW);
    let (body, length) = match rest.bytes().next()? {
        b'{' | b'R' if printed || rest.starts_with('{') => {
            let (value, length) = if printed { loose::parse(text)? } else { parse_object(text)? };
            (value.to_string(), length)
        }
        _ => loose::parse_text(text)?,
    };
    let value = serde_json::from_str(&body).ok();
    let end = at + Lines::count(text.get(..length).unwrap_or(text));
    if let Some(value) = &value
        && super::json::take(value, lines, at, found)
    {
        return Some(end);
    }
    let errors = list_errors(&body, at + 1);
    if errors.is_empty() {
        return None;
    }
    take(&body, errors, at + 1, found);
    Some(end)
}

/// Notes a body that stands alone. Right below a command it is what the command printed.
pub fn take(body: &str, errors: Vec<ErrorSeen>, line: usize, found: &mut Found) {
    found.errors.extend(errors);
    found.by("error body");
    if body.len() > LIMIT {
        return;
    }
    let shown = Shown::new(body.trim_end().to_owned(), line);
    match find_open_answer(found, line) {
        Some(response) if response.body.is_none() => response.body = Some(shown),
        _ if body.contains("<StringToSign") => found.signed.push(shown),
        _ => {}
    }
}

/// The answer of a command or snippet whose last line is just above, if no other answer was shown.
pub fn find_open_answer(found: &mut Found, line: usize) -> Option<&mut Response> {
    let last = found.exchanges.last_mut()?;
    let named = last.request.target.is_some();
    let begun = |r: &Response| !r.headers.is_empty() || (named && r.status.is_some());
    let printed = last.request.source == Source::Part && last.response.as_ref().is_some_and(begun);
    if last.request.source != Source::Command && !printed {
        return None;
    }
    let end = last_line(last);
    if line <= end || line - end > 3 {
        return None;
    }
    Some(last.response.get_or_insert_default())
}

fn last_line(exchange: &super::super::wire::Exchange) -> usize {
    let request = &exchange.request;
    let body = request.body.as_ref().map_or(0, |b| b.line + b.value.lines().count().saturating_sub(1));
    let parts = [request.verb.as_ref().map_or(0, |v| v.line), request.target.as_ref().map_or(0, |t| t.line), body];
    let answer = exchange.response.as_ref().map_or(0, |r| {
        let headers = r.headers.iter().map(|h| h.line);
        headers.chain(r.status.as_ref().map(|s| s.line)).max().unwrap_or(0)
    });
    let headers = request.headers.iter().map(|h| h.line);
    headers.chain(parts).chain([answer]).max().unwrap_or(0)
}

/// The JSON objects in the middle of a line that tell an error.
pub fn list_within(line: &str, number: usize) -> Vec<ErrorSeen> {
    let mut errors = Vec::new();
    let mut rest = cut(line, WINDOW);
    while let Some(start) = rest.find(['{', '<']) {
        let text = rest.get(start..).unwrap_or("");
        let step = match text.bytes().next() {
            Some(b'{') => {
                let (value, length) = loose::parse_or_stop(text);
                if let Some(value) = value {
                    errors.extend(json::list(&value, Strength::Body, number));
                }
                length
            }
            _ if text.starts_with("<Error>") || text.starts_with("<?xml") || text.starts_with("<ErrorResponse") => {
                errors.extend(markup::list(text, number));
                text.len()
            }
            _ => 1,
        };
        rest = text.get(step.max(1)..).unwrap_or("");
    }
    errors
}

/// Reads a JSON object, or what Python and JavaScript print for one; tells its length.
fn parse_object(text: &str) -> Option<(serde_json::Value, usize)> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter();
    match stream.next() {
        Some(Ok(value)) => Some((value, stream.byte_offset())),
        _ => loose::parse(text),
    }
}

/// The beginning of a text, cut between characters.
pub fn cut(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    let end = (0..=limit).rev().find(|&n| text.is_char_boundary(n)).unwrap_or(0);
    &text[..end]
}
