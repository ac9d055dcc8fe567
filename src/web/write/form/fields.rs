//! The fields of a form as a browser sends them, and what they say for each key of the front matter. Start at [`write`].
//!
//! Two functions mirror each other: [`pairs`] is what a browser sends back of a value that nobody touched, and [`value`] reads it.
//! A value that would not come back the same is not offered (see [`is_offered`]) and stays as it is written. So a form that is
//! sent back untouched changes no byte.

use std::collections::BTreeSet;

use super::super::Fields;
use crate::editing::draft::slug_of;
use crate::editing::form::{self, Answers, FieldValue, Form, NoForm, OptionField, SourceField};
use crate::editing::lines::with_endings_of;
use crate::kb::{Kind, Slug};

/// How a value is edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// One line.
    Line,
    /// A text of several lines.
    Text,
    /// One of a few words.
    Choice,
    /// Words in one line, with commas between them.
    Words,
    /// One a line.
    Lines,
    /// Some of many.
    Ticks,
    /// Sets of questions with options.
    Conditions,
    /// One such set.
    Answers,
    Sources,
    Options,
}

const ENTRY: &[(&str, Input)] = &[
    ("title", Input::Line),
    ("symptoms", Input::Ticks),
    ("when", Input::Conditions),
    ("likelihood", Input::Choice),
    ("sources", Input::Sources),
    ("tags", Input::Words),
    ("owner", Input::Line),
    ("alternatives", Input::Ticks),
    ("told-from", Input::Text),
    ("disputed", Input::Text),
];
const QUESTION: &[(&str, Input)] = &[
    ("title", Input::Line),
    ("why", Input::Line),
    ("effort", Input::Choice),
    ("options", Input::Options),
    ("asked-when", Input::Answers),
];
const SYMPTOM: &[(&str, Input)] = &[
    ("title", Input::Line),
    ("messages", Input::Lines),
    ("patterns", Input::Lines),
    ("statuses", Input::Words),
    ("detect", Input::Text),
];

/// The keys that a form of this kind has.
pub fn keys(kind: Kind) -> &'static [(&'static str, Input)] {
    match kind {
        Kind::Entry => ENTRY,
        Kind::Question => QUESTION,
        Kind::Symptom => SYMPTOM,
    }
}

/// The sections that every entry is offered.
pub const SECTIONS: [&str; 5] = ["Symptom", "Cause", "Check", "Fix", "Caveats"];
/// The one that goes when nothing is written into it: a new entry begins with it.
const OPTIONAL: &str = "Check";

/// What was sent and cannot be taken, with the name of the field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    pub id: String,
    pub said: String,
}

impl Wrong {
    pub fn new(id: impl Into<String>, said: impl Into<String>) -> Wrong {
        Wrong { id: id.into(), said: said.into() }
    }

    /// Where it stands on the page.
    pub fn anchor(&self) -> String {
        self.id.replace(char::is_whitespace, "-")
    }
}

/// The value of a key that the text does not have.
fn nothing(input: Input) -> FieldValue {
    match input {
        Input::Line | Input::Text | Input::Choice => FieldValue::Text(String::new()),
        Input::Words | Input::Lines | Input::Ticks => FieldValue::Words(Vec::new()),
        Input::Conditions => FieldValue::Conditions(Vec::new()),
        Input::Answers => FieldValue::Answers(Vec::new()),
        Input::Sources => FieldValue::Sources(Vec::new()),
        Input::Options => FieldValue::Options(Vec::new()),
    }
}

/// What a text says for a key.
pub fn shown(form: &Form, key: &str, input: Input) -> FieldValue {
    form.field(key).cloned().unwrap_or_else(|| nothing(input))
}

/// A value without what is empty in it, such as the rows that a new document has for what is to come.
fn essential(value: &FieldValue) -> FieldValue {
    match value.clone() {
        FieldValue::Text(text) => FieldValue::Text(plain(&text)),
        FieldValue::Words(words) => FieldValue::Words(words.into_iter().filter(|w| !w.trim().is_empty()).collect()),
        FieldValue::Conditions(sets) => FieldValue::Conditions(sets.into_iter().filter(|s| !s.is_empty()).collect()),
        FieldValue::Sources(all) => {
            FieldValue::Sources(all.into_iter().filter(|s| !s.title.is_empty() || !s.url.is_empty()).collect())
        }
        FieldValue::Options(all) => {
            FieldValue::Options(all.into_iter().filter(|o| !o.id.is_empty() || !o.label.is_empty()).collect())
        }
        other => other,
    }
}

