//! Scripts in everything that can be written: nothing of them runs, with the policy that browsers keep for us and without it.

use scraper::Html;
use serde_json::json;

use crate::browser::visit_site;
use crate::support::page::{all, one, words};
use crate::support::visitor::{PASSWORD, Visitor, fill, invite, send};
use crate::support::{Site, escape, packs};
use crate::ways::{all as ways, own, published};
use crate::{begin, publish, trap};

/// A few ways that are written into one question, one symptom and one entry, so that it does not take all day.
struct Batch {
    ways: Vec<String>,
    /// Titles are short: each way stands in one of the three.
    titles: [String; 3],
}

/// Two of them and a full stop are as long as the reason of a question may be.
const LONGEST_TITLE: usize = 119;

/// In one line, as titles are.
fn flat(way: &str) -> String {
    one_line(way).chars().take(LONGEST_TITLE).collect()
}

/// What stands in the front matter: it has no line ends and refuses other control characters.
fn one_line(way: &str) -> String {
    way.replace(char::is_control, " ")
}

fn batches(ways: &[String]) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    for way in ways {
        let fits = |title: &String| title.is_empty() || title.chars().count() + flat(way).chars().count() < LONGEST_TITLE;
        let open = batches.iter().position(|b| b.titles.iter().any(fits));
        let open = open.unwrap_or_else(|| {
            batches.push(Batch { ways: Vec::new(), titles: Default::default() });
            batches.len() - 1
        });
        let batch = &mut batches[open];
        let title = batch.titles.iter_mut().find(|t| fits(t)).expect("a new batch has room");
        *title = format!("{title} {}", flat(way)).trim().to_owned();
        batch.ways.push(way.clone());
    }
    batches
}

impl Batch {
    /// All in one line, the other way round: what stands behind something may change what it means.
    fn reversed(&self) -> String {
        let mut all: Vec<String> = self.shown().map(|w| one_line(w)).collect();
        all.reverse();
        format!("{} x", all.join(" "))
    }

    fn line(&self) -> String {
        self.ways.iter().map(|w| one_line(w)).collect::<Vec<_>>().join(" ")
    }

    /// Links that lead nowhere and pictures that are not here are refused before they are shown: they are looked at in the
    /// preview alone.
    fn shown(&self) -> impl Iterator<Item = &String> {
        self.ways.iter().filter(|way| !["](", "]:", "[x]", "<javascript", "<x-javascript"].iter().any(|link| way.contains(link)))
    }

    fn text(&self) -> String {
        self.shown().map(String::as_str).collect::<Vec<_>>().join("\n\n")
    }
}

/// All the places of a markdown text at which something can stand.
fn places(way: &str) -> [String; 14] {
    let flat = way.replace(['\n', '\t'], " ");
    [
        way.to_owned(),
        format!("Some words {way} and more."),
        format!("[{way}](https://example.com/)"),
        format!("[a]({way})"),
        format!("[a](<{flat}>)"),
        format!("[a](https://example.com/ \"{way}\")"),
        format!("![{way}](/image/a.png)"),
        format!("![a]({way})"),
        format!("### {flat}"),
        format!("| {flat} | a |\n| --- | --- |\n| a | {flat} |"),
        format!("~~~~~{flat}\n{way}\n~~~~~"),
        format!("`{flat}` and **{flat}** and ~~{flat}~~"),
        format!("> {flat}\n\n- {flat}"),
        format!("<b title=\"{way}\">a</b>\n\n<a href='{way}'>b</a>"),
    ]
}

fn question(batch: &Batch) -> String {
    let option = |(n, way): (usize, &String)| format!("  - {{id: bad-{n}, label: {}}}\n", json!(flat(way)));
    let options = batch.ways.iter().enumerate().map(option).collect::<String>();
    format!(
        "---\ntitle: {}\nwhy: {}\neffort: glance\noptions:\n{options}  - {{id: odd, label: Odd}}\n  - {{id: good, label: Good, healthy: true}}\n---\n\n{}\n",
        json!(batch.titles[0]),
        json!(batch.titles[2].clone() + &batch.titles[1] + "."),
        batch.text()
    )
}

