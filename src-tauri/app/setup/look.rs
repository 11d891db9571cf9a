//! Looks around in a database that was chosen, and changes nothing there.
#![expect(clippy::wildcard_enum_match_arm, reason = "errors of all other kinds are told alike")]

use admit::{AdmitError, Fleet};
use api::{SetupTarget, SetupTested, WireError};
use model::{Clock as _, SystemClock};
use store::{Store as _, StoreError};
use store_sql::{Options, SqlStore};

use super::target::Target;
use super::told;
use crate::database;
use crate::installation::actor;
use crate::rights::Rights;
use crate::works::chain;

/// Signs in and looks.
pub(super) async fn look(target: &Target, for_move: bool) -> Result<SetupTested, WireError> {
    if !target.is_server() {
        return Ok(SetupTested {
            server: "SQLite".to_owned(),
            login: actor(),
            state: "empty".to_owned(),
            ..SetupTested::default()
        });
    }
    let store = connect(target).await?;
    let looked = examine(&store, &target.wire, for_move).await;
    store.close().await;
    looked.map_err(|error| told(error.into()))
}

/// Signs in; a failure says what to check.
pub(super) async fn connect(target: &Target) -> Result<SqlStore, WireError> {
    let options = Options { connections: 1, ..Options::default() };
    database::connect(&target.location, &options).await.map_err(told)
}

async fn examine(store: &SqlStore, target: &SetupTarget, for_move: bool) -> Result<SetupTested, StoreError> {
    let mut tested = SetupTested::default();
    if let Some(facts) = store.facts().await? {
        tested.server = format!("{} {}", facts.product, facts.version);
        tested.obstacle = facts.too_old();
        tested.tls = facts.tls.map(|protocol| format!("{protocol}, verified for {}", target.host));
        tested.login = facts.login;
    }
    let schema = match store.schema().await {
        Err(StoreError::Schema(text)) => {
            tested.state = "foreign".to_owned();
            tested.obstacle = Some(text);
            return Ok(tested);
        }
        answered => answered?,
    };
    tested.schema = u32::try_from(schema.version).unwrap_or_default();
    tested.state = match schema.version {
        0 => "empty",
        older if older < schema.known => "older",
        newer if newer > schema.known => "newer",
        _ => "current",
    }
    .to_owned();
    if let Err(error) = schema.gate() {
        tested.obstacle = Some(plain(&error));
        return Ok(tested);
    }
    if schema.gate_unchanged().is_err() {
        return Ok(tested);
    }
    tested.rights = Rights::of(store).await?.lines();
    contents(store, &mut tested).await?;
    if for_move && (tested.installations > 0 || tested.has_rows) {
        tested.obstacle = Some(
            "Sealwright's data is in this database already, and a move never overwrites anything: have an empty database \
             made for it"
                .to_owned(),
        );
    }
    Ok(tested)
}

/// Who shares it, and whether anything is in it. A login without a role yet sees nothing of it.
async fn contents(store: &SqlStore, tested: &mut SetupTested) -> Result<(), StoreError> {
    let entries = match store.read().await?.installations().admissions().await {
        Err(StoreError::Denied { .. }) => return Ok(()),
        entries => entries?,
    };
    match Fleet::shown(&entries) {
        Ok(None) => {}
        Ok(Some(fleet)) => {
            tested.installations = u32::try_from(fleet.admitted().len()).unwrap_or(u32::MAX);
            tested.fleet = fleet.fingerprint().to_string();
        }
        Err(AdmitError::Store(error)) => return Err(error),
        Err(error) => tested.obstacle = Some(chain(&error)),
    }
    tested.has_rows = match has_rows(store).await {
        Err(StoreError::Denied { .. }) => false,
        has => has?,
    };
    Ok(())
}

async fn has_rows(store: &SqlStore) -> Result<bool, StoreError> {
    let mut work = store.read().await?;
    if !work.templates().list().await?.is_empty() {
        return Ok(true);
    }
    let counts = work.certificates().counts(SystemClock.now()).await?;
    Ok(counts != store::CertificateCounts::default())
}

fn plain(error: &StoreError) -> String {
    match error {
        StoreError::Schema(text) => text.clone(),
        other => chain(other),
    }
}
