//! Text in, text out: what a wiki does with the markdown of a document, and nothing else.
//!
//! [`merge`] joins what two people wrote, [`diff`] shows what changed, [`authorship`] says who wrote a line. [`form`] changes
//! one field of the front matter and leaves every other byte alone; [`references`] follows a rename through other documents;
//! [`names`] keeps
//! what a document was called; [`draft`] begins a new one. Nothing here reads a clock, a file or the knowledge base, and no time grows faster than its
//! text. Start at [`merge::merge`] and [`form::apply`].

pub mod authorship;
pub mod diff;
pub mod draft;
pub mod form;
pub mod lines;
pub mod merge;
pub mod names;
mod patch;
pub mod references;
mod yaml;

#[cfg(test)]
mod growth;
#[cfg(test)]
mod tests;
