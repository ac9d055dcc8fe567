//! A proxy in front of the site that says who asks: believed from its address, and from nowhere else.

use crate::support::page::{all, one, words};
use crate::support::visitor::{cookies, field, send};
use crate::support::{Answer, Site};

/// A site that believes a proxy on this machine, from where these tests ask.
fn site(more: &[&str]) -> Site {
    let options = ["--trusted-proxy", "127.0.0.1", "--trusted-proxy", "10.0.0.0/8"];
    let user = ["--proxy-user-header", "x-forwarded-user"];
    let options = if more.contains(&user[0]) { options.to_vec() } else { [&options[..], &user].concat() };
    Site::start_with(&[&options, more].concat(), &[])
}

fn ask(site: &Site, path: &str, user: &str) -> Answer {
    site.get_with(path, &[("x-forwarded-user", user)])
}

fn me(answer: &Answer) -> (String, String) {
    let me = answer.json();
    let text = |key: &str| me[key].as_str().unwrap_or_default().to_owned();
    (text("name"), text("role"))
}

fn is(name: &str, role: &str) -> (String, String) {
    (name.to_owned(), role.to_owned())
}

#[test]
fn whom_the_proxy_names_is_signed_in() {
    let site = site(&[]);
    assert_eq!(site.get("/").status, 303, "behind a proxy reading needs a name");
    let answer = ask(&site, "/api/v1/me", "editor@example.com");
    assert_eq!(me(&answer), is("editor@example.com", "reader"));
    assert_eq!(answer.json()["via"], "proxy");
    assert_eq!(me(&ask(&site, "/api/v1/me", "editor@example.com")).0, "editor@example.com", "the same person again");
    let you = ask(&site, "/you", "editor@example.com");
    assert!(words(one(&you.html(), "main")).contains("Sign out there"));
    for form in ["/sign-out", "/you/password", "/you/sign-out-everywhere"] {
        assert!(all(&you.html(), &format!("form[action='{form}']")).is_empty(), "{form}");
    }
}

#[test]
fn from_elsewhere_the_header_is_nothing() {
    let site = Site::start_with(&["--trusted-proxy", "192.0.2.1", "--proxy-user-header", "x-forwarded-user"], &[]);
    for headers in [
        &[("x-forwarded-user", "editor")][..],
        &[("x-forwarded-user", "editor"), ("x-forwarded-for", "192.0.2.1")],
        &[("x-forwarded-user", "editor"), ("x-forwarded-for", "10.0.0.1"), ("forwarded", "for=192.0.2.1")],
    ] {
        assert_eq!(site.get_with("/api/v1/me", headers).status, 401, "{headers:?}");
        assert_eq!(site.get_with("/you", headers).status, 303, "{headers:?}");
    }
    let unset = Site::start();
    assert_eq!(ask(&unset, "/api/v1/me", "editor").status, 401);
}

