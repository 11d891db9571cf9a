//! Where a database server is and how an installation signs in to it.
//!
//! A server is named by an address such as `mysql://sealwright@db.example.com/sealwright` or
//! `mssql://db.example.com:1433/sealwright`. The password or token is never part of it: it comes from a [`Login`], which
//! is asked anew for every connection.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use async_trait::async_trait;
use store::StoreError;
use url::{Host, Url};
use zeroize::Zeroizing;

/// Which protocol a server speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ServerKind {
    /// MySQL 8, MariaDB 10.6 or newer, Azure Database for MySQL.
    MySql,
    /// SQL Server 2019 or newer, Azure SQL.
    SqlServer,
}

impl ServerKind {
    /// The port that the server listens on unless told otherwise.
    pub const fn default_port(self) -> u16 {
        match self {
            Self::MySql => 3306,
            Self::SqlServer => 1433,
        }
    }

    /// The beginning of its addresses.
    pub const fn scheme(self) -> &'static str {
        match self {
            Self::MySql => "mysql",
            Self::SqlServer => "mssql",
        }
    }
}

/// How the connection is protected.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Tls {
    /// Encrypted, and the server proves with a certificate that it is the named one. Trusted are the roots of the
    /// operating system.
    #[default]
    Verified,
    /// Like [`Tls::Verified`] with the roots of this PEM file besides those of the operating system, not in their place.
    VerifiedBy(PathBuf),
    /// Not encrypted; only for servers on this machine.
    Off,
}

/// As whom an installation signs in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Authentication {
    /// Account and password of the database.
    #[default]
    Password,
    /// A token of Microsoft Entra ID (Azure SQL, Azure Database for MySQL).
    Entra,
    /// The Windows account of the program (SQL Server).
    Windows,
}

/// A database on a server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServerAddress {
    /// Protocol.
    pub kind: ServerKind,
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Name of the database.
    pub database: String,
    /// Account; `None` where the token or the Windows account says it.
    pub user: Option<String>,
    /// Protection of the connection.
    pub tls: Tls,
    /// Kind of sign-in.
    pub authentication: Authentication,
}

impl ServerAddress {
    /// Whether the server is on this machine.
    pub fn is_local(&self) -> bool {
        match Host::parse(&self.host) {
            Ok(Host::Ipv4(address)) => address.is_loopback(),
            Ok(Host::Ipv6(address)) => address.is_loopback(),
            Ok(Host::Domain(name)) => name == "localhost",
            Err(_) => false,
        }
    }

    /// Refuses what would give a password or token to whoever listens.
    ///
    /// # Errors
    /// [`StoreError::Schema`] with what to do.
    pub fn check(&self) -> Result<(), StoreError> {
        let refused = |text: String| Err(StoreError::Schema(text));
        if self.tls == Tls::Off && !self.is_local() {
            return refused(format!(
                "an unencrypted connection to {} would show everything to the network; leave out `tls = \"off\"`, which is \
                 for servers on this machine",
                self.host
            ));
        }
        if self.tls == Tls::Off && self.authentication == Authentication::Entra {
            return refused(
                "a token of Entra ID is only sent over an encrypted connection; leave out `tls = \"off\"`"
                    .to_owned(),
            );
        }
        if self.authentication == Authentication::Windows && self.kind != ServerKind::SqlServer {
            return refused("`authentication = \"windows\"` is for SQL Server".to_owned());
        }
        if self.user.is_none()
            && (self.authentication == Authentication::Password || self.kind == ServerKind::MySql)
        {
            return refused(format!(
                "the address names no account; write {}://ACCOUNT@{}/{}",
                self.kind.scheme(),
                self.host,
                self.database
            ));
        }
        Ok(())
    }
}

