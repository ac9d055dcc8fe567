//! The form of a document: its fields for people who never saw front matter. What the form does not touch stays as it is written.
//!
//! A page is made of pairs of names and values: those that its text gives, or those that were sent and refused, so that nothing
//! which was typed is lost. Start at [`FormPage::of`] for the page and at [`take`] for what is sent back.

mod fields;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use actix_web::web::Bytes;
use askama::Template;

use self::fields::Input;
pub use self::fields::Wrong;
use super::Fields;
use super::editor::{Said, Text, example};
use crate::app::images::NotAdded;
use crate::editing::form::{self, FieldValue, Form, NoForm, VerifiedField};
use crate::kb::{Entry, Kind, KnowledgeBase, Slug};
use crate::web::error::Error;
use crate::web::layout::Layout;
use crate::web::markdown::plain;
use crate::web::server::Site;
use crate::web::visitor::Visitor;

/// Something to fill in, as it stands on the page.
enum Control {
    Line(Line),
    Ticks(Ticks),
    Picker(Picker),
    Sources(Sources),
    Options(Options),
    Known(Known),
}

struct Line {
    name: String,
    id: String,
    label: String,
    hint: String,
    value: String,
    wrong: Option<String>,
    /// How high the field is; 0 for one line.
    rows: usize,
    is_code: bool,
    /// What can be chosen from, for browsers that show such lists.
    known: Vec<String>,
    /// Pictures can be pasted into it, and the preview shows it.
    is_prose: bool,
    /// The heading that the preview shows above it.
    heading: Option<String>,
}

struct Ticks {
    key: &'static str,
    label: String,
    hint: String,
    is_radio: bool,
    wrong: Option<String>,
    ticks: Vec<Tick>,
    /// What the list has no room for is written here: the words above the field.
    other: Option<&'static str>,
}

struct Tick {
    value: String,
    label: String,
    is_on: bool,
}

/// Sets of questions, each with those of its options that fit.
struct Picker {
    key: &'static str,
    label: String,
    hint: String,
    wrong: Option<String>,
    sets: Vec<Set>,
    /// Where a question can be added that begins a set.
    new: Option<Adder>,
    /// All questions, by what they ask.
    questions: Vec<(String, String)>,
}

struct Set {
    legend: String,
    questions: Vec<Asked>,
    add: Adder,
}

struct Asked {
    name: String,
    slug: String,
    title: String,
    options: Vec<Tick>,
}

struct Adder {
    name: String,
    label: &'static str,
    button: &'static str,
    wrong: Option<String>,
}

struct Sources {
    hint: String,
    wrong: Option<String>,
    rows: Vec<(String, String, String)>,
}

struct Options {
    hint: String,
    wrong: Option<String>,
    rows: Vec<Row>,
}

struct Row {
    at: usize,
    number: usize,
    id: String,
    label: String,
    was: String,
    aliases: String,
    is_known: bool,
    is_healthy: bool,
    is_new: bool,
    detect: String,
    wrong: Option<String>,
}

/// What is shown and edited elsewhere.
struct Known {
    label: String,
    hint: String,
    values: Vec<String>,
}

#[derive(Template)]
#[template(path = "write/form.html")]
pub struct FormPage {
    layout: Layout,
    heading: String,
    action: String,
    keep: String,
    kept: String,
    said: Option<Said>,
    document_url: Option<String>,
    version: i64,
    base: i64,
    /// What was sent and cannot be taken: each with its field.
    wrong: Vec<Wrong>,
    first: Vec<Control>,
    body_hint: &'static str,
    body: Vec<Line>,
    picture_wrong: Option<String>,
    more: Vec<Control>,
    more_is_open: bool,
}

/// What a page shows, while it is put together.
struct Sheet<'a> {
    text: &'a Text,
    form: Form,
    kb: &'a KnowledgeBase,
    /// What the fields hold.
    now: Fields,
    wrong: &'a [Wrong],
}

