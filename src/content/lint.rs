//! What one file cannot know alone: names that must exist, names that must not exist twice, links, fences. Start at
//! [`assemble`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use super::{Document, Pack, Problem, Reading, images, line_of, place, probes};
use crate::evidence::detect;
use crate::kb::{Condition, Entry, Kind, KnowledgeBase, Question, RESERVED_PARAMETERS, Slug, Symptom, nearest};

/// Joins the parsed files into a knowledge base and adds the problems that show only then.
pub(super) fn assemble(pack: &Pack, parsed: Vec<Result<Document, Vec<Problem>>>) -> Reading {
    let mut problems = Vec::new();
    let (mut entries, mut questions, mut symptoms) = (Vec::new(), Vec::new(), Vec::new());
    let mut taken: BTreeMap<(Kind, Slug), String> = BTreeMap::new();
    let mut paths: BTreeMap<(Kind, Slug), String> = BTreeMap::new();
    for (file, document) in pack.files.iter().zip(parsed) {
        let document = match document {
            Ok(document) => document,
            Err(found) => {
                problems.extend(found);
                // The name is known all the same, so that others may refer to it without a second problem.
                if let Ok((kind, _, slug)) = place(&file.path) {
                    paths.insert((kind, slug), file.path.clone());
                }
                continue;
            }
        };
        let (kind, slug, aliases, source) = match &document {
            Document::Entry(e) => (Kind::Entry, &e.slug, &e.aliases, &e.source),
            Document::Question(q) => (Kind::Question, &q.slug, &q.aliases, &q.source),
            Document::Symptom(s) => (Kind::Symptom, &s.slug, &s.aliases, &s.source),
        };
        let mut double = false;
        for name in std::iter::once(slug).chain(aliases) {
            if let Some(first) = taken.get(&(kind, name.clone())) {
                let what = kind.word();
                let message =
                    format!("`{name}` names the {what} in {first} already: a slug or alias can stand for one {what} only");
                problems.push(Problem::error(&file.path, line_of(source, name.as_str()), message));
                double = double || name == slug;
            } else {
                taken.insert((kind, name.clone()), file.path.clone());
            }
        }
        if double {
            continue;
        }
        paths.insert((kind, slug.clone()), file.path.clone());
        match document {
            Document::Entry(e) => entries.push(*e),
            Document::Question(q) => questions.push(*q),
            Document::Symptom(s) => symptoms.push(*s),
        }
    }
    let mut names = Names { problems, paths, questions: BTreeMap::new(), taken };
    names.questions = questions.iter().map(|q: &Question| (q.slug.clone(), q.clone())).collect();
    for entry in &mut entries {
        names.check_entry(entry);
    }
    for question in &mut questions {
        names.check_question(question);
    }
    for symptom in &mut symptoms {
        names.check_symptom(symptom);
    }
    let mut problems = names.problems;
    problems.sort_by(|a, b| (&a.path, a.line, &a.message).cmp(&(&b.path, b.line, &b.message)));
    problems.dedup();
    Reading { kb: KnowledgeBase::new(entries, questions, symptoms), problems }
}

struct Names {
    problems: Vec<Problem>,
    paths: BTreeMap<(Kind, Slug), String>,
    questions: BTreeMap<Slug, Question>,
    taken: BTreeMap<(Kind, Slug), String>,
}

impl Names {
    fn path(&self, kind: Kind, slug: &Slug) -> String {
        self.paths.get(&(kind, slug.clone())).cloned().unwrap_or_default()
    }

    fn knows(&self, kind: Kind, slug: &Slug) -> bool {
        let key = (kind, slug.clone());
        self.taken.contains_key(&key) || self.paths.contains_key(&key)
    }

    fn unknown(&mut self, path: &str, source: &str, kind: Kind, slug: &Slug) {
        let known: BTreeSet<&str> = self.taken.keys().filter(|(k, _)| *k == kind).map(|(_, s)| s.as_str()).collect();
        let what = kind.word();
        let repair = match nearest(slug.as_str(), known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("add {}/{slug}.md, or name one that exists", kind.folder()),
        };
        self.problems.push(Problem::error(path, line_of(source, slug.as_str()), format!("unknown {what} `{slug}`; {repair}")));
    }

