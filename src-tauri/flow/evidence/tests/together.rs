//! Several installations that write and sign one log at the same time, while somebody verifies it.
#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use admit::{About, Fleet, Gate, Installation, PinFile};
use crypto::issue::{Validity, recovery_agent_certificate};
use crypto::{PrivateKey, X509Certificate};
use evidence::{EvidenceError, Notary, Stage, Watch, verify, verify_chain, verify_watched};
use model::{AuditEvent, AuditKind, AuditOutcome, Clock, KeyAlgorithm, SerialNumber, Span, Timestamp};
use store::Store;
use support::{ManualClock, Peers};

const INSTALLATIONS: usize = 4;
/// How often each signs.
const ROUNDS: i64 = 6;
/// Entries that each writes before it signs.
const EACH: i64 = 8;

/// An installation with connections of its own.
struct Peer {
    store: Arc<dyn Store>,
    gate: Arc<Gate>,
    notary: Notary,
    clock: Arc<ManualClock>,
}

fn installation(name: &str) -> Arc<Installation> {
    let key = PrivateKey::generate(KeyAlgorithm::Rsa2048).unwrap();
    let validity = Validity {
        not_before: Timestamp::from_seconds(1_700_000_000),
        not_after: Timestamp::from_seconds(2_500_000_000),
    };
    let serial = SerialNumber::from_be_bytes(&[1]);
    let der = recovery_agent_certificate(name, &key, validity, serial).unwrap();
    Arc::new(Installation { certificate: X509Certificate::from_der(&der).unwrap(), key })
}

/// A fleet: the first founded it and let the others in.
async fn fleet(peers: &Peers, folder: &tempfile::TempDir) -> (Vec<Peer>, Arc<Fleet>) {
    let clock = Arc::new(ManualClock::default());
    let mut fleet: Vec<Peer> = Vec::new();
    for (number, store) in peers.stores().iter().enumerate() {
        let name = format!("installation-{number}");
        let pin = folder.path().join(format!("{number}.pin"));
        let gate = Arc::new(Gate::new(
            Arc::clone(store),
            installation(&name),
            PinFile::new(pin.clone()),
            Arc::clone(&clock) as Arc<dyn Clock>,
            format!("somebody@{name}"),
        ));
        let about = About { name, version: "1".to_owned(), role: "daemon".to_owned() };
        match fleet.first() {
            None => drop(gate.enter(&about, true).await.unwrap()),
            Some(first) => {
                let known = first.gate.fleet().await.unwrap();
                gate.ask(&about, Some(known.fingerprint())).await.unwrap();
                let asking = gate.installation();
                first.gate.admit(asking.id(), asking.fingerprint()).await.unwrap();
            }
        }
        let (store, clock) = (Arc::clone(store), Arc::clone(&clock));
        let notary =
            Notary::new(Arc::clone(&store), Arc::clone(&gate), Arc::clone(&clock) as Arc<dyn Clock>, &pin);
        fleet.push(Peer { store, gate, notary, clock });
    }
    let known = fleet[0].gate.fleet().await.unwrap();
    (fleet, known)
}

async fn append(peer: &Peer, detail: &str) {
    let event = AuditEvent {
        kind: AuditKind::CertificateIssued,
        outcome: AuditOutcome::Success,
        actor: "daemon".to_owned(),
        object: "certificate 1".to_owned(),
        detail: detail.to_owned(),
    };
    store::in_unit!(peer.store, work => {
        work.audit().append(&event, peer.clock.now()).await?;
    })
    .unwrap();
}

