//! What can go wrong for a visitor, as what happened, never as a number. One `match` gives status, title and repair.

use actix_web::http::{Method, StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, ResponseError};
use askama::Template;
use serde::Serialize;
use tracing::error;

use super::layout::Layout;
use super::page;
use crate::app::images::{BadImage, NotAdded};
use crate::app::links::BadParameters;
use crate::app::people::{Refusal, Role};
use crate::app::{AppError, StoreError};
use crate::kb::Kind;

/// A way back that is offered with an error.
#[derive(Clone, Debug)]
pub struct Nearby {
    pub title: String,
    pub url: String,
}

/// What happened.
#[derive(Debug)]
pub enum Error {
    NoSuchPage,
    NoSuchDocument {
        kind: Kind,
        slug: String,
        nearby: Vec<Nearby>,
    },
    /// It was there, and was taken out of use for a reason.
    Retired {
        kind: Kind,
        slug: String,
        why: String,
    },
    BadAddress(String),
    BadForm(String),
    BodyTooLarge {
        most: usize,
    },
    /// How many bytes were given is not known of a request that does not say.
    PasteTooLarge {
        given: Option<usize>,
        most: usize,
    },
    BadImage(BadImage),
    WrongType {
        given: String,
        wanted: &'static str,
    },
    WrongMethod {
        given: Method,
        allowed: String,
    },
    OtherSite,
    /// It takes an account.
    SignInFirst,
    /// It takes more than the account has.
    NeedsRole(Role),
    BadToken,
    ReadOnlyToken,
    NotByToken,
    /// The proxy lets them in, and lets them out.
    SignOutThere,
    /// The content is kept in a folder elsewhere; with where a document is edited, if that is known.
    WrittenElsewhere {
        edit_url: Option<String>,
    },
    /// Something speaks against the change.
    NotPublished(String),
    /// The form does not carry the token of the session.
    StaleForm,
    Refused(Refusal),
    /// The disk is full or read-only.
    CannotWrite(String),
    Internal(String),
}

impl From<BadParameters> for Error {
    fn from(bad: BadParameters) -> Error {
        Error::BadAddress(bad.to_string())
    }
}

impl From<AppError> for Error {
    fn from(cause: AppError) -> Error {
        match cause {
            AppError::Refused(refusal) => Error::Refused(refusal),
            AppError::Store(StoreError::CannotWrite(_)) => Error::CannotWrite(cause.to_string()),
            _ => Error::Internal(cause.to_string()),
        }
    }
}

impl From<NotAdded> for Error {
    fn from(cause: NotAdded) -> Error {
        match cause {
            NotAdded::Refused(bad) => Error::BadImage(bad),
            NotAdded::Failed(cause) => cause.into(),
        }
    }
}

/// An error, said in words.
struct Said {
    status: StatusCode,
    code: &'static str,
    title: String,
    message: String,
}

