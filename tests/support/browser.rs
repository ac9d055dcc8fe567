//! A real Chromium, driven as a person drives it. Start at [`visit`].

#![allow(dead_code, reason = "each test program uses a part of this")]

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::Instant;

use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::page::Step;
use crate::support::{Answer, PATIENCE, Site};

/// More stops than any page has between its top and its last link.
const MOST_TABS: usize = 400;

/// A program of this machine, or a sentence that says how to get it.
fn program(names: &[&str]) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = names.iter().find_map(|name| std::env::split_paths(&path).map(|p| p.join(name)).find(|p| p.is_file()));
    found.unwrap_or_else(|| {
        panic!("these tests need {}: install it (Debian: apt-get install chromium chromium-driver), or run .ci/run", names[0])
    })
}

/// axe-core, which finds barriers in pages. It is fetched, not kept here.
pub fn axe() -> String {
    let target = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is in the build folder");
    let file = target.join("axe/node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(&file).unwrap_or_else(|_| {
        let folder = target.join("axe");
        panic!("axe-core is missing: run `npm install --prefix {} axe-core@4`, or .ci/run", folder.display())
    })
}

struct Driver {
    child: Child,
    url: String,
}

impl Driver {
    fn start() -> Driver {
        let mut child = Command::new(program(&["chromedriver"]))
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let lines = BufReader::new(child.stdout.take().expect("it was piped")).lines();
        let port = lines.map_while(Result::ok).find_map(|line| {
            let (_, rest) = line.split_once("started successfully on port ")?;
            Some(rest.trim_end_matches('.').to_owned())
        });
        Driver { child, url: format!("http://127.0.0.1:{}", port.expect("chromedriver says its port")) }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _may_have_ended = self.child.kill();
        let _status = self.child.wait();
    }
}

/// One person with a browser on a site of their own.
pub struct Visit {
    pub client: Client,
    pub site: Site,
    driver: Driver,
    session: String,
    _profile: TempDir,
}

/// Visits the site, with or without scripts. Afterwards no script may have failed and no other host may have been asked.
pub fn visit<F: Future<Output = ()> + 'static>(scripts: bool, journey: impl FnOnce(Rc<Visit>) -> F) {
    visit_site(Site::start(), scripts, journey);
}

/// The same on a site that was made ready.
pub fn visit_site<F: Future<Output = ()> + 'static>(site: Site, scripts: bool, journey: impl FnOnce(Rc<Visit>) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    let tasks = tokio::task::LocalSet::new();
    tasks.block_on(&runtime, async {
        let visit = Rc::new(Visit::begin(site, scripts).await);
        let done = tokio::task::spawn_local(journey(Rc::clone(&visit))).await;
        let troubles = visit.troubles();
        // Otherwise the browser would outlive a test that fails.
        visit.client.clone().close().await.expect("the browser closes");
        if let Err(failed) = done {
            std::panic::resume_unwind(failed.into_panic());
        }
        assert_eq!(troubles, Vec::<String>::new());
    });
}

impl Visit {
    async fn begin(site: Site, scripts: bool) -> Visit {
        let driver = Driver::start();
        let profile = tempfile::tempdir().expect("a temporary folder");
        let mut arguments = vec![
            "--headless=new".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--no-first-run".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--window-size=1280,900".to_owned(),
            format!("--user-data-dir={}", profile.path().display()),
        ];
        if is_root() {
            arguments.push("--no-sandbox".to_owned());
        }
        let setting = if scripts { 1 } else { 2 };
        let wanted = json!({
            "browserName": "chrome",
            "goog:chromeOptions": {
                "binary": program(&["chromium", "chromium-browser", "google-chrome"]),
                "args": arguments,
                "prefs": {"profile.managed_default_content_settings.javascript": setting},
            },
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        });
        let wanted = wanted.as_object().expect("it is written as one").clone();
        let client = ClientBuilder::new(HttpConnector::new()).capabilities(wanted).connect(&driver.url).await;
        let client = client.expect("the browser starts");
        let session = client.session_id().await.ok().flatten().expect("a browser has a session");
        Visit { client, site, driver, session, _profile: profile }
    }

