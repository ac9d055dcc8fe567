//! Lint and proof of a pack: everything that is wrong with it, with path, line and repair. Start at [`check`].

use std::collections::BTreeSet;
use std::sync::Arc;

use super::images::note_images;
use super::replay::{self, Links};
use super::snapshot::{Outcomes, Snapshot};
use super::transcripts::{self, Tally};
use crate::content::{Pack, Problem, Severity, read};
use crate::diagnosis::Model;
use crate::diagnosis::optimum::optimum;
use crate::diagnosis::proof::{Path, Proof, prove};
use crate::diagnosis::simulation::{Outcome, simulate};
use crate::kb::{Kind, KnowledgeBase, Slug};
use crate::search::{Index, SearchError};

/// States that the search for an optimum may look at, for one symptom.
const OPTIMUM_STATES: usize = 60_000;
/// Symptoms with more causes are not searched for an optimum.
const OPTIMUM_CAUSES: usize = 40;
/// Symptoms with more causes are simulated, not walked: their paths would fill days.
const PROVED_CAUSES: usize = 80;
/// The seed of every simulation: the same pack gives the same figures.
const SEED: u64 = 20_261_123;
/// Examples of one kind of problem that are listed for a symptom.
const EXAMPLES: usize = 5;

/// What was found for one symptom.
pub struct SymptomReport {
    pub symptom: Slug,
    pub proof: Proof,
    pub optimum: Option<f64>,
    pub simulation: Option<Outcome>,
}

/// What was found for a pack.
pub struct Report {
    pub entries: usize,
    pub symptoms: usize,
    pub questions: usize,
    pub problems: Vec<Problem>,
    pub proofs: Vec<SymptomReport>,
    pub transcripts: Tally,
    /// Only when links were replayed.
    pub links: Option<replay::Tally>,
}

impl Report {
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(|p| p.severity == Severity::Error)
    }

    /// Replays a file of links against the pack, and notes those that do not give what they gave. Experience plays no part:
    /// the same pack gives the same result.
    pub fn replay(&mut self, pack: &Pack, links: &Links<'_>) -> Result<(), SearchError> {
        let reading = read(pack);
        // What is left of a broken pack would give links for gone that are not.
        let tally = if reading.has_errors() {
            replay::Tally::default()
        } else {
            // A diagnosis does not search.
            let index = Index::in_memory(&KnowledgeBase::default())?;
            let snapshot = Snapshot::new(Arc::new(reading.kb), Arc::new(index), Outcomes::default(), 0);
            links.replay(&snapshot, &mut self.problems)
        };
        self.links = Some(tally);
        Ok(())
    }

    /// The simulations of all symptoms, each with the same weight.
    pub fn simulation(&self) -> Option<Outcome> {
        let all: Vec<Outcome> = self.proofs.iter().filter_map(|p| p.simulation).collect();
        let mean = |of: fn(&Outcome) -> f64| all.iter().map(of).sum::<f64>() / all.len() as f64;
        (!all.is_empty())
            .then(|| Outcome { first_right: mean(|o| o.first_right), solved_within_three: mean(|o| o.solved_within_three) })
    }
}

