use serde_json::{Value as Json, json};

use super::super::super::facts::{Facts, Value};
use super::super::super::wire::{Found, Probe};
use super::derive;

/// The facts of a call to `GET https://abc123defg.execute-api.us-east-1.amazonaws.com/prod/users/7`, or another path.
fn run(path: &str, probes: &[(&str, Json)]) -> Facts {
    let mut facts = Facts::default();
    facts.request.host.set("abc123defg.execute-api.us-east-1.amazonaws.com", 1);
    facts.request.verb.set("GET", 1);
    facts.request.stage.set("prod", 1);
    facts.request.path.set(format!("/prod{path}"), 1);
    facts.request.below_stage.set(path, 1);
    let mut found = Found::default();
    for (command, output) in probes {
        found.probes.push(Probe { command: (*command).to_owned(), output: output.clone(), line: 5 });
    }
    derive(&found, &mut facts);
    facts
}

fn show(facts: &Facts, name: &str) -> String {
    let (group, name) = name.split_once('.').unwrap();
    match facts.find(group, name).unwrap().0 {
        Value::Text(text) => text.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::Texts(all) => all.join(" "),
        Value::Map(_) => String::new(),
    }
}

/// Commands with their outputs, and facts with the values that follow.
fn check(path: &str, probes: &[(&str, Json)], expected: &[(&str, &str)]) {
    let facts = run(path, probes);
    for (name, value) in expected {
        assert_eq!(show(&facts, name), *value, "{name} of {probes:?}");
    }
}

#[test]
fn stages_and_deployments() {
    check(
        "/",
        &[(
            "apigateway get-stages",
            json!({"item":[{"stageName":"prod","deploymentId":"d1","webAclArn":"arn:x"},{"stageName":"dev"}]}),
        )],
        &[("stages.shown", "true"), ("stages.names", "prod dev"), ("stages.has_waf", "true"), ("stages.deployed_at", "0")],
    );
    check(
        "/",
        &[
            ("", json!({"stageName":"prod","deploymentId":"d1","lastUpdatedDate":"2026-01-31T00:00:00+00:00"})),
            (
                "apigateway get-deployments",
                json!({"items":[{"id":"d1","createdDate":"2026-01-01T00:00:00+00:00"},{"id":"d2","createdDate":"2026-01-02T00:00:00+00:00"}]}),
            ),
        ],
        &[("stages.deployed_at", "1767225600"), ("stages.has_waf", "false")],
    );
    check("/", &[("apigateway get-stage", json!({"Error":{"Code":"NotFoundException"}}))], &[("stages.shown", "false")]);
}

#[test]
fn methods() {
    let method = json!({"httpMethod":"GET","authorizationType":"AWS_IAM","apiKeyRequired":true,"authorizationScopes":["a/b"]});
    check(
        "/x",
        &[("", method)],
        &[("method.authorization", "AWS_IAM"), ("method.key_required", "yes"), ("method.scopes", "a/b")],
    );
    let other = json!({"httpMethod":"OPTIONS","authorizationType":"NONE","apiKeyRequired":false});
    check("/x", &[("", other)], &[("method.shown", "false"), ("method.authorization", "")]);
}

#[test]
fn resources_and_routes() {
    let items = json!({"items":[{"id":"r","path":"/"},{"id":"u","path":"/users/{id}","resourceMethods":{"GET":{},"OPTIONS":{}}},{"id":"p","path":"/{proxy+}","resourceMethods":{"ANY":{}}}]});
    let command = "apigateway get-resources";
    check(
        "/users/7",
        &[(command, items.clone())],
        &[("method.matches", "yes"), ("method.verbs", "GET OPTIONS"), ("method.resources_shown", "true")],
    );
    check("/", &[(command, items.clone())], &[("method.matches", "greedy-only")]);
    check("/other", &[(command, items)], &[("method.matches", "yes"), ("method.verbs", "ANY")]);
    let paths = json!({"items":[{"path":"/"},{"path":"/users"}]});
    check("/other", &[(command, paths.clone())], &[("method.matches", "no"), ("method.paths", "/ /users")]);
    check("/", &[(command, paths.clone())], &[("method.matches", "")]);
    check("/users/", &[(command, paths.clone())], &[("method.matches", "")]);
    check("/a%20b", &[(command, paths)], &[("method.matches", "")]);
    let routes = json!({"Items":[{"RouteKey":"GET /users/{id}","AuthorizationType":"JWT","AuthorizationScopes":["s"]},{"RouteKey":"POST /users/{id}","AuthorizationType":"NONE"}]});
    let stages = json!({"Items":[{"StageName":"prod"}]});
    check(
        "/users/7",
        &[("apigatewayv2 get-routes", routes.clone()), ("apigatewayv2 get-stages", stages)],
        &[("method.matches", "yes"), ("method.verbs", "GET POST"), ("method.authorization", "JWT"), ("method.scopes", "s")],
    );
    check("/users/7", &[("apigatewayv2 get-routes", routes)], &[("method.matches", "")]);
}

