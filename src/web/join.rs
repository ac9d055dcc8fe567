//! A link that works once: it makes an account, or sets a new password.

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::error::Error;
use super::guard::{self, field};
use super::layout::Layout;
use super::page;
use super::server::Site;
use super::sign_in::{browser, enter, form_token, with_form_secret};
use crate::app::AppError;
use crate::app::people::{Invitation, Refusal, SHORTEST, Secret};

#[derive(Template)]
#[template(path = "join.html")]
struct JoinPage {
    layout: Layout,
    csrf: String,
    /// Whose password it sets; somebody new chooses a name.
    known: Option<String>,
    role: &'static str,
    name: String,
    wrong: Option<String>,
    shortest: usize,
}

pub async fn form(request: HttpRequest, site: Data<Site>, link: Path<String>) -> Result<HttpResponse, Error> {
    let invitation = site.app.find_invitation(&Secret::given(&link)).await?;
    show(&request, invitation, "", None)
}

fn show(request: &HttpRequest, invitation: Invitation, name: &str, wrong: Option<&Refusal>) -> Result<HttpResponse, Error> {
    let (secret, csrf) = form_token(request);
    let known = invitation.person.map(|person| person.name);
    let title = if known.is_some() { "Choose a new password" } else { "Make your account" };
    let shown = JoinPage {
        layout: Layout::unlisted(title, "This link works once.").without_box(),
        csrf,
        known,
        role: invitation.role.one(),
        name: name.to_owned(),
        wrong: wrong.map(ToString::to_string),
        shortest: SHORTEST,
    };
    let mut response = page::fresh(request, page::render(&shown)?);
    if wrong.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    with_form_secret(response, secret.as_ref())
}

pub async fn join(request: HttpRequest, site: Data<Site>, link: Path<String>, body: Bytes) -> Result<HttpResponse, Error> {
    let form = guard::form(&request, &body)?;
    let link = Secret::given(&link);
    let (name, password) = (field(&form, "name"), field(&form, "password"));
    let invitation = site.app.find_invitation(&link).await?;
    if password != field(&form, "again") {
        return show(&request, invitation, name, Some(&Refusal::PasswordsDiffer));
    }
    match site.app.join(&link, (name, password), field(&form, "tokens") == "yes", &browser(&request)).await {
        Ok(signed_in) => enter(&site, &signed_in, "/").await,
        Err(AppError::Refused(refusal)) if refusal != Refusal::NoSuchInvitation => {
            show(&request, invitation, name, Some(&refusal))
        }
        Err(cause) => Err(cause.into()),
    }
}
