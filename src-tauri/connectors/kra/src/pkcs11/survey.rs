//! What is in the readers, for `sealwright kra tokens`. No PIN is needed, and none is sent.

use std::path::{Path, PathBuf};

use crypto::X509Certificate;
use ports::RecoveryKeyError;

use super::pin::Tries;
use super::uri::TokenUri;
use super::{fault, module, token};
use crate::patience::{PATIENCE, off_the_async_threads};

/// A token with what shows on it.
#[derive(Debug)]
pub struct SurveyedToken {
    /// The reader's name.
    pub reader: String,
    /// The token's label.
    pub label: String,
    /// Its serial number.
    pub serial: String,
    /// Its model.
    pub model: String,
    /// What it says about its PIN.
    pub tries: Tries,
    /// Whether the PIN is typed at the reader.
    pub pin_pad: bool,
    /// Why it or its certificates could not be read, if so; then the fields above may be empty.
    pub unreadable: Option<String>,
    /// Certificates whose keys are on it.
    pub certificates: Vec<SurveyedCertificate>,
}

/// A certificate whose key is on the token.
#[derive(Debug)]
pub struct SurveyedCertificate {
    /// The address of its key.
    pub address: TokenUri,
    /// Its label on the token.
    pub label: String,
    /// The certificate.
    pub certificate: X509Certificate,
}

/// Looks at all tokens that a module shows.
///
/// # Errors
/// `Unfit` when the module cannot be loaded, `Failed` when it fails as a whole.
pub async fn survey(module: Option<PathBuf>) -> Result<Vec<SurveyedToken>, RecoveryKeyError> {
    off_the_async_threads("the module", PATIENCE, fault::silent, move || look(module.as_deref())).await
}

fn look(file: Option<&Path>) -> Result<Vec<SurveyedToken>, RecoveryKeyError> {
    let module = module::load(file)?;
    let mut found = Vec::new();
    let slots = token::all(&module).map_err(|error| fault::told("the module", error))?;
    for (reader, why) in slots.unreadable {
        found.push(SurveyedToken {
            reader,
            label: String::new(),
            serial: String::new(),
            model: String::new(),
            tries: Tries::Untold,
            pin_pad: false,
            unreadable: Some(why),
            certificates: Vec::new(),
        });
    }
    for token in slots.tokens {
        let read = module.open_ro_session(token.slot).and_then(|session| token::certificates(&session));
        let (on_it, unreadable) = match read {
            Ok(on_it) => (on_it, None),
            Err(error) => (Vec::new(), Some(error.to_string())),
        };
        let address = TokenUri { module: file.map(Path::to_owned), ..token.address() };
        let twins = |id: &[u8]| on_it.iter().filter(|one| one.id == id).count() > 1;
        let certificates = on_it
            .iter()
            .map(|one| SurveyedCertificate {
                address: TokenUri {
                    id: Some(one.id.clone()).filter(|id| !id.is_empty()),
                    object: Some(one.label.clone()).filter(|label| !label.is_empty() && twins(&one.id)),
                    ..address.clone()
                },
                label: one.label.clone(),
                certificate: one.certificate.clone(),
            })
            .collect();
        found.push(SurveyedToken {
            reader: token.reader.clone(),
            label: token.label(),
            serial: token.serial(),
            model: token.model(),
            tries: Tries::of(&token.info),
            pin_pad: token.info.protected_authentication_path(),
            unreadable,
            certificates,
        });
    }
    Ok(found)
}
