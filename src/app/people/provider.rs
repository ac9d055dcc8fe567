//! A provider of OpenID Connect: where people are sent to sign in, and what it proves of those who come back.
//!
//! Start at [`Provider::begin`] and [`Provider::finish`]. Nothing is asked of the provider before somebody signs in, so that the
//! site starts while the provider is down. What one browser began only it can end: `state`, `nonce` and the verifier of PKCE all
//! come from one secret, which that browser keeps as a cookie.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::reqwest;
use openidconnect::{
    AccessToken, AdditionalClaims, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IdToken, IdTokenClaims,
    IdTokenFields, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, Scope, SignatureVerificationError, StandardErrorResponse, StandardTokenResponse, SubjectIdentifier,
    TokenResponse as _, UserInfoClaims,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use tracing::warn;

use super::{Identity, Refusal, Secret};
use crate::settings::Organisation;

/// A provider that takes longer does not answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// No answer of a provider is nearly as long.
const LONGEST_ANSWER: usize = 1024 * 1024;
/// What a provider says of itself is asked again after so long.
const KEPT: Duration = Duration::from_secs(60 * 60);

/// A provider, and what it said of itself.
pub struct Provider {
    settings: Organisation,
    http: reqwest::Client,
    kept: ArcSwapOption<Kept>,
}

struct Kept {
    metadata: CoreProviderMetadata,
    since: Instant,
}

/// What somebody comes back with.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub state: String,
    pub code: String,
    /// The provider's own word for why it let nobody in.
    pub error: String,
    /// Who answers; not every provider says so.
    pub issuer: String,
}

/// The claims beyond the standard ones; the groups are among them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Others {
    #[serde(flatten)]
    all: Map<String, Value>,
}

impl AdditionalClaims for Others {}

type Fields =
    IdTokenFields<Others, EmptyExtraTokenFields, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
type Tokens = StandardTokenResponse<Fields, CoreTokenType>;
type Token = IdToken<Others, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
type Claims = IdTokenClaims<Others, CoreGenderClaim>;
type Client = openidconnect::Client<
    Others,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The names among the claims, the best first. Two types of the library have the same methods, and no trait for them.
macro_rules! names {
    ($claims:expr) => {
        [
            $claims.preferred_username().map(|name| name.to_string()),
            $claims.email().and_then(|email| email.split('@').next()).map(str::to_owned),
            $claims.name().and_then(|name| name.get(None)).map(|name| name.to_string()),
        ]
    };
}

/// Why the provider gave no answer.
#[derive(Debug, thiserror::Error)]
enum Silent {
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[error("the answer is longer than {LONGEST_ANSWER} bytes")]
    TooLong,
    #[error(transparent)]
    Other(#[from] openidconnect::http::Error),
}

impl Provider {
    /// Asks nothing of the provider yet.
    pub fn new(settings: Organisation) -> Provider {
        // Redirects could lead the client secret anywhere. A connection belongs to the thread that made it, so none is kept.
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .pool_max_idle_per_host(0)
            .build()
            .expect("the client needs nothing of the system");
        Provider { settings, http, kept: ArcSwapOption::empty() }
    }

    /// Where a browser with this secret signs in. It comes back to `back`.
    pub async fn begin(&self, secret: &Secret, back: &str) -> Result<String, Refusal> {
        let metadata = self.metadata().await?;
        let lists_groups = metadata.scopes_supported().is_some_and(|all| all.iter().any(|scope| scope.as_str() == "groups"));
        let client = self.client(metadata, back)?;
        let (state, nonce) = (CsrfToken::new(part(secret, "state")), Nonce::new(part(secret, "nonce")));
        let verifier = PkceCodeVerifier::new(part(secret, "verifier"));
        let mut request = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || state, || nonce)
            .add_scopes(["profile", "email"].map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        if lists_groups {
            request = request.add_scope(Scope::new("groups".to_owned()));
        }
        Ok(request.url().0.into())
    }

