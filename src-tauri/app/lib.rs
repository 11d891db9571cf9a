//! The program: chooses between window, service and command line, and puts the parts together.
//!
//! [`compose`] is the one place that knows every adapter. Nothing may depend on this crate but its own binary and tests.

#[cfg(debug_assertions)]
mod bridge;
pub mod cli;
pub mod compose;
mod daemon;
mod demo;
mod doctor;
mod health;
mod host;
mod init;
mod installation;
mod probe;
pub mod settings;
#[cfg(feature = "gui")]
mod window;
mod works;
