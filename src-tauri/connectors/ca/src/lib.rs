//! Connectors to certification authorities, a folder each.
//!
//! A connector translates between [`ports::CertificateAuthority`] and what its authority speaks. It decides nothing about
//! people or templates, and it never hands out a certificate that was not asked for by an order.
#![warn(missing_docs)]

pub mod builtin;
pub mod status;
