//! Blocked accounts and holds by hand: noticed, ordered, told to the authority, lifted; and what a revocation makes of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use lifecycle::{
    Consent, CycleError, LifecycleError, apply, carry_hold, cycle, draft, order_hold, order_release,
    order_revocation, revoke,
};
use model::{
    AuditKind, AuthorityId, CertificateState, Clock as _, EndingPolicy, HoldState, Prices, RevocationReason,
    Span, Subscriber, Template, WhenDisabled,
};
use ports::{
    AuthorityInfo, CaError, Capabilities, CertificateAuthority, CertificateRef, Order, Submission, Ticket,
};
use store::{PageRequest, Store as _, SyncCursor, Work};

use crate::sample::{World, id, person, template, terms};

/// An authority that remembers what it was told.
struct Told {
    knows_holds: bool,
    deeds: Mutex<Vec<&'static str>>,
}

impl Told {
    fn say(&self, deed: &'static str) {
        self.deeds.lock().unwrap().push(deed);
    }
}

fn out_of_order() -> CaError {
    CaError::Misconfigured { authority: "Told".to_owned(), hint: "it issues nothing".to_owned() }
}

#[async_trait]
impl CertificateAuthority for Told {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            lookup_by_reference: true,
            ec_keys: true,
            validity_choice: true,
            revocation_reasons: true,
            pending_issue: false,
            hold: self.knows_holds,
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
        self.say("revoke");
        Ok(())
    }
    async fn hold(&self, _: &CertificateRef) -> Result<(), CaError> {
        self.say("hold");
        Ok(())
    }
    async fn release(&self, _: &CertificateRef) -> Result<(), CaError> {
        self.say("release");
        Ok(())
    }
}

/// People with certificates numbered 50 and up by a template that puts blocked accounts on hold, and their authority.
struct Story {
    world: World,
    authority: Arc<Told>,
}

impl Story {
    async fn of(people: u128, knows_holds: bool) -> Self {
        let ending = EndingPolicy { disabled: WhenDisabled::Hold, ..EndingPolicy::USUAL };
        let staff: Vec<Subscriber> = (1..=people).map(person).collect();
        let world = World::of(&Template { ending, ..template() }, &staff).await;
        for (number, owner) in (50..).zip(&staff) {
            world.certify(number, owner, 300).await;
        }
        let authority = Arc::new(Told { knows_holds, deeds: Mutex::new(Vec::new()) });
        let story = Self { world, authority };
        story.read_everything().await;
        story.cycle().await;
        story
    }

    /// The directory was read as a whole, beginning now; an hour later somebody looks.
    async fn read_everything(&self) {
        let now = self.world.clock.now();
        let resource = SyncCursor::COMPLETE.to_owned();
        let mut work = self.world.store.begin().await.unwrap();
        let cursor = SyncCursor { resource, delta_link: String::new(), full_at: now, read_at: now };
        work.subscribers().set_cursor(&cursor).await.unwrap();
        work.commit().await.unwrap();
        self.world.clock.advance(Span::hours(1));
    }

    async fn set_enabled(&self, number: u128, enabled: bool) {
        let mut work = self.world.store.begin().await.unwrap();
        work.subscribers().set(&Subscriber { enabled, ..person(number) }).await.unwrap();
        work.commit().await.unwrap();
    }

    async fn cycle(&self) -> lifecycle::Cycled {
        let World { store, clock, ids, .. } = &self.world;
        cycle(&**store, clock.as_ref(), ids, &terms(), None).await.unwrap()
    }

    /// What the queue would do for one certificate.
    async fn carry(&self, number: u128) {
        carry_hold(
            &*self.world.store,
            &self.authorities(),
            self.world.clock.as_ref(),
            id(number),
            "the service",
        )
        .await
        .unwrap();
    }

    fn authorities(&self) -> BTreeMap<AuthorityId, Arc<dyn CertificateAuthority>> {
        BTreeMap::from([(id(30), Arc::clone(&self.authority) as Arc<dyn CertificateAuthority>)])
    }

