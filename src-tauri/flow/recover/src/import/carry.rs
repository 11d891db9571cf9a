//! One item on its way into the archive.

use crypto::{CryptoError, PrivateKey, SealingAgents, X509Certificate};
use model::names::Profile;
use model::text::fitted;
use model::{
    AuditEvent, AuditKind, AuditOutcome, Certificate, CertificateId, CertificateNames, CertificateState,
    Enrollment, EnrollmentId, EnrollmentState, ImportOrigin, JournalEntry, JournalEvent, KeyAlgorithm,
    Purpose, Station, Timestamp,
};
use store::{
    ArchivedKey, ArchivedKeyInfo, CertificateFilter, CertificateOrder, PageRequest, StoreError,
    StoredCertificate, Work,
};

use super::{Found, ImportError, Importer, Item, Line, Material, Owner, Verdict, is_over, place};

/// Columns for names have 320 characters.
const LONGEST_NAME: usize = 320;

/// What the audit log gets of a text that a file brought along.
pub(super) const LONGEST_NOTE: usize = 500;

/// What was done with one item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Carried {
    /// The certificate in our inventory.
    pub certificate: CertificateId,
    /// Whether it was stored now; otherwise it was there already.
    pub is_new: bool,
    /// Whose devices were given the key.
    pub handed_over: Vec<String>,
    /// Who was not given it, and why.
    pub not_handed_over: Vec<String>,
}

