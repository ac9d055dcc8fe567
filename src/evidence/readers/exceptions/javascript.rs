//! The SDK for JavaScript, v2 and v3, axios and `fetch` of Node.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value as Json;

use super::super::super::lines::Lines;
use super::super::super::wire::{ErrorSeen, Exchange, Found, Request, Response, Shown, Strength};
use super::super::bodies::{self, codes, cut};
use super::super::json::loose;
use super::super::transcript::read_sent_head;
use super::{is_trace, network, regex, show, tell, whole_message};

static HEAD: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^\s*(?:\w+\s+)?(?:Uncaught |\(in promise\) |\[cause\]: |Error: |\{ ?|error:? )*([A-Z][A-Za-z0-9.]{3,80})(?: \[(\w+)\])?(?:: (.*))?$",
    )
});
static STATUS: LazyLock<Regex> = LazyLock::new(|| regex(r"Request failed with status code (\d{3})"));
/// How got ends its message.
static CALLED: LazyLock<Regex> = LazyLock::new(|| regex(r"\(\w[\w ]*\): ([A-Z]{3,7}) (https?://[^\s{]+)"));
static PROPERTY: LazyLock<Regex> = LazyLock::new(|| regex(r"^\s*['\[]?(\$?[A-Za-z_][\w.-]*)['\]]?: (.+?),?\s*$"));

/// How many lines an object that hangs on an exception may have.
const LINES: usize = 800;

pub fn read(lines: &Lines<'_>, at: usize, line: &str, found: &mut Found) -> Option<usize> {
    let all = HEAD.captures(line)?;
    let inner = all.get(2).map(|inner| inner.as_str()).filter(|inner| codes::is_code(inner));
    let (name, message) = (inner.unwrap_or(all.get(1)?.as_str()), all.get(3));
    let next = lines.at(at + 1);
    let traced = is_trace(next) || line.trim_end().ends_with('{') || STATUS.is_match(line);
    let coded = codes::is_code(name) && message.is_some();
    let shaped = name.ends_with("Error") || name.ends_with("Exception") || codes::is_code(name);
    if !(coded || (traced && shaped)) {
        return None;
    }
    let (text, end) = match message {
        Some(message) => whole_message(lines, at, line, message.start()),
        None => ("", at + 1),
    };
    let mut told =
        Told { name: name.to_owned(), message: text.trim_end_matches(['{', ' ']).trim().to_owned(), ..Told::default() };
    told.failed = network::find_failure(line).is_some();
    let end = read_object(lines, at, end, &mut told);
    told.note(line, at + 1, found);
    Some(end)
}

/// What an exception and the object that is printed with it tell.
#[derive(Default)]
struct Told {
    name: String,
    message: String,
    code: Option<String>,
    status: Option<u16>,
    verb: Option<String>,
    url: Option<String>,
    base: Option<String>,
    data: Option<Json>,
    failure: Option<super::super::super::wire::Failure>,
    failed: bool,
    /// The request as Node sent it.
    sent: Option<Request>,
}

impl Told {
    fn note(mut self, line: &str, number: usize, found: &mut Found) {
        if let Some(all) = CALLED.captures(line).filter(|_| self.url.is_none()) {
            self.verb = all.get(1).map(|verb| verb.as_str().to_owned());
            self.url = all.get(2).map(|url| url.as_str().to_owned());
        }
        let status = self.status.or_else(|| STATUS.captures(line).and_then(|all| all.get(1)?.as_str().parse().ok()));
        let code = self.code.as_deref().filter(|c| codes::is_code(c));
        let code = code.or_else(|| Some(self.name.as_str()).filter(|name| codes::is_code(name)));
        let failure = network::find_failure(line).or(self.failure);
        found.failures.extend(failure.map(|f| Shown::new(f, number)));
        tell(code, &self.message, status, number, found);
        let url = self.url.map(|url| match self.base {
            Some(base) if !url.contains("://") => format!("{}/{}", base.trim_end_matches('/'), url.trim_start_matches('/')),
            _ => url,
        });
        match self.sent {
            Some(request) => {
                let body = self.data.as_ref().map(|data| Shown::new(data.to_string(), number));
                let status = status.map(|status| Shown::new(status, number));
                let answered = status.is_some() || body.is_some();
                let response = answered.then(|| Response { status, headers: Vec::new(), body });
                found.exchanges.push(Exchange { request, response });
            }
            None => show(self.verb.as_deref(), url.as_deref(), status, "", number, found),
        }
        if let Some(data) = self.data {
            let errors = bodies::list_json_errors(&data, Strength::Told, number);
            found.errors.extend(errors.into_iter().map(|e| ErrorSeen { status: e.status.or(status), ..e }));
        }
    }

