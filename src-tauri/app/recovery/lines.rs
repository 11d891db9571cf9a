//! Requests as the page shows them.

use api::{RecoveryKeyLine, RecoveryLine};
use crypto::X509Certificate;
use model::Timestamp;
use recover::ceremony::{Desk, Listed, Wanted};

/// Names of officers, found by the SHA-256 of their certificates.
pub(super) struct Names(Vec<([u8; 32], String)>);

impl Names {
    /// Of everybody who was ever named as a recovery agent. Nobody vouches for them: they stand beside what was given, and what
    /// counts is told when it is opened.
    pub(super) fn of(agents: &[model::Kra]) -> Self {
        let known = agents.iter().filter_map(|agent| {
            let certificate = X509Certificate::from_der(&agent.certificate_der).ok()?;
            Some((certificate.sha256(), agent.name.clone()))
        });
        Self(known.collect())
    }

    fn name(&self, officer: &[u8; 32]) -> String {
        let known = self.0.iter().find(|(digest, _)| digest == officer);
        known.map_or_else(|| hex::encode(&officer[..8]), |(_, name)| name.clone())
    }
}

/// One request.
pub(super) fn line(desk: &Desk<'_>, listed: &Listed, names: &Names, now: Timestamp) -> RecoveryLine {
    let request = match &listed.request {
        Ok(request) => request,
        Err(error) => {
            return RecoveryLine {
                id: listed.id.to_string(),
                state: listed.standing(now).to_owned(),
                not_believed: Some(error.to_string()),
                ..RecoveryLine::default()
            };
        }
    };
    let agreed = listed.agreed();
    let (wanted, to) = of_wanted(&request.wanted);
    RecoveryLine {
        id: listed.id.to_string(),
        not_believed: None,
        digest: request.digest.to_string(),
        fingerprint: request.fingerprint().to_string(),
        state: listed.standing(now).to_owned(),
        requester: request.requester.clone(),
        machine: request.installation_name.clone(),
        case_number: request.case_number.clone(),
        legal_basis: request.legal_basis.clone(),
        reason: request.reason.clone(),
        wanted: wanted.to_owned(),
        to,
        keys: request
            .keys
            .iter()
            .map(|key| RecoveryKeyLine {
                certificate: key.certificate.to_string(),
                mail: key.mail.clone(),
                subject: key.subject.clone(),
                thumbprint: key.thumbprint.to_string(),
            })
            .collect(),
        needed: request.approvals,
        agreed: u8::try_from(listed.agreement.counted()).unwrap_or(u8::MAX),
        officers: agreed.iter().map(|officer| names.name(officer)).collect(),
        created_at: request.created_at.to_string(),
        expires_at: request.expires_at.to_string(),
        own: desk.is_own(request),
        may_not_agree: desk.check_person(request).err().map(|error| error.to_string()),
    }
}

fn of_wanted(wanted: &Wanted) -> (&'static str, Option<String>) {
    match wanted {
        Wanted::DecryptedMails => ("decryptedMails", None),
        Wanted::OwnersDevices => ("ownersDevices", None),
        Wanted::FileForOwner => ("fileForOwner", None),
        Wanted::FileForOther { to } => ("fileForOther", Some(to.clone())),
        Wanted::SealedAnew { set, version, fingerprint } => {
            ("sealedAnew", Some(format!("{set}, version {version}, {fingerprint}")))
        }
    }
}
