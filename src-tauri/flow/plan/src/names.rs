//! Which names a certificate carries, from what the directory says.
//!
//! A name is never guessed or shortened: what does not fit leads to another documented choice, or to a sentence that
//! tells the administrator what to change in Entra. What is composed here is what an authority certifies; a name that it
//! would refuse must never get as far as a key (`tests/plan/names.rs` holds the two against each other).

use model::names::Profile;
use model::{CertificateNames, CommonName, Purpose, Subscriber, SubscriberKind, Template};

use crate::text::{Flaw, abridged, clean, flaw, has_hidden};

/// Most characters of a `commonName` and of an `organizationName` (RFC 5280 appendix A, `ub-common-name`).
const COMMON_NAME_MAX: usize = 64;
/// Most characters of a first or family name that anybody can show.
const NAME_MAX: usize = 256;
/// Most characters of a mail address (RFC 5321 section 4.5.3.1.3, path without brackets).
const MAIL_MAX: usize = 254;
/// Most characters before the `@` (RFC 5321 section 4.5.3.1.1).
const LOCAL_PART_MAX: usize = 64;
/// Most characters of a sign-in name; Entra's own limit is 113, Active Directory allows more.
const SIGN_IN_MAX: usize = 1_024;

/// The profile by which this subscriber is certified.
pub fn profile_for(subscriber: &Subscriber, template: &Template) -> Profile {
    match (template.purpose, subscriber.kind) {
        (Purpose::Cba, _) => Profile::ClientAuth,
        (Purpose::Smime, SubscriberKind::SharedMailbox) => Profile::SmimeMailbox,
        (Purpose::Smime, SubscriberKind::Person) => {
            if template.organization.is_some() {
                Profile::SmimeSponsor
            } else {
                Profile::SmimeMailbox
            }
        }
    }
}

/// The names for one subscriber by one template.
///
/// # Errors
/// One sentence: what is missing and what to do about it.
pub fn compose(subscriber: &Subscriber, template: &Template) -> Result<CertificateNames, String> {
    match profile_for(subscriber, template) {
        Profile::SmimeMailbox => {
            let mail = mail_address(subscriber)?;
            // The subject of this profile may only repeat the address; one that is too long for a common name stands in
            // the alternative names alone.
            let common_name = if mail.len() <= COMMON_NAME_MAX { mail.clone() } else { String::new() };
            Ok(CertificateNames { common_name, mail_addresses: vec![mail], ..CertificateNames::default() })
        }
        Profile::SmimeSponsor => person_mail_names(subscriber, template),
        Profile::ClientAuth => sign_in_names(subscriber),
    }
}

fn person_mail_names(subscriber: &Subscriber, template: &Template) -> Result<CertificateNames, String> {
    let mail = mail_address(subscriber)?;
    let given_name = part_of_name("first name", "givenName", subscriber.given_name.as_deref())?;
    let surname = part_of_name("family name", "surname", subscriber.surname.as_deref())?;
    if given_name.is_none() && surname.is_none() {
        return Err(
            "has neither a first name nor a family name in Entra; a certificate that names the organisation \
                    must name the person: fill in `givenName` or `surname`"
                .to_owned(),
        );
    }
    let common_name = match template.common_name {
        CommonName::Mail => fitting(&[Some(mail.clone())], &mail),
        CommonName::DisplayName => {
            let full = match (&given_name, &surname) {
                (Some(given), Some(family)) => Some(format!("{given} {family}")),
                (Some(one), None) | (None, Some(one)) => Some(one.clone()),
                (None, None) => None,
            };
            fitting(&[clean(subscriber.display_name.as_deref()), full, Some(mail.clone())], &mail)
        }
    }
    .ok_or_else(|| {
        format!(
            "display name, full name and mail address all have more than {COMMON_NAME_MAX} characters and do not fit \
             the certificate's common name; shorten one of them in Entra"
        )
    })?;
    Ok(CertificateNames {
        common_name,
        given_name,
        surname,
        organization: template.organization.as_ref().map(|organization| organization.name.clone()),
        organization_identifier: template
            .organization
            .as_ref()
            .map(|organization| organization.identifier.clone()),
        country: template.organization.as_ref().map(|organization| organization.country.clone()),
        mail_addresses: vec![mail],
        ..CertificateNames::default()
    })
}

