//! What the plan reads: whole pages of subscribers with everything about them, in a fixed number of queries a page.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Certificate, CertificateId, CertificateNames, CertificateState, DeliveryState, EnrollmentState, Handover,
    MailboxHolder, Refusal, SubscriberId, SubscriberKind, TemplateId, Timestamp,
};
use store::{EndingsDue, PlanningRow, StoreError};

use crate::certificate;
use crate::codes::Coded;
use crate::columns::Columns;
use crate::dialect::{places, unindexed};
use crate::ending;
use crate::session::Session;
use crate::subscriber::{ASKED_AT_ONCE, InList, ids};
use crate::value::{Value, args};

/// Most subscribers of a planning page.
const MOST: u32 = 1_000;
/// Whoever changed, along an index that holds nobody else.
pub(crate) const DUE: &str = "SELECT id FROM subscriber WHERE due = 1 AND id > ? ORDER BY id LIMIT ?";
/// Whoever has a valid certificate that ends soon or has ended, out of the range of the index by end; not those who have
/// one by the same template that runs longer.
pub(crate) const EXPIRING: &str = "SELECT DISTINCT c.subscriber FROM certificate c \
    JOIN subscriber s ON s.id = c.subscriber \
    WHERE c.state = ? AND c.not_after < ? AND c.subscriber > ? AND s.gone_at IS NULL \
    AND NOT EXISTS (SELECT 1 FROM certificate n WHERE n.subscriber = c.subscriber AND n.template = c.template \
    AND {+}n.state = ? AND {+}n.not_after > c.not_after) \
    ORDER BY c.subscriber LIMIT ?";

/// Refused orders among all that a subscriber ever had, which are few.
pub(crate) fn refusals_sql(subscribers: &str) -> String {
    format!(
        "SELECT subscriber, template, names, profile, key_algorithm, archive, validity_days, updated_at, last_error \
         FROM enrollment \
         WHERE {} = ? AND subscriber IN {subscribers}",
        unindexed("state")
    )
}

pub(crate) fn open_sql(subscribers: &str) -> String {
    format!(
        "SELECT subscriber, template FROM enrollment WHERE open_key IS NOT NULL AND subscriber IN {subscribers} \
         ORDER BY subscriber, template"
    )
}

impl Session {
    pub(crate) async fn planning_due(
        &mut self,
        after: Option<SubscriberId>,
        renewals_until: Timestamp,
        endings: Option<EndingsDue>,
        limit: u32,
    ) -> Result<Vec<PlanningRow>, StoreError> {
        let limit = limit.clamp(1, MOST);
        let after = first_id(after);
        let due = self.select("reading who is due", DUE, args![after.clone(), limit]).await?;
        let valid = CertificateState::Valid.code();
        let args = args![valid, renewals_until, after.clone(), valid, limit];
        let expiring = self.select("reading whose certificates expire", EXPIRING, args).await?;
        let mut wanted: BTreeSet<SubscriberId> = ids(&due)?.into_iter().collect();
        wanted.extend(ids::<SubscriberId>(&expiring)?);
        if let Some(endings) = endings {
            let mut args = ending::due_args(endings);
            args.extend(args![after, limit]);
            let noted = self.select("reading whose notices have come due", ending::DUE, args).await?;
            wanted.extend(ids::<SubscriberId>(&noted)?);
        }
        let page: Vec<SubscriberId> = wanted.into_iter().take(limit as usize).collect();
        self.lock_subscribers(&page).await?;
        self.planning_rows(&page).await
    }

    pub(crate) async fn planning_of(
        &mut self,
        wanted: &[SubscriberId],
    ) -> Result<Vec<PlanningRow>, StoreError> {
        let page: BTreeSet<SubscriberId> = wanted.iter().copied().collect();
        let page: Vec<SubscriberId> = page.into_iter().collect();
        self.lock_subscribers(&page).await?;
        let mut rows = Vec::with_capacity(page.len());
        for some in page.chunks(MOST as usize) {
            rows.extend(self.planning_rows(some).await?);
        }
        Ok(rows)
    }

    /// Holds off whoever wants to mark one of these due, until this unit of work ends. What is read afterwards is what the
    /// plan decides upon, so that a change which comes too late for it marks its subscriber again.
    async fn lock_subscribers(&mut self, page: &[SubscriberId]) -> Result<(), StoreError> {
        if !self.shares_writing() {
            return Ok(());
        }
        for some in page.chunks(ASKED_AT_ONCE) {
            let Some(list) = InList::of(some) else { continue };
            let sql = format!("UPDATE subscriber SET due = due WHERE id IN {}", list.places);
            self.run("locking subscribers", sql, list.values).await?;
        }
        Ok(())
    }

