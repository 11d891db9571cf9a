//! Certificates for people and mailboxes, one recipe a profile.
//!
//! S/MIME profiles follow the S/MIME Baseline Requirements, multipurpose generation; client authentication follows what
//! Entra ID and Windows sign-in ask for. The names come from the order alone, never from a request.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280::{ID_AD_CA_ISSUERS, ID_KP_CLIENT_AUTH, ID_KP_EMAIL_PROTECTION};
use der::asn1::Ia5String;
use der::flagset::FlagSet;
use model::names::Profile;
use model::{CertificateNames, SerialNumber, Span};
use openssl::bn::BigNum;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Public};
use x509_cert::ext::pkix::certpolicy::PolicyInformation;
use x509_cert::ext::pkix::crl::dp::DistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{
    AccessDescription, AuthorityInfoAccessSyntax, BasicConstraints, CertificatePolicies,
    CrlDistributionPoints, ExtendedKeyUsage, KeyUsage, KeyUsages,
};
use x509_cert::ext::{Extension, Extensions};

use super::authority::SMARTCARD_LOGON;
use super::names::{certified, subject_and_alternatives};
use super::signing::{Body, Issuer, extension, key_identifier, raw_extension, subject_key_identifier};
use super::{IssuerAddresses, Validity, unfit};
use crate::asn1::{OCTET_STRING, OID, SEQUENCE, tlv};
use crate::error::CryptoError;
use crate::key::kind_of;

/// Policies reserved for the S/MIME profiles, multipurpose generation (S/MIME BR 7.1.6.1).
const SPONSOR_VALIDATED: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.140.1.5.3.2");
const MAILBOX_VALIDATED: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.140.1.5.1.2");

/// Microsoft's security identifier extension, and the otherName inside it (KB5014754).
const SECURITY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.25.2");
const OBJECT_SID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.25.2.1");

/// The longest validity of S/MIME certificates, multipurpose generation (S/MIME BR 6.3.2).
const SMIME_DAYS: i64 = 825;
/// The longest validity of sign-in certificates: three years.
const CLIENT_AUTH_DAYS: i64 = 1_095;

/// What a certificate is made of.
#[derive(Clone, Debug)]
pub struct LeafOrder<'a> {
    /// By which recipe.
    pub profile: Profile,
    /// Names; those that the profile has no place for are left out.
    pub names: &'a CertificateNames,
    /// DER `SubjectPublicKeyInfo`.
    pub public_key: &'a [u8],
    /// Validity; its end is moved forward to that of the issuer where it would outlive it.
    pub validity: Validity,
    /// Serial number.
    pub serial: SerialNumber,
    /// Addresses of the issuer.
    pub addresses: &'a IssuerAddresses,
    /// Further policies of the authority as dotted numbers, beside the one reserved for the profile.
    pub policies: &'a [String],
}

/// The longest validity that a profile may have.
pub const fn longest_validity(profile: Profile) -> Span {
    match profile {
        Profile::SmimeSponsor | Profile::SmimeMailbox => Span::days(SMIME_DAYS),
        Profile::ClientAuth => Span::days(CLIENT_AUTH_DAYS),
    }
}

/// What kind of key a certificate carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PublicKeyKind {
    /// RSA.
    Rsa,
    /// Elliptic curve.
    Ec,
}

impl PublicKeyKind {
    /// Reads the kind of a public key (DER `SubjectPublicKeyInfo`), of any size or curve.
    ///
    /// # Errors
    /// `Malformed` for other bytes, `Unfit` for other kinds.
    pub fn read(der: &[u8]) -> Result<Self, CryptoError> {
        let key = public_key(der)?;
        match key.id() {
            Id::RSA => Ok(Self::Rsa),
            Id::EC => Ok(Self::Ec),
            _ => Err(unfit(this_key(&key), "use RSA, or the curves P-256 and P-384")),
        }
    }
}

