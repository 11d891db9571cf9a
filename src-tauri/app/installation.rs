//! The key pair of this workstation or daemon.
//!
//! In-flight keys and the secrets of authority accounts are sealed to it. Its private half rests in the [`Vault`] of this
//! installation; without it, in-flight keys of this installation cannot be delivered any more (archived keys are not
//! touched by that). Nothing here replaces or removes a key.

use std::path::PathBuf;

use crypto::issue::{Validity, recovery_agent_certificate, serial_number};
use crypto::{PrivateKey, X509Certificate, pfx};
use enroll::Installation;
use model::{Entropy, KeyAlgorithm, PfxProfile, Span, Timestamp};
use zeroize::Zeroizing;

use crate::settings::{Home, SettingsError, write_new_private};
use crate::vault::{Moved, Place, SecretName, Vault};

const KEY_FILE: &str = "installation.key";
const CERTIFICATE_FILE: &str = "installation.crt";

fn certificate_file(home: &Home) -> PathBuf {
    home.path().join(CERTIFICATE_FILE)
}

fn has_key(home: &Home) -> bool {
    // A vault that cannot be opened says so when the key is loaded; its home is not an empty one.
    Vault::open(home).is_ok_and(|vault| vault.has(SecretName::INSTALLATION_KEY))
        || home.path().join(KEY_FILE).exists()
}

/// Whether this home has a key pair.
pub(crate) fn exists(home: &Home) -> bool {
    has_key(home) && certificate_file(home).exists()
}

/// Whether this home has one half of a key pair and lacks the other.
pub(crate) fn is_damaged(home: &Home) -> bool {
    has_key(home) != certificate_file(home).exists()
}

/// Reads the key pair. Blocks while a person unlocks the keyring, two minutes at most.
pub(crate) fn load(home: &Home) -> Result<Installation, SettingsError> {
    load_from(&Vault::open(home)?, home)
}

/// Reads the key pair with a vault that is open already.
pub(crate) fn load_from(vault: &Vault, home: &Home) -> Result<Installation, SettingsError> {
    let pkcs8 = vault.read(SecretName::INSTALLATION_KEY)?.ok_or_else(|| SettingsError::Unreadable {
        path: home.path().join(KEY_FILE),
        source: std::io::ErrorKind::NotFound.into(),
    })?;
    let key = PrivateKey::from_pkcs8(&pkcs8).map_err(|error| unsuitable(&error))?;
    let certificate = certificate(home)?;
    if key.spki_sha256().map_err(|error| unsuitable(&error))?
        != certificate.spki_sha256().map_err(|error| unsuitable(&error))?
    {
        return Err(SettingsError::Unsuitable(format!(
            "{KEY_FILE} and {CERTIFICATE_FILE} do not belong together; restore both from one backup"
        )));
    }
    Ok(Installation { certificate, key })
}

/// Reads the public half; needs no vault.
pub(crate) fn certificate(home: &Home) -> Result<X509Certificate, SettingsError> {
    let path = certificate_file(home);
    let der = std::fs::read(&path).map_err(|source| SettingsError::Unreadable { path, source })?;
    X509Certificate::from_bytes(&der).map_err(|error| unsuitable(&error))
}

fn unsuitable(error: &crypto::CryptoError) -> SettingsError {
    SettingsError::Unsuitable(format!("the key pair of this installation cannot be used: {error}"))
}

