//! Enrollments that keys in flight can belong to.

use model::names::Profile;
use model::{
    Assignment, CertificateNames, CommonName, DeliveryPolicy, Enrollment, EnrollmentState, KeyAlgorithm,
    Purpose, Station, Subscriber, SubscriberKind, Template, Timestamp,
};
use store::Work;
use uuid::Uuid;

pub(crate) fn id<T: From<Uuid>>(number: u128) -> T {
    T::from(Uuid::from_u128(number))
}

pub(crate) async fn add_template(work: &mut dyn Work, now: Timestamp) {
    let template = Template {
        id: id(1),
        name: "Mail".to_owned(),
        description: String::new(),
        enabled: true,
        purpose: Purpose::Smime,
        common_name: CommonName::Mail,
        organization: None,
        key: KeyAlgorithm::P256,
        authority: "Contoso".to_owned(),
        validity_days: 365,
        renew_before_days: 28,
        archive: true,
        post_quantum: false,
        delivery: DeliveryPolicy::default(),
        assignment: Assignment::default(),
        ending: model::EndingPolicy::default(),
    };
    work.templates().add(&template, "test", now).await.unwrap();
}

/// A person of this number, and an enrollment under way at the authority with the number 1.
pub(crate) async fn add_enrollment(work: &mut dyn Work, number: u128, now: Timestamp) {
    add_enrollment_in(work, number, now, EnrollmentState::Running).await;
}

/// The same in any state; once it is done, it has a certificate.
pub(crate) async fn add_enrollment_in(
    work: &mut dyn Work,
    number: u128,
    now: Timestamp,
    state: EnrollmentState,
) {
    let user_principal_name = format!("person{number}@contoso.test");
    let subscriber = Subscriber {
        id: id(number),
        kind: SubscriberKind::Person,
        user_principal_name: user_principal_name.clone(),
        mail: None,
        aliases: Vec::new(),
        display_name: None,
        given_name: None,
        surname: None,
        enabled: true,
        on_premises_sid: None,
        groups: Vec::new(),
        seen_at: now,
        gone_at: None,
    };
    work.subscribers().set(&subscriber).await.unwrap();
    let enrollment = Enrollment {
        id: id(number),
        subscriber: id(number),
        names: CertificateNames { common_name: user_principal_name.clone(), ..CertificateNames::default() },
        user_principal_name,
        template: id(1),
        authority: id(1),
        profile: Profile::SmimeMailbox,
        key: KeyAlgorithm::P256,
        archive: true,
        validity_days: 365,
        replaces: None,
        reason: "is in the group".to_owned(),
        station: Station::Request,
        state,
        ticket: None,
        certificate: (state == EnrollmentState::Done).then(|| id(number)),
        attempts: 0,
        last_error: None,
        created_at: now,
        updated_at: now,
    };
    work.enrollments().add(&enrollment).await.unwrap();
}
