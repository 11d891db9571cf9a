//! Logins: what is sent, how often, and what is said when they are refused.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use crypto::{PrivateKey, X509Certificate};
use model::{KeyAlgorithm, SerialNumber, Span, Timestamp};
use net::entra::{Application, AssertionAlgorithm, AssertionSigner, Credential, TokenSource};
use net::{NetError, SetupError};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::scripted::{Say, Scripted, Seen, StillClock, client, clock};

const TENANT: &str = "11111111-2222-3333-4444-555555555555";
const CLIENT: &str = "66666666-7777-8888-9999-aaaaaaaaaaaa";
const SCOPE: &str = "https://graph.microsoft.com/.default";
const TOKEN: &str = "POST /11111111-2222-3333-4444-555555555555/oauth2/v2.0/token";
const DISCOVERY: &str = "GET /11111111-2222-3333-4444-555555555555/v2.0/.well-known/openid-configuration";

fn application(credential: Credential) -> Application {
    Application { tenant: TENANT.parse().unwrap(), client_id: CLIENT.parse().unwrap(), credential }
}

fn secret() -> Credential {
    Credential::Secret(Zeroizing::new("s3cr+t &%ü".to_owned()))
}

fn discovery(seen: &Seen) -> Say {
    let host = seen.header("host").unwrap();
    Say::json(
        200,
        &json!({"token_endpoint": format!("http://{host}/{TENANT}/oauth2/v2.0/token"), "issuer": "x"}),
    )
}

fn token(text: &str, life: u32) -> Say {
    Say::json(
        200,
        &json!({"token_type": "Bearer", "expires_in": life, "ext_expires_in": life, "access_token": text}),
    )
}

fn refused(number: u32) -> Say {
    let description = format!("AADSTS{number}: No.\r\nTrace ID: t\r\nCorrelation ID: c");
    let body = json!({"error": "invalid_client", "error_description": description, "error_codes": [number], "trace_id": "t"});
    Say::json(401, &body)
}

/// A server whose token endpoint is scripted; the number counts logins only.
async fn authority(script: impl Fn(usize) -> Say + Send + Sync + 'static) -> Scripted {
    let logins = std::sync::atomic::AtomicUsize::new(0);
    Scripted::start(move |seen, _| match seen.route().as_str() {
        DISCOVERY => discovery(seen),
        _ => script(logins.fetch_add(1, std::sync::atomic::Ordering::SeqCst)),
    })
    .await
}

fn source(server: &Scripted, clock: &Arc<StillClock>, credential: Credential) -> Arc<TokenSource> {
    Arc::new(TokenSource::new(client(Arc::clone(clock)), &server.base, application(credential)).unwrap())
}

fn form(seen: &Seen) -> Vec<(String, String)> {
    form_urlencoded::parse(seen.body.as_bytes()).into_owned().collect()
}

#[tokio::test]
async fn a_secret_is_sent_as_a_form_to_the_endpoint_that_discovery_names() {
    let server = authority(|_| token("t-1", 3599)).await;
    source(&server, &clock(), secret()).token(SCOPE).await.unwrap();

    let seen = server.seen();
    assert_eq!(seen.iter().map(Seen::route).collect::<Vec<_>>(), [DISCOVERY, TOKEN]);
    assert_eq!(seen[1].header("content-type"), Some("application/x-www-form-urlencoded"));
    let want = [
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT),
        ("scope", SCOPE),
        ("client_secret", "s3cr+t &%ü"),
    ];
    assert_eq!(form(&seen[1]), want.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn many_callers_cause_one_login() {
    let server = authority(|_| token("t-1", 3599)).await;
    let source = source(&server, &clock(), secret());
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let source = Arc::clone(&source);
        tasks.spawn(async move { source.token(SCOPE).await.unwrap() });
    }
    let tokens = tasks.join_all().await;
    assert!(tokens.iter().all(|token| *token == tokens[0]));
    assert_eq!((server.count(DISCOVERY), server.count(TOKEN)), (1, 1));
}

