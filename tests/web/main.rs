//! What visitors and programs do with the running site, one file per journey. Each test has a site of its own.

#[path = "../support/mod.rs"]
mod support;

mod api;
mod diagnosis;
mod explain;
mod gaps;
mod images;
mod links;
mod misses;
mod outcomes;
mod pages;
mod people;
mod proxy;
mod refusals;
mod safety;
mod transport;
