//! A person signs in with a browser on this machine: authorization code with PKCE (RFC 6749 section 4.1, RFC 7636), whose
//! answer comes back to a port of loopback (RFC 8252 section 7.3).
//!
//! The port is open to every program of this machine for as long as the sign-in lasts. So the answer must carry the secret
//! `state` that only the browser's page was told, and the code is worth nothing without the verifier that never leaves this
//! process. Whoever comes with anything else gets a page that says so, and the sign-in goes on.
//!
//! What a browser is to open is among its arguments, and every account of the machine can read those. With `state` there,
//! somebody else could sign in as themselves and have this program take them for the person in front of it. So the browser is
//! given a path of this port that is good once, and learns the tenant's page there. Whoever comes second makes the whole sign-in
//! void: one of the two was not the person.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::Entropy;
use model::text::printable;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;
use url::Url;
use zeroize::Zeroizing;

use crate::client::Client;
use crate::cloud;
use crate::entra::PublicApplication;
use crate::entra::endpoint::{self, Discovery, login_error};
use crate::entra::person::{Expected, Session, SignInError, scope_of};
use crate::error::NetError;
use crate::request::Request;

/// How long a person is waited for.
pub const PATIENCE: Duration = Duration::from_mins(5);
/// A browser sends its request at once; spare connections that stay silent are closed after this.
const SILENCE: Duration = Duration::from_secs(10);
/// Longer heads of requests are none of a sign-in.
const LONGEST_HEAD: usize = 16 * 1_024;
/// So many are listened to at once; others wait to be accepted.
const CONNECTIONS: usize = 32;
/// Longest text of the tenant's that is shown, in characters.
const SHOWN: usize = 300;
/// Ports are tried until one is free in both families.
const TRIES: usize = 8;

/// A sign-in that waits for its person.
pub struct BrowserSignIn {
    client: Client,
    application: PublicApplication,
    discovery: Discovery,
    scope: String,
    redirect: String,
    listeners: Vec<TcpListener>,
    state: Zeroizing<String>,
    nonce: String,
    verifier: Zeroizing<String>,
    /// The path that is good once, with its slash.
    once: Zeroizing<String>,
    /// The address of that path.
    address: String,
    /// The tenant's page, which only the browser is told.
    page: Zeroizing<String>,
}

impl std::fmt::Debug for BrowserSignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BrowserSignIn({} at {})", self.application.client_id, self.redirect)
    }
}

