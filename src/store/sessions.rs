//! Who is signed in with which browser. Start at [`Store::find_session`], which each request of a signed-in person asks.

use sqlx::SqliteConnection;

use super::audit::{Deed, write_deed};
use super::people::{Person, end_sessions};
use super::tokens::withdraw_tokens;
use super::{Store, StoreError};

/// A sign-in to keep.
#[derive(Clone, Copy, Debug)]
pub struct NewSession<'a> {
    pub digest: &'a str,
    pub person: i64,
    pub address: &'a str,
    pub browser: &'a str,
    /// What the browser is known by from now on, as a digest.
    pub device: &'a str,
    /// What it was known by until now; empty if it was not.
    pub device_before: &'a str,
}

/// A browser that somebody is signed in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub digest: String,
    pub made_at: i64,
    pub seen_at: i64,
    pub address: String,
    pub browser: String,
}

/// Browsers of a person that are remembered; the oldest are forgotten.
const DEVICES: i64 = 20;

impl Store {
    /// Signs somebody in, and remembers with which browser. Sessions that nobody used since `stale` are forgotten on the way.
    pub async fn add_session(&self, new: &NewSession<'_>, stale: i64, deed: &Deed<'_>) -> Result<(), StoreError> {
        let mut change = self.write.begin().await?;
        sqlx::query!(
            r#"
            DELETE FROM session
            WHERE seen_at <= $1
            "#,
            stale
        )
        .execute(&mut *change)
        .await?;
        sqlx::query!(
            r#"
            INSERT INTO session (digest, person, made_at, seen_at, address, browser)
            VALUES ($1, $2, $3, $3, $4, $5)
            "#,
            new.digest,
            new.person,
            deed.at,
            new.address,
            new.browser
        )
        .execute(&mut *change)
        .await?;
        note_device(&mut change, new, deed.at).await?;
        sqlx::query!(
            r#"
            UPDATE person
            SET seen_at = $2
            WHERE id = $1
            "#,
            new.person,
            deed.at
        )
        .execute(&mut *change)
        .await?;
        write_deed(&mut change, deed).await?;
        Ok(change.commit().await?)
    }

    /// Whose session this is, if they are active and it was used less than `idle` seconds ago; and when it was used last. That
    /// may seem to lie ahead when the clock jumps back; then it lies no farther ahead than that.
    pub async fn find_session(&self, digest: &str, now: i64, idle: i64) -> Result<Option<(Person, i64)>, StoreError> {
        let (stale, ahead) = (now - idle, now + idle);
        let row = sqlx::query!(
            r#"
            SELECT
                person.id AS "id!",
                person.name,
                person.role,
                session.seen_at
            FROM session
            JOIN person ON person.id = session.person
            WHERE session.digest = $1 AND session.seen_at > $2 AND session.seen_at < $3 AND person.active = 1
            "#,
            digest,
            stale,
            ahead
        )
        .fetch_optional(&self.read)
        .await?;
        Ok(row.map(|row| (Person::of_row(row.id, row.name, &row.role), row.seen_at)))
    }

    /// Notes that a session is in use.
    pub async fn touch_session(&self, digest: &str, person: i64, now: i64) -> Result<(), StoreError> {
        let mut change = self.write.begin().await?;
        sqlx::query!(
            r#"
            UPDATE session
            SET seen_at = $2
            WHERE digest = $1
            "#,
            digest,
            now
        )
        .execute(&mut *change)
        .await?;
        sqlx::query!(
            r#"
            UPDATE person
            SET seen_at = $2
            WHERE id = $1
            "#,
            person,
            now
        )
        .execute(&mut *change)
        .await?;
        Ok(change.commit().await?)
    }

    pub async fn list_sessions(&self, person: i64, stale: i64) -> Result<Vec<Session>, StoreError> {
        let rows = sqlx::query_as!(
            Session,
            r#"
            SELECT
                digest,
                made_at,
                seen_at,
                address,
                browser
            FROM session
            WHERE person = $1 AND seen_at > $2
            ORDER BY seen_at DESC, made_at DESC
            "#,
            person,
            stale
        )
        .fetch_all(&self.read)
        .await?;
        Ok(rows)
    }

    /// Signs one browser out.
    pub async fn delete_session(&self, digest: &str, deed: &Deed<'_>) -> Result<(), StoreError> {
        let mut change = self.write.begin().await?;
        sqlx::query!(
            r#"
            DELETE FROM session
            WHERE digest = $1
            "#,
            digest
        )
        .execute(&mut *change)
        .await?;
        write_deed(&mut change, deed).await?;
        Ok(change.commit().await?)
    }

