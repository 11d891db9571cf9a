//! What the daemon answers on its loopback port: alive, ready, and the built-in authorities' revocation lists.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use ca::builtin::BuiltinAuthority;
use model::{Clock, Span};
use store::Store;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::init::file_stem;
use crate::tenant::TenantLink;
use crate::works::chain;

/// What the routes answer from.
#[derive(Clone)]
pub(crate) struct Health {
    store: Arc<dyn Store>,
    authorities: Arc<BTreeMap<String, Arc<BuiltinAuthority>>>,
    /// Ends with the certificate that signs in to the tenant.
    sign_in: Option<(Arc<TenantLink>, Arc<dyn Clock>)>,
}

/// A certificate that signs in and ends within this span is told.
const SOON: Span = Span::days(30);

impl Health {
    /// Over one store and the authorities whose lists are served under `/pki/<name>/`.
    pub(crate) fn new(
        store: Arc<dyn Store>,
        authorities: impl Iterator<Item = Arc<BuiltinAuthority>>,
    ) -> Self {
        let authorities = authorities.map(|authority| (file_stem(authority.name()), authority)).collect();
        Self { store, authorities: Arc::new(authorities), sign_in: None }
    }

    /// And tells when the certificate that signs in to the tenant is about to end.
    pub(crate) fn with_sign_in(self, link: Option<Arc<TenantLink>>, clock: &Arc<dyn Clock>) -> Self {
        Self { sign_in: link.map(|link| (link, Arc::clone(clock))), ..self }
    }

    /// What is to be told of that certificate: never more than one line.
    async fn of_sign_in(&self) -> String {
        let Some((link, clock)) = &self.sign_in else { return String::new() };
        let Some(certificate) = link.certificate().await else { return String::new() };
        let (ends, now) = (certificate.not_after(), clock.now());
        if ends > now + SOON {
            return String::new();
        }
        let verb = if ends <= now { "ended" } else { "ends" };
        format!("warning: the certificate that signs in to the tenant {verb} on {ends}\n")
    }

    /// The routes. `/healthz`: the process answers. `/readyz`: the database answers too.
    pub(crate) fn router(self) -> Router {
        Router::new()
            .route("/healthz", get(async || "ok\n"))
            .route("/readyz", get(ready))
            .route("/pki/{authority}/{file}", get(published))
            .with_state(self)
    }

    /// Listens; refuses any address but loopback, since nothing here asks who is calling.
    pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener, String> {
        if !address.ip().is_loopback() {
            return Err(format!(
                "the daemon answers on this machine only, and {address} is not a loopback address; put a web server \
                 in front to publish revocation lists"
            ));
        }
        TcpListener::bind(address).await.map_err(|error| {
            format!("{address} cannot be listened on ({error}); name another one under [daemon] listen")
        })
    }

    /// Serves until told to stop.
    pub(crate) async fn serve(self, listener: TcpListener, stop: CancellationToken) {
        let served = axum::serve(listener, self.router())
            .with_graceful_shutdown(async move { stop.cancelled().await });
        if let Err(error) = served.await {
            tracing::error!(%error, "the health port failed");
        }
    }
}

async fn ready(State(health): State<Health>) -> Response {
    let answer = async { health.store.read().await?.jobs().count().await };
    match answer.await {
        Ok(queued) => {
            let sign_in = health.of_sign_in().await;
            (StatusCode::OK, format!("ready, {queued} jobs queued\n{sign_in}")).into_response()
        }
        Err(error) => {
            (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {}\n", chain(&error))).into_response()
        }
    }
}

async fn published(State(health): State<Health>, Path((name, file)): Path<(String, String)>) -> Response {
    let Some(authority) = health.authorities.get(&name) else {
        return (StatusCode::NOT_FOUND, "there is no such authority\n").into_response();
    };
    match authority.published(&file).await {
        Ok(Some(found)) => ([(header::CONTENT_TYPE, found.media_type)], found.bytes).into_response(),
        Ok(None) => (StatusCode::NOT_FOUND, "there is no such file\n").into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{}\n", chain(&error))).into_response(),
    }
}