fn symptom(batch: &Batch, number: usize) -> String {
    let messages = batch.ways.iter().map(|w| format!("  - {}\n", json!(one_line(w)))).collect::<String>();
    format!(
        "---\ntitle: {}\nmessages:\n{messages}known-gaps:\n  - answers: {{asked-{number}: odd}}\n    reason: {}\n---\n\n{}\n",
        json!(if batch.titles[1].is_empty() { "A title" } else { &batch.titles[1] }),
        json!(batch.reversed()),
        batch.text()
    )
}

fn entry(batch: &Batch, number: usize) -> String {
    let (there, back) = (json!(batch.line()), json!(batch.reversed()));
    let places = |way: &String| [&places(way)[2..3], &places(way)[5..6], &places(way)[8..13]].concat().join("\n\n");
    // A fence inside of something else ends nowhere, and is refused.
    let body = batch.shown().filter(|way| !way.contains("```") && !way.contains("~~~")).map(places);
    let body = body.collect::<Vec<_>>().join("\n\n");
    let query = escape(&batch.line()).replace("%3C", "<").replace("%3E", ">").replace("%27", "'").replace("%28", "(");
    // It explains all that is wrong but what is odd, which the symptom declares.
    let bad = (0..batch.ways.len()).map(|n| format!("bad-{n}")).collect::<Vec<_>>().join(", ");
    format!(
        "---\ntitle: {}\nsymptoms: [smuggled-{number}]\nwhen: {{asked-{number}: [{bad}]}}\nlikelihood: rare\ntags: [{there}, {back}]\n\
         owner: {there}\ndisputed: {back}\nsources:\n  \
         - {{title: {back}, url: {}}}\n---\n\n## Symptom\n\n{}\n\n## Cause\n\n{body}\n\n## Fix\n\nNone.\n",
        json!(if batch.titles[2].is_empty() { "A title" } else { &batch.titles[2] }),
        json!(format!("https://example.com/?q={query}")),
        batch.text(),
    )
}

/// What an address begins with, as browsers read it: they pass over control characters and blanks around it, and over line ends and
/// tabs in it, but over nothing else that cannot be seen. Nothing for an address of this site.
fn scheme(address: &str) -> Option<String> {
    let read = address.trim_matches(|c: char| c <= ' ').replace(['\n', '\r', '\t'], "");
    let (scheme, _) = read.split_once(':')?;
    let is_one = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+.-".contains(&b));
    is_one.then(|| scheme.to_lowercase())
}

/// Whether an address leads to this very site without naming it.
fn is_here(address: &str) -> bool {
    address.starts_with('/') && !address.starts_with("//")
}

/// What is wrong with a page or a piece of one: an element, an attribute or an address that no page of ours has.
fn smuggled(html: &Html) -> Vec<String> {
    const ADDRESSES: [&str; 8] = ["href", "src", "action", "formaction", "poster", "data", "xlink:href", "background"];
    const NEVER: [&str; 14] = [
        "iframe", "object", "embed", "base", "frame", "frameset", "applet", "math", "style", "marquee", "video", "audio",
        "template", "noscript",
    ];
    let mut found = Vec::new();
    for element in all(html, "*") {
        let (name, node) = (element.value().name(), element.value());
        let is_ours = match name {
            "script" => {
                node.attr("src").is_some_and(|s| s.starts_with("/static/")) && element.text().all(|t| t.trim().is_empty())
            }
            "link" => node.attr("rel") == Some("canonical") || node.attr("href").is_some_and(is_here),
            "meta" => node.attr("http-equiv").is_none(),
            "form" => node.attr("action").is_none_or(is_here),
            "img" => node.attr("src").is_some_and(is_here),
            _ => !NEVER.contains(&name),
        };
        if !is_ours {
            found.push(element.html());
        }
        for (attribute, value) in node.attrs() {
            let known = matches!(scheme(value).as_deref(), None | Some("http" | "https" | "mailto"));
            let leads_astray = ADDRESSES.contains(&attribute) && !known;
            if attribute.starts_with("on") || attribute == "style" || attribute == "srcdoc" || leads_astray {
                found.push(format!("{attribute}={value} in {name}"));
            }
        }
    }
    found
}

