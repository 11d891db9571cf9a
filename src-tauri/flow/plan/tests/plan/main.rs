//! What the plan promises, by example and for whatever a directory may hold.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what went wrong by failing")]

mod cost;
mod decide;
mod endings;
mod explain;
mod holders;
mod holds;
mod lint;
mod names;
mod sample;
mod whatever;
