//! What somebody pasted: read, never shown.

/// A pasted text. It has no `Debug`, no `Display` and no `Serialize`, so that it cannot be logged, echoed or stored by
/// accident; only [`super::read`] looks inside, and gives back facts and a redacted copy.
///
/// ```compile_fail
/// let paste = fixpath::evidence::Paste::new("x");
/// println!("{paste}");
/// ```
///
/// ```compile_fail
/// let paste = fixpath::evidence::Paste::new("x");
/// println!("{paste:?}");
/// ```
///
/// ```compile_fail
/// fn store(what: impl serde::Serialize) {}
/// store(fixpath::evidence::Paste::new("x"));
/// ```
///
/// ```
/// // The three above fail for the reason given, not because the type cannot be reached.
/// let paste = fixpath::evidence::Paste::new("x");
/// assert_eq!(paste.bytes(), 1);
/// ```
pub struct Paste(String);

impl Paste {
    pub fn new(text: impl Into<String>) -> Paste {
        Paste(text.into())
    }

    /// Bytes that are not UTF-8 are replaced: reading does not fail.
    pub fn from_bytes(bytes: &[u8]) -> Paste {
        Paste(String::from_utf8_lossy(bytes).into_owned())
    }

    pub fn bytes(&self) -> usize {
        self.0.len()
    }

    pub fn is_blank(&self) -> bool {
        self.0.trim().is_empty()
    }

    /// Lends the beginning of the text to somebody who only looks: what comes back must not hold any of it.
    pub fn look<T>(&self, most: usize, look: impl FnOnce(&str) -> T) -> T {
        let end = (0..=most.min(self.0.len())).rev().find(|&at| self.0.is_char_boundary(at)).unwrap_or(0);
        look(&self.0[..end])
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }
}
