//! What a form does to a text: nothing, where nothing was changed, and elsewhere one thing at a time.

use super::fields::{append, headings, is_offered, keys, path, rows, section_name, shown, write};
use super::*;
use crate::content::Pack;
use crate::editing::draft::{entry_template, question_template, symptom_template};

fn sheet(kind: Kind, path: &str, text: &str, is_new: bool) -> (Text, Fields) {
    let slug = (!is_new).then(|| Slug::parse("a").expect("it is one"));
    let text = Text {
        kind,
        slug,
        base: 1,
        path: path.to_owned(),
        text: text.to_owned(),
        why: String::new(),
        draft: None,
        moved: None,
        kept: String::new(),
    };
    let form = form::read(&text.text).expect("it has a form");
    let sent = untouched(&text, &form);
    (text, sent)
}

/// As a browser sends it: each line of a field ends with two characters.
fn by_browser(sent: Fields) -> Fields {
    Fields(sent.0.into_iter().map(|(name, value)| (name, value.replace('\n', "\r\n"))).collect())
}

/// What is sent once one field holds something else.
fn with(sent: &Fields, name: &str, value: &str) -> Fields {
    let mut pairs = sent.0.clone();
    match pairs.iter_mut().find(|(n, _)| n == name) {
        Some(pair) => value.clone_into(&mut pair.1),
        None => pairs.push((name.to_owned(), value.to_owned())),
    }
    Fields(pairs)
}

