//! What transcripts give.

use std::fmt::Write;

use proptest::prelude::*;

use super::super::super::lines::Lines;
use super::super::super::wire::{Exchange, Found, Source};

/// Reads a text with this reader alone.
fn read(text: &str) -> Found {
    let lines = Lines::new(text);
    let mut found = Found::default();
    let mut at = 0;
    while at < lines.len() {
        at = super::read(&lines, at, &mut found).unwrap_or(at + 1).max(at + 1);
    }
    found
}

/// What was found, one line for each exchange: request, number of headers, `whole`, body → status, number of headers, body.
fn summary(text: &str) -> String {
    let found = read(text);
    let mut out = String::new();
    for exchange in &found.exchanges {
        writeln!(out, "{}", line(exchange)).unwrap();
    }
    for error in found.errors.iter().filter(|e| e.strength == super::super::super::wire::Strength::Header) {
        writeln!(out, "error {} {}", error.code.as_deref().unwrap_or("-"), error.message.as_deref().unwrap_or("-")).unwrap();
    }
    for failure in &found.failures {
        writeln!(out, "failure {:?} at {}", failure.value, failure.line).unwrap();
    }
    out + &found.readers.join(", ")
}

fn line(exchange: &Exchange) -> String {
    let request = &exchange.request;
    let mut out = String::new();
    if let Some(target) = request.target.as_ref().map(|t| &t.value) {
        let port = target.port.map(|p| format!(":{p}")).unwrap_or_default();
        let query = target.query.as_ref().map(|q| format!("?{q}")).unwrap_or_default();
        let scheme = if target.scheme.is_empty() { "" } else { &format!("{}://", target.scheme) };
        write!(out, "{scheme}{}{port}{}{query} ", target.host, target.path).unwrap();
    }
    let verb = request.verb.as_ref().map_or("-", |v| &v.value);
    let whole = if request.whole { " whole" } else { "" };
    let part = if request.source == Source::Part { " part" } else { "" };
    let body = request.body.as_ref().map(|b| format!(" {:?}", b.value)).unwrap_or_default();
    write!(out, "{verb} {} {}{whole}{part}{body}", request.client, request.headers.len()).unwrap();
    if let Some(response) = &exchange.response {
        let status = response.status.as_ref().map_or(0, |s| s.value);
        let body = response.body.as_ref().map(|b| format!(" {:?}", b.value)).unwrap_or_default();
        write!(out, " -> {status} {}{body}", response.headers.len()).unwrap();
    }
    out
}

