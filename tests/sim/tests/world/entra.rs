//! The token endpoint: who gets a token, and in which words the others are refused.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Signer};
use openssl::x509::X509;
use serde_json::{Value, json};

use crate::forge;
use crate::visitor::{Answer, Visitor};

fn claims_of(token: &str) -> Value {
    let claims = token.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).expect("base64url")).expect("JSON")
}

/// A client with a key and a registered certificate.
struct Signatory {
    key: PKey<Private>,
    certificate: X509,
}

impl Signatory {
    fn new() -> Self {
        let key = PKey::from_rsa(Rsa::generate(2048).expect("a key")).expect("a key");
        let certificate = forge::self_signed("client", &key);
        Self { key, certificate }
    }

    fn pem(&self) -> String {
        String::from_utf8(self.certificate.to_pem().expect("PEM")).expect("text")
    }

    fn thumbprint(&self, digest: MessageDigest) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.certificate.digest(digest).expect("a digest"))
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let text = |part: &Value| BASE64_URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", text(header), text(claims));
        let mut pen = Signer::new(MessageDigest::sha256(), &self.key).expect("a pen");
        if header["alg"] == "PS256" {
            pen.set_rsa_padding(Padding::PKCS1_PSS).expect("PSS");
            pen.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH).expect("salt");
            pen.set_rsa_mgf1_md(MessageDigest::sha256()).expect("MGF1");
        }
        let signature = pen.sign_oneshot_to_vec(signed.as_bytes()).expect("a signature");
        format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }
}

async fn ask(visitor: &Visitor, assertion: &str) -> Answer {
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    visitor.ask_token(&[("client_assertion_type", kind), ("client_assertion", assertion)]).await
}

fn claims(visitor: &Visitor, jti: &str) -> Value {
    let (client, now) = (visitor.sim.app().client_id, visitor.sim.now().as_second());
    let audience = format!("{}/{}/oauth2/v2.0/token", visitor.sim.base_url(), visitor.sim.tenant_id());
    json!({ "aud": audience, "iss": client, "sub": client, "jti": jti, "nbf": now, "iat": now, "exp": now + 600 })
}

#[tokio::test]
async fn a_secret_buys_a_token_with_the_granted_roles() {
    let visitor = Visitor::with_people(2).await;
    let claims = claims_of(&visitor.token);
    assert_eq!(claims["aud"], "https://graph.microsoft.com");
    assert_eq!(claims["tid"], visitor.sim.tenant_id().to_string());
    assert_eq!(claims["appid"], visitor.sim.app().client_id.to_string());
    assert_eq!(claims["roles"], json!(sim::DEFAULT_ROLES));
    assert_eq!(claims["exp"].as_i64().expect("a number") - claims["iat"].as_i64().expect("a number"), 3599);
}

#[tokio::test]
async fn each_wrong_request_is_refused_with_its_own_number() {
    let visitor = Visitor::with_people(2).await;
    let secret = visitor.sim.app().secret.expect("a secret");
    let good = ("client_secret", secret.as_str());
    let unknown = "00000000-0000-4000-8000-000000000000";
    for (fields, status, error, code) in [
        (vec![("client_secret", "wrong")], 401, "invalid_client", 7_000_215),
        (vec![], 401, "invalid_client", 7_000_218),
        (vec![good, ("client_id", unknown)], 400, "unauthorized_client", 700_016),
        (vec![good, ("scope", "https://graph.microsoft.com/User.Read.All")], 400, "invalid_scope", 70011),
        (vec![good, ("scope", "https://storage.azure.com/.default")], 400, "invalid_resource", 500_011),
        (vec![good, ("grant_type", "password")], 400, "unsupported_grant_type", 70003),
        (vec![good, ("grant_type", "")], 400, "invalid_request", 900_144),
    ] {
        let answer = visitor.ask_token(&fields).await;
        assert_eq!(answer.status, status, "{fields:?}: {}", answer.body);
        assert_eq!(answer.body["error"], error);
        assert_eq!(answer.body["error_codes"], json!([code]));
        let text = answer.body["error_description"].as_str().expect("a text");
        assert!(text.starts_with(&format!("AADSTS{code}: ")), "{text}");
        assert!(text.contains("\r\nTrace ID: ") && text.contains("\r\nCorrelation ID: "), "{text}");
        assert!(!text.contains(&secret), "the secret is not repeated");
    }
}

