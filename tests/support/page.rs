//! Pages as a visitor sees them, found by what things are and where they lead, never by how they look.

use std::collections::BTreeSet;

use scraper::{ElementRef, Html, Selector};

use super::{Answer, Site, parameters};

pub fn all<'a>(html: &'a Html, css: &str) -> Vec<ElementRef<'a>> {
    html.select(&Selector::parse(css).expect("the selector is sound")).collect()
}

pub fn within<'a>(element: ElementRef<'a>, css: &str) -> Vec<ElementRef<'a>> {
    element.select(&Selector::parse(css).expect("the selector is sound")).collect()
}

/// The only element that matches.
pub fn one<'a>(html: &'a Html, css: &str) -> ElementRef<'a> {
    let found = all(html, css);
    assert_eq!(found.len(), 1, "{css} in {}", words(html.root_element()));
    found[0]
}

/// The text of an element, one space between words.
pub fn words(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The address of a link.
pub fn href(link: ElementRef<'_>) -> String {
    link.attr("href").expect("links lead somewhere").to_owned()
}

/// The slug at the end of a link.
pub fn slug(url: &str) -> String {
    url.rsplit('/').next().unwrap_or_default().split(['?', '#']).next().unwrap_or_default().to_owned()
}

/// A link that answers the question of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub question: String,
    pub option: String,
    pub url: String,
    pub chosen: bool,
}

/// A cause as a page lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub slug: String,
    pub percent: Option<u32>,
    pub speaks_for: Vec<String>,
    pub speaks_against: Vec<String>,
}

/// A form that says whether a fix helped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeForm {
    pub entry: String,
    pub query: String,
}

/// One step of a questionnaire.
pub struct Step {
    pub url: String,
    pub html: Html,
    pub heading: String,
    pub choices: Vec<Choice>,
    pub skip: Option<String>,
    /// Per answer so far: the question and the link that changes it.
    pub changes: Vec<(String, String)>,
    pub causes: Vec<Listed>,
    pub outcomes: Vec<OutcomeForm>,
}

impl Step {
    /// Opens a step and reads it.
    pub fn open(site: &Site, url: &str) -> Step {
        let (url, answer) = site.follow(url);
        assert_eq!(answer.status, 200, "{url}");
        Step::read(&url, &answer)
    }

    pub fn read(url: &str, answer: &Answer) -> Step {
        let html = answer.html();
        let have: BTreeSet<(String, String)> = facts(url);
        let mut choices: Vec<Choice> = Vec::new();
        let mut skip = None;
        let mut changes = Vec::new();
        let changed = parameters(url).into_iter().find(|(k, _)| k == "change").map(|(_, v)| v);
        for link in all(&html, "main a[href^=\"/diagnose?\"]") {
            let url = href(link);
            if let Some((_, question)) = parameters(&url).into_iter().find(|(k, _)| k == "change") {
                changes.push((question, url));
                continue;
            }
            let chosen = link.attr("aria-current").is_some();
            let new: Vec<(String, String)> = facts(&url).into_iter().filter(|f| chosen || !have.contains(f)).collect();
            match &new[..] {
                [(key, question)] if key == "skip" => {
                    skip = Some(url);
                    assert!(choices.iter().all(|c| c.question == *question), "one question a page");
                }
                // The answer that stands leads to the same facts again.
                _ if chosen => {
                    let question = changed.clone().expect("only a question that is asked again has an answer");
                    let option = new.into_iter().find(|(k, _)| *k == question).expect("the link answers it").1;
                    choices.push(Choice { question, option, url, chosen });
                }
                [(question, option)] if question != "tried" => {
                    choices.push(Choice { question: question.clone(), option: option.clone(), url, chosen });
                }
                _ => {}
            }
        }
        let heading = words(one(&html, "h1"));
        let outcomes = all(&html, "form[action=\"/outcome\"]").into_iter().map(outcome_form).collect();
        let causes = all(&html, "main ol > li").into_iter().filter_map(listed).collect();
        Step { url: url.to_owned(), heading, choices, skip, changes, causes, outcomes, html }
    }

    /// The slug of the question that is asked.
    pub fn question(&self) -> Option<&str> {
        self.choices.first().map(|c| c.question.as_str())
    }

    pub fn choice(&self, option: &str) -> &Choice {
        let found = self.choices.iter().find(|c| c.option == option);
        found.unwrap_or_else(|| panic!("{} has no option {option}", self.url))
    }

    /// `ask`, `fix`, or `other` where several causes or none are left.
    pub fn state(&self) -> &'static str {
        match (&self.choices[..], &self.outcomes[..]) {
            ([_, ..], []) => "ask",
            ([], [only]) if !self.causes.iter().any(|c| c.slug == only.entry) => "fix",
            _ => "other",
        }
    }

    /// What the link of this page says.
    pub fn facts(&self) -> BTreeSet<(String, String)> {
        facts(&self.url)
    }
}

/// The parameters of a link that say something of the incident.
pub fn facts(url: &str) -> BTreeSet<(String, String)> {
    parameters(url).into_iter().filter(|(k, _)| !["change", "search", "q"].contains(&k.as_str())).collect()
}

pub fn outcome_form(form: ElementRef<'_>) -> OutcomeForm {
    assert_eq!(form.attr("method"), Some("post"));
    let field = |name: &str| {
        let fields = within(form, &format!("input[name=\"{name}\"]"));
        fields.first().and_then(|f| f.attr("value")).unwrap_or_else(|| panic!("the form has no {name}")).to_owned()
    };
    for value in ["yes", "no"] {
        assert_eq!(within(form, &format!("button[name=\"worked\"][value=\"{value}\"]")).len(), 1, "a button for {value}");
    }
    OutcomeForm { entry: field("entry"), query: field("query") }
}

/// A list item that leads to a cause, with its share and the questions that speak for and against it.
fn listed(item: ElementRef<'_>) -> Option<Listed> {
    let link = *within(item, "a[href^=\"/fix/\"]").first()?;
    let percent = within(item, "span").into_iter().find_map(|s| words(s).strip_suffix(" %")?.parse().ok());
    // Prose may hold such lists too; candidates say how likely they are.
    if percent.is_none() && !within(item, "span").into_iter().any(|s| words(s) == "tried") {
        return None;
    }
    let facts = |sign: &str| {
        let said = within(item, "p").into_iter().filter(|p| words(*p).starts_with(sign));
        said.flat_map(|p| within(p, "a[href^=\"/question/\"]")).map(|a| slug(&href(a))).collect()
    };
    Some(Listed { slug: slug(&href(link)), percent, speaks_for: facts("for "), speaks_against: facts("against ") })
}
