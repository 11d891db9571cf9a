//! A plan that was applied leaves nothing to be done: no order, no hand-over, nothing to be taken back. Companies are made up by
//! seeds; the world outside is a list at Intune, an authority that revokes, and an address list that shows none of ours.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use lifecycle::{
    Consent, Forecast, Horizon, apply, carry_hold, draft, forecast, publish, read_back, revoke, withdraw,
};
use model::{
    AuthorityId, Certificate, CertificateId, Clock as _, Delivery, DeliveryCause, DeliveryPolicy,
    DeliveryState, Ending, EndingCause, Enrollment, EnrollmentState, MailboxHolder, Money, Prices,
    Publication, PublicationState, RemovalCause, RevocationReason, Span, Station, Subscriber, SubscriberId,
    SubscriberKind, Template, Thumbprint,
};
use plan::Plan;
use ports::{
    AddressBook, AuthorityInfo, BookChange, BookEntry, BookError, BookPage, BookReceipt, CaError,
    Capabilities, CertificateAuthority, CertificateRef, DeliveryDoor, DeliveryError, DeliveryRecord,
    ListedPage, Order, Package, Submission, Ticket,
};
use store::{JobKind, Store as _, StoredCertificate, SyncCursor};

use crate::sample::{Dice, NOW, World, certificate, done, id, person, template};

/// An authority that revokes and issues nothing.
struct Revoker;

fn nothing() -> CaError {
    CaError::Misconfigured { authority: "Revoker".to_owned(), hint: "it only revokes".to_owned() }
}

#[async_trait]
impl CertificateAuthority for Revoker {
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
        Err(nothing())
    }
    async fn submit(&self, _: &Order) -> Result<Submission, CaError> {
        Err(nothing())
    }
    async fn poll(&self, _: &Ticket) -> Result<Submission, CaError> {
        Err(nothing())
    }
    async fn find(&self, _: &str) -> Result<Option<Submission>, CaError> {
        Err(nothing())
    }
    async fn revoke(&self, _: &CertificateRef, _: RevocationReason) -> Result<(), CaError> {
        Ok(())
    }
}

/// Intune, as a list of records.
#[derive(Default)]
struct Shelf(Mutex<Vec<DeliveryRecord>>);

impl Shelf {
    fn put(&self, delivery: &Delivery) -> String {
        let record = DeliveryRecord {
            id: format!("{}-{}", delivery.person, delivery.thumbprint),
            thumbprint: delivery.thumbprint,
            user_principal_name: delivery.user_principal_name.clone(),
        };
        let id = record.id.clone();
        self.0.lock().unwrap().push(record);
        id
    }
}

#[async_trait]
impl DeliveryDoor for Shelf {
    async fn check(&self) -> Result<String, DeliveryError> {
        Ok("a shelf".to_owned())
    }
    async fn deliver(&self, _: &Package) -> Result<DeliveryRecord, DeliveryError> {
        panic!("keys are not made here")
    }
    async fn find(
        &self,
        name: &str,
        thumbprint: Thumbprint,
    ) -> Result<Option<DeliveryRecord>, DeliveryError> {
        let is_it = |one: &&DeliveryRecord| one.thumbprint == thumbprint && one.user_principal_name == name;
        Ok(self.0.lock().unwrap().iter().find(is_it).cloned())
    }
    async fn list(&self, _: Option<&str>) -> Result<ListedPage, DeliveryError> {
        Ok(ListedPage { records: Vec::new(), unreadable: 0, next: None })
    }
    async fn withdraw(&self, record: &DeliveryRecord) -> Result<(), DeliveryError> {
        self.0.lock().unwrap().retain(|one| one.id != record.id);
        Ok(())
    }
}

/// An address list in which nobody has a certificate any more.
struct Bare;