/// Whether a browser would send this value back as it is.
pub fn is_offered(key: &str, input: Input, shown: &FieldValue) -> bool {
    let sent = Fields(pairs(key, input, shown));
    value(key, input, &sent, shown) == essential(shown)
}

/// What a browser sends of a value that nobody touched.
pub fn pairs(key: &str, input: Input, value: &FieldValue) -> Vec<(String, String)> {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    match value {
        FieldValue::Text(text) if input == Input::Line => vec![pair(key, text.trim())],
        FieldValue::Text(text) => vec![pair(key, &plain(text))],
        FieldValue::Words(words) if input == Input::Ticks => words.iter().map(|w| pair(key, w)).collect(),
        FieldValue::Words(words) if input == Input::Lines => vec![pair(key, &words.join("\n"))],
        FieldValue::Words(words) => vec![pair(key, &words.join(", "))],
        FieldValue::Conditions(sets) => sets.iter().enumerate().flat_map(|(at, set)| answer_pairs(key, at, set)).collect(),
        FieldValue::Answers(set) => answer_pairs(key, 0, set),
        FieldValue::Sources(all) => {
            all.iter().flat_map(|s| [pair("sources-title", &s.title), pair("sources-url", &s.url)]).collect()
        }
        FieldValue::Options(all) => all.iter().enumerate().flat_map(|(at, option)| option_pairs(at, option)).collect(),
        FieldValue::Verified(_) | FieldValue::Gaps(_) => Vec::new(),
    }
}

fn answer_pairs(key: &str, at: usize, set: &Answers) -> Vec<(String, String)> {
    let of = |(question, options): &(String, Vec<String>)| -> Vec<(String, String)> {
        let options = options.iter().map(|o| (format!("{key}-{at}-{question}"), o.clone()));
        std::iter::once((format!("{key}-{at}"), question.clone())).chain(options).collect()
    };
    set.iter().flat_map(of).collect()
}

fn option_pairs(at: usize, option: &OptionField) -> Vec<(String, String)> {
    let pair = |name: &str, value: String| (format!("options-{at}-{name}"), value);
    let mut pairs = vec![
        pair("was", option.id.clone()),
        pair("aliases", option.aliases.join(",")),
        pair("label", option.label.clone()),
        pair("id", option.id.clone()),
        pair("detect", plain(&option.detect)),
    ];
    if option.healthy {
        pairs.push(pair("healthy", "yes".to_owned()));
    }
    pairs
}

/// Reads what was sent for a key. The order in which the text has things is kept.
pub fn value(key: &str, input: Input, sent: &Fields, shown: &FieldValue) -> FieldValue {
    // A browser sends every field of these, also an empty one; a program may send only what it wants to change.
    let is_always_sent = matches!(input, Input::Line | Input::Text | Input::Choice | Input::Words | Input::Lines);
    if is_always_sent && !sent.has(key) {
        return essential(shown);
    }
    let words = |words: Vec<&str>| FieldValue::Words(words.into_iter().map(str::to_owned).collect());
    match input {
        Input::Line => FieldValue::Text(sent.one(key).replace(['\r', '\n'], " ").trim().to_owned()),
        Input::Text | Input::Choice => FieldValue::Text(plain(sent.one(key))),
        Input::Words => words(sent.one(key).split(',').map(str::trim).filter(|w| !w.is_empty()).collect()),
        Input::Lines => words(sent.one(key).lines().filter(|l| !l.trim().is_empty()).collect()),
        Input::Ticks => {
            // The last tick of a long list is a field to write into.
            let now: Vec<&str> = sent.all(key).into_iter().map(str::trim).filter(|w| !w.is_empty()).collect();
            match shown {
                FieldValue::Words(before) => FieldValue::Words(in_order(before, now)),
                _ => words(now),
            }
        }
        Input::Conditions => FieldValue::Conditions(sets(key, sent, shown).into_iter().filter(|s| !s.is_empty()).collect()),
        Input::Answers => FieldValue::Answers(sets(key, sent, shown).into_iter().next().unwrap_or_default()),
        Input::Sources => FieldValue::Sources(sources(sent)),
        Input::Options => FieldValue::Options(options(sent)),
    }
}

/// What was there before in its order, then what is new.
fn in_order(before: &[String], now: Vec<&str>) -> Vec<String> {
    let kept = before.iter().filter(|b| now.contains(&b.as_str())).cloned();
    let new = now.iter().filter(|n| !before.iter().any(|b| b == *n)).map(|n| (*n).to_owned());
    kept.chain(new).collect()
}

