//! Planted secrets are searched for in everything that was logged, at the finest level, by us and by the libraries.

use std::fmt::Write as _;
use std::io::Write;
use std::sync::{Arc, Mutex};

use net::entra::{Application, Credential, TokenSource};
use net::{Client, Graph, Request, Version};
use serde_json::json;
use tracing_subscriber::util::SubscriberInitExt as _;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::scripted::{Say, Scripted, client, clock};

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

const SECRETS: [&str; 5] =
    ["planted-client-secret", "planted-token", "planted-body", "planted-query", "planted-answer"];

async fn talk(client: Client, server: &Scripted) -> String {
    let secret = Zeroizing::new("planted-client-secret".to_owned());
    let application =
        Application { tenant: Uuid::nil(), client_id: Uuid::nil(), credential: Credential::Secret(secret) };
    let tokens = Arc::new(TokenSource::new(client.clone(), &server.base, application).unwrap());
    let graph = Graph::new(client, tokens, &server.endpoints()).unwrap();
    let mut shown = format!("{graph:?}");
    for path in ["fine", "refused", "cut", "page", "throttled"] {
        let address = graph.address(Version::Beta, &[path], &[("$filter", "planted-query")]);
        let post = Request::post_json(address.clone(), &json!({"password": "planted-body"})).unwrap();
        for request in [post, Request::get(address)] {
            let sent = graph.send(&request).await;
            let _ = write!(shown, "{request:?} {sent:?}");
        }
    }
    shown
}

#[tokio::test]
async fn no_secret_is_logged_or_shown() {
    let captured = Captured::default();
    let writer = captured.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = subscriber.set_default();

    let server = Scripted::start(|seen, _| match seen.route().rsplit('/').next().unwrap_or_default() {
        "openid-configuration" => Say::json(
            200,
            &json!({"token_endpoint": format!("http://{}/token", seen.header("host").unwrap())}),
        ),
        "token" => Say::json(200, &json!({"access_token": "planted-token", "expires_in": 3599})),
        "fine" => Say::json(200, &json!({"secret": "planted-answer"})),
        "refused" => Say::json(400, &json!({"error": {"code": "BadRequest", "message": "no"}})),
        "cut" => Say::Cut,
        "page" => Say::html(200, "<html>planted-answer</html>"),
        _ => Say::json(429, &json!({})).with("retry-after: 0"),
    })
    .await;
    let shown = talk(client(clock()), &server).await;

    let logged = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("/beta/fine") && logged.contains("status=400"), "the log is there: {logged}");
    assert!(logged.contains("outcome unknown"), "{logged}");
    for secret in SECRETS {
        assert!(!logged.contains(secret), "{secret} was logged:\n{logged}");
        assert!(!shown.contains(secret), "{secret} was shown:\n{shown}");
    }
}
