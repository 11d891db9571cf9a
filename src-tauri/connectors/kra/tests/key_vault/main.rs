//! Recovery keys in a vault, against a simulated one: what OpenSSL's program encrypted opens there, and everything that
//! stands in the way says what to do. Nobody who poses as a vault gets a token.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what went wrong by failing")]

mod agents;
mod faults;
mod foreign;
mod open;
mod sign_in;
mod signing;
mod world;
