//! Markdown → HTML that is safe to show. Whatever the text holds, what leaves here was sanitised last.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

use askama::Template;
use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html};

use regex::Regex;

use super::documents::Link;
use crate::kb::{self, ImageName};

/// HTML that may be shown as it is. Made only here.
#[derive(Clone, Debug, Default)]
pub struct Html(String);

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What may be left in a page: the elements that markdown makes, and no more.
static CLEANER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = ammonia::Builder::default();
    cleaner
        .rm_tags(["map", "area", "center", "ruby", "rt", "rp", "rtc", "bdi", "bdo", "details", "summary"])
        .add_tag_attributes("h2", ["id"])
        .add_tag_attributes("h3", ["id"])
        .add_tag_attributes("code", ["class"])
        .add_tag_attributes("pre", ["tabindex"])
        .add_tag_attributes("th", ["scope"])
        .rm_tag_attributes("img", ["align", "height", "width"])
        .set_tag_attribute_value("img", "loading", "lazy")
        .set_tag_attribute_value("img", "decoding", "async")
        .url_schemes(["https", "http", "mailto"].into())
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            ("code", "class") => value.starts_with("language-").then(|| value.into()),
            ("pre", "tabindex") => (value == "0").then(|| value.into()),
            ("img", "src") => ImageName::of_url(value).map(|_| value.into()),
            _ => Some(value.into()),
        })
        .link_rel(Some("noopener noreferrer"));
    cleaner
});

static IMAGE: LazyLock<Regex> = LazyLock::new(|| Regex::new("<img[^>]*>").expect("a sound pattern"));

/// Nobody nests deeper, and the time to clean HTML grows with the square of its depth.
const DEEPEST: usize = 400;

/// How many elements stand open at once, about.
fn depth(html: &str) -> usize {
    const EMPTY: [&str; 4] = ["br", "hr", "img", "col"];
    let (mut now, mut most) = (0usize, 0);
    for rest in html.split('<').skip(1) {
        match rest.chars().next() {
            Some('/') => now = now.saturating_sub(1),
            Some(c) if c.is_ascii_alphabetic() && !EMPTY.iter().any(|name| rest.starts_with(name)) => now += 1,
            _ => {}
        }
        most = now.max(most);
    }
    most
}

fn clean(html: &str) -> Html {
    if depth(html) > DEEPEST {
        return Html(format!("<pre>{}</pre>", ammonia::clean_text(html)));
    }
    let cleaned = CLEANER.clean(html).to_string();
    // What is left of a picture from elsewhere has no address. In clean HTML, `<` and `>` stand around elements only.
    let own = |tag: &regex::Captures<'_>| if tag[0].contains(" src=\"") { tag[0].to_owned() } else { String::new() };
    Html(IMAGE.replace_all(&cleaned, own).into_owned())
}

/// A heading of a document, for its table of contents.
#[derive(Clone, Debug)]
pub struct Heading {
    pub id: String,
    pub text: String,
}

/// A rendered document.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    pub html: Html,
    /// The headings of the second level.
    pub contents: Vec<Heading>,
}

/// Renders the body of a document. Headings get addresses; code can be scrolled by keyboard.
pub fn render(markdown: &str) -> Rendered {
    render_entry(markdown, &|_| None)
}

/// Renders the body of an entry. Its transcripts are folded; `find` finds the entry that one of another cause belongs to.
pub fn render_entry(markdown: &str, find: &dyn Fn(&str) -> Option<Link>) -> Rendered {
    let mut contents = Vec::new();
    let events = addressed(markdown, &mut contents);
    Rendered { html: folded(events, find), contents }
}

fn parser(markdown: &str) -> Parser<'_> {
    Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH)
}

/// What a text consists of, each heading with its address.
fn addressed<'a>(markdown: &'a str, contents: &mut Vec<Heading>) -> Vec<Event<'a>> {
    let mut taken = BTreeSet::new();
    let mut events: Vec<Event<'_>> = Vec::new();
    let mut heading: Option<(HeadingLevel, usize, String)> = None;
    for event in parser(markdown) {
        match &event {
            // One `h1` a page, and it is the title.
            Event::Start(Tag::Heading { level, .. }) => {
                heading = Some(((*level).max(HeadingLevel::H2), events.len(), String::new()))
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some((_, _, words)) = &mut heading {
                    words.push_str(text);
                }
            }
            _ => {}
        }
        match event {
            Event::End(TagEnd::Heading(_)) => {
                if let Some((level, at, text)) = heading.take() {
                    let id = anchor(&text, &mut taken);
                    let start =
                        Tag::Heading { level, id: Some(CowStr::from(id.clone())), classes: Vec::new(), attrs: Vec::new() };
                    events[at] = Event::Start(start);
                    events.push(Event::End(TagEnd::Heading(level)));
                    if level == HeadingLevel::H2 {
                        contents.push(Heading { id, text });
                    }
                }
            }
            other => events.push(other),
        }
    }
    events
}

