//! What an edit would change, told before it is saved: new problems, other ends of paths, transcripts that land elsewhere,
//! and what people searched for, found out or linked to. Start at [`impact`].
//!
//! Two pictures of the knowledge base are compared, of today and as it would be. Documents that are the same in both cost a
//! look each; questionnaires are walked only where the edit touches what they are made of, and what was proved once is kept
//! by the [`Prover`]. Where the work would be long it is cut, and the impact says so.

mod past;
mod paths;
pub(super) mod touched;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::check::{Checked, Noted, Scope, stray_transcript};
use super::proofs::{self, Prover};
use super::snapshot::{Outcomes, Snapshot};
use super::transcripts;
use crate::content::{Corpus, Problem, Severity, place};
use crate::kb::{Entry, Kind, KnowledgeBase, Slug, Transcript};
use crate::search::{Indexer, SearchError};
pub use past::Past;
use touched::Touched;

/// Questionnaires that are walked for one edit.
const MOST_SYMPTOMS: usize = 40;
/// Transcripts that are read for one edit.
const MOST_TRANSCRIPTS: usize = 400;
/// Problems of one kind that are compared for a symptom.
const COMPARED: usize = 1_000;
/// Examples of one kind of change that are shown.
const SHOWN: usize = 20;

/// Where an address, a search or some answers lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// To a document; an entry is the fix of a diagnosis.
    Document {
        kind: Kind,
        slug: Slug,
        title: String,
    },
    /// To an option of a question.
    Option {
        label: String,
    },
    Asks {
        question: Slug,
        title: String,
    },
    Undecided,
    NoKnownCause,
    Nowhere,
}

impl End {
    /// In words, for a person.
    pub fn words(&self) -> String {
        match self {
            End::Document { title, .. } => title.clone(),
            End::Option { label } => format!("the answer “{label}”"),
            End::Asks { title, .. } => format!("asks “{title}”"),
            End::Undecided => "several causes that no question separates".to_owned(),
            End::NoKnownCause => "no known cause".to_owned(),
            End::Nowhere => "nothing".to_owned(),
        }
    }

    fn of(kb: &KnowledgeBase, kind: Kind, slug: &Slug) -> End {
        let title = kb.find_document(kind, slug.as_str()).map_or_else(|| slug.to_string(), |(title, _)| title.to_owned());
        End::Document { kind, slug: slug.clone(), title }
    }
}

/// Something that would lead elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The answers in words, or the words of a search; for a link, its address.
    pub what: String,
    /// Where to look.
    pub url: String,
    pub before: End,
    pub after: End,
    /// Parts of the address that would be ignored, with the reason.
    pub ignored: Vec<String>,
    /// How often this happened, as far as it is known.
    pub times: i64,
}

/// Things that would lead elsewhere: how many, and the first of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub total: usize,
    pub shown: Vec<Changed>,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    fn add(&mut self, changed: Changed) {
        self.total += 1;
        if self.shown.len() < SHOWN {
            self.shown.push(changed);
        }
    }
}

/// A figure of today, and as it would be; `None` where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figure<T> {
    pub before: Option<T>,
    pub after: Option<T>,
}

/// What would change in the questionnaire of one symptom.
#[derive(Clone, Debug, PartialEq)]
pub struct SymptomImpact {
    pub symptom: Slug,
    pub title: String,
    pub causes: Figure<usize>,
    /// How many questions are asked on average; none where the paths are too many to walk.
    pub expected_questions: Figure<f64>,
    pub paths: Changes,
}

/// A transcript that lands elsewhere than it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TranscriptChange {
    pub entry: Slug,
    pub path: String,
    pub line: usize,
    /// Where it has to land.
    pub wanted: Slug,
    /// Where it lands; nothing on a side on which there is no such transcript, or no cause.
    pub before: Option<Slug>,
    pub after: Option<Slug>,
    /// Whether it lands where it has to, afterwards.
    pub lands: bool,
}

/// What an edit would change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Impact {
    pub problems_new: Vec<Problem>,
    pub problems_gone: Vec<Problem>,
    pub symptoms: Vec<SymptomImpact>,
    pub transcripts: Vec<TranscriptChange>,
    pub searches: Changes,
    pub diagnoses: Changes,
    pub links: Changes,
    /// What was not looked at, in sentences.
    pub cut: Vec<String>,
}

impl Impact {
    /// Whether the edit must not be published: it brings an error. One that was there before is somebody else's.
    pub fn blocks(&self) -> bool {
        self.problems_new.iter().any(|p| p.severity == Severity::Error)
    }

