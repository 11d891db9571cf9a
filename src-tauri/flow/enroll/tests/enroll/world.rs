//! One person (or mailbox) with one template, an authority, devices, and a claimed job.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use crypto::issue::{Validity, recovery_agent_certificate};
use crypto::{PrivateKey, X509Certificate};
use custody::Custody;
use enroll::{Bench, Installation, Progress, advance};
use model::names::Profile;
use model::{
    Action, Assignment, AuthorityId, Certificate, CertificateNames, Clock, CommonName, DeliveryPolicy,
    Enrollment, EnrollmentId, GroupId, Intent, JournalEvent, KeyAlgorithm, Kra, MailboxHolder, PfxProfile,
    Purpose, SerialNumber, Span, Station, Subscriber, SubscriberKind, Template, Timestamp,
};
use ports::NoProbe;
use store::{CertificateFilter, CertificateOrder, Lease, PageRequest, Store, StoredAuthority};
use support::{FreshStore, ManualClock, SeededEntropy, fresh_store, seeded_ids};
use uuid::Uuid;

use crate::authority::Scripted;
use crate::intune::Memory;

/// Key pairs that can have keys sealed to them; each costs a tenth of a second.
struct Keys {
    installation: (PrivateKey, X509Certificate),
    agent: (PrivateKey, X509Certificate),
}

fn sealable(name: &str, until: Timestamp) -> (PrivateKey, X509Certificate) {
    let key = PrivateKey::generate(KeyAlgorithm::Rsa2048).unwrap();
    let validity = Validity { not_before: Timestamp::from_seconds(1_700_000_000), not_after: until };
    let der = recovery_agent_certificate(name, &key, validity, SerialNumber::from_be_bytes(&[7])).unwrap();
    (key, X509Certificate::from_der(&der).unwrap())
}

static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let until = ManualClock::default().now() + Span::days(1_000);
    Keys { installation: sealable("installation", until), agent: sealable("agent", until) }
});

pub(crate) fn id<T: From<Uuid>>(number: u128) -> T {
    T::from(Uuid::from_u128(number))
}

/// An installation with the common key pair, or with one of its own.
fn installation(own: bool) -> Installation {
    let (key, certificate) = if own {
        sealable("another installation", ManualClock::default().now() + Span::days(10))
    } else {
        let (key, certificate) = &KEYS.installation;
        (PrivateKey::from_pkcs8(&key.to_pkcs8().unwrap()).unwrap(), certificate.clone())
    };
    Installation { certificate, key }
}

pub(crate) struct World {
    pub(crate) store: FreshStore,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) authority: Arc<Scripted>,
    pub(crate) intune: Arc<Memory>,
    pub(crate) bench: Bench,
    pub(crate) enrollment: EnrollmentId,
    pub(crate) lease: Lease,
    pub(crate) template: Template,
}

/// What a world may differ in.
#[expect(clippy::struct_excessive_bools, reason = "independent choices, each by its name")]
pub(crate) struct Choice {
    pub(crate) archive: bool,
    pub(crate) agents: bool,
    pub(crate) mailbox: bool,
    pub(crate) can_be_asked: bool,
}

impl Default for Choice {
    fn default() -> Self {
        Self { archive: true, agents: true, mailbox: false, can_be_asked: true }
    }
}

pub(crate) fn subscriber(mailbox: bool, now: Timestamp) -> Subscriber {
    Subscriber {
        id: id(1),
        kind: if mailbox { SubscriberKind::SharedMailbox } else { SubscriberKind::Person },
        user_principal_name: "susi@nordwind.example".to_owned(),
        mail: Some("susi@nordwind.example".to_owned()),
        aliases: Vec::new(),
        display_name: Some("Susi Weiß".to_owned()),
        given_name: Some("Susi".to_owned()),
        surname: Some("Weiß".to_owned()),
        enabled: !mailbox,
        on_premises_sid: None,
        groups: vec![id::<GroupId>(100)],
        seen_at: now,
        gone_at: None,
    }
}

