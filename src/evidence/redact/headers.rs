//! Values of headers, each by what its name promises.

use std::sync::LazyLock;

use super::hosts;
use super::out::Out;
use super::parameters;
use super::pieces;
use super::places;
use super::runs;
use super::shapes;
use super::table::Table;
use super::words::Words;

/// What the value of a header looks like.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Host,
    Url,
    /// A URL or a path whose query holds secrets.
    Words,
    Number,
    Authorization,
    PayloadHash,
    Secret,
}

/// Headers and what their values look like. Where a header is not listed, its value may be anything.
const HEADERS: &[(&str, Shape)] = &[
    ("host", Shape::Host),
    (":authority", Shape::Host),
    ("authority", Shape::Host),
    ("x-forwarded-host", Shape::Host),
    ("origin", Shape::Url),
    ("referer", Shape::Url),
    ("location", Shape::Url),
    (":path", Shape::Url),
    ("access-control-allow-origin", Shape::Url),
    ("content-length", Shape::Number),
    ("age", Shape::Number),
    ("access-control-max-age", Shape::Number),
    ("x-forwarded-port", Shape::Number),
    ("retry-after", Shape::Number),
    ("authorization", Shape::Authorization),
    ("proxy-authorization", Shape::Authorization),
    ("x-amz-content-sha256", Shape::PayloadHash),
    ("cookie", Shape::Secret),
    ("set-cookie", Shape::Secret),
    ("x-api-key", Shape::Secret),
    ("x-amz-security-token", Shape::Secret),
    (":method", Shape::Words),
    (":scheme", Shape::Words),
    (":status", Shape::Words),
    ("method", Shape::Words),
    ("accept", Shape::Words),
    ("accept-encoding", Shape::Words),
    ("accept-language", Shape::Words),
    ("accept-ranges", Shape::Words),
    ("access-control-allow-credentials", Shape::Words),
    ("access-control-allow-headers", Shape::Words),
    ("access-control-allow-methods", Shape::Words),
    ("access-control-expose-headers", Shape::Words),
    ("access-control-request-headers", Shape::Words),
    ("access-control-request-method", Shape::Words),
    ("allow", Shape::Words),
    ("amz-sdk-request", Shape::Words),
    ("cache-control", Shape::Words),
    ("connection", Shape::Words),
    ("content-encoding", Shape::Words),
    ("content-type", Shape::Words),
    ("date", Shape::Words),
    ("x-amz-date", Shape::Words),
    ("expect", Shape::Words),
    ("expires", Shape::Words),
    ("keep-alive", Shape::Words),
    ("last-modified", Shape::Words),
    ("pragma", Shape::Words),
    ("priority", Shape::Words),
    ("referrer-policy", Shape::Words),
    ("sec-ch-ua", Shape::Words),
    ("sec-ch-ua-mobile", Shape::Words),
    ("sec-ch-ua-platform", Shape::Words),
    ("sec-fetch-dest", Shape::Words),
    ("sec-fetch-mode", Shape::Words),
    ("sec-fetch-site", Shape::Words),
    ("sec-fetch-user", Shape::Words),
    ("server", Shape::Words),
    ("strict-transport-security", Shape::Words),
    ("te", Shape::Words),
    ("transfer-encoding", Shape::Words),
    ("upgrade", Shape::Words),
    ("upgrade-insecure-requests", Shape::Words),
    ("user-agent", Shape::Words),
    ("vary", Shape::Words),
    ("via", Shape::Words),
    ("www-authenticate", Shape::Words),
    ("x-amz-bucket-region", Shape::Words),
    ("x-amz-target", Shape::Words),
    ("x-amz-user-agent", Shape::Words),
    ("x-amzn-errortype", Shape::Words),
    ("x-amzn-waf-action", Shape::Words),
    ("x-cache", Shape::Words),
    ("x-content-type-options", Shape::Words),
    ("x-forwarded-proto", Shape::Words),
    ("x-frame-options", Shape::Words),
    ("x-requested-with", Shape::Words),
    ("x-xss-protection", Shape::Words),
];

