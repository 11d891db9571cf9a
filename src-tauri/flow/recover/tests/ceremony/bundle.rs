//! Officers without a network: what goes to them, what comes back, and what becomes of it when somebody meddles.

use admit::{Gate, Pin};
use crypto::X509Certificate;
use crypto::open::open;
use crypto::seal::seal;
use model::{Clock as _, RecoveryRequestId, Span, Timestamp};
use recover::RecoverError;
use recover::ceremony::{Bundle, Exported, Known, Request, SealedBundle, Wanted};
use serde_json::{Value, json};
use store::{Store as _, StoredRecoveryGrant};
use support::{Failing, Faulty};

use crate::stage::{Officer, Stage, why};

const THREE_DAYS: Span = Span::days(3);

/// What the stage's officers do without a network.
impl Stage {
    /// A person of the fleet writes the request out for an officer.
    async fn export(
        &self,
        request: &Request,
        person: usize,
        officer: &Officer,
    ) -> Result<Exported, RecoverError> {
        self.desk(person).export(request.id, &officer.certificate, THREE_DAYS).await
    }

    async fn read(&self, file: &[u8], officer: &Officer, known: &Known) -> Result<Bundle, RecoverError> {
        SealedBundle::read(file)?.open(officer, known, self.clock.now()).await
    }

    async fn answer(&self, file: &[u8], officer: &Officer) -> Result<Vec<u8>, RecoverError> {
        let bundle = self.read(file, officer, &Known::default()).await?;
        bundle.agree(officer, "somebody@vault-room", self.clock.now()).await
    }

    /// Out, answered, and in again.
    async fn agree_offline(&self, request: &Request, officer: usize, importer: usize) -> usize {
        let officer = &self.officers[officer];
        let exported = self.export(request, 1, officer).await.unwrap();
        let response = self.answer(&exported.cms, officer).await.unwrap();
        self.desk(importer).import(&response).await.unwrap().granted.given
    }

    async fn opens(&self, id: RecoveryRequestId) -> bool {
        match self.open(id).await {
            Ok(opened) => opened.files.len() == 1,
            Err(error) => {
                let told = error.to_string();
                assert!(told.contains("officers have agreed"), "{told}");
                false
            }
        }
    }

    async fn given(&self, id: RecoveryRequestId) -> usize {
        self.store.read().await.unwrap().recoveries().grants(id).await.unwrap().len()
    }
}

/// What lies in a bundle or a response, for somebody who has the key.
fn content(file: &[u8], key: &crypto::PrivateKey, certificate: &X509Certificate) -> Value {
    serde_json::from_slice(&open(file, key, certificate).unwrap()).unwrap()
}

fn body(signed: &Value) -> Value {
    serde_json::from_str(signed["body"].as_str().unwrap()).unwrap()
}

/// A bundle that says something else, rightly signed by the installation of `by`.
fn bent(file: &[u8], officer: &Officer, by: &Gate, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut told = body(&content(file, &officer.key, &officer.certificate));
    change(&mut told);
    let text = told.to_string();
    let signature = by.installation().key.sign_ps256(text.as_bytes()).unwrap();
    sealed(&json!({ "body": text, "signature": base64(&signature) }), &officer.certificate)
}

fn sealed(value: &Value, to: &X509Certificate) -> Vec<u8> {
    seal(value.to_string().as_bytes(), std::slice::from_ref(to)).unwrap()
}

fn base64(octets: &[u8]) -> String {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    BASE64_STANDARD.encode(octets)
}

