//! The HTTP client: one pool of connections, time-outs, a limit on answers, and kinds instead of status codes.
//!
//! It never follows a redirect (a token would travel along), never reads the environment, and repeats a request in one
//! case only: a read that was told to wait for at most ten seconds waits and is sent once more.

use std::error::Error as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use model::{Clock, Ids, Span};
use ports::{Pace, Unpaced};
use reqwest::Response;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, WWW_AUTHENTICATE,
};
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::answer::Answer;
use crate::entra::AccessToken;
use crate::error::{NetError, SetupError};
use crate::reply::{self, ErrorReply};
use crate::request::Request;
use crate::retry_after;

/// Reads wait this long at most when they are told to; longer waits are the scheduler's business.
const PATIENCE: Span = Span::seconds(10);

/// The rest that all take when the other side asks to slow down and does not say for how long.
const UNTOLD: Span = Span::seconds(10);

/// How a client is to behave.
#[derive(Clone)]
pub struct Settings {
    /// Further trusted roots in PEM, besides those of the operating system.
    pub extra_root_ca: Option<String>,
    /// Every request but those to this machine goes through this proxy. User and password may be part of the address.
    pub proxy: Option<Url>,
    /// Longest wait for a connection, TLS included.
    pub connect_timeout: Duration,
    /// Longest wait for a whole answer.
    pub request_timeout: Duration,
    /// Product and version, as the other side logs it.
    pub user_agent: String,
    /// Longer answers are refused, in bytes.
    pub answer_limit: usize,
}

impl Settings {
    /// The ordinary settings: no proxy, 10 s to connect, 60 s for an answer of at most 32 MiB.
    pub fn new(user_agent: impl Into<String>) -> Self {
        Self {
            extra_root_ca: None,
            proxy: None,
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_mins(1),
            user_agent: user_agent.into(),
            answer_limit: 32 * 1_024 * 1_024,
        }
    }
}

/// The HTTP client. Clones share connections.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    ids: Ids,
    clock: Arc<dyn Clock>,
    answer_limit: usize,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client")
    }
}

impl Client {
    /// Makes the client; one per process is enough.
    ///
    /// # Errors
    /// `RootCertificate`, `Proxy`, or `Library` when there is no TLS.
    pub fn new(settings: &Settings, ids: Ids, clock: Arc<dyn Clock>) -> Result<Self, SetupError> {
        let library = |error: reqwest::Error| SetupError::Library { detail: innermost(&error) };
        let agent = HeaderValue::from_str(&settings.user_agent).map_err(|_| SetupError::Library {
            detail: "the user agent holds control characters".to_owned(),
        })?;
        #[expect(clippy::disallowed_methods, reason = "this is the client that everybody else uses")]
        let mut builder = reqwest::Client::builder()
            .user_agent(agent)
            .connect_timeout(settings.connect_timeout.min(settings.request_timeout))
            .timeout(settings.request_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .min_tls_version(reqwest::tls::Version::TLS_1_2)
            // Shorter than the idle time of the services' front ends, so that a request rarely meets a closing connection.
            .pool_idle_timeout(Duration::from_secs(50))
            .pool_max_idle_per_host(64)
            .tcp_keepalive(Duration::from_secs(30))
            .no_proxy();
        if let Some(pem) = &settings.extra_root_ca {
            for root in roots(pem)? {
                builder = builder.add_root_certificate(root);
            }
        }
        if let Some(address) = &settings.proxy {
            builder = builder.proxy(proxy(address)?);
        }
        let http = builder.build().map_err(library)?;
        Ok(Self { http, ids, clock, answer_limit: settings.answer_limit })
    }

    /// The clock that this client goes by.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The source of ids that this client uses.
    pub fn ids(&self) -> &Ids {
        &self.ids
    }

    /// Sends a request without a token.
    ///
    /// # Errors
    /// Everything but 2xx is an error of the matching kind.
    pub async fn send(&self, request: &Request) -> Result<Answer, NetError> {
        self.send_as(request, None, &Unpaced).await
    }

    pub(crate) async fn send_as(
        &self,
        request: &Request,
        token: Option<&AccessToken>,
        pace: &dyn Pace,
    ) -> Result<Answer, NetError> {
        let first = self.turn(request, token, pace).await;
        let told = first.as_ref().err().and_then(NetError::retry_after);
        match told {
            Some(wait) if request.only_reads && wait <= PATIENCE => {
                tokio::time::sleep(wait.to_duration()).await;
                self.turn(request, token, pace).await
            }
            _ => first,
        }
    }

    /// One call when the pace allows it. Who is told to slow down tells everybody.
    async fn turn(
        &self,
        request: &Request,
        token: Option<&AccessToken>,
        pace: &dyn Pace,
    ) -> Result<Answer, NetError> {
        if let Err(wait) = pace.draw().await {
            let reply = ErrorReply {
                message: "the calls that all installations together may make are used up for now".to_owned(),
                ..ErrorReply::default()
            };
            let host = request.url.host_str().unwrap_or_default().to_owned();
            return Err(NetError::Throttled { host, retry_after: Some(wait), reply: Box::new(reply) });
        }
        let answer = self.exchange(request, token).await;
        if let Err(NetError::Throttled { retry_after, .. }) = &answer {
            pace.rest(retry_after.unwrap_or(UNTOLD)).await;
        }
        answer
    }

    async fn exchange(&self, request: &Request, token: Option<&AccessToken>) -> Result<Answer, NetError> {
        let id = request.id.unwrap_or_else(|| self.ids.next::<Uuid>());
        let log = Log { request, id, started: Instant::now() };
        let result = self.attempt(request, token, id).await;
        log.write(&result);
        result.map_err(|failed| failed.error)
    }

    async fn attempt(
        &self,
        request: &Request,
        token: Option<&AccessToken>,
        id: Uuid,
    ) -> Result<Answer, Failed> {
        let host = request.url.host_str().unwrap_or_default().to_owned();
        let mut builder = self.http.request(request.method.clone(), request.url.clone());
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert("return-client-request-id", HeaderValue::from_static("true"));
        if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
            headers.insert("client-request-id", value);
        }
        for (name, value) in &request.headers {
            headers.insert(name, value.clone());
        }
        if let Some(token) = token {
            headers.insert(AUTHORIZATION, token.header());
        }
        if let Some((kind, body)) = &request.body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            builder = builder.body(body.clone());
        }
        let response = builder
            .headers(headers)
            .send()
            .await
            .map_err(|error| Failed::before(not_answered(&host, error)))?;
        let status = response.status().as_u16();
        let head = Head::of(&response, host, self.clock.as_ref());
        match (read_body(response, self.answer_limit).await, status) {
            (Ok(body), 200..=299) => {
                Ok(Answer { host: head.host, status, request_id: head.request_id, body })
            }
            (Ok(body), _) => Err(Failed { status, error: head.error(status, &body) }),
            // The body cannot change what a refusal means.
            (Err(_), 300..) => Err(Failed { status, error: head.error(status, &[]) }),
            (Err(BodyError::TooLarge), _) => Err(Failed {
                status,
                error: NetError::TooLarge { host: head.host, limit: self.answer_limit },
            }),
            (Err(BodyError::Lost(error)), _) => Err(Failed { status, error: lost(&head.host, error) }),
        }
    }
}

