//! Methods, resources and routes.

use serde_json::Value as Json;

use super::super::super::facts::Facts;
use super::resources::{self, Resource, find_best, list_verbs, list_verbs_of};
use super::{Output, agree, of, text, texts, yes};

pub fn derive(all: &[Output<'_>], facts: &mut Facts) {
    for output in of(all, &["apigateway get-method"]).filter(|o| o.refusal().is_none()) {
        derive_method(output.value, output.line, facts);
    }
    let listing = || of(all, &["apigateway get-resources", "apigatewayv2 get-routes"]);
    for output in listing().filter(|o| o.refusal().is_none()) {
        facts.method.resources_shown.set(true, output.line);
    }
    let listed = resources::list(all);
    match listing().all(Output::is_all) {
        true => derive_resources(&listed, facts),
        false => add_paths(&listed, facts),
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

/// The path within the API and the verb that are called.
pub struct Place {
    pub path: String,
    pub verb: String,
}

impl Place {
    /// Without a stage in the URL it is not known where the API's path begins.
    pub fn find(facts: &Facts) -> Option<Place> {
        let request = &facts.request;
        if request.stage.value.is_empty() || request.path.value.contains('%') {
            return None;
        }
        let path = if request.below_stage.value.is_empty() { "/" } else { request.below_stage.value.as_str() };
        Some(Place { path: path.to_owned(), verb: request.verb.value.clone() })
    }
}

/// What a whole list of resources tells.
pub fn derive_resources(resources: &[Resource], facts: &mut Facts) {
    add_paths(resources, facts);
    if let (false, Some(place)) = (resources.is_empty(), Place::find(facts)) {
        derive_match(resources, &place.path, facts);
    }
}

fn add_paths(resources: &[Resource], facts: &mut Facts) {
    for resource in resources {
        facts.method.resources_shown.set(true, resource.line);
        if !facts.method.paths.value.contains(&resource.path) {
            facts.method.paths.value.push(resource.path.clone());
            facts.method.paths.line = resource.line;
        }
    }
}

/// Looks for the resource of the request.
fn derive_match(resources: &[Resource], below: &str, facts: &mut Facts) {
    let request = &facts.request;
    let routes = resources.iter().any(|r| r.route.is_some());
    let (best, line) = (find_best(resources, below), resources[0].line);
    // The stage `$default` of an HTTP API has no segment of its own.
    let known = facts.stages.names.value.contains(&request.stage.value);
    if routes && !known && find_best(resources, &request.path.value).is_some() != best.is_some() {
        return;
    }
    let greedy = || resources.iter().any(|r| r.path == "/{proxy+}");
    let word = match best {
        Some((resource, _)) if below == "/" && !routes && !resource.is_deployed => match &resource.verbs {
            Some(verbs) if verbs.is_empty() && greedy() => "greedy-only",
            Some(_) => "yes",
            None => "",
        },
        Some(_) => "yes",
        None if below == "/" && !routes && greedy() => "greedy-only",
        None if below.len() > 1 && below.ends_with('/') && find_best(resources, below.trim_end_matches('/')).is_some() => "",
        None => "no",
    };
    if word.is_empty() {
        return;
    }
    let verbs = best.map(|(resource, kind)| list_verbs_of(resources, resource, kind, below));
    agree(&mut facts.method.matches, word, line);
    if let Some(verbs) = verbs.flatten() {
        agree(&mut facts.method.verbs, verbs, line);
    }
    if let Some((resource, _)) = best
        && let Some(route) = &resource.route
    {
        derive_route(route, resources, resource, line, facts);
    }
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
