//! HTTPie: `http POST :3000/x Name:value key=value key:=1 q==1`. Start at [`read`].

use super::super::super::lines::Lines;
use super::super::super::wire::{Found, Header, Shown};
use super::super::curl::find_start;
use super::super::shell::{Word, read_command};
use super::json::{Style, write};
use super::script::{Item, Value, read_value};
use super::{Draft, encode};

/// Takes an HTTPie command.
pub fn read(lines: &Lines<'_>, at: usize, found: &mut Found) -> Option<usize> {
    let line = lines.at(at);
    let start = find_start(line, &["http"]).or_else(|| find_start(line, &["https"]))?;
    let text = lines.from(at).get(start.offset..)?;
    if !goes_on_well(line.get(start.offset..)?) {
        return None;
    }
    let piped = line.get(..start.offset)?.trim_end().ends_with('|');
    let command = read_command(text, at + 1, start.shell, start.closer);
    let (program, words) = command.words.split_first()?;
    let body_is_file = piped || text.get(command.end..)?.starts_with('<');
    let next = at + text.get(..command.end)?.matches('\n').count() + 1;
    let plan = Plan::of(words)?;
    let sent = plan.send(&program.text, body_is_file, command.doubtful, found);
    (sent || next > at + 1).then_some(next)
}

/// Tells whether an option, a verb or a URL follows, and not prose.
fn goes_on_well(rest: &str) -> bool {
    let mut words = rest.split_whitespace().skip(1).filter(|w| !w.starts_with('-'));
    let first = rest.split_whitespace().nth(1).unwrap_or("");
    let named = words.next().is_some_and(|w| is_verb(w) || is_url(w.trim_matches(['"', '\''])));
    first == "\\" || named || (first.starts_with('-') && first.len() > 1 && rest.split_whitespace().skip(1).any(is_url))
}

fn is_verb(word: &str) -> bool {
    let verbs = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    verbs.iter().any(|v| word == *v || word == v.to_ascii_lowercase())
}

fn is_url(word: &str) -> bool {
    let host = word.split("://").last().unwrap_or("").split(['/', '?', ':']).next().unwrap_or("");
    word.contains("://")
        || word.starts_with("localhost")
        || word.starts_with('$')
        || word.starts_with(":/")
        || word.strip_prefix(':').is_some_and(|p| p.starts_with(|c: char| c.is_ascii_digit()))
        || (host.contains('.') && !host.starts_with('.') && !host.ends_with('.'))
}

/// The words of a command, sorted.
#[derive(Default)]
struct Plan {
    verb: Option<Shown<String>>,
    url: Option<Shown<String>>,
    items: Vec<Shown<String>>,
    auth: Option<Shown<String>>,
    auth_type: String,
    raw: Option<Shown<String>>,
    form: bool,
    multipart: bool,
    json: bool,
    hidden: bool,
    scheme: Option<String>,
}

const WITH_VALUE: &[&str] = &[
    "--auth",
    "--auth-type",
    "--session",
    "--session-read-only",
    "--output",
    "--timeout",
    "--verify",
    "--cert",
    "--cert-key",
    "--cert-key-pass",
    "--proxy",
    "--print",
    "--history-print",
    "--pretty",
    "--style",
    "--max-redirects",
    "--max-headers",
    "--raw",
    "--boundary",
    "--default-scheme",
    "--ssl",
    "--ciphers",
    "--format-options",
    "--response-charset",
    "--response-mime",
    "--unsorted-by",
];

const SHORT_WITH_VALUE: &[(char, &str)] =
    &[('a', "--auth"), ('A', "--auth-type"), ('o', "--output"), ('p', "--print"), ('s', "--style"), ('P', "--history-print")];

impl Plan {
    fn of(words: &[Word]) -> Option<Plan> {
        let mut plan = Plan::default();
        let mut words = words.iter().peekable();
        while let Some(word) = words.next() {
            let text = word.text.as_str();
            if let Some(name) = text.strip_prefix("--").filter(|n| !n.is_empty()) {
                let (option, value) = match name.split_once('=') {
                    Some((name, value)) => (format!("--{name}"), Some(value.to_owned())),
                    None if WITH_VALUE.contains(&text) => (text.to_owned(), words.next().map(|w| w.text.clone())),
                    None => (text.to_owned(), None),
                };
                plan.option(&option, value.unwrap_or_default(), word.line);
            } else if text.starts_with('-') && text.len() > 1 {
                let valued = text
                    .char_indices()
                    .skip(1)
                    .find_map(|(at, c)| SHORT_WITH_VALUE.iter().find(|(short, _)| *short == c).map(|(_, name)| (*name, at + 1)));
                let flags = text.get(1..valued.map_or(text.len(), |(_, at)| at - 1)).unwrap_or("");
                plan.form |= flags.contains('f');
                plan.json |= flags.contains('j');
                if let Some((name, at)) = valued {
                    let attached = text.get(at..).unwrap_or("").trim_start_matches('=').to_owned();
                    let value = if attached.is_empty() { words.next().map(|w| w.text.clone()) } else { Some(attached) };
                    plan.option(name, value.unwrap_or_default(), word.line);
                }
            } else {
                plan.word(word);
            }
        }
        plan.url.is_some().then_some(plan)
    }

    fn option(&mut self, name: &str, value: String, line: usize) {
        match name {
            "--auth" => self.auth = Some(Shown::new(value, line)),
            "--auth-type" => self.auth_type = value,
            "--raw" => self.raw = Some(Shown::new(value, line)),
            "--form" => self.form = true,
            "--multipart" => self.multipart = true,
            "--json" => self.json = true,
            "--default-scheme" => self.scheme = Some(value),
            "--session" | "--session-read-only" => self.hidden = true,
            _ => {}
        }
    }

