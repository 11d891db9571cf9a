//! Commands about key recovery agents.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use crypto::X509Certificate;
use kra::{Address, KeyVaultAgent, StoreKey, TokenKey};
use model::{AuditEvent, AuditKind, AuditOutcome, Clock as _, SystemClock, SystemEntropy, Thumbprint};
use serde_json::json;
use store::{Store as _, StoreError};

use super::key_vault::{self, VaultArguments};
use super::kra_set::KraSetCommand;
use super::ml_kem::{Files, MlKemArguments};
use super::output::{Failure, Output, table};
use super::rearchive::RearchiveArguments;
use super::recovery::no_password_in_json;
use super::{Outcome, kra_set, ml_kem, rearchive, tokens};
use crate::compose::{ComposeError, Program};
use crate::handout::must_be_new;
use crate::init::{add_kra, kra as read_kra, make_kra};
use crate::officers::{must_be_a_persons, wake_waiting};
use crate::settings::write_new_private;

/// Key recovery agents
#[derive(Debug, Subcommand)]
pub(super) enum KraCommand {
    /// List the agents to whom new keys are sealed
    List,
    /// Make an agent with a new key pair in a PKCS#12
    Create {
        /// Common name
        name: String,
        /// The officer's mail address, for the certificate: without one an officer cannot agree on a machine without a network
        #[arg(long, value_name = "ADDRESS")]
        mail: Option<String>,
        /// PKCS#12 to write; its password is shown once
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// File for the password, in place of showing it
        #[arg(long, value_name = "FILE")]
        out_password: Option<PathBuf>,
        /// Make the file only, with the certificate beside it (`.cer`): for a future officer of a signed set, who is not sealed to yet; needs no home
        #[arg(long)]
        only_file: bool,
        /// Make an ML-KEM key too, beside the file (`.ml-kem.pem`, and `.ml-kem.pub.pem` for the set), under the same password
        #[arg(long)]
        ml_kem: bool,
    },
    /// Make the ML-KEM key of an officer who has a key already, in a file, on a card or in a vault; needs no home
    ///
    /// Writes the private key under a password, and beside it the public key (`.pub.pem`), which `kra set propose --ml-kem
    /// OFFICER=FILE` takes.
    MlKem(MlKemArguments),
    /// The set of recovery agents, signed by its officers
    #[command(subcommand)]
    Set(KraSetCommand),
    /// Add an agent by certificate
    ///
    /// An RSA key may live in a file, on a card, in an HSM, behind a Windows certificate store or in Azure Key Vault; one on P-256
    /// or P-384 everywhere but in Azure Key Vault, which has no operation for it.
    Add {
        /// Certificate file, PEM or DER; or the address of the agent's key on a token (`pkcs11:…`) or in a Windows certificate
        /// store (`cert:\CurrentUser\My\THUMBPRINT`), or of its key or certificate in Azure Key Vault with the version (`https://VAULT.vault.azure.net/certificates/NAME/VERSION`)
        certificate: Address,
        /// How to sign in to a vault
        #[command(flatten)]
        vault: VaultArguments,
    },
    /// Show cards, tokens and HSMs, and on Windows the certificate stores, with the addresses of their keys; asks for no PIN
    Tokens {
        /// PKCS#11 module, in place of p11-kit's or OpenSC's
        #[arg(long, value_name = "FILE")]
        module: Option<PathBuf>,
    },
    /// Seal archived keys to the agents of today, after they changed; their private keys are not opened for it
    ///
    /// Shows the agents of today and asks. Then takes the content key out of each envelope with an old agent's key and wraps it to
    /// them. What is sealed to them already is left alone, so it can be stopped with Ctrl-C and run again at any time. What is
    /// sealed to several together (a quorum) stays as it is, and so does what officers have agreed to recover in a request that is
    /// open: sealed anew, their approvals would be lost. One officer does this alone, also where a recovery takes approvals.
    /// Exit code 3 when keys remain.
    Rearchive(Box<RearchiveArguments>),
    /// Seal new keys to this agent no longer; `rearchive` takes it out of what is archived
    Remove {
        /// SHA-1 of the certificate
        thumbprint: String,
    },
}

pub(super) async fn run(program: &Program, command: KraCommand, output: &Output) -> Result<Outcome, Failure> {
    match command {
        KraCommand::List => list(program, output).await?,
        KraCommand::Create { name, mail, out, out_password, ml_kem, .. } => {
            let who = (name.as_str(), mail.as_deref());
            let ml_kem = ml_kem.then(|| Files::beside(&out));
            create(Some(program), who, &out, out_password.as_ref(), ml_kem, output).await?;
        }
        // Without a home it has been done before one was opened.
        KraCommand::MlKem(wanted) => ml_kem::create(&wanted, output)?,
        KraCommand::Set(command) => return kra_set::run(program, command, output).await,
        KraCommand::Add { certificate, vault } => add(program, &certificate, &vault, output).await?,
        // Without a home it has been done before one was opened.
        KraCommand::Tokens { module } => tokens::show(module, output).await?,
        KraCommand::Rearchive(arguments) => return rearchive::run(program, &arguments, output).await,
        KraCommand::Remove { thumbprint } => remove(program, &thumbprint, output).await?,
    }
    Ok(Outcome::Done)
}