    /// A command that is Chromium's own.
    fn command(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}/session/{}/{path}", self.driver.url, self.session);
        let request = ureq::post(url).header("content-type", "application/json").send(body.to_string());
        let text = request.and_then(|mut r| r.body_mut().with_config().limit(1 << 28).read_to_string());
        let text = text.unwrap_or_else(|e| panic!("{path}: {e}"));
        serde_json::from_str::<Value>(&text).expect("the driver answers in JSON")["value"].take()
    }

    /// A command of the developer tools.
    pub fn tell(&self, command: &str, parameters: Value) {
        self.command("goog/cdp/execute", &json!({"cmd": command, "params": parameters}));
    }

    /// Chooses what the person prefers.
    pub fn prefer(&self, scheme: &str) {
        self.tell("Emulation.setEmulatedMedia", json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]}));
    }

    /// What the console complains about, and requests to anybody else.
    pub fn troubles(&self) -> Vec<String> {
        let log = |kind: &str| self.command("se/log", &json!({"type": kind})).as_array().cloned().unwrap_or_default();
        let mut troubles: Vec<String> = log("browser").iter().map(|line| format!("console: {}", line["message"])).collect();
        let mut asked = 0;
        for line in log("performance") {
            let event: Value = serde_json::from_str(line["message"].as_str().unwrap_or_default()).unwrap_or_default();
            let event = &event["message"];
            if event["method"] != "Network.requestWillBeSent" {
                continue;
            }
            let url = event["params"]["request"]["url"].as_str().unwrap_or_default();
            if !["http", "ws"].iter().any(|scheme| url.starts_with(scheme)) {
                // The empty tab of a new browser is no host.
                continue;
            }
            asked += 1;
            if !url.starts_with(&self.site.url("/")) {
                troubles.push(format!("asked {url}"));
            }
        }
        assert!(asked > 0, "requests are seen at all");
        troubles
    }

    /// Takes note that the console told of answers that the test wanted: refusals, and a site that cannot be reached.
    pub fn expect_refusals(&self) {
        let log = self.command("se/log", &json!({"type": "browser"})).as_array().cloned().unwrap_or_default();
        for line in log {
            let said = line["message"].as_str().unwrap_or_default();
            let is_wanted = ["status of 401", "status of 409", "status of 422", "net::ERR_INTERNET_DISCONNECTED"];
            assert!(is_wanted.iter().any(|wanted| said.contains(wanted)), "console: {said}");
        }
    }

    pub async fn open(&self, path: &str) {
        self.client.goto(&self.site.url(path)).await.unwrap_or_else(|e| panic!("{path}: {e}"));
    }

    /// The address of the page, without the host.
    pub async fn path(&self) -> String {
        let url = self.client.current_url().await.expect("a page has an address").to_string();
        url.strip_prefix(&self.site.url("")).unwrap_or_else(|| panic!("{url} is another site")).to_owned()
    }

    /// Does something that leads to another page, and waits for it.
    pub async fn leaving(&self, action: impl Future<Output = ()>) -> String {
        let before = self.path().await;
        action.await;
        let began = Instant::now();
        loop {
            let now = self.path().await;
            if now != before {
                return now;
            }
            assert!(began.elapsed() < PATIENCE, "{before} was not left");
            tokio::task::yield_now().await;
        }
    }

    /// The page as a step of a questionnaire, as it stands in the browser.
    pub async fn step(&self) -> Step {
        let url = self.path().await;
        let body = self.client.source().await.expect("a page has a source").into_bytes();
        Step::read(&url, &Answer { status: 200, headers: Vec::new(), body })
    }

    pub async fn heading(&self) -> String {
        let heading = self.client.find(Locator::Css("h1")).await.expect("a page has a heading");
        heading.text().await.expect("it has a text").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Presses keys one after the other, wherever the focus is.
    pub async fn press(&self, keys: &str) {
        let mut actions = KeyActions::new("keyboard".to_owned());
        for value in keys.chars() {
            actions = actions.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        }
        self.client.perform_actions(actions).await.expect("keys can be pressed");
    }

    pub async fn press_with_control(&self, key: Key) {
        let (control, value) = (Key::Control.into(), key.into());
        let actions = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: control })
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value })
            .then(KeyAction::Up { value: control });
        self.client.perform_actions(actions).await.expect("keys can be pressed");
    }

    pub async fn focused(&self) -> Element {
        self.client.active_element().await.expect("something has the focus")
    }

    /// Presses Tab until an element with this attribute has the focus.
    pub async fn tab_to(&self, attribute: &str, wanted: &str) {
        for _ in 0..MOST_TABS {
            self.press(&Key::Tab).await;
            if self.focused().await.attr(attribute).await.expect("it is there").as_deref() == Some(wanted) {
                return;
            }
        }
        panic!("Tab never comes to {attribute}={wanted} on {}", self.path().await);
    }

    /// Follows a link with the keyboard alone.
    pub async fn go(&self, href: &str) -> String {
        self.tab_to("href", href).await;
        self.leaving(self.press(&Key::Enter)).await
    }

    /// A button by the words on it.
    pub async fn button(&self, words: &str) -> Element {
        let path = format!("//button[normalize-space()='{words}']");
        self.client.find(Locator::XPath(&path)).await.unwrap_or_else(|e| panic!("no button {words}: {e}"))
    }

    pub async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap_or_else(|e| panic!("{script}: {e}"))
    }
}

/// Chromium refuses its sandbox to root.
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|m| m.uid() == 0)
}
