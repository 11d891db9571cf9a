//! What all artefacts of the bench share: an issuer with its key, times, key identifiers, and the signature.

use std::fmt;
use std::time::Duration;

use const_oid::AssociatedOid;
use const_oid::db::rfc5912::{ECDSA_WITH_SHA_256, ECDSA_WITH_SHA_384, SHA_256_WITH_RSA_ENCRYPTION};
use der::asn1::{Any, BitString, GeneralizedTime, OctetString, UtcTime};
use der::{DateTime, Decode as _, Encode};
use model::{SerialNumber, Timestamp};
use openssl::ec::EcGroupRef;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::Id;
use openssl::sign::Signer;
use sha1::Digest as _;
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::certificate::{CertificateInner, Rfc5280, TbsCertificate, Version};
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, SubjectKeyIdentifier};
use x509_cert::ext::{Extension, Extensions};
use x509_cert::name::Name;
use x509_cert::time::Time;

use super::{Validity, unfit};
use crate::certificate::{KeyUsage, X509Certificate};
use crate::error::CryptoError;
use crate::key::PrivateKey;

const ISSUING: &str = "making a certificate";

/// A certificate that may issue, with its private key.
#[derive(Clone)]
pub struct Issuer {
    certificate: X509Certificate,
    name: Name,
    key_identifier: Vec<u8>,
    key: PrivateKey,
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Issuer({})", self.certificate.subject())
    }
}

impl Issuer {
    /// Brings certificate and key together.
    ///
    /// # Errors
    /// `Unfit` when the key is another one's, or when the certificate may not sign certificates and revocation lists.
    pub fn new(certificate: X509Certificate, key: PrivateKey) -> Result<Self, CryptoError> {
        let what = || format!("the issuer `{}`", certificate.subject());
        if certificate.spki_sha256()? != key.spki_sha256()? {
            return Err(unfit(what(), "its private key belongs to another certificate"));
        }
        let usages = certificate.key_usage().unwrap_or_default();
        if ![KeyUsage::KeyCertSign, KeyUsage::CrlSign].iter().all(|usage| usages.contains(usage)) {
            return Err(unfit(
                what(),
                "its certificate does not allow it to sign certificates and revocation lists",
            ));
        }
        let Some(key_identifier) = certificate.subject_key_identifier() else {
            return Err(unfit(what(), "its certificate has no subject key identifier"));
        };
        let name =
            Name::from_der(&certificate.subject_der()?).map_err(CryptoError::library("reading a name"))?;
        Ok(Self { certificate, name, key_identifier, key })
    }

    /// The issuer's certificate.
    pub const fn certificate(&self) -> &X509Certificate {
        &self.certificate
    }

    pub(super) const fn key(&self) -> &PrivateKey {
        &self.key
    }

    pub(super) fn name(&self) -> Name {
        self.name.clone()
    }

    pub(super) fn authority_key_identifier(&self) -> Result<Extension, CryptoError> {
        authority_key_identifier(&self.key_identifier)
    }
}

/// All that a certificate says, before it is signed.
pub(super) struct Body {
    pub(super) serial: SerialNumber,
    pub(super) issuer: Name,
    pub(super) validity: Validity,
    pub(super) subject: Name,
    /// DER `SubjectPublicKeyInfo`.
    pub(super) public_key: Vec<u8>,
    pub(super) extensions: Extensions,
}

impl Body {
    /// Signs the body and gives the certificate as DER.
    pub(super) fn sign(self, key: &PrivateKey) -> Result<Vec<u8>, CryptoError> {
        if self.validity.not_after < self.validity.not_before {
            return Err(unfit(
                "this validity",
                format!(
                    "it would end ({}) before it begins ({})",
                    self.validity.not_after, self.validity.not_before
                ),
            ));
        }
        let algorithm = signature_algorithm(key);
        let validity = x509_cert::time::Validity {
            not_before: time(self.validity.not_before)?,
            not_after: time(self.validity.not_after)?,
        };
        let tbs_certificate = TbsCertificate {
            version: Version::V3,
            serial_number: encoded_serial(&self.serial)?,
            signature: algorithm.clone(),
            issuer: self.issuer,
            validity,
            subject: self.subject,
            subject_public_key_info: SubjectPublicKeyInfoOwned::from_der(&self.public_key)
                .map_err(CryptoError::library("reading a public key"))?,
            issuer_unique_id: None,
            subject_unique_id: None,
            extensions: Some(self.extensions),
        };
        let signature = sign(key, &to_der(&tbs_certificate)?)?;
        to_der(&CertificateInner::<Rfc5280> { tbs_certificate, signature_algorithm: algorithm, signature })
    }
}