    /// Signs a person out everywhere; if `tokens` are to go, they do, too.
    pub async fn delete_sessions(&self, person: i64, tokens: bool, deed: &Deed<'_>) -> Result<(), StoreError> {
        let mut change = self.write.begin().await?;
        end_sessions(&mut change, person, "").await?;
        if tokens {
            withdraw_tokens(&mut change, person, deed).await?;
        }
        write_deed(&mut change, deed).await?;
        Ok(change.commit().await?)
    }

    /// Whether somebody with this name signed in with this browser before.
    pub async fn knows_device(&self, name: &str, digest: &str) -> Result<bool, StoreError> {
        let known = sqlx::query_scalar!(
            r#"
            SELECT
                COUNT(*) AS "count!: i64"
            FROM device
            JOIN person ON person.id = device.person
            WHERE person.name = $1 AND device.digest = $2
            "#,
            name,
            digest
        )
        .fetch_one(&self.read)
        .await?;
        Ok(known > 0)
    }
}

/// Remembers the browser, under a new secret for everybody who signed in with it: one that somebody else had put there is of no
/// use to them.
async fn note_device(db: &mut SqliteConnection, new: &NewSession<'_>, at: i64) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        UPDATE device
        SET digest = $2
        WHERE digest = $1
        "#,
        new.device_before,
        new.device
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO device (person, digest, seen_at)
        VALUES ($1, $2, $3)
        ON CONFLICT (person, digest) DO UPDATE SET
            seen_at = excluded.seen_at
        "#,
        new.person,
        new.device,
        at
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        r#"
        DELETE FROM device
        WHERE person = $1 AND digest NOT IN (
            SELECT digest
            FROM device
            WHERE person = $1
            ORDER BY seen_at DESC, digest = $3 DESC
            LIMIT $2
        )
        "#,
        new.person,
        DEVICES,
        new.device
    )
    .execute(&mut *db)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::audit::What;
    use crate::store::people::{Joined, NewInvitation, Role};
    use crate::store::tokens::{NewToken, Scope};

    const DAY: i64 = 24 * 60 * 60;
    /// When everything is made.
    const THEN: i64 = 1000 * DAY;

    fn deed(at: i64) -> Deed<'static> {
        Deed { at, who: "editor", address: "127.0.0.1", what: What::Joined, about: "" }
    }

    fn link(digest: &str) -> NewInvitation<'_> {
        NewInvitation {
            digest,
            role: Role::Editor,
            person: None,
            made_by: "editor",
            made_at: THEN,
            expires_at: THEN + 7 * DAY,
            is_first: false,
        }
    }

    #[tokio::test]
    async fn what_expires_does_so_whichever_way_the_clock_jumps() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let store = Store::open(folder.path()).await.expect("it opens");
        store.add_invitation(&link("used"), &deed(THEN)).await.expect("it can be written");
        let joined = store.join("used", "editor", "", &deed(THEN)).await.expect("it can be written");
        let Joined::Yes(person) = joined else { panic!("{joined:?}") };
        store.add_invitation(&link("link"), &deed(THEN)).await.expect("it can be written");
        let session =
            NewSession { digest: "session", person: person.id, address: "", browser: "", device: "a", device_before: "" };
        store.add_session(&session, THEN - 30 * DAY, &deed(THEN)).await.expect("it can be written");
        let token = NewToken { person: person.id, name: "a", scope: Scope::Read, digest: "token", expires_at: THEN + 30 * DAY };
        store.add_token(&token, &deed(THEN)).await.expect("it can be written");
        // Days from the moment at which they were made, and whether the link, the session and the token work then.
        for (days, expected) in [
            (0, (true, true, true)),
            (-1, (true, true, true)),
            (-6, (true, true, true)),
            (-8, (false, true, true)),
            (-31, (false, false, false)),
            (-900, (false, false, false)),
            (6, (true, true, true)),
            (8, (false, true, true)),
            (31, (false, false, false)),
        ] {
            let now = THEN + days * DAY;
            let found = (
                store.find_invitation("link", now).await.expect("it answers").is_some(),
                store.find_session("session", now, 30 * DAY).await.expect("it answers").is_some(),
                store.find_token("token", now).await.expect("it answers").is_some(),
            );
            assert_eq!(found, expected, "after {days} days");
        }
        let late = store.join("link", "second", "", &deed(THEN - 8 * DAY)).await.expect("it answers");
        assert!(matches!(late, Joined::NoSuchInvitation), "{late:?}");
    }
}
