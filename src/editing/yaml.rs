//! Front matter as a tree that knows where each part stands in the text, read by the parser that stands below the one of
//! `content`. What front matter of this format never needs (anchors, aliases, tags, several documents) is refused. Start at
//! [`parse`].

use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle};

/// How a value was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Plain,
    Single,
    Double,
    /// `|`: line breaks stay.
    Literal,
    /// `>`: line breaks are blanks.
    Folded,
}

/// A part of the tree and its bytes, from the first to the one after the last that belongs to it.
#[derive(Debug)]
pub struct Node {
    pub at: Range<usize>,
    pub holds: Holds,
}

#[derive(Debug)]
pub enum Holds {
    Scalar(String, Style),
    List { flow: bool, items: Vec<Node> },
    Map { flow: bool, pairs: Vec<(Node, Node)> },
}

/// Why a text has no tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Counted from 1 within the front matter.
    pub line: usize,
    pub why: String,
}

impl Node {
    pub fn scalar(&self) -> Option<&str> {
        match &self.holds {
            Holds::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// Nothing, or a word for nothing.
    pub fn is_nothing(&self) -> bool {
        let Holds::Scalar(text, Style::Plain) = &self.holds else { return false };
        self.at.is_empty() || matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }

    /// The parts of a list; a single value stands for a list of one.
    pub fn items(&self) -> &[Node] {
        match &self.holds {
            Holds::List { items, .. } => items,
            _ if self.is_nothing() => &[],
            _ => std::slice::from_ref(self),
        }
    }

    pub fn pairs(&self) -> &[(Node, Node)] {
        match &self.holds {
            Holds::Map { pairs, .. } => pairs,
            _ => &[],
        }
    }

    /// The value of a key of a map.
    pub fn find(&self, key: &str) -> Option<&Node> {
        self.pairs().iter().find(|(k, _)| k.scalar() == Some(key)).map(|(_, value)| value)
    }
}

/// Reads the YAML of a front matter. `None` when it holds nothing.
pub fn parse(text: &str) -> Result<Option<Node>, Refused> {
    let options = granit_parser::options! { emit_comments: false, disallow_directives: true };
    let mut builder = Builder { text, open: Vec::new(), root: None, last: 0 };
    for next in Parser::new_from_str_with_options(text, options) {
        let (event, span) = next.map_err(|e| Refused { line: e.marker().line(), why: e.info() })?;
        builder.take(event, span).map_err(|why| Refused { line: span.start.line(), why: why.to_owned() })?;
    }
    Ok(builder.root)
}

/// A list or a map whose end was not read yet. A map holds its keys and values in turn.
struct Open {
    start: usize,
    map: bool,
    flow: bool,
    nodes: Vec<Node>,
}

struct Builder<'a> {
    text: &'a str,
    open: Vec<Open>,
    root: Option<Node>,
    /// Where the event before ended.
    last: usize,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), &'static str> {
        let at = span.byte_range().ok_or("its place is not known")?;
        match event {
            Event::DocumentStart(true, _) => return Err("it holds more than one document"),
            Event::Alias(_) | Event::UnresolvedAlias(_) | Event::Anchor(..) => return Err(REPEATS),
            Event::Scalar(_, _, anchor, _) | Event::SequenceStart(_, anchor, _) | Event::MappingStart(_, anchor, _)
                if anchor != 0 =>
            {
                return Err(REPEATS);
            }
            Event::Scalar(.., Some(_)) | Event::SequenceStart(.., Some(_)) | Event::MappingStart(.., Some(_)) => {
                return Err("it has a tag that begins with `!`");
            }
            Event::Scalar(value, style, ..) => self.scalar(&value, style, at.clone()),
            Event::SequenceStart(style, ..) => self.begin(false, style, at.start),
            Event::MappingStart(style, ..) => self.begin(true, style, at.start),
            Event::SequenceEnd | Event::MappingEnd => self.end(at.end)?,
            _ => {}
        }
        self.last = self.last.max(at.end);
        Ok(())
    }

    fn scalar(&mut self, value: &str, style: ScalarStyle, mut at: Range<usize>) {
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::Single,
            ScalarStyle::DoubleQuoted => Style::Double,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        if matches!(style, Style::Literal | Style::Folded) {
            // The parser leaves out the mark that begins a block, and counts the blank lines below it.
            let last = self.last.min(at.start);
            let header = self.text[last..at.start].find(['>', '|']).map_or(at.start, |mark| last + mark);
            at = header..header + self.text[header..at.end.max(header)].trim_end().len();
        }
        self.add(Node { at, holds: Holds::Scalar(value.to_owned(), style) });
    }

    fn begin(&mut self, map: bool, style: StructureStyle, start: usize) {
        self.open.push(Open { start, map, flow: style == StructureStyle::Flow, nodes: Vec::new() });
    }

    fn end(&mut self, end: usize) -> Result<(), &'static str> {
        let open = self.open.pop().ok_or("it ends before it begins")?;
        // Blocks end where the next thing begins; what belongs to them ends with their last part.
        let end = if open.flow { end } else { open.nodes.last().map_or(open.start, |n| n.at.end) };
        let holds = if open.map {
            let mut nodes = open.nodes.into_iter();
            let mut pairs = Vec::new();
            while let (Some(key), Some(value)) = (nodes.next(), nodes.next()) {
                pairs.push((key, value));
            }
            Holds::Map { flow: open.flow, pairs }
        } else {
            Holds::List { flow: open.flow, items: open.nodes }
        };
        self.add(Node { at: open.start..end.max(open.start), holds });
        Ok(())
    }

    fn add(&mut self, node: Node) {
        match self.open.last_mut() {
            Some(open) => open.nodes.push(node),
            None => self.root = Some(node),
        }
    }
}

