//! Virtual devices: what opens, and in which words the rest fails.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use openssl::hash::MessageDigest;
use serde_json::{Value, json};
use sim::{DeviceKeys, SimOptions, Tenant, User};

use crate::forge::{self, Authority, PASSWORD};
use crate::visitor::{PFX, Visitor};

async fn visitor() -> Visitor {
    let mut options = SimOptions::new(Tenant::invent().people(6).mailboxes(1).build());
    options.device_keys = DeviceKeys::PerPlatform;
    Visitor::enter(options).await
}

/// Delivers `body` and returns the sentence with which the person's first device fails.
async fn complaint(visitor: &Visitor, user: &User, body: &Value) -> String {
    let created = visitor.post(PFX, body).await;
    assert_eq!(created.status, 201, "the service sees nothing wrong: {}", created.body);
    let report = visitor.sim.devices_of(&[user.id]).await.expect("a report");
    let check = report.checks.iter().find(|check| check.thumbprint == body["thumbprint"]).expect("a check");
    assert!(!check.opened);
    assert_eq!(check.canary, None);
    check.error.clone().expect("a sentence")
}

#[tokio::test]
async fn every_device_of_a_person_opens_the_certificates_and_reads_the_canary() {
    let visitor = visitor().await;
    let users = visitor.sim.users();
    let user = users.iter().find(|user| user.devices.len() == 2).expect("somebody with two devices");
    let authority = Authority::new();
    for (name, key, mail) in [
        ("Mail RSA", forge::rsa_key(), true),
        ("Mail EC", forge::ec_key(), true),
        ("Sign-in", forge::ec_key(), false),
    ] {
        let leaf = if mail { authority.mail(name, &key) } else { authority.sign_in(name, &key) };
        let pfx = forge::pfx(&key, &leaf, &[&authority.certificate]);
        assert_eq!(visitor.post(PFX, &forge::body(&visitor.sim, user, &pfx, &leaf)).await.status, 201);
    }
    let report = visitor.sim.devices_check_in().await.expect("a report");
    assert_eq!(report.checks.len(), 6, "two devices, three certificates");
    assert_eq!(report.failures().count(), 0, "{:?}", report.failures().collect::<Vec<_>>());
    assert_eq!((report.opened(), report.canaries_decrypted()), (6, 4));
    for check in &report.checks {
        let expected = (check.subject_common_name.as_deref() != Some("Sign-in")).then_some(true);
        assert_eq!(check.canary, expected);
        assert_eq!(check.user_principal_name, user.user_principal_name);
        assert!(check.serial.as_ref().is_some_and(|serial| !serial.is_empty()));
    }
}

#[tokio::test]
async fn what_the_service_cannot_see_is_found_wrong_on_the_device() {
    let visitor = visitor().await;
    let users = visitor.sim.users();
    let authority = Authority::new();
    let key = forge::rsa_key();
    let make = |name: &str| {
        let leaf = authority.mail(name, &key);
        let pfx = forge::pfx(&key, &leaf, &[&authority.certificate]);
        (leaf, pfx)
    };
    let seal =
        |password: &str, hash| json!(BASE64_STANDARD.encode(forge::seal(&visitor.sim, password, hash)));
    for (what, change, words) in [
        (
            "password",
            json!({ "encryptedPfxPassword": seal("WrongHorse", MessageDigest::sha512()) }),
            "does not open with the password that came with it",
        ),
        (
            "padding",
            json!({ "encryptedPfxPassword": seal(PASSWORD, MessageDigest::sha256()) }),
            "does not decrypt the password with oaepSha512",
        ),
        (
            "another key",
            json!({ "encryptedPfxPassword": BASE64_STANDARD.encode([1; 256]) }),
            "encrypted to another key",
        ),
        ("weak padding", json!({ "paddingScheme": "pkcs1" }), "refuses the padding scheme pkcs1"),
        ("provider", json!({ "providerName": "Nowhere" }), "no key storage provider \"Nowhere\""),
        ("key name", json!({ "keyName": "Missing" }), "no key \"Missing\""),
        (
            "thumbprint",
            json!({ "thumbprint": "0123456789abcdef0123456789abcdef01234567" }),
            "the record says 0123456789",
        ),
    ] {
        let (leaf, pfx) = make(what);
        let mut body = forge::body(&visitor.sim, &users[0], &pfx, &leaf);
        for (name, value) in change.as_object().expect("changes") {
            body[name] = value.clone();
        }
        let sentence = complaint(&visitor, &users[0], &body).await;
        assert!(sentence.contains(words), "{what}: {sentence}");
        assert!(!sentence.contains(PASSWORD));
    }
}

