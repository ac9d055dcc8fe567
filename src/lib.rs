//! Fixpath finds which cause is behind a symptom, and shows its fix.
//!
//! The modules, in reading order. Each uses only modules above it; `tests/tidy.rs` reads the sources and objects otherwise.
//!
//! * [`kb`]: the vocabulary. What stands in a [`kb::KnowledgeBase`] was checked, so nobody checks it again.
//! * [`editing`]: text in, text out: merging, comparing, blaming, and changing one field of a text alone. Pure.
//! * [`diagnosis`]: from answers to the next question or the fix. Pure: the same facts give the same result, in any order.
//! * [`evidence`]: from a pasted text to facts, and to a copy without secrets. Pure, and reading never fails.
//! * [`content`]: markdown files to a knowledge base, pictures to pixels, or every problem at once. The only reader of content files.
//! * [`search`]: from an error message to entries. The index is a cache: it can be rebuilt from the knowledge base at any time.
//! * [`store`]: SQLite, the store of record. What it acknowledged survives a crash. The only SQL.
//! * [`settings`]: what the operator typed, checked once.
//! * [`app`]: what Fixpath does, whoever asks. Introduces `content`, `search` and `store` to each other; a request reads one
//!   immutable [`app::snapshot::Snapshot`] from start to end.
//! * [`web`]: the front door for browsers and the JSON API.
//! * [`cli`]: the front door for operators.
//!
//! A diagnosis is a link: its parameters are the whole state, and each request folds them through the engine again. Start
//! at [`diagnosis`] for how it thinks, at [`app::App`] for what it does, at [`web`] for what people see.

pub mod app;
pub mod cli;
pub mod content;
pub mod diagnosis;
pub mod editing;
pub mod evidence;
pub mod kb;
pub mod search;
pub mod settings;
pub mod store;
pub mod web;
