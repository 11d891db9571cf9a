//! Faults that a test orders: which request goes wrong, in which way, how many times.
//!
//! A fault never changes the world behind the product's back: it only spoils the answer, or loses it. The single fault
//! that lets the effect happen and then loses the answer is [`FaultEffect::LostAnswer`].

use serde::{Deserialize, Serialize};

/// The way in which a request goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind", rename_all_fields = "camelCase")]
pub enum FaultEffect {
    /// 429, with `Retry-After` when given (Intune sometimes sends none). Nothing happened.
    TooManyRequests {
        /// Seconds.
        retry_after: Option<u64>,
    },
    /// 503, with `Retry-After` when given. Nothing happened.
    Unavailable {
        /// Seconds.
        retry_after: Option<u64>,
    },
    /// Any other failure status, for example 500, 502, 504. Nothing happened.
    Status {
        /// The status to send.
        status: u16,
    },
    /// 401 `InvalidAuthenticationToken` although the token is good. Nothing happened.
    Unauthorized,
    /// The answer is right but starts late.
    Delay {
        /// Milliseconds.
        millis: u64,
    },
    /// The answer is right, its head comes at once, its body trickles.
    SlowBody {
        /// Milliseconds for the whole body.
        millis: u64,
    },
    /// The effect happens, then the connection is cut without a byte of answer.
    LostAnswer,
    /// The connection is cut before anything happens.
    CutBefore,
    /// 200 with `text/html`, as a captive portal or a proxy sends. Nothing happened.
    Html,
    /// The answer's JSON ends in the middle, with a matching `Content-Length`.
    TruncatedBody,
    /// A page loses the second half of its items and its link to the next page: it looks complete and is not.
    TruncatedPage,
    /// The items of a page come in another order and one of them twice, as delta queries may do.
    RepeatedItems,
    /// Intune's opaque 400 whose `message` is JSON again. Nothing happened.
    OpaqueBadRequest,
    /// 410 with a `Location` to start over (delta queries). Nothing happened.
    Gone,
}

/// One order to spoil requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fault {
    /// `METHOD /path` or `/path`; `*` stands for any run of characters. Without a query, for example
    /// `POST /beta/deviceManagement/userPfxCertificates` or `GET /v1.0/users/delta` or `/v1.0/*`.
    pub route: String,
    /// What goes wrong.
    pub effect: FaultEffect,
    /// So many matching requests pass untouched first.
    #[serde(default)]
    pub skip: u32,
    /// Then so many are spoilt. `None`: all of them, until cleared.
    #[serde(default)]
    pub times: Option<u32>,
}

impl Fault {
    /// Spoils the next matching request, once.
    pub fn once(route: &str, effect: FaultEffect) -> Self {
        Self { route: route.to_owned(), effect, skip: 0, times: Some(1) }
    }

    /// Spoils every matching request until faults are cleared.
    pub fn always(route: &str, effect: FaultEffect) -> Self {
        Self { route: route.to_owned(), effect, skip: 0, times: None }
    }

    /// Spoils so many matching requests.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Lets so many matching requests pass first.
    #[must_use]
    pub fn after(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }
}
