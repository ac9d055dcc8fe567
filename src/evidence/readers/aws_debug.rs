//! The log of `aws --debug` and of botocore.

use super::super::lines::Lines;
use super::super::wire::Found;

pub fn read(_lines: &Lines<'_>, _at: usize, _found: &mut Found) -> Option<usize> {
    None
}
