//! Walks through a text and finds the places where secrets stand; what stands elsewhere is judged by its words.

use super::Redacted;
use super::letters;
use super::names::Class;
use super::options;
use super::out::Out;
use super::pairs;
use super::shapes;
use super::tokens;
use super::transcript::{self, Inside, Mark};
use super::words::Words;

/// Drops from a text what is not known to be harmless.
pub fn redact(text: &str, words: Words) -> Redacted {
    let mut walk = Walk::new(text, words);
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
    pub start: usize,
    pub inside: Inside,
    /// The next key or certificate.
    pub pem: Mark,
    /// The next body that words announce.
    pub sent: Mark,
    /// The value of the last `"name"`.
    pub named: Option<&'t str>,
    /// The `"text"` to come is what was sent.
    pub posted: bool,
    /// A name whose value stands on the next line.
    pub pending: Option<(&'t str, Class)>,
    /// The line is part of a `curl` command.
    pub command: bool,
    /// Where the run of characters between blanks and quotes ends.
    pub word_end: usize,
    /// That run is cut into so short pieces that they may be those of a secret.
    pub shredded: bool,
    /// Brackets that never close are looked for once.
    pub never_closes: Vec<u8>,
    /// The run before was dropped and filled its line to the end.
    pub wrapped: bool,
}

impl<'t, 'w> Walk<'t, 'w> {
    fn new(text: &'t str, words: Words<'w>) -> Walk<'t, 'w> {
        Walk {
            text,
            words,
            out: Out { text: String::with_capacity(text.len()), count: 0 },
            at: 0,
            end: 0,
            start: 0,
            inside: Inside::Text,
            pem: Mark::new(transcript::PEM),
            sent: Mark::new(transcript::SENT),
            named: None,
            posted: false,
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
                self.start = self.at;
                self.end = self.find_end();
                transcript::begin_line(self);
            }
            // A value may have run over the end of its line.
            if self.at > self.end {
                self.end = self.find_end();
            }
            fresh = self.text.as_bytes().get(self.at) == Some(&b'\n');
            self.step();
        }
    }

    fn find_end(&self) -> usize {
        memchr::memchr(b'\n', self.rest().as_bytes()).map_or(self.text.len(), |n| self.at + n)
    }

    fn step(&mut self) {
        let bytes = self.text.as_bytes();
        match bytes.get(self.at).copied() {
            None => {}
            Some(b' ' | b'\t') => self.keep(letters::count(&bytes[self.at..self.end], |b| matches!(b, b' ' | b'\t'))),
            Some(b'\n') => self.keep(1),
            Some(b'p' | b'P' | b'b' | b'B') if tokens::told_secret(self) => {}
            Some(b) if b.is_ascii_alphabetic() && tokens::plain_word(self) => {}
            Some(b) => self.step_into(b),
        }
    }

    /// Takes what begins with something else than a blank.
    fn step_into(&mut self, first: u8) {
        if self.at >= self.word_end {
            tokens::measure_word(self);
        }
        match first {
            b'[' => self.keep(shapes::placeholder_at(self.rest()).map_or(1, str::len)),
            b'\\' => tokens::escape(self),
            b'\x1b' => tokens::colour(self),
            b'-' if options::take(self) => {}
            b if letters::separates(b) => self.keep(1),
            b if !b.is_ascii() && tokens::foreign_separator(self) => {}
            b if b.is_ascii_hexdigit() && tokens::numbers(self) => {}
            _ if pairs::take(self) => {}
            _ => tokens::judge(self),
        }
    }

    pub fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    pub fn line(&self) -> &'t str {
        self.text.get(self.at..self.end).unwrap_or("")
    }

    /// The byte so far before the place where the walk is.
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

    /// Keeps a name when it is known, and drops it when not.
    pub fn name(&mut self, name: &str) {
        if self.words.know(name.trim_start_matches(':')) || super::headers::is_known(name) {
            self.out.keep(name)
        } else {
            self.out.drop(name)
        }
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
}
