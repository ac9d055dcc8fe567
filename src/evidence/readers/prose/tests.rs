//! What is read out of prose.

use super::super::super::lines::Lines;
use super::super::super::wire::Found;
use super::read;

fn scan(text: &str) -> Found {
    let lines = Lines::new(text);
    let mut found = Found::default();
    let mut at = 0;
    while at < lines.len() {
        at = read(&lines, at, &mut found).unwrap_or(at + 1).max(at + 1);
    }
    found
}

#[test]
fn urls_that_are_called_are_told_from_those_that_are_read() {
    for (text, expected) in [
        (
            "I call https://abc123defg.execute-api.us-east-1.amazonaws.com/prod/users.",
            "abc123defg.execute-api.us-east-1.amazonaws.com/prod/users",
        ),
        (
            "POST https://myapp.auth.us-east-1.amazoncognito.com/oauth2/token fails",
            "myapp.auth.us-east-1.amazoncognito.com/oauth2/token",
        ),
        ("(http://localhost:3000/x)", "localhost/x"),
        ("see https://docs.aws.amazon.com/apigateway/latest/x", ""),
        ("see https://github.com/x/y", ""),
        ("403 Forbidden", ""),
    ] {
        let found = scan(text);
        let targets = found.exchanges.iter().filter_map(|e| e.request.target.as_ref());
        let all: Vec<String> = targets.map(|t| format!("{}{}", t.value.host, t.value.path)).collect();
        assert_eq!(all.join(" "), expected, "{text}");
    }
    assert_eq!(
        scan("POST https://x.auth.us-east-1.amazoncognito.com/").exchanges[0].request.verb.as_ref().unwrap().value,
        "POST"
    );
}

#[test]
fn messages_and_codes_are_found_in_prose() {
    for (text, codes, messages) in [
        ("It says \"Missing Authentication Token\" again", "", "Missing Authentication Token"),
        ("Missing Authentication Token", "", "Missing Authentication Token"),
        ("error: Signature expired: 20240101T000000Z is now earlier", "", "Signature expired: 20240101T000000Z is now earlier"),
        ("S3 gives SignatureDoesNotMatch here", "SignatureDoesNotMatch", ""),
        ("then I get an invalid_grant, why?", "invalid_grant", ""),
        ("It throws TypeError and AxiosError", "", ""),
        ("I get \"Forbidden\" with 403", "", "Forbidden"),
        ("I named it \"My great stage\" yesterday", "", ""),
        ("the answer is {\"message\":\"Forbidden\"} always", "", "Forbidden"),
        ("We see ForbiddenException", "ForbiddenException", ""),
        ("redirected to https://app.example.com/cb?error=invalid_scope&state=x", "invalid_scope", ""),
        ("  \"message\": \"Internal server error\"", "", "Internal server error"),
        ("All is well. It works.", "", ""),
    ] {
        let found = scan(text);
        let mut all: Vec<&str> = found.errors.iter().filter_map(|e| e.code.as_deref()).collect();
        all.dedup();
        assert_eq!(all.join(" "), codes, "{text}");
        let all: Vec<&str> = found.errors.iter().filter_map(|e| e.message.as_deref()).collect();
        assert_eq!(all.join(" "), messages, "{text}");
    }
}

#[test]
fn a_blocked_request_has_an_origin() {
    for (text, origin) in [
        (
            "Access to fetch at 'https://abc123defg.execute-api.us-east-1.amazonaws.com/prod/x' from origin 'http://localhost:3000' has been blocked by CORS policy: Response to preflight request doesn't pass access control check: It does not have HTTP ok status.",
            "http://localhost:3000",
        ),
        (
            "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at https://abc123defg.execute-api.us-east-1.amazonaws.com/prod/x. (Reason: CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 403.",
            "",
        ),
    ] {
        let found = scan(text);
        let request = &found.exchanges[0].request;
        assert_eq!(request.headers.first().map_or("", |h| &h.value), origin);
        assert_eq!(request.target.as_ref().unwrap().value.path, "/prod/x");
        assert!(found.errors[0].message.is_some() && found.readers.contains(&"browser console"));
    }
}

#[test]
fn a_message_with_the_canonical_request_is_taken_whole() {
    let text = "InvalidSignatureException: The request signature we calculated does not match the signature you provided. Check.\n\nThe Canonical String for this request should have been\n'GET\n/\n\nhost:x\n\nhost\ne3b0'\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256\n20240101T000000Z\n20240101/us-east-1/execute-api/aws4_request\nabc'\nmore";
    let found = scan(text);
    assert!(found.errors[0].message.as_ref().unwrap().ends_with("abc'"));
}
