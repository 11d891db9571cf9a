//! All versions and signatures that the database shows, judged: a pure function of rows.

use std::collections::BTreeMap;

use admit::{Digest, Fingerprint, Fleet};
use model::kra::{Signature, SignatureAlgorithm};
use store::{StoredKraSet, StoredKraSetSignature};

use crate::withdraw::{self, Withdrawal};
use crate::{CustodyError, Officer, Pin, Policy, SIGNED_PREFIX, SetVersion};

/// An officer's signature under a version, as the database shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signer {
    /// SHA-256 over the certificate of whoever is said to have signed.
    pub id: Digest,
    /// Who, if the version before knows such an officer.
    pub officer: Option<String>,
    /// Why it counts for nothing, when it does.
    pub refused: Option<String>,
}

/// A row of the database.
pub(crate) struct Entry {
    /// As the row says.
    pub(crate) number: i64,
    pub(crate) digest: Digest,
    /// The version, or what is wrong with the row.
    pub(crate) set: Result<SetVersion, String>,
    pub(crate) signers: Vec<Signer>,
    /// Distinct officers whose signatures hold.
    pub(crate) collected: u8,
    /// How many it takes; `None` while the version before is not there.
    pub(crate) needed: Option<u8>,
    /// Who took it back, as far as that was judged and is to be believed.
    withdrawn: Option<Withdrawal>,
    /// What is kept of a row that is as it was written, but in a form that this program cannot read.
    unread: Option<Unread>,
}

/// Signatures are over octets, so they can be verified under what cannot be read.
struct Unread {
    message: Vec<u8>,
    signatures: Vec<StoredKraSetSignature>,
}

impl Unread {
    /// Whether as many officers of this version signed it as the version after it takes.
    fn is_signed_by(&self, set: &SetVersion) -> bool {
        let mut counted: Vec<[u8; 32]> = Vec::new();
        for row in &self.signatures {
            if !counted.contains(&row.officer) && judge(row, &set.officers, &self.message).1 {
                counted.push(row.officer);
            }
        }
        counted.len() >= usize::from(set.policy.signatures_needed())
    }
}

impl Entry {
    pub(crate) fn is_signed(&self) -> bool {
        self.set.is_ok() && self.needed.is_some_and(|needed| self.collected >= needed)
    }

    /// Who took it back. What enough officers signed is not taken back by anybody any more.
    pub(crate) fn withdrawn(&self) -> Option<&Withdrawal> {
        self.withdrawn.as_ref().filter(|_| !self.is_signed())
    }

    /// Whether officers are asked to sign it.
    pub(crate) fn is_open(&self) -> bool {
        self.may_be_signed() && self.withdrawn.is_none()
    }

    /// Whether officers can still put it in force, whoever took it back.
    pub(crate) fn may_be_signed(&self) -> bool {
        self.set.is_ok() && !self.is_signed()
    }
}

pub(crate) struct Book {
    pub(crate) entries: Vec<Entry>,
    at: BTreeMap<Digest, usize>,
}

impl Book {
    pub(crate) fn read(versions: &[StoredKraSet], signatures: &[StoredKraSetSignature]) -> Self {
        let entries: Vec<Entry> = versions
            .iter()
            .map(|row| Entry {
                number: row.version,
                digest: row.digest.into(),
                set: read(row),
                signers: Vec::new(),
                collected: 0,
                needed: None,
                withdrawn: None,
                unread: unread(row, signatures),
            })
            .collect();
        let at: BTreeMap<Digest, usize> =
            entries.iter().enumerate().map(|(index, entry)| (entry.digest, index)).collect();
        let mut book = Self { entries, at };
        for index in 0..book.entries.len() {
            let Ok(set) = &book.entries[index].set else { continue };
            let Some((policy, electors)) = book.electors_of(set) else { continue };
            let message = set.message();
            let (mut signers, mut counted) = (Vec::new(), Vec::new());
            let own =
                |row: &&StoredKraSetSignature| Digest::from(row.set) == set.digest && !withdraw::is_one(row);
            for row in signatures.iter().filter(own) {
                let (signer, counts) = judge(row, electors, &message);
                signers.push(signer);
                if counts && !counted.contains(&row.officer) {
                    counted.push(row.officer);
                }
            }
            let entry = &mut book.entries[index];
            entry.signers = signers;
            entry.collected = u8::try_from(counted.len()).unwrap_or(u8::MAX);
            entry.needed = Some(policy.signatures_needed());
        }
        book
    }

