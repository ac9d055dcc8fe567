//! Documents and their revisions. Start at [`Store::publish`].

use sqlx::SqliteConnection;

use super::audit::{Deed, What, write_deed};
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

/// A file that comes in, with the digest that names its text.
#[derive(Clone, Debug)]
pub struct Incoming {
    pub kind: Kind,
    pub slug: Slug,
    pub path: String,
    pub text: String,
    pub digest: String,
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

/// Why nothing was published.
#[derive(Debug)]
pub enum NotPublished {
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

/// What changed both here and in a folder, in the same places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    pub kind: Kind,
    pub slug: Slug,
    pub path: String,
    /// What the folder has.
    pub text: String,
    /// The newest revision here.
    pub revision: i64,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    pub added: usize,
    pub changed: usize,
    pub unchanged: usize,
    /// Changed here since the last import and not in the folder: kept.
    pub kept: usize,
    /// Changed in both, in different places.
    pub merged: usize,
    /// Changed in both, in the same places: kept as they are here.
    pub conflicts: Vec<Conflict>,
}

/// Makes one text of two that began as the first one, if they do not overlap: `merge(base, here, folder)`.
pub type Merge<'a> = &'a (dyn Fn(&str, &str, &str) -> Option<String> + Sync);

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
        let row = sqlx::query_scalar!("SELECT value FROM mark WHERE name = 'generation'").fetch_optional(&self.read).await?;
        Ok(row.unwrap_or_else(|| "0".to_owned()))
    }

    /// Publishes texts, all of them or none, and closes the draft from which they come. Gives the numbers of the revisions and
    /// the generation that they make.
    pub async fn publish(
        &self,
        changes: &[Change],
        note: &Note<'_>,
        doer: &Doer<'_>,
        draft: Option<i64>,
    ) -> Result<(Vec<i64>, String), NotPublished> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let mut numbers = Vec::with_capacity(changes.len());
        for change in changes {
            let (kind, was) = (change.kind, change.from.as_ref().unwrap_or(&change.slug));
            let newest = newest_revision(&mut transaction, kind, was).await?.unwrap_or(0);
            let is_taken = change.from.is_some() && newest_revision(&mut transaction, kind, &change.slug).await?.is_some();
            if newest != change.base || is_taken {
                return Err(NotPublished::Stale { kind, slug: change.slug.clone() });
            }
            if let Some(from) = &change.from {
                rename(&mut transaction, kind, from, &change.slug).await?;
            }
            let retired_at = (change.act == Act::Retire).then_some(note.at);
            let text = Text { kind, slug: &change.slug, path: &change.path, text: &change.text, act: change.act, retired_at };
            let number = write(&mut transaction, &text, note).await?;
            let about = format!("{} {}, revision {number}: {}", kind.word(), change.slug, change.act.words());
            let Doer { name, address } = *doer;
            let deed = Deed { at: note.at, who: name, address, what: What::Published, about: &about };
            write_deed(&mut transaction, &deed).await.map_err(NotPublished::Store)?;
            numbers.push(number);
        }
        if let Some(id) = draft {
            sqlx::query!("UPDATE draft SET state = 'published' WHERE id = $1", id).execute(&mut *transaction).await?;
        }
        let generation = count_generation(&mut transaction, note.at).await?;
        transaction.commit().await?;
        Ok((numbers, generation))
    }

    /// Merges files into the store, all or nothing: what changed in the folder and not here becomes a revision, what changed
    /// in both becomes one where the changes do not overlap, and else is kept as it is here and reported. Doing it twice
    /// changes nothing. `progress` hears how many are done.
    pub async fn import(
        &self,
        files: &[Incoming],
        note: &Note<'_>,
        merge: Merge<'_>,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<Imported, StoreError> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let mut imported = Imported::default();
        for (done, file) in files.iter().enumerate() {
            take_in(&mut transaction, file, note, merge, &mut imported).await?;
            progress(done + 1);
        }
        if imported.added + imported.changed + imported.merged > 0 {
            count_generation(&mut transaction, note.at).await?;
        }
        transaction.commit().await?;
        Ok(imported)
    }
}

