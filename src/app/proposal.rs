//! What somebody wants a document to be, and all that follows from it: merged with what others did meanwhile, with the
//! documents that name it, and with what it would change. Start at [`App::consider`].

mod objections;

use std::sync::Arc;

use super::aside::aside;
use super::impact::{Impact, impact};
use super::{App, AppError};
use crate::content::{self, Corpus, File, LARGEST_FILE, Problem, place};
use crate::editing::form::{self, FieldValue, OptionField};
use crate::editing::merge::{Merged, Piece, merge};
use crate::editing::names::list_aliases;
use crate::editing::references::{Rename, What, rename_references};
use crate::kb::{Kind, Slug};
use crate::store::documents::{Act, Change, Document, Revision};

/// So many past searches and diagnoses are looked at again.
const PAST: usize = 500;

/// A new text for a document, a new place, or its end.
#[derive(Clone, Debug)]
pub struct Proposal {
    pub kind: Kind,
    /// The document that it changes; nothing for a new one.
    pub slug: Option<Slug>,
    /// The revision from which it was written, 0 for a new document.
    pub base: i64,
    pub path: String,
    pub text: String,
    pub retires: bool,
    /// What the history is to say, if it is not what the texts show.
    pub act: Option<Act>,
}

/// A proposal with all that follows from it.
pub struct Considered {
    pub changes: Vec<Change>,
    pub impact: Impact,
    /// The newest text, when it is not the one from which the proposal was written: both are in the change.
    pub merged_with: Option<Revision>,
    /// The text of today, nothing for a new document.
    pub today: Option<Document>,
    pub(super) corpus: Corpus,
}

impl Considered {
    /// The document as it would be.
    pub fn text(&self) -> &str {
        self.changes.first().map_or("", |c| c.text.as_str())
    }

    /// Problems that the change brings and that somebody may take upon themselves.
    pub fn warnings(&self) -> impl Iterator<Item = &Problem> {
        self.impact.warnings()
    }
}

/// Two texts that began as one and overlap.
pub struct Overlap {
    pub pieces: Vec<Piece>,
    /// What is there today.
    pub newest: Revision,
    /// Where the document is to stand.
    pub path: String,
}

/// Why something is not published.
#[derive(Debug)]
pub enum Refusal {
    /// The document, its name or its place cannot be so.
    BadPlace(String),
    /// The document that it changes is not there.
    Gone,
    /// The text is the one of today.
    Same,
    /// Somebody published other changes of the same lines.
    Overlap(Box<Overlap>),
    /// It would break something.
    Blocked(Box<Considered>),
    /// Warnings that nobody has accepted.
    Unaccepted(Box<Considered>),
    /// Somebody saved the draft, or moved it on, while it was being published.
    DraftMoved,
    /// Another editor has to look at it first.
    NeedsApproval,
    /// Somebody else wrote it, and has not said that it is done.
    NotAuthor,
    /// The content is kept in a folder elsewhere.
    ReadOnly,
    App(AppError),
}

impl std::fmt::Debug for Considered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Considered").field("changes", &self.changes.len()).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Overlap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Overlap").field("pieces", &self.pieces.len()).finish_non_exhaustive()
    }
}

impl<E: Into<AppError>> From<E> for Refusal {
    fn from(error: E) -> Refusal {
        Refusal::App(error.into())
    }
}

impl App {
    /// What a proposal would change, if it were published now.
    pub async fn consider(&self, proposal: &Proposal) -> Result<Considered, Refusal> {
        let corpus = self.publishing.lock().await.corpus.clone();
        self.consider_in(&corpus, proposal).await
    }

