//! Commands of the AWS CLI that only read, with their output, and output that is not JSON.

use super::super::lines::Lines;
use super::super::wire::Found;

pub fn read(_lines: &Lines<'_>, _at: usize, _found: &mut Found) -> Option<usize> {
    None
}