impl Error {
    fn said(&self) -> Said {
        let say = |status, code, title: &str, message: String| Said { status, code, title: title.to_owned(), message };
        match self {
            Error::NoSuchPage => {
                let message = "There is no page at this address. Check the link, or search for what you need.".to_owned();
                say(StatusCode::NOT_FOUND, "no-such-page", "No such page", message)
            }
            Error::NoSuchDocument { kind, slug, .. } => {
                let what = if *kind == Kind::Entry { "fix" } else { kind.word() };
                let slug: String = slug.chars().take(80).collect();
                let message = format!("There is no {what} called “{slug}”. Check the link, or search for what you need.");
                say(StatusCode::NOT_FOUND, "no-such-document", &format!("No such {what}"), message)
            }
            Error::Retired { why, .. } => {
                let message = format!("{why}. Search for what you see: another entry may explain it.");
                say(StatusCode::GONE, "retired", "Not in use any more", message)
            }
            Error::BadAddress(why) => say(StatusCode::BAD_REQUEST, "bad-address", "The address cannot be read", capital(why)),
            Error::BadForm(why) => say(StatusCode::BAD_REQUEST, "bad-form", "The form cannot be read", capital(why)),
            Error::BodyTooLarge { most } => {
                let message = format!("The form is larger than {}. Send it from the page itself.", mebibytes(*most));
                say(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "That is too much", message)
            }
            Error::PasteTooLarge { given, most } => {
                let given = given.map_or_else(|| "More".to_owned(), mebibytes);
                let message = format!(
                    "{given} was given, the most is {}. Send only the failing request: in the Network panel of the browser, \
                     right-click it, choose “Copy as cURL”, and paste that. For a HAR, filter the list before you export it.",
                    mebibytes(*most)
                );
                say(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "That is too much text", message)
            }
            Error::BadImage(why) => {
                let (status, code) = match why {
                    BadImage::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "too-large"),
                    _ => (StatusCode::UNPROCESSABLE_ENTITY, "bad-image"),
                };
                say(status, code, "That picture cannot be used", format!("{}.", capital(&why.to_string())))
            }
            Error::WrongType { given, wanted } => {
                let given = if given.is_empty() { "nothing" } else { given };
                let given: String = given.chars().take(80).collect();
                let message = format!("The content type given is {given}; send {wanted}.");
                say(StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong-type", "Not a form that this page reads", message)
            }
            Error::WrongMethod { given, allowed } => {
                let message = format!("{given} is not possible here. This address answers {allowed}.");
                say(StatusCode::METHOD_NOT_ALLOWED, "wrong-method", "Not possible here", message)
            }
            Error::OtherSite => {
                let message =
                    "The form was sent from another site, so nothing was changed. Send it from the page itself.".to_owned();
                say(StatusCode::FORBIDDEN, "other-site", "Sent from another site", message)
            }
            Error::SignInFirst => {
                let message = "This needs an account, so nothing was changed. Sign in, then try again.".to_owned();
                say(StatusCode::UNAUTHORIZED, "sign-in-first", "Sign in first", message)
            }
            Error::NeedsRole(role) => {
                let message =
                    format!("Only {} can do this. Ask an administrator of this site to give you that role.", role.plural());
                say(StatusCode::FORBIDDEN, "needs-role", "Not with your role", message)
            }
            Error::BadToken => {
                let message = "The token in `Authorization` is unknown, expired or withdrawn. Make a new one at /you.".to_owned();
                say(StatusCode::UNAUTHORIZED, "bad-token", "Unknown token", message)
            }
            Error::ReadOnlyToken => {
                let message = "This token may only read. Make one with the scope `write` at /you.".to_owned();
                say(StatusCode::FORBIDDEN, "read-only-token", "This token may only read", message)
            }
            Error::NotByToken => {
                let message = "No token can do this, so that a lost one does little harm. Sign in with a browser.".to_owned();
                say(StatusCode::FORBIDDEN, "not-by-token", "Not with a token", message)
            }
            Error::SignOutThere => {
                let message =
                    "You are signed in by the proxy in front of this site, which says so on each request. Sign out there: \
                               this site has nothing to end."
                        .to_owned();
                say(StatusCode::CONFLICT, "sign-out-there", "Sign out where you signed in", message)
            }
            Error::WrittenElsewhere { .. } => {
                let message =
                    "The content of this site is kept in a folder elsewhere and only shown here, so nothing was changed. \
                               Change the file there: what you change appears here a moment later."
                        .to_owned();
                say(StatusCode::FORBIDDEN, "written-elsewhere", "Written elsewhere", message)
            }
            Error::NotPublished(why) => say(StatusCode::CONFLICT, "not-published", "Nothing was changed", why.clone()),
            Error::StaleForm => {
                let message = "This form was made for somebody else, or too long ago, so nothing was changed. Go back, load the \
                               page again, and send it once more. Cookies have to be allowed for this site."
                    .to_owned();
                say(StatusCode::FORBIDDEN, "stale-form", "Load the form again", message)
            }
            Error::Refused(refusal) => refused(refusal),
            Error::CannotWrite(_) => {
                let message = "The site cannot write to its disk now, so what you sent was not kept. Nothing was changed. \
                               Go back: what you wrote is still there. Tell whoever runs this site the number below, and send it \
                               again later."
                    .to_owned();
                say(StatusCode::INSUFFICIENT_STORAGE, "cannot-write", "Not kept", message)
            }
            Error::Internal(_) => {
                let message =
                    "Something went wrong on our side. Nothing that you entered was lost by us: go back and try again. \
                               If it stays, tell whoever runs this site the number below."
                        .to_owned();
                say(StatusCode::INTERNAL_SERVER_ERROR, "internal", "That did not work", message)
            }
        }
    }

    /// Logs an inner failure once, here, and gives the number by which it can be found.
    fn incident(&self) -> Option<String> {
        let (Error::Internal(cause) | Error::CannotWrite(cause)) = self else { return None };
        let mut bytes = [0u8; 4];
        let _best_effort = getrandom::fill(&mut bytes);
        let incident: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
        error!(incident, cause, "a request failed");
        Some(incident)
    }
}

