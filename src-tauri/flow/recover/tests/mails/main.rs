//! Mails that OpenSSL's program and Python's libraries encrypted are decrypted; what cannot be is told in one sentence.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what went wrong by failing")]

mod bench;
mod forms;
mod nested;
mod trouble;
