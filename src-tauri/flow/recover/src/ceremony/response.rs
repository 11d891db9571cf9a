//! What an officer without a network answered: read where there is a database, and put beside what others gave.
//!
//! Whoever carries it in does not become one who agreed, and need not be believed: the officer's key has signed it, for one
//! request and one bundle. It is good once; the same again is refused, as what lies in it lies in the database already.

use admit::Digest;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use crypto::X509Certificate;
use crypto::open::open;
use model::kra::{Signature, SignatureAlgorithm};
use model::text::{fitted, printable};
use model::{
    AuditEvent, AuditKind, AuditOutcome, CertificateId, RecoveryBundleId, RecoveryRequestId, Timestamp,
};
use serde::{Deserialize, Serialize};
use store::{StoreError, StoredRecoveryGrant};

use super::approve::Granted;
use super::bundle::{check_time, for_elsewhere, written};
use super::carried::Octets;
use super::desk::Desk;
use super::grant::check_part;
use super::request::{CLOCKS_APART, Request};
use crate::RecoverError;

/// Longest actor that the audit log takes.
const ACTOR: usize = 300;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
enum Format {
    #[serde(rename = "sealwright recovery response 1")]
    One,
}

/// What the officer signs. The names of the fields are part of the format.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Body {
    format: Format,
    bundle: RecoveryBundleId,
    request: RecoveryRequestId,
    /// SHA-256 over the request.
    digest: Digest,
    /// The officer's certificate, DER in base64.
    officer: String,
    /// The account at the machine where it was given.
    actor: String,
    at: Timestamp,
    expires_at: Timestamp,
    /// In the order of the request.
    grants: Vec<Grant>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Grant {
    certificate: CertificateId,
    /// CMS to the request's one-time key.
    sealed: Octets,
}

/// What is carried back, inside of what is sealed to the fleet.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Response {
    body: String,
    /// By the names of RFC 7518.
    algorithm: String,
    signature: Octets,
}

impl Response {
    pub(super) fn of(body: String, signature: Signature) -> Self {
        let algorithm = signature.algorithm.name().to_owned();
        Self { body, algorithm, signature: Octets(signature.octets) }
    }

    fn is_by(&self, officer: &X509Certificate) -> bool {
        SignatureAlgorithm::from_name(&self.algorithm).is_some_and(|algorithm| {
            officer.verifies(self.body.as_bytes(), &Signature { algorithm, octets: self.signature.0.clone() })
        })
    }
}

/// What an officer answers.
pub(super) struct Answer<'a> {
    pub(super) bundle: RecoveryBundleId,
    pub(super) request: RecoveryRequestId,
    pub(super) digest: Digest,
    pub(super) officer: &'a X509Certificate,
    pub(super) actor: &'a str,
    pub(super) at: Timestamp,
    pub(super) expires_at: Timestamp,
    pub(super) grants: Vec<StoredRecoveryGrant>,
}

impl Answer<'_> {
    /// What is to be signed.
    pub(super) fn body(self) -> Result<String, RecoverError> {
        let grants = self
            .grants
            .into_iter()
            .map(|grant| Grant { certificate: grant.certificate, sealed: Octets(grant.sealed) })
            .collect();
        written(&Body {
            format: Format::One,
            bundle: self.bundle,
            request: self.request,
            digest: self.digest,
            officer: BASE64_STANDARD.encode(self.officer.der()),
            actor: self.actor.to_owned(),
            at: self.at,
            expires_at: self.expires_at,
            grants,
        })
    }
}

/// An officer's answer that was taken in.
#[derive(Debug)]
pub struct Imported {
    /// What is given for the request by now.
    pub granted: Granted,
    /// Subject of the officer's certificate.
    pub officer: String,
}

