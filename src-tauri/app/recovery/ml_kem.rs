//! The ML-KEM half of an officer's key in the console: when it is wanted, and that it is the right one.
//!
//! It opens nothing by itself, so it is looked at before anything is asked of card, vault or PKCS#12 file: a slip here costs no
//! PIN and no sign-in.

use std::path::PathBuf;

use api::{Matter, MlKemNeed, OfficerDeed, OfficerDeedNeeds, OfficerMlKem, WireError};
use crypto::{MlKemPublicKey, X509Certificate};
use custody::{SetVersion, Standing};
use kra::{Address, MlKemFile};
use model::text::printable;
use ports::RecoveryKeyError;

use super::deeds::Report;
use super::places::{invalid, place};
use super::{carry, desk_of, officer};
use crate::compose::Program;
use crate::failure::{Failure, wire, wire_custody};
use crate::recovery_key::Trouble;

/// What a deed takes beside the officer's own key.
pub(super) async fn needs(program: &Program, deed: &OfficerDeed) -> Result<OfficerDeedNeeds, WireError> {
    let ml_kem = match deed {
        OfficerDeed::SignSet { .. } => MlKemNeed::None,
        OfficerDeed::Approve { request, .. } => {
            let desk = desk_of(program).await?;
            let asked = desk.request(carry::request_id(request)?).await.map_err(wire)?;
            if desk.takes_ml_kem(&asked).await.map_err(wire)? { MlKemNeed::Needed } else { MlKemNeed::None }
        }
        // Of a sample only the program knows what is in it. Where no version ever had such keys, nothing is sealed to them.
        OfficerDeed::Drill { .. } => {
            let any = believed(program).await?.iter().any(SetVersion::is_hybrid);
            if any { MlKemNeed::Possible } else { MlKemNeed::None }
        }
    };
    Ok(OfficerDeedNeeds { ml_kem })
}

/// Refuses a deed that cannot be done with what was given, before any secret is used.
pub(super) async fn must_suffice(
    program: &Program,
    deed: &OfficerDeed,
    given: bool,
) -> Result<(), WireError> {
    if given || needs(program, deed).await?.ml_kem != MlKemNeed::Needed {
        return Ok(());
    }
    Err(invalid(
        "what is asked for was sealed to the officer's ML-KEM key as well, and takes both",
        "name the file of the ML-KEM key too",
    )
    .about(Some(Matter::MlKemMissing)))
}

/// Where the page says that the key is.
pub(super) fn file(named: &OfficerMlKem) -> Result<PathBuf, WireError> {
    let unfit = |error: WireError| error.about(Some(Matter::MlKemUnfit));
    let path = place("the file of the ML-KEM key", Some(&named.file)).map_err(unfit)?;
    // A pipe would be waited for; what is not there is told by whoever opens it.
    if std::fs::metadata(&path).is_ok_and(|found| !found.is_file()) {
        let text = format!("{} is no file", path.display());
        return Err(unfit(invalid(&text, "name the file with the officer's ML-KEM key")));
    }
    Ok(path)
}

/// Opens it with its password. A wrong one is on record.
pub(super) async fn open(
    program: &Program,
    path: PathBuf,
    named: &OfficerMlKem,
    told: &Report,
) -> Result<MlKemFile, WireError> {
    let error = match MlKemFile::open(&path, named.secret.reveal()) {
        Ok(key) => return Ok(key),
        Err(error) => error,
    };
    let is_locked = matches!(error, RecoveryKeyError::Locked { .. });
    let about = if is_locked { Matter::MlKemLocked } else { Matter::MlKemUnfit };
    let trouble = Trouble::Key(error);
    officer::keep_on_record(program, &Address::File(path), &trouble, told).await;
    Err(WireError::from(Failure::from(trouble)).about(Some(about)))
}

/// Refuses the ML-KEM key of another officer, as far as the sets that this installation believes tell whose it is. One that no
/// set names is told by what is sealed.
pub(super) async fn must_belong(
    program: &Program,
    key: &MlKemPublicKey,
    own: &X509Certificate,
) -> Result<(), WireError> {
    let sets = believed(program).await?;
    let mut seats =
        sets.iter().rev().flat_map(|set| &set.officers).filter(|seat| seat.ml_kem.as_ref() == Some(key));
    let Some(first) = seats.next() else { return Ok(()) };
    let own_key = own.spki_sha256().map_err(Failure::from)?;
    let is_own = |seat: &custody::Officer| seat.certificate.spki_sha256().ok() == Some(own_key);
    if is_own(first) || seats.any(is_own) {
        return Ok(());
    }
    Err(invalid(
        &format!(
            "the ML-KEM key {} is that of {}, and the key beside it is that of {}",
            key.fingerprint(),
            printable(&first.name),
            printable(&own.subject())
        ),
        "name both keys of one officer",
    )
    .about(Some(Matter::MlKemForeign)))
}

/// The versions that this installation goes by, or went by.
async fn believed(program: &Program) -> Result<Vec<SetVersion>, WireError> {
    let status = program.custody.status().await.map_err(wire_custody)?;
    let known = status
        .lines
        .into_iter()
        .filter(|line| matches!(line.standing, Standing::InForce | Standing::Superseded));
    Ok(known.filter_map(|line| line.set).collect())
}
