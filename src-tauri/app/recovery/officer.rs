//! An officer's key, opened without a terminal: for one deed, with a secret that was typed into the page.

use std::path::Path;
use std::sync::Arc;

use api::{
    OfficerTokens, OfficerTokensRequest, Password, SignInLine, TokenKeyLine, TokenKind, TokenLine, WireError,
};
use crypto::X509Certificate;
use kra::certificate_store::{StoreLocation, StoredCertificate};
use kra::pkcs11::{SurveyedToken, Tries};
use kra::{Address, FileRecoveryKey, HybridRecoveryKey, KeyVaultRecoveryKey, MlKemFile, StoreKey, TokenKey};
use net::entra::DeviceSignIn;
use ports::RecoveryKey;
use store::Store as _;
use zeroize::Zeroizing;

use super::deeds::Report;
use super::{ml_kem, places};
use crate::compose::Program;
use crate::failure::Failure;
use crate::key_vault::{Wishes, ways};
use crate::recovery_key::{self, Trouble, nearby};
use crate::works::chain;

/// A key that is ready to be used.
pub(super) struct Unlocked {
    pub(super) key: Box<dyn RecoveryKey>,
    /// Where it is and whose it is.
    pub(super) whose: String,
    /// How the deed goes on: `working`, or `pinPad` where the PIN is typed at the reader.
    pub(super) state: &'static str,
}

/// Reads an address, as far as the console goes to it.
pub(super) fn address(program: &Program, typed: &str) -> Result<Address, WireError> {
    let address = typed.parse().map_err(|why: String| {
        places::invalid(
            &format!("this is no address of a key: {why}"),
            "name a PKCS#12 file, choose a token, or give the address of a key in a vault",
        )
    })?;
    places::address(address, &program.settings.recovery.pkcs11_modules)
}

/// Opens a key, with the officer's ML-KEM key where one is given. Its secret is wiped when this returns; a token's PIN goes to the token with the first use of its key, and once. A
/// wrong password is on record, or it is said that it is not.
pub(super) async fn unlock(
    program: &Program,
    address: &Address,
    secret: Option<Password>,
    ml_kem: Option<MlKemFile>,
    told: &Arc<Report>,
) -> Result<Unlocked, WireError> {
    let opened = open(program, address, secret, told).await;
    if let Err(trouble) = &opened {
        keep_on_record(program, address, trouble, told).await;
    }
    let own = opened.map_err(Failure::from)?;
    let Some(ml_kem) = ml_kem else { return Ok(own) };
    let certificate = X509Certificate::from_der(own.key.certificate_der()).map_err(Failure::from)?;
    ml_kem::must_belong(program, ml_kem.public(), &certificate).await?;
    let both = Box::new(HybridRecoveryKey::new(own.key, ml_kem));
    Ok(unlocked(both, own.state).map_err(Failure::from)?)
}

/// A try that failed is on record, or it is said that it is not.
pub(super) async fn keep_on_record(program: &Program, address: &Address, trouble: &Trouble, told: &Report) {
    if let Err(error) = recovery_key::record(program, address, trouble).await {
        let warning = format!("this try is not in the audit log: {}", chain(&error));
        told.tell(|line| line.warning = Some(warning));
    }
}

async fn open(
    program: &Program,
    address: &Address,
    secret: Option<Password>,
    told: &Arc<Report>,
) -> Result<Unlocked, Trouble> {
    let secret = secret.filter(|secret| !secret.is_empty());
    match address {
        Address::File(file) => {
            let secret = secret.ok_or_else(|| Failure::new("the password of the file is missing"))?;
            let key = FileRecoveryKey::open(file, secret.reveal())?;
            unlocked(Box::new(key), "working")
        }
        // Windows asks for the PIN itself: the page sends none, and makes none up.
        Address::Store(address) => {
            unlocked(Box::new(StoreKey::find(address).await?.with_pin(None)), "working")
        }
        Address::Token(uri) => {
            let key = TokenKey::find(uri).await?;
            let warning = key.tries().warning().map(|warning| format!("{}: {warning}", key.place()));
            told.tell(|line| line.warning = warning);
            let has_pin_pad = key.has_pin_pad() && !key.needs_no_pin();
            let pin = match secret {
                _ if has_pin_pad || key.needs_no_pin() => None,
                Some(_) if matches!(key.tries(), Tries::Low | Tries::Last) => {
                    return Err(few_tries(&key).into());
                }
                Some(secret) => Some(Zeroizing::new(secret.reveal().to_owned())),
                None => return Err(Failure::new("the PIN of the token is missing").into()),
            };
            let state = if has_pin_pad { "pinPad" } else { "working" };
            unlocked(Box::new(key.with_pin(pin)), state)
        }
        Address::KeyVault(address) => {
            let shown = Arc::clone(told);
            let wishes = Wishes {
                client_id: None,
                tenant: None,
                secret: None,
                show: Box::new(move |sign_in| show(&shown, sign_in)),
            };
            let agents = agents(program).await?;
            let candidates: Vec<X509Certificate> = agents
                .iter()
                .filter_map(|agent| X509Certificate::from_der(&agent.certificate_der).ok())
                .collect();
            let key = KeyVaultRecoveryKey::open(
                address,
                ways(program, wishes).map_err(Failure::from)?,
                &candidates,
            )
            .await?;
            unlocked(Box::new(key), "working")
        }
    }
}

/// A page that makes PINs up must not lock an officer's token.
fn few_tries(key: &TokenKey) -> Failure {
    let tries = key.tries().warning().unwrap_or_default();
    Failure::with_hint(
        format!("{}: {tries}, and the console sends it none now", key.place()),
        "use the command line, where the PIN goes past no page: `sealwright recovery approve`, `kra set sign` or `recovery drill` \
         with `--kra`; after a right one the console takes it again",
    )
}

