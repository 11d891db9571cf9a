//! What an entry is to show: pure decisions about one subscriber.
//!
//! At most one of our mail certificates stands there: the newest that was handed over. What others published stays. Ours go when
//! they ended, when their owner leaves, and when another of ours takes the place; with none to take it, what is valid stays.

use std::collections::BTreeMap;

use crypto::X509Certificate;
use crypto::certificate::certificates_in_smime;
use model::{
    Certificate, CertificateId, CertificateState, DeliveryState, EndingCause, IntendedPurpose, Publication,
    PublicationState, Purpose, SubscriberId, Thumbprint, Timestamp,
};
use ports::{BookChange, BookEntry};

/// One of the subscriber's valid mail certificates.
pub(crate) struct Candidate {
    pub(crate) certificate: Certificate,
    pub(crate) der: Vec<u8>,
    /// The states of its hand-overs.
    pub(crate) deliveries: Vec<DeliveryState>,
    /// What devices use it for.
    pub(crate) intended: IntendedPurpose,
}

/// What is known of the subscriber whose entry is looked at.
pub(crate) struct Standing {
    pub(crate) subscriber: SubscriberId,
    /// Whether the directory does not know them any more, or no enrollment group.
    pub(crate) is_gone: bool,
    /// Notices about their certificates that are not done.
    pub(crate) endings: Vec<(CertificateId, EndingCause)>,
    pub(crate) publications: Vec<Publication>,
    pub(crate) now: Timestamp,
}

impl Standing {
    /// Whether the owner is leaving, or has left: senders are to stop at once, while a revocation waits for its grace.
    fn is_leaving(&self, certificate: CertificateId) -> bool {
        let leaves = |cause| matches!(cause, EndingCause::Gone | EndingCause::LeftGroup);
        self.is_gone || self.endings.iter().any(|(of, cause)| *of == certificate && leaves(*cause))
    }

    fn is_withheld(&self, certificate: CertificateId) -> bool {
        let is =
            |one: &Publication| one.certificate == certificate && one.state == PublicationState::Withheld;
        self.publications.iter().any(is)
    }

    /// The certificate that the entry is to show, if any.
    pub(crate) fn wanted<'a>(&self, candidates: &'a [Candidate]) -> Option<&'a Candidate> {
        candidates
            .iter()
            .filter(|one| {
                let certificate = &one.certificate;
                certificate.state == CertificateState::Valid
                    && certificate.purpose == Purpose::Smime
                    && certificate.not_after > self.now
                    && one.intended != IntendedPurpose::SmimeSigning
                    && was_handed_over(&one.deliveries)
                    && !self.is_leaving(certificate.id)
                    && !self.is_withheld(certificate.id)
                    && X509Certificate::from_der(&one.der).is_ok_and(|read| read.can_encrypt_mail())
            })
            .max_by_key(|one| (one.certificate.not_before, one.certificate.id))
    }

    /// Whether a certificate of ours is to go from this subscriber's entry.
    pub(super) fn goes(&self, certificate: &Certificate, wanted: Option<CertificateId>) -> bool {
        self.why_it_goes(certificate, wanted).is_some()
    }

    /// Why a certificate of ours is to go from this subscriber's entry; `None` when it is to stay.
    pub(super) fn why_it_goes(
        &self,
        certificate: &Certificate,
        wanted: Option<CertificateId>,
    ) -> Option<&'static str> {
        if wanted == Some(certificate.id) {
            return None;
        }
        let ended = match certificate.state {
            // Nobody relies on what is on hold; the entry shows it again when that is lifted.
            CertificateState::Held => Some("it is on hold"),
            CertificateState::Revoking | CertificateState::Revoked => Some("it is revoked"),
            CertificateState::Valid | CertificateState::Superseded => {
                (certificate.not_after <= self.now).then_some("it has expired")
            }
        };
        if ended.is_some() || certificate.subscriber != self.subscriber {
            return ended;
        }
        let is_replaced = certificate.purpose == Purpose::Smime && wanted.is_some();
        if self.is_leaving(certificate.id) {
            Some("its owner leaves, or has left, and nobody is to write to them with it")
        } else if self.is_withheld(certificate.id) {
            Some("a person has it taken out")
        } else {
            is_replaced.then_some("a newer certificate takes its place there")
        }
    }
}

/// Nothing waits to be handed over, and somebody has it. A record that vanished at Intune is on devices all the same.
fn was_handed_over(deliveries: &[DeliveryState]) -> bool {
    let waits = |state: &DeliveryState| matches!(state, DeliveryState::Planned | DeliveryState::Accepted);
    let has = |state: &DeliveryState| matches!(state, DeliveryState::Present | DeliveryState::Missing);
    deliveries.iter().any(has) && !deliveries.iter().any(waits)
}

/// By thumbprint, those certificates of an entry that are ours.
pub(crate) type Ours = BTreeMap<Thumbprint, Certificate>;

/// The thumbprints of everything that an entry shows.
pub(crate) fn thumbprints(entry: &BookEntry) -> Vec<Thumbprint> {
    let plain = entry.certificates.iter().filter_map(|der| thumbprint(der));
    let signed = entry.smime.iter().flat_map(|der| owners(der)).map(|read| read.thumbprint());
    plain.chain(signed).collect()
}

pub(crate) fn thumbprint(der: &[u8]) -> Option<Thumbprint> {
    X509Certificate::from_der(der).ok().map(|read| read.thumbprint())
}

/// The certificates of an S/MIME value that are no authority's.
pub(super) fn owners(smime: &[u8]) -> Vec<X509Certificate> {
    let mut read = certificates_in_smime(smime).unwrap_or_default();
    read.retain(|one| !one.is_authority());
    read
}

/// What the entry is to show; equal to what was seen where nothing is to be done.
pub(crate) fn merge(
    seen: &BookEntry,
    ours: &Ours,
    standing: &Standing,
    wanted: Option<&Candidate>,
) -> BookChange {
    let id = wanted.map(|one| one.certificate.id);
    let goes = |thumbprint: Thumbprint| ours.get(&thumbprint).is_some_and(|one| standing.goes(one, id));
    let mut certificates: Vec<Vec<u8>> = Vec::with_capacity(seen.certificates.len() + 1);
    let kept = seen.certificates.iter().filter(|der| !thumbprint(der).is_some_and(goes));
    for der in kept.chain(wanted.map(|one| &one.der)) {
        if !certificates.contains(der) {
            certificates.push(der.clone());
        }
    }
    // Outlook prefers such a value to a plain certificate: one with an ended certificate would go on being used.
    let is_over = |smime: &&Vec<u8>| {
        let owners = owners(smime);
        !owners.is_empty() && owners.iter().all(|one| goes(one.thumbprint()))
    };
    let smime = seen.smime.iter().filter(|value| !is_over(value)).cloned().collect();
    BookChange { seen: seen.clone(), certificates, smime }
}

/// Whether a change would change something.
pub(crate) fn changes(change: &BookChange) -> bool {
    let sorted = |list: &[Vec<u8>]| {
        let mut list = list.to_vec();
        list.sort_unstable();
        list
    };
    sorted(&change.certificates) != sorted(&change.seen.certificates)
        || sorted(&change.smime) != sorted(&change.seen.smime)
}
