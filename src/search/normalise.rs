//! Text → what of it is safe to keep in a log of searches that found nothing.
//!
//! By allow-list: a word stays if it reads as a word. Whatever has digits, an at-sign, slashes or dots, stands in quotes or
//! behind an equals-sign, or looks random, goes. Losing a good word costs little here; keeping a secret costs much.

use std::fmt::Write as _;

/// More is not needed to see what was looked for.
const LONGEST: usize = 300;
/// Longer words without a seam are ids or keys.
const LONGEST_WORD: usize = 20;
/// So many consonants in a row do not occur in words.
const MOST_CONSONANTS: usize = 6;
/// Pieces of an identifier have at least so many letters, but for these.
const SHORTEST_PIECE: usize = 3;
const SHORT_PIECES: &[&str] = &["At", "By", "Id", "In", "Is", "No", "Of", "On", "To", "is", "no", "on", "to"];
/// So many capitals stand in a word that is shouted, and so many before a word that is not.
const LONGEST_SHOUT: usize = 14;
const LONGEST_ACRONYM: usize = 5;
/// From here on, letters that are all hexadecimal digits are no word.
const SHORTEST_HEX: usize = 8;
/// What follows one of these is a secret, however it looks.
const BEFORE_SECRETS: &[&str] =
    &["apikey", "authorization", "basic", "bearer", "cookie", "credential", "credentials", "password", "passwd", "pwd", "secret"];
/// The fields whose value is a message and not data.
const MESSAGE_FIELDS: &[&str] = &["code", "error", "error_description", "errormessage", "errortype", "message", "type"];

/// Text with everything specific taken out, in lower case, one space between words, at most 300 characters.
pub fn normalise(text: &str) -> String {
    let mut out = String::new();
    let mut length = 0;
    let mut secret_follows = false;
    for chunk in unquote(text).split_whitespace() {
        let kept = if secret_follows { String::new() } else { keep(chunk) };
        secret_follows = announces_secret(chunk);
        let size = kept.chars().count() + usize::from(!out.is_empty());
        if kept.is_empty() {
            continue;
        }
        if length + size > LONGEST {
            break;
        }
        let space = if out.is_empty() { "" } else { " " };
        let _ = write!(out, "{space}{kept}");
        length += size;
    }
    out
}

/// Takes out what stands in quotes, but for the names of fields and the values of those that hold messages.
fn unquote(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(4 * LONGEST));
    let mut field = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(is_quote) {
        let quote = rest[at..].chars().next().unwrap_or('"');
        let before = &rest[..at];
        let inside = &rest[at + quote.len_utf8()..];
        if is_apostrophe(quote, before, inside) {
            out.push_str(before);
            rest = inside;
            continue;
        }
        let closing = closing(quote);
        let end = inside.find(closing);
        let value = &inside[..end.unwrap_or(inside.len())];
        let after = end.map_or("", |e| &inside[e + closing.len_utf8()..]);
        let is_field = after.trim_start().starts_with(':');
        let is_message = before.trim() == ":" && MESSAGE_FIELDS.contains(&field.as_str());
        if !is_message {
            out.push_str(before);
        }
        out.push(' ');
        if is_field {
            out.push_str(value);
        } else if is_message {
            out.push_str(&unquote(value));
        }
        out.push(' ');
        field = if is_field { value.to_lowercase() } else { String::new() };
        rest = after;
    }
    out.push_str(rest);
    out
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '`' | '“' | '”' | '„' | '‘' | '’' | '«')
}

fn closing(quote: char) -> char {
    match quote {
        '“' | '„' => '”',
        '‘' => '’',
        '«' => '»',
        same => same,
    }
}

/// The one in "doesn't" opens nothing.
fn is_apostrophe(quote: char, before: &str, inside: &str) -> bool {
    matches!(quote, '\'' | '’') && before.ends_with(char::is_alphabetic) && inside.starts_with(char::is_alphabetic)
}

fn announces_secret(chunk: &str) -> bool {
    let name = chunk.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let announced = BEFORE_SECRETS.contains(&name.as_str());
    let assigned = chunk.ends_with([':', '=']) && ["key", "token", "secret", "password", "auth"].iter().any(|w| name.contains(w));
    let stands_alone = name.is_empty() && chunk.ends_with([':', '=']);
    announced || assigned || stands_alone || chunk == "-u" || chunk == "--user"
}