impl FormPage {
    /// The page of a text, or of what was sent and refused.
    pub fn of(
        text: &Text,
        action: &str,
        said: Option<Said>,
        kb: &KnowledgeBase,
        sent: Option<(Fields, Vec<Wrong>)>,
    ) -> Result<FormPage, NoForm> {
        let form = form::read(&text.text)?;
        let (now, wrong) = sent.unwrap_or_else(|| (untouched(text, &form), Vec::new()));
        // What was refused is still based on what its writer saw.
        let version = if now.has("version") { now.number("version") } else { text.draft.map_or(0, |(_, version)| version) };
        let sheet = Sheet { text, form, kb, now, wrong: &wrong };
        let (first, more) = (sheet.first(), sheet.more());
        let (heading, body) = (text.heading(), sheet.body());
        let picture_wrong = sheet.wrong("picture");
        let ids: Vec<&str> = fields::keys(text.kind).iter().map(|(key, _)| *key).filter(|key| is_rare(key)).collect();
        Ok(FormPage {
            layout: Layout::unlisted(&heading, "Write a document of the knowledge base."),
            heading,
            action: action.to_owned(),
            keep: text.keep(action),
            kept: text.kept.clone(),
            said,
            document_url: text.slug.as_ref().map(|slug| text.kind.url(slug.as_str())),
            version,
            base: text.base,
            more_is_open: wrong.iter().any(|w| ids.iter().any(|key| w.id == *key || w.id.starts_with(&format!("add-{key}-")))),
            first,
            body_hint: body_hint(text.kind),
            body,
            picture_wrong,
            more,
            wrong,
        })
    }
}

/// What a browser would send of a text that nobody touched.
fn untouched(text: &Text, form: &Form) -> Fields {
    let is_new = text.slug.is_none();
    let mut pairs = Vec::new();
    match fields::place(text.kind, &text.path) {
        Some((area, name)) => {
            pairs.push(("area".to_owned(), area.to_owned()));
            pairs.push(("name".to_owned(), name.to_owned()));
        }
        None if text.path.is_empty() => pairs.push(("name".to_owned(), String::new())),
        None => pairs.push(("path".to_owned(), text.path.clone())),
    }
    for (key, input) in fields::keys(text.kind) {
        let shown = fields::shown(form, key, *input);
        pairs.extend(fields::pairs(key, *input, &shown));
    }
    if text.kind == Kind::Entry {
        let section = |heading: String| {
            let text = form.section(&heading).unwrap_or_default();
            (fields::section_name(&heading), fields::without_help(text, is_new).to_owned())
        };
        pairs.extend(fields::headings(form).into_iter().map(section));
        pairs.extend((!form.opening.is_empty()).then(|| (fields::section_name(""), form.opening.clone())));
    } else {
        pairs.push(("body".to_owned(), fields::body(&text.text, is_new)));
    }
    Fields(pairs)
}

