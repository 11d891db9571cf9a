//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use model::{GroupId, Timestamp};

use super::agent::{KeyArguments, Unlock, reason};
use super::campaign_arguments::CampaignCommand;
use super::ceremony::CeremonyCommand;
use super::connector::ConnectorCommand;
use super::delivery::DeliveryCommand;
use super::drift::DriftCommand;
use super::drill::DrillArguments;
use super::enrollment::EnrollmentCommand;
use super::gal::GalCommand;
use super::import::ImportCommand;
use super::kra::KraCommand;
use super::mails::DecryptArguments;
use super::people::PeopleCommand;
use super::plan::ServiceCommand;
use super::refresh::Refresh;
use super::sharing::{DatabaseCommand, InstallationCommand, Migrate};
use super::tenant_arguments::TenantCommand;

/// Certificates for every user of a Microsoft Entra ID tenant, on every device, and never a lost key.
///
/// Without a command the window opens. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 something needs a person.
#[derive(Debug, Parser)]
#[command(name = "sealwright", version, max_term_width = 110)]
pub(super) struct Arguments {
    /// Folder of settings and embedded database
    #[arg(long, global = true, env = "SEALWRIGHT_HOME", value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// One JSON value on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// Lines of the log: text or JSON
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text, value_name = "FORMAT")]
    pub log_format: LogFormat,
    /// What is logged, e.g. `info` or `sealwright=debug`
    #[arg(long, global = true, env = "SEALWRIGHT_LOG", value_name = "FILTER")]
    pub log: Option<String>,
    /// Run the headless service
    #[arg(long, conflicts_with = "json")]
    pub daemon: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[cfg(feature = "gui")]
impl Arguments {
    /// Whether these arguments may open a window.
    pub(super) fn opens_window(&self) -> bool {
        match &self.command {
            None => !self.daemon,
            Some(Command::Demo(demo)) => !demo.stays_headless(),
            Some(_) => false,
        }
    }
}

/// How the log is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum LogFormat {
    /// For people.
    Text,
    /// For log collectors, one object a line.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// The whole story on embedded parts: simulated tenant, built-in CA, virtual devices
    Demo(Demo),
    /// Set up this home: installation key, database, built-in authority
    Init(Init),
    /// Make the tables of the database, or bring them to this program's schema
    Migrate(Migrate),
    /// Which database is used, and what can be done with it as a whole
    #[command(subcommand)]
    Database(DatabaseCommand),
    /// The workstations and daemons that share the database
    #[command(subcommand)]
    Installation(InstallationCommand),
    /// The tenant: which one, how its application signs in, and whether all installations share it
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// Intune connectors: to whose keys passwords are encrypted
    #[command(subcommand)]
    Connector(ConnectorCommand),
    /// Sign in with your own account of the tenant
    SignIn(super::person::SignInArguments),
    /// Forget the sign-in of this installation
    SignOut,
    /// Show who acts here: the account of the operating system, and who is signed in with which roles
    Whoami,
    /// Examine database, tenant, Intune, authorities and recovery agents, with hints
    Doctor,
    /// Settings
    Config(ConfigCommand),
    /// Show what would be done, and why
    Plan(Plan),
    /// Do what a plan says
    Apply(Apply),
    /// Certificates
    #[command(subcommand)]
    Certificate(CertificateCommand),
    /// Hand-overs to Intune: records that should not be there
    #[command(subcommand)]
    Delivery(DeliveryCommand),
    /// The global address list: where senders find certificates
    #[command(subcommand)]
    Gal(GalCommand),
    /// What differs between the database and the world outside: authorities, Intune and the address list
    #[command(subcommand)]
    Drift(DriftCommand),
    /// People and shared mailboxes: who has a certificate, who has none, and why
    #[command(subcommand)]
    People(PeopleCommand),
    /// Enrollments: what is under way, and what is stuck
    #[command(subcommand)]
    Enrollment(EnrollmentCommand),
    /// Templates
    #[command(subcommand)]
    Template(TemplateCommand),
    /// Certification authorities
    #[command(subcommand)]
    Authority(AuthorityCommand),
    /// Key recovery agents
    #[command(subcommand)]
    Kra(KraCommand),
    /// Archived keys
    #[command(subcommand)]
    Recovery(RecoveryCommand),
    /// Keys from elsewhere: from a Windows CA's archive, or from PKCS#12 files
    #[command(subcommand)]
    Import(ImportCommand),
    /// The audit log
    #[command(subcommand)]
    Audit(AuditCommand),
    /// The service's recurring duties
    #[command(subcommand)]
    Service(ServiceCommand),
    /// Campaigns: many certificates replaced in a short time
    #[command(subcommand)]
    Campaign(CampaignCommand),
    /// The console in a browser on this machine (builds for tests only)
    #[cfg(debug_assertions)]
    Bridge(Bridge),
}