/// What is left of a chunk between spaces: its words, or nothing.
fn keep(chunk: &str) -> String {
    let chunk = chunk.trim_matches(|c: char| !c.is_alphanumeric());
    let end = chunk.find(['=', ':']).unwrap_or(chunk.len());
    let (name, value) = chunk.split_at(end);
    if value.starts_with("://") || (name == "arn" && !value.is_empty()) {
        return String::new();
    }
    let name = name.trim_matches(|c: char| !c.is_alphanumeric());
    let kept = name.split(|c: char| {
        !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '@' | '\\' | '+' | '%' | '~' | '$' | '&' | '#'))
    });
    let words: Vec<String> = kept.filter(|w| is_plain(w)).map(str::to_lowercase).collect();
    words.join(" ")
}

/// Whether it reads as a word or as an identifier made of words.
fn is_plain(word: &str) -> bool {
    let letters = word.chars().all(|c| (c.is_alphabetic() && !c.is_numeric()) || matches!(c, '-' | '_'));
    letters && word.split(['-', '_']).all(reads_as_words) && word.contains(char::is_alphabetic)
}

/// Cuts where lower case turns to upper; each piece has to be a word by itself. Random letters soon have one that is not.
fn reads_as_words(part: &str) -> bool {
    let mut start = 0;
    let mut before_lower = false;
    let mut pieces = Vec::new();
    for (i, c) in part.char_indices() {
        if c.is_uppercase() && before_lower {
            pieces.push(&part[start..i]);
            start = i;
        }
        before_lower = c.is_lowercase();
    }
    pieces.push(&part[start..]);
    let whole = pieces.len() == 1;
    pieces.iter().all(|p| is_syllabic(p) && (whole || p.chars().count() >= SHORTEST_PIECE || SHORT_PIECES.contains(p)))
}

fn is_syllabic(word: &str) -> bool {
    let mut run = 0;
    let mut longest = 0;
    for c in word.chars() {
        let vowel = matches!(c.to_ascii_lowercase(), 'a' | 'e' | 'i' | 'o' | 'u' | 'y') || !c.is_ascii();
        run = if vowel { 0 } else { run + 1 };
        longest = longest.max(run);
    }
    let size = word.chars().count();
    let capitals = word.chars().take_while(|c| c.is_uppercase()).count();
    let shouted = capitals > if capitals == size { LONGEST_SHOUT } else { LONGEST_ACRONYM };
    let hex = size >= SHORTEST_HEX && word.chars().all(|c| c.is_ascii_hexdigit());
    size <= LONGEST_WORD && longest <= MOST_CONSONANTS && !shouted && !hex
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(normalise(text), expected, "{text}");
    }

    #[test]
    fn messages_stay_and_what_is_specific_goes() {
        check("403 Missing Authentication Token", "missing authentication token");
        check(r#"{"message": "Missing Authentication Token"}"#, "message missing authentication token");
        check(r#"{"message":"no 'bucket' here"}"#, "message no here");
        check(r#"{"message":"no access","user":"anna"}"#, "message no access user");
        check("User: arn:aws:iam::111122223333:user/bob is not authorized", "user is not authorized");
        check("GET https://api.example.com/orders/42 fails", "get fails");
        check("host api.example.com on 10.0.0.1 at 2024-01-02T03:04:05Z", "host on at");
        check("request 7b2f1c9e-0000-4444-8888-abcdefabcdef id=abc failed", "request id failed");
        check("key AKIAIOSFODNNEXAMPLE doesn't work", "key doesnt work");
        check("Authorization: Bearer abcdef.ghi", "authorization");
        check("curl -u anna:geheim x", "curl u x");
        check("secret_access_key = plainword and more", "secret_access_key and more");
        check("credential should be scoped to 'es'", "credential be scoped to");
        check("mail to anna@example.com about bucket \"my-bucket\"", "mail to about bucket");
        check("x-amz-security-token:undefined", "x-amz-security-token");
        check(
            "MissingAuthenticationTokenException redirect_uri=https://a.b/c",
            "missingauthenticationtokenexception redirect_uri",
        );
        check("wJalrXUtnFEMIKMDENGbPxRfiCYEXAMPLEKEY deadbeefcafe", "");
        check("wJalrXUtnFEMIbPxRfiCY aBcDeFgHi HTTPServerError InvalidClientTokenId", "httpservererror invalidclienttokenid");
    }

    #[test]
    fn it_is_short() {
        assert!(normalise(&"word ".repeat(10_000)).chars().count() <= LONGEST);
    }

    proptest! {
        #[test]
        fn no_digit_stays_and_nothing_panics(text in "\\PC{0,200}") {
            let kept = normalise(&text);
            prop_assert!(!kept.chars().any(|c| c.is_numeric()));
            prop_assert!(kept.chars().count() <= LONGEST);
        }
    }
}
