//! Hand-over of PKCS#12 files to Intune.

use serde::{Deserialize, Serialize};

use crate::certificate::Thumbprint;
use crate::id::{CertificateId, DeliveryId, SubscriberId};
use crate::time::Timestamp;

/// A PKCS#12 for all devices of one person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// Our id.
    pub id: DeliveryId,
    /// What is delivered.
    pub certificate: CertificateId,
    /// The certificate's SHA-1, part of the record id at Intune.
    pub thumbprint: Thumbprint,
    /// To whose devices: the subscriber, or a person who may use the shared mailbox.
    pub person: SubscriberId,
    /// That person's sign-in name when it was delivered.
    pub user_principal_name: String,
    /// How far it came.
    pub state: DeliveryState,
    /// Id of the record at Intune, once known.
    pub record: Option<String>,
    /// When `state` was reached.
    pub at: Timestamp,
}

/// How far a delivery came. Each word means what was seen, not what was sent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DeliveryState {
    /// Decided, nothing sent yet.
    Planned,
    /// Intune answered that it took the record.
    Accepted,
    /// The record was read back from Intune.
    Present,
    /// A read-back found no record where one should be.
    Missing,
    /// The record was removed on purpose, and a listing showed that it is gone. What devices have is not known.
    Withdrawn,
}

/// That a certificate's key was or will be delivered to somebody.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Handover {
    /// Which certificate.
    pub certificate: CertificateId,
    /// To whom.
    pub person: SubscriberId,
    /// The record was taken back at Intune: whoever has the key keeps it, and whoever has it not gets none.
    pub withdrawn: bool,
}

/// What was seen of a delivery, in the order in which it is seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DeliveryProof {
    /// We opened the PKCS#12 with its password before it was sent, and its key is the certificate's.
    Opened,
    /// Intune answered that it took the record.
    Accepted,
    /// The record was read back from Intune.
    ReadBack,
    /// The person read a canary mail with it on a device, and told the code in it ([`crate::Canary`]).
    Confirmed,
}

impl DeliveryState {
    /// Whether the key is still to be handed over.
    pub const fn is_open(self) -> bool {
        match self {
            Self::Planned | Self::Accepted | Self::Missing => true,
            Self::Present | Self::Withdrawn => false,
        }
    }

    /// What must have been seen for a delivery to come this far. Nothing is sent that was not opened.
    pub const fn proofs(self) -> &'static [DeliveryProof] {
        match self {
            Self::Planned => &[],
            Self::Accepted | Self::Missing | Self::Withdrawn => {
                &[DeliveryProof::Opened, DeliveryProof::Accepted]
            }
            Self::Present => &[DeliveryProof::Opened, DeliveryProof::Accepted, DeliveryProof::ReadBack],
        }
    }
}
