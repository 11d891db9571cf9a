//! Seals what is sealed to other recovery agents: the content key is wrapped anew, the content stays as it is.
//!
//! The sealed private key is not needed for that: of the envelope only the set of recipients changes, octet for octet. Only
//! for a quorum the key is looked at, in memory, because shares are bound to its public key.

use std::collections::BTreeSet;

use crate::agree::{self, KeyDerivation};
use crate::asn1::{self, Flaw, INTEGER, Reader, SEQUENCE, SET, tlv};
use crate::certificate::X509Certificate;
use crate::envelope::ID_AUTH_ENVELOPED_DATA;
use crate::error::CryptoError;
use crate::hybrid;
use crate::open::{Envelope, KeyEncryption, WrappedKey};
use crate::quorum::Quorum;
use crate::{PrivateKey, SealingAgents};

const ENVELOPE: &str = "an archived envelope (CMS AuthEnvelopedData)";

/// The envelope with its content key wrapped to `agents` and to nobody else. Content, nonce and tag stay as they are.
///
/// # Errors
/// `Tampered` unless the content key opens the content as it was sealed: what would not open is not written. `Malformed`
/// for other bytes and for envelopes that do not detect alterations; for the agents as [`SealingAgents::seal`].
pub fn rewrap(cms: &[u8], content_key: &[u8], agents: &SealingAgents) -> Result<Vec<u8>, CryptoError> {
    let envelope = Envelope::parse(cms)?;
    if !envelope.is_opened_by(content_key) {
        return Err(CryptoError::Tampered);
    }
    // Whose key it is is told by the key itself: what the database says of it may be another's.
    let subject = || PrivateKey::from_pkcs8(&envelope.open_with_content_key(content_key)?)?.spki_sha256();
    let mut infos = agents.recipient_infos(content_key, subject)?;
    // DER's order of a SET OF, as where envelopes are made.
    infos.sort_unstable();
    let rewrapped = with_recipients(cms, &infos.concat()).map_err(|flaw| flaw.of(ENVELOPE))?;
    // What replaces the only copy of a key is looked at once more: the same content, for exactly these agents.
    let written = Envelope::parse(&rewrapped)?;
    if written.is_opened_by(content_key) && is_sealed_to(&written, agents) {
        Ok(rewrapped)
    } else {
        Err(CryptoError::Malformed {
            expected: ENVELOPE,
            detail: "it cannot be sealed to these agents: one of their certificates would not be found in it"
                .to_owned(),
        })
    }
}

/// Whether an envelope opens for exactly these agents, and their content keys are wrapped as they would be today.
pub fn is_sealed_to(envelope: &Envelope, agents: &SealingAgents) -> bool {
    if let Some(threshold) = agents.threshold {
        return envelope.recipients().is_empty()
            && envelope.other_recipients() == 0
            && envelope.quorum().is_some_and(|quorum| is_quorum_of(quorum, threshold, agents));
    }
    envelope.recipients().len() == agents.certificates.len()
        && envelope.other_recipients() == 0
        && envelope.quorum().is_none()
        && agents.certificates.iter().enumerate().all(|(index, agent)| {
            let recipient = envelope.recipient_for(agent);
            recipient.is_some_and(|recipient| is_wrapped_for(&recipient.wrapped, agents, index))
        })
}

/// Whether keys are sealed to the same agents, and as hard to open, either way.
pub fn are_same(one: &SealingAgents, other: &SealingAgents) -> bool {
    let members = |agents: &SealingAgents| -> BTreeSet<([u8; 32], Option<Vec<u8>>)> {
        let ml_kem = |index| agents.ml_kem(index).map(|key| key.spki_der().to_vec());
        let each = agents.certificates.iter().enumerate();
        each.map(|(index, agent)| (agent.sha256(), ml_kem(index))).collect()
    };
    one.threshold == other.threshold && members(one) == members(other)
}

/// Whether a content key is wrapped to the agent at this index as it would be today: hybrid where the agents are, and
/// nowhere else.
fn is_wrapped_for(wrapped: &WrappedKey, agents: &SealingAgents, index: usize) -> bool {
    match (wrapped, agents.ml_kem(index)) {
        (WrappedKey::Hybrid(hybrid), Some(key)) => hybrid::is_for(hybrid, key),
        (wrapped, None) => is_of_today(wrapped),
        (_, Some(_)) => false,
    }
}

