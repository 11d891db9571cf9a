//! `[intune]`: the connectors to whose keys passwords are encrypted, and how fast records are written.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::connector::DEFAULT;

/// Letters of the longest name of a connector.
const LONGEST_NAME: usize = 40;

/// How Intune takes PKCS#12 files.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Intune {
    /// The connector's public key: what `Export-IntunePublicKey` wrote, a PEM, or a certificate.
    pub connector_key_file: PathBuf,
    /// Key storage provider on the connector's server.
    #[serde(default = "software_ksp")]
    pub provider_name: String,
    /// Key name in that provider.
    pub key_name: String,
    /// SHA-256 of the public key (`SubjectPublicKeyInfo`, 64 hexadecimal digits) that a person compared with the connector's
    /// server. No other key is used. Absent in settings that nobody compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// Most records written per second; Intune's own limit is not documented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writes_per_second: Option<f32>,
    /// Connectors that templates may name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub connectors: Vec<FurtherConnector>,
}

/// A connector that templates may name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FurtherConnector {
    /// What templates call it: letters of ASCII, digits, `-` and `_`.
    pub name: String,
    /// As of the first one.
    pub connector_key_file: PathBuf,
    /// As of the first one.
    #[serde(default = "software_ksp")]
    pub provider_name: String,
    /// As of the first one.
    pub key_name: String,
    /// As of the first one; always there.
    pub fingerprint: String,
}

/// Where `Add-IntuneKspKey` puts a key usually.
pub(crate) fn software_ksp() -> String {
    "Microsoft Software Key Storage Provider".to_owned()
}

/// Whether a connector may be called this.
pub(crate) fn is_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.len())
        && name.bytes().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_'))
        && !name.eq_ignore_ascii_case(DEFAULT)
}

fn is_fingerprint(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

impl Intune {
    /// What is to be changed in the file, for people.
    pub(super) fn check(&self) -> Result<(), String> {
        let mended = "`sealwright connector import` writes it after the comparison";
        if self.fingerprint.as_ref().is_some_and(|text| !is_fingerprint(text)) {
            return Err(format!(
                "[intune] fingerprint is not a SHA-256 of 64 lower-case hexadecimal digits; {mended}"
            ));
        }
        for (place, one) in self.connectors.iter().enumerate() {
            let FurtherConnector { name, fingerprint, .. } = one;
            if !is_name(name) {
                return Err(format!(
                    "[[intune.connectors]] name = \"{name}\": use 1 to {LONGEST_NAME} letters, digits, - and _, and not \"{DEFAULT}\""
                ));
            }
            if self.connectors.iter().take(place).any(|earlier| earlier.name.eq_ignore_ascii_case(name)) {
                return Err(format!("[[intune.connectors]]: two are called `{name}`"));
            }
            if !is_fingerprint(fingerprint) {
                return Err(format!(
                    "[[intune.connectors]] `{name}`: fingerprint is not a SHA-256 of 64 lower-case hexadecimal digits; {mended}"
                ));
            }
        }
        Ok(())
    }
}
