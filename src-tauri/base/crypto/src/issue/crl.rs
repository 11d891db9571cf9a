//! Revocation lists (RFC 5280 section 5): full lists of one issuer, version 2, with number and key identifier.

use der::Decode as _;
use der::asn1::Uint;
use model::{RevocationReason, SerialNumber, Timestamp};
use openssl::x509::X509Crl;
use x509_cert::Version;
use x509_cert::crl::{CertificateList, RevokedCert, TbsCertList};
use x509_cert::ext::pkix::{CrlNumber, CrlReason};

use super::signing::{Issuer, encoded_serial, extension, sign, signature_algorithm, time, to_der};
use super::unfit;
use crate::certificate::X509Certificate;
use crate::error::CryptoError;

const LIST: &str = "a revocation list";

/// A certificate on a revocation list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RevokedSerial {
    /// Serial number.
    pub serial: SerialNumber,
    /// When it was revoked.
    pub revoked_at: Timestamp,
    /// Why; `Unspecified` writes no reason code (RFC 5280 section 5.3.1).
    pub reason: RevocationReason,
}

/// What a revocation list says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CrlContents {
    /// Grows with every list of this issuer; at least 1.
    pub number: u64,
    /// From when it speaks.
    pub this_update: Timestamp,
    /// When the next one is there at the latest.
    pub next_update: Timestamp,
    /// The revoked certificates; their order is kept.
    pub revoked: Vec<RevokedSerial>,
}

/// Makes a revocation list (DER), signed by the issuer itself.
///
/// # Errors
/// `Unfit` when the list would end before it begins or has the number 0.
pub fn crl(issuer: &Issuer, contents: &CrlContents) -> Result<Vec<u8>, CryptoError> {
    const MAKING: &str = "making a revocation list";
    if contents.next_update.as_seconds() <= contents.this_update.as_seconds() {
        return Err(unfit(
            "this revocation list",
            format!("it would end ({}) before it begins ({})", contents.next_update, contents.this_update),
        ));
    }
    if contents.number == 0 {
        return Err(unfit("this revocation list", "its number must be at least 1"));
    }
    let number = Uint::new(&contents.number.to_be_bytes()).map_err(CryptoError::library(MAKING))?;
    let entries = contents.revoked.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
    let algorithm = signature_algorithm(issuer.key());
    let tbs_cert_list = TbsCertList {
        version: Version::V2,
        signature: algorithm.clone(),
        issuer: issuer.name(),
        this_update: time(contents.this_update)?,
        next_update: Some(time(contents.next_update)?),
        // An empty list must be absent (RFC 5280 section 5.1.2.6).
        revoked_certificates: (!entries.is_empty()).then_some(entries),
        crl_extensions: Some(vec![issuer.authority_key_identifier()?, extension(&CrlNumber(number), false)?]),
    };
    let signature = sign(issuer.key(), &to_der(&tbs_cert_list)?)?;
    to_der(&CertificateList { tbs_cert_list, signature_algorithm: algorithm, signature })
}

/// Reads a revocation list of ours (DER) and verifies the issuer's signature on it.
///
/// # Errors
/// `Malformed` for other bytes, for lists without number or end, and for those that another issuer signed.
pub fn read_crl(issuer: &X509Certificate, der: &[u8]) -> Result<CrlContents, CryptoError> {
    let malformed = |detail: &str| CryptoError::Malformed { expected: LIST, detail: detail.to_owned() };
    let signed = X509Crl::from_der(der).map_err(|_| malformed("the library cannot read it"))?;
    if !signed.verify(&*issuer.public_key()?).unwrap_or(false) {
        return Err(malformed("its signature is not that of the issuer"));
    }
    let list =
        CertificateList::from_der(der).map_err(|_| malformed("its structure cannot be read"))?.tbs_cert_list;

    let mut number = None;
    for extension in list.crl_extensions.iter().flatten() {
        if extension.extn_id == <CrlNumber as const_oid::AssociatedOid>::OID {
            number = CrlNumber::from_der(extension.extn_value.as_bytes())
                .ok()
                .and_then(|number| to_u64(&number.0));
        }
    }
    let mut revoked = Vec::new();
    for entry in list.revoked_certificates.iter().flatten() {
        let mut reason = RevocationReason::Unspecified;
        for extension in entry.crl_entry_extensions.iter().flatten() {
            if extension.extn_id == <CrlReason as const_oid::AssociatedOid>::OID {
                let code =
                    CrlReason::from_der(extension.extn_value.as_bytes()).ok().map(|reason| reason as u8);
                reason = code.and_then(RevocationReason::from_code).unwrap_or(reason);
            }
        }
        revoked.push(RevokedSerial {
            serial: SerialNumber::from_be_bytes(entry.serial_number.as_bytes()),
            revoked_at: moment(entry.revocation_date),
            reason,
        });
    }
    Ok(CrlContents {
        number: number.ok_or_else(|| malformed("it has no number"))?,
        this_update: moment(list.this_update),
        next_update: list.next_update.map(moment).ok_or_else(|| malformed("it has no end"))?,
        revoked,
    })
}

fn to_u64(number: &Uint) -> Option<u64> {
    number.as_bytes().iter().try_fold(0_u64, |sum, octet| Some(sum.checked_mul(256)? | u64::from(*octet)))
}

fn moment(time: x509_cert::time::Time) -> Timestamp {
    Timestamp::from_seconds(i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX / 1_000))
}

fn entry(revoked: &RevokedSerial) -> Result<RevokedCert, CryptoError> {
    let reason = match revoked.reason {
        RevocationReason::Unspecified => None,
        RevocationReason::KeyCompromise => Some(CrlReason::KeyCompromise),
        RevocationReason::AffiliationChanged => Some(CrlReason::AffiliationChanged),
        RevocationReason::Superseded => Some(CrlReason::Superseded),
        RevocationReason::CessationOfOperation => Some(CrlReason::CessationOfOperation),
        RevocationReason::CertificateHold => Some(CrlReason::CertificateHold),
        RevocationReason::PrivilegeWithdrawn => Some(CrlReason::PrivilegeWithdrawn),
    };
    let crl_entry_extensions = match reason {
        // CrlReason's own OID is that of the reason code (2.5.29.21).
        Some(reason) => Some(vec![extension(&reason, false)?]),
        None => None,
    };
    Ok(RevokedCert {
        serial_number: encoded_serial(&revoked.serial)?,
        revocation_date: time(revoked.revoked_at)?,
        crl_entry_extensions,
    })
}
