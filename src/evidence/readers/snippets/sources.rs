//! Code in JavaScript and Python: fetch, XMLHttpRequest, axios, Node's https, jQuery, requests, http.client. Start at [`read`].

mod parts;
mod python;

use std::collections::HashMap;

use super::super::super::lines::Lines;
use super::super::super::wire::{Found, Header, Shown};
use super::script::{Argument, Item, Statement, Value, read_statements};
use super::{Draft, find_line};

/// Calls that send a request, and the reader's name for each.
const CALLS: &[(&str, &str)] = &[
    ("fetch(", "fetch snippet"),
    ("axios(", "axios snippet"),
    ("axios.", "axios snippet"),
    ("requests.", "Python snippet"),
    ("conn.request(", "Python snippet"),
    ("https.request(", "Node snippet"),
    ("http.request(", "Node snippet"),
    ("$.ajax(", "jQuery snippet"),
    ("xhr.open(", "XMLHttpRequest snippet"),
    (".setRequestHeader(", "XMLHttpRequest snippet"),
];

/// Assignments that prepare a request.
const PREPARATIONS: &[&str] = &[
    "import requests",
    "import http.client",
    "import axios",
    "url =",
    "headers =",
    "payload =",
    "params =",
    "body =",
    "data =",
    "auth =",
    "token =",
    "raw =",
    "config =",
    "options =",
    "settings =",
    "requestOptions =",
    "myHeaders =",
    "formdata =",
    "urlencoded =",
    "axios =",
    "https =",
    "conn =",
    "xhr =",
    "fetch =",
    "postData =",
];

/// How many lines may lie between a preparation and the call.
const FURTHEST: usize = 200;

/// How many lines may be read in vain.
const MOST_REPEATED: usize = 20;

/// Tells whether code that sends a request can begin in a line.
pub fn starts(line: &str) -> bool {
    let line = head(line);
    (line.contains('(') && called(line)) || preparation(line).is_some()
}

/// Takes the code up to the call and its arguments.
pub fn read(lines: &Lines<'_>, at: usize, found: &mut Found) -> Option<usize> {
    let words: Vec<&str> = CALLS.iter().map(|(word, _)| *word).collect();
    let call = match called(head(lines.at(at))) {
        true => at,
        false => find_line(lines, at, preparation(lines.at(at))?, &words, FURTHEST)?,
    };
    let last = last_line(lines, call);
    let (statements, end) = read_statements(lines.from(at), at + 1, last + 1);
    let mut scope = Scope::default();
    let mut sent = false;
    for statement in &statements {
        sent |= scope.take(statement, found);
    }
    sent |= scope.finish(found);
    // Brackets that are never closed hold so much that nobody may look at it once more.
    (sent || end > last + MOST_REPEATED).then_some(end.max(last + 1).min(lines.len()))
}

/// The line with which the call is complete: some clients are told more after it.
fn last_line(lines: &Lines<'_>, call: usize) -> usize {
    let line = lines.at(call);
    let ends: &[&str] = match line {
        l if l.contains("xhr.open(") || l.contains(".setRequestHeader(") => &[".send("],
        l if l.contains("https.request(") || l.contains("http.request(") => &[".end("],
        _ => return call,
    };
    (call..lines.len().min(call + 60)).find(|&n| ends.iter().any(|e| lines.at(n).contains(e))).unwrap_or(call)
}

/// The start of a line: what matters stands there, and a line can be long.
fn head(line: &str) -> &str {
    let mut end = line.len().min(1000);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    &line[..end]
}

fn called(line: &str) -> bool {
    // `conn` says nothing without the line that makes it.
    CALLS.iter().filter(|(word, _)| *word != "conn.request(").any(|(word, _)| {
        line.match_indices(word).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            let verb = line[at + word.len()..].split('(').next().unwrap_or("");
            let bounded = word.starts_with('.') || before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '.');
            bounded && (!word.ends_with('.') || (VERBS.contains(&verb) && line[at + word.len()..].contains('(')))
        })
    })
}

const VERBS: &[&str] = &["get", "post", "put", "delete", "patch", "head", "options", "request"];

