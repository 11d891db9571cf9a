//! Least privilege in the database: who may read and write which column, as grants that the server enforces.
//!
//! [`rights`](Role::may) is the one table; the shipped scripts ([`prepare`], [`grants`]), the examination of a login
//! ([`probe`]) and what people are told about it ([`Standing::remarks`]) are made from it. SQLite has no roles: whoever
//! can read the file can read all of it.
//!
//! Grants are a fence around honest programs and stolen passwords. What a private key is worth they do not decide: keys
//! are sealed to recovery agents, whatever the database lets anybody read.

mod catalogue;
mod probe;
mod remarks;
mod rights;
mod role;
mod script;

pub use catalogue::{BOOKKEEPING, Column, Kind, TABLES, Table};
pub use probe::{Examiner, Right, Standing, probe};
pub use remarks::{Grade, Remark};
pub use rights::Privilege;
pub use role::Role;
pub use script::{grant_statements, grants, owner_name, prepare, role_name};
