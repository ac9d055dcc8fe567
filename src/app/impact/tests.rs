//! Each kind of change, made to the lamp that stays dark, and what is told of it; and laws over the shipped pack.

use std::path::Path;

use super::*;
use crate::app::check::check;
use crate::content::{Change, File, Pack};
use crate::search::Index;
use crate::store::landings::{Landing, LandingKind};

const BROKEN: &str = "entries/bulb/bulb-broken.md";
const LOOSE: &str = "entries/bulb/bulb-loose.md";
const CUT: &str = "entries/power/power-cut.md";
const BULB: &str = "questions/bulb.md";
const SYMPTOM: &str = "symptoms/no-light.md";

/// A knowledge base with somebody who edits it.
struct Desk {
    pack: Pack,
    corpus: Corpus,
    today: Snapshot,
    prover: Prover,
    indexer: Indexer,
    past: Past,
}

impl Desk {
    fn new(pack: Pack) -> Desk {
        let corpus = Corpus::new(&pack);
        let index = Index::in_memory(corpus.kb()).expect("memory suffices");
        let today = Snapshot::new(Arc::clone(corpus.kb()), Arc::new(index), Outcomes::default(), 1);
        Desk { pack, corpus, today, prover: Prover::default(), indexer: Indexer::default(), past: Past::default() }
    }

    fn lamp() -> Desk {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/lamp");
        Desk::new(Pack::load(&folder).expect("the folder is there"))
    }

    /// A lamp that was not in order before the edit.
    fn lamp_with(edits: &[(&str, &str, &str)]) -> Desk {
        let mut pack = Desk::lamp().pack;
        for (path, from, to) in edits {
            let text = Desk::new(pack.clone()).text(path).replacen(from, to, 1);
            pack.files.retain(|f| f.path != *path);
            pack.files.push(File { path: (*path).to_owned(), bytes: text.into_bytes() });
        }
        Desk::new(pack)
    }

    fn remembering(mut self, kind: LandingKind, text: &str, entry: &str, count: i64) -> Desk {
        self.past = Past::new(&[Landing { kind, text: text.to_owned(), entry: entry.to_owned(), count }]);
        self
    }

    fn text(&self, path: &str) -> String {
        let file = self.pack.files.iter().find(|f| f.path == path).unwrap_or_else(|| panic!("there is no {path}"));
        String::from_utf8(file.bytes.clone()).expect("it is text")
    }

    fn edited(&self, path: &str, from: &str, to: &str) -> Change {
        let text = self.text(path);
        assert!(text.contains(from), "{path} has no {from:?}");
        self.written(path, &text.replacen(from, to, 1))
    }

    fn written(&self, path: &str, text: &str) -> Change {
        Change::Write(File { path: path.to_owned(), bytes: text.as_bytes().to_vec() })
    }

    fn would(&self, changes: &[Change]) -> Impact {
        let after = self.corpus.with_changes(changes);
        impact(&self.today, &self.corpus, &after, (&self.prover, &self.indexer), &self.past).expect("memory suffices")
    }
}

fn entry(slug: &str, title: &str) -> End {
    End::Document { kind: Kind::Entry, slug: Slug::parse(slug).expect("it is one"), title: title.to_owned() }
}

fn messages(problems: &[Problem]) -> String {
    problems.iter().map(|p| format!("{p}\n")).collect()
}

#[test]
fn without_a_condition_a_path_ends_elsewhere() {
    let desk = Desk::lamp();
    let impact = desk.would(&[desk.edited(LOOSE, "when:\n  bulb: loose\n", "")]);
    let [symptom] = &impact.symptoms[..] else { panic!("one symptom: {impact:?}") };
    assert_eq!((symptom.symptom.as_str(), symptom.causes), ("no-light", Figure { before: Some(4), after: Some(4) }));
    let loose = entry("bulb-loose", "The bulb is loose");
    let lost = symptom.paths.shown.iter().find(|c| c.before == loose).expect("a path ended there");
    assert!(lost.what.contains("How is the bulb? It can be turned"), "{lost:?}");
    assert!(lost.url.starts_with("/diagnose?symptom=no-light&") && lost.url.contains("bulb=loose"), "{lost:?}");
    assert_ne!(lost.after, loose);
    assert!(!impact.blocks() && impact.warnings().count() > 0, "nothing explains a loose bulb any more: {impact:?}");
    assert!(messages(&impact.problems_new).contains("nothing explains the option `loose`"), "{impact:?}");
}

