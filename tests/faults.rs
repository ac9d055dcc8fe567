//! What survives when something goes wrong: a signal, a crash, a damaged index, a folder that cannot be used.

mod support;
#[path = "faults/writing.rs"]
mod writing;

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use fixpath::store::Store;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use support::{Site, fixpath, packs, until, wait};

/// A data folder with the lamp in it, and the site on it.
fn lamp() -> (tempfile::TempDir, Site) {
    let data = tempfile::tempdir().expect("a temporary folder");
    let content = packs::pack(packs::LAMP);
    let site = Site::open(data.path(), &["--content", content.path().to_str().expect("temporary paths are UTF-8")]);
    (data, site)
}

/// How often each entry was said to have worked.
fn confirmed(data: &Path) -> BTreeMap<String, i64> {
    wait(async {
        let store = Store::open(data).await.expect("the store opens");
        let tallies = store.list_tallies().await.expect("it answers");
        store.close().await;
        tallies.into_iter().map(|t| (t.entry, t.worked)).collect()
    })
}

const OUTCOME: &str = "entry=plug-is-out&worked=yes&query=symptom%3Dlamp-is-dark";

#[test]
fn a_request_in_flight_is_finished_when_the_site_is_told_to_stop() {
    let (data, mut site) = lamp();
    let mut slow = site.connect();
    let (first, rest) = OUTCOME.split_at(20);
    let head = format!(
        "POST /outcome HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\
         Expect: 100-continue\r\n\r\n",
        site.address,
        OUTCOME.len()
    );
    slow.write_all(head.as_bytes()).expect("the site reads");
    let mut go_on = [0; 25];
    slow.read_exact(&mut go_on).expect("the site answers");
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n", "the request is in flight");
    slow.write_all(first.as_bytes()).expect("the site reads");

    site.signal("TERM");
    until("nobody is let in any more", || TcpStream::connect(&site.address).is_err());
    slow.write_all(rest.as_bytes()).expect("the site still reads");
    let mut answer = String::new();
    slow.read_to_string(&mut answer).expect("the site still answers");
    assert!(answer.starts_with("HTTP/1.1 303 "), "{answer:?}");
    assert!(site.ended().success(), "{}", site.errors());
    assert_eq!(confirmed(data.path())["plug-is-out"], 1);
}

#[test]
fn connections_on_which_nothing_is_asked_do_not_hold_the_site() {
    let (_data, mut site) = lamp();
    let mut idle = site.connect();
    idle.write_all(format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", site.address).as_bytes()).expect("the site reads");
    let mut some = [0; 12];
    idle.read_exact(&mut some).expect("the site answers");
    let _silent = site.connect();
    // Without this it would wait for as long as a request may take.
    assert!(site.stop().success(), "{}", site.errors());
}

/// Posts outcomes from many connections until the site dies; gives how many were acknowledged.
fn post_until_it_dies(site: &Site, threads: usize, acknowledged: &AtomicU32) {
    let request = format!(
        "POST /outcome HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{OUTCOME}",
        site.address,
        OUTCOME.len()
    );
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let Ok(mut stream) = TcpStream::connect(&site.address) else { return };
                let mut answer = Vec::new();
                let mut part = [0; 4096];
                while stream.write_all(request.as_bytes()).is_ok() {
                    answer.clear();
                    while !answer.windows(4).any(|w| w == b"\r\n\r\n") {
                        match stream.read(&mut part) {
                            Ok(n) if n > 0 => answer.extend(&part[..n]),
                            _ => return,
                        }
                    }
                    assert!(answer.starts_with(b"HTTP/1.1 303 "), "{}", String::from_utf8_lossy(&answer));
                    acknowledged.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
    });
}

