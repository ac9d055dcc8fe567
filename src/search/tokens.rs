//! Text → the words that the index knows, for documents and for queries alike.
//!
//! People type `x-api-key`, `apiKey`, "api key" and `apikey` for one thing. So an identifier gives its parts, and besides them
//! the whole of it with its connectors taken out: every spelling meets the others. Words are lower case and stemmed; words
//! that say nothing are left out. Nothing here knows a domain. Start at [`scan`].

use std::ops::Range;

use tantivy::tokenizer::{Language, RawTokenizer, Stemmer, TextAnalyzer, TokenStream, WhitespaceTokenizer};

/// The name under which the index knows its tokenizer. It has nothing left to do.
pub const PLAIN: &str = "plain";

/// Longer words are noise: keys, signatures, encoded bodies.
const LONGEST_WORD: usize = 48;
/// Longer numbers are ids, not statuses, ports or versions.
const LONGEST_NUMBER: usize = 5;
/// A run of more parts than this is prose without spaces, or a path that nobody types again: only its parts are kept.
const MOST_PARTS: usize = 8;

/// Words that say nothing about a fault. Those that do ("not", "no", "without", "after", "only") are missing on purpose.
const SILENT: &[&str] = &[
    "a", "about", "am", "an", "and", "any", "are", "as", "at", "be", "been", "being", "but", "by", "can", "could", "did", "do",
    "does", "doing", "for", "from", "get", "gets", "getting", "give", "gives", "got", "had", "has", "have", "having", "he",
    "her", "here", "him", "his", "how", "i", "if", "im", "in", "into", "is", "it", "its", "ive", "just", "keep", "keeps", "let",
    "like", "may", "me", "might", "my", "of", "on", "or", "our", "please", "s", "shall", "she", "should", "so", "some", "still",
    "such", "t", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this", "those", "to", "too", "try",
    "trying", "us", "very", "was", "we", "were", "what", "when", "where", "which", "while", "who", "why", "will", "with",
    "would", "you", "your",
];

/// A word as it stands in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub text: String,
    pub at: Range<usize>,
    /// Counted in parts; the whole of an identifier stands where its first part does.
    pub position: usize,
    /// How many parts it has: 1 for a part, more for the whole of an identifier.
    pub parts: usize,
}

/// Calls `found` for every word, in order: parts first, then the whole that they make. Not stemmed.
pub fn scan(text: &str, mut found: impl FnMut(&str, Range<usize>, usize, usize)) {
    let mut position = 0;
    let mut whole = String::new();
    let mut part = String::new();
    for run in runs(text) {
        if let Some(rest) = plain_word(&text[run.clone()]) {
            part.clear();
            part.extend(text[run.start..run.end - rest.len()].chars().map(|c| c.to_ascii_lowercase()));
            part.push_str(rest);
            if is_word(&part) {
                found(&part, run, position, 1);
            }
            position += 1;
            continue;
        }
        let first = position;
        let mut segments = 0;
        let mut run_parts = 0;
        let mut joined_run = String::new();
        for segment in split(text, run.clone(), |c| matches!(c, '/' | '.' | ':')) {
            segments += 1;
            whole.clear();
            let start = position;
            let mut parts = 0;
            for piece in pieces(text, segment.clone()) {
                part.clear();
                part.extend(text[piece.clone()].chars().filter(|c| !is_apostrophe(*c)).flat_map(char::to_lowercase));
                whole.push_str(&part);
                if is_word(&part) {
                    found(&part, piece, position, 1);
                }
                parts += 1;
                position += 1;
            }
            if parts > 1 && is_whole(&whole, parts) {
                found(&whole, segment, start, parts);
            }
            joined_run.push_str(&whole);
            run_parts += parts;
        }
        if segments > 1 && is_whole(&joined_run, run_parts) {
            found(&joined_run, run, first, run_parts);
        }
    }
}

/// The rest behind its first letter, if a run is a word like most: small letters and digits, maybe with a capital first.
fn plain_word(run: &str) -> Option<&str> {
    let rest = run.strip_prefix(|c: char| c.is_ascii_alphanumeric())?;
    rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()).then_some(rest)
}

fn is_word(part: &str) -> bool {
    let number = part.bytes().all(|b| b.is_ascii_digit());
    let long = part.len() > if number { LONGEST_NUMBER } else { LONGEST_WORD };
    !long && part.len() > 1 && SILENT.binary_search(&part).is_err()
}

fn is_whole(joined: &str, parts: usize) -> bool {
    (2..=MOST_PARTS).contains(&parts) && joined.len() <= LONGEST_WORD && joined.contains(char::is_alphabetic)
}

pub fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’')
}