#[tokio::test]
async fn an_unknown_tenant_has_neither_configuration_nor_tokens() {
    let visitor = Visitor::with_people(1).await;
    let tenant = "00000000-0000-4000-8000-000000000000";
    let answer = visitor.get(&format!("/{tenant}/v2.0/.well-known/openid-configuration")).await;
    assert_eq!((answer.status.as_u16(), &answer.body["error_codes"]), (400, &json!([90002])));
    let url = format!("{}/{tenant}/oauth2/v2.0/token", visitor.sim.base_url());
    let answer =
        Answer::of(visitor.http.post(url).form(&[("a", "b")]).send().await.expect("an answer")).await;
    assert_eq!((answer.status.as_u16(), &answer.body["error_codes"]), (400, &json!([90002])));
}

#[tokio::test]
async fn discovery_leads_back_to_this_host_and_the_published_key_verifies_tokens() {
    let visitor = Visitor::with_people(1).await;
    let tenant = visitor.sim.tenant_id();
    let configuration = visitor.get(&format!("/{tenant}/v2.0/.well-known/openid-configuration")).await.body;
    let base = visitor.sim.base_url();
    assert_eq!(configuration["token_endpoint"], format!("{base}/{tenant}/oauth2/v2.0/token"));
    let instance = visitor.get("/common/discovery/instance?api-version=1.1").await.body;
    assert_eq!(instance["metadata"][0]["aliases"], json!([base.strip_prefix("https://").expect("https")]));

    let keys = visitor.get(configuration["jwks_uri"].as_str().expect("an address")).await.body;
    let number = |name: &str| {
        let bytes = BASE64_URL_SAFE_NO_PAD
            .decode(keys["keys"][0][name].as_str().expect("a number"))
            .expect("base64url");
        openssl::bn::BigNum::from_slice(&bytes).expect("a number")
    };
    let key =
        PKey::from_rsa(Rsa::from_public_components(number("n"), number("e")).expect("a key")).expect("a key");
    let (signed, signature) = visitor.token.rsplit_once('.').expect("three parts");
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    let mut verifier = openssl::sign::Verifier::new(MessageDigest::sha256(), &key).expect("a verifier");
    assert!(verifier.verify_oneshot(&signature, signed.as_bytes()).expect("a verdict"));
}

#[tokio::test]
async fn an_assertion_signed_in_either_way_buys_a_token_once() {
    let visitor = Visitor::with_people(1).await;
    let signatory = Signatory::new();
    visitor.sim.register_client_certificate(&signatory.pem()).expect("registered");
    let modern =
        json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": signatory.thumbprint(MessageDigest::sha256()) });
    // Some clients leave the padding on the thumbprint.
    let old = json!({ "alg": "RS256", "typ": "JWT", "x5t": format!("{}=", signatory.thumbprint(MessageDigest::sha1())) });
    for (header, jti) in [(modern, "1"), (old, "2")] {
        let mut claims = claims(&visitor, jti);
        // RFC 7519 allows fractions of a second, and MSAL sends them.
        claims["exp"] = json!(claims["exp"].as_f64().expect("a number") + 0.25);
        let assertion = signatory.sign(&header, &claims);
        let answer = ask(&visitor, &assertion).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let replayed = ask(&visitor, &assertion).await;
        assert_eq!((replayed.status.as_u16(), &replayed.body["error_codes"]), (401, &json!([50027])));
    }
}

#[tokio::test]
async fn an_assertion_that_is_wrong_in_any_way_is_refused() {
    let visitor = Visitor::with_people(1).await;
    let signatory = Signatory::new();
    visitor.sim.register_client_certificate(&signatory.pem()).expect("registered");
    let header = json!({ "alg": "PS256", "x5t#S256": signatory.thumbprint(MessageDigest::sha256()) });
    let good = claims(&visitor, "x");
    let with = |name: &str, value: Value| {
        let mut changed = good.clone();
        changed[name] = value;
        signatory.sign(&header, &changed)
    };
    let now = visitor.sim.now().as_second();
    let stranger = Signatory::new();
    let wrong_signature = stranger.sign(&header, &good);
    let unregistered = stranger
        .sign(&json!({ "alg": "PS256", "x5t#S256": stranger.thumbprint(MessageDigest::sha256()) }), &good);
    let none = {
        let text = |part: &Value| BASE64_URL_SAFE_NO_PAD.encode(part.to_string());
        let head = json!({ "alg": "none", "x5t#S256": header["x5t#S256"] });
        format!("{}.{}.", text(&head), text(&good))
    };
    for (what, assertion, code) in [
        ("issuer", with("iss", json!("somebody")), 700_021),
        ("subject", with("sub", json!("somebody")), 700_021),
        ("audience", with("aud", json!("https://login.microsoftonline.com/x/oauth2/v2.0/token")), 700_023),
        ("expired", with("exp", json!(now - 301)), 700_024),
        ("not yet", with("nbf", json!(now + 400)), 700_024),
        ("no jti", with("jti", Value::Null), 50027),
        ("another key", wrong_signature, 700_027),
        ("unregistered", unregistered, 700_027),
        ("no signature", none, 700_027),
        ("garbage", "a.b".to_owned(), 50027),
    ] {
        let answer = ask(&visitor, &assertion).await;
        assert_eq!(answer.status, 401, "{what}: {}", answer.body);
        assert_eq!(answer.body["error_codes"], json!([code]), "{what}: {}", answer.body);
    }
}

