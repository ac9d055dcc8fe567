//! People, and the links that make them. Start at [`Store::join`]: an invitation is used and a person made in one step.
//!
//! Every change comes with its line of the audit log, and both are written or neither. Passwords and links are here as digests
//! only; making and checking those is for `app`.

use sqlx::SqliteConnection;

use super::audit::{Deed, What, write_deed};
use super::tokens::withdraw_tokens;
use super::{Store, StoreError};

/// What somebody may do. Each role may do all that those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Reader,
    Editor,
    Administrator,
}

impl Role {
    pub const ALL: [Role; 3] = [Role::Reader, Role::Editor, Role::Administrator];

    pub fn word(self) -> &'static str {
        match self {
            Role::Reader => "reader",
            Role::Editor => "editor",
            Role::Administrator => "administrator",
        }
    }

    /// With its article.
    pub fn one(self) -> &'static str {
        match self {
            Role::Reader => "a reader",
            Role::Editor => "an editor",
            Role::Administrator => "an administrator",
        }
    }

    pub fn plural(self) -> &'static str {
        match self {
            Role::Reader => "people with an account",
            Role::Editor => "editors and administrators",
            Role::Administrator => "administrators",
        }
    }

    pub fn parse(word: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.word() == word)
    }

    fn of_row(word: &str) -> Role {
        Role::parse(word).expect("the table holds no other roles")
    }
}

/// Somebody with an account that is active.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: i64,
    pub name: String,
    pub role: Role,
}

impl Person {
    pub(super) fn of_row(id: i64, name: String, role: &str) -> Person {
        Person { id, name, role: Role::of_row(role) }
    }
}

/// A person as administrators see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub person: Person,
    pub active: bool,
    pub made_at: i64,
    pub seen_at: Option<i64>,
}

/// A person with what their password is checked against.
#[derive(Clone, Debug)]
pub struct Account {
    pub person: Person,
    pub active: bool,
    pub password: Option<String>,
}

/// A link that was not used yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    pub id: i64,
    pub role: Role,
    /// Whose password it sets; nobody's for somebody new.
    pub person: Option<Person>,
    pub made_by: String,
    pub expires_at: i64,
}

/// A link to keep.
#[derive(Clone, Copy, Debug)]
pub struct NewInvitation<'a> {
    pub digest: &'a str,
    pub role: Role,
    pub person: Option<i64>,
    pub made_by: &'a str,
    pub made_at: i64,
    pub expires_at: i64,
    /// It replaces the first link that was printed before.
    pub is_first: bool,
}

/// How the use of an invitation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Joined {
    Yes(Person),
    /// The link was used, withdrawn, or is too old.
    NoSuchInvitation,
    NameTaken,
}

/// How a change to a person ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    Yes,
    /// Nobody has this number, or it is so already.
    Nothing,
    /// Without this person nobody could administer the site.
    LastAdministrator,
}

impl Store {
    /// Whether anybody has an account, and whether somebody active administers the site.
    pub async fn count_people(&self) -> Result<(i64, i64), StoreError> {
        let row = sqlx::query!(
            r#"
            SELECT
                COUNT(*) AS "all!: i64",
                COUNT(CASE WHEN role = 'administrator' AND active = 1 THEN 1 END) AS "administrators!: i64"
            FROM person
            "#
        )
        .fetch_one(&self.write)
        .await?;
        Ok((row.all, row.administrators))
    }

    pub async fn list_people(&self) -> Result<Vec<Listed>, StoreError> {
        let rows = sqlx::query!(
            r#"
            SELECT
                id AS "id!",
                name,
                role,
                active,
                made_at,
                seen_at
            FROM person
            ORDER BY active DESC, name
            "#
        )
        .fetch_all(&self.read)
        .await?;
        let listed = rows.into_iter().map(|row| Listed {
            person: Person::of_row(row.id, row.name, &row.role),
            active: row.active != 0,
            made_at: row.made_at,
            seen_at: row.seen_at,
        });
        Ok(listed.collect())
    }

    pub async fn find_account(&self, name: &str) -> Result<Option<Account>, StoreError> {
        let row = sqlx::query!(
            r#"
            SELECT
                id AS "id!",
                name,
                role,
                active,
                password
            FROM person
            WHERE name = $1
            "#,
            name
        )
        .fetch_optional(&self.read)
        .await?;
        Ok(row.map(|row| Account {
            person: Person::of_row(row.id, row.name, &row.role),
            active: row.active != 0,
            password: row.password,
        }))
    }

    pub async fn find_person(&self, id: i64) -> Result<Option<Listed>, StoreError> {
        Ok(self.list_people().await?.into_iter().find(|listed| listed.person.id == id))
    }

