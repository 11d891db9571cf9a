//! Taking a proposed version back, so that nobody is asked to sign it any more.
//!
//! Rows are never removed. A withdrawal is one more row among the signatures: a statement which the installation at which
//! somebody took it back has signed, and of which the admission log says whose it is. It keeps programs from offering the
//! version; it takes nothing away from officers' signatures, so that what enough of them signed is in force all the same.

use admit::{Digest, Fingerprint, Fleet};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use model::{AuditKind, AuditOutcome, InstallationId, Timestamp, is_same_person};
use serde::{Deserialize, Serialize};
use store::{StoredKraSetSignature, in_unit};

use crate::book::{Entry, fingerprints};
use crate::{Custody, CustodyError, SetVersion};

/// What stands in place of an algorithm where a row is no signature of an officer (part of the stored format).
const WITHDRAWAL: &str = "withdrawal";

/// Who took a version back, and when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Withdrawal {
    /// Account and machine.
    pub by: String,
    /// By the clock of that machine.
    pub at: Timestamp,
}

#[derive(Serialize, Deserialize)]
enum Format {
    #[serde(rename = "sealwright kra set withdrawal 1")]
    One,
}

/// What is signed. The names of the fields are part of the stored format.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Statement {
    format: Format,
    fleet: Digest,
    /// Digest of the version.
    set: Digest,
    installation: InstallationId,
    by: String,
    at: Timestamp,
}

/// The statement as it was signed, and the signature (PS256) in base64.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Kept {
    statement: String,
    signature: String,
}

/// Whether a row is a withdrawal, believed or not.
pub(crate) fn is_one(row: &StoredKraSetSignature) -> bool {
    row.algorithm == WITHDRAWAL
}

/// Who took this version back, if an installation of the fleet signed that, and its person may: whoever proposed the version,
/// and of one that was overtaken by another everybody.
///
/// # Errors
/// Why it counts for nothing. Repeats nothing of what somebody may have written into the database.
pub(crate) fn read(
    row: &StoredKraSetSignature,
    set: &SetVersion,
    fleet: &Fleet,
    is_overtaken: bool,
) -> Result<Withdrawal, String> {
    let forged = "it is said to be taken back, and no installation of the fleet has signed that; somebody wrote it into the \
                  database";
    let forged = || forged.to_owned();
    let kept: Kept = serde_json::from_slice(&row.signature).map_err(|_| forged())?;
    let statement: Statement = serde_json::from_str(&kept.statement).map_err(|_| forged())?;
    let signature = BASE64_STANDARD.decode(&kept.signature).map_err(|_| forged())?;
    let signer = fleet.member(statement.installation).ok_or_else(forged)?;
    let is_about_this = statement.set == set.digest && statement.fleet == fleet.digest();
    if !is_about_this || !signer.certificate.verifies_ps256(kept.statement.as_bytes(), &signature) {
        return Err(forged());
    }
    if !is_overtaken && !is_same_person(&statement.by, &set.by) {
        return Err("it was taken back by somebody who did not propose it".to_owned());
    }
    Ok(Withdrawal { by: statement.by, at: statement.at })
}

