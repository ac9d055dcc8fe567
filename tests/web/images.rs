//! A picture on its way: added by somebody who writes, shown in an entry, refused when it is none.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat};
use serde_json::Value;

use crate::support::page::{all, one, words};
use crate::support::{Answer, Site, packs, wait};

fn picture(format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::new_rgb8(6, 4).write_to(&mut bytes, format).expect("memory takes all");
    bytes.into_inner()
}

const FOR_SCRIPT: (&str, &str) = ("accept", "application/json");

/// A site with somebody who writes.
struct Written {
    site: Site,
    bearer: String,
}

impl Written {
    fn on(site: Site) -> Written {
        let bearer = format!("Bearer {}", site.sign_in("editor").make_token("write"));
        Written { site, bearer }
    }
}

impl std::ops::Deref for Written {
    type Target = Site;
    fn deref(&self) -> &Site {
        &self.site
    }
}

impl std::ops::DerefMut for Written {
    fn deref_mut(&mut self) -> &mut Site {
        &mut self.site
    }
}

/// Sends a file in a field as a browser does, under a name and a type that say nothing true.
fn send(site: &Written, field: &str, bytes: &[u8], more: &[(&str, &str)]) -> Answer {
    let head = format!(
        "--mark\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"../../a.html\"\r\nContent-Type: text/html\r\n\r\n"
    );
    let headers = [
        ("content-type", "multipart/form-data; boundary=mark"),
        ("sec-fetch-site", "same-origin"),
        ("authorization", &site.bearer),
    ];
    site.post("/image", &[&headers, more].concat(), &[head.as_bytes(), bytes, b"\r\n--mark--\r\n"].concat())
}

fn added(site: &Written, bytes: &[u8]) -> Value {
    let answer = send(site, "file", bytes, &[FOR_SCRIPT]);
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.header("location"), answer.json()["url"].as_str());
    answer.json()
}

#[test]
fn each_kind_of_picture_is_served_as_what_it_is() {
    let site = Written::on(Site::start());
    for (format, kind, ending) in [
        (ImageFormat::Png, "image/png", ".png"),
        (ImageFormat::Jpeg, "image/jpeg", ".jpg"),
        (ImageFormat::WebP, "image/webp", ".webp"),
    ] {
        let told = added(&site, &picture(format));
        assert_eq!((&told["width"], &told["height"]), (&6.into(), &4.into()));
        let url = told["url"].as_str().expect("it has an address");
        assert!(url.starts_with("/image/") && url.ends_with(ending), "{url}");
        assert_eq!(told["markdown"], format!("![describe the picture]({url})"));
        assert_eq!(added(&site, &picture(format)), told, "the same picture again is the same picture");

        // Whatever the browser asks for, and whatever the file was called.
        let answer = site.get_with(url, &[("accept", "text/html")]);
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), Some(kind));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("content-disposition"), Some("inline"));
        assert_eq!(answer.header("cache-control"), Some("private, max-age=31536000, immutable"));
        let policy = answer.header("content-security-policy").expect("it has one");
        assert!(policy.starts_with("default-src 'none'; sandbox;"), "{policy}");
        assert_eq!(image::guess_format(&answer.body).expect("it is a picture"), format);
        let pixels = image::load_from_memory(&answer.body).expect("it can be decoded");
        assert_eq!((pixels.width(), pixels.height()), (6, 4));

        let tag = answer.header("etag").expect("it has one").to_owned();
        let again = site.get_with(url, &[("if-none-match", &tag)]);
        assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, Some(tag.as_str())));
        assert_eq!(site.get_with(url, &[("if-none-match", "\"other\"")]).status, 200);
        let head = site.raw(format!("HEAD {url} HTTP/1.1\r\n").as_bytes(), b"");
        assert_eq!((head.status, head.header("content-type"), head.body.len()), (200, Some(kind), 0));
    }
}

#[test]
fn an_address_that_is_no_name_of_a_picture_leads_nowhere() {
    let site = Written::on(Site::start());
    let url = added(&site, &picture(ImageFormat::Png))["url"].as_str().expect("it has an address").to_owned();
    let name = url.trim_start_matches("/image/");
    for path in [
        "/image/0123456789abcdef.png",
        "/image/../../etc/passwd",
        "/image/..%2f..%2fetc%2fpasswd",
        "/image/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/image/%2e%2e/fixpath.db",
        "/image/..\\fixpath.db",
        "/image/fixpath.db",
        "/image/a.svg",
        "/image/",
        "/image/%00",
        &format!("/image/x/{name}"),
        &format!("/image/{name}%00"),
        &format!("/image/{name}/"),
        &format!("/image/{}", name.to_uppercase()),
        &format!("/image/{}", name.replace(".png", ".jpg")),
        &format!("/image/{}", name.replace(".png", ".html")),
        &format!("/image/{}", name.replace(".png", "")),
    ] {
        let answer = site.raw(format!("GET {path} HTTP/1.1\r\n").as_bytes(), b"");
        assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.status);
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
        assert!(!answer.text().contains("root:"), "{path}");
    }
    assert_eq!(site.get(&url).status, 200);
}