#[tokio::test]
async fn many_callers_share_one_refusal_and_a_later_one_asks_again() {
    let server = authority(|number| if number == 0 { refused(7_000_215) } else { token("t", 3599) }).await;
    let source = source(&server, &clock(), secret());
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let source = Arc::clone(&source);
        tasks.spawn(async move { source.token(SCOPE).await.map(drop) });
    }
    let results = tasks.join_all().await;
    assert!(results.iter().all(|result| matches!(result, Err(NetError::LoginRefused(_)))));
    assert_eq!(server.count(TOKEN), 1, "a wrong secret is not tried twenty times");

    source.token(SCOPE).await.unwrap();
}

#[tokio::test]
async fn a_token_is_kept_until_two_thirds_or_five_minutes_before_its_end() {
    for (life, kept, renewed) in [(3_599, 2_399, 2_400), (700, 399, 401), (90, 44, 60)] {
        let server = authority(move |number| token(&format!("t-{number}"), life)).await;
        let clock = clock();
        let source = source(&server, &clock, secret());
        let first = source.token(SCOPE).await.unwrap();
        clock.advance(Span::seconds(kept));
        assert_eq!(source.token(SCOPE).await.unwrap(), first, "{life}: still kept");
        clock.advance(Span::seconds(renewed - kept));
        assert_ne!(source.token(SCOPE).await.unwrap(), first, "{life}: renewed");
        assert_eq!(server.count(TOKEN), 2);
    }
}

#[tokio::test]
async fn scopes_have_tokens_of_their_own() {
    let server = authority(|number| token(&format!("t-{number}"), 3_599)).await;
    let source = source(&server, &clock(), secret());
    let graph = source.token(SCOPE).await.unwrap();
    let vault = source.token("https://vault.azure.net/.default").await.unwrap();
    assert_ne!(graph, vault);
    assert_eq!(source.token(SCOPE).await.unwrap(), graph);
    assert_eq!(server.count(TOKEN), 2);
}

#[tokio::test]
async fn an_outage_during_renewal_does_not_end_a_token_that_still_lives() {
    let server = authority(|number| match number {
        0 => token("t-0", 3_600),
        1 | 2 => Say::json(503, &json!({})),
        _ => token("t-3", 3_600),
    })
    .await;
    let clock = clock();
    let source = source(&server, &clock, secret());
    let first = source.token(SCOPE).await.unwrap();
    clock.advance(Span::seconds(2_500));
    assert_eq!(source.token(SCOPE).await.unwrap(), first);
    assert_eq!(source.token(SCOPE).await.unwrap(), first);
    assert_eq!(server.count(TOKEN), 2, "no second attempt at once");
    clock.advance(Span::seconds(1_080));
    let error = source.token(SCOPE).await.unwrap_err();
    assert!(matches!(error, NetError::Server { .. }), "too close to its end: {error:?}");
    assert_ne!(source.token(SCOPE).await.unwrap(), first);
}

#[tokio::test]
async fn a_forgotten_token_is_asked_for_anew_but_a_newer_one_is_not_dropped_with_it() {
    let server = authority(|number| token(&format!("t-{number}"), 3_599)).await;
    let source = source(&server, &clock(), secret());
    let old = source.token(SCOPE).await.unwrap();
    source.forget(SCOPE, &old).await;
    let new = source.token(SCOPE).await.unwrap();
    assert_ne!(old, new);
    source.forget(SCOPE, &old).await;
    assert_eq!(source.token(SCOPE).await.unwrap(), new);
}

#[tokio::test]
async fn a_refusal_says_what_to_do_and_carries_no_secret() {
    let server = authority(|_| refused(7_000_222)).await;
    let error = source(&server, &clock(), secret()).token(SCOPE).await.unwrap_err();
    let NetError::LoginRefused(refusal) = &error else { panic!("{error:?}") };
    assert_eq!((refusal.error.as_str(), refusal.number), ("invalid_client", Some(7_000_222)));
    assert!(error.to_string().contains("expired"), "{error}");
    assert!(!format!("{error:?}").contains("s3cr"));
}