#[test]
fn the_check_of_pages_sees_what_is_smuggled() {
    for bad in [
        "<script>alert(1)</script>",
        "<b onclick=alert(1)>a</b>",
        "<a href='java\tscript:alert(1)'>a</a>",
        "<iframe></iframe>",
        "<img src=https://example.com/>",
        "<img src=//127.0.0.1:9/>",
        "<link rel=stylesheet href=http://127.0.0.1:9/xss.css>",
        "<p style='a:b'>",
        "<form action=https://example.com>",
    ] {
        assert_ne!(smuggled(&Html::parse_document(bad)), Vec::<String>::new(), "{bad}");
    }
}

#[test]
fn no_markdown_smuggles_a_script_wherever_it_stands() {
    let site = Site::on(packs::pack(packs::LAMP).path());
    let editor = site.sign_in("editor");
    for way in ways() {
        for text in places(&way) {
            let piece = editor.post_form("/preview", &[("text", &text)]);
            assert_eq!(piece.status, 200);
            let html = Html::parse_document(&format!("<!DOCTYPE html><title>a</title><main>{}</main>", piece.text()));
            assert_eq!(smuggled(&html), Vec::<String>::new(), "{text}\n{}", piece.text());
        }
    }
}

#[test]
fn no_address_and_no_form_smuggles_a_script() {
    let site = Site::on(packs::pack(packs::LAMP).path());
    let editor = site.sign_in("editor");
    let link = invite(&site, &["--role", "reader"]);
    for way in ways() {
        let given = escape(&way);
        let pages = [
            site.get(&format!("/search?q={given}")),
            site.get(&format!("/diagnose?symptom={given}&skip={given}&tried={given}")),
            site.get(&format!("/diagnose?symptom=lamp-is-dark&{given}={given}&plug={given}")),
            site.get(&format!("/diagnose?{given}")),
            site.get(&format!("/fix/{given}")),
            site.get(&format!("/map/{given}")),
            site.get(&format!("/{given}")),
            site.get(&format!("/sign-in?next={given}")),
            site.get(&format!("/sign-in?next=/{given}")),
            site.get(&format!("/join/{given}")),
            site.get(&format!("/image/{given}")),
            editor.get(&format!("/new/entry?as=markdown&title={given}&message={given}&symptom={given}&{given}={given}")),
            editor.get(&format!("/new/entry?title={given}&message={given}")),
            editor.get(&format!("/new/{given}")),
            editor.get(&format!("/history/entry/plug-is-out/{given}")),
            editor.get(&format!("/audit?who={given}")),
            site.post_form("/explain", &[("text", &way)]),
            site.post_form("/outcome", &[("entry", &way), ("worked", &way), ("query", &way)]),
            fill(&site, "/sign-in", &[("name", &way), ("password", &way)]),
            editor.post_form("/new/entry", &[("path", &way), ("text", &way), ("then", "x")]),
        ];
        for page in pages {
            if page.status == 303 {
                continue;
            }
            assert!(page.status < 500, "{way}: {}", page.status);
            if page.header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
                assert_eq!(smuggled(&page.html()), Vec::<String>::new(), "{way}\n{}", page.text());
            }
        }
    }
    let name = &ways()[0];
    let refused = fill(&site, &link, &[("name", name), ("password", PASSWORD), ("again", PASSWORD)]);
    assert_eq!(refused.status, 422, "names are of plain letters");
    assert_eq!(smuggled(&refused.html()), Vec::<String>::new());
}

