//! Virtual devices: what happens to an imported PFX after the service has taken it, as on a person's phone or laptop.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use openssl::cms::CmsContentInfo;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::stack::Stack;
use openssl::x509::{X509, X509Ref, X509VerifyResult};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::lock::Shared;
use crate::world::World;
use crate::{Device, DeviceKeys, PfxRecord, Platform, User, canary, tls};

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

/// What a device shows of a mail.
#[derive(Clone, Debug)]
pub struct DeviceMail {
    /// Its name.
    pub device: String,
    /// The decrypted text; `None` where no delivered key opens it.
    pub text: Option<String>,
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

/// The key of a device and the certificate under which Intune knows it.
struct DeviceKey {
    key: PKey<Private>,
    certificate: X509,
}

impl DeviceKey {
    fn make(name: &str) -> Result<Self, ErrorStack> {
        let key = PKey::from_rsa(Rsa::generate(2048)?)?;
        let certificate = tls::self_signed(name, &key)?;
        Ok(Self { key, certificate })
    }
}

/// The keys of all devices, each made when it is first needed.
pub(crate) struct DeviceKeyRing {
    sharing: DeviceKeys,
    keys: Shared<HashMap<String, Arc<OnceLock<DeviceKey>>>>,
}

impl DeviceKeyRing {
    pub(crate) fn new(sharing: DeviceKeys) -> Self {
        Self { sharing, keys: Shared::default() }
    }

    /// Runs `with` on the key of a device.
    fn with<T>(&self, device: &Device, with: impl FnOnce(&DeviceKey) -> T) -> Result<T, ErrorStack> {
        let name = match self.sharing {
            DeviceKeys::PerDevice => device.name.clone(),
            DeviceKeys::PerPlatform => format!("{:?}", device.platform),
        };
        let place = Arc::clone(self.keys.write().entry(name.clone()).or_default());
        if let Some(key) = place.get() {
            return Ok(with(key));
        }
        // Two threads may make one at the same moment; the first to finish is kept.
        let made = DeviceKey::make(&name)?;
        Ok(with(place.get_or_init(|| made)))
    }
}

/// One person with their devices and records, as they are at the check-in.
pub(crate) struct Visit {
    user: Arc<User>,
    records: Vec<PfxRecord>,
}

/// The people with devices and records, of `people` or of everybody.
pub(crate) fn visits(world: &World, people: Option<&[Uuid]>) -> Vec<Visit> {
    let directory = world.directory.read();
    let store = world.pfx.read();
    let ids = people.map_or_else(|| store.users(), <[Uuid]>::to_vec);
    let mut visits = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(user) = directory.user(id) else { continue };
        let records: Vec<PfxRecord> = store.of_user(id).cloned().collect();
        if !records.is_empty() && !user.devices.is_empty() {
            visits.push(Visit { user: Arc::clone(user), records });
        }
    }
    visits
}

/// Lets the devices of each visit check in, starting with visit `first` and stepping by `step`: one call per core.
pub(crate) fn check_in(
    world: &World,
    visits: &[Visit],
    first: usize,
    step: usize,
) -> Result<Vec<DeviceCheck>, ErrorStack> {
    let mut checks = Vec::new();
    for visit in visits.iter().skip(first).step_by(step.max(1)) {
        for device in &visit.user.devices {
            for record in &visit.records {
                checks.push(
                    world.devices.with(device, |key| examine(world, &visit.user, device, key, record))?,
                );
            }
        }
    }
    Ok(checks)
}

/// What each device of a person shows of a mail: its text, where one of the keys that were delivered to it opens it.
pub(crate) fn read_mail(world: &World, person: Uuid, message: &[u8]) -> Result<Vec<DeviceMail>, ErrorStack> {
    let mut shown = Vec::new();
    for visit in visits(world, Some(&[person])) {
        for device in &visit.user.devices {
            let keys = world.devices.with(device, |key| installed_keys(world, &visit, device, key))?;
            let text = canary::read_with(message, &keys);
            shown.push(DeviceMail {
                device: device.name.clone(),
                text: text.map(|text| String::from_utf8_lossy(&text).into_owned()),
            });
        }
    }
    Ok(shown)
}

fn installed_keys(
    world: &World,
    visit: &Visit,
    device: &Device,
    key: &DeviceKey,
) -> Vec<(Vec<u8>, PKey<Private>)> {
    let installed = visit.records.iter().filter_map(|record| {
        let mut check = DeviceCheck::of(&visit.user, device, record);
        let installed = install(world, key, record, &mut check).ok()?;
        Some((installed.leaf.to_der().ok()?, installed.key))
    });
    installed.collect()
}

/// Puts the parts together.
pub(crate) fn report(mut checks: Vec<DeviceCheck>) -> DeviceReport {
    checks.sort_by(|a, b| {
        let key = |check: &DeviceCheck| {
            (check.user_principal_name.clone(), check.device.clone(), check.thumbprint.clone())
        };
        key(a).cmp(&key(b))
    });
    DeviceReport { checks }
}

