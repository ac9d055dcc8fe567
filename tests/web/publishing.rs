//! What editors write becomes a draft, is looked at with what it changes, and becomes a revision that nothing takes away.

use super::writing::{Pairs, set, untouched};
use crate::support::editor::{draft, edit, publish, save};
use crate::support::page::{all, one, words};
use crate::support::visitor::{Visitor, field};
use crate::support::{Answer, Site, packs, until};

fn lamp() -> (tempfile::TempDir, Site) {
    let content = packs::pack(packs::LAMP);
    let site = Site::on(content.path());
    (content, site)
}

fn text(answer: &Answer) -> String {
    words(one(&answer.html(), "main"))
}

#[test]
fn an_edit_is_looked_at_published_found_and_remembered() {
    let (_content, site) = lamp();
    let editor = site.sign_in("editor");
    let draft = draft(&editor, "entry", "plug-is-out", |t| t.replace("Put it in.", "Put it in again, quokka."));
    let review = editor.get(&draft);
    assert!(text(&review).contains("Put it in again, quokka."), "{}", text(&review));
    assert!(text(&review).contains("None. The whole knowledge base was checked"), "{}", text(&review));
    assert!(!site.get("/fix/plug-is-out").text().contains("quokka"), "a draft is not published");
    let refused = publish(&editor, &draft, " ", "");
    assert!(text(&refused).contains("Say in one line why"), "{}", text(&refused));
    assert_eq!(publish(&editor, &draft, "said more", "").location(), "/fix/plug-is-out");
    assert!(site.get("/fix/plug-is-out").text().contains("quokka"));
    assert!(site.get("/api/v1/search?q=quokka").json()["results"][0]["slug"] == "plug-is-out");
    let history = site.get("/history/entry/plug-is-out");
    assert!(text(&history).contains("said morepublished by editor"), "{}", text(&history));
    let revision = site.get("/history/entry/plug-is-out/2");
    let html = revision.html();
    assert_eq!(all(&html, "td.ins ins").into_iter().map(words).collect::<Vec<_>>().concat(), " again, quokka".trim_start());
    let lines = site.get("/history/entry/plug-is-out/lines").html();
    let of_editor: Vec<String> = all(&lines, "tr.first").into_iter().map(words).filter(|row| row.contains("editor")).collect();
    assert!(of_editor.len() == 1 && of_editor[0].contains("quokka"), "{of_editor:?}");
    assert_eq!(editor.get(&draft).status, 200, "who comes back to the draft is told");
    let audit = site.join("administrator", "admin").get("/audit");
    assert!(text(&audit).contains("entry plug-is-out, revision 2: published"), "{}", text(&audit));
}

#[test]
fn an_error_blocks_and_the_text_stays() {
    let (_content, site) = lamp();
    let editor = site.sign_in("editor");
    for (change, said) in [
        ("symptoms: lamp-is-dark", "symptoms: lamp-is-drak"),
        ("when: {plug: out}", "when: {glass: black}"),
        ("likelihood: common", "likelihood: often"),
        ("aliases: [unplugged-lamp]", "aliases: []"),
    ] {
        let draft = draft(&editor, "entry", "plug-is-out", |t| t.replace(change, said));
        let review = editor.get(&draft);
        assert!(!all(&review.html(), "li.error").is_empty(), "{said}: {}", text(&review));
        assert!(all(&review.html(), "#why").is_empty(), "{said}: there is no button");
        let forced = publish(&editor, &draft, "all the same", "all the same");
        assert!(text(&forced).contains("Mend them first"), "{said}: {}", text(&forced));
        assert!(editor.get(&format!("{draft}/edit?as=markdown")).text().contains(said), "{said}: it is kept");
        editor.post_form(&format!("{draft}/state"), &[("to", "discarded")]);
    }
    assert_eq!(all(&site.get("/history/entry/plug-is-out").html(), ".revisions li").len(), 1);
}

#[test]
fn a_warning_is_accepted_with_a_reason_that_the_history_keeps() {
    let (_content, site) = lamp();
    let editor = site.sign_in("editor");
    let picture = |t: &str| t.replace("Put it in.", "Put it in.\n\n![](https://example.com/plug.png)");
    let draft = draft(&editor, "entry", "plug-is-out", picture);
    assert!(!all(&editor.get(&draft).html(), "li.warning").is_empty(), "{}", text(&editor.get(&draft)));
    let refused = publish(&editor, &draft, "a picture", "");
    assert!(text(&refused).contains("say why they are fine"), "{}", text(&refused));
    assert_eq!(publish(&editor, &draft, "a picture", "it is only decoration").status, 303);
    assert!(text(&site.get("/history/entry/plug-is-out")).contains("Warnings accepted: it is only decoration"));
}

