//! Who is believed to have signed in, and how a session goes on.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use crypto::{PrivateKey, X509Certificate};
use model::{KeyAlgorithm, SerialNumber, Timestamp};
use net::NetError;
use net::entra::{Person, PublicApplication, Session, SignInError, resume};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::scripted::{Say, Scripted, client, clock};

const TENANT: &str = "11111111-2222-3333-4444-555555555555";
const CLIENT: &str = "66666666-7777-8888-9999-aaaaaaaaaaaa";
const OBJECT: &str = "0b0b0b0b-1111-2222-3333-444444444444";
const ISSUER: &str = "https://issuer.test/v2.0";
const NOW: i64 = 1_767_924_132;

/// A tenant's signing key, and the same as it publishes it.
struct Authority {
    key: PrivateKey,
    published: Value,
}

impl Authority {
    fn new() -> Self {
        let key = PrivateKey::generate(KeyAlgorithm::Rsa2048).unwrap();
        let validity = crypto::issue::Validity {
            not_before: "2026-01-01T00:00:00Z".parse::<Timestamp>().unwrap(),
            not_after: "2027-01-01T00:00:00Z".parse::<Timestamp>().unwrap(),
        };
        let der =
            crypto::issue::recovery_agent_certificate("x", &key, validity, SerialNumber::from_be_bytes(&[1]));
        let modulus = X509Certificate::from_der(&der.unwrap()).unwrap().rsa_modulus().unwrap();
        let published =
            json!({ "kty": "RSA", "kid": "k-1", "n": URL_SAFE_NO_PAD.encode(modulus), "e": "AQAB" });
        Self { key, published }
    }

