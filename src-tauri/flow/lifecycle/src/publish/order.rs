//! When an entry of the address book is looked at again: what happens to a certificate has its job ordered in the same unit of
//! work.

use enroll::order_publication;
use model::{
    Certificate, CertificateId, CertificateState, Ending, EndingCause, Ids, Publication, PublicationState,
    Purpose, Span, SubscriberId, Timestamp,
};
use plan::Decision;
use store::{PlanningRow, StoreError, Work};

use super::{Plan, load};

/// For how long after its grace a former certificate is not revoked because its successor is not in the address book yet.
pub(crate) const LONGEST_WAIT: Span = Span::days(3);

/// Has the entry looked at, if the book may show something of this subscriber or was to.
pub(crate) async fn reconsider(
    work: &mut dyn Work,
    ids: &Ids,
    subscriber: SubscriberId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let known = work.publications().of(Publication::EXCHANGE, subscriber).await?;
    // What was refused may be shown all the same, and is to go now.
    let hindered = |one: &Publication| {
        matches!(one.state, PublicationState::Refused | PublicationState::NeedsOnPremises)
    };
    let matters = |one: &Publication| one.state.is_open() || one.state.may_be_shown() || hindered(one);
    if known.iter().any(matters) { order_publication(work, ids, subscriber, now).await } else { Ok(()) }
}

/// The same for somebody who is being decided about: where what was published and what the directory says do not go together.
pub(crate) async fn reconsider_row(
    work: &mut dyn Work,
    ids: &Ids,
    row: &PlanningRow,
    now: Timestamp,
) -> Result<(), StoreError> {
    let id = row.subscriber.id;
    let known = work.publications().of(Publication::EXCHANGE, id).await?;
    if known.is_empty() {
        return Ok(());
    }
    // Read anew: this unit of work may have given or taken back a notice.
    let rows = work.subscribers().planning(&[id]).await?;
    let Some(row) = rows.first() else { return reconsider(work, ids, id, now).await };
    if known.iter().any(|one| is_amiss(one, row, &row.endings)) {
        order_publication(work, ids, id, now).await?;
    }
    Ok(())
}

fn is_amiss(publication: &Publication, row: &PlanningRow, endings: &[Ending]) -> bool {
    let is_it = |one: &&Certificate| one.id == publication.certificate;
    let leaves = row.subscriber.gone_at.is_some()
        || endings.iter().any(|ending| {
            ending.certificate == publication.certificate
                && matches!(ending.cause, EndingCause::Gone | EndingCause::LeftGroup)
        });
    if publication.state.may_be_shown() {
        let runs = row
            .certificates
            .iter()
            .chain(&row.superseded)
            .any(|one| is_it(&one) && one.state != CertificateState::Held);
        return leaves || !runs;
    }
    // Taken out because its owner left, who is back, or because of a hold that was lifted.
    let is_mail = |one: &&Certificate| one.purpose == Purpose::Smime && one.state == CertificateState::Valid;
    let newest = row.certificates.iter().find(is_mail);
    publication.state == PublicationState::Withdrawn && !leaves && newest.is_some_and(|one| is_it(&one))
}

/// What goes from the entry of somebody about whom this was decided, and why: what the job takes out that [`reconsider_row`]
/// orders, or that waits already. `ended` are the certificates that the same decision revokes or puts on hold.
pub(crate) async fn removals(
    work: &mut dyn Work,
    row: &PlanningRow,
    decision: &Decision,
    ended: &[CertificateId],
    known: &[Publication],
    now: Timestamp,
) -> Result<Vec<(Certificate, &'static str)>, StoreError> {
    // As the notices stand once they are given and taken back.
    let is_kept = |one: &&Ending| !decision.retracted.contains(&one.certificate);
    let mut endings: Vec<Ending> = row.endings.iter().filter(is_kept).cloned().collect();
    endings.extend(decision.endings.iter().cloned());
    let is_over = |one: &&Publication| {
        one.state.may_be_shown()
            && (one.state == PublicationState::Unwanted
                || row.certificates.iter().any(|known| known.id == one.certificate && known.not_after <= now)
                || ended.contains(&one.certificate)
                || is_amiss(one, row, &endings))
    };
    if !known.iter().any(|one| is_over(&one)) {
        return Ok(Vec::new());
    }
    let Plan { mut standing, mut candidates } =
        load(work, Publication::EXCHANGE, row.subscriber.id, now).await?;
    standing.endings = endings.iter().map(|one| (one.certificate, one.cause)).collect();
    candidates.retain(|one| !ended.contains(&one.certificate.id));
    let wanted = standing.wanted(&candidates).map(|one| one.certificate.id);
    let mut removals = Vec::new();
    for one in known.iter().filter(|one| one.state.may_be_shown()) {
        let Some(found) = work.certificates().lookup(one.certificate).await? else { continue };
        let why = if ended.contains(&one.certificate) {
            Some("it is revoked or put on hold with this plan")
        } else {
            standing.why_it_goes(&found.certificate, wanted)
        };
        removals.extend(why.map(|why| (found.certificate, why)));
    }
    Ok(removals)
}