#[test]
fn a_refused_publish_keeps_what_was_typed() {
    let (_content, site) = lamp();
    let editor = site.sign_in("editor");
    let picture = |t: &str| t.replace("Put it in.", "Put it in.\n\n![](https://example.com/plug.png)");
    let draft = draft(&editor, "entry", "plug-is-out", picture);
    let version = field(&editor.get(&draft), "version");
    for (version, why, accepted, said) in [
        (version.as_str(), "", "it is a quokka", "Say in one line why"),
        (&version, "for the quokka", "", "say why they are fine"),
        ("7", "for the quokka", "it is one", "since you looked at it"),
    ] {
        let fields = [("version", version), ("why", why), ("accepted", accepted)];
        let refused = editor.post_form(&format!("{draft}/publish"), &fields);
        assert_eq!(refused.status, 422, "{said}");
        assert!(text(&refused).contains(said), "{}", text(&refused));
        assert_eq!((field(&refused, "why"), field(&refused, "accepted")), (why.to_owned(), accepted.to_owned()), "{said}");
    }
    // What blocks takes the fields away, not what stood in them.
    let blocked = self::draft(&editor, "entry", "bulb-is-burnt", |t| t.replace("lamp-is-dark", "lamp-is-drak"));
    let refused = publish(&editor, &blocked, "for the quokka", "it is one");
    assert_eq!(refused.status, 422);
    let shown = text(&refused);
    assert!(shown.contains("“for the quokka”") && shown.contains("“it is one”"), "{shown}");
}

/// A draft of somebody whose lines somebody else has published meanwhile.
fn overlap(first: &Visitor<'_>, second: &Visitor<'_>) -> String {
    let of_first = draft(first, "entry", "bulb-is-burnt", |t| t.replace("Take another", "Take a new"));
    assert_eq!(edit(second, "entry", "bulb-is-burnt", |t| t.replace("Take another", "Take one more")).status, 303);
    of_first
}

#[test]
fn an_overlap_says_whose_texts_they_are_and_can_be_left() {
    let (_content, site) = lamp();
    let (first, second) = (site.join("editor", "first"), site.join("editor", "second"));
    let draft = overlap(&first, &second);
    // Only who wrote on it says that it is done.
    let cases: [(_, _, _, _, &[&str]); 2] = [
        (&first, "Yours, in this draft", "second's, published", "Your draft", &["Ask another editor", "Discard"]),
        (&second, "first's, in", "Yours, published", "The draft", &["Discard"]),
    ];
    for (who, mine, theirs, of, offered) in cases {
        let page = who.get(&draft);
        let labels: Vec<String> = all(&page.html(), ".overlap .two-texts label").into_iter().map(words).collect();
        assert!(labels[0].starts_with(mine) && labels[1].starts_with(theirs), "{labels:?}");
        assert!(text(&page).contains(of), "{}", text(&page));
        let buttons: Vec<String> = all(&page.html(), "form[action$=\"/state\"] button").into_iter().map(words).collect();
        assert_eq!(buttons, offered);
    }
    // A reason that was typed before goes along.
    let refused = publish_blind(&first, &draft);
    assert_eq!((refused.status, field(&refused, "why").as_str()), (422, "blind"));
    let (version, newest) = (field(&refused, "version"), field(&refused, "newest"));
    let piece = all(&refused.html(), "input[value=mine]")[0].attr("name").expect("it has one").to_owned();
    let fields = [("version", version.as_str()), ("newest", &newest), ("why", "blind"), (piece.as_str(), "mine")];
    assert_eq!(first.post_form(&format!("{draft}/merge"), &fields).location(), draft);
    assert_eq!(field(&first.get(&draft), "why"), "blind");
}

#[test]
fn an_overlap_does_not_take_a_new_name_away() {
    let (_content, site) = lamp();
    let (first, second) = (site.join("editor", "first"), site.join("editor", "second"));
    let draft = overlap(&first, &second);
    let renamed = second.post_form("/rename/entry/bulb-is-burnt", &[("path", "entries/room/bulb-is-out.md")]);
    assert_eq!(publish(&second, renamed.location(), "a better name", "").status, 303);
    let page = first.get(&draft);
    let (version, newest) = (field(&page, "version"), field(&page, "newest"));
    let piece = all(&page.html(), "input[value=mine]")[0].attr("name").expect("it has one").to_owned();
    let fields = [("version", version.as_str()), ("newest", &newest), (piece.as_str(), "mine")];
    assert_eq!(first.post_form(&format!("{draft}/merge"), &fields).location(), draft);
    assert_eq!(publish(&first, &draft, "mine", "").location(), "/fix/bulb-is-out");
}

#[test]
fn a_discarded_draft_is_found_again_on_the_desk() {
    let (_content, site) = lamp();
    let (first, second) = (site.join("editor", "first"), site.join("editor", "second"));
    let draft = overlap(&first, &second);
    let form = format!("form[action=\"{draft}/state\"] button");
    let buttons = |page: &Answer| all(&page.html(), &form).into_iter().map(words).collect::<Vec<_>>();
    assert_eq!(buttons(&first.get("/write")), Vec::<String>::new());
    assert_eq!(first.post_form(&format!("{draft}/state"), &[("to", "discarded")]).location(), draft);
    let desk = first.get("/write");
    assert_eq!(buttons(&desk), ["Bring it back: The bulb is burnt"]);
    assert_eq!(all(&desk.html(), &format!("details a[href=\"{draft}\"]")).len(), 1, "it is folded");
    assert_eq!(first.post_form(&format!("{draft}/state"), &[("to", "open")]).location(), draft);
    assert_eq!(buttons(&first.get("/write")), Vec::<String>::new());
    assert!(text(&first.get(&draft)).contains("Take a new bulb."), "it is as it was");
}

const FUSE: &str = "---\ntitle: The fuse is out\nsymptoms: lamp-is-dark\nwhen: {fuse: melted}\nlikelihood: rare\n\
                    sources:\n  - {title: Manual, url: 'https://example.com/fuse'}\n---\n\n## Symptom\n\nDark.\n\n## Cause\n\nNo \
                    current.\n\n## Fix\n\nPut the quokka in.\n";
