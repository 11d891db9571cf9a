//! Officers without a network: what goes to them, what comes back, and what becomes of it when somebody meddles.

use crypto::X509Certificate;
use crypto::open::open;
use crypto::seal::seal;
use model::{Clock as _, RecoveryRequestId, Span};
use recover::RecoverError;
use recover::ceremony::{Bundle, Exported, Known, Request, SealedBundle, Wanted};
use serde_json::{Value, json};
use store::Store as _;
use support::{Failing, Faulty};

use crate::stage::{Officer, Stage, why};

pub(crate) const THREE_DAYS: Span = Span::days(3);

/// What the stage's officers do without a network.
impl Stage {
    /// A person of the fleet writes the request out for an officer.
    pub(crate) async fn export(
        &self,
        request: &Request,
        person: usize,
        officer: &Officer,
    ) -> Result<Exported, RecoverError> {
        self.desk(person).export(request.id, &officer.certificate, THREE_DAYS).await
    }

    pub(crate) async fn read(
        &self,
        file: &[u8],
        officer: &Officer,
        known: &Known,
    ) -> Result<Bundle, RecoverError> {
        SealedBundle::read(file)?.open(officer, known, self.clock.now()).await
    }

    pub(crate) async fn answer(&self, file: &[u8], officer: &Officer) -> Result<Vec<u8>, RecoverError> {
        let bundle = self.read(file, officer, &Known::default()).await?;
        bundle.agree(officer, "somebody@vault-room", self.clock.now()).await
    }

    /// Out, answered, and in again.
    pub(crate) async fn agree_offline(&self, request: &Request, officer: usize, importer: usize) -> usize {
        let officer = &self.officers[officer];
        let exported = self.export(request, 1, officer).await.unwrap();
        let response = self.answer(&exported.cms, officer).await.unwrap();
        self.desk(importer).import(&response).await.unwrap().granted.given.counted()
    }

    pub(crate) async fn opens(&self, id: RecoveryRequestId) -> bool {
        match self.open(id).await {
            Ok(opened) => opened.files.len() == 1,
            Err(error) => {
                let told = error.to_string();
                assert!(told.contains("officers have agreed"), "{told}");
                false
            }
        }
    }

    pub(crate) async fn given(&self, id: RecoveryRequestId) -> usize {
        self.store.read().await.unwrap().recoveries().grants(id).await.unwrap().len()
    }
}

/// What lies in a bundle or a response, for somebody who has the key.
pub(crate) fn content(file: &[u8], key: &crypto::PrivateKey, certificate: &X509Certificate) -> Value {
    serde_json::from_slice(&open(file, key, certificate).unwrap()).unwrap()
}

pub(crate) fn body(signed: &Value) -> Value {
    serde_json::from_str(signed["body"].as_str().unwrap()).unwrap()
}

pub(crate) fn sealed(value: &Value, to: &X509Certificate) -> Vec<u8> {
    seal(value.to_string().as_bytes(), std::slice::from_ref(to)).unwrap()
}

pub(crate) fn base64(octets: &[u8]) -> String {
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
        // Whoever carries it in does not agree by that. Where it was asked it opens not at all, so that nothing is given to
        // whoever asked before it is on record.
        let exported = stage.export(&request, 1, &stage.officers[0]).await.unwrap();
        let answer = stage.answer(&exported.cms, &stage.officers[0]).await.unwrap();
        let told = why(stage.desk(0).import(&answer).await);
        assert!(told.contains("opens here: this envelope was not sealed to `CN=anna`"), "{told}");
        assert_eq!(stage.desk(2).import(&answer).await.unwrap().granted.given.counted(), 1);
        assert!(!stage.opens(request.id).await);
        assert_eq!(stage.approve(request.id, 1, 1).await.unwrap().given.counted(), 2);
        assert!(stage.opens(request.id).await, "{threshold:?}");

        let log = stage.log().await;
        let own = "CN=Officer 1; imported by cora@cora-pc".to_owned();
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
async fn an_officer_whose_certificate_names_no_person_agrees_on_a_machine_of_the_fleet_only() {
    let stage = Stage::with(vec![Officer::nameless("Officer 1"), Officer::new("Officer 2")], None).await;
    let request = stage.ask(Wanted::FileForOwner).await.unwrap();
    let told = why(stage.export(&request, 1, &stage.officers[0]).await);
    assert!(told.contains("has neither a mail address nor a sign-in name"), "{told}");
    // Nor does the account tell another person where it is whoever asked.
    let exported = stage.export(&request, 1, &stage.officers[1]).await.unwrap();
    let bundle = stage.read(&exported.cms, &stage.officers[1], &Known::default()).await.unwrap();
    let told = why(bundle.agree(&stage.officers[1], "Anna@vault-room", stage.clock.now()).await);
    assert!(told.contains("cannot agree to it too"), "{told}");
    stage.approve(request.id, 1, 0).await.unwrap();
    assert!(stage.opens(request.id).await);
}

#[tokio::test]
async fn shares_without_end_do_not_stop_a_recovery() {
    let stage = Stage::of(3, Some(2)).await;
    let request = stage.ask(Wanted::FileForOwner).await.unwrap();
    for _ in 0..30 {
        stage.agree_offline(&request, 0, 2).await;
    }
    assert_eq!(stage.given(request.id).await, 30);
    assert!(!stage.opens(request.id).await);
    stage.approve(request.id, 1, 1).await.unwrap();
    assert!(stage.opens(request.id).await);
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

pub(crate) fn unbase64(text: &str) -> Vec<u8> {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    BASE64_STANDARD.decode(text).unwrap()
}
