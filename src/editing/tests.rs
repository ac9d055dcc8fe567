//! The form, over the content that ships and over variants of it.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::form::{
    FieldValue, Form, GapField, NoForm, OptionField, SourceField, VerifiedField, add_alias, apply, apply_form, apply_section,
    read, remove_alias, rename_option,
};

/// The documents that ship, by path.
fn shipped() -> BTreeMap<String, String> {
    fn below(folder: &std::path::Path, found: &mut BTreeMap<String, String>) {
        for item in std::fs::read_dir(folder).expect("the folder is there") {
            let path = item.expect("it can be listed").path();
            if path.is_dir() {
                below(&path, found);
            } else {
                found.insert(path.to_string_lossy().into_owned(), std::fs::read_to_string(&path).expect("it is UTF-8"));
            }
        }
    }
    let mut found = BTreeMap::new();
    below(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("content"), &mut found);
    assert!(found.len() > 100, "the content was not found");
    found
}

const STYLES: &str = "\
---
# above
title: 'Single ''quoted'''   # beside
# between, one
symptoms: [ first , \"second\", # in brackets
  third ]

when:
  # within
  - url-shape: stage-root # this one
    'verb':   [a,   b]
  - verb: []
  -   other: c
likelihood: rare
aliases: old-name
tags:
- at-the-edge
- \"double\"
sources:
  - url: https://example.com/#anchor
    title: >-
      A title that is
      folded
  # about the second
  - {title: Flow, url: 'https://example.com'}
disputed: |
  Line one.

  Line two.
# last
verified: {on: 2026-11-23, against: plain}
---
## Symptom

Words.

## Fix
No blank line.
";

const QUESTION: &str = "\
---
title: What?
why: \"Because: of it\"
effort: glance
asked-when: {kind: a}
options:
  - id: full
    label: 'Whole'
    healthy: true
    # how it is seen
    detect: >-
      a
      && b
  - id: half
    label: Half
    aliases: [part]
---

Look.
";

const SYMPTOM: &str = "\
---
title: Dark
messages:
  - 'it is dark'
  - |-
    two
    lines
patterns: 'd.*k'
statuses: [403, 404]
known-gaps:
  - answers: {a: [b, c]}
    reason: 'None'
  - answers:
      d: e
    reason: >-
      None
      either
detect: \"text.contains('dark')\"
---
";

fn texts() -> BTreeMap<String, String> {
    let mut texts = shipped();
    for (name, text) in [("styles", STYLES), ("question", QUESTION), ("symptom", SYMPTOM)] {
        texts.insert(name.to_owned(), text.to_owned());
    }
    let returns: Vec<(String, String)> =
        texts.iter().map(|(path, text)| (format!("{path} with CRLF"), text.replace('\n', "\r\n"))).collect();
    texts.extend(returns);
    texts
}

