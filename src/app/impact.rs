//! stub
use super::snapshot::Snapshot;
use crate::content::{Change, Corpus};
use crate::content::{Problem, Severity};

pub struct Past;
pub struct Impact {
    pub problems_new: Vec<Problem>,
    pub problems_gone: Vec<Problem>,
    pub cut: bool,
}
impl Impact {
    pub fn new(_before: &Snapshot, old: &Corpus, new: &Corpus, _changes: &[Change], _past: &Past) -> Impact {
        let (b, a) = (old.problems(), new.problems());
        Impact {
            problems_new: a.iter().filter(|p| !b.contains(p)).cloned().collect(),
            problems_gone: b.iter().filter(|p| !a.contains(p)).cloned().collect(),
            cut: false,
        }
    }
    pub fn blocks(&self) -> bool {
        self.problems_new.iter().any(|p| p.severity == Severity::Error)
    }
}
impl super::App {
    pub async fn past(&self) -> Result<Past, super::AppError> {
        Ok(Past)
    }
}
