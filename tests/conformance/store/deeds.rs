//! What the program does in one unit of work, and which role does it; and a database in which there is something to do it
//! with.
//!
//! Whoever includes this has [`sample`] beside it.

use std::future::Future;
use std::pin::Pin;

use model::{
    AuditEvent, AuditKind, AuditOutcome, CertificateState, DeliveryState, DriftSide, DriftState, Drill,
    Ending, EndingCause, EnrollmentState, Hold, HoldCause, HoldState, InstallationId, JobId, JournalEntry,
    JournalEvent, Kra, MailboxHolder, MemberStage, PublicationState, RecoveryState, RevocationReason,
    Service, Skip, Span, Station,
};
use store::{
    AdmissionEntry, ArchivedKey, AuditFilter, CertificateFilter, CertificateOrder, ChainEnd, DriftFilter,
    EndingsDue, InflightKey, IssuedEntry, Job, JobKind, Lease, PageRequest, Rate, RevokedEntry, Store,
    StoreError, StoredCertificate, StoredInstallation, StoredSecret, StoredTreeHead, SubscriberFilter,
    SubscriberStanding, SyncCursor, Work,
};

use super::Role;
use super::sample::{self, NOW, id};

/// What came of it, to be told.
pub(crate) type Done<'w> = Pin<Box<dyn Future<Output = Result<String, StoreError>> + Send + 'w>>;

/// Something that the program does in one unit of work, and who does it.
pub(crate) struct Deed {
    pub(crate) name: &'static str,
    pub(crate) who: &'static [Role],
    pub(crate) act: for<'w> fn(&'w mut dyn Work) -> Done<'w>,
}

use Role::{
    Administrator as Admin, Auditor, CertificateManager as Manager, Daemon, HelpDesk, KraOfficer as Officer,
    Portal,
};

const ALL: &[Role] = &Role::ALL;
const CONSOLES: &[Role] = &[Admin, Manager, Officer, Auditor, HelpDesk, Daemon];
const READ_AUDIT: &[Role] = &[Admin, Manager, Officer, Auditor, Daemon];
const SEE_RECOVERIES: &[Role] = &[Admin, Officer, Auditor];
const SIGN_AUDIT: &[Role] = &[Admin, Manager, Officer, Daemon];
const WRITE_AUDIT: &[Role] = &[Admin, Manager, Officer, Daemon, Portal];
const INSTALLED: &[Role] = &[Admin, Manager, Officer, Daemon];
const ORDER: &[Role] = &[Admin, Manager, Daemon];
const REVOKE: &[Role] = &[Admin, Manager, Daemon, Portal];
const QUEUE: &[Role] = &[Admin, Manager, Officer, Daemon, Portal];
const HOLD_SECRETS: &[Role] = &[Admin, Daemon];
const READ_BOOKS: &[Role] = &[Admin, Auditor, Daemon];

/// A difference that nobody knows: whoever may decide finds nothing to decide about.
const DRIFT: uuid::Uuid = uuid::Uuid::from_u128(0xd1);

fn people(standing: Option<SubscriberStanding>) -> SubscriberFilter {
    SubscriberFilter {
        search: Some("person".to_owned()),
        standing: standing.map(|one| (one, NOW)),
        ..SubscriberFilter::default()
    }
}

macro_rules! deeds {
    ($($who:expr => { $($name:literal: $work:ident => $act:expr;)+ })+) => {
        &[$($(Deed {
            name: $name,
            who: $who,
            act: |$work| Box::pin(async move { $act.await.map(|told| format!("{told:?}")) }),
        }),+),+]
    };
}

