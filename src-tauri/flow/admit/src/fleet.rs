//! The admission log, read and believed: who is in, who was.
//!
//! A pure function of the log and of what this installation has pinned. A log is believed whole or not at all.

use crypto::X509Certificate;
use model::{InstallationId, Timestamp};
use store::AdmissionEntry;

use crate::statement::{Kind, Statement, digest};
use crate::{AdmitError, Digest, Fingerprint, Pin, installation_id};

/// An installation that is admitted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// Its id.
    pub id: InstallationId,
    /// Its name, for people.
    pub name: String,
    /// Its certificate; secrets are sealed to it.
    pub certificate: X509Certificate,
    /// When it was admitted, by the clock of the one that admitted it.
    pub since: Timestamp,
    /// Who admitted it.
    pub by: String,
}

impl Member {
    /// What people compare.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.certificate)
    }
}

/// An installation that was removed. It never comes back with the same certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Former {
    /// What it was.
    pub member: Member,
    /// When it was removed, by the clock of the one that removed it.
    pub at: Timestamp,
    /// Who removed it.
    pub by: String,
}

/// The installations that share a database.
#[derive(Clone, Debug)]
pub struct Fleet {
    root: X509Certificate,
    members: Vec<Member>,
    former: Vec<Former>,
    /// Digest of each entry.
    digests: Vec<Digest>,
}

impl Fleet {
    /// Reads the log and checks it whole: every signature by an installation that was in at that moment, no gap, the
    /// chain of digests; and that it goes on from what was pinned.
    ///
    /// # Errors
    /// [`AdmitError::Untrusted`] names the first entry that is not to be believed, [`AdmitError::Shortened`] the first
    /// one missing; [`AdmitError::NotFounded`] for an empty log of which nothing was ever seen.
    pub fn read(entries: &[AdmissionEntry], pin: &Pin) -> Result<Self, AdmitError> {
        if entries.is_empty() && pin.seq > 0 {
            return Err(AdmitError::Shortened { seen: pin.seq, there: 0 });
        }
        let fleet = Self::verify(entries)?;
        fleet.extends(pin)?;
        Ok(fleet)
    }

    /// Reads the log for the first time, after people have compared the fingerprint of the fleet's root.
    ///
    /// # Errors
    /// As [`Self::read`]; [`AdmitError::WrongFingerprint`] when the log has another root.
    pub fn meet(entries: &[AdmissionEntry], root: Fingerprint) -> Result<Self, AdmitError> {
        let fleet = Self::verify(entries)?;
        if fleet.fingerprint() == root {
            return Ok(fleet);
        }
        Err(AdmitError::WrongFingerprint {
            what: "the fleet in this database".to_owned(),
            given: root,
            found: fleet.fingerprint(),
        })
    }

    /// The fleet that a log shows: true in itself, and trusted by nobody here yet. `None` while there is none.
    ///
    /// # Errors
    /// [`AdmitError::Untrusted`] names the first entry that is not to be believed.
    pub fn shown(entries: &[AdmissionEntry]) -> Result<Option<Self>, AdmitError> {
        if entries.is_empty() { Ok(None) } else { Self::verify(entries).map(Some) }
    }

    /// The log in itself. Who founded it is not judged.
    pub(crate) fn verify(entries: &[AdmissionEntry]) -> Result<Self, AdmitError> {
        let (first, others) = entries.split_first().ok_or(AdmitError::NotFounded)?;
        let mut fleet = Self::founded(first).map_err(|why| AdmitError::Untrusted { seq: 1, why })?;
        for entry in others {
            let seq = fleet.seq() + 1;
            fleet.add(entry).map_err(|why| AdmitError::Untrusted { seq, why })?;
        }
        Ok(fleet)
    }

    /// Whether this log goes on from what was seen.
    pub(crate) fn extends(&self, pin: &Pin) -> Result<(), AdmitError> {
        if Digest::of(self.root.der()) != pin.fleet {
            let why = format!(
                "it founds a fleet with the fingerprint {}, and this installation belongs to the fleet {}",
                self.fingerprint(),
                pin.fleet.fingerprint()
            );
            return Err(AdmitError::Untrusted { seq: 1, why });
        }
        if pin.seq > self.seq() {
            return Err(AdmitError::Shortened { seen: pin.seq, there: self.seq() });
        }
        let there = usize::try_from(pin.seq - 1).ok().and_then(|at| self.digests.get(at));
        if pin.seq > 0 && there != Some(&pin.hash) {
            let why =
                "it, or one before it, is another than this installation has seen in this place".to_owned();
            return Err(AdmitError::Untrusted { seq: pin.seq, why });
        }
        Ok(())
    }

    fn founded(entry: &AdmissionEntry) -> Result<Self, String> {
        let said = placed(entry, 1, Digest::ZERO)?;
        let root = said.certificate()?;
        if said.kind != Kind::Found {
            return Err("it does not found a fleet".to_owned());
        }
        if said.fleet != Digest::of(root.der())
            || said.signer != said.installation
            || said.installation != installation_id(&root)
        {
            return Err("its ids do not fit its certificate".to_owned());
        }
        believe(entry, &root)?;
        let first = Member {
            id: said.installation,
            name: said.name,
            certificate: root.clone(),
            since: said.at,
            by: said.by,
        };
        Ok(Self { root, members: vec![first], former: Vec::new(), digests: vec![digest(entry)] })
    }