/// Whether these agents and no others make the quorum, at this threshold, and each has a share that is wrapped as it would be
/// today.
fn is_quorum_of(quorum: &Quorum, threshold: u8, agents: &SealingAgents) -> bool {
    let officers: BTreeSet<[u8; 32]> = quorum.officers().iter().copied().collect();
    let wanted: BTreeSet<[u8; 32]> = agents.certificates.iter().map(X509Certificate::sha256).collect();
    let has_share = |(index, agent): (usize, &X509Certificate)| {
        let share = quorum.share_for(agent).ok().flatten();
        share.is_some_and(|share| {
            let recipient = share.recipient_for(agent);
            recipient.is_some_and(|recipient| is_wrapped_for(&recipient.wrapped, agents, index))
        })
    };
    quorum.threshold() == threshold
        && quorum.officers().len() == agents.certificates.len()
        && officers == wanted
        && agents.certificates.iter().enumerate().all(has_share)
        && quorum.is_hybrid() == agents.is_hybrid()
}

/// What stands for a quorum among the ways in which content keys are wrapped, in words for people.
fn together(threshold: u8, officers: usize, hybrid: bool) -> String {
    format!("{threshold} of {officers} agents together{}", if hybrid { WITH_ML_KEM } else { "" })
}

/// What is added to the name of a way that takes an ML-KEM key as well.
const WITH_ML_KEM: &str = " and ML-KEM-768";

/// How the content key of an envelope is wrapped, in words for people, in their order of the alphabet.
pub fn ways(envelope: &Envelope) -> Vec<String> {
    let each: BTreeSet<&str> = envelope.recipients().iter().map(|one| one.wrapped.label()).collect();
    let mut ways: Vec<String> = each.into_iter().map(str::to_owned).collect();
    ways.extend(
        envelope
            .quorum()
            .map(|quorum| together(quorum.threshold(), quorum.officers().len(), quorum.is_hybrid())),
    );
    if envelope.other_recipients() > 0 {
        ways.push("others".to_owned());
    }
    ways
}

/// How a content key is wrapped to these agents today, in words for people, in their order of the alphabet.
pub fn ways_of_today(agents: &SealingAgents) -> Vec<String> {
    if let Some(threshold) = agents.threshold {
        return vec![together(threshold, agents.certificates.len(), agents.is_hybrid())];
    }
    let is_curve = |agent: &X509Certificate| agent.public_key().is_ok_and(|key| agree::is_fit(&*key));
    let curves = agents.certificates.iter().filter(|agent| is_curve(agent)).count();
    let with = if agents.is_hybrid() { WITH_ML_KEM } else { "" };
    let mut ways = Vec::new();
    if curves > 0 {
        ways.push(format!("ECDH with SHA-256{with}"));
    }
    if curves < agents.certificates.len() {
        ways.push(format!("{}{with}", KeyEncryption::OaepSha256.label()));
    }
    ways
}

/// Whether a content key is wrapped to an agent's certificate alone, as it would be today.
pub(crate) fn is_of_today(wrapped: &WrappedKey) -> bool {
    match wrapped {
        WrappedKey::Transport { algorithm, .. } => *algorithm == KeyEncryption::OaepSha256,
        WrappedKey::Agreement(agreed) => agreed.derivation == KeyDerivation::Sha256,
        WrappedKey::Hybrid(_) => false,
    }
}

/// The same `AuthEnvelopedData` (RFC 5083 section 2.1) with other recipients.
fn with_recipients(cms: &[u8], recipients: &[u8]) -> Result<Vec<u8>, Flaw> {
    let definite = asn1::definite(cms)?;
    let mut info = Reader::new(Reader::only(&definite)?.contents);
    let kind = info.expect(asn1::OID, "the content type")?;
    if kind.contents != ID_AUTH_ENVELOPED_DATA.as_bytes() {
        return Err(Flaw::Missing("the type AuthEnvelopedData"));
    }
    let body = Reader::only(info.expect(0xa0, "the content")?.contents)?;
    let mut fields = Reader::new(body.contents);
    let version = fields.expect(INTEGER, "the version")?;
    // Certificates for the old recipients' benefit; the new ones need none.
    let _originator = fields.optional(0xa0)?;
    fields.expect(SET, "the recipients")?;
    let mut data = [version.whole, &tlv(SET, recipients)].concat();
    // Encrypted content, authenticated attributes, tag: everything that the tag speaks of.
    while !fields.is_at_end() {
        data.extend_from_slice(fields.next_element()?.whole);
    }
    let explicit = tlv(0xa0, &tlv(SEQUENCE, &data));
    Ok(tlv(SEQUENCE, &[kind.whole, &explicit].concat()))
}
