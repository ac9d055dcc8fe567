//! What somebody with bad intentions sends, and what comes of it: nothing. Scripts in every field are in [`scripts`], with the
//! list of them in [`ways`] and what hears them in [`trap`], the API's promises in [`openapi`], everything else here and in [`requests`].

#[path = "support/browser.rs"]
mod browser;
#[path = "attacks/openapi.rs"]
mod openapi;
#[path = "attacks/requests.rs"]
mod requests;
#[path = "attacks/scripts.rs"]
mod scripts;
mod support;
#[path = "attacks/trap.rs"]
mod trap;
#[path = "attacks/ways.rs"]
mod ways;

use support::visitor::{Visitor, field};

/// Keeps a text as a draft, as the editor does; gives the address of the draft.
fn begin(editor: &Visitor, kind: &str, path: &str, text: &str) -> String {
    let fields = [("mode", "markdown"), ("base", "0"), ("path", path), ("text", text), ("then", "review")];
    let kept = editor.post_form(&format!("/new/{kind}"), &fields);
    assert_eq!(kept.status, 303, "{path}: {}", kept.text());
    kept.location().to_owned()
}

/// Publishes a new document with the forms of the site; gives its address.
fn publish(editor: &Visitor, kind: &str, path: &str, text: &str, why: &str) -> String {
    let draft = begin(editor, kind, path, text);
    let version = field(&editor.get(&draft), "version");
    let done = editor.post_form(&format!("{draft}/publish"), &[("version", &version), ("why", why), ("accepted", why)]);
    let said = support::page::words(support::page::one(&done.html(), "body"));
    assert_eq!(done.status, 303, "{path}: {said}");
    done.location().to_owned()
}
