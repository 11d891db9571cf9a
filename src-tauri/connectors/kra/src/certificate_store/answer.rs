//! What an answer of Windows means for the officer.
//!
//! Windows answers with one number (HRESULT), its own or that of a smartcard, a TPM, an HSM or whatever else keeps the key.

use std::fmt;

use ports::RecoveryKeyError;

/// A number of Windows' that says why something was not done.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer(pub(super) u32);

macro_rules! answers {
    ($($name:ident = $number:literal,)+) => {
        impl Answer {
            $(pub(super) const $name: Self = Self($number);)+

            /// Its name in Windows' header files, for those who look it up.
            const fn name(self) -> Option<&'static str> {
                match self {
                    $(Self::$name => Some(stringify!($name)),)+
                    Self(_) => None,
                }
            }
        }
    };
}

// winerror.h
answers! {
    E_ACCESSDENIED = 0x8007_0005,
    E_INVALIDARG = 0x8007_0057,
    ERROR_FILE_NOT_FOUND = 0x8007_0002,
    ERROR_CANCELLED = 0x8007_04c7,
    NTE_BAD_KEY = 0x8009_0003,
    NTE_BAD_LEN = 0x8009_0004,
    NTE_BAD_DATA = 0x8009_0005,
    NTE_BAD_ALGID = 0x8009_0008,
    NTE_BAD_FLAGS = 0x8009_0009,
    NTE_BAD_TYPE = 0x8009_000a,
    NTE_BAD_KEY_STATE = 0x8009_000b,
    NTE_NO_KEY = 0x8009_000d,
    NTE_PERM = 0x8009_0010,
    NTE_NOT_FOUND = 0x8009_0011,
    NTE_BAD_PROV_TYPE = 0x8009_0014,
    NTE_BAD_KEYSET = 0x8009_0016,
    NTE_PROV_TYPE_NOT_DEF = 0x8009_0017,
    NTE_KEYSET_NOT_DEF = 0x8009_0019,
    NTE_PROVIDER_DLL_FAIL = 0x8009_001d,
    NTE_PROV_DLL_NOT_FOUND = 0x8009_001e,
    NTE_FAIL = 0x8009_0020,
    NTE_SILENT_CONTEXT = 0x8009_0022,
    NTE_INVALID_PARAMETER = 0x8009_0027,
    NTE_BUFFER_TOO_SMALL = 0x8009_0028,
    NTE_NOT_SUPPORTED = 0x8009_0029,
    NTE_DECRYPTION_FAILURE = 0x8009_002c,
    NTE_INTERNAL_ERROR = 0x8009_002d,
    NTE_UI_REQUIRED = 0x8009_002e,
    NTE_DEVICE_NOT_READY = 0x8009_0030,
    NTE_INCORRECT_PASSWORD = 0x8009_0033,
    NTE_DEVICE_NOT_FOUND = 0x8009_0035,
    NTE_USER_CANCELLED = 0x8009_0036,
    NTE_PASSWORD_CHANGE_REQUIRED = 0x8009_0037,
    NTE_NOT_ACTIVE_CONSOLE = 0x8009_0038,
    CRYPT_E_NOT_FOUND = 0x8009_2004,
    CRYPT_E_NO_KEY_PROPERTY = 0x8009_200b,
    SCARD_E_CANCELLED = 0x8010_0002,
    SCARD_E_INVALID_PARAMETER = 0x8010_0004,
    SCARD_E_UNKNOWN_READER = 0x8010_0009,
    SCARD_E_TIMEOUT = 0x8010_000a,
    SCARD_E_NO_SMARTCARD = 0x8010_000c,
    SCARD_E_UNKNOWN_CARD = 0x8010_000d,
    SCARD_E_NOT_READY = 0x8010_0010,
    SCARD_E_INVALID_VALUE = 0x8010_0011,
    SCARD_E_READER_UNAVAILABLE = 0x8010_0017,
    SCARD_E_NO_SERVICE = 0x8010_001d,
    SCARD_E_SERVICE_STOPPED = 0x8010_001e,
    SCARD_E_UNSUPPORTED_FEATURE = 0x8010_0022,
    SCARD_E_INVALID_CHV = 0x8010_002a,
    SCARD_E_NO_READERS_AVAILABLE = 0x8010_002e,
    SCARD_E_NO_KEY_CONTAINER = 0x8010_0030,
    SCARD_W_UNRESPONSIVE_CARD = 0x8010_0066,
    SCARD_W_UNPOWERED_CARD = 0x8010_0067,
    SCARD_W_RESET_CARD = 0x8010_0068,
    SCARD_W_REMOVED_CARD = 0x8010_0069,
    SCARD_W_SECURITY_VIOLATION = 0x8010_006a,
    SCARD_W_WRONG_CHV = 0x8010_006b,
    SCARD_W_CHV_BLOCKED = 0x8010_006c,
    SCARD_W_CANCELLED_BY_USER = 0x8010_006e,
    SCARD_W_CARD_NOT_AUTHENTICATED = 0x8010_006f,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "Windows answered {name} (0x{:08X})", self.0),
            None => write!(f, "Windows answered 0x{:08X}", self.0),
        }
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Answer {}

