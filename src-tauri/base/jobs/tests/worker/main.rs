//! The worker on a real queue: what is due is done once, what fails comes back, what dies is taken up, what is idle
//! costs nothing.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test target from end to end")]

mod bench;
mod clocks;
mod duties;
mod failing;
mod leases;
mod pace;
mod queue;
mod stopping;