const ABOUT_FUSE: &str = "---\ntitle: How does the fuse look?\nwhy: It melts first.\neffort: look-up\noptions:\n  - {id: whole, label: \
                          Whole, healthy: true}\n  - {id: melted, label: Molten}\n---\n\nOpen the box.\n";

/// A new document as a draft.
fn begin(who: &Visitor<'_>, kind: &str, path: &str, text: &str) -> String {
    assert_eq!(who.get(&format!("/new/{kind}?as=markdown")).status, 200);
    let fields = [("mode", "markdown"), ("path", path), ("base", "0"), ("version", "0"), ("text", text), ("then", "review")];
    who.post_form(&format!("/new/{kind}"), &fields).location().to_owned()
}

/// A third cause with its question, which have to be published one after the other. The cause is a draft still.
fn a_third_cause(who: &Visitor<'_>) -> String {
    let question = begin(who, "question", "questions/fuse.md", ABOUT_FUSE);
    let review = who.get(&question);
    assert!(text(&review).contains("never helps") && all(&review.html(), "li.error").is_empty(), "{}", text(&review));
    assert_eq!(publish(who, &question, "for the fuse", "its entry follows").location(), "/question/fuse");
    begin(who, "entry", "entries/room/fuse-is-out.md", FUSE)
}

#[test]
fn the_review_says_which_answers_would_end_elsewhere() {
    let (_content, site) = lamp();
    let editor = site.sign_in("editor");
    let draft = draft(&editor, "entry", "plug-is-out", |t| t.replace("aliases:", "tags: [power]\naliases:"));
    assert!(text(&editor.get(&draft)).contains("No path of the questionnaire"), "{}", text(&editor.get(&draft)));
    let draft = a_third_cause(&editor);
    let review = editor.get(&draft);
    assert!(text(&review).contains("The lamp is dark"), "{}", text(&review));
    let rows: Vec<String> = all(&review.html(), ".review table:not(.diff) tbody tr").into_iter().map(words).collect();
    assert!(rows.iter().any(|row| row.contains("The fuse is out")), "{rows:?}");
    assert!(rows.iter().any(|row| row.contains("2 causes") && row.contains("3 causes")), "{rows:?}");
}

#[test]
fn changes_of_two_people_are_merged_and_never_overwrite_each_other() {
    let (_content, site) = lamp();
    let (first, second) = (site.join("editor", "first"), site.join("editor", "second"));
    let of_first = draft(&first, "entry", "plug-is-out", |t| t.replace("No current", "No current at all"));
    let of_second = draft(&second, "entry", "plug-is-out", |t| t.replace("Put it in.", "Push it in."));
    let third = draft(&second, "entry", "bulb-is-burnt", |t| t.replace("Take another", "Take a new"));
    assert_eq!(publish(&first, &of_first, "one", "").status, 303);
    let review = second.get(&of_second);
    assert!(text(&review).contains("first published revision 2 meanwhile: “one”"), "{}", text(&review));
    assert_eq!(publish(&second, &of_second, "two", "").status, 303);
    let page = site.get("/fix/plug-is-out").text();
    assert!(page.contains("No current at all") && page.contains("Push it in."));
    // The same line.
    assert_eq!(edit(&first, "entry", "bulb-is-burnt", |t| t.replace("Take another", "Take one more")).status, 303);
    let overlap = second.get(&third);
    let shown = text(&overlap);
    assert!(
        shown.contains("Take a new bulb.") && shown.contains("Take one more bulb.") && shown.contains("first published"),
        "{shown}"
    );
    let refused = publish_blind(&second, &third);
    assert!(text(&refused).contains("Somebody changed the same lines"), "{}", text(&refused));
    let pieces = all(&overlap.html(), "input[value=both]")
        .into_iter()
        .map(|i| i.attr("name").expect("it has one").to_owned())
        .collect::<Vec<_>>();
    let (version, newest) = (field(&overlap, "version"), field(&overlap, "newest"));
    let mut fields = vec![("version", version.as_str()), ("newest", newest.as_str())];
    fields.extend(pieces.iter().map(|name| (name.as_str(), "both")));
    assert_eq!(second.post_form(&format!("{third}/merge"), &fields).location(), third);
    assert_eq!(publish(&second, &third, "both", "").status, 303);
    let page = site.get("/fix/bulb-is-burnt").text();
    assert!(page.contains("Take a new bulb.") && page.contains("Take one more bulb."), "{page}");
}

/// Publishes without a look at the page, as somebody whose page is old.
fn publish_blind(who: &Visitor<'_>, draft: &str) -> Answer {
    who.post_form(&format!("{draft}/publish"), &[("version", "1"), ("why", "blind"), ("accepted", "")])
}

