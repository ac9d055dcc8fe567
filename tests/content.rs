//! What `fixpath check` says of content: each way in which a pack can be broken, and the pack that ships.

mod fixtures;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use fixpath::content::{Pack, Severity, read};
use fixpath::diagnosis::{Facts, Model, Next};
use fixpath::kb::{Entry, Kind, KnowledgeBase, Slug};
use fixtures::{Folder, Said, run};
use pulldown_cmark::{Event, Options, Parser};
use serde_json::Value;

fn check(folder: &Path) -> Said {
    run(["check".as_ref(), folder.as_os_str(), "--json".as_ref()])
}

/// A file of the lamp that the cases break.
const BROKEN: &str = "entries/bulb/bulb-broken.md";
const LOOSE: &str = "entries/bulb/bulb-loose.md";
const CUT: &str = "entries/power/power-cut.md";
const PLUG: &str = "entries/power/plug-pulled-out.md";
const BULB: &str = "questions/bulb.md";
const SYMPTOM: &str = "symptoms/no-light.md";

/// A way to break the lamp, and what has to be said of it.
struct Break {
    what: &'static str,
    how: fn(&Folder) -> &Folder,
    path: &'static str,
    /// A text on the line that has to be named; empty when the whole file is meant.
    at: &'static str,
    /// Parts of the message: what is wrong, and how to repair it.
    says: &'static [&'static str],
}

