//! Documents and their revisions. Start at [`Store::import`].

use sqlx::SqliteConnection;

use super::{Store, StoreError};
use crate::kb::{Kind, Slug};

/// The newest text of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    pub kind: Kind,
    pub slug: Slug,
    pub path: String,
    pub text: String,
}

/// One text that a document had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    pub number: i64,
    pub made_at: i64,
    pub made_by: String,
    pub why: String,
    pub text: String,
}

/// A file that comes in, with the digest that names its text.
#[derive(Clone, Debug)]
pub struct Incoming {
    pub kind: Kind,
    pub slug: Slug,
    pub path: String,
    pub text: String,
    pub digest: String,
}

/// Who changes something, when, and why.
#[derive(Clone, Debug)]
pub struct Note<'a> {
    pub at: i64,
    pub by: &'a str,
    pub why: &'a str,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    pub added: usize,
    pub changed: usize,
    pub unchanged: usize,
    /// Changed here since the last import and not in the folder: kept.
    pub kept: usize,
    /// Changed in both: kept as they are here.
    pub conflicts: Vec<String>,
}

struct DocumentRow {
    kind: String,
    slug: String,
    path: String,
    text: String,
}

impl TryFrom<DocumentRow> for Document {
    type Error = StoreError;

    fn try_from(row: DocumentRow) -> Result<Document, StoreError> {
        match (Kind::parse(&row.kind), Slug::parse(&row.slug)) {
            (Some(kind), Some(slug)) => Ok(Document { kind, slug, path: row.path, text: row.text }),
            _ => Err(StoreError::Inconsistent { kind: row.kind, slug: row.slug }),
        }
    }
}

impl Store {
    /// Every document, in the order of their paths.
    pub async fn list_documents(&self) -> Result<Vec<Document>, StoreError> {
        let rows = sqlx::query_as!(
            DocumentRow,
            r#"
            SELECT
                kind,
                slug,
                path,
                text
            FROM document
            ORDER BY path
            "#
        )
        .fetch_all(&self.read)
        .await?;
        rows.into_iter().map(Document::try_from).collect()
    }

    /// The history of a document, the newest first.
    pub async fn list_revisions(&self, kind: Kind, slug: &Slug) -> Result<Vec<Revision>, StoreError> {
        let (kind, slug) = (kind.word(), slug.as_str());
        let rows = sqlx::query_as!(
            Revision,
            r#"
            SELECT
                number,
                made_at,
                made_by,
                why,
                text
            FROM revision
            WHERE kind = $1 AND slug = $2
            ORDER BY number DESC
            "#,
            kind,
            slug
        )
        .fetch_all(&self.read)
        .await?;
        Ok(rows)
    }

    /// How many times something was published; a fresh store is at 0.
    pub async fn generation(&self) -> Result<String, StoreError> {
        let row = sqlx::query_scalar!("SELECT value FROM mark WHERE name = 'generation'").fetch_optional(&self.read).await?;
        Ok(row.unwrap_or_else(|| "0".to_owned()))
    }

    /// Merges files into the store, all or nothing: what changed in the folder and not here becomes a revision, what changed
    /// in both is kept as it is here and reported. Doing it twice changes nothing. `progress` hears how many are done.
    pub async fn import(&self, files: &[Incoming], note: &Note<'_>, progress: &dyn Fn(usize)) -> Result<Imported, StoreError> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let mut imported = Imported::default();
        for (done, file) in files.iter().enumerate() {
            merge(&mut transaction, file, note, &mut imported).await?;
            progress(done + 1);
        }
        if imported.added + imported.changed > 0 {
            count_generation(&mut transaction, note.at).await?;
        }
        transaction.commit().await?;
        Ok(imported)
    }
}

async fn merge(db: &mut SqliteConnection, file: &Incoming, note: &Note<'_>, imported: &mut Imported) -> Result<(), StoreError> {
    let (kind, slug) = (file.kind.word(), file.slug.as_str());
    let here = sqlx::query!("SELECT path, text FROM document WHERE kind = $1 AND slug = $2", kind, slug)
        .fetch_optional(&mut *db)
        .await?;
    let base = sqlx::query_scalar!("SELECT digest FROM import_base WHERE kind = $1 AND slug = $2", kind, slug)
        .fetch_optional(&mut *db)
        .await?;
    match here {
        None => {
            write(db, file, note).await?;
            imported.added += 1;
        }
        Some(here) if here.text == file.text && here.path == file.path => imported.unchanged += 1,
        Some(_) if base.as_deref() == Some(&file.digest) => {
            imported.kept += 1;
            return Ok(());
        }
        Some(here) if base.as_deref() == Some(&digest(&here.path, &here.text)) => {
            write(db, file, note).await?;
            imported.changed += 1;
        }
        Some(_) => {
            imported.conflicts.push(file.path.clone());
            return Ok(());
        }
    }
    sqlx::query!(
        r#"
        INSERT INTO import_base (kind, slug, digest)
        VALUES ($1, $2, $3)
        ON CONFLICT (kind, slug) DO UPDATE SET digest = excluded.digest
        "#,
        kind,
        slug,
        file.digest
    )
    .execute(&mut *db)
    .await?;
    Ok(())
}

