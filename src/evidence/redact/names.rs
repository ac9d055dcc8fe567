//! What the name of a value says about the value.

use std::sync::LazyLock;

use super::headers;
use super::table::Table;

/// Longer names are no names.
const LONGEST: usize = 64;

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

/// What a part of a name says.
#[derive(Clone, Copy, Default)]
struct Part {
    secret: bool,
    secret_at_the_end: bool,
    about: bool,
    remark: bool,
}

static PARTS: LazyLock<Table<Part>> = LazyLock::new(|| {
    let words = [SECRET, SECRET_AT_THE_END, ABOUT, REMARKS].concat();
    let part = |word: &'static str| Part {
        secret: SECRET.contains(&word),
        secret_at_the_end: SECRET_AT_THE_END.contains(&word),
        about: ABOUT.contains(&word),
        remark: REMARKS.contains(&word),
    };
    words.into_iter().map(|word| (word, part(word))).collect()
});

/// What a whole name says.
#[derive(Clone, Copy)]
enum Whole {
    Always(Class),
    /// A name whose value is written apart, unless it is one in a text.
    Name,
    Value,
    Parameter,
}

static WHOLE: LazyLock<Table<Whole>> = LazyLock::new(|| {
    let special = [
        ("credential", Whole::Always(Class::Credential)),
        ("x-amz-credential", Whole::Always(Class::Credential)),
        ("signedheaders", Whole::Always(Class::Free)),
        ("key-source", Whole::Always(Class::Free)),
        // What a browser copies for PowerShell begins with it.
        ("$session", Whole::Always(Class::Free)),
        ("name", Whole::Name),
        ("value", Whole::Value),
    ];
    let parameters = super::parameters::list_open().map(|name| (name, Whole::Parameter));
    let bodies = BODIES.iter().map(|name| (*name, Whole::Always(Class::Body)));
    special.into_iter().chain(parameters).chain(bodies).collect()
});

/// Tells what may stand behind a name. `after` is what divides them.
pub fn classify(name: &str, quoted: bool, after: char) -> Class {
    if name.len() > LONGEST {
        return Class::Free;
    }
    match WHOLE.find(name) {
        Some(Whole::Always(class)) => return *class,
        Some(Whole::Name) if quoted || after == ':' => return Class::Name,
        Some(Whole::Value) if after != ',' => return Class::Value,
        Some(Whole::Parameter) if after == '=' && !quoted => return Class::Parameter,
        _ => {}
    }
    match () {
        () if quoted && ["header", "key"].iter().any(|n| n.eq_ignore_ascii_case(name)) => Class::Name,
        () if headers::is_known(name) || matches!(name.as_bytes(), [b'x' | b'X', b'-', ..]) => Class::Header,
        () if is_secret(name) => Class::Secret,
        () if after != ',' && after != '=' && is_like_a_header(name) => Class::Secret,
        () => Class::Free,
    }
}

/// Whether a name may be that of a header that nobody knows.
fn is_like_a_header(name: &str) -> bool {
    let letters = name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.contains('-') && !name.contains(['.', '_', '$']);
    letters && !SERVICES.iter().any(|s| s.eq_ignore_ascii_case(name))
}

/// Whether the words of a name say that its value is secret.
pub fn is_secret(name: &str) -> bool {
    let said = Said::by(name);
    (said.secret || said.last.secret_at_the_end) && !said.is_about()
}

/// What the words of a name say together.
struct Said {
    secret: bool,
    first: Part,
    last: Part,
}

impl Said {
    fn by(name: &str) -> Said {
        let mut said = Said { secret: false, first: Part::default(), last: Part::default() };
        let mut parts = 0;
        for piece in name.split(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric()) {
            for part in split_camel(piece) {
                said.last = PARTS.find(part).copied().unwrap_or_default();
                said.secret |= said.last.secret;
                said.first = if parts == 0 { said.last } else { said.first };
                parts += 1;
            }
        }
        said
    }

    /// Whether the name tells about a secret and holds none, as those of errors and settings do.
    fn is_about(&self) -> bool {
        self.first.remark || self.last.about
    }
}

/// Whether a name holds cookies, whose own names may tell something.
pub fn are_cookies(name: &str) -> bool {
    name.eq_ignore_ascii_case("cookies") || name.eq_ignore_ascii_case("cookie")
}

/// Whether the name of a setting, which begins its line, says in any part that its value is secret.
pub fn is_secret_setting(name: &str, divider: char) -> bool {
    let is_default = divider == '=' && name == "default";
    let is_variable = divider == '=' && name.contains('_') && !name.bytes().any(|b| b.is_ascii_lowercase());
    is_default || (is_variable && Said::by(name).secret) || (hints(name) && (is_variable || !Said::by(name).is_about()))
}

/// Whether a name has a word of secrets in it, with nothing that divides it from the rest: `mypassword`.
fn hints(name: &str) -> bool {
    const HINTS: &[&str] = &["secret", "passw", "token", "apikey", "api_key", "private", "credential"];
    let name = name.as_bytes();
    let begins = |at: usize, hint: &&str| name.get(at..at + hint.len()).is_some_and(|n| n.eq_ignore_ascii_case(hint.as_bytes()));
    let may_begin = |b: u8| matches!(b | 0x20, b's' | b'p' | b't' | b'a' | b'c');
    (0..name.len()).filter(|at| may_begin(name[*at])).any(|at| HINTS.iter().any(|hint| begins(at, hint)))
}

/// The words of a name in camel case.
fn split_camel(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let bytes = rest.as_bytes();
        let begins = |at: &usize| {
            bytes[*at].is_ascii_uppercase()
                && (bytes[at - 1].is_ascii_lowercase() || bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase))
        };
        let end = (1..bytes.len()).find(begins).unwrap_or(bytes.len());
        let (part, tail) = rest.split_at(end);
        rest = tail;
        (!part.is_empty()).then_some(part)
    })
}
