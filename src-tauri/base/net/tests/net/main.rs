//! The client against a server on loopback whose every word is scripted: cut connections, pages instead of JSON, lost answers.
#![expect(clippy::unwrap_used, reason = "what a test cannot set up ends the test")]

mod browser;
mod client;
mod device_code;
mod entra;
mod graph;
mod managed_identity;
mod person;
mod redaction;
mod scripted;
