//! The program as operators use it: what each command prints, with which status it ends, and what it leaves on disk.

mod fixtures;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use fixpath::app::Imported;
use fixpath::app::drafts::Draft;
use fixpath::app::folders::{export_folder, import_folder};
use fixpath::app::links;
use fixpath::kb::{Kind, Slug};
use fixpath::store::Store;
use fixpath::store::documents::{Act, Change, Doer, Note, Seen};
use fixtures::{Folder, Said, a_base, entry, fixpath, list_files, question, run};
use proptest::prelude::*;
use proptest::test_runner::Config;
use serde_json::{Value, json};
use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

fn at(path: &Path) -> &str {
    path.to_str().expect("temporary paths are UTF-8")
}

/// Runs the program with a text on its standard input.
fn fed(words: &[&str], text: &str) -> Said {
    let mut command = fixpath();
    command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program runs");
    child.stdin.take().expect("it was asked for").write_all(text.as_bytes()).expect("the program reads");
    child.wait_with_output().expect("the program ends").into()
}

/// The kinds of values instead of the values: what a program that reads the JSON relies on.
fn shape(value: &Value) -> Value {
    match value {
        Value::Null => json!("null"),
        Value::Bool(_) => json!("bool"),
        Value::Number(_) => json!("number"),
        Value::String(_) => json!("string"),
        Value::Array(items) => items.first().map_or(json!([]), |first| json!([shape(first)])),
        Value::Object(fields) => fields.iter().map(|(name, field)| (name.clone(), shape(field))).collect(),
    }
}

#[test]
fn every_command_says_how_it_is_used() {
    let commands: [(&[&str], &[&str]); 11] = [
        (
            &[],
            &[
                "serve",
                "check",
                "explain",
                "diagnose",
                "search",
                "import",
                "export",
                "backup",
                "restore",
                "invite",
                "--listen",
                "--data",
                "--version",
            ],
        ),
        (
            &["serve"],
            &[
                "--listen",
                "127.0.0.1:8080",
                "--data",
                "./data",
                "--content",
                "--watch",
                "--edit-url",
                "--review",
                "--base-url",
                "--open",
                "--workers",
            ],
        ),
        (&["check"], &["[FOLDER]", "--json", "--simulate", "--links"]),
        (&["explain"], &["[FILE]", "standard input", "--json", "--content"]),
        (&["diagnose"], &["symptom=SLUG", "QUESTION=OPTION", "skip=", "tried=", "--json", "--content"]),
        (&["search"], &["<QUERY>", "--limit", "--json", "--content"]),
        (&["import"], &["<FOLDER>", "--data", "FIXPATH_DATA"]),
        (&["export"], &["<FOLDER>", "--data", "replaced"]),
        (&["backup"], &["<FILE>", "--data"]),
        (&["restore"], &["<FILE>", "--data"]),
        (&["invite"], &["--role", "--name", "--data", "--base-url", "administrator"]),
    ];
    for (command, wanted) in commands {
        let said = run(command.iter().chain(&["--help"]));
        assert_eq!((said.status, said.err.as_str()), (0, ""), "{command:?}");
        for word in wanted {
            assert!(said.out.contains(word), "the help of {command:?} does not mention {word}: {}", said.out);
        }
        assert_eq!(run(["help"].iter().chain(command)).status, 0, "{command:?}");
    }
}

#[test]
fn the_version_is_the_one_of_the_package() {
    let said = run(["--version"]);
    assert_eq!((said.status, said.out.as_str()), (0, concat!("fixpath ", env!("CARGO_PKG_VERSION"), "\n")));
}

#[test]
fn what_cannot_be_meant_ends_with_2() {
    for (words, told) in [
        (&["explode"][..], "explode"),
        (&["search"], "<QUERY>"),
        (&["search", "x", "--limit", "0"], "--limit"),
        (&["search", "x", "--limit", "101"], "--limit"),
        (&["check", "--simulate", "many"], "many"),
        (&["import"], "<FOLDER>"),
        (&["diagnose", "--colour"], "--colour"),
    ] {
        let said = run(words);
        assert_eq!((said.status, said.out.as_str()), (2, ""), "{words:?}");
        assert!(said.err.contains(told), "{words:?}: {}", said.err);
    }
}

#[test]
fn a_search_prints_what_it_found_and_why() {
    let said = run(["search", "Missing", "Authentication", "Token"]);
    assert_eq!((said.status, said.err.as_str()), (0, ""));
    assert!(said.out.contains("  fix ") && said.out.contains("Missing Authentication Token"), "{}", said.out);
    assert!(!said.out.contains('\x1b'), "colour goes to terminals only");
}