#[tokio::test]
async fn an_officer_without_a_network_agrees_and_whoever_carries_it_does_not() {
    for threshold in [None, Some(2)] {
        let stage = Stage::of(3, threshold).await;
        let wanted = match threshold {
            None => Wanted::FileForOther { to: "Kanzlei".to_owned() },
            Some(_) => Wanted::FileForOwner,
        };
        let request = stage.ask(wanted).await.unwrap();
        assert_eq!(request.approvals, 2);
        // Whoever asked may carry both ways: it makes nobody agree.
        assert_eq!(stage.agree_offline(&request, 0, 0).await, 1);
        assert!(!stage.opens(request.id).await);
        assert_eq!(stage.approve(request.id, 1, 1).await.unwrap().given, 2);
        assert!(stage.opens(request.id).await, "{threshold:?}");

        let log = stage.log().await;
        let own = "CN=Officer 1; imported by anna@anna-pc".to_owned();
        assert_eq!(
            log[1..3],
            [
                ("KEY_RECOVERY_APPROVAL".to_owned(), true, own.clone()),
                ("KEY_RECOVERY_APPROVAL_PROCESSED".to_owned(), true, own),
            ]
        );
        let mut work = stage.store.read().await.unwrap();
        let rows = work.audit().list(&store::PageRequest::first(500)).await.unwrap().rows;
        let detail = |kind| &rows.iter().find(|row| row.event.kind == kind).unwrap().event.detail;
        let exported = detail(model::AuditKind::ArchivedKeyExported);
        assert!(exported.contains("4711/26") && exported.contains("for CN=Officer 1, until"), "{exported}");
        let opened = detail(model::AuditKind::KeyRecoveryRequestProcessed);
        assert!(opened.contains("CN=Officer 1 (without a network, somebody@vault-room"), "{opened}");
    }
}

#[tokio::test]
async fn nobody_at_all_needs_a_network_to_agree() {
    let stage = Stage::of(3, Some(3)).await;
    let request = stage.ask(Wanted::FileForOwner).await.unwrap();
    for officer in 0..3 {
        assert!(!stage.opens(request.id).await);
        assert_eq!(stage.agree_offline(&request, officer, 2).await, officer + 1);
    }
    assert!(stage.opens(request.id).await);
}

#[tokio::test]
async fn one_officer_counts_once_however_often_and_wherever() {
    let stage = Stage::of(3, None).await;
    let request = stage.ask(Wanted::FileForOther { to: "Kanzlei".to_owned() }).await.unwrap();
    assert_eq!(request.approvals, 2);
    stage.agree_offline(&request, 0, 1).await;
    stage.agree_offline(&request, 0, 2).await;
    stage.approve(request.id, 3, 0).await.unwrap();
    assert_eq!(stage.given(request.id).await, 3);
    assert!(!stage.opens(request.id).await);
    stage.agree_offline(&request, 1, 1).await;
    assert!(stage.opens(request.id).await);
}

#[tokio::test]
async fn a_response_is_good_once_and_that_is_on_record() {
    let stage = Stage::of(2, None).await;
    let request = stage.ask(Wanted::FileForOwner).await.unwrap();
    let exported = stage.export(&request, 1, &stage.officers[0]).await.unwrap();
    let response = stage.answer(&exported.cms, &stage.officers[0]).await.unwrap();
    stage.desk(1).import(&response).await.unwrap();
    let before = stage.log().await.len();
    let told = why(stage.desk(2).import(&response).await);
    assert!(told.contains("of CN=Officer 1 was imported before; it is good once"), "{told}");
    assert_eq!(stage.given(request.id).await, 1);
    let log = stage.log().await;
    assert_eq!(log.len(), before + 2);
    assert_eq!(
        log[before + 1],
        ("KEY_RECOVERY_APPROVAL_PROCESSED".to_owned(), false, "cora@cora-pc".to_owned()),
        "the officer did not bring it"
    );

    let opened = stage.open(request.id).await.unwrap();
    stage.desk(0).finish(&opened.request).await.unwrap();
    for later in [response, stage.answer(&exported.cms, &stage.officers[0]).await.unwrap()] {
        let told = why(stage.desk(1).import(&later).await);
        assert!(told.contains("is closed: it is done"), "{told}");
    }
}

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
async fn bundles_and_answers_end_and_wrong_clocks_are_told() {
    let stage = Stage::of(2, None).await;
    let request = stage.ask(Wanted::FileForOwner).await.unwrap();
    let officer = &stage.officers[0];
    let made = stage.clock.now();
    let exported = stage.export(&request, 1, officer).await.unwrap();
    assert_eq!(exported.expires_at, made + THREE_DAYS);
    let long = stage.desk(1).export(request.id, &officer.certificate, Span::days(30)).await.unwrap();
    assert_eq!(long.expires_at, request.expires_at, "never longer than the request");

    stage.clock.set(made - Span::hours(1));
    let told = why(stage.answer(&exported.cms, officer).await);
    assert!(told.contains("one of the two clocks is wrong"), "{told}");
    // An answer from a clock that is ahead, or behind the request.
    for (clock, sentence) in
        [(made + Span::hours(20), "one of the two clocks is wrong"), (made - Span::minutes(10), "")]
    {
        stage.clock.set(clock);
        let response = stage.answer(&exported.cms, officer).await.unwrap();
        stage.clock.set(made);
        match stage.desk(1).import(&response).await {
            Ok(_) => assert!(sentence.is_empty()),
            Err(error) => assert!(!sentence.is_empty() && error.to_string().contains(sentence), "{error}"),
        }
    }
    let late = stage.answer(&exported.cms, officer).await.unwrap();
    let bundle = stage.read(&exported.cms, officer, &Known::default()).await.unwrap();
    stage.clock.set(made + THREE_DAYS);
    let told = why(stage.answer(&exported.cms, officer).await);
    assert!(told.contains("this bundle expired on") && told.contains("exported again"), "{told}");
    assert!(bundle.agree(officer, "-", stage.clock.now()).await.is_err(), "nor when it was opened in time");
    let told = why(stage.desk(1).import(&late).await);
    assert!(told.contains("this response expired on"), "{told}");
    stage.clock.set(made + Span::days(7));
    assert!(why(stage.export(&request, 1, officer).await).contains("it expired on"));
    assert!(why(stage.answer(&long.cms, officer).await).contains("expired on"));
}

