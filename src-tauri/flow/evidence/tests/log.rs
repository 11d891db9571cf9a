//! Signed heads against whoever can write the database and computes the whole chain anew.
#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

use std::path::PathBuf;
use std::sync::Arc;

use admit::{About, Fleet, Gate, Installation, PinFile};
use crypto::issue::{Validity, recovery_agent_certificate};
use crypto::{PrivateKey, X509Certificate};
use evidence::{Bundle, Cover, EntryProof, EvidenceError, GrowthProof, Notary, SignedHead, verify};
use model::{AuditEvent, AuditKind, AuditOutcome, Clock, KeyAlgorithm, SerialNumber, Span, Timestamp};
use store::{Store, StoredTreeHead};
use support::{FreshStore, ManualClock, fresh_store};

/// An installation that founded its fleet, on a database that can be exchanged under it.
struct Home {
    installation: Arc<Installation>,
    clock: Arc<ManualClock>,
    pin: PathBuf,
    _folder: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        Self::of("anna")
    }

    fn of(name: &str) -> Self {
        let key = PrivateKey::generate(KeyAlgorithm::Rsa2048).unwrap();
        let validity = Validity {
            not_before: Timestamp::from_seconds(1_700_000_000),
            not_after: Timestamp::from_seconds(2_500_000_000),
        };
        let der =
            recovery_agent_certificate(name, &key, validity, SerialNumber::from_be_bytes(&[1])).unwrap();
        let certificate = X509Certificate::from_der(&der).unwrap();
        let folder = tempfile::tempdir().unwrap();
        Self {
            installation: Arc::new(Installation { certificate, key }),
            clock: Arc::new(ManualClock::default()),
            pin: folder.path().join("admission.pin"),
            _folder: folder,
        }
    }

    fn gate(&self, store: &FreshStore) -> Arc<Gate> {
        Arc::new(Gate::new(
            store.shared(),
            Arc::clone(&self.installation),
            PinFile::new(self.pin.clone()),
            Arc::clone(&self.clock) as Arc<dyn Clock>,
            "somebody@anna".to_owned(),
        ))
    }

    async fn enter(&self, store: &FreshStore) -> Arc<Fleet> {
        let about = About { name: "anna".to_owned(), version: "1".to_owned(), role: "daemon".to_owned() };
        self.gate(store).enter(&about, true).await.unwrap()
    }

    fn notary(&self, store: &FreshStore) -> Notary {
        Notary::new(store.shared(), self.gate(store), Arc::clone(&self.clock) as Arc<dyn Clock>, &self.pin)
    }
}

async fn write(store: &FreshStore, home: &Home, texts: &[&str]) {
    for text in texts {
        let event = AuditEvent {
            kind: AuditKind::KeyRecoveryRequest,
            outcome: AuditOutcome::Success,
            actor: "Jürgen Groß@büro".to_owned(),
            object: "certificate 1".to_owned(),
            detail: (*text).to_owned(),
        };
        let mut work = store.begin().await.unwrap();
        work.audit().append(&event, home.clock.now()).await.unwrap();
        work.commit().await.unwrap();
        home.clock.advance(Span::seconds(1));
    }
}

fn why(result: Result<impl std::fmt::Debug, EvidenceError>) -> String {
    result.unwrap_err().to_string()
}

#[tokio::test]
async fn a_signed_log_verifies_and_is_signed_anew_only_when_it_grew() {
    let (store, home) = (fresh_store().await, Home::new());
    let fleet = home.enter(&store).await;
    write(&store, &home, &["one", "two", "three"]).await;
    let notary = home.notary(&store);
    let first = notary.sign().await.unwrap();
    assert!(first.is_new && first.said.size >= 3);
    let again = notary.sign().await.unwrap();
    assert_eq!((again.is_new, &again.head), (false, &first.head));
    write(&store, &home, &["four"; 9]).await;
    let second = home.notary(&store).sign().await.unwrap();
    assert_eq!(second.said.size, first.said.size + 9);

    write(&store, &home, &["five"]).await;
    let report = verify(store.shared().as_ref(), &fleet, &[first.head, second.head.clone()]).await.unwrap();
    assert_eq!(
        (report.heads, report.entries - report.vouched),
        (2, 1),
        "those that were kept are the same two"
    );
    assert_eq!((report.disregarded, report.largest.as_ref()), (0, Some(&second.head)));
    assert_eq!(report.signers.len(), 1);
    assert_eq!((report.signers[0].name.as_str(), report.signers[0].size), ("anna", second.said.size));
}

