//! Queries and forms: names stay, values only where the protocols give a list of them.

use super::hosts;
use super::out::Out;
use super::pieces::{self, Separator};
use super::places;
use super::shapes::{self, DROPPED};
use super::words::Words;

/// Parameters whose values come from a short list that the protocols give.
const OPEN_PARAMETERS: &[&str] = &[
    "response_type",
    "grant_type",
    "error",
    "x-amz-algorithm",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-signedheaders",
    "code_challenge_method",
    "response_mode",
    "prompt",
    "token_type",
    "error_description",
    "lang",
];
const SCOPES: &[&str] = &["openid", "email", "profile", "phone", "aws.cognito.signin.user.admin"];
const URL_PARAMETERS: &[&str] = &["redirect_uri", "logout_uri", "post_logout_redirect_uri", "callback_url"];

/// A query or a form.
pub fn query(out: &mut Out, words: Words, text: &str) {
    for (n, parameter) in text.split('&').enumerate() {
        if n > 0 {
            out.keep("&");
        }
        let plain = parameter.strip_prefix("amp;").unwrap_or(parameter);
        out.keep(&parameter[..parameter.len() - plain.len()]);
        match plain.split_once('=') {
            Some((name, value)) => {
                name_of(out, words, name);
                out.keep("=");
                value_of(out, words, name, value);
            }
            None => name_of(out, words, plain),
        }
    }
}

fn name_of(out: &mut Out, words: Words, name: &str) {
    if words.know(name) || name == DROPPED || list_open().any(|known| known.eq_ignore_ascii_case(name)) {
        out.keep(name)
    } else {
        out.drop(name)
    }
}

/// Whether a text can only be a form: `a=b&c=d`.
pub fn is_form(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '%' | '[' | ']' | '…');
    let name = |n: &str| !n.is_empty() && n.chars().all(letter);
    let text = text.trim();
    !text.contains(char::is_whitespace)
        && text.split('&').all(|p| p.split_once('=').is_some_and(|(n, _)| name(n.strip_prefix("amp;").unwrap_or(n))))
}

/// The value of a parameter.
pub fn value_of(out: &mut Out, words: Words, name: &str, value: &str) {
    let is = |known: &&str| known.eq_ignore_ascii_case(name);
    if is_nothing(value) {
        out.keep(value);
    } else if is(&"x-amz-credential") {
        credential(out, value);
    } else if is(&"scope") {
        pieces::keep(out, value, |p| SCOPES.contains(&p));
    } else if URL_PARAMETERS.iter().any(is) {
        encoded_url(out, words, value);
    } else if OPEN_PARAMETERS.iter().any(is) {
        pieces::keep(out, value, |p| {
            words.know(p)
                || shapes::is_harmless_number(p)
                || (is(&"x-amz-expires") && p.len() <= 6 && p.bytes().all(|b| b.is_ascii_digit()))
        });
    } else {
        out.drop(value);
    }
}

/// The parameters of whose values something may be shown.
pub fn list_open() -> impl Iterator<Item = &'static str> {
    OPEN_PARAMETERS.iter().chain(URL_PARAMETERS).chain(&["scope"]).copied()
}

/// What programs write where a secret is missing.
pub fn is_nothing(value: &str) -> bool {
    matches!(value, "" | "undefined" | "null" | "None" | "nil" | "true" | "false" | "True" | "False" | "[object Object]")
}

/// `AKIA…/20150830/us-east-1/s3/aws4_request`, its slashes encoded or not.
pub fn credential(out: &mut Out, text: &str) {
    let words = Words::built_in();
    let Some((slash, scope)) = split_scope(text) else { return out.drop(text) };
    let (key, slash) = text[..scope].split_at(slash);
    if !key.is_empty() {
        out.drop(key);
    }
    out.keep(slash);
    pieces::keep(out, &text[scope..], |piece| {
        shapes::is_packed_date(piece) || hosts::is_region(piece) || (piece.len() > 1 && words.know(piece))
    });
}

/// Where the slash behind a key's id stands, and where the date behind it: an id may be of any letters, so the last date counts.
fn split_scope(text: &str) -> Option<(usize, usize)> {
    let (mut at, mut slash, mut found) = (0, (0, 0), None);
    while let Some((piece, separator)) = pieces::next(&text[at..]) {
        match separator {
            Separator::Slash => slash = (at, at + piece.len()),
            Separator::None if slash.1 == at && shapes::is_packed_date(piece) => found = Some(slash),
            _ => {}
        }
        at += piece.len();
    }
    found
}

/// A URL inside a parameter: how often it is encoded stays to be seen.
fn encoded_url(out: &mut Out, words: Words, text: &str) {
    let (mut at, mut before, mut is_start) = (0, Separator::None, true);
    while let Some((piece, separator)) = pieces::next(&text[at..]) {
        let rest = &text[at..];
        at += piece.len();
        let is_port = matches!(before, Separator::Colon) && piece.len() <= 5 && piece.bytes().all(|b| b.is_ascii_digit());
        match separator {
            // What is behind a question mark is a query of somebody else.
            Separator::Query => {
                out.keep(piece);
                return out.drop(&rest[piece.len()..]);
            }
            Separator::None if is_port || piece == DROPPED || places::is_stage(piece) || hosts::is_here(piece) => out.keep(piece),
            Separator::None if hosts::is_known_host(piece) => hosts::host(out, words, piece),
            Separator::None if words.know(piece) || shapes::is_harmless_number(piece) => out.keep(piece),
            Separator::None => out.drop(piece),
            Separator::Placeholder => out.keep(piece),
            _ if separator != Separator::Other && (before == Separator::None || is_start) => out.keep(piece),
            _ => out.drop(piece),
        }
        is_start &= matches!(separator, Separator::Colon | Separator::Slash) || matches!(piece, "http" | "https");
        before = separator;
    }
}