impl BrowserSignIn {
    /// Opens a port and makes the address that the browser is to open. `scope` names what is asked of a resource; empty for
    /// nothing but who it is.
    ///
    /// # Errors
    /// `Port` when no port can be had; otherwise what went wrong on the way to the tenant's description.
    pub async fn begin(
        client: &Client,
        authority: &Url,
        application: PublicApplication,
        scope: &str,
        entropy: &dyn Entropy,
    ) -> Result<Self, SignInError> {
        cloud::require_secure(authority)
            .map_err(|error| NetError::Unsendable { detail: error.to_string() })?;
        let discovery = endpoint::discover(client, authority, application.tenant).await?;
        let mut page = discovery.authorization.clone().ok_or_else(|| NetError::Garbled {
            host: authority.host_str().unwrap_or_default().to_owned(),
            detail: "this tenant has no page to sign in at".to_owned(),
        })?;
        let (port, listeners) = listen().await?;
        let [state, nonce, verifier, once] = [(); 4].map(|()| random(entropy));
        let redirect = format!("http://localhost:{port}");
        let scope = scope_of(scope);
        let challenge = URL_SAFE_NO_PAD.encode(crypto::certificate::sha256(verifier.as_bytes()));
        page.query_pairs_mut()
            .append_pair("client_id", &application.client_id.to_string())
            .append_pair("response_type", "code")
            .append_pair("redirect_uri", &redirect)
            .append_pair("response_mode", "query")
            .append_pair("scope", &scope)
            .append_pair("state", &state)
            .append_pair("nonce", &nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256")
            .append_pair("prompt", "select_account");
        let once = Zeroizing::new(format!("/{}", *once));
        Ok(Self {
            client: client.clone(),
            application,
            discovery,
            scope,
            address: format!("{redirect}{}", *once),
            once,
            page: Zeroizing::new(page.into()),
            redirect,
            listeners,
            state,
            nonce: nonce.to_string(),
            verifier,
        })
    }

    /// What a browser on this machine is to open: a path of the port here that is good once, and leads to the tenant's page.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Waits until the person has signed in, declined, or let the time pass.
    ///
    /// # Errors
    /// `Declined`, `TimedOut`; `OpenedTwice` when somebody else may have been sent to the tenant's page; `Identity` when what comes back does not belong here; otherwise what went wrong on the way.
    pub async fn wait(mut self, patience: Duration) -> Result<Session, SignInError> {
        let listeners = std::mem::take(&mut self.listeners);
        let heard = tokio::time::timeout(patience, self.listen(listeners)).await;
        let code = match heard {
            Ok(answer) => answer?,
            Err(_) => return Err(SignInError::TimedOut { minutes: patience.as_secs().div_ceil(60).max(1) }),
        };
        let form = endpoint::form(&[
            ("grant_type", "authorization_code"),
            ("client_id", &self.application.client_id.to_string()),
            ("code", &code),
            ("redirect_uri", &self.redirect),
            ("code_verifier", &self.verifier),
            ("scope", &self.scope),
        ]);
        let endpoint = self.discovery.token.clone();
        let answer =
            self.client.send(&Request::post_form(endpoint.clone(), form)).await.map_err(login_error)?;
        let expected = Expected {
            client: &self.client,
            application: self.application,
            discovery: &self.discovery,
            nonce: Some(&self.nonce),
        };
        expected.session(answer.json()?, &endpoint).await
    }

    /// Answers whoever connects, until the one answer has come. Connections are served side by side: browsers open some that
    /// they never use.
    async fn listen(&self, listeners: Vec<TcpListener>) -> Result<Zeroizing<String>, SignInError> {
        let (tell, mut told) = mpsc::channel::<(TcpStream, Asked)>(8);
        let mut tasks = JoinSet::new();
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        for listener in listeners {
            tasks.spawn(accept(listener, tell.clone(), Arc::clone(&places)));
        }
        let mut is_opened = false;
        while let Some((mut stream, asked)) = told.recv().await {
            let judged = self.judge(&asked, is_opened);
            is_opened |= judged.location.is_some();
            answer(&mut stream, &judged).await;
            if let Some(done) = judged.done {
                return done;
            }
        }
        Err(SignInError::Port { detail: "the port was closed".to_owned() })
    }

    /// What a request is answered with, and whether it ends the waiting. `is_opened`: the browser was sent to the tenant's page.
    fn judge(&self, asked: &Asked, is_opened: bool) -> Judged<'_> {
        let port = self.redirect.rsplit(':').next().unwrap_or_default();
        // A name that leads here from elsewhere is no browser that was sent by Entra ID.
        if ![format!("localhost:{port}"), format!("127.0.0.1:{port}")].contains(&asked.host) {
            return Judged::page("400 Bad Request", NOT_OURS);
        }
        if asked.method != "GET" {
            return Judged::page("405 Method Not Allowed", NOT_OURS);
        }
        if is_same(&asked.target, &self.once) {
            return if is_opened {
                Judged::end("410 Gone", TWICE, Err(SignInError::OpenedTwice))
            } else {
                Judged { location: Some(&self.page), ..Judged::page("302 Found", LEADS_ON) }
            };
        }
        let Some(query) = asked.target.strip_prefix('/').and_then(|rest| rest.strip_prefix('?')) else {
            // The page's little picture, and whatever else is asked for.
            return Judged::page("404 Not Found", NOT_OURS);
        };
        let find = |name: &str| {
            form_urlencoded::parse(query.as_bytes())
                .find(|(known, _)| known == name)
                .map(|(_, value)| Zeroizing::new(value.into_owned()))
        };
        // Nobody who was not led on can have an answer.
        if !is_opened || find("state").is_none_or(|state| !is_same(&state, &self.state)) {
            return Judged::page("400 Bad Request", NOT_OURS);
        }
        if let Some(error) = find("error") {
            let shown = |text: &str| -> String { printable(text).chars().take(SHOWN).collect() };
            let description =
                find("error_description").map(|text| shown(text.lines().next().unwrap_or_default()));
            let declined = SignInError::Declined {
                error: shown(&error),
                description: description.unwrap_or_else(|| "no reason was given".to_owned()),
            };
            return Judged::end("200 OK", DECLINED, Err(declined));
        }
        match find("code").filter(|code| !code.is_empty()) {
            Some(code) => Judged::end("200 OK", RECEIVED, Ok(code)),
            None => Judged::page("400 Bad Request", NOT_OURS),
        }
    }
}

/// What a request is answered with, and what it means for the sign-in.
struct Judged<'a> {
    status: &'static str,
    text: &'static str,
    /// Where the browser is led.
    location: Option<&'a str>,
    /// How the waiting ends, where it does.
    done: Option<Result<Zeroizing<String>, SignInError>>,
}

