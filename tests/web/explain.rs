//! The one box: a few words are searched for, everything else is read, and nothing of it comes back as it was.

use tempfile::TempDir;

use crate::support::page::{all, href, one, words};
use crate::support::{Answer, Site, packs};

/// The lamp, with expressions that read its questions from a text, and a transcript.
fn lamp() -> TempDir {
    let folder = packs::pack(packs::LAMP);
    let write = |path: &str, text: &str| packs::write(folder.path(), path, text);
    write(
        "questions/plug.md",
        "---\ntitle: Is the plug in the socket?\nwhy: Without current nothing shines.\neffort: glance\noptions:\n  \
         - {id: in, label: It is, healthy: true, detect: 'text.contains(\"plug: in\")'}\n  \
         - {id: out, label: It is not, detect: 'text.contains(\"plug: out\")'}\n---\n\nLook.\n",
    );
    write(
        "entries/room/plug-is-out.md",
        "---\ntitle: The plug is out\nsymptoms: lamp-is-dark\nwhen: {plug: out}\nlikelihood: common\n\
         sources:\n  - {title: Manual, url: 'https://example.com/plug'}\n---\n\n## Symptom\n\nDark.\n\n```text lands\nNo light\nplug: \
         out\n```\n\n## Cause\n\nNo current reaches it.\n\n## Fix\n\nPut it in.\n\n1. Bend down.\n2. Push.\n\n## Caveats\n\n\
         ```text lands=bulb-is-burnt\nNo light\nplug: in\n```\n",
    );
    folder
}

fn explain(site: &Site, text: &str) -> Answer {
    let answer = site.post_form("/explain", &[("text", text)]);
    assert_eq!(answer.status, 200, "{text}");
    answer
}

fn text_of(answer: &Answer) -> String {
    words(one(&answer.html(), "main"))
}

fn links(answer: &Answer, css: &str) -> Vec<String> {
    all(&answer.html(), css).into_iter().map(href).collect()
}

#[test]
fn a_few_words_are_searched_for() {
    let site = Site::start();
    for (text, query) in
        [("Forbidden", "forbidden"), ("  usage plan\r\n", "usage%20plan"), ("unauthorised client", "unauthorised%20client")]
    {
        let answer = site.post_form("/explain", &[("text", text)]);
        assert_eq!(answer.status, 303, "{text}");
        assert_eq!(answer.location().to_lowercase(), format!("/search?q={query}"));
        assert_eq!(site.get(answer.location()).status, 200);
    }
    for secret in ["password=swordfish-of-nobody", "made0up1bearer2token3"] {
        let answer = site.post_form("/explain", &[("text", &format!("Forbidden {secret}"))]);
        assert!(!answer.headers.iter().any(|(_, v)| v.contains(secret)), "{:?}", answer.headers);
    }
    let long = "word ".repeat(41);
    for text in ["Forbidden\nForbidden", long.as_str()] {
        explain(&site, text);
    }
    let html = site.get("/browse").html();
    let form = one(&html, "header form");
    assert_eq!((form.attr("action"), form.attr("method")), (Some("/explain"), Some("post")), "every page has the box");
}

#[test]
fn a_paste_that_tells_everything_is_answered_with_the_fix() {
    let content = lamp();
    let site = Site::on(content.path());
    let answer = explain(&site, "No light\nplug: out\n");
    let shown = text_of(&answer);
    for said in ["The plug is out", "No current reaches it.", "Put it in.", "Bend down.", "line 1", "line 2", "It is not"] {
        assert!(shown.contains(said), "{said} in {shown}");
    }
    let step = "/diagnose?symptom=lamp-is-dark&plug=out";
    assert_eq!(links(&answer, "main a.button"), [step]);
    let copied = one(&answer.html(), "[data-copy]").attr("data-copy").map(str::to_owned);
    assert_eq!(copied, Some(site.url(step)));
    let change = format!("{step}&change=plug");
    assert!(links(&answer, "main a.change").contains(&change), "a person can overrule it");
    assert_eq!(site.get(&change).status, 200);
}