    /// Who came back to the browser with this secret.
    pub async fn finish(&self, secret: &Secret, answer: &Answer, back: &str) -> Result<Identity, Refusal> {
        if answer.state != part(secret, "state") {
            return Err(Refusal::StaleSignIn);
        }
        if !answer.error.is_empty() {
            return Err(said("it let nobody in", &plain(&answer.error)));
        }
        let metadata = self.metadata().await?;
        if !answer.issuer.is_empty() && answer.issuer != metadata.issuer().as_str() {
            return Err(said("the answer is from another provider", &plain(&answer.issuer)));
        }
        let client = self.client(metadata, back)?;
        let tokens = self.exchange(&client, secret, &answer.code).await?;
        let token = tokens.id_token().ok_or_else(|| said("it gave no ID token", &""))?;
        let claims = self.verify(client, token, secret, back).await?;
        self.identity(&claims, tokens.access_token(), back).await
    }

    async fn exchange(&self, client: &Client, secret: &Secret, code: &str) -> Result<Tokens, Refusal> {
        let request = client.exchange_code(AuthorizationCode::new(code.to_owned()));
        let request = request.map_err(|cause| said("it names no address for tokens", &cause))?;
        let request = request.set_pkce_verifier(PkceCodeVerifier::new(part(secret, "verifier")));
        request.request_async(&|request| fetch(&self.http, request)).await.map_err(|cause| match cause {
            RequestTokenError::Request(cause) => down(&cause),
            RequestTokenError::ServerResponse(response) => said("it took the code for nothing", &plain(&response.to_string())),
            // What could not be read may hold tokens.
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => said("its tokens cannot be read", &""),
        })
    }

    /// The claims of an ID token: signature, issuer, audience, time and nonce are as they should be. The provider may have changed
    /// its keys since they were asked for.
    async fn verify(&self, client: Client, token: &Token, secret: &Secret, back: &str) -> Result<Claims, Refusal> {
        let nonce = Nonce::new(part(secret, "nonce"));
        let claims = match token.claims(&client.id_token_verifier(), &nonce) {
            Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                let client = self.client(self.ask().await?, back)?;
                token.claims(&client.id_token_verifier(), &nonce).cloned()
            }
            checked => checked.cloned(),
        };
        claims.map_err(|cause| said("its ID token is not sound", &cause))
    }

    /// Providers that keep ID tokens short tell the rest when they are asked.
    async fn identity(&self, claims: &Claims, access: &AccessToken, back: &str) -> Result<Identity, Refusal> {
        let subject = claims.subject();
        let given = self.identity_of(subject, names!(claims), claims.additional_claims());
        if given.groups.is_some() && !given.names.is_empty() {
            return Ok(given);
        }
        let Some(more) = self.user_info(subject, access, back).await? else { return Ok(settled(given)) };
        let more = self.identity_of(subject, names!(more), more.additional_claims());
        let names = if given.names.is_empty() { more.names } else { given.names };
        Ok(settled(Identity { names, groups: given.groups.or(more.groups), ..given }))
    }

    async fn user_info(
        &self,
        subject: &SubjectIdentifier,
        access: &AccessToken,
        back: &str,
    ) -> Result<Option<UserInfoClaims<Others, CoreGenderClaim>>, Refusal> {
        let client = self.client(self.metadata().await?, back)?;
        let Ok(request) = client.user_info(access.clone(), Some(subject.clone())) else { return Ok(None) };
        let told = request.request_async(&|request| fetch(&self.http, request)).await;
        told.map(Some).map_err(|cause| match cause {
            openidconnect::UserInfoError::Request(cause) => down(&cause),
            openidconnect::UserInfoError::ClaimsVerification(cause) => said("it told of somebody else", &cause),
            _ => said("what it told of the person cannot be read", &""),
        })
    }

    fn identity_of(&self, subject: &SubjectIdentifier, names: [Option<String>; 3], others: &Others) -> Identity {
        Identity {
            issuer: self.settings.issuer.clone(),
            subject: subject.to_string(),
            names: names.into_iter().flatten().filter(|name| !name.is_empty()).collect(),
            groups: others.all.get(&self.settings.groups_claim).map(texts),
        }
    }

