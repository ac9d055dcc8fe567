//! What another program imports while the site runs.

use crate::support::page::{all, words};
use crate::support::{Site, fixpath, packs, until};

#[test]
fn a_running_site_shows_what_was_imported_beside_it() {
    let content = packs::pack(packs::LAMP);
    let site = Site::on(content.path());
    let editor = site.sign_in("editor");
    let (path, text) = packs::LAMP[3];
    packs::write(content.path(), path, &text.replace("Put it in.", "Push it in."));
    packs::write(content.path(), "entries/room/fuse.md", &packs::LAMP[4].1.replace("The bulb is burnt", "The fuse has blown"));
    let import = || {
        let said = fixpath().arg("import").arg(content.path()).arg("--data").arg(&site.data).output().expect("the program runs");
        String::from_utf8(said.stdout).expect("it prints UTF-8")
    };
    assert_eq!(import(), "added 1, changed 1, unchanged 4, kept as changed here 0, merged 0, conflicts 0\n");
    until("the change is shown", || site.get("/fix/plug-is-out").text().contains("Push it in."));
    assert_eq!(site.get("/fix/fuse").status, 200, "all of an import is shown at once");
    assert!(site.get("/search?q=fuse+has+blown").text().contains("/fix/fuse"), "search knows it, too");
    // What is published next goes on from there.
    let fields = [("mode", "markdown"), ("base", "2"), ("path", path), ("then", "review")];
    let own = text.replace("Put it in.", "Push it in hard.");
    let draft = editor.post_form("/edit/entry/plug-is-out", &[&fields[..], &[("text", own.as_str())]].concat());
    let draft = draft.location().to_owned();
    let version = crate::support::visitor::field(&editor.get(&draft), "version");
    let done = editor.post_form(&format!("{draft}/publish"), &[("version", &version), ("why", "harder"), ("accepted", "")]);
    assert_eq!(done.status, 303, "{}", done.text());
    assert!(site.get("/fix/plug-is-out").text().contains("Push it in hard.") && site.get("/fix/fuse").status == 200);
    // What both changed waits for an editor, once.
    packs::write(content.path(), path, &text.replace("Put it in.", "Pull it out."));
    for _ in 0..2 {
        assert_eq!(import(), "added 0, changed 0, unchanged 5, kept as changed here 0, merged 0, conflicts 1\n");
    }
    let html = editor.get("/write").html();
    let drafts: Vec<String> = all(&html, "main a[href^='/draft/']").into_iter().map(words).collect();
    assert_eq!(drafts, ["The plug is out"]);
}
