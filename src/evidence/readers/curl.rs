//! curl command lines, alone or in prose. Start at [`read`]; [`options`] knows what curl's options take and [`sending`] what
//! curl sends for them.

mod options;
mod sending;
mod written;

use super::super::lines::Lines;
use super::super::wire::{Found, Response, Shown};
use super::shell::{Command, Shell, Word, read_command};
use written::Template;

/// Takes a curl command, and those that follow it in the same line.
pub fn read(lines: &Lines<'_>, at: usize, found: &mut Found) -> Option<usize> {
    let mut start = find_start(lines.at(at), PROGRAMS).filter(|s| goes_on_well(lines.at(at), s))?;
    let text = lines.from(at);
    let (mut next, mut template, before) = (None, None, found.exchanges.len());
    for _ in 0..MOST_IN_A_LINE {
        let line = at + text.get(..start.offset)?.matches('\n').count();
        let command = read_command(text.get(start.offset..)?, line + 1, start.shell, start.closer);
        // In PowerShell, `curl` without `.exe` can be another program.
        let alias = start.shell == Shell::PowerShell && command.words.first().is_some_and(|w| w.text == "curl");
        let exchanges = sending::list_exchanges(arguments(&command), command.doubtful || alias);
        let end = start.offset + command.end;
        let after = at + text.get(..end)?.matches('\n').count() + 1;
        if exchanges.is_empty() {
            // Several lines of a command belong together, whatever it does: nobody has to look at them again.
            return next.or((after > at + 1).then_some(after));
        }
        template = Template::find(arguments(&command));
        found.exchanges.extend(exchanges);
        found.by("curl command");
        next = Some(after);
        match find_start(text.get(end..)?.split('\n').next().unwrap_or(""), PROGRAMS) {
            Some(more) => start = Start { offset: end + more.offset, ..more },
            None => break,
        }
    }
    match template.filter(|_| found.exchanges.len() == before + 1) {
        Some(template) => Some(read_status(&template, lines, next?, found)),
        None => next,
    }
}

/// Takes the status that the command has printed below itself.
fn read_status(template: &Template, lines: &Lines<'_>, at: usize, found: &mut Found) -> usize {
    let line = (at..lines.len().min(at + 2)).find(|&n| !lines.at(n).trim().is_empty());
    let Some((line, status)) = line.and_then(|n| Some((n, template.read(lines.at(n))?))) else { return at };
    if let Some(exchange) = found.exchanges.last_mut() {
        exchange.response = Some(Response { status: Some(Shown::new(status, line + 1)), ..Response::default() });
    }
    line + 1
}

const PROGRAMS: &[&str] = &["curl", "curl.exe"];

/// More commands in one line are left out, so that a long line takes no longer than its length.
const MOST_IN_A_LINE: usize = 16;

/// Tells whether an option or a URL follows the program in its line, and not prose.
fn goes_on_well(line: &str, start: &Start) -> bool {
    let first = line.get(start.offset..).and_then(|rest| rest.split_whitespace().nth(1)).unwrap_or("\\");
    first.starts_with(['-', '"', '\'', '$', '\\', '^', '`', '<', '{', '%']) || first.contains(['.', ':']) || first == "localhost"
}

/// The words after `curl`, unless PowerShell's own command of that name is meant.
fn arguments(command: &Command) -> &[Word] {
    let foreign = command.words.iter().any(|w| {
        w.text.starts_with("@{") || ["-uri", "-headers", "-usebasicparsing"].iter().any(|o| w.text.eq_ignore_ascii_case(o))
    });
    match command.words.split_first() {
        Some((_, arguments)) if !foreign => arguments,
        _ => &[],
    }
}

/// Where a command begins in a line.
pub(super) struct Start {
    pub offset: usize,
    pub shell: Shell,
    pub closer: Option<char>,
}

/// Finds the first command of a program: at the start of a line, after a prompt, a colon, a backtick or another command.
pub(super) fn find_start(line: &str, programs: &[&str]) -> Option<Start> {
    let first = programs.first()?;
    line.match_indices(first).take(16).find_map(|(at, _)| start_at(line, at, programs))
}

fn start_at(line: &str, at: usize, programs: &[&str]) -> Option<Start> {
    let rest = line.get(at..)?;
    let length = programs.iter().filter(|p| rest.starts_with(**p)).map(|p| p.len()).max()?;
    if !rest.get(length..)?.starts_with([' ', '\t']) {
        return None;
    }
    let before = line.get(..at)?;
    let place = before.trim_end_matches(|c: char| !c.is_whitespace() && !matches!(c, '`' | '(' | '$' | '"' | '\''));
    let path = before.get(place.len()..)?;
    let place = match path.ends_with(['/', '\\']) {
        true => place,
        false => before,
    };
    let place = strip_helpers(place.trim_end());
    let closer = match place.chars().next_back() {
        Some('`') => Some('`'),
        Some('(') => Some(')'),
        _ => None,
    };
    introduces(place).then(|| Start { offset: at, shell: shell_of(place, rest), closer })
}

/// Takes away what may stand between the start of a command and the program: `sudo`, `time`, `A=b`.
fn strip_helpers(mut place: &str) -> &str {
    loop {
        let word = place.rsplit([' ', '\t', '`']).next().unwrap_or("");
        let sets = word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !word.contains("$(")
        });
        if !sets && !matches!(word, "sudo" | "time" | "exec" | "command" | "watch") {
            return place;
        }
        place = place.get(..place.len() - word.len()).unwrap_or("").trim_end();
    }
}

/// Tells whether a command can follow.
fn introduces(place: &str) -> bool {
    let trimmed = place.trim_start();
    let numbered = trimmed.strip_suffix(['.', ')']).is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    let windows = trimmed.ends_with('>')
        && (trimmed.starts_with("PS ") || trimmed.starts_with("PS>") || trimmed.as_bytes().get(1) == Some(&b':'));
    trimmed.is_empty()
        || matches!(trimmed, "-" | "+" | "RUN" | "run")
        || numbered
        || windows
        || trimmed.ends_with(['$', '%', '#', '`', ':', '❯', '➜', ';'])
        || ["$(", "&&", "|"].iter().any(|s| trimmed.ends_with(s))
        || (trimmed.starts_with('➜') && trimmed.ends_with('~'))
}

fn shell_of(place: &str, rest: &str) -> Shell {
    let trimmed = place.trim_start();
    let windows = trimmed.ends_with('>');
    if windows && trimmed.starts_with("PS") {
        return Shell::PowerShell;
    }
    match Shell::guess(rest) {
        Shell::Bash if windows => Shell::Cmd,
        // A backtick at the end closes the one before the command.
        Shell::PowerShell if trimmed.ends_with('`') => Shell::Bash,
        shell => shell,
    }
}

#[cfg(test)]
mod tests;
