//! The text of a new document, filled in as far as it is known, with a line of help where a person has to write. Start at
//! [`entry_template`].
//!
//! What is missing is left empty, so that the problems of the draft say what to fill in; once it is filled in, the draft is a
//! document.

use super::patch::{Value, fresh_pair};
use crate::kb::Slug;

const ABOUT_WHEN: &str =
    "# What is distinctive of this cause: question: [options]. What is not named here is taken to be in order.";
const ABOUT_LIKELIHOOD: &str = "# How often it is behind the symptom: common, occasional or rare.";
const ABOUT_SOURCES: &str = "# Where it can be read: a title and an address, at least one.";
const ABOUT_EFFORT: &str = "# What an answer costs: glance, look-up, command or ask-someone.";
const ABOUT_OPTIONS: &str = "# Two or more. Add `healthy: true` where all is as it should be.";
const ABOUT_MESSAGES: &str = "# What a person sees, word for word.";

/// A new entry. `when` holds question and option pairs, such as the answers that led to no fix; `message` is what was seen.
pub fn entry_template(title: &str, symptoms: &[&str], when: &[(&str, &str)], message: &str) -> String {
    let mut answers: Vec<(String, Vec<String>)> = Vec::new();
    for (question, option) in when {
        match answers.iter_mut().find(|(q, _)| q == question) {
            Some((_, options)) if options.iter().any(|o| o == option) => {}
            Some((_, options)) => options.push((*option).to_owned()),
            None => answers.push(((*question).to_owned(), vec![(*option).to_owned()])),
        }
    }
    let answers = answers.into_iter().map(|(q, options)| (q, Value::Words(options, true))).collect();
    let front = [
        text("title", title),
        fresh_pair("symptoms", &Value::Words(owned(symptoms), false), 0),
        ABOUT_WHEN.to_owned(),
        fresh_pair("when", &Value::Map(answers), 0),
        ABOUT_LIKELIHOOD.to_owned(),
        text("likelihood", "occasional"),
        ABOUT_SOURCES.to_owned(),
        fresh_pair("sources", &Value::List(vec![Value::map([("title", empty()), ("url", empty())])]), 0),
    ];
    let parts = [
        ("Symptom", "What a person sees, and where.", fenced(message)),
        ("Cause", "Why it happens.", String::new()),
        ("Check", "How to confirm the cause without changing anything. Delete this part if there is no way.", String::new()),
        ("Fix", "What to do, step by step, and how to see that it worked.", String::new()),
    ];
    let body = parts.map(|(heading, help, known)| format!("\n## {heading}\n\n<!-- {help} -->\n{known}"));
    document(&front, &body.concat())
}

/// A new question. Options are pairs of id and label; those that are missing to two are left to fill in.
pub fn question_template(title: &str, why: &str, options: &[(&str, &str)]) -> String {
    let known = options.iter().map(|(id, label)| (Value::Text((*id).to_owned()), Value::Text((*label).to_owned())));
    let missing = std::iter::repeat_n((empty(), empty()), 2usize.saturating_sub(options.len()));
    let options = known.chain(missing).map(|(id, label)| Value::map([("id", id), ("label", label)])).collect();
    let front = [
        text("title", title),
        text("why", why),
        ABOUT_EFFORT.to_owned(),
        text("effort", "glance"),
        ABOUT_OPTIONS.to_owned(),
        fresh_pair("options", &Value::List(options), 0),
    ];
    document(&front, "\n<!-- How to find out, with a command that changes nothing where there is one. -->\n")
}

/// A new symptom, with the messages by which it is known.
pub fn symptom_template(title: &str, messages: &[&str]) -> String {
    let front = [text("title", title), ABOUT_MESSAGES.to_owned(), fresh_pair("messages", &Value::Lines(owned(messages)), 0)];
    document(&front, "\n<!-- What this symptom means, and what it does not. -->\n")
}

fn document(front: &[String], body: &str) -> String {
    format!("---\n{}\n---\n{body}", front.join("\n"))
}

fn text(key: &str, value: &str) -> String {
    fresh_pair(key, &Value::Text(value.to_owned()), 0)
}

fn empty() -> Value {
    Value::Text(String::new())
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|w| (*w).to_owned()).collect()
}

/// What was seen, in a fence that is longer than any within it.
fn fenced(message: &str) -> String {
    let message = message.replace("\r\n", "\n");
    if message.trim().is_empty() {
        return String::new();
    }
    let longest = message.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    format!("\n{fence}text\n{}\n{fence}\n", message.trim_end_matches('\n'))
}

