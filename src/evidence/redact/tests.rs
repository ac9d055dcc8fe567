//! Nothing secret stays, and what helps does.

use proptest::prelude::*;

use super::{Vocabulary, harmless_query, header_value, is_harmless, redact};

#[path = "../../../tests/support/canary.rs"]
mod canary;

fn vocabulary() -> Vocabulary {
    Vocabulary::new(["Orders of teapots are brewed by the GetTeapot operation."])
}

/// What is left of every secret: eight characters are enough to be found.
fn list_leaks(planted: &canary::Planted, redacted: &str) -> Vec<String> {
    let forms = planted.secrets.iter().flat_map(|s| canary::forms(s));
    let pieces = forms.flat_map(|form| {
        let letters: Vec<char> = form.chars().collect();
        letters.windows(8).map(|w| w.iter().collect::<String>()).collect::<Vec<_>>()
    });
    pieces.filter(|p| redacted.contains(p.as_str())).collect()
}

fn check_pastes(seed: u64, count: usize) {
    let vocabulary = vocabulary();
    for planted in canary::list_pastes(seed, count) {
        let once = redact(&planted.text, &vocabulary);
        let leaks = list_leaks(&planted, &once.text);
        assert!(leaks.is_empty(), "{leaks:?} of\n{}\nstay in\n{}", planted.text, once.text);
        assert_eq!(once.text.lines().count(), planted.text.lines().count(), "{}\n{}", planted.text, once.text);
        assert!(once.count >= 1);
        let query = harmless_query(&planted.text, &vocabulary);
        assert_eq!(list_leaks(&planted, &query), Vec::<String>::new(), "in a search\n{query}");
        // A second time may take a separator more away, and brings nothing back.
        let twice = redact(&once.text, &vocabulary).text;
        assert_eq!(list_leaks(&planted, &twice), Vec::<String>::new(), "in what was redacted twice\n{twice}");
        assert!(twice.len() <= once.text.len(), "redacting twice adds to\n{}", once.text);
    }
}

#[test]
fn no_secret_stays_in_any_place() {
    for seed in 1..=5 {
        check_pastes(seed, 6 * canary::one_round());
    }
}

/// Places where a plain word stays, and why.
const JUDGED_BY_WORDS: &[(&str, &str)] = &[
    ("https://h.example.org/", "the words of a path are those of an API"),
    ("https://b.s3.amazonaws.com/k/", "the words of a path are those of an API"),
    ("arn:aws:s3:::", "the words of a path are those of an API"),
    ("no value for ", "a message is of use only with its words"),
    ("I sent the key ", "a sentence is of use only with its words"),
    ("then the token \"", "a sentence is of use only with its words"),
    ("and then (", "a sentence is of use only with its words"),
    ("\nSTRIPE=\"", "the name says nothing of a secret"),
    ("hosts:\n    - ", "the name says nothing of a secret"),
    ("VALUES ('", "the names of the columns stand too far away"),
    ("VALUES ('<U>', '", "the names of the columns stand too far away"),
    ("The certificate is\n", "nothing marks a text without dashes as secret"),
];

/// `'…' not a valid key=value pair` repeats a part of the header, and is the only text that begins with a quote.
fn is_judged_by_words(before: &str) -> bool {
    before == "'" || JUDGED_BY_WORDS.iter().any(|(end, _)| before.ends_with(end))
}

