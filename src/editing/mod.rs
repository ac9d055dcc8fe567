//! Text in, text out: what a wiki does with the markdown of a document, and nothing else.
//!
//! [`merge`] joins what two people wrote, [`diff`] shows what changed, [`authorship`] says who wrote a line. Nothing here reads
//! a clock, a file or the knowledge base, and no time grows faster than its text. Start at [`merge::merge`].

pub mod authorship;
pub mod diff;
pub mod draft;
pub mod form;
pub mod lines;
pub mod merge;
pub mod references;

#[cfg(test)]
mod growth;