    /// Reports names that do not exist and takes them out, so that what is left can be relied on.
    fn check_condition(&mut self, path: &str, source: &str, condition: &mut Condition) {
        let mut sound = BTreeMap::new();
        for (name, options) in std::mem::take(&mut condition.0) {
            let Some(question) = self.questions.get(&name) else {
                if !self.knows(Kind::Question, &name) {
                    self.unknown(path, source, Kind::Question, &name);
                }
                continue;
            };
            let mut chosen = BTreeSet::new();
            for option in &options {
                if question.option(option.as_str()).is_some() {
                    chosen.insert(option.clone());
                    continue;
                }
                let known = question.options.iter().map(|o| o.id.as_str());
                let repair = match nearest(option.as_str(), known.clone()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("it has {}", known.map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ")),
                };
                let message = format!("unknown option `{option}` of the question `{name}`; {repair}");
                self.problems.push(Problem::error(path, line_of(source, name.as_str()), message));
            }
            if !chosen.is_empty() {
                sound.insert(name, chosen);
            }
        }
        condition.0 = sound;
    }

    fn check_entry(&mut self, entry: &mut Entry) {
        let path = self.path(Kind::Entry, &entry.slug);
        let source = Arc::clone(&entry.source);
        for symptom in entry.symptoms.clone() {
            if !self.knows(Kind::Symptom, &symptom) {
                self.unknown(&path, &source, Kind::Symptom, &symptom);
            }
        }
        entry.symptoms.sort();
        entry.symptoms.dedup();
        for alternative in entry.alternatives.clone() {
            if !self.knows(Kind::Entry, &alternative) {
                self.unknown(&path, &source, Kind::Entry, &alternative);
            }
        }
        for condition in &mut entry.when {
            self.check_condition(&path, &source, condition);
        }
        self.check_markdown(&path, &source, &entry.body);
        self.check_probes(&path, &source, &entry.body, Some("## Check"));
        for transcript in &entry.transcripts {
            if !self.knows(Kind::Entry, &transcript.lands) {
                self.unknown(&path, &source, Kind::Entry, &transcript.lands);
            }
        }
        entry.transcripts.retain(|t| self.knows(Kind::Entry, &t.lands));
        if let Some(text) = &entry.disputed {
            self.check_sentence(&path, line_of(&source, "disputed"), text);
        }
    }

    fn check_question(&mut self, question: &mut Question) {
        let path = self.path(Kind::Question, &question.slug);
        let source = Arc::clone(&question.source);
        self.check_condition(&path, &source, &mut question.asked_when);
        if RESERVED_PARAMETERS.contains(&question.slug.as_str()) {
            let message = format!("`{}` means something else in a link: rename the question", question.slug);
            self.problems.push(Problem::error(&path, 1, message));
        }
        if question.asked_when.names(&question.slug).is_some() {
            let message = "the question is asked only once it is answered: delete it from its own `asked-when`";
            self.problems.push(Problem::error(&path, line_of(&source, "asked-when"), message));
        }
        self.check_markdown(&path, &source, &question.body);
        self.check_probes(&path, &source, &question.body, None);
        for option in &question.options {
            self.check_expression(&path, &source, option.detect.as_deref(), option.id.as_str());
        }
    }

    /// An expression that cannot be read, or names what does not exist, would never recognise anything.
    fn check_expression(&mut self, path: &str, source: &str, expression: Option<&str>, owner: &str) {
        let Some(expression) = expression else { return };
        if let Err(fault) = detect::compile(expression) {
            let start = expression.lines().next().unwrap_or_default().trim();
            // In a folded block, a line of the file is the beginning of the expression; elsewhere it holds all of its first line.
            let begins = |line: &str| !line.is_empty() && start.starts_with(line);
            let at = source.lines().position(|l| !start.is_empty() && (l.contains(start) || begins(l.trim())));
            let line = at.map_or_else(|| line_of(source, owner), |at| at + fault.line);
            self.problems.push(Problem::error(path, line, format!("`detect` of `{owner}`: {}", fault.message)));
        }
    }

    /// Commands that are there to look must not change anything.
    fn check_probes(&mut self, path: &str, source: &str, body: &str, section: Option<&str>) {
        let first = 1 + source[..source.len() - body.len()].matches('\n').count();
        for found in probes::list_changing(body, section) {
            self.problems.push(Problem::error(path, first + found.line, found.message));
        }
    }

    fn check_symptom(&mut self, symptom: &mut Symptom) {
        let path = self.path(Kind::Symptom, &symptom.slug);
        let source = Arc::clone(&symptom.source);
        for gap in &mut symptom.known_gaps {
            self.check_condition(&path, &source, &mut gap.answers);
        }
        for gap in &symptom.known_gaps {
            self.check_sentence(&path, line_of(&source, "known-gaps"), &gap.reason);
        }
        self.check_expression(&path, &source, symptom.detect.as_deref(), symptom.slug.as_str());
        symptom.known_gaps.retain(|g| !g.answers.0.is_empty());
        self.check_markdown(&path, &source, &symptom.body);
    }

    fn check_markdown(&mut self, path: &str, source: &str, body: &str) {
        let first = 1 + source[..source.len() - body.len()].matches('\n').count();
        let line = |at: usize| first + body[..at].matches('\n').count();
        let mut picture: Option<(String, usize, String)> = None;
        for (event, range) in Parser::new(body).into_offset_iter() {
            match event {
                Event::Start(Tag::Image { dest_url, .. }) => picture = Some((dest_url.to_string(), range.start, String::new())),
                Event::Text(text) | Event::Code(text) => {
                    if let Some((_, _, words)) = &mut picture {
                        words.push_str(&text);
                    }
                }
                Event::End(TagEnd::Image) => {
                    if let Some((target, at, words)) = picture.take()
                        && let Some((severity, message)) = images::check_shown(&target, &words)
                    {
                        self.problems.push(Problem { severity, path: path.to_owned(), line: line(at), message });
                    }
                }
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) if !closed(&body[range.clone()]) => {
                    let message = "the code fence that begins here is not closed: end it with a line of the same ``` or ~~~";
                    self.problems.push(Problem::error(path, line(range.start), message));
                }
                Event::Start(Tag::Link { dest_url, .. }) => {
                    if let Some(message) = self.dangling(&dest_url) {
                        self.problems.push(Problem::error(path, line(range.start), message));
                    }
                }
                _ => {}
            }
        }
    }

