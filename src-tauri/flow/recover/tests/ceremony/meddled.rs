//! Against whoever carries bundles and answers, and whoever makes some of her own.

use admit::{Gate, Pin};
use crypto::X509Certificate;
use crypto::open::open;
use crypto::seal::seal;
use model::{Clock as _, RecoveryRequestId, Span, Timestamp};
use recover::ceremony::{Known, SealedBundle, Wanted};
use serde_json::{Value, json};
use store::{Store as _, StoredRecoveryGrant};

use crate::bundle::{THREE_DAYS, base64, body, content, sealed, unbase64};
use crate::stage::{Officer, Stage, why};

#[tokio::test]
async fn what_was_answered_for_one_request_is_nothing_in_another() {
    let stage = Stage::of(3, Some(2)).await;
    let first = stage.ask(Wanted::FileForOwner).await.unwrap();
    let second = stage.ask(Wanted::FileForOwner).await.unwrap();
    let officer = &stage.officers[0];
    let exported = stage.export(&first, 1, officer).await.unwrap();
    let response = stage.answer(&exported.cms, officer).await.unwrap();
    let own = stage.people[1].gate.installation();
    let honest = content(&response, &own.key, &own.certificate);
    let moved = |to: &[(&str, Value)], by: Option<&Officer>| {
        let mut told = body(&honest);
        for (field, value) in to {
            told[*field] = value.clone();
        }
        let mut response = honest.clone();
        response["body"] = json!(told.to_string());
        if let Some(officer) = by {
            let signature = officer.key.sign(told.to_string().as_bytes()).unwrap();
            response["signature"] = json!(base64(&signature.octets));
        }
        sealed(&response, &own.certificate)
    };
    let id = ("request", json!(second.id));
    let digest = ("digest", json!(second.digest));
    for (file, sentence) in [
        (moved(std::slice::from_ref(&id), None), "the officer's signature does not fit"),
        (moved(&[id.clone(), digest.clone()], None), "the officer's signature does not fit"),
        (moved(std::slice::from_ref(&id), Some(officer)), "it was given for another request"),
        (
            moved(&[id.clone(), digest.clone()], Some(&stage.officers[1])),
            "the officer's signature does not fit",
        ),
        (
            moved(&[("request", json!(stage.ids.next::<RecoveryRequestId>()))], Some(officer)),
            "there is no recovery request",
        ),
        (moved(&[("grants", json!([]))], Some(officer)), "it does not fit the request"),
        (moved(&[("more", json!(1))], Some(officer)), "it cannot be read"),
    ] {
        let told = why(stage.desk(1).import(&file).await);
        assert!(told.contains(sentence), "{sentence}: {told}");
    }
    assert_eq!(stage.given(first.id).await + stage.given(second.id).await, 0);
    // An officer who puts it there all the same gives nothing: it is sealed for the first request.
    stage.desk(1).import(&moved(&[id, digest], Some(officer))).await.unwrap();
    stage.approve(second.id, 2, 1).await.unwrap();
    assert!(!stage.opens(second.id).await, "one genuine approval of two");
    stage.desk(1).import(&response).await.unwrap();
    stage.approve(first.id, 2, 1).await.unwrap();
    assert!(stage.opens(first.id).await);
}