const BREAKS: &[Break] = &[
    Break {
        what: "an unknown question",
        how: |f| f.change(BROKEN, "bulb: broken", "bulbs: broken"),
        path: BROKEN,
        at: "bulbs: broken",
        says: &["unknown question `bulbs`", "did you mean `bulb`?"],
    },
    Break {
        what: "an unknown question that is near to none",
        how: |f| f.change(BROKEN, "bulb: broken", "bulb: broken\n  weather: wet"),
        path: BROKEN,
        at: "weather",
        says: &["unknown question `weather`", "add questions/weather.md"],
    },
    Break {
        what: "an unknown option",
        how: |f| f.change(BROKEN, "bulb: broken", "bulb: brokn"),
        path: BROKEN,
        at: "bulb: brokn",
        says: &["unknown option `brokn` of the question `bulb`", "did you mean `broken`?"],
    },
    Break {
        what: "an unknown option that is near to none",
        how: |f| f.change(BROKEN, "bulb: broken", "bulb: [broken, green]"),
        path: BROKEN,
        at: "green",
        says: &["unknown option `green`", "it has `whole`, `broken`, `loose`"],
    },
    Break {
        what: "an unknown symptom",
        how: |f| f.change(BROKEN, "no-light", "no-lihgt"),
        path: BROKEN,
        at: "no-lihgt",
        says: &["unknown symptom `no-lihgt`", "did you mean `no-light`?"],
    },
    Break {
        what: "an unknown alternative",
        how: |f| f.change(BROKEN, "when:", "alternatives: [bulb-lose]\nwhen:"),
        path: BROKEN,
        at: "bulb-lose",
        says: &["unknown entry `bulb-lose`", "did you mean `bulb-loose`?"],
    },
    Break {
        what: "an unknown question in `asked-when`",
        how: |f| f.change("questions/plug.md", "lamp-kind: desk", "lamp-knid: desk"),
        path: "questions/plug.md",
        at: "lamp-knid",
        says: &["unknown question `lamp-knid`", "did you mean `lamp-kind`?"],
    },
    Break {
        what: "an entry that no path reaches",
        // After the power is cut, so much speaks for the common cause that nothing else is asked.
        how: |f| {
            f.change(CUT, "occasional", "common");
            f.copy(CUT, "entries/power/fuse-blown.md");
            f.change("entries/power/fuse-blown.md", "aliases: [blackout]\n", "");
            f.change("entries/power/fuse-blown.md", "others-dark", "others-dark\n  lamp-kind: ceiling");
            f.change("entries/power/fuse-blown.md", "common", "rare")
        },
        path: "entries/power/fuse-blown.md",
        at: "when:",
        says: &[
            "unreachable: no path of answers ends at this entry for `no-light`",
            "name what is distinctive of it under `when`",
        ],
    },
    Break {
        what: "two entries that nothing separates",
        how: |f| f.copy(BROKEN, "entries/bulb/bulb-too-old.md"),
        path: BROKEN,
        at: "when:",
        says: &[
            "overlap: nothing separates `bulb-broken`, `bulb-too-old` for `no-light` after",
            "bulb=broken",
            "give one a condition that the others do not share, or declare them under `alternatives`",
        ],
    },
    Break {
        what: "a question that never helps",
        how: |f| {
            f.put(
                "questions/colour.md",
                "---\ntitle: What colour is it?\nwhy: Nobody knows.\neffort: glance\noptions:\n  - id: red\n    label: Red\n  - id: \
                 blue\n    label: Blue\n---\n\nLook.\n",
            )
        },
        path: "questions/colour.md",
        at: "title",
        says: &["the question `colour` never helps: no path asks it", "Name it in an entry's `when`, or delete it"],
    },
    Break {
        what: "an option that nothing explains",
        how: |f| f.change(BULB, "  - id: loose", "  - id: missing\n    label: There is none\n  - id: loose"),
        path: BULB,
        at: "id: missing",
        says: &["nothing explains the option `missing` of `bulb`", "declare it as a known gap, or mark it `healthy`"],
    },
    Break {
        what: "answers that no entry explains",
        how: |f| f.change(BULB, "  - id: loose", "  - id: missing\n    label: There is none\n  - id: loose"),
        path: SYMPTOM,
        at: "title",
        says: &["gap: no entry explains", "bulb=missing", "declare it under `known-gaps`"],
    },
    Break {
        what: "an expression that names no fact",
        how: |f| f.change(BULB, "  - id: loose", "    detect: \"request.verbs == 'GET'\"\n  - id: loose"),
        path: BULB,
        at: "detect",
        says: &["`detect`", "unknown fact of `request` `verbs`", "did you mean `verb`?"],
    },
    Break {
        what: "an expression that compares what cannot be compared",
        how: |f| {
            f.change(BULB, "  - id: loose", "    detect: >-\n      request.shown &&\n      request.verb == 1\n  - id: loose")
        },
        path: BULB,
        at: "request.shown",
        says: &["`detect`", "`==` does not take string and int"],
    },
    Break {
        what: "an expression of a symptom that cannot be read",
        how: |f| f.change(SYMPTOM, "title:", "detect: \"text.contains(\"\ntitle:"),
        path: SYMPTOM,
        at: "detect",
        says: &["`detect` of `no-light`", "not an expression in CEL"],
    },
    Break {
        what: "a transcript that lands elsewhere",
        how: |f| f.change(BROKEN, "## Cause", "```lands=bulb-loose\nNo light\n```\n\n## Cause"),
        path: BROKEN,
        at: "```lands",
        says: &["the transcript lands", "not on `bulb-loose`", "change the transcript, a `detect` expression or a condition"],
    },
    Break {
        what: "a transcript that lands on no entry",
        how: |f| f.change(BROKEN, "## Cause", "```lands=bulb-lose\nNo light\n```\n\n## Cause"),
        path: BROKEN,
        at: "```lands",
        says: &["unknown entry `bulb-lose`", "did you mean `bulb-loose`?"],
    },
    Break {
        what: "a way of telling that gives no reason",
        how: |f| f.change(BROKEN, "when:", "told-from: asking\nwhen:"),
        path: BROKEN,
        at: "told-from",
        says: &["`told-from` says why no evidence can tell the cause", "write `asking, because …`"],
    },
    Break {
        what: "a question whose command changes something",
        how: |f| {
            let text = format!("{}\n```sh\naws apigateway create-deployment --rest-api-id ID\n```\n", f.text(BULB));
            f.put(BULB, text)
        },
        path: BULB,
        at: "create-deployment",
        says: &["`aws apigateway create-deployment` could change something", "move it to `## Fix`"],
    },
    Break {
        what: "a dangling link",
        how: |f| f.change(CUT, "/fix/bulb-broken", "/fix/bulb-brokn"),
        path: CUT,
        at: "/fix/bulb-brokn",
        says: &["the link to `/fix/bulb-brokn` leads to no entry", "did you mean `bulb-broken`?"],
    },
    Break {
        what: "a relative link",
        how: |f| f.change(CUT, "/fix/bulb-broken", "bulb-broken.md"),
        path: CUT,
        at: "bulb-broken.md",
        says: &["the link to `bulb-broken.md` is relative", "begin it with `/fix/`"],
    },
    Break {
        what: "a front matter key with a typo",
        how: |f| f.change(BROKEN, "likelihood", "likelyhood"),
        path: BROKEN,
        at: "likelyhood",
        says: &["unknown key `likelyhood`", "did you mean `likelihood`?"],
    },
    Break {
        what: "a front matter key that is near to none",
        how: |f| f.change(BROKEN, "likelihood", "colour: red\nlikelihood"),
        path: BROKEN,
        at: "colour",
        says: &["unknown key `colour`", "known are `title`, `symptoms`"],
    },
    Break {
        what: "a missing key",
        how: |f| f.change(BROKEN, "likelihood: common\n", ""),
        path: BROKEN,
        at: "sources:",
        says: &["the key `likelihood` is missing", "add it"],
    },
    Break {
        what: "a key that stands there twice",
        how: |f| f.change(BROKEN, "bulb: broken", "bulb: broken\n  bulb: loose"),
        path: BROKEN,
        at: "bulb: loose",
        says: &["the key `bulb` stands here twice", "delete one of them"],
    },
    Break {
        what: "a word where only some are allowed",
        how: |f| f.change(BROKEN, "likelihood: common", "likelihood: comon"),
        path: BROKEN,
        at: "comon",
        says: &["unknown word `comon`", "did you mean `common`?"],
    },
    Break {
        what: "a duplicate slug",
        how: |f| f.copy(BROKEN, "entries/power/bulb-broken.md"),
        path: "entries/power/bulb-broken.md",
        at: "",
        says: &["`bulb-broken` names the entry in entries/bulb/bulb-broken.md already", "can stand for one entry only"],
    },
    Break {
        what: "a duplicate alias",
        how: |f| f.change(LOOSE, "symptoms:", "aliases: [blackout]\nsymptoms:"),
        path: CUT,
        at: "aliases: [blackout]",
        says: &["`blackout` names the entry in entries/bulb/bulb-loose.md already", "can stand for one entry only"],
    },
    Break {
        what: "an alias that is somebody's slug",
        how: |f| f.change(CUT, "blackout", "bulb-loose"),
        path: CUT,
        at: "aliases: [bulb-loose]",
        says: &["`bulb-loose` names the entry in entries/bulb/bulb-loose.md already", "can stand for one entry only"],
    },
    Break {
        what: "a file that is not UTF-8",
        how: |f| {
            let mut bytes = f.text(CUT).into_bytes();
            bytes.extend(b"na\xefve\n");
            f.put(CUT, bytes)
        },
        path: CUT,
        at: "na\u{fffd}ve",
        says: &["is not UTF-8", "save the file as UTF-8"],
    },
    Break {
        what: "an unclosed fence",
        how: |f| f.change(PLUG, "socket\n```", "socket\n"),
        path: PLUG,
        at: "```text",
        says: &["the code fence that begins here is not closed", "end it with a line of the same"],
    },
    Break {
        what: "a YAML alias bomb",
        how: |f| {
            let wide = format!("when:\n  - &a\n    bulb: [{}]\n{}", vec!["broken"; 10_000].join(","), "  - *a\n".repeat(20_000));
            f.change(BROKEN, "when:\n  bulb: broken\n", &wide)
        },
        path: BROKEN,
        at: "- *a",
        says: &["the front matter repeats or nests too much", "write it out"],
    },
    Break {
        what: "YAML that nests without end",
        how: |f| f.change(BROKEN, "when:\n  bulb: broken", &format!("when: {}", "[".repeat(50_000))),
        path: BROKEN,
        at: "when",
        says: &["the front matter cannot be read"],
    },
    Break {
        what: "a text that YAML takes for something else",
        how: |f| f.change(BROKEN, "title: The bulb is broken", "title: The bulb: broken"),
        path: BROKEN,
        at: "title",
        says: &["the front matter cannot be read", "in quotes"],
    },
    Break {
        what: "an empty file",
        how: |f| f.put(BROKEN, ""),
        path: BROKEN,
        at: "",
        says: &["does not begin with front matter", "between two lines of `---`"],
    },
    Break {
        what: "front matter that does not end",
        how: |f| f.change(BROKEN, "---\n\n## Symptom", "\n## Symptom"),
        path: BROKEN,
        at: "",
        says: &["the front matter is not closed", "end it with a line of `---`"],
    },
    Break {
        what: "a file that is too large",
        how: |f| f.put(BROKEN, format!("{}{}", f.text(BROKEN), "word ".repeat(60_000))),
        path: BROKEN,
        at: "",
        says: &["the most is 262144", "split it"],
    },
    Break {
        what: "a missing section",
        how: |f| f.change(BROKEN, "## Fix", "## Repair"),
        path: BROKEN,
        at: "",
        says: &["the section `## Fix` is missing", "add it"],
    },
    Break {
        what: "a source that is no web address",
        how: |f| f.change(BROKEN, "https://lamps.example.org/handbook", "javascript:alert(1)"),
        path: BROKEN,
        at: "javascript:alert(1)",
        says: &["the source `javascript:alert(1)` is not a web address", "begin it with https://"],
    },
    Break {
        what: "an entry without a source",
        how: |f| f.change(BROKEN, "sources:\n  - title: Handbook of lamps\n    url: https://lamps.example.org/handbook\n", ""),
        path: BROKEN,
        at: "",
        says: &["needs at least one source", "add `sources:`"],
    },
    Break {
        what: "a question with a name that links use",
        how: |f| f.copy(BULB, "questions/skip.md"),
        path: "questions/skip.md",
        at: "",
        says: &["`skip` means something else in a link", "rename the question"],
    },
    Break {
        what: "a condition that changes no verdict",
        how: |f| f.change(BROKEN, "bulb: broken", "bulb: broken\n  other-lamps: others-lit"),
        path: BROKEN,
        at: "other-lamps: others-lit",
        says: &["the condition on `other-lamps` changes no verdict", "delete it, or say what is really distinctive"],
    },
    Break {
        what: "a symptom without an entry",
        how: |f| f.copy(SYMPTOM, "symptoms/too-bright.md"),
        path: "symptoms/too-bright.md",
        at: "title",
        says: &["no entry has the symptom `too-bright`", "write one, or delete the symptom"],
    },
    Break {
        what: "a name that is no slug",
        how: |f| f.copy(BROKEN, "entries/bulb/Bulb_broken.md"),
        path: "entries/bulb/Bulb_broken.md",
        at: "",
        says: &["`Bulb_broken.md` is not a slug", "lower-case letters, digits and dashes"],
    },
];