#[test]
fn every_acknowledged_outcome_survives_a_crash() {
    const THREADS: usize = 8;
    let data = stopped_lamp();
    let (mut least, mut most) = (0, 0);
    // The moments differ; what is acknowledged after them is not known in advance.
    for moment in [1, 23, 60, 140] {
        let site = Site::open(data.path(), &[]);
        let acknowledged = AtomicU32::new(0);
        std::thread::scope(|scope| {
            scope.spawn(|| post_until_it_dies(&site, THREADS, &acknowledged));
            until("some outcomes are acknowledged", || acknowledged.load(Ordering::SeqCst) >= moment);
            site.signal("KILL");
        });
        let acknowledged = i64::from(acknowledged.load(Ordering::SeqCst));
        least += acknowledged;
        // One per connection may have been kept and not acknowledged.
        most += acknowledged + THREADS as i64;
        let kept = confirmed(data.path())["plug-is-out"];
        assert!((least..=most).contains(&kept), "{kept} were kept, {least} were acknowledged");
        (least, most) = (kept, kept);
    }
    let site = Site::open(data.path(), &[]);
    assert!(site.get("/fix/plug-is-out").text().contains(&format!("helped {least} times")), "the page knows all of them");
}

fn count(data: &Path) -> (usize, String) {
    wait(async {
        let store = Store::open(data).await.expect("the store opens");
        let documents = store.list_documents().await.expect("it answers").len();
        let generation = store.generation().await.expect("it answers");
        store.close().await;
        (documents, generation)
    })
}

#[test]
fn an_import_that_is_killed_leaves_all_or_nothing() {
    const ENTRIES: usize = 2_000;
    let pack = packs::large(ENTRIES);
    let data = tempfile::tempdir().expect("a temporary folder");
    let lamp = packs::pack(packs::LAMP);
    let import = |folder: &Path| {
        let mut command = fixpath();
        command.arg("import").arg(folder).arg("--data").arg(data.path()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("the program starts")
    };
    assert!(import(lamp.path()).wait().expect("it ends").success());
    let before = count(data.path());
    assert_eq!(before.0, packs::LAMP.len());
    let all = before.0 + ENTRIES + 4;
    let log = data.path().join("fixpath.db-wal");
    let mut killed = 0;
    for written in [1, 300_000, 1_500_000, 4_000_000] {
        let mut running = import(pack.path());
        let mut ended = false;
        until("the import has written so much, or has ended", || {
            ended = running.try_wait().expect("it is our child").is_some();
            ended || std::fs::metadata(&log).is_ok_and(|m| m.len() >= written)
        });
        let _may_have_ended = running.kill();
        let _status = running.wait();
        let after = count(data.path());
        if after.0 == all {
            break;
        }
        assert_eq!(after, before, "after {written} bytes");
        killed += 1;
    }
    assert!(killed >= 2, "it was killed in the middle only {killed} times");
    assert!(import(pack.path()).wait().expect("it ends").success(), "it can be done again");
    assert_eq!(count(data.path()).0, all);
    let site = Site::open(data.path(), &[]);
    assert_eq!(site.get("/fix/part-1234").status, 200);
}

#[test]
fn a_crash_during_the_first_start_leaves_a_folder_that_can_be_used() {
    let content = packs::pack(packs::LAMP);
    for file in ["fixpath.db", "fixpath.db-wal", "index"] {
        let data = tempfile::tempdir().expect("a temporary folder");
        let mut command = fixpath();
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data.path()).arg("--content").arg(content.path());
        let mut first = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
        until("it begins to write", || data.path().join(file).exists() || first.try_wait().is_ok_and(|s| s.is_some()));
        first.kill().expect("it still runs");
        first.wait().expect("it is our child");
        let site = Site::on_again(data.path(), content.path());
        assert_eq!(site.get("/fix/plug-is-out").status, 200, "killed once there was {file}");
        assert!(site.get("/search?q=light").text().contains("/fix/plug-is-out"));
    }
}

/// Does something bad to a file or a folder.
type Damage = fn(&Path);

/// The data folder of a site that was stopped well.
fn stopped_lamp() -> tempfile::TempDir {
    let (data, mut site) = lamp();
    assert!(site.stop().success(), "{}", site.errors());
    data
}

/// Starts the site on a folder whose index was treated badly.
fn finds(data: &Path, what: &str, is_built: bool) {
    let site = Site::open(data, &[]);
    if is_built {
        until(&format!("the log says that the index was built: {what}"), || site.errors().contains("built the search index"));
    }
    let found = site.get("/api/v1/search?q=plug").json();
    assert_eq!(found["results"][0]["slug"], "plug-is-out", "{what}: {found}");
    assert!(!site.errors().contains("panicked"), "{what}: {}", site.errors());
}

