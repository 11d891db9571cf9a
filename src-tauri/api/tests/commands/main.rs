//! The commands as the window sends them, against a database: who is faster, who may not, what is set up.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod audit;
mod drift;
mod duties;
mod host;
mod people;
mod setup;
mod templates;
