//! Sign-in with a token, as Azure Database for MySQL asks for it, against a server that follows MySQL's documents for the
//! connection phase: it leads the client to TLS and asks for the token with `mysql_clear_password`.
//! Azure itself was never met.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use store::StoreError;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_native_tls::{TlsAcceptor, native_tls};

use super::Pool;
use crate::server::{Authentication, Login, Password, ServerAddress, ServerKind, Tls};
use crate::test_identity::{Authority, FreshTokens};

/// `CLIENT_LONG_PASSWORD | CONNECT_WITH_DB | PROTOCOL_41 | TRANSACTIONS | SECURE_CONNECTION | PLUGIN_AUTH`.
const CAPABILITIES: u32 = 0x0008_a209;
const CLIENT_SSL: u32 = 0x0000_0800;

/// What the server heard, connection by connection, after it had asked for a password in clear text.
type Heard = Arc<Mutex<Vec<String>>>;

struct Azure {
    port: u16,
    heard: Heard,
    _running: JoinSet<()>,
}

impl Azure {
    /// A server that proves to be `host`, or one without TLS.
    async fn start(tls: Option<(&Authority, &str)>) -> Self {
        let acceptor = tls.map(|(authority, host)| {
            TlsAcceptor::from(native_tls::TlsAcceptor::new(authority.issue(host)).unwrap())
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, heard) = (listener.local_addr().unwrap().port(), Heard::default());
        let mut running = JoinSet::new();
        let told = Arc::clone(&heard);
        running.spawn(async move {
            let mut serving = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let (acceptor, told) = (acceptor.clone(), Arc::clone(&told));
                // A client that does not like the certificate hangs up.
                serving.spawn(async move { drop(serve(client, acceptor, &told).await) });
            }
        });
        Self { port, heard, _running: running }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    fn address(&self, tls: Tls, authentication: Authentication) -> ServerAddress {
        ServerAddress {
            kind: ServerKind::MySql,
            host: "localhost".to_owned(),
            port: self.port,
            database: "sealwright".to_owned(),
            user: Some("seal".to_owned()),
            tls,
            authentication,
        }
    }
}

async fn serve(mut client: TcpStream, acceptor: Option<TlsAcceptor>, heard: &Heard) -> std::io::Result<()> {
    let offered = if acceptor.is_some() { CAPABILITIES | CLIENT_SSL } else { CAPABILITIES };
    let [low, high] =
        [offered & 0xffff, offered >> 16].map(|half| u16::try_from(half).unwrap().to_le_bytes());
    let mut greeting = b"\x0a8.0.40-azure\0\x01\0\0\0saltsalt\0".to_vec();
    greeting.extend(low);
    greeting.extend([45, 2, 0]);
    greeting.extend(high);
    greeting.extend(b"\x15\0\0\0\0\0\0\0\0\0\0saltsaltsalt\0mysql_native_password\0");
    write(&mut client, 0, &greeting).await?;
    match acceptor {
        None => answer(client, heard).await,
        Some(acceptor) => {
            let (_, asks_for_tls) = read(&mut client).await?;
            assert_eq!(asks_for_tls.len(), 32, "nobody is named before TLS");
            match acceptor.accept(client).await {
                Ok(client) => answer(client, heard).await,
                Err(_) => Ok(()),
            }
        }
    }
}

/// Asks for the password in clear text, and then finds everything in order.
async fn answer(mut client: impl AsyncRead + AsyncWrite + Unpin, heard: &Heard) -> std::io::Result<()> {
    const OK: [u8; 7] = [0, 0, 0, 2, 0, 0, 0];
    let (number, _) = read(&mut client).await?;
    write(&mut client, number + 1, b"\xfemysql_clear_password\0").await?;
    let (number, secret) = read(&mut client).await?;
    heard.lock().unwrap().push(String::from_utf8(secret).unwrap().trim_end_matches('\0').to_owned());
    write(&mut client, number + 1, &OK).await?;
    loop {
        match read(&mut client).await?.1.first() {
            // COM_QUIT
            None | Some(1) => return Ok(()),
            _ => write(&mut client, 1, &OK).await?,
        }
    }
}

async fn read(client: &mut (impl AsyncRead + Unpin)) -> std::io::Result<(u8, Vec<u8>)> {
    let [a, b, c, number] = client.read_u32().await?.to_be_bytes();
    let mut payload = vec![0; usize::try_from(u32::from_le_bytes([a, b, c, 0])).unwrap()];
    client.read_exact(&mut payload).await?;
    Ok((number, payload))
}

async fn write(client: &mut (impl AsyncWrite + Unpin), number: u8, payload: &[u8]) -> std::io::Result<()> {
    let [a, b, c, _] = u32::try_from(payload.len()).unwrap().to_le_bytes();
    client.write_all(&[&[a, b, c, number], payload].concat()).await?;
    client.flush().await
}

async fn open(address: &ServerAddress) -> Result<Pool, StoreError> {
    let login: Arc<dyn Login> = match address.authentication {
        Authentication::Entra => Arc::new(FreshTokens::default()),
        Authentication::Password | Authentication::Windows => Arc::new(Password::new("s3cr3t")),
    };
    Pool::open(address, login, 2, Duration::from_secs(10)).await
}

#[tokio::test]
async fn each_new_connection_shows_a_fresh_token_inside_tls() {
    let authority = Authority::new();
    let server = Azure::start(Some((&authority, "localhost"))).await;
    let tls = Tls::VerifiedBy(authority.file());
    let pool = open(&server.address(tls, Authentication::Entra)).await.unwrap();
    let first = pool.begin(false).await.unwrap();
    let second = pool.begin(false).await.unwrap();
    let heard = server.heard();
    let fresh: std::collections::BTreeSet<&String> = heard.iter().collect();
    assert!(heard.len() == 3 && fresh.len() == 3, "{heard:?}");
    assert!(heard.iter().all(|token| token.starts_with("token-")), "{heard:?}");
    drop((first, second));
    pool.close().await;
}

#[tokio::test]
async fn a_server_that_cannot_prove_its_name_or_has_no_tls_sees_no_token() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let servers = [
        Azure::start(Some((&stranger, "localhost"))).await,
        Azure::start(Some((&authority, "db.example.com"))).await,
        Azure::start(None).await,
    ];
    for server in &servers {
        let address = server.address(Tls::VerifiedBy(authority.file()), Authentication::Entra);
        let Err(refused) = open(&address).await else { panic!("the connection was made") };
        assert!(!refused.to_string().contains("token-"), "{refused}");
        assert_eq!(server.heard(), Vec::<String>::new(), "{refused}");
    }
    let bare = servers[2].address(Tls::Off, Authentication::Entra);
    assert!(open(&bare).await.is_err(), "a token needs TLS");
    assert_eq!(servers[2].heard(), Vec::<String>::new());
}

#[tokio::test]
async fn a_password_is_never_given_in_clear_text_whoever_asks_for_it() {
    let authority = Authority::new();
    let server = Azure::start(Some((&authority, "localhost"))).await;
    let tls = Tls::VerifiedBy(authority.file());
    assert!(open(&server.address(tls, Authentication::Password)).await.is_err());
    assert_eq!(server.heard(), Vec::<String>::new());
}
