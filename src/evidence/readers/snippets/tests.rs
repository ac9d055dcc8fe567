//! What code that sends a request gives.

use proptest::prelude::*;

use super::super::super::lines::Lines;
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

/// Headers that clients add to every request.
const OWN: &[&str] = &["User-Agent: ", "Accept: ", "Accept-Encoding: ", "Connection: ", "Content-Length: "];

fn tell(request: &Request) -> String {
    let url = request.target.as_ref().map_or("?".to_owned(), |t| {
        let t = &t.value;
        let port = t.port.map(|p| format!(":{p}")).unwrap_or_default();
        let query = t.query.as_ref().map(|q| format!("?{q}")).unwrap_or_default();
        format!("{}://{}{port}{}{query}", t.scheme, t.host, t.path)
    });
    let mut parts = vec![request.client.to_owned(), request.verb.as_ref().unwrap().value.clone(), url];
    let headers = request.headers.iter().map(|h| format!("{}: {}", h.name, h.value));
    parts.extend(headers.filter(|h| !OWN.iter().any(|o| h.starts_with(o))));
    parts.extend(request.body.as_ref().map(|b| format!("body={}", b.value)));
    parts.extend(request.signer.as_ref().map(|s| format!("signer={}/{}", s.value.region, s.value.service)));
    parts.extend(request.whole.then(|| "whole".to_owned()));
    parts.join(" ; ")
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let told: Vec<String> = found(text).exchanges.iter().map(|e| tell(&e.request)).collect();
    assert_eq!(told, expected, "{text}");
}

#[test]
fn fetch_is_read_as_browsers_copy_it() {
    check(
        "fetch(\"https://a.example/x?q=1\", {\n  \"headers\": {\n    \"accept-language\": \"en\",\n    \"x-api-key\": \"abc\"\n  },\n  \"referrer\": \"https://b.example/\",\n  \"body\": \"{\\\"a\\\":\\\"\\u00e9\\\"}\",\n  \"method\": \"POST\",\n  \"mode\": \"cors\"\n});\n",
        &[
            "browser ; POST ; https://a.example/x?q=1 ; accept-language: en ; x-api-key: abc ; Content-Type: text/plain;charset=UTF-8 ; body={\"a\":\"é\"}",
        ],
    );
    check(
        "await fetch('https://a.example', {method: 'put', headers: {'X-A': `b ${c}`, Authorization: 'Bearer ' + token,}, body: JSON.stringify({a: 1, b: [true, null], 'c': {d: \"e\"}})})",
        &[
            "browser ; PUT ; https://a.example ; X-A: b ${c} ; Authorization: Bearer ${token} ; Content-Type: text/plain;charset=UTF-8 ; body={\"a\":1,\"b\":[true,null],\"c\":{\"d\":\"e\"}}",
        ],
    );
    check(
        "const myHeaders = new Headers();\nmyHeaders.append(\"x-api-key\", \"abc\");\n\nconst raw = JSON.stringify({\n  \"a\": 1\n});\n\nconst requestOptions = {\n  method: \"POST\",\n  headers: myHeaders,\n  body: raw,\n  redirect: \"follow\"\n};\n\nfetch(\"https://a.example/x\", requestOptions)\n  .then((response) => response.text())\n  .catch((error) => console.error(error));",
        &["browser ; POST ; https://a.example/x ; x-api-key: abc ; Content-Type: text/plain;charset=UTF-8 ; body={\"a\":1}"],
    );
    check("fetch(`https://a.example/${id}`)", &["browser ; GET ; https://a.example/${id}"]);
    check("fetch(url).then(r => r.json())", &["browser ; GET ; ?"]);
    check("const r = await fetch('https://a.example', { headers });", &["browser ; GET ; https://a.example"]);
}