/// A failed attempt; 0 stands for "no status came".
struct Failed {
    status: u16,
    error: NetError,
}

impl Failed {
    fn before(error: NetError) -> Self {
        Self { status: 0, error }
    }
}

/// What is taken from the head of an answer for the case that it is a refusal.
struct Head {
    host: String,
    retry_after: Option<Span>,
    location: Option<String>,
    request_id: Option<String>,
    challenge: Option<String>,
    clock_ahead: Option<Span>,
}

impl Head {
    fn of(response: &Response, host: String, clock: &dyn Clock) -> Self {
        let headers = response.headers();
        let text =
            |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).map(str::to_owned);
        Self {
            host,
            retry_after: retry_after::read(headers, clock.now()),
            location: text(LOCATION.as_str()),
            request_id: text("request-id").or_else(|| text("x-ms-request-id")),
            challenge: text(WWW_AUTHENTICATE.as_str()),
            clock_ahead: retry_after::clock_ahead(headers, clock.now()),
        }
    }

    fn error(self, status: u16, body: &[u8]) -> NetError {
        let Self { host, retry_after, location, request_id, challenge, clock_ahead } = self;
        let parsed = reply::read(body);
        let is_page = parsed.is_none() && !body.trim_ascii().is_empty();
        let mut reply = parsed.unwrap_or_default();
        if is_page {
            reply.message = reply::shown(body);
        }
        reply.request_id = reply.request_id.or(request_id);
        reply.challenge = challenge.filter(|_| status == 401);
        reply.clock_ahead = clock_ahead;
        // Who asks for Basic authentication may say so on a page of its own (the agent of Azure Arc).
        let asks = reply.challenge.as_deref().is_some_and(|asked| asked.starts_with("Basic "));
        let reply = Box::new(reply);
        match status {
            429 => NetError::Throttled { host, retry_after, reply },
            500.. => NetError::Server { host, status, retry_after, reply },
            // A redirect shows the way to a sign-in page; services of ours do not redirect.
            300..=399 => NetError::NotJson { host, status, shown: redirect(location.as_deref()) },
            _ if is_page && !asks => NetError::NotJson { host, status, shown: reply.message },
            401 => NetError::Unauthorized { host, reply },
            403 => NetError::Forbidden { host, reply },
            404 => NetError::NotFound { host, reply },
            410 => NetError::Gone { host, location, reply },
            _ => NetError::Client { host, status, reply },
        }
    }
}

fn redirect(location: Option<&str>) -> String {
    let to = location.and_then(|to| Url::parse(to).ok()).and_then(|to| to.host_str().map(str::to_owned));
    format!("a redirect to {}", to.as_deref().unwrap_or("another place"))
}

