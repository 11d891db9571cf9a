//! Opens envelopes: the one place where a secret comes back out (RFC 5083, RFC 5652).
//!
//! Reading, unwrapping the content key and decrypting are three calls, so that a smartcard or a key vault can
//! do the middle one. The padding is what the envelope says, never found by trial. Every failure after
//! reading is the one error [`CryptoError::Tampered`], so that nothing is learnt from how it failed (RFC
//! 3218).

use const_oid::ObjectIdentifier;
use openssl::encrypt::Decrypter;
use openssl::error::ErrorStack;
use openssl::pkey::Id;
use openssl::rsa::Padding;
use openssl::symm::{Cipher, Crypter, Mode};
use zeroize::Zeroizing;

use crate::agree;
use crate::asn1::{self, Element, Flaw, INTEGER, OCTET_STRING, OID, Reader, SEQUENCE, SET};
use crate::certificate::X509Certificate;
use crate::envelope::{ID_AES_256_GCM, ID_AUTH_ENVELOPED_DATA, ID_DATA, ID_ENVELOPED_DATA, NONCE_SIZE};
use crate::error::CryptoError;
use crate::key::{PrivateKey, kind_of};

use crate::quorum::Quorum;
use crate::recipients::{Recipients, recipients};

pub use crate::envelope::KeyEncryption;
pub use crate::message::ContentKind;
pub use crate::recipients::{Recipient, RecipientIdentifier, WrappedKey};
pub use model::kra::HybridKey;

const ENVELOPE: &str = "a sealed envelope (CMS)";

const ID_AES_128_GCM: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.6");
const ID_AES_128_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.2");
const ID_AES_192_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.22");
const ID_AES_256_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.42");
/// `des-ede3-cbc`: what Windows CAs encrypted with by default. Opened, never written.
const ID_TRIPLE_DES_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.3.7");

/// The shortest GCM tag that is believed; RFC 5084 also allows 12 to 15 octets, which other programs write.
const SHORTEST_TAG: usize = 12;
const LONGEST_TAG: usize = 16;
/// Octets of the content that are in memory at once while it is only verified.
const PASSING: usize = 64;

/// How the content is encrypted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum ContentEncryption {
    Aes128Gcm,
    Aes256Gcm,
    Aes128Cbc,
    Aes192Cbc,
    Aes256Cbc,
    TripleDesCbc,
}

impl ContentEncryption {
    fn read(oid: &[u8]) -> Option<Self> {
        let known = [
            (ID_AES_128_GCM, Self::Aes128Gcm),
            (ID_AES_256_GCM, Self::Aes256Gcm),
            (ID_AES_128_CBC, Self::Aes128Cbc),
            (ID_AES_192_CBC, Self::Aes192Cbc),
            (ID_AES_256_CBC, Self::Aes256Cbc),
            (ID_TRIPLE_DES_CBC, Self::TripleDesCbc),
        ];
        known.into_iter().find(|(id, _)| id.as_bytes() == oid).map(|(_, encryption)| encryption)
    }

    fn cipher(self) -> Cipher {
        match self {
            Self::Aes128Gcm => Cipher::aes_128_gcm(),
            Self::Aes256Gcm => Cipher::aes_256_gcm(),
            Self::Aes128Cbc => Cipher::aes_128_cbc(),
            Self::Aes192Cbc => Cipher::aes_192_cbc(),
            Self::Aes256Cbc => Cipher::aes_256_cbc(),
            Self::TripleDesCbc => Cipher::des_ede3_cbc(),
        }
    }

    const fn key_size(self) -> usize {
        match self {
            Self::Aes128Gcm | Self::Aes128Cbc => 16,
            Self::Aes192Cbc | Self::TripleDesCbc => 24,
            Self::Aes256Gcm | Self::Aes256Cbc => 32,
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Aes128Gcm => "AES-128-GCM",
            Self::Aes256Gcm => "AES-256-GCM",
            Self::Aes128Cbc => "AES-128-CBC",
            Self::Aes192Cbc => "AES-192-CBC",
            Self::Aes256Cbc => "AES-256-CBC",
            Self::TripleDesCbc => "Triple DES",
        }
    }

    const fn is_authenticated(self) -> bool {
        matches!(self, Self::Aes128Gcm | Self::Aes256Gcm)
    }

    /// Octets of a block, and so of the initialisation vector of CBC.
    const fn block_size(self) -> usize {
        if matches!(self, Self::TripleDesCbc) { 8 } else { 16 }
    }
}