#[tokio::test]
async fn a_chain_that_was_computed_anew_does_not_fit_the_heads() {
    let home = Home::new();
    let (true_log, forged) = (fresh_store().await, fresh_store().await);
    home.enter(&true_log).await;
    write(&true_log, &home, &["the director's key", "two", "three"]).await;
    let signed = home.notary(&true_log).sign().await.unwrap();

    // The same fleet, the same number of entries, a chain without a fault: only the first entry tells another story.
    copy_fleet(&true_log, &forged).await;
    write(&forged, &home, &["founded"; 1]).await;
    let missing = usize::try_from(signed.said.size).unwrap() - 1;
    write(&forged, &home, &vec!["nothing happened"; missing]).await;
    let fleet = home.gate(&forged).fleet().await.unwrap();
    assert_eq!(forged.read().await.unwrap().audit().verify().await.unwrap(), Ok(signed.said.size));

    let store = forged.shared();
    assert!(
        why(verify(store.as_ref(), &fleet, std::slice::from_ref(&signed.head)).await)
            .contains("another than when `anna` signed")
    );
    // The notary remembers without being told.
    let refused = why(home.notary(&forged).sign().await);
    assert!(refused.contains("not as it was written"), "{refused}");
    write(&forged, &home, &["and on"]).await;
    assert!(why(home.notary(&forged).sign().await).contains("not as it was written"));
    // Until people have decided that the database is to be trusted.
    home.notary(&forged).forget().unwrap();
    assert!(home.notary(&forged).sign().await.unwrap().is_new);
    assert!(
        verify(store.as_ref(), &fleet, &[signed.head]).await.is_err(),
        "a head kept elsewhere still tells"
    );
}

#[tokio::test]
async fn a_log_that_was_cut_off_lacks_the_entries_that_were_signed() {
    let home = Home::new();
    let (whole, short) = (fresh_store().await, fresh_store().await);
    home.enter(&whole).await;
    write(&whole, &home, &["one", "two", "three", "four", "five", "six"]).await;
    let signed = home.notary(&whole).sign().await.unwrap();
    copy_fleet(&whole, &short).await;
    write(&short, &home, &["one"]).await;
    let fleet = home.gate(&short).fleet().await.unwrap();
    let told = why(verify(short.shared().as_ref(), &fleet, &[signed.head]).await);
    assert!(told.contains("entry 2 is missing"), "{told}");
    assert!(why(home.notary(&short).sign().await).contains("is missing"));
}

#[tokio::test]
async fn heads_of_strangers_and_in_the_wrong_place_are_named() {
    let (store, home) = (fresh_store().await, Home::new());
    let fleet = home.enter(&store).await;
    write(&store, &home, &["one", "two"]).await;
    let signed = home.notary(&store).sign().await.unwrap();

    let mut altered = signed.head.clone();
    altered.body = altered.body.replace(&signed.said.root.to_string(), &"0".repeat(64));
    assert!(
        why(verify(store.shared().as_ref(), &fleet, &[altered]).await).contains("does not fit what it says")
    );
    let nonsense = SignedHead { body: "<html>".to_owned(), signature: vec![1] };
    assert!(why(verify(store.shared().as_ref(), &fleet, &[nonsense]).await).contains("no tree head"));

    // What somebody put into the database besides counts for nothing, and spoils nothing.
    let of = |size: i64, body: String, digest: u8| StoredTreeHead {
        size,
        digest: [digest; 32],
        body,
        signature: signed.head.signature.clone(),
    };
    let later = signed.head.body.replace("\"at\":\"20", "\"at\":\"21");
    for (number, nonsense) in (1..).zip([of(i64::MAX, "{}".to_owned(), 1), of(signed.said.size, later, 2)]) {
        add(&store, &nonsense).await;
        let report = verify(store.shared().as_ref(), &fleet, &[]).await.unwrap();
        assert_eq!((report.heads, report.disregarded, report.vouched), (1, number, signed.said.size));
        assert!(report.disregarded_why.is_some());
    }
    let bundle = Bundle::read(store.shared().as_ref(), &fleet, &[], home.clock.now()).await.unwrap();
    assert_eq!(bundle.heads, [signed.head]);
    // Nor does it keep a daemon from signing.
    write(&store, &home, &["three"]).await;
    let size = home.notary(&store).sign_now_and_then(Span::hours(1)).await.unwrap().said.size;
    home.clock.advance(Span::hours(2));
    write(&store, &home, &["four"]).await;
    home.notary(&store).sign_now_and_then(Span::hours(1)).await.unwrap();
    assert_eq!(verify(store.shared().as_ref(), &fleet, &[]).await.unwrap().vouched, size + 1);
}

