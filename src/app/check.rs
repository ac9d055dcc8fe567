//! Lint and proof of a pack: everything that is wrong with it, with path, line and repair. Start at [`check`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::images::note_images;
use super::proofs::{self, Proved, Prover};
use super::replay::{self, Links};
use super::snapshot::{Outcomes, Snapshot};
use super::transcripts::{self, Tally};
use crate::content::{Corpus, Pack, Problem, Severity, line_of, read};
use crate::diagnosis::optimum::optimum;
use crate::diagnosis::proof::{Path, Proof};
use crate::diagnosis::simulation::{Outcome, simulate};
use crate::kb::{Entry, Kind, KnowledgeBase, Question, Slug, Symptom, Transcript};
use crate::search::{Index, SearchError};

/// States that the search for an optimum may look at, for one symptom.
const OPTIMUM_STATES: usize = 60_000;
/// Symptoms with more causes are not searched for an optimum.
const OPTIMUM_CAUSES: usize = 40;
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
    let corpus = Corpus::new(pack);
    let kb = corpus.kb();
    let mut problems = corpus.problems();
    let prover = Prover::default();
    note_images(pack, kb, &mut problems);
    let mut proofs = Vec::new();
    for (done, symptom) in kb.symptoms.values().enumerate() {
        progress(done, kb.symptoms.len(), &symptom.title);
        let Proved { model, proof, .. } = &*prover.prove(kb, symptom);
        let small = proof.causes <= OPTIMUM_CAUSES && !proof.cut;
        proofs.push(SymptomReport {
            symptom: symptom.slug.clone(),
            optimum: if small { optimum(model, OPTIMUM_STATES) } else { None },
            simulation: incidents.map(|n| simulate(model, n, SEED)),
            proof: proof.clone(),
        });
    }
    let mut transcripts = Tally::new(&[]);
    // Half a pack has gaps that the whole one has not: first things first.
    if !problems.iter().any(|p| p.severity == Severity::Error) {
        let checked = Checked { corpus: &corpus, prover: &prover, examples: EXAMPLES };
        problems.extend(checked.list_problems(&Scope::all(kb)).into_iter().map(|noted| noted.problem));
        transcripts = check_transcripts(&corpus, &mut problems);
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
fn check_transcripts(corpus: &Corpus, problems: &mut Vec<Problem>) -> Tally {
    let kb = corpus.kb();
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
    let stray = landings.iter().filter(|l| !l.is_right());
    problems.extend(stray.map(|l| stray_transcript(corpus, l.entry, l.transcript, l.first.as_ref())));
    Tally::new(&landings)
}

/// A transcript that lands elsewhere.
pub(super) fn stray_transcript(corpus: &Corpus, entry: &Entry, transcript: &Transcript, first: Option<&Slug>) -> Problem {
    let first = first.map_or_else(|| "nowhere".to_owned(), |slug| format!("on `{slug}`"));
    let message = format!(
        "the transcript lands {first}, not on `{}`: change the transcript, a `detect` expression or a condition",
        transcript.lands
    );
    let path = corpus.path(Kind::Entry, &entry.slug).unwrap_or_default();
    Problem::error(path, transcript.line, message)
}

/// What of the knowledge base is looked at. What an edit does not touch needs no second look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Scope {
    pub symptoms: BTreeSet<Slug>,
    pub questions: BTreeSet<Slug>,
}

impl Scope {
    pub fn all(kb: &KnowledgeBase) -> Scope {
        Scope { symptoms: kb.symptoms.keys().cloned().collect(), questions: kb.questions.keys().cloned().collect() }
    }
}

/// A knowledge base with its proofs.
pub(super) struct Checked<'a> {
    pub corpus: &'a Corpus,
    pub prover: &'a Prover,
    /// So many of one kind of problem are listed for a symptom.
    pub examples: usize,
}

