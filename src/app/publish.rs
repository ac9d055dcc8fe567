//! A change of the running site: checked, written down, and shown. Start at [`App::publish`].
//!
//! Changes are made one after the other, each checked against what the one before left. Once a change is written down it
//! stays; showing it takes a new index and a new snapshot, which several changes share when they come close together.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tracing::{error, info};

use super::aside::aside;
use super::impact::touched::Touched;
use super::links;
use super::people::Actor;
use super::proposal::{Considered, Proposal, Refusal};
use super::snapshot::{Outcomes, Snapshot};
use super::watch::Watched;
use super::{App, AppError, now};
use crate::content::Corpus;
use crate::kb::{Kind, KnowledgeBase, Slug};
use crate::search::Index;
use crate::store::documents::{Act, Doer, NotPublished, Note, Seen};
use crate::store::drafts::SeenDraft;

/// What has been written down, shown or not.
pub(super) struct Publishing {
    pub corpus: Corpus,
    /// The folder that it comes from, when it does not come from the store.
    pub watched: Option<Arc<Watched>>,
    /// The store's own count.
    pub generation: String,
    /// Ours, so that who waits for a change knows whether it is shown.
    pub number: u64,
}

/// Who publishes, and why.
#[derive(Clone, Debug)]
pub struct Signature {
    /// Who wrote the text.
    pub by: String,
    /// Who publishes it.
    pub doer: Actor,
    pub why: String,
    /// Why the warnings are accepted; empty when they are not.
    pub accepted: String,
    /// The draft that becomes real with it, as it was looked at.
    pub draft: Option<SeenDraft>,
}

/// What was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    pub kind: Kind,
    pub slug: Slug,
    pub act: Act,
    pub revision: i64,
}

/// Longer than nearly all requests take.
const LINGERS: Duration = Duration::from_millis(300);
/// Somebody else can publish between a look and a write only from another process; once or twice, not for ever.
const MOST_TRIES: usize = 4;

impl App {
    /// Publishes, if nothing speaks against it. Once this returns, it survives a crash, and every page and search knows it.
    /// It goes on to its end when nobody waits for it any more.
    pub async fn publish(self: &Arc<Self>, proposal: Proposal, signature: Signature) -> Result<Done, Refusal> {
        let app = Arc::clone(self);
        let work = tokio::spawn(async move {
            let (done, number) = app.write_down(&proposal, &signature).await?;
            app.show(number).await?;
            Ok(done)
        });
        work.await?
    }

    async fn write_down(&self, proposal: &Proposal, signature: &Signature) -> Result<(Done, u64), Refusal> {
        let mut publishing = self.publishing.lock().await;
        for _ in 0..MOST_TRIES {
            let generation = self.store.generation().await?;
            self.catch_up(&mut publishing, generation).await?;
            let considered = self.consider_in(&publishing.corpus, proposal).await?;
            if considered.impact.blocks() {
                return Err(Refusal::Blocked(Box::new(considered)));
            }
            let warnings: Vec<String> = considered.warnings().map(ToString::to_string).collect();
            if !warnings.is_empty() && signature.accepted.trim().is_empty() {
                return Err(Refusal::Unaccepted(Box::new(considered)));
            }
            let accepted = match warnings.is_empty() {
                true => String::new(),
                false => format!("{}\n{}", signature.accepted.trim(), warnings.join("\n")),
            };
            let note = Note { at: now(), by: &signature.by, why: &signature.why, accepted: &accepted };
            let doer = Doer { name: &signature.doer.name, address: &signature.doer.address };
            let seen = Seen { generation: &publishing.generation, draft: signature.draft };
            match self.store.publish(&considered.changes, &note, &doer, seen, &links::renamed).await {
                Ok((revisions, generation)) => {
                    let Considered { changes, corpus, .. } = considered;
                    publishing.corpus = corpus;
                    publishing.generation = generation;
                    publishing.number += 1;
                    let change = changes.into_iter().next().ok_or(Refusal::Same)?;
                    let revision = revisions.first().copied().unwrap_or_default();
                    info!(kind = change.kind.word(), slug = %change.slug, revision, "{}", change.act.words());
                    let done = Done { kind: change.kind, slug: change.slug, act: change.act, revision };
                    return Ok((done, publishing.number));
                }
                // Another process was faster: what it wrote is looked at first.
                Err(NotPublished::Behind | NotPublished::Stale { .. }) => {}
                Err(NotPublished::DraftMoved) => return Err(Refusal::DraftMoved),
                Err(NotPublished::Store(cause)) => return Err(cause.into()),
            }
        }
        Err(Refusal::Gone)
    }

