//! Seeded changes to an authority's books and to Intune are found exactly: no difference more and none fewer; repaired, none is
//! left.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use lifecycle::{Consent, Limit, Limits, Outside, apply, compare_outside, draft, repair, revoke_shadow};
use model::{
    AuthorityId, Certificate, Delivery, DeliveryPolicy, DeliveryState, DriftFinding, DriftKind, DriftObject,
    DriftSide, DriftState, HoldState, IntendedPurpose, Prices, RevocationReason, SerialNumber, Span,
    Subscriber, Template, Thumbprint,
};
use ports::{
    AuthorityInfo, CaError, Capabilities, CertificateAuthority, CertificateRef, DeliveryDoor, DeliveryError,
    DeliveryRecord, IssuedPage, IssuedRecord, ListedPage, ListedRecord, Order, Package, Submission, Ticket,
};
use store::{DriftFilter, JobKind, Work};

use crate::sample::{Dice, NOW, World, hold, id, person, template};

/// The books of an authority, in pages of seven.
#[derive(Default)]
pub(crate) struct Books {
    issued: Mutex<Vec<IssuedRecord>>,
    /// Tells nothing of what it issued.
    is_silent: bool,
}

impl Books {
    /// Of an authority that tells nothing of what it issued.
    pub(crate) fn silent() -> Self {
        Self { is_silent: true, ..Self::default() }
    }
}

const PAGE: usize = 7;

#[async_trait]
impl CertificateAuthority for Books {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            lookup_by_reference: true,
            ec_keys: true,
            validity_choice: true,
            revocation_reasons: true,
            pending_issue: false,
            hold: true,
            lists_issued: !self.is_silent,
        }
    }
    async fn check(&self) -> Result<AuthorityInfo, CaError> {
        panic!("nobody checks it here")
    }
    async fn submit(&self, _: &Order) -> Result<Submission, CaError> {
        panic!("nothing is ordered here")
    }
    async fn poll(&self, _: &Ticket) -> Result<Submission, CaError> {
        panic!("nothing is ordered here")
    }
    async fn find(&self, _: &str) -> Result<Option<Submission>, CaError> {
        Ok(None)
    }
    async fn revoke(&self, wanted: &CertificateRef, reason: RevocationReason) -> Result<(), CaError> {
        let mut issued = self.issued.lock().unwrap();
        let found = issued.iter_mut().find(|one| one.serial == wanted.serial).unwrap();
        assert_eq!(found.reference.as_deref(), Some(wanted.reference.as_str()));
        if found.ended().is_none() {
            found.revoked = Some((NOW, reason));
        }
        Ok(())
    }
    async fn list_issued(&self, after: Option<&str>) -> Result<IssuedPage, CaError> {
        let issued = self.issued.lock().unwrap();
        let from: usize = after.map_or(0, |text| text.parse().unwrap());
        let records: Vec<IssuedRecord> = issued.iter().skip(from).take(PAGE).cloned().collect();
        let next = (from + PAGE < issued.len()).then(|| (from + PAGE).to_string());
        Ok(IssuedPage { records, next })
    }
    async fn find_issued(&self, serial: &SerialNumber) -> Result<Option<IssuedRecord>, CaError> {
        Ok(self.issued.lock().unwrap().iter().find(|one| one.serial == *serial).cloned())
    }
}

/// How Intune's list fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Broken {
    /// Not at all.
    Not,
    /// Asks us to wait in the middle of the list.
    Throttled,
    /// Forgets where the list was.
    Gone,
    /// Ends in the middle, as if that were all.
    Short,
}

/// Intune, in pages of seven.
struct Shelf {
    records: Mutex<Vec<ListedRecord>>,
    broken: Mutex<Broken>,
}

impl Shelf {
    fn edit(&self, id: &str, change: impl FnOnce(&mut ListedRecord)) {
        change(self.records.lock().unwrap().iter_mut().find(|one| one.record.id == id).unwrap());
    }
}