const LOCKED: &str = "its PIN is blocked after too many wrong ones; unblock it with the PUK, by the tool that came with the card";
const WITHOUT_A_SCREEN: &str = "its PIN or a confirmation is wanted, and Windows may show no dialog here: give the PIN by \
                                `--password-file FILE`, or use it where somebody sits at the screen; a key with strong protection \
                                is always confirmed there";

impl Answer {
    /// Whether the key does not know this way to do its algorithm, so that another way to do the same may be taken. Nothing
    /// of what may depend on a ciphertext is among these: an OAEP padding that is not whole is an invalid parameter to Windows.
    pub(super) const fn knows_no_such_way(self) -> bool {
        matches!(
            self,
            Self::NTE_NOT_SUPPORTED
                | Self::NTE_BAD_FLAGS
                | Self::NTE_BAD_ALGID
                | Self::NTE_BAD_TYPE
                | Self::SCARD_E_UNSUPPORTED_FEATURE
        )
    }

    /// The same for the bare RSA operation. There is no padding in it that could be found broken: an invalid parameter is the
    /// flag, or a number that is no smaller than the modulus, and both are public.
    pub(super) const fn knows_no_bare_operation(self) -> bool {
        self.knows_no_such_way()
            || matches!(
                self,
                Self::NTE_INVALID_PARAMETER
                    | Self::E_INVALIDARG
                    | Self::SCARD_E_INVALID_PARAMETER
                    | Self::SCARD_E_INVALID_VALUE
            )
    }

    /// Whether the key is none that may do this: made for something else.
    pub(super) const fn is_another_use(self) -> bool {
        self.knows_no_such_way()
            || matches!(self, Self::NTE_BAD_KEY | Self::NTE_BAD_KEY_STATE | Self::NTE_INVALID_PARAMETER)
    }

    /// Whether Windows says this when it is to open a key of the older library by the newer one.
    pub(super) const fn may_be_a_legacy_key(self) -> bool {
        self.knows_no_such_way()
            || matches!(
                self,
                Self::NTE_BAD_PROV_TYPE
                    | Self::NTE_PROV_TYPE_NOT_DEF
                    | Self::NTE_BAD_KEYSET
                    | Self::NTE_KEYSET_NOT_DEF
                    | Self::NTE_NOT_FOUND
                    | Self::NTE_INVALID_PARAMETER
                    | Self::CRYPT_E_NO_KEY_PROPERTY
            )
    }