/// Tells whether a public key (DER `SubjectPublicKeyInfo`) may be certified: RSA of 2048 to 8192 bits, P-256, P-384.
///
/// # Errors
/// `Malformed` for other bytes; `Unfit` for RSA under 2048 bits, RSA with a small exponent, other curves, other kinds.
pub fn check_public_key(der: &[u8]) -> Result<PublicKeyKind, CryptoError> {
    let kind = PublicKeyKind::read(der)?;
    let key = public_key(der)?;
    let refused = |why: &str| Err(unfit(this_key(&key), why));
    match kind {
        PublicKeyKind::Rsa => {
            let rsa = key.rsa().map_err(|_| unreadable())?;
            let small = BigNum::from_u32(65_537).map_err(CryptoError::library("checking a public key"))?;
            if key.bits() < 2_048 {
                return refused("RSA keys need at least 2048 bits");
            }
            if key.bits() > 8_192 || key.bits() % 8 != 0 {
                return refused("use RSA with 2048, 3072 or 4096 bits");
            }
            if rsa.e() < &*small || !rsa.e().is_bit_set(0) {
                return refused("its public exponent is smaller than 65537 or even");
            }
        }
        PublicKeyKind::Ec => {
            let ec = key.ec_key().map_err(|_| unreadable())?;
            ec.check_key().map_err(|_| unreadable())?;
            if !matches!(ec.group().curve_name(), Some(Nid::X9_62_PRIME256V1 | Nid::SECP384R1)) {
                return refused("use the curve P-256 or P-384");
            }
        }
    }
    Ok(kind)
}

fn public_key(der: &[u8]) -> Result<PKey<Public>, CryptoError> {
    PKey::public_key_from_der(der).map_err(|_| unreadable())
}

fn unreadable() -> CryptoError {
    CryptoError::Malformed { expected: "a public key", detail: "the library cannot read it".to_owned() }
}

fn this_key(key: &PKey<Public>) -> String {
    format!("this key ({})", kind_of(key))
}

/// Makes a certificate for a person or a mailbox (DER).
///
/// # Errors
/// `Unfit` names the field of the names, the key, the validity or the address that does not fit, and says why.
pub fn leaf_certificate(issuer: &Issuer, order: &LeafOrder<'_>) -> Result<Vec<u8>, CryptoError> {
    let kind = check_public_key(order.public_key)?;
    let names = certified(order.profile, order.names)?;
    let (subject, alternatives) = subject_and_alternatives(order.profile, &names)?;

    let mut extensions = vec![
        extension(&BasicConstraints { ca: false, path_len_constraint: None }, true)?,
        extension(&KeyUsage(usages(order.profile, kind)), true)?,
        extension(&ExtendedKeyUsage(purposes(order.profile)), false)?,
        extension(&alternatives, subject.is_empty())?,
    ];
    extensions.extend(policies(order.profile, order.policies)?);
    extensions.push(subject_key_identifier(&key_identifier(order.public_key)?)?);
    extensions.push(issuer.authority_key_identifier()?);
    extensions.extend(address_extensions(order.addresses)?);
    if let Some(sid) = &names.security_identifier {
        extensions.push(security_identifier(sid)?);
    }
    Body {
        serial: order.serial.clone(),
        issuer: issuer.name(),
        validity: cut(issuer, order)?,
        subject,
        public_key: order.public_key.to_vec(),
        extensions,
    }
    .sign(issuer.key())
}

/// The validity within the profile's longest and within the issuer's own.
fn cut(issuer: &Issuer, order: &LeafOrder<'_>) -> Result<Validity, CryptoError> {
    let Validity { not_before, not_after } = order.validity;
    let longest = Validity::lasting(not_before, longest_validity(order.profile)).not_after;
    if not_after > longest {
        return Err(unfit(
            "this validity",
            format!(
                "certificates of this profile last at most {} days",
                longest_validity(order.profile).as_millis() / Span::days(1).as_millis()
            ),
        ));
    }
    if not_before < issuer.certificate().not_before() {
        return Err(unfit(
            "this validity",
            format!("it would begin before that of its issuer ({})", issuer.certificate().not_before()),
        ));
    }
    // A second under the maximum: readers disagree whether the last second counts.
    let not_after = not_after.min(longest - Span::seconds(1)).min(issuer.certificate().not_after());
    if not_after < not_before {
        return Err(unfit(
            "this validity",
            format!("the issuer's own certificate ends on {}", issuer.certificate().not_after()),
        ));
    }
    Ok(Validity { not_before, not_after })
}