#[test]
fn a_new_entry_is_the_end_of_new_paths() {
    let desk = Desk::lamp();
    let bulb = desk.edited(BULB, "  - id: loose", "  - id: missing\n    label: There is none\n  - id: loose");
    let text = desk.text(BROKEN).replace("bulb: broken", "bulb: missing").replace("The bulb is broken", "The bulb is missing");
    let impact = desk.would(&[bulb, desk.written("entries/bulb/bulb-missing.md", &text)]);
    assert_eq!(messages(&impact.problems_new), "");
    let symptom = &impact.symptoms[0];
    assert_eq!(symptom.causes, Figure { before: Some(4), after: Some(5) });
    assert_ne!(symptom.expected_questions.before, symptom.expected_questions.after);
    let missing = entry("bulb-missing", "The bulb is missing");
    assert!(symptom.paths.shown.iter().any(|c| c.after == missing), "{symptom:?}");
}

#[test]
fn an_entry_that_nothing_separates_from_another_blocks() {
    let desk = Desk::lamp();
    let impact = desk.would(&[desk.written("entries/bulb/bulb-old.md", &desk.text(BROKEN))]);
    assert!(impact.blocks());
    assert!(messages(&impact.problems_new).contains("overlap: nothing separates `bulb-broken`, `bulb-old`"), "{impact:?}");
}

#[test]
fn a_lost_name_breaks_its_links() {
    let desk = Desk::lamp().remembering(LandingKind::Search, "dark", "blackout", 3);
    let impact = desk.would(&[desk.edited(CUT, "aliases: [blackout]\n", "")]);
    let [link] = &impact.links.shown[..] else { panic!("one link: {impact:?}") };
    assert_eq!((link.url.as_str(), &link.after, link.times), ("/fix/blackout", &End::Nowhere, 3));
    assert_eq!(link.before, entry("power-cut", "The power is cut"));
    assert!(impact.symptoms.is_empty() && !impact.blocks(), "{impact:?}");
}

#[test]
fn a_renamed_option_is_lost_unless_it_keeps_its_old_name() {
    let url = "/diagnose?symptom=no-light&bulb=loose&lamp-kind=ceiling";
    let desk = Desk::lamp().remembering(LandingKind::Diagnosis, url, "bulb-loose", 7);
    let rename = |keeps: &str| {
        let bulb = desk.edited(BULB, "- id: loose", &format!("- id: turning\n    {keeps}"));
        desk.would(&[bulb, desk.edited(LOOSE, "bulb: loose", "bulb: turning")])
    };
    let lost = rename("healthy: false");
    assert_eq!(lost.links.shown.iter().map(|l| l.url.as_str()).collect::<Vec<_>>(), ["/diagnose?bulb=loose"]);
    let [diagnosis] = &lost.diagnoses.shown[..] else { panic!("one diagnosis: {lost:?}") };
    assert_eq!((diagnosis.url.as_str(), diagnosis.times), (url, 7));
    assert_eq!(diagnosis.before, entry("bulb-loose", "The bulb is loose"));
    assert_ne!(diagnosis.after, diagnosis.before);
    assert!(diagnosis.ignored[0].starts_with("bulb=loose: no such option"), "{diagnosis:?}");

    let kept = rename("aliases: [loose]");
    assert!(kept.links.is_empty() && kept.diagnoses.is_empty() && !kept.blocks(), "{kept:?}");
    assert!(kept.symptoms.iter().all(|s| s.paths.is_empty()), "{kept:?}");
}

