//! What a fault does to an answer: instead of it, or to it.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Response, StatusCode};
use serde_json::Value;

use crate::FaultEffect;
use crate::http::{Content, Incoming, Reply};
use crate::people::Dice;
use crate::server::respond;
use crate::{exchange, graph};

/// What a captive portal shows.
const PORTAL: &str = "<!DOCTYPE html>\n<html><head><title>Sign in to the network</title></head>\
    <body>Please accept the terms.</body></html>\n";

/// An answer after the fault.
pub(crate) enum Spoilt {
    Answer(Reply),
    /// Cut the connection without a byte.
    Cut,
    /// Wait, then answer.
    Late(Reply, Duration),
    /// Answer, the body in pieces over this time.
    Trickle(Reply, Duration),
    /// A body that is no longer what it was.
    Half(Box<Response<Body>>),
}

/// The answer of a fault that keeps the request from having any effect; `None` when the request goes on.
pub(crate) fn before(fault: Option<&FaultEffect>, incoming: &Incoming) -> Option<Spoilt> {
    let reply = match fault? {
        FaultEffect::TooManyRequests { retry_after } => {
            let text = "Too many requests; wait before the next one.";
            with_retry_after(
                graph::failure(incoming, StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", text),
                *retry_after,
            )
        }
        FaultEffect::Unavailable { retry_after } => {
            let text = "The service is temporarily unavailable.";
            let reply =
                graph::failure(incoming, StatusCode::SERVICE_UNAVAILABLE, "ServiceNotAvailable", text);
            with_retry_after(reply, *retry_after)
        }
        FaultEffect::Status { status } => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            graph::failure(incoming, status, "UnknownError", "An ordered failure.")
        }
        FaultEffect::Unauthorized => graph::failure(
            incoming,
            StatusCode::UNAUTHORIZED,
            "InvalidAuthenticationToken",
            "The token is not accepted at the moment.",
        )
        .with_header("www-authenticate", "Bearer realm=\"\"".to_owned()),
        FaultEffect::Html => Reply {
            content: Content::Text("text/html; charset=utf-8", PORTAL.to_owned()),
            ..Reply::ok(Value::Null)
        },
        FaultEffect::OpaqueBadRequest => graph::opaque(incoming, StatusCode::BAD_REQUEST, "BadRequest"),
        FaultEffect::Gone => {
            let text = "The sync state is no longer valid; start over.";
            graph::failure(incoming, StatusCode::GONE, "resyncRequired", text)
                .with_header("location", format!("{}{}?$deltatoken=", incoming.origin(), incoming.path))
        }
        FaultEffect::CutBefore => return Some(Spoilt::Cut),
        FaultEffect::Delay { .. }
        | FaultEffect::SlowBody { .. }
        | FaultEffect::LostAnswer
        | FaultEffect::TruncatedBody
        | FaultEffect::TruncatedPage
        | FaultEffect::RepeatedItems => return None,
    };
    Some(Spoilt::Answer(exchange::spoilt(incoming, reply)))
}

/// What becomes of the true answer.
pub(crate) fn after(fault: Option<&FaultEffect>, mut reply: Reply, seed: u64) -> Spoilt {
    match fault {
        Some(FaultEffect::LostAnswer) => Spoilt::Cut,
        Some(FaultEffect::Delay { millis }) => Spoilt::Late(reply, Duration::from_millis(*millis)),
        Some(FaultEffect::SlowBody { millis }) => Spoilt::Trickle(reply, Duration::from_millis(*millis)),
        Some(FaultEffect::TruncatedBody) => Spoilt::Half(Box::new(halved(reply))),
        Some(FaultEffect::TruncatedPage) => {
            if let Content::Json(Value::Object(page)) = &mut reply.content {
                page.remove("@odata.nextLink");
                if let Some(Value::Array(items)) = page.get_mut("value") {
                    items.truncate(items.len() / 2);
                }
            }
            Spoilt::Answer(reply)
        }
        Some(FaultEffect::RepeatedItems) => {
            if let Content::Json(Value::Object(page)) = &mut reply.content
                && let Some(Value::Array(items)) = page.get_mut("value")
                && !items.is_empty()
            {
                let mut dice = Dice::new(seed);
                for last in (1..items.len()).rev() {
                    items.swap(last, dice.below(last + 1));
                }
                let again = items[dice.below(items.len())].clone();
                items.push(again);
            }
            Spoilt::Answer(reply)
        }
        _ => Spoilt::Answer(reply),
    }
}

fn with_retry_after(reply: Reply, seconds: Option<u64>) -> Reply {
    match seconds {
        Some(seconds) => reply.with_header("retry-after", seconds.to_string()),
        None => reply,
    }
}

/// The first half of the JSON, as a complete HTTP answer.
fn halved(mut reply: Reply) -> Response<Body> {
    let half = match std::mem::replace(&mut reply.content, Content::Empty) {
        Content::Json(value) => {
            let mut text = value.to_string();
            let mut middle = text.len() / 2;
            while !text.is_char_boundary(middle) {
                middle -= 1;
            }
            text.truncate(middle);
            text
        }
        Content::Text(_, text) => text,
        Content::Empty => String::new(),
    };
    reply.content = Content::Text("application/json; charset=utf-8", half);
    respond(reply)
}
