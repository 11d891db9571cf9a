//! What is left of a recovery: who asked, who agreed, what was disclosed to whom, with proof for somebody who sees neither
//! database nor log.
//!
//! A receipt holds evidence: the request and the list of installations as they were signed, and the entries of the audit log
//! with what leads from each to a signed head. What it tells is read from that alone, also by whoever checks it. It proves what
//! stands in it, and not that nothing else was done. There is no secret in it.

pub(crate) mod making;

use admit::Fleet;
use evidence::{EntryProof, EvidenceError, Proven};
use model::{AuditKind, AuditOutcome, AuditRecord, RecoveryRequestId, RecoveryState, Thumbprint, Timestamp};
use recover::ceremony::{AskedKey, Carried, Known, Request, Wanted};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
enum Format {
    #[serde(rename = "sealwright recovery receipt 1")]
    One,
}

/// A receipt, as it is kept. The names of the fields are part of the format.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Receipt {
    format: Format,
    /// What follows from the rest, for programs.
    pub(crate) told: Told,
    carried: Carried,
    proofs: Vec<EntryProof>,
}

/// What a receipt tells.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Told {
    request: RecoveryRequestId,
    /// Of everything that was asked.
    fingerprint: String,
    requester: String,
    /// The machine where it was asked.
    machine: String,
    #[serde(rename = "case")]
    case_number: String,
    #[serde(rename = "basis")]
    legal_basis: String,
    reason: String,
    wanted: Wanted,
    keys: Vec<AskedKey>,
    /// How many officers had to agree.
    needed: u8,
    asked_at: Timestamp,
    /// When its keys were first opened; `None` where that was tried only.
    opened_at: Option<Timestamp>,
    /// When it was done, withdrawn or refused; `None` while it is open, or where it expired.
    closed_at: Option<Timestamp>,
    steps: Vec<Step>,
}

/// What somebody did, for one or several keys at once.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Step {
    kind: String,
    outcome: AuditOutcome,
    at: Timestamp,
    actor: String,
    /// What was said of it: officer and key, mails, why not.
    remark: String,
    /// SHA-1 of the certificates.
    keys: Vec<Thumbprint>,
    /// Positions in the audit log.
    entries: Vec<i64>,
}

impl Step {
    fn is(&self, kind: AuditKind) -> bool {
        self.kind == kind.name() && self.outcome == AuditOutcome::Success
    }
}

/// Whether an entry belongs to a receipt of this request.
pub(crate) fn is_about(request: &Request, record: &AuditRecord) -> bool {
    record.foreign.is_none() && request.remark(&record.event).is_some()
}

impl Receipt {
    /// Of a request that was opened.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) fn of(carried: Carried, proofs: Vec<EntryProof>) -> Result<Self, String> {
        let fleet = carried.fleet(&Known::default())?;
        let told = Told::read(&carried, &proofs, &fleet)?;
        Ok(Self { format: Format::One, told, carried, proofs })
    }

    /// Checks everything with nothing but itself; who vouches for it. Whether that is the right fleet is not told by it:
    /// compare the fingerprint.
    ///
    /// # Errors
    /// Why it proves nothing.
    pub(crate) fn check(&self) -> Result<Proven, String> {
        let fleet = self.carried.fleet(&Known::default())?;
        if self.proofs.is_empty() {
            return Err("it proves no entry of the audit log".to_owned());
        }
        let mut last = None;
        for proof in &self.proofs {
            // The file is what was looked at; the log itself was not.
            let checked = proof.check().map_err(|error| {
                if let EvidenceError::Broken { why, .. } = error { why } else { error.to_string() }
            });
            last = Some(checked?);
            proof.head.believed(&fleet).map_err(|why| format!("the signed head: {why}"))?;
        }
        if Told::read(&self.carried, &self.proofs, &fleet)? != self.told {
            return Err("what it tells is not what it proves".to_owned());
        }
        last.ok_or_else(|| "it proves no entry of the audit log".to_owned())
    }

    /// How many entries it proves.
    pub(crate) fn entries(&self) -> usize {
        self.proofs.len()
    }
}

