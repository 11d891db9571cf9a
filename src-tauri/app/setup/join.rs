//! Asks to be let into the fleet of a shared database, and waits.
#![expect(clippy::wildcard_enum_match_arm, reason = "errors of all other kinds are told alike")]

use std::sync::Arc;

use admit::{AdmitError, Fingerprint, PinFile, Standing};
use api::{ErrorCode, SetupJoining, WireError};
use model::{Clock as _, SystemClock, SystemEntropy};
use store::StoreError;

use super::target::{Target, forget_password};
use super::{not_possible, told};
use crate::compose::ComposeError;
use crate::foundation::{Foundation, PIN_FILE, about};
use crate::installation;
use crate::rights::Rights;
use crate::settings::{Home, Settings, SettingsError};

/// Asks, and keeps what is needed to go on after the program was started anew.
pub(super) async fn ask(
    home: &Home,
    actor: &str,
    target: &Target,
    fleet: &str,
) -> Result<(Arc<Foundation>, SetupJoining), WireError> {
    let compared: Fingerprint = fleet
        .parse()
        .map_err(|error: String| WireError::new(ErrorCode::Invalid, error, "compare all eight groups"))?;
    let foundation = prepare(home, actor, target).await.map_err(told)?;
    let onlooker = Rights::of(&foundation.store).await.map_err(|error| told(error.into()))?.onlooker();
    let asked = trusting(&foundation, compared).await;
    asked.map_err(|error| match error {
        AdmitError::Store(StoreError::Denied { .. }) => WireError::new(
            ErrorCode::Forbidden,
            onlooker.found.as_str(),
            format!(
                "{}; to look from this machine, run `sealwright database use URL` and `sealwright installation trust \
                 FINGERPRINT` here",
                onlooker.hint
            ),
        ),
        AdmitError::NotFounded => not_possible(
            "the fleet that was compared is gone: nobody has founded one in this database; test the connection again",
        ),
        other => told(other.into()),
    })?;
    target.keep(home).await.map_err(told)?;
    let foundation = Arc::new(foundation);
    let joining = look(&foundation).await.map_err(|error| told(error.into()))?;
    Ok((foundation, joining))
}

async fn prepare(home: &Home, actor: &str, target: &Target) -> Result<Foundation, ComposeError> {
    home.create()?;
    let made = {
        let home = home.clone();
        tokio::task::spawn_blocking(move || installation::create(&home, SystemClock.now(), &SystemEntropy))
            .await
    };
    let key =
        made.map_err(|error| ComposeError::Unusable(format!("making the key was cut off: {error}")))??;
    let store = Arc::new(target.open(home).await?);
    Foundation::on(home.clone(), target.settings(home)?, store, key, actor.to_owned(), Arc::new(SystemClock))
        .await
}

async fn trusting(foundation: &Foundation, compared: Fingerprint) -> Result<(), AdmitError> {
    let seen = PinFile::new(foundation.home.path().join(PIN_FILE)).load()?;
    // A person has compared this fleet just now; another one that was asked before is given up.
    if seen.is_some_and(|seen| seen.fleet.fingerprint() != compared) {
        foundation.gate.trust(compared).await?;
    }
    foundation.gate.ask(&about("console"), Some(compared)).await.map(drop)
}

/// How it stands.
pub(super) async fn look(foundation: &Foundation) -> Result<SetupJoining, AdmitError> {
    let status = foundation.gate.status().await?;
    let own = foundation.installation.id();
    let asked = status.waiting.iter().find(|one| one.id == own).map(|one| one.asked_at);
    let state = match status.standing {
        Standing::Admitted => "admitted",
        Standing::Waiting => "waiting",
        Standing::Stranger | Standing::Removed { .. } => "refused",
    };
    Ok(SetupJoining {
        fingerprint: status.own.to_string(),
        fleet: status.fleet.to_string(),
        asked_at: asked.unwrap_or_else(|| foundation.clock.now()).to_string(),
        state: state.to_owned(),
    })
}

/// Gives up waiting: the next database is chosen as if there had been none. The key pair stays.
pub(super) async fn leave(home: &Home) -> Result<(), ComposeError> {
    let mut settings = Settings::load(home)?;
    if settings.database.take().is_some() {
        settings.save(home)?;
    }
    forget_password(home).await?;
    let pin = home.path().join(PIN_FILE);
    match std::fs::remove_file(&pin) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(SettingsError::Unwritable { path: pin, source }.into()),
    }
}
