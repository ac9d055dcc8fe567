//! URLs, hosts, paths, queries and forms: their shape stays, names of people and things do not.

use super::out::Out;
use super::shapes::{self, DROPPED};
use super::words::Words;

/// Ends of host names that everybody may know.
const SUFFIXES: &[&str] = &[
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazoncognito.com",
    "cloudfront.net",
    "on.aws",
    "api.aws",
    "awsapprunner.com",
    "amazon.com",
    "example.com",
    "example.org",
    "example.net",
    "localhost",
    "github.com",
    "stackoverflow.com",
    "mozilla.org",
    "w3.org",
    "repost.aws",
    "curl.se",
    "haxx.se",
    "vpce.amazonaws.com",
    "nodejs.org",
    "python.org",
];

/// Labels before such an end that say which service it is.
const LABELS: &[&str] = &[
    "execute-api",
    "auth",
    "s3",
    "lambda-url",
    "vpce",
    "cognito-idp",
    "cognito-identity",
    "dualstack",
    "s3-website",
    "sts",
    "iam",
    "lambda",
    "apigateway",
    "dynamodb",
    "docs",
    "www",
    "aws",
    "elb",
    "secretsmanager",
    "kms",
    "ssm",
    "sqs",
    "sns",
    "developer",
    "console",
    "signin",
    "auth-fips",
    "execute-api-fips",
    "logs",
    "monitoring",
    "events",
    "es",
    "appsync-api",
    "kinesis",
    "s3-fips",
];

/// Stages as most people call them.
const STAGES: &[&str] =
    &["prod", "dev", "test", "stage", "staging", "qa", "uat", "beta", "live", "default", "$default", "production", "int"];

/// Parameters whose values come from a short list that the protocols give.
const OPEN_PARAMETERS: &[&str] = &[
    "response_type",
    "grant_type",
    "error",
    "x-amz-algorithm",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-signedheaders",
    "code_challenge_method",
    "response_mode",
    "prompt",
    "token_type",
    "error_description",
    "lang",
];
const SCOPES: &[&str] = &["openid", "email", "profile", "phone", "aws.cognito.signin.user.admin"];
const URL_PARAMETERS: &[&str] = &["redirect_uri", "logout_uri", "post_logout_redirect_uri", "callback_url"];

/// A whole URL, its scheme first.
pub fn url(out: &mut Out, words: Words, text: &str) {
    let Some((scheme, rest)) = text.split_once("://") else { return out.drop_inside(text) };
    if words.know(scheme) || matches!(scheme, "http" | "https") {
        out.keep(scheme)
    } else {
        out.drop_inside(scheme)
    }
    out.keep("://");
    let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let place = match authority.rsplit_once('@') {
        Some((user, place)) => {
            out.drop_inside(user);
            out.keep("@");
            place
        }
        None => authority,
    };
    host_and_port(out, words, place);
    target(out, words, tail);
}

/// A host, with a port or without.
pub fn host_and_port(out: &mut Out, words: Words, text: &str) {
    match text.rsplit_once(':') {
        Some((name, port)) if port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit()) && !name.contains(':') => {
            host(out, words, name);
            out.keep(":");
            out.keep(port);
        }
        _ => host(out, words, text),
    }
}

pub fn host(out: &mut Out, words: Words, text: &str) {
    let lower = text.to_ascii_lowercase();
    if text.is_empty() || is_here(&lower) {
        return out.keep(text);
    }
    let Some(suffix) = SUFFIXES.iter().filter(|s| is_below(&lower, s)).max_by_key(|s| s.len()) else {
        // An address, a domain of somebody, or a word in a template.
        return if words.know(text) && !text.contains('.') { out.keep(text) } else { out.drop_inside(text) };
    };
    let (labels, known) = text.split_at(text.len() - suffix.len());
    let mut kept = labels.len();
    for label in labels.trim_end_matches('.').rsplit('.') {
        if !is_service(label) {
            break;
        }
        kept = kept.saturating_sub(label.len() + 1);
    }
    for label in labels.get(..kept).unwrap_or("").split_inclusive('.') {
        let name = label.trim_end_matches('.');
        if is_template(words, name) || name == "*" || name == DROPPED {
            out.keep(name)
        } else {
            out.drop_inside(name)
        }
        out.keep(&label[name.len()..]);
    }
    out.keep(labels.get(kept..).unwrap_or(""));
    out.keep(known);
}

