//! Signing in with OpenID Connect, against a certified provider that runs on this machine: npm's `oidc-provider`, run by Node.
//! `.ci/run` installs it into `target/oidc`.

mod support;

use std::net::TcpListener;

use support::page::{all, href, one, words};
use support::provider::{Provider, Told, parameter};
use support::visitor::{PASSWORD, Visitor, cookies, fill};
use support::{Answer, Site, escape};

/// Groups of the tests, each with its role.
const ROLES: [&str; 6] =
    ["--oidc-role", "wiki-readers=reader", "--oidc-role", "wiki-writers=editor", "--oidc-role", "wiki-owners=administrator"];

/// A site that sends people to this provider, as a public client.
fn site(provider: &Provider, more: &[&str]) -> Site {
    site_of(&provider.issuer(), more)
}

fn site_of(issuer: &str, more: &[&str]) -> Site {
    let options = ["--oidc-issuer", issuer, "--oidc-client-id", "public"];
    Site::start_with(&[&options, more].concat(), &[])
}

/// A sign-in that was begun: where the provider is, and the cookie that the browser keeps.
struct Begun {
    there: String,
    cookie: String,
}

fn begin(site: &Site, then: &str) -> Begun {
    let answer = site.get(&format!("/sign-in/with?then={}", escape(then)));
    assert_eq!(answer.status, 303, "{}", answer.text());
    Begun { there: answer.location().to_owned(), cookie: cookies(&answer) }
}

fn come_back(site: &Site, cookie: &str, path: &str) -> Answer {
    site.get_with(path, &[("cookie", cookie)])
}

/// A whole sign-in of whom the provider lets in, with a browser of its own.
fn sign_in(site: &Site, provider: &Provider) -> Answer {
    let begun = begin(site, "/");
    come_back(site, &begun.cookie, &provider.visit(&begun.there, site))
}

fn visitor<'a>(site: &'a Site, provider: &Provider) -> Visitor<'a> {
    let answer = sign_in(site, provider);
    assert_eq!(answer.status, 303, "{}", answer.text());
    Visitor::of(site, "", cookies(&answer))
}

/// Name and role of a visitor.
fn me(visitor: &Visitor<'_>) -> (String, String) {
    let me = visitor.get("/api/v1/me").json();
    let text = |key: &str| me[key].as_str().unwrap_or_else(|| panic!("no {key} in {me}")).to_owned();
    (text("name"), text("role"))
}

fn is(name: &str, role: &str) -> (String, String) {
    (name.to_owned(), role.to_owned())
}

/// What a page says when it refuses, which gives nobody a session.
fn refusal(answer: &Answer) -> String {
    assert!(!cookies(answer).contains("fixpath="), "{:?}", answer.headers);
    words(one(&answer.html(), "[role=alert]"))
}

#[test]
fn somebody_signs_in_and_gets_where_they_wanted_to_go() {
    let provider = Provider::start(Told::WhenAsked);
    provider.lets_in("1", "first", &[]);
    let site = site(&provider, &[]);
    let asked = site.get("/symptom/forbidden?x=y");
    assert_eq!(asked.status, 303, "reading needs an account where people have one");
    let page = site.get(asked.location());
    let way = href(one(&page.html(), "main a.button"));
    assert!(way.starts_with("/sign-in/with?then="), "{way}");
    let answer = site.get(&way);
    let there = answer.location();
    assert!(there.starts_with(&provider.issuer()), "{there}");
    assert_eq!(parameter(there, "code_challenge_method"), "S256");
    assert_eq!(parameter(there, "redirect_uri"), site.url("/sign-in/back"));
    assert!(answer.header("set-cookie").is_some_and(|set| set.contains("HttpOnly") && set.contains("SameSite=Lax")));
    let entered = come_back(&site, &cookies(&answer), &provider.visit(there, &site));
    assert_eq!((entered.status, entered.location()), (303, "/symptom/forbidden?x=y"));
    let first = Visitor::of(&site, "first", cookies(&entered));
    assert_eq!(me(&first), is("first", "reader"));
    let you = first.get("/you");
    assert!(all(&you.html(), "form[action='/you/password']").is_empty(), "there is no password to change");
    assert_eq!(first.post_form("/sign-out", &[]).status, 303);
    assert_eq!(first.get("/you").status, 303);
}

