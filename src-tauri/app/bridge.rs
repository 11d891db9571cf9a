//! The console in a browser on this machine, for tests and for work on the page: the same commands over loopback HTTP.
//!
//! Only in builds with debug assertions. Each start makes a token; without it nothing is answered. The page gets the
//! same content security policy as in the window, except that it may reach its own origin.

use std::net::SocketAddr;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::Value;
use tokio::net::TcpListener;
use zeroize::Zeroizing;

use crate::compose::ComposeError;
use crate::recovery::MOST_OCTETS;
use crate::setup::Desk;

/// The window's policy, with the page's own origin in place of the window's channel.
const POLICY: &str = "default-src 'self'; script-src 'self'; \
    style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; img-src 'self' data:; \
    font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// The largest request, in octets: mails in base64, and what stands around them.
const LARGEST: usize = (MOST_OCTETS as usize) / 3 * 4 + 1024 * 1024;

/// A bridge that listens.
pub(crate) struct Bridge {
    listener: TcpListener,
    state: Shared,
}

#[derive(Clone)]
struct Shared {
    desk: Arc<Desk>,
    page: Arc<PathBuf>,
    token: Arc<Zeroizing<String>>,
}

#[derive(Deserialize)]
struct Call {
    name: String,
    payload: Value,
}

impl Bridge {
    /// Listens on a loopback port (0 takes a free one) and serves the built page in `page`.
    pub(crate) async fn bind(
        desk: Arc<Desk>,
        page: &Path,
        port: u16,
        token: Zeroizing<String>,
    ) -> Result<Self, ComposeError> {
        if !page.join("index.html").is_file() {
            return Err(ComposeError::Unusable(format!(
                "{} holds no built page; run `./dev ui` or `npm run build` in ui first",
                page.display()
            )));
        }
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port)))
            .await
            .map_err(|error| ComposeError::Unusable(format!("port {port} cannot be listened on: {error}")))?;
        let state = Shared { desk, page: Arc::new(page.to_path_buf()), token: Arc::new(token) };
        Ok(Self { listener, state })
    }

    /// The address to open, token included.
    pub(crate) fn url(&self) -> String {
        let port = self.listener.local_addr().map_or(0, |address| address.port());
        format!("http://127.0.0.1:{port}/#token={}", self.state.token.as_str())
    }

    /// Serves for ever.
    pub(crate) async fn serve(self) -> Result<(), ComposeError> {
        let router = Router::new().route("/api/call", post(call)).fallback(get(page)).with_state(self.state);
        axum::serve(self.listener, router)
            .await
            .map_err(|error| ComposeError::Unusable(format!("the bridge failed: {error}")))
    }
}

async fn call(State(shared): State<Shared>, request: Request) -> Response {
    let expected = format!("Bearer {}", shared.token.as_str());
    let given = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if given != expected {
        return (StatusCode::UNAUTHORIZED, "open the address that the program printed\n").into_response();
    }
    // Read only now: nobody without the token has anything held for them.
    let Ok(body) = to_bytes(request.into_body(), LARGEST).await else {
        return (StatusCode::PAYLOAD_TOO_LARGE, "the request is too large\n").into_response();
    };
    let request: Call = match serde_json::from_slice(&body) {
        Ok(request) => request,
        Err(error) => return (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
    };
    match shared.desk.call(&request.name, request.payload).await {
        Ok(answer) => Json(answer).into_response(),
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, Json(error)).into_response(),
    }
}

async fn page(State(shared): State<Shared>, uri: Uri) -> Response {
    let wanted = Path::new(uri.path().trim_start_matches('/'));
    let inside = wanted.components().all(|part| matches!(part, Component::Normal(_)));
    let file = if inside && wanted.components().next().is_some() { wanted } else { Path::new("index.html") };
    let Ok(bytes) = tokio::fs::read(shared.page.join(file)).await else {
        return (StatusCode::NOT_FOUND, "there is no such file\n").into_response();
    };
    let media_type = match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some(_) | None => "application/octet-stream",
    };
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, bytes).into_response()
}