    /// Whether it concerns the ciphertext, or may. Everything that a key answers to one that is no other matter counts: how a
    /// padding looked must not be told apart.
    const fn concerns_the_ciphertext(self) -> bool {
        // NTSTATUS, which some providers pass on as it is, has the two highest bits set.
        self.0 >> 30 == 3
            || matches!(
                self,
                Self::NTE_BAD_DATA
                    | Self::NTE_BAD_LEN
                    | Self::NTE_DECRYPTION_FAILURE
                    | Self::NTE_INVALID_PARAMETER
                    | Self::NTE_BUFFER_TOO_SMALL
                    | Self::NTE_FAIL
                    | Self::NTE_INTERNAL_ERROR
                    | Self::E_INVALIDARG
                    | Self::SCARD_E_INVALID_PARAMETER
                    | Self::SCARD_E_INVALID_VALUE
            )
    }

    /// Whether it is certainly no matter of the ciphertext: the PIN and its dialogs, a card or reader that is gone, permission.
    const fn concerns_whoever_opens(self) -> bool {
        matches!(
            self,
            Self::SCARD_W_WRONG_CHV
                | Self::SCARD_E_INVALID_CHV
                | Self::SCARD_W_CHV_BLOCKED
                | Self::SCARD_W_SECURITY_VIOLATION
                | Self::SCARD_W_CARD_NOT_AUTHENTICATED
                | Self::SCARD_W_CANCELLED_BY_USER
                | Self::SCARD_E_CANCELLED
                | Self::NTE_INCORRECT_PASSWORD
                | Self::NTE_PASSWORD_CHANGE_REQUIRED
                | Self::NTE_USER_CANCELLED
                | Self::NTE_SILENT_CONTEXT
                | Self::NTE_UI_REQUIRED
                | Self::NTE_NOT_ACTIVE_CONSOLE
                | Self::ERROR_CANCELLED
                | Self::SCARD_E_NO_SERVICE
                | Self::SCARD_E_SERVICE_STOPPED
                | Self::SCARD_E_NO_SMARTCARD
                | Self::SCARD_E_NO_READERS_AVAILABLE
                | Self::SCARD_E_READER_UNAVAILABLE
                | Self::SCARD_W_REMOVED_CARD
                | Self::SCARD_W_RESET_CARD
                | Self::SCARD_W_UNPOWERED_CARD
                | Self::NTE_DEVICE_NOT_FOUND
                | Self::NTE_PERM
                | Self::E_ACCESSDENIED
        )
    }

    /// An answer to a decryption where the provider takes a PKCS#1 v1.5 padding off itself. What it says of one that is broken
    /// is its own affair, so whatever is not known to be another matter is told as one: a padding that is found whole under a
    /// wrong key is told in no other way either.
    pub(super) fn unpadded(self, place: &str) -> RecoveryKeyError {
        if self.concerns_whoever_opens() {
            self.told(place)
        } else {
            RecoveryKeyError::DoesNotUnwrap { place: place.to_owned() }
        }
    }

    /// An answer to a decryption or an agreement.
    pub(super) fn undone(self, place: &str) -> RecoveryKeyError {
        if self.concerns_the_ciphertext() {
            RecoveryKeyError::DoesNotUnwrap { place: place.to_owned() }
        } else {
            self.told(place)
        }
    }

