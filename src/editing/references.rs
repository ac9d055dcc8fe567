//! Follows a rename through the other documents: every place that names the renamed thing is written anew, and no other byte.
//! Start at [`rename_references`].
//!
//! A name stands in the front matter (`symptoms`, `when`, `asked-when`, `known-gaps`, `alternatives`), behind `lands=` of a
//! fenced block, and in links. Comments, code and prose that happen to hold the word stay. The renamed document itself keeps
//! its old name as an alias: [`add_alias`](super::form::add_alias), [`rename_option`](super::form::rename_option).

use std::collections::BTreeSet;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use super::form::Front;
use super::patch::{self, Edit};
use super::yaml::{Holds, Node, Place, write};
use crate::kb::{Kind, RESERVED_PARAMETERS, Transcript};

/// What gets another name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What<'a> {
    Document(Kind),
    /// An option of this question.
    Option {
        question: &'a str,
    },
}

/// A new name for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rename<'a> {
    pub what: What<'a>,
    pub from: &'a str,
    pub to: &'a str,
}

/// Returns the text of a document of this kind with the new name, or `None` when it does not name the renamed thing. Front
/// matter that cannot be read is left alone; the body is followed all the same.
pub fn rename_references(rename: &Rename<'_>, kind: Kind, text: &str) -> Option<String> {
    let mut edits = Vec::new();
    let body = match Front::of(text) {
        Ok(front) => {
            let mut found = Vec::new();
            rename.in_front(kind, &front, &mut found);
            let start = front.yaml_start();
            edits.extend(found.into_iter().map(|(at, new)| (at.start + start..at.end + start, new)));
            front.body()
        }
        Err(_) => body_of(text),
    };
    let start = text.len() - body.len();
    edits.extend(rename.in_body(kind, body).into_iter().map(|(at, new)| (at.start + start..at.end + start, new)));
    edits.sort_by_key(|(at, _)| at.start);
    edits.dedup();
    (!edits.is_empty()).then(|| patch::apply(text, edits, "\n"))
}

/// What stands below front matter, readable or not.
fn body_of(text: &str) -> &str {
    super::form::split(text).map_or(text, |(_, body)| &text[body..])
}

