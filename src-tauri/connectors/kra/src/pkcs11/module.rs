//! PKCS#11 modules: which file, loaded and initialised once in this process.
//!
//! A module is a library of somebody else's that runs inside this process; it is taken from where systems keep them, or
//! from where the officer says.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use ports::RecoveryKeyError;

/// What is tried in this order when no module is named: p11-kit's proxy shows every token that the system knows of, OpenSC
/// knows most cards.
#[cfg(all(unix, not(target_os = "macos")))]
pub(super) const USUAL: &[&str] = &["p11-kit-proxy.so", "opensc-pkcs11.so"];
/// What is tried in this order when no module is named.
#[cfg(target_os = "macos")]
pub(super) const USUAL: &[&str] = &[
    "/Library/OpenSC/lib/opensc-pkcs11.so",
    "/opt/homebrew/lib/opensc-pkcs11.so",
    "/usr/local/lib/opensc-pkcs11.so",
];
/// What is tried when no module is named; by its whole path, since Windows looks for bare names in the working folder too.
#[cfg(windows)]
pub(super) const USUAL: &[&str] = &[r"C:\Program Files\OpenSC Project\OpenSC\pkcs11\opensc-pkcs11.dll"];

/// `C_Initialize` is for the whole process: a second one is refused, and `C_Finalize` would end the sessions of others.
static LOADED: LazyLock<Mutex<HashMap<PathBuf, Pkcs11>>> = LazyLock::new(Mutex::default);

/// The module of this file, or the first of the usual ones that can be loaded. Blocks.
pub(super) fn load(file: Option<&Path>) -> Result<Pkcs11, RecoveryKeyError> {
    if let Some(file) = file {
        return load_file(file).map_err(|error| unusable(file, &error));
    }
    for usual in USUAL.iter().map(Path::new) {
        match load_file(usual) {
            Err(Error::LibraryLoading(_)) => {}
            Ok(module) => return Ok(module),
            Err(error) => return Err(unusable(usual, &error)),
        }
    }
    Err(RecoveryKeyError::Unfit {
        place: "the token".to_owned(),
        reason: format!(
            "none of the usual PKCS#11 modules is here ({}); install p11-kit or OpenSC, or name the module of the card's \
             maker with `?module-path=FILE` at the end of the address",
            USUAL.join(", ")
        ),
    })
}

fn load_file(file: &Path) -> Result<Pkcs11, Error> {
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(module) = loaded.get(file) {
        return Ok(module.clone());
    }
    let module = Pkcs11::new(file)?;
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(error) => return Err(error),
    }
    loaded.insert(file.to_owned(), module.clone());
    Ok(module)
}

fn unusable(file: &Path, error: &Error) -> RecoveryKeyError {
    let place = format!("the PKCS#11 module {}", file.display());
    let reason = match error {
        Error::LibraryLoading(cause) => format!("it cannot be loaded: {cause}"),
        Error::MissingSymbol(_) => "it is a library, but no PKCS#11 module".to_owned(),
        other => format!("it does not start: {other}"),
    };
    RecoveryKeyError::Unfit { place, reason }
}
