//! Documents and their revisions. Start at [`Store::publish`].

use sqlx::SqliteConnection;

use super::audit::{Deed, What, write_deed};
use super::drafts::{SeenDraft, close_draft};
use super::renames::{Follow, rename, take_names};
use super::{Store, StoreError};
use crate::kb::{Kind, Slug};

/// The newest text of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    pub kind: Kind,
    pub slug: Slug,
    pub path: String,
    pub text: String,
    /// The number of its newest revision.
    pub revision: i64,
    pub retired_at: Option<i64>,
}

/// What was done to a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Publish,
    Import,
    /// Two people's changes became one text.
    Merge,
    Restore,
    Rename,
    Retire,
    Verify,
}

impl Act {
    pub const ALL: [Act; 7] = [Act::Publish, Act::Import, Act::Merge, Act::Restore, Act::Rename, Act::Retire, Act::Verify];

    pub fn word(self) -> &'static str {
        match self {
            Act::Publish => "publish",
            Act::Import => "import",
            Act::Merge => "merge",
            Act::Restore => "restore",
            Act::Rename => "rename",
            Act::Retire => "retire",
            Act::Verify => "verify",
        }
    }

    pub fn parse(word: &str) -> Option<Act> {
        Act::ALL.into_iter().find(|act| act.word() == word)
    }

    /// What happened, in the words of a history.
    pub fn words(self) -> &'static str {
        match self {
            Act::Publish => "published",
            Act::Import => "imported",
            Act::Merge => "published, merged with somebody else's change",
            Act::Restore => "restored",
            Act::Rename => "renamed",
            Act::Retire => "retired",
            Act::Verify => "verified",
        }
    }
}

/// One text that a document had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    pub number: i64,
    pub path: String,
    pub text: String,
    pub made_at: i64,
    pub made_by: String,
    pub why: String,
    pub act: Act,
    /// The warnings that were accepted, with the reason; empty when there were none.
    pub accepted: String,
}

/// A new text for one document.
#[derive(Clone, Debug)]
pub struct Change {
    pub kind: Kind,
    pub slug: Slug,
    /// What it was called until now, if that changes.
    pub from: Option<Slug>,
    pub path: String,
    pub text: String,
    /// What else the text says that it was called.
    pub aliases: Vec<Slug>,
    /// The revision from which the text was written, 0 for a new document.
    pub base: i64,
    pub act: Act,
}

/// Who changes something, when, and why.
#[derive(Clone, Debug)]
pub struct Note<'a> {
    pub at: i64,
    pub by: &'a str,
    pub why: &'a str,
    pub accepted: &'a str,
}

/// Who presses the button, which need not be who wrote the text.
#[derive(Clone, Copy, Debug)]
pub struct Doer<'a> {
    pub name: &'a str,
    pub address: &'a str,
}

/// What somebody looked at who publishes: it has to be so still.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The count of the store when the changes were made.
    pub generation: &'a str,
    /// The draft from which they come.
    pub draft: Option<SeenDraft>,
}

/// Why nothing was published.
#[derive(Debug)]
pub enum NotPublished {
    /// Something was published since the changes were made: what they were checked against is not there any more.
    Behind,
    /// Somebody saved the draft since, sent it on, or published it.
    DraftMoved,
    /// The document has moved on since the text was written, or its name is taken by a new one.
    Stale {
        kind: Kind,
        slug: Slug,
    },
    Store(StoreError),
}

impl From<sqlx::Error> for NotPublished {
    fn from(error: sqlx::Error) -> NotPublished {
        NotPublished::Store(error.into())
    }
}

struct DocumentRow {
    kind: String,
    slug: String,
    path: String,
    text: String,
    revision: i64,
    retired_at: Option<i64>,
}

impl TryFrom<DocumentRow> for Document {
    type Error = StoreError;

    fn try_from(row: DocumentRow) -> Result<Document, StoreError> {
        let DocumentRow { kind, slug, path, text, revision, retired_at } = row;
        match (Kind::parse(&kind), Slug::parse(&slug)) {
            (Some(kind), Some(slug)) => Ok(Document { kind, slug, path, text, revision, retired_at }),
            _ => Err(StoreError::Inconsistent { kind, slug }),
        }
    }
}

