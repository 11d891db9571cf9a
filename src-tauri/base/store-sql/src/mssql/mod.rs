//! SQL Server and Azure SQL through tiberius: connections, units of work, faults, schema. Nothing outside this folder
//! names the driver.
//!
//! Checked against Microsoft's mock of the protocol (sign-in, TLS, redirection, broken connections) and against an
//! independent parser of T-SQL. **It has not been run against a live SQL Server or Azure SQL yet**; the suite for that is
//! `tests/mssql.rs`.

mod connect;
mod connection;
mod fault;
mod holder;
mod line;
pub(crate) mod migrate;
mod pool;
mod rights;
mod row;
pub(crate) mod translate;
mod unit;

pub(crate) use pool::Pool;
pub(crate) use row::Row;
pub(crate) use unit::Unit;

#[cfg(test)]
mod literals;
#[cfg(test)]
mod mock_server;
#[cfg(test)]
mod server_tests;
#[cfg(test)]
mod statement_tests;
#[cfg(test)]
mod suite_tests;