#[test]
fn a_transcript_that_is_read_otherwise_lands_elsewhere() {
    let transcript = "```text lands\nThe lamp does not come on, and it rattles\n```\n\n## Cause";
    let signs = "- id: loose\n    detect: \"text.contains('rattles')\"";
    let desk = Desk::lamp_with(&[(LOOSE, "## Cause", transcript), (BULB, "- id: loose", signs)]);
    assert_eq!(messages(&desk.corpus.problems()), "");
    let edit = desk.edited(BULB, "'rattles'", "'hums'");
    let impact = desk.would(std::slice::from_ref(&edit));
    let [change] = &impact.transcripts[..] else { panic!("one transcript: {impact:?}") };
    assert_eq!((change.entry.as_str(), change.path.as_str(), change.lands), ("bulb-loose", LOOSE, false));
    let line = desk.text(LOOSE).lines().position(|l| l.contains("lands")).expect("it is there") + 1;
    assert_eq!((change.line, change.before.as_ref()), (line, Some(&change.wanted)));
    assert!(impact.blocks() && messages(&impact.problems_new).contains("the transcript lands"), "{impact:?}");

    // The way back makes it whole.
    let broken = Desk::lamp_with(&[(LOOSE, "## Cause", transcript), (BULB, "- id: loose", &signs.replace("rattles", "hums"))]);
    let impact = broken.would(&[broken.edited(BULB, "'hums'", "'rattles'")]);
    assert!(impact.transcripts[0].lands && !impact.blocks(), "{impact:?}");
    assert!(messages(&impact.problems_gone).contains("the transcript lands"), "{impact:?}");
}

#[test]
fn a_search_that_finds_another_entry_first_is_told() {
    let desk = Desk::lamp().remembering(LandingKind::Search, "power is cut", "power-cut", 2);
    let impact = desk.would(&[Change::Remove(CUT.to_owned())]);
    let [search] = &impact.searches.shown[..] else { panic!("one search: {impact:?}") };
    assert_eq!((search.what.as_str(), search.url.as_str(), search.times), ("power is cut", "/search?q=power%20is%20cut", 2));
    assert_eq!(search.before, entry("power-cut", "The power is cut"));
    assert_ne!(search.after, search.before);
}

/// Ways in which a lamp is not in order, and an edit that is not to blame.
#[test]
fn a_problem_that_was_there_before_does_not_block() {
    for (what, broken) in [
        ("a link to nowhere", (CUT, "/fix/bulb-broken", "/fix/nothing")),
        ("gaps on many paths", (BULB, "  - id: loose", "  - id: missing\n    label: There is none\n  - id: loose")),
    ] {
        let desk = Desk::lamp_with(&[broken]);
        for edit in [
            desk.edited(BROKEN, "The bulb is broken", "The bulb is burnt"),
            desk.edited(BROKEN, "likelihood: common", "likelihood: occasional"),
            desk.edited(broken.0, "title: ", "title: Now "),
        ] {
            let impact = desk.would(&[edit]);
            assert!(!impact.blocks(), "{what}: {}", messages(&impact.problems_new));
        }
    }
}

#[test]
fn a_problem_that_only_moves_is_not_new() {
    let desk = Desk::lamp_with(&[(CUT, "/fix/bulb-broken", "/fix/nothing")]);
    assert!(desk.corpus.has_errors());
    let moved = desk.would(&[desk.edited(CUT, "## Cause", "More of it.\n\n## Cause")]);
    assert!(moved.is_empty(), "{moved:?}");
    let text = desk.text(CUT);
    let renamed = [Change::Remove(CUT.to_owned()), desk.written("entries/house/power-cut.md", &text)];
    let folder = desk.would(&renamed);
    assert!(folder.problems_new.is_empty() && folder.problems_gone.is_empty(), "{folder:?}");
    let twice = desk.would(&[desk.edited(CUT, "## Cause", "See [it](/fix/nothing).\n\n## Cause")]);
    assert_eq!(twice.problems_new.len(), 1, "a second one is new: {twice:?}");
}

#[test]
fn what_cannot_be_read_blocks_and_says_so() {
    let desk = Desk::lamp();
    let impact = desk.would(&[desk.edited(BROKEN, "likelihood", "likelyhood")]);
    assert!(impact.blocks() && impact.is_cut());
    assert_eq!(impact.problems_new.len(), 1, "not the gaps that come of it: {}", messages(&impact.problems_new));
    assert!(impact.problems_new[0].message.contains("did you mean `likelihood`?"));
}

#[test]
fn a_warning_does_not_block() {
    let desk = Desk::lamp();
    let gap = "known-gaps:\n  - answers: {bulb: whole, lamp-kind: ceiling}\n    reason: Nobody knows.\nmessages:";
    let impact = desk.would(&[desk.edited(SYMPTOM, "messages:", gap)]);
    assert!(!impact.blocks(), "{}", messages(&impact.problems_new));
    assert_eq!(impact.warnings().count(), 1, "{impact:?}");
}

