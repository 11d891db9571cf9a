//! What several officers open together is sealed anew, to others.

use std::sync::Arc;

use crypto::open::Envelope;
use crypto::rewrap::is_sealed_to;
use crypto::{SealingAgents, X509Certificate};
use custody::{Custody, Draft, Policy, SetVersion};
use model::{Clock, RecoveryRequestId};
use recover::RecoverError;
use recover::ceremony::{Given, Opened, Wanted};
use store::Store as _;

use crate::stage::{Officer, Stage, susi, why};

/// A version of a set with these officers, as it is proposed; nobody has to have signed it for this.
async fn set_of(stage: &Stage, officers: &[X509Certificate], policy: Policy) -> SetVersion {
    let home = tempfile::tempdir().unwrap();
    let clock = Arc::clone(&stage.clock) as Arc<dyn Clock>;
    let custody =
        Custody::new(stage.store.shared(), home.path().join("kra-set.pin"), clock, "anna@anna-pc".to_owned());
    let draft = Draft {
        name: Some("Recovery".to_owned()),
        policy,
        officers: officers.iter().cloned().map(Into::into).collect(),
    };
    custody.propose(&draft).await.unwrap().set
}

async fn envelope(stage: &Stage) -> Envelope {
    let found = stage.store.read().await.unwrap().archive().find_sealed(susi()).await.unwrap().unwrap();
    Envelope::parse(&found.envelope).unwrap()
}

async fn open(stage: &Stage, id: RecoveryRequestId, given: Given<'_>) -> Result<Opened, RecoverError> {
    stage.desk(0).open(id, given).await
}

#[tokio::test]
async fn two_of_three_seal_a_key_anew_to_three_of_four_and_the_former_officers_open_nothing_then() {
    let mut stage = Stage::of(3, Some(2)).await;
    let new: Vec<Officer> = (1..=4).map(|number| Officer::new(&format!("New officer {number}"))).collect();
    let certificates: Vec<X509Certificate> = new.iter().map(|officer| officer.certificate.clone()).collect();
    let set = set_of(&stage, &certificates, Policy::Quorum { threshold: 3 }).await;
    let agents = SealingAgents::new(certificates, Some(3));
    assert_eq!(stage.desk(0).sealed_otherwise(&agents, 10).await.unwrap(), [susi()]);

    let asked = stage.ask(Wanted::sealed_anew(&set)).await.unwrap();
    assert_eq!(asked.approvals, 2, "the quorum of today's envelope");
    let early = why(open(&stage, asked.id, Given::SealedAnew(&set)).await);
    assert!(early.contains("0 of 2 officers have agreed"), "{early}");
    // An officer whose home goes by another version, or by none, is not asked for the PIN's sake: somebody made up a set.
    let foreign = why(stage.approve(asked.id, 1, 0).await);
    assert!(foreign.contains("goes by no signed set"), "{foreign}");
    assert_eq!(stage.officers[0].used(), 0);
    stage.set = Some(set.fingerprint());
    stage.approve(asked.id, 1, 0).await.unwrap();
    stage.approve(asked.id, 2, 2).await.unwrap();
    assert!(
        stage.desk(0).sealed_otherwise(&agents, 10).await.unwrap().is_empty(),
        "what a request names waits for that one"
    );
    // The set changed since the officers agreed: nothing is sealed to another than they read.
    let other = set_of(&stage, &[new[0].certificate.clone()], Policy::AnyOne { approvals: 0 }).await;
    let before = envelope(&stage).await;
    for (given, reason) in [
        (Given::SealedAnew(&other), "withdraw the request and ask again"),
        (Given::Files(model::PfxProfile::Modern), "not what was asked"),
        (Given::Devices, "not what was asked"),
    ] {
        let refused = why(open(&stage, asked.id, given).await);
        assert!(refused.contains(reason), "{refused}");
    }
    assert_eq!(envelope(&stage).await.quorum(), before.quorum());

    let done = open(&stage, asked.id, Given::SealedAnew(&set)).await.unwrap();
    assert_eq!(done.sealed_anew.len(), 1);
    assert!(done.files.is_empty(), "no key is handed out");
    let after = envelope(&stage).await;
    assert!(is_sealed_to(&after, &agents));
    let former = &stage.officers[0].certificate;
    assert!(after.quorum().unwrap().share_for(former).unwrap().is_none());
    assert_eq!(after.quorum().unwrap().subject(), before.quorum().unwrap().subject());
    assert!(stage.desk(0).sealed_otherwise(&agents, 10).await.unwrap().is_empty());

    // Cut off before it was closed, it is completed again, although more would have to agree to what is there now.
    let again = open(&stage, asked.id, Given::SealedAnew(&set)).await.unwrap();
    assert_eq!(again.sealed_anew.len(), 1);
    stage.desk(0).finish(&again.request).await.unwrap();

    // The new officers recover it: three of them, with the same key in it.
    let stage = Stage { officers: new, ..stage };
    let asked = stage.ask(Wanted::FileForOwner).await.unwrap();
    assert_eq!(asked.approvals, 3);
    for (person, officer) in [(1, 0), (2, 1), (3, 3)] {
        stage.approve(asked.id, person, officer).await.unwrap();
    }
    let opened = open(&stage, asked.id, Given::Files(model::PfxProfile::Modern)).await.unwrap();
    let file = &opened.files[0];
    let read = crypto::pfx::open(&file.pfx, &file.password).unwrap();
    assert_eq!(read.key.spki_sha256().unwrap(), stage.key.spki_sha256().unwrap());
}

#[tokio::test]
async fn whose_key_it_is_may_agree_to_sealing_it_anew_and_to_nothing_else() {
    let officers = vec![Officer::called("person1@example.com"), Officer::new("Officer 2")];
    let mut stage = Stage::with(officers, Some(2)).await;
    let certificates: Vec<X509Certificate> =
        stage.officers.iter().map(|officer| officer.certificate.clone()).collect();
    let set = set_of(&stage, &certificates, Policy::AnyOne { approvals: 1 }).await;
    let disclosing = stage.ask(Wanted::FileForOwner).await.unwrap();
    let refused = why(stage.approve(disclosing.id, 1, 0).await);
    assert!(refused.contains("nobody agrees to opening the own key"), "{refused}");
    let anew = stage.ask(Wanted::sealed_anew(&set)).await.unwrap();
    stage.set = Some(set.fingerprint());
    stage.approve(anew.id, 1, 0).await.unwrap();
    stage.approve(anew.id, 2, 1).await.unwrap();
    open(&stage, anew.id, Given::SealedAnew(&set)).await.unwrap();
    assert!(is_sealed_to(&envelope(&stage).await, &SealingAgents::new(certificates, None)));
}
