//! A content key that only several recovery agents together can unwrap.
//!
//! ```text
//!  content ──AES-256-GCM── content key ──AES-256-GCM── quorum key ──Shamir m of n── share ──CMS── officer 1
//!                                            │                                      share ──CMS── officer 2
//!                          authenticated: m, who the officers are, whose key it is,  …
//!                          a number
//! ```
//!
//! In the envelope it is one `OtherRecipientInfo` (RFC 5652 section 6.2.5), so that every CMS reader still reads the rest.
//! The quorum key is split over GF(256) (Shamir, *How to share a secret*, 1979): fewer shares than the threshold are
//! consistent with every key. Whoever changes the threshold, the number of officers or one of them in a stored envelope
//! changes what is authenticated: the content key then unwraps no more. Each share is bound to its policy and its place,
//! so that a share of another envelope is told as such.

use blahaj::Sharks;
use openssl::rand::rand_priv_bytes;
use openssl::symm::Cipher;
use zeroize::Zeroizing;

use crate::SealingAgents;
use crate::asn1::{Flaw, INTEGER, OCTET_STRING, OID, Reader, SEQUENCE, tlv};
use crate::certificate::{X509Certificate, sha256};
use crate::envelope::{NONCE_SIZE, TAG_SIZE};
use crate::error::CryptoError;
use crate::open::{Envelope, decrypt};
use crate::recipients::Recipient;
use crate::seal::{CONTENT_KEY_SIZE, bound_content, bound_prefix, encrypt, new_content_key, seal_content};

const ENVELOPE: &str = "a sealed envelope (CMS)";
const SPLITTING: &str = "splitting a content key";

/// The most officers a quorum may have: more cannot be brought together, and their combinations stay few.
pub const MOST_OFFICERS: usize = 16;

/// The most shares that are tried together; the choices among more would take too long.
pub const MOST_SHARES: usize = 24;

/// `oriType`: an object identifier from a UUID (ITU-T X.667), 2.25.147691599231551810706242332651541362628.
const ID_QUORUM: [u8; 20] = [
    0x69, 0x81, 0xde, 0x9c, 0xaf, 0x82, 0xd3, 0xd0, 0xda, 0xb1, 0xaf, 0x8a, 0xb0, 0xca, 0xef, 0xde, 0x9d,
    0x87, 0xef, 0x44,
];
/// Octets of the number that makes each policy another one.
const NUMBER_SIZE: usize = 16;

/// Those of whom several together open an envelope.
///
/// ```text
/// Quorum ::= SEQUENCE { policy Policy, shares SEQUENCE OF OCTET STRING, nonce OCTET STRING, wrappedKey OCTET STRING }
/// Policy ::= SEQUENCE { threshold INTEGER, number OCTET STRING, subject OCTET STRING, officers SEQUENCE OF OCTET STRING }
/// ```
/// Each share is a CMS `AuthEnvelopedData`; an officer is the SHA-256 of a certificate; the subject is the SHA-256 of the public
/// key (`SubjectPublicKeyInfo`) of the private key that is sealed, so that an envelope in the place of another is told before
/// anything is given for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quorum {
    threshold: u8,
    subject: [u8; 32],
    officers: Vec<[u8; 32]>,
    /// The policy as it was written and authenticated.
    policy: Vec<u8>,
    shares: Vec<Vec<u8>>,
    nonce: [u8; NONCE_SIZE],
    wrapped_key: Vec<u8>,
}

/// One officer's share, still sealed to the officer.
#[derive(Clone, Debug)]
pub struct SealedShare {
    envelope: Envelope,
    context: String,
    place: u8,
}

/// One officer's share. Alone it says nothing about the content key.
#[derive(Clone)]
pub struct Share {
    /// Place and ordinates, as the library writes them.
    bytes: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Share {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Share({})", self.place())
    }
}

impl Share {
    const SIZE: usize = 1 + CONTENT_KEY_SIZE;

    /// Reads what [`Self::as_bytes`] gave.
    ///
    /// # Errors
    /// `Tampered` for everything else.
    pub fn from_bytes(bytes: Zeroizing<Vec<u8>>) -> Result<Self, CryptoError> {
        if bytes.len() != Self::SIZE || bytes.first() == Some(&0) {
            return Err(CryptoError::Tampered);
        }
        Ok(Self { bytes })
    }

