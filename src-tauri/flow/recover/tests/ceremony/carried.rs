//! Ceremonies that come to their end.

use crypto::open::open_bound;
use crypto::{X509Certificate, pfx};
use model::{DeliveryState, EnrollmentState, PfxProfile, RecoveryState, Span, Station};
use recover::GivenMail;
use recover::ceremony::{Given, Wanted};
use sha2::Digest as _;
use store::Store as _;

use crate::sample::id;
use crate::stage::{Stage, susi, why, wish};

#[tokio::test]
async fn two_of_three_officers_open_a_key_together_and_every_step_is_on_record() {
    let stage = Stage::of(3, Some(2)).await;
    let request = stage.ask(Wanted::FileForOwner).await.unwrap();
    assert_eq!(request.approvals, 2, "as many as the quorum needs");
    let early = why(stage.open(request.id).await);
    assert!(early.contains("0 of 2 officers have agreed"), "{early}");

    assert_eq!(stage.approve(request.id, 1, 0).await.unwrap().given.counted(), 1);
    let early = why(stage.open(request.id).await);
    assert!(early.contains("1 of 2 officers have agreed"), "{early}");
    assert_eq!(stage.approve(request.id, 2, 2).await.unwrap().given.counted(), 2);

    let opened = stage.open(request.id).await.unwrap();
    let [file] = opened.files.as_slice() else { panic!("one file") };
    let read = pfx::open(&file.pfx, &file.password).unwrap();
    assert_eq!(read.key.spki_sha256().unwrap(), stage.key.spki_sha256().unwrap());
    stage.desk(0).finish(&opened.request).await.unwrap();
    let closed = why(stage.open(request.id).await);
    assert!(closed.contains("is closed: it is done"), "{closed}");

    let anna = "anna@anna-pc".to_owned();
    let step =
        |kind: &str, actor: &str| (format!("KEY_RECOVERY_{kind}"), true, format!("{actor}@{actor}-pc"));
    let expected = [
        step("REQUEST", "anna"),
        step("APPROVAL", "bert"),
        step("APPROVAL_PROCESSED", "bert"),
        step("APPROVAL", "cora"),
        step("APPROVAL_PROCESSED", "cora"),
        step("OPENING", "anna"),
        step("REQUEST_PROCESSED", "anna"),
        ("KEY_RECOVERY_REQUEST_CLOSED".to_owned(), true, anna),
    ];
    assert_eq!(stage.log().await, expected);
}

#[tokio::test]
async fn every_pair_of_officers_is_enough_and_none_alone() {
    let stage = Stage::of(3, Some(2)).await;
    for pair in [[0, 1], [0, 2], [1, 2]] {
        let request = stage.ask(Wanted::FileForOwner).await.unwrap();
        for (person, officer) in [1, 2].into_iter().zip(pair) {
            assert!(stage.open(request.id).await.is_err());
            stage.approve(request.id, person, officer).await.unwrap();
        }
        assert_eq!(stage.open(request.id).await.unwrap().files.len(), 1, "{pair:?}");
    }
}

#[tokio::test]
async fn a_key_that_any_agent_opens_takes_one_officer_beside_whoever_asks() {
    let stage = Stage::of(2, None).await;
    let request = stage.ask(Wanted::FileForOwner).await.unwrap();
    assert_eq!(request.approvals, 1);
    stage.approve(request.id, 1, 1).await.unwrap();
    let opened = stage.open(request.id).await.unwrap();
    assert_eq!(opened.files.len(), 1);
    // Whoever lost the file before it was written opens again, until it is said to be done.
    assert_eq!(stage.open(request.id).await.unwrap().request.state, RecoveryState::Opened);
}

