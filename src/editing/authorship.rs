//! Who wrote which line. Start at [`blame`].

use super::lines::{changes, split};

/// Returns, for each line of the newest text, the index of the revision that wrote it as it is. The oldest comes first; a line
/// that was taken out and put back belongs to the revision that put it back.
pub fn blame(revisions: &[&str]) -> Vec<usize> {
    let mut lines: Vec<&str> = Vec::new();
    let mut authors: Vec<usize> = Vec::new();
    for (revision, text) in revisions.iter().enumerate() {
        let newer = split(text);
        let mut written = Vec::with_capacity(newer.len());
        let mut at = 0;
        for change in changes(&lines, &newer) {
            written.extend_from_slice(&authors[at..change.old.start]);
            written.extend(std::iter::repeat_n(revision, change.new.len()));
            at = change.old.end;
        }
        written.extend_from_slice(&authors[at..]);
        (lines, authors) = (newer, written);
    }
    authors
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::growth;
    use super::*;

    #[test]
    fn a_line_belongs_to_the_revision_that_wrote_it_as_it_is() {
        for (revisions, expected) in [
            (&["a\nb\n"][..], &[0, 0][..]),
            (&["a\nb\n", "a\nB\n"], &[0, 1]),
            (&["a\nb\n", "0\na\nb\n", "0\na\nb\nc\n"], &[1, 0, 0, 2]),
            (&["a\nb\nc\n", "a\nc\n", "a\nb\nc\n"], &[0, 2, 0]),
            (&["a\nb", "a\nb\n"], &[0, 1]),
            (&["a\n", "a\n", ""], &[]),
            (&["", "a\n", "b\na\n"], &[2, 1]),
            (&[], &[]),
        ] {
            assert_eq!(blame(revisions), expected, "{revisions:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

        #[test]
        fn each_line_has_an_author_who_has_that_line(revisions in prop::collection::vec("([a-d]\n){0,8}[a-d]?", 1..6)) {
            let texts: Vec<&str> = revisions.iter().map(String::as_str).collect();
            let authors = blame(&texts);
            let newest = split(texts[texts.len() - 1]);
            prop_assert_eq!(authors.len(), newest.len());
            for (line, author) in newest.iter().zip(&authors) {
                // From its author on, every revision has the line.
                prop_assert!(texts[*author..].iter().all(|text| split(text).contains(line)), "{:?} {:?}", line, texts);
            }
        }
    }

    #[test]
    fn time_grows_with_the_text() {
        for hostile in growth::pairs().into_iter().take(2) {
            growth::check(hostile, |old, new| drop(blame(&[old, new, old])));
        }
    }
}