#[test]
fn a_question_that_no_path_asks_any_more_is_told() {
    let desk = Desk::lamp();
    let impact = desk.would(&[Change::Remove(CUT.to_owned())]);
    assert!(messages(&impact.problems_new).contains("the question `other-lamps` never helps"), "{impact:?}");
}

#[test]
fn saving_any_shipped_document_unchanged_changes_nothing() {
    let desk = Desk::new(Pack::shipped());
    for file in &desk.pack.files {
        let impact = desk.would(&[Change::Write(file.clone())]);
        assert!(impact.is_empty() && !impact.is_cut(), "{}: {impact:?}", file.path);
    }
}

/// The oracle: the lamp is in order, so what is wrong after an edit is what the edit brought.
/// A problem wherever it stands in weight: what another document mends is an error for `check` and a warning for an editor.
fn said(problem: &Problem) -> String {
    format!("{}:{}: {}", problem.path, problem.line, problem.message)
}

#[test]
fn an_edit_is_told_what_a_whole_check_would_find() {
    let desk = Desk::lamp();
    let mut edits: Vec<Change> = desk.pack.files.iter().map(|f| Change::Remove(f.path.clone())).collect();
    for file in &desk.pack.files {
        let text = desk.text(&file.path);
        for at in 0..text.lines().count() {
            let without: String =
                text.split_inclusive('\n').enumerate().filter(|(n, _)| *n != at).map(|(_, line)| line).collect();
            edits.push(desk.written(&file.path, &without));
        }
    }
    let mut wrong = 0;
    for edit in &edits {
        let mut pack = desk.pack.clone();
        pack.files.retain(|f| f.path != edit.path());
        if let Change::Write(file) = edit {
            pack.files.push(file.clone());
        }
        let whole: BTreeSet<String> = check(&pack, None, &|_, _, _| ()).problems.iter().map(said).collect();
        let told: BTreeSet<String> = desk.would(std::slice::from_ref(edit)).problems_new.iter().map(said).collect();
        // The whole check lists only the first examples of gaps and overlaps.
        let listed = |problem: &&String| !problem.contains("gap: no entry") && !problem.contains("overlap: nothing");
        assert!(whole.is_subset(&told), "{edit:?}: {whole:#?} {told:#?}");
        assert!(told.iter().filter(listed).all(|p| whole.contains(p)), "{edit:?}: {whole:#?} {told:#?}");
        wrong += usize::from(!whole.is_empty());
    }
    assert!(wrong > edits.len() / 3, "edits that break nothing show nothing: {wrong} of {}", edits.len());
}

/// The same where entries have several symptoms and questions serve many: a look at what is touched finds what a look at
/// everything finds.
#[test]
fn what_an_edit_does_not_touch_needs_no_second_look() {
    let desk = Desk::new(Pack::shipped());
    let first_condition = |text: &str| {
        let start = text.find("\nwhen:\n")? + "\nwhen:\n".len();
        let line = text[start..].split_inclusive('\n').next()?;
        Some(format!("{}{}", &text[..start], &text[start + line.len()..]))
    };
    // A few of them: all would take minutes, and were tried.
    let some = |folder: &'static str, step: usize| {
        desk.pack.files.iter().filter(move |f| f.path.starts_with(folder)).step_by(step).map(|f| (f, desk.text(&f.path)))
    };
    let entries = some("entries/", 16).filter_map(|(f, text)| Some(desk.written(&f.path, &first_condition(&text)?)));
    let questions = some("questions/", 12).filter(|(_, text)| text.contains("healthy: true"));
    let questions = questions.map(|(f, _)| desk.edited(&f.path, "healthy: true", "healthy: false"));
    let mut wrong = 0;
    for edit in entries.chain(questions) {
        let after = desk.corpus.with_changes(std::slice::from_ref(&edit));
        if after.has_errors() {
            continue;
        }
        let checked = Checked { corpus: &after, prover: &desk.prover, examples: COMPARED };
        let whole: BTreeSet<String> = checked.list_problems(&Scope::all(after.kb())).iter().map(|n| said(&n.problem)).collect();
        let told = desk.would(std::slice::from_ref(&edit)).problems_new;
        let told: BTreeSet<String> = told.iter().filter(|p| !p.message.starts_with("the transcript")).map(said).collect();
        assert_eq!(told, whole, "{edit:?}");
        wrong += usize::from(!whole.is_empty());
    }
    assert!(wrong > 0, "edits that break nothing show nothing");
}
