//! The derived questionnaire as a tree, as people who answer rightly walk it. Start at [`tree`].

use std::collections::BTreeSet;

use super::links::Link;
use super::snapshot::Snapshot;
use crate::diagnosis::{Branch, Facts, Model, Next};
use crate::kb::{Kind, KnowledgeBase, Slug};

/// More ends than this are not drawn: nobody could read the picture.
const MOST_ENDS: usize = 1_500;

/// A place in the questionnaire.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub title: String,
    /// Where a click leads: to the step, or to the fix.
    pub url: String,
    pub is_end: bool,
    /// The share of all incidents of the symptom that come by here.
    pub share: f64,
    pub branches: Vec<(String, Node)>,
}

impl Node {
    pub fn ends(&self) -> usize {
        if self.branches.is_empty() { 1 } else { self.branches.iter().map(|(_, n)| n.ends()).sum() }
    }
}

/// The tree of a symptom, or `None` when it is too large to be drawn.
pub fn tree(snapshot: &Snapshot, symptom: &Slug) -> Option<Node> {
    let facts = Facts { symptoms: BTreeSet::from([symptom.clone()]), ..Facts::default() };
    let model = snapshot.model(&facts.symptoms);
    let mut room = MOST_ENDS;
    Drawing { kb: &snapshot.kb, model: &model }.node(&facts, &model.root(), &mut room)
}

struct Drawing<'a> {
    kb: &'a KnowledgeBase,
    model: &'a Model,
}

impl Drawing<'_> {
    fn node(&self, facts: &Facts, branch: &Branch, room: &mut usize) -> Option<Node> {
        let (belief, next) = self.model.step(&branch.state);
        let share = branch.share();
        let end = |title: &str, url: String| Node { title: title.to_owned(), url, is_end: true, share, branches: Vec::new() };
        let Next::Ask(question) = next else {
            *room = room.checked_sub(1)?;
            return Some(match next {
                Next::Fix(cause) => {
                    let slug = &self.model.causes()[cause];
                    end(&self.kb.entries[slug].title, Kind::Entry.url(slug.as_str()))
                }
                _ => {
                    let left = belief.ranking(&branch.state).into_iter().filter(|&c| belief.is_live(c)).count();
                    end(&format!("{left} causes are left: a ranked list"), Link::to(facts).url())
                }
            });
        };
        let slug = self.model.question(question);
        let mut branches: Vec<(String, Node)> = Vec::new();
        for (option, below) in self.model.branches(branch, question) {
            let mut answered = facts.clone();
            answered.answers.insert(slug.clone(), option.clone());
            let node = self.node(&answered, &below, room)?;
            let label = self.kb.questions[slug].option(option.as_str()).map_or("", |o| o.label.as_str()).to_owned();
            // Answers that lead to the same questions and the same ends are one branch of the picture.
            match branches.iter_mut().find(|(_, known)| same(known, &node)) {
                Some((labels, known)) => {
                    *labels = format!("{labels}, or: {label}");
                    add(known, &node);
                }
                None => branches.push((label, node)),
            }
        }
        let title = self.kb.questions[slug].title.clone();
        Some(Node { title, url: Link::to(facts).url(), is_end: false, share, branches })
    }
}

fn same(a: &Node, b: &Node) -> bool {
    let alike = a.title == b.title && a.is_end == b.is_end && (!a.is_end || a.url == b.url);
    alike
        && a.branches.len() == b.branches.len()
        && a.branches.iter().zip(&b.branches).all(|(x, y)| x.0 == y.0 && same(&x.1, &y.1))
}

fn add(a: &mut Node, b: &Node) {
    a.share += b.share;
    a.branches.iter_mut().zip(&b.branches).for_each(|(x, y)| add(&mut x.1, &y.1));
}
