#![no_main]

use fixpath::evidence::{Vocabulary, redact};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let vocabulary = Vocabulary::new([]);
    let once = redact::redact(&text, &vocabulary);
    assert_eq!(once.text.lines().count(), text.lines().count(), "the copy has the lines of the text");
});
