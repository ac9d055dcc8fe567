//! The form and the text of a document are two views of one thing: a change of one field touches the bytes of that field
//! alone, and comments, quotes and line endings elsewhere stay. Start at [`read`] and [`apply`].
//!
//! The text is split into the keys of its front matter and the `##` sections of its body. A value that differs is patched
//! where it differs: an option added to a question leaves the other options as they were written. Each result is read
//! again; should it not say what was meant, the caller gets an error and never a wrong text.

use std::collections::BTreeSet;
use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};

use super::lines;
use super::patch::{self, Value};
use super::yaml::{self, Node};

/// The keys in the order in which new ones are put in. No two kinds of document use one key for different things.
const ORDER: [&str; 21] = [
    "title",
    "symptoms",
    "when",
    "likelihood",
    "why",
    "effort",
    "asked-when",
    "options",
    "messages",
    "patterns",
    "statuses",
    "known-gaps",
    "detect",
    "told-from",
    "aliases",
    "alternatives",
    "tags",
    "owner",
    "sources",
    "disputed",
    "verified",
];

/// Keys that stay when they are empty, so that a person sees what to fill in.
const NEEDED: [&str; 7] = ["title", "symptoms", "likelihood", "why", "effort", "options", "messages"];

/// The sections of an entry in their order, and those that stay when they are empty.
const SECTIONS: [&str; 6] = ["Symptom", "Cause", "Check", "Fix", "Caveats", "Examples"];
const NEEDED_SECTIONS: [&str; 3] = ["Symptom", "Cause", "Fix"];

/// Why a document can be edited as text only.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoForm {
    #[error("the text does not begin with front matter: put its fields between two lines of `---`, or edit the text")]
    NoFrontMatter,
    #[error("line {line} of the text cannot be read: {why}. Mend it in the text, then the form is back")]
    Unreadable { line: usize, why: String },
    #[error("`{key}` stands twice in the text: delete one of them, then the form is back")]
    Twice { key: String },
    #[error("`{key}` is written in a way that the form does not know: edit it in the text")]
    Unusual { key: String },
    #[error("`{key}` is not a field of this form: edit it in the text")]
    Unknown { key: String },
    #[error("the value of `{key}` cannot be written into this text without changing something else: edit it in the text")]
    Unwritable { key: String },
}

/// Question → options, in the order in which they are written.
pub type Answers = Vec<(String, Vec<String>)>;