impl Importer<'_> {
    /// Does what the preview said about an item. Recorded first; a second time it does no harm.
    ///
    /// # Errors
    /// [`ImportError::stops_all`] says whether others may be tried.
    pub async fn carry_out(&self, item: &Item, line: &Line) -> Result<Carried, ImportError> {
        let nothing = || ImportError::NotPossible("the preview found nothing to be done about it".to_owned());
        let found = line.found.as_ref().filter(|_| line.verdict.is_wanted()).ok_or_else(nothing)?;
        let material = item.material.as_ref().map_err(|why| ImportError::NotPossible(why.clone()))?;
        // Nothing is opened that could not be sealed again.
        let agents = self.ready().await?;
        let note = self.note(&item.source, found)?;
        self.record(found, AuditKind::KeyImportRequest, AuditOutcome::Success, &note).await?;
        let done = async {
            let owner = line.owner.as_ref().ok_or_else(nothing)?;
            let key = self.open(material, found).await?;
            self.reach("import.inside")?;
            let (certificate, is_new) = if let Verdict::HandOver(known) = &line.verdict {
                (*known, false)
            } else {
                self.keep(&key, found, owner, &agents, &item.source, &note).await?
            };
            self.reach("import.after")?;
            let mut carried =
                Carried { certificate, is_new, handed_over: Vec::new(), not_handed_over: Vec::new() };
            self.hand_over(&key, found, owner, &mut carried).await?;
            if !is_new {
                let note = format!("{note}; it was in the archive already");
                let kind = AuditKind::KeyImportRequestProcessed;
                self.record(found, kind, AuditOutcome::Success, &note).await?;
            }
            Ok::<_, ImportError>(carried)
        };
        let done = done.await;
        if let Err(error) = &done {
            let note = format!("{note}; {}", fitted(&error.to_string(), LONGEST_NOTE));
            self.record(found, AuditKind::KeyImportRequestProcessed, AuditOutcome::Failure, &note).await?;
        }
        done
    }

    fn reach(&self, point: &str) -> Result<(), ImportError> {
        self.probe.reach(point).map_err(ImportError::NotPossible)
    }

    /// What the auditor reads.
    fn note(&self, source: &str, found: &Found) -> Result<String, ImportError> {
        let mut note = format!(
            "reason: {}; {}; file: {}; subject: {}; issuer: {}",
            self.reason.trim(),
            self.origin.phrase(),
            fitted(source, LONGEST_NOTE),
            fitted(&found.certificate.subject(), LONGEST_NOTE),
            fitted(&found.certificate.issuer(), LONGEST_NOTE)
        );
        if let Some(anchor) = found.chain.last() {
            note.push_str(&format!("; vouched for by: {}", fitted(&anchor.subject(), LONGEST_NOTE)));
        }
        if let Some(agent) = self.agent {
            let certificate = X509Certificate::from_der(agent.certificate_der())?;
            note.push_str(&format!("; agent: {} ({})", certificate.subject(), agent.place()));
        }
        Ok(note)
    }

    pub(super) async fn record(
        &self,
        found: &Found,
        kind: AuditKind,
        outcome: AuditOutcome,
        detail: &str,
    ) -> Result<(), StoreError> {
        let event = self.event(found, kind, outcome, detail);
        store::in_unit!(self.store, work => { work.audit().append(&event, self.clock.now()).await?; })
    }

    pub(super) fn event(
        &self,
        found: &Found,
        kind: AuditKind,
        outcome: AuditOutcome,
        detail: &str,
    ) -> AuditEvent {
        AuditEvent {
            kind,
            outcome,
            actor: self.actor.clone(),
            object: format!("certificate {}", found.certificate.thumbprint()),
            detail: detail.to_owned(),
        }
    }

    /// The private key, proven to be that of the certificate.
    async fn open(&self, material: &Material, found: &Found) -> Result<PrivateKey, ImportError> {
        let key = match material {
            Material::Pfx(file) => file.key()?,
            Material::Blob(blob) => {
                let agent = self.agent.ok_or_else(|| {
                    ImportError::NotPossible("no recovery agent's key is at hand".to_owned())
                })?;
                let certificate = X509Certificate::from_der(agent.certificate_der())?;
                let content_key = crate::unwrap(agent, &certificate, blob.envelope()).await?;
                let key = blob.open(&content_key)?.0;
                is_of(&key, found).map_err(|error| blob.told(error))?;
                key
            }
        };
        is_of(&key, found)?;
        Ok(key)
    }

    /// Seals the key and stores it with its certificate: all of it or nothing.
    async fn keep(
        &self,
        key: &PrivateKey,
        found: &Found,
        owner: &Owner,
        agents: &SealingAgents,
        source: &str,
        note: &str,
    ) -> Result<(CertificateId, bool), ImportError> {
        let envelope = agents.seal(key)?;
        let kind = key.kind();
        let spki_sha256 = key.spki_sha256()?;
        let event = self.event(found, AuditKind::KeyImportRequestProcessed, AuditOutcome::Success, note);
        let now = self.clock.now();
        let stored = store::in_unit!(self.store, work, ImportError => {
            // Whoever appends to the log waits for the others who do: what is read from here on, nobody else decides about.
            work.audit().append(&event, now).await?;
            let known = work.certificates().find_by_thumbprint(found.certificate.thumbprint()).await?;
            let archived = work.archive().with_keys(&[spki_sha256]).await?;
            still_as_shown(work.as_mut(), owner, known.as_ref(), &archived).await?;
            match known {
                Some(known) => (known.id, false),
                None => {
                    let place = place::of(work.as_mut(), self.ids, self.origin, &self.actor, now).await?;
                    let state = standing(work.as_mut(), found, owner, now).await?;
                    let why = format!(
                        "{} ({kind}): {}, by {}: {}", self.origin.phrase(),
                        fitted(source, LONGEST_NOTE), self.actor, self.reason.trim()
                    );
                    let enrollment = self.enrollment(found, owner, place, &kind, why, now);
                    let certificate = certificate(self.ids.next(), &enrollment, found, state, now);
                    let enrollment = Enrollment { certificate: Some(certificate.id), ..enrollment };
                    work.enrollments().add(&enrollment).await?;
                    let chain = found.chain.iter().map(|one| one.der().to_vec()).collect();
                    let der = found.certificate.der().to_vec();
                    let id = certificate.id;
                    work.certificates().add(&StoredCertificate { certificate, der, chain }).await?;
                    let archived = ArchivedKey {
                        enrollment: enrollment.id,
                        certificate: Some(id),
                        spki_sha256,
                        envelope: envelope.clone(),
                        kras: agents.thumbprints.clone(),
                        sealed_at: now,
                    };
                    work.archive().add(&archived).await?;
                    let entry = JournalEntry {
                        enrollment: enrollment.id,
                        station: Station::Archive,
                        event: JournalEvent::Succeeded,
                        detail: Some(format!("sealed to {} recovery agents", agents.thumbprints.len())),
                        at: now,
                    };
                    work.enrollments().add_journal(&entry).await?;
                    (id, true)
                }
            }
        });
        stored
    }

    /// The record of an enrollment that is over. It was never run: it says where the certificate came from.
    fn enrollment(
        &self,
        found: &Found,
        owner: &Owner,
        place: place::Place,
        kind: &str,
        reason: String,
        now: Timestamp,
    ) -> Enrollment {
        let certificate = &found.certificate;
        let days = certificate.not_after().since(certificate.not_before()).as_millis() / 86_400_000;
        Enrollment {
            id: self.ids.next::<EnrollmentId>(),
            subscriber: owner.id,
            user_principal_name: owner.user_principal_name.clone(),
            template: place.template,
            authority: place.authority,
            names: CertificateNames {
                common_name: common_name(found),
                mail_addresses: certificate
                    .mail_addresses()
                    .iter()
                    .map(|one| fitted(one, LONGEST_NAME))
                    .collect(),
                user_principal_name: certificate.user_principal_name().map(|one| fitted(&one, LONGEST_NAME)),
                ..CertificateNames::default()
            },
            profile: Profile::SmimeMailbox,
            key: algorithm(kind),
            archive: true,
            validity_days: u32::try_from(days).unwrap_or(0),
            replaces: None,
            reason,
            station: Station::Deliver,
            state: EnrollmentState::Done,
            ticket: None,
            certificate: None,
            attempts: 0,
            last_error: None,
            created_at: now,
            updated_at: now,
        }
    }
}

