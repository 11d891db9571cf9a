//! What lists and responders say of certificates whose authority tells no list: believed after two readings, repaired by plans.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use lifecycle::{
    Consent, Limits, NotCompared, Outside, SideCompared, Source, apply, compare_authorities, draft,
    order_hold, refresh_status, repair,
};
use model::{
    AuthorityId, AuthorityWord, Certificate, CertificateState, Clock as _, DriftFinding, DriftKind,
    DriftState, HoldState, ImportOrigin, Prices, RevocationReason, Span, Standing, Subscriber,
};
use ports::{CertificateAuthority, StatusDoor, StatusError, Told};
use store::{DriftFilter, StoredAuthority};

use crate::drift::Books;
use crate::sample::{NOW, World, id, person, template};

const LIST: &str = "http://pki.example.com/a.crl";

/// What is said of one certificate: nothing where it names no address, a sentence where the address cannot be read.
type Word = Result<Option<AuthorityWord>, &'static str>;

/// Says of the next certificates what the test wants, and of all others that they are good, an hour ago.
#[derive(Default)]
struct Said(Mutex<Vec<Word>>);

#[async_trait]
impl StatusDoor for Said {
    async fn word(&self, _: &[u8], _: &[Vec<u8>]) -> Result<Option<Told>, StatusError> {
        let mut said = self.0.lock().unwrap();
        let next = if said.is_empty() { Ok(Some(word(Standing::Good, 0))) } else { said.remove(0) };
        match next {
            Ok(word) => Ok(word.map(|word| Told { word, address: LIST.to_owned() })),
            Err(why) => Err(StatusError::Unreadable { address: LIST.to_owned(), why: why.to_owned() }),
        }
    }
}

/// A word of so many hours after the story begins.
fn word(standing: Standing, hours: i64) -> AuthorityWord {
    let said_at = NOW + Span::hours(hours);
    AuthorityWord { standing, said_at }
}

struct Story {
    world: World,
    door: Said,
    authorities: BTreeMap<AuthorityId, Arc<dyn CertificateAuthority>>,
}

impl Story {
    /// People with certificates numbered 50 and up, of an authority that tells no list.
    async fn of(people: u128) -> Self {
        let staff: Vec<Subscriber> = (1..=people).map(person).collect();
        let world = World::of(&template(), &staff).await;
        for (number, owner) in (50..).zip(&staff) {
            world.certify(number, owner, 300).await;
        }
        let silent = Books::silent();
        let mut authorities: BTreeMap<AuthorityId, Arc<dyn CertificateAuthority>> = BTreeMap::new();
        authorities.insert(id(30), Arc::new(silent));
        Self { world, door: Said::default(), authorities }
    }

    fn outside(&self) -> Outside<'_> {
        Outside { authorities: &self.authorities, delivery: None, book: None, status: Ok(&self.door) }
    }

    /// A complete reading an hour later, in which this is said, in order of the certificates.
    async fn read(&self, said: &[Word]) -> SideCompared {
        self.world.clock.advance(Span::hours(1));
        *self.door.0.lock().unwrap() = said.to_vec();
        // Readings are told apart by the database's clock.
        tokio::time::sleep(Duration::from_millis(3)).await;
        let (store, clock) = (self.world.shared.as_ref(), self.world.clock.as_ref());
        let [side] = compare_authorities(store, self.outside(), clock).await.unwrap().try_into().unwrap();
        side
    }

    async fn certificate(&self, number: u128) -> Certificate {
        let mut work = self.world.shared.read().await.unwrap();
        work.certificates().lookup(id(number)).await.unwrap().unwrap().certificate
    }

    async fn listed(&self, state: DriftState) -> Vec<DriftFinding> {
        let filter = DriftFilter { states: vec![state], ..DriftFilter::default() };
        self.world.shared.read().await.unwrap().drift().list(&filter, None, 100).await.unwrap()
    }
}

#[tokio::test]
async fn what_is_as_it_should_be_is_confirmed_and_nothing_is_found() {
    let story = Story::of(3).await;
    assert_eq!(story.read(&[]).await.compared, Ok(3));
    assert_eq!(story.certificate(52).await.checked_at, story.world.clock.now());
    assert!(story.listed(DriftState::Noted).await.is_empty());
}

#[tokio::test]
async fn a_revocation_that_nobody_here_ordered_is_found_by_two_readings_and_taken_over_by_a_plan() {
    let story = Story::of(2).await;
    let revoked = Ok(Some(word(Standing::Revoked(NOW, RevocationReason::KeyCompromise), 0)));
    assert_eq!(story.read(&[revoked]).await.compared, Ok(2));
    assert_eq!(story.listed(DriftState::Noted).await.len(), 1, "seen once");
    assert!(story.listed(DriftState::Open).await.is_empty());
    assert_ne!(story.certificate(50).await.checked_at, story.world.clock.now(), "nobody confirmed it");
    story.read(&[revoked]).await;
    let [found] = story.listed(DriftState::Open).await.try_into().unwrap();
    assert_eq!((found.seen.kind, found.seen.certificate), (DriftKind::RevokedThere, Some(id(50))));
    assert_eq!(story.certificate(50).await.state, CertificateState::Valid, "nothing by itself");

    let (store, clock) = (story.world.shared.as_ref(), story.world.clock.as_ref());
    let mut plan = draft(store, clock, &Prices::default()).await.unwrap();
    plan.intents.clear();
    let limits = Limits::default();
    let consent = Consent::Within(&limits);
    assert_eq!(apply(store, clock, &story.world.ids, &plan, "susi", consent).await.unwrap().repairs.len(), 1);
    // It looks once more before it acts, at the same place.
    *story.door.0.lock().unwrap() = vec![revoked];
    repair(store, story.outside(), clock, &story.world.ids, "the service", found.id).await.unwrap();
    let certificate = story.certificate(50).await;
    assert_eq!(certificate.state, CertificateState::Revoked);
    assert_eq!(certificate.revoked, Some((NOW, RevocationReason::KeyCompromise)));
    assert_eq!(certificate.checked_at, clock.now(), "the authority said so now, of a moment long ago");
    story.read(&[revoked]).await;
    assert!(story.listed(DriftState::Open).await.is_empty(), "repaired, it is closed");
}

