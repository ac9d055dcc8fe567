//! What the service signed, beside what was sent: the first line that differs.

use super::super::facts::Facts;
use super::super::wire::{Exchange, Found};

/// One line of a canonical request, as the service made it and as it follows from the request shown; harmless words only.
pub struct Difference {
    /// `verb`, `path`, `query`, `host`, `header`, `signed-headers`, `payload`, `scope`, `date`.
    pub what: &'static str,
    /// The header's name, when a header differs.
    pub header: Option<String>,
    pub service: String,
    pub request: String,
    /// What that means, a sentence.
    pub meaning: String,
}

/// A comparison of the service's canonical request with the request shown.
pub struct Comparison {
    /// Where the service's canonical request or string to sign stands.
    pub line: usize,
    /// `None` when nothing differs.
    pub difference: Option<Difference>,
}

pub fn compare(_exchange: &Exchange, _found: &Found) -> Option<Comparison> {
    None
}

pub fn derive(_comparison: &Comparison, _facts: &mut Facts) {}