    async fn state(&self, number: u128) -> (CertificateState, Option<HoldState>) {
        let mut work = self.world.store.read().await.unwrap();
        let row = work.certificates().lookup(id(number)).await.unwrap().unwrap();
        let hold = work.certificates().lookup_hold(id(number)).await.unwrap();
        (row.certificate.state, hold.map(|hold| hold.state))
    }

    /// In one unit of work, kept when it came through.
    async fn by_hand(
        &self,
        deed: impl AsyncFnOnce(&mut dyn Work) -> Result<(), LifecycleError>,
    ) -> Result<(), LifecycleError> {
        let mut work = self.world.store.begin().await.unwrap();
        deed(work.as_mut()).await?;
        work.commit().await.unwrap();
        Ok(())
    }

    async fn hold(&self, number: u128) -> Result<(), LifecycleError> {
        let (ids, now) = (&self.world.ids, self.world.clock.now());
        self.by_hand(async |work| order_hold(work, ids, id(number), "susi", now).await).await
    }

    async fn release(&self, number: u128) -> Result<(), LifecycleError> {
        let (ids, now) = (&self.world.ids, self.world.clock.now());
        self.by_hand(async |work| order_release(work, ids, id(number), "susi", now).await).await
    }

    async fn recorded(&self, kind: AuditKind) -> Vec<String> {
        let mut work = self.world.store.read().await.unwrap();
        let rows = work.audit().list(&PageRequest::first(100)).await.unwrap().rows;
        rows.into_iter().filter(|row| row.event.kind == kind).map(|row| row.event.detail).collect()
    }

