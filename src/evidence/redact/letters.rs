//! What a byte can be in a text, looked up in one table.

const SEPARATES: u8 = 1;
const ENDS_WORD: u8 = 2;
const CUTS: u8 = 4;
const NAMES: u8 = 8;
const FOREIGN: u8 = 16;

static TABLE: [u8; 256] = build();

const fn build() -> [u8; 256] {
    let mut table = [FOREIGN; 256];
    let mut at = 0;
    while at < 128 {
        table[at] = classes_of(at as u8);
        at += 1;
    }
    table
}

const fn classes_of(b: u8) -> u8 {
    let mut classes = 0;
    if b.is_ascii_whitespace() || b.is_ascii_control() {
        classes |= SEPARATES;
    }
    if matches!(
        b,
        b'"' | b'\'' | b'`' | b'<' | b'>' | b'(' | b')' | b'{' | b'}' | b'[' | b']' | b',' | b';' | b'|' | b'\\' | b'^'
    ) {
        classes |= SEPARATES;
    }
    if matches!(b, b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'`') {
        classes |= ENDS_WORD;
    }
    if b.is_ascii_punctuation() && !matches!(b, b'.' | b'/' | b'-' | b'_' | b':') {
        classes |= CUTS;
    }
    if b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'$') {
        classes |= NAMES;
    }
    classes
}

fn is(b: u8, class: u8) -> bool {
    TABLE[b as usize] & class != 0
}

/// Whether a character ends a run.
pub fn is_separator(c: char) -> bool {
    match u8::try_from(c) {
        Ok(b) if b.is_ascii() => is(b, SEPARATES),
        _ => c != '…' && !c.is_alphanumeric(),
    }
}

/// Whether a byte of ASCII ends a run.
pub fn separates(b: u8) -> bool {
    is(b, SEPARATES)
}

/// Whether a byte is of ASCII and does not end a run.
pub fn runs_on(b: u8) -> bool {
    !is(b, SEPARATES | FOREIGN)
}

/// Whether a byte is a blank or a quote.
pub fn ends_word(b: u8) -> bool {
    is(b, ENDS_WORD)
}

/// Whether a byte is a blank, a quote, or punctuation that seldom stands inside a word.
pub fn cuts_or_ends_word(b: u8) -> bool {
    is(b, CUTS | ENDS_WORD)
}

/// Whether a byte can stand in the name of a value.
pub fn names(b: u8) -> bool {
    is(b, NAMES)
}

/// How many of the first bytes of a text are of a kind.
pub fn count(bytes: &[u8], is: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|b| !is(*b)).unwrap_or(bytes.len())
}