#[tokio::test]
async fn what_is_no_bundle_or_was_damaged_gets_nothing() {
    let stage = Stage::of(3, Some(2)).await;
    let request = stage.ask(Wanted::FileForOwner).await.unwrap();
    let officer = &stage.officers[0];
    let exported = stage.export(&request, 1, officer).await.unwrap();
    let response = stage.answer(&exported.cms, officer).await.unwrap();

    let page: &[u8] = b"<!DOCTYPE html><html><body>Sign in to the network</body></html>";
    for file in [page, b"", b"0", &exported.cms[..exported.cms.len() / 2]] {
        let told = why(SealedBundle::read(file));
        assert!(told.contains("this is no bundle") && told.contains("recovery export"), "{told}");
        let told = why(stage.desk(1).import(file).await);
        assert!(told.contains("this is no response"), "{told}");
    }
    let told = why(stage.read(&exported.cms, &stage.officers[1], &Known::default()).await);
    assert!(told.contains("is not for `CN=Officer 2`; it opens with:"), "{told}");
    let used = stage.officers[1].used();
    assert_eq!(used, 0, "an officer's key does not try what is another's");

    // One octet, anywhere: in the names, the wrapped key, the content, the tag.
    let step = exported.cms.len() / 61;
    for at in (0..exported.cms.len()).step_by(step).chain([exported.cms.len() - 1]) {
        let mut flipped = exported.cms.clone();
        flipped[at] ^= 1;
        assert!(stage.answer(&flipped, officer).await.is_err(), "octet {at} of a bundle");
    }
    let step = response.len() / 61;
    let mut elsewhere = 0;
    for at in (0..response.len()).step_by(step).chain([response.len() - 1]) {
        let mut flipped = response.clone();
        flipped[at] ^= 1;
        let own = stage.people[1].gate.installation();
        if open(&flipped, &own.key, &own.certificate).is_ok() {
            // In what is another installation's.
            elsewhere += 1;
            continue;
        }
        assert!(stage.desk(1).import(&flipped).await.is_err(), "octet {at} of a response");
        assert_eq!(stage.given(request.id).await, 0, "octet {at} of a response");
    }
    assert!((1..40).contains(&elsewhere), "{elsewhere} of 62");
    // Each in the other's place, and an archived key in place of both.
    let told = why(stage.answer(&response, officer).await);
    assert!(told.contains("this bundle is not for"), "{told}");
    let told = why(stage.desk(1).import(&exported.cms).await);
    assert!(told.contains("this is no response") && told.contains("CN=Officer 1"), "{told}");
    let other = seal(b"\x30\x82 a private key, say", std::slice::from_ref(&officer.certificate)).unwrap();
    let told = why(stage.answer(&other, officer).await);
    assert!(told.contains("it holds something else") && !told.contains("private key"), "{told}");
    stage.desk(1).import(&response).await.unwrap();
    assert_eq!(stage.given(request.id).await, 1, "as it is, it is good");
}

#[tokio::test]
async fn a_bundle_that_says_something_else_than_the_fleet_signed_gets_nothing() {
    let stage = Stage::of(3, Some(2)).await;
    let request = stage.ask(Wanted::FileForOwner).await.unwrap();
    let officer = &stage.officers[0];
    let file = stage.export(&request, 1, officer).await.unwrap().cms;
    let bert = &stage.people[1].gate;
    let text = |value: &mut Value, what: &str, by: &str| {
        let old = value.as_str().unwrap();
        assert!(old.contains(what), "{old}");
        *value = json!(old.replace(what, by));
    };
    let unsigned = {
        let mut signed = content(&file, &officer.key, &officer.certificate);
        text(&mut signed["body"], "bert@bert-pc", "cora@cora-pc");
        sealed(&signed, &officer.certificate)
    };
    let by = |change: &dyn Fn(&mut Value)| bent(&file, officer, bert, change);
    let asked = |what: &'static str, with: &'static str| {
        by(&|told| text(&mut told["carried"]["request"]["body"], what, with))
    };
    let dora = stage.people[3].gate.installation().id();
    let other_key = base64(&seal(b"another", std::slice::from_ref(&officer.certificate)).unwrap());
    let own_leaf = base64(officer.certificate.der());
    for (file, sentence) in [
        (unsigned, "the signature of `bert` does not fit"),
        (by(&|told| told["installation"] = json!(dora)), "the signature of `dora` does not fit"),
        (by(&|told| told["installation"] = json!(request.id)), "does not belong to the fleet"),
        (asked("4711/26", "4711/27"), "of the request in it: the signature of `anna` does not fit"),
        (asked("\"approvals\":2", "\"approvals\":1"), "of the request in it: the signature of `anna`"),
        (
            by(&|told| text(&mut told["carried"]["admissions"][1]["body"], "bert", "carl")),
            "of entry 2 of the list",
        ),
        (by(&|told| told["carried"]["admissions"] = json!([])), "it lists no installation"),
        (by(&|told| told["officer"] = json!(hex::encode([7; 32]))), "it was made for another officer"),
        (
            by(&|told| told["expiresAt"] = json!(stage.clock.now() + Span::days(8))),
            "it does not fit the request",
        ),
        (by(&|told| told["keys"] = json!([])), "it does not fit the request"),
        (
            by(&|told| told["keys"][0]["certificate"] = json!(own_leaf)),
            "a key in it is not one that is asked for",
        ),
        (by(&|told| told["keys"][0]["envelope"] = json!(other_key)), "it takes"),
        (by(&|told| told["format"] = json!("sealwright recovery bundle 2")), "it cannot be read"),
    ] {
        if sentence == "it takes" {
            // An envelope of another quorum, or of none, holds something else: nothing of it is given.
            assert!(stage.answer(&file, officer).await.is_err());
            continue;
        }
        let told = why(stage.read(&file, officer, &Known::default()).await);
        assert!(told.contains(sentence), "{sentence}: {told}");
    }
    assert!(stage.read(&file, officer, &Known::default()).await.is_ok(), "as it is, it is believed");
}

