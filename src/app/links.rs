//! A diagnosis as a link: the URL is the whole state. Start at [`read`] and [`Link`].
//!
//! Parameters come in any order and leave in one: symptoms, answers, skipped questions, tried fixes, each sorted. Renamed
//! things are followed; what is not known is left out and reported, never guessed.

use std::collections::BTreeSet;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::diagnosis::Facts;
use crate::kb::{Kind, KnowledgeBase, Slug, nearest};

/// More parameters than this are refused: no questionnaire is that long.
pub const MOST_PARAMETERS: usize = 200;
/// Longer names or values are refused: slugs are shorter.
pub const LONGEST_PARAMETER: usize = 512;

/// A parameter that has no bearing on the diagnosis, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    pub key: String,
    pub value: String,
    pub why: String,
}

/// What the parameters say.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    pub facts: Facts,
    /// The question that a person wants to answer again.
    pub change: Option<Slug>,
    pub ignored: Vec<Ignored>,
}

/// Parameters that cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadParameters {
    #[error("the address has {given} parameters, the most is {MOST_PARAMETERS}: open a shorter link")]
    TooMany { given: usize },
    #[error("the parameter that begins `{start}` has {given} bytes, the most is {LONGEST_PARAMETER}: shorten it")]
    TooLong { start: String, given: usize },
    #[error("the address holds bytes that are not UTF-8: copy the link again, whole")]
    NotUtf8,
}

/// Takes a raw query string apart. `+` means a space, as forms send it.
pub fn split(query: &str) -> Result<Vec<(String, String)>, BadParameters> {
    let parts: Vec<&str> = query.split('&').filter(|p| !p.is_empty()).collect();
    if parts.len() > MOST_PARAMETERS {
        return Err(BadParameters::TooMany { given: parts.len() });
    }
    parts.into_iter().map(|part| part.split_once('=').unwrap_or((part, ""))).map(|(k, v)| Ok((decode(k)?, decode(v)?))).collect()
}

fn decode(text: &str) -> Result<String, BadParameters> {
    let spaced = text.replace('+', " ");
    let decoded = percent_encoding::percent_decode_str(&spaced).decode_utf8();
    decoded.map(|d| d.into_owned()).map_err(|_| BadParameters::NotUtf8)
}

/// Reads parameters against today's knowledge.
pub fn read(kb: &KnowledgeBase, parameters: &[(String, String)]) -> Result<Reading, BadParameters> {
    if parameters.len() > MOST_PARAMETERS {
        return Err(BadParameters::TooMany { given: parameters.len() });
    }
    let mut reading = Reading::default();
    for (key, value) in parameters {
        if let Some(long) = [key, value].into_iter().find(|t| t.len() > LONGEST_PARAMETER) {
            return Err(BadParameters::TooLong { start: key.chars().take(40).collect(), given: long.len() });
        }
        if let Err(why) = reading.take(kb, key, value) {
            reading.ignored.push(Ignored { key: key.clone(), value: value.clone(), why });
        }
    }
    // An answer says more than "don't know".
    let Facts { answers, skipped, .. } = &mut reading.facts;
    skipped.retain(|question| !answers.contains_key(question));
    Ok(reading)
}

impl Reading {
    fn take(&mut self, kb: &KnowledgeBase, key: &str, value: &str) -> Result<(), String> {
        match key {
            "symptom" => self.facts.symptoms.insert(find(kb, Kind::Symptom, value)?),
            "skip" => self.facts.skipped.insert(find(kb, Kind::Question, value)?),
            "tried" => self.facts.tried.insert(find(kb, Kind::Entry, value)?),
            "change" => {
                self.change = Some(find(kb, Kind::Question, value)?);
                true
            }
            // Which search led here; it says nothing about the incident.
            "search" | "q" => true,
            _ => return self.answer(kb, key, value),
        };
        Ok(())
    }

    fn answer(&mut self, kb: &KnowledgeBase, key: &str, value: &str) -> Result<(), String> {
        let slug = find(kb, Kind::Question, key)?;
        let question = &kb.questions[&slug];
        let option = question.find_option(value).ok_or_else(|| {
            let known = question.options.iter().map(|o| o.id.as_str());
            match nearest(value, known.clone()) {
                Some(near) => format!("no such option; did you mean `{near}`?"),
                None => format!("no such option; there are {}", known.collect::<Vec<_>>().join(", ")),
            }
        })?;
        match self.facts.answers.get(&slug) {
            Some(first) if *first != option.id => Err(format!("`{slug}` is answered already, with `{first}`")),
            _ => {
                self.facts.answers.insert(slug, option.id.clone());
                Ok(())
            }
        }
    }
}

fn find(kb: &KnowledgeBase, kind: Kind, text: &str) -> Result<Slug, String> {
    kb.find_slug(kind, text).ok_or_else(|| {
        let what = if kind == Kind::Entry { "fix" } else { kind.word() };
        // Among very many names the nearest one is not worth the time that it takes to find.
        let few = kb.list_slugs(kind).take(2_000).map(Slug::as_str);
        match nearest(text, few) {
            Some(near) => format!("no such {what}; did you mean `{near}`?"),
            None => format!("no such {what}"),
        }
    })
}

