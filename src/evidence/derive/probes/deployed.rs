//! What a deployment serves, and what was changed since. Start at [`derive`].

use serde_json::{Map, Value as Json};

use super::super::super::facts::Facts;
use super::super::super::readers::probes::is_summary;
use super::method::{self, Place};
use super::resources::{self, Resource, find_best};
use super::routes::compare;
use super::stages::parse_time;
use super::{Output, agree, of, text, yes};

/// Comes after what is configured, because it compares with that.
pub fn derive(all: &[Output<'_>], facts: &mut Facts) {
    let mut last = None;
    for output in of(all, &["apigateway get-deployment"]).filter(|o| o.refusal().is_none()) {
        let made = ["createdDate", "made"].iter().find_map(|name| output.value.get(*name)).and_then(parse_time);
        if let Some(made) = made {
            facts.deployed.made_at.set(made, output.line);
            if facts.stages.deployed_at.line == 0 {
                facts.stages.deployed_at.set(made, output.line);
            }
        }
        last = find_summary(output.value).map(|summary| Summary::new(summary, output.line)).or(last);
    }
    let Some(summary) = last else { return };
    facts.deployed.shown.set(true, summary.line);
    method::derive_resources(&summary.resources, facts);
    let Some(place) = Place::find(facts) else { return };
    summary.derive_method(&place, facts);
    if let Some(serves) = summary.serves(&place) {
        facts.deployed.serves.set(yes(serves), summary.line);
    }
    if let Some(line) = summary.find_change(all, &place) {
        facts.deployed.lacks_change.set("yes", line);
    }
}

/// The summary itself, however a `--query` has wrapped it.
fn find_summary(value: &Json) -> Option<&Map<String, Json>> {
    let inner = ["apiSummary", "serves"].iter().find_map(|name| value.get(*name)).unwrap_or(value);
    inner.as_object().filter(|_| is_summary(inner))
}

/// Paths with their methods. Without methods, nothing is deployed, so every path that is there has some.
struct Summary<'a> {
    methods: &'a Map<String, Json>,
    resources: Vec<Resource>,
    line: usize,
}

impl<'a> Summary<'a> {
    fn new(methods: &'a Map<String, Json>, line: usize) -> Summary<'a> {
        // `keys(apiSummary)` shows paths alone.
        let verbs = |all: &Json| all.as_object().filter(|all| !all.is_empty()).map(|all| all.keys().cloned().collect());
        let resource = |(path, all): (&String, &Json)| Resource {
            path: path.clone(),
            verbs: verbs(all),
            route: None,
            is_deployed: true,
            line,
        };
        Summary { methods, resources: methods.iter().take(resources::MOST).map(resource).collect(), line }
    }

    /// The method that answers, with what it asks for.
    fn find_method(&self, place: &Place) -> Option<&'a Json> {
        let (best, _) = find_best(&self.resources, &place.path)?;
        let methods = self.methods.get(&best.path)?;
        methods.get(&place.verb).or_else(|| methods.get("ANY"))
    }

    fn derive_method(&self, place: &Place, facts: &mut Facts) {
        let Some(found) = self.find_method(place) else { return };
        facts.method.shown.set(true, self.line);
        if let Some(kind) = text(found, "authorizationType") {
            agree(&mut facts.method.authorization, kind, self.line);
        }
        if let Some(required) = found.get("apiKeyRequired").and_then(Json::as_bool) {
            agree(&mut facts.method.key_required, yes(required), self.line);
        }
    }

    fn serves(&self, place: &Place) -> Option<bool> {
        match find_best(&self.resources, &place.path) {
            Some(_) if place.verb.is_empty() => None,
            Some((best, _)) => best.takes(&place.verb),
            // Whether a slash at the end counts depends on who asks.
            None if place.path.len() > 1 && place.path.ends_with('/') => None,
            None => Some(false),
        }
    }

    /// The line that shows something for the request which the summary lacks.
    fn find_change(&self, all: &[Output<'_>], place: &Place) -> Option<usize> {
        if place.verb.is_empty() {
            return None;
        }
        let listed = resources::list(all);
        let own = find_best(&listed, &place.path).map(|(best, _)| best);
        let single = resources::list_single(all);
        let single = single.iter().filter(|r| compare(&r.path, &place.path).is_some());
        let mut configured = own.into_iter().chain(single).filter(|r| r.route.is_none() && r.takes(&place.verb) == Some(true));
        let new = configured.find(|r| self.lacks(r, &place.verb)).map(|r| r.line);
        new.or_else(|| self.find_changed_method(all, place))
    }

    fn lacks(&self, configured: &Resource, verb: &str) -> bool {
        let deployed = self.resources.iter().find(|r| r.path == configured.path);
        deployed.is_none_or(|deployed| deployed.takes(verb) == Some(false))
    }

    fn find_changed_method(&self, all: &[Output<'_>], place: &Place) -> Option<usize> {
        let deployed = self.find_method(place);
        let mut methods = of(all, &["apigateway get-method"]).filter(|output| {
            let verb = text(output.value, "httpMethod").unwrap_or("");
            output.refusal().is_none() && (verb == place.verb || verb == "ANY")
        });
        let changed = |output: &&Output<'_>| match deployed {
            Some(deployed) => ["authorizationType", "apiKeyRequired"].iter().any(|name| {
                let (now, then) = (output.value.get(*name), deployed.get(*name));
                matches!((now, then), (Some(now), Some(then)) if !now.is_null() && now != then)
            }),
            None => self.serves(place) == Some(false),
        };
        methods.find(changed).map(|output| output.line)
    }
}