#[tokio::test]
async fn somebody_else_gets_a_key_only_with_one_officer_more() {
    let mut stage = Stage::of(3, Some(2)).await;
    let to = "Kanzlei Müller, Frau Dr. Weiß".to_owned();
    let request = stage.ask(Wanted::FileForOther { to: to.clone() }).await.unwrap();
    assert_eq!(request.approvals, 3);
    for (person, officer) in [(1, 0), (2, 1)] {
        stage.approve(request.id, person, officer).await.unwrap();
    }
    let early = why(stage.open(request.id).await);
    assert!(early.contains("2 of 3 officers have agreed"), "{early}");
    stage.approve(request.id, 3, 2).await.unwrap();
    assert_eq!(stage.open(request.id).await.unwrap().files.len(), 1);

    // Where there are not so many, it is said when it is asked.
    stage.approvals = 3;
    let refused = why(stage.ask(Wanted::FileForOther { to }).await);
    assert!(refused.contains("4 officers would have to agree, and 3 can take part"), "{refused}");
}

#[tokio::test]
async fn a_key_for_the_owners_devices_goes_back_into_flight_and_the_daemon_takes_it_up() {
    let stage = Stage::of(2, None).await;
    let request = stage.ask(Wanted::OwnersDevices).await.unwrap();
    stage.approve(request.id, 1, 0).await.unwrap();
    let other = why(stage.open(request.id).await);
    assert!(other.contains("this is not what was asked"), "{other}");
    let opened = stage.desk(0).open(request.id, Given::Devices).await.unwrap();
    assert_eq!((opened.files.len(), opened.on_their_way.len()), (0, 1));

    let mut work = stage.store.read().await.unwrap();
    let enrollment = work.enrollments().lookup(id(1)).await.unwrap().unwrap();
    assert_eq!((enrollment.station, enrollment.state), (Station::Deliver, EnrollmentState::Running));
    assert_eq!(work.jobs().count().await.unwrap(), 1);
    let flight = work.archive().inflight(id(1)).await.unwrap().unwrap();
    drop(work);
    // Whoever of the fleet is first opens it, and only for this enrollment.
    for person in &stage.people {
        let own = person.gate.installation();
        let context = admit::context::inflight_key(id(1));
        let pkcs8 = open_bound(&context, &flight.envelope, &own.key, &own.certificate).unwrap();
        assert_eq!(*pkcs8, *stage.key.to_pkcs8().unwrap());
    }
    let twice = why(stage.desk(0).open(request.id, Given::Devices).await);
    assert!(twice.contains("is on its way already"), "{twice}");
}

#[tokio::test]
async fn a_key_that_is_on_all_devices_is_not_sent_again() {
    let stage = Stage::of(2, None).await;
    let mut work = stage.store.begin().await.unwrap();
    let delivery = work.deliveries().list(susi()).await.unwrap().remove(0);
    let now = stage.desk(0).clock.now();
    work.deliveries().set_state(delivery.id, DeliveryState::Present, Some("r"), now).await.unwrap();
    work.commit().await.unwrap();
    let request = stage.ask(Wanted::OwnersDevices).await.unwrap();
    stage.approve(request.id, 1, 0).await.unwrap();
    let opened = stage.desk(0).open(request.id, Given::Devices).await.unwrap();
    assert_eq!((opened.on_their_way.len(), opened.there_already.len()), (0, 1));
    assert!(stage.store.read().await.unwrap().archive().inflight(id(1)).await.unwrap().is_none());
}

#[tokio::test]
async fn what_cannot_be_asked_is_told_before_anything_is_stored() {
    let stage = Stage::of(2, Some(2)).await;
    let owner = || wish(Wanted::FileForOwner);
    let long = "x".repeat(501);
    let mut cases = vec![
        ("the reason is missing", owner()),
        ("the case number is missing", owner()),
        ("one line of at most 500", owner()),
        ("one line of at most 500", owner()),
        ("1 to 50 certificates", owner()),
        ("does not exist", owner()),
        ("for an hour at least and thirty days", owner()),
        ("who gets the key is missing", wish(Wanted::FileForOther { to: "  ".to_owned() })),
    ];
    cases[0].1.reason = " ".to_owned();
    cases[1].1.case_number = String::new();
    cases[2].1.legal_basis = long;
    cases[3].1.reason = "two\nlines".to_owned();
    cases[4].1.certificates = Vec::new();
    cases[5].1.certificates = vec![id(99)];
    cases[6].1.lasts = Span::days(31);
    for (sentence, wish) in cases {
        let told = why(stage.desk(0).ask(&wish).await);
        assert!(told.contains(sentence), "{sentence}: {told}");
    }
    assert!(stage.desk(0).list(10).await.unwrap().is_empty() && stage.log().await.is_empty());
}

