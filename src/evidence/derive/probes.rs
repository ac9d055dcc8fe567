//! What the output of read-only commands tells, beside the request.

use super::super::facts::Facts;
use super::super::wire::Found;

/// Comes after the request's facts, because it compares with them.
pub fn derive(_found: &Found, _facts: &mut Facts) {}
