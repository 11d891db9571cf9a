//! The listener: TLS, one task per connection, and the way of a request through fault, service and memory.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, Response, StatusCode};
use hyper::body::{Body as _, Incoming as HyperBody};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use openssl::ssl::{Ssl, SslContext};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_openssl::SslStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::http::{Content, Incoming, Reply};
use crate::spoil::{self, Spoilt};
use crate::world::{World, request_id};
use crate::{RequestRecord, control, entra, exchange, graph, key_vault};

/// Graph's limit for a request body.
const BODY_LIMIT: usize = 4 * 1024 * 1024;
/// A client that cannot shake hands within this time is gone.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Ends a connection without an answer.
#[derive(Debug)]
struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is cut on purpose")
    }
}

impl std::error::Error for Cut {}

/// Accepts connections until told to stop.
pub(crate) async fn listen(
    listener: TcpListener,
    tls: SslContext,
    world: Arc<World>,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        // A failed accept is the client's misfortune (it hung up, or the process has no descriptors left for a moment).
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(5)).await;
            continue;
        };
        tasks.spawn(connection(stream, tls.clone(), Arc::clone(&world), stop.clone()));
    }
}

/// Accepts connections without TLS, for what vouches for machines, until told to stop.
pub(crate) async fn listen_plain(
    listener: TcpListener,
    world: Arc<World>,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(5)).await;
            continue;
        };
        tasks.spawn(converse(stream, Door::Plain, Arc::clone(&world), stop.clone()));
    }
}

/// By which address a request came.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Door {
    Tls,
    Plain,
}

async fn connection(stream: TcpStream, tls: SslContext, world: Arc<World>, stop: CancellationToken) {
    // Small answers must not wait for more.
    let _ = stream.set_nodelay(true);
    let Ok(mut stream) = Ssl::new(&tls).and_then(|ssl| SslStream::new(ssl, stream)) else { return };
    let shaken = tokio::time::timeout(HANDSHAKE, Pin::new(&mut stream).accept()).await;
    if let Ok(Err(error)) = &shaken {
        tracing::debug!(%error, "TLS handshake failed");
    }
    if !matches!(shaken, Ok(Ok(()))) {
        return;
    }
    converse(stream, Door::Tls, world, stop).await;
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    door: Door,
    world: Arc<World>,
    stop: CancellationToken,
) {
    let service = service_fn(move |request| serve(Arc::clone(&world), door, request));
    let mut serving = std::pin::pin!(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        ended = serving.as_mut() => {
            if let Err(error) = ended {
                tracing::debug!(%error, "connection ended early");
            }
            return;
        }
        () = stop.cancelled() => serving.as_mut().graceful_shutdown(),
    }
    let _ = serving.await;
}

async fn serve(world: Arc<World>, door: Door, request: Request<HyperBody>) -> Result<Response<Body>, Cut> {
    let (head, body) = request.into_parts();
    let too_large = body.size_hint().lower() > BODY_LIMIT as u64;
    let control = head.uri.path().starts_with("/_sim/");
    if !control && !world.options.latency.is_zero() {
        tokio::time::sleep(world.options.latency).await;
    }
    // A body that is cut short by its sender has no effect and gets no answer.
    let body = if too_large { Ok(Bytes::new()) } else { to_bytes(Body::new(body), BODY_LIMIT).await };
    let Ok(body) = body else { return Err(Cut) };
    let incoming = Incoming {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body,
        at: world.clock.now(),
        request_id: request_id(),
    };
    if control {
        return Ok(respond(control::answer(&world, &incoming).await));
    }
    let fault = if world.faults.read().is_empty() {
        None
    } else {
        world.faults.write().take(incoming.method.as_str(), &incoming.path)
    };
    let spoilt = spoil::before(fault.as_ref(), &incoming).unwrap_or_else(|| {
        let reply = if too_large { graph::too_large(&incoming) } else { answer(&world, door, &incoming) };
        spoil::after(fault.as_ref(), reply, world.options.seed)
    });
    let (status, refusal) = match &spoilt {
        Spoilt::Cut => (0, None),
        Spoilt::Answer(reply) | Spoilt::Late(reply, _) | Spoilt::Trickle(reply, _) => {
            (reply.status.as_u16(), reply.refusal.clone())
        }
        Spoilt::Half(response) => (response.status().as_u16(), None),
    };
    world.memory.write().remember(RequestRecord {
        number: 0,
        at: incoming.at,
        method: incoming.method.to_string(),
        path: incoming.path.clone(),
        query: incoming.query.clone(),
        status,
        client_request_id: incoming.header("client-request-id").map(str::to_owned),
        user_agent: incoming.header("user-agent").map(str::to_owned),
        with_token: incoming.header("authorization").is_some(),
        fault,
        refusal,
    });
    match spoilt {
        Spoilt::Cut => Err(Cut),
        Spoilt::Answer(reply) => Ok(respond(reply)),
        Spoilt::Half(response) => Ok(*response),
        Spoilt::Late(reply, wait) => {
            tokio::time::sleep(wait).await;
            Ok(respond(reply))
        }
        Spoilt::Trickle(reply, time) => Ok(trickle(respond(reply), time).await),
    }
}

fn answer(world: &World, door: Door, incoming: &Incoming) -> Reply {
    let segments = incoming.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        plain if door == Door::Plain => entra::machine(world, incoming, plain),
        [version @ ("v1.0" | "beta"), rest @ ..] => graph::answer(world, incoming, version, rest),
        ["adminapi", ..] => exchange::answer(world, incoming, &segments),
        ["keys" | "certificates" | "deletedkeys", ..] => key_vault::answer(world, incoming, &segments),
        other => entra::answer(world, incoming, other),
    }
}

/// Puts an answer on the wire.
pub(crate) fn respond(reply: Reply) -> Response<Body> {
    let mut response = Response::builder().status(reply.status);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    let body = match reply.content {
        Content::Empty => Body::empty(),
        Content::Json(value) => {
            response = response.header("content-type", "application/json; charset=utf-8");
            Body::from(value.to_string())
        }
        Content::Text(media_type, text) => {
            response = response.header("content-type", media_type);
            Body::from(text)
        }
    };
    response.body(body).unwrap_or_else(|_| {
        let mut broken = Response::new(Body::empty());
        *broken.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        broken
    })
}

/// The same answer in ten pieces over `time`.
async fn trickle(response: Response<Body>, time: Duration) -> Response<Body> {
    let (head, body) = response.into_parts();
    let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let size = whole.len().div_ceil(10).max(1);
    let pieces = futures::stream::unfold(whole, move |mut left: Bytes| async move {
        if left.is_empty() {
            return None;
        }
        tokio::time::sleep(time / 10).await;
        let piece = left.split_to(size.min(left.len()));
        Some((Ok::<_, Infallible>(piece), left))
    });
    Response::from_parts(head, Body::from_stream(pieces))
}