/// An envelope that has been read and not opened.
#[derive(Clone, Debug)]
pub struct Envelope {
    recipients: Recipients,
    encryption: ContentEncryption,
    /// Nonce of GCM, initialisation vector of CBC.
    initial: Vec<u8>,
    ciphertext: Vec<u8>,
    /// What GCM authenticates beside the ciphertext.
    associated: Vec<u8>,
    /// GCM's tag; empty for CBC.
    tag: Vec<u8>,
    /// What the content is, by the envelope's word.
    content_kind: ContentKind,
}

impl Envelope {
    /// Reads a CMS `ContentInfo` (DER or BER) with `AuthEnvelopedData` under AES-GCM, or `EnvelopedData`
    /// under AES-CBC or Triple DES.
    ///
    /// # Errors
    /// `Malformed` for other bytes, `Unsupported` for content encrypted in another way.
    pub fn parse(cms: &[u8]) -> Result<Self, CryptoError> {
        let definite = asn1::definite(cms).map_err(|flaw| flaw.of(ENVELOPE))?;
        let (authenticated, data) = content_info(&definite).map_err(|flaw| flaw.of(ENVELOPE))?;
        Self::read(data, authenticated, Some(&ID_DATA))
    }

    /// Reads the fields of `AuthEnvelopedData` or `EnvelopedData` with definite lengths, whose content is of the type
    /// `kind`, or of any.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub(crate) fn read(
        data: &[u8],
        authenticated: bool,
        kind: Option<&ObjectIdentifier>,
    ) -> Result<Self, CryptoError> {
        let fields = Fields::read(data, authenticated).map_err(|flaw| flaw.of(ENVELOPE))?;
        let recipients = recipients(fields.recipients).map_err(|flaw| flaw.of(ENVELOPE))?;
        let content = Content::read(fields.content, kind).map_err(|flaw| flaw.of(ENVELOPE))?;

        let encryption = ContentEncryption::read(content.algorithm)
            .filter(|encryption| encryption.is_authenticated() == authenticated)
            .ok_or_else(|| CryptoError::Unsupported {
                algorithm: format!("content encrypted with {}", oid_text(content.algorithm)),
                hint: "envelopes are opened with AES-GCM (AuthEnvelopedData), AES-CBC or Triple DES (EnvelopedData)",
            })?;
        let (initial, tag_size) =
            initial_value(encryption, content.parameters).map_err(|flaw| flaw.of(ENVELOPE))?;
        if authenticated
            && (fields.tag.len() != tag_size || !(SHORTEST_TAG..=LONGEST_TAG).contains(&tag_size))
        {
            return Err(Flaw::Missing("an authentication tag of 12 to 16 octets").of(ENVELOPE));
        }
        Ok(Self {
            recipients,
            encryption,
            initial: initial.to_vec(),
            ciphertext: content.ciphertext,
            associated: fields.associated,
            tag: fields.tag.to_vec(),
            content_kind: ContentKind::read(content.kind),
        })
    }

    /// What the content is, by the envelope's word.
    pub const fn content_kind(&self) -> ContentKind {
        self.content_kind
    }

    /// The cipher's name for people.
    pub const fn cipher_label(&self) -> &'static str {
        self.encryption.label()
    }

    /// Those who can open it, each by himself, as far as their kind and algorithm are supported here.
    pub fn recipients(&self) -> &[Recipient] {
        &self.recipients.each
    }

    /// Those of whom it takes several together to open it.
    pub fn quorum(&self) -> Option<&Quorum> {
        self.recipients.quorum.as_ref()
    }

    /// The recipient that is this certificate.
    pub fn recipient_for(&self, certificate: &X509Certificate) -> Option<&Recipient> {
        self.recipients.each.iter().find(|recipient| recipient.is(certificate))
    }

    /// Whether alterations are detected. Where they are not (CBC), check the result against something
    /// known, such as the public key of the certificate.
    pub fn is_authenticated(&self) -> bool {
        self.encryption.is_authenticated()
    }

    /// Those who can open it, in words for people.
    pub fn describe_recipients(&self) -> String {
        let mut texts: Vec<String> = self.recipients.each.iter().map(Recipient::describe).collect();
        texts.extend(self.recipients.quorum.as_ref().map(Quorum::describe));
        if self.recipients.others > 0 {
            texts.push(format!("{} by means that are not supported here", self.recipients.others));
        }
        if texts.is_empty() { "nobody".to_owned() } else { texts.join("; ") }
    }

    /// How many are named whose kind or algorithm is not opened here.
    pub const fn other_recipients(&self) -> usize {
        self.recipients.others
    }

    /// Whether nobody opens it without an ML-KEM key.
    pub fn is_hybrid(&self) -> bool {
        self.recipients.others == 0
            && !self.names_nobody()
            && self.recipients.each.iter().all(|recipient| recipient.wrapped.is_hybrid())
            && self.recipients.quorum.as_ref().is_none_or(Quorum::is_hybrid)
    }

    /// Whether nobody at all can open it.
    pub fn names_nobody(&self) -> bool {
        self.recipients.each.is_empty() && self.recipients.quorum.is_none() && self.recipients.others == 0
    }

    /// Decrypts the content.
    ///
    /// # Errors
    /// `Tampered` whatever the cause: a wrong content key, or altered content.
    pub fn open_with_content_key(&self, content_key: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        if content_key.len() != self.encryption.key_size() {
            return Err(CryptoError::Tampered);
        }
        self.decrypt(content_key).map_err(|_| CryptoError::Tampered)
    }

    /// Whether this content key opens the content, and the content is what was sealed. The content is not kept: it passes
    /// through a buffer of a few octets that is wiped.
    pub(crate) fn is_opened_by(&self, content_key: &[u8]) -> bool {
        let verify = || -> Result<(), ErrorStack> {
            let cipher = self.encryption.cipher();
            let mut crypter = Crypter::new(cipher, Mode::Decrypt, content_key, Some(&self.initial))?;
            crypter.aad_update(&self.associated)?;
            let mut passing = Zeroizing::new([0; PASSING + LONGEST_TAG]);
            for piece in self.ciphertext.chunks(PASSING) {
                crypter.update(piece, &mut *passing)?;
            }
            crypter.set_tag(&self.tag)?;
            crypter.finalize(&mut *passing).map(|_| ())
        };
        self.is_authenticated() && content_key.len() == self.encryption.key_size() && verify().is_ok()
    }

    fn decrypt(&self, content_key: &[u8]) -> Result<Zeroizing<Vec<u8>>, ErrorStack> {
        let authentication =
            self.encryption.is_authenticated().then_some((self.associated.as_slice(), self.tag.as_slice()));
        decrypt(self.encryption.cipher(), content_key, &self.initial, authentication, &self.ciphertext)
    }
}