/// Everybody whose key it might be.
async fn agents(program: &Program) -> Result<Vec<model::Kra>, Failure> {
    Ok(custody::recorded_agents(program.store.read().await?.as_mut()).await?)
}

fn unlocked(key: Box<dyn RecoveryKey>, state: &'static str) -> Result<Unlocked, Trouble> {
    let certificate = X509Certificate::from_der(key.certificate_der()).map_err(Failure::from)?;
    let whose = format!("{}, key of {}", key.place(), certificate.subject());
    Ok(Unlocked { key, whose, state })
}

/// Tells the officer where to sign in.
fn show(told: &Report, sign_in: &DeviceSignIn) {
    told.tell(|line| {
        "signIn".clone_into(&mut line.state);
        line.sign_in = Some(SignInLine {
            address: sign_in.address().to_string(),
            code: sign_in.user_code().to_owned(),
            minutes: u32::try_from(sign_in.life().as_millis() / 60_000).unwrap_or(0),
        });
    });
}

/// What is in the readers and in Windows' certificate stores. Asks for no PIN.
pub(super) async fn tokens(
    program: &Program,
    request: OfficerTokensRequest,
) -> Result<OfficerTokens, WireError> {
    let module = request.module.map(|typed| typed.trim().to_owned()).filter(|typed| !typed.is_empty());
    let module =
        module.map(|named| places::module(Path::new(&named), &program.settings.recovery.pkcs11_modules));
    let module = module.transpose()?;
    let found = nearby(module).await.map_err(Failure::from)?;
    for warning in &found.warnings {
        tracing::warn!("{warning}");
    }
    let agents = custody::recorded_agents(program.store.read().await?.as_mut()).await?;
    let stores = StoreLocation::ALL.into_iter().filter_map(|one| store_line(one, &found.stored, &agents));
    let tokens = found.tokens.iter().map(|token| token_line(token, &agents)).chain(stores).collect();
    Ok(OfficerTokens { tokens, warnings: found.warnings })
}

fn key_line(
    address: &dyn std::fmt::Display,
    certificate: &X509Certificate,
    agents: &[model::Kra],
) -> TokenKeyLine {
    let thumbprint = certificate.thumbprint();
    TokenKeyLine {
        address: address.to_string(),
        subject: certificate.subject(),
        thumbprint: thumbprint.to_string(),
        not_after: certificate.not_after().to_string(),
        is_agent: agents.iter().any(|agent| agent.thumbprint == thumbprint),
    }
}

/// A certificate store, where it has keys, as a token whose PIN is typed elsewhere: in Windows' own dialog.
fn store_line(
    location: StoreLocation,
    stored: &[StoredCertificate],
    agents: &[model::Kra],
) -> Option<TokenLine> {
    let here = stored.iter().filter(|one| one.address.location == location);
    let keys: Vec<_> = here.map(|one| key_line(&one.address, &one.certificate, agents)).collect();
    (!keys.is_empty()).then(|| TokenLine {
        kind: TokenKind::CertificateStore,
        label: location.to_string(),
        pin_pad: true,
        keys,
        ..TokenLine::default()
    })
}

fn token_line(token: &SurveyedToken, agents: &[model::Kra]) -> TokenLine {
    let keys = token.certificates.iter().map(|one| key_line(&one.address, &one.certificate, agents));
    TokenLine {
        kind: TokenKind::Reader,
        reader: token.reader.clone(),
        label: token.label.clone(),
        serial: token.serial.clone(),
        model: token.model.clone(),
        tries: token.tries.warning().map(str::to_owned),
        locked: matches!(token.tries, Tries::Locked),
        pin_pad: token.pin_pad,
        unreadable: token.unreadable.clone(),
        keys: keys.collect(),
    }
}

#[cfg(test)]
mod tests {
    use crypto::PrivateKey;
    use crypto::issue::{Validity, recovery_agent_certificate, serial_number};
    use kra::StoreAddress;
    use model::{KeyAlgorithm, Span, SystemEntropy, Timestamp};

    use super::*;

    #[test]
    fn a_certificate_store_is_shown_like_a_token_for_which_the_page_asks_no_pin() {
        let now = Timestamp::from_seconds(1_772_443_800);
        let key = PrivateKey::generate(KeyAlgorithm::Rsa2048).unwrap();
        let validity = Validity::lasting(now, Span::days(365));
        let der =
            recovery_agent_certificate("Agent 1", &key, validity, serial_number(&SystemEntropy)).unwrap();
        let certificate = X509Certificate::from_der(&der).unwrap();
        let agent = crate::init::kra(&certificate, now).unwrap();
        let address =
            StoreAddress { location: StoreLocation::CurrentUser, thumbprint: certificate.thumbprint() };
        let stored = [StoredCertificate { address, provider: String::new(), certificate }];

        let line = store_line(StoreLocation::CurrentUser, &stored, &[agent]).unwrap();
        assert_eq!(line.label, r"CurrentUser\My");
        assert!(line.pin_pad, "Windows asks, and the page does not");
        assert_eq!(line.kind, TokenKind::CertificateStore, "it is no reader");
        assert_eq!(line.keys.len(), 1);
        assert!(line.keys[0].is_agent);
        assert_eq!(line.keys[0].address.parse::<Address>(), Ok(Address::Store(address)));
        assert!(!store_line(StoreLocation::CurrentUser, &stored, &[]).unwrap().keys[0].is_agent);
        assert!(store_line(StoreLocation::LocalMachine, &stored, &[]).is_none());
    }
}