#[tokio::test]
async fn an_unknown_tenant_is_told_at_discovery() {
    let server = Scripted::start(|_, _| {
        let text = "AADSTS90002: Tenant 'x' not found.";
        Say::json(
            400,
            &json!({"error": "invalid_tenant", "error_description": text, "error_codes": [90_002]}),
        )
    })
    .await;
    let error = source(&server, &clock(), secret()).token(SCOPE).await.unwrap_err();
    assert!(
        matches!(&error, NetError::LoginRefused(refusal) if refusal.hint.contains("tenant")),
        "{error:?}"
    );
}

#[tokio::test]
async fn trouble_at_the_token_endpoint_is_told_as_what_it_is() {
    type Check = fn(&NetError) -> bool;
    let cases: [(fn() -> Say, Check); 6] = [
        (
            || Say::json(429, &json!({})).with("retry-after: 17"),
            |error| matches!(error, NetError::Throttled { retry_after: Some(_), .. }),
        ),
        (|| Say::json(503, &json!({})), |error| matches!(error, NetError::Server { .. })),
        (
            || Say::json(400, &json!({"error": "temporarily_unavailable"})),
            |error| matches!(error, NetError::Server { .. }),
        ),
        (|| Say::html(200, "<title>Hotel</title>"), |error| matches!(error, NetError::NotJson { .. })),
        (|| Say::json(200, &json!({"expires_in": 1})), |error| matches!(error, NetError::Garbled { .. })),
        // Asking for a token has no effect: a lost answer is no unknown outcome of what the token was for.
        (|| Say::Cut, |error| matches!(error, NetError::Unreachable { .. })),
    ];
    for (say, check) in cases {
        let server = authority(move |_| say()).await;
        let error = source(&server, &clock(), secret()).token(SCOPE).await.unwrap_err();
        assert!(check(&error), "{error:?}");
    }
}