static TABLE: LazyLock<Table<Shape>> = LazyLock::new(|| HEADERS.iter().copied().collect());

fn find_shape(name: &str) -> Option<Shape> {
    const RENAMED: &str = "x-amzn-remapped-";
    let is_renamed = name.get(..RENAMED.len()).is_some_and(|start| start.eq_ignore_ascii_case(RENAMED));
    TABLE.find(if is_renamed { &name[RENAMED.len()..] } else { name }).copied()
}

/// Whether a name is that of a known header.
pub fn is_known(name: &str) -> bool {
    find_shape(name).is_some()
}

/// The value of a header as far as its name says that it is harmless.
pub fn value(out: &mut Out, words: Words, name: &str, text: &str) {
    let rest = text.trim_start();
    let inner = rest.trim_end();
    out.keep(&text[..text.len() - rest.len()]);
    if parameters::is_nothing(inner) || shapes::is_placeholder(inner) {
        out.keep(inner);
    } else {
        shown(out, words, name, inner);
    }
    out.keep(&rest[inner.len()..]);
}

fn shown(out: &mut Out, words: Words, name: &str, text: &str) {
    match find_shape(name).unwrap_or(Shape::Secret) {
        Shape::Host if !text.contains(char::is_whitespace) => hosts::host_and_port(out, words, text),
        Shape::Url if text.contains("://") && !text.contains(char::is_whitespace) => places::url(out, words, text),
        Shape::Url if text.starts_with('/') && !text.contains(char::is_whitespace) => places::target(out, words, text),
        Shape::Host | Shape::Url | Shape::Words => runs::text(out, words, text),
        Shape::Number if text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit()) => out.keep(text),
        Shape::Number => runs::text(out, words, text),
        Shape::PayloadHash if is_open_hash(text) => out.keep(text),
        Shape::Authorization => authorization(out, words, text),
        Shape::PayloadHash | Shape::Secret => out.drop(text),
    }
}

/// Whether a payload hash is one that says nothing about the payload.
fn is_open_hash(text: &str) -> bool {
    const OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    matches!(text, OF_NOTHING | "UNSIGNED-PAYLOAD") || (text.starts_with("STREAMING-") && Words::built_in().know(text))
}

/// The scheme, and for a signature of AWS all but the signature and most of the access key.
fn authorization(out: &mut Out, words: Words, text: &str) {
    const SCHEMES: &[&str] = &["Bearer", "Basic", "Digest", "ApiKey", "Token", "JWT", "Negotiate", "NTLM", "AWS"];
    let (scheme, rest) = text.split_once(' ').unwrap_or((text, ""));
    if scheme.starts_with("AWS4-") || scheme.starts_with("AWS3-") {
        return signature(out, words, text);
    }
    if !SCHEMES.iter().any(|s| s.eq_ignore_ascii_case(scheme)) {
        return out.drop(text);
    }
    out.keep(scheme);
    if scheme.len() < text.len() {
        out.keep(" ");
        if parameters::is_nothing(rest) { out.keep(rest) } else { out.drop(rest) }
    }
}

fn signature(out: &mut Out, words: Words, text: &str) {
    for part in text.split_inclusive([' ', ',']) {
        let inner = part.trim_end_matches([' ', ',']);
        match inner.split_once('=') {
            _ if matches!(inner, "AWS4-HMAC-SHA256" | "AWS4-ECDSA-P256-SHA256" | "") => out.keep(inner),
            Some((name, value)) if name.eq_ignore_ascii_case("credential") => {
                out.keep(name);
                out.keep("=");
                parameters::credential(out, value);
            }
            Some((name, value)) if name.eq_ignore_ascii_case("signedheaders") => {
                out.keep(name);
                out.keep("=");
                pieces::keep(out, value, |p| words.know(p));
            }
            Some((name, value)) if name.eq_ignore_ascii_case("signature") => {
                out.keep(name);
                out.keep("=");
                out.drop(value);
            }
            _ => out.drop(inner),
        }
        out.keep(&part[inner.len()..]);
    }
}