pub(crate) const DEEDS: &[Deed] = deeds! {
    ALL => {
        "find a person": w => w.subscribers().find_by_name("person1@example.com");
        "list people": w => w.subscribers().list(&people(None), &PageRequest::first(10));
        "list people who have a certificate": w => w.subscribers().list(
            &people(Some(SubscriberStanding::Covered)), &PageRequest::first(10));
        "list people who leave": w => w.subscribers().list(
            &people(Some(SubscriberStanding::Leaving)), &PageRequest::first(10));
        "count people of a list": w => w.subscribers().count_listed(&people(None), 10);
        "count people": w => w.subscribers().count();
        "list the people of a mailbox": w => w.subscribers().holders(id(9));
        "make a plan": w => w.subscribers().list_all(None, 10);
        "list what is to end": w => w.endings().list(NOW, 10);
        "count what has come due": w => w.endings().count_due(EndingsDue { now: NOW, confirmed_at: NOW });
        "count what was ended": w => w.endings().count_done(NOW, NOW);
        "see what of a person is published": w => w.publications().of("exchange", id(1));
        "see what is to be published": w => w.publications().open("exchange", None, 10);
        "see what could be published": w => w.publications().lacking("exchange", NOW, None, 10);
        "see what is published too long": w => w.publications().outlived("exchange", NOW, None, 10);
        "count what is published": w => w.publications().counts("exchange");
        "list what is published": w => w.publications().list("exchange", PublicationState::Wanted, None, 10);
        "look a hold up": w => w.certificates().lookup_hold(id(3));
        "list templates": w => w.templates().list();
        "list recovery agents": w => w.kras().list();
        "read sets of recovery agents": w => w.kra_sets().versions();
        "read who signed sets of recovery agents": w => w.kra_sets().signatures();
        "look an enrollment up": w => w.enrollments().lookup(id(1));
        "list enrollments": w => w.enrollments().list(None, &PageRequest::first(10));
        "count enrollments": w => w.enrollments().counts();
        "list certificates": w => w.certificates().list(
            &CertificateFilter::default(), CertificateOrder::CommonName, &PageRequest::first(10));
        "count certificates": w => w.certificates().counts(NOW);
        "show a certificate": w => w.certificates().lookup_stored(id(1));
        "find a certificate": w => w.certificates().find_by_thumbprint(sample::thumbprint(1));
        "list the certificates of an authority": w => w.certificates().list_issued_by(id(0xca), None, 10);
        "list deliveries": w => w.deliveries().list(id(1));
        "look a delivery up": w => w.deliveries().lookup(id(1));
        "list all deliveries": w => w.deliveries().list_all(None, 10);
        "list deliveries in a state": w => w.deliveries().list_in(DeliveryState::Missing, None, 10);
        "list deliveries of former certificates": w => w.deliveries().former(id(1), 0, NOW, None, 10);
        "count deliveries": w => w.deliveries().counts();
        "count archived keys": w => w.archive().count();
        "count all archived keys": w => w.archive().count_all();
        "count jobs": w => w.jobs().count();
        "tell the time": w => w.jobs().now();
        "list installations": w => w.installations().list();
        "read admissions": w => w.installations().admissions();
        "read settings": w => w.settings().list();
    }
    CONSOLES => {
        "list people who cannot be served": w => w.subscribers().list(
            &people(Some(SubscriberStanding::Hindered)), &PageRequest::first(10));
        "tell how people stand": w => w.subscribers().summaries(&[id(1), id(9)], NOW);
        "read how an address book takes values": w => w.publications().habit("exchange");
        "list canary mails": w => w.canaries().list(id(1));
        "read a journal": w => w.enrollments().journal(id(1));
        "list campaigns": w => w.campaigns().list();
        "find a campaign": w => w.campaigns().find("incident");
        "look a member of a campaign up": w => w.campaigns().member(id(0xcc), id(1));
        "list the members of a campaign": w => w.campaigns().members(id(0xcc), None, None, 10);
        "list who waits in a campaign": w => w.campaigns().waiting(id(0xcc), 1, NOW, 10);
        "list who came further in a campaign": w => w.campaigns().moved(id(0xcc), MemberStage::Ordered, 10);
        "list whose successors are there": w => w.campaigns().present(id(0xcc), NOW, NOW, 10);
        "list whose certificates a campaign ended": w => w.campaigns().confirmed(id(0xcc), 10);
        "count a campaign": w => w.campaigns().counts(id(0xcc));
        "count a wave of a campaign": w => w.campaigns().wave_counts(id(0xcc), 1);
        "count a stage of a campaign": w => w.campaigns().count_at(id(0xcc), MemberStage::Waiting, 10);
        "count what a campaign ended": w => w.campaigns().count_revoking_since(id(0xcc), NOW);
        "count the hours of a campaign": w => w.campaigns().hours(id(0xcc));
        "count who was renamed": w => w.endings().count_replacements(NOW, NOW);
        "list who cannot be served": w => w.subscribers().list_skips(10);
        "tell when everything was read": w => w.subscribers().fully_read_at(SyncCursor::COMPLETE);
        "see the last fire drill": w => w.services().drill();
        "see the called fire drill": w => w.services().called_drill();
        "list what differs outside": w => w.drift().list(&DriftFilter::default(), None, 10);
        "count what differs outside": w => w.drift().count(DriftState::Open);
        "tell what was compared": w => w.drift().readings();
        "count repairs": w => w.drift().count_ordered(NOW, NOW);
        "list services": w => w.services().list();
        "see when work is due": w => w.jobs().next_due();
        "count keys in flight": w => w.archive().count_inflight();
        "list archived keys": w => w.archive().list(None, 10);
        "look archived keys up by public key": w => w.archive().with_keys(&[[1; 32], [2; 32]]);
    }
    READ_AUDIT => {
        "list the audit log": w => w.audit().list(&PageRequest::first(10));
        "search the audit log": w => w.audit().search(&AuditFilter::default(), &PageRequest::first(10));
        "verify the audit log": w => w.audit().verify();
        "verify a part of the audit log": w => w.audit().verify_some(ChainEnd::EMPTY);
        "look for an entry": w => w.audit().find(1);
        "read the hashes of entries": w => w.audit().hashes(0, 10);
        "read who signed the log": w => w.audit().tree_heads(None, 10);
        "read who signed the log last": w => w.audit().largest_tree_heads(3);
    }
    SEE_RECOVERIES => {
        "list recoveries": w => w.recoveries().list(10);
        "look a recovery up": w => w.recoveries().lookup(id(1));
        "see who gave for a recovery": w => w.recoveries().granted(id(1));
    }
    SIGN_AUDIT => {
        "sign the log": w => w.audit().add_tree_head(&tree_head(2));
    }
    WRITE_AUDIT => {
        "record an event": w => w.audit().append(&event(), NOW);
    }
    INSTALLED => {
        "ask to be admitted": w => w.installations().set(&installation(77));
        "say that one is there": w => w.installations().mark_seen(id(7), "0.2.0", "console", NOW);
    }
    ORDER => {
        "write a campaign down": w => w.campaigns().add(&sample::campaign(0xcd, "another"));
        "change a campaign": w => w.campaigns().set(&sample::campaign(0xcc, "incident"));
        "add a member to a campaign": w => w.campaigns().add_members(&[sample::member(0xcc, 1)]);
        "move a member of a campaign on": w => w.campaigns().set_member(
            &model::Member { stage: MemberStage::Excluded, ..sample::member(0xcc, 1) }, MemberStage::Waiting);
        "ignore what differs": w => w.drift().decide(DRIFT.into(), Some(&sample::drift_decision()));
        "order a repair": w => w.drift().mark_ordered(DRIFT.into(), NOW);
        "write a canary mail down": w => w.canaries().write(&sample::canary(1), &[6; 32]);
        "take the code of a canary mail": w => async {
            let known = w.canaries().find(&[5; 32]).await?;
            let told = w.canaries().confirm(id(1), &[5; 32], &sample::canary_confirmation()).await?;
            Ok::<_, StoreError>((known.is_some(), told))
        };
        "note a replacement": w => w.endings().note_replacement(id(2), NOW);
        "give notice": w => w.endings().note(&ending(1));
        "take a notice back": w => w.endings().retract(id(1));
        "carry a notice out": w => w.endings().mark_done(id(1), NOW);
        "publish a certificate": w => w.publications().set(&sample::publication(1, id(1), PublicationState::Published));
        "start an enrollment": w => w.enrollments().add(&sample::enrollment(501, id(1)));
        "set an enrollment's progress": w => w.enrollments().set_progress(&done());
        "write a journal": w => w.enrollments().add_journal(&line());
        "run a service at once": w => w.services().wake(Service::Sync, NOW);
        "import a certificate": w => w.certificates().add(&StoredCertificate {
            certificate: model::Certificate { enrollment: id(2), ..sample::certificate(502, id(1)) },
            der: vec![1; 9],
            chain: vec![vec![2; 9], vec![3; 9]],
        });
        "archive a key": w => w.archive().add(&archived(2));
        "put a certificate on hold": w => w.certificates().hold(&hold(1));
        "note how far a hold came": w => w.certificates().set_hold(id(3), HoldState::Ordered, HoldState::AtAuthority);
        "lift a hold": w => async {
            w.certificates().set_hold(id(3), HoldState::Ordered, HoldState::Lifting).await?;
            w.certificates().lift(id(3)).await
        };
        "revoke what is on hold": w => w.certificates().mark_revoking(id(3), RevocationReason::Superseded, NOW);
        "order a revocation": w => w.certificates().mark_revoking(id(1), RevocationReason::Superseded, NOW);
    }
    QUEUE => {
        "queue a job": w => w.jobs().add(&job(600), "revocation 600");
    }
    REVOKE => {
        "make everybody due": w => w.subscribers().mark_all_due();
    }
    &[Admin] => {
        "add a template": w => w.templates().add(&sample::template(0x7f, "Other"), "susi", NOW);
        "change a template": w => w.templates().set(&sample::template(0x7e, "New name"), 1, "susi", NOW);
        "add an authority": w => w.authorities().add(&store::StoredAuthority {
            sealed_secrets: Some(vec![7; 50]),
            ..sample::authority(0xcb, "Other")
        });
        "add a recovery agent": w => w.kras().add(&kra(2));
        "remove a recovery agent": w => w.kras().remove(sample::thumbprint(1));
        "remove an installation": w => w.installations().remove(id(7));
        "admit an installation": w => w.installations().add_admission(&admission(2));
        "change a setting": w => w.settings().set("tenant", "{}", 1, "susi", NOW);
        "add a setting": w => w.settings().set("other", "{}", 0, "susi", NOW);
        "remove a setting": w => w.settings().remove("tenant", 1);
        "add a secret": w => w.secrets().set(&secret("other"));
        "remove a secret": w => w.secrets().remove("tenant");
    }
    HOLD_SECRETS => {
        "seal an authority's secrets again": w => w.authorities().reseal(id(0xca), &[5; 50], &[6; 50]);
        "change a secret": w => w.secrets().set(&secret("tenant"));
        "seal a secret again": w => w.secrets().reseal("tenant", &[4; 50], &[5; 50], NOW);
        "read secrets": w => w.secrets().list();
        "draw on a budget": w => w.budgets().draw("graph", Rate { interval: Span::seconds(1), burst: 3 });
        "rest a budget": w => w.budgets().rest("graph", Span::seconds(1));
        "draw the number of a revocation list": w => w.ledger().next_crl_number(id(0xca));
    }
    READ_BOOKS => {
        "list revocations": w => w.ledger().list_revoked(id(0xca), NOW);
        "list what was issued": w => w.ledger().list(id(0xca), None, 10);
        "count issued certificates": w => w.ledger().count(id(0xca));
    }
    &[Auditor, Daemon] => {
        "read a request": w => w.enrollments().request(id(2));
        "find an issued certificate": w => w.ledger().find(id(0xca), "reference 1");
    }
    &[Admin, Manager, Officer, Daemon] => {
        // A recovered key that is delivered again, and a fire drill's result beside the services.
        "run a job at once": w => w.jobs().wake("enrollment 2", NOW);
        "name a service": w => w.services().ensure(Service::Crl, NOW);
        "have a recovered key delivered": w => w.enrollments().deliver_again(&sample::enrollment(1, id(1)), NOW);
    }
    &[Officer, Daemon] => {
        // A daemon writes all services. What proves a drill is the audit log.
        "keep the result of a fire drill": w => w.services().set_drill(&Drill {
            at: NOW, sample: 20, opened: 19, shares: 0, others: 0, agent: "CN=Officer".to_owned(), failed: vec!["susi".to_owned()] });
        "call a fire drill, or note what was proven of it": w => async {
            w.services().hold_called_drill().await?;
            w.services().set_called_drill(&sample::called_drill()).await
        };
        "put a key in flight": w => w.archive().add_inflight(&InflightKey { enrollment: id(1), envelope: vec![1; 9] });
    }
    &[Admin, Officer] => {
        "propose a set of recovery agents": w => w.kra_sets().add_version(&sample::kra_set(2));
        "sign a set of recovery agents": w => w.kra_sets().add_signature(&sample::kra_set_signature(1, 2));
    }
    &[Officer] => {
        "read an archived key": w => w.archive().find_sealed(id(1));
        "ask for a recovery": w => w.recoveries().add(&sample::recovery_request(2), &[1; 50]);
        "read the one-time key of a recovery": w => w.recoveries().sealed_key(id(1));
        "open for a recovery": w => w.recoveries().set_state(
            id(1), RecoveryState::Waiting, RecoveryState::Opened);
        "close a recovery": w => w.recoveries().set_state(id(1), RecoveryState::Waiting, RecoveryState::Done);
        "give for a recovery": w => w.recoveries().add_grant(&sample::recovery_grant(1, 2));
        "read what was given for a recovery": w => w.recoveries().grants(id(1));
        "read archived keys": w => w.archive().list_sealed(None, 10);
        "seal an archived key to others": w => w.archive().rewrap(
            id(1), &[1; 50], &[2; 50], &[sample::thumbprint(2), sample::thumbprint(3)]);
    }
    // An administrator delivers what was imported.
    &[Admin, Daemon] => {
        "plan a delivery": w => w.deliveries().add_missing(&[sample::delivery(800, id(1), id(2))]);
    }
    &[Admin, Officer, Daemon] => {
        "note a delivery": w => w.deliveries().set_state(id(1), DeliveryState::Present, Some("r"), NOW);
    }
    &[Daemon] => {
        "note how an address book takes values": w => w.publications().set_habit("exchange", "integers list", NOW);
        "observe a person": w => w.subscribers().set(&model::Subscriber {
            surname: Some("Neu".to_owned()),
            ..sample::person(1)
        });
        "observe a newcomer": w => w.subscribers().set(&sample::person(700));
        "observe who left a group": w => w.subscribers().mark_left(id(1), id(0x61), NOW);
        "observe who is gone": w => w.subscribers().mark_gone(id(1), NOW);
        "observe who uses a mailbox": w => w.subscribers().set_holders(id(9), &[holder(1)]);
        "note who cannot be served": w => w.subscribers().set_skip(id(1), &[skip()]);
        "read how far the directory was read": w => w.subscribers().cursor("users");
        "note how far the directory was read": w => w.subscribers().set_cursor(&cursor());
        "read the directory from the start": w => w.subscribers().drop_cursor("users");
        "keep a request": w => w.enrollments().add_request(id(1), &[1; 9], &[2; 32]);
        "bind an archived key": w => w.archive().bind(id(1), id(1));
        "mark a certificate archived": w => w.certificates().mark_archived(id(1));
        "confirm a revocation": w => w.certificates().mark_revoked(id(1), RevocationReason::Superseded, NOW);
        "note what an authority confirmed": w => w.certificates().mark_checked(&[id(1), id(3)], NOW);
        "read a key in flight": w => w.archive().inflight(id(2));
        "list keys in flight": w => w.archive().list_inflight(None, 10);
        "seal a key in flight again": w => w.archive().reseal_inflight(id(2), &[9; 50], &[8; 50]);
        "shred a key in flight": w => w.archive().shred_inflight(id(2));
        "claim jobs": w => w.jobs().claim("me", NOW + Span::days(20_000), Span::minutes(1), 10);
        "extend a lease": w => w.jobs().extend(&lease(), Span::minutes(1));
        "finish a job": w => w.jobs().finish(&lease());
        "give a job back": w => w.jobs().park(&lease(), NOW, 1);
        "give back what is held": w => w.jobs().release("me", &[id::<JobId>(3)]);
        "claim a service": w => w.services().claim(
            Service::Sync, "me", NOW + Span::days(20_000), Span::minutes(1));
        "keep a service": w => w.services().keep(Service::Sync, "me", Span::minutes(1));
        "finish a service": w => w.services().finish(Service::Sync, "me", NOW, Ok("well"), NOW);
        "note what differs outside": w => w.drift().see(&sample::drift_sighting(2), NOW);
        "end a comparison": w => w.drift().settle(DriftSide::Intune, NOW + Span::hours(1), 7);
        "note what could not be compared": w => w.drift().note_not_compared(DriftSide::Intune, NOW, "unreachable");
        "enter a certificate in the books": w => w.ledger().add(&issued(2));
        "enter a revocation in the books": w => w.ledger().revoke(id(0xca), &RevokedEntry {
            serial: sample::serial(1),
            revoked_at: NOW,
            reason: RevocationReason::Superseded,
        });
        "enter a hold in the books, and that it became a revocation": w => async {
            for reason in [RevocationReason::CertificateHold, RevocationReason::Superseded] {
                let entry = RevokedEntry { serial: sample::serial(1), revoked_at: NOW, reason };
                w.ledger().revoke(id(0xca), &entry).await?;
            }
            Ok::<_, StoreError>(())
        };
        "take a hold out of the books": w => w.ledger().lift(id(0xca), &sample::serial(1));
    }
};

