//! A pack that was read, kept so that a change costs what it touches. Start at [`Corpus::with_changes`].
//!
//! Every file is parsed once and linted once. A change parses the files that it writes; a file beside them is linted again
//! only if it asked about a name that came, went or means something else now. The law, tested over random changes: a corpus
//! with changes is the corpus of the changed pack.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use imbl::OrdMap;

use super::lint::{Claim, Linted, Name, Names, lint, names};
use super::{Document, File, Pack, Problem, Severity, front};
use crate::kb::{Kind, KnowledgeBase, Slug};

/// What is done to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new, or has this content now.
    Write(File),
    /// The file of this path goes away.
    Remove(String),
}

impl Change {
    pub fn path(&self) -> &str {
        match self {
            Change::Write(file) => &file.path,
            Change::Remove(path) => path,
        }
    }
}

type Parsed = Result<Document, Vec<Problem>>;

/// A file as it was parsed, and as it is among the others.
#[derive(Clone)]
struct Kept {
    parsed: Arc<Parsed>,
    /// Nothing for a file that cannot be read, or whose name another one has.
    linted: Option<Arc<Linted>>,
}

/// Files that were read, the knowledge base that they make, and what is wrong with them. Cheap to clone and to change.
#[derive(Clone, Default)]
pub struct Corpus {
    files: OrdMap<Arc<str>, Kept>,
    names: Names,
    kb: Arc<KnowledgeBase>,
    /// What is wrong with names that two files claim.
    claims: Vec<Problem>,
    /// Some name is claimed twice. Then a change goes over all files: who is first depends on all of them.
    contested: bool,
}

impl Corpus {
    /// Reads a pack, on all processors; the result does not depend on their number.
    pub fn new(pack: &Pack) -> Corpus {
        let parsed = on_all_processors(&pack.files, |file| Arc::new(front::parse(file)));
        let paths = pack.files.iter().map(|f| Arc::from(f.path.as_str()));
        Corpus::join(paths.zip(parsed).collect())
    }

    /// The sound part of what the files say.
    pub fn kb(&self) -> &Arc<KnowledgeBase> {
        &self.kb
    }

    /// Everything that is wrong, by path and line.
    pub fn problems(&self) -> Vec<Problem> {
        let of_files = self.files.values().flat_map(|kept| match (&*kept.parsed, &kept.linted) {
            (Err(problems), _) => problems.as_slice(),
            (Ok(_), Some(linted)) => linted.problems.as_slice(),
            (Ok(_), None) => &[],
        });
        let mut problems: Vec<Problem> = of_files.chain(&self.claims).cloned().collect();
        problems.sort_by(|a, b| (&a.path, a.line, &a.message).cmp(&(&b.path, b.line, &b.message)));
        problems.dedup();
        problems
    }

    pub fn has_errors(&self) -> bool {
        self.problems().iter().any(|p| p.severity == Severity::Error)
    }

    /// The file of a document, whether or not it can be read.
    pub fn path(&self, kind: Kind, slug: &Slug) -> Option<&str> {
        self.names.path(&(kind, slug.clone()))
    }

    /// The same files with some changes, made together. Files of which nothing changed are not parsed again.
    pub fn with_changes(&self, changes: &[Change]) -> Corpus {
        let mut written: BTreeMap<Arc<str>, Option<Arc<Parsed>>> = BTreeMap::new();
        for change in changes {
            let parsed = match change {
                Change::Write(file) => Some(Arc::new(front::parse(file))),
                Change::Remove(_) => None,
            };
            written.insert(Arc::from(change.path()), parsed);
        }
        self.changed_in_place(&written).unwrap_or_else(|| {
            let mut parsed: BTreeMap<Arc<str>, Arc<Parsed>> =
                self.files.iter().map(|(path, kept)| (Arc::clone(path), Arc::clone(&kept.parsed))).collect();
            for (path, change) in written {
                match change {
                    Some(document) => drop(parsed.insert(path, document)),
                    None => drop(parsed.remove(&path)),
                }
            }
            Corpus::join(parsed)
        })
    }