#[test]
fn a_client_with_a_secret_and_a_provider_that_tells_all_in_the_token_do_as_well() {
    let provider = Provider::start(Told::InToken);
    provider.lets_in("1", "first", &["wiki-writers"]);
    let options = ["--oidc-issuer", &provider.issuer(), "--oidc-client-id", "confidential"];
    let right = [("FIXPATH_OIDC_CLIENT_SECRET", "only for this test")];
    let site = Site::start_with(&[&options[..], &ROLES].concat(), &right);
    assert_eq!(me(&visitor(&site, &provider)), is("first", "editor"));
    let wrong = Site::start_with(&options, &[("FIXPATH_OIDC_CLIENT_SECRET", "another")]);
    let answer = sign_in(&wrong, &provider);
    assert_eq!(answer.status, 422);
    assert!(refusal(&answer).contains("did not confirm"));
    assert!(!wrong.errors().contains("another"), "{}", wrong.errors());
}

#[test]
fn groups_give_a_role_at_each_sign_in() {
    let provider = Provider::start(Told::WhenAsked);
    let site = site(&provider, &ROLES);
    provider.lets_in("0", "owner", &["wiki-owners"]);
    let owner = visitor(&site, &provider);
    for (groups, role) in [
        (&["wiki-readers"][..], "reader"),
        (&["wiki-readers", "wiki-writers", "others"], "editor"),
        (&["wiki-owners"], "administrator"),
        (&["wiki-readers"], "reader"),
    ] {
        provider.lets_in("1", "first", groups);
        assert_eq!(me(&visitor(&site, &provider)), is("first", role), "{groups:?}");
    }
    for groups in [&["others"][..], &[]] {
        provider.lets_in("1", "first", groups);
        let answer = sign_in(&site, &provider);
        assert_eq!(answer.status, 403);
        assert!(refusal(&answer).contains("None of your groups"));
    }
    // Somebody who may not come in is not made, either.
    provider.lets_in("2", "second", &["others"]);
    assert_eq!(sign_in(&site, &provider).status, 403);
    let people = owner.get("/people").text();
    assert!(people.contains("first") && !people.contains("second"));
    let log = owner.get("/audit.jsonl").text();
    for line in [
        r#""what":"joined","about":"reader, at the organisation""#,
        r#""what":"role-changed","about":"first: reader to editor, as the groups say""#,
        r#""what":"signed-in","about":"at the organisation""#,
        r#""what":"sign-in-failed","about":"second, at the organisation""#,
    ] {
        assert!(log.contains(line), "{line} in {log}");
    }
}

