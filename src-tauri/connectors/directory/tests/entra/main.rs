//! The door to the directory, driven against the simulated cloud over TLS.
#![expect(clippy::unwrap_used, clippy::panic, reason = "what a test cannot set up ends the test")]

mod changes;
mod login;
mod people;
mod trouble;
mod world;
