//! The few places where SQL is not the same everywhere. Repositories write one portable text:
//!
//! * `?` stands for each parameter;
//! * `{now}` stands for the database's own clock in milliseconds since 1970; leases use it, because several daemons share
//!   one database;
//! * `{+}` before a column keeps SQLite's planner from choosing an index for it. Without it SQLite takes an index on a
//!   filter in preference to the one that gives the order, and sorts: a page over a million rows then takes seconds
//!   instead of milliseconds;
//! * `{free}` behind the `LIMIT` of a SELECT that picks work leaves out rows that another unit of work is about to take, where
//!   the database can tell; elsewhere they are picked and then found taken;
//! * `LIMIT ?` ends a SELECT.
//!
//! Ids are made by the program; there is no RETURNING, no upsert, no OFFSET.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::mssql::translate::translate;

/// Which SQL is spoken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Dialect {
    Sqlite,
    MySql,
    SqlServer,
}

impl Dialect {
    /// The portable text in this dialect.
    pub(crate) fn text(self, sql: Cow<'static, str>) -> Cow<'static, str> {
        let (now, unindexed, free) = match self {
            Self::Sqlite => ("CAST(unixepoch('subsec') * 1000 AS INTEGER)", "+", ""),
            Self::MySql => ("CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)", "", "FOR UPDATE SKIP LOCKED"),
            Self::SqlServer => return Cow::Owned(translate(&sql)),
        };
        if !sql.contains('{') {
            return sql;
        }
        Cow::Owned(sql.replace("{now}", now).replace("{+}", unindexed).replace("{free}", free))
    }

    /// How `ORDER BY` sorts two texts: by code points, on SQL Server by UTF-16 code units. The difference is where
    /// characters beyond the first 65,536 stand.
    pub(crate) fn compare(self, one: &str, other: &str) -> Ordering {
        match self {
            Self::Sqlite | Self::MySql => one.cmp(other),
            Self::SqlServer => one.encode_utf16().cmp(other.encode_utf16()),
        }
    }
}

/// A column that SQLite's planner shall not choose an index for.
pub(crate) fn unindexed(column: &str) -> String {
    format!("{{+}}{column}")
}

/// `(?, ?, …)` for `count` values.
pub(crate) fn places(count: usize) -> String {
    let mut list = String::with_capacity(count * 3 + 2);
    list.push('(');
    for n in 0..count {
        list.push_str(if n == 0 { "?" } else { ", ?" });
    }
    list.push(')');
    list
}
