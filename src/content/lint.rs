//! What one file cannot know alone: names that must exist, names that must not exist twice, links, fences. Start at
//! [`lint`].

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use imbl::OrdMap;
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use super::{Document, Problem, images, line_of, place, probes};
use crate::evidence::detect;
use crate::kb::{Condition, Documents, Entry, Kind, KnownGap, Question, RESERVED_PARAMETERS, Slug, Symptom, Transcript, nearest};

/// What documents call each other by.
pub(super) type Name = (Kind, Slug);

/// The names of all files, and what is behind them.
#[derive(Clone, Default)]
pub(super) struct Names {
    /// Slugs and aliases of what could be read.
    taken: OrdMap<Name, Arc<str>>,
    /// Slugs of all files, so that others may refer to a broken one without a second problem.
    paths: OrdMap<Name, Arc<str>>,
    questions: Documents<Question>,
}

/// The names of a file, its slug first. One that cannot be read has no aliases; one in the wrong place has no name.
pub(super) fn names(path: &str, parsed: &Result<Document, Vec<Problem>>) -> Vec<Name> {
    match parsed {
        Ok(document) => {
            let (kind, slug, aliases, _) = document.parts();
            std::iter::once(slug).chain(aliases).map(|name| (kind, name.clone())).collect()
        }
        Err(_) => place(path).map(|(kind, _, slug)| (kind, slug)).into_iter().collect(),
    }
}

/// Whether a file has its names for itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    Free,
    /// Another file has one of its names.
    Shared,
    /// Another file has its slug: it cannot be used.
    Refused,
}

impl Names {
    /// Adds a file, after those that go before it.
    pub fn add(&mut self, path: &Arc<str>, parsed: &Result<Document, Vec<Problem>>, claims: &mut Vec<Problem>) -> Claim {
        let names = names(path, parsed);
        let Some(own) = names.first().cloned() else { return Claim::Free };
        let mut claim = Claim::Free;
        if let Ok(document) = parsed {
            for name in names {
                let Some(first) = self.taken.get(&name) else {
                    self.taken.insert(name, Arc::clone(path));
                    continue;
                };
                let what = name.0.word();
                let message =
                    format!("`{}` names the {what} in {first} already: a slug or alias can stand for one {what} only", name.1);
                claims.push(Problem::error(path, line_of(document.parts().3, name.1.as_str()), message));
                claim = if name == own || claim == Claim::Refused { Claim::Refused } else { Claim::Shared };
            }
            if let Document::Question(question) = document
                && claim != Claim::Refused
            {
                self.questions.insert(question.slug.clone(), Arc::clone(question));
            }
        }
        if claim != Claim::Refused && self.paths.insert(own, Arc::clone(path)).is_some() {
            claim = Claim::Shared;
        }
        claim
    }

    /// Takes a file out whose names nobody else has.
    pub fn forget(&mut self, path: &str, parsed: &Result<Document, Vec<Problem>>) {
        let names = names(path, parsed);
        // An alias can be the slug of a broken file as well, which stays.
        let Some(own) = names.first() else { return };
        self.paths.remove(own);
        if parsed.is_ok() {
            if own.0 == Kind::Question {
                self.questions.remove(&own.1);
            }
            names.iter().for_each(|name| drop(self.taken.remove(name)));
        }
    }

    pub fn path(&self, name: &Name) -> Option<&str> {
        self.paths.get(name).map(|path| &**path)
    }
}

/// A document as it can be relied on, with what is wrong in its file.
pub(super) struct Linted {
    pub document: Document,
    pub problems: Vec<Problem>,
    /// The names that it was looked up whether they exist, in order.
    asked: Box<[Name]>,
}

impl Linted {
    pub fn asks_about_any(&self, names: &BTreeSet<Name>) -> bool {
        names.iter().any(|name| self.asked.binary_search(name).is_ok())
    }
}

/// Reports names that do not exist, and takes them out of the document.
pub(super) fn lint(names: &Names, path: &str, document: &Document) -> Linted {
    let source = Arc::clone(document.parts().3);
    let mut check = Check { names, path, source: &source, problems: Vec::new(), asked: RefCell::default() };
    let document = match document {
        Document::Entry(entry) => Document::Entry(check.entry(entry)),
        Document::Question(question) => Document::Question(check.question(question)),
        Document::Symptom(symptom) => Document::Symptom(check.symptom(symptom)),
    };
    let Check { problems, asked, .. } = check;
    Linted { document, problems, asked: asked.into_inner().into_iter().collect() }
}