impl Rename<'_> {
    fn is(&self, kind: Kind) -> bool {
        self.what == What::Document(kind)
    }

    fn in_front(&self, kind: Kind, front: &Front<'_>, edits: &mut Vec<Edit>) {
        let Some(tree) = front.tree() else { return };
        let find = |key: &str| tree.find(key).into_iter();
        let list: &[Node] = match kind {
            Kind::Entry if self.is(Kind::Entry) => tree.find("alternatives").map_or(&[], Node::items),
            Kind::Entry if self.is(Kind::Symptom) => tree.find("symptoms").map_or(&[], Node::items),
            _ => &[],
        };
        list.iter().for_each(|name| self.scalar(name, Place::Flow, edits));
        let conditions: Vec<&Node> = match kind {
            Kind::Entry => find("when").flat_map(Node::items).collect(),
            Kind::Question => find("asked-when").collect(),
            Kind::Symptom => find("known-gaps").flat_map(Node::items).filter_map(|gap| gap.find("answers")).collect(),
        };
        conditions.into_iter().for_each(|condition| self.condition(condition, edits));
        let sentences: Vec<&Node> = match kind {
            Kind::Entry => find("disputed").collect(),
            Kind::Question => Vec::new(),
            Kind::Symptom => find("known-gaps").flat_map(Node::items).filter_map(|gap| gap.find("reason")).collect(),
        };
        sentences.into_iter().for_each(|sentence| self.sentence(front.yaml(), sentence, edits));
    }

    /// A name that stands by itself.
    fn scalar(&self, node: &Node, place: Place, edits: &mut Vec<Edit>) {
        if let Holds::Scalar(name, style) = &node.holds
            && name == self.from
        {
            edits.push((node.at.clone(), write(self.to, place, *style)));
        }
    }

    fn condition(&self, condition: &Node, edits: &mut Vec<Edit>) {
        for (question, options) in condition.pairs() {
            match self.what {
                What::Document(Kind::Question) => self.scalar(question, Place::Key, edits),
                What::Option { question: of } if question.scalar() == Some(of) => {
                    options.items().iter().for_each(|option| self.scalar(option, Place::Flow, edits));
                }
                _ => {}
            }
        }
    }

    /// The links of a sentence in the front matter. They are found in what it says and changed where it is written.
    fn sentence(&self, yaml: &str, node: &Node, edits: &mut Vec<Edit>) {
        let Some(said) = node.scalar() else { return };
        let targets: BTreeSet<&str> =
            links(said).into_iter().map(|at| &said[at]).filter(|t| !self.target(t).is_empty()).collect();
        let written = &yaml[node.at.clone()];
        for target in targets {
            for (found, _) in written.match_indices(&format!("]({target}")) {
                let start = found + 2;
                let ends = written[start + target.len()..].starts_with(|c: char| c == ')' || c.is_whitespace());
                if ends {
                    edits.extend(self.target(target).into_iter().map(|e| moved(e, node.at.start + start)));
                }
            }
        }
    }

    fn in_body(&self, kind: Kind, body: &str) -> Vec<Edit> {
        let in_links = links(body).into_iter().flat_map(|at| {
            let start = at.start;
            self.target(&body[at]).into_iter().map(move |edit| moved(edit, start))
        });
        let mut edits: Vec<Edit> = in_links.collect();
        if kind == Kind::Entry && self.is(Kind::Entry) {
            edits.extend(
                landings(body).into_iter().filter(|at| &body[at.clone()] == self.from).map(|at| (at, self.to.to_owned())),
            );
        }
        edits
    }

    /// The edits of the target of a link: a page of the renamed thing, or a diagnosis that names it.
    fn target(&self, target: &str) -> Vec<Edit> {
        let end = target.find(['?', '#']).unwrap_or(target.len());
        let pages =
            [("/fix/", Kind::Entry), ("/symptom/", Kind::Symptom), ("/question/", Kind::Question), ("/map/", Kind::Symptom)];
        for (prefix, kind) in pages {
            if let Some(name) = target[..end].strip_prefix(prefix) {
                let same = self.is(kind) && name.strip_suffix(".md").unwrap_or(name) == self.from;
                let at = prefix.len()..prefix.len() + self.from.len();
                return if same { vec![(at, self.to.to_owned())] } else { Vec::new() };
            }
        }
        if &target[..end] == "/diagnose" && target[end..].starts_with('?') { self.query(target, end + 1) } else { Vec::new() }
    }

    fn query(&self, target: &str, start: usize) -> Vec<Edit> {
        let end = target[start..].find('#').map_or(target.len(), |at| start + at);
        let mut edits = Vec::new();
        let mut at = start;
        for part in target[start..end].split('&') {
            // An ampersand may be written `&amp;`.
            let bare = part.strip_prefix("amp;").unwrap_or(part);
            let from = at + part.len() - bare.len();
            at += part.len() + 1;
            let Some((key, value)) = bare.split_once('=') else { continue };
            let names = match (key, self.what) {
                ("symptom", What::Document(Kind::Symptom)) => value == self.from,
                ("skip" | "change", What::Document(Kind::Question)) => value == self.from,
                ("tried", What::Document(Kind::Entry)) => value == self.from,
                (key, What::Option { question }) => key == question && value == self.from,
                _ => false,
            };
            if names {
                edits.push((from + key.len() + 1..from + bare.len(), self.to.to_owned()));
            } else if self.is(Kind::Question) && key == self.from && !RESERVED_PARAMETERS.contains(&key) {
                edits.push((from..from + key.len(), self.to.to_owned()));
            }
        }
        edits
    }
}

fn moved((at, new): Edit, by: usize) -> Edit {
    (at.start + by..at.end + by, new)
}

