//! All cryptography of the product: key pairs, requests, certificates, CMS, PKCS#12.
//!
//! OpenSSL (vendored) lives only here. [`seal`] needs public halves alone; [`open`] and [`recovery_blob`] need private halves and are used
//! by recovery, by the in-flight envelope and by recovery-key connectors, by nothing else. [`issue`] is the built-in
//! authority's signing bench. Key bytes leave this crate only inside [`zeroize::Zeroizing`].
#![warn(missing_docs)]

mod agents;
pub mod agree;
mod asn1;
pub mod certificate;
pub mod connector_key;
mod envelope;
pub mod error;
pub mod hybrid;
pub mod issue;
mod kem;
pub mod key;
pub mod mail;
pub mod message;
pub mod ml_kem;
mod names;
pub mod oaep;
pub mod open;
pub mod path;
pub mod pfx;
pub mod pkcs1;
pub mod quorum;
mod recipients;
pub mod recovery_blob;
pub mod request;
pub mod rewrap;
pub mod rs256;
pub mod seal;
pub mod signature;
pub mod status;
mod text;
pub mod wrap;

pub use agents::{AgentsUnfit, SealingAgents};
pub use certificate::{KeyUsage, X509Certificate};
pub use connector_key::ConnectorKey;
pub use error::CryptoError;
pub use key::PrivateKey;
pub use ml_kem::{MlKemPrivateKey, MlKemPublicKey};
pub use recovery_blob::RecoveryBlob;
pub use request::CertificationRequest;
pub use wrap::WrappingKey;
