//! APIs and their domain names.

use serde_json::Value as Json;

use super::super::super::facts::Facts;
use super::{Output, agree, find_api_id, of, text, yes};

pub fn derive(all: &[Output<'_>], facts: &mut Facts) {
    let called = find_api_id(facts).map(str::to_owned);
    for output in of(all, &["apigateway get-rest-api", "apigatewayv2 get-api"]).filter(|o| o.refusal().is_none()) {
        derive_api(output.value, called.as_deref(), output.line, facts);
    }
    let mut listed: Option<(bool, usize)> = None;
    for output in of(all, &["apigateway get-rest-apis", "apigatewayv2 get-apis"]).filter(|o| o.refusal().is_none()) {
        let Some(apis) = output.list("items").or_else(|| output.list("Items")) else { continue };
        facts.api.shown.set(true, output.line);
        let Some(called) = &called else { continue };
        let own = apis.iter().find(|api| find_id(api) == Some(called.as_str()));
        if let Some(own) = own {
            derive_api(own, Some(called), output.line, facts);
        }
        // Without ids nothing was told, and a page is not the list.
        if own.is_some() || (output.is_all() && apis.iter().all(|api| find_id(api).is_some())) {
            listed = Some((own.is_some() || listed.is_some_and(|(there, _)| there), output.line));
        }
    }
    if let Some((there, line)) = listed {
        facts.api.is_listed.set(yes(there), line);
    }
    derive_domain(all, facts);
    derive_stage_in_path(all, facts);
}

fn find_id(api: &Json) -> Option<&str> {
    text(api, "id").or_else(|| text(api, "ApiId"))
}

fn derive_api(api: &Json, called: Option<&str>, line: usize, facts: &mut Facts) {
    if let (Some(id), Some(called)) = (find_id(api), called)
        && id != called
    {
        return;
    }
    facts.api.shown.set(true, line);
    if let Some(kind) = api.pointer("/endpointConfiguration/types/0").and_then(Json::as_str) {
        agree(&mut facts.api.endpoint, kind, line);
    }
    if let Some(source) = text(api, "apiKeySource") {
        agree(&mut facts.api.key_source, source, line);
    }
}

fn derive_domain(all: &[Output<'_>], facts: &mut Facts) {
    let commands = ["get-domain-name", "get-base-path-mappings", "get-api-mappings"];
    for output in all.iter().filter(|o| o.command.split(' ').nth(1).is_some_and(|c| commands.contains(&c))) {
        let there = match (output.refusal(), output.list("items").or_else(|| output.list("Items"))) {
            (Some("NotFoundException"), _) => false,
            (Some(_), _) => continue,
            (None, Some(mappings)) => !mappings.is_empty(),
            (None, None) if output.command.ends_with("get-domain-name") => true,
            (None, None) => continue,
        };
        if !is_for_host(output, facts) {
            continue;
        }
        // A domain without a mapping leads nowhere.
        if !there || facts.api.domain_mapped.line == 0 {
            facts.api.domain_mapped.set(yes(there), output.line);
        }
    }
}

/// Whether an output is about the domain that is called, or names none.
fn is_for_host(output: &Output<'_>, facts: &Facts) -> bool {
    let (named, host) =
        (text(output.value, "domainName").or_else(|| text(output.value, "DomainName")), &facts.request.host.value);
    named.is_none_or(|name| host.is_empty() || name.eq_ignore_ascii_case(host))
}

/// Where a path of a custom domain leads.
struct Mapping<'a> {
    /// The path without slashes around it; empty for the whole domain.
    key: &'a str,
    stage: &'a str,
}

impl<'a> Mapping<'a> {
    fn new(value: &'a Json) -> Option<Mapping<'a>> {
        let key = text(value, "ApiMappingKey").or_else(|| text(value, "basePath")).unwrap_or("").trim_matches('/');
        let stage = text(value, "Stage").or_else(|| text(value, "stage")).filter(|stage| !stage.is_empty())?;
        Some(Mapping { key: if key == "(none)" { "" } else { key }, stage })
    }

    /// What follows the mapping's own key in a path, if it begins with that.
    fn below<'p>(&self, path: &'p str) -> Option<&'p str> {
        let rest = path.strip_prefix('/').unwrap_or(path).strip_prefix(self.key)?;
        match self.key {
            "" => Some(rest),
            _ if rest.is_empty() => Some(""),
            _ => rest.strip_prefix('/'),
        }
    }
}

/// The longest key that fits decides which stage a path leads to.
fn derive_stage_in_path(all: &[Output<'_>], facts: &mut Facts) {
    if facts.request.host_kind.value != "other" {
        return;
    }
    let path = facts.request.path.value.clone();
    for output in all.iter().filter(|o| o.command.ends_with("get-base-path-mappings") || o.command.ends_with("get-api-mappings"))
    {
        let Some(listed) = output.list("items").or_else(|| output.list("Items")).filter(|_| output.is_all()) else { continue };
        let mappings = listed.iter().map(Mapping::new).collect::<Option<Vec<_>>>();
        let fitting = mappings.iter().flatten().filter_map(|m| Some((m, m.below(&path)?)));
        if let Some((mapping, rest)) = fitting.max_by_key(|(mapping, _)| mapping.key.len())
            && is_for_host(output, facts)
        {
            let first = rest.split('/').next().unwrap_or("");
            agree(&mut facts.api.stage_in_path, yes(first == mapping.stage), output.line);
        }
    }
}
