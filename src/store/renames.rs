//! What a document was called before, and all that was written down under that name. Start at [`rename`].
//!
//! A name means one thing at a time. When a document gets another name, what is known of it goes along: its history, its
//! drafts and notes, what an import compares with, whether it helped, who came to it. When another document takes a name that
//! is free again, nothing of what was there before is left under it.

use sqlx::SqliteConnection;

use super::{Store, StoreError};
use crate::kb::{Kind, Slug};

/// A document gets another name, in the address of a diagnosis or in its parameters: `follow(text, kind, from, to)`.
pub type Follow<'a> = &'a (dyn Fn(&str, Kind, &str, &str) -> String + Sync);

/// Gives a document another name, which nobody has.
pub(super) async fn rename(
    db: &mut SqliteConnection,
    kind: Kind,
    from: &Slug,
    to: &Slug,
    follow: Follow<'_>,
) -> Result<(), sqlx::Error> {
    follow_outcomes(db, kind, from, to, follow).await?;
    follow_landings(db, kind, from, to, follow).await?;
    follow_misses(db, kind, from, to, follow).await?;
    let (kind, from, to) = (kind.word(), from.as_str(), to.as_str());
    sqlx::query!("UPDATE document SET slug = $3 WHERE kind = $1 AND slug = $2", kind, from, to).execute(&mut *db).await?;
    sqlx::query!("UPDATE revision SET slug = $3 WHERE kind = $1 AND slug = $2", kind, from, to).execute(&mut *db).await?;
    sqlx::query!("UPDATE import_base SET slug = $3 WHERE kind = $1 AND slug = $2", kind, from, to).execute(&mut *db).await?;
    sqlx::query!("UPDATE note SET slug = $3 WHERE kind = $1 AND slug = $2", kind, from, to).execute(&mut *db).await?;
    sqlx::query!("UPDATE draft SET slug = $3 WHERE kind = $1 AND slug = $2", kind, from, to).execute(&mut *db).await?;
    sqlx::query!("UPDATE renaming SET new = $3 WHERE kind = $1 AND new = $2", kind, from, to).execute(&mut *db).await?;
    // A document that took a free name may leave it again: what had it before has lost it.
    sqlx::query!(
        r#"
        INSERT INTO renaming (kind, old, new)
        VALUES ($1, $2, $3)
        ON CONFLICT (kind, old) DO UPDATE SET
            new = excluded.new
        "#,
        kind,
        from,
        to
    )
    .execute(&mut *db)
    .await?;
    Ok(())
}