#[tokio::test]
async fn a_daemon_remembers_each_hour_and_stores_what_nobody_else_has() {
    let (store, home) = (fresh_store().await, Home::new());
    let fleet = home.enter(&store).await;
    let notary = home.notary(&store);
    let heads = async || store.read().await.unwrap().audit().tree_heads(None, 100).await.unwrap().len();
    write(&store, &home, &["one"]).await;
    notary.sign_now_and_then(Span::hours(1)).await.unwrap();
    write(&store, &home, &["two"]).await;
    let second = notary.sign_now_and_then(Span::hours(1)).await.unwrap();
    assert_eq!(heads().await, 1);
    assert_eq!(notary.remembered(&fleet).unwrap(), [second.head]);
    home.clock.advance(Span::hours(1));
    write(&store, &home, &["three"]).await;
    notary.sign_now_and_then(Span::hours(1)).await.unwrap();
    assert_eq!(heads().await, 2);
}

#[tokio::test]
async fn the_cover_is_what_the_largest_head_covers_that_counts() {
    let home = Home::new();
    let (store, short) = (fresh_store().await, fresh_store().await);
    let fleet = home.enter(&store).await;
    let shared = store.shared();
    let cover =
        async |remembered: &[SignedHead]| Cover::read(shared.as_ref(), &fleet, remembered).await.unwrap();
    assert_eq!(cover(&[]).await, Cover::default());
    write(&store, &home, &["one", "two"]).await;
    let first = home.notary(&store).sign().await.unwrap();
    write(&store, &home, &["three"]).await;
    assert_eq!(cover(&[]).await.entries, first.said.size);
    let second = home.notary(&store).sign().await.unwrap();
    write(&store, &home, &["four"]).await;

    // What nobody of the fleet signed covers nothing, however much it says; an older head changes nothing.
    let body = second.head.body.replace(&format!("\"size\":{}", second.said.size), "\"size\":999");
    assert_ne!(body, second.head.body);
    let signature = second.head.signature.clone();
    add(&store, &StoredTreeHead { size: 999, digest: [1; 32], body, signature }).await;
    let found = cover(&[first.head]).await;
    assert_eq!((found.entries, found.signers.len()), (second.said.size, 1));
    let signer = &found.signers[0];
    assert_eq!((signer.name.as_str(), signer.size, signer.at), ("anna", second.said.size, second.said.at));

    // A home remembers what the database lost.
    copy_fleet(&store, &short).await;
    let found = Cover::read(short.shared().as_ref(), &fleet, &[second.head]).await.unwrap();
    assert_eq!(found.entries, second.said.size);
}

#[tokio::test]
async fn whoever_is_not_in_the_fleet_signs_nothing() {
    let (store, founder, stranger) = (fresh_store().await, Home::new(), Home::of("mallory"));
    let fleet = founder.enter(&store).await;
    write(&store, &founder, &["one"]).await;
    let about = About { name: "mallory".to_owned(), version: "1".to_owned(), role: "console".to_owned() };
    stranger.gate(&store).ask(&about, Some(fleet.fingerprint())).await.unwrap();
    assert!(why(stranger.notary(&store).sign().await).contains("not admitted"));
    assert_eq!(store.read().await.unwrap().audit().tree_heads(None, 9).await.unwrap(), []);

    // One that was let in vouches, until it is removed.
    founder
        .gate(&store)
        .admit(stranger.installation.id(), stranger.installation.fingerprint())
        .await
        .unwrap();
    let signed = stranger.notary(&store).sign().await.unwrap();
    let vouched = async || {
        let fleet = founder.gate(&store).fleet().await.unwrap();
        verify(store.shared().as_ref(), &fleet, &[]).await.unwrap().vouched
    };
    assert_eq!(vouched().await, signed.said.size);
    founder.gate(&store).remove(stranger.installation.id(), false).await.unwrap();
    assert_eq!(vouched().await, 0);
}

#[tokio::test]
async fn an_auditor_who_never_signs_remembers_what_was_vouched_for() {
    let home = Home::new();
    let (whole, short) = (fresh_store().await, fresh_store().await);
    let fleet = home.enter(&whole).await;
    write(&whole, &home, &["one", "two", "three"]).await;
    let signed = home.notary(&whole).sign().await.unwrap();
    let auditor = tempfile::tempdir().unwrap();
    let pin = auditor.path().join("admission.pin");
    let notary =
        Notary::new(whole.shared(), home.gate(&whole), Arc::clone(&home.clock) as Arc<dyn Clock>, &pin);
    let report = verify(whole.shared().as_ref(), &fleet, &[]).await.unwrap();
    notary.remember_seen(&report.largest.unwrap(), &fleet).unwrap();
    assert_eq!(notary.remembered(&fleet).unwrap(), [signed.head]);
    copy_fleet(&whole, &short).await;
    let kept = notary.remembered(&fleet).unwrap();
    assert!(why(verify(short.shared().as_ref(), &fleet, &kept).await).contains("entry 1 is missing"));
    notary.forget().unwrap();
    assert_eq!(notary.remembered(&fleet).unwrap(), []);
    assert!(pin.with_extension("former-heads").exists(), "evidence is set aside, not thrown away");
}

