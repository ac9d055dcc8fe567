//! Texts on their way to be published. Nothing that somebody wrote is thrown away: what is discarded can be brought back.
//! Start at [`App::begin_draft`].

use std::sync::Arc;

use super::people::{Actor, What};
use super::proposal::{Proposal, Refusal};
use super::publish::{Done, Signature};
use super::{App, AppError, now};
use crate::kb::{Kind, Slug};
use crate::store::drafts::Written;
pub use crate::store::drafts::{Draft, DraftState};

/// What came of saving a draft.
#[derive(Debug)]
pub enum Saved {
    Done,
    /// Somebody else saved it since, or it is no draft any more: this is how it stands now.
    Stale(Box<Draft>),
    Gone,
}

impl Draft {
    /// The draft as what it proposes.
    pub fn proposal(&self) -> Proposal {
        Proposal {
            kind: self.kind,
            slug: self.slug.clone(),
            base: self.base,
            path: self.path.clone(),
            text: self.text.clone(),
            retires: self.retires,
            act: None,
        }
    }

    pub fn is_open(&self) -> bool {
        matches!(self.state, DraftState::Open | DraftState::Waiting)
    }
}

impl App {
    /// Keeps a text as a draft and gives its number.
    pub async fn begin_draft(&self, proposal: &Proposal, why: &str, by: &str) -> Result<i64, AppError> {
        let written = Written { base: proposal.base, path: &proposal.path, text: &proposal.text, why, by, at: now() };
        Ok(self.store.add_draft(proposal.kind, proposal.slug.as_ref(), proposal.retires, &written).await?)
    }

    pub async fn find_draft(&self, id: i64) -> Result<Option<Draft>, AppError> {
        Ok(self.store.find_draft(id).await?)
    }

    /// Drafts that are not done with, the newest first.
    pub async fn list_drafts(&self) -> Result<Vec<Draft>, AppError> {
        Ok(self.store.list_drafts().await?)
    }

    /// Drafts that were discarded last, the newest first.
    pub async fn list_discarded(&self) -> Result<Vec<Draft>, AppError> {
        Ok(self.store.list_discarded().await?)
    }

    /// Drafts of one document that are not done with.
    pub async fn list_drafts_of(&self, kind: Kind, slug: &Slug) -> Result<Vec<Draft>, AppError> {
        let drafts = self.store.list_drafts().await?;
        Ok(drafts.into_iter().filter(|d| d.kind == kind && d.slug.as_ref() == Some(slug)).collect())
    }

    /// Saves a draft over the version that its writer saw.
    pub async fn save_draft(&self, id: i64, version: i64, new: &Proposal, why: &str, by: &str) -> Result<Saved, AppError> {
        let written = Written { base: new.base, path: &new.path, text: &new.text, why, by, at: now() };
        if self.store.save_draft(id, version, &written).await? {
            return Ok(Saved::Done);
        }
        Ok(self.store.find_draft(id).await?.map_or(Saved::Gone, |draft| Saved::Stale(Box::new(draft))))
    }

    /// Asks another editor to look at a draft.
    pub async fn send_draft(&self, id: i64) -> Result<bool, AppError> {
        Ok(self.store.move_draft(id, DraftState::Waiting, now()).await?)
    }

    pub async fn discard_draft(&self, id: i64, doer: &Actor) -> Result<bool, AppError> {
        let discarded = self.store.move_draft(id, DraftState::Discarded, now()).await?;
        self.audit(doer, What::DraftDiscarded, &format!("draft {id}")).await?;
        Ok(discarded)
    }

    /// Brings a discarded draft back, or takes one back that waits.
    pub async fn reopen_draft(&self, id: i64) -> Result<bool, AppError> {
        Ok(self.store.move_draft(id, DraftState::Open, now()).await?)
    }

    /// Whether this person may publish this draft alone.
    pub fn may_publish(&self, draft: &Draft, by: &str) -> bool {
        !self.writing.review || (draft.state == DraftState::Waiting && draft.changed_by != by)
    }

    /// Publishes a draft, in the name of who wrote it last; who approved it stands in the reason.
    pub async fn publish_draft(
        self: &Arc<Self>,
        draft: &Draft,
        doer: &Actor,
        why: &str,
        accepted: &str,
    ) -> Result<Done, Refusal> {
        let by = doer.name.as_str();
        if !self.may_publish(draft, by) {
            return Err(Refusal::NeedsApproval);
        }
        let author = draft.changed_by.as_str();
        let why = if author == by { why.to_owned() } else { format!("{why} (approved by {by})").trim_start().to_owned() };
        let signature = Signature {
            by: author.to_owned(),
            doer: doer.clone(),
            why,
            accepted: accepted.to_owned(),
            draft: Some(draft.seen()),
        };
        self.publish(draft.proposal(), signature).await
    }
}