    fn property(&mut self, name: &str, value: &str) {
        let text = || loose::parse_text(value).map(|(text, _)| text);
        match name {
            "code" | "__type" | "Code" => keep(&mut self.code, text()),
            "statusCode" | "httpStatusCode" | "status" if self.status.is_none() => {
                self.status = value.trim_end_matches([' ', '}', ',']).parse().ok()
            }
            "method" => keep(&mut self.verb, text().filter(|v| v.len() < 10)),
            "url" => keep(&mut self.url, text()),
            "baseURL" => keep(&mut self.base, text()),
            "data" if self.data.is_none() && value.starts_with('{') => self.data = loose::parse(value).map(|(v, _)| v),
            _ => {}
        }
        if matches!(name, "code" | "cause" | "syscall") && self.failure.is_none() {
            self.failure = network::find_failure(value);
        }
    }
}

fn keep(place: &mut Option<String>, value: Option<String>) {
    if place.is_none() {
        *place = value.filter(|v| !v.is_empty());
    }
}

/// Reads the trace and the properties below it; tells where they end.
fn read_object(lines: &Lines<'_>, start: usize, from: usize, told: &mut Told) -> usize {
    let first = lines.at(start).trim();
    // A message may hold any bracket; only at the ends they belong to the object.
    let mut depth = i32::from(first.starts_with('{') || first.ends_with('{'));
    let mut end = from;
    while end < lines.len().min(from + LINES) {
        let line = cut(lines.at(end), 4096);
        let inner = line.trim();
        let goes_on = is_trace(line) || inner == "{" || (inner.starts_with("Caused by: ") && is_trace(lines.at(end + 1)));
        if depth == 0 && !goes_on && !(inner.is_empty() && is_trace(lines.at(end + 1))) {
            break;
        }
        // Whatever an object holds is indented.
        if depth > 0 && !inner.is_empty() && !line.starts_with([' ', '\t', '}', ']']) {
            break;
        }
        if told.sent.is_none()
            && let Some((request, after)) = read_sent_head(lines, end)
        {
            told.sent = Some(request);
            end = after;
            continue;
        }
        depth = (depth + depth_of(line)).max(0);
        if let Some(all) = PROPERTY.captures(line) {
            told.property(all.get(1).map_or("", |n| n.as_str()), all.get(2).map_or("", |v| v.as_str()));
            if inner.contains("$metadata'") || inner.starts_with("$metadata") {
                told.status = told.status.or_else(|| find_status(inner));
            }
            if told.data.is_none() && inner.starts_with("data: {") && inner.ends_with('{') {
                told.data =
                    loose::parse(cut(lines.between(end, end + 20), 4096).trim_start().get(6..).unwrap_or("")).map(|(v, _)| v);
            }
        }
        end += 1;
        if depth == 0 && inner.starts_with('}') {
            break;
        }
    }
    // Also when the object never closes: what was looked at once is not looked at again.
    end
}

fn find_status(line: &str) -> Option<u16> {
    let (_, tail) = line.split_once("httpStatusCode: ")?;
    tail.get(..3)?.parse().ok()
}

/// How many brackets a line opens more than it closes; what stands in quotes does not count.
fn depth_of(line: &str) -> i32 {
    let mut depth = 0;
    let mut quote = None;
    let mut bytes = cut(line, 4096).bytes();
    while let Some(byte) = bytes.next() {
        match (quote, byte) {
            (_, b'\\') => {
                bytes.next();
            }
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"' | b'`') => quote = Some(byte),
            (None, b'{' | b'[') => depth += 1,
            (None, b'}' | b']') => depth -= 1,
            _ => {}
        }
    }
    depth
}
