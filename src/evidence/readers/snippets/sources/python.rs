//! requests and http.client.

use super::super::super::super::wire::{Found, Shown, Signer};
use super::super::Draft;
use super::super::json::{Style, write};
use super::super::script::{Argument, Item, Value};
use super::Scope;

impl Scope {
    pub(super) fn http_client(&mut self, arguments: &[Argument], line: usize, found: &mut Found) -> bool {
        let mut draft = Draft::new("python", line);
        draft.whole = true;
        draft.verb = self.text_at(arguments, 0);
        let (scheme, host) = match self.values.get("conn").map(|item| &item.value) {
            Some(Value::Call(name, arguments)) => {
                (if name.ends_with("HTTPSConnection") { "https" } else { "http" }, self.text_at(arguments, 0))
            }
            _ => ("https", None),
        };
        draft.url = host
            .zip(self.text_at(arguments, 1))
            .map(|(host, path)| Shown::new(format!("{scheme}://{}{}", host.value, path.value), path.line));
        if let Some(body) = arguments.get(2) {
            self.take_body(&mut draft, &body.item, "");
        }
        let headers = self.at(arguments, 3);
        self.take_headers(&mut draft, &headers);
        draft.add_own("Accept-Encoding", "identity", line);
        draft.finish(found, "Python snippet")
    }

    pub(super) fn requests(&mut self, verb: &str, arguments: &[Argument], line: usize, found: &mut Found) -> bool {
        let mut draft = Draft::new("python", line);
        // `**options` and a call that is cut off hide what else is sent.
        draft.whole = !arguments.iter().any(|a| a.name.is_none() && matches!(a.item.value, Value::Unknown));
        let shift = usize::from(verb == "request");
        let named = |name: &str| arguments.iter().find(|a| a.name.as_deref() == Some(name)).map(|a| &a.item);
        let by_place: Vec<&Item> = arguments.iter().filter(|a| a.name.is_none()).map(|a| &a.item).collect();
        let verb_item = named("method").or_else(|| by_place.first().copied()).and_then(|i| self.text(i)).filter(|_| shift == 1);
        draft.verb = verb_item.map(|v| Shown::new(v.value.to_uppercase(), v.line));
        if shift == 0 {
            draft.verb = Some(Shown::new(verb.to_ascii_uppercase(), line));
        }
        draft.url = named("url").or_else(|| by_place.get(shift).copied()).and_then(|i| self.text(i));
        if let Some(item) = named("headers") {
            self.take_headers(&mut draft, item);
        }
        let (second, third) = (by_place.get(shift + 1).copied(), by_place.get(shift + 2).copied());
        let params = named("params").or(second.filter(|_| matches!(verb, "get" | "request")));
        if let Some(item) = params {
            draft.query.extend(self.form(item));
        }
        let data = named("data").or(match verb {
            "post" | "put" | "patch" => second,
            "request" => third,
            _ => None,
        });
        if let Some(item) = data {
            self.take_body(&mut draft, item, "");
        }
        if let Some(item) = named("json").or(third.filter(|_| verb == "post")) {
            let text = write(&self.resolve(item), Style::Python, &|name| self.values.get(name).cloned());
            draft.body = text.map(|text| Shown::new(text, item.line));
            draft.add_own("Content-Type", "application/json", item.line);
        }
        if named("files").is_some_and(|f| !is_empty(&self.resolve(f).value)) {
            draft.body = None;
            draft.add_own("Content-Type", "multipart/form-data", line);
        }
        draft.whole &= named("cookies").is_none();
        if let Some(item) = named("auth") {
            self.take_auth(&mut draft, item);
        }
        draft.add_own("User-Agent", "python-requests", line);
        draft.add_own("Accept-Encoding", "gzip, deflate", line);
        draft.add_own("Accept", "*/*", line);
        draft.add_own("Connection", "keep-alive", line);
        draft.finish(found, "Python snippet")
    }

    /// `(user, password)`, `HTTPBasicAuth(…)`, `AWS4Auth(…)`; another one may send anything.
    fn take_auth(&self, draft: &mut Draft, item: &Item) {
        let resolved = self.resolve(item);
        let line = item.line;
        let texts = |items: Vec<&Item>| items.into_iter().map(|i| self.text(i).map(|t| t.value)).collect::<Vec<_>>();
        match &resolved.value {
            Value::List(items) => match texts(items.iter().collect()).as_slice() {
                [Some(user), Some(password)] => draft.add_basic(user, password, line),
                _ => draft.whole = false,
            },
            Value::Call(name, arguments) if name.ends_with("AWS4Auth") => {
                let parts = texts(arguments.iter().filter(|a| a.name.is_none()).map(|a| &a.item).collect());
                let part = |n: usize| parts.get(n).cloned().flatten().unwrap_or_default();
                draft.signer = Some(Shown::new(Signer { region: part(2), service: part(3) }, line));
            }
            Value::Call(name, arguments) if name.ends_with("HTTPBasicAuth") => {
                match texts(arguments.iter().map(|a| &a.item).collect()).as_slice() {
                    [Some(user), Some(password)] => draft.add_basic(user, password, line),
                    _ => draft.whole = false,
                }
            }
            _ => draft.whole = false,
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::List(items) => items.is_empty(),
        Value::Map(entries) => entries.is_empty(),
        Value::Name(name) => name == "None",
        _ => false,
    }
}
