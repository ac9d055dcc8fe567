//! Canonical requests and their first difference.

use super::super::super::wire::{ErrorSeen, Strength};
use super::super::samples;
use super::*;

/// Requests with the canonical requests that AWS's test suite and botocore make of them.
const VECTORS: &str = include_str!("vectors.txt");

const SENT: &str = "POST! https://abc123defg.execute-api.us-east-1.amazonaws.com/prod/a%20b?b=1&a=2\n\
    Host: abc123defg.execute-api.us-east-1.amazonaws.com\nX-Amz-Date: 20170612T120000Z\nX-Extra:  a  b\n\
    Authorization: AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20170612/us-east-1/execute-api/aws4_request, \
    SignedHeaders=host;x-amz-date;x-extra, Signature=00\n\n{\"a\":1}\n";

const CANONICAL: &str = "POST\n/prod/a%2520b\na=2&b=1\nhost:abc123defg.execute-api.us-east-1.amazonaws.com\n\
    x-amz-date:20170612T120000Z\nx-extra:a b\n\nhost;x-amz-date;x-extra\n\
    015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862";

const TO_SIGN: &str = "AWS4-HMAC-SHA256\n20170612T120000Z\n20170612/us-east-1/execute-api/aws4_request\n00";

/// The answer of API Gateway.
fn json(canonical: &str, to_sign: &str) -> String {
    let message = message(canonical, to_sign);
    serde_json::json!({ "message": message }).to_string()
}

fn message(canonical: &str, to_sign: &str) -> String {
    format!(
        "The request signature we calculated does not match the signature you provided.\n\nThe Canonical String for this request \
         should have been\n'{canonical}'\n\nThe String-to-Sign should have been\n'{to_sign}'\n"
    )
}

/// The answer of S3.
fn xml(canonical: &str, to_sign: &str) -> String {
    let escape = |text: &str| text.replace('&', "&amp;");
    format!(
        "<?xml version=\"1.0\"?>\n<Error><Code>SignatureDoesNotMatch</Code><StringToSign>{}</StringToSign>\
         <CanonicalRequest>{}</CanonicalRequest></Error>",
        escape(to_sign),
        escape(canonical)
    )
}

fn compare_sample(sent: &str, answer: &str) -> Option<Comparison> {
    compare(&samples::exchange(&format!("{sent}---\n403\n\n{answer}")), &Found::default())
}

/// Compares and tells `what`, with the header's name; `-` when there is no comparison.
fn summarize(comparison: Option<Comparison>) -> String {
    match comparison {
        None => "-".to_owned(),
        Some(Comparison { difference: None, .. }) => "nothing".to_owned(),
        Some(Comparison { difference: Some(d), .. }) => d.header.map_or(d.what.to_owned(), |name| format!("{} {name}", d.what)),
    }
}

#[test]
fn canonical_requests_equal_those_of_aws() {
    let mut count = 0;
    for vector in VECTORS.split("== ").filter(|v| !v.is_empty()) {
        let (name, rest) = vector.split_once('\n').unwrap();
        let (sent, canonical) = rest.split_once("\n--\n").unwrap();
        let request = samples::exchange(&format!("{sent}\n")).request;
        let signature = sigv4::find_signature(&request).unwrap();
        let is_s3 = signature.service == "s3";
        assert_eq!(canonical::build(&request, &signature, is_s3).as_deref(), Some(canonical.trim_end()), "{name}");
        count += 1;
    }
    assert_eq!(count, 28);
}

#[test]
fn the_first_line_that_differs_is_found() {
    for (from, to, expected) in [
        ("", "", "nothing"),
        ("POST", "GET", "verb"),
        ("/prod/a%2520b", "/prod/a%20b", "path"),
        ("/prod/a%2520b", "/a%2520b", "path"),
        ("a=2&b=1", "b=1&a=2", "query"),
        ("a=2&b=1", "a=2", "query"),
        ("host:abc123defg.", "host:def123abcg.", "host"),
        (
            "host:abc123defg.execute-api.us-east-1.amazonaws.com",
            "host:ABC123defg.execute-api.us-east-1.amazonaws.com:443",
            "nothing",
        ),
        ("x-extra:a b", "x-extra:a", "header x-extra"),
        ("x-extra:a b", "x-extra:", "header x-extra"),
        ("x-extra:a b", "x-extra:a b\nx-forwarded-for:203.0.113.1", "header x-forwarded-for"),
        ("x-amz-date:20170612T120000Z", "x-amz-date:20170612T120001Z", "date"),
        ("\nhost;x-amz-date;x-extra", "\nhost;x-amz-date", "signed-headers"),
        ("015abd7f", "115abd7f", "payload"),
    ] {
        let canonical = CANONICAL.replacen(from, to, 1);
        assert_eq!(summarize(compare_sample(SENT, &json(&canonical, TO_SIGN))), expected, "{from} -> {to}");
        assert_eq!(summarize(compare_sample(SENT, &xml(&canonical, TO_SIGN))), expected, "{from} -> {to}, as XML");
    }
    for (from, to, expected) in [("T120000Z", "T120001Z", "date"), ("us-east-1", "us-west-1", "scope")] {
        let to_sign = TO_SIGN.replacen(from, to, 1);
        assert_eq!(summarize(compare_sample(SENT, &json(CANONICAL, &to_sign))), expected, "{from} -> {to}");
    }
}