#[tokio::test]
async fn graph_refuses_missing_garbled_and_expired_tokens() {
    let mut visitor = Visitor::with_people(1).await;
    let fine = visitor.get("/v1.0/users").await;
    assert_eq!(fine.status, 200);

    let good = visitor.token.clone();
    let (signed, _) = good.rsplit_once('.').expect("three parts");
    let other_signature = format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode([7; 256]));
    for garbled in ["", "abc", "a.b.c", &other_signature] {
        garbled.clone_into(&mut visitor.token);
        let answer = visitor.get("/v1.0/users").await;
        assert_eq!((answer.status.as_u16(), answer.code()), (401, "InvalidAuthenticationToken"), "{garbled}");
        assert!(answer.headers.contains_key("www-authenticate"));
    }
    visitor.token = good;
    visitor.sim.advance(std::time::Duration::from_secs(3598));
    assert_eq!(visitor.get("/v1.0/users").await.status, 200);
    visitor.sim.advance(std::time::Duration::from_secs(1));
    let late = visitor.get("/v1.0/users").await;
    assert_eq!((late.status.as_u16(), late.code()), (401, "InvalidAuthenticationToken"));
}

#[tokio::test]
async fn every_route_needs_its_role() {
    let mut visitor = Visitor::with_people(3).await;
    let (user, group) = (visitor.sim.users()[0].id, visitor.sim.smime_group());
    let routes = [
        ("/v1.0/users".to_owned(), "User.Read.All"),
        (format!("/v1.0/users/{user}"), "User.Read.All"),
        ("/v1.0/users/delta".to_owned(), "User.Read.All"),
        (format!("/v1.0/users/{user}/mailboxSettings"), "MailboxSettings.Read"),
        (format!("/v1.0/groups/{group}"), "GroupMember.Read.All"),
        (format!("/v1.0/groups/{group}/members"), "GroupMember.Read.All"),
        (format!("/v1.0/groups/{group}/transitiveMembers"), "GroupMember.Read.All"),
        ("/v1.0/groups/delta".to_owned(), "GroupMember.Read.All"),
        (
            "/beta/deviceManagement/userPfxCertificates".to_owned(),
            "DeviceManagementConfiguration.ReadWrite.All",
        ),
    ];
    for (route, role) in &routes {
        let others: Vec<&str> = sim::DEFAULT_ROLES.into_iter().filter(|other| other != role).collect();
        visitor.sim.set_roles(&others);
        visitor.sign_in().await;
        let answer = visitor.get(route).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (403, "Authorization_RequestDenied"), "{route}");
        visitor.sim.set_roles(&[role]);
        visitor.sign_in().await;
        assert_eq!(visitor.get(route).await.status, 200, "{route} with {role}");
    }
    // Reading is not writing.
    visitor.sim.set_roles(&["DeviceManagementConfiguration.Read.All"]);
    visitor.sign_in().await;
    assert_eq!(visitor.get("/beta/deviceManagement/userPfxCertificates").await.status, 200);
    let answer = visitor.post("/beta/deviceManagement/userPfxCertificates", &json!({})).await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn the_leave_date_needs_a_role_of_its_own() {
    let mut visitor = Visitor::with_people(1).await;
    let path = "/v1.0/users?$select=id,employeeLeaveDateTime";
    assert_eq!(visitor.get(path).await.status, 403);
    visitor.sim.set_roles(&["User.Read.All", "User-LifeCycleInfo.Read.All"]);
    visitor.sign_in().await;
    assert_eq!(visitor.get(path).await.status, 200);
}