    /// An answer that has nothing to do with a ciphertext.
    pub(super) fn told(self, place: &str) -> RecoveryKeyError {
        let place = place.to_owned();
        let locked = |hint: &str| RecoveryKeyError::Locked { place: place.clone(), hint: hint.to_owned() };
        let unasked = |hint: &str| RecoveryKeyError::Unasked { place: place.clone(), hint: hint.to_owned() };
        let absent = |hint: &str| RecoveryKeyError::Absent { place: place.clone(), hint: hint.to_owned() };
        let unfit =
            |reason: &str| RecoveryKeyError::Unfit { place: place.clone(), reason: reason.to_owned() };
        match self {
            Self::SCARD_W_WRONG_CHV | Self::NTE_INCORRECT_PASSWORD => locked(
                "the PIN is wrong; it was tried once, and Windows does not tell how many tries are left",
            ),
            Self::SCARD_E_INVALID_CHV => {
                locked("the PIN has a length or characters that this card does not take")
            }
            Self::SCARD_W_CHV_BLOCKED => RecoveryKeyError::Blocked { place, hint: LOCKED.to_owned() },
            Self::SCARD_W_CANCELLED_BY_USER
            | Self::SCARD_E_CANCELLED
            | Self::NTE_USER_CANCELLED
            | Self::ERROR_CANCELLED => locked("Windows' dialog was cancelled"),
            Self::SCARD_W_SECURITY_VIOLATION | Self::SCARD_W_CARD_NOT_AUTHENTICATED => unasked(
                "the card wants its PIN and was given none; give it in Windows' dialog or by `--password-file FILE`",
            ),
            Self::NTE_SILENT_CONTEXT | Self::NTE_UI_REQUIRED | Self::NTE_NOT_ACTIVE_CONSOLE => {
                unasked(WITHOUT_A_SCREEN)
            }
            Self::NTE_PASSWORD_CHANGE_REQUIRED => {
                locked("its PIN has to be changed first; set a new one with the tool that came with the card")
            }
            Self::SCARD_E_NO_SERVICE | Self::SCARD_E_SERVICE_STOPPED => {
                absent("Windows' service `Smart Card` (SCardSvr) does not run; put a reader in, or start it")
            }
            Self::SCARD_E_NO_SMARTCARD
            | Self::SCARD_W_REMOVED_CARD
            | Self::SCARD_W_UNPOWERED_CARD
            | Self::SCARD_W_UNRESPONSIVE_CARD
            | Self::SCARD_W_RESET_CARD
            | Self::SCARD_E_NOT_READY
            | Self::SCARD_E_TIMEOUT
            | Self::SCARD_E_UNKNOWN_CARD
            | Self::SCARD_E_UNKNOWN_READER
            | Self::SCARD_E_READER_UNAVAILABLE
            | Self::SCARD_E_NO_READERS_AVAILABLE
            | Self::NTE_DEVICE_NOT_READY
            | Self::NTE_DEVICE_NOT_FOUND => absent(
                "the card or device with its key is not there, or was taken out; put it in and begin again",
            ),
            Self::NTE_BAD_KEYSET
            | Self::NTE_NO_KEY
            | Self::NTE_NOT_FOUND
            | Self::NTE_KEYSET_NOT_DEF
            | Self::SCARD_E_NO_KEY_CONTAINER
            | Self::CRYPT_E_NOT_FOUND => absent(
                "Windows does not find the key that the certificate names: it was deleted, or is another person's or on another \
                 card; import the PKCS#12 file with certificate and key again, or put the right card in",
            ),
            Self::CRYPT_E_NO_KEY_PROPERTY => unfit(WITHOUT_A_KEY),
            Self::NTE_PROVIDER_DLL_FAIL | Self::NTE_PROV_DLL_NOT_FOUND => unfit(
                "the key storage provider that has its key is not installed here; install the card's or HSM's software",
            ),
            Self::NTE_PERM | Self::E_ACCESSDENIED => unfit(
                "Windows lets this account not use its key: for a key of the machine, grant it in certlm.msc (All Tasks, Manage \
                 Private Keys), or start the command as administrator",
            ),
            Self::NTE_BAD_KEY | Self::NTE_BAD_KEY_STATE => {
                unfit("its key is damaged or not made for this; name the one that was made for encryption")
            }
            other => RecoveryKeyError::Failed { place, source: Box::new(other) },
        }
    }
}

