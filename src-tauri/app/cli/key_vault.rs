//! Recovery keys in Azure Key Vault on the command line: who signs in, and what is shown to them.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use crypto::X509Certificate;
use kra::{KeyVaultAddress, KeyVaultAgent, KeyVaultRecoveryKey, KeyVaultSettings};
use net::entra::DeviceSignIn;
use ports::RecoveryKey as _;
use store::Store as _;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::output::Failure;
use crate::compose::Program;
use crate::key_vault::{Wishes, ways};
use crate::recovery_key::Trouble;
use crate::settings::read_private;

/// How to sign in to a vault. The usual way is one's own account, by a code that is shown.
#[derive(Debug, Default, Args)]
pub(super) struct VaultArguments {
    /// Sign in to this application [default: client-id of [key-vault], then of [tenant]]. It needs the
    /// delegated permission `user_impersonation` of Azure Key Vault and "Allow public client flows"
    #[arg(long, value_name = "ID", help_heading = "Azure Key Vault")]
    pub key_vault_client_id: Option<Uuid>,
    /// The tenant that the vault belongs to [default: tenant-id of [key-vault], then id of [tenant], then
    /// as the vault says]
    #[arg(long, value_name = "ID", help_heading = "Azure Key Vault")]
    pub key_vault_tenant: Option<Uuid>,
    /// For automation: sign in as the application (of [tenant], where none is named) with the secret in this file. Whoever has the file then
    /// opens archived keys, without an officer
    #[arg(long, value_name = "FILE", help_heading = "Azure Key Vault")]
    pub key_vault_client_secret_file: Option<PathBuf>,
    /// The agent's certificate, where neither the archive's agents nor the vault have it
    #[arg(long, value_name = "FILE", help_heading = "Azure Key Vault")]
    pub agent_certificate: Option<PathBuf>,
}

impl VaultArguments {
    /// Refuses what would do nothing.
    pub(super) fn only_for_vaults(&self) -> Result<(), Failure> {
        let Self { key_vault_client_id, key_vault_tenant, key_vault_client_secret_file, agent_certificate } =
            self;
        if key_vault_client_id.is_none()
            && key_vault_tenant.is_none()
            && key_vault_client_secret_file.is_none()
            && agent_certificate.is_none()
        {
            return Ok(());
        }
        Err(Failure {
            code: 2,
            message: "--key-vault-client-id, --key-vault-tenant, --key-vault-client-secret-file and --agent-certificate are for keys in \
                      a key vault, and this is none"
                .to_owned(),
            hint: Some("leave them out, or name the key by its address, https://…".to_owned()),
        })
    }

    fn ways(&self, program: &Program) -> Result<KeyVaultSettings, Failure> {
        let secret = match &self.key_vault_client_secret_file {
            None => None,
            Some(path) => {
                let bytes = read_private(path)?;
                let text = std::str::from_utf8(&bytes)
                    .map_err(|_| Failure::new(format!("{} does not hold text", path.display())))?;
                Some(Zeroizing::new(text.trim().to_owned()))
            }
        };
        let wishes = Wishes {
            client_id: self.key_vault_client_id,
            tenant: self.key_vault_tenant,
            secret,
            show: Box::new(show),
        };
        Ok(ways(program, wishes)?)
    }

    /// Certificates that may be the agent's: the one that was named, or those to whom keys are sealed.
    async fn candidates(&self, program: &Program) -> Result<Vec<X509Certificate>, Failure> {
        if let Some(path) = &self.agent_certificate {
            let bytes = std::fs::read(path)
                .map_err(|error| Failure::new(format!("{} cannot be read: {error}", path.display())))?;
            return Ok(vec![X509Certificate::from_bytes(&bytes)?]);
        }
        let agents = custody::recorded_agents(program.store.read().await?.as_mut()).await?;
        Ok(agents.iter().filter_map(|kra| X509Certificate::from_der(&kra.certificate_der).ok()).collect())
    }
}

/// A certificate that was named and is not that of the key is a mistake, whatever other certificate there is.
fn must_be_named(named: &VaultArguments, used: &[u8], candidates: &[X509Certificate]) -> Result<(), Failure> {
    match (&named.agent_certificate, candidates.first()) {
        (Some(path), Some(certificate)) if certificate.der() != used => Err(Failure::with_hint(
            format!("the certificate in {} is not that of this key", path.display()),
            "name the one that the key was certified with, or leave --agent-certificate out",
        )),
        _ => Ok(()),
    }
}

/// Opens a key for one session.
pub(super) async fn open(
    program: &Program,
    address: &KeyVaultAddress,
    by: &VaultArguments,
) -> Result<KeyVaultRecoveryKey, Trouble> {
    let candidates = by.candidates(program).await?;
    let key = KeyVaultRecoveryKey::open(address, by.ways(program)?, &candidates).await?;
    must_be_named(by, key.certificate_der(), &candidates)?;
    Ok(key)
}

/// Finds an agent that keys are to be sealed to.
pub(super) async fn agent(
    program: &Program,
    address: &KeyVaultAddress,
    by: &VaultArguments,
) -> Result<KeyVaultAgent, Failure> {
    let candidates = by.candidates(program).await?;
    let agent = KeyVaultAgent::find(address, by.ways(program)?, &candidates).await?;
    must_be_named(by, agent.certificate.der(), &candidates)?;
    Ok(agent)
}

/// Tells a person where to sign in; on standard error, since results go to the other.
fn show(sign_in: &DeviceSignIn) {
    let minutes = sign_in.life().as_millis() / 60_000;
    let mut errors = std::io::stderr().lock();
    let _ = writeln!(
        errors,
        "sign in to the vault with your own account, in a browser on any machine:\n  open   {}\n  enter  {}\nwaiting; the \
         code is good for {minutes} minutes",
        sign_in.address(),
        sign_in.user_code()
    );
}
