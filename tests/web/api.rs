//! The JSON API, as it is promised to others: these keys and types, no more and no less.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Site, escape};

/// Checks that an object has exactly these keys, each with a value of this kind.
fn shape(value: &Value, keys: &[(&str, &str)]) {
    let object = value.as_object().unwrap_or_else(|| panic!("an object, not {value}"));
    let have: BTreeSet<&str> = object.keys().map(String::as_str).collect();
    assert_eq!(have, keys.iter().map(|(k, _)| *k).collect(), "{value}");
    for (key, kinds) in keys {
        assert!(kinds.split('|').any(|k| k == kind(&value[*key])), "{key} is {}, not {kinds}", kind(&value[*key]));
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("a list, not {value}"))
}

const DIAGNOSIS: &[(&str, &str)] = &[
    ("symptoms", "list"),
    ("answers", "object"),
    ("skipped", "list"),
    ("tried", "list"),
    ("ignored", "list"),
    ("state", "text"),
    ("question", "object|null"),
    ("causes", "list"),
    ("expected_questions", "number|null"),
    ("url", "text"),
];

fn diagnosis(value: &Value) {
    if !value["question"].is_null() {
        shape(&value["question"], &[("slug", "text"), ("title", "text"), ("why", "text"), ("options", "list")]);
        for option in list(&value["question"]["options"]) {
            shape(option, &[("id", "text"), ("label", "text"), ("url", "text")]);
        }
    }
    for ignored in list(&value["ignored"]) {
        shape(ignored, &[("key", "text"), ("value", "text"), ("why", "text")]);
    }
    let cause =
        [("slug", "text"), ("title", "text"), ("url", "text"), ("probability", "number"), ("for", "list"), ("against", "list")];
    for value in list(&value["causes"]) {
        shape(value, &cause);
        assert_eq!(value["url"], format!("/fix/{}", value["slug"].as_str().unwrap_or_default()));
    }
}

#[test]
fn a_search_has_the_promised_shape() {
    let site = Site::start();
    let query = "Missing Authentication Token & \"more\"";
    let answer = site.get(&format!("/api/v1/search?limit=7&q={}", escape(query)));
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    let json = answer.json();
    shape(&json, &[("query", "text"), ("total", "number"), ("results", "list")]);
    assert_eq!(json["query"], query);
    assert_eq!(list(&json["results"]).len(), 7);
    assert!(json["total"].as_u64() >= Some(7));
    let result =
        [("kind", "text"), ("slug", "text"), ("title", "text"), ("url", "text"), ("score", "number"), ("snippet", "text")];
    let mut last = f64::INFINITY;
    for value in list(&json["results"]) {
        shape(value, &result);
        assert!(["entry", "symptom", "question"].contains(&value["kind"].as_str().unwrap_or_default()), "{value}");
        assert_eq!(site.get(value["url"].as_str().unwrap_or_default()).status, 200, "{value}");
        let score = value["score"].as_f64().unwrap_or_default();
        assert!(score <= last + 0.001, "the best come first");
        last = score;
    }
    let nothing = site.get("/api/v1/search?q=zyzzyva").json();
    assert_eq!(nothing, serde_json::json!({"query": "zyzzyva", "total": 0, "results": []}));
}

#[test]
fn a_diagnosis_has_the_promised_shape_in_every_state() {
    let site = Site::start();
    let states: BTreeSet<String> = [
        "",
        "?symptom=missing-authentication-token&url-shape=stage-root&skip=verb&tried=verb-not-defined&x=y",
        "?symptom=missing-authentication-token&other-paths=others-work&resource-path=defined&url-shape=stage-root",
        "?symptom=missing-authentication-token&url-shape=no-stage&verb=not-defined",
    ]
    .into_iter()
    .map(|query| {
        let answer = site.get(&format!("/api/v1/diagnose{query}"));
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
        let json = answer.json();
        shape(&json, DIAGNOSIS);
        diagnosis(&json);
        json["state"].as_str().unwrap_or_default().to_owned()
    })
    .collect();
    assert_eq!(states, ["ask", "fix", "no-known-cause"].map(str::to_owned).into());
    let json = site
        .get("/api/v1/diagnose?tried=verb-not-defined&symptom=missing-authentication-token&skip=verb&url-shape=stage-root&x=y")
        .json();
    assert_eq!(json["symptoms"], serde_json::json!(["missing-authentication-token"]));
    assert_eq!(json["answers"], serde_json::json!({"url-shape": "stage-root"}));
    assert_eq!(json["skipped"], serde_json::json!(["verb"]));
    assert_eq!(json["tried"], serde_json::json!(["verb-not-defined"]));
    assert_eq!((&json["ignored"][0]["key"], &json["ignored"][0]["value"]), (&"x".into(), &"y".into()));
    let sum: f64 = list(&json["causes"]).iter().filter_map(|c| c["probability"].as_f64()).sum();
    assert!((sum - 1.0).abs() < 1e-9, "every cause is there: {sum}");
    let url = "/diagnose?symptom=missing-authentication-token&url-shape=stage-root&skip=verb&tried=verb-not-defined";
    assert_eq!(json["url"], url, "the address is the whole state");
}

#[test]
fn an_explanation_has_the_promised_shape() {
    let site = Site::start();
    let mut keys = DIAGNOSIS.to_vec();
    keys.extend([
        ("reader", "text"),
        ("read", "list"),
        ("disagreements", "list"),
        ("redacted", "text"),
        ("redactions", "number"),
    ]);
    for text in ["{\"message\":\"Missing Authentication Token\"}", "nothing that anybody knows", ""] {
        let json = site.post("/api/v1/explain", &[("content-type", "text/plain")], text.as_bytes()).json();
        shape(&json, &keys);
        diagnosis(&json);
        for read in list(&json["read"]) {
            shape(read, &[("question", "text"), ("option", "text"), ("line", "number"), ("because", "text")]);
        }
    }
    let json = site.post("/api/v1/explain", &[], b"\xff\xfe {\"message\":\"Forbidden\"} \x00").json();
    assert_eq!(json["symptoms"], serde_json::json!(["forbidden"]), "bytes that are no text do not hide the rest");
}

#[test]
fn the_limit_of_a_search_is_a_number_in_bounds() {
    let site = Site::start();
    for (limit, count) in [("1", 1), ("3", 3), ("", 10)] {
        let json = site.get(&format!("/api/v1/search?q=forbidden&limit={limit}")).json();
        assert_eq!(list(&json["results"]).len(), count, "limit={limit}");
    }
    for limit in ["abc", "0", "-1", "101", "1e3", "99999999999999999999", "%00"] {
        let answer = site.get(&format!("/api/v1/search?q=forbidden&limit={limit}"));
        assert_eq!(answer.status, 400, "limit={limit}");
        shape(&answer.json()["error"], &[("code", "text"), ("message", "text")]);
    }
}
