//! Content that is kept in a folder: shown as it is there, and written only there.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::support::page::{all, href, one, words};
use crate::support::{Site, fixpath, packs, until};

const PLUG: &str = "entries/room/plug-is-out.md";
const BULB: &str = "entries/room/bulb-is-burnt.md";
const FORGE: &str = "https://forge.example.com/team/kb/edit/main/{path}";

/// The text of one of the files of the lamp.
fn lamp(path: &str) -> &'static str {
    packs::LAMP.iter().find(|(p, _)| *p == path).expect("it is one of them").1
}

/// The site on a folder that it watches, with its data.
fn watched(content: &Path) -> (TempDir, Site) {
    let data = tempfile::tempdir().expect("a temporary folder");
    let content = content.to_str().expect("temporary paths are UTF-8");
    let site = Site::open(data.path(), &["--content", content, "--watch", "--edit-url", FORGE]);
    (data, site)
}

fn shows(site: &Site, path: &str, text: &str) -> bool {
    site.get(path).text().contains(text)
}

/// What `/gaps` says of the folder.
fn broken(site: &Site) -> Vec<String> {
    let html = site.get("/gaps").html();
    all(&html, "section[aria-labelledby=broken] :is(li, p)").into_iter().map(words).collect()
}

/// What the page of a document says of the version that it shows.
fn older(site: &Site, path: &str) -> Option<String> {
    let html = site.get(path).html();
    all(&html, "main .notice").into_iter().map(words).next()
}

#[test]
fn what_is_written_changed_and_removed_in_the_folder_is_shown() {
    let content = packs::pack(packs::LAMP);
    let (_data, site) = watched(content.path());
    packs::write(content.path(), PLUG, &lamp(PLUG).replace("Put it in.", "Push it in firmly."));
    until("the change is shown", || shows(&site, "/fix/plug-is-out", "Push it in firmly."));
    assert!(shows(&site, "/search?q=firmly", "The plug is out"), "search knows it with the page");
    packs::write(content.path(), "entries/new/fuse.md", &lamp(BULB).replace("The bulb is burnt", "The fuse has blown"));
    until("the new file is shown", || site.get("/fix/fuse").status == 200);
    fs::rename(content.path().join("entries/new"), content.path().join("entries/cellar")).expect("it can be moved");
    until("it has moved", || shows(&site, "/fix/fuse", "edit/main/entries/cellar/fuse.md"));
    fs::remove_dir_all(content.path().join("entries/cellar")).expect("it can be removed");
    until("it is gone", || site.get("/fix/fuse").status == 404);
    assert_eq!(broken(&site), Vec::<String>::new());
}

#[test]
fn a_broken_file_keeps_its_last_good_version_and_says_so() {
    let content = packs::pack(packs::LAMP);
    let (_data, site) = watched(content.path());
    packs::write(content.path(), "entries/room/new.md", "---\ntitle: [\n");
    packs::write(content.path(), PLUG, &lamp(PLUG).replace("likelihood", "likelyhood").replace("Put it in.", "Pull it out."));
    packs::write(content.path(), BULB, &lamp(BULB).replace("Take another bulb.", "Take a better bulb."));
    until("what is sound is shown", || shows(&site, "/fix/bulb-is-burnt", "Take a better bulb."));
    until("what is broken is listed", || broken(&site).len() == 3);
    let listed = broken(&site);
    assert!(listed[1].starts_with("entries/room/new.md, line "), "{listed:?}");
    assert!(listed[2].starts_with("entries/room/plug-is-out.md, line 5: ") && listed[2].contains("`likelihood`"), "{listed:?}");
    assert!(shows(&site, "/fix/plug-is-out", "Put it in.") && !shows(&site, "/fix/plug-is-out", "Pull it out."));
    let said = older(&site, "/fix/plug-is-out").expect("the page says so");
    assert!(said.starts_with("This is an older version: the file has a problem: ") && said.contains("likelyhood"), "{said}");
    assert_eq!((site.get("/fix/new").status, older(&site, "/fix/bulb-is-burnt")), (404, None));
    packs::write(content.path(), BULB, &lamp(BULB).replace("Take another bulb.", "Take the best bulb."));
    until("another change is shown", || shows(&site, "/fix/bulb-is-burnt", "Take the best bulb."));
    let log = site.errors();
    assert_eq!(log.matches("held back: ").count(), 2, "each is said once: {log}");
    packs::write(content.path(), PLUG, &lamp(PLUG).replace("Put it in.", "Put it in again."));
    fs::remove_file(content.path().join("entries/room/new.md")).expect("it is there");
    until("it is mended", || shows(&site, "/fix/plug-is-out", "Put it in again."));
    until("nothing is held back", || broken(&site).is_empty());
    assert_eq!(older(&site, "/fix/plug-is-out"), None);
}