/// Whoever wrote before something was renamed means it still: an old name is read as the one of today, and said.
#[test]
fn an_old_name_means_what_has_it_today() {
    let folder = Folder::lamp();
    folder.change(SYMPTOM, "title:", "aliases: [dark-lamp]\ntitle:");
    folder.change(BULB, "title:", "aliases: [light-bulb]\ntitle:").change(
        BULB,
        "    label: Its wire",
        "    aliases: [burnt]\n    label: Its wire",
    );
    folder.change(LOOSE, "title:", "aliases: [bulb-slack]\ntitle:");
    folder.change(BROKEN, "likelihood:", "alternatives: [bulb-loose]\nlikelihood:");
    let today = read(&Pack::load(folder.path()).expect("it is there")).kb;
    folder.change(BROKEN, "symptoms: [no-light]", "symptoms: [dark-lamp, no-light]");
    folder.change(BROKEN, "bulb: broken", "light-bulb: burnt").change(
        BROKEN,
        "alternatives: [bulb-loose]",
        "alternatives: [bulb-slack]",
    );
    let old = read(&Pack::load(folder.path()).expect("it is there"));
    let (was, is) = (&today.entries["bulb-broken"], &old.kb.entries["bulb-broken"]);
    assert_eq!((&is.symptoms, &is.when, &is.alternatives), (&was.symptoms, &was.when, &was.alternatives));
    let said: Vec<String> = old.problems.iter().map(|p| format!("{} {} {}", p.path, p.line, p.message)).collect();
    let expected = [
        "entries/bulb/bulb-broken.md 3 the symptom `dark-lamp` is called `no-light` now: write that",
        "entries/bulb/bulb-broken.md 5 the option `burnt` of the question `bulb` is called `broken` now: write that",
        "entries/bulb/bulb-broken.md 5 the question `light-bulb` is called `bulb` now: write that",
        "entries/bulb/bulb-broken.md 6 the entry `bulb-slack` is called `bulb-loose` now: write that",
    ];
    assert_eq!(said, expected);
    assert!(old.problems.iter().all(|p| p.severity == Severity::Warning));
}

