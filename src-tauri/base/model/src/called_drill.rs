//! The called drill: a sample of the archive that the schedule drew, and what officers have proven of it so far.

use serde::{Deserialize, Serialize};

use crate::certificate::Thumbprint;
use crate::drill::{Drill, LARGEST_CALLED_SAMPLE};
use crate::id::CertificateId;
use crate::text::fitted;
use crate::time::{Span, Timestamp};

/// UTF-16 units of a key's name, and of a reason, that are kept. A body of the largest sample fits into 64 KB.
const LONGEST_NAME: usize = 100;
/// A date that lies further ahead than this was written by a clock that was wrong.
const ASTRAY: Span = Span::days(1);

/// A sample that was drawn by the schedule, for officers to hold.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CalledDrill {
    /// When it was called.
    pub at: Timestamp,
    /// Until when it should be held.
    pub until: Timestamp,
    /// Position of its entry in the audit log, which names the sample.
    pub seq: i64,
    /// Who has tried any of it.
    pub officers: Vec<DrillOfficer>,
    /// The sample.
    pub keys: Vec<DrillKey>,
}

/// An officer who tried keys.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DrillOfficer {
    /// Subject of the officer's certificate.
    pub subject: String,
    /// Names the officer's public key, so that two certificates of one key are one officer.
    pub key: String,
}

/// An archived key of the sample.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DrillKey {
    /// Its certificate.
    pub certificate: CertificateId,
    /// That certificate's, as it was when the sample was drawn.
    pub thumbprint: Thumbprint,
    /// Whose it was then: a mail address. It stays when the certificate is gone.
    pub name: String,
    /// The envelope that was tried, by the beginning of its digest. What was proven of another one counts no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
    /// The last try of each officer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tries: Vec<DrillTry>,
}

/// What an officer found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DrillTry {
    /// Place among the drill's officers.
    pub by: usize,
    /// When.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub proof: DrillProof,
}

/// What a try proved.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "camelCase")]
pub enum DrillProof {
    /// It opened, and is the key of its certificate.
    Opened,
    /// The officer's share of it opened; so many of them open the key.
    Share {
        /// The quorum's threshold.
        needed: u8,
    },
    /// It did not open although it is this officer's, or is not there any more.
    Failed {
        /// One sentence.
        why: String,
    },
}

/// What a session found about one key of the sample.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DrillFinding {
    /// Which.
    pub certificate: CertificateId,
    /// The envelope, as in [`DrillKey::sealed`]; `None` when there was none.
    pub sealed: Option<String>,
    /// What it proved.
    pub proof: DrillProof,
}

/// How it stands with one key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "state", rename_all = "camelCase")]
pub enum DrillState {
    /// Nobody has tried it who could.
    NotTried,
    /// Shares of so many different officers opened, and more are needed.
    Partly {
        /// Officers whose shares opened.
        shares: u8,
        /// How many it takes.
        needed: u8,
    },
    /// It opened, or the shares of enough different officers did.
    Proven,
    /// Somebody whose it is could not open it, or it is gone.
    Failed,
}

impl DrillKey {
    /// A key that nobody has tried yet.
    pub fn drawn(certificate: CertificateId, thumbprint: Thumbprint, mail: &str) -> Self {
        Self { certificate, thumbprint, name: fitted(mail, LONGEST_NAME), sealed: None, tries: Vec::new() }
    }

    /// How it stands. A failure outweighs what others opened: something about this key is wrong.
    pub fn state(&self) -> DrillState {
        let (mut shares, mut needed, mut opened) = (0_u8, u8::MAX, false);
        for one in &self.tries {
            match &one.proof {
                DrillProof::Failed { .. } => return DrillState::Failed,
                DrillProof::Opened => opened = true,
                DrillProof::Share { needed: wanted } => {
                    shares = shares.saturating_add(1);
                    needed = needed.min(*wanted);
                }
            }
        }
        match (opened, shares) {
            (true, _) => DrillState::Proven,
            (false, 0) => DrillState::NotTried,
            (false, shares) if shares >= needed => DrillState::Proven,
            (false, shares) => DrillState::Partly { shares, needed },
        }
    }

    /// Why it failed.
    pub fn why(&self) -> Option<&str> {
        self.tries.iter().rev().find_map(|one| match &one.proof {
            DrillProof::Failed { why } => Some(why.as_str()),
            DrillProof::Opened | DrillProof::Share { .. } => None,
        })
    }

    /// Its name for people.
    pub fn described(&self) -> String {
        format!("{} {}", self.name, self.thumbprint)
    }
}

/// How many keys of a called drill are how far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DrillCounts {
    /// The sample.
    pub keys: u64,
    /// Proven to be recoverable.
    pub proven: u64,
    /// Of which some officers' shares opened, and too few.
    pub partly: u64,
    /// That did not open, or are gone.
    pub failed: u64,
    /// That nobody has tried who could.
    pub not_tried: u64,
}

impl CalledDrill {
    /// How many keys are how far.
    pub fn counts(&self) -> DrillCounts {
        let mut counts = DrillCounts { keys: self.keys.len() as u64, ..DrillCounts::default() };
        for key in &self.keys {
            let one = match key.state() {
                DrillState::NotTried => &mut counts.not_tried,
                DrillState::Partly { .. } => &mut counts.partly,
                DrillState::Proven => &mut counts.proven,
                DrillState::Failed => &mut counts.failed,
            };
            *one += 1;
        }
        counts
    }

