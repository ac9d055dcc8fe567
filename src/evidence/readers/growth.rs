//! Whether time grows with a text and not faster: a ratio within one run, because machines differ.

use std::time::{Duration, Instant};

/// Eight times the text may take so many times as long; quadratic work would take 64 times as long.
const MOST: f64 = 24.0;
/// So often it is measured before it counts as too slow.
const TRIES: usize = 4;
/// Shorter times are noise.
const NOISE: Duration = Duration::from_micros(500);

/// Reads a unit repeated to 25 kB and to 200 kB.
pub fn check(unit: &str, read: impl Fn(&str)) {
    let fastest = |bytes: usize| {
        let text = unit.repeat(bytes / unit.len());
        let once = || {
            let begin = Instant::now();
            read(&text);
            begin.elapsed()
        };
        (0..3).map(|_| once()).min().unwrap_or_default().max(NOISE)
    };
    let ratio = || fastest(200_000).as_secs_f64() / fastest(25_000).as_secs_f64();
    // Whoever else works on the machine can slow one side down; work that is quadratic is so each time.
    let least = (0..TRIES).map(|_| ratio()).find(|r| *r < MOST);
    assert!(least.is_some(), "{unit:?} takes {:.1} times as long", ratio());
}
