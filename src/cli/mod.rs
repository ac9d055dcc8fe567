//! The front door for operators: reads the command line, runs one command, says what happened.
//!
//! It knows `app`, `web` (to start the site) and `kb`; nothing else. Start at [`run`].

mod check;
mod diagnose;
mod explain;
mod progress;
mod serve;
mod text;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};

use crate::app;
use crate::app::Library;
use crate::app::json::SearchJson;
use crate::app::people::{self, Role};
use crate::settings::{self, BadSetting};
use progress::Bar;

/// Finds which cause is behind an error message, and shows its fix.
#[derive(Parser)]
#[command(name = "fixpath", version, args_conflicts_with_subcommands = true, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArgs,
}

const EXAMPLES: &str = "\
Examples:
  fixpath                                     start the site on the shipped content
  fixpath check content                       lint and prove a folder of content
  fixpath search 'Missing Authentication Token'
  fixpath diagnose symptom=forbidden key-sent=header
  curl -v https://… 2>&1 | fixpath explain

Run `fixpath help COMMAND` for the options of a command.";

/// The settings of those who know people elsewhere.
const ELSEWHERE: &str = "People who are known elsewhere";

#[derive(Subcommand)]
enum Command {
    /// Start the site (this is what happens without a command, too)
    Serve(Box<ServeArgs>),
    /// Lint a pack and prove its questionnaires; exit 1 when something is wrong, 2 when it could not run
    Check(check::CheckArgs),
    /// Read a curl command, a transcript, a HAR or an exception, and ask only what is left; exit 3 when questions are
    Explain(explain::ExplainArgs),
    /// One step of a diagnosis, or a conversation on a terminal
    Diagnose(diagnose::DiagnoseArgs),
    /// Search the entries
    Search(SearchArgs),
    /// Merge a folder of content into the store: what changed in both is kept and reported
    Import(ImportArgs),
    /// Write the content of the store to a folder, byte for byte
    Export(ExportArgs),
    /// Copy everything into one new file, while the site may be running
    Backup(BackupArgs),
    /// Make a data folder of a backup; nothing is overwritten
    Restore(RestoreArgs),
    /// Make a link that works once: for a new account, or for a new password
    Invite(InviteArgs),
    /// Ask a running site whether it is well; exit 1 when it is not
    Health(HealthArgs),
}

#[derive(Args, Clone)]
struct ServeArgs {
    /// The address to listen on; port 0 takes any free one
    #[arg(long, env = "FIXPATH_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDR")]
    listen: String,
    /// The folder of the database and the search index
    #[arg(long, env = "FIXPATH_DATA", default_value = "./data", value_name = "DIR")]
    data: PathBuf,
    /// Merge this folder of content into the store at the start
    #[arg(long, env = "FIXPATH_CONTENT", value_name = "DIR")]
    content: Option<PathBuf>,
    /// Show the folder of content as it is, and again whenever it changes; nothing is written on the site
    #[arg(long, env = "FIXPATH_WATCH")]
    watch: bool,
    /// Where a file of that folder is edited, with {path} where its path belongs
    #[arg(long, env = "FIXPATH_EDIT_URL", value_name = "URL")]
    edit_url: Option<String>,
    /// Nobody publishes alone: another editor has to look at each change first
    #[arg(long, env = "FIXPATH_REVIEW")]
    review: bool,
    /// The address under which people reach the site, for the links in pages
    #[arg(long, env = "FIXPATH_BASE_URL", value_name = "URL")]
    base_url: Option<String>,
    /// Let everybody read who can reach an address beyond this machine
    #[arg(long, env = "FIXPATH_OPEN")]
    open: bool,
    /// Where people sign in: the issuer of a provider of OpenID Connect
    #[arg(long, env = "FIXPATH_OIDC_ISSUER", value_name = "URL", help_heading = ELSEWHERE)]
    oidc_issuer: Option<String>,
    /// How the provider knows this site; a secret goes into FIXPATH_OIDC_CLIENT_SECRET
    #[arg(long, env = "FIXPATH_OIDC_CLIENT_ID", value_name = "ID", help_heading = ELSEWHERE)]
    oidc_client_id: Option<String>,
    /// The claim that lists the groups of a person [default: groups]
    #[arg(long, env = "FIXPATH_OIDC_GROUPS_CLAIM", value_name = "NAME", help_heading = ELSEWHERE)]
    oidc_groups_claim: Option<String>,
    /// The role of a group: reader, editor or administrator; may be given again
    #[arg(long, env = "FIXPATH_OIDC_ROLE", value_name = "GROUP=ROLE", value_delimiter = ',', help_heading = ELSEWHERE)]
    oidc_role: Vec<String>,
    /// Believe a proxy at this address where people are; may be given again
    #[arg(long, env = "FIXPATH_TRUSTED_PROXY", value_name = "ADDR[/BITS]", value_delimiter = ',', help_heading = ELSEWHERE)]
    trusted_proxy: Vec<String>,
    /// Believe that proxy who asks, too: the header in which it names the person, such as x-forwarded-user
    #[arg(long, env = "FIXPATH_PROXY_USER_HEADER", value_name = "NAME", help_heading = ELSEWHERE)]
    proxy_user_header: Option<String>,
    /// The header in which the proxy lists their groups, with commas between
    #[arg(long, env = "FIXPATH_PROXY_GROUPS_HEADER", value_name = "NAME", help_heading = ELSEWHERE)]
    proxy_groups_header: Option<String>,
    /// Threads that answer requests [default: one for each processor]
    #[arg(long, env = "FIXPATH_WORKERS", value_name = "N")]
    workers: Option<usize>,
}

