//! A JSON Web Token in the request: decoded, never verified, and its subject is not read. Start at [`derive`].

use super::super::facts::{Facts, TokenFacts};
use super::super::wire::{Exchange, Request, find_header};
use super::{fields, times};
use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value as Json};

pub fn derive(exchange: &Exchange, facts: &mut Facts) {
    let candidates = list_candidates(&exchange.request);
    let decoded = candidates.iter().find_map(|c| decode(&c.text).map(|claims| (c, claims)));
    let facts = &mut facts.token;
    if let Some((candidate, claims)) = decoded {
        facts.shown.set(true, candidate.line);
        facts.place.set(candidate.place, candidate.line);
        derive_claims(&claims, candidate.line, facts);
        derive_times(&claims, exchange, facts);
    } else if let Some(candidate) = candidates.iter().find(|c| looks_like_token(&c.text)) {
        facts.place.set(candidate.place, candidate.line);
    }
}

/// Whether a text has the shape of a token, also when most of it was left out.
pub fn looks_like_token(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').take(4).collect();
    let is_cut = || text.contains("..") || text.contains('…') || text.contains("***");
    text.starts_with("eyJ")
        && !text.contains(char::is_whitespace)
        && ((parts.len() == 3 && parts.iter().all(|p| !p.is_empty())) || is_cut())
}

struct Candidate {
    text: String,
    place: &'static str,
    line: usize,
}

/// Whatever may be a token, in the order in which services look for it.
fn list_candidates(request: &Request) -> Vec<Candidate> {
    const NAMES: &[&str] =
        &["token", "access_token", "id_token", "id_token_hint", "jwt", "authorization", "auth", "accesstoken", "idtoken"];
    let mut all = Vec::new();
    let mut add = |text: &str, place, line| {
        if text.starts_with("eyJ") {
            all.push(Candidate { text: text.to_owned(), place, line });
        }
    };
    if let Some(header) = find_header(&request.headers, "authorization") {
        match split_bearer(&header.value) {
            (token, true) => add(token, "authorization", header.line),
            (token, false) => add(token, "authorization-bare", header.line),
        }
    }
    for header in request.headers.iter().filter(|h| !["authorization", "cookie"].contains(&h.name.to_ascii_lowercase().as_str()))
    {
        add(split_bearer(&header.value).0, "other-header", header.line);
    }
    for field in fields::list_query(request).iter().filter(|f| NAMES.contains(&f.name.to_ascii_lowercase().as_str())) {
        add(&field.value, "query", field.line);
    }
    for field in fields::list_form(request) {
        add(&field.value, "body", field.line);
    }
    if let Some(body) = &request.body {
        for value in list_strings(&body.value) {
            add(&value, "body", body.line);
        }
    }
    all
}

fn split_bearer(value: &str) -> (&str, bool) {
    let value = value.trim();
    match value.split_once(' ') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => (rest.trim(), true),
        _ => (value, false),
    }
}

/// The strings at the top of a JSON object.
fn list_strings(body: &str) -> Vec<String> {
    let json = Some(body.trim()).filter(|b| b.starts_with('{')).and_then(|b| serde_json::from_str::<Map<String, Json>>(b).ok());
    json.into_iter().flatten().filter_map(|(_, value)| value.as_str().map(str::to_owned)).collect()
}

