//! `fixpath diagnose`: one step for a program, a conversation for a person.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::Args;

use super::{ContentArg, NOT_WELL, QUESTIONS_LEFT, say, say_json, text};
use crate::app::Library;
use crate::app::diagnose::{Asking, Diagnosis, Stage};
use crate::app::json::DiagnosisJson;
use crate::app::links;

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
    let step = |parameters: &[(String, String)]| -> anyhow::Result<_> {
        Ok(library.snapshot.diagnose(links::read(&library.snapshot.kb, parameters)?))
    };
    let mut diagnosis = step(&parameters)?;
    if args.json {
        say_json(&DiagnosisJson::from(diagnosis.as_ref()))?;
        return Ok(code(&diagnosis));
    }
    if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        while let (Stage::Ask, Some(question)) = (diagnosis.stage, &diagnosis.question) {
            match ask(question)? {
                Some(answer) => parameters.push(answer),
                None => break,
            }
            diagnosis = step(&parameters)?;
        }
    }
    text::say_step(&diagnosis)?;
    if let (Stage::Fix, Some(slug)) = (diagnosis.stage, &diagnosis.verdict) {
        let body = &library.snapshot.kb.entries[slug].body;
        say(&format!("\n{}", section(body, "## Fix")))?;
    }
    Ok(code(&diagnosis))
}

fn code(diagnosis: &Diagnosis) -> ExitCode {
    match diagnosis.stage {
        Stage::Fix => ExitCode::SUCCESS,
        Stage::Ask => ExitCode::from(QUESTIONS_LEFT),
        Stage::Undecided | Stage::NoKnownCause => ExitCode::from(NOT_WELL),
    }
}

/// The text of a section, up to the next one of its level.
fn section<'a>(body: &'a str, heading: &str) -> &'a str {
    let from = body.find(heading).unwrap_or(0);
    let rest = &body[from..];
    rest.get(2..).and_then(|r| r.find("\n## ")).map_or(rest, |to| &rest[..to + 2]).trim_end()
}

/// Asks on the terminal. `None` ends the conversation.
fn ask(question: &Asking) -> anyhow::Result<Option<(String, String)>> {
    say(&format!("\n{}\n{}", text::bold(&question.title), text::dim(&question.why)))?;
    for (at, option) in question.options.iter().enumerate() {
        say(&format!("  {}  {}", at + 1, option.label))?;
    }
    let can_skip = question.skip_url.is_some();
    loop {
        write!(std::io::stdout(), "{}", if can_skip { "number, ? for don't know, q to stop: " } else { "number, q to stop: " })?;
        std::io::stdout().flush()?;
        let mut line = String::new();
        if std::io::stdin().lock().read_line(&mut line)? == 0 {
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
