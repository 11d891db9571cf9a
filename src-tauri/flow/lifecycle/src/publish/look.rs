//! What a comparison with the world outside makes of an entry: what publishing would change there, and does not know of.
//!
//! What publishing is about to do by itself, or has told a person already, is no difference: database and book agree about it.

use std::collections::BTreeSet;

use crypto::X509Certificate;
use model::{
    Certificate, CertificateId, DriftKind, Publication, PublicationState, SubscriberId, Thumbprint, Timestamp,
};
use ports::BookEntry;
use store::{Job, StoreError, Work};

use super::decide::{Standing, merge, owners, thumbprint};
use super::{ON_PREMISES, Plan, load, ours};

/// A certificate of ours that is not where it should be.
pub(crate) struct Apart {
    pub(crate) kind: DriftKind,
    pub(crate) certificate: CertificateId,
    pub(crate) thumbprint: Thumbprint,
    pub(crate) sentence: String,
}

/// What an entry came to.
#[derive(Default)]
pub(crate) struct Looked {
    pub(crate) apart: Vec<Apart>,
    /// Certificates and S/MIME values of others, which are left alone.
    pub(crate) others: u64,
}

/// Looks at an entry. Changes nothing.
pub(crate) async fn look(
    work: &mut dyn Work,
    book: &str,
    entry: &BookEntry,
    now: Timestamp,
) -> Result<Looked, StoreError> {
    let Plan { standing, candidates } = load(work, book, entry.holder, now).await?;
    let ours = ours(work, entry).await?;
    let wanted = standing.wanted(&candidates);
    let change = merge(entry, &ours, &standing, wanted);
    let (mut shown, mut gone, mut others) = (BTreeSet::new(), BTreeSet::new(), 0);
    for der in &entry.certificates {
        match thumbprint(der).filter(|one| ours.contains_key(one)) {
            None => others += 1,
            Some(one) => {
                let list = if change.certificates.contains(der) { &mut shown } else { &mut gone };
                list.insert(one);
            }
        }
    }
    for value in &entry.smime {
        let mut known: Vec<Thumbprint> = owners(value).iter().map(X509Certificate::thumbprint).collect();
        known.retain(|one| ours.contains_key(one));
        others += u64::from(known.is_empty());
        let list = if change.smime.contains(value) { &mut shown } else { &mut gone };
        list.extend(known);
    }
    let address = &entry.address;
    let apart = |kind: DriftKind, certificate: &Certificate, what: &str, then: &str| {
        let mail = &certificate.mail;
        let is_elsewhere = entry.is_synchronised && kind.repair().is_some();
        let (kind, then) = if is_elsewhere { (DriftKind::OnPremises, ON_PREMISES) } else { (kind, then) };
        Apart {
            kind,
            certificate: certificate.id,
            thumbprint: certificate.thumbprint,
            sentence: format!("the entry of {address} {what} of {mail}: {then}"),
        }
    };
    let mut looked = Looked { apart: Vec::new(), others };
    let elsewhere = |one: &&Certificate| one.subscriber != entry.holder;
    for one in shown.difference(&gone).filter_map(|one| ours.get(one)).filter(elsewhere) {
        let what = "shows the certificate";
        let then = "mail to the one is encrypted for the other; have it taken out with `Set-Mailbox` unless it is meant so";
        looked.apart.push(apart(DriftKind::WrongEntry, one, what, then));
    }
    let mut by_publishing = Vec::new();
    if let Some(wanted) = wanted
        && !entry.certificates.contains(&wanted.der)
        && !is_seen_to(&standing, wanted.certificate.id)
    {
        let (what, then) = ("does not show the certificate", "publishing it again puts that right");
        by_publishing.push(apart(DriftKind::NotShown, &wanted.certificate, what, then));
    }
    let id = wanted.map(|one| one.certificate.id);
    for one in gone.iter().filter_map(|one| ours.get(one)) {
        if let Some(why) = standing.why_it_goes(one, id).filter(|_| !is_seen_to(&standing, one.id)) {
            let then = format!("{why}; senders encrypt to it until it is taken out");
            by_publishing.push(apart(DriftKind::StillShown, one, "still shows the certificate", &then));
        }
    }
    if !by_publishing.is_empty() && !is_queued(work, entry.holder).await? {
        looked.apart.extend(by_publishing);
    }
    Ok(looked)
}

/// Whether publishing is to look at the entry anyway.
async fn is_queued(work: &mut dyn Work, holder: SubscriberId) -> Result<bool, StoreError> {
    Ok(work.jobs().unqueued(&[Job::publication_key(holder)]).await?.is_empty())
}

/// Whether publishing has something to do about it, or has said what keeps it from that.
fn is_seen_to(standing: &Standing, certificate: CertificateId) -> bool {
    let found = standing.publications.iter().find(|one| one.certificate == certificate);
    found.is_some_and(|one| match one.state {
        PublicationState::Wanted
        | PublicationState::Accepted
        | PublicationState::Unwanted
        | PublicationState::NeedsOnPremises
        | PublicationState::Refused => true,
        PublicationState::Published
        | PublicationState::Withdrawn
        | PublicationState::NoMailbox
        | PublicationState::Withheld => false,
    })
}

/// A published certificate whose entry nobody told of; `None` where nobody misses it.
pub(crate) async fn missed(
    work: &mut dyn Work,
    publication: &Publication,
    now: Timestamp,
) -> Result<Option<(SubscriberId, Apart)>, StoreError> {
    let Publication { book, subscriber, certificate, .. } = publication;
    let Plan { standing, candidates } = load(work, book, *subscriber, now).await?;
    let wanted = standing.wanted(&candidates).filter(|one| one.certificate.id == *certificate);
    if wanted.is_some() && is_queued(work, *subscriber).await? {
        return Ok(None);
    }
    Ok(wanted.map(|one| {
        let Certificate { id: certificate, thumbprint, mail, .. } = one.certificate.clone();
        let sentence = format!(
            "the certificate of {mail} was published, and Exchange knows no mailbox of its owner any more: publishing looks once \
             more, and `sealwright gal status` then says so"
        );
        (*subscriber, Apart { kind: DriftKind::NotShown, certificate, thumbprint, sentence })
    }))
}
