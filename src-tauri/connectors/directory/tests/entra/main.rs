//! The door to the directory, driven against the simulated cloud over TLS.

mod changes;
mod login;
mod people;
mod trouble;
mod world;
