//! What an officer gives: a share, or the content key where any one agent can open, re-encrypted to the one-time key of the
//! request. Needs no database and no network, so that it can be made on a machine without either.

use admit::{Digest, Fleet, Installation};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use crypto::open::{Envelope, Recipient, open_bound};
use crypto::quorum::{SealedShare, Share};
use crypto::seal::seal_bound;
use crypto::{CryptoError, PrivateKey, X509Certificate};
use model::kra::{Signature, SignatureAlgorithm};
use model::text::printable;
use model::{InstallationId, RecoveryBundleId, Timestamp, is_same_person};
use ports::{RecoveryKey, RecoveryKeyError};
use serde::{Deserialize, Serialize};
use store::StoredRecoveryGrant;
use zeroize::Zeroizing;

use super::approve::names_of;
use super::ask::SealedKey;
use super::request::{AskedKey, Request};
use crate::{RecoverError, key_of, unwrap_for};

/// Who gives, and when; signed by the installation at which it was given, or where there is none by the officer's key, and
/// sealed together with what is given.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Statement {
    /// The officer's certificate, DER in base64.
    certificate: String,
    /// Account and machine.
    pub(super) actor: String,
    /// Where it was given, if that belongs to the fleet; there is either this or a bundle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) installation: Option<InstallationId>,
    /// What was answered on a machine that belongs to no fleet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) bundle: Option<RecoveryBundleId>,
    pub(super) at: Timestamp,
    part: Part,
}

/// What was given.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Part {
    Share,
    ContentKey,
}

/// Who gives.
pub(super) struct Giver<'a> {
    pub(super) actor: &'a str,
    pub(super) seat: Seat<'a>,
    pub(super) at: Timestamp,
}

/// Where somebody gives, and so who signs for it.
#[derive(Clone, Copy)]
pub(super) enum Seat<'a> {
    /// An installation of the fleet, which signs.
    Installation(&'a Installation),
    /// Any machine, with a bundle; the officer's key signs.
    Elsewhere(RecoveryBundleId),
}

/// What was given, open, by whom.
pub(super) struct Gift {
    pub(super) officer: X509Certificate,
    pub(super) statement: Statement,
    pub(super) secret: Secret,
}

/// Octets of the number that says how long a part of the content is.
const LENGTH: usize = 4;

/// What was given, open.
pub(super) enum Secret {
    Share(Share),
    ContentKey(Zeroizing<Vec<u8>>),
}

/// What an officer's key has to unwrap.
enum Door {
    Share(Box<SealedShare>, Recipient),
    ContentKey(Recipient),
}

impl Door {
    /// The officer's part of an envelope.
    fn of(envelope: &Envelope, officer: &X509Certificate) -> Result<Self, RecoverError> {
        let share = match envelope.quorum() {
            Some(quorum) => quorum.share_for(officer)?,
            None => None,
        };
        if let Some(share) = share
            && let Some(recipient) = share.recipient_for(officer).cloned()
        {
            return Ok(Self::Share(Box::new(share), recipient));
        }
        match envelope.recipient_for(officer) {
            Some(recipient) => Ok(Self::ContentKey(recipient.clone())),
            None => Err(RecoverError::WrongAgent {
                offered: officer.subject(),
                recipients: envelope.describe_recipients(),
            }),
        }
    }
}

/// Whether this officer has a part in the key.
///
/// # Errors
/// [`RecoverError::WrongAgent`] when not.
pub(super) fn check_part(envelope: &Envelope, officer: &X509Certificate) -> Result<(), RecoverError> {
    Door::of(envelope, officer).map(|_| ())
}

/// Gives an officer's part of one key.
pub(super) async fn give(
    request: &Request,
    asked: &AskedKey,
    archived: &SealedKey,
    agent: &dyn RecoveryKey,
    officer: &X509Certificate,
    giver: &Giver<'_>,
) -> Result<StoredRecoveryGrant, RecoverError> {
    let SealedKey { envelope, leaf } = archived;
    let (part, secret) = match Door::of(envelope, officer)? {
        Door::Share(share, recipient) => {
            let content_key = unwrap_for(agent, &recipient).await?;
            (Part::Share, Zeroizing::new(share.open(&content_key)?.as_bytes().to_vec()))
        }
        Door::ContentKey(recipient) => {
            let content_key = unwrap_for(agent, &recipient).await?;
            // Another's envelope may lie in this one's place: nothing is given before it is seen whose key it holds.
            drop(key_of(&envelope.open_with_content_key(&content_key)?, leaf)?);
            (Part::ContentKey, content_key)
        }
    };
    let (installation, bundle) = match giver.seat {
        Seat::Installation(installation) => (Some(installation.id()), None),
        Seat::Elsewhere(bundle) => (None, Some(bundle)),
    };
    let statement = Statement {
        certificate: BASE64_STANDARD.encode(officer.der()),
        actor: giver.actor.to_owned(),
        installation,
        bundle,
        at: giver.at,
        part,
    };
    let text = serde_json::to_vec(&statement)
        .map_err(|error| RecoverError::NotPossible(format!("the grant cannot be written: {error}")))?;
    let digest = officer.sha256();
    let context = request.grant_context(asked, &digest);
    let message = signed(&context, &text, &secret);
    let signature = match giver.seat {
        Seat::Installation(installation) => installation.key.sign_ps256(&message)?,
        Seat::Elsewhere(_) => {
            let Signature { algorithm, octets } = sign_with(agent, officer, &message).await?;
            [algorithm.name().as_bytes(), &[0], &octets].concat()
        }
    };
    let parts: [&[u8]; 3] = [&text, &signature, &secret];
    let length = parts.iter().map(|part| LENGTH + part.len()).sum();
    let mut content = Zeroizing::new(Vec::with_capacity(length));
    for part in parts {
        content.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        content.extend_from_slice(part);
    }
    let sealed = seal_bound(&context, &content, std::slice::from_ref(&request.one_time))?;
    Ok(StoredRecoveryGrant {
        request: request.id,
        certificate: asked.certificate,
        officer: digest,
        sealed,
        granted_at: giver.at,
    })
}

