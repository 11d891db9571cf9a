//! Logins at Entra ID: of the application (OAuth 2.0 client credentials, RFC 6749 section 4.4; or vouched for by Azure, as a
//! managed identity), and of a person with a browser (RFC 8252) or by device code (RFC 8628).
//!
//! The decision what a refusal means is taken on `error` alone; the numbers (`AADSTS…`) only choose the words of the hint,
//! as Microsoft asks of its clients. A login that was refused is never repeated.

mod assertion;
mod browser;
mod credential;
mod device_code;
mod endpoint;
mod facts;
mod managed_identity;
mod person;
mod refusal;
mod signer;
mod token;
mod vault_signer;

pub use browser::{BrowserSignIn, PATIENCE};
pub use credential::{Application, Credential};
pub use device_code::{DeviceSignIn, PublicApplication, SignedIn};
pub use endpoint::tenant_of;
pub use facts::TokenFacts;
pub use managed_identity::{IdentityPlace, ManagedIdentity, WhichIdentity};
pub use person::{Person, Session, SignInError, resume};
pub use refusal::Refusal;
pub use signer::{AssertionAlgorithm, AssertionSigner, SharedSigner};
pub use token::{AccessToken, TokenSource};
pub use vault_signer::{VaultCertificate, VaultSigner};
