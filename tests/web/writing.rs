//! Documents written in a form, by people who never saw front matter and without scripts: what a page shows is sent back as a
//! browser does.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat};
use scraper::{ElementRef, Html};

use crate::support::page::{all, one, words};
use crate::support::visitor::Visitor;
use crate::support::{Answer, Site, escape, packs};

pub type Pairs = Vec<(String, String)>;

/// What a browser sends of the form of a page when nothing was touched and no button is pressed.
pub fn untouched(html: &Html) -> Pairs {
    let form = one(html, "form.fields");
    let mut pairs = Vec::new();
    for field in crate::support::page::within(form, "input, textarea, select") {
        let Some(name) = field.attr("name") else { continue };
        let ticked = field.attr("checked").is_some();
        match (field.value().name(), field.attr("type").unwrap_or_default()) {
            ("input", "file" | "submit") => {}
            ("input", "checkbox" | "radio") if !ticked => {}
            ("textarea", _) => pairs.push((name.to_owned(), text_of(field))),
            ("select", _) => pairs.push((name.to_owned(), String::new())),
            _ => pairs.push((name.to_owned(), field.attr("value").unwrap_or_default().to_owned())),
        }
    }
    pairs
}

/// What stands in a field; a parser takes the first line break away.
fn text_of(field: ElementRef<'_>) -> String {
    field.text().collect()
}

pub fn set(pairs: &mut Pairs, name: &str, value: &str) {
    match pairs.iter_mut().find(|(n, _)| n == name) {
        Some(pair) => value.clone_into(&mut pair.1),
        None => pairs.push((name.to_owned(), value.to_owned())),
    }
}

fn has(pairs: &Pairs, name: &str, value: &str) -> bool {
    pairs.iter().any(|(n, v)| n == name && v == value)
}

/// An editor with the site.
struct Desk<'a> {
    site: &'a Site,
    editor: Visitor<'a>,
}

impl<'a> Desk<'a> {
    fn of(site: &'a Site) -> Desk<'a> {
        Desk { site, editor: site.sign_in("editor") }
    }

    /// Opens a page with a form, and on to where it leads.
    fn open(&self, path: &str) -> (Html, Pairs) {
        let mut answer = self.editor.get(path);
        if answer.status == 303 {
            answer = self.editor.get(answer.location());
        }
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let html = answer.html();
        let pairs = untouched(&html);
        (html, pairs)
    }

    /// Presses a button of the form.
    fn press(&self, path: &str, pairs: &Pairs, then: &str) -> Answer {
        self.send(path, pairs, then, &[])
    }

    fn send(&self, path: &str, pairs: &Pairs, then: &str, picture: &[u8]) -> Answer {
        let head = |name: &str| format!("--mark\r\nContent-Disposition: form-data; name=\"{name}\"");
        let mut body = Vec::new();
        for (name, value) in pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).chain([("then", then)]) {
            let value = value.replace("\r\n", "\n").replace('\n', "\r\n");
            body.extend(format!("{}\r\n\r\n{value}\r\n", head(name)).into_bytes());
        }
        body.extend(
            format!("{}; filename=\"a.png\"\r\nContent-Type: application/octet-stream\r\n\r\n", head("picture")).into_bytes(),
        );
        body.extend(picture);
        body.extend(b"\r\n--mark--\r\n");
        let headers = [
            ("content-type", "multipart/form-data; boundary=mark"),
            ("sec-fetch-site", "same-origin"),
            ("cookie", self.editor.cookie.as_str()),
        ];
        self.site.post(path, &headers, &body)
    }

    /// The text of a draft, as the other view shows it.
    fn text(&self, draft: &str) -> String {
        let answer = self.editor.get(&format!("{draft}/edit?as=markdown"));
        text_of(one(&answer.html(), "main textarea[name=text]"))
    }

    fn publish(&self, draft: &str) -> Answer {
        let page = self.editor.get(draft);
        let html = page.html();
        let version = one(&html, "form[action$=\"/publish\"] input[name=version]").attr("value").expect("it has one").to_owned();
        let fields = [("version", version.as_str()), ("why", "it was missing"), ("accepted", "for this test")];
        self.editor.post_form(&format!("{draft}/publish"), &fields)
    }
}

/// The draft that an address names.
fn draft(location: &str) -> String {
    let number: String = location.trim_start_matches("/draft/").chars().take_while(char::is_ascii_digit).collect();
    assert!(location.starts_with("/draft/") && !number.is_empty(), "{location}");
    format!("/draft/{number}")
}

