//! `fixpath serve`: opens the data, starts the site, and stops it without losing anything.

use std::future::poll_fn;
use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;

use super::ServeArgs;
use super::progress::Bar;
use super::say;
use crate::app::App;
use crate::app::publish::Writing;
use crate::settings::{ClientSecret, Typed, TypedOrganisation, TypedProxy};
use crate::web;

/// The secret of the site at its provider. A command line is seen by everybody on a machine, so it is no option.
const CLIENT_SECRET: &str = "FIXPATH_OIDC_CLIENT_SECRET";
/// How often misses are written down, and the store is asked whether another program changed it.
const SWEEP: Duration = Duration::from_secs(1);

impl ServeArgs {
    fn typed(self) -> Typed {
        Typed {
            listen: self.listen,
            data: self.data,
            content: self.content,
            watch: self.watch,
            edit_url: self.edit_url,
            base_url: self.base_url,
            open: self.open,
            organisation: TypedOrganisation {
                issuer: self.oidc_issuer,
                client_id: self.oidc_client_id,
                client_secret: std::env::var(CLIENT_SECRET).ok().map(ClientSecret::new),
                groups_claim: self.oidc_groups_claim,
            },
            proxy: TypedProxy {
                addresses: self.trusted_proxy,
                user_header: self.proxy_user_header,
                groups_header: self.proxy_groups_header,
            },
            group_roles: self.oidc_role,
        }
    }
}

pub fn serve(args: ServeArgs) -> anyhow::Result<ExitCode> {
    let (workers, review) = (args.workers, args.review);
    let settings = args.typed().check()?;
    let writing = Writing { review, read_only: settings.watch, edit_url: settings.edit_url.clone() };
    let filter = EnvFilter::try_from_env("FIXPATH_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours).with_target(false).init();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start the runtime")?;
    let tasks = tokio::task::LocalSet::new();
    tasks.block_on(&runtime, async {
        let bar = Bar::new();
        let app = App::open(&settings.data, settings.content.as_deref(), writing, &|what, done, total| bar.at(what, done, total))
            .await?;
        bar.end();
        let app = Arc::new(app);
        settings.check_reach(app.expects_people().await?)?;
        let mut started = web::start(Arc::clone(&app), settings, workers)?;
        // The first look starts the threads and the handling of signals: only then does the site answer, and stop as it should.
        let at_once = poll_fn(|context| Poll::Ready(started.running.as_mut().poll(context))).await;
        if let Poll::Ready(stopped) = at_once {
            return stopped.context("the site stopped").map(|()| ExitCode::SUCCESS);
        }
        say(&format!("listening on http://{}", started.address))?;
        if let Some(link) = app.make_first_link().await? {
            let url = web::absolute(&format!("/join/{}", link.text()));
            // Not a line of the log, which travels further than a secret may.
            eprintln!("Nobody administers this site yet. Make the first administrator: {url}");
        }
        let sweeping = tokio::task::spawn_local({
            let app = Arc::clone(&app);
            async move {
                tokio::time::sleep(SWEEP).await;
                app.prepare().await;
                loop {
                    tokio::time::sleep(SWEEP).await;
                    app.write_misses(false).await;
                    app.look_for_changes().await;
                }
            }
        });
        let watching = tokio::task::spawn_local({
            let app = Arc::clone(&app);
            async move { app.watch().await }
        });
        let stopped = started.running.await;
        sweeping.abort();
        watching.abort();
        app.close().await;
        stopped.context("the site stopped")?;
        Ok(ExitCode::SUCCESS)
    })
}