#[test]
fn an_index_that_is_lost_is_built_again_and_once() {
    let losses: [(&str, Damage); 3] = [
        ("no folder", |_| ()),
        ("no files", |index| std::fs::create_dir(index).expect("a folder can be made")),
        ("a file in place of the folder", |index| std::fs::write(index, "not an index").expect("a file can be written")),
    ];
    for (what, replace) in losses {
        let data = stopped_lamp();
        let index = data.path().join("index");
        std::fs::remove_dir_all(&index).expect("it is there");
        replace(&index);
        finds(data.path(), what, true);
        let site = Site::open(data.path(), &[]);
        assert_eq!(site.get("/healthz").status, 200);
        assert!(!site.errors().contains("built the search index"), "{what}: it is mended once, not at each start");
    }
}

#[test]
fn an_index_that_is_damaged_is_built_again() {
    let sound = stopped_lamp();
    let filled = |data: &Path| {
        let files = support::files(&data.join("index")).into_iter().filter(|f| std::fs::metadata(f).is_ok_and(|m| m.len() > 0));
        files.collect::<Vec<_>>()
    };
    let count = filled(sound.path()).len();
    assert!(count > 3, "an index has several files");
    let damages: [(&str, Damage); 5] = [
        ("wrong in one byte", |file| {
            let mut bytes = std::fs::read(file).expect("it can be read");
            let middle = bytes.len() / 3;
            bytes[middle] ^= 0x20;
            std::fs::write(file, bytes).expect("it can be written");
        }),
        ("cut", |file| {
            let bytes = std::fs::read(file).expect("it can be read");
            std::fs::write(file, &bytes[..bytes.len() / 2]).expect("it can be written");
        }),
        ("empty", |file| std::fs::write(file, b"").expect("it can be written")),
        ("garbage", |file| {
            let size = std::fs::metadata(file).expect("it is there").len();
            std::fs::write(file, vec![0xa5; size as usize]).expect("it can be written");
        }),
        ("gone", |file| std::fs::remove_file(file).expect("it is there")),
    ];
    for n in 0..count {
        for (how, damage) in damages {
            let data = tempfile::tempdir().expect("a temporary folder");
            support::copy(sound.path(), data.path());
            let file = &filled(data.path())[n];
            damage(file);
            // The list of files is for whoever deletes old ones: without it, nothing is missing.
            finds(data.path(), &format!("{} is {how}", file.display()), !file.ends_with(".managed.json"));
        }
    }
}

#[test]
fn an_index_of_other_content_is_built_again() {
    let data = stopped_lamp();
    let more = packs::pack(packs::LAMP);
    packs::write(
        more.path(),
        "entries/room/lamp-is-stolen.md",
        "---\ntitle: The lamp was stolen\nsymptoms: lamp-is-dark\nwhen: {plug: in}\nlikelihood: rare\nsources:\n  - {title: Police, \
         url: 'https://example.com/'}\n---\n\n## Symptom\n\nDark.\n\n## Cause\n\nBurglars.\n\n## Fix\n\nBuy one.\n",
    );
    assert!(
        fixpath()
            .arg("import")
            .arg(more.path())
            .arg("--data")
            .arg(data.path())
            .output()
            .expect("the program runs")
            .status
            .success()
    );
    let site = Site::open(data.path(), &[]);
    let found = site.get("/api/v1/search?q=stolen+burglars").json();
    assert_eq!(found["results"][0]["slug"], "lamp-is-stolen", "{found}");
}

/// What a start that fails says: one sentence, no panic, a status of its own.
fn says(output: &Output, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && output.status.code().is_some(), "{:?}: {said}", output.status);
    assert!(!String::from_utf8_lossy(&output.stdout).contains("listening"), "{said}");
    assert!(!said.contains("panicked") && !said.contains("RUST_BACKTRACE"), "{said}");
    let sentences: Vec<&str> = said.lines().filter(|l| l.starts_with("fixpath: ")).collect();
    assert_eq!(sentences.len(), 1, "one sentence: {said}");
    for word in words {
        assert!(said.contains(word), "{word} is missing in: {said}");
    }
}