fn anchor(location: &str) -> &str {
    location.split_once('#').map_or("", |(_, anchor)| anchor)
}

#[test]
fn an_untouched_form_leaves_the_text_as_it_is() {
    let site = Site::start();
    let desk = Desk::of(&site);
    for (kind, page) in [
        ("entry", "/fix/url-stops-at-the-stage"),
        ("entry", "/fix/signed-for-another-region"),
        ("entry", "/fix/api-key-not-sent"),
        ("question", "/question/url-shape"),
        ("question", "/question/usage-plan"),
        ("symptom", "/symptom/forbidden"),
        ("symptom", "/symptom/missing-authentication-token"),
    ] {
        let source = site.get(&format!("{page}.md"));
        if source.status == 404 {
            continue;
        }
        let slug = page.rsplit('/').next().expect("it has one");
        let path = format!("/edit/{kind}/{slug}");
        let (_, pairs) = desk.open(&path);
        let answer = desk.press(&path, &pairs, "review");
        assert_eq!(answer.status, 303, "{page}: {}", answer.text());
        let draft = draft(answer.location());
        assert_eq!(desk.text(&draft), source.text(), "{page}");
        let said = words(one(&desk.editor.get(&draft).html(), "main"));
        assert!(said.contains("Nothing would change"), "{page}: {said}");
    }
}

#[test]
fn a_new_entry_is_written_published_found_and_reached() {
    // An answer that no entry explains yet.
    let content = packs::pack(packs::LAMP);
    let glass = packs::LAMP.iter().find(|(path, _)| path.ends_with("glass.md")).expect("it is one of the lamp");
    let smoky = "label: Black}\n  - {id: smoky, label: Smoky}";
    packs::write(content.path(), glass.0, &glass.1.replace("label: Black}", smoky));
    let site = Site::on(content.path());
    let desk = Desk::of(&site);
    let (html, mut pairs) = desk.open("/new/entry");
    assert!(words(one(&html, "main")).contains("What points at this cause"));
    assert!(!pairs.iter().any(|(_, value)| value.contains("<!--")), "nobody has to know about comments: {pairs:?}");

    // A question is added by a button alone; what was typed so far is kept.
    set(&mut pairs, "title", "The fuse has blown: the cellar is dark");
    set(&mut pairs, "area", "cellar");
    pairs.push(("symptoms".into(), "lamp-is-dark".into()));
    set(&mut pairs, "add-when-0", "plug");
    let answer = desk.press("/new/entry", &pairs, "add-when-0");
    assert_eq!((answer.status, anchor(answer.location())), (303, "when-0-plug"), "{}", answer.text());
    let draft = draft(answer.location());
    let edit = format!("{draft}/edit");
    let (html, mut pairs) = desk.open(&edit);
    assert_eq!(all(&html, "#when-0-plug").len(), 1, "the place to go on from is there");
    assert!(has(&pairs, "title", "The fuse has blown: the cellar is dark") && has(&pairs, "symptoms", "lamp-is-dark"));
    assert!(has(&pairs, "name", "the-fuse-has-blown-the-cellar-is-dark"), "the name follows the title");

    pairs.push(("when-0-plug".into(), "in".into()));
    set(&mut pairs, "add-when-0", "glass");
    assert_eq!(anchor(desk.press(&edit, &pairs, "add-when-0").location()), "when-0-glass");
    let (_, mut pairs) = desk.open(&edit);
    assert!(has(&pairs, "when-0-plug", "in"));
    assert_eq!(anchor(desk.press(&edit, &pairs, "remove-when-0-plug").location()), "when");
    pairs = desk.open(&edit).1;
    assert!(!has(&pairs, "when-0", "plug") && has(&pairs, "when-0", "glass"));
    pairs.push(("when-0-glass".into(), "smoky".into()));
    pairs.retain(|(name, _)| name != "likelihood");
    pairs.push(("likelihood".into(), "rare".into()));
    set(&mut pairs, "sources-title", "The box with the fuses");
    set(&mut pairs, "sources-url", "https://example.com/fuses");
    set(&mut pairs, "section-Symptom", "Zyzzyva darkness.");
    set(&mut pairs, "section-Cause", "Too much current went through the fuse.");
    set(&mut pairs, "section-Fix", "1. Put in another fuse.\n2. Look whether it shines.");
    let answer = desk.press(&edit, &pairs, "review");
    assert_eq!((answer.status, answer.location()), (303, draft.as_str()), "{}", answer.text());
    assert!(!desk.text(&draft).contains("## Check"), "what may be missing is not left empty");

    let answer = desk.publish(&draft);
    assert_eq!(answer.status, 303, "{}", words(one(&answer.html(), "main")));
    let url = answer.location().to_owned();
    assert_eq!(url, "/fix/the-fuse-has-blown-the-cellar-is-dark");
    assert!(words(one(&site.get(&url).html(), "main")).contains("Put in another fuse"));
    assert_eq!(site.get("/api/v1/search?q=zyzzyva").json()["results"][0]["url"], url.as_str());
    let causes = site.get("/api/v1/diagnose?symptom=lamp-is-dark&glass=smoky&plug=in").json()["causes"].clone();
    assert_eq!(causes[0]["url"], url.as_str(), "{causes}");
}