#[async_trait]
impl AddressBook for Bare {
    fn name(&self) -> &'static str {
        Publication::EXCHANGE
    }
    async fn check(&self) -> Result<String, BookError> {
        Ok("bare".to_owned())
    }
    async fn read(&self, holder: SubscriberId) -> Result<BookEntry, BookError> {
        let address = format!("{holder}@nordwind.example");
        Ok(BookEntry { holder, address, certificates: Vec::new(), smime: Vec::new(), is_synchronised: false })
    }
    async fn change(&self, change: &BookChange, _: Option<&str>) -> Result<BookReceipt, BookError> {
        panic!("nothing is to be changed: {change:?}")
    }
    async fn list(&self, _: Option<&str>) -> Result<BookPage, BookError> {
        Ok(BookPage::default())
    }
}

/// A company with the world outside it.
struct Company {
    world: World,
    shelf: Shelf,
    template: Template,
    /// Numbers for what is added.
    last: u128,
}

impl Company {
    async fn of(people: &[Subscriber], former: Option<u32>) -> Self {
        let delivery = DeliveryPolicy { former_on_devices: former, ..DeliveryPolicy::default() };
        let template = Template { delivery, ..template() };
        let world = World::of(&template, people).await;
        Self { world, shelf: Shelf::default(), template, last: 10_000 }
    }

    fn number(&mut self) -> u128 {
        self.last += 1;
        self.last
    }

    /// Hands a certificate over to them, in this state.
    async fn deliver(&mut self, of: &Certificate, to: &[(SubscriberId, String)], state: DeliveryState) {
        for (person, name) in to {
            let delivery = Delivery {
                id: id(self.number()),
                certificate: of.id,
                thumbprint: of.thumbprint,
                person: *person,
                user_principal_name: name.clone(),
                state,
                record: None,
                at: NOW,
            };
            let record = (state == DeliveryState::Present).then(|| self.shelf.put(&delivery));
            let mut work = self.world.store.begin().await.unwrap();
            work.deliveries().add_missing(&[Delivery { record, ..delivery }]).await.unwrap();
            work.commit().await.unwrap();
        }
    }

    /// A certificate that ends after so many days and is with its owner.
    async fn settled(&mut self, owner: &Subscriber, days_left: i64) -> Certificate {
        let number = self.number();
        let certificate = self.world.certify(number, owner, days_left).await;
        let own = [(owner.id, owner.user_principal_name.clone())];
        self.deliver(&certificate, &own, DeliveryState::Present).await;
        certificate
    }

    async fn publish(&self, of: &Certificate) {
        let row = Publication {
            certificate: of.id,
            subscriber: of.subscriber,
            book: Publication::EXCHANGE.to_owned(),
            state: PublicationState::Published,
            detail: None,
            at: NOW,
        };
        let mut work = self.world.store.begin().await.unwrap();
        work.publications().set(&row).await.unwrap();
        work.commit().await.unwrap();
    }

    /// An issued certificate whose hand-over failed.
    async fn undelivered(&mut self, owner: &Subscriber, state: EnrollmentState) -> Certificate {
        let number = self.number();
        let names = plan::compose(owner, &self.template).unwrap();
        let certificate = certificate(number, owner, 300);
        let enrollment = Enrollment {
            names,
            state: EnrollmentState::Running,
            certificate: Some(certificate.id),
            last_error: Some("Intune asks us to wait".to_owned()),
            ..done(number, owner)
        };
        let stored =
            StoredCertificate { certificate: certificate.clone(), der: vec![1; 40], chain: Vec::new() };
        let mut work = self.world.store.begin().await.unwrap();
        work.enrollments().add(&enrollment).await.unwrap();
        work.certificates().add(&stored).await.unwrap();
        work.enrollments().set_progress(&Enrollment { state, ..enrollment }).await.unwrap();
        work.commit().await.unwrap();
        let own = [(owner.id, owner.user_principal_name.clone())];
        self.deliver(&certificate, &own, DeliveryState::Planned).await;
        certificate
    }