#[async_trait]
impl DeliveryDoor for Shelf {
    async fn check(&self) -> Result<String, DeliveryError> {
        Ok("a shelf".to_owned())
    }
    async fn deliver(&self, _: &Package) -> Result<DeliveryRecord, DeliveryError> {
        panic!("nothing is handed over here")
    }
    async fn find(
        &self,
        name: &str,
        thumbprint: Thumbprint,
    ) -> Result<Option<DeliveryRecord>, DeliveryError> {
        let records = self.records.lock().unwrap();
        let is_it = |record: &DeliveryRecord| {
            record.thumbprint == thumbprint && record.user_principal_name.eq_ignore_ascii_case(name)
        };
        Ok(records.iter().map(|listed| &listed.record).find(|record| is_it(record)).cloned())
    }
    async fn list(&self, after: Option<&str>) -> Result<ListedPage, DeliveryError> {
        let records = self.records.lock().unwrap();
        let from: usize = after.map_or(0, |text| text.parse().unwrap());
        let broken = *self.broken.lock().unwrap();
        if from > 0 && matches!(broken, Broken::Throttled | Broken::Gone) {
            let told = if broken == Broken::Gone { "410 Gone" } else { "429 Too Many Requests" };
            return Err(DeliveryError::Unavailable { retry_after: None, source: told.into() });
        }
        let page = records.iter().skip(from).take(PAGE).cloned().collect();
        let next =
            (from + PAGE < records.len() && broken != Broken::Short).then(|| (from + PAGE).to_string());
        Ok(ListedPage { records: page, unreadable: 0, next })
    }
    async fn withdraw(&self, record: &DeliveryRecord) -> Result<(), DeliveryError> {
        self.records.lock().unwrap().retain(|listed| listed.record.id != record.id);
        Ok(())
    }
}

fn signing() -> Template {
    let intended_purpose = IntendedPurpose::SmimeSigning;
    Template { delivery: DeliveryPolicy { intended_purpose, ..DeliveryPolicy::default() }, ..template() }
}

/// A company in which everything is in its place, and the world outside it.
struct Company {
    world: World,
    people: Vec<Subscriber>,
    certificates: Vec<Certificate>,
    books: Arc<Books>,
    authorities: BTreeMap<AuthorityId, Arc<dyn CertificateAuthority>>,
    shelf: Shelf,
}

impl Company {
    async fn of(size: u128) -> Self {
        let people: Vec<Subscriber> = (1..=size).map(|number| person(1_000 + number)).collect();
        let world = World::of(&signing(), &people).await;
        let books = Arc::new(Books::default());
        let shelf = Shelf { records: Mutex::default(), broken: Mutex::new(Broken::Not) };
        let mut certificates = Vec::new();
        for (number, owner) in (1..).zip(&people) {
            let certificate = world.certify(number, owner, 300).await;
            let listed = record(owner, &certificate);
            let delivery = Delivery {
                id: id(100_000 + number),
                certificate: certificate.id,
                thumbprint: certificate.thumbprint,
                person: owner.id,
                user_principal_name: owner.user_principal_name.clone(),
                state: DeliveryState::Present,
                record: Some(listed.record.id.clone()),
                at: NOW,
            };
            let mut work = world.shared.begin().await.unwrap();
            work.deliveries().add_missing(&[delivery]).await.unwrap();
            work.commit().await.unwrap();
            shelf.records.lock().unwrap().push(listed);
            books.issued.lock().unwrap().push(issued(&certificate));
            certificates.push(certificate);
        }
        let mut authorities: BTreeMap<AuthorityId, Arc<dyn CertificateAuthority>> = BTreeMap::new();
        authorities.insert(id(30), Arc::clone(&books) as Arc<dyn CertificateAuthority>);
        Self { world, people, certificates, books, authorities, shelf }
    }

