//! What archives give.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn read(har: &Json) -> Found {
    let mut found = Found::default();
    take(har, &|_| 7, &mut found);
    found
}

fn har(creator: &str, entries: Json) -> Json {
    json!({"log": {"version": "1.2", "creator": {"name": creator, "version": "1"}, "entries": entries}})
}

/// An entry as browsers write it.
fn entry() -> Json {
    json!({
        "startedDateTime": "2026-01-01T00:00:00.000Z",
        "time": 12.5,
        "request": {
            "method": "POST",
            "url": "https://abc123defg.execute-api.us-east-1.amazonaws.com/prod/users?a=b",
            "httpVersion": "http/2.0",
            "headers": [
                {"name": ":authority", "value": "abc123defg.execute-api.us-east-1.amazonaws.com"},
                {"name": "origin", "value": "https://app.example"}
            ],
            "queryString": [{"name": "a", "value": "b"}],
            "cookies": [],
            "postData": {"mimeType": "application/json", "text": "{\"a\":1}"}
        },
        "response": {
            "status": 403,
            "statusText": "Forbidden",
            "headers": [{"name": "x-amzn-errortype", "value": "ForbiddenException"}],
            "content": {"size": 23, "mimeType": "application/json", "text": "eyJtZXNzYWdlIjoiRm9yYmlkZGVuIn0=", "encoding": "base64"}
        },
        "timings": {}
    })
}

/// The entry with one of its parts replaced.
fn with(pointer: &str, value: Json) -> Json {
    let mut entry = entry();
    *entry.pointer_mut(pointer).unwrap() = value;
    entry
}

#[test]
fn an_entry_becomes_an_exchange() {
    let found = read(&har("Firefox", json!([entry()])));
    let (request, response) = (&found.exchanges[0].request, found.exchanges[0].response.as_ref().unwrap());
    let target = &request.target.as_ref().unwrap().value;
    assert_eq!((target.host.as_str(), target.path.as_str()), ("abc123defg.execute-api.us-east-1.amazonaws.com", "/prod/users"));
    assert_eq!((request.headers.len(), request.whole, request.client), (1, true, "browser"));
    assert_eq!((request.verb.as_ref().unwrap().line, request.body.as_ref().unwrap().value.as_str()), (7, "{\"a\":1}"));
    assert_eq!(response.body.as_ref().unwrap().value, "{\"message\":\"Forbidden\"}");
    assert_eq!(found.errors[0].code.as_deref(), Some("ForbiddenException"));
    assert_eq!(found.readers, ["HAR"]);
}

#[test]
fn a_sanitized_archive_is_not_whole() {
    assert!(!read(&har("WebInspector", json!([entry()]))).exchanges[0].request.whole);
    let header = json!([{"name": "Authorization", "value": "Bearer abc"}]);
    let shown = with("/request/headers", header);
    assert!(read(&har("WebInspector", json!([shown]))).exchanges[0].request.whole);
    assert!(!read(&har("Firefox", json!([with("/request/headers", json!([]))]))).exchanges[0].request.whole);
}

#[test]
fn parts_of_the_wrong_type_are_skipped() {
    let entries = json!([
        1,
        {"request": {"method": "GET"}},
        with("/request/headers", json!("none")),
        with("/response/content", json!(null)),
        with("/request/postData", json!({"params": [{"name": "a", "value": "b"}, 3, {"name": "c"}]})),
    ]);
    let found = read(&har("Firefox", entries));
    let bodies: Vec<_> = found.exchanges.iter().map(|e| e.request.body.as_ref().map(|b| b.value.as_str())).collect();
    assert_eq!(bodies, [Some("{\"a\":1}"), Some("{\"a\":1}"), Some("a=b&c=")]);
    for other in [json!([]), json!({"log": 1}), json!({"log": {"entries": {}}})] {
        assert!(!take(&other, &|_| 1, &mut Found::default()));
    }
}

#[test]
fn a_request_that_was_not_answered_is_a_failure() {
    for (error, expected) in [
        ("net::ERR_NAME_NOT_RESOLVED", Some(Failure::NoName)),
        ("net::ERR_CONNECTION_REFUSED", Some(Failure::Refused)),
        ("net::ERR_CONNECTION_TIMED_OUT", Some(Failure::TimeOut)),
        ("net::ERR_CERT_COMMON_NAME_INVALID", Some(Failure::Tls)),
        ("net::ERR_FAILED", None),
        ("NS_ERROR_UNKNOWN_HOST", Some(Failure::NoName)),
    ] {
        let blocked = with("/response", json!({"status": 0, "headers": [], "content": {}, "_error": error}));
        let found = read(&har("WebInspector", json!([blocked])));
        assert_eq!(found.failures.first().map(|f| f.value), expected, "{error}");
        assert!(found.exchanges[0].response.is_none());
    }
}

#[test]
fn files_that_arrived_are_left_out() {
    let mut image = with("/response/status", json!(200));
    image["response"]["content"] = json!({"mimeType": "image/png"});
    assert!(read(&har("Firefox", json!([image]))).exchanges.is_empty());
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        ".*".prop_map(Json::from)
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::hash_map("(name|value|status|text|encoding|params)", inner, 0..4)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

const PARTS: &[&str] = &[
    "/request",
    "/request/url",
    "/request/method",
    "/request/headers",
    "/request/headers/0/value",
    "/request/postData",
    "/response",
    "/response/status",
    "/response/headers",
    "/response/content",
    "/response/content/text",
    "/response/content/encoding",
];

proptest! {
    #[test]
    fn any_value_anywhere_is_read_without_a_panic(part in prop::sample::select(PARTS), value in any_json()) {
        read(&har("Chrome", json!([with(part, value), entry()])));
    }
}
