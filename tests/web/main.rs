//! What visitors and programs do with the running site, one file per journey. Each test has a site of its own.

#[path = "../support/mod.rs"]
mod support;

mod api;
mod audit;
mod backups;
mod diagnosis;
mod explain;
mod folder;
mod gaps;
mod images;
mod imports;
mod links;
mod misses;
mod outcomes;
mod pages;
mod people;
mod proxy;
mod publishing;
mod refusals;
mod review;
mod safety;
mod transport;
mod writing;
