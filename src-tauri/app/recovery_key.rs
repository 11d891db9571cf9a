//! What both command line and console heed about recovery agents' keys: which are near, and that a try to unlock one that
//! failed is on record.

use std::path::PathBuf;

use kra::Address;
use kra::certificate_store::{self, StoredCertificate};
use kra::pkcs11::{self, SurveyedToken};
use model::text::{fitted, printable};
use model::{AuditEvent, AuditKind, AuditOutcome};
use ports::RecoveryKeyError;
use store::{Store as _, StoreError};

use crate::compose::Program;
use crate::failure::Failure;
use crate::works::chain;

/// Longest object that is recorded; paths may be longer.
const MOST_OF_OBJECT: usize = 200;

/// Why a key was not opened.
pub(crate) enum Trouble {
    /// The key says so.
    Key(RecoveryKeyError),
    /// Something before it.
    Other(Failure),
}

impl From<RecoveryKeyError> for Trouble {
    fn from(error: RecoveryKeyError) -> Self {
        Self::Key(error)
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Other(failure)
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Key(error) => error.into(),
            Trouble::Other(failure) => failure,
        }
    }
}

/// Keys that can be named from this machine.
pub(crate) struct Nearby {
    /// What is in the readers.
    pub(crate) tokens: Vec<SurveyedToken>,
    /// What has a key in Windows' certificate stores.
    pub(crate) stored: Vec<StoredCertificate>,
    /// What could not be looked at, and why.
    pub(crate) warnings: Vec<String>,
}

/// Looks at tokens, by this PKCS#11 module or the first of the usual ones, and at Windows' certificate stores. Asks for no PIN.
///
/// # Errors
/// Those of the module. Where none was named and a certificate store has keys, nobody needs a module, and it is a warning.
pub(crate) async fn nearby(module: Option<PathBuf>) -> Result<Nearby, RecoveryKeyError> {
    let was_named = module.is_some();
    together(was_named, certificate_store::survey().await, pkcs11::survey(module).await)
}

/// What both surveys gave.
fn together(
    was_named: bool,
    stored: Result<Vec<StoredCertificate>, RecoveryKeyError>,
    tokens: Result<Vec<SurveyedToken>, RecoveryKeyError>,
) -> Result<Nearby, RecoveryKeyError> {
    let mut warnings = Vec::new();
    let stored = stored.unwrap_or_else(|error| {
        warnings.push(chain(&error));
        Vec::new()
    });
    let tokens = match tokens {
        Err(error) if !was_named && !stored.is_empty() => {
            warnings.push(chain(&error));
            Vec::new()
        }
        found => found?,
    };
    Ok(Nearby { tokens, stored, warnings })
}

/// Whoever tried to unlock a recovery agent's key with a wrong password, or one that is blocked, is on record: as is a wrong PIN
/// that a token tells of when its key is first used. What else went wrong is nobody's try.
///
/// # Errors
/// When it cannot be recorded.
pub(crate) async fn record(
    program: &Program,
    address: &Address,
    trouble: &Trouble,
) -> Result<(), StoreError> {
    let Trouble::Key(error @ (RecoveryKeyError::Locked { .. } | RecoveryKeyError::Blocked { .. })) = trouble
    else {
        return Ok(());
    };
    let event = AuditEvent {
        kind: AuditKind::RecoveryKeyUnlocking,
        outcome: AuditOutcome::Failure,
        actor: program.actor.clone(),
        object: fitted(&format!("recovery key {address}"), MOST_OF_OBJECT),
        detail: printable(&error.to_string()),
    };
    let now = program.clock.now();
    store::in_unit!(program.store, work => { work.audit().append(&event, now).await?; })
}

#[cfg(test)]
mod tests {
    use crypto::issue::{Validity, recovery_agent_certificate, serial_number};
    use crypto::{PrivateKey, X509Certificate};
    use kra::StoreAddress;
    use kra::certificate_store::StoreLocation;
    use model::{KeyAlgorithm, Span, SystemEntropy, Timestamp};

    use super::*;

    fn absent<T>(what: &str) -> Result<T, RecoveryKeyError> {
        Err(RecoveryKeyError::Unfit { place: what.to_owned(), reason: "it is not there".to_owned() })
    }

    fn stored() -> StoredCertificate {
        let key = PrivateKey::generate(KeyAlgorithm::Rsa2048).unwrap();
        let validity = Validity::lasting(Timestamp::from_seconds(1_772_443_800), Span::days(365));
        let serial = serial_number(&SystemEntropy);
        let der = recovery_agent_certificate("Agent 1", &key, validity, serial).unwrap();
        let certificate = X509Certificate::from_der(&der).unwrap();
        let address =
            StoreAddress { location: StoreLocation::CurrentUser, thumbprint: certificate.thumbprint() };
        StoredCertificate { address, provider: String::new(), certificate }
    }

    #[test]
    fn without_a_module_whoever_has_keys_in_a_certificate_store_is_warned_and_goes_on() {
        let found = together(false, Ok(vec![stored()]), absent("the module")).unwrap_or_else(|_| panic!());
        assert_eq!((found.stored.len(), found.tokens.len()), (1, 0));
        assert_eq!(found.warnings, ["the module cannot be used: it is not there"]);
    }

    #[test]
    fn a_missing_module_is_an_error_where_it_was_named_or_no_store_has_keys() {
        assert!(together(true, Ok(vec![stored()]), absent("the module")).is_err(), "it was named");
        assert!(together(false, Ok(Vec::new()), absent("the module")).is_err(), "there is no other key");
        assert!(together(false, absent("the store"), absent("the module")).is_err(), "nothing was seen");
    }

    #[test]
    fn a_store_that_cannot_be_read_keeps_nobody_from_a_token() {
        let found = together(false, absent("the store"), Ok(Vec::new())).unwrap_or_else(|_| panic!());
        assert_eq!(found.warnings, ["the store cannot be used: it is not there"]);
    }
}
