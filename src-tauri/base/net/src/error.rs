//! What can go wrong on the wire. The variant decides what happens next; the text is for people.
//!
//! The line that matters most runs between "nothing was sent" and "it was sent, and its answer was lost": whoever asked
//! for an effect must look it up in the second case, never ask again.

use model::Span;

use crate::entra::Refusal;
use crate::reply::ErrorReply;

/// A boxed cause.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a request did not get the answer that was asked for.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// Nothing was sent: no name, no connection, no trusted TLS.
    #[error("{host} cannot be reached: {detail}")]
    Unreachable {
        /// To whom.
        host: String,
        /// The innermost cause in words, with a hint where there is one.
        detail: String,
        /// Cause.
        #[source]
        source: BoxError,
    },
    /// The request went out and its answer did not come back whole: it may have had its effect.
    #[error("a request went to {host}, and its answer was lost: {detail}")]
    OutcomeUnknown {
        /// To whom.
        host: String,
        /// The innermost cause in words.
        detail: String,
        /// Cause.
        #[source]
        source: BoxError,
    },
    /// 429: asked to slow down. Nothing happened.
    #[error("{host} asks us to slow down{}", wait(*retry_after))]
    Throttled {
        /// Who.
        host: String,
        /// How long, when it was told.
        retry_after: Option<Span>,
        /// What else it said.
        reply: Box<ErrorReply>,
    },
    /// 5xx: trouble on the other side.
    #[error("{host} is in trouble ({status}){}: {reply}", wait(*retry_after))]
    Server {
        /// Who.
        host: String,
        /// The status.
        status: u16,
        /// How long to wait, when it was told.
        retry_after: Option<Span>,
        /// What else it said.
        reply: Box<ErrorReply>,
    },
    /// 401: the token or credential was not accepted.
    #[error("{host} did not accept our token: {reply}")]
    Unauthorized {
        /// Who.
        host: String,
        /// What it said.
        reply: Box<ErrorReply>,
    },
    /// 403: a permission is missing.
    #[error("{host} does not permit this: {reply}")]
    Forbidden {
        /// Who.
        host: String,
        /// What it said.
        reply: Box<ErrorReply>,
    },
    /// 404. Look at the reply's `code` before taking it for "the object does not exist".
    #[error("{host} does not know this: {reply}")]
    NotFound {
        /// Who.
        host: String,
        /// What it said.
        reply: Box<ErrorReply>,
    },
    /// 410: what was asked for has ended (delta links).
    #[error("{host} says that this has ended: {reply}")]
    Gone {
        /// Who.
        host: String,
        /// Where to begin anew.
        location: Option<String>,
        /// What it said.
        reply: Box<ErrorReply>,
    },
    /// Any other 4xx: the request itself was refused.
    #[error("{host} refused the request ({status}): {reply}")]
    Client {
        /// Who.
        host: String,
        /// The status.
        status: u16,
        /// What it said.
        reply: Box<ErrorReply>,
    },
    /// A page instead of an answer: a captive portal, a proxy, a gateway.
    #[error(
        "{host} answered with something other than JSON ({status}): \"{shown}\"; a proxy or a sign-in page may stand between"
    )]
    NotJson {
        /// Who was asked.
        host: String,
        /// The status.
        status: u16,
        /// The page's title or its first characters.
        shown: String,
    },
    /// JSON that is cut off or of another shape than the protocol says.
    #[error("the answer of {host} cannot be understood: {detail}")]
    Garbled {
        /// Who.
        host: String,
        /// What is wrong.
        detail: String,
    },
    /// The answer is longer than the limit; the rest was not read.
    #[error("the answer of {host} is longer than {limit} bytes")]
    TooLarge {
        /// Who.
        host: String,
        /// The limit in bytes.
        limit: usize,
    },
    /// A link leads to another origin than the one the token is for. It was not followed.
    #[error(
        "a link leads to {found} instead of {expected}; it was not followed, so that our token stays here"
    )]
    ForeignLink {
        /// The origin that the token is for.
        expected: String,
        /// Where the link leads, without its query.
        found: String,
    },
    /// Entra ID refused to give a token.
    #[error("{0}")]
    LoginRefused(Box<Refusal>),
    /// The request cannot be put on the wire. Nothing was sent.
    #[error("the request cannot be sent: {detail}")]
    Unsendable {
        /// What is wrong.
        detail: String,
    },
}

impl NetError {
    /// How long the other side asked us to wait.
    pub const fn retry_after(&self) -> Option<Span> {
        match self {
            Self::Throttled { retry_after, .. } | Self::Server { retry_after, .. } => *retry_after,
            Self::Unreachable { .. }
            | Self::OutcomeUnknown { .. }
            | Self::Unauthorized { .. }
            | Self::Forbidden { .. }
            | Self::NotFound { .. }
            | Self::Gone { .. }
            | Self::Client { .. }
            | Self::NotJson { .. }
            | Self::Garbled { .. }
            | Self::TooLarge { .. }
            | Self::ForeignLink { .. }
            | Self::LoginRefused(_)
            | Self::Unsendable { .. } => None,
        }
    }

    /// What the other side said, for the kinds that carry it.
    pub fn reply(&self) -> Option<&ErrorReply> {
        match self {
            Self::Throttled { reply, .. }
            | Self::Server { reply, .. }
            | Self::Unauthorized { reply, .. }
            | Self::Forbidden { reply, .. }
            | Self::NotFound { reply, .. }
            | Self::Gone { reply, .. }
            | Self::Client { reply, .. } => Some(reply),
            Self::Unreachable { .. }
            | Self::OutcomeUnknown { .. }
            | Self::NotJson { .. }
            | Self::Garbled { .. }
            | Self::TooLarge { .. }
            | Self::ForeignLink { .. }
            | Self::LoginRefused(_)
            | Self::Unsendable { .. } => None,
        }
    }
}

fn wait(retry_after: Option<Span>) -> String {
    retry_after.map_or_else(String::new, |span| format!(" for {} s", span.as_millis().div_euclid(1_000)))
}

/// Why a client, a login or a session cannot be set up. All of them are mistakes in the settings.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The additional trusted root cannot be read.
    #[error("the additional root certificate cannot be used: {detail}; give one or more certificates in PEM")]
    RootCertificate {
        /// What is wrong.
        detail: String,
    },
    /// The proxy's address cannot be used.
    #[error("the proxy {proxy} cannot be used: {detail}")]
    Proxy {
        /// Its address, without user and password.
        proxy: String,
        /// What is wrong.
        detail: String,
    },
    /// The address would send secrets in clear.
    #[error("{address} is not https; secrets are sent over TLS only")]
    Insecure {
        /// The address.
        address: String,
    },
    /// The application's certificate and key do not belong together, or cannot sign PS256.
    #[error("the application's certificate cannot be used to log in: {detail}")]
    Credential {
        /// What is wrong and what to do.
        detail: String,
    },
    /// The HTTP library could not start (for example no TLS).
    #[error("the HTTP client cannot start: {detail}")]
    Library {
        /// What it says.
        detail: String,
    },
}
