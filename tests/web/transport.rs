//! How answers travel: compressed, kept by browsers while they do not change, and without help from other hosts.

use std::io::Read as _;

use crate::support::page::{all, href};
use crate::support::{Answer, Site};

/// A fix page may move so much in all, with its style sheet, script and icon.
const MOST_BYTES: usize = 40 * 1024;

fn unpacked(answer: &Answer) -> Vec<u8> {
    let mut out = Vec::new();
    match answer.header("content-encoding") {
        Some("br") => brotli::Decompressor::new(&answer.body[..], 4096).read_to_end(&mut out).map(|_| ()),
        Some("gzip") => flate2::read::GzDecoder::new(&answer.body[..]).read_to_end(&mut out).map(|_| ()),
        None => return answer.body.clone(),
        Some(other) => panic!("nobody asked for {other}"),
    }
    .expect("it unpacks");
    out
}

/// The static files that a page loads.
fn parts(site: &Site, path: &str) -> Vec<String> {
    let html = site.get(path).html();
    let links = all(&html, "link[rel=stylesheet], link[rel=icon], link[rel=preload]").into_iter().map(href);
    let sources = all(&html, "script[src], img[src]").into_iter().filter_map(|e| e.attr("src").map(str::to_owned));
    links.chain(sources).collect()
}

#[test]
fn every_encoding_gives_the_same_text() {
    let site = Site::start();
    let mut paths: Vec<String> = parts(&site, "/");
    let pages =
        ["/", "/fix/verb-not-defined", "/diagnose?symptom=forbidden", "/diagnose?symptom=forbidden&x=y", "/map/forbidden"];
    paths.extend(pages.map(str::to_owned));
    for path in paths {
        let plain = site.get(&path);
        assert_eq!(plain.header("content-encoding"), None, "{path}: nobody asked");
        for accepted in ["br", "gzip", "gzip, deflate, br, zstd", "deflate", "identity", "br;q=0.5, gzip", "*"] {
            let answer = site.get_with(&path, &[("accept-encoding", accepted)]);
            assert!(unpacked(&answer) == plain.body, "{path} with {accepted}");
            assert!(answer.header("vary").is_some_and(|v| v.contains("accept-encoding")), "{path}");
            if let Some(used) = answer.header("content-encoding") {
                assert!(accepted.contains(used), "{path}: {used} for {accepted}");
            }
        }
        let packed = site.get_with(&path, &[("accept-encoding", "gzip, deflate, br, zstd")]);
        assert!(packed.body.len() < plain.body.len(), "{path} is smaller when packed");
    }
}

#[test]
fn head_says_what_get_would() {
    let site = Site::start();
    let mut paths = parts(&site, "/");
    let more = [
        "/",
        "/fix/verb-not-defined",
        "/fix/verb-not-defined.md",
        "/diagnose",
        "/nothing",
        "/healthz",
        "/api/v1/search?q=forbidden",
    ];
    paths.extend(more.map(str::to_owned));
    for path in paths {
        let get = site.raw(format!("GET {path} HTTP/1.1\r\n").as_bytes(), b"");
        let head = site.raw(format!("HEAD {path} HTTP/1.1\r\n").as_bytes(), b"");
        assert_eq!(head.status, get.status, "{path}");
        assert!(head.body.is_empty(), "{path}");
        for name in ["content-type", "etag", "cache-control", "content-length", "content-security-policy"] {
            assert_eq!(head.header(name), get.header(name), "{name} of {path}");
        }
    }
}

