//! The whole log with its signed heads as a page that verifies itself in any browser without a network.

use admit::{Digest, Fleet};
use crypto::X509Certificate;
use model::{AuditRecord, InstallationId, Timestamp};
use serde::{Deserialize, Serialize};
use store::Store;

use crate::head::{SignedHead, signer};
use crate::notary::{CHUNK, EvidenceError};
use crate::proof::{all_entries, base64_octets};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
enum Format {
    #[serde(rename = "sealwright evidence 1")]
    One,
}

/// The log as evidence.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Bundle {
    format: Format,
    /// When it was written.
    pub exported_at: Timestamp,
    /// SHA-256 over the certificate of the installation that founded the fleet.
    pub fleet: Digest,
    /// All entries in order.
    pub entries: Vec<AuditRecord>,
    /// All signed heads.
    pub heads: Vec<SignedHead>,
    /// Those who signed.
    pub signers: Vec<Signer>,
}

/// One who signed a head.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Signer {
    /// The installation.
    pub installation: InstallationId,
    /// Its name.
    pub name: String,
    /// Its certificate, DER.
    #[serde(with = "base64_octets")]
    pub certificate: Vec<u8>,
    /// The public key in that certificate, DER `SubjectPublicKeyInfo`, for readers that cannot take certificates apart.
    #[serde(with = "base64_octets")]
    pub public_key: Vec<u8>,
}

impl Bundle {
    /// Reads the whole log with the heads that are to be believed, and those that were `kept` elsewhere. It is not verified
    /// here: it is evidence, whatever it shows.
    ///
    /// # Errors
    /// The database's.
    pub async fn read(
        store: &dyn Store,
        fleet: &Fleet,
        kept: &[SignedHead],
        now: Timestamp,
    ) -> Result<Self, EvidenceError> {
        // Entries and heads as they were at one moment.
        let mut work = store.read().await?;
        let entries = all_entries(work.as_mut()).await?;
        let mut heads = kept.to_vec();
        let mut after = None;
        loop {
            let stored = work.audit().tree_heads(after.as_ref(), CHUNK).await?;
            heads.extend(stored.iter().map(SignedHead::of));
            after = stored.into_iter().last();
            if after.is_none() {
                break;
            }
        }
        let mut signers: Vec<Signer> = Vec::new();
        let mut believed: Vec<SignedHead> = Vec::new();
        for head in heads {
            let Ok(said) = head.believed(fleet) else { continue };
            if believed.contains(&head) {
                continue;
            }
            if signers.iter().all(|known| known.installation != said.installation)
                && let Some(certificate) = signer(fleet, said.installation)
            {
                signers.push(Signer::of(fleet, said.installation, certificate)?);
            }
            believed.push(head);
        }
        Ok(Self {
            format: Format::One,
            exported_at: now,
            fleet: fleet.digest(),
            entries,
            heads: believed,
            signers,
        })
    }
}

impl Signer {
    fn of(
        fleet: &Fleet,
        installation: InstallationId,
        certificate: &X509Certificate,
    ) -> Result<Self, EvidenceError> {
        let member =
            fleet.member(installation).or_else(|| fleet.former(installation).map(|former| &former.member));
        Ok(Self {
            installation,
            name: member.map(|member| member.name.clone()).unwrap_or_default(),
            certificate: certificate.der().to_vec(),
            public_key: certificate.spki_der()?,
        })
    }
}

/// A page that holds the bundle and the program that verifies it; nothing of it comes from anywhere else.
///
/// # Errors
/// [`EvidenceError::Unfit`] when the bundle cannot be written as JSON.
pub fn page(bundle: &Bundle) -> Result<String, EvidenceError> {
    let json = serde_json::to_string(bundle);
    let json = json.map_err(|error| EvidenceError::Unfit(format!("the log cannot be written: {error}")))?;
    // Nothing that stands in an entry may end the element in which it lies.
    let json = json.replace('<', "\\u003c");
    let mut page = String::new();
    for part in include_str!("page.html").split("{{") {
        // What is put in is never looked at again: an entry may say anything.
        match part.split_once("}}") {
            Some(("evidence", after)) => page.extend([&json, after]),
            Some(("program", after)) => page.extend([include_str!("page.js"), after]),
            _ => page.push_str(part),
        }
    }
    Ok(page)
}
