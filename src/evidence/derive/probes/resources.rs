//! The resources of an API and the one that fits a path. Start at [`find_best`].

use serde_json::Value as Json;

use super::routes::{Match, compare};
use super::{Output, of, text};

/// An API cannot have more; the rest of a longer list is not looked at.
pub const MOST: usize = 2_000;

/// The resource that API Gateway chooses for a path.
pub fn find_best<'a>(resources: &'a [Resource], path: &str) -> Option<(&'a Resource, Match)> {
    let all = resources.iter().filter_map(|r| Some((r, compare(&r.path, path)?)));
    // Of two variables or two greedy ones the longer template is closer.
    all.min_by_key(|(r, kind)| (*kind, std::cmp::Reverse(r.path.len())))
}

/// The verbs of the resource; an HTTP API has a route for each.
pub fn list_verbs_of(resources: &[Resource], best: &Resource, kind: Match, path: &str) -> Option<Vec<String>> {
    if best.route.is_none() {
        return best.verbs.clone();
    }
    let same = resources.iter().filter(|r| compare(&r.path, path) == Some(kind) && r.path == best.path);
    Some(same.filter_map(|r| r.verbs.clone()).flatten().collect())
}

/// A resource of a REST API or the routes of one path of an HTTP API.
pub struct Resource {
    pub path: String,
    /// Its verbs; `None` when they were not shown.
    pub verbs: Option<Vec<String>>,
    pub route: Option<Json>,
    /// It is part of a deployment, and so has methods.
    pub is_deployed: bool,
    pub line: usize,
}

impl Resource {
    /// Whether it answers a verb; `None` when its verbs were not shown.
    pub fn takes(&self, verb: &str) -> Option<bool> {
        self.verbs.as_ref().map(|all| all.iter().any(|one| one == verb || one == "ANY"))
    }
}

/// What `get-resources` and `get-routes` list.
pub fn list(all: &[Output<'_>]) -> Vec<Resource> {
    let mut resources = Vec::new();
    for output in of(all, &["apigateway get-resources"]) {
        // `keys` of the method map are only there when methods were asked for, or the whole resource was.
        for item in output.list("items").into_iter().flatten().take(MOST) {
            let Some(path) = text(item, "path") else { continue };
            let verbs = list_verbs(item).or_else(|| item.get("id").map(|_| Vec::new()));
            resources.push(Resource { path: path.to_owned(), verbs, route: None, is_deployed: false, line: output.line });
        }
    }
    for output in of(all, &["apigatewayv2 get-routes"]) {
        for item in output.list("Items").into_iter().flatten().take(MOST) {
            let Some(key) = text(item, "RouteKey") else { continue };
            let (verb, path) = key.split_once(' ').unwrap_or(("ANY", key));
            let verbs = Some(vec![verb.to_owned()]);
            let (path, line) = (path.to_owned(), output.line);
            resources.push(Resource { path, verbs, route: Some(item.clone()), is_deployed: false, line });
        }
    }
    resources
}

/// What `get-resource` shows, each output one resource.
pub fn list_single(all: &[Output<'_>]) -> Vec<Resource> {
    let resource = |output: &Output<'_>| {
        let (path, verbs) = (text(output.value, "path")?.to_owned(), list_verbs(output.value));
        Some(Resource { path, verbs, route: None, is_deployed: false, line: output.line })
    };
    of(all, &["apigateway get-resource"]).filter_map(resource).take(MOST).collect()
}

/// The verbs of a resource, if its methods were shown.
pub fn list_verbs(item: &Json) -> Option<Vec<String>> {
    let methods = item.get("resourceMethods")?;
    Some(methods.as_object().map(|all| all.keys().cloned().collect()).unwrap_or_default())
}
