//! What each of our own envelopes is good for (docs/decisions/0009). The words are part of the stored format: whoever
//! changes them makes old envelopes unreadable.

use model::{AuthorityId, EnrollmentId};

/// A shared secret by its name, e.g. the tenant's credential.
pub fn secret(name: &str) -> String {
    format!("secret {name}")
}

/// The secrets of an authority account: a built-in authority's signing key, or the credential of an account.
pub fn signing_key(id: AuthorityId) -> String {
    format!("signing key of authority {id}")
}

/// The key of a built-in authority's root, which lies in a file of the home that founded it.
pub fn root_key(id: AuthorityId) -> String {
    format!("root key of authority {id}")
}

/// A private key between its making and its delivery.
pub fn inflight_key(id: EnrollmentId) -> String {
    format!("in-flight key of enrollment {id}")
}
