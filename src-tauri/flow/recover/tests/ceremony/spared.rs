//! What officers have agreed to recover is not sealed anew behind their backs.

use std::sync::Arc;

use crypto::SealingAgents;
use custody::{Custody, Draft, Policy};
use model::Clock;
use ports::NoProbe;
use recover::ceremony::Wanted;
use recover::rearchive::{Rearchival, Rearchived};
use store::Store as _;

use crate::sample;
use crate::stage::{Officer, Stage, susi, why};

fn custody_of(stage: &Stage, home: &tempfile::TempDir) -> Custody {
    let clock = Arc::clone(&stage.clock) as Arc<dyn Clock>;
    Custody::new(stage.store.shared(), home.path().join("kra-set.pin"), clock, "dora@dora-pc".to_owned())
}

/// Dora seals the archive anew with the second officer's key.
async fn pass(stage: &Stage, custody: &Custody, agents: &SealingAgents) -> Rearchived {
    let rearchival = Rearchival {
        store: &*stage.store,
        clock: stage.clock.as_ref(),
        probe: &NoProbe,
        agent: &stage.officers[1],
        agents,
        custody,
        gate: &stage.people[3].gate,
        actor: "dora@dora-pc".to_owned(),
        reason: "an officer came".to_owned(),
        only_look: false,
        limit: None,
    };
    rearchival.run(&mut |_| {}, &|| false).await.unwrap()
}

#[tokio::test]
async fn a_key_that_officers_agreed_to_recover_is_left_to_them_until_the_request_is_closed() {
    let stage = Stage::of(2, None).await;
    let new = Officer::new("New officer");
    let home = tempfile::tempdir().unwrap();
    let custody = custody_of(&stage, &home);
    let kra = model::Kra {
        thumbprint: new.certificate.thumbprint(),
        name: "New officer".to_owned(),
        certificate_der: new.certificate.der().to_vec(),
        not_after: new.certificate.not_after(),
        added_at: sample::NOW,
    };
    let mut work = stage.store.begin().await.unwrap();
    work.kras().add(&kra).await.unwrap();
    work.commit().await.unwrap();
    let agents = custody.sealing().await.unwrap();

    // A request to which nobody has agreed yet holds up nothing; one that somebody agreed to does, and says which and how long.
    let request = stage.ask(Wanted::FileForOwner).await.unwrap();
    stage.approve(request.id, 1, 0).await.unwrap();
    let left = pass(&stage, &custody, &agents).await;
    assert!(left.remains() && left.rewrapped == 0, "{left:?}");
    assert_eq!(left.awaited.len(), 1);
    let told = &left.awaited[0].why;
    assert!(
        told.contains(&format!("1 officer has agreed to recovery request {}", request.id))
            && told.contains("completed or withdrawn by anna@anna-pc")
            && told.contains(&request.expires_at.to_string()),
        "{told}"
    );
    // What was given is good, as ever.
    let opened = stage.open(request.id).await.unwrap();
    assert_eq!(opened.files.len(), 1);
    stage.desk(0).finish(&opened.request).await.unwrap();
    let done = pass(&stage, &custody, &agents).await;
    assert!(!done.remains() && done.rewrapped == 1, "{done:?}");
    assert_eq!(pass(&stage, &custody, &agents).await.settled, 1);
}

#[tokio::test]
async fn a_request_that_nobody_agreed_to_or_that_has_ended_holds_up_nothing() {
    let stage = Stage::of(3, None).await;
    let home = tempfile::tempdir().unwrap();
    let custody = custody_of(&stage, &home);
    let mut work = stage.store.begin().await.unwrap();
    work.kras().remove(stage.officers[2].certificate.thumbprint()).await.unwrap();
    work.commit().await.unwrap();
    let agents = custody.sealing().await.unwrap();
    let request = stage.ask(Wanted::FileForOwner).await.unwrap();
    stage.approve(request.id, 1, 0).await.unwrap();
    assert_eq!(pass(&stage, &custody, &agents).await.awaited.len(), 1);
    stage.clock.set(request.expires_at);
    stage.ask(Wanted::FileForOwner).await.unwrap();
    let done = pass(&stage, &custody, &agents).await;
    assert_eq!((done.rewrapped, done.awaited.len()), (1, 0), "{done:?}");
}

#[tokio::test]
async fn several_officers_do_not_seal_anew_what_others_wait_for_either() {
    let mut stage = Stage::of(3, Some(2)).await;
    let home = tempfile::tempdir().unwrap();
    let certificates: Vec<_> = stage.officers.iter().map(|officer| officer.certificate.clone()).collect();
    let draft = Draft {
        name: Some("Recovery".to_owned()),
        policy: Policy::Quorum { threshold: 3 },
        officers: certificates.iter().cloned().map(Into::into).collect(),
    };
    let set = custody_of(&stage, &home).propose(&draft).await.unwrap().set;
    let agents = SealingAgents::new(certificates, Some(3));
    stage.set = Some(set.fingerprint());
    let request = stage.ask(Wanted::FileForOwner).await.unwrap();
    assert_eq!(stage.desk(0).sealed_otherwise(&agents, 10).await.unwrap(), [susi()]);
    stage.approve(request.id, 1, 0).await.unwrap();
    assert!(stage.desk(0).sealed_otherwise(&agents, 10).await.unwrap().is_empty());
    let held = why(stage.ask(Wanted::sealed_anew(&set)).await);
    assert!(held.contains("cannot be sealed anew yet: 1 officer has agreed to recovery request"), "{held}");
    stage.desk(2).refuse(request.id, "the archive is sealed anew first").await.unwrap();
    stage.ask(Wanted::sealed_anew(&set)).await.unwrap();
}
