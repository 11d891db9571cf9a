//! Orders, repetitions, revocations and lists, as the books tell them.

use std::collections::BTreeSet;
use std::sync::Arc;

use ca::builtin::{BuiltinAuthority, BuiltinSettings, create};
use crypto::X509Certificate;
use crypto::issue::{CrlContents, read_crl};
use model::names::Profile;
use model::{CertificateNames, KeyAlgorithm, RevocationReason, SerialNumber, Span};
use ports::{CaError, CertificateAuthority, CertificateRef, Disposition, Order, Ticket};
use store::Store as _;

use crate::world::{Counting, MONDAY, P256, P384, World, issued, jorg, order, quick_founding};

fn susi(reference: &str) -> Order {
    order(reference, Profile::SmimeSponsor, jorg(), &P256)
}

fn named(der: &[u8], reference: &str) -> CertificateRef {
    let serial = X509Certificate::from_der(der).unwrap().serial();
    CertificateRef { serial, reference: reference.to_owned() }
}

fn list(world: &World, der: &[u8]) -> CrlContents {
    read_crl(&X509Certificate::from_der(&world.founded.settings.issuing).unwrap(), der).unwrap()
}

fn serials(list: &CrlContents) -> BTreeSet<SerialNumber> {
    list.revoked.iter().map(|entry| entry.serial.clone()).collect()
}

async fn issued_so_far(world: &World) -> u64 {
    world.store.read().await.unwrap().ledger().count(world.id).await.unwrap()
}

fn assert_rejected(error: &CaError, part: &str) {
    assert_eq!(error.disposition(), Disposition::Reject, "{error}");
    assert!(error.to_string().contains(part), "{error}");
}

#[tokio::test]
async fn an_order_gives_a_certificate_that_is_in_the_books_and_can_be_found_again() {
    let world = World::new().await;
    assert_eq!(world.authority.find("enrolment 1").await.unwrap(), None);

    let certificate = world.issue(&susi("enrolment 1")).await;
    let read = X509Certificate::from_der(&certificate.der).unwrap();
    assert_eq!(read.spki_sha256().unwrap(), P256.spki_sha256().unwrap());
    assert_eq!(read.common_name().unwrap(), "Jörg Müßig-Åström");
    assert_eq!(
        certificate.chain,
        [world.founded.settings.issuing.clone(), world.founded.settings.root.clone()]
    );
    assert!(read.is_issued_by(&X509Certificate::from_der(&certificate.chain[0]).unwrap()));
    assert_eq!(read.serial().as_be_bytes().len(), 17);
    // 365 days, both ends included, from a little before the order.
    assert_eq!(read.not_after().since(read.not_before()), Span::seconds(365 * 86_400 - 1));
    assert!(read.not_before() < MONDAY);

    let found = issued(world.authority.find("enrolment 1").await.unwrap().unwrap());
    assert_eq!(found, certificate);
    assert_eq!(issued(world.authority.poll(&Ticket("enrolment 1".to_owned())).await.unwrap()), certificate);
    assert_rejected(
        &world.authority.poll(&Ticket("enrolment 2".to_owned())).await.unwrap_err(),
        "enrolment 2",
    );
}

