//! What survives of publishing when something goes wrong: crashes while many people write, and a disk that fills up.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use fixpath::kb::{Kind, Slug};
use fixpath::store::Store;

use crate::support::page::{all, one, within, words};
use crate::support::visitor::{Visitor, field, send};
use crate::support::{Answer, Site, escape, packs, until, wait};
use crate::with_files_of;

const WRITERS: [&str; 8] = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"];
const PUBLISHES: usize = 500;

/// Somebody who writes with a session, or a program with a token. Outlives the site.
struct Writer {
    name: &'static str,
    proof: (&'static str, String),
    csrf: String,
}

impl Writer {
    fn join(site: &Site, number: usize) -> Writer {
        let name = WRITERS[number];
        let visitor = site.join("editor", name);
        let (csrf, cookie) = (visitor.csrf.clone(), visitor.cookie.clone());
        match number % 2 {
            0 => Writer { name, proof: ("cookie", cookie), csrf },
            _ => {
                Writer { name, proof: ("authorization", format!("Bearer {}", visitor.make_token("write"))), csrf: String::new() }
            }
        }
    }

    fn get(&self, site: &Site, path: &str) -> Option<Answer> {
        site.try_get(path, &[(self.proof.0, &self.proof.1)])
    }

    fn post(&self, site: &Site, path: &str, fields: &[(&str, &str)]) -> Option<Answer> {
        let all = [&[("csrf", self.csrf.as_str())], fields].concat();
        let body = all.iter().map(|(k, v)| format!("{}={}", escape(k), escape(v))).collect::<Vec<_>>().join("&");
        let kind = ("content-type", "application/x-www-form-urlencoded");
        site.try_post(path, &[kind, (self.proof.0, &self.proof.1)], body.as_bytes())
    }

    /// Publishes one more line in an entry; gives whether that was acknowledged, nothing when the site died.
    fn publish(&self, site: &Site, slug: &str, mark: &str) -> Option<()> {
        let place = format!("/edit/entry/{slug}?as=markdown");
        let page = self.get(site, &place)?;
        let page = match page.status {
            200 => page,
            // A draft of before the crash: it was not published, so it is not lost either. It goes on.
            303 => self.get(site, &format!("{}?as=markdown", page.location()))?,
            status => panic!("{place}: {status} {}", page.text()),
        };
        let (action, html) = (form_action(&page), page.html());
        let text: String = all(&html, "textarea#text").first().expect("it is the editor").text().collect();
        let text = with_mark(&text, self.name, mark);
        let (base, version, path) = (field(&page, "base"), field(&page, "version"), field(&page, "path"));
        let fields = [
            ("mode", "markdown"),
            ("base", base.as_str()),
            ("version", &version),
            ("path", &path),
            ("text", &text),
            ("then", "review"),
        ];
        let kept = self.post(site, &action, &fields)?;
        assert_eq!(kept.status, 303, "{action}: {}", kept.text());
        self.publish_draft(site, kept.location())
    }

    fn publish_draft(&self, site: &Site, draft: &str) -> Option<()> {
        let review = self.get(site, draft)?;
        let version = field(&review, "version");
        let fields = [("version", version.as_str()), ("why", "one more line"), ("accepted", "it is a test")];
        let done = self.post(site, &format!("{draft}/publish"), &fields)?;
        assert_eq!(done.status, 303, "{draft}: {}", words(one(&done.html(), "main")));
        assert!(done.location().starts_with("/fix/"), "{}", done.location());
        Some(())
    }
}

fn form_action(page: &Answer) -> String {
    let html = page.html();
    let forms = all(&html, "main form");
    let form = forms.iter().find(|f| within(**f, "textarea#text").len() == 1);
    form.and_then(|f| f.attr("action")).expect("the editor is a form").to_owned()
}

/// Each writer has a line of their own, far enough from the others for all to be merged.
fn with_mark(text: &str, writer: &str, mark: &str) -> String {
    let key = format!("Line of {writer}:");
    let lines = text.lines().map(|line| if line.starts_with(&key) { format!("{key} {mark}.") } else { line.to_owned() });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// An entry in which so many have a line.
fn entry(title: &str, option: &str, writers: &[&str]) -> String {
    let lines = writers.iter().map(|w| format!("Line of {w}: nothing.\n\n")).collect::<String>();
    format!(
        "---\ntitle: {title}\nsymptoms: lamp-is-dark\nwhen: {{{option}}}\nlikelihood: rare\n\
         sources:\n  - {{title: Manual, url: 'https://example.com/'}}\n---\n\n## Symptom\n\nDark.\n\n## Cause\n\n{lines}## Fix\n\nMend it.\n"
    )
}

/// A word of letters alone, which nothing else has.
fn word(number: usize) -> String {
    let letter = |n: usize| char::from(b'a' + u8::try_from(n % 20).expect("it is below 20"));
    format!("zq{}{}{}q", letter(number / 400), letter(number / 20), letter(number))
}

/// The same numbers each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % most).expect("it is small")
    }
}

