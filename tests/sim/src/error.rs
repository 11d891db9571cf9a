//! Why the simulator could not start or could not do what a test asked of it.
//!
//! Answers to HTTP clients are not made here: those imitate the services word for word (`graph::error`, `entra::error`).

use std::net::SocketAddr;

use thiserror::Error;
use uuid::Uuid;

/// What went wrong with the simulator itself.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SimError {
    /// The simulator holds a fake cloud with known keys; it never listens where others can reach it.
    #[error("the simulator listens on loopback addresses only, and {0} is not one; use 127.0.0.1:0")]
    NotLoopback(SocketAddr),
    /// The port is taken, or the system has no loopback.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system answered.
        source: std::io::Error,
    },
    /// OpenSSL failed at a step that must work (key generation, certificates of the simulator itself).
    #[error("the simulator's own cryptography failed: {0}")]
    Crypto(#[from] openssl::error::ErrorStack),
    /// A tenant file that is no Graph export.
    #[error("{place}: {problem}")]
    Export {
        /// Where: `line 3, column 12` or `value[4].mail`.
        place: String,
        /// What is wrong and what to do.
        problem: String,
    },
    /// A test named a user that the tenant does not have.
    #[error("the tenant has no user {0}")]
    NoSuchUser(String),
    /// A test named a group that the tenant does not have.
    #[error("the tenant has no group {0}")]
    NoSuchGroup(Uuid),
    /// A test named a key that the vault does not have.
    #[error("the vault has no key {0}")]
    NoSuchKey(String),
    /// A test named a sign-in that does not wait.
    #[error("no sign-in waits for the code {0}")]
    NoSuchSignIn(String),
    /// Two living users cannot share one id.
    #[error("the tenant already has a user with the id {0}")]
    UserExists(Uuid),
    /// A property of a user that does not exist, or a value of the wrong type.
    #[error("property {property}: {problem}")]
    Property {
        /// The Graph name of the property.
        property: String,
        /// What is wrong.
        problem: String,
    },
    /// A certificate, key or file given to the simulator cannot be read.
    #[error("{what} cannot be used: {problem}")]
    Unusable {
        /// What was given.
        what: String,
        /// Why it is refused.
        problem: String,
    },
    /// A thread of the device check-in ended early.
    #[error("the device check-in was interrupted: {0}")]
    Interrupted(String),
}