/// The name that a title suggests: its words with dashes between them. `None` when it has none.
pub fn slug_of(title: &str) -> Option<Slug> {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty());
    let mut slug = String::new();
    for word in words {
        if slug.len() + 1 + word.len() > Slug::LONGEST {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(&word.to_ascii_lowercase());
    }
    Slug::parse(&slug)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::{self, File, Pack};
    use crate::editing::form::{FieldValue, OptionField, SourceField, apply, read};

    fn problems(files: &[(&str, &str)]) -> Vec<String> {
        let files = files.iter().map(|(path, text)| File { path: (*path).to_owned(), bytes: text.as_bytes().to_vec() });
        content::read(&Pack { files: files.collect(), ..Pack::default() }).problems.into_iter().map(|p| p.to_string()).collect()
    }

    fn fill(text: &str, key: &str, value: FieldValue) -> String {
        apply(text, key, &value).expect("a template has a form")
    }

    #[test]
    fn a_template_is_a_document_once_it_is_filled_in() {
        let symptom = symptom_template("It is: dark", &["it's \"dark\"", "off # now"]);
        let question = question_template("Is it plugged in?", "Look.", &[("yes", "Yes"), ("no", "No: it is out")]);
        let entry = entry_template(
            "The plug: out",
            &["dark"],
            &[("plug", "no"), ("plug", "yes"), ("plug", "no")],
            "dark\n```\nstill dark\n````\n",
        );
        let source = SourceField { title: "Lamps".into(), url: "https://example.com".into() };
        let entry = fill(&entry, "sources", FieldValue::Sources(vec![source]));
        let files = [
            ("symptoms/dark.md", symptom.as_str()),
            ("questions/plug.md", question.as_str()),
            ("entries/plug-out.md", entry.as_str()),
        ];
        assert_eq!(problems(&files), Vec::<String>::new());
        let reading = content::read(&Pack {
            files: files.iter().map(|(path, text)| File { path: (*path).to_owned(), bytes: text.as_bytes().to_vec() }).collect(),
            ..Pack::default()
        });
        let read = reading.kb.entries.get("plug-out").expect("it was read");
        assert_eq!(read.title, "The plug: out");
        assert_eq!(read.when.len(), 1);
        assert!(read.body.contains("\n`````text\ndark\n```\nstill dark\n````\n`````\n"), "{}", read.body);
        assert_eq!(reading.kb.symptoms["dark"].messages, ["it's \"dark\"", "off # now"]);
    }

    #[test]
    fn what_is_missing_is_said_by_the_problems() {
        let files = [
            ("symptoms/dark.md", symptom_template("Dark", &[])),
            ("questions/plug.md", question_template("Plug?", "", &[])),
            ("entries/plug-out.md", entry_template("", &[], &[], "")),
        ];
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let found = problems(&files).join("\n");
        for wanted in [
            "at least one message",
            "`why` is empty",
            "option `` is not a slug",
            "`title` is empty",
            "at least one symptom",
            "not a web address",
        ] {
            assert!(found.contains(wanted), "{wanted}: {found}");
        }
        assert!(!found.contains("front matter"), "{found}");
    }

    #[test]
    fn a_template_has_a_form() {
        for text in [symptom_template("Dark", &[]), question_template("Plug?", "", &[]), entry_template("A", &[], &[], "")] {
            let form = read(&text).expect("it has a form");
            assert_eq!(crate::editing::form::apply_form(&text, &form), Ok(text));
        }
        let options = vec![OptionField { id: "a".into(), label: "A".into(), ..OptionField::default() }; 2];
        let filled = fill(&question_template("Plug?", "", &[]), "options", FieldValue::Options(options.clone()));
        assert_eq!(read(&filled).expect("it has a form").field("options"), Some(&FieldValue::Options(options)));
    }

    #[test]
    fn any_message_stays_within_its_fence() {
        for message in ["", "a", "```", "~~~\n`````", "a\r\nb", "---\n## Fix"] {
            let text = entry_template("A", &["s"], &[], message);
            let form = read(&text).expect("it has a form");
            let headings: Vec<&str> = form.sections.iter().map(|(heading, _)| heading.as_str()).collect();
            assert_eq!(headings, ["Symptom", "Cause", "Check", "Fix"], "{message:?}");
        }
    }
}
