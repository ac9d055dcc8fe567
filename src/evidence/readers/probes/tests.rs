//! What the output of commands comes to.

use serde_json::{Value as Json, json};

use super::super::super::lines::Lines;
use super::super::super::wire::Found;

/// A command with its output, and the form in which it is kept.
fn cases() -> Vec<(&'static str, &'static str, Json)> {
    vec![
        (
            "$ aws apigateway get-method --http-method GET --query '[authorizationType,apiKeyRequired]'\n[\n \"NONE\",\n false\n]",
            "apigateway get-method",
            json!({"authorizationType":"NONE","apiKeyRequired":false,"httpMethod":"GET"}),
        ),
        (
            "aws apigateway get-method --rest-api-id x --query authorizationType\n\"AWS_IAM\"",
            "apigateway get-method",
            json!({"authorizationType":"AWS_IAM"}),
        ),
        (
            "$ aws apigateway get-method --query '[authorizationType,apiKeyRequired]' --output text\nAWS_IAM\tFalse",
            "apigateway get-method",
            json!({"authorizationType":"AWS_IAM","apiKeyRequired":false}),
        ),
        (
            "$ aws apigateway get-method --query '[authorizationType,authorizationScopes]'\n[\"COGNITO_USER_POOLS\", null]",
            "apigateway get-method",
            json!({"authorizationType":"COGNITO_USER_POOLS","authorizationScopes":null}),
        ),
        (
            "$ aws apigateway get-api-keys --query 'items[].[id,name,enabled]' --output table\n-----\n| GetApiKeys |\n+--+--+--+\n|  k1 | a | True |\n+--+--+--+",
            "apigateway get-api-keys",
            json!({"items":[{"id":"k1","name":"a","enabled":true}]}),
        ),
        (
            "$ aws cognito-idp describe-user-pool-client --client-id x \\\n  --query 'UserPoolClient.ClientSecret != `null`'\nfalse",
            "cognito-idp describe-user-pool-client",
            json!({"UserPoolClient":{"ClientSecret":null},"clientId":"x"}),
        ),
        (
            "$ aws cognito-idp describe-user-pool-client --query 'UserPoolClient.[AllowedOAuthFlowsUserPoolClient,AllowedOAuthFlows]'\n[true, [\"code\"]]",
            "cognito-idp describe-user-pool-client",
            json!({"UserPoolClient":{"AllowedOAuthFlowsUserPoolClient":true,"AllowedOAuthFlows":["code"]}}),
        ),
        (
            "$ aws apigateway get-stages --query 'item[].stageName'\n[\"prod\"]",
            "apigateway get-stages",
            json!({"item":[{"stageName":"prod"}]}),
        ),
        (
            "$ aws lambda get-policy --query Policy --output text\n{\"Version\":\"x\"}",
            "lambda get-policy",
            json!({"Policy":"{\"Version\":\"x\"}"}),
        ),
        (
            "$ aws lambda get-policy --function-name x\n\nAn error occurred (ResourceNotFoundException) when calling the GetPolicy operation: no",
            "lambda get-policy",
            json!({"Error":{"Code":"ResourceNotFoundException","Message":"no"}}),
        ),
        (
            "$ aws apigateway get-deployment --rest-api-id x --embed apisummary --query apiSummary \\\n>   --deployment-id $(aws apigateway get-stage --rest-api-id x --stage-name prod \\\n>   --query deploymentId --output text)\n{\n \"/items\": {\n \"GET\": { \"authorizationType\": \"NONE\", \"apiKeyRequired\": false }\n }\n}",
            "apigateway get-deployment",
            json!({"apiSummary":{"/items":{"GET":{"authorizationType":"NONE","apiKeyRequired":false}}}}),
        ),
        (
            "aws apigateway get-deployment --rest-api-id x --deployment-id `aws apigateway get-stage --query deploymentId --output text` --query 'keys(apiSummary)'\n[ \"/items\", \"/items/{proxy+}\" ]",
            "apigateway get-deployment",
            json!({"apiSummary":{"/items":{},"/items/{proxy+}":{}}}),
        ),
        (
            "$ aws apigateway get-deployment --query '{made: createdDate, serves: apiSummary}' --deployment-id $(aws x get-y --output text)\n{\"made\":\"2026-11-02T09:14:11+00:00\",\"serves\":{\"/\":{\"GET\":{}}}}",
            "apigateway get-deployment",
            json!({"createdDate":"2026-11-02T09:14:11+00:00","apiSummary":{"/":{"GET":{}}}}),
        ),
        (
            "$ aws apigatewayv2 get-api-mappings --domain-name api.example.com --query 'Items[].[ApiMappingKey,ApiId,Stage]' --output table\n----\n| GetApiMappings |\n+--+--+--+\n|   |  abc123defg |  dev    |\n+--+--+--+",
            "apigatewayv2 get-api-mappings",
            json!({"Items":[{"ApiMappingKey":"","ApiId":"abc123defg","Stage":"dev"}],"domainName":"api.example.com"}),
        ),
        (
            "$ aws apigateway get-rest-api --query apiKeySource\n\"HEADER\"",
            "apigateway get-rest-api",
            json!({"apiKeySource":"HEADER"}),
        ),
        (
            "$ aws configure list\n      Name                    Value             Type    Location\n      ----                    -----             ----    --------\naccess_key                <not set>             None    None\nsecret_key     ****************FAKE shared-credentials-file",
            "configure list",
            json!({"access_key":false,"secret_key":true}),
        ),
    ]
}

