//! A mistyped word → the written words that are near it.
//!
//! The words of all documents are in the index in order, so those that begin alike share the beginning of the table of
//! distances. Only words with the same first letter are looked at (or the same first two, swapped): people rarely miss that
//! one, and it leaves a tenth of the dictionary. Start at [`nearest`].

use std::io;

use imbl::HashSet;
use tantivy::termdict::TermDictionary;

/// Shorter words are near too many others.
const SHORTEST: usize = 4;
const LONGEST: usize = 24;
/// From this length on a second error is forgiven.
const TWO_ERRORS_FROM: usize = 8;

/// Whether a word is of the kind that people mistype and mean another: plain letters, neither short nor endless.
pub fn can_be_mended(word: &str) -> bool {
    (SHORTEST..=LONGEST).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase())
}

/// The words of some dictionaries at the least distance, if that is small enough, in their order; not those that are gone.
pub fn nearest(word: &str, dictionaries: &[&TermDictionary], gone: &HashSet<String>) -> io::Result<Vec<String>> {
    let mut best = Nearest { limit: if word.len() >= TWO_ERRORS_FROM { 2 } else { 1 }, words: Vec::new(), gone };
    let letters = word.as_bytes();
    let (Some(first), Some(second)) = (letters.first(), letters.get(1)) else { return Ok(Vec::new()) };
    for dictionary in dictionaries {
        look_through(dictionary, &[*first], letters, &mut best)?;
        if second != first {
            look_through(dictionary, &[*second, *first], letters, &mut best)?;
        }
    }
    best.words.sort_by_key(|near| (!near.as_bytes().starts_with(&[*first]), near.clone()));
    best.words.dedup();
    Ok(best.words)
}

struct Nearest<'a> {
    limit: usize,
    words: Vec<String>,
    gone: &'a HashSet<String>,
}

impl Nearest<'_> {
    fn offer(&mut self, distance: usize, word: &[u8]) {
        let Some(word) = std::str::from_utf8(word).ok().filter(|word| distance <= self.limit && !self.gone.contains(*word))
        else {
            return;
        };
        if distance < self.limit {
            self.limit = distance;
            self.words.clear();
        }
        self.words.push(word.to_owned());
    }
}

fn look_through(dictionary: &TermDictionary, prefix: &[u8], word: &[u8], best: &mut Nearest) -> io::Result<()> {
    let mut end = prefix.to_vec();
    if let Some(last) = end.last_mut() {
        *last += 1;
    }
    let mut stream = dictionary.range().ge(prefix).lt(&end).into_stream()?;
    let mut table = Table::new(word);
    while stream.advance() {
        let key = stream.key();
        if key.len().abs_diff(word.len()) <= best.limit {
            let distance = table.distance(key, best.limit);
            best.offer(distance, key);
        }
    }
    Ok(())
}

/// The table of edit distances (insert, delete, change, swap of neighbours) between a word and the keys of a dictionary, kept
/// from one key to the next as far as they begin alike.
struct Table<'a> {
    word: &'a [u8],
    key: Vec<u8>,
    rows: Vec<Vec<usize>>,
}

impl Table<'_> {
    fn new(word: &[u8]) -> Table<'_> {
        Table { word, key: Vec::new(), rows: vec![(0..=word.len()).collect()] }
    }

    /// The distance, or something above the limit.
    fn distance(&mut self, key: &[u8], limit: usize) -> usize {
        let alike = self.key.iter().zip(key).take_while(|(a, b)| a == b).count();
        self.key.truncate(alike);
        self.rows.truncate(alike + 1);
        for &letter in &key[alike..] {
            if self.rows.last().is_some_and(|row| row.iter().all(|d| *d > limit)) {
                return limit + 1;
            }
            let row = self.next_row(letter);
            self.key.push(letter);
            self.rows.push(row);
        }
        self.rows.last().and_then(|row| row.last()).copied().unwrap_or(limit + 1)
    }

    fn next_row(&self, letter: u8) -> Vec<usize> {
        let depth = self.key.len();
        let above = &self.rows[depth];
        let mut row = Vec::with_capacity(above.len());
        row.push(depth + 1);
        for (i, &wanted) in self.word.iter().enumerate() {
            let change = above[i] + usize::from(wanted != letter);
            let mut least = change.min(above[i + 1] + 1).min(row[i] + 1);
            let swapped = i > 0 && depth > 0 && self.word[i - 1] == letter && self.key[depth - 1] == wanted;
            if swapped {
                least = least.min(self.rows[depth - 1][i - 1] + 1);
            }
            row.push(least);
        }
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_inserted_deleted_changed_and_swapped_letters() {
        let mut table = Table::new(b"misisng");
        for (key, expected) in [("misisng", 0), ("missing", 1), ("misising", 1), ("misng", 2), ("miss", 3), ("zebra", 3)] {
            assert_eq!(table.distance(key.as_bytes(), 2).min(3), expected, "{key}");
        }
    }
}
