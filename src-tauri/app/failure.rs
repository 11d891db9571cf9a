//! Why something failed, in words and with what to do about it: for a terminal, for scripts, and for the console.
#![expect(clippy::wildcard_enum_match_arm, reason = "errors of all other kinds are told alike")]

use api::{ErrorCode, Matter, WireError};
use custody::CustodyError;
use evidence::EvidenceError;
use ports::RecoveryKeyError;
use recover::RecoverError;
use store::StoreError;

use crate::auditor::proof::Unproven;
use crate::compose::ComposeError;
use crate::settings::SettingsError;
use crate::works::chain;

/// Why something failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Failure {
    /// Exit code of a command: 1 failed, 2 was used wrongly, 3 needs a person.
    pub code: u8,
    /// What happened.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl Failure {
    /// A command that was used wrongly.
    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code: 2, message: message.into(), hint: Some(hint.into()) }
    }
    /// A plain failure; the text says what to do.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { code: 1, message: message.into(), hint: None }
    }

    /// A failure with a hint.
    pub(crate) fn with_hint(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code: 1, message: message.into(), hint: Some(hint.into()) }
    }
}

impl From<WireError> for Failure {
    fn from(error: WireError) -> Self {
        Self { code: 1, message: error.message, hint: error.hint }
    }
}

impl From<ComposeError> for Failure {
    fn from(error: ComposeError) -> Self {
        let code = if error.needs_person() { 3 } else { 1 };
        Self { code, message: chain(&error), hint: error.hint().map(str::to_owned) }
    }
}

impl From<Unproven> for Failure {
    fn from(error: Unproven) -> Self {
        let code = if matches!(error, Unproven::Evidence(EvidenceError::Broken { .. })) { 3 } else { 1 };
        Self { code, message: chain(&error), hint: error.hint().map(str::to_owned) }
    }
}

macro_rules! plain_failures {
    ($($error:ty),+) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::new(chain(&error))
            }
        }
    )+};
}
plain_failures!(
    SettingsError,
    crate::vault::VaultError,
    StoreError,
    lifecycle::CycleError,
    lifecycle::LifecycleError,
    crypto::CryptoError,
    ports::DeliveryError,
    RecoveryKeyError,
    ports::CaError,
    RecoverError,
    EvidenceError,
    recover::import::ImportError
);

impl From<CustodyError> for Failure {
    fn from(error: CustodyError) -> Self {
        let needs_person = matches!(
            error,
            CustodyError::Missing { .. }
                | CustodyError::Altered { .. }
                | CustodyError::Unpinned { .. }
                | CustodyError::Fork { .. }
        );
        let failure = match error {
            CustodyError::Store(error) => error.into(),
            CustodyError::Key(error) => error.into(),
            CustodyError::NotAnOfficer { .. } => Self::with_hint(
                chain(&error),
                "`sealwright kra set show` shows the officers with the SHA-1 of their certificates",
            ),
            error => Self::new(chain(&error)),
        };
        if needs_person { Self { code: 3, ..failure } } else { failure }
    }
}

impl From<Failure> for WireError {
    fn from(failure: Failure) -> Self {
        let code = if failure.code == 2 { ErrorCode::Invalid } else { ErrorCode::NotPossible };
        Self { hint: failure.hint, ..Self::new(code, failure.message, "") }
    }
}

/// As the console gets it: what the database says keeps its kind.
pub(crate) fn wire(error: impl Into<RecoverError>) -> WireError {
    match error.into() {
        RecoverError::Store(error) | RecoverError::Admit(admit::AdmitError::Store(error)) => error.into(),
        other => {
            let about = matter(&other);
            WireError::from(Failure::from(other)).about(about)
        }
    }
}

/// For what of it the console has words of its own.
pub(crate) const fn matter(error: &RecoverError) -> Option<Matter> {
    match error {
        RecoverError::TooFewAgreed { .. } => Some(Matter::ApprovalsMissing),
        RecoverError::Nameless { .. } => Some(Matter::OfficerNameless),
        RecoverError::Key(RecoveryKeyError::Unasked { .. }) => Some(Matter::PinUnasked),
        _ => None,
    }
}

/// The same, about the set of recovery agents.
pub(crate) const fn matter_of_set(error: &CustodyError) -> Option<Matter> {
    match error {
        CustodyError::Unpinned { .. } => Some(Matter::SetUntrusted),
        CustodyError::Unsigned => Some(Matter::SetMissing),
        CustodyError::Expired { .. } => Some(Matter::OfficerEnded),
        CustodyError::Key(RecoveryKeyError::Unasked { .. }) => Some(Matter::PinUnasked),
        _ => None,
    }
}

/// As the console gets it, about the set of recovery agents.
pub(crate) fn wire_custody(error: CustodyError) -> WireError {
    match error {
        CustodyError::Store(error) => error.into(),
        other => {
            let about = matter_of_set(&other);
            WireError::from(Failure::from(other)).about(about)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_that_nobody_was_asked_for_is_told_in_the_consoles_own_words_and_a_wrong_one_is_not() {
        let hint = "give it by `--password-file FILE`".to_owned();
        let place = "cert:a".to_owned();
        let unasked = || RecoveryKeyError::Unasked { place: place.clone(), hint: hint.clone() };
        assert_eq!(wire(RecoverError::Key(unasked())).about, Some(Matter::PinUnasked));
        assert_eq!(wire_custody(CustodyError::Key(unasked())).about, Some(Matter::PinUnasked));
        let wrong = RecoveryKeyError::Locked { place: place.clone(), hint: hint.clone() };
        assert_eq!(wire(RecoverError::Key(wrong)).about, None);
    }
}