#[tokio::test]
async fn the_same_order_again_gives_the_same_certificate_even_after_a_restart() {
    let world = World::new().await;
    let first = world.issue(&susi("enrolment 1")).await;
    world.clock.advance(Span::days(2));
    let second = issued(world.colleague().submit(&susi("enrolment 1")).await.unwrap());
    assert_eq!(first, second);
    assert_eq!(issued_so_far(&world).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_that_arrive_at_once_in_several_processes_give_one_certificate() {
    let world = World::new().await;
    let processes =
        [world.other_process().await, world.other_process().await, world.colleague(), world.colleague()];
    for round in 0..5 {
        let one_order = susi(&format!("enrolment {round}"));
        let submissions = processes.iter().cycle().take(12).map(|authority| authority.submit(&one_order));
        let answers = futures::future::join_all(submissions).await;
        let certificates: BTreeSet<Vec<u8>> =
            answers.into_iter().map(|answer| issued(answer.unwrap()).der).collect();
        assert_eq!(certificates.len(), 1);
        assert_eq!(issued_so_far(&world).await, round + 1);
    }
}

#[tokio::test]
async fn a_reference_cannot_be_used_for_another_key() {
    let world = World::new().await;
    world.issue(&susi("enrolment 1")).await;
    let other = order("enrolment 1", Profile::SmimeSponsor, jorg(), &P384);
    assert_rejected(&world.authority.submit(&other).await.unwrap_err(), "another key");
    assert_eq!(issued_so_far(&world).await, 1);
}

#[tokio::test]
async fn orders_that_cannot_be_served_are_rejected_and_leave_nothing_behind() {
    let world = World::new().await;
    let with = |change: &dyn Fn(&mut Order)| {
        let mut order = susi("enrolment 1");
        change(&mut order);
        order
    };
    let mut tampered = susi("").request;
    let last = tampered.len() - 1;
    tampered[last] ^= 1;
    let cases = [
        (with(&|order| order.request = b"nothing".to_vec()), "certification request"),
        (with(&|order| order.request = tampered.clone()), "signature"),
        (with(&|order| order.validity_days = 826), "825 days"),
        (with(&|order| order.validity_days = 0), "at least one day"),
        (with(&|order| order.validity_days = u32::MAX), "825 days"),
        (with(&|order| order.names = CertificateNames::default()), "mail address"),
        (with(&|order| order.names.common_name = "x".repeat(65)), "65 characters"),
        (with(&|order| order.reference = String::new()), "reference"),
    ];
    for (order, part) in cases {
        assert_rejected(&world.authority.submit(&order).await.unwrap_err(), part);
    }
    assert_eq!(issued_so_far(&world).await, 0);
}

#[tokio::test]
async fn certificates_end_with_their_issuer_at_the_latest() {
    let world =
        World::founded_as(&ca::builtin::Founding { root_years: 2, issuing_years: 1, ..quick_founding() })
            .await;
    let issuing = X509Certificate::from_der(&world.founded.settings.issuing).unwrap();
    world.clock.advance(Span::days(300));
    let leaf = X509Certificate::from_der(&world.issue(&susi("late")).await.der).unwrap();
    assert_eq!(leaf.not_after(), issuing.not_after());

    world.clock.advance(Span::days(300));
    let ended = world.authority.submit(&susi("too late")).await.unwrap_err();
    assert_eq!(ended.disposition(), Disposition::Operator);
    assert!(ended.to_string().contains("ended on"), "{ended}");
    assert!(world.authority.check().await.is_err());
    // What was issued can still be found.
    assert!(world.authority.find("late").await.unwrap().is_some());
}

#[tokio::test]
async fn a_revocation_is_on_the_list_at_once_and_stays_as_it_was_first_entered() {
    let world = World::new().await;
    let leaf = world.issue(&susi("enrolment 1")).await;
    let certificate = named(&leaf.der, "enrolment 1");
    world.authority.revoke(&certificate, RevocationReason::Superseded).await.unwrap();
    world.clock.advance(Span::hours(1));
    world.authority.revoke(&certificate, RevocationReason::KeyCompromise).await.unwrap();

    let file = list(&world, &std::fs::read(world.crl_file()).unwrap());
    assert_eq!(file, list(&world, &world.authority.current_crl().await.unwrap()));
    assert_eq!(file.revoked.len(), 1);
    assert_eq!(file.revoked[0].serial, certificate.serial);
    assert_eq!(file.revoked[0].reason, RevocationReason::Superseded);
    assert_eq!(file.revoked[0].revoked_at, MONDAY);
    assert_eq!(file.number, 2);
}

#[tokio::test]
async fn only_what_was_issued_here_can_be_revoked() {
    let world = World::new().await;
    let leaf = world.issue(&susi("enrolment 1")).await;
    let unknown = CertificateRef { serial: "0815".parse().unwrap(), reference: "enrolment 1".to_owned() };
    let refused = world.authority.revoke(&unknown, RevocationReason::Unspecified).await.unwrap_err();
    assert_rejected(&refused, "never issued");
    let crossed = named(&leaf.der, "enrolment 2");
    let refused = world.authority.revoke(&crossed, RevocationReason::Unspecified).await.unwrap_err();
    assert_rejected(&refused, "another order");
    assert!(list(&world, &world.authority.current_crl().await.unwrap()).revoked.is_empty());
}

#[tokio::test]
async fn a_list_that_cannot_be_written_leaves_the_revocation_to_be_repeated() {
    let world = World::new().await;
    let leaf = world.issue(&susi("enrolment 1")).await;
    let blocked = BuiltinSettings {
        crl_file: Some(world.folder.path().join("no such folder").join("issuing.crl")),
        ..world.founded.settings.clone()
    };
    let broken = world.with_settings(blocked).unwrap();
    let certificate = named(&leaf.der, "enrolment 1");
    let failed = broken.revoke(&certificate, RevocationReason::Superseded).await.unwrap_err();
    assert_eq!(failed.disposition(), Disposition::Operator);
    assert!(failed.to_string().contains("no such folder"), "{failed}");

    world.authority.revoke(&certificate, RevocationReason::Superseded).await.unwrap();
    let file = list(&world, &std::fs::read(world.crl_file()).unwrap());
    assert_eq!(serials(&file), BTreeSet::from([certificate.serial]));
}

#[tokio::test]
async fn a_list_is_replaced_as_a_whole_and_never_by_an_older_one() {
    let world = World::new().await;
    let older = world.colleague();
    older.publish_crl().await.unwrap();
    world.authority.publish_crl().await.unwrap();
    let newest = std::fs::read(world.crl_file()).unwrap();
    assert_eq!(list(&world, &newest).number, 2);
    let left: Vec<_> =
        std::fs::read_dir(world.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".part")), "{left:?}");

    // Rubbish in the file does not hold up a new list.
    std::fs::write(world.crl_file(), b"half a li").unwrap();
    world.authority.publish_crl().await.unwrap();
    assert_eq!(list(&world, &std::fs::read(world.crl_file()).unwrap()).number, 3);
}

