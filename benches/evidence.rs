//! `cargo bench --bench evidence`: reading a paste, from the text to facts and the redacted copy.
//!
//! The texts are the transcripts of the shipped entries, one after the other until they are as long as wanted, and one HAR.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use fixpath::app::Library;
use fixpath::app::explain::explain;
use fixpath::evidence::{Paste, read};

const KIB: usize = 1024;

/// A text of so many bytes, of the transcripts that ship.
fn mixed(library: &Library, bytes: usize) -> String {
    let entries = library.snapshot.kb.entries.values();
    let all: Vec<&str> = entries.flat_map(|e| &e.transcripts).map(|t| t.text.as_str()).collect();
    assert!(!all.is_empty(), "the shipped entries have transcripts");
    let mut text = String::with_capacity(bytes + 4 * KIB);
    for part in all.iter().cycle() {
        if text.len() >= bytes {
            break;
        }
        text.push_str(part);
        text.push('\n');
    }
    text
}

/// An archive of so many bytes, with one request that failed at its end.
fn har(bytes: usize) -> String {
    let entry = |path: &str, status: u16, body: &str| {
        serde_json::json!({
            "startedDateTime": "2026-03-01T10:00:00.000Z",
            "request": {
                "method": "GET",
                "url": format!("https://abc123defg.execute-api.us-east-1.amazonaws.com/prod/{path}"),
                "headers": [{"name": "accept", "value": "*/*"}, {"name": "origin", "value": "https://app.example.com"}],
            },
            "response": {
                "status": status,
                "headers": [{"name": "content-type", "value": "application/json"}],
                "content": {"mimeType": "application/json", "text": body},
            },
        })
        .to_string()
    };
    let filler = entry("items", 200, &"[1, 2, 3, 4] ".repeat(100));
    let mut entries = vec![filler.as_str(); bytes / filler.len()];
    let failed = entry("users", 403, "{\"message\":\"Missing Authentication Token\"}");
    entries.push(&failed);
    format!("{{\"log\": {{\"version\": \"1.2\", \"entries\": [\n{}\n]}}}}", entries.join(",\n"))
}

fn readings(c: &mut Criterion) {
    let library = Library::open(None).expect("the shipped pack is sound");
    let vocabulary = library.snapshot.reader().vocabulary();
    for (name, text) in [
        ("64 KiB of transcripts", mixed(&library, 64 * KIB)),
        ("1 MiB of transcripts", mixed(&library, 1024 * KIB)),
        ("64 KiB of HAR", har(64 * KIB)),
        ("1 MiB of HAR", har(1024 * KIB)),
        ("1 MiB of prose", "why does this happen since yesterday? ".repeat(1024 * KIB / 38)),
        ("1 MiB on one line", "x".repeat(1024 * KIB)),
    ] {
        let paste = Paste::new(text);
        c.bench_function(&format!("read {name}"), |b| b.iter(|| read(black_box(&paste), vocabulary)));
    }
    let typical = Paste::new(mixed(&library, 2 * KIB));
    c.bench_function("explain 2 KiB", |b| b.iter(|| explain(&library.snapshot, black_box(&typical))));
}

criterion_group!(benches, readings);
criterion_main!(benches);
