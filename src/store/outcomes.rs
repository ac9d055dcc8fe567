//! Whether fixes helped. Start at [`Store::add_outcome`].

use super::audit::{Deed, What, write_deed};
use super::documents::Doer;
use super::{Store, StoreError};

/// What a person said of a fix. Holds no pasted text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome<'a> {
    pub entry: &'a str,
    /// The symptoms of the diagnosis, joined by a comma; empty when the fix was found without one.
    pub symptom: &'a str,
    /// The query string of the diagnosis.
    pub answers: &'a str,
    pub worked: bool,
    pub at: i64,
}

/// How often a fix helped and did not, for one symptom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    pub entry: String,
    pub symptom: String,
    pub worked: i64,
    pub failed: i64,
    /// When it helped last, in seconds since 1970.
    pub last_worked: Option<i64>,
}

impl Store {
    /// Keeps an outcome, under the name that the entry has now; once this returns, it survives a crash. What somebody without an account says is counted only.
    pub async fn add_outcome(&self, outcome: &Outcome<'_>, by: Option<&Doer<'_>>) -> Result<(), StoreError> {
        let mut change = self.write.begin().await?;
        sqlx::query!(
            r#"
            INSERT INTO outcome (entry, symptom, answers, worked, made_at)
            VALUES (
                COALESCE((SELECT new FROM renaming WHERE kind = 'entry' AND old = $1), $1),
                $2,
                $3,
                $4,
                $5
            )
            "#,
            outcome.entry,
            outcome.symptom,
            outcome.answers,
            outcome.worked,
            outcome.at
        )
        .execute(&mut *change)
        .await?;
        if let Some(Doer { name, address }) = by {
            let about = format!("entry {}: it {}", outcome.entry, if outcome.worked { "helped" } else { "did not help" });
            let deed = Deed { at: outcome.at, who: name, address, what: What::OutcomeTold, about: &about };
            write_deed(&mut change, &deed).await?;
        }
        Ok(change.commit().await?)
    }

    /// The sums of all outcomes.
    pub async fn list_tallies(&self) -> Result<Vec<Tally>, StoreError> {
        let rows = sqlx::query_as!(
            Tally,
            r#"
            SELECT
                entry AS "entry!",
                symptom AS "symptom!",
                SUM(worked) AS "worked!: i64",
                SUM(1 - worked) AS "failed!: i64",
                MAX(CASE WHEN worked = 1 THEN made_at END) AS "last_worked: i64"
            FROM outcome
            GROUP BY entry, symptom
            ORDER BY entry, symptom
            "#
        )
        .fetch_all(&self.read)
        .await?;
        Ok(rows)
    }
}