#[tokio::test]
async fn every_process_serves_the_revocations_of_all() {
    let world = World::new().await;
    let leaf = world.issue(&susi("enrolment 1")).await;
    let settings = BuiltinSettings { crl_file: None, ..world.founded.settings.clone() };
    let web = world.with_settings(settings).unwrap();
    let before = web.current_crl().await.unwrap();
    assert_eq!(web.current_crl().await.unwrap(), before, "a list is served as long as it says the truth");

    let certificate = named(&leaf.der, "enrolment 1");
    world.authority.revoke(&certificate, RevocationReason::Superseded).await.unwrap();
    world.clock.advance(Span::minutes(2));
    let after = list(&world, &web.current_crl().await.unwrap());
    assert_eq!(serials(&after), BTreeSet::from([certificate.serial]));
    assert!(after.number > list(&world, &before).number);

    world.clock.advance(Span::days(4));
    let renewed = list(&world, &web.current_crl().await.unwrap());
    assert!(renewed.number > after.number, "past half of its life a list is replaced");
}

#[tokio::test]
async fn expired_certificates_leave_the_list_after_one_more_life_of_it() {
    let world = World::new().await;
    let short = Order { validity_days: 10, ..susi("short") };
    let leaf = world.issue(&short).await;
    let certificate = named(&leaf.der, "short");
    world.authority.revoke(&certificate, RevocationReason::Superseded).await.unwrap();
    let mut on_list = Vec::new();
    for _ in 0..3 {
        world.clock.advance(Span::days(6));
        world.authority.publish_crl().await.unwrap();
        on_list.push(serials(&list(&world, &world.authority.current_crl().await.unwrap())).len());
    }
    // Day 6: valid. Day 12: expired two days ago. Day 18: expired for longer than a list lasts.
    assert_eq!(on_list, [1, 1, 0]);
}

