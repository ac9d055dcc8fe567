//! `cargo bench --bench scale`: how long generated packs of 10,000 and 100,000 entries take to import, index and start, and
//! how much memory the site then uses (resident, from /proc, where there is one).

#[path = "support/folder.rs"]
mod folder;
mod support;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fixpath::content::read;
use fixpath::search::Index;

fn main() {
    for (entries, seconds, mebibytes) in [(10_000, 2, 200), (100_000, 15, 1_024)] {
        let folder = tempfile::tempdir().unwrap();
        let pack = support::pack(entries, 100, 60);
        let content = folder.path().join("content");
        folder::write(&pack, &content);
        let data = folder.path().join("data");

        let began = Instant::now();
        let imported = Command::new(env!("CARGO_BIN_EXE_fixpath")).arg("import").arg(&content).arg("--data").arg(&data).status();
        assert!(imported.unwrap().success());
        println!("{entries} entries: imported in {:.1} s", began.elapsed().as_secs_f64());

        let began = Instant::now();
        stop(serve(&data));
        println!("{entries} entries: first start, with indexing, in {:.1} s", began.elapsed().as_secs_f64());

        let began = Instant::now();
        let site = serve(&data);
        let took = began.elapsed().as_secs_f64();
        println!(
            "{entries} entries: start with the index present in {took:.1} s (wanted {seconds}), {} MiB, {} MiB once it is ready for \
             edits (wanted {mebibytes})",
            resident(&site),
            settled(&site)
        );
        stop(site);

        let kb = read(&pack).kb;
        let began = Instant::now();
        Index::open(&folder.path().join("index"), &kb, "bench", &|_, _| {}).unwrap();
        println!("{entries} entries: indexed {:.0} a second (wanted 5000)", entries as f64 / began.elapsed().as_secs_f64());
    }
}

fn serve(data: &Path) -> Child {
    let mut child = Command::new(env!("CARGO_BIN_EXE_fixpath"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("listening"), "{line}");
    child
}

fn resident(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or("0");
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap_or(0) / 1024
}

/// Documents are read for the next index while nobody waits: what is taken once nothing more comes.
fn settled(child: &Child) -> u64 {
    let mut before = 0;
    loop {
        std::thread::sleep(Duration::from_secs(4));
        let now = resident(child);
        if now == before {
            return now;
        }
        before = now;
    }
}

fn stop(mut child: Child) {
    child.kill().ok();
    child.wait().ok();
}