    fn outside(&self) -> Outside<'_> {
        Outside { authorities: &self.authorities, delivery: Some(&self.shelf), book: None, status: Err("no") }
    }

    /// Reads everything; whether each side could be.
    async fn compare(&self) -> Vec<bool> {
        // Readings are told apart by the database's clock.
        tokio::time::sleep(Duration::from_millis(3)).await;
        let sides =
            compare_outside(self.world.shared.as_ref(), self.outside(), self.world.clock.as_ref()).await;
        // What is published is the other test's.
        let sides = sides.unwrap().into_iter().filter(|side| side.side != DriftSide::AddressBook);
        sides.map(|side| side.compared.is_ok()).collect()
    }

    async fn listed(&self, state: DriftState) -> Vec<DriftFinding> {
        let filter = DriftFilter { states: vec![state], ..DriftFilter::default() };
        self.world.shared.read().await.unwrap().drift().list(&filter, None, 10_000).await.unwrap()
    }

    async fn shown(&self, state: DriftState) -> BTreeSet<(DriftKind, DriftObject)> {
        self.listed(state).await.into_iter().map(|one| (one.seen.kind, one.seen.object)).collect()
    }

    /// Carries out what the plan would repair; how many.
    async fn repaired(&self) -> usize {
        let (store, clock) = (self.world.shared.as_ref(), self.world.clock.as_ref());
        let mut plan = draft(store, clock, &Prices::default()).await.unwrap();
        plan.intents.clear();
        let all = Limit { count: u64::MAX, percent: 1_000_000 };
        let limits = Limits { repairs: all, ..Limits::default() };
        let done =
            apply(store, clock, &self.world.ids, &plan, "susi", Consent::Within(&limits)).await.unwrap();
        assert_eq!(done.repairs, plan.repairs);
        let mut work = store.begin().await.unwrap();
        let now = work.jobs().now().await.unwrap() + Span::days(1);
        let leases = work.jobs().claim("worker", now, Span::minutes(1), 10_000).await.unwrap();
        for lease in &leases {
            assert!(work.jobs().finish(lease).await.unwrap());
        }
        work.commit().await.unwrap();
        for lease in &leases {
            let ids = &self.world.ids;
            let JobKind::Repair { finding } = lease.job.kind else { panic!("{:?}", lease.job) };
            repair(store, self.outside(), clock, ids, "the service", finding).await.unwrap();
            repair(store, self.outside(), clock, ids, "the service", finding).await.unwrap();
        }
        assert_eq!(leases.len(), done.repairs.len());
        leases.len()
    }
}

fn record(owner: &Subscriber, certificate: &Certificate) -> ListedRecord {
    let person: String = owner.id.to_string().replace('-', "");
    ListedRecord {
        record: DeliveryRecord {
            id: format!("{person}-{}", certificate.thumbprint),
            thumbprint: certificate.thumbprint,
            user_principal_name: owner.user_principal_name.clone(),
        },
        ours: true,
        intended_purpose: Some(IntendedPurpose::SmimeSigning),
    }
}

fn issued(certificate: &Certificate) -> IssuedRecord {
    IssuedRecord {
        serial: certificate.serial.clone(),
        reference: Some(certificate.enrollment.to_string()),
        not_after: certificate.not_after,
        revoked: None,
    }
}

fn in_books(serial: &SerialNumber) -> DriftObject {
    DriftObject::Issued { authority: id(30), serial: serial.clone() }
}

fn at_intune(listed: &ListedRecord) -> DriftObject {
    let DeliveryRecord { id, thumbprint, user_principal_name } = listed.record.clone();
    DriftObject::Record { id, thumbprint, user_principal_name }
}

fn handed_over(number: usize, owner: &Subscriber, certificate: &Certificate) -> DriftObject {
    DriftObject::Delivery {
        id: id(100_001 + number as u128),
        thumbprint: certificate.thumbprint,
        user_principal_name: owner.user_principal_name.clone(),
    }
}

/// What cannot be repaired by a plan, and is set right by hand.
#[derive(Default)]
struct ByHand {
    forgotten: Vec<Certificate>,
    misused: Vec<String>,
    held: Vec<Certificate>,
}

/// The authority puts it on hold.
fn put_on_hold(company: &Company, serial: &SerialNumber) {
    let mut books = company.books.issued.lock().unwrap();
    let entry = books.iter_mut().find(|one| one.serial == *serial).unwrap();
    entry.revoked = Some((NOW, RevocationReason::CertificateHold));
}

/// Changes who has a certificate on hold: the authority alone, both, we alone; or it is revoked here and on hold there.
async fn change_a_hold(
    company: &Company,
    work: &mut dyn Work,
    dice: &mut Dice,
    roll: usize,
    number: usize,
    hand: &mut ByHand,
) -> Vec<(DriftKind, DriftObject)> {
    let (owner, certificate) = (&company.people[number], &company.certificates[number]);
    let serial = certificate.serial.clone();
    match roll {
        14 => {
            put_on_hold(company, &serial);
            hand.held.push(certificate.clone());
            vec![(DriftKind::HoldDiffers, in_books(&serial))]
        }
        15 => {
            // What is on hold here and there agrees; while a hold is ordered or lifted, either answer does.
            let states =
                [HoldState::AtAuthority, HoldState::Ordered, HoldState::HereOnly, HoldState::Lifting];
            work.certificates().hold(&hold(certificate, states[dice.roll(4)])).await.unwrap();
            put_on_hold(company, &serial);
            Vec::new()
        }
        16 => {
            let states =
                [HoldState::AtAuthority, HoldState::Ordered, HoldState::HereOnly, HoldState::Lifting];
            let state = states[dice.roll(4)];
            work.certificates().hold(&hold(certificate, state)).await.unwrap();
            if state == HoldState::AtAuthority {
                hand.held.push(certificate.clone());
                vec![(DriftKind::HoldDiffers, in_books(&serial))]
            } else {
                Vec::new()
            }
        }
        _ => {
            // A hold is no revocation: that one was ordered here, and is ordered there again.
            let reason = RevocationReason::KeyCompromise;
            work.certificates().mark_revoked(certificate.id, reason, NOW).await.unwrap();
            put_on_hold(company, &serial);
            vec![
                (DriftKind::NotRevokedThere, in_books(&serial)),
                (DriftKind::Ended, at_intune(&record(owner, certificate))),
            ]
        }
    }
}

