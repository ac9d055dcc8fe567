//! How curl reads its own command line.

use proptest::prelude::*;

use super::super::super::wire::{Request, Target};
use super::*;

fn found(text: &str) -> Found {
    let lines = Lines::new(text);
    let mut found = Found::default();
    let mut at = 0;
    while at < lines.len() {
        at = read(&lines, at, &mut found).unwrap_or(at + 1).max(at + 1);
    }
    found
}

fn url(target: &Target) -> String {
    let port = target.port.map(|p| format!(":{p}")).unwrap_or_default();
    let query = target.query.as_ref().map(|q| format!("?{q}")).unwrap_or_default();
    format!("{}://{}{port}{}{query}", target.scheme, target.host, target.path)
}

/// Verb, URL, headers that are not curl's own, body and marks, in one line.
fn tell(request: &Request) -> String {
    let own = ["User-Agent: curl", "Accept: */*"];
    let headers: Vec<String> = request.headers.iter().map(|h| format!("{}: {}", h.name, h.value)).collect();
    let headers: Vec<&str> =
        headers.iter().map(String::as_str).filter(|h| !own.contains(h) && !h.starts_with("Content-Length")).collect();
    let mut parts = vec![request.verb.as_ref().map(|v| v.value.clone()).unwrap_or_default()];
    parts.push(request.target.as_ref().map_or("?".to_owned(), |t| url(&t.value)));
    if !headers.is_empty() {
        parts.push(headers.join(" | "));
    }
    parts.extend(request.body.as_ref().map(|b| format!("body={}", b.value)));
    parts.extend(request.signer.as_ref().map(|s| format!("signer={}/{}", s.value.region, s.value.service)));
    parts.extend((!request.whole).then(|| "partly".to_owned()));
    parts.join(" ; ")
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let told: Vec<String> = found(text).exchanges.iter().map(|e| tell(&e.request)).collect();
    assert_eq!(told, expected, "{text}");
}

#[test]
fn options_become_what_curl_sends() {
    let form = "Content-Type: application/x-www-form-urlencoded";
    let cases: &[(&str, &str)] = &[
        ("curl https://a.example/x", "GET ; https://a.example/x"),
        ("curl localhost:8080/x", "GET ; http://localhost:8080/x"),
        ("curl -sSLv -XPOST -H'X-A: b' --url https://a.example", "POST ; https://a.example ; X-A: b"),
        ("curl -H 'X-B;' -H 'Accept:' -H X-D -A me a.example", "GET ; http://a.example ; X-B:  | User-Agent: me"),
        ("curl -d a=1 -d 'b=2' a.example", &format!("POST ; http://a.example ; {form} ; body=a=1&b=2")),
        ("curl --data-binary @f a.example", &format!("POST ; http://a.example ; {form}")),
        ("curl --data-raw @f a.example", &format!("POST ; http://a.example ; {form} ; body=@f")),
        ("curl -d x -H 'content-type: text/plain' a.example", "POST ; http://a.example ; content-type: text/plain ; body=x"),
        ("curl --data-urlencode 'a=b c&d' --data-urlencode '=x y' -G a.example?q", "GET ; http://a.example?q&a=b+c%26d&x+y"),
        (
            "curl --json '{}' a.example",
            "POST ; http://a.example ; Content-Type: application/json | Accept: application/json ; body={}",
        ),
        ("curl -F a=b a.example", "POST ; http://a.example ; Content-Type: multipart/form-data"),
        ("curl -I a.example", "HEAD ; http://a.example"),
        ("curl -T dir/f.txt https://a.example/b/", "PUT ; https://a.example/b/f.txt"),
        ("curl -u u:p a.example", "GET ; http://a.example ; Authorization: Basic dTpw"),
        ("curl https://u:p@a.example", "GET ; https://a.example ; Authorization: Basic dTpw"),
        ("curl -u u:p -H 'Authorization: q' a.example", "GET ; http://a.example ; Authorization: q"),
        ("curl --oauth2-bearer abc a.example", "GET ; http://a.example ; Authorization: Bearer abc"),
        ("curl --digest -u u:p a.example", "GET ; http://a.example ; partly"),
        (
            "curl --aws-sigv4 aws:amz:eu-west-1:execute-api -u K:S https://a.example",
            "GET ; https://a.example ; signer=eu-west-1/execute-api",
        ),
        ("curl --aws-sigv4 aws:amz -u K:S https://a.example", "GET ; https://a.example ; signer=/"),
        ("curl --aws-sigv4 aws:amz:eu-west-1:s3 https://a.example", "GET ; https://a.example"),
        ("curl -b a=1 -b b=2 a.example", "GET ; http://a.example ; Cookie: a=1; b=2"),
        ("curl -b jar.txt a.example", "GET ; http://a.example ; partly"),
        ("curl -H @headers a.example", "GET ; http://a.example ; partly"),
        ("curl -H \"$AUTH\" a.example", "GET ; http://a.example ; partly"),
        ("curl -H \"x-api-key: $KEY\" a.example", "GET ; http://a.example ; x-api-key: $KEY"),
        ("curl \"$URL/x\"", "GET ; ?"),
        (
            "curl https://$ID.execute-api.us-east-1.amazonaws.com/prod",
            "GET ; https://$ID.execute-api.us-east-1.amazonaws.com/prod",
        ),
        ("curl -o out -w '%{http_code}' -m 5 --connect-to a.example:1:b:2 --request=PATCH a.example", "PATCH ; http://a.example"),
        ("curl --compressed a.example", "GET ; http://a.example ; Accept-Encoding: deflate, gzip"),
    ];
    for (text, expected) in cases {
        check(text, &[expected]);
    }
}

