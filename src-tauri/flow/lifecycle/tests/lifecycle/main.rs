//! What the lifecycle promises, on a real store without an outside world.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what went wrong by failing")]

mod campaigns;
mod cycle;
mod devices;
mod drift;
mod drift_book;
mod drift_size;
mod drills;
mod failing;
mod holds;
mod leaving;
mod outlook;
mod renew;
mod sample;
mod saved;
mod settled;
mod status;
