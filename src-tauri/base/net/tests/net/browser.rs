//! Sign-ins with a browser: what comes to the port, what is believed of it, and what is not.

use std::time::Duration;

use model::{Entropy, SystemEntropy};
use net::entra::{BrowserSignIn, PublicApplication, Session, SignInError};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;

use crate::scripted::{Say, Scripted, client, clock};

const TENANT: &str = "11111111-2222-3333-4444-555555555555";
const CLIENT: &str = "66666666-7777-8888-9999-aaaaaaaaaaaa";

/// An authority that redeems every code for an answer without an id token: what is believed of those is told elsewhere.
async fn authority() -> Scripted {
    Scripted::start(move |seen, _| {
        let host = seen.header("host").unwrap();
        let base = format!("http://{host}/{TENANT}/oauth2/v2.0");
        match seen.route().rsplit('/').next().unwrap() {
            "openid-configuration" => Say::json(
                200,
                &json!({
                    "token_endpoint": format!("{base}/token"), "authorization_endpoint": format!("{base}/authorize"),
                    "issuer": "https://issuer.test/", "jwks_uri": format!("http://{host}/keys"),
                }),
            ),
            _ => Say::json(200, &json!({ "access_token": "t", "expires_in": 3_599 })),
        }
    })
    .await
}

struct Waiting {
    server: Scripted,
    port: u16,
    address: String,
    ended: tokio::task::JoinSet<Result<Session, SignInError>>,
}

/// What is asked of the tenant's page.
fn asked_of(page: &str, name: &str) -> String {
    let page = Url::parse(page).unwrap();
    page.query_pairs().find(|(known, _)| known == name).unwrap().1.into_owned()
}

async fn begun(patience: Duration) -> Waiting {
    begun_with(patience, &SystemEntropy).await
}

async fn begun_with(patience: Duration, entropy: &dyn Entropy) -> Waiting {
    let server = authority().await;
    let application =
        PublicApplication { tenant: TENANT.parse().unwrap(), client_id: CLIENT.parse().unwrap() };
    let sign_in =
        BrowserSignIn::begin(&client(clock()), &server.base, application, "", entropy).await.unwrap();
    let address = sign_in.address().to_owned();
    let port = Url::parse(&address).unwrap().port().unwrap();
    let mut ended = tokio::task::JoinSet::new();
    ended.spawn(sign_in.wait(patience));
    Waiting { server, port, address, ended }
}

impl Waiting {
    /// The status line and the page of one request.
    async fn ask(&self, request: &str) -> String {
        self.ask_as(request, &format!("localhost:{}", self.port)).await
    }

