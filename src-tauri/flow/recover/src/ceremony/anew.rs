//! Sealing anew what only several officers open together: to the recovery agents of today, after they changed.
//!
//! One officer's key does that for what any one opens ([`crate::rearchive`]). Here each officer gives a part to a request, as for
//! a recovery, and whoever asked puts the content keys together and wraps them anew. Private keys stay sealed, and what is
//! written replaces only what was read.

use std::collections::BTreeSet;

use admit::Digest;
use crypto::SealingAgents;
use crypto::open::Envelope;
use crypto::rewrap::{is_sealed_to, rewrap};
use custody::SetVersion;
use model::{AuditKind, AuditOutcome, Certificate, CertificateId, EnrollmentId};
use store::StoredRecoveryGrant;

use super::ask::KeyInArchive;
use super::desk::Desk;
use super::open::{Agreed, Judge, agreed};
use super::request::{Request, Wanted};
use super::spare::awaited;
use crate::RecoverError;

/// Envelopes read at once.
const PAGE: u32 = 100;
/// Requests among which open ones are looked for.
const REQUESTS: u32 = 500;

impl Wanted {
    /// Sealing anew to a version of the set of recovery agents.
    pub fn sealed_anew(set: &SetVersion) -> Self {
        Self::SealedAnew {
            set: set.name.clone(),
            version: set.version,
            fingerprint: set.fingerprint().to_string(),
        }
    }
}

/// Whether a request asks for sealing anew, and to this very version.
///
/// # Errors
/// [`RecoverError::NotPossible`] where the officers agreed to another version.
pub(super) fn is_asked_for(request: &Request, set: &SetVersion) -> Result<bool, RecoverError> {
    let Wanted::SealedAnew { version, fingerprint, .. } = &request.wanted else { return Ok(false) };
    if *fingerprint == set.fingerprint().to_string() {
        return Ok(true);
    }
    Err(RecoverError::NotPossible(format!(
        "the officers agreed to sealing anew to version {version} of the set (fingerprint {fingerprint}), and version {} is in \
         force now; withdraw the request and ask again",
        set.version
    )))
}

impl Desk<'_> {
    /// Whether a request that seals anew names the version that this home goes by: whoever asked may have pinned a chain of his
    /// own making, of the same name.
    ///
    /// # Errors
    /// [`RecoverError::NotPossible`] where it names another.
    pub(super) fn check_set(&self, request: &Request) -> Result<(), RecoverError> {
        let Wanted::SealedAnew { set, version, fingerprint } = &request.wanted else { return Ok(()) };
        if self.agents.set.is_some_and(|own| own.to_string() == *fingerprint) {
            return Ok(());
        }
        Err(RecoverError::NotPossible(format!(
            "it asks for sealing anew to `{set}`, version {version} ({fingerprint}), and this installation goes by {}: find out \
             who made that version before anybody agrees",
            self.agents.set.map_or_else(|| "no signed set".to_owned(), |own| format!("the version {own}"))
        )))
    }

    /// Certificates whose keys only several officers open together, and others than those of `agents`, or differently: what a
    /// request for sealing anew is to name. At most `limit`, in order of their enrollments, without those that an open request
    /// of this kind names already, and those that others wait for with what officers gave.
    ///
    /// # Errors
    /// When the archive cannot be read. What cannot be parsed is left out: nobody can seal it anew.
    pub async fn sealed_otherwise(
        &self,
        agents: &SealingAgents,
        limit: usize,
    ) -> Result<Vec<CertificateId>, RecoverError> {
        let now = self.now();
        let open = self.list(REQUESTS).await?.into_iter().filter_map(|listed| listed.request.ok());
        let open = open.filter(|request| !request.wanted.discloses() && request.check_open(now).is_ok());
        let mut named: BTreeSet<CertificateId> =
            open.flat_map(|request| request.keys).map(|key| key.certificate).collect();
        named.extend(awaited(self.store, self.gate, now).await?.into_keys());
        let mut found = Vec::new();
        let mut after: Option<EnrollmentId> = None;
        while found.len() < limit {
            let page = self.store.read().await?.archive().list_sealed(after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.enrollment);
            let open = page.iter().filter(|archived| {
                Envelope::parse(&archived.envelope).is_ok_and(|envelope| {
                    envelope.quorum().is_some()
                        && envelope.is_authenticated()
                        && !is_sealed_to(&envelope, agents)
                })
            });
            let certificates = open.filter_map(|archived| archived.certificate);
            found.extend(certificates.filter(|certificate| !named.contains(certificate)));
        }
        found.truncate(limit);
        Ok(found)
    }

    /// The archived keys of a request; of those that were sealed anew before it was cut off, nothing more is asked.
    pub(super) async fn to_be_sealed_anew(
        &self,
        request: &Request,
        set: &SetVersion,
    ) -> Result<Vec<KeyInArchive>, RecoverError> {
        let agents = self.sealing(set)?;
        self.all_in_archive_but(request, |envelope| is_sealed_to(envelope, &agents)).await
    }

    fn sealing(&self, set: &SetVersion) -> Result<SealingAgents, RecoverError> {
        set.sealing(self.now()).map_err(|error| RecoverError::NotPossible(error.to_string()))
    }

    /// Seals the keys of a request anew. One that does not open stops the rest, and what was sealed until then
    /// stays sealed: the request goes on with the others when it is completed again.
    pub(super) async fn seal_anew(
        &self,
        request: &Request,
        archived: Vec<KeyInArchive>,
        grants: &[StoredRecoveryGrant],
        judge: &Judge,
        set: &SetVersion,
    ) -> Result<Vec<Certificate>, RecoverError> {
        let agents = set.sealing(self.now()).map_err(|error| RecoverError::NotPossible(error.to_string()))?;
        let certificates = archived.iter().filter(|one| !is_sealed_to(&one.sealed.envelope, &agents));
        self.check_awaited(certificates.map(|one| one.stored.certificate.id)).await?;
        let mut sealed = Vec::with_capacity(archived.len());
        for (asked, archived) in request.keys.iter().zip(archived) {
            let certificate = archived.stored.certificate.clone();
            if is_sealed_to(&archived.sealed.envelope, &agents) {
                sealed.push(certificate);
                continue;
            }
            let Agreed { content_key, officers, .. } = agreed(request, asked, &archived, grants, judge)?;
            let new = rewrap(&archived.cms, &content_key, &agents)?;
            let note = format!(
                "content key opened with {officers}; SHA-256 of the new envelope: {}",
                Digest::of(&new)
            );
            let kind = AuditKind::KeyRearchivalRequestProcessed;
            let event = self.event(request, asked, kind, AuditOutcome::Success, &note);
            let (enrollment, kras) = (certificate.enrollment, &agents.thumbprints);
            let replaced = store::in_unit!(self.store, work => {
                let replaced = work.archive().rewrap(enrollment, &archived.cms, &new, kras).await?;
                if replaced {
                    work.audit().append(&event, self.now()).await?;
                }
                replaced
            })?;
            if !replaced {
                return Err(RecoverError::NotPossible(format!(
                    "the archived key of {} was replaced by somebody else in this moment; complete the request again",
                    asked.mail
                )));
            }
            sealed.push(certificate);
        }
        Ok(sealed)
    }
}
