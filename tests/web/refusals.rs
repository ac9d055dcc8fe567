//! What no page sends: each gets a clear answer with a fitting status, and the site lives on.

use crate::support::page::{all, href, one, words};
use crate::support::{Answer, Site};

/// A refusal in words, as a page or as JSON by the address that was asked.
fn refused(site: &Site, path: &str, answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{path}");
    let said = if path.starts_with("/api/") {
        let json = answer.json();
        assert_eq!(answer.header("content-type"), Some("application/json"), "{path}");
        let error = json["error"].as_object().unwrap_or_else(|| panic!("{path}: {json}"));
        assert_eq!(json.as_object().map(|o| o.len()), Some(1), "{json}");
        assert_eq!(error.keys().collect::<Vec<_>>(), ["code", "message"], "{json}");
        assert!(json["error"]["code"].as_str().is_some_and(|c| !c.is_empty() && !c.contains(' ')), "{json}");
        json["error"]["message"].as_str().unwrap_or_default().to_owned()
    } else {
        let html = answer.html();
        assert!(!all(&html, "main a[href=\"/\"]").is_empty(), "{path}: a way back");
        assert!(!words(one(&html, "h1")).is_empty(), "{path}");
        words(one(&html, "main"))
    };
    assert!(said.len() > 20, "{path}: {said}");
    lives(site);
}

fn lives(site: &Site) {
    assert_eq!(site.get("/healthz").status, 200, "{}", site.errors());
    assert!(!site.errors().contains("panicked"), "{}", site.errors());
}

fn get(site: &Site, target: &[u8]) -> Answer {
    site.raw(&[b"GET ", target, b" HTTP/1.1\r\n"].concat(), b"")
}

#[test]
fn an_address_that_cannot_be_read_is_a_bad_request() {
    let site = Site::start();
    let long = "x".repeat(600);
    for query in [
        format!("verb={long}"),
        format!("{long}=verb"),
        format!("symptom={long}"),
        "symptom=%ff%fe".to_owned(),
        "%c3%28=x".to_owned(),
        "a=b&".repeat(201),
        "a=b&".repeat(10_000),
    ] {
        for path in ["/diagnose", "/api/v1/diagnose"] {
            refused(&site, path, &get(&site, format!("{path}?{query}").as_bytes()), 400);
        }
    }
    for path in ["/search", "/api/v1/search"] {
        refused(&site, path, &get(&site, format!("{path}?q=%ff%fe").as_bytes()), 400);
    }
}

#[test]
fn odd_characters_are_only_unknown_words() {
    let site = Site::start();
    for query in
        ["symptom=%00", "%00=%00", "verb=a%00b", "symptom=%0d%0aSet-Cookie:x=y", "=", "&&&", "=x", "symptom", "%", "%zz=%"]
    {
        for path in ["/diagnose", "/api/v1/diagnose"] {
            let answer = get(&site, format!("{path}?{query}").as_bytes());
            assert_eq!(answer.status, 200, "{path}?{query}");
            assert_eq!(answer.header("set-cookie"), None);
        }
    }
    for query in ["q=%00", "q=%0d%0a", "q=", "q=%22%27%3C%3E", "q=AND+OR+NOT+*:*+%5B+TO+%7D~9^", "q=%F0%9F%92%A9", "q=%"] {
        for path in ["/search", "/api/v1/search"] {
            assert_eq!(get(&site, format!("{path}?{query}").as_bytes()).status, 200, "{path}?{query}");
        }
    }
    lives(&site);
}

#[test]
fn bytes_that_no_address_may_hold_are_refused() {
    let site = Site::start();
    for target in [&b"/search?q=\xff\xfe"[..], b"/fix/\xff", b"/fix/\x00", b"/diagnose?verb=\x00", b"nonsense", b"", b"/a b c"] {
        let answer = get(&site, target);
        assert!((400..500).contains(&answer.status), "{:?} gave {}", String::from_utf8_lossy(target), answer.status);
    }
    for line in [&b"GET /"[..], b"\r\n\r\nGET", b"\xff\xff\xff\xff", b"GET / HTTP/9.9", b"GET / HTTP/1.1\r\nno colon here"] {
        let answer = site.raw(&[line, b"\r\n"].concat(), b"");
        assert!((400..600).contains(&answer.status) && answer.status != 500, "{:?}", String::from_utf8_lossy(line));
    }
    lives(&site);
}