#[test]
fn who_saves_over_somebody_else_is_told_and_loses_nothing() {
    let (_content, site) = lamp();
    let (first, second) = (site.join("editor", "first"), site.join("editor", "second"));
    let draft = draft(&first, "entry", "plug-is-out", |t| t.replace("Put it in.", "One."));
    let edit = format!("{draft}/edit");
    let open = second.get(&format!("{edit}?as=markdown"));
    save(&first, &edit, &first.get(&format!("{edit}?as=markdown")), |t| t.replace("One.", "Two."));
    let (path, version) = (field(&open, "path"), field(&open, "version"));
    let fields = [("mode", "markdown"), ("path", path.as_str()), ("version", &version), ("text", "Three."), ("then", "review")];
    let told = second.post_form(&edit, &fields);
    assert_eq!(told.status, 409);
    assert!(text(&told).contains("first saved this draft while you wrote"), "{}", text(&told));
    assert_eq!(one(&told.html(), "textarea#text").text().collect::<String>(), "Three.");
    let link = one(&told.html(), ".notice a").attr("href").map(str::to_owned);
    assert_eq!(link, Some(draft.clone()), "the other one can be looked at");
    assert!(first.get(&format!("{edit}?as=markdown")).text().contains("Two."));
    // Who uses the form stays in it.
    let fields = [("mode", "form"), ("version", version.as_str()), ("section-Fix", "Four."), ("then", "review")];
    let told = second.post_form(&edit, &fields);
    assert_eq!(told.status, 409);
    assert_eq!(one(&told.html(), "textarea#section-Fix").text().collect::<String>(), "Four.");
    let newest = field(&told, "version");
    let fields = [("mode", "form"), ("version", newest.as_str()), ("section-Fix", "Four."), ("then", "review")];
    assert_eq!(second.post_form(&edit, &fields).location(), draft);
    assert!(first.get(&format!("{edit}?as=markdown")).text().contains("Four."));
}

/// Sends what a browser would, by this button.
fn send(who: &Visitor<'_>, path: &str, pairs: &Pairs, then: &str) -> Answer {
    let pairs = pairs.iter().filter(|(name, _)| name != "csrf").map(|(name, value)| (name.as_str(), value.as_str()));
    who.post_form(path, &pairs.chain([("then", then)]).collect::<Vec<_>>())
}

/// Where the form of an editor's page sends its text, with what it is based on.
fn aim(page: &Answer) -> (String, String) {
    let html = page.html();
    (one(&html, "form.fields").attr("action").expect("it has one").to_owned(), field(page, "base"))
}

#[test]
fn a_draft_that_is_done_with_gives_the_text_back() {
    let (_content, site) = lamp();
    let (first, second) = (site.join("editor", "first"), site.join("editor", "second"));
    for (view, slug, discards, leads) in [
        ("form", "plug-is-out", false, ("/edit/entry/plug-is-out", "2")),
        ("markdown", "plug-is-out", true, ("/edit/entry/plug-is-out", "2")),
        ("markdown", "bulb-is-burnt", false, ("/edit/entry/bulb-is-burnt", "2")),
        ("form", "", false, ("/edit/entry/fuse-is-out", "1")),
        ("form", "", true, ("/new/entry", "0")),
    ] {
        let case = format!("{view} of {slug:?}, {leads:?}");
        let draft = match slug {
            "" if discards => begin(&first, "entry", "entries/room/fuse-again.md", FUSE),
            "" => a_third_cause(&first),
            slug => draft(&first, "entry", slug, |t| t.replace("Dark.", "Dark, at night.")),
        };
        let open = second.get(&format!("{draft}/edit?as={view}"));
        let done = match discards {
            true => first.post_form(&format!("{draft}/state"), &[("to", "discarded")]),
            false => publish(&first, &draft, "a test", "all right"),
        };
        assert_eq!(done.status, 303, "{case}: {}", text(&done));
        let mut pairs = untouched(&open.html());
        let (name, place) = if view == "form" { ("section-Fix", "textarea#section-Fix") } else { ("text", "textarea#text") };
        let written = format!("{}\nA quokka.\n", one(&open.html(), place).text().collect::<String>());
        set(&mut pairs, name, &written);
        let told = send(&second, &format!("{draft}/edit"), &pairs, "save");
        assert_eq!(told.status, 409, "{case}");
        let shown = one(&told.html(), place).text().collect::<String>();
        assert!(shown.contains("A quokka."), "{case}: {shown}");
        let (action, base) = aim(&told);
        assert_eq!((action.as_str(), base.as_str()), leads, "{case}: {}", text(&told));
        // It becomes a draft of its own, with nothing but what its writer changed.
        let saved = send(&second, &action, &untouched(&told.html()), "review");
        assert_eq!(saved.status, 303, "{case}: {}", text(&saved));
        let review = second.get(saved.location());
        assert!(text(&review).contains("A quokka."), "{case}: {}", text(&review));
        assert!(!text(&review).contains("changed the same lines"), "{case}: {}", text(&review));
        second.post_form(&format!("{}/state", saved.location()), &[("to", "discarded")]);
    }
}

#[test]
fn a_copy_of_the_browser_is_shown_and_merged_like_any_text() {
    let (_content, site) = lamp();
    let (first, second) = (site.join("editor", "first"), site.join("editor", "second"));
    let mut copy = untouched(&first.get("/edit/entry/plug-is-out").html());
    assert_eq!(edit(&second, "entry", "plug-is-out", |t| t.replace("No current", "No current at all")).status, 303);
    set(&mut copy, "kept", "a-copy");
    set(&mut copy, "section-Fix", "A quokka.");
    let shown = send(&first, "/edit/entry/plug-is-out", &copy, "show");
    assert_eq!(shown.status, 200, "{}", text(&shown));
    assert_eq!(one(&shown.html(), "textarea#section-Fix").text().collect::<String>(), "A quokka.");
    assert!(text(&shown).contains("was changed meanwhile"), "{}", text(&shown));
    assert_eq!((field(&shown, "base"), field(&shown, "kept")), ("1".to_owned(), "a-copy".to_owned()));
    assert!(text(&first.get("/write")).contains("You have none"), "nothing is saved by looking");
    let saved = send(&first, "/edit/entry/plug-is-out", &untouched(&shown.html()), "review");
    let review = text(&first.get(saved.location()));
    assert!(review.contains("second published revision 2 meanwhile") && review.contains("A quokka."), "{review}");
    assert_eq!(publish(&first, saved.location(), "both", "").status, 303);
    assert!(site.get("/fix/plug-is-out").text().contains("No current at all"));
}

