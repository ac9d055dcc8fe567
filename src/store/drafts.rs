//! Texts that are not published yet. Start at [`Store::add_draft`].

use sqlx::SqliteConnection;

use super::{Store, StoreError};
use crate::kb::{Kind, Slug};

/// Where a draft stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftState {
    Open,
    /// Another editor is asked to look at it.
    Waiting,
    Published,
    Discarded,
}

impl DraftState {
    const ALL: [DraftState; 4] = [DraftState::Open, DraftState::Waiting, DraftState::Published, DraftState::Discarded];

    pub fn word(self) -> &'static str {
        match self {
            DraftState::Open => "open",
            DraftState::Waiting => "waiting",
            DraftState::Published => "published",
            DraftState::Discarded => "discarded",
        }
    }
}

/// What a draft holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub id: i64,
    pub kind: Kind,
    /// The document that it changes; nothing for a new one.
    pub slug: Option<Slug>,
    /// The revision from which it was written, 0 for a new document.
    pub base: i64,
    pub path: String,
    pub text: String,
    pub retires: bool,
    pub why: String,
    pub state: DraftState,
    pub made_by: String,
    pub made_at: i64,
    /// Who wrote the text last.
    pub changed_by: String,
    pub changed_at: i64,
    /// Grows with each save.
    pub version: i64,
}

/// A draft as it was when somebody looked at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenDraft {
    pub id: i64,
    pub version: i64,
    pub state: DraftState,
}

impl Draft {
    pub fn seen(&self) -> SeenDraft {
        SeenDraft { id: self.id, version: self.version, state: self.state }
    }
}

/// What somebody writes into a draft.
#[derive(Clone, Debug)]
pub struct Written<'a> {
    pub base: i64,
    pub path: &'a str,
    pub text: &'a str,
    pub why: &'a str,
    pub by: &'a str,
    pub at: i64,
}

struct DraftRow {
    id: i64,
    kind: String,
    slug: Option<String>,
    base: i64,
    path: String,
    text: String,
    retires: i64,
    why: String,
    state: String,
    made_by: String,
    made_at: i64,
    changed_by: String,
    changed_at: i64,
    version: i64,
}

impl TryFrom<DraftRow> for Draft {
    type Error = StoreError;

    fn try_from(row: DraftRow) -> Result<Draft, StoreError> {
        let state = DraftState::ALL.into_iter().find(|s| s.word() == row.state);
        let slug = row.slug.as_deref().map(Slug::parse);
        let (Some(kind), Some(state), false) = (Kind::parse(&row.kind), state, slug == Some(None)) else {
            return Err(StoreError::Inconsistent { kind: row.kind, slug: format!("draft {}", row.id) });
        };
        Ok(Draft {
            id: row.id,
            kind,
            slug: slug.flatten(),
            base: row.base,
            path: row.path,
            text: row.text,
            retires: row.retires != 0,
            why: row.why,
            state,
            made_by: row.made_by,
            made_at: row.made_at,
            changed_by: row.changed_by,
            changed_at: row.changed_at,
            version: row.version,
        })
    }
}

