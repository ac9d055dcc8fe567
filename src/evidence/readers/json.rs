//! JSON that stands alone: a HAR, the output of a command, the body of an answer.

use super::super::lines::Lines;
use super::super::wire::Found;

pub fn read(_lines: &Lines<'_>, _at: usize, _found: &mut Found) -> Option<usize> {
    None
}
