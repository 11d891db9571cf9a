//! Recoveries that several persons carry, told through the public face, against whoever can write the database.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what went wrong by failing")]

#[path = "ceremony/altered.rs"]
mod altered;
#[path = "ceremony/anew.rs"]
mod anew;
#[path = "ceremony/bundle.rs"]
mod bundle;
#[path = "ceremony/carried.rs"]
mod carried;
#[path = "ceremony/meddled.rs"]
mod meddled;
#[path = "ceremony/people.rs"]
mod people;
#[expect(dead_code, unreachable_pub, reason = "samples of all suites")]
#[path = "../../../../tests/conformance/store/sample.rs"]
mod sample;
#[path = "ceremony/spared.rs"]
mod spared;
#[path = "ceremony/stage.rs"]
mod stage;
