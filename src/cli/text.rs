//! Words on a terminal: in colour where a person looks, plain in a pipe.

use std::io::IsTerminal as _;

use super::say;
use crate::app::diagnose::{Diagnosis, Stage};
use crate::kb::Kind;

/// Candidates that are printed.
const CANDIDATES: usize = 5;

fn styled(code: &str, text: &str) -> String {
    // https://no-color.org and https://bixense.com/clicolors
    let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty() && v != "0");
    let coloured = !set("NO_COLOR") && (set("CLICOLOR_FORCE") || std::io::stdout().is_terminal());
    if !coloured || text.is_empty() { text.to_owned() } else { format!("\x1b[{code}m{text}\x1b[0m") }
}

pub fn bold(text: &str) -> String {
    styled("1", text)
}

pub fn dim(text: &str) -> String {
    styled("2", text)
}

pub fn good(text: &str) -> String {
    styled("1;32", text)
}

pub fn warning(text: &str) -> String {
    styled("33", text)
}

/// The text of a section, up to the next one of its level.
pub fn section<'a>(body: &'a str, heading: &str) -> &'a str {
    let from = body.find(heading).unwrap_or(0);
    let rest = &body[from..];
    rest.get(2..).and_then(|r| r.find("\n## ")).map_or(rest, |to| &rest[..to + 2]).trim_end()
}

/// A step of a diagnosis: the question or the verdict, and the candidates.
pub fn say_step(diagnosis: &Diagnosis) -> anyhow::Result<()> {
    for ignored in &diagnosis.ignored {
        say(&format!("left out {}={}: {}", ignored.key, ignored.value, ignored.why))?;
    }
    match (diagnosis.stage, &diagnosis.question) {
        (Stage::Ask, Some(question)) => {
            say(&format!("{}\n{}", bold(&question.title), dim(&question.why)))?;
            for option in &question.options {
                say(&format!("  {}={}  {}", question.slug, option.id, option.label))?;
            }
        }
        (Stage::Fix, _) => say("The cause:")?,
        (Stage::NoKnownCause, _) => {
            say("No entry explains these answers together. The nearest causes:")?;
            for reason in &diagnosis.known_gaps {
                say(&format!("  {reason}"))?;
            }
        }
        _ => say("No further question tells these causes apart:")?,
    }
    if diagnosis.stage != Stage::Ask || !diagnosis.facts.symptoms.is_empty() {
        for cause in diagnosis.causes.iter().filter(|c| !c.tried).take(if diagnosis.stage == Stage::Fix { 1 } else { CANDIDATES })
        {
            let words = |slugs: &[crate::kb::Slug]| slugs.iter().map(|s| s.as_str()).collect::<Vec<_>>().join(", ");
            let mut because = String::new();
            if !cause.speaks_for.is_empty() {
                because.push_str(&format!("  for: {}", words(&cause.speaks_for)));
            }
            if !cause.speaks_against.is_empty() {
                because.push_str(&format!("  against: {}", words(&cause.speaks_against)));
            }
            let percent = format!("{:3.0} %", cause.probability * 100.0);
            say(&format!("{percent}  {}  {}{}", bold(&cause.title), Kind::Entry.url(cause.slug.as_str()), dim(&because)))?;
        }
    }
    say(&dim(&diagnosis.url))
}