#[tokio::test]
async fn the_addresses_in_certificates_lead_to_what_is_published() {
    let world = World::new().await;
    for name in BuiltinAuthority::PUBLISHED {
        let file = world.authority.published(name).await.unwrap().unwrap();
        let expected = if name.contains(".crl") { "application/pkix-crl" } else { "application/pkix-cert" };
        assert_eq!(file.media_type, expected, "{name}");
        assert!(!file.bytes.is_empty(), "{name}");
    }
    assert_eq!(world.authority.published("../books.db").await.unwrap(), None);
    let leaf = world.issue(&susi("enrolment 1")).await;
    let text = String::from_utf8_lossy(&leaf.der).into_owned();
    for name in ["issuing.crl", "issuing.cer"] {
        assert!(text.contains(&format!("http://pki.example.com/ca/{name}")), "{name}");
    }
}

#[tokio::test]
async fn the_check_tells_how_the_authority_stands() {
    let world = World::new().await;
    let unpublished = world.authority.check().await.unwrap_err();
    assert!(unpublished.to_string().contains("no revocation list"), "{unpublished}");
    assert!(!world.crl_file().exists(), "a check publishes nothing");

    world.authority.publish_crl().await.unwrap();
    world.issue(&susi("enrolment 1")).await;
    let info = world.authority.check().await.unwrap();
    assert!(info.summary.contains("Contoso Issuing CA"), "{}", info.summary);
    assert!(info.summary.contains("1 certificates issued"), "{}", info.summary);
    assert_eq!(info.chain.len(), 2);
    // A fresh process reads the list from the file.
    assert!(world.colleague().check().await.is_ok());

    world.clock.advance(Span::days(8));
    let stale = world.authority.check().await.unwrap_err();
    assert!(stale.to_string().contains("revocation list ended"), "{stale}");
    world.clock.advance(Span::days(-40));
    let early = world.authority.check().await.unwrap_err();
    assert!(early.to_string().contains("set the clock"), "{early}");
}

#[tokio::test]
async fn an_authority_whose_parts_do_not_belong_together_is_refused() {
    let world = World::new().await;
    let stranger = create(&quick_founding(), MONDAY, &Counting::default()).unwrap();
    let settings = |change: &dyn Fn(&mut BuiltinSettings)| {
        let mut settings = world.founded.settings.clone();
        change(&mut settings);
        world.with_settings(settings).unwrap_err().to_string()
    };
    let issuing = stranger.settings.issuing.clone();
    assert!(settings(&|to| to.issuing.clone_from(&issuing)).contains("not issued by its root"));
    assert!(
        settings(&|to| {
            to.issuing.clone_from(&issuing);
            to.root.clone_from(&stranger.settings.root);
        })
        .contains("private key belongs to another")
    );
    assert!(settings(&|to| to.issuing.clone_from(&to.root)).contains("private key"));
    assert!(settings(&|to| to.root = b"nothing".to_vec()).contains("X.509"));
    assert!(settings(&|to| to.crl_validity_hours = 0).contains("one hour"));
}

#[test]
fn an_authority_that_cannot_be_is_not_founded() {
    let refused = |change: &dyn Fn(&mut ca::builtin::Founding)| {
        let mut founding = quick_founding();
        change(&mut founding);
        create(&founding, MONDAY, &Counting::default()).unwrap_err().to_string()
    };
    assert!(refused(&|founding| founding.name = "x".repeat(60)).contains("64"));
    assert!(refused(&|founding| founding.name = " ".to_owned()).contains("give it a name"));
    assert!(
        refused(&|founding| founding.base_url = "https://pki.example.com".to_owned()).contains("http://")
    );
    assert!(refused(&|founding| founding.base_url = "http://pki example".to_owned()).contains("spaces"));
    assert!(refused(&|founding| founding.issuing_years = 30).contains("outlive"));
    assert!(refused(&|founding| founding.root_years = 0).contains("validity"));
    assert!(refused(&|founding| founding.country = Some("Deutschland".to_owned())).contains("ISO 3166"));
}