pub(crate) fn event() -> AuditEvent {
    AuditEvent {
        kind: AuditKind::KraAdded,
        outcome: AuditOutcome::Success,
        actor: "susi".to_owned(),
        object: "recovery agent".to_owned(),
        detail: String::new(),
    }
}

fn installation(number: u128) -> StoredInstallation {
    StoredInstallation {
        id: id::<InstallationId>(number),
        name: "a machine".to_owned(),
        certificate_der: vec![1; 9],
        asked_at: NOW,
        seen_at: NOW,
        version: "0.1.0".to_owned(),
        role: "daemon".to_owned(),
    }
}

fn tree_head(size: i64) -> StoredTreeHead {
    StoredTreeHead { size, digest: [7; 32], body: "{}".to_owned(), signature: vec![1; 256] }
}

fn admission(seq: i64) -> AdmissionEntry {
    AdmissionEntry { seq, body: "{}".to_owned(), signature: vec![1; 64] }
}

fn secret(name: &str) -> StoredSecret {
    StoredSecret { name: name.to_owned(), sealed: vec![4; 50], sealed_at: NOW }
}

fn kra(number: u128) -> Kra {
    Kra {
        thumbprint: sample::thumbprint(number),
        name: "Agent".to_owned(),
        certificate_der: vec![1; 9],
        not_after: NOW + Span::days(365),
        added_at: NOW,
    }
}

