//! Errors, failures of the network and what logs tell.

use super::super::facts::Facts;
use super::super::wire::{Exchange, Found};

/// `exchange` is the chosen one: its own errors come first.
pub fn derive(_exchange: Option<&Exchange>, _found: &Found, _facts: &mut Facts) {}
