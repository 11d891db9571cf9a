//! Which database a home uses, and how this installation signs in to it.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use model::Clock;
use store::StoreError;
use store_sql::{Location, Login, Migrated, Options, PlannedStep, ServerAddress, ServerKind, SqlStore, Tls};
use zeroize::Zeroizing;

use crate::compose::ComposeError;
use crate::settings::{Authentication, Database, Home, Settings, TlsSetting};
use crate::tenant;
use crate::vault::{Vault, VaultPassword};
use crate::works::chain;

/// The database that the settings name: the embedded one unless `[database]` is there.
pub(crate) fn location(home: &Home, settings: &Settings) -> Result<Location, ComposeError> {
    match &settings.database {
        None => Ok(Location::Sqlite(home.database())),
        Some(database) => {
            let address = address(home, database)?;
            let login = login(home, database, address.kind)?;
            Ok(Location::Server { address, login })
        }
    }
}

/// How the database is opened.
pub(crate) fn options(settings: &Settings) -> Options {
    let connections = settings.database.as_ref().map(|database| database.connections);
    Options { connections: connections.unwrap_or(Options::default().connections), ..Options::default() }
}

/// Opens the database of a home. An embedded one is made, and migrated, when need be; a shared one never.
pub(crate) async fn open(home: &Home, settings: &Settings) -> Result<SqlStore, ComposeError> {
    open_at(&location(home, settings)?, &options(settings)).await
}

/// The same for a database that is named here.
pub(crate) async fn open_at(location: &Location, options: &Options) -> Result<SqlStore, ComposeError> {
    if let Location::Server { .. } = location {
        let store = connect(location, options).await?;
        store.schema().await?.gate_unchanged()?;
        return Ok(store);
    }
    Ok(SqlStore::open(location, options).await?)
}

/// Opens a database whatever its schema is.
///
/// # Errors
/// [`ComposeError::Unreached`] for a server that could not be signed in to.
pub(crate) async fn connect(location: &Location, options: &Options) -> Result<SqlStore, ComposeError> {
    SqlStore::connect(location, options).await.map_err(|error| unreached(error, location))
}

/// Makes the tables of a database, or brings them to this program's schema.
///
/// # Errors
/// As [`connect`].
pub(crate) async fn migrate(location: &Location, options: &Options) -> Result<Migrated, ComposeError> {
    if let Location::Server { .. } = location {
        connect(location, &Options { connections: 1, ..options.clone() }).await?.close().await;
    }
    Ok(SqlStore::migrate(location, options).await?)
}

/// A server that could not be signed in to, in the same words for window, command line and examination.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{message}")]
pub struct Unreached {
    /// Which server, and why. Never with a secret.
    pub message: String,
    /// What to check.
    pub hint: &'static str,
    /// Whether the server answered, and does not let the login in.
    pub is_denied: bool,
}

/// Names the server in what went wrong on the way to it.
#[expect(clippy::wildcard_enum_match_arm, reason = "errors of all other kinds are told alike")]
fn unreached(error: StoreError, location: &Location) -> ComposeError {
    let Location::Server { address, .. } = location else { return error.into() };
    let host = if address.host.contains(':') { format!("[{}]", address.host) } else { address.host.clone() };
    let place = format!("{host}:{}", address.port);
    let (message, hint, is_denied) = match error {
        StoreError::Denied { detail, .. } => (
            format!("{place} does not let this login in: {detail}"),
            "check account and password, from which machines the account may sign in, and whether it may use this database",
            true,
        ),
        StoreError::Busy { source } => (
            format!("nobody answers at {place}: {source}"),
            "check name and port, whether the server runs, and whether a firewall stands between",
            false,
        ),
        StoreError::Driver { source, .. } => (
            format!("there is no connection to {place}: {source}"),
            "check the name of the database and, when it is about a certificate, the CA file and the server's name; \
             `sealwright database grants --prepare` prints the script that makes database and account",
            false,
        ),
        other => return other.into(),
    };
    Unreached { message, hint, is_denied }.into()
}

/// The steps of a migration as a script for whoever owns the database.
pub(crate) fn migration_script(steps: &[PlannedStep]) -> String {
    let mut text = String::new();
    for step in steps {
        let beside = if step.is_compatible {
            "programs of the schema before it go on working beside it"
        } else {
            "older programs are shut out by it: stop them first"
        };
        text.push_str(&format!("-- schema {}: {} ({beside})\n\n{}\n\n", step.version, step.name, step.sql));
    }
    text
}

/// Where `[database]` leads.
pub(crate) fn address(home: &Home, database: &Database) -> Result<ServerAddress, ComposeError> {
    let mut address: ServerAddress = database.url.parse()?;
    address.tls = match (database.tls, &database.ca_file) {
        (TlsSetting::Off, _) => Tls::Off,
        (TlsSetting::Verified, None) => Tls::Verified,
        (TlsSetting::Verified, Some(file)) => Tls::VerifiedBy(readable(&home.resolve(file))?),
    };
    address.authentication = match database.authentication {
        Authentication::Password => store_sql::Authentication::Password,
        Authentication::Entra => store_sql::Authentication::Entra,
        Authentication::Windows => store_sql::Authentication::Windows,
    };
    address.check()?;
    Ok(address)
}

fn readable(file: &Path) -> Result<std::path::PathBuf, ComposeError> {
    match std::fs::metadata(file) {
        Ok(_) => Ok(file.to_owned()),
        Err(error) => Err(ComposeError::Unusable(format!(
            "[database] ca-file: {} cannot be read: {error}",
            file.display()
        ))),
    }
}

/// How this installation proves who it is.
pub(crate) fn login(
    home: &Home,
    database: &Database,
    kind: ServerKind,
) -> Result<Arc<dyn Login>, ComposeError> {
    match database.authentication {
        Authentication::Password => {
            let vault = Vault::open(home).map_err(|error| ComposeError::Unusable(chain(&error)))?;
            Ok(Arc::new(VaultPassword::new(Arc::new(vault))))
        }
        Authentication::Windows => Ok(Arc::new(store_sql::Password::new(""))),
        Authentication::Entra => {
            let application = database.entra.as_ref().ok_or_else(|| {
                ComposeError::Unusable(
                    "`authentication = \"entra\"` needs [database.entra] with tenant-id, client-id and \
                     client-certificate-file"
                        .to_owned(),
                )
            })?;
            let clock: Arc<dyn Clock> = Arc::new(model::SystemClock);
            let tokens = tenant::token_source(home, application, &clock)?;
            let sql = net::Cloud::from(application.cloud).hosts().sql;
            let scope = match kind {
                ServerKind::MySql => format!("https://ossrdbms-aad.{sql}/.default"),
                ServerKind::SqlServer => format!("https://{sql}/.default"),
            };
            Ok(Arc::new(Token { tokens, scope }))
        }
    }
}

/// Signs in with a token of Entra ID; the source keeps it until shortly before its end.
struct Token {
    tokens: Arc<net::entra::TokenSource>,
    scope: String,
}

#[async_trait]
impl Login for Token {
    async fn secret(&self) -> Result<Zeroizing<String>, String> {
        let token = self.tokens.token(&self.scope).await.map_err(|error| chain(&error))?;
        Ok(Zeroizing::new(token.expose().to_owned()))
    }
}
