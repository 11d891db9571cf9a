//! Who is in, who waits, who was: for people.

use crypto::X509Certificate;
use model::{InstallationId, Timestamp};
use store::StoredInstallation;

use crate::gate::plain;
use crate::{AdmitError, Digest, Fingerprint, Former, Gate, Member};

/// Where this installation stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It has not asked.
    Stranger,
    /// It asked, and nobody has admitted it yet.
    Waiting,
    /// It is in.
    Admitted,
    /// It was in.
    Removed {
        /// When it was removed.
        at: Timestamp,
        /// By whom.
        by: String,
    },
}

/// One who asked. Nothing of it is vouched for but that the fingerprint is that of the certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// Its id.
    pub id: InstallationId,
    /// What it calls itself.
    pub name: String,
    /// To be compared with what its own machine shows.
    pub fingerprint: Fingerprint,
    /// When it asked.
    pub asked_at: Timestamp,
}

/// The fleet as this installation sees it.
#[derive(Clone, Debug)]
pub struct Status {
    /// Fingerprint of the fleet.
    pub fleet: Fingerprint,
    /// Entries of the admission log.
    pub entries: i64,
    /// Digest of its last entry, and by the chain of all before it: the same on every installation that sees this many
    /// entries, unless one was led onto another log.
    pub head: Digest,
    /// Fingerprint of this installation.
    pub own: Fingerprint,
    /// Where this installation stands.
    pub standing: Standing,
    /// Who is in; with what each says about itself at present, where it says anything.
    pub members: Vec<(Member, Option<StoredInstallation>)>,
    /// Who waits to be admitted, oldest first.
    pub waiting: Vec<Waiting>,
    /// Who was removed.
    pub removed: Vec<Former>,
}

impl Gate {
    /// Who is in, who waits, who was.
    pub async fn status(&self) -> Result<Status, AdmitError> {
        let rows = self.store.read().await?.installations().list().await?;
        let fleet = self.fleet().await?;
        let id = self.installation.id();
        // A row whose certificate is not that of its id was written by somebody else.
        let rows: Vec<(StoredInstallation, Fingerprint)> = rows
            .into_iter()
            .filter_map(|row| {
                let certificate = X509Certificate::from_der(&row.certificate_der).ok()?;
                let fits = crate::installation_id(&certificate) == row.id;
                fits.then(|| {
                    (StoredInstallation { name: plain(&row.name), ..row }, Fingerprint::of(&certificate))
                })
            })
            .collect();
        let waiting: Vec<Waiting> = rows
            .iter()
            .filter(|(row, _)| fleet.member(row.id).is_none() && fleet.former(row.id).is_none())
            .map(|(row, fingerprint)| Waiting {
                id: row.id,
                name: row.name.clone(),
                fingerprint: *fingerprint,
                asked_at: row.asked_at,
            })
            .collect();
        let standing = if let Some(former) = fleet.former(id) {
            Standing::Removed { at: former.at, by: former.by.clone() }
        } else if fleet.member(id).is_some() {
            Standing::Admitted
        } else if waiting.iter().any(|one| one.id == id) {
            Standing::Waiting
        } else {
            Standing::Stranger
        };
        let says = |id| rows.iter().find(|(row, _)| row.id == id).map(|(row, _)| row.clone());
        Ok(Status {
            fleet: fleet.fingerprint(),
            entries: fleet.seq(),
            head: fleet.head(),
            own: self.installation.fingerprint(),
            standing,
            members: fleet.admitted().iter().map(|member| (member.clone(), says(member.id))).collect(),
            waiting,
            removed: fleet.removed().to_vec(),
        })
    }
}