fn done() -> model::Enrollment {
    model::Enrollment { state: EnrollmentState::Done, ..sample::enrollment(2, id(2)) }
}

fn line() -> JournalEntry {
    JournalEntry {
        enrollment: id(2),
        station: Station::Keygen,
        event: JournalEvent::Started,
        detail: None,
        at: NOW,
    }
}

fn archived(number: u128) -> ArchivedKey {
    ArchivedKey {
        enrollment: id(number),
        certificate: None,
        spki_sha256: [3; 32],
        envelope: vec![1; 50],
        kras: vec![sample::thumbprint(1)],
        sealed_at: NOW,
    }
}

pub(crate) fn job(number: u128) -> Job {
    let kind = JobKind::Revocation { certificate: id(1), reason: RevocationReason::Superseded };
    Job { id: id(number), kind, due_at: NOW, attempts: 0 }
}

fn lease() -> Lease {
    Lease { job: job(2), token: 0 }
}

fn holder(person: u128) -> MailboxHolder {
    MailboxHolder { mailbox: id(9), person: id(person), user_principal_name: "susi@example.com".to_owned() }
}

fn skip() -> Skip {
    Skip {
        subscriber: id(1),
        who: "Susi".to_owned(),
        template: "S/MIME".to_owned(),
        why: "has no address".to_owned(),
    }
}

