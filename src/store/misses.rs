//! Searches and diagnoses that led nowhere. Start at [`Store::add_miss`].

use super::{Store, StoreError};

/// How somebody was left without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MissKind {
    /// A search found nothing.
    Empty,
    /// A search found something, and nobody opened it.
    Abandoned,
    /// A diagnosis ended without a cause.
    NoKnownCause,
}

impl MissKind {
    pub fn word(self) -> &'static str {
        match self {
            MissKind::Empty => "empty",
            MissKind::Abandoned => "abandoned",
            MissKind::NoKnownCause => "no-known-cause",
        }
    }

    pub fn parse(word: &str) -> Option<MissKind> {
        [MissKind::Empty, MissKind::Abandoned, MissKind::NoKnownCause].into_iter().find(|kind| kind.word() == word)
    }

    /// What happened, for those who write entries.
    pub fn words(self) -> &'static str {
        match self {
            MissKind::Empty => "nothing was found",
            MissKind::Abandoned => "no result was opened",
            MissKind::NoKnownCause => "no entry explains the answers",
        }
    }
}

/// A miss with the number of times that it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Miss {
    pub kind: String,
    pub text: String,
    pub count: i64,
}

impl Store {
    /// Counts a miss that happened so many times. `text` has to be normalised: it is kept.
    pub async fn add_miss(&self, kind: MissKind, text: &str, times: i64, at: i64) -> Result<(), StoreError> {
        let kind = kind.word();
        sqlx::query!(
            r#"
            INSERT INTO miss (kind, text, count, first_at, last_at)
            VALUES ($1, $2, $3, $4, $4)
            ON CONFLICT (kind, text) DO UPDATE SET
                count = miss.count + excluded.count,
                last_at = excluded.last_at
            "#,
            kind,
            text,
            times,
            at
        )
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Misses, the most frequent first.
    pub async fn list_misses(&self, limit: i64) -> Result<Vec<Miss>, StoreError> {
        let rows = sqlx::query_as!(
            Miss,
            r#"
            SELECT
                kind,
                text,
                count
            FROM miss
            ORDER BY count DESC, last_at DESC, text
            LIMIT $1
            "#,
            limit
        )
        .fetch_all(&self.read)
        .await?;
        Ok(rows)
    }
}