impl Told {
    fn read(carried: &Carried, proofs: &[EntryProof], fleet: &Fleet) -> Result<Self, String> {
        // In which state it is now is told by the log.
        let request = carried.request(fleet, RecoveryState::Opened)?;
        let mut steps: Vec<Step> = Vec::new();
        let mut after = 0;
        for EntryProof { entry, .. } in proofs {
            if entry.seq <= after {
                return Err("its entries are not in order".to_owned());
            }
            after = entry.seq;
            let (key, remark) = request
                .remark(&entry.event)
                .filter(|_| entry.foreign.is_none())
                .ok_or_else(|| format!("entry {} is about something else", entry.seq))?;
            let step = Step {
                kind: entry.event.kind.name(),
                outcome: entry.event.outcome,
                at: entry.at,
                actor: entry.event.actor.clone(),
                remark: remark.to_owned(),
                keys: vec![key.thumbprint],
                entries: vec![entry.seq],
            };
            match steps.last_mut() {
                Some(last) if last.is_same(&step) => {
                    last.keys.extend(step.keys);
                    last.entries.extend(step.entries);
                }
                _ => steps.push(step),
            }
        }
        let first = |kind| steps.iter().find(|step| step.is(kind)).map(|step| step.at);
        let done = |kind| {
            let is_done = |step: &&Step| step.is(kind) && step.outcome == AuditOutcome::Success;
            steps.iter().find(is_done).map(|step| step.at)
        };
        if first(AuditKind::KeyRecoveryOpening).is_none() {
            return Err("its keys were not opened, so there is nothing to give a receipt for".to_owned());
        }
        Ok(Self {
            request: request.id,
            fingerprint: request.fingerprint().to_string(),
            requester: request.requester,
            machine: request.installation_name,
            case_number: request.case_number,
            legal_basis: request.legal_basis,
            reason: request.reason,
            wanted: request.wanted,
            keys: request.keys,
            needed: request.approvals,
            asked_at: request.created_at,
            opened_at: [AuditKind::KeyRecoveryRequestProcessed, AuditKind::KeyRearchivalRequestProcessed]
                .into_iter()
                .filter_map(done)
                .min(),
            closed_at: first(AuditKind::KeyRecoveryRequestClosed),
            steps,
        })
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        let mut lines = vec![
            format!("receipt for recovery request {}, fingerprint {}", self.request, self.fingerprint),
            format!("asked by:  {} on {}, at the machine `{}`", self.requester, self.asked_at, self.machine),
            format!("case:      {}", self.case_number),
            format!("basis:     {}", self.legal_basis),
            format!("reason:    {}", self.reason),
            format!(
                "{} {}",
                if self.opened_at.is_some() { "disclosed:" } else { "wanted:   " },
                self.wanted.describe()
            ),
            format!("opened:    {}", moment(self.opened_at, "no, it was tried only")),
            format!("closed:    {}", moment(self.closed_at, "no")),
            "keys of:".to_owned(),
        ];
        lines.extend(
            self.keys.iter().map(|key| format!("  {} ({}), {}", key.mail, key.subject, key.thumbprint)),
        );
        lines.push(format!("agreed ({} had to):", self.needed));
        lines.extend(self.agreed().map(|step| format!("  {} by {}: {}", step.at, step.actor, step.remark)));
        lines.push("on record:".to_owned());
        for step in &self.steps {
            let outcome = match step.outcome {
                AuditOutcome::Success => "",
                AuditOutcome::Failure => ", FAILED",
            };
            let entries: Vec<String> = step.entries.iter().map(i64::to_string).collect();
            lines.push(format!(
                "  {} {}{outcome} by {}, entry {}",
                step.at,
                step.kind,
                step.actor,
                entries.join(", ")
            ));
        }
        lines.join("\n")
    }

