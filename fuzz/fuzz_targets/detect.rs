#![no_main]

use fixpath::evidence::detect::compile;

libfuzzer_sys::fuzz_target!(|source: &str| {
    let _ = compile(source);
});
