//! Passwords: what one may be, and its digest. Start at [`Passwords::make`] and [`Passwords::check`].

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::Semaphore;

use super::Refusal;

/// A password has at least so many characters.
pub const SHORTEST: usize = 12;
/// And at most so many bytes.
pub const LONGEST: usize = 256;

/// Each digest takes 19 MiB and a while: no more than two at once, so that nobody exhausts the machine by signing in.
pub struct Passwords(Semaphore);

impl Default for Passwords {
    fn default() -> Passwords {
        Passwords(Semaphore::new(2))
    }
}

impl Passwords {
    /// The digest of a new password, if it may be one.
    pub async fn make(&self, password: &str) -> Result<String, Refusal> {
        let length = password.chars().count();
        if length < SHORTEST {
            return Err(Refusal::ShortPassword { given: length });
        }
        if password.len() > LONGEST {
            return Err(Refusal::LongPassword);
        }
        Ok(self.digest(password).await)
    }

    async fn digest(&self, password: &str) -> String {
        let password = password.to_owned();
        self.work(move || Argon2::default().hash_password(password.as_bytes()).expect("any text has a digest").to_string()).await
    }

    /// Whether this is the password. Without a digest to check against it takes as long, and is not.
    pub async fn check(&self, password: &str, digest: Option<&str>) -> bool {
        let Some(digest) = digest.map(str::to_owned) else {
            let _takes_as_long = self.digest(password).await;
            return false;
        };
        let password = password.to_owned();
        self.work(move || {
            let known = PasswordHash::new(&digest);
            known.is_ok_and(|known| Argon2::default().verify_password(password.as_bytes(), &known).is_ok())
        })
        .await
    }

    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let _one_of_few = self.0.acquire().await.expect("it is never closed");
        tokio::task::spawn_blocking(work).await.expect("the digest of a password does not panic")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_recognised_and_nothing_else() {
        let passwords = Passwords::default();
        let digest = passwords.make("twelve chars!").await.unwrap();
        assert!(digest.starts_with("$argon2id$"));
        assert!(passwords.check("twelve chars!", Some(&digest)).await);
        for (wrong, digest) in [("twelve chars", Some(&*digest)), ("", Some(&*digest)), ("twelve chars!", None), ("x", Some("x"))]
        {
            assert!(!passwords.check(wrong, digest).await, "{wrong}");
        }
    }

    #[tokio::test]
    async fn characters_are_counted_at_least_and_bytes_at_most() {
        let passwords = Passwords::default();
        for (given, right) in [
            ("x".repeat(11), false),
            ("ü".repeat(11), false),
            ("ü".repeat(12), true),
            ("x".repeat(256), true),
            ("x".repeat(257), false),
            ("ü".repeat(129), false),
        ] {
            assert_eq!(passwords.make(&given).await.is_ok(), right, "{given}");
        }
    }
}