    pub(crate) async fn planning_all(
        &mut self,
        after: Option<SubscriberId>,
        limit: u32,
    ) -> Result<Vec<PlanningRow>, StoreError> {
        let sql = "SELECT id FROM subscriber WHERE id > ? AND gone_at IS NULL ORDER BY id LIMIT ?";
        let limit = limit.clamp(1, MOST);
        let args = args![first_id(after), limit];
        let mut wanted: BTreeSet<SubscriberId> =
            ids(&self.select("reading subscribers", sql, args.clone()).await?)?.into_iter().collect();
        // Whoever is gone is looked at as long as there is something to end.
        let noted = self.select("reading whose certificates end", ending::OWNERS, args).await?;
        wanted.extend(ids::<SubscriberId>(&noted)?);
        let page: Vec<SubscriberId> = wanted.into_iter().take(limit as usize).collect();
        self.planning_rows(&page).await
    }

    async fn planning_rows(&mut self, page: &[SubscriberId]) -> Result<Vec<PlanningRow>, StoreError> {
        let subscribers = self.load_subscribers(page).await?;
        let is_mailbox = |kind| matches!(kind, SubscriberKind::SharedMailbox);
        let mailboxes: Vec<SubscriberId> =
            subscribers.iter().filter(|s| is_mailbox(s.kind)).map(|s| s.id).collect();

        let live = [CertificateState::Valid, CertificateState::Revoking, CertificateState::Held];
        let mut certificates = self.certificates_of(page, &live).await?;
        let mut superseded = self.certificates_of(page, &[CertificateState::Superseded]).await?;
        let mut ordered = self.ordered_names(page).await?;
        let mut endings = self.open_endings(page).await?;
        let mut holds = self.holds_of(page).await?;
        let mut open = self.open_templates(page).await?;
        let mut refused = self.refusals(page).await?;
        let mut holders: BTreeMap<SubscriberId, Vec<MailboxHolder>> = BTreeMap::new();
        for holder in self.load_holders(&mailboxes).await? {
            holders.entry(holder.mailbox).or_default().push(holder);
        }
        let shared =
            mailboxes.iter().flat_map(|id| [certificates.get(id), superseded.get(id)]).flatten().flatten();
        let shared: Vec<CertificateId> = shared.map(|certificate| certificate.id).collect();
        let receivers = self.receivers(&shared).await?;

        let rows = subscribers.into_iter().map(|subscriber| {
            let id = subscriber.id;
            let certificates = certificates.remove(&id).unwrap_or_default();
            let delivered = |certificate: &Certificate| receivers.get(&certificate.id).cloned();
            let superseded = superseded.remove(&id).unwrap_or_default();
            let all = certificates.iter().chain(&superseded);
            PlanningRow {
                delivered_to: all.filter_map(delivered).flatten().collect(),
                certificates,
                superseded,
                ordered: ordered.remove(&id).unwrap_or_default(),
                endings: endings.remove(&id).unwrap_or_default(),
                holds: holds.remove(&id).unwrap_or_default(),
                open: open.remove(&id).unwrap_or_default(),
                refused: refused.remove(&id).unwrap_or_default(),
                holders: holders.remove(&id).unwrap_or_default(),
                subscriber,
            }
        });
        Ok(rows.collect())
    }

    /// Certificates in these states, newest first.
    async fn certificates_of(
        &mut self,
        of: &[SubscriberId],
        states: &[CertificateState],
    ) -> Result<BTreeMap<SubscriberId, Vec<Certificate>>, StoreError> {
        let mut by_subscriber: BTreeMap<SubscriberId, Vec<Certificate>> = BTreeMap::new();
        let Some(list) = InList::of(of) else { return Ok(by_subscriber) };
        let sql = format!(
            "{} FROM certificate c WHERE c.subscriber IN {} AND {} IN {}",
            certificate::SELECT,
            list.places,
            unindexed("c.state"),
            places(states.len())
        );
        let mut args = list.values;
        args.extend(states.iter().map(|state| state.value()));
        for row in &self.select("reading certificates", sql, args).await? {
            let certificate = certificate::read(&mut Columns::new("certificate", row))?;
            by_subscriber.entry(certificate.subscriber).or_default().push(certificate);
        }
        for certificates in by_subscriber.values_mut() {
            certificates.sort_unstable_by_key(|certificate| std::cmp::Reverse(certificate.id));
        }
        Ok(by_subscriber)
    }