/// The whole story on embedded parts
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Invented people
    #[arg(long, default_value_t = 25, value_name = "N")]
    pub people: usize,
    /// Shared mailboxes
    #[arg(long, default_value_t = 2, value_name = "M")]
    pub mailboxes: usize,
    /// A Graph export (`GET /users` as JSON) in place of invented people
    #[arg(long, value_name = "FILE")]
    pub tenant: Option<PathBuf>,
    /// No window: tell the story and end
    #[arg(long)]
    pub headless: bool,
    /// Keep settings and database in this folder
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
    /// Key of the mail template
    #[arg(long, value_enum, default_value_t = Key::Rsa2048, value_name = "KEY")]
    pub key: Key,
    /// Archived keys recovered as a proof
    #[arg(long, default_value_t = 5, value_name = "N")]
    pub recover: usize,
    /// Tell a week more, in fast time: somebody comes, is renamed, gets a mailbox, leaves; Graph fails for a while
    #[arg(long, overrides_with = "no_week")]
    pub week: bool,
    /// No week, where a script asks for one
    #[arg(long = "no-week")]
    pub no_week: bool,
    /// Serve the page in this folder to a browser instead of opening the window (builds for tests only)
    #[cfg(debug_assertions)]
    #[arg(long, value_name = "DIR")]
    pub bridge: Option<PathBuf>,
}

#[cfg(feature = "gui")]
impl Demo {
    /// Whether the story ends without window or bridge.
    pub(super) fn stays_headless(&self) -> bool {
        #[cfg(debug_assertions)]
        if self.bridge.is_some() {
            return true;
        }
        self.headless
    }
}

/// Keys a demo can make.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Key {
    /// RSA 2048.
    #[value(name = "rsa-2048")]
    Rsa2048,
    /// RSA 3072.
    #[value(name = "rsa-3072")]
    Rsa3072,
    /// P-256.
    #[value(name = "p-256")]
    P256,
}

/// Set up this home
#[derive(Debug, Args)]
pub(super) struct Init {
    /// Name of the built-in authority
    #[arg(long, default_value = "Sealwright", value_name = "NAME")]
    pub authority: String,
    /// Organisation in its certificates
    #[arg(long, value_name = "NAME")]
    pub organization: Option<String>,
    /// Country in its certificates (ISO 3166)
    #[arg(long, value_name = "CODE")]
    pub country: Option<String>,
    /// Where the world will find revocation lists; certificates carry it for ever
    #[arg(long, value_name = "URL")]
    pub pki_url: Option<String>,
    /// Set up without a built-in authority
    #[arg(long)]
    pub no_authority: bool,
}

/// Settings
#[derive(Debug, Args)]
pub(super) struct ConfigCommand {
    /// What to do
    #[command(subcommand)]
    pub action: ConfigAction,
}