/// Where the targets of the links of a markdown text stand.
fn links(text: &str) -> Vec<Range<usize>> {
    let events = Parser::new(text).into_offset_iter();
    let definitions = events.reference_definitions().iter().map(|(_, definition)| definition.span.clone());
    // `[label]: target`
    let mut found: Vec<Range<usize>> =
        definitions.filter_map(|span| Some(target(text, span.start + text[span].find("]:")? + 2))).collect();
    // For each open link, where its text ends.
    let mut open: Vec<usize> = Vec::new();
    for (event, range) in events {
        match event {
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) => open.push(range.start),
            Event::End(TagEnd::Link | TagEnd::Image) => {
                let inner = open.pop().unwrap_or(range.start);
                let tail = &text[inner..range.end];
                found.extend(tail.find("](").map(|at| target(text, inner + at + 2)));
                if let Some(outer) = open.last_mut() {
                    *outer = range.end;
                }
            }
            _ => {
                if let Some(inner) = open.last_mut() {
                    *inner = range.end;
                }
            }
        }
    }
    found
}

/// The target of a link, from behind the bracket on: up to a blank, a bracket or the end.
fn target(text: &str, from: usize) -> Range<usize> {
    let rest = text[from..].trim_start().trim_start_matches('<');
    let start = text.len() - rest.len();
    start..start + rest.find(|c: char| c.is_whitespace() || c == ')' || c == '>').unwrap_or(rest.len())
}

