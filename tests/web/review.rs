//! Where nobody publishes alone.

use crate::support::page::{all, words};
use crate::support::visitor::{Visitor, field};
use crate::support::{Answer, Site, packs};

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
    assert!(page.text().contains("another editor looks at a change before it is published"), "{}", page.text());
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

#[test]
fn without_the_setting_an_editor_publishes_alone() {
    let (_content, _data, site) = site(&[]);
    let editor = site.sign_in("editor");
    let draft = begin(&editor, "Push it in.");
    let version = field(&editor.get(&draft), "version");
    assert_eq!(publish(&editor, &draft, &version).status, 303);
    assert!(site.get("/fix/plug-is-out").text().contains("Push it in."));
}
