//! Options, headers and bodies, which clients have in common.

use super::super::super::super::wire::{Header, Shown};
use super::super::json::{Style, write};
use super::super::script::{Item, Value};
use super::super::{Draft, encode};
use super::{Scope, normal_verb};

impl Scope {
    /// The options of fetch, axios, jQuery and Node's https, which have the same names.
    pub(super) fn take_options(&self, draft: &mut Draft, options: &Item, body: &str, text_type: &str) {
        let Value::Map(entries) = &options.value else { return };
        let find = |name: &str| entries.iter().rev().find(|(key, _)| key == name).map(|(_, item)| item);
        if let Some(verb) = find("method").or_else(|| find("type")).and_then(|i| self.text(i)) {
            draft.verb = Some(Shown::new(normal_verb(&verb.value), verb.line));
        }
        if let Some(url) = find("url").and_then(|i| self.text(i)) {
            draft.url = Some(url);
        }
        if let (Some(base), Some(url)) = (find("baseURL").and_then(|i| self.text(i)), &mut draft.url)
            && !url.value.contains("://")
        {
            url.value = format!("{}/{}", base.value.trim_end_matches('/'), url.value.trim_start_matches('/'));
        }
        if let Some(item) = find("headers") {
            self.take_headers(draft, item);
        }
        if let Some(item) = find("params") {
            draft.query.extend(self.form(item));
        }
        if let Some(item) = find(body) {
            self.take_body(draft, item, text_type);
        }
    }

    pub(super) fn take_headers(&self, draft: &mut Draft, item: &Item) {
        let resolved = self.resolve(item);
        draft.whole &= matches!(resolved.value, Value::Map(_) | Value::Call(..));
        for (name, value) in self.entries(&resolved) {
            match self.text(&value) {
                Some(text) if !name.is_empty() => draft.headers.push(Header::new(name, text.value, value.line)),
                None if matches!(&value.value, Value::Name(n) if n == "None" || n == "undefined") => {}
                // The header is sent, with a value that is not shown.
                None if !name.is_empty() => draft.headers.push(Header::new(name, "${…}", value.line)),
                _ => draft.whole = false,
            }
        }
    }

    /// A body: a text as it is, `JSON.stringify(…)` and `json.dumps(…)` as they write it, a form.
    pub(super) fn take_body(&self, draft: &mut Draft, item: &Item, text_type: &str) {
        let resolved = self.resolve(item);
        let line = item.line;
        let variables = |name: &str| self.values.get(name).cloned();
        let (text, kind) = match &resolved.value {
            Value::Text(text) if text.is_empty() => return,
            Value::Text(text) => (Some(text.clone()), text_type),
            Value::Name(name) if matches!(name.as_str(), "null" | "None" | "undefined") => return,
            Value::Call(name, arguments) if name.ends_with("stringify") || name.ends_with("dumps") => {
                let style = if name.ends_with("dumps") { Style::Python } else { Style::Script };
                let text = arguments
                    .first()
                    .filter(|_| arguments.len() == 1)
                    .and_then(|a| write(&self.resolve(&a.item), style, &variables));
                (text, text_type)
            }
            Value::Call(name, _) if name.ends_with("URLSearchParams") => {
                (self.form(&resolved), "application/x-www-form-urlencoded;charset=UTF-8")
            }
            Value::Call(name, _) if name.ends_with("FormData") => (None, "multipart/form-data"),
            Value::Map(entries) if draft.client == "python" => {
                if entries.is_empty() {
                    return;
                }
                (self.form(&resolved), "application/x-www-form-urlencoded")
            }
            Value::Map(_) if text_type.starts_with("application/x-www-form-urlencoded;") => (self.form(&resolved), text_type),
            Value::Map(_) => (write(&resolved, Style::Script, &variables), "application/json"),
            _ => (None, ""),
        };
        draft.body = text.map(|text| Shown::new(text, line));
        if !kind.is_empty() {
            draft.add_own("Content-Type", kind, line);
        }
    }

    /// What a map, `new Headers(…)` or a list of pairs holds.
    fn entries(&self, item: &Item) -> Vec<(String, Item)> {
        match &self.resolve(item).value {
            Value::Map(entries) => entries.clone(),
            Value::Call(_, arguments) => arguments
                .iter()
                .flat_map(|a| match &a.name {
                    Some(name) => vec![(name.clone(), a.item.clone())],
                    None => match self.resolve(&a.item).value {
                        Value::Map(entries) => entries,
                        _ => Vec::new(),
                    },
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// `a=b&c=d`, encoded, if all of it is shown.
    pub(super) fn form(&self, item: &Item) -> Option<String> {
        let resolved = self.resolve(item);
        if let Value::Text(text) = &resolved.value {
            return Some(text.clone());
        }
        let pairs = self.entries(&resolved);
        let parts: Option<Vec<String>> =
            pairs.iter().map(|(name, value)| Some(format!("{}={}", encode(name), encode(&self.text(value)?.value)))).collect();
        parts.filter(|p| !p.is_empty()).map(|p| p.join("&"))
    }
}