#[test]
fn the_browser_is_told_which_of_its_copies_has_arrived() {
    let (_content, site) = lamp();
    let editor = site.sign_in("editor");
    for (kept, fix, status, cookie) in [
        ("a1-b2", "Push it.", 303, Some("fixpath-arrived=a1-b2;")),
        ("", "Push it.", 303, None),
        ("a b", "Push it.", 303, None),
        ("a;b=c", "Push it.", 303, None),
        (&*"x".repeat(65), "Push it.", 303, None),
        ("a1-b2", "```\nnever closed", 422, None),
    ] {
        let fields = [("mode", "form"), ("base", "1"), ("kept", kept), ("section-Symptom", fix), ("then", "save")];
        let answer = editor.post_form("/edit/entry/plug-is-out", &fields);
        assert_eq!(answer.status, status, "{kept}");
        let set = answer.header("set-cookie");
        assert_eq!(set.is_some(), cookie.is_some(), "{kept}: {set:?}");
        let wanted = cookie.unwrap_or_default();
        assert!(set.unwrap_or_default().starts_with(wanted), "{kept}: {set:?}");
        // The script of the page has to read it.
        assert!(!set.unwrap_or_default().contains("HttpOnly"), "{set:?}");
        if status == 422 {
            assert_eq!(field(&answer, "kept"), kept, "the text goes on under its name");
        }
    }
}

#[test]
fn a_renamed_entry_keeps_its_links() {
    let (_content, site) = lamp();
    let editor = site.sign_in("editor");
    let link = "* See [the plug](/fix/plug-is-out).";
    assert_eq!(edit(&editor, "entry", "bulb-is-burnt", |t| format!("{t}\n{link}\n")).status, 303);
    let renamed = editor.post_form("/rename/entry/plug-is-out", &[("path", "entries/room/no-current.md")]);
    let draft = renamed.location().to_owned();
    assert!(all(&editor.get(&draft).html(), "li.error").is_empty(), "{}", text(&editor.get(&draft)));
    assert_eq!(publish(&editor, &draft, "a better name", "").location(), "/fix/no-current");
    for old in ["plug-is-out", "unplugged-lamp"] {
        assert_eq!(site.get(&format!("/fix/{old}")).location(), "/fix/no-current", "{old}");
    }
    let (_, fix) = site.follow("/diagnose?symptom=lamp-is-dark&plug=out");
    assert!(fix.text().contains("/fix/no-current"));
    assert!(site.get("/fix/bulb-is-burnt").text().contains("href=\"/fix/no-current\""), "others name it by its new name");
    let history = site.get("/history/entry/no-current");
    assert!(text(&history).contains("import at the start") && text(&history).contains("renamed by editor"), "{}", text(&history));
}

/// Gives a document another name.
fn rename(who: &Visitor<'_>, kind: &str, old: &str, path: &str) {
    let draft = who.post_form(&format!("/rename/{kind}/{old}"), &[("path", path)]).location().to_owned();
    assert_eq!(publish(who, &draft, "a better name", "").status, 303, "{}", text(&who.get(&draft)));
}

#[test]
fn every_name_of_what_is_retired_leads_to_the_page_that_says_why() {
    let (_content, site) = lamp();
    let editor = site.sign_in("editor");
    rename(&editor, "entry", "plug-is-out", "entries/room/no-current.md");
    let draft = editor.post_form("/retire/entry/no-current", &[]).location().to_owned();
    let done = publish(&editor, &draft, "there is always current", "the question goes next");
    assert_eq!(done.location(), "/history/entry/no-current", "{}", text(&editor.get(&draft)));
    for name in ["no-current", "plug-is-out", "unplugged-lamp"] {
        for path in [format!("/fix/{name}"), format!("/fix/{name}.md"), format!("/fix/{name}?thanks")] {
            let gone = site.get(&path);
            assert_eq!(gone.status, 410, "{path}");
            assert!(
                gone.text().contains("there is always current") && gone.text().contains("/history/entry/no-current"),
                "{path}"
            );
        }
        let history = site.get(&format!("/history/entry/{name}"));
        assert_eq!(history.status, 200, "{name}");
        assert!(text(&history).contains("there is always current"), "{name}");
    }
    assert_eq!(site.get("/fix/never-heard-of").status, 404);
}

#[test]
fn a_revision_from_before_a_rename_can_be_restored() {
    let (_content, site) = lamp();
    let editor = site.sign_in("editor");
    rename(&editor, "entry", "plug-is-out", "entries/room/no-current.md");
    assert_eq!(edit(&editor, "entry", "no-current", |t| t.replace("Put it in.", "Push it in.")).status, 303);
    let draft = editor.post_form("/history/entry/no-current/1", &[]).location().to_owned();
    let review = editor.get(&draft);
    assert!(all(&review.html(), "li.error").is_empty(), "{}", text(&review));
    assert_eq!(publish(&editor, &draft, "it was better", "").location(), "/fix/no-current");
    assert!(site.get("/fix/no-current").text().contains("Put it in."));
    for old in ["plug-is-out", "unplugged-lamp"] {
        assert_eq!(site.get(&format!("/fix/{old}")).location(), "/fix/no-current", "{old}");
    }
}