#[test]
fn what_others_still_need_is_kept_when_it_is_removed() {
    let content = packs::pack(packs::LAMP);
    let (_data, site) = watched(content.path());
    fs::remove_file(content.path().join("questions/glass.md")).expect("it is there");
    until("it is said", || broken(&site).len() == 2);
    let said = broken(&site).remove(1);
    assert!(said.starts_with("questions/glass.md: entries/room/bulb-is-burnt.md, line "), "{said}");
    assert!(older(&site, "/question/glass").is_some_and(|said| said.contains("bulb-is-burnt.md")));
    fs::remove_file(content.path().join(BULB)).expect("it is there");
    until("both are gone", || site.get("/question/glass").status == 404);
    assert_eq!((site.get("/fix/bulb-is-burnt").status, broken(&site)), (404, Vec::new()));
}

#[test]
fn at_the_start_what_is_broken_stays_out() {
    let content = packs::pack(packs::LAMP);
    packs::write(content.path(), BULB, "half of a fi");
    let (_data, site) = watched(content.path());
    assert_eq!((site.get("/fix/bulb-is-burnt").status, site.get("/fix/plug-is-out").status), (404, 200));
    assert_eq!(broken(&site).len(), 2);
}

#[test]
fn a_folder_that_vanishes_changes_nothing_until_it_is_back() {
    let outer = tempfile::tempdir().expect("a temporary folder");
    let (content, aside) = (outer.path().join("kb"), outer.path().join("aside"));
    packs::LAMP.iter().for_each(|(path, text)| packs::write(&content, path, text));
    let (_data, site) = watched(&content);
    fs::rename(&content, &aside).expect("it can be moved");
    until("it is said", || broken(&site).iter().any(|said| said.contains("cannot be read")));
    fs::create_dir(&content).expect("it can be made");
    assert_eq!((site.get("/fix/plug-is-out").status, older(&site, "/fix/plug-is-out")), (200, None));
    packs::write(&aside, PLUG, &lamp(PLUG).replace("Put it in.", "Put it back."));
    fs::remove_dir(&content).expect("it is empty");
    fs::rename(&aside, &content).expect("it can be moved back");
    until("it is back", || shows(&site, "/fix/plug-is-out", "Put it back.") && broken(&site).is_empty());
    packs::write(&content, PLUG, &lamp(PLUG).replace("Put it in.", "It is heard again."));
    until("it is heard again", || shows(&site, "/fix/plug-is-out", "It is heard again."));
}

#[cfg(unix)]
#[test]
fn links_may_be_swapped_for_others() {
    use std::os::unix::fs::symlink;
    let outer = tempfile::tempdir().expect("a temporary folder");
    for version in ["one", "two", "three"] {
        for (path, text) in packs::LAMP {
            packs::write(&outer.path().join(version), path, &text.replace("Put it in.", &format!("This is version {version}.")));
        }
    }
    let point = |link: &Path, to: &Path| {
        let fresh = outer.path().join("fresh");
        symlink(to, &fresh).expect("a link can be made");
        fs::rename(&fresh, link).expect("a link can be swapped");
    };
    let at = |version: &str| outer.path().join(version);
    // As a deployment does: the folder is a link.
    let current = outer.path().join("current");
    point(&current, &at("one"));
    // And as Kubernetes does: the folder stays, all in it leads through one link.
    let mounted = outer.path().join("mounted");
    fs::create_dir(&mounted).expect("it can be made");
    point(&mounted.join("..data"), &at("one"));
    for kind in ["symptoms", "questions", "entries"] {
        symlink(Path::new("..data").join(kind), mounted.join(kind)).expect("a link can be made");
    }
    let sites = [watched(&current), watched(&mounted)];
    for version in ["two", "three"] {
        point(&current, &at(version));
        point(&mounted.join("..data"), &at(version));
        for (_data, site) in &sites {
            until("the other version is shown", || shows(site, "/fix/plug-is-out", &format!("This is version {version}.")));
        }
    }
    packs::write(&at("three"), PLUG, &lamp(PLUG).replace("Put it in.", "It is written in place."));
    for (_data, site) in &sites {
        until("a change behind the links is shown", || shows(site, "/fix/plug-is-out", "It is written in place."));
        assert_eq!(broken(site), Vec::<String>::new());
    }
}

