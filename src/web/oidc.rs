//! Signing in at the provider of an organisation, with OpenID Connect. Start at [`begin`], which sends a browser there, and
//! [`finish`], where it comes back. What the provider says is judged by `app`.

use actix_web::cookie::time::Duration;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::error::Error;
use super::layout::absolute;
use super::page;
use super::server::Site;
use super::sign_in::{self, browser, enter, given_path, local};
use super::visitor::{Jar, Visitor, cookie_with, jar_of, no_cookie};
use crate::app::AppError;
use crate::app::links::{self, escape};
use crate::app::people::provider::{Answer, Provider};
use crate::app::people::{How, Refusal, Secret, SignedIn};

/// Somebody has so long to sign in there.
const PATIENCE: Duration = Duration::minutes(15);
/// A longer way back does not fit a cookie, and leads to the start.
const LONGEST_WAY: usize = 2_000;

/// The address that leads to the provider, and from there on to a page of this site.
pub fn url(then: &str) -> String {
    if then.is_empty() || then == "/" { "/sign-in/with".to_owned() } else { format!("/sign-in/with?then={}", escape(then)) }
}

/// Where the provider sends people back to; it is registered there.
fn back() -> String {
    absolute("/sign-in/back")
}

/// Sends the browser to the provider, with a secret that only this browser keeps.
pub async fn begin(request: HttpRequest, site: Data<Site>) -> Result<HttpResponse, Error> {
    let provider = provider(&site)?;
    let (secret, then) = (Secret::make(), given_path(request.query_string()));
    match provider.begin(&secret, &back()).await {
        Ok(there) => {
            let mut response = page::see_other(&there);
            let mut begun = cookie_with(Jar::Elsewhere, Begun { secret, then }.write());
            begun.set_max_age(PATIENCE);
            response.add_cookie(&begun).map_err(|cause| Error::Internal(cause.to_string()))?;
            Ok(response)
        }
        Err(refusal) => sign_in::show(&request, &site, "", &then, Some(&refusal)),
    }
}

/// Takes whoever comes back from the provider.
pub async fn finish(request: HttpRequest, site: Data<Site>) -> Result<HttpResponse, Error> {
    let provider = provider(&site)?;
    let begun = jar_of(&request, Jar::Elsewhere).as_deref().and_then(Begun::read);
    let then = begun.as_ref().map_or_else(|| "/".to_owned(), |begun| begun.then.clone());
    let mut response = match sign_in_with(provider, begun, &request, &site).await {
        Ok(signed_in) => enter(&site, &signed_in, &then).await?,
        Err(AppError::Refused(refusal)) => sign_in::show(&request, &site, "", &then, Some(&refusal))?,
        Err(cause) => return Err(cause.into()),
    };
    // What was begun is ended, one way or the other.
    response.add_cookie(&no_cookie(Jar::Elsewhere)).map_err(|cause| Error::Internal(cause.to_string()))?;
    Ok(response)
}

async fn sign_in_with(
    provider: &Provider,
    begun: Option<Begun>,
    request: &HttpRequest,
    site: &Site,
) -> Result<SignedIn, AppError> {
    let begun = begun.ok_or(Refusal::StaleSignIn)?;
    let identity = provider.finish(&begun.secret, &answer(request.query_string()), &back()).await?;
    let visitor = Visitor::now();
    let person = site.app.admit(&identity, &site.elsewhere.groups, &visitor.address).await?;
    site.app.begin_session(person, How::Organisation, &browser(request)).await
}

fn provider(site: &Site) -> Result<&Provider, Error> {
    site.elsewhere.provider.as_ref().ok_or(Error::NoSuchPage)
}

fn answer(query: &str) -> Answer {
    let parameters = links::split(query).unwrap_or_default();
    let value = |name: &str| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default();
    Answer { state: value("state"), code: value("code"), error: value("error"), issuer: value("iss") }
}

/// A sign-in that was begun with this browser, as its cookie holds it.
struct Begun {
    secret: Secret,
    /// Where somebody wanted to go.
    then: String,
}

impl Begun {
    fn write(&self) -> String {
        let then = if self.then.len() > LONGEST_WAY { "/" } else { &self.then };
        format!("{}.{}", self.secret.text(), URL_SAFE_NO_PAD.encode(then))
    }

    fn read(text: &str) -> Option<Begun> {
        let (secret, then) = text.split_once('.').filter(|(secret, _)| secret.len() == SECRET)?;
        let then = URL_SAFE_NO_PAD.decode(then).ok().and_then(|bytes| String::from_utf8(bytes).ok())?;
        Some(Begun { secret: Secret::given(secret), then: local(&then) })
    }
}

/// The length of a secret of ours.
const SECRET: usize = 43;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_begun_is_read_back_and_leads_nowhere_else() {
        for (then, leads) in [
            ("/fix/x?y=z", "/fix/x?y=z"),
            ("//evil.example", "/"),
            ("https://evil.example", "/"),
            (&*format!("/{}", "x".repeat(3_000)), "/"),
        ] {
            let begun = Begun { secret: Secret::make(), then: then.to_owned() };
            let read = Begun::read(&begun.write()).expect("it is what was written");
            assert_eq!((read.secret.text(), read.then.as_str()), (begun.secret.text(), leads));
        }
        for bad in ["", "x", "x.Lw", ".", &format!("{}.?", "x".repeat(43))] {
            assert!(Begun::read(bad).is_none(), "{bad}");
        }
    }
}
