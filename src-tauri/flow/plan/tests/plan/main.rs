//! What the plan promises, by example and for whatever a directory may hold.
#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

mod decide;
mod lint;
mod names;
mod sample;
mod whatever;
