//! The redacted text as it grows.

use super::shapes::{BODY, DROPPED, placeholder};

/// What is kept, and what stands for the rest.
#[derive(Default)]
pub struct Out {
    pub text: String,
    pub count: usize,
}

impl Out {
    pub fn keep(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Drops a text, and says what it was where its shape is certain.
    pub fn drop(&mut self, text: &str) {
        self.replace(text, placeholder(text));
    }

    pub fn drop_body(&mut self, text: &str) {
        self.replace(text, if text.trim() == DROPPED { DROPPED } else { BODY });
    }

    /// Drops a text of which it is known what it was.
    pub fn drop_as(&mut self, text: &str, kind: &str) {
        self.replace(text, kind);
    }

    /// Puts a placeholder in place of a text, and keeps the ends of its lines.
    fn replace(&mut self, text: &str, with: &str) {
        let inner = text.trim();
        if inner.is_empty() || inner == with {
            // Nothing is dropped here.
            let merged = inner == DROPPED && self.text.ends_with(DROPPED);
            return self.keep(if merged { "" } else { text });
        }
        self.count += 1;
        if with != DROPPED || !self.text.ends_with(DROPPED) {
            self.keep(with);
        }
        self.text.extend(text.chars().filter(|c| *c == '\n'));
    }
}
