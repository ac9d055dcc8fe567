//! From what was on the wire to facts. Each part fills its own group of [`Facts`] and looks at nothing but its arguments.

pub mod cors;
pub mod errors;
mod fields;
mod host;
pub mod oauth;
pub mod probes;
pub mod request;
pub mod response;
#[cfg(test)]
mod samples;
pub mod signature;
pub mod sigv4;
mod times;
pub mod token;

use super::facts::Facts;
use super::wire::{Exchange, Found};

/// Works out everything that one exchange shows, beside the errors, logs and outputs that were found with it.
pub fn derive(exchange: Option<&Exchange>, found: &Found) -> (Facts, Option<signature::Comparison>) {
    let mut facts = Facts::default();
    let mut comparison = None;
    if let Some(exchange) = exchange {
        request::derive(exchange, &mut facts);
        response::derive(exchange, &mut facts);
        sigv4::derive(exchange, &mut facts);
        token::derive(exchange, &mut facts);
        oauth::derive(exchange, &mut facts);
        cors::derive(exchange, &mut facts);
    }
    errors::derive(exchange, found, &mut facts);
    probes::derive(found, &mut facts);
    if let Some(exchange) = exchange {
        comparison = signature::compare(exchange, found);
        if let Some(comparison) = &comparison {
            signature::derive(comparison, &mut facts);
        }
    }
    (facts, comparison)
}
