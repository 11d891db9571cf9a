//! The built-in authority, seen from outside: by its books, by OpenSSL's program, and by linters that others wrote.

mod books;
mod lint;
mod names;
mod openssl;
mod world;