/// Why a certificate alone does not do.
pub(super) const WITHOUT_A_KEY: &str = "the certificate is in the store without its private key; import the PKCS#12 file with both \
                                        there, or go to the machine that has the key";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_wrong_with_the_ciphertext_is_told_in_the_same_words() {
        let answers = [
            Answer::NTE_BAD_DATA,
            Answer::NTE_BAD_LEN,
            Answer::NTE_DECRYPTION_FAILURE,
            Answer::NTE_INVALID_PARAMETER,
            Answer::NTE_FAIL,
            Answer::E_INVALIDARG,
            Answer(0xc000_000d),
            Answer(0xc100_000d),
        ];
        for answer in answers {
            let told = answer.undone("cert:a");
            assert!(matches!(told, RecoveryKeyError::DoesNotUnwrap { .. }), "{answer}: {told}");
            assert_eq!(told.to_string(), Answer::NTE_BAD_DATA.undone("cert:a").to_string());
            assert!(!answer.knows_no_such_way(), "{answer} must not lead to another try");
        }
    }

    #[test]
    fn where_a_provider_takes_the_padding_off_no_answer_tells_how_it_looked() {
        // Listed and not, of the system, of cards, and what a provider makes up.
        let numbers =
            [0x8007_000d, 0x8010_0001, 0x8010_001f, 0x8010_0022, 0x8009_0021, 0xc000_000d, 0x1, 0xe000_0001];
        let listed = [
            Answer::NTE_NOT_SUPPORTED,
            Answer::NTE_BAD_KEY,
            Answer::NTE_NOT_FOUND,
            Answer::SCARD_W_UNRESPONSIVE_CARD,
            Answer::SCARD_E_TIMEOUT,
        ];
        for answer in numbers.map(Answer).into_iter().chain(listed) {
            let told = answer.unpadded("cert:a");
            assert!(matches!(told, RecoveryKeyError::DoesNotUnwrap { .. }), "{answer}: {told}");
        }
        for answer in [
            Answer::SCARD_W_WRONG_CHV,
            Answer::SCARD_W_CHV_BLOCKED,
            Answer::NTE_USER_CANCELLED,
            Answer::NTE_SILENT_CONTEXT,
            Answer::SCARD_W_REMOVED_CARD,
            Answer::NTE_PERM,
        ] {
            assert_eq!(answer.unpadded("cert:a").to_string(), answer.told("cert:a").to_string());
        }
    }

    #[test]
    fn every_other_answer_says_what_to_do() {
        let cases = [
            (Answer::SCARD_W_WRONG_CHV, "does not open", "tried once"),
            (Answer::SCARD_E_INVALID_CHV, "does not open", "length or characters"),
            (Answer::SCARD_W_CHV_BLOCKED, "is blocked", "PUK"),
            (Answer::SCARD_W_CANCELLED_BY_USER, "does not open", "cancelled"),
            (Answer::NTE_USER_CANCELLED, "does not open", "cancelled"),
            (Answer::ERROR_CANCELLED, "does not open", "cancelled"),
            (Answer::NTE_SILENT_CONTEXT, "does not open", "--password-file"),
            (Answer::SCARD_W_SECURITY_VIOLATION, "does not open", "--password-file"),
            (Answer::SCARD_W_REMOVED_CARD, "is not there", "put it in"),
            (Answer::SCARD_E_NO_SERVICE, "is not there", "SCardSvr"),
            (Answer::NTE_BAD_KEYSET, "is not there", "import the PKCS#12"),
            (Answer::NTE_PERM, "cannot be used", "certlm.msc"),
            (Answer::CRYPT_E_NO_KEY_PROPERTY, "cannot be used", "without its private key"),
            (Answer::NTE_PROV_DLL_NOT_FOUND, "cannot be used", "software"),
        ];
        for (answer, kind, part) in cases {
            // In the middle of an operation as before it.
            for told in [answer.told("cert:a"), answer.undone("cert:a")] {
                let told = told.to_string();
                assert!(told.contains(kind) && told.contains(part), "{answer}: {told}");
            }
        }
    }

    #[test]
    fn an_answer_that_is_not_known_is_told_with_its_number() {
        let RecoveryKeyError::Failed { source, .. } = Answer(0x8009_0021).told("cert:a") else {
            panic!("it is a failure of its own kind");
        };
        assert_eq!(source.to_string(), "Windows answered 0x80090021");
        assert_eq!(Answer::NTE_PERM.to_string(), "Windows answered NTE_PERM (0x80090010)");
    }
}
