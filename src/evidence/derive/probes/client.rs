//! The app client of a user pool.

use serde_json::Value as Json;

use super::super::super::facts::Facts;
use super::{Output, agree, of, text, texts, yes};

pub fn derive(all: &[Output<'_>], called: Option<&str>, facts: &mut Facts) {
    for output in of(all, &["cognito-idp describe-user-pool-client"]) {
        let Some(client) = output.value.get("UserPoolClient") else { continue };
        let named = text(client, "ClientId").or_else(|| text(output.value, "clientId"));
        if !matches!((named, called), (Some(named), Some(called)) if is_other(named, called)) {
            derive_client(client, output.line, facts);
        }
    }
}

/// Ids have letters in lower case and digits; anything else is a placeholder, which may stand for the same one.
fn is_other(named: &str, called: &str) -> bool {
    let real = |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    real(named) && real(called) && named != called
}

fn derive_client(client: &Json, line: usize, facts: &mut Facts) {
    let own = &mut facts.app_client;
    own.shown.set(true, line);
    // The whole description leaves the secret out when there is none; a part of it says `null`.
    match client.get("ClientSecret") {
        Some(secret) => agree(&mut own.has_secret, yes(!secret.is_null()), line),
        None if client.get("ClientId").is_some() && client.get("UserPoolId").is_some() => agree(&mut own.has_secret, "no", line),
        None => {}
    }
    if let Some(on) = client.get("AllowedOAuthFlowsUserPoolClient").and_then(Json::as_bool) {
        agree(&mut own.oauth_on, yes(on), line);
    }
    let lists = [
        ("AllowedOAuthFlows", &mut own.flows),
        ("AllowedOAuthScopes", &mut own.scopes),
        ("CallbackURLs", &mut own.callbacks),
        ("LogoutURLs", &mut own.logouts),
    ];
    for (name, fact) in lists {
        if let Some(all) = texts(client.get(name)) {
            fact.set(all, line);
        }
    }
}
