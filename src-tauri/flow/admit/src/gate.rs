//! Letting installations in and out. Every act reads the log anew, judges it, and appends one signed entry together with
//! its audit event in one unit of work; who was faster is noticed by the entry's position.

use std::sync::{Arc, Mutex, PoisonError};

use crypto::X509Certificate;
use model::{AuditEvent, AuditKind, AuditOutcome, Clock, InstallationId, Timestamp};
use store::{AdmissionEntry, Store, StoreError, StoredInstallation, Work, in_unit};

use crate::reseal::{Exposure, exposed};
use crate::seen::SeenFile;
use crate::statement::{Format, Kind, Statement, digest};
use crate::{AdmitError, Digest, Fingerprint, Fleet, Installation, Pin, PinFile, Resealed, installation_id};

/// How often an act is tried while others change the log.
pub(crate) const ATTEMPTS: u32 = 10;
/// How often what is older than what was seen is read again: a copy of the database may lag behind.
pub(crate) const LAG_ATTEMPTS: u32 = 4;
/// Longest name that is signed.
const NAME_LENGTH: usize = 100;

/// What an installation says about itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct About {
    /// The machine's name.
    pub name: String,
    /// The program's version, e.g. `0.1.0`.
    pub version: String,
    /// What it runs as, e.g. `daemon` or `console`.
    pub role: String,
}

/// What a person compares on both machines before the installation is admitted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Asked {
    /// Fingerprint of the installation that asked.
    pub own: Fingerprint,
    /// Fingerprint of the fleet that it asked.
    pub fleet: Fingerprint,
}

/// The gate of the fleet, as this installation guards it.
pub struct Gate {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) installation: Arc<Installation>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) actor: String,
    pub(crate) pins: PinFile,
    pub(crate) seen: SeenFile,
    /// The log that was judged last, by the digest of all of it.
    judged: Mutex<Option<(Digest, Arc<Fleet>)>>,
}

/// About whom an entry is.
pub(crate) struct Subject {
    pub(crate) id: InstallationId,
    pub(crate) name: String,
    pub(crate) certificate: X509Certificate,
    /// When it was admitted, if it is about one who was.
    pub(crate) since: Option<Timestamp>,
}

impl Gate {
    /// A gate for this installation. `actor` is named in the log and in audit events.
    pub fn new(
        store: Arc<dyn Store>,
        installation: Arc<Installation>,
        pins: PinFile,
        clock: Arc<dyn Clock>,
        actor: String,
    ) -> Self {
        let seen = SeenFile::beside(&pins);
        Self { store, installation, clock, actor, pins, seen, judged: Mutex::new(None) }
    }

    /// This installation's key pair.
    pub fn installation(&self) -> &Installation {
        &self.installation
    }

    /// The fleet as the log tells it, checked against what this installation has seen, which is moved forward. Reads the
    /// log each time; an unchanged log is not judged again.
    ///
    /// # Errors
    /// As [`Fleet::read`]; [`AdmitError::Unpinned`] when this home trusts no fleet yet.
    pub async fn fleet(&self) -> Result<Arc<Fleet>, AdmitError> {
        let mut attempt = 1;
        loop {
            // The pin first: another program of this home may see a newer entry, and pin it, between the two.
            let pin = self.pins.load()?;
            let entries = self.entries().await?;
            match self.judge(&entries, pin.as_ref()) {
                Err(AdmitError::Shortened { .. }) if attempt < LAG_ATTEMPTS => {
                    self.store.pause(attempt).await;
                    attempt += 1;
                }
                judged => return judged,
            }
        }
    }

    /// To whom something new is sealed at this moment: all who are in.
    ///
    /// # Errors
    /// As [`Self::fleet`]; when this installation is not in, as it could not open what it sealed.
    pub async fn recipients(&self) -> Result<Vec<X509Certificate>, AdmitError> {
        let fleet = self.fleet().await?;
        self.own(&fleet)?;
        Ok(fleet.recipients())
    }

