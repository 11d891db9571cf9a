//! Certificates: reading what others issued (RFC 5280), and telling what they say.
//!
//! A certificate is kept as the bytes that came in; nothing here re-encodes it. Reading is no judgement:
//! whether a certificate may be trusted or used is decided by whoever asks.

use std::fmt;

use const_oid::ObjectIdentifier;
use model::{SerialNumber, Thumbprint, Timestamp};
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Public};
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Verifier};
use openssl::x509::{X509, X509NameRef};
use sha1::Digest as _;

use crate::asn1::{self, Element, Flaw, Reader};
use crate::error::CryptoError;
use crate::key::{kind_of, spki_der};

const CERTIFICATE: &str = "an X.509 certificate";

/// Microsoft's `userPrincipalName` otherName, as in [`model::CertificateNames::user_principal_name`].
pub(crate) const UPN_OTHER_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.20.2.3");

/// Identifier octet of the `[n]` alternatives of `GeneralName` (RFC 5280 section 4.2.1.6).
const OTHER_NAME: u8 = 0xa0;
const RFC822_NAME: u8 = 0x81;

const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];
const SUBJECT_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 0x0e];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];

/// The certificates that an S/MIME value carries, CMS `SignedData` in DER (RFC 5652 section 5.1). `None` when it is none. The
/// signature is not verified.
pub fn certificates_in_smime(smime: &[u8]) -> Option<Vec<X509Certificate>> {
    let read = openssl::pkcs7::Pkcs7::from_der(smime).ok()?;
    let certificates = read.signed()?.certificates()?;
    let ders = certificates.iter().filter_map(|one| one.to_der().ok());
    Some(ders.filter_map(|der| X509Certificate::from_der(&der).ok()).collect())
}

/// SHA-256 over `bytes`.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    sha2::Sha256::digest(bytes).into()
}

/// One bit of the `keyUsage` extension (RFC 5280 section 4.2.1.3), in the order of the bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum KeyUsage {
    /// Signatures other than on certificates and revocation lists.
    DigitalSignature,
    /// Signatures that bind their signer (`contentCommitment`).
    NonRepudiation,
    /// Encrypts keys: what S/MIME to RSA needs.
    KeyEncipherment,
    /// Encrypts data directly.
    DataEncipherment,
    /// Agrees on keys: what S/MIME to EC needs.
    KeyAgreement,
    /// Signs certificates.
    KeyCertSign,
    /// Signs revocation lists.
    CrlSign,
    /// With key agreement: encrypts only.
    EncipherOnly,
    /// With key agreement: decrypts only.
    DecipherOnly,
}

impl KeyUsage {
    const IN_ORDER: [Self; 9] = [
        Self::DigitalSignature,
        Self::NonRepudiation,
        Self::KeyEncipherment,
        Self::DataEncipherment,
        Self::KeyAgreement,
        Self::KeyCertSign,
        Self::CrlSign,
        Self::EncipherOnly,
        Self::DecipherOnly,
    ];
}

/// An X.509 certificate.
#[derive(Clone)]
pub struct X509Certificate {
    x509: X509,
    der: Vec<u8>,
    not_before: Timestamp,
    not_after: Timestamp,
}

impl fmt::Debug for X509Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "X509Certificate({}, {:?})", self.subject(), self.serial())
    }
}

impl PartialEq for X509Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for X509Certificate {}

impl X509Certificate {
    /// Reads one DER certificate.
    ///
    /// # Errors
    /// `Malformed` for other bytes, bytes after the end, and a serial number, times or extensions that cannot
    /// be read.
    pub fn from_der(der: &[u8]) -> Result<Self, CryptoError> {
        Reader::only(der).map_err(|flaw| flaw.of(CERTIFICATE))?;
        let malformed =
            |detail: &str| CryptoError::Malformed { expected: CERTIFICATE, detail: detail.to_owned() };
        let x509 = X509::from_der(der).map_err(|_| malformed("the library cannot read it"))?;
        serial_number(der).map_err(|flaw| flaw.of(CERTIFICATE))?;
        extensions(der).map_err(|flaw| flaw.of(CERTIFICATE))?;
        let time = |time| timestamp(time).map_err(|_| malformed("its validity is not a time"));
        let (not_before, not_after) = (time(x509.not_before())?, time(x509.not_after())?);
        Ok(Self { x509, der: der.to_vec(), not_before, not_after })
    }

    /// Reads the first certificate of a PEM text (RFC 7468).
    pub fn from_pem(pem: &[u8]) -> Result<Self, CryptoError> {
        let der = pem_body(pem, "CERTIFICATE").ok_or_else(|| CryptoError::Malformed {
            expected: CERTIFICATE,
            detail: "there is no whole block from `-----BEGIN CERTIFICATE-----` to its end".to_owned(),
        })?;
        Self::from_der(&der)
    }

