//! What the crate promises, shown through its public face. Independent programs have their say in
//! `interop.rs`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "behaviour/bound.rs"]
mod bound;
#[path = "behaviour/certificate.rs"]
mod certificate;
#[path = "behaviour/connector_key.rs"]
mod connector_key;
#[path = "behaviour/envelope.rs"]
mod envelope;
#[path = "behaviour/hybrid.rs"]
mod hybrid;
#[path = "behaviour/key.rs"]
mod key;
#[path = "behaviour/pfx.rs"]
mod pfx;
#[path = "behaviour/quorum.rs"]
mod quorum;
#[path = "behaviour/request.rs"]
mod request;
mod support;
#[path = "behaviour/wrap.rs"]
mod wrap;
