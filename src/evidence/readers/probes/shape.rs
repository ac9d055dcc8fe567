//! What an output shows, told by its keys.

use serde_json::{Value as Json, json};

/// Keys that only one operation's output has together.
const OBJECTS: &[(&[&str], &str)] = &[
    (&["UserPoolClient"], "cognito-idp describe-user-pool-client"),
    (&["UserId", "Account", "Arn"], "sts get-caller-identity"),
    (&["Policy", "RevisionId"], "lambda get-policy"),
    (&["authorizationType", "httpMethod"], "apigateway get-method"),
    (&["authorizationType", "apiKeyRequired"], "apigateway get-method"),
    (&["stageName", "deploymentId"], "apigateway get-stage"),
    (&["createdDate", "apiSummary"], "apigateway get-deployment"),
    (&["resourceMethods", "path"], "apigateway get-resource"),
    (&["apiKeySource", "name"], "apigateway get-rest-api"),
    (&["endpointConfiguration", "name", "createdDate"], "apigateway get-rest-api"),
    (&["domainName", "domainNameStatus"], "apigateway get-domain-name"),
    (&["enabled", "stageKeys"], "apigateway get-api-key"),
    (&["ApiId", "ApiEndpoint", "ProtocolType"], "apigatewayv2 get-api"),
];

/// Keys of the elements of a list.
const LISTS: &[(&str, &[&str], &str)] = &[
    ("item", &["stageName"], "apigateway get-stages"),
    ("items", &["apiStages"], "apigateway get-usage-plans"),
    ("items", &["stageKeys", "enabled"], "apigateway get-api-keys"),
    ("items", &["apiKeySource"], "apigateway get-rest-apis"),
    ("items", &["endpointConfiguration", "name"], "apigateway get-rest-apis"),
    ("items", &["id", "path"], "apigateway get-resources"),
    ("items", &["basePath", "restApiId"], "apigateway get-base-path-mappings"),
    ("Items", &["RouteKey"], "apigatewayv2 get-routes"),
    ("Items", &["ApiMappingId", "ApiId"], "apigatewayv2 get-api-mappings"),
    ("Items", &["ProtocolType", "ApiId"], "apigatewayv2 get-apis"),
    ("Items", &["StageName", "CreatedDate"], "apigatewayv2 get-stages"),
];

/// The operation whose output this is, if its keys leave no doubt.
pub fn recognise(value: &Json) -> Option<&'static str> {
    let object = value.as_object()?;
    if let Some((_, name)) = OBJECTS.iter().find(|(keys, _)| keys.iter().all(|key| object.contains_key(*key))) {
        return Some(name);
    }
    if is_function_policy(value) {
        return Some("lambda get-policy");
    }
    let has_methods = |all: &Json| is_summary(all) && all.as_object().is_some_and(|all| all.values().any(|m| *m != json!({})));
    if has_methods(value) || value.get("serves").is_some_and(has_methods) {
        return Some("apigateway get-deployment");
    }
    let list = LISTS.iter().find(|(list, keys, _)| {
        let all = object.get(*list).and_then(Json::as_array);
        all.is_some_and(|all| !all.is_empty() && all.iter().all(|one| keys.iter().all(|key| one.get(key).is_some())))
    });
    list.map(|(_, _, name)| *name)
}

/// What a deployment serves: paths, with methods below them, or with nothing when only the paths were asked for.
pub fn is_summary(value: &Json) -> bool {
    let is_method = |method: &Json| method.get("authorizationType").is_some() && method.get("apiKeyRequired").is_some();
    let are_methods = |all: &Json| all.as_object().is_some_and(|all| all.values().all(is_method));
    let all = value.as_object().filter(|all| !all.is_empty());
    all.is_some_and(|all| all.iter().all(|(path, methods)| path.starts_with('/') && are_methods(methods)))
}

/// The policy of a function, without what `get-policy` wraps it in.
fn is_function_policy(value: &Json) -> bool {
    let statements = value.get("Statement").and_then(Json::as_array);
    let calls =
        |s: &Json| s.get("Resource").and_then(Json::as_str).is_some_and(|r| r.contains(":lambda:") && r.contains(":function:"));
    statements.is_some_and(|all| !all.is_empty() && all.iter().all(|s| calls(s) && s.get("Principal").is_some()))
}