fn values(key: &str) -> Vec<FieldValue> {
    let text = |t: &str| t.to_owned();
    let words = |all: &[&str]| all.iter().map(|w| text(w)).collect::<Vec<_>>();
    let answers = |all: &[(&str, &[&str])]| all.iter().map(|(q, o)| (text(q), words(o))).collect::<Vec<_>>();
    match key {
        "when" => vec![
            FieldValue::Conditions(vec![]),
            FieldValue::Conditions(vec![answers(&[("verb", &["get"])])]),
            FieldValue::Conditions(vec![answers(&[("verb", &["get", "no"]), ("yes", &["x"])]), answers(&[("other", &["c"])])]),
            FieldValue::Conditions(vec![
                answers(&[("url-shape", &["stage-root"]), ("verb", &["a", "b"])]),
                answers(&[("other", &["d"])]),
            ]),
        ],
        "asked-when" => {
            vec![FieldValue::Answers(vec![]), FieldValue::Answers(answers(&[("kind", &["a", "b"]), ("more", &["1"])]))]
        }
        "sources" => vec![
            FieldValue::Sources(vec![]),
            FieldValue::Sources(vec![SourceField { title: text("One: two # three"), url: text("https://example.com/a?b=c#d") }]),
            FieldValue::Sources(vec![
                SourceField { title: text("A title that is folded"), url: text("https://example.com/#anchor") },
                SourceField { title: text("New"), url: text("https://example.com/new") },
                SourceField { title: text("Flow"), url: text("https://example.com") },
            ]),
        ],
        "verified" => vec![
            FieldValue::Verified(VerifiedField::default()),
            FieldValue::Verified(VerifiedField { on: text("2026-11-24"), against: String::new(), by: String::new() }),
            FieldValue::Verified(VerifiedField { on: text("2026-11-24"), against: text("version: 2"), by: text("first") }),
        ],
        "options" => vec![
            FieldValue::Options(vec![OptionField { id: text("no"), label: text("No: never"), ..OptionField::default() }]),
            FieldValue::Options(vec![
                OptionField {
                    id: text("full"),
                    label: text("Whole"),
                    healthy: false,
                    detect: text("a && b"),
                    aliases: words(&["all"]),
                },
                OptionField { id: text("new"), label: text("New"), healthy: true, ..OptionField::default() },
                OptionField { id: text("half"), label: text("Half of it"), aliases: words(&["part"]), ..OptionField::default() },
            ]),
        ],
        "known-gaps" => vec![
            FieldValue::Gaps(vec![]),
            FieldValue::Gaps(vec![
                GapField { answers: answers(&[("a", &["b", "c"])]), reason: text("None") },
                GapField { answers: answers(&[("d", &["f"]), ("g", &["h", "i"])]), reason: text("None: either") },
            ]),
        ],
        "symptoms" | "aliases" | "alternatives" | "tags" => vec![
            FieldValue::Words(vec![]),
            FieldValue::Words(words(&["one"])),
            FieldValue::Words(words(&["first", "no", "403", "third"])),
        ],
        "statuses" => vec![FieldValue::Words(vec![]), FieldValue::Words(words(&["403", "500"]))],
        "messages" | "patterns" => vec![
            FieldValue::Words(words(&["it is dark", "{\"a\": 'b'} # c", "two\nlines", "\\s*: [x]"])),
            FieldValue::Words(words(&["'"])),
        ],
        _ => ["", "plain", "a: b # c", "yes", "two\n\nlines\n", " blank ", "é \u{1} \u{2028}", &"many words ".repeat(20)]
            .map(|t| FieldValue::Text(text(t)))
            .to_vec(),
    }
}

/// The keys that a kind of document can have.
fn keys(form: &Form) -> &'static [&'static str] {
    if form.field("options").is_some() {
        &["title", "why", "effort", "options", "asked-when", "aliases"]
    } else if form.field("messages").is_some() {
        &["title", "messages", "patterns", "statuses", "detect", "known-gaps", "aliases"]
    } else {
        &[
            "title",
            "symptoms",
            "when",
            "likelihood",
            "sources",
            "aliases",
            "alternatives",
            "tags",
            "owner",
            "disputed",
            "told-from",
            "verified",
        ]
    }
}

/// The text of each key with what is indented below it, and everything else: comments, blank lines, the body.
fn sections(text: &str) -> (BTreeMap<String, String>, String) {
    let (mut keys, mut rest): (BTreeMap<String, String>, String) = Default::default();
    let (mut key, mut open) = (None, String::new());
    let mut fences = 0;
    for line in text.split_inclusive('\n') {
        fences += usize::from(line.trim_end() == "---" && fences < 2);
        if fences == 1 && line.starts_with(|c: char| c.is_ascii_alphabetic()) {
            key = line.split(':').next().map(str::to_owned);
            rest.push_str(&std::mem::take(&mut open));
        } else if fences == 1 && key.is_some() && line.trim().is_empty() {
            // It belongs to the key if more of it follows.
            open.push_str(line);
            continue;
        } else if fences != 1 || line.starts_with(['#', '-']) && !line.starts_with("- ") {
            key = None;
            rest.push_str(&std::mem::take(&mut open));
        }
        match &key {
            Some(key) => {
                let section = keys.entry(key.clone()).or_default();
                section.push_str(&std::mem::take(&mut open));
                section.push_str(line);
            }
            None => rest.push_str(line),
        }
    }
    (keys, rest)
}

#[test]
fn what_was_read_is_there_already() {
    for (path, text) in texts() {
        let form = read(&text).unwrap_or_else(|e| panic!("{path}: {e}"));
        for (key, value) in &form.fields {
            assert_eq!(apply(&text, key, value).as_deref(), Ok(text.as_str()), "{path}: {key}");
        }
        assert_eq!(apply_form(&text, &form).as_deref(), Ok(text.as_str()), "{path}");
    }
}

