//! What must hold at the end of every story, whatever happened on the way.

use std::collections::{BTreeMap, BTreeSet};

use crypto::{PrivateKey, X509Certificate, pfx};
use model::{CertificateState, DeliveryState, JournalEvent, Station};
use serde_json::Value;
use store::{CertificateFilter, CertificateOrder, CertificateRow, PageRequest, Store as _};
use uuid::Uuid;

use crate::home::AGENTS;
use crate::world::{SMIME, World};

/// All certificates in the database.
pub(crate) async fn certificates(world: &World) -> Vec<CertificateRow> {
    let mut work = world.store.read().await.unwrap();
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let page = PageRequest { after, limit: 500 };
        let listed = work
            .certificates()
            .list(&CertificateFilter::default(), CertificateOrder::CommonName, &page)
            .await
            .unwrap();
        rows.extend(listed.rows);
        after = listed.next;
        if after.is_none() {
            return rows;
        }
    }
}

/// A recovery agent's key and certificate, from its file.
pub(crate) fn agent(world: &World, name: &str) -> (PrivateKey, X509Certificate) {
    let password = std::fs::read_to_string(world.agent(name, "password")).unwrap();
    let opened = pfx::open(&std::fs::read(world.agent(name, "p12")).unwrap(), &password).unwrap();
    (opened.key, opened.certificate)
}

/// Everybody has exactly one certificate of each kind, it opens on exactly their devices, its key is in the archive and
/// nowhere else, and nothing is left over.
pub(crate) async fn everything_is_done_once(world: &World) {
    everything_is_done(world).await;
    assert_eq!(world.sim.pfx_duplicates(), 0, "no record was sent a second time");
}

/// The same where a service may have been held up between its last look and its sending, for longer than its claim lasts:
/// nothing in the world can keep it from sending then, and Intune refuses the second record.
pub(crate) async fn everything_is_done(world: &World) -> Proven {
    let orders = each_has_one_certificate(world).await;
    each_was_delivered_once(world).await;
    let recovered = each_archived_key_fits(world).await;
    nothing_is_left_over(world).await;
    Proven { orders, recovered }
}

/// What was counted on the way.
#[derive(Debug)]
pub(crate) struct Proven {
    /// Entries in the authority's own books.
    pub(crate) orders: u64,
    /// Archived keys that were opened and fit their certificates.
    pub(crate) recovered: usize,
}

async fn each_has_one_certificate(world: &World) -> u64 {
    let rows = certificates(world).await;
    let mut found: BTreeMap<(Uuid, &str), u32> = BTreeMap::new();
    for row in &rows {
        *found.entry((row.certificate.subscriber.uuid(), &row.template_name)).or_default() += 1;
        assert_eq!(row.certificate.state, CertificateState::Valid, "{row:?}");
    }
    let expected: BTreeMap<(Uuid, &str), u32> =
        world.expected().iter().map(|(subscriber, template, _)| ((*subscriber, *template), 1)).collect();
    assert_eq!(found, expected, "one certificate for each subscriber and template");

    // The authority's own books: nothing was ordered twice, nothing was issued and then forgotten.
    let mut work = world.store.read().await.unwrap();
    let authority = work.authorities().list().await.unwrap().remove(0).id;
    let orders = work.ledger().count(authority).await.unwrap();
    assert_eq!(orders, rows.len() as u64, "entries in the authority's books");
    for row in &rows {
        let reference = row.certificate.enrollment.to_string();
        let entry =
            work.ledger().find(authority, &reference).await.unwrap().expect("the order is in the books");
        assert_eq!(entry.serial, row.certificate.serial, "order {reference}");
    }
    orders
}

