//! What can be typed about the tenant.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use url::Url;
use uuid::Uuid;

use crate::settings::Cloud;
use crate::tenant_choice::TenantName;

/// The tenant.
#[derive(Debug, Subcommand)]
pub(super) enum TenantCommand {
    /// Show which one it is, without its credential
    Show,
    /// Choose how the application signs in: it is tried, then written into sealwright.toml and the vault
    Use {
        /// Which application of which tenant, where [tenant] does not say so yet
        #[command(flatten)]
        which: WhichTenant,
        /// How it signs in
        #[command(subcommand)]
        way: WayCommand,
    },
    /// Sign in, and show with what, which permissions the token carries, and when it ends; never the token
    Test,
    /// Look which permissions the application has, and try each reading; nothing is changed
    Check {
        /// Also what this takes, which this release does not use by itself; may be given again
        #[arg(long = "for", value_enum, value_name = "FEATURE")]
        features: Vec<crate::permissions::Feature>,
        /// Write a PowerShell script that grants exactly what is missing into this new file
        #[arg(long, value_name = "FILE")]
        script: Option<PathBuf>,
    },
    /// Give this installation's [tenant], [intune], [exchange] and [[mailboxes]] to all, the credential sealed to them
    Share,
    /// Take the shared tenant away again
    Unshare,
}

/// An application of a tenant.
#[derive(Debug, Default, Args)]
pub(super) struct WhichTenant {
    /// Directory (tenant) id, or a domain of the tenant [default: that of sealwright.toml]
    #[arg(long = "tenant-id", value_name = "ID")]
    pub tenant: Option<TenantName>,
    /// Application (client) id [default: that of sealwright.toml]
    #[arg(long, value_name = "ID")]
    pub client_id: Option<Uuid>,
    /// Which Microsoft cloud [default: that of sealwright.toml, or else global]
    #[arg(long, value_enum, value_name = "CLOUD")]
    pub cloud: Option<Cloud>,
    /// Write it without trying it, e.g. on another machine than the one that it is for
    #[arg(long)]
    pub untried: bool,
}

/// How an application signs in.
#[derive(Debug, Subcommand)]
pub(super) enum WayCommand {
    /// A client secret, which is kept in the vault of this installation
    Secret {
        /// Read it from standard input instead of asking for it
        #[arg(long)]
        stdin: bool,
    },
    /// A certificate with its private key: kept in the vault, or left in its file
    Certificate {
        /// PEM with both, or PKCS#12
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Leave it in the file, which stays needed, instead of taking it into the vault
        #[arg(long)]
        leave: bool,
        /// Read the password of a PKCS#12 file from standard input instead of asking for it
        #[arg(long)]
        password_stdin: bool,
        /// How assertions are signed
        #[arg(long, value_enum, default_value_t = Padding::Ps256)]
        algorithm: Padding,
    },
    /// A certificate whose private key is on a token (PKCS#11); the PIN is kept in the vault
    Token {
        /// `pkcs11:…`, as `sealwright kra tokens` shows it
        #[arg(value_name = "KEY")]
        key: String,
        /// Read the PIN from standard input instead of asking for it
        #[arg(long)]
        pin_stdin: bool,
    },
    /// A certificate whose private key is in Azure Key Vault, signed in to by a managed identity or a federated token
    KeyVault {
        /// `https://VAULT.vault.azure.net/certificates/NAME/VERSION`
        #[arg(value_name = "CERTIFICATE")]
        certificate: Url,
        /// Client id of the identity that may use the key [default: the machine's own]
        #[arg(long, value_name = "ID")]
        identity: Option<Uuid>,
    },
    /// The managed identity of the Azure machine or service that this runs on; the machine's own unless one is named
    ManagedIdentity {
        /// Client id of an assigned one
        #[arg(long = "identity", value_name = "ID", group = "which")]
        client_id: Option<String>,
        /// Object id of an assigned one
        #[arg(long, value_name = "ID", group = "which")]
        object_id: Option<String>,
        /// Resource id of an assigned one
        #[arg(long, value_name = "ID", group = "which")]
        resource_id: Option<String>,
    },
    /// A token that the platform writes into a file (Kubernetes with workload identity, a pipeline)
    WorkloadIdentity {
        /// The file [default: what the platform names in its environment]
        #[arg(long, value_name = "FILE")]
        token_file: Option<PathBuf>,
    },
}

/// How assertions are signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Padding {
    /// What Entra ID recommends.
    #[value(name = "PS256")]
    Ps256,
    /// For ADFS.
    #[value(name = "RS256")]
    Rs256,
}

impl From<Padding> for crate::credential::Algorithm {
    fn from(padding: Padding) -> Self {
        match padding {
            Padding::Ps256 => Self::Ps256,
            Padding::Rs256 => Self::Rs256,
        }
    }
}
