//! Code that sends a request: copy as fetch, Postman's snippets, HTTPie, wget, PowerShell. Start at [`read`].

mod httpie;
mod json;
mod power_shell;
mod script;
mod sources;
mod wget;

use super::super::lines::Lines;
use super::super::wire::{Exchange, Found, Header, Request, Shown, Signer, Source, Target, find_header};

/// Takes a command or a piece of code.
pub fn read(lines: &Lines<'_>, at: usize, found: &mut Found) -> Option<usize> {
    let line = lines.at(at);
    httpie::read(lines, at, found)
        .or_else(|| wget::read(lines, at, found))
        .or_else(|| power_shell::read(lines, at, found))
        .or_else(|| sources::starts(line).then(|| sources::read(lines, at, found)).flatten())
}

/// Finds the first line from one on that holds one of some words. It stops at a line that begins like the first one, which
/// starts a search of its own, so that no line is searched more often than there are beginnings.
fn find_line(lines: &Lines<'_>, at: usize, start: &str, words: &[&str], most: usize) -> Option<usize> {
    (at..lines.len().min(at + most))
        .take_while(|&n| n == at || !sources::stripped(lines.at(n)).starts_with(start))
        .find(|&n| words.iter().any(|w| lines.at(n).contains(w)))
}

/// A request that a snippet describes, while it is put together.
struct Draft {
    url: Option<Shown<String>>,
    verb: Option<Shown<String>>,
    headers: Vec<Header>,
    body: Option<Shown<String>>,
    /// Parameters to add to the query, encoded.
    query: Vec<String>,
    whole: bool,
    signer: Option<Shown<Signer>>,
    client: &'static str,
    /// Where the snippet begins.
    line: usize,
}

impl Draft {
    fn new(client: &'static str, line: usize) -> Draft {
        Draft {
            url: None,
            verb: None,
            headers: Vec::new(),
            body: None,
            query: Vec::new(),
            whole: false,
            signer: None,
            client,
            line,
        }
    }

    /// Adds a header of the client's own, unless the snippet has it.
    fn add_own(&mut self, name: &str, value: &str, line: usize) {
        if find_header(&self.headers, name).is_none() {
            self.headers.push(Header::new(name, value, line));
        }
    }

    /// Adds `Authorization: Basic …`.
    fn add_basic(&mut self, user: &str, password: &str, line: usize) {
        use base64::Engine as _;
        let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        self.add_own("Authorization", &format!("Basic {pair}"), line);
    }

    /// The request, if there is something of a URL.
    fn finish(self, found: &mut Found, reader: &'static str) -> bool {
        let Some(url) = self.url else { return false };
        let target = Target::parse(&url.value).filter(|t| t.host.contains('.') || !t.host.starts_with(['$', '{', '<', '%']));
        let target = target.map(|mut target| {
            for more in self.query.iter().filter(|q| !q.is_empty()) {
                let query = target.query.get_or_insert_default();
                if !query.is_empty() {
                    query.push('&');
                }
                query.push_str(more);
            }
            Shown::new(target, url.line)
        });
        let postman = find_header(&self.headers, "user-agent").is_some_and(|h| h.value.starts_with("PostmanRuntime"));
        let request = Request {
            source: Source::Command,
            verb: Some(self.verb.unwrap_or_else(|| Shown::new("GET".to_owned(), self.line))),
            target,
            headers: self.headers,
            body: self.body,
            whole: self.whole,
            signer: self.signer,
            client: if postman { "postman" } else { self.client },
        };
        found.exchanges.push(Exchange { request, response: None });
        found.by(reader);
        true
    }
}

/// Encodes a value for a query or a form as browsers and libraries do.
fn encode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests;