    /// Keeps a link.
    pub async fn add_invitation(&self, new: &NewInvitation<'_>, deed: &Deed<'_>) -> Result<(), StoreError> {
        let mut change = self.write.begin().await?;
        sqlx::query!(
            r#"
            DELETE FROM invitation
            WHERE expires_at <= $1 OR (is_first = 1 AND $2)
            "#,
            new.made_at,
            new.is_first
        )
        .execute(&mut *change)
        .await?;
        let role = new.role.word();
        sqlx::query!(
            r#"
            INSERT INTO invitation (digest, role, person, made_by, made_at, expires_at, is_first)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            "#,
            new.digest,
            role,
            new.person,
            new.made_by,
            new.made_at,
            new.expires_at,
            new.is_first
        )
        .execute(&mut *change)
        .await?;
        write_deed(&mut change, deed).await?;
        Ok(change.commit().await?)
    }

    /// Links that still work. One that seems to be made later than now was made by a clock that went wrong: it works as long
    /// before that moment as after it, and not for ever.
    pub async fn list_invitations(&self, now: i64) -> Result<Vec<Invitation>, StoreError> {
        let rows = sqlx::query!(
            r#"
            SELECT
                invitation.id AS "id!",
                invitation.role,
                invitation.made_by,
                invitation.expires_at,
                person.id AS "person?",
                person.name AS "person_name?",
                person.role AS "person_role?"
            FROM invitation
            LEFT JOIN person ON person.id = invitation.person
            WHERE invitation.expires_at > $1 AND 2 * invitation.made_at - invitation.expires_at < $1
            ORDER BY invitation.expires_at DESC, invitation.id
            "#,
            now
        )
        .fetch_all(&self.read)
        .await?;
        let invitation = |row: _| {
            let Row { id, role, made_by, expires_at, person, person_name, person_role } = row;
            let person = person.zip(person_name).zip(person_role);
            let person = person.map(|((id, name), role)| Person::of_row(id, name, &role));
            Invitation { id, role: Role::of_row(&role), person, made_by, expires_at }
        };
        let rows = rows.into_iter().map(|r| Row {
            id: r.id,
            role: r.role,
            made_by: r.made_by,
            expires_at: r.expires_at,
            person: r.person,
            person_name: r.person_name,
            person_role: r.person_role,
        });
        Ok(rows.map(invitation).collect())
    }

    pub async fn find_invitation(&self, digest: &str, now: i64) -> Result<Option<Invitation>, StoreError> {
        let id = sqlx::query_scalar!(
            r#"
            SELECT
                id AS "id!"
            FROM invitation
            WHERE digest = $1
            "#,
            digest
        )
        .fetch_optional(&self.write)
        .await?;
        let Some(id) = id else { return Ok(None) };
        Ok(self.list_invitations(now).await?.into_iter().find(|invitation| invitation.id == id))
    }