fn serve(args: &[&str]) -> Output {
    fixpath().arg("serve").args(args).stdin(Stdio::null()).output().expect("the program runs")
}

#[test]
fn a_start_that_cannot_succeed_says_why_in_one_sentence() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("temporary paths are UTF-8").to_owned();
    let (file, data) = (path("file"), path("data"));
    std::fs::write(&file, "text").expect("a file can be written");
    let any = "127.0.0.1:0";

    says(&serve(&["--listen", any, "--data", &file]), &["data folder", &file, "--data"]);
    says(&serve(&["--listen", any, "--data", "/proc/fixpath"]), &["data folder", "/proc/fixpath", "--data"]);
    says(&serve(&["--listen", any, "--data", &path("file/below")]), &["data folder", "--data"]);

    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it has an address").to_string();
    says(&serve(&["--listen", &address, "--data", &data]), &["cannot listen", &address, "--listen"]);
    says(&serve(&["--listen", "192.0.2.1:80", "--open", "--data", &data]), &["192.0.2.1:80", "--listen"]);
    says(&serve(&["--listen", "nonsense", "--data", &data]), &["--listen nonsense"]);
    for exposed in ["0.0.0.0:0", "[::]:0"] {
        says(&serve(&["--listen", exposed, "--data", &data]), &[exposed, "--open", "fixpath invite"]);
    }
    says(&serve(&["--listen", any, "--data", &data, "--base-url", "ftp://x/y"]), &["--base-url ftp://x/y"]);

    says(&serve(&["--listen", any, "--data", &data, "--content", &path("none")]), &[&path("none"), "pack"]);
    says(&serve(&["--listen", any, "--data", &data, "--content", &file]), &[&file, "pack"]);
    let broken = packs::pack(packs::LAMP);
    packs::write(broken.path(), "symptoms/lamp-is-dark.md", "no front matter\n");
    let broken = broken.path().to_str().expect("temporary paths are UTF-8");
    says(
        &serve(&["--listen", any, "--data", &data, "--content", broken]),
        &["symptoms/lamp-is-dark.md:1", "nothing was imported"],
    );
}

#[test]
fn a_database_that_is_none_is_named_and_left_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("fixpath.db");
    let garbage = "this is a letter to my aunt. ".repeat(200);
    std::fs::write(&file, &garbage).expect("a file can be written");
    let data = folder.path().to_str().expect("temporary paths are UTF-8");
    says(&serve(&["--listen", "127.0.0.1:0", "--data", data]), &["database", "fixpath.db"]);
    assert_eq!(std::fs::read_to_string(&file).expect("it is there"), garbage);
}

#[test]
fn a_site_that_everybody_may_read_can_be_opened_to_everybody() {
    let content = packs::pack(packs::LAMP);
    let data = tempfile::tempdir().expect("a temporary folder");
    let content = content.path().to_str().expect("temporary paths are UTF-8");
    let mut command = fixpath();
    command.args(["serve", "--listen", "0.0.0.0:0", "--open", "--content", content, "--data"]).arg(data.path());
    let site = Site::spawn(command, data.path());
    assert!(site.address.starts_with("0.0.0.0:"));
}

/// Runs the program where no file can grow beyond so many KiB: what a full disk looks like to a program. The signal that
/// comes with it is ignored, so that the write fails instead.
fn with_small_files(kilobytes: usize) -> Command {
    with_files_of(&kilobytes.to_string())
}

/// The same with a limit in the words of a shell. It can be raised again.
fn with_files_of(limit: &str) -> Command {
    let program = fixpath();
    let mut command = Command::new("bash");
    command.args(["-c", "trap '' XFSZ; ulimit -S -f \"$0\"; exec \"$@\"", limit]).arg(program.get_program());
    for (name, _) in program.get_envs() {
        command.env_remove(name);
    }
    command
}

