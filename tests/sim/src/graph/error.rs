//! Graph's error bodies, and Intune's, which hide JSON inside the message.

use axum::http::StatusCode;
use serde_json::json;

use crate::http::{Incoming, Reply};

/// A refusal before it is put into a body.
#[derive(Debug)]
pub(crate) struct GraphError {
    status: StatusCode,
    code: &'static str,
    message: String,
    headers: Vec<(&'static str, String)>,
    /// Intune tells nobody what is wrong: the message is for the request memory only.
    opaque: bool,
}

impl GraphError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), headers: Vec::new(), opaque: false }
    }

    /// 400 with the code of the `OData` layer.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    /// 400 with the code of the directory.
    pub(crate) fn directory(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Request_BadRequest", message)
    }

    /// 400: valid `OData` that this collection does not support.
    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Request_UnsupportedQuery", message)
    }

    /// 400: a paging token that is not ours or not for this query.
    pub(crate) fn page_token() -> Self {
        let text =
            "The specified page token value has expired and can no longer be included in your request.";
        Self::new(StatusCode::BAD_REQUEST, "Directory_ExpiredPageToken", text)
    }

    /// 404 of the directory.
    pub(crate) fn not_found(key: &str) -> Self {
        let text = format!(
            "Resource '{key}' does not exist or one of its queried reference-property objects are not present."
        );
        Self::new(StatusCode::NOT_FOUND, "Request_ResourceNotFound", text)
    }

    /// 404 of Exchange: the object has no cloud mailbox.
    pub(crate) fn no_mailbox() -> Self {
        let text = "The mailbox is either inactive, soft-deleted, or is hosted on-premise.";
        Self::new(StatusCode::NOT_FOUND, "MailboxNotEnabledForRESTAPI", text)
    }

    /// 403.
    pub(crate) fn denied() -> Self {
        let text = "Insufficient privileges to complete the operation.";
        Self::new(StatusCode::FORBIDDEN, "Authorization_RequestDenied", text)
    }

    /// 401 with a challenge.
    pub(crate) fn unauthorized(message: &str) -> Self {
        let mut error = Self::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message);
        error.headers.push(("www-authenticate", "Bearer realm=\"\"".to_owned()));
        error
    }

    /// 501: asked of a list for what is kept elsewhere.
    pub(crate) fn not_implemented(property: &str) -> Self {
        let text = format!("The property '{property}' cannot be read for a collection of users.");
        Self::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", text)
    }

    /// 400: no such path.
    pub(crate) fn no_segment(segment: &str) -> Self {
        Self::bad_request(format!("Resource not found for the segment '{segment}'."))
    }

    /// 405.
    pub(crate) fn method() -> Self {
        let text = "Specified HTTP method is not allowed for the request target.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "Request_BadRequest", text)
    }

    /// 410: the delta token is void; `location` starts over.
    pub(crate) fn gone(location: String) -> Self {
        let mut error =
            Self::new(StatusCode::GONE, "resyncRequired", "The sync state is no longer valid; start over.");
        error.headers.push(("location", location));
        error
    }

    /// 400: the delta token is too old.
    pub(crate) fn sync_state() -> Self {
        let text = "The sync state generation is not found; perform a full synchronisation.";
        Self::new(StatusCode::BAD_REQUEST, "syncStateNotFound", text)
    }

    /// 415.
    pub(crate) fn media_type() -> Self {
        let text = "A supported MIME type could not be found that matches the content type of the request: use application/json.";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", text)
    }

    /// Intune's refusals, which do not say why. The reason is kept in the request memory.
    pub(crate) fn intune(status: StatusCode, code: &'static str, reason: &str) -> Self {
        tracing::debug!(%status, reason, "intune refuses");
        let mut error = Self::new(status, code, reason);
        error.opaque = true;
        error
    }

    pub(crate) fn into_reply(self, incoming: &Incoming) -> Reply {
        let mut reply = if self.opaque {
            opaque(incoming, self.status, self.code)
        } else {
            failure(incoming, self.status, self.code, &self.message)
        };
        reply.refusal = Some(self.message);
        reply.headers.extend(self.headers);
        reply
    }
}

/// A Graph error body.
pub(crate) fn failure(incoming: &Incoming, status: StatusCode, code: &str, message: &str) -> Reply {
    let request_id = incoming.request_id.to_string();
    let client_request_id = incoming.header("client-request-id").unwrap_or(&request_id);
    let date = incoming.at.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    Reply::json(
        status,
        json!({ "error": {
            "code": code,
            "message": message,
            "innerError": { "date": date, "request-id": request_id, "client-request-id": client_request_id },
        }}),
    )
}

/// Intune's error body: a message that is JSON again, and an activity id for the support, but no reason.
pub(crate) fn opaque(incoming: &Incoming, status: StatusCode, code: &str) -> Reply {
    let activity = incoming.request_id;
    let told = format!(
        "An error has occurred - Operation ID (for customer support): 00000000-0000-0000-0000-000000000000 - \
         Activity ID: {activity} - Url: https://fef.sim.manage.microsoft.example/RACerts/StatelessImportPFXService/\
         deviceManagement/userPfxCertificates?api-version=5021-04-09"
    );
    // Written as the service writes it: two spaces, CRLF.
    let message = format!(
        "{{\r\n  \"_version\": 3,\r\n  \"Message\": \"{told}\",\r\n  \"CustomApiErrorPhrase\": \"\",\r\n  \
         \"RetryAfter\": null,\r\n  \"ErrorSourceService\": \"\",\r\n  \"HttpHeaders\": \"{{}}\"\r\n}}"
    );
    failure(incoming, status, code, &message)
}

/// 413.
pub(crate) fn too_large(incoming: &Incoming) -> Reply {
    failure(
        incoming,
        StatusCode::PAYLOAD_TOO_LARGE,
        "RequestEntityTooLarge",
        "The request body is larger than 4 MB.",
    )
}
