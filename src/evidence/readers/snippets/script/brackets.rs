//! What stands in brackets: arguments, lists, maps, and what cannot be understood.

use super::{Argument, Code, Item, Value};

impl Code<'_> {
    pub(super) fn arguments(&mut self) -> Vec<Argument> {
        let mut arguments = Vec::new();
        let line = self.line;
        let closed = self.each(')', |code| {
            let name = code.keyword();
            arguments.push(Argument { name, item: code.item() });
        });
        if !closed {
            arguments.push(Argument { name: None, item: Item { value: Value::Unknown, line } });
        }
        arguments
    }

    /// `name=` before a value.
    pub(super) fn keyword(&mut self) -> Option<String> {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').filter(|&end| end > 0)?;
        let after = rest.get(end..)?.trim_start_matches(' ');
        if !after.starts_with('=') || after.starts_with("==") || after.starts_with("=>") {
            return None;
        }
        self.take(rest.len() - after.len() + 1);
        self.space();
        rest.get(..end).map(str::to_owned)
    }

    pub(super) fn list(&mut self, close: char) -> Vec<Item> {
        let mut items = Vec::new();
        self.each(close, |code| items.push(code.item()));
        items
    }

    pub(super) fn map(&mut self) -> Value {
        let mut entries = Vec::new();
        self.each('}', |code| {
            let line = code.line;
            let key = match code.primary() {
                Value::Text(key) | Value::Name(key) => key,
                Value::List(mut keys) if keys.len() == 1 => match keys.remove(0).value {
                    Value::Text(key) => key,
                    _ => String::new(),
                },
                _ => String::new(),
            };
            code.space();
            let item = match code.eat(":") {
                true => {
                    code.space();
                    code.item()
                }
                // `{headers}` is short for `{headers: headers}`.
                false if code.at_end_of_value() => Item { value: Value::Name(key.clone()), line },
                false => {
                    code.junk();
                    Item { value: Value::Unknown, line }
                }
            };
            entries.push((key, item));
        });
        Value::Map(entries)
    }

    /// Reads what stands between brackets, one thing after the other; the scan moves behind the closing one,
    /// if there is one.
    pub(super) fn each(&mut self, close: char, mut read: impl FnMut(&mut Self)) -> bool {
        self.bump();
        self.depth += 1;
        self.space();
        while let Some(c) = self.peek() {
            if c == close {
                self.bump();
                self.depth -= 1;
                return true;
            }
            let before = self.pos;
            if c != ',' {
                read(self);
                self.space();
            }
            if self.peek() == Some(',') || self.pos == before {
                self.bump();
            }
            self.space();
        }
        self.depth -= 1;
        false
    }

    /// Passes one pair of brackets with all it holds.
    pub(super) fn brackets(&mut self) {
        let mut open = 0usize;
        self.depth += 1;
        while let Some(c) = self.peek() {
            if self.at_string() {
                self.string(false);
                continue;
            }
            self.bump();
            match c {
                '(' | '[' | '{' => open += 1,
                ')' | ']' | '}' if open <= 1 => break,
                ')' | ']' | '}' => open -= 1,
                '\n' => self.space_after_line(),
                _ => {}
            }
        }
        self.depth -= 1;
    }

    pub(super) fn space_after_line(&mut self) {
        let next = self.rest().split('\n').next().unwrap_or("");
        self.stopped |= next.trim().is_empty();
    }

    /// Passes what cannot be understood, up to the end of the value.
    pub(super) fn junk(&mut self) {
        while let Some(c) = self.peek() {
            match c {
                ',' | ')' | ']' | '}' | ';' => break,
                '\n' if self.depth == 0 => break,
                '(' | '[' | '{' => self.brackets(),
                '\n' => {
                    self.bump();
                    self.space_after_line();
                }
                _ if self.at_string() => {
                    self.string(false);
                }
                _ => {
                    self.bump();
                }
            }
        }
    }
}