/// An example of what somebody has on the screen, folded away.
#[derive(Template)]
#[template(path = "parts/transcript.html")]
struct Transcript<'a> {
    text: &'a str,
    /// The entry that it leads to, when that is another one.
    alike: Option<Link>,
}

/// Writes the blocks with the transcripts among them. What stands between two transcripts is cleaned by itself, so nothing in
/// a text can pass for one or reach around one.
fn folded(events: Vec<Event<'_>>, find: &dyn Fn(&str) -> Option<Link>) -> Html {
    let (mut out, mut plain, mut depth) = (String::new(), Vec::new(), 0usize);
    let mut events = events.into_iter();
    while let Some(event) = events.next() {
        if depth == 0
            && let Some(lands) = transcript(&event)
        {
            out.push_str(&written(plain.drain(..)));
            let inside = events.by_ref().take_while(|e| !matches!(e, Event::End(_)));
            let text: String =
                inside.filter_map(|e| if let Event::Text(text) = e { Some(text.to_string()) } else { None }).collect();
            let shown = Transcript { text: &text, alike: find(&lands) };
            out.push_str(&shown.render().expect("memory takes all"));
            continue;
        }
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        plain.push(event);
    }
    out.push_str(&written(plain.into_iter()));
    Html(out)
}

/// The slug behind `lands` when a transcript begins here; empty for one of the entry itself.
fn transcript(event: &Event<'_>) -> Option<String> {
    match event {
        Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => kb::Transcript::landing(info).map(str::to_owned),
        _ => None,
    }
}

fn written<'a>(events: impl Iterator<Item = Event<'a>>) -> String {
    let mut out = String::new();
    html::push_html(&mut out, pictures(events, true));
    let out = out.replace("<pre><code", "<pre tabindex=\"0\"><code").replace("<th>", "<th scope=\"col\">");
    scrolling(clean(&out)).0
}

/// Leaves the pictures of this site as they are. One from elsewhere becomes a link with its words, so that nobody's browser
/// fetches it unasked; in a sentence, which may stand in a link itself, each becomes its words.
fn pictures<'a>(events: impl Iterator<Item = Event<'a>>, shown: bool) -> impl Iterator<Item = Event<'a>> {
    let (mut in_link, mut open) = (false, Vec::new());
    events.filter_map(move |event| match event {
        Event::Start(Tag::Image { ref dest_url, ref title, ref id, .. }) => {
            let (url, title, id) = (dest_url.clone(), title.clone(), id.clone());
            let own = shown && ImageName::of_url(&url).is_some();
            let elsewhere = url.starts_with("https://") || url.starts_with("http://");
            let links = shown && elsewhere && !in_link && open.is_empty();
            open.push((own, links));
            match (own, links) {
                (true, _) => Some(event),
                (_, true) => Some(Event::Start(Tag::Link { link_type: LinkType::Inline, dest_url: url, title, id })),
                _ => None,
            }
        }
        Event::End(TagEnd::Image) => match open.pop() {
            Some((true, _)) => Some(event),
            Some((_, true)) => Some(Event::End(TagEnd::Link)),
            _ => None,
        },
        Event::Start(Tag::Link { .. }) => {
            in_link = true;
            Some(event)
        }
        Event::End(TagEnd::Link) => {
            in_link = false;
            Some(event)
        }
        other => Some(other),
    })
}

/// Puts each table into a box that scrolls by itself, also by keyboard. It comes after cleaning, which leaves every table closed.
fn scrolling(html: Html) -> Html {
    let open = "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table\"><table>";
    Html(html.0.replace("<table>", open).replace("</table>", "</table></div>"))
}

/// Renders a sentence: emphasis, code and links, no blocks.
pub fn inline(markdown: &str) -> Html {
    let mut out = String::new();
    let blocks = |e: &Event<'_>| matches!(e, Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph));
    html::push_html(&mut out, pictures(Parser::new(markdown).filter(|e| !blocks(e)), false));
    clean(out.trim())
}

