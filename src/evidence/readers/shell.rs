//! Words of a shell command: bash, `cmd` with its `^`, PowerShell with its backtick. Start at [`read_command`].

mod bash;
mod windows;

/// Which shell a command is written for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shell {
    Bash,
    Cmd,
    PowerShell,
}

impl Shell {
    /// Tells the shell from the marks that the first line of a command carries.
    pub fn guess(line: &str) -> Shell {
        let end = line.trim_end();
        if end.ends_with(" ^") || line.contains("^\"") {
            Shell::Cmd
        } else if end.ends_with(" `") {
            Shell::PowerShell
        } else {
            Shell::Bash
        }
    }
}

/// A word after all quoting is gone. What a shell would fill in stays as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub text: String,
    /// Where the word begins.
    pub line: usize,
    /// A variable or a command stands in it.
    pub expands: bool,
}

/// The words up to the end of a simple command.
#[derive(Default)]
pub struct Command {
    pub words: Vec<Word>,
    /// How many bytes of the text belong to it.
    pub end: usize,
    /// A quote is not closed, or lines belong together without a sign that says so: words may be missing.
    pub doubtful: bool,
}

/// Reads the command with which a text begins. `line` is the line on which the text begins; `closer` is a character that
/// ends the command, such as the backtick that stands around it.
pub fn read_command(text: &str, line: usize, shell: Shell, closer: Option<char>) -> Command {
    let mut scan = Scan { text, pos: 0, line, closer, word: None, command: Command::default() };
    match shell {
        Shell::Bash => scan.bash(),
        Shell::Cmd => scan.cmd(),
        Shell::PowerShell => scan.power_shell(),
    }
    scan.flush();
    scan.command.end = scan.pos;
    scan.command
}

/// A place in a text, and the words so far.
struct Scan<'a> {
    text: &'a str,
    pos: usize,
    line: usize,
    closer: Option<char>,
    word: Option<Word>,
    command: Command,
}

impl<'a> Scan<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.pos..).unwrap_or("")
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

    fn word(&mut self) -> &mut Word {
        let line = self.line;
        self.word.get_or_insert_with(|| Word { text: String::new(), line, expands: false })
    }

    fn push(&mut self, c: char) {
        self.word().text.push(c);
    }

    fn flush(&mut self) {
        self.command.words.extend(self.word.take());
    }

    /// Moves to a byte offset and tells what is passed.
    fn skip_to(&mut self, end: usize) -> &'a str {
        let passed = self.text.get(self.pos..end).unwrap_or("");
        self.line += passed.matches('\n').count();
        self.pos = end.max(self.pos);
        passed
    }

    /// Passes the end of a line, if one is here.
    fn eat_line_end(&mut self) -> bool {
        let length = match self.rest() {
            r if r.starts_with("\r\n") => 2,
            r if r.starts_with('\n') => 1,
            _ => return false,
        };
        self.skip_to(self.pos + length);
        true
    }

    /// Passes the prompt that a terminal shows before a line that carries on.
    fn eat_prompt(&mut self) {
        if let Some(prompt) = ["> ", ">> ", "More? "].iter().find(|p| self.rest().starts_with(**p)) {
            self.skip_to(self.pos + prompt.len());
        }
    }

    /// At the end of a line: goes on when the next line can only be part of the command, though nothing says so.
    fn carries_on(&mut self) -> bool {
        let next = self.rest().trim_start_matches('\r').strip_prefix('\n').unwrap_or("").trim_start_matches([' ', '\t']);
        let goes_on = OPTION_STARTS.iter().any(|s| next.starts_with(s));
        if goes_on {
            self.flush();
            self.command.doubtful = true;
            while self.peek().is_some_and(char::is_whitespace) {
                self.bump();
            }
        }
        goes_on
    }

    /// The offset of the quote that closes what begins here. After a line's end, only the first quote is looked at, and only
    /// if a word can end there: an apostrophe in later prose closes nothing.
    fn find_close(&self, quote: u8, escape: Option<u8>, doubles: bool) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let mut at = self.pos;
        let mut crossed = false;
        while let Some(&b) = bytes.get(at) {
            match b {
                _ if Some(b) == escape => at += 1,
                _ if b == quote && doubles && bytes.get(at + 1) == Some(&quote) => at += 1,
                _ if b == quote => return (!crossed || ends_word(bytes.get(at + 1))).then_some(at),
                b'$' if quote == b'"' && bytes.get(at + 1) == Some(&b'(') => at = find_parenthesis(bytes, at + 1),
                b'\n' => crossed = true,
                _ => {}
            }
            at += 1;
        }
        None
    }

    /// What stands in a quote that was just opened; the scan moves behind it.
    fn quoted(&mut self, quote: u8, escape: Option<u8>, doubles: bool) -> (&'a str, usize) {
        // An apostrophe within a word of prose opens nothing that goes beyond its line.
        let within = !self.word().text.is_empty();
        let line = self.line;
        match self.find_close(quote, escape, doubles) {
            Some(end) => {
                let inside = self.skip_to(end);
                self.pos += 1;
                (inside, line)
            }
            None => {
                self.command.doubtful = true;
                let length = if within { self.rest().lines().next().map_or(0, str::len) } else { paragraph(self.rest()) };
                (self.skip_to(self.pos + length), line)
            }
        }
    }

    /// Adds `$name`, `${…}` or `$(…)` as it is written; tells whether one is here.
    fn expansion(&mut self) -> bool {
        let length = expansion_length(self.rest());
        if length > 0 {
            let raw = &self.rest()[..length];
            self.word().text.push_str(raw);
            self.word().expands = true;
            self.skip_to(self.pos + length);
        }
        length > 0
    }

    /// Adds a placeholder such as `<api-id>`, which a shell would take for a redirect.
    fn placeholder(&mut self) -> bool {
        let inside = self.rest().strip_prefix('<').unwrap_or("");
        let end = inside.find(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_' | ' ' | '.')).unwrap_or(inside.len());
        let found = inside[end..].starts_with('>') && inside.starts_with(char::is_alphabetic);
        if found {
            let raw = &self.rest()[..end + 2];
            self.word().text.push_str(raw);
            self.word().expands = true;
            self.pos += raw.len();
        }
        found
    }
}

