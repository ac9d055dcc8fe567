//! Files of a folder, merged into the documents: what changed there, what changed here, and what changed in both. Start at
//! [`Store::import`].

use sqlx::SqliteConnection;

use super::audit::{Deed, What, write_deed};
use super::documents::{Act, Note, Text, count_generation, write};
use super::renames::find_renamed;
use super::{Store, StoreError};
use crate::kb::{Kind, Slug};

/// A file that comes in, with the digest that names its text.
#[derive(Clone, Debug)]
pub struct Incoming {
    pub kind: Kind,
    pub slug: Slug,
    pub path: String,
    pub text: String,
    /// What else the text says that it was called.
    pub aliases: Vec<Slug>,
    pub digest: String,
}

/// What changed both here and in a folder, in the same places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    pub kind: Kind,
    pub slug: Slug,
    /// Where it stands in the folder, and where it stands here.
    pub path: String,
    pub here: String,
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

impl Store {
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
            let Imported { added, changed, merged, .. } = imported;
            let about = format!("{}: {added} added, {changed} changed, {merged} merged", note.why);
            let deed = Deed { at: note.at, who: note.by, address: "", what: What::Imported, about: &about };
            write_deed(&mut transaction, &deed).await?;
        }
        transaction.commit().await?;
        Ok(imported)
    }
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
    let mut here = find_here(db, file.kind, file.slug.as_str()).await?;
    if here.is_none()
        && let Some(new) = find_renamed(db, file.kind, &file.slug).await?
    {
        here = find_here(db, file.kind, &new).await?;
    }
    let name = here.as_ref().map_or_else(|| file.slug.to_string(), |here| here.slug.clone());
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
    let is_moved = here.slug != file.slug.as_str() || here.retired_at.is_some();
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
        let text = Text { slug: &slug, path: &here.path, text: &text, ..Text::of(file, Act::Merge) };
        write(db, &text, note).await?;
        imported.merged += 1;
        return note_base(db, file, &name).await;
    }
    let (path, text) = (file.path.clone(), file.text.clone());
    imported.conflicts.push(Conflict { kind: file.kind, slug, path, here: here.path, text, revision: here.revision });
    Ok(())
}

async fn find_here(db: &mut SqliteConnection, kind: Kind, slug: &str) -> Result<Option<HereRow>, sqlx::Error> {
    let kind = kind.word();
    sqlx::query_as!(
        HereRow,
        "SELECT slug, path, text, revision, retired_at FROM document WHERE kind = $1 AND slug = $2",
        kind,
        slug
    )
    .fetch_optional(db)
    .await
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

impl Text<'_> {
    fn of(file: &Incoming, act: Act) -> Text<'_> {
        let Incoming { slug, path, text, aliases, .. } = file;
        Text { kind: file.kind, slug, path, text, aliases, act, retired_at: None }
    }
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
    use crate::store::documents::{Change, Doer, Seen};

    const NOTE: Note<'_> = Note { at: 7, by: "somebody", why: "a test", accepted: "" };

    fn file(text: &str) -> Incoming {
        let path = "entries/dns.md".to_owned();
        let slug = Slug::parse("dns").expect("it is one");
        Incoming { kind: Kind::Entry, slug, digest: digest(&path, text), path, text: text.to_owned(), aliases: Vec::new() }
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
                aliases: Vec::new(),
                base,
                act: Act::Publish,
            };
            let doer = Doer { name: "somebody", address: "" };
            let generation = store.generation().await.expect("it can be read");
            let seen = Seen { generation: &generation, draft: None };
            store
                .publish(&[change], &Note { at, ..NOTE }, &doer, seen, &|link, _, _, _| link.to_owned())
                .await
                .expect("it is not stale");
        }
        let history = texts(&store).await;
        assert_eq!(history.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), ["four", "three", "two", "one"]);
        let slug = Slug::parse("dns").expect("it is one");
        let today = store.find_document(Kind::Entry, &slug).await.expect("it answers").expect("it is there");
        assert_eq!((today.text.as_str(), today.revision), ("four", history[0].0));
    }
}
