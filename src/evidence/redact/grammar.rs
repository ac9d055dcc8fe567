//! Walks through a text and finds the places where secrets stand; what stands elsewhere is judged by its words.

use super::Redacted;
use super::names::{self, Class};
use super::options;
use super::out::Out;
use super::places;
use super::runs;
use super::shapes::{self, DROPPED};
use super::transcript::{Inside, Line};
use super::words::Words;

/// Drops from a text what is not known to be harmless.
pub fn redact(text: &str, words: Words) -> Redacted {
    let out = Out { text: String::with_capacity(text.len()), count: 0 };
    let mut walk = Walk { text, words, out, ..Walk::new(text, words) };
    walk.run();
    Redacted { text: walk.out.text, count: walk.out.count }
}

/// Where the walk is, and what the lines before it said.
pub struct Walk<'t, 'w> {
    pub text: &'t str,
    pub words: Words<'w>,
    pub out: Out,
    pub at: usize,
    /// The end of the line that `at` is in, without its newline.
    pub end: usize,
    /// Where that line begins.
    start: usize,
    pub inside: Inside,
    /// The value of the last `"name"`.
    named: Option<&'t str>,
    /// A name whose value stands on the next line.
    pub pending: Option<(&'t str, Class)>,
    /// The line is part of a `curl` command.
    pub command: bool,
    /// Where the run of characters between blanks and quotes ends.
    word_end: usize,
    /// That run is cut into so short pieces that they may be those of a secret.
    shredded: bool,
    /// Quotes and braces that never close are looked for once.
    pub never_closes: Vec<u8>,
    /// The run before was dropped and filled its line to the end.
    pub wrapped: bool,
}

impl<'t, 'w> Walk<'t, 'w> {
    fn new(text: &'t str, words: Words<'w>) -> Walk<'t, 'w> {
        Walk {
            text,
            words,
            out: Out::default(),
            at: 0,
            end: 0,
            start: 0,
            inside: Inside::Text,
            named: None,
            pending: None,
            command: false,
            word_end: 0,
            shredded: false,
            never_closes: Vec::new(),
            wrapped: false,
        }
    }

    fn run(&mut self) {
        let mut fresh = true;
        while self.at < self.text.len() {
            if fresh {
                self.end = self.text[self.at..].find('\n').map_or(self.text.len(), |n| self.at + n);
                self.start = self.at;
                self.begin_line();
            }
            // A value may have run over the end of its line.
            if self.at > self.end {
                self.end = self.text[self.at..].find('\n').map_or(self.text.len(), |n| self.at + n);
            }
            fresh = self.text.as_bytes().get(self.at) == Some(&b'\n');
            self.step();
        }
    }

    pub fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    pub fn line(&self) -> &'t str {
        self.text.get(self.at..self.end).unwrap_or("")
    }

    /// The bytes before the place where the walk is.
    pub fn before(&self, distance: usize) -> u8 {
        self.at.checked_sub(distance).map_or(b'\n', |at| self.text.as_bytes()[at])
    }

    pub fn keep(&mut self, length: usize) {
        self.out.keep(&self.text[self.at..self.at + length]);
        self.at += length;
    }

    pub fn drop(&mut self, length: usize) {
        self.out.drop(&self.text[self.at..self.at + length]);
        self.at += length;
    }

    fn step(&mut self) {
        let blanks = self.text.as_bytes()[self.at..self.end].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        if blanks > 0 {
            return self.keep(blanks);
        }
        if self.told_secret() || self.plain_word() {
            return;
        }
        let Some(next) = self.rest().chars().next() else { return };
        if self.at >= self.word_end && !next.is_whitespace() {
            self.measure_word();
        }
        if let Some(placeholder) = shapes::placeholder_at(self.rest()) {
            return self.keep(placeholder.len());
        }
        match next {
            '\\' => self.escape(),
            '\x1b' => self.colour(),
            '-' if self.option() => {}
            _ if runs::is_separator(next) => self.keep(next.len_utf8()),
            _ if self.numbers() || self.pair() => {}
            _ => self.judge(),
        }
    }

