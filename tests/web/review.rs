//! Where nobody publishes alone.

use crate::support::page::{all, words};
use crate::support::visitor::{Visitor, field};
use crate::support::{Answer, Site, fixpath, packs};

const PLUG: &str = "entries/room/plug-is-out.md";

/// Begins a change of the plug and gives the address of its draft.
fn begin(author: &Visitor<'_>, fix: &str) -> String {
    let text = packs::LAMP[3].1.replace("Put it in.", fix);
    let fields = [("mode", "markdown"), ("base", "1"), ("path", PLUG), ("text", &text), ("then", "review")];
    let answer = author.post_form("/edit/entry/plug-is-out", &fields);
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.location().to_owned()
}

fn publish(visitor: &Visitor<'_>, draft: &str, version: &str) -> Answer {
    let fields = [("version", version), ("why", "it is shorter"), ("accepted", "")];
    visitor.post_form(&format!("{draft}/publish"), &fields)
}

fn site(options: &[&str]) -> (tempfile::TempDir, tempfile::TempDir, Site) {
    let (content, data) = (packs::pack(packs::LAMP), tempfile::tempdir().expect("a temporary folder"));
    let at = content.path().to_str().expect("temporary paths are UTF-8").to_owned();
    let site = Site::open(data.path(), &[&["--content", at.as_str()], options].concat());
    (content, data, site)
}

#[test]
fn another_editor_has_to_publish_what_one_wrote() {
    let (_content, _data, site) = site(&["--review"]);
    let (first, second) = (site.join("editor", "first"), site.join("editor", "second"));
    let draft = begin(&first, "Push it in.");
    let page = first.get(&draft);
    let version = field(&page, "version");
    assert!(
        page.text().contains("an editor who did not write on it looks at a change before it is published"),
        "{}",
        page.text()
    );
    assert!(all(&page.html(), "form[action$=publish] button").is_empty(), "there is no button for it");
    let shown = || site.get("/fix/plug-is-out").text();
    for visitor in [&first, &second] {
        let refused = publish(visitor, &draft, &version);
        assert!(refused.text().contains("Another editor has to look at it first"), "not before it was asked for");
    }
    assert!(first.post_form(&format!("{draft}/state"), &[("to", "waiting")]).status == 303);
    assert!(publish(&first, &draft, &version).text().contains("Another editor has to look at it first"));
    assert!(shown().contains("Put it in."), "nothing was published");
    let page = second.get(&draft);
    let buttons: Vec<String> = all(&page.html(), "form[action$=publish] button").into_iter().map(words).collect();
    assert_eq!(buttons, ["Publish"]);
    let done = publish(&second, &draft, &field(&page, "version"));
    assert_eq!((done.status, done.header("location")), (303, Some("/fix/plug-is-out")), "{}", done.text());
    assert!(shown().contains("Push it in."));
    let history = second.get("/history/entry/plug-is-out").text();
    assert!(history.contains("approved by second") && history.contains("first"), "{history}");
}

/// Saves a draft with this text. Gives the status.
fn save(visitor: &Visitor<'_>, draft: &str, text: &str) -> u16 {
    let version = field(&visitor.get(draft), "version");
    let fields = [("mode", "markdown"), ("version", version.as_str()), ("path", PLUG), ("text", text), ("then", "review")];
    visitor.post_form(&format!("{draft}/edit"), &fields).status
}

fn send_on(visitor: &Visitor<'_>, draft: &str) -> Answer {
    visitor.post_form(&format!("{draft}/state"), &[("to", "waiting")])
}

#[test]
fn nobody_who_wrote_on_a_draft_approves_it() {
    let (_content, _data, site) = site(&["--review"]);
    let [first, second, third] = ["first", "second", "third"].map(|name| site.join("editor", name));
    let draft = begin(&first, "Push it in.");
    assert_eq!(save(&second, &draft, &packs::LAMP[3].1.replace("Put it in.", "Push it in. ")), 303);
    assert_eq!(send_on(&first, &draft).status, 303, "either of them may");
    assert!(first.get(&draft).text().contains("first and second ask another editor"), "{}", first.get(&draft).text());
    let version = field(&first.get(&draft), "version");
    for author in [&first, &second] {
        assert!(all(&author.get(&draft).html(), "form[action$=publish] button").is_empty(), "{}", author.name);
        assert!(publish(author, &draft, &version).text().contains("Another editor has to look at it first"), "{}", author.name);
    }
    // Who saves what is there already has written nothing, and does not take it from those who wait.
    assert_eq!(save(&third, &draft, &packs::LAMP[3].1.replace("Put it in.", "Push it in. ")), 303);
    assert_eq!(publish(&third, &draft, &field(&third.get(&draft), "version")).status, 303);
    let history = third.get("/history/entry/plug-is-out").text();
    assert!(history.contains("published by first and second") && history.contains("approved by third"), "{history}");
}

#[test]
fn only_who_wrote_a_draft_sends_it_on() {
    let (_content, _data, site) = site(&["--review"]);
    let (first, second) = (site.join("editor", "first"), site.join("editor", "second"));
    let draft = begin(&first, "Push it in.");
    assert!(all(&second.get(&draft).html(), "button[value=waiting]").is_empty(), "there is no button for it");
    let refused = send_on(&second, &draft);
    assert!(refused.status == 409 && refused.text().contains("Only who wrote on a draft"), "{}", refused.text());
    let version = field(&second.get(&draft), "version");
    assert!(publish(&second, &draft, &version).text().contains("Another editor has to look at it first"));
    assert_eq!(all(&first.get(&draft).html(), "button[value=waiting]").len(), 1);
    assert_eq!(send_on(&first, &draft).status, 303);
    assert_eq!(publish(&second, &draft, &version).status, 303);
}

#[test]
fn who_sends_on_what_a_folder_brought_answers_for_it() {
    let (content, data, site) = site(&["--review"]);
    let (first, second, third) = (site.join("editor", "first"), site.join("editor", "second"), site.join("editor", "third"));
    let own = begin(&first, "Push it in.");
    assert_eq!((send_on(&first, &own).status, publish(&second, &own, "1").status), (303, 303));
    let verified = "verified: {on: 2026-01-31, by: somebody}\nlikelihood";
    let theirs = packs::LAMP[3].1.replace("Put it in.", "Pull it out.").replace("likelihood", verified);
    packs::write(content.path(), PLUG, &theirs);
    let import = fixpath().arg("import").arg(content.path()).arg("--data").arg(data.path()).output().expect("the program runs");
    assert!(String::from_utf8_lossy(&import.stdout).contains("conflicts 1"), "{import:?}");
    let html = third.get("/write").html();
    let draft = crate::support::page::href(all(&html, "main a[href^='/draft/']")[0]).to_owned();
    assert_eq!(send_on(&third, &draft).status, 303);
    assert!(publish(&third, &draft, "1").text().contains("Another editor has to look at it first"));
    assert_eq!(publish(&second, &draft, "1").status, 303);
    assert!(site.get("/fix/plug-is-out").text().contains("31") && site.get("/fix/plug-is-out").text().contains("somebody"));
    assert!(third.get("/history/entry/plug-is-out").text().contains("imported by import and third"));
}

#[test]
fn without_the_setting_an_editor_publishes_alone() {
    let (_content, _data, site) = site(&[]);
    let editor = site.sign_in("editor");
    let draft = begin(&editor, "Push it in.");
    let version = field(&editor.get(&draft), "version");
    assert_eq!(publish(&editor, &draft, &version).status, 303);
    assert!(site.get("/fix/plug-is-out").text().contains("Push it in."));
}