    fn add(&mut self, entry: &AdmissionEntry) -> Result<(), String> {
        let said = placed(entry, self.seq() + 1, self.head())?;
        if said.fleet != Digest::of(self.root.der()) {
            return Err("it was written for another fleet".to_owned());
        }
        if let Some(removed) = self.former(said.signer) {
            return Err(format!("it is signed by `{}`, which had been removed", removed.member.name));
        }
        let signer = self
            .member(said.signer)
            .ok_or_else(|| format!("it is signed by {}, which was never admitted", said.signer))?;
        believe(entry, &signer.certificate)?;
        let certificate = said.certificate()?;
        match said.kind {
            Kind::Found => return Err("it founds the fleet a second time".to_owned()),
            Kind::Admit => {
                self.may_admit(said.installation, &certificate)?;
                self.members.push(Member {
                    id: said.installation,
                    name: said.name,
                    certificate,
                    since: said.at,
                    by: said.by,
                });
            }
            Kind::Remove => {
                let leaving = self.members.iter().position(|member| member.id == said.installation);
                let at = leaving.ok_or("it removes an installation that is not in")?;
                if self.members.len() == 1 {
                    return Err("it removes the last installation".to_owned());
                }
                if self.members.get(at).is_none_or(|member| member.certificate != certificate) {
                    return Err("its certificate is not that of the installation it removes".to_owned());
                }
                let member = self.members.remove(at);
                self.former.push(Former { member, at: said.at, by: said.by });
            }
        }
        self.digests.push(digest(entry));
        Ok(())
    }

    /// Whether somebody with this certificate may come in: never a second time, and never one whose envelopes could be
    /// taken for those of another.
    pub(crate) fn may_admit(&self, id: InstallationId, certificate: &X509Certificate) -> Result<(), String> {
        if id != installation_id(certificate) {
            return Err("its id does not fit its certificate".to_owned());
        }
        if let Some(former) = self.former(id) {
            return Err(format!(
                "`{}` was removed; it needs a new key pair to come back",
                former.member.name
            ));
        }
        let own_key = certificate.spki_sha256().ok();
        let known = self.members.iter().chain(self.former.iter().map(|former| &former.member));
        for other in known {
            // An envelope names its recipients by issuer and serial number.
            let same_name = other.certificate.serial() == certificate.serial()
                && other.certificate.issuer() == certificate.issuer();
            if same_name || own_key.is_none() || other.certificate.spki_sha256().ok() == own_key {
                return Err(format!(
                    "its certificate has the key, or issuer and serial number, of `{}`",
                    other.name
                ));
            }
        }
        Ok(())
    }

    /// Those who are in, in the order of their admission.
    pub fn admitted(&self) -> &[Member] {
        &self.members
    }

    /// Those who were, in the order of their removal.
    pub fn removed(&self) -> &[Former] {
        &self.former
    }

    /// One who is in.
    pub fn member(&self, id: InstallationId) -> Option<&Member> {
        self.members.iter().find(|member| member.id == id)
    }

    /// One who was.
    pub fn former(&self, id: InstallationId) -> Option<&Former> {
        self.former.iter().find(|former| former.member.id == id)
    }

    /// To whom everything is sealed: all who are in.
    pub fn recipients(&self) -> Vec<X509Certificate> {
        self.members.iter().map(|member| member.certificate.clone()).collect()
    }

    /// The fingerprint of the fleet: that of the certificate of the installation that founded it, whether it is still in
    /// or not.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.root)
    }

    /// SHA-256 over that certificate: how signed statements name the fleet.
    pub fn digest(&self) -> Digest {
        Digest::of(self.root.der())
    }

    /// What is to be remembered of this log.
    pub fn pin(&self) -> Pin {
        Pin { fleet: Digest::of(self.root.der()), seq: self.seq(), hash: self.head() }
    }

    /// Number of entries.
    pub fn seq(&self) -> i64 {
        i64::try_from(self.digests.len()).unwrap_or(i64::MAX)
    }

    /// Digest of the last entry.
    pub(crate) fn head(&self) -> Digest {
        self.digests.last().copied().unwrap_or(Digest::ZERO)
    }
}

/// What an entry says, if it was written for this place.
fn placed(entry: &AdmissionEntry, seq: i64, previous: Digest) -> Result<Statement, String> {
    if entry.seq > seq {
        return Err("it is missing".to_owned());
    }
    let said = Statement::read(&entry.body)?;
    if entry.seq != seq || said.seq != seq {
        return Err(format!("it was written for place {}", said.seq));
    }
    if said.previous != previous {
        return Err("it does not follow the entry before it".to_owned());
    }
    Ok(said)
}

fn believe(entry: &AdmissionEntry, signer: &X509Certificate) -> Result<(), String> {
    if signer.verifies_ps256(entry.body.as_bytes(), &entry.signature) {
        Ok(())
    } else {
        Err("its signature does not fit what it says".to_owned())
    }
}
