//! Proposing a version, signing it, and trusting one that others signed. Each is recorded in the audit log: what only adds
//! rows together with the rows, the use of an officer's key before it happens.

use admit::{Digest, Fingerprint};
use crypto::X509Certificate;
use model::{AuditKind, AuditOutcome};
use ports::RecoveryKey;
use store::{StoreError, StoredKraSet, StoredKraSetSignature, in_unit};

use crate::book::{Book, Entry};
use crate::{Candidate, Custody, CustodyError, Officer, Pin, Policy, SetVersion, Withdrawal, officer_name};

/// What somebody wants the set to be.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Name of the set; that of the version in force when `None`.
    pub name: Option<String>,
    /// How many officers it takes.
    pub policy: Policy,
    /// Who they are.
    pub officers: Vec<Candidate>,
}

/// A version that is to be signed.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// What it says.
    pub set: SetVersion,
    /// The version in force for this home, which it would follow; a first version follows none.
    pub before: Option<SetVersion>,
    /// Who may sign it.
    pub electors: Vec<Officer>,
    /// How many of them have to.
    pub needed: u8,
    /// How many have.
    pub collected: u8,
    /// Who took it back, if somebody did: it is offered to nobody, and signed by whoever names it.
    pub withdrawn: Option<Withdrawal>,
}

impl Proposal {
    /// What it changes beside the version in force, one line each.
    pub fn changes(&self) -> Vec<String> {
        let Some(before) = &self.before else { return Vec::new() };
        let set = &self.set;
        let mut changes = Vec::new();
        if before.name != set.name {
            changes.push(format!("it is called `{}` instead of `{}`", set.name, before.name));
        }
        if (before.policy, before.officers.len()) != (set.policy, set.officers.len()) {
            changes.push(format!("before: {}", before.policy.describe(before.officers.len())));
        }
        let without = |from: &SetVersion, other: &SetVersion, what: &str| {
            let gone = from.officers.iter().filter(|one| other.officer(one.certificate.der()).is_none());
            gone.map(|one| format!("{what} {} ({})", one.name, one.certificate.thumbprint()))
                .collect::<Vec<_>>()
        };
        changes.extend(without(set, before, "new:"));
        changes.extend(without(before, set, "no longer:"));
        for officer in &set.officers {
            let then = before.officer(officer.certificate.der()).map(|one| &one.ml_kem);
            match (&officer.ml_kem, then) {
                (Some(key), then) if then != Some(&officer.ml_kem) => {
                    changes.push(format!("ML-KEM key of {}: {}", officer.name, key.fingerprint()));
                }
                (None, Some(Some(_))) => changes.push(format!("no ML-KEM key any more: {}", officer.name)),
                _ => {}
            }
        }
        if before.is_hybrid() && !set.is_hybrid() {
            changes
                .push("keys are sealed to certificates alone again, and no longer to ML-KEM keys".to_owned());
        }
        changes
    }
}

/// What a signature came to.
#[derive(Clone, Debug)]
pub struct Signed {
    /// Who signed.
    pub officer: String,
    /// The version, with this signature counted.
    pub proposal: Proposal,
    /// Whether the version is in force for this home now.
    pub in_force: bool,
}