#[test]
fn a_long_query_is_searched_for_and_a_longer_one_refused() {
    let site = Site::start();
    let query = format!("Missing+Authentication+Token+{}", "filler+".repeat(2_500));
    assert_eq!(get(&site, format!("/search?q={query}").as_bytes()).status, 200);
    // An address of 100 KiB is refused before anybody looks at it.
    let target = format!("/search?q={}", "x".repeat(100 * 1024));
    let answer = get(&site, target.as_bytes());
    assert!(matches!(answer.status, 400 | 414 | 431), "{}", answer.status);
    // As a body it is a paste like any other.
    let paste = format!("{}\n{{\"message\":\"Missing Authentication Token\"}}", "x ".repeat(50 * 1024));
    let answer = site.post_form("/explain", &[("text", &paste)]);
    assert_eq!(answer.status, 200);
    let explained = site.post("/api/v1/explain", &[("content-type", "text/plain")], paste.as_bytes());
    assert_eq!(explained.status, 200);
    lives(&site);
}

#[test]
fn what_does_not_exist_is_not_found_with_the_nearest_that_does() {
    let site = Site::start();
    for (path, near) in [
        ("/fix/url-stops-at-stage", "/fix/url-stops-at-the-stage"),
        ("/fix/url-stops-at-stage.md", "/fix/url-stops-at-the-stage"),
        ("/symptom/missing-authentification-token", "/symptom/missing-authentication-token"),
        ("/question/url-shap", "/question/url-shape"),
        ("/map/forbiden", "/map/forbidden"),
        ("/fix/forbiden", "/symptom/forbidden"),
    ] {
        let answer = site.get(path);
        refused(&site, path, &answer, 404);
        let nearby: Vec<String> = all(&answer.html(), "main li a").into_iter().map(href).collect();
        assert!(nearby.contains(&near.to_owned()), "{path}: {nearby:?}");
        for page in nearby {
            assert_eq!(site.get(&page).status, 200, "{page}");
        }
    }
    for path in
        ["/fix/", "/fix/a/b", "/fix/%2e%2e%2f", "/nothing", "/api", "/api/", "/api/v1/nothing", "/static/", "/static/x.css"]
    {
        refused(&site, path, &site.get(path), 404);
    }
    let long = format!("/fix/{}", "a".repeat(5_000));
    let answer = site.get(&long);
    refused(&site, &long, &answer, 404);
    assert!(answer.body.len() < 8_000, "the name is not repeated at length");
}

#[test]
fn a_diagnosis_with_unknown_names_says_which_are_near() {
    let site = Site::start();
    let json = site.get("/api/v1/diagnose?symptom=forbiden&url-shap=x&tried=verb-not-define").json();
    let why: Vec<&str> = json["ignored"].as_array().expect("a list").iter().filter_map(|i| i["why"].as_str()).collect();
    for (said, near) in why.iter().zip(["forbidden", "url-shape", "verb-not-defined"]) {
        assert!(said.contains(near), "{said}");
    }
    let text = words(one(&site.get("/diagnose?symptom=forbiden&url-shap=x").html(), "main"));
    assert!(text.contains("forbidden") && text.contains("url-shape"), "{text}");
}

#[test]
fn no_path_leads_out_of_the_static_files() {
    let site = Site::start();
    for target in [
        "/static/../Cargo.toml",
        "/static/..%2fCargo.toml",
        "/static/%2e%2e/Cargo.toml",
        "/static/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/static/..%5c..%5cCargo.toml",
        "/static/....//Cargo.toml",
        "/static//etc/passwd",
        "/static/fixpath.css%00.png",
        "//etc/passwd",
        "/../../etc/passwd",
        "/fix/..%2f..%2fCargo.toml",
        "/fix/../../fixpath.db",
    ] {
        refused(&site, target, &get(&site, target.as_bytes()), 404);
    }
}