#[test]
fn an_address_fills_the_form_in() {
    let content = packs::pack(packs::LAMP);
    let site = Site::on(content.path());
    let desk = Desk::of(&site);
    let path = format!("/new/entry?symptom=no-light&plug=unplugged&message={}&title=Out", escape("No <light> & no sound"));
    let (_, pairs) = desk.open(&path);
    assert!(has(&pairs, "symptoms", "lamp-is-dark"), "an old name is understood: {pairs:?}");
    assert!(has(&pairs, "when-0", "plug") && has(&pairs, "when-0-plug", "out"));
    assert!(has(&pairs, "title", "Out") && has(&pairs, "name", "out"));
    let symptom = &pairs.iter().find(|(name, _)| name == "section-Symptom").expect("it is there").1;
    assert!(symptom.contains("No <light> & no sound"), "{symptom}");
    let answer = desk.press(&path, &pairs, "save");
    assert_eq!((answer.status, answer.location()), (303, "/write"));
}

#[test]
fn questions_and_symptoms_are_written_in_forms() {
    let content = packs::pack(packs::LAMP);
    let site = Site::on(content.path());
    let desk = Desk::of(&site);
    let (_, mut pairs) = desk.open("/new/question");
    for (name, value) in [
        ("title", "Is the street dark as well?"),
        ("why", "Then it is not the lamp."),
        ("options-0-label", "Yes: all of it"),
        ("options-1-label", "No"),
        ("options-1-id", "lit"),
        ("options-1-healthy", "yes"),
        ("body", "Look out of the window."),
    ] {
        set(&mut pairs, name, value);
    }
    let answer = desk.press("/new/question", &pairs, "more-options");
    assert_eq!(anchor(answer.location()), "new-options");
    let draft = draft(answer.location());
    let (html, mut pairs) = desk.open(&format!("{draft}/edit"));
    assert!(has(&pairs, "options-0-id", "yes-all-of-it") && has(&pairs, "options-1-id", "lit"), "{pairs:?}");
    assert_eq!(all(&html, "#new-options").len(), 1);
    set(&mut pairs, "options-2-label", "There is no street");
    let answer = desk.press(&format!("{draft}/edit"), &pairs, "review");
    assert_eq!(answer.status, 303, "{}", answer.text());
    let text = desk.text(&draft);
    assert!(text.contains("id: there-is-no-street") && text.ends_with("\nLook out of the window.\n"), "{text}");
    // An option that readers know keeps its old name.
    let (_, mut pairs) = desk.open("/edit/question/plug");
    assert!(has(&pairs, "options-1-known", "yes"), "{pairs:?}");
    set(&mut pairs, "options-1-id", "apart");
    let answer = desk.press("/edit/question/plug", &pairs, "save");
    assert_eq!(answer.status, 303, "{}", answer.text());
    let (_, pairs) = desk.open("/edit/question/plug");
    assert!(has(&pairs, "options-1-aliases", "unplugged,out"), "{pairs:?}");

    let (_, mut pairs) = desk.open("/edit/symptom/lamp-is-dark");
    set(&mut pairs, "messages", "No light\nIt's \"dark\": # here");
    let answer = desk.press("/edit/symptom/lamp-is-dark", &pairs, "review");
    let draft = self::draft(answer.location());
    let said = words(one(&desk.editor.get(&draft).html(), "main"));
    assert!(!said.contains("cannot be published"), "{said}");
    let (_, pairs) = desk.open(&format!("{draft}/edit"));
    assert!(has(&pairs, "messages", "No light\nIt's \"dark\": # here"), "{pairs:?}");
}

