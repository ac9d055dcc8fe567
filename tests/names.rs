//! Names and the documents behind them: what several people and programs do to one name, and what a link with it finds then.
//! Start at [`World`]; the law stands at the end.

mod fixtures;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use fixpath::app::Told;
use fixpath::app::drafts::{Draft, DraftState, Saved};
use fixpath::app::folders::import_folder;
use fixpath::app::history::History;
use fixpath::app::people::Actor;
use fixpath::app::proposal::{Proposal, Refusal};
use fixpath::app::publish::{Done, Writing};
use fixpath::app::snapshot::Counts;
use fixpath::app::{App, links};
use fixpath::editing::names::list_aliases;
use fixpath::kb::{Kind, Slug};
use fixpath::store::Store;
use fixpath::store::misses::MissKind;
use fixtures::{Folder, a_base, entry, question};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::Config;
use tempfile::TempDir;

/// A site without its pages, on the lamp that stays dark. It looks for what others import only when it is told to.
struct World {
    data: TempDir,
    lamp: Folder,
    app: Arc<App>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Found {
    Shown(String),
    Retired(String),
    /// Not even a page that says why; perhaps there is a document all the same.
    Nothing(Option<Slug>),
}

fn shown(name: &str) -> Found {
    Found::Shown(name.to_owned())
}

fn retired(name: &str) -> Found {
    Found::Retired(name.to_owned())
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
        let id = self.app.begin_draft(proposal, "", &Actor::new("editor", "")).await.expect("it can be kept");
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

    /// What a link with this name finds: what a document is called that is shown, or one that is retired.
    async fn find(&self, kind: Kind, name: &str) -> Found {
        if let Some(shown) = self.app.snapshot().kb.find_slug(kind, name) {
            return Found::Shown(shown.to_string());
        }
        match self.app.find_history(kind, &slug(name)).await.expect("the store answers") {
            Some(history) if history.document.retired_at.is_some() => Found::Retired(history.document.slug.to_string()),
            other => Found::Nothing(other.map(|history| history.document.slug)),
        }
    }

    async fn restored(&self, kind: Kind, name: &str, revision: i64) -> Proposal {
        let history = self.history(kind, name).await;
        let revision = history.find(revision).unwrap_or_else(|| panic!("{name} has no revision {revision}"));
        self.app.restoring(&history, revision).await.expect("the store answers")
    }

    async fn retire(&self, kind: Kind, name: &str) -> Done {
        let retired = Proposal { retires: true, ..self.unchanged(kind, name).await };
        self.publish(&retired).await
    }

    /// The document as a new one with another name.
    async fn begun(&self, kind: Kind, like: &str, path: &str) -> Proposal {
        Proposal { slug: None, base: 0, path: path.to_owned(), ..self.unchanged(kind, like).await }
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
            DraftState::Waiting => world.app.send_draft(&seen, &Actor::new("editor", "")).await.expect("it can be written"),
            DraftState::Discarded => world.app.discard_draft(seen.id, &Actor::new("first", "")).await.expect("it can be written"),
            _ => {
                let saved = world.app.save_draft(seen.id, seen.version, &more, "", &Actor::new("first", "")).await;
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

const BROKEN: &str = "entries/bulb/bulb-broken.md";
const SLACK: &str = "entries/bulb/bulb-slack.md";

/// A name is given to one document, left, given to another one, and left again.
#[tokio::test]
async fn a_name_that_is_free_again_is_taken_and_left_like_any_other() {
    let world = World::lamp().await;
    let loose = world.lamp.text(LOOSE);
    world.publish(&world.renamed(Kind::Entry, "bulb-loose", SLACK).await).await;
    world.retire(Kind::Entry, "bulb-slack").await;
    let find = async |name| world.find(Kind::Entry, name).await;
    assert_eq!(find("bulb-loose").await, retired("bulb-slack"), "it was called so");
    let again = Proposal { text: loose.clone(), path: LOOSE.to_owned(), ..world.begun(Kind::Entry, "bulb-slack", LOOSE).await };
    world.publish(&again).await;
    assert_eq!((find("bulb-loose").await, find("bulb-slack").await), (shown("bulb-loose"), retired("bulb-slack")));

    // A folder that has the name means the document that has it.
    world.lamp.change(LOOSE, "until it is tight", "until it is imported");
    world.import().await;
    let drafts = world.app.list_drafts().await.expect("the store answers");
    let waits = drafts.iter().find(|draft| draft.text.contains("imported")).expect("both changed: it is a draft");
    assert_eq!((waits.slug.clone(), waits.path.as_str()), (Some(slug("bulb-loose")), LOOSE));

    world.publish(&world.renamed(Kind::Entry, "bulb-loose", "entries/bulb/bulb-wobbly.md").await).await;
    assert_eq!((find("bulb-loose").await, find("bulb-slack").await), (shown("bulb-wobbly"), retired("bulb-slack")));
    world.retire(Kind::Entry, "bulb-wobbly").await;
    // The one that had it before comes back without it.
    world.publish(&world.restored(Kind::Entry, "bulb-slack", 1).await).await;
    assert_eq!((find("bulb-loose").await, find("bulb-slack").await), (retired("bulb-wobbly"), shown("bulb-slack")));
}

#[tokio::test]
async fn an_import_leaves_a_renamed_document_where_it_is() {
    let world = World::lamp().await;
    world.publish(&world.renamed(Kind::Entry, "bulb-loose", SLACK).await).await;
    world.publish(&world.edited(Kind::Entry, "bulb-slack", "until it is tight", "twice").await).await;
    world.lamp.change(LOOSE, "until it is tight", "until it is imported");
    world.import().await;
    let drafts = world.app.list_drafts().await.expect("the store answers");
    assert_eq!(drafts.iter().map(|d| (d.slug.clone(), d.path.as_str())).collect::<Vec<_>>(), [(Some(slug("bulb-slack")), SLACK)]);
}

/// What readers said and did, under every name that has a part in it.
#[tokio::test]
async fn what_is_known_of_a_document_goes_along_with_its_name() {
    let world = World::lamp().await;
    let diagnose = |parameters: &str| {
        let snapshot = world.app.snapshot();
        let parameters = links::split(parameters).expect("it is sound");
        world.app.diagnose(&snapshot, links::read(&snapshot.kb, &parameters).expect("it is short"))
    };
    let answers = "symptom=no-light&bulb=loose&skip=other-lamps&tried=power-cut";
    for worked in [true, false] {
        let told = Told { entry: &slug("bulb-loose"), symptoms: "no-light", answers, worked };
        world.app.record(&told, None).await.expect("it can be written");
    }
    assert_eq!(diagnose(answers).verdict, Some(slug("bulb-loose")));
    world.app.write_misses(true).await;
    let store = Store::open(world.data.path()).await.expect("it opens beside the site");
    store.add_miss(MissKind::NoKnownCause, &format!("/diagnose?{answers}"), 1, 7).await.expect("it can be written");
    diagnose("symptom=no-light&bulb=loose&other-lamps=others-light");
    let renames = [
        (Kind::Entry, "bulb-loose", SLACK),
        (Kind::Entry, "power-cut", "entries/power/no-power.md"),
        (Kind::Question, "bulb", "questions/light-bulb.md"),
        (Kind::Question, "other-lamps", "questions/lamps-nearby.md"),
        (Kind::Symptom, "no-light", "symptoms/it-is-dark.md"),
    ];
    for (kind, name, path) in renames {
        world.publish(&world.renamed(kind, name, path).await).await;
        let counts = world.app.snapshot().outcomes.counts(&slug("bulb-slack"));
        assert_eq!(counts, Counts { worked: 1, failed: 1 }, "{path}");
    }
    // A landing that waited meanwhile is written down for the entry that it led to.
    world.app.write_misses(true).await;
    let landings = store.list_landings(9).await.expect("it answers");
    assert_eq!(landings.iter().map(|l| (l.entry.as_str(), l.count)).collect::<Vec<_>>(), [("bulb-slack", 2), ("bulb-slack", 1)]);
    let link = "/diagnose?symptom=it-is-dark&light-bulb=loose&skip=lamps-nearby&tried=no-power";
    assert_eq!(landings[0].text, link, "a diagnosis that helped is the same one still");
    let missed: Vec<String> = store.list_misses(9).await.expect("it answers").into_iter().map(|miss| miss.text).collect();
    assert_eq!(missed, [link]);
    let tallies = store.list_tallies().await.expect("it answers");
    assert_eq!(
        tallies.iter().map(|t| (t.entry.as_str(), t.symptom.as_str())).collect::<Vec<_>>(),
        [("bulb-slack", "it-is-dark")]
    );
}

/// A revision of long ago knows nothing of the names that were given since.
#[tokio::test]
async fn an_old_revision_comes_back_under_the_names_of_today() {
    let world = World::lamp().await;
    world.publish(&world.edited(Kind::Entry, "bulb-loose", "until it is tight", "twice").await).await;
    world.publish(&world.renamed(Kind::Entry, "bulb-loose", SLACK).await).await;
    world.publish(&world.renamed(Kind::Question, "bulb", "questions/light-bulb.md").await).await;
    let option = |text: String| text.replace("id: loose", "id: wobbly\n    aliases: [loose]");
    let today = world.unchanged(Kind::Question, "light-bulb").await;
    world.publish(&Proposal { text: option(today.text.clone()), ..today }).await;
    world.publish(&world.restored(Kind::Entry, "bulb-slack", 1).await).await;
    let back = world.text(Kind::Entry, "bulb-slack").await;
    assert!(back.contains("until it is tight") && back.contains("aliases: [bulb-loose]"), "{back}");
    assert!(back.contains("light-bulb: wobbly"), "{back}");

    world.publish(&world.restored(Kind::Question, "light-bulb", 1).await).await;
    let back = world.text(Kind::Question, "light-bulb").await;
    assert!(back.contains("id: loose") && back.contains("aliases: [wobbly]") && back.contains("aliases: [bulb]"), "{back}");
    assert!(world.text(Kind::Entry, "bulb-slack").await.contains("light-bulb: loose"), "who names the option follows");
    assert_eq!(world.find(Kind::Question, "bulb").await, shown("light-bulb"));
}

#[tokio::test]
async fn an_alias_stays_as_long_as_nothing_else_has_it() {
    let world = World::lamp().await;
    let without = world.edited(Kind::Entry, "power-cut", "aliases: [blackout]\n", "").await;
    let Err(Refusal::Blocked(considered)) = world.publish_draft(&world.draft(&without).await).await else {
        panic!("links use it");
    };
    let said: Vec<&str> = considered.impact.problems_new.iter().map(|p| p.message.as_str()).collect();
    assert_eq!(said, ["links use the name `blackout`: keep it under `aliases`"]);
}

#[tokio::test]
async fn a_refused_place_is_named_in_plain_english() {
    let world = World::lamp().await;
    for (kind, like, path, said) in [
        (
            Kind::Entry,
            "bulb-loose",
            BROKEN,
            "there is an entry called `bulb-broken` already; change that one, or take another name",
        ),
        (
            Kind::Question,
            "bulb",
            "questions/plug.md",
            "there is a question called `plug` already; change that one, or take another name",
        ),
        (Kind::Entry, "bulb-loose", "questions/x.md", "`questions/x.md` is no place of an entry: it stands below `entries/`"),
        (Kind::Symptom, "no-light", "questions/x.md", "`questions/x.md` is no place of a symptom: it stands below `symptoms/`"),
    ] {
        let refused = world.app.consider(&world.begun(kind, like, path).await).await;
        assert!(matches!(&refused, Err(Refusal::BadPlace(why)) if why == said), "{refused:?}");
    }
}

const NAMES: [&str; 4] = ["ant", "bee", "cat", "doe"];

/// What somebody tries to do. Documents, revisions and drafts are picked among those that there are.
#[derive(Clone, Debug)]
enum Deed {
    New(usize),
    Rename(Index, usize),
    Edit(Index),
    Retire(Index),
    Restore(Index, Index),
    /// A draft is begun, and waits.
    Begin(Index),
    /// A draft that waited is published.
    Finish(Index),
    Import(usize),
}

fn cases(count: u32) -> Config {
    // More can be asked for from outside.
    let wanted = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok());
    Config { cases: wanted.unwrap_or(count), failure_persistence: None, ..Config::default() }
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let name = || 0..NAMES.len();
    let any = any::<Index>;
    let deed = prop_oneof![
        2 => name().prop_map(Deed::New),
        4 => (any(), name()).prop_map(|(document, name)| Deed::Rename(document, name)),
        1 => any().prop_map(Deed::Edit),
        3 => any().prop_map(Deed::Retire),
        4 => (any(), any()).prop_map(|(document, revision)| Deed::Restore(document, revision)),
        1 => any().prop_map(Deed::Begin),
        1 => any().prop_map(Deed::Finish),
        2 => name().prop_map(Deed::Import),
    ];
    prop::collection::vec(deed, 8..=16)
}

/// A document by what never changes: the number in its title.
#[derive(Clone, Debug)]
struct Known {
    name: String,
    is_shown: bool,
}

/// Everything that was done, and what each name meant last.
struct Law {
    world: World,
    store: Store,
    documents: BTreeMap<usize, Known>,
    meant: BTreeMap<String, usize>,
    drafts: Vec<Draft>,
    begun: usize,
    done: BTreeMap<&'static str, usize>,
}

fn a_text(number: usize) -> String {
    let (_, text): (String, String) = entry("name").when("way", &[&format!("w{number}")]).into();
    text.replace("title: It is name", &format!("title: Number {number}"))
}

fn a_path(name: usize) -> String {
    format!("entries/{}.md", NAMES[name])
}

impl Law {
    async fn new() -> Law {
        let way = (0..20).fold(question("way").healthy("fine"), |way, number| way.option(&format!("w{number}")));
        let world = World::on(a_base().with(way).folder()).await;
        let store = Store::open(world.data.path()).await.expect("it opens beside the site");
        let (documents, meant, drafts, done) = Default::default();
        Law { world, store, documents, meant, drafts, begun: 0, done }
    }

    fn pick(&self, which: &Index) -> Option<String> {
        let names: Vec<&String> = self.documents.values().map(|known| &known.name).collect();
        (!names.is_empty()).then(|| names[which.index(names.len())].clone())
    }

    async fn proposal(&mut self, deed: &Deed) -> Option<Proposal> {
        let proposal = match deed {
            Deed::New(name) => {
                self.begun += 1;
                let (path, text) = (a_path(*name), a_text(self.begun));
                Proposal { kind: Kind::Entry, slug: None, base: 0, path, text, retires: false, act: None }
            }
            Deed::Rename(which, name) => self.world.renamed(Kind::Entry, &self.pick(which)?, &a_path(*name)).await,
            Deed::Edit(which) | Deed::Begin(which) => {
                let today = self.world.unchanged(Kind::Entry, &self.pick(which)?).await;
                Proposal { text: format!("{}\nAnd more.\n", today.text), ..today }
            }
            Deed::Retire(which) => Proposal { retires: true, ..self.world.unchanged(Kind::Entry, &self.pick(which)?).await },
            Deed::Restore(which, revision) => {
                let name = self.pick(which)?;
                let revisions = self.world.history(Kind::Entry, &name).await.revisions.len();
                self.world.restored(Kind::Entry, &name, 1 + revision.index(revisions) as i64).await
            }
            Deed::Finish(_) | Deed::Import(_) => return None,
        };
        Some(proposal)
    }

    async fn act(&mut self, deed: &Deed) {
        match deed {
            Deed::Import(name) => {
                self.begun += 1;
                self.world.lamp.put(&a_path(*name), a_text(self.begun));
                self.world.import().await;
                self.world.app.look_for_changes().await;
            }
            Deed::Begin(_) => {
                let Some(proposal) = self.proposal(deed).await else { return };
                self.drafts.push(self.world.draft(&proposal).await);
            }
            Deed::Finish(which) if !self.drafts.is_empty() => {
                let draft = self.drafts.swap_remove(which.index(self.drafts.len()));
                let draft = self.world.find_draft(draft.id).await;
                self.publish(deed, &draft).await;
            }
            _ => {
                let Some(proposal) = self.proposal(deed).await else { return };
                let draft = self.world.draft(&proposal).await;
                self.publish(deed, &draft).await;
            }
        }
    }

    /// What is refused is refused for a reason, and never by a failure.
    async fn publish(&mut self, deed: &Deed, draft: &Draft) {
        let what = match deed {
            Deed::New(_) => "new",
            Deed::Rename(..) => "renamed",
            Deed::Retire(_) => "retired",
            Deed::Restore(..) => "restored",
            _ => "edited",
        };
        match self.world.publish_draft(draft).await {
            Ok(_) => *self.done.entry(what).or_default() += 1,
            Err(Refusal::App(cause)) => panic!("{deed:?}: {cause}"),
            Err(_) => {}
        }
    }

    /// Looks at every name that was ever given out.
    async fn check(&mut self, deed: &Deed) {
        self.documents.clear();
        let mut shown_names = BTreeMap::new();
        for name in NAMES {
            let found = self.store.find_document(Kind::Entry, &slug(name)).await;
            let Some(document) = found.expect("it answers") else { continue };
            let number = number_of(&document.text);
            let is_shown = document.retired_at.is_none();
            let known = Known { name: name.to_owned(), is_shown };
            assert!(self.documents.insert(number, known).is_none(), "{deed:?}: number {number} is there twice");
            let aliases = list_aliases(&document.text).into_iter().map(|alias| alias.to_string());
            for name in aliases.chain([name.to_owned()]).filter(|_| is_shown) {
                let other = shown_names.insert(name.clone(), number);
                assert_eq!(other, None, "{deed:?}: two have the name {name}");
            }
        }
        self.meant.extend(shown_names.clone());
        for (name, last) in &self.meant {
            // A page that is shown goes before one that is retired, and a document's own name before a former one.
            let own = self.documents.iter().find(|(_, known)| known.name == *name).map(|(number, _)| number);
            let number = shown_names.get(name).or(own).unwrap_or(last);
            let known = &self.documents[number];
            let expected = if known.is_shown { shown(&known.name) } else { retired(&known.name) };
            assert_eq!(self.world.find(Kind::Entry, name).await, expected, "{deed:?}: {name} of {:?}", self.documents);
        }
    }
}

fn number_of(text: &str) -> usize {
    let number = text.split_once("Number ").and_then(|(_, rest)| rest.lines().next()).and_then(|number| number.parse().ok());
    number.unwrap_or_else(|| panic!("no number in {text}"))
}

/// Some of each, or the law says nothing.
static DONE: Mutex<BTreeMap<&'static str, usize>> = Mutex::new(BTreeMap::new());

proptest! {
    #![proptest_config(cases(24))]

    fn names_mean_what_they_meant(deeds in deeds()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
        let done = runtime.block_on(async {
            let mut law = Law::new().await;
            for deed in &deeds {
                law.act(deed).await;
                law.check(deed).await;
            }
            law.done
        });
        let mut all = DONE.lock().expect("nobody panics with it");
        done.into_iter().for_each(|(what, times)| *all.entry(what).or_default() += times);
    }
}

#[test]
fn every_name_goes_on_to_mean_what_it_meant_last() {
    names_mean_what_they_meant();
    let done = DONE.lock().expect("nobody panics with it");
    assert!(done.len() == 5 && done.values().all(|times| *times > 5), "the deeds are refused too often: {done:?}");
}
