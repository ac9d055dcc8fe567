//! What debug logs tell.

use super::super::super::lines::Lines;
use super::super::super::wire::{Found, Source};

#[test]
fn a_run_of_the_cli_is_one_exchange() {
    let own = "2024-01-01 10:00:00,001 - MainThread - botocore.";
    let text = [
        "auth - DEBUG - CanonicalRequest:\nGET\n/\n\nhost:x\n\nhost\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "auth - DEBUG - StringToSign:\nAWS4-HMAC-SHA256\n20240101T100000Z\n20240101/us-east-1/s3/aws4_request\nabc",
        "endpoint - DEBUG - Sending http request: <AWSPreparedRequest stream_output=False, method=GET, url=https://s3.us-east-1.amazonaws.com/, headers={'User-Agent': b'aws-cli/2.9', 'X-Amz-Date': b'20240101T100000Z'}>",
        "parsers - DEBUG - Response headers: {'x-amzn-ErrorType': 'AccessDenied'}",
        "parsers - DEBUG - Response body:\nb'{\"message\": \"no\"}'",
        "hooks - DEBUG - Event x",
    ];
    let text: Vec<String> = text.iter().map(|line| format!("{own}{line}")).collect();
    let text = format!("{}\nmore", text.join("\n"));
    let lines = Lines::new(&text);
    let mut found = Found::default();
    assert_eq!(super::read(&lines, 0, &mut found), Some(lines.len() - 1));
    let exchange = &found.exchanges[0];
    assert!(exchange.request.source == Source::Wire && exchange.request.whole && exchange.request.client == "aws-cli");
    assert_eq!((exchange.request.headers.len(), found.exchanges.len()), (2, 1));
    let response = exchange.response.as_ref().unwrap();
    assert_eq!((response.headers.len(), response.body.as_ref().unwrap().value.as_str()), (1, "{\"message\": \"no\"}"));
}

#[test]
fn other_logs_are_left() {
    for text in ["2024-01-01 10:00:00,001 - MainThread - myapp - DEBUG - x", "DEBUG:myapp:x", ""] {
        assert!(super::read(&Lines::new(text), 0, &mut Found::default()).is_none(), "{text}");
    }
}
