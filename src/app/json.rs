//! The JSON of both front doors. Its shapes are a contract with others: rename a field of the program, not one of these.

use serde::Serialize;

use super::check::Report;
use super::diagnose::Diagnosis;
use super::explain::{Answered, Explanation};
use crate::kb::Kind;
use crate::search::Found;

#[derive(Serialize)]
pub struct DiagnosisJson<'a> {
    symptoms: Vec<&'a str>,
    answers: std::collections::BTreeMap<&'a str, &'a str>,
    skipped: Vec<&'a str>,
    tried: Vec<&'a str>,
    ignored: Vec<IgnoredJson<'a>>,
    state: &'static str,
    question: Option<QuestionJson<'a>>,
    causes: Vec<CauseJson<'a>>,
    expected_questions: Option<f64>,
    url: &'a str,
}

#[derive(Serialize)]
struct IgnoredJson<'a> {
    key: &'a str,
    value: &'a str,
    why: &'a str,
}

#[derive(Serialize)]
struct QuestionJson<'a> {
    slug: &'a str,
    title: &'a str,
    why: &'a str,
    options: Vec<OptionJson<'a>>,
}

#[derive(Serialize)]
struct OptionJson<'a> {
    id: &'a str,
    label: &'a str,
    url: &'a str,
}

#[derive(Serialize)]
struct CauseJson<'a> {
    slug: &'a str,
    title: &'a str,
    url: String,
    probability: f64,
    #[serde(rename = "for")]
    speaks_for: Vec<&'a str>,
    against: Vec<&'a str>,
}

impl<'a> From<&'a Diagnosis> for DiagnosisJson<'a> {
    fn from(d: &'a Diagnosis) -> DiagnosisJson<'a> {
        let words = |slugs: &'a std::collections::BTreeSet<crate::kb::Slug>| slugs.iter().map(|s| s.as_str()).collect();
        DiagnosisJson {
            symptoms: words(&d.facts.symptoms),
            answers: d.facts.answers.iter().map(|(q, o)| (q.as_str(), o.as_str())).collect(),
            skipped: words(&d.facts.skipped),
            tried: words(&d.facts.tried),
            ignored: d.ignored.iter().map(|i| IgnoredJson { key: &i.key, value: &i.value, why: &i.why }).collect(),
            state: d.stage.word(),
            question: d.question.as_ref().map(|q| QuestionJson {
                slug: &q.slug,
                title: &q.title,
                why: &q.why,
                options: q.options.iter().map(|o| OptionJson { id: o.id.as_str(), label: &o.label, url: &o.url }).collect(),
            }),
            causes: d
                .causes
                .iter()
                .map(|c| CauseJson {
                    slug: c.slug.as_str(),
                    title: &c.title,
                    url: Kind::Entry.url(c.slug.as_str()),
                    probability: c.probability,
                    speaks_for: c.speaks_for.iter().map(|s| s.as_str()).collect(),
                    against: c.speaks_against.iter().map(|s| s.as_str()).collect(),
                })
                .collect(),
            expected_questions: d.expected_questions,
            url: &d.url,
        }
    }
}

#[derive(Serialize)]
pub struct ExplanationJson<'a> {
    #[serde(flatten)]
    diagnosis: DiagnosisJson<'a>,
    reader: String,
    read: Vec<ReadJson<'a>>,
    disagreements: Vec<Vec<ReadJson<'a>>>,
    redacted: &'a str,
    redactions: usize,
}

#[derive(Serialize)]
struct ReadJson<'a> {
    question: &'a str,
    option: &'a str,
    line: usize,
    because: &'a str,
}

impl<'a> From<&'a Answered> for ReadJson<'a> {
    fn from(a: &'a Answered) -> ReadJson<'a> {
        ReadJson { question: a.question.as_str(), option: a.option.as_str(), line: a.line, because: &a.because }
    }
}

impl<'a> From<&'a Explanation> for ExplanationJson<'a> {
    fn from(e: &'a Explanation) -> ExplanationJson<'a> {
        let diagnosis = DiagnosisJson::from(e.diagnosis.as_ref());
        ExplanationJson {
            diagnosis,
            reader: e.reader(),
            read: e.answered.iter().map(ReadJson::from).collect(),
            disagreements: e.conflicts.iter().map(|sides| sides.iter().map(ReadJson::from).collect()).collect(),
            redacted: &e.redacted().text,
            redactions: e.redacted().count,
        }
    }
}

