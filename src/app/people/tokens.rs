//! What programs sign in with. Start at [`App::make_token`].

use super::secrets::TOKEN_MARK;
use super::{Actor, Bearer, Person, Refusal, Scope, Secret, TOUCH_SECONDS, Token, What};
use crate::app::{App, AppError, now};
use crate::store::tokens::NewToken;

/// Days that a token may live.
pub const LIFETIMES: [i64; 3] = [30, 90, 365];

const LONGEST_LABEL: usize = 60;

impl App {
    /// Makes a token. Its text is shown now and never again.
    pub async fn make_token(&self, person: &Person, name: &str, scope: Scope, days: i64, by: &Actor) -> Result<String, AppError> {
        let name = name.trim();
        let sound = (1..=LONGEST_LABEL).contains(&name.chars().count()) && !name.chars().any(char::is_control);
        if !sound || !LIFETIMES.contains(&days) {
            return Err(Refusal::BadToken.into());
        }
        let secret = Secret::make();
        let expires_at = now() + days * 24 * 60 * 60;
        let new = NewToken { person: person.id, name, scope, digest: &secret.digest(), expires_at };
        let about = format!("{name}, {}, {days} days", scope.word());
        self.store.add_token(&new, &by.deed(What::TokenMade, &about)).await?;
        Ok(format!("{TOKEN_MARK}{}", secret.text()))
    }

    /// Whose token this is, and how far it goes.
    pub async fn find_token(&self, text: &str) -> Result<Option<Bearer>, AppError> {
        let Some(secret) = text.strip_prefix(TOKEN_MARK) else { return Ok(None) };
        let now = now();
        let Some(bearer) = self.store.find_token(&Secret::given(secret).digest(), now).await? else { return Ok(None) };
        if bearer.used_at.is_none_or(|at| now - at >= TOUCH_SECONDS || at > now) {
            self.store.touch_token(bearer.id, now).await?;
        }
        Ok(Some(bearer))
    }

    pub async fn list_tokens(&self, person: &Person) -> Result<Vec<Token>, AppError> {
        Ok(self.store.list_tokens(person.id).await?)
    }

    /// Makes a token of one's own useless.
    pub async fn withdraw_token(&self, person: &Person, id: i64, by: &Actor) -> Result<(), AppError> {
        let tokens = self.list_tokens(person).await?;
        let Some(token) = tokens.into_iter().find(|token| token.id == id) else { return Ok(()) };
        let _there_was_one = self.store.delete_token(person.id, id, &by.deed(What::TokenWithdrawn, &token.name)).await?;
        Ok(())
    }
}