#[test]
fn a_disk_that_is_full_at_the_start_is_named() {
    let content = packs::pack(packs::LAMP);
    for kilobytes in [0, 1, 4, 16, 40] {
        let data = tempfile::tempdir().expect("a temporary folder");
        let mut command = with_small_files(kilobytes);
        command.args(["serve", "--listen", "127.0.0.1:0", "--content"]).arg(content.path()).arg("--data").arg(data.path());
        says(&command.output().expect("a shell runs"), &["disk"]);
        let again = Site::on_again(data.path(), content.path());
        assert_eq!(again.get("/fix/plug-is-out").status, 200, "with room again, it starts after {kilobytes} KiB");
    }
}

#[test]
fn a_disk_that_fills_up_stops_writing_and_not_reading() {
    let data = stopped_lamp();
    let mut command = with_small_files(256);
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data.path());
    let site = Site::spawn(command, data.path());
    let fields = [("entry", "plug-is-out"), ("worked", "yes"), ("query", "symptom=lamp-is-dark")];
    let mut kept = 0;
    let refused = loop {
        let answer = site.post_form("/outcome", &fields);
        if answer.status != 303 {
            break answer;
        }
        kept += 1;
        assert!(kept < 5_000, "the disk never fills up");
    };
    assert!(refused.status >= 500, "{}", refused.status);
    assert!(refused.text().contains("</html>"), "the visitor gets a page");
    for path in ["/", "/fix/plug-is-out", "/diagnose?symptom=lamp-is-dark", "/search?q=light", "/search?q=zyzzyva"] {
        assert_eq!(site.get(path).status, 200, "{path} is still read");
    }
    until("the log says what is the matter", || site.errors().contains("disk is full"));
    assert!(!site.errors().contains("panicked"), "{}", site.errors());
    drop(site);
    assert_eq!(confirmed(data.path())["plug-is-out"], kept, "what was acknowledged is there");
}

#[test]
fn a_second_site_on_one_folder_is_refused_and_the_first_goes_on() {
    let (data, mut first) = lamp();
    let folder = data.path().to_str().expect("temporary paths are UTF-8");
    let second = serve(&["--listen", "127.0.0.1:0", "--data", folder]);
    says(&second, &["another Fixpath runs", folder, "--data"]);
    assert_eq!(second.status.code(), Some(2));
    let fields = [("entry", "plug-is-out"), ("worked", "yes"), ("query", "")];
    assert_eq!(first.post_form("/outcome", &fields).status, 303);
    assert!(first.stop().success(), "{}", first.errors());
    let third = Site::open(data.path(), &[]);
    assert!(third.get("/fix/plug-is-out").text().contains("helped once"));
}

#[test]
fn a_site_that_was_killed_does_not_hold_its_folder() {
    let (data, mut site) = lamp();
    for _ in 0..3 {
        site.signal("KILL");
        assert!(!site.ended().success());
        assert!(data.path().join("fixpath.lock").is_file(), "what it leaves behind says nothing");
        site = Site::open(data.path(), &[]);
        assert_eq!(site.get("/fix/plug-is-out").status, 200);
    }
}

#[test]
fn the_other_commands_work_beside_a_running_site() {
    let (data, site) = lamp();
    let work = tempfile::tempdir().expect("a temporary folder");
    let content = packs::pack(packs::LAMP);
    let (out, copy) = (work.path().join("out"), work.path().join("copy.db"));
    for (command, path) in [("import", content.path()), ("export", out.as_path()), ("backup", copy.as_path())] {
        let output = fixpath().arg(command).arg(path).arg("--data").arg(data.path()).output().expect("the program runs");
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(site.get("/readyz").status, 200);
}

/// Every row of every table, as SQL would write it.
fn rows(database: &Path) -> BTreeMap<String, Vec<String>> {
    wait(async {
        let options = SqliteConnectOptions::new().filename(database).read_only(true);
        let mut db = options.connect().await.expect("it opens");
        let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name";
        let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut db).await.expect("it answers");
        let mut all = BTreeMap::new();
        for table in tables {
            let columns = "SELECT group_concat('quote(' || name || ')', ' || char(10) || ') FROM pragma_table_info($1)";
            let columns: String = sqlx::query_scalar(columns).bind(&table).fetch_one(&mut db).await.expect("it has columns");
            let rows = AssertSqlSafe(format!("SELECT {columns} FROM {table} ORDER BY 1"));
            all.insert(table, sqlx::query_scalar(rows).fetch_all(&mut db).await.expect("it answers"));
        }
        db.close().await.expect("it closes");
        all
    })
}

