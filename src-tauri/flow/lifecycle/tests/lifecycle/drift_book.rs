//! Seeded changes to the address list are found exactly: what is missing, what is still shown, and nothing that publishing sees to
//! by itself or that others put there.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use crypto::X509Certificate;
use lifecycle::{
    Consent, Limit, Limits, Outside, SideCompared, apply, compare_outside, draft, publish, publish_again,
    repair,
};
use model::{
    Certificate, Delivery, DeliveryState, DriftFinding, DriftKind, DriftObject, DriftSide, DriftState,
    HoldState, Prices, Publication, PublicationState, RevocationReason, Span, Subscriber, SubscriberId,
};
use ports::{AddressBook, BookChange, BookEntry, BookError, BookPage, BookReceipt};
use store::{DriftFilter, JobKind, StoredCertificate};

use crate::sample::{Dice, NOW, World, certificate, done, hold, id, person, template};

const PAGE: usize = 7;
/// Why no list or responder is asked.
const NOBODY: &str = "nobody is asked here";
/// What is found in the address list and nowhere else.
pub(crate) const KINDS: [DriftKind; 4] =
    [DriftKind::NotShown, DriftKind::StillShown, DriftKind::WrongEntry, DriftKind::OnPremises];

/// How the list fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Broken {
    /// Not at all.
    Not,
    /// Asks us to wait in the middle of the list.
    Throttled,
    /// Answers with something else in the middle of the list.
    Garbled,
    /// Ends in the middle, as if that were all.
    Short,
}

/// An address list, in pages of seven.
struct Book {
    entries: Mutex<Vec<BookEntry>>,
    /// Kinds of mailboxes that can be read and are not listed.
    unlisted: Mutex<BTreeSet<SubscriberId>>,
    broken: Mutex<Broken>,
    /// Whose entries were written.
    written: Mutex<BTreeSet<SubscriberId>>,
}

impl Book {
    fn edit(&self, holder: SubscriberId, change: impl FnOnce(&mut BookEntry)) {
        change(self.entries.lock().unwrap().iter_mut().find(|one| one.holder == holder).unwrap());
    }
}

#[async_trait]
impl AddressBook for Book {
    fn name(&self) -> &'static str {
        Publication::EXCHANGE
    }
    async fn check(&self) -> Result<String, BookError> {
        panic!("nobody checks it here")
    }
    async fn read(&self, holder: SubscriberId) -> Result<BookEntry, BookError> {
        let entries = self.entries.lock().unwrap();
        let found = entries.iter().find(|one| one.holder == holder).cloned();
        found.ok_or_else(|| BookError::NoMailbox { holder, detail: "it is not there".to_owned() })
    }
    async fn change(&self, change: &BookChange, _: Option<&str>) -> Result<BookReceipt, BookError> {
        assert!(!change.seen.is_synchronised, "it is changed elsewhere");
        self.edit(change.seen.holder, |entry| {
            assert_eq!(*entry, change.seen);
            entry.certificates.clone_from(&change.certificates);
            entry.smime.clone_from(&change.smime);
        });
        self.written.lock().unwrap().insert(change.seen.holder);
        Ok(BookReceipt { entry: self.read(change.seen.holder).await?, habit: None })
    }
    async fn list(&self, after: Option<&str>) -> Result<BookPage, BookError> {
        let unlisted = self.unlisted.lock().unwrap();
        let mut entries = self.entries.lock().unwrap().clone();
        entries.retain(|one| !unlisted.contains(&one.holder));
        let from: usize = after.map_or(0, |text| text.parse().unwrap());
        let broken = *self.broken.lock().unwrap();
        if from > 0 && broken == Broken::Throttled {
            return Err(BookError::Unavailable { retry_after: None, source: "429".into() });
        }
        if from > 0 && broken == Broken::Garbled {
            return Err(BookError::Garbled { detail: "text/html".to_owned() });
        }
        let next =
            (from + PAGE < entries.len() && broken != Broken::Short).then(|| (from + PAGE).to_string());
        Ok(BookPage { entries: entries.into_iter().skip(from).take(PAGE).collect(), next })
    }
}

