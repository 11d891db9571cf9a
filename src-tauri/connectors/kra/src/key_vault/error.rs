//! What a vault's refusals mean for an officer, and what is to be done about each.

use model::Span;
use net::{ChallengeError, ErrorReply, NetError};
use ports::RecoveryKeyError;

/// Whether another operation on the same key may be permitted where this one was not.
pub(super) fn is_permission(error: &NetError) -> bool {
    let NetError::Forbidden { reply, .. } = error else { return false };
    !matches!(reply.inner_code.as_deref(), Some("KeyDisabled" | "ForbiddenByFirewall"))
}

/// A refusal of the vault, or of Entra ID on the way to it.
pub(super) fn refused(place: &str, error: NetError) -> RecoveryKeyError {
    let place = place.to_owned();
    match error {
        NetError::Forbidden { reply, .. } => RecoveryKeyError::Blocked { place, hint: forbidden(&reply) },
        NetError::Unauthorized { reply, .. } => {
            let hint = format!(
                "the vault did not accept the sign-in ({}); sign in anew, and mind that a policy of your organisation may \
                 ask for a managed device or another network",
                one_line(&reply)
            );
            RecoveryKeyError::Locked { place, hint }
        }
        NetError::LoginRefused(refusal) => RecoveryKeyError::Locked { place, hint: refusal.to_string() },
        NetError::NotFound { reply, .. } => RecoveryKeyError::Absent {
            place,
            hint: format!("the vault does not know it ({})", one_line(&reply)),
        },
        NetError::Unreachable { host, detail, .. } => {
            let hint = format!(
                "{host} cannot be reached ({detail}); check the vault's name, and whether it is open to this network"
            );
            RecoveryKeyError::Absent { place, hint }
        }
        error @ (NetError::Throttled { .. } | NetError::Server { .. }) => {
            let when = again(error.retry_after());
            RecoveryKeyError::Failed { place, source: format!("{error}; {when}").into() }
        }
        error @ NetError::OutcomeUnknown { .. } => {
            let text = format!("{error}; nothing was changed by it, try again");
            RecoveryKeyError::Failed { place, source: text.into() }
        }
        error @ (NetError::Gone { .. }
        | NetError::Client { .. }
        | NetError::NotJson { .. }
        | NetError::Garbled { .. }
        | NetError::TooLarge { .. }
        | NetError::ForeignLink { .. }
        | NetError::Unsendable { .. }) => RecoveryKeyError::Failed { place, source: Box::new(error) },
    }
}

/// A vault's refusal to unwrap. Whatever was wrong with the content key is told in one sentence, and not how the vault put
/// it.
pub(super) fn not_unwrapped(place: &str, error: NetError) -> RecoveryKeyError {
    if matches!(error, NetError::Client { status: 400, .. }) {
        return RecoveryKeyError::DoesNotUnwrap { place: place.to_owned() };
    }
    refused(place, error)
}

/// A vault's refusal to sign.
pub(super) fn not_signed(place: &str, error: NetError) -> RecoveryKeyError {
    let NetError::Forbidden { reply, .. } = &error else { return refused(place, error) };
    let hint = match reply.inner_code.as_deref() {
        Some("KeyDisabled" | "ForbiddenByFirewall") => return refused(place, error),
        Some("KeyOperationForbidden") => {
            "the key's permitted operations do not include sign; whoever administers the vault can add it, or another \
             officer signs"
                .to_owned()
        }
        _ => format!(
            "your account may not sign with this key: it needs the role Key Vault Crypto User (in a Managed HSM: Managed HSM \
             Crypto User), or an access policy with Sign; a new role takes some minutes to work ({})",
            one_line(reply)
        ),
    };
    RecoveryKeyError::Blocked { place: place.to_owned(), hint }
}

/// A vault that was not signed in to.
pub(super) fn not_challenged(place: &str, error: ChallengeError) -> RecoveryKeyError {
    match error {
        ChallengeError::Net(error) => refused(place, error),
        error @ (ChallengeError::Foreign { .. } | ChallengeError::Unreadable { .. }) => {
            RecoveryKeyError::Unfit { place: place.to_owned(), reason: error.to_string() }
        }
    }
}

fn forbidden(reply: &ErrorReply) -> String {
    match reply.inner_code.as_deref() {
        Some("KeyDisabled") => {
            "this version of the key is disabled; whoever administers the vault can enable it again".to_owned()
        }
        Some("ForbiddenByFirewall") => {
            "the vault's firewall does not let this machine in; work from a network that it knows, or have this one added \
             (Networking)"
                .to_owned()
        }
        Some("KeyOperationForbidden") => {
            "the key's permitted operations include neither unwrapKey nor decrypt; whoever administers the vault can add \
             unwrapKey"
                .to_owned()
        }
        _ => format!(
            "your account lacks a permission: it needs the role Key Vault Crypto User (in a Managed HSM: Managed HSM Crypto \
             User), or an access policy with Get and Unwrap Key; a new role takes some minutes to work ({})",
            one_line(reply)
        ),
    }
}

/// `try again in 7 seconds`
fn again(wait: Option<Span>) -> String {
    match wait.map(|wait| (wait.as_millis().max(0) + 999) / 1_000) {
        None | Some(0) => "try again in a moment".to_owned(),
        Some(1) => "try again in a second".to_owned(),
        Some(seconds) => format!("try again in {seconds} seconds"),
    }
}

fn one_line(reply: &ErrorReply) -> String {
    let code = if reply.code.is_empty() { "no code" } else { &reply.code };
    let message = reply.message.trim();
    if message.is_empty() { code.to_owned() } else { format!("{code}: {message}") }
}