    /// Judges what says that versions were taken back. One that nobody of the fleet wrote, or somebody who may not, is shown
    /// as what it is and changes nothing.
    pub(crate) fn judge_withdrawals(&mut self, signatures: &[StoredKraSetSignature], fleet: &Fleet) {
        for row in signatures.iter().filter(|row| withdraw::is_one(row)) {
            let Some(index) = self.at.get(&Digest::from(row.set)).copied() else { continue };
            let Ok(set) = &self.entries[index].set else { continue };
            let judged = withdraw::read(row, set, fleet, self.is_overtaken(set));
            let entry = &mut self.entries[index];
            match judged {
                Ok(withdrawal) => entry.withdrawn = Some(withdrawal),
                Err(why) => entry.signers.push(Signer {
                    id: Digest::from(row.officer),
                    officer: None,
                    refused: Some(why),
                }),
            }
        }
    }

    /// Whether enough officers signed another version with its number, after the same one.
    pub(crate) fn is_overtaken(&self, set: &SetVersion) -> bool {
        let others = self.entries.iter().filter(|entry| entry.digest != set.digest && entry.is_signed());
        let mut others = others.filter_map(|entry| entry.set.as_ref().ok());
        others.any(|other| (other.version, other.previous) == (set.version, set.previous))
    }

    pub(crate) fn find(&self, digest: Digest) -> Option<&Entry> {
        self.at.get(&digest).and_then(|index| self.entries.get(*index))
    }

    /// The row with this fingerprint, which is half of a digest.
    ///
    /// # Errors
    /// [`CustodyError::Ambiguous`] when it could be one as well as another: what a person compared has to be one thing.
    pub(crate) fn select(&self, fingerprint: Fingerprint) -> Result<Option<&Entry>, CustodyError> {
        let mut found = self.entries.iter().filter(|entry| entry.digest.fingerprint() == fingerprint);
        let first = found.next();
        if found.next().is_some() {
            return Err(CustodyError::Ambiguous { fingerprint });
        }
        Ok(first)
    }