#[test]
fn what_cannot_be_taken_comes_back_with_everything_typed() {
    let content = packs::pack(packs::LAMP);
    let site = Site::on(content.path());
    let desk = Desk::of(&site);
    let cases: &[(&str, &str, &str, &str, &str)] = &[
        ("/edit/entry/plug-is-out", "name", "Not A Name!", "review", "lower-case"),
        ("/edit/entry/plug-is-out", "section-Symptom", "```\nnever closed", "review", "swallow"),
        ("/edit/entry/plug-is-out", "owner", "first", "add-when-0", "Choose a question"),
        ("/edit/entry/plug-is-out", "owner", "first", "picture", "Choose a picture"),
        ("/edit/question/plug", "options-0-id", "Not a name", "review", "lower-case"),
        ("/edit/symptom/lamp-is-dark", "statuses", "dark", "review", "no status"),
    ];
    for (path, name, value, then, said) in cases {
        let (_, mut pairs) = desk.open(path);
        set(&mut pairs, name, value);
        set(&mut pairs, "title", "Typed & <kept>");
        let answer = desk.press(path, &pairs, then);
        assert_eq!(answer.status, 422, "{path} {name}");
        let html = answer.html();
        assert_eq!(
            untouched(&html).iter().filter(|p| p.0 != "csrf").collect::<Vec<_>>(),
            pairs.iter().filter(|p| p.0 != "csrf").collect::<Vec<_>>(),
            "{path} {name}"
        );
        let summary = one(&html, "#wrong[role=alert]");
        assert!(words(summary).contains(said), "{}", words(summary));
        let link = crate::support::page::within(summary, "a")[0].attr("href").expect("it leads to the field").to_owned();
        let field = one(&html, &format!("[id=\"{}\"]", link.trim_start_matches('#')));
        assert_eq!(field.attr("aria-invalid"), Some("true"), "{link}");
    }
    assert!(words(one(&desk.editor.get("/write").html(), "main")).contains("You have none"), "nothing was saved");
}

fn picture() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::new_rgb8(6, 4).write_to(&mut bytes, ImageFormat::Png).expect("memory takes all");
    bytes.into_inner()
}

#[test]
fn a_picture_is_added_without_scripts() {
    let content = packs::pack(packs::LAMP);
    let site = Site::on(content.path());
    let desk = Desk::of(&site);
    let (html, mut pairs) = desk.open("/edit/entry/plug-is-out");
    assert_eq!(one(&html, "form.fields").attr("enctype"), Some("multipart/form-data"));
    set(&mut pairs, "section-Cause", "Somebody pulled it.");
    let refused = desk.send("/edit/entry/plug-is-out", &pairs, "picture", b"<svg/>");
    assert_eq!(refused.status, 422);
    assert!(words(one(&refused.html(), "#picture-wrong")).contains("save it as PNG"));
    assert!(has(&untouched(&refused.html()), "section-Cause", "Somebody pulled it."));

    let answer = desk.send("/edit/entry/plug-is-out", &pairs, "picture", &picture());
    assert_eq!((answer.status, anchor(answer.location())), (303, "picture"), "{}", answer.text());
    let text = desk.text(&draft(answer.location()));
    let (_, fix) = text.split_once("## Fix\n\nPut it in.\n\n![describe the picture](/image/").expect("it stands below the fix");
    assert_eq!(site.get(&format!("/image/{}", fix.trim_end().trim_end_matches(')'))).status, 200);
    assert!(text.contains("Somebody pulled it."), "what was typed beside it is kept");
}