    fn token(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = self.key.sign_sha256(signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

fn header() -> Value {
    json!({ "alg": "RS256", "kid": "k-1", "typ": "JWT" })
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": CLIENT, "tid": TENANT, "oid": OBJECT, "iat": NOW, "nbf": NOW, "exp": NOW + 3_600,
        "preferred_username": "anna@nordwind.example", "name": "Anna", "roles": ["Sealwright.Auditor"],
    })
}

fn before() -> Person {
    Person {
        account: "anna@nordwind.example".to_owned(),
        name: None,
        object: OBJECT.parse().unwrap(),
        tenant: TENANT.parse().unwrap(),
        roles: Vec::new(),
    }
}

/// A tenant that answers a refresh token with this.
async fn serving(published: Value, answer: impl Fn() -> Say + Send + Sync + 'static) -> Scripted {
    serving_as(ISSUER, published, answer).await
}

async fn serving_as(
    issuer: &'static str,
    published: Value,
    answer: impl Fn() -> Say + Send + Sync + 'static,
) -> Scripted {
    Scripted::start(move |seen, _| {
        let host = seen.header("host").unwrap();
        match seen.route().rsplit('/').next().unwrap() {
            "openid-configuration" => Say::json(
                200,
                &json!({
                    "token_endpoint": format!("http://{host}/token"), "issuer": issuer,
                    "jwks_uri": format!("http://{host}/keys"),
                }),
            ),
            "keys" => Say::json(200, &json!({ "keys": [published] })),
            _ => answer(),
        }
    })
    .await
}

async fn resumed(server: &Scripted) -> Result<Session, SignInError> {
    let application =
        PublicApplication { tenant: TENANT.parse().unwrap(), client_id: CLIENT.parse().unwrap() };
    resume(&client(clock()), &server.base, application, "", "r-0", &before()).await
}

async fn with_token(published: Value, id_token: String) -> Result<Session, SignInError> {
    let answer =
        json!({ "access_token": "t", "expires_in": 3_599, "id_token": id_token, "refresh_token": "r-1" });
    resumed(&serving(published, move || Say::json(200, &answer)).await).await
}

#[tokio::test]
async fn a_session_goes_on_with_the_newest_refresh_token_and_the_roles_of_today() {
    let authority = Authority::new();
    let id_token = authority.token(&header(), &claims());
    let session = with_token(authority.published.clone(), id_token.clone()).await.unwrap();
    assert_eq!(session.refresh.unwrap().as_str(), "r-1");
    assert_eq!(session.person.roles, ["Sealwright.Auditor"]);
    assert_eq!(
        (session.person.account.as_str(), session.person.name.as_deref()),
        ("anna@nordwind.example", Some("Anna"))
    );

    // A tenant that gives no new one lets the old one go on.
    let answer = json!({ "access_token": "t", "expires_in": 3_599, "id_token": id_token });
    let server = serving(authority.published, move || Say::json(200, &answer)).await;
    assert_eq!(resumed(&server).await.unwrap().refresh.unwrap().as_str(), "r-0");
    let asked = server.seen().into_iter().find(|seen| seen.head.starts_with("POST")).unwrap();
    assert!(
        asked.body.contains("grant_type=refresh_token") && asked.body.contains("refresh_token=r-0"),
        "{asked:?}"
    );
    assert!(!asked.body.contains("client_secret"), "{asked:?}");
}

#[tokio::test]
async fn a_session_that_is_over_is_told_apart_from_a_tenant_that_does_not_answer() {
    let published = Authority::new().published;
    let over = json!({ "error": "invalid_grant", "error_description": "AADSTS50173: revoked", "error_codes": [50_173] });
    let server = serving(published.clone(), move || Say::json(400, &over)).await;
    let error = resumed(&server).await.unwrap_err();
    assert!(matches!(error, SignInError::Net(NetError::LoginRefused(_))), "{error:?}");
    let server = serving(published, || Say::json(503, &json!({}))).await;
    let error = resumed(&server).await.unwrap_err();
    assert!(matches!(error, SignInError::Net(NetError::Server { .. })), "{error:?}");
}

#[tokio::test]
async fn everything_in_an_id_token_is_held_against_the_sign_in() {
    let authority = Authority::new();
    let other = Uuid::nil().to_string();
    for (name, value, why) in [
        ("iss", json!("https://evil.test/v2.0"), "another authority"),
        ("aud", json!(other), "another application"),
        ("tid", json!(other), "another tenant"),
        ("exp", json!(NOW - 301), "outside its time"),
        ("nbf", json!(NOW + 301), "outside its time"),
        ("oid", json!(other), "somebody else"),
        ("oid", json!("no id"), "another kind"),
    ] {
        let mut bent = claims();
        bent[name] = value;
        let error =
            with_token(authority.published.clone(), authority.token(&header(), &bent)).await.unwrap_err();
        assert!(
            matches!(&error, SignInError::Identity { detail } if detail.contains(why)),
            "{name}: {error:?}"
        );
    }
    let mut nobodys = claims();
    nobodys["iss"] = json!("");
    let id_token = authority.token(&header(), &nobodys);
    let answer = json!({ "access_token": "t", "expires_in": 3_599, "id_token": id_token });
    let silent = serving_as("", authority.published.clone(), move || Say::json(200, &answer)).await;
    let error = resumed(&silent).await.unwrap_err();
    assert!(
        matches!(&error, SignInError::Identity { detail } if detail.contains("another authority")),
        "an authority without a name vouches for nobody: {error:?}"
    );
    let mut skewed = claims();
    skewed["nbf"] = json!(NOW + 299);
    with_token(authority.published.clone(), authority.token(&header(), &skewed)).await.unwrap();
}

#[tokio::test]
async fn nobody_is_asked_over_a_line_that_others_can_change() {
    let application =
        PublicApplication { tenant: TENANT.parse().unwrap(), client_id: CLIENT.parse().unwrap() };
    let authority = "http://login.example.test/".parse().unwrap();
    let error = resume(&client(clock()), &authority, application, "", "r-0", &before()).await.unwrap_err();
    assert!(
        matches!(&error, SignInError::Net(NetError::Unsendable { detail }) if detail.contains("http://login.example.test/")),
        "{error:?}"
    );
}

#[tokio::test]
async fn only_the_tenants_own_signature_is_believed() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let good = authority.token(&header(), &claims());
    let (signed, _) = good.rsplit_once('.').unwrap();
    let unsigned = authority.token(&json!({ "alg": "none", "kid": "k-1" }), &claims());
    let of_another_name = authority.token(&json!({ "alg": "RS256", "kid": "k-2" }), &claims());
    let symmetric = authority.token(&json!({ "alg": "HS256", "kid": "k-1" }), &claims());
    for (token, why) in [
        (stranger.token(&header(), &claims()), "none of the keys"),
        (of_another_name, "none of the keys"),
        (format!("{signed}."), "none of the keys"),
        (unsigned, "another way than RS256"),
        (symmetric, "another way than RS256"),
        (format!("{signed}.*"), "not base64url"),
        ("e30.e30".to_owned(), "three parts"),
    ] {
        let error = with_token(authority.published.clone(), token).await.unwrap_err();
        assert!(
            matches!(&error, SignInError::Identity { detail } if detail.contains(why)),
            "{why}: {error:?}"
        );
    }
}
