//! Installations that share the database: who is admitted, who waits, and letting in or out.
//!
//! What a row says about itself is nobody's word but its own. Whether an installation is admitted is told by the signed
//! admission log, which the host's [`Fleet`] reads against what this installation has pinned.

use async_trait::async_trait;
use model::InstallationId;
use serde::{Deserialize, Serialize};
use store::StoreError;
use ts_rs::TS;

use crate::activity::parse_id;
use crate::overview::clamp;
use crate::{ErrorCode, Host, WireError};

/// The installations as seen from this one. The program implements it with the signed admission log; every method reads
/// the log anew and refuses to act on one that does not hold.
#[async_trait]
pub trait Fleet: Send + Sync {
    /// Who shares the database.
    async fn view(&self) -> Result<FleetView, WireError>;
    /// Lets an installation in: signs its admission and seals the secrets to it. `fingerprint` is the one that
    /// the person compared, in the spelling of [`InstallationLine::fingerprint`]; when the certificate of `id` has another
    /// one, it is refused with [`ErrorCode::NotPossible`]. One that is admitted already is left as it is.
    async fn admit(&self, id: InstallationId, fingerprint: &str) -> Result<Sealing, WireError>;
    /// Turns down one that waits and takes its row away.
    async fn refuse(&self, id: InstallationId) -> Result<(), WireError>;
    /// Puts an admitted installation out and seals the secrets anew without it. Tells what it has known, which must be
    /// renewed at its source, too.
    async fn remove(&self, id: InstallationId) -> Result<Left, WireError>;
}

/// What an installation that was removed has known, as far as the database still tells.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Left {
    /// Names of secrets.
    pub knew: Vec<String>,
    /// Private keys that are under way.
    pub in_flight: u64,
    /// Certificates whose private keys were under way at some time since it was admitted.
    pub certificates: u64,
    /// What could not be sealed anew.
    pub sealing: Sealing,
}

/// What could not be sealed anew when somebody was admitted or removed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sealing {
    /// Names of what is not sealed to the installation that answers; another one has to seal it anew.
    pub closed: Vec<String>,
    /// Names of what somebody has altered in the database.
    pub damaged: Vec<String>,
    /// Keys are in flight that the login to the database may not see; a daemon seals them anew in its next pass.
    pub in_flight_unseen: bool,
}

/// What [`Fleet::view`] tells.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FleetView {
    /// Fingerprint of the fleet, eight groups of four digits: the same on every installation that shares it; empty while
    /// nobody has founded one.
    pub fleet: String,
    /// Entries of the admission log.
    pub entries: u32,
    /// Digest of its last entry, written like a fingerprint: the same on every installation that sees this many entries,
    /// unless one was led onto another log. Empty while nobody has founded a fleet.
    pub head: String,
    /// The id of the installation that answers.
    pub here: Option<String>,
    /// Why this installation may not admit or remove others; absent when it may.
    pub bystander: Option<String>,
    /// Admitted ones first, then those that wait, then those that were removed; oldest first.
    pub installations: Vec<InstallationLine>,
}

/// An installation.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct InstallationLine {
    /// Id.
    pub id: String,
    /// The machine's name.
    pub name: String,
    /// `admitted`, `waiting` or `removed`.
    pub state: String,
    /// Fingerprint of its certificate, as people compare it: `3f2a 91bc …`, eight groups of four digits.
    pub fingerprint: String,
    /// When it asked, RFC 3339.
    pub asked_at: String,
    /// When it last said that it is there, RFC 3339.
    pub seen_at: String,
    /// The program's version.
    pub version: String,
    /// What it runs as: `daemon`, `console`.
    pub role: String,
    /// When it was let in or out, RFC 3339; absent while it waits.
    pub decided_at: Option<String>,
    /// Who let it in or out: the name of an installation, or of this one when it founded the fleet.
    pub decided_by: Option<String>,
    /// Names of the secrets that are sealed to it; filled in for those who are admitted, as far as the database login may
    /// see the secrets.
    pub knows: Vec<String>,
}

/// Asks for [`Installations`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct InstallationsRequest {}

/// The installations and when they were read.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Installations {
    /// When this was read, RFC 3339.
    pub at: String,
    /// Whether other machines can share the database at all; an embedded one belongs to this machine.
    pub shared: bool,
    /// Who is there.
    pub view: FleetView,
}

/// Lets an installation in.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AdmitInstallation {
    /// Id.
    pub id: String,
    /// The fingerprint that the person compared with the other machine's screen, in any spelling.
    pub fingerprint: String,
}

/// Turns an installation down.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RefuseInstallation {
    /// Id.
    pub id: String,
}

/// Puts an installation out.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RemoveInstallation {
    /// Id.
    pub id: String,
}

