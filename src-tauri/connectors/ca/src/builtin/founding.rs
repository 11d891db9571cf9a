//! Founding an authority: root, issuing authority, and the root's revocation list, in one go.
//!
//! The root's key is used here and then only again to renew the issuing authority, so it is handed to the caller to be
//! sealed or carried away. Nothing is stored here.

use crypto::issue::{
    AuthoritySubject, CrlContents, Issuer, Validity, crl, issuing_certificate, root_certificate,
    serial_number,
};
use crypto::{CryptoError, PrivateKey, X509Certificate};
use model::{Entropy, KeyAlgorithm, Span, Timestamp};

use super::settings::{BuiltinSettings, addresses};

/// Devices whose clocks are slow still accept a new authority.
const BACKDATED: Span = Span::hours(1);

/// What a new authority shall be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Founding {
    /// What people call it; the certificates add `Root CA` and `Issuing CA`. At most 53 characters.
    pub name: String,
    /// Organisation in both subjects.
    pub organization: Option<String>,
    /// Country (ISO 3166) in both subjects.
    pub country: Option<String>,
    /// See [`BuiltinSettings::base_url`].
    pub base_url: String,
    /// The root's key.
    pub root_key: KeyAlgorithm,
    /// The issuing authority's key.
    pub issuing_key: KeyAlgorithm,
    /// Years of 365 days that the root lasts.
    pub root_years: u32,
    /// Years of 365 days that the issuing authority lasts; not more than the root.
    pub issuing_years: u32,
}

impl Founding {
    /// The usual authority: RSA 4096 for 20 years, RSA 3072 for 10 years.
    pub fn new(name: impl Into<String>, base_url: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            organization: None,
            country: None,
            base_url: base_url.into(),
            root_key: KeyAlgorithm::Rsa4096,
            issuing_key: KeyAlgorithm::Rsa3072,
            root_years: 20,
            issuing_years: 10,
        }
    }
}

/// A new authority: what is to be stored.
#[derive(Debug)]
pub struct Founded {
    /// For [`store::StoredAuthority::settings`].
    pub settings: BuiltinSettings,
    /// To be sealed; needed again only to renew the issuing authority. May be exported and taken off this machine.
    pub root_key: PrivateKey,
    /// To be sealed into [`store::StoredAuthority::sealed_secrets`]; the daemon needs it to issue.
    pub issuing_key: PrivateKey,
}

/// Founds an authority. Takes seconds of CPU time for RSA keys: call it off the async threads.
///
/// # Errors
/// `Unfit` names what does not fit: a name too long, an address that is not `http://`, lifetimes the wrong way round.
pub fn create(founding: &Founding, now: Timestamp, entropy: &dyn Entropy) -> Result<Founded, CryptoError> {
    let name = founding.name.trim();
    let begins = now - BACKDATED;
    let subject = |role: &str| AuthoritySubject {
        common_name: format!("{name} {role} CA"),
        organization: founding.organization.clone(),
        country: founding.country.clone(),
    };
    if name.is_empty() {
        return Err(CryptoError::Unfit {
            what: "an authority without name".to_owned(),
            why: "give it a name that people will recognise in their certificates".to_owned(),
        });
    }

    let root_key = PrivateKey::generate(founding.root_key)?;
    let root_validity = Validity::lasting(begins, years(founding.root_years));
    let root = root_certificate(&subject("Root"), &root_key, root_validity, serial_number(entropy))?;
    let root = Issuer::new(X509Certificate::from_der(&root)?, root_key.clone())?;

    let issuing_key = PrivateKey::generate(founding.issuing_key)?;
    let issuing = issuing_certificate(
        &root,
        &subject("Issuing"),
        &issuing_key.spki_der()?,
        Validity::lasting(begins, years(founding.issuing_years)),
        serial_number(entropy),
        &addresses(&founding.base_url, "root"),
    )?;
    let issuing = X509Certificate::from_der(&issuing)?;

    // The root is not at hand every week, so its list lasts as long as the one certificate it is about.
    let contents =
        CrlContents { number: 1, this_update: begins, next_update: issuing.not_after(), revoked: Vec::new() };
    let settings = BuiltinSettings {
        root: root.certificate().der().to_vec(),
        issuing: issuing.der().to_vec(),
        root_crl: crl(&root, &contents)?,
        base_url: founding.base_url.clone(),
        crl_file: None,
        crl_validity_hours: BuiltinSettings::DEFAULT_CRL_VALIDITY_HOURS,
        policies: Vec::new(),
        orders_per_minute: None,
    };
    Ok(Founded { settings, root_key, issuing_key })
}

fn years(count: u32) -> Span {
    Span::days(i64::from(count) * 365)
}
