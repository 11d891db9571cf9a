//! Certificates of authorities themselves, and of key recovery agents.
//!
//! The hierarchy has two steps: a root that signs nothing but the issuing authority and its own revocation list, and an
//! issuing authority that may issue for people (path length 0) and for their purposes only, never for servers.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280::{ANY_POLICY, ID_KP_CLIENT_AUTH, ID_KP_EMAIL_PROTECTION};
use der::flagset::FlagSet;
use model::{CertificateNames, SerialNumber};
use x509_cert::ext::pkix::certpolicy::PolicyInformation;
use x509_cert::ext::pkix::{BasicConstraints, CertificatePolicies, ExtendedKeyUsage, KeyUsage, KeyUsages};
use x509_cert::name::Name;

use super::leaf::{PublicKeyKind, address_extensions, check_public_key};
use super::names::plain_text;
use super::signing::{
    Body, Issuer, authority_key_identifier, extension, key_identifier, subject_key_identifier,
};
use super::{IssuerAddresses, Validity, organization, unfit};
use crate::error::CryptoError;
use crate::key::PrivateKey;

/// Microsoft's purposes: signing in with a smartcard, and recovering keys.
pub(super) const SMARTCARD_LOGON: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.20.2.2");
const KEY_RECOVERY_AGENT: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.21.6");

/// How an authority calls itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AuthoritySubject {
    /// `commonName`, at most 64 characters.
    pub common_name: String,
    /// `organizationName`, at most 64 characters.
    pub organization: Option<String>,
    /// `countryName`, ISO 3166.
    pub country: Option<String>,
}

impl AuthoritySubject {
    fn to_name(&self) -> Result<Name, CryptoError> {
        let organization = match &self.organization {
            Some(name) => Some(plain_text("organisation", name, 64)?),
            None => None,
        };
        crate::names::subject(&CertificateNames {
            common_name: plain_text("name of the authority", &self.common_name, 64)?,
            organization,
            country: self.country.as_deref().map(organization::country).transpose()?,
            ..CertificateNames::default()
        })
    }
}

/// Makes a self-signed root certificate (DER).
///
/// # Errors
/// `Unfit` for names that do not fit, keys under RSA 2048, and a validity that ends before it begins.
pub fn root_certificate(
    subject: &AuthoritySubject,
    key: &PrivateKey,
    validity: Validity,
    serial: SerialNumber,
) -> Result<Vec<u8>, CryptoError> {
    let name = subject.to_name()?;
    let public_key = key.spki_der()?;
    check_public_key(&public_key)?;
    let identifier = key_identifier(&public_key)?;
    let extensions = vec![
        extension(&BasicConstraints { ca: true, path_len_constraint: None }, true)?,
        authority_usage()?,
        subject_key_identifier(&identifier)?,
        authority_key_identifier(&identifier)?,
    ];
    Body { serial, issuer: name.clone(), validity, subject: name, public_key, extensions }.sign(key)
}

/// Makes the certificate of an issuing authority (DER): path length 0, mail and sign-in purposes only.
///
/// `addresses` are those of the root: its revocation list and its certificate.
///
/// # Errors
/// `Unfit` as [`root_certificate`], and when it would outlive the root.
pub fn issuing_certificate(
    root: &Issuer,
    subject: &AuthoritySubject,
    public_key: &[u8],
    validity: Validity,
    serial: SerialNumber,
    addresses: &IssuerAddresses,
) -> Result<Vec<u8>, CryptoError> {
    if validity.not_after > root.certificate().not_after() {
        return Err(unfit(
            format!("the authority `{}`", subject.common_name),
            format!("it would outlive its root, which ends on {}", root.certificate().not_after()),
        ));
    }
    check_public_key(public_key)?;
    let any_policy = PolicyInformation { policy_identifier: ANY_POLICY, policy_qualifiers: None };
    let mut extensions = vec![
        extension(&BasicConstraints { ca: true, path_len_constraint: Some(0) }, true)?,
        authority_usage()?,
        extension(
            &ExtendedKeyUsage(vec![ID_KP_EMAIL_PROTECTION, ID_KP_CLIENT_AUTH, SMARTCARD_LOGON]),
            false,
        )?,
        extension(&CertificatePolicies(vec![any_policy]), false)?,
        subject_key_identifier(&key_identifier(public_key)?)?,
        root.authority_key_identifier()?,
    ];
    extensions.extend(address_extensions(addresses)?);
    Body {
        serial,
        issuer: root.name(),
        validity,
        subject: subject.to_name()?,
        public_key: public_key.to_vec(),
        extensions,
    }
    .sign(root.key())
}

/// Makes the self-signed certificate of a key recovery agent (DER): it can have keys encrypted to it, and
/// sign the set of agents that it belongs to; nothing else.
///
/// # Errors
/// `Unfit` for keys that are not RSA of at least 2048 bits, and for names that do not fit.
pub fn recovery_agent_certificate(
    common_name: &str,
    key: &PrivateKey,
    validity: Validity,
    serial: SerialNumber,
) -> Result<Vec<u8>, CryptoError> {
    officer_certificate(common_name, None, key, validity, serial)
}

/// As [`recovery_agent_certificate`], with the officer's mail address in it: by that an officer is known as a person where no
/// account says who it is.
///
/// # Errors
/// As [`recovery_agent_certificate`]; `Unfit` for what is no mail address.
pub fn officer_certificate(
    common_name: &str,
    mail: Option<&str>,
    key: &PrivateKey,
    validity: Validity,
    serial: SerialNumber,
) -> Result<Vec<u8>, CryptoError> {
    let subject = AuthoritySubject { common_name: common_name.to_owned(), ..AuthoritySubject::default() };
    let name = subject.to_name()?;
    let public_key = key.spki_der()?;
    if check_public_key(&public_key)? != PublicKeyKind::Rsa {
        return Err(unfit(
            format!("the key of the recovery agent `{common_name}` ({})", key.kind()),
            "recovery agents need an RSA key",
        ));
    }
    let identifier = key_identifier(&public_key)?;
    let mut extensions = vec![
        extension(&BasicConstraints { ca: false, path_len_constraint: None }, true)?,
        extension(&KeyUsage(KeyUsages::KeyEncipherment | KeyUsages::DigitalSignature), true)?,
        extension(&ExtendedKeyUsage(vec![KEY_RECOVERY_AGENT]), false)?,
        subject_key_identifier(&identifier)?,
        authority_key_identifier(&identifier)?,
    ];
    if let Some(mail) = mail {
        let names = CertificateNames { mail_addresses: vec![mail.to_owned()], ..CertificateNames::default() };
        let alternatives = crate::names::subject_alternative_name(&names)?;
        extensions.extend(alternatives.map(|found| extension(&found, false)).transpose()?);
    }
    Body { serial, issuer: name.clone(), validity, subject: name, public_key, extensions }.sign(key)
}

fn authority_usage() -> Result<x509_cert::ext::Extension, CryptoError> {
    let usages: FlagSet<KeyUsages> = KeyUsages::KeyCertSign | KeyUsages::CRLSign;
    extension(&KeyUsage(usages), true)
}
