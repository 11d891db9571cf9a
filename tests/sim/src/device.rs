//! Virtual devices: what happens to an imported PFX after the service has taken it, as on a person's phone or laptop.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Platform;

/// What one device found out about one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceCheck {
    /// The person.
    pub user: Uuid,
    /// The person's sign-in name.
    pub user_principal_name: String,
    /// The device's name.
    pub device: String,
    /// Its operating system.
    pub platform: Platform,
    /// The record's thumbprint.
    pub thumbprint: String,
    /// The common name in the certificate; `None` when the PKCS#12 did not open or the name has none.
    pub subject_common_name: Option<String>,
    /// The serial number of the certificate, lower-case hexadecimal; `None` when the PKCS#12 did not open.
    pub serial: Option<String>,
    /// The password was recovered, the PKCS#12 opened, the key fits the certificate, the thumbprint fits, the chain is there.
    pub opened: bool,
    /// A mail encrypted to the certificate was decrypted with the delivered key. `None`: not a certificate for encrypted mail.
    pub canary: Option<bool>,
    /// Why `opened` or `canary` is false, in a sentence.
    pub error: Option<String>,
}

/// What all devices found out at one check-in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceReport {
    /// Ordered by user principal name, device, thumbprint.
    pub checks: Vec<DeviceCheck>,
}

impl DeviceReport {
    /// How many times a PKCS#12 opened on a device.
    pub fn opened(&self) -> usize {
        self.checks.iter().filter(|check| check.opened).count()
    }

    /// How many canary mails were decrypted.
    pub fn canaries_decrypted(&self) -> usize {
        self.checks.iter().filter(|check| check.canary == Some(true)).count()
    }

    /// The checks where something failed.
    pub fn failures(&self) -> impl Iterator<Item = &DeviceCheck> {
        self.checks.iter().filter(|check| !check.opened || check.canary == Some(false))
    }
}