#[test]
fn a_change_of_one_field_leaves_the_others_as_they_were_written() {
    // Of the many that ship, every third.
    for (path, text) in texts().into_iter().enumerate().filter(|(n, (path, _))| n % 3 == 0 || !path.contains('/')).map(|(_, t)| t)
    {
        let form = read(&text).unwrap_or_else(|e| panic!("{path}: {e}"));
        let (before, rest) = sections(&text);
        for key in keys(&form) {
            for value in values(key) {
                let changed = apply(&text, key, &value).unwrap_or_else(|e| panic!("{path}: {key}: {value:?}: {e}"));
                let (mut after, now) = sections(&changed);
                let mut before = before.clone();
                before.remove(*key);
                after.remove(*key);
                assert_eq!(before, after, "{path}: {key}: {value:?}: {changed}");
                assert_eq!(rest, now, "{path}: {key}: {value:?}");
                assert_eq!(changed.contains('\r'), text.contains('\r'), "{path}");
                assert!(
                    !text.contains('\r') || changed.matches("\r\n").count() == changed.matches('\n').count(),
                    "{path}: {changed:?}"
                );
                let read = read(&changed).unwrap_or_else(|e| panic!("{path}: {e}: {changed}"));
                match read.field(key) {
                    Some(found) => assert_eq!(*found, value, "{path}"),
                    None => assert!(value.is_empty(), "{path}: {key}: {value:?}"),
                }
                assert_eq!(apply(&changed, key, &value).as_deref(), Ok(changed.as_str()), "{path}: {key}: twice is once");
            }
        }
    }
}

/// Lines that are in one text and not in the other.
fn changed_lines(old: &str, new: &str) -> (Vec<String>, Vec<String>) {
    let mut lines = (Vec::new(), Vec::new());
    for change in super::lines::changes(&super::lines::split(old), &super::lines::split(new)) {
        lines.0.extend(super::lines::split(old)[change.old].iter().map(|l| l.trim_end().to_owned()));
        lines.1.extend(super::lines::split(new)[change.new].iter().map(|l| l.trim_end().to_owned()));
    }
    lines
}

#[test]
fn within_a_field_only_what_differs_is_written_anew() {
    let text = |t: &str| t.to_owned();
    let words = |all: &[&str]| FieldValue::Words(all.iter().map(|w| text(w)).collect());
    let options = |change: &dyn Fn(&mut Vec<OptionField>)| {
        let Ok(Some(FieldValue::Options(mut options))) = read(QUESTION).map(|f| f.field("options").cloned()) else {
            panic!("it has options")
        };
        change(&mut options);
        FieldValue::Options(options)
    };
    let sources = |change: &dyn Fn(&mut Vec<SourceField>)| {
        let Ok(Some(FieldValue::Sources(mut sources))) = read(STYLES).map(|f| f.field("sources").cloned()) else {
            panic!("it has sources")
        };
        change(&mut sources);
        FieldValue::Sources(sources)
    };
    let new = OptionField { id: text("new"), label: text("New: one"), healthy: true, ..OptionField::default() };
    for (document, key, value, gone, come) in [
        (
            STYLES,
            "title",
            FieldValue::Text(text("It's")),
            &["title: 'Single ''quoted'''   # beside"][..],
            &["title: 'It''s'   # beside"][..],
        ),
        (STYLES, "tags", words(&["at-the-edge", "new", "double"]), &[], &["- new"]),
        (STYLES, "tags", words(&["double"]), &["- at-the-edge"], &[]),
        (STYLES, "aliases", words(&["newer"]), &["aliases: old-name"], &["aliases: newer"]),
        (STYLES, "aliases", words(&["old-name", "b"]), &["aliases: old-name"], &["aliases: [old-name, b]"]),
        (
            QUESTION,
            "options",
            options(&|o| o.push(new.clone())),
            &[],
            &["  - id: new", "    label: 'New: one'", "    healthy: true"],
        ),
        (
            QUESTION,
            "options",
            options(&|o| o.insert(0, new.clone())),
            &[],
            &["  - id: new", "    label: 'New: one'", "    healthy: true"],
        ),
        (QUESTION, "options", options(&|o| drop(o.remove(1))), &["  - id: half", "    label: Half", "    aliases: [part]"], &[]),
        (QUESTION, "options", options(&|o| o[0].healthy = false), &["    healthy: true"], &[]),
        (QUESTION, "options", options(&|o| o[1].detect = text("c == 'd'")), &[], &["    detect: c == 'd'"]),
        (QUESTION, "options", options(&|o| o[0].id = text("whole")), &["  - id: full"], &["  - id: whole"]),
        (
            STYLES,
            "sources",
            sources(&|s| s.insert(1, SourceField { title: text("T"), url: text("https://example.com/t") })),
            &[],
            &["  - title: T", "    url: https://example.com/t"],
        ),
        (
            STYLES,
            "sources",
            sources(&|s| s[0].url = text("https://example.com/new")),
            &["  - url: https://example.com/#anchor"],
            &["  - url: https://example.com/new"],
        ),
        (SYMPTOM, "statuses", words(&["403"]), &["statuses: [403, 404]"], &["statuses: [403]"]),
        (SYMPTOM, "messages", words(&["it is dark", "two\nlines", "three"]), &[], &["  - 'three'"]),
    ] {
        let changed = apply(document, key, &value).unwrap_or_else(|e| panic!("{key}: {value:?}: {e}"));
        let (old, new) = changed_lines(document, &changed);
        assert_eq!(
            (old.as_slice(), new.as_slice()),
            (&gone.iter().map(|l| text(l)).collect::<Vec<_>>()[..], &come.iter().map(|l| text(l)).collect::<Vec<_>>()[..]),
            "{key}: {value:?}"
        );
    }
}

