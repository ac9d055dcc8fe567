//! Lines of a canonical request without what may be secret. What is not known to be harmless becomes `…`.

use super::super::host::is_region;

/// The longest text that is shown of a line.
const LIMIT: usize = 300;

/// Words that path segments are often made of.
const SEGMENTS: &[&str] = &[
    "prod",
    "production",
    "dev",
    "development",
    "test",
    "testing",
    "stage",
    "staging",
    "qa",
    "beta",
    "live",
    "default",
    "api",
    "v1",
    "v2",
    "v3",
];

/// A path: slashes, punctuation and percent-escapes stay, for they are what differs; other words go.
pub fn path(text: &str) -> String {
    limit(text.split('/').map(segment).collect::<Vec<_>>().join("/"))
}

/// The parameters by name.
pub fn query(text: &str) -> String {
    let show = |part: &str| match part.split_once('=') {
        Some((parameter, "")) => format!("{}=", name(parameter)),
        Some((parameter, _)) => format!("{}=…", name(parameter)),
        None => "…".to_owned(),
    };
    limit(text.split('&').filter(|p| !p.is_empty()).map(show).collect::<Vec<_>>().join("&"))
}

/// The name of a header, a method or a parameter, if it is made of short words.
pub fn name(text: &str) -> String {
    let is_word = |word: &str| word.len() <= 14 && word.bytes().all(|b| b.is_ascii_alphabetic());
    let is_number = |word: &str| word.len() <= 3 && word.bytes().all(|b| b.is_ascii_digit());
    let is_known = text.eq_ignore_ascii_case("x-amz-content-sha256")
        || text.len() <= 40 && text.split(['-', '_', '.']).all(|w| is_word(w) || is_number(w));
    if is_known { text.to_owned() } else { "…".to_owned() }
}

pub fn names(list: &[String]) -> String {
    limit(list.iter().map(|n| name(n)).collect::<Vec<_>>().join(";"))
}

/// The start of a hash, or one of the words that stand for one.
pub fn hash(text: &str) -> String {
    let is_word = text.contains("-PAYLOAD")
        && text.len() <= 60
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-');
    let is_hash = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    match text.get(..6) {
        _ if is_word || text.is_empty() => text.to_owned(),
        Some(start) if is_hash => format!("{start}…"),
        _ => "…".to_owned(),
    }
}

/// `20170612T120000Z`
pub fn date(text: &str) -> String {
    let is_date = text.len() == 16
        && text.bytes().enumerate().all(|(n, b)| match n {
            8 => b == b'T',
            15 => b == b'Z',
            _ => b.is_ascii_digit(),
        });
    if is_date || text.is_empty() { text.to_owned() } else { "…".to_owned() }
}

/// `20170612/us-east-1/execute-api/aws4_request`
pub fn scope(text: &str) -> String {
    let show = |part: &str| match part {
        "aws4_request" | "s3" => part.to_owned(),
        _ if part.len() == 8 && part.bytes().all(|b| b.is_ascii_digit()) => part.to_owned(),
        _ if is_region(part) => part.to_owned(),
        _ => name(part),
    };
    limit(text.split('/').map(show).collect::<Vec<_>>().join("/"))
}

fn segment(text: &str) -> String {
    if SEGMENTS.contains(&text) {
        return text.to_owned();
    }
    let mut shown = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let escape = rest.get(..3).filter(|e| e.starts_with('%') && e[1..].bytes().all(|b| b.is_ascii_hexdigit()));
        match (escape, first) {
            // An escaped percent sign belongs to the escape behind it.
            (Some("%25"), _) if is_hex(rest.get(3..5)) => shown.push_str(&rest[..5]),
            (Some(escape), _) => shown.push_str(escape),
            (None, c) if c.is_ascii_punctuation() => shown.push(c),
            _ if shown.ends_with('…') => {}
            _ => shown.push('…'),
        }
        let taken = match escape {
            Some("%25") if is_hex(rest.get(3..5)) => 5,
            Some(_) => 3,
            None => first.len_utf8(),
        };
        rest = &rest[taken..];
    }
    shown
}

fn is_hex(text: Option<&str>) -> bool {
    text.is_some_and(|t| t.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn limit(text: String) -> String {
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_shape_of_a_line_is_shown() {
        for (shown, expected) in [
            (path("/prod/users/secret%20name%2B1/a@b"), "/prod/…/…%20…%2B…/…@…"),
            (path("/prod/a%2520b/"), "/prod/…%2520…/"),
            (path("/é%zz"), "/…%…"),
            (query("X-Amz-Date=20170612T120000Z&a=&FAKESECRETFAKESECRET=1&flag"), "X-Amz-Date=…&a=&…=…&…"),
            (name("x-amz-content-sha256"), "x-amz-content-sha256"),
            (name("x-abc123def456"), "…"),
            (hash("UNSIGNED-PAYLOAD"), "UNSIGNED-PAYLOAD"),
            (hash("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"), "e3b0c4…"),
            (hash("FAKESECRET"), "…"),
            (date("20170612T120000Z"), "20170612T120000Z"),
            (date("FAKESECRETFAKESE"), "…"),
            (scope("20170612/us-east-1/execute-api/aws4_request"), "20170612/us-east-1/execute-api/aws4_request"),
            (scope("AKIAEXAMPLE123456/x"), "…/x"),
        ] {
            assert_eq!(shown, expected);
        }
    }
}