    /// Problems that may be accepted with a reason.
    pub fn warnings(&self) -> impl Iterator<Item = &Problem> {
        self.problems_new.iter().filter(|p| p.severity == Severity::Warning)
    }

    pub fn is_cut(&self) -> bool {
        !self.cut.is_empty()
    }

    /// Nothing is different, as far as anybody can see who does not read the texts.
    pub fn is_empty(&self) -> bool {
        Impact { cut: Vec::new(), ..self.clone() } == Impact::default()
    }
}

/// Compares the knowledge base of today, which `today` shows, with the one that would be.
pub fn impact(
    today: &Snapshot,
    before: &Corpus,
    after: &Corpus,
    (prover, indexer): (&Prover, &Indexer),
    past: &Past,
) -> Result<Impact, SearchError> {
    let touched = Touched::new(before.kb(), after.kb());
    let mut impact = Impact { links: past::links(before.kb(), after.kb(), &touched, past), ..Impact::default() };
    let (old, new): (Vec<Noted>, Vec<Noted>) = (lint_of(before), lint_of(after));
    impact.compare(&old, &new);
    if impact.blocks() {
        // What cannot be read soundly has gaps everywhere: first things first.
        impact.cut.push("Paths, transcripts and past searches are compared once these errors are mended.".to_owned());
        return Ok(impact);
    }
    if touched.is_empty() {
        return Ok(impact);
    }
    let mut affected = touched.list_symptoms(before.kb(), after.kb());
    if affected.len() > MOST_SYMPTOMS {
        impact.cut.push(format!("Only {MOST_SYMPTOMS} of {} symptoms were compared.", affected.len()));
        affected = affected.into_iter().take(MOST_SYMPTOMS).collect();
    }
    let sides = [before, after].map(|corpus| Checked { corpus, prover, examples: COMPARED });
    let questions = touched.list_questions(before.kb(), after.kb(), &affected, prover);
    let scope = Scope { questions, symptoms: affected };
    let [mut old, mut new] = sides.map(|side| side.list_problems(&scope));
    impact.symptoms = paths::compare(before.kb(), after.kb(), prover, &scope.symptoms, &mut impact.cut);

    // What requests would read.
    let index = Arc::new(indexer.index(after.kb())?);
    let would_be = today.with_knowledge(Arc::clone(after.kb()), index, !touched.reads_differently);
    let landings = Landings { before, after, today: &plain(today), would_be: &plain(&would_be) };
    impact.transcripts = landings.compare(&touched, &scope.symptoms, &mut old, &mut new, &mut impact.cut);
    impact.compare(&old, &new);
    let problems =
        |list: &mut Vec<Problem>| list.sort_by(|a, b| (&a.path, a.line, &a.message).cmp(&(&b.path, b.line, &b.message)));
    problems(&mut impact.problems_new);
    problems(&mut impact.problems_gone);
    impact.searches = past.searches(today, &would_be);
    impact.diagnoses = past.diagnoses(today, &would_be, &scope.symptoms);
    Ok(impact)
}

fn lint_of(corpus: &Corpus) -> Vec<Noted> {
    corpus.problems().into_iter().map(Noted::from).collect()
}

/// Without experience, as `check` reads transcripts.
fn plain(snapshot: &Snapshot) -> Snapshot {
    snapshot.with_outcomes(Outcomes::default(), snapshot.number)
}

impl Impact {
    /// Notes problems that are on one side only. A problem is known by its document and what it says, not by its line.
    fn compare(&mut self, before: &[Noted], after: &[Noted]) {
        let known = |list: &[Noted]| {
            let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
            list.iter().for_each(|noted| *counts.entry(name_of(noted)).or_default() += 1);
            counts
        };
        self.problems_new.extend(only(after, known(before)).into_iter().map(Noted::acceptable));
        self.problems_gone.extend(only(before, known(after)).into_iter().map(|noted| noted.problem.clone()));
    }
}

/// What is noted on one side and not among the others.
fn only(list: &[Noted], mut others: BTreeMap<(String, String), usize>) -> Vec<&Noted> {
    let alone = |noted: &&Noted| match others.get_mut(&name_of(noted)) {
        Some(count) if *count > 0 => {
            *count -= usize::from(!noted.example);
            false
        }
        _ => true,
    };
    list.iter().filter(alone).collect()
}

impl Noted {
    /// The problem as an editor meets it. What another document mends can be accepted: one of the two has to be first.
    fn acceptable(&self) -> Problem {
        let severity = if self.unfinished { Severity::Warning } else { self.problem.severity };
        Problem { severity, ..self.problem.clone() }
    }
}

