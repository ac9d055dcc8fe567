//! "This fixed it" and "It did not".

use serde_json::Value;

use crate::support::page::{OutcomeForm, Step, all, facts, href, one, outcome_form, words};
use crate::support::visitor::field;
use crate::support::{Site, parameters};

const AT_A_FIX: &str =
    "/diagnose?symptom=missing-authentication-token&other-paths=others-work&resource-path=defined&url-shape=stage-root";

fn send(site: &Site, form: &OutcomeForm, worked: &str) -> String {
    let answer = site.post_form("/outcome", &[("entry", &form.entry), ("query", &form.query), ("worked", worked)]);
    assert_eq!(answer.status, 303);
    answer.location().to_owned()
}

fn probability(site: &Site, url: &str, entry: &str) -> f64 {
    let json = site.get(&format!("/api/v1{url}")).json();
    let causes = json["causes"].as_array().expect("a list");
    let cause = causes.iter().find(|c| c["slug"] == entry).unwrap_or_else(|| panic!("{entry} is not among the causes"));
    cause["probability"].as_f64().expect("a number")
}

#[test]
fn what_helped_is_thanked_for_and_counted() {
    let site = Site::start();
    let step = Step::open(&site, AT_A_FIX);
    assert_eq!(step.state(), "fix");
    let form = step.outcomes[0].clone();
    let fix = format!("/fix/{}", form.entry);
    assert!(!words(one(&site.get(&fix).html(), "main")).contains("helped once"));
    for count in ["once", "2 times", "3 times"] {
        let back = send(&site, &form, "yes");
        assert!(back.starts_with(&fix), "{back}");
        let html = site.get(&back).html();
        assert_eq!(all(&html, "[role=status]").len(), 1, "it says thanks");
        assert!(words(one(&html, "main")).contains(&format!("helped {count}")), "and how often it helped");
        assert!(words(one(&site.get(&fix).html(), "main")).contains(&format!("helped {count}")));
    }
    assert!(all(&site.get(&fix).html(), "[role=status]").is_empty(), "the next visitor is not thanked");
    let lately: Vec<String> = all(&site.get("/").html(), "[aria-labelledby=recent] a").into_iter().map(href).collect();
    assert!(lately.contains(&fix), "{lately:?}");
}

#[test]
fn what_did_not_help_goes_on_to_the_next_best_step() {
    let site = Site::start();
    let step = Step::open(&site, AT_A_FIX);
    let form = step.outcomes[0].clone();
    let next = send(&site, &form, "no");
    let mut expected = step.facts();
    expected.insert(("tried".to_owned(), form.entry.clone()));
    assert_eq!(facts(&next), expected, "every answer is kept");
    let after = Step::open(&site, &next);
    assert!(after.outcomes.iter().all(|o| o.entry != form.entry), "it is not suggested again");
    let json = site.get(&format!("/api/v1{next}")).json();
    assert_eq!(json["tried"], serde_json::json!([form.entry]));
    assert_ne!(json["causes"][0]["slug"], Value::from(form.entry.as_str()), "another cause is likelier now");
    assert!(words(one(&site.get(&format!("/fix/{}", form.entry)).html(), "main")).contains("did not help once"));
}

#[test]
fn going_on_after_fixes_that_did_not_help_comes_to_an_end() {
    let site = Site::start();
    let mut url = AT_A_FIX.to_owned();
    for tried in 0..40 {
        let step = Step::open(&site, &url);
        url = match (step.state(), &step.outcomes[..]) {
            ("ask", _) => step.skip.expect("nobody has to know"),
            (_, [first, ..]) => send(&site, first, "no"),
            (_, []) => {
                assert!(tried > 3, "{url}: several causes were suggested first");
                return;
            }
        };
    }
    panic!("no end: {url}");
}

#[test]
fn the_page_of_a_fix_alone_takes_outcomes_too() {
    let site = Site::start();
    let html = site.get("/fix/not-deployed-since-the-change").html();
    let form = outcome_form(one(&html, "form[action=\"/outcome\"]"));
    assert_eq!((form.entry.as_str(), form.query.as_str()), ("not-deployed-since-the-change", ""));
    let next = send(&site, &form, "no");
    assert!(parameters(&next).contains(&("tried".into(), "not-deployed-since-the-change".into())), "{next}");
    assert_eq!(Step::open(&site, &next).state(), "ask", "it is not a dead end: {next}");
}

