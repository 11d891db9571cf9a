//! How Exchange says no: what matters stands in `details`, and a missing role gets no word at all.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::failure;
use crate::http::{Content, Incoming, Reply};

/// A refusal before it is put into a body.
#[derive(Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// The exception's whole name.
    exception: Option<&'static str>,
    silent: bool,
}

impl Refused {
    fn new(status: StatusCode, code: &'static str, message: &str) -> Self {
        Self { status, code, message: message.to_owned(), exception: None, silent: false }
    }

    /// 401 without a body. The reason is for the request memory.
    pub(crate) fn silent(reason: &str) -> Self {
        Self { silent: true, ..Self::new(StatusCode::UNAUTHORIZED, "Unauthorized", reason) }
    }

    pub(crate) fn bad_request(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    pub(crate) fn no_resource() -> Self {
        Self::new(StatusCode::NOT_FOUND, "ResourceNotFound", "There is no such command.")
    }

    pub(crate) fn method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", "Commands are posted.")
    }

    pub(crate) fn media_type() -> Self {
        let text = "A command is sent as application/json.";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", text)
    }

    /// The role does not have this cmdlet.
    pub(crate) fn not_in_role(cmdlet: &str) -> Self {
        let text = format!(
            "The term '{cmdlet}' is not recognized as the name of a cmdlet, function, script file, or operable program."
        );
        Self {
            exception: Some("System.Management.Automation.CommandNotFoundException"),
            ..Self::new(StatusCode::FORBIDDEN, "Forbidden", &text)
        }
    }

    /// A parameter that the cmdlet does not have, or a value of the wrong type.
    pub(crate) fn parameter(message: &str) -> Self {
        Self {
            exception: Some("Microsoft.Exchange.Admin.OData.Core.ODataServiceException"),
            ..Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
        }
    }

    /// Nothing is called so.
    pub(crate) fn no_object(identity: &str) -> Self {
        let text = format!(
            "The operation couldn't be performed because object '{identity}' couldn't be found on 'SIM01A001DC01.SIM01A001.example'."
        );
        Self {
            exception: Some("Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException"),
            ..Self::new(StatusCode::NOT_FOUND, "NotFound", &text)
        }
    }

    /// The object is mastered in a directory on premises.
    pub(crate) fn synchronised(name: &str) -> Self {
        let text = format!(
            "The operation on mailbox \"{name}\" failed because it's out of the current user's write scope. The action 'Set-Mailbox', \
             'UserCertificate', can't be performed on the object '{name}' because the object is being synchronized from your \
             on-premises organization. This action should be performed on the object in your on-premises organization."
        );
        Self {
            exception: Some("Microsoft.Exchange.Configuration.Tasks.TaskInvalidOperationException"),
            ..Self::new(StatusCode::BAD_REQUEST, "BadRequest", &text)
        }
    }

    pub(crate) fn into_reply(self, incoming: &Incoming) -> Reply {
        let mut reply = failure(incoming, self.status, self.code, &self.message);
        if self.silent {
            reply.content = Content::Empty;
        } else if let (Some(exception), Content::Json(Value::Object(body))) =
            (self.exception, &mut reply.content)
        {
            let told = format!("Ex6F9304|{exception}|{}", self.message);
            body["error"]["message"] = Value::from("Error executing cmdlet");
            body["error"]["details"] = json!([{ "code": "Context", "target": "", "message": told }]);
            body["error"]["innererror"] = json!({ "message": "Error executing cmdlet", "type": exception,
                "internalException": { "message": told } });
        }
        reply.refusal = Some(self.message);
        reply
    }
}