async fn newest_revision(db: &mut SqliteConnection, kind: Kind, slug: &Slug) -> Result<Option<i64>, sqlx::Error> {
    let (kind, slug) = (kind.word(), slug.as_str());
    sqlx::query_scalar!("SELECT revision FROM document WHERE kind = $1 AND slug = $2", kind, slug).fetch_optional(db).await
}

/// The history goes along with the name, and so does what an import compares with.
async fn rename(db: &mut SqliteConnection, kind: Kind, from: &Slug, to: &Slug) -> Result<(), sqlx::Error> {
    let (kind, from, to) = (kind.word(), from.as_str(), to.as_str());
    sqlx::query!("UPDATE document SET slug = $3 WHERE kind = $1 AND slug = $2", kind, from, to).execute(&mut *db).await?;
    sqlx::query!("UPDATE revision SET slug = $3 WHERE kind = $1 AND slug = $2", kind, from, to).execute(&mut *db).await?;
    sqlx::query!("UPDATE import_base SET slug = $3 WHERE kind = $1 AND slug = $2", kind, from, to).execute(&mut *db).await?;
    sqlx::query!("UPDATE note SET slug = $3 WHERE kind = $1 AND slug = $2", kind, from, to).execute(&mut *db).await?;
    sqlx::query!("UPDATE draft SET slug = $3 WHERE kind = $1 AND slug = $2", kind, from, to).execute(&mut *db).await?;
    sqlx::query!("UPDATE renaming SET new = $3 WHERE kind = $1 AND new = $2", kind, from, to).execute(&mut *db).await?;
    // A name that comes back names what it names now.
    sqlx::query!("DELETE FROM renaming WHERE kind = $1 AND old = $2", kind, to).execute(&mut *db).await?;
    sqlx::query!("INSERT INTO renaming (kind, old, new) VALUES ($1, $2, $3)", kind, from, to).execute(&mut *db).await?;
    Ok(())
}

struct HereRow {
    slug: String,
    path: String,
    text: String,
    revision: i64,
    retired_at: Option<i64>,
}

struct BaseRow {
    digest: String,
    text: Option<String>,
}

async fn take_in(
    db: &mut SqliteConnection,
    file: &Incoming,
    note: &Note<'_>,
    merge: Merge<'_>,
    imported: &mut Imported,
) -> Result<(), StoreError> {
    let kind = file.kind.word();
    let renamed = {
        let slug = file.slug.as_str();
        sqlx::query_scalar!("SELECT new FROM renaming WHERE kind = $1 AND old = $2", kind, slug).fetch_optional(&mut *db).await?
    };
    let name = renamed.clone().unwrap_or_else(|| file.slug.to_string());
    let here = sqlx::query_as!(
        HereRow,
        "SELECT slug, path, text, revision, retired_at FROM document WHERE kind = $1 AND slug = $2",
        kind,
        name
    )
    .fetch_optional(&mut *db)
    .await?;
    let base = sqlx::query_as!(BaseRow, "SELECT digest, text FROM import_base WHERE kind = $1 AND slug = $2", kind, name)
        .fetch_optional(&mut *db)
        .await?;
    let Some(here) = here else {
        write(db, &Text::of(file, Act::Import), note).await?;
        imported.added += 1;
        return note_base(db, file, &name).await;
    };
    let slug =
        Slug::parse(&here.slug).ok_or_else(|| StoreError::Inconsistent { kind: kind.to_owned(), slug: here.slug.clone() })?;
    let is_moved = renamed.is_some() || here.retired_at.is_some();
    if here.text == file.text && here.path == file.path && here.retired_at.is_none() {
        imported.unchanged += 1;
        return note_base(db, file, &name).await;
    }
    if base.as_ref().is_some_and(|b| b.digest == file.digest) {
        imported.kept += 1;
        return Ok(());
    }
    if !is_moved && base.as_ref().is_some_and(|b| b.digest == digest(&here.path, &here.text)) {
        write(db, &Text::of(file, Act::Import), note).await?;
        imported.changed += 1;
        return note_base(db, file, &name).await;
    }
    let merged = base.and_then(|b| b.text).filter(|_| here.retired_at.is_none());
    if let Some(text) = merged.and_then(|base| merge(&base, &here.text, &file.text)) {
        // Where it is kept here is nothing that a folder decides once they differ.
        let text = Text { kind: file.kind, slug: &slug, path: &here.path, text: &text, act: Act::Merge, retired_at: None };
        write(db, &text, note).await?;
        imported.merged += 1;
        return note_base(db, file, &name).await;
    }
    let (path, text) = (file.path.clone(), file.text.clone());
    imported.conflicts.push(Conflict { kind: file.kind, slug, path, text, revision: here.revision });
    Ok(())
}

