//! What the stations work with.

use std::collections::BTreeMap;
use std::sync::Arc;

use admit::Installation;
use model::{AuthorityId, Clock, Entropy, Ids, Span};
use ports::{AddressBook, CertificateAuthority, DeliveryDoor, Probe};
use store::Store;

use crate::{Agents, Recipients, StepError};

/// Everything a station may use: the store, the doors, time, randomness. No door opens archived keys.
pub struct Bench {
    /// The database.
    pub store: Arc<dyn Store>,
    /// Authority accounts by id.
    pub authorities: BTreeMap<AuthorityId, Arc<dyn CertificateAuthority>>,
    /// Hand-over to devices.
    pub delivery: Arc<dyn DeliveryDoor>,
    /// The address book in which certificates are published; `None` where they are not.
    pub address_book: Option<Arc<dyn AddressBook>>,
    /// Whose in-flight envelopes can be opened here.
    pub installation: Arc<Installation>,
    /// To whom new in-flight envelopes are sealed: whoever of them comes first may finish the work.
    pub recipients: Arc<dyn Recipients>,
    /// To whom archived keys are sealed.
    pub agents: Arc<dyn Agents>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness for passwords.
    pub entropy: Arc<dyn Entropy>,
    /// New ids.
    pub ids: Ids,
    /// Where tests make the process die.
    pub probe: Arc<dyn Probe>,
    /// Who acts, for the audit log.
    pub actor: String,
    /// How long a claim lasts from the last stored result.
    pub lease: Span,
}

impl Bench {
    /// The authority of an enrollment.
    pub(crate) fn authority(&self, id: AuthorityId) -> Result<&dyn CertificateAuthority, StepError> {
        self.authorities.get(&id).map(Arc::as_ref).ok_or_else(|| StepError::Operator {
            text: format!(
                "the authority account {id} is not set up on this machine; run `sealwright doctor`"
            ),
        })
    }

    /// A named point inside a station is reached.
    pub(crate) fn reach(&self, point: &str) -> Result<(), StepError> {
        self.probe.reach(point).map_err(|text| StepError::Retry { after: None, text })
    }
}