    /// Asks to be admitted: writes what this installation says about itself. Safe to repeat. `fleet` is the fleet's
    /// fingerprint that a person has compared; it is needed unless this home trusts the fleet already.
    pub async fn ask(&self, about: &About, fleet: Option<Fingerprint>) -> Result<Asked, AdmitError> {
        if self.pins.load()?.is_none()
            && let Some(root) = fleet
        {
            let met = Fleet::meet(&self.entries().await?, root)?;
            self.pins.begin(&met.pin())?;
        }
        let known = self.fleet().await?;
        if let Some(given) = fleet.filter(|given| *given != known.fingerprint()) {
            let what = "the fleet in this database".to_owned();
            return Err(AdmitError::WrongFingerprint { what, given, found: known.fingerprint() });
        }
        let asked = Asked { own: self.installation.fingerprint(), fleet: known.fingerprint() };
        let id = self.installation.id();
        if let Some(former) = known.former(id) {
            return Err(AdmitError::RemovedHere { at: former.at, by: former.by.clone() });
        }
        if known.member(id).is_some() {
            return Ok(asked);
        }
        let row = self.row(about);
        let detail = format!("fingerprint {}", asked.own);
        let event = self.event(AuditKind::InstallationAdmissionRequest, id, &row.name, detail);
        in_unit!(self.store, work => {
            let rows = work.installations().list().await?;
            let is_there = rows.iter().any(|there| {
                there.id == id && there.name == row.name && there.certificate_der == row.certificate_der
            });
            if is_there {
                work.installations().mark_seen(id, &row.version, &row.role, row.seen_at).await?;
            } else {
                work.installations().set(&row).await?;
                work.audit().append(&event, row.asked_at).await?;
            }
        })?;
        Ok(asked)
    }

    /// Admits an installation that asked, and seals everything to it too. `compared` is the fingerprint that a person read
    /// on the machine that asked. Admitting one who is in already only seals again.
    ///
    /// # Errors
    /// [`AdmitError::WrongFingerprint`] when the database holds another certificate than the one compared.
    pub async fn admit(&self, id: InstallationId, compared: Fingerprint) -> Result<Resealed, AdmitError> {
        let rows = self.store.read().await?.installations().list().await?;
        let row = rows.into_iter().find(|row| row.id == id).ok_or(AdmitError::NotWaiting { id })?;
        let unusable = |why: String| AdmitError::Unusable { id, why };
        let certificate =
            X509Certificate::from_der(&row.certificate_der).map_err(|error| unusable(error.to_string()))?;
        let subject = Subject { id, name: plain(&row.name), certificate, since: None };
        let found = Fingerprint::of(&subject.certificate);
        if found != compared {
            self.record_mismatch(&subject, compared, found).await?;
            let what = format!("the installation `{}`", subject.name);
            return Err(AdmitError::WrongFingerprint { what, given: compared, found });
        }
        // A trial: one that nothing can be sealed to would stop the sealing for all.
        crypto::seal::seal(b"trial", std::slice::from_ref(&subject.certificate))
            .map_err(|error| unusable(error.to_string()))?;
        self.change(Kind::Admit, &subject).await?;
        self.reseal().await.map_err(|error| not_resealed(format!("`{}` is admitted", subject.name), error))
    }

    /// Two people compared fingerprints that are not the same: a slip, or somebody has put another certificate into the
    /// database. A login that writes no log lets nobody in either.
    async fn record_mismatch(
        &self,
        subject: &Subject,
        compared: Fingerprint,
        found: Fingerprint,
    ) -> Result<(), AdmitError> {
        let detail = format!("not admitted: {compared} was compared, and the database has {found}");
        let event = AuditEvent {
            outcome: AuditOutcome::Failure,
            ..self.event(AuditKind::InstallationAdmitted, subject.id, &subject.name, detail)
        };
        let now = self.clock.now();
        match in_unit!(self.store, work => { work.audit().append(&event, now).await?; }) {
            Err(StoreError::Denied { .. }) => Ok(()),
            recorded => Ok(recorded?),
        }
    }