/// The text of a folder is what the next import compares with.
async fn note_base(db: &mut SqliteConnection, file: &Incoming, slug: &str) -> Result<(), StoreError> {
    let kind = file.kind.word();
    sqlx::query!(
        r#"
        INSERT INTO import_base (kind, slug, digest, text)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (kind, slug) DO UPDATE SET
            digest = excluded.digest,
            text = excluded.text
        "#,
        kind,
        slug,
        file.digest,
        file.text
    )
    .execute(&mut *db)
    .await?;
    Ok(())
}

/// A text that becomes the newest of its document.
struct Text<'a> {
    kind: Kind,
    slug: &'a Slug,
    path: &'a str,
    text: &'a str,
    act: Act,
    retired_at: Option<i64>,
}

impl Text<'_> {
    fn of(file: &Incoming, act: Act) -> Text<'_> {
        Text { kind: file.kind, slug: &file.slug, path: &file.path, text: &file.text, act, retired_at: None }
    }
}

/// Gives the number of the new revision.
async fn write(db: &mut SqliteConnection, new: &Text<'_>, note: &Note<'_>) -> Result<i64, sqlx::Error> {
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
    Ok(number)
}

/// Gives the new generation.
async fn count_generation(db: &mut SqliteConnection, at: i64) -> Result<String, sqlx::Error> {
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
    Ok(value)
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

    const NOTE: Note<'_> = Note { at: 7, by: "somebody", why: "a test", accepted: "" };

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

    fn take_neither(_: &str, _: &str, _: &str) -> Option<String> {
        None
    }

    async fn import(store: &Store, text: &str) -> Imported {
        store.import(&[file(text)], &NOTE, &take_neither, &|_| ()).await.expect("it can be written")
    }

    /// As an editor does it: a new text without an import.
    async fn edit(store: &Store, text: &str) {
        let mut db = store.write.acquire().await.expect("nobody else writes");
        write(&mut db, &Text::of(&file(text), Act::Publish), &NOTE).await.expect("it can be written");
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
            let conflicts = import(&store, "theirs").await.conflicts;
            assert_eq!(
                conflicts.iter().map(|c| (c.path.as_str(), c.text.as_str())).collect::<Vec<_>>(),
                [("entries/dns.md", "theirs")]
            );
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

    #[tokio::test]
    async fn revisions_go_by_their_number_when_the_clock_jumps_back() {
        let (_folder, store) = a_store().await;
        import(&store, "one").await;
        let path = "entries/dns.md".to_owned();
        for (at, text) in [(900, "two"), (3, "three"), (5, "four")] {
            let slug = Slug::parse("dns").expect("it is one");
            let base = texts(&store).await.first().expect("there is one").0;
            let change = Change {
                kind: Kind::Entry,
                slug,
                from: None,
                path: path.clone(),
                text: text.to_owned(),
                base,
                act: Act::Publish,
            };
            let doer = Doer { name: "somebody", address: "" };
            store.publish(&[change], &Note { at, ..NOTE }, &doer, None).await.expect("it is not stale");
        }
        let history = texts(&store).await;
        assert_eq!(history.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), ["four", "three", "two", "one"]);
        let slug = Slug::parse("dns").expect("it is one");
        let today = store.find_document(Kind::Entry, &slug).await.expect("it answers").expect("it is there");
        assert_eq!((today.text.as_str(), today.revision), ("four", history[0].0));
    }
}