impl Sheet<'_> {
    fn kind(&self) -> Kind {
        self.text.kind
    }

    fn wrong(&self, id: &str) -> Option<String> {
        self.wrong.iter().find(|w| w.id == id).map(|w| w.said.clone())
    }

    fn first(&self) -> Vec<Control> {
        let mut controls = Vec::new();
        for (at, (key, input)) in fields::keys(self.kind()).iter().filter(|(key, _)| !is_rare(key)).enumerate() {
            controls.push(self.control(key, *input));
            if at == 0 {
                controls.extend(self.file());
            }
        }
        controls
    }

    fn more(&self) -> Vec<Control> {
        let rare = fields::keys(self.kind()).iter().filter(|(key, _)| is_rare(key));
        let mut controls: Vec<Control> = rare.map(|(key, input)| self.control(key, *input)).collect();
        controls.extend(self.known());
        controls
    }

    /// Where the text stands.
    fn file(&self) -> Vec<Control> {
        let line = |name: &str, label: &str, hint: String| {
            let mut line = self.line(name, label, &hint, 0);
            line.is_code = true;
            line
        };
        if self.now.has("path") {
            let hint = format!("The folder and the name, such as {}", example(self.kind()));
            return vec![Control::Line(line("path", "File", hint))];
        }
        let address = self.kind().url("");
        let hint = match &self.text.slug {
            None => format!("The end of its address, behind {address}. Left empty, it follows the title"),
            Some(_) => {
                format!("The end of its address, behind {address}. With another name, links that have the old one go on to work")
            }
        };
        let name = line("name", "Name", hint);
        if self.kind() != Kind::Entry {
            return vec![Control::Line(name)];
        }
        let mut area = line("area", "Area", "The shelf on which it stands, such as the product; may be empty".to_owned());
        let areas: BTreeSet<&str> = self.kb.entries.values().map(|e| e.area.as_str()).filter(|a| !a.is_empty()).collect();
        area.known = areas.into_iter().map(str::to_owned).collect();
        vec![Control::Line(area), Control::Line(name)]
    }

    fn line(&self, name: &str, label: &str, hint: &str, rows: usize) -> Line {
        Line {
            name: name.to_owned(),
            id: name.replace(char::is_whitespace, "-"),
            label: label.to_owned(),
            hint: hint.to_owned(),
            value: self.now.one(name).to_owned(),
            wrong: self.wrong(name),
            rows,
            is_code: false,
            known: Vec::new(),
            is_prose: false,
            heading: None,
        }
    }

    fn control(&self, key: &'static str, input: Input) -> Control {
        let (label, hint) = words(self.kind(), key);
        let shown = fields::shown(&self.form, key, input);
        if !fields::is_offered(key, input, &shown) {
            let hint = "It is written in a way that the form cannot show: change it in the markdown".to_owned();
            return Control::Known(Known { label: label.to_owned(), hint, values: Vec::new() });
        }
        match input {
            Input::Line | Input::Words => Control::Line(self.line(key, label, hint, 0)),
            Input::Text | Input::Lines => {
                let mut line = self.line(key, label, hint, 3);
                line.rows = line.value.lines().map(|l| 1 + l.len() / 90).sum::<usize>().clamp(2, 12);
                line.is_code = ["detect", "patterns", "messages"].contains(&key);
                Control::Line(line)
            }
            Input::Choice => Control::Ticks(self.choice(key, label, hint)),
            Input::Ticks if key == "alternatives" => Control::Ticks(self.alternatives(key, label, hint)),
            Input::Ticks => Control::Ticks(self.symptoms(key, label, hint)),
            Input::Conditions | Input::Answers => Control::Picker(self.picker(key, label, hint, input, &shown)),
            Input::Sources => Control::Sources(self.sources(hint)),
            Input::Options => Control::Options(self.options(hint)),
        }
    }

    fn choice(&self, key: &'static str, label: &str, hint: &str) -> Ticks {
        let now = self.now.one(key);
        let known: &[(&str, &str)] = if key == "effort" { EFFORTS } else { LIKELIHOODS };
        let tick = |value: &str, label: &str| Tick { value: value.to_owned(), label: label.to_owned(), is_on: value == now };
        let mut ticks: Vec<Tick> = known.iter().map(|(value, label)| tick(value, label)).collect();
        if !now.is_empty() && !known.iter().any(|(value, _)| *value == now) {
            ticks.push(tick(now, &format!("{now}, which nobody knows")));
        }
        Ticks { key, label: label.to_owned(), hint: hint.to_owned(), is_radio: true, wrong: self.wrong(key), ticks, other: None }
    }

    /// Those that are chosen come first, in their order.
    fn symptoms(&self, key: &'static str, label: &str, hint: &str) -> Ticks {
        let chosen = self.now.all(key);
        let title = |slug: &str| match self.kb.symptoms.get(slug) {
            Some(symptom) => plain(&symptom.title),
            None => format!("{slug} (there is no such symptom)"),
        };
        let mut ticks: Vec<Tick> =
            chosen.iter().map(|slug| Tick { value: (*slug).to_owned(), label: title(slug), is_on: true }).collect();
        let mut others: Vec<(String, &Slug)> = self.kb.symptoms.values().map(|s| (plain(&s.title), &s.slug)).collect();
        others.retain(|(_, slug)| !chosen.contains(&slug.as_str()));
        others.sort();
        ticks.extend(others.into_iter().map(|(label, slug)| Tick { value: slug.to_string(), label, is_on: false }));
        Ticks { key, label: label.to_owned(), hint: hint.to_owned(), is_radio: false, wrong: self.wrong(key), ticks, other: None }
    }

    /// Those that are chosen come first, in their order; then the causes of the same symptoms, which alone can be mistaken for it.
    fn alternatives(&self, key: &'static str, label: &str, hint: &str) -> Ticks {
        let chosen: Vec<&str> = self.now.all(key).into_iter().filter(|slug| !slug.is_empty()).collect();
        let found = |slug: &str| self.kb.find_slug(Kind::Entry, slug).and_then(|today| self.kb.entries.get(&today));
        let title = |slug: &str| found(slug).map_or_else(|| format!("{slug} (there is no such entry)"), |e| plain(&e.title));
        let is_named = |entry: &Entry| chosen.iter().any(|slug| found(slug).is_some_and(|e| e.slug == entry.slug));
        let mut others: BTreeMap<&Slug, usize> = BTreeMap::new();
        for symptom in self.now.all("symptoms") {
            let today = self.kb.find_slug(Kind::Symptom, symptom);
            for cause in today.iter().flat_map(|symptom| self.kb.list_causes(symptom.as_str())) {
                if Some(&cause.slug) != self.text.slug.as_ref() && !is_named(cause) {
                    *others.entry(&cause.slug).or_default() += 1;
                }
            }
        }
        let has_more = others.len() > MOST_OFFERED;
        // Those with the most symptoms in common stay.
        let mut others: Vec<(&Slug, usize)> = others.into_iter().collect();
        others.sort_by_key(|(_, shared)| std::cmp::Reverse(*shared));
        others.truncate(MOST_OFFERED);
        let mut others: Vec<(String, &Slug)> = others.into_iter().map(|(slug, _)| (title(slug.as_str()), slug)).collect();
        others.sort();
        let tick = |value: &str, label: String, is_on: bool| Tick { value: value.to_owned(), label, is_on };
        let ticks = chosen.iter().map(|slug| tick(slug, title(slug), true));
        let ticks: Vec<Tick> = ticks.chain(others.into_iter().map(|(label, slug)| tick(slug.as_str(), label, false))).collect();
        let hint = match ticks.is_empty() {
            true => "Choose its symptoms and save: then the other causes of them stand here".to_owned(),
            false => hint.to_owned(),
        };
        let other = has_more.then_some("Another one: the end of its address");
        Ticks { key, label: label.to_owned(), hint, is_radio: false, wrong: self.wrong(key), ticks, other }
    }

    fn picker(&self, key: &'static str, label: &str, hint: &str, input: Input, shown: &FieldValue) -> Picker {
        let sets = match fields::value(key, input, &self.now, shown) {
            FieldValue::Conditions(sets) => sets,
            FieldValue::Answers(set) if set.is_empty() => Vec::new(),
            FieldValue::Answers(set) => vec![set],
            _ => Vec::new(),
        };
        let many = input == Input::Conditions;
        let adder = |at: usize, label: &'static str, button: &'static str| {
            let name = format!("add-{key}-{at}");
            Adder { wrong: self.wrong(&name), name, label, button }
        };
        let new = match sets.len() {
            0 if many => Some(adder(0, "A question whose answer points at it", "Add the question")),
            0 => Some(adder(0, "A question that has to be answered before", "Add the question")),
            n if many => Some(adder(n, "Or, by another way: a question that begins another set", "Add another set")),
            _ => None,
        };
        let count = sets.len();
        let set = |(at, set): (usize, Vec<(String, Vec<String>)>)| Set {
            legend: match (count, at) {
                (1, _) => "All of these".to_owned(),
                (_, 0) => "Either all of these".to_owned(),
                _ => "Or all of these".to_owned(),
            },
            questions: set
                .into_iter()
                .map(|(question, options)| self.asked(&format!("{key}-{at}"), &question, &options))
                .collect(),
            add: adder(at, "And: another question", "Add the question"),
        };
        let sets = sets.into_iter().enumerate().map(set).collect();
        let mut questions: Vec<(String, String)> =
            self.kb.questions.values().map(|q| (plain(&q.title), q.slug.to_string())).collect();
        questions.sort();
        Picker { key, label: label.to_owned(), hint: hint.to_owned(), wrong: self.wrong(key), sets, new, questions }
    }

    /// A question with its options, those that fit ticked. What the knowledge base does not have is shown as it is written.
    fn asked(&self, set: &str, question: &str, chosen: &[String]) -> Asked {
        let found = self.kb.questions.get(question);
        let title = found.map_or_else(|| format!("{question} (there is no such question)"), |q| plain(&q.title));
        let known = found.map(|q| q.options.as_slice()).unwrap_or_default();
        let tick = |value: &str, label: String| Tick { value: value.to_owned(), label, is_on: chosen.iter().any(|c| c == value) };
        let mut options: Vec<Tick> = known.iter().map(|o| tick(o.id.as_str(), plain(&o.label))).collect();
        let strange = chosen.iter().filter(|c| !known.iter().any(|o| o.id.as_str() == c.as_str()));
        options.extend(strange.map(|c| tick(c, format!("{c} (there is no such option)"))));
        Asked { name: set.to_owned(), slug: question.to_owned(), title, options }
    }

    fn sources(&self, hint: &str) -> Sources {
        let row = |title: &str, url: &str| (title.to_owned(), url.to_owned());
        let mut rows: Vec<(String, String)> = fields::sources(&self.now).iter().map(|s| row(&s.title, &s.url)).collect();
        rows.extend([row("", ""), row("", "")]);
        let first_new = rows.len() - 2;
        let id = |at: usize| if at == first_new { "new-sources".to_owned() } else { format!("sources-{at}") };
        let rows = rows.into_iter().enumerate().map(|(at, (title, url))| (id(at), title, url)).collect();
        Sources { hint: hint.to_owned(), wrong: self.wrong("sources"), rows }
    }

    fn options(&self, hint: &str) -> Options {
        let published = self.text.slug.as_ref().and_then(|slug| self.kb.questions.get(slug));
        let mut ats: Vec<usize> = fields::rows("options", &self.now).into_iter().collect();
        let one = |at: usize, name: &str| self.now.one(&format!("options-{at}-{name}")).to_owned();
        // Rows that came back empty are not shown twice.
        ats.retain(|at| !one(*at, "id").is_empty() || !one(*at, "label").is_empty());
        let blank = ats.last().map_or(0, |at| at + 1);
        let wanted = if ats.is_empty() { 2 } else { 1 };
        let old = ats.len();
        ats.extend(blank..blank + wanted);
        let row = |(number, at): (usize, usize)| Row {
            at,
            number: number + 1,
            id: one(at, "id"),
            label: one(at, "label"),
            is_known: published.is_some_and(|q| q.find_option(&one(at, "was")).is_some()),
            was: one(at, "was"),
            aliases: one(at, "aliases"),
            is_healthy: one(at, "healthy") == "yes",
            is_new: number == old,
            detect: one(at, "detect"),
            wrong: self.wrong(&format!("options-{at}-id")),
        };
        let rows = ats.into_iter().enumerate().map(row).collect();
        Options { hint: hint.to_owned(), wrong: self.wrong("options"), rows }
    }

    fn body(&self) -> Vec<Line> {
        let prose = |name: &str, label: &str, hint: &str, least: usize| {
            let mut line = self.line(name, label, hint, 0);
            line.rows = line.value.lines().map(|l| 1 + l.len() / 60).sum::<usize>().clamp(least, 22);
            line.is_prose = true;
            line
        };
        if self.kind() != Kind::Entry {
            return vec![prose("body", "Text", "", 8)];
        }
        let opening = (!self.form.opening.is_empty()).then(|| prose("section-", "Above the first heading", "", 3));
        let section = |heading: String| {
            let mut line = prose(&fields::section_name(&heading), &heading, section_hint(&heading), 4);
            line.heading = Some(heading);
            line
        };
        opening.into_iter().chain(fields::headings(&self.form).into_iter().map(section)).collect()
    }

    /// What is shown, and edited elsewhere.
    fn known(&self) -> Vec<Control> {
        let mut found = Vec::new();
        let mut known = |label: &str, hint: &str, values: Vec<String>| {
            if !values.is_empty() {
                found.push(Control::Known(Known { label: label.to_owned(), hint: hint.to_owned(), values }));
            }
        };
        if let Some(FieldValue::Words(aliases)) = self.form.field("aliases") {
            known("Old names", "Links with them lead here; a rename adds to them by itself", aliases.clone());
        }
        if let Some(FieldValue::Gaps(gaps)) = self.form.field("known-gaps") {
            let hint = "Answers for which there is no entry, and why that is all right; change them in the markdown";
            known("Known gaps", hint, gaps.iter().map(|g| plain(&g.reason)).collect());
        }
        if let Some(FieldValue::Verified(VerifiedField { on, against, by })) = self.form.field("verified") {
            let part = |word: &str, value: &str| if value.is_empty() { String::new() } else { format!(", {word} {value}") };
            let said = format!("on {on}{}{}", part("against", against), part("by", by));
            known("Verified", "An act of its own: “I tried this fix”, on the page of the entry", vec![said]);
        }
        found
    }
}

