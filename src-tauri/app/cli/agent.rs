//! The key of a recovery agent, for every command that opens something: wherever the address says that it lives.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use kra::{
    Address, FileRecoveryKey, HybridRecoveryKey, KeyVaultAddress, MlKemFile, StoreAddress, StoreKey,
    TokenKey, TokenUri,
};
use ports::RecoveryKey;
use zeroize::Zeroizing;

use super::key_vault::{self, VaultArguments};
use super::output::{Failure, Output};
use crate::compose::Program;
use crate::recovery_key::{self, Trouble};
use crate::settings::read_private;
use crate::works::chain;

/// A reason, unless it is too long; whether one is needed is told by who records it.
pub(super) fn reason(given: &str) -> Result<String, String> {
    if given.trim().is_empty() {
        return Ok(given.to_owned());
    }
    recover::checked_reason(given).map(str::to_owned)
}

/// A recovery agent's key: where it is, and how it is unlocked
#[derive(Debug, Args)]
pub(super) struct KeyArguments {
    /// Where the key is: a PKCS#12 file; `pkcs11:…` or, on Windows, `cert:\CurrentUser\My\THUMBPRINT`, as `sealwright kra
    /// tokens` shows them; or in Azure Key Vault `https://VAULT.vault.azure.net/keys/NAME/VERSION`
    #[arg(long = "kra", value_name = "KEY")]
    pub address: Address,
    /// How it is unlocked
    #[command(flatten)]
    pub unlock: Unlock,
}

/// How a recovery agent's key is unlocked
#[derive(Debug, Args)]
pub(super) struct Unlock {
    /// How to sign in to a vault
    #[command(flatten)]
    pub vault: VaultArguments,
    /// File with its password or PIN; asked for on the terminal otherwise
    #[arg(long = "password-file", value_name = "FILE")]
    pub secret_file: Option<PathBuf>,
    /// The officer's ML-KEM key, where keys are sealed to it as well (`sealwright kra ml-kem`)
    #[arg(long, value_name = "FILE")]
    pub ml_kem: Option<PathBuf>,
    /// File with the password of the ML-KEM key; asked for on the terminal otherwise
    #[arg(long, value_name = "FILE", requires = "ml_kem")]
    pub ml_kem_password_file: Option<PathBuf>,
}

impl Unlock {
    /// The key, with the officer's ML-KEM key where one is named.
    fn complete(&self, own: Box<dyn RecoveryKey>) -> Result<Box<dyn RecoveryKey>, Trouble> {
        let Some(file) = &self.ml_kem else { return Ok(own) };
        let prompt = format!("password of the ML-KEM key in {}: ", file.display());
        let password = secret(&prompt, self.ml_kem_password_file.as_deref())?;
        Ok(Box::new(HybridRecoveryKey::new(own, MlKemFile::open(file, &password)?)))
    }
}

/// Opens the key for one session; asks for its password or PIN unless a file holds it.
pub(super) async fn open(
    program: &Program,
    key: &KeyArguments,
    output: &Output,
) -> Result<Box<dyn RecoveryKey>, Failure> {
    open_at(program, &key.address, &key.unlock, output).await
}

/// Opens the key at an address. A wrong password, and a key that is blocked, are on record, as are those that a token or vault
/// tells of when the key is first used.
pub(super) async fn open_at(
    program: &Program,
    address: &Address,
    unlock: &Unlock,
    output: &Output,
) -> Result<Box<dyn RecoveryKey>, Failure> {
    let opened = match address {
        Address::KeyVault(vault) => in_vault(program, vault, unlock).await,
        Address::File(_) | Address::Store(_) | Address::Token(_) => at_hand(address, unlock, output).await,
    };
    if let Err(trouble) = &opened {
        match recovery_key::record(program, address, trouble).await {
            Ok(()) => sign_log(program, output).await,
            Err(error) => output.warning(&format!("this try is not in the audit log: {}", chain(&error))),
        }
    }
    Ok(opened?)
}

async fn in_vault(
    program: &Program,
    address: &KeyVaultAddress,
    unlock: &Unlock,
) -> Result<Box<dyn RecoveryKey>, Trouble> {
    if unlock.secret_file.is_some() {
        return Err(Trouble::Other(Failure {
            code: 2,
            message: "--password-file is for files; a vault is signed in to".to_owned(),
            hint: Some("for automation: --key-vault-client-secret-file FILE".to_owned()),
        }));
    }
    unlock.complete(Box::new(key_vault::open(program, address, &unlock.vault).await?))
}