#[test]
fn a_text_that_is_too_large_is_refused_in_words() {
    let site = Site::start();
    let large = vec![b'x'; 13 * 1024 * 1024];
    for (path, kind) in [
        ("/explain", "application/x-www-form-urlencoded"),
        ("/explain", "multipart/form-data; boundary=x"),
        ("/outcome", "application/x-www-form-urlencoded"),
        ("/api/v1/explain", "text/plain"),
    ] {
        let head = format!("POST {path} HTTP/1.1\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n", large.len());
        let answer = site.raw(head.as_bytes(), &large);
        refused(&site, path, &answer, 413);
        // Of unknown length: it is noticed on the way.
        let head = format!("POST {path} HTTP/1.1\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n");
        let chunk = [b"10000\r\n", &large[..0x10000], b"\r\n"].concat().repeat(13 * 16);
        let answer = site.raw(head.as_bytes(), &[&chunk[..], b"0\r\n\r\n"].concat());
        refused(&site, path, &answer, 413);
    }
    let words = "a b\n".repeat(1024 * 1024);
    assert_eq!(site.post_form("/explain", &[("text", &words)]).status, 200, "what is promised fits");
    assert_eq!(site.post("/api/v1/explain", &[], words.as_bytes()).status, 200);
    let more = words + "x";
    for (path, answer) in [
        ("/explain", site.post_form("/explain", &[("text", &more)])),
        ("/explain", site.post_file("/explain", &more)),
        ("/api/v1/explain", site.post("/api/v1/explain", &[], more.as_bytes())),
    ] {
        refused(&site, path, &answer, 413);
        for said in ["4.1 MiB", "4 MiB", "Copy as cURL"] {
            assert!(answer.text().contains(said), "{path}: {}", answer.text());
        }
    }
}

#[test]
fn a_method_that_is_not_possible_says_which_are() {
    let site = Site::start();
    for (path, methods, allowed) in [
        ("/", &["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"][..], "GET, HEAD"),
        ("/fix/verb-not-defined", &["POST", "DELETE", "PUT"], "GET, HEAD"),
        ("/static/fixpath.css", &["POST"], "GET, HEAD"),
        ("/healthz", &["POST"], "GET, HEAD"),
        ("/metrics", &["POST"], "GET, HEAD"),
        ("/search", &["POST", "PUT", "DELETE"], "GET, HEAD"),
        ("/explain", &["PUT"], "GET, HEAD, POST"),
        ("/outcome", &["DELETE"], "GET, HEAD, POST"),
        ("/api/v1/search", &["POST", "DELETE"], "GET, HEAD"),
        ("/api/v1/diagnose", &["POST", "PUT"], "GET, HEAD"),
        ("/api/v1/explain", &["GET", "PUT"], "POST"),
    ] {
        for method in methods {
            let answer = site.raw(format!("{method} {path} HTTP/1.1\r\nContent-Length: 0\r\n").as_bytes(), b"");
            refused(&site, path, &answer, 405);
            assert_eq!(answer.header("allow"), Some(allowed), "{method} {path}");
        }
    }
}

