//! The session: tokens go to Graph's origin only, an expired one is replaced once.

use std::sync::Arc;

use net::entra::{Application, Credential, TokenSource};
use net::{Graph, NetError, Page, Request, Version};
use serde_json::json;
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::scripted::{Say, Scripted, Seen, client, clock};

const USERS: &str = "GET /v1.0/users";

async fn world(script: impl Fn(&Seen) -> Say + Send + Sync + 'static) -> (Scripted, Graph) {
    let logins = std::sync::atomic::AtomicUsize::new(0);
    let server = Scripted::start(move |seen, _| {
        let host = seen.header("host").unwrap();
        match seen.route() {
            route if route.ends_with("openid-configuration") => {
                Say::json(200, &json!({"token_endpoint": format!("http://{host}/token")}))
            }
            route if route == "POST /token" => {
                let number = logins.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                Say::json(200, &json!({"access_token": format!("t-{number}"), "expires_in": 3599}))
            }
            _ => script(seen),
        }
    })
    .await;
    let credential = Credential::Secret(Zeroizing::new("s".to_owned()));
    let application = Application { tenant: Uuid::nil(), client_id: Uuid::nil(), credential };
    let client = client(clock());
    let tokens = Arc::new(TokenSource::new(client.clone(), &server.base, application).unwrap());
    let graph = Graph::new(client, tokens, &server.endpoints()).unwrap();
    (server, graph)
}

fn users(graph: &Graph) -> Request {
    Request::get(graph.address(Version::V1, &["users"], &[("$top", "1")]))
}

#[tokio::test]
async fn requests_carry_the_token_and_the_scope_is_the_resources_default() {
    let (server, graph) = world(|_| Say::json(200, &json!({"value": [], "@odata.nextLink": "n"}))).await;
    let page: Page = graph.read(&users(&graph)).await.unwrap();
    assert_eq!((page.value.len(), page.next_link.as_deref(), page.delta_link), (0, Some("n"), None));
    let seen = server.seen();
    assert!(seen[1].body.contains("scope=https%3A%2F%2Fgraph.microsoft.com%2F.default"));
    assert_eq!(seen[2].header("authorization"), Some("Bearer t-0"));
}

#[tokio::test]
async fn an_expired_token_is_replaced_once_and_the_request_repeated() {
    let (server, graph) = world(|seen| match seen.header("authorization") {
        Some("Bearer t-0") => Say::json(401, &json!({"error": {"code": "InvalidAuthenticationToken"}})),
        _ => Say::json(200, &json!({"value": []})),
    })
    .await;
    graph.send(&users(&graph)).await.unwrap();
    graph.send(&users(&graph)).await.unwrap();
    assert_eq!((server.count("POST /token"), server.count(USERS)), (2, 3));
}

#[tokio::test]
async fn a_token_that_is_never_accepted_is_told_after_the_second_time() {
    let (server, graph) = world(|_| Say::json(401, &json!({}))).await;
    let error = graph.send(&users(&graph)).await.unwrap_err();
    assert!(matches!(error, NetError::Unauthorized { .. }), "{error:?}");
    assert_eq!((server.count("POST /token"), server.count(USERS)), (2, 2));
}

#[tokio::test]
async fn a_link_to_another_origin_is_never_followed() {
    let (server, graph) = world(|_| Say::json(200, &json!({"value": []}))).await;
    let port = server.base.port().unwrap();
    for link in [
        "https://evil.test/v1.0/users?$skiptoken=x".to_owned(),
        format!("https://127.0.0.1:{port}/v1.0/users"),
        format!("http://localhost:{port}/v1.0/users"),
        format!("http://127.0.0.1:{}/v1.0/users", port ^ 1),
        format!("http://127.0.0.1:{port}@evil.test/v1.0/users"),
        "/v1.0/users".to_owned(),
        String::new(),
    ] {
        let error = graph.follow(&link).unwrap_err();
        assert!(matches!(error, NetError::ForeignLink { .. }), "{link}: {error:?}");
        assert!(!error.to_string().contains("skiptoken"));
    }
    let own = format!("http://127.0.0.1:{port}/v1.0/users?$skiptoken=a%2Fb");
    assert_eq!(graph.follow(&own).unwrap().as_str(), own, "verbatim");

    let error = graph.send(&Request::get(Url::parse("http://127.0.0.1:1/").unwrap())).await.unwrap_err();
    assert!(matches!(error, NetError::ForeignLink { .. }), "{error:?}");
    assert!(server.seen().is_empty(), "not even a token was asked for");
}

#[tokio::test]
async fn a_page_without_its_list_is_garbled_and_not_empty() {
    let (_server, graph) = world(|_| Say::json(200, &json!({"@odata.context": "x"}))).await;
    let error = graph.read::<Page>(&users(&graph)).await.unwrap_err();
    assert!(matches!(error, NetError::Garbled { .. }), "{error:?}");
}