    fn client(&self, metadata: CoreProviderMetadata, back: &str) -> Result<Client, Refusal> {
        let id = ClientId::new(self.settings.client_id.clone());
        let secret = self.settings.client_secret.as_ref().map(|secret| ClientSecret::new(secret.text().to_owned()));
        let back = RedirectUrl::new(back.to_owned()).map_err(|cause| said("the site has no address to come back to", &cause))?;
        let takes = |method| metadata.token_endpoint_auth_methods_supported().is_some_and(|all| all.contains(&method));
        let in_body = takes(CoreClientAuthMethod::ClientSecretPost) && !takes(CoreClientAuthMethod::ClientSecretBasic);
        let way = if in_body { AuthType::RequestBody } else { AuthType::BasicAuth };
        Ok(openidconnect::Client::from_provider_metadata(metadata, id, secret).set_redirect_uri(back).set_auth_type(way))
    }

    /// What the provider says of itself, as it was when it was last asked.
    async fn metadata(&self) -> Result<CoreProviderMetadata, Refusal> {
        if let Some(kept) = self.kept.load().as_ref().filter(|kept| kept.since.elapsed() < KEPT) {
            return Ok(kept.metadata.clone());
        }
        self.ask().await
    }

    /// Asks the provider now. Nobody waits for another request's answer: if the provider is down, that would take for ever.
    async fn ask(&self) -> Result<CoreProviderMetadata, Refusal> {
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(|cause| said("its address is none", &cause))?;
        let asked = CoreProviderMetadata::discover_async(issuer, &|request| fetch(&self.http, request)).await;
        let metadata = asked.map_err(|cause| down(&cause))?;
        self.kept.store(Some(Arc::new(Kept { metadata: metadata.clone(), since: Instant::now() })));
        Ok(metadata)
    }
}

/// One of the three that only this browser and we know: none tells of another, or of the secret.
fn part(secret: &Secret, what: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{what} {}", secret.text())))
}

/// A provider that was asked and names no groups has none for this person.
fn settled(identity: Identity) -> Identity {
    Identity { groups: Some(identity.groups.unwrap_or_default()), ..identity }
}

/// Groups are a list, or one text.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(all) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// Sends a request, and reads no more of the answer than an answer can have.
async fn fetch(http: &reqwest::Client, request: HttpRequest) -> Result<HttpResponse, Silent> {
    let mut response = http.execute(request.try_into()?).await?;
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await? {
        if body.len() + piece.len() > LONGEST_ANSWER {
            return Err(Silent::TooLong);
        }
        body.extend_from_slice(&piece);
    }
    let mut answer = HttpResponse::new(body);
    *answer.status_mut() = response.status();
    *answer.headers_mut() = response.headers().clone();
    Ok(answer)
}

/// A provider that does not answer: the reason is for whoever runs the site.
fn down(cause: &dyn std::error::Error) -> Refusal {
    let mut why = cause.to_string();
    let mut next = cause.source();
    while let Some(inner) = next {
        why = format!("{why}: {inner}");
        next = inner.source();
    }
    warn!(why, "the provider of OpenID Connect does not answer");
    Refusal::ProviderDown
}

/// A provider that says what cannot be used.
fn said(what: &str, why: &dyn std::fmt::Display) -> Refusal {
    warn!(%why, "a sign-in at the provider of OpenID Connect did not work: {what}");
    Refusal::NotProved
}

/// What somebody else wrote, fit for a line of the log.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_through_the_browser_tells_nothing_of_the_rest() {
        let (first, second) = (Secret::make(), Secret::make());
        let parts = ["state", "nonce", "verifier"].map(|what| part(&first, what));
        assert!(parts.iter().all(|part| part.len() == 43 && !part.contains(first.text())));
        assert!(parts[0] != parts[1] && parts[1] != parts[2] && parts[0] != part(&second, "state"));
        assert_eq!(parts[0], part(&Secret::given(first.text()), "state"));
    }

    #[test]
    fn groups_are_read_as_providers_write_them() {
        let read = |json: &str| texts(&serde_json::from_str(json).unwrap());
        assert_eq!(read(r#"["a", 1, "b"]"#), ["a", "b"]);
        assert_eq!(read(r#""a b""#), ["a b"]);
        assert_eq!(read("null"), Vec::<String>::new());
    }
}
