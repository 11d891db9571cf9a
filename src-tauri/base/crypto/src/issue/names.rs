//! Which names a profile certifies, and whether a certificate can hold them.
//!
//! A name is certified as it was asked for, without the spaces around it, or it is refused with a sentence. It is never
//! shortened, transliterated or replaced: a certificate must not say what nobody said.

use const_oid::db::rfc3280::EMAIL_ADDRESS;
use der::asn1::{Any, Ia5StringRef, SetOfVec};
use model::CertificateNames;
use model::names::Profile;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};

use super::{mail, organization, unfit};
use crate::error::CryptoError;

/// Upper bounds in characters (RFC 5280 appendix A.1). Given name and surname may have 32768 there; nothing shows that.
const COMMON_NAME: usize = 64;
const ORGANIZATION: usize = 64;
const PART_OF_NAME: usize = 256;

/// Entra's limit for sign-in names is 113; AD allows more.
const USER_PRINCIPAL_NAME: usize = 1_024;

/// Tells whether a certificate of this profile can hold these names, before a key is made for it.
///
/// # Errors
/// `Unfit` with the first name that does not fit, and what to do about it.
pub fn check_names(profile: Profile, names: &CertificateNames) -> Result<(), CryptoError> {
    subject_and_alternatives(profile, &certified(profile, names)?).map(|_| ())
}

/// The names that a profile certifies, checked; the others are left out.
pub(super) fn certified(profile: Profile, names: &CertificateNames) -> Result<CertificateNames, CryptoError> {
    let mail_addresses = mail_addresses(names)?;
    let certified = match profile {
        Profile::SmimeSponsor => sponsor(names, mail_addresses)?,
        Profile::SmimeMailbox => mailbox(mail_addresses)?,
        Profile::ClientAuth => client_auth(names, mail_addresses)?,
    };
    no_stray_address(&certified)?;
    Ok(certified)
}

/// Subject and alternative names of checked names.
pub(super) fn subject_and_alternatives(
    profile: Profile,
    names: &CertificateNames,
) -> Result<(Name, SubjectAltName), CryptoError> {
    let alternatives = crate::names::subject_alternative_name(names)?
        .ok_or_else(|| unfit("this order", "it names neither a mail address nor a user principal name"))?;
    let subject = match (profile, names.mail_addresses.first()) {
        // An address too long for a common name still fits the field made for addresses.
        (Profile::SmimeMailbox, Some(address)) if names.common_name.is_empty() => email_subject(address)?,
        _ => crate::names::subject(names)?,
    };
    Ok((subject, alternatives))
}

/// Text as a certificate can hold it: without the spaces around it.
///
/// # Errors
/// `Unfit` for empty text, text over `limit` characters, and characters that people cannot see or read.
pub(super) fn plain_text(field: &str, value: &str, limit: usize) -> Result<String, CryptoError> {
    let text = value.trim();
    let refused = |why: String| Err(unfit(format!("the {field} `{}`", abridged(text)), why));
    if text.is_empty() {
        return refused("it is empty; fill it in, in the directory or in the template".to_owned());
    }
    let length = text.chars().count();
    if length > limit {
        return refused(format!(
            "it has {length} characters, and a certificate holds {limit} there; shorten it"
        ));
    }
    if let Some(odd) = text.chars().find(|character| is_unreadable(*character)) {
        return refused(format!(
            "it holds the invisible or damaged character U+{:04X}; remove it",
            u32::from(odd)
        ));
    }
    if !text.chars().any(char::is_alphanumeric) {
        return refused("it has no letter and no digit".to_owned());
    }
    if holds_html_entity(text) {
        return refused("it holds an HTML entity such as `&amp;`; write the character itself".to_owned());
    }
    Ok(text.to_owned())
}

fn sponsor(names: &CertificateNames, mail_addresses: Vec<String>) -> Result<CertificateNames, CryptoError> {
    let missing = |what: &str, hint: &str| unfit(format!("this order without {what}"), hint);
    needs_mail(&mail_addresses)?;
    let country = names.country.as_deref().map(organization::country).transpose()?;
    let organization = names.organization.as_deref().ok_or_else(|| {
        missing(
            "organisation",
            "sponsor-validated certificates name the organisation; enter it in the template",
        )
    })?;
    let identifier = names.organization_identifier.as_deref().ok_or_else(|| {
        missing(
            "organisation identifier",
            "sponsor-validated certificates name the organisation's register entry; enter it in the template",
        )
    })?;
    let identifier = plain_text("organisation identifier", identifier, PART_OF_NAME)?;
    organization::check_identifier(&identifier, country.as_deref())?;
    let given_name = optional("given name", names.given_name.as_deref(), PART_OF_NAME)?;
    let surname = optional("surname", names.surname.as_deref(), PART_OF_NAME)?;
    if given_name.is_none() && surname.is_none() {
        return Err(missing(
            "given name and surname",
            "sponsor-validated certificates need one of them; enter it in the directory",
        ));
    }
    Ok(CertificateNames {
        common_name: plain_text("common name", &names.common_name, COMMON_NAME)?,
        given_name,
        surname,
        organization: Some(plain_text("organisation", organization, ORGANIZATION)?),
        organization_identifier: Some(identifier),
        country,
        mail_addresses,
        user_principal_name: None,
        security_identifier: None,
    })
}

fn mailbox(mail_addresses: Vec<String>) -> Result<CertificateNames, CryptoError> {
    needs_mail(&mail_addresses)?;
    let fits = |address: &&String| address.len() <= COMMON_NAME;
    let common_name = mail_addresses.first().filter(fits).cloned().unwrap_or_default();
    Ok(CertificateNames { common_name, mail_addresses, ..CertificateNames::default() })
}