#[test]
fn an_address_that_runs_is_no_source() {
    let site = Site::on(packs::pack(packs::LAMP).path());
    let editor = site.sign_in("editor");
    for url in
        ["javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "data:text/html,a", "vbscript:a", "//example.com/"]
    {
        let text = packs::LAMP[3].1.replace("'https://example.com/plug'", &json!(url).to_string());
        let draft = begin(&editor, "entry", "entries/room/other.md", &text);
        let review = editor.get(&draft);
        assert!(all(&review.html(), "#why").is_empty(), "{url} can be published");
        let said = words(one(&review.html(), "main"));
        assert!(said.contains("Errors have to be mended first"), "{url}: {said}");
    }
}

/// The three documents of a batch, in the order in which they need each other: kind, path and text.
fn documents(batch: &Batch, number: usize) -> [(&'static str, String, String); 3] {
    [
        ("question", format!("questions/asked-{number}.md"), question(batch)),
        ("symptom", format!("symptoms/smuggled-{number}.md"), symptom(batch, number)),
        ("entry", format!("entries/room/smuggled-{number}.md"), entry(batch, number)),
    ]
}

/// Pages that show a little of everything.
const OVERVIEWS: [&str; 6] = ["/", "/browse", "/gaps", "/write", "/audit", "/you"];

/// Writes these ways into everything that is kept; gives the pages on which they stand.
fn smuggle(editor: &Visitor, ways: &[String]) -> Vec<String> {
    let mut pages = OVERVIEWS.map(str::to_owned).to_vec();
    for (number, batch) in batches(ways).iter().enumerate() {
        let why = batch.line();
        for (kind, path, text) in documents(batch, number) {
            pages.push(publish(editor, kind, &path, &text, &why));
        }
        let tried = editor.post_form(&format!("/verify/smuggled-{number}"), &[("against", &why)]);
        assert_eq!(tried.status, 303, "{why}");
        let noted = [("section", why.as_str()), ("text", &why)];
        assert_eq!(editor.post_form(&format!("/notes/entry/smuggled-{number}"), &noted).status, 303);
        pages.push(format!("/history/entry/smuggled-{number}"));
        // This one shows the reason of the known gap.
        pages.push(format!("/diagnose?symptom=smuggled-{number}&asked-{number}=odd"));
        pages.push(format!("/search?q={}", escape(&why)));
        if number % 8 == 0 {
            pages.push(format!("/map/smuggled-{number}"));
            pages.push(format!("/diagnose?symptom=smuggled-{number}"));
            pages.push(format!("/diagnose?symptom=smuggled-{number}&asked-{number}=bad-0"));
            pages.push(format!("/history/entry/smuggled-{number}/1"));
            pages.push(format!("/history/entry/smuggled-{number}/lines"));
            pages.push(format!("/edit/entry/smuggled-{number}"));
            pages.push(format!("/edit/entry/smuggled-{number}?as=markdown"));
            let text = entry(batch, number).replace("None.", &why);
            let draft = begin(editor, "entry", &format!("{why}.md"), &text);
            pages.push(format!("{draft}/preview"));
            pages.push(draft);
        }
        let name: String = why.chars().filter(|c| !c.is_control()).take(60).collect();
        let made = editor.post_form("/you/tokens", &[("name", &name), ("scope", "read"), ("days", "30")]);
        assert!(matches!(made.status, 200 | 422), "{name}: {}", made.status);
    }
    pages
}

/// The pieces of pages that the preview makes of the ways, in two of the places.
fn previews(editor: &Visitor, ways: &[String]) -> Vec<(String, String)> {
    let texts = ways.iter().flat_map(|way| [0, 13].map(|place| places(way)[place].clone()));
    let piece = |text: String| {
        let shown = editor.post_form("/preview", &[("text", &text)]);
        assert_eq!(shown.status, 200, "{text}");
        (text, shown.text())
    };
    texts.map(piece).collect()
}

/// Opens these pages, one of so many of them, and the previews of these ways, as the person with this cookie: nothing runs.
fn open_in_a_browser(site: Site, cookie: String, pages: Vec<String>, ways: &[String], one_of: usize) {
    let editor = Visitor::of(&site, "administrator", cookie.clone());
    for page in &pages {
        let answer = editor.get(page);
        assert_eq!(answer.status, 200, "{page}");
        assert_eq!(smuggled(&answer.html()), Vec::<String>::new(), "{page}");
    }
    let pieces = previews(&editor, ways);
    visit_site(site, true, |visit| async move {
        for cookie in cookie.split("; ") {
            let (name, value) = cookie.split_once('=').expect("a cookie has a value");
            visit.tell("Network.setCookie", json!({"name": name, "value": value, "url": visit.site.url("/")}));
        }
        trap::set(&visit);
        // What runs with the policy runs without it, too; with it, some of the pages show that nothing is even tried.
        for (without_policy, one_of) in [(false, 5 * one_of), (true, one_of)] {
            visit.tell("Page.setBypassCSP", json!({"enabled": without_policy}));
            for page in pages.iter().step_by(one_of) {
                visit.open(page).await;
                assert_eq!(trap::ran(&visit).await, json!([]), "{page}, the policy is off: {without_policy}");
            }
            visit.open("/browse").await;
            let pieces: Vec<_> = pieces.iter().step_by(one_of).cloned().collect();
            assert_eq!(trap::show(&visit, &pieces).await, Vec::<String>::new(), "the policy is off: {without_policy}");
        }
    });
}

/// Publishing takes longer the more there is, so each half has a site of its own.
fn keep_and_open(published: &[String]) {
    let site = Site::on(packs::pack(packs::LAMP).path());
    let editor = site.sign_in("administrator");
    let (cookie, pages) = (editor.cookie.clone(), smuggle(&editor, published));
    open_in_a_browser(site, cookie, pages, published, 1);
}

#[test]
fn nothing_that_was_published_runs_in_a_browser() {
    let published = published();
    keep_and_open(&published[..published.len() / 2]);
}

#[test]
fn nothing_of_the_other_half_runs_in_a_browser() {
    let published = published();
    keep_and_open(&published[published.len() / 2..]);
}

#[test]
fn nothing_of_our_own_runs_in_a_browser() {
    let (folder, mut pages) = (packs::pack(packs::LAMP), OVERVIEWS.map(str::to_owned).to_vec());
    for (number, batch) in batches(&own()).iter().enumerate() {
        for (kind, path, text) in documents(batch, number) {
            packs::write(folder.path(), &path, &text);
            let slug = path.rsplit('/').next().and_then(|file| file.strip_suffix(".md")).expect("it has a name");
            pages.push(format!("/{}/{slug}", if kind == "entry" { "fix" } else { kind }));
        }
        pages.push(format!("/diagnose?symptom=smuggled-{number}&asked-{number}=odd"));
        pages.push(format!("/search?q={}", escape(&batch.line())));
    }
    let site = Site::on(folder.path());
    let cookie = site.sign_in("administrator").cookie;
    open_in_a_browser(site, cookie, pages, &own(), 6);
}

#[test]
fn a_form_of_somebody_elses_session_shows_nothing_of_it() {
    let site = Site::on(packs::pack(packs::LAMP).path());
    let (first, second) = (site.join("editor", "first"), site.join("editor", "second"));
    let headers = [("cookie", first.cookie.as_str())];
    let refused = send(&site, "/preview", &headers, &[("csrf", &second.csrf), ("text", "# secret words")]);
    assert_eq!(refused.status, 403);
    assert!(!refused.text().contains("secret words"));
}