#[tokio::test]
async fn an_officer_believes_no_other_fleet_and_no_list_that_was_cut() {
    let stage = Stage::of(2, None).await;
    let other = Stage::of(2, None).await;
    let request = stage.ask(Wanted::FileForOwner).await.unwrap();
    let officer = &stage.officers[0];
    let exported = stage.export(&request, 1, officer).await.unwrap();
    let fleet = stage.people[0].gate.fleet().await.unwrap();
    assert_eq!(exported.fleet, fleet.fingerprint());
    let of = |stage: &Stage| {
        let gate = stage.people[0].gate.installation().certificate.clone();
        admit::Fingerprint::of(&gate)
    };
    let known = Known { fingerprint: Some(of(&other)), pin: None };
    let told = why(stage.read(&exported.cms, officer, &known).await);
    assert!(
        told.contains(&format!("it is of the fleet {}, and you compared", fleet.fingerprint())),
        "{told}"
    );
    let known = Known { fingerprint: Some(of(&stage)), pin: Some(fleet.pin()) };
    assert!(stage.read(&exported.cms, officer, &known).await.is_ok());
    let known = Known { fingerprint: None, pin: Some(other.people[0].gate.fleet().await.unwrap().pin()) };
    assert!(why(stage.read(&exported.cms, officer, &known).await).contains("not to be believed"));

    // Who was removed leaves the removal out; a home that has seen it notices.
    let dora = &stage.people[3];
    let asked = stage.desk(3).ask(&crate::stage::wish(Wanted::FileForOwner)).await.unwrap();
    let exported = stage.desk(3).export(asked.id, &officer.certificate, THREE_DAYS).await.unwrap();
    stage.people[0].gate.remove(dora.gate.installation().id(), false).await.unwrap();
    let pin: Pin = stage.people[0].gate.fleet().await.unwrap().pin();
    let known = Known { fingerprint: None, pin: Some(pin) };
    let told = why(stage.read(&exported.cms, officer, &known).await);
    assert!(told.contains("or somebody left out who was removed"), "{told}");
    // And nobody else takes the answer in.
    let response = stage.answer(&exported.cms, officer).await.unwrap();
    let told = why(stage.desk(1).import(&response).await);
    assert!(told.contains("does not belong to the fleet, or was removed"), "{told}");
    assert!(stage.desk(3).export(asked.id, &officer.certificate, THREE_DAYS).await.is_err());
    // Another fleet's machine opens no answer of this one.
    let told = why(other.desk(0).import(&response).await);
    assert!(told.contains("this is no response to a bundle of this fleet"), "{told}");
}