#[test]
fn every_way_to_break_a_pack_is_told_with_its_place_and_its_repair() {
    for case in BREAKS {
        let folder = Folder::lamp();
        (case.how)(&folder);
        let said = check(folder.path());
        assert_eq!(said.status, 1, "{}: {}{}", case.what, said.out, said.err);
        let report = said.json();
        let problems = report["problems"].as_array().expect("a list of problems");
        let bytes = std::fs::read(folder.path().join(case.path)).expect("the file is there");
        let lines: Vec<String> = String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect();
        let is_there = |line: u64| match case.at {
            "" => line == 1,
            at => lines.get(line as usize - 1).is_some_and(|l| l.contains(at)),
        };
        let fits = |p: &&Value| {
            let message = p["message"].as_str().unwrap_or_default();
            p["severity"] == "error"
                && p["path"] == case.path
                && p["line"].as_u64().is_some_and(is_there)
                && case.says.iter().all(|part| message.contains(part))
        };
        assert!(problems.iter().any(|p| fits(&p)), "{} in {} at {:?}: {problems:#?}", case.what, case.path, case.at);
    }
}

#[test]
fn the_text_for_people_says_the_same_as_the_json() {
    let folder = Folder::lamp();
    folder.change(BROKEN, "likelihood", "likelyhood");
    let said = run(["check".as_ref(), folder.path().as_os_str()]);
    assert_eq!(said.status, 1);
    let line = folder.line(BROKEN, "likelyhood");
    let wanted = format!("{BROKEN}:{line}: error: unknown key `likelyhood`; did you mean `likelihood`?");
    assert!(said.out.lines().any(|l| l == wanted), "{}", said.out);
}

