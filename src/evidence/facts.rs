//! What `detect` expressions can ask about a paste, each fact with the line that shows it.
//!
//! The list below is the whole of it: the structs, the schema that expressions are checked against and the table in the
//! README all come from here. A fact that was not shown is empty, `0` or `false`; a fact with two readings that disagree is
//! empty as well, and the disagreement is kept. Values may be secret (a redirect URI, a message), so nothing here can be
//! printed: only the answers that expressions give travel on.

use std::collections::BTreeMap;

/// A value and the line that shows it, counted from 1; 0 when it was not shown.
#[derive(Clone, Default)]
pub struct Fact<T> {
    pub value: T,
    pub line: usize,
}

impl<T> Fact<T> {
    pub fn set(&mut self, value: impl Into<T>, line: usize) {
        self.value = value.into();
        self.line = line;
    }
}

/// The types that facts have, as CEL names them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Text,
    Number,
    Flag,
    Texts,
    Map,
}

impl Kind {
    pub fn word(self) -> &'static str {
        match self {
            Kind::Text => "string",
            Kind::Number => "int",
            Kind::Flag => "bool",
            Kind::Texts => "list(string)",
            Kind::Map => "map(string, string)",
        }
    }
}

/// A fact's value, borrowed.
pub enum Value<'a> {
    Text(&'a str),
    Number(i64),
    Flag(bool),
    Texts(&'a [String]),
    Map(&'a BTreeMap<String, String>),
}

trait Factual {
    const KIND: Kind;
    fn value(&self) -> Value<'_>;
}

macro_rules! factual {
    ($type:ty, $kind:ident, |$it:ident| $value:expr) => {
        impl Factual for $type {
            const KIND: Kind = Kind::$kind;
            fn value(&self) -> Value<'_> {
                let $it = self;
                Value::$kind($value)
            }
        }
    };
}

factual!(String, Text, |it| it);
factual!(i64, Number, |it| *it);
factual!(bool, Flag, |it| *it);
factual!(Vec<String>, Texts, |it| it);
factual!(BTreeMap<String, String>, Map, |it| it);

/// One fact that expressions can name as `group.name`.
pub struct Field {
    pub group: &'static str,
    pub name: &'static str,
    pub kind: Kind,
    pub doc: &'static str,
}

macro_rules! facts {
    ($($(#[doc = $about:literal])* $group:ident: $Type:ident {
        $($(#[doc = $doc:literal])* $name:ident: $kind:ty,)*
    })*) => {
        $(
            $(#[doc = $about])*
            #[derive(Clone, Default)]
            pub struct $Type { $($(#[doc = $doc])* pub $name: Fact<$kind>,)* }
        )*

        /// Everything that was read.
        #[derive(Clone, Default)]
        pub struct Facts { $($(#[doc = $about])* pub $group: $Type,)* }

        /// The schema.
        pub const FIELDS: &[Field] = &[$($(
            Field {
                group: stringify!($group),
                name: stringify!($name),
                kind: <$kind as Factual>::KIND,
                doc: concat!($($doc),*),
            },
        )*)*];

        impl Facts {
            /// The value of a fact and its line.
            pub fn find(&self, group: &str, name: &str) -> Option<(Value<'_>, usize)> {
                match (group, name) {
                    $($((stringify!($group), stringify!($name)) => {
                        let fact = &self.$group.$name;
                        Some((fact.value.value(), fact.line))
                    })*)*
                    _ => None,
                }
            }
        }
    };
}

facts! {
    /// The request that failed.
    request: RequestFacts {
        /// A request was shown, in whatever form.
        shown: bool,
        /// All its headers were shown: what is not among them was not sent.
        whole: bool,
        /// What shows it: `command`, `wire` or `part`.
        source: String,
        /// The HTTP method, in capitals.
        verb: String,
        /// `https`, `http`, `wss`, or empty.
        scheme: String,
        /// The host as it was called, in lower case.
        host: String,
        /// `execute-api`, `vpc-endpoint`, `cognito`, `s3`, `s3-website`, `lambda-url`, `cloudfront`, `aws` (another AWS host), `local` (localhost and private addresses), `other` (so perhaps a custom domain).
        host_kind: String,
        /// The region in the host name.
        region: String,
        /// How many segments the path has: `/prod/users` has 2, `/` has none.
        segments: i64,
        /// The path, not decoded.
        path: String,
        /// For `execute-api`: the first segment of the path, which names the stage.
        stage: String,
        /// For `execute-api`: the path after the first segment.
        below_stage: String,
        /// The path holds characters that signers encode differently (anything but letters, digits, `-._~/`).
        special_path: bool,
        /// Names of the query parameters.
        parameters: Vec<String>,
        /// Header names in lower case, with their value as far as it is harmless: a scheme, a type, a list of names.
        headers: BTreeMap<String, String>,
        /// What `Authorization` carries: `none` (the request is whole and has none), `sigv4`, `sigv4a`, `sigv2`, `bearer`, `jwt` (without a scheme), `basic`, `other`, or empty.
        authorization: String,
        /// Where an API key is: `header` (`x-api-key`), `other-header`, `query`, `body`, `none` (the request is whole and has none), or empty.
        api_key: String,
        /// The media type of the body, without parameters.
        content_type: String,
        /// The size of the body, -1 when it was not shown.
        body_bytes: i64,
        /// The program: `curl`, `httpie`, `browser`, `postman`, `python`, `node`, `aws-cli`, `boto3`, `java`, `go`, `wget`, `powershell`, or empty.
        client: String,
        /// Names an API in a header (`x-apigw-api-id`, or a `Host` that is not the one called).
        names_api: bool,
        /// The `Host` header, where it differs from the host that was called.
        host_header: String,
    }
    /// The AWS signature in the request: header or query.
    sigv4: Sigv4Facts {
        /// A signature was shown.
        shown: bool,
        /// It is in the query: a presigned URL.
        presigned: bool,
        /// `long-term` (`AKIA…`), `temporary` (`ASIA…`), `other`, or empty.
        key_kind: String,
        /// The date of the credential scope, `yyyymmdd`.
        date: String,
        /// The region of the credential scope, as written.
        region: String,
        /// The service of the credential scope, as written.
        service: String,
        /// Region and service are in lower case.
        lower_case: bool,
        /// Names of the signed headers.
        signed_headers: Vec<String>,
        /// Signed headers that a whole request does not carry.
        missing_headers: Vec<String>,
        /// The session token: `present`, `absent` (the request is whole), `empty` (there, as `undefined`, `null` or nothing), or empty.
        session_token: String,
        /// `x-amz-date` minus the `Date` of the answer, in seconds.
        skew_seconds: i64,
        /// Both times were shown.
        skew_known: bool,
        /// `x-amz-content-sha256`: `absent` (the request is whole), `right`, `wrong` (for the body shown), `unsigned`, `shown` (cannot be compared), or empty.
        payload_hash: String,
        /// How long a presigned URL lives, in seconds; 0 when not shown.
        expires_seconds: i64,
        /// A presigned URL: `yes`, `no` (at the time of the answer), or empty.
        expired: String,
    }
    /// Where the service showed what it signed: the first line of its canonical request that differs.
    signature: SignatureFacts {
        /// The service's canonical request or string to sign was shown, with the request.
        compared: bool,
        /// `nothing`, `verb`, `path`, `query`, `host`, `header`, `signed-headers`, `payload`, `scope`, `date`, or empty.
        differs: String,
        /// The header whose value differs.
        header: String,
    }
    /// A JSON Web Token in the request; it is decoded, never verified, and its subject is not read.
    token: TokenFacts {
        /// A token was shown that can be decoded.
        shown: bool,
        /// `id`, `access`, or empty.
        token_use: String,
        /// `yes`, `no` (at the time of the answer), or empty.
        expired: String,
        /// `yes`, `no`, or empty: its `nbf` or `iat` lies after the time of the answer.
        not_yet: String,
        /// `cognito`, `other`, or empty.
        issuer: String,
        /// It has an `aud`.
        has_audience: bool,
        /// It has a `client_id`.
        has_client_id: bool,
        /// Its scopes.
        scopes: Vec<String>,
        /// Where it is: `authorization`, `authorization-bare` (without `Bearer`), `other-header`, `query`, `body`.
        place: String,
    }
    /// A request to an OAuth 2.0 or sign-in endpoint, in the query or in a form.
    oauth: OauthFacts {
        /// `authorize`, `token`, `login`, `logout`, `userinfo`, `revoke`, `idpresponse`, `saml`, `error` (an error page), or empty.
        endpoint: String,
        /// `authorization_code`, `client_credentials`, `refresh_token`, `password`, another, or empty.
        grant_type: String,
        /// `code`, `token`, another, or empty.
        response_type: String,
        /// There is a `redirect_uri`.
        has_redirect: bool,
        /// The `redirect_uri`, decoded.
        redirect_uri: String,
        /// How often the `redirect_uri` is percent-encoded: 0, 1, 2.
        redirect_encodings: i64,
        /// The `redirect_uri` ends with a slash.
        redirect_slash: bool,
        /// The `logout_uri`, decoded.
        logout_uri: String,
        /// There is a `code_challenge` or a `code_verifier`.
        pkce: bool,
        /// How the client proves itself: `basic`, `body` (`client_secret`), `none` (the request is whole and does not), or empty.
        client_auth: String,
        /// There is a `scope`, an empty one too: `yes`, `no` (the request is whole), or empty.
        has_scope: String,
        /// The scopes asked for.
        scopes: Vec<String>,
        /// The `error` that came back.
        error: String,
    }
    /// Cross-origin requests.
    cors: CorsFacts {
        /// The request is a preflight: `OPTIONS` with `Origin` or `Access-Control-Request-Method`.
        preflight: bool,
        /// The request has an `Origin`.
        has_origin: bool,
        /// The answer allows this origin: `yes`, `no` (another one), `absent` (no such header), or empty.
        allows_origin: String,
        /// The preflight's answer allows the verb: `yes`, `no`, or empty.
        allows_verb: String,
        /// The preflight's answer allows every header asked for: `yes`, `no`, or empty.
        allows_headers: String,
        /// The browser's console says that CORS blocked the request.
        blocked: bool,
        /// The status that answered the preflight, which may be another request of the text; 0 when not shown.
        preflight_status: i64,
        /// The headers of that answer allow the origin, the verb and every header asked for: `yes`, `no`, or empty.
        preflight_allows: String,
    }
    /// The other requests of the text, beside the one that failed.
    others: OthersFacts {
        /// Another path on the same host and stage was answered 2xx: `yes`, `no` (two other paths or more failed in the same way), or empty.
        path_works: String,
        /// The same request, with the same credentials, was answered 2xx at another time, and this one 401 or 403: `yes`, or empty.
        same_works: String,
    }
    /// The answer to the request.
    response: ResponseFacts {
        /// An answer was shown.
        shown: bool,
        /// The status code: weak evidence, gateways rewrite it.
        status: i64,
        /// `x-amzn-errortype`, without what follows a colon.
        error_type: String,
        /// Header names in lower case, with their value as far as it is harmless.
        headers: BTreeMap<String, String>,
        /// `json`, `xml`, `html`, `text`, `empty`, or empty when not shown.
        body_kind: String,
        /// Who answered, by its marks: `api-gateway`, `cloudfront`, `waf`, `s3`, `cognito`, `lambda`, `load-balancer`, or empty.
        from: String,
        /// Where a redirect leads: the path, without its query.
        location_path: String,
    }
    /// Errors, wherever they were told: header, body, exception, log, prose.
    error: ErrorFacts {
        /// The code with the strongest source, such as `SignatureDoesNotMatch`.
        code: String,
        /// All codes.
        codes: Vec<String>,
        /// All messages.
        messages: Vec<String>,
        /// All codes and messages, a line each.
        text: String,
        /// What the message names as expected (`expecting 'us-east-1'`, `correct service: 'es'`).
        expected: String,
        /// The operation that an SDK called, such as `ListBuckets`.
        operation: String,
    }
    /// When nothing answered.
    network: NetworkFacts {
        /// `no-name`, `time-out`, `refused`, `tls`, or empty.
        failure: String,
        /// The connection was made, so that only the answer is missing: `yes`, `no`, or empty.
        connected: String,
    }
    /// What logs tell.
    log: LogFacts {
        /// A Lambda function's run: `cannot-load`, `exception`, `timed-out`, `out-of-memory`, `finished`, or empty.
        run: String,
        /// The log of a function was shown.
        lambda: bool,
        /// An execution log of API Gateway was shown.
        execution: bool,
    }
    /// Output of `aws apigateway get-stage`, `get-stages`, `get-deployments`, `aws apigatewayv2 get-stages`.
    stages: StagesFacts {
        /// Such output was shown.
        shown: bool,
        /// Names of the stages.
        names: Vec<String>,
        /// When a stage was last deployed, in seconds since 1970; 0 when not shown.
        deployed_at: i64,
        /// A web ACL is on the stage.
        has_waf: bool,
        /// The only stage of the API is `$default`, so that the first segment of the path names no stage.
        default_only: bool,
    }
    /// Output of `aws apigateway get-deployment --embed apisummary`: what a stage serves. It fills the group `method` as well.
    deployed: DeployedFacts {
        /// Such a summary was shown.
        shown: bool,
        /// Path and verb of the request are in the summary: `yes`, `no`, or empty.
        serves: String,
        /// When the deployment was made, in seconds since 1970; 0 when not shown.
        made_at: i64,
        /// Output of `get-resources`, `get-resource` or `get-method` has path and verb of the request, or another authorization for them, and the summary has not: `yes`, or empty.
        lacks_change: String,
    }
    /// Output of `aws apigateway get-method` and `get-resources`, `get-resource`, `get-deployment`, `aws apigatewayv2 get-routes`.
    method: MethodFacts {
        /// A method was shown.
        shown: bool,
        /// `NONE`, `AWS_IAM`, `CUSTOM`, `COGNITO_USER_POOLS`, `JWT`, or empty.
        authorization: String,
        /// `yes`, `no`, or empty.
        key_required: String,
        /// Resources or routes were listed.
        resources_shown: bool,
        /// Their paths.
        paths: Vec<String>,
        /// The verbs of the resource that matches the request, or of the one shown.
        verbs: Vec<String>,
        /// A resource matches the path of the request: `yes`, `no`, `greedy-only` (the root, with `{proxy+}` alone), or empty.
        matches: String,
        /// The scopes that the authorizer wants.
        scopes: Vec<String>,
    }
    /// Output of `aws apigateway get-rest-api` and `get-rest-apis`, `aws apigatewayv2 get-api`.
    api: ApiFacts {
        /// Such output was shown.
        shown: bool,
        /// `REGIONAL`, `EDGE`, `PRIVATE`, or empty.
        endpoint: String,
        /// `HEADER`, `AUTHORIZER`, or empty.
        key_source: String,
        /// An API of the list has the id that the request calls: `yes`, `no`, or empty.
        is_listed: String,
        /// Output of `get-domain-name`, `get-base-path-mappings` or `get-api-mappings`: `yes` (there is one), `no`, or empty.
        domain_mapped: String,
        /// By those mappings, the path begins (after the mapping's own key) with the name of the stage that the domain leads to: `yes`, `no`, or empty.
        stage_in_path: String,
    }
    /// Output of `aws apigateway get-usage-plans`, `get-usage-plan-keys`, `get-api-keys`.
    usage: UsageFacts {
        /// Usage plans were listed.
        plans_shown: bool,
        /// A plan holds the stage that is called: `yes`, `no`, or empty.
        holds_stage: String,
        /// Keys of a plan were listed, and there are none: `yes`, `no`, or empty.
        no_keys: String,
        /// API keys were listed.
        keys_shown: bool,
        /// One of the keys shown is disabled, and it is the only one: `yes`, `no`, or empty.
        disabled: String,
    }
    /// Output of `aws cognito-idp describe-user-pool-client`.
    app_client: ClientFacts {
        /// Such output was shown.
        shown: bool,
        /// The client has a secret: `yes`, `no`, or empty.
        has_secret: String,
        /// OAuth features are on: `yes`, `no`, or empty.
        oauth_on: String,
        /// `code`, `implicit`, `client_credentials`.
        flows: Vec<String>,
        /// Scopes that it may ask for.
        scopes: Vec<String>,
        /// Callback URLs.
        callbacks: Vec<String>,
        /// Sign-out URLs.
        logouts: Vec<String>,
    }
    /// Output of `aws lambda get-policy`, `get-function-configuration`, `aws sts get-caller-identity`, `aws configure list`.
    account: AccountFacts {
        /// The function's policy lets API Gateway call it: `yes`, `no` (no such statement), or empty.
        lambda_allows: String,
        /// The API id in the policy's source ARN is the one that is called: `yes`, `no`, or empty.
        lambda_same_api: String,
        /// `get-caller-identity` answered: `yes`, `no` (it was refused), or empty.
        identity: String,
        /// `aws configure list` shows credentials: `yes`, `no`, or empty.
        has_credentials: String,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_the_schema_can_be_found_and_is_documented() {
        let facts = Facts::default();
        for field in FIELDS {
            assert!(facts.find(field.group, field.name).is_some(), "{}.{}", field.group, field.name);
            assert!(field.doc.trim().len() > 5, "{}.{}", field.group, field.name);
        }
        assert!(facts.find("request", "nothing").is_none());
    }
}