/// A document of this name is there, with its former names: its own is nobody's former one any more, and the others are its
/// own, unless some document is called so.
pub(super) async fn take_names(db: &mut SqliteConnection, kind: Kind, slug: &Slug, aliases: &[Slug]) -> Result<(), sqlx::Error> {
    let (kind, slug) = (kind.word(), slug.as_str());
    sqlx::query!("DELETE FROM renaming WHERE kind = $1 AND old = $2", kind, slug).execute(&mut *db).await?;
    for alias in aliases {
        let alias = alias.as_str();
        sqlx::query!(
            r#"
            INSERT INTO renaming (kind, old, new)
            SELECT $1, $2, $3
            WHERE NOT EXISTS (SELECT slug FROM document WHERE kind = $1 AND slug = $2)
            ON CONFLICT (kind, old) DO UPDATE SET
                new = excluded.new
            "#,
            kind,
            alias,
            slug
        )
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

/// What the document of a former name is called now.
pub(super) async fn find_renamed(db: &mut SqliteConnection, kind: Kind, name: &Slug) -> Result<Option<String>, sqlx::Error> {
    let (kind, name) = (kind.word(), name.as_str());
    sqlx::query_scalar!("SELECT new FROM renaming WHERE kind = $1 AND old = $2", kind, name).fetch_optional(db).await
}

impl Store {
    /// What the document that had this name before is called now, retired or not.
    pub async fn find_former(&self, kind: Kind, name: &Slug) -> Result<Option<Slug>, StoreError> {
        let renamed = find_renamed(&mut *self.read.acquire().await?, kind, name).await?;
        Ok(renamed.as_deref().and_then(Slug::parse))
    }
}

struct SaidRow {
    id: i64,
    symptom: String,
    answers: String,
}

async fn follow_outcomes(
    db: &mut SqliteConnection,
    kind: Kind,
    from: &Slug,
    to: &Slug,
    follow: Follow<'_>,
) -> Result<(), sqlx::Error> {
    let (old, new) = (from.as_str(), to.as_str());
    if kind == Kind::Entry {
        sqlx::query!("UPDATE outcome SET entry = $2 WHERE entry = $1", old, new).execute(&mut *db).await?;
    }
    let rows = sqlx::query_as!(
        SaidRow,
        "SELECT id, symptom, answers FROM outcome WHERE INSTR(symptom, $1) > 0 OR INSTR(answers, $1) > 0",
        old
    );
    for SaidRow { id, symptom, answers } in rows.fetch_all(&mut *db).await? {
        let symptom = if kind == Kind::Symptom { in_list(&symptom, old, new) } else { symptom };
        let answers = follow(&answers, kind, old, new);
        sqlx::query!("UPDATE outcome SET symptom = $2, answers = $3 WHERE id = $1", id, symptom, answers)
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

struct LandedRow {
    kind: String,
    text: String,
    entry: String,
    count: i64,
    last_at: i64,
}

/// Two landings can become one.
async fn follow_landings(
    db: &mut SqliteConnection,
    kind: Kind,
    from: &Slug,
    to: &Slug,
    follow: Follow<'_>,
) -> Result<(), sqlx::Error> {
    let old = from.as_str();
    let rows = sqlx::query_as!(
        LandedRow,
        "SELECT kind, text, entry, count, last_at FROM landing WHERE entry = $1 OR (kind = 'diagnosis' AND INSTR(text, $1) > 0)",
        old
    );
    for row in rows.fetch_all(&mut *db).await? {
        let entry = if kind == Kind::Entry && row.entry == old { to.as_str() } else { &row.entry };
        let text = if row.kind == "diagnosis" { follow(&row.text, kind, old, to.as_str()) } else { row.text.clone() };
        if *entry == row.entry && text == row.text {
            continue;
        }
        sqlx::query!("DELETE FROM landing WHERE kind = $1 AND text = $2 AND entry = $3", row.kind, row.text, row.entry)
            .execute(&mut *db)
            .await?;
        sqlx::query!(
            r#"
            INSERT INTO landing (kind, text, entry, count, last_at)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (kind, text, entry) DO UPDATE SET
                count = landing.count + excluded.count,
                last_at = MAX(landing.last_at, excluded.last_at)
            "#,
            row.kind,
            text,
            entry,
            row.count,
            row.last_at
        )
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

struct MissedRow {
    text: String,
    count: i64,
    first_at: i64,
    last_at: i64,
}

async fn follow_misses(
    db: &mut SqliteConnection,
    kind: Kind,
    from: &Slug,
    to: &Slug,
    follow: Follow<'_>,
) -> Result<(), sqlx::Error> {
    let old = from.as_str();
    let rows = sqlx::query_as!(
        MissedRow,
        "SELECT text, count, first_at, last_at FROM miss WHERE kind = 'no-known-cause' AND INSTR(text, $1) > 0",
        old
    );
    for row in rows.fetch_all(&mut *db).await? {
        let text = follow(&row.text, kind, old, to.as_str());
        if text == row.text {
            continue;
        }
        sqlx::query!("DELETE FROM miss WHERE kind = 'no-known-cause' AND text = $1", row.text).execute(&mut *db).await?;
        sqlx::query!(
            r#"
            INSERT INTO miss (kind, text, count, first_at, last_at)
            VALUES ('no-known-cause', $1, $2, $3, $4)
            ON CONFLICT (kind, text) DO UPDATE SET
                count = miss.count + excluded.count,
                first_at = MIN(miss.first_at, excluded.first_at),
                last_at = MAX(miss.last_at, excluded.last_at)
            "#,
            text,
            row.count,
            row.first_at,
            row.last_at
        )
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

/// Names that are joined by commas, in order.
fn in_list(list: &str, from: &str, to: &str) -> String {
    let mut names: Vec<&str> = list.split(',').map(|name| if name == from { to } else { name }).collect();
    names.sort_unstable();
    names.dedup();
    names.join(",")
}