#[test]
fn a_sound_pack_passes() {
    let said = check(Folder::lamp().path());
    assert_eq!((said.status, said.err.as_str()), (0, ""), "{}", said.out);
    let report = said.json();
    assert_eq!(report["problems"], Value::Array(Vec::new()));
    assert_eq!((&report["entries"], &report["symptoms"], &report["questions"]), (&4.into(), &1.into(), &4.into()));
}

#[test]
fn declared_alternatives_are_no_overlap() {
    let folder = Folder::lamp();
    folder.copy(BROKEN, "entries/bulb/bulb-too-old.md");
    folder.change(BROKEN, "when:", "alternatives: [bulb-too-old]\nwhen:");
    let said = check(folder.path());
    assert_eq!(said.status, 0, "{}", said.out);
}

#[test]
fn a_known_gap_is_no_gap_until_nothing_meets_it() {
    let folder = Folder::lamp();
    folder.change(BULB, "  - id: loose", "  - id: missing\n    label: There is none\n  - id: loose");
    folder.change(SYMPTOM, "messages:", "known-gaps:\n  - answers: {bulb: missing}\n    reason: Nobody steals bulbs.\nmessages:");
    let said = check(folder.path());
    assert_eq!(said.status, 0, "{}", said.out);
    assert_eq!(said.json()["problems"], Value::Array(Vec::new()));

    folder.change(SYMPTOM, "bulb: missing", "bulb: missing, other-lamps: others-dark");
    assert_eq!(check(folder.path()).status, 1, "the gap that is declared is another one");
}