/// A knowledge base with an entry for each writer and one for all of them.
fn a_base_to_write_in() -> tempfile::TempDir {
    let content = packs::pack(packs::LAMP);
    for name in WRITERS {
        let text = entry(&format!("The fuse of {name} is gone"), "plug: out", &[name]);
        packs::write(content.path(), &format!("entries/room/fuse-{name}.md"), &text);
    }
    packs::write(content.path(), "entries/room/shared.md", &entry("Everybody has a hand in it", "glass: black", &WRITERS));
    content
}

/// What the store says of an entry, the oldest revision first.
fn revisions(data: &Path, slug: &str) -> Vec<(i64, String)> {
    wait(async {
        let store = Store::open(data).await.expect("the store opens");
        let slug = Slug::parse(slug).expect("it is one");
        let mut all = store.list_revisions(Kind::Entry, &slug).await.expect("it answers");
        let today = store.find_document(Kind::Entry, &slug).await.expect("it answers").expect("it is there");
        store.close().await;
        all.reverse();
        let newest = all.last().expect("it has revisions");
        assert_eq!((today.revision, &today.text), (newest.number, &newest.text), "{slug}: the document is its newest revision");
        all.into_iter().map(|r| (r.number, r.text)).collect()
    })
}

fn slugs() -> Vec<String> {
    WRITERS.iter().map(|w| format!("fuse-{w}")).chain(["shared".to_owned()]).collect()
}

/// The marks in a text, by the order of its lines.
fn marks(text: &str) -> BTreeSet<String> {
    let words = text.lines().filter(|l| l.starts_with("Line of ")).filter_map(|l| l.split(' ').next_back());
    words.map(|w| w.trim_end_matches('.').to_owned()).filter(|w| w.starts_with("zq")).collect()
}

/// Whether the pages and the index say what the store says.
fn agrees(site: &Site, slug: &str, revisions: &[(i64, String)]) {
    let (number, text) = revisions.last().expect("it has revisions");
    let today = marks(text);
    let page = site.get(&format!("/fix/{slug}")).text();
    assert_eq!(&site.get(&format!("/fix/{slug}.md")).text(), text, "{slug}");
    let history = site.get(&format!("/history/entry/{slug}")).text();
    assert!(history.contains(&format!("/history/entry/{slug}/{number}\"")), "{slug} {number}: {history}");
    for mark in &today {
        assert!(page.contains(mark.as_str()), "the page of {slug} has {mark}");
        let found = site.get(&format!("/api/v1/search?q={mark}")).json();
        assert_eq!(found["results"][0]["slug"], slug, "{mark}: {found}");
    }
    let before: BTreeSet<String> = revisions.iter().flat_map(|(_, t)| marks(t)).collect();
    for mark in before.difference(&today).take(3) {
        assert!(!page.contains(mark.as_str()), "the page of {slug} has {mark} no more");
        let found = site.get(&format!("/api/v1/search?q={mark}")).json();
        let snippets = found["results"].as_array().expect("it is a list").iter().map(|r| r["snippet"].to_string());
        assert!(snippets.into_iter().all(|s| !s.contains(mark.as_str())), "{mark} is found no more: {found}");
    }
}

