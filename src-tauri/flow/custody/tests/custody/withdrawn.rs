//! A proposed version is taken back by whoever proposed it, on record, and never against what officers have signed.

use std::sync::Arc;

use admit::{About, Gate, Installation, PinFile};
use custody::{Custody, CustodyError, Standing};
use model::{AuditKind, Clock};
use store::{PageRequest, Store as _};
use support::{FreshStore, ManualClock, fresh_store};
use tempfile::TempDir;

use crate::world::{ANY_ONE, Rows, TWO, draft, establish, propose, sign};

/// Somebody at an installation of the fleet.
struct Member {
    gate: Arc<Gate>,
    actor: String,
    home: TempDir,
    clock: Arc<ManualClock>,
}

impl Member {
    /// The first of them founds the fleet, and admits the others.
    async fn of(store: &FreshStore, name: &str, number: usize, first: Option<&Self>) -> Self {
        let (home, clock) = (tempfile::tempdir().unwrap(), Arc::new(ManualClock::default()));
        let actor = format!("{name}@{name}-pc");
        let key = crypto::PrivateKey::generate(model::KeyAlgorithm::Rsa2048).unwrap();
        let until = model::Timestamp::from_seconds(2_500_000_000);
        let certificate = crate::world::certify(name, u8::try_from(number).unwrap(), &key, until);
        let gate = Arc::new(Gate::new(
            store.shared(),
            Arc::new(Installation { certificate, key }),
            PinFile::new(home.path().join("admission.pin")),
            Arc::clone(&clock) as Arc<dyn Clock>,
            actor.clone(),
        ));
        let about = About { name: name.to_owned(), version: "1".to_owned(), role: "console".to_owned() };
        match first {
            None => drop(gate.enter(&about, true).await.unwrap()),
            Some(first) => {
                let fleet = first.gate.fleet().await.unwrap().fingerprint();
                let asked = gate.ask(&about, Some(fleet)).await.unwrap();
                first.gate.admit(gate.installation().id(), asked.own).await.unwrap();
            }
        }
        Self { gate, actor, home, clock }
    }

    fn custody(&self, store: &FreshStore) -> Custody {
        let pin = self.home.path().join("kra-set.pin");
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        Custody::new(store.shared(), pin, clock, self.actor.clone()).in_fleet(Arc::clone(&self.gate))
    }
}

async fn standings(custody: &Custody) -> Vec<Standing> {
    custody.status().await.unwrap().lines.into_iter().map(|line| line.standing).collect()
}

#[tokio::test]
async fn whoever_proposed_a_version_takes_it_back_on_record_and_nobody_else_does() {
    let store = fresh_store().await;
    let anna = Member::of(&store, "anna", 1, None).await;
    let bert = Member::of(&store, "bert", 2, Some(&anna)).await;
    let (annas, berts) = (anna.custody(&store), bert.custody(&store));
    let first = establish(&annas, TWO, &[0, 1, 2], &[0, 1]).await;
    berts.trust(first.fingerprint()).await.unwrap();
    let nothing = annas.withdraw(None).await.unwrap_err().to_string();
    assert!(nothing.contains("no version that you proposed waits for signatures"), "{nothing}");

    let open = propose(&annas, TWO, &[0, 1, 3]).await;
    sign(&berts, &open, 0).await;
    // The same again, in another order, is the one that waits; and it says so.
    let again = annas.propose(&draft(None, TWO, &[3, 1, 0])).await.unwrap_err().to_string();
    assert!(
        again.contains("it says the same as version 2, which anna@anna-pc proposed on")
            && again.contains(&open.set.fingerprint().to_string()),
        "{again}"
    );
    let as_it_is = annas.propose(&draft(None, TWO, &[2, 0, 1])).await.unwrap_err().to_string();
    assert!(as_it_is.contains("it says the same as version 1, which is in force"), "{as_it_is}");

    let theirs = berts.withdraw(Some(open.set.fingerprint())).await.unwrap_err();
    assert!(matches!(theirs, CustodyError::NotTheProposer { version: 2, .. }), "{theirs}");
    assert!(berts.withdraw(None).await.is_err());
    assert_eq!(annas.withdraw(None).await.unwrap().digest, open.set.digest);
    for custody in [&annas, &berts] {
        let found = standings(custody).await;
        assert_eq!(found[0], Standing::InForce);
        assert!(
            matches!(&found[1], Standing::Withdrawn(by) if by.by == "anna@anna-pc"),
            "everybody of the fleet sees who: {found:?}"
        );
        let named = custody.to_sign(Some(open.set.fingerprint())).await.unwrap();
        assert!(named.withdrawn.is_some_and(|by| by.by == "anna@anna-pc"), "whoever names it is told");
        let none = custody.to_sign(None).await.unwrap_err().to_string();
        assert!(none.contains("no version of a set waits for signatures"), "{none}");
    }
    let twice = annas.withdraw(Some(open.set.fingerprint())).await.unwrap_err().to_string();
    assert!(twice.contains("was taken back by anna@anna-pc"), "{twice}");
    let done = annas.withdraw(Some(first.fingerprint())).await.unwrap_err().to_string();
    assert!(done.contains("version 1 is signed by enough officers"), "{done}");
    let mut work = store.read().await.unwrap();
    let rows = work.audit().list(&PageRequest::first(50)).await.unwrap().rows;
    drop(work);
    let withdrawn: Vec<_> = rows.iter().filter(|row| row.event.kind == AuditKind::KraSetWithdrawn).collect();
    assert_eq!(withdrawn.len(), 1);
    assert!(withdrawn[0].event.detail.contains(&open.set.fingerprint().to_string()), "{withdrawn:?}");

    // What was taken back may be wanted after all: it is another proposal then, and comes into force.
    anna.clock.advance(model::Span::minutes(1));
    let after_all = propose(&annas, TWO, &[0, 1, 3]).await;
    sign(&berts, &after_all, 0).await;
    assert!(sign(&annas, &after_all, 2).await.in_force);
    assert_eq!(berts.in_force().await.unwrap().unwrap().digest, after_all.set.digest);
}

