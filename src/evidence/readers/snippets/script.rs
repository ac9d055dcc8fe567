//! Values and calls in JavaScript and Python, as far as snippets need them: nothing is run. Start at [`read_statements`].

mod brackets;
mod strings;

/// Something that stands in code.
#[derive(Clone, Debug)]
pub enum Value {
    Text(String),
    /// A variable, a number, `true` and the like.
    Name(String),
    List(Vec<Item>),
    Map(Vec<(String, Item)>),
    Call(String, Vec<Argument>),
    Unknown,
}

/// A value and its line.
#[derive(Clone, Debug)]
pub struct Item {
    pub value: Value,
    pub line: usize,
}

/// A value in a call, with its name in Python.
#[derive(Clone, Debug)]
pub struct Argument {
    pub name: Option<String>,
    pub item: Item,
}

/// An assignment or a call.
#[derive(Debug)]
pub enum Statement {
    Set(String, Item),
    Call(String, Vec<Argument>, usize),
}

/// Reads the statements that begin up to a line. `line` is that of the text's start. Tells the line on which it ends as well.
pub fn read_statements(text: &str, line: usize, last: usize) -> (Vec<Statement>, usize) {
    let mut code = Code { text, pos: 0, line, depth: 0, stopped: false };
    let mut statements = Vec::new();
    let mut end = line;
    loop {
        (code.depth, code.stopped) = (0, false);
        code.space();
        if code.line > last || code.rest().is_empty() {
            return (statements, end);
        }
        code.statement(&mut statements);
        end = code.line;
    }
}

/// Reads one value.
pub fn read_value(text: &str, line: usize) -> Item {
    Code { text, pos: 0, line, depth: 1, stopped: false }.item()
}

/// Values nested deeper are unknown.
const DEEPEST: usize = 40;

struct Code<'a> {
    text: &'a str,
    pos: usize,
    line: usize,
    depth: usize,
    /// An empty line within brackets ends everything that is open: something is not closed.
    stopped: bool,
}

