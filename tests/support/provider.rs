//! A provider of OpenID Connect on this machine: npm's `oidc-provider`, run by Node. Start at [`Provider::start`].

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::{Answer, PATIENCE, Site, parameters};

/// Where the provider tells of a person what it has to tell.
#[derive(Clone, Copy)]
pub enum Told {
    InToken,
    WhenAsked,
}

/// A running provider. Dropping it ends it.
pub struct Provider {
    child: Child,
    pub port: u16,
    agent: ureq::Agent,
}

impl Provider {
    pub fn start(told: Told) -> Provider {
        Provider::start_on(0, told)
    }

    /// On a port that another one had: its keys are new then.
    pub fn start_on(port: u16, told: Told) -> Provider {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let module = root.join("target/oidc/node_modules/oidc-provider");
        let how = "npm install --prefix target/oidc oidc-provider@8";
        assert!(module.is_dir(), "the provider of the tests is not installed. Run `{how}`, or `.ci/run`, which does it");
        let mut command = Command::new("node");
        command.arg(root.join("tests/support/provider.mjs")).arg(module).arg(port.to_string());
        command.arg(match told {
            Told::InToken => "token",
            Told::WhenAsked => "userinfo",
        });
        let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = spawned.unwrap_or_else(|e| panic!("node cannot be run: {e}. Install Node 20 or newer"));
        let mut line = String::new();
        let mut said = BufReader::new(child.stdout.take().expect("it was piped"));
        said.read_line(&mut line).expect("its output can be read");
        let port = line.trim().parse().unwrap_or_else(|_| panic!("the provider did not start, it said {line:?}"));
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).timeout_global(Some(PATIENCE));
        Provider { child, port, agent: config.build().into() }
    }

    pub fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Lets this person in from now on.
    pub fn lets_in(&self, subject: &str, name: &str, groups: &[&str]) {
        let person = json!({"sub": subject, "preferred_username": name, "groups": groups});
        self.set_next(&person);
    }

    /// Lets nobody in from now on.
    pub fn lets_nobody_in(&self) {
        self.set_next(&Value::Null);
    }

    fn set_next(&self, person: &Value) {
        let told = self.agent.post(format!("{}/next", self.issuer())).send(person.to_string().as_str());
        assert!(told.is_ok_and(|answer| answer.status() == 200), "the provider hears who is next");
    }

    /// Goes where the site sends a browser, and comes back with the path that leads into the site again.
    pub fn visit(&self, url: &str, site: &Site) -> String {
        let (mut url, mut jar) = (url.to_owned(), BTreeMap::new());
        for _ in 0..10 {
            let whole = if url.starts_with('/') { format!("{}{url}", self.issuer()) } else { url };
            if let Some(path) = whole.strip_prefix(&site.url("")) {
                return path.to_owned();
            }
            let sent: Vec<String> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let answer = self.agent.get(&whole).header("cookie", sent.join("; ")).call();
            let answer = Answer::of(answer.unwrap_or_else(|e| panic!("GET {whole}: {e}")));
            let set = answer.headers.iter().filter(|(name, _)| name == "set-cookie");
            let pairs = set.filter_map(|(_, cookie)| cookie.split(';').next()?.split_once('='));
            jar.extend(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
            assert!(answer.header("location").is_some(), "{whole}: {} {}", answer.status, answer.text());
            url = answer.location().to_owned();
        }
        panic!("the provider leads in circles")
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _may_have_ended = self.child.kill();
        let _status = self.child.wait();
    }
}

/// A parameter of a link.
pub fn parameter(url: &str, name: &str) -> String {
    let found = parameters(url).into_iter().find(|(key, _)| key == name);
    found.unwrap_or_else(|| panic!("no {name} in {url}")).1
}