    pub(super) async fn consider_in(&self, corpus: &Corpus, proposal: &Proposal) -> Result<Considered, Refusal> {
        if self.is_read_only() {
            return Err(Refusal::ReadOnly);
        }
        let today = self.today(proposal).await?;
        let revisions = self.since(proposal, today.as_ref()).await?;
        let path = place_of(proposal, today.as_ref(), &revisions);
        let slug = self.placed(proposal, &path).await?;
        let (text, merged_with) = merged(proposal, today.as_ref(), &path, revisions)?;
        let act = act(proposal, today.as_ref(), &path, merged_with.is_some());
        let change = Change {
            kind: proposal.kind,
            from: proposal.slug.clone().filter(|old| *old != slug),
            slug,
            path: path.clone(),
            aliases: list_aliases(&text),
            text,
            base: today.as_ref().map_or(0, |t| t.revision),
            act,
        };
        if let Some(today) = &today
            && today.text == change.text
            && today.path == change.path
            && today.retired_at.is_some() == proposal.retires
        {
            return Err(Refusal::Same);
        }
        let changes = self.with_references(corpus, change, today.as_ref()).await?;
        let (before, old) = (self.snapshot(), corpus.clone());
        let mut files = files(&changes);
        // What moves leaves its old place.
        files.extend(today.iter().filter(|t| t.path != path).map(|t| content::Change::Remove(t.path.clone())));
        let past = self.past(PAST).await?;
        let (prover, indexer) = (Arc::clone(&self.prover), Arc::clone(&self.indexer));
        let weighed = aside(move || {
            let new = old.with_changes(&files);
            let impact = impact(&before, &old, &new, (&prover, &indexer), &past);
            impact.map(|impact| (new, impact))
        });
        let (new, mut impact) = weighed.await??;
        let missing = self.missing(&changes, today.as_ref(), new.kb()).await?;
        impact.problems_new.extend(missing);
        impact.problems_new.extend(self.unfounded(proposal, &changes, today.as_ref(), (corpus.kb(), new.kb())).await?);
        Ok(Considered { changes, impact, merged_with, today, corpus: new })
    }

    /// The slug that the path names, if a document of this kind can stand there.
    async fn placed(&self, proposal: &Proposal, path: &str) -> Result<Slug, Refusal> {
        let (kind, _, slug) = place(path).map_err(Refusal::BadPlace)?;
        if kind != proposal.kind {
            let (folder, what) = (proposal.kind.folder(), proposal.kind.with_article());
            return Err(Refusal::BadPlace(format!("`{path}` is no place of {what}: it stands below `{folder}/`")));
        }
        if proposal.text.len() > LARGEST_FILE {
            let given = proposal.text.len();
            return Err(Refusal::BadPlace(format!("the text has {given} bytes, the most is {LARGEST_FILE}: split it")));
        }
        let is_new_name = proposal.slug.as_ref() != Some(&slug);
        if is_new_name && let Some(taken) = self.store.find_document(kind, &slug).await? {
            let what = kind.with_article();
            let repair = match taken.retired_at {
                Some(_) => "it is retired: restore it, or take another name",
                None => "change that one, or take another name",
            };
            return Err(Refusal::BadPlace(format!("there is {what} called `{slug}` already; {repair}")));
        }
        Ok(slug)
    }

    async fn today(&self, proposal: &Proposal) -> Result<Option<Document>, Refusal> {
        match &proposal.slug {
            None => Ok(None),
            Some(slug) => self.store.find_document(proposal.kind, slug).await?.map(Some).ok_or(Refusal::Gone),
        }
    }

    /// The history of the document, if others published since the proposal was begun.
    async fn since(&self, proposal: &Proposal, today: Option<&Document>) -> Result<Vec<Revision>, Refusal> {
        match today.filter(|t| t.revision != proposal.base) {
            Some(today) => Ok(self.store.list_revisions(proposal.kind, &today.slug).await?),
            None => Ok(Vec::new()),
        }
    }

    /// A new name of a document or an option is written into every document that has the old one, and the old one stays as an
    /// alias.
    async fn with_references(
        &self,
        corpus: &Corpus,
        mut change: Change,
        today: Option<&Document>,
    ) -> Result<Vec<Change>, Refusal> {
        let Some(today) = today else { return Ok(vec![change]) };
        if let Some(from) = &change.from {
            let unwritable = |why: form::NoForm| Refusal::BadPlace(format!("the name `{from}` cannot be kept for links: {why}"));
            // A name that comes back is no alias of itself.
            let text = form::remove_alias(&change.text, change.slug.as_str()).map_err(unwritable)?;
            change.text = form::add_alias(&text, from.as_str()).map_err(unwritable)?;
            change.aliases = list_aliases(&change.text);
        }
        let naming = naming(corpus, &change, &renamed_options(&today.text, &change.text));
        let mut changes = vec![change];
        for (kind, slug, text) in naming {
            let Some(Document { path, revision, .. }) = self.store.find_document(kind, &slug).await? else { continue };
            let aliases = list_aliases(&text);
            changes.push(Change { kind, slug, from: None, path, text, aliases, base: revision, act: Act::Rename });
        }
        Ok(changes)
    }
}