#[tokio::test]
async fn a_list_from_before_our_own_deed_says_nothing_about_it() {
    let story = Story::of(2).await;
    let (ids, at) = (&story.world.ids, NOW + Span::hours(5));
    let mut work = story.world.shared.begin().await.unwrap();
    work.certificates().mark_revoked(id(50), RevocationReason::Superseded, at).await.unwrap();
    order_hold(work.as_mut(), ids, id(51), "susi", at).await.unwrap();
    let (ordered, there) = (HoldState::Ordered, HoldState::AtAuthority);
    assert!(work.certificates().set_hold(id(51), ordered, there).await.unwrap());
    work.commit().await.unwrap();
    let good_at = |hours| Ok(Some(word(Standing::Good, hours)));
    for _ in 0..2 {
        story.read(&[good_at(4), good_at(4)]).await;
    }
    assert!(story.listed(DriftState::Noted).await.is_empty());
    assert_eq!(story.certificate(51).await.checked_at, NOW, "nor was anything confirmed");
    for _ in 0..2 {
        story.read(&[good_at(6), good_at(6)]).await;
    }
    let mut kinds: Vec<DriftKind> =
        story.listed(DriftState::Open).await.into_iter().map(|one| one.seen.kind).collect();
    kinds.sort_unstable();
    let mut expected = [DriftKind::NotRevokedThere, DriftKind::HoldDiffers];
    expected.sort_unstable();
    assert_eq!(kinds, expected);
}

#[tokio::test]
async fn a_side_of_which_a_part_cannot_be_read_closes_and_confirms_nothing() {
    let story = Story::of(3).await;
    let held = Ok(Some(word(Standing::Held(NOW), 0)));
    story.read(&[held]).await;
    story.read(&[held]).await;
    assert_eq!(story.listed(DriftState::Open).await.len(), 1);
    let side = story.read(&[Ok(Some(word(Standing::Good, 2))), Err("it is away"), Ok(None)]).await;
    let not = side.compared.unwrap_err();
    assert!(
        !not.is_expected && not.why.contains("1 of its certificates") && not.why.contains("it is away"),
        "{not:?}"
    );
    assert_eq!(story.listed(DriftState::Open).await.len(), 1, "half a reading closes nothing");
    assert_eq!(story.read(&[]).await.compared, Ok(3));
    assert!(story.listed(DriftState::Open).await.is_empty(), "a whole one does");
    let side = story.read(&[Ok(None), Ok(None), Ok(None)]).await;
    assert!(side.compared.unwrap_err().is_expected, "none of them names an address");
}

#[tokio::test]
async fn what_cannot_be_asked_from_this_machine_is_told_with_the_reason_and_is_no_agreement() {
    let story = Story::of(1).await;
    let imported = StoredAuthority {
        id: id(31),
        name: "Before".to_owned(),
        connector: ImportOrigin::CONNECTOR.to_owned(),
        settings: "{}".to_owned(),
        sealed_secrets: None,
        added_at: NOW,
    };
    let mut work = story.world.shared.begin().await.unwrap();
    work.authorities().add(&imported).await.unwrap();
    work.commit().await.unwrap();
    let why = "the proxy is not to be used";
    let outside = Outside { status: Err(why), ..story.outside() };
    let (store, clock) = (story.world.shared.as_ref(), story.world.clock.as_ref());
    clock.advance(Span::hours(1));
    let sides = compare_authorities(store, outside, clock).await.unwrap();
    assert_eq!(sides.len(), 2, "imported ones are among them: {sides:?}");
    for side in sides {
        assert_eq!(side.compared, Err(NotCompared { why: why.to_owned(), is_expected: false }));
    }
    let [told] = refresh_status(store, outside, clock, &[id(50)]).await.unwrap().try_into().unwrap();
    assert_eq!(told.source, Source::Unread(why.to_owned()));
    assert_eq!(told.certificate.checked_at, NOW);
}

#[tokio::test]
async fn single_certificates_are_asked_about_at_once_and_no_finding_comes_of_it() {
    let story = Story::of(4).await;
    story.world.clock.advance(Span::hours(1));
    let said = vec![
        Ok(Some(word(Standing::Good, 0))),
        Ok(Some(word(Standing::Unknown, 0))),
        Err("it is away"),
        Ok(None),
    ];
    *story.door.0.lock().unwrap() = said;
    let (store, clock) = (story.world.shared.as_ref(), story.world.clock.as_ref());
    let wanted = [id(50), id(51), id(52), id(53), id(99)];
    let told = refresh_status(store, story.outside(), clock, &wanted).await.unwrap();
    let [good, unknown, unread, silent] = told.try_into().unwrap();
    assert_eq!((good.source, good.difference), (Source::Address(LIST.to_owned(), NOW), None));
    assert_eq!(good.certificate.checked_at, story.world.clock.now());
    assert!(unknown.difference.unwrap().contains("does not know"));
    assert_eq!(unknown.certificate.checked_at, NOW);
    assert!(matches!(unread.source, Source::Unread(why) if why.contains("it is away")));
    assert_eq!(silent.source, Source::Nowhere);
    assert!(story.listed(DriftState::Noted).await.is_empty());
}
