//! The key of a recovery agent, for every command that opens something: wherever the address says that it lives.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::Path;

use kra::{Address, FileRecoveryKey, TokenKey, TokenUri};
use ports::RecoveryKey;
use zeroize::Zeroizing;

use super::key_vault::{self, VaultArguments};
use super::output::{Failure, Output};
use crate::compose::Program;
use crate::settings::read_private;
use crate::works::chain;

/// A reason, unless it is too long; whether one is needed is told by who records it.
pub(super) fn reason(given: &str) -> Result<String, String> {
    if given.trim().is_empty() {
        return Ok(given.to_owned());
    }
    recover::checked_reason(given).map(str::to_owned)
}

/// Opens the key for one session; asks for its password or PIN unless a file holds it.
pub(super) async fn open(
    program: &Program,
    address: &Address,
    secret_file: Option<&Path>,
    vault: &VaultArguments,
    output: &Output,
) -> Result<Box<dyn RecoveryKey>, Failure> {
    match address {
        Address::KeyVault(address) => {
            if secret_file.is_some() {
                return Err(Failure {
                    code: 2,
                    message: "--password-file is for files; a vault is signed in to".to_owned(),
                    hint: Some("for automation: --key-vault-client-secret-file FILE".to_owned()),
                });
            }
            Ok(Box::new(key_vault::open(program, address, vault).await?))
        }
        Address::File(file) => {
            vault.only_for_vaults()?;
            let password = secret(&format!("{} of {address}: ", address.secret_name()), secret_file)?;
            Ok(Box::new(FileRecoveryKey::open(file, &password)?))
        }
        Address::Token(uri) => {
            vault.only_for_vaults()?;
            token(uri, secret_file, output).await
        }
    }
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
) -> Result<Box<dyn RecoveryKey>, Failure> {
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
