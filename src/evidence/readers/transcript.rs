//! HTTP as text: what clients print about a request and its answer.
//!
//! Each form has a module of its own: [`verbose`] for the prefixed lines of `curl -v`, [`plain`] for raw requests and
//! answers, [`panes`] for the panes of Postman and browsers, [`debug`] for the debug output of other clients, [`loose`] for
//! single headers and status lines. They share [`head`] for lines, [`body`] for where a body ends and [`record`] for what is
//! kept of it.

mod body;
mod debug;
mod head;
mod loose;
mod notes;
mod panes;
mod plain;
pub mod record;
#[cfg(test)]
mod tests;
mod trace;
mod verbose;
mod wget;

pub use debug::read_sent_head;

use super::super::lines::Lines;
use super::super::wire::Found;
use super::Reader;

/// From strict to weak.
const FORMS: &[Reader] =
    &[verbose::read, trace::read, debug::read, wget::read, panes::read, plain::read, loose::read_hint, loose::read_headers];

/// Reads the transcript that begins at a line.
pub fn read(lines: &Lines<'_>, at: usize, found: &mut Found) -> Option<usize> {
    if lines.at(at).trim().is_empty() {
        return None;
    }
    FORMS.iter().find_map(|read| read(lines, at, found))
}
