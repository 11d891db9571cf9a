//! What a campaign leaves alone: who was taken out, whatever somebody stopped, and what one person may not have replaced alone.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use lifecycle::{
    CampaignError, Consent, Turned, begin_campaign, exclude_members, pause_campaign, stop_campaign,
    turn_campaigns, write_down_campaign,
};
use model::{
    Campaign, CampaignState, CampaignTerms, Certificate, CertificateId, CertificateState, Clock as _,
    MemberStage, RevocationReason, Selection, SerialNumber, Service, Span, Subscriber,
};
use store::{CertificateFilter, CertificateOrder, DutyClaim, PageRequest, Store, StoreError, Work};

use crate::sample::{NOW, World, id, person, template, terms};

const SOMEBODY: &str = "anna@desk-2";

/// As many people as that, with a certificate each, numbered from 50.
async fn world(people: u128) -> (World, Vec<Certificate>) {
    let staff: Vec<Subscriber> = (1..=people).map(person).collect();
    let world = World::of(&template(), &staff).await;
    let mut certificates = Vec::new();
    for (number, owner) in (50..).zip(&staff) {
        certificates.push(world.certify(number, owner, 300).await);
    }
    (world, certificates)
}

fn campaign(number: u128, of: &[Certificate]) -> Campaign {
    Campaign {
        id: id(900 + number),
        name: format!("Campaign {number}"),
        why: "the authority says so".to_owned(),
        selection: Selection {
            serials: of.iter().map(|one| one.serial.clone()).collect::<Vec<SerialNumber>>(),
            ..Selection::default()
        },
        terms: CampaignTerms {
            deadline: NOW + Span::days(5),
            wave_size: 2,
            pause_minutes: 0,
            failures_percent: 100,
            to_template: None,
            revoke: Some(RevocationReason::Superseded),
            revocations_per_hour: 100,
            settle_minutes: 0,
            revoke_at_deadline: true,
        },
        state: CampaignState::Draft,
        created_at: NOW,
        created_by: "susi@desk-1".to_owned(),
        looked_at: of.len() as u64,
        approvals: Vec::new(),
        started_at: None,
        started_by: None,
        ended_at: None,
        wave: 0,
        waves: 0,
        wave_at: None,
        settled_at: None,
        note: None,
        version: 0,
    }
}

async fn present(world: &World, number: u128) -> Campaign {
    let name = format!("Campaign {number}");
    world.shared.read().await.unwrap().campaigns().find(&name).await.unwrap().unwrap()
}

/// Writes it down, and has it begin with the consent of two.
async fn begun(world: &World, number: u128, of: &[Certificate]) -> Campaign {
    let (store, clock) = (world.shared.as_ref(), world.clock.as_ref());
    write_down_campaign(store, clock, &campaign(number, of)).await.unwrap();
    let somebody = [SOMEBODY.to_owned()];
    let written = present(world, number).await;
    begin_campaign(store, clock, &written, "susi", Consent::Of(&somebody)).await.unwrap();
    present(world, number).await
}

/// A turn of the duty, on this store.
async fn turn(world: &World, store: &dyn Store) -> Result<Vec<Turned>, StoreError> {
    let claim =
        DutyClaim { service: Service::Campaigns, owner: "a turn".to_owned(), lease: Span::minutes(5) };
    let mut work = world.shared.begin().await.unwrap();
    let now = work.jobs().now().await.unwrap();
    work.services().ensure(claim.service, now).await.unwrap();
    work.services().wake(claim.service, now).await.unwrap();
    assert!(work.services().claim(claim.service, &claim.owner, now, claim.lease).await.unwrap());
    work.commit().await.unwrap();
    let told = turn_campaigns(store, world.clock.as_ref(), &world.ids, "the service", &claim).await;
    let mut work = world.shared.begin().await.unwrap();
    work.services().finish(claim.service, &claim.owner, now, Ok("done"), now).await.unwrap();
    work.commit().await.unwrap();
    told
}

/// How many orders there are, and whose certificates are not valid any more.
async fn done(store: &dyn Store) -> (usize, Vec<CertificateId>) {
    let mut work = store.read().await.unwrap();
    let orders = work.enrollments().list(None, &PageRequest::first(500)).await.unwrap().rows;
    let open = orders.iter().filter(|order| !order.state.is_final()).count();
    let filter = CertificateFilter::default();
    let page = PageRequest::first(500);
    let rows = work.certificates().list(&filter, CertificateOrder::CommonName, &page).await.unwrap().rows;
    let ended = rows.iter().filter(|row| row.certificate.state != CertificateState::Valid);
    let mut ended: Vec<CertificateId> = ended.map(|row| row.certificate.id).collect();
    ended.sort_unstable();
    (open, ended)
}

