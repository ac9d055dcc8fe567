//! `cargo bench --bench watch`: how soon a site that serves a folder shows that a file in it was changed.

#[path = "support/folder.rs"]
mod folder;
#[path = "support/mod.rs"]
mod packs;
#[path = "../tests/support/mod.rs"]
mod support;

use std::fs;
use std::time::{Duration, Instant};

use support::Site;

const ROUNDS: usize = 20;
/// Between looks at the page.
const LOOK: Duration = Duration::from_millis(10);
/// Between changes, so that each is one of its own.
const PAUSE: Duration = Duration::from_millis(700);

fn main() {
    for entries in [400, 3_000, 10_000] {
        measure(entries);
    }
}

fn measure(entries: usize) {
    let folder = tempfile::tempdir().unwrap();
    let content = folder.path().join("content");
    let pack = packs::pack(entries, 100, 60);
    folder::write(&pack, &content);
    let site = Site::open(&folder.path().join("data"), &["--content", content.to_str().unwrap(), "--watch"]);
    let files: Vec<_> = pack.files.iter().filter(|f| f.path.starts_with("entries/")).map(|f| content.join(&f.path)).collect();
    let mut took: Vec<Duration> = (0..ROUNDS)
        .map(|round| {
            std::thread::sleep(PAUSE);
            let file = &files[round * 13 % files.len()];
            let mark = format!("zzround{round}zz");
            let text = fs::read_to_string(file).unwrap().replacen("## Cause\n", &format!("## Cause\n\nIt is {mark}.\n"), 1);
            assert!(text.contains(&mark), "{} has no cause", file.display());
            fs::write(file, text).unwrap();
            let began = Instant::now();
            let page = format!("/fix/{}", file.file_stem().unwrap().to_str().unwrap());
            while !site.get(&page).text().contains(&mark) {
                assert!(began.elapsed() < support::PATIENCE, "{page} does not change");
                std::thread::sleep(LOOK);
            }
            began.elapsed()
        })
        .collect();
    took.sort_unstable();
    let [half, most] = [took[ROUNDS / 2], took[ROUNDS - 1]].map(|t| t.as_secs_f64());
    println!("{entries:>6} entries: a change is shown after {half:.2} s, at most {most:.2} s (wanted 1)");
}