/// Marks a draft as published, in the transaction that publishes it. Tells whether it still was as it had been seen.
pub(super) async fn close_draft(db: &mut SqliteConnection, seen: SeenDraft) -> Result<bool, sqlx::Error> {
    let state = seen.state.word();
    let done = sqlx::query!(
        r#"
        UPDATE draft
        SET
            state = 'published'
        WHERE id = $1 AND version = $2 AND state = $3
        "#,
        seen.id,
        seen.version,
        state
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

impl Store {
    /// Keeps a new draft and gives its number. `retires` says that publishing it retires the document.
    pub async fn add_draft(&self, kind: Kind, slug: Option<&Slug>, retires: bool, new: &Written<'_>) -> Result<i64, StoreError> {
        let (kind, slug, retires) = (kind.word(), slug.map(Slug::as_str), i64::from(retires));
        let row = sqlx::query_scalar!(
            r#"
            INSERT INTO draft
                (kind, slug, base, path, text, retires, why, state, made_by, made_at, changed_by, changed_at, version)
            VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8, $9, $8, $9, 1)
            RETURNING id
            "#,
            kind,
            slug,
            new.base,
            new.path,
            new.text,
            retires,
            new.why,
            new.by,
            new.at
        )
        .fetch_one(&self.write)
        .await?;
        Ok(row)
    }

    /// Whether a document ever had a draft with this text, whatever became of it.
    pub async fn has_draft(&self, kind: Kind, slug: &Slug, text: &str) -> Result<bool, StoreError> {
        let (kind, slug) = (kind.word(), slug.as_str());
        let found = sqlx::query_scalar!(
            r#"
            SELECT
                id
            FROM draft
            WHERE kind = $1 AND slug = $2 AND text = $3
            LIMIT 1
            "#,
            kind,
            slug,
            text
        )
        .fetch_optional(&self.read)
        .await?;
        Ok(found.is_some())
    }

    /// Saves a draft over the version that its writer saw. Tells whether that was the newest one; if not, nothing is saved.
    pub async fn save_draft(&self, id: i64, version: i64, new: &Written<'_>) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            r#"
            UPDATE draft
            SET
                base = $3,
                path = $4,
                text = $5,
                why = $6,
                changed_by = $7,
                changed_at = $8,
                version = version + 1,
                state = 'open'
            WHERE id = $1 AND version = $2 AND state IN ('open', 'waiting')
            "#,
            id,
            version,
            new.base,
            new.path,
            new.text,
            new.why,
            new.by,
            new.at
        )
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Moves a draft on; tells whether there is one that is not published.
    pub async fn move_draft(&self, id: i64, to: DraftState, at: i64) -> Result<bool, StoreError> {
        let to = to.word();
        let done = sqlx::query!(
            r#"
            UPDATE draft
            SET
                state = $2,
                changed_at = $3
            WHERE id = $1 AND state != 'published'
            "#,
            id,
            to,
            at
        )
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    pub async fn find_draft(&self, id: i64) -> Result<Option<Draft>, StoreError> {
        let row = sqlx::query_as!(
            DraftRow,
            r#"
            SELECT
                id,
                kind,
                slug,
                base,
                path,
                text,
                retires,
                why,
                state,
                made_by,
                made_at,
                changed_by,
                changed_at,
                version
            FROM draft
            WHERE id = $1
            "#,
            id
        )
        .fetch_optional(&self.read)
        .await?;
        row.map(Draft::try_from).transpose()
    }

    /// Drafts that are not done with, the newest first.
    pub async fn list_drafts(&self) -> Result<Vec<Draft>, StoreError> {
        let rows = sqlx::query_as!(
            DraftRow,
            r#"
            SELECT
                id,
                kind,
                slug,
                base,
                path,
                text,
                retires,
                why,
                state,
                made_by,
                made_at,
                changed_by,
                changed_at,
                version
            FROM draft
            WHERE state IN ('open', 'waiting')
            ORDER BY changed_at DESC, id DESC
            LIMIT 500
            "#
        )
        .fetch_all(&self.read)
        .await?;
        rows.into_iter().map(Draft::try_from).collect()
    }

    /// Drafts that were discarded last, the newest first.
    pub async fn list_discarded(&self) -> Result<Vec<Draft>, StoreError> {
        let rows = sqlx::query_as!(
            DraftRow,
            r#"
            SELECT
                id,
                kind,
                slug,
                base,
                path,
                text,
                retires,
                why,
                state,
                made_by,
                made_at,
                changed_by,
                changed_at,
                version
            FROM draft
            WHERE state = 'discarded'
            ORDER BY changed_at DESC, id DESC
            LIMIT 50
            "#
        )
        .fetch_all(&self.read)
        .await?;
        rows.into_iter().map(Draft::try_from).collect()
    }
}
