//! The simulator as a visitor meets it: over TLS, with an ordinary HTTP client.

mod control;
mod delta;
mod devices;
mod entra;
mod faults;
mod forge;
mod groups;
mod intune;
mod people;
mod program;
mod users;
mod visitor;
