//! `fixpath check`: what is wrong with a pack, and what its questionnaires cost.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;

use super::progress::Bar;
use super::{NOT_WELL, say, say_json};
use crate::app;
use crate::app::check::{Report, check as check_pack};
use crate::app::json::ReportJson;
use crate::app::replay::Links;

#[derive(Args)]
pub struct CheckArgs {
    /// The folder of the pack; the shipped one without it
    folder: Option<PathBuf>,
    /// Play so many incidents for each symptom, from a fixed seed
    #[arg(long, value_name = "N")]
    simulate: Option<usize>,
    /// Replay the links of this file, one a line, and report those that do not give what they gave
    #[arg(long, value_name = "FILE")]
    links: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn check(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let pack = app::load(args.folder.as_deref())?;
    let links = args.links.as_deref().map(read_links).transpose()?;
    let bar = Bar::new();
    let mut report = check_pack(&pack, args.simulate, &|done, total, what| bar.at(what, done, total));
    bar.end();
    if let Some((name, text)) = &links {
        report.replay(&pack, &Links { name, text })?;
    }
    if args.json {
        say_json(&ReportJson::from(&report))?;
    } else {
        say_report(&report)?;
    }
    Ok(if report.has_errors() { ExitCode::from(NOT_WELL) } else { ExitCode::SUCCESS })
}

/// The name of a file of links, and what is in it.
fn read_links(file: &Path) -> anyhow::Result<(String, String)> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read the links in {}", file.display()))?;
    Ok((file.display().to_string(), String::from_utf8_lossy(&bytes).into_owned()))
}

fn say_report(report: &Report) -> anyhow::Result<()> {
    for problem in &report.problems {
        say(&problem.to_string())?;
    }
    if !report.problems.is_empty() {
        say("")?;
    }
    say(&format!(
        "{:<32}{:>7}{:>8}{:>8}{:>10}{:>8}{:>9}",
        "symptom", "causes", "paths", "longest", "questions", "floor", "optimum"
    ))?;
    for p in &report.proofs {
        let name: String = p.symptom.as_str().chars().take(31).collect();
        let optimum = p.optimum.map_or_else(|| "-".to_owned(), |o| format!("{o:.2}"));
        let proof = &p.proof;
        let paths = if proof.cut { "too many".to_owned() } else { proof.paths.to_string() };
        say(&format!(
            "{name:<32}{:>7}{paths:>8}{:>8}{:>10.2}{:>8.2}{optimum:>9}",
            proof.causes,
            proof.longest,
            proof.expected_questions,
            proof.floor()
        ))?;
    }
    if report.simulation().is_some() {
        say(&format!("\n{:<32}{:>14}{:>22}", "simulated", "first right", "solved within three"))?;
        for p in &report.proofs {
            if let Some(outcome) = p.simulation {
                say(&format!("{:<32}{:>14.3}{:>22.3}", p.symptom.as_str(), outcome.first_right, outcome.solved_within_three))?;
            }
        }
    }
    let read = &report.transcripts;
    if read.run > 0 {
        say(&format!(
            "\n{} transcripts: {} land elsewhere; of the answers read {:.3} are right; {:.2} questions left",
            read.run, read.failed, read.precision, read.questions_left
        ))?;
    }
    if let Some(links) = report.links {
        say(&format!("\n{} links: {} do not give what they gave", links.run, links.failed))?;
    }
    let gaps: usize = report.proofs.iter().map(|p| p.proof.gaps.len()).sum();
    let overlaps: usize = report.proofs.iter().map(|p| p.proof.overlaps.len()).sum();
    let Report { entries, symptoms, questions, .. } = report;
    let problems = report.problems.len();
    say(&format!(
        "\n{entries} entries, {symptoms} symptoms, {questions} questions: {problems} problems, {gaps} undeclared gaps, {overlaps} undeclared overlaps"
    ))
}