/// The address as people write it; protection and kind of sign-in are not part of it.
impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut url = Url::parse(&format!("{}://host", self.kind.scheme())).map_err(|_| fmt::Error)?;
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        url.set_host(Some(&host)).map_err(|_| fmt::Error)?;
        if self.port != self.kind.default_port() {
            url.set_port(Some(self.port)).map_err(|()| fmt::Error)?;
        }
        if let Some(user) = &self.user {
            url.set_username(user).map_err(|()| fmt::Error)?;
        }
        url.set_path(&self.database);
        f.write_str(url.as_str())
    }
}

/// Reads an address; protection and sign-in are the defaults.
impl FromStr for ServerAddress {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let wrong = |why: &str| {
            StoreError::Schema(format!(
                "the database address {why}; write for example mysql://sealwright@db.example.com/sealwright or \
                 mssql://sealwright@db.example.com/sealwright"
            ))
        };
        // The text itself is never repeated: somebody may have put a password into it.
        let url = Url::parse(text.trim()).map_err(|_| wrong("is not an address"))?;
        let kind = match url.scheme() {
            "mysql" | "mariadb" => ServerKind::MySql,
            "mssql" | "sqlserver" => ServerKind::SqlServer,
            _ => return Err(wrong("begins with something else than mysql:// or mssql://")),
        };
        if url.password().is_some() {
            return Err(wrong(
                "holds a password, and addresses are stored and shown; leave it out, it is asked for",
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("has parameters; they are settings of their own in [database]"));
        }
        let decoded = |part: &str| percent_decoded(part).ok_or_else(|| wrong("is not readable text"));
        let database = decoded(url.path().trim_matches('/'))?;
        if database.is_empty() || database.contains('/') {
            return Err(wrong("names no database"));
        }
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| wrong("names no server"))?;
        Ok(Self {
            kind,
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port().unwrap_or(kind.default_port()),
            database,
            user: Some(decoded(url.username())?).filter(|user| !user.is_empty()),
            tls: Tls::default(),
            authentication: Authentication::default(),
        })
    }
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// Gives the password or a fresh token; asked once for each new connection.
#[async_trait]
pub trait Login: Send + Sync {
    /// The password, or an access token for the database. Empty for sign-in by Windows account.
    ///
    /// # Errors
    /// A sentence that says what to do, e.g. that no password is stored.
    async fn secret(&self) -> Result<Zeroizing<String>, String>;
}

/// A password that is known already.
pub struct Password(pub Zeroizing<String>);

impl Password {
    /// Takes the password.
    pub fn new(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[async_trait]
impl Login for Password {
    async fn secret(&self) -> Result<Zeroizing<String>, String> {
        Ok(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_comes_back_as_it_was_written() {
        for text in [
            "mysql://seal@db.example.com/sealwright",
            "mssql://db.example.com:1533/sealwright",
            "mysql://s%C3%BCsi%40tenant@[::1]/sealwright",
        ] {
            let address: ServerAddress = text.parse().unwrap();
            assert_eq!(address.to_string(), text);
            assert_eq!(address.to_string().parse::<ServerAddress>().unwrap(), address);
        }
        let address: ServerAddress = "mariadb://a@h/d".parse().unwrap();
        assert_eq!((address.port, address.tls, address.user.as_deref()), (3306, Tls::Verified, Some("a")));
    }

    #[test]
    fn a_password_in_an_address_is_refused_and_not_repeated() {
        let refused = "mysql://seal:s3cr3t@db/sealwright".parse::<ServerAddress>().unwrap_err().to_string();
        assert!(refused.contains("leave it out") && !refused.contains("s3cr3t"), "{refused}");
        let refused = "s3cr3t".parse::<ServerAddress>().unwrap_err().to_string();
        assert!(!refused.contains("s3cr3t"), "{refused}");
    }

    #[test]
    fn nothing_secret_is_sent_in_clear() {
        let mut address: ServerAddress = "mysql://a@db.example.com/d".parse().unwrap();
        address.check().unwrap();
        address.tls = Tls::Off;
        assert!(address.check().is_err());
        address.host = "127.0.0.1".to_owned();
        address.check().unwrap();
        address.authentication = Authentication::Entra;
        assert!(address.check().is_err());
    }
}
