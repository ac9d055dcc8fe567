//! Nothing answered: what runtimes, resolvers and `ping` say then.

use std::sync::LazyLock;

use regex::Regex;

use super::super::super::lines::Lines;
use super::super::super::wire::{Exchange, Failure, Found, Request, Shown, Source, Target};
use super::{regex, tell};

/// Words that only a program says.
const CERTAIN: &[(Failure, &str)] = &[
    (
        Failure::NoName,
        r"ENOTFOUND|EAI_AGAIN|no such host|UnknownHostException|NXDOMAIN|NameResolutionError|gaierror|ERR_NAME_NOT_RESOLVED|nodename nor servname|could not find host|Non-existent domain|The remote name could not be resolved|No such host is known|[Hh]ost is unknown|cannot resolve \S+: Unknown host",
    ),
    (
        Failure::TimeOut,
        r"\bETIMEDOUT\b|i/o timeout|ConnectTimeout|ReadTimeout|ERR_CONNECTION_TIMED_OUT|ERR_TIMED_OUT|UND_ERR_CONNECT_TIMEOUT|SocketTimeoutException|Client\.Timeout exceeded|timeout of \d+ms exceeded|ESOCKETTIMEDOUT|did not properly respond after a period of time",
    ),
    (
        Failure::Refused,
        r"\bECONNREFUSED\b|ERR_CONNECTION_REFUSED|ConnectionRefusedError|actively refused|\[Errno 111\]|connect: connection refused",
    ),
    (
        Failure::Tls,
        r"CERT_HAS_EXPIRED|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT|ERR_TLS_CERT_ALTNAME_INVALID|x509: |SSLHandshakeException|PKIX path building failed|CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError|ERR_CERT_|ERR_SSL_|EPROTO",
    ),
];

/// Words that people say as well: a program has to be named beside them.
const LIKELY: &[(Failure, &str)] = &[
    (Failure::NoName, r"Name or service not known|Temporary failure in name resolution|Failed to resolve|Name does not resolve"),
    (Failure::TimeOut, r"[Cc]onnect(?:ion)? timed out|Operation timed out"),
    (Failure::Refused, r"[Cc]onnection refused"),
];

static SURE: LazyLock<Vec<(Failure, Regex)>> = LazyLock::new(|| compile(CERTAIN));
static SPOKEN: LazyLock<Vec<(Failure, Regex)>> = LazyLock::new(|| compile(LIKELY));
static PROGRAM: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?:Error|Exception|[Ee]rrno|Caused by|dial tcp|failed)\b|^\s*(?:ping6?|curl|wget|nc|telnet|host|ssh): ")
});

fn compile(table: &[(Failure, &str)]) -> Vec<(Failure, Regex)> {
    table.iter().map(|(failure, pattern)| (*failure, regex(pattern))).collect()
}

/// Any of them: most lines hold none, and are looked at once.
static ANY: LazyLock<Regex> = LazyLock::new(|| {
    let all: Vec<&str> = CERTAIN.iter().chain(LIKELY).map(|(_, pattern)| *pattern).collect();
    regex(&all.join("|"))
});

/// Which failure a line tells, if it does.
pub fn find_failure(line: &str) -> Option<Failure> {
    if !ANY.is_match(line) {
        return None;
    }
    let find = |table: &[(Failure, Regex)]| table.iter().find(|(_, pattern)| pattern.is_match(line)).map(|(failure, _)| *failure);
    find(&SURE).or_else(|| find(&SPOKEN).filter(|_| PROGRAM.is_match(line)))
}

pub fn read(_lines: &Lines<'_>, at: usize, line: &str, found: &mut Found) -> Option<usize> {
    let failure = find_failure(line)?;
    found.failures.push(Shown::new(failure, at + 1));
    // A property such as `code: 'ECONNREFUSED'` is no message.
    if line.split_whitespace().count() > 3 {
        tell(None, line, None, at + 1, found);
    }
    // The line may hold a URL too, which is read by whoever comes next.
    if line.contains("://") {
        super::super::prose::scan_urls(line, at + 1, found);
    }
    Some(at + 1)
}

static NEVER: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"Failed to connect to|Connection timed out after|Resolving timed out|Could not resolve|dial tcp|ConnectTimeout|UND_ERR_CONNECT_TIMEOUT|ERR_CONNECTION_TIMED_OUT|connect E(?:TIMEDOUT|CONNREFUSED)|Connect timeout on endpoint|connect timed out|connected party did not properly respond",
    )
});
static MADE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"bytes received|^(?:Connected|Established connection) to |ReadTimeout|Read timed out|Read timeout on endpoint|Empty reply from server|SSL certificate problem",
    )
});

/// Whether a line tells that a connection was made, or that it was not.
pub fn find_connected(line: &str) -> Option<bool> {
    match (NEVER.is_match(line), MADE.is_match(line)) {
        (false, false) => None,
        (never, _) => Some(!never),
    }
}

/// How many requests are looked at for one that the failure may belong to.
const NEAR: usize = 20;

/// Notes what a failure says about the connection, and the host that it names when no URL does.
pub fn note_place(line: &str, number: usize, found: &mut Found) {
    found.connected.extend(find_connected(line).map(|made| Shown::new(made, number)));
    let named = found.exchanges.iter().rev().take(NEAR).any(|e| e.request.target.is_some());
    let host = line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-')).find_map(find_called);
    if let Some(host) = host.filter(|_| !named) {
        let target = Some(Shown::new(Target { host, ..Target::default() }, number));
        let request = Request { source: Source::Part, target, ..Request::default() };
        found.exchanges.push(Exchange { request, response: None });
    }
}

fn find_called(word: &str) -> Option<String> {
    let known = word.contains(".execute-api.") || word.ends_with(".amazoncognito.com") || word.ends_with(".on.aws");
    let host = word.trim_end_matches('.');
    (known && Target::parse(host).is_some_and(|target| target.path.is_empty())).then(|| host.to_owned())
}
