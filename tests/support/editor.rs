//! What somebody does who writes: open, change, look, publish. Start at [`edit`].

use super::Answer;
use super::page::one;
use super::visitor::{Visitor, field};

/// Opens the editor of a document and sends its text, changed.
pub fn draft(who: &Visitor<'_>, kind: &str, slug: &str, change: impl Fn(&str) -> String) -> String {
    let page = who.get(&format!("/edit/{kind}/{slug}?as=markdown"));
    assert_eq!(page.status, 200, "{}", page.text());
    save(who, &format!("/edit/{kind}/{slug}"), &page, change)
}

/// Sends the text of an editor's page, changed. Gives the address of the draft.
pub fn save(who: &Visitor<'_>, action: &str, page: &Answer, change: impl Fn(&str) -> String) -> String {
    let html = page.html();
    let text = change(&one(&html, "textarea#text").text().collect::<String>());
    // As browsers send it.
    let text = text.replace('\n', "\r\n");
    let (path, base, version) = (field(page, "path"), field(page, "base"), field(page, "version"));
    let fields = [
        ("mode", "markdown"),
        ("path", path.as_str()),
        ("base", &base),
        ("version", &version),
        ("text", &text),
        ("then", "review"),
    ];
    let saved = who.post_form(action, &fields);
    assert_eq!(saved.status, 303, "{}", saved.text());
    saved.location().to_owned()
}

/// Publishes a draft as it is looked at.
pub fn publish(who: &Visitor<'_>, draft: &str, why: &str, accepted: &str) -> Answer {
    let version = field(&who.get(draft), "version");
    who.post_form(&format!("{draft}/publish"), &[("version", &version), ("why", why), ("accepted", accepted)])
}

/// Edits and publishes.
pub fn edit(who: &Visitor<'_>, kind: &str, slug: &str, change: impl Fn(&str) -> String) -> Answer {
    let draft = draft(who, kind, slug, change);
    publish(who, &draft, "a test", "")
}
