//! A few journeys in a real browser: by keyboard alone, with and without scripts, and past a checker of barriers.

#[path = "support/browser.rs"]
mod browser;
mod support;

use std::rc::Rc;

use browser::{Visit, axe, visit, visit_site};
use fantoccini::Locator;
use fantoccini::key::Key;
use serde_json::{Value, json};
use support::editor::{draft, edit, publish};
use support::page::{all, facts, href};

const MESSAGE: &str = "Missing Authentication Token";
const TRUTH: &str = "url-stops-at-the-stage";

/// The link that says most for the cause that is really behind it.
fn best(visit: &Visit, links: impl IntoIterator<Item = String>) -> String {
    let share = |url: &str| {
        let json = visit.site.get(&format!("/api/v1{url}")).json();
        let causes = json["causes"].as_array().cloned().unwrap_or_default();
        let probability = causes.iter().find(|c| c["slug"] == TRUTH).and_then(|c| c["probability"].as_f64()).unwrap_or_default();
        // Its fix is better than one more question.
        if json["state"] == "fix" && causes[0]["slug"] == TRUTH { probability + 1.0 } else { probability }
    };
    let shares = links.into_iter().map(|url| (share(&url), url));
    shares.max_by(|a, b| a.0.total_cmp(&b.0)).expect("something is asked").1
}

/// From the results to the fix, back, and on with another answer. Everything by keyboard.
async fn from_results_to_the_fix_and_back(visit: &Visit) {
    let answers = all(&visit.step().await.html, "main a[href^=\"/diagnose?\"]").into_iter().map(href).collect::<Vec<_>>();
    visit.go(&best(visit, answers)).await;
    let mut trail = vec![visit.path().await];
    let mut step = visit.step().await;
    while step.state() == "ask" {
        assert!(trail.len() < 20, "{trail:?}");
        trail.push(visit.go(&best(visit, step.choices.into_iter().map(|c| c.url))).await);
        step = visit.step().await;
    }
    assert_eq!(step.state(), "fix", "{trail:?}");
    assert_eq!(step.outcomes[0].entry, TRUTH);
    assert_eq!(visit.heading().await, step.heading);

    // Back to the question before, as it was.
    let before = trail[trail.len() - 2].clone();
    visit.leaving(async { visit.client.back().await.expect("there is a page before") }).await;
    assert_eq!(visit.path().await, before);
    assert_eq!(visit.step().await.state(), "ask");
    visit.leaving(async { visit.client.forward().await.expect("there is a page after") }).await;

    // Another answer to a question before the last one.
    let (question, change) = step.changes[0].clone();
    visit.go(&change).await;
    let again = visit.step().await;
    assert_eq!(again.question(), Some(question.as_str()));
    let other = again.choices.iter().find(|c| !c.chosen).expect("there is another answer").clone();
    let now = visit.go(&other.url).await;
    let others = |url: &str| facts(url).into_iter().filter(|(k, v)| *k != question && *v != question).collect::<Vec<_>>();
    assert_eq!(others(&now), others(&step.url), "the other answers are kept");
    assert!(facts(&now).contains(&(question, other.option)));
}

#[test]
fn a_person_with_a_keyboard_gets_from_the_message_to_the_fix() {
    visit(true, |visit| async move {
        visit.open("/").await;
        visit.press("/").await;
        let box_ = visit.focused().await;
        assert_eq!(box_.attr("name").await.expect("it is there").as_deref(), Some("text"), "slash goes to the box");
        visit.press(MESSAGE).await;
        assert_eq!(box_.prop("value").await.expect("it is there").as_deref(), Some(MESSAGE), "and does not stand in it");
        visit.press("/").await;
        assert_eq!(box_.prop("value").await.expect("it is there"), Some(format!("{MESSAGE}/")), "in the box it is a character");
        visit.press(&Key::Backspace).await;
        visit.leaving(visit.press_with_control(Key::Enter)).await;
        from_results_to_the_fix_and_back(&visit).await;
    });
}