    /// Turns an installation away that asked.
    pub async fn refuse(&self, id: InstallationId) -> Result<(), AdmitError> {
        let fleet = self.fleet().await?;
        self.own(&fleet)?;
        if let Some(member) = fleet.member(id) {
            return Err(AdmitError::IsAMember { name: member.name.clone() });
        }
        let now = self.clock.now();
        let was_there = in_unit!(self.store, work => {
            let rows = work.installations().list().await?;
            let name = rows.iter().find(|row| row.id == id).map(|row| plain(&row.name));
            if let Some(name) = &name {
                work.installations().remove(id).await?;
                let event = self.event(AuditKind::InstallationRefused, id, name, String::new());
                work.audit().append(&event, now).await?;
            }
            name.is_some()
        })?;
        if was_there { Ok(()) } else { Err(AdmitError::NotWaiting { id }) }
    }

    /// Removes an installation and seals everything to the others only. Says what the removed one can have known.
    /// Removing one that was removed already only seals again. Itself only with `even_oneself`.
    pub async fn remove(
        &self,
        id: InstallationId,
        even_oneself: bool,
    ) -> Result<(Exposure, Resealed), AdmitError> {
        let fleet = self.fleet().await?;
        let known = fleet.member(id).or_else(|| fleet.former(id).map(|former| &former.member));
        let member = known.ok_or(AdmitError::NotAMember { id })?;
        if id == self.installation.id() && fleet.member(id).is_some() && !even_oneself {
            return Err(AdmitError::Oneself { name: member.name.clone() });
        }
        let subject = Subject {
            id,
            name: member.name.clone(),
            certificate: member.certificate.clone(),
            since: Some(member.since),
        };
        let exposure = self.change(Kind::Remove, &subject).await?;
        let resealed = self
            .reseal()
            .await
            .map_err(|error| not_resealed(format!("`{}` is removed. {exposure}", subject.name), error))?;
        Ok((exposure, resealed))
    }

    /// Appends an entry, again and again while others are faster. Nothing is appended when it is so already.
    async fn change(&self, kind: Kind, subject: &Subject) -> Result<Exposure, AdmitError> {
        for attempt in 1..=ATTEMPTS {
            let fleet = self.fleet().await?;
            let is_done = match kind {
                Kind::Found | Kind::Admit => fleet.member(subject.id).is_some(),
                Kind::Remove => fleet.former(subject.id).is_some(),
            };
            if is_done {
                let mut work = self.store.read().await?;
                return Ok(exposed(work.as_mut(), &subject.name, subject.since).await?);
            }
            self.own(&fleet)?;
            match kind {
                Kind::Found | Kind::Admit => fleet
                    .may_admit(subject.id, &subject.certificate)
                    .map_err(|why| AdmitError::Unusable { id: subject.id, why })?,
                Kind::Remove if fleet.admitted().len() == 1 => {
                    return Err(AdmitError::LastOne { name: subject.name.clone() });
                }
                Kind::Remove => {}
            }
            let entry = self.next_entry(&fleet, kind, subject)?;
            let kept = in_unit!(self.store, work => {
                self.keep(work.as_mut(), &entry, kind, subject).await?
            });
            if let Some(exposure) = self.settle(kept, attempt).await? {
                // Pinned at once, so that nobody can take back what was just done.
                self.fleet().await?;
                return Ok(exposure);
            }
        }
        Err(AdmitError::Contended)
    }

    async fn keep(
        &self,
        work: &mut dyn Work,
        entry: &AdmissionEntry,
        kind: Kind,
        subject: &Subject,
    ) -> Result<Exposure, StoreError> {
        work.installations().add_admission(entry).await?;
        let exposure = exposed(work, &subject.name, subject.since).await?;
        let (kind, detail) = match kind {
            Kind::Found | Kind::Admit => (
                AuditKind::InstallationAdmitted,
                format!("fingerprint {}", Fingerprint::of(&subject.certificate)),
            ),
            Kind::Remove => (AuditKind::InstallationRemoved, exposure.to_string()),
        };
        let event = self.event(kind, subject.id, &subject.name, detail);
        work.audit().append(&event, self.clock.now()).await?;
        Ok(exposure)
    }

