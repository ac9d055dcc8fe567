//! Error messages and codes in a text.

use std::sync::LazyLock;

use regex::Regex;

use super::super::super::lines::Lines;
use super::super::super::wire::{ErrorSeen, Found, Strength};
use super::super::bodies::{codes, cut};

/// Messages of AWS that can be known without a mark beside them.
static KNOWN: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"(?:Request is )?[Mm]issing Authentication Token|User: \S+ is not authorized to perform|User is not authorized to access this resource|The request signature we calculated does not match|Signature expired|Signature not yet current|Credential should be scoped|The security token included in the request is|The provided token has expired|[Ii]nternal [Ss]erver [Ee]rror|Endpoint request timed out|not a valid key=value pair|Invalid key=value pair|Authorization header requires|Missing required request parameters|Invalid request body|The AWS Access Key Id you provided|The authorization header is malformed|The incoming token has expired|An error was encountered with the requested page|Missing required header for this request|x-amz-content-sha256 must be|The difference between the request time|Request has expired|Required String parameter|Unable to verify secret hash|Client is configured (?:for|with) secret|is configured with secret but|The request could not be satisfied|Client is not allowed for|Unable to import module|No 'Access-Control-Allow-Origin' header|Response to preflight request doesn't pass|Access-Control-Allow-Headers in preflight response|CORS header .Access-Control-Allow-Origin. missing|Limit Exceeded|Too Many Requests";
    Regex::new(pattern).expect("a constant pattern")
});
static LABELLED: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r#"(?i)(?:^|[\s,{("'])(?:error(?: ?message)?|message|exception|reason)['"]?\s?:\s*(\S.*)$"#;
    Regex::new(pattern).expect("a constant pattern")
});
static QUOTED: LazyLock<Regex> = LazyLock::new(|| Regex::new("\"([^\"]+)\"|`([^`]+)`|“([^”]+)”").expect("a constant pattern"));
/// A quotation that can be a message has so many bytes. A pattern that counts them costs more than all the others together.
const QUOTATION: std::ops::RangeInclusive<usize> = 4..=600;
static TELLS: LazyLock<Regex> = LazyLock::new(|| {
    let pattern =
        r"(?i)error|messag|fail|says|said|return|respon|answer|respond|\bgets?\b|\bgot\b|getting|receiv|\b[45]\d\d\b|throw";
    Regex::new(pattern).expect("a constant pattern")
});

/// Looks for messages and codes; `bare` tells that no JSON of the line has told its message.
pub fn scan(line: &str, number: usize, bare: bool, found: &mut Found) {
    let before = found.errors.len();
    if bare {
        for message in list_messages(line) {
            push(None, Some(message), number, found);
        }
    }
    for word in line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.')) {
        let word = word.trim_matches('.');
        let shaped = word.contains('_') || word.bytes().skip(1).any(|b| b.is_ascii_uppercase());
        if shaped && codes::is_code(word) && !is_told(found, before, word) {
            push(Some(word), None, number, found);
        }
    }
    if found.errors.len() > before {
        found.by("error message");
    }
}

fn is_told(found: &Found, before: usize, word: &str) -> bool {
    found.errors.iter().skip(before).any(|error| error.code.as_deref() == Some(word))
}

fn push(code: Option<&str>, message: Option<&str>, line: usize, found: &mut Found) {
    let text = |t: Option<&str>| t.map(str::to_owned);
    let error = ErrorSeen { code: text(code), message: text(message), status: None, strength: Strength::Prose, line };
    found.errors.push(error);
}

fn list_messages(line: &str) -> Vec<&str> {
    let mut messages = Vec::new();
    if let Some(known) = KNOWN.find(line) {
        messages.push(find_sentence(line, known.start(), known.end()));
    }
    if let Some(text) = LABELLED.captures(line).and_then(|all| all.get(1)) {
        let text = text.as_str().trim().trim_matches(['"', '\'', '`', ',', '}', ' ']);
        if text.contains(' ') || codes::is_code(text) || (3..=40).contains(&text.len()) {
            messages.push(cut(text, 600));
        }
    } else if line.contains(['"', '`', '“']) && TELLS.is_match(line) {
        let all = QUOTED.captures_iter(line).filter_map(|all| all.iter().skip(1).flatten().next());
        let sized = all.map(|text| text.as_str()).filter(|text| QUOTATION.contains(&text.len()));
        messages.extend(sized.map(str::trim).filter(|text| looks_spoken(text)).take(5));
    }
    messages.retain(|text| !text.is_empty());
    // One that stands within another says nothing more.
    let all = messages.clone();
    messages.retain(|text| !all.iter().any(|other| other.len() > text.len() && other.contains(*text)));
    messages.dedup();
    messages
}

/// A quoted text that can be a message: words, no URL, path, header or command.
fn looks_spoken(text: &str) -> bool {
    let word = text.split(' ').count() == 1;
    let spoken = text.bytes().filter(|b| b.is_ascii_alphabetic() || *b == b' ').count() * 10 >= text.len() * 6;
    let capital = text.starts_with(|c: char| c.is_ascii_uppercase());
    spoken
        && capital
        && !text.contains("://")
        && !text.contains(" HTTP/")
        && !text.starts_with('/')
        && (!word || matches!(text, "Forbidden" | "Unauthorized"))
}

/// The message from where it begins to the end of its line or quotes.
fn find_sentence(line: &str, start: usize, end: usize) -> &str {
    let opened = line.get(..start).and_then(|before| before.chars().next_back()).filter(|c| "\"'`“(".contains(*c));
    let close = match opened {
        Some('“') => '”',
        Some('(') => ')',
        Some(quote) => quote,
        None => '\n',
    };
    let tail = line.get(end..).unwrap_or("");
    let length = tail.find(close).unwrap_or(tail.len());
    cut(line.get(start..end + length).unwrap_or("").trim(), 600)
}

/// A message that goes on over lines with the canonical request which the service made.
pub fn read_long(lines: &Lines<'_>, at: usize, found: &mut Found) -> Option<usize> {
    const BEGIN: &str = "The request signature we calculated does not match";
    let line = cut(lines.at(at), 2048);
    let start = if line.len() < BEGIN.len() { None } else { line.find(BEGIN) }?;
    let end = find_canonical_end(lines, at)?;
    let text = lines.between(at, end);
    push(None, Some(text.get(start..).unwrap_or(text)), at + 1, found);
    found.by("error message");
    Some(end)
}

/// The end of `The Canonical String for this request should have been '…' The String-to-Sign should have been '…'`.
pub fn find_canonical_end(lines: &Lines<'_>, at: usize) -> Option<usize> {
    let near = |from: usize, mark: &str, span: usize| {
        (from..lines.len().min(from + span)).find(|&n| cut(lines.at(n), 2048).trim_start().starts_with(mark))
    };
    let canonical = near(at + 1, "The Canonical String for this request should have been", 4)?;
    let Some(sign) = near(canonical, "The String-to-Sign should have been", 80) else { return Some(canonical + 1) };
    let last = (sign..lines.len().min(sign + 8)).find(|&n| n > sign + 1 && lines.at(n).trim_end().ends_with(['\'', '"']));
    Some(last.unwrap_or(sign) + 1)
}
