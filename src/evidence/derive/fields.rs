//! Parameters of a query or of a form, decoded, and what counts as a placeholder. Start at [`list_query`] and [`list_form`].

use super::super::wire::{Request, find_header, parameters};
use percent_encoding::percent_decode_str;

/// One parameter: its name decoded, its value as it stands and decoded.
pub struct Field {
    pub name: String,
    pub raw: String,
    pub value: String,
    pub line: usize,
}

/// The parameters of the URL.
pub fn list_query(request: &Request) -> Vec<Field> {
    let Some(target) = &request.target else { return Vec::new() };
    // No service takes a longer one.
    let query = target.value.query.as_deref().filter(|q| q.len() <= 64 * 1024).unwrap_or("");
    list(query, target.line)
}

/// The fields of the body, when it is a form.
pub fn list_form(request: &Request) -> Vec<Field> {
    let Some(body) = &request.body else { return Vec::new() };
    match is_form(request, &body.value) {
        true => list(body.value.trim(), body.line),
        false => Vec::new(),
    }
}

/// Finds a parameter by its exact name.
pub fn find<'a>(fields: &'a [Field], name: &str) -> Option<&'a Field> {
    fields.iter().find(|f| f.name == name)
}

/// Decodes percent-escapes and plus signs, once.
pub fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// Whether a value stands for another one that was left out or not filled in.
pub fn is_placeholder(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    value.contains(['$', '{', '}', '<', '>', '…', '[', ']'])
        || value.contains("...")
        || value.contains("***")
        || (value.len() > 2 && value.starts_with('%') && value.ends_with('%'))
        || ["xxx", "redacted", "your", "removed", "hidden", "snip"].iter().any(|word| lower.contains(word))
}

/// Whether a part of a text was left out or is filled in later.
pub fn is_cut(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["...", "…", "***", "{{", "${", "<", "[redacted", "xxx"].iter().any(|mark| lower.contains(mark))
}

fn list(text: &str, line: usize) -> Vec<Field> {
    // In text that was copied from HTML or XML, the separator may be an entity.
    let text = text.replace("&amp;", "&");
    let field = |(name, raw): (&str, &str)| Field { name: decode(name), raw: raw.to_owned(), value: decode(raw), line };
    parameters(&text).take(1_000).map(field).collect()
}

/// By its type, or without one by its looks.
fn is_form(request: &Request, body: &str) -> bool {
    match find_header(&request.headers, "content-type") {
        Some(header) => header.value.trim().to_ascii_lowercase().starts_with("application/x-www-form-urlencoded"),
        None => body.trim().split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.%+~[]".contains(&b))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::wire::{Header, Shown};
    use super::*;

    fn check(kind: Option<&str>, body: &str, expected: &[(&str, &str)]) {
        let headers = kind.map(|k| Header::new("content-type", k, 1)).into_iter().collect();
        let request = Request { headers, body: Some(Shown::new(body.to_owned(), 2)), ..Request::default() };
        let fields = list_form(&request);
        let pairs: Vec<(&str, &str)> = fields.iter().map(|f| (f.name.as_str(), f.value.as_str())).collect();
        assert_eq!(pairs, expected, "{body}");
    }

    #[test]
    fn a_form_is_known_by_its_type_or_its_looks() {
        check(None, "a=b%20c&d=e+f", &[("a", "b c"), ("d", "e f")]);
        check(Some("application/x-www-form-urlencoded; charset=utf-8"), "a&b=", &[("a", ""), ("b", "")]);
        check(None, "{\"a\": \"b=c\"}", &[]);
        check(Some("application/json"), "a=b", &[]);
        check(None, "a=1&amp;b=2", &[("a", "1"), ("b", "2")]);
    }

    #[test]
    fn placeholders_are_not_values() {
        for value in ["$TOKEN", "{{token}}", "<token>", "eyJ...", "%TOKEN%", "xxxx", "YOUR_TOKEN"] {
            assert!(is_placeholder(value), "{value}");
        }
        for value in ["abc123", "eyJhbGciOiJub25lIn0", "100%"] {
            assert!(!is_placeholder(value), "{value}");
        }
    }
}
