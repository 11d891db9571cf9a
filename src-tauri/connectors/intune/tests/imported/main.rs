//! The door to devices, driven against the simulated Intune, its connector and its people's devices.

mod deliver;
mod find;
mod trouble;
mod unfit;
mod withdraw;
mod world;