#[test]
fn who_settles_an_overlap_leaves_a_new_name_as_it_is() {
    let (_content, site) = lamp();
    let (first, second) = (site.join("editor", "first"), site.join("editor", "second"));
    let of_first = draft(&first, "entry", "plug-is-out", |t| t.replace("Put it in.", "Push it in."));
    rename(&second, "entry", "plug-is-out", "entries/room/no-current.md");
    assert_eq!(edit(&second, "entry", "no-current", |t| t.replace("Put it in.", "Press it in.")).status, 303);
    let overlap = first.get(&of_first);
    let html = overlap.html();
    let pieces = all(&html, "input[value=mine]").into_iter().filter_map(|i| i.attr("name")).collect::<Vec<_>>();
    let (version, newest) = (field(&overlap, "version"), field(&overlap, "newest"));
    let mut fields = vec![("version", version.as_str()), ("newest", newest.as_str())];
    fields.extend(pieces.iter().map(|name| (*name, "mine")));
    assert_eq!(first.post_form(&format!("{of_first}/merge"), &fields).location(), of_first);
    assert_eq!(publish(&first, &of_first, "mine", "").location(), "/fix/no-current", "{}", text(&first.get(&of_first)));
    assert!(site.get("/fix/no-current").text().contains("Push it in."));
}

#[test]
fn what_is_sent_to_a_former_name_reaches_the_document() {
    let (_content, site) = lamp();
    let (first, second) = (site.join("editor", "first"), site.join("editor", "second"));
    let open = first.get("/edit/entry/plug-is-out?as=markdown");
    let renamed = second.post_form("/rename/entry/plug-is-out", &[("path", "entries/room/no-current.md")]);
    assert_eq!(publish(&second, renamed.location(), "a better name", "").location(), "/fix/no-current");
    for (old, new) in [
        ("/edit/entry/plug-is-out", "/edit/entry/no-current"),
        ("/edit/entry/unplugged-lamp?as=markdown", "/edit/entry/no-current?as=markdown"),
        ("/rename/entry/plug-is-out", "/rename/entry/no-current"),
        ("/retire/entry/plug-is-out", "/retire/entry/no-current"),
    ] {
        let answer = first.get(old);
        assert_eq!((answer.status, answer.header("location")), (303, Some(new)), "{old}");
        assert_eq!(first.get(new).status, 200, "{new}");
    }
    // An edit that was begun under the old name is merged, and does not take the new name away.
    let saved = save(&first, "/edit/entry/plug-is-out", &open, |t| t.replace("Put it in.", "Push it in."));
    assert_eq!(publish(&first, &saved, "shorter", "").location(), "/fix/no-current", "{}", text(&first.get(&saved)));
    assert!(site.get("/fix/no-current").text().contains("Push it in."));
    for (path, field, leads) in [
        ("/verify/plug-is-out", ("against", "a lamp"), "/fix/no-current"),
        ("/notes/entry/plug-is-out", ("text", "Which socket?"), "/fix/no-current?noted"),
        ("/rename/entry/plug-is-out", ("path", "entries/room/no-power.md"), "/draft/"),
        ("/retire/entry/plug-is-out", ("why", ""), "/draft/"),
    ] {
        let answer = first.post_form(path, &[field]);
        assert_eq!(answer.status, 303, "{path}: {}", text(&answer));
        assert!(answer.location().starts_with(leads), "{path} leads to {}", answer.location());
    }
    assert!(text(&site.get("/fix/no-current")).contains("by first, against a lamp"));
    assert!(text(&first.get("/write")).contains("Which socket?"));
}

#[test]
fn renamed_questions_symptoms_and_options_keep_their_links() {
    let (_content, site) = lamp();
    let editor = site.sign_in("editor");
    let before = site.follow("/diagnose?symptom=lamp-is-dark&plug=out").1.text();
    assert!(before.contains("/fix/plug-is-out"));
    for (kind, old, path) in
        [("question", "plug", "questions/is-it-plugged-in.md"), ("symptom", "lamp-is-dark", "symptoms/no-light-at-all.md")]
    {
        let draft = editor.post_form(&format!("/rename/{kind}/{old}"), &[("path", path)]).location().to_owned();
        assert_eq!(publish(&editor, &draft, "a better name", "").status, 303, "{}", text(&editor.get(&draft)));
    }
    let with_option = |t: &str| {
        t.replace(
            "{id: out, label: It is not, aliases: [unplugged]}",
            "{id: pulled, label: It is not, aliases: [unplugged, out]}",
        )
    };
    assert_eq!(edit(&editor, "question", "is-it-plugged-in", with_option).status, 303);
    let source = site.get("/fix/plug-is-out.md").text();
    assert!(source.contains("symptoms: no-light-at-all") && source.contains("when: {is-it-plugged-in: pulled}"), "{source}");
    for link in
        ["symptom=lamp-is-dark&plug=out", "symptom=no-light&socket=unplugged", "symptom=no-light-at-all&is-it-plugged-in=pulled"]
    {
        let (_, page) = site.follow(&format!("/diagnose?{link}"));
        assert!(page.text().contains("/fix/plug-is-out") && page.text().contains("Put it in."), "{link}");
    }
    assert_eq!(site.get("/question/plug").location(), "/question/is-it-plugged-in");
}