/// Decrypts; with what is authenticated beside the ciphertext, and the tag, for ciphers that authenticate.
pub(crate) fn decrypt(
    cipher: Cipher,
    key: &[u8],
    initial: &[u8],
    authentication: Option<(&[u8], &[u8])>,
    ciphertext: &[u8],
) -> Result<Zeroizing<Vec<u8>>, ErrorStack> {
    let mut crypter = Crypter::new(cipher, Mode::Decrypt, key, Some(initial))?;
    if let Some((associated, _)) = authentication {
        crypter.aad_update(associated)?;
    }
    // One buffer, never grown, so that no copy of the plaintext stays behind unwiped.
    let mut plaintext = Zeroizing::new(vec![0; ciphertext.len() + cipher.block_size()]);
    let mut length = crypter.update(ciphertext, &mut plaintext)?;
    if let Some((_, tag)) = authentication {
        crypter.set_tag(tag)?;
    }
    length += crypter.finalize(&mut plaintext[length..])?;
    plaintext.truncate(length);
    Ok(plaintext)
}

/// Decrypts a content key with the recipient's private key.
///
/// # Errors
/// `Unfit` when the content key was encrypted to a key of the other kind, or to an ML-KEM key as well; `Tampered` for everything that goes wrong in
/// decrypting. With PKCS#1 v1.5 a wrong key or an altered envelope gives no error but random octets;
/// [`Envelope::open_with_content_key`] then says `Tampered`.
pub fn unwrap_content_key(wrapped: &WrappedKey, key: &PrivateKey) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    match (wrapped, key.pkey().id()) {
        (WrappedKey::Transport { algorithm, encrypted_key }, Id::RSA) => {
            decrypt_rsa(*algorithm, encrypted_key, key).map_err(|_| CryptoError::Tampered)
        }
        (WrappedKey::Agreement(agreed), Id::EC) => agree::unwrap_with(agreed, key),
        (WrappedKey::Hybrid(_), _) => Err(CryptoError::Unfit {
            what: "this private key alone".to_owned(),
            why: "the content key was encrypted to the agent's ML-KEM key as well, and both are needed"
                .to_owned(),
        }),
        (WrappedKey::Transport { .. }, _) => Err(other_kind(key, "an RSA key")),
        (WrappedKey::Agreement(_), _) => Err(other_kind(key, "an elliptic-curve key")),
    }
}

