//! Signing in and out. Start at [`sign_in`].

use actix_web::http::{StatusCode, header};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::error::Error;
use super::guard::{self, field};
use super::layout::Layout;
use super::oidc;
use super::page;
use super::server::Site;
use super::visitor::{Jar, Visitor, cookie, form_secret, jar_of, no_cookie};
use crate::app::AppError;
use crate::app::links::escape;
use crate::app::people::{Browser, Refusal, Secret, SignedIn};

/// The address of the form, which leads on to a page of this site.
pub fn url(then: &str) -> String {
    if then.is_empty() || then == "/" { "/sign-in".to_owned() } else { format!("/sign-in?then={}", escape(then)) }
}

/// Leads to the form, and from there back to where somebody wanted to go.
pub fn redirect(then: &str) -> HttpResponse {
    page::see_other(&url(then))
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    layout: Layout,
    csrf: String,
    name: String,
    then: String,
    wrong: Option<String>,
    /// Somebody may join only by a link, and there is nobody yet who could make one.
    has_people: bool,
    /// Where people sign in who have an account elsewhere.
    elsewhere: Option<String>,
}

pub async fn form(request: HttpRequest, site: Data<Site>) -> Result<HttpResponse, Error> {
    show(&request, &site, "", &given_path(request.query_string()), None)
}

/// The page to sign in, with why it did not work.
pub fn show(request: &HttpRequest, site: &Site, name: &str, then: &str, wrong: Option<&Refusal>) -> Result<HttpResponse, Error> {
    let elsewhere = site.elsewhere.provider.is_some().then(|| oidc::url(then));
    let (secret, csrf) = form_token(request);
    let layout = Layout::unlisted("Sign in", "Sign in with your account.").without_box();
    let has_people = layout.visitor.has_people;
    let (name, then, said) = (name.to_owned(), then.to_owned(), wrong.map(ToString::to_string));
    let mut response =
        page::fresh(request, page::render(&SignInPage { layout, csrf, name, then, wrong: said, has_people, elsewhere })?);
    match wrong {
        None => {}
        Some(Refusal::TooOften { seconds }) => {
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            response.headers_mut().insert(header::RETRY_AFTER, (*seconds).into());
        }
        Some(Refusal::ProviderDown) => *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE,
        Some(Refusal::NoGroup | Refusal::LetInNoMore) => *response.status_mut() = StatusCode::FORBIDDEN,
        Some(_) => *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY,
    }
    with_form_secret(response, secret.as_ref())
}

/// The token of a form that somebody sees before they sign in, and the secret that has to go with it as a cookie.
pub fn form_token(request: &HttpRequest) -> (Option<Secret>, String) {
    if let Some(known) = Visitor::now().forms() {
        return (None, known.form_token());
    }
    let secret = form_secret(request).filter(|secret| secret.text().len() == FORM_SECRET).unwrap_or_else(Secret::make);
    let token = secret.form_token();
    (Some(secret), token)
}

/// The length of a secret of ours.
const FORM_SECRET: usize = 43;

/// Adds the cookie that belongs to the form on a page.
pub fn with_form_secret(mut response: HttpResponse, secret: Option<&Secret>) -> Result<HttpResponse, Error> {
    if let Some(secret) = secret {
        response.add_cookie(&cookie(Jar::Form, secret)).map_err(|cause| Error::Internal(cause.to_string()))?;
    }
    Ok(response)
}

pub async fn sign_in(request: HttpRequest, site: Data<Site>, body: Bytes) -> Result<HttpResponse, Error> {
    let form = guard::form(&request, &body)?;
    let (name, then) = (field(&form, "name"), local(field(&form, "then")));
    match site.app.sign_in(name, field(&form, "password"), &browser(&request)).await {
        Ok(signed_in) => enter(&site, &signed_in, &then).await,
        Err(AppError::Refused(refusal)) => show(&request, &site, name, &then, Some(&refusal)),
        Err(cause) => Err(cause.into()),
    }
}

/// Gives the browser its session. One that it had before ends.
pub async fn enter(site: &Site, signed_in: &SignedIn, then: &str) -> Result<HttpResponse, Error> {
    let visitor = Visitor::now();
    if let Some(before) = visitor.session() {
        site.app.sign_out(before, &visitor.actor()).await?;
    }
    let mut response = page::see_other(then);
    let given = [cookie(Jar::Session, &signed_in.session), cookie(Jar::Device, &signed_in.device), no_cookie(Jar::Form)];
    for cookie in given {
        response.add_cookie(&cookie).map_err(|cause| Error::Internal(cause.to_string()))?;
    }
    Ok(response)
}

pub async fn sign_out(site: Data<Site>) -> Result<HttpResponse, Error> {
    let visitor = Visitor::now();
    if visitor.is_by_proxy() {
        return Err(Error::SignOutThere);
    }
    let (_, session) = visitor.myself()?;
    site.app.sign_out(session, &visitor.actor()).await?;
    leave()
}

/// Takes the session from the browser.
pub fn leave() -> Result<HttpResponse, Error> {
    let mut response = page::see_other("/sign-in");
    response.add_cookie(&no_cookie(Jar::Session)).map_err(|cause| Error::Internal(cause.to_string()))?;
    Ok(response)
}

/// The browser that sent a request.
pub fn browser(request: &HttpRequest) -> Browser {
    let name = request.headers().get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let device = jar_of(request, Jar::Device).filter(|text| !text.is_empty()).map(|text| Secret::given(&text));
    Browser { name, address: Visitor::now().address.clone(), device }
}

pub fn given_path(query: &str) -> String {
    let given = query.split('&').find_map(|pair| pair.strip_prefix("then=")).unwrap_or_default();
    local(&percent_encoding::percent_decode_str(given).decode_utf8_lossy())
}

/// A path of this site, or its start. Browsers read `//host`, `/\host` and what hides behind control characters as other sites.
pub fn local(path: &str) -> String {
    let plain = path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let inside = path.starts_with('/') && !path.starts_with("//");
    if plain && inside && path.len() <= LONGEST_PATH { path.to_owned() } else { "/".to_owned() }
}

const LONGEST_PATH: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_to_another_site() {
        for path in ["/", "/fix/x?y=z%20a", "/a//b", "/%2F%2Fevil.example"] {
            assert_eq!(local(path), path);
        }
        for path in [
            "",
            "x",
            "//evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "https://evil.example",
            "/\t/evil.example",
            "/\r\nx: y",
            " /x",
            "javascript:x",
            "/ü",
        ] {
            assert_eq!(local(path), "/", "{path:?}");
        }
        assert_eq!(given_path("then=%2F%2Fevil.example"), "/");
        assert_eq!(given_path("x=y&then=%2Ffix%2Fx"), "/fix/x");
    }
}
