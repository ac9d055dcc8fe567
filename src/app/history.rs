//! What became of a document: its revisions, its retirement, when it was verified last. Start at [`App::history`].

use std::collections::BTreeSet;
use std::sync::Arc;

use super::people::Actor;
use super::proposal::{Proposal, Refusal};
use super::publish::{Done, Signature};
use super::{App, AppError, now};
use crate::editing::form::{self, FieldValue, VerifiedField};
use crate::editing::names::{keep_names, list_aliases};
use crate::editing::references::{Rename, What as Renamed, rename_references};
use crate::kb::{Kind, KnowledgeBase, Slug};
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
    /// The document that a name means, or meant last, with its history: by its own name, or by one that it had before.
    pub async fn find_history(&self, kind: Kind, name: &Slug) -> Result<Option<History>, AppError> {
        if let Some(own) = self.history(kind, name).await? {
            return Ok(Some(own));
        }
        let known = self.snapshot().kb.find_slug(kind, name.as_str());
        let slug = match known {
            Some(slug) => Some(slug),
            None => self.store.find_former(kind, name).await?,
        };
        match slug {
            Some(slug) => self.history(kind, &slug).await,
            None => Ok(None),
        }
    }

    /// An old text as what the document is to be again. Names that were given since stay known, its own and those of others.
    pub async fn restoring(&self, history: &History, revision: &Revision) -> Result<Proposal, AppError> {
        let Document { kind, slug, path, text: today, .. } = &history.document;
        let text = with_names_of_today(&self.snapshot().kb, *kind, &revision.text);
        let mut taken = BTreeSet::from([slug.clone()]);
        for alias in list_aliases(&text).into_iter().chain(list_aliases(today)) {
            if self.find_history(*kind, &alias).await?.is_some_and(|found| found.document.slug != *slug) {
                taken.insert(alias);
            }
        }
        let is_taken = |name: &str| taken.iter().any(|slug| slug.as_str() == name);
        Ok(Proposal {
            kind: *kind,
            slug: Some(slug.clone()),
            base: history.document.revision,
            path: path.clone(),
            // A text without a form goes back as it was: its review says what is wrong with it.
            text: keep_names(&text, today, is_taken).unwrap_or(text),
            retires: false,
            act: None,
        })
    }

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

/// A text with the names that other documents and their options have now.
fn with_names_of_today(kb: &KnowledgeBase, kind: Kind, text: &str) -> String {
    let mut text = text.to_owned();
    let mut follow = |what: Renamed<'_>, aliases: &[Slug], to: &Slug| {
        for alias in aliases.iter().filter(|alias| alias != &to) {
            let rename = Rename { what, from: alias.as_str(), to: to.as_str() };
            if text.contains(alias.as_str())
                && let Some(followed) = rename_references(&rename, kind, &text)
            {
                text = followed;
            }
        }
    };
    kb.symptoms.values().for_each(|s| follow(Renamed::Document(Kind::Symptom), &s.aliases, &s.slug));
    kb.entries.values().for_each(|e| follow(Renamed::Document(Kind::Entry), &e.aliases, &e.slug));
    for question in kb.questions.values() {
        follow(Renamed::Document(Kind::Question), &question.aliases, &question.slug);
        let options = Renamed::Option { question: question.slug.as_str() };
        question.options.iter().for_each(|o| follow(options, &o.aliases, &o.id));
    }
    text
}
