//! Keys that stay as they are sealed, because officers have agreed to a request for them already.
//!
//! What an officer gave is a part of the envelope as it was. Sealed anew, it would open no longer, or be no officer's of it, and
//! each of them would have to agree once more without having been told why.

use std::collections::BTreeMap;

use admit::Gate;
use model::{CertificateId, RecoveryRequestId, Timestamp};
use store::Store;

use super::desk::Desk;
use super::request::Request;
use crate::RecoverError;

/// Requests that are looked at; older ones have expired.
const REQUESTS: u32 = 500;

/// An open request for a key, to which officers have agreed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Awaited {
    /// Which.
    pub request: RecoveryRequestId,
    /// Who asked.
    pub requester: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// How many officers have given for the key.
    pub agreed: usize,
}

impl Awaited {
    /// Why the key is left alone, and what ends that.
    pub fn describe(&self) -> String {
        let officers = if self.agreed == 1 { "officer has" } else { "officers have" };
        format!(
            "{} {officers} agreed to recovery request {}, which sealing it anew would undo: it is completed or withdrawn by {}, \
             refused by an officer (`sealwright recovery refuse {} --reason TEXT`), or ends on {}",
            self.agreed, self.request, self.requester, self.request, self.expires_at
        )
    }
}

/// The keys that open requests wait for, to which somebody has agreed. What is not to be believed holds up nothing.
///
/// # Errors
/// When database or fleet cannot be read.
pub async fn awaited(
    store: &dyn Store,
    gate: &Gate,
    now: Timestamp,
) -> Result<BTreeMap<CertificateId, Awaited>, RecoverError> {
    let mut work = store.read().await?;
    let stored = work.recoveries().list(REQUESTS).await?;
    let mut open = Vec::new();
    for stored in stored.into_iter().filter(|one| !one.state.is_closed() && now < one.expires_at) {
        let granted = work.recoveries().granted(stored.id).await?;
        if !granted.is_empty() {
            open.push((stored, granted));
        }
    }
    drop(work);
    let mut found = BTreeMap::new();
    if open.is_empty() {
        return Ok(found);
    }
    let fleet = gate.fleet().await?;
    for (stored, granted) in open {
        let Ok(request) = Request::believed(&stored, &fleet) else { continue };
        if !request.wanted.discloses() || request.check_open(now).is_err() {
            continue;
        }
        for key in &request.keys {
            let given = granted.iter().filter(|info| info.certificate == key.certificate);
            let officers: std::collections::BTreeSet<_> = given.map(|info| info.officer).collect();
            if !officers.is_empty() {
                let awaited = Awaited {
                    request: request.id,
                    requester: request.requester.clone(),
                    expires_at: request.expires_at,
                    agreed: officers.len(),
                };
                found.insert(key.certificate, awaited);
            }
        }
    }
    Ok(found)
}

impl Desk<'_> {
    /// Whether these keys may be sealed anew: nobody waits for them with what officers gave.
    pub(super) async fn check_awaited(
        &self,
        mut certificates: impl Iterator<Item = CertificateId>,
    ) -> Result<(), RecoverError> {
        let awaited = awaited(self.store, self.gate, self.now()).await?;
        let held = certificates.find_map(|certificate| Some((certificate, awaited.get(&certificate)?)));
        let Some((certificate, held)) = held else { return Ok(()) };
        Err(RecoverError::NotPossible(format!(
            "the key of certificate {certificate} cannot be sealed anew yet: {}",
            held.describe()
        )))
    }
}
