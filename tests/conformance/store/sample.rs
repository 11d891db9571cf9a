//! Invented subscribers, certificates and whatever they need to exist.

use std::sync::Arc;

use model::names::Profile;
use model::{
    Assignment, AuthorityId, CalledDrill, Campaign, CampaignState, CampaignTerms, Certificate, CertificateId,
    CertificateNames, CertificateState, CommonName, Delivery, DeliveryId, DeliveryPolicy, DeliveryState,
    DrillKey, Enrollment, EnrollmentId, EnrollmentState, GroupId, KeyAlgorithm, Member, Publication,
    PublicationState, Purpose, RevocationReason, Selection, SerialNumber, Span, Station, Subscriber,
    SubscriberId, SubscriberKind, Template, TemplateId, Thumbprint, Timestamp,
};
use store::{Store, StoredAuthority, StoredCertificate, StoredKraSet, StoredKraSetSignature, Work};
use uuid::Uuid;

/// The moment at which the samples live.
pub const NOW: Timestamp = Timestamp::from_seconds(1_772_438_400);

/// An id with a number in it; equal numbers are equal ids, greater numbers sort behind.
pub fn id<T: From<Uuid>>(number: u128) -> T {
    Uuid::from_u128(number).into()
}

/// The template that everything belongs to unless said otherwise.
pub fn template_id() -> TemplateId {
    id(0x7e)
}

pub fn authority_id() -> AuthorityId {
    id(0xca)
}

pub fn person(number: u128) -> Subscriber {
    Subscriber {
        id: id(number),
        kind: SubscriberKind::Person,
        user_principal_name: format!("Person{number}@example.com"),
        mail: Some(format!("person{number}@example.com")),
        aliases: vec![format!("p{number}@example.org"), format!("p{number}@example.net")],
        display_name: Some(format!("Person {number:05}")),
        given_name: Some("Susi".to_owned()),
        surname: Some("Muster".to_owned()),
        enabled: true,
        on_premises_sid: Some(format!("S-1-5-21-1-2-3-{number}")),
        groups: vec![id(0x61), id(0x62)],
        seen_at: NOW,
        gone_at: None,
    }
}

pub fn mailbox(number: u128) -> Subscriber {
    Subscriber {
        kind: SubscriberKind::SharedMailbox,
        display_name: Some(format!("Mailbox {number:05}")),
        on_premises_sid: None,
        ..person(number)
    }
}

pub fn template(number: u128, name: &str) -> Template {
    Template {
        id: id(number),
        name: name.to_owned(),
        description: "For signed and encrypted mail".to_owned(),
        enabled: true,
        purpose: Purpose::Smime,
        common_name: CommonName::DisplayName,
        organization: None,
        key: KeyAlgorithm::Rsa3072,
        authority: "Inside".to_owned(),
        validity_days: 365,
        renew_before_days: 28,
        archive: true,
        post_quantum: false,
        delivery: DeliveryPolicy::default(),
        assignment: Assignment { include: vec![id::<GroupId>(0x61)], ..Assignment::default() },
        ending: model::EndingPolicy::default(),
    }
}

pub fn authority(number: u128, name: &str) -> StoredAuthority {
    StoredAuthority {
        id: id(number),
        name: name.to_owned(),
        connector: "builtin".to_owned(),
        settings: "{}".to_owned(),
        sealed_secrets: None,
        added_at: NOW,
    }
}

pub fn kra_set(version: u8) -> StoredKraSet {
    StoredKraSet {
        digest: [version; 32],
        version: version.into(),
        body: format!("{{\"version\":{version}}}"),
        added_at: NOW,
    }
}

pub fn kra_set_signature(set: u8, officer: u8) -> StoredKraSetSignature {
    StoredKraSetSignature {
        set: [set; 32],
        digest: [officer; 32],
        officer: [officer; 32],
        algorithm: "RS256".to_owned(),
        signature: vec![officer; 256],
        added_at: NOW,
    }
}

