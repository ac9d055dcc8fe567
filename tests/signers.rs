//! Real signers against a server on this machine: the canonical request that Fixpath builds from what arrives, signed with the
//! same key, has to give the signature that curl and botocore put into it. Wants `curl` and Python with `botocore`.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use fixpath::evidence::Lines;
use fixpath::evidence::derive::signature::canonical_request;
use fixpath::evidence::readers::read;
use fixpath::evidence::wire::{Request, find_header};
use sha2::{Digest as _, Sha256};

const KEY: &str = "AKIAFAKEFAKEFAKEFAKE";
const SECRET: &str = "FAKESECRETFAKESECRETFAKESECRETFAKESECRET";

/// Takes the request of a client, answers it, and gives its text.
fn receive(mut stream: TcpStream) -> String {
    stream.set_nonblocking(false).expect("it can wait");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout can be set");
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    while !is_whole(&bytes) {
        let count = stream.read(&mut part).expect("the client sends its request");
        assert!(count > 0, "the client closed in the middle of {}", String::from_utf8_lossy(&bytes));
        bytes.extend_from_slice(&part[..count]);
    }
    answer(&mut stream);
    String::from_utf8(bytes).expect("the requests here are text")
}

fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    body.len() >= length.unwrap_or(0)
}

fn answer(stream: &mut TcpStream) {
    let sent = stream.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}");
    sent.expect("the client reads the answer");
}

/// Runs a client that calls the port that it is told, and gives the request that arrived.
fn call(client: impl FnOnce(u16) -> Command) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    let mut command = client(port);
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut child = child.unwrap_or_else(|e| panic!("{:?} cannot be run: {e}; .ci/run installs it", command.get_program()));
    listener.set_nonblocking(true).expect("it can be polled");
    let stream = loop {
        match (listener.accept(), child.try_wait()) {
            (Ok((stream, _)), _) => break stream,
            (Err(_), Ok(Some(status))) => {
                let mut said = String::new();
                let _read = child.stderr.take().map(|mut e| e.read_to_string(&mut said));
                panic!("the client ended with {status} and sent nothing: {said}");
            }
            _ => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let text = receive(stream);
    let _status = child.wait();
    text
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key);
    let padded = |with: u8| block.map(|b| b ^ with);
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Signs what Fixpath makes of a request, and compares with what the client wrote into it.
fn check(text: &str) {
    let found = read(&Lines::new(text));
    let request: &Request = &found.exchanges.first().unwrap_or_else(|| panic!("no request is read from {text}")).request;
    let canonical = canonical_request(request).unwrap_or_else(|| panic!("no canonical request for {text}"));
    let header = &find_header(&request.headers, "authorization").expect("it is signed").value;
    let part = |name: &str| {
        let rest = header.split_once(name).unwrap_or_else(|| panic!("no {name} in {header}")).1;
        rest.split(',').next().unwrap_or_default().trim().to_owned()
    };
    let scope = part("Credential=").split_once('/').expect("the scope follows the key").1.to_owned();
    let date = &find_header(&request.headers, "x-amz-date").expect("the date is sent").value;
    let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(&canonical)));
    let start = format!("AWS4{SECRET}").into_bytes();
    let key = scope.split('/').fold(start, |key, word| hmac(&key, word));
    assert_eq!(hex(&hmac(&key, &to_sign)), part("Signature="), "{canonical}\n--\n{text}");
}

#[test]
fn curl_signs_what_is_built() {
    for (path, service, more) in [
        ("/prod/items", "execute-api", &[][..]),
        ("/prod/items?a=1&b=two", "execute-api", &[]),
        ("/prod/items", "execute-api", &["-d", "{\"a\":1}", "-H", "Content-Type: application/json"]),
        ("/prod/items", "execute-api", &["-X", "DELETE", "-H", "X-Amz-Security-Token: FAKETOKEN"]),
    ] {
        let text = call(|port| {
            let mut curl = Command::new("curl");
            curl.args(["-sS", "--noproxy", "*", "--user", &format!("{KEY}:{SECRET}"), "--aws-sigv4"]);
            curl.arg(format!("aws:amz:us-east-1:{service}")).args(more).arg(format!("http://127.0.0.1:{port}{path}"));
            curl
        });
        check(&text);
    }
}

/// Signs with botocore and sends with its own session.
const BOTOCORE: &str = "
import sys
from botocore.auth import SigV4Auth, S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session
kind, verb, url, body, token = sys.argv[1:6]
headers = {'X-Note': ' two  blanks '}
request = AWSRequest(method=verb, url=url, data=body.encode() or None, headers=headers)
keys = Credentials(sys.argv[6], sys.argv[7], token or None)
signer = S3SigV4Auth(keys, 's3', 'us-east-1') if kind == 's3' else SigV4Auth(keys, kind, 'us-east-1')
signer.add_auth(request)
URLLib3Session().send(request.prepare())
";

#[test]
fn botocore_signs_what_is_built() {
    for (kind, verb, path, body, token) in [
        ("execute-api", "GET", "/prod/items", "", ""),
        ("execute-api", "GET", "/prod/a%20b/c%28d%29?z=1&a=%2F&a=2", "", ""),
        ("execute-api", "POST", "/prod/items", "{\"a\": 1}", "FAKETOKEN"),
        ("s3", "PUT", "/bucket/a%20b/%C3%A4.txt", "text", ""),
        ("s3", "GET", "/bucket?list-type=2&prefix=a%2Fb", "", "FAKETOKEN"),
    ] {
        let text = call(|port| {
            let mut python = Command::new("python3");
            python.args(["-c", BOTOCORE, kind, verb, &format!("http://127.0.0.1:{port}{path}"), body, token, KEY, SECRET]);
            for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
                python.env_remove(name);
            }
            python.env("no_proxy", "127.0.0.1");
            python
        });
        check(&text);
    }
}