#[test]
fn a_folder_is_read_and_never_written() {
    let content = packs::pack(packs::LAMP);
    packs::write(content.path(), "entries/the cellar ü/fuse.md", &lamp(BULB).replace("The bulb is burnt", "The fuse has blown"));
    let (data, mut site) = watched(content.path());
    let edit = |path: &str| {
        let html = site.get(path).html();
        all(&html, "main a").into_iter().find(|a| words(*a) == "Edit this page").map(href)
    };
    let forge = |path: &str| Some(FORGE.replace("{path}", path));
    assert_eq!(edit("/fix/plug-is-out"), forge(PLUG));
    assert_eq!(edit("/symptom/lamp-is-dark"), forge("symptoms/lamp-is-dark.md"));
    assert_eq!(edit("/question/plug"), forge("questions/plug.md"));
    assert_eq!(edit("/fix/fuse"), forge("entries/the%20cellar%20%C3%BC/fuse.md"));
    {
        let editor = site.sign_in("editor");
        let nav: Vec<String> = all(&editor.get("/").html(), "header nav a").into_iter().map(href).collect();
        assert!(nav.contains(&"/browse".to_owned()) && !nav.contains(&"/write".to_owned()), "{nav:?}");
        for path in ["/write", "/new/entry", "/edit/entry/plug-is-out", "/rename/question/plug", "/draft/1"] {
            let answer = editor.get(path);
            assert_eq!(answer.status, 403, "{path}");
            let html = answer.html();
            assert!(words(one(&html, "main")).contains("kept in a folder elsewhere"), "{path}: {}", answer.text());
            let link = all(&html, "main a.button").into_iter().map(href).next();
            let expected = match path {
                "/edit/entry/plug-is-out" => forge(PLUG),
                "/rename/question/plug" => forge("questions/plug.md"),
                _ => None,
            };
            assert_eq!(link, expected, "{path}");
        }
        for (path, fields) in [
            ("/edit/entry/plug-is-out", &[("base", "1"), ("path", PLUG), ("text", "x"), ("then", "review")][..]),
            ("/verify/plug-is-out", &[("against", "")]),
            ("/notes/entry/plug-is-out", &[("text", "It is wrong.")]),
        ] {
            let answer = editor.post_form(path, fields);
            assert_eq!(answer.status, 403, "{path}");
            assert!(answer.text().contains("kept in a folder elsewhere"), "{path}: {}", answer.text());
        }
        let outcome = [("entry", "plug-is-out"), ("worked", "yes"), ("query", "symptom=lamp-is-dark&plug=out")];
        assert!(editor.post_form("/outcome", &outcome).status < 400, "outcomes are kept all the same");
        assert!(shows(&site, "/fix/plug-is-out", "helped once"));
        // And stay when the folder changes.
        packs::write(content.path(), PLUG, &lamp(PLUG).replace("Put it in.", "Push it in."));
        until("the change is shown", || shows(&site, "/fix/plug-is-out", "Push it in."));
        assert!(shows(&site, "/fix/plug-is-out", "helped once"));
    }
    assert!(site.stop().success(), "it ends as it should: {}", site.errors());
    let out = tempfile::tempdir().expect("a temporary folder");
    let said = fixpath().arg("export").arg(out.path()).arg("--data").arg(data.path()).output().expect("the program runs");
    assert!(String::from_utf8_lossy(&said.stdout).starts_with("wrote 0 files"), "nothing of the folder is in the store");
}

