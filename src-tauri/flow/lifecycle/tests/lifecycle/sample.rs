//! A store with one template, one authority, and people as a test wants them.

use std::sync::Arc;

use lifecycle::{Limits, Terms};
use model::names::Profile;
use model::{
    Assignment, Certificate, CertificateNames, CertificateState, CommonName, DeliveryPolicy, EndingPolicy,
    Enrollment, EnrollmentState, GroupId, Hold, HoldCause, HoldState, Ids, KeyAlgorithm, Purpose,
    SerialNumber, Span, Station, Subscriber, SubscriberKind, Template, Thumbprint, Timestamp,
};
use store::{Store, StoredAuthority, StoredCertificate};
use support::{FreshStore, ManualClock, fresh_store, seeded_ids};
use uuid::Uuid;

pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_772_438_400);

pub(crate) fn id<T: From<Uuid>>(number: u128) -> T {
    Uuid::from_u128(number).into()
}

pub(crate) fn group() -> GroupId {
    id(100)
}

pub(crate) fn person(number: u128) -> Subscriber {
    Subscriber {
        id: id(number),
        kind: SubscriberKind::Person,
        user_principal_name: format!("person{number}@nordwind.example"),
        mail: Some(format!("person{number}@nordwind.example")),
        aliases: Vec::new(),
        display_name: Some(format!("Person {number}")),
        given_name: Some("Susi".to_owned()),
        surname: Some("Muster".to_owned()),
        enabled: true,
        on_premises_sid: None,
        groups: vec![group()],
        seen_at: NOW,
        gone_at: None,
    }
}

pub(crate) fn template() -> Template {
    Template {
        id: id(10),
        name: "Mail".to_owned(),
        description: String::new(),
        enabled: true,
        purpose: Purpose::Smime,
        common_name: CommonName::DisplayName,
        organization: None,
        key: KeyAlgorithm::Rsa2048,
        authority: "Inside".to_owned(),
        validity_days: 365,
        renew_before_days: 28,
        archive: true,
        post_quantum: false,
        delivery: DeliveryPolicy::default(),
        assignment: Assignment { include: vec![group()], exclude: Vec::new(), shared_mailboxes: true },
        ending: EndingPolicy::USUAL,
    }
}

/// What the service may do by itself.
pub(crate) fn terms() -> Terms {
    Terms { limits: Limits::default(), actor: "the service".to_owned() }
}

pub(crate) struct World {
    pub(crate) store: FreshStore,
    /// What the world is really on.
    pub(crate) shared: Arc<dyn Store>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ids: Ids,
}

impl World {
    pub(crate) async fn of(template: &Template, people: &[Subscriber]) -> Self {
        let store = fresh_store().await;
        let shared = store.shared();
        Self::build(template, people, store, shared).await
    }

    /// On a database that others have opened too.
    pub(crate) async fn on(template: &Template, people: &[Subscriber], shared: Arc<dyn Store>) -> Self {
        Self::build(template, people, fresh_store().await, shared).await
    }

    async fn build(
        template: &Template,
        people: &[Subscriber],
        store: FreshStore,
        shared: Arc<dyn Store>,
    ) -> Self {
        let clock = Arc::new(ManualClock::at(NOW));
        let ids = seeded_ids(&clock, 1);
        let mut work = shared.begin().await.unwrap();
        let authority = StoredAuthority {
            id: id(30),
            name: "Inside".to_owned(),
            connector: "builtin".to_owned(),
            settings: "{}".to_owned(),
            sealed_secrets: None,
            added_at: NOW,
        };
        work.authorities().add(&authority).await.unwrap();
        work.templates().add(template, "susi", NOW).await.unwrap();
        for one in people {
            work.subscribers().set(one).await.unwrap();
        }
        work.commit().await.unwrap();
        Self { store, shared, clock, ids }
    }

    /// Gives a subscriber a certificate that ends after so many days, and the enrollment behind it.
    pub(crate) async fn certify(&self, number: u128, owner: &Subscriber, days_left: i64) -> Certificate {
        let mut work = self.shared.begin().await.unwrap();
        let names = plan::compose(owner, &template()).unwrap_or_default();
        work.enrollments().add(&Enrollment { names, ..done(number, owner) }).await.unwrap();
        let certificate = certificate(number, owner, days_left);
        let stored =
            StoredCertificate { certificate: certificate.clone(), der: vec![1; 40], chain: Vec::new() };
        work.certificates().add(&stored).await.unwrap();
        work.commit().await.unwrap();
        certificate
    }
}

pub(crate) fn done(number: u128, owner: &Subscriber) -> Enrollment {
    Enrollment {
        id: id(number),
        subscriber: owner.id,
        user_principal_name: owner.user_principal_name.clone(),
        template: template().id,
        authority: id(30),
        names: CertificateNames::default(),
        profile: Profile::SmimeMailbox,
        key: KeyAlgorithm::Rsa2048,
        archive: true,
        validity_days: 365,
        replaces: None,
        reason: "first".to_owned(),
        station: Station::Deliver,
        state: EnrollmentState::Done,
        ticket: None,
        certificate: None,
        attempts: 0,
        last_error: None,
        created_at: NOW,
        updated_at: NOW,
    }
}

pub(crate) fn certificate(number: u128, owner: &Subscriber, days_left: i64) -> Certificate {
    let mut digest = [0xab; 20];
    digest[4..].copy_from_slice(&number.to_be_bytes());
    Certificate {
        id: id(number),
        enrollment: id(number),
        subscriber: owner.id,
        template: template().id,
        authority: id(30),
        purpose: Purpose::Smime,
        serial: SerialNumber::from_be_bytes(&number.to_be_bytes()),
        thumbprint: Thumbprint::new(digest),
        common_name: owner.user_principal_name.clone(),
        mail: owner.mail.clone().unwrap_or_default(),
        not_before: NOW + Span::days(days_left - 365),
        not_after: NOW + Span::days(days_left),
        state: CertificateState::Valid,
        revoked: None,
        archived: true,
        checked_at: NOW,
    }
}

/// What is told apart by a number alone.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        // splitmix64 (Steele, Lea and Flood 2014).
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).unwrap()
    }
}

/// A hold that a person ordered.
pub(crate) fn hold(certificate: &Certificate, state: HoldState) -> Hold {
    Hold {
        certificate: certificate.id,
        subscriber: certificate.subscriber,
        cause: HoldCause::ByHand,
        was: certificate.state,
        state,
        since: NOW,
    }
}