    /// Who may use a mailbox, as it was read in full at this moment.
    async fn holders(&self, mailbox: &Subscriber, people: &[Subscriber]) {
        let holders: Vec<MailboxHolder> = people
            .iter()
            .map(|one| MailboxHolder {
                mailbox: mailbox.id,
                person: one.id,
                user_principal_name: one.user_principal_name.clone(),
            })
            .collect();
        let now = self.world.clock.now();
        let resource = SyncCursor::people_of(mailbox.id);
        let cursor = SyncCursor { resource, delta_link: String::new(), full_at: now, read_at: now };
        let mut work = self.world.store.begin().await.unwrap();
        work.subscribers().set_holders(mailbox.id, &holders).await.unwrap();
        work.subscribers().set_cursor(&cursor).await.unwrap();
        work.commit().await.unwrap();
    }

    async fn note_holder_left(&self, of: &Certificate) {
        let ending = Ending {
            certificate: of.id,
            subscriber: of.subscriber,
            cause: EndingCause::HolderLeft,
            since: NOW - Span::days(1),
            due_at: NOW + Span::days(30),
        };
        let mut work = self.world.store.begin().await.unwrap();
        work.endings().note(&ending).await.unwrap();
        work.commit().await.unwrap();
    }

    async fn plan(&self) -> Plan {
        draft(&*self.world.store, self.world.clock.as_ref(), &Prices::default()).await.unwrap()
    }

    /// Applies it, and has the queue worked off.
    async fn apply(&mut self, plan: &Plan) -> lifecycle::Applied {
        let World { store, clock, ids, .. } = &self.world;
        let somebody = ["anna@desk-2".to_owned()];
        let consent = Consent::Of(&somebody);
        let applied = apply(&**store, clock.as_ref(), ids, plan, "susi", consent).await.unwrap();
        self.work().await;
        applied
    }

    async fn work(&mut self) {
        loop {
            let mut work = self.world.store.begin().await.unwrap();
            let now = work.jobs().now().await.unwrap();
            let claimed = work.jobs().claim("test", now, Span::minutes(5), 50).await.unwrap();
            work.commit().await.unwrap();
            if claimed.is_empty() {
                return;
            }
            for lease in claimed {
                self.carry_out(&lease.job.kind).await;
                let mut work = self.world.store.begin().await.unwrap();
                work.jobs().finish(&lease).await.unwrap();
                work.commit().await.unwrap();
            }
        }
    }

    async fn carry_out(&mut self, kind: &JobKind) {
        let (store, clock) = (Arc::clone(&self.world.shared), Arc::clone(&self.world.clock));
        let authority: Arc<dyn CertificateAuthority> = Arc::new(Revoker);
        let authorities: BTreeMap<AuthorityId, _> = BTreeMap::from([(id(30), authority)]);
        let (store, clock) = (store.as_ref(), clock.as_ref());
        match kind {
            JobKind::Enrollment { enrollment } => self.enroll(*enrollment).await,
            JobKind::Revocation { certificate, reason } => {
                revoke(store, &authorities, clock, *certificate, *reason, "a job").await.unwrap();
            }
            JobKind::Hold { certificate } => {
                carry_hold(store, &authorities, clock, *certificate, "a job").await.unwrap();
            }
            JobKind::Withdrawal { certificate } => {
                withdraw(store, &self.shelf, clock, *certificate, "a job").await.unwrap();
            }
            JobKind::Publication { subscriber } => {
                publish(store, &Bare, clock, *subscriber, "a job").await.unwrap();
            }
            JobKind::Readback { certificate } => {
                read_back(store, &self.shelf, clock, "a job", *certificate).await.unwrap();
            }
            JobKind::Repair { finding } => panic!("there is nothing to repair: {finding}"),
        }
    }

