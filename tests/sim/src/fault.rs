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

/// The orders that are open.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    open: Vec<Fault>,
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        if fault.times != Some(0) {
            self.open.push(fault);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.open.clear();
    }

    pub(crate) fn open(&self) -> Vec<Fault> {
        self.open.clone()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// The effect for this request, and counts it. The oldest order that matches and does not let it pass decides.
    pub(crate) fn take(&mut self, method: &str, path: &str) -> Option<FaultEffect> {
        for (index, fault) in self.open.iter_mut().enumerate() {
            if !matches(&fault.route, method, path) {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            let effect = fault.effect.clone();
            if let Some(times) = &mut fault.times {
                *times -= 1;
                if *times == 0 {
                    self.open.remove(index);
                }
            }
            return Some(effect);
        }
        None
    }
}

fn matches(route: &str, method: &str, path: &str) -> bool {
    match route.split_once(' ') {
        Some((wanted, pattern)) => wanted.eq_ignore_ascii_case(method) && glob(pattern, path),
        None => glob(route, path),
    }
}

/// `*` stands for any run of characters, also an empty one. Case does not matter, as in Graph's paths.
fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_ascii_lowercase(), text.to_ascii_lowercase());
    let mut pieces = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(pieces.next().unwrap_or_default()) else { return false };
    let Some(last) = pattern.contains('*').then(|| pieces.next_back().unwrap_or_default()) else {
        return rest.is_empty();
    };
    for piece in pieces {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::{Fault, FaultEffect, Faults, glob};

    #[test]
    fn a_star_stands_for_any_run_of_characters() {
        assert!(glob("/v1.0/users", "/v1.0/users"));
        assert!(!glob("/v1.0/users", "/v1.0/users/delta"));
        assert!(glob("/v1.0/*", "/v1.0/users/delta"));
        assert!(glob("*/userPfxCertificates*", "/beta/deviceManagement/userpfxcertificates('x')"));
        assert!(glob("/*/users", "/v1.0/users"));
        assert!(!glob("/*/users", "/v1.0/users/1"));
        assert!(!glob("/users*users", "/users"));
    }

    #[test]
    fn an_order_skips_then_spoils_then_ends() {
        let mut faults = Faults::default();
        faults.add(Fault::once("GET /a", FaultEffect::CutBefore).after(1).times(2));
        assert_eq!(faults.take("GET", "/b"), None);
        assert_eq!(faults.take("POST", "/a"), None);
        assert_eq!(faults.take("GET", "/a"), None, "skipped");
        assert_eq!(faults.take("GET", "/a"), Some(FaultEffect::CutBefore));
        assert_eq!(faults.take("get", "/a"), Some(FaultEffect::CutBefore));
        assert_eq!(faults.take("GET", "/a"), None);
        assert!(faults.is_empty());
    }
}
