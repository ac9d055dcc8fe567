//! What curl sends for its options, its own headers included. Start at [`list_exchanges`].

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::super::super::wire::{Exchange, Header, Request, Shown, Signer, Source, Target, find_header};
use super::Word;
use super::options::{Argument, list};

/// The requests of one command; none if it names no URL, and then it is no command but prose.
pub fn list_exchanges(words: &[Word], doubtful: bool) -> Vec<Exchange> {
    let arguments = list(words);
    if arguments.iter().any(|a| matches!(a, Argument::Url(w) if !is_url(w))) && !starts_well(&arguments) {
        return Vec::new();
    }
    let mut exchanges = Vec::new();
    for part in arguments.split(|a| matches!(a, Argument::Option { name: "next", .. })) {
        let mut plan = Plan { hidden: doubtful, ..Plan::default() };
        for argument in part {
            match argument {
                Argument::Url(word) if is_url(word) => plan.urls.push(Shown::new(word.text.clone(), word.line)),
                Argument::Url(_) => plan.hidden = true,
                Argument::Option { name, value, word } => plan.take(name, value, word),
            }
        }
        exchanges.extend(plan.urls.iter().map(|url| Exchange { request: plan.request(url), response: None }));
    }
    exchanges
}

/// In prose, plain words follow `curl`: only what begins with an option or a URL is a command.
fn starts_well(arguments: &[Argument<'_>]) -> bool {
    match arguments.first() {
        Some(Argument::Url(word)) => is_url(word),
        Some(_) => true,
        None => false,
    }
}

/// Tells whether a word is meant as a URL: it has a scheme, or begins with what can be a host.
fn is_url(word: &Word) -> bool {
    let text = word.text.as_str();
    if text.contains("://") || text.starts_with(['$', '%', '<', '{']) {
        return true;
    }
    let host = text.split(['/', '?']).next().unwrap_or("");
    let name = host.rsplit_once('@').map_or(host, |(_, place)| place);
    let version = name.starts_with(|c: char| c.is_ascii_digit()) && name.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let port =
        name.rsplit_once(':').is_some_and(|(h, p)| !h.is_empty() && !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()));
    let dotted = name.contains('.') && !name.starts_with('.') && !name.ends_with('.');
    match version {
        true => name.parse::<std::net::Ipv4Addr>().is_ok(),
        false => name == "localhost" || port || (dotted && !name.contains([' ', ',', '(', '"'])),
    }
}

/// Everything that a command says about its requests.
#[derive(Default)]
struct Plan {
    urls: Vec<Shown<String>>,
    verb: Option<Shown<String>>,
    headers: Vec<Header>,
    /// Names that were taken away, in lower case.
    removed: Vec<String>,
    data: Option<Data>,
    json: bool,
    form: Option<usize>,
    upload: Option<Shown<String>>,
    get: Option<usize>,
    head: Option<usize>,
    user: Option<Shown<String>>,
    bearer: Option<Shown<String>>,
    signer: Option<Shown<Signer>>,
    /// What `--user` is for when it is not Basic.
    other_auth: bool,
    query: Vec<String>,
    request_target: Option<String>,
    hidden: bool,
}

/// The body from `--data` and its like; `None` when a file holds some of it.
struct Data {
    text: Option<String>,
    line: usize,
}

