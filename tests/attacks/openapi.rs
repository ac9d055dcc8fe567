//! The description of the API, and a program that holds the API to it.