/// The claims of a token whose header and payload are JSON objects.
fn decode(token: &str) -> Option<Map<String, Json>> {
    let mut parts = token.split('.');
    let (header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || !decode_part(header)?.contains_key("alg") {
        return None;
    }
    decode_part(payload)
}

fn decode_part(part: &str) -> Option<Map<String, Json>> {
    const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let bytes = GeneralPurpose::new(&URL_SAFE, LENIENT).decode(part).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn derive_claims(claims: &Map<String, Json>, line: usize, facts: &mut TokenFacts) {
    if let Some(word) = claims.get("token_use").and_then(Json::as_str).filter(|w| ["id", "access"].contains(w)) {
        facts.token_use.set(word, line);
    }
    if let Some(issuer) = claims.get("iss").and_then(Json::as_str).filter(|i| !i.is_empty()) {
        facts.issuer.set(if is_cognito(issuer) { "cognito" } else { "other" }, line);
    }
    facts.has_audience.set(claims.get("aud").is_some_and(|aud| !aud.is_null()), line);
    facts.has_client_id.set(claims.get("client_id").is_some_and(|id| !id.is_null()), line);
    facts.scopes.set(list_scopes(claims), line);
}

/// `https://cognito-idp.REGION.amazonaws.com/POOL`
fn is_cognito(issuer: &str) -> bool {
    let host = issuer.strip_prefix("https://").and_then(|rest| rest.split('/').next()).unwrap_or("");
    host.starts_with("cognito-idp") && (host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn"))
}

fn list_scopes(claims: &Map<String, Json>) -> Vec<String> {
    match claims.get("scope").or_else(|| claims.get("scp")) {
        Some(Json::String(text)) => text.split_whitespace().map(str::to_owned).collect(),
        Some(Json::Array(list)) => list.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// Compares with the time of the answer: what time it was is not known otherwise.
fn derive_times(claims: &Map<String, Json>, exchange: &Exchange, facts: &mut TokenFacts) {
    let Some((now, line)) = times::answered(exchange) else { return };
    let time = |name: &str| claims.get(name).and_then(Json::as_f64);
    if let Some(end) = time("exp") {
        facts.expired.set(if end <= now as f64 { "yes" } else { "no" }, line);
    }
    let starts: Vec<f64> = [time("nbf"), time("iat")].into_iter().flatten().collect();
    if !starts.is_empty() {
        facts.not_yet.set(if starts.iter().any(|&start| start > now as f64) { "yes" } else { "no" }, line);
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::check;
    use super::*;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    fn token(claims: &str) -> String {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.ZmFrZQ", encode("{\"alg\":\"none\"}"), encode(claims))
    }

    #[test]
    fn claims_are_read_from_wherever_the_token_is() {
        let t = token("{\"token_use\":\"access\"}");
        for (request, place) in [
            (format!("GET /\nAuthorization: Bearer {t}\n"), "authorization"),
            (format!("GET /\nAuthorization: {t}\n"), "authorization-bare"),
            (format!("GET /\nX-Auth: {t}\n"), "other-header"),
            (format!("GET /?access_token={t}\n"), "query"),
            (format!("POST /\n\ntoken={t}&a=b"), "body"),
            (format!("POST /\n\n{{\"idToken\": \"{t}\"}}"), "body"),
        ] {
            let claim = format!("token.place={place}");
            check(&request, &["token.shown=true", "token.token_use=access", &claim]);
        }
    }

    #[test]
    fn claims_become_facts() {
        let issuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_FAKEPOOL";
        let t = token(&format!("{{\"iss\":\"{issuer}\",\"aud\":\"fakeclientid\",\"token_use\":\"id\",\"exp\":1497268800}}"));
        check(
            &format!("GET /\nAuthorization: Bearer {t}\n---\n401\nDate: Mon, 12 Jun 2017 12:00:00 GMT\n"),
            &[
                "token.issuer=cognito",
                "token.has_audience=true",
                "token.has_client_id=false",
                "token.token_use=id",
                "token.expired=yes",
                "token.not_yet=",
            ],
        );
        let t = token(
            "{\"iss\":\"https://a.example.com\",\"client_id\":\"x\",\"scope\":\"a/b c\",\"exp\":1497268801,\"nbf\":1497268900}",
        );
        check(
            &format!("GET /\nAuthorization: Bearer {t}\n---\n401\nDate: Mon, 12 Jun 2017 12:00:00 GMT\n"),
            &["token.issuer=other", "token.has_client_id=true", "token.scopes=a/b,c", "token.expired=no", "token.not_yet=yes"],
        );
        check(&format!("GET /\nAuthorization: Bearer {t}\n---\n401\n"), &["token.expired=", "token.not_yet="]);
    }

    #[test]
    fn what_cannot_be_decoded_is_not_shown() {
        for text in ["eyJhbGciOi...", "eyJhbGciOiJub25lIn0.e30", "eyJx.eyJx.c2ln", "abc.def.ghi"] {
            check(&format!("GET /\nAuthorization: Bearer {text}\n"), &["token.shown=false", "request.authorization=bearer"]);
        }
        check("GET /\nAuthorization: eyJhbGciOi...\n", &["request.authorization=jwt", "token.place=authorization-bare"]);
    }
}