    async fn ask_as(&self, request: &str, host: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let text = format!("{request} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\n\r\n");
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    /// The one-time path, as it is asked for.
    fn first_hop(&self) -> String {
        format!("GET {}", Url::parse(&self.address).unwrap().path())
    }

    /// The browser opens the address; the tenant's page that it is led to.
    async fn opened(&self) -> String {
        let answer = self.ask(&self.first_hop()).await;
        assert!(answer.starts_with("HTTP/1.1 302"), "{answer}");
        let location = answer.lines().find_map(|line| line.strip_prefix("Location: "));
        location.unwrap().to_owned()
    }

    async fn end(mut self) -> Result<Session, SignInError> {
        self.ended.join_next().await.unwrap().unwrap()
    }
}

#[tokio::test]
async fn the_page_is_asked_for_with_a_challenge_that_tells_nothing() {
    let waiting = begun(Duration::from_secs(5)).await;
    let page = waiting.opened().await;
    let find = |name: &str| asked_of(&page, name);
    assert_eq!(Url::parse(&page).unwrap().path(), format!("/{TENANT}/oauth2/v2.0/authorize"));
    assert_eq!((find("response_type").as_str(), find("code_challenge_method").as_str()), ("code", "S256"));
    assert_eq!(find("scope"), "openid profile offline_access");
    assert_eq!(find("redirect_uri"), format!("http://localhost:{}", waiting.port));
    for secret in ["state", "nonce", "code_challenge"] {
        assert_eq!(find(secret).len(), 43, "{secret}");
    }
    assert_ne!(find("state"), find("nonce"));
}

#[tokio::test]
async fn the_address_that_everybody_can_read_tells_nothing_and_leads_on_once() {
    let waiting = begun(Duration::from_secs(20)).await;
    let path = waiting.address.strip_prefix(&format!("http://localhost:{}/", waiting.port)).unwrap();
    assert!(path.len() == 43 && !path.contains(['?', '/']), "{path}");

    // None of these is the way on, and none of them spends or spoils it.
    let hop = waiting.first_hop();
    for (request, status) in [
        ("GET /".to_owned() + &"A".repeat(43), "404"),
        (format!("{hop}?"), "404"),
        (format!("{hop}/"), "404"),
        (hop[..hop.len() - 1].to_owned(), "404"),
        (hop.replace("GET", "HEAD"), "405"),
    ] {
        let answer = waiting.ask(&request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{request}: {answer}");
        assert!(!answer.contains("Location"), "{request}: {answer}");
    }
    let elsewhere = waiting.ask_as(&hop, "evil.test").await;
    assert!(elsewhere.starts_with("HTTP/1.1 400") && !elsewhere.contains("Location"), "{elsewhere}");

    let answer = waiting.ask(&hop).await;
    assert!(answer.starts_with("HTTP/1.1 302") && answer.contains("no-store"), "{answer}");
    assert!(answer.contains("Referrer-Policy: no-referrer"), "{answer}");
    let page = answer.lines().find_map(|line| line.strip_prefix("Location: ")).unwrap();
    for secret in ["state", "nonce", "code_challenge"] {
        assert_ne!(asked_of(page, secret), path, "{secret}");
    }
    let answer = waiting.ask(&format!("GET /?code=c&state={}", asked_of(page, "state"))).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn an_answer_before_the_page_was_opened_is_not_believed() {
    /// So that the state is known without the page.
    struct Known;
    impl Entropy for Known {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }
    let waiting = begun_with(Duration::from_secs(20), &Known).await;
    let state = waiting.address.rsplit('/').next().unwrap().to_owned();
    for answer in ["code=early", "error=access_denied"] {
        let answer = waiting.ask(&format!("GET /?{answer}&state={state}")).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
    assert_eq!(asked_of(&waiting.opened().await, "state"), state, "the same answers would be right by now");
    let answer = waiting.ask(&format!("GET /?code=in-time&state={state}")).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn whoever_opens_the_page_second_makes_the_sign_in_void() {
    let waiting = begun(Duration::from_secs(20)).await;
    waiting.opened().await;
    let answer = waiting.ask(&waiting.first_hop()).await;
    assert!(answer.starts_with("HTTP/1.1 410") && answer.contains("begin again"), "{answer}");
    assert!(!answer.contains("Location"), "{answer}");
    let server = waiting.server.seen().len();
    assert!(
        TcpStream::connect(("127.0.0.1", waiting.port)).await.is_err(),
        "no answer is waited for any more"
    );
    assert_eq!(server, 1, "nothing but the tenant's description was asked for");
    let error = waiting.end().await.unwrap_err();
    assert!(matches!(error, SignInError::OpenedTwice), "{error:?}");
    assert!(error.to_string().contains("somebody else opened the sign-in page on this machine"), "{error}");
}

#[tokio::test]
async fn more_connections_than_are_listened_to_wait_and_are_answered_when_others_have_gone() {
    let waiting = begun(Duration::from_secs(20)).await;
    let mut silent = Vec::new();
    for _ in 0..32 {
        silent.push(TcpStream::connect(("127.0.0.1", waiting.port)).await.unwrap());
    }
    let hop = waiting.first_hop();
    let mut asked = std::pin::pin!(waiting.ask(&hop));
    tokio::time::timeout(Duration::from_millis(500), &mut asked).await.expect_err("there is no place yet");
    drop(silent);
    let answer = tokio::time::timeout(Duration::from_secs(5), asked).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 302"), "{answer}");
}

#[tokio::test]
async fn only_the_right_answer_ends_the_waiting() {
    let waiting = begun(Duration::from_secs(20)).await;
    let port = waiting.port;
    let state = asked_of(&waiting.opened().await, "state");
    // A connection that a browser opens in advance and never uses.
    let silent = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    for (request, status) in [
        ("GET /favicon.ico".to_owned(), "404"),
        (format!("POST /?code=stolen&state={state}"), "405"),
        (format!("GET /elsewhere?code=stolen&state={state}"), "404"),
        ("GET /?code=stolen".to_owned(), "400"),
        ("GET /?code=stolen&state=another".to_owned(), "400"),
        (format!("GET /?code=&state={state}"), "400"),
        ("GET /?error=access_denied&state=another".to_owned(), "400"),
    ] {
        let answer = waiting.ask(&request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{request}: {answer}");
        assert!(!answer.contains("received"), "{request}: {answer}");
    }
    let elsewhere = waiting.ask_as(&format!("GET /?code=stolen&state={state}"), "evil.test").await;
    assert!(elsewhere.starts_with("HTTP/1.1 400"), "a name that leads here: {elsewhere}");
    assert_eq!(waiting.server.seen().iter().filter(|seen| seen.head.starts_with("POST")).count(), 0);

    let answer = waiting.ask(&format!("GET /?code=c%2B1&state={state}&session_state=0")).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("was received"), "{answer}");
    assert!(answer.contains("no-store") && answer.contains("default-src 'none'"), "{answer}");
    let seen = async || {
        for _ in 0..200 {
            if let Some(seen) = waiting.server.seen().into_iter().find(|seen| seen.head.starts_with("POST")) {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the code is not redeemed");
    };
    let form: Vec<(String, String)> =
        form_urlencoded::parse(seen().await.body.as_bytes()).into_owned().collect();
    let find = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    assert_eq!((find("grant_type"), find("code")), (Some("authorization_code"), Some("c+1")));
    assert_eq!(find("redirect_uri"), Some(format!("http://localhost:{port}").as_str()));
    assert_eq!(find("code_verifier").map(str::len), Some(43));
    assert_eq!(find("client_secret"), None);
    // The port is closed by now: a second answer comes to nobody.
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
    drop(silent);
    let error = waiting.end().await.unwrap_err();
    assert!(
        matches!(&error, SignInError::Identity { detail } if detail.contains("who signed in")),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_refusal_in_the_browser_ends_the_waiting_and_is_told() {
    let waiting = begun(Duration::from_secs(20)).await;
    let state = asked_of(&waiting.opened().await, "state");
    let text = "error_description=AADSTS65004%3A+declined%1b%5B2J%E2%80%AE%0d%0aTrace+ID";
    let answer = waiting.ask(&format!("GET /?error=access_denied&{text}&state={state}")).await;
    assert!(answer.contains("Nobody was signed in"), "{answer}");
    let error = waiting.end().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the sign-in was not completed in the browser: AADSTS65004: declined\u{fffd}[2J\u{fffd} (access_denied)"
    );
}

#[tokio::test]
async fn nobody_is_waited_for_for_ever_and_the_port_is_free_again() {
    let waiting = begun(Duration::from_millis(300)).await;
    let port = waiting.port;
    let error = waiting.end().await.unwrap_err();
    assert!(matches!(error, SignInError::TimedOut { minutes: 1 }), "{error:?}");
    drop(tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap());
}

#[tokio::test]
async fn two_sign_ins_at_once_do_not_disturb_each_other() {
    let (one, two) = tokio::join!(begun(Duration::from_secs(20)), begun(Duration::from_secs(20)));
    assert_ne!(one.port, two.port);
    assert_ne!(one.first_hop(), two.first_hop());
    let (page, _) = tokio::join!(one.opened(), two.opened());
    let crossed = two.ask(&format!("GET /?code=c&state={}", asked_of(&page, "state"))).await;
    assert!(crossed.starts_with("HTTP/1.1 400"), "{crossed}");
}