#[test]
fn only_the_forms_of_the_site_are_read() {
    let site = Site::start();
    let multipart = b"--x\r\nContent-Disposition: form-data; name=\"q\"\r\n\r\nForbidden\r\n--x--";
    let forms: [(&str, &[u8]); 3] = [
        ("multipart/form-data; boundary=x", multipart),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-da"),
        ("multipart/form-data", b"--"),
    ];
    let others: [(&str, &[u8]); 4] = [
        ("application/json", b"{\"q\": \"Forbidden\"}"),
        ("text/plain", b"q=Forbidden"),
        ("", b"q=Forbidden"),
        ("\u{1F4A9}", b"q=Forbidden"),
    ];
    for (path, of_form) in [("/explain", 400), ("/outcome", 415)] {
        let kinds = forms.iter().map(|form| (form, of_form)).chain(others.iter().map(|other| (other, 415)));
        for ((kind, body), status) in kinds {
            let head = format!("POST {path} HTTP/1.1\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n", body.len());
            refused(&site, path, &site.raw(head.as_bytes(), body), status);
        }
        let head = format!("POST {path} HTTP/1.1\r\nContent-Length: 3\r\n");
        refused(&site, path, &site.raw(head.as_bytes(), b"a=b"), 415);
        let fields: String = (0..10_000).map(|n| format!("a{n}=b&")).collect();
        for body in [fields.as_bytes(), b"", b"&&&", b"other=1", b"%ff=%ff"] {
            let answer = site.post(path, &[("content-type", "application/x-www-form-urlencoded")], body);
            refused(&site, path, &answer, 400);
        }
    }
    let answer =
        site.post("/explain", &[("content-type", "Application/X-WWW-Form-URLEncoded; charset=UTF-8")], b"text=Forbidden");
    assert_eq!(answer.status, 303, "what browsers send is read");
    let answer = site.post("/explain", &[("content-type", "application/x-www-form-urlencoded")], b"text=%ff%00Forbidden%0A%fe");
    assert_eq!(answer.status, 200, "a paste may hold anything");
}

#[test]
fn what_people_send_does_not_become_a_header() {
    let site = Site::start();
    let attack = "x\r\nSet-Cookie: stolen=1\r\n\r\n<script>";
    let form = site.post_form("/explain", &[("text", "Forbidden\rSet-Cookie: stolen=1")]);
    assert_eq!(form.status, 303);
    let outcome = [("entry", "verb-not-defined"), ("worked", "no"), ("query", &format!("symptom=forbidden&verb={attack}"))];
    for answer in [
        form,
        site.post_form("/explain", &[("text", attack)]),
        site.post_form("/outcome", &outcome),
        get(&site, b"/fix/x%0d%0aSet-Cookie:stolen=1?search=1"),
        get(&site, b"/fix/verb-not-defined%0d%0aSet-Cookie:stolen=1?search=1"),
        get(&site, b"/symptom/%0d%0aSet-Cookie:stolen=1"),
    ] {
        assert!(answer.status < 500);
        assert_eq!(answer.header("set-cookie"), None, "{answer:?}");
        assert!(answer.headers.iter().all(|(_, v)| !v.contains("stolen=1") || v.contains("%")), "{:?}", answer.headers);
    }
}

#[test]
fn a_redirect_never_leaves_the_site() {
    let site = Site::start();
    for target in
        ["/fix//example.com?search=1", "/fix/%2f%2fexample.com?search=1", "/fix/%5cexample.com?search=1", "//example.com"]
    {
        let answer = get(&site, target.as_bytes());
        if let Some(to) = answer.header("location") {
            assert!(to.starts_with("/fix/") && !to.contains("//"), "{target} leads to {to}");
        }
    }
}

#[test]
fn what_a_client_says_of_itself_is_not_believed() {
    let site = Site::start_with(&["--open"], &[]);
    let long = "x".repeat(4_000);
    for header in [
        "Accept-Encoding: ,,,;q=;;, br;q=x, \u{1F4A9}".to_owned(),
        format!("Accept-Encoding: {}", "br,".repeat(2_000)),
        format!("Accept: {long}"),
        "Accept: \u{1F4A9}".to_owned(),
        format!("If-None-Match: {long}"),
        "If-None-Match: \"".to_owned(),
        "Range: bytes=0-18446744073709551615".to_owned(),
        "Cookie: \u{1F4A9}=\u{1F4A9}".to_owned(),
        "X-Forwarded-Host: attacker.example".to_owned(),
        "Content-Length: 0".to_owned(),
    ] {
        let answer = site.raw(format!("GET /fix/verb-not-defined HTTP/1.1\r\n{header}\r\n").as_bytes(), b"");
        assert_eq!(answer.status, 200, "{header}");
        assert!(!String::from_utf8_lossy(&answer.body).contains("attacker.example"));
    }
    let head = b"GET /fix/verb-not-defined HTTP/1.1\r\nHost: attacker.example\r\n";
    let answer = site.raw(head, b"");
    assert!(!String::from_utf8_lossy(&answer.body).contains("attacker.example"), "links come from the settings");
    lives(&site);
}