/// How a line begins that can only belong to the command before it.
const OPTION_STARTS: &[&str] =
    &["-H ", "-H'", "-H\"", "-d ", "-d'", "-X ", "-u ", "--header ", "--data ", "--data-raw ", "--request ", "--url ", "--user "];

/// How a line begins that shows something new, whatever is still open before it.
const NEWS: &[&str] = &["< ", "> ", "* ", "HTTP/", "$ ", "curl ", "{\""];

/// The length of a text up to its first empty line, or a line that shows something new.
fn paragraph(text: &str) -> usize {
    let mut end = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if number > 0 && (line.trim().is_empty() || NEWS.iter().any(|n| line.starts_with(n))) {
            break;
        }
        end += line.len();
    }
    text.get(..end).unwrap_or("").trim_end_matches(['\r', '\n']).len()
}

/// A quote that closes at the end of a word has one of these behind it.
fn ends_word(next: Option<&u8>) -> bool {
    next.is_none_or(|b| b.is_ascii_whitespace() || b";|&)<>'\"\\$`^".contains(b))
}

/// The offset of the parenthesis that closes one, on the same line; else that of the opening one.
fn find_parenthesis(bytes: &[u8], open: usize) -> usize {
    let mut depth = 0usize;
    for (at, b) in bytes.iter().enumerate().skip(open) {
        match b {
            b'(' => depth += 1,
            b')' if depth <= 1 => return at,
            b')' => depth -= 1,
            b'\n' => break,
            _ => {}
        }
    }
    open
}

/// The length of the `$name`, `${…}` or `$(…)` with which a text begins, or 0.
fn expansion_length(text: &str) -> usize {
    let Some(after) = text.strip_prefix('$') else { return 0 };
    let name = after.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').unwrap_or(after.len());
    match after.as_bytes().first() {
        Some(b'{') => after.find(['}', '\n']).filter(|&end| after[end..].starts_with('}')).map_or(0, |end| end + 2),
        Some(b'(') => match find_parenthesis(text.as_bytes(), 1) {
            1 => 0,
            end => end + 1,
        },
        Some(b'@' | b'*' | b'?' | b'#') => 2,
        _ if name > 0 => 1 + after[..name].trim_end_matches(':').len(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
