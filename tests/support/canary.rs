//! Pastes with secrets in every place where people leave them, to be looked for in what the program gives out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// A paste, and what must not be seen of it.
pub struct Planted {
    pub text: String,
    pub secrets: Vec<String>,
}

/// The places. `<S>` is a secret as it is, `<U>` percent-encoded, `<J>` in a JSON string, `<X>` in XML, `<B>` as the password
/// of Basic authentication, `<L>` in base64 over several lines.
const TEMPLATES: &[&str] = &[
    "curl -v -H 'x-api-key: <S>' https://abc.execute-api.us-east-1.amazonaws.com/prod/orders",
    "curl -H \"Authorization: Bearer <J>\" -H \"Cookie: session=<J>; theme=<J>\" \"https://api.example.com/orders?token=<U>&page=1\"",
    "$ curl -sSu user:<U> -X POST --data 'grant_type=client_credentials&client_secret=<U>' https://a.auth.eu-west-1.amazoncognito.com/oauth2/token",
    "curl --user 'alice:<U>' \\\n  --header $'x-api-key: <J>' \\\n  --data-raw $'{\"password\":\"<J>\"}' \\\n  --compressed 'https://h.example.org/<U>/x'",
    "curl ^\"https://h.example.com/x?code=<U>^&state=<U>^\" ^\n  -H ^\"authorization: <U>^\" ^\n  --data-raw ^\"^{^\\^\"password^\\^\":^\\^\"<U>^\\^\"^}^\"",
    "curl -d @- -b 'sid=<S>' --cookie=tok=<U> --oauth2-bearer <U> -Hx-api-key:<U> --json '{\"pin\": \"<J>\",\n \"more\": \"<J>\"\n}' localhost:3000/dev",
    "curl --aws-sigv4 aws:amz:us-east-1:execute-api -u AKIAEXAMPLEEXAMPLE12:<U> -H 'x-amz-security-token: <S>' https://x.execute-api.us-east-1.amazonaws.com/",
    "curl -F 'file=@a.txt' -F password=<U> --form-string 'note=<S>' https://u:<U>@h.example.com/",
    "> GET /prod/x?api_key=<U> HTTP/1.1\n> Host: abc.execute-api.us-east-1.amazonaws.com\n> X-Custom: <S>\n> x-api-key: <S>\n>\n< HTTP/1.1 403 Forbidden\n< set-cookie: a=<S>; Path=/\n< x-amzn-RequestId: <S>\n<\n{\"message\":\"Forbidden\",\"token\":\"<J>\"}",
    "POST /prod/login HTTP/1.1\nHost: example.com\nContent-Type: application/x-www-form-urlencoded\n\nusername=<U>&password=<U>\n\nHTTP/1.1 200 OK\nContent-Type: application/json\n\n{\"access_token\": \"<J>\", \"expires_in\": 3600}",
    "POST /x HTTP/1.1\nHost: example.com\nContent-Type: application/json\n\n{\n  \"card\": \"<J>\",\n  \"x\": [\"<J>\"]\n}\n\nHTTP/1.1 400 Bad Request\n\n{\"message\": \"no value for <J>\"}",
    "* h2 [:path: /x?sig=<U>]\n* [HTTP/2] [1] [authorization: Bearer <S>]\n* [HTTP/2] [1] [x-api-key: <S>]",
    "fetch(\"https://h.example.com/a?token=<U>\", {\n  \"headers\": {\n    \"authorization\": \"<J>\",\n    \"x-api-key\": \"<J>\",\n    \"x-unusual\": \"<J>\"\n  },\n  \"body\": \"{\\\"password\\\":\\\"<U>\\\"}\",\n  \"method\": \"POST\"\n});",
    "await fetch(url, { headers: { Authorization: `Bearer <U>`, 'x-api-key': '<U>' }, body: 'client_secret=<U>' })",
    "{\"log\":{\"entries\":[{\"request\":{\"method\":\"GET\",\"url\":\"https://h.example.com/?code=<U>\",\"headers\":[{\"name\":\"Authorization\",\"value\":\"<J>\"},{\"name\":\"X-Secret-Thing\",\"value\":\"<J>\"}],\"cookies\":[{\"name\":\"sid\",\"value\":\"<J>\"}],\"postData\":{\"mimeType\":\"application/json\",\"text\":\"{\\\"password\\\":\\\"<U>\\\"}\"}}}]}}",
    "\"headers\": [\n  {\n    \"name\": \"x-api-key\",\n    \"value\": \"<J>\"\n  },\n  {\n    \"name\": \"cookie\",\n    \"value\": \"a=<J>\"\n  }\n],\n\"queryString\": [\n  {\n    \"name\": \"token\",\n    \"value\": \"<J>\"\n  }\n]",
    "Invoke-WebRequest -Uri \"https://h.example.com/x?k=<U>\" -Headers @{\n\"authorization\"=\"<U>\"\n  \"x-api-key\"=\"<U>\"\n} -Body \"password=<U>\"",
    "$session.Cookies.Add((New-Object System.Net.Cookie(\"sid\", \"<U>\", \"/\", \"h.example.com\")))",
    "http POST h.example.com/orders x-api-key:<U> Authorization:\"Bearer <U>\" password=<U> q==<U>",
    "authorization: AWS4-HMAC-SHA256 Credential=AKIAEXAMPLEEXAMPLE34/20260101/us-east-1/execute-api/aws4_request, SignedHeaders=host;x-amz-date, Signature=<U>\nx-amz-security-token: <S>\nx-amz-content-sha256: <S>",
    "https://b.s3.amazonaws.com/k/<U>?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=<U>%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Security-Token=<U>&X-Amz-Signature=<U>",
    "https://app.example.com/callback?code=<U>&state=<U>#access_token=<U>&id_token=<U>",
    "https://a.auth.us-east-1.amazoncognito.com/oauth2/authorize?client_id=<U>&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb%3Fkey%3D<U>&scope=openid+<U>",
    "My password is <S> and it does not work. Who can help?",
    "I sent the key <S> in the header, then the token \"<S>\" and then (<S>).",
    "botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the GetObject operation: User: arn:aws:iam::123456789012:user/<U> is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::<U>/x\"",
    "'<J>' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer <J>'.",
    "{'ResponseMetadata': {'RequestId': '<U>', 'HTTPHeaders': {'x-amz-id-2': '<U>'}}, 'Token': '<U>', 'data': b'<U>'}",
    "(6a1d) Method request headers: {Authorization=<U>, x-api-key=<U>, Host=abc.execute-api.us-east-1.amazonaws.com}\n(6a1d) Method request query string: {token=<U>}\n(6a1d) Method request body before transformations: password=<U>\n(6a1d) Endpoint request body after transformations: {\"a\":\"<J>\"}",
    "2026-01-01T00:00:00Z\t5b1c\tINFO\tevent {\"headers\":{\"Authorization\":\"Bearer <J>\"},\"body\":\"<J>\"}",
    "DB_PASSWORD=<S>\nexport API_TOKEN=<S>\nSECRET_KEY='<U>'\nSTRIPE=\"<J>\"",
    "service:\n  api_key: <S>\n  password: \"<J>\"\n  url: https://u:<U>@h.example.com\n  hosts:\n    - <S>",
    "[default]\naws_access_key_id = AKIAEXAMPLEEXAMPLE56\naws_secret_access_key = <S>\naws_session_token = <S>",
    "{\"AccessKeyId\": \"ASIAEXAMPLEEXAMPLE78\", \"SecretAccessKey\": \"<J>\", \"SessionToken\": \"<J>\"}",
    "postgres://app:<U>@db.example.com:5432/orders?sslpassword=<U>\nServer=h;User Id=sa;Password=<U>;Database=x",
    "-----BEGIN RSA PRIVATE KEY-----\n<L>\n-----END RSA PRIVATE KEY-----",
    "The certificate is\n<L>\nand it does not work",
    "INSERT INTO users (name, password) VALUES ('<U>', '<U>');\nSELECT * FROM t WHERE token = '<U>'",
    "resource \"aws_api_gateway_api_key\" \"k\" {\n  name  = \"x\"\n  value = \"<J>\"\n}\nvariable \"s\" {\n  default = \"<J>\"\n}",
    "<Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId><X></AWSAccessKeyId><SignatureProvided><X></SignatureProvided><HostId><X></HostId><Token><X></Token></Error>",
    "Authorization: Basic <B>\nProxy-Authorization: Basic <B>",
    "authorization\nBearer <S>\nx-api-key\n<S>\ncookie:\nsid=<S>",
    "req.Header.Add(\"x-api-key\", \"<J>\")\nrequest.setRequestHeader('Authorization', '<U>')\nhttp.Header{\"Authorization\":[]string{\"<J>\"}}\nmap[X-Api-Key:[<U>]]",
    "requests.post(url, headers={'x-api-key': '<U>'}, auth=('user', '<U>'), data={'secret': '<U>'})",
    "aws secretsmanager create-secret --name x --secret-string '<S>'\naws cognito-idp initiate-auth --auth-parameters USERNAME=a,PASSWORD=<U> --client-id <U>",
    "The Canonical String for this request should have been\\n'GET\\n/prod/x\\ntoken=<U>\\nhost:<U>.execute-api.us-east-1.amazonaws.com\\nx-api-key:<U>\\n\\nhost\\n<U>'",
];

