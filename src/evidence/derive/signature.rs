//! What the service signed, beside what was sent: the first line that differs. Start at [`compare`].
//!
//! [`told`] finds what the service shows of its own canonical request, [`canonical`] makes one from the request shown, and
//! [`harmless`] drops what must not be printed. A line that cannot be compared, because the request is not wholly shown, is
//! never called different; and without a difference, only a request that was compared line by line is called the same.

mod canonical;
mod harmless;
mod told;

use super::super::facts::Facts;
use super::super::redact::header_value;
use super::super::wire::{Exchange, Found, Request, Source, Target, find_header};
use super::sigv4::{self, Signature};
use super::{fields, host, request};
use canonical::Canonical;
use told::{ToSign, Told};

/// One line of a canonical request, as the service made it and as it follows from the request shown; harmless words only.
pub struct Difference {
    /// `verb`, `path`, `query`, `host`, `header`, `signed-headers`, `payload`, `scope`, `date`.
    pub what: &'static str,
    /// The header's name, when a header differs.
    pub header: Option<String>,
    pub service: String,
    pub request: String,
    /// What that means, a sentence.
    pub meaning: String,
}

/// A comparison of the service's canonical request with the request shown.
pub struct Comparison {
    /// Where the service's canonical request or string to sign stands.
    pub line: usize,
    /// `None` when nothing differs.
    pub difference: Option<Difference>,
}

/// Compares line by line; `None` when the service shows nothing, or when nothing differs in a request that is shown in part.
pub fn compare(exchange: &Exchange, found: &Found) -> Option<Comparison> {
    let told = told::find(exchange, found)?;
    let line = told.line;
    let sent = Sent::new(&exchange.request, &told)?;
    let mut is_complete = true;
    for step in sent.list_steps(&told) {
        match step {
            Step::Differs(difference) => return Some(Comparison { line, difference: Some(difference) }),
            Step::Unknown => is_complete = false,
            Step::Same => {}
        }
    }
    is_complete.then_some(Comparison { line, difference: None })
}

/// The canonical request that follows from a signed request, where all that was signed is shown. It holds header values as
/// they were sent: compare it, never show it.
pub fn canonical_request(request: &Request) -> Option<String> {
    let signature = sigv4::find_signature(request)?;
    canonical::build(request, &signature, signature.service == "s3")
}

pub fn derive(comparison: &Comparison, facts: &mut Facts) {
    let facts = &mut facts.signature;
    facts.compared.set(true, comparison.line);
    facts.differs.set(comparison.difference.as_ref().map_or("nothing", |d| d.what), comparison.line);
    if let Some(name) = comparison.difference.as_ref().and_then(|d| d.header.as_deref()) {
        facts.header.set(name, comparison.line);
    }
}

/// How one line compares.
enum Step {
    Same,
    Unknown,
    Differs(Difference),
}

/// The request shown, with what its canonical form depends on.
struct Sent<'a> {
    request: &'a Request,
    target: &'a Target,
    signature: Signature,
    is_s3: bool,
}