#[tokio::test]
async fn a_pkcs12_without_chain_or_key_is_no_certificate_for_a_device() {
    let visitor = visitor().await;
    let user = visitor.sim.users().remove(0);
    let (authority, key) = (Authority::new(), forge::ec_key());
    let leaf = authority.mail("No chain", &key);
    let alone = forge::pfx(&key, &leaf, &[]);
    let sentence = complaint(&visitor, &user, &forge::body(&visitor.sim, &user, &alone, &leaf)).await;
    assert!(sentence.contains("does not hold the issuer"), "{sentence}");

    let stranger = Authority::new();
    let leaf = authority.mail("Wrong chain", &key);
    let wrong = forge::pfx(&key, &leaf, &[&stranger.certificate]);
    let sentence = complaint(&visitor, &user, &forge::body(&visitor.sim, &user, &wrong, &leaf)).await;
    assert!(sentence.contains("does not hold the issuer"), "the name alone is not enough: {sentence}");

    let leaf = authority.mail("No key", &key);
    let mut builder = openssl::pkcs12::Pkcs12::builder();
    builder.cert(&leaf);
    let keyless = builder.build2(PASSWORD).expect("a PKCS#12").to_der().expect("DER");
    let sentence = complaint(&visitor, &user, &forge::body(&visitor.sim, &user, &keyless, &leaf)).await;
    assert!(sentence.contains("no certificate with its private key"), "{sentence}");
}

#[tokio::test]
async fn other_oaep_hashes_work_when_they_are_named() {
    let visitor = visitor().await;
    let user = visitor.sim.users().remove(0);
    for (scheme, hash) in [
        ("oaepSha256", MessageDigest::sha256()),
        ("oaepSha384", MessageDigest::sha384()),
        ("none", MessageDigest::sha512()),
    ] {
        let (mut body, _) = forge::good_body(&visitor.sim, &user);
        body["paddingScheme"] = json!(scheme);
        body["encryptedPfxPassword"] =
            json!(BASE64_STANDARD.encode(forge::seal(&visitor.sim, PASSWORD, hash)));
        assert_eq!(visitor.post(PFX, &body).await.status, 201);
    }
    let report = visitor.sim.devices_check_in().await.expect("a report");
    assert_eq!(report.failures().count(), 0, "{report:?}");
}

#[tokio::test]
async fn each_device_has_its_own_key_unless_sharing_is_chosen() {
    // Both ways must give the same result; the cost is what differs.
    for sharing in [DeviceKeys::PerDevice, DeviceKeys::PerPlatform] {
        let mut options = SimOptions::new(Tenant::invent().people(2).build());
        options.device_keys = sharing;
        let visitor = Visitor::enter(options).await;
        let users = visitor.sim.users();
        let devices: usize = users.iter().map(|user| user.devices.len()).sum();
        for user in &users {
            let (body, _) = forge::good_body(&visitor.sim, user);
            assert_eq!(visitor.post(PFX, &body).await.status, 201);
        }
        let report = visitor.sim.devices_check_in().await.expect("a report");
        assert_eq!((report.checks.len(), report.opened()), (devices, devices), "{sharing:?}");
    }
}

#[tokio::test]
async fn a_deleted_record_reaches_no_device() {
    let visitor = visitor().await;
    let user = visitor.sim.users().remove(0);
    let (body, thumbprint) = forge::good_body(&visitor.sim, &user);
    assert_eq!(visitor.post(PFX, &body).await.status, 201);
    assert!(visitor.sim.delete_pfx(&format!("{}-{thumbprint}", user.id.simple())));
    assert_eq!(visitor.sim.devices_check_in().await.expect("a report").checks, []);
}
