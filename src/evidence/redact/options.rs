//! Options of commands whose arguments may be secret.

use super::grammar::Walk;
use super::headers;
use super::names;
use super::runs;
use super::shapes;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Argument {
    /// A password, a cookie.
    Secret,
    Body,
    Header,
}

/// Options that take an argument, with what it is.
const LONG: &[(&str, Argument)] = &[
    ("--data", Argument::Body),
    ("--data-raw", Argument::Body),
    ("--data-binary", Argument::Body),
    ("--data-ascii", Argument::Body),
    ("--data-urlencode", Argument::Body),
    ("--json", Argument::Body),
    ("--form", Argument::Body),
    ("--form-string", Argument::Body),
    ("--raw", Argument::Body),
    ("-Body", Argument::Body),
    ("--body", Argument::Body),
    ("--payload", Argument::Body),
    ("--cli-binary", Argument::Body),
    ("--url-query", Argument::Body),
    ("--body-data", Argument::Body),
    ("--post-data", Argument::Body),
    ("--body-file", Argument::Body),
    ("--header", Argument::Header),
    ("-H", Argument::Header),
    ("--proxy-header", Argument::Header),
    ("--user", Argument::Secret),
    ("-u", Argument::Secret),
    ("-a", Argument::Secret),
    ("--auth", Argument::Secret),
    ("-U", Argument::Secret),
    ("--proxy-user", Argument::Secret),
    ("--oauth2-bearer", Argument::Secret),
    ("--cookie", Argument::Secret),
    ("-b", Argument::Secret),
    ("--pass", Argument::Secret),
    ("--cert", Argument::Secret),
    ("-E", Argument::Secret),
    ("--key", Argument::Secret),
    ("-d", Argument::Body),
    ("-F", Argument::Body),
    ("--http-password", Argument::Secret),
    ("--http-user", Argument::Secret),
    ("-c", Argument::Secret),
];

/// Short options of curl that take an argument.
const SHORT: &[u8] = b"AbcCdDeEFhHKmoPQrtTuUwxXyYz";

/// Takes an option and its argument, where the argument may be secret.
pub fn take(walk: &mut Walk) -> bool {
    if !matches!(walk.before(1), b' ' | b'\t' | b'\n' | b'"' | b'\'') {
        return false;
    }
    let line = walk.line();
    let length = line.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').unwrap_or(line.len());
    let option = &line[..length];
    if let Some((_, argument)) = LONG.iter().find(|(name, _)| *name == option) {
        return take_argument(walk, length, *argument);
    }
    if let Some(name) = option.strip_prefix("--") {
        let secret = !name.is_empty() && name != "aws-sigv4" && names::is_secret(name);
        let about_keys = name.starts_with("query") || name.starts_with("no-");
        return secret && !about_keys && take_argument(walk, length, Argument::Secret);
    }
    walk.command && take_short(walk, option)
}

/// `-sSu name:word`, `-d@file`, `-Hx-api-key:…`.
fn take_short(walk: &mut Walk, option: &str) -> bool {
    let Some(at) = option.bytes().skip(1).position(|b| SHORT.contains(&b)) else {
        // Flags say nothing about anybody.
        let is_flags = (2..6).contains(&option.len());
        walk.keep(if is_flags { option.len() } else { 0 });
        return is_flags;
    };
    let argument = match option.as_bytes().get(at + 1) {
        Some(b'u' | b'U' | b'b' | b'E') => Argument::Secret,
        Some(b'd' | b'F') => Argument::Body,
        Some(b'H') => Argument::Header,
        _ if at < 4 => {
            walk.keep(at + 2);
            return true;
        }
        _ => return false,
    };
    if walk.words.know(option.trim_start_matches('-')) {
        return false;
    }
    take_argument(walk, at + 2, argument)
}

fn take_argument(walk: &mut Walk, name: usize, argument: Argument) -> bool {
    if matches!(walk.before(1), b'"' | b'\'') {
        return take_quoted(walk, name, argument);
    }
    let line = walk.line();
    let tail = &line[name..];
    let blanks = tail.len() - tail.trim_start_matches([' ', '\t', '=']).len();
    let start = name + blanks;
    if line[start..].trim().is_empty() || matches!(line[start..].trim(), "\\" | "^" | "`") {
        return false;
    }
    if let Some(placeholder) = shapes::placeholder_at(&line[start..]) {
        walk.keep(start + placeholder.len());
        return true;
    }
    if line[start..].starts_with(['(', '@', '{', '[']) && !walk.command {
        // An expression of a script: what it holds is judged as the rest of the line.
        let whole = line[start..].trim_end().len();
        walk.keep(start);
        walk.out.drop_body(&walk.rest()[..whole]);
        walk.at += whole;
        return true;
    }
    walk.keep(start);
    let word = ShellWord::read(walk);
    if argument == Argument::Header && word.inner == 0 {
        return true;
    }
    let inner = &walk.rest()[word.before..word.before + word.inner];
    walk.keep(word.before);
    put(walk, argument, inner);
    walk.at += word.inner;
    let after = word.after.min(walk.rest().len());
    walk.keep(after);
    true
}

