//! The first entry, and whom an installation trusts before it has seen any.

use std::sync::Arc;

use model::{AuditEvent, AuditKind, AuditOutcome};
use store::{AdmissionEntry, StoreError, in_unit};

use crate::gate::{ATTEMPTS, plain};
use crate::statement::{Format, Kind, Statement};
use crate::{About, AdmitError, Digest, Fingerprint, Fleet, Gate, Pin};

/// A fleet that is trusted from now on.
#[derive(Debug)]
pub struct Trusted {
    /// The fleet.
    pub fleet: Arc<Fleet>,
    /// Whether the audit log says so.
    pub is_recorded: bool,
}

impl Gate {
    /// The fingerprint that the fleet in this database shows, trusted or not; `None` while there is none.
    pub async fn look(&self) -> Result<Option<Fingerprint>, AdmitError> {
        match Fleet::verify(&self.entries().await?) {
            Ok(fleet) => Ok(Some(fleet.fingerprint())),
            Err(AdmitError::NotFounded) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Trusts the fleet in this database as it is at present, after people have compared its fingerprint. Replaces what
    /// this installation has seen before: also the way back after an older backup was restored on purpose. It is recorded
    /// first, unless the login may write nothing.
    pub async fn trust(&self, root: Fingerprint) -> Result<Trusted, AdmitError> {
        let fleet = Fleet::meet(&self.entries().await?, root)?;
        let event = AuditEvent {
            kind: AuditKind::FleetTrusted,
            outcome: AuditOutcome::Success,
            actor: self.actor.clone(),
            object: format!("fleet {}", fleet.fingerprint()),
            detail: format!(
                "installation {} trusts its list as of entry {}",
                self.installation.id(),
                fleet.seq()
            ),
        };
        let now = self.clock.now();
        let recorded = in_unit!(self.store, work => { work.audit().append(&event, now).await?; });
        let is_recorded = match recorded {
            Ok(()) => true,
            Err(StoreError::Denied { .. }) => false,
            Err(error) => return Err(error.into()),
        };
        self.pins.replace(&fleet.pin())?;
        Ok(Trusted { fleet: self.fleet().await?, is_recorded })
    }

    /// What every start does: reads the fleet; and where the database is embedded in this home, founds the fleet if there
    /// is none and nothing was ever seen of one.
    ///
    /// An embedded database belongs to its home, so its first installation needs nobody's leave. In a shared database
    /// only [`Self::found`] founds, which a person asks for.
    pub async fn enter(&self, about: &About, is_embedded: bool) -> Result<Arc<Fleet>, AdmitError> {
        if !is_embedded {
            return self.fleet().await;
        }
        let own = Pin::root(&self.installation.certificate);
        if self.pins.load()?.is_none() {
            match Fleet::verify(&self.entries().await?) {
                // This installation founded it itself: nobody else can have signed the first entry.
                Ok(fleet) if fleet.pin().fleet == own.fleet => self.pins.begin(&own)?,
                Ok(_) => {}
                Err(AdmitError::NotFounded) => return self.found(about).await,
                Err(error) => return Err(error),
            }
        }
        match self.fleet().await {
            Err(AdmitError::NotFounded) => self.found(about).await,
            entered => entered,
        }
    }

    /// Founds the fleet. Safe to repeat.
    ///
    /// # Errors
    /// [`AdmitError::FoundedByAnother`] when somebody was faster; [`AdmitError::Shortened`] when this installation has
    /// seen a log and the database holds none: an emptied log is never founded anew.
    pub async fn found(&self, about: &About) -> Result<Arc<Fleet>, AdmitError> {
        let own = Pin::root(&self.installation.certificate);
        for attempt in 1..=ATTEMPTS {
            let entries = self.entries().await?;
            if !entries.is_empty() {
                let fleet = Fleet::verify(&entries)?;
                if fleet.pin().fleet == own.fleet {
                    self.pins.begin(&own)?;
                    return self.fleet().await;
                }
                // Takes back only what was trusted in the hope of being the first.
                self.pins.forget(&own)?;
                return Err(AdmitError::FoundedByAnother { fleet: fleet.fingerprint() });
            }
            // Trusted before it is written: a start after a crash between the two finds its own fleet.
            self.pins.begin(&own)?;
            match self.pins.load()? {
                Some(seen) if seen.seq > 0 => return Err(AdmitError::Shortened { seen: seen.seq, there: 0 }),
                Some(seen) if seen != own => return Err(AdmitError::NotFounded),
                _ => {}
            }
            let entry = self.first_entry(about)?;
            let row = self.row(about);
            let detail = format!("founded the fleet {}", self.installation.fingerprint());
            let event = self.event(AuditKind::InstallationAdmitted, row.id, &row.name, detail);
            let kept = in_unit!(self.store, work => {
                work.installations().add_admission(&entry).await?;
                work.installations().set(&row).await?;
                work.audit().append(&event, row.asked_at).await?;
            });
            self.settle(kept, attempt).await?;
        }
        Err(AdmitError::Contended)
    }

    fn first_entry(&self, about: &About) -> Result<AdmissionEntry, AdmitError> {
        let certificate = &self.installation.certificate;
        let statement = Statement {
            format: Format::One,
            seq: 1,
            previous: Digest::ZERO,
            fleet: Digest::of(certificate.der()),
            kind: Kind::Found,
            installation: self.installation.id(),
            name: plain(&about.name),
            certificate: Statement::encode(certificate),
            at: self.clock.now(),
            by: plain(&self.actor),
            signer: self.installation.id(),
        };
        Ok(statement.sign(&self.installation.key)?)
    }
}