#[test]
fn it_works_the_same_without_scripts() {
    visit(false, |visit| async move {
        visit.open("/").await;
        for button in visit.client.find_all(Locator::Css("[data-copy], [data-theme-toggle]")).await.expect("it is a page") {
            assert!(!button.is_displayed().await.expect("it is there"), "what needs a script is not shown");
        }
        visit.tab_to("name", "text").await;
        visit.press(MESSAGE).await;
        visit.tab_to("type", "submit").await;
        visit.leaving(visit.press(&Key::Enter)).await;
        from_results_to_the_fix_and_back(&visit).await;

        visit.open(&format!("/fix/{TRUTH}")).await;
        let copy = visit.client.find_all(Locator::Css("button[data-copy]")).await.expect("it is a page");
        assert!(!copy.is_empty());
        for button in copy {
            assert!(!button.is_displayed().await.expect("it is there"));
        }
        // The outcome is a plain form.
        visit.tab_to("value", "no").await;
        let next = visit.leaving(visit.press(&Key::Enter)).await;
        assert!(next.contains(&format!("tried={TRUTH}")), "{next}");
    });
}

/// Puts the clipboard within reach of a page that nobody looks at.
fn allow_clipboard(visit: &Visit) {
    for name in ["clipboardReadWrite", "clipboardSanitizedWrite"] {
        visit.tell("Browser.grantPermissions", json!({"origin": visit.site.url(""), "permissions": [name]}));
    }
    visit.tell("Emulation.setFocusEmulationEnabled", json!({"enabled": true}));
}

async fn copied(visit: &Visit, words: &str) -> (String, String) {
    visit.run("window.copied = null").await;
    // What is put on the clipboard is looked at on its way, because a headless browser may have none.
    let spy = "const text = async (blob) => blob ? await (await blob).text() : '';
        navigator.clipboard.writeText = async (plain) => { window.copied = [plain, '']; };
        navigator.clipboard.write = async ([item]) => {
            const get = async (type) => item.types.includes(type) ? text(item.getType(type)) : '';
            window.copied = [await get('text/plain'), await get('text/html')];
        };";
    visit.run(spy).await;
    let button = visit.button(words).await;
    button.click().await.expect("it can be pressed");
    let began = std::time::Instant::now();
    loop {
        let copied = visit.run("return window.copied").await;
        if let (Some(plain), Some(html)) = (copied[0].as_str(), copied[1].as_str()) {
            return (plain.to_owned(), html.to_owned());
        }
        assert!(began.elapsed() < support::PATIENCE, "{words} copied nothing");
        tokio::task::yield_now().await;
    }
}

#[test]
fn links_are_copied_whole_and_ready_for_a_chat() {
    visit(true, |visit| async move {
        allow_clipboard(&visit);
        visit.open(&format!("/fix/{TRUTH}")).await;
        let title = visit.heading().await;
        let link = visit.site.url(&format!("/fix/{TRUTH}"));
        assert_eq!(copied(&visit, "Copy link").await.0, link);
        let (plain, html) = copied(&visit, "Copy for chat").await;
        let lines: Vec<&str> = plain.lines().collect();
        assert_eq!(lines.len(), 3, "title, one line of why, link: {plain}");
        assert_eq!((lines[0], lines[2]), (title.as_str(), link.as_str()));
        assert!(lines[1].len() > 30 && lines[1].len() < 400, "{}", lines[1]);
        let parsed = scraper::Html::parse_fragment(&html);
        let anchor = support::page::one(&parsed, "a");
        assert_eq!((anchor.attr("href"), support::page::words(anchor)), (Some(link.as_str()), title));
    });
}

#[test]
fn the_theme_can_be_chosen_and_is_remembered() {
    visit(true, |visit| async move {
        visit.prefer("light");
        visit.open("/").await;
        let colour = "return getComputedStyle(document.body).color";
        let light = visit.run(colour).await;
        visit.prefer("dark");
        let dark = visit.run(colour).await;
        assert_ne!(light, dark, "what the system prefers counts");
        visit.prefer("light");
        assert_eq!(visit.run(colour).await, light);
        let toggle = Locator::Css("[data-theme-toggle]");
        visit.client.find(toggle).await.expect("there is a button").click().await.expect("it can be pressed");
        assert_eq!(visit.run(colour).await, dark, "what the person chooses counts more");
        visit.open("/browse").await;
        assert_eq!(visit.run(colour).await, dark, "on the next page too");
        visit.client.find(toggle).await.expect("there is a button").click().await.expect("it can be pressed");
        assert_eq!(visit.run(colour).await, light);
    });
}

const PAGES: &[&str] = &[
    "/",
    "/search?q=Missing+Authentication+Token",
    "/diagnose?symptom=missing-authentication-token",
    "/diagnose?symptom=missing-authentication-token&other-paths=others-work&resource-path=defined&url-shape=stage-root",
    "/fix/url-stops-at-the-stage",
    "/symptom/missing-authentication-token",
    "/question/url-shape",
    "/map/missing-authentication-token",
    "/browse",
    "/gaps",
    "/explain",
    "/diagnose",
];