/// What a field holds. Nothing at all is an empty text or an empty list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldValue {
    /// `title`, `likelihood`, `why`, `effort`, `detect`, `owner`, `disputed`, `told-from`.
    Text(String),
    /// `symptoms`, `aliases`, `alternatives`, `tags`, `messages`, `patterns`, `statuses`.
    Words(Vec<String>),
    /// `when`: any of these.
    Conditions(Vec<Answers>),
    /// `asked-when`.
    Answers(Answers),
    /// `sources`.
    Sources(Vec<SourceField>),
    /// `verified`; without a day it is nothing.
    Verified(VerifiedField),
    /// `options`.
    Options(Vec<OptionField>),
    /// `known-gaps`.
    Gaps(Vec<GapField>),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceField {
    pub title: String,
    pub url: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifiedField {
    pub on: String,
    pub against: String,
    pub by: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OptionField {
    pub id: String,
    pub label: String,
    pub healthy: bool,
    pub detect: String,
    pub aliases: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GapField {
    pub answers: Answers,
    pub reason: String,
}

/// The fields of a document, in the order of its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// Each key that the text has and the form knows, with its value.
    pub fields: Vec<(String, FieldValue)>,
    /// What stands above the first `##` heading; for a question or a symptom often the whole body.
    pub opening: String,
    /// The headings of the body with what stands below them.
    pub sections: Vec<(String, String)>,
}

impl Form {
    pub fn field(&self, key: &str) -> Option<&FieldValue> {
        self.fields.iter().find(|(k, _)| k == key).map(|(_, value)| value)
    }

    pub fn section(&self, heading: &str) -> Option<&str> {
        self.sections.iter().find(|(h, _)| h == heading).map(|(_, text)| text.as_str())
    }
}

/// Reads the fields of a text.
pub fn read(text: &str) -> Result<Form, NoForm> {
    let front = Front::of(text)?;
    let mut fields = Vec::new();
    for (key, value) in front.pairs() {
        let Some(shape) = Shape::of(key) else { continue };
        let value = shape.read(value).ok_or_else(|| NoForm::Unusual { key: key.to_owned() })?;
        fields.push((key.to_owned(), value));
    }
    let body = Body::of(front.body());
    let mut seen = BTreeSet::new();
    if let Some(part) = body.parts.iter().find(|p| !seen.insert(p.heading.as_str())) {
        return Err(NoForm::Twice { key: format!("## {}", part.heading) });
    }
    let shown = |part: &Part| with_breaks(&front.body()[part.core.clone()]);
    let mut parts = body.parts.iter();
    let opening = parts.next().map(shown).unwrap_or_default();
    let sections = parts.map(|p| (p.heading.clone(), shown(p))).collect();
    Ok(Form { fields, opening, sections })
}

/// Sets one field. A text that has this value already comes back as it is; a key that is not there is put in where it
/// belongs, and one that becomes empty is taken out unless it is needed.
pub fn apply(text: &str, key: &str, value: &FieldValue) -> Result<String, NoForm> {
    let shape = Shape::of(key).filter(|shape| shape.fits(value)).ok_or_else(|| NoForm::Unknown { key: key.to_owned() })?;
    let before = read(text)?;
    if before.field(key) == Some(value) {
        return Ok(text.to_owned());
    }
    let front = Front::of(text)?;
    let written = front.with(key, &shape.write(key, value), !value.is_empty() || NEEDED.contains(&key));
    let written = text[..front.yaml.start].to_owned() + &written + &text[front.yaml.end..];
    // The proof: this key says what was meant, and all the others what they said.
    let others = |form: &Form| -> Vec<(String, FieldValue)> { form.fields.iter().filter(|(k, _)| k != key).cloned().collect() };
    let sound = read(&written).is_ok_and(|now| {
        let meant = now.field(key).map_or(value.is_empty(), |said| said == value);
        meant && written.ends_with(front.body()) && others(&before) == others(&now)
    });
    if sound { Ok(written) } else { Err(NoForm::Unwritable { key: key.to_owned() }) }
}

/// Sets what stands below a `##` heading of the body; the heading `""` means what stands above the first one.
pub fn apply_section(text: &str, heading: &str, value: &str) -> Result<String, NoForm> {
    let front = Front::of(text)?;
    let written = Body::of(front.body()).with(front.body(), heading, value, front.newline);
    Ok(text[..text.len() - front.body().len()].to_owned() + &written)
}

/// Sets everything that a form holds. Keys and sections that the text has and the form has not stay as they are.
pub fn apply_form(text: &str, form: &Form) -> Result<String, NoForm> {
    let mut written = text.to_owned();
    for (key, value) in &form.fields {
        written = apply(&written, key, value)?;
    }
    written = apply_section(&written, "", &form.opening)?;
    for (heading, value) in &form.sections {
        written = apply_section(&written, heading, value)?;
    }
    Ok(written)
}

/// Adds an old slug to the aliases, once.
pub fn add_alias(text: &str, alias: &str) -> Result<String, NoForm> {
    change_aliases(text, |aliases| {
        if !aliases.iter().any(|a| a == alias) {
            aliases.push(alias.to_owned());
        }
    })
}

/// Takes a slug out of the aliases: what was renamed back must not stand for itself twice.
pub fn remove_alias(text: &str, alias: &str) -> Result<String, NoForm> {
    change_aliases(text, |aliases| aliases.retain(|a| a != alias))
}

fn change_aliases(text: &str, change: impl Fn(&mut Vec<String>)) -> Result<String, NoForm> {
    let mut aliases = match read(text)?.field("aliases") {
        Some(FieldValue::Words(aliases)) => aliases.clone(),
        _ => Vec::new(),
    };
    change(&mut aliases);
    apply(text, "aliases", &FieldValue::Words(aliases))
}

/// Gives an option of a question a new id and keeps the old one as an alias. `None` when the text has no such option.
pub fn rename_option(text: &str, from: &str, to: &str) -> Result<Option<String>, NoForm> {
    let form = read(text)?;
    let Some(FieldValue::Options(options)) = form.field("options") else { return Ok(None) };
    let mut options = options.clone();
    let Some(option) = options.iter_mut().find(|o| o.id == from) else { return Ok(None) };
    to.clone_into(&mut option.id);
    option.aliases.retain(|a| a != to);
    if !option.aliases.iter().any(|a| a == from) {
        option.aliases.push(from.to_owned());
    }
    apply(text, "options", &FieldValue::Options(options)).map(Some)
}

impl FieldValue {
    pub fn is_empty(&self) -> bool {
        match self {
            FieldValue::Text(text) => text.is_empty(),
            FieldValue::Words(words) => words.is_empty(),
            FieldValue::Conditions(conditions) => conditions.is_empty(),
            FieldValue::Answers(answers) => answers.is_empty(),
            FieldValue::Sources(sources) => sources.is_empty(),
            FieldValue::Verified(verified) => verified.on.is_empty(),
            FieldValue::Options(options) => options.is_empty(),
            FieldValue::Gaps(gaps) => gaps.is_empty(),
        }
    }
}

/// A document, taken apart at its front matter.
pub(super) struct Front<'a> {
    text: &'a str,
    /// The YAML, without the lines of `---`.
    yaml: Range<usize>,
    body: usize,
    tree: Option<Node>,
    newline: &'static str,
}

impl<'a> Front<'a> {
    pub(super) fn of(text: &'a str) -> Result<Front<'a>, NoForm> {
        let (yaml, body) = split(text).ok_or(NoForm::NoFrontMatter)?;
        // One line of `---` stands above.
        let tree = yaml::parse(&text[yaml.clone()]).map_err(|r| NoForm::Unreadable { line: r.line + 1, why: r.why })?;
        let newline = if text[..yaml.start].ends_with("\r\n") { "\r\n" } else { "\n" };
        let front = Front { text, yaml, body, tree, newline };
        front.check()?;
        Ok(front)
    }

    /// Each key stands once, at the beginning of its own line.
    fn check(&self) -> Result<(), NoForm> {
        let Some(tree) = &self.tree else { return Ok(()) };
        let unreadable = |at: usize| NoForm::Unreadable {
            line: 2 + self.yaml()[..at].matches('\n').count(),
            why: "the front matter has to be keys with values, one below the other".to_owned(),
        };
        let yaml::Holds::Map { flow: false, pairs } = &tree.holds else { return Err(unreadable(tree.at.start)) };
        let mut seen = BTreeSet::new();
        for (key, _) in pairs {
            let begins = key.at.start == 0 || self.yaml()[..key.at.start].ends_with('\n');
            let name = key.scalar().filter(|_| begins).ok_or_else(|| unreadable(key.at.start))?;
            if !seen.insert(name) {
                return Err(NoForm::Twice { key: name.to_owned() });
            }
        }
        Ok(())
    }

    pub(super) fn yaml(&self) -> &'a str {
        &self.text[self.yaml.clone()]
    }

    pub(super) fn yaml_start(&self) -> usize {
        self.yaml.start
    }

    pub(super) fn body(&self) -> &'a str {
        &self.text[self.body..]
    }

    pub(super) fn tree(&self) -> Option<&Node> {
        self.tree.as_ref()
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.tree.iter().flat_map(Node::pairs).filter_map(|(k, v)| Some((k.scalar()?, v)))
    }

    /// The YAML with one key set, or taken out.
    fn with(&self, key: &str, value: &Value, keep: bool) -> String {
        let yaml = self.yaml();
        let pairs = self.tree.as_ref().map_or(&[][..], Node::pairs);
        let Some(at) = pairs.iter().position(|(k, _)| k.scalar() == Some(key)) else {
            return if keep { self.insert(key, value) } else { yaml.to_owned() };
        };
        if keep {
            let edits = patch::pair(yaml, &pairs[at], value, 0);
            return patch::apply(yaml, edits, self.newline);
        }
        let end = patch::end_of_line(yaml, pairs[at].1.at.end.max(pairs[at].0.at.end));
        // What is indented below belongs to the key: a comment, as the value ended above.
        let below = yaml[end..].split_inclusive('\n').take_while(|l| l.starts_with([' ', '\t']) && !l.trim().is_empty());
        let end = end + below.map(str::len).sum::<usize>();
        yaml[..pairs[at].0.at.start].to_owned() + &yaml[end..]
    }

    /// Puts a new key below the nearest one that comes before it.
    fn insert(&self, key: &str, value: &Value) -> String {
        let yaml = self.yaml();
        let rank = |key: &str| ORDER.iter().position(|k| *k == key).unwrap_or(ORDER.len());
        let pairs = self.tree.as_ref().map_or(&[][..], Node::pairs);
        let above = pairs.iter().filter(|(k, _)| k.scalar().is_some_and(|k| rank(k) < rank(key)));
        let above = above.max_by_key(|(k, _)| rank(k.scalar().unwrap_or_default()));
        let first = pairs.first().map_or(yaml.len(), |(k, _)| k.at.start);
        let at = above.map_or(first, |(k, v)| patch::end_of_line(yaml, v.at.end.max(k.at.end)));
        let line = patch::fresh_pair(key, value, 0).replace('\n', self.newline) + self.newline;
        yaml[..at].to_owned() + &line + &yaml[at..]
    }
}

