//! Fixpath.
pub mod app;
pub mod cli;
pub mod content;
pub mod diagnosis;
pub mod kb;
pub mod search;
pub mod settings;
pub mod store;
pub mod web;
