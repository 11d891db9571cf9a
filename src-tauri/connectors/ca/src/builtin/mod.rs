//! The built-in authority: a private root and an issuing authority that live in the product's own database.
//!
//! ```text
//!   order ──► request and names checked ──► books (one transaction) ──► certificate
//!                                             │
//!                                             └──► revocation list ──► file · HTTP
//! ```
//! The books are [`store::IssuanceLedger`]: a certificate is handed out only after it is entered there, and one reference
//! gives one certificate for ever. The root's private key is not needed here and never comes here.

mod authority;
mod books;
mod error;
mod file;
mod founding;
mod list;
mod settings;

pub use authority::{BuiltinAuthority, BuiltinParts};
pub use founding::{Founded, Founding, create};
pub use list::PublishedFile;
pub use settings::BuiltinSettings;

/// Name of this connector in [`store::StoredAuthority::connector`].
pub const CONNECTOR: &str = "builtin";