/// Whether a host name has a known end, so that it is one even in plain text.
pub fn is_known_host(text: &str) -> bool {
    let is_letter =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'_' | b'*' | b'{' | b'}' | b'+') || b >= 0x80;
    if text.len() > 255
        || !(text.contains('.') || text.contains("localhost") || text.contains("::"))
        || !text.bytes().all(is_letter)
    {
        return false;
    }
    let name = text.split(':').next().unwrap_or("").to_ascii_lowercase();
    is_here(&name) || SUFFIXES.iter().any(|s| is_below(&name, s))
}

fn is_here(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "0.0.0.0" | "::1" | "[::1]")
}

fn is_below(host: &str, suffix: &str) -> bool {
    host.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn is_service(label: &str) -> bool {
    let label = label.to_ascii_lowercase();
    LABELS.contains(&label.as_str())
        || is_region(&label)
        || label.strip_prefix("s3-website-").or(label.strip_prefix("s3-")).is_some_and(is_region)
}

/// `us-east-1`, and what is written in its place.
pub fn is_region(text: &str) -> bool {
    const PLACES: &[&str] =
        &["north", "south", "east", "west", "central", "northeast", "northwest", "southeast", "southwest", "gov"];
    if text.eq_ignore_ascii_case("region") {
        return true;
    }
    let mut parts = text.split('-');
    let (Some(first), Some(last)) = (parts.next(), text.rsplit('-').next()) else { return false };
    let middle: Vec<&str> = parts.collect();
    let places = middle.split_last().map(|(_, p)| p).unwrap_or_default();
    first.len() == 2
        && first.bytes().all(|b| b.is_ascii_lowercase())
        && !places.is_empty()
        && places.iter().all(|p| PLACES.contains(p))
        && last.len() == 1
        && last.bytes().all(|b| b.is_ascii_digit())
}

/// `{api-id}`, `<id>`, `:id`, `{{token}}`, where the word is known.
fn is_template(words: Words, text: &str) -> bool {
    let inner = text.trim_matches(['{', '}', '<', '>', '$', '+', ':']);
    inner.len() < text.len()
        && (words.know(inner) || (text.starts_with('{') && text.ends_with('}') && words.know(inner.trim_end_matches('+'))))
}

/// What stands behind a host: path, query and fragment.
pub fn target(out: &mut Out, words: Words, text: &str) {
    let (text, fragment) = match text.split_once('#') {
        Some((text, fragment)) => (text, Some(fragment)),
        None => (text, None),
    };
    match text.split_once('?') {
        Some((before, parameters)) => {
            path(out, words, before);
            out.keep("?");
            query(out, words, parameters);
        }
        None => path(out, words, text),
    }
    if let Some(fragment) = fragment {
        out.keep("#");
        if fragment.contains('=') { query(out, words, fragment) } else { path(out, words, fragment) }
    }
}

pub fn path(out: &mut Out, words: Words, text: &str) {
    if looks_encoded(words, text) {
        let rest = text.trim_start_matches('/');
        out.keep(&text[..text.len() - rest.len()]);
        return out.drop_inside(rest);
    }
    for (n, segment) in text.split('/').enumerate() {
        if n > 0 {
            out.keep("/");
        }
        if is_harmless_segment(words, segment) { out.keep(segment) } else { out.drop_inside(segment) }
    }
}

/// Whether slashes are letters of base64 here.
pub fn looks_encoded(words: Words, text: &str) -> bool {
    let mixed = |s: &str| {
        let has = |f: fn(&u8) -> bool| s.as_bytes().iter().any(f);
        has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && (has(u8::is_ascii_digit) || s.contains('+'))
    };
    let long = |s: &str| s.len() >= 4 && words.know(s);
    text.len() >= 12 && mixed(text) && !text.split('/').any(|s| long(s) || STAGES.contains(&s))
}

pub fn is_harmless_segment(words: Words, text: &str) -> bool {
    text.is_empty()
        || text == DROPPED
        || matches!(text, "." | ".." | "*" | "~")
        || STAGES.contains(&text)
        || words.know(text)
        || shapes::is_harmless_number(text)
        || is_template(words, text)
        || (text.contains('%') && is_encoded(text, |piece| piece == DROPPED || words.know(piece)))
}

/// A query or a form: names stay, values only where the protocols give a list of them.
pub fn query(out: &mut Out, words: Words, text: &str) {
    for (n, parameter) in text.split('&').enumerate() {
        if n > 0 {
            out.keep("&");
        }
        let plain = parameter.strip_prefix("amp;").unwrap_or(parameter);
        out.keep(&parameter[..parameter.len() - plain.len()]);
        match plain.split_once('=') {
            Some((name, value)) => {
                name_of(out, words, name);
                out.keep("=");
                value_of(out, words, name, value);
            }
            None => name_of(out, words, plain),
        }
    }
}

fn name_of(out: &mut Out, words: Words, name: &str) {
    if words.know(name) || name == DROPPED || is_open_parameter(&name.to_ascii_lowercase()) {
        out.keep(name)
    } else {
        out.drop_inside(name)
    }
}

/// Whether a text can only be a form: `a=b&c=d`.
pub fn is_form(text: &str) -> bool {
    let name = |n: &str| {
        let n = n.replace(DROPPED, "x");
        !n.is_empty() && n.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'%' | b'[' | b']'))
    };
    let text = text.trim();
    !text.contains(char::is_whitespace)
        && text.split('&').all(|p| p.split_once('=').is_some_and(|(n, _)| name(n.strip_prefix("amp;").unwrap_or(n))))
}