/// Where the YAML stands, and where the body begins.
pub(super) fn split(text: &str) -> Option<(Range<usize>, usize)> {
    let unmarked = text.strip_prefix('\u{feff}').unwrap_or(text);
    let after = unmarked.strip_prefix("---\n").or_else(|| unmarked.strip_prefix("---\r\n"))?;
    let start = text.len() - after.len();
    let mut at = start;
    for line in after.split_inclusive('\n') {
        if line.trim_end() == "---" {
            return Some((start..at, at + line.len()));
        }
        at += line.len();
    }
    None
}

/// The shape of a field by its key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Text,
    Words,
    Conditions,
    Answers,
    Sources,
    Verified,
    Options,
    Gaps,
}

impl Shape {
    fn of(key: &str) -> Option<Shape> {
        Some(match key {
            "title" | "likelihood" | "why" | "effort" | "detect" | "owner" | "disputed" | "told-from" => Shape::Text,
            "symptoms" | "aliases" | "alternatives" | "tags" | "messages" | "patterns" | "statuses" => Shape::Words,
            "when" => Shape::Conditions,
            "asked-when" => Shape::Answers,
            "sources" => Shape::Sources,
            "verified" => Shape::Verified,
            "options" => Shape::Options,
            "known-gaps" => Shape::Gaps,
            _ => return None,
        })
    }

