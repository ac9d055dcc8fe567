//! The real program on a port and a data folder of its own, and what a visitor sends to it and sees. Start at [`Site::start`].

#![allow(dead_code, reason = "each test program uses a part of this")]

pub mod canary;
pub mod editor;
pub mod packs;
pub mod page;
pub mod provider;
pub mod visitor;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Long enough for a loaded machine; a test that waits so long has failed.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The program, without the settings that a shell may hold.
pub fn fixpath() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fixpath"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"FIXPATH_")) {
        command.env_remove(name);
    }
    // Nothing that runs here is asked through a proxy.
    command.env("NO_PROXY", "127.0.0.1");
    command
}

/// Waits for something to become true.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < PATIENCE, "waited in vain until {what}");
        std::thread::yield_now();
    }
}

/// Runs what the library does asynchronously.
pub fn wait<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(work)
}

/// A running site. Dropping it kills the program and deletes its data.
pub struct Site {
    child: Child,
    /// Host and port.
    pub address: String,
    pub data: PathBuf,
    errors: Arc<Mutex<String>>,
    agent: ureq::Agent,
    _folder: Option<TempDir>,
}

impl Site {
    /// The site on the shipped content, with data that nobody else sees.
    pub fn start() -> Site {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data = folder.path().join("data");
        copy(seed(), &data);
        Site::open(&data, &[]).keeping(folder)
    }

    /// The site on the shipped content with more options and settings, with data that nobody else sees.
    pub fn start_with(more: &[&str], settings: &[(&str, &str)]) -> Site {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data = folder.path().join("data");
        copy(seed(), &data);
        let mut command = fixpath();
        command.args(["serve", "--listen", "127.0.0.1:0", "--workers", "2", "--data"]).arg(&data).args(more);
        command.envs(settings.iter().copied());
        Site::spawn(command, &data).keeping(folder)
    }

    /// The site on other content.
    pub fn on(content: &Path) -> Site {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data = folder.path().join("data");
        let content = content.to_str().expect("temporary paths are UTF-8");
        Site::open(&data, &["--content", content]).keeping(folder)
    }

    /// The site on other content, with data that was there before.
    pub fn on_again(data: &Path, content: &Path) -> Site {
        Site::open(data, &["--content", content.to_str().expect("temporary paths are UTF-8")])
    }

    fn keeping(mut self, folder: TempDir) -> Site {
        self._folder = Some(folder);
        self
    }

    /// The site on a data folder that stays when it ends.
    pub fn open(data: &Path, more: &[&str]) -> Site {
        let mut command = fixpath();
        command.args(["serve", "--listen", "127.0.0.1:0", "--workers", "2", "--data"]).arg(data).args(more);
        Site::spawn(command, data)
    }

