//! The SDKs for Java, Go, .NET, PHP and Ruby.

use std::sync::LazyLock;

use regex::Regex;

use super::super::super::lines::Lines;
use super::super::super::wire::{Found, Shown};
use super::super::bodies::{codes, cut};
use super::{is_trace, network, regex, show, tell, whole_message};

/// `package.Name: message`, also behind `Exception in thread "main"`, `Caused by:`, `Unhandled exception.` and ` --->`.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    let before = r#"^\s*(?:Exception in thread "[^"]*" |Caused by: |Suppressed: |Unhandled exception\. |---> |Fatal error: |PHP Fatal error: |Uncaught )*"#;
    regex(&format!(r"{before}((?:[A-Za-z_][\w$]*[.\\])+)([A-Z][\w$]*(?:Exception|Error))(?:: (.*))?$"))
});
/// What one of the forms below needs: most lines hold none of it.
static MARKS: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"[.\\][A-Z][\w$]*(?:Exception|Error)|Service: |operation error |response error |api error |status code: |AWS HTTP error|resulted in a|\((?:client|server)\): |Aws::",
    )
});
static SERVICE: LazyLock<Regex> =
    LazyLock::new(|| regex(r"\(Service: ([^,;)]+)[,;] Status Code: (\d+)(?:[,;] Error Code: ([A-Za-z0-9._]+))?[^)]{0,400}\)?"));
