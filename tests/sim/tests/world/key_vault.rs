//! The key vault: who is let in, what is permitted, and which words refuse the rest.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sim::{VaultChallenge, VaultKeyKind, VaultKeySpec, VaultPermission, VaultRefusal};

use crate::visitor::{Answer, Visitor};

const SCOPE: &str = "https://vault.azure.net/.default";

/// A visitor with a token for the vault.
async fn visitor() -> Visitor {
    let mut visitor = Visitor::with_people(1).await;
    visitor.token = token(&visitor, SCOPE).await;
    visitor
}

async fn token(visitor: &Visitor, scope: &str) -> String {
    let secret = visitor.sim.app().secret.expect("a secret");
    let answer = visitor.ask_token(&[("client_secret", &secret), ("scope", scope)]).await;
    answer.body["access_token"].as_str().expect("a token").to_owned()
}

fn path(address: &str, more: &str) -> String {
    let path = address.splitn(4, '/').nth(3).expect("a path");
    format!("/{path}{more}?api-version=7.4")
}

fn inner(answer: &Answer) -> (u16, &str, Option<&str>) {
    (answer.status.as_u16(), answer.code(), answer.body["error"]["innererror"]["code"].as_str())
}

fn value(bytes: &[u8]) -> Value {
    json!({ "alg": "RSA-OAEP-256", "value": BASE64_URL_SAFE_NO_PAD.encode(bytes) })
}