    fn fits(self, value: &FieldValue) -> bool {
        let shape = match value {
            FieldValue::Text(_) => Shape::Text,
            FieldValue::Words(_) => Shape::Words,
            FieldValue::Conditions(_) => Shape::Conditions,
            FieldValue::Answers(_) => Shape::Answers,
            FieldValue::Sources(_) => Shape::Sources,
            FieldValue::Verified(_) => Shape::Verified,
            FieldValue::Options(_) => Shape::Options,
            FieldValue::Gaps(_) => Shape::Gaps,
        };
        self == shape
    }

    /// `None` for what the form could not show in full.
    fn read(self, node: &Node) -> Option<FieldValue> {
        Some(match self {
            Shape::Text => FieldValue::Text(text_of(Some(node))?),
            Shape::Words => FieldValue::Words(words_of(Some(node))?),
            Shape::Conditions => FieldValue::Conditions(node.items().iter().map(|n| answers_of(Some(n))).collect::<Option<_>>()?),
            Shape::Answers => FieldValue::Answers(answers_of(Some(node))?),
            Shape::Sources => FieldValue::Sources(list_of(node, |n| {
                only(n, &["title", "url"])?;
                Some(SourceField { title: text_of(n.find("title"))?, url: text_of(n.find("url"))? })
            })?),
            Shape::Verified => {
                only(node, &["on", "against", "by"])?;
                FieldValue::Verified(VerifiedField {
                    on: text_of(node.find("on"))?,
                    against: text_of(node.find("against"))?,
                    by: text_of(node.find("by"))?,
                })
            }
            Shape::Options => FieldValue::Options(list_of(node, option_of)?),
            Shape::Gaps => FieldValue::Gaps(list_of(node, |n| {
                only(n, &["answers", "reason"])?;
                Some(GapField { answers: answers_of(n.find("answers"))?, reason: text_of(n.find("reason"))? })
            })?),
        })
    }

