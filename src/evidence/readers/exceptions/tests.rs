//! What exceptions tell.

use super::super::super::lines::Lines;
use super::super::super::wire::{Failure, Found};
use super::super::read as read_all;

fn read(text: &str) -> Found {
    let lines = Lines::new(text);
    let mut found = Found::default();
    let mut at = 0;
    while at < lines.len() {
        at = super::read(&lines, at, &mut found).unwrap_or(at + 1).max(at + 1);
    }
    found
}

/// Text, then `code|message|status|verb host/path|failure` of what it tells.
const CASES: &[(&str, &str)] = &[
    (
        "botocore.exceptions.ClientError: An error occurred (SignatureDoesNotMatch) when calling the ListBuckets operation: The request",
        "SignatureDoesNotMatch|An error occurred (SignatureDoesNotMatch) when calling the ListBuckets operation: The request||",
    ),
    (
        "\nAn error occurred (403) when calling the HeadObject operation: Forbidden",
        "|An error occurred (403) when calling the HeadObject operation: Forbidden|403|",
    ),
    (
        "Traceback (most recent call last):\n  File \"x.py\", line 1, in <module>\n    requests.get('https://abc')\n    ~~~~^^^^\nbotocore.exceptions.NoCredentialsError: Unable to locate credentials",
        "NoCredentialsError|Unable to locate credentials||",
    ),
    (
        "Unable to locate credentials. You can configure credentials by running \"aws configure\".",
        "NoCredentialsError|Unable to locate credentials. You can configure credentials by running \"aws configure\".||",
    ),
    (
        "botocore.exceptions.EndpointConnectionError: Could not connect to the endpoint URL: \"https://s3.us-east-9.amazonaws.com/\"",
        "|Could not connect to the endpoint URL: \"https://s3.us-east-9.amazonaws.com/\"|| s3.us-east-9.amazonaws.com/",
    ),
    (
        "requests.exceptions.HTTPError: 403 Client Error: Forbidden for url: https://abc123defg.execute-api.us-east-1.amazonaws.com/prod/x",
        "|HTTPError: 403 Client Error: Forbidden for url: https://abc123defg.execute-api.us-east-1.amazonaws.com/prod/x|403| abc123defg.execute-api.us-east-1.amazonaws.com/prod/x",
    ),
    (
        "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='abc.execute-api.us-east-1.amazonaws.com', port=443): Max retries exceeded with url: /prod (Caused by NameResolutionError(\"<x>: Failed to resolve 'abc' ([Errno -2] Name or service not known)\"))",
        "|*|| abc.execute-api.us-east-1.amazonaws.com/prod|NoName",
    ),
    ("<Response [403]>", "||403|"),
    (
        "UnrecognizedClientException: The security token included in the request is invalid.\n    at throwDefaultError (/x/node_modules/@aws-sdk/y.js:1:1)\n    at async z {\n  '$fault': 'client',\n  '$metadata': {\n    httpStatusCode: 403,\n    requestId: 'x'\n  },\n  __type: 'com.amazon.coral.service#UnrecognizedClientException'\n}\nmore",
        "UnrecognizedClientException|The security token included in the request is invalid.|403|",
    ),
    (
        "{ SignatureDoesNotMatch: The request signature\n    at Request.extractError (/x/aws-sdk/lib/y.js)\n  code: 'SignatureDoesNotMatch',\n  region: 'us-east-1',\n  statusCode: 403 }",
        "SignatureDoesNotMatch|The request signature|403|",
    ),
    (
        "AxiosError: Request failed with status code 403\n    at settle (x.js) {\n  code: 'ERR_BAD_REQUEST',\n  config: {\n    headers: Object [AxiosHeaders] {\n      Accept: 'x'\n    },\n    method: 'get',\n    url: 'https://abc123defg.execute-api.us-east-1.amazonaws.com/prod/x',\n    data: undefined\n  },\n  response: {\n    status: 403,\n    data: { message: 'Missing Authentication Token' }\n  }\n}",
        "|Request failed with status code 403|403|GET abc123defg.execute-api.us-east-1.amazonaws.com/prod/x",
    ),
    (
        "software.amazon.awssdk.services.s3.model.S3Exception: Access Denied (Service: S3, Status Code: 403, Request ID: X, Extended Request ID: Y)\n\tat software.amazon.x",
        "|Access Denied|403|",
    ),
    (
        "Exception in thread \"main\" com.amazonaws.services.s3.model.AmazonS3Exception: The request (Service: Amazon S3; Status Code: 403; Error Code: SignatureDoesNotMatch; Request ID: X; S3 Extended Request ID: Y)",
        "SignatureDoesNotMatch|The request|403|",
    ),
    (
        "software.amazon.awssdk.core.exception.SdkClientException: Unable to load credentials from any of the providers in the chain",
        "|Unable to load credentials from any of the providers in the chain||",
    ),
    (
        "operation error S3: ListBuckets, https response error StatusCode: 403, RequestID: X, HostID: Y, api error SignatureDoesNotMatch: The request",
        "SignatureDoesNotMatch|*|403|",
    ),
    (
        "operation error STS: GetCallerIdentity, get identity: get credentials: failed to refresh cached credentials, no EC2 IMDS role found",
        "|*||",
    ),
    (
        "SignatureDoesNotMatch: The request\n\tstatus code: 403, request id: X, host id: Y",
        "SignatureDoesNotMatch|The request|403|",
    ),
    (
        "Amazon.S3.AmazonS3Exception: The request signature\n ---> Amazon.Runtime.Internal.HttpErrorResponseException: Exception of type",
        "|The request signature||",
    ),
    (
        "Aws\\S3\\Exception\\S3Exception: Error executing \"ListBuckets\" on \"https://s3.amazonaws.com/\"; AWS HTTP error: Client error: `GET https://s3.amazonaws.com/` resulted in a `403 Forbidden` response:",
        "|*|403|GET s3.amazonaws.com/",
    ),
    ("NotAuthorizedException: Unauthorized", "NotAuthorizedException|Unauthorized||"),
    (
        "Error: getaddrinfo ENOTFOUND abc.execute-api.us-east-1.amazonaws.com\n    at x {\n  errno: -3008,\n  code: 'ENOTFOUND'\n}",
        "|*|| abc.execute-api.us-east-1.amazonaws.com|NoName",
    ),
    (
        "TypeError: fetch failed\n    at node:internal {\n  [cause]: Error: connect ECONNREFUSED 127.0.0.1:3000\n      at x {\n    errno: -111,\n    code: 'ECONNREFUSED'\n  }\n}",
        "|fetch failed||||Refused",
    ),
    (
        "Get \"https://abc.execute-api.us-east-1.amazonaws.com/\": dial tcp: lookup abc.execute-api.us-east-1.amazonaws.com: no such host",
        "|*|| abc.execute-api.us-east-1.amazonaws.com/|NoName",
    ),
    ("java.net.UnknownHostException: abc", "|abc||||NoName"),
    ("ping: abc.example: Name or service not known", "|*||||NoName"),
    ("** server can't find abc: NXDOMAIN", "|*||||NoName"),
    ("Connection refused is not what I see", ""),
    ("An ordinary error, I think", ""),
];