    /// The names by which certificates that still count were ordered.
    async fn ordered_names(
        &mut self,
        of: &[SubscriberId],
    ) -> Result<BTreeMap<SubscriberId, Vec<(CertificateId, CertificateNames)>>, StoreError> {
        let mut ordered: BTreeMap<SubscriberId, Vec<(CertificateId, CertificateNames)>> = BTreeMap::new();
        let Some(list) = InList::of(of) else { return Ok(ordered) };
        let sql = format!(
            "SELECT c.subscriber, c.id, e.names FROM certificate c JOIN enrollment e ON e.id = c.enrollment \
             WHERE c.subscriber IN {} AND {} IN (?, ?, ?) ORDER BY c.subscriber, c.id",
            list.places,
            unindexed("c.state")
        );
        let mut args = list.values;
        args.extend(ending::running());
        for row in &self.select("reading the names of certificates", sql, args).await? {
            let mut columns = Columns::new("certificate", row);
            let subscriber = columns.id()?;
            ordered.entry(subscriber).or_default().push((columns.id()?, columns.json()?));
        }
        Ok(ordered)
    }

    async fn open_templates(
        &mut self,
        of: &[SubscriberId],
    ) -> Result<BTreeMap<SubscriberId, Vec<TemplateId>>, StoreError> {
        let mut open: BTreeMap<SubscriberId, Vec<TemplateId>> = BTreeMap::new();
        let Some(list) = InList::of(of) else { return Ok(open) };
        let sql = open_sql(&list.places);
        for row in &self.select("reading open enrollments", sql, list.values).await? {
            let mut columns = Columns::new("enrollment", row);
            let subscriber = columns.id()?;
            open.entry(subscriber).or_default().push(columns.id()?);
        }
        Ok(open)
    }

    /// Refused orders of each subscriber, newest first.
    async fn refusals(
        &mut self,
        of: &[SubscriberId],
    ) -> Result<BTreeMap<SubscriberId, Vec<Refusal>>, StoreError> {
        let mut refused: BTreeMap<SubscriberId, Vec<Refusal>> = BTreeMap::new();
        let Some(list) = InList::of(of) else { return Ok(refused) };
        let sql = refusals_sql(&list.places);
        let mut args = args![EnrollmentState::Rejected.code()];
        args.extend(list.values);
        for row in &self.select("reading refused orders", sql, args).await? {
            let mut columns = Columns::new("enrollment", row);
            let subscriber = columns.id()?;
            let refusal = Refusal {
                template: columns.id()?,
                names: columns.json()?,
                profile: columns.coded()?,
                key: columns.coded()?,
                archive: columns.flag()?,
                validity_days: columns.number()?,
                at: columns.time()?,
                why: columns.opt_text()?.unwrap_or_default(),
            };
            refused.entry(subscriber).or_default().push(refusal);
        }
        for refusals in refused.values_mut() {
            refusals.sort_by_key(|refusal| std::cmp::Reverse(refusal.at));
        }
        Ok(refused)
    }

    pub(crate) async fn load_holders(
        &mut self,
        mailboxes: &[SubscriberId],
    ) -> Result<Vec<MailboxHolder>, StoreError> {
        let Some(list) = InList::of(mailboxes) else { return Ok(Vec::new()) };
        let sql = format!(
            "SELECT mailbox, person, upn FROM mailbox_holder WHERE mailbox IN {} ORDER BY mailbox, person",
            list.places
        );
        let rows = self.select("reading the people of mailboxes", sql, list.values).await?;
        let read = |row| {
            let mut columns = Columns::new("holder of a mailbox", row);
            Ok(MailboxHolder {
                mailbox: columns.id()?,
                person: columns.id()?,
                user_principal_name: columns.text()?,
            })
        };
        rows.iter().map(read).collect()
    }

    async fn receivers(
        &mut self,
        certificates: &[CertificateId],
    ) -> Result<BTreeMap<CertificateId, Vec<Handover>>, StoreError> {
        let mut receivers: BTreeMap<CertificateId, Vec<Handover>> = BTreeMap::new();
        for some in certificates.chunks(ASKED_AT_ONCE) {
            let Some(list) = InList::of(some) else { continue };
            let sql = format!(
                "SELECT certificate, person, state FROM delivery WHERE certificate IN {} ORDER BY certificate, person",
                list.places
            );
            for row in &self.select("reading deliveries", sql, list.values).await? {
                let mut columns = Columns::new("delivery", row);
                let (certificate, person) = (columns.id()?, columns.id()?);
                let withdrawn = columns.coded::<DeliveryState>()? == DeliveryState::Withdrawn;
                receivers.entry(certificate).or_default().push(Handover { certificate, person, withdrawn });
            }
        }
        Ok(receivers)
    }
}

/// The bytes behind which a page begins.
fn first_id(after: Option<SubscriberId>) -> Value {
    after.map_or_else(|| Value::Bytes(Vec::new()), Value::from)
}
