//! Host names: what everybody may know of them stays, the labels that somebody chose do not.

use std::sync::LazyLock;

use super::letters;
use super::out::Out;
use super::places;
use super::shapes::DROPPED;
use super::table::Table;
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

static KNOWN_ENDS: LazyLock<Table<()>> = LazyLock::new(|| SUFFIXES.iter().map(|s| (*s, ())).collect());

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

/// A host without a port.
pub fn host(out: &mut Out, words: Words, text: &str) {
    if text.is_empty() || is_here(text) {
        return out.keep(text);
    }
    let Some(end) = find_known_end(text) else {
        // An address, a domain of somebody, or a word in a template.
        return if words.know(text) && !text.contains('.') { out.keep(text) } else { out.drop(text) };
    };
    let labels = &text[..end];
    let own = labels.len() - length_of_services(labels);
    for label in labels.get(..own).unwrap_or("").split_inclusive('.') {
        let name = label.trim_end_matches('.');
        if places::is_template(words, name) || name == "*" || name == DROPPED {
            out.keep(name)
        } else {
            out.drop(name)
        }
        out.keep(&label[name.len()..]);
    }
    out.keep(text.get(own..).unwrap_or(""));
}

/// How long the last labels are that say which service it is.
fn length_of_services(labels: &str) -> usize {
    let names = labels.trim_end_matches('.').rsplit('.').take_while(|l| is_service(l));
    names.map(|l| l.len() + 1).sum::<usize>().min(labels.len())
}

/// Whether a host name has a known end, so that it is one even in plain text.
pub fn is_known_host(text: &str) -> bool {
    let is_letter = |b: u8| letters::names(b) && b != b'$' || matches!(b, b':' | b'*' | b'{' | b'}' | b'+') || b >= 0x80;
    let may_be = text.len() <= 255 && (memchr::memchr(b'.', text.as_bytes()).is_some() || text.starts_with("localhost"));
    if !may_be || !text.bytes().all(is_letter) {
        return false;
    }
    let name = text.split(':').next().unwrap_or("");
    is_here(name) || find_known_end(name).is_some()
}

/// Whether a host is the machine itself.
pub fn is_here(host: &str) -> bool {
    let may_be = matches!(host.as_bytes(), [b'l' | b'L' | b'1' | b'0' | b':' | b'[', ..]);
    may_be && ["localhost", "127.0.0.1", "0.0.0.0", "::1", "[::1]"].iter().any(|h| h.eq_ignore_ascii_case(host))
}

/// Where the longest end of a host name begins that everybody may know.
fn find_known_end(host: &str) -> Option<usize> {
    let mut start = 0;
    while KNOWN_ENDS.find(&host[start..]).is_none() {
        start += host[start..].find('.')? + 1;
    }
    Some(start)
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
    if !text.ends_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let Some((first, rest)) = text.split_once('-') else { return false };
    let Some((places, last)) = rest.rsplit_once('-') else { return false };
    first.len() == 2
        && first.bytes().all(|b| b.is_ascii_lowercase())
        && places.split('-').all(|p| PLACES.contains(&p))
        && last.len() == 1
        && last.bytes().all(|b| b.is_ascii_digit())
}
