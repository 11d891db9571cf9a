//! The vault's error bodies: a code, a sentence, and an inner code that tells what kind of 403 it is.

use axum::http::StatusCode;
use openssl::error::ErrorStack;
use serde_json::json;

use super::VaultRefusal;
use crate::http::Reply;

/// A refusal before it is put into a body.
pub(super) struct VaultError {
    status: StatusCode,
    code: &'static str,
    message: String,
    inner: Option<&'static str>,
    challenge: Option<String>,
}

impl VaultError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), inner: None, challenge: None }
    }

    fn forbidden(inner: &'static str, message: impl Into<String>) -> Self {
        Self { inner: Some(inner), ..Self::new(StatusCode::FORBIDDEN, "Forbidden", message) }
    }

    /// 401 with the way to a token.
    pub(super) fn unauthorized(message: &str, challenge: String) -> Self {
        let error = Self::new(StatusCode::UNAUTHORIZED, "Unauthorized", message);
        Self { challenge: Some(challenge), ..error }
    }

    /// 403: a role or an access policy is missing.
    pub(super) fn denied(refusal: VaultRefusal, action: &str) -> Self {
        match refusal {
            VaultRefusal::Rbac => Self::forbidden(
                "ForbiddenByRbac",
                format!(
                    "Caller is not authorized to perform action on resource.\r\nIf role assignments were changed recently, \
                     please observe propagation time.\r\nAction: 'Microsoft.KeyVault/vaults/keys/{action}/action'"
                ),
            ),
            VaultRefusal::AccessPolicy => Self::forbidden(
                "AccessDenied",
                format!("The user or application does not have keys {action} permission on the key vault."),
            ),
        }
    }

    /// 403: the caller's address is not let in.
    pub(super) fn firewall() -> Self {
        let text = "Client address is not authorized and caller is not a trusted service.\r\nClient address: 192.0.2.7";
        Self::forbidden("ForbiddenByFirewall", text)
    }

    /// 403: the key is switched off.
    pub(super) fn disabled(operation: &str) -> Self {
        Self::forbidden("KeyDisabled", format!("Operation {operation} is not allowed on a disabled key."))
    }

    /// 403: the key is not for this.
    pub(super) fn operation(operation: &str) -> Self {
        Self::forbidden(
            "KeyOperationForbidden",
            format!("Operation {operation} is not permitted on this key."),
        )
    }

    /// 403: outside its time a key encrypts nothing.
    pub(super) fn out_of_time(operation: &str) -> Self {
        Self::forbidden(
            "KeyNotValid",
            format!("Operation {operation} is not allowed on a key that is expired or not yet valid."),
        )
    }

    /// 404.
    pub(super) fn not_found(what: &str, name: &str) -> Self {
        let code = if what == "certificate" { "CertificateNotFound" } else { "KeyNotFound" };
        let text = format!(
            "A {what} with (name/id) {name} was not found in this key vault. If you recently deleted this {what} you may be \
             able to recover it using the correct recovery command."
        );
        Self::new(StatusCode::NOT_FOUND, code, text)
    }

    /// 409.
    pub(super) fn deleted_but_recoverable(name: &str) -> Self {
        let text = format!(
            "Key {name} is currently in a deleted but recoverable state, and its name cannot be reused."
        );
        Self {
            inner: Some("ObjectIsDeletedButRecoverable"),
            ..Self::new(StatusCode::CONFLICT, "Conflict", text)
        }
    }

    /// 400.
    pub(super) fn parameter(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadParameter", message)
    }

    /// 415.
    pub(super) fn media_type() -> Self {
        let text = "The body must be of the type application/json.";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", text)
    }

    /// 404: no such path.
    pub(super) fn no_route() -> Self {
        Self::new(StatusCode::NOT_FOUND, "NotFound", "There is no such operation.")
    }

    /// 500.
    pub(super) fn internal(error: &ErrorStack) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", error.to_string())
    }

    pub(super) fn into_reply(self) -> Reply {
        let mut body = json!({ "code": self.code, "message": self.message });
        if let Some(inner) = self.inner {
            body["innererror"] = json!({ "code": inner });
        }
        let mut reply = Reply::json(self.status, json!({ "error": body }));
        reply.refusal = Some(self.message);
        match self.challenge {
            Some(challenge) => reply.with_header("www-authenticate", challenge),
            None => reply,
        }
    }
}
