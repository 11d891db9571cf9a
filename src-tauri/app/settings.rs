//! Settings: one file in the home folder, read here and nowhere else.
//!
//! Secrets are never in the file; it names files that hold them, and those must belong to the user alone.

mod drift;
mod exchange;
mod intune;
mod rewrite;
mod tenant;

use std::fs;
use std::path::{Path, PathBuf};

use lifecycle::DrillSchedule;
use model::{GroupId, LARGEST_CALLED_SAMPLE, Span};
use serde::{Deserialize, Serialize};
use url::Url;

pub use self::drift::DriftSection;
pub use self::exchange::ExchangeSection;
pub use self::intune::{FurtherConnector, Intune};
pub(crate) use self::intune::{is_name as is_connector_name, software_ksp};
pub use self::tenant::{Cloud, Tenant};
pub use crate::credential::{Algorithm, SignInWay};
pub use crate::key_vault::KeyVaultSection;
pub use crate::person::{ProductRole, SignInSection};
pub use crate::vault::InstallationSettings;

/// Name of the settings file in the home folder.
pub const FILE: &str = "sealwright.toml";

/// Where settings, the embedded database and the installation's key lie.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Home(PathBuf);

impl Home {
    /// The folder that was named, or the user's own.
    pub fn find(named: Option<PathBuf>) -> Result<Self, SettingsError> {
        if let Some(folder) = named {
            return Ok(Self(folder));
        }
        directories::ProjectDirs::from("app", "", "Sealwright")
            .map(|folders| Self(folders.data_local_dir().to_path_buf()))
            .ok_or(SettingsError::NoHome)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The embedded database.
    pub fn database(&self) -> PathBuf {
        self.0.join("sealwright.db")
    }

    /// A path from the settings: relative ones are meant from the home folder.
    pub fn resolve(&self, path: &Path) -> PathBuf {
        self.0.join(path)
    }

    /// Where the console writes files that somebody asked for, with its whole path. The page names files there and nowhere else.
    pub fn exports(&self) -> PathBuf {
        let folder = self.0.join("exports");
        std::path::absolute(&folder).unwrap_or(folder)
    }

    /// Makes the folder, for its owner only.
    pub fn create(&self) -> Result<(), SettingsError> {
        make_private_folder(&self.0)
    }

    /// Makes the folder of exports, for its owner only; answers its path.
    pub fn make_exports(&self) -> Result<PathBuf, SettingsError> {
        let folder = self.exports();
        make_private_folder(&folder)?;
        Ok(folder)
    }
}

fn make_private_folder(folder: &Path) -> Result<(), SettingsError> {
    let unwritable = |source| SettingsError::Unwritable { path: folder.to_path_buf(), source };
    fs::create_dir_all(folder).map_err(unwritable)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(unwritable)?;
    }
    Ok(())
}

/// The settings file.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// The tenant; nothing is read or delivered without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<Box<Tenant>>,
    /// The application that people sign in to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<SignInSection>,
    /// Hand-over to Intune.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intune: Option<Intune>,
    /// Who may use shared mailboxes, as Exchange tells it, and the address list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<ExchangeSection>,
    /// Shared mailboxes and who may use them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mailboxes: Vec<Mailbox>,
    /// Recovery keys in Azure Key Vault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_vault: Option<KeyVaultSection>,
    /// The headless service.
    #[serde(default)]
    pub daemon: Daemon,
    /// The archive and its officers.
    #[serde(default)]
    pub recovery: Recovery,
    /// What the plan may do by itself.
    #[serde(default, skip_serializing_if = "crate::limits::LimitsSection::is_usual")]
    pub limits: crate::limits::LimitsSection,
    /// What certificates cost, for plans and campaigns to tell.
    #[serde(default, skip_serializing_if = "model::Prices::is_empty")]
    pub prices: model::Prices,
    /// The comparison with the world outside.
    #[serde(default, skip_serializing_if = "DriftSection::is_usual")]
    pub drift: DriftSection,
    /// The shared database; without it the embedded one in the home folder is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<Database>,
    /// Where this installation keeps its own secrets.
    #[serde(default)]
    pub installation: InstallationSettings,
}

