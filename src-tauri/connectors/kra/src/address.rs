//! Where a recovery key lives, as an officer types it: one text, whose beginning tells the kind of place.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::certificate_store::{self, StoreAddress};
use crate::key_vault::KeyVaultAddress;
use crate::pkcs11::{SCHEME, TokenUri};

/// The address of a recovery key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Address {
    /// A PKCS#12 file: anything that begins in no other way.
    File(PathBuf),
    /// A key in Azure Key Vault or a Managed HSM: `https://…`.
    KeyVault(KeyVaultAddress),
    /// The key of a certificate in a Windows certificate store: begins with `cert:`.
    Store(StoreAddress),
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
            Self::Store(_) | Self::Token(_) => "PIN",
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
        let scheme = typed.get(..certificate_store::SCHEME.len()).unwrap_or_default();
        if scheme.eq_ignore_ascii_case(certificate_store::SCHEME) {
            return typed.parse().map(Self::Store).map_err(|why: String| {
                format!("{why}; a file whose name begins like that is named with its folder, `./{typed}`")
            });
        }
        Ok(Self::File(PathBuf::from(typed)))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::KeyVault(address) => address.fmt(f),
            Self::Store(address) => address.fmt(f),
            Self::Token(uri) => uri.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_tells_the_kind_of_place() {
        let kind = |typed: &str| match typed.parse::<Address>() {
            Ok(Address::File(_)) => "file",
            Ok(Address::KeyVault(_)) => "vault",
            Ok(Address::Store(_)) => "store",
            Ok(Address::Token(_)) => "token",
            Err(_) => "refused",
        };
        let thumbprint = "00112233445566778899aabbccddeeff00112233";
        for (typed, expected) in [
            ("kra-1.p12", "file"),
            (r"C:\keys\kra-1.p12", "file"),
            ("./cert:kra-1.p12", "file"),
            ("certificates/kra-1.p12", "file"),
            (&format!(r"cert:\CurrentUser\My\{thumbprint}"), "store"),
            (&format!("CERT:/localmachine/my/{thumbprint}"), "store"),
            ("cert:kra-1.p12", "refused"),
            (r"Cert:\CurrentUser\My", "refused"),
            ("pkcs11:token=KRA", "token"),
            ("https://contoso.vault.azure.net/keys/kra-1/0123456789abcdef0123456789abcdef", "vault"),
            ("", "refused"),
        ] {
            assert_eq!(kind(typed), expected, "{typed}");
        }
        assert!("cert:kra-1.p12".parse::<Address>().unwrap_err().contains("`./cert:kra-1.p12`"));
    }
}
