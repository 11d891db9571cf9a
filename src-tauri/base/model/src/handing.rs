//! What a plan hands over, and what it takes back, each with its reason.
//!
//! Both follow from what else a plan does, or from what was left undone; neither costs money, and none counts against the
//! limits: a hand-over gives a key to whom its certificate is for, and what is taken back can be handed over again.

use serde::{Deserialize, Serialize};

use crate::certificate::Thumbprint;
use crate::id::{CertificateId, EnrollmentId, SubscriberId, TemplateId};

/// A hand-over to people's devices that a plan brings about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryIntent {
    /// Whose certificate.
    pub subscriber: SubscriberId,
    /// Name for people.
    pub who: String,
    /// By which template.
    pub template: TemplateId,
    /// The template's name.
    pub template_name: String,
    /// Sign-in names of those to whose devices it goes, in order.
    pub to: Vec<String>,
    /// Where it comes from.
    #[serde(flatten)]
    pub cause: DeliveryCause,
    /// Why, in one sentence.
    pub reason: String,
}

/// Where a hand-over comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "camelCase")]
pub enum DeliveryCause {
    /// It follows from a certificate that the same plan orders.
    Ordered,
    /// The certificate was issued, and an earlier attempt to hand it over failed.
    Retried {
        /// The enrollment that stands there.
        enrollment: EnrollmentId,
    },
}

/// Something that a plan takes back: a record at Intune, or an entry in the address list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemovalIntent {
    /// Whose certificate.
    pub subscriber: SubscriberId,
    /// The certificate's mail address.
    pub who: String,
    /// Which certificate.
    pub certificate: CertificateId,
    /// Its SHA-1, by which people know it.
    pub thumbprint: Thumbprint,
    /// The sign-in name that the record is for; `None` in the address list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_of: Option<String>,
    /// Where it comes from.
    pub cause: RemovalCause,
    /// Why, in one sentence.
    pub reason: String,
}

/// Why something is taken back, and so from where.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RemovalCause {
    /// At Intune, for somebody who may no longer use the mailbox; it follows from the new key, or from the revocation, in the
    /// same plan.
    HolderLeft,
    /// At Intune: the template lets no more former certificates stay on devices.
    Former,
    /// In the address list, which is to show it no longer.
    AddressList,
}

impl RemovalCause {
    /// Stable name for scripts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HolderLeft => "holderLeft",
            Self::Former => "former",
            Self::AddressList => "addressList",
        }
    }
}