struct RevisionRow {
    number: i64,
    path: String,
    text: String,
    made_at: i64,
    made_by: String,
    why: String,
    act: String,
    accepted: String,
}

impl From<RevisionRow> for Revision {
    fn from(row: RevisionRow) -> Revision {
        let RevisionRow { number, path, text, made_at, made_by, why, act, accepted } = row;
        // The table allows these words only.
        let act = Act::parse(&act).unwrap_or(Act::Publish);
        Revision { number, path, text, made_at, made_by, why, act, accepted }
    }
}

impl Store {
    /// Every document that is not retired, in the order of their paths.
    pub async fn list_documents(&self) -> Result<Vec<Document>, StoreError> {
        let rows = sqlx::query_as!(
            DocumentRow,
            r#"
            SELECT
                kind,
                slug,
                path,
                text,
                revision,
                retired_at
            FROM document
            WHERE retired_at IS NULL
            ORDER BY path
            "#
        )
        .fetch_all(&self.read)
        .await?;
        rows.into_iter().map(Document::try_from).collect()
    }

    /// What is retired, the newest first.
    pub async fn list_retired(&self) -> Result<Vec<Document>, StoreError> {
        let rows = sqlx::query_as!(
            DocumentRow,
            r#"
            SELECT
                kind,
                slug,
                path,
                text,
                revision,
                retired_at
            FROM document
            WHERE retired_at IS NOT NULL
            ORDER BY retired_at DESC, path
            "#
        )
        .fetch_all(&self.read)
        .await?;
        rows.into_iter().map(Document::try_from).collect()
    }

    /// The newest text of a document, retired or not.
    pub async fn find_document(&self, kind: Kind, slug: &Slug) -> Result<Option<Document>, StoreError> {
        let (kind, slug) = (kind.word(), slug.as_str());
        let row = sqlx::query_as!(
            DocumentRow,
            r#"
            SELECT
                kind,
                slug,
                path,
                text,
                revision,
                retired_at
            FROM document
            WHERE kind = $1 AND slug = $2
            "#,
            kind,
            slug
        )
        .fetch_optional(&self.read)
        .await?;
        row.map(Document::try_from).transpose()
    }

    /// The history of a document, the newest first.
    pub async fn list_revisions(&self, kind: Kind, slug: &Slug) -> Result<Vec<Revision>, StoreError> {
        let (kind, slug) = (kind.word(), slug.as_str());
        let rows = sqlx::query_as!(
            RevisionRow,
            r#"
            SELECT
                number,
                path,
                text,
                made_at,
                made_by,
                why,
                act,
                accepted
            FROM revision
            WHERE kind = $1 AND slug = $2
            ORDER BY number DESC
            "#,
            kind,
            slug
        )
        .fetch_all(&self.read)
        .await?;
        Ok(rows.into_iter().map(Revision::from).collect())
    }

    /// How many times something was published; a fresh store is at 0.
    pub async fn generation(&self) -> Result<String, StoreError> {
        Ok(generation(&mut *self.read.acquire().await?).await?)
    }

