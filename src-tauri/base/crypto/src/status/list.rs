//! Revocation lists (RFC 5280 section 5).

use model::{AuthorityWord, Standing, Timestamp};
use openssl::asn1::Asn1Integer;
use openssl::bn::BigNum;
use openssl::error::ErrorStack;
use openssl::x509::{CrlStatus, ReasonCode, X509Crl};

use super::{in_force, revoked, uris_of_point};
use crate::asn1::{self, Flaw, Reader};
use crate::certificate::{KeyUsage, X509Certificate, timestamp};
use crate::error::CryptoError;

const LIST: &str = "a revocation list";

const CRL_NUMBER: &[u8] = &[0x55, 0x1d, 0x14];
const DELTA_INDICATOR: &[u8] = &[0x55, 0x1d, 0x1b];
const ISSUING_DISTRIBUTION_POINT: &[u8] = &[0x55, 0x1d, 0x1c];
/// Octets of the longest number of a list (RFC 5280 section 5.2.3).
const LONGEST_NUMBER: usize = 20;

/// A revocation list that is in force, by one issuer.
pub struct RevocationList {
    crl: X509Crl,
    issuer: X509Certificate,
    until: Timestamp,
    edition: Edition,
}

/// Which of its issuer's lists one is; kept where the list itself is not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edition {
    /// Octets of a positive integer, without zeros in front.
    number: Option<Vec<u8>>,
    said_at: Timestamp,
}

impl Edition {
    /// Whether the issuer made it before `other`, by its number where both have one (RFC 5280 section 5.2.3), and by its
    /// date.
    pub fn is_older_than(&self, other: &Self) -> bool {
        match (&self.number, &other.number) {
            // The longer is the larger.
            (Some(ours), Some(theirs)) => (ours.len(), ours) < (theirs.len(), theirs),
            (_, _) => self.said_at < other.said_at,
        }
    }
}

impl std::fmt::Debug for RevocationList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RevocationList({}, {} to {})", self.issuer.subject(), self.edition.said_at, self.until)
    }
}

impl RevocationList {
    /// Reads a list (DER) that was fetched from `address`.
    ///
    /// # Errors
    /// `Malformed` for other bytes, `Unfit` for what another issuer signed, what is not in force, and what speaks of some
    /// certificates only.
    pub fn read(
        der: &[u8],
        address: &str,
        issuer: &X509Certificate,
        now: Timestamp,
    ) -> Result<Self, CryptoError> {
        let malformed = |detail: &str| CryptoError::Malformed { expected: LIST, detail: detail.to_owned() };
        if der.trim_ascii_start().starts_with(b"<") {
            return Err(malformed("it is a web page"));
        }
        let number = speaks_of_all(der, address)?;
        let crl = X509Crl::from_der(der).map_err(|_| malformed("the library cannot read it"))?;
        let unfit =
            |why: String| CryptoError::Unfit { what: format!("the revocation list at {address}"), why };
        let same_name = crl.issuer_name().try_cmp(issuer.x509().subject_name());
        if !same_name.is_ok_and(std::cmp::Ordering::is_eq) {
            return Err(unfit("it is by another issuer than the certificate".to_owned()));
        }
        if issuer.key_usage().is_some_and(|usages| !usages.contains(&KeyUsage::CrlSign)) {
            return Err(unfit("its issuer may not sign revocation lists".to_owned()));
        }
        if !crl.verify(&*issuer.public_key()?).unwrap_or(false) {
            return Err(unfit("its signature is not that of the certificate's issuer".to_owned()));
        }
        let moment = |time| timestamp(time).map_err(CryptoError::library("reading a time"));
        let said_at = moment(crl.last_update())?;
        let until = crl.next_update().ok_or_else(|| malformed("it has no end"))?;
        let until = moment(until)?;
        in_force(said_at, until, now).map_err(unfit)?;
        Ok(Self { crl, issuer: issuer.clone(), until, edition: Edition { number, said_at } })
    }

    /// Until when it is in force.
    pub const fn until(&self) -> Timestamp {
        self.until
    }

    /// Which of its issuer's lists it is.
    pub const fn edition(&self) -> &Edition {
        &self.edition
    }

    /// Whether its issuer made it before `other` ([`Edition::is_older_than`]).
    pub fn is_older_than(&self, other: &Self) -> bool {
        self.edition.is_older_than(&other.edition)
    }

