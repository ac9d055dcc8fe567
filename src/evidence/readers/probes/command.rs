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
    if !line.contains("aws") {
        return None;
    }
    let mut text = START.captures(line)?.get(1)?.as_str().to_owned();
    let mut end = at + 1;
    while let Some(open) = text.trim_end().strip_suffix(['\\', '`', '^'])
        && end < lines.len().min(at + LINES)
    {
        text = format!("{open} {}", cut(lines.at(end), 4096).trim());
        end += 1;
    }
    Some((read_words(&split(&text))?, end))
}

fn read_words(words: &[String]) -> Option<Command> {
    let mut names: Vec<&str> = Vec::new();
    let mut command = Command { name: String::new(), query: None, output: String::new(), piped: false, verb: None };
    let mut all = words.iter();
    while let Some(word) = all.next() {
        let (option, mut value) = match word.split_once('=') {
            Some((option, value)) if option.starts_with("--") => (option, Some(value.to_owned())),
            _ => (word.as_str(), None),
        };
        if matches!(option, "--query" | "--output" | "--http-method" | "--profile" | "--region" | "--endpoint-url")
            && value.is_none()
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

/// Words as a shell splits them, far enough for these commands.
fn split(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote, mut open) = (Vec::new(), String::new(), None, false);
    for char in text.chars() {
        match (quote, char) {
            (Some(end), _) if char == end => quote = None,
            (Some(_), _) => word.push(char),
            (None, '\'' | '"') => {
                quote = Some(char);
                open = true;
            }
            (None, _) if char.is_whitespace() => {
                if open || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                open = false;
            }
            _ => word.push(char),
        }
    }
    if open || !word.is_empty() {
        words.push(word);
    }
    words
}