#[test]
fn a_command_is_found_where_it_can_begin() {
    for text in [
        "$ curl a.example",
        "user@host:~$ curl a.example",
        "user@mac ~ % sudo curl a.example",
        "C:\\Users\\me> curl.exe a.example",
        "PS C:\\Users\\me> curl.exe a.example",
        "run: curl a.example",
        "- run: A=b /usr/bin/curl a.example",
        "I run `curl a.example` and get 403",
        "```curl a.example```",
        "1. curl a.example",
        "TOKEN=$(curl a.example)",
        "cd x && curl a.example",
        "  curl a.example",
    ] {
        check(text, &["GET ; http://a.example"]);
    }
}

#[test]
fn prose_about_curl_is_no_command() {
    for text in [
        "I run curl https://a.example and get 403",
        "curl gives 403 from https://a.example",
        "curl: (6) Could not resolve host: a.example",
        "curl 7.88.1 (x86_64-pc-linux-gnu) libcurl/7.88.1",
        "curl --version",
        "> curl a.example",
        "curly a.example",
        "curl -Uri https://a.example -Headers @{ a = 'b' }",
    ] {
        check(text, &[]);
    }
    let lines = Lines::new("curl https://a.example doesn't work:\n403 Forbidden");
    assert_eq!(read(&lines, 0, &mut Found::default()), Some(1));
    check("curl https://a.example and it fails", &["GET ; https://a.example ; partly"]);
}

#[test]
fn one_command_can_send_several_requests() {
    check("curl a.example b.example", &["GET ; http://a.example", "GET ; http://b.example"]);
    check("curl -I a.example --next -X PUT b.example", &["HEAD ; http://a.example", "PUT ; http://b.example"]);
    check("curl a.example && curl -I b.example | cat", &["GET ; http://a.example", "HEAD ; http://b.example"]);
    check("curl a.example\ncurl b.example", &["GET ; http://a.example", "GET ; http://b.example"]);
}

#[test]
fn windows_quoting_reads_like_any_other() {
    check(
        "curl ^\"https://a.example/x?a=1^&b=2^\" ^\n  -H ^\"x-a: ^\\^\"q^\\^\"^\" ^\n  --data-raw ^\"^{^\\^\"a^\\^\":1^}^\"",
        &["POST ; https://a.example/x?a=1&b=2 ; x-a: \"q\" | Content-Type: application/x-www-form-urlencoded ; body={\"a\":1}"],
    );
    check("curl.exe \"https://a.example\" `\n  -H \"x-a: b\"\nI get 403", &["GET ; https://a.example ; x-a: b"]);
}

#[test]
fn lines_are_those_of_the_words() {
    let found = found("text\n\ncurl https://a.example \\\n  -H 'a: b' \\\n  -d x\n403");
    let request = &found.exchanges[0].request;
    assert_eq!(found.readers, ["curl command"]);
    assert_eq!(request.target.as_ref().unwrap().line, 3);
    assert_eq!(request.headers[0].line, 4);
    assert_eq!(request.body.as_ref().unwrap().line, 5);
    assert_eq!(request.verb.as_ref().unwrap().line, 5);
    let lines = Lines::new("curl https://a.example \\\n  -H 'a: b'\nHTTP/1.1 403");
    assert_eq!(read(&lines, 0, &mut Found::default()), Some(2));
}

#[test]
fn many_commands_take_linear_time() {
    for unit in [
        "curl '\n",
        "curl a.example \\\n",
        "curl \"$(\n",
        "curl a.example; ",
        "`curl a.b` ",
        "curl ^\"^\n\n",
        "curl @{\" `\n",
        "curl -x \\\n",
        "curl word \\\n",
        "curl https://a.b don't\n",
    ] {
        super::super::growth::check(unit, |text| drop(found(text)));
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "curl (?s).{0,100}", options in "curl( -[a-zA-Z:#]{1,3}| --[a-z-]{1,9}| [a-c@:/?=&.]{1,9}|\\PC{1,3}){0,9}") {
        found(&text);
        found(&options);
    }
}

#[test]
fn a_status_that_is_written_out_is_the_answer() {
    for (command, printed, expected) in [
        ("curl -s -o /dev/null -w '%{http_code}\\n' https://api.example.com/x", "200", Some(200)),
        ("curl -so /dev/null -w \"%{http_code}\" https://api.example.com/x", "403", Some(403)),
        ("curl -so /dev/null -w '%{http_code}' https://api.example.com/x", "403$ ls", Some(403)),
        ("curl -s -o NUL --write-out 'HTTP %{response_code}\\n' https://api.example.com/x", "HTTP 502", Some(502)),
        ("curl -s -o /dev/null -w '%{http_code}\\n' https://api.example.com/x", "000", None),
        ("curl -s -o /dev/null -w '%{http_code}\\n' https://api.example.com/x", "2000 things", None),
        ("curl -s -w '%{http_code}\\n' https://api.example.com/x", "200", None),
        ("curl -s -o /dev/null -w '%{http_code} %{time_total}\\n' https://api.example.com/x", "200 0.1", Some(200)),
    ] {
        let text = format!("$ {command}\n{printed}\n");
        let lines = super::super::super::lines::Lines::new(&text);
        let mut found = super::super::super::wire::Found::default();
        super::read(&lines, 0, &mut found);
        let status = found.exchanges[0].response.as_ref().and_then(|r| r.status.as_ref()).map(|s| s.value);
        assert_eq!(status, expected, "{text}");
    }
}