    fn deeds(&self) -> Vec<&'static str> {
        self.authority.deeds.lock().unwrap().clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_account_is_put_on_hold_after_a_second_reading_and_taken_off_with_the_block() {
    let story = Story::of(2, true).await;
    story.set_enabled(1, false).await;
    assert_eq!(story.cycle().await.revoked, 0, "seen once");
    assert_eq!(story.state(50).await.0, CertificateState::Valid);
    story.world.clock.advance(Span::hours(1));
    story.read_everything().await;
    assert_eq!(story.cycle().await.revoked, 1);
    assert_eq!(story.state(50).await, (CertificateState::Held, Some(HoldState::Ordered)));
    story.carry(50).await;
    story.carry(50).await;
    assert_eq!(story.state(50).await, (CertificateState::Held, Some(HoldState::AtAuthority)));
    assert_eq!(story.deeds(), ["hold"], "told once");
    assert_eq!(story.state(51).await, (CertificateState::Valid, None));
    assert!(
        draft(&*story.world.store, story.world.clock.as_ref(), &Prices::default())
            .await
            .unwrap()
            .intents
            .is_empty()
    );
    assert!(story.recorded(AuditKind::CertificateHoldRequest).await[0].contains("blocked in Entra"));

    let refused = story.release(50).await.unwrap_err().to_string();
    assert!(refused.contains("unblock the account"), "{refused}");
    story.set_enabled(1, true).await;
    assert_eq!(story.cycle().await.released, 1);
    assert_eq!(
        story.state(50).await,
        (CertificateState::Held, Some(HoldState::Lifting)),
        "until the authority knows"
    );
    story.carry(50).await;
    story.carry(50).await;
    assert_eq!(story.state(50).await, (CertificateState::Valid, None));
    assert_eq!(story.deeds(), ["hold", "release"]);
    assert_eq!(story.recorded(AuditKind::CertificateReleaseRequestProcessed).await.len(), 1);
    assert!(
        draft(&*story.world.store, story.world.clock.as_ref(), &Prices::default())
            .await
            .unwrap()
            .intents
            .is_empty()
    );

    // Blocked once more, it begins anew.
    story.set_enabled(1, false).await;
    assert_eq!(story.cycle().await.revoked, 0);
    story.world.clock.advance(Span::hours(1));
    story.read_everything().await;
    assert_eq!(story.cycle().await.revoked, 1);
    assert_eq!(story.state(50).await.0, CertificateState::Held);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_too_many_would_be_put_on_hold_none_is() {
    let story = Story::of(20, true).await;
    for number in 1..=6 {
        story.set_enabled(number, false).await;
    }
    story.cycle().await;
    story.world.clock.advance(Span::hours(1));
    story.read_everything().await;
    let done = story.cycle().await;
    assert_eq!((done.revoked, done.revocations_withheld.map(|excess| excess.wanted)), (0, Some(6)));
    let plan = draft(&*story.world.store, story.world.clock.as_ref(), &Prices::default()).await.unwrap();
    assert_eq!(plan.intents.len(), 6);
    let World { store, clock, ids, .. } = &story.world;
    let alone = Consent::Within(&terms().limits);
    let refused = apply(&**store, clock.as_ref(), ids, &plan, "susi", alone).await.unwrap_err();
    assert!(matches!(&refused, CycleError::PastLimits(all) if all[0].contains("holds")), "{refused}");
    let approvers = ["anna@console".to_owned()];
    let applied = apply(&**store, clock.as_ref(), ids, &plan, "susi", Consent::Of(&approvers)).await.unwrap();
    assert_eq!(applied.started.len(), 6);
    assert_eq!(story.state(55).await.0, CertificateState::Held);
    assert!(
        draft(&**store, clock.as_ref(), &Prices::default()).await.unwrap().intents.is_empty(),
        "applied, and nothing is left"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_knows_no_holds_is_told_nothing_and_that_is_on_record() {
    let story = Story::of(1, false).await;
    story.hold(50).await.unwrap();
    story.carry(50).await;
    assert_eq!(story.state(50).await, (CertificateState::Held, Some(HoldState::HereOnly)));
    let said = story.recorded(AuditKind::CertificateHoldRequestProcessed).await;
    assert!(said[0].contains("suspended here only"), "{said:?}");
    assert!(story.hold(50).await.unwrap_err().to_string().contains("on hold already"));
    story.cycle().await;
    assert_eq!(
        story.state(50).await.0,
        CertificateState::Held,
        "the account was never blocked: lifted by hand only"
    );
    story.release(50).await.unwrap();
    story.release(50).await.unwrap();
    story.carry(50).await;
    assert_eq!(story.state(50).await, (CertificateState::Valid, None));
    assert_eq!(story.deeds(), [] as [&str; 0]);
    assert!(story.release(50).await.unwrap_err().to_string().contains("not on hold"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_ends_in_a_revocation_and_is_then_no_hold_any_more() {
    let story = Story::of(1, true).await;
    story.hold(50).await.unwrap();
    let (ids, now) = (&story.world.ids, story.world.clock.now());
    let reason = RevocationReason::KeyCompromise;
    story.by_hand(async |work| order_revocation(work, ids, id(50), reason, "susi", now).await).await.unwrap();
    // The job of the hold comes late, and has nothing to tell.
    story.carry(50).await;
    let clock = story.world.clock.as_ref();
    revoke(&*story.world.store, &story.authorities(), clock, id(50), reason, "susi").await.unwrap();
    assert_eq!(story.state(50).await, (CertificateState::Revoked, None));
    assert_eq!(story.deeds(), ["revoke"]);
    assert!(story.hold(50).await.unwrap_err().to_string().contains("revoked"));
    assert!(story.release(50).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_not_ordered_as_a_revocation_nor_of_what_has_ended() {
    let story = Story::of(1, true).await;
    let (ids, now) = (&story.world.ids, story.world.clock.now());
    let reason = RevocationReason::CertificateHold;
    let refused =
        story.by_hand(async |work| order_revocation(work, ids, id(50), reason, "susi", now).await).await;
    assert!(refused.unwrap_err().to_string().contains("certificate hold"));
    story.world.clock.advance(Span::days(301));
    assert!(story.hold(50).await.unwrap_err().to_string().contains("has ended"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_while_on_hold_is_revoked_after_the_grace() {
    let story = Story::of(1, true).await;
    story.set_enabled(1, false).await;
    story.cycle().await;
    story.world.clock.advance(Span::hours(1));
    story.read_everything().await;
    story.cycle().await;
    story.carry(50).await;
    let mut work = story.world.store.begin().await.unwrap();
    work.subscribers().mark_gone(id(1), story.world.clock.now()).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(story.cycle().await.revoked, 0);
    story.world.clock.advance(Span::days(31));
    story.read_everything().await;
    assert_eq!(story.cycle().await.revoked, 1);
    assert_eq!(story.state(50).await, (CertificateState::Revoking, None));
}