#[tokio::test]
async fn a_log_that_only_grew_is_proven_by_two_heads() {
    let (store, home) = (fresh_store().await, Home::new());
    let fleet = home.enter(&store).await;
    write(&store, &home, &["one", "two", "three"]).await;
    let older = home.notary(&store).sign().await.unwrap();
    write(&store, &home, &["four", "five", "six", "seven", "eight"]).await;
    let newer = home.notary(&store).sign().await.unwrap();
    let store = store.shared();
    let proof = GrowthProof::of(store.as_ref(), &fleet, &older.head, &newer.head).await.unwrap();
    let read: GrowthProof = serde_json::from_str(&serde_json::to_string(&proof).unwrap()).unwrap();
    let [before, after] = read.check().unwrap();
    assert_eq!((before.head, after.head), (older.said, newer.said));
    let wrong = GrowthProof::of(store.as_ref(), &fleet, &newer.head, &older.head).await;
    assert!(why(wrong).contains("not the older one"));
    let mut altered = proof.clone();
    altered.growth.pop();
    assert!(altered.check().is_err());
    let mut exchanged = proof;
    exchanged.older.signature[0] ^= 1;
    assert!(exchanged.check().is_err());
}

#[tokio::test]
async fn a_proof_of_one_entry_needs_nothing_else_and_bears_no_change() {
    let (store, home) = (fresh_store().await, Home::new());
    let fleet = home.enter(&store).await;
    write(&store, &home, &["one", "two", "three", "four", "five"]).await;
    let signed = home.notary(&store).sign().await.unwrap();
    for seq in 1..=signed.said.size {
        let proof = EntryProof::of(store.shared().as_ref(), &fleet, &signed.head, seq).await.unwrap();
        let read: EntryProof = serde_json::from_str(&serde_json::to_string(&proof).unwrap()).unwrap();
        assert_eq!(read.check().unwrap().head, signed.said);

        let broken = |change: &dyn Fn(&mut EntryProof)| {
            let mut changed = proof.clone();
            change(&mut changed);
            changed.check().unwrap_err();
        };
        broken(&|proof| proof.entry.event.detail.push('x'));
        broken(&|proof| proof.entry.event.outcome = AuditOutcome::Failure);
        broken(&|proof| proof.entry.at = proof.entry.at + Span::millis(1));
        broken(&|proof| proof.entry.seq += 1);
        broken(&|proof| proof.path.push(proof.previous));
        broken(&|proof| proof.path.truncate(proof.path.len() - 1));
        broken(&|proof| proof.head.body = proof.head.body.replace("size\":", "size\":1"));
        broken(&|proof| proof.head.signature[0] ^= 1);
        broken(&|proof| proof.signer = Home::new().installation.certificate.der().to_vec());
    }
    let beyond = EntryProof::of(store.shared().as_ref(), &fleet, &signed.head, signed.said.size + 1).await;
    assert!(why(beyond).contains("covers the entries 1 to"));
}

#[tokio::test]
async fn what_stands_in_an_entry_cannot_break_out_of_the_page() {
    let (store, home) = (fresh_store().await, Home::new());
    let fleet = home.enter(&store).await;
    write(&store, &home, &["</script><script>alert(1)</script>", "{{program}}", "{{evidence}}"]).await;
    home.notary(&store).sign().await.unwrap();
    let bundle = Bundle::read(store.shared().as_ref(), &fleet, &[], home.clock.now()).await.unwrap();
    let page = evidence::page(&bundle).unwrap();
    assert_eq!(page.matches("<script").count(), 2, "the evidence and the program");
    assert_eq!(
        page.matches("class Tree").count(),
        1,
        "the program is in its own place, whatever entries say"
    );
    let (_, evidence) = page.split_once("id=\"evidence\">").unwrap();
    let (json, _) = evidence.split_once("</script>").unwrap();
    assert_eq!(serde_json::from_str::<Bundle>(json).unwrap(), bundle);
}

async fn add(store: &FreshStore, head: &StoredTreeHead) {
    let mut work = store.begin().await.unwrap();
    work.audit().add_tree_head(head).await.unwrap();
    work.commit().await.unwrap();
}

/// What whoever forges a log has, too: the admissions.
async fn copy_fleet(from: &FreshStore, to: &FreshStore) {
    let entries = from.read().await.unwrap().installations().admissions().await.unwrap();
    let mut work = to.begin().await.unwrap();
    for entry in &entries {
        work.installations().add_admission(entry).await.unwrap();
    }
    work.commit().await.unwrap();
}