#[tokio::test]
async fn the_secret_is_not_sent_in_clear_where_discovery_points() {
    let server =
        Scripted::start(|_, _| Say::json(200, &json!({"token_endpoint": "http://evil.test/token"}))).await;
    let error = source(&server, &clock(), secret()).token(SCOPE).await.unwrap_err();
    assert!(matches!(error, NetError::Garbled { .. }), "{error:?}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn expires_in_may_be_text() {
    let server = authority(|number| {
        Say::json(200, &json!({"access_token": format!("t-{number}"), "expires_in": "3599"}))
    })
    .await;
    let source = source(&server, &clock(), secret());
    assert_eq!(source.token(SCOPE).await.unwrap(), source.token(SCOPE).await.unwrap());
}

fn pair() -> (PrivateKey, X509Certificate) {
    let key = PrivateKey::generate(KeyAlgorithm::Rsa2048).unwrap();
    let validity = crypto::issue::Validity {
        not_before: "2026-01-01T00:00:00Z".parse::<Timestamp>().unwrap(),
        not_after: "2027-01-01T00:00:00Z".parse::<Timestamp>().unwrap(),
    };
    let serial = SerialNumber::from_be_bytes(&[1]);
    let der = crypto::issue::recovery_agent_certificate("Sealwright", &key, validity, serial).unwrap();
    (key, X509Certificate::from_der(&der).unwrap())
}

#[tokio::test]
async fn a_certificate_signs_a_fresh_assertion_for_each_login() {
    let server = authority(|_| token("t", 3_599)).await;
    let (key, certificate) = pair();
    let credential =
        Credential::certificate(key.clone(), certificate.clone(), AssertionAlgorithm::Ps256).unwrap();
    let source = source(&server, &clock(), credential);
    let first = source.token(SCOPE).await.unwrap();
    source.forget(SCOPE, &first).await;
    source.token(SCOPE).await.unwrap();

    let mut ids = Vec::new();
    for seen in server.seen().iter().filter(|seen| seen.route() == TOKEN) {
        let form = form(seen);
        let value = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        assert_eq!(value("client_secret"), None);
        assert_eq!(
            value("client_assertion_type").unwrap(),
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        );
        let assertion = value("client_assertion").unwrap();
        let parts: Vec<&str> = assertion.split('.').collect();
        let read =
            |part: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap() };
        assert_eq!(
            read(parts[0]),
            json!({
                "alg": "PS256", "typ": "JWT",
                "x5t#S256": URL_SAFE_NO_PAD.encode(certificate.sha256()),
                "x5c": [STANDARD.encode(certificate.der())],
            })
        );
        let claims = read(parts[1]);
        let id = claims["jti"].as_str().unwrap().to_owned();
        let now = "2026-01-09T02:02:12Z".parse::<Timestamp>().unwrap().as_seconds();
        assert_eq!(
            claims,
            json!({
                "aud": server.url(&format!("/{TENANT}/oauth2/v2.0/token")), "iss": CLIENT, "sub": CLIENT, "jti": id,
                "nbf": now, "iat": now, "exp": now + 600,
            })
        );
        assert_eq!(URL_SAFE_NO_PAD.decode(parts[2]).unwrap().len(), 256);
        ids.push(id.parse::<Uuid>().unwrap());
    }
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn credentials_that_cannot_work_are_refused_before_anything_is_sent() {
    let make = |address: &str, credential| {
        TokenSource::new(client(clock()), &Url::parse(address).unwrap(), application(credential)).unwrap_err()
    };
    let error = make("http://login.contoso.test/", secret());
    assert!(matches!(error, SetupError::Insecure { .. }), "{error:?}");
    let error = make("https://login.contoso.test/", Credential::Secret(Zeroizing::new(" ".to_owned())));
    assert!(error.to_string().contains("empty"), "{error}");

    let (_, certificate) = pair();
    let other = PrivateKey::generate(KeyAlgorithm::P256).unwrap();
    let error = Credential::certificate(other, certificate, AssertionAlgorithm::Ps256).unwrap_err();
    assert!(error.to_string().contains("another private key"), "{error}");
}

/// The one assertion that a server was sent, in its three parts.
fn assertion_of(server: &Scripted) -> (String, Value, Value, Vec<u8>) {
    let seen = server.seen();
    let login = seen.iter().find(|seen| seen.route() == TOKEN).unwrap();
    let assertion = form(login).into_iter().find(|(name, _)| name == "client_assertion").unwrap().1;
    let (signed, signature) = assertion.rsplit_once('.').unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let read = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    (signed.to_owned(), read(header), read(claims), URL_SAFE_NO_PAD.decode(signature).unwrap())
}

#[tokio::test]
async fn adfs_gets_the_older_signature_with_the_older_thumbprint() {
    let server = authority(|_| token("t", 3_599)).await;
    let (key, certificate) = pair();
    let credential = Credential::certificate(key, certificate.clone(), AssertionAlgorithm::Rs256).unwrap();
    source(&server, &clock(), credential).token(SCOPE).await.unwrap();
    let (signed, header, _, octets) = assertion_of(&server);
    assert_eq!(header["alg"], "RS256");
    assert_eq!(header["x5t"], URL_SAFE_NO_PAD.encode(certificate.thumbprint().as_bytes()));
    assert_eq!(header["x5t#S256"], Value::Null);
    let signature = model::kra::Signature { algorithm: model::kra::SignatureAlgorithm::Rs256, octets };
    assert!(certificate.verifies(signed.as_bytes(), &signature));
}

/// A token or vault with the key of another certificate.
struct Stranger(PrivateKey, X509Certificate);

#[async_trait::async_trait]
impl AssertionSigner for Stranger {
    fn algorithm(&self) -> AssertionAlgorithm {
        AssertionAlgorithm::Ps256
    }
    fn place(&self) -> String {
        "token 7".to_owned()
    }
    async fn certificate(&self) -> Result<X509Certificate, NetError> {
        Ok(self.1.clone())
    }
    async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, NetError> {
        Ok(self.0.sign_ps256(message).unwrap())
    }
}

#[tokio::test]
async fn a_signature_of_another_key_is_found_out_before_it_is_sent() {
    let server = authority(|_| token("t", 3_599)).await;
    let (_, certificate) = pair();
    let (other, _) = pair();
    let credential = Credential::Certificate { signer: Arc::new(Stranger(other, certificate)) };
    let error = source(&server, &clock(), credential).token(SCOPE).await.unwrap_err();
    assert!(
        matches!(&error, NetError::Unsendable { detail } if detail.contains("what token 7 signed")),
        "{error:?}"
    );
    assert_eq!(server.count(TOKEN), 0);
}

#[tokio::test]
async fn a_federated_token_is_read_anew_for_each_login() {
    let server = authority(|number| token(&format!("t-{number}"), 3_599)).await;
    let folder = tempfile::tempdir().unwrap();
    let token_file = folder.path().join("token");
    std::fs::write(&token_file, "e30.e30.first\n").unwrap();
    let source = source(&server, &clock(), Credential::Federated { token_file: token_file.clone() });
    let first = source.token(SCOPE).await.unwrap();
    std::fs::write(&token_file, "e30.e30.second").unwrap();
    source.forget(SCOPE, &first).await;
    source.token(SCOPE).await.unwrap();
    let sent: Vec<String> = server
        .seen()
        .iter()
        .filter(|seen| seen.route() == TOKEN)
        .map(|seen| form(seen).into_iter().find(|(name, _)| name == "client_assertion").unwrap().1)
        .collect();
    assert_eq!(sent, ["e30.e30.first", "e30.e30.second"]);

    for (content, why) in [("", "three parts"), ("a password", "three parts")] {
        std::fs::write(&token_file, content).unwrap();
        let error = source.token("https://vault.azure.net/.default").await.unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
    std::fs::remove_file(&token_file).unwrap();
    let error = source.token("https://vault.azure.net/.default").await.unwrap_err();
    assert!(matches!(&error, NetError::Unsendable { detail } if detail.contains("mounted")), "{error:?}");
}

#[tokio::test]
async fn a_clock_that_is_two_hours_off_is_told_by_the_answers_date() {
    let server = authority(|_| refused(700_024).with("date: Fri, 09 Jan 2026 04:02:12 GMT")).await;
    let error = source(&server, &clock(), secret()).token(SCOPE).await.unwrap_err();
    assert!(error.to_string().contains("clock is 2 hours slow"), "{error}");
}

#[tokio::test]
async fn what_stands_in_a_token_is_shown_and_the_token_is_not() {
    let claims = json!({
        "aud": "https://graph.microsoft.com", "tid": TENANT, "appid": CLIENT, "oid": "o-1", "exp": 1_767_924_132,
        "roles": ["User.Read.All", "GroupMember.Read.All"],
    });
    let text = format!("e30.{}.s1gnature", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let server = authority(move |_| token(&text, 3_599)).await;
    let facts = source(&server, &clock(), secret()).token(SCOPE).await.unwrap().facts().unwrap();
    assert_eq!(facts.roles, ["User.Read.All", "GroupMember.Read.All"]);
    assert_eq!((facts.tenant.as_str(), facts.application.as_str()), (TENANT, CLIENT));
    assert_eq!(facts.expires.unwrap().to_string(), "2026-01-09T02:02:12Z");
    assert!(!format!("{facts:?}").contains("s1gnature"));
    // Tokens of other kinds cannot be read, and that is no failure.
    let server = authority(|_| token("opaque", 3_599)).await;
    assert_eq!(source(&server, &clock(), secret()).token(SCOPE).await.unwrap().facts(), None);
}