fn preparation(line: &str) -> Option<&'static str> {
    let plain = stripped(head(line));
    PREPARATIONS.iter().find(|p| plain.starts_with(**p)).copied()
}

pub fn stripped(line: &str) -> &str {
    let line = line.trim_start();
    ["const ", "let ", "var "].iter().find_map(|k| line.strip_prefix(k)).unwrap_or(line)
}

/// The variables so far.
#[derive(Default)]
struct Scope {
    values: HashMap<String, Item>,
    /// Node's modules are in use.
    node: bool,
    /// A request that is told piece by piece.
    open: Option<(Draft, &'static str)>,
}

impl Scope {
    /// Takes a statement; tells whether it sends a request.
    fn take(&mut self, statement: &Statement, found: &mut Found) -> bool {
        match statement {
            Statement::Set(name, item) => {
                self.values.insert(name.clone(), item.clone());
                false
            }
            Statement::Call(name, arguments, line) => self.call(name, arguments, *line, found),
        }
    }

    fn call(&mut self, name: &str, arguments: &[Argument], line: usize, found: &mut Found) -> bool {
        let (object, method) = name.rsplit_once('.').unwrap_or(("", name));
        match (object, method) {
            (_, "require") => self.node = true,
            ("requests", verb) if VERBS.contains(&verb) => return self.requests(verb, arguments, line, found),
            ("" | "window" | "globalThis", "fetch") => return self.fetch(arguments, line, found),
            ("axios", verb) if VERBS.contains(&verb) => return self.axios(verb, arguments, line, found),
            ("", "axios") => return self.axios("request", arguments, line, found),
            ("$" | "jQuery", "ajax") => return self.ajax(arguments, line, found),
            ("https" | "http", "request") => self.node_request(object, arguments, line),
            ("req", "write") => self.body_of_open(arguments),
            ("conn", "request") => return self.http_client(arguments, line, found),
            (o, "open") if o.ends_with("xhr") || o.ends_with("request") || o.ends_with("req") => {
                self.open_xhr(arguments, line, found)
            }
            (_, "setRequestHeader") => self.header_of_open(arguments),
            (_, "send") if !arguments.is_empty() => self.body_of_open(arguments),
            (object, "append" | "set" | "add") => self.append(object, arguments),
            _ => {}
        }
        false
    }

    fn finish(&mut self, found: &mut Found) -> bool {
        self.open.take().is_some_and(|(draft, reader)| draft.finish(found, reader))
    }

    fn fetch(&mut self, arguments: &[Argument], line: usize, found: &mut Found) -> bool {
        let mut draft = Draft::new(if self.node { "node" } else { "browser" }, line);
        draft.url = self.text_at(arguments, 0);
        let options = self.at(arguments, 1);
        self.take_options(&mut draft, &options, "body", "text/plain;charset=UTF-8");
        draft.finish(found, "fetch snippet")
    }

    fn ajax(&mut self, arguments: &[Argument], line: usize, found: &mut Found) -> bool {
        let mut draft = Draft::new("browser", line);
        let options = self.at(arguments, 0);
        self.take_options(&mut draft, &options, "data", "application/x-www-form-urlencoded; charset=UTF-8");
        draft.finish(found, "jQuery snippet")
    }

    fn axios(&mut self, verb: &str, arguments: &[Argument], line: usize, found: &mut Found) -> bool {
        let mut draft = Draft::new(if self.node { "node" } else { "" }, line);
        draft.url = self.text_at(arguments, 0);
        let sends = matches!(verb, "post" | "put" | "patch");
        if verb != "request" {
            draft.verb = Some(Shown::new(verb.to_ascii_uppercase(), line));
        }
        let options = self.at(arguments, if draft.url.is_none() { 0 } else { 1 + usize::from(sends) });
        self.take_options(&mut draft, &options, "data", "application/x-www-form-urlencoded");
        if let Some(data) = arguments.get(1).filter(|_| sends) {
            self.take_body(&mut draft, &data.item, "application/x-www-form-urlencoded");
        }
        draft.finish(found, "axios snippet")
    }