    /// Withdraws a link. Tells whether there was one.
    pub async fn delete_invitation(&self, id: i64, deed: &Deed<'_>) -> Result<bool, StoreError> {
        let mut change = self.write.begin().await?;
        let deleted = sqlx::query!(
            r#"
            DELETE FROM invitation
            WHERE id = $1
            "#,
            id
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

    /// Uses an invitation for somebody new. Two who use one link at once: one of them joins.
    pub async fn join(&self, digest: &str, name: &str, password: &str, deed: &Deed<'_>) -> Result<Joined, StoreError> {
        let mut change = self.write.begin().await?;
        let used = sqlx::query!(
            r#"
            DELETE FROM invitation
            WHERE digest = $1 AND expires_at > $2 AND 2 * made_at - expires_at < $2 AND person IS NULL
            RETURNING role
            "#,
            digest,
            deed.at
        )
        .fetch_optional(&mut *change)
        .await?;
        let Some(used) = used else { return Ok(Joined::NoSuchInvitation) };
        let made = sqlx::query!(
            r#"
            INSERT INTO person (name, role, password, made_at)
            VALUES ($1, $2, $3, $4)
            ON CONFLICT (name) DO NOTHING
            RETURNING id AS "id!"
            "#,
            name,
            used.role,
            password,
            deed.at
        )
        .fetch_optional(&mut *change)
        .await?;
        // Without a commit the link stays as it was.
        let Some(made) = made else { return Ok(Joined::NameTaken) };
        write_deed(&mut change, deed).await?;
        change.commit().await?;
        Ok(Joined::Yes(Person::of_row(made.id, name.to_owned(), &used.role)))
    }

    /// Uses an invitation that sets the password of somebody, and signs them out everywhere; if `tokens` are to go, they do, too.
    pub async fn reset(&self, digest: &str, password: &str, tokens: bool, deed: &Deed<'_>) -> Result<Joined, StoreError> {
        let mut change = self.write.begin().await?;
        let used = sqlx::query!(
            r#"
            DELETE FROM invitation
            WHERE digest = $1 AND expires_at > $2 AND 2 * made_at - expires_at < $2 AND person IS NOT NULL
            RETURNING person AS "person!"
            "#,
            digest,
            deed.at
        )
        .fetch_optional(&mut *change)
        .await?;
        let Some(used) = used else { return Ok(Joined::NoSuchInvitation) };
        let changed = sqlx::query!(
            r#"
            UPDATE person
            SET password = $2
            WHERE id = $1 AND active = 1
            RETURNING
                name,
                role
            "#,
            used.person,
            password
        )
        .fetch_optional(&mut *change)
        .await?;
        let Some(changed) = changed else { return Ok(Joined::NoSuchInvitation) };
        end_sessions(&mut change, used.person, "").await?;
        if tokens {
            withdraw_tokens(&mut change, used.person, deed).await?;
        }
        write_deed(&mut change, deed).await?;
        change.commit().await?;
        Ok(Joined::Yes(Person::of_row(used.person, changed.name, &changed.role)))
    }

    /// Sets a password, and ends every session of this person but one; if `tokens` are to go, they do, too.
    pub async fn change_password(
        &self,
        person: i64,
        password: &str,
        keep: &str,
        tokens: bool,
        deed: &Deed<'_>,
    ) -> Result<(), StoreError> {
        let mut change = self.write.begin().await?;
        sqlx::query!(
            r#"
            UPDATE person
            SET password = $2
            WHERE id = $1
            "#,
            person,
            password
        )
        .execute(&mut *change)
        .await?;
        end_sessions(&mut change, person, keep).await?;
        if tokens {
            withdraw_tokens(&mut change, person, deed).await?;
        }
        write_deed(&mut change, deed).await?;
        Ok(change.commit().await?)
    }

    /// Gives another role, unless nobody could administer the site then. Links of who administers it no more are gone.
    pub async fn change_role(&self, person: i64, role: Role, deed: &Deed<'_>) -> Result<Changed, StoreError> {
        let mut change = self.write.begin().await?;
        let word = role.word();
        let changed = sqlx::query!(
            r#"
            UPDATE person
            SET role = $2
            WHERE id = $1 AND role <> $2
            "#,
            person,
            word
        )
        .execute(&mut *change)
        .await?;
        if changed.rows_affected() == 0 {
            return Ok(Changed::Nothing);
        }
        if role != Role::Administrator {
            withdraw_links_of(&mut change, person, deed).await?;
        }
        settle(change, deed).await
    }

    /// Lets somebody in no more, or again. Sessions end at once; links that would set their password, and those that they made,
    /// are gone.
    pub async fn set_active(&self, person: i64, active: bool, deed: &Deed<'_>) -> Result<Changed, StoreError> {
        let mut change = self.write.begin().await?;
        let changed = sqlx::query!(
            r#"
            UPDATE person
            SET active = $2
            WHERE id = $1 AND active <> $2
            "#,
            person,
            active
        )
        .execute(&mut *change)
        .await?;
        if changed.rows_affected() == 0 {
            return Ok(Changed::Nothing);
        }
        end_sessions(&mut change, person, "").await?;
        sqlx::query!(
            r#"
            DELETE FROM invitation
            WHERE person = $1
            "#,
            person
        )
        .execute(&mut *change)
        .await?;
        withdraw_links_of(&mut change, person, deed).await?;
        settle(change, deed).await
    }
}

/// Nobody comes in by a link of somebody who could not make it any more. Each has its line of the audit log.
async fn withdraw_links_of(db: &mut SqliteConnection, person: i64, deed: &Deed<'_>) -> Result<(), StoreError> {
    let links = sqlx::query!(
        r#"
        DELETE FROM invitation
        WHERE made_by = (
            SELECT name
            FROM person
            WHERE id = $1
        )
        RETURNING
            id AS "id!",
            made_by
        "#,
        person
    )
    .fetch_all(&mut *db)
    .await?;
    for link in links {
        let about = format!("number {}, which {} made", link.id, link.made_by);
        write_deed(db, &Deed { what: What::InvitationWithdrawn, about: &about, ..*deed }).await?;
    }
    Ok(())
}

/// An invitation with the person that it may name.
struct Row {
    id: i64,
    role: String,
    made_by: String,
    expires_at: i64,
    person: Option<i64>,
    person_name: Option<String>,
    person_role: Option<String>,
}

/// Keeps a change, if somebody can still administer the site.
async fn settle(mut change: sqlx::Transaction<'_, sqlx::Sqlite>, deed: &Deed<'_>) -> Result<Changed, StoreError> {
    let left = sqlx::query_scalar!(
        r#"
        SELECT
            COUNT(*) AS "count!: i64"
        FROM person
        WHERE role = 'administrator' AND active = 1
        "#
    )
    .fetch_one(&mut *change)
    .await?;
    if left == 0 {
        return Ok(Changed::LastAdministrator);
    }
    write_deed(&mut change, deed).await?;
    change.commit().await?;
    Ok(Changed::Yes)
}

/// Ends the sessions of a person but the one with this digest.
pub(super) async fn end_sessions(db: &mut SqliteConnection, person: i64, keep: &str) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        DELETE FROM session
        WHERE person = $1 AND digest <> $2
        "#,
        person,
        keep
    )
    .execute(db)
    .await?;
    Ok(())
}