#[test]
fn other_javascript_is_read() {
    let cases: &[(&str, &str)] = &[
        (
            "const axios = require('axios');\nlet data = JSON.stringify({\n  \"a\": \"b\"\n});\n\nlet config = {\n  method: 'post',\n  maxBodyLength: Infinity,\n  url: 'https://a.example/x',\n  headers: { \n    'Content-Type': 'application/json', \n    'User-Agent': 'PostmanRuntime/7.1'\n  },\n  data : data\n};\n\naxios.request(config)\n.then((response) => {\n  console.log(1);\n})",
            "postman ; POST ; https://a.example/x ; Content-Type: application/json ; body={\"a\":\"b\"}",
        ),
        (
            "axios.post('https://a.example', {a: 1}, {headers: {'X-A': 'b'}})",
            " ; POST ; https://a.example ; X-A: b ; Content-Type: application/json ; body={\"a\":1}",
        ),
        ("axios.get('https://a.example', {params: {q: 'a b'}})", " ; GET ; https://a.example?q=a+b"),
        ("axios({url: '/x', baseURL: 'https://a.example/'})", " ; GET ; https://a.example/x"),
        (
            "var https = require('follow-redirects').https;\n\nvar options = {\n  'method': 'POST',\n  'hostname': 'a.example',\n  'path': '/x',\n  'headers': {\n    'x-api-key': 'abc'\n  }\n};\n\nvar req = https.request(options, function (res) {\n  res.on(\"end\", function (chunk) {\n    console.log(1);\n  });\n});\n\nvar postData = JSON.stringify({\"a\": 1});\n\nreq.write(postData);\n\nreq.end();",
            "node ; POST ; https://a.example/x ; x-api-key: abc ; body={\"a\":1} ; whole",
        ),
        (
            "var xhr = new XMLHttpRequest();\nxhr.withCredentials = true;\n\nxhr.open(\"get\", \"https://a.example\");\nxhr.setRequestHeader(\"x-api-key\", \"abc\");\n\nxhr.send();",
            "browser ; GET ; https://a.example ; x-api-key: abc",
        ),
        (
            "var settings = {\n  \"url\": \"https://a.example\",\n  \"method\": \"POST\",\n  \"data\": {\"a\": \"b c\"}\n};\n\n$.ajax(settings).done(function (response) {\n});",
            "browser ; POST ; https://a.example ; Content-Type: application/x-www-form-urlencoded; charset=UTF-8 ; body=a=b+c",
        ),
    ];
    for (text, expected) in cases {
        check(text, &[expected]);
    }
}

#[test]
fn python_is_read_as_postman_writes_it() {
    let cases: &[(&str, &str)] = &[
        (
            "import requests\nimport json\n\nurl = \"https://a.example/x\"\n\npayload = json.dumps({\n  \"a\": 1,\n  \"b\": \"é\"\n})\nheaders = {\n  'x-api-key': 'abc',\n  'Content-Type': 'application/json'\n}\n\nresponse = requests.request(\"POST\", url, headers=headers, data=payload)\n\nprint(response.text)",
            "python ; POST ; https://a.example/x ; x-api-key: abc ; Content-Type: application/json ; body={\"a\": 1, \"b\": \"\\u00e9\"} ; whole",
        ),
        (
            "url = \"https://a.example\"\n\npayload = {}\nheaders = {}\n\nr = requests.request(\"GET\", url, headers=headers, data=payload)",
            "python ; GET ; https://a.example ; whole",
        ),
        (
            "requests.get('https://a.example', headers={'X-A': f'b {c}'}, params={'q': 1})",
            "python ; GET ; https://a.example?q=1 ; X-A: b {c} ; whole",
        ),
        (
            "requests.post(\"https://a.example\", json={'a': True, 'b': None})",
            "python ; POST ; https://a.example ; Content-Type: application/json ; body={\"a\": true, \"b\": null} ; whole",
        ),
        (
            "requests.post('https://a.example',\n    data={'a': 'b c'},\n    auth=('u', 'p'))",
            "python ; POST ; https://a.example ; Content-Type: application/x-www-form-urlencoded ; Authorization: Basic dTpw ; body=a=b+c ; whole",
        ),
        (
            "auth = AWS4Auth(key, secret, 'eu-west-1', 'execute-api')\nr = requests.get('https://a.example', auth=auth)",
            "python ; GET ; https://a.example ; signer=eu-west-1/execute-api ; whole",
        ),
        (
            "headers = {}\nheaders['x-api-key'] = 'abc'\nrequests.delete('https://a.example', headers=headers)",
            "python ; DELETE ; https://a.example ; x-api-key: abc ; whole",
        ),
        (
            "import http.client\n\nconn = http.client.HTTPSConnection(\"a.example\")\npayload = ''\nheaders = {\n  'x-api-key': 'abc'\n}\nconn.request(\"GET\", \"/x\", payload, headers)\nres = conn.getresponse()",
            "python ; GET ; https://a.example/x ; x-api-key: abc ; whole",
        ),
        ("requests.get('https://a.example', auth=SomeAuth())", "python ; GET ; https://a.example"),
        ("requests.get('https://a.example', **options)", "python ; GET ; https://a.example"),
        ("    requests.get('https://a.example',\n  File \"x.py\", line 3", "python ; GET ; https://a.example"),
    ];
    for (text, expected) in cases {
        check(text, &[expected]);
    }
}

