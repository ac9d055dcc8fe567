//! Fixpath.
pub mod kb;
pub mod diagnosis;
pub mod content;
pub mod search;
pub mod store;
pub mod settings;
pub mod app;
pub mod web;
pub mod cli;
