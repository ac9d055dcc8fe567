//! Changes a value within YAML where it differs, and leaves the rest of it as it was written. Start at [`pair`].

use std::ops::Range;

use super::lines::changes;
use super::yaml::{Holds, Node, Place, Style, write};

/// A value that is to be written, with how a new one looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Text(String),
    True,
    /// `[a, b]`; where it says so, a single one stands without brackets.
    Words(Vec<String>, bool),
    /// `[403, 404]`
    Numbers(Vec<String>),
    /// One word of a list a line, in single quotes.
    Lines(Vec<String>),
    List(Vec<Value>),
    /// A list whose only member may stand for it.
    Any(Vec<Value>),
    Map(Vec<(String, Value)>),
}

impl Value {
    pub fn map<const N: usize>(pairs: [(&str, Value); N]) -> Value {
        Value::Map(pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
    }

    /// Without the empty members of a map, but for these.
    pub fn without_empty(self, needed: &[&str]) -> Value {
        match self {
            Value::Map(pairs) => {
                Value::Map(pairs.into_iter().filter(|(k, v)| !v.is_empty() || needed.contains(&k.as_str())).collect())
            }
            other => other,
        }
    }

    pub fn is_empty(&self) -> bool {
        match self {
            Value::Text(text) => text.is_empty(),
            Value::True => false,
            Value::Words(words, _) | Value::Numbers(words) | Value::Lines(words) => words.is_empty(),
            Value::List(list) | Value::Any(list) => list.is_empty(),
            Value::Map(pairs) => pairs.is_empty(),
        }
    }

    /// What the value is a list of, if it is one.
    fn members(&self) -> Option<Vec<Value>> {
        match self {
            Value::Words(words, _) | Value::Numbers(words) | Value::Lines(words) => {
                Some(words.iter().map(|w| Value::Text(w.clone())).collect())
            }
            Value::List(list) | Value::Any(list) => Some(list.clone()),
            _ => None,
        }
    }
}

/// A replacement of bytes.
pub type Edit = (Range<usize>, String);

/// Puts the edits in. New text has plain line breaks and gets those of the document.
pub fn apply(text: &str, mut edits: Vec<Edit>, newline: &str) -> String {
    edits.sort_by_key(|(at, _)| (at.start, at.end));
    let mut out = String::with_capacity(text.len());
    let mut last = 0;
    for (at, new) in edits {
        out.push_str(&text[last..at.start.max(last)]);
        out.push_str(&new.replace('\n', newline));
        last = at.end.max(last);
    }
    out + &text[last..]
}

/// The edits that give the value of a key. `indent` is that of the key.
pub fn pair(text: &str, (key, node): &(Node, Node), value: &Value, indent: usize) -> Vec<Edit> {
    let mut edits = Vec::new();
    let patch = Patch { text };
    if patch.value(node, value, indent, &mut edits).is_some() {
        return edits;
    }
    // Nothing of how it was written can stay.
    let colon = key.at.end + text[key.at.end..].find(':').map_or(0, |at| at + 1);
    let end = node.at.end.max(colon);
    let fresh = after_colon(value, indent);
    let behind = &text[end..end_of_line(text, end)];
    if fresh.starts_with('\n') && !behind.trim().is_empty() {
        // A comment stays with the key, and not with the last of its lines.
        let behind = behind.trim_end();
        return vec![(colon..end + behind.len(), format!(" {}{fresh}", behind.trim_start()))];
    }
    vec![(colon..end, fresh)]
}

/// A new line for a key.
pub fn fresh_pair(key: &str, value: &Value, indent: usize) -> String {
    format!("{}:{}", write(key, Place::Key, Style::Plain), after_colon(value, indent))
}

/// Where the line ends that holds the byte before this one, with its ending.
pub fn end_of_line(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |found| at + found + 1)
}

fn start_of_line(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |found| found + 1)
}

fn column(text: &str, at: usize) -> usize {
    at - start_of_line(text, at)
}

/// What stands behind the colon of a key, or in the lines below it.
fn after_colon(value: &Value, indent: usize) -> String {
    let pad = " ".repeat(indent + 2);
    let list = |items: Vec<String>| if items.is_empty() { " []".to_owned() } else { items.concat() };
    match value {
        Value::Text(text) => format!(" {}", write(text, Place::Block(indent), Style::Plain)),
        Value::Words(words, true) if words.len() == 1 => format!(" {}", write(&words[0], Place::Block(indent), Style::Plain)),
        Value::True | Value::Words(..) | Value::Numbers(_) => format!(" {}", flow(value)),
        Value::Any(all) if all.len() == 1 => after_colon(&all[0], indent),
        Value::Lines(words) => {
            list(words.iter().map(|w| format!("\n{pad}- {}", write(w, Place::Block(indent + 2), Style::Single))).collect())
        }
        Value::List(all) | Value::Any(all) => list(all.iter().map(|v| format!("\n{pad}- {}", item(v, indent + 4))).collect()),
        Value::Map(pairs) if pairs.is_empty() => " {}".to_owned(),
        Value::Map(pairs) => pairs.iter().map(|(k, v)| format!("\n{pad}{}", fresh_pair(k, v, indent + 2))).collect(),
    }
}