#[test]
fn every_problem_is_told_at_once() {
    let folder = Folder::lamp();
    folder.change(BROKEN, "likelihood", "likelyhood");
    folder.change(CUT, "/fix/bulb-broken", "/fix/bulb-brokn");
    folder.change(PLUG, "socket\n```", "socket\n");
    let report = check(folder.path()).json();
    let paths: BTreeSet<&str> = report["problems"].as_array().into_iter().flatten().filter_map(|p| p["path"].as_str()).collect();
    assert!([BROKEN, CUT, PLUG].iter().all(|p| paths.contains(p)), "{paths:?}");
}

#[test]
fn what_is_no_pack_is_one_sentence() {
    let folder = Folder::lamp();
    let missing = folder.path().join("nowhere");
    check(&missing).is_one_sentence("nowhere is not a folder");
    check(&folder.path().join(BROKEN)).is_one_sentence("bulb-broken.md is not a folder");
    check(&folder.path().join("symptoms")).is_one_sentence("has none of the folders `symptoms`, `questions`, `entries`");
}

/// The shipped pack, checked once for all tests here.
fn shipped_report() -> &'static Value {
    static REPORT: OnceLock<Value> = OnceLock::new();
    REPORT.get_or_init(|| {
        let said = run(["check", "--json", "--simulate", "3000"]);
        assert_eq!(said.status, 0, "{}{}", said.out, said.err);
        said.json()
    })
}

fn proofs(report: &Value) -> impl Iterator<Item = (&str, &Value)> {
    report["proof"].as_array().expect("a proof for each symptom").iter().map(|p| (p["symptom"].as_str().unwrap_or_default(), p))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is not a number"))
}

#[test]
fn the_shipped_pack_has_no_problem_no_gap_and_no_overlap() {
    let report = shipped_report();
    assert_eq!(report["problems"], Value::Array(Vec::new()));
    assert_eq!(proofs(report).count() as u64, report["symptoms"].as_u64().expect("a count"));
    for (symptom, proof) in proofs(report) {
        assert_eq!(proof["gaps"], Value::Array(Vec::new()), "{symptom}");
        assert_eq!(proof["overlaps"], Value::Array(Vec::new()), "{symptom}");
    }
}

#[test]
fn the_folder_that_ships_is_the_pack_inside_the_program() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("content");
    assert_eq!(Pack::load(&folder).expect("the folder is there").files, Pack::shipped().files);
    let said = check(&folder);
    assert_eq!(said.status, 0, "{}", said.out);
    let mut inside = shipped_report().clone();
    // Only the one inside was simulated.
    inside["simulation"] = Value::Null;
    for proof in inside["proof"].as_array_mut().into_iter().flatten() {
        proof.as_object_mut().expect("a proof is an object").remove("simulation");
    }
    assert_eq!(said.json(), inside);
}