/// Makes the key pair, and the vault that keeps it. Never replaces one: in-flight keys sealed to it would be lost.
pub(crate) fn create(
    home: &Home,
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Result<Installation, SettingsError> {
    if exists(home) {
        return load(home);
    }
    if is_damaged(home) {
        return Err(SettingsError::Unsuitable(format!(
            "this home is damaged: of {KEY_FILE} and {CERTIFICATE_FILE} only one is there; restore the other from a \
             backup, for keys sealed to this installation cannot be opened without both"
        )));
    }
    let unsuitable = |error: crypto::CryptoError| {
        SettingsError::Unsuitable(format!("no key pair could be made for this installation: {error}"))
    };
    let vault = Vault::found(home)?;
    let key = PrivateKey::generate(KeyAlgorithm::Rsa3072).map_err(unsuitable)?;
    // Recipients of envelopes are all of one kind; the validity does not matter for them, the key does.
    let validity = Validity::lasting(now - Span::hours(1), Span::days(36_500));
    let name = format!("Sealwright installation {}", host_name());
    let short: String = name.chars().take(64).collect();
    let der =
        recovery_agent_certificate(&short, &key, validity, serial_number(entropy)).map_err(unsuitable)?;
    let certificate = X509Certificate::from_der(&der).map_err(unsuitable)?;
    vault.put_new(SecretName::INSTALLATION_KEY, &key.to_pkcs8().map_err(unsuitable)?)?;
    write_new_private(&certificate_file(home), certificate.pem().as_bytes())?;
    Ok(Installation { certificate, key })
}

/// Whether the private half lies in a file that is not encrypted.
pub(crate) fn lies_in_file(home: &Home) -> bool {
    Vault::open(home).is_ok_and(|vault| vault.place() == Place::File)
}

/// Moves this installation's secrets to another place, usually out of plain files into the keyring. Safe to repeat.
pub(crate) fn protect(home: &Home, place: Place) -> Result<Moved, SettingsError> {
    // A key pair that does not fit together is not moved about.
    let mut vault = Vault::open(home)?;
    load_from(&vault, home)?;
    Ok(vault.move_to(place)?)
}

/// The key pair as a PKCS#12 file under a password of its own: what to keep where the keyring of this machine, or the
/// machine, may be lost.
pub(crate) fn backup(home: &Home, password: &str) -> Result<Zeroizing<Vec<u8>>, SettingsError> {
    let Installation { certificate, key } = load(home)?;
    pfx::build(&key, &certificate, &[], password, PfxProfile::Modern, &certificate.subject())
        .map_err(|error| SettingsError::Unsuitable(format!("no backup could be made: {error}")))
}

/// Puts the key pair of a [`backup`] into a home that has lost its private half. Replaces nothing.
pub(crate) fn restore(home: &Home, backup: &[u8], password: &str) -> Result<Installation, SettingsError> {
    let refused = |text: String| Err(SettingsError::Unsuitable(text));
    let opened = pfx::open(backup, password)
        .map_err(|error| SettingsError::Unsuitable(format!("the backup cannot be used: {error}")))?;
    if has_key(home) {
        return refused(format!(
            "{} is there, and a backup replaces nothing; if it cannot be opened any more, move it aside first",
            home.path().join(KEY_FILE).display()
        ));
    }
    let has_certificate = certificate_file(home).exists();
    if has_certificate && certificate(home)?.thumbprint() != opened.certificate.thumbprint() {
        return refused(format!(
            "this is the backup of another installation: {CERTIFICATE_FILE} is not in it"
        ));
    }
    // The place may have lost the key that encrypted what was here.
    let mut vault = Vault::found(home)?;
    vault.move_to(vault.place())?;
    let pkcs8 = opened.key.to_pkcs8().map_err(|error| unsuitable(&error))?;
    vault.put_new(SecretName::INSTALLATION_KEY, &pkcs8)?;
    if !has_certificate {
        write_new_private(&certificate_file(home), opened.certificate.pem().as_bytes())?;
    }
    load(home)
}

/// The name of this machine, for people.
pub(crate) fn host_name() -> String {
    hostname::get().ok().and_then(|name| name.into_string().ok()).unwrap_or_else(|| "this machine".to_owned())
}

/// Who is at work, as the audit log shall name them: account and machine.
pub(crate) fn actor() -> String {
    #[cfg(debug_assertions)]
    if let Some(actor) = pretended_actor() {
        return actor;
    }
    format!("{}@{}", whoami::username().unwrap_or_else(|_| "unknown".to_owned()), host_name())
}

/// Stories in which several persons take part are played by one account. Only builds with debug assertions believe it.
#[cfg(debug_assertions)]
#[expect(
    clippy::disallowed_methods,
    reason = "tests say through its environment who the process they start is"
)]
fn pretended_actor() -> Option<String> {
    std::env::var("SEALWRIGHT_ACTOR").ok()
}

#[cfg(test)]
mod tests;