async fn write_and_sign_together(peers: Peers) {
    let folder = tempfile::tempdir().unwrap();
    let (installations, known) = fleet(&peers, &folder).await;
    let store = Arc::clone(&peers.stores()[0]);
    let before = store.read().await.unwrap().audit().verify().await.unwrap().unwrap();

    let is_over = Arc::new(AtomicBool::new(false));
    let mut verifying = tokio::task::JoinSet::new();
    verifying.spawn({
        let (store, known, is_over) = (Arc::clone(&store), Arc::clone(&known), Arc::clone(&is_over));
        async move {
            // Whatever is half done elsewhere, what is there fits.
            let mut times = 0;
            while !is_over.load(Ordering::Relaxed) {
                verify(store.as_ref(), &known, &[]).await.unwrap();
                times += 1;
            }
            times
        }
    });
    let mut writers = tokio::task::JoinSet::new();
    for (number, peer) in installations.into_iter().enumerate() {
        writers.spawn(async move {
            let mut kept = Vec::new();
            for round in 0..ROUNDS {
                for entry in 0..EACH {
                    append(&peer, &format!("{number}, {round}, {entry}")).await;
                }
                peer.clock.advance(Span::seconds(1));
                kept.push(peer.notary.sign().await.unwrap().head);
            }
            kept
        });
    }
    let kept = writers.join_all().await.concat();
    is_over.store(true, Ordering::Relaxed);
    assert!(verifying.join_next().await.unwrap().unwrap() > 0, "the log was verified while it was written");

    let report = verify(store.as_ref(), &known, &kept).await.unwrap();
    let all = i64::try_from(INSTALLATIONS).unwrap();
    assert_eq!(report.entries, before + all * ROUNDS * EACH, "nothing was lost and nothing is there twice");
    assert_eq!(report.signers.len(), INSTALLATIONS, "all of them signed");
    assert_eq!(report.disregarded, 0);
    let signed: std::collections::BTreeSet<&str> = kept.iter().map(|head| head.body.as_str()).collect();
    assert_eq!(report.heads, signed.len() as u64, "each head is in the database, and fits");
    assert_eq!(signed.len(), usize::try_from(all * ROUNDS).unwrap(), "the log grew before each signature");
    assert_eq!(report.vouched, report.entries, "the last signature came behind the last entry");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn installations_write_and_sign_one_log_on_a_server() {
    write_and_sign_together(Peers::on_mariadb(INSTALLATIONS).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn processes_write_and_sign_one_log_in_a_file() {
    write_and_sign_together(Peers::on_sqlite(INSTALLATIONS).await).await;
}

#[tokio::test]
async fn a_verification_tells_how_far_it_is_and_ends_when_it_is_stopped() {
    let peers = Peers::on_sqlite(1).await;
    let folder = tempfile::tempdir().unwrap();
    let (installations, known) = fleet(&peers, &folder).await;
    let peer = &installations[0];
    for _ in 0..5 {
        append(peer, "x").await;
    }
    peer.notary.sign().await.unwrap();
    let store = peer.store.as_ref();

    let watch = Watch::default();
    assert_eq!((watch.progress().stage, watch.progress().of), (Stage::Chain, 0));
    let report = verify_watched(store, &known, &[], &watch).await.unwrap();
    let progress = watch.progress();
    assert_eq!((progress.stage, progress.done, progress.of), (Stage::Heads, report.entries, report.entries));

    let chain = Watch::default();
    assert_eq!(verify_chain(store, &chain).await.unwrap(), report.entries);
    assert_eq!((chain.progress().stage, chain.progress().done), (Stage::Chain, report.entries));

    for stopped in [&watch, &chain] {
        stopped.stop();
        let ended = verify_watched(store, &known, &[], stopped).await;
        assert!(matches!(ended, Err(EvidenceError::Stopped)), "{ended:?}");
    }
}

#[tokio::test]
async fn heads_of_several_at_one_size_count_once_each_wherever_they_are_kept() {
    let peers = Peers::on_sqlite(3).await;
    let folder = tempfile::tempdir().unwrap();
    let (installations, known) = fleet(&peers, &folder).await;
    let mut kept = Vec::new();
    for peer in &installations {
        kept.push(peer.notary.sign().await.unwrap().head);
    }
    let report = verify(peers.stores()[0].as_ref(), &known, &kept).await.unwrap();
    assert_eq!((report.heads, report.signers.len()), (3, 3));
    assert_eq!(report.vouched, report.entries);
}