/// Whether the key is the certificate's.
fn is_of(key: &PrivateKey, found: &Found) -> Result<(), CryptoError> {
    if key.spki_der()? == found.certificate.spki_der()? {
        return Ok(());
    }
    Err(CryptoError::Unfit {
        what: format!("the private key inside ({})", key.kind()),
        why: format!("it is not that of the certificate `{}`", found.certificate.subject()),
    })
}

/// The nearest of the kinds that templates know; others (RSA 1024, P-521) are named in the reason.
fn algorithm(kind: &str) -> KeyAlgorithm {
    let known = [
        KeyAlgorithm::Rsa2048,
        KeyAlgorithm::Rsa3072,
        KeyAlgorithm::Rsa4096,
        KeyAlgorithm::P256,
        KeyAlgorithm::P384,
    ];
    let nearest = if kind.starts_with("EC") { KeyAlgorithm::P384 } else { KeyAlgorithm::Rsa2048 };
    known.into_iter().find(|one| one.label() == kind).unwrap_or(nearest)
}

/// Nothing of this may have come to belong to somebody else since it was shown.
async fn still_as_shown(
    work: &mut dyn Work,
    owner: &Owner,
    known: Option<&Certificate>,
    archived: &[ArchivedKeyInfo],
) -> Result<(), ImportError> {
    let mut theirs = known.is_none_or(|known| known.subscriber == owner.id);
    for key in archived {
        let enrollment = work.enrollments().lookup(key.enrollment).await?;
        theirs &= enrollment.is_none_or(|enrollment| enrollment.subscriber == owner.id);
    }
    if theirs {
        return Ok(());
    }
    Err(ImportError::NotPossible(
        "certificate or key were stored as somebody else's in the meantime; look at the preview again"
            .to_owned(),
    ))
}

/// As it fits into its column: a certificate may say anything at any length.
fn common_name(found: &Found) -> String {
    let certificate = &found.certificate;
    fitted(&certificate.common_name().unwrap_or_else(|| certificate.subject()), LONGEST_NAME)
}

fn certificate(
    id: CertificateId,
    enrollment: &Enrollment,
    found: &Found,
    state: CertificateState,
    now: Timestamp,
) -> Certificate {
    let leaf = &found.certificate;
    let mail = leaf.mail_addresses().into_iter().next().or_else(|| leaf.user_principal_name());
    Certificate {
        id,
        enrollment: enrollment.id,
        subscriber: enrollment.subscriber,
        template: enrollment.template,
        authority: enrollment.authority,
        purpose: Purpose::Smime,
        serial: leaf.serial(),
        thumbprint: leaf.thumbprint(),
        common_name: common_name(found),
        mail: fitted(&mail.unwrap_or_default(), LONGEST_NAME),
        not_before: leaf.not_before(),
        not_after: leaf.not_after(),
        state,
        revoked: None,
        archived: true,
        // Nobody asked its authority: the last that is known to be its word is that it signed the certificate.
        checked_at: leaf.not_before().min(now),
    }
}

/// Valid is the newest that has not ended; the others are kept so that old mail can be read. What was imported earlier and
/// is older steps back.
async fn standing(
    work: &mut dyn Work,
    found: &Found,
    owner: &Owner,
    now: Timestamp,
) -> Result<CertificateState, StoreError> {
    if is_over(found, now) {
        return Ok(CertificateState::Superseded);
    }
    let filter = CertificateFilter {
        subscriber: Some(owner.id),
        states: vec![CertificateState::Valid],
        expires_from: Some(now),
        ..CertificateFilter::default()
    };
    let rows =
        work.certificates().list(&filter, CertificateOrder::Newest, &PageRequest::first(500)).await?.rows;
    let mut state = CertificateState::Valid;
    for row in rows.into_iter().filter(|row| row.certificate.purpose == Purpose::Smime) {
        if row.certificate.not_before >= found.certificate.not_before() {
            state = CertificateState::Superseded;
        } else if ImportOrigin::from_name(&row.authority_name).is_some() {
            work.certificates().mark_superseded(row.certificate.id).await?;
        }
    }
    Ok(state)
}