#[tokio::test]
async fn whoever_was_taken_out_is_never_revoked_not_at_the_deadline_either() {
    let (world, all) = world(4).await;
    let store = world.shared.as_ref();
    let running = begun(&world, 1, &all).await;
    // One before anything was ordered, one whose successor is on its way already.
    exclude_members(store, world.clock.as_ref(), &running, &[all[3].id], "susi", "on leave").await.unwrap();
    turn(&world, store).await.unwrap();
    let at = |certificate: &Certificate| {
        let (world, id) = (&world, certificate.id);
        async move {
            let mut work = world.shared.read().await.unwrap();
            work.campaigns().member(super::sample::id(901), id).await.unwrap().unwrap().stage
        }
    };
    assert_eq!(at(&all[0]).await, MemberStage::Ordered);
    let running = present(&world, 1).await;
    exclude_members(store, world.clock.as_ref(), &running, &[all[0].id], "susi", "an exception")
        .await
        .unwrap();
    world.clock.advance(Span::days(6));
    turn(&world, store).await.unwrap();
    let (_, ended) = done(store).await;
    assert_eq!(
        ended,
        [all[1].id, all[2].id],
        "the others have no successor, and the campaign says to revoke them"
    );
    assert_eq!((at(&all[0]).await, at(&all[3]).await), (MemberStage::Excluded, MemberStage::Excluded));
    turn(&world, store).await.unwrap();
    assert_eq!(done(store).await.1, ended, "and not later");
}

/// What a person does in the middle of a turn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Halt {
    Pause,
    Stop,
}

/// A store in which somebody halts the campaign just before the unit of work with this number begins.
struct Interrupted<'a> {
    world: &'a World,
    how: Halt,
    before: usize,
    begun: AtomicUsize,
    /// What had been done by then.
    seen: tokio::sync::Mutex<Option<(usize, Vec<CertificateId>)>>,
}

#[async_trait]
impl Store for Interrupted<'_> {
    async fn begin(&self) -> Result<Box<dyn Work>, StoreError> {
        if self.begun.fetch_add(1, Ordering::SeqCst) + 1 == self.before {
            let (store, clock) = (self.world.shared.as_ref(), self.world.clock.as_ref());
            let running = present(self.world, 1).await;
            if running.state == CampaignState::Running {
                match self.how {
                    Halt::Pause => pause_campaign(store, clock, &running, "susi").await.unwrap(),
                    Halt::Stop => {
                        stop_campaign(store, clock, &running, "susi", "a false alarm").await.unwrap();
                    }
                }
                *self.seen.lock().await = Some(done(store).await);
            }
        }
        self.world.shared.begin().await
    }
    async fn read(&self) -> Result<Box<dyn Work>, StoreError> {
        self.world.shared.read().await
    }
    async fn pause(&self, attempt: u32) {
        self.world.shared.pause(attempt).await;
    }
}

#[tokio::test]
async fn whoever_halts_a_campaign_in_the_middle_of_a_turn_is_obeyed_from_there_on() {
    for how in [Halt::Pause, Halt::Stop] {
        for is_late in [false, true] {
            let mut halted = 0;
            for before in 1..40 {
                let (world, all) = world(6).await;
                begun(&world, 1, &all).await;
                if is_late {
                    // Past the deadline, everything without a successor is to be revoked.
                    world.clock.advance(Span::days(6));
                }
                let store = Interrupted {
                    world: &world,
                    how,
                    before,
                    begun: AtomicUsize::new(0),
                    seen: tokio::sync::Mutex::new(None),
                };
                turn(&world, &store).await.unwrap();
                let Some(by_then) = store.seen.into_inner() else { break };
                halted += 1;
                let told = format!("{how:?} before unit {before}, late: {is_late}");
                assert_eq!(done(world.shared.as_ref()).await, by_then, "{told}");
                turn(&world, world.shared.as_ref()).await.unwrap();
                assert_eq!(done(world.shared.as_ref()).await, by_then, "nor by the next turn: {told}");
                let state = present(&world, 1).await.state;
                let expected =
                    if how == Halt::Pause { CampaignState::Paused } else { CampaignState::Stopped };
                assert_eq!(state, expected, "{told}");
            }
            assert!(halted >= 2, "a turn has several units of work: {halted}");
        }
    }
}

#[tokio::test]
async fn cutting_a_campaign_up_does_not_get_round_the_second_person() {
    let (world, all) = world(12).await;
    let (store, clock) = (world.shared.as_ref(), world.clock.as_ref());
    let limits = terms().limits;
    let alone = async |number: u128, of: &[Certificate]| {
        let deadline = clock.now() + Span::days(5);
        let wanted = campaign(number, of);
        let wanted = Campaign { terms: CampaignTerms { deadline, ..wanted.terms }, ..wanted };
        write_down_campaign(store, clock, &wanted).await.unwrap();
        let written = present(&world, number).await;
        begin_campaign(store, clock, &written, "susi", Consent::Within(&limits)).await
    };
    // Five are within every share; six are not, and neither are three and three.
    let refused = alone(1, &all[..6]).await.unwrap_err();
    assert!(matches!(refused, CampaignError::NeedsSecond(_)), "{refused}");
    alone(2, &all[..3]).await.unwrap();
    let refused = alone(3, &all[3..6]).await.unwrap_err();
    assert!(matches!(refused, CampaignError::NeedsSecond(_)), "{refused}");
    assert_eq!(present(&world, 3).await.state, CampaignState::Draft, "nothing of it has begun");
    alone(4, &all[3..5]).await.unwrap();
    let refused = alone(5, &all[5..6]).await.unwrap_err();
    assert!(matches!(refused, CampaignError::NeedsSecond(_)), "not even one more: {refused}");
    // One that was stopped in between counts all the same.
    stop_campaign(store, clock, &present(&world, 2).await, "susi", "begins anew in parts").await.unwrap();
    let refused = alone(6, &all[6..7]).await.unwrap_err();
    assert!(matches!(refused, CampaignError::NeedsSecond(_)), "{refused}");
    world.clock.advance(Span::hours(25));
    alone(7, &all[6..9]).await.unwrap();
}