/// Checks a pack. `incidents` are played for each symptom when given; `progress` hears which symptom is being worked on.
pub fn check(pack: &Pack, incidents: Option<usize>, progress: &dyn Fn(usize, usize, &str)) -> Report {
    let reading = read(pack);
    let kb = reading.kb;
    let mut problems = reading.problems;
    note_images(pack, &kb, &mut problems);
    let mut proofs = Vec::new();
    let causes_of = |symptom: &Slug| kb.list_causes(symptom.as_str()).count();
    for (done, (slug, symptom)) in kb.symptoms.iter().enumerate() {
        progress(done, kb.symptoms.len(), &symptom.title);
        let model = Model::new(&kb, &BTreeSet::from([slug.clone()]), &|e| e.likelihood.weight());
        let proof = match causes_of(slug) {
            n if n > PROVED_CAUSES => {
                Proof { causes: n, entropy: model.entropy(&model.belief(&model.start())), cut: true, ..Proof::default() }
            }
            _ => prove(&kb, symptom, &model),
        };
        let small = proof.causes <= OPTIMUM_CAUSES && !proof.cut;
        proofs.push(SymptomReport {
            symptom: slug.clone(),
            optimum: if small { optimum(&model, OPTIMUM_STATES) } else { None },
            simulation: incidents.map(|n| simulate(&model, n, SEED)),
            proof,
        });
    }
    let kb = Arc::new(kb);
    let mut transcripts = Tally::new(&[]);
    // Half a pack has gaps that the whole one has not: first things first.
    if !problems.iter().any(|p| p.severity == Severity::Error) {
        let places = Places::new(pack);
        for report in &proofs {
            note_proof(&kb, &places, report, &mut problems);
        }
        note_idle_conditions(&kb, &places, &proofs, &mut problems);
        note_idle_questions(&kb, &places, &proofs, &mut problems);
        note_unexplained_options(&kb, &places, &mut problems);
        transcripts = check_transcripts(&kb, &places, &mut problems);
    }
    problems.sort_by(|a, b| (&a.path, a.line, &a.message).cmp(&(&b.path, b.line, &b.message)));
    problems.dedup();
    Report {
        entries: kb.entries.len(),
        symptoms: kb.symptoms.len(),
        questions: kb.questions.len(),
        problems,
        proofs,
        transcripts,
        links: None,
    }
}

/// Reads the transcripts of the entries and notes those that land elsewhere.
fn check_transcripts(kb: &Arc<KnowledgeBase>, places: &Places<'_>, problems: &mut Vec<Problem>) -> Tally {
    if kb.entries.values().all(|e| e.transcripts.is_empty()) {
        return Tally::new(&[]);
    }
    let index = match Index::in_memory(kb) {
        Ok(index) => Arc::new(index),
        Err(error) => {
            problems.push(Problem::error("", 1, format!("the transcripts could not be run: {error}")));
            return Tally::new(&[]);
        }
    };
    let snapshot = Snapshot::new(Arc::clone(kb), index, Outcomes::default(), 0);
    let landings = transcripts::run(&snapshot);
    for landing in landings.iter().filter(|l| !l.is_right()) {
        let (path, _) = places.of(Kind::Entry, &landing.entry.slug, "title");
        let first = landing.first.as_ref().map_or_else(|| "nowhere".to_owned(), |slug| format!("on `{slug}`"));
        let message = format!(
            "the transcript lands {first}, not on `{}`: change the transcript, a `detect` expression or a condition",
            landing.transcript.lands
        );
        problems.push(Problem::error(&path, landing.transcript.line, message));
    }
    Tally::new(&landings)
}

/// Where documents stand in the pack.
struct Places<'a> {
    files: std::collections::BTreeMap<(Kind, Slug), (&'a str, &'a [u8])>,
}

impl Places<'_> {
    fn new(pack: &Pack) -> Places<'_> {
        let place = |f: &crate::content::File| crate::content::place(&f.path).ok().map(|(kind, _, slug)| (kind, slug));
        let files = pack.files.iter().filter_map(|f| Some((place(f)?, (f.path.as_str(), f.bytes.as_slice()))));
        Places { files: files.collect() }
    }

    /// The path of a document and the line on which a word stands.
    fn of(&self, kind: Kind, slug: &Slug, word: &str) -> (String, usize) {
        match self.files.get(&(kind, slug.clone())) {
            Some((path, bytes)) => ((*path).to_owned(), crate::content::line_of(&String::from_utf8_lossy(bytes), word)),
            None => (String::new(), 1),
        }
    }
}

fn words(path: &Path) -> String {
    if path.is_empty() {
        "no answer at all".to_owned()
    } else {
        path.iter().map(|(q, o)| format!("{q}={o}")).collect::<Vec<_>>().join(" ")
    }
}

