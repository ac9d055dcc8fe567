//! Accounts: how somebody gets one, signs in and out, and what proves who they are.

use crate::support::page::{all, href, one, words};
use crate::support::visitor::{PASSWORD, Visitor, cookies, field, fill, invite, send};
use crate::support::{Answer, Site, copy, fixpath, until};

/// The link for the first administrator that a site has printed.
fn first_link(site: &Site) -> String {
    until("the link is printed", || site.errors().contains("/join/"));
    let said = site.errors();
    let link = said.rsplit_once("/join/").map(|(_, rest)| rest.lines().next().unwrap_or_default().to_owned());
    format!("/join/{}", link.expect("it was printed"))
}

fn signing_in(site: &Site, name: &str, password: &str) -> Answer {
    fill(site, "/sign-in", &[("name", name), ("password", password)])
}

/// Name and password of somebody new, twice as the form wants it.
fn chosen(name: &str) -> [(&str, &str); 3] {
    [("name", name), ("password", PASSWORD), ("again", PASSWORD)]
}

#[test]
fn the_first_link_makes_an_administrator_once() {
    let site = Site::start();
    let link = first_link(&site);
    let joined = fill(&site, &link, &chosen("first"));
    assert_eq!((joined.status, joined.location()), (303, "/"));
    let first = Visitor::of(&site, "first", cookies(&joined));
    assert!(words(one(&first.get("/you").html(), "main")).contains("You are an administrator"));
    assert_eq!(first.get("/people").status, 200);
    assert_eq!(site.get(&link).status, 404, "it works once");
    assert!(words(one(&site.get("/").html(), ".top nav")).contains("Sign in"));
}

#[test]
fn the_first_link_is_replaced_at_each_start_until_there_is_an_administrator() {
    let mut site = Site::start();
    let older = first_link(&site);
    assert!(site.stop().success());
    let mut again = Site::open(&site.data, &[]);
    let newer = first_link(&again);
    assert_ne!(older, newer);
    assert_eq!((again.get(&older).status, again.get(&newer).status), (404, 200));
    // Somebody who is no administrator does not end it.
    again.join("editor", "editor");
    assert!(again.stop().success());
    let mut third = Site::open(&site.data, &[]);
    assert_eq!(fill(&third, &first_link(&third), &chosen("first")).status, 303);
    assert!(third.stop().success());
    let last = Site::open(&site.data, &[]);
    last.sign_in("reader");
    assert!(!last.errors().contains("/join/"), "{}", last.errors());
}

#[test]
fn a_link_is_used_once_and_a_refused_form_does_not_use_it() {
    let site = Site::start();
    site.join("reader", "First");
    let link = invite(&site, &["--role", "editor"]);
    for (name, password, again, says) in [
        ("a b", PASSWORD, PASSWORD, "cannot be a name"),
        ("", PASSWORD, PASSWORD, "cannot be a name"),
        ("nobody", PASSWORD, PASSWORD, "cannot be a name"),
        ("first", PASSWORD, PASSWORD, "has the name"),
        ("second", "too short", "too short", "9 characters"),
        ("second", PASSWORD, "another password", "differ"),
        ("second", &"x".repeat(257), &"x".repeat(257), "longer than"),
    ] {
        let answer = fill(&site, &link, &[("name", name), ("password", password), ("again", again)]);
        assert_eq!(answer.status, 422, "{name}");
        assert!(words(one(&answer.html(), "[role=alert]")).contains(says), "{name}: {}", answer.text());
        assert!(!answer.text().contains(password), "a password is not repeated");
    }
    assert_eq!(fill(&site, &link, &chosen("second")).status, 303);
    for path in [link.as_str(), "/join/x", "/join/%00", "/join/..%2f"] {
        assert_eq!(site.get(path).status, 404, "{path}");
    }
}

#[test]
fn of_those_who_use_one_link_at_once_one_joins() {
    let site = Site::start();
    let link = invite(&site, &[]);
    let page = site.get(&link);
    let (cookie, csrf) = (cookies(&page), field(&page, "csrf"));
    let join = |name: String| {
        let fields = [&chosen(&name)[..], &[("csrf", csrf.as_str())]].concat();
        send(&site, &link, &[("cookie", &cookie)], &fields).status
    };
    let joined = std::thread::scope(|scope| {
        let join = &join;
        let all: Vec<_> = (0..4).map(|n| scope.spawn(move || join(format!("person{n}")))).collect();
        all.into_iter().map(|one| one.join().expect("it does not panic")).collect::<Vec<u16>>()
    });
    let count = |status: u16| joined.iter().filter(|s| **s == status).count();
    assert_eq!((count(303), count(404)), (1, 3), "{joined:?}");
}

