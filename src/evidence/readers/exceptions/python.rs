//! botocore, boto3, the AWS CLI, requests and urllib3.

use std::sync::LazyLock;

use regex::Regex;

use super::super::super::lines::Lines;
use super::super::super::wire::{Failure, Found, Shown};
use super::super::bodies::codes;
use super::super::json::loose;
use super::{regex, show, tell, whole_message};

static OPERATION: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"An error occurred \(([A-Za-z0-9_.:-]{1,80})\) when calling the ([A-Za-z0-9]{1,80}) operation(?: \([^)]{0,60}\))?: ?")
});
static DOTTED: LazyLock<Regex> = LazyLock::new(|| regex(r"^(?:[a-z_][a-z0-9_]*\.)+([A-Z][A-Za-z0-9]*)(?:: (.*))?$"));
static HTTP: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?:HTTPError: )?\b([45]\d\d) (?:Client|Server) Error: (.{0,80}?) for url: (https?://\S+)"));
static POOL: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(HTTPS?)ConnectionPool\(host='([^']+)', port=(\d+)\): (?:Max retries exceeded with url: (\S+)|(Read timed out))")
});
static ENDPOINT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"(Could not connect to the endpoint URL|Connect timeout on endpoint URL|Read timeout on endpoint URL|SSL validation failed for|Connection was closed before we received a valid response from endpoint URL):? "?(https?://[^\s"]+)"#,
    )
});
static REPR: LazyLock<Regex> = LazyLock::new(|| regex(r"<Response \[(\d{3})(?: [^\]]*)?\]>"));

/// What all of these and the sentences need, but dotted names.
static MARKS: LazyLock<Regex> = LazyLock::new(|| {
    let known = [r"An error occurred \(", r" Error: ", r"ConnectionPool\(", r"endpoint URL", r"SSL validation", r"<Response \["];
    let sentences = SENTENCES.iter().map(|(text, _)| regex::escape(text));
    regex(&known.iter().map(|mark| (*mark).to_owned()).chain(sentences).collect::<Vec<_>>().join("|"))
});

/// Sentences of the AWS CLI and of botocore that stand without a code.
const SENTENCES: &[(&str, &str)] = &[
    ("Unable to locate credentials", "NoCredentialsError"),
    ("Partial credentials found in", "PartialCredentialsError"),
    ("You must specify a region", "NoRegionError"),
    ("Parameter validation failed", "ParamValidationError"),
    ("Error when retrieving credentials from", "CredentialRetrievalError"),
    ("Error when retrieving token from sso", "TokenRetrievalError"),
    ("Token has expired and refresh failed", "TokenRetrievalError"),
    ("The SSO session associated with this profile has expired", "UnauthorizedSSOTokenError"),
    ("The config profile (", "ProfileNotFound"),
];

pub fn read(lines: &Lines<'_>, at: usize, line: &str, found: &mut Found) -> Option<usize> {
    if line.trim_start().starts_with("Traceback (most recent call last)") {
        return Some(skip_traceback(lines, at));
    }
    if !MARKS.is_match(line) {
        return read_dotted(lines, at, line, found);
    }
    read_operation(lines, at, line, found)
        .or_else(|| read_endpoint(at, line, found))
        .or_else(|| read_pool(at, line, found))
        .or_else(|| read_http(at, line, found))
        .or_else(|| read_sentence(at, line, found))
        .or_else(|| read_dotted(lines, at, line, found))
}

/// Up to the line that names the exception.
fn skip_traceback(lines: &Lines<'_>, at: usize) -> usize {
    let indent = |n: usize| lines.at(n).len() - lines.at(n).trim_start().len();
    let own = indent(at);
    let mut end = at + 1;
    while end < lines.len() && indent(end) > own {
        end += 1;
    }
    end
}

/// `An error occurred (Code) when calling the Operation operation: message`; the message is kept with all of it.
fn read_operation(lines: &Lines<'_>, at: usize, line: &str, found: &mut Found) -> Option<usize> {
    let all = OPERATION.captures(line)?;
    let code = all.get(1)?.as_str();
    let status = code.parse::<u16>().ok();
    let (message, end) = whole_message(lines, at, line, all.get(0)?.start());
    let named = (status.is_none() && code != "Unknown").then_some(code);
    tell(named, message, status, at + 1, found);
    if status.is_some() {
        show(None, None, status, "boto3", at + 1, found);
    }
    Some(end)
}