/// The value of a parameter.
pub fn value_of(out: &mut Out, words: Words, name: &str, value: &str) {
    let name = name.to_ascii_lowercase();
    let name = name.as_str();
    if is_nothing(value) {
        out.keep(value);
    } else if name == "x-amz-credential" {
        credential(out, value);
    } else if name == "scope" {
        pieces(out, value, |p| SCOPES.contains(&p));
    } else if URL_PARAMETERS.contains(&name) {
        encoded_url(out, words, value);
    } else if OPEN_PARAMETERS.contains(&name) {
        pieces(out, value, |p| {
            words.know(p)
                || shapes::is_harmless_number(p)
                || (name == "x-amz-expires" && p.len() <= 6 && p.bytes().all(|b| b.is_ascii_digit()))
        });
    } else {
        out.drop_inside(value);
    }
}

/// Whether the value of a parameter may be shown in part.
pub fn is_open_parameter(name: &str) -> bool {
    name == "scope" || URL_PARAMETERS.contains(&name) || OPEN_PARAMETERS.contains(&name)
}

/// What programs write where a secret is missing.
pub fn is_nothing(value: &str) -> bool {
    matches!(value, "" | "undefined" | "null" | "None" | "nil" | "true" | "false" | "True" | "False" | "[object Object]")
}

/// `AKIA…/20150830/us-east-1/s3/aws4_request`, its slashes encoded or not.
pub fn credential(out: &mut Out, text: &str) {
    let words = Words::built_in();
    let mut first = shapes::placeholder_at(text).is_none() && !text.starts_with("AKIA…") && !text.starts_with("ASIA…");
    pieces(out, text, |piece| {
        let harmless = shapes::is_packed_date(piece) || (!first && (is_region(piece) || (piece.len() > 1 && words.know(piece))));
        first = false;
        harmless
    });
}

/// A URL inside a parameter: how often it is encoded stays to be seen.
fn encoded_url(out: &mut Out, words: Words, text: &str) {
    let (mut at, mut before, mut is_start) = (0, Separator::None, true);
    while let Some((piece, separator)) = next_piece(&text[at..]) {
        let rest = &text[at..];
        at += piece.len();
        let is_port = matches!(before, Separator::Colon) && piece.len() <= 5 && piece.bytes().all(|b| b.is_ascii_digit());
        match separator {
            // What is behind a question mark is a query of somebody else.
            Separator::Query => {
                out.keep(piece);
                return out.drop_inside(&rest[piece.len()..]);
            }
            Separator::None if is_port || piece == DROPPED || STAGES.contains(&piece) || is_here(piece) => out.keep(piece),
            Separator::None if is_known_host(piece) => host(out, words, piece),
            Separator::None if words.know(piece) || shapes::is_harmless_number(piece) => out.keep(piece),
            Separator::None => out.drop_inside(piece),
            Separator::Placeholder => out.keep(piece),
            _ if separator != Separator::Other && (before == Separator::None || is_start) => out.keep(piece),
            _ => out.drop_inside(piece),
        }
        is_start &= matches!(separator, Separator::Colon | Separator::Slash) || matches!(piece, "http" | "https");
        before = separator;
    }
}

