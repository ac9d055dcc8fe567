//! What was searched for in vain is kept, and nothing else of it.

use fixpath::store::Store;
use fixpath::store::landings::{Landing, LandingKind};
use fixpath::store::misses::Miss;

use crate::support::page::{all, href};
use crate::support::{Site, escape, files, until, wait};

fn misses(site: &Site) -> Vec<Miss> {
    wait(async {
        let store = Store::open(&site.data).await.expect("the store opens");
        let misses = store.list_misses(100).await.expect("it answers");
        store.close().await;
        misses
    })
}

fn kept<'a>(misses: &'a [Miss], kind: &str) -> Vec<(&'a str, i64)> {
    misses.iter().filter(|m| m.kind == kind).map(|m| (m.text.as_str(), m.count)).collect()
}

#[test]
fn a_search_that_finds_nothing_is_counted() {
    let mut site = Site::start();
    for query in ["Zyzzyva quuxification", "zyzzyva  quuxification 4711"] {
        site.get(&format!("/search?q={}", escape(query)));
    }
    until("both are written down", || kept(&misses(&site), "empty") == [("zyzzyva quuxification", 2)]);
    site.get("/search?q=");
    site.get("/api/v1/search?q=zyzzyva");
    assert!(site.stop().success(), "{}", site.errors());
    assert_eq!(misses(&site).len(), 1, "nothing typed is no miss, and programs are not people");
}

#[test]
fn a_search_of_which_nothing_is_opened_is_a_miss() {
    let mut site = Site::start();
    site.get("/search?q=internal+server+error");
    let opened = site.get("/search?q=usage+plan").html();
    let result = all(&opened, "main a[href^=\"/fix/\"]").into_iter().map(href).next().expect("there is a result");
    let (at, page) = site.follow(&result);
    assert_eq!(page.status, 200);
    assert!(!at.contains('?'), "the address of a fix is clean again: {at}");
    let asked = site.get("/search?q=preflight").html();
    let answer = all(&asked, "main a[href^=\"/diagnose?\"]").into_iter().map(href).next().expect("there is a question");
    site.follow(&answer);
    assert!(misses(&site).is_empty(), "there is still time");
    assert!(site.stop().success(), "{}", site.errors());
    assert_eq!(kept(&misses(&site), "abandoned"), [("internal server error", 1)]);
}

#[test]
fn answers_that_no_entry_explains_are_a_miss() {
    let mut site = Site::start();
    let question = site.get("/api/v1/diagnose?symptom=missing-authentication-token&url-shape=no-stage&verb=not-defined").json();
    assert_eq!(question["state"], "no-known-cause", "{question}");
    let url = question["url"].as_str().expect("an address");
    assert_eq!(site.get(url).status, 200);
    assert!(site.stop().success(), "{}", site.errors());
    assert_eq!(kept(&misses(&site), "no-known-cause"), [(url, 1)], "once: programs are not people");
}

fn landings(site: &Site) -> Vec<Landing> {
    wait(async {
        let store = Store::open(&site.data).await.expect("the store opens");
        let landings = store.list_landings(100).await.expect("it answers");
        store.close().await;
        landings
    })
}

#[test]
fn what_people_came_to_is_counted() {
    let mut site = Site::start();
    let found = site.get("/search?q=Usage++plan+4711").html();
    let result = all(&found, "main a[href^=\"/fix/\"]").into_iter().map(href).next().expect("there is a result");
    let (at, _) = site.follow(&result);
    let entry = at.strip_prefix("/fix/").expect("it is a fix").to_owned();
    site.get(&result);
    let url = "/diagnose?symptom=required-parameter-missing";
    for _ in 0..2 {
        assert_eq!(site.get(url).status, 200);
    }
    let step = site.get(&format!("/api/v1{url}")).json();
    assert_eq!(step["state"], "fix", "{step}");
    let fix = step["causes"][0]["slug"].as_str().expect("a slug").to_owned();
    assert!(site.stop().success(), "{}", site.errors());
    let expected = [
        Landing { kind: LandingKind::Diagnosis, text: url.to_owned(), entry: fix, count: 2 },
        Landing { kind: LandingKind::Search, text: "usage plan".to_owned(), entry, count: 1 },
    ];
    assert_eq!(landings(&site), expected, "programs are not people, and a result is opened once");
}

/// Invented, and each in a place where real ones stand.
const SECRETS: &[&str] = &[
    "made0up1bearer2token3",
    "NotAKeyNotAKeyNotAKey42",
    "swordfish-of-nobody",
    "sub-rosa-client",
    "nobody@example.org",
    "203.0.113.77",
    "orders-of-a-customer",
    "4f1c0ffe-0000-4000-8000-5eed5eed5eed",
];

fn paste() -> String {
    let [bearer, key, password, client, mail, host, path, id] = SECRETS else { panic!("eight secrets") };
    format!(
        "curl -u nobody:{password} https://{host}/{path}?email={mail}\n> Authorization: Bearer {bearer}\n> x-api-key: {key}\n\
         > x-request: {{\"client_secret\": \"{client}\"}}\n< x-amzn-requestid: {id}\n{{\"message\":\"Zyzzyva refused\"}}\n"
    )
}

#[test]
fn nothing_of_a_pasted_secret_is_kept() {
    let mut site = Site::start();
    let paste = paste();
    // A miss that somebody typed, and a paste, which is no search.
    site.get("/search?q=Zyzzyva+refused");
    let answer = site.post_form("/explain", &[("text", &paste)]);
    assert_eq!(answer.status, 200);
    let explained = answer.text();
    let told = site.post("/api/v1/explain", &[("content-type", "text/plain")], paste.as_bytes()).json().to_string();
    for secret in SECRETS {
        assert!(!explained.contains(secret), "the page shows {secret}");
        assert!(!told.contains(secret), "the JSON shows {secret}");
    }
    for secret in SECRETS {
        let query = format!("Missing Authentication Token authorization: bearer {secret}");
        site.get(&format!("/search?q={}", escape(&query)));
        let query = format!("symptom=forbidden&note={secret}");
        site.get(&format!("/diagnose?{query}"));
        let fields = [("entry", "api-key-not-sent"), ("worked", "no"), ("query", &query), ("text", &paste)];
        assert!(!site.post_form("/outcome", &fields).location().contains(secret), "{secret} went into an address");
    }
    assert!(site.stop().success(), "{}", site.errors());
    let text = misses(&site).iter().map(|m| format!("{m:?}\n")).collect::<String>();
    assert!(text.contains("zyzzyva refused"), "what is worth knowing is kept: {text}");
    assert!(text.contains("missing authentication token"), "{text}");
    for file in files(&site.data) {
        let bytes = std::fs::read(&file).expect("it can be read");
        for secret in SECRETS {
            let found = bytes.windows(secret.len()).any(|w| w.eq_ignore_ascii_case(secret.as_bytes()));
            assert!(!found, "{} holds {secret}", file.display());
        }
    }
    for secret in SECRETS {
        assert!(!site.errors().contains(secret), "the log holds {secret}");
    }
}
