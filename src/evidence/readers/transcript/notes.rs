//! What curl says about the connection: the lines that begin with an asterisk, and its own errors.

use super::super::super::wire::{Failure, Target};
use super::record;

/// Where the next request goes, as far as the notes tell.
#[derive(Default)]
pub struct Link {
    /// The URL of the next request, where curl names it.
    url: Option<Target>,
    place: Option<Target>,
    tls: bool,
    proxy: bool,
    scheme: String,
    /// The host that could not be reached.
    pub unreached: Option<String>,
}

/// How the notes begin that can open a transcript.
const KNOWN: &[&str] = &[
    "Connected to ",
    "Established connection to ",
    "Could not resolve host",
    "Rebuilt URL to",
    "Adding handle",
    "About to connect()",
    "Uses proxy env variable",
    "Preparing request to ",
    "Current time is ",
    "Note: Unnecessary use of -X",
    "TLSv1",
    "ALPN",
    "SSL connection using",
    "SSL certificate problem",
    "Server certificate:",
    "Closing connection",
    "Connection #",
    "Connection timed out after",
    "Operation timed out after",
    "Resolving timed out after",
    "Re-using existing ",
    "Reusing existing ",
    "Failed to connect to ",
    "Immediate connect fail",
    "[HTTP/2]",
    "[HTTP/3]",
    "h2h3 [",
    "h2 [",
    "using HTTP/",
    "Using HTTP2",
    "Mark bundle as not supporting",
    "upload completely sent off",
    "We are completely uploaded",
    "Request completely sent off",
    "Issue another request to this URL",
    "Establish HTTP proxy tunnel",
    "Server auth using ",
    "schannel: ",
    "CAfile: ",
    "successfully set certificate verify locations",
    "getaddrinfo",
    "Empty reply from server",
    "Enable automatic URL encoding",
    "STATE: INIT",
    "processing: ",
    "HTTP 1.0, assume close",
    "shutting down connection",
];

const TLS: &[&str] =
    &["SSL connection using", "TLSv1", "ALPN", "Server certificate:", "schannel: ", "CAfile: ", "(304) (OUT), TLS"];

/// Tells whether curl says this, rather than somebody who lists things.
pub fn is_known(note: &str) -> bool {
    let note = note.trim_start();
    let named = |word: &str, rest: fn(char) -> bool| note.strip_prefix(word).is_some_and(|r| r.starts_with(rest));
    KNOWN.iter().any(|known| note.starts_with(known))
        || named("Trying ", |c| c.is_ascii_hexdigit() || c == '[' || c == ':')
        || note.starts_with("Host ") && note.contains(" was resolved")
        || (note.starts_with("IPv4:") || note.starts_with("IPv6:"))
        || note.starts_with("connect to ") && note.contains(" port ")
}

impl Link {
    /// Reads a note; tells the failure that it names.
    pub fn note(&mut self, note: &str) -> Option<Failure> {
        let note = note.trim_start();
        if note.starts_with("Trying ") {
            (self.place, self.tls) = (None, false);
        } else if TLS.iter().any(|word| note.starts_with(word)) {
            self.tls = true;
        } else if note.starts_with("Uses proxy env variable") {
            self.proxy = true;
        } else if let Some(url) = note.strip_prefix("Issue another request to this URL:") {
            *self = Link { url: Target::parse(url.trim().trim_matches('\'')), proxy: self.proxy, ..Link::default() };
        } else if let Some(place) = find_place(note) {
            self.place = Some(place);
        } else if let Some((_, url)) = note.split_once("OPENED stream for ") {
            self.url = Target::parse(url);
        } else if let Some((_, scheme)) = note.split_once("[:scheme: ") {
            self.scheme = scheme.trim_end_matches(']').to_owned();
        }
        self.fail(note)
    }