/// More than these nobody looks through.
const MOST_OFFERED: usize = 300;

/// What few people need; it stands behind “More”.
fn is_rare(key: &str) -> bool {
    ["tags", "owner", "alternatives", "told-from", "disputed", "patterns", "statuses", "detect", "asked-when"].contains(&key)
}

const LIKELIHOODS: &[(&str, &str)] = &[
    ("common", "Common: one of the first things to think of"),
    ("occasional", "Occasional: it is seen now and then"),
    ("rare", "Rare: it is seen once in a while"),
];

const EFFORTS: &[(&str, &str)] = &[
    ("glance", "A glance: it is on the screen already"),
    ("look-up", "A look-up: in a console, a file or a log"),
    ("command", "A command that has to be run"),
    ("ask-someone", "Somebody else has to be asked"),
];

/// What a field is called, and what helps to fill it in.
fn words(kind: Kind, key: &str) -> (&'static str, &'static str) {
    match (kind, key) {
        (Kind::Entry, "title") => ("Title", "The cause in one sentence, as you would say it to a colleague"),
        (Kind::Question, "title") => ("Question", "What you would ask a colleague; the options below are the answers"),
        (Kind::Symptom, "title") => ("Title", "What a person sees, in a few words"),
        (_, "symptoms") => ("Symptoms", "What people see when this is the cause"),
        (_, "when") => {
            ("What points at this cause", "Only what is distinctive of it. Everything that you leave out is taken to be in order")
        }
        (_, "likelihood") => ("How often is it the cause?", "Compared with the other causes of the same symptom"),
        (_, "sources") => ("Sources", "Where others can read that this is so: at least one, with a title and its address"),
        (_, "tags") => ("Tags", "Words to find it by, with commas between them"),
        (_, "owner") => ("Owner", "Who is asked when something is unclear, and once a year whether it still holds"),
        (_, "alternatives") => {
            ("Cannot be told from", "Other causes of the same symptoms that no question separates from this one")
        }
        (_, "told-from") => ("Why no pasted text can tell it", "Only if that is so: what is missing from every transcript"),
        (_, "disputed") => ("Disputed", "What the sources disagree about, if they do"),
        (_, "why") => ("Why we ask", "One line that is shown below the question"),
        (_, "effort") => ("What does an answer cost?", "Of two questions that tell as much, the easier one is asked first"),
        (_, "options") => ("Options", "Every answer that is possible, two or more. “I don’t know” is always offered"),
        (_, "asked-when") => ("Only asked when", "Answers that have to be known before the question makes sense"),
        (_, "messages") => ("Messages", "Word for word, one a line"),
        (_, "patterns") => ("Patterns", "Regular expressions for messages that vary, one a line"),
        (_, "statuses") => ("Statuses", "Numbers such as 403, with commas between them"),
        _ => ("Recognised by", "An expression over what is read from pasted text. Leave it as it is unless you know it"),
    }
}