fn ending(number: u128) -> Ending {
    let due_at = NOW + Span::days(30);
    Ending { certificate: id(number), subscriber: id(number), cause: EndingCause::Gone, since: NOW, due_at }
}

fn hold(number: u128) -> Hold {
    Hold {
        certificate: id(number),
        subscriber: id(1),
        cause: HoldCause::ByHand,
        was: CertificateState::Valid,
        state: HoldState::Ordered,
        since: NOW,
    }
}

fn cursor() -> SyncCursor {
    SyncCursor {
        resource: "users".to_owned(),
        delta_link: "https://example.com/delta".to_owned(),
        full_at: NOW,
        read_at: NOW,
    }
}

fn issued(number: u128) -> IssuedEntry {
    IssuedEntry {
        authority: id(0xca),
        serial: sample::serial(number),
        reference: format!("reference {number}"),
        spki_sha256: [1; 32],
        der: vec![1; 9],
        not_after: NOW + Span::days(365),
        issued_at: NOW,
    }
}

/// A row of everything, written by the owner. Enrollment 1 is done, enrollment 2 is open.
pub(crate) async fn furnish(store: &dyn Store) {
    let mut work = store.begin().await.unwrap();
    let authority =
        store::StoredAuthority { sealed_secrets: Some(vec![5; 50]), ..sample::authority(0xca, "Inside") };
    work.authorities().add(&authority).await.unwrap();
    work.templates().add(&sample::template(0x7e, "S/MIME"), "susi", NOW).await.unwrap();
    work.kras().add(&kra(1)).await.unwrap();
    work.kra_sets().add_version(&sample::kra_set(1)).await.unwrap();
    work.kra_sets().add_signature(&sample::kra_set_signature(1, 1)).await.unwrap();
    work.subscribers().set(&sample::person(1)).await.unwrap();
    work.subscribers().set(&sample::person(2)).await.unwrap();
    work.subscribers().set(&sample::mailbox(9)).await.unwrap();
    work.subscribers().set_holders(id(9), &[holder(2)]).await.unwrap();
    work.subscribers().set_skip(id(2), &[Skip { subscriber: id(2), ..skip() }]).await.unwrap();
    work.subscribers().set_cursor(&cursor()).await.unwrap();
    sample::add_certificate(work.as_mut(), &sample::certificate(1, id(1))).await;
    work.endings().note(&ending(1)).await.unwrap();
    let published = sample::publication(1, id(1), PublicationState::Wanted);
    work.publications().set(&published).await.unwrap();
    work.publications().set_habit("exchange", "data table", NOW).await.unwrap();
    work.campaigns().add(&sample::campaign(0xcc, "incident")).await.unwrap();
    work.campaigns().add_members(&[sample::member(0xcc, 1)]).await.unwrap();
    sample::add_certificate(work.as_mut(), &sample::certificate(3, id(1))).await;
    assert!(work.certificates().hold(&hold(3)).await.unwrap());
    work.enrollments().add(&sample::enrollment(2, id(2))).await.unwrap();
    work.enrollments().add_request(id(2), &[1; 9], &[2; 32]).await.unwrap();
    work.enrollments().add_journal(&line()).await.unwrap();
    work.archive().add(&archived(1)).await.unwrap();
    work.archive().bind(id(1), id(1)).await.unwrap();
    let key = InflightKey { enrollment: id(2), envelope: vec![9; 50] };
    work.archive().add_inflight(&key).await.unwrap();
    work.recoveries().add(&sample::recovery_request(1), &[8; 50]).await.unwrap();
    work.recoveries().add_grant(&sample::recovery_grant(1, 1)).await.unwrap();
    work.deliveries().add_missing(&[sample::delivery(1, id(1), id(1))]).await.unwrap();
    work.canaries().write(&sample::canary(1), &[5; 32]).await.unwrap();
    work.drift().see(&sample::drift_sighting(1), NOW).await.unwrap();
    work.drift().settle(DriftSide::Intune, NOW, 1).await.unwrap();
    work.jobs().add(&job(2), "enrollment 2").await.unwrap();
    work.services().ensure(Service::Sync, NOW).await.unwrap();
    work.audit().append(&event(), NOW).await.unwrap();
    work.audit().add_tree_head(&tree_head(1)).await.unwrap();
    work.ledger().add(&issued(1)).await.unwrap();
    work.installations().set(&installation(7)).await.unwrap();
    work.installations().add_admission(&admission(1)).await.unwrap();
    work.settings().set("tenant", "{}", 0, "susi", NOW).await.unwrap();
    work.secrets().set(&secret("tenant")).await.unwrap();
    work.commit().await.unwrap();
}
