//! The error bodies of the token endpoint: an OAuth error, an `AADSTS` number inside a description of four lines, and trace ids.

use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::http::{Incoming, Reply};

/// A refusal before it is put into a body.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) error: &'static str,
    pub(super) code: u32,
    pub(super) text: String,
}

impl Refusal {
    /// 401 `invalid_client`: the credential is bad.
    pub(super) fn client(code: u32, text: impl Into<String>) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, error: "invalid_client", code, text: text.into() }
    }

    /// 400 with the given OAuth error.
    pub(super) fn request(error: &'static str, code: u32, text: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error, code, text: text.into() }
    }

    pub(super) fn into_reply(self, incoming: &Incoming) -> Reply {
        let trace = incoming.request_id;
        let correlation = incoming
            .header("client-request-id")
            .and_then(|id| id.parse().ok())
            .unwrap_or_else(|| Uuid::from_u128(!trace.as_u128()));
        let at = universal(incoming.at);
        let (code, text) = (self.code, self.text);
        Reply::json(
            self.status,
            json!({
                "error": self.error,
                "error_description": format!(
                    "AADSTS{code}: {text}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {at}"
                ),
                "error_codes": [code],
                "timestamp": at,
                "trace_id": trace,
                "correlation_id": correlation,
                "error_uri": format!("{}/error?code={code}", incoming.origin()),
            }),
        )
    }
}

pub(super) fn unknown_tenant(incoming: &Incoming, tenant: &str) -> Reply {
    tenant_refusal("invalid_tenant", tenant).into_reply(incoming)
}

pub(super) fn tenant_refusal(error: &'static str, tenant: &str) -> Refusal {
    Refusal::request(
        error,
        90002,
        format!(
            "Tenant '{tenant}' not found. Check that the tenant ID is right and that this is the right cloud. \
             A tenant without active subscriptions may look like this too."
        ),
    )
}

/// Anything that is no endpoint.
pub(super) fn not_found() -> Reply {
    Reply::json(
        StatusCode::NOT_FOUND,
        json!({ "error": "not_found", "error_description": "no such endpoint" }),
    )
}

/// `2026-01-09 02:02:12Z`
fn universal(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}