fn note_proof(kb: &KnowledgeBase, places: &Places<'_>, report: &SymptomReport, problems: &mut Vec<Problem>) {
    let symptom = &report.symptom;
    let (path, line) = places.of(Kind::Symptom, symptom, "title");
    if report.proof.causes == 0 {
        problems.push(Problem::error(
            &path,
            line,
            format!("no entry has the symptom `{symptom}`: write one, or delete the symptom"),
        ));
    }
    for gap in report.proof.gaps.iter().take(EXAMPLES) {
        let message =
            format!("gap: no entry explains {}: name the last answer in an entry, or declare it under `known-gaps`", words(gap));
        problems.push(Problem::error(&path, line, message));
    }
    for (answers, causes) in report.proof.overlaps.iter().take(EXAMPLES) {
        let names = causes.iter().map(|c| format!("`{c}`")).collect::<Vec<_>>().join(", ");
        let first = causes.first().map_or_else(|| (path.clone(), line), |c| places.of(Kind::Entry, c, "when"));
        let message = format!(
            "overlap: nothing separates {names} for `{symptom}` after {}: give one a condition that the others do not share, or declare them under `alternatives`",
            words(answers)
        );
        problems.push(Problem::error(&first.0, first.1, message));
    }
    for entry in &report.proof.unreachable {
        let (path, line) = places.of(Kind::Entry, entry, "when");
        let message = format!(
            "unreachable: no path of answers ends at this entry for `{symptom}`: name what is distinctive of it under `when`"
        );
        problems.push(Problem::error(&path, line, message));
    }
    for (at, gap) in kb.symptoms[symptom].known_gaps.iter().enumerate() {
        if !report.proof.cut && !report.proof.met_gaps.contains(&at) {
            let named: Vec<&str> = gap.answers.0.keys().map(|q| q.as_str()).collect();
            let (path, line) = places.of(Kind::Symptom, symptom, named.first().unwrap_or(&"known-gaps"));
            let message = format!("the known gap on {} is met by no path: delete it", named.join(", "));
            problems.push(Problem::warning(&path, line, message));
        }
    }
}

/// A condition is idle when deleting it changes no verdict for any symptom of its entry.
fn note_idle_conditions(kb: &KnowledgeBase, places: &Places<'_>, proofs: &[SymptomReport], problems: &mut Vec<Problem>) {
    for entry in kb.entries.values() {
        let of_entry = || proofs.iter().filter(|p| entry.symptoms.contains(&p.symptom));
        if of_entry().any(|p| p.proof.cut) || of_entry().next().is_none() {
            continue;
        }
        let questions: BTreeSet<&Slug> = entry.when.iter().flat_map(|c| c.0.keys()).collect();
        for question in questions {
            let pair = (entry.slug.clone(), question.clone());
            if of_entry().all(|p| p.proof.idle_conditions.contains(&pair)) {
                let (path, line) = places.of(Kind::Entry, &entry.slug, question.as_str());
                let message =
                    format!("the condition on `{question}` changes no verdict: delete it, or say what is really distinctive");
                problems.push(Problem::error(&path, line, message));
            }
        }
    }
}

fn note_idle_questions(kb: &KnowledgeBase, places: &Places<'_>, proofs: &[SymptomReport], problems: &mut Vec<Problem>) {
    if proofs.iter().any(|p| p.proof.cut) {
        return;
    }
    let asked: BTreeSet<&Slug> = proofs.iter().flat_map(|p| &p.proof.asked).collect();
    for question in kb.questions.keys().filter(|q| !asked.contains(q)) {
        let (path, line) = places.of(Kind::Question, question, "title");
        let message =
            format!("the question `{question}` never helps: no path asks it. Name it in an entry's `when`, or delete it");
        problems.push(Problem::error(&path, line, message));
    }
}

fn note_unexplained_options(kb: &KnowledgeBase, places: &Places<'_>, problems: &mut Vec<Problem>) {
    let conditions = kb.entries.values().flat_map(|e| &e.when);
    let gaps = kb.symptoms.values().flat_map(|s| &s.known_gaps).map(|g| &g.answers);
    let explained: BTreeSet<(&Slug, &Slug)> =
        conditions.chain(gaps).flat_map(|c| c.0.iter()).flat_map(|(q, options)| options.iter().map(move |o| (q, o))).collect();
    for (slug, question) in kb.questions.iter().filter(|(_, q)| q.is_check()) {
        for option in question.options.iter().filter(|o| !o.healthy && !explained.contains(&(slug, &o.id))) {
            let (path, line) = places.of(Kind::Question, slug, option.id.as_str());
            let message = format!(
                "nothing explains the option `{}` of `{slug}`: name it in an entry's `when`, declare it as a known gap, or mark it `healthy`",
                option.id
            );
            problems.push(Problem::error(&path, line, message));
        }
    }
}