#[test]
fn a_search_gives_the_promised_json() {
    let said = run(["search", "--json", "--limit", "3", "Missing Authentication Token"]);
    let found = said.json();
    let result =
        json!({"kind": "string", "slug": "string", "title": "string", "url": "string", "score": "number", "snippet": "string"});
    assert_eq!(shape(&found), json!({"query": "string", "total": "number", "results": [result]}));
    assert_eq!(found["query"], "Missing Authentication Token");
    assert_eq!(found["results"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_search_that_finds_nothing_ends_with_1() {
    let plain = run(["search", "zzzzqqqqxxxx"]);
    assert_eq!(plain.status, 1);
    assert!(plain.out.contains("Nothing found"), "{}", plain.out);
    let said = run(["search", "zzzzqqqqxxxx", "--json"]);
    assert_eq!((said.status, said.json()), (1, json!({"query": "zzzzqqqqxxxx", "total": 0, "results": []})));
}

fn lamp_diagnosis(answers: &[&str]) -> Said {
    let lamp = Folder::lamp();
    run(["diagnose", "--json", "--content", at(lamp.path())].iter().chain(answers))
}

#[test]
fn a_step_gives_the_promised_json() {
    let said = lamp_diagnosis(&["symptom=no-light", "bulb=whole", "skip=lamp-kind", "tried=bulb-loose", "colour=red"]);
    assert_eq!((said.status, said.err.as_str()), (3, ""));
    let option = json!({"id": "string", "label": "string", "url": "string"});
    let cause = json!({"slug": "string", "title": "string", "url": "string", "probability": "number", "for": [], "against": []});
    let step = said.json();
    assert_eq!(
        shape(&step),
        json!({
            "symptoms": ["string"],
            "answers": {"bulb": "string"},
            "skipped": ["string"],
            "tried": ["string"],
            "ignored": [{"key": "string", "value": "string", "why": "string"}],
            "state": "string",
            "question": {"slug": "string", "title": "string", "why": "string", "options": [option]},
            "causes": [cause],
            "expected_questions": "number",
            "url": "string",
        })
    );
    assert_eq!((&step["state"], &step["question"]["slug"]), (&json!("ask"), &json!("other-lamps")));
    assert_eq!(step["url"], "/diagnose?symptom=no-light&bulb=whole&skip=lamp-kind&tried=bulb-loose");
    assert_eq!(step["ignored"][0], json!({"key": "colour", "value": "red", "why": "no such question"}));
    let against = step["causes"].as_array().into_iter().flatten().find(|c| c["slug"] == "bulb-broken").expect("it is listed");
    assert_eq!(against["against"], json!(["bulb"]));
}

#[test]
fn the_status_of_a_step_says_where_it_stands() {
    let states = [
        (&["symptom=no-light"][..], 3, "ask"),
        (&[], 3, "ask"),
        (&["symptom=no-light", "bulb=broken"], 0, "fix"),
        (&["symptom=no-light", "bulb=broken", "other-lamps=others-dark"], 1, "no-known-cause"),
        (&["symptom=no-light", "skip=bulb", "other-lamps=others-lit", "lamp-kind=ceiling"], 1, "undecided"),
    ];
    for (answers, status, state) in states {
        let said = lamp_diagnosis(answers);
        assert_eq!((said.status, &said.json()["state"]), (status, &json!(state)), "{answers:?}");
    }
}

#[test]
fn a_whole_link_is_a_diagnosis() {
    let by_link = lamp_diagnosis(&["https://kb.example.com/diagnose?symptom=no-light&bulb=broken"]);
    assert_eq!(by_link.out, lamp_diagnosis(&["symptom=no-light", "bulb=broken"]).out);
    assert_eq!(by_link.json()["causes"][0]["slug"], "bulb-broken");
}

#[test]
fn a_fix_is_printed_with_what_to_do() {
    let lamp = Folder::lamp();
    let said = run(["diagnose", "--content", at(lamp.path()), "symptom=no-light", "bulb=broken"]);
    assert_eq!(said.status, 0);
    assert!(said.out.contains("The bulb is broken  /fix/bulb-broken  for: bulb"), "{}", said.out);
    assert!(said.out.trim_end().ends_with("## Fix\n\nTake a new bulb."), "{}", said.out);
}

#[test]
fn a_question_is_printed_with_what_can_be_answered() {
    let lamp = Folder::lamp();
    let said = run(["diagnose", "--content", at(lamp.path()), "symptom=no-light"]);
    assert_eq!(said.status, 3);
    for part in
        ["How is the bulb?", "A bulb can be seen and felt.", "  bulb=broken  Its wire is broken", "/diagnose?symptom=no-light"]
    {
        assert!(said.out.contains(part), "{part}: {}", said.out);
    }
}

#[test]
fn explain_gives_the_promised_json() {
    let said = fed(&["explain", "--json"], "HTTP/2 403\r\n\r\n{\"message\":\"Missing Authentication Token\"}\r\n");
    let explained = said.json();
    assert_eq!(explained["symptoms"][0], "missing-authentication-token");
    assert!(explained["reader"].is_string() && explained["read"].is_array(), "{explained:#}");
    assert!(explained["redacted"].is_string() && explained["redactions"].is_u64(), "{explained:#}");
    let fields: Vec<&str> = explained.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    for field in ["answers", "skipped", "tried", "ignored", "state", "question", "causes", "expected_questions", "url"] {
        assert!(fields.contains(&field), "{field} is not among {fields:?}");
    }
}

#[test]
fn the_status_of_explain_says_whether_questions_are_left() {
    let sure = a_base().with(entry("dns")).folder();
    let open = a_base()
        .with(question("verb").healthy("get").option("other").option("odd"))
        .with(entry("dns").when("verb", &["other"]))
        .with(entry("clock").when("verb", &["odd"]))
        .folder();
    let text = "at 12:00 it said: Something says it-fails";
    assert_eq!(fed(&["explain", "--content", at(sure.path())], text).status, 0);
    assert_eq!(fed(&["explain", "--content", at(open.path())], text).status, 3);
    assert_eq!(fed(&["explain", "--content", at(sure.path())], "nothing of this is known").status, 3);
    run(["explain", at(&sure.path().join("no-such-file"))]).is_one_sentence("no-such-file");
}

/// What `curl -v` prints for a URL that ends at its stage.
const STAGE_ALONE: &str = "* Connected to abc123defg.execute-api.us-east-1.amazonaws.com (203.0.113.7) port 443
> GET /prod HTTP/2
> Host: abc123defg.execute-api.us-east-1.amazonaws.com
> user-agent: curl/7.88.1
> accept: */*
>
< HTTP/2 403
< content-type: application/json
< x-amzn-errortype: MissingAuthenticationTokenException
<
{\"message\":\"Missing Authentication Token\"}
";

#[test]
fn explain_answers_what_a_transcript_shows_and_says_where() {
    let told = fed(&["explain", "--json"], STAGE_ALONE).json();
    assert_eq!(told["answers"]["url-shape"], "stage-root", "{told:#}");
    let read = told["read"].as_array().into_iter().flatten().find(|r| r["question"] == "url-shape").expect("it was read");
    assert_eq!((read["option"].as_str(), read["line"].as_u64()), (Some("stage-root"), Some(2)), "{read:#}");
    assert!(read["because"].as_str().is_some_and(|words| words.starts_with("> GET /prod")), "{read:#}");
    assert_eq!(told["reader"], "curl -v transcript");
    assert!(told["redacted"].as_str().is_some_and(|t| t.contains("Missing Authentication Token") && !t.contains("abc123defg")));
}

#[test]
fn a_settled_paste_prints_the_cause_the_first_steps_and_the_link() {
    let text = "An error occurred (AuthorizationHeaderMalformed) when calling the ListBuckets operation: The authorization \
                header is malformed; the region 'us_east_1' is wrong; expecting 'us-east-1'\n";
    let said = fed(&["explain", "--base-url", "https://fixpath.example.com/"], text);
    assert_eq!((said.status, said.err.as_str()), (0, ""), "{}", said.out);
    for part in ["credential-scope=region", "line 1:", "The cause:", "The fix:", "https://fixpath.example.com/diagnose?symptom="]
    {
        assert!(said.out.contains(part), "no {part:?} in\n{}", said.out);
    }
    assert!(said.out.contains("https://fixpath.example.com/fix/signing-region-wrong"), "{}", said.out);
    assert!(!said.out.contains('\u{1b}'), "it is plain in a pipe");
}

#[test]
fn colours_are_for_terminals_and_for_those_who_ask() {
    let coloured = |name: &str, value: &str| {
        let folder = Folder::new();
        folder.put("transcript", STAGE_ALONE);
        let mut command = fixpath();
        command.args(["explain", at(&folder.path().join("transcript"))]).env(name, value);
        Said::from(command.output().expect("the program runs")).out.contains('\u{1b}')
    };
    assert!(coloured("CLICOLOR_FORCE", "1"));
    assert!(!coloured("NO_COLOR", "1"));
}

#[test]
fn explain_can_print_the_copy_that_may_be_passed_on() {
    let text = "curl -H 'x-api-key: FAKEfake1234FAKEfake1234' https://abc123defg.execute-api.us-east-1.amazonaws.com/prod/x\n";
    let said = fed(&["explain", "--redact"], text);
    assert!(said.out.starts_with("curl -H 'x-api-key: …'") && !said.out.contains("FAKEfake"), "{}", said.out);
}

#[test]
fn explain_refuses_what_is_empty_or_too_long() {
    let empty = fed(&["explain"], " \n");
    assert_eq!(empty.status, 2);
    assert!(empty.err.contains("there is no text to read"), "{}", empty.err);
    let folder = Folder::new();
    folder.put("large", vec![b'x'; 4 * 1024 * 1024 + 1]);
    let large = run(["explain", at(&folder.path().join("large"))]);
    assert_eq!(large.status, 2);
    assert!(large.err.contains("larger than 4 MiB") && large.err.contains("copy that one request as cURL"), "{}", large.err);
}

#[test]
fn explain_reads_a_file_as_it_reads_its_input() {
    let text = "{\"message\":\"Missing Authentication Token\"}";
    let folder = Folder::new();
    folder.put("transcript", text);
    let from_file = run(["explain", "--json", at(&folder.path().join("transcript"))]);
    assert_eq!(from_file.out, fed(&["explain", "--json"], text).out);
}

#[test]
fn check_ends_with_0_1_or_2() {
    let lamp = Folder::lamp();
    assert_eq!(run(["check", at(lamp.path())]).status, 0);
    lamp.change("entries/power/power-cut.md", "/fix/bulb-broken", "/fix/no-such");
    assert_eq!(run(["check", at(lamp.path())]).status, 1);
    run(["check", at(&lamp.path().join("nowhere"))]).is_one_sentence("nowhere");
}

#[test]
fn check_gives_the_promised_json() {
    let lamp = Folder::lamp();
    lamp.copy("entries/bulb/bulb-broken.md", "entries/bulb/bulb-too-old.md");
    lamp.change("questions/bulb.md", "  - id: loose", "  - id: missing\n    label: There is none\n  - id: loose");
    let report = run(["check", "--json", "--simulate", "20", at(lamp.path())]).json();
    let simulation = json!({"first_right": "number", "solved_within_three": "number"});
    let proof = json!({
        "symptom": "string", "causes": "number", "paths": "number", "longest": "number", "expected_questions": "number",
        "entropy": "number", "optimum": "number", "simulation": simulation,
        "gaps": [[["string"]]],
        "overlaps": [{"answers": [["string"]], "causes": ["string"]}],
    });
    assert_eq!(
        shape(&report),
        json!({
            "entries": "number", "symptoms": "number", "questions": "number",
            "problems": [{"severity": "string", "path": "string", "line": "number", "message": "string"}],
            "proof": [proof],
            "transcripts": {"run": "number", "failed": "number", "precision": "number", "questions_left": "number"},
            "simulation": simulation,
        })
    );
    let unplayed = run(["check", "--json", at(lamp.path())]).json();
    assert_eq!(unplayed["simulation"], Value::Null);
}

/// Replays links against a pack; gives what was said, and each problem with a link as its line and its words.
fn replayed(pack: &Folder, links: &str) -> (Said, Vec<(u64, String)>) {
    let work = Folder::new();
    work.put("links.txt", links);
    let file = work.path().join("links.txt");
    let said = run(["check", "--json", "--links", at(&file), at(pack.path())]);
    let report = said.json();
    let problems = report["problems"].as_array().expect("there is a list").iter().filter(|p| p["path"] == at(&file));
    let words = |p: &Value| (p["line"].as_u64().expect("a number"), p["message"].as_str().expect("a text").to_owned());
    let problems: Vec<_> = problems.map(words).collect();
    (said, problems)
}

/// Links of every kind, as they stand in a chat.
const GIVEN_OUT: &str = "\u{feff}# from the chat of last year\r
\r
https://lamps.example.org:8443/fix/bulb-broken?thanks#fix   bulb-broken\r
/fix/blackout\tpower-cut
  /fix/power-cut.md
/symptom/no-light
/symptom/no-light?search=12
/question/plug
/map/no-light
/diagnose
/diagnose?symptom=no-light&skip=other-lamps
/diagnose?symptom=no-light&bulb=broken&q=it+is+dark    bulb-broken
/diagnose?symptom=no-light&other-lamps=others-lit&lamp-kind=desk&plug=pulled-out plug-pulled-out
";

#[test]
fn links_that_give_what_they_gave_are_no_problem() {
    let (said, problems) = replayed(&Folder::lamp(), GIVEN_OUT);
    assert_eq!((said.status, problems), (0, Vec::new()));
    assert_eq!(said.json()["links"], json!({"run": 11, "failed": 0}));
}

#[test]
fn links_follow_what_was_renamed() {
    let lamp = Folder::lamp();
    let rename = |from: &str, to: &str, title: &str, old: &str| {
        lamp.put(to, lamp.text(from).replacen(title, &format!("{title}aliases: [{old}]\n"), 1));
        fs::remove_file(lamp.path().join(from)).expect("it is there");
    };
    rename(BROKEN, "entries/bulb/bulb-burnt.md", "title: The bulb is broken\n", "bulb-broken");
    rename("questions/plug.md", "questions/cable.md", "title: Where is the plug?\n", "plug");
    rename("symptoms/no-light.md", "symptoms/dark-lamp.md", "title: The lamp stays dark\n", "no-light");
    lamp.change("questions/cable.md", "  - id: pulled-out\n", "  - id: out\n    aliases: [pulled-out]\n");
    lamp.change("entries/power/plug-pulled-out.md", "  plug: pulled-out\n", "  cable: out\n");
    for path in [
        "entries/bulb/bulb-burnt.md",
        "entries/bulb/bulb-loose.md",
        "entries/power/plug-pulled-out.md",
        "entries/power/power-cut.md",
    ] {
        lamp.change(path, "symptoms: [no-light]", "symptoms: [dark-lamp]");
    }
    lamp.change("entries/power/power-cut.md", "/fix/bulb-broken", "/fix/bulb-burnt");
    let (said, problems) = replayed(&lamp, GIVEN_OUT);
    assert_eq!((said.status, problems), (0, Vec::new()), "{}", said.out);
}

#[test]
fn links_that_give_something_else_are_named_with_their_line() {
    let links = "/fix/bulb-brocken
/symptom/gone
/question/gone
/map/gone
/diagnose?symptom=no-light&bulb=burst&colour=red
/diagnose?symptom=no-light&bulb=broken bulb-loose
/diagnose?symptom=no-light bulb-broken
/fix/bulb-broken bulb-loose
/fix/bulb-broken long-gone
/symptom/no-light bulb-broken
/about
look at /fix/bulb-broken
bulb-broken
/diagnose?symptom=%ff
# and one that is sound
/fix/bulb-broken bulb-broken
";
    let (said, problems) = replayed(&Folder::lamp(), links);
    assert_eq!(said.status, 1);
    assert_eq!(said.json()["links"], json!({"run": 15, "failed": 14}));
    let expected = [
        (1, "there is no fix `bulb-brocken`; if it is `bulb-broken` now, write `aliases: [bulb-brocken]` there"),
        (2, "there is no symptom `gone`; write `aliases: [gone]` in what replaces it"),
        (3, "there is no question `gone`"),
        (4, "there is no symptom `gone`"),
        (5, "`bulb=burst` is ignored: no such option"),
        (5, "`colour=red` is ignored: no such question"),
        (6, "the diagnosis gives `bulb-broken` now, where the link gave `bulb-loose`"),
        (7, "the diagnosis asks `"),
        (8, "the link gives `bulb-broken` now, where it gave `bulb-loose`"),
        (9, "the fix that the link gave is gone: there is no fix `long-gone`"),
        (10, "a symptom gives no fix"),
        (11, "`/about` is no fix, symptom, question, map or diagnosis"),
        (12, "more than two columns"),
        (13, "`bulb-broken` is no link"),
        (14, "not UTF-8"),
    ];
    assert_eq!(problems.len(), expected.len(), "{problems:#?}");
    for ((line, message), (at, words)) in problems.iter().zip(expected) {
        assert!(*line == at && message.contains(words), "{line}: {message} instead of {at}: {words}");
    }
}

#[test]
fn a_file_of_links_is_replayed_only_when_one_is_named_and_sound_content_is_there() {
    let lamp = Folder::lamp();
    assert_eq!(run(["check", "--json", at(lamp.path())]).json()["links"], Value::Null);
    let work = Folder::new();
    work.put("links.txt", "/fix/bulb-broken\n/fix/gone\n");
    let file = work.path().join("links.txt");
    let said = run(["check", "--links", at(&file), at(lamp.path())]);
    assert_eq!(said.status, 1);
    assert!(said.out.contains("links.txt:2: error: there is no fix `gone`"), "{}", said.out);
    assert!(said.out.contains("2 links: 1 do not give what they gave"), "{}", said.out);
    run(["check", "--links", at(&work.path().join("none")), at(lamp.path())]).is_one_sentence("cannot read the links");
    lamp.change(BROKEN, "likelihood", "likelyhood");
    let (said, problems) = replayed(&lamp, "/fix/bulb-broken\n");
    assert_eq!((said.status, problems), (1, Vec::new()), "half a pack says nothing of links");
    assert_eq!(said.json()["links"], json!({"run": 0, "failed": 0}));
}

#[test]
fn content_with_errors_answers_nothing() {
    let lamp = Folder::lamp();
    lamp.change("entries/power/power-cut.md", "likelihood", "likelyhood");
    for command in [&["diagnose"][..], &["search", "lamp"], &["explain"]] {
        let said = run(command.iter().chain(&["--content", at(lamp.path())]));
        assert_eq!((said.status, said.out.as_str()), (2, ""), "{command:?}");
        assert!(said.err.contains("entries/power/power-cut.md:6"), "{command:?}: {}", said.err);
    }
}

#[test]
fn a_reader_that_stops_early_is_no_error() {
    let lamp = Folder::lamp();
    let here = at(lamp.path());
    let text = Folder::new();
    text.put("paste", "the lamp gives no light");
    let paste = text.path().join("paste");
    let paste = at(&paste);
    let commands: [&[&str]; 9] = [
        &["check", here],
        &["check", "--json", here],
        &["search", "lamp", "--content", here],
        &["search", "lamp", "--json", "--content", here],
        &["diagnose", "symptom=no-light", "--content", here],
        &["diagnose", "symptom=no-light", "--json", "--content", here],
        &["explain", paste, "--content", here],
        &["explain", paste, "--json", "--content", here],
        &["--help"],
    ];
    for command in commands {
        let (reader, writer) = std::io::pipe().expect("a pipe can be made");
        // As after `head -1`: nobody reads any more when the program writes.
        drop(reader);
        let mut program = fixpath();
        let output = program.args(command).stdout(writer).output().expect("the program runs");
        let said = Said::from(output);
        assert_eq!((said.status, said.err.as_str()), (0, ""), "{command:?}");
    }
}

/// What an import or an export tells of itself.
fn import(folder: &Folder, data: &Path) -> Said {
    run(["import", at(folder.path()), "--data", at(data)])
}

fn export(data: &Path) -> Folder {
    let out = Folder::new();
    let said = run(["export", at(out.path()), "--data", at(data)]);
    assert_eq!((said.status, said.err.as_str()), (0, ""), "{}", said.out);
    out
}

/// Changes a text in the store and in no folder, as somebody does who edits on the site.
fn edit_here(data: &Path, slug: &str, from: &str, to: &str) {
    let options = SqliteConnectOptions::new().filename(data.join("fixpath.db"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be made");
    runtime.block_on(async {
        let mut db = SqliteConnection::connect_with(&options).await.expect("the store opens");
        let edit = sqlx::query("UPDATE document SET text = replace(text, $1, $2), revision = revision + 1 WHERE slug = $3");
        let done = edit.bind(from).bind(to).bind(slug).execute(&mut db).await.expect("the store can be written");
        assert_eq!(done.rows_affected(), 1, "{slug} is in the store");
        db.close().await.expect("the store closes");
    });
}

const BROKEN: &str = "entries/bulb/bulb-broken.md";
const LOOSE: &str = "entries/bulb/bulb-loose.md";

#[test]
fn an_import_is_idempotent() {
    let (lamp, work) = (Folder::lamp(), Folder::new());
    let data = work.path().join("data");
    let first = import(&lamp, &data);
    assert_eq!((first.status, first.err.as_str()), (0, ""));
    assert_eq!(first.out, "added 9, changed 0, unchanged 0, kept as changed here 0, merged 0, conflicts 0\n");
    for _ in 0..2 {
        let again = import(&lamp, &data);
        assert_eq!(again.out, "added 0, changed 0, unchanged 9, kept as changed here 0, merged 0, conflicts 0\n");
        assert_eq!(again.status, 0);
    }
    assert_eq!(export(&data).files(), lamp.files());
}

#[test]
fn what_changed_in_the_folder_only_is_taken() {
    let (lamp, work) = (Folder::lamp(), Folder::new());
    import(&lamp, work.path());
    lamp.change(BROKEN, "Take a new bulb.", "Take a better bulb.");
    let said = import(&lamp, work.path());
    assert_eq!(
        (said.status, said.out.as_str()),
        (0, "added 0, changed 1, unchanged 8, kept as changed here 0, merged 0, conflicts 0\n")
    );
    assert_eq!(export(work.path()).files(), lamp.files());
}

#[test]
fn a_file_that_moved_to_another_area_moves() {
    let (lamp, work) = (Folder::lamp(), Folder::new());
    import(&lamp, work.path());
    lamp.copy(BROKEN, "entries/glass/bulb-broken.md");
    fs::remove_file(lamp.path().join(BROKEN)).expect("it was there");
    let said = import(&lamp, work.path());
    assert_eq!(
        (said.status, said.out.as_str()),
        (0, "added 0, changed 1, unchanged 8, kept as changed here 0, merged 0, conflicts 0\n")
    );
    assert_eq!(export(work.path()).files(), lamp.files());
}

#[test]
fn what_changed_here_only_is_kept() {
    let (lamp, work) = (Folder::lamp(), Folder::new());
    import(&lamp, work.path());
    edit_here(work.path(), "bulb-broken", "a new bulb", "my bulb");
    let said = import(&lamp, work.path());
    assert_eq!(
        (said.status, said.out.as_str()),
        (0, "added 0, changed 0, unchanged 8, kept as changed here 1, merged 0, conflicts 0\n")
    );
    assert!(export(work.path()).text(BROKEN).contains("my bulb"));
}

#[test]
fn what_changed_in_both_is_kept_and_reported() {
    let (lamp, work) = (Folder::lamp(), Folder::new());
    import(&lamp, work.path());
    edit_here(work.path(), "bulb-broken", "a new bulb", "my bulb");
    lamp.change(BROKEN, "a new bulb", "a better bulb");
    for _ in 0..2 {
        let said = import(&lamp, work.path());
        assert_eq!(said.status, 1);
        assert_eq!(said.out, "added 0, changed 0, unchanged 8, kept as changed here 0, merged 0, conflicts 1\n");
        assert!(said.err.contains(BROKEN) && said.err.contains("kept as it is here"), "{}", said.err);
    }
    assert!(export(work.path()).text(BROKEN).contains("my bulb"));
    lamp.change(BROKEN, "a better bulb", "my bulb");
    assert_eq!(import(&lamp, work.path()).status, 0, "once both say the same, there is nothing to report");
}

/// Does something with a store that no program uses.
fn with_store<T>(data: &Path, work: impl AsyncFnOnce(&Store) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be made");
    runtime.block_on(async {
        let store = Store::open(data).await.expect("the store opens");
        let done = work(&store).await;
        store.close().await;
        done
    })
}

/// Publishes a new version of an entry in the store alone, perhaps at another place.
fn publish_here(data: &Path, slug: &str, act: Act, path: &str, change: impl Fn(String) -> String) {
    let (slug, name) = (Slug::parse(slug).expect("it is one"), path.rsplit('/').next().unwrap_or_default());
    let new = Slug::parse(name.trim_end_matches(".md")).expect("it is one");
    with_store(data, async |store| {
        let old = store.find_document(Kind::Entry, &slug).await.expect("it answers").expect("it is there");
        let from = Some(slug.clone()).filter(|old| *old != new);
        let (path, text) = (path.to_owned(), change(old.text));
        let (kind, aliases) = (Kind::Entry, Vec::new());
        let change = Change { kind, slug: new.clone(), from, path, text, aliases, base: old.revision, act };
        let note = Note { at: 7, by: "editor", why: "a test", accepted: "" };
        let generation = store.generation().await.expect("it answers");
        let seen = Seen { generation: &generation, draft: None };
        let doer = Doer { name: "editor", address: "" };
        store.publish(&[change], &note, &doer, seen, &links::renamed).await.expect("it can be published");
    });
}

fn drafts(data: &Path) -> Vec<Draft> {
    with_store(data, async |store| store.list_drafts().await.expect("it answers"))
}

const NOTHING_NEW: &str = "added 0, changed 0, unchanged 9, kept as changed here 0, merged 0, conflicts 0\n";
const ONE_CONFLICT: &str = "added 0, changed 0, unchanged 8, kept as changed here 0, merged 0, conflicts 1\n";

#[test]
fn what_changed_in_both_and_in_different_places_becomes_one() {
    let (lamp, work) = (Folder::lamp(), Folder::new());
    import(&lamp, work.path());
    publish_here(work.path(), "bulb-broken", Act::Publish, BROKEN, |text| text.replace("a new bulb", "my bulb"));
    lamp.change(BROKEN, "title: The bulb is broken", "title: The bulb has burst");
    let said = import(&lamp, work.path());
    assert_eq!((said.status, said.err.as_str()), (0, ""));
    assert_eq!(said.out, "added 0, changed 0, unchanged 8, kept as changed here 0, merged 1, conflicts 0\n");
    let both = lamp.text(BROKEN).replace("a new bulb", "my bulb");
    assert_eq!(export(work.path()).text(BROKEN), both);
    let again = import(&lamp, work.path());
    assert_eq!(again.out, "added 0, changed 0, unchanged 8, kept as changed here 1, merged 0, conflicts 0\n");
    assert_eq!(export(work.path()).text(BROKEN), both);
    // The folder takes it over and goes on.
    lamp.put(BROKEN, &both);
    assert_eq!(import(&lamp, work.path()).out, NOTHING_NEW);
    lamp.put(BROKEN, both.replace("my bulb", "our bulb"));
    assert_eq!(import(&lamp, work.path()).status, 0);
    assert_eq!(import(&lamp, work.path()).out, NOTHING_NEW);
    assert_eq!((export(work.path()).files(), drafts(work.path()).len()), (lamp.files(), 0));
}

#[test]
fn what_a_folder_has_and_is_not_taken_waits_as_one_draft() {
    let (lamp, work) = (Folder::lamp(), Folder::new());
    import(&lamp, work.path());
    publish_here(work.path(), "bulb-broken", Act::Publish, BROKEN, |text| text.replace("a new bulb", "my bulb"));
    lamp.change(BROKEN, "a new bulb", "a better bulb");
    for _ in 0..2 {
        assert_eq!(import(&lamp, work.path()).out, ONE_CONFLICT);
        let drafts = drafts(work.path());
        let told: Vec<_> = drafts.iter().map(|d| (d.slug.as_ref().map(Slug::as_str), d.base, d.text.clone())).collect();
        assert_eq!(told, [(Some("bulb-broken"), 2, lamp.text(BROKEN))]);
    }
    let id = drafts(work.path())[0].id;
    with_store(work.path(), async |store| {
        let discarded = fixpath::app::drafts::DraftState::Discarded;
        assert!(store.move_draft(id, discarded, &Doer { name: "editor", address: "" }, 8).await.expect("it can be written"));
    });
    import(&lamp, work.path());
    assert_eq!(drafts(work.path()).len(), 0, "whoever discarded it is not asked again");
    lamp.change(BROKEN, "a better bulb", "the best bulb");
    import(&lamp, work.path());
    assert_eq!(drafts(work.path()).len(), 1, "another text is another draft");
    assert!(export(work.path()).text(BROKEN).contains("my bulb"));
}

#[test]
fn what_was_renamed_here_is_still_the_file_of_the_folder() {
    let (lamp, work) = (Folder::lamp(), Folder::new());
    import(&lamp, work.path());
    let new = "entries/bulb/bulb-burst.md";
    let renamed = |text: String| text.replace("symptoms: [no-light]\n", "symptoms: [no-light]\naliases: [bulb-broken]\n");
    publish_here(work.path(), "bulb-broken", Act::Rename, new, renamed);
    assert_eq!(
        import(&lamp, work.path()).out,
        "added 0, changed 0, unchanged 8, kept as changed here 1, merged 0, conflicts 0\n"
    );
    lamp.change(BROKEN, "a new bulb", "a better bulb");
    assert_eq!(
        import(&lamp, work.path()).out,
        "added 0, changed 0, unchanged 8, kept as changed here 0, merged 1, conflicts 0\n"
    );
    let out = export(work.path());
    assert_eq!(out.text(new), renamed(lamp.text(BROKEN)), "both changes are in it");
    assert!(!out.files().contains_key(BROKEN));
    publish_here(work.path(), "bulb-burst", Act::Publish, new, |text| text.replace("a better bulb", "my bulb"));
    lamp.change(BROKEN, "a better bulb", "the best bulb");
    for _ in 0..2 {
        assert_eq!(import(&lamp, work.path()).out, ONE_CONFLICT);
    }
    assert_eq!(drafts(work.path()).len(), 1);
    assert!(export(work.path()).text(new).contains("my bulb"));
}

#[test]
fn what_was_retired_here_stays_so_until_somebody_decides() {
    let (lamp, work) = (Folder::lamp(), Folder::new());
    import(&lamp, work.path());
    publish_here(work.path(), "bulb-loose", Act::Retire, LOOSE, |text| text);
    assert_eq!(
        import(&lamp, work.path()).out,
        "added 0, changed 0, unchanged 8, kept as changed here 1, merged 0, conflicts 0\n"
    );
    assert_eq!(drafts(work.path()).len(), 0, "the folder did not change it");
    lamp.put(LOOSE, format!("{}\nAnd more.\n", lamp.text(LOOSE)));
    for _ in 0..2 {
        assert_eq!(import(&lamp, work.path()).out, ONE_CONFLICT);
        assert_eq!(drafts(work.path()).into_iter().map(|d| d.text).collect::<Vec<_>>(), [lamp.text(LOOSE)]);
    }
    assert!(!export(work.path()).files().contains_key(LOOSE));
}

/// Makes an export fail that would write beside its folder, and looks whether it did.
fn refuses_to_write_out(data: &Path, out: &Path, outside: &Path) {
    let before = list_files(outside);
    run(["export", at(out), "--data", at(data)]).is_one_sentence("is not written");
    assert_eq!(list_files(outside), before, "nothing was written outside");
}

#[test]
fn an_export_writes_nothing_outside_its_folder_whatever_the_store_says() {
    let (lamp, work) = (Folder::lamp(), Folder::new());
    let (data, target) = (work.path().join("data"), work.path().join("target"));
    let absolute = format!("{}/stolen.md", at(&target));
    for path in
        ["../stolen.md", "entries/../../stolen.md", absolute.as_str(), "entries/..\\stolen.md", "stolen.md", "entries//stolen.md"]
    {
        let _of_the_last_one = fs::remove_dir_all(&data);
        fs::create_dir_all(&target).expect("it can be made");
        import(&lamp, &data);
        with_path(&data, path);
        let out = target.join("out");
        refuses_to_write_out(&data, &out, &target);
        assert!(!out.exists(), "{path}: nothing is written at all");
    }
}

/// Changes where a document stands, as only a hostile store does.
fn with_path(data: &Path, path: &str) {
    let options = SqliteConnectOptions::new().filename(data.join("fixpath.db"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be made");
    runtime.block_on(async {
        let mut db = SqliteConnection::connect_with(&options).await.expect("the store opens");
        let change = sqlx::query("UPDATE document SET path = $1 WHERE slug = 'bulb-broken'").bind(path);
        assert_eq!(change.execute(&mut db).await.expect("the store can be written").rows_affected(), 1);
        db.close().await.expect("the store closes");
    });
}

#[cfg(unix)]
#[test]
fn an_export_does_not_follow_links_out_of_its_folder() {
    use std::os::unix::fs::symlink;
    let (lamp, work) = (Folder::lamp(), Folder::new());
    let (data, outside) = (work.path().join("data"), work.path().join("outside"));
    import(&lamp, &data);
    fs::create_dir(&outside).expect("it can be made");
    fs::write(outside.join("bulb-broken.part"), "precious").expect("it can be written");
    for (link, to) in [("entries", ""), ("entries/bulb", "")] {
        let out = Folder::new();
        let link = out.path().join(link);
        fs::create_dir_all(link.parent().expect("it is in a folder")).expect("it can be made");
        symlink(outside.join(to), &link).expect("a link can be made");
        refuses_to_write_out(&data, out.path(), &outside);
    }
    // Nor through the name under which a file is begun.
    let out = Folder::new();
    fs::create_dir_all(out.path().join("entries/bulb")).expect("it can be made");
    symlink(outside.join("bulb-broken.part"), out.path().join("entries/bulb/bulb-broken.part")).expect("a link can be made");
    assert_eq!(run(["export", at(out.path()), "--data", at(&data)]).status, 0);
    assert_eq!(fs::read_to_string(outside.join("bulb-broken.part")).expect("it is there"), "precious");
    assert_eq!(out.files(), lamp.files());
}

#[test]
fn an_export_gives_back_every_byte() {
    let (lamp, work) = (Folder::lamp(), Folder::new());
    lamp.put(BROKEN, lamp.text(BROKEN).replace('\n', "\r\n"));
    lamp.put("questions/bulb.md", format!("\u{feff}{}", lamp.text("questions/bulb.md")));
    let cut = "entries/power/power-cut.md";
    lamp.put(cut, format!("{}\n\n  trailing spaces  \t\nand no end of line, but ☂ and e\u{301}", lamp.text(cut)));
    let checked = run(["check", at(lamp.path())]);
    assert_eq!(checked.status, 0, "line ends and a mark at the start are no problem: {}", checked.out);
    assert_eq!(import(&lamp, work.path()).status, 0);
    assert_eq!(export(work.path()).files(), lamp.files());
}

/// Imports a folder, exports it, imports the export there and in an empty store, and compares all of it.
fn travels_unchanged(folder: &Path) -> Result<(), TestCaseError> {
    let work = Folder::new();
    let there = |name: &str| work.path().join(name);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be made");
    let files = list_files(folder);
    let texts = files.keys().filter(|path| path.ends_with(".md")).count();
    let import = |data: &str, from: &Path| runtime.block_on(import_folder(&there(data), from, &|_, _, _| ()));
    let export = |data: &str, to: &str| runtime.block_on(export_folder(&there(data), &there(to), &|_, _, _| ()));
    let nothing = Imported { unchanged: texts, ..Imported::default() };
    let first = import("data", folder).map_err(|e| TestCaseError::fail(e.to_string()))?;
    prop_assert_eq!(&first, &Imported { added: texts, ..Imported::default() });
    prop_assert_eq!(export("data", "out").expect("it can be exported"), files.len());
    prop_assert_eq!(&list_files(&there("out")), &files, "out of the store comes what went in");
    prop_assert_eq!(&import("data", &there("out")).expect("it is sound"), &nothing, "an export holds nothing new");
    import("again", &there("out")).expect("it is sound");
    export("again", "out-again").expect("it can be exported");
    prop_assert_eq!(&list_files(&there("out-again")), &files);
    Ok(())
}

#[test]
fn the_shipped_content_travels_unchanged() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("content");
    travels_unchanged(&shipped).expect("not a byte differs");
}

/// What may happen to a text without changing what it says to the program.
fn odd_bytes(text: &str, oddities: u8, words: &str) -> String {
    let mut text = text.to_owned();
    if oddities & 1 != 0 {
        text = format!("{text}\n{words}");
    }
    if oddities & 2 != 0 {
        text = format!("{text}  \t \n\n \n");
    }
    if oddities & 4 != 0 {
        text = text.trim_end().to_owned();
    }
    if oddities & 8 != 0 {
        text = text.replace('\n', "\r\n");
    }
    if oddities & 16 != 0 {
        text.insert(0, '\u{feff}');
    }
    text
}

proptest! {
    #![proptest_config(Config { cases: 16, failure_persistence: None, ..Config::default() })]

    #[test]
    fn whatever_a_text_is_written_with_travels_unchanged(
        odd in prop::collection::vec((0..32u8, "[a-zäß☂𝄞e\u{301}\u{a0}\u{200b}\u{2028} \t\r\n]{0,40}"), 9),
        area in "[a-zA-ZäÖ日][a-zA-ZäÖ日 ._-]{0,11}x(/[a-z]{1,3}){0,2}",
        side in 0..4u32,
    ) {
        let folder = if side == 0 { Folder::lamp() } else { lamp_with_a_picture().0 };
        let paths: Vec<String> = folder.files().into_keys().filter(|path| path.ends_with(".md")).collect();
        for (path, (oddities, words)) in paths.iter().zip(&odd) {
            folder.put(path, odd_bytes(&folder.text(path), *oddities, words));
        }
        folder.copy(LOOSE, &format!("entries/{area}/bulb-loose.md"));
        fs::remove_file(folder.path().join(LOOSE)).expect("it was there");
        if side > 1 {
            let (path, bytes) = a_picture(side);
            folder.put(&path, bytes);
        }
        travels_unchanged(folder.path())?;
    }
}

/// A picture as the site keeps it, with the path that it has in a folder.
fn a_picture(side: u32) -> (String, Vec<u8>) {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_luma8(side, side).write_to(&mut bytes, image::ImageFormat::Png).expect("memory takes all");
    let picture = fixpath::content::images::clean(bytes.get_ref()).expect("it is a picture");
    (format!("images/{}", picture.name), picture.bytes)
}

/// The lamp with a picture that an entry shows.
fn lamp_with_a_picture() -> (Folder, String) {
    let (lamp, (path, bytes)) = (Folder::lamp(), a_picture(3));
    lamp.put(&path, bytes);
    lamp.change(BROKEN, "Take a new bulb.", &format!("Take a new bulb.\n\n![A new bulb](/{})", path.replace("images", "image")));
    (lamp, path)
}

#[test]
fn pictures_travel_with_their_folder() {
    let ((lamp, path), work) = (lamp_with_a_picture(), Folder::new());
    let checked = run(["check", at(lamp.path())]);
    assert_eq!(checked.status, 0, "{}", checked.out);
    for _ in 0..2 {
        let said = import(&lamp, work.path());
        assert_eq!((said.status, said.err.as_str()), (0, ""));
    }
    let out = export(work.path());
    assert_eq!(out.files(), lamp.files());
    let again = Folder::new();
    assert_eq!(import(&out, again.path()).status, 0);
    assert_eq!(export(again.path()).files(), lamp.files());
    // What is in the store need not come again.
    fs::remove_file(lamp.path().join(&path)).expect("it was there");
    assert_eq!(import(&lamp, work.path()).status, 0);
    assert!(export(work.path()).files().contains_key(&path));
}

#[test]
fn a_picture_that_is_missing_or_damaged_is_found_before_it_is_imported() {
    let name = |path: &str| path.trim_start_matches("images/").to_owned();
    let (lamp, path) = lamp_with_a_picture();
    let (other, bytes) = a_picture(5);
    lamp.put(&other, bytes);
    let idle = run(["check", at(lamp.path())]);
    assert_eq!(idle.status, 0, "one too many is no error");
    assert!(idle.out.contains(&format!("{other}:1: warning: no text shows this picture")), "{}", idle.out);
    let refused = |says: &str| {
        let checked = run(["check", at(lamp.path())]);
        assert!(checked.status == 1 && checked.out.contains(says), "{}", checked.out);
        let work = Folder::new();
        let said = import(&lamp, work.path());
        assert!(said.status == 2 && said.err.contains("nothing was imported") && said.err.contains(says), "{}", said.err);
    };
    fs::remove_file(lamp.path().join(&path)).expect("it was there");
    refused(&format!("{BROKEN}:{}: error: the picture `{}` is missing", lamp.line(BROKEN, "![A new bulb]"), name(&path)));
    lamp.put(&path, "<svg/>");
    refused(&format!("{path}:1: error: an SVG can carry scripts: save it as PNG"));
    lamp.put(&path, a_picture(5).1);
    refused(&format!("{path}:1: error: the name does not belong to these bytes"));
}

#[test]
fn an_export_leaves_other_files_alone() {
    let (lamp, work) = (Folder::lamp(), Folder::new());
    import(&lamp, work.path());
    let out = Folder::new();
    out.put("README.md", "mine").put(BROKEN, "old");
    assert_eq!(run(["export", at(out.path()), "--data", at(work.path())]).status, 0);
    assert_eq!(out.text("README.md"), "mine");
    assert_eq!(out.text(BROKEN), lamp.text(BROKEN));
    assert_eq!(out.files().len(), lamp.files().len() + 1, "nothing else is left behind");
}

#[test]
fn content_with_errors_imports_nothing() {
    let (lamp, work) = (Folder::lamp(), Folder::new());
    import(&lamp, work.path());
    let before = lamp.files();
    lamp.change(BROKEN, "a new bulb", "a better bulb");
    lamp.change("entries/power/power-cut.md", "likelihood", "likelyhood");
    let said = import(&lamp, work.path());
    assert_eq!((said.status, said.out.as_str()), (2, ""));
    assert!(said.err.contains("nothing was imported") && said.err.contains("did you mean `likelihood`?"), "{}", said.err);
    assert_eq!(export(work.path()).files(), before);
}

#[test]
fn a_backup_is_a_store_that_opens() {
    let (lamp, work) = (Folder::lamp(), Folder::new());
    let (data, copy) = (work.path().join("data"), work.path().join("copy"));
    import(&lamp, &data);
    fs::create_dir(&copy).expect("it is new");
    let said = run(["backup", at(&copy.join("fixpath.db")), "--data", at(&data)]);
    assert_eq!((said.status, said.err.as_str()), (0, ""));
    assert_eq!(export(&copy).files(), lamp.files());
    assert_eq!(import(&lamp, &copy).out, "added 0, changed 0, unchanged 9, kept as changed here 0, merged 0, conflicts 0\n");
}

#[test]
fn a_backup_overwrites_nothing() {
    let (lamp, work) = (Folder::lamp(), Folder::new());
    import(&lamp, work.path());
    work.put("old.db", "precious");
    run(["backup", at(&work.path().join("old.db")), "--data", at(work.path())]).is_one_sentence("exists already");
    assert_eq!(work.text("old.db"), "precious");
    let nowhere = work.path().join("nowhere").join("new.db");
    run(["backup", at(&nowhere), "--data", at(work.path())]).is_one_sentence("cannot write the backup");
}

/// A backup of the lamp, and a folder beside it for what is made of it.
fn a_backup() -> (Folder, std::path::PathBuf) {
    let (lamp, work) = (Folder::lamp(), Folder::new());
    let file = work.path().join("backup.db");
    import(&lamp, &work.path().join("old"));
    assert_eq!(run(["backup", at(&file), "--data", at(&work.path().join("old"))]).status, 0);
    (work, file)
}

fn restore(file: &Path, data: &Path) -> Said {
    run(["restore", at(file), "--data", at(data)])
}

/// Changes a database as no Fixpath would.
fn sql(file: &Path, statement: &'static str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(async {
        let mut db = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file).create_if_missing(true)).await;
        let db = db.as_mut().expect("it opens");
        sqlx::raw_sql(statement).execute(&mut *db).await.expect("it can be changed");
    });
}

/// Takes a store back to its first four migrations: whatever came later is dropped.
fn grow_younger(file: &Path) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(file).foreign_keys(false);
        let mut db = SqliteConnection::connect_with(&options).await.expect("it opens");
        let later = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT IN \
                     ('_sqlx_migrations', 'document', 'revision', 'import_base', 'outcome', 'miss')";
        let later: Vec<String> = sqlx::query_scalar(later).fetch_all(&mut db).await.expect("it lists its tables");
        assert!(later.contains(&"mark".to_owned()));
        for table in later {
            sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP TABLE {table}"))).execute(&mut db).await.expect("it can be changed");
        }
        for (table, column) in
            [("revision", "act"), ("revision", "accepted"), ("document", "retired_at"), ("import_base", "text")]
        {
            let shorter = format!("ALTER TABLE {table} DROP COLUMN {column}");
            sqlx::raw_sql(sqlx::AssertSqlSafe(shorter)).execute(&mut db).await.expect("it can be changed");
        }
        let forget = "DELETE FROM _sqlx_migrations WHERE version > 20261123090300";
        sqlx::raw_sql(forget).execute(&mut db).await.expect("it can be changed");
        db.close().await.expect("it closes");
    });
}

#[test]
fn a_restored_backup_holds_what_was_backed_up() {
    let (work, file) = a_backup();
    let data = work.path().join("new").join("data");
    let said = restore(&file, &data);
    assert_eq!((said.status, said.err.as_str()), (0, ""));
    assert_eq!(said.out, format!("restored {} from {}\n", data.display(), file.display()));
    assert_eq!(list_files(&data).into_keys().collect::<Vec<_>>(), ["fixpath.db", "fixpath.lock"]);
    assert_eq!(export(&data).files(), Folder::lamp().files());
}

#[test]
fn a_backup_of_an_older_fixpath_is_brought_up_to_date_when_it_is_opened() {
    let (work, file) = a_backup();
    grow_younger(&file);
    // And one that may only be read makes no store that may only be read.
    let mut rights = fs::metadata(&file).expect("it is there").permissions();
    rights.set_readonly(true);
    fs::set_permissions(&file, rights).expect("they can be changed");
    let data = work.path().join("new");
    assert_eq!(restore(&file, &data).status, 0);
    assert!(!fs::metadata(data.join("fixpath.db")).expect("it is there").permissions().readonly());
    assert_eq!(export(&data).files(), Folder::lamp().files());
}

#[test]
fn a_restore_overwrites_nothing() {
    let (work, file) = a_backup();
    for name in ["fixpath.db", "fixpath.db-wal", "index/meta.json"] {
        let data = work.path().join(name.replace('/', "-")).join("data");
        fs::create_dir_all(data.join(name).parent().expect("it is in a folder")).expect("a folder can be made");
        fs::write(data.join(name), "precious").expect("a file can be written");
        let before = list_files(&data);
        let said = restore(&file, &data);
        said.is_one_sentence(name.split('/').next().expect("there is a first part"));
        assert!(said.err.contains(at(&data)) && said.err.contains("--data"), "{}", said.err);
        assert_eq!(list_files(&data), before);
    }
}

#[test]
fn what_is_no_backup_is_one_sentence_and_leaves_no_store() {
    let (work, file) = a_backup();
    let bytes = fs::read(&file).expect("it can be read");
    let put = |name: &str, bytes: &[u8]| {
        work.put(name, bytes);
        work.path().join(name)
    };
    let mut torn = bytes.clone();
    torn[4096..8192].fill(0xa5);
    let (newer, other) = (put("newer", &bytes), put("other-migration", &bytes));
    sql(
        &newer,
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (20990101000000, 'what comes later', 1, x'00', 0)",
    );
    sql(&other, "UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = (SELECT MIN(version) FROM _sqlx_migrations)");
    let stranger = work.path().join("stranger");
    sql(&stranger, "CREATE TABLE document (text TEXT)");
    let used = put("used", &bytes);
    put("used-wal", b"changes");
    for (file, told) in [
        (work.path().join("none"), "cannot read the backup"),
        (work.path().to_owned(), "cannot read the backup"),
        (put("empty", b""), "does not begin as an SQLite database does"),
        (put("letter", b"Dear aunt, this is no database."), "does not begin as an SQLite database does"),
        (put("start", &bytes[..16]), "damaged"),
        (put("cut", &bytes[..bytes.len() / 2]), "damaged"),
        (put("torn", &torn), "damaged"),
        (stranger, "another program"),
        (newer, "newer Fixpath, with migration 20990101000000"),
        (other, "not the one that this Fixpath knows"),
        (used, "fixpath backup"),
    ] {
        let data = work.path().join("new");
        let said = restore(&file, &data);
        said.is_one_sentence(told);
        assert!(said.err.contains(at(&file)), "{}", said.err);
        let left = if data.exists() { list_files(&data).into_keys().collect() } else { Vec::new() };
        assert!(left.iter().all(|name| name == "fixpath.lock"), "{}: {left:?}", file.display());
    }
    assert_eq!(restore(&file, &work.path().join("new")).status, 0, "the folder can still be used");
}

#[test]
fn a_data_folder_that_cannot_be_one_is_one_sentence() {
    let (lamp, work) = (Folder::lamp(), Folder::new());
    work.put("file", "not a folder");
    let file = work.path().join("file");
    for command in [
        &["import", at(lamp.path()), "--data", at(&file)][..],
        &["import", at(lamp.path()), "--data", at(&file.join("below"))],
        &["export", at(&work.path().join("out")), "--data", at(&file)],
        &["backup", at(&work.path().join("new.db")), "--data", at(&file)],
    ] {
        let said = run(command);
        said.is_one_sentence("--data");
        assert_eq!(said.err.matches("os error").count(), usize::from(command[0] == "import"), "{}", said.err);
    }
    assert_eq!(work.text("file"), "not a folder");
}

#[test]
fn a_damaged_database_is_one_sentence() {
    let work = Folder::new();
    work.put("fixpath.db", "this is not a database, whatever its name says");
    let out = work.path().join("out");
    run(["export", at(&out), "--data", at(work.path())]).is_one_sentence("cannot open the database");
}

#[test]
fn a_folder_without_a_store_has_nothing_to_export() {
    let work = Folder::new();
    for command in ["export", "backup"] {
        run([command, at(&work.path().join("out")), "--data", at(work.path())]).is_one_sentence("holds no fixpath.db");
    }
    assert!(list_files(work.path()).is_empty(), "looking leaves nothing behind");
}

#[test]
fn an_invitation_is_a_link_and_nothing_else() {
    let work = Folder::new();
    let data = work.path().join("data");
    for (options, base) in [
        (vec![], "http://127.0.0.1:8080"),
        (vec!["--role", "administrator", "--base-url", "https://fixpath.example.com/"], "https://fixpath.example.com"),
    ] {
        let said = run(["invite", "--data", at(&data)].iter().chain(&options));
        assert_eq!((said.status, said.err.as_str()), (0, ""));
        let secret = said.out.strip_prefix(&format!("{base}/join/")).and_then(|rest| rest.strip_suffix('\n'));
        assert!(secret.is_some_and(|secret| secret.len() == 43), "{}", said.out);
    }
    assert_eq!(run(["invite", "--data", at(&data), "--role", "owner"]).status, 2);
    run(["invite", "--data", at(&data), "--name", "first"]).is_one_sentence("“first”");
    run(["invite", "--data", at(&data), "--base-url", "ftp://x"]).is_one_sentence("--base-url ftp://x");
    run(["invite", "--data", at(&work.path().join("none")), "--name", "first"]).is_one_sentence("fixpath.db");
}

#[test]
fn commands_that_meet_on_a_fresh_folder_make_its_tables_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    let invite = || fixpath().arg("invite").arg("--data").arg(&data).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let all: Vec<_> = (0..8).map(|_| invite().expect("the program starts")).collect();
    for child in all {
        let said = child.wait_with_output().expect("it ends");
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    }
}
