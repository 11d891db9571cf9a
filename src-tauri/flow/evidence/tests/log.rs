//! Signed heads against whoever can write the database and computes the whole chain anew.
#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

use std::path::PathBuf;
use std::sync::Arc;

use admit::{About, Fleet, Gate, Installation, PinFile};
use crypto::issue::{Validity, recovery_agent_certificate};
use crypto::{PrivateKey, X509Certificate};
use evidence::{Bundle, EntryProof, EvidenceError, Notary, SignedHead, verify};
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
        let key = PrivateKey::generate(KeyAlgorithm::Rsa2048).unwrap();
        let validity = Validity {
            not_before: Timestamp::from_seconds(1_700_000_000),
            not_after: Timestamp::from_seconds(2_500_000_000),
        };
        let der =
            recovery_agent_certificate("anna", &key, validity, SerialNumber::from_be_bytes(&[1])).unwrap();
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
    assert!(!notary.is_fresh(Span::hours(1)).await.unwrap());
    let first = notary.sign().await.unwrap();
    assert!(first.is_new && first.said.size >= 3);
    assert!(notary.is_fresh(Span::hours(1)).await.unwrap());
    let again = notary.sign().await.unwrap();
    assert_eq!((again.is_new, &again.head), (false, &first.head));
    write(&store, &home, &["four"; 9]).await;
    let second = home.notary(&store).sign().await.unwrap();
    assert_eq!(second.said.size, first.said.size + 9);

    write(&store, &home, &["five"]).await;
    let report = verify(store.shared().as_ref(), &fleet, &[first.head, second.head.clone()]).await.unwrap();
    assert_eq!((report.heads, report.unsigned), (4, 1), "two of the database, two that were kept");
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
        why(verify(store.as_ref(), &fleet, &[signed.head.clone()]).await)
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

    let mut moved = StoredTreeHead {
        size: signed.said.size + 1,
        installation: signed.said.installation,
        at: signed.said.at,
        body: signed.head.body.clone(),
        signature: signed.head.signature.clone(),
        frontier: Vec::new(),
    };
    add(&store, &moved).await;
    let told = why(verify(store.shared().as_ref(), &fleet, &[]).await);
    assert!(told.contains("another's place"), "{told}");
    moved.size += 1;
    moved.body = "{}".to_owned();
    add(&store, &moved).await;
    assert!(verify(store.shared().as_ref(), &fleet, &[]).await.is_err());
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
    let bundle = Bundle::read(store.shared().as_ref(), &fleet, home.clock.now()).await.unwrap();
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
