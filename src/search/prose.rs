//! Markdown → its lines, each with what it is: enough to weigh it in the index and to quote it in a snippet.
//!
//! Not a parser: it never fails, allocates per line only where a link stands in it, and takes what it does not know for prose.

use std::borrow::Cow;

use crate::kb::Transcript;

/// What a line of a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    Heading,
    Prose,
    /// Prose of a section about near neighbours and exceptions: its words are those of other causes.
    Aside,
    Code,
    /// A line without words of its own: a fence, a rule, an empty line.
    Empty,
}

/// The heading of the section that tells a cause from its neighbours.
const ASIDES: [&str; 2] = ["caveats", "near neighbours:"];

/// Calls `found` for every line that has words, with the place in the body where it begins.
pub fn lines<'a>(body: &'a str, mut found: impl FnMut(Line, &'a str, usize)) {
    let mut fence: Option<&str> = None;
    let mut transcript = false;
    let mut aside = false;
    let mut next = 0;
    for line in body.split_inclusive('\n') {
        let at = next;
        next += line.len();
        let trimmed = line.trim();
        if fence.is_none() {
            transcript = Transcript::landing(trimmed.trim_start_matches(['`', '~'])).is_some() && trimmed.starts_with(['`', '~']);
        }
        let kind = kind(trimmed, &mut fence, aside);
        match kind {
            Line::Heading if trimmed.starts_with("## ") => aside = is_aside(trimmed),
            Line::Prose if is_aside(trimmed) => aside = true,
            _ => {}
        }
        // What somebody else pasted has the words of every cause.
        if kind != Line::Empty && !transcript {
            found(kind, trimmed, at);
        }
    }
}

fn is_aside(line: &str) -> bool {
    let text = line.trim_start_matches('#').trim();
    ASIDES.iter().any(|a| text.eq_ignore_ascii_case(a))
}

fn kind<'a>(trimmed: &'a str, fence: &mut Option<&'a str>, aside: bool) -> Line {
    let mark = ["```", "~~~"].into_iter().find(|m| trimmed.starts_with(m));
    match (*fence, mark) {
        (Some(open), Some(mark)) if open == mark => {
            *fence = None;
            Line::Empty
        }
        (Some(_), _) if trimmed.is_empty() => Line::Empty,
        (Some(_), _) => Line::Code,
        (None, Some(mark)) => {
            *fence = Some(mark);
            Line::Empty
        }
        (None, None) if !trimmed.contains(char::is_alphanumeric) => Line::Empty,
        (None, None) if trimmed.starts_with('#') => Line::Heading,
        (None, None) if aside => Line::Aside,
        (None, None) => Line::Prose,
    }
}

/// A line without the targets of its links; their words are those of other documents.
pub fn without_targets(line: &str) -> Cow<'_, str> {
    if !line.contains("](") {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find("](") {
        out.push_str(&rest[..at + 1]);
        rest = rest[at..].find(')').map_or("", |end| &rest[at + end + 1..]);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// A line as it reads: no emphasis, code marks, link targets, bullets, table borders.
pub fn plain(line: &str) -> String {
    let line = without_targets(line);
    let line = line.trim_start_matches(['#', '>', '-', '*', '+', '|', ' ']);
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            '*' | '`' | '[' | ']' => {}
            '|' => push_space(&mut out),
            c if c.is_whitespace() || c.is_control() => push_space(&mut out),
            c => out.push(c),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn push_space(out: &mut String) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_apart() {
        let body = "## Cause\n\nA *key*.\n\n```sh\ncurl -i\n# note\n```\n\n## Caveats\n\n- Not [this](/fix/other).\n## Fix\nDo.";
        let mut seen = Vec::new();
        lines(body, |kind, line, _| seen.push((kind, line)));
        let expected = [
            (Line::Heading, "## Cause"),
            (Line::Prose, "A *key*."),
            (Line::Code, "curl -i"),
            (Line::Code, "# note"),
            (Line::Heading, "## Caveats"),
            (Line::Aside, "- Not [this](/fix/other)."),
            (Line::Heading, "## Fix"),
            (Line::Prose, "Do."),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_line_reads_without_its_marks() {
        assert_eq!(plain("- **Not** [this `one`](/fix/other-one), see"), "Not this one, see");
        assert_eq!(plain("| a | `b` |"), "a b");
        assert_eq!(plain("open [link](never closed"), "open link");
        assert_eq!(plain("redirect_uri"), "redirect_uri");
    }
}
