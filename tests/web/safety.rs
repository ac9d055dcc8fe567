//! What browsers are told, what other sites may do, and what hostile content becomes.

use crate::support::page::{all, href, one, words};
use crate::support::{Answer, Site, fixpath, packs};

/// One of every kind of answer.
fn answers(site: &Site) -> Vec<(&'static str, Answer)> {
    let html = site.get("/").html();
    let style = all(&html, "link[rel=stylesheet]").into_iter().map(href).next().expect("there is a style sheet");
    let large = vec![b'x'; 2 * 1024 * 1024];
    let fields = [("entry", "verb-not-defined"), ("worked", "no"), ("query", "symptom=missing-authentication-token")];
    vec![
        ("page", site.get("/")),
        ("kept page", site.get("/fix/verb-not-defined")),
        ("kept page again", site.get("/fix/verb-not-defined")),
        ("step", site.get("/diagnose?symptom=forbidden")),
        ("step with oddities", site.get("/diagnose?symptom=forbidden&x=y")),
        ("source", site.get("/fix/verb-not-defined.md")),
        ("results", site.get("/search?q=forbidden")),
        ("explanation", site.post_form("/explain", &[("text", "Forbidden\nForbidden")])),
        ("search", site.post_form("/explain", &[("text", "Forbidden")])),
        ("422", site.post_form("/explain", &[("text", "")])),
        ("redirect", site.post_form("/outcome", &fields)),
        ("static file", site.get(&style)),
        ("icon", site.get("/favicon.ico")),
        ("health", site.get("/healthz")),
        ("metrics", site.get("/metrics")),
        ("json", site.get("/api/v1/search?q=forbidden")),
        ("400", site.get("/diagnose?symptom=%ff")),
        ("400 json", site.get("/api/v1/diagnose?symptom=%ff")),
        ("403", site.post("/outcome", &[("sec-fetch-site", "cross-site")], b"")),
        ("404", site.get("/nothing")),
        ("404 json", site.get("/api/nothing")),
        ("405", site.post("/", &[], b"")),
        ("413", site.raw(format!("POST /outcome HTTP/1.1\r\nContent-Length: {}\r\n", large.len()).as_bytes(), &large)),
        ("415", site.post("/explain", &[("content-type", "text/plain")], b"")),
    ]
}

#[test]
fn every_kind_of_answer_forbids_what_is_inline_or_from_elsewhere() {
    let site = Site::start();
    for (kind, answer) in answers(&site) {
        let policy = answer.header("content-security-policy").unwrap_or_else(|| panic!("{kind} has no policy"));
        assert!(policy.contains("default-src 'none'"), "{kind}: {policy}");
        for word in ["unsafe-inline", "unsafe-eval", "http:", "https:", "data:", "*"] {
            assert!(!policy.contains(word), "{kind}: {policy}");
        }
        for part in ["form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{kind}: {policy}");
        }
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{kind}");
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"), "{kind}");
        assert!(answer.header("content-type").is_some() || answer.body.is_empty(), "{kind} says what it is");
        assert_eq!(answer.header("set-cookie"), None, "{kind}");
        assert_eq!(answer.header("server"), None, "{kind}");
    }
}

#[test]
fn no_page_needs_what_the_policy_forbids() {
    let site = Site::start();
    for path in ["/", "/browse", "/diagnose?symptom=forbidden", "/fix/verb-not-defined", "/map/forbidden", "/search?q=forbidden"]
    {
        let html = site.get(path).html();
        assert!(all(&html, "style, [style]").is_empty(), "{path} has styles of its own");
        for script in all(&html, "script") {
            assert!(script.attr("src").is_some_and(|s| s.starts_with("/static/")), "{path} has a script of its own");
        }
        for element in all(&html, "*") {
            let handler = element.value().attrs().find(|(name, _)| name.starts_with("on"));
            assert_eq!(handler, None, "{path}");
        }
    }
}