#[test]
fn an_old_name_is_kept_as_an_alias_once() {
    let text = "---\ntitle: A\nmessages: ['a'] # seen\n---\n";
    let named = add_alias(text, "old").expect("it can be written");
    assert_eq!(named, text.replace("# seen\n", "# seen\naliases: [old]\n"));
    assert_eq!(add_alias(&named, "old").as_deref(), Ok(named.as_str()));
    assert_eq!(remove_alias(&named, "old").as_deref(), Ok(text));
    let renamed = rename_option(QUESTION, "full", "whole").expect("it can be written").expect("it has the option");
    assert_eq!(renamed, QUESTION.replace("id: full", "id: whole").replace("      && b\n", "      && b\n    aliases: [full]\n"));
    let back = rename_option(&renamed, "whole", "full").expect("it can be written").expect("it has the option");
    assert_eq!(back, renamed.replace("id: whole", "id: full").replace("[full]", "[whole]"));
    assert_eq!(rename_option(QUESTION, "none", "x"), Ok(None));
}

#[test]
fn a_new_key_stands_where_it_belongs_and_an_emptied_one_goes() {
    let text = "---\n# top\ntitle: A\nsymptoms: [s]\nlikelihood: rare # seldom\nsources:\n  - title: T\n    url: U\n# end\n---\n\nBody.\n";
    let tagged = apply(text, "tags", &FieldValue::Words(vec!["x".into()])).expect("it can be written");
    assert_eq!(tagged, text.replace("sources:", "tags: [x]\nsources:"));
    assert_eq!(apply(&tagged, "tags", &FieldValue::Words(vec![])).as_deref(), Ok(text));
    assert_eq!(
        apply(text, "title", &FieldValue::Text(String::new())),
        Ok(text.replace("title: A", "title: ''")),
        "what is needed stays, to be filled in"
    );
    assert_eq!(apply("---\n---\n", "title", &FieldValue::Text("A".into())).as_deref(), Ok("---\ntitle: A\n---\n"));
    assert_eq!(apply("---\r\n---\r\n", "title", &FieldValue::Text("A".into())).as_deref(), Ok("---\r\ntitle: A\r\n---\r\n"));
}

