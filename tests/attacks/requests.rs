//! Requests that no browser sends of itself: paths that lead elsewhere, forms of others, texts that grow when they are read.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::page::{all, one, words};
use crate::support::visitor::{PASSWORD, Visitor, field, send};
use crate::support::{Answer, Site, escape, files, fixpath, packs};
use crate::{begin, publish};

fn lamp() -> Site {
    Site::on(packs::pack(packs::LAMP).path())
}

/// What a review says, which has to have no button to publish.
fn refused(editor: &Visitor, draft: &str) -> String {
    let review = editor.get(draft);
    assert_eq!(review.status, 200, "{draft}");
    let html = review.html();
    assert!(all(&html, "#why").is_empty(), "{draft} can be published");
    let done = editor.post_form(&format!("{draft}/publish"), &[("version", "1"), ("why", "x"), ("accepted", "x")]);
    assert_ne!(done.status, 303, "{draft} was published");
    assert!(done.status < 500, "{draft}: {}", done.status);
    words(one(&html, "main"))
}

#[test]
fn no_draft_leads_out_of_its_folder() {
    let site = lamp();
    let editor = site.sign_in("editor");
    let text = packs::LAMP[3].1.replace("unplugged-lamp", "another-alias");
    for path in [
        "../x.md",
        "/etc/x.md",
        "entries/../../x.md",
        "entries/../x.md",
        "entries/./x.md",
        "entries//x.md",
        "entries/a/../../../x.md",
        "entries/..%2f..%2fx.md",
        "entries/..\\..\\x.md",
        "entries\\x.md",
        "entries/a\nb/x.md",
        "entries/.git/hooks/x.md",
        "entries/a\u{0}b/x.md",
        "entries/C:/x.md",
        "entries/x.md\u{0}.png",
        "entries/x",
        "entries/.md",
        "entries/..md",
        "",
    ] {
        let draft = begin(&editor, "entry", path, &text);
        let said = refused(&editor, &draft);
        assert!(said.contains("cannot be published"), "{path:?}: {said}");
    }
    let sound = text.replace("{plug: out}", "{glass: black}\nalternatives: [bulb-is-burnt]");
    publish(&editor, "entry", "entries/My area 2.0/x_y/sound.md", &sound, "new");
    let out = tempfile::tempdir().expect("a temporary folder");
    let inner = out.path().join("a/b/c");
    let done = fixpath().arg("export").arg(&inner).arg("--data").arg(&site.data).output().expect("the program runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(files(out.path()).iter().all(|f| f.starts_with(&inner)), "{:?}", files(out.path()));
    assert!(inner.join("entries/My area 2.0/x_y/sound.md").is_file());
}

#[test]
fn no_name_leads_out_of_its_address() {
    let site = lamp();
    let editor = site.sign_in("editor");
    for name in
        ["..", "../plug-is-out", "..%2fplug-is-out", "%2e%2e%2fetc%2fpasswd", "plug-is-out%00", "plug-is-out/../x", "a\\b", "."]
    {
        for place in
            ["/fix", "/symptom", "/question", "/map", "/history/entry", "/edit/entry", "/image", "/static", "/rename/entry"]
        {
            let path = format!("{place}/{name}").replace('\\', "%5c");
            let head = format!("GET {path} HTTP/1.1\r\nCookie: {}\r\n", editor.cookie);
            let answer = site.raw(head.as_bytes(), b"");
            assert!(matches!(answer.status, 301 | 400 | 404), "{path}: {}", answer.status);
            assert!(!String::from_utf8_lossy(&answer.body).contains("root:"), "{path}");
        }
    }
}

#[test]
#[cfg(unix)]
fn an_import_follows_no_link_to_a_folder_and_reads_only_documents() {
    use std::os::unix::fs::symlink;
    let data = tempfile::tempdir().expect("a temporary folder");
    let import = |folder: &Path| {
        let output = fixpath().arg("import").arg(folder).arg("--data").arg(data.path()).output().expect("the program runs");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let looped = packs::pack(packs::LAMP);
    symlink(looped.path(), looped.path().join("entries/again")).expect("a link can be made");
    symlink("/", looped.path().join("entries/root")).expect("a link can be made");
    assert!(import(looped.path()).0, "folders behind links are left out");
    let secret = packs::pack(packs::LAMP);
    symlink("/etc/passwd", secret.path().join("entries/passwd.md")).expect("a link can be made");
    symlink("/dev/zero", secret.path().join("entries/zero.md")).expect("a link can be made");
    let (done, said) = import(secret.path());
    assert!(!done && said.contains("entries/passwd.md:1"), "{said}");
    assert!(!said.contains("root:"), "the text of other files is not told: {said}");
}

/// What sets the machine to work, each with a part of the words in which it is refused; nothing where the text is only long.
fn bombs() -> Vec<(&'static str, String)> {
    let front = |more: &str| format!("---\ntitle: a\nsymptoms: lamp-is-dark\nlikelihood: rare\n{more}\n---\n\n## Symptom\n\na\n");
    let mut laughs = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for n in 1..12 {
        let before = n - 1;
        laughs += &format!("a{n}: &a{n} [{}]\n", vec![format!("*a{before}"); 9].join(", "));
    }
    vec![
        ("a billion laughs", front(&laughs)),
        ("an anchor in itself", front("tags: &a [*a]")),
        ("deep lists", front(&format!("tags: {}", "[".repeat(20_000)))),
        ("deep maps", front(&format!("when: {}", "{a: ".repeat(20_000)))),
        ("deep blocks", front(&(0..400).map(|n| format!("{}a:\n", " ".repeat(n))).collect::<String>())),
        ("a long scalar", front(&format!("disputed: {}", "x".repeat(200_000)))),
        ("a long key", front(&format!("{}: x", "k".repeat(200_000)))),
        ("many keys", front(&(0..20_000).map(|n| format!("k{n}: 1\n")).collect::<String>())),
        ("many documents", front(&"--- a\n".repeat(5_000))),
        ("a merge of merges", front(&"<<: {<<: {a: b}}\n".repeat(2_000))),
        ("a tag of its own", front("owner: !!python/object/apply:os.system [id]")),
        ("deep quotes", front("") + &"> ".repeat(50_000) + "a"),
        ("deep brackets", front("") + &"[".repeat(50_000)),
        ("deep stars", front("") + &"*a_ ".repeat(30_000)),
        ("deep elements", front("") + &"<b>".repeat(40_000)),
        ("a wide table", front("") + &format!("{}\n{}\n", "|a".repeat(20_000), "|-".repeat(20_000))),
        ("many links to one place", front("") + &"[a][b]\n".repeat(15_000) + "\n[b]: /fix/plug-is-out"),
    ]
}

#[test]
fn a_text_that_grows_when_it_is_read_is_answered_soon_and_in_words() {
    const SOON: Duration = Duration::from_secs(10);
    let site = lamp();
    let editor = site.sign_in("editor");
    for (what, text) in bombs() {
        let began = Instant::now();
        let draft = begin(&editor, "entry", "entries/room/bomb.md", &text);
        let review = editor.get(&draft);
        assert_eq!(review.status, 200, "{what}: {}", review.text());
        let said = refused(&editor, &draft);
        assert!(said.contains("Errors have to be mended first"), "{what}: {}", &said[..said.len().min(500)]);
        assert_eq!(editor.post_form("/preview", &[("text", &text)]).status, 200, "{what}");
        assert!(began.elapsed() < SOON, "{what} took {:?}", began.elapsed());
        assert_eq!(editor.post_form(&format!("{draft}/state"), &[("to", "discarded")]).status, 303);
    }
    assert_eq!(site.get("/fix/plug-is-out").status, 200, "the site lives: {}", site.errors());
    assert!(!site.errors().contains("panicked"), "{}", site.errors());

    for (what, text) in bombs() {
        let folder = packs::pack(packs::LAMP);
        packs::write(folder.path(), "entries/room/bomb.md", &text);
        let began = Instant::now();
        let output = fixpath().arg("import").arg(folder.path()).arg("--data").arg(&site.data).output().expect("the program runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{what}: {said}");
        assert!(said.contains("entries/room/bomb.md:"), "{what}: {said}");
        assert!(began.elapsed() < SOON, "{what} took {:?}", began.elapsed());
    }
}

#[test]
fn what_is_packed_is_not_unpacked_and_many_parts_are_refused() {
    let site = lamp();
    let editor = site.sign_in("editor");
    // A megabyte of nothing, packed: unpacked it would be a thousand times as large.
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::copy(&mut std::io::Read::take(std::io::repeat(b'a'), 64 << 20), &mut packed).expect("memory takes all");
    let packed = packed.finish().expect("memory takes all");
    for encoding in ["gzip", "br", "deflate", "gzip, gzip"] {
        let headers = [("content-encoding", encoding), ("content-type", "text/plain")];
        let answer = site.post("/api/v1/explain", &headers, &packed);
        assert!(answer.status < 500, "{encoding}: {}", answer.status);
        assert!(answer.body.len() < 4 * packed.len(), "{encoding} is read as it is");
    }
    let part = "--m\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n\r\n";
    for (path, body) in [("/explain", part.repeat(20_000)), ("/image", part.repeat(20_000)), ("/new/entry", part.repeat(10_000))]
    {
        let headers =
            [("content-type", "multipart/form-data; boundary=m"), ("cookie", &editor.cookie), ("x-csrf-token", &editor.csrf)];
        let began = Instant::now();
        let answer = site.post(path, &headers, (body + "--m--\r\n").as_bytes());
        assert!((400..500).contains(&answer.status), "{path}: {}", answer.status);
        assert!(began.elapsed() < Duration::from_secs(10), "{path} took {:?}", began.elapsed());
    }
    let fields = "a=b&".repeat(100_000);
    let headers =
        [("content-type", "application/x-www-form-urlencoded"), ("cookie", &editor.cookie), ("x-csrf-token", &editor.csrf)];
    assert_eq!(site.post("/new/entry", &headers, fields.as_bytes()).status, 400);
}

/// Signs that mean something to a database, a template or a shell.
const SIGNS: [&str; 14] = [
    "'; DROP TABLE document; --",
    "' OR '1'='1",
    "\" OR \"\"=\"",
    "1); DELETE FROM revision; --",
    "%' AND 1=0 UNION SELECT password FROM person --",
    "\\'; SELECT 1",
    "{{7331*1337}}",
    "{% for x in y %}",
    "${7331*1337}",
    "#{7331*1337}",
    "<%= 7331*1337 %>",
    "$(id) `id` | id",
    "%s%n%x %00",
    "*:* AND title:[a TO z] \"",
];

/// Asks which of the signs it is. None is wrong, so that the entries can follow one by one.
fn question() -> String {
    let option = |(n, sign): (usize, &&str)| format!("  - {{id: sign-{n}, label: {}}}\n", json!(format!("Sign {sign}")));
    let options = SIGNS.iter().enumerate().map(option).collect::<String>();
    format!("---\ntitle: Which sign is it?\nwhy: Each means something else.\neffort: glance\noptions:\n{options}---\n\nLook.\n")
}

/// What a template would make of the sums among the signs. It is long: numbers of searches and scores may well have "49" in them.
const PRODUCT: &str = "9801547";

#[test]
fn signs_of_other_languages_are_letters_here() {
    let site = lamp();
    let editor = site.sign_in("administrator");
    let place = publish(&editor, "question", "questions/sign.md", &question(), "its entries follow");
    assert_eq!(site.get(&format!("{place}.md")).text(), question(), "it comes back as it went");
    for (number, sign) in SIGNS.iter().enumerate() {
        let quoted = json!(format!("Sign {sign}"));
        let text = format!(
            "---\ntitle: {quoted}\nsymptoms: lamp-is-dark\nwhen: {{sign: sign-{number}}}\nlikelihood: rare\nowner: {quoted}\ntags: [{quoted}]\n\
             sources:\n  - {{title: {quoted}, url: 'https://example.com/'}}\n---\n\n## Symptom\n\na\n\n## Cause\n\n```text\n{sign}\n```\n\n\
             ## Fix\n\nNone.\n"
        );
        let place = publish(&editor, "entry", &format!("entries/room/sign-{number}.md"), &text, &format!("because {sign}"));
        assert_eq!(site.get(&format!("{place}.md")).text(), text, "it comes back as it went");
        let page = words(one(&site.get(&place).html(), "main"));
        assert!(page.contains(sign), "{sign} is shown as it is: {page}");
        let history = words(one(&site.get(&format!("/history/entry/sign-{number}")).html(), "main"));
        assert!(history.contains(&format!("because {sign}")), "{history}");
        let note = [("section", *sign), ("text", *sign)];
        assert_eq!(editor.post_form("/notes/symptom/lamp-is-dark", &note).status, 303);
        let desk = words(one(&editor.get("/write").html(), "main"));
        assert!(desk.contains(sign), "{sign} in {desk}");
        for path in ["/search?q=", "/audit?who=", "/sign-in?next=", "/diagnose?symptom=", "/api/v1/search?q="] {
            let answer = editor.get(&format!("{path}{}", escape(sign)));
            assert!(answer.status < 500, "{path}{sign}");
            assert!(!answer.text().contains(PRODUCT), "{path}{sign} is reckoned");
        }
    }
    assert_eq!(site.get("/fix/plug-is-out").status, 200);
    assert_eq!(editor.get("/people").status, 200);
}

/// Every address that takes a POST, from the table of permissions.
fn posts() -> Vec<String> {
    let table = include_str!("../fixtures/permissions.txt");
    let first = table.split("\n\n").find(|part| part.contains("POST")).expect("there is a table");
    let rows = first.lines().filter(|l| l.starts_with('/') && l.contains("POST"));
    let paths = rows.map(|l| l.split_whitespace().next().expect("a row begins with its address"));
    let named = |p: &str| {
        p.replace("{id}", "1")
            .replace("{kind}/{slug}/{number}", "entry/plug-is-out/1")
            .replace("{kind}", "entry")
            .replace("{slug}", "plug-is-out")
    };
    paths.map(named).collect()
}

fn is_refused(answer: &Answer, what: &str) {
    assert_eq!(answer.status, 403, "{what}: {}", answer.text());
    assert!(answer.header("set-cookie").is_none(), "{what}");
}

#[test]
fn no_address_that_changes_something_takes_a_form_of_another_site_or_session() {
    let site = lamp();
    let (admin, other) = (site.sign_in("administrator"), site.join("administrator", "other"));
    let fields = [("text", "x"), ("path", "x"), ("role", "reader"), ("to", "open"), ("name", "x"), ("old", PASSWORD)];
    let before = site.get("/api/v1/search?q=plug").text();
    // What reads a paste and changes nothing needs no session; neither do those who are not signed in.
    let own = ["/explain", "/api/v1/explain", "/outcome", "/sign-in", "/join/{link}"];
    let all = posts();
    assert!(all.len() > 20, "{all:?}");
    for path in all.iter().filter(|p| !own.contains(&p.as_str())) {
        let cookie = ("cookie", admin.cookie.as_str());
        let with = |headers: &[(&str, &str)], csrf: &str| send(&site, path, headers, &[&[("csrf", csrf)], &fields[..]].concat());
        is_refused(&with(&[cookie], ""), &format!("{path} without a token"));
        is_refused(&with(&[cookie], &other.csrf), &format!("{path} with the token of another session"));
        is_refused(&with(&[cookie], &admin.cookie), &format!("{path} with the cookie as token"));
        for header in [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site")] {
            let body = format!("csrf={}", escape(&admin.csrf));
            let kind = ("content-type", "application/x-www-form-urlencoded");
            is_refused(&site.post(path, &[kind, cookie, header], body.as_bytes()), &format!("{path} from {}", header.1));
        }
        for origin in ["https://attacker.example", "null", "http://127.0.0.1:1", "http://localhost"] {
            let body = format!("csrf={}", escape(&admin.csrf));
            let headers = [("content-type", "application/x-www-form-urlencoded"), cookie, ("origin", origin)];
            is_refused(&site.post(path, &headers, body.as_bytes()), &format!("{path} from {origin}"));
        }
        let get = format!("{path}?csrf={}&text=x&to=open", admin.csrf);
        let asked = admin.get(&get);
        assert!(asked.status < 500, "{get}");
    }
    assert_eq!(site.get("/api/v1/search?q=plug").text(), before, "nothing was changed");
    assert_eq!(admin.get("/you").status, 200, "nobody was signed out");
}

#[test]
fn what_editors_write_does_not_become_a_header() {
    let site = lamp();
    let admin = site.sign_in("administrator");
    let attack = "x\r\nSet-Cookie: stolen=1\r\n\r\n<b>";
    let given = escape(attack);
    let fields = [("mode", "markdown"), ("base", "0"), ("path", attack), ("text", attack), ("then", attack)];
    let kept = admin.post_form("/new/entry", &fields);
    let draft = kept.location().to_owned();
    let answers = [
        admin.post_form(&format!("{draft}/state"), &[("to", attack)]),
        admin.post_form(&format!("{draft}/publish"), &[("version", attack), ("why", attack)]),
        admin.post_form("/notes/entry/plug-is-out", &[("section", attack), ("text", attack)]),
        admin.post_form("/rename/entry/plug-is-out", &[("path", attack)]),
        admin.post_form("/verify/plug-is-out", &[("against", attack)]),
        admin.post_form("/you/tokens", &[("name", attack), ("scope", attack), ("days", attack)]),
        admin.get(&format!("/audit.csv?who={given}")),
        admin.get(&format!("/audit.jsonl?who={given}")),
        admin.get(&format!("/new/entry?title={given}&{given}")),
        admin.get(&format!("/history/entry/{given}")),
        admin.get(&format!("/image/{given}")),
        site.get(&format!("/sign-in?next={given}")),
        site.get(&format!("/write?{given}")),
        kept,
    ];
    for answer in answers {
        assert!(answer.status < 500, "{}", answer.status);
        assert_eq!(answer.header("set-cookie").filter(|c| c.contains("stolen")), None, "{:?}", answer.headers);
        assert!(answer.headers.iter().all(|(name, _)| name != "stolen"), "{:?}", answer.headers);
        assert!(answer.headers.iter().all(|(_, v)| !v.contains('\n') && !v.contains("Set-Cookie: ")), "{:?}", answer.headers);
    }
    assert_eq!(field(&admin.get("/you"), "csrf"), admin.csrf);
}
