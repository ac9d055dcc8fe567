//! Every change has its line of the audit log, and what changed nothing has none.

use crate::support::visitor::{Visitor, field};
use crate::support::{Site, fixpath, packs};

const PLUG: &str = "entries/room/plug-is-out.md";

/// The log as far as it was read.
struct Log<'a> {
    admin: &'a Visitor<'a>,
    seen: usize,
}

impl Log<'_> {
    /// What was added since the last time: who, what and about what.
    fn news(&mut self) -> Vec<String> {
        let text = self.admin.get("/audit.jsonl").text();
        let lines: Vec<serde_json::Value> = text.lines().map(|l| serde_json::from_str(l).expect("each line is JSON")).collect();
        let fresh = &lines[..lines.len() - self.seen];
        self.seen = lines.len();
        let part = |line: &serde_json::Value, name: &str| line[name].as_str().expect("it is text").to_owned();
        fresh.iter().rev().map(|l| [part(l, "who"), part(l, "what"), part(l, "about")].join(" ")).collect()
    }
}

#[test]
fn each_change_is_told_once_and_nothing_else() {
    let content = packs::pack(packs::LAMP);
    let site = Site::on(content.path());
    let (admin, editor, reader) = (site.sign_in("administrator"), site.sign_in("editor"), site.sign_in("reader"));
    let mut log = Log { admin: &admin, seen: 0 };
    log.news();
    let lamp = |fix: &str| packs::LAMP[3].1.replace("Put it in.", fix);
    let send = |path: &str, version: &str, text: &str| {
        let fields =
            [("mode", "markdown"), ("base", "1"), ("version", version), ("path", PLUG), ("text", text), ("then", "review")];
        assert_eq!(editor.post_form(path, &fields).status, 303);
    };
    let state = |to: &str| drop(editor.post_form("/draft/1/state", &[("to", to)]));
    let note = |done: &str| drop(editor.post_form("/note/1", &[("done", done)]));
    let run = |command: &str, file: &std::path::Path| {
        let done = fixpath().arg(command).arg(file).arg("--data").arg(&site.data).output();
        assert!(done.is_ok_and(|done| done.stderr.is_empty() || command == "import"), "{command}");
    };
    let copies = tempfile::tempdir().expect("a temporary folder");
    let copy = copies.path().join("copy.db");
    let outcome = [("entry", "plug-is-out"), ("worked", "no"), ("query", "")];
    let conflict = lamp("Pull it out.");
    let steps: &[(&dyn Fn(), String)] = &[
        (&|| send("/edit/entry/plug-is-out", "0", &lamp("One.")), format!("editor draft-begun draft 1: {PLUG}")),
        (&|| send("/draft/1/edit", "1", &lamp("Two.")), format!("editor draft-saved draft 1: {PLUG}")),
        (&|| send("/draft/1/edit", "2", &lamp("Two.")), String::new()),
        (&|| state("waiting"), format!("editor draft-sent draft 1: {PLUG}")),
        (&|| state("waiting"), String::new()),
        (&|| state("open"), format!("editor draft-taken-back draft 1: {PLUG}")),
        (&|| state("open"), String::new()),
        (&|| state("discarded"), format!("editor draft-discarded draft 1: {PLUG}")),
        (&|| state("discarded"), String::new()),
        (&|| state("waiting"), String::new()),
        (&|| state("open"), format!("editor draft-brought-back draft 1: {PLUG}")),
        (
            &|| {
                let version = field(&editor.get("/draft/1"), "version");
                let fields = [("version", version.as_str()), ("why", "a test"), ("accepted", "")];
                assert_eq!(editor.post_form("/draft/1/publish", &fields).status, 303);
            },
            "editor published entry plug-is-out, revision 2: published".to_owned(),
        ),
        (&|| ["discarded", "waiting", "open"].into_iter().for_each(state), String::new()),
        (
            &|| drop(reader.post_form("/notes/entry/plug-is-out", &[("text", "Which socket?")])),
            "reader note-left entry plug-is-out".to_owned(),
        ),
        (&|| note("yes"), "editor note-done note 1 on entry plug-is-out".to_owned()),
        (&|| note("yes"), String::new()),
        (&|| note("no"), "editor note-brought-back note 1 on entry plug-is-out".to_owned()),
        (&|| drop(reader.post_form("/outcome", &outcome)), "reader outcome-told entry plug-is-out: it did not help".to_owned()),
        // What nobody in particular says is counted only.
        (&|| assert_eq!(site.post_form("/outcome", &outcome).status, 303), String::new()),
        (&|| run("backup", &copy), format!("operator backup-begun {}", copy.display())),
        (
            &|| {
                packs::write(content.path(), PLUG, &conflict);
                run("import", content.path());
            },
            format!("import draft-begun draft 2: {PLUG}"),
        ),
        (&|| run("import", content.path()), String::new()),
    ];
    for (number, (step, told)) in steps.iter().enumerate() {
        step();
        assert_eq!(log.news().join("\n"), *told, "step {number}");
    }
}
