//! What a signature comes to.

use super::super::super::wire::{Shown, Signer};
use super::super::samples::{check, check_exchange, exchange};
use super::*;

const API: &str = "https://abc123defg.execute-api.us-east-1.amazonaws.com/prod";
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn signed(parts: &str) -> String {
    format!("GET! {API}\nHost: x\nAuthorization: AWS4-HMAC-SHA256 {parts}\n")
}

#[test]
fn a_header_is_taken_apart() {
    check(
        &signed(
            "Credential=AKIAEXAMPLE/20170612/us-east-1/execute-api/aws4_request, SignedHeaders=host;x-amz-date;X-Extra, Signature=00",
        ),
        &[
            "sigv4.shown=true",
            "sigv4.presigned=false",
            "sigv4.key_kind=long-term",
            "sigv4.date=20170612",
            "sigv4.region=us-east-1",
            "sigv4.service=execute-api",
            "sigv4.lower_case=true",
            "sigv4.signed_headers=host,x-amz-date,x-extra",
            "sigv4.missing_headers=x-amz-date,x-extra",
            "sigv4.session_token=absent",
            "sigv4.payload_hash=absent",
        ],
    );
    for (parts, key, region, lower) in [
        (
            "Credential=ASIAEXAMPLE/20170612/US-East-1/s3/aws4_request,SignedHeaders=host,Signature=0",
            "temporary",
            "US-East-1",
            "false",
        ),
        ("Credential=AKIDEXAMPLE/20170612/us-east-1/s3", "other", "", "true"),
        ("Credential=$KEY/20170612/us-east-1/s3/aws4_request", "", "us-east-1", "true"),
        ("Credential=", "", "", "true"),
        ("", "", "", "true"),
    ] {
        let claims = [format!("sigv4.key_kind={key}"), format!("sigv4.region={region}"), format!("sigv4.lower_case={lower}")];
        check(&signed(parts), &[&claims[0], &claims[1], &claims[2]]);
    }
}

#[test]
fn a_presigned_url_is_taken_apart_and_expires() {
    let url = |amp: &str| {
        [
            "X-Amz-Algorithm=AWS4-HMAC-SHA256",
            "X-Amz-Credential=ASIAEXAMPLE%2F20170612%2Fus-east-1%2Fs3%2Faws4_request",
            "X-Amz-Date=20170612T120000Z",
            "X-Amz-Expires=60",
            "X-Amz-SignedHeaders=host",
            "X-Amz-Security-Token=abc",
        ]
        .join(amp)
    };
    for (amp, date, expired) in [("&", "12:01:01", "yes"), ("&amp;", "12:00:30", "no")] {
        let claim = format!("sigv4.expired={expired}");
        check(
            &format!("GET https://b.s3.amazonaws.com/k?{}\n---\n403\nDate: Mon, 12 Jun 2017 {date} GMT\n", url(amp)),
            &[
                "sigv4.presigned=true",
                "sigv4.key_kind=temporary",
                "sigv4.service=s3",
                "sigv4.signed_headers=host",
                "sigv4.session_token=present",
                "sigv4.expires_seconds=60",
                "sigv4.payload_hash=",
                "sigv4.skew_known=false",
                &claim,
            ],
        );
    }
}

#[test]
fn a_signer_tells_what_it_is_going_to_sign_for() {
    for (region, service, client, expected) in [
        ("eu-west-1", "s3", "curl", ["eu-west-1", "s3"]),
        ("us-east-1", "", "curl", ["us-east-1", "abc123defg"]),
        ("", "", "curl", ["execute-api", "abc123defg"]),
        ("", "", "httpie", ["", ""]),
    ] {
        let mut sample = exchange(&format!("GET {API}\n"));
        sample.request.signer = Some(Shown::new(Signer { region: region.to_owned(), service: service.to_owned() }, 1));
        sample.request.client = client;
        sample.request.whole = true;
        let claims = [format!("sigv4.region={}", expected[0]), format!("sigv4.service={}", expected[1])];
        check_exchange(&sample, service, &["sigv4.shown=true", "sigv4.payload_hash=", &claims[0], &claims[1]]);
    }
}

