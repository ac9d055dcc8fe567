//! Searches and diagnoses that led to an entry. Start at [`Store::add_landings`].

use super::{Store, StoreError};

/// Older landings than so many are forgotten.
const MOST: i64 = 20_000;

/// How somebody came to an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LandingKind {
    /// A search, of which the entry was opened.
    Search,
    /// A diagnosis, which ended at the entry.
    Diagnosis,
}

impl LandingKind {
    pub fn word(self) -> &'static str {
        match self {
            LandingKind::Search => "search",
            LandingKind::Diagnosis => "diagnosis",
        }
    }

    pub fn parse(word: &str) -> Option<LandingKind> {
        [LandingKind::Search, LandingKind::Diagnosis].into_iter().find(|kind| kind.word() == word)
    }
}

/// A landing with the number of times that it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landing {
    pub kind: LandingKind,
    /// The normalised words of a search, or the address of a diagnosis.
    pub text: String,
    pub entry: String,
    pub count: i64,
}

struct LandingRow {
    kind: String,
    text: String,
    entry: String,
    count: i64,
}

impl TryFrom<LandingRow> for Landing {
    type Error = StoreError;

    fn try_from(row: LandingRow) -> Result<Landing, StoreError> {
        let LandingRow { kind, text, entry, count } = row;
        match LandingKind::parse(&kind) {
            Some(kind) => Ok(Landing { kind, text, entry, count }),
            None => Err(StoreError::Inconsistent { kind, slug: entry }),
        }
    }
}

impl Store {
    /// Counts landings, all or none, under the names that the entries have now, and forgets the oldest beyond [`MOST`]. Texts have to be normalised: they are kept.
    pub async fn add_landings(&self, landings: &[Landing], at: i64) -> Result<(), StoreError> {
        self.add_landings_up_to(landings, at, MOST).await
    }

    async fn add_landings_up_to(&self, landings: &[Landing], at: i64, most: i64) -> Result<(), StoreError> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        for landing in landings {
            let kind = landing.kind.word();
            sqlx::query!(
                r#"
                INSERT INTO landing (kind, text, entry, count, last_at)
                VALUES (
                    $1,
                    $2,
                    COALESCE((SELECT new FROM renaming WHERE kind = 'entry' AND old = $3), $3),
                    $4,
                    $5
                )
                ON CONFLICT (kind, text, entry) DO UPDATE SET
                    count = landing.count + excluded.count,
                    last_at = excluded.last_at
                "#,
                kind,
                landing.text,
                landing.entry,
                landing.count,
                at
            )
            .execute(&mut *transaction)
            .await?;
        }
        sqlx::query!(
            r#"
            DELETE FROM landing
            WHERE rowid IN (
                SELECT rowid
                FROM landing
                ORDER BY last_at DESC, rowid DESC
                LIMIT -1 OFFSET $1
            )
            "#,
            most
        )
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Landings, the most frequent first; diagnoses whose fix helped are among them.
    pub async fn list_landings(&self, limit: i64) -> Result<Vec<Landing>, StoreError> {
        let rows = sqlx::query_as!(
            LandingRow,
            r#"
            SELECT
                kind AS "kind!",
                text AS "text!",
                entry AS "entry!",
                SUM(count) AS "count!: i64"
            FROM (
                SELECT
                    kind,
                    text,
                    entry,
                    count,
                    last_at
                FROM landing
                UNION ALL
                SELECT
                    'diagnosis' AS kind,
                    '/diagnose?' || answers AS text,
                    entry,
                    1 AS count,
                    made_at AS last_at
                FROM outcome
                WHERE worked = 1 AND answers <> ''
            )
            GROUP BY kind, text, entry
            ORDER BY SUM(count) DESC, MAX(last_at) DESC, text, entry
            LIMIT $1
            "#,
            limit
        )
        .fetch_all(&self.read)
        .await?;
        rows.into_iter().map(Landing::try_from).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::outcomes::Outcome;

    fn landing(kind: LandingKind, text: &str, count: i64) -> Landing {
        Landing { kind, text: text.to_owned(), entry: "dns".to_owned(), count }
    }

    #[tokio::test]
    async fn landings_are_counted_with_fixes_that_helped() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let store = Store::open(folder.path()).await.expect("it opens");
        let both = [landing(LandingKind::Search, "no host", 2), landing(LandingKind::Diagnosis, "/diagnose?a=b", 1)];
        store.add_landings(&both, 1).await.expect("it can be written");
        store.add_landings(&both[..1], 2).await.expect("it can be written");
        for worked in [true, false, true] {
            let outcome = Outcome { entry: "dns", symptom: "", answers: "a=b", worked, at: 3 };
            store.add_outcome(&outcome, None).await.expect("it can be written");
        }
        let expected = [landing(LandingKind::Search, "no host", 4), landing(LandingKind::Diagnosis, "/diagnose?a=b", 3)];
        assert_eq!(store.list_landings(9).await.expect("it can be read"), expected);
        assert_eq!(store.list_landings(1).await.expect("it can be read"), expected[..1]);
    }

    #[tokio::test]
    async fn the_oldest_landings_go() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let store = Store::open(folder.path()).await.expect("it opens");
        for (at, text) in [(1, "first"), (2, "second"), (3, "first"), (4, "third")] {
            store.add_landings_up_to(&[landing(LandingKind::Search, text, 1)], at, 2).await.expect("it can be written");
        }
        let left = store.list_landings(9).await.expect("it can be read");
        assert_eq!(left.iter().map(|l| (l.text.as_str(), l.count)).collect::<Vec<_>>(), [("first", 2), ("third", 1)]);
    }
}