    /// What the stations do, without keys: the certificate is issued, and handed over to whom it is for.
    async fn enroll(&mut self, order: model::EnrollmentId) {
        let mut work = self.world.store.read().await.unwrap();
        let enrollment = work.enrollments().lookup(order).await.unwrap().unwrap();
        let owner = work.subscribers().lookup(enrollment.subscriber).await.unwrap().unwrap();
        let holders = work.subscribers().holders(owner.id).await.unwrap();
        drop(work);
        let issued: CertificateId = match enrollment.certificate {
            Some(known) => known,
            None => {
                let issued = Certificate {
                    enrollment: order,
                    not_before: self.world.clock.now(),
                    ..certificate(self.number(), &owner, 365)
                };
                let stored =
                    StoredCertificate { certificate: issued.clone(), der: vec![1; 40], chain: Vec::new() };
                let mut work = self.world.store.begin().await.unwrap();
                work.certificates().add(&stored).await.unwrap();
                if let Some(replaced) = enrollment.replaces {
                    work.certificates().mark_superseded(replaced).await.unwrap();
                }
                work.commit().await.unwrap();
                let own = (owner.id, owner.user_principal_name.as_str());
                let to: Vec<(SubscriberId, String)> = enroll::receivers(owner.kind, own, &holders)
                    .into_iter()
                    .map(|(person, name)| (person, name.to_owned()))
                    .collect();
                self.deliver(&issued, &to, DeliveryState::Present).await;
                issued.id
            }
        };
        let mut work = self.world.store.begin().await.unwrap();
        for one in work.deliveries().list(issued).await.unwrap() {
            if one.state == DeliveryState::Planned {
                let record = self.shelf.put(&one);
                work.deliveries()
                    .set_state(one.id, DeliveryState::Present, Some(&record), NOW)
                    .await
                    .unwrap();
            }
        }
        let done = Enrollment {
            certificate: Some(issued),
            state: EnrollmentState::Done,
            station: Station::Deliver,
            last_error: None,
            ..enrollment
        };
        work.enrollments().set_progress(&done).await.unwrap();
        work.commit().await.unwrap();
    }
}

/// How often what came up in all companies together.
#[derive(Default, Debug)]
struct Seen {
    orders: usize,
    to_several: usize,
    retried: usize,
    removals: BTreeMap<&'static str, usize>,
}

impl Seen {
    fn look(&mut self, plan: &Plan) {
        self.orders += plan.intents.len();
        self.retried += plan.deliveries.iter().filter(|one| one.cause != DeliveryCause::Ordered).count();
        self.to_several += plan.deliveries.iter().filter(|one| one.to.len() > 1).count();
        for one in &plan.removals {
            *self.removals.entry(one.cause.name()).or_default() += 1;
        }
    }
}

/// A company by chance: everybody has something that is in its place, or one thing that is not.
async fn by_chance(seed: u64) -> Company {
    let mut dice = Dice(seed);
    let staff: Vec<Subscriber> = (1..=10).map(|number| person(1_000 + number)).collect();
    let shared = |number: u128| Subscriber {
        kind: SubscriberKind::SharedMailbox,
        enabled: false,
        ..person(2_000 + number)
    };
    let boxes: Vec<Subscriber> = (1..=3).map(shared).collect();
    let all: Vec<Subscriber> = staff.iter().chain(&boxes).cloned().collect();
    let former = [None, Some(0), Some(1)][dice.roll(3)];
    let mut company = Company::of(&all, former).await;
    for owner in &staff {
        match dice.roll(7) {
            0 => {}
            1 => drop(company.settled(owner, 300).await),
            2 => {
                let ending = company.settled(owner, 3).await;
                company.publish(&ending).await;
            }
            3 => {
                company.settled(owner, -200).await;
                company.settled(owner, 20).await;
                company.settled(owner, 300).await;
            }
            4 => drop(company.undelivered(owner, EnrollmentState::Waiting).await),
            5 => {
                let published = company.settled(owner, 300).await;
                company.publish(&published).await;
                let mut work = company.world.store.begin().await.unwrap();
                work.subscribers().mark_gone(owner.id, NOW).await.unwrap();
                work.commit().await.unwrap();
            }
            _ => {
                let expired = company.settled(owner, -5).await;
                company.publish(&expired).await;
                company.settled(owner, 200).await;
            }
        }
    }
    for mailbox in &boxes {
        let many = 2 + dice.roll(4);
        let people = &staff[..many];
        if dice.roll(4) > 0 {
            let number = company.number();
            let certificate = company.world.certify(number, mailbox, 200).await;
            let to: Vec<(SubscriberId, String)> =
                people.iter().map(|one| (one.id, one.user_principal_name.clone())).collect();
            company.deliver(&certificate, &to, DeliveryState::Present).await;
            let left = dice.roll(3);
            if left > 0 {
                company.note_holder_left(&certificate).await;
            }
            let came = dice.roll(2);
            company.holders(mailbox, &staff[left..many + came]).await;
        } else {
            company.holders(mailbox, people).await;
        }
    }
    company.world.clock.advance(Span::hours(1));
    company
}