/// Opens a key that needs no network, in a file, on a token or in a certificate store; needs no home either.
pub(super) async fn at_hand(
    address: &Address,
    unlock: &Unlock,
    output: &Output,
) -> Result<Box<dyn RecoveryKey>, Trouble> {
    let secret_file = unlock.secret_file.as_deref();
    let own: Box<dyn RecoveryKey> = match address {
        Address::KeyVault(_) => {
            return Err(Trouble::Other(Failure::with_hint(
                "a key in a vault cannot be used without a network",
                "agree with `sealwright recovery approve REQUEST --kra https://…` on an installation of the fleet",
            )));
        }
        Address::File(file) => {
            unlock.vault.only_for_vaults()?;
            let password = secret(&format!("{} of {address}: ", address.secret_name()), secret_file)?;
            Box::new(FileRecoveryKey::open(file, &password)?)
        }
        Address::Store(address) => {
            unlock.vault.only_for_vaults()?;
            stored(address, secret_file).await?
        }
        Address::Token(uri) => {
            unlock.vault.only_for_vaults()?;
            token(uri, secret_file, output).await?
        }
    };
    unlock.complete(own)
}

/// Opens one archived key, and signs the audit log whatever came of it: neither what was opened nor who tried shall be taken
/// out of the log unnoticed.
pub(super) async fn recover(
    program: &Program,
    key: &dyn RecoveryKey,
    request: &recover::Request,
    output: &Output,
) -> Result<recover::Recovered, Failure> {
    let store = program.store.as_ref();
    let opened =
        recover::recover(store, program.clock.as_ref(), program.entropy.as_ref(), key, request).await;
    sign_log(program, output).await;
    Ok(opened?)
}

/// Signs the audit log, where this installation and its login may.
pub(super) async fn sign_log(program: &Program, output: &Output) {
    if let Err(error) = program.notary().sign().await {
        output.warning(&format!("the audit log was not signed: {}", chain(&error)));
    }
}

/// The key on a token. Before a PIN is asked for it is said whose it is; it is sent when the key is first used.
async fn token(
    uri: &TokenUri,
    secret_file: Option<&Path>,
    output: &Output,
) -> Result<Box<dyn RecoveryKey>, Trouble> {
    let key = TokenKey::find(uri).await?;
    if let Some(warning) = key.tries().warning() {
        output.warning(&format!("{}: {warning}", key.place()));
    }
    let whose = format!(
        "{}, key of {} (SHA-1 {})",
        key.place(),
        key.certificate().subject(),
        key.certificate().thumbprint()
    );
    let pin = if key.needs_no_pin() {
        None
    } else if key.has_pin_pad() {
        if secret_file.is_some() {
            output.warning("the PIN of this token is typed at its reader; the file with the PIN is not read");
        }
        let mut errors = std::io::stderr().lock();
        let _ = writeln!(errors, "type the PIN at the reader: {whose}");
        None
    } else {
        Some(secret(&format!("PIN of {whose}: "), secret_file)?)
    };
    Ok(Box::new(key.with_pin(pin)))
}

/// The key of a certificate in a Windows certificate store. Windows asks for a PIN by itself, where one is wanted, when the key
/// is first used; it shows no dialog when the PIN comes from a file.
async fn stored(address: &StoreAddress, secret_file: Option<&Path>) -> Result<Box<dyn RecoveryKey>, Trouble> {
    let key = StoreKey::find(address).await?;
    let pin = secret_file.map(|file| secret("", Some(file))).transpose()?;
    if pin.is_none() {
        let mut errors = std::io::stderr().lock();
        let _ = writeln!(
            errors,
            "Windows may ask for a PIN: {}, key of {} ({})",
            key.place(),
            key.certificate().subject(),
            key.provider()
        );
    }
    Ok(Box::new(key.with_pin(pin)))
}

/// The password or PIN, without the end of its line.
fn secret(prompt: &str, file: Option<&Path>) -> Result<Zeroizing<String>, Failure> {
    let text = match file {
        Some(path) => {
            let bytes = read_private(path)?;
            let text = std::str::from_utf8(&bytes);
            Zeroizing::new(
                text.map_err(|_| Failure::new(format!("{} does not hold text", path.display())))?.to_owned(),
            )
        }
        None => ask(prompt)?,
    };
    Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

fn ask(prompt: &str) -> Result<Zeroizing<String>, Failure> {
    let unreadable = |error: std::io::Error| Failure::new(format!("it could not be read: {error}"));
    if std::io::stdin().is_terminal() {
        return rpassword::prompt_password(prompt).map(Zeroizing::new).map_err(unreadable);
    }
    let mut errors = std::io::stderr().lock();
    let _ = write!(errors, "{prompt}");
    let mut typed = Zeroizing::new(String::new());
    std::io::stdin().lock().read_line(&mut typed).map_err(unreadable)?;
    Ok(typed)
}
