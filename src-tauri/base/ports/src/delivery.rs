//! The door through which PKCS#12 files reach devices.

use async_trait::async_trait;
use model::{IntendedPurpose, Span, SubscriberId, Thumbprint, Timestamp};
use zeroize::Zeroizing;

use crate::{BoxError, Disposition};

/// A PKCS#12 for all devices of one person.
pub struct Package {
    /// Entra object id of the person.
    pub person: SubscriberId,
    /// Sign-in name of the person.
    pub user_principal_name: String,
    /// SHA-1 of the leaf.
    pub thumbprint: Thumbprint,
    /// What devices use it for.
    pub intended_purpose: IntendedPurpose,
    /// Start of the leaf's validity.
    pub not_before: Timestamp,
    /// End of the leaf's validity.
    pub not_after: Timestamp,
    /// Name of the connector to whose key the password is encrypted; the default one when absent.
    pub connector: Option<String>,
    /// The PKCS#12.
    pub pfx: Zeroizing<Vec<u8>>,
    /// Its password: printable ASCII, made for this one hand-over.
    pub password: Zeroizing<String>,
}

/// A record read back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeliveryRecord {
    /// The service's own id.
    pub id: String,
    /// SHA-1 of the leaf.
    pub thumbprint: Thumbprint,
    /// For whom.
    pub user_principal_name: String,
}

/// A record in the list of all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListedRecord {
    /// The record.
    pub record: DeliveryRecord,
    /// Whether it names the key of one of our connectors. What others import beside us is not ours to judge.
    pub ours: bool,
    /// What devices use it for; `None` for a word that is not known here.
    pub intended_purpose: Option<IntendedPurpose>,
}

/// A page of the list of all records.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListedPage {
    /// Those that can be read.
    pub records: Vec<ListedRecord>,
    /// How many could not be read.
    pub unreadable: usize,
    /// Where the next page begins; `None` when this is the last.
    pub next: Option<String>,
}

/// A door to a device management service that imports PKCS#12 files.
#[async_trait]
pub trait DeliveryDoor: Send + Sync {
    /// Proves that credentials, permissions and the connector's public key are usable; one sentence for people.
    async fn check(&self) -> Result<String, DeliveryError>;
    /// Hands the package over, after it was opened with its password as a device will open it. The caller has looked with `find` first.
    async fn deliver(&self, package: &Package) -> Result<DeliveryRecord, DeliveryError>;
    /// Reads back the record of a person and certificate; `None` means that there is none.
    async fn find(
        &self,
        user_principal_name: &str,
        thumbprint: Thumbprint,
    ) -> Result<Option<DeliveryRecord>, DeliveryError>;
    /// All records that the service has, of whomever, a page at a time: `after` is the `next` of the page before.
    async fn list(&self, after: Option<&str>) -> Result<ListedPage, DeliveryError>;
    /// Asks for removal and verifies by reading back. Says nothing about what devices do with what they have.
    async fn withdraw(&self, record: &DeliveryRecord) -> Result<(), DeliveryError>;
}

/// Why a delivery did not happen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryError {
    /// Not reachable, throttled or overloaded.
    #[error("Intune is unreachable or asks us to wait")]
    Unavailable {
        /// As told by the service.
        retry_after: Option<Span>,
        /// Cause.
        #[source]
        source: BoxError,
    },
    /// Sent, answer lost: read back before anything is sent again.
    #[error("Intune may or may not have taken the certificate {thumbprint}")]
    OutcomeUnknown {
        /// Which.
        thumbprint: Thumbprint,
        /// Cause.
        #[source]
        source: BoxError,
    },
    /// What is needed to hand anything over is not set up, or not to be trusted; nothing was sent.
    #[error("{hint}")]
    NotSetUp {
        /// What to do.
        hint: String,
    },
    /// Credentials or permissions are missing.
    #[error("Intune refused our credentials: {hint}")]
    Unauthorized {
        /// What to do.
        hint: String,
    },
    /// This record was refused.
    #[error("Intune refused the record for {user_principal_name}: {reason}")]
    Rejected {
        /// For whom.
        user_principal_name: String,
        /// In the service's words, with its activity id.
        reason: String,
    },
    /// The package itself is unfit; nothing was sent.
    #[error("the package for {user_principal_name} cannot be sent: {reason}")]
    Unfit {
        /// For whom.
        user_principal_name: String,
        /// Why, and what to do.
        reason: String,
    },
}

impl DeliveryError {
    /// The one place that decides what the scheduler does next.
    pub const fn disposition(&self) -> Disposition {
        match self {
            Self::Unavailable { retry_after, .. } => Disposition::Retry { after: *retry_after },
            Self::OutcomeUnknown { .. } => Disposition::LookUpFirst,
            Self::NotSetUp { .. } | Self::Unauthorized { .. } => Disposition::Operator,
            Self::Rejected { .. } | Self::Unfit { .. } => Disposition::Reject,
        }
    }
}
