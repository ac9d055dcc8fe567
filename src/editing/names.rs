//! The names that links use: those that a text knows, and those that an old text has to learn before it is the newest again.
//! Start at [`keep_names`].

use super::form::{self, FieldValue, NoForm, OptionField};
use crate::kb::Slug;

/// The names that a text says its document had before.
pub fn list_aliases(text: &str) -> Vec<Slug> {
    // Most texts have none, and need not be taken apart for that.
    let form = text.contains("aliases").then(|| form::read(text).ok()).flatten();
    words(form.as_ref().and_then(|form| form.field("aliases"))).iter().filter_map(|name| Slug::parse(name)).collect()
}

fn words(value: Option<&FieldValue>) -> Vec<String> {
    match value {
        Some(FieldValue::Words(words)) => words.clone(),
        _ => Vec::new(),
    }
}

/// An old text of a document with the names that the document and its options have got since. A name that is its own, or that
/// `is_taken` knows as another document's, is no alias of it.
pub fn keep_names(old: &str, today: &str, is_taken: impl Fn(&str) -> bool) -> Result<String, NoForm> {
    let (then, now) = (form::read(old)?, form::read(today)?);
    let mut aliases = words(then.field("aliases"));
    for alias in words(now.field("aliases")) {
        if !aliases.contains(&alias) {
            aliases.push(alias);
        }
    }
    aliases.retain(|alias| !is_taken(alias));
    let text = form::apply(old, "aliases", &FieldValue::Words(aliases))?;
    let (Some(FieldValue::Options(then)), Some(FieldValue::Options(now))) = (then.field("options"), now.field("options")) else {
        return Ok(text);
    };
    form::apply(&text, "options", &FieldValue::Options(keep_ids(then, now)))
}

/// Old options with the ids that they have got since.
fn keep_ids(then: &[OptionField], now: &[OptionField]) -> Vec<OptionField> {
    let mut kept = then.to_vec();
    for option in now {
        let ids = || option.aliases.iter().chain([&option.id]);
        let is_it = |old: &OptionField| ids().any(|id| is_called(old, id));
        let Some(at) = kept.iter().position(|old| old.id == option.id).or_else(|| kept.iter().position(is_it)) else { continue };
        for id in ids() {
            if !kept.iter().any(|old| is_called(old, id)) {
                kept[at].aliases.push(id.clone());
            }
        }
    }
    kept
}

fn is_called(option: &OptionField, id: &str) -> bool {
    option.id == id || option.aliases.iter().any(|alias| alias == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(old: &str, today: &str, expected: &str) {
        let text = |front: &str| format!("---\ntitle: A # here\n{front}---\n\nBody.\n");
        let kept = keep_names(&text(old), &text(today), |name| ["own", "taken"].contains(&name));
        assert_eq!(kept.as_deref(), Ok(text(expected).as_str()), "{old:?} of {today:?}");
    }

    #[test]
    fn an_old_text_gets_the_names_of_today() {
        check("", "", "");
        check("", "aliases: [b]\n", "aliases: [b]\n");
        check("aliases: a\n", "aliases: [b, a, c]\n", "aliases: [a, b, c]\n");
        check("aliases: [own, a]\n", "aliases: [taken]\n", "aliases: [a]\n");
        check("aliases: [own]\n", "", "");
    }

    #[test]
    fn an_old_option_gets_the_ids_of_today() {
        let id = |id: &str, aliases: &str| match aliases {
            "" => format!("  - {{id: {id}, label: Some}}\n"),
            _ => format!("  - {{id: {id}, label: Some, aliases: [{aliases}]}}\n"),
        };
        let options = |all: &[(&str, &str)]| {
            format!("options:\n{}", all.iter().map(|(name, aliases)| id(name, aliases)).collect::<String>())
        };
        for (old, today, expected) in [
            (&[("in", ""), ("out", "")][..], &[("in", ""), ("pulled", "out")][..], &[("in", ""), ("out", "pulled")][..]),
            (&[("in", ""), ("out", "away")], &[("in", "inside"), ("out", "")], &[("in", "inside"), ("out", "away")]),
            (&[("in", ""), ("out", "")], &[("in", ""), ("new", "")], &[("in", ""), ("out", "")]),
            (&[("in", ""), ("out", "")], &[("in", "out"), ("new", "")], &[("in", ""), ("out", "")]),
        ] {
            check(&options(old), &options(today), &options(expected));
        }
    }
}