/// Pastes made of the places above, each place with a secret of its own; the same for the same seed.
pub fn list_pastes(seed: u64, count: usize) -> Vec<Planted> {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    (0..count).map(|n| plant(TEMPLATES[n % TEMPLATES.len()], &mut dice)).collect()
}

/// A paste with a plain word in one of its places, which may well be a password.
pub struct Place {
    pub text: String,
    /// What stands before the place in its template.
    pub before: &'static str,
}

/// Each place in turn with the word, among secrets in the other places.
pub fn list_places(word: &str) -> Vec<Place> {
    let mut dice = Dice(1);
    TEMPLATES.iter().flat_map(|template| plant_in_turn(template, word, &mut dice)).collect()
}

fn plant_in_turn(template: &'static str, word: &str, dice: &mut Dice) -> Vec<Place> {
    let (mut places, mut at) = (Vec::new(), 0);
    while let Some((next, _)) = find_mark(&template[at..]) {
        let (before, after) = (&template[..at + next], &template[at + next + 3..]);
        places.push(Place { text: [&plant(before, dice).text, word, &plant(after, dice).text].concat(), before });
        at += next + 3;
    }
    places
}

/// How many pastes use every place once.
pub fn one_round() -> usize {
    TEMPLATES.len()
}

fn plant(template: &str, dice: &mut Dice) -> Planted {
    let (mut text, mut secrets) = (String::new(), Vec::new());
    let mut rest = template;
    while let Some((at, mark)) = find_mark(rest) {
        text.push_str(&rest[..at]);
        let secret = match mark {
            'L' => STANDARD.encode((0..150).map(|_| dice.next() as u8).collect::<Vec<u8>>()),
            _ => dice.secret(),
        };
        text.push_str(&written(&secret, mark));
        secrets.push(secret);
        rest = &rest[at + 3..];
    }
    text.push_str(rest);
    Planted { text, secrets }
}

