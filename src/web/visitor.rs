//! Who asks. Known from the first moment of a request to its end: [`identify`] finds out, [`Visitor::now`] tells.
//!
//! An identity comes from a bearer token, from a proxy that is trusted, or from the cookie of a session, and becomes a [`Person`] in [`proof`]: whoever adds
//! another proof adds it there. What a visitor may do is for [`super::rights`] to decide.

use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::cookie::{Cookie, SameSite, time};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::HeaderMap;
use actix_web::http::{Version, header};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, web};

use super::error::Error;
use super::rights::{self, Needs, Rules, Verdict};
use super::server::Site;
use crate::app::AppError;
use crate::app::people::{Actor, DEVICE_SECONDS, IDLE_SECONDS, Person, Refusal, Role, Scope, Secret};
use crate::settings::{TrustedProxy, is_this_machine};

tokio::task_local! {
    /// Whose request this task answers. Error pages and the frame of a page need it too, far from any request.
    pub(super) static VISITOR: Arc<Visitor>;
}

/// How somebody proved who they are.
#[derive(Clone)]
pub enum Proof {
    Nothing,
    Session(Person, Secret),
    Token(Person, Scope),
    /// The proxy in front of the site says so; with the secret that forms prove to know of.
    Proxy(Person, Secret),
    /// The proxy names somebody who may not come in.
    Unwelcome(Refusal),
    /// A token that is not one, or not any more.
    BadToken,
}

/// Somebody who asks for something.
#[derive(Clone)]
pub struct Visitor {
    pub proof: Proof,
    pub rules: Rules,
    /// Where they are, as far as this machine sees.
    pub address: String,
    /// Somebody has an account, here or elsewhere, so there is a reason to offer signing in.
    pub has_people: bool,
}

impl Visitor {
    /// Whoever the request at hand comes from; nobody outside of one.
    pub fn now() -> Arc<Visitor> {
        VISITOR.try_with(Arc::clone).unwrap_or_else(|_| Arc::new(Visitor::nobody(Rules::default(), String::new())))
    }

    pub fn nobody(rules: Rules, address: String) -> Visitor {
        Visitor { proof: Proof::Nothing, rules, address, has_people: false }
    }

    pub fn person(&self) -> Option<&Person> {
        match &self.proof {
            Proof::Session(person, _) | Proof::Proxy(person, _) | Proof::Token(person, _) => Some(person),
            Proof::Nothing | Proof::BadToken | Proof::Unwelcome(_) => None,
        }
    }

    pub fn is_nobody(&self) -> bool {
        self.person().is_none()
    }

    /// The secret of the session.
    pub fn session(&self) -> Option<&Secret> {
        if let Proof::Session(_, secret) = &self.proof { Some(secret) } else { None }
    }

    /// The secret that forms prove to know of.
    pub fn forms(&self) -> Option<&Secret> {
        match &self.proof {
            Proof::Session(_, secret) | Proof::Proxy(_, secret) => Some(secret),
            _ => None,
        }
    }

    /// Whether the proxy says who it is, on each request: then there is nothing here to sign in to or out of.
    pub fn is_by_proxy(&self) -> bool {
        matches!(self.proof, Proof::Proxy(..))
    }

    /// For the audit log.
    pub fn actor(&self) -> Actor {
        match self.person() {
            Some(person) => Actor::new(&person.name, &self.address),
            None => Actor::nobody(&self.address),
        }
    }

    /// Whether they may do what needs this.
    pub fn may(&self, needs: Needs) -> bool {
        rights::decide(needs, &self.proof, self.rules) == Verdict::Allowed
    }

    /// What they may do at most, whatever they proved it with.
    pub fn role(&self) -> Option<Role> {
        rights::role(&self.proof)
    }

    /// The person in their own browser; places that need one do not answer anybody else.
    pub fn myself(&self) -> Result<(&Person, &Secret), Error> {
        match &self.proof {
            Proof::Session(person, secret) | Proof::Proxy(person, secret) => Ok((person, secret)),
            _ => Err(Error::SignInFirst),
        }
    }
}

/// Finds out who asks, and remembers it while the request is answered.
pub async fn identify<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let site = request.app_data::<web::Data<Site>>().cloned().expect("every site has its data");
    let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
    let proxy = site.elsewhere.proxy.as_ref().filter(|proxy| peer.is_some_and(|peer| proxy.is_at(peer)));
    let client = match (proxy, peer) {
        (Some(proxy), Some(peer)) => Some(proxy.client(peer, &all(request.headers(), "x-forwarded-for"))),
        _ => peer,
    };
    let address = client.map(|client| client.to_string()).unwrap_or_default();
    let has_people = site.app.has_people() || site.elsewhere.provider.is_some();
    let proof = proof(&request, &site, proxy, &address).await?;
    let rules = Rules { loopback: site.rules.loopback && is_from_this_machine(&request), ..site.rules };
    let visitor = Arc::new(Visitor { proof, rules, address, has_people });
    request.extensions_mut().insert(Arc::clone(&visitor));
    VISITOR.scope(visitor, next.call(request)).await
}

/// What proxies add to a request that they pass on.
const FORWARDED: [&str; 3] = ["forwarded", "x-real-ip", "via"];

