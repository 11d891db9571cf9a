//! The store on SQL databases: `store`'s traits on SQLite through sqlx.
//!
//! One file per noun, written against [`session`](self) (a transaction that takes `?` placeholders) and not against a
//! driver; what differs between databases is in `dialect` and in `migrations/<dialect>/`. Secrets never come here in
//! clear: keys and credentials are CMS before they reach a repository.
#![warn(missing_docs)]

mod archive;
mod audit;
mod authority;
mod budget;
mod certificate;
mod codes;
mod columns;
mod delivery;
mod dialect;
mod enrollment;
mod error;
mod installation;
mod job;
mod keyset;
mod ledger;
mod listing;
mod migrate;
mod open;
mod planning;
#[cfg(test)]
mod query_plans;
mod server;
mod service;
mod session;
mod setting;
mod subscriber;
mod template;
mod value;
mod work;
mod writer;

pub use migrate::{Migrated, SchemaInfo};
pub use open::{Location, Options, SqlStore};
pub use server::{Authentication, Login, Password, ServerAddress, ServerKind, Tls};
