//! What the service shows of the canonical request and the string to sign that it made. Start at [`find`].

use super::super::super::wire::{Exchange, Found};
use super::super::sigv4::find_element;
use super::canonical::Canonical;
use serde_json::{Map, Value as Json};

/// What the service shows, at least one of the two.
pub struct Told {
    pub canonical: Option<Canonical>,
    pub to_sign: Option<ToSign>,
    pub line: usize,
}

/// The string to sign: its algorithm is left out.
pub struct ToSign {
    pub date: String,
    pub scope: String,
    pub hash: String,
}

impl ToSign {
    fn parse(text: &str) -> Option<ToSign> {
        let mut lines = text.lines().map(str::trim);
        let algorithm = lines.next()?;
        let mut next = || lines.next().filter(|l| !l.is_empty()).map(str::to_owned);
        algorithm.starts_with("AWS4-").then_some(())?;
        Some(ToSign { date: next()?, scope: next()?, hash: next()? })
    }

    pub fn service(&self) -> &str {
        self.scope.split('/').nth(2).unwrap_or("")
    }
}

/// Looks into the answer; where none is shown, into the messages of exceptions.
pub fn find(exchange: &Exchange, found: &Found) -> Option<Told> {
    match exchange.response.as_ref().and_then(|r| r.body.as_ref()) {
        Some(body) => find_in_body(&body.value, body.line),
        None => {
            let told = found.errors.iter().find_map(|e| find_in_message(e.message.as_deref()?, e.line));
            told.or_else(|| found.signed.iter().find_map(|body| find_in_body(&body.value, body.line)))
        }
    }
}

fn find_in_body(body: &str, line: usize) -> Option<Told> {
    if body.contains("<CanonicalRequest") || body.contains("<StringToSign") {
        return find_in_xml(body, line);
    }
    if !body.contains(CANONICAL) && !body.contains(TO_SIGN) {
        return None;
    }
    let text = body.trim();
    let json = Some(text).filter(|t| t.starts_with('{')).and_then(|t| serde_json::from_str::<Map<String, Json>>(t).ok());
    match json {
        Some(json) => json.values().filter_map(Json::as_str).find_map(|message| find_in_message(message, line)),
        None => find_in_message(body, line),
    }
}

fn find_in_xml(body: &str, line: usize) -> Option<Told> {
    let request = find_element(body, "CanonicalRequest").or_else(|| from_hex(&find_element(body, "CanonicalRequestBytes")?));
    let canonical = request.and_then(|text| Canonical::parse(&text));
    let to_sign = find_element(body, "StringToSign").and_then(|text| ToSign::parse(&text));
    some(canonical, to_sign, line)
}

/// `47 45 54 0a` → `GET\n`
fn from_hex(text: &str) -> Option<String> {
    let bytes = text.split_ascii_whitespace().map(|pair| u8::from_str_radix(pair, 16).ok()).collect::<Option<Vec<u8>>>()?;
    String::from_utf8(bytes).ok()
}

const CANONICAL: &str = "The Canonical String for this request should have been";
const TO_SIGN: &str = "The String-to-Sign should have been";

/// The message that API Gateway and others send: both texts in it, quoted, each below a sentence of its own.
fn find_in_message(message: &str, line: usize) -> Option<Told> {
    // An exception may print the message with its line ends escaped.
    let text = if message.contains("\\n") && !message.contains('\n') { message.replace("\\n", "\n") } else { message.to_owned() };
    let canonical = text.split_once(CANONICAL).map(|(_, rest)| rest.split_once(TO_SIGN).map_or(rest, |(quoted, _)| quoted));
    let to_sign = text.split_once(TO_SIGN).map(|(_, rest)| rest);
    let canonical = canonical.and_then(unquote).and_then(Canonical::parse);
    some(canonical, to_sign.and_then(unquote).and_then(ToSign::parse), line)
}

/// What stands between the first quotation mark and the last.
fn unquote(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once('\'')?;
    Some(rest.rsplit_once('\'').map_or(rest, |(inner, _)| inner))
}

fn some(canonical: Option<Canonical>, to_sign: Option<ToSign>, line: usize) -> Option<Told> {
    (canonical.is_some() || to_sign.is_some()).then_some(Told { canonical, to_sign, line })
}