#[test]
fn a_proxy_may_be_believed_where_somebody_is_and_not_who() {
    let site = Site::start_with(&["--trusted-proxy", "127.0.0.1"], &[]);
    let admin = site.sign_in("administrator");
    let headers = [("x-forwarded-user", "administrator"), ("x-forwarded-for", "203.0.113.9, 192.0.2.1")];
    assert_eq!(site.get_with("/api/v1/me", &headers).status, 401);
    assert_eq!(site.get_with("/people", &headers).status, 303);
    let page = site.get("/sign-in");
    let fields = [("csrf", field(&page, "csrf")), ("name", "somebody".into()), ("password", "a wrong password".into())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let cookie = cookies(&page);
    assert_eq!(send(&site, "/sign-in", &[&headers[..], &[("cookie", &cookie)]].concat(), &fields).status, 422);
    let log = admin.get("/audit.jsonl").text();
    assert!(log.contains(r#""who":"nobody","address":"192.0.2.1","what":"sign-in-failed""#), "{log}");
}

#[test]
fn a_header_that_does_not_name_one_person_is_nobody() {
    let site = site(&[]);
    for headers in [
        &[("x-forwarded-user", "")][..],
        &[("x-forwarded-user", " ")],
        &[("x-forwarded-user", "first"), ("x-forwarded-user", "second")],
        &[("x-forwarded-user", &*"x".repeat(256))],
        &[("x-forwarded-email", "first")],
    ] {
        assert_eq!(site.get_with("/api/v1/me", headers).status, 401, "{headers:?}");
    }
}

#[test]
fn a_local_account_is_nobody_elses() {
    let site = site(&[]);
    site.sign_in("editor");
    assert_eq!(me(&ask(&site, "/api/v1/me", "editor")), is("editor-2", "reader"));
    assert_eq!(me(&ask(&site, "/api/v1/me", "editor-2")).0, "editor-2-2");
}

#[test]
fn groups_of_the_proxy_give_a_role_at_once() {
    let roles = ["--oidc-role", "writers=editor", "--oidc-role", "owners=administrator", "--oidc-role", "all=reader"];
    let site = site(&[&["--proxy-user-header", "Remote-User", "--proxy-groups-header", "Remote-Groups"], &roles[..]].concat());
    let ask = |path: &str, user: &str, groups: &str| site.get_with(path, &[("remote-user", user), ("remote-groups", groups)]);
    for (user, groups, role) in [
        ("admin", "owners", "administrator"),
        ("first", "all", "reader"),
        ("first", "all, writers", "editor"),
        ("first", "all", "reader"),
    ] {
        assert_eq!(me(&ask("/api/v1/me", user, groups)), is(user, role), "{groups}");
    }
    for groups in ["", "others", "Writers"] {
        assert_eq!(ask("/api/v1/me", "first", groups).status, 403, "{groups}");
        let page = ask("/", "first", groups);
        assert!(page.status == 403 && page.text().contains("None of your groups"), "{groups}");
    }
    assert_eq!(site.get("/static/x").status, 404);
    let log = ask("/audit.jsonl", "admin", "owners").text();
    for (line, times) in [
        (r#""who":"first","address":"127.0.0.1","what":"joined","about":"reader, through the proxy""#, 1),
        (r#""who":"first","address":"127.0.0.1","what":"signed-in","about":"through the proxy""#, 3),
        (r#""what":"role-changed","about":"first: reader to editor, as the groups say""#, 1),
        (r#""what":"sign-in-failed","about":"first, through the proxy""#, 1),
    ] {
        assert_eq!(log.matches(line).count(), times, "{line} in {log}");
    }
}

#[test]
fn forms_need_their_token_behind_a_proxy_too() {
    let site = site(&["--proxy-groups-header", "remote-groups", "--oidc-role", "owners=administrator"]);
    let headers = |user| [("x-forwarded-user", user), ("remote-groups", "owners")];
    let page = site.get_with("/people", &headers("first"));
    let (first, second) = (field(&page, "csrf"), field(&site.get_with("/people", &headers("second")), "csrf"));
    assert_ne!(first, second);
    let invite = |csrf: &str| send(&site, "/people/invite", &headers("first"), &[("csrf", csrf), ("role", "reader")]);
    for wrong in ["", "x", &second] {
        assert_eq!(invite(wrong).status, 403, "{wrong}");
    }
    assert_eq!(invite(&first).status, 200);
    let out = send(&site, "/sign-out", &headers("first"), &[("csrf", &first)]);
    assert!(out.status == 409 && out.text().contains("Sign out there"));
}

#[test]
fn who_was_let_in_no_more_stays_out_behind_a_proxy() {
    let site = site(&[]);
    let admin = site.sign_in("administrator");
    assert_eq!(ask(&site, "/you", "first").status, 200);
    let people = admin.get("/people");
    let html = people.html();
    let forms = all(&html, "form[action$='/deactivate']");
    let form = forms.iter().find(|form| form.html().contains("first")).expect("the list has a form for each");
    assert_eq!(admin.post_form(form.value().attr("action").unwrap_or_default(), &[]).status, 303);
    let answer = ask(&site, "/", "first");
    assert!(answer.status == 403 && answer.text().contains("not active"), "{}", answer.text());
}

#[test]
fn behind_a_proxy_the_log_knows_where_somebody_is() {
    let site = site(&[]);
    let admin = site.sign_in("administrator");
    for (forwarded, user, address) in [
        ("192.0.2.1", "first", "192.0.2.1"),
        ("203.0.113.9, 192.0.2.2", "second", "192.0.2.2"),
        ("192.0.2.3, 10.1.2.3", "third", "192.0.2.3"),
        ("nonsense", "fourth", "127.0.0.1"),
    ] {
        let answer = site.get_with("/you", &[("x-forwarded-user", user), ("x-forwarded-for", forwarded)]);
        assert_eq!(answer.status, 200);
        let line = format!(r#""who":"{user}","address":"{address}","what":"signed-in""#);
        assert!(admin.get("/audit.jsonl").text().contains(&line), "{line}");
    }
}
