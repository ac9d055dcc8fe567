//! Requests to OAuth 2.0 and sign-in endpoints: parameters from the query, else from a form. Start at [`derive`].

use super::super::facts::{Facts, OauthFacts};
use super::super::wire::{Exchange, Request, find_header, parameters};
use super::fields::{self, Field};
use super::request::is_bodiless;
use serde_json::{Map, Value as Json};

pub fn derive(exchange: &Exchange, facts: &mut Facts) {
    let request = &exchange.request;
    let query = fields::list_query(request);
    let form = fields::list_form(request);
    let endpoint = find_endpoint(request, &query, &facts.request.host_kind.value);
    let all = Parameters { query, form };
    let facts = &mut facts.oauth;
    if let (Some(endpoint), Some(target)) = (endpoint, &request.target) {
        facts.endpoint.set(endpoint, target.line);
    }
    let is_flow = ["response_type", "grant_type", "redirect_uri"].iter().any(|name| all.find(name).is_some());
    if endpoint.is_some() || (is_flow && all.find("client_id").is_some()) {
        derive_parameters(&all, facts);
        derive_client(request, &all, facts);
        derive_scope(request, &all, facts);
    }
    derive_error(exchange, &all, facts);
}

/// The app client that a request names.
pub fn find_client(request: &Request) -> Option<String> {
    let all = Parameters { query: fields::list_query(request), form: fields::list_form(request) };
    all.find("client_id").map(|field| field.value.clone())
}

struct Parameters {
    query: Vec<Field>,
    form: Vec<Field>,
}

impl Parameters {
    fn find(&self, name: &str) -> Option<&Field> {
        fields::find(&self.query, name).or_else(|| fields::find(&self.form, name))
    }
}

/// The endpoint by its path; words that any site uses count only where something else speaks for OAuth.
fn find_endpoint(request: &Request, query: &[Field], host_kind: &str) -> Option<&'static str> {
    let path = request.target.as_ref()?.value.path.as_str();
    let has = |name: &str| fields::find(query, name).is_some();
    let is_sign_in = || host_kind == "cognito" || has("client_id");
    match path {
        "/oauth2/authorize" => Some("authorize"),
        "/oauth2/token" => Some("token"),
        "/oauth2/revoke" => Some("revoke"),
        "/oauth2/idpresponse" => Some("idpresponse"),
        "/saml2/idpresponse" => Some("saml"),
        _ if path.eq_ignore_ascii_case("/oauth2/userinfo") => Some("userinfo"),
        "/login" if is_sign_in() => Some("login"),
        "/logout" if is_sign_in() => Some("logout"),
        "/error" if is_sign_in() => Some("error"),
        _ => None,
    }
}

fn derive_parameters(all: &Parameters, facts: &mut OauthFacts) {
    if let Some(field) = all.find("grant_type").filter(|f| !fields::is_placeholder(&f.value)) {
        facts.grant_type.set(field.value.as_str(), field.line);
    }
    if let Some(field) = all.find("response_type").filter(|f| !fields::is_placeholder(&f.value)) {
        facts.response_type.set(field.value.as_str(), field.line);
    }
    if let Some(field) = all.find("redirect_uri") {
        facts.has_redirect.set(true, field.line);
        if is_filled_in(&field.value) {
            derive_redirect(field, facts);
        }
    }
    if let Some(field) = all.find("logout_uri").filter(|f| is_filled_in(&f.value)) {
        facts.logout_uri.set(decode_uri(&field.raw).0, field.line);
    }
    if let Some(field) = all.find("code_challenge").or_else(|| all.find("code_verifier")) {
        facts.pkce.set(true, field.line);
    }
}

/// Whether a URI is one, and not the name of a variable that holds one.
fn is_filled_in(uri: &str) -> bool {
    !fields::is_cut(uri) && !uri.contains(['$', '{'])
}

fn derive_redirect(field: &Field, facts: &mut OauthFacts) {
    let (uri, encodings) = decode_uri(&field.raw);
    facts.redirect_encodings.set(encodings, field.line);
    facts.redirect_slash.set(uri.ends_with('/'), field.line);
    facts.redirect_uri.set(uri, field.line);
}

/// Decodes a URI until its scheme stands there, and counts how often that took. The server decodes once in any case.
fn decode_uri(raw: &str) -> (String, i64) {
    let mut uri = raw.to_owned();
    let mut count = 0;
    while !uri.contains("://") && count < 3 {
        let next = fields::decode(&uri);
        if next == uri {
            break;
        }
        uri = next;
        count += 1;
    }
    (if count == 0 { fields::decode(&uri) } else { uri }, count)
}