#[test]
fn another_site_cannot_send_the_forms() {
    let mut site = Site::start();
    let body = b"entry=verb-not-defined&worked=yes&query=&text=x&q=forbidden";
    let form = ("content-type", "application/x-www-form-urlencoded");
    let own = site.url("");
    let foreign: &[&[(&str, &str)]] = &[
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "cross-site"), ("origin", &own)],
        &[("origin", "https://attacker.example")],
        &[("origin", "null")],
        &[("origin", "http://127.0.0.1:1")],
        &[("origin", "")],
    ];
    for headers in foreign {
        for path in ["/outcome", "/explain"] {
            let answer = site.post(path, &[&[form], *headers].concat(), body);
            assert_eq!(answer.status, 403, "{path} {headers:?}");
            assert!(words(one(&answer.html(), "main")).contains("another site"), "{path}");
        }
        let answer = site.post("/api/v1/explain", headers, b"Forbidden");
        assert_eq!((answer.status, &answer.json()["error"]["code"]), (403, &"other-site".into()), "{headers:?}");
    }
    let counted = |site: &Site| site.get("/metrics").text().contains("fixpath_outcomes_total 0");
    assert!(counted(&site), "nothing was stored");
    assert_eq!(site.post("/outcome", &[form, ("sec-fetch-site", "same-origin"), ("origin", &own)], body).status, 303);
    assert!(!counted(&site), "the site's own form is");
    assert!(site.stop().success());
    let tallies = crate::support::wait(async {
        let store = fixpath::store::Store::open(&site.data).await.expect("the store opens");
        store.list_tallies().await.expect("it answers")
    });
    assert_eq!(tallies.iter().map(|t| t.worked + t.failed).sum::<i64>(), 1);
}

/// Markup that does something, in each of the ways that markdown lets through.
const ATTACKS: &[&str] = &[
    "<script>window.bad=1</script>",
    "<img src=x onerror=window.bad=1>",
    "<svg onload=window.bad=1>",
    "<iframe src=https://attacker.example></iframe>",
    "<form action=https://attacker.example><input name=p></form>",
    "<a href='javascript:bad()'>a</a>",
    "![d](https://attacker.example/d.png)",
    "<p style='position:fixed' onclick=bad()>e</p>",
    "<base href=https://attacker.example>",
    "<link rel=stylesheet href=https://attacker.example>",
    "<style>*{display:none}</style>",
    "<meta http-equiv=refresh content=0;url=https://attacker.example>",
    "</title></textarea></div></main><script>bad()</script>",
    "\"><script>bad()</script>",
    "' onmouseover='bad()",
    "{{ 7*7 }}",
];

/// Links that do something else than lead somewhere.
const BAD_LINKS: &[&str] = &["[b](javascript:bad())", "[c](data:text/html,bad)", "<vbscript:bad()>"];

/// The lamp, with an attack in each field that takes free text.
fn hostile(attack: &str) -> tempfile::TempDir {
    let quoted = format!("'{}'", attack.replace('\'', "''"));
    let symptom = format!(
        "---\ntitle: {quoted}\nmessages: [{quoted}, No light]\nknown-gaps:\n  - {{answers: {{plug: in, glass: clear}}, reason: {quoted}}}\n---\n\n\
         {attack}\n\n## {attack}\n\n```{attack}\n{attack}\n```\n"
    );
    let question = |id: &str, other: &str| {
        format!(
            "---\ntitle: {quoted}\nwhy: {quoted}\neffort: glance\noptions:\n  - {{id: {id}, label: {quoted}, healthy: true}}\n  \
             - {{id: {other}, label: {quoted}}}\n---\n\n{attack}\n"
        )
    };
    let entry = |when: &str| {
        format!(
            "---\ntitle: {quoted}\nsymptoms: lamp-is-dark\nwhen: {when}\nlikelihood: common\ntags: [{quoted}]\nowner: {quoted}\n\
             disputed: {quoted}\nverified: {{on: 2026-11-01, against: {quoted}}}\nsources:\n  - title: {quoted}\n    \
             url: https://example.com/\n---\n\n## Symptom\n\n{attack}\n\n## Cause\n\n{attack}\n\n## Fix\n\n{attack}\n\n| a |\n|---|\n| {attack} |\n"
        )
    };
    packs::pack(&[
        ("symptoms/lamp-is-dark.md", &symptom),
        ("questions/plug.md", &question("in", "out")),
        ("questions/glass.md", &question("clear", "black")),
        ("entries/room/plug-is-out.md", &entry("{plug: out}")),
        ("entries/room/bulb-is-burnt.md", &entry("{glass: black}")),
    ])
}