#[test]
fn every_page_of_accounts_has_one_heading_and_a_label_for_each_field() {
    let site = Site::start();
    let admin = site.sign_in("administrator");
    site.sign_in("reader");
    let link = invite(&site, &[]);
    let pages = [
        site.get("/sign-in"),
        site.get(&link),
        admin.get("/you"),
        admin.get("/people"),
        admin.get("/people?changed=2&was=editor"),
        admin.post_form("/people/invite", &[("role", "reader")]),
        admin.get("/audit"),
        admin.get("/audit?who=reader"),
    ];
    for answer in pages {
        let html = answer.html();
        let title = words(one(&html, "h1"));
        assert_eq!(answer.header("cache-control"), Some("private, no-store"), "{title}");
        assert_eq!(all(&html, "link[rel=canonical]").len(), 0, "{title}");
        let labelled: Vec<&str> = all(&html, "label").into_iter().filter_map(|l| l.attr("for")).collect();
        let ids: Vec<&str> = all(&html, "[id]").into_iter().filter_map(|e| e.attr("id")).collect();
        assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), ids.len(), "{title}: {ids:?}");
        for input in all(&html, "main input:not([type=hidden]), main select") {
            assert!(input.attr("id").is_some_and(|id| labelled.contains(&id)), "{title}: {}", input.html());
        }
        for hint in all(&html, "[aria-describedby], [aria-labelledby]") {
            let named = hint.attr("aria-describedby").or(hint.attr("aria-labelledby")).unwrap_or_default();
            assert!(named.split(' ').all(|id| ids.contains(&id)), "{title}: {named}");
        }
    }
}

#[test]
fn the_cookie_of_a_session_is_for_the_browser_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    copy(&Site::start().data, folder.path());
    for (options, name, secure) in
        [(vec![], "fixpath", false), (vec!["--base-url", "https://fixpath.example.com"], "__Host-fixpath", true)]
    {
        let site = Site::open(folder.path(), &options);
        let joined = fill(&site, &invite(&site, &[]), &chosen(if secure { "second" } else { "first" }));
        let set: Vec<&str> = joined.headers.iter().filter(|(k, _)| k == "set-cookie").map(|(_, v)| v.as_str()).collect();
        for name in [name.to_owned(), format!("{name}-device")] {
            let given = set.iter().find(|c| c.starts_with(&format!("{name}="))).unwrap_or_else(|| panic!("{set:?}"));
            let has = |part: &str| given.split("; ").any(|p| p.eq_ignore_ascii_case(part));
            assert!(has("HttpOnly") && has("SameSite=Lax") && has("Path=/") && !given.contains("Domain"), "{given}");
            assert_eq!(has("Secure"), secure, "{given}");
            let database = std::fs::read(site.data.join("fixpath.db-wal")).expect("there is a log");
            let secret = given.split(['=', ';']).nth(1).expect("it has a value");
            assert_eq!(secret.len(), 43);
            assert!(!database.windows(43).any(|w| w == secret.as_bytes()), "only its digest is kept");
        }
    }
}

