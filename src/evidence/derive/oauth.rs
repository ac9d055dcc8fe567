//! Facts about the oauth.

use super::super::facts::Facts;
use super::super::wire::Exchange;

pub fn derive(_exchange: &Exchange, _facts: &mut Facts) {}