/// The archive and its officers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Recovery {
    /// Days between fire drills that the daemon calls; 0 for never.
    #[serde(default = "drill_days")]
    pub drill_days: u32,
    /// Days that officers have for a called fire drill; at least 1.
    #[serde(default = "drill_hold_days")]
    pub drill_hold_days: u32,
    /// Keys of a called fire drill, 1 to 40.
    #[serde(default = "drill_sample")]
    pub drill_sample: u32,
    /// Whether keys are sealed to a signed set only, and never to the unsigned list of agents.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub signed_set: bool,
    /// PKCS#11 modules that the console may load beside the usual ones, with their whole paths. The command line loads any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pkcs11_modules: Vec<PathBuf>,
}

fn drill_days() -> u32 {
    90
}

fn drill_hold_days() -> u32 {
    14
}

fn drill_sample() -> u32 {
    20
}

impl Default for Recovery {
    fn default() -> Self {
        Self {
            drill_days: drill_days(),
            drill_hold_days: drill_hold_days(),
            drill_sample: drill_sample(),
            signed_set: false,
            pkcs11_modules: Vec::new(),
        }
    }
}

impl Recovery {
    /// How often a fire drill is to be held; `None` for never.
    pub fn drill_interval(&self) -> Option<Span> {
        (self.drill_days > 0).then(|| Span::days(i64::from(self.drill_days)))
    }

    /// How fire drills are called. What is out of bounds is brought into them.
    pub fn drill_schedule(&self) -> DrillSchedule {
        DrillSchedule {
            every: self.drill_interval(),
            sample: self.drill_sample.clamp(1, LARGEST_CALLED_SAMPLE),
            time: Span::days(i64::from(self.drill_hold_days.max(1))),
        }
    }
}

/// A database that several installations share.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Database {
    /// Server, account and name of the database, e.g. `mysql://sealwright@db.example.com/sealwright`.
    pub url: String,
    /// How this installation signs in.
    #[serde(default)]
    pub authentication: Authentication,
    /// PEM file with the authority that the server's certificate comes from, where it is not one that the system trusts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// Whether the connection is encrypted and the server proves who it is.
    #[serde(default)]
    pub tls: TlsSetting,
    /// The application that signs in with `authentication = "entra"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entra: Option<DatabaseApplication>,
    /// Connections for reading, and as many again for writing.
    #[serde(default = "connections")]
    pub connections: u32,
}

impl Database {
    /// The database at this address, with the usual sign-in.
    pub fn at(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            authentication: Authentication::default(),
            ca_file: None,
            tls: TlsSetting::default(),
            entra: None,
            connections: connections(),
        }
    }
}

fn connections() -> u32 {
    4
}

/// How an installation signs in to the database.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Authentication {
    /// Account and password; the password lies in the vault of the installation.
    #[default]
    Password,
    /// A token of Microsoft Entra ID.
    Entra,
    /// The Windows account of the program (SQL Server).
    Windows,
}

/// Protection of the connection to the database.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsSetting {
    /// Encrypted, to a server that proves with a certificate that it is the named one.
    #[default]
    Verified,
    /// Not encrypted; only for a server on this machine.
    Off,
}

/// The application registration that may sign in to the database.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DatabaseApplication {
    /// Tenant id.
    pub tenant_id: uuid::Uuid,
    /// Application (client) id.
    pub client_id: uuid::Uuid,
    /// File that holds the client secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret_file: Option<PathBuf>,
    /// PEM file with certificate and private key, in place of a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_certificate_file: Option<PathBuf>,
    /// Which Microsoft cloud.
    #[serde(default)]
    pub cloud: Cloud,
    /// Sign-in address, where it is not the cloud's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority_url: Option<Url>,
    /// Every other way to sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<SignInWay>,
}

/// A shared mailbox and who may use it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Mailbox {
    /// Primary address.
    pub address: String,
    /// Entra group whose members may use it.
    pub holders: GroupId,
}

/// The headless service.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Daemon {
    /// Loopback address of health and revocation lists; port 0 takes a free one.
    #[serde(default = "listen")]
    pub listen: std::net::SocketAddr,
    /// Enrollments worked on at once; 0 stands for twice the processors.
    #[serde(default)]
    pub concurrency: usize,
    /// Minutes between readings of the directory.
    #[serde(default = "sync_minutes")]
    pub sync_minutes: u32,
    /// Seconds that running work may take to finish after a request to stop.
    #[serde(default = "grace_seconds")]
    pub grace_seconds: u32,
    /// Seconds after which the work of a daemon that died is taken up by another. A living one renews its claims three
    /// times in that span, however long its work takes.
    #[serde(default = "lease_seconds")]
    pub lease_seconds: u32,
    /// Seconds between two looks whether this program may go on with the database and in the fleet.
    #[serde(default = "watch_seconds")]
    pub watch_seconds: u32,
}