/// Changes the world around one person, and says what is to be found of it.
async fn change(
    company: &Company,
    dice: &mut Dice,
    number: usize,
    hand: &mut ByHand,
) -> Vec<(DriftKind, DriftObject)> {
    let (owner, certificate) = (&company.people[number], &company.certificates[number]);
    let (listed, serial) = (record(owner, certificate), certificate.serial.clone());
    let records = &company.shelf.records;
    let mut work = company.world.shared.begin().await.unwrap();
    let odd = Thumbprint::new([0xee; 20]);
    let found = match dice.roll(19) {
        0 => {
            let serial = SerialNumber::from_be_bytes(&[0x7f, 9, u8::try_from(number).unwrap()]);
            let reference = Some(format!("outside {number}"));
            let extra = IssuedRecord { serial: serial.clone(), reference, ..issued(certificate) };
            company.books.issued.lock().unwrap().insert(0, extra);
            vec![(DriftKind::ShadowIssuance, in_books(&serial))]
        }
        1 => {
            company.books.issued.lock().unwrap().retain(|one| one.serial != serial);
            hand.forgotten.push(certificate.clone());
            vec![(DriftKind::MissingAtAuthority, in_books(&serial))]
        }
        2 => {
            let mut books = company.books.issued.lock().unwrap();
            let entry = books.iter_mut().find(|one| one.serial == serial).unwrap();
            entry.revoked = Some((NOW, RevocationReason::KeyCompromise));
            vec![(DriftKind::RevokedThere, in_books(&serial))]
        }
        3 => {
            let reason = RevocationReason::Superseded;
            work.certificates().mark_revoked(certificate.id, reason, NOW).await.unwrap();
            vec![(DriftKind::NotRevokedThere, in_books(&serial)), (DriftKind::Ended, at_intune(&listed))]
        }
        4 => {
            records.lock().unwrap().retain(|one| one.record.id != listed.record.id);
            vec![(DriftKind::Orphan, handed_over(number, owner, certificate))]
        }
        5 => {
            let mut stranger = listed.clone();
            stranger.record.id = format!("stranger {number}");
            stranger.record.thumbprint = odd;
            records.lock().unwrap().insert(0, stranger.clone());
            vec![(DriftKind::Unknown, at_intune(&stranger))]
        }
        6 => {
            let mut theirs = listed.clone();
            (theirs.record.id, theirs.record.thumbprint) = (format!("theirs {number}"), odd);
            theirs.ours = false;
            records.lock().unwrap().push(theirs);
            Vec::new()
        }
        7 => {
            let mut moved = listed.clone();
            moved.record.user_principal_name = "mallory@nordwind.example".to_owned();
            company.shelf.edit(&listed.record.id, |one| *one = moved.clone());
            vec![(DriftKind::WrongHolder, at_intune(&moved))]
        }
        8 => {
            let user_principal_name = format!("new.{number}@nordwind.example");
            work.subscribers().set(&Subscriber { user_principal_name, ..owner.clone() }).await.unwrap();
            vec![(DriftKind::FormerName, at_intune(&listed))]
        }
        9 => {
            work.subscribers().mark_gone(owner.id, NOW).await.unwrap();
            vec![(DriftKind::Left, at_intune(&listed))]
        }
        10 => {
            let purpose = Some(IntendedPurpose::Unassigned);
            company.shelf.edit(&listed.record.id, |one| one.intended_purpose = purpose);
            hand.misused.push(listed.record.id.clone());
            vec![(DriftKind::WrongPurpose, at_intune(&listed))]
        }
        11 => {
            let mut crossed = listed.clone();
            (crossed.record.id, crossed.record.user_principal_name) =
                (format!("crossed {number}"), "eve@nordwind.example".to_owned());
            records.lock().unwrap().push(crossed.clone());
            vec![(DriftKind::WrongHolder, at_intune(&crossed))]
        }
        12 => {
            let state = DeliveryState::Withdrawn;
            work.deliveries().set_state(id(100_001 + number as u128), state, None, NOW).await.unwrap();
            vec![(DriftKind::Withdrawn, at_intune(&listed))]
        }
        13 => {
            // What expired long ago is nobody's business any more.
            let long_ago = NOW - Span::days(9);
            let serial = SerialNumber::from_be_bytes(&[0x7e, 9, u8::try_from(number).unwrap()]);
            let extra = IssuedRecord { serial, not_after: long_ago, ..issued(certificate) };
            company.books.issued.lock().unwrap().push(extra);
            Vec::new()
        }
        roll @ 14..=17 => change_a_hold(company, work.as_mut(), dice, roll, number, hand).await,
        _ => Vec::new(),
    };
    work.commit().await.unwrap();
    found
}