/// The words of a sentence without its marks, for titles and previews.
pub fn plain(markdown: &str) -> String {
    let mut out = String::new();
    for event in Parser::new(markdown) {
        match event {
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => out.push_str(&text),
            Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::Paragraph) => out.push(' '),
            _ => {}
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first paragraph below a heading, in plain words: one line of why. Code is no sentence.
pub fn first_sentence_of(markdown: &str, heading: &str) -> String {
    let is_paragraph = |(tag, _): &(Tag<'_>, &str)| *tag == Tag::Paragraph;
    let below = blocks(markdown).skip_while(|(_, text)| text.trim() != heading).find(is_paragraph);
    let paragraph = below.or_else(|| blocks(markdown).find(is_paragraph)).map_or("", |(_, text)| text);
    let words = plain(paragraph);
    match words.match_indices(". ").map(|(at, _)| at).find(|at| *at > 40) {
        Some(at) => words[..=at].to_owned(),
        None => words,
    }
}

/// How a section begins: its first paragraph and, of its first way to do it, the first list.
pub fn first_steps_of(markdown: &str, heading: &str) -> Html {
    let section = blocks(markdown).skip_while(|(_, text)| text.trim() != heading).skip(1);
    let (mut paragraph, mut list, mut ways) = ("", "", 0);
    for (tag, text) in section {
        match tag {
            Tag::Heading { level, .. } => {
                ways += 1;
                if level <= HeadingLevel::H2 || ways > 1 {
                    break;
                }
            }
            Tag::Paragraph if paragraph.is_empty() => paragraph = text,
            Tag::List(_) if list.is_empty() => list = text,
            _ => {}
        }
    }
    render(&format!("{paragraph}\n\n{list}")).html
}

/// The blocks of a text at its top level, each with its source.
fn blocks(markdown: &str) -> impl Iterator<Item = (Tag<'_>, &str)> {
    let mut depth = 0usize;
    parser(markdown).into_offset_iter().filter_map(move |(event, range)| match event {
        Event::Start(tag) => {
            depth += 1;
            (depth == 1).then(|| (tag, &markdown[range]))
        }
        Event::End(_) => {
            depth = depth.saturating_sub(1);
            None
        }
        _ => None,
    })
}

fn anchor(text: &str, taken: &mut BTreeSet<String>) -> String {
    let words: String = text.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let base = words.split('-').filter(|w| !w.is_empty()).collect::<Vec<_>>().join("-");
    let base = if base.is_empty() { "section".to_owned() } else { base };
    let mut id = base.clone();
    let mut again = 1;
    while !taken.insert(id.clone()) {
        again += 1;
        id = format!("{base}-{again}");
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_html_is_sanitised() {
        for attack in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "<a href=\"data:text/html,x\">x</a>",
            "<svg onload=alert(1)>",
            "<p style=\"position:fixed\" onclick=\"x()\">x</p>",
            "<iframe src=https://example.com></iframe>",
            "```\"><script>alert(1)</script>\nx\n```",
        ] {
            let html = render(attack).html.to_string();
            for bad in ["<script", "onerror", "onload", "onclick", "javascript:", "data:", "<iframe", "style=", "<img", "<svg"] {
                assert!(
                    !html.contains(bad) || html.contains(&format!("&lt;{}", bad.trim_start_matches('<'))),
                    "{attack} gave {html}"
                );
            }
        }
    }

    const PLUG: &str = "/image/0123456789abcdef.png";

    #[test]
    fn a_picture_of_this_site_is_shown() {
        let shown =
            format!("<p><img src=\"{PLUG}\" alt=\"The &quot;plug&quot; &lt;b&gt;\" loading=\"lazy\" decoding=\"async\"></p>");
        let html = render(&format!("![The \"plug\" &lt;b>]({PLUG})")).html.to_string();
        assert_eq!(sorted(&html), sorted(&shown));
        let raw = render(&format!("<img alt=a src='{PLUG}' onerror='bad()' width=9 style='x' srcset='https://example.com/a'>"));
        let shown = format!("<img alt=\"a\" src=\"{PLUG}\" loading=\"lazy\" decoding=\"async\">");
        assert_eq!(sorted(&raw.html.to_string()), sorted(&shown));
        assert_eq!(inline(&format!("a ![plug]({PLUG})")).to_string(), "a plug", "a sentence has room for words only");
    }

    /// The order of attributes means nothing.
    fn sorted(html: &str) -> Vec<&str> {
        let mut parts: Vec<&str> = html.trim().split([' ', '>']).collect();
        parts.sort_unstable();
        parts
    }

    #[test]
    fn nothing_else_is_shown_as_a_picture() {
        for other in [
            "https://example.com/a.png",
            "//example.com/image/0123456789abcdef.png",
            "https://example.com/image/0123456789abcdef.png",
            "/image/0123456789abcdef.svg",
            "/image/../outcome",
            "/image/0123456789abcdef.png?x",
            "/image/0123456789abcdef.png#x",
            "/outcome?worked=yes",
            "data:image/png;base64,AA",
            "image/0123456789abcdef.png",
        ] {
            for text in [
                format!("![The plug]({other})"),
                format!("![The plug][1]\n\n[1]: {other}"),
                format!("The plug<img src=\"{other}\">"),
                format!("The plug<IMG SRC='{other}'/>"),
                format!("The plug<image src='{other}'>"),
                format!("The plug<img alt=' src=\"/image/0123456789abcdef.png\"' src='{other}'>"),
                format!("<svg><image href='{other}'/></svg>The plug"),
            ] {
                let html = render(&text).html.to_string();
                assert!(!html.contains("<img") && html.contains("The plug"), "{text} gave {html}");
            }
        }
        let link = render("![The plug](https://example.com/a.png)").html.to_string();
        let wanted = "<p><a href=\"https://example.com/a.png\" rel=\"noopener noreferrer\">The plug</a></p>";
        assert_eq!(link.trim(), wanted);
        let inside = render("[See ![the plug](https://example.com/a.png)](/fix/b)").html.to_string();
        assert_eq!(inside.matches("<a ").count(), 1, "no link in a link: {inside}");
    }

    #[test]
    fn headings_have_addresses_of_their_own() {
        let rendered = render("## Fix\n\ntext\n\n### Verify\n\n## Fix\n\n# Top");
        let html = rendered.html.to_string();
        assert!(
            html.contains("<h2 id=\"fix\">") && html.contains("<h2 id=\"fix-2\">") && html.contains("<h3 id=\"verify\">"),
            "{html}"
        );
        assert!(!html.contains("<h1"), "the title is the only h1: {html}");
        assert_eq!(rendered.contents.len(), 3);
    }

    #[test]
    fn a_table_scrolls_inside_itself() {
        let html = render("| a | b |\n|---|---|\n| 1 | 2 |\n\n`<table>`").html.to_string();
        assert!(html.contains("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table\"><table>"), "{html}");
        assert_eq!(html.matches("<div").count(), html.matches("</div>").count(), "a table that is only written about: {html}");
        let open = render("<table><tr><td>never closed").html.to_string();
        assert_eq!(open.matches("<div").count(), open.matches("</div>").count(), "{open}");
    }

    const WITH_TRANSCRIPTS: &str = "## Cause\n\n```text lands\nNo light <b>\n```\n\nIt is out. So.\n\n## Fix\n\nSoon.\n\n\
                                    ### By hand\n\n1. Do it.\n\n### Otherwise\n\n- Not this.\n\n```lands=other\nx\n```\n";

    #[test]
    fn transcripts_are_folded_and_nothing_else_is() {
        let other = || Link { title: inline("The `other` one"), url: "/fix/other".to_owned() };
        let find = |slug: &str| (slug == "other").then(other);
        let html = render_entry(WITH_TRANSCRIPTS, &find).html.to_string();
        assert_eq!(html.matches("<details>").count(), 2, "{html}");
        assert!(html.contains("No light &#60;b&#62;"), "{html}");
        assert!(
            html.contains("Looks alike, but is: The <code>other</code> one</summary>") && html.contains("href=\"/fix/other\"")
        );
        let forged =
            render("<details open><summary>Example</summary>\n\n```lands\nx\n```\n\n</details>\n\n- ```lands\n  y\n  ```\n");
        let forged = forged.html.to_string();
        assert_eq!((forged.matches("<details").count(), forged.matches("</details>").count()), (1, 1), "{forged}");
    }

    #[test]
    fn what_is_told_in_short_comes_from_no_transcript() {
        assert_eq!(first_sentence_of(WITH_TRANSCRIPTS, "## Cause"), "It is out. So.");
        let steps = first_steps_of(WITH_TRANSCRIPTS, "## Fix").to_string();
        assert!(steps.contains("Soon.") && steps.contains("<li>Do it.</li>") && !steps.contains("Not this"), "{steps}");
    }

    #[test]
    fn a_sentence_has_no_blocks() {
        assert_eq!(
            inline("a `b` [c](/fix/d)").to_string(),
            "a <code>b</code> <a href=\"/fix/d\" rel=\"noopener noreferrer\">c</a>"
        );
        assert_eq!(plain("a `b` **c**"), "a b c");
    }

    #[test]
    fn one_line_of_why_is_the_first_sentence_of_the_cause() {
        let body = "## Symptom\n\nx\n\n## Cause\n\nThe stage serves the last deployment, not what the editor shows. More follows.\n\n## Fix\n";
        assert_eq!(first_sentence_of(body, "## Cause"), "The stage serves the last deployment, not what the editor shows.");
    }
}