    fn write(self, key: &str, value: &FieldValue) -> Value {
        let text = |text: &str| Value::Text(text.to_owned());
        let answers =
            |answers: &Answers| Value::Map(answers.iter().map(|(q, o)| (q.clone(), Value::Words(o.clone(), true))).collect());
        match value {
            FieldValue::Text(words) => text(words),
            FieldValue::Words(words) if key == "statuses" => Value::Numbers(words.clone()),
            FieldValue::Words(words) if ["messages", "patterns"].contains(&key) => Value::Lines(words.clone()),
            FieldValue::Words(words) => Value::Words(words.clone(), false),
            FieldValue::Conditions(all) => Value::Any(all.iter().map(answers).collect()),
            FieldValue::Answers(all) => answers(all),
            FieldValue::Sources(all) => {
                Value::List(all.iter().map(|s| Value::map([("title", text(&s.title)), ("url", text(&s.url))])).collect())
            }
            FieldValue::Verified(verified) => {
                Value::map([("on", text(&verified.on)), ("against", text(&verified.against)), ("by", text(&verified.by))])
                    .without_empty(&["on"])
            }
            FieldValue::Options(all) => Value::List(all.iter().map(option_value).collect()),
            FieldValue::Gaps(all) => Value::List(
                all.iter().map(|g| Value::map([("answers", answers(&g.answers)), ("reason", text(&g.reason))])).collect(),
            ),
        }
    }
}

fn option_of(node: &Node) -> Option<OptionField> {
    only(node, &["id", "label", "healthy", "detect", "aliases"])?;
    let healthy = match node.find("healthy").filter(|n| !n.is_nothing()) {
        None => false,
        Some(node) => node.scalar()?.parse().ok()?,
    };
    Some(OptionField {
        id: text_of(node.find("id"))?,
        label: text_of(node.find("label"))?,
        healthy,
        detect: text_of(node.find("detect"))?,
        aliases: words_of(node.find("aliases"))?,
    })
}

fn option_value(option: &OptionField) -> Value {
    let text = |text: &str| Value::Text(text.to_owned());
    Value::map([
        ("id", text(&option.id)),
        ("label", text(&option.label)),
        ("healthy", if option.healthy { Value::True } else { Value::Text(String::new()) }),
        ("detect", text(&option.detect)),
        ("aliases", Value::Words(option.aliases.clone(), false)),
    ])
    .without_empty(&["id", "label"])
}

fn text_of(node: Option<&Node>) -> Option<String> {
    match node {
        Some(node) if !node.is_nothing() => node.scalar().map(str::to_owned),
        _ => Some(String::new()),
    }
}

fn words_of(node: Option<&Node>) -> Option<Vec<String>> {
    node.map_or(&[][..], Node::items).iter().map(|n| n.scalar().map(str::to_owned)).collect()
}

fn answers_of(node: Option<&Node>) -> Option<Answers> {
    let Some(node) = node.filter(|n| !n.is_nothing()) else { return Some(Vec::new()) };
    matches!(node.holds, yaml::Holds::Map { .. }).then_some(())?;
    node.pairs().iter().map(|(q, o)| Some((q.scalar()?.to_owned(), words_of(Some(o))?))).collect()
}

fn list_of<T>(node: &Node, read: impl Fn(&Node) -> Option<T>) -> Option<Vec<T>> {
    if node.is_nothing() {
        return Some(Vec::new());
    }
    let yaml::Holds::List { items, .. } = &node.holds else { return None };
    items.iter().map(read).collect()
}

/// Whether a node is a map with these keys and no others, each once.
fn only(node: &Node, keys: &[&str]) -> Option<()> {
    let yaml::Holds::Map { pairs, .. } = &node.holds else { return None };
    let mut seen = BTreeSet::new();
    pairs.iter().all(|(k, _)| k.scalar().is_some_and(|k| keys.contains(&k) && seen.insert(k.to_owned()))).then_some(())
}