/// What it shows, a transcript, and its summary.
const CASES: &[(&str, &str, &str)] = &[
    (
        "curl -v, a body without a line end",
        "*   Trying 192.0.2.1:443...
* Connected to abc123defg.execute-api.us-east-1.amazonaws.com (192.0.2.1) port 443 (#0)
> GET /prod/users?a=b HTTP/1.1
> Host: abc123defg.execute-api.us-east-1.amazonaws.com
> User-Agent: curl/7.88.1
> Accept: */*
>
< HTTP/1.1 403 Forbidden
< Content-Length: 23
< x-amzn-ErrorType: ForbiddenException:http://internal.example/
<
{\"message\":\"Forbidden\"}* Connection #0 to host abc123defg.execute-api.us-east-1.amazonaws.com left intact

What do I do wrong?",
        "https://abc123defg.execute-api.us-east-1.amazonaws.com/prod/users?a=b GET curl 3 whole -> 403 2 \"{\\\"message\\\":\\\"Forbidden\\\"}\"
error ForbiddenException -
curl -v transcript",
    ),
    (
        "plain text with a note glued to it",
        "> GET /x HTTP/1.1\n> Host: h.example\n> \n< HTTP/1.1 403 Forbidden\n< Content-Type: text/plain\n< \nForbidden* Closing connection 0",
        "h.example/x GET curl 1 whole -> 403 1 \"Forbidden\"\ncurl -v transcript",
    ),
    (
        "100 Continue, then the answer; the transcript is indented",
        "    > PUT /x HTTP/1.1\n    > Host: h.example\n    > Expect: 100-continue\n    > \n    < HTTP/1.1 100 Continue\n    < \n    < HTTP/1.1 200 OK\n    < Content-Length: 0\n    < \n    ",
        "h.example/x PUT curl 2 whole -> 200 1\ncurl -v transcript",
    ),
    (
        "a proxy and its tunnel",
        "* Uses proxy env variable https_proxy == 'http://proxy.example:3128'
*   Trying 192.0.2.9:3128...
* Connected to proxy.example (192.0.2.9) port 3128
* CONNECT tunnel: HTTP/1.1 negotiated
> CONNECT api.example.com:443 HTTP/1.1
> Host: api.example.com:443
>
< HTTP/1.1 200 Connection established
<
* CONNECT tunnel established, response 200
> GET /v1 HTTP/2
> Host: api.example.com
>
< HTTP/2 403
< content-length: 0
<",
        "https://api.example.com/v1 GET curl 1 whole -> 403 1\ncurl -v transcript",
    ),
    (
        "a host header that is not the host called",
        "* Connected to vpce-0abc-x.execute-api.us-east-1.vpce.amazonaws.com (10.0.0.1) port 443 (#0)\n> GET /prod HTTP/1.1\n> Host: abc123defg.execute-api.us-east-1.amazonaws.com\n>\n< HTTP/1.1 403 Forbidden\n<",
        "https://vpce-0abc-x.execute-api.us-east-1.vpce.amazonaws.com/prod GET curl 1 whole -> 403 0\ncurl -v transcript",
    ),
    (
        "redirects, each request on its own",
        "> GET /a HTTP/2\n> Host: a.example\n>\n< HTTP/2 302\n< location: https://b.example/b?c=d\n<\n* Ignoring the response-body\n* Issue another request to this URL: 'https://b.example/b?c=d'\n> GET /b?c=d HTTP/2\n> Host: b.example\n>\n< HTTP/2 403\n<\n{\"message\":\"x\"}",
        "a.example/a GET curl 1 whole -> 302 1\nhttps://b.example/b?c=d GET curl 1 whole -> 403 0 \"{\\\"message\\\":\\\"x\\\"}\"\ncurl -v transcript",
    ),
    (
        "Insomnia's timeline",
        "* Preparing request to https://h.example/x\n* Connected to h.example (192.0.2.1) port 443 (#0)\n\n> POST /x HTTP/1.1\n> Host: h.example\n> User-Agent: insomnia/2023.5.8\n\n| {\"a\":\n|  1}\n\n* upload completely sent off: 9 out of 9 bytes\n\n< HTTP/1.1 403 Forbidden\n< Content-Type: application/json\n\n* Received 23 B chunk",
        "https://h.example/x POST insomnia 2 whole \"{\\\"a\\\":\\n1}\" -> 403 1\ncurl -v transcript",
    ),
    ("the head is cut: not whole", "> GET /x HTTP/1.1\n> Host: h.example\nand so on", "h.example/x GET curl 1\ncurl -v transcript"),
    ("refused", "curl: (7) Failed to connect to localhost port 3000 after 0 ms: Connection refused", "localhost:3000 - curl 0 part\nfailure Refused at 1\ncurl error"),
    ("no route is nothing known", "curl: (7) Failed to connect to 192.0.2.1 port 80: No route to host", "curl error"),
    ("timed out", "curl: (28) Operation timed out after 3001 milliseconds with 0 bytes received", "failure TimeOut at 1\ncurl error"),
    (
        "curl -i with a redirect",
        "HTTP/2 301\nlocation: /b/\n\nHTTP/2 403\ncontent-type: application/json\n\n{\"message\":\"Forbidden\"}%\n",
        "-  0 part -> 301 1\n-  0 part -> 403 1 \"{\\\"message\\\":\\\"Forbidden\\\"}\"\nHTTP transcript",
    ),
    (
        "raw HTTP, request and answer",
        "POST /prod/users HTTP/1.1\nHost: h.example\nContent-Type: application/json\n\n{\"a\": 1}\n\nResponse:\n\nHTTP/1.1 403 Forbidden\nX-Cache: Error\n{\"message\":null}\n",
        "h.example/prod/users POST  2 whole \"{\\\"a\\\": 1}\" -> 403 1 \"{\\\"message\\\":null}\"\nHTTP transcript",
    ),
    (
        "folded, and something left out",
        "GET /x HTTP/1.1\nHost: h.example\nAuthorization: AWS4-HMAC-SHA256 Credential=a/b,\n   SignedHeaders=host\n...\n\nIt fails.",
        "h.example/x GET  2\nHTTP transcript",
    ),
    ("only the path", "GET /oauth2/authorize?redirect_uri=https://app.example/cb", "/oauth2/authorize?redirect_uri=https://app.example/cb GET  0 part\nHTTP transcript"),
    ("prose is no body", "HTTP/1.1 403 Forbidden\nDate: x\n\nWhy is that?", "-  0 part -> 403 1\nHTTP transcript"),
    ("loose headers", "x-amz-date: 20260101T000000Z\nAuthorization: Bearer abc", "-  2 part\nHTTP headers"),
    ("loose headers of an answer", "x-amzn-ErrorType: AccessDeniedException\nx-amzn-RequestId: 1", "-  0 part -> 0 2\nerror AccessDeniedException -\nHTTP headers"),
    ("a canonical request is not what was sent", "host:h.example\nx-amz-date:20260101T000000Z\n\nhost;x-amz-date", ""),
    ("an error in headers", "HTTP/1.1 403 Forbidden\nx-amz-error-code: NoSuchKey\nx-amz-error-message: gone\n\n", "-  0 part -> 403 2\nerror NoSuchKey gone\nHTTP transcript"),
    ("hints", "302 -> /error?error=redirect_mismatch", "-  0 part -> 302 1\nHTTP status"),
    ("hints", "=> 403 Forbidden", "-  0 part -> 403 0\nHTTP status"),
    ("hints", "HTTP 403", "-  0 part -> 403 0\nHTTP status"),
    ("hints", "Status: 403 Forbidden\n\n{\"message\": \"x\"}", "-  0 part -> 403 0 \"{\\\"message\\\": \\\"x\\\"}\"\nHTTP status"),
    ("no hints", "403 times\n2024 Forbidden\n403\nStatus: fine\n403 -> 404\n500 users", ""),
    (
        "Guzzle",
        "Client error: `POST https://h.example/x` resulted in a `403 Forbidden` response:\n{\"message\":\"Forbidden\"}",
        "https://h.example/x POST  0 part -> 403 0 \"{\\\"message\\\":\\\"Forbidden\\\"}\"\nHTTP status",
    ),
    ("a console of a browser", "app.js:10 GET https://h.example/x 403 (Forbidden)", "https://h.example/x GET browser 0 part -> 403 0\nHTTP transcript"),
    ("a console of a browser", "GET https://h.example/x net::ERR_NAME_NOT_RESOLVED", "https://h.example/x GET browser 0 part\nfailure NoName at 1\nHTTP transcript"),
    (
        "the SDK for Go",
        "SDK 2026/01/01 12:00:00 DEBUG Request\nPOST /x HTTP/1.1\nHost: h.example\nUser-Agent: aws-sdk-go-v2/1.30\nContent-Length: 1\n\nx\nSDK 2026/01/01 12:00:00 DEBUG Response\nHTTP/1.1 403 Forbidden\nContent-Length: 0\n\n",
        "h.example/x POST go 3 whole \"x\" -> 403 1\nHTTP transcript",
    ),
    ("an object that an SDK throws", "  statusCode: 403", ""),
    ("prose after a path", "GET /users returns 403", ""),
    (
        "http.client",
        r#"send: b'POST /x HTTP/1.1\r\nHost: h.example\r\nUser-Agent: python-requests/2.31.0\r\n\r\n'
send: b'{"a": "\'b\'"}'
reply: 'HTTP/1.1 403 Forbidden\r\n'
header: Date: Mon, 01 Jan 2026 00:00:00 GMT
header: x-amzn-ErrorType: ForbiddenException
DEBUG:urllib3.connectionpool:https://h.example:443 "POST /x HTTP/1.1" 403 23
{"message":"Forbidden"}"#,
        "https://h.example/x POST python 2 whole \"{\\\"a\\\": \\\"'b'\\\"}\" -> 403 2 \"{\\\"message\\\":\\\"Forbidden\\\"}\"\nerror ForbiddenException -\nhttp.client debug output",
    ),
    (
        "Postman's console",
        "GET https://h.example/prod/x\n403\n120 ms\nNetwork\nRequest Headers\nx-api-key: abc\nUser-Agent: PostmanRuntime/7.36.0\nAccept: */*\nResponse Headers\nDate: x\nx-amzn-ErrorType: ForbiddenException\nResponse Body\n{\"message\":\"Forbidden\"}",
        "https://h.example/prod/x GET postman 3 -> 403 2 \"{\\\"message\\\":\\\"Forbidden\\\"}\"\nerror ForbiddenException -\nPostman console",
    ),
    (
        "Postman's console, unfolded",
        "POST https://h.example/x 403 98 ms\n▶ Network\n▼ Request Headers\nContent-Type: \"application/json\"\n▼ Request Body\n{\"a\":1}\n▼ Response Headers\nDate: \"x\"\n▼ Response Body\n{\"message\":\"Forbidden\"}",
        "https://h.example/x POST postman 1 \"{\\\"a\\\":1}\" -> 403 1 \"{\\\"message\\\":\\\"Forbidden\\\"}\"\nPostman console",
    ),
    (
        "developer tools, values on the next line",
        "Request URL:\nhttps://h.example/x\nRequest Method:\nGET\nStatus Code:\n403 Forbidden\nRemote Address:\n192.0.2.1:443\nReferrer Policy:\nstrict-origin-when-cross-origin\nx-amzn-errortype:\nForbiddenException\n:authority:\nh.example\n:method:\nGET\norigin:\nhttps://app.example",
        "https://h.example/x GET browser 1 -> 403 1\nerror ForbiddenException -\nbrowser panes",
    ),
    (
        "developer tools, with titles",
        "General\nRequest URL: https://h.example/x\nRequest Method: OPTIONS\nStatus Code: 200 OK\nResponse Headers (2)\ncontent-length: 0\ndate: x\nRequest Headers\nProvisional headers are shown\nOrigin: https://app.example\n",
        "https://h.example/x OPTIONS browser 1 -> 200 2\nbrowser panes",
    ),
    (
        "wget -S",
        "--2026-01-01 12:00:00--  https://h.example/x\nResolving h.example (h.example)... 192.0.2.1\nConnecting to h.example (h.example)|192.0.2.1|:443... connected.\nHTTP request sent, awaiting response... \n  HTTP/1.1 403 Forbidden\n  x-amzn-ErrorType: ForbiddenException\n2026-01-01 12:00:01 ERROR 403: Forbidden.",
        "https://h.example/x - wget 0 part -> 403 1\nerror ForbiddenException -\nwget output",
    ),
    (
        "curl --trace-ascii, a header over two rows",
        "== Info: Connected to h.example (192.0.2.1) port 443 (#0)\n=> Send header, 150 bytes (0x96)\n0000: GET /x HTTP/1.1\n0011: Authorization: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n0051: bbb\n0056: Host: h.example\n0067: \n<= Recv header, 24 bytes (0x18)\n0000: HTTP/1.1 403 Forbidden\n<= Recv header, 2 bytes (0x2)\n0000: \n<= Recv data, 5 bytes (0x5)\n0000: {}\n",
        "https://h.example/x GET curl 2 whole -> 403 0 \"{}\"\ncurl -v transcript",
    ),
];

#[test]
fn transcripts_are_read() {
    for (name, text, expected) in CASES {
        assert_eq!(summary(text).trim(), *expected, "{name}\n{text}");
    }
}

#[test]
fn line_ends_of_windows_change_nothing() {
    for (name, text, _) in CASES {
        let windows = summary(&text.replace('\n', "\r\n")).replace("\\r\\n", "\\n");
        assert_eq!(windows, summary(text), "{name}");
    }
}

#[test]
fn what_is_found_knows_its_line() {
    let found = read("It fails:\n\n> GET /x HTTP/1.1\n> Host: h.example\n>\n< HTTP/1.1 403 Forbidden\n< date: x\n<\n{\n}\n");
    let (request, response) = (&found.exchanges[0].request, found.exchanges[0].response.as_ref().unwrap());
    assert_eq!((request.verb.as_ref().unwrap().line, request.target.as_ref().unwrap().line, request.headers[0].line), (3, 3, 4));
    let body = response.body.as_ref().unwrap();
    assert_eq!((response.status.as_ref().unwrap().line, response.headers[0].line, body.line), (6, 7, 9));
    assert_eq!(body.value, "{\n}");
}

/// A case with some of its lines dropped, doubled or swapped, cut anywhere.
fn mutated() -> impl Strategy<Value = String> {
    let edits = prop::collection::vec((0..3_u8, any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..6);
    (prop::sample::select(CASES), edits, any::<prop::sample::Index>()).prop_map(|((_, text, _), edits, cut)| {
        let mut lines: Vec<&str> = text.lines().collect();
        for (edit, a, b) in edits.into_iter().filter(|_| text.lines().count() > 1) {
            let (a, b) = (a.index(lines.len()), b.index(lines.len()));
            match edit {
                0 if lines.len() > 1 => drop(lines.remove(a)),
                1 => lines.insert(a, lines[b]),
                _ => lines.swap(a, b),
            }
        }
        lines.join("\n").chars().take(cut.index(text.len() + 1)).collect()
    })
}

proptest! {
    #[test]
    fn arbitrary_text_is_read_without_a_panic(text in any::<String>()) {
        read(&text);
    }

    #[test]
    fn mutated_transcripts_are_read_without_a_panic(text in mutated()) {
        read(&text);
    }
}
