//! Decisions under a database that fails, and by several who decide at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use lifecycle::{Consent, CycleError, LifecycleError, apply, cycle, draft, order_revocation, revoke};
use model::{AuditKind, Clock, Prices, RevocationReason, Service, Span};
use ports::{
    AuthorityInfo, CaError, Capabilities, CertificateAuthority, CertificateRef, Order, Submission, Ticket,
};
use store::{DutyClaim, PageRequest, Store, StoreError};
use support::{Failing, Faulty, Peers};

use crate::sample::{World, person, template, terms};

async fn orders(world: &World) -> usize {
    let mut work = world.shared.read().await.unwrap();
    work.enrollments().list(None, &PageRequest::first(500)).await.unwrap().rows.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_database_does_everybody_is_ordered_for_once() {
    for how in Failing::ALL {
        let world = World::of(&template(), &[person(1), person(2), person(3)]).await;
        let faulty = Faulty::over(world.store.shared());
        faulty.fail(1, how);
        let mut started = 0;
        for _ in 0..2 {
            match cycle(faulty.as_ref(), world.clock.as_ref(), &world.ids, &terms(), None).await {
                Ok(done) => started += done.started,
                Err(CycleError::Store(StoreError::OutcomeUnknown { .. })) => {}
                Err(error) => panic!("{how:?}: {error}"),
            }
        }
        assert_eq!(faulty.outstanding(), 0, "it really failed");
        let told = if how == Failing::LostButKept { 0 } else { 3 };
        assert_eq!((orders(&world).await, started), (3, told), "{how:?}");
        assert_eq!(world.store.read().await.unwrap().jobs().count().await.unwrap(), 3, "{how:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_applied_once_whatever_the_database_does() {
    for how in [Failing::Begin, Failing::Commit] {
        for nth in 1..=2 {
            let world = World::of(&template(), &[person(1), person(2)]).await;
            let plan = draft(&*world.store, world.clock.as_ref(), &Prices::default()).await.unwrap();
            let faulty = Faulty::over(world.store.shared());
            faulty.fail(nth, how);
            let applied = apply(
                faulty.as_ref(),
                world.clock.as_ref(),
                &world.ids,
                &plan,
                "susi",
                Consent::Within(&terms().limits),
            )
            .await
            .unwrap();
            assert_eq!((applied.started.len(), orders(&world).await), (2, 2), "{how:?} at {nth}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planner_that_lost_its_claim_decides_nothing() {
    let world = World::of(&template(), &[person(1)]).await;
    let now = world.clock.now();
    let claim =
        |owner: &str| DutyClaim { service: Service::Sync, owner: owner.to_owned(), lease: Span::minutes(1) };
    let (ours, late) = (claim("ours"), claim("late"));
    let mut work = world.store.begin().await.unwrap();
    work.services().ensure(Service::Sync, now).await.unwrap();
    assert!(work.services().claim(Service::Sync, &ours.owner, now, ours.lease).await.unwrap());
    work.commit().await.unwrap();
    let refused = cycle(&*world.store, world.clock.as_ref(), &world.ids, &terms(), Some(&late)).await;
    assert!(matches!(refused, Err(CycleError::Store(StoreError::Stale { .. }))), "{refused:?}");
    assert_eq!(orders(&world).await, 0);
    cycle(&*world.store, world.clock.as_ref(), &world.ids, &terms(), Some(&ours)).await.unwrap();
    assert_eq!(orders(&world).await, 1);
}

/// Orders the same revocation from several consoles at once, and then carries it out by several daemons at once.
async fn is_noted_once(stores: &[Arc<dyn Store>]) {
    let world = World::on(&template(), &[person(1)], Arc::clone(&stores[0])).await;
    let certificate = world.certify(50, &person(1), 300).await;
    let (now, id, reason) = (world.clock.now(), certificate.id, RevocationReason::Superseded);
    let mut tasks = tokio::task::JoinSet::new();
    for (number, store) in stores.iter().enumerate() {
        let (store, ids) = (Arc::clone(store), world.ids.clone());
        tasks.spawn(async move {
            let actor = format!("officer {number}");
            store::in_unit!(store, work => {
                match order_revocation(work.as_mut(), &ids, id, reason, &actor, now).await {
                    Err(LifecycleError::Store(error)) => Err(error)?,
                    other => other.unwrap(),
                }
            })
        });
    }
    for told in tasks.join_all().await {
        told.unwrap();
    }
    assert_eq!(noted(&stores[0], AuditKind::CertificateRevocationRequest).await, 1);
    assert_eq!(stores[0].read().await.unwrap().jobs().count().await.unwrap(), 1);

    let authority: Arc<dyn CertificateAuthority> = Arc::new(Willing);
    let authorities = BTreeMap::from([(certificate.authority, authority)]);
    let mut tasks = tokio::task::JoinSet::new();
    for store in stores {
        let (store, clock) = (Arc::clone(store), Arc::clone(&world.clock));
        let authorities = authorities.clone();
        tasks.spawn(async move {
            revoke(store.as_ref(), &authorities, clock.as_ref(), id, reason, "daemon").await
        });
    }
    for told in tasks.join_all().await {
        told.unwrap();
    }
    assert_eq!(noted(&stores[0], AuditKind::CertificateRevocationRequestProcessed).await, 1);
}

async fn noted(store: &Arc<dyn Store>, kind: AuditKind) -> usize {
    let mut work = store.read().await.unwrap();
    let entries = work.audit().list(&PageRequest::first(100)).await.unwrap().rows;
    entries.iter().filter(|entry| entry.event.kind == kind).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_that_many_order_and_carry_out_at_once_is_noted_once() {
    is_noted_once(Peers::on_sqlite(4).await.stores()).await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn and_so_it_is_on_a_server() {
    is_noted_once(Peers::on_mariadb(6).await.stores()).await;
}

/// Orders for the same people by a cycle and by several people who apply the same plan, all at once.
async fn are_ordered_for_once(stores: &[Arc<dyn Store>]) {
    let people: Vec<_> = (1..=40).map(person).collect();
    let world = World::on(&template(), &people, Arc::clone(&stores[0])).await;
    let plan = draft(stores[0].as_ref(), world.clock.as_ref(), &Prices::default()).await.unwrap();
    assert_eq!(plan.intents.len(), 40);
    let mut tasks = tokio::task::JoinSet::new();
    for (number, store) in stores.iter().enumerate() {
        let (store, clock, ids, plan) =
            (Arc::clone(store), Arc::clone(&world.clock), world.ids.clone(), plan.clone());
        tasks.spawn(async move {
            if number == 0 {
                return cycle(store.as_ref(), clock.as_ref(), &ids, &terms(), None).await.unwrap().started;
            }
            apply(store.as_ref(), clock.as_ref(), &ids, &plan, "susi", Consent::Within(&terms().limits))
                .await
                .unwrap()
                .started
                .len() as u64
        });
    }
    let started: u64 = tasks.join_all().await.iter().sum();
    assert_eq!((started, orders(&world).await), (40, 40));
    assert_eq!(stores[0].read().await.unwrap().jobs().count().await.unwrap(), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_who_plan_the_same_at_once_order_once() {
    are_ordered_for_once(Peers::on_sqlite(3).await.stores()).await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn and_so_they_do_on_a_server() {
    are_ordered_for_once(Peers::on_mariadb(4).await.stores()).await;
}

/// An authority that revokes whatever it is told to.
struct Willing;

#[async_trait]
impl CertificateAuthority for Willing {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            lookup_by_reference: true,
            ec_keys: true,
            validity_choice: true,
            revocation_reasons: true,
            pending_issue: false,
            hold: false,
            lists_issued: false,
        }
    }
    async fn check(&self) -> Result<AuthorityInfo, CaError> {
        Err(out_of_order())
    }
    async fn submit(&self, _: &Order) -> Result<Submission, CaError> {
        Err(out_of_order())
    }
    async fn poll(&self, _: &Ticket) -> Result<Submission, CaError> {
        Err(out_of_order())
    }
    async fn find(&self, _: &str) -> Result<Option<Submission>, CaError> {
        Err(out_of_order())
    }
    async fn revoke(&self, _: &CertificateRef, _: RevocationReason) -> Result<(), CaError> {
        Ok(())
    }
    async fn publish_crl(&self) -> Result<Option<String>, CaError> {
        Ok(None)
    }
}

fn out_of_order() -> CaError {
    CaError::Misconfigured { authority: "Willing".to_owned(), hint: "it only revokes".to_owned() }
}
