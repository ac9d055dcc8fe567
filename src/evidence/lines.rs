//! A text as lines that know their number.

/// The lines of a text, without their ends. Cheap to index.
pub struct Lines<'a> {
    all: Vec<&'a str>,
    text: &'a str,
}

impl<'a> Lines<'a> {
    pub fn new(text: &'a str) -> Lines<'a> {
        Lines { all: text.lines().collect(), text }
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The line at an index from 0, or an empty one beyond the end.
    pub fn at(&self, index: usize) -> &'a str {
        self.all.get(index).copied().unwrap_or("")
    }

    /// Everything from the start of a line on.
    pub fn from(&self, index: usize) -> &'a str {
        match self.all.get(index) {
            Some(line) => &self.text[offset(self.text, line)..],
            None => "",
        }
    }

    /// The text of some lines, ends between them included.
    pub fn between(&self, start: usize, end: usize) -> &'a str {
        match end.min(self.len()) {
            end if start < end => {
                let last = self.all[end - 1];
                &self.text[offset(self.text, self.all[start])..offset(self.text, last) + last.len()]
            }
            _ => "",
        }
    }

    /// How many lines a text that begins at a line's start covers.
    pub fn count(taken: &str) -> usize {
        taken.lines().count().max(1)
    }
}

/// Where a part of a text begins in it.
fn offset(text: &str, part: &str) -> usize {
    part.as_ptr() as usize - text.as_ptr() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_know_what_stands_between_them() {
        let lines = Lines::new("one\r\ntwo\nthree");
        assert_eq!((lines.len(), lines.at(1), lines.at(9)), (3, "two", ""));
        assert_eq!(lines.from(1), "two\nthree");
        assert_eq!(lines.between(0, 2), "one\r\ntwo");
        assert_eq!(lines.between(2, 2), "");
    }
}
