//! The door to devices, driven against the simulated Intune, its connector and its people's devices.
#![expect(clippy::unwrap_used, clippy::panic, reason = "what a test cannot set up ends the test")]

mod deliver;
mod find;
mod fleet;
mod trouble;
mod unfit;
mod withdraw;
mod world;
