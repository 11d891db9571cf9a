//! Who is let in, whom nobody can let in by writing the database, and who can open what.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what went wrong by failing")]

mod faults;
mod gate;
mod log;
mod openssl;
mod pin;
mod rollback;
mod sample;
mod sealing;
mod together;
mod world;