#[tokio::test]
async fn what_enough_officers_signed_is_in_force_whoever_takes_it_back() {
    let store = fresh_store().await;
    let anna = Member::of(&store, "anna", 1, None).await;
    let custody = anna.custody(&store);
    establish(&custody, ANY_ONE, &[0, 1], &[0]).await;
    let open = propose(&custody, ANY_ONE, &[0, 2]).await;
    // A signature that was given before the withdrawal was seen, as a program without it would.
    let rows = Rows::of(&store).await;
    custody.withdraw(None).await.unwrap();
    let withdrawal = Rows::of(&store).await.signatures.into_iter().find(|row| row.algorithm == "withdrawal");
    let elsewhere = rows.database().await;
    let other = crate::world::Home::new();
    let before = other.on(&elsewhere);
    before.trust(rows_first(&rows)).await.unwrap();
    assert!(sign(&before, &open, 1).await.in_force);
    let signed = Rows::of(&elsewhere).await.signatures;
    let late = signed.into_iter().find(|row| row.set == *open.set.digest.as_bytes()).unwrap();
    let mut work = store.begin().await.unwrap();
    work.kra_sets().add_signature(&late).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(custody.in_force().await.unwrap().unwrap().digest, open.set.digest);
    assert_eq!(standings(&custody).await, [Standing::Superseded, Standing::InForce]);
    assert!(withdrawal.is_some());
}

#[tokio::test]
async fn officers_sign_what_was_taken_back_when_they_name_it() {
    let store = fresh_store().await;
    let anna = Member::of(&store, "anna", 1, None).await;
    let custody = anna.custody(&store);
    establish(&custody, ANY_ONE, &[0, 1], &[0]).await;
    // Whoever can have an installation sign could take every proposal back, and so keep an officer who is to go.
    let open = propose(&custody, ANY_ONE, &[0, 2]).await;
    custody.withdraw(None).await.unwrap();
    assert!(custody.to_sign(None).await.is_err(), "nobody is asked");
    assert!(sign(&custody, &open, 0).await.in_force);
    assert_eq!(custody.in_force().await.unwrap().unwrap().digest, open.set.digest);
}

fn rows_first(rows: &Rows) -> admit::Fingerprint {
    admit::Digest::from(rows.versions[0].digest).fingerprint()
}

#[tokio::test]
async fn a_withdrawal_that_somebody_wrote_into_the_database_changes_nothing_and_is_told() {
    let store = fresh_store().await;
    let anna = Member::of(&store, "anna", 1, None).await;
    let custody = anna.custody(&store);
    establish(&custody, TWO, &[0, 1], &[0, 1]).await;
    propose(&custody, TWO, &[0, 1, 2]).await;
    custody.withdraw(None).await.unwrap();
    let rows = Rows::of(&store).await.signatures;
    let mut row = rows.into_iter().find(|row| row.algorithm == "withdrawal").unwrap();
    // Put under another version; and words that nobody signed.
    let other = propose(&custody, TWO, &[0, 1, 3]).await;
    row.set = *other.set.digest.as_bytes();
    let mut words = row.clone();
    words.signature = b"{}".to_vec();
    words.digest = [7; 32];
    let mut work = store.begin().await.unwrap();
    work.kra_sets().add_signature(&row).await.unwrap();
    work.kra_sets().add_signature(&words).await.unwrap();
    work.commit().await.unwrap();
    let status = custody.status().await.unwrap();
    let line = status.lines.iter().find(|line| line.fingerprint == other.set.fingerprint()).unwrap();
    assert_eq!(line.standing, Standing::Proposed);
    let refused: Vec<_> = line.signers.iter().filter_map(|signer| signer.refused.as_deref()).collect();
    assert_eq!(refused.len(), 2);
    assert!(
        refused.iter().all(|why| why.contains("no installation of the fleet has signed that")),
        "{refused:?}"
    );
    assert!(sign(&custody, &other, 0).await.proposal.collected == 1, "it is signed as ever");
}

#[tokio::test]
async fn what_was_overtaken_is_no_fork_and_anybody_of_the_fleet_puts_it_aside() {
    let store = fresh_store().await;
    let anna = Member::of(&store, "anna", 1, None).await;
    let bert = Member::of(&store, "bert", 2, Some(&anna)).await;
    let (annas, berts) = (anna.custody(&store), bert.custody(&store));
    let first = establish(&annas, ANY_ONE, &[0, 1], &[0]).await;
    berts.trust(first.fingerprint()).await.unwrap();
    let forgotten = propose(&annas, ANY_ONE, &[0, 2]).await;
    let chosen = propose(&annas, ANY_ONE, &[0, 3]).await;
    sign(&annas, &chosen, 0).await;
    let of = |found: &[Standing]| found.iter().filter(|one| **one == Standing::Overtaken).count();
    assert_eq!(of(&standings(&annas).await), 1, "nobody signed it: it competes with nothing");
    assert_eq!(berts.withdraw(Some(forgotten.set.fingerprint())).await.unwrap().digest, forgotten.set.digest);
    for custody in [&annas, &berts] {
        let found = standings(custody).await;
        assert!(
            found.iter().any(|one| matches!(one, Standing::Withdrawn(by) if by.by == "bert@bert-pc")),
            "{found:?}"
        );
    }
}