struct Check<'a> {
    names: &'a Names,
    path: &'a str,
    source: &'a str,
    problems: Vec<Problem>,
    asked: RefCell<BTreeSet<Name>>,
}

impl Check<'_> {
    fn error(&mut self, line: usize, message: impl Into<String>) {
        self.problems.push(Problem::error(self.path, line, message));
    }

    fn knows(&self, kind: Kind, slug: &Slug) -> bool {
        let name = (kind, slug.clone());
        let known = self.names.taken.contains_key(&name) || self.names.paths.contains_key(&name);
        self.asked.borrow_mut().insert(name);
        known
    }

    /// What the document of a name is called today. Who writes an old name is told, and means the document all the same.
    fn today(&mut self, kind: Kind, slug: &Slug) -> Option<Slug> {
        let name = (kind, slug.clone());
        self.asked.borrow_mut().insert(name.clone());
        if self.names.paths.contains_key(&name) {
            return Some(slug.clone());
        }
        let (_, _, today) = place(self.names.taken.get(&name)?).ok()?;
        self.renamed(&format!("the {} `{slug}`", kind.word()), slug.as_str(), &today);
        Some(today)
    }

    /// The same; a name that nothing has is a problem.
    fn named(&mut self, kind: Kind, slug: &Slug) -> Option<Slug> {
        let today = self.today(kind, slug);
        if today.is_none() {
            self.unknown(kind, slug);
        }
        today
    }

    fn renamed(&mut self, what: &str, old: &str, today: &Slug) {
        let message = format!("{what} is called `{today}` now: write that");
        self.problems.push(Problem::warning(self.path, line_of(self.source, old), message));
    }

    fn list_names(&self, kind: Kind) -> impl Iterator<Item = &str> {
        self.names.taken.keys().filter(move |(k, _)| *k == kind).map(|(_, slug)| slug.as_str())
    }

    fn unknown(&mut self, kind: Kind, slug: &Slug) {
        let what = kind.word();
        let repair = match nearest(slug.as_str(), self.list_names(kind)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("add {}/{slug}.md, or name one that exists", kind.folder()),
        };
        self.error(line_of(self.source, slug.as_str()), format!("unknown {what} `{slug}`; {repair}"));
    }

    /// What is left of a condition without names that do not exist.
    fn condition(&mut self, condition: &Condition) -> Condition {
        let mut sound = BTreeMap::new();
        for (name, options) in &condition.0 {
            let Some(today) = self.named(Kind::Question, name) else { continue };
            // One that cannot be read has a problem of its own.
            let Some(question) = self.names.questions.get(&today).cloned() else { continue };
            let chosen: BTreeSet<Slug> = options.iter().filter_map(|option| self.option(&question, option)).collect();
            if !chosen.is_empty() {
                sound.entry(today).or_insert_with(BTreeSet::new).extend(chosen);
            }
        }
        Condition(sound)
    }

    /// What an option is called today.
    fn option(&mut self, question: &Question, id: &Slug) -> Option<Slug> {
        let name = &question.slug;
        if let Some(choice) = question.find_option(id.as_str()) {
            if choice.id != *id {
                self.renamed(&format!("the option `{id}` of the question `{name}`"), id.as_str(), &choice.id);
            }
            return Some(choice.id.clone());
        }
        let known = question.options.iter().map(|o| o.id.as_str());
        let repair = match nearest(id.as_str(), known.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it has {}", known.map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ")),
        };
        let message = format!("unknown option `{id}` of the question `{name}`; {repair}");
        self.error(line_of(self.source, name.as_str()), message);
        None
    }

    /// The names of today, each once. One that nothing has stays: it is a problem, and the document is what its author wrote.
    fn names(&mut self, kind: Kind, slugs: &[Slug]) -> Vec<Slug> {
        let mut names: Vec<Slug> = Vec::with_capacity(slugs.len());
        for slug in slugs {
            let today = self.named(kind, slug).unwrap_or_else(|| slug.clone());
            if !names.contains(&today) {
                names.push(today);
            }
        }
        names
    }

    fn entry(&mut self, entry: &Arc<Entry>) -> Arc<Entry> {
        let symptoms = self.names(Kind::Symptom, &entry.symptoms);
        let alternatives = self.names(Kind::Entry, &entry.alternatives);
        let when: Vec<Condition> = entry.when.iter().map(|c| self.condition(c)).collect();
        self.markdown(&entry.body);
        self.probes(&entry.body, Some("## Check"));
        let mut transcripts = Vec::new();
        for transcript in &entry.transcripts {
            if let Some(lands) = self.named(Kind::Entry, &transcript.lands) {
                transcripts.push(Transcript { lands, ..transcript.clone() });
            }
        }
        if let Some(text) = &entry.disputed {
            self.sentence(line_of(self.source, "disputed"), text);
        }
        let checked = Entry { symptoms, alternatives, when, transcripts, ..Entry::clone(entry) };
        if checked == **entry { Arc::clone(entry) } else { Arc::new(checked) }
    }

    fn question(&mut self, question: &Arc<Question>) -> Arc<Question> {
        let asked_when = self.condition(&question.asked_when);
        if RESERVED_PARAMETERS.contains(&question.slug.as_str()) {
            self.error(1, format!("`{}` means something else in a link: rename the question", question.slug));
        }
        if asked_when.names(&question.slug).is_some() {
            let message = "the question is asked only once it is answered: delete it from its own `asked-when`";
            self.error(line_of(self.source, "asked-when"), message);
        }
        self.markdown(&question.body);
        self.probes(&question.body, None);
        for option in &question.options {
            self.expression(option.detect.as_deref(), option.id.as_str());
        }
        if asked_when == question.asked_when {
            return Arc::clone(question);
        }
        Arc::new(Question { asked_when, ..Question::clone(question) })
    }

    /// An expression that cannot be read, or names what does not exist, would never recognise anything.
    fn expression(&mut self, expression: Option<&str>, owner: &str) {
        let Some(expression) = expression else { return };
        if let Err(fault) = detect::compile(expression) {
            let start = expression.lines().next().unwrap_or_default().trim();
            // In a folded block, a line of the file is the beginning of the expression; elsewhere it holds all of its first line.
            let begins = |line: &str| !line.is_empty() && start.starts_with(line);
            let at = self.source.lines().position(|l| !start.is_empty() && (l.contains(start) || begins(l.trim())));
            let line = at.map_or_else(|| line_of(self.source, owner), |at| at + fault.line);
            self.error(line, format!("`detect` of `{owner}`: {}", fault.message));
        }
    }

    /// The line of the file on which a text below the front matter begins.
    fn first_line(&self, body: &str) -> usize {
        1 + self.source[..self.source.len() - body.len()].matches('\n').count()
    }

    /// Commands that are there to look must not change anything.
    fn probes(&mut self, body: &str, section: Option<&str>) {
        let first = self.first_line(body);
        for found in probes::list_changing(body, section) {
            self.error(first + found.line, found.message);
        }
    }

    fn symptom(&mut self, symptom: &Arc<Symptom>) -> Arc<Symptom> {
        let mut known_gaps = Vec::new();
        for gap in &symptom.known_gaps {
            let answers = self.condition(&gap.answers);
            self.sentence(line_of(self.source, "known-gaps"), &gap.reason);
            known_gaps.push(KnownGap { answers, reason: gap.reason.clone() });
        }
        known_gaps.retain(|g| !g.answers.0.is_empty());
        self.expression(symptom.detect.as_deref(), symptom.slug.as_str());
        self.markdown(&symptom.body);
        if known_gaps == symptom.known_gaps {
            return Arc::clone(symptom);
        }
        Arc::new(Symptom { known_gaps, ..Symptom::clone(symptom) })
    }

    fn markdown(&mut self, body: &str) {
        let first = self.first_line(body);
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
                        self.problems.push(Problem { severity, path: self.path.to_owned(), line: line(at), message });
                    }
                }
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) if !closed(&body[range.clone()]) => {
                    let message = "the code fence that begins here is not closed: end it with a line of the same ``` or ~~~";
                    self.error(line(range.start), message);
                }
                Event::Start(Tag::Link { dest_url, .. }) => {
                    if let Some(message) = self.dangling(&dest_url) {
                        self.error(line(range.start), message);
                    }
                }
                _ => {}
            }
        }
    }

    /// The links of a sentence in the front matter.
    fn sentence(&mut self, line: usize, text: &str) {
        for event in Parser::new(text) {
            if let Event::Start(Tag::Link { dest_url, .. }) = event
                && let Some(message) = self.dangling(&dest_url)
            {
                self.error(line, message);
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
        let repair = nearest(slug, self.list_names(kind))
            .map_or("link to one that exists".to_owned(), |near| format!("did you mean `{near}`?"));
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