impl Desk<'_> {
    /// Takes in what an officer answered to a bundle. On record before and after, like an approval; so is what is refused, once
    /// it is told for which request it was.
    ///
    /// # Errors
    /// [`RecoverError::NotPossible`] with the reason; nothing is kept then.
    pub async fn import(&self, file: &[u8]) -> Result<Imported, RecoverError> {
        let own = self.gate.installation();
        let content = open(file, &own.key, &own.certificate).map_err(|error| {
            RecoverError::NotPossible(format!(
                "this is no response to a bundle of this fleet that opens here: {error}; take the file that `recovery approve \
                 --bundle` wrote to a machine that belonged to the fleet when the request was exported"
            ))
        })?;
        // A reader's own words would repeat what may be anything.
        let response: Response =
            serde_json::from_slice(&content).map_err(|_| unbelieved("it holds something else"))?;
        let body: Body = serde_json::from_str(&response.body).map_err(|_| unbelieved("it cannot be read"))?;
        let request = self.request(body.request).await?;
        let bundle = body.bundle;
        let (officer, grants) = match self.check_response(&request, &response, body).await {
            Ok(checked) => checked,
            Err(error) => return self.refused(&request, bundle, error).await,
        };
        let subject = printable(&officer.subject());
        let actor = fitted(&format!("{subject}; imported by {}", self.actor), ACTOR);
        let note =
            format!("officer: {subject} (bundle {bundle}, without a network); imported by {}", self.actor);
        let events = |kind, outcome| -> Vec<AuditEvent> {
            let events = self.events(&request, kind, outcome, &note).into_iter();
            events.map(|event| AuditEvent { actor: actor.clone(), ..event }).collect()
        };
        self.record(&events(AuditKind::KeyRecoveryApproval, AuditOutcome::Success)).await?;
        let processed = events(AuditKind::KeyRecoveryApprovalProcessed, AuditOutcome::Success);
        match self.keep(&request, &processed, &grants).await {
            Ok(given) => Ok(Imported { granted: Granted { request, given }, officer: subject }),
            Err(RecoverError::Store(StoreError::Conflict { .. })) => {
                let error = RecoverError::NotPossible(format!(
                    "this response of {subject} was imported before; it is good once, and nothing was added"
                ));
                self.refused(&request, bundle, error).await
            }
            Err(error) => self.refused(&request, bundle, error).await,
        }
    }

    /// Says no, on record: by whoever brought it, as it is not told that the officer did.
    async fn refused<T>(
        &self,
        request: &Request,
        bundle: RecoveryBundleId,
        error: RecoverError,
    ) -> Result<T, RecoverError> {
        let note = format!("response to bundle {bundle}; {error}");
        let kind = AuditKind::KeyRecoveryApprovalProcessed;
        self.record(&self.events(request, kind, AuditOutcome::Failure, &note)).await?;
        Err(error)
    }

    /// Everything about a response that can be told without the request's one-time key.
    async fn check_response(
        &self,
        request: &Request,
        response: &Response,
        body: Body,
    ) -> Result<(X509Certificate, Vec<StoredRecoveryGrant>), RecoverError> {
        let officer = BASE64_STANDARD
            .decode(&body.officer)
            .ok()
            .and_then(|der| X509Certificate::from_der(&der).ok())
            .ok_or_else(|| unbelieved("the officer's certificate in it cannot be read"))?;
        if !response.is_by(&officer) {
            return Err(unbelieved("the officer's signature does not fit what it says"));
        }
        if body.digest != request.digest {
            return Err(unbelieved("it was given for another request"));
        }
        let own = self.gate.installation();
        request.check_open(self.now())?;
        check_time("this response", body.at, body.expires_at, self.now())?;
        if body.at + CLOCKS_APART < request.created_at {
            return Err(RecoverError::NotPossible(format!(
                "this response was given on {}, before the request was made ({}): one of the two clocks is wrong; set it right, \
                 and have the request answered again",
                body.at, request.created_at
            )));
        }
        if request.fleet_size > 1 && request.installation == own.id() {
            return Err(RecoverError::NotPossible(format!(
                "this recovery was asked for on this machine ({}); the response is imported on another one of the fleet",
                request.installation_name
            )));
        }
        for_elsewhere(request, &officer)?;
        self.exclude_subjects(request, &officer, None).await?;
        let archived = self.all_in_archive(request).await?;
        let fits = body.grants.len() == request.keys.len()
            && request
                .keys
                .iter()
                .zip(&body.grants)
                .all(|(asked, grant)| asked.certificate == grant.certificate);
        if !fits {
            return Err(unbelieved("it does not fit the request"));
        }
        let mut grants = Vec::with_capacity(body.grants.len());
        for (key, grant) in archived.iter().zip(body.grants) {
            check_part(&key.sealed.envelope, &officer)?;
            let digest = officer.sha256();
            let is_in_quorum =
                key.sealed.envelope.quorum().is_some_and(|quorum| quorum.officers().contains(&digest));
            if !is_in_quorum && !self.agents.officers.contains(&digest) {
                return Err(unbelieved("its officer is none of the recovery agents"));
            }
            grants.push(StoredRecoveryGrant {
                request: request.id,
                certificate: grant.certificate,
                officer: digest,
                sealed: grant.sealed.0,
                granted_at: body.at,
            });
        }
        Ok((officer, grants))
    }
}

fn unbelieved(why: &str) -> RecoverError {
    RecoverError::NotPossible(format!(
        "this response is not to be believed: {why}; nothing was added. Have the bundle answered again"
    ))
}