    fn agreed(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.is(AuditKind::KeyRecoveryApprovalProcessed))
    }

    /// Whose keys, each once.
    pub(crate) fn owners(&self) -> Vec<&str> {
        let mut owners: Vec<&str> = Vec::new();
        for key in &self.keys {
            if !owners.iter().any(|owner| owner.eq_ignore_ascii_case(&key.mail)) {
                owners.push(&key.mail);
            }
        }
        owners
    }

    /// What happened to an owner's key, in a line.
    fn subject(&self) -> &'static str {
        match self.opened_at {
            None => "Somebody tried to recover your archived key",
            Some(_) if self.wanted.discloses() => "Your archived key was recovered",
            Some(_) => "Your archived key was sealed anew",
        }
    }

    /// A text for one of the owners, which says nothing of anybody else's keys. `None` when no key is theirs.
    pub(crate) fn notice(&self, owner: &str) -> Option<String> {
        let own: Vec<&AskedKey> =
            self.keys.iter().filter(|key| key.mail.eq_ignore_ascii_case(owner)).collect();
        let to = &own.first()?.mail;
        let mut lines = vec![
            format!("To: {to}"),
            format!("Subject: {} (case {})", self.subject(), self.case_number),
            String::new(),
        ];
        match (self.opened_at, &self.wanted) {
            (None, _) => {
                lines.push("Somebody tried to recover the archived key that decrypts your mail.".to_owned());
                lines.push("It was not opened, and nothing was handed out.".to_owned());
            }
            (Some(at), wanted) => {
                let what = if wanted.discloses() { "recovered" } else { "sealed anew" };
                lines.push(format!("The archived key that decrypts your mail was {what} on {at}."));
                lines.push(match wanted {
                    Wanted::DecryptedMails => {
                        "Mails that were given were decrypted with it. The key itself was not handed out."
                            .to_owned()
                    }
                    Wanted::OwnersDevices => "It goes to your own devices again, and to nobody else.".to_owned(),
                    Wanted::SealedAnew { set, .. } => format!(
                        "It was sealed to other recovery agents, those of the set `{set}`, and handed out to nobody."
                    ),
                    Wanted::FileForOwner => "It was written into a file for you, with a password.".to_owned(),
                    Wanted::FileForOther { to } => format!(
                        "It was written into a file, with a password, for somebody else: {to}.\nWhoever has both can read all \
                         mail that was ever encrypted to you with this key."
                    ),
                });
            }
        }
        lines.push(String::new());
        lines.push(format!("Asked by:  {}, on {}", self.requester, self.asked_at));
        lines.push(format!("Case:      {}", self.case_number));
        lines.push(format!("Basis:     {}", self.legal_basis));
        lines.push(format!("Reason:    {}", self.reason));
        lines.push(format!(
            "Agreement: it takes {} besides whoever asks",
            if self.needed == 1 { "1 officer".to_owned() } else { format!("{} officers", self.needed) }
        ));
        lines.push(format!("Request:   {}", self.request));
        lines.push(String::new());
        lines.push("Certificates:".to_owned());
        lines.extend(own.iter().map(|key| format!("  {}, SHA-1 {}", key.subject, key.thumbprint)));
        lines.push(String::new());
        lines.push(
            "No certificate was revoked by this, and you need not do anything. If you think that it"
                .to_owned(),
        );
        lines.push("was not right, answer to whoever sent you this and name the request.".to_owned());
        lines.push(String::new());
        Some(lines.join("\n"))
    }
}

impl Step {
    /// Whether it is one deed that was recorded for another key.
    fn is_same(&self, next: &Self) -> bool {
        self.kind == next.kind
            && self.outcome == next.outcome
            && self.actor == next.actor
            && self.remark == next.remark
            && !self.keys.contains(&next.keys[0])
    }
}

fn moment(at: Option<Timestamp>, otherwise: &str) -> String {
    at.map_or_else(|| otherwise.to_owned(), |at| at.to_string())
}