fn derive_client(request: &Request, all: &Parameters, facts: &mut OauthFacts) {
    let basic = find_header(&request.headers, "authorization").filter(|h| h.value.to_ascii_lowercase().starts_with("basic "));
    if let Some(header) = basic {
        facts.client_auth.set("basic", header.line);
    } else if let Some(field) = fields::find(&all.form, "client_secret").filter(|f| !f.value.is_empty()) {
        facts.client_auth.set("body", field.line);
    } else if let Some(target) = request.target.as_ref().filter(|_| request.whole) {
        let proves = ["token", "revoke"].contains(&facts.endpoint.value.as_str());
        let is_known = find_header(&request.headers, "authorization").is_none() && is_form_known(request);
        if proves && is_known && all.find("client_secret").is_none() {
            facts.client_auth.set("none", target.line);
        }
    }
}

/// Whether the fields of the body are all there: the body is shown, or there is none.
fn is_form_known(request: &Request) -> bool {
    let is_variable = |name: &str| name.starts_with(['$', '{', '<', '@']) || name.contains("...") || name.contains('…');
    match &request.body {
        Some(body) => !body.value.contains("...") && parameters(&body.value).all(|(name, _)| !is_variable(name)),
        None => is_bodiless(request),
    }
}

fn derive_scope(request: &Request, all: &Parameters, facts: &mut OauthFacts) {
    if let Some(field) = all.find("scope") {
        facts.has_scope.set("yes", field.line);
        facts.scopes.set(field.value.split_whitespace().map(str::to_owned).collect::<Vec<_>>(), field.line);
    } else if let Some(target) = &request.target {
        let is_shown = (request.whole && is_form_known(request)) || is_complete_link(all, &facts.endpoint.value);
        if is_shown && !facts.endpoint.value.is_empty() {
            facts.has_scope.set("no", target.line);
        }
    }
}

/// A link to a sign-in page is a request in itself: its query is all there is.
fn is_complete_link(all: &Parameters, endpoint: &str) -> bool {
    let has = |name: &str| fields::find(&all.query, name).is_some();
    let is_cut = || {
        all.query.iter().any(|f| f.name.contains("..") || f.name.contains('…') || f.raw.contains("...") || f.raw.contains('…'))
    };
    ["authorize", "login"].contains(&endpoint) && has("client_id") && has("response_type") && !is_cut()
}

fn derive_error(exchange: &Exchange, all: &Parameters, facts: &mut OauthFacts) {
    let is_oauth = !facts.endpoint.value.is_empty();
    let told = find_in_query(all, is_oauth)
        .or_else(|| find_in_location(exchange, is_oauth))
        .or_else(|| find_in_body(exchange).filter(|_| is_oauth));
    if let Some((error, line)) = told.filter(|(error, _)| is_error_word(error)) {
        facts.error.set(error, line);
    }
}

fn find_in_query(all: &Parameters, is_oauth: bool) -> Option<(String, usize)> {
    let has = |name: &str| fields::find(&all.query, name).is_some();
    let field = fields::find(&all.query, "error")?;
    (is_oauth || has("error_description") || has("state")).then(|| (field.value.clone(), field.line))
}

/// The error in the query, or in the fragment, of the URL that a redirect leads to.
fn find_in_location(exchange: &Exchange, is_oauth: bool) -> Option<(String, usize)> {
    let header = find_header(&exchange.response.as_ref()?.headers, "location")?;
    let (place, query) = header.value.split_once(['?', '#'])?;
    let find = |name: &str| query.split(['?', '#']).flat_map(parameters).find(|(n, _)| *n == name);
    let (_, value) = find("error")?;
    let speaks = is_oauth || place.ends_with("/error") || find("error_description").is_some() || find("state").is_some();
    speaks.then(|| (fields::decode(value), header.line))
}

fn find_in_body(exchange: &Exchange) -> Option<(String, usize)> {
    let body = exchange.response.as_ref()?.body.as_ref()?;
    let text = body.value.trim();
    let json: Map<String, Json> = serde_json::from_str(text).ok().filter(|_| text.starts_with('{'))?;
    Some((json.get("error")?.as_str()?.to_owned(), body.line))
}