#[tokio::test]
async fn whoever_comes_without_a_token_for_vaults_is_told_where_to_get_one() {
    let mut visitor = visitor().await;
    let key = visitor.sim.add_vault_key("kra", &VaultKeySpec::certified("Agent")).expect("a key");
    let good = visitor.token.clone();
    let foreign = token(&visitor, "https://graph.microsoft.com/.default").await;
    let challenge = format!(
        r#"Bearer authorization="{}/{}", resource="https://vault.azure.net""#,
        visitor.sim.base_url(),
        visitor.sim.tenant_id()
    );
    for wrong in ["", "abc", &foreign] {
        wrong.clone_into(&mut visitor.token);
        let answer = visitor.get(&path(&key.address, "")).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (401, "Unauthorized"), "{wrong}");
        assert_eq!(answer.headers["www-authenticate"], challenge.as_str());
    }
    let told = VaultChallenge {
        resource: "https://vault.evil.example".to_owned(),
        as_scope: true,
        ..Default::default()
    };
    visitor.sim.set_vault_challenge(told);
    let answer = visitor.get(&path(&key.address, "")).await;
    let said = answer.headers["www-authenticate"].to_str().expect("text").to_owned();
    assert!(said.ends_with(r#"scope="https://vault.evil.example/.default""#), "{said}");
    good.clone_into(&mut visitor.token);
    assert_eq!(visitor.get(&path(&key.address, "")).await.status, 200);
    // A token for the vault is none for Graph.
    assert_eq!(visitor.get("/v1.0/users").await.status, 401);
    visitor.sim.advance(std::time::Duration::from_hours(2));
    assert_eq!(visitor.get(&path(&key.address, "")).await.status, 401, "it has run out");
}

#[tokio::test]
async fn each_operation_needs_its_permission_and_each_kind_of_refusal_has_its_code() {
    let visitor = visitor().await;
    let key = visitor.sim.add_vault_key("kra", &VaultKeySpec::certified("Agent")).expect("a key");
    let wrapped = visitor.post(&path(&key.address, "/wrapkey"), &value(&[7; 32])).await;
    let ciphertext =
        BASE64_URL_SAFE_NO_PAD.decode(wrapped.body["value"].as_str().expect("a value")).expect("base64");
    assert_eq!(ciphertext.len(), 256);
    let operations = [
        ("/wrapkey", VaultPermission::WrapKey, value(&[7; 32])),
        ("/encrypt", VaultPermission::Encrypt, value(&[7; 32])),
        ("/unwrapkey", VaultPermission::UnwrapKey, value(&ciphertext)),
        ("/decrypt", VaultPermission::Decrypt, value(&ciphertext)),
    ];
    for (operation, permission, body) in &operations {
        visitor.sim.set_vault_permissions(&[*permission]);
        assert_eq!(visitor.post(&path(&key.address, operation), body).await.status, 200, "{operation}");
        let others: Vec<_> = VaultPermission::ALL.into_iter().filter(|one| one != permission).collect();
        visitor.sim.set_vault_permissions(&others);
        for (refusal, code) in
            [(VaultRefusal::Rbac, "ForbiddenByRbac"), (VaultRefusal::AccessPolicy, "AccessDenied")]
        {
            visitor.sim.set_vault_refusal(refusal);
            let answer = visitor.post(&path(&key.address, operation), body).await;
            assert_eq!(inner(&answer), (403, "Forbidden", Some(code)), "{operation}");
        }
    }
    visitor.sim.set_vault_permissions(&[]);
    for address in [&key.address, &key.certificate_address] {
        assert_eq!(visitor.get(&path(address, "")).await.status, 403);
    }
    visitor.sim.set_vault_permissions(&VaultPermission::ALL);
    visitor.sim.set_vault_firewall(true);
    let shut = visitor.get(&path(&key.address, "")).await;
    assert_eq!(inner(&shut), (403, "Forbidden", Some("ForbiddenByFirewall")));
}

#[tokio::test]
async fn a_disabled_key_is_shown_and_does_not_open_and_an_expired_one_opens_and_does_not_seal() {
    let visitor = visitor().await;
    let key = visitor.sim.add_vault_key("kra", &VaultKeySpec::certified("Agent")).expect("a key");
    let wrapped = visitor.post(&path(&key.address, "/wrapkey"), &value(&[7; 32])).await;
    let body = json!({ "alg": "RSA-OAEP-256", "value": wrapped.body["value"] });
    let now = visitor.sim.now();
    visitor.sim.edit_vault_key("kra", &key.version, |told| told.expires = Some(now)).expect("it is there");
    let opened = visitor.post(&path(&key.address, "/unwrapkey"), &body).await;
    assert_eq!(opened.body["value"], BASE64_URL_SAFE_NO_PAD.encode([7; 32]));
    assert_eq!(opened.body["kid"], key.address);
    let sealed = visitor.post(&path(&key.address, "/wrapkey"), &value(&[7; 32])).await;
    assert_eq!(inner(&sealed), (403, "Forbidden", Some("KeyNotValid")));

    visitor.sim.edit_vault_key("kra", &key.version, |told| told.enabled = false).expect("it is there");
    let shown = visitor.get(&path(&key.address, "")).await;
    assert_eq!((shown.status.as_u16(), &shown.body["attributes"]["enabled"]), (200, &json!(false)));
    let disabled = visitor.post(&path(&key.address, "/unwrapkey"), &body).await;
    assert_eq!(inner(&disabled), (403, "Forbidden", Some("KeyDisabled")));
    visitor
        .sim
        .edit_vault_key("kra", &key.version, |told| {
            told.enabled = true;
            told.operations.retain(|name| name != "unwrapKey");
        })
        .expect("it is there");
    let forbidden = visitor.post(&path(&key.address, "/unwrapkey"), &body).await;
    assert_eq!(inner(&forbidden), (403, "Forbidden", Some("KeyOperationForbidden")));
    assert_eq!(visitor.post(&path(&key.address, "/decrypt"), &body).await.status, 200);
}

#[tokio::test]
async fn names_versions_and_bodies_that_do_not_fit_are_refused() {
    let visitor = visitor().await;
    let key = visitor.sim.add_vault_key("kra", &VaultKeySpec::bare(VaultKeyKind::Rsa(3072))).expect("a key");
    let newest = visitor.get("/keys/kra/?api-version=7.4").await;
    assert_eq!(newest.body["key"]["kid"], key.address, "a trailing slash stands for the newest");
    for missing in ["/keys/nobody", "/keys/kra/0123456789abcdef0123456789abcdef", "/deletedkeys/kra"] {
        assert_eq!(
            visitor.get(&format!("{missing}?api-version=7.4")).await.code(),
            "KeyNotFound",
            "{missing}"
        );
    }
    assert_eq!(visitor.get("/certificates/kra?api-version=7.4").await.code(), "CertificateNotFound");
    assert_eq!(
        visitor.get("/keys/kra").await.code(),
        "BadParameter",
        "the version of the interface is missing"
    );
    assert_eq!(visitor.get("/keys/kra?api-version=1.0").await.code(), "BadParameter");
    let unwrap = path(&key.address, "/unwrapkey");
    for wrong in [
        json!({}),
        json!({ "alg": "RSA-OAEP-512", "value": BASE64_URL_SAFE_NO_PAD.encode([1; 384]) }),
        json!({ "alg": "RSA-OAEP", "value": "AA==" }),
        value(&[1; 256]),
        value(&[1; 384]),
    ] {
        let answer = visitor.post(&unwrap, &wrong).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (400, "BadParameter"), "{wrong}");
    }
    let elliptic = visitor.sim.add_vault_key("ec", &VaultKeySpec::bare(VaultKeyKind::Ec)).expect("a key");
    assert_eq!(visitor.post(&path(&elliptic.address, "/unwrapkey"), &value(&[1; 64])).await.status, 400);

    visitor.sim.delete_vault_key("kra").expect("it is there");
    assert_eq!(visitor.get(&path(&key.address, "")).await.code(), "KeyNotFound");
    let deleted = visitor.get("/deletedkeys/kra?api-version=7.4").await;
    assert!(deleted.body["scheduledPurgeDate"].is_i64(), "{}", deleted.body);
    let again = visitor.post("/keys/kra/create?api-version=7.4", &json!({ "kty": "RSA" })).await;
    assert_eq!(inner(&again), (409, "Conflict", Some("ObjectIsDeletedButRecoverable")));
}