#[test]
fn every_acknowledged_publish_survives_crashes_while_many_write() {
    let content = a_base_to_write_in();
    let data = tempfile::tempdir().expect("a temporary folder");
    let mut site = Site::on_again(data.path(), content.path());
    let writers: Vec<Writer> = (0..WRITERS.len()).map(|n| Writer::join(&site, n)).collect();
    let (next, acknowledged) = (AtomicUsize::new(0), Mutex::new(Vec::<(String, String)>::new()));
    let done = || acknowledged.lock().expect("no test panics with it").len();
    let mut dice = Dice(7);
    let mut crashes = 0;
    while done() < PUBLISHES {
        let until_then = done() + 20 + dice.below(60);
        let spins = dice.below(200_000);
        std::thread::scope(|scope| {
            let threads: Vec<_> = writers
                .iter()
                .map(|writer| {
                    scope.spawn(|| {
                        while done() < PUBLISHES {
                            let number = next.fetch_add(1, Ordering::SeqCst);
                            let slug = if number % 4 == 0 { "shared".to_owned() } else { format!("fuse-{}", writer.name) };
                            let mark = word(number);
                            if writer.publish(&site, &slug, &mark).is_none() {
                                return;
                            }
                            acknowledged.lock().expect("no test panics with it").push((slug, mark));
                        }
                    })
                })
                .collect();
            let enough = || done() >= until_then.min(PUBLISHES) || threads.iter().any(|t| t.is_finished());
            until("enough is published", enough);
            assert!(done() >= until_then.min(PUBLISHES), "a writer gave up");
            // Not always at the end of a publish.
            (0..spins).for_each(|_| std::hint::spin_loop());
            site.signal("KILL");
            crashes += 1;
        });
        site.ended();
        site = Site::open(data.path(), &[]);
        for slug in slugs() {
            agrees(&site, &slug, &revisions(data.path(), &slug));
        }
    }
    assert!(crashes > 4, "it crashed only {crashes} times");

    let acknowledged = acknowledged.into_inner().expect("no test panics with it");
    let kept: BTreeMap<String, Vec<(i64, String)>> =
        slugs().into_iter().map(|s| (s.clone(), revisions(data.path(), &s))).collect();
    let mut count = 0;
    for (slug, revisions) in &kept {
        assert!(revisions.windows(2).all(|pair| pair[0].0 < pair[1].0), "{slug}: revisions go by their number");
        // The first one was imported.
        count += revisions.len() - 1;
    }
    for (slug, mark) in &acknowledged {
        assert!(kept[slug].iter().any(|(_, text)| marks(text).contains(mark)), "{slug} had {mark}");
    }
    let most = acknowledged.len() + crashes * WRITERS.len();
    assert!((acknowledged.len()..=most).contains(&count), "{count} revisions, {} were acknowledged", acknowledged.len());
    // What one writer published in the shared entry, another one's publish did not undo.
    let mut last: BTreeMap<String, String> = BTreeMap::new();
    for (_, text) in &kept["shared"] {
        for line in text.lines().filter(|l| l.starts_with("Line of ")) {
            let (who, mark) = line.split_once(": ").expect("a line has a mark");
            let older = last.insert(who.to_owned(), mark.to_owned());
            assert!(mark != "nothing." || older.is_none_or(|o| o == "nothing."), "the line of {who} was lost");
        }
    }
}

fn limit(site: &Site, bytes: &str) {
    let set = Command::new("prlimit").args(["--pid", &site.id().to_string(), &format!("--fsize={bytes}:")]).status();
    assert!(set.is_ok_and(|s| s.success()), "prlimit --fsize={bytes}");
}