    /// Reads PEM or DER, whichever it is.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CryptoError> {
        if looks_like_pem(bytes) { Self::from_pem(bytes) } else { Self::from_der(bytes) }
    }

    pub(crate) fn from_x509(x509: &X509) -> Result<Self, CryptoError> {
        Self::from_der(&x509.to_der().map_err(CryptoError::library("writing a certificate"))?)
    }

    /// The certificate's bytes, as they came.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The certificate as PEM text with lines of 64 characters.
    pub fn pem(&self) -> String {
        pem_text("CERTIFICATE", &self.der)
    }

    /// Serial number.
    pub fn serial(&self) -> SerialNumber {
        SerialNumber::from_be_bytes(
            serial_number(&self.der).map(|number| number.contents).unwrap_or_default(),
        )
    }

    /// SHA-1 over the DER; an address, never a proof.
    pub fn thumbprint(&self) -> Thumbprint {
        Thumbprint::new(sha1::Sha1::digest(&self.der).into())
    }

    /// SHA-256 over the DER.
    pub fn sha256(&self) -> [u8; 32] {
        sha256(&self.der)
    }

    /// Start of validity.
    pub const fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// End of validity (the last second that belongs to it).
    pub const fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// The subject's last `commonName`.
    pub fn common_name(&self) -> Option<String> {
        common_name(self.x509.subject_name())
    }

    /// The subject as text in the manner of RFC 4514: `CN=Susi Sorglos,O=Contoso,C=DE`.
    pub fn subject(&self) -> String {
        name_text(self.x509.subject_name())
    }

    /// The issuer as text in the manner of RFC 4514.
    pub fn issuer(&self) -> String {
        name_text(self.x509.issuer_name())
    }

    /// All `rfc822Name` entries of the subject alternative names, in their order.
    pub fn mail_addresses(&self) -> Vec<String> {
        self.alternative_names()
            .into_iter()
            .filter(|name| name.tag == RFC822_NAME)
            .map(|name| String::from_utf8_lossy(name.contents).into_owned())
            .collect()
    }

    /// Microsoft's UPN from the subject alternative names.
    pub fn user_principal_name(&self) -> Option<String> {
        self.alternative_names().into_iter().find_map(|name| {
            let mut parts = Reader::new((name.tag == OTHER_NAME).then_some(name.contents)?);
            let type_id = parts.expect(asn1::OID, "type").ok()?;
            let value = Reader::only(parts.expect(0xa0, "value").ok()?.contents).ok()?;
            (type_id.contents == UPN_OTHER_NAME.as_bytes())
                .then(|| String::from_utf8_lossy(value.contents).into_owned())
        })
    }

    /// The public key as DER `SubjectPublicKeyInfo`.
    pub fn spki_der(&self) -> Result<Vec<u8>, CryptoError> {
        spki_der(&*self.public_key()?)
    }

    /// SHA-256 over [`Self::spki_der`]; equal to that of the private key and the request.
    pub fn spki_sha256(&self) -> Result<[u8; 32], CryptoError> {
        Ok(sha256(&self.spki_der()?))
    }

    /// The kind of the public key for people, e.g. `RSA 2048`.
    pub fn key_kind(&self) -> Result<String, CryptoError> {
        Ok(kind_of(&*self.public_key()?))
    }

    /// The modulus of an RSA key, without leading zeros; `None` for other keys.
    pub fn rsa_modulus(&self) -> Option<Vec<u8>> {
        Some(self.public_key().ok()?.rsa().ok()?.n().to_vec())
    }

    /// Whether `authority` issued this: its subject is our issuer, and its key verifies our signature.
    ///
    /// Says nothing about validity, usages or revocation of either.
    pub fn is_issued_by(&self, authority: &Self) -> bool {
        let names_fit = self
            .x509
            .issuer_name()
            .try_cmp(authority.x509.subject_name())
            .is_ok_and(std::cmp::Ordering::is_eq);
        names_fit && authority.public_key().is_ok_and(|key| self.x509.verify(&key).unwrap_or(false))
    }

    /// Whether `signature` over `data` is one by this certificate's key as [`crate::PrivateKey::sign_ps256`] makes it:
    /// RSASSA-PSS, SHA-256, MGF1 with SHA-256, salt of 32 octets. `false` for keys that are not RSA.
    ///
    /// Says nothing about the certificate's validity or usages.
    pub fn verifies_ps256(&self, data: &[u8], signature: &[u8]) -> bool {
        let verify = |key: &PKey<Public>| {
            let mut verifier = Verifier::new(MessageDigest::sha256(), key)?;
            verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
            verifier.set_rsa_mgf1_md(MessageDigest::sha256())?;
            verifier.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
            verifier.verify_oneshot(signature, data)
        };
        // A signature of another length is an error to the library and no signature to everybody else.
        self.public_key().is_ok_and(|key| key.id() == Id::RSA && verify(&key).unwrap_or(false))
    }

    /// The uses of the key, or `None` when the certificate does not restrict them. None at all when the
    /// extension cannot be read.
    pub fn key_usage(&self) -> Option<Vec<KeyUsage>> {
        let bits = Reader::only(self.extension(KEY_USAGE)?).map(|bits| bits.contents).unwrap_or_default();
        // The first octet counts the unused bits at the end, which DER sets to zero.
        let set =
            |index: usize| bits.get(1 + index / 8).is_some_and(|octet| octet & (0x80 >> (index % 8)) != 0);
        let usages = KeyUsage::IN_ORDER.into_iter().enumerate();
        Some(usages.filter(|(index, _)| set(*index)).map(|(_, usage)| usage).collect())
    }

    /// The extended uses (object identifiers), or `None` when the certificate does not restrict them. None at
    /// all when the extension cannot be read.
    pub fn extended_key_usage(&self) -> Option<Vec<ObjectIdentifier>> {
        let sequence = Reader::only(self.extension(EXTENDED_KEY_USAGE)?).map(|sequence| sequence.contents);
        let mut purposes = Reader::new(sequence.unwrap_or_default());
        let mut found = Vec::new();
        while let Ok(purpose) = purposes.expect(asn1::OID, "a purpose") {
            found.extend(ObjectIdentifier::from_bytes(purpose.contents));
        }
        Some(found)
    }

    /// Whether mail can be encrypted to it (RFC 8550 sections 4.4.2 and 4.4.4): its key may encrypt or agree on keys, and it is
    /// not for other uses alone.
    pub fn can_encrypt_mail(&self) -> bool {
        let encrypts = [KeyUsage::KeyEncipherment, KeyUsage::KeyAgreement, KeyUsage::DataEncipherment];
        let by_usage = self.key_usage().is_none_or(|usages| encrypts.iter().any(|one| usages.contains(one)));
        let mail = ["1.3.6.1.5.5.7.3.4", "2.5.29.37.0"];
        let is_for_mail =
            |uses: Vec<ObjectIdentifier>| uses.iter().any(|one| mail.contains(&one.to_string().as_str()));
        by_usage && self.extended_key_usage().is_none_or(is_for_mail)
    }

    /// Whether it is an authority's (`basicConstraints`, RFC 5280 section 4.2.1.9).
    pub fn is_authority(&self) -> bool {
        let constraints = self.extension(BASIC_CONSTRAINTS).and_then(|value| Reader::only(value).ok());
        let is_ca = constraints.and_then(|found| Reader::new(found.contents).optional(asn1::BOOLEAN).ok());
        is_ca.flatten().is_some_and(|flag| flag.contents != [0])
    }

    /// The subject key identifier, where the certificate has one.
    pub fn subject_key_identifier(&self) -> Option<Vec<u8>> {
        Reader::only(self.extension(SUBJECT_KEY_IDENTIFIER)?).ok().map(|octets| octets.contents.to_vec())
    }

    /// The issuer's name, as the certificate writes it.
    pub(crate) fn issuer_der(&self) -> Result<Vec<u8>, CryptoError> {
        self.x509.issuer_name().to_der().map_err(CryptoError::library("writing a name"))
    }

    /// The serial number as a DER `INTEGER`, as the certificate writes it.
    pub(crate) fn serial_der(&self) -> Result<Vec<u8>, CryptoError> {
        serial_number(&self.der).map(|number| number.whole.to_vec()).map_err(|flaw| flaw.of(CERTIFICATE))
    }

    /// The subject's name, as the certificate writes it.
    pub(crate) fn subject_der(&self) -> Result<Vec<u8>, CryptoError> {
        self.x509.subject_name().to_der().map_err(CryptoError::library("writing a name"))
    }

    pub(crate) fn public_key(&self) -> Result<PKey<Public>, CryptoError> {
        self.x509.public_key().map_err(CryptoError::library("reading the public key of a certificate"))
    }

    pub(crate) fn x509(&self) -> &X509 {
        &self.x509
    }

    pub(crate) fn extension(&self, oid: &[u8]) -> Option<&[u8]> {
        let found = extensions(&self.der).ok()?;
        found.into_iter().find(|(id, _)| *id == oid).map(|(_, value)| value)
    }

    fn alternative_names(&self) -> Vec<Element<'_>> {
        let mut names = Vec::new();
        if let Some(sequence) = self.extension(SUBJECT_ALT_NAME).and_then(|value| Reader::only(value).ok()) {
            let mut reader = Reader::new(sequence.contents);
            while let Ok(name) = reader.next_element() {
                names.push(name);
            }
        }
        names
    }
}

