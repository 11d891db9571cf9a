//! What the plan wants done, each with its reason.

use serde::{Deserialize, Serialize};

use crate::certificate::Thumbprint;
use crate::ending::EndingCause;
use crate::id::{CertificateId, SubscriberId, TemplateId};
use crate::names::{CertificateNames, Profile};

/// One decision of the plan. `reason` is shown to people word for word.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Intent {
    /// About whom.
    pub subscriber: SubscriberId,
    /// Name for people.
    pub who: String,
    /// By which template.
    pub template: TemplateId,
    /// The template's name.
    pub template_name: String,
    /// What is to be done.
    pub action: Action,
    /// Why, in one sentence.
    pub reason: String,
}

/// What is to be done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Action {
    /// Start an enrollment.
    Enroll {
        /// Names to be certified.
        names: CertificateNames,
        /// Profile to be asked for.
        profile: Profile,
        /// The certificate to be replaced, when this is a renewal (re-key).
        replaces: Option<CertificateId>,
        /// Whether it is replaced before it ends: because name or address changed, or who may use a mailbox.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        renamed: bool,
    },
    /// Order a revocation.
    Revoke {
        /// Which certificate.
        certificate: CertificateId,
        /// Its SHA-1, by which people know it.
        thumbprint: Thumbprint,
        /// Why it ends.
        cause: EndingCause,
    },
    /// Put a certificate on hold because its owner's account is blocked.
    Hold {
        /// Which certificate.
        certificate: CertificateId,
        /// Its SHA-1, by which people know it.
        thumbprint: Thumbprint,
    },
    /// Lift a hold whose cause is gone.
    Release {
        /// Which certificate.
        certificate: CertificateId,
        /// Its SHA-1, by which people know it.
        thumbprint: Thumbprint,
    },
}

impl Action {
    /// One word for tables: `enroll`, `renew`, `replace`, `revoke`, `hold` or `release`.
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Enroll { replaces: None, .. } => "enroll",
            Self::Enroll { renamed: true, .. } => "replace",
            Self::Enroll { replaces: Some(_), .. } => "renew",
            Self::Revoke { .. } => "revoke",
            Self::Hold { .. } => "hold",
            Self::Release { .. } => "release",
        }
    }
}

/// Somebody who is entitled but cannot get a certificate, and why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Skip {
    /// About whom.
    pub subscriber: SubscriberId,
    /// Name for people.
    pub who: String,
    /// The template's name.
    pub template: String,
    /// Why not, and what would help, in one sentence.
    pub why: String,
}
