//! What a plan takes back: records of those who may no longer use a mailbox, records of former certificates, and entries in the
//! address list. Each is decided by what carries it out; here it is put together, and ordered.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Action, CertificateId, DeliveryState, Ids, Intent, Publication, PublicationState, RemovalCause,
    RemovalIntent, SubscriberId, Timestamp,
};
use plan::Decision;
use store::{PlanningRow, StoreError, Work};

use crate::apply::Prepared;
use crate::cycle::{decide_row, give_notice};
use crate::former::{self, Stay, stay};
use crate::limits::{confirmed_at, losses_are_sure};
use crate::{publish, withdraw};

/// What follows from a decision about one subscriber, whose publications these are.
pub(crate) async fn of_decision(
    work: &mut dyn Work,
    row: &PlanningRow,
    decision: &Decision,
    published: &[Publication],
    now: Timestamp,
) -> Result<Vec<RemovalIntent>, StoreError> {
    let mut removals = Vec::new();
    for intent in &decision.intents {
        let Some(id) = withdraw::follows(work, row, intent, now).await? else { continue };
        if !losses_are_sure(work, &row.subscriber, now).await? {
            continue;
        }
        let Some(found) = work.certificates().lookup(id).await? else { continue };
        let certificate = found.certificate;
        let deliveries = work.deliveries().list(id).await?;
        for one in withdraw::lost(&deliveries, &row.holders) {
            removals.push(RemovalIntent {
                subscriber: row.subscriber.id,
                who: certificate.mail.clone(),
                certificate: id,
                thumbprint: certificate.thumbprint,
                record_of: Some(one.user_principal_name.clone()),
                cause: RemovalCause::HolderLeft,
                reason: format!(
                    "the record of {} at Intune is taken back: may no longer use {}",
                    one.user_principal_name, certificate.mail
                ),
            });
        }
    }
    let ends = |intent: &Intent| match intent.action {
        Action::Revoke { certificate, .. } | Action::Hold { certificate, .. } => Some(certificate),
        Action::Enroll { .. } | Action::Release { .. } => None,
    };
    let ended: Vec<_> = decision.intents.iter().filter_map(ends).collect();
    for (certificate, why) in publish::removals(work, row, decision, &ended, published, now).await? {
        removals.push(RemovalIntent {
            subscriber: row.subscriber.id,
            who: certificate.mail,
            certificate: certificate.id,
            thumbprint: certificate.thumbprint,
            record_of: None,
            cause: RemovalCause::AddressList,
            reason: format!("goes from the address list: {why}"),
        });
    }
    Ok(removals)
}