#[test]
fn what_is_retired_says_why_and_comes_back() {
    let (_content, site) = lamp();
    let editor = site.sign_in("editor");
    let draft = editor.post_form("/retire/entry/bulb-is-burnt", &[]).location().to_owned();
    let review = editor.get(&draft);
    assert!(text(&review).contains("the question glass never helps"), "it tells what is left behind: {}", text(&review));
    let made = a_third_cause(&editor);
    assert_eq!(publish(&editor, &made, "one more", "").location(), "/fix/fuse-is-out", "{}", text(&editor.get(&made)));
    let draft = editor.post_form("/retire/entry/fuse-is-out", &[]).location().to_owned();
    let done = publish(&editor, &draft, "fuses do not melt any more", "the question goes next");
    assert_eq!(done.location(), "/history/entry/fuse-is-out", "{}", text(&editor.get(&draft)));
    let gone = site.get("/fix/fuse-is-out");
    assert_eq!(gone.status, 410);
    assert!(text(&gone).contains("by editor: fuses do not melt any more"), "{}", text(&gone));
    assert_eq!(site.get("/api/v1/search?q=quokka").json()["results"].as_array().map(Vec::len), Some(0));
    assert!(text(&editor.get("/write")).contains("fuse-is-out"));
    let draft = editor.post_form("/history/entry/fuse-is-out/1", &[]).location().to_owned();
    assert_eq!(publish(&editor, &draft, "they do", "").location(), "/fix/fuse-is-out");
    assert_eq!(site.get("/fix/fuse-is-out").status, 200);
}

#[test]
fn to_verify_is_an_act_that_says_who_and_against_what() {
    let (_content, site) = lamp();
    let editor = site.sign_in("editor");
    assert_eq!(editor.post_form("/verify/plug-is-out", &[("against", "a desk lamp: the new one")]).status, 303);
    let page = site.get("/fix/plug-is-out");
    assert!(text(&page).contains("by editor, against a desk lamp: the new one"), "{}", text(&page));
    assert!(text(&site.get("/history/entry/plug-is-out")).contains("verified by editor"));
    let source = site.get("/fix/plug-is-out.md").text();
    assert_eq!(source.matches("verified:").count(), 1, "{source}");
}

#[test]
fn who_says_the_same_twice_on_one_day_is_told_that_it_stands_there() {
    let (_content, site) = lamp();
    let editor = site.sign_in("editor");
    let verify = || editor.post_form("/verify/plug-is-out", &[("against", "a desk lamp")]);
    assert_eq!(verify().status, 303);
    let again = verify();
    assert_eq!(again.status, 409);
    let html = again.html();
    assert_eq!(words(one(&html, "h1")), "Nothing was changed");
    assert!(text(&again).contains("says already that you tried it today"), "{}", text(&again));
}

#[test]
fn no_edit_says_in_anybodys_name_that_a_fix_was_tried() {
    let (_content, site) = lamp();
    let (first, second) = (site.join("editor", "first"), site.join("editor", "second"));
    let none = |t: &str| t.replace("likelihood", "verified: {on: 2026-01-31, by: second}\nlikelihood");
    let refused = |draft: &str| {
        let review = first.get(draft);
        let errors: String = all(&review.html(), "li.error").into_iter().map(words).collect();
        assert!(errors.contains("nobody wrote down that the fix was tried"), "{draft}: {errors}");
        assert!(text(&publish(&first, draft, "I say so", "I say so")).contains("Mend them first"), "{draft}");
        first.post_form(&format!("{draft}/state"), &[("to", "discarded")]);
    };
    refused(&begin(&first, "entry", "entries/room/fuse-is-out.md", &none(&FUSE.replace("fuse: melted", "glass: black"))));
    refused(&draft(&first, "entry", "bulb-is-burnt", none));
    assert_eq!(second.post_form("/verify/plug-is-out", &[("against", "a lamp")]).status, 303);
    for (old, new) in [("by: second", "by: first"), ("a lamp", "a desk lamp"), ("'on': ", "'on': 2026-01-31 #")] {
        refused(&draft(&first, "entry", "plug-is-out", |t| {
            assert!(t.contains(old), "{old}: {t}");
            t.replace(old, new)
        }));
    }
    // What stands there stays, also under another name; who changes the fix may take it out; and what was true may come back.
    let moved = first.post_form("/rename/entry/plug-is-out", &[("path", "entries/room/no-current.md")]).location().to_owned();
    assert_eq!(publish(&first, &moved, "a better name", "").location(), "/fix/no-current");
    let first_line = |t: &str| t.lines().find(|line| line.starts_with("verified:")).map(str::to_owned);
    assert!(first_line(&site.get("/fix/no-current.md").text()).is_some());
    let gone = edit(&first, "entry", "no-current", |t| {
        let (before, rest) = t.split_once("verified:").expect("it is there");
        let rest: Vec<&str> = rest.lines().skip(1).skip_while(|line| line.starts_with(' ')).collect();
        format!("{before}{}\n", rest.join("\n")).replace("Put it in.", "Push it in.")
    });
    assert_eq!(gone.status, 303, "{}", text(&gone));
    assert_eq!(first_line(&site.get("/fix/no-current.md").text()), None);
    let back = first.post_form("/history/entry/no-current/3", &[]).location().to_owned();
    assert_eq!(publish(&first, &back, "it was right", "").status, 303, "{}", text(&first.get(&back)));
    assert!(text(&site.get("/fix/no-current")).contains("by second, against a lamp"));
}