const PAGES: &[&str] = &[
    "/",
    "/browse",
    "/gaps",
    "/fix/plug-is-out",
    "/symptom/lamp-is-dark",
    "/question/plug",
    "/map/lamp-is-dark",
    "/diagnose",
    "/diagnose?symptom=lamp-is-dark",
    "/diagnose?symptom=lamp-is-dark&plug=out",
    "/diagnose?symptom=lamp-is-dark&plug=out&tried=plug-is-out&skip=glass",
    "/diagnose?symptom=lamp-is-dark&plug=in&glass=clear",
    "/search?q=light",
    "/fix/plug-is-ou",
];

#[test]
fn hostile_markdown_is_harmless_on_every_page() {
    // A plain word instead of an attack shows what the pages hold when nobody means harm.
    let count = |site: &Site, path: &str| {
        let html = site.get(path).html();
        all(&html, "script, style, iframe, object, embed, base, meta, link, form, input, textarea, img, svg, title, button").len()
    };
    let harmless = Site::on(hostile("word").path());
    let usual: Vec<usize> = PAGES.iter().map(|path| count(&harmless, path)).collect();
    for attack in ATTACKS {
        let site = Site::on(hostile(attack).path());
        site.post_form("/outcome", &[("entry", "plug-is-out"), ("worked", "yes"), ("query", "symptom=lamp-is-dark")]);
        for (path, usual) in PAGES.iter().zip(&usual) {
            let answer = site.get(path);
            assert!(matches!(answer.status, 200 | 404), "{path} with {attack}: {}\n{}", answer.status, site.errors());
            let html = answer.html();
            assert_eq!(count(&site, path), *usual, "{path} with {attack}");
            for element in all(&html, "*") {
                for (name, value) in element.value().attrs() {
                    let place = format!("{path} with {attack}: <{} {name}={value}>", element.value().name());
                    assert!(!name.starts_with("on") && name != "style", "{place}");
                    let leads = ["href", "src", "action", "formaction", "srcset", "xlink:href"].contains(&name);
                    let scheme = value.trim().to_ascii_lowercase();
                    let bad = ["javascript:", "data:", "vbscript:"].iter().any(|s| scheme.starts_with(s));
                    // A link that somebody may follow does nothing by itself, and content may have links.
                    let followed = (element.value().name(), name) == ("a", "href");
                    let elsewhere = scheme.contains("attacker.example") && !followed;
                    assert!(!(leads && (bad || elsewhere)), "{place}");
                }
            }
        }
    }
}

#[test]
fn content_with_a_link_that_runs_something_is_refused() {
    for link in BAD_LINKS {
        let content = hostile(link);
        let data = tempfile::tempdir().expect("a temporary folder");
        let import = fixpath().arg("import").arg(content.path()).arg("--data").arg(data.path()).output();
        let said = import.expect("the program runs");
        assert!(!said.status.success(), "{link}");
        assert!(String::from_utf8_lossy(&said.stderr).contains("link"), "{}", String::from_utf8_lossy(&said.stderr));
    }
}

#[test]
fn what_people_type_is_text_on_every_page() {
    let site = Site::start();
    for attack in ATTACKS.iter().chain(BAD_LINKS) {
        let typed = crate::support::escape(attack);
        for answer in [
            site.get(&format!("/search?q={typed}")),
            site.get(&format!("/diagnose?symptom=forbidden&{typed}={typed}")),
            site.get(&format!("/fix/{typed}")),
            site.get(&format!("/map/{typed}")),
            site.post_form("/explain", &[("text", &format!("Forbidden\n{attack}\n{attack}"))]),
            site.post_form("/explain", &[("text", attack)]),
        ] {
            let html = answer.html();
            assert!(all(&html, "script:not([src]), iframe, base, img, [onerror], [onload], [onclick], [onmouseover]").is_empty());
            let links = all(&html, "[href], [src], [action]")
                .into_iter()
                .filter_map(|e| e.attr("href").or(e.attr("src")).or(e.attr("action")).map(str::to_owned));
            for link in links {
                let own = link.strip_prefix(&site.url("")).unwrap_or(&link);
                let bad = ["https://attacker.example", "//", "javascript:", "data:"];
                assert!(!bad.iter().any(|b| own.starts_with(b)), "{attack}: {link}");
            }
        }
    }
}