fn usages(profile: Profile, kind: PublicKeyKind) -> FlagSet<KeyUsages> {
    match (profile, kind) {
        (Profile::SmimeSponsor | Profile::SmimeMailbox, PublicKeyKind::Rsa) => {
            KeyUsages::DigitalSignature | KeyUsages::KeyEncipherment
        }
        (Profile::SmimeSponsor | Profile::SmimeMailbox, PublicKeyKind::Ec) => {
            KeyUsages::DigitalSignature | KeyUsages::KeyAgreement
        }
        (Profile::ClientAuth, PublicKeyKind::Rsa | PublicKeyKind::Ec) => KeyUsages::DigitalSignature.into(),
    }
}

fn purposes(profile: Profile) -> Vec<ObjectIdentifier> {
    match profile {
        Profile::SmimeSponsor | Profile::SmimeMailbox => vec![ID_KP_EMAIL_PROTECTION],
        Profile::ClientAuth => vec![ID_KP_CLIENT_AUTH, SMARTCARD_LOGON],
    }
}

fn policies(profile: Profile, further: &[String]) -> Result<Option<Extension>, CryptoError> {
    let mut identifiers = match profile {
        Profile::SmimeSponsor => vec![SPONSOR_VALIDATED],
        Profile::SmimeMailbox => vec![MAILBOX_VALIDATED],
        Profile::ClientAuth => Vec::new(),
    };
    for text in further {
        let identifier = ObjectIdentifier::new(text).map_err(|_| {
            unfit(format!("the policy `{text}`"), "write it as dotted numbers, such as 1.3.6.1.4.1.5")
        })?;
        if !identifiers.contains(&identifier) {
            identifiers.push(identifier);
        }
    }
    if identifiers.is_empty() {
        return Ok(None);
    }
    let policies = identifiers
        .into_iter()
        .map(|policy_identifier| PolicyInformation { policy_identifier, policy_qualifiers: None })
        .collect();
    extension(&CertificatePolicies(policies), false).map(Some)
}

/// Where to find the issuer's revocation list and its certificate (RFC 5280 sections 4.2.1.13 and 4.2.2.1).
pub(super) fn address_extensions(addresses: &IssuerAddresses) -> Result<Extensions, CryptoError> {
    let crl = DistributionPoint {
        distribution_point: Some(DistributionPointName::FullName(vec![address(&addresses.crl)?])),
        reasons: None,
        crl_issuer: None,
    };
    let certificate = AccessDescription {
        access_method: ID_AD_CA_ISSUERS,
        access_location: address(&addresses.certificate)?,
    };
    Ok(vec![
        extension(&CrlDistributionPoints(vec![crl]), false)?,
        extension(&AuthorityInfoAccessSyntax(vec![certificate]), false)?,
    ])
}

fn address(url: &str) -> Result<GeneralName, CryptoError> {
    let what = || format!("the address `{url}`");
    let Some(rest) = url.strip_prefix("http://") else {
        return Err(unfit(
            what(),
            "revocation lists and issuers are fetched by `http://` (RFC 5280 section 8)",
        ));
    };
    if rest.is_empty() || rest.starts_with('/') || !rest.bytes().all(|octet| matches!(octet, 0x21..=0x7e)) {
        return Err(unfit(what(), "it must name a host and have no spaces or characters outside ASCII"));
    }
    let text = Ia5String::new(url).map_err(CryptoError::library("writing an address"))?;
    Ok(GeneralName::UniformResourceIdentifier(text))
}

/// The extension that lets domain controllers map a certificate strongly (KB5014754): the identifier as text, inside
/// an otherName inside a sequence.
fn security_identifier(sid: &str) -> Result<Extension, CryptoError> {
    let value = tlv(0xa0, &tlv(OCTET_STRING, sid.as_bytes()));
    let other_name = tlv(0xa0, &[tlv(OID, OBJECT_SID.as_bytes()), value].concat());
    raw_extension(SECURITY_IDENTIFIER, false, tlv(SEQUENCE, &other_name))
}
