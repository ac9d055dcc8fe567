//! What a walk takes that is no pair and no option: words, escapes, rows of numbers, and runs that stand for themselves.

use super::grammar::Walk;
use super::letters;
use super::parameters;
use super::runs;
use super::shapes::{self, DROPPED};

const SAYINGS: &[&str] = &["password is ", "password was ", "passphrase is ", "passcode is "];

/// What people say of a password without telling it.
const STATES: &[&str] =
    &["not", "wrong", "right", "correct", "incorrect", "invalid", "expired", "missing", "empty", "set", "the", "required"];

/// `my password is …` and `"Bearer …"`.
pub fn told_secret(walk: &mut Walk) -> bool {
    let line = walk.line();
    let starts = |p: &&&str| line.get(..p.len()).is_some_and(|l| l.eq_ignore_ascii_case(p));
    let is_opened = matches!(walk.before(1), b'"' | b'\'' | b'`');
    let saying = match line.as_bytes() {
        [b'p' | b'P', b'a' | b'A', b's' | b'S', ..] => SAYINGS.iter().find(starts),
        [b'B' | b'b', ..] if is_opened => ["Bearer ", "Basic "].iter().find(starts),
        _ => None,
    };
    let Some(saying) = saying else { return false };
    let tail = &line[saying.len()..];
    let end = tail.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',')).unwrap_or(tail.len());
    let told = tail[..end].trim_end_matches(['.', ':', '!']);
    if told.is_empty() || STATES.contains(&told) || shapes::placeholder_at(tail).is_some() {
        return false;
    }
    walk.keep(saying.len());
    walk.drop(told.len());
    true
}

/// A known word between blanks, which is most of any text: it is no name of anything.
pub fn plain_word(walk: &mut Walk) -> bool {
    if walk.before(1) != b' ' {
        return false;
    }
    let rest = &walk.text.as_bytes()[walk.at..walk.end];
    let length = letters::count(rest, |b| b.is_ascii_alphabetic());
    let ends = match &rest[length..] {
        [] | [b'.'] => true,
        [b' ', next, ..] => !matches!(next, b' ' | b'\t' | b':' | b'=' | b','),
        [b'.' | b',', next, ..] => *next == b' ',
        _ => false,
    };
    let is_word = ends && walk.words.know(&walk.rest()[..length]);
    if is_word {
        walk.keep(length);
    }
    is_word
}

/// Looks how the text up to the next blank or quote is cut: `a(3{i]9,x` is no text.
pub fn measure_word(walk: &mut Walk) {
    let rest = walk.rest().as_bytes();
    let (mut length, mut start, mut short) = (0, 0, 0);
    for (at, b) in rest.iter().enumerate() {
        length = at;
        if letters::cuts_or_ends_word(*b) {
            short += usize::from(at - start == 1 || at - start == 2);
            start = at + 1;
            if letters::ends_word(*b) {
                break;
            }
        }
        length = at + 1;
    }
    short += usize::from(start < length && length - start < 3);
    walk.shredded = short > 2;
    walk.word_end = walk.at + length.max(1);
}

/// `\n`, `\u0026` and the like are no letters of the word behind them.
pub fn escape(walk: &mut Walk) {
    const PUNCTUATION: &[&str] =
        &["\\u0026", "\\u003d", "\\u003D", "\\u003c", "\\u003C", "\\u003e", "\\u003E", "\\u0027", "\\u0022", "\\u002F"];
    let rest = walk.rest();
    let length = match rest.as_bytes().get(1) {
        Some(b'n' | b'r' | b't') => 2,
        Some(b'u') => PUNCTUATION.iter().find(|p| rest.starts_with(**p)).map_or(1, |p| p.len()),
        _ => 1,
    };
    walk.keep(length);
}

/// What terminals understand as colours.
pub fn colour(walk: &mut Walk) {
    let rest = walk.rest().as_bytes();
    let length = rest.iter().skip(2).take_while(|b| b.is_ascii_digit() || **b == b';').count() + 3;
    let is_colour = rest.get(1) == Some(&b'[') && rest.get(length - 1) == Some(&b'm') && length < 16;
    walk.keep(if is_colour { length } else { 1 });
}

/// Punctuation and spaces outside ASCII.
pub fn foreign_separator(walk: &mut Walk) -> bool {
    let separator = walk.rest().chars().next().filter(|c| letters::is_separator(*c));
    if let Some(separator) = separator {
        walk.keep(separator.len_utf8());
    }
    separator.is_some()
}

/// A row of short numbers, which may be a long one written with blanks, or bytes in hexadecimal.
pub fn numbers(walk: &mut Walk) -> bool {
    let line = walk.line();
    let is_early = letters::count(&line.as_bytes()[..line.len().min(5)], |b| b.is_ascii_hexdigit());
    let may_begin = (1..5).contains(&is_early) && line.as_bytes().get(is_early) == Some(&b' ');
    if !may_begin || !matches!(walk.before(1), b' ' | b'\n' | b'\t' | b'>' | b'"' | b'\'') {
        return false;
    }
    let is_short = |w: &&str| (1..=4).contains(&w.len()) && w.bytes().all(|b| b.is_ascii_hexdigit());
    let (mut count, mut digits, mut length) = (0, 0, 0);
    for word in line.split(' ').take_while(is_short) {
        count += 1;
        digits += usize::from(word.bytes().any(|b| b.is_ascii_digit()));
        length += word.len() + 1;
    }
    let is_row = count > 3 && digits * 2 >= count;
    if is_row {
        walk.drop(length - 1);
    }
    is_row
}

/// A run that stands for itself.
pub fn judge(walk: &mut Walk) {
    let length = runs::end_of_run(walk.rest());
    let run = &walk.rest()[..length];
    let count = walk.out.count;
    let parameter = if ends_with_ampersand(&walk.text[..walk.at]) { run.split_once('=') } else { None };
    if walk.shredded && run.len() < 3 && run != DROPPED {
        walk.out.drop(run);
    } else if is_numbered(&walk.text[walk.start..walk.at], run) {
        walk.out.keep(run);
    } else if let Some((name, value)) = parameter {
        judge_parameter(walk, name, value);
    } else {
        runs::judge(&mut walk.out, walk.words, run);
    }
    walk.at += length;
    walk.wrapped = walk.out.count > count && length > 40 && walk.line().trim_ascii().is_empty();
}

/// The number of a line or of a port.
fn is_numbered(before: &str, run: &str) -> bool {
    let is_number = (4..6).contains(&run.len()) && run.bytes().all(|b| b.is_ascii_digit());
    is_number && (before.ends_with("line ") || before.ends_with("port "))
}

/// A parameter before which a run ended, as in `^&name=value`.
fn judge_parameter(walk: &mut Walk, name: &str, value: &str) {
    walk.out.keep(if walk.words.know(name) { name } else { DROPPED });
    walk.out.keep("=");
    let (value, rest) = value.split_once('&').map_or((value, None), |(v, r)| (v, Some(r)));
    parameters::value_of(&mut walk.out, walk.words, name, value);
    if let Some(rest) = rest {
        walk.out.keep("&");
        parameters::query(&mut walk.out, walk.words, rest);
    }
}

fn ends_with_ampersand(text: &str) -> bool {
    matches!(text.as_bytes().last(), Some(b'&' | b';' | b'6' | b'^'))
        && ["&amp;", "\\u0026", "&^", "^&", "&"].iter().any(|e| text.ends_with(e))
}