#[derive(Serialize)]
pub struct SearchJson<'a> {
    query: &'a str,
    total: usize,
    results: Vec<HitJson<'a>>,
}

#[derive(Serialize)]
struct HitJson<'a> {
    kind: &'static str,
    slug: &'a str,
    title: &'a str,
    url: String,
    score: f32,
    snippet: String,
}

impl<'a> SearchJson<'a> {
    pub fn new(query: &'a str, found: &'a Found) -> SearchJson<'a> {
        let results = found.hits.iter().map(|h| HitJson {
            kind: h.kind.word(),
            slug: h.slug.as_str(),
            title: &h.title,
            url: h.kind.url(h.slug.as_str()),
            score: h.score,
            snippet: h.snippet.iter().map(|f| f.text.as_str()).collect(),
        });
        SearchJson { query, total: found.total, results: results.collect() }
    }
}

#[derive(Serialize)]
pub struct ReportJson<'a> {
    entries: usize,
    symptoms: usize,
    questions: usize,
    problems: Vec<ProblemJson<'a>>,
    proof: Vec<ProofJson<'a>>,
    transcripts: TranscriptsJson,
    #[serde(skip_serializing_if = "Option::is_none")]
    links: Option<LinksJson>,
    simulation: Option<SimulationJson>,
}

#[derive(Serialize)]
struct LinksJson {
    run: usize,
    failed: usize,
}

#[derive(Serialize)]
struct ProblemJson<'a> {
    severity: &'static str,
    path: &'a str,
    line: usize,
    message: &'a str,
}

type PathJson<'a> = Vec<[&'a str; 2]>;

#[derive(Serialize)]
struct ProofJson<'a> {
    symptom: &'a str,
    causes: usize,
    paths: usize,
    longest: usize,
    expected_questions: f64,
    entropy: f64,
    optimum: Option<f64>,
    gaps: Vec<PathJson<'a>>,
    overlaps: Vec<OverlapJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    simulation: Option<SimulationJson>,
}

#[derive(Serialize)]
struct OverlapJson<'a> {
    answers: PathJson<'a>,
    causes: Vec<&'a str>,
}

#[derive(Serialize)]
struct TranscriptsJson {
    run: usize,
    failed: usize,
    precision: f64,
    questions_left: f64,
}

#[derive(Clone, Copy, Serialize)]
struct SimulationJson {
    first_right: f64,
    solved_within_three: f64,
}

impl<'a> From<&'a Report> for ReportJson<'a> {
    fn from(report: &'a Report) -> ReportJson<'a> {
        let path = |p: &'a crate::diagnosis::proof::Path| p.iter().map(|(q, o)| [q.as_str(), o.as_str()]).collect();
        let simulation = |o: &crate::diagnosis::simulation::Outcome| SimulationJson {
            first_right: o.first_right,
            solved_within_three: o.solved_within_three,
        };
        ReportJson {
            entries: report.entries,
            symptoms: report.symptoms,
            questions: report.questions,
            problems: report
                .problems
                .iter()
                .map(|p| ProblemJson { severity: p.severity.word(), path: &p.path, line: p.line, message: &p.message })
                .collect(),
            proof: report
                .proofs
                .iter()
                .map(|p| ProofJson {
                    symptom: p.symptom.as_str(),
                    causes: p.proof.causes,
                    paths: p.proof.paths,
                    longest: p.proof.longest,
                    expected_questions: p.proof.expected_questions,
                    entropy: p.proof.entropy,
                    optimum: p.optimum,
                    gaps: p.proof.gaps.iter().map(path).collect(),
                    overlaps: p
                        .proof
                        .overlaps
                        .iter()
                        .map(|(answers, causes)| OverlapJson {
                            answers: path(answers),
                            causes: causes.iter().map(|c| c.as_str()).collect(),
                        })
                        .collect(),
                    simulation: p.simulation.as_ref().map(simulation),
                })
                .collect(),
            transcripts: TranscriptsJson {
                run: report.transcripts.run,
                failed: report.transcripts.failed,
                precision: report.transcripts.precision,
                questions_left: report.transcripts.questions_left,
            },
            links: report.links.map(|links| LinksJson { run: links.run, failed: links.failed }),
            simulation: report.simulation().as_ref().map(simulation),
        }
    }
}
