//! Texts as people paste them, and what follows from the whole of each.

use super::super::lines::Lines;
use super::super::{pairing, readers};
use super::samples::check_facts;

/// Compares facts of a text, each written `group.name=value`.
fn check(text: &str, expected: &[&str]) {
    let mut found = readers::read(&Lines::new(text));
    let paired = pairing::pair(std::mem::take(&mut found.exchanges));
    let exchanges: Vec<_> = paired.iter().map(|p| &p.exchange).collect();
    let (facts, _) = super::derive(&exchanges, pairing::failing(&paired), &found);
    check_facts(&facts, text, expected);
}

const API: &str = "https://abc123defg.execute-api.us-east-1.amazonaws.com/prod";

#[test]
fn a_deployment_is_compared_with_the_request() {
    let text = format!(
        "$ curl -i {API}/items\nHTTP/2 403\nx-amzn-errortype: MissingAuthenticationTokenException\n\n\
         {{\"message\":\"Missing Authentication Token\"}}\n\
         $ aws apigateway get-deployment --rest-api-id abc123defg --embed apisummary --query apiSummary \\\n\
         >   --deployment-id $(aws apigateway get-stage --rest-api-id abc123defg --stage-name prod \\\n\
         >   --query deploymentId --output text)\n\
         {{\n  \"/orders\": {{\n    \"GET\": {{ \"authorizationType\": \"NONE\", \"apiKeyRequired\": false }}\n  }}\n}}\n"
    );
    check(&text, &["deployed.serves=no", "method.matches=no", "method.paths=/orders", "response.status=403"]);
}

#[test]
fn a_mapped_domain_with_the_stage_in_its_path_is_seen() {
    check(
        "$ curl -i https://api.example.com/dev/get-list\nHTTP/2 403\n\n{\"message\":\"Missing Authentication Token\"}\n\
         $ aws apigatewayv2 get-api-mappings --domain-name api.example.com --query 'Items[].[ApiMappingKey,ApiId,Stage]' --output table\n\
         -----------------------------\n|      GetApiMappings       |\n+---+-------------+---------+\n\
         |   |  abc123defg |  dev    |\n+---+-------------+---------+\n",
        &["api.stage_in_path=yes", "api.domain_mapped=yes"],
    );
}

#[test]
fn other_requests_say_that_other_paths_work() {
    check(
        &format!(
            "$ curl -s -o /dev/null -w '%{{http_code}}\\n' {API}/orders\n200\n$ curl -i {API}/order\nHTTP/2 403\n\n{{\"message\":\"x\"}}\n"
        ),
        &["others.path_works=yes", "request.path=/prod/order"],
    );
    check(
        &format!(
            "{API}/get-list   200\nhttps://api.example.com/dev/get-list   403\n{{\"message\":\"Missing Authentication Token\"}}\n"
        ),
        &["request.host=api.example.com", "response.status=403", "others.path_works="],
    );
}

#[test]
fn a_printed_answer_belongs_to_the_request_above_it() {
    check(
        "send: b'GET /prod HTTP/1.1\\r\\nHost: abc123defg.execute-api.us-east-1.amazonaws.com\\r\\n\\r\\n'\n\
         reply: 'HTTP/1.1 403 Forbidden\\r\\n'\nheader: x-amzn-ErrorType: MissingAuthenticationTokenException\n\
         <Response [403]> {\"message\":\"Missing Authentication Token\"}\n",
        &["request.host_kind=execute-api", "request.path=/prod", "error.messages=Missing Authentication Token"],
    );
    check(
        ">>> r = requests.post(\"https://myapp.auth.us-east-1.amazoncognito.com/oauth2/token\", auth=(client_id, secret),\n\
         ...     data={\"grant_type\": \"client_credentials\", \"scope\": \"orders/read\"})\n\
         >>> r, r.text\n(<Response [400]>, '{\"error\":\"unauthorized_client\"}')\n",
        &["oauth.grant_type=client_credentials", "oauth.client_auth=basic", "oauth.error=unauthorized_client"],
    );
}

#[test]
fn the_head_that_node_prints_is_the_request() {
    check(
        "AxiosError: Request failed with status code 403\n    at settle (x.js:1:1) {\n  code: 'ERR_BAD_REQUEST',\n  request: ClientRequest {\n    \
         _header: 'GET /prod/items HTTP/1.1\\r\\n' +\n      'Host: abc123defg.execute-api.us-east-1.amazonaws.com\\r\\n' +\n      '\\r\\n',\n  },\n  \
         response: {\n    status: 403,\n    data: { message: 'Forbidden' }\n  }\n}\n",
        &["request.whole=true", "request.authorization=none", "request.client=node", "response.status=403"],
    );
}

#[test]
fn a_form_in_postmans_console_is_a_body() {
    check(
        "POST https://myapp.auth.us-east-1.amazoncognito.com/oauth2/token\n400\n123 ms\nNetwork\nRequest Headers\n\
         Content-Type: \"application/x-www-form-urlencoded\"\nUser-Agent: \"PostmanRuntime/7.49.1\"\n\
         Host: \"myapp.auth.us-east-1.amazoncognito.com\"\nRequest Body\ngrant_type: \"authorization_code\"\n\
         redirect_uri: \"https://app.example.com\"\nResponse Headers\nServer: \"Server\"\nResponse Body\n\
         {\"error\":\"unauthorized_client\"}\n",
        &[
            "oauth.grant_type=authorization_code",
            "oauth.redirect_uri=https://app.example.com",
            "oauth.client_auth=none",
            "oauth.error=unauthorized_client",
        ],
    );
}