/// A certificate of its own for each number: one that OpenSSL made, with another signature.
pub(crate) fn der(number: u128) -> Vec<u8> {
    static MADE: OnceLock<Vec<u8>> = OnceLock::new();
    let mut der = MADE
        .get_or_init(|| {
            let made = Command::new("openssl")
                .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
                .args(["-subj", "/CN=susi", "-addext", "basicConstraints=critical,CA:FALSE"])
                .args(["-outform", "DER", "-keyout", "/dev/null"])
                .output()
                .unwrap();
            assert!(made.status.success(), "{made:?}");
            made.stdout
        })
        .clone();
    let at = der.len() - 16;
    der[at..].copy_from_slice(&number.to_be_bytes());
    der
}

/// An S/MIME value with this certificate.
fn smime(der: &[u8]) -> Vec<u8> {
    let mut made = Command::new("openssl")
        .args(["crl2pkcs7", "-nocrl", "-outform", "DER", "-certfile", "/dev/stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let pem = X509Certificate::from_der(der).unwrap().pem();
    made.stdin.take().unwrap().write_all(pem.as_bytes()).unwrap();
    let made = made.wait_with_output().unwrap();
    assert!(made.status.success() && !made.stdout.is_empty(), "{made:?}");
    made.stdout
}

/// A company whose entries show what they should.
struct Company {
    world: World,
    people: Vec<Subscriber>,
    certificates: Vec<Certificate>,
    book: Book,
}

impl Company {
    async fn of(size: u128) -> Self {
        let people: Vec<Subscriber> = (1..=size).map(|number| person(1_000 + number)).collect();
        let world = World::of(&template(), &people).await;
        let mut certificates = Vec::new();
        let mut entries = Vec::new();
        for (number, owner) in (1..).zip(&people) {
            certificates.push(certify(&world, number, owner, 300, PublicationState::Published).await);
            entries.push(entry(owner.id, vec![der(number)]));
        }
        let book = Book {
            entries: Mutex::new(entries),
            unlisted: Mutex::default(),
            broken: Mutex::new(Broken::Not),
            written: Mutex::default(),
        };
        Self { world, people, certificates, book }
    }

    /// Reads everything; what became of the address list.
    async fn compare(&self) -> SideCompared {
        // Readings are told apart by the database's clock.
        tokio::time::sleep(Duration::from_millis(3)).await;
        let (store, clock) = (self.world.shared.as_ref(), self.world.clock.as_ref());
        let nothing = BTreeMap::new();
        let outside =
            Outside { authorities: &nothing, delivery: None, book: Some(&self.book), status: Err(NOBODY) };
        let sides = compare_outside(store, outside, clock).await.unwrap();
        sides.into_iter().find(|side| side.side == DriftSide::AddressBook).unwrap()
    }

    async fn listed(&self, state: DriftState) -> Vec<DriftFinding> {
        let filter = DriftFilter { states: vec![state], ..DriftFilter::default() };
        self.world.shared.read().await.unwrap().drift().list(&filter, None, 10_000).await.unwrap()
    }

    async fn shown(&self, state: DriftState) -> BTreeSet<(DriftKind, DriftObject)> {
        self.listed(state).await.into_iter().map(|one| (one.seen.kind, one.seen.object)).collect()
    }

    /// Carries out what the plan would repair, and what publishing makes of it; how many repairs.
    async fn repaired(&self) -> usize {
        let (store, clock) = (self.world.shared.as_ref(), self.world.clock.as_ref());
        let ids = &self.world.ids;
        let nothing = BTreeMap::new();
        let outside =
            Outside { authorities: &nothing, delivery: None, book: Some(&self.book), status: Err(NOBODY) };
        let mut plan = draft(store, clock, &Prices::default()).await.unwrap();
        // Of repairs alone, as `drift repair` makes it: others take out what publishing knows of.
        plan.intents.clear();
        plan.removals.clear();
        plan.deliveries.clear();
        let limits = Limits { repairs: Limit { count: u64::MAX, percent: 1_000_000 }, ..Limits::default() };
        let done = apply(store, clock, ids, &plan, "susi", Consent::Within(&limits)).await.unwrap();
        assert_eq!(done.repairs, plan.repairs);
        let mut repairs = 0;
        loop {
            let mut work = store.begin().await.unwrap();
            let now = work.jobs().now().await.unwrap() + Span::days(1);
            let leases = work.jobs().claim("worker", now, Span::minutes(1), 10_000).await.unwrap();
            for lease in &leases {
                assert!(work.jobs().finish(lease).await.unwrap());
            }
            work.commit().await.unwrap();
            if leases.is_empty() {
                assert_eq!(repairs, done.repairs.len());
                return repairs;
            }
            for lease in &leases {
                if let JobKind::Publication { subscriber } = lease.job.kind {
                    publish(store, &self.book, clock, subscriber, "the service").await.unwrap();
                    continue;
                }
                let JobKind::Repair { finding } = lease.job.kind else { panic!("{:?}", lease.job) };
                repairs += 1;
                repair(store, outside, clock, ids, "the service", finding).await.unwrap();
                repair(store, outside, clock, ids, "the service", finding).await.unwrap();
            }
        }
    }
}

pub(crate) fn entry(holder: SubscriberId, certificates: Vec<Vec<u8>>) -> BookEntry {
    let address = format!("{holder}@nordwind.example");
    BookEntry { holder, address, certificates, smime: Vec::new(), is_synchronised: false }
}

/// Gives somebody a certificate that was handed over, and says how far its publication came.
async fn certify(
    world: &World,
    number: u128,
    owner: &Subscriber,
    days_left: i64,
    state: PublicationState,
) -> Certificate {
    let der = der(number);
    let thumbprint = X509Certificate::from_der(&der).unwrap().thumbprint();
    let certificate = Certificate { thumbprint, ..certificate(number, owner, days_left) };
    let delivery = Delivery {
        id: id(100_000 + number),
        certificate: certificate.id,
        thumbprint,
        person: owner.id,
        user_principal_name: owner.user_principal_name.clone(),
        state: DeliveryState::Present,
        record: Some(format!("record {number}")),
        at: NOW,
    };
    let mut work = world.shared.begin().await.unwrap();
    work.enrollments().add(&done(number, owner)).await.unwrap();
    let stored = StoredCertificate { certificate: certificate.clone(), der, chain: Vec::new() };
    work.certificates().add(&stored).await.unwrap();
    work.deliveries().add_missing(&[delivery]).await.unwrap();
    work.publications().set(&publication(&certificate, state)).await.unwrap();
    work.commit().await.unwrap();
    certificate
}

pub(crate) fn publication(certificate: &Certificate, state: PublicationState) -> Publication {
    let (certificate, subscriber) = (certificate.id, certificate.subscriber);
    let book = Publication::EXCHANGE.to_owned();
    Publication { certificate, subscriber, book, state, detail: None, at: NOW }
}

fn about(holder: SubscriberId, certificate: &Certificate) -> DriftObject {
    let address = entry(holder, Vec::new()).address;
    DriftObject::Entry { holder, thumbprint: certificate.thumbprint, address }
}

/// Changes the list around one person, and says what is to be found of it.
#[expect(clippy::too_many_lines, reason = "a line or two for each way")]
async fn change(company: &Company, way: usize, number: usize) -> Vec<(DriftKind, DriftObject)> {
    let (world, book) = (&company.world, &company.book);
    let (owner, certificate) = (&company.people[number], &company.certificates[number]);
    let own = der(number as u128 + 1);
    let here = |kind: DriftKind| vec![(kind, about(owner.id, certificate))];
    let stranger = der(90_000 + number as u128);
    let second = 500 + number as u128;
    let mut work = world.shared.begin().await.unwrap();
    let found = match way {
        0 => {
            book.edit(owner.id, |entry| entry.certificates.clear());
            here(DriftKind::NotShown)
        }
        1 => {
            let reason = RevocationReason::KeyCompromise;
            work.certificates().mark_revoked(certificate.id, reason, NOW).await.unwrap();
            here(DriftKind::StillShown)
        }
        2 => {
            work.subscribers().mark_gone(owner.id, NOW).await.unwrap();
            here(DriftKind::StillShown)
        }
        3 => {
            work.certificates().hold(&hold(certificate, HoldState::AtAuthority)).await.unwrap();
            here(DriftKind::StillShown)
        }
        4 => {
            // Its successor is published, and somebody put the former one back.
            work.commit().await.unwrap();
            certify(world, second, owner, 310, PublicationState::Published).await;
            work = world.shared.begin().await.unwrap();
            let withdrawn = publication(certificate, PublicationState::Withdrawn);
            work.publications().set(&withdrawn).await.unwrap();
            book.edit(owner.id, |entry| entry.certificates.push(der(second)));
            here(DriftKind::StillShown)
        }
        5 => {
            book.edit(owner.id, |entry| entry.certificates.insert(0, stranger.clone()));
            Vec::new()
        }
        6 => {
            book.edit(owner.id, |entry| entry.certificates = vec![stranger.clone()]);
            here(DriftKind::NotShown)
        }
        7 => {
            let other: SubscriberId = id(5_000 + number as u128);
            book.entries.lock().unwrap().insert(0, entry(other, vec![own]));
            vec![(DriftKind::WrongEntry, about(other, certificate))]
        }
        8 | 9 => {
            book.edit(owner.id, |entry| entry.is_synchronised = true);
            if way == 8 {
                book.edit(owner.id, |entry| entry.certificates.clear());
            } else {
                work.subscribers().mark_gone(owner.id, NOW).await.unwrap();
            }
            here(DriftKind::OnPremises)
        }
        10 => {
            book.entries.lock().unwrap().retain(|entry| entry.holder != owner.id);
            let (holder, thumbprint) = (owner.id, certificate.thumbprint);
            let object = DriftObject::Entry { holder, thumbprint, address: certificate.mail.clone() };
            vec![(DriftKind::NotShown, object)]
        }
        11 => {
            book.unlisted.lock().unwrap().insert(owner.id);
            Vec::new()
        }
        12 => {
            book.unlisted.lock().unwrap().insert(owner.id);
            book.edit(owner.id, |entry| entry.certificates.clear());
            here(DriftKind::NotShown)
        }
        13 | 14 => {
            // Publishing is at it, or has told a person.
            let states = [PublicationState::Wanted, PublicationState::Accepted, PublicationState::Refused];
            let state = states[(number + way) % 3];
            work.publications().set(&publication(certificate, state)).await.unwrap();
            book.edit(owner.id, |entry| entry.certificates.clear());
            Vec::new()
        }
        15 => {
            work.subscribers().mark_gone(owner.id, NOW).await.unwrap();
            let unwanted = publication(certificate, PublicationState::Unwanted);
            work.publications().set(&unwanted).await.unwrap();
            Vec::new()
        }
        16 => {
            // Outlook prefers such a value to a plain certificate.
            let reason = RevocationReason::Superseded;
            work.certificates().mark_revoked(certificate.id, reason, NOW).await.unwrap();
            book.edit(owner.id, |entry| {
                entry.certificates.clear();
                entry.smime = vec![smime(&own), smime(&stranger)];
            });
            here(DriftKind::StillShown)
        }
        17 => {
            let withheld = publication(certificate, PublicationState::Withheld);
            work.publications().set(&withheld).await.unwrap();
            here(DriftKind::StillShown)
        }
        18 => {
            work.commit().await.unwrap();
            let expired = certify(world, second, owner, -2, PublicationState::Withdrawn).await;
            work = world.shared.begin().await.unwrap();
            book.edit(owner.id, |entry| entry.certificates.push(der(second)));
            vec![(DriftKind::StillShown, about(owner.id, &expired))]
        }
        19 => {
            // There was no mailbox, and by now there is one.
            let none = publication(certificate, PublicationState::NoMailbox);
            work.publications().set(&none).await.unwrap();
            book.edit(owner.id, |entry| entry.certificates.clear());
            here(DriftKind::NotShown)
        }
        20 => {
            // Publishing is going to look at it anyway.
            book.edit(owner.id, |entry| entry.certificates.clear());
            publish_again(work.as_mut(), &world.ids, owner.id, NOW).await.unwrap();
            Vec::new()
        }
        _ => Vec::new(),
    };
    work.commit().await.unwrap();
    found
}

/// The values of others, by entry.
fn of_others(book: &Book) -> BTreeSet<(SubscriberId, Vec<u8>)> {
    let strangers: BTreeSet<Vec<u8>> = (0..60).map(|number| der(90_000 + number)).collect();
    let entries = book.entries.lock().unwrap();
    let all = entries.iter().flat_map(|entry| {
        let plain = entry.certificates.iter().filter(|one| strangers.contains(*one));
        let signed = entry.smime.iter().filter(|one| strangers.iter().any(|other| contains(one, other)));
        plain.chain(signed).map(|value| (entry.holder, value.clone())).collect::<Vec<_>>()
    });
    all.collect()
}

fn contains(whole: &[u8], part: &[u8]) -> bool {
    whole.windows(part.len()).any(|window| window == part)
}

#[tokio::test]
async fn what_was_changed_in_the_address_list_is_found_exactly_and_published_again() {
    let mut kinds: BTreeSet<DriftKind> = BTreeSet::new();
    let mut ways: BTreeSet<usize> = BTreeSet::new();
    for seed in 0..8 {
        let company = Company::of(30).await;
        let side = company.compare().await;
        assert_eq!((side.compared, side.others), (Ok(30), 0));
        assert!(company.shown(DriftState::Noted).await.is_empty(), "seed {seed}: all is in its place");
        let (mut dice, mut awaited) = (Dice(seed), BTreeSet::new());
        let mut expected: BTreeSet<(DriftKind, DriftObject)> = BTreeSet::new();
        for number in 0..company.people.len() {
            let way = dice.roll(23);
            ways.insert(way);
            if way == 20 {
                awaited.insert(company.people[number].id);
            }
            expected.extend(change(&company, way, number).await);
        }
        kinds.extend(expected.iter().map(|(kind, _)| *kind));
        let others = of_others(&company.book);
        let side = company.compare().await;
        assert_eq!(side.others, others.len() as u64, "seed {seed}: those of others are counted");
        assert_eq!(company.shown(DriftState::Noted).await, expected, "seed {seed}");
        assert_eq!(company.repaired().await, 0, "seed {seed}: one reading proves nothing");
        company.compare().await;
        assert_eq!(company.shown(DriftState::Open).await, expected, "seed {seed}");
        assert!(company.shown(DriftState::Noted).await.is_empty(), "seed {seed}");

        let by_plan = |kind: DriftKind| kind.repair().is_some();
        let repairable = expected.iter().filter(|(kind, _)| by_plan(*kind)).count();
        assert_eq!(company.repaired().await, repairable, "seed {seed}");
        assert_eq!(company.repaired().await, 0, "seed {seed}: what is ordered waits for a reading");
        assert_eq!(of_others(&company.book), others, "seed {seed}: what others have there stays");
        for (_, object) in expected.iter().filter(|(kind, _)| by_plan(*kind)) {
            let DriftObject::Entry { holder, .. } = object else { panic!("{object:?}") };
            awaited.insert(*holder);
        }
        let written = company.book.written.lock().unwrap().clone();
        assert!(written.is_subset(&awaited), "seed {seed}: nobody else's entry is written");
        company.compare().await;
        let left = company.shown(DriftState::Open).await;
        let for_people: BTreeSet<_> = expected.iter().filter(|(kind, _)| !by_plan(*kind)).cloned().collect();
        assert_eq!(left, for_people, "seed {seed}");
        for (kind, object) in &left {
            let DriftObject::Entry { holder, .. } = object else { panic!("{object:?}") };
            let position = company.people.iter().position(|one| one.id == *holder);
            let own = position.map(|number| der(number as u128 + 1));
            // Whoever keeps the directory on premises puts in what lacks and takes out what is too much.
            company.book.edit(*holder, |entry| match own {
                Some(own) if entry.certificates.is_empty() => entry.certificates.push(own),
                _ => entry.certificates.clear(),
            });
            assert!(matches!(kind, DriftKind::OnPremises | DriftKind::WrongEntry));
        }
        company.compare().await;
        for state in [DriftState::Noted, DriftState::Open] {
            let still = company.listed(state).await;
            assert!(still.is_empty(), "seed {seed}: {still:?}");
        }
        let plan = draft(company.world.shared.as_ref(), company.world.clock.as_ref(), &Prices::default())
            .await
            .unwrap();
        assert!(plan.repairs.is_empty());
    }
    assert_eq!(kinds, BTreeSet::from(KINDS), "the seeds bring every kind");
    assert!((0..21).all(|way| ways.contains(&way)), "and every way: {ways:?}");
}

#[tokio::test]
async fn an_address_list_that_breaks_off_finds_and_closes_nothing_and_a_short_one_is_read_one_by_one() {
    let company = Company::of(20).await;
    company.book.edit(company.people[3].id, |entry| entry.certificates.clear());
    company.compare().await;
    company.compare().await;
    let before = company.shown(DriftState::Open).await;
    assert_eq!(before.len(), 1);
    for broken in [Broken::Throttled, Broken::Garbled] {
        *company.book.broken.lock().unwrap() = broken;
        for _ in 0..3 {
            assert!(!company.compare().await.compared.unwrap_err().is_expected, "{broken:?}");
        }
        assert_eq!(company.shown(DriftState::Open).await, before, "{broken:?}: what was known stays known");
        assert!(company.shown(DriftState::Noted).await.is_empty(), "{broken:?}");
    }
    *company.book.broken.lock().unwrap() = Broken::Short;
    for _ in 0..2 {
        assert_eq!(company.compare().await.compared, Ok(20), "what it left out was asked for");
        assert_eq!(company.shown(DriftState::Open).await, before);
        assert!(company.shown(DriftState::Noted).await.is_empty());
    }
}

#[tokio::test]
async fn a_list_that_leaves_out_more_than_can_be_asked_for_is_no_list() {
    let company = Company::of(230).await;
    *company.book.broken.lock().unwrap() = Broken::Short;
    for _ in 0..2 {
        let told = company.compare().await.compared.unwrap_err();
        assert!(!told.is_expected && told.why.contains("left out"), "{told:?}");
    }
    for state in DriftState::ALL {
        assert!(company.shown(state).await.is_empty(), "{state:?}");
    }
    // When nobody of those who are asked for is there, the list is believed about the rest.
    company.book.entries.lock().unwrap().truncate(PAGE);
    company.compare().await;
    company.compare().await;
    assert_eq!(company.shown(DriftState::Open).await.len(), 223);
}

#[tokio::test]
async fn where_nothing_is_published_nothing_is_compared() {
    let company = Company::of(1).await;
    let (store, clock) = (company.world.shared.as_ref(), company.world.clock.as_ref());
    let nothing = BTreeMap::new();
    let outside = Outside { authorities: &nothing, delivery: None, book: None, status: Err(NOBODY) };
    let sides = compare_outside(store, outside, clock).await.unwrap();
    let side = sides.into_iter().find(|side| side.side == DriftSide::AddressBook).unwrap();
    let told = side.compared.unwrap_err();
    assert!(told.is_expected && told.why.contains("[exchange]"), "{told:?}");
}
