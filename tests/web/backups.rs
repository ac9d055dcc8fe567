//! A backup that is taken while people write is a site of its own, whole as of one moment.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection as _};

use crate::support::visitor::{Visitor, field};
use crate::support::{Site, fixpath, packs, until, wait};

const PLUG: &str = "entries/room/plug-is-out.md";

/// Publishes the text of a version, as an editor does.
fn publish(editor: &Visitor<'_>, version: i64) {
    let text = packs::LAMP[3].1.replace("Put it in.", &format!("This is version {version}."));
    let base = version.to_string();
    let fields = [("mode", "markdown"), ("base", &base), ("path", PLUG), ("text", &text), ("then", "review")];
    let begun = editor.post_form("/edit/entry/plug-is-out", &fields);
    assert_eq!(begun.status, 303, "{}", begun.text());
    let draft = begun.location().to_owned();
    let seen = field(&editor.get(&draft), "version");
    let done = editor.post_form(&format!("{draft}/publish"), &[("version", &seen), ("why", "the next one"), ("accepted", "")]);
    assert_eq!(done.status, 303, "{}", done.text());
}

/// Numbers that a statement gives, in its order.
fn numbers(data: &Path, statement: &str) -> Vec<i64> {
    wait(async {
        let options = SqliteConnectOptions::new().filename(data.join("fixpath.db"));
        let mut db = SqliteConnection::connect_with(&options).await.expect("it opens");
        sqlx::query_scalar(AssertSqlSafe(statement)).fetch_all(&mut db).await.expect("it can be asked")
    })
}

fn run(command: &str, file: &Path, data: &Path) {
    let said = fixpath().arg(command).arg(file).arg("--data").arg(data).output().expect("the program runs");
    assert!(said.status.success(), "{command}: {}", String::from_utf8_lossy(&said.stderr));
}

#[test]
fn a_backup_under_load_is_whole_and_has_all_that_was_acknowledged() {
    let content = packs::pack(packs::LAMP);
    let site = Site::on(content.path());
    let editor = site.sign_in("editor");
    let work = tempfile::tempdir().expect("a temporary folder");
    let (published, stop) = (AtomicI64::new(1), AtomicBool::new(false));
    let mut copies = Vec::new();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let version = published.load(Ordering::Relaxed);
                publish(&editor, version);
                published.store(version + 1, Ordering::Relaxed);
            }
        });
        for number in 0..4 {
            let begun = published.load(Ordering::Relaxed);
            until("more is published", || writer.is_finished() || published.load(Ordering::Relaxed) > begun);
            let (least, file) = (published.load(Ordering::Relaxed), work.path().join(format!("{number}.db")));
            run("backup", &file, &site.data);
            copies.push((least, file));
        }
        stop.store(true, Ordering::Relaxed);
    });
    for (least, file) in copies {
        let data = file.with_extension("data");
        run("restore", &file, &data);
        let newest = numbers(&data, "SELECT revision FROM document WHERE slug = 'plug-is-out'")[0];
        assert!(newest >= least, "revision {least} was acknowledged before the backup began, the newest in it is {newest}");
        let all = "SELECT number FROM revision WHERE slug = 'plug-is-out' ORDER BY number";
        assert_eq!(numbers(&data, all), (1..=newest).collect::<Vec<_>>());
        let strays = "SELECT COUNT(*) FROM document LEFT JOIN revision ON revision.kind = document.kind AND revision.slug = \
                      document.slug AND number = document.revision WHERE revision.text IS NOT document.text";
        assert_eq!(numbers(&data, strays), [0], "the newest text is the one of the newest revision");
        assert_eq!(numbers(&data, "SELECT CAST(value AS INTEGER) FROM mark WHERE name = 'generation'"), [newest]);
        assert_eq!(numbers(&data, "SELECT COUNT(*) FROM draft WHERE state = 'published'"), [newest - 1]);
        let again = Site::open(&data, &[]);
        let page = again.get_with("/fix/plug-is-out", &[("cookie", &editor.cookie)]).text();
        assert!(page.contains(&format!("This is version {}.", newest - 1)), "{page}");
        assert_eq!(again.get_with("/you", &[("cookie", &editor.cookie)]).status, 200, "who was signed in is");
        let editor = Visitor::of(&again, "editor", editor.cookie.clone());
        publish(&editor, newest);
        assert!(again.get("/fix/plug-is-out").text().contains(&format!("This is version {newest}.")));
    }
    let left = std::fs::read_dir(work.path()).expect("it can be listed").flatten();
    assert!(left.into_iter().all(|item| !item.file_name().to_string_lossy().ends_with(".part")));
}
