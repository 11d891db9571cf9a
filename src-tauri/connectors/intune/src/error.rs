//! What an error of the wire means to a delivery: nothing happened, it may have happened, or it never will.

use model::Span;
use net::NetError;
use ports::{DeliveryError, DeliveryRecord, Package};

const PERMISSION: &str = "DeviceManagementConfiguration.ReadWrite.All";

/// Services put this into a refusal of any status when a record is there already.
const EXISTS: &str = "already exists";

/// Whether a refused create may mean that the record is there: 409, or the 400 that stands for everything.
pub(crate) fn may_mean_duplicate(error: &NetError) -> bool {
    if let NetError::Client { status, reply, .. } = error {
        matches!(status, 400 | 409) || reply.message.to_lowercase().contains(EXISTS)
    } else {
        false
    }
}

/// Whether the request may have had its effect although no good answer came. 503 and 429 are refusals before any work;
/// the other 5xx come from gateways too, while the work goes on behind them.
pub(crate) fn may_have_happened(error: &NetError) -> bool {
    match error {
        NetError::OutcomeUnknown { .. } | NetError::Garbled { .. } | NetError::TooLarge { .. } => true,
        NetError::Server { status, .. } => *status != 503,
        NetError::NotJson { status, .. } => *status < 300,
        NetError::Unreachable { .. }
        | NetError::Throttled { .. }
        | NetError::Unauthorized { .. }
        | NetError::Forbidden { .. }
        | NetError::NotFound { .. }
        | NetError::Gone { .. }
        | NetError::Client { .. }
        | NetError::ForeignLink { .. }
        | NetError::LoginRefused(_)
        | NetError::Unsendable { .. } => false,
    }
}

/// A create that brought no good answer.
pub(crate) fn refused(package: &Package, error: NetError) -> DeliveryError {
    if may_have_happened(&error) {
        return outcome_unknown(package, error);
    }
    reading(&package.user_principal_name, error)
}

/// The same where it was looked up what the directory knows of the person: Intune does not say why it refuses.
pub(crate) fn refused_for(package: &Package, error: NetError, known: Option<&str>) -> DeliveryError {
    match (refused(package, error), known) {
        (DeliveryError::Rejected { user_principal_name, reason }, Some(known)) => {
            DeliveryError::Rejected { user_principal_name, reason: format!("{reason}; {known}") }
        }
        (other, _) => other,
    }
}

pub(crate) fn outcome_unknown(package: &Package, error: NetError) -> DeliveryError {
    DeliveryError::OutcomeUnknown { thumbprint: package.thumbprint, source: error.into() }
}

pub(crate) fn unfit(package: &Package, reason: String) -> DeliveryError {
    DeliveryError::Unfit { user_principal_name: package.user_principal_name.clone(), reason }
}

/// A request that had no effect.
pub(crate) fn reading(user_principal_name: &str, error: NetError) -> DeliveryError {
    match error {
        NetError::LoginRefused(refusal) => DeliveryError::Unauthorized { hint: refusal.to_string() },
        NetError::Unauthorized { reply, .. } => DeliveryError::Unauthorized {
            hint: format!(
                "a fresh token is not accepted; check that tenant and cloud belong together: {reply}"
            ),
        },
        NetError::Forbidden { reply, .. } => DeliveryError::Unauthorized {
            hint: format!(
                "imported certificates need the application permission {PERMISSION}, with admin consent: {reply}"
            ),
        },
        NetError::NotFound { reply, .. } => DeliveryError::Unauthorized {
            hint: format!(
                "there are no imported certificates at this address; check the cloud, and that the tenant has Intune: {reply}"
            ),
        },
        NetError::Client { ref reply, .. } => DeliveryError::Rejected {
            user_principal_name: user_principal_name.to_owned(),
            reason: match reply.activity_id {
                Some(_) => format!(
                    "{error}; Intune does not say why: most often the person has no Intune licence, or the sign-in name \
                     has changed; Microsoft's support finds it by these ids"
                ),
                None => error.to_string(),
            },
        },
        NetError::Unreachable { .. }
        | NetError::OutcomeUnknown { .. }
        | NetError::Throttled { .. }
        | NetError::Server { .. }
        | NetError::Gone { .. }
        | NetError::NotJson { .. }
        | NetError::Garbled { .. }
        | NetError::TooLarge { .. }
        | NetError::ForeignLink { .. }
        | NetError::Unsendable { .. } => {
            DeliveryError::Unavailable { retry_after: error.retry_after(), source: error.into() }
        }
    }
}

/// A removal after which the record is still listed.
pub(crate) fn still_there(record: &DeliveryRecord, lost: Option<NetError>) -> DeliveryError {
    let retry_after = lost.as_ref().and_then(NetError::retry_after);
    let source = match lost {
        Some(error) => error.into(),
        None => format!("the record {} is still listed after its removal", record.id).into(),
    };
    DeliveryError::Unavailable { retry_after, source }
}

/// The writes that all installations together may make are used up for this long; nothing was sent.
pub(crate) fn spent(wait: Span) -> DeliveryError {
    let source = "the writes that all installations together may make at Intune are used up for now".into();
    DeliveryError::Unavailable { retry_after: Some(wait), source }
}

/// A list that never ends.
pub(crate) fn endless() -> DeliveryError {
    let source = "the list of imported certificates has no end; the filter is not obeyed".into();
    DeliveryError::Unavailable { retry_after: None, source }
}
