//! The saga, against doors that answer as they are told: the right thing, nothing, too late, or something else.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what went wrong by failing")]

mod authority;
mod delivering;
mod failing;
mod forged;
mod giving_up;
mod intune;
mod keys;
mod ordering;
mod repeating;
mod world;
