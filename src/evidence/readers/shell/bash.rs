//! What bash makes of quotes, backslashes and the ends of lines.

use super::Scan;

impl Scan<'_> {
    pub(super) fn bash(&mut self) {
        while let Some(c) = self.peek() {
            match c {
                _ if Some(c) == self.closer => break,
                '\n' => {
                    if !self.carries_on() {
                        break;
                    }
                }
                '\'' => self.single(),
                '"' => self.double(),
                '$' => self.dollar(),
                '\\' => self.backslash(),
                '#' if self.word.is_none() => self.comment(),
                '<' if self.placeholder() => {}
                '|' | ';' | '&' | '>' | '<' => {
                    self.drop_descriptor();
                    break;
                }
                c if c.is_whitespace() => {
                    self.bump();
                    self.flush();
                }
                c => {
                    self.bump();
                    self.push(c);
                }
            }
        }
    }

    fn single(&mut self) {
        self.bump();
        let (inside, _) = self.quoted(b'\'', None, false);
        self.word().text.push_str(inside);
    }

    fn double(&mut self) {
        self.bump();
        let (inside, line) = self.quoted(b'"', Some(b'\\'), false);
        let mut part = Scan { text: inside, pos: 0, line, closer: None, word: self.word.take(), command: Default::default() };
        while let Some(c) = part.peek() {
            if c == '$' && part.expansion() {
                continue;
            }
            part.bump();
            match (c, part.peek()) {
                ('\\', Some(escaped @ ('"' | '\\' | '$' | '`'))) => {
                    part.bump();
                    part.push(escaped);
                }
                ('\\', Some('\n' | '\r')) if part.eat_line_end() => {}
                ('`', _) => {
                    part.push(c);
                    part.word().expands = true;
                }
                _ => part.push(c),
            }
        }
        self.word = part.word;
    }

    fn dollar(&mut self) {
        if self.rest().starts_with("$'") {
            self.skip_to(self.pos + 2);
            let (inside, _) = self.quoted(b'\'', Some(b'\\'), false);
            let text = unescape(inside);
            self.word().text.push_str(&text);
        } else if self.rest().starts_with("$\"") {
            self.bump();
        } else if !self.expansion() {
            self.bump();
            self.push('$');
        }
    }

    fn backslash(&mut self) {
        self.bump();
        let spaces = self.rest().len() - self.rest().trim_start_matches([' ', '\t']).len();
        let after = self.rest().get(spaces..).unwrap_or("");
        if self.eat_line_end() {
            self.eat_prompt();
        } else if spaces > 0 && (after.starts_with('\n') || after.starts_with("\r\n")) {
            // A blank after the backslash ends the command in a shell, but it often comes from copying.
            self.command.doubtful = true;
            self.flush();
            self.skip_to(self.pos + spaces);
            self.eat_line_end();
        } else if let Some(c) = self.bump() {
            self.push(c);
        }
    }

    fn comment(&mut self) {
        let end = self.rest().find('\n').unwrap_or(self.rest().len());
        self.skip_to(self.pos + end);
    }

    /// The `2` of `2>` is no word.
    fn drop_descriptor(&mut self) {
        let redirects = self.peek() == Some('>');
        if redirects && self.word.as_ref().is_some_and(|w| matches!(w.text.as_str(), "1" | "2")) {
            self.word = None;
        }
    }
}

/// What `$'…'` means.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        bytes.extend_from_slice(before.as_bytes());
        let taken = escape(after, &mut bytes);
        rest = after.get(taken..).unwrap_or("");
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Writes what an escape means; tells how many bytes after the backslash belong to it.
fn escape(after: &str, out: &mut Vec<u8>) -> usize {
    let Some(c) = after.chars().next() else {
        out.push(b'\\');
        return 0;
    };
    let number = match c {
        'x' => digits(after, 1, 2, 16),
        'u' => digits(after, 1, 4, 16),
        'U' => digits(after, 1, 8, 16),
        '0'..='7' => digits(after, 0, 3, 8),
        _ => None,
    };
    if let Some((value, end)) = number {
        match c {
            'u' | 'U' => out.extend_from_slice(char::from_u32(value).unwrap_or('\u{fffd}').to_string().as_bytes()),
            _ => out.push((value & 0xff) as u8),
        }
        return end;
    }
    let plain = match c {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'a' => '\x07',
        'b' => '\x08',
        'e' | 'E' => '\x1b',
        'f' => '\x0c',
        'v' => '\x0b',
        '\\' | '\'' | '"' | '?' => c,
        _ => {
            out.push(b'\\');
            c
        }
    };
    out.extend_from_slice(plain.to_string().as_bytes());
    c.len_utf8()
}

/// The number that begins at an offset, and where it ends.
fn digits(text: &str, start: usize, most: usize, radix: u32) -> Option<(u32, usize)> {
    let count = text.get(start..)?.chars().take(most).take_while(|c| c.is_digit(radix)).count();
    let value = u32::from_str_radix(text.get(start..start + count)?, radix).ok()?;
    Some((value, start + count))
}
