//! The program: chooses between window, service and command line, and puts the parts together.
//!
//! [`compose`] is the one place that knows every adapter. Nothing may depend on this crate but its own binary and tests.

mod address_script;
mod auditor;
#[cfg(debug_assertions)]
mod bridge;
mod campaign;
pub mod cli;
pub mod compose;
mod connector;
mod consent;
mod credential;
mod daemon;
mod database;
mod demo;
mod display;
mod doctor;
mod drifts;
mod failure;
mod foundation;
mod handout;
mod health;
mod host;
mod init;
mod installation;
mod inventory;
mod key_vault;
mod limits;
mod mistaken;
mod moving;
mod officers;
mod permissions;
mod person;
mod plan_file;
mod probe;
mod publishing;
mod receipt;
#[cfg(any(feature = "gui", debug_assertions))]
mod recovery;
mod recovery_key;
mod rights;
pub mod settings;
#[cfg(any(feature = "gui", debug_assertions))]
mod setup;
mod signing_in;
mod tenant;
mod tenant_choice;
pub mod vault;
mod watch;
#[cfg(feature = "gui")]
mod window;
mod works;
