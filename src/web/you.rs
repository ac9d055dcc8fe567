//! One's own account: password, browsers that are signed in, tokens for programs.

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::error::Error;
use super::guard::{self, field};
use super::layout::Layout;
use super::page::{self, time};
use super::server::Site;
use super::sign_in::leave;
use super::visitor::Visitor;
use crate::app::AppError;
use crate::app::people::{LIFETIMES, Refusal, Role, SHORTEST, Scope};

pub struct SessionRow {
    pub browser: String,
    pub address: String,
    pub since: String,
    pub seen: String,
    pub is_this: bool,
}

pub struct TokenRow {
    pub id: i64,
    pub name: String,
    pub scope: String,
    pub expires: String,
    pub used: Option<String>,
}

#[derive(Template)]
#[template(path = "you.html")]
struct YouPage {
    layout: Layout,
    name: String,
    role: &'static str,
    administers: bool,
    sessions: Vec<SessionRow>,
    tokens: Vec<TokenRow>,
    lifetimes: [i64; 3],
    shortest: usize,
    /// Who is known elsewhere has no password to change.
    has_password: bool,
    by_proxy: bool,
    /// What was done, or why it was not.
    said: Option<String>,
    wrong: Option<String>,
    /// A token that was just made.
    token: Option<String>,
}

/// What the page says beside what always stands there.
#[derive(Default)]
struct News {
    said: Option<String>,
    wrong: Option<Refusal>,
    token: Option<String>,
}

pub async fn show(request: HttpRequest, site: Data<Site>) -> Result<HttpResponse, Error> {
    let said = match request.query_string() {
        "password" => Some("Your password is changed, and every other browser is signed out.".to_owned()),
        "password-and-tokens" => {
            Some("Your password is changed, every other browser is signed out, and your tokens work no more.".to_owned())
        }
        "withdrawn" => Some("The token works no more.".to_owned()),
        _ => None,
    };
    page(&request, &site, News { said, ..News::default() }).await
}

async fn page(request: &HttpRequest, site: &Site, news: News) -> Result<HttpResponse, Error> {
    let visitor = Visitor::now();
    let (person, session) = visitor.myself()?;
    let this = session.digest();
    let sessions = site.app.list_sessions(person).await?.into_iter().map(|s| SessionRow {
        is_this: s.digest == this,
        browser: if s.browser.is_empty() { "A browser without a name".to_owned() } else { s.browser },
        address: s.address,
        since: time(s.made_at),
        seen: time(s.seen_at),
    });
    let tokens = site.app.list_tokens(person).await?.into_iter().map(|t| TokenRow {
        id: t.id,
        name: t.name,
        scope: t.scope,
        expires: time(t.expires_at),
        used: t.used_at.map(time),
    });
    let status = if news.wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let shown = YouPage {
        layout: Layout { path: "/you".to_owned(), ..Layout::unlisted("Your account", "Password, browsers and tokens.") },
        name: person.name.clone(),
        role: person.role.one(),
        administers: person.role == Role::Administrator,
        sessions: sessions.collect(),
        tokens: tokens.collect(),
        lifetimes: LIFETIMES,
        shortest: SHORTEST,
        has_password: site.app.has_password(person).await?,
        by_proxy: visitor.is_by_proxy(),
        said: news.said,
        wrong: news.wrong.map(|refusal| refusal.to_string()),
        token: news.token,
    };
    let mut response = page::fresh(request, page::render(&shown)?);
    *response.status_mut() = status;
    Ok(response)
}

/// The page again, with why something was not done.
async fn refused(request: &HttpRequest, site: &Site, cause: AppError) -> Result<HttpResponse, Error> {
    match cause {
        AppError::Refused(wrong) if !matches!(wrong, Refusal::TooOften { .. }) => {
            page(request, site, News { wrong: Some(wrong), ..News::default() }).await
        }
        cause => Err(cause.into()),
    }
}

pub async fn change_password(request: HttpRequest, site: Data<Site>, body: Bytes) -> Result<HttpResponse, Error> {
    let form = guard::form(&request, &body)?;
    let visitor = Visitor::now();
    let (person, session) = visitor.myself()?;
    let (old, new) = (field(&form, "old"), field(&form, "password"));
    if new != field(&form, "again") {
        return refused(&request, &site, Refusal::PasswordsDiffer.into()).await;
    }
    let tokens = field(&form, "tokens") == "yes";
    match site.app.change_password(person, (old, new), session, tokens, &visitor.actor()).await {
        Ok(()) => Ok(page::see_other(if tokens { "/you?password-and-tokens" } else { "/you?password" })),
        Err(cause) => refused(&request, &site, cause).await,
    }
}

pub async fn sign_out_everywhere(request: HttpRequest, site: Data<Site>, body: Bytes) -> Result<HttpResponse, Error> {
    let form = guard::form(&request, &body)?;
    let visitor = Visitor::now();
    let (person, _) = visitor.myself()?;
    site.app.sign_out_everywhere(person, field(&form, "tokens") == "yes", &visitor.actor()).await?;
    leave()
}

/// Makes a token and shows it, this once: there is no address that shows it again.
pub async fn make_token(request: HttpRequest, site: Data<Site>, body: Bytes) -> Result<HttpResponse, Error> {
    let form = guard::form(&request, &body)?;
    let visitor = Visitor::now();
    let (person, _) = visitor.myself()?;
    let days = field(&form, "days").parse().unwrap_or_default();
    let made = match Scope::parse(field(&form, "scope")) {
        Some(scope) => site.app.make_token(person, field(&form, "name"), scope, days, &visitor.actor()).await,
        None => Err(Refusal::BadToken.into()),
    };
    match made {
        Ok(token) => page(&request, &site, News { token: Some(token), ..News::default() }).await,
        Err(cause) => refused(&request, &site, cause).await,
    }
}

pub async fn withdraw_token(site: Data<Site>, id: Path<i64>) -> Result<HttpResponse, Error> {
    let visitor = Visitor::now();
    let (person, _) = visitor.myself()?;
    site.app.withdraw_token(person, *id, &visitor.actor()).await?;
    Ok(page::see_other("/you?withdrawn"))
}