/// A refusal that no form shows beside its field.
fn refused(refusal: &Refusal) -> Said {
    let (status, code, title) = match refusal {
        Refusal::TooOften { .. } => (StatusCode::TOO_MANY_REQUESTS, "too-often", "Too many tries"),
        Refusal::NoSuchInvitation => (StatusCode::NOT_FOUND, "no-such-invitation", "This link does not work"),
        Refusal::NoSuchPerson => (StatusCode::NOT_FOUND, "no-such-person", "No such person"),
        Refusal::NoGroup => (StatusCode::FORBIDDEN, "no-group", "Not with your groups"),
        Refusal::LetInNoMore => (StatusCode::FORBIDDEN, "let-in-no-more", "Your account is not active"),
        Refusal::LastAdministrator => (StatusCode::CONFLICT, "last-administrator", "Somebody has to administer the site"),
        _ => (StatusCode::UNPROCESSABLE_ENTITY, "refused", "That was not done"),
    };
    Said { status, code, title: title.to_owned(), message: refusal.to_string() }
}

/// A size in words, rounded up so that too much never looks like the most.
fn mebibytes(bytes: usize) -> String {
    let tenths = bytes.saturating_mul(10).div_ceil(1024 * 1024);
    match tenths % 10 {
        0 => format!("{} MiB", tenths / 10),
        part => format!("{}.{part} MiB", tenths / 10),
    }
}

/// A text as the beginning of a sentence.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.said().message)
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    layout: Layout,
    title: String,
    message: String,
    nearby_heading: &'static str,
    nearby: Vec<Nearby>,
    edit_url: Option<String>,
    incident: Option<String>,
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        self.said().status
    }

    fn error_response(&self) -> HttpResponse {
        let said = self.said();
        let nearby = match self {
            Error::NoSuchDocument { nearby, .. } => nearby.clone(),
            Error::Retired { kind, slug, .. } => {
                vec![Nearby { title: "Its history".to_owned(), url: format!("/history/{}/{slug}", kind.word()) }]
            }
            Error::SignInFirst => vec![Nearby { title: "Sign in".to_owned(), url: "/sign-in".to_owned() }],
            _ => Vec::new(),
        };
        let layout = Layout::unlisted(&said.title, &said.message);
        let nearby_heading =
            if matches!(self, Error::SignInFirst | Error::Retired { .. }) { "Go on" } else { "Perhaps you mean" };
        let incident = self.incident();
        let edit_url = if let Error::WrittenElsewhere { edit_url } = self { edit_url.clone() } else { None };
        let shown = ErrorPage { layout, title: said.title, message: said.message, nearby_heading, nearby, edit_url, incident };
        let mut response = HttpResponse::build(said.status);
        self.add_headers(&mut response);
        response
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .content_type("text/html; charset=utf-8")
            .body(page::render(&shown).unwrap_or_else(|_| "That did not work.".to_owned()))
    }
}

impl Error {
    /// What a browser or a program is told beside the words.
    fn add_headers(&self, response: &mut HttpResponseBuilder) {
        match self {
            Error::WrongMethod { allowed, .. } => response.insert_header((header::ALLOW, allowed.as_str())),
            Error::SignInFirst | Error::BadToken => response.insert_header((header::WWW_AUTHENTICATE, "Bearer")),
            Error::Refused(Refusal::TooOften { seconds }) => response.insert_header((header::RETRY_AFTER, seconds.to_string())),
            _ => response,
        };
    }

    /// The page of this error.
    pub fn respond(&self) -> HttpResponse {
        self.error_response()
    }
}

impl ApiError {
    /// The JSON of this error.
    pub fn respond(&self) -> HttpResponse {
        self.error_response()
    }
}

/// The same error for programs.
#[derive(Debug)]
pub struct ApiError(pub Error);

impl<E: Into<Error>> From<E> for ApiError {
    fn from(error: E) -> ApiError {
        ApiError(error.into())
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[derive(Serialize)]
struct ErrorJson {
    error: ErrorBodyJson,
}

#[derive(Serialize)]
struct ErrorBodyJson {
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    incident: Option<String>,
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.0.status_code()
    }

    fn error_response(&self) -> HttpResponse {
        let said = self.0.said();
        let mut response = HttpResponse::build(said.status);
        self.0.add_headers(&mut response);
        let body = ErrorBodyJson { code: said.code, message: said.message, incident: self.0.incident() };
        response.insert_header((header::CACHE_CONTROL, "no-store")).json(ErrorJson { error: body })
    }
}

/// An address that no route matches.
pub async fn no_such_page(request: HttpRequest) -> Result<HttpResponse, Error> {
    if request.path().starts_with("/api/") {
        return Ok(ApiError(Error::NoSuchPage).error_response());
    }
    Err(Error::NoSuchPage)
}
