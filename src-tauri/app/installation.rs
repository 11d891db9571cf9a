//! The key pair of this workstation or daemon.
//!
//! In-flight keys and the secrets of authority accounts are sealed to it. Its private half lies in a file that only its
//! owner may read; without it, in-flight keys of this installation cannot be delivered any more (archived keys are not
//! touched by that).

use std::path::PathBuf;

use crypto::issue::{Validity, recovery_agent_certificate, serial_number};
use crypto::{PrivateKey, X509Certificate};
use enroll::Installation;
use model::{Entropy, KeyAlgorithm, Span, Timestamp};

use crate::settings::{Home, SettingsError, read_private, write_new_private};

const KEY_FILE: &str = "installation.key";
const CERTIFICATE_FILE: &str = "installation.crt";

fn key_file(home: &Home) -> PathBuf {
    home.path().join(KEY_FILE)
}

fn certificate_file(home: &Home) -> PathBuf {
    home.path().join(CERTIFICATE_FILE)
}

/// Whether this home has a key pair.
pub(crate) fn exists(home: &Home) -> bool {
    key_file(home).exists() && certificate_file(home).exists()
}

/// Whether this home has one half of a key pair and lacks the other.
pub(crate) fn is_damaged(home: &Home) -> bool {
    key_file(home).exists() != certificate_file(home).exists()
}

/// Reads the key pair.
pub(crate) fn load(home: &Home) -> Result<Installation, SettingsError> {
    let unsuitable = |error: crypto::CryptoError| {
        SettingsError::Unsuitable(format!("the key pair of this installation cannot be used: {error}"))
    };
    let pkcs8 = read_private(&key_file(home))?;
    let path = certificate_file(home);
    let der = std::fs::read(&path).map_err(|source| SettingsError::Unreadable { path, source })?;
    let key = PrivateKey::from_pkcs8(&pkcs8).map_err(unsuitable)?;
    let certificate = X509Certificate::from_bytes(&der).map_err(unsuitable)?;
    if key.spki_sha256().map_err(unsuitable)? != certificate.spki_sha256().map_err(unsuitable)? {
        return Err(SettingsError::Unsuitable(format!(
            "{KEY_FILE} and {CERTIFICATE_FILE} do not belong together; restore both from one backup"
        )));
    }
    Ok(Installation { certificate, key })
}

/// Makes the key pair. Never replaces one: in-flight keys sealed to it would be lost.
pub(crate) fn create(
    home: &Home,
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Result<Installation, SettingsError> {
    if exists(home) {
        return load(home);
    }
    if key_file(home).exists() || certificate_file(home).exists() {
        return Err(SettingsError::Unsuitable(format!(
            "this home is damaged: of {KEY_FILE} and {CERTIFICATE_FILE} only one is there; restore the other from a \
             backup, for keys sealed to this installation cannot be opened without both"
        )));
    }
    let unsuitable = |error: crypto::CryptoError| {
        SettingsError::Unsuitable(format!("no key pair could be made for this installation: {error}"))
    };
    let key = PrivateKey::generate(KeyAlgorithm::Rsa3072).map_err(unsuitable)?;
    // Recipients of envelopes are all of one kind; the validity does not matter for them, the key does.
    let validity = Validity::lasting(now - Span::hours(1), Span::days(36_500));
    let name = format!("Sealwright installation {}", host_name());
    let short: String = name.chars().take(64).collect();
    let der =
        recovery_agent_certificate(&short, &key, validity, serial_number(entropy)).map_err(unsuitable)?;
    let certificate = X509Certificate::from_der(&der).map_err(unsuitable)?;
    let pkcs8 = key.to_pkcs8().map_err(unsuitable)?;
    write_new_private(&key_file(home), &pkcs8)?;
    write_new_private(&certificate_file(home), certificate.pem().as_bytes())?;
    Ok(Installation { certificate, key })
}

/// The name of this machine, for people.
pub(crate) fn host_name() -> String {
    hostname::get().ok().and_then(|name| name.into_string().ok()).unwrap_or_else(|| "this machine".to_owned())
}

/// Who is at work, as the audit log shall name them: account and machine.
pub(crate) fn actor() -> String {
    format!("{}@{}", whoami::username().unwrap_or_else(|_| "unknown".to_owned()), host_name())
}
