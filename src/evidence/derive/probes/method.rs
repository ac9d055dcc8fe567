//! Methods, resources and routes.

use serde_json::Value as Json;

use super::super::super::facts::Facts;
use super::routes::{Match, compare};
use super::{Output, agree, of, text, texts, yes};

pub fn derive(all: &[Output<'_>], facts: &mut Facts) {
    for output in of(all, &["apigateway get-method"]).filter(|o| o.refusal().is_none()) {
        derive_method(output.value, output.line, facts);
    }
    let resources: Vec<Resource> = list_resources(all);
    for output in of(all, &["apigateway get-resources", "apigatewayv2 get-routes"]).filter(|o| o.refusal().is_none()) {
        facts.method.resources_shown.set(true, output.line);
    }
    for resource in &resources {
        if !facts.method.paths.value.contains(&resource.path) {
            facts.method.paths.value.push(resource.path.clone());
            facts.method.paths.line = resource.line;
        }
    }
    let whole = of(all, &["apigateway get-resources", "apigatewayv2 get-routes"]).all(Output::is_all);
    if facts.method.resources_shown.value && !resources.is_empty() && whole {
        derive_match(&resources, facts);
    }
    for output in of(all, &["apigateway get-resource"]) {
        if let Some(verbs) = list_verbs(output.value) {
            facts.method.verbs.set(verbs, output.line);
        }
    }
}

/// A method, when it is the one that is called.
fn derive_method(value: &Json, line: usize, facts: &mut Facts) {
    let verb = text(value, "httpMethod").unwrap_or("");
    let called = facts.request.verb.value.as_str();
    if !verb.is_empty() && !called.is_empty() && verb != called && verb != "ANY" {
        return;
    }
    facts.method.shown.set(true, line);
    if let Some(kind) = text(value, "authorizationType") {
        agree(&mut facts.method.authorization, kind, line);
    }
    if let Some(required) = value.get("apiKeyRequired").and_then(Json::as_bool) {
        agree(&mut facts.method.key_required, yes(required), line);
    }
    if let Some(scopes) = texts(value.get("authorizationScopes")) {
        facts.method.scopes.set(scopes, line);
    }
}

/// A resource of a REST API or the routes of one path of an HTTP API.
struct Resource {
    path: String,
    /// Its verbs; `None` when they were not shown.
    verbs: Option<Vec<String>>,
    route: Option<Json>,
    line: usize,
}

fn list_resources(all: &[Output<'_>]) -> Vec<Resource> {
    let mut resources = Vec::new();
    for output in of(all, &["apigateway get-resources"]) {
        // `keys` of the method map are only there when methods were asked for, or the whole resource was.
        for item in output.list("items").into_iter().flatten() {
            let Some(path) = text(item, "path") else { continue };
            let verbs = list_verbs(item).or_else(|| item.get("id").map(|_| Vec::new()));
            resources.push(Resource { path: path.to_owned(), verbs, route: None, line: output.line });
        }
    }
    for output in of(all, &["apigatewayv2 get-routes"]) {
        for item in output.list("Items").into_iter().flatten() {
            let Some(key) = text(item, "RouteKey") else { continue };
            let (verb, path) = key.split_once(' ').unwrap_or(("ANY", key));
            let verbs = Some(vec![verb.to_owned()]);
            resources.push(Resource { path: path.to_owned(), verbs, route: Some(item.clone()), line: output.line });
        }
    }
    resources
}

fn list_verbs(item: &Json) -> Option<Vec<String>> {
    let methods = item.get("resourceMethods")?;
    Some(methods.as_object().map(|all| all.keys().cloned().collect()).unwrap_or_default())
}

/// Looks for the resource of the request. Without a stage in the URL it is not known where the API's path begins.
fn derive_match(resources: &[Resource], facts: &mut Facts) {
    let request = &facts.request;
    if request.stage.value.is_empty() || request.path.value.contains('%') {
        return;
    }
    let below = if request.below_stage.value.is_empty() { "/" } else { request.below_stage.value.as_str() };
    let routes = resources.iter().any(|r| r.route.is_some());
    let (best, line) = (find_best(resources, below), resources[0].line);
    // The stage `$default` of an HTTP API has no segment of its own.
    let known = facts.stages.names.value.contains(&request.stage.value);
    if routes && !known && find_best(resources, &request.path.value).is_some() != best.is_some() {
        return;
    }
    let word = match best {
        Some((resource, _)) if below == "/" && !routes => match &resource.verbs {
            Some(verbs) if verbs.is_empty() && resources.iter().any(|r| r.path == "/{proxy+}") => "greedy-only",
            Some(_) => "yes",
            None => "",
        },
        Some(_) => "yes",
        None if below.len() > 1 && below.ends_with('/') && find_best(resources, below.trim_end_matches('/')).is_some() => "",
        None => "no",
    };
    if word.is_empty() {
        return;
    }
    let verbs = best.map(|(resource, kind)| list_verbs_of(resources, resource, kind, below));
    facts.method.matches.set(word, line);
    if let Some(verbs) = verbs.flatten() {
        facts.method.verbs.set(verbs, line);
    }
    if let Some((resource, _)) = best
        && let Some(route) = &resource.route
    {
        derive_route(route, resources, resource, line, facts);
    }
}

fn find_best<'a>(resources: &'a [Resource], path: &str) -> Option<(&'a Resource, Match)> {
    let all = resources.iter().filter_map(|r| Some((r, compare(&r.path, path)?)));
    // Of two variables or two greedy ones the longer template is closer.
    all.min_by_key(|(r, kind)| (*kind, std::cmp::Reverse(r.path.len())))
}

/// The verbs of the resource; an HTTP API has a route for each.
fn list_verbs_of(resources: &[Resource], best: &Resource, kind: Match, path: &str) -> Option<Vec<String>> {
    if best.route.is_none() {
        return best.verbs.clone();
    }
    let same = resources.iter().filter(|r| compare(&r.path, path) == Some(kind) && r.path == best.path);
    Some(same.filter_map(|r| r.verbs.clone()).flatten().collect())
}

/// What the one route that fits the verb asks for.
fn derive_route(route: &Json, resources: &[Resource], best: &Resource, line: usize, facts: &mut Facts) {
    let called = facts.request.verb.value.as_str();
    let same: Vec<&Resource> = resources.iter().filter(|r| r.path == best.path).collect();
    let has = |r: &&&Resource, verb: &str| r.verbs.as_ref().is_some_and(|v| v.iter().any(|v| v == verb));
    let own = same.iter().find(|r| !called.is_empty() && has(r, called)).or_else(|| same.iter().find(|r| has(r, "ANY")));
    let route = match own {
        Some(resource) => resource.route.as_ref().unwrap_or(route),
        None => return,
    };
    if let Some(kind) = text(route, "AuthorizationType") {
        facts.method.shown.set(true, line);
        agree(&mut facts.method.authorization, kind, line);
    }
    if let Some(required) = route.get("ApiKeyRequired").and_then(Json::as_bool) {
        agree(&mut facts.method.key_required, yes(required), line);
    }
    if let Some(scopes) = texts(route.get("AuthorizationScopes")) {
        facts.method.scopes.set(scopes, line);
    }
}