    /// For sealing it to somebody else.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Which officer's, counted from 1.
    pub fn place(&self) -> u8 {
        self.bytes.first().copied().unwrap_or(0)
    }
}

impl SealedShare {
    /// What the officer's key has to unwrap; `None` when the envelope of the share is not to that certificate.
    pub fn recipient_for(&self, officer: &X509Certificate) -> Option<&Recipient> {
        self.envelope.recipient_for(officer)
    }

    /// Opens the share with the content key that the officer has unwrapped.
    ///
    /// # Errors
    /// `Tampered` also for a share of another envelope, or of another place.
    pub fn open(&self, content_key: &[u8]) -> Result<Share, CryptoError> {
        if !self.envelope.is_authenticated() {
            return Err(CryptoError::Tampered);
        }
        let content = self.envelope.open_with_content_key(content_key)?;
        let share = content.strip_prefix(bound_prefix(&self.context).as_slice());
        let share = Share::from_bytes(Zeroizing::new(share.ok_or(CryptoError::Tampered)?.to_vec()))?;
        if share.place() == self.place { Ok(share) } else { Err(CryptoError::Tampered) }
    }
}

impl Quorum {
    /// How many officers it takes.
    pub const fn threshold(&self) -> u8 {
        self.threshold
    }

    /// Whose private key is sealed: SHA-256 of its public key (`SubjectPublicKeyInfo`). An officer's program believes it as
    /// soon as a share opens, because the share is bound to it.
    pub const fn subject(&self) -> &[u8; 32] {
        &self.subject
    }

    /// The officers, by the SHA-256 of their certificates.
    pub fn officers(&self) -> &[[u8; 32]] {
        &self.officers
    }

    /// In words for people: `2 of 3 officers together (serial 01 of CN=A; …)`.
    pub fn describe(&self) -> String {
        let names: Vec<String> = self
            .shares
            .iter()
            // A share that is to a quorum again is none of ours; how deep it goes is not looked at.
            .map(|share| match Envelope::parse(share) {
                Ok(share) if share.quorum().is_none() => share.describe_recipients(),
                _ => "unreadable".to_owned(),
            })
            .collect();
        format!("{} of {} officers together ({})", self.threshold, self.officers.len(), names.join("; "))
    }

    /// Whether each share takes its officer's ML-KEM key as well.
    pub fn is_hybrid(&self) -> bool {
        self.shares.iter().all(|share| {
            Envelope::parse(share).is_ok_and(|share| share.quorum().is_none() && share.is_hybrid())
        })
    }

    /// The share of the officer with this certificate; `None` when the certificate is no officer's.
    ///
    /// # Errors
    /// `Malformed` when the share is not an envelope.
    pub fn share_for(&self, officer: &X509Certificate) -> Result<Option<SealedShare>, CryptoError> {
        let digest = officer.sha256();
        let Some(index) = self.officers.iter().position(|officer| *officer == digest) else {
            return Ok(None);
        };
        let Some(share) = self.shares.get(index) else { return Ok(None) };
        let envelope = Envelope::parse(share)?;
        if envelope.quorum().is_some() {
            return Err(Flaw::Missing("a share to one officer").of(ENVELOPE));
        }
        Ok(Some(SealedShare { envelope, context: context(&self.policy, index), place: place(index) }))
    }

    /// The content key, from shares of at least [`Self::threshold`] different officers, and which of the shares are true:
    /// by their index. Shares that do not fit do no harm, several under one officer's name neither: as long as enough true
    /// ones are there, they are found.
    ///
    /// # Errors
    /// `Unfit` for shares of fewer officers and for more than [`MOST_SHARES`]; `Tampered` when no choice of them unwraps the
    /// content key: a share is not of this envelope, or its threshold, officers or wrapped key were altered.
    pub fn combine(&self, shares: &[Share]) -> Result<(Zeroizing<Vec<u8>>, Vec<usize>), CryptoError> {
        let mut places: Vec<u8> = shares.iter().map(Share::place).collect();
        places.sort_unstable();
        places.dedup();
        let needed = usize::from(self.threshold);
        if places.len() < needed || shares.len() > MOST_SHARES {
            return Err(CryptoError::Unfit {
                what: format!("{} shares of {} officers", shares.len(), places.len()),
                why: format!("it takes those of {needed} different officers, and at most {MOST_SHARES}"),
            });
        }
        let mut chosen = Vec::with_capacity(needed);
        let key = self.choose(shares, 0, &mut chosen).ok_or(CryptoError::Tampered)?;
        // Whoever else gave a true share agreed too: it unwraps in the place of one that is known to be true.
        let is_true = |index: &usize| {
            let others = chosen.iter().filter(|known| shares[**known].place() != shares[*index].place());
            let mut with: Vec<&Share> = others.take(needed - 1).map(|known| &shares[*known]).collect();
            with.push(&shares[*index]);
            chosen.contains(index) || self.unwrap_with(&with).is_some()
        };
        let fitting = (0..shares.len()).filter(is_true).collect();
        Ok((key, fitting))
    }