fn is_error_word(text: &str) -> bool {
    !text.is_empty() && text.len() <= 60 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::super::samples::check;

    const SITE: &str = "https://myapp.auth.us-east-1.amazoncognito.com";

    #[test]
    fn endpoints_are_known_by_their_paths() {
        for (url, expected) in [
            (format!("{SITE}/oauth2/authorize?x=1"), "authorize"),
            ("https://login.example.com/oauth2/token".to_owned(), "token"),
            (format!("{SITE}/login"), "login"),
            ("https://login.example.com/login".to_owned(), ""),
            ("https://login.example.com/login?client_id=a".to_owned(), "login"),
            (format!("{SITE}/oauth2/userInfo"), "userinfo"),
            (format!("{SITE}/saml2/idpresponse"), "saml"),
            (format!("{SITE}/error?error=redirect_mismatch"), "error"),
            ("https://api.example.com/prod/oauth2/token".to_owned(), ""),
        ] {
            let claim = format!("oauth.endpoint={expected}");
            check(&format!("GET {url}\n"), &[&claim]);
        }
    }

    #[test]
    fn redirects_tell_how_often_they_are_encoded() {
        for (raw, uri, encodings, slash) in [
            ("https://app.example.com/cb", "https://app.example.com/cb", "0", "false"),
            ("https%3A%2F%2Fapp.example.com%2Fcb%2F", "https://app.example.com/cb/", "1", "true"),
            ("https%253A%252F%252Fapp.example.com", "https://app.example.com", "2", "false"),
            ("myapp://", "myapp://", "0", "true"),
            ("$REDIRECT", "", "0", "false"),
            ("", "", "0", "false"),
        ] {
            let (uri, encodings) = (format!("oauth.redirect_uri={uri}"), format!("oauth.redirect_encodings={encodings}"));
            let slash = format!("oauth.redirect_slash={slash}");
            let url = format!("{SITE}/oauth2/authorize?client_id=a&redirect_uri={raw}");
            check(&format!("GET {url}\n"), &["oauth.has_redirect=true", &uri, &encodings, &slash]);
        }
    }

    #[test]
    fn parameters_come_from_the_query_or_a_form() {
        check(
            &format!("GET {SITE}/oauth2/authorize?client_id=a&response_type=code&scope=openid+email&code_challenge=x\n"),
            &["oauth.response_type=code", "oauth.has_scope=yes", "oauth.scopes=openid,email", "oauth.pkce=true"],
        );
        check(
            &format!("POST {SITE}/oauth2/token\nAuthorization: Basic YTpi\n\ngrant_type=authorization_code&scope="),
            &["oauth.grant_type=authorization_code", "oauth.client_auth=basic", "oauth.has_scope=yes", "oauth.scopes="],
        );
        check(&format!("POST {SITE}/oauth2/token\n\nclient_secret=FAKESECRET"), &["oauth.client_auth=body", "oauth.has_scope="]);
        check("POST https://api.example.com/x\n\nscope=a&client_id=b", &["oauth.endpoint=", "oauth.has_scope="]);
    }

    #[test]
    fn only_a_whole_request_lacks_a_proof_or_a_scope() {
        let body = "grant_type=client_credentials&client_id=a";
        check(&format!("POST {SITE}/oauth2/token\n\n{body}"), &["oauth.client_auth=", "oauth.has_scope="]);
        check(&format!("POST! {SITE}/oauth2/token\nHost: x\n\n{body}"), &["oauth.client_auth=none", "oauth.has_scope=no"]);
        check(&format!("POST! {SITE}/oauth2/token\nContent-Length: 20\n"), &["oauth.client_auth=", "oauth.has_scope="]);
        check(&format!("GET {SITE}/login?client_id=a&response_type=code\n"), &["oauth.has_scope=no", "oauth.client_auth="]);
        check(&format!("POST! {SITE}/oauth2/token\n\n{body}&$REST"), &["oauth.client_auth=", "oauth.has_scope="]);
        check(&format!("GET {SITE}/login?client_id=a&response_type=code&...\n"), &["oauth.has_scope="]);
    }

    #[test]
    fn errors_come_back_in_several_places() {
        for text in [
            format!("GET {SITE}/error?error=redirect_mismatch&client_id=a\n"),
            "GET https://app.example.com/cb?error=redirect_mismatch&state=a\n".to_owned(),
            format!("GET {SITE}/oauth2/authorize\n---\n302\nLocation: {SITE}/error?error=redirect_mismatch&client_id=a\n"),
            "GET https://app.example.com/x\n---\n302\nLocation: /error?error=redirect_mismatch\n".to_owned(),
            format!("GET {SITE}/oauth2/authorize\n---\n302\nLocation: https://app.example.com/cb#error=redirect_mismatch\n"),
            format!("POST {SITE}/oauth2/token\n---\n400\n\n{{\"error\":\"redirect_mismatch\"}}"),
        ] {
            check(&text, &["oauth.error=redirect_mismatch"]);
        }
        check("GET https://api.example.com/x?error=1\n---\n400\n\n{\"error\":\"nope\"}", &["oauth.error="]);
    }
}
