//! Usage plans and API keys.

use serde_json::Value as Json;

use super::super::super::facts::Facts;
use super::{Output, find_api_id, of, text, yes};

pub fn derive(all: &[Output<'_>], facts: &mut Facts) {
    let called = find_api_id(facts).map(str::to_owned).zip(Some(facts.request.stage.value.clone()).filter(|s| !s.is_empty()));
    for output in of(all, &["apigateway get-usage-plans", "apigateway get-usage-plan"]).filter(|o| o.refusal().is_none()) {
        derive_plans(output, called.as_ref(), facts);
    }
    for output in of(all, &["apigateway get-usage-plan-keys"]) {
        if let Some(keys) = output.list("items")
            && output.is_all()
        {
            facts.usage.no_keys.set(yes(keys.is_empty()), output.line);
        }
    }
    for output in of(all, &["apigateway get-api-keys", "apigateway get-api-key"]).filter(|o| o.refusal().is_none()) {
        derive_keys(output, facts);
    }
}

fn derive_plans(output: &Output<'_>, called: Option<&(String, String)>, facts: &mut Facts) {
    let single = std::slice::from_ref(output.value);
    let plans = if output.command.ends_with("plans") { output.list("items").map(Vec::as_slice) } else { Some(single) };
    let Some(plans) = plans else { return };
    facts.usage.plans_shown.set(true, output.line);
    let shown = output.is_all() && output.command.ends_with("plans") && plans.iter().all(|plan| plan.get("apiStages").is_some());
    let Some((id, stage)) = called else { return };
    let stages = plans.iter().filter_map(|plan| plan.get("apiStages")?.as_array()).flatten();
    let holds = stages.into_iter().any(|s| text(s, "apiId") == Some(id) && text(s, "stage") == Some(stage));
    if holds || (shown && facts.usage.holds_stage.value != "yes") {
        facts.usage.holds_stage.set(yes(holds), output.line);
    }
}

fn derive_keys(output: &Output<'_>, facts: &mut Facts) {
    let single = std::slice::from_ref(output.value);
    let keys = if output.command.ends_with("keys") { output.list("items").map(Vec::as_slice) } else { Some(single) };
    let Some(keys) = keys else { return };
    facts.usage.keys_shown.set(true, output.line);
    let enabled: Vec<Option<bool>> = keys.iter().map(|key| key.get("enabled").and_then(Json::as_bool)).collect();
    match enabled.as_slice() {
        [Some(only)] => facts.usage.disabled.set(yes(!only), output.line),
        [_, ..] if enabled.iter().all(|one| *one == Some(true)) => facts.usage.disabled.set("no", output.line),
        _ => {}
    }
}
