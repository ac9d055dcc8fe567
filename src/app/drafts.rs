//! Texts on their way to be published. Nothing that somebody wrote is thrown away: what is discarded can be brought back.
//! Start at [`App::begin_draft`].

use std::sync::Arc;

use super::people::{Actor, is_person};
use super::proposal::{Proposal, Refusal};
use super::publish::{Done, Signature};
use super::{App, AppError, now};
use crate::kb::{Kind, Slug};
use crate::store::documents::Act;
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
            // Nobody has touched what a folder brought.
            act: (self.version == 1 && !is_person(&self.made_by)).then_some(Act::Import),
        }
    }

    /// Whether somebody wrote on it.
    pub fn is_of(&self, name: &str) -> bool {
        self.authors.iter().any(|author| author == name)
    }

    pub fn is_open(&self) -> bool {
        matches!(self.state, DraftState::Open | DraftState::Waiting)
    }
}

impl App {
    /// Keeps a text as a draft and gives its number.
    pub async fn begin_draft(&self, proposal: &Proposal, why: &str, by: &Actor) -> Result<i64, AppError> {
        let Proposal { kind, slug, base, path, text, retires, .. } = proposal;
        let written = Written { base: *base, path, text, why, by: by.doer(), at: now() };
        Ok(self.store.add_draft(*kind, slug.as_ref(), *retires, &written).await?)
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
    pub async fn save_draft(&self, id: i64, version: i64, new: &Proposal, why: &str, by: &Actor) -> Result<Saved, AppError> {
        let written = Written { base: new.base, path: &new.path, text: &new.text, why, by: by.doer(), at: now() };
        if self.store.save_draft(id, version, &written).await? {
            return Ok(Saved::Done);
        }
        Ok(self.store.find_draft(id).await?.map_or(Saved::Gone, |draft| Saved::Stale(Box::new(draft))))
    }

    /// Asks another editor to look at a draft. Only who wrote on it knows whether it is done; what a folder brought has nobody
    /// else, so whoever sends it on answers for it.
    pub async fn send_draft(&self, draft: &Draft, by: &Actor) -> Result<bool, Refusal> {
        if !self.may_send(draft, &by.name) {
            return Err(Refusal::NotAuthor);
        }
        Ok(self.store.move_draft(draft.id, DraftState::Waiting, &by.doer(), now()).await?)
    }

    pub async fn discard_draft(&self, id: i64, by: &Actor) -> Result<bool, AppError> {
        Ok(self.store.move_draft(id, DraftState::Discarded, &by.doer(), now()).await?)
    }

    /// Brings a discarded draft back, or takes one back that waits.
    pub async fn reopen_draft(&self, id: i64, by: &Actor) -> Result<bool, AppError> {
        Ok(self.store.move_draft(id, DraftState::Open, &by.doer(), now()).await?)
    }

    /// Whether this person may ask another editor to look at this draft.
    pub fn may_send(&self, draft: &Draft, by: &str) -> bool {
        draft.is_of(by) || !draft.authors.iter().any(|author| is_person(author))
    }

    /// Whether this person may publish this draft alone.
    pub fn may_publish(&self, draft: &Draft, by: &str) -> bool {
        !self.writing.review || (draft.state == DraftState::Waiting && !draft.is_of(by))
    }

    /// Publishes a draft, in the name of all who wrote on it; who approved it stands in the reason.
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
        let why = if draft.is_of(by) { why.to_owned() } else { format!("{why} (approved by {by})").trim_start().to_owned() };
        let signature = Signature {
            by: named(&draft.authors),
            doer: doer.clone(),
            why,
            accepted: accepted.to_owned(),
            draft: Some(draft.seen()),
        };
        self.publish(draft.proposal(), signature).await
    }
}

/// Names as people list them.
pub fn named(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_listed_as_people_do() {
        for (names, listed) in
            [("first", "first"), ("first second", "first and second"), ("first second third", "first, second and third")]
        {
            let names: Vec<String> = names.split(' ').map(str::to_owned).collect();
            assert_eq!(named(&names), listed);
        }
    }
}