fn read(text: &str) -> Found {
    let lines = Lines::new(text);
    let mut found = Found::default();
    let mut at = 0;
    while at < lines.len() {
        at = super::read(&lines, at, &mut found).unwrap_or(at + 1).max(at + 1);
    }
    found
}

#[test]
fn outputs_are_put_back_to_one_form() {
    for (text, name, output) in cases() {
        let found = read(text);
        let probe = found.probes.first().unwrap_or_else(|| panic!("{text}"));
        assert_eq!(probe.command, name, "{text}");
        assert_eq!(probe.output, output, "{text}");
    }
}

#[test]
fn an_output_that_is_not_understood_is_left() {
    for text in [
        "$ aws apigateway get-usage-plan-keys --query \"items[?id=='x'].[id,name]\"\n[]",
        "$ aws apigateway get-method | jq .x\n\"NONE\"",
        "$ aws apigateway get-method --query '[a,b]'\n[1]",
        "aws is not what I expected",
        "$ aws apigateway get-stage\nNo, I did not run it",
    ] {
        assert!(read(text).probes.is_empty(), "{text}");
    }
}

#[test]
fn a_refused_caller_is_an_error_of_its_own() {
    let found = read(
        "$ aws sts get-caller-identity\n\nAn error occurred (ExpiredToken) when calling the GetCallerIdentity operation: old",
    );
    assert_eq!(found.errors[0].code.as_deref(), Some("ExpiredToken"));
}

#[test]
fn output_alone_is_known_by_its_keys() {
    for (value, name) in [
        (json!({"httpMethod":"GET","authorizationType":"NONE","apiKeyRequired":false}), Some("apigateway get-method")),
        (json!({"UserId":"x","Account":"111122223333","Arn":"a"}), Some("sts get-caller-identity")),
        (json!({"items":[{"id":"a","path":"/"}]}), Some("apigateway get-resources")),
        (json!({"items":[]}), None),
        (json!({"id":"dep111","createdDate":"x","apiSummary":{}}), Some("apigateway get-deployment")),
        (json!({"/items":{"GET":{"authorizationType":"NONE","apiKeyRequired":false}}}), Some("apigateway get-deployment")),
        (json!({"/items":{"get":{"responses":{}}}}), None),
        (json!({"/items":{}}), None),
        (
            json!({"Version":"x","Statement":[{"Effect":"Allow","Principal":{},"Resource":"arn:aws:lambda:us-east-1:111122223333:function:f"}]}),
            Some("lambda get-policy"),
        ),
        (json!({"name":"x","path":"/a"}), None),
    ] {
        assert_eq!(super::recognise(&value), name, "{value}");
    }
}