#[test]
fn httpie_items_become_headers_query_and_body() {
    let cases: &[(&str, &str)] = &[
        (
            "http POST :3000/x Name:value key=value n:=1 q==1",
            "httpie ; POST ; http://localhost:3000/x?q=1 ; Name: value ; Content-Type: application/json ; body={\"key\": \"value\", \"n\": 1} ; whole",
        ),
        ("$ https -v a.example/x", "httpie ; GET ; https://a.example/x ; whole"),
        ("http a.example a=b", "httpie ; POST ; http://a.example ; Content-Type: application/json ; body={\"a\": \"b\"} ; whole"),
        (
            "http --form POST https://a.example u=https://b.example/c",
            "httpie ; POST ; https://a.example ; Content-Type: application/x-www-form-urlencoded; charset=utf-8 ; body=u=https%3A%2F%2Fb.example%2Fc ; whole",
        ),
        ("http -v -A bearer -a abc https://a.example", "httpie ; GET ; https://a.example ; Authorization: Bearer abc ; whole"),
        (
            "http -a u:p https://a.example 'X-A;' X-B:",
            "httpie ; GET ; https://a.example ; X-A:  ; Authorization: Basic dTpw ; whole",
        ),
        ("http --auth-type=aws4 --auth u:p https://a.example", "httpie ; GET ; https://a.example"),
        ("echo '{}' | http POST https://a.example", "httpie ; POST ; https://a.example ; Content-Type: application/json ; whole"),
        (
            "http --timeout 2 https://a.example 'Authorization:Bearer abc'",
            "httpie ; GET ; https://a.example ; Authorization: Bearer abc ; whole",
        ),
    ];
    for (text, expected) in cases {
        check(text, &[expected]);
    }
}