/// A signature by the officer's own key, which has to be that of the certificate.
pub(super) async fn sign_with(
    agent: &dyn RecoveryKey,
    officer: &X509Certificate,
    message: &[u8],
) -> Result<Signature, RecoverError> {
    let signature = agent.sign(message).await.map_err(|error| {
        if !matches!(error, RecoveryKeyError::Unfit { .. }) {
            return RecoverError::Key(error);
        }
        RecoverError::NotPossible(format!(
            "{error}; what is given without a network is signed by the officer's own key: agree on an installation of the fleet, \
             or let an officer agree whose key may sign"
        ))
    })?;
    if officer.verifies(message, &signature) {
        return Ok(signature);
    }
    Err(RecoverError::NotPossible(format!(
        "{} has signed, and not with the key of `{}`; nothing was given",
        agent.place(),
        officer.subject()
    )))
}

/// What is signed: for which key in which request, by whom, and what.
fn signed(context: &str, statement: &[u8], secret: &[u8]) -> Vec<u8> {
    [b"sealwright grant 1\0", context.as_bytes(), b"\0", statement, b"\0", Digest::of(secret).as_bytes()]
        .concat()
}

/// Opens what an officer gave for one key of this request, and for no other; signed by an installation of the fleet, or by the
/// officer's key.
pub(super) fn open(
    request: &Request,
    asked: &AskedKey,
    grant: &StoredRecoveryGrant,
    one_time: &PrivateKey,
    fleet: &Fleet,
) -> Result<Gift, RecoverError> {
    let context = request.grant_context(asked, &grant.officer);
    let content = open_bound(&context, &grant.sealed, one_time, &request.one_time)?;
    let mut rest: &[u8] = &content;
    let mut parts = Vec::with_capacity(3);
    while let Some((length, behind)) = rest.split_first_chunk::<LENGTH>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| CryptoError::Tampered)?;
        let (part, behind) = behind.split_at_checked(length).ok_or(CryptoError::Tampered)?;
        parts.push(part);
        rest = behind;
    }
    let &[text, signature, secret] = parts.as_slice() else { return Err(CryptoError::Tampered.into()) };
    let statement: Statement = serde_json::from_slice(text).map_err(|_| CryptoError::Tampered)?;
    let officer = BASE64_STANDARD.decode(&statement.certificate).map_err(|_| CryptoError::Tampered)?;
    let officer = X509Certificate::from_der(&officer)?;
    let message = signed(&context, text, secret);
    let is_signed = match (statement.installation, statement.bundle) {
        (Some(installation), None) => fleet
            .member(installation)
            .is_some_and(|member| member.certificate.verifies_ps256(&message, signature)),
        (None, Some(_)) => officers_signature(signature).is_some_and(|own| officer.verifies(&message, &own)),
        (Some(_), Some(_)) | (None, None) => false,
    };
    if !is_signed || officer.sha256() != grant.officer {
        return Err(CryptoError::Tampered.into());
    }
    let secret = Zeroizing::new(secret.to_vec());
    let secret = match statement.part {
        Part::Share => Secret::Share(Share::from_bytes(secret)?),
        Part::ContentKey => Secret::ContentKey(secret),
    };
    Ok(Gift { officer, statement, secret })
}

/// The name of an algorithm, a zero octet, and the signature.
fn officers_signature(stored: &[u8]) -> Option<Signature> {
    let end = stored.iter().position(|octet| *octet == 0)?;
    let (name, octets) = stored.split_at(end);
    let algorithm = SignatureAlgorithm::from_name(std::str::from_utf8(name).ok()?)?;
    Some(Signature { algorithm, octets: octets.get(1..)?.to_vec() })
}

impl Gift {
    /// What its giver is called. Where an installation signed: the account at it. Elsewhere nobody vouches for an account, and
    /// the person is whoever has the officer's key: by the names in its certificate, of which there has to be one.
    fn persons(&self) -> Vec<String> {
        if self.statement.installation.is_some() {
            return vec![self.statement.actor.clone()];
        }
        let mut names = names_of(&self.officer);
        names.push(self.officer.subject());
        names
    }

    /// Who signed it: an installation, or the officer's own key.
    pub(super) fn giver(&self) -> (Option<InstallationId>, [u8; 32]) {
        match self.statement.installation {
            Some(installation) => (Some(installation), [0; 32]),
            None => (None, self.officer.sha256()),
        }
    }

    /// Whether one person gave both, as far as can be told.
    pub(super) fn is_same_persons(&self, other: &Self) -> bool {
        let others = other.persons();
        self.persons().iter().any(|name| others.iter().any(|other| is_same_person(name, other)))
    }

    /// Whether this is what the actor of that name gave.
    pub(super) fn is_by(&self, actor: &str) -> bool {
        // An account elsewhere vouches for nobody, and may still give away whose it is. `root` is everybody's there, so that it
        // tells no two officers apart or together.
        let account = std::iter::once(&self.statement.actor);
        self.persons().iter().chain(account).any(|name| is_same_person(name, actor))
    }

    /// In words for the audit log.
    pub(super) fn describe(&self) -> String {
        let Statement { actor, at, bundle, .. } = &self.statement;
        let place = if bundle.is_some() { "without a network, " } else { "" };
        format!("{} ({place}{}, {at})", self.officer.subject(), printable(actor))
    }
}