#[tokio::test]
async fn whoever_asked_and_whose_key_it_is_agree_to_nothing_without_a_network_either() {
    for address in ["Anna@example.com", "person1@example.com"] {
        let stage = Stage::with(vec![Officer::called(address), Officer::new("Officer 2")], None).await;
        let request = stage.ask(Wanted::FileForOwner).await.unwrap();
        let told = why(stage.export(&request, 1, &stage.officers[0]).await);
        assert!(told.contains("another officer has to"), "{told}");
        // Taken from another's bundle, it is as little believed.
        let officer = &stage.officers[0];
        let honest = stage.export(&request, 1, &stage.officers[1]).await.unwrap();
        let carried = body(&content(&honest.cms, &stage.officers[1].key, &stage.officers[1].certificate));
        let mut told = carried.clone();
        told["officer"] = json!(hex::encode(officer.certificate.sha256()));
        let text = told.to_string();
        let own = stage.people[1].gate.installation();
        let signature = base64(&own.key.sign_ps256(text.as_bytes()).unwrap());
        let forged = sealed(&json!({ "body": text, "signature": signature }), &officer.certificate);
        match stage.answer(&forged, officer).await {
            Err(error) => {
                let told = error.to_string();
                assert!(address.starts_with("Anna") && told.contains("cannot agree to it too"), "{told}");
            }
            // Only the database knows all names of the key's owner.
            Ok(response) => {
                let told = why(stage.desk(1).import(&response).await);
                assert!(told.contains("nobody agrees to opening the own key"), "{told}");
            }
        }
        assert_eq!(stage.given(request.id).await, 0);
    }
}

#[tokio::test]
async fn one_person_with_two_officers_keys_counts_once() {
    let officers =
        vec![Officer::called("bert@example.com"), Officer::new("Officer 2"), Officer::new("Officer 3")];
    let stage = Stage::with(officers, Some(2)).await;
    let request = stage.ask(Wanted::FileForOwner).await.unwrap();
    // Bert agrees at his machine with somebody else's key, and elsewhere with his own.
    stage.approve(request.id, 1, 1).await.unwrap();
    stage.agree_offline(&request, 0, 2).await;
    assert!(!stage.opens(request.id).await);
    stage.agree_offline(&request, 2, 2).await;
    assert!(stage.opens(request.id).await);
}

