//! A way to a server that can be disturbed: cut, held up, slowed down, closed, or led to another server.
//!
//! It carries bytes and understands none of them. What it does to a connection happens at any byte, also between the
//! `COMMIT` of a client and the server's answer; that is what it is for.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinHandle, JoinSet};

/// How long a server may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(2);

/// What connections meet at present.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Weather {
    /// Where new connections lead.
    target: SocketAddr,
    /// New connections are closed at once.
    refuses: bool,
    /// No byte passes; nothing is lost.
    stalls: bool,
    /// How long each piece of data is held back, in each direction.
    delay: Duration,
}

#[derive(Debug, Default)]
struct Open {
    connections: Mutex<BTreeMap<u64, AbortHandle>>,
    accepted: AtomicU64,
    cut: AtomicU64,
}

/// The proxy; it ends, and its connections with it, when the value goes.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    weather: watch::Sender<Weather>,
    open: Arc<Open>,
    listening: JoinHandle<()>,
}

impl Proxy {
    /// Stands before the server at this address, on a port of its own on this machine. Must be called within a runtime,
    /// which does the carrying.
    ///
    /// # Panics
    /// When no port is free.
    #[expect(clippy::expect_used, reason = "a test without its proxy has failed")]
    pub async fn before(target: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port is free");
        let port = listener.local_addr().expect("it has an address").port();
        let fair = Weather { target, refuses: false, stalls: false, delay: Duration::ZERO };
        let (weather, seen) = watch::channel(fair);
        let open = Arc::new(Open::default());
        let listening = tokio::spawn(listen(listener, seen, Arc::clone(&open)));
        Self { port, weather, open, listening }
    }