#[test]
fn a_session_begins_at_sign_in_and_ends_at_sign_out() {
    let site = Site::start();
    let first = site.join("reader", "first");
    assert_eq!(first.post_form("/sign-out", &[]).status, 303);
    assert_eq!(first.get("/you").location(), "/sign-in?then=%2Fyou");
    // What somebody else put into the browser before is not taken for the session.
    let page = site.get("/sign-in");
    let planted = "x".repeat(43);
    let cookie = format!("fixpath={planted}; {}", cookies(&page));
    let fields = [("csrf", field(&page, "csrf")), ("name", "FIRST".into()), ("password", PASSWORD.into())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let answer = send(&site, "/sign-in", &[("cookie", &cookie)], &fields);
    assert_eq!(answer.status, 303);
    let again = Visitor::of(&site, "first", cookies(&answer));
    assert!(!again.cookie.contains(&planted) && again.cookie != first.cookie);
    // Everywhere.
    let other = Visitor::of(&site, "first", cookies(&signing_in(&site, "first", PASSWORD)));
    assert_eq!(all(&other.get("/you").html(), "#browsers + ul li").len(), 2);
    assert_eq!(other.post_form("/you/sign-out-everywhere", &[]).status, 303);
    for gone in [&again, &other] {
        assert_eq!(gone.get("/you").status, 303);
        assert_eq!(site.get_with("/api/v1/me", &[("cookie", &gone.cookie)]).status, 401);
    }
}

#[test]
fn a_new_password_ends_the_other_sessions() {
    let site = Site::start();
    let (first, other) = {
        let first = site.join("editor", "first");
        let other = Visitor::of(&site, "first", cookies(&signing_in(&site, "first", PASSWORD)));
        (first, other)
    };
    let change = |old: &str, new: &str| first.post_form("/you/password", &[("old", old), ("password", new), ("again", new)]);
    assert_eq!(change("not the old one", "the new password").status, 422);
    let log = site.join("administrator", "admin").get("/audit.jsonl").text();
    assert_eq!(log.matches(r#""who":"first","address":"127.0.0.1","what":"password-not-changed""#).count(), 1, "{log}");
    assert_eq!(other.get("/you").status, 200);
    assert_eq!(change(PASSWORD, "the new password").location(), "/you?password");
    assert_eq!((first.get("/you").status, other.get("/you").status), (200, 303));
    assert_eq!(signing_in(&site, "first", PASSWORD).status, 422);
    assert_eq!(signing_in(&site, "first", "the new password").status, 303);
    // A link does the same for somebody who forgot it.
    let link = invite(&site, &["--name", "first"]);
    assert_eq!(all(&site.get(&link).html(), "input#name").len(), 0, "the name stays");
    assert_eq!(fill(&site, &link, &chosen("ignored")).status, 303);
    assert_eq!(first.get("/you").status, 303);
    assert_eq!(signing_in(&site, "first", PASSWORD).status, 303);
}

#[test]
fn nothing_tells_whether_a_name_is_taken() {
    let site = Site::start();
    site.join("reader", "first");
    let shown = |name: &str| {
        let answer = signing_in(&site, name, "not the password");
        let csrf = field(&answer, "csrf");
        (answer.status, answer.text().replace(&csrf, "").replace(name, ""))
    };
    let known = shown("first");
    assert_eq!(known.0, 422);
    assert!(known.1.contains("Name or password is wrong."));
    assert_eq!(known, shown("other"));
}

#[test]
fn guessing_is_slowed_and_the_owner_is_not_locked_out() {
    let site = Site::start();
    let first = site.join("reader", "first");
    site.join("reader", "second");
    let admin = site.join("administrator", "admin");
    // All from one address, as behind one router.
    let answers: Vec<u16> = (0..12).map(|_| signing_in(&site, "first", "a wrong password").status).collect();
    assert_eq!(answers[..10], [422; 10], "{answers:?}");
    assert_eq!(answers[10..], [429; 2], "{answers:?}");
    let slow = signing_in(&site, "first", PASSWORD);
    assert_eq!(slow.status, 429, "not even the right one, from a browser that nobody signed in with");
    assert!(slow.header("retry-after").and_then(|s| s.parse::<u64>().ok()).is_some_and(|s| s > 0));
    assert!(words(one(&slow.html(), "[role=alert]")).contains("Wait"));
    assert_eq!(first.get("/you").status, 200, "who is signed in stays so");
    let slowed = (0..40).find(|n| signing_in(&site, &format!("name{n}"), "x").status == 429);
    assert!(slowed.is_some_and(|n| n >= 10), "{slowed:?}");
    // Now nothing tells which names there are, whichever browser asks.
    let (of_first, of_admin) = (device(&first.cookie), device(&admin.cookie));
    for browser in ["", of_admin] {
        let asked = ["first", "second", "name41"].map(|name| sign_in_with(&site, browser, name, "x").status);
        assert_eq!(asked, [429; 3], "{browser}");
    }
    let again = sign_in_with(&site, of_first, "first", PASSWORD);
    assert_eq!(again.status, 303, "and who signed in with this browser before can again");
    let renewed = cookies(&again);
    assert!(device(&renewed) != of_first && !device(&renewed).is_empty());
    assert_eq!(sign_in_with(&site, of_first, "first", PASSWORD).status, 429, "the browser is known by a new secret");
    // Its own tries are slowed as well.
    let answers: Vec<u16> = (0..12).map(|_| sign_in_with(&site, device(&renewed), "first", "x").status).collect();
    assert_eq!((answers[9], answers[11]), (422, 429), "{answers:?}");
    let log = admin.get("/audit.jsonl").text();
    let slowed = |who: &str| log.matches(&format!(r#""what":"sign-in-slowed","about":"{who}""#)).count();
    // The account, and that browser; and the address, for whichever name came first.
    assert_eq!((slowed("first"), slowed("second"), slowed("unknown name")), (2, 0, 1), "{log}");
}

/// What a browser is known by.
fn device(cookies: &str) -> &str {
    cookies.split("; ").find(|cookie| cookie.starts_with("fixpath-device=")).expect("it was signed in with")
}

/// Signs in with a browser that has this cookie.
fn sign_in_with(site: &Site, cookie: &str, name: &str, password: &str) -> Answer {
    let page = site.get("/sign-in");
    let fields = [("csrf", field(&page, "csrf")), ("name", name.to_owned()), ("password", password.to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let cookie = [cookie, &cookies(&page)].join("; ");
    send(site, "/sign-in", &[("cookie", cookie.trim_start_matches("; "))], &fields)
}

#[test]
fn signing_in_leads_back_within_the_site_only() {
    let site = Site::start();
    site.join("reader", "first");
    for (then, leads) in [
        ("/fix/verb-not-defined?thanks", "/fix/verb-not-defined?thanks"),
        ("", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("https:evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/\r\nset-cookie: x=y", "/"),
        ("javascript:alert(1)", "/"),
    ] {
        let page = format!("/sign-in?then={}", crate::support::escape(then));
        let kept = field(&site.get(&page), "then");
        assert_eq!(kept, leads, "{then:?}");
        let answer = fill(&site, &page, &[("then", then), ("name", "first"), ("password", PASSWORD)]);
        assert!([kept.as_str(), "/"].contains(&answer.location()), "{then:?} leads to {}", answer.location());
    }
    assert_eq!(field(&site.get("/sign-in?then=%252F%252Fevil.example"), "then"), "/", "decoded once");
}

#[test]
fn a_form_without_the_token_of_its_session_changes_nothing() {
    let site = Site::start();
    let admin = site.sign_in("administrator");
    let reader = site.sign_in("reader");
    let cookie = ("cookie", admin.cookie.as_str());
    for csrf in ["", "x", &reader.csrf, &admin.csrf.to_uppercase()] {
        let answer = send(&site, "/people/2/role", &[cookie], &[("role", "editor"), ("csrf", csrf)]);
        assert_eq!(answer.status, 403, "{csrf}");
        assert!(words(one(&answer.html(), "main")).contains("nothing was changed"));
    }
    let me = |visitor: &Visitor| visitor.get("/api/v1/me").json()["role"].clone();
    assert_eq!(me(&reader), "reader");
    // As a header, and as a field of a form with a file, it is as good.
    let fields = [("role", "editor")];
    let answer = send(&site, "/people/2/role", &[cookie, ("x-csrf-token", &admin.csrf)], &fields);
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(me(&reader), "editor");
    let body = format!("{{\"csrf\": \"{}\"}}", admin.csrf);
    assert_eq!(site.post("/people/2/role", &[cookie, ("content-type", "application/json")], body.as_bytes()).status, 403);
    let part = |name: &str, value: &str| format!("--m\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let kind = ("content-type", "multipart/form-data; boundary=m");
    for (csrf, status) in [(admin.csrf.as_str(), 200), ("x", 403)] {
        let body = part("csrf", csrf) + &part("text", "Forbidden\nForbidden") + "--m--\r\n";
        assert_eq!(site.post("/explain", &[cookie, kind], body.as_bytes()).status, status, "{csrf}");
    }
    // Signing in wants the cookie that came with the form.
    let answer = send(&site, "/sign-in", &[], &[("name", "reader"), ("password", PASSWORD), ("csrf", &reader.csrf)]);
    assert_eq!(answer.status, 403);
}

#[test]
fn every_form_of_a_signed_in_person_carries_the_token() {
    let site = Site::start();
    let admin = site.sign_in("administrator");
    admin.post_form("/people/invite", &[("role", "reader")]);
    admin.make_token("read");
    let mut forms = 0;
    for path in [
        "/",
        "/explain",
        "/fix/verb-not-defined",
        "/diagnose?symptom=forbidden",
        "/question/url-shape",
        "/you",
        "/people",
        "/people?changed=1&was=reader",
        "/nothing",
    ] {
        let page = admin.get(path).html();
        for form in all(&page, "form[method=post]") {
            let tokens = crate::support::page::within(form, "input[name=csrf]");
            assert_eq!(tokens.first().and_then(|t| t.attr("value")), Some(admin.csrf.as_str()), "{path}");
            forms += 1;
        }
    }
    assert!(forms > 15, "{forms}");
}

#[test]
fn a_token_is_shown_once_and_goes_as_far_as_it_says() {
    let site = Site::start();
    let editor = site.sign_in("editor");
    let (read, write) = (editor.make_token("read"), editor.make_token("write"));
    assert!(read.strip_prefix("fixpath_").is_some_and(|secret| secret.len() == 43), "{read}");
    assert!(!editor.get("/you").text().contains(&read[8..]), "it is not shown again");
    let log = std::fs::read(site.data.join("fixpath.db-wal")).expect("there is a log");
    assert!(!log.windows(43).any(|w| w == &read.as_bytes()[8..]), "only its digest is kept");
    let as_ = |token: &str| format!("Bearer {token}");
    let me = |token: &str| site.get_with("/api/v1/me", &[("authorization", &as_(token))]);
    assert_eq!(me(&read).json(), serde_json::json!({"name": "editor", "role": "reader", "via": "token"}));
    assert_eq!(me(&write).json()["role"], "editor");
    let outcome = |token: &str| {
        let form = ("content-type", "application/x-www-form-urlencoded");
        site.post("/outcome", &[("authorization", &as_(token)), form], b"entry=verb-not-defined&worked=yes&query=").status
    };
    assert_eq!((outcome(&read), outcome(&write)), (403, 303));
    for bad in ["", "x", "fixpath_", &read[8..], &format!("{read}x"), &read.to_uppercase()] {
        let answer = me(bad);
        assert_eq!((answer.status, &answer.json()["error"]["code"]), (401, &"bad-token".into()), "{bad}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    // A cookie beside a bad token does not help, and no token looks after an account.
    let both = [("authorization", "Bearer x"), ("cookie", editor.cookie.as_str())];
    assert_eq!(site.get_with("/api/v1/me", &both).status, 401);
    assert_eq!(site.get_with("/you", &[("authorization", &as_(&write))]).status, 403);
    // Withdrawn, it is out at once; so it is when it is too old.
    let withdraw = all(&editor.get("/you").html(), "form[action$=\"/withdraw\"]")[0].attr("action").expect("it leads").to_owned();
    assert_eq!(editor.post_form(&withdraw, &[]).status, 303);
    assert_eq!([me(&read).status, me(&write).status].iter().filter(|s| **s == 401).count(), 1);
    for (name, scope, days) in [("", "read", "30"), ("x", "all", "30"), ("x", "read", "31"), ("x", "read", "-1")] {
        assert_eq!(editor.post_form("/you/tokens", &[("name", name), ("scope", scope), ("days", days)]).status, 422);
    }
}

#[test]
fn a_token_ends_on_its_day() {
    let mut site = Site::start();
    let token = site.sign_in("editor").make_token("read");
    assert!(site.stop().success());
    shift(&site, "UPDATE token SET expires_at = expires_at - 30 * 86400");
    let again = Site::open(&site.data, &[]);
    assert_eq!(again.get_with("/api/v1/me", &[("authorization", &format!("Bearer {token}"))]).status, 401);
}

#[test]
fn a_session_that_nobody_uses_ends_and_a_link_grows_too_old() {
    let mut site = Site::start();
    let cookie = site.sign_in("reader").cookie;
    let link = invite(&site, &[]);
    assert!(site.stop().success());
    shift(&site, "UPDATE session SET seen_at = seen_at - 29 * 86400");
    let mut again = Site::open(&site.data, &[]);
    assert_eq!(again.get_with("/you", &[("cookie", &cookie)]).status, 200, "this is a visit, too");
    assert_eq!(again.get(&link).status, 200);
    assert!(again.stop().success());
    shift(&site, "UPDATE session SET seen_at = seen_at - 29 * 86400");
    shift(&site, "UPDATE invitation SET expires_at = expires_at - 7 * 86400");
    let mut third = Site::open(&site.data, &[]);
    assert_eq!(third.get_with("/you", &[("cookie", &cookie)]).status, 200, "so it lived on");
    assert_eq!(third.get(&link).status, 404);
    assert!(third.stop().success());
    shift(&site, "UPDATE session SET seen_at = seen_at - 31 * 86400");
    assert_eq!(Site::open(&site.data, &[]).get_with("/you", &[("cookie", &cookie)]).status, 303);
}

/// Moves times in a store that no site uses: what takes days is not waited for.
fn shift(site: &Site, statement: &'static str) {
    use sqlx::{Connection as _, SqliteConnection};
    crate::support::wait(async {
        let url = format!("sqlite:{}", site.data.join("fixpath.db").display());
        let mut db = SqliteConnection::connect(&url).await.expect("the store opens");
        sqlx::query(statement).execute(&mut db).await.expect("it is sound");
        db.close().await.expect("it closes");
    });
}

#[test]
fn an_administrator_looks_after_people_and_one_always_stays() {
    let site = Site::start();
    let admin = site.sign_in("administrator");
    let editor = site.sign_in("editor");
    for path in ["/people/1/deactivate", "/people/1/role"] {
        let answer = admin.post_form(path, &[("role", "editor")]);
        assert_eq!(answer.status, 409, "{path}");
        assert!(words(one(&answer.html(), "main")).contains("somebody else an administrator first"));
    }
    assert_eq!(editor.get("/people").status, 403);
    assert_eq!(editor.post_form("/people/2/role", &[("role", "administrator")]).status, 403);
    // A role changes at once, and back.
    let changed = admin.post_form("/people/2/role", &[("role", "administrator")]);
    assert_eq!(editor.get("/people").status, 200);
    let page = admin.get(changed.location()).html();
    let undo = one(&page, ".notice form");
    assert_eq!(undo.attr("action"), Some("/people/2/role"));
    assert_eq!(crate::support::page::within(undo, "input[name=role]")[0].attr("value"), Some("editor"));
    assert_eq!(admin.post_form("/people/2/role", &[("role", "editor")]).status, 303);
    assert_eq!(editor.get("/people").status, 403);
    // Whoever is let in no more is out at once, with every token, and cannot come back.
    let token = editor.make_token("write");
    assert_eq!(admin.post_form("/people/2/deactivate", &[]).location(), "/people?deactivated=2");
    assert_eq!(editor.get("/you").status, 303);
    assert_eq!(site.get_with("/api/v1/me", &[("authorization", &format!("Bearer {token}"))]).status, 401);
    assert_eq!(signing_in(&site, "editor", PASSWORD).status, 422);
    assert_eq!(admin.post_form("/people/2/reset", &[]).status, 404);
    assert_eq!(admin.post_form("/people/2/reactivate", &[]).status, 303);
    assert_eq!(signing_in(&site, "editor", PASSWORD).status, 303);
    assert_eq!(admin.post_form("/people/9/role", &[("role", "editor")]).status, 404);
    // A link that was made here works, until it is withdrawn.
    let made = admin.post_form("/people/invite", &[("role", "reader")]);
    let url = words(one(&made.html(), "#new-secret"));
    let link = url.strip_prefix(&site.url("")).expect("it is of this site").to_owned();
    assert_eq!(site.get(&link).status, 200);
    assert!(!admin.get("/people").text().contains(&link), "it is shown once");
    for form in all(&admin.get("/people").html(), "form[action^=\"/people/invitations/\"]") {
        assert_eq!(admin.post_form(form.attr("action").expect("it leads"), &[]).status, 303);
    }
    assert_eq!(site.get(&link).status, 404);
}

#[test]
fn tokens_go_with_the_sessions_if_their_owner_says_so() {
    let site = Site::start();
    let admin = site.sign_in("administrator");
    let change = [("old", PASSWORD), ("password", PASSWORD), ("again", PASSWORD)];
    let link = |_: &Visitor<'_>| invite(&site, &["--name", "first"]);
    site.join("editor", "first");
    for (way, tokens, goes, told) in [
        ("everywhere", "yes", true, ""),
        ("everywhere", "", false, ""),
        ("password", "yes", true, "your tokens work no more"),
        ("password", "", false, "every other browser is signed out."),
        ("link", "yes", true, ""),
        ("link", "", false, ""),
    ] {
        let first = Visitor::of(&site, "first", cookies(&signing_in(&site, "first", PASSWORD)));
        let token = format!("Bearer {}", first.make_token("write"));
        let page = first.get("/you").html();
        assert!(one(&page, "#leave-tokens").attr("checked").is_some() && one(&page, "#change-tokens").attr("checked").is_none());
        let field = ("tokens", tokens);
        let answer = match way {
            "everywhere" => first.post_form("/you/sign-out-everywhere", &[field]),
            "password" => first.post_form("/you/password", &[&change[..], &[field]].concat()),
            _ => fill(&site, &link(&first), &[("password", PASSWORD), ("again", PASSWORD), field]),
        };
        assert_eq!(answer.status, 303, "{way}: {}", answer.text());
        if !told.is_empty() {
            assert!(first.get(answer.location()).text().contains(told), "{way} {tokens}");
        }
        let status = site.get_with("/api/v1/me", &[("authorization", &token)]).status;
        assert_eq!(status, if goes { 401 } else { 200 }, "{way} {tokens}");
    }
    let log = admin.get("/audit.jsonl").text();
    // Those that stayed went with the next ones.
    assert_eq!(log.matches(r#""what":"token-withdrawn","about":"for a test""#).count(), 5, "{log}");
}

#[test]
fn links_of_who_administers_no_more_are_withdrawn() {
    let site = Site::start();
    let (admin, second) = (site.sign_in("administrator"), site.join("administrator", "second"));
    site.join("reader", "reader");
    let link = |page: &Answer| {
        let url = words(one(&page.html(), "#new-secret"));
        url.strip_prefix(&site.url("")).expect("it is of this site").to_owned()
    };
    let own = link(&admin.post_form("/people/invite", &[("role", "reader")]));
    for (path, fields, back) in [
        ("/people/2/deactivate", &[][..], ("/people/2/reactivate", &[][..])),
        ("/people/2/role", &[("role", "editor")], ("/people/2/role", &[("role", "administrator")])),
    ] {
        let second = Visitor::of(&site, "second", cookies(&signing_in(&site, &second.name, PASSWORD)));
        let made = [
            link(&second.post_form("/people/invite", &[("role", "administrator")])),
            link(&second.post_form("/people/3/reset", &[])),
        ];
        assert_eq!(made.each_ref().map(|link| site.get(link).status), [200, 200], "{path}");
        assert_eq!(admin.post_form(path, fields).status, 303);
        assert_eq!(made.each_ref().map(|link| site.get(link).status), [404, 404], "{path}");
        assert_eq!(fill_link(&site, &made[0]), 404, "{path}");
        assert_eq!(admin.post_form(back.0, back.1).status, 303);
    }
    assert_eq!(site.get(&own).status, 200, "the links of others stay");
    let log = admin.get("/audit.jsonl").text();
    let told: Vec<&str> = log.lines().filter(|l| l.contains("invitation-withdrawn") && l.contains("which second made")).collect();
    assert_eq!(told.len(), 4, "{log}");
}

/// What becomes of somebody who uses a link, whatever its page says.
fn fill_link(site: &Site, link: &str) -> u16 {
    let page = site.get("/sign-in");
    let csrf = field(&page, "csrf");
    let fields = [&chosen("third")[..], &[("csrf", csrf.as_str())]].concat();
    send(site, link, &[("cookie", &cookies(&page))], &fields).status
}

#[test]
fn the_audit_log_tells_what_was_done_and_no_secret() {
    let site = Site::start();
    let admin = site.sign_in("administrator");
    let reader = site.sign_in("reader");
    let token = reader.make_token("read");
    signing_in(&site, "reader", "a wrong password");
    signing_in(&site, "somebody", "a wrong password");
    reader.post_form("/you/password", &[("old", PASSWORD), ("password", "the new password"), ("again", "the new password")]);
    admin.post_form("/people/2/role", &[("role", "editor")]);
    reader.post_form("/sign-out", &[]);
    let file = admin.get("/audit.jsonl");
    let lines: Vec<serde_json::Value> =
        file.text().lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
    let told: Vec<(String, String, String)> = lines
        .iter()
        .rev()
        .map(|line| {
            let part = |name: &str| line[name].as_str().expect("it is text").to_owned();
            (part("who"), part("what"), part("about"))
        })
        .collect();
    // Two of the links are the first one, of the start that made the data of all tests and of this start.
    let wanted = [
        ("system", "imported", "import at the start: 121 added, 0 changed, 0 merged"),
        ("operator", "invited", "an administrator"),
        ("operator", "invited", "an administrator"),
        ("operator", "invited", "an administrator"),
        ("administrator", "joined", "administrator"),
        ("administrator", "signed-in", "with a link"),
        ("operator", "invited", "a reader"),
        ("reader", "joined", "reader"),
        ("reader", "signed-in", "with a link"),
        ("reader", "token-made", "for a test, read, 30 days"),
        ("nobody", "sign-in-failed", "reader"),
        ("nobody", "sign-in-failed", "unknown name"),
        ("reader", "password-changed", "reader"),
        ("administrator", "role-changed", "reader: reader to editor"),
        ("reader", "signed-out", ""),
    ];
    let told: Vec<(&str, &str, &str)> = told.iter().map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str())).collect();
    assert_eq!(told, wanted);
    let csv = admin.get("/audit.csv");
    assert_eq!(csv.text().lines().count(), wanted.len() + 1);
    let page = admin.get("/audit?who=reader").html();
    assert_eq!(all(&page, "tbody tr").len(), wanted.iter().filter(|(who, ..)| *who == "reader").count());
    for secret in [token.as_str(), PASSWORD, "the new password", "a wrong password", "somebody"] {
        assert!(!csv.text().contains(secret) && !file.text().contains(secret), "{secret}");
        assert!(!site.errors().contains(secret), "{secret}");
    }
    for who in [site.get("/audit.csv"), reader.get("/audit.csv")] {
        assert_eq!(who.status, 303);
    }
}

#[test]
fn a_proxy_on_this_machine_makes_nobody_of_this_machine() {
    let here = Site::start();
    let named = Site::start_with(&["--base-url", "http://fixpath.example.com"], &[]);
    let open = Site::start_with(&["--base-url", "http://fixpath.example.com", "--open"], &[]);
    let ask = |site: &Site, start: &str, headers: &str, host: &str| {
        let mut head = format!("{start}\r\n{headers}");
        if !host.is_empty() {
            head += &format!("Host: {host}\r\n");
        }
        let body = if start.starts_with("POST") { "entry=verb-not-defined&worked=yes&query=" } else { "" };
        head += &format!("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n", body.len());
        site.raw_alone(head.as_bytes(), body.as_bytes()).status
    };
    let own = here.address.clone();
    // Each with how reading and saying that a fix helped end without an account.
    for (site, headers, host, version, ends) in [
        (&here, "", own.as_str(), "1.1", (200, 303)),
        (&here, "", "localhost", "1.1", (200, 303)),
        (&here, "", "LOCALHOST:80", "1.1", (200, 303)),
        (&here, "", "[::1]:8080", "1.1", (200, 303)),
        (&here, "X-Forwarded-For: 203.0.113.9\r\n", &own, "1.1", (303, 401)),
        (&here, "X-Forwarded-Proto: https\r\n", &own, "1.1", (303, 401)),
        (&here, "Forwarded: for=203.0.113.9\r\n", &own, "1.1", (303, 401)),
        (&here, "X-Real-IP: 127.0.0.1\r\n", &own, "1.1", (303, 401)),
        (&here, "Via: 1.1 proxy\r\n", &own, "1.1", (303, 401)),
        (&here, "", "fixpath.example.com", "1.1", (303, 401)),
        (&here, "", "localhost.attacker.example", "1.1", (303, 401)),
        (&here, "", "127.0.0.1.attacker.example", "1.1", (303, 401)),
        (&here, "", &own, "1.0", (303, 401)),
        (&here, "", "", "1.0", (303, 401)),
        (&named, "", &named.address, "1.1", (303, 401)),
        (&named, "", "fixpath.example.com", "1.1", (303, 401)),
        (&open, "X-Forwarded-For: 203.0.113.9\r\n", "fixpath.example.com", "1.1", (200, 401)),
    ] {
        let read = ask(site, &format!("GET /fix/verb-not-defined HTTP/{version}"), headers, host);
        let write = ask(site, &format!("POST /outcome HTTP/{version}"), headers, host);
        assert_eq!((read, write), ends, "{headers:?} {host:?} {version}");
    }
    // What this machine was shown, with its buttons, is not kept for others.
    let passed = [("x-forwarded-for", "203.0.113.9")];
    let mixed = Site::start_with(&["--open"], &[]);
    let buttons = |answer: Answer| all(&answer.html(), "form.outcome").len();
    assert_eq!(buttons(mixed.get("/fix/verb-not-defined")), 1);
    assert_eq!(buttons(mixed.get_with("/fix/verb-not-defined", &passed)), 0);
    mixed.get("/search?q=zyzzyva");
    until("the miss is written down", || mixed.get("/gaps").text().contains("zyzzyva"));
    assert!(!mixed.get_with("/gaps", &passed).text().contains("zyzzyva"));
}

/// A site that other machines reach.
fn exposed(data: &std::path::Path, more: &[&str]) -> Site {
    let mut command = fixpath();
    command.args(["serve", "--listen", "0.0.0.0:0", "--workers", "2", "--data"]).arg(data).args(more);
    Site::spawn(command, data)
}

#[test]
fn beyond_this_machine_nobody_reads_without_an_account_unless_it_is_open() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    copy(&Site::start().data, folder.path());
    let mut closed = exposed(folder.path(), &[]);
    let at = "/fix/verb-not-defined?x=y";
    assert_eq!(closed.get(at).location(), "/sign-in?then=%2Ffix%2Fverb-not-defined%3Fx%3Dy");
    let refused = closed.get("/api/v1/search?q=forbidden");
    assert_eq!((refused.status, &refused.json()["error"]["code"]), (401, &"sign-in-first".into()));
    for path in ["/healthz", "/readyz", "/sign-in", "/favicon.ico"] {
        assert_eq!(closed.get(path).status, 200, "{path}");
    }
    let reader = closed.sign_in("reader");
    assert_eq!(reader.get(at).status, 200);
    assert_eq!(reader.get("/metrics").status, 403);
    assert!(closed.stop().success());
    let open = exposed(folder.path(), &["--open"]);
    let page = open.get("/fix/verb-not-defined").html();
    assert!(all(&page, "form.outcome").is_empty(), "nobody writes without an account");
    assert_eq!(href(one(&page, ".outcome a")), "/sign-in?then=%2Ffix%2Fverb-not-defined");
    assert_eq!(open.post_form("/outcome", &[("entry", "verb-not-defined"), ("worked", "yes")]).status, 401);
    let reader = open.join("reader", "second");
    assert_eq!(reader.post_form("/outcome", &[("entry", "verb-not-defined"), ("worked", "yes")]).status, 303);
    // A page that was kept for everybody shows nobody's name.
    assert!(words(one(&reader.get("/browse").html(), ".top nav")).contains("second"));
    assert!(!open.get("/browse").text().contains("second"));
    assert_eq!(reader.get("/browse").header("cache-control"), Some("private, no-store"));
}
