//! The door to Exchange, driven against the simulated cloud over TLS.
#![expect(clippy::unwrap_used, clippy::panic, reason = "what a test cannot set up ends the test")]

mod book;
mod rights;
mod trouble;
mod world;
