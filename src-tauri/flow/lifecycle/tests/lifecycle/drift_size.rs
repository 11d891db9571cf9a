//! What comparing a large company takes of memory. The size is a person's wish:
//! `SEALWRIGHT_CERTIFICATES=100000 cargo test -p lifecycle comparing -- --nocapture`.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use crypto::X509Certificate;
use lifecycle::{Outside, compare_outside};
use model::{
    AuthorityId, Certificate, Delivery, DeliveryPolicy, DeliveryState, DriftState, Publication,
    PublicationState, RevocationReason, SerialNumber, Subscriber, SubscriberId, Template, Thumbprint,
};
use ports::{
    AddressBook, AuthorityInfo, BookChange, BookEntry, BookError, BookPage, BookReceipt, CaError,
    Capabilities, CertificateAuthority, CertificateRef, DeliveryDoor, DeliveryError, DeliveryRecord,
    IssuedPage, IssuedRecord, ListedPage, ListedRecord, Order, Package, Submission, Ticket,
};
use store::StoredCertificate;

use crate::drift_book::{der, entry, publication};
use crate::sample::{NOW, World, certificate, done, id, person, template};

/// All sides, made up page by page, so that nothing but the comparison holds anything.
struct MadeUp {
    size: u128,
}

const PAGE: u128 = 500;

impl MadeUp {
    fn numbers(&self, after: Option<&str>) -> (std::ops::RangeInclusive<u128>, Option<String>) {
        let from: u128 = after.map_or(1, |text| text.parse().unwrap());
        let last = (from + PAGE - 1).min(self.size);
        (from..=last, (last < self.size).then(|| (last + 1).to_string()))
    }
}

#[async_trait]
impl CertificateAuthority for MadeUp {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            lookup_by_reference: true,
            ec_keys: true,
            validity_choice: true,
            revocation_reasons: true,
            pending_issue: false,
            hold: false,
            lists_issued: true,
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
        panic!("nothing is ordered here")
    }
    async fn revoke(&self, _: &CertificateRef, _: RevocationReason) -> Result<(), CaError> {
        panic!("nothing is revoked here")
    }
    async fn list_issued(&self, after: Option<&str>) -> Result<IssuedPage, CaError> {
        let (numbers, next) = self.numbers(after);
        let record = |number: u128| {
            let one = issued_to(number, &person(number));
            let reference = Some(one.enrollment.to_string());
            IssuedRecord { serial: one.serial, reference, not_after: one.not_after, revoked: None }
        };
        Ok(IssuedPage { records: numbers.map(record).collect(), next })
    }
    async fn find_issued(&self, _: &SerialNumber) -> Result<Option<IssuedRecord>, CaError> {
        panic!("nothing is repaired here")
    }
}

#[async_trait]
impl DeliveryDoor for MadeUp {
    async fn check(&self) -> Result<String, DeliveryError> {
        panic!("nobody checks it here")
    }
    async fn deliver(&self, _: &Package) -> Result<DeliveryRecord, DeliveryError> {
        panic!("nothing is handed over here")
    }
    async fn find(&self, _: &str, _: Thumbprint) -> Result<Option<DeliveryRecord>, DeliveryError> {
        panic!("nothing is missed here")
    }
    async fn list(&self, after: Option<&str>) -> Result<ListedPage, DeliveryError> {
        let (numbers, next) = self.numbers(after);
        let listed = |number: u128| {
            let owner = person(number);
            let thumbprint = issued_to(number, &owner).thumbprint;
            let record = DeliveryRecord {
                id: format!("record {number}"),
                thumbprint,
                user_principal_name: owner.user_principal_name,
            };
            ListedRecord { record, ours: true, intended_purpose: None }
        };
        Ok(ListedPage { records: numbers.map(listed).collect(), unreadable: 0, next })
    }
    async fn withdraw(&self, _: &DeliveryRecord) -> Result<(), DeliveryError> {
        panic!("nothing is removed here")
    }
}