    /// What it says about a certificate.
    ///
    /// # Errors
    /// `Unfit` for a certificate of another issuer.
    pub fn word(&self, certificate: &X509Certificate) -> Result<AuthorityWord, CryptoError> {
        if !certificate.is_issued_by(&self.issuer) {
            return Err(CryptoError::Unfit {
                what: format!("the certificate `{}`", certificate.subject()),
                why: "it was issued by another authority than this revocation list".to_owned(),
            });
        }
        let serial = integer(certificate.serial().as_be_bytes())
            .map_err(CryptoError::library("reading a serial number"))?;
        let standing = match self.crl.get_by_serial(&serial) {
            // What a full list would take off a delta list's account is good.
            CrlStatus::NotRevoked | CrlStatus::RemoveFromCrl(_) => Standing::Good,
            CrlStatus::Revoked(entry) => {
                let at = timestamp(entry.revocation_date())
                    .map_err(CryptoError::library("reading the moment of a revocation"))?;
                let code = entry.extension::<ReasonCode>().ok().flatten();
                let code = code.and_then(|(_, code)| code.get_i64().ok());
                revoked(at, code)
            }
        };
        Ok(AuthorityWord { standing, said_at: self.edition.said_at })
    }
}

fn integer(bytes: &[u8]) -> Result<Asn1Integer, ErrorStack> {
    BigNum::from_slice(bytes)?.to_asn1_integer()
}

/// Refuses delta lists, indirect ones, and those for some certificates or reasons only. One that says for which address it
/// is has to have come from there. Answers the list's number, without zeros in front, where it has one.
fn speaks_of_all(der: &[u8], address: &str) -> Result<Option<Vec<u8>>, CryptoError> {
    let unfit = |why: &str| CryptoError::Unfit {
        what: format!("the revocation list at {address}"),
        why: why.to_owned(),
    };
    let flawed = |flaw: Flaw| flaw.of(LIST);
    let mut number = None;
    for (id, is_critical, value) in list_extensions(der).map_err(flawed)? {
        if id == DELTA_INDICATOR {
            return Err(unfit("it is a delta list, which says only what changed"));
        }
        if id == CRL_NUMBER {
            let octets = Reader::only(value).map_err(flawed)?.contents;
            let zeros = octets.iter().take_while(|octet| **octet == 0).count();
            let octets = octets.get(zeros..).unwrap_or_default();
            if octets.len() > LONGEST_NUMBER {
                return Err(unfit("its number is longer than any may be"));
            }
            number = Some(octets.to_vec());
        } else if id == ISSUING_DISTRIBUTION_POINT {
            let mut parts = Reader::new(Reader::only(value).map_err(flawed)?.contents);
            while !parts.is_at_end() {
                let part = parts.next_element().map_err(flawed)?;
                match part.tag {
                    0xa0 => {
                        let named = uris_of_point(part).map_err(flawed)?;
                        if !named.iter().any(|one| one == address) {
                            return Err(unfit("it says that it belongs to another address"));
                        }
                    }
                    // Persons' certificates only, which is all that we ask for.
                    0x81 => {}
                    0x82 | 0x84 | 0x85 if part.contents == [0] => {}
                    _ => return Err(unfit("it speaks of some certificates or reasons only")),
                }
            }
        } else if is_critical {
            return Err(unfit("it has an extension that must be understood and is not known here"));
        }
    }
    Ok(number)
}

type ListExtension<'a> = (&'a [u8], bool, &'a [u8]);

/// The extensions of a list (RFC 5280 section 5.1), without a look at its entries.
fn list_extensions(der: &[u8]) -> Result<Vec<ListExtension<'_>>, Flaw> {
    let mut list = Reader::new(Reader::only(der)?.contents);
    let mut tbs = Reader::new(list.expect(asn1::SEQUENCE, "the body")?.contents);
    let _version = tbs.optional(asn1::INTEGER)?;
    let _algorithm = tbs.expect(asn1::SEQUENCE, "the algorithm")?;
    let _issuer = tbs.expect(asn1::SEQUENCE, "the issuer")?;
    let mut found = Vec::new();
    while !tbs.is_at_end() {
        let field = tbs.next_element()?;
        if field.tag != 0xa0 {
            continue;
        }
        let mut extensions = Reader::new(Reader::only(field.contents)?.contents);
        while !extensions.is_at_end() {
            let mut parts = Reader::new(extensions.expect(asn1::SEQUENCE, "an extension")?.contents);
            let id = parts.expect(asn1::OID, "an extension's name")?;
            let critical = parts.optional(asn1::BOOLEAN)?;
            let value = parts.expect(asn1::OCTET_STRING, "an extension's value")?;
            found.push((id.contents, critical.is_some_and(|flag| flag.contents != [0]), value.contents));
        }
    }
    Ok(found)
}