impl<'a> Code<'a> {
    fn rest(&self) -> &'a str {
        if self.stopped { "" } else { self.text.get(self.pos..).unwrap_or("") }
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.pos += c.len_utf8();
        self.line += usize::from(c == '\n');
        Some(c)
    }

    fn eat(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        if found {
            self.take(word.len());
        }
        found
    }

    fn take(&mut self, length: usize) -> &'a str {
        let taken = self.rest().get(..length).unwrap_or("");
        self.line += taken.matches('\n').count();
        self.pos += taken.len();
        taken
    }

    /// Passes blanks and comments; within brackets, ends of lines too.
    fn space(&mut self) {
        let top = self.depth == 0;
        let mut empty = false;
        while let Some(c) = self.peek() {
            let rest = self.rest();
            if !top && ((c == '\n' && empty) || rest.starts_with("File \"")) {
                self.stopped = true;
            } else if c.is_whitespace() {
                empty |= c == '\n';
                self.bump();
                // Python's prompt for the rest of a statement.
                if !top && c == '\n' && self.rest().starts_with("... ") {
                    self.take(4);
                }
            } else if rest.starts_with("//") || (c == '#' && !rest.starts_with("#{")) {
                self.take(rest.find('\n').unwrap_or(rest.len()));
            } else if rest.starts_with("/*") {
                let line = rest.find('\n').unwrap_or(rest.len());
                self.take(rest.find("*/").map_or(line, |end| end + 2));
            } else {
                break;
            }
        }
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|c| c == ' ' || c == '\t') {
            self.bump();
        }
    }

    /// A name with dots, perhaps empty.
    fn name(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '$' | '.')).unwrap_or(rest.len());
        self.take(end)
    }

    fn statement(&mut self, out: &mut Vec<Statement>) {
        let line = self.line;
        if self.at_string() {
            self.string(false);
            return;
        }
        let name = self.name();
        if name.is_empty() {
            self.bump();
            return;
        }
        self.blanks();
        let rest = self.rest();
        if rest.starts_with('(') {
            let arguments = self.arguments();
            out.push(Statement::Call(name.to_owned(), arguments, line));
        } else if rest.starts_with('=') && !rest.starts_with("==") && !rest.starts_with("=>") {
            self.bump();
            self.blanks();
            let item = self.assigned();
            if let Value::Call(called, arguments) = &item.value {
                out.push(Statement::Call(called.clone(), arguments.clone(), item.line));
            }
            out.push(Statement::Set(name.to_owned(), item));
        } else if rest.starts_with("['") || rest.starts_with("[\"") {
            self.bump();
            let key = self.item_within();
            self.eat("]");
            self.blanks();
            if self.eat("=") {
                self.blanks();
                let item = self.assigned();
                let arguments = vec![Argument { name: None, item: key }, Argument { name: None, item }];
                out.push(Statement::Call(format!("{name}.append"), arguments, line));
            }
        }
    }

    fn assigned(&mut self) -> Item {
        if self.peek().is_none_or(|c| c == '\n' || c == '\r') {
            return Item { value: Value::Unknown, line: self.line };
        }
        self.item()
    }

    /// A value in brackets: blanks and ends of lines around it belong to it.
    fn item_within(&mut self) -> Item {
        self.depth += 1;
        self.space();
        let item = self.item();
        self.space();
        self.depth -= 1;
        item
    }

    fn item(&mut self) -> Item {
        let line = self.line;
        let mut value = self.primary();
        loop {
            if self.depth > 0 {
                self.space()
            } else {
                self.blanks()
            }
            let rest = self.rest();
            let chained = rest.trim_start();
            if rest.starts_with('.') || (chained.starts_with('.') && matches!(value, Value::Call(..)) && self.depth > 0) {
                self.space();
                self.name();
                if self.peek() == Some('(') {
                    self.brackets();
                }
            } else if rest.starts_with('[') {
                self.brackets();
                value = Value::Unknown;
            } else if rest.starts_with('+') {
                self.bump();
                self.space();
                let more = self.primary();
                value = join(value, more);
            } else {
                break;
            }
        }
        if !self.at_end_of_value() {
            self.junk();
            value = Value::Unknown;
        }
        Item { value, line }
    }

    fn at_end_of_value(&self) -> bool {
        self.peek().is_none_or(|c| matches!(c, ',' | ')' | ']' | '}' | ';' | ':' | '\n' | '\r') || (self.depth == 0 && c == '#'))
    }

    fn primary(&mut self) -> Value {
        if self.at_string() {
            return self.strings();
        }
        match self.peek() {
            Some('{' | '[' | '(') if self.depth > DEEPEST => {
                self.brackets();
                Value::Unknown
            }
            Some('{') => self.map(),
            Some('[') => Value::List(self.list(']')),
            Some('(') => {
                let mut items = self.list(')');
                match items.len() {
                    1 => items.remove(0).value,
                    _ => Value::List(items),
                }
            }
            _ => self.named(),
        }
    }

    fn named(&mut self) -> Value {
        let mut name = self.take(usize::from(self.peek() == Some('-')));
        if name.is_empty() {
            name = self.name();
        } else {
            let number = self.name();
            return Value::Name(format!("-{number}"));
        }
        while matches!(name, "await" | "new" | "async" | "return") {
            self.blanks();
            name = self.name();
        }
        if self.peek() == Some('(') && self.depth <= DEEPEST && !matches!(name, "function" | "") {
            return Value::Call(name.to_owned(), self.arguments());
        }
        match name {
            "" | "function" => Value::Unknown,
            name => Value::Name(name.to_owned()),
        }
    }
}

/// What `+` makes of two values: a name stays in it as a placeholder.
fn join(left: Value, right: Value) -> Value {
    let piece = |value| match value {
        Value::Text(text) => Some(text),
        Value::Name(name) => Some(format!("${{{name}}}")),
        _ => None,
    };
    match piece(left).zip(piece(right)) {
        Some((left, right)) => Value::Text(left + &right),
        None => Value::Unknown,
    }
}