#[derive(Args)]
struct ContentArg {
    /// Use this folder of content instead of the shipped one
    #[arg(long, value_name = "DIR")]
    content: Option<PathBuf>,
}

#[derive(Args)]
struct SearchArgs {
    /// What to search for
    #[arg(required = true)]
    query: Vec<String>,
    /// The most results
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=100))]
    limit: u16,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    content: ContentArg,
}

#[derive(Args)]
struct ImportArgs {
    /// The folder with `symptoms`, `questions` and `entries`
    folder: PathBuf,
    /// The data folder of the site
    #[arg(long, env = "FIXPATH_DATA", default_value = "./data", value_name = "DIR")]
    data: PathBuf,
}

#[derive(Args)]
struct ExportArgs {
    /// The folder to write to; files of the same name are replaced
    folder: PathBuf,
    /// The data folder of the site
    #[arg(long, env = "FIXPATH_DATA", default_value = "./data", value_name = "DIR")]
    data: PathBuf,
}

#[derive(Args)]
struct BackupArgs {
    /// The new file
    file: PathBuf,
    /// The data folder of the site
    #[arg(long, env = "FIXPATH_DATA", default_value = "./data", value_name = "DIR")]
    data: PathBuf,
}

#[derive(Args)]
struct RestoreArgs {
    /// The file that `fixpath backup` wrote, or a copy that Litestream restored
    file: PathBuf,
    /// The data folder to make: an empty one, or one that is not there
    #[arg(long, env = "FIXPATH_DATA", default_value = "./data", value_name = "DIR")]
    data: PathBuf,
}

#[derive(Args)]
struct InviteArgs {
    /// What the new person may do
    #[arg(long, default_value = "editor", value_parser = ["reader", "editor", "administrator"])]
    role: String,
    /// Somebody who has an account and needs a new password
    #[arg(long, value_name = "NAME", conflicts_with = "role")]
    name: Option<String>,
    /// The data folder of the site
    #[arg(long, env = "FIXPATH_DATA", default_value = "./data", value_name = "DIR")]
    data: PathBuf,
    /// The address under which people reach the site
    #[arg(long, env = "FIXPATH_BASE_URL", default_value = "http://127.0.0.1:8080", value_name = "URL")]
    base_url: String,
}

#[derive(Args)]
struct HealthArgs {
    /// The address that the site listens on
    #[arg(long, env = "FIXPATH_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDR")]
    listen: String,
}

/// What the exit status says.
const COULD_NOT_RUN: u8 = 2;
/// `explain`: questions are left.
const QUESTIONS_LEFT: u8 = 3;
/// Something was found to be wrong, or nothing was found.
const NOT_WELL: u8 = 1;

/// Reads the command line and runs what it says.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command.unwrap_or(Command::Serve(Box::new(cli.serve))) {
        Command::Serve(args) => serve::serve(*args),
        Command::Check(args) => check::check(&args),
        Command::Explain(args) => explain::explain(&args),
        Command::Diagnose(args) => diagnose::diagnose(&args),
        Command::Search(args) => search(&args),
        Command::Import(args) => import(&args),
        Command::Export(args) => export(&args),
        Command::Backup(args) => backup(&args),
        Command::Restore(args) => restore(&args),
        Command::Invite(args) => invite(&args),
        Command::Health(args) => health(&args),
    };
    match done {
        Ok(code) => code,
        // Whoever reads our output may stop early, as `head` does: that is no failure.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fixpath: {}", sentence(&error));
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}