    /// Who must sign a version: the officers of the one before, or its own.
    pub(crate) fn electors_of<'a>(&'a self, set: &'a SetVersion) -> Option<(Policy, &'a [Officer])> {
        if set.version == 1 {
            return Some((set.policy, &set.officers));
        }
        let before = self.find(set.previous)?.set.as_ref().ok()?;
        set.counts_on_from(before).then_some((before.policy, before.officers.as_slice()))
    }

    /// Versions that rightly follow this one, or begin a set.
    fn next(&self, after: Option<&SetVersion>) -> Vec<&SetVersion> {
        let follows = |set: &SetVersion| match after {
            None => set.version == 1,
            Some(after) => set.counts_on_from(after) && set.previous == after.digest,
        };
        let signed = self.entries.iter().filter(|entry| entry.is_signed());
        signed.filter_map(|entry| entry.set.as_ref().ok()).filter(|set| follows(set)).collect()
    }

    /// Whether the chain is unbroken from a first version, rightly signed by itself, up to this one.
    pub(crate) fn is_rooted(&self, set: &SetVersion) -> bool {
        let mut at = set;
        loop {
            if !self.find(at.digest).is_some_and(Entry::is_signed) {
                return false;
            }
            if at.version == 1 {
                return true;
            }
            let Some(Ok(before)) = self.find(at.previous).map(|entry| entry.set.as_ref()) else {
                return false;
            };
            // Numbers fall with each step, or the chain is none.
            if !at.counts_on_from(before) {
                return false;
            }
            at = before;
        }
    }

    /// The newest versions of chains that are right in themselves: what a home that pins nothing is shown.
    pub(crate) fn shown(&self) -> Vec<&SetVersion> {
        let mut tips = Vec::new();
        let mut open = self.next(None);
        while let Some(set) = open.pop() {
            let next = self.next(Some(set));
            if next.is_empty() {
                tips.push(set);
            }
            open.extend(next);
        }
        tips
    }

    /// This version, unless its officers signed a later one that this program cannot read: to skip that would be to go on
    /// under a set that they replaced.
    fn unless_newer<'a>(&self, set: &'a SetVersion) -> Result<&'a SetVersion, CustodyError> {
        let follows = |entry: &&Entry| {
            entry.number > set.version && entry.unread.as_ref().is_some_and(|unread| unread.is_signed_by(set))
        };
        match self.entries.iter().find(follows) {
            Some(entry) => Err(newer(entry.number, entry.digest)),
            None => Ok(set),
        }
    }

    /// The version in force for a home with this pin.
    pub(crate) fn in_force(&self, pin: &Pin) -> Result<&SetVersion, CustodyError> {
        let altered = |why: &str| CustodyError::Altered {
            set: pin.set.clone(),
            version: pin.version,
            why: why.to_owned(),
        };
        let mut at = match self.find(pin.digest) {
            None if self.entries.iter().any(|entry| entry.number == pin.version) => {
                return Err(altered("another one stands in its place"));
            }
            None => {
                return Err(CustodyError::Missing {
                    set: pin.set.clone(),
                    version: pin.version,
                    fingerprint: pin.digest.fingerprint(),
                });
            }
            // The very version that was pinned; only an older program than the one that pinned it stands before it.
            Some(Entry { unread: Some(_), .. }) => return Err(newer(pin.version, pin.digest)),
            Some(entry) => entry.set.as_ref().map_err(|why| altered(why))?,
        };
        loop {
            match self.next(Some(at)).as_slice() {
                [] => return self.unless_newer(at),
                [next] => at = next,
                several @ [one, ..] => {
                    return Err(CustodyError::Fork {
                        version: one.version,
                        fingerprints: fingerprints(several),
                    });
                }
            }
        }
    }
}

/// A version that only a newer program reads.
fn newer(version: i64, digest: Digest) -> CustodyError {
    CustodyError::Newer { version, fingerprint: digest.fingerprint() }
}

/// `3f2a … and 91bc …`
pub(crate) fn fingerprints(sets: &[&SetVersion]) -> String {
    let each: Vec<String> = sets.iter().map(|set| set.fingerprint().to_string()).collect();
    each.join(" and ")
}

fn read(row: &StoredKraSet) -> Result<SetVersion, String> {
    if Digest::of(row.body.as_bytes()) != Digest::from(row.digest) {
        return Err("what it says is not what its digest was made of".to_owned());
    }
    let set = SetVersion::read(&row.body)?;
    if set.version != row.version {
        return Err(format!("it says that it is version {}", set.version));
    }
    Ok(set)
}

/// What is kept of a row whose digest holds and whose statement cannot be read.
fn unread(row: &StoredKraSet, signatures: &[StoredKraSetSignature]) -> Option<Unread> {
    let is_whole = Digest::of(row.body.as_bytes()) == Digest::from(row.digest);
    (is_whole && SetVersion::read(&row.body).is_err()).then(|| Unread {
        message: [SIGNED_PREFIX, row.body.as_bytes()].concat(),
        signatures: signatures.iter().filter(|signed| signed.set == row.digest).cloned().collect(),
    })
}

fn judge(row: &StoredKraSetSignature, electors: &[Officer], message: &[u8]) -> (Signer, bool) {
    let id = Digest::from(row.officer);
    let Some(officer) = electors.iter().find(|officer| officer.id() == id) else {
        let refused = Some("who signed may not sign this version".to_owned());
        return (Signer { id, officer: None, refused }, false);
    };
    let algorithm = SignatureAlgorithm::from_name(&row.algorithm);
    let holds = algorithm.is_some_and(|algorithm| {
        let signature = Signature { algorithm, octets: row.signature.clone() };
        officer.certificate.verifies(message, &signature)
    });
    let refused = (!holds).then(|| {
        format!(
            "a signature in the name of `{}` is not by that officer's key; somebody wrote it into the database",
            officer.name
        )
    });
    (Signer { id, officer: Some(officer.name.clone()), refused }, holds)
}