async fn list(program: &Program, output: &Output) -> Result<(), Failure> {
    if let Ok(Some(set)) = program.custody.in_force().await {
        output.warning(&format!(
            "keys are sealed to the signed set `{}`, and this list counts for nothing: `sealwright kra set show`",
            set.name
        ));
    }
    let kras = program.store.read().await?.kras().list().await?;
    output.result(&json!({ "kras": kras }), || {
        let rows: Vec<Vec<String>> = kras
            .iter()
            .map(|kra| vec![kra.name.clone(), kra.not_after.to_string(), kra.thumbprint.to_string()])
            .collect();
        table(&["NAME", "VALID UNTIL", "THUMBPRINT"], &rows)
    })?;
    Ok(())
}

/// Makes an agent's files; without a program for a future officer, on any machine: no home is needed for that.
pub(super) async fn create(
    program: Option<&Program>,
    (name, mail): (&str, Option<&str>),
    out: &Path,
    out_password: Option<&PathBuf>,
    ml_kem: Option<Files>,
    output: &Output,
) -> Result<(), Failure> {
    let only_file = program.is_none();
    let now = SystemClock.now();
    if let Some(program) = program {
        kra_set::list_must_count(program).await?;
    }
    must_be_new(out)?;
    if only_file {
        must_be_new(&out.with_extension("cer"))?;
    }
    if let Some(files) = &ml_kem {
        files.must_be_new()?;
    }
    match out_password {
        Some(path) => must_be_new(path)?,
        None if output.is_json() => return Err(no_password_in_json("--out-password FILE")),
        None => {}
    }
    output.note("making a key pair (RSA 3072) …");
    let made = make_kra(name, mail, now, &SystemEntropy)?;
    // First the file, then the set: an agent whose key was never written must not be sealed to.
    write_new_private(out, &made.pfx)?;
    if let Some(path) = out_password
        && let Err(error) = write_new_private(path, made.password.as_bytes())
    {
        return Err(useless(error.into(), &[out]));
    }
    let made_too = match &ml_kem {
        None => None,
        Some(files) => match files.make(&made.password) {
            Ok(fingerprint) => Some(fingerprint),
            Err(error) => {
                let written = [Some(out), out_password.map(PathBuf::as_path), Some(files.private.as_path())];
                return Err(useless(error, &written.into_iter().flatten().collect::<Vec<_>>()));
            }
        },
    };
    if let Some(program) = program
        && let Err(error) = add_kra(program.store.as_ref(), &made.kra, &program.actor, now).await
    {
        if matches!(error, ComposeError::Store(StoreError::OutcomeUnknown { .. })) {
            return Err(undecided(error.into(), made.kra.thumbprint, out));
        }
        let too = ml_kem.iter().flat_map(|files| [files.private.as_path(), files.public.as_path()]);
        let written: Vec<&Path> =
            std::iter::once(out).chain(out_password.map(PathBuf::as_path)).chain(too).collect();
        return Err(useless(error.into(), &written));
    }
    // It is in the set: whatever comes now, its password has to be told.
    if let Some(program) = program
        && let Err(error) = wake_waiting(program).await
    {
        output.warning(&format!(
            "enrollments that waited for an agent go on a few minutes later: {}",
            error.message
        ));
    }
    let certificate = out.with_extension("cer");
    if only_file && let Err(error) = write_new_private(&certificate, &made.kra.certificate_der) {
        return Err(Failure::with_hint(
            format!("the certificate could not be written beside the key: {error}"),
            "the key is in its file; take the certificate out of it",
        ));
    }
    let value = json!({
        "name": name, "thumbprint": made.kra.thumbprint, "file": out, "passwordFile": out_password,
        "certificate": only_file.then_some(&certificate),
        "mlKem": made_too.as_ref().zip(ml_kem.as_ref()).map(|(fingerprint, files)| json!({
            "fingerprint": fingerprint, "file": files.private, "publicFile": files.public,
        })),
    });
    output.result(&value, || {
        let password = match out_password {
            Some(path) => format!("its password is in {}", path.display()),
            None => format!("its password, shown this once: {}", made.password.as_str()),
        };
        let done = if only_file { "made" } else { "added" };
        let next = if only_file {
            format!(
                "\nnothing is sealed to it yet: `sealwright kra set propose --keep --add {}` proposes it as an officer",
                certificate.display()
            )
        } else {
            String::new()
        };
        let too = ml_kem.as_ref().map(|files| {
            format!(
                "\nits ML-KEM key is in {}, under the same password; take it off this machine too. Keys are sealed to it once a \
                 signed set has one of every officer: `sealwright kra set propose --keep --ml-kem '{name}={}'`",
                files.private.display(),
                files.public.display()
            )
        });
        format!(
            "{done} `{name}` ({})\nits key is in {}; take the file off this machine\n{password}",
            made.kra.thumbprint,
            out.display()
        ) + &next + &too.unwrap_or_default()
    })?;
    Ok(())
}