    /// The first choice of shares of different places, in order, that unwraps; which it was stands in `chosen`.
    fn choose(&self, shares: &[Share], from: usize, chosen: &mut Vec<usize>) -> Option<Zeroizing<Vec<u8>>> {
        if chosen.len() == usize::from(self.threshold) {
            let picked: Vec<&Share> = chosen.iter().map(|index| &shares[*index]).collect();
            return self.unwrap_with(&picked);
        }
        for next in from..shares.len() {
            if chosen.iter().any(|index| shares[*index].place() == shares[next].place()) {
                continue;
            }
            chosen.push(next);
            let found = self.choose(shares, next + 1, chosen);
            if found.is_some() {
                return found;
            }
            chosen.pop();
        }
        None
    }

    fn unwrap_with(&self, shares: &[&Share]) -> Option<Zeroizing<Vec<u8>>> {
        let shares: Vec<blahaj::Share> = shares
            .iter()
            .map(|share| blahaj::Share::try_from(share.as_bytes()))
            .collect::<Result<_, _>>()
            .ok()?;
        let quorum_key = Zeroizing::new(Sharks(self.threshold).recover(&shares).ok()?);
        let (ciphertext, tag) = self.wrapped_key.split_at_checked(CONTENT_KEY_SIZE)?;
        decrypt(Cipher::aes_256_gcm(), &quorum_key, &self.nonce, Some((&self.policy, tag)), ciphertext).ok()
    }

    /// Reads the contents of an `OtherRecipientInfo`; `None` when it is of another kind.
    pub(crate) fn read(info: &[u8]) -> Result<Option<Self>, Flaw> {
        let mut fields = Reader::new(info);
        if fields.expect(OID, "the kind of a recipient")?.contents != ID_QUORUM {
            return Ok(None);
        }
        let mut quorum = Reader::new(fields.expect(SEQUENCE, "a quorum")?.contents);
        fields.finish()?;
        let policy = quorum.expect(SEQUENCE, "the policy of a quorum")?;
        let shares = octet_strings(quorum.expect(SEQUENCE, "the shares of a quorum")?.contents)?;
        let nonce = quorum.expect(OCTET_STRING, "the nonce of a quorum")?.contents;
        let wrapped_key = quorum.expect(OCTET_STRING, "the wrapped key of a quorum")?.contents;
        quorum.finish()?;

        let mut fields = Reader::new(policy.contents);
        let threshold = fields.expect(INTEGER, "the threshold of a quorum")?.contents;
        let number = fields.expect(OCTET_STRING, "the number of a quorum")?.contents;
        let subject = fields.expect(OCTET_STRING, "the subject of a quorum")?.contents;
        let officers = octet_strings(fields.expect(SEQUENCE, "the officers of a quorum")?.contents)?;
        fields.finish()?;
        let &[threshold] = threshold else { return Err(Flaw::Missing("a sensible threshold of a quorum")) };
        let officers: Vec<[u8; 32]> = officers
            .iter()
            .map(|officer| officer.as_slice().try_into())
            .collect::<Result<_, _>>()
            .map_err(|_| Flaw::Missing("the officers of a quorum"))?;
        let subject = subject.try_into().map_err(|_| Flaw::Missing("the subject of a quorum"))?;
        let nonce = nonce.try_into().map_err(|_| Flaw::Missing("the nonce of a quorum"))?;
        let is_sensible = fits(threshold, officers.len())
            && shares.len() == officers.len()
            && number.len() == NUMBER_SIZE
            && wrapped_key.len() == CONTENT_KEY_SIZE + TAG_SIZE;
        if !is_sensible {
            return Err(Flaw::Missing("a sensible quorum"));
        }
        let policy = policy.whole.to_vec();
        Ok(Some(Self {
            threshold,
            subject,
            officers,
            policy,
            shares,
            nonce,
            wrapped_key: wrapped_key.to_vec(),
        }))
    }
}

