//! Scripts in everything that can be written: nothing of them runs, with the policy that browsers keep for us and without it.

use scraper::Html;
use serde_json::{Value, json};

use crate::browser::visit_site;
use crate::support::page::{all, one, words};
use crate::support::visitor::{PASSWORD, Visitor, fill, invite, send};
use crate::support::{Site, escape, packs};
use crate::{begin, publish};

/// Every way, with its lines and tabs.
fn ways() -> Vec<String> {
    let file = include_str!("../fixtures/xss.txt");
    let ways: Vec<String> = file.lines().filter(|l| !is_comment(l)).map(|l| l.replace('⏎', "\n").replace('⇥', "\t")).collect();
    assert!(ways.len() >= 200, "only {} ways", ways.len());
    ways
}

fn is_comment(line: &str) -> bool {
    line.starts_with("# ") && !line.contains('<')
}

/// A few ways that are written into one question, one symptom and one entry, so that it does not take all day.
struct Batch {
    ways: Vec<String>,
    /// Titles are short: each way stands in one of the three.
    titles: [String; 3],
}

const LONGEST_TITLE: usize = 120;

/// In one line, as titles are.
fn flat(way: &str) -> String {
    way.replace(['\n', '\t'], " ").chars().take(LONGEST_TITLE).collect()
}

fn batches() -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    for way in ways() {
        let fits = |title: &String| title.is_empty() || title.chars().count() + flat(&way).chars().count() < LONGEST_TITLE;
        if !batches.last().is_some_and(|b| b.titles.iter().any(fits)) {
            batches.push(Batch { ways: Vec::new(), titles: Default::default() });
        }
        let batch = batches.last_mut().expect("there is one");
        let title = batch.titles.iter_mut().find(|t| fits(t)).expect("a new batch has room");
        *title = format!("{title} {}", flat(&way)).trim().to_owned();
        batch.ways.push(way);
    }
    batches
}

impl Batch {
    /// All in one line, the other way round: what stands behind something may change what it means.
    fn reversed(&self) -> String {
        let mut all: Vec<String> = self.shown().map(|w| w.replace(['\n', '\t'], " ")).collect();
        all.reverse();
        format!("{} x", all.join(" "))
    }

    fn line(&self) -> String {
        self.ways.iter().map(|w| w.replace(['\n', '\t'], " ")).collect::<Vec<_>>().join(" ")
    }

