//! What the targets share: a reader is asked at every line of a text, as the program does.

use fixpath::evidence::Lines;
use fixpath::evidence::readers::Reader;
use fixpath::evidence::wire::Found;

/// Takes a text through one reader. It has to end, to go forward, and not to panic.
pub fn through(reader: Reader, data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let lines = Lines::new(&text);
    let mut found = Found::default();
    let mut at = 0;
    while at < lines.len() {
        at = reader(&lines, at, &mut found).map_or(at + 1, |next| {
            assert!(next > at, "a reader that takes something goes forward");
            next
        });
    }
}
