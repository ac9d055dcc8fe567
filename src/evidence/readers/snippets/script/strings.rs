//! Strings in JavaScript and Python.

use super::{Code, Value};

impl Code<'_> {
    /// A quote, or a Python prefix before one.
    pub(super) fn at_string(&self) -> bool {
        let rest = self.rest();
        let prefix = rest.find(|c: char| !matches!(c, 'f' | 'r' | 'b' | 'u' | 'F' | 'R' | 'B')).unwrap_or(rest.len());
        prefix <= 2 && rest.get(prefix..).is_some_and(|r| r.starts_with(['"', '\'']) || (prefix == 0 && r.starts_with('`')))
    }

    /// Python joins strings that follow each other.
    pub(super) fn strings(&mut self) -> Value {
        let mut text = self.string(true);
        loop {
            if self.depth > 0 {
                self.space();
            }
            if !self.at_string() || self.peek() == Some('`') {
                return Value::Text(text);
            }
            text.push_str(&self.string(true));
        }
    }

    /// The string that begins here. One that is not closed ends with its line.
    pub(super) fn string(&mut self, wanted: bool) -> String {
        let mut raw = false;
        while let Some(c) = self.peek().filter(|c| c.is_alphabetic()) {
            raw |= c.eq_ignore_ascii_case(&'r');
            self.bump();
        }
        let rest = self.rest();
        let quote = match rest.get(..3) {
            Some(triple @ ("\"\"\"" | "'''")) => triple,
            _ => rest.get(..1).unwrap_or(""),
        };
        self.take(quote.len());
        let inside = self.rest();
        let spans = quote.len() == 3 || quote == "`";
        let end = find_quote(inside, quote, spans).unwrap_or_else(|| inside.find('\n').unwrap_or(inside.len()));
        let text = self.take(end);
        self.eat(quote);
        match (wanted, raw) {
            (false, _) => String::new(),
            (_, true) => text.to_owned(),
            _ => unescape(text),
        }
    }
}

/// Where a string is closed.
fn find_quote(text: &str, quote: &str, spans: bool) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'\n' if !spans => return None,
            _ if bytes[at..].starts_with(quote.as_bytes()) => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut units = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let after = chars.as_str();
        let code = (c == '\\').then(|| code_unit(after)).flatten();
        if let Some((unit, length)) = code {
            units.push(unit);
            chars = after.get(length..).unwrap_or("").chars();
            continue;
        }
        out.push_str(&String::from_utf16_lossy(&units));
        units.clear();
        match c {
            '\\' => out.extend(match chars.next() {
                Some('n') => Some('\n'),
                Some('t') => Some('\t'),
                Some('r') => Some('\r'),
                Some('\n') | None => None,
                other => other,
            }),
            c => out.push(c),
        }
    }
    out.push_str(&String::from_utf16_lossy(&units));
    out
}

/// `u` with four hexadecimal digits or `x` with two, and the length of that.
fn code_unit(after: &str) -> Option<(u16, usize)> {
    let length = match after.chars().next()? {
        'u' => 5,
        'x' => 3,
        _ => return None,
    };
    let digits = after.get(1..length)?;
    digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?.map(|unit| (unit, length))
}