    /// Its port on 127.0.0.1.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Connections open now.
    pub fn connections(&self) -> usize {
        self.open.connections.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Connections accepted so far.
    pub fn accepted(&self) -> u64 {
        self.open.accepted.load(Ordering::SeqCst)
    }

    /// Connections cut so far.
    pub fn cut(&self) -> u64 {
        self.open.cut.load(Ordering::SeqCst)
    }

    /// Cuts all connections in both directions; how many there were. New ones may be made.
    pub fn cut_all(&self) -> usize {
        self.cut_where(|| true)
    }

    /// Cuts each connection for which the dice say so.
    pub fn cut_where(&self, mut dice: impl FnMut() -> bool) -> usize {
        let mut connections = self.open.connections.lock().unwrap_or_else(PoisonError::into_inner);
        let before = connections.len();
        connections.retain(|_, connection| {
            let stays = !dice();
            if !stays {
                connection.abort();
            }
            stays
        });
        let cut = before - connections.len();
        self.open.cut.fetch_add(cut as u64, Ordering::SeqCst);
        cut
    }

    /// Closes new connections at once, or no longer.
    pub fn refuse(&self, refuses: bool) {
        self.weather.send_modify(|weather| weather.refuses = refuses);
    }

    /// Holds every byte back, or lets them go on.
    pub fn stall(&self, stalls: bool) {
        self.weather.send_modify(|weather| weather.stalls = stalls);
    }

    /// Holds each piece of data back for so long.
    pub fn delay(&self, delay: Duration) {
        self.weather.send_modify(|weather| weather.delay = delay);
    }

    /// Leads new connections to another server. Those that are open stay with theirs until they are cut.
    pub fn lead_to(&self, target: SocketAddr) {
        self.weather.send_modify(|weather| weather.target = target);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, weather: watch::Receiver<Weather>, open: Arc<Open>) {
    // Dropped with this task, and all connections with it.
    let mut carrying = JoinSet::new();
    let mut number = 0;
    loop {
        while carrying.try_join_next().is_some() {}
        let Ok((client, _)) = listener.accept().await else { continue };
        let Weather { target, refuses, .. } = weather.borrow().clone();
        if refuses {
            let _ = client.set_zero_linger();
            continue;
        }
        open.accepted.fetch_add(1, Ordering::SeqCst);
        number += 1;
        let (mine, theirs) = (number, Arc::clone(&open));
        // Held until the connection is in the books: it takes itself out when it ends.
        let mut connections = open.connections.lock().unwrap_or_else(PoisonError::into_inner);
        let weather = weather.clone();
        let connection = carrying.spawn(async move {
            carry(client, target, weather, mine % 2 == 0).await;
            theirs.connections.lock().unwrap_or_else(PoisonError::into_inner).remove(&mine);
        });
        connections.insert(mine, connection);
    }
}

/// Carries until one side closes. A cut drops this future: some connections then end with a reset, others as if in order.
async fn carry(client: TcpStream, target: SocketAddr, weather: watch::Receiver<Weather>, resets: bool) {
    let Ok(Ok(server)) = tokio::time::timeout(CONNECT, TcpStream::connect(target)).await else {
        let _ = client.set_zero_linger();
        return;
    };
    for stream in [&client, &server] {
        let _ = stream.set_nodelay(true);
        if resets {
            let _ = stream.set_zero_linger();
        }
    }
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // Either direction's end is the end of both, as database protocols never close one half.
    tokio::select! {
        () = pass(from_client, to_server, weather.clone()) => {}
        () = pass(from_server, to_client, weather) => {}
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut weather: watch::Receiver<Weather>) {
    let mut piece = vec![0; 16 * 1024];
    loop {
        let Ok(length @ 1..) = from.read(&mut piece).await else { return };
        if weather.wait_for(|weather| !weather.stalls).await.is_err() {
            return;
        }
        let delay = weather.borrow().delay;
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let Some(data) = piece.get(..length) else { return };
        if to.write_all(data).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// A server that answers every byte with itself, and says first who it is.
    async fn echo(name: u8) -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let _ = stream.write_all(&[name]).await;
                    let (mut from, mut to) = stream.split();
                    let _ = tokio::io::copy(&mut from, &mut to).await;
                });
            }
        });
        address
    }

    async fn connect(proxy: &Proxy) -> (TcpStream, u8) {
        let mut stream = TcpStream::connect(("127.0.0.1", proxy.port())).await.unwrap();
        let name = stream.read_u8().await.unwrap();
        (stream, name)
    }

    async fn ask(stream: &mut TcpStream) -> std::io::Result<u8> {
        stream.write_u8(7).await?;
        stream.read_u8().await
    }

    #[tokio::test]
    async fn connections_can_be_cut_and_made_again() {
        let proxy = Proxy::before(echo(1).await).await;
        let (mut first, _) = connect(&proxy).await;
        let (mut second, _) = connect(&proxy).await;
        assert_eq!(ask(&mut first).await.unwrap(), 7);
        assert_eq!((proxy.connections(), proxy.cut_all()), (2, 2));
        assert!(ask(&mut first).await.is_err() && ask(&mut second).await.is_err());
        let (mut third, _) = connect(&proxy).await;
        assert_eq!(ask(&mut third).await.unwrap(), 7);
        assert_eq!(proxy.cut_where(|| false), 0);
        assert_eq!((proxy.accepted(), proxy.cut()), (3, 2));
        drop(third);
        while proxy.connections() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    #[tokio::test]
    async fn what_is_held_up_arrives_later_and_whole() {
        let proxy = Proxy::before(echo(1).await).await;
        let (mut stream, _) = connect(&proxy).await;
        proxy.stall(true);
        let waited = tokio::time::timeout(Duration::from_millis(200), ask(&mut stream)).await;
        assert!(waited.is_err(), "nothing passes");
        proxy.stall(false);
        assert_eq!(stream.read_u8().await.unwrap(), 7);
        proxy.delay(Duration::from_millis(60));
        let begun = Instant::now();
        assert_eq!(ask(&mut stream).await.unwrap(), 7);
        assert!(begun.elapsed() >= Duration::from_millis(120), "both directions: {:?}", begun.elapsed());
    }

    #[tokio::test]
    async fn it_can_refuse_and_lead_elsewhere() {
        let proxy = Proxy::before(echo(1).await).await;
        let (mut first, name) = connect(&proxy).await;
        proxy.refuse(true);
        let mut refused = TcpStream::connect(("127.0.0.1", proxy.port())).await.unwrap();
        assert!(refused.read_u8().await.is_err());
        assert_eq!(ask(&mut first).await.unwrap(), 7, "the open one stays");
        proxy.refuse(false);
        proxy.lead_to(echo(2).await);
        assert_eq!((name, connect(&proxy).await.1), (1, 2));
        assert_eq!(ask(&mut first).await.unwrap(), 7);
    }
}