    fn word(&mut self, word: &Word) {
        let shown = Shown::new(word.text.clone(), word.line);
        if self.url.is_some() {
            self.items.push(shown);
        } else if self.verb.is_none() && is_verb(&word.text) {
            self.verb = Some(Shown::new(word.text.to_ascii_uppercase(), word.line));
        } else if is_url(&word.text) {
            self.url = Some(shown);
        } else {
            self.hidden = true;
        }
    }

    fn send(self, program: &str, body_is_file: bool, doubtful: bool, found: &mut Found) -> bool {
        let Some(url) = &self.url else { return false };
        let line = url.line;
        let scheme = self.scheme.as_deref().unwrap_or(program);
        let full = match url.value.strip_prefix(':') {
            _ if url.value.contains("://") => url.value.clone(),
            Some(rest) if rest.starts_with('/') || rest.is_empty() => format!("{scheme}://localhost{rest}"),
            Some(rest) => format!("{scheme}://localhost:{rest}"),
            None => format!("{scheme}://{}", url.value),
        };
        let mut draft = Draft::new("httpie", line);
        draft.url = Some(Shown::new(full, line));
        draft.whole = !self.hidden && !doubtful;
        let body = self.items(&mut draft);
        let has_body = body.is_some() || body_is_file || self.raw.is_some();
        draft.verb = self.verb.clone().or_else(|| has_body.then(|| Shown::new("POST".to_owned(), line)));
        if let Some(raw) = &self.raw {
            draft.body = Some(raw.clone());
        } else if let Some(body) = body {
            draft.body = self.body(body);
        }
        self.authorize(&mut draft);
        let length = draft.body.as_ref().map(|b| b.value.len());
        if self.multipart {
            draft.add_own("Content-Type", "multipart/form-data", line);
        } else if self.form && has_body {
            draft.add_own("Content-Type", "application/x-www-form-urlencoded; charset=utf-8", line);
        } else if has_body || self.json {
            draft.add_own("Content-Type", "application/json", line);
            draft.add_own("Accept", "application/json, */*;q=0.5", line);
        }
        if let Some(length) = length {
            draft.add_own("Content-Length", &length.to_string(), line);
        }
        draft.add_own("Accept", "*/*", line);
        draft.add_own("Accept-Encoding", "gzip, deflate", line);
        draft.add_own("Connection", "keep-alive", line);
        draft.add_own("User-Agent", "HTTPie", line);
        draft.finish(found, "HTTPie command")
    }

    /// Sorts headers and parameters into the request; tells what remains for the body, if anything does.
    fn items(&self, draft: &mut Draft) -> Option<Vec<(String, Item)>> {
        let mut body = None;
        for item in &self.items {
            let Some((name, separator, value)) = take_apart(&item.value) else {
                draft.whole = false;
                continue;
            };
            let fields = || Vec::new();
            match separator {
                ":" if value.is_empty() => {}
                ":" => draft.headers.push(Header::new(name, value.trim(), item.line)),
                ";" => draft.headers.push(Header::new(name, "", item.line)),
                "==" => draft.query.push(format!("{}={}", encode(&name), encode(value))),
                ":@" | "==@" => draft.whole = false,
                "=" => {
                    let value = Item { value: Value::Text(value.to_owned()), line: item.line };
                    body.get_or_insert_with(fields).push((name, value));
                }
                ":=" => body.get_or_insert_with(fields).push((name, read_value(value, item.line))),
                _ => body.get_or_insert_with(fields).push((name, Item { value: Value::Unknown, line: item.line })),
            }
        }
        body
    }

    /// The body as it is sent; what comes from files and nested names is not shown.
    fn body(&self, fields: Vec<(String, Item)>) -> Option<Shown<String>> {
        let line = fields.first().map(|(_, item)| item.line)?;
        if self.multipart {
            return None;
        }
        let text = match self.form {
            true => {
                let pairs = fields.iter().map(|(name, item)| match &item.value {
                    Value::Text(value) | Value::Name(value) => Some(format!("{}={}", encode(name), encode(value))),
                    _ => None,
                });
                pairs.collect::<Option<Vec<_>>>()?.join("&")
            }
            false if fields.iter().any(|(name, _)| name.contains('[')) => return None,
            false => write(&Item { value: Value::Map(fields), line }, Style::Python, &|_| None)?,
        };
        Some(Shown::new(text, line))
    }

    fn authorize(&self, draft: &mut Draft) {
        let Some(auth) = &self.auth else { return };
        match self.auth_type.as_str() {
            "bearer" => draft.add_own("Authorization", &format!("Bearer {}", auth.value), auth.line),
            "" | "basic" => {
                let (user, password) = auth.value.split_once(':').unwrap_or((&auth.value, ""));
                draft.add_basic(user, password, auth.line);
            }
            // Plug-ins sign, and digest asks first.
            _ => draft.whole = false,
        }
    }
}

/// Name, separator and value: the first separator counts, and there the longest.
fn take_apart(item: &str) -> Option<(String, &'static str, &str)> {
    const SEPARATORS: &[&str] = &[":=@", "==@", ":=", "==", "=@", ":@", "=", ":", ";", "@"];
    let mut name = String::new();
    let mut escaped = false;
    for (at, c) in item.char_indices() {
        let rest = item.get(at..)?;
        match SEPARATORS.iter().find(|s| rest.starts_with(**s)) {
            Some(separator) if !escaped => return Some((name, separator, rest.get(separator.len()..)?)),
            _ if c == '\\' && !escaped => escaped = true,
            _ => {
                escaped = false;
                name.push(c);
            }
        }
    }
    None
}