#[tokio::test]
async fn files_for_old_clients_are_made_when_they_are_wanted() {
    let stage = Stage::of(2, None).await;
    let request = stage.ask(Wanted::FileForOwner).await.unwrap();
    stage.approve(request.id, 1, 0).await.unwrap();
    stage.clock.advance(Span::hours(1));
    let opened = stage.desk(0).open(request.id, Given::Files(PfxProfile::Compatible)).await.unwrap();
    assert!(pfx::open(&opened.files[0].pfx, &opened.files[0].password).is_ok());
}

#[tokio::test]
async fn mails_are_decrypted_with_what_officers_gave_and_the_key_is_not_handed_out() {
    let stage = Stage::of(3, Some(2)).await;
    let request = stage.ask(Wanted::DecryptedMails).await.unwrap();
    stage.approve(request.id, 1, 0).await.unwrap();
    stage.approve(request.id, 2, 1).await.unwrap();
    let file = why(stage.open(request.id).await);
    assert!(file.contains("this is not what was asked and agreed to"), "{file}");

    let leaf = {
        let stored = stage.store.read().await.unwrap().certificates().lookup_stored(susi()).await.unwrap();
        X509Certificate::from_der(&stored.unwrap().der).unwrap()
    };
    let given = [
        GivenMail { name: "first.p7m".to_owned(), bytes: encrypted("Grüße aus München", &leaf) },
        GivenMail {
            name: "other.p7m".to_owned(),
            bytes: encrypted("für andere", &stage.officers[0].certificate),
        },
        GivenMail { name: "note.eml".to_owned(), bytes: b"Subject: hello\r\n\r\nhello\r\n".to_vec() },
    ];
    let opened = stage.desk(0).open(request.id, Given::Mails(&given)).await.unwrap();
    assert!(opened.files.is_empty());
    let [first, other, note] = opened.mails.as_slice() else { panic!("one answer for each") };
    let first = String::from_utf8_lossy(&first.as_ref().unwrap().mime).into_owned();
    assert!(first.contains("Grüße aus München"), "{first}");
    assert!(other.is_err() && note.is_err(), "a mail that cannot be read stops no other");
    let none = why(stage.desk(0).open(request.id, Given::Mails(&[])).await);
    assert!(none.contains("there is no mail to decrypt"), "{none}");
    // Which mails were read is on record before they are.
    let mut work = stage.store.read().await.unwrap();
    let log = work.audit().list(&store::PageRequest::first(500)).await.unwrap().rows;
    let opening = log.iter().find(|row| row.event.kind == model::AuditKind::KeyRecoveryOpening).unwrap();
    let digest = hex::encode(sha2::Sha256::digest(&given[0].bytes));
    assert!(opening.event.detail.contains(&digest), "{}", opening.event.detail);
}

/// A mail that OpenSSL's program encrypted for this certificate.
fn encrypted(text: &str, certificate: &X509Certificate) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("text"), format!("Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n")).unwrap();
    std::fs::write(at("person.pem"), certificate.pem()).unwrap();
    let made = std::process::Command::new("openssl")
        .args([
            "cms",
            "-encrypt",
            "-binary",
            "-aes-256-cbc",
            "-in",
            "text",
            "-outform",
            "DER",
            "-out",
            "mail",
            "person.pem",
        ])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    std::fs::read(at("mail")).unwrap()
}
