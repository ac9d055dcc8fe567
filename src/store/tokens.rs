//! What programs sign in with. Start at [`Store::find_token`].

use sqlx::SqliteConnection;

use super::audit::{Deed, What, write_deed};
use super::people::Person;
use super::{Store, StoreError};

/// How far a token goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// It changes nothing.
    Read,
    /// It may change what its owner may, except who may do what.
    Write,
}

impl Scope {
    pub fn word(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::Write => "write",
        }
    }

    pub fn parse(word: &str) -> Option<Scope> {
        [Scope::Read, Scope::Write].into_iter().find(|scope| scope.word() == word)
    }
}

/// A token to keep.
#[derive(Clone, Copy, Debug)]
pub struct NewToken<'a> {
    pub person: i64,
    pub name: &'a str,
    pub scope: Scope,
    pub digest: &'a str,
    pub expires_at: i64,
}

/// A token as its owner sees it, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub id: i64,
    pub name: String,
    pub scope: String,
    pub made_at: i64,
    pub expires_at: i64,
    pub used_at: Option<i64>,
}

/// Whose token it is, and how far it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bearer {
    pub id: i64,
    pub person: Person,
    pub scope: Scope,
    pub used_at: Option<i64>,
}

impl Store {
    pub async fn add_token(&self, new: &NewToken<'_>, deed: &Deed<'_>) -> Result<(), StoreError> {
        let mut change = self.write.begin().await?;
        let scope = new.scope.word();
        sqlx::query!(
            r#"
            INSERT INTO token (person, name, scope, digest, made_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            "#,
            new.person,
            new.name,
            scope,
            new.digest,
            deed.at,
            new.expires_at
        )
        .execute(&mut *change)
        .await?;
        write_deed(&mut change, deed).await?;
        Ok(change.commit().await?)
    }

    /// Whose token this is, if they are active and it has not expired. One of a clock that went wrong does not last for ever.
    pub async fn find_token(&self, digest: &str, now: i64) -> Result<Option<Bearer>, StoreError> {
        let row = sqlx::query!(
            r#"
            SELECT
                token.id AS "token!",
                token.scope,
                token.used_at,
                person.id AS "id!",
                person.name,
                person.role
            FROM token
            JOIN person ON person.id = token.person
            WHERE
                token.digest = $1
                AND token.expires_at > $2
                AND 2 * token.made_at - token.expires_at < $2
                AND person.active = 1
            "#,
            digest,
            now
        )
        .fetch_optional(&self.read)
        .await?;
        Ok(row.map(|row| Bearer {
            id: row.token,
            person: Person::of_row(row.id, row.name, &row.role),
            scope: Scope::parse(&row.scope).expect("the table holds no other scopes"),
            used_at: row.used_at,
        }))
    }

    /// Notes that a token is in use.
    pub async fn touch_token(&self, id: i64, now: i64) -> Result<(), StoreError> {
        sqlx::query!(
            r#"
            UPDATE token
            SET used_at = $2
            WHERE id = $1
            "#,
            id,
            now
        )
        .execute(&self.write)
        .await?;
        Ok(())
    }

    pub async fn list_tokens(&self, person: i64) -> Result<Vec<Token>, StoreError> {
        let rows = sqlx::query_as!(
            Token,
            r#"
            SELECT
                id AS "id!",
                name,
                scope,
                made_at,
                expires_at,
                used_at
            FROM token
            WHERE person = $1
            ORDER BY made_at DESC, id DESC
            "#,
            person
        )
        .fetch_all(&self.read)
        .await?;
        Ok(rows)
    }

    /// Withdraws a token of a person. Tells whether there was one.
    pub async fn delete_token(&self, person: i64, id: i64, deed: &Deed<'_>) -> Result<bool, StoreError> {
        let mut change = self.write.begin().await?;
        let deleted = sqlx::query!(
            r#"
            DELETE FROM token
            WHERE id = $1 AND person = $2
            "#,
            id,
            person
        )
        .execute(&mut *change)
        .await?;
        if deleted.rows_affected() == 0 {
            return Ok(false);
        }
        write_deed(&mut change, deed).await?;
        change.commit().await?;
        Ok(true)
    }
}

/// Withdraws every token of a person. Each has its line of the audit log.
pub(super) async fn withdraw_tokens(db: &mut SqliteConnection, person: i64, deed: &Deed<'_>) -> Result<(), StoreError> {
    let names = sqlx::query_scalar!(
        r#"
        DELETE FROM token
        WHERE person = $1
        RETURNING name
        "#,
        person
    )
    .fetch_all(&mut *db)
    .await?;
    for name in names {
        write_deed(db, &Deed { what: What::TokenWithdrawn, about: &name, ..*deed }).await?;
    }
    Ok(())
}