impl Sent<'_> {
    fn new<'a>(request: &'a Request, told: &Told) -> Option<Sent<'a>> {
        // No service takes a longer path.
        let target = request.target.as_ref().map(|t| &t.value).filter(|t| t.path.len() <= 64 * 1024)?;
        let signature = sigv4::find_signature(request).unwrap_or_default();
        let kind = request::find_host(request).map_or("", |(name, _)| host::classify(name).kind);
        let service = match (&signature.service, &told.to_sign) {
            (service, _) if !service.is_empty() => service.as_str(),
            (_, Some(to_sign)) => to_sign.service(),
            _ => kind,
        };
        let is_s3 = service.starts_with("s3");
        Some(Sent { request, target, signature, is_s3 })
    }

    fn list_steps(&self, told: &Told) -> Vec<Step> {
        let mut steps = Vec::new();
        if let Some(service) = &told.canonical {
            steps.extend([self.compare_verb(service), self.compare_path(service), self.compare_query(service)]);
            steps.extend(service.headers.iter().map(|(name, value)| self.compare_header(name, value)));
            steps.extend([self.compare_signed_headers(service), self.compare_payload(service)]);
        }
        if let Some(to_sign) = &told.to_sign {
            steps.extend([self.compare_date(&to_sign.date), self.compare_scope(to_sign)]);
            if told.canonical.is_none() {
                steps.push(self.compare_hash(to_sign));
            }
        }
        steps
    }

    fn compare_verb(&self, service: &Canonical) -> Step {
        let Some(verb) = &self.request.verb else { return Step::Unknown };
        let verb = verb.value.to_ascii_uppercase();
        differ(service.verb == verb, || Difference {
            what: "verb",
            header: None,
            service: harmless::name(&service.verb),
            request: harmless::name(&verb),
            meaning: "The service received another method than the one shown, so something on the way changed it, or this is \
                      another request."
                .to_owned(),
        })
    }

    fn compare_path(&self, service: &Canonical) -> Step {
        if fields::is_cut(&self.target.path) || fields::is_cut(&service.path) {
            return Step::Unknown;
        }
        let paths = canonical::list_paths(&self.target.path, self.is_s3);
        let same_decoded = decode_fully(&paths[0]) == decode_fully(&service.path);
        differ(paths.contains(&service.path), || Difference {
            what: "path",
            header: None,
            service: harmless::path(&service.path),
            request: harmless::path(&paths[0]),
            meaning: match same_decoded {
                true => {
                    "The path is the same, but it is percent-encoded differently: it was encoded or decoded once more on the \
                         way than when it was signed."
                        .to_owned()
                }
                false => "The service received another path than the one shown: something on the way rewrote it, such as an \
                          origin path, a base path mapping or a proxy."
                    .to_owned(),
            },
        })
    }

    fn compare_query(&self, service: &Canonical) -> Step {
        let query = self.target.query.as_deref().unwrap_or("");
        if fields::is_cut(query) || fields::is_cut(&service.query) {
            return Step::Unknown;
        }
        let queries = canonical::list_queries(query);
        differ(queries.contains(&service.query), || Difference {
            what: "query",
            header: None,
            service: harmless::query(&service.query),
            request: harmless::query(&queries[0]),
            meaning: explain_query(&service.query, &queries[0]),
        })
    }

    fn compare_header(&self, name: &str, value: &str) -> Step {
        let sent = canonical::find_value(self.request, name);
        let is_all = self.request.whole && self.request.source == Source::Wire;
        let is_known = |text: &str| !fields::is_placeholder(text);
        let sent = match sent {
            Some(sent) if is_known(&sent) && is_known(value) || sent == value => sent,
            // What was sent does not have it, so it came in on the way. A command's program may add headers of its own.
            None if is_all && name != "host" && !value.is_empty() => String::new(),
            None if is_all && value.is_empty() => return Step::Same,
            _ => return Step::Unknown,
        };
        let is_same = match name {
            "host" => canonical::is_same_host(&sent, value),
            _ => sent == value,
        };
        differ(is_same, || explain_header(name, value, &sent))
    }

    fn compare_signed_headers(&self, service: &Canonical) -> Step {
        if self.signature.signed_headers.is_empty() {
            return Step::Unknown;
        }
        differ(service.signed == self.signature.signed_headers, || Difference {
            what: "signed-headers",
            header: None,
            service: harmless::names(&service.signed),
            request: harmless::names(&self.signature.signed_headers),
            meaning:
                "The service takes other headers as signed than the request names; the names have to stand in SignedHeaders \
                      in lower case and in alphabetical order."
                    .to_owned(),
        })
    }

    fn compare_payload(&self, service: &Canonical) -> Step {
        let Some((hash, is_certain)) = canonical::find_payload(self.request, &self.signature, self.is_s3) else {
            return Step::Unknown;
        };
        if hash != service.payload && !is_certain {
            return Step::Unknown;
        }
        differ(hash == service.payload, || Difference {
            what: "payload",
            header: None,
            service: harmless::hash(&service.payload),
            request: harmless::hash(&hash),
            meaning: explain_payload(&service.payload),
        })
    }

    fn compare_date(&self, service: &str) -> Step {
        let query = fields::list_query(self.request);
        let header = find_header(&self.request.headers, "x-amz-date").map(|h| h.value.trim().to_owned());
        let date = header.or_else(|| sigv4::find_any_case(&query, "x-amz-date").map(|f| f.value.clone()));
        match date.filter(|d| !fields::is_placeholder(d)) {
            Some(date) => differ(date == service, || explain_date(service, &date)),
            None => Step::Unknown,
        }
    }

    fn compare_scope(&self, service: &ToSign) -> Step {
        let Signature { date, region, service: name, .. } = &self.signature;
        if [date, region, name].iter().any(|part| part.is_empty() || fields::is_placeholder(part)) {
            return Step::Unknown;
        }
        let scope = format!("{date}/{region}/{name}/aws4_request");
        differ(scope == service.scope, || Difference {
            what: "scope",
            header: None,
            service: harmless::scope(&service.scope),
            request: harmless::scope(&scope),
            meaning: "The service takes the request for another date, region or service than the credential scope names."
                .to_owned(),
        })
    }

    /// All that the service shows of its canonical request is a hash: it proves that nothing differs, or nothing at all.
    fn compare_hash(&self, service: &ToSign) -> Step {
        let built = canonical::build(self.request, &self.signature, self.is_s3);
        match built.is_some_and(|text| sigv4::hash(&text) == service.hash) {
            true => Step::Same,
            false => Step::Unknown,
        }
    }
}