static GO: LazyLock<Regex> = LazyLock::new(|| regex(r"operation error ([\w ]{1,60}): (\w{1,80}), "));
static GO_STATUS: LazyLock<Regex> = LazyLock::new(|| regex(r"response error StatusCode: (\d+)"));
static GO_CODE: LazyLock<Regex> = LazyLock::new(|| regex(r"api error ([A-Za-z][\w.]{2,79}): "));
static GO_MODELLED: LazyLock<Regex> = LazyLock::new(|| regex(r", ([A-Z]\w{2,79}): "));
static GO_OLD: LazyLock<Regex> = LazyLock::new(|| regex(r"^\s+status code: (\d{3}), request id: "));
static PHP: LazyLock<Regex> = LazyLock::new(|| regex(r#"Error executing "(\w+)" on "(https?://[^"]+)"; AWS HTTP error"#));
static GUZZLE: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?:Client|Server) error: [`']([A-Z]+) (https?://\S+?)[`'] resulted in a [`'](\d{3})"));
static SIDE: LazyLock<Regex> = LazyLock::new(|| regex(r"\b([A-Z][A-Za-z0-9.]{2,60}) \((?:client|server)\): (.*)$"));
static RUBY: LazyLock<Regex> =
    LazyLock::new(|| regex(r"Aws::\w+::Errors::(\w+)\)?(?:[: ]+\(?(.*?)\)?)?$|^(.*) \(Aws::\w+::Errors::(\w+)\)$"));

pub fn read(lines: &Lines<'_>, at: usize, line: &str, found: &mut Found) -> Option<usize> {
    if !MARKS.is_match(line) && !lines.at(at + 1).trim_start().starts_with("status code: ") {
        return None;
    }
    read_php(at, line, found)
        .or_else(|| read_go(lines, at, line, found))
        .or_else(|| read_ruby(at, line, found))
        .or_else(|| read_named(lines, at, line, found))
        .or_else(|| read_service(at, line, found))
}

fn read_named(lines: &Lines<'_>, at: usize, line: &str, found: &mut Found) -> Option<usize> {
    let all = NAMED.captures(line)?;
    let (path, name) = (all.get(1)?.as_str(), all.get(2)?.as_str());
    let Some(message) = all.get(3) else {
        return is_trace(lines.at(at + 1)).then_some(at + 1);
    };
    let failure = network::find_failure(line);
    found.failures.extend(failure.map(|f| Shown::new(f, at + 1)));
    let (code, status) = match SERVICE.captures(line) {
        Some(service) => {
            let code = service.get(3).map(|c| c.as_str());
            let told = code.or_else(|| (!is_generic(name, path)).then_some(name));
            (told, service.get(2).and_then(|s| s.as_str().parse().ok()))
        }
        None => ((codes::is_code(name) && !is_generic(name, path)).then_some(name), None),
    };
    let (text, end) = whole_message(lines, at, line, message.start());
    let text = match SERVICE.find(text) {
        Some(tail) => text.get(..tail.start()).unwrap_or(text),
        None => text,
    };
    tell(code, text, status, at + 1, found);
    if status.is_some() {
        show(None, None, status, "", at + 1, found);
    }
    Some(end)
}

/// The class of a service's exceptions, such as `S3Exception` or `AmazonS3Exception`, is no code.
fn is_generic(name: &str, path: &str) -> bool {
    let bare = name.strip_suffix("Exception").unwrap_or(name).to_ascii_lowercase();
    let bare = bare.strip_prefix("amazon").or_else(|| bare.strip_prefix("aws")).unwrap_or(&bare).to_owned();
    let path = path.to_ascii_lowercase().replace('\\', ".");
    name == "AWSSecurityTokenServiceException"
        || bare.is_empty()
        || path.split('.').any(|part| part == bare)
        || !(path.contains("aws") || path.contains("amazon"))
}

/// The parentheses of the Java SDK, where the class stands on another line.
fn read_service(at: usize, line: &str, found: &mut Found) -> Option<usize> {
    let all = SERVICE.captures(line)?;
    let status = all.get(2)?.as_str().parse().ok();
    tell(all.get(3).map(|c| c.as_str()), line.get(..all.get(0)?.start())?, status, at + 1, found);
    show(None, None, status, "java", at + 1, found);
    Some(at + 1)
}

fn read_go(lines: &Lines<'_>, at: usize, line: &str, found: &mut Found) -> Option<usize> {
    if let Some(all) = GO.captures(line) {
        let status = GO_STATUS.captures(line).and_then(|s| s.get(1)?.as_str().parse().ok());
        let code = GO_CODE.captures(line).or_else(|| GO_MODELLED.captures_iter(line).find(|c| codes::is_code(&c[1])));
        let code = code.and_then(|c| c.get(1).map(|c| c.as_str()));
        let failure = network::find_failure(line);
        found.failures.extend(failure.map(|f| Shown::new(f, at + 1)));
        let (message, end) = whole_message(lines, at, line, all.get(0)?.start());
        tell(code, message, status, at + 1, found);
        if status.is_some() {
            show(None, None, status, "go", at + 1, found);
        }
        return Some(end);
    }
    // SDK v1 writes the status below.
    let status: Option<u16> = GO_OLD.captures(lines.at(at + 1)).and_then(|all| all.get(1)?.as_str().parse().ok());
    let status = status?;
    let (code, message) =
        line.trim().rsplit_once(": ").map_or(("", line), |_| line.trim().split_once(": ").unwrap_or(("", line)));
    let code = code.rsplit(' ').next().filter(|c| codes::is_code(c));
    tell(code, message, Some(status), at + 1, found);
    show(None, None, Some(status), "go", at + 1, found);
    Some(at + 2)
}

fn read_php(at: usize, line: &str, found: &mut Found) -> Option<usize> {
    let (php, guzzle, side) = (PHP.captures(line), GUZZLE.captures(line), SIDE.captures(line));
    if php.is_none() && guzzle.is_none() && side.is_none() {
        return None;
    }
    let status = guzzle.as_ref().and_then(|all| all.get(3)?.as_str().parse().ok());
    let verb = guzzle.as_ref().and_then(|all| all.get(1)).map(|v| v.as_str());
    let url = guzzle.as_ref().and_then(|all| all.get(2)).or_else(|| php.as_ref().and_then(|all| all.get(2))).map(|u| u.as_str());
    if url.is_some() {
        show(verb, url, status, "", at + 1, found);
    }
    match (&side, &php) {
        (Some(all), _) => tell(all.get(1).map(|c| c.as_str()), all.get(2).map_or("", |m| m.as_str()), status, at + 1, found),
        (None, Some(all)) => tell(None, cut(line.get(all.get(0)?.start()..)?, 600), status, at + 1, found),
        _ => tell(None, "", status, at + 1, found),
    }
    for error in super::super::bodies::list_within(line, at + 1) {
        found.errors.push(error);
    }
    Some(at + 1)
}

fn read_ruby(at: usize, line: &str, found: &mut Found) -> Option<usize> {
    if !line.contains("::Errors::") {
        return None;
    }
    let all = RUBY.captures(line.trim())?;
    let code = all.get(1).or_else(|| all.get(4))?.as_str();
    let message = all.get(2).or_else(|| all.get(3)).map_or("", |m| m.as_str());
    tell(Some(code), message, None, at + 1, found);
    Some(at + 1)
}