    /// Whether it is known of every key whether it can be recovered.
    pub fn is_complete(&self) -> bool {
        let counts = self.counts();
        counts.proven + counts.failed == counts.keys
    }

    /// Whether it should have been held by now.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.until <= now && !self.is_complete()
    }

    /// When anything of it was tried last.
    pub fn last_tried(&self) -> Option<Timestamp> {
        self.keys.iter().flat_map(|key| &key.tries).map(|one| one.at).max()
    }

    /// Who has proven something of it, by subject.
    pub fn proven_by(&self) -> Vec<&str> {
        let proved = |place: usize| {
            let mut tries = self.keys.iter().flat_map(|key| &key.tries);
            tries.any(|one| one.by == place && !matches!(one.proof, DrillProof::Failed { .. }))
        };
        let officers = self.officers.iter().enumerate();
        officers.filter(|(place, _)| proved(*place)).map(|(_, one)| one.subject.as_str()).collect()
    }

    /// What failed.
    pub fn failed(&self) -> impl Iterator<Item = &DrillKey> {
        self.keys.iter().filter(|key| key.state() == DrillState::Failed)
    }

    /// What the officer with this public key has not proven yet, as far as can be known without trying.
    pub fn left_for(&self, officer: &str) -> Vec<DrillKey> {
        let place = self.officers.iter().position(|one| one.key == officer);
        let proved =
            |one: &DrillTry| Some(one.by) == place && !matches!(one.proof, DrillProof::Failed { .. });
        self.keys.iter().filter(|key| !key.tries.iter().any(proved)).cloned().collect()
    }

    /// Takes in what one officer found.
    pub fn note(&mut self, officer: &DrillOfficer, at: Timestamp, findings: Vec<DrillFinding>) {
        if findings.is_empty() {
            return;
        }
        let known = self.officers.iter().position(|one| one.key == officer.key);
        let by = known.unwrap_or_else(|| {
            let subject = fitted(&officer.subject, LONGEST_NAME);
            self.officers.push(DrillOfficer { subject, key: officer.key.clone() });
            self.officers.len() - 1
        });
        for finding in findings {
            let Some(key) = self.keys.iter_mut().find(|key| key.certificate == finding.certificate) else {
                continue;
            };
            // It was sealed anew, or altered: what others opened was another envelope.
            if finding.sealed.is_some() && finding.sealed != key.sealed {
                key.tries.clear();
                key.sealed = finding.sealed;
            }
            key.tries.retain(|one| one.by != by);
            let proof = match finding.proof {
                DrillProof::Failed { why } => {
                    // One reason is kept for each key; the audit log has all.
                    for older in &mut key.tries {
                        if let DrillProof::Failed { why } = &mut older.proof {
                            why.clear();
                        }
                    }
                    DrillProof::Failed { why: fitted(&why, LONGEST_NAME) }
                }
                opened @ (DrillProof::Opened | DrillProof::Share { .. }) => opened,
            };
            key.tries.push(DrillTry { by, at, proof });
        }
    }

    /// In words: `17 of 20 keys proven, 1 failed, 2 not tried yet`.
    pub fn summary(&self) -> String {
        let counts = self.counts();
        let mut text = format!("{} of {} keys proven", counts.proven, counts.keys);
        for (count, what) in [
            (counts.failed, "failed"),
            (counts.partly, "wait for shares of more officers"),
            (counts.not_tried, "not tried yet"),
        ] {
            if count > 0 {
                text.push_str(&format!(", {count} {what}"));
            }
        }
        text
    }

    /// The sample as its audit entry names it.
    pub fn sample_named(&self) -> String {
        let named: Vec<String> = self.keys.iter().map(|key| key.thumbprint.to_string()).collect();
        format!("certificates {}", named.join(" "))
    }
}

/// What the schedule has to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DrillStep {
    /// Drills are not wanted.
    Unwanted,
    /// There is nothing to try.
    NothingArchived,
    /// One is called and not complete.
    Open,
    /// The last one is complete, and the next not due.
    NotDue,
    /// The last one is dated ahead by a clock that was wrong: it is dated anew, and none is called.
    Redate,
    /// Another one is called.
    Call,
}

/// What the schedule has to do now. While one is open, none is called, whatever the clocks say.
pub fn drill_step(
    called: Option<&CalledDrill>,
    every: Option<Span>,
    archived: u64,
    now: Timestamp,
) -> DrillStep {
    let Some(every) = every else { return DrillStep::Unwanted };
    match called {
        Some(called) if called.at > now + ASTRAY => DrillStep::Redate,
        Some(called) if !called.is_complete() => DrillStep::Open,
        Some(called) if called.at + every > now => DrillStep::NotDue,
        None | Some(_) if archived == 0 => DrillStep::NothingArchived,
        None | Some(_) => DrillStep::Call,
    }
}

/// Whether the last drill that an officer drew is worth telling beside the called one.
pub fn is_newer_than_called(drill: &Drill, called: Option<&CalledDrill>) -> bool {
    called.is_none_or(|called| drill.at > called.at)
}

const _: () = assert!(LARGEST_CALLED_SAMPLE <= 40, "a body has to fit into a text of 64 KB");

#[cfg(test)]
mod tests;