/// What axe-core finds on a page, in a line each.
async fn barriers(visit: &Visit, axe: &str) -> Vec<String> {
    visit.client.execute(axe, Vec::new()).await.expect("axe-core loads");
    let check = "const done = arguments[arguments.length - 1];
        axe.run(document, { resultTypes: ['violations'] }).then(
            (found) => done(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(', ')}`)),
            (failed) => done([`axe-core failed: ${failed}`]));";
    let found = visit.client.execute_async(check, Vec::new()).await.expect("axe-core runs");
    found.as_array().map(|all| all.iter().filter_map(Value::as_str).map(str::to_owned).collect()).unwrap_or_default()
}

#[test]
fn no_page_has_a_barrier_in_light_or_dark() {
    let axe = axe();
    visit(true, |visit: Rc<Visit>| async move {
        let mut found = Vec::new();
        for scheme in ["light", "dark"] {
            visit.prefer(scheme);
            for path in PAGES {
                visit.open(path).await;
                let here = barriers(&visit, &axe).await;
                found.extend(here.into_iter().map(|barrier| format!("{path} in {scheme}: {barrier}")));
            }
            paste(&visit, PASTE).await;
            found.extend(barriers(&visit, &axe).await.into_iter().map(|barrier| format!("a paste in {scheme}: {barrier}")));
        }
        assert_eq!(found, Vec::<String>::new());
        // The checker does see something where there is something to see.
        visit.run("document.querySelector('main').innerHTML = '<img src=\"/favicon.ico\"><button></button>'").await;
        assert!(barriers(&visit, &axe).await.iter().any(|b| b.starts_with("image-alt")));
    });
}

#[test]
fn no_page_is_wider_than_the_screen() {
    visit(true, |visit| async move {
        for width in [390, 768, 1600] {
            let screen = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
            visit.tell("Emulation.setDeviceMetricsOverride", screen);
            for path in PAGES {
                visit.open(path).await;
                let needed = visit.run("return document.documentElement.scrollWidth").await;
                assert!(needed.as_u64().is_some_and(|w| w <= width), "{path} needs {needed} of {width} pixels");
            }
            paste(&visit, PASTE).await;
            let needed = visit.run("return document.documentElement.scrollWidth").await;
            assert!(needed.as_u64().is_some_and(|w| w <= width), "a paste needs {needed} of {width} pixels");
        }
    });
}

/// Lets a file fall onto the box of the page.
const DROP: &str = "const files = new DataTransfer();
    files.items.add(new File([arguments[0]], 'shop.example.har', { type: arguments[1] }));
    document.querySelector('main textarea').dispatchEvent(
        new DragEvent('drop', { dataTransfer: files, bubbles: true, cancelable: true }));";

/// Two requests, and long lines.
const PASTE: &str = "$ curl -v -X PUT https://abc123defg.execute-api.us-east-1.amazonaws.com/prod\n> POST /prod HTTP/2\n\
                     > Host: abc123defg.execute-api.us-east-1.amazonaws.com\n> accept: application/json, text/plain, text/html, text/css\n\
                     < HTTP/2 403\n< x-amzn-errortype: MissingAuthenticationTokenException\n\n\
                     {\"message\":\"Missing Authentication Token\"}\n";

/// Sends a text through the box of the home page.
async fn paste(visit: &Visit, text: &str) {
    visit.open("/").await;
    let send = async {
        visit.client.execute(DROP, vec![json!(text), json!("")]).await.expect("a file can be dropped");
    };
    assert_eq!(visit.leaving(send).await, "/explain");
}

#[test]
fn a_file_that_is_dropped_on_the_box_is_explained() {
    visit(true, |visit| async move {
        visit.open("/").await;
        let fall = async |text: &str, kind: &str| {
            visit.client.execute(DROP, vec![json!(text), json!(kind)]).await.expect("a file can be dropped");
        };
        fall("x", "image/png").await;
        let says = "return document.querySelector('[data-says]').textContent";
        assert!(visit.run(says).await.as_str().is_some_and(|s| s.contains("picture")));
        fall(&"x".repeat(4 * 1024 * 1024 + 1), "").await;
        assert!(visit.run(says).await.as_str().is_some_and(|s| s.contains("4.1 MiB") && s.contains("cURL")));
        let leads = visit.leaving(fall("< HTTP/2 403\n{\"message\":\"Missing Authentication Token\"}\n", "")).await;
        assert_eq!(leads, "/explain");
        assert_eq!(visit.heading().await, "What the paste shows");
        assert!(visit.client.source().await.expect("a page has a source").contains("/symptom/missing-authentication-token"));
    });
}

/// A form in which somebody writes, put into a page that has none.
const EDITOR: &str = "const form = document.createElement('form');
    form.innerHTML = '<textarea data-images>ab</textarea><input name=csrf><p data-says role=status></p>';
    form.elements.csrf.value = arguments[0];
    document.querySelector('main').append(form);
    document.dispatchEvent(new Event('DOMContentLoaded'));";

/// Lets files fall into the text, or pastes them, between its two letters; tells what was said in the end, what stands in the
/// text, which part of it is selected, and what was sent as the token of the form. A refusal can be put in the place of the site's
/// answer, because the browser writes each one to its log.
const ADD: &str = "const [event, files, refusal, done] = arguments;
    const box = document.querySelector('[data-images]'), says = box.form.querySelector('[data-says]');
    box.value = 'ab';
    box.setSelectionRange(1, 1);
    let token = null;
    const send = window.fetch;
    window.fetch = (url, options) => { token = options.headers['x-csrf-token']; 
        return refusal ? Promise.resolve(new Response(refusal, { status: 422 })) : send(url, options); };
    const end = () => {
        if (says.textContent.endsWith('…')) return;
        watch.disconnect();
        window.fetch = send;
        // The text is written after the words are.
        setTimeout(() => done([says.textContent, box.value, box.value.slice(box.selectionStart, box.selectionEnd), token]));
    };
    const watch = new MutationObserver(end);
    watch.observe(says, { childList: true });
    const carried = new DataTransfer();
    for (const [bytes, type] of files) carried.items.add(new File([new Uint8Array(bytes)], 'a', { type }));
    box.dispatchEvent(event === 'drop'
        ? new DragEvent('drop', { dataTransfer: carried, bubbles: true, cancelable: true })
        : new ClipboardEvent('paste', { clipboardData: carried, bubbles: true, cancelable: true }));";

#[test]
fn a_picture_that_falls_into_a_text_is_shown_there() {
    visit(true, |visit| async move {
        let editor = visit.site.sign_in("editor");
        let csrf = editor.csrf.clone();
        become_visitor(&visit, &editor.cookie);
        visit.open("/browse").await;
        visit.client.execute(EDITOR, vec![json!(csrf)]).await.expect("the form can be put in");
        let add = async |event: &str, files: Value, refusal: &str| -> Vec<String> {
            let told =
                visit.client.execute_async(ADD, vec![json!(event), files, json!(refusal)]).await.expect("a file can be carried");
            told.as_array().expect("it tells four things").iter().map(|v| v.as_str().unwrap_or_default().to_owned()).collect()
        };
        let mut png = std::io::Cursor::new(Vec::new());
        image::DynamicImage::new_luma8(3, 3).write_to(&mut png, image::ImageFormat::Png).expect("memory takes all");
        let png = json!([png.into_inner(), "image/png"]);
        for event in ["drop", "paste"] {
            let [says, text, selected, token] = &add(event, json!([png]), "").await[..] else { panic!("it tells four things") };
            assert_eq!((says.as_str(), token.as_str()), ("Added. Now say what it shows.", csrf.as_str()), "{event}");
            let url = text.strip_prefix("a![describe the picture](").and_then(|t| t.strip_suffix(")b"));
            let url = url.unwrap_or_else(|| panic!("{event} gave {text}"));
            assert_eq!(selected, "describe the picture");
            assert_eq!(visit.site.get(url).header("content-type"), Some("image/png"));
        }
        let two = add("drop", json!([png, png]), "").await;
        assert_eq!((two[1].matches("![describe the picture](").count(), two[2].as_str()), (2, "describe the picture"));
        for (bytes, kind, said) in [
            (json!([60]), "image/svg+xml", "save it as PNG"),
            (json!([60]), "text/plain", "Only a picture"),
            (json!(vec![0; 5 * 1024 * 1024 + 1]), "image/png", "5.1 MiB"),
            (json!([60]), "image/png", "The words of the site."),
        ] {
            let refusal = json!({"error": {"message": "The words of the site."}}).to_string();
            let told = add("drop", json!([[bytes, kind]]), &refusal).await;
            assert!(told[0].contains(said), "{kind}: {}", told[0]);
            assert_eq!(told[1], "ab", "{kind}");
        }
        let told = add("drop", json!([png]), "no JSON").await;
        assert!(told[0].contains("was not added"), "{}", told[0]);
    });
}

#[test]
fn a_transcript_is_pasted_into_the_top_of_any_page() {
    for scripts in [true, false] {
        visit(scripts, move |visit| async move {
            visit.open("/browse").await;
            visit.tab_to("name", "text").await;
            visit
                .focused()
                .await
                .send_keys("< HTTP/2 403\u{e008}\u{e007}\u{e000}{\"message\":\"Forbidden\"}")
                .await
                .expect("it is a box");
            visit.tab_to("type", "submit").await;
            assert_eq!(visit.leaving(visit.press(&Key::Enter)).await, "/explain");
            let source = visit.client.source().await.expect("a page has a source");
            assert!(source.contains("/symptom/forbidden"), "{source}");
        });
    }
}

/// Pages of somebody who is signed in and looks after people.
const ACCOUNT_PAGES: &[&str] = &["/sign-in", "/you", "/people", "/people?changed=2&was=editor", "/audit"];

#[test]
fn the_pages_of_an_account_have_no_barrier_and_fit_the_screen() {
    let axe = axe();
    visit(true, |visit: Rc<Visit>| async move {
        let admin = visit.site.join("administrator", &"w".repeat(40));
        visit.site.sign_in("reader");
        admin.make_token("read");
        admin.post_form("/people/invite", &[("role", "editor")]);
        become_visitor(&visit, &admin.cookie);
        assert_eq!(troubles_on(&visit, &axe, ACCOUNT_PAGES).await, Vec::<String>::new());
    });
}

/// The browser goes on as somebody who is signed in.
fn become_visitor(visit: &Visit, cookie: &str) {
    for cookie in cookie.split("; ") {
        let (name, value) = cookie.split_once('=').expect("it is a cookie");
        visit.tell("Network.setCookie", json!({"name": name, "value": value, "url": visit.site.url("/")}));
    }
}

/// Barriers, and pages that are wider than a screen.
async fn troubles_on(visit: &Visit, axe: &str, pages: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (scheme, width) in [("light", 390), ("dark", 1600)] {
        visit.prefer(scheme);
        let screen = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        visit.tell("Emulation.setDeviceMetricsOverride", screen);
        for path in pages {
            visit.open(path).await;
            visit.run("for (const more of document.querySelectorAll('.form details, .desk details')) more.open = true").await;
            found.extend(barriers(visit, axe).await.into_iter().map(|barrier| format!("{path} in {scheme}: {barrier}")));
            let needed = visit.run("return document.documentElement.scrollWidth").await;
            if needed.as_u64().is_none_or(|w| w > width) {
                found.push(format!("{path} needs {needed} of {width} pixels"));
            }
        }
    }
    found
}

/// Pages of somebody who writes.
const WRITING_PAGES: &[&str] = &[
    "/write",
    "/new/entry?symptom=forbidden&url-shape=stage-root",
    "/new/entry?as=markdown",
    "/new/question",
    "/new/symptom",
    "/edit/entry/url-stops-at-the-stage",
    "/edit/question/url-shape",
    "/edit/symptom/forbidden",
];

#[test]
fn the_pages_of_an_editor_have_no_barrier_and_fit_the_screen() {
    let axe = axe();
    visit(true, |visit: Rc<Visit>| async move {
        let editor = visit.site.sign_in("editor");
        for entry in ["url-stops-at-the-stage", "verb-not-defined"] {
            let draft = editor.post_form(&format!("/retire/entry/{entry}"), &[]).location().to_owned();
            editor.post_form(&format!("{draft}/state"), &[("to", "discarded")]);
        }
        become_visitor(&visit, &editor.cookie);
        // So that the desk has a copy to offer.
        visit.open("/new/symptom").await;
        write(&visit, "title", "A quokka").await;
        assert_eq!(troubles_on(&visit, &axe, WRITING_PAGES).await, Vec::<String>::new());
    });
}

#[test]
fn the_pages_from_a_draft_to_its_history_have_no_barrier_and_fit_the_screen() {
    let axe = axe();
    visit(true, |visit: Rc<Visit>| async move {
        let (first, second) = (visit.site.join("editor", "first"), visit.site.join("editor", "second"));
        let more = |what: &'static str| move |text: &str| text.replacen("## Fix\n", &format!("## Fix\n\n{what}\n"), 1);
        let overlapping = draft(&first, "entry", TRUTH, more("Look at the first line."));
        assert_eq!(edit(&second, "entry", TRUTH, more("Look at the last line.")).status, 303);
        let blocked = draft(&first, "entry", "verb-not-defined", |text| text.replacen("symptoms: [", "symptoms: [quokka, ", 1));
        let warned = draft(&first, "question", "url-shape", |text| {
            text.replacen("  - id: stage-root", "  - id: quokka\n    label: A quokka\n  - id: stage-root", 1)
        });
        assert_eq!(publish(&first, &warned, "", "").status, 422, "there is a warning");
        first.post_form(&format!("/notes/entry/{TRUTH}"), &[("section", "Fix"), ("text", "Where is the quokka?")]);
        let retired = first.post_form("/retire/entry/answer-lacks-cors-headers", &[]).location().to_owned();
        let history = format!("/history/entry/{TRUTH}");
        let pages = [
            overlapping,
            format!("{blocked}/preview"),
            format!("{blocked}/edit"),
            blocked,
            warned,
            retired,
            format!("/fix/{TRUTH}"),
            format!("{history}/lines"),
            format!("{history}/2"),
            format!("{history}/1"),
            history,
            format!("/rename/entry/{TRUTH}"),
            format!("/retire/entry/{TRUTH}"),
            "/write".to_owned(),
        ];
        for page in &pages {
            assert_eq!(first.get(page).status, 200, "{page}");
        }
        become_visitor(&visit, &first.cookie);
        let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
        assert_eq!(troubles_on(&visit, &axe, &pages).await, Vec::<String>::new());
    });
}

#[test]
fn the_form_shows_what_is_written_and_finds_what_is_looked_for() {
    visit(true, |visit: Rc<Visit>| async move {
        let cookie = visit.site.sign_in("editor").cookie.clone();
        become_visitor(&visit, &cookie);
        visit.open("/new/entry").await;
        let fix = visit.client.find(Locator::Id("section-Fix")).await.expect("it is there");
        fix.send_keys("Do **this**.").await.expect("it is a field");
        let began = std::time::Instant::now();
        while visit.run("return document.querySelector('#preview strong')?.textContent").await != "this" {
            assert!(began.elapsed() < support::PATIENCE, "nothing is shown");
            tokio::task::yield_now().await;
        }
        assert_eq!(visit.run("return document.querySelector('#preview h2').textContent").await, "Fix");
        let shown = "return [...document.querySelectorAll('#symptoms label')].filter((l) => !l.hidden).length";
        let all = visit.run(shown).await.as_u64().expect("it is a number");
        let box_ = visit.client.find(Locator::Css("#symptoms input[type=search]")).await.expect("a script puts it there");
        box_.send_keys("authentication missing").await.expect("it is a field");
        let found = visit.run(shown).await.as_u64().expect("it is a number");
        assert!(found > 0 && found < all, "{found} of {all}");
    });
}

/// Writes at the end of a field.
async fn write(visit: &Visit, id: &str, text: &str) {
    let field = visit.client.find(Locator::Id(id)).await.expect("it is there");
    field.send_keys(text).await.expect("it is a field");
}

async fn press(visit: &Visit, button: &str) {
    visit.button(button).await.click().await.expect("it can be clicked");
}

/// Waits until something is so in the page.
async fn until(visit: &Visit, holds: &str) {
    let began = std::time::Instant::now();
    while visit.run(&format!("return !!({holds})")).await != true {
        assert!(began.elapsed() < support::PATIENCE, "waited in vain for {holds}");
        tokio::task::yield_now().await;
    }
}

/// How many copies the page offers.
const OFFERS: &str =
    "return [...document.querySelectorAll('main button')].filter((b) => b.textContent === 'Bring it back').length";
/// How many the browser has.
const COPIES: &str = "return Object.keys(localStorage).filter((name) => name.startsWith('kept ')).length";
const FIX: &str = "return document.getElementById('section-Fix').value";

/// A site with the lamp, and the folder from which it comes.
fn lamp() -> (tempfile::TempDir, support::Site) {
    let content = support::packs::pack(support::packs::LAMP);
    let site = support::Site::on(content.path());
    (content, site)
}

#[test]
fn what_is_not_saved_outlives_a_closed_tab() {
    visit(true, |visit: Rc<Visit>| async move {
        let cookie = visit.site.sign_in("editor").cookie.clone();
        become_visitor(&visit, &cookie);
        visit.open("/new/entry").await;
        write(&visit, "section-Fix", "A quokka.").await;
        visit.open("/").await;
        visit.open("/new/entry").await;
        assert_eq!(visit.run(FIX).await, "", "nobody is overwritten without being asked");
        // Whoever writes on without an answer loses nothing either.
        write(&visit, "section-Fix", "A wombat.").await;
        visit.open("/new/entry").await;
        assert_eq!(visit.run(OFFERS).await, 2);
        press(&visit, "Forget it").await;
        assert_eq!((visit.run(OFFERS).await, visit.run(COPIES).await), (json!(1), json!(1)));
        press(&visit, "Bring it back").await;
        until(&visit, "document.body.innerText.includes('It is not saved yet')").await;
        assert_eq!(visit.run(FIX).await, "A quokka.");
        let saved = visit.leaving(press(&visit, "Save the draft"));
        assert_eq!(saved.await, "/write");
        assert_eq!(visit.run(COPIES).await, 0, "it has arrived");
        visit.open("/new/entry").await;
        assert_eq!(visit.run(OFFERS).await, 0);
    });
}

#[test]
fn what_has_not_arrived_stays_in_the_browser() {
    let (_content, site) = lamp();
    visit_site(site, true, |visit: Rc<Visit>| async move {
        let editor = visit.site.sign_in("editor");
        become_visitor(&visit, &editor.cookie);
        // Refused.
        visit.open("/new/entry").await;
        write(&visit, "section-Fix", "A quokka.").await;
        write(&visit, "name", "Not A Name!").await;
        press(&visit, "Save the draft").await;
        until(&visit, "document.querySelector('#wrong')").await;
        visit.expect_refusals();
        assert_eq!((visit.run(OFFERS).await, visit.run(COPIES).await), (json!(0), json!(1)), "the page itself shows it");
        visit.open("/write").await;
        assert_eq!(visit.run(OFFERS).await, 1, "the desk knows of it");
        press(&visit, "Bring it back").await;
        until(&visit, "document.querySelector('#wrong')").await;
        visit.expect_refusals();
        assert_eq!(visit.run(FIX).await, "A quokka.");
        visit.run("document.getElementById('name').value = ''").await;
        assert_eq!(visit.leaving(press(&visit, "Save the draft")).await, "/write");
        assert_eq!(visit.run(COPIES).await, 0);

        // The site cannot be reached.
        visit.open("/edit/entry/plug-is-out").await;
        write(&visit, "section-Fix", " A quokka.").await;
        let reachable = |is: bool| {
            let none = json!({"offline": !is, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
            visit.tell("Network.emulateNetworkConditions", none);
        };
        reachable(false);
        press(&visit, "Save the draft").await;
        until(&visit, "!document.querySelector('form')").await;
        reachable(true);
        visit.expect_refusals();
        visit.open("/edit/entry/plug-is-out").await;
        assert_eq!(visit.run(OFFERS).await, 1);
        press(&visit, "Bring it back").await;
        until(&visit, "document.body.innerText.includes('It is not saved yet')").await;
        assert_eq!(visit.run(FIX).await, "Put it in. A quokka.");

        // The session has ended.
        editor.post_form("/you/sign-out-everywhere", &[]);
        press(&visit, "Save the draft").await;
        until(&visit, "document.body.innerText.includes('Sign in first')").await;
        visit.expect_refusals();
        let second = visit.site.join("editor", "second");
        become_visitor(&visit, &second.cookie);
        visit.open("/edit/entry/plug-is-out").await;
        assert_eq!(visit.run(OFFERS).await, 1);
        press(&visit, "Bring it back").await;
        until(&visit, "document.body.innerText.includes('It is not saved yet')").await;
        assert_eq!(visit.leaving(press(&visit, "Save the draft")).await, "/write");
        assert_eq!(visit.run(COPIES).await, 0);
        assert!(second.get("/draft/2/edit?as=markdown").text().contains("Put it in. A quokka."));
    });
}

/// The text of a draft, saved by somebody else meanwhile.
fn save(who: &support::visitor::Visitor<'_>, draft: &str, change: (&str, &str)) -> support::Answer {
    let page = who.get(&format!("{draft}/edit?as=markdown"));
    let field = |name: &str| support::visitor::field(&page, name);
    let text = support::page::one(&page.html(), "textarea#text").text().collect::<String>().replace(change.0, change.1);
    let (path, version, base) = (field("path"), field("version"), field("base"));
    let fields = [("mode", "markdown"), ("path", &*path), ("version", &version), ("base", &base), ("text", &text)];
    who.post_form(&format!("{draft}/edit"), &fields)
}

#[test]
fn who_saves_over_somebody_else_can_look_at_the_other_text_first() {
    let (_content, site) = lamp();
    visit_site(site, true, |visit: Rc<Visit>| async move {
        let (first, second) = (visit.site.join("editor", "first"), visit.site.join("editor", "second"));
        let draft = first.post_form("/rename/entry/plug-is-out", &[("path", "entries/plug.md")]).location().to_owned();
        become_visitor(&visit, &first.cookie);
        visit.open(&format!("{draft}/edit")).await;
        write(&visit, "section-Fix", " A quokka.").await;
        assert_eq!(save(&second, &draft, ("Dark.", "Dark as a cave.")).status, 303);
        press(&visit, "Save the draft").await;
        until(&visit, "document.body.innerText.includes('second saved this draft')").await;
        visit.expect_refusals();
        let link = visit.run("return document.querySelector('.editor > .notice a').getAttribute('href')").await;
        visit.open(link.as_str().expect("it leads to the other text")).await;
        assert_eq!(visit.run("return document.querySelector('.diff').textContent.includes('cave')").await, true);
        visit.open(&format!("{draft}/edit")).await;
        assert_eq!(visit.run(OFFERS).await, 1);
        press(&visit, "Bring it back").await;
        until(&visit, "document.body.innerText.includes('second saved this draft')").await;
        visit.expect_refusals();
        assert_eq!(visit.run(FIX).await, "Put it in. A quokka.");
        // It is published while somebody looks: there is no draft any more in whose place the text could go.
        assert_eq!(publish(&second, &draft, "a test", "").status, 303);
        press(&visit, "Save the draft").await;
        until(&visit, "document.body.innerText.includes('The draft was published')").await;
        visit.expect_refusals();
        visit.open("/write").await;
        assert_eq!((visit.run(OFFERS).await, visit.run(COPIES).await), (json!(1), json!(1)));
        press(&visit, "Bring it back").await;
        until(&visit, "document.body.innerText.includes('It is not saved yet')").await;
        let path = visit.path().await;
        assert_eq!(visit.leaving(press(&visit, "Save the draft")).await, "/write", "from {path}");
        assert_eq!(visit.run(COPIES).await, 0);
        assert!(first.get("/draft/2").text().contains("A quokka."));
    });
}

#[test]
fn a_copy_is_offered_though_the_document_changed_and_got_another_name() {
    let (_content, site) = lamp();
    visit_site(site, true, |visit: Rc<Visit>| async move {
        let (first, second) = (visit.site.join("editor", "first"), visit.site.join("editor", "second"));
        become_visitor(&visit, &first.cookie);
        visit.open("/edit/entry/plug-is-out").await;
        write(&visit, "section-Fix", " A quokka.").await;
        let draft = second.post_form("/rename/entry/plug-is-out", &[("path", "entries/plug.md")]).location().to_owned();
        assert_eq!(save(&second, &draft, ("Dark.", "Dark as a cave.")).status, 303);
        assert_eq!(publish(&second, &draft, "a test", "").status, 303);
        visit.open("/edit/entry/plug-is-out").await;
        assert_eq!((visit.path().await.as_str(), visit.run(OFFERS).await), ("/edit/entry/plug", json!(1)));
        let warned = visit.run("return document.querySelector('.notice').textContent.includes('changed since')").await;
        assert_eq!(warned, true);
        press(&visit, "Bring it back").await;
        until(&visit, "document.body.innerText.includes('was changed meanwhile')").await;
        let look = "document.querySelector('button.primary[value=review]').click()";
        let review = visit.leaving(async { drop(visit.run(look).await) }).await;
        assert_eq!(visit.run(COPIES).await, 0);
        let shown = first.get(&review).text();
        assert!(shown.contains("second published revision 2 meanwhile") && shown.contains("A quokka."), "{shown}");
        assert_eq!(publish(&first, &review, "a test", "").status, 303);
        let now = visit.site.get("/fix/plug").text();
        assert!(now.contains("Dark as a cave.") && now.contains("Put it in. A quokka."), "{now}");
    });
}