fn sign_in_names(subscriber: &Subscriber) -> Result<CertificateNames, String> {
    let upn = subscriber.user_principal_name.trim();
    if upn.contains("#EXT#") {
        return Err(
            "is a guest of this tenant; guests sign in with the certificates of their own organisation"
                .to_owned(),
        );
    }
    let wrong = |why: &str| Err(format!("the sign-in name `{}` {why}; correct it in Entra", abridged(upn)));
    if has_hidden(upn) || upn.contains(char::is_whitespace) {
        return wrong("holds a space or an invisible character");
    }
    if upn.chars().count() > SIGN_IN_MAX {
        return wrong("has more than 1024 characters");
    }
    if !upn
        .split_once('@')
        .is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty() && !domain.contains('@'))
    {
        return wrong("is not of the form name@domain");
    }
    let sid = subscriber.on_premises_sid.as_deref().map(str::trim).filter(|sid| !sid.is_empty());
    if let Some(sid) = sid.filter(|sid| !is_security_identifier(sid)) {
        return Err(format!(
            "the security identifier `{}` from Active Directory is not of the form S-1-5-21-…; look at the account's \
             synchronisation",
            abridged(sid)
        ));
    }
    let common_name =
        fitting(&[clean(subscriber.display_name.as_deref()), Some(upn.to_owned())], upn).ok_or_else(|| {
            format!(
                "neither display name nor sign-in name can be the certificate's common name, which has at most \
                 {COMMON_NAME_MAX} characters with letters or digits among them; correct one of them in Entra"
            )
        })?;
    Ok(CertificateNames {
        common_name,
        user_principal_name: Some(upn.to_owned()),
        security_identifier: sid.map(str::to_owned),
        ..CertificateNames::default()
    })
}

/// The primary mail address, checked (RFC 5321 section 4.1.2: a dot-atom before the `@`, a full domain name after it).
fn mail_address(subscriber: &Subscriber) -> Result<String, String> {
    let Some(mail) = clean(subscriber.mail.as_deref()) else {
        return Err("has no mail address in Entra; give the account a mailbox or fill in `mail`".to_owned());
    };
    let wrong = |why: &str| Err(format!("the mail address `{}` {why}", abridged(&mail)));
    let Some((local, domain)) = mail.rsplit_once('@') else {
        return wrong("is not of the form name@domain; correct it in Entra");
    };
    if !mail.is_ascii() {
        return wrong(
            "has letters beyond ASCII, which mail certificates cannot carry; make an address without them the primary one",
        );
    }
    if mail.len() > MAIL_MAX {
        return wrong("has more than 254 characters; give the account a shorter primary address");
    }
    if local.len() > LOCAL_PART_MAX {
        return wrong(
            "has more than 64 characters before the `@`; give the account a shorter primary address",
        );
    }
    if !local.split('.').all(is_atom) {
        return wrong("is not of the form name@domain; correct it in Entra");
    }
    let labels: Vec<&str> = domain.split('.').collect();
    let top = labels.last().copied().unwrap_or_default();
    if labels.len() < 2
        || !labels.iter().all(|label| is_label(label))
        || top.len() < 2
        || !top.bytes().any(|octet| octet.is_ascii_alphabetic())
    {
        return wrong("does not end with a domain name such as example.com; correct it in Entra");
    }
    Ok(format!("{local}@{}", domain.to_ascii_lowercase()))
}

/// A piece of a mail address between two dots (RFC 5322 section 3.2.3).
fn is_atom(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&octet))
}

fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// `S-1-`, an authority of 48 bits, and up to 15 sub-authorities of 32 bits (MS-DTYP 2.4.2.1).
fn is_security_identifier(text: &str) -> bool {
    let number =
        |digits: &str| digits.bytes().all(|octet| octet.is_ascii_digit()).then(|| digits.parse::<u64>().ok());
    let Some(numbers) = text.strip_prefix("S-1-") else { return false };
    let numbers: Option<Vec<u64>> = numbers.split('-').map(|digits| number(digits).flatten()).collect();
    match numbers.as_deref() {
        Some([authority, subs @ ..]) => {
            *authority < 1 << 48
                && (1..=15).contains(&subs.len())
                && subs.iter().all(|sub| u32::try_from(*sub).is_ok())
        }
        Some([]) | None => false,
    }
}

/// A first or family name; `None` when there is none.
fn part_of_name(what: &str, attribute: &str, text: Option<&str>) -> Result<Option<String>, String> {
    let Some(name) = clean(text) else { return Ok(None) };
    let wrong =
        |why: &str| Err(format!("the {what} `{}` {why}; correct `{attribute}` in Entra", abridged(&name)));
    if name.chars().count() > NAME_MAX {
        return wrong("has more than 256 characters");
    }
    match flaw(&name) {
        Some(Flaw::Damaged) => wrong("holds a damaged character"),
        Some(Flaw::Markup) => wrong("holds an HTML entity such as `&amp;`"),
        Some(Flaw::Address) => wrong("is a mail address"),
        None => Ok(Some(name)),
    }
}

/// The first candidate that a common name can hold. A name that looks like an address must be `own`, which is certified.
fn fitting(candidates: &[Option<String>], own: &str) -> Option<String> {
    let holds = |name: &&String| {
        name.chars().count() <= COMMON_NAME_MAX
            && name.chars().any(char::is_alphanumeric)
            && match flaw(name) {
                None => true,
                Some(Flaw::Address) => name.as_str() == own,
                Some(Flaw::Damaged | Flaw::Markup) => false,
            }
    };
    candidates.iter().flatten().find(holds).cloned()
}
