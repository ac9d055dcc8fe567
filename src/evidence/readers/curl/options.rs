//! curl's options: which of them take a value, and what stands behind one dash. Start at [`list`].

use super::Word;

/// An option or a URL, in the order of the command.
pub enum Argument<'a> {
    /// The option's long name and its value; empty for options that take none.
    Option {
        name: &'a str,
        value: String,
        word: &'a Word,
    },
    Url(&'a Word),
}

/// Takes the words of a command apart as curl does.
pub fn list(words: &[Word]) -> Vec<Argument<'_>> {
    let mut arguments = Vec::new();
    let mut words = words.iter();
    let mut only_urls = false;
    while let Some(word) = words.next() {
        match word.text.as_str() {
            "--" => only_urls = true,
            text if only_urls || !text.starts_with('-') || text == "-" => arguments.push(Argument::Url(word)),
            text => match text.strip_prefix("--") {
                Some(name) => long(name, word, &mut words, &mut arguments),
                None => short(word, &mut words, &mut arguments),
            },
        }
    }
    arguments
}

fn long<'a>(name: &'a str, word: &'a Word, rest: &mut std::slice::Iter<'a, Word>, out: &mut Vec<Argument<'a>>) {
    // curl itself knows no `--name=value`, yet people write it and it is clear what they mean.
    if let Some((name, value)) = name.split_once('=').filter(|(name, _)| WITH_VALUE.contains(name)) {
        out.push(Argument::Option { name, value: value.to_owned(), word });
        return;
    }
    let (value, word) = match WITH_VALUE.contains(&name).then(|| rest.next()).flatten() {
        Some(word) => (word.text.clone(), word),
        None => (String::new(), word),
    };
    out.push(Argument::Option { name, value, word });
}

/// One dash and some letters; the first that takes a value ends them.
fn short<'a>(word: &'a Word, rest: &mut std::slice::Iter<'a, Word>, out: &mut Vec<Argument<'a>>) {
    for (at, letter) in word.text.char_indices().skip(1) {
        if let Some((_, name)) = SHORT_WITH_VALUE.iter().find(|(short, _)| *short == letter) {
            let after = word.text.get(at + 1..).unwrap_or("");
            let (value, word) = match after.is_empty().then(|| rest.next()).flatten() {
                Some(word) => (word.text.clone(), word),
                None => (after.to_owned(), word),
            };
            out.push(Argument::Option { name, value, word });
            return;
        }
        let name = SHORT.iter().find(|(short, _)| *short == letter).map_or("", |(_, name)| *name);
        out.push(Argument::Option { name, value: String::new(), word });
    }
}

/// The short options without a value that matter for what is sent.
const SHORT: &[(char, &str)] = &[('G', "get"), ('I', "head"), ('n', "netrc"), (':', "next"), ('V', "version"), ('M', "manual")];

const SHORT_WITH_VALUE: &[(char, &str)] = &[
    ('A', "user-agent"),
    ('b', "cookie"),
    ('c', "cookie-jar"),
    ('C', "continue-at"),
    ('d', "data"),
    ('D', "dump-header"),
    ('e', "referer"),
    ('E', "cert"),
    ('F', "form"),
    ('H', "header"),
    ('K', "config"),
    ('m', "max-time"),
    ('o', "output"),
    ('P', "ftp-port"),
    ('Q', "quote"),
    ('r', "range"),
    ('t', "telnet-option"),
    ('T', "upload-file"),
    ('u', "user"),
    ('U', "proxy-user"),
    ('w', "write-out"),
    ('x', "proxy"),
    ('X', "request"),
    ('y', "speed-time"),
    ('Y', "speed-limit"),
    ('z', "time-cond"),
];

#[rustfmt::skip]
const WITH_VALUE: &[&str] = &[
    "abstract-unix-socket", "alt-svc", "aws-sigv4", "cacert", "capath", "cert", "cert-type", "ciphers", "config",
    "connect-timeout", "connect-to", "continue-at", "cookie", "cookie-jar", "create-file-mode", "crlfile", "curves", "data",
    "data-ascii", "data-binary", "data-raw", "data-urlencode", "delegation", "dns-interface", "dns-ipv4-addr",
    "dns-ipv6-addr", "dns-servers", "doh-url", "dump-header", "ech", "egd-file", "engine", "etag-compare", "etag-save",
    "expect100-timeout", "form", "form-string", "ftp-account", "ftp-alternative-to-user", "ftp-method", "ftp-port",
    "ftp-ssl-ccc-mode", "happy-eyeballs-timeout-ms", "haproxy-clientip", "header", "hostpubmd5", "hostpubsha256", "hsts",
    "interface", "ip-tos", "ipfs-gateway", "json", "keepalive-cnt", "keepalive-time", "key", "key-type", "krb", "libcurl",
    "limit-rate", "local-port", "login-options", "mail-auth", "mail-from", "mail-rcpt", "max-filesize", "max-redirs",
    "max-time", "netrc-file", "noproxy", "oauth2-bearer", "output", "output-dir", "parallel-max", "parallel-max-host", "pass",
    "pinnedpubkey", "preproxy", "proto", "proto-default", "proto-redir", "proxy", "proxy-cacert", "proxy-capath",
    "proxy-cert", "proxy-cert-type", "proxy-ciphers", "proxy-crlfile", "proxy-header", "proxy-key", "proxy-key-type",
    "proxy-pass", "proxy-pinnedpubkey", "proxy-service-name", "proxy-tls13-ciphers", "proxy-tlsauthtype",
    "proxy-tlspassword", "proxy-tlsuser", "proxy-user", "proxy1.0", "pubkey", "quote", "random-file", "range", "rate",
    "referer", "request", "request-target", "resolve", "retry", "retry-delay", "retry-max-time", "sasl-authzid",
    "service-name", "sigalgs", "socks4", "socks4a", "socks5", "socks5-gssapi-service", "socks5-hostname", "speed-limit",
    "speed-time", "stderr", "telnet-option", "tftp-blksize", "time-cond", "tls-max", "tls13-ciphers", "tlsauthtype",
    "tlspassword", "tlsuser", "trace", "trace-ascii", "trace-config", "unix-socket", "upload-file", "upload-flags", "url",
    "url-query", "user", "user-agent", "variable", "vlan-priority", "write-out",
];