#[test]
fn a_session_token_may_be_empty() {
    for (value, expected) in [("FAKETOKEN", "present"), ("", "empty"), ("undefined", "empty"), ("None", "empty")] {
        let claim = format!("sigv4.session_token={expected}");
        check(&format!("{}X-Amz-Security-Token: {value}\n", signed("")), &[&claim]);
    }
    check(&format!("GET {API}\nAuthorization: AWS4-HMAC-SHA256 \n"), &["sigv4.session_token="]);
}

#[test]
fn clocks_are_compared_where_both_are_shown() {
    let message =
        "{\"message\":\"Signature expired: 20170612T120000Z is now earlier than 20170612T121500Z (20170612T122000Z - 5 min.)\"}";
    let later = "{\"message\":\"Signature not yet current: 20170612T120000Z is still later than 20170612T114500Z (20170612T114000Z + 5 min.)\"}";
    let xml = "<?xml version=\"1.0\"?>\n<Error><RequestTime>20170612T120000Z</RequestTime><ServerTime>2017-06-12T12:30:00Z</ServerTime></Error>";
    for (request, answer, skew) in [
        ("X-Amz-Date: 20170612T120000Z\n", "Date: Mon, 12 Jun 2017 12:10:00 GMT\n".to_owned(), Some(-600)),
        ("X-Amz-Date: 20170612T120000Z\n", "Date: Mon, 12 Jun 2017 12:10:00 GMT\nAge: 5\n".to_owned(), Some(-605)),
        ("Date: Mon, 12 Jun 2017 12:00:00 GMT\n", "Date: Mon, 12 Jun 2017 11:59:59 GMT\n".to_owned(), Some(1)),
        ("X-Amz-Date: 20170612T120000Z\n", format!("Date: Mon, 12 Jun 2017 12:10:00 GMT\n\n{message}"), Some(-1200)),
        ("X-Amz-Date: 20170612T120000Z\n", format!("A: b\n\n{later}"), Some(1200)),
        ("X-Amz-Date: 20170612T120000Z\n", format!("A: b\n\n{xml}"), Some(-1800)),
        ("X-Amz-Date: 20170612T120000Z\n", "A: b\n".to_owned(), None),
        ("", "Date: Mon, 12 Jun 2017 12:10:00 GMT\n".to_owned(), None),
    ] {
        let claims = [format!("sigv4.skew_known={}", skew.is_some()), format!("sigv4.skew_seconds={}", skew.unwrap_or(0))];
        check(&format!("{}{request}---\n403\n{answer}", signed("")), &[&claims[0], &claims[1]]);
    }
}

#[test]
fn a_payload_hash_is_compared_with_a_body_that_is_certain() {
    let json = hash("{\"a\":1}");
    for (start, value, rest, expected) in [
        ("GET!", EMPTY, "", "right"),
        ("GET!", json.as_str(), "", "wrong"),
        ("GET", json.as_str(), "", "shown"),
        ("POST!", EMPTY, "", "shown"),
        ("POST!", json.as_str(), "\n{\"a\":1}", "right"),
        ("POST!", json.as_str(), "\n{\"a\":2}", "wrong"),
        ("POST!", json.as_str(), "Content-Length: 7\n\n{\"a\": 1}", "shown"),
        ("POST!", json.as_str(), "\n{\"a\":\n1}", "shown"),
        ("POST", json.as_str(), "\n{\"a\":2}", "shown"),
        ("PUT!", "UNSIGNED-PAYLOAD", "\nabc", "unsigned"),
        ("PUT!", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "\nabc", "shown"),
    ] {
        let head = format!("{start} {API}\nAuthorization: AWS4-HMAC-SHA256 \nx-amz-content-sha256: {value}\n{rest}");
        let claim = format!("sigv4.payload_hash={expected}");
        check(&head, &[&claim]);
    }
}
