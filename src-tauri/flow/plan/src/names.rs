//! Which names a certificate carries, from what the directory says.
//!
//! A name is never guessed or shortened: what does not fit leads to another documented choice, or to a sentence that
//! tells the administrator what to change in Entra.

use model::names::Profile;
use model::{CertificateNames, CommonName, Purpose, Subscriber, SubscriberKind, Template};
use unicode_normalization::UnicodeNormalization as _;

/// Most characters of a `commonName` and of an `organizationName` (RFC 5280 appendix A, `ub-common-name`).
const COMMON_NAME_MAX: usize = 64;
/// Most characters of a mail address (RFC 5321 section 4.5.3.1.3, path without brackets).
const MAIL_MAX: usize = 254;

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
            if mail.chars().count() > COMMON_NAME_MAX {
                // The address still fits the alternative name; the subject of this profile may only repeat it.
                return Err(format!(
                    "the mail address `{mail}` has more than {COMMON_NAME_MAX} characters and does not fit the \
                     certificate's common name; give the account a shorter primary address"
                ));
            }
            Ok(CertificateNames {
                common_name: mail.clone(),
                mail_addresses: vec![mail],
                ..CertificateNames::default()
            })
        }
        Profile::SmimeSponsor => person_mail_names(subscriber, template),
        Profile::ClientAuth => sign_in_names(subscriber),
    }
}

fn person_mail_names(subscriber: &Subscriber, template: &Template) -> Result<CertificateNames, String> {
    let mail = mail_address(subscriber)?;
    let given_name = clean(subscriber.given_name.as_deref());
    let surname = clean(subscriber.surname.as_deref());
    if given_name.is_none() && surname.is_none() {
        return Err(
            "has neither a first name nor a family name in Entra; a certificate that names the organisation \
                    must name the person: fill in `givenName` or `surname`"
                .to_owned(),
        );
    }
    let common_name = match template.common_name {
        CommonName::Mail => fitting(&[Some(mail.clone())]),
        CommonName::DisplayName => {
            let full = match (&given_name, &surname) {
                (Some(given), Some(family)) => Some(format!("{given} {family}")),
                (Some(one), None) | (None, Some(one)) => Some(one.clone()),
                (None, None) => None,
            };
            fitting(&[clean(subscriber.display_name.as_deref()), full, Some(mail.clone())])
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
    if !upn.contains('@') {
        return Err(format!("the sign-in name `{upn}` is not of the form name@domain; correct it in Entra"));
    }
    let common_name =
        fitting(&[clean(subscriber.display_name.as_deref()), Some(upn.to_owned())]).ok_or_else(|| {
            format!(
                "display name and sign-in name both have more than {COMMON_NAME_MAX} characters and do not fit the \
                 certificate's common name; shorten one of them in Entra"
            )
        })?;
    Ok(CertificateNames {
        common_name,
        user_principal_name: Some(upn.to_owned()),
        security_identifier: subscriber.on_premises_sid.clone(),
        ..CertificateNames::default()
    })
}

/// The primary mail address, checked.
fn mail_address(subscriber: &Subscriber) -> Result<String, String> {
    let Some(mail) = clean(subscriber.mail.as_deref()) else {
        return Err("has no mail address in Entra; give the account a mailbox or fill in `mail`".to_owned());
    };
    let wrong = |why: &str| Err(format!("the mail address `{mail}` {why}"));
    let Some((local, domain)) = mail.rsplit_once('@') else {
        return wrong("is not of the form name@domain; correct it in Entra");
    };
    if local.is_empty() || local.contains(['@', ' ', '"', '<', '>', ',', ';']) {
        return wrong("is not of the form name@domain; correct it in Entra");
    }
    if mail.len() > MAIL_MAX {
        return wrong("has more than 254 characters; give the account a shorter primary address");
    }
    if !mail.is_ascii() {
        return wrong(
            "has letters beyond ASCII, which mail certificates cannot carry; make an address without them the primary one",
        );
    }
    let labels_fit = domain.split('.').all(|label| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    });
    if !labels_fit || !domain.contains('.') {
        return wrong("does not end with a domain name such as example.com; correct it in Entra");
    }
    Ok(format!("{local}@{}", domain.to_ascii_lowercase()))
}

/// Trimmed, composed (NFC), without control characters; `None` when nothing is left.
fn clean(text: Option<&str>) -> Option<String> {
    let composed: String = text?.nfc().filter(|c| !c.is_control()).collect();
    let trimmed = composed.split_whitespace().collect::<Vec<_>>().join(" ");
    (!trimmed.is_empty()).then_some(trimmed)
}

/// The first candidate that fits a common name.
fn fitting(candidates: &[Option<String>]) -> Option<String> {
    candidates.iter().flatten().find(|name| name.chars().count() <= COMMON_NAME_MAX).cloned()
}
