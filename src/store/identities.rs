//! Who people are elsewhere. Start at [`Store::add_identity`]: a person is made together with who they are elsewhere.

use super::audit::{Deed, write_deed};
use super::people::{Person, Role};
use super::{Store, StoreError};

/// A person who is known elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub person: Person,
    pub active: bool,
    /// What their forms prove to know of.
    pub forms: String,
}

/// Somebody who comes for the first time.
#[derive(Clone, Copy, Debug)]
pub struct NewIdentity<'a> {
    pub issuer: &'a str,
    pub subject: &'a str,
    pub role: Role,
    pub forms: &'a str,
}

impl Store {
    pub async fn find_identity(&self, issuer: &str, subject: &str) -> Result<Option<Known>, StoreError> {
        let row = sqlx::query!(
            r#"
            SELECT
                person.id AS "id!",
                person.name,
                person.role,
                person.active,
                identity.forms
            FROM identity
            JOIN person ON person.id = identity.person
            WHERE identity.issuer = $1 AND identity.subject = $2
            "#,
            issuer,
            subject
        )
        .fetch_optional(&self.read)
        .await?;
        Ok(row.map(|row| Known {
            person: Person::of_row(row.id, row.name, &row.role),
            active: row.active != 0,
            forms: row.forms,
        }))
    }

    /// Makes a person with the first of these names that is free, and writes the deed in that name. Nothing, if none is free, or
    /// if another request was faster.
    pub async fn add_identity(
        &self,
        new: &NewIdentity<'_>,
        names: impl Iterator<Item = String>,
        deed: &Deed<'_>,
    ) -> Result<Option<Known>, StoreError> {
        let mut change = self.write.begin().await?;
        let role = new.role.word();
        for name in names {
            let made = sqlx::query_scalar!(
                r#"
                INSERT INTO person (name, role, made_at)
                VALUES ($1, $2, $3)
                ON CONFLICT (name) DO NOTHING
                RETURNING id AS "id!"
                "#,
                name,
                role,
                deed.at
            )
            .fetch_optional(&mut *change)
            .await?;
            let Some(id) = made else { continue };
            let added = sqlx::query!(
                r#"
                INSERT INTO identity (issuer, subject, person, forms)
                VALUES ($1, $2, $3, $4)
                ON CONFLICT (issuer, subject) DO NOTHING
                "#,
                new.issuer,
                new.subject,
                id,
                new.forms
            )
            .execute(&mut *change)
            .await?;
            // Without a commit there is no second person.
            if added.rows_affected() == 0 {
                return Ok(None);
            }
            write_deed(&mut change, &Deed { who: &name, ..*deed }).await?;
            change.commit().await?;
            let person = Person { id, name, role: new.role };
            return Ok(Some(Known { person, active: true, forms: new.forms.to_owned() }));
        }
        Ok(None)
    }

    /// Notes that somebody is there whom the proxy lets in.
    pub async fn note_seen(&self, person: i64, deed: &Deed<'_>) -> Result<(), StoreError> {
        let mut change = self.write.begin().await?;
        sqlx::query!(
            r#"
            UPDATE person
            SET seen_at = $2
            WHERE id = $1
            "#,
            person,
            deed.at
        )
        .execute(&mut *change)
        .await?;
        write_deed(&mut change, deed).await?;
        Ok(change.commit().await?)
    }
}
