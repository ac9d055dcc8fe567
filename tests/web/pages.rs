//! Every page of the site: that it is there, what it is called, and how it looks in a chat.

use crate::support::page::{all, one, words};
use crate::support::{Site, files, packs};

/// Pages that people send to each other.
const SHAREABLE: &[&str] = &[
    "/search?q=forbidden",
    "/search?q=zzyzx",
    "/",
    "/browse",
    "/gaps",
    "/explain",
    "/diagnose",
    "/diagnose?symptom=missing-authentication-token",
    "/diagnose?symptom=missing-authentication-token&url-shape=stage-root&skip=verb&tried=verb-not-defined",
    "/fix/url-stops-at-the-stage",
    "/symptom/missing-authentication-token",
    "/question/url-shape",
    "/map/missing-authentication-token",
    "/search?q=usage%20plan",
];

/// Pages that nobody sends to anybody.
const OTHERS: &[&str] = &["/search?q=", "/search", "/no-such-page"];

#[test]
fn every_page_has_one_heading_and_a_title() {
    let site = Site::start();
    for path in SHAREABLE.iter().chain(OTHERS) {
        let answer = site.get(path);
        assert_eq!(answer.status, if path.contains("no-such") { 404 } else { 200 }, "{path}");
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
        let html = answer.html();
        assert!(!words(one(&html, "h1")).is_empty(), "{path}");
        assert_eq!(one(&html, "html").attr("lang"), Some("en"), "{path}");
        assert_eq!(all(&html, "main").len(), 1, "{path}");
        assert!(all(&html, "meta[name=viewport]").len() == 1, "{path}");
        let title = words(one(&html, "title"));
        assert!(title.contains("Fixpath"), "{path}: {title}");
    }
}

#[test]
fn a_link_to_a_page_makes_a_preview() {
    let site = Site::start();
    for path in SHAREABLE {
        let html = site.get(path).html();
        let meta = |name: &str| {
            let found = one(&html, &format!("meta[property=\"{name}\"], meta[name=\"{name}\"]"));
            found.attr("content").unwrap_or_default().to_owned()
        };
        let canonical = one(&html, "link[rel=canonical]").attr("href").unwrap_or_default();
        assert_eq!(canonical, site.url(path), "the canonical address");
        assert_eq!(meta("og:url"), canonical, "{path}");
        for name in ["og:title", "og:description", "og:image", "og:type", "og:site_name", "description"] {
            assert!(!meta(name).is_empty(), "{path} has {name}");
        }
        let picture = meta("og:image");
        let picture = picture.strip_prefix(&site.url("")).unwrap_or_else(|| panic!("{picture} is a whole address of this site"));
        assert_eq!(site.get(picture).status, 200, "{path}: {picture}");
    }
}

#[test]
fn what_one_person_pasted_has_no_address() {
    let site = Site::start();
    let paste = "x: y\n".repeat(100) + "Forbidden";
    for answer in
        [site.post_form("/explain", &[("text", &paste)]), site.post_form("/explain", &[("text", " ")]), site.get("/no-such-page")]
    {
        let html = answer.html();
        assert!(all(&html, "link[rel=canonical], meta[property=\"og:url\"]").is_empty());
        assert_eq!(one(&html, "meta[name=robots]").attr("content"), Some("noindex"));
    }
}

#[test]
fn the_canonical_link_does_not_depend_on_the_order_of_parameters() {
    let site = Site::start();
    let canonical = |path: &str| one(&site.get(path).html(), "link[rel=canonical]").attr("href").map(str::to_owned);
    let one_way = canonical("/diagnose?verb=same&url-shape=stage-root&symptom=missing-authentication-token");
    let other_way = canonical("/diagnose?symptom=missing-authentication-token&search=12&url-shape=stage-root&verb=same");
    assert!(one_way.is_some());
    assert_eq!(one_way, other_way);
}

