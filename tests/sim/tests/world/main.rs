//! The simulator as a visitor meets it: over TLS, with an ordinary HTTP client.

#![expect(clippy::expect_used, reason = "a test fails loudly, also in what it shares with others")]

mod control;
mod delta;
mod devices;
mod entra;
mod faults;
mod forge;
mod groups;
mod intune;
mod key_vault;
mod people;
mod program;
mod users;
mod visitor;