/// The fields of `TBSCertificate` (RFC 5280 section 4.1).
fn body(der: &[u8]) -> Result<Reader<'_>, Flaw> {
    let mut certificate = Reader::new(Reader::only(der)?.contents);
    Ok(Reader::new(certificate.expect(asn1::SEQUENCE, "the body")?.contents))
}

fn serial_number(der: &[u8]) -> Result<Element<'_>, Flaw> {
    let mut tbs = body(der)?;
    // [0] is the version, which version 1 leaves out.
    let _version = tbs.optional(0xa0)?;
    tbs.expect(asn1::INTEGER, "the serial number")
}

/// Object identifier and value of an extension.
type IdAndValue<'a> = (&'a [u8], &'a [u8]);

/// A certificate's extensions (RFC 5280 section 4.2).
fn extensions(der: &[u8]) -> Result<Vec<IdAndValue<'_>>, Flaw> {
    let mut tbs = body(der)?;
    let mut found = Vec::new();
    while !tbs.is_at_end() {
        // [3] is the extensions; everything before it was read by the library.
        let field = tbs.next_element()?;
        if field.tag != 0xa3 {
            continue;
        }
        let mut list = Reader::new(Reader::only(field.contents)?.contents);
        while !list.is_at_end() {
            let mut parts = Reader::new(list.expect(asn1::SEQUENCE, "an extension")?.contents);
            let id = parts.expect(asn1::OID, "an extension's name")?;
            let _critical = parts.optional(0x01)?;
            let value = parts.expect(asn1::OCTET_STRING, "an extension's value")?;
            found.push((id.contents, value.contents));
        }
    }
    Ok(found)
}

