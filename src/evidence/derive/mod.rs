//! From what was on the wire to facts. Each part fills its own group of [`Facts`] and looks at nothing but its arguments.

pub mod cors;
pub mod errors;
mod fields;
mod host;
pub mod oauth;
mod others;
pub mod probes;
pub mod request;
pub mod response;
#[cfg(test)]
mod samples;
pub mod signature;
pub mod sigv4;
#[cfg(test)]
mod tests;
mod times;
pub mod token;

use super::facts::Facts;
use super::wire::{Exchange, Found};

/// Works out everything that one of the exchanges shows, beside the others, the errors, logs and outputs that were found with
/// it.
pub fn derive(all: &[&Exchange], chosen: Option<usize>, found: &Found) -> (Facts, Option<signature::Comparison>) {
    let mut facts = Facts::default();
    facts.request.body_bytes.value = -1;
    let exchange = chosen.and_then(|n| all.get(n)).copied();
    let mut comparison = None;
    if let Some(exchange) = exchange {
        request::derive(exchange, &mut facts);
        response::derive(exchange, &mut facts);
        sigv4::derive(exchange, &mut facts);
        token::derive(exchange, &mut facts);
        oauth::derive(exchange, &mut facts);
        cors::derive(exchange, &mut facts);
    }
    if let Some(chosen) = chosen {
        others::derive(all, chosen, &mut facts);
    }
    errors::derive(exchange, found, &mut facts);
    let client = exchange.and_then(|e| oauth::find_client(&e.request));
    probes::derive_beside(client.as_deref(), found, &mut facts);
    if let Some(exchange) = exchange {
        comparison = signature::compare(exchange, found);
        if let Some(comparison) = &comparison {
            signature::derive(comparison, &mut facts);
        }
    }
    (facts, comparison)
}
