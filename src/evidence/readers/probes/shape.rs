//! What an output shows, told by its keys.

use serde_json::Value as Json;

/// Keys that only one operation's output has together.
const OBJECTS: &[(&[&str], &str)] = &[
    (&["UserPoolClient"], "cognito-idp describe-user-pool-client"),
    (&["UserId", "Account", "Arn"], "sts get-caller-identity"),
    (&["Policy", "RevisionId"], "lambda get-policy"),
    (&["authorizationType", "httpMethod"], "apigateway get-method"),
    (&["authorizationType", "apiKeyRequired"], "apigateway get-method"),
    (&["stageName", "deploymentId"], "apigateway get-stage"),
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
    let list = LISTS.iter().find(|(list, keys, _)| {
        let all = object.get(*list).and_then(Json::as_array);
        all.is_some_and(|all| !all.is_empty() && all.iter().all(|one| keys.iter().all(|key| one.get(key).is_some())))
    });
    list.map(|(_, _, name)| *name)
}

/// The policy of a function, without what `get-policy` wraps it in.
fn is_function_policy(value: &Json) -> bool {
    let statements = value.get("Statement").and_then(Json::as_array);
    let calls =
        |s: &Json| s.get("Resource").and_then(Json::as_str).is_some_and(|r| r.contains(":lambda:") && r.contains(":function:"));
    statements.is_some_and(|all| !all.is_empty() && all.iter().all(|s| calls(s) && s.get("Principal").is_some()))
}