/// Where the document is to stand. Who left it in its place leaves it also where others have put it since.
fn place_of(proposal: &Proposal, today: Option<&Document>, revisions: &[Revision]) -> String {
    let base = revisions.iter().find(|r| r.number == proposal.base);
    match (today, base) {
        (Some(today), Some(base)) if base.path == proposal.path => today.path.clone(),
        _ => proposal.path.clone(),
    }
}

/// The text with what others published since it was begun.
fn merged(
    proposal: &Proposal,
    today: Option<&Document>,
    path: &str,
    revisions: Vec<Revision>,
) -> Result<(String, Option<Revision>), Refusal> {
    if today.is_none_or(|t| t.revision == proposal.base || t.text == proposal.text) {
        return Ok((proposal.text.clone(), None));
    }
    let base = revisions.iter().find(|r| r.number == proposal.base).map_or("", |r| r.text.as_str());
    let newest = revisions.first().cloned().ok_or(Refusal::Gone)?;
    match merge(base, &proposal.text, &newest.text) {
        Merged::Clean(text) => Ok((text, Some(newest))),
        Merged::Conflict(pieces) => Err(Refusal::Overlap(Box::new(Overlap { pieces, newest, path: path.to_owned() }))),
    }
}

/// Options that have a new id and the old one as an alias.
fn renamed_options(old: &str, new: &str) -> Vec<(String, String)> {
    let options = |text: &str| match form::read(text).ok().as_ref().and_then(|f| f.field("options")) {
        Some(FieldValue::Options(options)) => options.clone(),
        _ => Vec::new(),
    };
    let (old, new) = (options(old), options(new));
    let has = |options: &[OptionField], id: &str| options.iter().any(|o| o.id == id);
    let gone = old.iter().filter(|o| !has(&new, &o.id));
    let renamed = gone.filter_map(|o| Some((o.id.clone(), new.iter().find(|n| n.aliases.contains(&o.id))?.id.clone())));
    renamed.collect()
}

/// The documents that name the changed one, or one of its options, by an old name: each with the text that has the new one.
fn naming(corpus: &Corpus, change: &Change, options: &[(String, String)]) -> Vec<(Kind, Slug, String)> {
    let was = change.from.as_ref().unwrap_or(&change.slug);
    let document = change.from.as_ref().map(|from| Rename {
        what: What::Document(change.kind),
        from: from.as_str(),
        to: change.slug.as_str(),
    });
    let what = What::Option { question: was.as_str() };
    let options = options.iter().map(|(from, to)| Rename { what, from, to });
    // Options first: they are found by the name that the question still has.
    let renames: Vec<Rename> = options.chain(document).collect();
    if renames.is_empty() {
        return Vec::new();
    }
    let kb = corpus.kb();
    let all = Kind::ALL.into_iter().flat_map(|kind| kb.list_slugs(kind).map(move |slug| (kind, slug)));
    let others = all.filter(|(kind, slug)| *kind != change.kind || *slug != was);
    let renamed = others.filter_map(|(kind, slug)| {
        let (_, source) = kb.find_document(kind, slug.as_str())?;
        let text = renames.iter().fold(None, |text: Option<String>, rename| {
            rename_references(rename, kind, text.as_deref().unwrap_or(source)).or(text)
        });
        Some((kind, slug.clone(), text?))
    });
    renamed.collect()
}

fn act(proposal: &Proposal, today: Option<&Document>, path: &str, merged: bool) -> Act {
    let is_moved = today.is_some_and(|t| t.path != path);
    let is_back = today.is_some_and(|t| t.retired_at.is_some());
    match proposal.act {
        _ if proposal.retires => Act::Retire,
        Some(act) => act,
        None if is_back => Act::Restore,
        None if is_moved => Act::Rename,
        None if merged => Act::Merge,
        None => Act::Publish,
    }
}

/// The changes as the corpus wants them.
fn files(changes: &[Change]) -> Vec<content::Change> {
    let file = |c: &Change| match c.act {
        Act::Retire => content::Change::Remove(c.path.clone()),
        _ => content::Change::Write(File { path: c.path.clone(), bytes: c.text.clone().into_bytes() }),
    };
    changes.iter().map(file).collect()
}
