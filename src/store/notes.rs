//! What readers tell the owner of a document about one of its sections. Start at [`Store::add_note`].

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
        by: &str,
        at: i64,
    ) -> Result<(), StoreError> {
        let (kind, slug) = (kind.word(), slug.as_str());
        sqlx::query!(
            r#"
            INSERT INTO note (kind, slug, section, text, made_by, made_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            "#,
            kind,
            slug,
            section,
            text,
            by,
            at
        )
        .execute(&self.write)
        .await?;
        Ok(())
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

    /// Marks a note as dealt with, or brings it back.
    pub async fn finish_note(&self, id: i64, done: bool, by: &str, at: i64) -> Result<bool, StoreError> {
        let (by, at) = (done.then_some(by), done.then_some(at));
        let changed =
            sqlx::query!("UPDATE note SET done_by = $2, done_at = $3 WHERE id = $1", id, by, at).execute(&self.write).await?;
        Ok(changed.rows_affected() == 1)
    }
}