    fn fail(&mut self, note: &str) -> Option<Failure> {
        if let Some((_, host)) =
            note.split_once("Could not resolve host: ").or_else(|| note.split_once("Could not resolve host "))
        {
            self.unreached = host.split([' ', ';', ',']).next().map(str::to_owned);
            return Some(Failure::NoName);
        }
        if let Some((_, host)) = note.split_once("Failed to connect to ") {
            let port = host.split_once(" port ").and_then(|(_, rest)| rest.split([' ', ':']).next()).unwrap_or("");
            self.unreached = host.split([' ', ':']).next().map(|host| format!("{host}:{port}"));
            return find_refusal(note);
        }
        let timed_out = ["Connection timed out after", "Operation timed out after", "Resolving timed out after"];
        if timed_out.iter().any(|word| note.starts_with(word)) {
            return Some(Failure::TimeOut);
        }
        let tls = ["SSL certificate problem:", "SSL: no alternative certificate", "SSL: certificate subject name"];
        tls.iter().any(|word| note.starts_with(word)).then_some(Failure::Tls)
    }

    /// Reads what follows `curl: (`: a number and a message.
    pub fn error(&mut self, text: &str) -> Option<Failure> {
        let (code, message) = text.split_once(')')?;
        let told = self.fail(message.trim());
        match code.trim().parse::<u16>().ok()? {
            6 => Some(Failure::NoName),
            7 => told,
            28 => Some(Failure::TimeOut),
            35 | 51 | 53 | 54 | 58 | 59 | 60 | 64 | 66 | 77 | 80 | 82 | 83 | 90 | 91 => Some(Failure::Tls),
            _ => None,
        }
    }

    /// The place that was reached, or was not.
    pub fn take_place(&mut self) -> Option<Target> {
        let unreached = self.unreached.take().and_then(|host| Target::parse(&host));
        let mut target = unreached.or_else(|| self.place.clone().filter(|_| !self.proxy))?;
        self.complete(&mut target);
        Some(target)
    }

    /// A tunnel through a proxy leads to another host.
    pub fn tunnel(&mut self, place: &str) {
        self.proxy = false;
        self.tls = false;
        self.place = Target::parse(place);
    }

    /// Completes the target of a request; the connection says more about it than the `Host` header does.
    pub fn complete(&mut self, target: &mut Target) {
        let place = if self.proxy { None } else { self.place.clone() };
        let tls = self.tls || place.as_ref().is_some_and(|p| p.port == Some(443));
        if target.host.is_empty()
            && let Some(place) = self.url.take().or(place)
        {
            target.host = place.host;
            target.scheme = place.scheme;
            target.port = place.port;
        }
        if target.scheme.is_empty() {
            target.scheme = match () {
                () if !self.scheme.is_empty() => self.scheme.to_ascii_lowercase(),
                () if tls => "https".to_owned(),
                () if target.port == Some(80) => "http".to_owned(),
                () => String::new(),
            };
        }
        if matches!((target.scheme.as_str(), target.port), ("https", Some(443)) | ("http", Some(80))) {
            target.port = None;
        }
    }
}

/// `Connected to host (address) port 443`, in the words of different versions.
fn find_place(note: &str) -> Option<Target> {
    let reused = ["Re-using existing ", "Reusing existing "].iter().any(|word| note.starts_with(word));
    let text = match note.strip_prefix("Connected to ").or_else(|| note.strip_prefix("Established connection to ")) {
        Some(text) => text,
        None if reused => note.split_once(" with host ")?.1,
        None => return None,
    };
    let mut target = record::parse_target(text.split_whitespace().next()?)?;
    // curl says `(nil)` when told to connect elsewhere.
    if target.host.is_empty() || target.host.starts_with('(') {
        return None;
    }
    let port = text.split_once(" port ").map(|(_, port)| port.split(|c: char| !c.is_ascii_digit()).next().unwrap_or(""));
    target.port = port.and_then(|port| port.parse().ok()).or(target.port);
    Some(target)
}

fn find_refusal(message: &str) -> Option<Failure> {
    let message = message.to_ascii_lowercase();
    if message.contains("timed out") {
        return Some(Failure::TimeOut);
    }
    let refused = ["connection refused", "couldn't connect to server", "could not connect to server"];
    refused.iter().any(|word| message.contains(word)).then_some(Failure::Refused)
}