#[tokio::test]
async fn a_plan_after_an_apply_orders_hands_over_and_takes_back_nothing() {
    let mut seen = Seen::default();
    for seed in 0..32 {
        let mut company = by_chance(seed).await;
        let before = company.plan().await;
        assert_eq!(company.plan().await, before, "looking changes nothing: seed {seed}");
        seen.look(&before);
        let applied = company.apply(&before).await;
        assert_eq!(applied.started.len(), before.intents.len(), "seed {seed}");
        let retried = before.deliveries.iter().filter(|one| one.cause != DeliveryCause::Ordered).count();
        assert_eq!(applied.retried.len(), retried, "seed {seed}");
        let own = before.removals.iter().filter(|one| one.cause != RemovalCause::HolderLeft).count();
        assert_eq!(applied.removals.len(), own, "seed {seed}");
        let after = company.plan().await;
        let left = (&after.intents, &after.deliveries, &after.removals);
        assert_eq!(left, (&Vec::new(), &Vec::new(), &Vec::new()), "seed {seed}: of {before:?}");
        // What was listed as taken back is gone, and nothing else is.
        for one in before.removals.iter().filter(|one| one.record_of.is_some()) {
            let found = company.shelf.find(one.record_of.as_deref().unwrap(), one.thumbprint).await.unwrap();
            assert_eq!(found, None, "seed {seed}: {one:?}");
        }
        // What was listed as handed over is there.
        for one in &before.deliveries {
            for name in &one.to {
                let records = company.shelf.0.lock().unwrap();
                assert!(records.iter().any(|record| record.user_principal_name == *name), "seed {seed}");
            }
        }
        let again = company.apply(&after).await;
        assert_eq!(again, lifecycle::Applied::default(), "seed {seed}: nothing is done twice");
    }
    assert!(seen.orders > 30 && seen.to_several > 10 && seen.retried > 10, "{seen:?}");
    let causes: Vec<&str> = seen.removals.keys().copied().collect();
    assert_eq!(causes, ["addressList", "former", "holderLeft"], "{seen:?}");
}

#[tokio::test]
async fn the_service_removes_by_itself_what_a_plan_would_remove_of_former_certificates() {
    let mut company = Company::of(&[person(1)], Some(0)).await;
    let old = company.settled(&person(1), 20).await;
    company.settled(&person(1), 300).await;
    let listed = company.plan().await.removals;
    assert_eq!(listed.iter().map(|one| one.certificate).collect::<Vec<_>>(), [old.id]);
    let terms = crate::sample::terms();
    let World { store, clock, ids, .. } = &company.world;
    lifecycle::cycle(&**store, clock.as_ref(), ids, &terms, None).await.unwrap();
    company.work().await;
    assert!(company.plan().await.removals.is_empty());
    assert_eq!(company.shelf.0.lock().unwrap().len(), 1, "the newer one stays");
}

async fn foretold(company: &Company, horizon: Horizon) -> Forecast {
    let World { store, clock, .. } = &company.world;
    let limits = crate::sample::terms().limits;
    forecast(&**store, &limits, &Prices::default(), horizon, clock.now()).await.unwrap()
}