/// The library's time as ours.
pub(crate) fn timestamp(time: &Asn1TimeRef) -> Result<Timestamp, ErrorStack> {
    let since_epoch = Asn1Time::from_unix(0)?.diff(time)?;
    Ok(Timestamp::from_seconds(i64::from(since_epoch.days) * 86_400 + i64::from(since_epoch.secs)))
}

pub(crate) fn common_name(name: &X509NameRef) -> Option<String> {
    name.entries_by_nid(Nid::COMMONNAME).last().and_then(|entry| entry.data().to_string().ok())
}

/// A name in the manner of RFC 4514: most specific part first, special characters escaped.
pub(crate) fn name_text(name: &X509NameRef) -> String {
    let mut parts: Vec<String> = name
        .entries()
        .map(|entry| {
            let label = match entry.object().nid() {
                Nid::UNDEF => entry.object().to_string(),
                nid => nid.short_name().unwrap_or("?").to_owned(),
            };
            let value = entry.data().to_string().unwrap_or_default();
            format!("{label}={}", escape(&value))
        })
        .collect();
    parts.reverse();
    parts.join(",")
}

fn escape(value: &str) -> String {
    // A line break in a name must not become one in a log or a terminal.
    let value = model::text::printable(value);
    let last = value.chars().count().saturating_sub(1);
    let mut text = String::with_capacity(value.len());
    for (at, character) in value.chars().enumerate() {
        let special = matches!(character, '"' | '+' | ',' | ';' | '<' | '>' | '\\')
            || (character == ' ' && (at == 0 || at == last))
            || (character == '#' && at == 0);
        if special {
            text.push('\\');
        }
        text.push(character);
    }
    text
}

/// Whether bytes are text with a PEM block. DER may contain anything, such a block too, so it is asked first.
pub(crate) fn looks_like_pem(bytes: &[u8]) -> bool {
    Reader::only(bytes).is_err() && bytes.windows(11).any(|window| window == b"-----BEGIN ")
}

/// The DER inside the first PEM block with this label; `None` when there is no whole block.
pub(crate) fn pem_body(text: &[u8], label: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    let text = String::from_utf8_lossy(text);
    let (_, after) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    let (body, _) = after.split_once(&format!("-----END {label}-----"))?;
    let digits: String = body.split_ascii_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(digits).ok()
}

/// DER as a PEM block with lines of 64 characters (RFC 7468).
pub(crate) fn pem_text(label: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let digits = base64::engine::general_purpose::STANDARD.encode(der);
    let mut lines = String::with_capacity(digits.len() + digits.len() / 64 + 1);
    let mut rest = digits.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        lines.push_str(line);
        lines.push('\n');
        rest = after;
    }
    format!("-----BEGIN {label}-----\n{lines}-----END {label}-----\n")
}