/// Records at Intune of former certificates that the template lets stay no longer, and whether those are all: at most so many
/// are looked at. The database names those that go; of those that stay nothing is read.
pub(crate) async fn of_former(
    work: &mut dyn Work,
    prepared: &Prepared,
    most: usize,
    now: Timestamp,
) -> Result<(Vec<RemovalIntent>, bool), StoreError> {
    let (mut removals, mut seen) = (Vec::new(), 0);
    let settled_by = now - former::SETTLING;
    for template in &prepared.templates {
        let Some(kept) = template.delivery.former_that_stay() else { continue };
        let mut after = None;
        loop {
            let page = work.deliveries().former(template.id, kept, settled_by, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for one in &page {
                if seen == most {
                    return Ok((removals, false));
                }
                seen += 1;
                let Some(row) = work.certificates().lookup(one.certificate).await? else { continue };
                let certificate = row.certificate;
                if stay(work, &certificate, now).await? != Stay::Leaves {
                    continue;
                }
                removals.push(RemovalIntent {
                    subscriber: certificate.subscriber,
                    who: certificate.mail,
                    certificate: certificate.id,
                    thumbprint: certificate.thumbprint,
                    record_of: Some(one.user_principal_name.clone()),
                    cause: RemovalCause::Former,
                    reason: former::why_it_goes(&one.user_principal_name),
                });
            }
        }
    }
    Ok((removals, true))
}

/// Rows of one page.
const PAGE: u32 = 500;

/// Orders those that are still wanted and do not follow from an intent, in the words of now. Answers which.
pub(crate) async fn order(
    work: &mut dyn Work,
    ids: &Ids,
    wanted: &[RemovalIntent],
    now: Timestamp,
) -> Result<Vec<RemovalIntent>, StoreError> {
    let unlisted = order_unlisted(work, ids, wanted, now).await?;
    let mut ordered = Vec::new();
    for removal in wanted {
        let is_wanted = match removal.cause {
            RemovalCause::HolderLeft => false,
            RemovalCause::Former => order_former(work, ids, removal, now).await?,
            RemovalCause::AddressList => unlisted.contains(&(removal.subscriber, removal.certificate)),
        };
        if is_wanted {
            ordered.push(removal.clone());
        }
    }
    Ok(ordered)
}

async fn order_former(
    work: &mut dyn Work,
    ids: &Ids,
    removal: &RemovalIntent,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Some(row) = work.certificates().lookup(removal.certificate).await? else { return Ok(false) };
    let deliveries = work.deliveries().list(removal.certificate).await?;
    let is_there = deliveries.iter().any(|one| one.state == DeliveryState::Present);
    if !is_there || stay(work, &row.certificate, now).await? != Stay::Leaves {
        return Ok(false);
    }
    former::look(work, ids, removal.certificate, true, now).await?;
    Ok(true)
}

/// Gives the notices that the service would give, so that the entries in the address list are judged by them, and has those of
/// their owners looked at from whom something goes. Answers whose certificates go.
async fn order_unlisted(
    work: &mut dyn Work,
    ids: &Ids,
    wanted: &[RemovalIntent],
    now: Timestamp,
) -> Result<BTreeSet<(SubscriberId, CertificateId)>, StoreError> {
    let is_unlisted = |one: &&RemovalIntent| one.cause == RemovalCause::AddressList;
    let named: BTreeSet<(SubscriberId, CertificateId)> =
        wanted.iter().filter(is_unlisted).map(|one| (one.subscriber, one.certificate)).collect();
    let mut going = BTreeSet::new();
    if named.is_empty() {
        return Ok(going);
    }
    let mut owners: Vec<SubscriberId> = named.iter().map(|(owner, _)| *owner).collect();
    owners.dedup();
    let rows = work.subscribers().planning(&owners).await?;
    // After the subscribers, whom a template that is being saved holds.
    let prepared = Prepared::load(work).await?;
    let confirmed = confirmed_at(work, now).await?;
    for row in &rows {
        let owner = row.subscriber.id;
        let mut decision = decide_row(work, row, &prepared.templates, &[], confirmed, now).await?;
        // What it would revoke was decided apart, and stands in the certificate's state if it is done.
        decision.intents.clear();
        let published = work.publications().of(Publication::EXCHANGE, owner).await?;
        let found = publish::removals(work, row, &decision, &[], &published, now).await?;
        let before = going.len();
        let keys = found.iter().map(|(certificate, _)| (owner, certificate.id));
        going.extend(keys.filter(|key| named.contains(key)));
        if going.len() > before {
            give_notice(work, &decision).await?;
            enroll::order_publication(work, ids, owner, now).await?;
        }
    }
    Ok(going)
}

/// What the address list may show of ours, by owner: read page by page, and held without the details of what went wrong, which
/// nothing here is decided by.
pub(crate) async fn published(
    work: &mut dyn Work,
) -> Result<BTreeMap<SubscriberId, Vec<Publication>>, StoreError> {
    let mut all: BTreeMap<SubscriberId, Vec<Publication>> = BTreeMap::new();
    for state in PublicationState::ALL.into_iter().filter(|state| state.may_be_shown()) {
        let mut after = None;
        loop {
            let page = work.publications().list(Publication::EXCHANGE, state, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.publication.certificate);
            for row in page {
                let shown = Publication { detail: None, ..row.publication };
                all.entry(shown.subscriber).or_default().push(shown);
            }
        }
    }
    Ok(all)
}
