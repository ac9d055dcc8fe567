//! Fixpath.
pub mod kb;
pub mod diagnosis;
pub mod content;