async fn each_was_delivered_once(world: &World) {
    let rows = certificates(world).await;
    let mut wanted: BTreeSet<(Uuid, String)> = BTreeSet::new();
    for (subscriber, template, receivers) in world.expected() {
        let row = rows
            .iter()
            .find(|row| row.certificate.subscriber.uuid() == subscriber && row.template_name == template)
            .unwrap();
        for receiver in receivers {
            wanted.insert((receiver, row.certificate.thumbprint.to_string()));
        }
    }
    let created = world.sim.pfx_created();
    let posted: BTreeSet<(Uuid, String)> =
        created.iter().map(|create| (create.user, create.thumbprint.clone())).collect();
    assert_eq!(posted, wanted, "the records that Intune was given");
    assert_eq!(created.len(), wanted.len(), "each record was created once");

    let mut work = world.store.read().await.unwrap();
    for row in &rows {
        for delivery in work.deliveries().list(row.certificate.id).await.unwrap() {
            assert_eq!(delivery.state, DeliveryState::Present, "{delivery:?}");
        }
    }
    let devices = world.sim.devices_check_in().await.unwrap();
    assert_eq!(
        devices.failures().collect::<Vec<_>>(),
        Vec::<&sim::DeviceCheck>::new(),
        "what devices could not open"
    );
    let opened: BTreeSet<(Uuid, String)> =
        devices.checks.iter().map(|check| (check.user, check.thumbprint.clone())).collect();
    assert_eq!(opened, wanted, "what devices opened");
    let mail = rows.iter().filter(|row| row.template_name == SMIME).count();
    assert!(devices.canaries_decrypted() >= mail, "every mail certificate decrypted a canary");
}

async fn each_archived_key_fits(world: &World) -> usize {
    let agents: Vec<_> = AGENTS.iter().map(|name| agent(world, name)).collect();
    let mut work = world.store.read().await.unwrap();
    let mut archived = 0;
    for row in certificates(world).await {
        let certificate = &row.certificate;
        let key = work.archive().find_sealed(certificate.id).await.unwrap();
        assert_eq!(key.is_some(), row.template_name == SMIME, "only mail keys are archived: {certificate:?}");
        assert_eq!(certificate.archived, key.is_some(), "{certificate:?}");
        let Some(key) = key else { continue };
        archived += 1;
        let stored = work.certificates().lookup_stored(certificate.id).await.unwrap().unwrap();
        let leaf = X509Certificate::from_der(&stored.der).unwrap();
        // By turns: an opening costs an RSA operation, and each agent's envelope is of the same making.
        let (agent_key, agent_certificate) = &agents[archived % agents.len()];
        let pkcs8 = crypto::open::open(&key.envelope, agent_key, agent_certificate).unwrap();
        let recovered = PrivateKey::from_pkcs8(&pkcs8).unwrap();
        assert_eq!(
            recovered.spki_sha256().unwrap(),
            leaf.spki_sha256().unwrap(),
            "the archived key fits {certificate:?}"
        );
    }
    assert_eq!(work.archive().count().await.unwrap(), archived as u64, "keys in the archive");
    archived
}

/// No job, no key in flight, no enrollment without end, an unbroken audit log, journals that tell the whole way.
pub(crate) async fn nothing_is_left_over(world: &World) {
    world.store.check().await.unwrap();
    let mut work = world.store.read().await.unwrap();
    assert_eq!(work.jobs().count().await.unwrap(), 0, "jobs left");
    assert_eq!(work.archive().count_inflight().await.unwrap(), 0, "keys left in flight");
    let verified = work.audit().verify().await.unwrap();
    assert!(verified.is_ok(), "the audit log is broken: {verified:?}");
    let (mut after, mut seen) = (None, 0);
    loop {
        let page = work.enrollments().list(None, &PageRequest { after, limit: 500 }).await.unwrap();
        for enrollment in &page.rows {
            assert!(enrollment.state.is_final(), "{enrollment:?}");
            let journal = work.enrollments().journal(enrollment.id).await.unwrap();
            let succeeded: Vec<Station> = journal
                .iter()
                .filter(|entry| entry.event == JournalEvent::Succeeded)
                .map(|entry| entry.station)
                .collect();
            assert_eq!(succeeded, Station::ALL, "each station succeeded once, in order: {journal:?}");
            seen += 1;
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert!(seen > 0, "there were enrollments at all");
}

/// Kinds, outcomes and details of the entries of the audit log whose kind begins like this, oldest first.
pub(crate) async fn recorded(world: &World, kinds: &str) -> Vec<(String, String, String)> {
    let audit = world.json(&["audit", "list", "--limit", "500"]).await;
    let text = |entry: &Value, field: &str| entry[field].as_str().unwrap().to_owned();
    let entries = audit["entries"].as_array().unwrap().iter().rev();
    let wanted = entries.filter(|entry| entry["kind"].as_str().unwrap().starts_with(kinds));
    wanted.map(|entry| (text(entry, "kind"), text(entry, "outcome"), text(entry, "detail"))).collect()
}