/// A problem with what it is known by when the knowledge base has changed: the same gap is met after other answers then.
pub(super) struct Noted {
    pub key: String,
    /// It is one example of many: how many there are says nothing.
    pub example: bool,
    /// Another document mends it, which may come after this one: whoever edits in between must be able to go on.
    pub unfinished: bool,
    pub problem: Problem,
}

impl From<Problem> for Noted {
    fn from(problem: Problem) -> Noted {
        Noted { key: problem.message.clone(), example: false, unfinished: false, problem }
    }
}

fn words(path: &Path) -> String {
    if path.is_empty() {
        "no answer at all".to_owned()
    } else {
        path.iter().map(|(q, o)| format!("{q}={o}")).collect::<Vec<_>>().join(" ")
    }
}

impl Noted {
    fn unfinished(problem: Problem) -> Noted {
        Noted { unfinished: true, ..Noted::from(problem) }
    }
}

impl Checked<'_> {
    fn kb(&self) -> &KnowledgeBase {
        self.corpus.kb()
    }

    /// What the proofs say of what is looked at.
    pub fn list_problems(&self, scope: &Scope) -> Vec<Noted> {
        let mut problems = Vec::new();
        for symptom in scope.symptoms.iter().filter_map(|s| self.kb().symptoms.get(s)) {
            self.note_proof(symptom, &self.prover.prove(self.kb(), symptom).proof, &mut problems);
        }
        self.note_idle_conditions(scope, &mut problems);
        self.note_idle_questions(scope, &mut problems);
        self.note_unexplained_options(scope, &mut problems);
        problems
    }

    /// The path of a document and the line on which a word stands.
    fn place(&self, kind: Kind, slug: &Slug, word: &str) -> (String, usize) {
        let source = self.kb().find_document(kind, slug.as_str()).map(|(_, source)| source);
        let line = source.map_or(1, |source| line_of(source, word));
        (self.corpus.path(kind, slug).unwrap_or_default().to_owned(), line)
    }

    fn note_proof(&self, found: &Symptom, proof: &Proof, problems: &mut Vec<Noted>) {
        let symptom = &found.slug;
        let (path, line) = self.place(Kind::Symptom, symptom, "title");
        if proof.causes == 0 {
            let message = format!("no entry has the symptom `{symptom}`: write one, or delete the symptom");
            problems.push(Noted::unfinished(Problem::error(&path, line, message)));
        }
        for gap in proof.gaps.iter().take(self.examples) {
            let message = format!(
                "gap: no entry explains {}: name the last answer in an entry, or declare it under `known-gaps`",
                words(gap)
            );
            let key = format!("gap {:?}", gap.last());
            problems.push(Noted { key, example: true, unfinished: true, problem: Problem::error(&path, line, message) });
        }
        for (answers, causes) in proof.overlaps.iter().take(self.examples) {
            let names = causes.iter().map(|c| format!("`{c}`")).collect::<Vec<_>>().join(", ");
            let first = causes.first().map_or_else(|| (path.clone(), line), |c| self.place(Kind::Entry, c, "when"));
            let message = format!(
                "overlap: nothing separates {names} for `{symptom}` after {}: give one a condition that the others do not share, or declare them under `alternatives`",
                words(answers)
            );
            let key = format!("overlap {symptom} {names}");
            problems.push(Noted { key, example: true, unfinished: false, problem: Problem::error(&first.0, first.1, message) });
        }
        for entry in &proof.unreachable {
            let (path, line) = self.place(Kind::Entry, entry, "when");
            let message = format!(
                "unreachable: no path of answers ends at this entry for `{symptom}`: name what is distinctive of it under `when`"
            );
            problems.push(Problem::error(&path, line, message).into());
        }
        for (at, gap) in found.known_gaps.iter().enumerate() {
            if !proof.cut && !proof.met_gaps.contains(&at) {
                let named: Vec<&str> = gap.answers.0.keys().map(|q| q.as_str()).collect();
                let (path, line) = self.place(Kind::Symptom, symptom, named.first().unwrap_or(&"known-gaps"));
                let message = format!("the known gap on {} is met by no path: delete it", named.join(", "));
                problems.push(Problem::warning(&path, line, message).into());
            }
        }
    }

    /// A condition is idle when deleting it changes no verdict for any symptom of its entry.
    fn note_idle_conditions(&self, scope: &Scope, problems: &mut Vec<Noted>) {
        let kb = self.kb();
        let looked_at: BTreeMap<&Slug, &Entry> =
            scope.symptoms.iter().flat_map(|s| kb.list_causes(s.as_str())).map(|e| (&e.slug, e.as_ref())).collect();
        for entry in looked_at.values().filter(|e| !e.when.is_empty()) {
            let symptoms = entry.symptoms.iter().filter_map(|s| kb.symptoms.get(s));
            let proofs: Vec<Arc<Proved>> = symptoms.map(|symptom| self.prover.prove(kb, symptom)).collect();
            if proofs.is_empty() || proofs.iter().any(|p| p.proof.cut) {
                continue;
            }
            let questions: BTreeSet<&Slug> = entry.when.iter().flat_map(|c| c.0.keys()).collect();
            for question in questions {
                let pair = (entry.slug.clone(), question.clone());
                if proofs.iter().all(|p| p.proof.idle_conditions.contains(&pair)) {
                    let (path, line) = self.place(Kind::Entry, &entry.slug, question.as_str());
                    let message =
                        format!("the condition on `{question}` changes no verdict: delete it, or say what is really distinctive");
                    problems.push(Problem::error(&path, line, message).into());
                }
            }
        }
    }

    /// A question is idle when no path asks it. Where paths were not walked, nobody can tell.
    fn note_idle_questions(&self, scope: &Scope, problems: &mut Vec<Noted>) {
        let kb = self.kb();
        if scope.questions.is_empty() {
            return;
        }
        let about = proofs::symptoms_by_question(kb, &scope.questions);
        for question in scope.questions.iter().filter(|q| kb.questions.contains_key(*q)) {
            let symptoms = about.get(question).into_iter().flatten().filter_map(|s| kb.symptoms.get(*s));
            let may_ask = |symptom: &Arc<Symptom>| {
                proofs::is_large(kb, &symptom.slug) || {
                    let proved = self.prover.prove(kb, symptom);
                    proved.proof.cut || proved.proof.asked.contains(question)
                }
            };
            if symptoms.into_iter().any(may_ask) {
                continue;
            }
            let (path, line) = self.place(Kind::Question, question, "title");
            let message =
                format!("the question `{question}` never helps: no path asks it. Name it in an entry's `when`, or delete it");
            problems.push(Noted::unfinished(Problem::error(&path, line, message)));
        }
    }

    fn note_unexplained_options(&self, scope: &Scope, problems: &mut Vec<Noted>) {
        let kb = self.kb();
        let checks = scope.questions.iter().filter_map(|q| kb.questions.get(q)).filter(|q| q.is_check());
        let checks: Vec<&Arc<Question>> = checks.collect();
        if checks.is_empty() {
            return;
        }
        let conditions = kb.entries.values().flat_map(|e| &e.when);
        let gaps = kb.symptoms.values().flat_map(|s| &s.known_gaps).map(|g| &g.answers);
        let named = conditions.chain(gaps).flat_map(|c| c.0.iter()).filter(|(q, _)| scope.questions.contains(*q));
        let explained: BTreeSet<(&Slug, &Slug)> = named.flat_map(|(q, options)| options.iter().map(move |o| (q, o))).collect();
        for question in checks {
            let slug = &question.slug;
            for option in question.options.iter().filter(|o| !o.healthy && !explained.contains(&(slug, &o.id))) {
                let (path, line) = self.place(Kind::Question, slug, option.id.as_str());
                let message = format!(
                    "nothing explains the option `{}` of `{slug}`: name it in an entry's `when`, declare it as a known gap, or mark it `healthy`",
                    option.id
                );
                problems.push(Noted::unfinished(Problem::error(&path, line, message)));
            }
        }
    }
}
