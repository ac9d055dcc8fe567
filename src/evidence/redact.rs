//! The copy that may be shown: what is not known to be harmless is dropped.
//!
//! Two things decide. By the words ([`words`], [`runs`]), a run of letters stays only when it is made of known words, or is a
//! number, a date or a place whose parts can be judged ([`places`], [`hosts`]). By the grammar ([`pairs`], [`names`],
//! [`headers`]), what stands where secrets stand is dropped even when it is a plain word. Nothing here depends on what the
//! readers understood.
//! Start at [`grammar`].

mod grammar;
mod headers;
mod hosts;
mod letters;
mod names;
mod options;
mod out;
mod pairs;
mod parameters;
mod pieces;
mod places;
mod runs;
mod shapes;
mod table;
mod tokens;
mod transcript;
mod values;
mod words;

#[cfg(test)]
mod tests;

use words::Words;

pub use words::Vocabulary;

/// A text without secrets, line for line as the text that it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redacted {
    pub text: String,
    /// How many words were dropped.
    pub count: usize,
}

/// Drops what is not known to be harmless.
pub fn redact(text: &str, vocabulary: &Vocabulary) -> Redacted {
    let mut redacted = grammar::redact(text, Words { vocabulary, plain: false });
    // A last line of which nothing is left is a line nevertheless.
    if redacted.text.ends_with('\n') && !text.ends_with('\n') {
        redacted.text.push_str(shapes::DROPPED);
    }
    redacted
}

/// Whether redaction would drop nothing.
pub fn is_harmless(text: &str, vocabulary: &Vocabulary) -> bool {
    redact(text, vocabulary).count == 0
}

/// A short search text without secrets; what looks like a plain word stays, known or not.
pub fn harmless_query(text: &str, vocabulary: &Vocabulary) -> String {
    grammar::redact(text, Words { vocabulary, plain: true }).text
}

/// A header's value as far as it is harmless, whatever its name.
pub fn header_value(name: &str, value: &str) -> String {
    let mut out = out::Out::default();
    headers::value(&mut out, Words::built_in(), name, value);
    out.text
}
