//! `fixpath explain`: evidence from a file or a pipe becomes the cause, or the questions that are left.

use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal as _, Read as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;

use super::diagnose::{code, converse};
use super::{ContentArg, say, say_json, text};
use crate::app::Library;
use crate::app::diagnose::{Diagnosis, Stage};
use crate::app::explain::{self, Answered, Explanation, LARGEST_PASTE, Paste};
use crate::app::json::ExplanationJson;
use crate::kb::{Kind, KnowledgeBase};

/// Steps of a fix that are printed; the link has the rest.
const FIRST_STEPS: usize = 8;

#[derive(Args)]
pub struct ExplainArgs {
    /// A file with the text; standard input without it
    file: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Print the text without its secrets, safe to pass on
    #[arg(long, conflicts_with = "json")]
    redact: bool,
    /// The site that links lead to
    #[arg(long, env = "FIXPATH_BASE_URL", value_name = "URL", default_value = "")]
    base_url: String,
    #[command(flatten)]
    content: ContentArg,
}

pub fn explain(args: &ExplainArgs) -> anyhow::Result<ExitCode> {
    let library = Library::open(args.content.content.as_deref())?;
    let paste = read(args.file.as_ref())?;
    let explained = explain::explain(&library.snapshot, &paste);
    if args.json {
        say_json(&ExplanationJson::from(&explained))?;
        return Ok(code(&explained.diagnosis));
    }
    if args.redact {
        say(&explained.redacted().text)?;
        return Ok(code(&explained.diagnosis));
    }
    say_read(&library.snapshot.kb, &explained)?;
    let mut diagnosis = explained.diagnosis;
    if std::io::stdout().is_terminal()
        && let Some(mut answers) = terminal()
    {
        diagnosis = converse(&library.snapshot, diagnosis, &mut answers)?;
    }
    say_verdict(&library.snapshot.kb, &diagnosis, args.base_url.trim_end_matches('/'))?;
    Ok(code(&diagnosis))
}

/// Where answers are typed: standard input, or the terminal itself while standard input is a pipe.
fn terminal() -> Option<Box<dyn BufRead>> {
    if std::io::stdin().is_terminal() {
        return Some(Box::new(std::io::stdin().lock()));
    }
    let tty = File::open("/dev/tty").ok()?;
    Some(Box::new(BufReader::new(tty)))
}

fn read(file: Option<&PathBuf>) -> anyhow::Result<Paste> {
    let mut bytes = Vec::new();
    let most = LARGEST_PASTE as u64 + 1;
    match file {
        Some(path) => {
            let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
            file.take(most).read_to_end(&mut bytes).with_context(|| format!("cannot read {}", path.display()))?
        }
        None => std::io::stdin().lock().take(most).read_to_end(&mut bytes).context("cannot read standard input")?,
    };
    anyhow::ensure!(bytes.len() <= LARGEST_PASTE, "{}", explain::TooLarge);
    let paste = Paste::from_bytes(&bytes);
    anyhow::ensure!(
        !paste.is_blank(),
        "there is no text to read: pipe something into it, as in `curl -v … 2>&1 | fixpath explain`"
    );
    Ok(paste)
}

/// What was seen and what was read, each with its line.
fn say_read(kb: &KnowledgeBase, explained: &Explanation) -> anyhow::Result<()> {
    for shown in &explained.symptoms {
        let title = kb.symptoms.get(&shown.symptom).map_or("", |s| s.title.as_str());
        say(&format!("{}  {}", text::bold(title), text::dim(&format!("line {}: {}", shown.line, shown.message))))?;
    }
    if explained.symptoms.is_empty() {
        say("No known symptom is in this text.")?;
    }
    for answered in &explained.answered {
        say(&format!("  {}", answer(kb, answered)))?;
    }
    for sides in &explained.conflicts {
        say(&text::warning("  Two lines say different things, so this is not answered:"))?;
        for side in sides {
            say(&format!("    {}", answer(kb, side)))?;
        }
    }
    for of in &explained.evidence.disagreements {
        let [first, second] = of.lines;
        say(&text::warning(&format!("  Line {first} and line {second} tell {} differently.", of.what)))?;
    }
    if let Some(difference) = explained.evidence.signature.as_ref().and_then(|s| s.difference.as_ref()) {
        say(&format!("  {}", difference.meaning))?;
        say(&format!("    the service: {}\n    the request: {}", difference.service, difference.request))?;
    }
    say("")
}

fn answer(kb: &KnowledgeBase, answered: &Answered) -> String {
    let question = kb.questions.get(&answered.question);
    let label = question.and_then(|q| q.option(answered.option.as_str())).map_or("", |o| o.label.as_str());
    let because = text::dim(&format!("line {}: {}", answered.line, answered.because));
    format!("{}={}  {label}  {because}", answered.question, answered.option)
}

/// The cause with the first steps of its fix, or the question that is next.
fn say_verdict(kb: &KnowledgeBase, diagnosis: &Diagnosis, base: &str) -> anyhow::Result<()> {
    let (Stage::Fix, Some(entry)) = (diagnosis.stage, diagnosis.verdict.as_ref().and_then(|slug| kb.entries.get(slug))) else {
        return text::say_step(diagnosis);
    };
    say(&format!("{} {}", text::good("The cause:"), text::bold(&entry.title)))?;
    let why = text::section(&entry.body, "## Cause");
    say(why.split_once("\n").map_or("", |(_, rest)| rest).trim().split("\n\n").next().unwrap_or_default())?;
    let fix = text::section(&entry.body, "## Fix");
    let mut steps = fix.lines().skip(1).skip_while(|l| l.is_empty());
    say(&format!("\n{}", text::bold("The fix:")))?;
    for line in steps.by_ref().take(FIRST_STEPS) {
        say(line)?;
    }
    if steps.next().is_some() {
        say(&text::dim("…"))?;
    }
    let page = Kind::Entry.url(entry.slug.as_str());
    say(&format!("\n{}", text::dim(&format!("{base}{}\n{base}{page}", diagnosis.url))))
}
