//! What the output of commands comes to.

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
fn deployments_serve_what_their_summary_holds() {
    let method = |kind: &str| json!({"authorizationType": kind, "apiKeyRequired": true});
    let summary = json!({"/items":{"GET":method("AWS_IAM"),"POST":method("NONE")}});
    let command = "apigateway get-deployment";
    check(
        "/items",
        &[("", summary.clone())],
        &[
            ("deployed.shown", "true"),
            ("deployed.serves", "yes"),
            ("method.paths", "/items"),
            ("method.verbs", "GET POST"),
            ("method.matches", "yes"),
            ("method.authorization", "AWS_IAM"),
            ("method.key_required", "yes"),
            ("method.resources_shown", "true"),
        ],
    );
    let whole = json!({"id":"d","createdDate":"2026-01-01T00:00:00+00:00","apiSummary":{"/{proxy+}":{"ANY":method("NONE")}}});
    check(
        "/",
        &[("", whole.clone())],
        &[("deployed.serves", "no"), ("method.matches", "greedy-only"), ("deployed.made_at", "1767225600")],
    );
    check(
        "/x/y",
        &[("", whole)],
        &[("deployed.serves", "yes"), ("method.authorization", "NONE"), ("stages.deployed_at", "1767225600")],
    );
    let keys = json!({"apiSummary":{"/items":{},"/":{}}});
    check("/", &[(command, keys.clone())], &[("method.matches", "yes"), ("deployed.serves", ""), ("method.shown", "false")]);
    check("/new", &[(command, keys)], &[("method.matches", "no"), ("deployed.serves", "no")]);
    check("/", &[(command, summary)], &[("method.matches", "no"), ("deployed.serves", "no"), ("method.authorization", "")]);
    check("/", &[(command, json!({"Error":{"Code":"NotFoundException"}}))], &[("deployed.shown", "false")]);
}

#[test]
fn a_change_that_is_not_deployed_is_seen() {
    let summary = json!({"apiSummary":{"/items":{"GET":{"authorizationType":"AWS_IAM","apiKeyRequired":false}},"/{proxy+}":{"ANY":{"authorizationType":"NONE","apiKeyRequired":false}}}});
    let keys = json!({"apiSummary":{"/items":{}}});
    let resources = |path: &str, verb: &str| json!({"items":[{"id":"a","path":path,"resourceMethods":{verb:{}}}]});
    let method = |kind: &str| json!({"httpMethod":"GET","authorizationType":kind});
    for (path, deployed, command, now, expected) in [
        ("/new", &summary, "apigateway get-resources", resources("/new", "GET"), "yes"),
        ("/new", &summary, "apigateway get-resources", resources("/new", "POST"), ""),
        ("/items", &summary, "apigateway get-resources", resources("/items", "GET"), ""),
        ("/items", &keys, "apigateway get-resources", resources("/items", "GET"), ""),
        ("/new", &keys, "apigateway get-resource", json!({"path":"/new","resourceMethods":{"ANY":{}}}), "yes"),
        ("/items", &summary, "apigateway get-resource", json!({"path":"/new","resourceMethods":{"ANY":{}}}), ""),
        ("/items", &summary, "apigateway get-method", method("NONE"), "yes"),
        ("/items", &summary, "apigateway get-method", method("AWS_IAM"), ""),
        ("/items", &summary, "apigateway get-method", json!({"httpMethod":"POST","authorizationType":"NONE"}), ""),
        ("/new", &keys, "apigateway get-method", method("NONE"), "yes"),
        ("/items", &keys, "apigateway get-method", method("NONE"), ""),
    ] {
        let probes = [("apigateway get-deployment", deployed.clone()), (command, now)];
        check(path, &probes, &[("deployed.lacks_change", expected)]);
    }
}

#[test]
fn a_stage_in_the_path_of_a_custom_domain_is_seen() {
    let mappings = |all: &[(&str, &str)]| {
        let item = |(key, stage): &(&str, &str)| json!({"ApiMappingKey":key,"ApiId":"abc123defg","Stage":stage});
        json!({"Items": all.iter().map(item).collect::<Vec<_>>()})
    };
    for (path, output, expected) in [
        ("/dev/get-list", mappings(&[("", "dev")]), "yes"),
        ("/get-list", mappings(&[("", "dev")]), "no"),
        ("/dev/get-list", mappings(&[("dev", "dev")]), "no"),
        ("/dev/get-list", mappings(&[("", "dev"), ("dev", "dev")]), "no"),
        ("/orders/dev/x", mappings(&[("orders", "dev")]), "yes"),
        ("/orders2/dev/x", mappings(&[("orders", "dev")]), ""),
        ("/prod/x", json!({"items":[{"basePath":"(none)","restApiId":"a","stage":"prod"}]}), "yes"),
        ("/prod/x", json!({"Items":[{"ApiMappingKey":null,"Stage":"prod"}]}), "yes"),
        ("/prod/x", json!({"Items":[{"ApiMappingKey":null,"Stage":"prod"}],"domainName":"other.example.com"}), ""),
        ("/prod/x", json!({"Items":[{"ApiId":"a"}]}), ""),
    ] {
        let mut facts = Facts::default();
        facts.request.host.set("api.example.com", 1);
        facts.request.host_kind.set("other", 1);
        facts.request.path.set(path, 1);
        let probe = Probe { command: "apigatewayv2 get-api-mappings".to_owned(), output: output.clone(), line: 5 };
        derive(&Found { probes: vec![probe], ..Found::default() }, &mut facts);
        assert_eq!(show(&facts, "api.stage_in_path"), expected, "{path} {output}");
    }
}

#[test]
fn an_http_api_may_have_the_default_stage_alone() {
    for (names, expected) in [(vec!["$default"], "true"), (vec!["$default", "dev"], "false"), (vec!["dev"], "false")] {
        let items: Vec<Json> = names.iter().map(|name| json!({"StageName":name})).collect();
        check("/x", &[("apigatewayv2 get-stages", json!({ "Items": items }))], &[("stages.default_only", expected)]);
    }
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
