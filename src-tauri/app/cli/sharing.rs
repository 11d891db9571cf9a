//! What can be typed about sharing: database, installations, tenant.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// Make the tables of the database, or bring them to this program's schema
#[derive(Debug, Args)]
pub(super) struct Migrate {
    /// Show the SQL and change nothing
    #[arg(long)]
    pub plan: bool,
}

/// Kinds of database servers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum DatabaseKind {
    /// MySQL, MariaDB, Azure Database for MySQL.
    #[value(name = "mysql")]
    MySql,
    /// SQL Server, Azure SQL.
    #[value(name = "mssql")]
    SqlServer,
}

impl From<DatabaseKind> for store_sql::ServerKind {
    fn from(kind: DatabaseKind) -> Self {
        match kind {
            DatabaseKind::MySql => Self::MySql,
            DatabaseKind::SqlServer => Self::SqlServer,
        }
    }
}

/// How this installation signs in to the database.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum SignIn {
    /// Account and password.
    Password,
    /// A token of Microsoft Entra ID; needs [database.entra] in sealwright.toml.
    Entra,
    /// The Windows account of the program (SQL Server).
    Windows,
}

impl From<SignIn> for crate::settings::Authentication {
    fn from(kind: SignIn) -> Self {
        match kind {
            SignIn::Password => Self::Password,
            SignIn::Entra => Self::Entra,
            SignIn::Windows => Self::Windows,
        }
    }
}

/// A database on a server.
#[derive(Debug, Args)]
pub(super) struct UseDatabase {
    /// For example `mysql://sealwright@db.example.com/sealwright`; never with a password
    #[arg(value_name = "URL")]
    pub url: String,
    /// PEM file with the authority of the server's certificate, where the system does not trust it
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// How to sign in
    #[arg(long, value_enum, default_value_t = SignIn::Password)]
    pub authentication: SignIn,
    /// Read the account's password from standard input instead of asking for it
    #[arg(long)]
    pub password_stdin: bool,
    /// No encryption; only for a server on this machine
    #[arg(long)]
    pub no_tls: bool,
}

/// The database as a whole.
#[derive(Debug, Subcommand)]
pub(super) enum DatabaseCommand {
    /// Where it is, its schema, its size, and what this login may do
    Status,
    /// Share the database of a server from now on; asks for the account's password and tries it
    Use(UseDatabase),
    /// Store another password of the database account
    Password {
        /// Read it from standard input instead of asking
        #[arg(long)]
        stdin: bool,
    },
    /// Print the script that gives each role its rights, for the database administrator
    Grants {
        /// Kind of server; that of the configured one unless named
        #[arg(long, value_enum)]
        kind: Option<DatabaseKind>,
        /// Name of the database
        #[arg(long, value_name = "NAME")]
        database: Option<String>,
        /// Print the script that makes database and owner instead
        #[arg(long)]
        prepare: bool,
    },
    /// Copy the embedded database into a file
    Backup {
        /// A file that does not exist yet
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Move everything from the embedded database to an empty one on a server
    Move {
        /// Where to
        #[command(flatten)]
        named: UseDatabase,
        /// Also make the tables, with this account
        #[arg(long)]
        migrate: bool,
    },
}

/// Workstations and daemons.
#[derive(Debug, Subcommand)]
pub(super) enum InstallationCommand {
    /// Who is admitted, who waits, who was removed
    List,
    /// Ask to be admitted; shows the fingerprints to compare
    Join {
        /// The fleet's fingerprint, as an admitted installation shows it
        #[arg(value_name = "FINGERPRINT")]
        fleet: Option<String>,
    },
    /// Admit one that asked, after comparing its fingerprint with its own screen
    Admit {
        /// Its id, as `list` shows it
        #[arg(value_name = "ID")]
        id: String,
        /// Its fingerprint, as its own machine shows it
        #[arg(value_name = "FINGERPRINT")]
        fingerprint: String,
    },
    /// Turn one away that asked
    Refuse {
        /// Its id
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Put one out and seal all secrets anew without it
    Remove {
        /// Its id
        #[arg(value_name = "ID")]
        id: String,
        /// Even this one
        #[arg(long)]
        myself: bool,
    },
    /// Seal to the admitted ones what is not sealed to exactly them
    Reseal,
    /// Trust the fleet in the database as it is now, e.g. after an older backup was restored on purpose
    Trust {
        /// The fleet's fingerprint
        #[arg(value_name = "FINGERPRINT")]
        fleet: String,
    },
    /// Move this installation's own secrets into the keyring (or back into files)
    Protect {
        /// Where to
        #[arg(long, value_enum, default_value_t = VaultPlace::Keyring)]
        place: VaultPlace,
    },
    /// Write this installation's key pair into a PKCS#12 file under a password of its own
    Backup {
        /// A file that does not exist yet
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Read the password from standard input instead of asking for it
        #[arg(long)]
        password_stdin: bool,
    },
    /// Put the key pair of a backup into a home that has lost it
    Restore {
        /// The file of `backup`
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Read the password from standard input instead of asking for it
        #[arg(long)]
        password_stdin: bool,
    },
}

/// Where an installation keeps its secrets.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum VaultPlace {
    /// The system's keyring.
    Keyring,
    /// A credential that systemd hands to the service.
    Credentials,
    /// Files that only their owner may read.
    File,
}

impl From<VaultPlace> for crate::vault::Place {
    fn from(place: VaultPlace) -> Self {
        match place {
            VaultPlace::Keyring => Self::Keyring,
            VaultPlace::Credentials => Self::Credentials,
            VaultPlace::File => Self::File,
        }
    }
}