/// Everything but letters, digits and the four marks that need no escape anywhere in a URL (RFC 3986, 2.3).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Escapes a text for use in a query string or a path segment.
pub fn escape(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// Writes links from facts.
#[derive(Clone, Debug, Default)]
pub struct Link<'a> {
    facts: Option<&'a Facts>,
    without: Option<&'a Slug>,
    answer: Option<(&'a Slug, &'a Slug)>,
    skip: Option<&'a Slug>,
    tried: Option<&'a Slug>,
    change: Option<&'a Slug>,
    symptom: Option<&'a Slug>,
}

impl<'a> Link<'a> {
    pub fn to(facts: &'a Facts) -> Link<'a> {
        Link { facts: Some(facts), ..Link::default() }
    }

    pub fn answering(mut self, question: &'a Slug, option: &'a Slug) -> Link<'a> {
        self.answer = Some((question, option));
        self.without = Some(question);
        self
    }

    pub fn without(mut self, question: &'a Slug) -> Link<'a> {
        self.without = Some(question);
        self
    }

    pub fn skipping(mut self, question: &'a Slug) -> Link<'a> {
        self.skip = Some(question);
        self.without = Some(question);
        self
    }

    pub fn trying(mut self, entry: &'a Slug) -> Link<'a> {
        self.tried = Some(entry);
        self
    }

    pub fn changing(mut self, question: &'a Slug) -> Link<'a> {
        self.change = Some(question);
        self
    }

    pub fn with_symptom(mut self, symptom: &'a Slug) -> Link<'a> {
        self.symptom = Some(symptom);
        self
    }

    /// The query string, without the question mark.
    pub fn query(&self) -> String {
        let empty = Facts::default();
        let facts = self.facts.unwrap_or(&empty);
        let kept = |slug: &&Slug| Some(*slug) != self.without;
        let symptoms: BTreeSet<&Slug> = facts.symptoms.iter().chain(self.symptom).collect();
        let answers = facts.answers.iter().filter(|(q, _)| kept(q)).chain(self.answer);
        let answers: BTreeSet<(&Slug, &Slug)> = answers.collect();
        let skipped: BTreeSet<&Slug> = facts.skipped.iter().filter(kept).chain(self.skip).collect();
        let tried: BTreeSet<&Slug> = facts.tried.iter().chain(self.tried).collect();
        let mut pairs: Vec<(&str, &str)> = symptoms.into_iter().map(|s| ("symptom", s.as_str())).collect();
        pairs.extend(answers.into_iter().map(|(q, o)| (q.as_str(), o.as_str())));
        pairs.extend(skipped.into_iter().map(|q| ("skip", q.as_str())));
        pairs.extend(tried.into_iter().map(|e| ("tried", e.as_str())));
        pairs.extend(self.change.map(|q| ("change", q.as_str())));
        joined(&pairs)
    }

    /// The address of the page.
    pub fn url(&self) -> String {
        let query = self.query();
        if query.is_empty() { "/diagnose".to_owned() } else { format!("/diagnose?{query}") }
    }
}

/// The address of a diagnosis, or its parameters, with another name of a document.
pub fn renamed(link: &str, kind: Kind, from: &str, to: &str) -> String {
    if let Some((page, query)) = link.split_once('?') {
        return format!("{page}?{}", renamed(query, kind, from, to));
    }
    let named = |(key, value)| match (kind, key) {
        (Kind::Symptom, "symptom") | (Kind::Question, "skip" | "change") | (Kind::Entry, "tried") if value == from => (key, to),
        (Kind::Question, name) if name == from => (to, value),
        _ => (key, value),
    };
    // As they stand in a link.
    let rank = |key: &str| match key {
        "symptom" => 0,
        "skip" => 2,
        "tried" => 3,
        "change" => 4,
        _ => 1,
    };
    let old: Vec<(&str, &str)> = link.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let mut new: Vec<(&str, &str)> = old.iter().copied().map(named).collect();
    if new == old {
        return link.to_owned();
    }
    new.sort_by_key(|(key, value)| (rank(key), *key, *value));
    new.dedup();
    joined(&new)
}

fn joined(pairs: &[(&str, &str)]) -> String {
    pairs.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use proptest::prelude::*;

    use super::*;
    use crate::content::{self, Pack};

    fn shipped() -> &'static KnowledgeBase {
        static KB: OnceLock<KnowledgeBase> = OnceLock::new();
        KB.get_or_init(|| content::read(&Pack::shipped()).kb)
    }

    /// Any facts that the shipped content knows.
    fn facts() -> impl Strategy<Value = Facts> {
        let kb = shipped();
        let some = |n: usize| prop::collection::vec(prop::bool::weighted(0.2), n);
        let answers = prop::collection::vec(0..12usize, kb.questions.len());
        (some(kb.symptoms.len()), answers, some(kb.entries.len())).prop_map(|(symptoms, answers, tried)| {
            let mut facts = Facts::default();
            facts.symptoms.extend(shipped().symptoms.keys().zip(symptoms).filter(|(_, s)| *s).map(|(slug, _)| slug.clone()));
            facts.tried.extend(shipped().entries.keys().zip(tried).filter(|(_, t)| *t).map(|(slug, _)| slug.clone()));
            for ((slug, question), answer) in shipped().questions.iter().zip(answers) {
                match question.options.get(answer) {
                    Some(option) => drop(facts.answers.insert(slug.clone(), option.id.clone())),
                    None if answer == 11 => drop(facts.skipped.insert(slug.clone())),
                    None => {}
                }
            }
            facts
        })
    }

    fn read_query(query: &str) -> Reading {
        read(shipped(), &split(query).expect("we wrote it")).expect("it is short")
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

        #[test]
        fn a_link_holds_all_that_is_known(facts in facts()) {
            let reading = read_query(&Link::to(&facts).query());
            prop_assert_eq!(reading.facts, facts);
            prop_assert!(reading.ignored.is_empty() && reading.change.is_none());
        }

        #[test]
        fn an_answer_replaces_the_one_before_and_leaves_the_others(facts in facts(), which in any::<prop::sample::Index>()) {
            let question = which.get(&shipped().questions.values().collect::<Vec<_>>()).slug.clone();
            let option = &shipped().questions[&question].options[0].id;
            let mut wanted = facts.clone();
            wanted.skipped.remove(&question);
            wanted.answers.insert(question.clone(), option.clone());
            prop_assert_eq!(read_query(&Link::to(&facts).answering(&question, option).query()).facts, wanted);

            let mut unknown = facts.clone();
            unknown.answers.remove(&question);
            unknown.skipped.insert(question.clone());
            prop_assert_eq!(read_query(&Link::to(&facts).skipping(&question).query()).facts, unknown);
        }

        #[test]
        fn any_text_is_taken_apart_or_refused(query in ".{0,200}") {
            if let Ok(parameters) = split(&query) {
                let _read = read(shipped(), &parameters);
            }
        }
    }

    #[test]
    fn the_first_answer_stands_and_the_other_one_is_reported() {
        let question = shipped().questions.values().next().expect("there is one");
        let [first, second] = [&question.options[0].id, &question.options[1].id];
        let reading = read_query(&format!("{0}={first}&{0}={second}&{0}={first}", question.slug));
        assert_eq!(reading.facts.answers[&question.slug], *first);
        assert_eq!(reading.ignored.len(), 1, "saying the same twice is no contradiction");
        assert_eq!(reading.ignored[0].value, second.as_str());
    }

    #[test]
    fn an_answer_says_more_than_dont_know() {
        let question = shipped().questions.values().next().expect("there is one");
        let reading = read_query(&format!("skip={0}&{0}={1}", question.slug, question.options[0].id));
        assert!(reading.facts.skipped.is_empty());
        assert_eq!(reading.facts.answers.len(), 1);
    }

    #[test]
    fn too_much_is_refused() {
        assert_eq!(split(&"a=b&".repeat(MOST_PARAMETERS + 1)), Err(BadParameters::TooMany { given: MOST_PARAMETERS + 1 }));
        assert!(split(&"a=b&".repeat(MOST_PARAMETERS)).is_ok());
        assert_eq!(split("a=%ff"), Err(BadParameters::NotUtf8));
        let long = vec![("a".repeat(LONGEST_PARAMETER + 1), String::new())];
        assert!(matches!(read(shipped(), &long), Err(BadParameters::TooLong { given, .. }) if given == LONGEST_PARAMETER + 1));
    }

    #[test]
    fn a_link_names_what_it_named_and_keeps_its_order() {
        let link = "symptom=b&symptom=c&b=x&m=b&skip=b&tried=b";
        for (kind, to, expected) in [
            (Kind::Symptom, "z", "symptom=c&symptom=z&b=x&m=b&skip=b&tried=b"),
            (Kind::Symptom, "c", "symptom=c&b=x&m=b&skip=b&tried=b"),
            (Kind::Question, "z", "symptom=b&symptom=c&m=b&z=x&skip=z&tried=b"),
            (Kind::Entry, "z", "symptom=b&symptom=c&b=x&m=b&skip=b&tried=z"),
        ] {
            assert_eq!(renamed(link, kind, "b", to), expected, "{kind:?}");
            assert_eq!(renamed(&format!("/diagnose?{link}"), kind, "b", to), format!("/diagnose?{expected}"));
        }
        for kind in Kind::ALL {
            assert_eq!(renamed(link, kind, "x", "z"), link, "options are no documents");
            assert_eq!(renamed("", kind, "x", "z"), "");
        }
    }
}
