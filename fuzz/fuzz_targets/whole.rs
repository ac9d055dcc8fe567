#![no_main]

use std::sync::LazyLock;

use fixpath::app::Library;
use fixpath::app::explain::{Paste, explain};

static LIBRARY: LazyLock<Library> = LazyLock::new(|| Library::open(None).expect("the shipped pack is sound"));

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    explain(&LIBRARY.snapshot, &Paste::from_bytes(data));
});
