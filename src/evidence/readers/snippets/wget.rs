//! wget commands. Start at [`read`].

use super::super::super::lines::Lines;
use super::super::super::wire::{Found, Header, Shown};
use super::super::curl::find_start;
use super::super::shell::{Word, read_command};
use super::Draft;

/// Takes a wget command.
pub fn read(lines: &Lines<'_>, at: usize, found: &mut Found) -> Option<usize> {
    let line = lines.at(at);
    let start = find_start(line, &["wget", "wget.exe"])?;
    let first = line.get(start.offset..)?.split_whitespace().nth(1).unwrap_or("");
    if !first.starts_with(['-', '"', '\'', '$', '\\']) && !is_url(first) {
        return None;
    }
    let text = lines.from(at).get(start.offset..)?;
    let command = read_command(text, at + 1, start.shell, start.closer);
    let next = at + text.get(..command.end)?.matches('\n').count() + 1;
    let sent = send(command.words.get(1..)?, command.doubtful, found);
    (sent || next > at + 1).then_some(next)
}

fn is_url(word: &str) -> bool {
    let host = word.split(['/', '?', ':']).next().unwrap_or("");
    word.contains("://") || word.starts_with(['$', '<']) || host == "localhost" || (host.contains('.') && !host.ends_with('.'))
}

/// Long options whose value may be the next word; those that matter, and those whose value looks like a URL or an option.
const WITH_VALUE: &[&str] = &[
    "header",
    "post-data",
    "post-file",
    "body-data",
    "body-file",
    "method",
    "user",
    "password",
    "http-user",
    "http-password",
    "http-passwd",
    "user-agent",
    "referer",
    "load-cookies",
    "save-cookies",
    "output-document",
    "output-file",
    "append-output",
    "input-file",
    "base",
    "ca-certificate",
    "ca-directory",
    "certificate",
    "private-key",
    "certificate-type",
    "crl-file",
    "timeout",
    "connect-timeout",
    "read-timeout",
    "dns-timeout",
    "tries",
    "wait",
    "waitretry",
    "limit-rate",
    "bind-address",
    "directory-prefix",
    "domains",
    "exclude-domains",
    "accept",
    "reject",
    "level",
    "quota",
    "max-redirect",
    "proxy-user",
    "proxy-password",
    "secure-protocol",
    "ciphers",
    "execute",
    "config",
    "start-pos",
    "progress",
    "compression",
    "use-askpass",
    "pinnedpubkey",
    "hsts-file",
    "restrict-file-names",
    "default-page",
    "cut-dirs",
    "retry-on-http-error",
];

const SHORT_WITH_VALUE: &[(char, &str)] = &[
    ('U', "user-agent"),
    ('O', "output-document"),
    ('o', "output-file"),
    ('a', "append-output"),
    ('i', "input-file"),
    ('B', "base"),
    ('t', "tries"),
    ('T', "timeout"),
    ('w', "wait"),
    ('Q', "quota"),
    ('P', "directory-prefix"),
    ('e', "execute"),
    ('l', "level"),
    ('A', "accept"),
    ('R', "reject"),
    ('D', "domains"),
    ('X', "exclude"),
    ('I', "include"),
];

fn send(words: &[Word], doubtful: bool, found: &mut Found) -> bool {
    let mut draft = Draft::new("wget", words.first().map_or(0, |w| w.line));
    draft.whole = !doubtful;
    let mut urls = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let text = word.text.as_str();
        let (name, value, line) = match (text.strip_prefix("--"), text.strip_prefix('-')) {
            (Some(long), _) => match long.split_once('=') {
                Some((name, value)) => (name, value.to_owned(), word.line),
                None => {
                    let value = WITH_VALUE.contains(&long).then(|| words.next()).flatten();
                    (long, value.map(|w| w.text.clone()).unwrap_or_default(), word.line)
                }
            },
            (None, Some(short)) if !short.is_empty() => {
                let valued = short.char_indices().find_map(|(at, c)| {
                    SHORT_WITH_VALUE
                        .iter()
                        .find(|(s, _)| *s == c)
                        .map(|(_, name)| (*name, short.get(at + c.len_utf8()..).unwrap_or("")))
                });
                match valued {
                    Some((name, "")) => (name, words.next().map(|w| w.text.clone()).unwrap_or_default(), word.line),
                    Some((name, value)) => (name, value.to_owned(), word.line),
                    None => continue,
                }
            }
            _ => {
                urls.extend(is_url(text).then(|| Shown::new(text.to_owned(), word.line)));
                draft.whole &= is_url(text);
                continue;
            }
        };
        take(&mut draft, name, value, line);
    }
    let Some(url) = urls.into_iter().next() else { return false };
    let scheme = if url.value.contains("://") { "" } else { "http://" };
    let line = url.line;
    draft.url = Some(Shown::new(format!("{scheme}{}", url.value), line));
    if let Some(length) = draft.body.as_ref().map(|b| b.value.len()) {
        draft.add_own("Content-Length", &length.to_string(), line);
    }
    draft.add_own("User-Agent", "Wget", line);
    draft.add_own("Accept", "*/*", line);
    draft.add_own("Accept-Encoding", "identity", line);
    draft.add_own("Connection", "Keep-Alive", line);
    draft.finish(found, "wget command")
}

fn take(draft: &mut Draft, name: &str, value: String, line: usize) {
    match name {
        "header" => match value.split_once(':') {
            Some((name, value)) => {
                draft.whole &= !name.contains('$');
                draft.headers.push(Header::new(name.trim(), value.trim(), line));
            }
            None => draft.whole = false,
        },
        "post-data" | "body-data" | "post-file" | "body-file" => {
            if name.starts_with("post") {
                draft.verb.get_or_insert(Shown::new("POST".to_owned(), line));
            }
            draft.body = name.ends_with("data").then(|| Shown::new(value, line));
            draft.add_own("Content-Type", "application/x-www-form-urlencoded", line);
        }
        "method" => draft.verb = Some(Shown::new(value.to_ascii_uppercase(), line)),
        "spider" => draft.verb = Some(Shown::new("HEAD".to_owned(), line)),
        "user-agent" => draft.headers.push(Header::new("User-Agent", value, line)),
        "referer" => draft.headers.push(Header::new("Referer", value, line)),
        // wget sends a user only after it was asked for one.
        "user" | "http-user" | "auth-no-challenge" | "load-cookies" | "config" | "execute" => draft.whole = false,
        _ => {}
    }
}
