//! Words in lower case, with what is known of them, found whatever the case they are written in.
//!
//! Each word of a text is looked up several times, and most are short: the table hashes them where they are, without a copy.

/// What is told of each of some words.
pub struct Table<T> {
    slots: Vec<Slot>,
    told: Vec<T>,
    /// The words, one behind the other.
    text: String,
}

#[derive(Clone, Copy, Default)]
struct Slot {
    /// Half of the word's hash, where the other half says that it stands; nought where there is none.
    mark: u32,
    start: u32,
    length: u32,
    number: u32,
}

impl<T> Default for Table<T> {
    fn default() -> Table<T> {
        Table { slots: vec![Slot::default(); 16], told: Vec::new(), text: String::new() }
    }
}

impl<T> FromIterator<(&'static str, T)> for Table<T> {
    fn from_iter<I: IntoIterator<Item = (&'static str, T)>>(words: I) -> Table<T> {
        let mut table = Table::default();
        for (word, told) in words {
            table.add(word, told);
        }
        table
    }
}

impl<T> Table<T> {
    /// What is told of a word.
    pub fn find(&self, word: &str) -> Option<&T> {
        let slot = &self.slots[self.find_slot(hash(word.as_bytes()), word)];
        if slot.mark == 0 { None } else { self.told.get(slot.number as usize) }
    }

    /// Adds a word in lower case; of two that are the same, the first stays.
    pub fn add(&mut self, word: &str, told: T) {
        if word.is_empty() || self.find(word).is_some() {
            return;
        }
        let (start, length, number) = (self.text.len() as u32, word.len() as u32, self.told.len() as u32);
        self.put(word, Slot { mark: 0, start, length, number });
        self.text.push_str(word);
        self.told.push(told);
        if self.told.len() * 2 > self.slots.len() {
            self.grow();
        }
    }

    /// Where a word stands, or where it would.
    fn find_slot(&self, hash: u64, word: &str) -> usize {
        let (mask, mark) = (self.slots.len() - 1, mark(hash));
        let mut at = hash as usize & mask;
        loop {
            let slot = &self.slots[at];
            if slot.mark == 0 || (slot.mark == mark && self.word(slot).eq_ignore_ascii_case(word.as_bytes())) {
                return at;
            }
            at = (at + 1) & mask;
        }
    }

    fn word(&self, slot: &Slot) -> &[u8] {
        let start = slot.start as usize;
        &self.text.as_bytes()[start..start + slot.length as usize]
    }

    fn put(&mut self, word: &str, slot: Slot) {
        let hash = hash(word.as_bytes());
        let at = self.find_slot(hash, word);
        self.slots[at] = Slot { mark: mark(hash), ..slot };
    }

    fn grow(&mut self) {
        let larger = vec![Slot::default(); self.slots.len() * 2];
        for slot in std::mem::replace(&mut self.slots, larger).into_iter().filter(|s| s.mark != 0) {
            let word = self.text[slot.start as usize..(slot.start + slot.length) as usize].to_owned();
            self.put(&word, slot);
        }
    }
}

fn mark(hash: u64) -> u32 {
    (hash >> 32) as u32 | 1
}

/// The same for a word in any case, and seldom for others.
fn hash(word: &[u8]) -> u64 {
    /// Small letters have this bit, large ones have not.
    const SMALL: u64 = 0x2020_2020_2020_2020;
    let mix = |sum: u64, part: u64| (sum.rotate_left(23) ^ (part | SMALL)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let length = word.len() as u64;
    let sum = match (word, word.first_chunk::<4>(), word.last_chunk::<4>()) {
        ([], ..) => 0,
        ([one], ..) => mix(length, u64::from(*one)),
        ([one, two], ..) => mix(length, u64::from(*one) | u64::from(*two) << 8),
        ([one, two, three], ..) => mix(length, u64::from(*one) | u64::from(*two) << 8 | u64::from(*three) << 16),
        (_, Some(first), Some(last)) if length <= 8 => {
            mix(length, u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32)
        }
        _ => {
            let (chunks, _) = word.as_chunks::<8>();
            let sum = chunks.iter().fold(length, |sum, chunk| mix(sum, u64::from_le_bytes(*chunk)));
            mix(sum, word.last_chunk::<8>().map_or(0, |last| u64::from_le_bytes(*last)))
        }
    };
    sum ^ (sum >> 32)
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn a_word_is_found_in_any_case_and_no_other() {
        let words: Vec<String> = (1..200).map(|n| "orders-".repeat(7)[..n % 40 + 1].to_owned() + &n.to_string()).collect();
        let mut table = Table::default();
        words.iter().enumerate().for_each(|(n, w)| table.add(w, n));
        for (n, word) in words.iter().enumerate() {
            assert_eq!(table.find(&word.to_uppercase()), Some(&n), "{word}");
            assert_eq!(table.find(&format!("{word}x")), None);
        }
        assert_eq!(table.find(""), None);
    }
}
