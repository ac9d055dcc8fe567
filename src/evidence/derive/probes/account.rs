//! The policy of a function, and who calls.

use serde_json::Value as Json;

use super::super::super::facts::Facts;
use super::{Output, agree, find_api_id, of, text, yes};

pub fn derive(all: &[Output<'_>], facts: &mut Facts) {
    for output in of(all, &["lambda get-policy"]) {
        derive_policy(output, facts);
    }
    for output in of(all, &["sts get-caller-identity"]) {
        match output.refusal() {
            Some(_) => agree(&mut facts.account.identity, "no", output.line),
            None if output.value.is_object() => agree(&mut facts.account.identity, "yes", output.line),
            None => {}
        }
    }
    for output in of(all, &["configure list"]) {
        let set = |name: &str| output.value.get(name).and_then(Json::as_bool);
        if let (Some(key), Some(secret)) = (set("access_key"), set("secret_key")) {
            agree(&mut facts.account.has_credentials, yes(key && secret), output.line);
        }
    }
}

fn derive_policy(output: &Output<'_>, facts: &mut Facts) {
    if let Some(code) = output.refusal() {
        if code == "ResourceNotFoundException" {
            agree(&mut facts.account.lambda_allows, "no", output.line);
        }
        return;
    }
    let parsed = text(output.value, "Policy").and_then(|policy| serde_json::from_str::<Json>(policy).ok());
    let policy = parsed.as_ref().unwrap_or(output.value);
    let Some(statements) = policy.get("Statement").and_then(Json::as_array) else { return };
    let allowing: Vec<&Json> = statements.iter().filter(|statement| allows(statement)).collect();
    agree(&mut facts.account.lambda_allows, yes(!allowing.is_empty()), output.line);
    if let Some(id) = find_api_id(facts).map(str::to_owned)
        && !allowing.is_empty()
    {
        let same = allowing.iter().any(|statement| names(statement, &id));
        agree(&mut facts.account.lambda_same_api, yes(same), output.line);
    }
}

/// A statement that lets API Gateway call the function.
fn allows(statement: &Json) -> bool {
    let holds = |value: Option<&Json>, wanted: &[&str]| match value {
        Some(Json::String(one)) => wanted.contains(&one.as_str()),
        Some(Json::Array(all)) => all.iter().filter_map(Json::as_str).any(|one| wanted.contains(&one)),
        _ => false,
    };
    text(statement, "Effect") == Some("Allow")
        && holds(statement.pointer("/Principal/Service"), &["apigateway.amazonaws.com"])
        && holds(statement.get("Action"), &["lambda:InvokeFunction", "lambda:*", "*"])
}

/// No condition names another API than this one.
fn names(statement: &Json, id: &str) -> bool {
    let Some(conditions) = statement.get("Condition").and_then(Json::as_object) else { return true };
    let arns: Vec<&str> = conditions
        .values()
        .filter_map(Json::as_object)
        .flatten()
        .filter(|(key, _)| key.eq_ignore_ascii_case("aws:SourceArn"))
        .flat_map(|(_, value)| match value {
            Json::Array(all) => all.iter().filter_map(Json::as_str).collect(),
            other => other.as_str().into_iter().collect::<Vec<_>>(),
        })
        .collect();
    // `arn:aws:execute-api:REGION:ACCOUNT:ID/STAGE/VERB/PATH`
    let api = |arn: &str| arn.splitn(6, ':').nth(5).and_then(|tail| tail.split('/').next()).unwrap_or("").to_owned();
    arns.is_empty() || arns.iter().any(|arn| *arn == "*" || matches!(api(arn).as_str(), "*" | "") || api(arn) == id)
}
