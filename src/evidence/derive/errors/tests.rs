//! What errors, failures and logs come to.

use super::super::super::wire::*;
use super::*;

fn seen(code: &str, message: &str, strength: Strength, line: usize) -> ErrorSeen {
    let text = |t: &str| (!t.is_empty()).then(|| t.to_owned());
    ErrorSeen { code: text(code), message: text(message), status: None, strength, line }
}

fn run(exchange: Option<&Exchange>, found: &Found) -> Facts {
    let mut facts = Facts::default();
    derive(exchange, found, &mut facts);
    facts
}

fn answer(status: u16, headers: Vec<Header>, body: &str) -> Exchange {
    let body = (!body.is_empty()).then(|| Shown::new(body.to_owned(), 9));
    Exchange { response: Some(Response { status: Some(Shown::new(status, 1)), headers, body }), ..Exchange::default() }
}

#[test]
fn the_own_header_is_the_strongest_then_the_own_body() {
    let header = vec![Header::new("x-amzn-ErrorType", "ForbiddenException:http://x", 4)];
    let mut found = Found::default();
    found.errors.push(seen("AccessDenied", "", Strength::Body, 30));
    found.errors.push(seen("ExpiredToken", "", Strength::Prose, 31));
    let facts = run(Some(&answer(403, header, r#"{"message":"Forbidden","code":"OtherException"}"#)), &found);
    assert_eq!((facts.error.code.value.as_str(), facts.error.code.line), ("ForbiddenException", 4));
    assert_eq!(facts.error.codes.value, ["ForbiddenException", "OtherException", "ExpiredToken"]);
    assert_eq!(facts.error.messages.value, ["Forbidden"]);
}

#[test]
fn errors_of_others_count_by_strength_and_the_last_wins() {
    let mut found = Found::default();
    for (code, strength) in [("AException", Strength::Prose), ("BException", Strength::Told), ("CException", Strength::Told)] {
        found.errors.push(seen(code, "", strength, 1));
    }
    assert_eq!(run(None, &found).error.codes.value, ["CException", "BException", "AException"]);
}

#[test]
fn a_message_of_a_call_that_succeeded_is_no_error() {
    assert!(run(Some(&answer(200, Vec::new(), r#"{"message":"Hello"}"#)), &Found::default()).error.text.value.is_empty());
}

#[test]
fn the_operation_and_what_is_expected_are_read_from_messages() {
    for (message, operation, expected) in [
        (
            "An error occurred (X) when calling the ListBuckets operation: The region 'us-east-2' is wrong; expecting 'us-east-1'",
            "ListBuckets",
            "us-east-1",
        ),
        ("operation error S3: GetObject, https response error StatusCode: 403", "GetObject", ""),
        ("Credential should be scoped to correct service: 'es'. ", "", "es"),
        ("Forbidden", "", ""),
    ] {
        let mut found = Found::default();
        found.errors.push(seen("", message, Strength::Told, 3));
        let facts = run(None, &found);
        assert_eq!(
            (facts.error.operation.value.as_str(), facts.error.expected.value.as_str()),
            (operation, expected),
            "{message}"
        );
        assert!(!facts.error.text.value.starts_with("An error occurred"));
    }
}

#[test]
fn failures_count_only_when_nothing_answered_and_all_tell_the_same() {
    let mut found = Found::default();
    found.failures.push(Shown::new(Failure::NoName, 2));
    assert_eq!(run(None, &found).network.failure.value, "no-name");
    assert_eq!(run(Some(&answer(403, Vec::new(), "")), &found).network.failure.value, "");
    found.failures.push(Shown::new(Failure::TimeOut, 3));
    assert_eq!(run(None, &found).network.failure.value, "");
}

#[test]
fn logs_tell_one_run() {
    let mut found = Found::default();
    found.runs.push(Shown::new(Run::TimedOut, 5));
    found.by(LAMBDA);
    let facts = run(None, &found);
    assert_eq!((facts.log.run.value.as_str(), facts.log.lambda.value, facts.log.execution.value), ("timed-out", true, false));
    found.runs.push(Shown::new(Run::Finished, 9));
    assert_eq!(run(None, &found).log.run.value, "timed-out");
    found.runs.push(Shown::new(Run::Exception, 12));
    assert_eq!(run(None, &found).log.run.value, "");
}