#[async_trait]
impl AddressBook for MadeUp {
    fn name(&self) -> &'static str {
        Publication::EXCHANGE
    }
    async fn check(&self) -> Result<String, BookError> {
        panic!("nobody checks it here")
    }
    async fn read(&self, _: SubscriberId) -> Result<BookEntry, BookError> {
        panic!("nothing is missed here")
    }
    async fn change(&self, _: &BookChange, _: Option<&str>) -> Result<BookReceipt, BookError> {
        panic!("nothing is changed here")
    }
    async fn list(&self, after: Option<&str>) -> Result<BookPage, BookError> {
        let (numbers, next) = self.numbers(after);
        let entries = numbers.map(|number| entry(person(number).id, vec![der(number)])).collect();
        Ok(BookPage { entries, next })
    }
}

/// A certificate that the address list can show.
fn issued_to(number: u128, owner: &Subscriber) -> Certificate {
    let thumbprint = X509Certificate::from_der(&der(number)).unwrap().thumbprint();
    Certificate { thumbprint, ..certificate(number, owner, 300) }
}

/// Resident memory of this process in KiB: now, or the most since it was last asked to forget. `None` elsewhere than on Linux.
fn resident(field: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(field))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

async fn fill(world: &World, size: u128) {
    let all: Vec<u128> = (1..=size).collect();
    for chunk in all.chunks(1_000) {
        let mut work = world.shared.begin().await.unwrap();
        for number in chunk.iter().copied() {
            let owner = person(number);
            let one = issued_to(number, &owner);
            work.subscribers().set(&owner).await.unwrap();
            work.enrollments().add(&done(number, &owner)).await.unwrap();
            let stored = StoredCertificate { certificate: one.clone(), der: der(number), chain: Vec::new() };
            work.certificates().add(&stored).await.unwrap();
            let delivery = Delivery {
                id: id(10_000_000 + number),
                certificate: one.id,
                thumbprint: one.thumbprint,
                person: owner.id,
                user_principal_name: owner.user_principal_name,
                state: DeliveryState::Present,
                record: Some(format!("record {number}")),
                at: NOW,
            };
            work.deliveries().add_missing(&[delivery]).await.unwrap();
            work.publications().set(&publication(&one, PublicationState::Published)).await.unwrap();
        }
        work.commit().await.unwrap();
    }
}

/// How many certificates: `SEALWRIGHT_CERTIFICATES`, or some pages of them.
#[expect(clippy::disallowed_methods, reason = "a figure is measured at the size that a person names")]
fn size() -> u128 {
    std::env::var("SEALWRIGHT_CERTIFICATES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_200)
}

#[tokio::test]
async fn comparing_a_company_that_is_in_order_holds_little_and_finds_nothing() {
    let size = size();
    let template = Template { delivery: DeliveryPolicy::default(), ..template() };
    let world = World::of(&template, &[]).await;
    fill(&world, size).await;
    let outside = Arc::new(MadeUp { size });
    let mut authorities: BTreeMap<AuthorityId, Arc<dyn CertificateAuthority>> = BTreeMap::new();
    authorities.insert(id(30), Arc::clone(&outside) as Arc<dyn CertificateAuthority>);
    let (delivery, book): (&dyn DeliveryDoor, &dyn AddressBook) = (outside.as_ref(), outside.as_ref());
    let outside = Outside {
        authorities: &authorities,
        delivery: Some(delivery),
        book: Some(book),
        status: Err("nobody is asked here"),
    };
    // Forgets the peak that filling the database left.
    let can_measure = std::fs::write("/proc/self/clear_refs", "5").is_ok();
    let before = resident("VmRSS:");
    let sides = compare_outside(world.shared.as_ref(), outside, world.clock.as_ref()).await.unwrap();
    if let (true, Some(before), Some(peak)) = (can_measure, before, resident("VmHWM:")) {
        let grown = peak.saturating_sub(before);
        println!(
            "comparing {size} certificates, records and entries: {grown} KiB more than before, {peak} KiB in all"
        );
        // Pages of every side, and what other tests hold at the same time; of each certificate a few times 16 bytes, and not itself.
        let allowed = 48 * 1_024 + u64::try_from(size).unwrap() * 100 / 1_024;
        assert!(grown < allowed, "{grown} KiB more than before, of {allowed} KiB at most");
    }
    for side in &sides {
        assert_eq!(side.compared, Ok(u64::try_from(size).unwrap()), "{side:?}");
    }
    let mut work = world.shared.read().await.unwrap();
    assert_eq!(work.drift().count(DriftState::Noted).await.unwrap(), 0);
}
