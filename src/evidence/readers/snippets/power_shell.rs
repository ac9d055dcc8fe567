//! PowerShell: `Invoke-WebRequest` and `Invoke-RestMethod`, as browsers and Postman write them. Start at [`read`].

use std::collections::HashMap;

use super::super::super::lines::Lines;
use super::super::super::wire::{Found, Header, Shown};
use super::super::shell::{Shell, Word, read_command};
use super::{Draft, find_line};

const CALLS: &[&str] = &["invoke-webrequest ", "invoke-restmethod "];

/// Variables that are set before the call.
const PREPARATIONS: &[&str] = &["$headers", "$session", "$body", "$params", "$uri", "$url"];

/// How many lines may lie between the first variable and the call.
const FURTHEST: usize = 100;

/// Takes a call, and the variables that are set before it.
pub fn read(lines: &Lines<'_>, at: usize, found: &mut Found) -> Option<usize> {
    let line = lines.at(at).trim_start();
    let call = match find_call(lines.at(at)) {
        Some(_) => at,
        None => {
            let start = PREPARATIONS.iter().find(|p| line.get(..p.len()).is_some_and(|l| l.eq_ignore_ascii_case(p)))?;
            let set = line.get(start.len()..)?.trim_start();
            let begins = set.starts_with('=').then_some(*start)?;
            let begins = format!("{begins} =");
            find_line(lines, at, &begins, &["Invoke-WebRequest ", "Invoke-RestMethod "], FURTHEST)?
        }
    };
    let mut variables = HashMap::new();
    let mut n = at;
    while n < call {
        n = set(lines, n, &mut variables).max(n + 1);
    }
    let offset = find_call(lines.at(call))?;
    let text = lines.from(call).get(offset..)?;
    let command = read_command(text, call + 1, Shell::PowerShell, None);
    let next = call + text.get(..command.end)?.matches('\n').count() + 1;
    let sent = send(command.words.get(1..)?, &variables, command.doubtful, found);
    (sent || next > at + 1).then_some(next)
}

/// Where a call begins in a line: at its start, after an assignment or a bracket, or as `curl` with PowerShell's options.
fn find_call(line: &str) -> Option<usize> {
    if line.len() > 4000 || !line.contains(['-', ' ']) {
        return None;
    }
    let lower = line.to_ascii_lowercase();
    if let Some(at) = CALLS.iter().find_map(|c| lower.find(c)) {
        let before = lower.get(..at)?.trim_end();
        // An error message names the command as well, with a colon behind it.
        let message = lower.get(at..)?.split_whitespace().nth(1) == Some(":");
        let begins = before.is_empty() || before.ends_with(['=', '(', '>', '`', ':', ';', '{']);
        return (begins && !message).then_some(at);
    }
    let at = lower.len() - lower.trim_start().len();
    let alias = ["irm ", "iwr ", "curl ", "wget "].iter().any(|a| lower.get(at..).is_some_and(|l| l.starts_with(a)));
    let options = ["-uri ", "-headers ", "-usebasicparsing"].iter().any(|o| lower.contains(o));
    let url = ["irm ", "iwr "].iter().any(|a| lower.get(at..).is_some_and(|l| l.starts_with(a))) && lower.contains("://");
    ((alias && options) || url).then_some(at)
}

/// Takes `$name = …` or `$name.Add("key", "value")`; tells the line after it.
fn set(lines: &Lines<'_>, at: usize, variables: &mut HashMap<String, Word>) -> usize {
    let line = lines.at(at).trim();
    if let Some((name, rest)) = line.split_once(".Add(") {
        let pair: Vec<Word> =
            read_command(&rest.replace("\",", "\" ").replace("',", "' "), at + 1, Shell::PowerShell, None).words;
        if let ([key, value, ..], Some(table)) = (pair.as_slice(), variables.get_mut(&name.to_ascii_lowercase())) {
            let value = value.text.strip_suffix(')').unwrap_or(&value.text);
            table.text = format!("{}\n{}={}", table.text, quote(&key.text), quote(value));
        }
        return at + 1;
    }
    let command = read_command(lines.from(at), at + 1, Shell::PowerShell, None);
    if let [name, equals, value, ..] = command.words.as_slice()
        && equals.text == "="
    {
        let made = value.text.eq_ignore_ascii_case("New-Object");
        let word = if made { Word { text: "@{".to_owned(), line: at + 1, expands: false } } else { value.clone() };
        variables.insert(name.text.to_ascii_lowercase(), word);
    }
    let text = lines.from(at);
    at + text.get(..command.end).unwrap_or("").matches('\n').count() + 1
}

fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The names of the parameters that take no value.
const SWITCHES: &[&str] = &[
    "usebasicparsing",
    "skipcertificatecheck",
    "usedefaultcredentials",
    "disablekeepalive",
    "passthru",
    "skipheadervalidation",
    "skiphttperrorcheck",
    "allowunencryptedauthentication",
    "preserveauthorizationonredirect",
    "verbose",
];

fn send(words: &[Word], variables: &HashMap<String, Word>, doubtful: bool, found: &mut Found) -> bool {
    let mut draft = Draft::new("powershell", words.first().map_or(0, |w| w.line));
    draft.whole = !doubtful;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let name = match word.text.strip_prefix('-') {
            Some(name) if name.starts_with(char::is_alphabetic) => name.trim_end_matches(':').to_ascii_lowercase(),
            _ => {
                let value = resolve(word, variables);
                draft.url.get_or_insert(Shown::new(value.text, value.line));
                continue;
            }
        };
        if SWITCHES.contains(&name.as_str()) {
            continue;
        }
        if let Some(value) = words.next() {
            take(&mut draft, &name, resolve(value, variables));
        }
    }
    let line = draft.url.as_ref().map_or(draft.line, |u| u.line);
    if draft.body.is_some() && draft.verb.as_ref().is_some_and(|v| v.value == "POST") {
        draft.add_own("Content-Type", "application/x-www-form-urlencoded", line);
    }
    draft.add_own("User-Agent", "PowerShell", line);
    let known = draft.url.as_ref().is_some_and(|u| u.value.contains(['.', ':', '/', '$']));
    known && draft.finish(found, "PowerShell command")
}

fn take(draft: &mut Draft, name: &str, value: Word) {
    let line = value.line;
    match name {
        "uri" => draft.url = Some(Shown::new(value.text, line)),
        "method" | "custommethod" => draft.verb = Some(Shown::new(value.text.to_ascii_uppercase(), line)),
        "headers" => match list_entries(&value) {
            Some(entries) => draft.headers.extend(entries),
            None => draft.whole = false,
        },
        "contenttype" => {
            draft.headers.retain(|h| !h.name.eq_ignore_ascii_case("content-type"));
            draft.headers.push(Header::new("Content-Type", value.text, line));
        }
        "useragent" => draft.headers.push(Header::new("User-Agent", value.text, line)),
        "body" if !value.text.starts_with(['$', '(', '@']) => draft.body = Some(Shown::new(body_text(&value.text), line)),
        "body" if value.text.starts_with("@\"") || value.text.starts_with("@'") => {
            draft.body = Some(Shown::new(body_text(&value.text), line));
        }
        "websession" | "credential" | "token" | "authentication" | "form" | "infile" => draft.whole = false,
        _ => {}
    }
}

/// A text between `@"` and `"@` is what stands on the lines between them.
fn body_text(text: &str) -> String {
    let inside = ["\"", "'"].iter().find_map(|q| text.strip_prefix(&format!("@{q}"))?.strip_suffix(&format!("{q}@")));
    match inside {
        Some(lines) => lines
            .trim_start_matches(['\r', ' '])
            .trim_start_matches('\n')
            .trim_end_matches('\n')
            .trim_end_matches('\r')
            .to_owned(),
        None => text.to_owned(),
    }
}

/// What a variable holds, if it was set.
fn resolve(word: &Word, variables: &HashMap<String, Word>) -> Word {
    variables.get(&word.text.to_ascii_lowercase()).filter(|_| word.expands).unwrap_or(word).clone()
}

/// The entries of `@{ "a"="b"; c = 'd' }`.
fn list_entries(table: &Word) -> Option<Vec<Header>> {
    let inside = table.text.strip_prefix("@{")?;
    let inside = inside.strip_suffix('}').unwrap_or(inside);
    let mut headers = Vec::new();
    let (mut at, mut line) = (0, table.line);
    while let Some(rest) = inside.get(at..).filter(|r| !r.is_empty()) {
        let command = read_command(rest, line, Shell::PowerShell, None);
        let entry = command.words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
        if let Some((name, value)) = entry.split_once('=').filter(|(name, _)| !name.trim().is_empty()) {
            headers.push(Header::new(name.trim(), value.trim(), command.words.first().map_or(line, |w| w.line)));
        }
        let step = command.end + rest.get(command.end..).and_then(|r| r.chars().next()).map_or(0, char::len_utf8);
        line += rest.get(..step)?.matches('\n').count();
        at += step.max(1);
    }
    Some(headers)
}
