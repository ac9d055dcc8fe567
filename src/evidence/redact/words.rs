//! Words that say nothing about anybody.

use std::sync::LazyLock;

use super::table::Table;

/// Words of HTTP, of AWS, of programs and of plain English, separated by spaces and lines.
const BUILT_IN: &str = include_str!("known.txt");

static NOTHING_LEARNED: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary::new([]));

/// Longer words are no words.
const LONGEST: usize = 72;
const LONGEST_PLAIN: usize = 14;

/// Words that say nothing about anybody: those of the knowledge base itself, and those of the formats.
pub struct Vocabulary {
    words: Table<()>,
}

impl Vocabulary {
    /// Learns the words of texts that everybody may read.
    pub fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vocabulary {
        let mut words = Table::default();
        BUILT_IN.split_whitespace().for_each(|w| words.add(w, ()));
        for run in texts.into_iter().flat_map(|t| t.split(|c: char| !c.is_alphanumeric())) {
            if run.chars().all(char::is_alphabetic) {
                // An identifier in camel case gives its parts, unless they are so short that they come from noise.
                let parts = camel_parts(run);
                if parts.iter().all(|p| p.len() > 1 || parts.len() == 1) {
                    parts.iter().for_each(|p| words.add(&p.to_lowercase(), ()));
                    words.add(&run.to_lowercase(), ());
                }
            }
        }
        Vocabulary { words }
    }

    /// Whether a word is known, whatever its case.
    fn knows(&self, word: &str) -> bool {
        self.words.find(word).is_some() || (!word.is_ascii() && self.words.find(&word.to_lowercase()).is_some())
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
        self.has(text) || self.knows_pieces(text)
    }

    fn knows_pieces(self, text: &str) -> bool {
        if !may_be_pieces(text) {
            return false;
        }
        let (mut pieces, mut short, mut numbers) = (0, 0, 0);
        for piece in split_pieces(text).filter(|p| !p.is_empty()) {
            if !self.knows_piece(piece, text.len()) {
                return false;
            }
            pieces += 1;
            short += usize::from(piece.len() < 3);
            numbers += usize::from(piece.bytes().all(|b| b.is_ascii_digit()));
        }
        // Letters between hyphens are no words, and numbers between dots are an address: a secret can be cut like that.
        pieces > 0 && numbers * 2 <= pieces && (pieces == 1 || short * 2 <= pieces)
    }

    fn knows_piece(self, piece: &str, whole: usize) -> bool {
        if piece.bytes().all(|b| b.is_ascii_digit()) {
            return piece.len() <= 3;
        }
        if piece.len() < whole && self.vocabulary.knows(piece) {
            return true;
        }
        let word = piece.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = piece.len() - word.len();
        match digits {
            0 => self.knows_camel(piece),
            1 | 2 => word.len() >= 3 && (self.vocabulary.knows(word) || self.knows_camel(word)),
            _ => false,
        }
    }

    fn knows_camel(self, text: &str) -> bool {
        if !text.bytes().all(|b| b.is_ascii_alphabetic()) {
            return false;
        }
        // A word in one case has no parts.
        if !text.bytes().skip(1).any(|b| b.is_ascii_uppercase()) {
            return false;
        }
        let parts = camel_parts(text);
        let short = parts.iter().filter(|p| p.len() < 3).count();
        let long = parts.iter().any(|p| p.len() > 3);
        parts.len() > 1 && long && short * 2 <= parts.len() && parts.iter().all(|p| self.vocabulary.knows(p))
    }

    /// Only a whole word may be plain: parts of one can be cut from anything.
    fn has(self, word: &str) -> bool {
        self.vocabulary.knows(word) || (self.plain && looks_plain(word))
    }
}

/// Whether letters look like a word that somebody would search for.
fn looks_plain(word: &str) -> bool {
    let rest = word.chars().skip(1);
    let one_case = rest.clone().all(char::is_lowercase) || word.chars().all(char::is_uppercase);
    let letters = word.chars().all(char::is_alphabetic);
    letters && one_case && word.chars().count() <= LONGEST_PLAIN && word.to_lowercase().contains(['a', 'e', 'i', 'o', 'u', 'y'])
}

/// Whether a text has only letters of identifiers, and more than those of one plain word.
fn may_be_pieces(text: &str) -> bool {
    let mut is_plain = true;
    for (at, b) in text.bytes().enumerate() {
        match b {
            b'a'..=b'z' => {}
            b'A'..=b'Z' => is_plain &= at == 0,
            b'0'..=b'9' | b'-' | b'_' | b'.' | b'\'' | 0x80.. => is_plain = false,
            _ => return false,
        }
    }
    !is_plain
}

/// The parts between hyphens, underscores and dots.
fn split_pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let left = rest?;
        let end = left.bytes().position(|b| matches!(b, b'-' | b'_' | b'.'));
        rest = end.map(|at| &left[at + 1..]);
        Some(&left[..end.unwrap_or(left.len())])
    })
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
