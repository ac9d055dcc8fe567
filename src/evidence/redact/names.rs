//! What the name of a value says about the value.

use std::sync::LazyLock;

use super::words::Set;

/// What may stand behind a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// Anything: words decide.
    Free,
    /// The value of a header.
    Header,
    /// Nothing that can be shown, even where it is a plain word.
    Secret,
    /// What is sent.
    Body,
    /// An access key with its scope.
    Credential,
    /// The value of a parameter of which something may be shown.
    Parameter,
    /// The name of a pair whose value is written apart.
    Name,
    /// The value of a pair whose name is written apart.
    Value,
}

/// One of them anywhere in a name makes its value secret.
const SECRET: &[&str] = &[
    "password",
    "passwords",
    "passwd",
    "pwd",
    "passphrase",
    "secret",
    "secrets",
    "token",
    "tokens",
    "key",
    "keys",
    "apikey",
    "apikeys",
    "credential",
    "credentials",
    "cookie",
    "cookies",
    "signature",
    "signatures",
    "sig",
    "otp",
    "csrf",
    "xsrf",
    "jwt",
    "bearer",
    "private",
    "salt",
    "verifier",
    "challenge",
    "assertion",
    "pass",
    "auth",
    "authorization",
    "accesskey",
    "secretkey",
    "passcode",
    "mfa",
    "license",
    "licence",
    "dsn",
    "connectionstring",
    "webhook",
];

/// These only where the name ends with them.
const SECRET_AT_THE_END: &[&str] = &[
    "id",
    "ids",
    "user",
    "users",
    "username",
    "email",
    "mail",
    "phone",
    "account",
    "owner",
    "login",
    "session",
    "sid",
    "pin",
    "sub",
    "nonce",
    "hash",
    "bytes",
    "jsessionid",
    "phpsessid",
    "ip",
    "fullname",
    "firstname",
    "lastname",
    "nickname",
    "uid",
];

/// Names that end like this tell about a secret, and hold none.
const ABOUT: &[&str] = &[
    "type",
    "required",
    "source",
    "method",
    "mode",
    "scheme",
    "status",
    "expires",
    "expired",
    "expiry",
    "expiration",
    "use",
    "algorithm",
    "url",
    "uri",
    "urls",
    "endpoint",
    "error",
    "errors",
    "exception",
    "exceptions",
    "fault",
    "message",
    "count",
    "size",
    "length",
    "limit",
    "enabled",
    "valid",
    "format",
    "header",
    "headers",
    "version",
    "service",
    "region",
    "match",
    "mismatch",
    "provider",
    "description",
    "title",
    "failed",
    "failure",
    "denied",
    "invalid",
    "missing",
    "plan",
    "plans",
    "validity",
    "unit",
    "units",
    "found",
    "flow",
    "flows",
    "alias",
];

/// Names that begin like this are errors and remarks.
const REMARKS: &[&str] = &[
    "invalid",
    "missing",
    "expired",
    "unrecognized",
    "incomplete",
    "no",
    "unsupported",
    "malformed",
    "bad",
    "unable",
    "unknown",
    "wrong",
];

const BODIES: &[&str] = &["body", "data", "payload", "formdata", "postdata", "data-raw", "data-binary", "json", "params"];

/// Words with a hyphen that stand before a colon and are no headers.
const SERVICES: &[&str] = &["execute-api", "cognito-idp", "cognito-identity", "e-mail", "aws-sigv4", "us-east-1"];

static ANYWHERE: LazyLock<Set<&'static str>> = LazyLock::new(|| SECRET.iter().copied().collect());
static AT_THE_END: LazyLock<Set<&'static str>> = LazyLock::new(|| SECRET_AT_THE_END.iter().copied().collect());
static ABOUT_SET: LazyLock<Set<&'static str>> = LazyLock::new(|| ABOUT.iter().copied().collect());

/// Tells what may stand behind a name. `after` is what divides them.
pub fn classify(name: &str, quoted: bool, after: char) -> Class {
    if name.len() > 64 {
        return Class::Free;
    }
    let lower = name.to_ascii_lowercase();
    let lower = lower.as_str();
    match lower {
        "credential" | "x-amz-credential" => return Class::Credential,
        "name" if quoted || after == ':' => return Class::Name,
        "header" if quoted => return Class::Name,
        "key" if quoted => return Class::Name,
        "value" if after != ',' => return Class::Value,
        "signedheaders" | "key-source" => return Class::Free,
        _ if after == '=' && !quoted && super::places::is_open_parameter(lower) => return Class::Parameter,
        _ if BODIES.contains(&lower) => return Class::Body,
        _ if super::headers::is_known(lower) => return Class::Header,
        _ => {}
    }
    let hyphen = lower.contains('-') && !lower.contains(['.', '_', '$']) && lower.starts_with(|c: char| c.is_ascii_alphabetic());
    match () {
        () if lower.starts_with("x-") => Class::Header,
        () if is_secret(name) => Class::Secret,
        () if hyphen && after != ',' && after != '=' && !SERVICES.contains(&lower) => Class::Secret,
        () => Class::Free,
    }
}

/// Whether the words of a name say that its value is secret.
pub fn is_secret(name: &str) -> bool {
    let mut parts = Vec::with_capacity(8);
    for piece in name.split(['-', '_', '.', '$', ':', '/']).filter(|p| !p.is_empty()) {
        split_camel(piece, &mut parts);
    }
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return false };
    let last = last.to_ascii_lowercase();
    if ABOUT_SET.contains(last.as_str()) || REMARKS.iter().any(|r| r.eq_ignore_ascii_case(first)) {
        return false;
    }
    AT_THE_END.contains(last.as_str()) || parts.iter().any(|p| p.len() > 2 && ANYWHERE.contains(p.to_ascii_lowercase().as_str()))
}

fn split_camel<'a>(text: &'a str, parts: &mut Vec<&'a str>) {
    let bytes = text.as_bytes();
    let mut start = 0;
    for at in 1..bytes.len() {
        let begins = bytes[at].is_ascii_uppercase()
            && (bytes[at - 1].is_ascii_lowercase() || bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase));
        if begins && text.is_char_boundary(at) {
            parts.push(&text[start..at]);
            start = at;
        }
    }
    parts.push(&text[start..]);
}