fn template(archive: bool) -> Template {
    Template {
        id: id(10),
        name: "Mail".to_owned(),
        description: String::new(),
        enabled: true,
        purpose: Purpose::Smime,
        common_name: CommonName::Mail,
        organization: None,
        key: KeyAlgorithm::P256,
        authority: "Saga".to_owned(),
        validity_days: 365,
        renew_before_days: 28,
        archive,
        delivery: DeliveryPolicy { pfx: PfxProfile::Modern, ..DeliveryPolicy::default() },
        assignment: Assignment { include: vec![id(100)], exclude: Vec::new(), shared_mailboxes: true },
        ending: model::EndingPolicy::default(),
        post_quantum: false,
    }
}

pub(crate) fn agent(name: &str, not_after: Option<Timestamp>) -> Kra {
    let (_, certificate) = &KEYS.agent;
    Kra {
        thumbprint: certificate.thumbprint(),
        name: name.to_owned(),
        certificate_der: certificate.der().to_vec(),
        not_after: not_after.unwrap_or(certificate.not_after()),
        added_at: certificate.not_before(),
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Choice::default()).await
    }

    pub(crate) async fn with(choice: Choice) -> Self {
        let store = fresh_store().await;
        let clock = Arc::new(ManualClock::default());
        let entropy = Arc::new(SeededEntropy::new(1));
        let ids = seeded_ids(&clock, 2);
        let authority_id: AuthorityId = id(30);
        let authority = Arc::new(Scripted::new(
            authority_id,
            store.shared(),
            Arc::clone(&clock) as Arc<dyn Clock>,
            Arc::<SeededEntropy>::clone(&entropy),
            choice.can_be_asked,
        ));
        let intune = Arc::new(Memory::default());
        let bench = Bench {
            store: store.shared(),
            authorities: BTreeMap::from([(authority_id, Arc::<Scripted>::clone(&authority) as Arc<_>)]),
            delivery: Arc::<Memory>::clone(&intune),
            address_book: None,
            installation: Arc::new(installation(false)),
            recipients: Arc::new(vec![KEYS.installation.1.clone()]),
            agents: Arc::new(Custody::new(
                store.shared(),
                "no-such-home/kra-set.pin".into(),
                Arc::clone(&clock) as Arc<dyn Clock>,
                "test@here".to_owned(),
            )),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            entropy,
            ids: ids.clone(),
            probe: Arc::new(NoProbe),
            actor: "test@here".to_owned(),
            lease: Span::minutes(2),
        };
        let template = template(choice.archive);
        let now = clock.now();
        let mut work = store.begin().await.unwrap();
        work.subscribers().set(&subscriber(choice.mailbox, now)).await.unwrap();
        if choice.mailbox {
            let holders = [2, 3].map(|number| MailboxHolder {
                mailbox: id(1),
                person: id(number),
                user_principal_name: format!("holder{number}@nordwind.example"),
            });
            work.subscribers().set_holders(id(1), &holders).await.unwrap();
        }
        work.templates().add(&template, "test", now).await.unwrap();
        let account = StoredAuthority {
            id: authority_id,
            name: "Saga".to_owned(),
            connector: "scripted".to_owned(),
            settings: "{}".to_owned(),
            sealed_secrets: None,
            added_at: now,
        };
        work.authorities().add(&account).await.unwrap();
        if choice.agents {
            work.kras().add(&agent("agent", None)).await.unwrap();
        }
        let enrollment = enroll::start(
            work.as_mut(),
            &ids,
            &intent(None),
            &template,
            authority_id,
            "susi@nordwind.example",
            now,
        )
        .await
        .unwrap();
        work.commit().await.unwrap();
        let lease = claim(&store, "worker", now).await;
        Self { store, clock, authority, intune, bench, enrollment, lease, template }
    }

    pub(crate) async fn advance(&self) -> Progress {
        advance(&self.bench, self.enrollment, &self.lease).await.unwrap()
    }

    /// The work goes on where there is another key pair.
    pub(crate) fn move_to_another_installation(&mut self) {
        self.bench.installation = Arc::new(installation(true));
    }

    /// Another installation to which keys are sealed too.
    pub(crate) fn admit_another_installation(&mut self) -> Installation {
        let other = installation(true);
        self.bench.recipients = Arc::new(vec![KEYS.installation.1.clone(), other.certificate.clone()]);
        other
    }

    pub(crate) async fn enrollment(&self) -> Enrollment {
        self.store.read().await.unwrap().enrollments().lookup(self.enrollment).await.unwrap().unwrap()
    }

    pub(crate) async fn certificates(&self) -> Vec<Certificate> {
        let mut work = self.store.read().await.unwrap();
        let all = CertificateFilter::default();
        let page = PageRequest::first(100);
        let listed = work.certificates().list(&all, CertificateOrder::Newest, &page).await.unwrap();
        listed.rows.into_iter().map(|row| row.certificate).collect()
    }

    pub(crate) async fn journal(&self) -> Vec<(Station, JournalEvent)> {
        let journal = self.store.read().await.unwrap().enrollments().journal(self.enrollment).await.unwrap();
        journal.into_iter().map(|entry| (entry.station, entry.event)).collect()
    }

    pub(crate) async fn inflight(&self) -> u64 {
        self.store.read().await.unwrap().archive().count_inflight().await.unwrap()
    }

    /// Whether the agent opens the archived key and it is that of the certificate.
    pub(crate) async fn agent_opens(&self, certificate: &Certificate) -> bool {
        let mut work = self.store.read().await.unwrap();
        let Some(archived) = work.archive().find_sealed(certificate.id).await.unwrap() else { return false };
        let stored = work.certificates().lookup_stored(certificate.id).await.unwrap().unwrap();
        let (key, agent) = &KEYS.agent;
        let pkcs8 = crypto::open::open(&archived.envelope, key, agent).unwrap();
        let leaf = X509Certificate::from_der(&stored.der).unwrap();
        PrivateKey::from_pkcs8(&pkcs8).unwrap().spki_sha256().unwrap() == leaf.spki_sha256().unwrap()
    }

    /// Everything is done, once.
    pub(crate) async fn assert_done_once(&self) {
        let certificates = self.certificates().await;
        assert_eq!(certificates.len(), 1);
        assert_eq!(self.authority.asked().iter().filter(|asked| **asked == "submit").count(), 1, "one order");
        assert_eq!(self.intune.receivers(), ["susi@nordwind.example"], "one record");
        assert_eq!(self.inflight().await, 0);
        assert!(self.agent_opens(&certificates[0]).await);
        let kept = self.intune.kept.lock().unwrap();
        let opened = crypto::pfx::open(&kept[0].pfx, &kept[0].password).unwrap();
        assert_eq!(opened.certificate.thumbprint(), certificates[0].thumbprint);
    }
}

pub(crate) fn intent(replaces: Option<model::CertificateId>) -> Intent {
    Intent {
        subscriber: id(1),
        who: "Susi Weiß".to_owned(),
        template: id(10),
        template_name: "Mail".to_owned(),
        action: Action::Enroll {
            names: CertificateNames {
                common_name: "susi@nordwind.example".to_owned(),
                mail_addresses: vec!["susi@nordwind.example".to_owned()],
                ..CertificateNames::default()
            },
            profile: Profile::SmimeMailbox,
            replaces,
            renamed: false,
        },
        reason: "is in an enrollment group of `Mail` and has no certificate by it".to_owned(),
    }
}

/// Claims the one job that is due.
pub(crate) async fn claim(store: &FreshStore, worker: &str, now: Timestamp) -> Lease {
    claim_for(store, worker, now, Span::minutes(2)).await
}

pub(crate) async fn claim_for(store: &FreshStore, worker: &str, now: Timestamp, lease: Span) -> Lease {
    let mut work = store.begin().await.unwrap();
    let mut leases = work.jobs().claim(worker, now, lease, 10).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(leases.len(), 1);
    leases.remove(0)
}