/// `'--option', 'argument'`, as scripts and logs write it.
fn take_quoted(walk: &mut Walk, name: usize, argument: Argument) -> bool {
    let line = walk.line();
    let mark = walk.before(1);
    let Some(tail) = line[name..].strip_prefix(mark as char) else { return false };
    let Some(value) = tail.trim_start_matches([',', ' ', '+']).strip_prefix(mark as char) else { return false };
    walk.keep(line.len() - value.len());
    let length = walk.find_close(mark, 0).unwrap_or(value.len());
    let inner = &walk.rest()[..length];
    put(walk, argument, inner);
    walk.at += length;
    true
}

fn put(walk: &mut Walk, argument: Argument, inner: &str) {
    match argument {
        Argument::Secret => walk.out.drop(inner),
        Argument::Body => runs::body(&mut walk.out, walk.words, inner),
        Argument::Header => header(walk, inner),
    }
}

/// `Name: value`, whatever the name.
fn header(walk: &mut Walk, text: &str) {
    let Some((name, value)) = text.split_once([':', ';']) else { return walk.out.drop(text) };
    if walk.words.know(name.trim()) || headers::is_known(name.trim()) {
        walk.out.keep(name)
    } else {
        walk.out.drop(name)
    }
    walk.out.keep(&text[name.len()..=name.len()]);
    runs::value_of(&mut walk.out, walk.words, names::Class::Header, name.trim(), value);
}

/// An argument as a shell reads it: what opens it, what it holds, what closes it.
struct ShellWord {
    before: usize,
    inner: usize,
    after: usize,
}

impl ShellWord {
    fn read(walk: &mut Walk) -> ShellWord {
        let rest = walk.rest();
        let before = rest.len() - rest.trim_start_matches(['$', '^', '@', '\\']).len();
        let Some(mark) = rest[before..].bytes().next().filter(|b| matches!(b, b'"' | b'\'' | b'`')) else {
            let inner = bare_end(rest);
            return ShellWord { before: 0, inner, after: 0 };
        };
        let opening = &rest[..=before];
        let plain = opening.starts_with(['"', '\'', '`', '$', '@']);
        let end = match plain {
            true => quoted_end(rest, before + 1, mark, opening.starts_with('$')),
            // `^"` closes with `^"`, and `\"` with `\"`.
            false => caret_end(rest, before + 1, opening),
        };
        let closing = if plain { 1 } else { opening.len() };
        match end {
            Some(end) => {
                // What follows without a blank belongs to the same argument.
                let ends = rest[end + closing..].starts_with([',', ')', ';', ']', '}', '"', '<']);
                let tail = if ends { 0 } else { word_end(&rest[end + closing..]) };
                let whole = end + closing + tail;
                // The last quote stays, so that the rest is read as before.
                let mark = if plain { &opening[before..] } else { opening };
                let close = if rest[..whole].ends_with(mark) { whole - mark.len() } else { whole };
                ShellWord { before: before + 1, inner: close - before - 1, after: whole - close }
            }
            None => ShellWord { before: before + 1, inner: open_end(rest).saturating_sub(before + 1), after: 0 },
        }
    }
}

/// Where a word without quotes ends, which may have quoted parts.
fn bare_end(text: &str) -> usize {
    let line = text.find('\n').unwrap_or(text.len());
    word_end(&text[..line])
}

/// Where a word ends whose quotes may run over several lines.
fn word_end(text: &str) -> usize {
    let (mut quote, mut escaped) = (0, false);
    for (at, b) in text.bytes().enumerate() {
        match b {
            _ if escaped => escaped = false,
            b'\n' if quote == 0 => return at,
            b'\\' if quote != b'\'' => escaped = text.as_bytes().get(at + 1) != Some(&b'\n'),
            b'"' | b'\'' if quote == 0 => quote = b,
            b if b == quote => quote = 0,
            b' ' | b'\t' | b'\r' if quote == 0 => return at,
            _ => {}
        }
    }
    // A quote that never closes ends with its line.
    if quote == 0 { text.len() } else { text.find('\n').unwrap_or(text.len()) }
}

fn quoted_end(text: &str, start: usize, mark: u8, ansi: bool) -> Option<usize> {
    let escapes = mark == b'"' || ansi;
    let mut escaped = false;
    for (at, b) in text.bytes().enumerate().skip(start) {
        match b {
            _ if escaped => escaped = false,
            // PowerShell escapes with a backtick, and knows no backslash.
            b'\\' if escapes => escaped = !text.as_bytes()[at + 1..].starts_with(b"`\""),
            b'`' if mark == b'"' => escaped = text.as_bytes().get(at + 1) == Some(&b'"'),
            b if b == mark => return Some(at),
            _ => {}
        }
    }
    None
}

/// Where an argument ends that `^"` opens: inside it, quotes are written `^\^"`.
fn caret_end(text: &str, start: usize, opening: &str) -> Option<usize> {
    let tail = &text[start..];
    let is_end = |at: &usize| {
        let next = tail[at + opening.len()..].bytes().next();
        !tail[..*at].ends_with("^\\") && next.is_none_or(|b| b.is_ascii_whitespace())
    };
    tail.match_indices(opening).map(|(at, _)| at).find(is_end).map(|at| at + start)
}

/// Where a quote that never closes is taken to end: at an empty line, or where an answer begins.
fn open_end(text: &str) -> usize {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let begins = ["HTTP/", "< ", "> ", "* "].iter().any(|m| line.starts_with(m));
        if at > 0 && (line.trim().is_empty() || begins) {
            break;
        }
        at += line.len();
    }
    text[..at].trim_end().len()
}