    fn node_request(&mut self, scheme: &str, arguments: &[Argument], line: usize) {
        let mut draft = Draft::new("node", line);
        draft.url = self.text_at(arguments, 0).filter(|url| !url.value.starts_with('$'));
        draft.whole = true;
        let options = self.at(arguments, usize::from(draft.url.is_some()));
        self.take_options(&mut draft, &options, "", "");
        if let (None, Value::Map(entries)) = (&draft.url, &options.value) {
            let part = |name: &str| entries.iter().find(|(key, _)| key == name).and_then(|(_, item)| self.text(item));
            if let Some(host) = part("hostname").or_else(|| part("host")) {
                let port = part("port").map(|p| format!(":{}", p.value)).unwrap_or_default();
                let path = part("path").map_or_else(|| "/".to_owned(), |p| p.value);
                draft.url = Some(Shown::new(format!("{scheme}://{}{port}{path}", host.value), host.line));
            }
        }
        self.open = Some((draft, "Node snippet"));
    }

    fn open_xhr(&mut self, arguments: &[Argument], line: usize, found: &mut Found) {
        self.finish(found);
        let mut draft = Draft::new("browser", line);
        draft.verb = self.text_at(arguments, 0).map(|v| Shown::new(normal_verb(&v.value), v.line));
        draft.url = self.text_at(arguments, 1);
        self.open = Some((draft, "XMLHttpRequest snippet"));
    }

    fn header_of_open(&mut self, arguments: &[Argument]) {
        let pair = self.text_at(arguments, 0).zip(self.text_at(arguments, 1));
        if let (Some((draft, _)), Some((name, value))) = (&mut self.open, pair) {
            draft.headers.push(Header::new(name.value, value.value, name.line));
        }
    }

    fn body_of_open(&mut self, arguments: &[Argument]) {
        let Some((mut draft, reader)) = self.open.take() else { return };
        if let Some(argument) = arguments.first() {
            let kind = if draft.client == "browser" { "text/plain;charset=UTF-8" } else { "" };
            self.take_body(&mut draft, &argument.item, kind);
        }
        self.open = Some((draft, reader));
    }

    /// `append(key, value)` to something that was made before.
    fn append(&mut self, object: &str, arguments: &[Argument]) {
        let Some(key) = self.text_at(arguments, 0) else { return };
        let Some(value) = arguments.get(1).map(|a| a.item.clone()) else { return };
        match self.values.get_mut(object).map(|item| &mut item.value) {
            Some(Value::Map(entries)) => entries.push((key.value, value)),
            Some(Value::Call(_, made)) => made.push(Argument { name: Some(key.value), item: value }),
            _ => {}
        }
    }

    fn at(&self, arguments: &[Argument], index: usize) -> Item {
        arguments.get(index).map_or(Item { value: Value::Unknown, line: 0 }, |a| self.resolve(&a.item))
    }

    fn text_at(&self, arguments: &[Argument], index: usize) -> Option<Shown<String>> {
        self.text(&arguments.get(index)?.item)
    }

    /// A text or a number; a variable that was not set stays as a placeholder.
    fn text(&self, item: &Item) -> Option<Shown<String>> {
        let resolved = self.resolve(item);
        let text = match resolved.value {
            Value::Text(text) => text,
            Value::Name(name) if name.starts_with(|c: char| c.is_ascii_digit() || c == '-') => name,
            Value::Name(name) if !matches!(name.as_str(), "null" | "None" | "undefined") => format!("${{{name}}}"),
            _ => return None,
        };
        Some(Shown::new(text, resolved.line))
    }

    /// What a variable holds, with the line of its value.
    fn resolve(&self, item: &Item) -> Item {
        let mut item = item;
        for _ in 0..8 {
            match &item.value {
                Value::Name(name) => match self.values.get(name) {
                    Some(next) => item = next,
                    None => break,
                },
                _ => break,
            }
        }
        item.clone()
    }
}

/// Browsers write only these in capitals by themselves.
fn normal_verb(verb: &str) -> String {
    let upper = verb.to_ascii_uppercase();
    if matches!(upper.as_str(), "DELETE" | "GET" | "HEAD" | "OPTIONS" | "POST" | "PUT") { upper } else { verb.to_owned() }
}