/// Whether a former certificate is to run on for a while, because its successor is not in the address book yet and senders would
/// be left with a revoked one.
pub(crate) async fn is_awaited(
    work: &mut dyn Work,
    row: &PlanningRow,
    former: CertificateId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let due = row.endings.iter().find(|ending| ending.certificate == former).map(|ending| ending.due_at);
    if due.is_none_or(|due| due + LONGEST_WAIT <= now) {
        return Ok(false);
    }
    successor_waits(work, row.subscriber.id, former).await
}

/// Whether the address book shows a certificate whose successor is yet to be published.
pub(crate) async fn successor_waits(
    work: &mut dyn Work,
    subscriber: SubscriberId,
    former: CertificateId,
) -> Result<bool, StoreError> {
    let known = work.publications().of(Publication::EXCHANGE, subscriber).await?;
    let is_shown = known.iter().any(|one| one.certificate == former && one.state.may_be_shown());
    let waits =
        |one: &Publication| matches!(one.state, PublicationState::Wanted | PublicationState::Accepted);
    Ok(is_shown && known.iter().any(|one| one.certificate != former && waits(one)))
}

/// A person has the certificates of a subscriber published, also what was withheld or refused before. Returns how many are looked at.
///
/// # Errors
/// The database's.
pub async fn publish_again(
    work: &mut dyn Work,
    ids: &Ids,
    subscriber: SubscriberId,
    now: Timestamp,
) -> Result<u32, StoreError> {
    let mut told = 0;
    for row in work.subscribers().planning(&[subscriber]).await? {
        let known = work.publications().of(Publication::EXCHANGE, subscriber).await?;
        for certificate in row.certificates.iter().filter(|one| one.purpose == Purpose::Smime) {
            let found = known.iter().find(|one| one.certificate == certificate.id);
            if found.is_none_or(|one| !one.state.may_be_shown()) {
                set(work, subscriber, certificate.id, PublicationState::Wanted, now).await?;
            }
            told += 1;
        }
    }
    if told > 0 {
        order_publication(work, ids, subscriber, now).await?;
    }
    Ok(told)
}

/// A person has the certificates of a subscriber taken out of the address book, where they stay out. Returns how many.
///
/// # Errors
/// The database's.
pub async fn withhold(
    work: &mut dyn Work,
    ids: &Ids,
    subscriber: SubscriberId,
    now: Timestamp,
) -> Result<u32, StoreError> {
    let mut told = 0;
    for row in work.subscribers().planning(&[subscriber]).await? {
        for certificate in row.certificates.iter().filter(|one| one.purpose == Purpose::Smime) {
            set(work, subscriber, certificate.id, PublicationState::Withheld, now).await?;
            told += 1;
        }
    }
    if told > 0 {
        order_publication(work, ids, subscriber, now).await?;
    }
    Ok(told)
}

async fn set(
    work: &mut dyn Work,
    subscriber: SubscriberId,
    certificate: CertificateId,
    state: PublicationState,
    at: Timestamp,
) -> Result<(), StoreError> {
    let book = Publication::EXCHANGE.to_owned();
    let row = Publication { certificate, subscriber, book, state, detail: None, at };
    work.publications().set(&row).await
}