fn sets(key: &str, sent: &Fields, shown: &FieldValue) -> Vec<Answers> {
    let before: &[Answers] = match shown {
        FieldValue::Conditions(sets) => sets,
        FieldValue::Answers(set) => std::slice::from_ref(set),
        _ => &[],
    };
    let set = |at: usize| -> Answers {
        let before = before.get(at).map_or(&[][..], Vec::as_slice);
        let names: Vec<String> = before.iter().map(|(q, _)| q.clone()).collect();
        let questions = in_order(&names, sent.all(&format!("{key}-{at}")));
        let options = |question: String| {
            let chosen = sent.all(&format!("{key}-{at}-{question}"));
            let before = before.iter().find(|(q, _)| *q == question).map_or(&[][..], |(_, o)| o.as_slice());
            (question, in_order(before, chosen))
        };
        questions.into_iter().map(options).collect()
    };
    rows(key, sent).into_iter().map(set).collect()
}

/// The numbers in names such as `when-0` and `options-2-label`.
pub fn rows(key: &str, sent: &Fields) -> BTreeSet<usize> {
    let number = |name: &str| {
        let rest = name.strip_prefix(key)?.strip_prefix('-')?;
        rest.split('-').next()?.parse().ok()
    };
    sent.0.iter().filter_map(|(name, _)| number(name)).collect()
}

/// Titles and addresses, which come in pairs.
pub fn sources(sent: &Fields) -> Vec<SourceField> {
    let pairs = sent.all("sources-title").into_iter().zip(sent.all("sources-url"));
    let sources = pairs.map(|(title, url)| SourceField { title: title.trim().to_owned(), url: url.trim().to_owned() });
    sources.filter(|s| !s.title.is_empty() || !s.url.is_empty()).collect()
}

/// The options of a question. One that got another id keeps the old one as an alias, if anybody may have seen it.
fn options(sent: &Fields) -> Vec<OptionField> {
    let option = |at: usize| {
        let one = |name: &str| sent.one(&format!("options-{at}-{name}")).trim();
        let (was, id) = (one("was"), one("id"));
        let mut aliases: Vec<String> = one("aliases").split(',').filter(|a| !a.is_empty()).map(str::to_owned).collect();
        if was != id && !id.is_empty() && one("known") == "yes" {
            aliases.retain(|a| a != id);
            aliases.push(was.to_owned());
        }
        let detect = plain(one("detect"));
        OptionField { id: id.to_owned(), label: one("label").to_owned(), healthy: one("healthy") == "yes", detect, aliases }
    };
    let all = rows("options", sent).into_iter().map(option);
    all.filter(|o| !o.id.is_empty() || !o.label.is_empty()).collect()
}

/// Options without an id get one from what they say.
fn with_ids(value: FieldValue) -> FieldValue {
    let FieldValue::Options(mut options) = value else { return value };
    let mut taken: BTreeSet<String> = options.iter().map(|o| o.id.clone()).collect();
    for option in options.iter_mut().filter(|o| o.id.is_empty()) {
        let Some(name) = slug_of(&option.label) else { continue };
        let names = (1..).map(|n| if n == 1 { name.to_string() } else { format!("{name}-{n}") });
        option.id = names.into_iter().find(|n| !taken.contains(n)).unwrap_or_default();
        taken.insert(option.id.clone());
    }
    FieldValue::Options(options)
}

/// A text as forms have it: plain line breaks, and nothing around it.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

/// Without blank lines above and below; the first line keeps its indentation.
fn trimmed(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let text = text.trim_end();
    let blank: usize = text.split_inclusive('\n').take_while(|l| l.trim().is_empty()).map(str::len).sum();
    text[blank..].to_owned()
}

/// A part of a new document without the line that says what to write there: the form says it beside the field.
pub fn without_help(text: &str, is_new: bool) -> &str {
    let comment = text.trim_start().strip_prefix("<!--").filter(|_| is_new);
    comment.and_then(|rest| rest.split_once("-->")).map_or(text, |(_, rest)| rest.trim_start_matches(['\r', '\n', ' ']))
}

/// The headings of an entry as the form has them: those of the text, and those that every entry is offered.
pub fn headings(form: &Form) -> Vec<String> {
    let mut headings: Vec<String> = form.sections.iter().map(|(heading, _)| heading.clone()).collect();
    let mut at = 0;
    for wanted in SECTIONS {
        match headings.iter().position(|h| h == wanted) {
            Some(found) => at = found + 1,
            None => {
                headings.insert(at, wanted.to_owned());
                at += 1;
            }
        }
    }
    headings
}

/// The name of the field of a section.
pub fn section_name(heading: &str) -> String {
    format!("section-{heading}")
}