const REPEATS: &str = "it repeats a part with `&` and `*`";

/// Where a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Below or behind something that is indented so far.
    Block(usize),
    /// Within brackets.
    Flow,
    Key,
}

/// Lines of a folded text are about so long.
const WIDTH: usize = 110;

/// Writes a text so that it is read back as the same text, in the style that it had where that is possible.
pub fn write(text: &str, place: Place, style: Style) -> String {
    if let Place::Block(indent) = place {
        let long = text.chars().count() > WIDTH && style != Style::Double && style != Style::Single;
        if (long || style == Style::Folded) && folds(text) {
            return fold(text, indent + 2);
        }
        if (text.contains('\n') || style == Style::Literal) && stands_as_lines(text) {
            return lines(text, indent + 2);
        }
    }
    let single = text.chars().all(prints);
    match style {
        Style::Double => double(text),
        Style::Single if single => quoted(text),
        _ if is_plain(text, place) => text.to_owned(),
        _ if single => quoted(text),
        _ => double(text),
    }
}

/// Whether a character can stand in a text as it is.
fn prints(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Whether a text is itself without quotes. Careful: some that could do without get them.
fn is_plain(text: &str, place: Place) -> bool {
    const WORDS: [&str; 10] = ["true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan"];
    let begins = text.starts_with(char::is_alphabetic)
        // Not a number, a date or a time: those have none of these letters.
        || text.starts_with(|c: char| c.is_ascii_digit()) && text.contains(|c: char| c.is_ascii_lowercase() && !"abcdefinotxz_".contains(c));
    let within = match place {
        Place::Block(_) => !text.contains(": "),
        Place::Flow => !text.contains([',', '[', ']', '{', '}']) && !text.contains(": "),
        Place::Key => !text.contains([':', ',', '[', ']', '{', '}']),
    };
    begins
        && within
        && text.chars().all(prints)
        && !text.contains(" #")
        && !text.ends_with([':', ' '])
        && !WORDS.contains(&text.to_lowercase().as_str())
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn double(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if prints(c) => out.push(c),
            c => out.push_str(&format!("\\U{:08X}", u32::from(c))),
        }
    }
    out + "\""
}

fn folds(text: &str) -> bool {
    !text.is_empty() && text.chars().all(prints) && !text.starts_with(' ') && !text.ends_with(' ') && !text.contains("  ")
}

fn fold(text: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let mut out = String::from(">-");
    let mut width = usize::MAX;
    for word in text.split(' ') {
        let length = word.chars().count();
        if width.saturating_add(1 + length) > WIDTH {
            out.push('\n');
            out.push_str(&pad);
            width = indent + length;
        } else {
            out.push(' ');
            width += 1 + length;
        }
        out.push_str(word);
    }
    out
}

/// Whether a text can be written line by line.
fn stands_as_lines(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    !body.is_empty()
        && !body.ends_with('\n')
        && !body.starts_with([' ', '\n'])
        && body.split('\n').all(|line| line.chars().all(prints) && (line.is_empty() || !line.trim().is_empty()))
}