#[tokio::test]
async fn a_forecast_tells_hand_overs_that_no_order_says_and_that_it_did_not_look_at_everything() {
    let staff: Vec<Subscriber> = (1..=8).map(person).collect();
    let mut company = Company::of(&staff, Some(0)).await;
    for owner in &staff[..3] {
        company.settled(owner, 20).await;
        company.settled(owner, 300).await;
    }
    company.undelivered(&staff[3], EnrollmentState::Waiting).await;
    company.undelivered(&staff[4], EnrollmentState::Stuck).await;
    let told = foretold(&company, Horizon { subscribers: 100, told: 2 }).await;
    assert_eq!((told.enroll, told.deliveries, told.removed, told.is_whole), (3, 4, 3, true));
    let causes: Vec<bool> = told.handed.iter().map(|one| one.cause != DeliveryCause::Ordered).collect();
    assert_eq!(causes, [true], "each other key goes to its owner alone");
    assert_eq!(told.removals.len(), 2, "the first are told, all are counted");
    let told = foretold(&company, Horizon { subscribers: 1, told: 2 }).await;
    assert_eq!((told.removed, told.is_whole), (1, false), "not all records were looked at");
}

#[tokio::test]
async fn a_hand_over_that_nobody_but_a_person_brings_about_is_no_deed_of_the_plan() {
    let mut company = Company::of(&[person(1), person(2)], None).await;
    company.undelivered(&person(1), EnrollmentState::Stuck).await;
    let lost = company.settled(&person(2), 300).await;
    company.shelf.0.lock().unwrap().clear();
    read_back(&*company.world.store, &company.shelf, company.world.clock.as_ref(), "susi", lost.id)
        .await
        .unwrap();
    let plan = company.plan().await;
    assert_eq!((plan.intents.len(), plan.deliveries.len()), (0, 0), "{plan:?}");
    let why: Vec<&str> = plan.skips.iter().map(|skip| skip.why.as_str()).collect();
    assert_eq!(why.len(), 2);
    assert!(why[0].contains("enrollment retry") && why[0].contains("asks us to wait"), "{why:?}");
    assert!(why[1].contains("certificate redeliver"), "{why:?}");
}

#[tokio::test]
async fn a_saved_plan_is_refused_when_a_key_would_go_to_others_or_cost_more() {
    let mailbox = Subscriber { kind: SubscriberKind::SharedMailbox, enabled: false, ..person(1) };
    let company = Company::of(&[mailbox.clone(), person(2), person(3)], None).await;
    company.holders(&mailbox, &[person(2)]).await;
    let price = |text: &str| -> Prices {
        let price: Money = text.parse().unwrap();
        Prices { authorities: BTreeMap::from([("inside".to_owned(), price)]), ..Prices::default() }
    };
    let at = async |prices: &Prices| {
        draft(&*company.world.store, company.world.clock.as_ref(), prices).await.unwrap()
    };
    let saved = at(&price("3.20 EUR")).await;
    assert_eq!(plan::total(&saved.costs).to_string(), "9.60 EUR");
    assert_eq!(saved.price_of(&saved.intents[0]), "3.20 EUR".parse().ok());
    let otherwise = |fresh: &Plan| lifecycle::follows_otherwise(&saved, fresh);
    assert_eq!(otherwise(&at(&price("3.20 EUR")).await), [""; 0]);
    assert_eq!(otherwise(&at(&price("2.80 EUR")).await), [""; 0], "cheaper is as well");
    assert_eq!(otherwise(&at(&Prices::default()).await), [""; 0], "what the plan said stands");
    for dearer in [price("3.21 EUR"), price("1 USD")] {
        let told = otherwise(&at(&dearer).await);
        assert!(told.len() == 1 && told[0].contains("3.20 EUR"), "{told:?}");
    }
    company.holders(&mailbox, &[person(2), person(3)]).await;
    let fresh = at(&price("3.20 EUR")).await;
    let told = otherwise(&fresh);
    assert!(told.len() == 1 && told[0].contains("person3@"), "{told:?}");
    let kept = lifecycle::as_wanted_now(&saved, &fresh);
    assert_eq!((kept.intents.len(), plan::total(&kept.costs).to_string().as_str()), (3, "9.60 EUR"));
}
