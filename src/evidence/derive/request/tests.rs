//! What a request comes to.

use super::super::super::wire::{Header, Signer};
use super::super::samples::{check, check_exchange, exchange};
use super::*;

const API: &str = "https://abc123defg.execute-api.us-east-1.amazonaws.com";

#[test]
fn a_target_is_taken_apart() {
    check(
        &format!("get {API}/prod/users/1%20a?b=1&c%5B%5D=2\n"),
        &[
            "request.shown=true",
            "request.source=command",
            "request.whole=false",
            "request.verb=GET",
            "request.scheme=https",
            "request.host=abc123defg.execute-api.us-east-1.amazonaws.com",
            "request.host_kind=execute-api",
            "request.region=us-east-1",
            "request.segments=3",
            "request.path=/prod/users/1%20a",
            "request.stage=prod",
            "request.below_stage=/users/1%20a",
            "request.special_path=true",
            "request.parameters=b,c[]",
            "request.body_bytes=-1",
        ],
    );
    for (url, path, stage, below, segments) in [
        (API.to_owned(), "/", "", "", "0"),
        (format!("{API}/prod"), "/prod", "prod", "", "1"),
        (format!("{API}/prod/"), "/prod/", "prod", "/", "1"),
        (format!("{API}//prod"), "//prod", "", "/prod", "1"),
        ("/prod/x".to_owned(), "/prod/x", "", "", "2"),
        ("https://api.example.com/prod/x".to_owned(), "/prod/x", "", "", "2"),
    ] {
        let (path, stage) = (format!("request.path={path}"), format!("request.stage={stage}"));
        let (below, segments) = (format!("request.below_stage={below}"), format!("request.segments={segments}"));
        check(&format!("GET {url}\n"), &[&path, &stage, &below, &segments]);
    }
}

#[test]
fn nothing_is_told_of_a_request_that_is_not_shown() {
    check("\n---\n403\n", &["request.shown=false", "request.authorization=", "request.api_key=", "request.body_bytes=-1"]);
}

#[test]
fn authorization_is_named_by_its_scheme() {
    for (value, expected) in [
        ("AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20170612/us-east-1/s3/aws4_request", "sigv4"),
        ("AWS4-HMAC-SHA256Credential=x", "sigv4"),
        ("AWS4-ECDSA-P256-SHA256 Credential=x", "sigv4a"),
        ("AWS AKIAEXAMPLE:c2ln", "sigv2"),
        ("Bearer abc", "bearer"),
        ("bearer $TOKEN", "bearer"),
        ("Basic YTpi", "basic"),
        ("eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln", "jwt"),
        ("eyJhbGciOi...", "jwt"),
        ("$TOKEN", ""),
        ("{{token}}", ""),
        ("", ""),
        ("allow", "other"),
        ("Token abc", "other"),
    ] {
        let claim = format!("request.authorization={expected}");
        check(&format!("GET {API}/\nauthorization: {value}\n"), &[&claim]);
    }
}

#[test]
fn only_a_whole_request_lacks_something() {
    check(&format!("GET {API}/\n"), &["request.authorization=", "request.api_key="]);
    check(&format!("GET! {API}/\nHost: x\n"), &["request.authorization=none", "request.api_key=none", "request.body_bytes=0"]);
    check(&format!("POST! {API}/\nContent-Length: 5\n"), &["request.body_bytes=5"]);
    let mut command = exchange(&format!("PUT {API}/\n"));
    command.request.whole = true;
    check_exchange(&command, "a body from a file", &["request.body_bytes=-1", "request.api_key=none"]);
    check("GET! https://u:p@api.example.com/\n", &["request.authorization="]);
    check("GET https://u:p@api.example.com/\n", &["request.authorization=basic"]);
}

#[test]
fn a_presigned_url_is_authorization() {
    check(&format!("GET! {API}/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0\n"), &["request.authorization=sigv4"]);
    check(&format!("GET {API}/?AWSAccessKeyId=AKIAEXAMPLE&Signature=c2ln&Expires=1\n"), &["request.authorization=sigv2"]);
    let mut sample = exchange(&format!("GET {API}/\n"));
    sample.request.signer = Some(Shown::new(Signer::default(), 2));
    check_exchange(&sample, "a signer", &["request.authorization=sigv4"]);
}

#[test]
fn an_api_key_is_found_where_it_is() {
    for (rest, expected) in [
        ("?a=1\nX-API-Key: abc\n", "header"),
        ("\nX-API-Key: \n", ""),
        ("\nx_api_key: abc\n", "other-header"),
        ("\napikey: abc\n", "other-header"),
        ("\nAuthorization: ApiKey abc\n", "other-header"),
        ("?apiKey=abc\n", "query"),
        ("?key=users/1\n", ""),
        ("?key=abcdefghijklmnopqrstuvwx\n", "query"),
        ("\n\napi_key=abc", "body"),
        ("\n\n{\"api_key\": \"abc\"}", "body"),
    ] {
        let claim = format!("request.api_key={expected}");
        check(&format!("POST {API}/prod{rest}"), &[&claim]);
    }
}

#[test]
fn a_host_header_is_told_where_it_differs() {
    let endpoint = "https://vpce-0a1b.execute-api.eu-west-1.vpce.amazonaws.com/prod";
    check(
        &format!("GET {endpoint}\nHost: abc123defg.execute-api.eu-west-1.amazonaws.com\n"),
        &[
            "request.host_kind=vpc-endpoint",
            "request.stage=prod",
            "request.names_api=true",
            "request.host_header=abc123defg.execute-api.eu-west-1.amazonaws.com",
        ],
    );
    check(&format!("GET {endpoint}\nx-apigw-api-id: abc123defg\n"), &["request.names_api=true", "request.host_header="]);
    check("GET http://localhost:3000/\nHost: LOCALHOST:3000\n", &["request.host_header=", "request.names_api=false"]);
    check("GET /a\nHost: api.example.com:443\n", &["request.host=api.example.com", "request.host_kind=other"]);
}

#[test]
fn a_client_is_known_by_its_user_agent() {
    for (agent, expected) in [
        ("curl/7.88.1", "curl"),
        ("Boto3/1.28 Python/3.11 Botocore/1.31", "boto3"),
        ("aws-cli/2.13.0 Python/3.11 botocore/2.4", "aws-cli"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "browser"),
        ("PostmanRuntime/7.32", "postman"),
        ("something/1", ""),
    ] {
        let claim = format!("request.client={expected}");
        check(&format!("GET {API}/\nUser-Agent: {agent}\n"), &[&claim, "request.headers=user-agent"]);
    }
}

#[test]
fn the_first_header_of_a_name_is_mapped() {
    let headers = [Header::new("Accept", "a", 1), Header::new("accept", "b", 2), Header::new("X-Other ", "c", 3)];
    assert_eq!(map_headers(&headers).into_keys().collect::<Vec<_>>(), ["accept", "x-other"]);
}