/// The agent is not in the set: nothing was or will be sealed to the key in these files, which go away again.
fn useless(failure: Failure, files: &[&Path]) -> Failure {
    let left: Vec<String> = files
        .iter()
        .filter(|file| {
            std::fs::remove_file(file).is_err_and(|error| error.kind() != std::io::ErrorKind::NotFound)
        })
        .map(|file| file.display().to_string())
        .collect();
    let said = if left.is_empty() {
        "no agent was added, and the file with its key was removed again".to_owned()
    } else {
        format!("no agent was added: {} is of no use to anybody, remove it", left.join(" and "))
    };
    Failure { hint: Some(said), ..failure }
}

/// Nobody knows whether the agent is in the set; its key has to stay until somebody has looked.
fn undecided(failure: Failure, thumbprint: Thumbprint, out: &Path) -> Failure {
    let hint = format!(
        "look with `sealwright kra list` whether {thumbprint} is there: if not, remove {file}, which is of no use then; if it \
         is and its password was not written into a file, run `sealwright kra remove {thumbprint}` and make another agent",
        file = out.display()
    );
    Failure { hint: Some(hint), ..failure }
}

/// The certificate of a recovery agent, wherever it lies; and the key in a vault that it belongs to.
pub(super) async fn certificate_of(
    program: &Program,
    address: &Address,
    vault: &VaultArguments,
) -> Result<(X509Certificate, Option<KeyVaultAgent>), Failure> {
    match address {
        Address::File(certificate) => {
            let bytes = std::fs::read(certificate).map_err(|error| {
                Failure::new(format!("{} cannot be read: {error}", certificate.display()))
            })?;
            Ok((X509Certificate::from_bytes(&bytes)?, None))
        }
        Address::KeyVault(address) => {
            let found = key_vault::agent(program, address, vault).await?;
            Ok((found.certificate.clone(), Some(found)))
        }
        Address::Store(address) => Ok((StoreKey::find(address).await?.certificate().clone(), None)),
        Address::Token(uri) => Ok((TokenKey::find(uri).await?.certificate().clone(), None)),
    }
}

async fn add(
    program: &Program,
    address: &Address,
    vault: &VaultArguments,
    output: &Output,
) -> Result<(), Failure> {
    let now = program.clock.now();
    kra_set::list_must_count(program).await?;
    if matches!(address, Address::File(_) | Address::Store(_)) {
        vault.only_for_vaults()?;
    }
    let (agent, place) = certificate_of(program, address, vault).await?;
    must_be_a_persons(program, &agent).await?;
    let kra = read_kra(&agent, now)?;
    add_kra(program.store.as_ref(), &kra, &program.actor, now).await?;
    wake_waiting(program).await?;
    let opens: Option<Vec<&str>> =
        place.as_ref().map(|place| place.opens.iter().map(|algorithm| algorithm.label()).collect());
    let key = place.as_ref().map(|place| place.address.to_string());
    let value = json!({ "name": kra.name, "thumbprint": kra.thumbprint, "key": key, "opens": opens });
    output.result(&value, || {
        let told = format!("added `{}` ({}); new keys are sealed to it too", kra.name, kra.thumbprint);
        match (key, opens) {
            (Some(key), Some(opens)) => format!(
                "{told}\nits key stays at {key}\nwrite that address down: `recovery open --kra` needs this very version\nit \
                 opens content keys encrypted with {}",
                opens.join(", ")
            ),
            _ => told,
        }
    })?;
    Ok(())
}

async fn remove(program: &Program, thumbprint: &str, output: &Output) -> Result<(), Failure> {
    let now = program.clock.now();
    kra_set::list_must_count(program).await?;
    let thumbprint: Thumbprint = thumbprint.parse().map_err(|error| Failure::new(format!("{error}")))?;
    let event = AuditEvent {
        kind: AuditKind::KraRemoved,
        outcome: AuditOutcome::Success,
        actor: program.actor.clone(),
        object: format!("recovery agent {thumbprint}"),
        detail: "new keys are no longer sealed to it".to_owned(),
    };
    let was_there = store::in_unit!(program.store, work => {
        let was_there = work.kras().remove(thumbprint).await?;
        if was_there {
            work.audit().append(&event, now).await?;
        }
        was_there
    })?;
    if !was_there {
        return Err(Failure::with_hint(
            format!("there is no recovery agent {thumbprint}"),
            "`sealwright kra list` shows them",
        ));
    }
    let left = program.store.read().await?.kras().list().await?.len();
    output.result(&json!({ "removed": thumbprint, "left": left }), || {
        let warning = if left == 0 {
            "\nWARNING: it was the last one; nothing that archives keys is issued until there is another"
        } else {
            ""
        };
        format!("new keys are no longer sealed to it; it still opens what was archived before, until `sealwright kra \
             rearchive`{warning}")
    })?;
    Ok(())
}