    /// Returns once what has this number is what requests read.
    pub(super) async fn show(&self, number: u64) -> Result<(), AppError> {
        let mut shown = self.shown.lock().await;
        if *shown >= number {
            return Ok(());
        }
        // Changes that come while this one is made ready share the next.
        let (kb, watched, newest) = {
            let publishing = self.publishing.lock().await;
            (Arc::clone(publishing.corpus.kb()), publishing.watched.clone(), publishing.number)
        };
        let index = self.index_of(&kb).await?;
        // Outcomes may have been recorded while the index was built, and a rename takes those of its document along.
        let _no_outcome_meanwhile = self.recording.lock().await;
        let outcomes = Outcomes::new(self.store.list_tallies().await?);
        let before = self.snapshot();
        let (old, next) = (Arc::clone(&before), self.numbers.fetch_add(1, Ordering::Relaxed));
        let after = aside(move || {
            let changed = Touched::new(&old.kb, &kb).list_symptoms(&old.kb, &kb);
            Snapshot::new(kb, index, outcomes, next).after(&old, &changed).of_folder(watched)
        });
        self.current.store(Arc::new(after.await?));
        put_away(before);
        *shown = newest;
        Ok(())
    }

    /// The index of what is to be shown; it is there already if only something beside the documents changed.
    async fn index_of(&self, kb: &Arc<KnowledgeBase>) -> Result<Arc<Index>, AppError> {
        let current = self.snapshot();
        if Arc::ptr_eq(&current.kb, kb) {
            return Ok(Arc::clone(&current.index));
        }
        let (kb, indexer) = (Arc::clone(kb), Arc::clone(&self.indexer));
        Ok(Arc::new(aside(move || indexer.index(&kb)).await??))
    }

    /// Reads the documents once while nobody waits for it: else the first who publishes would.
    pub async fn prepare(&self) {
        let (snapshot, indexer) = (self.snapshot(), Arc::clone(&self.indexer));
        if let Err(cause) = aside(move || indexer.begin(&snapshot.kb, &snapshot.index)).await {
            error!(%cause, "the documents were not read for the next index");
        }
    }

    /// Reads the documents again if another process wrote some: the store has a count then that is not ours.
    async fn catch_up(&self, publishing: &mut Publishing, generation: String) -> Result<(), AppError> {
        if self.is_read_only() || publishing.generation == generation {
            return Ok(());
        }
        // The count was asked for before: what is written in between is read again the next time.
        publishing.corpus = super::read_corpus(&self.store, &|_, _, _| ()).await?;
        publishing.generation = generation;
        publishing.number += 1;
        info!("the store was changed by another program");
        Ok(())
    }

    /// Shows what another process wrote into the store, as `fixpath import` does.
    pub async fn look_for_changes(&self) {
        let number = {
            // Asked while nobody here publishes: else what is just being written down would look like somebody else's.
            let mut publishing = self.publishing.lock().await;
            let Ok(generation) = self.store.generation().await else { return };
            if let Err(cause) = self.catch_up(&mut publishing, generation).await {
                return error!(%cause, "what changed in the store could not be read");
            }
            publishing.number
        };
        // Also what somebody came upon who then did not publish.
        if let Err(cause) = self.show(number).await {
            error!(%cause, "what changed in the store is not shown");
        }
    }

    /// Whether the content is kept elsewhere, so that nothing can be written here.
    pub fn is_read_only(&self) -> bool {
        self.writing.read_only
    }
}

/// A large snapshot takes a while to fall apart. By then no request reads it any more, and none is held up by it.
fn put_away(snapshot: Arc<Snapshot>) {
    tokio::spawn(async move {
        tokio::time::sleep(LINGERS).await;
        let _gone = aside(move || drop(snapshot)).await;
    });
}

/// What the site asks of those who write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Writing {
    /// Nobody publishes alone.
    pub review: bool,
    /// The content stays in its folder, where others change it.
    pub read_only: bool,
    /// Where they do so: an address with `{path}` in the place of a file.
    pub edit_url: Option<String>,
}
