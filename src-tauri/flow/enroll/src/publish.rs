//! Hands a certificate that was delivered on to the address book: the wish and its job, in the unit of work that ends the
//! delivery. What the book then shows is `lifecycle`'s business.

use model::{CertificateId, Ids, Publication, PublicationState, Purpose, SubscriberId, Timestamp};
use store::{Job, StoreError, Work};

/// Has somebody look at what the address book shows of a subscriber; once more where that is being done already.
pub async fn order_publication(
    work: &mut dyn Work,
    ids: &Ids,
    subscriber: SubscriberId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (job, key) = Job::publication(ids.next(), subscriber, now);
    if !work.jobs().wake(&key, now).await? {
        work.jobs().add(&job, &key).await?;
    }
    Ok(())
}

/// The certificate was delivered: it is to be published, unless something is known about that already.
pub async fn want_published(
    work: &mut dyn Work,
    ids: &Ids,
    book: &str,
    id: CertificateId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(row) = work.certificates().lookup(id).await? else { return Ok(()) };
    let certificate = row.certificate;
    if certificate.purpose != Purpose::Smime {
        return Ok(());
    }
    let known = work.publications().of(book, certificate.subscriber).await?;
    if known.iter().all(|one| one.certificate != id) {
        let wanted = Publication {
            certificate: id,
            subscriber: certificate.subscriber,
            book: book.to_owned(),
            state: PublicationState::Wanted,
            detail: None,
            at: now,
        };
        work.publications().set(&wanted).await?;
    }
    order_publication(work, ids, certificate.subscriber, now).await
}
