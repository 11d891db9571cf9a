//! Signs in to a database server with the password that this installation's vault keeps. It is read for every new
//! connection, so that a changed password is used from the next one on.

use std::sync::Arc;

use async_trait::async_trait;
use store_sql::Login;
use zeroize::Zeroizing;

use super::{SecretName, Vault};
use crate::works::chain;

/// The password of the database account, out of the vault.
pub(crate) struct VaultPassword {
    vault: Arc<Vault>,
}

impl VaultPassword {
    /// Reads from this vault.
    pub(crate) fn new(vault: Arc<Vault>) -> Self {
        Self { vault }
    }
}

#[async_trait]
impl Login for VaultPassword {
    async fn secret(&self) -> Result<Zeroizing<String>, String> {
        let vault = Arc::clone(&self.vault);
        // A keyring may ask a person first.
        let read = tokio::task::spawn_blocking(move || vault.read(SecretName::DATABASE_PASSWORD)).await;
        let stored = read
            .map_err(|error| format!("reading the password of the database was cut off: {error}"))?
            .map_err(|error| chain(&error))?
            .ok_or(
                "this installation has no password for its database account: store it with `sealwright database password`, \
                 which asks for it, or give it to the service as the systemd credential `database-password`",
            )?;
        // A credential that was written with an editor ends with a line break.
        let line = stored.strip_suffix(b"\n").unwrap_or(&stored);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match std::str::from_utf8(line) {
            Ok(text) if !text.is_empty() => Ok(Zeroizing::new(text.to_owned())),
            Ok(_) => Err("the stored password of the database account is empty: store it again with `sealwright database \
                          password`"
                .to_owned()),
            Err(_) => Err("the stored password of the database account is no text: store it again with `sealwright \
                           database password`"
                .to_owned()),
        }
    }
}