#[test]
fn wget_and_powershell_are_read() {
    let cases: &[(&str, &str)] = &[
        (
            "wget -S -O- --header='x-api-key: abc' https://a.example/x",
            "wget ; GET ; https://a.example/x ; x-api-key: abc ; whole",
        ),
        (
            "wget --post-data 'a=1' --header 'A: b' a.example",
            "wget ; POST ; http://a.example ; Content-Type: application/x-www-form-urlencoded ; A: b ; body=a=1 ; whole",
        ),
        (
            "wget --quiet \\\n  --method PUT \\\n  --body-data 'x' \\\n  - 'https://a.example'",
            "wget ; PUT ; https://a.example ; Content-Type: application/x-www-form-urlencoded ; body=x",
        ),
        (
            "Invoke-WebRequest -UseBasicParsing -Uri \"https://a.example/x\" `\n-Method \"POST\" `\n-Headers @{\n\"x-api-key\"=\"abc\"\n  \"b\"=\"c=d; e\"\n} `\n-ContentType \"application/json\" `\n-Body \"{`\"a`\":1}\"",
            "powershell ; POST ; https://a.example/x ; x-api-key: abc ; b: c=d; e ; Content-Type: application/json ; body={\"a\":1} ; whole",
        ),
        (
            "$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession\n$session.UserAgent = \"Mozilla/5.0\"\nInvoke-WebRequest -Uri \"https://a.example\" `\n-WebSession $session `\n-Headers @{ 'a'='b' }",
            "powershell ; GET ; https://a.example ; a: b",
        ),
        (
            "$headers = New-Object \"System.Collections.Generic.Dictionary[[String],[String]]\"\n$headers.Add(\"x-api-key\", \"abc\")\n\n$body = @\"\n{`\"a`\": 1}\n\"@\n\n$response = Invoke-RestMethod 'https://a.example/x' -Method 'PUT' -Headers $headers\n$response | ConvertTo-Json",
            "powershell ; PUT ; https://a.example/x ; x-api-key: abc ; whole",
        ),
        (
            "curl -Uri https://a.example -Headers @{ a = 'b'; c = 'd' }",
            "powershell ; GET ; https://a.example ; a: b ; c: d ; whole",
        ),
        ("irm https://a.example", "powershell ; GET ; https://a.example ; whole"),
    ];
    for (text, expected) in cases {
        check(text, &[expected]);
    }
}

#[test]
fn prose_and_other_code_is_left_alone() {
    for text in [
        "http is slow",
        "https requests fail with 403",
        "HTTP/1.1 403 Forbidden",
        "https://a.example/x",
        "I fetch (often) the page",
        "wget fails",
        "url = \"https://a.example\"",
        "prefetch(\"https://a.example\")",
        "url = URI(\"https://a.example\")\nresponse = http.request(request)",
        "    conn.request(\n  File \"x.py\", line 3",
        "requests.exceptions.ConnectionError: (x)",
        "{\"url\": \"https://a.example\"}",
        "Invoke-WebRequest : The remote server returned an error: (403) Forbidden.",
        "At line:1 char:1\n+ Invoke-WebRequest https://a.example",
    ] {
        check(text, &[]);
    }
}

#[test]
fn lines_are_those_of_the_values() {
    let found = found("text\nfetch('https://a.example', {\n  headers: {\n    a: 'b'\n  }\n})\nHTTP/1.1 403");
    let request = &found.exchanges[0].request;
    assert_eq!((found.readers.as_slice(), request.target.as_ref().unwrap().line), (["fetch snippet"].as_slice(), 2));
    assert_eq!(request.headers[0].line, 4);
    let lines = Lines::new("fetch('https://a.example', {\n})\nHTTP/1.1 403");
    assert_eq!(read(&lines, 0, &mut Found::default()), Some(2));
}

#[test]
fn long_texts_take_linear_time() {
    for unit in [
        "fetch(\n",
        "fetch(`\n",
        "fetch({a:",
        "fetch([(",
        "url = \"\n",
        "import requests\nurl = 1\n",
        "requests.get('''\n",
        "x = {\n",
        "http -\\\n",
        "wget -\\\n",
        "$headers = @{\n",
        "irm https://x @{\n",
        "$body = @\"\n",
        "xhr.open(\n",
        "fetch(\"\".a(",
        "data = {\n\nfetch(\n",
        "http https ",
        "fetch(/*",
        "fetch(a+",
        "https.request(\n",
    ] {
        super::super::growth::check(unit, |text| drop(found(text)));
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(
        text in "(fetch\\(|url = |requests.get\\(|http |wget |irm |xhr.open\\(|\\$body = |axios\\()(?s).{0,100}",
        code in "(fetch\\(|data = |requests.post\\(|irm @)[\\\\\"'`(){}\\[\\],:+.=\n a-cfé/*#-]{0,80}",
    ) {
        found(&text);
        found(&code);
    }
}
