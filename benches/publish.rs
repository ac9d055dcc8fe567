//! `cargo bench --bench publish`: what readers notice while four editors publish once a second each, on 10,000 entries, and how soon
//! what was published is found.
//!
//! Readers ask at fixed times, whether or not the answer before has come, so that a pause of the site is seen by all who would have
//! asked in it. The same is measured twice, without the editors and with them; the ratio of the 99th percentiles is what counts.

#[path = "support/folder.rs"]
mod folder;
#[path = "support/mod.rs"]
mod packs;
#[path = "../tests/support/mod.rs"]
mod support;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use support::visitor::{Visitor, field};
use support::{Site, page};

const ENTRIES: usize = 10_000;
const EDITORS: [&str; 4] = ["first", "second", "third", "fourth"];
const READERS: usize = 8;
/// Of each reader.
const EVERY: Duration = Duration::from_millis(50);
/// Long enough that four editors change more documents than stand above the index of the rest: it is written anew meanwhile.
const LONG: Duration = Duration::from_secs(80);
const PAUSE: Duration = Duration::from_secs(1);

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let content = folder.path().join("content");
    folder::write(&packs::pack(ENTRIES, 100, 60), &content);
    let data = folder.path().join("data");
    let site = Site::open(&data, &["--content", content.to_str().unwrap()]);
    let editors: Vec<Visitor> = EDITORS.iter().map(|name| site.join("editor", name)).collect();
    read(&site, 7, Duration::from_secs(5));

    let quiet = read(&site, 1, LONG);
    let (found, over) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    let busy = std::thread::scope(|scope| {
        for (number, editor) in editors.iter().enumerate() {
            let (site, found, over) = (&site, &found, &over);
            scope.spawn(move || edit(site, editor, number, found, over));
        }
        let busy = read(&site, 2, LONG);
        over.store(true, Ordering::SeqCst);
        busy
    });
    let found = found.into_inner().unwrap();
    report("readers, nobody publishes", &quiet);
    report("readers, four publish", &busy);
    report("published and found", &found);
    let ratio = share(&busy, 0.99).as_secs_f64() / share(&quiet, 0.99).as_secs_f64();
    let worst = share(&found, 1.0).as_secs_f64();
    println!("p99 while four publish: {ratio:.2} times the quiet one (wanted 2); found after {worst:.2} s at most (wanted 1)");
}

/// The duration that so much of them does not exceed.
fn share(sorted: &[Duration], part: f64) -> Duration {
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * part).round() as usize).copied().unwrap_or_default()
}

fn report(what: &str, sorted: &[Duration]) {
    let at = |part: f64| share(sorted, part).as_secs_f64() * 1000.0;
    println!(
        "{what:<28} {:>6} times: p50 {:>7.1} ms, p90 {:>7.1} ms, p99 {:>7.1} ms, most {:>7.1} ms",
        sorted.len(),
        at(0.5),
        at(0.9),
        at(0.99),
        at(1.0)
    );
}

/// Reads at fixed times; gives how long each answer took since the time at which it was due, in order.
fn read(site: &Site, seed: u64, long: Duration) -> Vec<Duration> {
    let began = Instant::now();
    let took = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for reader in 0..READERS {
            let took = &took;
            scope.spawn(move || {
                let mut mixer = packs::Mixer(seed * 1000 + reader as u64 + 1);
                let mut due = began + EVERY * reader as u32 / READERS as u32;
                while due < began + long {
                    std::thread::sleep(due.saturating_duration_since(Instant::now()));
                    let path = path(&mut mixer);
                    let answer = site.get(&path);
                    assert_eq!(answer.status, 200, "{path}");
                    took.lock().unwrap().push(due.elapsed());
                    due += EVERY;
                }
            });
        }
    });
    let mut took = took.into_inner().unwrap();
    took.sort_unstable();
    took
}

/// What people look at: mostly fixes, then searches and steps.
fn path(mixer: &mut packs::Mixer) -> String {
    match mixer.below(10) {
        0..5 => format!("/fix/entry-{}", mixer.below(ENTRIES)),
        5..8 => format!("/search?q={}+number+{}", mixer.sentence(3).replace(' ', "+"), mixer.below(ENTRIES)),
        8 => format!("/diagnose?symptom=symptom-{}", mixer.below(ENTRIES / 100)),
        _ => format!("/symptom/symptom-{}", mixer.below(ENTRIES / 100)),
    }
}

/// Publishes once a second; notes how long it took from the button until a search finds the new word.
fn edit(site: &Site, editor: &Visitor, number: usize, found: &Mutex<Vec<Duration>>, over: &AtomicBool) {
    let mut due = Instant::now() + PAUSE * number as u32 / EDITORS.len() as u32;
    for round in 0.. {
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        if over.load(Ordering::SeqCst) {
            break;
        }
        due += PAUSE;
        let entry = round * EDITORS.len() + number;
        let mark = word(entry);
        let draft = write(editor, entry, &mark);
        let version = field(&editor.get(&draft), "version");
        let began = Instant::now();
        let done =
            editor.post_form(&format!("{draft}/publish"), &[("version", &version), ("why", "one word"), ("accepted", "bench")]);
        assert_eq!(done.status, 303, "{}", done.text());
        let search = format!("/api/v1/search?q={mark}");
        while site.get(&search).json()["results"][0]["slug"] != format!("entry-{entry}") {
            assert!(began.elapsed() < support::PATIENCE, "{mark} is not found");
        }
        let mut all = found.lock().unwrap();
        all.push(began.elapsed());
        all.sort_unstable();
    }
}

/// Writes one more word into an entry; gives the draft.
fn write(editor: &Visitor, entry: usize, mark: &str) -> String {
    let place = format!("/edit/entry/entry-{entry}?as=markdown");
    let form = editor.get(&place);
    let html = form.html();
    let text: String = page::one(&html, "textarea#text").text().collect();
    let (base, path) = (field(&form, "base"), field(&form, "path"));
    let text = text.replacen("## Cause\n", &format!("## Cause\n\nIt has to do with {mark}.\n"), 1);
    let fields =
        [("mode", "markdown"), ("base", base.as_str()), ("version", "0"), ("path", &path), ("text", &text), ("then", "review")];
    let kept = editor.post_form(&place, &fields);
    assert_eq!(kept.status, 303, "{}", kept.text());
    kept.location().to_owned()
}

/// A word of letters alone, which nothing else has.
fn word(number: usize) -> String {
    let letter = |n: usize| char::from(b'a' + (n % 20) as u8);
    format!("zqx{}{}{}xq", letter(number / 400), letter(number / 20), letter(number))
}