fn lines(text: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let (body, mark) = text.strip_suffix('\n').map_or((text, "|-"), |body| (body, "|"));
    let lines = body.split('\n').map(|line| if line.is_empty() { "\n".to_owned() } else { format!("\n{pad}{line}") });
    mark.to_owned() + &lines.collect::<String>()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// What `content` reads for a key.
    fn read_back(front: &str) -> Option<BTreeMap<String, String>> {
        let options = serde_saphyr::options! { strict_booleans: true, with_snippet: false };
        serde_saphyr::from_str_with_options(front, options).ok()
    }

    fn read_list(front: &str) -> Option<BTreeMap<String, Vec<String>>> {
        serde_saphyr::from_str(front).ok()
    }

    /// A text that is written comes back the same, whichever way it is read, wherever it stands.
    fn survives(text: &str, style: Style) -> Result<(), String> {
        let one = format!("a: {}\nb: c\n", write(text, Place::Block(0), style));
        let two = format!("a:\n  - {}\n  - x\n", write(text, Place::Block(2), style));
        let flow = format!("a: [{}, x]\n", write(text, Place::Flow, style));
        let tree = parse(&one).map_err(|e| format!("{e:?} {one:?}"))?.expect("it holds something");
        if tree.find("a").and_then(Node::scalar) != Some(text) {
            return Err(format!("the tree of {one:?} is {tree:?}"));
        }
        let expected = [("a".to_owned(), text.to_owned()), ("b".to_owned(), "c".to_owned())].into();
        if read_back(&one) != Some(expected) {
            return Err(format!("{one:?}"));
        }
        let expected: BTreeMap<_, _> = [("a".to_owned(), vec![text.to_owned(), "x".to_owned()])].into();
        for list in [two, flow] {
            if read_list(&list).as_ref() != Some(&expected) {
                return Err(list);
            }
        }
        Ok(())
    }

    const STYLES: [Style; 5] = [Style::Plain, Style::Single, Style::Double, Style::Literal, Style::Folded];

    #[test]
    fn texts_that_mean_something_else_are_quoted() {
        let long = "word ".repeat(60);
        for text in [
            "",
            " ",
            "a",
            "yes",
            "No",
            "null",
            "~",
            "true",
            "TRUE",
            "1",
            "1.5",
            "0x1f",
            "1e5",
            "12:30",
            "2026-11-23",
            "a: b",
            "a #b",
            "#a",
            "- a",
            "-",
            "? a",
            ": a",
            "[a]",
            "{a}",
            "&a",
            "*a",
            "!a",
            "|",
            ">",
            "'",
            "\"",
            "%a",
            "@a",
            "`a`",
            " a",
            "a ",
            "a\nb",
            "a\n",
            "\na",
            "a\n\nb\n",
            "a\r\nb",
            "a\tb",
            "\t",
            "a\u{85}b",
            "\u{feff}a",
            "a\u{2028}b",
            "\u{1}",
            "é",
            "日本",
            "a:",
            "a,b",
            "---",
            "...",
            ".inf",
            "nan",
            "403",
            "403 Forbidden",
            "2fa",
            "infinity",
            "<<",
            "=",
            "a  b",
            "a\\b",
            "''",
            long.trim(),
            &long,
            "\u{fffe}",
            "a\n b\nc",
            "  a\nb",
            "a \nb",
        ] {
            for style in STYLES {
                survives(text, style).unwrap_or_else(|e| panic!("{text:?} {style:?}: {e}"));
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_500) })]

        #[test]
        fn any_text_is_read_back(text in prop_oneof![any::<String>(), "[a-z0-9:#,'\"&*!|>%@`{}\\[\\]?~. \n\r\t\\-]{0,40}", "([a-z]{1,9} ){20,40}[a-z]"], style in 0..5usize) {
            let outcome = survives(&text, STYLES[style]);
            prop_assert!(outcome.is_ok(), "{:?}", outcome);
        }

        #[test]
        fn any_front_matter_has_a_tree_or_a_reason(text in "([a-z]: ?|- |\\[|\\]|\\{|\\}|'|\"|>-?\n|\\|\n|#|,|[a-z]|\n| |&a|\\*a|!b|é|\t|---|\r\n){0,30}") {
            if let Ok(Some(tree)) = parse(&text) {
                inside(&tree, &text);
            }
        }
    }

    /// Every part lies within its whole.
    fn inside(node: &Node, text: &str) {
        assert!(text.get(node.at.clone()).is_some(), "{node:?} {text:?}");
        for part in node.pairs().iter().flat_map(|(k, v)| [k, v]).chain(if let Holds::List { items, .. } = &node.holds {
            &items[..]
        } else {
            &[]
        }) {
            inside(part, text);
        }
    }

    #[test]
    fn the_parts_of_a_tree_know_where_they_stand() {
        let text = "a: >- # why\n  x > y\n  z\n\nb: |\n  q\n\n# c > d\nc: 'x''y' # t\nd: [a, {b: c}]\ne:\n  - t: 1\n    u:\n  - v\nf: plain\n  more\n";
        let tree = parse(text).expect("sound").expect("it holds something");
        let slice = |key: &str| tree.find(key).map(|node| &text[node.at.clone()]);
        for (key, part) in [
            ("a", ">- # why\n  x > y\n  z"),
            ("b", "|\n  q"),
            ("c", "'x''y'"),
            ("d", "[a, {b: c}]"),
            ("e", "- t: 1\n    u:\n  - v"),
            ("f", "plain\n  more"),
        ] {
            assert_eq!(slice(key), Some(part));
        }
    }

    #[test]
    fn what_the_format_does_not_need_is_refused() {
        for text in [
            "a: &x b\n",
            "a: *x\n",
            "a: !t b\n",
            "a: b\n---\nc: d\n",
            "a: [b\n",
            "a: 'b\n",
            "%YAML 1.2\n---\na: b\n",
            "a:\n\t- b\n",
        ] {
            assert!(parse(text).is_err(), "{text:?}: {:?}", parse(text));
        }
        assert!(parse("").is_ok_and(|tree| tree.is_none()));
    }
}
