//! The few places where SQL is not the same everywhere. Everything else in this crate is portable: `?` placeholders,
//! ids made by the program, no RETURNING, no upsert, keyset pages.

/// The database's own clock in milliseconds since 1970. Leases use it, because several daemons share one database.
macro_rules! now_ms {
    () => {
        "CAST(unixepoch('subsec') * 1000 AS INTEGER)"
    };
}
pub(crate) use now_ms;

/// Keeps the planner from choosing an index for this column.
///
/// Without it SQLite takes an index on a filter in preference to the one that gives the order, and sorts: a page over a
/// million rows then takes seconds instead of milliseconds.
pub(crate) fn unindexed(column: &str) -> String {
    format!("+{column}")
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
