//! Names and the documents behind them: what several people and programs do to one name at about the same time. Start at
//! [`World`].

mod fixtures;

use std::sync::Arc;

use fixpath::app::App;
use fixpath::app::drafts::{Draft, DraftState, Saved};
use fixpath::app::folders::import_folder;
use fixpath::app::history::History;
use fixpath::app::people::Actor;
use fixpath::app::proposal::{Proposal, Refusal};
use fixpath::app::publish::{Done, Writing};
use fixpath::kb::{Kind, Slug};
use fixtures::Folder;
use tempfile::TempDir;

/// A site without its pages, on the lamp that stays dark. It looks for what others import only when it is told to.
struct World {
    data: TempDir,
    lamp: Folder,
    app: Arc<App>,
}

fn slug(name: &str) -> Slug {
    Slug::parse(name).unwrap_or_else(|| panic!("{name} is no slug"))
}

impl World {
    async fn lamp() -> World {
        World::on(Folder::lamp()).await
    }

    async fn on(lamp: Folder) -> World {
        let data = tempfile::tempdir().expect("a temporary folder can be made");
        let app = App::open(data.path(), Some(lamp.path()), Writing::default(), &|_, _, _| ()).await;
        World { data, lamp, app: Arc::new(app.expect("the lamp is sound")) }
    }

    async fn history(&self, kind: Kind, name: &str) -> History {
        let found = self.app.history(kind, &slug(name)).await.expect("the store answers");
        found.unwrap_or_else(|| panic!("there is no {} {name}", kind.word()))
    }

    /// Everything that a document is today.
    async fn unchanged(&self, kind: Kind, name: &str) -> Proposal {
        let today = self.history(kind, name).await.document;
        let (path, text) = (today.path, today.text);
        Proposal { kind, slug: Some(today.slug), base: today.revision, path, text, retires: false, act: None }
    }

    async fn edited(&self, kind: Kind, name: &str, from: &str, to: &str) -> Proposal {
        let today = self.unchanged(kind, name).await;
        assert!(today.text.contains(from), "{name} has no {from:?}");
        Proposal { text: today.text.replacen(from, to, 1), ..today }
    }

    async fn renamed(&self, kind: Kind, name: &str, path: &str) -> Proposal {
        Proposal { path: path.to_owned(), ..self.unchanged(kind, name).await }
    }

    async fn draft(&self, proposal: &Proposal) -> Draft {
        let id = self.app.begin_draft(proposal, "", "editor").await.expect("it can be kept");
        self.find_draft(id).await
    }

    async fn find_draft(&self, id: i64) -> Draft {
        self.app.find_draft(id).await.expect("the store answers").expect("no draft is ever deleted")
    }

    async fn publish_draft(&self, draft: &Draft) -> Result<Done, Refusal> {
        self.app.publish_draft(draft, &Actor::new("editor", ""), "a test", "a test").await
    }

    async fn publish(&self, proposal: &Proposal) -> Done {
        let draft = self.draft(proposal).await;
        self.publish_draft(&draft).await.unwrap_or_else(|refusal| panic!("{proposal:?}: {refusal:?}"))
    }

    /// What another program does: the site does not know of it yet.
    async fn import(&self) {
        import_folder(self.data.path(), self.lamp.path(), &|_, _, _| ()).await.expect("the lamp is sound");
    }

    async fn text(&self, kind: Kind, name: &str) -> String {
        self.history(kind, name).await.document.text
    }

    /// What readers see of a document.
    fn shown(&self, kind: Kind, name: &str) -> String {
        let snapshot = self.app.snapshot();
        let found = snapshot.kb.find_document(kind, name);
        found.unwrap_or_else(|| panic!("the {} {name} is not shown", kind.word())).1.to_string()
    }
}

const LOOSE: &str = "entries/bulb/bulb-loose.md";
const CUT: &str = "entries/power/power-cut.md";