#[test]
fn a_string_to_sign_alone_proves_that_nothing_differs_or_nothing() {
    let answer = |hash: &str| format!("<Error><StringToSign>{}{hash}</StringToSign></Error>", TO_SIGN.trim_end_matches("00"));
    assert_eq!(summarize(compare_sample(SENT, &answer(&sigv4::hash(CANONICAL)))), "nothing");
    assert_eq!(summarize(compare_sample(SENT, &answer("00"))), "-");
}

#[test]
fn what_is_not_shown_is_not_called_different() {
    let host = "Host: abc123defg.execute-api.us-east-1.amazonaws.com\n";
    let part = "POST https://abc123defg.execute-api.us-east-1.amazonaws.com/prod/a%20b?b=1&a=2\n";
    for (sent, expected) in [
        (part.to_owned(), "-"),
        (format!("{part}X-Extra: $VALUE\n"), "-"),
        (format!("{part}X-Extra: other\n"), "header x-extra"),
        (part.replace("a%20b", "{{name}}"), "-"),
        (part.replace("abc123defg", "xxxxxxxxxx"), "-"),
        (part.replace("abc123defg", "def123abcg"), "host"),
        (part.replace("POST", ""), "-"),
        (SENT.replace("{\"a\":1}", "{\"a\":\n2}"), "-"),
        (SENT.replace("POST!", "POST").replace("{\"a\":1}", "{\"a\":2}"), "-"),
        (SENT.replace(host, ""), "nothing"),
        ("\n".to_owned(), "-"),
    ] {
        assert_eq!(summarize(compare_sample(&sent, &json(CANONICAL, TO_SIGN))), expected, "{sent}");
    }
    for answer in ["", "{\"message\":\"Forbidden\"}", "<Error><CanonicalRequest>x</CanonicalRequest></Error>", &json("x", "y")] {
        assert_eq!(summarize(compare_sample(SENT, answer)), "-", "{answer}");
    }
}

#[test]
fn a_command_leaves_headers_to_its_program() {
    let mut exchange = samples::exchange(&format!(
        "{}\n---\n403\n\n{}",
        "POST https://abc123defg.execute-api.us-east-1.amazonaws.com/prod/a%20b?b=1&a=2\nX-Extra: a b",
        json(CANONICAL, TO_SIGN)
    ));
    exchange.request.whole = true;
    assert_eq!(summarize(compare(&exchange, &Found::default())), "-");
}

#[test]
fn an_exception_tells_it_too_where_no_answer_is_shown() {
    let told = message(&CANONICAL.replace("POST", "GET"), TO_SIGN);
    for text in [told.clone(), told.replace('\n', "\\n")] {
        let error = ErrorSeen { code: None, message: Some(text), status: None, strength: Strength::Told, line: 7 };
        let found = Found { errors: vec![error], ..Found::default() };
        let comparison = compare(&samples::exchange(SENT), &found).unwrap();
        assert_eq!((comparison.line, summarize(Some(comparison)).as_str()), (7, "verb"));
    }
}

#[test]
fn s3_encodes_once_and_bytes_will_do() {
    let sent = "GET! https://bucket.s3.us-west-2.amazonaws.com/a%20b//c\nX-Amz-Content-Sha256: UNSIGNED-PAYLOAD\n\
        Authorization: AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20170612/us-west-2/s3/aws4_request, SignedHeaders=host\n";
    let answer = |path: &str| {
        let text = format!("GET\n{path}\n\nhost:bucket.s3.us-west-2.amazonaws.com\n\nhost\nUNSIGNED-PAYLOAD");
        let bytes: Vec<String> = text.bytes().map(|b| format!("{b:02x}")).collect();
        format!("<Error><CanonicalRequestBytes>{}</CanonicalRequestBytes></Error>", bytes.join(" "))
    };
    assert_eq!(summarize(compare_sample(sent, &answer("/a%20b//c"))), "nothing");
    assert_eq!(summarize(compare_sample(sent, &answer("/a%2520b//c"))), "path");
}

#[test]
fn a_difference_shows_nothing_that_is_secret() {
    for (from, to) in [
        ("/prod/a%2520b", "/prod/FAKESECRETFAKESECRET%20"),
        ("a=2&b=1", "FAKESECRETFAKESECRET=FAKESECRETFAKESECRET"),
        ("host;x-amz-date;x-extra", "FAKESECRETFAKESECRET;host"),
        ("015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862", "FAKESECRETFAKESECRET"),
        ("POST", "FAKESECRETFAKESECRET"),
        ("x-amz-date:20170612T120000Z", "x-amz-date:FAKESECRETFAKESECRET"),
    ] {
        let comparison = compare_sample(SENT, &json(&CANONICAL.replacen(from, to, 1), TO_SIGN)).unwrap();
        let Difference { header, service, request, meaning, .. } = comparison.difference.unwrap();
        let all = format!("{header:?} {service} {request} {meaning}");
        assert!(!all.contains("FAKESECRET"), "{all}");
    }
}

#[test]
fn a_comparison_becomes_facts() {
    let mut facts = Facts::default();
    derive(&compare_sample(SENT, &json(&CANONICAL.replace("x-extra:a b", "x-extra:c"), TO_SIGN)).unwrap(), &mut facts);
    assert!(facts.signature.compared.value && facts.signature.compared.line > 0);
    assert_eq!((facts.signature.differs.value.as_str(), facts.signature.header.value.as_str()), ("header", "x-extra"));
}