fn shipped() -> Vec<(Kind, String, String)> {
    let pack = Pack::load(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/content"))).expect("it is there");
    let texts = pack.files.into_iter().filter_map(|file| {
        let kind = Kind::ALL.into_iter().find(|k| file.path.starts_with(k.folder()))?;
        Some((kind, file.path, String::from_utf8(file.bytes).ok()?))
    });
    texts.collect()
}

#[test]
fn a_form_that_is_sent_back_untouched_changes_no_byte() {
    let mut seen = 0;
    for (kind, file, text) in shipped() {
        for text in [text.clone(), text.replace('\n', "\r\n")] {
            let (before, sent) = sheet(kind, &file, &text, false);
            let sent = by_browser(sent);
            assert_eq!(write(kind, &text, false, &sent).as_deref(), Ok(text.as_str()), "{file}");
            assert_eq!(path(kind, &before.path, false, &sent).as_deref(), Ok(file.as_str()));
            seen += 1;
        }
        // All of it is offered, not left to the markdown.
        let form = form::read(&text).expect("it has a form");
        for (key, input) in keys(kind) {
            assert!(is_offered(key, *input, &shown(&form, key, *input)), "{file}: {key}");
        }
    }
    assert!(seen > 200, "{seen}");
}

#[test]
fn a_field_changes_its_own_lines() {
    for (kind, file, text) in shipped() {
        let (_, sent) = sheet(kind, &file, &text, false);
        let now = write(kind, &text, false, &by_browser(with(&sent, "title", "Another: title"))).expect("it can be written");
        let lines: Vec<&str> = text.lines().collect();
        let others: Vec<&str> = now.lines().filter(|l| !l.contains("Another: title")).collect();
        assert_eq!(others, lines.iter().filter(|l| !l.starts_with("title:")).copied().collect::<Vec<_>>(), "{file}");
        if kind == Kind::Entry {
            let old = form::read(&text).expect("it has a form");
            let sent = with(&sent, "section-Fix", "Do this.\n\nThen that.");
            let now = write(kind, &text, false, &by_browser(sent)).expect("it can be written");
            let new = form::read(&now).expect("it has a form");
            assert_eq!(new.section("Fix"), Some("Do this.\n\nThen that."));
            assert_eq!(old.fields, new.fields);
            let others = |form: &Form| form.sections.iter().filter(|(h, _)| h != "Fix").cloned().collect::<Vec<_>>();
            assert_eq!(others(&old), others(&new), "{file}");
        } else {
            let now = write(kind, &text, false, &with(&sent, "body", "Short.")).expect("it can be written");
            assert_eq!(now, text.replace(fields::body(&text, false).as_str(), "Short."), "{file}");
        }
    }
}

const ENTRY: &str = "---\ntitle: A # with a comment\nsymptoms: [b, a]\nwhen:\n  # why\n  q: [y, x]\n  r: z\nlikelihood: rare\n\
                     sources:\n  - {title: One, url: 'https://example.com/1'}\n---\n\n## Symptom\n\nS.\n\n## Cause\n\nC.\n\n## Fix\n\nF.\n";

#[test]
fn each_field_is_written_where_it_belongs() {
    let cases = [
        ("likelihood", "common", "likelihood: rare", "likelihood: common"),
        ("tags", "m, n n,", "sources:\n", "tags: [m, n n]\nsources:\n"),
        ("owner", " first ", "sources:\n", "owner: first\nsources:\n"),
        ("symptoms", "c", "[b, a]", "[a, c]"),
        ("when-0-q", "x", "[y, x]", "x"),
        ("section-Check", "Look.", "## Fix\n", "## Check\n\nLook.\n\n## Fix\n"),
        ("section-Caveats", "Mind.", "F.\n", "F.\n\n## Caveats\n\nMind.\n"),
    ];
    for (name, value, old, new) in cases {
        let (_, sent) = sheet(Kind::Entry, "entries/a.md", ENTRY, false);
        let mut sent = with(&sent, name, value);
        // A tick that is replaced must not stand twice.
        sent.0.dedup();
        let now = write(Kind::Entry, ENTRY, false, &by_browser(sent));
        assert_eq!(now.as_deref(), Ok(ENTRY.replacen(old, new, 1).as_str()), "{name}");
    }
}

#[test]
fn a_browser_may_send_ticks_in_another_order() {
    let (_, sent) = sheet(Kind::Entry, "entries/a.md", ENTRY, false);
    let mut pairs = sent.0;
    pairs.reverse();
    assert_eq!(write(Kind::Entry, ENTRY, false, &Fields(pairs)).as_deref(), Ok(ENTRY));
}

#[test]
fn questions_come_and_go_by_buttons() {
    let press = |text: &str, then: &str, more: &[(&str, &str)]| {
        let (_, mut sent) = sheet(Kind::Entry, "entries/a.md", text, false);
        sent.0.push(("then".into(), then.into()));
        sent.0.extend(more.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
        let at = fields::act(&mut sent).expect("it can be done").expect("it leads back");
        (write(Kind::Entry, text, false, &sent).expect("it can be written"), at)
    };
    let (more, at) = press(ENTRY, "add-when-0", &[("add-when-0", "s")]);
    assert_eq!((at.as_str(), more.as_str()), ("when-0-s", ENTRY.replace("  r: z\n", "  r: z\n  s: []\n").as_str()));
    let (less, at) = press(&more, "remove-when-0-s", &[]);
    assert_eq!((at.as_str(), less.as_str()), ("when", ENTRY));
    let (two, at) = press(ENTRY, "add-when-1", &[("add-when-1", "s")]);
    let sets = |text: &str| match form::read(text).expect("it has a form").field("when") {
        Some(FieldValue::Conditions(sets)) => sets.len(),
        _ => 0,
    };
    assert_eq!((at.as_str(), sets(&two)), ("when-1-s", 2), "{two}");
    let (one, _) = press(&two, "remove-when-1-s", &[]);
    assert_eq!(sets(&one), 1, "{one}");
    let (none, _) = press(&press(&one, "remove-when-0-q", &[]).0, "remove-when-0-r", &[]);
    assert_eq!(sets(&none), 0, "{none}");

    let mut empty = Fields(vec![("then".into(), "add-when-0".into()), ("add-when-0".into(), String::new())]);
    assert_eq!(fields::act(&mut empty).expect_err("nothing was chosen").id, "add-when-0");
}

const QUESTION: &str = "---\ntitle: Q?\nwhy: W.\neffort: glance\noptions:\n  # first\n  - {id: a, label: A, healthy: true}\n  - id: b\n    \
                        label: B\n    detect: 'true'\n---\n\nLook.\n";

#[test]
fn options_are_added_renamed_and_removed() {
    let (_, sent) = sheet(Kind::Question, "questions/q.md", QUESTION, false);
    let options = |sent: &Fields| {
        let text = write(Kind::Question, QUESTION, false, sent).expect("it can be written");
        assert!(text.contains("  # first\n"), "{text}");
        match form::read(&text).expect("it has a form").field("options") {
            Some(FieldValue::Options(options)) => options.clone(),
            other => panic!("{other:?}"),
        }
    };
    let added = options(&with(&with(&sent, "options-2-label", "Something: else"), "options-2-id", ""));
    assert_eq!((added[2].id.as_str(), added[2].label.as_str()), ("something-else", "Something: else"));
    let renamed = options(&with(&with(&sent, "options-1-id", "c"), "options-1-known", "yes"));
    assert_eq!((renamed[1].id.as_str(), renamed[1].aliases.as_slice()), ("c", &["b".to_owned()][..]));
    assert_eq!(renamed[1].detect, "true");
    let young = options(&with(&sent, "options-1-id", "c"));
    assert_eq!((young[1].id.as_str(), young[1].aliases.len()), ("c", 0), "nobody has seen the old name");
    let mut removed = with(&sent, "then", "remove-options-1");
    fields::act(&mut removed).expect("it can be done");
    assert_eq!(options(&removed).len(), 1);
    assert_eq!(rows("options", &removed).into_iter().collect::<Vec<_>>(), [0]);
    assert_eq!(options(&with(&sent, "options-0-label", "A, then"))[0].label, "A, then");
}

#[test]
fn what_cannot_be_taken_is_told_beside_its_field() {
    let swallowing = "```\nnever closed";
    let cases: &[(Kind, &str, &str, &str, &str)] = &[
        (Kind::Question, QUESTION, "options-1-id", "Not so", "cannot be a name"),
        (Kind::Entry, ENTRY, "section-Symptom", swallowing, "swallow"),
        (Kind::Entry, ENTRY, "section-Symptom", "a\n\n## Fix\n\nb", "already"),
        (Kind::Symptom, "---\ntitle: T\nmessages: [m]\n---\n\nB.\n", "statuses", "403, many", "no status"),
    ];
    for (kind, text, name, value, said) in cases {
        let (_, sent) = sheet(*kind, "", text, false);
        let wrong = write(*kind, text, false, &with(&sent, name, value)).expect_err("it cannot be taken");
        assert_eq!(wrong.iter().map(|w| w.id.as_str()).collect::<Vec<_>>(), [*name]);
        assert!(wrong[0].said.contains(said), "{}", wrong[0].said);
    }
    let named = |name: &str, area: &str| {
        let sent =
            Fields(vec![("name".into(), name.into()), ("area".into(), area.into()), ("title".into(), "A: new One".into())]);
        path(Kind::Entry, "", true, &sent).map_err(|w| w.id)
    };
    assert_eq!(named("", "room"), Ok("entries/room/a-new-one.md".to_owned()));
    assert_eq!(named("x", ""), Ok("entries/x.md".to_owned()));
    assert_eq!(named("X y", ""), Err("name".to_owned()));
    assert_eq!(named("x", "../y"), Err("area".to_owned()));
}

#[test]
fn a_new_document_is_filled_in_without_its_help() {
    let text = entry_template("", &["s"], &[], "No light");
    let (_, sent) = sheet(Kind::Entry, "", &text, true);
    assert!(sent.0.iter().all(|(_, value)| !value.contains("<!--")), "{:?}", sent.0);
    assert!(sent.one("section-Symptom").contains("No light"));
    let kept = write(Kind::Entry, &text, true, &sent).expect("it can be written");
    assert!(kept.contains("<!-- Why it happens. -->"), "what nobody wrote into keeps its help");
    assert!(!kept.contains("## Check"), "a part that may be missing is not left empty");
    let now = write(Kind::Entry, &text, true, &with(&sent, "section-Cause", "Out.")).expect("it can be written");
    assert_eq!(form::read(&now).expect("it has a form").section("Cause"), Some("Out."));
    for (kind, text) in [(Kind::Question, question_template("", "", &[])), (Kind::Symptom, symptom_template("", &["m"]))] {
        let (_, sent) = sheet(kind, "", &text, true);
        assert_eq!(sent.one("body"), "");
        assert_eq!(write(kind, &text, true, &sent).as_deref(), Ok(text.as_str()));
        assert!(write(kind, &text, true, &with(&sent, "body", "Look.")).expect("it can be written").ends_with("---\n\nLook.\n"));
    }
}

#[test]
fn a_picture_is_put_at_the_end_of_the_fix() {
    let now = append(Kind::Entry, ENTRY, "![p](/image/x)").expect("it can be written");
    assert_eq!(now, ENTRY.replace("F.\n", "F.\n\n![p](/image/x)\n"));
    let now = append(Kind::Question, QUESTION, "![p](/image/x)").expect("it can be written");
    assert_eq!(now, QUESTION.replace("Look.\n", "Look.\n\n![p](/image/x)\n"));
}

#[test]
fn unusual_parts_have_a_place_of_their_own() {
    let text = ENTRY.replace("## Cause", "## Notes from a call\n\nN.\n\n## Cause");
    let form = form::read(&text).expect("it has a form");
    assert_eq!(headings(&form), ["Symptom", "Notes from a call", "Cause", "Check", "Fix", "Caveats"]);
    let (_, sent) = sheet(Kind::Entry, "entries/a.md", &text, false);
    let now = write(Kind::Entry, &text, false, &with(&sent, &section_name("Notes from a call"), "M."));
    assert_eq!(now, Ok(text.replace("N.\n", "M.\n")));
}
