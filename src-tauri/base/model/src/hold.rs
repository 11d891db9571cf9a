//! Certificates that are suspended: the only end that can be taken back.

use serde::{Deserialize, Serialize};

use crate::certificate::CertificateState;
use crate::id::{CertificateId, SubscriberId};
use crate::time::Timestamp;

/// A certificate on hold. It is there for as long as the certificate is [`CertificateState::Held`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hold {
    /// Which certificate.
    pub certificate: CertificateId,
    /// Whose.
    pub subscriber: SubscriberId,
    /// Why.
    pub cause: HoldCause,
    /// What the certificate was before, and is again when the hold is lifted: valid or superseded.
    pub was: CertificateState,
    /// How far it came.
    pub state: HoldState,
    /// Since when.
    pub since: Timestamp,
}

/// Why a certificate is on hold, which says who lifts that.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HoldCause {
    /// Somebody ordered it; somebody has to lift it.
    ByHand,
    /// The account is blocked; the plan lifts it when it no longer is.
    Disabled,
}

/// How far a hold came. In each of these states nothing is done here with the certificate.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HoldState {
    /// The authority is to be told.
    Ordered,
    /// The authority has it on its revocation list as `certificateHold` (RFC 5280 section 5.3.1).
    AtAuthority,
    /// The authority knows no holds: it is suspended here only, and whoever relies on it does not notice.
    HereOnly,
    /// It is to be lifted, and the authority is to be told.
    Lifting,
}
