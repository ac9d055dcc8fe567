//! One file: front matter in YAML between two lines of `---`, then markdown. Shapes here are those of the files and belong
//! to nobody else. Start at [`parse`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
use serde::Deserialize;
use serde::de::{self, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{Document, File, LARGEST_FILE, Problem, place};
use crate::diagnosis::MOST_OPTIONS;
use crate::kb::{
    self, Choice, Condition, Effort, Entry, Kind, KnownGap, Likelihood, Question, Slug, Source, Symptom, Transcript, Verified,
};

/// A word, or a list of words.
#[derive(Default)]
struct Words(Vec<String>);

/// A mapping, or a list of mappings.
struct Maps<T>(Vec<T>);

impl<T> Default for Maps<T> {
    fn default() -> Self {
        Maps(Vec::new())
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Words, D::Error> {
        struct WordsVisitor;
        impl<'de> Visitor<'de> for WordsVisitor {
            type Value = Words;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word or a list of words")
            }
            fn visit_str<E: de::Error>(self, v: &str) -> Result<Words, E> {
                Ok(Words(vec![v.to_owned()]))
            }
            fn visit_bool<E: de::Error>(self, v: bool) -> Result<Words, E> {
                Ok(Words(vec![v.to_string()]))
            }
            fn visit_u64<E: de::Error>(self, v: u64) -> Result<Words, E> {
                Ok(Words(vec![v.to_string()]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Words, A::Error> {
                let mut words = Vec::new();
                while let Some(word) = seq.next_element::<String>()? {
                    words.push(word);
                }
                Ok(Words(words))
            }
        }
        deserializer.deserialize_any(WordsVisitor)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Maps<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Maps<T>, D::Error> {
        struct MapsVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for MapsVisitor<T> {
            type Value = Maps<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping or a list of mappings")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Maps<T>, A::Error> {
                Ok(Maps(vec![T::deserialize(de::value::MapAccessDeserializer::new(map))?]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Maps<T>, A::Error> {
                let mut maps = Vec::new();
                while let Some(map) = seq.next_element()? {
                    maps.push(map);
                }
                Ok(Maps(maps))
            }
        }
        deserializer.deserialize_any(MapsVisitor(PhantomData))
    }
}

type ConditionFront = BTreeMap<String, Words>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct EntryFront {
    title: String,
    symptoms: Words,
    #[serde(default)]
    when: Maps<ConditionFront>,
    likelihood: LikelihoodFront,
    #[serde(default)]
    sources: Vec<SourceFront>,
    #[serde(default)]
    aliases: Words,
    #[serde(default)]
    alternatives: Words,
    #[serde(default)]
    tags: Words,
    owner: Option<String>,
    verified: Option<VerifiedFront>,
    disputed: Option<String>,
    told_from: Option<String>,
}

/// The keys of an entry that say what it is about.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct DraftFront {
    #[serde(default)]
    title: String,
    #[serde(default)]
    symptoms: Words,
    #[serde(default)]
    when: Maps<ConditionFront>,
    #[serde(default)]
    alternatives: Words,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum LikelihoodFront {
    Common,
    Occasional,
    Rare,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceFront {
    title: String,
    url: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VerifiedFront {
    on: String,
    against: Option<String>,
    by: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct QuestionFront {
    title: String,
    why: String,
    effort: EffortFront,
    options: Vec<ChoiceFront>,
    #[serde(default)]
    asked_when: ConditionFront,
    #[serde(default)]
    aliases: Words,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum EffortFront {
    Glance,
    LookUp,
    Command,
    AskSomeone,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChoiceFront {
    id: String,
    label: String,
    #[serde(default)]
    healthy: bool,
    detect: Option<String>,
    #[serde(default)]
    aliases: Words,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct SymptomFront {
    title: String,
    messages: Words,
    #[serde(default)]
    patterns: Words,
    #[serde(default)]
    statuses: Vec<u16>,
    detect: Option<String>,
    #[serde(default)]
    known_gaps: Vec<KnownGapFront>,
    #[serde(default)]
    aliases: Words,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownGapFront {
    answers: ConditionFront,
    reason: String,
}

/// The two parts of a file.
struct Parts<'a> {
    front: &'a str,
    body: &'a str,
}

/// Parses one file. A file with problems gives no document.
pub(super) fn parse(file: &File) -> Result<Document, Vec<Problem>> {
    let path = &file.path;
    let one = |line: usize, message: String| vec![Problem::error(path, line, message)];
    let (kind, area, slug) = place(path).map_err(|m| one(1, m))?;
    if file.bytes.len() > LARGEST_FILE {
        return Err(one(1, format!("the file has {} bytes, the most is {LARGEST_FILE}: split it", file.bytes.len())));
    }
    let text = std::str::from_utf8(&file.bytes).map_err(|e| {
        let line = 1 + file.bytes[..e.valid_up_to()].iter().filter(|b| **b == b'\n').count();
        one(line, format!("byte {} is not UTF-8: save the file as UTF-8", e.valid_up_to()))
    })?;
    let parts = split(text).map_err(|(line, m)| one(line, m))?;
    let mut reader = Reader { path, text, parts: &parts, problems: Vec::new() };
    let document = match kind {
        Kind::Entry => reader.entry(area, slug).map(|e| Document::Entry(Arc::new(e))),
        Kind::Question => reader.question(slug).map(|q| Document::Question(Arc::new(q))),
        Kind::Symptom => reader.symptom(slug).map(|s| Document::Symptom(Arc::new(s))),
    };
    match document {
        Some(document) if reader.problems.is_empty() => Ok(document),
        _ => Err(reader.problems),
    }
}

/// What can be understood of an entry that somebody is writing; keys that are missing yet are taken for empty.
pub fn draft(text: &str) -> Option<Entry> {
    let parts = split(text).ok()?;
    let mut reader = Reader { path: "", text, parts: &parts, problems: Vec::new() };
    let front: DraftFront = reader.front()?;
    Some(Entry {
        slug: Slug::parse("draft").expect("it is one"),
        area: String::new(),
        title: front.title,
        symptoms: reader.slugs(front.symptoms, "symptom"),
        when: front.when.0.into_iter().map(|c| reader.condition(c)).collect(),
        likelihood: Likelihood::Occasional,
        sources: Vec::new(),
        aliases: Vec::new(),
        alternatives: reader.slugs(front.alternatives, "alternative"),
        tags: Vec::new(),
        owner: None,
        verified: None,
        disputed: None,
        told_by_asking: None,
        transcripts: Vec::new(),
        body: parts.body.to_owned(),
        source: Arc::from(text),
    })
}

fn split(text: &str) -> Result<Parts<'_>, (usize, String)> {
    let unmarked = text.strip_prefix('\u{feff}').unwrap_or(text);
    let after = unmarked.strip_prefix("---\n").or_else(|| unmarked.strip_prefix("---\r\n"));
    let Some(after) = after else {
        return Err((1, "the file does not begin with front matter: put its fields between two lines of `---`".into()));
    };
    let mut at = 0;
    for line in after.split_inclusive('\n') {
        if line.trim_end() == "---" {
            return Ok(Parts { front: &after[..at], body: &after[at + line.len()..] });
        }
        at += line.len();
    }
    Err((1, "the front matter is not closed: end it with a line of `---`".into()))
}

struct Reader<'a> {
    path: &'a str,
    text: &'a str,
    parts: &'a Parts<'a>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn front<T: DeserializeOwned>(&mut self) -> Option<T> {
        let options = serde_saphyr::options! { strict_booleans: true, with_snippet: false };
        match serde_saphyr::from_str_with_options::<T>(self.parts.front, options) {
            Ok(shape) => Some(shape),
            Err(error) => {
                // One line of `---` stands above the YAML.
                let line = error.location().map_or(1, |l| l.line() as usize + 1);
                self.problem(line, explain(error.without_snippet()));
                None
            }
        }
    }

    fn problem(&mut self, line: usize, message: impl Into<String>) {
        self.problems.push(Problem::error(self.path, line, message));
    }

    /// The line on which a word stands in the front matter.
    fn line_of(&self, word: &str) -> usize {
        line_of(self.text, word)
    }

    fn slug(&mut self, text: &str, what: &str) -> Option<Slug> {
        let slug = Slug::parse(text);
        if slug.is_none() {
            let line = self.line_of(text);
            self.problem(line, format!("{what} `{text}` is not a slug: use lower-case letters, digits and dashes"));
        }
        slug
    }

    fn slugs(&mut self, words: Words, what: &str) -> Vec<Slug> {
        words.0.iter().filter_map(|w| self.slug(w, what)).collect()
    }

    fn condition(&mut self, front: ConditionFront) -> Condition {
        let mut condition = BTreeMap::new();
        for (question, options) in front {
            let line = self.line_of(&question);
            if options.0.is_empty() {
                self.problem(line, format!("`{question}` names no option: list at least one, or delete the line"));
            }
            let chosen: BTreeSet<Slug> = self.slugs(options, "option").into_iter().collect();
            if let Some(question) = self.slug(&question, "question") {
                condition.insert(question, chosen);
            }
        }
        Condition(condition)
    }

    fn filled(&mut self, field: &str, text: &str, longest: usize) {
        let line = self.line_of(field);
        if text.trim().is_empty() {
            self.problem(line, format!("`{field}` is empty: fill it in"));
        } else if text.chars().count() > longest {
            self.problem(line, format!("`{field}` has {} characters, the most is {longest}: shorten it", text.chars().count()));
        } else if text.chars().any(|c| c.is_control() && c != '\n') {
            self.problem(line, format!("`{field}` has a control character: delete it"));
        }
    }

    fn entry(&mut self, area: String, slug: Slug) -> Option<Entry> {
        let front: EntryFront = self.front()?;
        self.filled("title", &front.title, 120);
        let mut symptoms = self.slugs(front.symptoms, "symptom");
        symptoms.sort();
        symptoms.dedup();
        if symptoms.is_empty() {
            let line = self.line_of("symptoms");
            self.problem(line, "an entry needs at least one symptom: list the slugs of what a person sees");
        }
        if front.sources.is_empty() {
            let line = self.line_of("sources");
            self.problem(line, "an entry needs at least one source: add `sources:` with a `title` and a `url`");
        }
        for source in &front.sources {
            if !(source.url.starts_with("https://") || source.url.starts_with("http://"))
                || source.url.contains(char::is_whitespace)
            {
                let line = self.line_of(&source.url);
                self.problem(line, format!("the source `{}` is not a web address: begin it with https://", source.url));
            }
        }
        for heading in ["## Symptom", "## Cause", "## Fix"] {
            if !self.parts.body.lines().any(|l| l.trim_end() == heading) {
                self.problem(1, format!("the section `{heading}` is missing: add it to the text"));
            }
        }
        if let Some(verified) = &front.verified
            && verified.on.parse::<jiff::civil::Date>().is_err()
        {
            let line = self.line_of("verified");
            self.problem(line, format!("`{}` is not a date: write it as 2026-11-23", verified.on));
        }
        let told_by_asking = front.told_from.as_deref().and_then(|told| self.told_by_asking(told));
        let transcripts = self.transcripts(&slug);
        Some(Entry {
            slug,
            area,
            title: front.title,
            symptoms,
            when: front.when.0.into_iter().map(|c| self.condition(c)).collect(),
            likelihood: match front.likelihood {
                LikelihoodFront::Common => Likelihood::Common,
                LikelihoodFront::Occasional => Likelihood::Occasional,
                LikelihoodFront::Rare => Likelihood::Rare,
            },
            sources: front.sources.into_iter().map(|s| Source { title: s.title, url: s.url }).collect(),
            aliases: self.slugs(front.aliases, "alias"),
            alternatives: self.slugs(front.alternatives, "alternative"),
            tags: front.tags.0,
            owner: front.owner,
            verified: front.verified.map(|v| Verified { on: v.on, against: v.against, by: v.by }),
            disputed: front.disputed,
            told_by_asking,
            transcripts,
            body: self.parts.body.to_owned(),
            source: Arc::from(self.text),
        })
    }

    /// `told-from: asking, because …`.
    fn told_by_asking(&mut self, told: &str) -> Option<String> {
        let reason = told.strip_prefix("asking").and_then(|rest| rest.trim_start().strip_prefix(", because "));
        if reason.is_none_or(|r| r.trim().is_empty()) {
            let line = self.line_of("told-from");
            self.problem(line, "`told-from` says why no evidence can tell the cause: write `asking, because …`");
        }
        reason.map(|r| r.trim().to_owned())
    }

    /// The fenced blocks that say where they land.
    fn transcripts(&mut self, own: &Slug) -> Vec<Transcript> {
        let body = self.parts.body;
        let first = 1 + self.text[..self.text.len() - body.len()].matches('\n').count();
        let mut transcripts: Vec<Transcript> = Vec::new();
        let mut open = false;
        for (event, range) in Parser::new(body).into_offset_iter() {
            match event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                    let line = first + body[..range.start].matches('\n').count();
                    let landing = Transcript::landing(&info)
                        .map(|target| if target.is_empty() { own.to_string() } else { target.to_owned() });
                    let lands = landing.and_then(|target| self.slug(&target, "entry"));
                    open = lands.is_some();
                    transcripts.extend(lands.map(|lands| Transcript { text: String::new(), lands, line }));
                }
                Event::Text(text) if open => {
                    if let Some(last) = transcripts.last_mut() {
                        last.text.push_str(&text);
                    }
                }
                Event::End(TagEnd::CodeBlock) => open = false,
                _ => {}
            }
        }
        transcripts
    }

    fn question(&mut self, slug: Slug) -> Option<Question> {
        let front: QuestionFront = self.front()?;
        self.filled("title", &front.title, 160);
        self.filled("why", &front.why, 240);
        let count = front.options.len();
        if !(2..=MOST_OPTIONS).contains(&count) {
            let line = self.line_of("options");
            self.problem(line, format!("a question needs 2 to {MOST_OPTIONS} options, this one has {count}"));
        }
        if count > 0 && front.options.iter().all(|o| o.healthy) {
            let line = self.line_of("options");
            self.problem(line, "every option is healthy, so no answer could point at a cause: delete `healthy` where it is not");
        }
        let mut ids = BTreeSet::new();
        let mut options = Vec::new();
        for choice in front.options {
            let Some(id) = self.slug(&choice.id, "option") else { continue };
            self.filled("label", &choice.label, 200);
            let aliases = self.slugs(choice.aliases, "alias");
            for word in std::iter::once(&id).chain(&aliases) {
                if !ids.insert(word.clone()) {
                    let line = self.line_of(word.as_str());
                    self.problem(line, format!("the option `{word}` stands here twice: rename one of them"));
                }
            }
            options.push(Choice { id, label: choice.label, healthy: choice.healthy, detect: choice.detect, aliases });
        }
        Some(Question {
            slug,
            title: front.title,
            why: front.why,
            effort: match front.effort {
                EffortFront::Glance => Effort::Glance,
                EffortFront::LookUp => Effort::LookUp,
                EffortFront::Command => Effort::Command,
                EffortFront::AskSomeone => Effort::AskSomeone,
            },
            options,
            asked_when: self.condition(front.asked_when),
            aliases: self.slugs(front.aliases, "alias"),
            body: self.parts.body.to_owned(),
            source: Arc::from(self.text),
        })
    }

    fn symptom(&mut self, slug: Slug) -> Option<Symptom> {
        let front: SymptomFront = self.front()?;
        self.filled("title", &front.title, 120);
        if front.messages.0.is_empty() {
            let line = self.line_of("messages");
            self.problem(line, "a symptom needs at least one message: write what a person sees, word for word");
        }
        for pattern in &front.patterns.0 {
            if let Err(error) = regex::RegexBuilder::new(pattern).size_limit(1 << 20).build() {
                let line = self.line_of("patterns");
                let last = error.to_string().lines().last().unwrap_or_default().trim().to_owned();
                self.problem(line, format!("the pattern `{pattern}` is not a regular expression: {last}"));
            }
        }
        for status in &front.statuses {
            if !(100..600).contains(status) {
                let line = self.line_of("statuses");
                self.problem(line, format!("{status} is not an HTTP status: they run from 100 to 599"));
            }
        }
        Some(Symptom {
            slug,
            title: front.title,
            messages: front.messages.0,
            patterns: front.patterns.0,
            statuses: front.statuses,
            detect: front.detect,
            known_gaps: front
                .known_gaps
                .into_iter()
                .map(|g| KnownGap { answers: self.condition(g.answers), reason: g.reason })
                .collect(),
            aliases: self.slugs(front.aliases, "alias"),
            body: self.parts.body.to_owned(),
            source: Arc::from(self.text),
        })
    }
}

/// The line of a word: the first on which it is a key, or else the first on which it stands by itself, or else 1.
pub fn line_of(text: &str, word: &str) -> usize {
    if word.is_empty() {
        return 1;
    }
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let stands = |line: &str, as_key: bool| {
        line.match_indices(word).any(|(at, _)| {
            let rest = &line[at + word.len()..];
            let alone = !line[..at].ends_with(inner) && !rest.starts_with(inner);
            alone && (!as_key || rest.starts_with(':'))
        })
    };
    let first = |as_key: bool| text.lines().position(|line| stands(line, as_key));
    first(true).or_else(|| first(false)).map_or(1, |at| at + 1)
}

/// Rewords what the YAML reader says where a person needs more: an unknown name gets the nearest known one.
fn explain(error: &serde_saphyr::Error) -> String {
    use serde_saphyr::Error;
    match error {
        Error::AliasError { error, .. } => explain(error),
        Error::SerdeUnknownField { field, expected, .. } => unknown("key", field, expected),
        Error::SerdeUnknownVariant { variant, expected, .. } => unknown("word", variant, expected),
        Error::SerdeMissingField { field, .. } => format!("the key `{field}` is missing: add it"),
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            format!("the key `{key}` stands here twice: delete one of them, or join their values in a list")
        }
        // Limits of the reader: honest front matter stays far below them.
        Error::Budget { .. } | Error::AliasReplayLimitExceeded { .. } | Error::AliasExpansionLimitExceeded { .. } => {
            "the front matter repeats or nests too much: write it out, without `&` and `*`".to_owned()
        }
        other => {
            // The line is told beside the message, counted from the top of the file and not of the front matter.
            let message = other.to_string();
            let what = message.lines().next().unwrap_or_default().split(" at line ").next().unwrap_or_default();
            format!("the front matter cannot be read: {what}. Put texts with `:`, `#` or brackets in quotes, and indent by two")
        }
    }
}

fn unknown(what: &str, given: &str, known: &[&str]) -> String {
    match kb::nearest(given, known.iter().copied()) {
        Some(near) => format!("unknown {what} `{given}`; did you mean `{near}`?"),
        None => format!(
            "unknown {what} `{given}`; known are {}",
            known.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_word_is_the_one_where_it_is_a_key() {
        let text = "---\ntitle: The verb is wrong\ntags: [verb-like]\nwhen:\n  verb: other\n---\n\nThe verb: see above.\n";
        assert_eq!(line_of(text, "verb"), 5);
        assert_eq!(line_of(text, "other"), 5, "a word that is no key stands where it stands by itself");
        assert_eq!(line_of(text, "like"), 1, "a part of a word is not the word");
        assert_eq!(line_of(text, ""), 1);
    }
}