/// Writes what was sent into a text; what did not change is not touched. Everything that cannot be written is told at once.
pub fn write(kind: Kind, text: &str, is_new: bool, sent: &Fields) -> Result<String, Vec<Wrong>> {
    let form = form::read(text).map_err(|why| vec![Wrong::new("title", why.to_string())])?;
    let mut wrong = check(kind, sent);
    let mut written = text.to_owned();
    for (key, input) in keys(kind) {
        let shown = shown(&form, key, *input);
        let now = value(key, *input, sent, &shown);
        if !is_offered(key, *input, &shown) || now == essential(&shown) {
            continue;
        }
        match form::apply(&written, key, &with_ids(now)) {
            Ok(text) => written = text,
            Err(why) => wrong.push(Wrong::new(*key, capital(&why))),
        }
    }
    let written = write_text(kind, written, &form, is_new, sent, &mut wrong);
    if wrong.is_empty() { Ok(written) } else { Err(wrong) }
}

fn write_text(kind: Kind, text: String, form: &Form, is_new: bool, sent: &Fields, wrong: &mut Vec<Wrong>) -> String {
    match kind {
        Kind::Entry => write_sections(text, form, is_new, sent, wrong),
        Kind::Question | Kind::Symptom => write_body(text, is_new, sent, wrong),
    }
}

/// Writes more at the end of the fix of an entry, or of the text of another document.
pub fn append(kind: Kind, text: &str, more: &str) -> Result<String, Wrong> {
    let form = form::read(text).map_err(|why| Wrong::new("title", capital(&why)))?;
    let (name, before) = match kind {
        Kind::Entry => (section_name("Fix"), form.section("Fix").unwrap_or_default().to_owned()),
        Kind::Question | Kind::Symptom => ("body".to_owned(), body(text, false)),
    };
    let mut wrong = Vec::new();
    let sent = Fields(vec![(name, format!("{before}\n\n{more}"))]);
    let written = write_text(kind, text.to_owned(), &form, false, &sent, &mut wrong);
    wrong.pop().map_or(Ok(written), Err)
}

fn capital(why: &NoForm) -> String {
    crate::web::error::capital(&why.to_string()) + "."
}

/// What would be found out only later, in words that are further from the field.
fn check(kind: Kind, sent: &Fields) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    for at in rows("options", sent).into_iter().filter(|_| kind == Kind::Question) {
        let id = format!("options-{at}-id");
        let given = sent.one(&id).trim();
        if !given.is_empty() && Slug::parse(given).is_none() {
            wrong.push(Wrong::new(id, format!("“{given}” cannot be a name: use lower-case letters, digits and dashes.")));
        }
    }
    let is_status = |word: &&str| word.parse::<u16>().is_ok_and(|n| (100..600).contains(&n));
    let statuses = sent.one("statuses").split(',').map(str::trim).filter(|w| !w.is_empty());
    if let Some(bad) = statuses.clone().find(|word| kind == Kind::Symptom && !is_status(word)) {
        wrong.push(Wrong::new(
            "statuses",
            format!("“{bad}” is no status: write numbers from 100 to 599 with commas between them."),
        ));
    }
    wrong
}

/// Writes the sections from the last to the first: what somebody writes into one cannot be mistaken for a later one.
fn write_sections(mut text: String, form: &Form, is_new: bool, sent: &Fields, wrong: &mut Vec<Wrong>) -> String {
    // What stands above the first heading comes last.
    let opening = std::iter::once(String::new()).filter(|_| !form.opening.is_empty());
    for heading in headings(form).into_iter().rev().chain(opening) {
        let name = section_name(&heading);
        let before = if heading.is_empty() { form.opening.as_str() } else { form.section(&heading).unwrap_or_default() };
        let now = trimmed(sent.one(&name));
        let is_help = without_help(before, is_new).is_empty() && !before.is_empty();
        let same = now == trimmed(without_help(before, is_new));
        if !sent.has(&name) || (same && !(is_help && heading == OPTIONAL)) {
            continue;
        }
        match set_section(&text, &heading, &now) {
            Ok(new) => text = new,
            Err(said) => wrong.push(Wrong::new(name, said)),
        }
    }
    text
}

/// Sets a section, unless it would swallow another one or stand twice.
fn set_section(text: &str, heading: &str, value: &str) -> Result<String, String> {
    let before = form::read(text).map_err(|why| capital(&why))?;
    let written = form::apply_section(text, heading, value).map_err(|why| capital(&why))?;
    let after = form::read(&written).map_err(|why| match why {
        NoForm::Twice { key } => format!("There is a part “{key}” already: write it there, or give this heading another name."),
        other => capital(&other),
    })?;
    let kept = |(other, text): &(String, String)| other == heading || after.section(other) == Some(text);
    if before.sections.iter().all(kept) {
        return Ok(written);
    }
    Err("This would swallow the parts below it. Close the code block: it ends with a line of the same ``` that begins it."
        .to_owned())
}

