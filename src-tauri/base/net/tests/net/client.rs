//! Kinds of failure, what may have been sent, and the one wait that the client does itself.

use model::Span;
use net::{NetError, Request, Settings, SetupError};
use serde_json::{Value, json};
use url::Url;

use crate::scripted::{Say, Scripted, client, client_with, clock};

async fn failure(say: impl Fn() -> Say + Send + Sync + 'static) -> NetError {
    let server = Scripted::start(move |_, _| say()).await;
    client(clock()).send(&Request::delete(server.url("/thing"))).await.unwrap_err()
}

#[tokio::test]
async fn every_request_carries_its_id_the_agent_and_asks_for_json() {
    let server = Scripted::start(|_, _| Say::json(200, &json!({"a": 1}))).await;
    let client = client(clock());
    let answer: Value = client
        .send(&Request::get(server.url("/a?b=c")).header("x-more", "yes"))
        .await
        .unwrap()
        .json()
        .unwrap();
    client.send(&Request::get(server.url("/a"))).await.unwrap();

    assert_eq!(answer["a"], 1);
    let seen = server.seen();
    let ids: Vec<_> = seen.iter().map(|seen| seen.header("client-request-id").unwrap().to_owned()).collect();
    assert_ne!(ids[0], ids[1]);
    assert!(ids.iter().all(|id| id.len() == 36));
    assert_eq!(seen[0].header("return-client-request-id"), Some("true"));
    assert_eq!(seen[0].header("accept"), Some("application/json"));
    assert_eq!(seen[0].header("user-agent"), Some("Sealwright-Test/1"));
    assert_eq!(seen[0].header("x-more"), Some("yes"));
    assert_eq!(seen[0].header("authorization"), None);
}

#[tokio::test]
async fn an_id_that_was_passed_in_is_used() {
    let server = Scripted::start(|_, _| Say::json(200, &json!({}))).await;
    let id = "73d664e4-0886-4a73-b745-c694da45ddb4".parse().unwrap();
    client(clock()).send(&Request::get(server.url("/")).with_id(id)).await.unwrap();
    assert_eq!(server.seen()[0].header("client-request-id"), Some("73d664e4-0886-4a73-b745-c694da45ddb4"));
}

#[tokio::test]
async fn nothing_was_sent_when_nobody_listens() {
    let unused = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = unused.local_addr().unwrap().port();
    drop(unused);
    let url = Url::parse(&format!("http://127.0.0.1:{port}/secret-path?secret-query")).unwrap();
    let error = client(clock()).send(&Request::get(url)).await.unwrap_err();
    assert!(matches!(&error, NetError::Unreachable { host, .. } if host == "127.0.0.1"), "{error:?}");
    assert!(!format!("{error:?}").contains("secret-query"));
}