#[test]
fn the_base_url_stands_in_every_link_that_leaves_the_site() {
    let content = packs::pack(packs::LAMP);
    let data = tempfile::tempdir().expect("a temporary folder");
    let content = content.path().to_str().expect("temporary paths are UTF-8");
    let site = Site::open(data.path(), &["--content", content, "--base-url", "https://fixpath.example.com/", "--open"]);
    let html = site.get("/fix/plug-is-out").html();
    let canonical = one(&html, "link[rel=canonical]").attr("href");
    assert_eq!(canonical, Some("https://fixpath.example.com/fix/plug-is-out"));
    let copied: Vec<&str> = all(&html, "[data-copy]").into_iter().filter_map(|b| b.attr("data-copy")).collect();
    assert!(copied.contains(&"https://fixpath.example.com/fix/plug-is-out"), "{copied:?}");
    let chat = "The plug is out\nNo current reaches it.\nhttps://fixpath.example.com/fix/plug-is-out";
    assert!(copied.contains(&chat), "{copied:?}");
}

#[test]
fn a_document_is_served_as_it_was_written() {
    let site = Site::start();
    let content = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("content");
    let all = files(&content);
    assert!(all.len() > 50, "the shipped pack is there");
    for file in all {
        let path = file.strip_prefix(&content).expect("it is below").to_string_lossy().into_owned();
        let name = path.rsplit('/').next().and_then(|n| n.strip_suffix(".md")).expect("content is markdown");
        let page = match path.split('/').next() {
            Some("entries") => format!("/fix/{name}"),
            Some("questions") => format!("/question/{name}"),
            _ => format!("/symptom/{name}"),
        };
        let source = std::fs::read(&file).expect("it can be read");
        for answer in [site.get(&format!("{page}.md")), site.get_with(&page, &[("accept", "text/markdown")])] {
            assert_eq!(answer.status, 200, "{page}");
            assert_eq!(answer.header("content-type"), Some("text/markdown; charset=utf-8"), "{page}");
            assert!(answer.body == source, "{page} differs from {path}");
        }
    }
}

#[test]
fn a_browser_gets_a_page_even_if_it_would_take_markdown() {
    let site = Site::start();
    let accept = [("accept", "text/html,application/xhtml+xml,text/markdown;q=0.5,*/*;q=0.1")];
    let answer = site.get_with("/fix/url-stops-at-the-stage", &accept);
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(answer.header("vary").is_some_and(|v| v.contains("accept")), "a cache must tell the two apart");
}

#[test]
fn renamed_things_lead_to_where_they_are_now() {
    let content = packs::pack(packs::LAMP);
    let site = Site::on(content.path());
    for (old, new) in [
        ("/fix/unplugged-lamp", "/fix/plug-is-out"),
        ("/fix/unplugged-lamp.md", "/fix/plug-is-out.md"),
        ("/question/socket", "/question/plug"),
        ("/symptom/no-light", "/symptom/lamp-is-dark"),
        ("/map/no-light", "/map/lamp-is-dark"),
    ] {
        let answer = site.get(old);
        assert_eq!((answer.status, answer.location()), (301, new));
        assert_eq!(site.get(new).status, 200, "{new}");
    }
    let old = site.get("/api/v1/diagnose?symptom=no-light&socket=unplugged").json();
    let new = site.get("/api/v1/diagnose?symptom=lamp-is-dark&plug=out").json();
    assert_eq!(old, new);
}

#[test]
fn operators_see_that_it_is_well_and_what_it_does() {
    let site = Site::start();
    assert_eq!((site.get("/healthz").status, site.get("/healthz").text()), (200, "ok\n".to_owned()));
    assert_eq!((site.get("/readyz").status, site.get("/readyz").text()), (200, "ready\n".to_owned()));
    let searches = || {
        let text = site.get("/metrics").text();
        assert!(text.ends_with("# EOF\n"), "{text}");
        let line = text.lines().find_map(|l| l.strip_prefix("fixpath_searches_total ")).map(str::to_owned);
        line.and_then(|n| n.parse::<u64>().ok()).unwrap_or_else(|| panic!("no searches in {text}"))
    };
    let before = searches();
    site.get("/search?q=an-unusual-word");
    assert_eq!(searches(), before + 1);
    assert!(!site.get("/metrics").text().contains("unusual"), "what was searched for is nobody's business");
}
