//! Texts cut at their punctuation, plain or percent-encoded.

use super::out::Out;
use super::shapes::{self, DROPPED};

/// Keeps the pieces that are harmless, and single separators between them.
pub fn keep(out: &mut Out, text: &str, mut harmless: impl FnMut(&str) -> bool) {
    let (mut at, mut before) = (0, Separator::Other);
    while let Some((piece, separator)) = next(&text[at..]) {
        at += piece.len();
        let stays = match separator {
            // The first of two is asked in any case: it may count the pieces.
            Separator::None => harmless(piece) || piece == DROPPED,
            Separator::Placeholder => true,
            Separator::Other | Separator::Query => false,
            Separator::Slash => before != Separator::Slash,
            _ => before == Separator::None,
        };
        if stays {
            out.keep(piece)
        } else {
            out.drop(piece)
        }
        before = if separator == Separator::Placeholder { Separator::None } else { separator };
    }
}

/// What divides two pieces of a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Separator {
    /// Nothing: the piece itself.
    None,
    Colon,
    Slash,
    /// A blank, a comma, a semicolon.
    List,
    /// A question mark or a number sign.
    Query,
    Placeholder,
    Other,
}

/// The first piece of a text, or the separator with which it begins: punctuation, plain or percent-encoded.
pub fn next(text: &str) -> Option<(&str, Separator)> {
    if let Some(placeholder) = shapes::placeholder_at(text) {
        return Some((placeholder, Separator::Placeholder));
    }
    if let Some(key) = ["AKIA…", "ASIA…"].iter().find(|k| text.starts_with(**k)) {
        return Some((key, Separator::Placeholder));
    }
    if text.starts_with(DROPPED) {
        return Some((DROPPED, Separator::None));
    }
    let bytes = text.as_bytes();
    let first = separator_at(bytes);
    if let Some((length, separator)) = first {
        return Some((&text[..length], separator));
    }
    let length = (0..bytes.len())
        .find(|at| separator_at(&bytes[*at..]).is_some() || bytes[*at..].starts_with(DROPPED.as_bytes()))
        .unwrap_or(bytes.len());
    (length > 0).then(|| (&text[..length], Separator::None))
}

/// The separator with which a text begins, and its length.
fn separator_at(bytes: &[u8]) -> Option<(usize, Separator)> {
    let (letter, length) = match bytes.first()? {
        b'%' => decoded(bytes)?,
        b => (*b, 1),
    };
    let separator = match letter {
        b':' => Separator::Colon,
        b'/' => Separator::Slash,
        b' ' | b'+' | b',' | b';' => Separator::List,
        b'?' | b'#' => Separator::Query,
        // A percent sign that stands for a letter is part of what may be a secret.
        b if b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'~' | b'%') || b >= 0x80 => return None,
        _ => Separator::Other,
    };
    Some((length, separator))
}

/// The letter that `%2F`, `%252F`, … stand for, and how long that is.
fn decoded(bytes: &[u8]) -> Option<(u8, usize)> {
    let mut at = 1;
    while bytes.get(at..at + 2) == Some(b"25") {
        at += 2;
    }
    let digit = |n: usize| bytes.get(n).and_then(|b| (*b as char).to_digit(16));
    let letter = digit(at)? * 16 + digit(at + 1)?;
    Some((u8::try_from(letter).ok()?, at + 2))
}

/// Whether all pieces between percent-encoded characters are harmless.
pub fn all(text: &str, mut harmless: impl FnMut(&str) -> bool) -> bool {
    let mut at = 0;
    while let Some((piece, separator)) = next(&text[at..]) {
        at += piece.len();
        if separator == Separator::None && !harmless(piece) {
            return false;
        }
    }
    true
}
