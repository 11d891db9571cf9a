//! The built-in authority, seen from outside: by its books, by OpenSSL's program, and by linters that others wrote.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what went wrong by failing")]

mod books;
mod lint;
mod names;
mod openssl;
mod several;
mod world;