/// Runs of letters and digits, with connectors and apostrophes between them.
fn runs(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut chars = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let start = loop {
            let (i, c) = chars.next()?;
            if c.is_alphanumeric() {
                break i..i + c.len_utf8();
            }
        };
        let mut run = start;
        let mut connectors = 0;
        while let Some(&(i, c)) = chars.peek() {
            if c.is_alphanumeric() {
                run.end = i + c.len_utf8();
                connectors = 0;
            } else if connectors < 2 && (matches!(c, '_' | '-' | '.' | '/' | ':') || is_apostrophe(c)) {
                connectors += 1;
            } else {
                break;
            }
            chars.next();
        }
        Some(run)
    })
}

fn split(text: &str, run: Range<usize>, at: impl Fn(char) -> bool) -> impl Iterator<Item = Range<usize>> {
    let offset = run.start;
    let mut start = run.start;
    let end = run.end;
    let cuts: Vec<usize> = text[run].char_indices().filter(|(_, c)| at(*c)).map(|(i, _)| offset + i).chain([end]).collect();
    cuts.into_iter().filter_map(move |cut| {
        let piece = start..cut;
        start = (cut + 1).min(end);
        (!piece.is_empty()).then_some(piece)
    })
}

/// The parts of an identifier: between dashes and underscores, and where lower case turns to upper.
fn pieces(text: &str, segment: Range<usize>) -> impl Iterator<Item = Range<usize>> + '_ {
    split(text, segment, |c| matches!(c, '_' | '-')).flat_map(move |piece| {
        let mut cuts = Vec::new();
        let offset = piece.start;
        let mut before: Option<char> = None;
        let mut chars = text[piece.clone()].char_indices().peekable();
        while let Some((i, c)) = chars.next() {
            let next_is_lower = chars.peek().is_some_and(|(_, n)| n.is_lowercase());
            let turns = before
                .is_some_and(|b| c.is_uppercase() && (b.is_lowercase() || b.is_numeric() || (b.is_uppercase() && next_is_lower)));
            if turns && i > 0 {
                cuts.push(offset + i);
            }
            before = Some(c);
        }
        cuts.push(piece.end);
        let mut start = piece.start;
        cuts.into_iter().map(move |cut| std::mem::replace(&mut start, cut)..cut)
    })
}

/// Takes words as they are, between spaces.
pub fn plain() -> TextAnalyzer {
    TextAnalyzer::builder(WhitespaceTokenizer::default()).build()
}

/// Brings single words to the form that the index has.
pub struct Stems(TextAnalyzer);

impl Stems {
    pub fn new() -> Stems {
        let raw = RawTokenizer::default();
        Stems(TextAnalyzer::builder(raw).filter(Stemmer::new(Language::English)).build())
    }

    pub fn stem(&mut self, word: &str) -> String {
        let mut stream = self.0.token_stream(word);
        stream.next().map_or_else(|| word.to_owned(), |token| token.text.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let mut words = Vec::new();
        scan(text, |word, _, _, _| words.push(word.to_owned()));
        assert_eq!(words.join(" "), expected, "{text}");
    }

    #[test]
    fn identifiers_are_found_whole_and_in_parts() {
        check("x-amz-content-sha256", "amz content sha256 xamzcontentsha256");
        check(
            "MissingAuthenticationTokenException",
            "missing authentication token exception missingauthenticationtokenexception",
        );
        check("redirect_uri", "redirect uri redirecturi");
        check("/oauth2/token", "oauth2 token oauth2token");
        check("execute-api", "execute api executeapi");
        check("aws_iam AWS_IAM", "aws iam awsiam aws iam awsiam");
        check("getJwtToken()", "jwt token getjwttoken");
        check("HTTPServer", "http server httpserver");
        check("Runtime.HandlerNotFound", "runtime handler not found handlernotfound runtimehandlernotfound");
        check("AWS::Serverless::Api", "aws serverless api awsserverlessapi");
        check("pre-signed presigned", "pre signed presigned presigned");
    }

    #[test]
    fn words_that_say_nothing_are_left_out_and_those_that_do_stay() {
        check("why is the key not sent, without it?", "key not sent without");
        check("doesn't don’t", "doesnt dont");
        check("403 1234567890 5", "403");
    }

    #[test]
    fn strange_text_is_no_trouble() {
        check("", "");
        check("!!! --- ::: ///", "");
        check("-_-a", "");
        check("Größe ÄÖÜ İstanbul", "größe äöü i̇stanbul");
        check(&"x".repeat(70_000), "");
        check("\u{0}\u{200b}ab\u{feff}cd", "ab cd");
    }

    #[test]
    fn the_silent_words_are_sorted() {
        assert!(SILENT.is_sorted());
    }
}