/// Runs one command to its end.
fn done(command: &str, file: &Path, data: &Path) {
    let output = fixpath().arg(command).arg(file).arg("--data").arg(data).output().expect("the program runs");
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
}

const BASE: [&str; 2] = ["--base-url", "http://fixpath.localhost"];

#[test]
fn a_backup_that_is_taken_while_outcomes_come_in_restores_a_sound_site() {
    let data = stopped_lamp();
    let mut site = Site::open(data.path(), &BASE);
    let work = tempfile::tempdir().expect("a temporary folder");
    let (copy, restored) = (work.path().join("copy.db"), work.path().join("not/there/yet"));
    let acknowledged = AtomicU32::new(0);
    let (before, after) = std::thread::scope(|scope| {
        scope.spawn(|| post_until_it_dies(&site, 4, &acknowledged));
        until("outcomes come in", || acknowledged.load(Ordering::SeqCst) >= 20);
        let before = acknowledged.load(Ordering::SeqCst);
        done("backup", &copy, data.path());
        let after = acknowledged.load(Ordering::SeqCst);
        until("more come in", || acknowledged.load(Ordering::SeqCst) > after + 20);
        site.signal("KILL");
        (before, after)
    });
    site.ended();
    done("restore", &copy, &restored);
    let kept = confirmed(&restored)["plug-is-out"];
    assert!(
        (i64::from(before)..=i64::from(after) + 4).contains(&kept),
        "{kept} were kept, {before} were known, {after} were sent"
    );
    let again = Site::open(&restored, &BASE);
    assert!(again.get("/fix/plug-is-out").text().contains(&format!("helped {kept} times")));
}

#[test]
fn a_restored_site_is_the_same_site() {
    let data = stopped_lamp();
    let changed = packs::pack(packs::LAMP);
    let (path, text) = packs::LAMP[3];
    packs::write(changed.path(), path, &text.replace("Put it in.", "Put it in, and switch it on."));
    done("import", changed.path(), data.path());
    let mut site = Site::open(data.path(), &BASE);
    for (entry, worked) in [("plug-is-out", "yes"), ("plug-is-out", "yes"), ("bulb-is-burnt", "no")] {
        let fields = [("entry", entry), ("worked", worked), ("query", "symptom=lamp-is-dark")];
        assert_eq!(site.post_form("/outcome", &fields).status, 303);
    }
    site.get("/search?q=zyzzyva");
    let work = tempfile::tempdir().expect("a temporary folder");
    let (copy, restored) = (work.path().join("copy.db"), work.path().join("data"));
    let database = data.path().join("fixpath.db");
    until("the miss is written down", || rows(&database)["miss"].len() == 1);
    done("backup", &copy, data.path());
    done("restore", &copy, &restored);
    let there = rows(&restored.join("fixpath.db"));
    assert_eq!(there, rows(&database));
    let counts = ["document", "revision", "outcome", "miss"].map(|table| there[table].len());
    assert_eq!(counts, [5, 6, 3, 1]);
    let pages = [
        "/",
        "/browse",
        "/fix/plug-is-out",
        "/fix/bulb-is-burnt",
        "/symptom/lamp-is-dark",
        "/question/plug",
        "/map/lamp-is-dark",
    ];
    let steps = ["/diagnose?symptom=lamp-is-dark", "/api/v1/diagnose?symptom=lamp-is-dark", "/api/v1/search?q=switch+it+on"];
    let seen = |site: &Site| pages.iter().chain(&steps).map(|path| site.get(path).text()).collect::<Vec<_>>();
    let shown = seen(&site);
    assert!(site.stop().success(), "{}", site.errors());
    assert_eq!(seen(&Site::open(&restored, &BASE)), shown);
}
