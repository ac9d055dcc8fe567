//! No link of the site leads nowhere.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::support::Site;
use crate::support::page::{all, href};

/// Pages that are opened. Steps of a questionnaire are without number; documents come first.
const MOST: usize = 400;
/// Histories that are opened: there is one of each document, and they are all made alike.
const HISTORIES: usize = 6;

#[test]
fn every_link_on_the_way_from_the_start_answers() {
    let site = Site::start();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut documents: VecDeque<(String, String)> =
        [("/".to_owned(), String::new()), ("/browse".to_owned(), String::new())].into();
    let mut steps: VecDeque<(String, String)> = VecDeque::new();
    let mut anchors: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut wanted: BTreeSet<(String, String, String)> = BTreeSet::new();
    while let Some((path, from)) = documents.pop_front().or_else(|| steps.pop_front()) {
        if seen.len() >= MOST {
            break;
        }
        let opened = seen.iter().filter(|path| path.starts_with("/history/")).count();
        if (path.starts_with("/history/") && opened >= HISTORIES) || !seen.insert(path.clone()) {
            continue;
        }
        let answer = site.get(&path);
        assert!(matches!(answer.status, 200 | 301 | 303), "{path}, linked from {from}, answers {}", answer.status);
        if let Some(next) = answer.header("location") {
            documents.push_back((next.to_owned(), path));
            continue;
        }
        if !answer.header("content-type").is_some_and(|t| t.starts_with("text/html")) {
            continue;
        }
        let html = answer.html();
        let ids: BTreeSet<String> = all(&html, "[id]").iter().filter_map(|e| e.attr("id")).map(str::to_owned).collect();
        assert_eq!(ids.len(), all(&html, "[id]").len(), "{path} gives one id twice");
        anchors.insert(path.clone(), ids);
        let linked = all(&html, "a[href]").into_iter().map(href);
        let parts = ["link[href]", "script[src]", "img[src]"].into_iter().flat_map(|css| all(&html, css));
        let parts = parts.filter_map(|e| e.attr("href").or(e.attr("src"))).map(str::to_owned);
        for link in linked.chain(parts) {
            let link = link.strip_prefix(&site.url("")).unwrap_or(&link);
            let (page, anchor) = link.split_once('#').unwrap_or((link, ""));
            let page = if page.is_empty() { path.as_str() } else { page };
            if !page.starts_with('/') {
                assert!(page.starts_with("https://") || page.starts_with("http://"), "{path} links to {page}");
                continue;
            }
            if !anchor.is_empty() {
                wanted.insert((page.to_owned(), anchor.to_owned(), path.clone()));
            }
            let queue = if page.starts_with("/diagnose?") { &mut steps } else { &mut documents };
            queue.push_back((page.to_owned(), path.clone()));
        }
    }
    assert!(seen.len() >= MOST, "the crawl ended after {} pages", seen.len());
    documents.retain(|(path, _)| !seen.contains(path));
    assert!(documents.is_empty(), "every document was opened, or raise the bound: {documents:?}");
    for (page, anchor, from) in wanted {
        let there = anchors.get(&page).is_none_or(|ids| ids.contains(&anchor));
        assert!(there, "{from} links to {page}#{anchor}, which is not there");
    }
}

#[test]
fn every_form_goes_to_a_page_that_takes_it() {
    let site = Site::start();
    let step =
        "/diagnose?symptom=missing-authentication-token&url-shape=stage-root&other-paths=others-work&resource-path=defined";
    for path in ["/", "/browse", "/explain", "/search?q=forbidden", "/fix/verb-not-defined", step] {
        let html = site.get(path).html();
        let forms = all(&html, "form");
        assert!(!forms.is_empty(), "{path}");
        for form in forms {
            let action = form.attr("action").unwrap_or_default();
            let answer = match form.attr("method") {
                Some("post") => site.post_form(action, &[]),
                _ => site.get(action),
            };
            // Empty forms may be refused, but they are understood.
            assert!(matches!(answer.status, 200 | 303 | 400 | 422), "{path}: {action} answers {}", answer.status);
        }
    }
}