fn examine(world: &World, user: &User, device: &Device, key: &DeviceKey, record: &PfxRecord) -> DeviceCheck {
    let mut check = DeviceCheck::of(user, device, record);
    let installed = match install(world, key, record, &mut check) {
        Ok(installed) => installed,
        Err(error) => {
            check.error = Some(error);
            return check;
        }
    };
    check.opened = true;
    if canary::receives_mail(&installed.leaf) {
        let flown = installed.leaf.to_der().map_err(|error| error.to_string());
        let flown = flown.and_then(|der| canary::fly(&der, &installed.key));
        check.canary = Some(flown.is_ok());
        check.error = flown.err();
    }
    check
}

impl DeviceCheck {
    /// Nothing is known yet.
    fn of(user: &User, device: &Device, record: &PfxRecord) -> Self {
        Self {
            user: user.id,
            user_principal_name: user.user_principal_name.clone(),
            device: device.name.clone(),
            platform: device.platform,
            thumbprint: record.thumbprint.clone(),
            subject_common_name: None,
            serial: None,
            opened: false,
            canary: None,
            error: None,
        }
    }
}

/// What a PKCS#12 leaves in the device's key store.
struct Installed {
    leaf: X509,
    key: PKey<Private>,
}

/// From the record to an installed certificate. `Err` is what the device would show.
fn install(
    world: &World,
    device: &DeviceKey,
    record: &PfxRecord,
    check: &mut DeviceCheck,
) -> Result<Installed, String> {
    let envelope = world.connector.recrypt(record, &device.certificate)?;
    let password = CmsContentInfo::from_der(&envelope)
        .and_then(|envelope| envelope.decrypt(&device.key, &device.certificate))
        .map_err(|error| format!("the device cannot open what the connector sent: {error}"))?;
    // The password travels as one byte per UTF-16 unit; a byte is the letter with that number.
    let password: String = password.iter().copied().map(char::from).collect();
    if password.contains('\0') {
        return Err("the password contains a zero byte".to_owned());
    }
    let parsed = Pkcs12::from_der(&record.pfx)
        .map_err(|error| format!("the PKCS#12 is not readable: {error}"))?
        .parse2(&password)
        .map_err(|error| {
            format!("the PKCS#12 does not open with the password that came with it: {}", last_reason(&error))
        })?;
    let (Some(leaf), Some(key)) = (parsed.cert, parsed.pkey) else {
        return Err("the PKCS#12 holds no certificate with its private key".to_owned());
    };
    check.subject_common_name = common_name(&leaf);
    check.serial = leaf
        .serial_number()
        .to_bn()
        .and_then(|number| number.to_hex_str().map(|hex| hex.to_lowercase()))
        .ok();
    let fits = leaf.public_key().is_ok_and(|public| public.public_eq(&key));
    if !fits {
        return Err("the private key in the PKCS#12 does not belong to its certificate".to_owned());
    }
    let thumbprint = leaf.digest(MessageDigest::sha1()).map(hex::encode).unwrap_or_default();
    if thumbprint != record.thumbprint {
        return Err(format!(
            "the certificate in the PKCS#12 has the thumbprint {thumbprint}, the record says {}",
            record.thumbprint
        ));
    }
    chain(&leaf, parsed.ca.as_ref())?;
    Ok(Installed { leaf, key })
}

/// Every certificate up to the last one in the PKCS#12 must be signed by the next; a leaf alone must be its own issuer.
fn chain(leaf: &X509Ref, others: Option<&Stack<X509>>) -> Result<(), String> {
    let signed_by = |certificate: &X509Ref, issuer: &X509Ref| {
        issuer.issued(certificate) == X509VerifyResult::OK
            && issuer.public_key().and_then(|key| certificate.verify(&key)).unwrap_or(false)
    };
    if signed_by(leaf, leaf) {
        return Ok(());
    }
    let others: Vec<&X509Ref> = others.into_iter().flatten().collect();
    let mut at = leaf;
    // No more steps than certificates: two of them may name each other.
    for _ in 0..others.len() {
        let Some(issuer) = others.iter().find(|other| signed_by(at, other)) else { break };
        if signed_by(issuer, issuer) {
            return Ok(());
        }
        at = issuer;
    }
    if at.to_der().ok() == leaf.to_der().ok() {
        return Err(
            "the PKCS#12 does not hold the issuer of the certificate: mail programs cannot build the chain"
                .to_owned(),
        );
    }
    Ok(())
}

fn common_name(certificate: &X509Ref) -> Option<String> {
    let entry = certificate.subject_name().entries_by_nid(Nid::COMMONNAME).next()?;
    entry.data().to_string().ok()
}

/// The part of OpenSSL's answer that a reader understands.
fn last_reason(error: &ErrorStack) -> String {
    let reason = error.errors().iter().rev().find_map(openssl::error::Error::reason);
    reason.unwrap_or("no reason given").to_owned()
}