async fn write(db: &mut SqliteConnection, file: &Incoming, note: &Note<'_>) -> Result<(), StoreError> {
    let (kind, slug) = (file.kind.word(), file.slug.as_str());
    let number = sqlx::query_scalar!(
        r#"
        INSERT INTO document (kind, slug, path, text, revision)
        VALUES ($1, $2, $3, $4, 1)
        ON CONFLICT (kind, slug) DO UPDATE SET
            path = excluded.path,
            text = excluded.text,
            revision = document.revision + 1
        RETURNING revision
        "#,
        kind,
        slug,
        file.path,
        file.text
    )
    .fetch_one(&mut *db)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO revision (kind, slug, number, path, text, made_at, made_by, why)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        "#,
        kind,
        slug,
        number,
        file.path,
        file.text,
        note.at,
        note.by,
        note.why
    )
    .execute(&mut *db)
    .await?;
    Ok(())
}

async fn count_generation(db: &mut SqliteConnection, at: i64) -> Result<(), StoreError> {
    // The time is part of it, so that a restored backup that is changed differently is not taken for the old store.
    let row = sqlx::query_scalar!("SELECT value FROM mark WHERE name = 'generation'").fetch_optional(&mut *db).await?;
    let count = row.and_then(|v| v.split('-').next().and_then(|n| n.parse::<u64>().ok())).unwrap_or(0);
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
    Ok(())
}

/// Names a text and its place, for telling who changed it.
pub fn digest(path: &str, text: &str) -> String {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    hash.update(path.as_bytes());
    hash.update([0]);
    hash.update(text.as_bytes());
    hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    const NOTE: Note<'_> = Note { at: 7, by: "somebody", why: "a test" };

    fn file(text: &str) -> Incoming {
        let path = "entries/dns.md".to_owned();
        let slug = Slug::parse("dns").expect("it is one");
        Incoming { kind: Kind::Entry, slug, digest: digest(&path, text), path, text: text.to_owned() }
    }

    async fn a_store() -> (TempDir, Store) {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let store = Store::open(folder.path()).await.expect("it opens");
        (folder, store)
    }

    async fn import(store: &Store, text: &str) -> Imported {
        store.import(&[file(text)], &NOTE, &|_| ()).await.expect("it can be written")
    }

    /// As an editor does it: a new text without an import.
    async fn edit(store: &Store, text: &str) {
        let mut db = store.write.acquire().await.expect("nobody else writes");
        write(&mut db, &file(text), &NOTE).await.expect("it can be written");
    }

    async fn texts(store: &Store) -> Vec<(i64, String)> {
        let slug = Slug::parse("dns").expect("it is one");
        let revisions = store.list_revisions(Kind::Entry, &slug).await.expect("it can be read");
        revisions.into_iter().map(|r| (r.number, r.text)).collect()
    }

    fn history(texts: &[(i64, &str)]) -> Vec<(i64, String)> {
        texts.iter().map(|(number, text)| (*number, (*text).to_owned())).collect()
    }

    #[tokio::test]
    async fn each_text_becomes_a_revision_once() {
        let (_folder, store) = a_store().await;
        assert_eq!(import(&store, "one").await.added, 1);
        assert_eq!(import(&store, "one").await.unchanged, 1);
        assert_eq!(import(&store, "two").await.changed, 1);
        assert_eq!(texts(&store).await, history(&[(2, "two"), (1, "one")]));
        let documents = store.list_documents().await.expect("it can be read");
        assert_eq!(documents.iter().map(|d| d.text.as_str()).collect::<Vec<_>>(), ["two"]);
    }

    #[tokio::test]
    async fn going_back_to_an_old_text_is_a_new_revision() {
        let (_folder, store) = a_store().await;
        for text in ["one", "two", "one"] {
            import(&store, text).await;
        }
        assert_eq!(texts(&store).await, history(&[(3, "one"), (2, "two"), (1, "one")]));
    }

    #[tokio::test]
    async fn what_changed_in_both_is_kept_and_makes_no_revision() {
        let (_folder, store) = a_store().await;
        import(&store, "one").await;
        edit(&store, "mine").await;
        assert_eq!(import(&store, "one").await.kept, 1);
        for _ in 0..2 {
            assert_eq!(import(&store, "theirs").await.conflicts, ["entries/dns.md"]);
        }
        assert_eq!(texts(&store).await, history(&[(2, "mine"), (1, "one")]));
    }

    #[tokio::test]
    async fn once_both_agree_the_folder_may_change_it_again() {
        let (_folder, store) = a_store().await;
        import(&store, "one").await;
        edit(&store, "mine").await;
        assert_eq!(import(&store, "mine").await.unchanged, 1);
        assert_eq!(import(&store, "theirs").await.changed, 1);
    }

    #[tokio::test]
    async fn the_generation_moves_with_what_is_published_and_only_then() {
        let (_folder, store) = a_store().await;
        let mut seen = vec![store.generation().await.expect("it can be read")];
        for text in ["one", "one", "two"] {
            import(&store, text).await;
            seen.push(store.generation().await.expect("it can be read"));
        }
        assert_eq!(seen, ["0", "1-7", "1-7", "2-7"]);
    }
}