fn section_hint(heading: &str) -> &'static str {
    match heading {
        "Symptom" => "What a person sees, and where",
        "Cause" => "Why it happens",
        "Check" => "How to confirm the cause without changing anything; may be empty",
        "Fix" => "What to do, step by step, and how to see that it worked",
        "Caveats" => "What to look out for; may be empty",
        "Examples" => "Transcripts that have to lead here",
        _ => "",
    }
}

fn body_hint(kind: Kind) -> &'static str {
    match kind {
        Kind::Entry => "Markdown. Code stands between lines of ```. Pictures can be pasted or dropped into a field.",
        Kind::Question => "How to find out, with a command that changes nothing where there is one. Markdown.",
        Kind::Symptom => "What this symptom means, and what it does not. Markdown.",
    }
}

/// What was sent as a form, taken into the text. Gives the place on the page to go on from; or else what cannot be taken.
pub async fn take(
    site: &Site,
    text: &mut Text,
    sent: &mut Fields,
    picture: Option<Bytes>,
) -> Result<Result<Option<String>, Vec<Wrong>>, Error> {
    let is_new = text.slug.is_none();
    let mut wrong = Vec::new();
    let at = fields::act(sent).unwrap_or_else(|why| {
        wrong.push(why);
        None
    });
    let path = fields::path(text.kind, &text.path, is_new, sent).map_err(|why| wrong.push(why));
    let written = fields::write(text.kind, &text.text, is_new, sent).map_err(|all| wrong.extend(all));
    if sent.one("then") == "picture" && picture.is_none() {
        wrong.push(Wrong::new("picture", "Choose a picture, then add it."));
    }
    let (Ok(path), Ok(written), true) = (path, written, wrong.is_empty()) else {
        let again = "It was not added, because of what is said above: choose it again.";
        wrong.extend(picture.map(|_| Wrong::new("picture", again)));
        return Ok(Err(wrong));
    };
    let written = match picture {
        None => written,
        Some(bytes) => match with_picture(site, text.kind, &written, bytes).await? {
            Ok(written) => written,
            Err(why) => return Ok(Err(vec![why])),
        },
    };
    (text.path, text.text) = (path, written);
    Ok(Ok(at))
}

/// Adds a picture below the fix, or below the text.
async fn with_picture(site: &Site, kind: Kind, text: &str, bytes: Bytes) -> Result<Result<String, Wrong>, Error> {
    let markdown = match site.app.add_image(bytes.into(), &Visitor::now().actor()).await {
        Ok(added) => added.markdown,
        Err(NotAdded::Refused(why)) => return Ok(Err(Wrong::new("picture", why.to_string()))),
        Err(NotAdded::Failed(why)) => return Err(why.into()),
    };
    Ok(fields::append(kind, text, &markdown).map_err(|why| Wrong::new("picture", why.said)))
}
