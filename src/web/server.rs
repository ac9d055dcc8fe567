//! Starts and stops the site. Start at [`start`].

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use actix_web::middleware::{Next, from_fn};
use actix_web::{App as ActixApp, HttpServer, web};
use tracing::info;

use super::error::Error;
use super::layout;
use super::operators::Counters;
use super::page::Shelf;
use super::rights::Rules;
use super::{LARGEST_BODY, guard, images, paste, routes, visitor};
use crate::app::App;
use crate::app::people::Groups;
use crate::app::people::provider::Provider;
use crate::settings::{Serve, TrustedProxy};

/// What every handler can reach.
pub struct Site {
    pub app: Arc<App>,
    pub shelf: Shelf,
    pub counters: Counters,
    pub rules: Rules,
    pub elsewhere: Elsewhere,
}

/// Who knows people beside this site.
#[derive(Default)]
pub struct Elsewhere {
    pub provider: Option<Provider>,
    pub proxy: Option<TrustedProxy>,
    pub groups: Groups,
}

/// A site that answers.
pub struct Started {
    pub address: SocketAddr,
    pub handle: ServerHandle,
    /// Ends when the site has stopped.
    pub running: std::pin::Pin<Box<dyn Future<Output = io::Result<()>>>>,
}

/// A request that takes longer to arrive than this is dropped.
const SLOWEST_REQUEST: Duration = Duration::from_secs(10);
/// Requests in flight get so long to end once the site is told to stop.
const SHUTDOWN_SECONDS: u64 = 20;
/// Requests that take longer are worth a line in the log.
const SLOW: Duration = Duration::from_millis(500);

/// Binds the address and starts to answer. SIGTERM lets the requests in flight end; SIGINT does not wait.
pub fn start(app: Arc<App>, settings: Serve, workers: Option<usize>) -> io::Result<Started> {
    let listen = settings.listen;
    let listener = TcpListener::bind(listen).map_err(|e| {
        let why = match e.kind() {
            io::ErrorKind::AddrInUse => "another program uses this port: stop it, or choose another with --listen",
            io::ErrorKind::PermissionDenied => "this port needs more rights: choose one above 1023 with --listen",
            io::ErrorKind::AddrNotAvailable => "this machine does not have that address: choose another with --listen",
            _ => "choose another address with --listen",
        };
        io::Error::new(e.kind(), format!("cannot listen on {listen}: {why}"))
    })?;
    let address = listener.local_addr()?;
    layout::set_base(settings.base_url.clone().unwrap_or_else(|| format!("http://{}", reachable(address))));
    let rules = Rules { open_reading: settings.open, loopback: settings.is_for_this_machine(), read_only: app.is_read_only() };
    let elsewhere = Elsewhere {
        provider: settings.organisation.map(Provider::new),
        proxy: settings.proxy,
        groups: Groups::new(&settings.group_roles),
    };
    let site = web::Data::new(Site { app, shelf: Shelf::default(), counters: Counters::default(), rules, elsewhere });
    let mut server = HttpServer::new(move || {
        ActixApp::new()
            .app_data(site.clone())
            .app_data(web::PayloadConfig::new(LARGEST_BODY))
            .wrap(from_fn(guard::same_site))
            .wrap(from_fn(count))
            .wrap(from_fn(visitor::identify))
            .wrap(guard::headers())
            .configure(routes)
    })
    .client_request_timeout(SLOWEST_REQUEST)
    .shutdown_timeout(SHUTDOWN_SECONDS);
    if let Some(workers) = workers {
        server = server.workers(workers);
    }
    let server = server.listen(listener)?.run();
    Ok(Started { address, handle: server.handle(), running: Box::pin(server) })
}

/// A site that listens everywhere is reached on this machine, too.
fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() { (std::net::Ipv4Addr::LOCALHOST, address.port()).into() } else { address }
}

/// Counts requests, and turns what the framework refuses by itself into our own words.
async fn count<B: actix_web::body::MessageBody + 'static>(
    request: actix_web::dev::ServiceRequest,
    next: Next<B>,
) -> Result<actix_web::dev::ServiceResponse<actix_web::body::EitherBody<B>>, actix_web::Error> {
    let site = request.app_data::<web::Data<Site>>().cloned();
    let api = guard::is_for_program(request.path(), request.headers());
    let began = Instant::now();
    let response = next.call(request).await?;
    let status = response.status();
    if let Some(site) = site {
        site.counters.requests.inc();
        if status.is_server_error() {
            site.counters.errors.inc();
        }
    }
    let took = began.elapsed();
    if took > SLOW {
        let route = response.request().match_pattern().unwrap_or_default();
        info!(route, status = status.as_u16(), milliseconds = took.as_millis() as u64, "a slow request");
    }
    Ok(match reworded(&response) {
        Some(error) => {
            let ours = if api { super::error::ApiError(error).respond() } else { error.respond() };
            response.into_response(ours).map_into_right_body()
        }
        None => response.map_into_left_body(),
    })
}

/// The framework's own refusals are plain text; a person should get a page.
fn reworded<B>(response: &actix_web::dev::ServiceResponse<B>) -> Option<Error> {
    let cause = response.response().error()?;
    if cause.as_error::<Error>().is_some() || cause.as_error::<super::error::ApiError>().is_some() {
        return None;
    }
    Some(match response.status().as_u16() {
        413 if response.request().path().ends_with("/explain") => paste::too_large(paste::announced(response.request())),
        413 if response.request().path() == "/image" => images::too_large(paste::announced(response.request())),
        413 => Error::BodyTooLarge { most: LARGEST_BODY },
        status if (400..500).contains(&status) => Error::BadAddress("the request cannot be read: send it again".into()),
        _ => Error::Internal(cause.to_string()),
    })
}
