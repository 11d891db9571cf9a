//! The PIN: what the token says about it beforehand, and what a refusal means. It is tried once, whoever asks how often.

use cryptoki::error::{Error, RvError};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::TokenInfo;
use cryptoki::types::AuthPin;
use ports::RecoveryKeyError;

use super::fault;

/// How many wrong PINs a token still takes, as far as it tells (PKCS#11 knows no number).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tries {
    /// It says nothing.
    Untold,
    /// A wrong PIN was given since the last right one.
    Low,
    /// The next wrong one locks it.
    Last,
    /// It is locked.
    Locked,
}

impl Tries {
    pub(super) fn of(token: &TokenInfo) -> Self {
        if token.user_pin_locked() {
            Self::Locked
        } else if token.user_pin_final_try() {
            Self::Last
        } else if token.user_pin_count_low() {
            Self::Low
        } else {
            Self::Untold
        }
    }

    /// A sentence for the officer before a PIN is typed; `None` when there is nothing to say.
    pub const fn warning(self) -> Option<&'static str> {
        match self {
            Self::Untold => None,
            Self::Low => Some("a wrong PIN was given before; tries are running out"),
            Self::Last => Some("ONE try is left; a wrong PIN locks it"),
            Self::Locked => Some("its PIN is locked"),
        }
    }

    fn after_a_wrong_pin(self) -> &'static str {
        match self {
            Self::Untold => {
                "the PIN is wrong; it was tried once, and the token does not tell how many tries are left"
            }
            Self::Low => "the PIN is wrong; it was tried once, and the token says that tries are running out",
            Self::Last => "the PIN is wrong; ONE try is left before the token locks it",
            Self::Locked => LOCKED,
        }
    }
}

const LOCKED: &str = "its PIN is locked after too many wrong ones; unlock it with the PUK or the security officer's PIN, \
                      by the tool that came with the card";

/// Refuses before anything is sent what the token would refuse and count as a try.
pub(super) fn check(place: &str, token: &TokenInfo, pin: &str) -> Result<(), RecoveryKeyError> {
    let (shortest, longest) = (token.min_pin_length(), token.max_pin_length());
    let told = longest > 0 && shortest <= longest;
    if told && !(shortest..=longest).contains(&pin.len()) {
        return Err(RecoveryKeyError::Locked {
            place: place.to_owned(),
            hint: format!(
                "its PINs have {shortest} to {longest} characters, this one has {}; it was not sent to the token",
                pin.chars().count()
            ),
        });
    }
    Ok(())
}

pub(super) fn blocked(place: &str) -> RecoveryKeyError {
    RecoveryKeyError::Blocked { place: place.to_owned(), hint: LOCKED.to_owned() }
}

/// Logs in once. `pin` is `None` where it is typed at the reader. `tries` is asked after a refusal.
pub(super) fn login(
    place: &str,
    session: &Session,
    user: UserType,
    pin: Option<&str>,
    tries: impl FnOnce() -> Tries,
) -> Result<(), RecoveryKeyError> {
    let pin = pin.map(wiped);
    match session.login(user, pin.as_ref()) {
        Ok(()) => Ok(()),
        Err(error) => judge(place, error, tries),
    }
}

fn judge(place: &str, error: Error, tries: impl FnOnce() -> Tries) -> Result<(), RecoveryKeyError> {
    let locked =
        |hint: &str| Err(RecoveryKeyError::Locked { place: place.to_owned(), hint: hint.to_owned() });
    match error {
        // The login is the token's and not the session's: another session of this process has done it.
        Error::Pkcs11(RvError::UserAlreadyLoggedIn, _) => Ok(()),
        Error::Pkcs11(RvError::PinLocked, _) => Err(blocked(place)),
        Error::Pkcs11(RvError::PinIncorrect, _) => match tries() {
            Tries::Locked => Err(blocked(place)),
            left => locked(left.after_a_wrong_pin()),
        },
        Error::Pkcs11(RvError::PinLenRange | RvError::PinInvalid, _) => {
            locked("the PIN has a length or characters that this token does not take")
        }
        Error::Pkcs11(RvError::PinExpired, _) => {
            locked("its PIN has expired; set a new one with the tool that came with the card")
        }
        Error::Pkcs11(RvError::UserPinNotInitialized, _) => Err(RecoveryKeyError::Unfit {
            place: place.to_owned(),
            reason: "it has no PIN yet; set one with the tool that came with the card".to_owned(),
        }),
        Error::Pkcs11(RvError::FunctionCanceled | RvError::FunctionRejected, _) => {
            locked("the PIN was not entered at the reader")
        }
        other => Err(fault::told(place, other)),
    }
}

/// A copy of the PIN that is wiped when dropped, made without growing, so that none stays behind.
fn wiped(pin: &str) -> AuthPin {
    let mut copy = String::with_capacity(pin.len());
    copy.push_str(pin);
    AuthPin::from(copy)
}

#[cfg(test)]
mod tests {
    use cryptoki::context::Function;

    use super::*;

    fn answer(answer: RvError, tries: Tries) -> Result<(), RecoveryKeyError> {
        judge("token `t`", Error::Pkcs11(answer, Function::Login), || tries)
    }

    #[test]
    fn a_wrong_pin_says_what_the_token_tells_about_further_tries() {
        for (tries, part) in
            [(Tries::Untold, "does not tell"), (Tries::Low, "running out"), (Tries::Last, "ONE try is left")]
        {
            let told = answer(RvError::PinIncorrect, tries).unwrap_err();
            assert!(matches!(told, RecoveryKeyError::Locked { .. }), "{told}");
            assert!(told.to_string().contains(part), "{told}");
        }
        // The one that locked it.
        let told = answer(RvError::PinIncorrect, Tries::Locked).unwrap_err();
        assert!(matches!(told, RecoveryKeyError::Blocked { .. }), "{told}");
    }

    #[test]
    fn every_other_answer_has_its_own_sentence() {
        assert!(answer(RvError::UserAlreadyLoggedIn, Tries::Untold).is_ok());
        let cases = [
            (RvError::PinLocked, "PUK"),
            (RvError::PinExpired, "expired"),
            (RvError::PinLenRange, "length or characters"),
            (RvError::UserPinNotInitialized, "no PIN yet"),
            (RvError::FunctionCanceled, "not entered at the reader"),
            (RvError::TokenNotPresent, "taken out"),
            (RvError::GeneralError, "failed"),
        ];
        for (given, part) in cases {
            let told = answer(given, Tries::Untold).unwrap_err().to_string();
            assert!(told.contains(part), "{given:?}: {told}");
        }
    }
}
