//! Secrets that are shown once: links, sessions, tokens. What is kept of one is its digest.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// What tokens for programs begin with, so that scanners of secrets and people know what they have found.
pub const TOKEN_MARK: &str = "fixpath_";

/// A secret of 256 bits, as text. It has no `Debug`, `Display` or `Serialize`, so that it is not logged by accident.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// A new one, which nobody can guess.
    pub fn make() -> Secret {
        let mut bytes = [0u8; 32];
        getrandom::fill(&mut bytes).expect("the system has randomness");
        Secret(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// One that came back from outside. Nothing that is longer than a secret was ever given out.
    pub fn given(text: &str) -> Secret {
        Secret(text.chars().take(64).collect())
    }

    /// The text, to be shown to its owner.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn digest(&self) -> String {
        hex(&Sha256::digest(&self.0))
    }

    /// What forms of a session carry: it comes from the secret, and tells nothing of it.
    pub fn form_token(&self) -> String {
        hex(&Sha256::digest(format!("csrf{}", self.0)))
    }

    /// Whether a form carries the right token. It takes as long whatever is wrong.
    pub fn owns_form(&self, given: &str) -> bool {
        let own = self.form_token();
        own.len() == given.len() && own.bytes().zip(given.bytes()).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_of_256_bits_and_fits_a_link() {
        let (first, second) = (Secret::make(), Secret::make());
        assert_eq!(first.text().len(), 43);
        assert!(first.text().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        assert_ne!(first.text(), second.text());
        assert_ne!(first.digest(), second.digest());
    }

    #[test]
    fn a_form_belongs_to_one_session() {
        let (first, second) = (Secret::make(), Secret::make());
        assert!(first.owns_form(&first.form_token()));
        for wrong in ["", &second.form_token(), &first.digest(), first.text(), &first.form_token()[1..]] {
            assert!(!first.owns_form(wrong));
        }
    }
}