impl Custody {
    /// Proposes the version after the one in force, or the first one. It is in force when enough officers have signed it.
    ///
    /// # Errors
    /// [`CustodyError::Unfit`] says why keys could not be sealed to such a set; as [`Self::in_force`].
    pub async fn propose(&self, draft: &Draft) -> Result<Proposal, CustodyError> {
        let now = self.clock.now();
        let before = self.to_follow().await?;
        let name = match (&draft.name, &before) {
            (Some(name), _) => name.as_str(),
            (None, Some(before)) => before.name.as_str(),
            (None, None) => return Err(CustodyError::Unfit("the first version needs a name".to_owned())),
        };
        let made =
            SetVersion::compose(name, before.as_ref(), draft.policy, &draft.officers, now, &self.actor);
        let set = made.map_err(CustodyError::Unfit)?;
        if let Some(ended) = set.officers.iter().find(|officer| officer.certificate.not_after() <= now) {
            return Err(CustodyError::Unfit(format!(
                "the certificate of `{}` ended on {}",
                ended.name,
                ended.certificate.not_after()
            )));
        }
        // Whatever is wrong with a key is said before anybody signs.
        set.sealing(now)?.check()?;
        if let Some(before) = &before
            && says_the_same(before, &set)
        {
            return Err(CustodyError::Unfit(format!(
                "it says the same as version {}, which is in force",
                before.version
            )));
        }
        let is_same = |entry: &&Entry| entry.set.as_ref().is_ok_and(|open| says_the_same(open, &set));
        let open = self.whole_book().await?;
        let open = open.entries.iter().filter(|entry| entry.is_open()).find(is_same);
        if let Some(Ok(open)) = open.map(|entry| entry.set.as_ref())
            && open.previous == set.previous
        {
            return Err(CustodyError::Unfit(format!(
                "it says the same as version {}, which {} proposed on {} and which waits for signatures (fingerprint {}): have \
                 that one signed (`sealwright kra set sign`), or taken back first (`sealwright kra set withdraw`)",
                open.version,
                open.by,
                open.at,
                open.fingerprint()
            )));
        }
        let row = StoredKraSet {
            digest: *set.digest.as_bytes(),
            version: set.version,
            body: set.body().to_owned(),
            added_at: now,
        };
        let names: Vec<&str> = set.officers.iter().map(|officer| officer.name.as_str()).collect();
        let detail = format!("{}: {}", set.policy.describe(names.len()), names.join(", "));
        let event = self.event(AuditKind::KraSetProposed, AuditOutcome::Success, &set, &detail);
        in_unit!(self.store, work => {
            work.audit().append(&event, now).await?;
            work.kra_sets().add_version(&row).await?;
        })?;
        if before.is_none() {
            self.pins.agree(set.digest)?;
        }
        let book = self.book().await?;
        proposal(&book, &set, before)
    }

    /// The version that waits for signatures: the only one, or the one with this fingerprint. It follows the version in
    /// force for this home; a home that has pinned nothing yet can tell what a first version says, and of a later one not
    /// what it changes.
    ///
    /// # Errors
    /// [`CustodyError::NothingToSign`] when there is none or more than one, [`CustodyError::Unpinned`] when a later one
    /// waits and nothing is pinned; as [`Self::to_follow`].
    pub async fn to_sign(&self, which: Option<Fingerprint>) -> Result<Proposal, CustodyError> {
        let (before, unpinned) = match self.to_follow().await {
            // An officer may sign a first version on a machine that has pinned nothing: what they sign is shown to them.
            Err(error @ CustodyError::Unpinned { .. }) => (None, Some(error)),
            other => (other?, None),
        };
        let book = self.whole_book().await?;
        if let Some(fingerprint) = which {
            book.select(fingerprint)?;
        }
        let open: Vec<&SetVersion> = book
            .entries
            .iter()
            // A withdrawal asks nobody any more, and keeps no officer from what they want: it is not officers who sign it.
            .filter(|entry| if which.is_some() { entry.may_be_signed() } else { entry.is_open() })
            .filter_map(|entry| entry.set.as_ref().ok())
            .filter(|set| match which {
                Some(which) => set.fingerprint() == which,
                None => match &before {
                    Some(before) => set.previous == before.digest,
                    None => set.version == 1,
                },
            })
            .collect();
        match (open.as_slice(), which) {
            ([set], _) => {
                match &before {
                    Some(current) if current.digest != set.previous => {
                        return Err(CustodyError::NothingToSign(format!(
                            "this version {} does not follow version {}, which is in force here; propose it anew",
                            set.version, current.version
                        )));
                    }
                    None if set.version != 1 => {
                        return Err(CustodyError::NothingToSign(format!(
                            "this is version {}, and this installation goes by no set yet, so that it cannot tell what the \
                             version changes: compare the fingerprint of the version in force with the officers and run \
                             `sealwright kra set trust FINGERPRINT` here first",
                            set.version
                        )));
                    }
                    Some(_) | None => {}
                }
                proposal(&book, set, before)
            }
            ([], Some(fingerprint)) => match book.select(fingerprint)? {
                None => Err(CustodyError::Unknown { fingerprint }),
                Some(entry) => Err(CustodyError::NothingToSign(match &entry.set {
                    Ok(set) => {
                        format!("version {} is signed by enough officers already", set.version)
                    }
                    Err(why) => {
                        format!("this version is not to be signed: {why}; somebody altered the database")
                    }
                })),
            },
            ([], None) => Err(unpinned.unwrap_or_else(|| {
                CustodyError::NothingToSign(
                    "no version of a set waits for signatures; `sealwright kra set propose` makes one"
                        .to_owned(),
                )
            })),
            (several, _) => Err(CustodyError::NothingToSign(format!(
                "{} versions wait for signatures; say which one is meant with --fingerprint: {}",
                several.len(),
                crate::book::fingerprints(several)
            ))),
        }
    }