/// Keeps the pieces that are harmless, and single separators between them.
pub fn pieces(out: &mut Out, text: &str, mut harmless: impl FnMut(&str) -> bool) {
    let (mut at, mut before) = (0, Separator::Other);
    while let Some((piece, separator)) = next_piece(&text[at..]) {
        at += piece.len();
        let stays = match separator {
            // The first of two is asked in any case: it may count the pieces.
            Separator::None => harmless(piece) || piece == DROPPED,
            Separator::Placeholder => true,
            Separator::Other | Separator::Query => false,
            Separator::Slash => before != Separator::Slash,
            _ => before == Separator::None,
        };
        if stays {
            out.keep(piece)
        } else {
            out.drop_inside(piece)
        }
        before = if separator == Separator::Placeholder { Separator::None } else { separator };
    }
}

/// What divides two pieces of a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Separator {
    /// Nothing: the piece itself.
    None,
    Colon,
    Slash,
    /// A blank, a comma, a semicolon.
    List,
    /// A question mark or a number sign.
    Query,
    Placeholder,
    Other,
}

/// The first piece of a text, or the separator with which it begins: punctuation, plain or percent-encoded.
fn next_piece(text: &str) -> Option<(&str, Separator)> {
    if let Some(placeholder) = shapes::placeholder_at(text) {
        return Some((placeholder, Separator::Placeholder));
    }
    if let Some(key) = ["AKIA…", "ASIA…"].iter().find(|k| text.starts_with(**k)) {
        return Some((key, Separator::Placeholder));
    }
    if text.starts_with(DROPPED) {
        return Some((DROPPED, Separator::None));
    }
    let bytes = text.as_bytes();
    let first = separator_at(bytes);
    if let Some((length, separator)) = first {
        return Some((&text[..length], separator));
    }
    let length = (0..bytes.len())
        .find(|at| separator_at(&bytes[*at..]).is_some() || bytes[*at..].starts_with(DROPPED.as_bytes()))
        .unwrap_or(bytes.len());
    (length > 0).then(|| (&text[..length], Separator::None))
}

/// The separator with which a text begins, and its length.
fn separator_at(bytes: &[u8]) -> Option<(usize, Separator)> {
    let (letter, length) = match bytes.first()? {
        b'%' => decoded(bytes)?,
        b => (*b, 1),
    };
    let separator = match letter {
        b':' => Separator::Colon,
        b'/' => Separator::Slash,
        b' ' | b'+' | b',' | b';' => Separator::List,
        b'?' | b'#' => Separator::Query,
        // A percent sign that stands for a letter is part of what may be a secret.
        b if b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'~' | b'%') || b >= 0x80 => return None,
        _ => Separator::Other,
    };
    Some((length, separator))
}

/// The letter that `%2F`, `%252F`, … stand for, and how long that is.
fn decoded(bytes: &[u8]) -> Option<(u8, usize)> {
    let mut at = 1;
    while bytes.get(at..at + 2) == Some(b"25") {
        at += 2;
    }
    let digit = |n: usize| bytes.get(n).and_then(|b| (*b as char).to_digit(16));
    let letter = digit(at)? * 16 + digit(at + 1)?;
    Some((u8::try_from(letter).ok()?, at + 2))
}

/// Whether all pieces between percent-encoded characters are harmless.
fn is_encoded(text: &str, mut harmless: impl FnMut(&str) -> bool) -> bool {
    let mut at = 0;
    while let Some((piece, separator)) = next_piece(&text[at..]) {
        at += piece.len();
        if separator == Separator::None && !harmless(piece) {
            return false;
        }
    }
    true
}