#[test]
fn a_picture_of_the_folder_is_shown_once_it_is_there() {
    let content = packs::pack(packs::LAMP);
    let (_data, site) = watched(content.path());
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_luma8(3, 3).write_to(&mut bytes, image::ImageFormat::Png).expect("memory takes all");
    let picture = fixpath::content::images::clean(bytes.get_ref()).expect("it is a picture");
    let url = picture.name.url();
    packs::write(content.path(), PLUG, &lamp(PLUG).replace("Put it in.", &format!("![Where it goes]({url})")));
    until("the missing picture is said", || broken(&site).iter().any(|said| said.contains("is missing")));
    assert!(shows(&site, "/fix/plug-is-out", "Put it in."), "the text waits for its picture");
    let folder = content.path().join("images");
    fs::create_dir(&folder).expect("it can be made");
    fs::write(folder.join("note.png"), "no picture").expect("it can be written");
    fs::write(folder.join(picture.name.to_string()), &picture.bytes).expect("it can be written");
    until("the text is shown", || shows(&site, "/fix/plug-is-out", "Where it goes"));
    assert_eq!(site.get(&url).body, picture.bytes);
    until("the other file is said", || broken(&site).iter().any(|said| said.starts_with("images/note.png, line 1: ")));
}

#[test]
fn thousands_of_files_that_change_at_once_are_taken_in_together() {
    let content = packs::large(1_500);
    let (_data, site) = watched(content.path());
    for number in 0..1_500 {
        let path = format!("entries/parts/part-{number}.md");
        let text = fs::read_to_string(content.path().join(&path)).expect("it is there");
        let tired = text.replace("has run for too long", "is tired");
        packs::write(content.path(), &path, if number == 7 { "---\n" } else { &tired });
    }
    let tired = |number: usize| shows(&site, &format!("/fix/part-{number}"), "is tired");
    until("all are shown", || tired(0) && tired(1_499));
    until("the broken one is said", || broken(&site).len() == 2);
    assert!(shows(&site, "/fix/part-7", "has run for too long"));
}

#[test]
fn a_setting_that_cannot_be_is_said_before_the_start() {
    let content = packs::pack(packs::LAMP);
    let here = content.path().to_str().expect("temporary paths are UTF-8");
    let empty = tempfile::tempdir().expect("a temporary folder");
    let nothing = empty.path().to_str().expect("temporary paths are UTF-8");
    for (options, told) in [
        (&["--watch"][..], "--content DIR"),
        (&["--content", here, "--watch", "--edit-url", "forge.example.com/{path}"], "{path}"),
        (&["--content", here, "--edit-url", FORGE], "add --watch"),
        (&["--content", nothing, "--watch"], "has none of the folders"),
    ] {
        let data = tempfile::tempdir().expect("a temporary folder");
        let said = fixpath().args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data.path()).args(options).output();
        let said = said.expect("the program runs");
        let errors = String::from_utf8_lossy(&said.stderr).into_owned();
        assert_eq!(said.status.code(), Some(2), "{options:?}: {errors}");
        assert!(errors.contains(told), "{options:?}: {errors}");
    }
}

#[test]
fn a_document_offers_only_what_works() {
    let content = packs::pack(packs::LAMP);
    let (_data, site) = watched(content.path());
    let (editor, reader) = (site.sign_in("editor"), site.sign_in("reader"));
    for path in ["/fix/plug-is-out", "/symptom/lamp-is-dark", "/question/plug"] {
        for page in [site.get(path), editor.get(path), reader.get(path)] {
            let html = page.html();
            let failing =
                "main a[href^='/history/'], main a[href^='/edit/'], main form[action^='/notes/'], main form[action^='/verify/']";
            assert!(all(&html, failing).is_empty(), "{path}");
            assert!(all(&html, "#keep").is_empty(), "{path}: no heading without anything below it");
        }
    }
    let refused = reader.post_form("/notes/entry/plug-is-out", &[("text", "Which socket?")]);
    assert!(refused.status == 403 && refused.text().contains("edit/main/entries/room/plug-is-out.md"), "{}", refused.text());
}