/// What stands behind the dash of a list. `indent` is that of what follows in the lines below.
fn item(value: &Value, indent: usize) -> String {
    match value {
        Value::Map(pairs) if !pairs.is_empty() => {
            let pad = format!("\n{}", " ".repeat(indent));
            pairs.iter().map(|(k, v)| fresh_pair(k, v, indent)).collect::<Vec<_>>().join(&pad)
        }
        Value::Text(text) => write(text, Place::Block(indent.saturating_sub(2)), Style::Plain),
        other => flow(other),
    }
}

/// A value in one line.
fn flow(value: &Value) -> String {
    let word = |word: &str| write(word, Place::Flow, Style::Plain);
    let list = |items: Vec<String>| format!("[{}]", items.join(", "));
    match value {
        Value::Text(text) => word(text),
        Value::True => "true".to_owned(),
        Value::Words(words, true) if words.len() == 1 => word(&words[0]),
        Value::Words(words, _) | Value::Lines(words) => list(words.iter().map(|w| word(w)).collect()),
        Value::Numbers(words) => list(words.iter().map(|w| number(w)).collect()),
        Value::Any(all) if all.len() == 1 => flow(&all[0]),
        Value::List(all) | Value::Any(all) => list(all.iter().map(flow).collect()),
        Value::Map(pairs) => {
            let pairs = pairs.iter().map(|(k, v)| format!("{}: {}", write(k, Place::Key, Style::Plain), flow(v)));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A number as it stands; what is none is left for `content` to complain about.
fn number(text: &str) -> String {
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if is_number { text.to_owned() } else { write(text, Place::Flow, Style::Plain) }
}

/// Whether a part of the text says this already.
fn says(node: &Node, value: &Value) -> bool {
    match value {
        Value::Text(text) if node.is_nothing() => text.is_empty(),
        Value::Text(text) => node.scalar() == Some(text),
        Value::True => node.scalar() == Some("true"),
        Value::Any(all) if all.len() == 1 && matches!(node.holds, Holds::Map { .. }) => says(node, &all[0]),
        Value::Map(pairs) => {
            matches!(node.holds, Holds::Map { .. })
                && node.pairs().len() == pairs.len()
                && node.pairs().iter().zip(pairs).all(|((k, n), (key, v))| k.scalar() == Some(key) && says(n, v))
        }
        list => list.members().is_some_and(|members| {
            node.items().len() == members.len() && node.items().iter().zip(&members).all(|(n, v)| says(n, v))
        }),
    }
}

struct Patch<'a> {
    text: &'a str,
}

impl Patch<'_> {
    /// Adds the edits that make a part say this. `None` when it has to be written anew.
    fn value(&self, node: &Node, value: &Value, indent: usize, edits: &mut Vec<Edit>) -> Option<()> {
        if says(node, value) {
            return Some(());
        }
        match (&node.holds, value) {
            (Holds::Scalar(_, style), Value::Text(text)) if !node.at.is_empty() => {
                let behind = &self.text[node.at.end..end_of_line(self.text, node.at.end)];
                let block = write(text, Place::Block(indent), *style);
                let fits = behind.trim().is_empty() || !block.contains('\n');
                edits.push((node.at.clone(), if fits { block } else { write(text, Place::Flow, *style) }));
            }
            (Holds::Scalar(..), Value::Words(words, _)) if words.len() == 1 && !node.is_nothing() => {
                return self.value(node, &Value::Text(words[0].clone()), indent, edits);
            }
            (Holds::List { flow: true, .. } | Holds::Map { flow: true, .. }, _) => edits.push((node.at.clone(), flow(value))),
            (Holds::List { flow: false, items }, _) => self.list(items, &value.members()?, edits)?,
            (Holds::Map { flow: false, .. }, Value::Any(all)) if all.len() == 1 => {
                return self.value(node, &all[0], indent, edits);
            }
            (Holds::Map { flow: false, pairs }, Value::Map(wanted)) => self.map(pairs, wanted, edits)?,
            _ => return None,
        }
        Some(())
    }

    fn list(&self, items: &[Node], wanted: &[Value], edits: &mut Vec<Edit>) -> Option<()> {
        (!wanted.is_empty()).then_some(())?;
        let dashes: Vec<usize> = items.iter().map(|n| self.dash(n)).collect::<Option<_>>()?;
        let pad = " ".repeat(column(self.text, *dashes.first()?));
        let style = items.iter().find_map(|n| if let Holds::Scalar(_, style) = n.holds { Some(style) } else { None });
        let fresh = |value: &Value| match (value, style) {
            (Value::Text(text), Some(style)) => write(text, Place::Block(pad.len()), style),
            _ => item(value, pad.len() + 2),
        };
        let numbers: Vec<usize> = (0..items.len()).collect();
        for change in changes(&numbers, &matches(items, wanted)) {
            let paired = change.old.len().min(change.new.len());
            for (at, to) in change.old.clone().zip(change.new.clone()).take(paired) {
                let mark = edits.len();
                if self.value(&items[at], &wanted[to], column(self.text, dashes[at]), edits).is_none() {
                    edits.truncate(mark);
                    edits.push((items[at].at.clone(), fresh(&wanted[to])));
                }
            }
            for at in change.old.clone().skip(paired) {
                edits.push((start_of_line(self.text, dashes[at])..end_of_line(self.text, items[at].at.end), String::new()));
            }
            let new: Vec<String> =
                wanted[change.new.start + paired..change.new.end].iter().map(|v| format!("{pad}- {}\n", fresh(v))).collect();
            if !new.is_empty() {
                let above = change.old.start + paired;
                let at = if above == 0 {
                    start_of_line(self.text, dashes[0])
                } else {
                    end_of_line(self.text, items[above - 1].at.end)
                };
                edits.push((at..at, new.concat()));
            }
        }
        Some(())
    }

    /// Where the dash of an item stands; `None` when something other than blanks stands before it or behind it.
    fn dash(&self, item: &Node) -> Option<usize> {
        // A list within a list shares its line.
        let nested = matches!(item.holds, Holds::List { flow: false, .. });
        let start = (!nested).then_some(item.at.start)?;
        let dash = self.text[..start].trim_end_matches(' ').len().checked_sub(1)?;
        let line = start_of_line(self.text, dash);
        (self.text[dash..].starts_with('-') && self.text[line..dash].trim_matches(' ').is_empty()).then_some(dash)
    }

    fn map(&self, pairs: &[(Node, Node)], wanted: &[(String, Value)], edits: &mut Vec<Edit>) -> Option<()> {
        let first = pairs.first()?;
        let indent = column(self.text, first.0.at.start);
        let pad = " ".repeat(indent);
        let has = |key: &str| pairs.iter().find(|(k, _)| k.scalar() == Some(key));
        let stays = |key: &Node| key.scalar().is_some_and(|k| wanted.iter().any(|(w, _)| w == k));
        // The first one may stand behind a dash, and then cannot go with its line; nor can all of them.
        pairs.iter().any(|(k, _)| stays(k)).then_some(())?;
        (stays(&first.0) || self.begins_line(first.0.at.start)).then_some(())?;
        for (key, value) in pairs.iter().filter(|(k, _)| !stays(k)) {
            let end = end_of_line(self.text, value.at.end.max(key.at.end));
            edits.push((start_of_line(self.text, key.at.start)..end, String::new()));
        }
        let mut above: Option<&(Node, Node)> = None;
        for (key, value) in wanted {
            if let Some(found) = has(key) {
                edits.extend(pair(self.text, found, value, indent));
                above = Some(found);
                continue;
            }
            let fresh = fresh_pair(key, value, indent);
            match above {
                Some((k, v)) => {
                    let at = end_of_line(self.text, v.at.end.max(k.at.end));
                    edits.push((at..at, format!("{pad}{fresh}\n")));
                }
                None => edits.push((first.0.at.start..first.0.at.start, format!("{fresh}\n{pad}"))),
            }
        }
        Some(())
    }

    fn begins_line(&self, at: usize) -> bool {
        self.text[start_of_line(self.text, at)..at].trim_matches(' ').is_empty()
    }
}

/// Above so many comparisons, items are compared with those at the same place only.
const MOST_COMPARISONS: usize = 40_000;

/// For each wanted value the number of the item that says it already, or a number that no item has.
fn matches(items: &[Node], wanted: &[Value]) -> Vec<usize> {
    let near = items.len().saturating_mul(wanted.len()) > MOST_COMPARISONS;
    let mut taken = vec![false; items.len()];
    let mut find = |to: usize, value: &Value| {
        let among = if near { to.min(items.len())..(to + 1).min(items.len()) } else { 0..items.len() };
        let found = among.into_iter().find(|at| !taken[*at] && says(&items[*at], value))?;
        taken[found] = true;
        Some(found)
    };
    wanted.iter().enumerate().map(|(to, value)| find(to, value).unwrap_or(items.len() + to)).collect()
}