#[tokio::test]
async fn what_was_changed_is_found_exactly_and_repaired_nothing_is_left() {
    let mut kinds: BTreeSet<DriftKind> = BTreeSet::new();
    for seed in 0..24 {
        let company = Company::of(30).await;
        assert_eq!(company.compare().await, [true, true]);
        assert!(company.shown(DriftState::Noted).await.is_empty(), "seed {seed}: all is in its place");
        let (mut dice, mut hand) = (Dice(seed), ByHand::default());
        let mut expected: BTreeSet<(DriftKind, DriftObject)> = BTreeSet::new();
        for number in 0..company.people.len() {
            expected.extend(change(&company, &mut dice, number, &mut hand).await);
        }
        kinds.extend(expected.iter().map(|(kind, _)| *kind));
        company.compare().await;
        assert_eq!(company.shown(DriftState::Noted).await, expected, "seed {seed}");
        assert!(company.shown(DriftState::Open).await.is_empty(), "seed {seed}: one reading proves nothing");
        assert_eq!(company.repaired().await, 0, "seed {seed}: nor is anything done about it");
        company.compare().await;
        assert_eq!(company.shown(DriftState::Open).await, expected, "seed {seed}");
        assert!(company.shown(DriftState::Noted).await.is_empty(), "seed {seed}");

        // A certificate that is revoked now is no longer wanted at Intune: the next round finds that.
        for _ in 0..3 {
            company.repaired().await;
            assert_eq!(company.repaired().await, 0, "seed {seed}: what is ordered waits for a reading");
            company.compare().await;
            company.compare().await;
        }
        let left = company.listed(DriftState::Open).await;
        let is_for_people = |one: &DriftFinding| one.seen.kind.repair().is_none();
        assert!(left.iter().all(is_for_people), "seed {seed}: {left:?}");
        let (store, clock) = (company.world.shared.as_ref(), company.world.clock.as_ref());
        for one in &left {
            match (&one.seen.kind, &one.seen.object) {
                (DriftKind::ShadowIssuance, _) => {
                    let reason = RevocationReason::CessationOfOperation;
                    revoke_shadow(store, company.outside(), clock, "susi", one.id, reason).await.unwrap();
                    revoke_shadow(store, company.outside(), clock, "susi", one.id, reason).await.unwrap_err();
                }
                (DriftKind::Orphan, DriftObject::Delivery { thumbprint, .. }) => {
                    // An officer hands it over again, under the present name.
                    let at =
                        company.certificates.iter().position(|one| one.thumbprint == *thumbprint).unwrap();
                    let owner = store.read().await.unwrap().subscribers().lookup(company.people[at].id).await;
                    let again = record(&owner.unwrap().unwrap(), &company.certificates[at]);
                    company.shelf.records.lock().unwrap().push(again);
                }
                _ => {}
            }
        }
        for certificate in &hand.forgotten {
            company.books.issued.lock().unwrap().push(issued(certificate));
        }
        for certificate in &hand.held {
            let mut books = company.books.issued.lock().unwrap();
            let entry = books.iter_mut().find(|one| one.serial == certificate.serial).unwrap();
            assert!(entry.ended().is_none(), "seed {seed}: nothing revoked it");
            entry.revoked =
                if entry.is_on_hold() { None } else { Some((NOW, RevocationReason::CertificateHold)) };
        }
        for id in &hand.misused {
            company.shelf.edit(id, |one| one.intended_purpose = Some(IntendedPurpose::SmimeSigning));
        }
        company.compare().await;
        for state in [DriftState::Noted, DriftState::Open] {
            let still = company.listed(state).await;
            assert!(still.is_empty(), "seed {seed}: {still:?}");
        }
        assert!(draft(store, clock, &Prices::default()).await.unwrap().repairs.is_empty());
    }
    let of_book = |kind: &DriftKind| crate::drift_book::KINDS.contains(kind);
    let all = DriftKind::ALL.into_iter().filter(|kind| !of_book(kind)).collect::<BTreeSet<_>>();
    assert_eq!(kinds, all, "the seeds bring every kind");
}