#[test]
fn a_text_without_a_form_is_shown_as_it_is() {
    let site = Site::on(packs::pack(packs::LAMP).path());
    let desk = Desk::of(&site);
    let text = "---\ntitle: A\ntitle: B\n---\n\nBody.\n";
    let fields = [("mode", "markdown"), ("path", "symptoms/a.md"), ("text", text), ("then", "form")];
    let answer = desk.editor.post_form("/new/symptom", &fields);
    let page = desk.editor.get(answer.location()).html();
    assert_eq!(text_of(one(&page, "main textarea[name=text]")), text);
    assert!(words(one(&page, "[role=alert]")).contains("stands twice"), "{}", words(one(&page, "main")));
    // Who still has the form of it open does not lose what they type there.
    let typed = [("mode", "form"), ("version", "1"), ("title", "A quokka"), ("body", "It sleeps."), ("then", "save")];
    let answer = desk.editor.post_form("/draft/1/edit", &typed);
    assert_eq!(answer.status, 422);
    let shown = untouched(&answer.html());
    assert!(has(&shown, "title", "A quokka") && has(&shown, "body", "It sleeps."), "{shown:?}");
    assert!(words(one(&answer.html(), "#wrong")).contains("stands twice"), "{}", words(one(&answer.html(), "main")));
}

#[test]
fn alternatives_are_picked_among_the_causes_of_the_same_symptoms() {
    let content = packs::pack(packs::LAMP);
    let other = packs::LAMP[0].1.replace("lamp", "door").replace("no-light", "no-door").replace("No light", "No door");
    packs::write(content.path(), "symptoms/door-is-shut.md", &other);
    let elsewhere = packs::LAMP[3].1.replace("lamp-is-dark", "door-is-shut").replace("unplugged-lamp", "unplugged-door");
    packs::write(content.path(), "entries/room/door-is-locked.md", &elsewhere.replace("The plug is out", "The door is locked"));
    let site = Site::on(content.path());
    let desk = Desk::of(&site);
    let offered = |html: &Html| -> Vec<(String, bool)> {
        let ticks = all(html, "#alternatives input[type=checkbox]");
        ticks.into_iter().map(|t| (t.attr("value").unwrap_or_default().to_owned(), t.attr("checked").is_some())).collect()
    };
    let (html, _) = desk.open("/new/entry");
    assert_eq!(offered(&html), []);
    assert!(words(one(&html, "#alternatives")).contains("Choose its symptoms and save"));
    let (html, mut pairs) = desk.open("/edit/entry/plug-is-out");
    assert_eq!(offered(&html), [("bulb-is-burnt".to_owned(), false)], "not itself, and nothing of another symptom");
    assert!(words(one(&html, "#alternatives")).contains("The bulb is burnt"), "by what it says");
    pairs.push(("alternatives".into(), "bulb-is-burnt".into()));
    let answer = desk.press("/edit/entry/plug-is-out", &pairs, "save");
    assert_eq!(answer.status, 303, "{}", answer.text());
    let (html, pairs) = desk.open("/edit/entry/plug-is-out");
    assert_eq!(offered(&html), [("bulb-is-burnt".to_owned(), true)]);
    assert!(
        desk.text("/draft/1").contains("alternatives: bulb-is-burnt")
            || desk.text("/draft/1").contains("alternatives: [bulb-is-burnt]")
    );
    // What is ticked no more is gone; what nobody knows stays in sight.
    let without: Pairs = pairs.iter().filter(|(name, _)| name != "alternatives").cloned().collect();
    assert_eq!(desk.press("/draft/1/edit", &without, "save").status, 303);
    let (_, mut pairs) = desk.open("/draft/1/edit");
    assert!(!desk.text("/draft/1").contains("alternatives"));
    pairs.push(("alternatives".into(), "nobody-knows".into()));
    assert_eq!(desk.press("/draft/1/edit", &pairs, "save").status, 303);
    let (html, _) = desk.open("/draft/1/edit");
    assert_eq!(offered(&html), [("nobody-knows".to_owned(), true), ("bulb-is-burnt".to_owned(), false)]);
    assert!(words(one(&html, "#alternatives")).contains("there is no such entry"));
}

#[test]
fn among_very_many_an_alternative_is_also_written() {
    let site = Site::on(packs::large(302).path());
    let desk = Desk::of(&site);
    let (html, mut pairs) = desk.open("/edit/entry/part-7");
    assert_eq!(all(&html, "#alternatives input[type=checkbox]").len(), 300);
    assert_eq!(words(one(&html, "#alternatives label[for=alternatives-other]")), "Another one: the end of its address");
    set(&mut pairs, "alternatives", " part-301 ");
    assert_eq!(desk.press("/edit/entry/part-7", &pairs, "save").status, 303);
    let (html, pairs) = desk.open("/edit/entry/part-7");
    assert!(has(&pairs, "alternatives", "part-301"));
    assert_eq!(one(&html, "#alternatives input[checked]").attr("value"), Some("part-301"));
}
