//! Words that say nothing about anybody.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

/// Words of HTTP, of AWS, of programs and of plain English, separated by spaces and lines.
const BUILT_IN: &str = include_str!("known.txt");

static NOTHING_LEARNED: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary::new([]));

/// A set whose members come from us: a quick hash is enough, and each word of a text is looked up.
pub type Set<T> = HashSet<T, BuildHasherDefault<QuickHash>>;

/// FNV-1a.
pub struct QuickHash(u64);

impl Default for QuickHash {
    fn default() -> QuickHash {
        QuickHash(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for QuickHash {
    fn write(&mut self, bytes: &[u8]) {
        for b in bytes {
            self.0 = (self.0 ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }
}

/// Longer words are no words.
const LONGEST: usize = 72;
const LONGEST_PLAIN: usize = 14;

/// Words that say nothing about anybody: those of the knowledge base itself, and those of the formats.
pub struct Vocabulary {
    words: Set<String>,
}

impl Vocabulary {
    /// Learns the words of texts that everybody may read.
    pub fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vocabulary {
        let mut words: Set<String> = BUILT_IN.split_whitespace().map(str::to_owned).collect();
        for run in texts.into_iter().flat_map(|t| t.split(|c: char| !c.is_alphanumeric())) {
            if run.chars().all(char::is_alphabetic) {
                // An identifier in camel case gives its parts, unless they are so short that they come from noise.
                let parts = camel_parts(run);
                if parts.iter().all(|p| p.len() > 1 || parts.len() == 1) {
                    words.extend(parts.iter().map(|p| p.to_lowercase()));
                    words.insert(run.to_lowercase());
                }
            }
        }
        words.remove("");
        Vocabulary { words }
    }

    /// Whether a word in lower case is known.
    pub fn knows(&self, word: &str) -> bool {
        self.words.contains(word)
    }
}

/// What decides whether a piece of text is harmless.
#[derive(Clone, Copy)]
pub struct Words<'a> {
    pub vocabulary: &'a Vocabulary,
    /// What only looks like a plain word is harmless as well.
    pub plain: bool,
}

impl Words<'static> {
    pub fn built_in() -> Words<'static> {
        Words { vocabulary: &NOTHING_LEARNED, plain: false }
    }
}

impl Words<'_> {
    /// Whether a word, or an identifier made of words, says nothing about anybody.
    pub fn know(self, text: &str) -> bool {
        if text.is_empty() || text.len() > LONGEST {
            return false;
        }
        if self.has(text) {
            return true;
        }
        if text.bytes().all(|b| b.is_ascii_lowercase()) {
            return false;
        }
        let (mut pieces, mut short, mut numbers) = (0, 0, 0);
        for piece in text.split(['-', '_', '.']).filter(|p| !p.is_empty()) {
            if !self.knows_piece(piece) {
                return false;
            }
            pieces += 1;
            short += usize::from(piece.len() < 3);
            numbers += usize::from(piece.bytes().all(|b| b.is_ascii_digit()));
        }
        // Letters between hyphens are no words, and numbers between dots are an address: a secret can be cut like that.
        pieces > 0 && numbers * 2 <= pieces && (pieces == 1 || short * 2 <= pieces)
    }

    fn knows_piece(self, piece: &str) -> bool {
        if piece.bytes().all(|b| b.is_ascii_digit()) {
            return piece.len() <= 3;
        }
        if self.has(piece) {
            return true;
        }
        let word = piece.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = piece.len() - word.len();
        match digits {
            0 => self.knows_camel(piece),
            1 | 2 => word.len() >= 3 && (self.has(word) || self.knows_camel(word)),
            _ => false,
        }
    }

    fn knows_camel(self, text: &str) -> bool {
        if !text.bytes().all(|b| b.is_ascii_alphabetic()) {
            return false;
        }
        let parts = camel_parts(text);
        let short = parts.iter().filter(|p| p.len() < 3).count();
        let long = parts.iter().any(|p| p.len() > 3);
        parts.len() > 1 && long && short * 2 <= parts.len() && parts.iter().all(|p| self.has(p))
    }

    fn has(self, word: &str) -> bool {
        let mut buffer = [0; LONGEST];
        let lower = buffer.get_mut(..word.len()).and_then(|b| {
            b.copy_from_slice(word.as_bytes());
            b.make_ascii_lowercase();
            std::str::from_utf8(b).ok()
        });
        let known = match lower {
            Some(lower) if word.is_ascii() => self.vocabulary.knows(lower),
            _ => self.vocabulary.knows(&word.to_lowercase()),
        };
        known || (self.plain && looks_plain(word))
    }
}

/// Whether letters look like a word that somebody would search for.
fn looks_plain(word: &str) -> bool {
    let rest = word.chars().skip(1);
    let one_case = rest.clone().all(char::is_lowercase) || word.chars().all(char::is_uppercase);
    let letters = word.chars().all(char::is_alphabetic);
    letters && one_case && word.chars().count() <= LONGEST_PLAIN && word.to_lowercase().contains(['a', 'e', 'i', 'o', 'u', 'y'])
}

/// Takes `HTTPHeaderName` apart before each word.
fn camel_parts(text: &str) -> Vec<&str> {
    let (mut parts, mut start) = (Vec::new(), 0);
    let mut letters = text.char_indices().peekable();
    let mut before = None;
    while let Some((at, letter)) = letters.next() {
        let next_is_small = letters.peek().is_some_and(|(_, c)| c.is_lowercase());
        let begins = letter.is_uppercase() && before.is_some_and(|b: char| b.is_lowercase() || next_is_small);
        if begins {
            parts.push(&text[start..at]);
            start = at;
        }
        before = Some(letter);
    }
    parts.push(&text[start..]);
    parts
}
