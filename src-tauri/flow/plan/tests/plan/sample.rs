//! Ordinary people, templates and certificates, to be bent by tests.

use model::names::Profile;
use model::{
    Action, Assignment, Certificate, CertificateState, CommonName, DeliveryPolicy, GroupId, Intent,
    KeyAlgorithm, MailboxHolder, Organization, Purpose, SerialNumber, Span, Subscriber, SubscriberKind,
    Template, Thumbprint, Timestamp,
};
use uuid::Uuid;

/// 2026-03-02T08:00:00Z, a Monday.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_772_438_400);

pub(crate) fn id<T: From<Uuid>>(number: u128) -> T {
    T::from(Uuid::from_u128(number))
}

pub(crate) fn group() -> GroupId {
    id(100)
}

pub(crate) fn person() -> Subscriber {
    Subscriber {
        id: id(1),
        kind: SubscriberKind::Person,
        user_principal_name: "susi@nordwind.example".to_owned(),
        mail: Some("susi.weiss@nordwind.example".to_owned()),
        aliases: vec!["sw@nordwind.example".to_owned()],
        display_name: Some("Susi Weiß".to_owned()),
        given_name: Some("Susi".to_owned()),
        surname: Some("Weiß".to_owned()),
        enabled: true,
        on_premises_sid: Some("S-1-5-21-1004336348-1177238915-682003330-512".to_owned()),
        groups: vec![group()],
        seen_at: NOW,
        gone_at: None,
    }
}

pub(crate) fn mailbox() -> Subscriber {
    Subscriber {
        id: id(2),
        kind: SubscriberKind::SharedMailbox,
        user_principal_name: "info@nordwind.example".to_owned(),
        mail: Some("info@nordwind.example".to_owned()),
        aliases: Vec::new(),
        display_name: Some("Information".to_owned()),
        given_name: None,
        surname: None,
        enabled: false,
        on_premises_sid: None,
        ..person()
    }
}

pub(crate) fn holder(number: u128) -> MailboxHolder {
    MailboxHolder {
        mailbox: id(2),
        person: id(number),
        user_principal_name: format!("holder{number}@nordwind.example"),
    }
}

pub(crate) fn smime() -> Template {
    Template {
        id: id(10),
        name: "Mail".to_owned(),
        description: String::new(),
        enabled: true,
        purpose: Purpose::Smime,
        common_name: CommonName::DisplayName,
        organization: Some(Organization {
            name: "Nordwind GmbH".to_owned(),
            identifier: "NTRDE-HRB123456".to_owned(),
            country: "DE".to_owned(),
        }),
        key: KeyAlgorithm::Rsa2048,
        authority: "Story CA".to_owned(),
        validity_days: 365,
        renew_before_days: 28,
        archive: true,
        post_quantum: false,
        delivery: DeliveryPolicy::default(),
        assignment: Assignment { include: vec![group()], exclude: Vec::new(), shared_mailboxes: true },
        ending: model::EndingPolicy::USUAL,
    }
}

/// Mail certificates that name an address and nobody.
pub(crate) fn mailbox_smime() -> Template {
    Template { organization: None, ..smime() }
}

pub(crate) fn sign_in() -> Template {
    Template {
        id: id(11),
        name: "Sign-in".to_owned(),
        purpose: Purpose::Cba,
        organization: None,
        archive: false,
        assignment: Assignment { shared_mailboxes: false, ..smime().assignment },
        ..smime()
    }
}

/// A valid certificate of [`person`] by `template`, with this many days left of the template's validity.
pub(crate) fn certificate(template: &Template, days_left: i64) -> Certificate {
    let not_after = NOW + Span::days(days_left);
    Certificate {
        id: id(20),
        enrollment: id(21),
        subscriber: id(1),
        template: template.id,
        authority: id(30),
        purpose: template.purpose,
        serial: SerialNumber::from_be_bytes(&[1, 2, 3]),
        thumbprint: Thumbprint::new([0; 20]),
        common_name: "Susi Weiß".to_owned(),
        mail: "susi.weiss@nordwind.example".to_owned(),
        not_before: not_after - template.validity(),
        not_after,
        state: CertificateState::Valid,
        revoked: None,
        archived: template.archive,
        checked_at: NOW,
    }
}

/// Names and profile of an intent.
pub(crate) fn order(intent: &Intent) -> (&model::CertificateNames, Profile) {
    let Action::Enroll { names, profile, .. } = &intent.action else { panic!("an order") };
    (names, *profile)
}