enum BodyError {
    TooLarge,
    Lost(reqwest::Error),
}

async fn read_body(mut response: Response, limit: usize) -> Result<Zeroizing<Vec<u8>>, BodyError> {
    let told = response.content_length().and_then(|length| usize::try_from(length).ok());
    if told.is_some_and(|length| length > limit) {
        return Err(BodyError::TooLarge);
    }
    let mut body = Zeroizing::new(Vec::with_capacity(told.unwrap_or(4_096)));
    while let Some(chunk) = response.chunk().await.map_err(BodyError::Lost)? {
        if body.len() + chunk.len() > limit {
            return Err(BodyError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Tells "nothing was sent" from "it was sent". Whatever is not known to have failed before is taken for sent.
fn not_answered(host: &str, error: reqwest::Error) -> NetError {
    if error.is_builder() {
        NetError::Unsendable { detail: innermost(&error) }
    } else if error.is_connect() {
        let mut detail = innermost(&error);
        if detail.contains("certificate") {
            detail.push_str(
                "; if a proxy or an own authority signs here, add its root certificate to the settings",
            );
        } else if error.is_timeout() {
            "no connection within the time-out; check the name, the firewall and the proxy"
                .clone_into(&mut detail);
        }
        NetError::Unreachable { host: host.to_owned(), detail, source: error.without_url().into() }
    } else {
        lost(host, error)
    }
}

fn lost(host: &str, error: reqwest::Error) -> NetError {
    let detail =
        if error.is_timeout() { "none came within the time-out".to_owned() } else { innermost(&error) };
    NetError::OutcomeUnknown { host: host.to_owned(), detail, source: error.without_url().into() }
}

/// The last link of the chain of causes: what a person can do something with.
fn innermost(error: &reqwest::Error) -> String {
    let Some(mut cause) = error.source() else {
        return "the HTTP library gave no reason".to_owned();
    };
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

fn roots(pem: &str) -> Result<Vec<reqwest::Certificate>, SetupError> {
    let refused = |detail: String| SetupError::RootCertificate { detail };
    // The TLS library takes its certificates later and without a word; ours reads them here.
    crypto::X509Certificate::from_pem(pem.as_bytes()).map_err(|error| refused(error.to_string()))?;
    let roots =
        reqwest::Certificate::from_pem_bundle(pem.as_bytes()).map_err(|error| refused(innermost(&error)))?;
    if roots.is_empty() { Err(refused("it holds no certificate".to_owned())) } else { Ok(roots) }
}

fn proxy(address: &Url) -> Result<reqwest::Proxy, SetupError> {
    let refused = |detail: &str| SetupError::Proxy {
        proxy: format!("{}://{}", address.scheme(), address.host_str().unwrap_or_default()),
        detail: detail.to_owned(),
    };
    if !matches!(address.scheme(), "http" | "https") || address.host_str().is_none() {
        return Err(refused("it must be an address such as http://proxy.example.com:8080"));
    }
    let proxy = reqwest::Proxy::all(address.clone()).map_err(|error| refused(&innermost(&error)))?;
    Ok(proxy.no_proxy(reqwest::NoProxy::from_string("localhost,127.0.0.0/8,::1")))
}

/// One line per request. The path is shown, the query is not: it holds names of people and links that act as tickets.
struct Log<'a> {
    request: &'a Request,
    id: Uuid,
    started: Instant,
}

impl Log<'_> {
    fn write(&self, result: &Result<Answer, Failed>) {
        let method = self.request.method.as_str();
        let host = self.request.url.host_str().unwrap_or_default();
        let path = self.request.url.path();
        let ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let id = self.id;
        match result {
            Ok(answer) => {
                tracing::debug!(target: "net", %id, method, host, path, status = answer.status, ms, "answered");
            }
            Err(Failed { status, error }) => {
                let reply = error.reply().map(|ErrorReply { code, request_id, .. }| (code, request_id));
                let code = reply.map_or("", |(code, _)| code.as_str());
                let service_id = reply.and_then(|(_, id)| id.as_deref()).unwrap_or_default();
                tracing::warn!(target: "net", %id, method, host, path, status, ms, code, service_id, kind = kind(error), "failed");
            }
        }
    }
}

const fn kind(error: &NetError) -> &'static str {
    match error {
        NetError::Unreachable { .. } => "unreachable",
        NetError::OutcomeUnknown { .. } => "outcome unknown",
        NetError::Throttled { .. } => "throttled",
        NetError::Server { .. } => "server",
        NetError::Unauthorized { .. } => "unauthorized",
        NetError::Forbidden { .. } => "forbidden",
        NetError::NotFound { .. } => "not found",
        NetError::Gone { .. } => "gone",
        NetError::Client { .. } => "client",
        NetError::NotJson { .. } => "not json",
        NetError::Garbled { .. } => "garbled",
        NetError::TooLarge { .. } => "too large",
        NetError::ForeignLink { .. } => "foreign link",
        NetError::LoginRefused(_) => "login refused",
        NetError::Unsendable { .. } => "unsendable",
    }
}