#[test]
fn the_last_administrator_stays_one() {
    let provider = Provider::start(Told::WhenAsked);
    let site = site(&provider, &ROLES);
    provider.lets_in("1", "first", &["wiki-owners"]);
    visitor(&site, &provider);
    provider.lets_in("1", "first", &["wiki-readers"]);
    let first = visitor(&site, &provider);
    assert_eq!(me(&first), is("first", "administrator"));
    assert!(first.get("/audit.jsonl").text().contains(r#""what":"role-kept""#));
    provider.lets_in("2", "second", &["wiki-owners"]);
    visitor(&site, &provider);
    provider.lets_in("1", "first", &["wiki-readers"]);
    assert_eq!(me(&visitor(&site, &provider)), is("first", "reader"));
}

#[test]
fn nobody_gets_an_account_by_its_name() {
    let provider = Provider::start(Told::WhenAsked);
    let site = site(&provider, &[]);
    let editor = site.sign_in("editor");
    for (subject, name, called) in [
        ("1", "editor", "editor-2"),
        ("2", "EDITOR", "EDITOR-3"),
        ("1", "another name", "editor-2"),
        ("3", "operator", "person"),
        ("4", "First Last", "First.Last"),
    ] {
        provider.lets_in(subject, name, &[]);
        assert_eq!(me(&visitor(&site, &provider)), is(called, "reader"), "{name}");
    }
    assert_eq!(me(&editor).0, "editor");
}

#[test]
fn who_was_let_in_no_more_stays_out() {
    let provider = Provider::start(Told::WhenAsked);
    let site = site(&provider, &[]);
    let admin = site.sign_in("administrator");
    provider.lets_in("1", "first", &[]);
    let first = visitor(&site, &provider);
    let people = admin.get("/people");
    let html = people.html();
    let forms = all(&html, "form[action$='/deactivate']");
    let action = |name: &str| {
        let label = |form: &&scraper::ElementRef<'_>| form.html().contains(name);
        forms.iter().find(label).and_then(|form| form.value().attr("action")).map(str::to_owned)
    };
    let action = action("first").expect("the list has a form for each");
    assert_eq!(admin.post_form(&action, &[]).status, 303);
    assert_eq!(first.get("/you").status, 303, "the session ends at once");
    let answer = sign_in(&site, &provider);
    assert_eq!(answer.status, 403);
    assert!(refusal(&answer).contains("not active"));
}

#[test]
fn what_comes_back_is_believed_only_as_it_was_begun() {
    let provider = Provider::start(Told::WhenAsked);
    provider.lets_in("1", "first", &[]);
    let site = site(&provider, &[]);
    let begun = begin(&site, "/");
    let path = provider.visit(&begun.there, &site);
    let other = begin(&site, "/");
    let without = |name: &str| {
        let kept: Vec<&str> = path.split(['?', '&']).filter(|part| !part.starts_with(&format!("{name}="))).collect();
        format!("{}?{}", kept[0], kept[1..].join("&"))
    };
    for (what, cookie, path) in [
        ("no cookie", "", path.clone()),
        ("the cookie of another browser", other.cookie.as_str(), path.clone()),
        ("a cookie that is none", "fixpath-elsewhere=x", path.clone()),
        ("no state", begun.cookie.as_str(), without("state")),
        ("another state", begun.cookie.as_str(), format!("{}&state=x", without("state"))),
    ] {
        let answer = come_back(&site, cookie, &path);
        assert_eq!(answer.status, 422, "{what}");
        assert!(refusal(&answer).contains("begun in another browser"), "{what}");
    }
    for (what, path) in [
        ("no code", without("code")),
        ("another code", format!("{}&code=x", without("code"))),
        ("another provider", format!("{}&iss=https%3A%2F%2Fevil.example", without("iss"))),
    ] {
        let answer = come_back(&site, &begun.cookie, &path);
        assert_eq!(answer.status, 422, "{what}");
        assert!(refusal(&answer).contains("did not confirm"), "{what}");
    }
    // A code is good once. After the wrong tries it still is: only the right browser could use it.
    assert_eq!(come_back(&site, &begun.cookie, &path).status, 303);
    let again = come_back(&site, &begun.cookie, &path);
    assert_eq!(again.status, 422);
    assert!(refusal(&again).contains("did not confirm"));
    // A code that another browser began is of no use with the state of this one: the verifier differs.
    let theirs = provider.visit(&other.there, &site);
    let third = begin(&site, "/");
    let mixed = format!("/sign-in/back?code={}&state={}", escape(&parameter(&theirs, "code")), parameter(&third.there, "state"));
    assert_eq!(come_back(&site, &third.cookie, &mixed).status, 422);
}

#[test]
fn a_token_that_was_made_for_another_sign_in_is_refused() {
    let provider = Provider::start(Told::WhenAsked);
    provider.lets_in("1", "first", &[]);
    let site = site(&provider, &[]);
    let begun = begin(&site, "/");
    let there = begun.there.replace(&parameter(&begun.there, "nonce"), "another");
    let answer = come_back(&site, &begun.cookie, &provider.visit(&there, &site));
    assert_eq!(answer.status, 422);
    refusal(&answer);
    support::until("the reason is in the log", || site.errors().contains("nonce"));
}

#[test]
fn whom_the_provider_refuses_is_told_so() {
    let provider = Provider::start(Told::WhenAsked);
    provider.lets_nobody_in();
    let site = site(&provider, &[]);
    let answer = sign_in(&site, &provider);
    assert_eq!(answer.status, 422);
    assert!(refusal(&answer).contains("did not confirm"));
    support::until("the reason is in the log", || site.errors().contains("access_denied"));
}

#[test]
fn nobody_is_led_to_another_site() {
    let provider = Provider::start(Told::WhenAsked);
    provider.lets_in("1", "first", &[]);
    let site = site(&provider, &[]);
    for then in ["//evil.example", "https://evil.example", "/\\evil.example", "x"] {
        let begun = begin(&site, then);
        let answer = come_back(&site, &begun.cookie, &provider.visit(&begun.there, &site));
        assert_eq!((answer.status, answer.location()), (303, "/"), "{then}");
    }
}

#[test]
fn while_the_provider_is_down_the_page_says_so_and_passwords_work() {
    let provider = Provider::start(Told::WhenAsked);
    let port = provider.port;
    drop(provider);
    let site = site_of(&format!("http://127.0.0.1:{port}"), &[]);
    let answer = site.get("/sign-in/with");
    assert_eq!(answer.status, 503);
    assert!(refusal(&answer).contains("does not answer"));
    site.join("reader", "reader");
    assert_eq!(fill(&site, "/sign-in", &[("name", "reader"), ("password", PASSWORD)]).status, 303);
    // It comes up, and everything works without a restart of the site.
    let provider = Provider::start_on(port, Told::WhenAsked);
    provider.lets_in("1", "first", &[]);
    assert_eq!(sign_in(&site, &provider).status, 303);
    // It comes up again with other keys, which the site does not know yet.
    drop(provider);
    let provider = Provider::start_on(port, Told::WhenAsked);
    provider.lets_in("1", "first", &[]);
    assert_eq!(me(&visitor(&site, &provider)), is("first", "reader"));
    // It goes while somebody is there.
    let begun = begin(&site, "/");
    let path = provider.visit(&begun.there, &site);
    drop(provider);
    let answer = come_back(&site, &begun.cookie, &path);
    assert_eq!(answer.status, 503);
    assert!(refusal(&answer).contains("does not answer"));
}

#[test]
fn a_provider_that_says_nothing_or_nonsense_does_not_hold_the_site_up() {
    // Connections wait in its queue for ever.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let site = site_of(&format!("http://{}", silent.local_addr().expect("it is bound")), &[]);
    std::thread::scope(|scope| {
        let asked = scope.spawn(|| site.get("/sign-in/with"));
        assert_eq!(site.get("/sign-in").status, 200, "others are answered meanwhile");
        assert_eq!(asked.join().expect("it is answered").status, 503);
    });
    // The site itself is no provider.
    let nonsense = site_of(&site.url(""), &[]);
    assert_eq!(nonsense.get("/sign-in/with").status, 503);
}

#[test]
fn without_a_provider_there_is_nothing_to_sign_in_with() {
    let site = Site::start();
    assert!(all(&site.get("/sign-in").html(), "main a.button").is_empty());
    for path in ["/sign-in/with", "/sign-in/back?code=x&state=y"] {
        assert_eq!(site.get(path).status, 404, "{path}");
    }
}