#[test]
fn settings_survive_their_json_and_new_fields_have_defaults() {
    let founded = create(&quick_founding(), MONDAY, &Counting::default()).unwrap();
    let text = serde_json::to_string(&founded.settings).unwrap();
    assert_eq!(serde_json::from_str::<BuiltinSettings>(&text).unwrap(), founded.settings);
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    for optional in ["crlFile", "crlValidityHours", "policies"] {
        value.as_object_mut().unwrap().remove(optional);
    }
    assert_eq!(serde_json::from_value::<BuiltinSettings>(value).unwrap(), founded.settings);
    assert!(!text.contains("PRIVATE"));
    // RSA authorities are founded by the same way.
    let usual = ca::builtin::Founding::new("Contoso", "http://pki.example.com");
    assert_eq!((usual.root_key, usual.issuing_key), (KeyAlgorithm::Rsa4096, KeyAlgorithm::Rsa3072));
}

#[tokio::test]
async fn the_authority_can_be_used_behind_its_port() {
    let world = World::new().await;
    let door: Arc<dyn CertificateAuthority> = world.authority.clone();
    assert!(door.capabilities().lookup_by_reference && !door.capabilities().pending_issue);
    let sentence = door.publish_crl().await.unwrap().unwrap();
    assert!(sentence.contains("revocation list 1 with 0 entries"), "{sentence}");
}

#[tokio::test]
async fn a_hold_is_on_the_list_until_it_is_lifted_and_a_revocation_takes_its_place_for_good() {
    let world = World::new().await;
    let (one, two) = (world.issue(&susi("enrolment 1")).await, world.issue(&susi("enrolment 2")).await);
    let (first, second) = (named(&one.der, "enrolment 1"), named(&two.der, "enrolment 2"));
    assert!(world.authority.capabilities().hold);
    for reference in [&first, &second] {
        world.authority.hold(reference).await.unwrap();
        world.authority.hold(reference).await.unwrap();
    }
    let held = list(&world, &world.authority.current_crl().await.unwrap());
    assert_eq!(held.revoked.len(), 2);
    assert!(held.revoked.iter().all(|entry| entry.reason == RevocationReason::CertificateHold));
    assert_eq!(held.revoked[0].revoked_at, MONDAY);

    world.clock.advance(Span::hours(3));
    // Another process serves the list: what it has at hand is out of date when a hold is lifted here.
    let colleague = world.colleague();
    assert_eq!(list(&world, &colleague.current_crl().await.unwrap()).revoked.len(), 2);
    world.authority.release(&first).await.unwrap();
    world.authority.release(&first).await.unwrap();
    world.clock.advance(Span::minutes(2));
    for authority in [&world.authority, &colleague] {
        let lifted = list(&world, &authority.current_crl().await.unwrap());
        assert_eq!(serials(&lifted), BTreeSet::from([second.serial.clone()]));
    }
    world.authority.revoke(&second, RevocationReason::KeyCompromise).await.unwrap();
    world.authority.release(&second).await.unwrap();
    world.authority.hold(&second).await.unwrap();
    world.clock.advance(Span::minutes(2));
    for authority in [&world.authority, &colleague] {
        let revoked = list(&world, &authority.current_crl().await.unwrap());
        let [entry] = revoked.revoked.as_slice() else { panic!("one entry: {revoked:?}") };
        assert_eq!((entry.reason, entry.revoked_at), (RevocationReason::KeyCompromise, MONDAY));
    }
    let stranger = CertificateRef { reference: "enrolment 2".to_owned(), ..first };
    assert_rejected(&world.authority.hold(&stranger).await.unwrap_err(), "another order");
}
