//! What `cmd` and PowerShell make of quotes and the ends of lines.

use super::{Scan, Word};

impl Scan<'_> {
    /// `cmd` removes its carets first; then the program takes its arguments apart.
    pub(super) fn cmd(&mut self) {
        let mut plain = Vec::new();
        let mut quoted = false;
        while let Some(c) = self.peek() {
            let line = self.line;
            match c {
                _ if Some(c) == self.closer && !quoted => break,
                '^' => self.caret(quoted, &mut plain),
                '\n' if !plain.is_empty() && self.carries_on() => plain.push((' ', line)),
                '\n' => break,
                '|' | '&' | '>' | '<' if !quoted => break,
                c => {
                    self.bump();
                    quoted ^= c == '"';
                    plain.push((c, line));
                }
            }
        }
        let (words, open) = split_arguments(&plain);
        self.command.words = words;
        self.command.doubtful |= open;
        self.word = None;
    }

    fn caret(&mut self, quoted: bool, plain: &mut Vec<(char, usize)>) {
        self.bump();
        let line = self.line;
        if self.eat_line_end() {
            // The character after the line's end is taken as it is, and that may be another end of a line.
            if self.eat_line_end() {
                plain.push(('\n', line));
            }
            self.eat_prompt();
        } else if quoted {
            plain.push(('^', line));
        } else if let Some(c) = self.bump() {
            plain.push((c, line));
        }
    }

    pub(super) fn power_shell(&mut self) {
        while let Some(c) = self.peek() {
            match c {
                '\n' => {
                    if !self.carries_on() {
                        break;
                    }
                }
                '`' => self.tick(),
                '\'' => {
                    self.bump();
                    let (inside, _) = self.quoted(b'\'', None, true);
                    self.word().text.push_str(&inside.replace("''", "'"));
                }
                '"' => self.expandable(),
                '@' if self.word.is_none() && self.raw() => {}
                '$' if self.expansion() => {}
                '|' | ';' | '>' | '<' => break,
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

    fn tick(&mut self) {
        self.bump();
        if self.eat_line_end() {
            self.flush();
            self.eat_prompt();
        } else if let Some(c) = self.bump() {
            self.push(tick_escape(c));
        }
    }

    fn expandable(&mut self) {
        self.bump();
        let (inside, line) = self.quoted(b'"', Some(b'`'), true);
        let mut part = Scan { text: inside, pos: 0, line, closer: None, word: self.word.take(), command: Default::default() };
        while let Some(c) = part.peek() {
            if c == '$' && part.expansion() {
                continue;
            }
            part.bump();
            match (c, part.peek()) {
                ('"', Some('"')) => {
                    part.bump();
                    part.push('"');
                }
                ('`', Some(escaped)) => {
                    part.bump();
                    part.push(tick_escape(escaped));
                }
                _ => part.push(c),
            }
        }
        self.word = part.word;
    }

    /// Adds a table `@{…}` or a text `@'…'@` as one word, as it is written; tells whether one is here.
    fn raw(&mut self) -> bool {
        let Some(length) = raw_length(self.rest()) else { return false };
        let raw = &self.rest()[..length];
        self.word().text.push_str(raw);
        self.skip_to(self.pos + length);
        true
    }
}

fn tick_escape(c: char) -> char {
    match c {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '0' => '\0',
        'e' => '\x1b',
        c => c,
    }
}

/// The length of the `@{…}`, `@'…'@` or `@"…"@` with which a text begins. None of them goes on after an empty line.
pub(super) fn raw_length(text: &str) -> Option<usize> {
    match text.as_bytes().get(1)? {
        b'{' => table_length(text),
        quote @ (b'\'' | b'"') => {
            let close = format!("\n{}@", char::from(*quote));
            let limit = text.find("\n\n").unwrap_or(text.len());
            text.get(..limit)?.find(&close).map(|at| at + close.len())
        }
        _ => None,
    }
}

/// Tables within tables, and lines of one: what holds more is not closed.
const DEEPEST: usize = 8;
const LONGEST: usize = 300;

fn table_length(text: &str) -> Option<usize> {
    let (mut quote, mut depth, mut lines, mut skip, mut last) = (None, 0usize, 0usize, false, ' ');
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if skip => skip = false,
            (_, '\n') if last == '\n' => return None,
            (Some('"') | None, '`') => skip = true,
            (Some(open), c) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '{') if depth == DEEPEST => return None,
            (None, '{') => depth += 1,
            (None, '\n') if lines == LONGEST => return None,
            (None, '\n') => lines += 1,
            (None, '}') if depth == 1 => return Some(at + 1),
            (None, '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if c != '\r' {
            last = c;
        }
    }
    None
}

/// Arguments as programs on Windows take them: a quote groups, `\"` and `""` inside are quotes. Tells whether one is open.
fn split_arguments(plain: &[(char, usize)]) -> (Vec<Word>, bool) {
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
    let mut quoted = false;
    let mut at = 0;
    while let Some(&(c, line)) = plain.get(at) {
        if c.is_whitespace() && !quoted {
            words.extend(word.take());
            at += 1;
            continue;
        }
        let word = word.get_or_insert_with(|| Word { text: String::new(), line, expands: false });
        let slashes = plain[at..].iter().take_while(|(c, _)| *c == '\\').count();
        let before_quote = plain.get(at + slashes).is_some_and(|(c, _)| *c == '"');
        let kept = if before_quote { slashes / 2 } else { slashes };
        word.text.extend(std::iter::repeat_n('\\', kept));
        at += slashes;
        if slashes % 2 == 1 && before_quote {
            word.text.push('"');
            at += 1;
        } else if before_quote {
            let doubled = quoted && plain.get(at + 1).is_some_and(|(c, _)| *c == '"');
            if doubled {
                word.text.push('"');
            } else {
                quoted = !quoted;
            }
            at += 1 + usize::from(doubled);
        } else if slashes == 0 {
            word.text.push(c);
            word.expands |= c == '%';
            at += 1;
        }
    }
    words.extend(word);
    (words, quoted)
}