impl Custody {
    /// Takes back a version that waits for signatures: the one with this fingerprint, or the only one that the actor proposed.
    /// What was overtaken by another version anybody puts aside; it could come into force only where somebody is behind.
    ///
    /// # Errors
    /// [`CustodyError::NothingToWithdraw`] when there is none, when it is in force or was taken back before, or several could
    /// be meant; [`CustodyError::NotTheProposer`]; [`CustodyError::Home`] when this installation does not belong to the fleet.
    pub async fn withdraw(&self, which: Option<Fingerprint>) -> Result<SetVersion, CustodyError> {
        let book = self.whole_book().await?;
        let set = match which {
            Some(fingerprint) => {
                let entry = book.select(fingerprint)?.ok_or(CustodyError::Unknown { fingerprint })?;
                to_be_withdrawn(entry)?
            }
            None => {
                let open = book.entries.iter().filter(|entry| entry.is_open());
                let open = open.filter_map(|entry| entry.set.as_ref().ok());
                let own: Vec<&SetVersion> = open.filter(|set| is_same_person(&self.actor, &set.by)).collect();
                match own.as_slice() {
                    [one] => *one,
                    [] => {
                        return Err(CustodyError::NothingToWithdraw(
                            "no version that you proposed waits for signatures; `sealwright kra set show` shows what is there"
                                .to_owned(),
                        ));
                    }
                    several => {
                        return Err(CustodyError::NothingToWithdraw(format!(
                            "{} versions that you proposed wait for signatures; say which one is meant with --fingerprint: {}",
                            several.len(),
                            fingerprints(several)
                        )));
                    }
                }
            }
        };
        if !self.may_withdraw(set) && !book.is_overtaken(set) {
            return Err(CustodyError::NotTheProposer {
                version: set.version,
                fingerprint: set.fingerprint(),
                by: set.by.clone(),
            });
        }
        let now = self.clock.now();
        let row = self.withdrawal(set, now).await?;
        let event = self.event(
            AuditKind::KraSetWithdrawn,
            AuditOutcome::Success,
            set,
            &format!("proposed by {} on {}", set.by, set.at),
        );
        in_unit!(self.store, work => {
            work.audit().append(&event, now).await?;
            work.kra_sets().add_signature(&row).await?;
        })?;
        Ok(set.clone())
    }

    /// Whether the actor proposed it, and so may take it back.
    pub fn may_withdraw(&self, set: &SetVersion) -> bool {
        is_same_person(&self.actor, &set.by)
    }

    async fn withdrawal(
        &self,
        set: &SetVersion,
        now: Timestamp,
    ) -> Result<StoredKraSetSignature, CustodyError> {
        let cannot = |why: &str| CustodyError::NothingToWithdraw(why.to_owned());
        let gate =
            self.gate.as_ref().ok_or_else(|| cannot("nobody takes a version back outside of a fleet"))?;
        // Whoever does not belong to the fleet learns it now, and not by everybody's passing it over.
        gate.recipients().await?;
        let (fleet, installation) = (gate.fleet().await?, gate.installation());
        let statement = Statement {
            format: Format::One,
            fleet: fleet.digest(),
            set: set.digest,
            installation: installation.id(),
            by: self.actor.clone(),
            at: now,
        };
        let written = |error: serde_json::Error| CustodyError::NothingToWithdraw(error.to_string());
        let statement = serde_json::to_string(&statement).map_err(written)?;
        let signature = BASE64_STANDARD.encode(installation.key.sign_ps256(statement.as_bytes())?);
        let signature = serde_json::to_vec(&Kept { statement, signature }).map_err(written)?;
        let officer = Digest::of(installation.certificate.der());
        let own = [officer.as_bytes(), WITHDRAWAL.as_bytes(), b"\0", &signature].concat();
        Ok(StoredKraSetSignature {
            set: *set.digest.as_bytes(),
            digest: *Digest::of(&own).as_bytes(),
            officer: *officer.as_bytes(),
            algorithm: WITHDRAWAL.to_owned(),
            signature,
            added_at: now,
        })
    }
}

/// The version, as long as there is something to be taken back.
fn to_be_withdrawn(entry: &Entry) -> Result<&SetVersion, CustodyError> {
    let why = match (&entry.set, entry.withdrawn()) {
        (Ok(set), None) if entry.is_open() => return Ok(set),
        (Ok(set), Some(Withdrawal { by, at })) => {
            format!("version {} was taken back by {by} on {at} already", set.version)
        }
        (Ok(set), None) => format!(
            "version {} is signed by enough officers, and nobody takes that back: propose the next version \
             (`sealwright kra set propose`) and have it signed",
            set.version
        ),
        (Err(why), _) => format!("this version cannot be taken back: {why}; somebody altered the database"),
    };
    Err(CustodyError::NothingToWithdraw(why))
}