    /// Publishes texts, all of them or none, and closes the draft from which they come, if nothing of what was looked at has
    /// changed. Links that were written down follow new names. Gives the numbers of the revisions and the generation that they
    /// make.
    pub async fn publish(
        &self,
        changes: &[Change],
        note: &Note<'_>,
        doer: &Doer<'_>,
        seen: Seen<'_>,
        follow: Follow<'_>,
    ) -> Result<(Vec<i64>, String), NotPublished> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        if generation(&mut transaction).await? != seen.generation {
            return Err(NotPublished::Behind);
        }
        let mut numbers = Vec::with_capacity(changes.len());
        for change in changes {
            let (kind, was) = (change.kind, change.from.as_ref().unwrap_or(&change.slug));
            let newest = newest_revision(&mut transaction, kind, was).await?.unwrap_or(0);
            let is_taken = change.from.is_some() && newest_revision(&mut transaction, kind, &change.slug).await?.is_some();
            if newest != change.base || is_taken {
                return Err(NotPublished::Stale { kind, slug: change.slug.clone() });
            }
            if let Some(from) = &change.from {
                rename(&mut transaction, kind, from, &change.slug, follow).await?;
            }
            let retired_at = (change.act == Act::Retire).then_some(note.at);
            let Change { slug, path, text, aliases, act, .. } = change;
            let text = Text { kind, slug, path, text, aliases, act: *act, retired_at };
            let number = write(&mut transaction, &text, note).await?;
            let about = format!("{} {}, revision {number}: {}", kind.word(), change.slug, change.act.words());
            let Doer { name, address } = *doer;
            let deed = Deed { at: note.at, who: name, address, what: What::Published, about: &about };
            write_deed(&mut transaction, &deed).await.map_err(NotPublished::Store)?;
            numbers.push(number);
        }
        if let Some(draft) = seen.draft
            && !close_draft(&mut transaction, draft).await?
        {
            return Err(NotPublished::DraftMoved);
        }
        let generation = count_generation(&mut transaction, note.at).await?;
        transaction.commit().await?;
        Ok((numbers, generation))
    }
}

async fn newest_revision(db: &mut SqliteConnection, kind: Kind, slug: &Slug) -> Result<Option<i64>, sqlx::Error> {
    let (kind, slug) = (kind.word(), slug.as_str());
    sqlx::query_scalar!("SELECT revision FROM document WHERE kind = $1 AND slug = $2", kind, slug).fetch_optional(db).await
}

/// A text that becomes the newest of its document.
pub(super) struct Text<'a> {
    pub kind: Kind,
    pub slug: &'a Slug,
    pub path: &'a str,
    pub text: &'a str,
    pub aliases: &'a [Slug],
    pub act: Act,
    pub retired_at: Option<i64>,
}

/// Gives the number of the new revision.
pub(super) async fn write(db: &mut SqliteConnection, new: &Text<'_>, note: &Note<'_>) -> Result<i64, sqlx::Error> {
    let (kind, slug, act) = (new.kind.word(), new.slug.as_str(), new.act.word());
    let number = sqlx::query_scalar!(
        r#"
        INSERT INTO document (kind, slug, path, text, revision, retired_at)
        VALUES ($1, $2, $3, $4, 1, $5)
        ON CONFLICT (kind, slug) DO UPDATE SET
            path = excluded.path,
            text = excluded.text,
            revision = document.revision + 1,
            retired_at = excluded.retired_at
        RETURNING revision
        "#,
        kind,
        slug,
        new.path,
        new.text,
        new.retired_at
    )
    .fetch_one(&mut *db)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO revision (kind, slug, number, path, text, made_at, made_by, why, act, accepted)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        "#,
        kind,
        slug,
        number,
        new.path,
        new.text,
        note.at,
        note.by,
        note.why,
        act,
        note.accepted
    )
    .execute(&mut *db)
    .await?;
    take_names(db, new.kind, new.slug, new.aliases).await?;
    Ok(number)
}

async fn generation(db: &mut SqliteConnection) -> Result<String, sqlx::Error> {
    let row = sqlx::query_scalar!("SELECT value FROM mark WHERE name = 'generation'").fetch_optional(db).await?;
    Ok(row.unwrap_or_else(|| "0".to_owned()))
}

/// Gives the new generation.
pub(super) async fn count_generation(db: &mut SqliteConnection, at: i64) -> Result<String, sqlx::Error> {
    // The time is part of it, so that a restored backup that is changed differently is not taken for the old store.
    let count = generation(&mut *db).await?.split('-').next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
    let value = format!("{}-{at}", count + 1);
    sqlx::query!(
        r#"
        INSERT INTO mark (name, value)
        VALUES ('generation', $1)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value
        "#,
        value
    )
    .execute(&mut *db)
    .await?;
    Ok(value)
}
