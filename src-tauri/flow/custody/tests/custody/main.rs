//! Sets of recovery agents: signed, chained, pinned; and what becomes of them when somebody rewrites the database.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what went wrong by failing")]

mod chain;
mod openssl;
mod rewritten;
mod unfit;
mod withdrawn;
mod world;