#[test]
fn a_section_of_the_body_is_changed_alone() {
    let body = "---\ntitle: A\n---\n\n## Symptom\n\nOne.\n\n```md\n## Fix\n```\n\n## Fix\nTwo.\n\n### Verify\n\nThree.\n";
    for (heading, value, expected) in [
        ("Symptom", "New.", body.replace("One.\n\n```md\n## Fix\n```", "New.")),
        ("Fix", "\nNew.\r\n\r\nLine.\n\n", body.replace("Two.\n\n### Verify\n\nThree.", "New.\n\nLine.")),
        ("Cause", "Why.", body.replace("## Fix\nTwo", "## Cause\n\nWhy.\n\n## Fix\nTwo")),
        ("Caveats", "Mind.", format!("{body}\n## Caveats\n\nMind.\n")),
        ("", "First.", body.replace("---\n\n## Symptom", "---\n\nFirst.\n\n## Symptom")),
        ("Fix", "", body.replace("## Fix\nTwo.\n\n### Verify\n\nThree.\n", "## Fix\n\n")),
        ("Check", "", body.to_owned()),
    ] {
        assert_eq!(apply_section(body, heading, value).as_deref(), Ok(expected.as_str()), "{heading}: {value:?}");
        let form = read(&expected).expect("it is a form");
        let shown = if heading.is_empty() { Some(form.opening.as_str()) } else { form.section(heading) };
        assert_eq!(shown.unwrap_or_default(), value.replace("\r\n", "\n").trim(), "{heading}");
    }
    let without = body.replace("## Fix\nTwo.\n\n### Verify\n\nThree.\n", "");
    assert_eq!(apply_section(&format!("{without}## Caveats\n\nMind.\n"), "Caveats", "").as_deref(), Ok(without.as_str()));
    assert_eq!(apply_section("---\n---\n", "", "Words.").as_deref(), Ok("---\n---\n\nWords.\n"));
}

#[test]
fn a_text_that_cannot_be_taken_apart_has_no_form() {
    for (text, expected) in [
        ("title: A\n", NoForm::NoFrontMatter),
        ("---\ntitle: A\n", NoForm::NoFrontMatter),
        ("---\ntitle: A\ntitle: B\n---\n", NoForm::Twice { key: "title".into() }),
        ("---\ntitle: A\n---\n## Fix\n\n## Fix\n", NoForm::Twice { key: "## Fix".into() }),
        ("---\ntitle: [A]\n---\n", NoForm::Unusual { key: "title".into() }),
        ("---\nsources: one\n---\n", NoForm::Unusual { key: "sources".into() }),
        ("---\nsources:\n  - title: A\n    link: B\n---\n", NoForm::Unusual { key: "sources".into() }),
        ("---\nverified: {on: x, with: y}\n---\n", NoForm::Unusual { key: "verified".into() }),
    ] {
        assert_eq!(read(text), Err(expected), "{text:?}");
    }
    for (text, at) in [
        ("---\ntitle: A\nsymptoms: &x [a]\naliases: *x\n---\n", 3),
        ("---\n- a\n---\n", 2),
        ("---\n{title: A}\n---\n", 2),
        ("---\n  title: A\n---\n", 2),
        ("---\ntitle: A\n\tb: c\n---\n", 2),
        ("---\ntitle: A\nb: [c\n---\n", 3),
        ("---\ntitle: !x A\n---\n", 2),
    ] {
        let outcome = read(text);
        assert!(matches!(outcome, Err(NoForm::Unreadable { line, .. }) if line == at), "{text:?}: {outcome:?}");
    }
    assert_eq!(apply("---\n---\n", "colour", &FieldValue::Text("A".into())), Err(NoForm::Unknown { key: "colour".into() }));
    assert_eq!(apply("---\n---\n", "title", &FieldValue::Words(vec![])), Err(NoForm::Unknown { key: "title".into() }));
}

/// Texts that a person or a program could send.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[a-z0-9:#,'\"&*!|>%@`{}\\[\\]?~. \n\r\t\\-]{0,40}", "([a-z]{1,9} ){15,30}[a-z]"]
}