#[tokio::test]
async fn a_list_that_is_not_whole_finds_and_closes_nothing() {
    for broken in [Broken::Throttled, Broken::Gone, Broken::Short] {
        let company = Company::of(20).await;
        let gone = record(&company.people[3], &company.certificates[3]);
        company.shelf.records.lock().unwrap().retain(|one| one.record.id != gone.record.id);
        company.compare().await;
        company.compare().await;
        let before = company.shown(DriftState::Open).await;
        assert_eq!(before.len(), 1);
        *company.shelf.broken.lock().unwrap() = broken;
        for _ in 0..3 {
            assert_eq!(company.compare().await, [true, false], "{broken:?}");
        }
        assert_eq!(company.shown(DriftState::Open).await, before, "{broken:?}: what was known stays known");
        assert!(company.shown(DriftState::Noted).await.is_empty(), "{broken:?}");
        let readings = company.world.shared.read().await.unwrap().drift().readings().await.unwrap();
        assert!(readings.iter().any(|one| one.not_compared.is_some() && one.read_at.is_some()));
    }
}

#[tokio::test]
async fn an_authority_that_tells_nothing_is_not_compared() {
    let mut company = Company::of(3).await;
    let silent = Books::silent();
    company.authorities.insert(id(30), Arc::new(silent));
    assert_eq!(company.compare().await, [false, true]);
    company.authorities.clear();
    assert_eq!(company.compare().await, [false, true]);
    assert!(company.shown(DriftState::Noted).await.is_empty(), "nothing is concluded");
}

#[tokio::test]
async fn repairs_keep_within_the_limits_of_a_day_and_look_once_more() {
    let company = Company::of(12).await;
    for number in 0..7_u8 {
        let mut stranger = record(&company.people[0], &company.certificates[0]);
        (stranger.record.id, stranger.record.thumbprint) =
            (format!("stranger {number}"), Thumbprint::new([number; 20]));
        company.shelf.records.lock().unwrap().push(stranger);
    }
    company.compare().await;
    company.compare().await;
    let (store, clock) = (company.world.shared.as_ref(), company.world.clock.as_ref());
    let plan = draft(store, clock, &Prices::default()).await.unwrap();
    assert_eq!(plan.repairs.len(), 7);
    let limits = Limits::default();
    let past = lifecycle::excesses(store, &limits, &plan, NOW).await.unwrap();
    assert!(past[0].contains("7 repairs"), "{past:?}");
    let within = Consent::Within(&limits);
    apply(store, clock, &company.world.ids, &plan, "susi", within).await.unwrap_err();
    assert_eq!(company.shelf.records.lock().unwrap().len(), 19, "nothing was done");
    let five = plan::Plan { repairs: plan.repairs[..5].to_vec(), ..plan.clone() };
    let done = apply(store, clock, &company.world.ids, &five, "susi", within).await.unwrap();
    assert_eq!(done.repairs.len(), 5);
    let two = plan::Plan { repairs: plan.repairs[5..].to_vec(), ..plan.clone() };
    apply(store, clock, &company.world.ids, &two, "susi", within).await.unwrap_err();
    // Somebody else was faster with one of them.
    let first = store.read().await.unwrap().drift().lookup(plan.repairs[0].finding).await.unwrap().unwrap();
    let DriftObject::Record { id: gone, .. } = &first.seen.object else { panic!("{first:?}") };
    company.shelf.records.lock().unwrap().retain(|one| one.record.id != *gone);
    for intent in &five.repairs {
        repair(store, company.outside(), clock, &company.world.ids, "the service", intent.finding)
            .await
            .unwrap();
    }
    assert_eq!(company.shelf.records.lock().unwrap().len(), 14);
    let approvers = ["ben@desk".to_owned()];
    let again =
        apply(store, clock, &company.world.ids, &plan, "susi", Consent::Of(&approvers)).await.unwrap();
    assert_eq!(again.repairs.len(), 2, "those that were ordered are not ordered once more");
}
