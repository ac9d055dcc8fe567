//! Stages and deployments.

use serde_json::Value as Json;

use super::super::super::facts::Facts;
use super::{Output, of, text};

/// An API cannot have more.
const MOST: usize = 500;

pub fn derive(all: &[Output<'_>], facts: &mut Facts) {
    let called = facts.request.stage.value.clone();
    let mut deployments: Vec<&str> = Vec::new();
    for output in of(all, &["apigateway get-stage", "apigateway get-stages", "apigatewayv2 get-stages", "apigatewayv2 get-stage"])
    {
        if output.refusal().is_some() {
            continue;
        }
        let listed = output.list("item").or_else(|| output.list("Items"));
        let stages: Vec<&Json> = listed.map_or_else(|| vec![output.value], |all| all.iter().take(MOST).collect());
        if listed.is_some() && output.is_all() && matches!(stages.as_slice(), [one] if text(one, "StageName") == Some("$default"))
        {
            facts.stages.default_only.set(true, output.line);
        }
        facts.stages.shown.set(true, output.line);
        for stage in stages {
            let name = text(stage, "stageName").or_else(|| text(stage, "StageName"));
            if let Some(name) = name
                && !facts.stages.names.value.iter().any(|n| n == name)
            {
                facts.stages.names.value.push(name.to_owned());
                facts.stages.names.line = output.line;
            }
            if name.is_none_or(|name| called.is_empty() || name == called) {
                deployments.extend(text(stage, "deploymentId").or_else(|| text(stage, "DeploymentId")));
                if text(stage, "webAclArn").is_some_and(|arn| !arn.is_empty()) {
                    facts.stages.has_waf.set(true, output.line);
                }
            }
        }
    }
    for output in of(all, &["apigateway get-deployments", "apigatewayv2 get-deployments"]) {
        derive_deployments(output, &deployments, facts);
    }
    for output in of(all, &["wafv2 get-web-acl-for-resource"]) {
        if output.value.get("WebACL").is_some_and(Json::is_object) {
            facts.stages.has_waf.set(true, output.line);
        }
    }
}

/// The deployment that the stage serves, or the last of all.
fn derive_deployments(output: &Output<'_>, served: &[&str], facts: &mut Facts) {
    let Some(all) = output.list("items").or_else(|| output.list("Items")) else { return };
    facts.stages.shown.set(true, output.line);
    let id = |d: &Json| text(d, "id").or_else(|| text(d, "DeploymentId")).map(str::to_owned);
    let is_served = |d: &&Json| id(d).is_some_and(|id| served.contains(&id.as_str()));
    let time = |d: &Json| d.get("createdDate").or_else(|| d.get("CreatedDate")).and_then(parse_time);
    let own = all.iter().filter(is_served).filter_map(time).max();
    if let Some(time) = own.or_else(|| all.iter().filter_map(time).max()) {
        facts.stages.deployed_at.set(time, output.line);
    }
}

/// ISO 8601, or seconds since 1970 as the first version of the CLI prints them.
pub fn parse_time(value: &Json) -> Option<i64> {
    match value {
        Json::String(text) => text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second),
        Json::Number(number) => {
            number.to_string().split('.').next()?.parse().ok().filter(|n| (1_000_000_000..10_000_000_000).contains(n))
        }
        _ => None,
    }
}