    /// Links that lead nowhere and pictures that are not here are refused before they are shown: they are looked at in the
    /// preview alone.
    fn shown(&self) -> impl Iterator<Item = &String> {
        self.ways.iter().filter(|way| !["](", "]:", "[x]", "<javascript"].iter().any(|link| way.contains(link)))
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
    let messages = batch.ways.iter().map(|w| format!("  - {}\n", json!(w.replace(['\n', '\t'], " ")))).collect::<String>();
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

/// What an address begins with, as a browser reads it; nothing for one of this site.
fn scheme(address: &str) -> Option<String> {
    let read: String = address.chars().filter(|c| !c.is_control()).collect();
    let (scheme, _) = read.trim().split_once(':')?;
    let is_one = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+.-".contains(&b));
    is_one.then(|| scheme.to_lowercase())
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
            "link" => node.attr("href").is_some_and(|s| s.starts_with('/') || s.starts_with("http://127.0.0.1:")),
            "meta" => node.attr("http-equiv").is_none(),
            "form" => node.attr("action").is_none_or(|s| s.starts_with('/')),
            "img" => node.attr("src").is_some_and(|s| s.starts_with('/')),
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

/// Writes all ways into everything that is kept; gives the pages on which they stand.
fn smuggle(editor: &Visitor) -> Vec<String> {
    let mut pages: Vec<String> = ["/", "/browse", "/gaps", "/write", "/audit", "/you"].map(str::to_owned).to_vec();
    for (number, batch) in batches().iter().enumerate() {
        let why = batch.line();
        for (kind, path, text) in [
            ("question", format!("questions/asked-{number}.md"), question(batch)),
            ("symptom", format!("symptoms/smuggled-{number}.md"), symptom(batch, number)),
            ("entry", format!("entries/room/smuggled-{number}.md"), entry(batch, number)),
        ] {
            pages.push(publish(editor, kind, &path, &text, &why));
        }
        let tried = editor.post_form(&format!("/verify/smuggled-{number}"), &[("against", &why)]);
        assert_eq!(tried.status, 303, "{why}");
        let noted = [("section", why.as_str()), ("text", &why)];
        assert_eq!(editor.post_form(&format!("/notes/entry/smuggled-{number}"), &noted).status, 303);
        pages.push(format!("/history/entry/smuggled-{number}"));
        pages.push(format!("/diagnose?symptom=smuggled-{number}"));
        // This one shows the reason of the known gap.
        pages.push(format!("/diagnose?symptom=smuggled-{number}&asked-{number}=odd"));
        pages.push(format!("/search?q={}", escape(&why)));
        if number % 8 == 0 {
            pages.push(format!("/map/smuggled-{number}"));
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

/// Before any page: whoever calls this was smuggled in. Frames tell the page around them.
const TRAP: &str = "window.ran = [];
    const tell = (what) => { try { top.ran.push(what); } catch { window.ran.push(what); } };
    for (const name of ['alert', 'confirm', 'prompt', 'print', 'open', 'eval']) window[name] = (...given) => tell(name + ' ' + given);
    document.addEventListener('securitypolicyviolation', (e) => tell(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
    window.addEventListener('error', (e) => { if (e.message) tell(e.message); }, true);";

/// Puts the pieces of pages that the preview gives into frames, where a browser reads them as pages of their own.
const FRAMES: &str = "const [texts, csrf, done] = arguments;
    const show = async (text) => {
        const sent = await fetch('/preview', { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' },
            body: new URLSearchParams({ csrf, text }) });
        const html = await sent.text();
        const beside = document.createElement('div');
        beside.innerHTML = html;
        document.body.append(beside);
        const frame = document.createElement('iframe');
        const loaded = new Promise((resolve) => { frame.onload = resolve; });
        frame.srcdoc = '<!DOCTYPE html><title>a</title>' + html;
        document.body.append(frame);
        await loaded;
        for (const shown of [beside, frame.contentDocument.body]) {
            for (const element of shown.querySelectorAll('*')) element.dispatchEvent(new Event('mouseover'));
        }
        frame.remove();
        beside.remove();
        return sent.status;
    };
    (async () => {
        const statuses = [];
        for (const text of texts) statuses.push(await show(text));
        done(statuses.filter((status) => status !== 200).length);
    })();";

#[test]
fn nothing_that_was_smuggled_in_runs_in_a_browser() {
    let site = Site::on(packs::pack(packs::LAMP).path());
    let editor = site.join("administrator", "administrator");
    let pages = smuggle(&editor);
    let (cookie, csrf) = (editor.cookie.clone(), editor.csrf.clone());
    for page in &pages {
        let answer = editor.get(page);
        assert_eq!(answer.status, 200, "{page}");
        assert_eq!(smuggled(&answer.html()), Vec::<String>::new(), "{page}");
    }
    visit_site(site, true, |visit| async move {
        for cookie in cookie.split("; ") {
            let (name, value) = cookie.split_once('=').expect("a cookie has a value");
            visit.tell("Network.setCookie", json!({"name": name, "value": value, "url": visit.site.url("/")}));
        }
        visit.tell("Page.addScriptToEvaluateOnNewDocument", json!({"source": TRAP}));
        let ran = async || visit.run("return window.ran").await;
        // What runs with the policy runs without it, too; with it, some of the pages show that nothing is even tried.
        for (without_policy, every) in [(false, 5), (true, 1)] {
            visit.tell("Page.setBypassCSP", json!({"enabled": without_policy}));
            for page in pages.iter().step_by(every) {
                visit.open(page).await;
                assert_eq!(ran().await, json!([]), "{page}, the policy is off: {without_policy}");
            }
        }
        visit.open("/browse").await;
        for ways in ways().chunks(40) {
            let texts: Vec<String> = ways.iter().flat_map(|w| [0, 13].map(|n| places(w)[n].clone())).collect();
            let given = vec![json!(texts), json!(csrf)];
            let failed = visit.client.execute_async(FRAMES, given).await.expect("frames can be made");
            assert_eq!(failed, json!(0));
            assert_eq!(ran().await, json!([]), "in the preview");
        }
        // The trap does shut where there is something to catch.
        let bait = "const [done] = arguments; window.ran.push = (what) => { window.ran[window.ran.length] = what; done(what); };
            document.body.insertAdjacentHTML('beforeend', '<img src=/favicon.ico onload=alert(1)>');";
        let caught: Value = visit.client.execute_async(bait, Vec::new()).await.expect("it can be baited");
        assert_eq!(caught, json!("alert 1"));
    });
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
