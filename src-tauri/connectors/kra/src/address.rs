//! Where a recovery key lives, as an officer types it: one text, whose beginning tells the kind of place.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::key_vault::KeyVaultAddress;
use crate::pkcs11::{SCHEME, TokenUri};

/// The address of a recovery key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Address {
    /// A PKCS#12 file: anything that begins in no other way.
    File(PathBuf),
    /// A key in Azure Key Vault or a Managed HSM: `https://…`.
    KeyVault(KeyVaultAddress),
    /// A key on a smartcard, token or HSM: begins with `pkcs11:`.
    Token(Box<TokenUri>),
}

impl Address {
    /// What opens it, for the prompt: `password` or `PIN`.
    pub const fn secret_name(&self) -> &'static str {
        match self {
            Self::File(_) => "password",
            // Asked for by Entra ID, and not by us.
            Self::KeyVault(_) => "sign-in",
            Self::Token(_) => "PIN",
        }
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err("it is empty; name the PKCS#12 file with the agent's key".to_owned());
        }
        if typed.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://"))
            || typed.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("http://"))
        {
            return typed.parse().map(Self::KeyVault);
        }
        let scheme = typed.get(..SCHEME.len()).unwrap_or_default();
        if scheme.eq_ignore_ascii_case(SCHEME) {
            return typed.parse().map(|uri| Self::Token(Box::new(uri)));
        }
        Ok(Self::File(PathBuf::from(typed)))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::KeyVault(address) => address.fmt(f),
            Self::Token(uri) => uri.fmt(f),
        }
    }
}