#[test]
fn a_disk_that_fills_up_while_somebody_publishes_leaves_the_draft_and_the_page() {
    const DRAFTS: usize = 60;
    let content = packs::pack(packs::LAMP);
    let data = tempfile::tempdir().expect("a temporary folder");
    let mut command = with_files_of("unlimited");
    command.args(["serve", "--listen", "127.0.0.1:0", "--content"]).arg(content.path()).arg("--data").arg(data.path());
    let site = Site::spawn(command, data.path());
    let editor = site.sign_in("editor");
    let filler = "A long story of fuses and of those who change them. ".repeat(200);
    let begin = |number: usize| {
        // Nothing separates them, and each says so of those before it.
        let alike = (0..number).map(|n| format!(", fuse-{n}")).collect::<String>();
        let text = entry(&format!("Fuse number {number}"), "plug: out", &[&word(number)]).replace("Dark.", &filler);
        let text = text.replace("likelihood", &format!("alternatives: [plug-is-out{alike}]\nlikelihood"));
        let path = format!("entries/room/fuse-{number}.md");
        let fields = [("mode", "markdown"), ("base", "0"), ("path", path.as_str()), ("text", &text), ("then", "review")];
        let kept = editor.post_form("/new/entry", &fields);
        assert_eq!(kept.status, 303, "{}", kept.text());
        kept.location().to_owned()
    };
    let drafts: Vec<String> = (0..DRAFTS).map(begin).collect();
    let publish = |draft: &str| {
        let version = field(&editor.get(draft), "version");
        editor.post_form(&format!("{draft}/publish"), &[("version", &version), ("why", "new"), ("accepted", "it is a test")])
    };
    let largest = |name: &str| std::fs::metadata(data.path().join(name)).map_or(0, |m| m.len());
    limit(&site, &(largest("fixpath.db").max(largest("fixpath.db-wal")) + 200_000).to_string());
    let (mut published, mut refused) = (0, None);
    for draft in &drafts {
        let answer = publish(draft);
        if answer.status != 303 {
            refused = Some((draft, answer));
            break;
        }
        published += 1;
    }
    let (draft, answer) = refused.expect("the disk fills up");
    assert_eq!(answer.status, 507, "{}", answer.text());
    let said = answer.text();
    assert!(said.contains("cannot write to its disk") && said.contains("</html>"), "{said}");
    assert_eq!(site.get(&format!("/fix/fuse-{published}")).status, 404, "nothing of it is shown");
    let found = |number: usize| site.get(&format!("/api/v1/search?q={}", word(number))).json();
    assert!(!found(published).to_string().contains(&format!("/fix/fuse-{published}\"")), "nor found");
    for number in 0..published {
        assert_eq!(site.get(&format!("/fix/fuse-{number}")).status, 200, "{number} was acknowledged");
        assert_eq!(found(number)["results"][0]["slug"], format!("fuse-{number}"));
    }
    let review = editor.get(draft);
    assert_eq!(review.status, 200);
    assert_eq!(all(&review.html(), &format!("form[action=\"{draft}/publish\"]")).len(), 1, "the draft can still be published");
    assert!(!site.errors().contains("panicked"), "{}", site.errors());

    limit(&site, "unlimited");
    let again = publish(draft);
    assert_eq!(again.status, 303, "with room again, it works: {}\n{}", words(one(&again.html(), "main")), site.errors());
    assert_eq!((again.status, again.location()), (303, format!("/fix/fuse-{published}").as_str()), "with room again, it works");
    assert_eq!(found(published)["results"][0]["slug"], format!("fuse-{published}"));
    drop(site);
    let again = Site::open(data.path(), &[]);
    for number in 0..=published {
        assert_eq!(revisions(data.path(), &format!("fuse-{number}")).len(), 1);
        assert_eq!(again.get(&format!("/fix/fuse-{number}")).status, 200);
    }
}

#[test]
fn two_who_publish_one_draft_publish_it_once() {
    let content = packs::pack(packs::LAMP);
    let site = Site::on(content.path());
    let editor = site.sign_in("editor");
    let text = entry("Only once", "plug: out", &["editor"]).replace("likelihood", "alternatives: [plug-is-out]\nlikelihood");
    let fields = [("mode", "markdown"), ("base", "0"), ("path", "entries/room/once.md"), ("text", &text), ("then", "review")];
    let draft = editor.post_form("/new/entry", &fields).location().to_owned();
    let version = field(&editor.get(&draft), "version");
    let publish = |visitor: &Visitor| {
        let fields = [("csrf", visitor.csrf.as_str()), ("version", &version), ("why", "new"), ("accepted", "it is a test")];
        send(&site, &format!("{draft}/publish"), &[("cookie", &visitor.cookie)], &fields).status
    };
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..8).map(|_| scope.spawn(|| publish(&editor))).collect();
        all.into_iter().map(|thread| thread.join().expect("it answers")).collect()
    });
    let (done, refused): (Vec<u16>, Vec<u16>) = answers.iter().partition(|status| **status == 303);
    assert_eq!(done.len(), 1, "{answers:?}");
    assert!(refused.iter().all(|status| [409, 422].contains(status)), "{answers:?}");
    assert_eq!(revisions(&site.data, "once").len(), 1, "{answers:?}");
}
