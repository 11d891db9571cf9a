//! A server that says exactly what a test tells it to say, byte by byte, and remembers what it was asked.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use model::{Clock, Ids, Span, SystemEntropy, Timestamp};
use net::{Client, Cloud, Endpoints, Settings};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// One request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Request line and headers.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Seen {
    /// `GET /path`.
    pub(crate) fn route(&self) -> String {
        let line = self.head.lines().next().unwrap_or_default();
        let target = line.rsplit_once(' ').map_or(line, |(target, _)| target);
        target.split('?').next().unwrap_or_default().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// What the server does with one request.
pub(crate) enum Say {
    /// A whole answer.
    Answer { status: u16, headers: String, body: String },
    /// Nothing: the connection is cut after the request was read.
    Cut,
    /// A head that promises more than follows, then the cut.
    CutInBody { status: u16 },
    /// Nothing, for a long time.
    Hang,
}

impl Say {
    pub(crate) fn json(status: u16, body: &impl ToString) -> Self {
        Self::Answer {
            status,
            headers: "content-type: application/json\r\n".to_owned(),
            body: body.to_string(),
        }
    }

    pub(crate) fn html(status: u16, body: &str) -> Self {
        Self::Answer { status, headers: "content-type: text/html\r\n".to_owned(), body: body.to_owned() }
    }

    pub(crate) fn with(self, header: &str) -> Self {
        match self {
            Self::Answer { status, headers, body } => {
                Self::Answer { status, headers: format!("{headers}{header}\r\n"), body }
            }
            Self::Cut | Self::CutInBody { .. } | Self::Hang => self,
        }
    }
}

type Script = dyn Fn(&Seen, usize) -> Say + Send + Sync;

pub(crate) struct Scripted {
    pub(crate) base: Url,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Scripted {
    /// `script` gets each request and its number, from 0.
    pub(crate) async fn start(script: impl Fn(&Seen, usize) -> Say + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let script: Arc<Script> = Arc::new(script);
        let memory = Arc::clone(&seen);
        background(async move {
            while let Ok((stream, _)) = listener.accept().await {
                background(serve(stream, Arc::clone(&script), Arc::clone(&memory)));
            }
        });
        Self { base, seen }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// How often a route was asked for.
    pub(crate) fn count(&self, route: &str) -> usize {
        self.seen().iter().filter(|seen| seen.route() == route).count()
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        self.base.join(path).unwrap()
    }

    /// Authority and Graph are this server.
    pub(crate) fn endpoints(&self) -> Endpoints {
        Endpoints { authority: self.base.clone(), graph: self.base.clone(), ..Endpoints::of(Cloud::Global) }
    }
}

#[expect(clippy::disallowed_methods, reason = "the server's tasks end with the test's runtime")]
fn background(task: impl Future<Output = ()> + Send + 'static) {
    drop(tokio::spawn(task));
}

async fn serve(mut stream: TcpStream, script: Arc<Script>, memory: Arc<Mutex<Vec<Seen>>>) {
    while let Some(seen) = read_request(&mut stream).await {
        let number = {
            let mut memory = memory.lock().unwrap();
            memory.push(seen.clone());
            memory.len() - 1
        };
        let (answer, close) = match script(&seen, number) {
            Say::Answer { status, headers, body } => {
                let length = body.len();
                let text =
                    format!("HTTP/1.1 {status} Scripted\r\n{headers}content-length: {length}\r\n\r\n{body}");
                (text, headers.contains("x-then-close"))
            }
            Say::Cut => return,
            Say::CutInBody { status } => {
                let cut = format!("HTTP/1.1 {status} Scripted\r\ncontent-length: 1000\r\n\r\n{{\"value\":");
                let _ = stream.write_all(cut.as_bytes()).await;
                return;
            }
            Say::Hang => {
                tokio::time::sleep(Duration::from_mins(1)).await;
                return;
            }
        };
        if stream.write_all(answer.as_bytes()).await.is_err() || close {
            return;
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let mut chunk = [0_u8; 4_096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let seen = Seen { head: head.to_owned(), body: body.to_owned() };
            let length = seen.header("content-length").map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                return Some(seen);
            }
        }
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
        }
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub(crate) struct StillClock(AtomicI64);

impl StillClock {
    pub(crate) fn at(text: &str) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(text.parse::<Timestamp>().unwrap().as_millis())))
    }

    pub(crate) fn advance(&self, span: Span) {
        self.0.fetch_add(span.as_millis(), Ordering::SeqCst);
    }
}

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

pub(crate) fn clock() -> Arc<StillClock> {
    StillClock::at("2026-01-09T02:02:12Z")
}

/// A client with short time-outs.
pub(crate) fn client(clock: Arc<StillClock>) -> Client {
    let mut settings = Settings::new("Sealwright-Test/1");
    settings.connect_timeout = Duration::from_millis(500);
    settings.request_timeout = Duration::from_millis(1_500);
    client_with(&settings, clock)
}

pub(crate) fn client_with(settings: &Settings, clock: Arc<StillClock>) -> Client {
    let ids = Ids::new(clock.clone(), Arc::new(SystemEntropy));
    Client::new(settings, ids, clock).unwrap()
}
