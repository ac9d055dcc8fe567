//! No secret that somebody pastes goes anywhere: 1,000 random ones, in every position of every format that the readers know and
//! in formats that they do not, are looked for in whatever the site writes, answers or says.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;
use support::canary::{Planted, forms, list_pastes};
use support::{Site, fixpath};

const SEED: u64 = 20_261_123;
const SECRETS: usize = 1_000;

/// Looks for all forms of all secrets at once.
struct Search {
    automaton: AhoCorasick,
    forms: Vec<String>,
}

impl Search {
    fn new(pastes: &[Planted]) -> Search {
        let forms: Vec<String> = pastes.iter().flat_map(|p| &p.secrets).flat_map(|s| forms(s)).collect();
        let automaton = AhoCorasick::builder().ascii_case_insensitive(true).build(&forms).expect("the forms make an automaton");
        Search { automaton, forms }
    }

    fn clean(&self, place: &str, bytes: &[u8]) {
        if let Some(hit) = self.automaton.find(bytes) {
            let around = String::from_utf8_lossy(&bytes[hit.start().saturating_sub(120)..(hit.end() + 60).min(bytes.len())]);
            panic!("{place} holds {:?}: …{around}…", self.forms[hit.pattern()]);
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let below = fs::read_dir(folder).expect("the folder can be read").map(|item| item.expect("it can be read").path());
    below.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn pastes() -> Vec<Planted> {
    let pastes = list_pastes(SEED, SECRETS);
    let planted: usize = pastes.iter().map(|p| p.secrets.len()).sum();
    assert!(planted >= SECRETS, "{planted} secrets are planted");
    for paste in &pastes {
        assert!(paste.secrets.iter().all(|s| s.len() >= 8), "a secret is long enough not to occur by chance");
    }
    pastes
}

/// The site at the most verbose level of its log.
fn verbose_site(data: &Path) -> Site {
    let mut command = fixpath();
    command.args(["serve", "--listen", "127.0.0.1:0", "--workers", "2", "--data"]).arg(data);
    command.env("FIXPATH_LOG", "trace");
    Site::spawn(command, data)
}

#[test]
fn no_secret_that_is_pasted_into_the_site_is_found_anywhere() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut site = verbose_site(&folder.path().join("data"));
    let pastes = pastes();
    let search = Search::new(&pastes);
    let mut links = Vec::new();
    for (number, paste) in pastes.iter().enumerate() {
        let text = paste.text.as_str();
        let page = site.post_form("/explain", &[("text", text)]);
        assert!(matches!(page.status, 200 | 303), "paste {number} is answered with {}", page.status);
        search.clean(&format!("the page of paste {number}"), format!("{:?}{}", page.headers, page.text()).as_bytes());
        links.extend(page.header("location").map(str::to_owned));
        let told = site.post("/api/v1/explain", &[("content-type", "text/plain")], text.as_bytes());
        search.clean(&format!("the JSON of paste {number}"), told.text().as_bytes());
        let step = told.json()["url"].as_str().unwrap_or_default().to_owned();
        links.push(step);
    }
    links.sort();
    links.dedup();
    for link in &links {
        search.clean("a link", link.as_bytes());
        search.clean("the page that a link leads to", site.get(link).text().as_bytes());
    }
    // What is refused is not repeated either.
    for paste in pastes.iter().take(50) {
        let refused =
            site.post("/explain", &[("content-type", "text/plain"), ("sec-fetch-site", "same-origin")], paste.text.as_bytes());
        search.clean("a refusal", refused.text().as_bytes());
        let missing = site.post_form("/no-such-page", &[("text", &paste.text)]);
        search.clean("an error page", missing.text().as_bytes());
    }
    search.clean("the metrics", site.get("/metrics").text().as_bytes());
    // While it runs, the newest writes are in the log beside the database.
    for file in files(&site.data) {
        search.clean(&file.display().to_string(), &fs::read(&file).expect("it can be read"));
    }
    assert!(site.stop().success(), "{}", site.errors());
    for file in files(&site.data) {
        search.clean(&file.display().to_string(), &fs::read(&file).expect("it can be read"));
    }
    assert!(site.errors().len() > 1_000, "the log is verbose: {}", site.errors());
    search.clean("the log", site.errors().as_bytes());
}

#[test]
fn no_secret_is_printed_on_a_terminal() {
    let pastes = pastes();
    let search = Search::new(&pastes);
    let folder = tempfile::tempdir().expect("a temporary folder");
    // Every kind of paste once is enough here: reading is the same as behind the site.
    let file = folder.path().join("pastes.txt");
    let all: String = pastes.iter().map(|p| format!("{}\n\n", p.text)).collect();
    fs::write(&file, all).expect("it can be written");
    for more in [&[][..], &["--json"], &["--redact"]] {
        let said = fixpath().arg("explain").arg(&file).args(more).env("FIXPATH_LOG", "trace").output().expect("it runs");
        assert_ne!(said.status.code(), Some(2), "{}", String::from_utf8_lossy(&said.stderr));
        search.clean("the output", &said.stdout);
        search.clean("what it says beside it", &said.stderr);
    }
}

/// The search itself finds what is there: otherwise the tests above could not fail.
#[test]
fn the_search_finds_each_form() {
    let pastes = pastes();
    let search = Search::new(&pastes);
    let secret = pastes[0].secrets[0].clone();
    for form in forms(&secret) {
        let text = format!("before {form} after");
        assert!(search.automaton.is_match(&text), "{form}");
    }
    assert!(search.automaton.is_match(&pastes[0].text));
}