impl Plan {
    fn take(&mut self, name: &str, value: &str, word: &Word) {
        let line = word.line;
        match name {
            "url" => self.urls.push(Shown::new(value.to_owned(), line)),
            "request" => self.verb = Some(Shown::new(value.to_owned(), line)),
            "header" => self.header(value, line),
            "user-agent" => self.named("User-Agent", value, line),
            "referer" => self.named("Referer", value.trim_end_matches(";auto"), line),
            "range" => self.named("Range", &format!("bytes={value}"), line),
            "compressed" => self.named("Accept-Encoding", "deflate, gzip", line),
            "cookie" if value.contains('=') || word.expands => self.cookie(value, line),
            "cookie" | "config" | "netrc" | "netrc-file" | "netrc-optional" | "etag-compare" | "time-cond" => self.hidden = true,
            "data" | "data-ascii" | "data-binary" => self.data(part(value, value.starts_with('@')), "&", line),
            "data-raw" => self.data(Some(value.to_owned()), "&", line),
            "data-urlencode" => self.data(url_encoded(value), "&", line),
            "json" => {
                self.json = true;
                self.data(part(value, value.starts_with('@')), "", line);
            }
            "url-query" => match value.strip_prefix('+') {
                Some(raw) => self.query.push(raw.to_owned()),
                None => self.query.extend(url_encoded(value)),
            },
            "form" | "form-string" => self.form = Some(line),
            "get" => self.get = Some(line),
            "head" => self.head = Some(line),
            "upload-file" => self.upload = Some(Shown::new(value.to_owned(), line)),
            "user" => self.user = Some(Shown::new(value.to_owned(), line)),
            "oauth2-bearer" => self.bearer = Some(Shown::new(value.to_owned(), line)),
            "aws-sigv4" => self.signer = Some(Shown::new(signer(value), line)),
            "digest" | "ntlm" | "negotiate" | "anyauth" | "ntlm-wb" => {
                self.other_auth = true;
                self.hidden = true;
            }
            "request-target" => self.request_target = Some(value.to_owned()),
            _ => {}
        }
    }

    /// `Name: value` is sent, `Name;` is sent empty, `Name:` takes a header away, and a file holds others.
    fn header(&mut self, text: &str, line: usize) {
        let (name, value) = match text.split_once(':') {
            Some((name, value)) => (name, value),
            None => {
                match text.strip_suffix(';') {
                    Some(name) => self.headers.push(Header::new(name.trim(), "", line)),
                    None => self.hidden |= text.starts_with(['@', '$', '%']),
                }
                return;
            }
        };
        self.hidden |= name.contains('$') || name.starts_with('@');
        match value.trim() {
            "" => self.removed.push(name.trim().to_ascii_lowercase()),
            value => self.headers.push(Header::new(name.trim(), value, line)),
        }
    }

    /// A header with an option of its own; one from `--header` goes first, and an empty value takes it away.
    fn named(&mut self, name: &str, value: &str, line: usize) {
        match value {
            "" => self.removed.push(name.to_ascii_lowercase()),
            value => self.headers.push(Header::new(name, value, line)),
        }
    }

    fn cookie(&mut self, value: &str, line: usize) {
        match self.headers.iter_mut().find(|h| h.name == "Cookie") {
            Some(cookie) => {
                cookie.value.push_str("; ");
                cookie.value.push_str(value);
            }
            None => self.headers.push(Header::new("Cookie", value, line)),
        }
    }

    fn data(&mut self, piece: Option<String>, joint: &str, line: usize) {
        self.data = match self.data.take() {
            None => Some(Data { text: piece, line }),
            Some(Data { text, line }) => {
                let text = text.zip(piece).map(|(text, piece)| text + joint + &piece);
                Some(Data { text, line })
            }
        };
    }

    fn request(&self, url: &Shown<String>) -> Request {
        let (target, credentials) = self.target(&url.value);
        let body = self.data.as_ref().filter(|_| self.get.is_none());
        let mut request = Request {
            source: Source::Command,
            verb: Some(self.verb(url.line)),
            target: target.map(|t| Shown::new(t, url.line)),
            headers: self.headers.clone(),
            body: body.and_then(|d| Some(Shown::new(d.text.clone()?, d.line))),
            whole: !self.hidden,
            signer: None,
            client: "curl",
        };
        self.authorize(&mut request, credentials.map(|c| Shown::new(c, url.line)));
        if self.json {
            self.add_own(&mut request, "Content-Type", "application/json", url.line);
            self.add_own(&mut request, "Accept", "application/json", url.line);
        }
        if let Some(line) = self.form {
            self.add_own(&mut request, "Content-Type", "multipart/form-data", line);
        } else if let Some(data) = body {
            self.add_own(&mut request, "Content-Type", "application/x-www-form-urlencoded", data.line);
        }
        if let Some(length) = request.body.as_ref().map(|b| b.value.len()) {
            self.add_own(&mut request, "Content-Length", &length.to_string(), url.line);
        }
        self.add_own(&mut request, "User-Agent", "curl", url.line);
        self.add_own(&mut request, "Accept", "*/*", url.line);
        request
    }

