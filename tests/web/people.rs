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
