//! Error bodies, JSON and XML.

use super::super::lines::Lines;
use super::super::wire::Found;

pub fn read(_lines: &Lines<'_>, _at: usize, _found: &mut Found) -> Option<usize> {
    None
}

/// The errors that a body tells: `{"message": …}`, `{"__type": …}`, `{"error": …}`, `<Error><Code>…`, HTML of a gateway.
pub fn list_errors(_body: &str, _line: usize) -> Vec<super::super::wire::ErrorSeen> {
    Vec::new()
}
