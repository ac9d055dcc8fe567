//! The canonical request that follows from a request, by the rules of Signature Version 4. Start at [`build`].

use super::super::super::wire::{Request, Target, parameters};
use super::super::sigv4::{self, Signature, find_any_case};
use super::super::{fields, sigv4::find_body_hash};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

/// The longest canonical request that is looked at, in bytes.
const LIMIT: usize = 256 * 1024;

/// A canonical request in its parts.
#[derive(Debug, PartialEq, Eq)]
pub struct Canonical {
    pub verb: String,
    pub path: String,
    pub query: String,
    /// Names in lower case with their values, in order.
    pub headers: Vec<(String, String)>,
    pub signed: Vec<String>,
    pub payload: String,
}

impl Canonical {
    /// Takes a canonical request apart.
    pub fn parse(text: &str) -> Option<Canonical> {
        if text.len() > LIMIT {
            return None;
        }
        let mut lines = text.lines().map(|l| l.trim_end_matches('\r'));
        let mut next = || lines.next().map(str::to_owned);
        let (verb, path, query) = (next()?, next()?, next()?);
        let mut headers = Vec::new();
        loop {
            match next()? {
                line if line.is_empty() => break,
                line => headers.push(line.split_once(':').map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))?),
            }
        }
        let signed = next()?.split(';').map(str::to_owned).collect();
        let payload = next()?.trim().to_owned();
        let is_verb = !verb.is_empty() && verb.bytes().all(|b| b.is_ascii_alphabetic());
        (is_verb && path.starts_with('/')).then_some(Canonical { verb, path, query, headers, signed, payload })
    }
}

/// The canonical request, where everything in it is shown.
pub fn build(request: &Request, signature: &Signature, is_s3: bool) -> Option<String> {
    let Target { path, query, .. } = &request.target.as_ref()?.value;
    let verb = request.verb.as_ref()?.value.to_ascii_uppercase();
    let path = list_paths(path, is_s3).swap_remove(0);
    let query = list_queries(query.as_deref().unwrap_or("")).swap_remove(0);
    let mut headers = String::new();
    for name in &signature.signed_headers {
        headers.push_str(&format!("{name}:{}\n", find_value(request, name)?));
    }
    let signed = signature.signed_headers.join(";");
    let (payload, _) = find_payload(request, signature, is_s3)?;
    Some(format!("{verb}\n{path}\n{query}\n{headers}\n{signed}\n{payload}"))
}

/// The forms that a path may take, the one by the rules first. S3 encodes once and leaves dots alone; others encode what was
/// sent once more, and some do not normalise.
pub fn list_paths(path: &str, is_s3: bool) -> Vec<String> {
    let path = if path.is_empty() { "/" } else { path };
    if is_s3 {
        let encoded = encode_path(&percent_decode_str(path).collect::<Vec<u8>>());
        return vec![encoded, path.to_owned()];
    }
    vec![encode_path(normalize(path).as_bytes()), encode_path(path.as_bytes())]
}

/// The forms that a query may take, the one by the rules first: a plus sign is itself, but many take it for a space.
pub fn list_queries(query: &str) -> Vec<String> {
    let query = query.replace("&amp;", "&");
    vec![encode_query(&query), encode_query(&query.replace('+', "%20"))]
}

/// The value of a header as it is signed; `None` when it is not shown.
pub fn find_value(request: &Request, name: &str) -> Option<String> {
    let mut values = request.headers.iter().filter(|h| h.name.trim().eq_ignore_ascii_case(name)).peekable();
    if values.peek().is_none() {
        return Some(name).filter(|n| *n == "host").and_then(|_| find_called_host(request));
    }
    let collapse = |value: &str| value.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    Some(values.map(|h| collapse(&h.value)).collect::<Vec<_>>().join(","))
}

/// Whether two hosts are one, with or without the port that goes without saying.
pub fn is_same_host(one: &str, other: &str) -> bool {
    let strip = |host: &str| {
        let host = host.to_ascii_lowercase();
        host.strip_suffix(":443").or_else(|| host.strip_suffix(":80")).unwrap_or(&host).to_owned()
    };
    strip(one) == strip(other)
}

/// The payload hash that was signed, and whether it is certain.
pub fn find_payload(request: &Request, signature: &Signature, is_s3: bool) -> Option<(String, bool)> {
    if let Some(value) = find_value(request, "x-amz-content-sha256") {
        return Some((value.clone(), !fields::is_placeholder(&value)));
    }
    if is_s3 && signature.presigned {
        let query = fields::list_query(request);
        let told = find_any_case(&query, "x-amz-content-sha256").map(|f| f.value.clone());
        return Some((told.unwrap_or_else(|| "UNSIGNED-PAYLOAD".to_owned()), true));
    }
    Some((find_body_hash(request)?, sigv4::is_body_certain(request)))
}

fn find_called_host(request: &Request) -> Option<String> {
    let target = &request.target.as_ref()?.value;
    if target.host.is_empty() {
        return None;
    }
    Some(match target.port {
        Some(port) if !matches!((target.scheme.as_str(), port), ("https", 443) | ("http", 80)) => {
            format!("{}:{port}", target.host)
        }
        _ => target.host.clone(),
    })
}

const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const PATH: &AsciiSet = &QUERY.remove(b'/');

fn encode_path(path: &[u8]) -> String {
    percent_encode(path, PATH).to_string()
}

/// Takes `.`, `..` and empty segments out.
fn normalize(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            segment => kept.push(segment),
        }
    }
    let ends_open = ["/", "/.", "/.."].iter().any(|end| path.ends_with(end)) && !kept.is_empty();
    format!("/{}{}", kept.join("/"), if ends_open { "/" } else { "" })
}

fn encode_query(query: &str) -> String {
    let encode = |text: &str| percent_encode(&percent_decode_str(text).collect::<Vec<u8>>(), QUERY).to_string();
    let mut pairs: Vec<(String, String)> = parameters(query)
        .map(|(name, value)| (encode(name), encode(value)))
        .filter(|(name, _)| name != "X-Amz-Signature")
        .collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}
