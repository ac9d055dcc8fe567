//! What the output of read-only commands tells, beside the request. Start at [`derive`].

mod account;
mod api;
mod client;
mod deployed;
mod method;
mod resources;
mod routes;
mod stages;
#[cfg(test)]
mod tests;
mod usage;

use serde_json::Value as Json;

use super::super::facts::{Fact, Facts};
use super::super::readers::probes::recognise;
use super::super::wire::Found;

/// Comes after the request's facts, because it compares with them.
pub fn derive(found: &Found, facts: &mut Facts) {
    derive_beside(None, found, facts);
}

/// `client` is the app client that the request names: the description of another one says nothing about it.
pub fn derive_beside(client: Option<&str>, found: &Found, facts: &mut Facts) {
    let all: Vec<Output<'_>> = found.probes.iter().filter_map(Output::new).collect();
    stages::derive(&all, facts);
    method::derive(&all, facts);
    deployed::derive(&all, facts);
    api::derive(&all, facts);
    usage::derive(&all, facts);
    client::derive(&all, client, facts);
    account::derive(&all, facts);
}

/// An output, with the command that it is the output of.
struct Output<'a> {
    command: &'a str,
    value: &'a Json,
    line: usize,
}

impl<'a> Output<'a> {
    fn new(probe: &'a super::super::wire::Probe) -> Option<Output<'a>> {
        let command = match probe.command.as_str() {
            "" => recognise(&probe.output)?,
            command => command,
        };
        Some(Output { command, value: &probe.output, line: probe.line })
    }

    /// The code with which the command was refused.
    fn refusal(&self) -> Option<&str> {
        self.value.pointer("/Error/Code").and_then(Json::as_str)
    }

    /// The elements of a list, if it is all of it.
    fn list(&self, name: &str) -> Option<&'a Vec<Json>> {
        self.value.get(name).and_then(Json::as_array)
    }

    fn is_all(&self) -> bool {
        ["NextToken", "nextToken", "position"].iter().all(|more| self.value.get(*more).is_none())
    }
}

/// The outputs of some commands, in the order of the text.
fn of<'a, 'b>(all: &'b [Output<'a>], commands: &'b [&str]) -> impl Iterator<Item = &'b Output<'a>> {
    all.iter().filter(move |output| commands.contains(&output.command))
}

fn text<'a>(value: &'a Json, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Json::as_str)
}

fn texts(value: Option<&Json>) -> Option<Vec<String>> {
    let all = value?.as_array()?;
    Some(all.iter().filter_map(Json::as_str).map(str::to_owned).collect())
}

fn yes(condition: bool) -> &'static str {
    if condition { "yes" } else { "no" }
}

/// Sets a fact, and empties it when two outputs disagree.
fn agree<T: Clone + Default + PartialEq>(fact: &mut Fact<T>, value: impl Into<T>, line: usize) {
    let value = value.into();
    if fact.line == 0 {
        fact.set(value, line);
    } else if fact.value != value {
        fact.value = T::default();
    }
}

/// The id of the API that the request calls, as its host tells.
fn find_api_id(facts: &Facts) -> Option<&str> {
    let host = facts.request.host.value.as_str();
    let (label, rest) = host.split_once('.')?;
    let id = label.split("-vpce-").next()?;
    let real = id.len() == 10 && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    (real && rest.starts_with("execute-api.")).then_some(id)
}