#[test]
fn exceptions_tell_code_message_status_and_url() {
    for (text, expected) in CASES {
        let found = read(text);
        let want: Vec<&str> = expected.split('|').collect();
        let want = |n: usize| want.get(n).copied().unwrap_or("");
        let first = found.errors.first();
        assert_eq!(first.and_then(|e| e.code.as_deref()).unwrap_or(""), want(0), "{text}");
        let message = first.and_then(|e| e.message.as_deref()).unwrap_or("");
        assert!(message == want(1) || (want(1) == "*" && !message.is_empty()), "{text}: {message}");
        let exchange = found.exchanges.first();
        let answered = exchange.and_then(|e| e.response.as_ref()?.status.as_ref()).map(|s| s.value);
        let status = first.and_then(|e| e.status).or(answered);
        assert_eq!(status.map_or(String::new(), |s| s.to_string()), want(2), "{text}");
        let request = exchange.map(|e| &e.request);
        let verb = request.and_then(|r| r.verb.as_ref()).map_or("", |v| &v.value);
        let call =
            request.and_then(|r| r.target.as_ref()).map_or(String::new(), |t| format!("{verb} {}{}", t.value.host, t.value.path));
        assert_eq!(call, want(3), "{text}");
        let failure = found.failures.first().map_or(String::new(), |f| format!("{:?}", f.value));
        assert_eq!(
            failure,
            expected.rsplit('|').next().filter(|f| f.starts_with(char::is_uppercase) && f.len() < 9).unwrap_or(""),
            "{text}"
        );
    }
}

#[test]
fn the_response_of_an_exception_has_headers() {
    let text = "{'Error': {'Message': 'no', 'Code': 'AccessDenied'}, 'ResponseMetadata': {'HTTPStatusCode': 403, 'HTTPHeaders': {'x-amz-request-id': 'X', 'date': 'Mon, 01 Jan 2024 00:00:00 GMT'}}}";
    let found = read_all(&Lines::new(text));
    let response = found.exchanges[0].response.as_ref().unwrap();
    assert_eq!((response.status.as_ref().unwrap().value, response.headers.len()), (403, 2));
    assert_eq!(found.errors[0].code.as_deref(), Some("AccessDenied"));
}

#[test]
fn the_data_of_axios_is_an_error_too() {
    let (text, _) = CASES.iter().find(|(text, _)| text.starts_with("AxiosError")).unwrap();
    let found = read(text);
    assert!(found.errors.iter().any(|e| e.message.as_deref() == Some("Missing Authentication Token")));
    assert!(found.failures.iter().all(|f| f.value != Failure::NoName));
}