/// The notes on somebody's desk: their own, and those for others.
fn notes(who: &Visitor<'_>) -> (String, String) {
    let html = who.get("/write").html();
    let texts = |selector| all(&html, selector).into_iter().map(words).collect::<Vec<_>>().join(" ");
    (texts("section[aria-labelledby=notes] > .notes"), texts("section[aria-labelledby=notes] details"))
}

#[test]
fn a_note_reaches_the_owner_and_no_reader() {
    let (_content, site) = lamp();
    let (owner, other, reader) = (site.join("editor", "first"), site.join("editor", "second"), site.sign_in("reader"));
    assert_eq!(edit(&owner, "entry", "plug-is-out", |t| t.replace("likelihood", "owner: First\nlikelihood")).status, 303);
    let sent = reader.post_form("/notes/entry/plug-is-out", &[("section", "Fix"), ("text", "Which <b>socket</b>?")]);
    let page = reader.get(sent.location());
    assert!(text(&page).contains("Your note is with the editors"), "{}", text(&page));
    assert!(notes(&owner).0.contains("Which <b>socket</b>?"));
    let (own, folded) = notes(&other);
    assert!(!own.contains("socket") && folded.contains("1 for other owners") && folded.contains("socket"), "{own} {folded}");
    assert!(!site.get("/fix/plug-is-out").text().contains("Which"));
    for bad in ["", &"x".repeat(2_001)] {
        assert_eq!(reader.post_form("/notes/entry/plug-is-out", &[("text", bad)]).status, 400);
    }
    owner.post_form("/note/1", &[("done", "yes")]);
    assert!(!text(&owner.get("/write")).contains("socket"));
    for path in ["symptom/lamp-is-dark", "question/plug"] {
        let sent = reader.post_form(&format!("/notes/{path}"), &[("text", "I see.")]);
        let page = reader.get(sent.location());
        assert_eq!(words(one(&page.html(), "[role=status]")), "Your note is with the editors. Readers do not see it.", "{path}");
    }
}

#[test]
fn a_note_for_an_owner_who_does_not_write_reaches_every_editor() {
    let (_content, site) = lamp();
    let (admin, editor) = (site.sign_in("administrator"), site.sign_in("editor"));
    let (gone, reader) = (site.join("editor", "gone"), site.sign_in("reader"));
    reader.post_form("/notes/entry/plug-is-out", &[("text", "Which socket?")]);
    for (owner, reaches) in [("nobody-here", true), ("reader", true), ("gone", false), ("administrator", false)] {
        let changed = edit(&admin, "entry", "plug-is-out", |t| {
            let line = t.lines().find(|line| line.starts_with("owner:")).unwrap_or("likelihood: common");
            let owned = if line.starts_with("owner") { format!("owner: {owner}") } else { format!("owner: {owner}\n{line}") };
            t.replace(line, &owned)
        });
        assert_eq!(changed.status, 303, "{owner}: {}", text(&changed));
        assert_eq!(notes(&editor).0.contains("socket"), reaches, "{owner}");
        if owner == "gone" {
            assert!(notes(&gone).0.contains("socket"));
            assert_eq!(admin.post_form("/people/3/deactivate", &[]).status, 303);
            assert!(notes(&editor).0.contains("socket"), "who was let in no more reads nothing");
        }
    }
}

#[test]
fn an_owner_is_told_what_is_overdue() {
    let content = packs::pack(packs::LAMP);
    let (path, entry) = packs::LAMP[3];
    let old = entry.replace("likelihood", "owner: first\nverified: {on: 2020-01-31, against: a lamp}\nlikelihood");
    packs::write(content.path(), path, &old);
    let site = Site::on(content.path());
    let owner = site.join("editor", "first");
    assert!(text(&owner.get("/write")).contains("The plug is out verified on 2020-01-31"), "{}", text(&owner.get("/write")));
    assert!(text(&site.get("/fix/plug-is-out")).contains("more than a year ago"));
}

#[test]
fn a_miss_becomes_the_entry_that_would_have_helped() {
    let (_content, site) = lamp();
    let editor = site.sign_in("editor");
    site.get("/search?q=zyzzyva+No+light");
    site.get("/search?q=zyzzyva");
    site.get("/diagnose?symptom=lamp-is-dark&plug=in&glass=clear");
    until("the misses are written down", || all(&editor.get("/gaps").html(), "section[aria-labelledby=misses] li").len() == 2);
    let gaps = editor.get("/gaps").html();
    let links: Vec<String> = all(&gaps, "section[aria-labelledby=misses] li a")
        .into_iter()
        .filter_map(|a| a.attr("href").map(str::to_owned))
        .collect();
    let from_search = links
        .iter()
        .find(|l| l.starts_with("/new/entry?message=zyzzyva"))
        .unwrap_or_else(|| panic!("a search can be answered: {links:?}"));
    assert!(editor.get(&format!("{from_search}&as=markdown")).text().contains("zyzzyva"));
    let from_answers =
        links.iter().find(|l| l.contains("glass=clear") && l.starts_with("/new/")).expect("answers can be explained");
    let page = editor.get(&format!("{from_answers}&as=markdown"));
    let text_of = one(&page.html(), "textarea#text").text().collect::<String>();
    assert!(text_of.contains("lamp-is-dark") && text_of.contains("glass") && text_of.contains("clear"), "{text_of}");
    assert!(all(&site.get("/gaps").html(), "a[href^=\"/new/\"]").is_empty(), "readers do not write");
}
