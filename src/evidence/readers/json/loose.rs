//! Objects as Python and JavaScript print them: single quotes, `None`, bare keys, `b'…'`, `[Object]`. Nothing is evaluated.

use serde_json::{Map, Value as Json};

use super::super::bodies::cut;

/// Deeper nesting ends the reading.
const DEPTH: usize = 20;

/// Reads a value at the start of a text; tells how many bytes it takes.
pub fn parse(text: &str) -> Option<(Json, usize)> {
    match parse_or_stop(text) {
        (Some(value), length) => Some((value, length)),
        _ => None,
    }
}

/// Like [`parse`], and tells how far it came when that is not far enough.
pub fn parse_or_stop(text: &str) -> (Option<Json>, usize) {
    let mut cursor = Cursor { text, at: 0 };
    let value = cursor.value(DEPTH);
    (value, cursor.at)
}

/// Reads a quoted string, also `b'…'`; tells how many bytes it takes.
pub fn parse_text(text: &str) -> Option<(String, usize)> {
    match parse(text)? {
        (Json::String(inner), length) if text.starts_with(['\'', '"', 'b', 'u', '`']) => Some((inner, length)),
        _ => None,
    }
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn value(&mut self, depth: usize) -> Option<Json> {
        self.blanks();
        let depth = depth.checked_sub(1)?;
        match self.peek()? {
            b'{' => self.object(depth),
            b'[' | b'(' => self.array(depth),
            b'\'' | b'"' | b'`' => self.joined().map(Json::String),
            b'<' => self.opaque(depth),
            b if b.is_ascii_digit() || b == b'-' => self.number(),
            _ => self.word(depth),
        }
    }

    fn object(&mut self, depth: usize) -> Option<Json> {
        self.at += 1;
        let mut object = Map::new();
        loop {
            self.blanks();
            if self.eat(b'}') {
                return Some(Json::Object(object));
            }
            let key = self.key()?;
            self.blanks();
            if !self.eat(b':') {
                return None;
            }
            let value = self.value(depth)?;
            object.insert(key, value);
            self.blanks();
            if !self.eat(b',') && self.peek()? != b'}' {
                return None;
            }
        }
    }

    fn key(&mut self) -> Option<String> {
        match self.peek()? {
            b'\'' | b'"' => self.quoted(),
            // `[Symbol(x)]`, `[cause]`
            b'[' => {
                let end = cut(self.rest(), 100).find(']')?;
                let key = self.rest().get(1..end)?.to_owned();
                self.at += end + 1;
                Some(key)
            }
            b'b' | b'u' if matches!(self.text.as_bytes().get(self.at + 1), Some(b'\'' | b'"')) => {
                self.at += 1;
                self.quoted()
            }
            _ => self.name(),
        }
    }

    fn array(&mut self, depth: usize) -> Option<Json> {
        let close = if self.peek() == Some(b'(') { b')' } else { b']' };
        self.at += 1;
        let mut all = Vec::new();
        loop {
            self.blanks();
            if self.eat(close) {
                return Some(Json::Array(all));
            }
            let value = self.value(depth);
            let known = value.is_some();
            all.extend(value);
            self.blanks();
            if !known || (!self.eat(b',') && self.peek()? != close) {
                // `[Object: null prototype]`, `[Circular *1]`: nothing to know.
                self.at += cut(self.rest(), 200).find(char::from(close))? + 1;
                return Some(Json::Null);
            }
        }
    }

    /// Strings that adjoin are one in Python; JavaScript joins them with a plus.
    fn joined(&mut self) -> Option<String> {
        let mut text = self.quoted()?;
        loop {
            let mark = self.at;
            self.blanks();
            if self.eat(b'+') {
                self.blanks();
            }
            match self.peek() {
                Some(b'\'' | b'"') => text.push_str(&self.quoted()?),
                _ => {
                    self.at = mark;
                    return Some(text);
                }
            }
        }
    }

    fn quoted(&mut self) -> Option<String> {
        let quote = self.peek()?;
        self.at += 1;
        let mut text = String::new();
        loop {
            let mut chars = self.rest().chars();
            let char = chars.next()?;
            self.at += char.len_utf8();
            match char {
                '\\' => self.escape(&mut text)?,
                '\n' if quote != b'`' => return None,
                _ if char as u32 == u32::from(quote) => return Some(text),
                _ => text.push(char),
            }
        }
    }

    fn escape(&mut self, text: &mut String) -> Option<()> {
        let char = self.rest().chars().next()?;
        self.at += char.len_utf8();
        match char {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            'x' => self.code(2, text),
            'u' => self.code(4, text),
            '\n' => {}
            other => text.push(other),
        }
        Some(())
    }

    fn code(&mut self, digits: usize, text: &mut String) {
        let number = self.rest().get(..digits).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        if let Some(number) = number {
            self.at += digits;
            text.push(char::from_u32(number).unwrap_or('\u{fffd}'));
        }
    }

    fn number(&mut self) -> Option<Json> {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_ascii_digit() || "+-.eE_".contains(c))).unwrap_or(rest.len());
        let word = rest.get(..end)?.to_owned();
        self.at += end;
        serde_json::from_str(&word).ok()
    }

    fn name(&mut self) -> Option<String> {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || "_$.".contains(c))).unwrap_or(rest.len());
        let name = rest.get(..end).filter(|name| !name.is_empty())?.to_owned();
        self.at += end;
        Some(name)
    }

    /// `None`, `true`, a class name before an object, a call such as `datetime.datetime(2024, 1, 1)`.
    fn word(&mut self, depth: usize) -> Option<Json> {
        let name = self.name()?;
        if matches!(name.as_str(), "b" | "u" | "r" | "f") && matches!(self.peek(), Some(b'\'' | b'"')) {
            return self.joined().map(Json::String);
        }
        self.blanks();
        match (name.as_str(), self.peek()) {
            ("None" | "null" | "undefined" | "NaN" | "Infinity", _) => Some(Json::Null),
            ("True" | "true", _) => Some(Json::Bool(true)),
            ("False" | "false", _) => Some(Json::Bool(false)),
            ("Object" | "AxiosHeaders" | "Headers", Some(b'[')) => {
                self.array(depth)?;
                self.value(depth)
            }
            (_, Some(b'{')) => self.value(depth),
            // A named argument.
            (_, Some(b'=')) => {
                self.at += 1;
                self.value(depth)
            }
            (_, Some(b'(')) => {
                let inner = self.array(depth)?;
                self.blanks();
                match (inner, self.peek()) {
                    (Json::Array(_), Some(b'{' | b'[')) => self.value(depth),
                    (Json::Array(all), _) if all.len() == 1 => all.into_iter().next(),
                    _ => Some(Json::Null),
                }
            }
            (_, Some(b',' | b'}' | b']' | b')' | b':') | None) => Some(Json::Null),
            _ => None,
        }
    }

    /// `<botocore.response.StreamingBody object at 0x…>`, `<ref *1> {…}`
    fn opaque(&mut self, depth: usize) -> Option<Json> {
        let end = cut(self.rest(), 300).find(['>', '\n'])?;
        self.at += end + 1;
        self.blanks();
        if self.peek() == Some(b'{') { self.value(depth) } else { Some(Json::Null) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_and_javascript_objects_become_json() {
        for (text, expected) in [
            ("{'a': None, 'b': [True, 1.5], \"c\": 'it\\'s'}", r#"{"a":null,"b":[true,1.5],"c":"it's"}"#),
            ("{ a: 'x', '$fault': \"client\", n: undefined, }", r#"{"a":"x","$fault":"client","n":null}"#),
            ("{'h': b'v', 't': datetime.datetime(2024, 1, 1, tzinfo=tzutc())}", ""),
            ("{ headers: Object [AxiosHeaders] { Accept: '*/*' }, x: [Object], y: [Circular *1] }", ""),
            ("{'a': <object at 0x7f>, 'b': HTTPHeaderDict({'c': 'd'})}", r#"{"a":null,"b":{"c":"d"}}"#),
            ("{'a': ('x', 'y')}", r#"{"a":["x","y"]}"#),
        ] {
            let (value, length) = parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(length, text.len(), "{text}");
            if !expected.is_empty() {
                assert_eq!(value, serde_json::from_str::<Json>(expected).unwrap(), "{text}");
            }
        }
        assert_eq!(parse_text("b'{\"message\":\"Forbidden\"}' and more").unwrap().0, r#"{"message":"Forbidden"}"#);
    }

    #[test]
    fn nesting_without_end_is_left() {
        assert!(parse(&"{'a':".repeat(100_000)).is_none());
        assert!(parse(&"[".repeat(100_000)).is_none());
        assert!(parse("{'a': 'b\n'}").is_none());
    }
}