#[test]
fn shipped_questionnaires_are_nearly_as_short_as_they_can_be() {
    let mut unknown = Vec::new();
    for (symptom, proof) in proofs(shipped_report()) {
        let expected = number(&proof["expected_questions"]);
        match proof["optimum"].as_f64() {
            Some(optimum) => assert!(expected <= 1.05 * optimum + 1e-9, "{symptom}: {expected} questions, optimum {optimum}"),
            None => unknown.push(symptom),
        }
    }
    assert!(unknown.len() <= 1, "the optimum is not known for {unknown:?}");
    let (largest, proof) = proofs(shipped_report()).max_by_key(|(_, p)| p["causes"].as_u64()).expect("there is a symptom");
    let expected = number(&proof["expected_questions"]);
    assert!(expected <= 5.0, "{largest}: {expected}");
}

#[test]
fn simulated_incidents_end_well_for_every_shipped_symptom() {
    for (symptom, proof) in proofs(shipped_report()) {
        let simulation = &proof["simulation"];
        assert!(number(&simulation["first_right"]) >= 0.95, "{symptom}: {simulation}");
        assert!(number(&simulation["solved_within_three"]) >= 0.90, "{symptom}: {simulation}");
    }
    let all = &shipped_report()["simulation"];
    assert!(number(&all["first_right"]) >= 0.95 && number(&all["solved_within_three"]) >= 0.90, "{all}");
}

fn shipped() -> KnowledgeBase {
    let reading = read(&Pack::shipped());
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
    reading.kb
}

/// What a person answers whose incident this is: what the entry names, else what is healthy, else anything.
fn truthful(kb: &KnowledgeBase, entry: &Entry, way: usize, question: &Slug) -> Slug {
    let question = &kb.questions[question];
    let named = entry.when.get(way).and_then(|c| c.names(&question.slug)).and_then(|options| options.iter().next().cloned());
    let healthy = || question.options.iter().find(|o| o.healthy).map(|o| o.id.clone());
    named.or_else(healthy).unwrap_or_else(|| question.options[0].id.clone())
}

#[test]
fn every_shipped_entry_tops_the_ranking_for_some_path_of_answers() {
    let kb = shipped();
    for entry in kb.entries.values() {
        for symptom in &entry.symptoms {
            let mut facts = Facts { symptoms: BTreeSet::from([symptom.clone()]), ..Facts::default() };
            let model = Model::new(&kb, &facts.symptoms, &|e| e.likelihood.weight());
            let tops = |facts: &Facts| {
                let state = model.state(facts);
                model.causes()[model.step(&state).0.ranking(&state)[0]] == entry.slug
            };
            let top = (0..entry.when.len().max(1)).any(|way| {
                facts.answers = BTreeMap::new();
                while let (_, Next::Ask(question)) = model.step(&model.state(&facts)) {
                    let question = model.question(question).clone();
                    let answer = truthful(&kb, entry, way, &question);
                    facts.answers.insert(question, answer);
                }
                tops(&facts)
            });
            assert!(top, "{} is never first for {symptom}", entry.slug);
        }
    }
}

#[test]
fn every_shipped_entry_names_a_source_on_the_web() {
    for entry in shipped().entries.values() {
        assert!(!entry.sources.is_empty(), "{}", entry.slug);
        for source in &entry.sources {
            assert!(source.url.starts_with("https://") && !source.title.trim().is_empty(), "{}: {source:?}", entry.slug);
        }
    }
}

#[test]
fn no_shipped_document_holds_raw_html() {
    let kb = shipped();
    let bodies = (kb.entries.values().map(|e| (Kind::Entry, &e.slug, &e.body)))
        .chain(kb.questions.values().map(|q| (Kind::Question, &q.slug, &q.body)))
        .chain(kb.symptoms.values().map(|s| (Kind::Symptom, &s.slug, &s.body)));
    for (kind, slug, body) in bodies {
        let raw = Parser::new_ext(body, Options::all()).find(|e| matches!(e, Event::Html(_) | Event::InlineHtml(_)));
        assert!(raw.is_none(), "the {} {slug} holds {raw:?}: it would vanish from the page", kind.word());
    }
}
