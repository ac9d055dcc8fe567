//! HTTP archives.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value as Json;

use super::super::wire::{Exchange, Failure, Found, Header, Request, Response, Shown, Source, Target, find_header};
use super::transcript::record;

const MOST_ENTRIES: usize = 2_000;
const LARGEST_BODY: usize = 256 * 1024;

/// Takes a parsed HAR; tells whether it was one. `line_of` tells the line of a text that stands in the file.
pub fn take(har: &Json, line_of: &dyn Fn(&str) -> usize, found: &mut Found) -> bool {
    let Some(entries) = har.pointer("/log/entries").and_then(Json::as_array) else { return false };
    let creator = ["/log/creator/name", "/log/browser/name"].iter().find_map(|p| har.pointer(p)).and_then(Json::as_str);
    let creator = creator.unwrap_or("").to_ascii_lowercase();
    let strips = ["webinspector", "chrome", "edge"].iter().any(|name| creator.contains(name));
    for entry in entries.iter().take(MOST_ENTRIES) {
        if let Ok(entry) = Entry::deserialize(entry) {
            take_entry(entry, strips, line_of, found);
        }
    }
    found.by("HAR");
    true
}

/// An entry as the specification has it; browsers leave parts out and add their own.
#[derive(Deserialize)]
struct Entry {
    request: Sent,
    #[serde(default, deserialize_with = "lenient")]
    response: Received,
    #[serde(default, deserialize_with = "lenient", rename = "_error")]
    error: String,
}

#[derive(Deserialize)]
struct Sent {
    method: String,
    url: String,
    #[serde(default, deserialize_with = "lenient")]
    headers: Pairs,
    #[serde(default, deserialize_with = "lenient", rename = "postData")]
    data: Option<Data>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Received {
    #[serde(deserialize_with = "lenient")]
    status: i64,
    #[serde(deserialize_with = "lenient")]
    headers: Pairs,
    #[serde(deserialize_with = "lenient")]
    content: Content,
    /// Where Chrome tells why there is no answer.
    #[serde(deserialize_with = "lenient", rename = "_error")]
    error: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Content {
    #[serde(deserialize_with = "lenient", rename = "mimeType")]
    kind: String,
    #[serde(deserialize_with = "lenient")]
    text: Option<String>,
    #[serde(deserialize_with = "lenient")]
    encoding: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Data {
    #[serde(deserialize_with = "lenient")]
    text: String,
    #[serde(deserialize_with = "lenient")]
    params: Pairs,
}

/// Names and values; what is none is left out.
#[derive(Default)]
struct Pairs(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Pairs, D::Error> {
        let list = Vec::<Json>::deserialize(deserializer)?;
        let text = |pair: &Json, key: &str| pair.get(key).and_then(Json::as_str).map(str::to_owned);
        Ok(Pairs(list.iter().filter_map(|pair| Some((text(pair, "name")?, text(pair, "value").unwrap_or_default()))).collect()))
    }
}

impl Pairs {
    /// Headers without those that only HTTP/2 has.
    fn headers(&self, line: usize) -> Vec<Header> {
        self.0.iter().filter(|(name, _)| !name.starts_with(':')).map(|(name, value)| Header::new(name, value, line)).collect()
    }
}

/// A part of the wrong type is as good as absent.
fn lenient<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::de::DeserializeOwned + Default,
{
    let json = Json::deserialize(deserializer)?;
    Ok(serde_json::from_value(json).unwrap_or_default())
}

fn take_entry(entry: Entry, strips: bool, line_of: &dyn Fn(&str) -> usize, found: &mut Found) {
    let target = Target::parse(&entry.request.url).filter(|t| matches!(t.scheme.as_str(), "http" | "https" | "ws" | "wss"));
    let Some(target) = target.filter(|_| !is_asset(&entry)) else { return };
    let line = line_of(&entry.request.url);
    let error = if entry.error.is_empty() { &entry.response.error } else { &entry.error };
    found.failures.extend(find_failure(error).map(|failure| Shown::new(failure, line)));
    let response = take_response(&entry.response, line);
    if let Some(response) = response.as_ref().filter(|r| r.status.as_ref().is_some_and(|s| s.value >= 400)) {
        record::record_errors(response, found);
    }
    found.exchanges.push(Exchange { request: take_request(&entry.request, target, strips, line), response });
}

/// Images, styles, fonts and scripts that arrived are no calls.
fn is_asset(entry: &Entry) -> bool {
    let kind = entry.response.content.kind.to_ascii_lowercase();
    let asset = ["image/", "font/", "text/css", "video/", "audio/"].iter().any(|prefix| kind.starts_with(prefix));
    matches!(entry.response.status, 200 | 304) && (asset || kind.contains("javascript") || kind.contains("font"))
}

fn take_request(sent: &Sent, target: Target, strips: bool, line: usize) -> Request {
    let headers = sent.headers.headers(line);
    let secret = ["cookie", "authorization"].iter().any(|name| find_header(&headers, name).is_some());
    let body = sent.data.as_ref().and_then(Data::body).filter(|body| body.len() <= LARGEST_BODY);
    Request {
        source: Source::Wire,
        verb: Some(Shown::new(sent.method.clone(), line)).filter(|verb| !verb.value.is_empty()),
        target: Some(Shown::new(target, line)),
        whole: !headers.is_empty() && (secret || !strips),
        headers,
        body: body.map(|body| Shown::new(body, line)),
        signer: None,
        client: "browser",
    }
}

impl Data {
    fn body(&self) -> Option<String> {
        if !self.text.is_empty() {
            return Some(self.text.clone());
        }
        let pairs: Vec<String> = self.params.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("&"))
    }
}

/// A status of 0 means that nothing answered, or that the browser hid the answer.
fn take_response(received: &Received, line: usize) -> Option<Response> {
    let status = u16::try_from(received.status).ok().filter(|code| (100..600).contains(code))?;
    let body = received.content.body().map(|body| Shown::new(body, line));
    Some(Response { status: Some(Shown::new(status, line)), headers: received.headers.headers(line), body })
}

impl Content {
    fn body(&self) -> Option<String> {
        let text = self.text.as_ref().filter(|text| !text.is_empty() && text.len() <= LARGEST_BODY)?;
        match self.encoding.as_str() {
            "base64" => String::from_utf8(STANDARD.decode(text).ok()?).ok(),
            _ => Some(text.clone()),
        }
    }
}

fn find_failure(error: &str) -> Option<Failure> {
    let firefox = [("NS_ERROR_UNKNOWN_HOST", Failure::NoName), ("NS_ERROR_NET_TIMEOUT", Failure::TimeOut)];
    let named = firefox.into_iter().chain([("NS_ERROR_CONNECTION_REFUSED", Failure::Refused)]);
    named.into_iter().find(|(name, _)| *name == error).map(|(_, failure)| failure).or_else(|| record::find_failure(error))
}

#[cfg(test)]
mod tests;
