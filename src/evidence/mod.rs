//! Pasted text → facts and redactions. Pure, and reading never fails: no async, no clock, no randomness, no logging.
//!
//! [`read`] takes a [`Paste`] through the readers of [`readers`], each of which knows one grammar (curl commands, HTTP
//! transcripts, HAR, exceptions, …) and writes what it finds in the common form of [`wire`]. From that, [`derive`] works out
//! [`facts`] that are true of the wire, which the expressions of [`detect`] turn into answers. [`redact`] makes the copy that
//! may be shown; it does not depend on what the readers understood. Start at [`read`].

pub mod derive;
pub mod detect;
pub mod facts;
mod lines;
mod pairing;
mod paste;
pub mod readers;
pub mod redact;
mod summary;
pub mod wire;

pub use facts::Facts;
pub use lines::Lines;
pub use paste::Paste;
pub use redact::{Redacted, Vocabulary};
use wire::Found;

/// Requests of one paste that are told with their URL.
const MOST_SUMMARIES: usize = 50;

/// From so many bytes on, starting a thread costs less than it saves.
const LONG: usize = 32 * 1024;

/// What a paste shows.
pub struct Evidence {
    pub facts: Facts,
    /// The text with everything dropped that is not known to be harmless; line for line.
    pub redacted: Redacted,
    /// The request that the facts are about, on one line, redacted.
    pub summary: String,
    /// What was recognised, in the order of the text.
    pub readers: Vec<&'static str>,
    /// One line for each request that was shown, so that a person can choose another one.
    pub requests: Vec<RequestLine>,
    /// Facts that two parts of the text tell differently.
    pub disagreements: Vec<Disagreement>,
    /// What the service signed, beside what was sent.
    pub signature: Option<derive::signature::Comparison>,
    paired: Vec<pairing::Paired>,
    found: Found,
}

impl Evidence {
    /// What was found of one of the requests, counted from 0, as if that had been chosen.
    pub fn facts_of(&self, number: usize) -> Facts {
        facts(&self.paired, Some(number), &self.found).0
    }
}

/// One of the requests in a paste.
pub struct RequestLine {
    /// Harmless words: verb, host shape, status.
    pub label: String,
    pub line: usize,
    pub chosen: bool,
}

/// A fact that is shown twice, differently.
pub struct Disagreement {
    pub what: &'static str,
    pub lines: [usize; 2],
}

/// Reads a paste. The facts are those of the request that failed.
pub fn read(paste: &Paste, vocabulary: &Vocabulary) -> Evidence {
    let (mut found, redacted) = read_and_redact(paste.text(), vocabulary);
    let paired = pairing::pair(std::mem::take(&mut found.exchanges));
    let chosen = pairing::failing(&paired);
    let (facts, signature) = facts(&paired, chosen, &found);
    Evidence {
        facts,
        redacted,
        summary: chosen.map(|n| summary::summarise(&paired[n].exchange, vocabulary)).unwrap_or_default(),
        readers: found.readers.clone(),
        requests: requests(&paired, chosen, vocabulary),
        disagreements: chosen.map(|n| pairing::disagreements(&paired[n])).unwrap_or_default(),
        signature,
        paired,
        found,
    }
}

/// Redaction does not depend on the readers: a long text is worth a second processor.
fn read_and_redact(text: &str, vocabulary: &Vocabulary) -> (Found, Redacted) {
    let read = || readers::read(&Lines::new(text));
    if text.len() < LONG {
        return (read(), redact::redact(text, vocabulary));
    }
    std::thread::scope(|scope| {
        let copy = scope.spawn(|| redact::redact(text, vocabulary));
        (read(), copy.join().expect("redaction does not panic"))
    })
}

/// The facts of one request; one that is told in two ways is told in none.
fn facts(paired: &[pairing::Paired], chosen: Option<usize>, found: &Found) -> (Facts, Option<derive::signature::Comparison>) {
    let exchanges: Vec<&wire::Exchange> = paired.iter().map(|p| &p.exchange).collect();
    let (mut facts, signature) = derive::derive(&exchanges, chosen, found);
    if chosen.and_then(|n| paired.get(n)).is_some_and(|p| !pairing::disagreements(p).is_empty()) {
        facts.request.verb = facts::Fact::default();
    }
    (facts, signature)
}

/// Looks for what expressions want to know of the whole text.
pub fn look(paste: &Paste, looks: &detect::Looks) -> detect::Hits {
    looks.find(paste.text())
}

/// Facts and what was found in the text, ready for expressions.
pub fn scope<'a>(facts: &'a Facts, paste: &'a Paste, hits: &'a detect::Hits) -> detect::Scope<'a> {
    detect::Scope::new(facts, paste.text(), hits)
}

/// Every request of the paste, the first ones with their URL.
fn requests(all: &[pairing::Paired], chosen: Option<usize>, vocabulary: &Vocabulary) -> Vec<RequestLine> {
    let mut lines = pairing::list(all, chosen);
    for (line, paired) in lines.iter_mut().zip(all).take(MOST_SUMMARIES) {
        line.label = summary::summarise(&paired.exchange, vocabulary);
    }
    lines
}