fn listen() -> std::net::SocketAddr {
    std::net::SocketAddr::from(([127, 0, 0, 1], 8441))
}
fn sync_minutes() -> u32 {
    15
}
fn grace_seconds() -> u32 {
    20
}
fn lease_seconds() -> u32 {
    15
}
/// The shortest lease where daemons meet in one database.
const SHORTEST_SHARED_LEASE: u32 = 5;

fn watch_seconds() -> u32 {
    60
}

impl Default for Daemon {
    fn default() -> Self {
        Self {
            listen: listen(),
            concurrency: 0,
            sync_minutes: sync_minutes(),
            grace_seconds: grace_seconds(),
            lease_seconds: lease_seconds(),
            watch_seconds: watch_seconds(),
        }
    }
}

impl Daemon {
    /// Time between readings of the directory.
    pub fn sync_interval(&self) -> Span {
        Span::minutes(i64::from(self.sync_minutes.max(1)))
    }
    /// How long a claim lasts unless it is extended.
    pub fn lease(&self) -> Span {
        Span::seconds(i64::from(self.lease_seconds))
    }
    /// Time between two looks at database and fleet.
    pub fn watch(&self) -> std::time::Duration {
        std::time::Duration::from_secs(self.watch_seconds.max(1).into())
    }
    /// Enrollments worked on at once. Half of them can wait for the network while the others compute.
    pub fn parallel(&self) -> usize {
        if self.concurrency > 0 {
            return self.concurrency;
        }
        std::thread::available_parallelism().map_or(4, |processors| processors.get() * 2)
    }
}

impl Settings {
    /// Reads the settings of a home folder; an absent file means defaults.
    pub fn load(home: &Home) -> Result<Self, SettingsError> {
        let path = home.resolve(Path::new(FILE));
        match fs::read_to_string(&path) {
            Ok(text) => {
                let read: Self = toml::from_str(&text).map_err(|source| SettingsError::Malformed {
                    path: path.clone(),
                    source: Box::new(source),
                })?;
                read.check_values()
                    .map_err(|why| SettingsError::Unsuitable(format!("{}: {why}", path.display())))?;
                Ok(read)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(SettingsError::Unreadable { path, source }),
        }
    }

    /// Whether they can be kept, before they are.
    ///
    /// # Errors
    /// What is to be changed in the file, for people.
    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        self.check_values().map_err(|why| SettingsError::Unsuitable(format!("{FILE}: {why}")))
    }

    fn check_values(&self) -> Result<(), String> {
        if let Some(module) = self.recovery.pkcs11_modules.iter().find(|module| !module.is_absolute()) {
            return Err(format!("pkcs11-modules: write the whole path of {}", module.display()));
        }
        self.intune.as_ref().map_or(Ok(()), Intune::check)?;
        if let Some(exchange) = &self.exchange {
            exchange.check(!self.mailboxes.is_empty())?;
        }
        self.check_lease()
    }

    /// A claim that runs out before its holder is heard is worked on by two in turn, and neither comes to an end.
    fn check_lease(&self) -> Result<(), String> {
        let (least, why) = match self.database {
            Some(_) => (SHORTEST_SHARED_LEASE, ": on a shared database an answer may take seconds"),
            None => (1, ""),
        };
        let lease = self.daemon.lease_seconds;
        if lease >= least {
            return Ok(());
        }
        Err(format!(
            "lease-seconds = {lease} is too short{why}; write at least {least}, or leave it out for {}",
            lease_seconds()
        ))
    }

