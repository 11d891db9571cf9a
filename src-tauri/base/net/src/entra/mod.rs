//! Logins of the application at Entra ID (OAuth 2.0 client credentials, RFC 6749 section 4.4).
//!
//! The decision what a refusal means is taken on `error` alone; the numbers (`AADSTS…`) only choose the words of the hint,
//! as Microsoft asks of its clients. A login that was refused is never repeated.

mod assertion;
mod credential;
mod refusal;
mod token;

pub use credential::{Application, Credential};
pub use refusal::Refusal;
pub use token::{AccessToken, TokenSource};
