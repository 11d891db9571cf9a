//! Where the private keys of key recovery agents live, a file a place.
//!
//! Whatever the place, a connector here does one thing: it unwraps a content key. It never shows the private key, and it
//! unwraps by the algorithm that the envelope names, never by trying.
#![warn(missing_docs)]

mod address;
pub mod certificate_store;
mod file;
mod hybrid;
mod key_vault;
mod patience;
pub mod pkcs11;

pub use address::Address;
pub use certificate_store::{StoreAddress, StoreKey, StoreRecoveryKey};
pub use file::FileRecoveryKey;
pub use hybrid::{HybridRecoveryKey, MlKemFile};
pub use key_vault::{
    KeyVaultAddress, KeyVaultAgent, KeyVaultRecoveryKey, KeyVaultSettings, VaultObject, VaultSignIn,
};
pub use pkcs11::{Pkcs11RecoveryKey, TokenKey, TokenUri};
