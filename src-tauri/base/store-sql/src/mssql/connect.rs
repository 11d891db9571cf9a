//! How a connection to SQL Server comes up: TCP, TLS, sign-in, redirection, the settings of the session.
//!
//! A password or token only ever travels over TLS with a verified certificate; the one exception is a password to a server
//! on this machine with `tls = "off"`. Two ways of TLS are known: TDS 7.4 negotiates it first (SQL Server 2019 and all
//! later ones), TDS 8 begins with it ("force strict encryption"). Which of them a server wants is found out by trying;
//! neither shows a secret to a server that is not verified, so that trying the other gives nothing away.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use store::StoreError;
use tiberius::error::Error;
use tiberius::{AuthMethod, Client as TdsClient, Config, EncryptionLevel};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt as _};
use zeroize::Zeroizing;

use super::connection::Connection;
use super::fault::fault;
use super::line::Line;
use crate::fault::{Fault, FaultKind};
use crate::server::{Authentication, Login, ServerAddress, Tls};

pub(super) type Client = TdsClient<Compat<Line>>;

/// How long each of TCP and sign-in may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// How often a server may send us on to another.
const REDIRECTIONS: usize = 2;

/// What every session is told first. Nothing is left to the defaults of server, database or login: filtered indexes need
/// the ANSI settings, and without them texts would be cut off silently; large values are cut off by a small `TEXTSIZE`; with
/// `XACT_ABORT` a value that exists already would end the whole unit of work.
pub(super) const SETTINGS: &str = "SET ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL, \
     QUOTED_IDENTIFIER ON; SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS, NOCOUNT, XACT_ABORT OFF; \
     SET TEXTSIZE 2147483647; SET LOCK_TIMEOUT 15000";

/// Makes connections to one database.
pub(super) struct Dialer {
    address: ServerAddress,
    login: Arc<dyn Login>,
    /// PEM of the authority that vouches for the server.
    authority: Option<Vec<u8>>,
    /// Whether the server has shown that it wants TDS 8.
    is_strict: AtomicBool,
}

impl Dialer {
    /// Looks whether the address is one that may be dialled.
    pub(super) fn new(address: &ServerAddress, login: Arc<dyn Login>) -> Result<Self, StoreError> {
        address.check()?;
        if address.authentication == Authentication::Windows && !cfg!(windows) {
            return Err(StoreError::Schema(
                "sign-in by Windows account works on Windows only; use an account of the database or `authentication = \
                 \"entra\"`"
                    .to_owned(),
            ));
        }
        let authority = match &address.tls {
            Tls::VerifiedBy(file) => Some(std::fs::read(file).map_err(|error| {
                StoreError::Schema(format!("the ca-file {} cannot be read: {error}", file.display()))
            })?),
            Tls::Verified | Tls::Off => None,
        };
        Ok(Self { address: address.clone(), login, authority, is_strict: AtomicBool::new(false) })
    }

    pub(super) const fn address(&self) -> &ServerAddress {
        &self.address
    }

    /// A connection that is signed in and set up. `limit` holds for each of its statements.
    pub(super) async fn dial(&self, limit: Option<Duration>) -> Result<Connection, Fault> {
        let secret = self.login.secret().await.map_err(|why| Fault::new(FaultKind::Denied, why))?;
        let client = self.find(&secret).await?;
        let mut connection = Connection::new(client, Some(PATIENCE));
        connection.batch(SETTINGS).await?;
        connection.limit(limit);
        Ok(connection)
    }

    /// Follows the server's directions.
    async fn find(&self, secret: &Zeroizing<String>) -> Result<Client, Fault> {
        let (mut host, mut port) = (self.address.host.clone(), self.address.port);
        for _ in 0..=REDIRECTIONS {
            match self.sign_in(&host, port, secret).await {
                Ok(client) => return Ok(client),
                Err(Error::Routing { host: next, port: next_port }) => {
                    tracing::debug!(from = host, to = next, "the database server sends us on");
                    (host, port) = (directed(&next), next_port);
                    self.check_direction(&host)?;
                }
                Err(error) => return Err(fault(error)),
            }
        }
        Err(Fault::new(
            FaultKind::Other,
            format!(
                "the server sent us on more than {REDIRECTIONS} times, last to {host}; ask its administrator for the \
                 address of the database itself"
            ),
        ))
    }

    /// Without TLS nothing leaves this machine, whoever asks for it.
    fn check_direction(&self, host: &str) -> Result<(), Fault> {
        let next = ServerAddress { host: host.to_owned(), ..self.address.clone() };
        next.check().map_err(|error| Fault::new(FaultKind::Other, error))
    }