/// Whether a request looks as if somebody on this machine had sent it: a proxy here connects from here as well, and so does a
/// browser that another site has told a name of its own for this address.
fn is_from_this_machine(request: &ServiceRequest) -> bool {
    let headers = request.headers();
    let is_passed_on = headers.keys().map(|name| name.as_str()).any(|n| n.starts_with("x-forwarded-") || FORWARDED.contains(&n));
    // What browsers and programs speak today is newer; some proxies still pass on this.
    let is_old = request.version() < Version::HTTP_11;
    let mut hosts = headers.get_all(header::HOST).map(|host| host.to_str().unwrap_or_default());
    let named_so = hosts.next().is_some_and(is_this_machine) && hosts.next().is_none();
    let asked_so = request.uri().host().is_none_or(is_this_machine);
    !is_passed_on && !is_old && named_so && asked_so
}

/// What a request proves: by a token, or else by the word of the proxy that it came through, or else by the cookie of a session.
async fn proof(request: &ServiceRequest, site: &Site, proxy: Option<&TrustedProxy>, address: &str) -> Result<Proof, Error> {
    if let Some(token) = bearer(request) {
        let found = site.app.find_token(token).await?;
        return Ok(found.map_or(Proof::BadToken, |bearer| Proof::Token(bearer.person, bearer.scope)));
    }
    if let Some((user, groups)) = proxy.and_then(|proxy| named(request.headers(), proxy)) {
        return match site.app.find_by_proxy(user, groups, &site.elsewhere.groups, address).await {
            Ok((person, forms)) => Ok(Proof::Proxy(person, forms)),
            Err(AppError::Refused(refusal)) => Ok(Proof::Unwelcome(refusal)),
            Err(cause) => Err(cause.into()),
        };
    }
    let Some(secret) = session_cookie(request) else { return Ok(Proof::Nothing) };
    let found = site.app.find_session(&secret).await?;
    Ok(found.map_or(Proof::Nothing, |person| Proof::Session(person, secret)))
}

/// Whom the proxy names, and their groups. Two names are nobody: one of them did not come from the proxy.
fn named<'a>(headers: &'a HeaderMap, proxy: &TrustedProxy) -> Option<(&'a str, Option<Vec<String>>)> {
    let mut users = headers.get_all(proxy.user_header.as_deref()?);
    let user = users.next().and_then(|user| user.to_str().ok()).map(str::trim)?;
    if user.is_empty() || user.len() > LONGEST_USER || users.next().is_some() {
        return None;
    }
    let groups = proxy.groups_header.as_deref().map(|name| all(headers, name));
    let groups = groups.map(|list| list.split(',').map(|group| group.trim().to_owned()).collect());
    Some((user, groups))
}

/// Nobody's name elsewhere is longer.
const LONGEST_USER: usize = 255;

/// All values of a header, as one list.
fn all(headers: &HeaderMap, name: &str) -> String {
    headers.get_all(name).map(|value| value.to_str().unwrap_or("?")).collect::<Vec<_>>().join(",")
}

/// The token of `Authorization: Bearer …`. Other schemes are for whoever stands in front of this site.
fn bearer(request: &ServiceRequest) -> Option<&str> {
    let given = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = given.split_once(' ').unwrap_or((given, ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn session_cookie(request: &ServiceRequest) -> Option<Secret> {
    let cookie = request.cookie(name(Jar::Session))?;
    Some(Secret::given(cookie.value()))
}

/// What a cookie is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Jar {
    Session,
    /// Says that somebody signed in with this browser before. It lets nobody in.
    Device,
    /// Ties a form to the browser that it was shown in, before anybody is signed in.
    Form,
    /// A sign-in elsewhere that was begun with this browser.
    Elsewhere,
}

/// Over a safe connection the name itself says that the cookie can come from this site only.
fn name(jar: Jar) -> &'static str {
    match (jar, super::layout::is_secure()) {
        (Jar::Session, true) => "__Host-fixpath",
        (Jar::Session, false) => "fixpath",
        (Jar::Device, true) => "__Host-fixpath-device",
        (Jar::Device, false) => "fixpath-device",
        (Jar::Form, true) => "__Host-fixpath-form",
        (Jar::Form, false) => "fixpath-form",
        (Jar::Elsewhere, true) => "__Host-fixpath-elsewhere",
        (Jar::Elsewhere, false) => "fixpath-elsewhere",
    }
}

/// A cookie that scripts and other sites do not get.
pub fn cookie(jar: Jar, secret: &Secret) -> Cookie<'static> {
    cookie_with(jar, secret.text().to_owned())
}

/// A cookie that holds more than a secret.
pub fn cookie_with(jar: Jar, value: String) -> Cookie<'static> {
    let seconds = match jar {
        Jar::Session => IDLE_SECONDS,
        Jar::Device => DEVICE_SECONDS,
        Jar::Form | Jar::Elsewhere => FORM_SECONDS,
    };
    let mut cookie = empty(jar, value);
    cookie.set_max_age(time::Duration::seconds(seconds));
    cookie
}

/// Takes a cookie away.
pub fn no_cookie(jar: Jar) -> Cookie<'static> {
    let mut cookie = empty(jar, String::new());
    cookie.make_removal();
    cookie
}

fn empty(jar: Jar, value: String) -> Cookie<'static> {
    let secure = super::layout::is_secure();
    Cookie::build(name(jar), value).path("/").http_only(true).secure(secure).same_site(SameSite::Lax).finish()
}

/// A form to sign in may stay open so long.
const FORM_SECONDS: i64 = 60 * 60;

/// What a browser has in a jar.
pub fn jar_of(request: &actix_web::HttpRequest, jar: Jar) -> Option<String> {
    request.cookie(name(jar)).map(|cookie| cookie.value().to_owned())
}

/// The secret that the browser has for forms, if it has one.
pub fn form_secret(request: &actix_web::HttpRequest) -> Option<Secret> {
    jar_of(request, Jar::Form).map(|value| Secret::given(&value))
}
