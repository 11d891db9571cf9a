//! Microsoft's mock of the protocol as servers for tests, with certificates of their own, and a lock in front.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use mssql_mock_tds::{
    ColumnDefinition, ColumnValue, ConnectionInfo, ConnectionStore, MockTdsServer, QueryRegistry,
    QueryResponse, RedirectionConfig, Row, create_test_identity,
};
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{Ssl, SslAcceptor, SslMethod};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509NameBuilder};
use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio_openssl::SslStream;
use zeroize::Zeroizing;

use crate::server::{Authentication, Login, ServerAddress, ServerKind, Tls};

/// An authority of a test, and its certificate in a file.
pub(super) struct Authority {
    key: PKey<Private>,
    certificate: X509,
    folder: TempDir,
}

impl Authority {
    pub(super) fn new() -> Self {
        let key = key();
        let certificate = certificate("Test CA", &key, None);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), certificate.to_pem().unwrap()).unwrap();
        Self { key, certificate, folder }
    }

    pub(super) fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A certificate for a host, and its key.
    fn issue(&self, host: &str) -> (X509, PKey<Private>) {
        let key = key();
        (certificate(host, &key, Some(self)), key)
    }
}

fn key() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

fn certificate(name: &str, key: &PKey<Private>, authority: Option<&Authority>) -> X509 {
    let mut subject = X509NameBuilder::new().unwrap();
    subject.append_entry_by_nid(Nid::COMMONNAME, name).unwrap();
    let subject = subject.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    let serial = if authority.is_some() { 2 } else { 1 };
    builder.set_serial_number(&BigNum::from_u32(serial).unwrap().to_asn1_integer().unwrap()).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(2).unwrap()).unwrap();
    builder.set_subject_name(&subject).unwrap();
    builder.set_pubkey(key).unwrap();
    if let Some(authority) = authority {
        builder.set_issuer_name(authority.certificate.subject_name()).unwrap();
        let mut names = SubjectAlternativeName::new();
        if name.parse::<std::net::IpAddr>().is_ok() {
            names.ip(name);
        } else {
            names.dns(name);
        }
        let names = names.build(&builder.x509v3_context(Some(&authority.certificate), None)).unwrap();
        builder.append_extension(names).unwrap();
        builder.sign(&authority.key, MessageDigest::sha256()).unwrap();
    } else {
        builder.set_issuer_name(&subject).unwrap();
        builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
        builder.sign(key, MessageDigest::sha256()).unwrap();
    }
    builder.build()
}

/// A server that runs until it is dropped.
pub(super) struct Mock {
    pub(super) at: SocketAddr,
    registry: Arc<Mutex<QueryRegistry>>,
    connections: Arc<Mutex<ConnectionStore>>,
    running: JoinSet<()>,
}

impl Mock {
    /// Speaks TDS 8: TLS from the first byte.
    pub(super) async fn strict(authority: &Authority, host: &str) -> Self {
        let (certificate, key) = authority.issue(host);
        let (certificate, key) = (certificate.to_pem().unwrap(), key.private_key_to_pem_pkcs8().unwrap());
        let identity = create_test_identity(&certificate, &key).unwrap();
        Self::run(MockTdsServer::new_with_strict_tls("127.0.0.1:0", identity).await.unwrap())
    }

    /// Has no TLS and says so.
    pub(super) async fn plain() -> Self {
        Self::run(MockTdsServer::new("127.0.0.1:0").await.unwrap())
    }

    /// Sends everybody on; without TLS.
    pub(super) async fn sending_to(host: &str, port: u16) -> Self {
        let to = RedirectionConfig::new(host, port);
        Self::run(MockTdsServer::new_with_redirection_config("127.0.0.1:0", to).await.unwrap())
    }

    fn run(server: MockTdsServer) -> Self {
        let (at, registry, connections) =
            (server.local_addr(), server.query_registry(), server.connection_store());
        let mut running = JoinSet::new();
        running.spawn(async move { server.run().await.unwrap() });
        Self { at, registry, connections, running }
    }

    /// Puts TLS from the first byte in front, with a certificate for the host.
    pub(super) async fn behind_tls(&mut self, authority: &Authority, host: &str) -> SocketAddr {
        let (certificate, key) = authority.issue(host);
        let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).unwrap();
        acceptor.set_certificate(&certificate).unwrap();
        acceptor.set_private_key(&key).unwrap();
        acceptor.set_alpn_select_callback(|_, offered| {
            openssl::ssl::select_next_proto(b"\x07tds/8.0", offered)
                .ok_or(openssl::ssl::AlpnError::ALERT_FATAL)
        });
        let acceptor = acceptor.build();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (front, behind) = (listener.local_addr().unwrap(), self.at);
        self.running.spawn(async move {
            let mut carrying = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let ssl = Ssl::new(acceptor.context()).unwrap();
                carrying.spawn(async move {
                    let mut client = SslStream::new(ssl, client).unwrap();
                    if Pin::new(&mut client).accept().await.is_ok() {
                        let mut server = TcpStream::connect(behind).await.unwrap();
                        // However it ends, it ends.
                        let _ = copy_bidirectional(&mut client, &mut server).await;
                    }
                });
            }
        });
        front
    }

    /// What the server answers to a text; one in a parametrized statement has to be in capitals.
    pub(super) async fn answers(&self, sql: &str, answer: QueryResponse) {
        self.registry.lock().await.register(sql, answer);
    }

    /// The connections that signed in, in their order.
    pub(super) async fn signed_in(&self) -> Vec<ConnectionInfo> {
        let connections = self.connections.lock().await;
        connections.all().values().filter(|connection| connection.authenticated).cloned().collect()
    }

    /// Every token that was ever shown to the server.
    pub(super) async fn tokens(&self) -> Vec<String> {
        let connections = self.connections.lock().await;
        connections.all().values().filter_map(ConnectionInfo::received_token_as_string).collect()
    }
}

/// One row.
pub(super) fn row(values: Vec<ColumnValue>) -> QueryResponse {
    let columns = values.iter().map(|value| ColumnDefinition::new("c", value.data_type())).collect();
    QueryResponse::new(columns, vec![Row::new(values)])
}

/// An answer that comes late.
pub(super) fn late(by: Duration) -> QueryResponse {
    QueryResponse::new(Vec::new(), Vec::new()).with_delay(by)
}

/// The address of a mock.
pub(super) fn address(host: &str, port: u16, tls: Tls, authentication: Authentication) -> ServerAddress {
    ServerAddress {
        kind: ServerKind::SqlServer,
        host: host.to_owned(),
        port,
        database: "sealwright".to_owned(),
        user: Some("seal".to_owned()),
        tls,
        authentication,
    }
}

/// Gives `token-1`, `token-2`, …: another one each time.
#[derive(Default)]
pub(super) struct FreshTokens(AtomicUsize);

#[async_trait]
impl Login for FreshTokens {
    async fn secret(&self) -> Result<Zeroizing<String>, String> {
        let number = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        Ok(Zeroizing::new(format!("token-{number}")))
    }
}