#[test]
fn a_plain_word_is_dropped_in_every_place_where_secrets_stand() {
    const WORD: &str = "weekend";
    assert!(is_harmless(WORD, &vocabulary()));
    let places = canary::list_places(WORD);
    assert!(places.len() > 100);
    for place in places {
        let stays = redact(&place.text, &vocabulary()).text.contains(WORD);
        assert_eq!(stays, is_judged_by_words(place.before), "in {}", place.text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_secret_stays_whatever_it_is(seed in any::<u64>()) {
        check_pastes(seed, canary::one_round());
    }

    #[test]
    fn any_text_can_be_redacted(text in "(?s).{0,300}") {
        check_any(&text);
    }

    #[test]
    fn text_of_the_grammar_can_be_redacted(parts in prop::collection::vec(0..PIECES.len(), 0..40)) {
        check_any(&parts.iter().map(|n| PIECES[*n]).collect::<String>());
    }
}

const PIECES: &[&str] = &[
    "\"",
    "'",
    "`",
    "\\",
    "\n",
    "\r\n",
    " ",
    ":",
    "=",
    ",",
    "&",
    "?",
    "#",
    "/",
    "//",
    "://",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "<",
    ">",
    "^",
    "$",
    "@",
    "%",
    "%2F",
    "-d",
    "-H",
    "-u",
    "--data",
    "curl ",
    "name",
    "value",
    "password",
    "token",
    "cookie",
    "x-api-key",
    "authorization",
    "é",
    "…",
    "[hash]",
    "[12-digits]",
    "AKIAEXAMPLEEXAMPLE12",
    "eyJhbGciOi",
    "GET / HTTP/1.1",
    "HTTP/1.1 200",
    "-----BEGIN X-----",
    "-----END X-----",
    "https",
    "localhost",
    "12",
    "amp;",
    "data={",
    "request body",
    "body",
    "a@b.com",
    "123456789012",
    "aws4_request",
    "arn:",
    "\u{1b}[31m",
    "==",
    "scope",
    "redirect_uri",
    "k9Lm2Qx8Zr",
    "<Token>",
    "</Token>",
];

fn check_any(text: &str) {
    let vocabulary = vocabulary();
    let once = redact(text, &vocabulary);
    assert_eq!(once.text.matches('\n').count(), text.matches('\n').count(), "{text:?} became {:?}", once.text);
    let twice = redact(&once.text, &vocabulary);
    assert_eq!(twice.text.matches('\n').count(), text.matches('\n').count());
    harmless_query(text, &vocabulary);
}

fn check(text: &str, expected: &str) {
    assert_eq!(redact(text, &vocabulary()).text, expected, "from {text}");
}

#[test]
fn what_helps_stays() {
    for same in [
        "curl -sS -X POST 'https://localhost:3000/prod/orders' -H 'content-type: application/json'",
        "< HTTP/2 403",
        "x-amzn-errortype: InvalidSignatureException",
        "date: Wed, 06 Aug 2014 02:17:06 GMT",
        "x-amz-date: 20170612T120000Z",
        "Signature expired: 20170612T120000Z is now earlier than 20170612T121500Z (20170612T122000Z - 5 min.)",
        "{\"message\":\"Missing Authentication Token\"}",
        "An error occurred (AccessDeniedException) when calling the GetTeapot operation: not allowed",
        "The request signature we calculated does not match the signature you provided.",
        "https://….execute-api.us-east-1.amazonaws.com/prod/{proxy+}",
        "authorization: AWS4-HMAC-SHA256 Credential=AKIA…/20260101/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=[hash]",
        "x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "\"name\": \"orders\" … setRequestHeader(\"Content-Type\", \"application/json\")",
        "User: anonymous is not authorized to perform: execute-api:Invoke on resource: x",
        "    at emit (node:internal/process/task_queues:104:5)",
        "  File \"app.py\", line 1167, in main",
        "user-agent: Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/156.0.0.0",
        "{\"content\": {\"text\": \"orders\"}}",
        "It doesn't work, and I don't know why: the server isn't there.",
    ] {
        check(same, same);
        assert!(is_harmless(same, &vocabulary()), "{same}");
    }
}

#[test]
fn secrets_become_what_they_are() {
    for (text, expected) in [
        ("curl -H 'x-api-key: orders' localhost", "curl -H 'x-api-key: …' localhost"),
        (
            "{\"Message\":\"User: arn:aws:iam::123456789012:user/orders is not authorized to perform: execute-api:Invoke\"}",
            "{\"Message\":\"User: arn:aws:iam::[12-digits]:user/… is not authorized to perform: execute-api:Invoke\"}",
        ),
        ("my-bucket.s3.amazonaws.com", "….s3.amazonaws.com"),
        ("https://h.example.com/123456789012?a=1", "https://….example.com/[12-digits]?a=…"),
        ("the id AKIAEXAMPLEEXAMPLE12", "the id AKIA…"),
        ("write to jane@example.com", "write to [e-mail]"),
        ("account 123456789012 at 10.1.2.3", "account [12-digits] at [address]"),
        ("Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.e30.c2ln", "Authorization: Bearer [JWT]"),
        (
            "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod/8f3k2?x=1",
            "https://….execute-api.eu-west-1.amazonaws.com/prod/…?x=…",
        ),
        ("--data-raw '{\"a\": \"orders\"}' localhost", "--data-raw '[body]' localhost"),
        ("abc/in/my/Kd93+is=", "…"),
        ("{\"name\": \"x-api-key\", \"value\": \"orders\"}", "{\"name\": \"x-api-key\", \"value\": \"…\"}"),
        ("redirect_uri=https%253A%252F%252Fapp.teapots.io%252Forders%252F", "redirect_uri=https%253A%252F%252F…%252Forders%252F"),
    ] {
        check(text, expected);
    }
}

#[test]
fn a_header_is_judged_by_its_name() {
    for (name, value, expected) in [
        ("X-Api-Key", "orders", "…"),
        ("X-Unusual", "orders", "…"),
        ("content-type", "application/json", "application/json"),
        ("Authorization", "Basic b3JkZXJz", "Basic …"),
        ("x-amz-security-token", "undefined", "undefined"),
        ("Host", "a1b2c3.execute-api.us-east-1.amazonaws.com", "….execute-api.us-east-1.amazonaws.com"),
        ("location", "https://localhost/cb?code=orders&error=access_denied", "https://localhost/cb?code=…&error=access_denied"),
    ] {
        assert_eq!(header_value(name, value), expected, "{name}: {value}");
    }
}

#[test]
fn plain_words_stay_in_a_query() {
    assert_eq!(redact("curl -H \"Authoone\n{\"ordr", &vocabulary()).text.lines().count(), 2);
    assert_eq!(harmless_query("blazor terraform chalice 403", &vocabulary()), "blazor terraform chalice 403");
    assert_eq!(harmless_query("blazor k9Lm2Qx8Zr password=hunter", &vocabulary()), "blazor … password=…");
    assert_eq!(harmless_query("sent (KebaNoruVilaTesu).", &vocabulary()), "sent (…).");
}

#[test]
fn a_plain_word_is_dropped_where_a_secret_stands() {
    for (text, expected) in [
        ("My password is orders and it fails", "My password is … and it fails"),
        ("The password is wrong", "The password is wrong"),
        ("x-amz-content-sha256: orders", "x-amz-content-sha256: …"),
        ("'Bearer orders' not a valid key", "'Bearer …' not a valid key"),
        ("requests.post(url, auth=('orders', 'orders'))", "requests.post(url, auth=('…', '…'))"),
        ("curl -u orders:orders localhost", "curl -u … localhost"),
        ("aws_secret_access_key = orders", "aws_secret_access_key = …"),
        ("{\"client_secret\": \"orders\", \"message\": \"orders\"}", "{\"client_secret\": \"…\", \"message\": \"orders\"}"),
        ("https://localhost/cb?code=orders#id_token=orders", "https://localhost/cb?code=…#id_token=…"),
        ("<Token>orders</Token>", "<Token>…</Token>"),
        ("  default = \"orders\"", "  default = \"…\""),
        ("export DB_PASSWORD_FILE_V2=orders", "export DB_PASSWORD_FILE_V2=…"),
        ("SECRET_KEY_VERSION=orders", "SECRET_KEY_VERSION=…"),
        ("mypassword: orders", "…: …"),
        ("http.Header{\"Authorization\":[]string{\"orders\"}}", "http.Header{\"Authorization\":[]string{\"…\"}}"),
        ("\"cookies\": [{\"name\": \"orders\", \"value\": \"x\"}], \"a\": 1", "\"cookies\": [[body]], \"a\": 1"),
        ("cookies={'orders': 'orders'}", "cookies={[body]}"),
        (
            "\"postData\": {\"mimeType\": \"text/plain\", \"text\": \"orders\"}",
            "\"postData\": {\"mimeType\": \"text/plain\", \"text\": \"[body]\"}",
        ),
    ] {
        check(text, expected);
    }
}