    /// Writes the settings of a home folder. In a file that is there only what changed is changed: it is a person's, with
    /// comments.
    pub fn save(&self, home: &Home) -> Result<(), SettingsError> {
        let path = home.resolve(Path::new(FILE));
        let unfit = |error: &dyn std::fmt::Display| {
            SettingsError::Unsuitable(format!("the settings cannot be written: {error}"))
        };
        let table = |settings: &Self| toml::Table::try_from(settings).map_err(|error| unfit(&error));
        let text = match fs::read_to_string(&path) {
            Ok(written) => rewrite::rewritten(&written, &table(&Self::load(home)?)?, &table(self)?)
                .map_err(|error| unfit(&error))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                toml::to_string_pretty(self).map_err(|error| unfit(&error))?
            }
            Err(source) => return Err(SettingsError::Unreadable { path, source }),
        };
        // A file that says something else than it should never takes the place of a good one.
        let read = text.parse::<toml::Table>().map_err(|error| unfit(&error))?;
        if read.try_into::<Self>().map_err(|error| unfit(&error))? != *self {
            return Err(unfit(&"it would not be read as it was meant; change the file by hand"));
        }
        write_private(&path, text.as_bytes())
    }
}

/// Writes a file that only its owner may read; replaces an older one at once or not at all.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), SettingsError> {
    use std::io::Write as _;
    let unwritable = |source| SettingsError::Unwritable { path: path.to_path_buf(), source };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Temporary files are made with mode 0600 on Unix; the rename keeps it.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(unwritable)?;
    file.write_all(bytes).map_err(unwritable)?;
    file.as_file().sync_all().map_err(unwritable)?;
    file.persist(path).map_err(|error| unwritable(error.error))?;
    Ok(())
}

/// Writes a new file that only its owner may read; never replaces one.
pub(crate) fn write_new_private(path: &Path, bytes: &[u8]) -> Result<(), SettingsError> {
    let mut file = NewFile::at(path)?;
    file.write(bytes)?;
    file.keep()
}

/// A new file that only its owner may read, written bit by bit. It is there when it is whole, and not at all otherwise; it never
/// replaces one.
pub(crate) struct NewFile {
    path: PathBuf,
    file: std::io::BufWriter<tempfile::NamedTempFile>,
}

impl NewFile {
    /// Begins the file that is to lie at this path.
    pub(crate) fn at(path: &Path) -> Result<Self, SettingsError> {
        let unwritable = |source| SettingsError::Unwritable { path: path.to_path_buf(), source };
        if path.exists() {
            return Err(unwritable(std::io::ErrorKind::AlreadyExists.into()));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = tempfile::NamedTempFile::new_in(folder).map_err(unwritable)?;
        Ok(Self { path: path.to_path_buf(), file: std::io::BufWriter::new(file) })
    }

    /// Writes on.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), SettingsError> {
        use std::io::Write as _;
        self.file.write_all(bytes).map_err(|source| self.unwritable(source))
    }

    /// Puts the whole file in its place.
    pub(crate) fn keep(self) -> Result<(), SettingsError> {
        let unwritable = |source| SettingsError::Unwritable { path: self.path.clone(), source };
        let file = self.file.into_inner().map_err(|error| unwritable(error.into_error()))?;
        file.as_file().sync_all().map_err(unwritable)?;
        file.persist_noclobber(&self.path).map_err(|error| unwritable(error.error))?;
        Ok(())
    }

    fn unwritable(&self, source: std::io::Error) -> SettingsError {
        SettingsError::Unwritable { path: self.path.clone(), source }
    }
}

/// Reads a file that holds a secret, and refuses one that others may read.
pub fn read_private(path: &Path) -> Result<zeroize::Zeroizing<Vec<u8>>, SettingsError> {
    let unreadable = |source| SettingsError::Unreadable { path: path.to_path_buf(), source };
    if path.is_dir() {
        return Err(SettingsError::Unsuitable(format!(
            "{} is a folder; name the file in it that holds the secret",
            path.display()
        )));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path).map_err(unreadable)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(SettingsError::Unsuitable(format!(
                "{} holds a secret and other users may read it; run `chmod 600 {}`",
                path.display(),
                path.display()
            )));
        }
    }
    fs::read(path).map(zeroize::Zeroizing::new).map_err(unreadable)
}

/// Why settings could not be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The operating system names no folder for the user.
    #[error("this user has no home folder; name one with --home DIR")]
    NoHome,
    /// The file cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file cannot be written.
    #[error("{} cannot be written", path.display())]
    Unwritable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("{} has a mistake", path.display())]
    Malformed {
        /// Which.
        path: PathBuf,
        /// Where.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// The values do not fit together.
    #[error("{0}")]
    Unsuitable(String),
}