fn read_endpoint(at: usize, line: &str, found: &mut Found) -> Option<usize> {
    let all = ENDPOINT.captures(line)?;
    let failure = match all.get(1)?.as_str() {
        kind if kind.contains("timeout") => Some(Failure::TimeOut),
        kind if kind.starts_with("SSL") => Some(Failure::Tls),
        _ => super::network::find_failure(line),
    };
    found.failures.extend(failure.map(|f| Shown::new(f, at + 1)));
    tell(None, line.get(all.get(0)?.start()..)?, None, at + 1, found);
    show(None, Some(all.get(2)?.as_str()), None, "", at + 1, found);
    Some(at + 1)
}

fn read_pool(at: usize, line: &str, found: &mut Found) -> Option<usize> {
    let all = POOL.captures(line)?;
    let (scheme, host, port) = (all.get(1)?.as_str().to_ascii_lowercase(), all.get(2)?.as_str(), all.get(3)?.as_str());
    let path = all.get(4).map_or("", |p| p.as_str());
    let place = match (scheme.as_str(), port) {
        ("https", "443") | ("http", "80") => host.to_owned(),
        _ => format!("{host}:{port}"),
    };
    let failure = all.get(5).map(|_| Failure::TimeOut).or_else(|| super::network::find_failure(line));
    found.failures.extend(failure.map(|f| Shown::new(f, at + 1)));
    tell(None, line.get(all.get(0)?.start()..)?, None, at + 1, found);
    // Without a path, only the host is known.
    let url = if path.is_empty() { place } else { format!("{scheme}://{place}{path}") };
    show(None, Some(&url), None, "python", at + 1, found);
    Some(at + 1)
}

fn read_http(at: usize, line: &str, found: &mut Found) -> Option<usize> {
    if let Some(all) = HTTP.captures(line) {
        let status = all.get(1)?.as_str().parse().ok();
        tell(None, all.get(0)?.as_str(), status, at + 1, found);
        show(None, Some(all.get(3)?.as_str()), status, "python", at + 1, found);
        return Some(at + 1);
    }
    let all = REPR.captures(line)?;
    show(None, None, all.get(1)?.as_str().parse().ok(), "python", at + 1, found);
    add_body(line.get(all.get(0)?.end()..)?, at + 1, found);
    Some(at + 1)
}

/// What was printed behind the representation of an answer: its text, or the literal of it.
fn add_body(rest: &str, line: usize, found: &mut Found) {
    let rest = rest.trim_start_matches([' ', ',', ':']).trim_end();
    let literal = rest.strip_prefix('b').unwrap_or(rest);
    let text = match literal.chars().next() {
        Some('{' | '[') => Some(literal.to_owned()),
        Some('\'' | '"') => loose::parse_text(literal).map(|(text, _)| text),
        _ => None,
    };
    let last = found.exchanges.last_mut().and_then(|e| e.response.as_mut());
    let last = last.filter(|r| r.body.is_none() && r.status.as_ref().is_some_and(|s| s.line == line));
    if let (Some(text), Some(response)) = (text.filter(|t| t.starts_with(['{', '[', '<'])), last) {
        response.body = Some(Shown::new(text, line));
    }
}

fn read_sentence(at: usize, line: &str, found: &mut Found) -> Option<usize> {
    let (start, name) = SENTENCES.iter().find_map(|(text, name)| Some((line.find(text)?, *name)))?;
    // In the middle of a sentence somebody speaks about it.
    let before = line.get(..start)?.trim_end();
    if !(before.is_empty() || before.ends_with(':') || before.ends_with('"')) {
        return None;
    }
    tell(Some(name), line.get(start..)?, None, at + 1, found);
    Some(at + 1)
}

/// `package.module.NameError: message`.
fn read_dotted(lines: &Lines<'_>, at: usize, line: &str, found: &mut Found) -> Option<usize> {
    let trimmed = line.trim();
    // Packages of Java are another part's.
    if ["java", "javax", "software", "com", "org", "net", "io"].iter().any(|p| trimmed.split('.').next() == Some(p)) {
        return None;
    }
    let all = DOTTED.captures(trimmed)?;
    let name = all.get(1)?.as_str();
    if !["Error", "Exception", "Timeout", "Fault", "Refused"].iter().any(|end| name.ends_with(end)) {
        return None;
    }
    let message = all.get(2).map_or("", |m| m.as_str());
    let code = codes::is_code(name).then_some(name);
    if let Some(failure) = super::network::find_failure(line) {
        found.failures.push(Shown::new(failure, at + 1));
    }
    let start = line.len() - line.trim_start().len() + all.get(2).map_or(0, |m| m.start());
    let (message, end) = if message.is_empty() { ("", at + 1) } else { whole_message(lines, at, line, start) };
    tell(code, message, None, at + 1, found);
    Some(end)
}
