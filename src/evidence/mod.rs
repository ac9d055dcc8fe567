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

/// Requests of one paste that are told with their URL.
const MOST_SUMMARIES: usize = 50;

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
}

impl Evidence {
    /// Facts and text, ready for expressions.
    pub fn scope<'a>(&'a self, paste: &'a Paste) -> detect::Scope<'a> {
        detect::Scope::new(&self.facts, paste.text())
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

/// Reads a paste. `choice` is the number of the request to look at, counted from 0; without one, the one that failed.
pub fn read(paste: &Paste, vocabulary: &Vocabulary, choice: Option<usize>) -> Evidence {
    let lines = Lines::new(paste.text());
    let mut found = readers::read(&lines);
    let paired = pairing::pair(std::mem::take(&mut found.exchanges));
    let chosen = choice.filter(|&n| n < paired.len()).or_else(|| pairing::failing(&paired));
    let exchange = chosen.map(|n| &paired[n].exchange);
    let disagreements = chosen.map(|n| pairing::disagreements(&paired[n])).unwrap_or_default();
    let (mut facts, signature) = derive::derive(exchange, &found);
    if !disagreements.is_empty() {
        facts.request.verb = facts::Fact::default();
    }
    Evidence {
        facts,
        redacted: redact::redact(paste.text(), vocabulary),
        summary: exchange.map(|e| summary::summarise(e, vocabulary)).unwrap_or_default(),
        readers: found.readers,
        requests: requests(&paired, chosen, vocabulary),
        disagreements,
        signature,
    }
}

/// Every request of the paste, the first ones with their URL.
fn requests(all: &[pairing::Paired], chosen: Option<usize>, vocabulary: &Vocabulary) -> Vec<RequestLine> {
    let mut lines = pairing::list(all, chosen);
    for (line, paired) in lines.iter_mut().zip(all).take(MOST_SUMMARIES) {
        line.label = summary::summarise(&paired.exchange, vocabulary);
    }
    lines
}
