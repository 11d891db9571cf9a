//! What is shown about sets: every version, who signed it, and what this home makes of it.

use admit::Fingerprint;
use model::Kra;
use store::{StoreError, Work};

use crate::book::Entry;
use crate::{Custody, CustodyError, Pin, SetVersion, Signer, Withdrawal};

/// What a version is to this home.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Keys are sealed to it.
    InForce,
    /// Another one has followed it.
    Superseded,
    /// It waits for signatures.
    Proposed,
    /// It never was signed by enough officers, and another one was in its place.
    Overtaken,
    /// It was taken back before enough officers signed it.
    Withdrawn(Withdrawal),
    /// Enough officers signed it, and this home does not trust the chain it belongs to yet.
    Untrusted,
    /// Enough officers signed it, and it competes with a version that this home goes by.
    Fork,
    /// It is not to be believed; why.
    Refused(String),
}

impl Standing {
    /// The word that machines read.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InForce => "inForce",
            Self::Superseded => "superseded",
            Self::Proposed => "proposed",
            Self::Overtaken => "overtaken",
            Self::Withdrawn(_) => "withdrawn",
            Self::Untrusted => "untrusted",
            Self::Fork => "fork",
            Self::Refused(_) => "refused",
        }
    }
}

/// One version of the database.
#[derive(Clone, Debug)]
pub struct Line {
    /// Number, as the row says.
    pub version: i64,
    /// Fingerprint, as the row says.
    pub fingerprint: Fingerprint,
    /// What it says, where it can be read.
    pub set: Option<SetVersion>,
    /// What it is to this home.
    pub standing: Standing,
    /// Signatures that are there.
    pub signers: Vec<Signer>,
    /// Distinct officers whose signatures hold.
    pub collected: u8,
    /// How many it takes; `None` while the version before is not there.
    pub needed: Option<u8>,
}

/// Everything about sets, for this home.
#[derive(Debug)]
pub struct Status {
    /// What the home has pinned.
    pub pin: Option<Pin>,
    /// The version in force, or why there is none to be trusted; `Ok(None)` while the unsigned list serves.
    pub in_force: Result<Option<SetVersion>, CustodyError>,
    /// All versions, by number.
    pub lines: Vec<Line>,
}

impl Custody {
    /// What there is, and what this home makes of it.
    ///
    /// # Errors
    /// Only when the database or the pin cannot be read.
    pub async fn status(&self) -> Result<Status, CustodyError> {
        let in_force = match self.in_force().await {
            Err(error @ (CustodyError::Store(_) | CustodyError::Home(_))) => return Err(error),
            judged => judged,
        };
        let pin = self.pins.load()?;
        let book = self.whole_book().await?;
        let current = in_force.as_ref().ok().and_then(Option::as_ref);
        // The versions that led to the one in force.
        let mut behind = Vec::new();
        let mut at = current;
        while let Some(set) = at {
            at = book.find(set.previous).and_then(|entry| entry.set.as_ref().ok());
            behind.extend(at.map(|set| set.digest));
            if behind.len() > book.entries.len() {
                break;
            }
        }
        let standing = |entry: &Entry| match (&entry.set, current) {
            (Err(why), _) => Standing::Refused(why.clone()),
            (Ok(set), Some(current)) if set.digest == current.digest => Standing::InForce,
            (Ok(set), Some(_)) if behind.contains(&set.digest) => Standing::Superseded,
            (Ok(_), _) if entry.needed.is_none() => {
                Standing::Refused("the version that it follows is not there".to_owned())
            }
            (Ok(set), current) => {
                let is_past = current.is_some_and(|current| set.version <= current.version);
                match (entry.withdrawn(), entry.is_signed()) {
                    (Some(withdrawal), _) => Standing::Withdrawn(withdrawal.clone()),
                    (None, true) if is_past => Standing::Fork,
                    (None, true) => Standing::Untrusted,
                    (None, false) if is_past => Standing::Overtaken,
                    (None, false) => Standing::Proposed,
                }
            }
        };
        let lines = book.entries.iter().map(|entry| Line {
            version: entry.number,
            fingerprint: entry.digest.fingerprint(),
            set: entry.set.as_ref().ok().cloned(),
            standing: standing(entry),
            signers: entry.signers.clone(),
            collected: entry.collected,
            needed: entry.needed,
        });
        Ok(Status { lines: lines.collect(), pin, in_force })
    }
}

/// Everybody who was ever named as a recovery agent, in the list or in a version of a set: for names beside archived keys,
/// and to find the certificate of a key. Nobody vouches for it; nothing is sealed by it.
///
/// # Errors
/// When the database fails.
pub async fn recorded_agents(work: &mut dyn Work) -> Result<Vec<Kra>, StoreError> {
    let mut agents = work.kras().list().await?;
    for row in work.kra_sets().versions().await? {
        let Ok(set) = SetVersion::read(&row.body) else { continue };
        for agent in set.agents() {
            if !agents.iter().any(|known| known.thumbprint == agent.thumbprint) {
                agents.push(agent);
            }
        }
    }
    Ok(agents)
}