    /// The site that a command starts.
    pub fn spawn(mut command: Command, data: &Path) -> Site {
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let errors = Arc::new(Mutex::new(String::new()));
        let mut lines = BufReader::new(child.stderr.take().expect("it was piped"));
        let reader = std::thread::spawn({
            let errors = Arc::clone(&errors);
            move || {
                let mut line = Vec::new();
                while lines.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
                    errors.lock().expect("no test panics with it").push_str(&String::from_utf8_lossy(&line));
                    line.clear();
                }
            }
        });
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("it was piped")).read_line(&mut line).expect("its output can be read");
        let Some(address) = line.trim_end().strip_prefix("listening on http://") else {
            let _killed = child.kill();
            let _status = child.wait();
            let _ended = reader.join();
            panic!("the site did not start, it said {line:?} and {}", errors.lock().expect("no test panics with it"));
        };
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .accept_encoding("")
            .user_agent("")
            .timeout_global(Some(PATIENCE))
            .build()
            .into();
        Site { child, address: address.to_owned(), data: data.to_owned(), errors, agent, _folder: None }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// GET, without following redirects and without compression.
    pub fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[])
    }

    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.agent.get(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.call().unwrap_or_else(|e| panic!("GET {path}: {e}\n{}", self.errors())))
    }

    /// Any method, without a body.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let lines = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect::<String>();
        self.raw(format!("{method} {path} HTTP/1.1\r\n{lines}").as_bytes(), b"")
    }

    /// GET, and on to where redirects lead. Gives the last path with its answer.
    pub fn follow(&self, path: &str) -> (String, Answer) {
        let mut path = path.to_owned();
        for _ in 0..5 {
            let answer = self.get(&path);
            match answer.header("location") {
                Some(next) => path = next.to_owned(),
                None => return (path, answer),
            }
        }
        panic!("{path} redirects without end")
    }

    /// Sends a form as a browser does.
    pub fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = fields.iter().map(|(k, v)| format!("{}={}", escape(k), escape(v))).collect::<Vec<_>>().join("&");
        let headers =
            [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin"), ("origin", &self.url(""))];
        self.post(path, &headers, body.as_bytes())
    }

    /// Sends a file as a browser does.
    pub fn post_file(&self, path: &str, text: &str) -> Answer {
        let part = |name: &str, value: &str| format!("--mark\r\nContent-Disposition: form-data; {name}\r\n\r\n{value}\r\n");
        let body = part("name=\"text\"", "") + &part("name=\"file\"; filename=\"shop.example.har\"", text) + "--mark--\r\n";
        let headers = [("content-type", "multipart/form-data; boundary=mark"), ("sec-fetch-site", "same-origin")];
        self.post(path, &headers, body.as_bytes())
    }

    pub fn post(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut request = self.agent.post(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.send(body).unwrap_or_else(|e| panic!("POST {path}: {e}\n{}", self.errors())))
    }

    /// POST to a site that may die meanwhile: nothing when no whole answer came.
    pub fn try_post(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Option<Answer> {
        let mut request = self.agent.post(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::whole(request.send(body).ok()?)
    }

    /// GET from a site that may die meanwhile.
    pub fn try_get(&self, path: &str, headers: &[(&str, &str)]) -> Option<Answer> {
        let mut request = self.agent.get(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::whole(request.call().ok()?)
    }

    /// A connection for requests that no client would send.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("the site takes connections");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
        stream
    }

    /// Sends a request line and headers as they are, then the body, and reads the answer.
    pub fn raw(&self, head: &[u8], body: &[u8]) -> Answer {
        let mut stream = self.connect();
        let length = format!("Host: {}\r\nConnection: close\r\n\r\n", self.address);
        // The site may answer and close before it has read everything.
        let _sent = stream.write_all(&[head, length.as_bytes(), body].concat());
        let mut bytes = Vec::new();
        let _closed = stream.read_to_end(&mut bytes);
        Answer::parse(&bytes).unwrap_or_else(|| {
            let head = String::from_utf8_lossy(&head[..head.len().min(100)]).into_owned();
            panic!("no answer to {head:?}, only {} bytes\n{}", bytes.len(), self.errors())
        })
    }

    /// The same without any header of its own but the one that ends the connection.
    pub fn raw_alone(&self, head: &[u8], body: &[u8]) -> Answer {
        let mut stream = self.connect();
        let _sent = stream.write_all(&[head, b"Connection: close\r\n\r\n", body].concat());
        let mut bytes = Vec::new();
        let _closed = stream.read_to_end(&mut bytes);
        Answer::parse(&bytes).unwrap_or_else(|| panic!("no answer to {:?}\n{}", String::from_utf8_lossy(head), self.errors()))
    }

    /// What it has said on standard error so far.
    pub fn errors(&self) -> String {
        self.errors.lock().expect("no test panics with it").clone()
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(sent.is_ok_and(|s| s.success()), "kill -{name}");
    }

    /// Ends it as an operator does, and gives its exit status.
    pub fn stop(&mut self) -> ExitStatus {
        self.signal("TERM");
        self.ended()
    }

    /// Waits for it to end by itself.
    pub fn ended(&mut self) -> ExitStatus {
        let mut status = None;
        until("the site ends", || {
            status = self.child.try_wait().expect("it is our child");
            status.is_some()
        });
        status.expect("it ended")
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _may_have_ended = self.child.kill();
        let _status = self.child.wait();
    }
}

/// An answer with its bytes as they came.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    fn of(response: ureq::http::Response<ureq::Body>) -> Answer {
        Answer::whole(response).expect("the body arrives whole")
    }

    fn whole(mut response: ureq::http::Response<ureq::Body>) -> Option<Answer> {
        let header = |(name, value): (&ureq::http::HeaderName, &ureq::http::HeaderValue)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let status = response.status().as_u16();
        let headers = response.headers().iter().map(header).collect();
        Some(Answer { status, headers, body: response.body_mut().read_to_vec().ok()? })
    }

    /// Takes a whole answer of HTTP/1.1 apart.
    fn parse(bytes: &[u8]) -> Option<Answer> {
        let end = bytes.windows(4).position(|w| w == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let header = |line: &str| line.split_once(": ").map(|(k, v)| (k.to_lowercase(), v.to_owned()));
        Some(Answer { status, headers: lines.filter_map(header).collect(), body: bytes[end + 4..].to_vec() })
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("pages are UTF-8")
    }

    pub fn html(&self) -> scraper::Html {
        scraper::Html::parse_document(&self.text())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {:?}", String::from_utf8_lossy(&self.body)))
    }

    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        self.header("location").unwrap_or_else(|| panic!("status {}, no redirect", self.status))
    }
}

/// Escapes a value for a query string or a form.
pub fn escape(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// The text between two marks of a query string, decoded.
pub fn unescape(text: &str) -> String {
    percent_encoding::percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// The parameters of a link.
pub fn parameters(url: &str) -> Vec<(String, String)> {
    let query = url.split_once('?').map_or("", |(_, query)| query).split('#').next().unwrap_or_default();
    let pairs = query.split('&').filter(|p| !p.is_empty()).map(|p| p.split_once('=').unwrap_or((p, "")));
    pairs.map(|(k, v)| (unescape(k), unescape(v))).collect()
}

/// Every file below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for item in fs::read_dir(folder).expect("the folder can be read").flatten() {
        let path = item.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// Copies a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).expect("it was found below"));
        fs::create_dir_all(target.parent().expect("it is below a folder")).expect("a folder can be made");
        fs::copy(&file, &target).expect("a file can be copied");
    }
}

/// A data folder with the shipped content, imported and indexed once for this build of the program: doing it again for each
/// test would take most of the time.
fn seed() -> &'static Path {
    static SEED: OnceLock<PathBuf> = OnceLock::new();
    SEED.get_or_init(|| {
        let program = fs::metadata(env!("CARGO_BIN_EXE_fixpath")).expect("the program was built");
        let built = program.modified().ok().and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok()).unwrap_or_default();
        let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("seeds");
        let seed = all.join(format!("{}-{}", built.as_nanos(), program.len()));
        if !seed.join("fixpath.db").is_file() {
            let _of_older_builds = fs::remove_dir_all(&all);
            fs::create_dir_all(&all).expect("the build folder can be written");
            let fresh = tempfile::tempdir_in(&all).expect("the build folder can be written");
            let mut site = Site::open(fresh.path(), &[]);
            assert!(site.stop().success(), "{}", site.errors());
            let fresh = fresh.keep();
            // Another test program may have been faster; its seed is as good.
            if fs::rename(&fresh, &seed).is_err() {
                let _beaten = fs::remove_dir_all(&fresh);
            }
        }
        seed
    })
}
