//! What became of a document: its revisions, its retirement, when it was verified last. Start at [`App::history`].

use std::sync::Arc;

use super::people::Actor;
use super::proposal::{Proposal, Refusal};
use super::publish::{Done, Signature};
use super::{App, AppError, now};
use crate::editing::form::{self, FieldValue, VerifiedField};
use crate::kb::{Kind, Slug};
pub use crate::store::documents::{Act, Document, Revision};
pub use crate::store::notes::ReaderNote;

/// A document with all that it was.
#[derive(Debug)]
pub struct History {
    pub document: Document,
    /// The newest first; never empty.
    pub revisions: Vec<Revision>,
}

impl History {
    pub fn find(&self, number: i64) -> Option<&Revision> {
        self.revisions.iter().find(|r| r.number == number)
    }

    /// The revision before one.
    pub fn before(&self, number: i64) -> Option<&Revision> {
        self.revisions.iter().find(|r| r.number < number)
    }

    /// What the document was before it was retired, or is.
    pub fn newest(&self) -> Option<&Revision> {
        self.revisions.first()
    }
}

impl App {
    /// A document with its history, retired or not.
    pub async fn history(&self, kind: Kind, slug: &Slug) -> Result<Option<History>, AppError> {
        let Some(document) = self.store.find_document(kind, slug).await? else { return Ok(None) };
        let revisions = self.store.list_revisions(kind, slug).await?;
        Ok(Some(History { document, revisions }))
    }

    /// What is retired, the newest first.
    pub async fn list_retired(&self) -> Result<Vec<Document>, AppError> {
        Ok(self.store.list_retired().await?)
    }

    /// Writes down that somebody tried the fix of an entry, and against what.
    pub async fn verify(self: &Arc<Self>, slug: &Slug, against: &str, doer: &Actor) -> Result<Done, Refusal> {
        let by = doer.name.as_str();
        let document = self.store.find_document(Kind::Entry, slug).await?.ok_or(Refusal::Gone)?;
        let today = jiff::Timestamp::from_second(now()).map(|t| t.to_zoned(jiff::tz::TimeZone::UTC).date().to_string());
        let today = today.map_err(|e| AppError::Content(std::io::Error::other(e)))?;
        let verified = VerifiedField { on: today, against: against.to_owned(), by: by.to_owned() };
        let text = form::apply(&document.text, "verified", &FieldValue::Verified(verified))
            .map_err(|why| Refusal::BadPlace(why.to_string()))?;
        let proposal = Proposal {
            kind: Kind::Entry,
            slug: Some(slug.clone()),
            base: document.revision,
            path: document.path,
            text,
            retires: false,
            act: Some(Act::Verify),
        };
        let why = if against.is_empty() { "tried".to_owned() } else { format!("tried against {against}") };
        self.publish(proposal, Signature { by: by.to_owned(), doer: doer.clone(), why, accepted: String::new(), draft: None })
            .await
    }

    /// Tells the owner of a document something about one of its sections.
    pub async fn add_note(&self, kind: Kind, slug: &Slug, section: &str, text: &str, doer: &Actor) -> Result<(), AppError> {
        Ok(self.store.add_note(kind, slug, section, text, &doer.doer(), now()).await?)
    }

    /// Notes that wait for somebody, the oldest first.
    pub async fn list_notes(&self) -> Result<Vec<ReaderNote>, AppError> {
        Ok(self.store.list_notes().await?)
    }

    /// Marks a note as dealt with, or brings it back.
    pub async fn finish_note(&self, id: i64, done: bool, by: &Actor) -> Result<bool, AppError> {
        Ok(self.store.finish_note(id, done, &by.doer(), now()).await?)
    }
}