#[tokio::test]
async fn a_certificate_that_only_looks_like_an_officers_counts_for_nothing() {
    // Where any one opens: an officer agrees, and agrees again in the name of another, with a key of her own.
    let stage = Stage::of(2, None).await;
    let request = stage.ask(Wanted::FileForOther { to: "Kanzlei".to_owned() }).await.unwrap();
    let genuine = &stage.officers[1].certificate;
    let impostor = Officer { certificate: like(genuine), ..Officer::new("Somebody") };
    let impostor = Officer { key: impostor_key(), ..impostor };
    assert_eq!(
        (impostor.certificate.issuer(), impostor.certificate.serial()),
        (genuine.issuer(), genuine.serial())
    );
    stage.approve(request.id, 1, 0).await.unwrap();
    // She writes the bundle and the answer herself, with the content key that she has.
    let exported = stage.export(&request, 1, &stage.officers[1]).await.unwrap();
    let two_faced = TwoFaced { outward: impostor, inward: &stage.officers[1].key };
    let told = body(&content(&exported.cms, &stage.officers[1].key, genuine));
    let mut told = told;
    told["officer"] = json!(hex::encode(two_faced.outward.certificate.sha256()));
    let text = told.to_string();
    let own = stage.people[1].gate.installation();
    let signature = base64(&own.key.sign_ps256(text.as_bytes()).unwrap());
    let forged = sealed(&json!({ "body": text, "signature": signature }), genuine);
    let bundle = SealedBundle::read(&forged)
        .unwrap()
        .open(&two_faced, &Known::default(), stage.clock.now())
        .await
        .unwrap();
    let response = bundle.agree(&two_faced, "-", stage.clock.now()).await.unwrap();
    let told = why(stage.desk(1).import(&response).await);
    assert!(told.contains("its officer is none of the recovery agents"), "{told}");
    // Into the database past the program, then.
    let carried = body(&content(&response, &own.key, &own.certificate));
    let grant = StoredRecoveryGrant {
        request: request.id,
        certificate: crate::stage::susi(),
        officer: two_faced.outward.certificate.sha256(),
        sealed: unbase64(carried["grants"][0]["sealed"].as_str().unwrap()),
        granted_at: Timestamp::from_seconds(1_800_000_000),
    };
    let mut work = stage.store.begin().await.unwrap();
    work.recoveries().add_grant(&grant).await.unwrap();
    work.commit().await.unwrap();
    assert!(!stage.opens(request.id).await, "in the name of another");
    stage.agree_offline(&request, 1, 1).await;
    assert!(stage.opens(request.id).await);
}

/// A bundle that says something else, rightly signed by the installation of `by`.
fn bent(file: &[u8], officer: &Officer, by: &Gate, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut told = body(&content(file, &officer.key, &officer.certificate));
    change(&mut told);
    let text = told.to_string();
    let signature = by.installation().key.sign_ps256(text.as_bytes()).unwrap();
    sealed(&json!({ "body": text, "signature": base64(&signature) }), &officer.certificate)
}

/// A certificate with issuer and serial number of another, for another key.
fn like(genuine: &X509Certificate) -> X509Certificate {
    use crypto::issue::{Validity, officer_certificate};
    let validity = Validity {
        not_before: Timestamp::from_seconds(1_700_000_000),
        not_after: Timestamp::from_seconds(2_500_000_000),
    };
    let name = genuine.common_name().unwrap();
    let mail = Some("somebody@officers.example");
    let der = officer_certificate(&name, mail, &impostor_key(), validity, genuine.serial()).unwrap();
    X509Certificate::from_der(&der).unwrap()
}

fn impostor_key() -> crypto::PrivateKey {
    use std::sync::OnceLock;
    static KEY: OnceLock<zeroize::Zeroizing<Vec<u8>>> = OnceLock::new();
    let made = || crypto::PrivateKey::generate(model::KeyAlgorithm::Rsa2048).unwrap().to_pkcs8().unwrap();
    crypto::PrivateKey::from_pkcs8(KEY.get_or_init(made)).unwrap()
}

/// Shows one certificate, and opens with another's key.
struct TwoFaced<'a> {
    outward: Officer,
    inward: &'a crypto::PrivateKey,
}

#[async_trait::async_trait]
impl ports::RecoveryKey for TwoFaced<'_> {
    fn certificate_der(&self) -> &[u8] {
        self.outward.certificate.der()
    }

    fn place(&self) -> String {
        "a program of her own".to_owned()
    }

    async fn unwrap_key(
        &self,
        wrapped: &ports::WrappedKey,
    ) -> Result<zeroize::Zeroizing<Vec<u8>>, ports::RecoveryKeyError> {
        Ok(crypto::open::unwrap_content_key(wrapped, self.inward).unwrap())
    }

    async fn sign(&self, message: &[u8]) -> Result<ports::Signature, ports::RecoveryKeyError> {
        self.outward.sign(message).await
    }
}