#[test]
fn a_redirect_tells_its_reason() {
    check(
        "HTTP/2 302\nlocation: https://app.example.com/callback?error_description=invalid_scope&error=invalid_request&state=s1\nserver: x\n",
        &["error.code=invalid_request", "error.messages=invalid_scope"],
    );
}

#[test]
fn the_cli_is_a_client_too() {
    check(
        "$ aws s3 ls\n\nAn error occurred (InvalidAccessKeyId) when calling the ListBuckets operation: It does not exist.\n",
        &["request.client=aws-cli", "error.code=InvalidAccessKeyId"],
    );
}

#[test]
fn another_app_client_says_nothing() {
    let site = "https://myapp.auth.us-east-1.amazoncognito.com/oauth2/authorize?response_type=code";
    for (named, shown) in [("otherclientid", "false"), ("fakeclientid", "true"), ("CLIENT_ID", "true")] {
        let command =
            format!("aws cognito-idp describe-user-pool-client --client-id {named} --query 'UserPoolClient.CallbackURLs'");
        let text = format!("{site}&client_id=fakeclientid&scope=openid\n\n$ {command}\n[\n    \"https://app.example.com/\"\n]\n");
        check(&text, &[&format!("app_client.shown={shown}")]);
    }
}

#[test]
fn a_run_with_an_exception_has_not_finished() {
    let (start, end) = (
        "START RequestId: 11111111-2222-4333-8444-555555555555 Version: $LATEST",
        "END RequestId: 11111111-2222-4333-8444-555555555555",
    );
    let thrown = "java.lang.NullPointerException: x is null\n\tat com.example.Handler.handleRequest(Handler.java:21)";
    check(&format!("{start}\n{thrown}\n{end}\n"), &["log.run=", "log.lambda=true"]);
    check(&format!("{start}\nhello\n{end}\n"), &["log.run=finished"]);
    let failed = "[ERROR] KeyError: 'name'";
    check(&format!("{start}\n{end}\n{start}\n{failed}\n{end}\n"), &["log.run=exception"]);
}

#[test]
fn a_test_invocation_holds_a_log() {
    check(
        "$ aws apigateway test-invoke-method --rest-api-id abc123defg\n{\n \"status\": 502,\n \"log\": \"Execution log for request 1\\nThu Jan 01 00:00:00 UTC 2026 : Execution failed due to configuration error: Malformed Lambda proxy response\\nThu Jan 01 00:00:00 UTC 2026 : Method completed with status: 502\\n\"\n}\n",
        &[
            "log.execution=true",
            "response.status=502",
            "error.messages=Execution failed due to configuration error: Malformed Lambda proxy response",
        ],
    );
}

#[test]
fn a_failure_names_the_host_and_whether_it_was_reached() {
    const HOST: &str = "abc123defg.execute-api.us-east-1.amazonaws.com";
    for (line, failure, connected, kind) in [
        ("curl: (28) Operation timed out after 3000 milliseconds with 0 bytes received", "time-out", "yes", ""),
        ("curl: (28) Failed to connect to HOST port 443 after 5001 ms: Timeout was reached", "time-out", "no", "execute-api"),
        (
            "requests.exceptions.ReadTimeout: HTTPSConnectionPool(host='HOST', port=443): Read timed out. (read timeout=1)",
            "time-out",
            "yes",
            "execute-api",
        ),
        ("Error: getaddrinfo ENOTFOUND HOST", "no-name", "no", "execute-api"),
        ("java.net.UnknownHostException: HOST", "no-name", "no", "execute-api"),
        ("Invoke-RestMethod: No such host is known. (HOST:443)", "no-name", "no", "execute-api"),
        (
            "System.Net.Http.HttpRequestException: A connection attempt failed because the connected party did not properly respond after a period of time, x (HOST:443)",
            "time-out",
            "no",
            "execute-api",
        ),
    ] {
        let claims =
            [format!("network.failure={failure}"), format!("network.connected={connected}"), format!("request.host_kind={kind}")];
        check(&line.replace("HOST", HOST), &[&claims[0], &claims[1], &claims[2], "request.path="]);
    }
}

#[test]
fn what_the_service_signed_may_stand_apart() {
    let signed = "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=abc";
    check(
        &format!(
            "GET /bucket/a%20b HTTP/1.1\nHost: s3.us-east-1.amazonaws.com\nAuthorization: {signed}\n\nThen, much further down,\nafter some words\n\
             and others\n\n<Error><Code>SignatureDoesNotMatch</Code><Message>x</Message>\
             <StringToSign>AWS4-HMAC-SHA256\n20260101T000000Z\n20260101/us-east-1/s3/aws4_request\nabc</StringToSign>\
             <CanonicalRequest>PUT\n/bucket/a%20b\n\nhost:s3.us-east-1.amazonaws.com\n\nhost\nUNSIGNED-PAYLOAD</CanonicalRequest></Error>\n"
        ),
        &["signature.compared=true", "signature.differs=verb"],
    );
}

#[test]
fn the_message_of_got_names_the_call() {
    check(
        &format!(
            "HTTPError: Request failed with status code 403 (Forbidden): GET {API}/items\n    at x (y.js:1:1) {{\n  code: 'ERR_NON_2XX_3XX_RESPONSE'\n}}\n"
        ),
        &["request.path=/prod/items", "request.verb=GET", "response.status=403", "network.failure="],
    );
}