fn other_kind(key: &PrivateKey, wanted: &str) -> CryptoError {
    CryptoError::Unfit {
        what: format!("a private key of type {}", kind_of(key.pkey())),
        why: format!("the content key was encrypted to {wanted}"),
    }
}

fn decrypt_rsa(
    algorithm: KeyEncryption,
    encrypted_key: &[u8],
    key: &PrivateKey,
) -> Result<Zeroizing<Vec<u8>>, ErrorStack> {
    let mut decrypter = Decrypter::new(key.pkey())?;
    match crate::envelope::message_digest(algorithm) {
        Some(digest) => {
            decrypter.set_rsa_padding(Padding::PKCS1_OAEP)?;
            decrypter.set_rsa_oaep_md(digest)?;
            decrypter.set_rsa_mgf1_md(digest)?;
        }
        None => decrypter.set_rsa_padding(Padding::PKCS1)?,
    }
    let mut content_key = Zeroizing::new(vec![0; decrypter.decrypt_len(encrypted_key)?]);
    let length = decrypter.decrypt(encrypted_key, &mut content_key)?;
    content_key.truncate(length);
    Ok(content_key)
}

/// Opens an envelope with a key in software.
///
/// # Errors
/// `NotARecipient` names those who can open it; `Unfit` when the key is not that of the certificate;
/// `Tampered` when the content was altered.
pub fn open(
    cms: &[u8],
    key: &PrivateKey,
    certificate: &X509Certificate,
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let envelope = Envelope::parse(cms)?;
    let recipient = envelope.recipient_for(certificate).ok_or_else(|| CryptoError::NotARecipient {
        offered: certificate.subject(),
        recipients: envelope.describe_recipients(),
    })?;
    if key.spki_der()? != certificate.spki_der()? {
        return Err(CryptoError::Unfit {
            what: format!("the private key offered for `{}`", certificate.subject()),
            why: "it is not the key of that certificate".to_owned(),
        });
    }
    envelope.open_with_content_key(&unwrap_content_key(&recipient.wrapped, key)?)
}

/// Opens an envelope that [`crate::seal::seal_bound`] made for `context`, and no other: neither one for another
/// purpose or thing, nor one of a kind that this product does not write.
///
/// # Errors
/// `NotARecipient` names those who can open it; `Tampered` for everything else, so that whoever can exchange envelopes
/// learns nothing from the difference.
pub fn open_bound(
    context: &str,
    cms: &[u8],
    key: &PrivateKey,
    certificate: &X509Certificate,
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let envelope = Envelope::parse(cms).map_err(|_| CryptoError::Tampered)?;
    let recipient = envelope.recipient_for(certificate).ok_or_else(|| CryptoError::NotARecipient {
        offered: certificate.subject(),
        recipients: envelope.describe_recipients(),
    })?;
    let as_written_here =
        matches!(recipient.wrapped, WrappedKey::Transport { algorithm: KeyEncryption::OaepSha256, .. });
    if !envelope.is_authenticated() || !as_written_here {
        return Err(CryptoError::Tampered);
    }
    let content_key = unwrap_content_key(&recipient.wrapped, key).map_err(|_| CryptoError::Tampered)?;
    let content = envelope.open_with_content_key(&content_key).map_err(|_| CryptoError::Tampered)?;
    let secret = content.strip_prefix(crate::seal::bound_prefix(context).as_slice());
    Ok(Zeroizing::new(secret.ok_or(CryptoError::Tampered)?.to_vec()))
}

/// The body of a `ContentInfo`, and whether it is authenticated.
fn content_info(der: &[u8]) -> Result<(bool, &[u8]), Flaw> {
    let outer = Reader::only(der)?;
    if outer.tag != SEQUENCE {
        return Err(Flaw::Missing("the outer sequence"));
    }
    let mut info = Reader::new(outer.contents);
    let kind = info.expect(OID, "the content type")?.contents;
    let authenticated = if kind == ID_AUTH_ENVELOPED_DATA.as_bytes() {
        true
    } else if kind == ID_ENVELOPED_DATA.as_bytes() {
        false
    } else {
        return Err(Flaw::Missing("the type AuthEnvelopedData or EnvelopedData"));
    };
    let body = Reader::only(info.expect(0xa0, "the content")?.contents)?;
    info.finish()?;
    if body.tag != SEQUENCE {
        return Err(Flaw::Missing("the content's sequence"));
    }
    Ok((authenticated, body.contents))
}