impl Judged<'_> {
    const fn page(status: &'static str, text: &'static str) -> Self {
        Self { status, text, location: None, done: None }
    }

    const fn end(
        status: &'static str,
        text: &'static str,
        done: Result<Zeroizing<String>, SignInError>,
    ) -> Self {
        Self { status, text, location: None, done: Some(done) }
    }
}

const RECEIVED: &str = "The sign-in was received. You can close this page and go back to Sealwright.";
const DECLINED: &str = "Nobody was signed in. You can close this page and go back to Sealwright.";
const LEADS_ON: &str = "The sign-in goes on at the page of your tenant.";
const TWICE: &str =
    "This page was opened twice, so that nobody is signed in. Go back to Sealwright and begin again.";
const NOT_OURS: &str = "This is not the sign-in that Sealwright waits for.";

/// The first line of a request and where it is meant to go.
struct Asked {
    method: String,
    target: Zeroizing<String>,
    host: String,
    /// The place of its connection, until it is answered.
    _place: OwnedSemaphorePermit,
}

/// A port of IPv4 loopback, and the same of IPv6 where there is one, so that nobody else answers there in our place.
async fn listen() -> Result<(u16, Vec<TcpListener>), SignInError> {
    let refused = |error: std::io::Error| SignInError::Port { detail: error.to_string() };
    for _ in 0..TRIES {
        let first = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.map_err(refused)?;
        let port = first.local_addr().map_err(refused)?.port();
        match TcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, port))).await {
            Ok(second) => return Ok((port, vec![first, second])),
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {}
            // There is no IPv6 here.
            Err(_) => return Ok((port, vec![first])),
        }
    }
    Err(SignInError::Port { detail: "no port is free for both IPv4 and IPv6".to_owned() })
}

async fn accept(listener: TcpListener, tell: mpsc::Sender<(TcpStream, Asked)>, places: Arc<Semaphore>) {
    let mut readers = JoinSet::new();
    // Nobody closes the semaphore.
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        // A failed accept is the client's misfortune.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let tell = tell.clone();
        readers.spawn(async move {
            if let Ok(Some(asked)) = tokio::time::timeout(SILENCE, read(stream, place)).await {
                // Whoever waited may have heard enough.
                let _ = tell.send(asked).await;
            }
        });
        // Those who are done are forgotten.
        while readers.try_join_next().is_some() {}
    }
}

async fn read(mut stream: TcpStream, place: OwnedSemaphorePermit) -> Option<(TcpStream, Asked)> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST_HEAD));
    let mut chunk = Zeroizing::new([0_u8; 2_048]);
    while !bytes.windows(4).any(|window| window == b"\r\n\r\n") {
        let read = stream.read(&mut *chunk).await.ok().filter(|read| *read > 0)?;
        if bytes.len() + read > LONGEST_HEAD {
            return None;
        }
        bytes.extend_from_slice(chunk.get(..read)?);
    }
    let head = std::str::from_utf8(&bytes).ok()?;
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), Zeroizing::new(first.next()?.to_owned()));
    let host = lines
        .find_map(|line| line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("host")))
        .map(|(_, value)| value.trim().to_ascii_lowercase())
        .unwrap_or_default();
    Some((stream, Asked { method, target, host, _place: place }))
}

async fn answer(stream: &mut TcpStream, judged: &Judged<'_>) {
    let Judged { status, text, .. } = judged;
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Sealwright</title><p>{text}</p></html>"
    );
    let location =
        Zeroizing::new(judged.location.map(|page| format!("Location: {page}\r\n")).unwrap_or_default());
    let whole = Zeroizing::new(format!(
        "HTTP/1.1 {status}\r\n{}Content-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
         Referrer-Policy: no-referrer\r\nContent-Security-Policy: default-src 'none'\r\nX-Content-Type-Options: nosniff\r\n\
         Connection: close\r\n\r\n{page}",
        *location,
        page.len()
    ));
    // A browser that has gone does not keep anybody from signing in.
    let _ = tokio::time::timeout(SILENCE, async {
        stream.write_all(whole.as_bytes()).await?;
        stream.shutdown().await
    })
    .await;
}

/// Compares without telling by its time how much was right.
fn is_same(given: &str, right: &str) -> bool {
    let differences = given.bytes().zip(right.bytes()).fold(0_u8, |all, (a, b)| all | (a ^ b));
    given.len() == right.len() && differences == 0
}

/// 43 characters of 256 random bits, as RFC 7636 recommends for the verifier.
fn random(entropy: &dyn Entropy) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    entropy.fill(&mut *bytes);
    Zeroizing::new(URL_SAFE_NO_PAD.encode(*bytes))
}