fn client_auth(
    names: &CertificateNames,
    mail_addresses: Vec<String>,
) -> Result<CertificateNames, CryptoError> {
    let upn = names.user_principal_name.as_deref().ok_or_else(|| {
        unfit("this order without user principal name", "sign-in certificates are mapped to people by it")
    })?;
    Ok(CertificateNames {
        common_name: plain_text("common name", &names.common_name, COMMON_NAME)?,
        given_name: optional("given name", names.given_name.as_deref(), PART_OF_NAME)?,
        surname: optional("surname", names.surname.as_deref(), PART_OF_NAME)?,
        organization: optional("organisation", names.organization.as_deref(), ORGANIZATION)?,
        organization_identifier: optional(
            "organisation identifier",
            names.organization_identifier.as_deref(),
            PART_OF_NAME,
        )?,
        country: names.country.as_deref().map(organization::country).transpose()?,
        mail_addresses,
        user_principal_name: Some(user_principal_name(upn)?),
        security_identifier: names.security_identifier.as_deref().map(security_identifier).transpose()?,
    })
}

fn optional(field: &str, value: Option<&str>, limit: usize) -> Result<Option<String>, CryptoError> {
    value.map(|value| plain_text(field, value, limit)).transpose()
}

/// The addresses, checked, each once (addresses differ in more than case).
fn mail_addresses(names: &CertificateNames) -> Result<Vec<String>, CryptoError> {
    let mut unique: Vec<String> = Vec::with_capacity(names.mail_addresses.len());
    for address in &names.mail_addresses {
        let address = address.trim();
        mail::check(address)?;
        if !unique.iter().any(|known| known.eq_ignore_ascii_case(address)) {
            unique.push(address.to_owned());
        }
    }
    Ok(unique)
}

fn needs_mail(addresses: &[String]) -> Result<(), CryptoError> {
    if addresses.is_empty() {
        return Err(unfit(
            "this order without mail address",
            "an S/MIME certificate is for mail; enter an address",
        ));
    }
    Ok(())
}

/// An address in the subject must be one of those certified (S/MIME BR 7.1.4.2.1).
fn no_stray_address(names: &CertificateNames) -> Result<(), CryptoError> {
    let fields = [
        ("common name", Some(&names.common_name)),
        ("given name", names.given_name.as_ref()),
        ("surname", names.surname.as_ref()),
        ("organisation", names.organization.as_ref()),
    ];
    for (field, value) in fields {
        if let Some(value) = value
            && mail::looks_like_address(value)
            && !names.mail_addresses.contains(value)
            && names.user_principal_name.as_ref() != Some(value)
        {
            return Err(unfit(
                format!("the {field} `{}`", abridged(value)),
                "it is a mail address, and not one of those to be certified",
            ));
        }
    }
    Ok(())
}

fn user_principal_name(text: &str) -> Result<String, CryptoError> {
    let refused = |why: &str| Err(unfit(format!("the user principal name `{}`", abridged(text)), why));
    if text.chars().count() > USER_PRINCIPAL_NAME {
        return refused("it has more than 1024 characters");
    }
    if text.chars().any(|character| character.is_whitespace() || is_unreadable(character)) {
        return refused("it holds a space or an invisible character");
    }
    match text.split_once('@') {
        Some((name, domain)) if !name.is_empty() && !domain.is_empty() && !domain.contains('@') => {
            Ok(text.to_owned())
        }
        _ => refused("it must have the form name@domain"),
    }
}

/// A security identifier in its text form: `S-1-`, an authority and up to 15 sub-authorities.
fn security_identifier(text: &str) -> Result<String, CryptoError> {
    let numbers: Option<Vec<u64>> =
        text.strip_prefix("S-1-").map(|rest| rest.split('-').map(parse_number).collect()).unwrap_or_default();
    match numbers.as_deref() {
        Some([authority, subs @ ..])
            if *authority < (1 << 48)
                && (1..=15).contains(&subs.len())
                && subs.iter().all(|sub| u32::try_from(*sub).is_ok()) =>
        {
            Ok(text.to_owned())
        }
        _ => Err(unfit(
            format!("the security identifier `{}`", abridged(text)),
            "it must have the form S-1-5-21-…, as Active Directory shows it",
        )),
    }
}

/// Digits only: the library also reads a leading `+`.
fn parse_number(text: &str) -> Option<u64> {
    text.bytes().all(|octet| octet.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// A subject of one `emailAddress` (`IA5String`, RFC 5280 section 4.1.2.6).
fn email_subject(address: &str) -> Result<Name, CryptoError> {
    let value = Ia5StringRef::new(address).and_then(|text| Any::encode_from(&text));
    value
        .and_then(|value| SetOfVec::try_from(vec![AttributeTypeAndValue { oid: EMAIL_ADDRESS, value }]))
        .map(|single| RdnSequence(vec![RelativeDistinguishedName(single)]))
        .map_err(CryptoError::library("writing a name"))
}

/// Control characters, line and paragraph separators, the marks that turn the direction of text, and what decoders
/// put where they failed.
fn is_unreadable(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffd}')
}

fn holds_html_entity(text: &str) -> bool {
    text.split('&').skip(1).any(|after| {
        after.split_once(';').is_some_and(|(name, _)| {
            let name = name.strip_prefix('#').unwrap_or(name);
            !name.is_empty() && name.len() <= 32 && name.bytes().all(|octet| octet.is_ascii_alphanumeric())
        })
    })
}

/// Enough of a long text to know it again.
fn abridged(text: &str) -> String {
    const SHOWN: usize = 80;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
