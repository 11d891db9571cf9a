//! Logins at Entra ID: of the application (OAuth 2.0 client credentials, RFC 6749 section 4.4), and of a person by device
//! code (RFC 8628).
//!
//! The decision what a refusal means is taken on `error` alone; the numbers (`AADSTS…`) only choose the words of the hint,
//! as Microsoft asks of its clients. A login that was refused is never repeated.

mod assertion;
mod credential;
mod device_code;
mod endpoint;
mod refusal;
mod token;

pub use credential::{Application, Credential};
pub use device_code::{DeviceSignIn, PublicApplication, SignedIn};
pub use refusal::Refusal;
pub use token::{AccessToken, TokenSource};