#[tokio::test]
async fn nothing_was_sent_when_the_other_side_speaks_no_tls() {
    let server = Scripted::start(|_, _| Say::Cut).await;
    let mut url = server.url("/");
    url = Url::parse(&url.as_str().replace("http:", "https:")).unwrap();
    let error = client(clock()).send(&Request::get(url)).await.unwrap_err();
    assert!(matches!(error, NetError::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_connection_cut_after_the_request_leaves_the_outcome_unknown() {
    let server = Scripted::start(|_, _| Say::Cut).await;
    let request = Request::post_json(server.url("/orders"), &json!({"n": 1})).unwrap();
    let error = client(clock()).send(&request).await.unwrap_err();
    assert!(matches!(error, NetError::OutcomeUnknown { .. }), "{error:?}");
    assert_eq!(server.seen().len(), 1, "sent once and not again");
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_leaves_the_outcome_unknown() {
    let server = Scripted::start(|_, _| Say::Hang).await;
    let request = Request::post_json(server.url("/orders"), &json!({})).unwrap();
    let error = client(clock()).send(&request).await.unwrap_err();
    assert!(
        matches!(&error, NetError::OutcomeUnknown { detail, .. } if detail.contains("time-out")),
        "{error:?}"
    );
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_success_whose_body_is_cut_leaves_the_outcome_unknown_and_a_refusal_stays_a_refusal() {
    let error = failure(|| Say::CutInBody { status: 201 }).await;
    assert!(matches!(error, NetError::OutcomeUnknown { .. }), "{error:?}");
    let error = failure(|| Say::CutInBody { status: 403 }).await;
    assert!(matches!(error, NetError::Forbidden { .. }), "{error:?}");
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_meanwhile_is_replaced_without_a_word() {
    let server = Scripted::start(|_, _| Say::json(200, &json!({})).with("x-then-close: 1")).await;
    let client = client(clock());
    for _ in 0..3 {
        client.send(&Request::get(server.url("/"))).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn statuses_become_kinds() {
    let graph =
        |code: &str| json!({"error": {"code": code, "message": "why", "innerError": {"request-id": "r-9"}}});
    let error = failure(move || Say::json(401, &graph("InvalidAuthenticationToken"))).await;
    assert!(matches!(error, NetError::Unauthorized { .. }), "{error:?}");
    let error = failure(move || Say::json(403, &graph("Authorization_RequestDenied"))).await;
    assert!(matches!(error, NetError::Forbidden { .. }), "{error:?}");
    let error = failure(move || Say::json(404, &graph("Request_ResourceNotFound"))).await;
    assert!(matches!(&error, NetError::NotFound { reply, .. } if reply.code == "Request_ResourceNotFound"));
    let error = failure(move || {
        Say::json(410, &graph("resyncRequired")).with("location: https://x.test/d?$deltatoken=")
    })
    .await;
    assert!(
        matches!(&error, NetError::Gone { location: Some(to), .. } if to.ends_with("$deltatoken=")),
        "{error:?}"
    );
    let error = failure(move || Say::json(409, &graph("Conflict"))).await;
    assert!(matches!(&error, NetError::Client { status: 409, reply, .. } if reply.code == "Conflict"));
    assert!(error.to_string().contains("why (Conflict, request id r-9)"), "{error}");
    let error = failure(move || Say::json(504, &graph("GatewayTimeout"))).await;
    assert!(matches!(error, NetError::Server { status: 504, .. }), "{error:?}");
}

#[tokio::test]
async fn the_request_id_comes_from_the_header_when_the_body_has_none() {
    let error = failure(|| Say::json(403, &"").with("request-id: from-header")).await;
    assert_eq!(error.reply().unwrap().request_id.as_deref(), Some("from-header"));
}

#[tokio::test]
async fn a_page_instead_of_json_is_shown_by_its_title() {
    let page = "<html><head><title>Sign in to Guest WiFi</title></head><body>…</body></html>";
    for status in [200, 401, 403, 404] {
        let server = Scripted::start(move |_, _| Say::html(status, page)).await;
        let sent = client(clock()).send(&Request::get(server.url("/"))).await;
        let error = sent.and_then(|answer| answer.json::<Value>()).unwrap_err();
        assert!(
            matches!(&error, NetError::NotJson { shown, .. } if shown == "Sign in to Guest WiFi"),
            "{status}: {error:?}"
        );
    }
    // A gateway's own page does not change what 5xx and 429 mean.
    let error = failure(move || Say::html(502, page)).await;
    assert!(matches!(&error, NetError::Server { reply, .. } if reply.message == "Sign in to Guest WiFi"));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let server =
        Scripted::start(|_, _| Say::html(302, "").with("location: https://portal.test/login?from=x")).await;
    let error = client(clock()).send(&Request::get(server.url("/"))).await.unwrap_err();
    assert!(
        matches!(&error, NetError::NotJson { shown, .. } if shown == "a redirect to portal.test"),
        "{error:?}"
    );
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn json_that_is_cut_off_or_of_another_shape_is_garbled() {
    #[derive(Debug, serde::Deserialize)]
    struct Wanted {
        #[expect(dead_code, reason = "only its presence matters")]
        value: Vec<u8>,
    }
    for (body, says) in [
        (r#"{"value":[1,2"#, "ends in the middle"),
        ("{}", "another shape"),
        ("{oops", "not valid"),
        ("", "empty"),
    ] {
        let server = Scripted::start(move |_, _| Say::json(200, &body)).await;
        let answer = client(clock()).send(&Request::get(server.url("/"))).await.unwrap();
        let error = answer.json::<Wanted>().unwrap_err();
        assert!(
            matches!(&error, NetError::Garbled { detail, .. } if detail.contains(says)),
            "{body}: {error:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_longer_than_the_limit_is_refused_told_or_untold() {
    let mut settings = Settings::new("t");
    settings.answer_limit = 1_000;
    let long = "x".repeat(1_001);
    let server = Scripted::start(move |seen, _| {
        if seen.route() == "GET /told" {
            Say::json(200, &long)
        } else {
            let chunked = format!("{:x}\r\n{long}\r\n0\r\n\r\n", long.len());
            Say::Answer {
                status: 200,
                headers: "transfer-encoding: chunked\r\nx-ignore: ".to_owned(),
                body: chunked,
            }
        }
    })
    .await;
    for path in ["/told", "/untold"] {
        let error = client_with(&settings, clock()).send(&Request::get(server.url(path))).await.unwrap_err();
        assert!(matches!(error, NetError::TooLarge { limit: 1_000, .. }), "{path}: {error:?}");
    }
}

#[tokio::test]
async fn a_read_that_is_told_to_wait_a_moment_waits_and_is_sent_once_more() {
    let server = Scripted::start(|_, number| match number {
        0 => Say::json(429, &json!({})).with("x-ms-retry-after-ms: 200"),
        _ => Say::json(200, &json!({"ok": true})),
    })
    .await;
    let started = std::time::Instant::now();
    let answer = client(clock()).send(&Request::get(server.url("/"))).await.unwrap();
    assert!(started.elapsed().as_millis() >= 200);
    assert_eq!(answer.status(), 200);
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn the_second_refusal_is_handed_up() {
    let server = Scripted::start(|_, _| Say::json(503, &json!({})).with("retry-after: 0")).await;
    let error = client(clock()).send(&Request::get(server.url("/"))).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Span::seconds(0)));
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn long_or_unknown_waits_and_writes_are_the_schedulers_business() {
    let server = Scripted::start(|seen, _| match seen.route().as_str() {
        "GET /long" => Say::json(429, &json!({})).with("retry-after: 11"),
        "GET /date" => Say::json(429, &json!({})).with("retry-after: Fri, 09 Jan 2026 02:03:12 GMT"),
        "GET /silent" => Say::json(429, &json!({})),
        _ => Say::json(429, &json!({})).with("retry-after: 1"),
    })
    .await;
    let client = client(clock());
    let read = |path: &str| Request::get(server.url(path));
    let write = Request::post_json(server.url("/write"), &json!({})).unwrap();
    for (request, wait) in [
        (read("/long"), Some(Span::seconds(11))),
        (read("/date"), Some(Span::seconds(60))),
        (read("/silent"), None),
        (write, Some(Span::seconds(1))),
    ] {
        let error = client.send(&request).await.unwrap_err();
        assert!(matches!(error, NetError::Throttled { .. }));
        assert_eq!(error.retry_after(), wait, "{request:?}");
    }
    assert_eq!(server.seen().len(), 4, "each was sent once");
}

#[tokio::test]
async fn requests_go_through_the_proxy_but_those_to_this_machine_do_not() {
    let proxy = Scripted::start(|_, _| Say::json(200, &json!({"through": "proxy"}))).await;
    let direct = Scripted::start(|_, _| Say::json(200, &json!({"through": "nobody"}))).await;
    let mut settings = Settings::new("t");
    let mut address = proxy.base.clone();
    address.set_username("user").unwrap();
    address.set_password(Some("pass")).unwrap();
    settings.proxy = Some(address);
    let client = client_with(&settings, clock());

    let far = Request::get(Url::parse("http://graph.contoso.test/v1.0").unwrap());
    assert_eq!(client.send(&far).await.unwrap().json::<Value>().unwrap()["through"], "proxy");
    assert!(proxy.seen()[0].head.starts_with("GET http://graph.contoso.test/v1.0"));
    assert_eq!(proxy.seen()[0].header("proxy-authorization"), Some("Basic dXNlcjpwYXNz"));
    client.send(&Request::get(direct.url("/"))).await.unwrap();
    assert_eq!((proxy.seen().len(), direct.seen().len()), (1, 1));
}

#[test]
fn unusable_settings_are_named() {
    let refuse = |edit: fn(&mut Settings)| {
        let mut settings = Settings::new("t");
        edit(&mut settings);
        let clock = clock();
        let ids = model::Ids::new(clock.clone(), std::sync::Arc::new(model::SystemEntropy));
        net::Client::new(&settings, ids, clock).unwrap_err()
    };
    let error = refuse(|settings| settings.extra_root_ca = Some("no certificate".to_owned()));
    assert!(matches!(error, SetupError::RootCertificate { .. }), "{error:?}");
    let error = refuse(|settings| settings.proxy = Url::parse("socks5://u:geheim@proxy.test:1").ok());
    assert!(matches!(error, SetupError::Proxy { .. }), "{error:?}");
    assert!(!error.to_string().contains("geheim"), "{error}");
    let error = refuse(|settings| settings.user_agent = "a\nb".to_owned());
    assert!(matches!(error, SetupError::Library { .. }), "{error:?}");
}
