//! What readers tell the owner of a document about one of its sections. Start at [`Store::add_note`].

use super::audit::{Deed, What, write_deed};
use super::documents::Doer;
use super::{Store, StoreError};
use crate::kb::{Kind, Slug};

/// A note that nobody has dealt with yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderNote {
    pub id: i64,
    pub kind: String,
    pub slug: String,
    /// The heading under which it was written.
    pub section: String,
    pub text: String,
    pub made_by: String,
    pub made_at: i64,
}

impl Store {
    pub async fn add_note(
        &self,
        kind: Kind,
        slug: &Slug,
        section: &str,
        text: &str,
        by: &Doer<'_>,
        at: i64,
    ) -> Result<(), StoreError> {
        let (kind, slug) = (kind.word(), slug.as_str());
        let mut change = self.write.begin().await?;
        sqlx::query!(
            r#"
            INSERT INTO note (kind, slug, section, text, made_by, made_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            "#,
            kind,
            slug,
            section,
            text,
            by.name,
            at
        )
        .execute(&mut *change)
        .await?;
        let about = format!("{kind} {slug}");
        write_deed(&mut change, &Deed { at, who: by.name, address: by.address, what: What::NoteLeft, about: &about }).await?;
        Ok(change.commit().await?)
    }

    /// Notes that wait for somebody, the oldest first.
    pub async fn list_notes(&self) -> Result<Vec<ReaderNote>, StoreError> {
        let rows = sqlx::query_as!(
            ReaderNote,
            r#"
            SELECT
                id,
                kind,
                slug,
                section,
                text,
                made_by,
                made_at
            FROM note
            WHERE done_at IS NULL
            ORDER BY made_at, id
            LIMIT 1000
            "#
        )
        .fetch_all(&self.read)
        .await?;
        Ok(rows)
    }

    /// Marks a note as dealt with, or brings it back. Tells whether that changed anything.
    pub async fn finish_note(&self, id: i64, done: bool, by: &Doer<'_>, at: i64) -> Result<bool, StoreError> {
        let (done_by, done_at) = (done.then_some(by.name), done.then_some(at));
        let mut change = self.write.begin().await?;
        let changed = sqlx::query!(
            r#"
            UPDATE note
            SET
                done_by = $2,
                done_at = $3
            WHERE id = $1 AND (done_at IS NULL) = $4
            RETURNING
                kind,
                slug
            "#,
            id,
            done_by,
            done_at,
            done
        )
        .fetch_optional(&mut *change)
        .await?;
        let Some(changed) = changed else { return Ok(false) };
        let what = if done { What::NoteDone } else { What::NoteBroughtBack };
        let about = format!("note {id} on {} {}", changed.kind, changed.slug);
        write_deed(&mut change, &Deed { at, who: by.name, address: by.address, what, about: &about }).await?;
        change.commit().await?;
        Ok(true)
    }
}
