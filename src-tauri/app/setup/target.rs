//! The database that was chosen, and how it is signed in to while the assistant is open.
#![expect(clippy::wildcard_enum_match_arm, reason = "errors of all other kinds are told alike")]

use std::path::PathBuf;
use std::sync::Arc;

use api::{Password, SetupTarget};
use store_sql::{Location, Login, ServerAddress, ServerKind, SqlStore, Tls};

use crate::compose::ComposeError;
use crate::database::{self, options};
use crate::settings::{Authentication, Database, Home, Settings};
use crate::vault::{SecretName, Vault};
use crate::works::chain;

/// A database that was chosen.
pub(super) struct Target {
    /// As the page knows it.
    pub(super) wire: SetupTarget,
    /// As the settings will name it; `None` for the embedded one.
    pub(super) database: Option<Database>,
    /// Where it is, with the login.
    pub(super) location: Location,
    /// The password that was typed; it goes into the vault.
    password: Option<Password>,
}

impl Target {
    /// What the page described.
    pub(super) fn described(
        home: &Home,
        wire: SetupTarget,
        password: Option<Password>,
    ) -> Result<Self, ComposeError> {
        let kind = match wire.kind.as_str() {
            "mysql" => ServerKind::MySql,
            "mssql" => ServerKind::SqlServer,
            _ => {
                let location = Location::Sqlite(home.database());
                return Ok(Self { wire, database: None, location, password: None });
            }
        };
        let authentication = match wire.authentication.as_str() {
            "entra" => Authentication::Entra,
            "windows" => Authentication::Windows,
            _ => Authentication::Password,
        };
        let account = wire.account.trim();
        let address = ServerAddress {
            kind,
            host: wire.host.trim().to_owned(),
            port: wire.port,
            database: wire.database.trim().to_owned(),
            user: (!account.is_empty()).then(|| account.to_owned()),
            tls: Tls::default(),
            authentication: store_sql::Authentication::default(),
        };
        let mut database = Database::at(&address.to_string());
        database.authentication = authentication;
        let ca_file = wire.ca_file.trim();
        database.ca_file = (!ca_file.is_empty()).then(|| PathBuf::from(ca_file));
        // The application that asks for tokens is written into the settings beforehand.
        database.entra = Settings::load(home)?.database.and_then(|named| named.entra);
        // Checked as the settings will be.
        let address = database::address(home, &database)?;
        let login: Arc<dyn Login> = match &password {
            Some(typed) if authentication == Authentication::Password => {
                Arc::new(store_sql::Password::new(typed.reveal()))
            }
            _ => database::login(home, &database, kind)?,
        };
        let password = password.filter(|_| authentication == Authentication::Password);
        let location = Location::Server { address, login };
        Ok(Self { wire, database: Some(database), location, password })
    }

    /// What the settings name already; its password is in the vault.
    pub(super) fn configured(home: &Home, settings: &Settings) -> Result<Self, ComposeError> {
        let location = database::location(home, settings)?;
        let Location::Server { address, .. } = &location else {
            return Self::described(
                home,
                SetupTarget { kind: "embedded".to_owned(), ..SetupTarget::default() },
                None,
            );
        };
        let named = settings.database.clone();
        let authentication = match address.authentication {
            store_sql::Authentication::Password => "password",
            store_sql::Authentication::Entra => "entra",
            store_sql::Authentication::Windows => "windows",
        };
        let ca_file = named.as_ref().and_then(|database| database.ca_file.as_ref());
        let wire = SetupTarget {
            kind: address.kind.scheme().to_owned(),
            host: address.host.clone(),
            port: address.port,
            database: address.database.clone(),
            account: address.user.clone().unwrap_or_default(),
            authentication: authentication.to_owned(),
            ca_file: ca_file.map(|file| file.display().to_string()).unwrap_or_default(),
        };
        Ok(Self { wire, database: named, location, password: None })
    }

    /// Whether it is on a server.
    pub(super) const fn is_server(&self) -> bool {
        self.database.is_some()
    }

    /// The kind of server and the name of the database there.
    pub(super) fn server(&self) -> Option<(ServerKind, &str)> {
        match &self.location {
            Location::Server { address, .. } => Some((address.kind, &address.database)),
            _ => None,
        }
    }

    /// The settings of `home` with this database in them. Nothing is written.
    pub(super) fn settings(&self, home: &Home) -> Result<Settings, ComposeError> {
        let mut settings = Settings::load(home)?;
        settings.database.clone_from(&self.database);
        Ok(settings)
    }

    /// Opens the database; its schema has to be this program's.
    pub(super) async fn open(&self, home: &Home) -> Result<SqlStore, ComposeError> {
        database::open_at(&self.location, &options(&self.settings(home)?)).await
    }

    /// Puts the password into the vault.
    pub(super) async fn keep_password(&self, home: &Home) -> Result<(), ComposeError> {
        let Some(password) = self.password.clone() else { return Ok(()) };
        in_vault(home, move |vault| vault.put(SecretName::DATABASE_PASSWORD, password.reveal().as_bytes()))
            .await
    }

    /// Puts the password into the vault and this database into the settings.
    pub(super) async fn keep(&self, home: &Home) -> Result<(), ComposeError> {
        home.create()?;
        self.keep_password(home).await?;
        self.settings(home)?.save(home)?;
        Ok(())
    }
}

/// Takes the password out of the vault again.
pub(super) async fn forget_password(home: &Home) -> Result<(), ComposeError> {
    in_vault(home, |vault| {
        if vault.has(SecretName::DATABASE_PASSWORD) {
            vault.remove(SecretName::DATABASE_PASSWORD)?;
        }
        Ok(())
    })
    .await
}

/// A keyring may ask a person first.
async fn in_vault(
    home: &Home,
    act: impl FnOnce(&Vault) -> Result<(), crate::vault::VaultError> + Send + 'static,
) -> Result<(), ComposeError> {
    let home = home.clone();
    let acted = tokio::task::spawn_blocking(move || act(&Vault::found(&home)?)).await;
    acted
        .map_err(|error| ComposeError::Unusable(format!("the vault was cut off: {error}")))?
        .map_err(|error| ComposeError::Unusable(chain(&error)))
}