/// The body of a question or a symptom as the form shows it.
pub fn body(text: &str, is_new: bool) -> String {
    trimmed(without_help(form::body(text).unwrap_or_default(), is_new))
}

fn write_body(text: String, is_new: bool, sent: &Fields, wrong: &mut Vec<Wrong>) -> String {
    let now = trimmed(sent.one("body"));
    if !sent.has("body") || now == body(&text, is_new) {
        return text;
    }
    match form::body(&text) {
        Ok(old) => {
            let front = &text[..text.len() - old.len()];
            let above = &old[..old.len() - old.trim_start_matches(['\r', '\n']).len()];
            let above = if above.is_empty() { "\n" } else { above };
            with_endings_of(&text, &format!("{front}{above}{now}\n"))
        }
        Err(why) => {
            wrong.push(Wrong::new("body", capital(&why)));
            text
        }
    }
}

/// The area and the name of a file; nothing if it stands somewhere unusual.
pub fn place(kind: Kind, path: &str) -> Option<(&str, &str)> {
    let rest = path.strip_prefix(kind.folder())?.strip_prefix('/')?.strip_suffix(".md")?;
    let (area, name) = rest.rsplit_once('/').unwrap_or(("", rest));
    (area.is_empty() || kind == Kind::Entry).then_some((area, name))
}

/// The file that was asked for. A new document without a name is called after its title.
pub fn path(kind: Kind, old: &str, is_new: bool, sent: &Fields) -> Result<String, Wrong> {
    if sent.has("path") {
        return Ok(sent.one("path").trim().to_owned());
    }
    let (old_area, old_name) = place(kind, old).unwrap_or_default();
    let given = |key: &str, old: &str| if sent.has(key) { sent.one(key).trim().to_owned() } else { old.to_owned() };
    let (area, mut name) = (given("area", old_area), given("name", old_name));
    if (area.as_str(), name.as_str()) == (old_area, old_name) && !name.is_empty() {
        return Ok(old.to_owned());
    }
    if name.is_empty() && is_new {
        name = slug_of(sent.one("title")).map(|s| s.to_string()).unwrap_or_default();
        if name.is_empty() {
            return Ok(String::new());
        }
    }
    if Slug::parse(&name).is_none() {
        let said = match name.is_empty() {
            true => "Give it a name: it is the last part of its address.".to_owned(),
            false => format!("“{name}” cannot be a name: use lower-case letters, digits and dashes."),
        };
        return Err(Wrong::new("name", said));
    }
    let parts: Vec<&str> = area.split('/').filter(|p| !p.is_empty()).collect();
    if let Some(bad) = parts.iter().find(|p| Slug::parse(p).is_none()) {
        return Err(Wrong::new("area", format!("“{bad}” cannot be an area: use lower-case letters, digits and dashes.")));
    }
    let folder = std::iter::once(kind.folder()).chain(parts).collect::<Vec<_>>().join("/");
    Ok(format!("{folder}/{name}.md"))
}

/// What a button of the form asks for beside saving: a row more, or one less. Tells where on the page to go on.
pub fn act(sent: &mut Fields) -> Result<Option<String>, Wrong> {
    let then = sent.one("then").to_owned();
    if let Some(set) = then.strip_prefix("add-") {
        let question = sent.one(&then).to_owned();
        if question.is_empty() {
            return Err(Wrong::new(then.clone(), "Choose a question from the list, then add it."));
        }
        if !sent.all(set).contains(&question.as_str()) {
            sent.0.push((set.to_owned(), question.clone()));
        }
        return Ok(Some(format!("{set}-{question}")));
    }
    if let Some(row) = then.strip_prefix("remove-") {
        let below = format!("{row}-");
        // `when-0-verb` is a question of the set `when-0`; `options-2` is a row.
        let of_set =
            |(name, value): &(String, String)| row.strip_prefix(name.as_str()).and_then(|r| r.strip_prefix('-')) == Some(value);
        let is_option = row.starts_with("options-");
        sent.0.retain(|pair| if is_option { !pair.0.starts_with(&below) } else { pair.0 != row && !of_set(pair) });
        let key = ["options", "asked-when", "when"].into_iter().find(|key| row.starts_with(key));
        return Ok(key.map(str::to_owned));
    }
    if let Some(key) = then.strip_prefix("more-") {
        return Ok(Some(format!("new-{key}")));
    }
    Ok(None)
}