    /// `None` when the log must be read again: somebody was faster, or nobody knows whether it was written.
    pub(crate) async fn settle<T>(
        &self,
        kept: Result<T, StoreError>,
        attempt: u32,
    ) -> Result<Option<T>, StoreError> {
        match kept {
            Ok(value) => Ok(Some(value)),
            Err(StoreError::Stale { .. } | StoreError::OutcomeUnknown { .. }) => {
                self.store.pause(attempt).await;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn next_entry(&self, fleet: &Fleet, kind: Kind, subject: &Subject) -> Result<AdmissionEntry, AdmitError> {
        let statement = Statement {
            format: Format::One,
            seq: fleet.seq() + 1,
            previous: fleet.head(),
            fleet: fleet.pin().fleet,
            kind,
            installation: subject.id,
            name: subject.name.clone(),
            certificate: Statement::encode(&subject.certificate),
            at: self.clock.now(),
            by: plain(&self.actor),
            signer: self.installation.id(),
        };
        Ok(statement.sign(&self.installation.key)?)
    }

    pub(crate) async fn entries(&self) -> Result<Vec<AdmissionEntry>, StoreError> {
        self.store.read().await?.installations().admissions().await
    }

    fn judge(&self, entries: &[AdmissionEntry], pin: Option<&Pin>) -> Result<Arc<Fleet>, AdmitError> {
        let Some(pin) = pin else {
            let fleet = Fleet::verify(entries)?.fingerprint();
            return Err(AdmitError::Unpinned { fleet });
        };
        let digests: Vec<String> =
            entries.iter().map(|entry| format!("{} {}", entry.seq, digest(entry))).collect();
        let whole = Digest::of(digests.join("\n").as_bytes());
        let mut judged = self.judged.lock().unwrap_or_else(PoisonError::into_inner);
        let fleet = match judged.as_ref().filter(|(of, _)| *of == whole) {
            Some((_, fleet)) => {
                fleet.extends(pin)?;
                Arc::clone(fleet)
            }
            None => Arc::new(Fleet::read(entries, pin)?),
        };
        self.pins.advance(&fleet)?;
        *judged = Some((whole, Arc::clone(&fleet)));
        Ok(fleet)
    }

    /// Whether this installation is in.
    pub(crate) fn own(&self, fleet: &Fleet) -> Result<(), AdmitError> {
        let id = self.installation.id();
        if let Some(former) = fleet.former(id) {
            return Err(AdmitError::RemovedHere { at: former.at, by: former.by.clone() });
        }
        match fleet.member(id) {
            Some(_) => Ok(()),
            None => Err(AdmitError::NotAdmitted { own: self.installation.fingerprint() }),
        }
    }

    pub(crate) fn row(&self, about: &About) -> StoredInstallation {
        let now = self.clock.now();
        StoredInstallation {
            id: installation_id(&self.installation.certificate),
            name: plain(&about.name),
            certificate_der: self.installation.certificate.der().to_vec(),
            asked_at: now,
            seen_at: now,
            version: about.version.clone(),
            role: about.role.clone(),
        }
    }

    pub(crate) fn event(
        &self,
        kind: AuditKind,
        id: InstallationId,
        name: &str,
        detail: String,
    ) -> AuditEvent {
        AuditEvent {
            kind,
            outcome: AuditOutcome::Success,
            actor: self.actor.clone(),
            object: format!("installation {name} ({id})"),
            detail,
        }
    }
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Gate({})", self.installation.id())
    }
}

fn not_resealed(done: String, error: AdmitError) -> AdmitError {
    AdmitError::NotResealed { done, source: Box::new(error) }
}

/// A name that can do no harm in a terminal or a log, and is not endless. It may come from who writes the database.
pub(crate) fn plain(name: &str) -> String {
    model::text::printable(name).trim().chars().take(NAME_LENGTH).collect()
}