    /// Puts an officer's signature under a version. The use of the key is recorded before it happens.
    ///
    /// # Errors
    /// [`CustodyError::NotAnOfficer`], [`CustodyError::SignedAlready`]; [`CustodyError::Key`] when the key does not sign.
    pub async fn sign(&self, digest: Digest, key: &dyn RecoveryKey) -> Result<Signed, CustodyError> {
        let wanted = self.to_sign(Some(digest.fingerprint())).await?;
        let set = &wanted.set;
        if set.digest != digest {
            return Err(CustodyError::Ambiguous { fingerprint: digest.fingerprint() });
        }
        let der = key.certificate_der();
        let Some(officer) = wanted.electors.iter().find(|one| one.certificate.der() == der).cloned() else {
            let names: Vec<String> = wanted.electors.iter().map(|one| format!("`{}`", one.name)).collect();
            return Err(CustodyError::NotAnOfficer {
                offered: officer_name(&X509Certificate::from_der(der)?),
                electors: format!("{} of {}", wanted.needed, names.join(", ")),
            });
        };
        if self.has_signed(digest, &officer).await? {
            return Err(CustodyError::SignedAlready { officer: officer.name });
        }
        let told = format!("officer {}, key in {}", officer.name, key.place());
        self.record(AuditKind::KraSetSigningRequest, AuditOutcome::Success, set, &told).await?;
        let message = set.message();
        let signature = match key.sign(&message).await {
            Ok(signature) if officer.certificate.verifies(&message, &signature) => signature,
            Ok(_) => {
                self.record(AuditKind::KraSetSigned, AuditOutcome::Failure, set, &told).await?;
                return Err(CustodyError::DoesNotVerify { officer: officer.name });
            }
            Err(error) => {
                let told = format!("{told}: {error}");
                self.record(AuditKind::KraSetSigned, AuditOutcome::Failure, set, &told).await?;
                return Err(error.into());
            }
        };
        let (id, now) = (officer.id(), self.clock.now());
        let algorithm = signature.algorithm.name();
        let own = [id.as_bytes(), algorithm.as_bytes(), b"\0", &signature.octets].concat();
        let row = StoredKraSetSignature {
            set: *digest.as_bytes(),
            digest: *Digest::of(&own).as_bytes(),
            officer: *id.as_bytes(),
            algorithm: algorithm.to_owned(),
            signature: signature.octets,
            added_at: now,
        };
        let event = self.event(AuditKind::KraSetSigned, AuditOutcome::Success, set, &told);
        in_unit!(self.store, work => {
            work.audit().append(&event, now).await?;
            work.kra_sets().add_signature(&row).await?;
        })?;
        // Whoever signs has looked at it: a home that pins nothing yet goes by this first version once it is in force.
        if set.version == 1 && self.pins.load()?.is_none() {
            self.pins.agree(digest)?;
        }
        let in_force = match self.to_follow().await {
            Ok(found) => found.is_some_and(|found| found.digest == digest),
            Err(CustodyError::Unpinned { .. }) => false,
            Err(error) => return Err(error),
        };
        let book = self.book().await?;
        let proposal = proposal(&book, &wanted.set, wanted.before)?;
        Ok(Signed { officer: officer.name, proposal, in_force })
    }