/// The text of a form has plain line breaks.
fn with_breaks(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// A stretch of the body: a heading with what stands below it. The first one has no heading.
struct Part {
    heading: String,
    all: Range<usize>,
    /// Without the heading and the blank lines around it.
    core: Range<usize>,
}

struct Body {
    parts: Vec<Part>,
}

impl Body {
    fn of(body: &str) -> Body {
        let headings = headings(body);
        let ends = headings.iter().map(|(_, at)| at.start).chain([body.len()]);
        let starts = std::iter::once((String::new(), 0..0)).chain(headings.iter().cloned());
        let part = |((heading, at), end): ((String, Range<usize>), usize)| {
            let below = &body[at.end..end];
            // A first line that is indented keeps its indentation.
            let blank: usize = below.split_inclusive('\n').take_while(|l| l.trim().is_empty()).map(str::len).sum();
            let core = at.end + blank..at.end + below.trim_end().len().max(blank);
            Part { heading, all: at.start..end, core }
        };
        Body { parts: starts.zip(ends).map(part).collect() }
    }

    fn with(&self, body: &str, heading: &str, value: &str, newline: &str) -> String {
        let value = trim_lines(&with_breaks(value)).replace('\n', newline);
        let Some(at) = self.parts.iter().position(|p| p.heading == heading) else {
            return if value.is_empty() { body.to_owned() } else { self.insert(body, heading, &value, newline) };
        };
        let part = &self.parts[at];
        if body[part.core.clone()] == value {
            return body.to_owned();
        }
        if value.is_empty() && !heading.is_empty() && !NEEDED_SECTIONS.contains(&heading) {
            return body[..part.all.start].to_owned() + &body[part.all.end..];
        }
        if value.is_empty() || part.core.is_empty() {
            return self.refill(body, part, &value, newline);
        }
        body[..part.core.start].to_owned() + &value + &body[part.core.end..]
    }

    /// Fills what was empty, or empties what was filled: the blank lines around it go with it.
    fn refill(&self, body: &str, part: &Part, value: &str, newline: &str) -> String {
        let line = body[part.all.clone()].split_inclusive('\n').next().unwrap_or_default();
        let above = if part.heading.is_empty() { newline.to_owned() } else { line.trim_end().to_owned() + newline + newline };
        let last = part.all.end == body.len();
        let below = if value.is_empty() || last { "" } else { newline };
        let value = if value.is_empty() { String::new() } else { value.to_owned() + newline };
        body[..part.all.start].to_owned() + &above + &value + below + &body[part.all.end..]
    }

    /// Puts a new section below the nearest one that comes before it.
    fn insert(&self, body: &str, heading: &str, value: &str, newline: &str) -> String {
        let rank = |heading: &str| SECTIONS.iter().position(|s| *s == heading).map_or(SECTIONS.len(), |rank| rank + 1);
        let rank = |heading: &str| if heading.is_empty() { 0 } else { rank(heading) };
        let above = self.parts.iter().rev().find(|p| rank(&p.heading) <= rank(heading));
        let at = above.map_or(body.len(), |p| p.all.end);
        let before = &body[..at];
        let breaks = before[before.trim_end_matches(['\n', '\r']).len()..].matches('\n').count();
        // A blank line stands above a heading, also above the first one.
        let wanted: usize = if before.is_empty() { 1 } else { 2 };
        let gap =
            if before.trim().is_empty() && breaks > 0 { String::new() } else { newline.repeat(wanted.saturating_sub(breaks)) };
        let below = if at == body.len() { "" } else { newline };
        format!("{before}{gap}## {heading}{newline}{newline}{value}{newline}{below}{}", &body[at..])
    }
}

/// The `##` headings of the body itself, not those in quotes, lists or code.
fn headings(body: &str) -> Vec<(String, Range<usize>)> {
    let mut found: Vec<(String, Range<usize>)> = Vec::new();
    let mut depth = 0usize;
    let mut open = false;
    for (event, range) in Parser::new(body).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }) if depth == 0 && body[range.clone()].starts_with("##") => {
                let end = patch::end_of_line(body, range.start);
                found.push((body[range.start..end].trim().trim_matches('#').trim().to_owned(), range.start..end));
                open = true;
            }
            Event::End(TagEnd::Heading(_)) if open => open = false,
            Event::Start(_) if !open => depth += 1,
            Event::End(_) if !open => depth -= 1,
            _ => {}
        }
    }
    found
}

/// Takes blank lines off both ends, and blanks off the last line.
fn trim_lines(text: &str) -> &str {
    let text = text.trim_end();
    let blank: usize = lines::split(text).iter().take_while(|l| l.trim().is_empty()).map(|l| l.len()).sum();
    &text[blank..]
}