    /// Lints all files against each other.
    fn join(parsed: BTreeMap<Arc<str>, Arc<Parsed>>) -> Corpus {
        let mut names = Names::default();
        let mut claims = Vec::new();
        let files: Vec<(&Arc<str>, &Arc<Parsed>, Claim)> =
            parsed.iter().map(|(path, file)| (path, file, names.add(path, file, &mut claims))).collect();
        let linted = on_all_processors(&files, |(path, file, claim)| match &***file {
            Ok(document) if *claim != Claim::Refused => Some(Arc::new(lint(&names, path, document))),
            _ => None,
        });
        let contested = files.iter().any(|(_, _, claim)| *claim != Claim::Free);
        let mut kb = KnowledgeBase::default();
        for linted in linted.iter().flatten() {
            linted.document.put_into(&mut kb);
        }
        let files = parsed.iter().zip(linted);
        let files =
            files.map(|((path, parsed), linted)| (Arc::clone(path), Kept { parsed: Arc::clone(parsed), linted })).collect();
        Corpus { files, names, kb: Arc::new(kb), claims, contested }
    }

    /// Changes only what is touched; `None` where names are claimed twice, before or after.
    fn changed_in_place(&self, written: &BTreeMap<Arc<str>, Option<Arc<Parsed>>>) -> Option<Corpus> {
        if self.contested {
            return None;
        }
        let mut next = self.clone();
        let kb = Arc::make_mut(&mut next.kb);
        let mut moved: BTreeSet<Name> = BTreeSet::new();
        for (path, new) in written {
            let old = next.files.remove(path);
            if let Some(old) = &old {
                next.names.forget(path, &old.parsed);
                if let Some(linted) = &old.linted {
                    linted.document.take_out_of(kb);
                }
            }
            let (old, new) = (old.map(|o| Face::of(path, &o.parsed)), new.as_ref().map(|n| Face::of(path, n)));
            if old != new {
                moved.extend([old, new].into_iter().flatten().flat_map(|face| face.names));
            }
        }
        let mut touched: BTreeSet<Arc<str>> = BTreeSet::new();
        for (path, new) in written {
            let Some(new) = new else { continue };
            if next.names.add(path, new, &mut next.claims) != Claim::Free {
                return None;
            }
            next.files.insert(Arc::clone(path), Kept { parsed: Arc::clone(new), linted: None });
            touched.insert(Arc::clone(path));
        }
        if !moved.is_empty() {
            // A file with problems may be told a better name now.
            let asked = |linted: &Arc<Linted>| !linted.problems.is_empty() || linted.asks_about_any(&moved);
            let beside = next.files.iter().filter(|(_, kept)| kept.linted.as_ref().is_some_and(asked));
            touched.extend(beside.map(|(path, _)| Arc::clone(path)));
        }
        for path in touched {
            let Some(kept) = next.files.get_mut(&path) else { continue };
            let Ok(document) = &*kept.parsed else { continue };
            let linted = lint(&next.names, &path, document);
            linted.document.put_into(kb);
            kept.linted = Some(Arc::new(linted));
        }
        Some(next)
    }
}

/// What others can see of a file: if this stays, nothing that they say of it changes.
#[derive(PartialEq, Eq)]
struct Face {
    readable: bool,
    names: Vec<Name>,
    /// With their old names.
    options: Vec<(Slug, Vec<Slug>)>,
}

impl Face {
    fn of(path: &str, parsed: &Parsed) -> Face {
        let options = match parsed {
            Ok(Document::Question(question)) => question.options.iter().map(|o| (o.id.clone(), o.aliases.clone())).collect(),
            _ => Vec::new(),
        };
        Face { readable: parsed.is_ok(), names: names(path, parsed), options }
    }
}

/// Does the same to all items, in their order.
fn on_all_processors<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let size = items.len().div_ceil(workers).max(1);
    let work = &work;
    std::thread::scope(|scope| {
        let part = |part| scope.spawn(move || Iterator::map(<[T]>::iter(part), work).collect::<Vec<R>>());
        let parts: Vec<_> = items.chunks(size).map(part).collect();
        parts.into_iter().flat_map(|p| p.join().expect("reading does not panic")).collect()
    })
}

#[cfg(test)]
mod tests;