    /// Pins the version with this fingerprint, because a person compared it; in the place of whatever was pinned before.
    ///
    /// # Errors
    /// [`CustodyError::Unknown`], [`CustodyError::NotInForce`] and [`CustodyError::Rootless`]: a version that its officers
    /// did not sign, or that does not go back to a first one, is never pinned; [`CustodyError::Ambiguous`].
    pub async fn trust(&self, fingerprint: Fingerprint) -> Result<SetVersion, CustodyError> {
        let book = self.book().await?;
        let entry = book.select(fingerprint)?.ok_or(CustodyError::Unknown { fingerprint })?;
        let set = entry.set.as_ref().map_err(|why| CustodyError::Altered {
            set: "?".to_owned(),
            version: entry.number,
            why: why.clone(),
        })?;
        match entry.needed {
            Some(needed) if entry.collected < needed => {
                return Err(CustodyError::NotInForce {
                    version: set.version,
                    collected: entry.collected,
                    needed,
                });
            }
            _ if !book.is_rooted(set) => return Err(CustodyError::Rootless { version: set.version }),
            _ => {}
        }
        let before = match self.pins.load()? {
            None => "nothing was pinned before".to_owned(),
            Some(pin) => format!("version {} ({}) was pinned before", pin.version, pin.digest.fingerprint()),
        };
        self.record(AuditKind::KraSetTrusted, AuditOutcome::Success, set, &before).await?;
        self.pins.replace(&Pin::of(set))?;
        Ok(set.clone())
    }

    async fn has_signed(&self, digest: Digest, officer: &Officer) -> Result<bool, StoreError> {
        let book = self.book().await?;
        let signers = book.find(digest).map(|entry| entry.signers.as_slice()).unwrap_or_default();
        Ok(signers.iter().any(|one| one.refused.is_none() && one.id == officer.id()))
    }

    async fn record(
        &self,
        kind: AuditKind,
        outcome: AuditOutcome,
        set: &SetVersion,
        detail: &str,
    ) -> Result<(), StoreError> {
        let (event, now) = (self.event(kind, outcome, set, detail), self.clock.now());
        in_unit!(self.store, work => {
            work.audit().append(&event, now).await?;
        })
    }
}

/// Whether two versions want the same, whatever their number and whoever proposed them, in whatever order.
fn says_the_same(one: &SetVersion, other: &SetVersion) -> bool {
    let sorted = |set: &SetVersion| {
        let mut officers = set.officers.clone();
        officers.sort_by(|one, other| one.certificate.der().cmp(other.certificate.der()));
        officers
    };
    (&one.name, one.policy, sorted(one)) == (&other.name, other.policy, sorted(other))
}

fn proposal(book: &Book, set: &SetVersion, before: Option<SetVersion>) -> Result<Proposal, CustodyError> {
    let rootless = || CustodyError::Rootless { version: set.version };
    let (policy, electors) = book.electors_of(set).ok_or_else(rootless)?;
    let entry = book.find(set.digest);
    let collected = entry.map_or(0, |entry| entry.collected);
    let withdrawn = entry.and_then(Entry::withdrawn).cloned();
    Ok(Proposal {
        set: set.clone(),
        before,
        electors: electors.to_vec(),
        needed: policy.signatures_needed(),
        collected,
        withdrawn,
    })
}
