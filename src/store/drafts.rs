//! Texts that are not published yet. Start at [`Store::add_draft`].

use sqlx::SqliteConnection;

use super::audit::{Deed, What, write_deed};
use super::documents::Doer;
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
    /// Everybody who wrote on it, the first one first.
    pub authors: Vec<String>,
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
    pub by: Doer<'a>,
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
    /// With a space between: no name has one.
    authors: String,
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
            authors: row.authors.split(' ').map(str::to_owned).collect(),
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
        let by = new.by.name;
        let mut change = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let id = sqlx::query_scalar!(
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
            by,
            new.at
        )
        .fetch_one(&mut *change)
        .await?;
        add_author(&mut change, id, by).await?;
        tell(&mut change, What::DraftBegun, (id, new.path), &new.by, new.at).await?;
        change.commit().await?;
        Ok(id)
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

    /// Saves a draft over the version that its writer saw. Tells whether that was the newest one; if not, nothing is saved. Who
    /// changes nothing of the text is no author of it, and what waits goes on waiting.
    pub async fn save_draft(&self, id: i64, version: i64, new: &Written<'_>) -> Result<bool, StoreError> {
        let mut change = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let before = sqlx::query!(
            r#"
            SELECT
                path,
                text,
                why,
                state,
                changed_by
            FROM draft
            WHERE id = $1 AND version = $2 AND state IN ('open', 'waiting')
            "#,
            id,
            version
        )
        .fetch_optional(&mut *change)
        .await?;
        let Some(before) = before else { return Ok(false) };
        let is_other = before.text != new.text || before.path != new.path;
        let (state, by) = if is_other { ("open", new.by.name) } else { (before.state.as_str(), before.changed_by.as_str()) };
        sqlx::query!(
            r#"
            UPDATE draft
            SET
                base = $2,
                path = $3,
                text = $4,
                why = $5,
                changed_by = $6,
                changed_at = $7,
                version = version + 1,
                state = $8
            WHERE id = $1
            "#,
            id,
            new.base,
            new.path,
            new.text,
            new.why,
            by,
            new.at,
            state
        )
        .execute(&mut *change)
        .await?;
        if is_other {
            add_author(&mut change, id, by).await?;
        }
        if is_other || before.why != new.why {
            tell(&mut change, What::DraftSaved, (id, new.path), &new.by, new.at).await?;
        }
        change.commit().await?;
        Ok(true)
    }

    /// Moves a draft on, and tells whether that changed anything. What is published stays so. Who sends a draft on answers for it
    /// as its authors do.
    pub async fn move_draft(&self, id: i64, to: DraftState, by: &Doer<'_>, at: i64) -> Result<bool, StoreError> {
        let mut change = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let before = sqlx::query!("SELECT path, state FROM draft WHERE id = $1", id).fetch_optional(&mut *change).await?;
        let Some(before) = before else { return Ok(false) };
        let what = match (before.state.as_str(), to) {
            ("open", DraftState::Waiting) => What::DraftSent,
            ("waiting", DraftState::Open) => What::DraftTakenBack,
            ("discarded", DraftState::Open) => What::DraftBroughtBack,
            ("open" | "waiting", DraftState::Discarded) => What::DraftDiscarded,
            _ => return Ok(false),
        };
        let to = to.word();
        sqlx::query!("UPDATE draft SET state = $2, changed_at = $3 WHERE id = $1", id, to, at).execute(&mut *change).await?;
        if what == What::DraftSent {
            add_author(&mut change, id, by.name).await?;
        }
        tell(&mut change, what, (id, &before.path), by, at).await?;
        change.commit().await?;
        Ok(true)
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
                (
                    SELECT GROUP_CONCAT(name, ' ')
                    FROM (
                        SELECT name
                        FROM draft_author
                        WHERE draft_author.draft = draft.id
                        ORDER BY draft_author.id
                    )
                ) AS "authors!: String",
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
        self.list(false, MOST_DRAFTS).await
    }

    /// Drafts that were discarded last, the newest first.
    pub async fn list_discarded(&self) -> Result<Vec<Draft>, StoreError> {
        self.list(true, MOST_DISCARDED).await
    }

    async fn list(&self, discarded: bool, most: i64) -> Result<Vec<Draft>, StoreError> {
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
                (
                    SELECT GROUP_CONCAT(name, ' ')
                    FROM (
                        SELECT name
                        FROM draft_author
                        WHERE draft_author.draft = draft.id
                        ORDER BY draft_author.id
                    )
                ) AS "authors!: String",
                version
            FROM draft
            WHERE state <> 'published' AND (state = 'discarded') = $1
            ORDER BY changed_at DESC, id DESC
            LIMIT $2
            "#,
            discarded,
            most
        )
        .fetch_all(&self.read)
        .await?;
        rows.into_iter().map(Draft::try_from).collect()
    }
}

async fn add_author(db: &mut SqliteConnection, draft: i64, name: &str) -> Result<(), StoreError> {
    sqlx::query!("INSERT INTO draft_author (draft, name) VALUES ($1, $2) ON CONFLICT (draft, name) DO NOTHING", draft, name)
        .execute(db)
        .await?;
    Ok(())
}

/// More than these are on nobody's mind.
const MOST_DRAFTS: i64 = 500;
const MOST_DISCARDED: i64 = 50;
/// A longer path is cut in the audit log.
const LONGEST_PATH: usize = 200;

async fn tell(db: &mut SqliteConnection, what: What, (id, path): (i64, &str), by: &Doer<'_>, at: i64) -> Result<(), StoreError> {
    let path: String = path.chars().take(LONGEST_PATH).collect();
    write_deed(db, &Deed { at, who: by.name, address: by.address, what, about: &format!("draft {id}: {path}") }).await
}
