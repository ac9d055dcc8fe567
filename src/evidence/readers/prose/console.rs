//! What a browser's console says about a request that CORS blocked.

use std::sync::LazyLock;

use regex::Regex;

use super::super::super::lines::Lines;
use super::super::super::wire::{ErrorSeen, Exchange, Found, Header, Request, Shown, Source, Strength, Target};
use super::super::bodies::cut;

/// The readers' name for it; the errors' facts look for it.
pub const NAME: &str = "browser console";

static CHROME: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"Access to (?:fetch|XMLHttpRequest|\w+) at '([^']+)'.{0,200}? from origin '([^']+)' has been blocked by CORS policy:? ?(.*)";
    Regex::new(pattern).expect("a constant pattern")
});
static FIREFOX: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"Cross-Origin Request Blocked: .{0,120}? remote resource at (\S+?)\.?\s+\(Reason: (.*?)\)\.?(?: Status code: (\d+|\(null\)).*)?$";
    Regex::new(pattern).expect("a constant pattern")
});
static SAFARI: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"(?:XMLHttpRequest|Fetch API) cannot load (\S+?)\.? (?:due to access control checks.*|Origin (\S+) is not allowed.*|.*[Pp]reflight.*)";
    Regex::new(pattern).expect("a constant pattern")
});

/// Takes one sentence of the console, which may be broken over two lines.
pub fn read(lines: &Lines<'_>, at: usize, found: &mut Found) -> Option<usize> {
    let line = cut(lines.at(at), 4096);
    if !["Access to ", "Cross-Origin Request Blocked", "cannot load "].iter().any(|mark| line.contains(mark)) {
        return None;
    }
    let joined = format!("{} {}", line.trim_end(), cut(lines.at(at + 1), 2048).trim());
    let (text, end) = match line.contains("CORS policy") || line.contains("(Reason") || line.contains("cannot load") {
        true => (line, at + 1),
        false => (joined.as_str(), at + 2),
    };
    let (url, origin, reason) = take_apart(text)?;
    let mut request = Request { source: Source::Part, client: "browser", ..Request::default() };
    request.target = Target::parse(url).filter(|t| !t.host.is_empty()).map(|target| Shown::new(target, at + 1));
    if let Some(origin) = origin {
        request.headers.push(Header::new("Origin", origin, at + 1));
    }
    found.exchanges.push(Exchange { request, response: None });
    let message = Some(reason.trim().to_owned()).filter(|r| !r.is_empty());
    found.errors.push(ErrorSeen { code: None, message, status: None, strength: Strength::Told, line: at + 1 });
    found.by(NAME);
    Some(end)
}

/// URL, origin and reason.
fn take_apart(text: &str) -> Option<(&str, Option<&str>, &str)> {
    if let Some(all) = CHROME.captures(text) {
        return Some((all.get(1)?.as_str(), Some(all.get(2)?.as_str()), all.get(3)?.as_str()));
    }
    if let Some(all) = FIREFOX.captures(text) {
        return Some((all.get(1)?.as_str(), None, all.get(2)?.as_str()));
    }
    let all = SAFARI.captures(text)?;
    Some((all.get(1)?.as_str(), all.get(2).map(|o| o.as_str()), text))
}
