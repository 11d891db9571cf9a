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
    /// The record was taken back, since the person may no longer have the key. What devices have, they keep.
    Withdrawn,
}

impl DeliveryState {
    /// Whether the key is still to be handed over.
    pub const fn is_open(self) -> bool {
        match self {
            Self::Planned | Self::Accepted | Self::Missing => true,
            Self::Present | Self::Withdrawn => false,
        }
    }
}