fn any_value() -> impl Strategy<Value = (&'static str, FieldValue)> {
    let words = || prop::collection::vec(any_text(), 0..4);
    let answers = || prop::collection::btree_map("[a-z0-9-]{1,8}", words(), 0..3).prop_map(|m| m.into_iter().collect::<Vec<_>>());
    let option = (any_text(), any_text(), any::<bool>(), any_text(), words())
        .prop_map(|(id, label, healthy, detect, aliases)| OptionField { id, label, healthy, detect, aliases });
    prop_oneof![
        (prop::sample::select(vec!["title", "disputed", "owner", "detect", "why"]), any_text())
            .prop_map(|(k, t)| (k, FieldValue::Text(t))),
        (prop::sample::select(vec!["symptoms", "tags", "messages", "patterns", "statuses", "aliases"]), words())
            .prop_map(|(k, w)| (k, FieldValue::Words(w))),
        prop::collection::vec(answers(), 0..3).prop_map(|c| ("when", FieldValue::Conditions(c))),
        answers().prop_map(|a| ("asked-when", FieldValue::Answers(a))),
        prop::collection::vec((any_text(), any_text()), 0..4).prop_map(|s| (
            "sources",
            FieldValue::Sources(s.into_iter().map(|(title, url)| SourceField { title, url }).collect())
        )),
        prop::collection::vec(option, 0..4).prop_map(|o| ("options", FieldValue::Options(o))),
        prop::collection::vec((answers(), any_text()), 0..3).prop_map(|g| (
            "known-gaps",
            FieldValue::Gaps(g.into_iter().map(|(answers, reason)| GapField { answers, reason }).collect())
        )),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) })]

    #[test]
    fn any_value_is_written_and_read_back(changes in prop::collection::vec(any_value(), 1..4), document in prop::sample::select(vec![STYLES, QUESTION, SYMPTOM]), returns in any::<bool>()) {
        let mut text = if returns { document.replace('\n', "\r\n") } else { document.to_owned() };
        for (key, value) in &changes {
            let before = read(&text).expect("it is a form");
            let changed = apply(&text, key, value);
            prop_assert!(changed.is_ok(), "{:?} {:?} {:?}", key, value, text);
            text = changed.expect("it was checked");
            let after = read(&text).expect("it is a form");
            prop_assert!(after.field(key).map_or(value.is_empty(), |v| v == value), "{:?} {:?}", value, text);
            let others = |form: &Form| form.fields.iter().filter(|(k, _)| k != key).cloned().collect::<Vec<_>>();
            prop_assert_eq!(others(&before), others(&after));
        }
    }

    #[test]
    fn any_text_has_a_form_or_a_reason(text in "(---\n)?([a-z]{1,2}: ?|title: |when: |- |\\[|\\]|\\{|\\}|'|\"|>-?\n|\\|\n|#|,|[a-z]|\n| |\r\n|## Fix\n){0,20}(---\n)?([a-z#]|\n){0,9}") {
        if let Ok(form) = read(&text) {
            for (key, value) in &form.fields {
                prop_assert_eq!(apply(&text, key, value), Ok(text.clone()));
            }
            let whole = apply_form(&text, &form);
            prop_assert_eq!(whole.as_deref(), Ok(text.as_str()));
            // A change is made, or refused; it never says something else.
            let value = FieldValue::Text("new: one".to_owned());
            if let Ok(changed) = apply(&text, "title", &value) {
                let form = read(&changed).expect("it is still a form");
                prop_assert_eq!(form.field("title"), Some(&value));
            }
        }
    }
}

#[test]
fn time_grows_with_the_text() {
    let fill = |unit: fn(usize) -> String| {
        move |bytes: usize| {
            let mut text = String::from("---\ntitle: A\n");
            let mut at = 0;
            while text.len() < bytes {
                text.push_str(&unit(at));
                at += 1;
            }
            (text + "---\n## Fix\n", String::new())
        }
    };
    let check = |name, texts: &dyn Fn(usize) -> (String, String)| {
        super::growth::check_with(name, texts, |text, _| {
            let form = read(text);
            let value = FieldValue::Text("B".into());
            drop((form, apply(text, "title", &value), apply(text, "owner", &value)));
        });
    };
    check("keys", &fill(|at| format!("k{at}: v\n")));
    check("comments", &fill(|_| "# a\n".to_owned()));
    check("brackets", &fill(|_| "[".to_owned()));
    check("blank lines", &fill(|_| "\n".to_owned()));
    check("sources", &|bytes| {
        let (text, _) = fill(|_| "  - {title: a, url: b}\n".to_owned())(bytes);
        (text.replacen("title: A\n", "title: A\nsources:\n", 1), String::new())
    });
    check("headings", &|bytes| ("---\ntitle: A\n---\n".to_owned() + &"## a\n".repeat(bytes / 5), String::new()));
}