/// The fields of `EnvelopedData` (RFC 5652 section 6.1) and `AuthEnvelopedData` (RFC 5083 section 2.1).
struct Fields<'a> {
    recipients: &'a [u8],
    content: &'a [u8],
    associated: Vec<u8>,
    tag: &'a [u8],
}

impl<'a> Fields<'a> {
    fn read(data: &'a [u8], authenticated: bool) -> Result<Self, Flaw> {
        let mut fields = Reader::new(data);
        fields.expect(INTEGER, "the version")?;
        let _originator = fields.optional(0xa0)?;
        let recipients = fields.expect(SET, "the recipients")?.contents;
        let content = fields.expect(SEQUENCE, "the encrypted content")?.contents;
        let mut associated = Vec::new();
        let mut tag: &[u8] = &[];
        if authenticated {
            if let Some(attributes) = fields.optional(0xa1)? {
                // Authenticated in their form as a SET OF, not with the implicit tag (RFC 5083 section 2.2).
                associated = asn1::tlv(SET, attributes.contents);
            }
            tag = fields.expect(OCTET_STRING, "the authentication tag")?.contents;
            let _unauthenticated = fields.optional(0xa2)?;
        } else {
            let _unprotected = fields.optional(0xa1)?;
        }
        fields.finish()?;
        Ok(Self { recipients, content, associated, tag })
    }
}

/// The fields of `EncryptedContentInfo`.
struct Content<'a> {
    kind: &'a [u8],
    algorithm: &'a [u8],
    parameters: Element<'a>,
    ciphertext: Vec<u8>,
}

impl<'a> Content<'a> {
    fn read(info: &'a [u8], kind: Option<&ObjectIdentifier>) -> Result<Self, Flaw> {
        let mut fields = Reader::new(info);
        let found = fields.expect(OID, "the type of the encrypted content")?;
        if kind.is_some_and(|kind| found.contents != kind.as_bytes()) {
            return Err(Flaw::Missing("encrypted content of type id-data"));
        }
        let mut identifier = Reader::new(fields.expect(SEQUENCE, "the content's algorithm")?.contents);
        let algorithm = identifier.expect(OID, "the content's algorithm")?.contents;
        let parameters = identifier.next_element()?;
        identifier.finish()?;
        let encrypted = fields.next_element()?;
        fields.finish()?;
        let ciphertext = match encrypted.tag {
            0x80 => encrypted.contents.to_vec(),
            // Written in pieces (BER).
            0xa0 => asn1::join_octets(encrypted.contents)?,
            _ => return Err(Flaw::Missing("the encrypted content")),
        };
        Ok(Self { kind: found.contents, algorithm, parameters, ciphertext })
    }
}

/// Nonce or initialisation vector, and the length of the tag.
fn initial_value(encryption: ContentEncryption, parameters: Element<'_>) -> Result<(&[u8], usize), Flaw> {
    if !encryption.is_authenticated() {
        let vector = parameters.contents;
        let fits = parameters.tag == OCTET_STRING && vector.len() == encryption.block_size();
        return if fits {
            Ok((vector, 0))
        } else {
            Err(Flaw::Missing("an initialisation vector of one block"))
        };
    }
    if parameters.tag != SEQUENCE {
        return Err(Flaw::Missing("parameters of AES-GCM"));
    }
    let mut fields = Reader::new(parameters.contents);
    let nonce = fields.expect(OCTET_STRING, "the nonce")?.contents;
    if nonce.len() != NONCE_SIZE {
        return Err(Flaw::Missing("a nonce of 12 octets"));
    }
    let tag_size = match fields.optional(INTEGER)? {
        Some(size) => match size.contents {
            [octets] => usize::from(*octets),
            _ => return Err(Flaw::Missing("a sensible length of the authentication tag")),
        },
        None => SHORTEST_TAG,
    };
    Ok((nonce, tag_size))
}

fn oid_text(oid: &[u8]) -> String {
    ObjectIdentifier::from_bytes(oid).map_or_else(|_| hex::encode(oid), |oid| oid.to_string())
}