fn name_of(noted: &Noted) -> (String, String) {
    let path = &noted.problem.path;
    // A document that moves into another folder takes its problems along.
    let document = place(path).map_or_else(|_| path.clone(), |(kind, _, slug)| kind.url(slug.as_str()));
    (document, noted.key.clone())
}

/// The readings of transcripts on both sides.
struct Landings<'a> {
    before: &'a Corpus,
    after: &'a Corpus,
    today: &'a Snapshot,
    would_be: &'a Snapshot,
}

impl Landings<'_> {
    /// Reads the transcripts that may land elsewhere; those that do not land where they have to are problems.
    fn compare(
        &self,
        touched: &Touched,
        symptoms: &BTreeSet<Slug>,
        old: &mut Vec<Noted>,
        new: &mut Vec<Noted>,
        cut: &mut Vec<String>,
    ) -> Vec<TranscriptChange> {
        let mut changes = Vec::new();
        let (mut read, mut left) = (0, 0);
        for slug in self.list_entries(touched, symptoms) {
            let [was, is] = [self.before, self.after].map(|corpus| corpus.kb().entries.get(&slug));
            let transcripts = |entry: Option<&Arc<Entry>>| entry.map_or(Vec::new(), |e| e.transcripts.clone());
            for transcript in transcripts(is.or(was)) {
                if read >= MOST_TRANSCRIPTS {
                    left += 1;
                    continue;
                }
                read += 1;
                let same = |other: &&Transcript| other.text == transcript.text && other.lands == transcript.lands;
                let earlier = was.and_then(|entry| entry.transcripts.iter().find(same));
                let first = earlier.map(|t| transcripts::find_first(self.today, t));
                if let (Some(entry), Some(earlier), Some(first)) = (was, earlier, &first)
                    && first.as_ref() != Some(&earlier.lands)
                {
                    old.push(stray(self.before, entry, earlier, first.as_ref()));
                }
                let Some(entry) = is else { continue };
                let lands = transcripts::find_first(self.would_be, &transcript);
                let (was_right, is_right) =
                    (first.as_ref().map(|f| f.as_ref() == Some(&transcript.lands)), lands.as_ref() == Some(&transcript.lands));
                if !is_right {
                    new.push(stray(self.after, entry, &transcript, lands.as_ref()));
                }
                if was_right.unwrap_or(true) != is_right {
                    changes.push(TranscriptChange {
                        entry: slug.clone(),
                        path: self.after.path(Kind::Entry, &slug).unwrap_or_default().to_owned(),
                        line: transcript.line,
                        wanted: transcript.lands.clone(),
                        before: first.flatten(),
                        after: lands,
                        lands: is_right,
                    });
                }
            }
        }
        if left > 0 {
            cut.push(format!("{left} transcripts were not read."));
        }
        changes
    }

    /// Changed entries first, then those that share a symptom, or all when something is recognised by other signs.
    fn list_entries(&self, touched: &Touched, symptoms: &BTreeSet<Slug>) -> Vec<Slug> {
        let mut slugs: Vec<Slug> = touched.entries.iter().cloned().collect();
        let mut seen: BTreeSet<Slug> = touched.entries.clone();
        let kbs = [self.before, self.after].map(|corpus| corpus.kb());
        let beside = kbs.iter().flat_map(|kb| symptoms.iter().flat_map(|s| kb.list_causes(s.as_str()))).map(|e| &e.slug);
        slugs.extend(beside.filter(|slug| seen.insert((*slug).clone())).cloned());
        if touched.reads_differently {
            let all = kbs.iter().flat_map(|kb| kb.entries.keys());
            slugs.extend(all.filter(|slug| seen.insert((*slug).clone())).cloned());
        }
        slugs
    }
}

/// Which other entry comes first plays no part in whether it is the same problem.
fn stray(corpus: &Corpus, entry: &Entry, transcript: &Transcript, first: Option<&Slug>) -> Noted {
    let key = format!("transcript {}\n{}", transcript.lands, transcript.text);
    Noted { key, example: true, unfinished: false, problem: stray_transcript(corpus, entry, transcript, first) }
}

/// Symptoms that would be asked about otherwise.
fn changes_of_symptom(before: &KnowledgeBase, after: &KnowledgeBase, slug: &Slug) -> bool {
    let print = |kb: &KnowledgeBase| kb.symptoms.get(slug).map(|symptom| proofs::fingerprint(kb, symptom));
    print(before) != print(after)
}

#[cfg(test)]
mod tests;