#[test]
fn many_confirmations_make_a_rare_cause_likelier() {
    let site = Site::start();
    let start = "/diagnose?symptom=missing-authentication-token";
    let json = site.get(&format!("/api/v1{start}")).json();
    let causes = json["causes"].as_array().expect("a list");
    let rare = causes.last().and_then(|c| c["slug"].as_str()).expect("a slug").to_owned();
    let (mut last, first) = (probability(&site, start, &rare), probability(&site, start, &rare));
    let form = OutcomeForm { entry: rare.clone(), query: "symptom=missing-authentication-token".to_owned() };
    for round in 1..=3 {
        for _ in 0..10 {
            send(&site, &form, "yes");
        }
        let now = probability(&site, start, &rare);
        assert!(now > last, "{round}0 confirmations: {now} after {last}");
        last = now;
    }
    assert!(last > 5.0 * first && last > 0.3, "{last} after {first}");
    let page = Step::open(&site, start);
    assert_eq!(page.causes[0].slug, rare, "the page shows what the JSON says");
    assert!(words(one(&page.html, "main")).contains("helped 30 times"), "and how many incidents that rests on");
    let elsewhere = site.get("/api/v1/diagnose?symptom=forbidden").json();
    assert!(elsewhere["causes"].as_array().is_some_and(|c| c.iter().all(|c| c["slug"] != rare.as_str())));
}

#[test]
fn one_confirmation_does_not_overturn_what_the_authors_know() {
    let site = Site::start();
    let start = "/diagnose?symptom=missing-authentication-token";
    let before = Step::open(&site, start);
    let rare = before.causes.last().expect("there are causes").slug.clone();
    send(&site, &OutcomeForm { entry: rare.clone(), query: "symptom=missing-authentication-token".to_owned() }, "yes");
    let after = Step::open(&site, start);
    assert_eq!(after.causes[0].slug, before.causes[0].slug);
}

#[test]
fn outcomes_survive_a_restart() {
    let mut site = Site::start();
    let form = Step::open(&site, AT_A_FIX).outcomes[0].clone();
    send(&site, &form, "yes");
    assert!(site.stop().success(), "{}", site.errors());
    let again = Site::open(&site.data, &[]);
    assert!(words(one(&again.get(&format!("/fix/{}", form.entry)).html(), "main")).contains("helped once"));
}

#[test]
fn outcomes_go_along_with_a_new_name() {
    let site = Site::start();
    let form = Step::open(&site, AT_A_FIX).outcomes[0].clone();
    send(&site, &form, "yes");
    let editor = site.sign_in("editor");
    let path = [("path", "entries/api-gateway/another-name.md")];
    let draft = editor.post_form(&format!("/rename/entry/{}", form.entry), &path).location().to_owned();
    let version = field(&editor.get(&draft), "version");
    let fields = [("version", version.as_str()), ("why", "a better name"), ("accepted", "a test")];
    assert_eq!(editor.post_form(&format!("{draft}/publish"), &fields).location(), "/fix/another-name");
    // Who answers on a page from before the rename means the same fix.
    assert_eq!(send(&site, &form, "yes"), "/fix/another-name?thanks");
    assert!(words(one(&site.get("/fix/another-name").html(), "main")).contains("helped 2 times"));
}

#[test]
fn a_form_that_says_nothing_useful_is_refused_and_not_counted() {
    let site = Site::start();
    for fields in [
        &[("entry", "verb-not-defined"), ("query", "")][..],
        &[("entry", "verb-not-defined"), ("worked", "perhaps")],
        &[("entry", "no-such-fix"), ("worked", "yes")],
        &[("worked", "yes")],
        &[],
    ] {
        let answer = site.post_form("/outcome", fields);
        assert_eq!(answer.status, 400, "{fields:?}");
        assert!(!words(one(&answer.html(), "h1")).is_empty());
    }
    assert!(site.get("/metrics").text().contains("fixpath_outcomes_total 0"));
    let answer = site.get("/outcome");
    assert_eq!((answer.status, answer.location()), (303, "/"), "somebody reloaded");
}