/// What to do with the settings.
#[derive(Debug, Subcommand)]
pub(super) enum ConfigAction {
    /// Read the settings and say what is wrong
    Check,
    /// Print a commented example
    Example,
}

/// Show what would be done, and why
#[derive(Debug, Args)]
pub(super) struct Plan {
    /// Also save the plan, signed, for `sealwright apply FILE`
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Replace the file of --out if it is there
    #[arg(long, requires = "out")]
    pub force: bool,
    /// Approve a saved plan that goes past the limits: shows it, and puts your signature under it as the second person
    #[arg(long, value_name = "FILE", conflicts_with_all = ["out", "offline"])]
    pub approve: Option<PathBuf>,
    /// Approve without being asked, for scripts that have looked
    #[arg(long, requires = "approve")]
    pub yes: bool,
    /// Plan from the last snapshot without reading the directory
    #[arg(long)]
    pub offline: bool,
}

/// Do what a plan says
#[derive(Debug, Args)]
pub(super) struct Apply {
    /// A saved plan, refused as a whole when the world has moved since; past the limits it needs `plan --approve`. Without it a new one is made and done
    pub file: Option<PathBuf>,
    /// Queue the work for the service instead of carrying it out here
    #[arg(long)]
    pub queue: bool,
}

/// Certificates
#[derive(Debug, Subcommand)]
pub(super) enum CertificateCommand {
    /// List certificates
    List(CertificateList),
    /// Show one in full
    Show(OneCertificate),
    /// Write one without its key, with its chain, as PEM
    Export {
        /// Which
        #[command(flatten)]
        which: OneCertificate,
        /// File to write; standard output otherwise
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Revoke one, after a look at whose it is
    ///
    /// Cannot be undone. With --json, or where nobody is at a terminal, it takes --yes.
    Revoke {
        /// Which
        #[command(flatten)]
        which: OneCertificate,
        /// RFC 5280 reason: keyCompromise, superseded, cessationOfOperation, …
        #[arg(long, default_value = "unspecified", value_name = "REASON")]
        reason: String,
        /// Revoke without asking: for scripts that know whose it is
        #[arg(long)]
        yes: bool,
    },
    /// Put one on hold, until `release` lifts that
    ///
    /// At an authority that knows holds it is on the revocation list meanwhile, and whatever its owner signed before looks
    /// revoked to those who look. Elsewhere it is suspended here only: neither renewed nor delivered. The key in the archive
    /// can be recovered all the same.
    Hold(OneCertificate),
    /// Lift a hold
    Release(OneCertificate),
    /// Ask the authorities now how certificates stand; exit code 3 where that differs from what is here
    Refresh(Refresh),
    /// Order a new certificate with a new key in its place
    Renew(OneCertificate),
    /// Read its deliveries back; with a recovery agent's key, hand over what is missing
    ///
    /// Where others have to agree, or the key is sealed to a quorum, it is handed over by `recovery request … --to-devices`.
    Redeliver {
        /// Which
        #[command(flatten)]
        which: OneCertificate,
        /// The agent's key, when the certificate's key must be opened for it
        #[command(flatten)]
        agent: Box<OptionalAgent>,
    },
}

/// Which certificates
#[derive(Debug, Args)]
pub(super) struct CertificateList {
    /// Beginning of the name or of the mail address, letter case aside; or a whole serial number or thumbprint in any spelling
    ///
    /// Beginnings are found by an index, however many certificates there are. A last name behind a first name is no beginning:
    /// search the mail address then.
    #[arg(long, value_name = "TEXT")]
    pub search: Option<String>,
    /// valid, expired, held, revoking, revoked or superseded
    #[arg(long, value_name = "STATUS")]
    pub status: Option<String>,
    /// Name of a template
    #[arg(long, value_name = "NAME")]
    pub template: Option<String>,
    /// Ends within this many days
    #[arg(long, value_name = "DAYS")]
    pub expires_within: Option<u32>,
    /// commonName, mail, notAfter or newest
    #[arg(long, default_value = "commonName", value_name = "ORDER")]
    pub order: String,
    /// Most lines
    #[arg(long, default_value_t = 100, value_name = "N")]
    pub limit: u32,
}

/// Names one certificate
#[derive(Debug, Args)]
pub(super) struct OneCertificate {
    /// Id, thumbprint or serial number in any spelling
    pub certificate: String,
}

/// Templates
#[derive(Debug, Subcommand)]
pub(super) enum TemplateCommand {
    /// List templates
    List,
    /// Show one
    Show {
        /// Name
        name: String,
    },
    /// Say what is wrong with templates, or with a template file
    Lint {
        /// A template file; all stored templates otherwise
        file: Option<PathBuf>,
    },
    /// Store a template from a file: a new one, or a change of the one that was exported
    Import {
        /// TOML file, as `export` writes it
        file: PathBuf,
        /// Replace the stored template even when it was changed since the file was exported
        #[arg(long)]
        force: bool,
    },
    /// Write one as TOML
    Export {
        /// Name
        name: String,
        /// File to write; standard output otherwise
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Print a new template to start from
    New {
        /// Name
        name: String,
        /// Sign-in instead of mail
        #[arg(long)]
        cba: bool,
        /// Enrollment group (Entra object id)
        #[arg(long, value_name = "ID")]
        group: Option<GroupId>,
        /// Authority that issues
        #[arg(long, default_value = "Sealwright", value_name = "NAME")]
        authority: String,
    },
}

/// Certification authorities
#[derive(Debug, Subcommand)]
pub(super) enum AuthorityCommand {
    /// List accounts
    List,
    /// Prove that an account is usable; nothing is issued
    Check {
        /// Name; all accounts otherwise
        name: Option<String>,
    },
    /// Publish the revocation list now
    Crl {
        /// Name
        name: String,
        /// File to write
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// A recovery agent's key
#[derive(Debug, Args)]
pub(super) struct Agent {
    /// Whose key
    #[command(flatten)]
    pub key: KeyArguments,
    /// Why: a case number or sentence for the audit log, at most 500 characters
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    pub reason: String,
}

/// A recovery agent's key, where one is needed
#[derive(Debug, Args)]
pub(super) struct OptionalAgent {
    /// Where the agent's key is: a PKCS#12 file; `pkcs11:…` or, on Windows, `cert:\CurrentUser\My\THUMBPRINT`, as `sealwright
    /// kra tokens` shows them; or in Azure Key Vault `https://VAULT.vault.azure.net/keys/NAME/VERSION`
    #[arg(long = "kra", value_name = "KEY", requires = "reason")]
    pub address: Option<kra::Address>,
    /// How it is unlocked
    #[command(flatten)]
    pub unlock: Unlock,
    /// Why: a case number or sentence for the audit log, at most 500 characters
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    pub reason: Option<String>,
}

/// Archived keys
#[derive(Debug, Subcommand)]
pub(super) enum RecoveryCommand {
    /// List archived keys and who can open them
    List {
        /// Beginning of name or mail address
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
    },
    /// Open an archived key into a PKCS#12; recorded before it happens
    ///
    /// Only where the set of recovery agents leaves it to one officer. Where others have to agree, or the key is sealed to a
    /// quorum: `recovery request`.
    Open {
        /// Which
        #[command(flatten)]
        which: OneCertificate,
        /// Whose key opens it
        #[command(flatten)]
        agent: Box<Agent>,
        /// PKCS#12 to write; its password is shown once
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// File for the PKCS#12's password, in place of showing it
        #[arg(long, value_name = "FILE")]
        out_password: Option<PathBuf>,
        /// For old clients: Triple DES and SHA-1 inside the PKCS#12
        #[arg(long)]
        compatible: bool,
    },
    /// Recoveries that several persons carry
    #[command(flatten)]
    Ceremony(CeremonyCommand),
    /// Decrypt given mails with an archived key and hand out the mails in place of the key; recorded before it happens
    ///
    /// The key is used in memory and dropped. Mails that cannot be decrypted stop no others; the exit code is then 3. Where others
    /// have to agree, or the key is sealed to a quorum: `recovery request … --decrypt`.
    Decrypt(Box<DecryptArguments>),
    /// Prove on a random sample that archived keys can be recovered; recorded before it happens, nothing is kept of the keys
    ///
    /// A daemon calls drills and draws their samples; with --sample, and where none is called, an extra one is drawn. Each key is
    /// opened in memory and compared with its certificate; of a quorum's key the officer's share. One officer does this alone:
    /// nothing is handed out. Exit code 3 when one did not open, or none was this officer's.
    Drill(Box<DrillArguments>),
    /// Show the fire drill that was called: which keys, and what officers have proven of each
    Drills,
    /// Count with what archived keys are sealed and to whom, and how many take no ML-KEM key to open; opens nothing
    Inventory,
    /// Write an archived key as it is sealed (CMS), to be opened elsewhere; with --for, a recovery request for an officer
    /// without a network
    ///
    /// The officer answers with `recovery approve --bundle FILE --kra KEY --out RESPONSE` on any machine, and somebody takes the
    /// answer in with `recovery import RESPONSE`.
    Export {
        /// Which certificate's key: id, thumbprint or serial number in any spelling; with --for, which recovery request
        #[arg(value_name = "CERTIFICATE|REQUEST")]
        what: String,
        /// For which officer: SHA-1 of the certificate, or its file
        #[arg(long = "for", value_name = "OFFICER")]
        officer: Option<String>,
        /// With --for: days until it has to be answered; never longer than the request is open
        #[arg(long, default_value_t = 3, value_name = "N", requires = "officer", value_parser = clap::value_parser!(i64).range(1..=30))]
        days: i64,
        /// File to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// The audit log
#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Newest entries
    List {
        /// Most lines
        #[arg(long, default_value_t = 50, value_name = "N")]
        limit: u32,
    },
    /// Recompute chain and tree, compare every signed head, and name the first entry that was touched
    Verify {
        /// A head that was kept elsewhere (`audit head --out FILE`); may be repeated
        #[arg(long = "head", value_name = "FILE")]
        heads: Vec<PathBuf>,
    },
    /// Sign the log as it stands; keep what comes out where nobody who writes the database can reach it
    Head {
        /// File to write; standard output otherwise
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Write a proof that one entry is in the log, or that the log only grew; whoever receives it needs nothing else
    Prove {
        /// The entry's number
        #[arg(required_unless_present = "since")]
        seq: Option<i64>,
        /// Prove instead that the log goes on from this older head, unchanged
        #[arg(long, value_name = "HEAD", conflicts_with = "seq")]
        since: Option<PathBuf>,
        /// File to write; standard output otherwise
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Check such a proof, or a receipt of `recovery receipt`; needs no database and no home
    Check {
        /// The proof
        proof: PathBuf,
    },
    /// Write all entries: one JSON object a line, oldest first, or a page that verifies itself in any browser
    Export {
        /// File to write; standard output otherwise
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Only entries from this moment on
        #[arg(long, value_name = "TIME", conflicts_with = "html")]
        since: Option<Timestamp>,
        /// One HTML file (--out) with entries, signed heads and what verifies them, without a network
        #[arg(long, requires = "out")]
        html: bool,
    },
}

/// The console in a browser on this machine
#[cfg(debug_assertions)]
#[derive(Debug, Args)]
pub(super) struct Bridge {
    /// Folder of the built page
    #[arg(long, value_name = "DIR")]
    pub ui: PathBuf,
    /// Port; 0 takes a free one
    #[arg(long, default_value_t = 0, value_name = "PORT")]
    pub port: u16,
}