#[tokio::test]
async fn what_was_imported_a_moment_ago_is_in_what_is_published() {
    let world = World::lamp().await;
    // A rename of what an imported text names changes that text as well.
    let rename = world.renamed(Kind::Question, "bulb", "questions/light-bulb.md").await;
    let rename = world.draft(&rename).await;
    world.lamp.change(LOOSE, "until it is tight", "until it is imported");
    world.lamp.change(CUT, "There is no power.", "There is no imported power.");
    world.import().await;
    world.publish_draft(&rename).await.expect("nothing speaks against it");
    let loose = world.text(Kind::Entry, "bulb-loose").await;
    assert!(loose.contains("imported") && loose.contains("light-bulb: loose"), "{loose}");
    assert_eq!(world.shown(Kind::Entry, "bulb-loose"), loose);
    assert!(world.shown(Kind::Entry, "power-cut").contains("imported"), "and the rest of the import is shown with it");
}

#[tokio::test]
async fn what_was_imported_is_shown_also_when_nothing_was_published() {
    let world = World::lamp().await;
    let retire = Proposal { retires: true, ..world.unchanged(Kind::Question, "bulb").await };
    let retire = world.draft(&retire).await;
    world.lamp.change(CUT, "There is no power.", "There is no imported power.");
    world.import().await;
    let refused = world.publish_draft(&retire).await;
    assert!(matches!(refused, Err(Refusal::Blocked(_))), "entries name the question: {refused:?}");
    world.app.look_for_changes().await;
    assert!(world.shown(Kind::Entry, "power-cut").contains("imported"));
}

#[tokio::test]
async fn a_draft_that_moved_on_while_it_was_published_is_not_lost() {
    let world = World::lamp().await;
    let proposal = world.edited(Kind::Entry, "bulb-loose", "until it is tight", "once").await;
    for (what, state) in [("saved", DraftState::Open), ("sent on", DraftState::Waiting), ("discarded", DraftState::Discarded)] {
        let seen = world.draft(&proposal).await;
        let more = Proposal { text: proposal.text.replace("once", "twice"), ..proposal.clone() };
        let moved = match state {
            DraftState::Waiting => world.app.send_draft(seen.id).await.expect("it can be written"),
            DraftState::Discarded => world.app.discard_draft(seen.id, &Actor::new("first", "")).await.expect("it can be written"),
            _ => {
                let saved = world.app.save_draft(seen.id, seen.version, &more, "", "first").await;
                matches!(saved, Ok(Saved::Done))
            }
        };
        assert!(moved, "{what}");
        let now = world.find_draft(seen.id).await;
        let refused = world.publish_draft(&seen).await;
        assert!(matches!(refused, Err(Refusal::DraftMoved)), "{what}: {refused:?}");
        assert_eq!(world.find_draft(seen.id).await, now, "{what}");
        assert_eq!(now.state, state, "{what}");
        assert_eq!(world.history(Kind::Entry, "bulb-loose").await.revisions.len(), 1, "{what}");
    }
}

#[tokio::test]
async fn a_draft_goes_along_when_others_rename_its_document() {
    let world = World::lamp().await;
    let edit = world.edited(Kind::Entry, "bulb-broken", "Take a new bulb.", "Take a better bulb.").await;
    let edit = world.draft(&edit).await;
    let rename = world.renamed(Kind::Entry, "bulb-broken", "entries/power/bulb-burnt.md").await;
    world.publish(&rename).await;
    let done = world.publish_draft(&world.find_draft(edit.id).await).await.expect("nothing speaks against it");
    assert_eq!(done.slug, slug("bulb-burnt"));
    let today = world.history(Kind::Entry, "bulb-burnt").await.document;
    assert_eq!(today.path, "entries/power/bulb-burnt.md");
    assert!(today.text.contains("a better bulb") && today.text.contains("aliases: [bulb-broken]"), "{}", today.text);
    assert_eq!(world.app.snapshot().kb.find_slug(Kind::Entry, "bulb-broken"), Some(slug("bulb-burnt")));
}

#[tokio::test]
async fn a_draft_that_renames_does_so_whatever_others_wrote() {
    let world = World::lamp().await;
    let rename = world.renamed(Kind::Entry, "bulb-broken", "entries/bulb/bulb-burnt.md").await;
    let rename = world.draft(&rename).await;
    let edit = world.edited(Kind::Entry, "bulb-broken", "Take a new bulb.", "Take a better bulb.").await;
    world.publish(&edit).await;
    assert_eq!(world.publish_draft(&rename).await.expect("nothing speaks against it").slug, slug("bulb-burnt"));
    assert!(world.text(Kind::Entry, "bulb-burnt").await.contains("a better bulb"));
}
