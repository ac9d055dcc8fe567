//! What was on the wire, as far as it was shown: the common form that all readers write. Values are as they were sent, secrets
//! among them, so nothing here can be printed.

use serde_json::Value as Json;

/// Something that was shown, and its line, counted from 1.
#[derive(Clone)]
pub struct Shown<T> {
    pub value: T,
    pub line: usize,
}

impl<T> Shown<T> {
    pub fn new(value: T, line: usize) -> Shown<T> {
        Shown { value, line }
    }
}

/// One header, its name as it was written.
#[derive(Clone)]
pub struct Header {
    pub name: String,
    pub value: String,
    pub line: usize,
}

impl Header {
    pub fn new(name: impl Into<String>, value: impl Into<String>, line: usize) -> Header {
        Header { name: name.into(), value: value.into(), line }
    }
}

/// Finds the first header of a name, whatever its case.
pub fn find_header<'a>(headers: &'a [Header], name: &str) -> Option<&'a Header> {
    headers.iter().find(|h| h.name.eq_ignore_ascii_case(name))
}

/// A URL in parts, nothing normalised: what was signed was signed as it was written.
#[derive(Clone, Default)]
pub struct Target {
    /// Lower case; empty when only a path was shown.
    pub scheme: String,
    /// As written; empty when only a path was shown.
    pub host: String,
    pub port: Option<u16>,
    /// Begins with a slash, or is empty.
    pub path: String,
    /// Without the question mark.
    pub query: Option<String>,
    /// There was a user name before the host.
    pub has_user: bool,
}

impl Target {
    /// Takes a URL, a `host/path` or a path apart.
    pub fn parse(text: &str) -> Option<Target> {
        let text = text.trim();
        // A URL within a path or a query has a scheme too.
        let first = text.split_once("://").filter(|(before, _)| !before.contains(['/', '?', '#']));
        let (scheme, rest) = match first {
            Some((scheme, rest)) if !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+') => {
                (scheme.to_ascii_lowercase(), rest)
            }
            Some(_) => return None,
            None => (String::new(), text),
        };
        let rest = rest.split('#').next().unwrap_or("");
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(end);
        let (has_user, place) = match authority.rsplit_once('@') {
            Some((_, place)) => (true, place),
            None => (false, authority),
        };
        let (host, port) = match place.rsplit_once(':') {
            Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => (host, port.parse().ok()),
            Some((host, "")) => (host, None),
            _ => (place, None),
        };
        // A name that no URL can have is no host: the URL standard decides, not we.
        if !host.is_empty() && (host.starts_with('(') || url::Host::parse(host).is_err()) {
            return None;
        }
        if host.is_empty() && (!scheme.is_empty() || !tail.starts_with('/')) {
            return None;
        }
        let (path, query) = match tail.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (tail, None),
        };
        Some(Target { scheme, host: host.to_owned(), port, path: path.to_owned(), query, has_user })
    }

    /// The parameters of the query as they stand there, not decoded.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        parameters(self.query.as_deref().unwrap_or(""))
    }
}

/// Takes `a=b&c=d` apart without decoding it.
pub fn parameters(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split('&').filter(|p| !p.is_empty()).map(|p| p.split_once('=').unwrap_or((p, "")))
}

/// How much a source shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Source {
    /// A command or a snippet: what somebody meant to send.
    Command,
    /// What was sent and received: a transcript, a HAR, raw HTTP.
    Wire,
    /// A log, an exception, a line of prose: parts only.
    #[default]
    Part,
}

/// What `--aws-sigv4` and its like say about the signature that a client is going to make.
#[derive(Clone, Default)]
pub struct Signer {
    pub region: String,
    pub service: String,
}

#[derive(Clone, Default)]
pub struct Request {
    pub source: Source,
    pub verb: Option<Shown<String>>,
    pub target: Option<Shown<Target>>,
    pub headers: Vec<Header>,
    pub body: Option<Shown<String>>,
    /// Every header is shown: what is not here was not sent.
    pub whole: bool,
    pub signer: Option<Shown<Signer>>,
    /// Which program sends it, in lower case: `curl`, `httpie`, `browser`, `postman`, `boto3`.
    pub client: &'static str,
}

#[derive(Clone, Default)]
pub struct Response {
    pub status: Option<Shown<u16>>,
    pub headers: Vec<Header>,
    pub body: Option<Shown<String>>,
}

/// A request and what came back.
#[derive(Clone, Default)]
pub struct Exchange {
    pub request: Request,
    pub response: Option<Response>,
}

/// Where an error was read, from strong to weak.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Strength {
    /// `x-amzn-errortype`.
    Header,
    /// The body of an answer.
    Body,
    /// An exception of an SDK, or a log line.
    Told,
    /// A message in prose.
    Prose,
}

/// An error code, a message, or both.
#[derive(Clone)]
pub struct ErrorSeen {
    pub code: Option<String>,
    pub message: Option<String>,
    pub status: Option<u16>,
    pub strength: Strength,
    pub line: usize,
}

/// Why nothing answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    NoName,
    TimeOut,
    Refused,
    Tls,
}

/// What a log says about a run of a function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Run {
    CannotLoad,
    Exception,
    TimedOut,
    OutOfMemory,
    Finished,
}

/// The output of a read-only command, as JSON, and what kind of thing it shows.
#[derive(Clone)]
pub struct Probe {
    /// The command without its program, such as `apigateway get-stage`; empty when only the output was pasted.
    pub command: String,
    pub output: Json,
    pub line: usize,
}

/// Everything that the readers found.
#[derive(Default)]
pub struct Found {
    pub exchanges: Vec<Exchange>,
    pub errors: Vec<ErrorSeen>,
    pub failures: Vec<Shown<Failure>>,
    pub runs: Vec<Shown<Run>>,
    pub probes: Vec<Probe>,
    /// Whether a connection was made, where a failure tells.
    pub connected: Vec<Shown<bool>>,
    /// Bodies that stand alone and show what a service signed.
    pub signed: Vec<Shown<String>>,
    /// The program that told an error, where no request was shown.
    pub client: Option<Shown<&'static str>>,
    /// Names of the readers that found something, in the order of the text, each once.
    pub readers: Vec<&'static str>,
}

impl Found {
    /// Notes that a reader found something.
    pub fn by(&mut self, reader: &'static str) {
        if !self.readers.contains(&reader) {
            self.readers.push(reader);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_come_apart_as_they_were_written() {
        let t = Target::parse("https://u:p@Example.com:8443/a%20b/?q=1#f").unwrap();
        assert_eq!((t.scheme.as_str(), t.host.as_str(), t.port), ("https", "Example.com", Some(8443)));
        assert_eq!((t.path.as_str(), t.query.as_deref(), t.has_user), ("/a%20b/", Some("q=1"), true));
        assert_eq!(Target::parse("/a?b").unwrap().path, "/a");
        let within = Target::parse("/login?redirect_uri=https://x").unwrap();
        assert_eq!((within.path.as_str(), within.query.as_deref()), ("/login", Some("redirect_uri=https://x")));
        assert_eq!(Target::parse("example.com/a?u=https://x").unwrap().host, "example.com");
        assert!(Target::parse("https://(nil)/x").is_none());
        assert_eq!(Target::parse("localhost:8080/x").unwrap().port, Some(8080));
        assert!(Target::parse("https:///x").is_none());
        assert!(Target::parse("no url at all").is_none());
    }
}