    /// The links of a sentence in the front matter.
    fn check_sentence(&mut self, path: &str, line: usize, text: &str) {
        for event in Parser::new(text) {
            if let Event::Start(Tag::Link { dest_url, .. }) = event
                && let Some(message) = self.dangling(&dest_url)
            {
                self.problems.push(Problem::error(path, line, message));
            }
        }
    }

    /// What is wrong with a link inside the knowledge base, if anything is.
    fn dangling(&self, target: &str) -> Option<String> {
        if !target.starts_with('/') {
            let outside = target.starts_with('#') || target.contains("://") || target.starts_with("mailto:");
            return (!outside).then(|| {
                format!("the link to `{target}` is relative: begin it with `/fix/`, `/symptom/`, `/question/` or https://")
            });
        }
        let bare = target.split(['#', '?']).next().unwrap_or(target);
        let kinds =
            [("/fix/", Kind::Entry), ("/symptom/", Kind::Symptom), ("/question/", Kind::Question), ("/map/", Kind::Symptom)];
        let (slug, kind) = kinds.iter().find_map(|(p, k)| Some((bare.strip_prefix(p)?, *k)))?;
        let slug = slug.strip_suffix(".md").unwrap_or(slug);
        if Slug::parse(slug).is_some_and(|s| self.knows(kind, &s)) {
            return None;
        }
        let known = self.taken.keys().filter(|(k, _)| *k == kind).map(|(_, s)| s.as_str());
        let repair = nearest(slug, known).map_or("link to one that exists".to_owned(), |near| format!("did you mean `{near}`?"));
        Some(format!("the link to `{target}` leads to no {}; {repair}", kind.word()))
    }
}

/// Whether a fenced block ends with a fence of its own.
fn closed(block: &str) -> bool {
    let mut lines = block.lines();
    let opening = lines.next().unwrap_or_default().trim_start();
    let mark = opening.chars().next().unwrap_or('`');
    let length = opening.chars().take_while(|c| *c == mark).count();
    let Some(last) = lines.next_back() else { return false };
    let bare = last.trim_start_matches([' ', '>', '\t']).trim_end();
    bare.len() >= length && bare.chars().all(|c| c == mark)
}
