//! Programs that others wrote open what this crate makes, and this crate opens what they make. Nothing here
//! is proven by the crate's own other half.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "interop/agree.rs"]
mod agree;
#[path = "interop/certificate.rs"]
mod certificate;
#[path = "interop/connector_key.rs"]
mod connector_key;
#[path = "interop/envelope.rs"]
mod envelope;
#[path = "interop/hybrid.rs"]
mod hybrid;
#[path = "interop/pfx.rs"]
mod pfx;
mod programs;
#[path = "interop/quorum.rs"]
mod quorum;
#[path = "interop/recovery_blob.rs"]
mod recovery_blob;
#[path = "interop/request.rs"]
mod request;
#[path = "interop/rewrap.rs"]
mod rewrap;
#[path = "interop/signature.rs"]
mod signature;
#[path = "interop/status.rs"]
mod status;
mod support;
#[path = "interop/wrap.rs"]
mod wrap;