    fn verb(&self, line: usize) -> Shown<String> {
        let data = self.data.as_ref().map(|d| d.line).or(self.form);
        let (verb, line) = match (&self.verb, self.head, &self.upload, self.get, data) {
            (Some(verb), ..) => return verb.clone(),
            (_, Some(line), ..) => ("HEAD", line),
            (_, _, Some(file), ..) => ("PUT", file.line),
            (_, _, _, None, Some(line)) => ("POST", line),
            _ => ("GET", line),
        };
        Shown::new(verb.to_owned(), line)
    }

    /// The URL with what curl adds to it, and the user name and password that stand in it.
    fn target(&self, url: &str) -> (Option<Target>, Option<String>) {
        let with_scheme = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
        let authority = with_scheme.split_once("://").map_or("", |(_, rest)| rest).split(['/', '?', '#']).next().unwrap_or("");
        let credentials = authority.rsplit_once('@').map(|(user, _)| percent_decode_str(user).decode_utf8_lossy().into_owned());
        let Some(mut target) = Target::parse(&with_scheme) else { return (None, credentials) };
        // A variable or a placeholder may hold more than the host.
        if target.host.starts_with(['$', '%', '<', '{']) && !target.host.contains('.') {
            return (None, credentials);
        }
        if let Some(file) = self.upload.as_ref().filter(|_| target.path.is_empty() || target.path.ends_with('/')) {
            let name = file.value.rsplit('/').next().filter(|n| !matches!(*n, "-" | "."));
            target.path = format!("{}/{}", target.path.trim_end_matches('/'), name.unwrap_or(""));
        }
        if let Some(raw) = &self.request_target {
            let (path, query) = raw.split_once('?').map_or((raw.as_str(), None), |(p, q)| (p, Some(q.to_owned())));
            (target.path, target.query) = (path.to_owned(), query);
        }
        let sent = self.data.as_ref().filter(|_| self.get.is_some()).and_then(|d| d.text.clone());
        for more in self.query.iter().chain(&sent) {
            let query = target.query.get_or_insert_default();
            if !query.is_empty() {
                query.push('&');
            }
            query.push_str(more);
        }
        (Some(target), credentials)
    }

    /// A header of one's own goes before everything else; a signature needs a user.
    fn authorize(&self, request: &mut Request, credentials: Option<Shown<String>>) {
        if find_header(&request.headers, "authorization").is_some() || self.removed.iter().any(|n| n == "authorization") {
            return;
        }
        let user = self.user.clone().or(credentials);
        match (&self.signer, &self.bearer, user) {
            (Some(signer), _, user) if user.is_some() || self.hidden => request.signer = Some(signer.clone()),
            (Some(_), ..) => {}
            (_, Some(token), _) => {
                request.headers.push(Header::new("Authorization", format!("Bearer {}", token.value), token.line));
            }
            (_, _, Some(user)) if !self.other_auth => {
                let pair = if user.value.contains(':') { user.value } else { user.value + ":" };
                request.headers.push(Header::new("Authorization", format!("Basic {}", STANDARD.encode(pair)), user.line));
            }
            _ => {}
        }
    }

    /// Adds a header of curl's own, unless the command gives one or takes it away.
    fn add_own(&self, request: &mut Request, name: &str, value: &str, line: usize) {
        let taken_away = self.removed.iter().any(|n| n.eq_ignore_ascii_case(name));
        if !taken_away && find_header(&request.headers, name).is_none() {
            request.headers.push(Header::new(name, value, line));
        }
    }
}

/// A piece of a body, unless a file holds it.
fn part(value: &str, in_file: bool) -> Option<String> {
    (!in_file).then(|| value.to_owned())
}

const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `content`, `=content` and `name=content`, encoded; a file is not known.
fn url_encoded(value: &str) -> Option<String> {
    let (name, content) = match value.find(['=', '@']) {
        Some(at) if value.get(at..)?.starts_with('@') => return None,
        Some(at) => (value.get(..at)?, value.get(at + 1..)?),
        None => ("", value),
    };
    let content = utf8_percent_encode(content, ENCODED).to_string().replace("%20", "+");
    Some(if name.is_empty() { content } else { format!("{name}={content}") })
}

/// `provider:provider:region:service`; what is left out, curl takes from the host.
fn signer(value: &str) -> Signer {
    let mut parts = value.split(':').skip(2).map(str::to_owned);
    Signer { region: parts.next().unwrap_or_default(), service: parts.next().unwrap_or_default() }
}
