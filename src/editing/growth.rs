//! Whether time grows with a text and not faster: a ratio within one run, because machines differ.

use std::time::{Duration, Instant};

/// Eight times the text may take so many times as long; quadratic work would take 64 times as long.
const MOST: f64 = 40.0;
/// Shorter times are noise.
const NOISE: Duration = Duration::from_millis(2);

/// Texts of so many bytes that are hard to compare, each with what it tries.
pub type Pair = (&'static str, fn(usize) -> (String, String));

pub fn pairs() -> Vec<Pair> {
    fn lines(bytes: usize, line: impl Fn(usize) -> String) -> String {
        let mut text = String::new();
        for at in 0.. {
            if text.len() >= bytes {
                break;
            }
            text.push_str(&line(at));
        }
        text
    }
    /// A sequence without a pattern.
    fn mixed(at: usize, seed: usize) -> usize {
        let x = (at + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ seed.wrapping_mul(0xD134_2543_DE82_EF95);
        (x ^ (x >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40
    }
    vec![
        ("nothing in common", |n| (lines(n, |i| format!("{i}\n")), lines(n, |i| format!("x{i}\n")))),
        ("equal lines", |n| ("\n".repeat(n), "\n".repeat(n / 2))),
        ("equal lines, another kind between", |n| ("a\n".repeat(n / 2), "a\nb\n".repeat(n / 4))),
        ("every other line differs", |n| {
            (lines(n, |i| format!("{}\n", i / 2)), lines(n, |i| if i % 2 == 0 { format!("{}\n", i / 2) } else { "x\n".into() }))
        }),
        ("few kinds, in disorder", |n| {
            (lines(n, |i| format!("{}\n", mixed(i, 1) % 3)), lines(n, |i| format!("{}\n", mixed(i, 2) % 3)))
        }),
        ("many kinds, in disorder", |n| {
            (lines(n, |i| format!("{}\n", mixed(i, 1) % 500)), lines(n, |i| format!("{}\n", mixed(i, 2) % 500)))
        }),
        ("back to front", |n| {
            let text = lines(n, |i| format!("{i}\n"));
            let back = text.split_inclusive('\n').rev().collect();
            (text, back)
        }),
        ("one long line", |n| ("ab ".repeat(n / 3), "ac ".repeat(n / 3))),
        ("one long line of one kind", |n| ("a ".repeat(n / 2), "a b ".repeat(n / 4))),
    ]
}

/// Compares texts of 8 KiB and of 64 KiB.
pub fn check((name, texts): Pair, compare: impl Fn(&str, &str)) {
    check_with(name, &texts, compare);
}

/// The same, for texts that are made in place.
pub fn check_with(name: &str, texts: &dyn Fn(usize) -> (String, String), compare: impl Fn(&str, &str)) {
    let fastest = |bytes: usize| {
        let (old, new) = texts(bytes);
        let once = || {
            let begin = Instant::now();
            compare(&old, &new);
            begin.elapsed()
        };
        (0..4).map(|_| once()).min().unwrap_or_default().max(NOISE)
    };
    let (small, large) = (fastest(8 * 1024), fastest(64 * 1024));
    let ratio = large.as_secs_f64() / small.as_secs_f64();
    assert!(ratio < MOST, "{name}: it takes {ratio:.1} times as long");
}
