//! Somebody who is signed in, with a browser of their own. Start at [`Site::sign_in`].

use std::process::Stdio;

use super::page::all;
use super::{Answer, Site, escape, fixpath};

/// Long enough, and nobody's.
pub const PASSWORD: &str = "only for this test";

/// A browser with a session of somebody.
pub struct Visitor<'a> {
    site: &'a Site,
    pub name: String,
    /// What the browser sends as `Cookie`.
    pub cookie: String,
    /// What forms carry as `csrf`.
    pub csrf: String,
}

/// A link that works once, made on the command line.
pub fn invite(site: &Site, options: &[&str]) -> String {
    let made = fixpath().arg("invite").args(options).arg("--data").arg(&site.data).stdin(Stdio::null()).output();
    let made = made.expect("the program starts");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let link = String::from_utf8(made.stdout).expect("links are UTF-8");
    link.trim().split_once("/join/").map(|(_, secret)| format!("/join/{secret}")).expect("it prints a link")
}

/// The value of a field of the forms on a page.
pub fn field(answer: &Answer, name: &str) -> String {
    let html = answer.html();
    let fields = all(&html, &format!("input[name=\"{name}\"]"));
    fields.first().and_then(|f| f.attr("value")).unwrap_or_else(|| panic!("no {name} in {}", answer.text())).to_owned()
}

/// The cookies that an answer sets, as a browser sends them back.
pub fn cookies(answer: &Answer) -> String {
    let set = answer.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, value)| value.as_str());
    let pairs = set.filter_map(|cookie| cookie.split(';').next()).filter(|pair| !pair.ends_with('='));
    pairs.collect::<Vec<_>>().join("; ")
}

/// Opens a page with a form and sends the form back with these fields, as a browser without a session does.
pub fn fill(site: &Site, path: &str, fields: &[(&str, &str)]) -> Answer {
    let page = site.get(path);
    assert_eq!(page.status, 200, "{path}: {}", page.text());
    let (cookie, csrf) = (cookies(&page), field(&page, "csrf"));
    let action = path.split('?').next().unwrap_or_default();
    send(site, action, &[("cookie", &cookie)], &[&[("csrf", csrf.as_str())], fields].concat())
}

/// Sends a form with headers of one's own.
pub fn send(site: &Site, path: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Answer {
    let body = fields.iter().map(|(k, v)| format!("{}={}", escape(k), escape(v))).collect::<Vec<_>>().join("&");
    let all = [&[("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")], headers].concat();
    site.post(path, &all, body.as_bytes())
}

impl Site {
    /// Somebody new with this role, whose name is the role.
    pub fn sign_in(&self, role: &str) -> Visitor<'_> {
        self.join(role, role)
    }

    /// Somebody new with this role and name.
    pub fn join(&self, role: &str, name: &str) -> Visitor<'_> {
        let link = invite(self, &["--role", role]);
        let answer = fill(self, &link, &[("name", name), ("password", PASSWORD), ("again", PASSWORD)]);
        assert_eq!(answer.status, 303, "{}", answer.text());
        Visitor::of(self, name, cookies(&answer))
    }
}

impl<'a> Visitor<'a> {
    /// The browser that got these cookies.
    pub fn of(site: &'a Site, name: &str, cookie: String) -> Visitor<'a> {
        let you = site.get_with("/you", &[("cookie", &cookie)]);
        assert_eq!(you.status, 200, "{cookie}: {}", you.text());
        let csrf = field(&you, "csrf");
        Visitor { site, name: name.to_owned(), cookie, csrf }
    }

    pub fn get(&self, path: &str) -> Answer {
        self.site.get_with(path, &[("cookie", &self.cookie)])
    }

    /// Sends a form of this session.
    pub fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        send(self.site, path, &[("cookie", &self.cookie)], &[&[("csrf", self.csrf.as_str())], fields].concat())
    }

    /// A token for programs, made as a person makes it.
    pub fn make_token(&self, scope: &str) -> String {
        let page = self.post_form("/you/tokens", &[("name", "for a test"), ("scope", scope), ("days", "30")]);
        assert_eq!(page.status, 200, "{}", page.text());
        let html = page.html();
        all(&html, "#new-secret").first().map(|code| code.text().collect()).expect("the page shows the token")
    }
}