#[test]
fn a_page_that_did_not_change_is_not_sent_again() {
    let site = Site::start();
    for path in [
        "/",
        "/browse",
        "/fix/verb-not-defined",
        "/symptom/forbidden",
        "/question/verb",
        "/map/forbidden",
        "/diagnose?symptom=forbidden",
    ] {
        let first = site.get(path);
        let tag = first.header("etag").unwrap_or_else(|| panic!("{path} has no tag")).to_owned();
        assert!(first.header("cache-control").is_some_and(|c| c.contains("no-cache")), "{path}: browsers ask again");
        for wanted in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            let again = site.get_with(path, &[("if-none-match", &wanted)]);
            assert_eq!((again.status, again.body.len()), (304, 0), "{path} with {wanted}");
            assert_eq!(again.header("etag"), Some(tag.as_str()), "{path}");
        }
        let other = site.get_with(path, &[("if-none-match", "\"other\"")]);
        assert_eq!((other.status, other.body == first.body), (200, true), "{path}");
    }
}

#[test]
fn a_page_changes_its_tag_when_it_changes() {
    let site = Site::start();
    let path = "/fix/verb-not-defined";
    let tag = site.get(path).header("etag").map(str::to_owned).expect("a tag");
    site.post_form("/outcome", &[("entry", "verb-not-defined"), ("worked", "yes"), ("query", "")]);
    let answer = site.get_with(path, &[("if-none-match", &tag)]);
    assert_eq!(answer.status, 200, "the number of outcomes is on the page");
    assert_ne!(answer.header("etag"), Some(tag.as_str()));
}

#[test]
fn what_one_person_typed_is_kept_by_nobody() {
    let site = Site::start();
    for answer in [
        site.get("/search?q=forbidden"),
        site.post_form("/explain", &[("text", "forbidden\nforbidden")]),
        site.post_form("/explain", &[("text", "forbidden")]),
        site.get("/fix/verb-not-defined?thanks"),
        site.get("/api/v1/search?q=forbidden"),
        site.get("/nothing"),
    ] {
        assert!(answer.header("cache-control").is_some_and(|c| c.contains("no-store")), "{:?}", answer.headers);
        assert_eq!(answer.header("etag"), None);
    }
}

#[test]
fn static_files_are_kept_for_good_under_names_that_change() {
    let site = Site::start();
    let parts = parts(&site, "/");
    assert!(parts.len() >= 3, "{parts:?}");
    for path in parts {
        let answer = site.get(&path);
        let lifetime = answer.header("cache-control").unwrap_or_default();
        assert!(lifetime.contains("immutable") && lifetime.contains("max-age=31536000"), "{path}: {lifetime}");
        let digest = path.rsplit('.').nth(1).unwrap_or_default();
        assert!(digest.len() >= 8 && digest.bytes().all(|b| b.is_ascii_hexdigit()), "{path} names its content");
        let name = path.replace(&format!(".{digest}."), ".");
        assert_eq!(site.get(&name).status, 404, "{name} would be kept for good and wrong");
    }
}

#[test]
fn a_fix_page_moves_little_and_asks_no_other_host() {
    let site = Site::start();
    let browse = site.get("/browse").html();
    let fixes: Vec<String> = all(&browse, "a[href^=\"/fix/\"]").into_iter().map(href).collect();
    assert!(fixes.len() > 50, "the shipped fixes");
    let packed = |path: &str| {
        let answer = site.get_with(path, &[("accept-encoding", "gzip, deflate, br, zstd")]);
        assert_eq!(answer.header("content-encoding"), Some("br"), "{path}");
        let headers: usize = answer.headers.iter().map(|(k, v)| k.len() + v.len() + 4).sum();
        headers + answer.body.len()
    };
    let shared: usize = parts(&site, &fixes[0]).iter().map(|part| packed(part)).sum();
    for fix in fixes {
        let size = packed(&fix) + shared;
        assert!(size <= MOST_BYTES, "{fix} moves {size} bytes");
        let html = site.get(&fix).html();
        let loaded =
            all(&html, "link[href]:not([rel=canonical]), script, img, iframe, video, audio, source, object, embed, form");
        for element in loaded {
            for name in ["href", "src", "action", "data", "srcset"] {
                if let Some(url) = element.attr(name) {
                    assert!(url.starts_with('/') && !url.starts_with("//"), "{fix} asks for {url}");
                }
            }
        }
    }
}
