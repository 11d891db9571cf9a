//! Which database, and what is found there.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use ts_rs::TS;
use zeroize::Zeroizing;

use crate::host::Right;
use crate::{ErrorCode, WireError};

/// Where the data shall be.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetupTarget {
    /// `embedded` (a file in the home folder), `mysql` (also MariaDB) or `mssql`.
    pub kind: String,
    /// Host name or address of the server.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Name of the database.
    pub database: String,
    /// Account; empty where a token or the Windows account says it.
    pub account: String,
    /// `password`, `entra` or `windows`.
    pub authentication: String,
    /// PEM file of the authority that signed the server's certificate; the system's roots when empty.
    pub ca_file: String,
}

impl SetupTarget {
    /// Refuses what cannot be a database, before anybody is asked.
    ///
    /// # Errors
    /// [`ErrorCode::Invalid`] with the field and what to do.
    pub fn check(&self, password: Option<&Password>) -> Result<(), WireError> {
        let refuse = |text: &str, hint: &str| Err(WireError::new(ErrorCode::Invalid, text, hint));
        match self.kind.as_str() {
            "embedded" => return Ok(()),
            "mysql" | "mssql" => {}
            _ => return refuse("this kind of database is not known", "choose one of those offered"),
        }
        if self.host.trim().is_empty()
            || self.host.contains(|c: char| c.is_whitespace() || "/@?#".contains(c))
        {
            return refuse(
                "the server's name is missing or has characters that no name has",
                "type it as db.example.com",
            );
        }
        if self.port == 0 {
            return refuse(
                "port 0 cannot be connected to",
                "MySQL and MariaDB listen on 3306, SQL Server on 1433",
            );
        }
        if self.database.trim().is_empty() {
            return refuse("the name of the database is missing", "ask the database administrator for it");
        }
        match self.authentication.as_str() {
            "password" => {
                if self.account.trim().is_empty() {
                    return refuse("the account is missing", "ask the database administrator for it");
                }
                if password.is_none_or(Password::is_empty) {
                    return refuse("the password is missing", "ask the database administrator for it");
                }
            }
            "entra" => {}
            "windows" if self.kind == "mssql" => {}
            "windows" => {
                return refuse(
                    "a Windows account signs in to SQL Server only",
                    "choose account and password, or Entra ID",
                );
            }
            _ => return refuse("this kind of sign-in is not known", "choose one of those offered"),
        }
        Ok(())
    }
}

/// A password on its way in. Never written out, never shown, wiped after use.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// From text.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
    /// The password itself, for the one who signs in with it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// Tries a database.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetupTest {
    /// Which.
    pub target: SetupTarget,
    /// Where an account signs in with one. The host keeps it until the assistant ends, in memory only.
    #[ts(type = "string | null")]
    pub password: Option<Password>,
}

/// What was found.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetupTested {
    /// Product and version, e.g. `MariaDB 10.11.6`.
    pub server: String,
    /// How the connection is protected, e.g. `TLS 1.3, verified for db.example.com`; absent when it is not.
    pub tls: Option<String>,
    /// As whom the server knows this login.
    pub login: String,
    /// `empty`, `older`, `current`, `newer` (of a later program) or `foreign` (tables of something else).
    pub state: String,
    /// Schema version that is there; 0 when there is none.
    pub schema: u32,
    /// Installations that share it already; 0 when nobody founded a fleet there.
    pub installations: u32,
    /// Fingerprint of that fleet; empty when there is none.
    pub fleet: String,
    /// Whether certificates or templates are in it.
    pub has_rows: bool,
    /// What this login may do.
    pub rights: Vec<Right>,
    /// Why it cannot be used, and what to do; absent when it can.
    pub obstacle: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target() -> SetupTarget {
        SetupTarget {
            kind: "mysql".to_owned(),
            host: "db.example.com".to_owned(),
            port: 3306,
            database: "sealwright".to_owned(),
            account: "sealwright".to_owned(),
            authentication: "password".to_owned(),
            ca_file: String::new(),
        }
    }

    #[test]
    fn what_cannot_be_a_database_is_refused_before_anybody_is_asked() {
        let password = Password::new("tiger".to_owned());
        assert!(target().check(Some(&password)).is_ok());
        assert!(SetupTarget { kind: "embedded".to_owned(), ..SetupTarget::default() }.check(None).is_ok());
        let mut wrong = Vec::new();
        for change in [
            |t: &mut SetupTarget| t.kind = "oracle".to_owned(),
            |t: &mut SetupTarget| t.host = "  ".to_owned(),
            |t: &mut SetupTarget| t.host = "me@db".to_owned(),
            |t: &mut SetupTarget| t.port = 0,
            |t: &mut SetupTarget| t.database = String::new(),
            |t: &mut SetupTarget| t.account = String::new(),
            |t: &mut SetupTarget| t.authentication = "windows".to_owned(),
            |t: &mut SetupTarget| t.authentication = "magic".to_owned(),
        ] {
            let mut target = target();
            change(&mut target);
            wrong.push(target.check(Some(&password)).unwrap_err());
        }
        assert!(wrong.iter().all(|error| error.code == ErrorCode::Invalid && error.hint.is_some()));
        assert!(
            target().check(None).is_err() && target().check(Some(&Password::new(String::new()))).is_err()
        );
    }

    #[test]
    fn a_password_is_not_shown() {
        let test: SetupTest =
            serde_json::from_value(serde_json::json!({ "target": target(), "password": "tiger" })).unwrap();
        assert!(!format!("{test:?}").contains("tiger"));
        assert_eq!(test.password.unwrap().reveal(), "tiger");
    }
}
