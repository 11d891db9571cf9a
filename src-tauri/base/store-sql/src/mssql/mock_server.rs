//! Microsoft's mock of the protocol as servers for tests, with a lock in front.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use mssql_mock_tds::{
    ColumnDefinition, ColumnValue, ConnectionInfo, ConnectionStore, MockTdsServer, QueryRegistry,
    QueryResponse, RedirectionConfig, Row,
};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio_native_tls::TlsAcceptor;
use tokio_native_tls::native_tls;

use crate::server::{Authentication, ServerAddress, ServerKind, Tls};
pub(super) use crate::test_identity::{Authority, FreshTokens};

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
        let identity = authority.issue(host);
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
        let mut acceptor = native_tls::TlsAcceptor::builder(authority.issue(host));
        acceptor.accept_alpn(&["tds/8.0"]);
        let acceptor = TlsAcceptor::from(acceptor.build().unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (front, behind) = (listener.local_addr().unwrap(), self.at);
        self.running.spawn(async move {
            let mut carrying = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                carrying.spawn(async move {
                    if let Ok(mut client) = acceptor.accept(client).await {
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