/// The algorithm of [`sign`], as artefacts name it (RFC 4055, RFC 5758).
pub(super) fn signature_algorithm(key: &PrivateKey) -> AlgorithmIdentifierOwned {
    if key.pkey().id() == Id::RSA {
        AlgorithmIdentifierOwned { oid: SHA_256_WITH_RSA_ENCRYPTION, parameters: Some(Any::null()) }
    } else if is_p384(key) {
        AlgorithmIdentifierOwned { oid: ECDSA_WITH_SHA_384, parameters: None }
    } else {
        AlgorithmIdentifierOwned { oid: ECDSA_WITH_SHA_256, parameters: None }
    }
}

/// Signs with the digest that is as strong as the key.
pub(super) fn sign(key: &PrivateKey, data: &[u8]) -> Result<BitString, CryptoError> {
    const SIGNING: &str = "signing with the authority's key";
    let digest = if is_p384(key) { MessageDigest::sha384() } else { MessageDigest::sha256() };
    let signature = Signer::new(digest, key.pkey())
        .and_then(|mut signer| signer.sign_oneshot_to_vec(data))
        .map_err(CryptoError::library(SIGNING))?;
    BitString::from_bytes(&signature).map_err(CryptoError::library(SIGNING))
}

fn is_p384(key: &PrivateKey) -> bool {
    let curve = key.pkey().ec_key().ok().as_ref().and_then(|key| EcGroupRef::curve_name(key.group()));
    curve == Some(Nid::SECP384R1)
}

pub(super) fn to_der(value: &impl Encode) -> Result<Vec<u8>, CryptoError> {
    value.to_der().map_err(CryptoError::library(ISSUING))
}

/// An extension with its criticality said by us, not by the type.
pub(super) fn extension<T: Encode + AssociatedOid>(
    value: &T,
    critical: bool,
) -> Result<Extension, CryptoError> {
    raw_extension(T::OID, critical, to_der(value)?)
}

/// An extension whose value is DER already.
pub(super) fn raw_extension(
    extn_id: const_oid::ObjectIdentifier,
    critical: bool,
    value: Vec<u8>,
) -> Result<Extension, CryptoError> {
    let extn_value = OctetString::new(value).map_err(CryptoError::library(ISSUING))?;
    Ok(Extension { extn_id, critical, extn_value })
}

/// Method 1 of RFC 5280 section 4.2.1.2: SHA-1 over the bits of the public key.
pub(super) fn key_identifier(public_key: &[u8]) -> Result<Vec<u8>, CryptoError> {
    let spki = SubjectPublicKeyInfoOwned::from_der(public_key)
        .map_err(CryptoError::library("reading a public key"))?;
    Ok(sha1::Sha1::digest(spki.subject_public_key.raw_bytes()).to_vec())
}

pub(super) fn subject_key_identifier(identifier: &[u8]) -> Result<Extension, CryptoError> {
    let octets = OctetString::new(identifier).map_err(CryptoError::library(ISSUING))?;
    extension(&SubjectKeyIdentifier(octets), false)
}

pub(super) fn authority_key_identifier(identifier: &[u8]) -> Result<Extension, CryptoError> {
    let octets = OctetString::new(identifier).map_err(CryptoError::library(ISSUING))?;
    extension(
        &AuthorityKeyIdentifier { key_identifier: Some(octets), ..AuthorityKeyIdentifier::default() },
        false,
    )
}

/// `UTCTime` until 2049, `GeneralizedTime` from 2050 (RFC 5280 section 4.1.2.5); fractions of a second are dropped.
pub(super) fn time(at: Timestamp) -> Result<Time, CryptoError> {
    let outside = || unfit(format!("the time {at}"), "a certificate can name the years 1970 to 9999 only");
    let seconds = u64::try_from(at.as_seconds()).map_err(|_| outside())?;
    let moment = DateTime::from_unix_duration(Duration::from_secs(seconds)).map_err(|_| outside())?;
    match UtcTime::from_date_time(moment) {
        Ok(short) => Ok(Time::UtcTime(short)),
        Err(_) => Ok(Time::GeneralTime(GeneralizedTime::from_date_time(moment))),
    }
}

pub(super) fn encoded_serial(
    serial: &SerialNumber,
) -> Result<x509_cert::serial_number::SerialNumber, CryptoError> {
    let what = || format!("the serial number {serial}");
    if serial.as_be_bytes().is_empty() {
        return Err(unfit(what(), "it must be positive"));
    }
    x509_cert::serial_number::SerialNumber::new(serial.as_be_bytes())
        .map_err(|_| unfit(what(), "it has more than 20 octets"))
}
