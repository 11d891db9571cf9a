//! A recovery agent's key in Azure Key Vault or a Managed HSM, used where it lies: the vault unwraps, the key never leaves it.
//!
//! ```text
//!  address ──► place: which host, which resource ──► challenge, checked ──► sign-in ──► key, certificate ──► unwrapkey
//!              (nothing is sent to any other host)   (no token before)      (the officer's own)             (else decrypt)
//! ```
//!
//! A version is pinned by the address: what was archived to one version of a key opens with that version and no other,
//! however often the key is rotated. Not verified against a live vault.

mod address;
mod bundle;
mod error;
mod key;
mod place;
mod session;

pub use address::{KeyVaultAddress, VaultObject};
pub use key::{KeyVaultAgent, KeyVaultRecoveryKey};
pub use session::{KeyVaultSettings, VaultSignIn};
