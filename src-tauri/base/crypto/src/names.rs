//! Turns the names that a certificate is asked to carry into ASN.1, the same way for requests and for
//! certificates.
//!
//! Nothing is shortened or replaced here: a name that does not fit its field is refused, since a silently
//! altered name would be certified.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc4519::{COMMON_NAME, COUNTRY_NAME, GIVEN_NAME, ORGANIZATION_NAME, SN as SURNAME};
use der::asn1::{Any, Ia5String, PrintableStringRef, SetOfVec, Utf8StringRef};
use model::CertificateNames;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::{GeneralName, OtherName};
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};

use crate::certificate::UPN_OTHER_NAME;
use crate::error::CryptoError;

/// `organizationIdentifier` (X.520; S/MIME BR 7.1.4.2.2).
pub(crate) const ORGANIZATION_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.97");

/// Upper bounds in characters (RFC 5280 appendix A.1).
const UB_COMMON_NAME: usize = 64;
const UB_ORGANIZATION_NAME: usize = 64;
const UB_NAME: usize = 32_768;

/// The subject: country, organisation, its identifier, surname, given name, common name, each where it is
/// set.
///
/// # Errors
/// `Unfit` names the field that is too long, empty or has characters that its type does not know.
pub(crate) fn subject(names: &CertificateNames) -> Result<Name, CryptoError> {
    let mut parts = Vec::new();
    if let Some(country) = &names.country {
        parts.push(country_name(country)?);
    }
    let optional = [
        (&names.organization, ORGANIZATION_NAME, "organisation", UB_ORGANIZATION_NAME),
        (&names.organization_identifier, ORGANIZATION_IDENTIFIER, "organisation identifier", UB_NAME),
        (&names.surname, SURNAME, "surname", UB_NAME),
        (&names.given_name, GIVEN_NAME, "given name", UB_NAME),
    ];
    for (value, oid, field, limit) in optional {
        if let Some(value) = value {
            parts.push(utf8(oid, field, value, limit)?);
        }
    }
    if !names.common_name.is_empty() {
        parts.push(utf8(COMMON_NAME, "common name", &names.common_name, UB_COMMON_NAME)?);
    }
    Ok(RdnSequence(parts))
}

/// The subject alternative names: mail addresses in their order, then the UPN; `None` when there is neither.
///
/// # Errors
/// `Unfit` for an address outside ASCII: `rfc822Name` has no other characters (RFC 5280 section 4.2.1.6).
pub(crate) fn subject_alternative_name(
    names: &CertificateNames,
) -> Result<Option<SubjectAltName>, CryptoError> {
    let mut entries = Vec::new();
    for address in &names.mail_addresses {
        if !address.contains('@') {
            return Err(unfit("mail address", address, "it has no `@`"));
        }
        let text = Ia5String::new(address).map_err(|_| {
            unfit(
                "mail address",
                address,
                "a certificate holds ASCII addresses only; use the address in its ASCII spelling",
            )
        })?;
        entries.push(GeneralName::Rfc822Name(text));
    }
    if let Some(upn) = &names.user_principal_name {
        let value = Utf8StringRef::new(upn).and_then(|text| Any::encode_from(&text));
        let value = value.map_err(CryptoError::library("writing a user principal name"))?;
        entries.push(GeneralName::OtherName(OtherName { type_id: UPN_OTHER_NAME, value }));
    }
    Ok((!entries.is_empty()).then_some(SubjectAltName(entries)))
}

fn unfit(field: &str, value: &str, why: &str) -> CryptoError {
    CryptoError::Unfit { what: format!("the {field} `{value}`"), why: why.to_owned() }
}

fn utf8(
    oid: ObjectIdentifier,
    field: &str,
    value: &str,
    limit: usize,
) -> Result<RelativeDistinguishedName, CryptoError> {
    if value.trim().is_empty() {
        return Err(unfit(field, value, "it is empty"));
    }
    if value.chars().count() > limit {
        return Err(unfit(field, value, &format!("a certificate holds at most {limit} characters there")));
    }
    let encoded = Utf8StringRef::new(value).and_then(|text| Any::encode_from(&text));
    relative_name(oid, encoded)
}

fn country_name(country: &str) -> Result<RelativeDistinguishedName, CryptoError> {
    if country.len() != 2 || !country.bytes().all(|letter| letter.is_ascii_uppercase()) {
        return Err(unfit("country", country, "it must be the two capital letters of ISO 3166, such as DE"));
    }
    relative_name(COUNTRY_NAME, PrintableStringRef::new(country).and_then(|text| Any::encode_from(&text)))
}

fn relative_name(
    oid: ObjectIdentifier,
    value: der::Result<Any>,
) -> Result<RelativeDistinguishedName, CryptoError> {
    let single = value.and_then(|value| SetOfVec::try_from(vec![AttributeTypeAndValue { oid, value }]));
    single.map(RelativeDistinguishedName).map_err(CryptoError::library("writing a name"))
}
