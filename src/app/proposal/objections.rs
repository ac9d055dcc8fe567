//! What speaks against a proposal beside the check of the knowledge base: pictures that are not there, names that links use,
//! and words that somebody else would have to say. Start at [`App::missing`] and [`App::unfounded`].

use super::{Proposal, Refusal};
use crate::app::App;
use crate::content::{Problem, line_of};
use crate::editing::form::{self, FieldValue, Form, VerifiedField};
use crate::editing::names::list_aliases;
use crate::kb::{Kind, KnowledgeBase, Slug, Verified};
use crate::store::documents::{Act, Change, Document};

impl App {
    /// Pictures that are not there, and names that a text gives up although links use them.
    pub(super) async fn missing(
        &self,
        changes: &[Change],
        today: Option<&Document>,
        then: &KnowledgeBase,
    ) -> Result<Vec<Problem>, Refusal> {
        let Some(change) = changes.first().filter(|c| c.act != Act::Retire) else { return Ok(Vec::new()) };
        let mut problems = Vec::new();
        for name in self.list_missing_images(&change.text).await? {
            let line = line_of(&change.text, &name.to_string());
            problems.push(Problem::error(&change.path, line, format!("there is no picture `{name}`: paste or drop it in again")));
        }
        let Some(today) = today else { return Ok(problems) };
        let (aliases, options) = lost_names(&today.text, change);
        for name in aliases {
            if !self.means_something_else(change, &name, then).await? {
                let message = format!("links use the name `{name}`: keep it under `aliases`");
                problems.push(Problem::error(&change.path, line_of(&change.text, "aliases"), message));
            }
        }
        for id in options {
            let message = format!(
                "links that answer `{id}` will ignore it: if the option has a new name, keep the old one under its `aliases`"
            );
            problems.push(Problem::warning(&change.path, line_of(&change.text, "options"), message));
        }
        Ok(problems)
    }

    /// Whether a name that a document gives up leads to another one, or to the page of one that is retired.
    async fn means_something_else(&self, change: &Change, name: &Slug, then: &KnowledgeBase) -> Result<bool, Refusal> {
        if then.find_slug(change.kind, name.as_str()).is_some() {
            return Ok(true);
        }
        let was = change.from.as_ref().unwrap_or(&change.slug);
        let found = self.find_history(change.kind, name).await?;
        Ok(found.is_some_and(|found| found.document.slug != *was))
    }

    /// That a fix was tried is written down by an act of its own: no edit says it in anybody's name. What the history knows, and
    /// what a folder brought, may come back; and who changes a fix may take it out.
    pub(super) async fn unfounded(
        &self,
        proposal: &Proposal,
        changes: &[Change],
        today: Option<&Document>,
        (old, new): (&KnowledgeBase, &KnowledgeBase),
    ) -> Result<Option<Problem>, Refusal> {
        let Some(change) = changes.first().filter(|c| c.kind == Kind::Entry && c.act != Act::Retire) else { return Ok(None) };
        let verified = |kb: &KnowledgeBase, slug: &Slug| kb.entries.get(slug).and_then(|entry| entry.verified.clone());
        let Some(said) = verified(new, &change.slug) else { return Ok(None) };
        if matches!(proposal.act, Some(Act::Verify | Act::Import)) {
            return Ok(None);
        }
        if let Some(today) = today {
            let said = Some(said);
            if verified(old, &today.slug) == said {
                return Ok(None);
            }
            let revisions = self.store.list_revisions(today.kind, &today.slug).await?;
            if revisions.iter().any(|revision| verified_in(&revision.text) == said) {
                return Ok(None);
            }
        }
        let message = "nobody wrote down that the fix was tried as it stands here: leave `verified` as it was or take it out, and \
                       use “I tried this fix” on the page of the entry";
        Ok(Some(Problem::error(&change.path, line_of(&change.text, "verified"), message)))
    }
}

/// When a text says that the fix was tried.
fn verified_in(text: &str) -> Option<Verified> {
    let form = form::read(text).ok()?;
    let Some(FieldValue::Verified(VerifiedField { on, against, by })) = form.field("verified") else { return None };
    let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    Some(Verified { on: on.clone(), against: given(against), by: given(by) })
}

/// Links live for ever: a name that was given out goes on to mean something. An option may go, if somebody says why. Gives the
/// aliases and the options that a change leaves out.
fn lost_names(old: &str, change: &Change) -> (Vec<Slug>, Vec<String>) {
    let (Ok(before), Ok(after)) = (form::read(old), form::read(&change.text)) else { return Default::default() };
    let lost = list_aliases(old).into_iter().filter(|name| !change.aliases.contains(name) && *name != change.slug);
    let ids = |form: &Form| match form.field("options") {
        Some(FieldValue::Options(options)) => options.iter().flat_map(|o| o.aliases.iter().chain([&o.id])).cloned().collect(),
        _ => Vec::new(),
    };
    let options: Vec<String> = ids(&after);
    let gone = ids(&before).into_iter().filter(|id: &String| !options.contains(id));
    (lost.collect(), gone.collect())
}
