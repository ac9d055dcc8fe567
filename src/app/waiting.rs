//! Searches that wait for somebody to open a result, and misses and landings that wait to be written down. A search of which nothing is
//! opened for a while was abandoned: that is a miss, too.
//!
//! Held in memory only: a search that a restart forgets was not worth a write. Start at [`Waiting::add`].

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::kb::Slug;
use crate::store::landings::{Landing, LandingKind};
use crate::store::misses::MissKind;

/// Long enough to read a page of results, short enough to count the same day.
const PATIENCE_SECONDS: i64 = 30 * 60;
/// More searches at once are not followed.
const MOST: usize = 10_000;

/// Misses that were not written down yet, counted.
#[derive(Default)]
pub(super) struct Misses {
    counts: Mutex<BTreeMap<(MissKind, String), i64>>,
}

impl Misses {
    pub fn add(&self, kind: MissKind, text: &str) {
        let mut counts = self.counts.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !text.is_empty() && counts.len() < MOST {
            *counts.entry((kind, text.to_owned())).or_default() += 1;
        }
    }

    /// Takes them out, to be written down.
    pub fn take(&self) -> BTreeMap<(MissKind, String), i64> {
        std::mem::take(&mut self.counts.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

/// Landings that were not written down yet, counted.
#[derive(Default)]
pub(super) struct Landings {
    counts: Mutex<BTreeMap<(LandingKind, String, Slug), i64>>,
}

impl Landings {
    pub fn add(&self, kind: LandingKind, text: &str, entry: &Slug) {
        let mut counts = self.counts.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !text.is_empty() && counts.len() < MOST {
            *counts.entry((kind, text.to_owned(), entry.clone())).or_default() += 1;
        }
    }

    /// Takes them out, to be written down.
    pub fn take(&self) -> Vec<Landing> {
        let counts = std::mem::take(&mut *self.counts.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        let landing = |((kind, text, entry), count): ((LandingKind, String, Slug), i64)| Landing {
            kind,
            text,
            entry: entry.to_string(),
            count,
        };
        counts.into_iter().map(landing).collect()
    }
}

#[derive(Default)]
pub(super) struct Waiting {
    searches: Mutex<BTreeMap<u64, (String, i64)>>,
}

impl Waiting {
    /// Remembers a search under a number that nobody can guess; `None` when there are too many.
    pub fn add(&self, text: String, at: i64) -> Option<u64> {
        let mut bytes = [0u8; 8];
        getrandom::fill(&mut bytes).ok()?;
        // Numbers that a browser's script can hold without loss.
        let number = u64::from_le_bytes(bytes) >> 11;
        let mut searches = self.lock();
        if text.is_empty() || searches.len() >= MOST {
            return None;
        }
        searches.insert(number, (text, at));
        Some(number)
    }

    /// Somebody opened a result; gives the search if it was still waiting for it.
    pub fn opened(&self, number: u64) -> Option<String> {
        self.lock().remove(&number).map(|(text, _)| text)
    }

    /// Takes out the searches whose time is up, or all.
    pub fn abandoned(&self, now: i64, all: bool) -> Vec<String> {
        let mut searches = self.lock();
        let over: Vec<u64> = searches.iter().filter(|(_, (_, at))| all || now - at > PATIENCE_SECONDS).map(|(n, _)| *n).collect();
        over.iter().filter_map(|n| searches.remove(n)).map(|(text, _)| text).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, (String, i64)>> {
        self.searches.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
