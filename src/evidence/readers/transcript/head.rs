//! The lines of a head: the request line, the status line, a header.

use super::super::super::wire::Header;

const VERBS: &[&str] = &["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "CONNECT", "TRACE"];

/// The line that opens a request.
pub struct RequestLine<'a> {
    pub verb: &'a str,
    /// A path, or a whole URL.
    pub target: &'a str,
    /// The version of HTTP stands at its end.
    pub versioned: bool,
    /// What follows the target otherwise.
    pub tail: &'a str,
}

/// Takes `GET /path HTTP/1.1`, `GET /path` or `GET https://host/path …` apart.
pub fn parse_request(line: &str) -> Option<RequestLine<'_>> {
    let (verb, rest) = line.trim().split_once([' ', '\t'])?;
    if !VERBS.contains(&verb) {
        return None;
    }
    let rest = rest.trim_start();
    let (target, versioned, tail) = match rest.rsplit_once(" HTTP/") {
        Some((target, version)) if is_version(version) => (target.trim_end(), true, ""),
        _ => match rest.split_once(char::is_whitespace) {
            Some((target, tail)) => (target, false, tail.trim()),
            None => (rest, false, ""),
        },
    };
    is_target(verb, target, versioned).then_some(RequestLine { verb, target, versioned, tail })
}

fn is_target(verb: &str, target: &str, versioned: bool) -> bool {
    target.starts_with('/') && !target.starts_with("//")
        || target.starts_with("https://")
        || target.starts_with("http://")
        || versioned && (verb == "CONNECT" || target == "*")
}

fn is_version(text: &str) -> bool {
    matches!(text.trim(), "1.0" | "1.1" | "2" | "2.0" | "3" | "3.0")
}

/// Takes `HTTP/2 403` or `HTTP/1.1 403 Forbidden` apart.
pub fn parse_status(line: &str) -> Option<(u16, &str)> {
    let (version, rest) = line.trim().strip_prefix("HTTP/")?.split_once(' ')?;
    if !is_version(version) {
        return None;
    }
    let rest = rest.trim_start();
    let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    Some((parse_code(code)?, reason.trim()))
}

/// A status code: three digits, from 100 to 599.
pub fn parse_code(text: &str) -> Option<u16> {
    if text.len() != 3 {
        return None;
    }
    text.parse().ok().filter(|code| (100..600).contains(code))
}

/// Takes `name: value` apart; a name is a token that begins with a letter, or with a colon in HTTP/2.
pub fn parse_header(line: &str, number: usize) -> Option<Header> {
    let text = line.trim();
    let pseudo = text.strip_prefix(':');
    let (name, value) = pseudo.unwrap_or(text).split_once(':')?;
    // `https://…` is a URL, and `std::path` is code.
    if !is_name(name) || value.starts_with("//") || value.starts_with(':') {
        return None;
    }
    let name = if pseudo.is_some() { format!(":{name}") } else { name.to_owned() };
    Some(Header::new(name, value.trim(), number))
}

pub fn is_name(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// A person left headers out here.
pub fn is_ellipsis(line: &str) -> bool {
    let text = line.trim().trim_matches(['[', ']', '(', ')', '<', '>', '*', '/', '#', ' ']);
    matches!(
        text,
        "..." | "…" | "snip" | "snipped" | "truncated" | "omitted" | "redacted" | "other headers" | "more headers" | "etc"
    ) || text.starts_with("...")
        || text.starts_with('…')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_lines_may_lack_a_version() {
        let cases = [
            ("GET /a?b=c HTTP/1.1", Some(("GET", "/a?b=c", true, ""))),
            ("  POST https://h.example/a HTTP/2", Some(("POST", "https://h.example/a", true, ""))),
            ("GET /a b HTTP/1.1", Some(("GET", "/a b", true, ""))),
            ("GET /oauth2/authorize?x=y", Some(("GET", "/oauth2/authorize?x=y", false, ""))),
            ("GET https://h.example/ 403 (Forbidden)", Some(("GET", "https://h.example/", false, "403 (Forbidden)"))),
            ("GET the keys", None),
            ("Get /a HTTP/1.1", None),
            ("GET // a comment", None),
        ];
        for (line, expected) in cases {
            assert_eq!(parse_request(line).map(|r| (r.verb, r.target, r.versioned, r.tail)), expected, "{line}");
        }
    }

    #[test]
    fn status_lines_and_headers_are_told_from_prose() {
        assert_eq!(parse_status("HTTP/2 403 "), Some((403, "")));
        assert_eq!(parse_status("HTTP/1.1 502 Bad Gateway"), Some((502, "Bad Gateway")));
        assert!(parse_status("HTTP/1.1 is old").is_none() && parse_status("HTTP/9 200").is_none());
        let header = parse_header("x-amz-date:20260101T000000Z", 3).unwrap();
        assert_eq!((header.name.as_str(), header.value.as_str(), header.line), ("x-amz-date", "20260101T000000Z", 3));
        assert_eq!(parse_header(":path: /a:b", 1).unwrap().name, ":path");
        for prose in ["https://h.example", "I get: this", "12:30:01", "{\"a\": 1}", "std::path"] {
            assert!(parse_header(prose, 1).is_none(), "{prose}");
        }
    }
}