    /// `my password is …` and `"Bearer …"`.
    fn told_secret(&mut self) -> bool {
        const SAYINGS: &[&str] = &["password is ", "password was ", "passphrase is ", "passcode is "];
        const STATES: &[&str] = &[
            "not",
            "wrong",
            "right",
            "correct",
            "incorrect",
            "invalid",
            "expired",
            "missing",
            "empty",
            "set",
            "the",
            "required",
        ];
        let line = self.line();
        let starts = |p: &&&str| line.get(..p.len()).is_some_and(|l| l.eq_ignore_ascii_case(p));
        let is_opened = matches!(self.before(1), b'"' | b'\'' | b'`');
        let saying = match line.as_bytes().first() {
            Some(b'p' | b'P') => SAYINGS.iter().find(starts),
            Some(b'B' | b'b') if is_opened => ["Bearer ", "Basic "].iter().find(starts),
            _ => None,
        };
        let Some(saying) = saying else { return false };
        let tail = &line[saying.len()..];
        let end = tail.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',')).unwrap_or(tail.len());
        let told = tail[..end].trim_end_matches(['.', ':', '!']);
        if told.is_empty() || STATES.contains(&told) || shapes::placeholder_at(tail).is_some() {
            return false;
        }
        self.keep(saying.len());
        self.drop(told.len());
        true
    }

    /// A known word between blanks, which is most of any text: it is no name of anything.
    fn plain_word(&mut self) -> bool {
        let rest = &self.text.as_bytes()[self.at..self.end];
        let length = rest.iter().position(|b| !b.is_ascii_alphabetic()).unwrap_or(rest.len());
        let ends = match &rest[length..] {
            [] => true,
            [b' ', next, ..] => !matches!(next, b' ' | b'\t' | b':' | b'=' | b','),
            [b'.' | b',', next, ..] => *next == b' ',
            [b'.'] => true,
            _ => false,
        };
        let is_word = length > 0 && ends && self.before(1) == b' ' && self.words.know(&self.rest()[..length]);
        if is_word {
            self.keep(length);
        }
        is_word
    }

    /// Looks how the text up to the next blank or quote is cut: `a(3{i]9,x` is no text.
    fn measure_word(&mut self) {
        let rest = self.rest().as_bytes();
        let is_end = |b: &u8| matches!(b, b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'`');
        let length = rest.iter().position(is_end).unwrap_or(rest.len());
        let word = &rest[..length];
        let is_cut = |b: &u8| b.is_ascii_punctuation() && !matches!(b, b'.' | b'/' | b'-' | b'_' | b':');
        let pieces = word.split(is_cut).filter(|p| !p.is_empty());
        self.shredded = pieces.filter(|p| p.len() < 3).count() > 2;
        self.word_end = self.at + length.max(1);
    }

    /// `\n`, `\u0026` and the like are no letters of the word behind them.
    fn escape(&mut self) {
        const PUNCTUATION: &[&str] =
            &["\\u0026", "\\u003d", "\\u003D", "\\u003c", "\\u003C", "\\u003e", "\\u003E", "\\u0027", "\\u0022", "\\u002F"];
        let rest = self.rest();
        if let Some(known) = PUNCTUATION.iter().find(|p| rest.starts_with(**p)) {
            return self.keep(known.len());
        }
        match rest.as_bytes().get(1) {
            Some(b'n' | b'r' | b't') => self.keep(2),
            _ => self.keep(1),
        }
    }

    /// What terminals understand as colours.
    fn colour(&mut self) {
        let rest = self.rest().as_bytes();
        let length = rest.iter().skip(2).take_while(|b| b.is_ascii_digit() || **b == b';').count() + 3;
        let is_colour = rest.get(1) == Some(&b'[') && rest.get(length - 1) == Some(&b'm') && length < 16;
        self.keep(if is_colour { length } else { 1 });
    }

    /// A row of short numbers, which may be a long one written with blanks, or bytes in hexadecimal.
    fn numbers(&mut self) -> bool {
        let line = self.line();
        let is_early = line.bytes().take(5).position(|b| b == b' ').is_some_and(|n| n > 0);
        if !is_early || !matches!(self.before(1), b' ' | b'\n' | b'\t' | b'>' | b'"' | b'\'') {
            return false;
        }
        let is_short = |w: &&str| (1..=4).contains(&w.len()) && w.bytes().all(|b| b.is_ascii_hexdigit());
        let count = line.split(' ').take_while(is_short).count();
        let digits = line.split(' ').take(count).filter(|w| w.bytes().any(|b| b.is_ascii_digit())).count();
        let is_row = count > 3 && digits * 2 >= count;
        if is_row {
            let length = line.split(' ').take(count).map(|w| w.len() + 1).sum::<usize>() - 1;
            self.drop(length);
        }
        is_row
    }

    /// A run that stands for itself.
    fn judge(&mut self) {
        let length = runs::end_of_run(self.rest());
        let run = &self.rest()[..length];
        let is_parameter = ends_with_ampersand(&self.text[..self.at]);
        let count = self.out.count;
        if self.shredded && run.len() < 3 && run != DROPPED {
            self.out.drop(run);
        } else if let Some((name, value)) = run.split_once('=').filter(|_| is_parameter) {
            self.out.keep(if self.words.know(name) { name } else { DROPPED });
            self.out.keep("=");
            let (value, rest) = value.split_once('&').map_or((value, None), |(v, r)| (v, Some(r)));
            places::value_of(&mut self.out, self.words, name, value);
            if let Some(rest) = rest {
                self.out.keep("&");
                places::query(&mut self.out, self.words, rest);
            }
        } else {
            runs::judge(&mut self.out, self.words, run);
        }
        self.at += length;
        self.wrapped = self.out.count > count && length > 40 && self.line().trim().is_empty();
    }

    /// A name, what divides it from its value, and the value.
    fn pair(&mut self) -> bool {
        let Some(found) = Found::at(self) else { return false };
        let class = names::classify(found.name, found.quote.is_some(), found.divider);
        let run = &self.rest()[..if found.divider == '=' && class != Class::Free { runs::end_of_run(self.rest()) } else { 0 }];
        if run.contains('&') && found.quote.is_none() && places::is_form(run) {
            return false;
        }
        if class == Class::Free {
            return false;
        }
        if matches!(class, Class::Body)
            && found.quote.is_none()
            && found.divider == ':'
            && self.text[found.value..].starts_with([' ', '{'])
        {
            return false;
        }
        let known =
            self.words.know(found.name.trim_start_matches(':')) || super::headers::is_known(&found.name.to_ascii_lowercase());
        if known {
            self.out.keep(found.name)
        } else {
            self.out.drop(found.name)
        }
        self.at += found.name.len();
        self.keep(found.value - self.at);
        self.value(class, &found);
        true
    }

    fn value(&mut self, class: Class, found: &Found<'t>) {
        // `["…", "…"]` and `("…", "…")` hold values of the same kind.
        let mut in_list = false;
        loop {
            while self.line().starts_with([' ', '\t', '[', '(', '@', '&']) && shapes::placeholder_at(self.line()).is_none() {
                in_list |= self.line().starts_with(['[', '(']);
                self.keep(1);
            }
            if !self.quoted_value(class, found) {
                break;
            }
            if !(in_list && class != Class::Name && self.line().trim_start().starts_with(',')) {
                return;
            }
            let comma = self.line().find(',').map_or(0, |n| n + 1);
            self.keep(comma);
        }
        let line = self.line();
        if line.trim().is_empty() && !found.in_xml {
            self.pending = Some((found.name, class)).filter(|_| class != Class::Name);
        } else if let Some(placeholder) = shapes::placeholder_at(line) {
            self.keep(placeholder.len());
        } else if !line.starts_with(['{', '}', ']', ')', ',']) {
            let length = found.bare_length(self, class);
            self.emit(class, found.name, length);
        } else if class == Class::Body && line.starts_with('{') && found.divider == '=' {
            self.drop_braces();
        }
    }

    fn quoted_value(&mut self, class: Class, found: &Found<'t>) -> bool {
        let line = self.line();
        let prefix = line.len() - line.trim_start_matches(['b', 'r', 'u', 'f', '$', '^']).len();
        let quote = line[prefix..].trim_start_matches('\\');
        let slashes = line.len() - prefix - quote.len();
        let Some(mark) = quote.bytes().next().filter(|b| matches!(b, b'"' | b'\'' | b'`')) else { return false };
        if prefix > 2 {
            return false;
        }
        self.keep(prefix + slashes + 1);
        let length = self.find_close(mark, slashes).unwrap_or(self.line().len());
        let closes = self.line().len() > length;
        self.emit(class, found.name, length);
        if closes && self.rest()[slashes.min(self.rest().len())..].starts_with(mark as char) {
            self.keep(slashes + 1);
        }
        true
    }

    fn emit(&mut self, class: Class, name: &str, length: usize) {
        let value = &self.rest()[..length];
        let class = match class {
            Class::Name => {
                self.named = Some(value);
                let lower = value.to_ascii_lowercase();
                let is_name = self.words.know(value) || super::headers::is_known(&lower);
                if is_name {
                    self.out.keep(value)
                } else {
                    runs::text(&mut self.out, self.words, value)
                }
                self.at += length;
                return;
            }
            Class::Value => self.class_of_named(),
            class => class,
        };
        let name = match class {
            Class::Header => self.named.take().unwrap_or(name),
            _ => name,
        };
        let name = if class == Class::Header && !super::headers::is_known(&name.to_ascii_lowercase()) { "" } else { name };
        runs::value_of(&mut self.out, self.words, class, name, value);
        self.at += length;
    }

    fn class_of_named(&self) -> Class {
        let known = self.named.is_some_and(|n| super::headers::is_known(&n.to_ascii_lowercase()));
        if known { Class::Header } else { Class::Value }
    }

    /// Finds the quote that closes one which stands right before.
    pub fn find_close(&self, mark: u8, slashes: usize) -> Option<usize> {
        let line = self.line().as_bytes();
        let mut before = 0;
        for (at, b) in line.iter().enumerate() {
            match b {
                b'\\' => before += 1,
                // PowerShell escapes with a backtick.
                b'"' if mark == b'"' && at > 0 && line[at - 1] == b'`' => before = 0,
                b if *b == mark && (before == slashes || (slashes == 0 && before % 2 == 0)) => {
                    return Some(at - slashes.min(before));
                }
                _ => before = 0,
            }
        }
        None
    }

    /// Drops `{…}` over several lines.
    fn drop_braces(&mut self) {
        let mut depth = 0;
        if self.never_closes.contains(&b'{') {
            return;
        }
        for (at, b) in self.rest().bytes().enumerate() {
            match b {
                b'{' => depth += 1,
                b'}' if depth == 1 => {
                    self.keep(1);
                    let inner = &self.rest()[..at - 1];
                    self.out.drop_body(inner);
                    self.at += at - 1;
                    return;
                }
                b'}' => depth -= 1,
                _ => {}
            }
        }
        self.never_closes.push(b'{');
    }

    fn option(&mut self) -> bool {
        matches!(self.before(1), b' ' | b'\t' | b'\n' | b'"' | b'\'') && options::take(self)
    }

    fn begin_line(&mut self) {
        Line::begin(self);
    }
}