fn differ(is_same: bool, difference: impl FnOnce() -> Difference) -> Step {
    if is_same { Step::Same } else { Step::Differs(difference()) }
}

fn decode_fully(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..3 {
        text = percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned();
    }
    text
}

fn explain_query(service: &str, request: &str) -> String {
    let sorted = |query: &str| {
        let mut parts: Vec<String> = query.split('&').map(decode_fully).collect();
        parts.sort();
        parts
    };
    let names = |query: &str| query.split('&').map(|p| p.split('=').next().unwrap_or("").to_owned()).collect::<Vec<_>>();
    let text = match () {
        () if sorted(service) == sorted(request) => {
            "The query has the same parameters, in another order or encoded differently: sort them by their encoded names, and \
             encode everything but letters, digits, - . _ and ~."
        }
        () if names(service) == names(request) => {
            "A query parameter reached the service with another value than the one shown, so something on the way changed it."
        }
        () => "The service received other query parameters than those shown: something on the way added, dropped or renamed one.",
    };
    text.to_owned()
}

fn explain_header(name: &str, service: &str, request: &str) -> Difference {
    let meaning = match name {
        "host" => {
            "The request was signed for another host than the one that the service received it on; sign for the host that the \
             service sees, or let what stands between pass the Host header on."
        }
        "x-amz-date" => "The service received another x-amz-date than the one shown: something on the way changed it.",
        "x-amz-content-sha256" => "The service received another hash of the body than the one shown.",
        _ if service.is_empty() => {
            "The header is signed, but the service received it empty or not at all: something on the way removed it."
        }
        _ if request.is_empty() => {
            "The service received a header that the request shown does not carry: something on the way added it."
        }
        _ => "The header is signed, but the service received another value: something on the way changed it.",
    };
    let what = match name {
        "host" => "host",
        "x-amz-date" => "date",
        "x-amz-content-sha256" => "payload",
        _ => "header",
    };
    let show = |value: &str| match what {
        "date" => harmless::date(value),
        "payload" => harmless::hash(value),
        _ => header_value(name, value),
    };
    Difference {
        what,
        header: (what == "header").then(|| harmless::name(name)),
        service: show(service),
        request: show(request),
        meaning: meaning.to_owned(),
    }
}

fn explain_payload(service: &str) -> String {
    let text = if service == sigv4::hash("") {
        "The service received no body, but one was signed: the body was lost on the way or is not sent with this method."
    } else {
        "The body that the service received is not the one that was signed: it was changed after signing, or another one was signed."
    };
    text.to_owned()
}

fn explain_date(service: &str, request: &str) -> Difference {
    Difference {
        what: "date",
        header: None,
        service: harmless::date(service),
        request: harmless::date(request),
        meaning: "The service takes another time as the time of signing than the request shows.".to_owned(),
    }
}

#[cfg(test)]
mod tests;