pub fn enrollment(number: u128, subscriber: SubscriberId) -> Enrollment {
    Enrollment {
        id: id(number),
        subscriber,
        user_principal_name: "susi@example.com".to_owned(),
        template: template_id(),
        authority: authority_id(),
        names: CertificateNames {
            common_name: "Susi Müster".to_owned(),
            mail_addresses: vec!["susi@example.com".to_owned(), "s@example.org".to_owned()],
            ..CertificateNames::default()
        },
        profile: Profile::SmimeSponsor,
        key: KeyAlgorithm::P384,
        archive: true,
        validity_days: 365,
        replaces: None,
        reason: "is in the group and has no certificate".to_owned(),
        station: Station::Keygen,
        state: EnrollmentState::Running,
        ticket: None,
        certificate: None,
        attempts: 0,
        last_error: None,
        created_at: NOW,
        updated_at: NOW,
    }
}

pub fn certificate(number: u128, subscriber: SubscriberId) -> Certificate {
    Certificate {
        id: id(number),
        enrollment: id(number),
        subscriber,
        template: template_id(),
        authority: authority_id(),
        purpose: Purpose::Smime,
        serial: serial(number),
        thumbprint: thumbprint(number),
        common_name: format!("Person {number:05}"),
        mail: format!("person{number}@example.com"),
        not_before: NOW,
        not_after: NOW + Span::days(365),
        state: CertificateState::Valid,
        revoked: None,
        archived: false,
        checked_at: NOW,
    }
}

pub fn serial(number: u128) -> SerialNumber {
    SerialNumber::from_be_bytes(&(0x5e00_0000_0000_0000_u64 + u64::try_from(number).unwrap()).to_be_bytes())
}

pub fn thumbprint(number: u128) -> Thumbprint {
    let mut digest = [0xab; 20];
    digest[4..].copy_from_slice(&number.to_be_bytes());
    Thumbprint::new(digest)
}

pub fn delivery(number: u128, certificate: CertificateId, person: SubscriberId) -> Delivery {
    Delivery {
        id: id::<DeliveryId>(number),
        certificate,
        thumbprint: thumbprint(number),
        person,
        user_principal_name: "susi@example.com".to_owned(),
        state: DeliveryState::Planned,
        record: None,
        at: NOW,
    }
}

/// What the address book shows of a certificate.
pub fn publication(number: u128, subscriber: SubscriberId, state: PublicationState) -> Publication {
    Publication {
        certificate: id(number),
        subscriber,
        book: "exchange".to_owned(),
        state,
        detail: None,
        at: NOW,
    }
}

/// The template and the authority that the samples refer to.
pub async fn add_recipes(work: &mut dyn Work) {
    work.authorities().add(&authority(0xca, "Inside")).await.unwrap();
    work.templates().add(&template(0x7e, "S/MIME"), "susi", NOW).await.unwrap();
}

/// Adds a certificate, and the finished enrollment that it refers to.
pub async fn add_certificate(work: &mut dyn Work, certificate: &Certificate) {
    let done = Enrollment {
        template: certificate.template,
        authority: certificate.authority,
        state: EnrollmentState::Done,
        ..enrollment(certificate.enrollment.uuid().as_u128(), certificate.subscriber)
    };
    work.enrollments().add(&done).await.unwrap();
    let stored = StoredCertificate { certificate: certificate.clone(), der: vec![1; 40], chain: Vec::new() };
    work.certificates().add(&stored).await.unwrap();
}

/// A store with recipes and persons 1 to `people`, none of them due.
pub async fn peopled(store: &Arc<dyn Store>, people: u128) {
    let mut work = store.begin().await.unwrap();
    add_recipes(work.as_mut()).await;
    for number in 1..=people {
        work.subscribers().set(&person(number)).await.unwrap();
        work.subscribers().mark_planned(id(number)).await.unwrap();
    }
    work.commit().await.unwrap();
}

/// Adds an open enrollment for person 1 and returns it.
pub async fn opened(store: &Arc<dyn Store>, number: u128) -> Enrollment {
    let open = enrollment(number, id(1));
    let mut work = store.begin().await.unwrap();
    work.enrollments().add(&open).await.unwrap();
    work.commit().await.unwrap();
    open
}