fn ends_with_ampersand(text: &str) -> bool {
    ["&amp;", "\\u0026", "&^", "^&", "&"].iter().any(|e| text.ends_with(e))
}

/// A name that has a value behind it.
struct Found<'t> {
    name: &'t str,
    /// The quote around the name.
    quote: Option<u8>,
    divider: char,
    /// Where the value begins.
    value: usize,
    in_xml: bool,
}

impl<'t> Found<'t> {
    fn at(walk: &Walk<'t, '_>) -> Option<Found<'t>> {
        let line = walk.line();
        let is_letter = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'$');
        let skip = if line.starts_with("$env:") { 5 } else { usize::from(line.starts_with(':')) };
        let length = skip + line.bytes().skip(skip).position(|b| !is_letter(b)).unwrap_or(line.len() - skip);
        let name = &line[..length];
        let after = &line[length..];
        if length == skip || after.is_empty() {
            return None;
        }
        let before = walk.before(1);
        let in_xml = before == b'<' && after.starts_with('>');
        let quote = Some(before).filter(|b| matches!(b, b'"' | b'\'' | b'`'));
        let (closed, behind) = match quote {
            Some(mark) => {
                let tail = after.trim_start_matches(['\\', '^']);
                match tail.strip_prefix(mark as char) {
                    Some(tail) => (true, tail),
                    None => (false, after),
                }
            }
            None => (false, after),
        };
        let divided = behind.trim_start_matches([' ', '\t']);
        let divider = if in_xml {
            '>'
        } else {
            divided.chars().next().filter(|c| matches!(c, ':' | '=' | ',')).filter(|c| closed || *c != ',')?
        };
        let tail = divided.trim_start_matches([':', '=', '>', ',']);
        if divided.starts_with("://") || divided.starts_with("::") {
            return None;
        }
        let tail = tail.trim_start_matches([' ', '\t']);
        Some(Found { name, quote: quote.filter(|_| closed), divider, value: walk.at + line.len() - tail.len(), in_xml })
    }

    /// How long a value without quotes is.
    fn bare_length(&self, walk: &Walk, class: Class) -> usize {
        let line = walk.line();
        let whole = line.trim_end().len();
        if self.in_xml {
            return line.find("</").unwrap_or(whole);
        }
        let start = walk.text[..self.value].rfind(self.name).unwrap_or(self.value);
        let before = start.checked_sub(1).map_or(b'\n', |at| walk.text.as_bytes()[at]);
        let inside = match before {
            b'"' | b'\'' | b'`' if self.quote.is_none() => {
                let slashes = walk.text[..start - 1].bytes().rev().take_while(|b| *b == b'\\').count();
                walk.find_close(before, slashes)
            }
            b'[' => line.rfind(']'),
            _ => None,
        };
        if let Some(length) = inside {
            return length;
        }
        let first_in_line = start < walk.start + 24 && walk.text.get(walk.start..start).is_some_and(is_only_prefix);
        let is_word = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`');
        match class {
            _ if first_in_line => whole,
            // A header in a quoted message ends with an escaped line.
            Class::Header if self.divider == ':' && !walk.command => {
                [line.find("\\r\\n"), line.find("\\n")].into_iter().flatten().min().unwrap_or(whole)
            }
            Class::Header => {
                let is_end = |(at, c): &(usize, char)| match c {
                    ',' | '}' | '"' | '\'' => true,
                    ']' => !shapes::ends_with_placeholder(&line[..=*at]),
                    _ => false,
                };
                line.char_indices().find(is_end).map_or(whole, |(at, _)| at)
            }
            _ => line.find(is_word).unwrap_or(whole),
        }
    }
}

/// What may stand before a name that begins a line: `> `, `- `, `export `.
fn is_only_prefix(text: &str) -> bool {
    matches!(
        text.trim(),
        "" | ">"
            | "<"
            | "*"
            | "-"
            | "export"
            | "set"
            | "SET"
            | "setx"
            | "const"
            | "let"
            | "var"
            | "$"
            | "+"
            | "|"
            | "ENV"
            | "ARG"
    )
}
