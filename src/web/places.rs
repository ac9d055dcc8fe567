//! The addresses of the site: each with who answers it and who may ask. The table that is written with this, [`super::places`],
//! is both the router and the book of rules: there is no way to add a handler without a rule, because they come together.
//!
//! The rule is kept by the address itself, around its handlers, so that nothing has to be looked up by path: two ways to write
//! one address cannot lead to two rules.

use std::rc::Rc;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{HttpServiceFactory, Payload, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{BytesMut, PayloadConfig};
use actix_web::{FromRequest, Handler, HttpMessage as _, HttpRequest, HttpResponse, Resource, Responder, Route, web};
use futures_util::StreamExt as _;

use super::error::{ApiError, Error};
use super::rights::{self, Needs, Verdict};
use super::server::Site;
use super::visitor::{Visitor, form_secret};
use super::{LARGEST_BODY, guard, images, paste, sign_in};
use crate::kb::{Kind, Slug};

/// An address.
pub struct Place {
    pub path: &'static str,
    /// What each method needs; methods that are not here are refused.
    pub rules: Vec<(Method, Needs)>,
    routes: Vec<Route>,
    /// More bytes than this are refused.
    most: usize,
}

/// The place at this address, which answers nothing yet.
pub fn place(path: &'static str) -> Place {
    Place { path, rules: Vec::new(), routes: Vec::new(), most: LARGEST_BODY }
}

impl Place {
    /// Answers GET and HEAD.
    pub fn read<F, Args>(self, needs: Needs, handler: F) -> Place
    where
        F: Handler<Args> + Clone,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::GET, needs, handler.clone()).on(Method::HEAD, needs, handler)
    }

    /// Answers POST.
    pub fn post<F, Args>(self, needs: Needs, handler: F) -> Place
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::POST, needs, handler)
    }

    /// Answers any one method.
    pub fn on<F, Args>(mut self, method: Method, needs: Needs, handler: F) -> Place
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.routes.push(web::method(method.clone()).to(handler));
        self.rules.push((method, needs));
        self
    }

    /// Takes more bytes than the forms of the site have.
    pub fn taking(mut self, most: usize) -> Place {
        self.most = most;
        self
    }

    /// As the framework wants it: guarded, and with an answer for methods that it does not know.
    pub fn guarded(self) -> impl HttpServiceFactory {
        let rules: Rc<[(Method, Needs)]> = self.rules.into();
        let most = self.most;
        let known = Rc::clone(&rules);
        let resource = self.routes.into_iter().fold(web::resource(self.path), Resource::route);
        let resource = resource.app_data(PayloadConfig::new(most)).default_service(web::to(move |request: HttpRequest| {
            let refused = wrong_method(&request, &known);
            async move { refused }
        }));
        resource.wrap(from_fn(move |request: ServiceRequest, next: Next<BoxBody>| {
            let needs = rules.iter().find(|(method, _)| method == request.method()).map(|(_, needs)| *needs);
            keep(request, next, needs, most)
        }))
    }
}

fn wrong_method(request: &HttpRequest, rules: &[(Method, Needs)]) -> HttpResponse {
    let allowed = rules.iter().map(|(method, _)| method.as_str()).collect::<Vec<_>>().join(", ");
    refuse(request, Error::WrongMethod { given: request.method().clone(), allowed })
}

/// A refusal for whoever asked: a page for people, JSON for programs.
fn refuse(request: &HttpRequest, error: Error) -> HttpResponse {
    let is_program = guard::is_for_program(request.path(), request.headers()) || matches!(error, Error::BadToken);
    if is_program { ApiError(error).respond() } else { error.respond() }
}