fn find_mark(text: &str) -> Option<(usize, char)> {
    ["<S>", "<U>", "<J>", "<X>", "<B>", "<L>"].iter().filter_map(|m| Some((text.find(m)?, m.chars().nth(1)?))).min()
}

fn written(secret: &str, mark: char) -> String {
    match mark {
        'U' => utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
        'J' => json(secret),
        'X' => html(secret),
        'B' => STANDARD.encode(format!("user:{secret}")),
        'L' => secret.as_bytes().chunks(64).map(|c| String::from_utf8_lossy(c).into_owned()).collect::<Vec<_>>().join("\n"),
        _ => secret.to_owned(),
    }
}

fn json(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap_or_default();
    quoted.trim_matches('"').to_owned()
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// The ways in which a secret can be written.
pub fn forms(secret: &str) -> Vec<String> {
    let encoded = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
    let mut forms = vec![secret.to_owned(), encoded.clone(), lower_escapes(&encoded), json(secret), html(secret)];
    // What base64 makes of a secret depends on where in a group of three it begins; its inner part does not.
    for shift in 0..3 {
        let whole = STANDARD.encode([vec![b'.'; shift], secret.as_bytes().to_vec()].concat());
        let end = whole.trim_end_matches('=').len();
        let inner = whole.get(if shift == 0 { 0 } else { 4 }..end.saturating_sub(3)).unwrap_or("");
        if inner.len() >= 8 {
            forms.push(inner.to_owned());
        }
    }
    forms.sort();
    forms.dedup();
    forms
}

fn lower_escapes(text: &str) -> String {
    let (mut out, mut left) = (String::new(), 0);
    for c in text.chars() {
        left = if c == '%' { 3_u8 } else { left }.saturating_sub(1);
        out.push(if c != '%' && left < 2 && out.len() > 1 && escapes_before(&out) { c.to_ascii_lowercase() } else { c });
    }
    out
}

fn escapes_before(text: &str) -> bool {
    text.chars().rev().take(2).any(|c| c == '%')
}

/// A small generator, so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, most: usize) -> usize {
        (self.next() % most as u64) as usize
    }

    fn letters(&mut self, from: &str, length: usize) -> String {
        (0..length).map(|_| from.as_bytes()[self.below(from.len())] as char).collect()
    }

    fn secret(&mut self) -> String {
        const SMALL: &str = "abcdefghijklmnopqrstuvwxyz";
        const MIXED: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        const ALL: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        let more = self.below(24);
        match self.below(9) {
            0 => self.letters(ALL, 12 + more),
            1 => self.letters(&format!("{ALL}{ALL}{ALL}+/"), 20 + more) + "=",
            2 => self.letters("0123456789abcdef", 32),
            3 => self.letters("0123456789", 8 + more / 2),
            4 => self.letters(&format!("{ALL}{ALL}-_"), 20 + more),
            5 => self.letters(SMALL, 16 + more / 2),
            6 => self.letters(MIXED, 16 + more / 2),
            7 => self.letters(MIXED, 2) + &self.letters(&format!("{ALL}!@#$%&*+-=?_.:/"), 10 + more / 3),
            _ => format!("eyJ{}.eyJ{}.{}", self.letters(ALL, 20), self.letters(ALL, 30), self.letters(ALL, 43)),
        }
    }
}