#[tokio::test]
async fn a_key_that_only_decrypts_says_what_else_there_is() {
    let mut stage = Stage::of(2, Some(2)).await;
    let request = stage.ask(Wanted::FileForOwner).await.unwrap();
    let exported = stage.export(&request, 1, &stage.officers[0]).await.unwrap();
    stage.officers[0].only_decrypts = true;
    let told = why(stage.answer(&exported.cms, &stage.officers[0]).await);
    assert!(
        told.contains("its key may not sign") && told.contains("on an installation of the fleet"),
        "{told}"
    );
    stage.officers[0].is_locked = true;
    let told = why(stage.answer(&exported.cms, &stage.officers[0]).await);
    assert!(told.contains("2 tries are left"), "{told}");
    let stranger = Officer::new("Nobody");
    let told = why(stage.export(&request, 1, &stranger).await);
    assert!(told.contains("not sealed to `CN=Nobody`"), "{told}");
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

#[tokio::test]
async fn what_cannot_be_recorded_is_neither_written_out_nor_taken_in() {
    let stage = Stage::of(2, None).await;
    let request = stage.ask(Wanted::FileForOwner).await.unwrap();
    let officer = &stage.officers[0];
    let exported = stage.export(&request, 1, officer).await.unwrap();
    let response = stage.answer(&exported.cms, officer).await.unwrap();
    let faulty = Faulty::over(stage.store.shared());
    for how in [Failing::LostAndUndone, Failing::LostButKept] {
        faulty.fail(1, how);
        assert!(
            stage
                .desk_on(1, faulty.as_ref())
                .export(request.id, &officer.certificate, THREE_DAYS)
                .await
                .is_err()
        );
        faulty.fail(1, how);
        assert!(stage.desk_on(1, faulty.as_ref()).import(&response).await.is_err(), "{how:?}");
        assert_eq!(stage.given(request.id).await, 0, "{how:?}");
    }
    assert_eq!(faulty.outstanding(), 0);
    stage.desk(1).import(&response).await.unwrap();
}

#[tokio::test]
async fn other_programs_read_bundle_and_response() {
    let stage = Stage::of(2, Some(2)).await;
    let request = stage.ask(Wanted::FileForOwner).await.unwrap();
    let officer = &stage.officers[0];
    let exported = stage.export(&request, 1, officer).await.unwrap();
    let response = stage.answer(&exported.cms, officer).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, octets: &[u8]| std::fs::write(folder.path().join(name), octets).unwrap();
    let run = |arguments: &[&str]| {
        let ran = std::process::Command::new("openssl")
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
        ran.stdout
    };
    let own = stage.people[1].gate.installation();
    let pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"];
    let cases = [
        (&exported.cms, &officer.key, &officer.certificate, &own.certificate, pss.as_slice()),
        (&response, &own.key, &own.certificate, &officer.certificate, &[]),
    ];
    for (file, key, certificate, signer, padding) in cases {
        write("file", file);
        write("key.der", &key.to_pkcs8().unwrap());
        run(&["pkey", "-inform", "DER", "-in", "key.der", "-out", "key.pem"]);
        write("own.pem", certificate.pem().as_bytes());
        let shown = run(&["cms", "-cmsout", "-print", "-noout", "-inform", "DER", "-in", "file"]);
        let shown = String::from_utf8_lossy(&shown).into_owned();
        assert!(shown.contains("authEnvelopedData") && shown.contains("aes-256-gcm"), "{shown}");
        let content = run(&[
            "cms", "-decrypt", "-binary", "-inform", "DER", "-in", "file", "-inkey", "key.pem", "-recip",
            "own.pem",
        ]);
        let signed: Value = serde_json::from_slice(&content).unwrap();
        write("body", signed["body"].as_str().unwrap().as_bytes());
        write("signature", &unbase64(signed["signature"].as_str().unwrap()));
        write("signer.pem", signer.pem().as_bytes());
        let public = run(&["x509", "-in", "signer.pem", "-noout", "-pubkey"]);
        write("signer.pub", &public);
        let mut verify = vec!["dgst", "-sha256", "-verify", "signer.pub", "-signature", "signature"];
        verify.extend(padding);
        verify.push("body");
        assert_eq!(run(&verify), b"Verified OK\n");
    }
}

/// A certificate with issuer and serial number of another, for another key.
fn like(genuine: &X509Certificate) -> X509Certificate {
    use crypto::issue::{Validity, recovery_agent_certificate};
    let validity = Validity {
        not_before: Timestamp::from_seconds(1_700_000_000),
        not_after: Timestamp::from_seconds(2_500_000_000),
    };
    let name = genuine.common_name().unwrap();
    let der = recovery_agent_certificate(&name, &impostor_key(), validity, genuine.serial()).unwrap();
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

fn unbase64(text: &str) -> Vec<u8> {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    BASE64_STANDARD.decode(text).unwrap()
}