/// Keeps the rule of an address.
async fn keep<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
    needs: Option<Needs>,
    most: usize,
) -> Result<ServiceResponse, actix_web::Error> {
    // A method that nobody answers needs nothing: it is refused in words of its own.
    let Some(needs) = needs else { return next.call(request).await.map(ServiceResponse::map_into_boxed_body) };
    let visitor = Visitor::now();
    let refused = match rights::decide(needs, &visitor.proof, visitor.rules) {
        Verdict::Allowed => {
            check_form(&mut request, &visitor, needs, most).await.err().map(|error| refuse(request.request(), error))
        }
        Verdict::SignIn if is_page(&request) => Some(sign_in::redirect(&path_of(&request))),
        Verdict::SignIn => Some(refuse(request.request(), Error::SignInFirst)),
        Verdict::BadToken => Some(refuse(request.request(), Error::BadToken)),
        Verdict::ReadOnly => Some(refuse(request.request(), Error::ReadOnlyToken)),
        Verdict::NotByToken => Some(refuse(request.request(), Error::NotByToken)),
        Verdict::WrittenElsewhere => Some(refuse(request.request(), written_elsewhere(&request))),
        Verdict::Role(role) => Some(refuse(request.request(), Error::NeedsRole(role))),
    };
    match refused {
        Some(response) => Ok(request.into_response(response)),
        None => next.call(request).await.map(ServiceResponse::map_into_boxed_body),
    }
}

/// The content is only read here; whoever comes to change a document is told where that can be done.
fn written_elsewhere(request: &ServiceRequest) -> Error {
    let names = request.match_info();
    // Only fixes are verified, so that address has no kind.
    let kind = names.get("kind").map_or(Some(Kind::Entry), Kind::parse);
    let slug = names.get("slug").and_then(Slug::parse);
    let site = request.app_data::<web::Data<Site>>();
    let edit_url = site.zip(kind.zip(slug)).and_then(|(site, (kind, slug))| {
        let snapshot = site.app.snapshot();
        snapshot.folder.as_ref().and_then(|folder| folder.edit_link(kind, &slug))
    });
    Error::WrittenElsewhere { edit_url }
}

/// Whether a person looks at a page, and can be led to sign in.
fn is_page(request: &ServiceRequest) -> bool {
    guard::is_safe(request.method()) && !request.path().starts_with("/api/")
}

fn path_of(request: &ServiceRequest) -> String {
    request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string)
}

/// What changes something on the word of a cookie has to come from a form of ours: it carries a token that other sites cannot
/// know. Checked here, before any handler, so that nobody can forget it. Programs with a token of their own send no cookie.
async fn check_form(request: &mut ServiceRequest, visitor: &Visitor, needs: Needs, most: usize) -> Result<(), Error> {
    if guard::is_safe(request.method()) {
        return Ok(());
    }
    let secret = match visitor.session() {
        Some(session) => session.clone(),
        // Signing in and joining: nobody is known yet, and still no other site may do it for somebody.
        None if needs == Needs::Nobody => form_secret(request.request()).ok_or(Error::StaleForm)?,
        None => return Ok(()),
    };
    let given = request.headers().get("x-csrf-token").and_then(|v| v.to_str().ok()).map(str::to_owned);
    let given = match given {
        Some(given) => Some(given),
        None => token_in_body(request, most).await?,
    };
    if given.is_some_and(|given| secret.owns_form(&given)) { Ok(()) } else { Err(Error::StaleForm) }
}

/// The refusal of what is too large for an address.
pub fn too_large(path: &str, given: Option<usize>, most: usize) -> Error {
    match path {
        "/image" => images::too_large(given),
        _ if path.ends_with("/explain") => paste::too_large(given),
        _ => Error::BodyTooLarge { most },
    }
}

/// Reads the whole form for its token, and puts it back for the handler.
async fn token_in_body(request: &mut ServiceRequest, most: usize) -> Result<Option<String>, Error> {
    let path = request.path().to_owned();
    let too_large = |given| too_large(&path, given, most);
    let announced = paste::announced(request.request());
    if announced.is_some_and(|length| length > most) {
        return Err(too_large(announced));
    }
    let mut payload = request.take_payload();
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Error::BadForm("the form breaks off: send it again".into()))?;
        if bytes.len() + chunk.len() > most {
            return Err(too_large(None));
        }
        bytes.extend_from_slice(&chunk);
    }
    let bytes = bytes.freeze();
    request.set_payload(Payload::from(bytes.clone()));
    let fields = match paste::fields(request.request(), bytes).await {
        // Not a form at all: so it carries no token.
        Err(Error::WrongType { .. }) => return Ok(None),
        fields => fields?,
    };
    Ok(fields.into_iter().find(|(name, _)| name == "csrf").map(|(_, value)| value))
}