/// It was done.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct InstallationDecided {
    /// When, RFC 3339.
    pub at: String,
    /// After a removal: names of the secrets that the installation has known. What was replaced or taken away while it was
    /// in is not among them.
    pub knew: Vec<String>,
    /// After a removal: private keys that are under way, all of which it has known.
    pub in_flight: u32,
    /// After a removal: certificates whose private keys were under way at some time since it was admitted, all of which it
    /// has known.
    pub certificates: u32,
    /// Names of what is still to be sealed anew, by an installation that can open it.
    pub closed: Vec<String>,
    /// Names of what could not be sealed anew because somebody has altered it in the database.
    pub damaged: Vec<String>,
    /// Whether keys are in flight that were not looked at, because the login to the database may not see them; a daemon
    /// seals them anew in its next pass.
    pub in_flight_unseen: bool,
}

/// A fingerprint in any spelling as it is shown: eight groups of four digits.
pub(crate) fn fingerprint(typed: &str) -> Result<String, WireError> {
    let digits: Vec<char> = typed
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, ':' | '-'))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    if digits.len() == 32 && digits.iter().all(char::is_ascii_hexdigit) {
        let groups: Vec<String> = digits.chunks(4).map(|group| group.iter().collect()).collect();
        return Ok(groups.join(" "));
    }
    Err(WireError::new(
        ErrorCode::Invalid,
        "a fingerprint has eight groups of four digits (0 to 9, a to f)",
        "copy all groups from the other machine's screen",
    ))
}

fn fleet(host: &dyn Host) -> Result<&dyn Fleet, WireError> {
    host.fleet().ok_or_else(|| {
        WireError::new(
            ErrorCode::NotPossible,
            "this database belongs to this machine alone",
            "move to a shared database first; Settings, Database leads there",
        )
    })
}

pub(crate) async fn installations(
    host: &dyn Host,
    _: InstallationsRequest,
) -> Result<Installations, WireError> {
    let at = host.clock().now().to_string();
    match host.fleet() {
        None => Ok(Installations { at, shared: false, view: FleetView::default() }),
        Some(fleet) => {
            let mut view = fleet.view().await?;
            let secrets = secrets(host).await?;
            for line in &mut view.installations {
                if line.state == "admitted" && line.knows.is_empty() {
                    line.knows.clone_from(&secrets);
                }
            }
            Ok(Installations { at, shared: true, view })
        }
    }
}

/// Names of everything that is sealed to all who are admitted: shared secrets, and authority accounts with secrets.
async fn secrets(host: &dyn Host) -> Result<Vec<String>, WireError> {
    let mut work = host.store().read().await?;
    let shared = match work.secrets().list().await {
        // Who may not see secrets can see who is there all the same.
        Err(StoreError::Denied { .. }) => return Ok(Vec::new()),
        listed => listed?,
    };
    let mut names: Vec<String> = shared.into_iter().map(|secret| secret.name).collect();
    for account in work.authorities().list().await? {
        if work.authorities().sealed(account.id).await?.is_some() {
            names.push(account.name);
        }
    }
    Ok(names)
}

pub(crate) async fn admit_installation(
    host: &dyn Host,
    request: AdmitInstallation,
) -> Result<InstallationDecided, WireError> {
    let id: InstallationId = parse_id("installation", &request.id)?;
    let sealing = fleet(host)?.admit(id, &fingerprint(&request.fingerprint)?).await?;
    Ok(decided(host, Left { sealing, ..Left::default() }))
}

pub(crate) async fn refuse_installation(
    host: &dyn Host,
    request: RefuseInstallation,
) -> Result<InstallationDecided, WireError> {
    let id: InstallationId = parse_id("installation", &request.id)?;
    fleet(host)?.refuse(id).await?;
    Ok(decided(host, Left::default()))
}

pub(crate) async fn remove_installation(
    host: &dyn Host,
    request: RemoveInstallation,
) -> Result<InstallationDecided, WireError> {
    let id: InstallationId = parse_id("installation", &request.id)?;
    Ok(decided(host, fleet(host)?.remove(id).await?))
}

fn decided(host: &dyn Host, left: Left) -> InstallationDecided {
    let Sealing { closed, damaged, in_flight_unseen } = left.sealing;
    InstallationDecided {
        at: host.clock().now().to_string(),
        knew: left.knew,
        in_flight: clamp(left.in_flight),
        certificates: clamp(left.certificates),
        closed,
        damaged,
        in_flight_unseen,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_in_any_spelling_and_only_in_full() {
        let shown = "3f2a 91bc 0d55 1e07 77aa 4c1e 90b2 6f03";
        for typed in
            [shown.to_uppercase(), shown.replace(' ', ""), shown.replace(' ', ":"), format!(" {shown}\n")]
        {
            assert_eq!(fingerprint(&typed).unwrap(), shown, "{typed}");
        }
        for typed in [&shown[..34], "", &shown.replace('3', "g"), &format!("{shown} 0000")] {
            assert_eq!(fingerprint(typed).unwrap_err().code, ErrorCode::Invalid, "{typed}");
        }
    }
}