/// The `OtherRecipientInfo` by which `threshold` of these agents together unwrap the content key. Where they have ML-KEM
/// keys, each share is sealed hybrid.
///
/// # Errors
/// `Unfit` unless there are 2 to [`MOST_OFFICERS`] different officers and the threshold is from 2 to their number; for their
/// keys as [`crate::seal::seal`].
pub(crate) fn recipient_info(
    content_key: &[u8],
    subject: &[u8; 32],
    agents: &SealingAgents,
    threshold: u8,
) -> Result<Vec<u8>, CryptoError> {
    let officers = &agents.certificates;
    let unfit = |why: String| CryptoError::Unfit { what: "a quorum of recovery agents".to_owned(), why };
    if !fits(threshold, officers.len()) {
        return Err(unfit(format!(
            "{threshold} of {} cannot be; it takes 2 to {MOST_OFFICERS} officers and a threshold of 2 up to their number",
            officers.len()
        )));
    }
    let digests: Vec<[u8; 32]> = officers.iter().map(X509Certificate::sha256).collect();
    let keys = officers.iter().map(X509Certificate::spki_sha256).collect::<Result<Vec<_>, _>>()?;
    if (1..keys.len()).any(|index| keys[..index].contains(&keys[index])) {
        return Err(unfit("two of the officers have the same key, and would be one".to_owned()));
    }
    let mut number = [0_u8; NUMBER_SIZE];
    rand_priv_bytes(&mut number).map_err(CryptoError::library(SPLITTING))?;
    let listed: Vec<u8> = digests.iter().flat_map(|digest| tlv(OCTET_STRING, digest)).collect();
    let parts = [
        tlv(INTEGER, &[threshold]),
        tlv(OCTET_STRING, &number),
        tlv(OCTET_STRING, subject),
        tlv(SEQUENCE, &listed),
    ];
    let policy = tlv(SEQUENCE, &parts.concat());

    let quorum_key = new_content_key()?;
    let (nonce, ciphertext, tag) = encrypt(&*quorum_key, &policy, content_key)?;
    let mut shares = Vec::new();
    for (index, (officer, share)) in officers.iter().zip(Sharks(threshold).dealer(&*quorum_key)).enumerate() {
        let bytes = Zeroizing::new(Vec::from(&share));
        let share_key = new_content_key()?;
        let info = agents.recipient_info(&*share_key, officer, index)?;
        let sealed = seal_content(&*share_key, &bound_content(&context(&policy, index), &bytes), vec![info])?;
        shares.extend_from_slice(&tlv(OCTET_STRING, &sealed));
    }
    let parts = [
        policy,
        tlv(SEQUENCE, &shares),
        tlv(OCTET_STRING, &nonce),
        tlv(OCTET_STRING, &[ciphertext.as_slice(), &tag].concat()),
    ];
    Ok(tlv(0xa4, &[tlv(OID, &ID_QUORUM), tlv(SEQUENCE, &parts.concat())].concat()))
}

/// Whether so many of so many make a quorum.
pub const fn fits(threshold: u8, officers: usize) -> bool {
    2 <= threshold && threshold as usize <= officers && officers <= MOST_OFFICERS
}

/// What the share at this index is bound to.
fn context(policy: &[u8], index: usize) -> String {
    format!("share {} of quorum {}", place(index), hex::encode(sha256(policy)))
}

/// Shares are counted from 1: the one at 0 would be the key itself.
fn place(index: usize) -> u8 {
    u8::try_from(index + 1).unwrap_or(u8::MAX)
}

fn octet_strings(contents: &[u8]) -> Result<Vec<Vec<u8>>, Flaw> {
    let mut reader = Reader::new(contents);
    let mut found = Vec::new();
    while !reader.is_at_end() {
        if found.len() == MOST_OFFICERS {
            return Err(Flaw::Missing("a sensible number of officers"));
        }
        found.push(reader.expect(OCTET_STRING, "a part of a quorum")?.contents.to_vec());
    }
    Ok(found)
}