    async fn sign_in(&self, host: &str, port: u16, secret: &Zeroizing<String>) -> Result<Client, Error> {
        if self.address.tls == Tls::Off {
            return self.try_at(host, port, EncryptionLevel::NotSupported, secret).await;
        }
        if self.is_strict.load(Ordering::Relaxed) {
            return self.try_at(host, port, EncryptionLevel::Strict, secret).await;
        }
        let negotiated = match self.try_at(host, port, EncryptionLevel::Required, secret).await {
            Err(error @ (Error::Io { .. } | Error::Protocol(_))) => error,
            other => return other,
        };
        match self.try_at(host, port, EncryptionLevel::Strict, secret).await {
            // Neither way: unless it is the certificate, the first answer tells more.
            Err(Error::Tls(said)) if !said.contains("certificate") => Err(unencrypted(negotiated)),
            Err(Error::Io { .. } | Error::Protocol(_)) => Err(unencrypted(negotiated)),
            strict => {
                self.is_strict.store(true, Ordering::Relaxed);
                strict
            }
        }
    }

    async fn try_at(
        &self,
        host: &str,
        port: u16,
        encryption: EncryptionLevel,
        secret: &Zeroizing<String>,
    ) -> Result<Client, Error> {
        let mut config = Config::new();
        config.host(host);
        config.port(port);
        config.database(&self.address.database);
        config.application_name("Sealwright");
        config.encryption(encryption);
        config.handshake_timeout(Some(PATIENCE));
        // Statements have limits of our own, after which the server is told to stop.
        config.command_timeout(None);
        if let Some(authority) = &self.authority {
            config.trust_cert_ca_bundle(authority.clone());
        }
        config.authentication(self.authentication(secret)?);
        let stream = dial(host, port).await?;
        stream.set_nodelay(true)?;
        let line = Line::new(stream);
        let cut = line.cut();
        // A large future, and a rare one.
        let signed_in = Box::pin(TdsClient::connect(config, line.compat_write())).await;
        match signed_in {
            Err(Error::Tls(said)) if cut.is_cut() => Err(cut_off(&said)),
            signed_in => signed_in,
        }
    }

    fn authentication(&self, secret: &Zeroizing<String>) -> Result<AuthMethod, Error> {
        match self.address.authentication {
            Authentication::Password => {
                let user = self.address.user.as_deref().unwrap_or_default();
                Ok(AuthMethod::sql_server(user, secret.as_str()))
            }
            Authentication::Entra => Ok(AuthMethod::aad_token(secret.as_str())),
            #[cfg(windows)]
            Authentication::Windows => Ok(AuthMethod::Integrated),
            #[cfg(not(windows))]
            Authentication::Windows => Err(Error::Protocol("there are no Windows accounts here".into())),
        }
    }
}

/// What came between while both sides were still introducing themselves says nothing about who the server is.
fn cut_off(said: &str) -> Error {
    Error::Io {
        kind: std::io::ErrorKind::ConnectionAborted,
        message: format!(
            "the connection was cut while TLS was being set up ({said}): the server is going down or overloaded, something \
             between here and there (a firewall, a proxy, a load balancer) closed it, or the server takes no version of TLS \
             that this program speaks"
        ),
    }
}

/// What the driver says when the server declines encryption: nothing that would pass by itself.
fn unencrypted(error: Error) -> Error {
    if let Error::Protocol(said) = &error
        && said.contains("encryption")
    {
        return Error::Tls(said.to_string());
    }
    error
}

/// The host of a redirection. Some servers add the name of an instance, which the port has made needless; certificates
/// carry names in small letters.
fn directed(host: &str) -> String {
    let host = host.split_once('\\').map_or(host, |(host, _)| host);
    host.trim_end_matches('.').to_ascii_lowercase()
}

/// Dials all addresses of a name at once: behind the name of an availability group stand several, and only one answers.
async fn dial(host: &str, port: u16) -> Result<TcpStream, Error> {
    let reach = async {
        let mut dialling = JoinSet::new();
        for address in tokio::net::lookup_host((host, port)).await?.collect::<Vec<SocketAddr>>() {
            dialling.spawn(TcpStream::connect(address));
        }
        let mut last = std::io::Error::new(std::io::ErrorKind::NotFound, "its name leads nowhere");
        while let Some(dialled) = dialling.join_next().await {
            match dialled.map_err(std::io::Error::other).flatten() {
                Ok(stream) => return Ok(stream),
                Err(error) => last = error,
            }
        }
        Err(last)
    };
    let reached = timeout(PATIENCE, reach).await;
    let reached = reached.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()));
    reached.map_err(|error| Error::Io {
        kind: error.kind(),
        message: format!("the database server {host}, port {port} cannot be reached: {error}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_a_redirection_is_a_plain_name() {
        let host = "F02F.tr2996.NorthEurope1-a.worker.database.windows.net.\\instance";
        assert_eq!(directed(host), "f02f.tr2996.northeurope1-a.worker.database.windows.net");
        assert_eq!(directed("db2"), "db2");
    }
}