/// Ids of enrollments, for lists.
pub fn enrollment_ids(numbers: &[u128]) -> Vec<EnrollmentId> {
    numbers.iter().map(|number| id(*number)).collect()
}

/// A request to recover keys that waits for officers.
pub(crate) fn recovery_request(number: u128) -> store::StoredRecoveryRequest {
    store::StoredRecoveryRequest {
        id: id(number),
        body: format!("{{\"reason\":\"Fall Jürgen {number}\"}}"),
        signature: vec![1; 256],
        state: model::RecoveryState::Waiting,
        created_at: NOW + Span::seconds(i64::try_from(number).unwrap()),
        expires_at: NOW + Span::days(7),
    }
}

/// What officer `officer` gave for certificate 1.
pub(crate) fn recovery_grant(request: u128, officer: u8) -> store::StoredRecoveryGrant {
    store::StoredRecoveryGrant {
        request: id(request),
        certificate: id(1),
        officer: [officer; 32],
        sealed: vec![officer; 700],
        granted_at: NOW + Span::seconds(officer.into()),
    }
}

/// A called fire drill of two keys.
pub fn called_drill() -> CalledDrill {
    let key = |number| DrillKey::drawn(id(number), thumbprint(number), "jörg@example.com");
    CalledDrill {
        at: NOW,
        until: NOW + Span::days(14),
        seq: 7,
        officers: Vec::new(),
        keys: vec![key(1), key(2)],
    }
}

/// A campaign that is written down.
pub fn campaign(number: u128, name: &str) -> Campaign {
    Campaign {
        id: id(number),
        name: name.to_owned(),
        why: "the authority revokes what it issued in May".to_owned(),
        selection: Selection::default(),
        terms: CampaignTerms {
            deadline: NOW + Span::days(5),
            wave_size: 100,
            pause_minutes: 0,
            failures_percent: 5,
            to_template: None,
            revoke: Some(RevocationReason::Superseded),
            revocations_per_hour: 1_000,
            settle_minutes: 0,
            revoke_at_deadline: false,
        },
        state: CampaignState::Draft,
        created_at: NOW,
        created_by: "susi".to_owned(),
        looked_at: 1,
        approvals: Vec::new(),
        started_at: None,
        started_by: None,
        ended_at: None,
        wave: 0,
        waves: 0,
        wave_at: None,
        settled_at: None,
        note: None,
        version: 1,
    }
}

/// A waiting member of its first wave; number, subscriber and certificate are one.
pub fn member(campaign: u128, number: u128) -> Member {
    Member { wave: 1, ..Member::new(id(campaign), id(number), id(number), NOW) }
}

/// A canary mail that waits to be read.
pub(crate) fn canary(delivery: u128) -> model::Canary {
    model::Canary {
        delivery: id(delivery),
        made_at: NOW,
        expires_at: NOW + model::CANARY_LASTS,
        confirmed: None,
    }
}

pub(crate) fn canary_confirmation() -> model::CanaryConfirmation {
    model::CanaryConfirmation {
        at: NOW + Span::hours(2),
        by: "Jörg".to_owned(),
        device: Some("Jörgs iPhone".to_owned()),
    }
}

/// A record at Intune that nobody handed over.
pub(crate) fn drift_sighting(number: u128) -> model::DriftSighting {
    model::DriftSighting {
        side: model::DriftSide::Intune,
        kind: model::DriftKind::Unknown,
        object: model::DriftObject::Record {
            id: format!("record {number}"),
            thumbprint: thumbprint(number),
            user_principal_name: "susi@example.com".to_owned(),
        },
        certificate: None,
        sentence: "no certificate with this thumbprint is known here".to_owned(),
    }
}

pub(crate) fn drift_decision() -> model::DriftDecision {
    model::DriftDecision { at: NOW, by: "susi".to_owned(), reason: "another program's".to_owned() }
}