/// What went wrong and why. Some errors quote their cause, so it is not said again.
fn sentence(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |said, cause| match said.as_str() {
        "" => cause,
        told if told.contains(&cause) => said,
        told => format!("{told}: {cause}"),
    })
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().filter_map(|c| c.downcast_ref::<std::io::Error>()).any(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Prints without the panic that `println!` has for a closed pipe.
fn say(text: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout().lock(), "{text}")?)
}

fn say_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    say(&serde_json::to_string_pretty(value)?)
}

fn search(args: &SearchArgs) -> anyhow::Result<ExitCode> {
    let library = Library::open(args.content.content.as_deref())?;
    let query = args.query.join(" ");
    let found = library.snapshot.index.search(&library.snapshot.kb, &query, args.limit.into());
    if args.json {
        say_json(&SearchJson::new(&query, &found))?;
    } else if found.hits.is_empty() {
        say("Nothing found. Try the sentence of the message alone, or `fixpath diagnose`.")?;
    } else {
        for hit in &found.hits {
            let kind = if hit.kind == crate::kb::Kind::Entry { "fix" } else { hit.kind.word() };
            say(&format!("{}\n  {kind} {}  {}", text::bold(&hit.title), hit.slug, text::dim(&hit.because.join("; "))))?;
        }
    }
    Ok(if found.hits.is_empty() { ExitCode::from(NOT_WELL) } else { ExitCode::SUCCESS })
}

fn wait<T>(work: impl Future<Output = T>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start the runtime")?;
    Ok(runtime.block_on(work))
}

fn import(args: &ImportArgs) -> anyhow::Result<ExitCode> {
    let bar = Bar::new();
    let imported = wait(app::folders::import_folder(&args.data, &args.folder, &|what, done, total| bar.at(what, done, total)))??;
    bar.end();
    let app::Imported { added, changed, unchanged, kept, merged, conflicts } = &imported;
    say(&format!(
        "added {added}, changed {changed}, unchanged {unchanged}, kept as changed here {kept}, merged {merged}, conflicts {}",
        conflicts.len()
    ))?;
    for conflict in conflicts {
        eprintln!(
            "conflict: {} changed both here and in the folder; it is kept as it is here, the other is a draft",
            conflict.path
        );
    }
    Ok(if conflicts.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(NOT_WELL) })
}

fn export(args: &ExportArgs) -> anyhow::Result<ExitCode> {
    let bar = Bar::new();
    let count = wait(app::folders::export_folder(&args.data, &args.folder, &|what, done, total| bar.at(what, done, total)))??;
    bar.end();
    say(&format!("wrote {count} files to {}", args.folder.display()))?;
    Ok(ExitCode::SUCCESS)
}

fn backup(args: &BackupArgs) -> anyhow::Result<ExitCode> {
    wait(app::folders::backup(&args.data, &args.file))??;
    say(&format!("wrote {}", args.file.display()))?;
    Ok(ExitCode::SUCCESS)
}

fn restore(args: &RestoreArgs) -> anyhow::Result<ExitCode> {
    wait(app::folders::restore(&args.data, &args.file))??;
    say(&format!("restored {} from {}", args.data.display(), args.file.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints a link and nothing else, so that a script can pass it on.
fn invite(args: &InviteArgs) -> anyhow::Result<ExitCode> {
    let role = Role::parse(&args.role).context("--role names no role")?;
    let base = settings::base(&args.base_url).ok_or_else(|| BadSetting::BaseUrl(args.base_url.clone()))?;
    let link = wait(people::invite(&args.data, role, args.name.as_deref()))??;
    say(&format!("{base}/join/{}", link.text()))?;
    Ok(ExitCode::SUCCESS)
}

/// For containers, which have no other program to ask with.
fn health(args: &HealthArgs) -> anyhow::Result<ExitCode> {
    use std::net::{TcpStream, ToSocketAddrs as _};
    let patience = std::time::Duration::from_secs(2);
    let address = args.listen.to_socket_addrs()?.next().context("--listen names no address")?;
    // A site that listens on every address answers on this machine's own.
    let host = if address.ip().is_unspecified() { std::net::IpAddr::from([127, 0, 0, 1]) } else { address.ip() };
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&(host, address.port()).into(), patience)?;
        stream.set_read_timeout(Some(patience))?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
        let mut answer = String::new();
        std::io::Read::read_to_string(&mut stream, &mut answer)?;
        Ok(answer)
    };
    let answer = ask().with_context(|| format!("no site answers on {host}:{}", address.port()))?;
    let well = answer.starts_with("HTTP/1.1 200");
    say(if well { "ready" } else { "not ready" })?;
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(NOT_WELL) })
}