/// Where the entries stand that transcripts land on.
fn landings(body: &str) -> Vec<Range<usize>> {
    let fenced = Parser::new(body).into_offset_iter().filter_map(|(event, range)| match event {
        Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => Some((info, range)),
        _ => None,
    });
    let landing = |(info, range): (pulldown_cmark::CowStr<'_>, Range<usize>)| {
        let name = Transcript::landing(&info).filter(|name| !name.is_empty())?;
        let line = body[range.clone()].lines().next()?;
        let at = range.start + line.find(&format!("lands={name}"))? + "lands=".len();
        Some(at..at + name.len())
    };
    fenced.filter_map(landing).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str = "\
---
title: The old name, old
# old stays here
symptoms: [old, \"old\", older]
when:
  - old: [old, other] # old
    'other': old
  - other: [old]
likelihood: common
alternatives:
  - old
  - 'old'
tags: [old]
disputed: >-
  One says old, see [old](/fix/old) and [the
  other](/fix/older) or [it](/symptom/old#old).
---

## Symptom

An old one: [old](/fix/old), [`](/fix/old)`](/fix/old.md \"old /fix/old\"), `[code](/fix/old)`, [old](/fix/older).
[map](/map/old?old=old) [s](/symptom/old.md#old) [q](</question/old>) [ref][r] [old]
[d](/diagnose?symptom=old&old=old&skip=old&tried=old&amp;other=old&change=old#old) [e](https://example.com/fix/old)
![old](/fix/old)

[r]: /fix/old 'old'
[old]: </question/old>

```lands=old
[x](/fix/old) lands=old
```

~~~text lands=older
~~~

    [x](/fix/old)
";

    fn renamed(what: What<'_>, kind: Kind, text: &str) -> Option<String> {
        rename_references(&Rename { what, from: "old", to: "new" }, kind, text)
    }

    /// The lines that a rename changes, as they are then.
    fn changed(what: What<'_>, kind: Kind, text: &str) -> Vec<String> {
        let new = renamed(what, kind, text).unwrap_or_else(|| text.to_owned());
        assert_eq!(new.lines().count(), text.lines().count());
        text.lines().zip(new.lines()).filter(|(old, new)| old != new).map(|(_, new)| new.to_owned()).collect()
    }

    #[test]
    fn each_kind_of_name_is_followed_and_nothing_else() {
        assert_eq!(
            changed(What::Document(Kind::Entry), Kind::Entry, ENTRY),
            [
                "  - new",
                "  - 'new'",
                "  One says old, see [old](/fix/new) and [the",
                "An old one: [old](/fix/new), [`](/fix/old)`](/fix/new.md \"old /fix/old\"), `[code](/fix/old)`, [old](/fix/older).",
                "[d](/diagnose?symptom=old&old=old&skip=old&tried=new&amp;other=old&change=old#old) [e](https://example.com/fix/old)",
                "![old](/fix/new)",
                "[r]: /fix/new 'old'",
                "```lands=new",
            ]
        );
        assert_eq!(
            changed(What::Document(Kind::Symptom), Kind::Entry, ENTRY),
            [
                "symptoms: [new, \"new\", older]",
                "  other](/fix/older) or [it](/symptom/new#old).",
                "[map](/map/new?old=old) [s](/symptom/new.md#old) [q](</question/old>) [ref][r] [old]",
                "[d](/diagnose?symptom=new&old=old&skip=old&tried=old&amp;other=old&change=old#old) [e](https://example.com/fix/old)",
            ]
        );
        assert_eq!(
            changed(What::Document(Kind::Question), Kind::Entry, ENTRY),
            [
                "  - new: [old, other] # old",
                "[map](/map/old?old=old) [s](/symptom/old.md#old) [q](</question/new>) [ref][r] [old]",
                "[d](/diagnose?symptom=old&new=old&skip=new&tried=old&amp;other=old&change=new#old) [e](https://example.com/fix/old)",
                "[old]: </question/new>",
            ]
        );
        assert_eq!(
            changed(What::Option { question: "other" }, Kind::Entry, ENTRY),
            [
                "    'other': new",
                "  - other: [new]",
                "[d](/diagnose?symptom=old&old=old&skip=old&tried=old&amp;other=new&change=old#old) [e](https://example.com/fix/old)",
            ]
        );
    }

    #[test]
    fn questions_and_symptoms_name_others_too() {
        let question = "---\ntitle: old\nasked-when:\n  old: [old, a]\noptions:\n  - id: old\n---\n";
        let symptom = "---\nmessages: [old]\nknown-gaps:\n  - answers: {old: old, other: [old]}\n    reason: 'It''s old: [old](/fix/old)'\n---\n";
        for (what, kind, text, line) in [
            (What::Document(Kind::Question), Kind::Question, question, "  new: [old, a]"),
            (What::Option { question: "old" }, Kind::Question, question, "  old: [new, a]"),
            (What::Document(Kind::Question), Kind::Symptom, symptom, "  - answers: {new: old, other: [old]}"),
            (What::Option { question: "other" }, Kind::Symptom, symptom, "  - answers: {old: old, other: [new]}"),
            (What::Document(Kind::Entry), Kind::Symptom, symptom, "    reason: 'It''s old: [old](/fix/new)'"),
        ] {
            assert_eq!(changed(what, kind, text), [line]);
        }
        assert_eq!(renamed(What::Document(Kind::Entry), Kind::Question, question), None);
        assert_eq!(renamed(What::Document(Kind::Symptom), Kind::Symptom, symptom), None);
    }

    #[test]
    fn a_name_that_yaml_would_misread_is_quoted() {
        let text = "---\nsymptoms: [old]\nwhen:\n  old: a\n---\n";
        for (what, expected) in [(Kind::Symptom, "['404']"), (Kind::Question, "  '404': a")] {
            let new = rename_references(&Rename { what: What::Document(what), from: "old", to: "404" }, Kind::Entry, text);
            assert!(new.as_ref().is_some_and(|new| new.contains(expected)), "{new:?}");
        }
    }

    #[test]
    fn a_body_is_followed_below_front_matter_that_cannot_be_read() {
        let what = What::Document(Kind::Entry);
        assert_eq!(
            renamed(what, Kind::Entry, "---\nalternatives: [old\n---\n[a](/fix/old)\r\n").as_deref(),
            Some("---\nalternatives: [old\n---\n[a](/fix/new)\r\n")
        );
        assert_eq!(renamed(what, Kind::Entry, "[a](/fix/old)").as_deref(), Some("[a](/fix/new)"));
    }

    #[test]
    fn a_rename_and_its_reverse_leave_the_text_as_it_was() {
        for what in [
            What::Document(Kind::Entry),
            What::Document(Kind::Symptom),
            What::Document(Kind::Question),
            What::Option { question: "other" },
        ] {
            let there =
                rename_references(&Rename { what, from: "old", to: "quite-new" }, Kind::Entry, ENTRY).expect("it is named");
            assert_eq!(
                rename_references(&Rename { what, from: "old", to: "x" }, Kind::Entry, &there),
                None,
                "{what:?}: none is left"
            );
            let back = rename_references(&Rename { what, from: "quite-new", to: "old" }, Kind::Entry, &there);
            assert_eq!(back.as_deref(), Some(ENTRY), "{what:?}");
        }
    }
}
