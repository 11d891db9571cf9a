//! Where there is no Windows: no certificate store, and a sentence that says so.

use ports::RecoveryKeyError;

use super::StoreAddress;
use super::address::StoreLocation;
use super::key::Found;

pub(super) fn find(address: &StoreAddress) -> Result<Found, RecoveryKeyError> {
    Err(RecoveryKeyError::Unfit {
        place: address.to_string(),
        reason: "it is in a certificate store of Windows, and this machine has none; use it with Sealwright on the Windows machine \
                 that has it"
            .to_owned(),
    })
}

/// # Errors
/// None here; on Windows there are.
#[expect(clippy::unnecessary_wraps, reason = "on Windows the store may not open")]
pub(super) fn list(_: StoreLocation) -> Result<Vec<Found>, RecoveryKeyError> {
    Ok(Vec::new())
}
