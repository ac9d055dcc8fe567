//! `fixpath diagnose`: one step for a program, a conversation for a person.

use std::io::{BufRead, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::{ContentArg, NOT_WELL, QUESTIONS_LEFT, say, say_json, text};
use crate::app::Library;
use crate::app::diagnose::{Asking, Diagnosis, Stage};
use crate::app::json::DiagnosisJson;
use crate::app::links;
use crate::app::snapshot::Snapshot;

#[derive(Args)]
pub struct DiagnoseArgs {
    /// `symptom=SLUG`, `QUESTION=OPTION`, `skip=QUESTION`, `tried=ENTRY`, in any order; or a whole link
    answers: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    content: ContentArg,
}

pub fn diagnose(args: &DiagnoseArgs) -> anyhow::Result<ExitCode> {
    let library = Library::open(args.content.content.as_deref())?;
    let mut parameters = Vec::new();
    for given in &args.answers {
        // A link from a chat works as it is.
        let query = given.split_once('?').map_or(given.as_str(), |(_, query)| query);
        parameters.extend(links::split(query)?);
    }
    let mut diagnosis = library.snapshot.diagnose(links::read(&library.snapshot.kb, &parameters)?);
    if args.json {
        say_json(&DiagnosisJson::from(diagnosis.as_ref()))?;
        return Ok(code(&diagnosis));
    }
    if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        diagnosis = converse(&library.snapshot, diagnosis, &mut std::io::stdin().lock())?;
    }
    text::say_step(&diagnosis)?;
    if let (Stage::Fix, Some(slug)) = (diagnosis.stage, &diagnosis.verdict) {
        let body = &library.snapshot.kb.entries[slug].body;
        say(&format!("\n{}", text::section(body, "## Fix")))?;
    }
    Ok(code(&diagnosis))
}

/// Asks what is left, until there is nothing left or the person stops.
pub fn converse(snapshot: &Snapshot, start: Arc<Diagnosis>, answers: &mut dyn BufRead) -> anyhow::Result<Arc<Diagnosis>> {
    let mut diagnosis = start;
    while let (Stage::Ask, Some(question)) = (diagnosis.stage, &diagnosis.question) {
        let Some(answer) = ask(question, answers)? else { break };
        let (_, known) = diagnosis.url.split_once('?').unwrap_or_default();
        let mut parameters = links::split(known)?;
        parameters.push(answer);
        diagnosis = snapshot.diagnose(links::read(&snapshot.kb, &parameters)?);
    }
    Ok(diagnosis)
}

/// What the exit status says of a step.
pub fn code(diagnosis: &Diagnosis) -> ExitCode {
    match diagnosis.stage {
        Stage::Fix => ExitCode::SUCCESS,
        Stage::Ask => ExitCode::from(QUESTIONS_LEFT),
        Stage::Undecided | Stage::NoKnownCause => ExitCode::from(NOT_WELL),
    }
}

/// Asks on the terminal. `None` ends the conversation.
fn ask(question: &Asking, answers: &mut dyn BufRead) -> anyhow::Result<Option<(String, String)>> {
    say(&format!("\n{}\n{}", text::bold(&question.title), text::dim(&question.why)))?;
    for (at, option) in question.options.iter().enumerate() {
        say(&format!("  {}  {}", at + 1, option.label))?;
    }
    let can_skip = question.skip_url.is_some();
    loop {
        write!(std::io::stdout(), "{}", if can_skip { "number, ? for don't know, q to stop: " } else { "number, q to stop: " })?;
        std::io::stdout().flush()?;
        let mut line = String::new();
        if answers.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        match line.trim() {
            "q" => return Ok(None),
            "?" if can_skip => return Ok(Some(("skip".to_owned(), question.slug.clone()))),
            number => match number.parse::<usize>().ok().and_then(|n| question.options.get(n.wrapping_sub(1))) {
                Some(option) => return Ok(Some((question.slug.clone(), option.id.to_string()))),
                None => say(&format!("`{number}` is none of these: type a number from 1 to {}", question.options.len()))?,
            },
        }
    }
}
