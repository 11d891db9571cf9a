//! What a module's answer means for the officer.

use cryptoki::context::Function;
use cryptoki::error::{Error, RvError};
use ports::RecoveryKeyError;

/// Whether token, reader or module went away.
pub(super) fn is_gone(error: &Error) -> bool {
    matches!(
        error,
        Error::Pkcs11(
            RvError::DeviceRemoved
                | RvError::TokenNotPresent
                | RvError::TokenNotRecognized
                | RvError::SlotIdInvalid
                | RvError::SessionHandleInvalid
                | RvError::SessionClosed
                | RvError::CryptokiNotInitialized,
            _
        )
    )
}

/// Whether the token refused to begin the operation, so that another way to do the same may be taken.
pub(super) fn is_mechanism_refused(error: &Error) -> bool {
    matches!(
        error,
        Error::Pkcs11(
            RvError::MechanismInvalid
                | RvError::MechanismParamInvalid
                | RvError::ArgumentsBad
                | RvError::FunctionNotSupported,
            Function::DecryptInit
        )
    )
}

pub(super) fn absent(place: &str) -> RecoveryKeyError {
    RecoveryKeyError::Absent {
        place: place.to_owned(),
        hint: "it was taken out, or its reader was; put it back and begin again".to_owned(),
    }
}

/// Nobody answers. The module may be waiting for itself, so that nothing more can be asked in this process.
pub(super) fn silent(place: &str) -> RecoveryKeyError {
    RecoveryKeyError::Absent {
        place: place.to_owned(),
        hint: "it does not answer any more, as after a card was taken out in the middle; put it back and begin again"
            .to_owned(),
    }
}

/// Whether modules say this for a device that failed as well as for one that was pulled out.
fn may_be_gone(error: &Error) -> bool {
    matches!(error, Error::Pkcs11(RvError::GeneralError | RvError::FunctionFailed | RvError::DeviceError, _))
}

/// An answer in the middle of a session: `is_there` says whether the token still is.
pub(super) fn midway(place: &str, error: Error, is_there: impl FnOnce() -> bool) -> RecoveryKeyError {
    if may_be_gone(&error) && !is_there() { absent(place) } else { told(place, error) }
}

/// An answer that is no matter of PINs or ciphertexts.
pub(super) fn told(place: &str, error: Error) -> RecoveryKeyError {
    if is_gone(&error) {
        return absent(place);
    }
    let unfit = |reason: &str| RecoveryKeyError::Unfit { place: place.to_owned(), reason: reason.to_owned() };
    match error {
        Error::Pkcs11(RvError::KeyFunctionNotPermitted | RvError::KeyTypeInconsistent, _) => unfit(
            "its key may not decrypt or agree on keys; name the key that was made for encryption (`id=` in the address)",
        ),
        Error::Pkcs11(RvError::UserNotLoggedIn, _) => {
            unfit("it does not let the key be used though its PIN was accepted")
        }
        Error::Pkcs11(RvError::FunctionCanceled | RvError::FunctionRejected, _) => RecoveryKeyError::Locked {
            place: place.to_owned(),
            hint: "it was cancelled at the reader".to_owned(),
        },
        other => RecoveryKeyError::Failed { place: place.to_owned(), source: Box::new(other) },
    }
}

/// An answer to the decryption itself. Whatever concerns the ciphertext is one kind, so that nobody learns from it how the
/// padding looked; what concerns the device is told apart.
pub(super) fn undone(place: &str, error: Error, is_there: impl FnOnce() -> bool) -> RecoveryKeyError {
    match error {
        Error::Pkcs11(
            RvError::EncryptedDataInvalid
            | RvError::EncryptedDataLenRange
            | RvError::DataInvalid
            | RvError::DataLenRange
            | RvError::ArgumentsBad
            | RvError::BufferTooSmall,
            _,
        ) => RecoveryKeyError::DoesNotUnwrap { place: place.to_owned() },
        // A wrong padding, to some modules.
        error if may_be_gone(&error) => {
            if is_there() {
                RecoveryKeyError::DoesNotUnwrap { place: place.to_owned() }
            } else {
                absent(place)
            }
        }
        other => told(place, other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decrypting(answer: RvError) -> Error {
        Error::Pkcs11(answer, Function::Decrypt)
    }

    #[test]
    fn whatever_is_wrong_with_the_ciphertext_is_told_in_the_same_words() {
        let answers = [
            RvError::EncryptedDataInvalid,
            RvError::EncryptedDataLenRange,
            RvError::DataInvalid,
            RvError::GeneralError,
            RvError::FunctionFailed,
            RvError::DeviceError,
        ];
        let told: Vec<String> = answers
            .into_iter()
            .map(|answer| undone("token `t`", decrypting(answer), || true).to_string())
            .collect();
        assert!(told.iter().all(|one| *one == told[0]), "{told:?}");
        assert!(told[0].contains("does not unwrap"), "{told:?}");
    }

    #[test]
    fn a_token_that_is_gone_is_absent_whatever_the_module_says() {
        for answer in [RvError::DeviceRemoved, RvError::TokenNotPresent, RvError::SessionHandleInvalid] {
            let told = undone("token `t`", decrypting(answer), || true);
            assert!(matches!(told, RecoveryKeyError::Absent { .. }), "{told}");
        }
        for answer in [RvError::GeneralError, RvError::FunctionFailed, RvError::DeviceError] {
            let told = undone("token `t`", decrypting(answer), || false);
            assert!(matches!(told, RecoveryKeyError::Absent { .. }), "{told}");
        }
    }

    #[test]
    fn only_a_refusal_to_begin_lets_another_way_be_taken() {
        assert!(is_mechanism_refused(&Error::Pkcs11(RvError::ArgumentsBad, Function::DecryptInit)));
        assert!(!is_mechanism_refused(&Error::Pkcs11(RvError::ArgumentsBad, Function::Decrypt)));
        assert!(!is_mechanism_refused(&Error::Pkcs11(RvError::EncryptedDataInvalid, Function::Decrypt)));
    }
}
