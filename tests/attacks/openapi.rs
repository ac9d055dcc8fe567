//! The description of the API, and a program that holds the API to it.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::Site;

/// Requests for each address; more are sent by hand before a release.
const EXAMPLES: &str = "25";

fn description(site: &Site) -> Value {
    let answer = site.get("/api/openapi.json");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    answer.json()
}

/// The addresses of the API with their methods, as the table of permissions has them. That one is made from the router.
fn routed() -> BTreeSet<(String, String)> {
    let table = include_str!("../fixtures/permissions.txt");
    let rows = table.lines().filter(|line| line.starts_with("/api/"));
    let words = rows.map(|row| row.split_whitespace().collect::<Vec<_>>());
    let methods = words.flat_map(|row| {
        let path = row[0].to_owned();
        row.into_iter()
            .filter(|w| matches!(*w, "GET" | "POST" | "PUT" | "PATCH" | "DELETE"))
            .map(move |m| (path.clone(), m.to_lowercase()))
    });
    methods.collect()
}

#[test]
fn the_description_has_every_address_of_the_api_and_no_other() {
    let description = description(&Site::start());
    let paths = description["paths"].as_object().expect("it has paths");
    let described = paths.iter().flat_map(|(path, item)| {
        item.as_object().expect("a path has methods").keys().map(move |method| (path.clone(), method.clone()))
    });
    assert_eq!(described.collect::<BTreeSet<_>>(), routed());
}

/// Every `$ref` below a value.
fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|v| references(v, found));
        }
        Value::Array(items) => items.iter().for_each(|v| references(v, found)),
        _ => {}
    }
}

#[test]
fn the_description_is_whole() {
    let description = description(&Site::start());
    assert_eq!(description["openapi"], "3.1.0");
    let mut found = BTreeSet::new();
    references(&description, &mut found);
    for reference in &found {
        let pointer = reference.strip_prefix('#').expect("it points into itself");
        assert!(description.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    let schemas = description["components"]["schemas"].as_object().expect("it has schemas");
    for name in schemas.keys() {
        assert!(found.contains(format!("#/components/schemas/{name}").as_str()), "nothing has the shape {name}");
    }
    let mut names = BTreeSet::new();
    for (path, item) in description["paths"].as_object().expect("it has paths") {
        for (method, operation) in item.as_object().expect("a path has methods") {
            assert!(operation["summary"].as_str().is_some_and(|s| s.ends_with('.')), "{method} {path} says what it does");
            assert!(names.insert(operation["operationId"].to_string()), "{path} has a name of its own");
            let answers = operation["responses"].as_object().expect("it has answers");
            assert!(answers.contains_key("200") && answers.contains_key("401"), "{method} {path}");
            for (status, answer) in answers.iter().filter(|(status, _)| status.as_str() >= "400") {
                let shape = &answer["content"]["application/json"]["schema"]["$ref"];
                assert_eq!(shape, "#/components/schemas/Error", "{method} {path} {status}");
            }
        }
    }
}

#[test]
fn the_api_keeps_what_its_description_promises() {
    let site = Site::start();
    let token = site.sign_in("editor").make_token("write");
    for proof in [vec![], vec!["--header".to_owned(), format!("Authorization: Bearer {token}")]] {
        let examples = std::env::var("FIXPATH_EXAMPLES").unwrap_or_else(|_| EXAMPLES.to_owned());
        let mut run = Command::new("python3");
        run.args(["-m", "schemathesis.cli", "run", &site.url("/api/openapi.json"), "--max-examples", &examples]);
        run.args(["--phases", "examples,coverage,fuzzing", "--mode", "all", "--seed", "7", "--no-color"]).args(&proof);
        let done =
            run.current_dir(site.data.parent().expect("it has a parent")).stdin(Stdio::null()).output().expect("python3 runs");
        let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
        assert!(
            !said.contains("No module named"),
            "these tests need schemathesis: run `python3 -m pip install schemathesis`, or .ci/run"
        );
        assert!(done.status.success(), "{said}");
    }
    assert!(!site.errors().contains("panicked"), "{}", site.errors());
}
