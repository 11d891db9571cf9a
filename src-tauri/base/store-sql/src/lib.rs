//! The store on SQL databases: `store`'s traits on SQLite, MySQL and MariaDB through sqlx, on SQL Server through tiberius.
//!
//! One file per noun, written against [`session`](self) (a transaction that takes `?` placeholders) and not against a
//! driver; what differs between databases is in `dialect` and in `migrations/<dialect>/`. Secrets never come here in
//! clear: keys and credentials are CMS before they reach a repository.
#![warn(missing_docs)]

mod archive;
mod audit;
mod authority;
mod budget;
mod campaign;
mod canary;
mod certificate;
mod codes;
mod columns;
mod copy;
mod database;
mod delivery;
mod dialect;
mod drift;
mod ending;
mod enrollment;
mod facts;
mod fault;
mod hold;
mod installation;
mod job;
mod keyset;
mod kra_set;
mod ledger;
mod listing;
mod mssql;
mod mysql;
mod people;
mod planning;
mod publication;
#[cfg(test)]
mod query_plans;
mod recovery;
pub mod roles;
mod schema;
mod server;
mod service;
mod session;
mod setting;
mod sqlite;
mod subscriber;
#[cfg(test)]
#[expect(unreachable_pub, reason = "the suite is written for any crate that includes it")]
#[path = "../../../../tests/conformance/store/mod.rs"]
mod suite;
mod template;
#[cfg(test)]
mod test_identity;
mod value;
mod work;

pub use copy::{Copied, CopyStep};
pub use database::{Location, Options, SqlStore};
pub use facts::ServerFacts;
pub use schema::{Migrated, PlannedStep, SchemaInfo};
pub use server::{Authentication, Login, Password, ServerAddress, ServerKind, Tls};