#[test]
fn what_is_no_picture_is_refused_in_words() {
    let site = Written::on(Site::start());
    let large = [picture(ImageFormat::Png), vec![0; 5 * 1024 * 1024]].concat();
    let larger = vec![0; 7 * 1024 * 1024];
    let cut = &picture(ImageFormat::Png)[..40];
    let cases: &[(&[u8], u16, &str, &str)] = &[
        (b"<svg onload='bad()'/>", 422, "bad-image", "An SVG can carry scripts: save it as PNG."),
        (b"GIF89a", 422, "bad-image", "A GIF is not taken: save it as PNG."),
        (b"<html><script>bad()</script>", 422, "bad-image", "not a picture"),
        (b"", 422, "bad-image", "The file is empty"),
        (cut, 422, "bad-image", "The PNG breaks off"),
        (&large, 413, "too-large", "the most is 5 MiB"),
        (&larger, 413, "too-large", "the most is 5 MiB"),
    ];
    for (bytes, status, code, said) in cases {
        let answer = send(&site, "file", bytes, &[FOR_SCRIPT]);
        assert_eq!((answer.status, &answer.json()["error"]["code"]), (*status, &(*code).into()), "{}", answer.text());
        let message = answer.json()["error"]["message"].as_str().expect("it has words").to_owned();
        assert!(message.contains(said), "{message}");
        let answer = send(&site, "file", bytes, &[]);
        assert_eq!(answer.status, *status);
        assert!(words(one(&answer.html(), "main")).contains(said), "somebody without scripts is told the same");
    }
    let other = send(&site, "text", &picture(ImageFormat::Png), &[FOR_SCRIPT]);
    assert_eq!((other.status, &other.json()["error"]["code"]), (400, &"bad-form".into()));
    let bare = site.post(
        "/image",
        &[("content-type", "image/png"), ("authorization", &site.bearer), FOR_SCRIPT],
        &picture(ImageFormat::Png),
    );
    assert_eq!((bare.status, &bare.json()["error"]["code"]), (415, &"wrong-type".into()));
    let get = site.get("/image");
    assert_eq!((get.status, get.header("allow")), (405, Some("POST")));
}

#[test]
fn another_site_cannot_add_a_picture() {
    let mut site = Site::start();
    let foreign = [("content-type", "multipart/form-data; boundary=mark"), ("sec-fetch-site", "cross-site"), FOR_SCRIPT];
    let body =
        [&b"--mark\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n"[..], &picture(ImageFormat::Png), b"\r\n--mark--"];
    let answer = site.post("/image", &foreign, &body.concat());
    assert_eq!((answer.status, &answer.json()["error"]["code"]), (403, &"other-site".into()));
    assert!(site.stop().success());
    let names = wait(async {
        let store = fixpath::store::Store::open(&site.data).await.expect("the store opens");
        store.list_image_names().await.expect("it answers")
    });
    assert!(names.is_empty(), "{names:?}");
}

#[test]
fn an_entry_shows_its_picture_and_none_from_elsewhere() {
    let content = packs::pack(packs::LAMP);
    let work = tempfile::tempdir().expect("a temporary folder");
    let mut site = Written::on(Site::on_again(work.path(), content.path()));
    let url = added(&site, &picture(ImageFormat::WebP))["url"].as_str().expect("it has an address").to_owned();
    assert!(site.stop().success());

    let entry = packs::LAMP.iter().find(|(path, _)| path.ends_with("plug-is-out.md")).expect("it is one of the lamp");
    let text = format!("{}\n![The plug]({url})\n\n![The bulb](https://pictures.example/a.png)\n", entry.1);
    packs::write(content.path(), entry.0, &text);
    // The folder has no such picture, but the store does.
    let site = Site::on_again(work.path(), content.path());
    let html = site.get("/fix/plug-is-out").html();
    let shown = one(&html, "main img");
    assert_eq!(shown.attr("src"), Some(url.as_str()));
    assert_eq!(
        (shown.attr("alt"), shown.attr("loading"), shown.attr("decoding")),
        (Some("The plug"), Some("lazy"), Some("async"))
    );
    assert_eq!(site.get(&url).status, 200);
    let link = all(&html, "main a").into_iter().find(|a| words(*a) == "The bulb").expect("it is a link");
    assert_eq!(link.attr("href"), Some("https://pictures.example/a.png"));
}