#[test]
fn apis_and_domains() {
    let api = json!({"id":"abc123defg","name":"x","apiKeySource":"HEADER","endpointConfiguration":{"types":["PRIVATE"]}});
    check("/", &[("", api.clone())], &[("api.endpoint", "PRIVATE"), ("api.key_source", "HEADER"), ("api.shown", "true")]);
    check("/", &[("apigateway get-rest-apis", json!({"items":[api]}))], &[("api.is_listed", "yes"), ("api.endpoint", "PRIVATE")]);
    check(
        "/",
        &[("apigateway get-rest-apis", json!({"items":[{"id":"zzzzzzzzzz"}]}))],
        &[("api.is_listed", "no"), ("api.endpoint", "")],
    );
    check("/", &[("apigatewayv2 get-api-mappings", json!({"Items":[]}))], &[("api.domain_mapped", "no")]);
    check(
        "/",
        &[("apigatewayv2 get-api-mappings", json!({"Error":{"Code":"NotFoundException"}}))],
        &[("api.domain_mapped", "no")],
    );
    check(
        "/",
        &[("apigateway get-base-path-mappings", json!({"items":[{"basePath":"(none)"}]}))],
        &[("api.domain_mapped", "yes")],
    );
    check("/", &[("apigateway get-base-path-mappings", json!({}))], &[("api.domain_mapped", "")]);
}

#[test]
fn plans_and_keys() {
    let plan = |stage: &str| json!({"items":[{"id":"p","apiStages":[{"apiId":"abc123defg","stage":stage}]}]});
    check("/", &[("apigateway get-usage-plans", plan("prod"))], &[("usage.plans_shown", "true"), ("usage.holds_stage", "yes")]);
    check("/", &[("", plan("dev"))], &[("usage.holds_stage", "no")]);
    check("/", &[("apigateway get-usage-plan-keys", json!({"items":[]}))], &[("usage.no_keys", "yes")]);
    check(
        "/",
        &[("apigateway get-api-keys", json!({"items":[{"id":"k","enabled":false}]}))],
        &[("usage.disabled", "yes"), ("usage.keys_shown", "true")],
    );
    check("/", &[("apigateway get-api-keys", json!({"items":[{"enabled":false},{"enabled":true}]}))], &[("usage.disabled", "")]);
}

#[test]
fn app_clients() {
    let client = json!({"UserPoolClient":{"UserPoolId":"x","ClientId":"c","AllowedOAuthFlows":["code"],"CallbackURLs":["https://a/"],"AllowedOAuthFlowsUserPoolClient":true}});
    check(
        "/",
        &[("", client)],
        &[
            ("app_client.has_secret", "no"),
            ("app_client.oauth_on", "yes"),
            ("app_client.flows", "code"),
            ("app_client.callbacks", "https://a/"),
        ],
    );
    let command = "cognito-idp describe-user-pool-client";
    check(
        "/",
        &[(command, json!({"UserPoolClient":{"ClientSecret":"set"}}))],
        &[("app_client.has_secret", "yes"), ("app_client.oauth_on", "")],
    );
    check(
        "/",
        &[(command, json!({"UserPoolClient":{"LogoutURLs":null}}))],
        &[("app_client.has_secret", ""), ("app_client.logouts", "")],
    );
}

#[test]
fn policies_and_callers() {
    let policy = |api: &str| {
        let arn = format!("arn:aws:execute-api:us-east-1:111122223333:{api}/*/GET/x");
        let statement = json!({"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"lambda:InvokeFunction","Condition":{"ArnLike":{"AWS:SourceArn":arn}}});
        json!({"Policy": json!({"Statement":[statement]}).to_string()})
    };
    let command = "lambda get-policy";
    check("/", &[(command, policy("abc123defg"))], &[("account.lambda_allows", "yes"), ("account.lambda_same_api", "yes")]);
    check("/", &[(command, policy("zzzzzzzzzz"))], &[("account.lambda_allows", "yes"), ("account.lambda_same_api", "no")]);
    check(
        "/",
        &[(command, json!({"Error":{"Code":"ResourceNotFoundException"}}))],
        &[("account.lambda_allows", "no"), ("account.lambda_same_api", "")],
    );
    check("/", &[(command, json!({"Error":{"Code":"AccessDeniedException"}}))], &[("account.lambda_allows", "")]);
    check("/", &[("sts get-caller-identity", json!({"Account":"1"}))], &[("account.identity", "yes")]);
    check("/", &[("sts get-caller-identity", json!({"Error":{"Code":"ExpiredToken"}}))], &[("account.identity", "no")]);
    check("/", &[("configure list", json!({"access_key":false,"secret_key":false}))], &[("account.has_credentials", "no")]);
}