#[test]
fn a_file_is_read_like_a_text() {
    let content = lamp();
    let site = Site::on(content.path());
    let pasted = explain(&site, "No light\nplug: out\n");
    let sent = site.post_file("/explain", "No light\nplug: out\n");
    assert_eq!(sent.status, 200);
    assert_eq!(text_of(&sent), text_of(&pasted));
    assert!(!sent.text().contains("shop.example"), "the name of a file is nobody's business");
    assert_eq!(site.post_file("/api/v1/explain", "No light\nplug: out\n").json()["state"], "fix");
    assert_eq!(site.post_file("/explain", " \n").status, 422);
}

#[test]
fn what_contradicts_itself_is_shown_and_not_answered() {
    let content = lamp();
    let site = Site::on(content.path());
    let answer = explain(&site, "No light\nplug: out\nplug: in\n");
    let shown = text_of(&answer);
    assert!(shown.contains("Two lines say different things") && shown.contains("line 2") && shown.contains("line 3"), "{shown}");
    let asked = links(&answer, "main .options a");
    assert!(!asked.is_empty() && asked.iter().all(|url| url.contains("symptom=lamp-is-dark")), "{asked:?}");
    assert!(links(&answer, "main a.change").iter().any(|url| url.ends_with("change=plug")));
}

#[test]
fn an_empty_box_comes_back_with_a_sentence() {
    let site = Site::start();
    for text in ["", " \r\n\t"] {
        let answer = site.post_form("/explain", &[("text", text)]);
        assert_eq!(answer.status, 422);
        let html = answer.html();
        assert!(words(one(&html, "[role=alert]")).contains("Paste what you see"));
        assert_eq!(all(&html, "main textarea[name=text]").len(), 1);
        assert_eq!(all(&html, "main input[type=file][name=file]").len(), 1);
    }
}

#[test]
fn a_text_that_shows_nothing_says_what_can_be_read() {
    let site = Site::start();
    let answer = explain(&site, "lorem ipsum\nzyzzyva quuxification\n");
    let shown = text_of(&answer);
    assert!(shown.contains("curl") && shown.contains("HAR") && shown.contains("exception"), "{shown}");
    assert!(links(&answer, "main a").contains(&"/browse".to_owned()));
    assert_eq!(links(&answer, "main a[href^=\"/search?q=\"]").len(), 1);
}

#[test]
fn nothing_of_a_paste_comes_back_as_it_was() {
    let site = Site::start();
    let secret = "made0up1bearer2token3";
    let paste = format!("> GET /prod HTTP/2\n> authorization: Bearer {secret}\n< HTTP/2 403\n{{\"message\":\"Forbidden\"}}\n");
    for answer in [explain(&site, &paste), site.post_file("/explain", &paste)] {
        assert!(!answer.text().contains(secret), "{}", answer.text());
        let html = answer.html();
        assert!(all(&html, "input[type=hidden]").is_empty());
        assert!(all(&html, "textarea").into_iter().all(|t| words(t).is_empty()));
        assert_eq!(words(one(&html, "title")), "What the paste shows · Fixpath");
    }
}

#[test]
fn transcripts_are_folded_on_the_page_of_their_entry() {
    let content = lamp();
    let site = Site::on(content.path());
    let answer = site.get("/fix/plug-is-out");
    let folded: Vec<String> = all(&answer.html(), ".prose details summary").into_iter().map(words).collect();
    assert_eq!(folded, ["Example: what this looks like", "Looks alike, but is: The bulb is burnt"]);
    assert_eq!(links(&answer, ".prose .transcript a"), ["/fix/bulb-is-burnt"]);
    assert!(site.get("/fix/plug-is-out.md").text().contains("```text lands=bulb-is-burnt"));
}

#[test]
fn a_question_that_a_paste_answers_says_so() {
    let content = lamp();
    let site = Site::on(content.path());
    let forms = |path: &str| all(&site.get(path).html(), "main form[action=\"/explain\"]").len();
    assert_eq!((forms("/question/plug"), forms("/question/glass")), (1, 0));
    assert_eq!(links(&site.get("/diagnose?symptom=lamp-is-dark&change=plug"), "main a[href=\"/explain\"]").len(), 1);
    assert!(links(&site.get("/diagnose?symptom=lamp-is-dark&change=glass"), "main a[href=\"/explain\"]").is_empty());
}
