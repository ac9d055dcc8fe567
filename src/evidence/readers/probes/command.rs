//! The command line of the AWS CLI, as far as its output depends on it.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value as Json, json};

use super::super::super::lines::Lines;
use super::super::bodies::cut;
use super::query::Query;

/// A command, without its program.
pub struct Command {
    /// Service and operation, such as `apigateway get-stage`.
    pub name: String,
    pub query: Option<Query>,
    /// `json`, `text`, `table`, or another.
    pub output: String,
    /// The query cannot be put back, or another program had the output.
    pub piped: bool,
    verb: Option<String>,
    /// The domain that was asked for.
    domain: Option<String>,
    /// The app client that was asked for.
    client: Option<String>,
}

impl Command {
    /// The operation changes nothing, and prints what it reads.
    pub fn is_reading(&self) -> bool {
        let operation = self.name.split_once(' ').map_or("", |(_, operation)| operation);
        ["get-", "describe-", "list-"].iter().any(|start| operation.starts_with(start))
            || matches!(self.name.as_str(), "logs tail" | "configure list")
    }

    /// Adds what the output lacks and the command says.
    pub fn complete(&self, mut output: Json) -> Json {
        if let (Some(verb), Some(object)) = (&self.verb, output.as_object_mut())
            && self.name == "apigateway get-method"
            && !object.contains_key("httpMethod")
        {
            object.insert("httpMethod".to_owned(), json!(verb));
        }
        if let (Some(client), Some(object)) = (&self.client, output.as_object_mut())
            && self.name == "cognito-idp describe-user-pool-client"
        {
            object.insert("clientId".to_owned(), json!(client));
        }
        if let (Some(domain), Some(object)) = (&self.domain, output.as_object_mut())
            && !object.contains_key("domainName")
            && !object.contains_key("DomainName")
        {
            object.insert("domainName".to_owned(), json!(domain));
        }
        output
    }
}

static START: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"^\s*(?:\S*[$%#>❯➜]\s+|PS [^>]{0,200}>\s*|[A-Z]:\\[^>]{0,200}>\s*|\[[^\]]{0,100}\][$#]\s+|[\w.-]+@[\w.-]+[: ][^$#%]{0,200}[$#%]\s+)?(?:[A-Z_]+=\S*\s+)*aws(?:\.exe)?\s+([a-z-].*)$";
    Regex::new(pattern).expect("a constant pattern")
});

/// How many lines a command may have.
const LINES: usize = 20;

/// Reads a command line and its continuations; tells where they end.
pub fn parse(lines: &Lines<'_>, at: usize) -> Option<(Command, usize)> {
    let line = cut(lines.at(at), 4096);
    // Host names end with the word, commands begin with it.
    if !["aws ", "aws\t", "aws.exe"].iter().any(|start| line.contains(start)) {
        return None;
    }
    let mut text = START.captures(line)?.get(1)?.as_str().to_owned();
    let mut end = at + 1;
    while let Some(open) = open_end(&text)
        && end < lines.len().min(at + LINES)
    {
        // The shell prompts for the rest of a command with a sign of its own.
        let more = cut(lines.at(end), 4096).trim();
        text = format!("{open} {}", more.strip_prefix("> ").unwrap_or(more));
        end += 1;
    }
    Some((read_words(&split(&text))?, end))
}

/// The text so far, if it goes on in the next line.
fn open_end(text: &str) -> Option<&str> {
    let text = text.trim_end();
    text.strip_suffix(['\\', '`', '^'])
}

fn read_words(words: &[String]) -> Option<Command> {
    let mut names: Vec<&str> = Vec::new();
    let mut command =
        Command { name: String::new(), query: None, output: String::new(), piped: false, verb: None, domain: None, client: None };
    let mut all = words.iter();
    while let Some(word) = all.next() {
        let (option, mut value) = match word.split_once('=') {
            Some((option, value)) if option.starts_with("--") => (option, Some(value.to_owned())),
            _ => (word.as_str(), None),
        };
        if matches!(
            option,
            "--query"
                | "--output"
                | "--http-method"
                | "--domain-name"
                | "--client-id"
                | "--profile"
                | "--region"
                | "--endpoint-url"
        ) && value.is_none()
        {
            value = all.next().cloned();
        }
        match (option, value) {
            ("|" | "|&" | ">" | ">>", _) => command.piped = true,
            ("--query", Some(text)) => {
                command.query = Query::parse(&text);
                command.piped |= command.query.is_none();
            }
            ("--output", Some(text)) => command.output = text,
            ("--domain-name", Some(text)) if is_domain(&text) => command.domain = Some(text),
            ("--client-id", Some(text)) => command.client = Some(text),
            ("--http-method", Some(text)) => command.verb = Some(text.to_ascii_uppercase()),
            (name, None) if !name.starts_with('-') && names.len() < 2 => names.push(name),
            _ => {}
        }
    }
    let shaped = |name: &&&str| name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    // A sentence may begin with `aws` as well.
    let real = names.len() == 2 && names.iter().filter(shaped).count() == 2;
    command.name = names.join(" ");
    real.then_some(command)
}

/// A whole name, not a variable or a pattern.
fn is_domain(text: &str) -> bool {
    text.contains('.') && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
}

/// Words as a shell splits them, far enough for these commands. What another command gives is one word with what is around it.
fn split(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote, mut open) = (Vec::new(), String::new(), None, false);
    let (mut depth, mut last) = (0usize, ' ');
    for char in text.chars() {
        match (quote, char) {
            (Some(end), _) if char == end => quote = None,
            (Some(_), _) => word.push(char),
            (None, '\'' | '"' | '`') => {
                quote = Some(char);
                open = true;
            }
            (None, '(') if depth > 0 || last == '$' => depth += 1,
            (None, ')') if depth > 0 => depth -= 1,
            (None, _) if char.is_whitespace() && depth == 0 => {
                if open || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                open = false;
            }
            _ => word.push(char),
        }
        last = char;
    }
    if open || !word.is_empty() {
        words.push(word);
    }
    words
}
