//! Certification requests (PKCS#10, RFC 2986): making ours, and reading those that our own authority gets.

use std::fmt;

use const_oid::AssociatedOid as _;
use const_oid::db::rfc5912::{ECDSA_WITH_SHA_256, ID_EXTENSION_REQ, SHA_256_WITH_RSA_ENCRYPTION};
use der::asn1::{Any, BitString, OctetString, SetOfVec};
use der::{Decode as _, Encode as _};
use model::CertificateNames;
use openssl::pkey::{Id, PKey, Public};
use openssl::x509::X509Req;
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::attr::{Attribute, Attributes};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::name::Name;
use x509_cert::request::{CertReq, CertReqInfo, Version};

use crate::asn1::Reader;
use crate::certificate::{common_name, looks_like_pem, pem_body, pem_text, sha256};
use crate::error::CryptoError;
use crate::key::{PrivateKey, spki_der};
use crate::names;

const REQUEST: &str = "a certification request (PKCS#10)";

/// A PKCS#10 request whose self-signature has been checked.
#[derive(Clone)]
pub struct CertificationRequest {
    der: Vec<u8>,
    public_key: PKey<Public>,
    common_name: Option<String>,
}

impl fmt::Debug for CertificationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CertificationRequest({:?})", self.common_name)
    }
}

impl CertificationRequest {
    /// Makes a request with the subject and the `subjectAltName` that `names` ask for, and signs it with
    /// SHA-256.
    ///
    /// The security identifier is not requested: the authority writes that extension from what the order
    /// says.
    ///
    /// # Errors
    /// `Unfit` names the first name that a certificate cannot carry (too long, or characters its field does
    /// not have).
    pub fn create(key: &PrivateKey, names: &CertificateNames) -> Result<Self, CryptoError> {
        const MAKING: &str = "making a certification request";
        let subject = names::subject(names)?;
        let alternative = names::subject_alternative_name(names)?;
        let spki = key.spki_der()?;

        let info = info(subject, alternative.as_ref(), &spki).map_err(CryptoError::library(MAKING))?;
        let signature = key.sign_sha256(&info.to_der().map_err(CryptoError::library(MAKING))?)?;
        let der = BitString::from_bytes(&signature)
            .and_then(|signature| CertReq { info, algorithm: signature_algorithm(key), signature }.to_der())
            .map_err(CryptoError::library(MAKING))?;
        Self::parse(&der)
    }

    /// Reads a request (DER, or PEM as administrators paste it) and verifies its self-signature.
    ///
    /// # Errors
    /// `Malformed` for other bytes, bytes after its end, and a signature that does not fit the key inside.
    pub fn parse(bytes: &[u8]) -> Result<Self, CryptoError> {
        let malformed =
            |detail: &str| CryptoError::Malformed { expected: REQUEST, detail: detail.to_owned() };
        let der = if looks_like_pem(bytes) {
            pem_body(bytes, "CERTIFICATE REQUEST")
                .or_else(|| pem_body(bytes, "NEW CERTIFICATE REQUEST"))
                .ok_or_else(|| malformed("there is no whole block of `CERTIFICATE REQUEST`"))?
        } else {
            bytes.to_vec()
        };
        Reader::only(&der).map_err(|flaw| flaw.of(REQUEST))?;
        let request = X509Req::from_der(&der).map_err(|_| malformed("the library cannot read it"))?;
        let public_key = request.public_key().map_err(|_| malformed("its public key cannot be read"))?;
        if !request.verify(&public_key).unwrap_or(false) {
            return Err(malformed("its signature does not fit its public key"));
        }
        let common_name = common_name(request.subject_name());
        Ok(Self { der, public_key, common_name })
    }

    /// The request as DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The request as PEM text.
    pub fn pem(&self) -> String {
        pem_text("CERTIFICATE REQUEST", &self.der)
    }

    /// The public key as DER `SubjectPublicKeyInfo`.
    pub fn spki_der(&self) -> Result<Vec<u8>, CryptoError> {
        spki_der(&self.public_key)
    }

    /// SHA-256 over [`Self::spki_der`].
    pub fn spki_sha256(&self) -> Result<[u8; 32], CryptoError> {
        Ok(sha256(&self.spki_der()?))
    }

    /// The last `commonName` of the subject asked for.
    pub fn subject_common_name(&self) -> Option<String> {
        self.common_name.clone()
    }
}

fn info(subject: Name, alternative: Option<&SubjectAltName>, spki: &[u8]) -> der::Result<CertReqInfo> {
    let mut attributes = Attributes::new();
    if let Some(alternative) = alternative {
        let extension = Extension {
            extn_id: SubjectAltName::OID,
            // Without a subject the alternative names are all there is (RFC 5280 section 4.2.1.6).
            critical: subject.is_empty(),
            extn_value: OctetString::new(alternative.to_der()?)?,
        };
        let asked = Any::encode_from(&vec![extension])?;
        attributes.insert(Attribute { oid: ID_EXTENSION_REQ, values: SetOfVec::try_from(vec![asked])? })?;
    }
    let public_key = SubjectPublicKeyInfoOwned::from_der(spki)?;
    Ok(CertReqInfo { version: Version::V1, subject, public_key, attributes })
}

/// The algorithm of [`PrivateKey::sign_sha256`], as certificates and requests name it (RFC 4055, RFC 5758).
pub(crate) fn signature_algorithm(key: &PrivateKey) -> AlgorithmIdentifierOwned {
    if key.pkey().id() == Id::RSA {
        AlgorithmIdentifierOwned { oid: SHA_256_WITH_RSA_ENCRYPTION, parameters: Some(Any::null()) }
    } else {
        AlgorithmIdentifierOwned { oid: ECDSA_WITH_SHA_256, parameters: None }
    }
}
